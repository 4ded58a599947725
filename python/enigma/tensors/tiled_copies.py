# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies of tiles that the threads of a threadgroup share by a thread/value layout."""

from __future__ import annotations

from typing import Any

from enigma.errors import InvalidOption, OperandError
from enigma.layout import Layout, composition, make_layout_tv, rank, size, zipped_divide
from enigma.tensors.copies import Mover, copy
from enigma.tensors.views import View
from enigma.tracing.checks import as_operand
from enigma.tracing.messages import describe


class TiledCopy(Mover):
    """How threads share the elements of a tile.

    Attributes
    ----------
    tiler : tuple of int
        The extents of what all threads take together at once; a tile consists of such parts.
    layout_tv : Layout
        From (thread, value) to a 1-D coordinate in it.
    """

    def __init__(self, tiler: Any, layout_tv: Layout) -> None:
        self.tiler = tiler
        self.layout_tv = layout_tv

    @property
    def size(self) -> int:
        """The threads that take part."""
        return int(size(self.layout_tv, 0))

    def get_slice(self, thread: Any) -> ThrCopy:
        """Give the part of a thread.

        Parameters
        ----------
        thread : traced integer or int
            Its number in the threadgroup.

        Returns
        -------
        ThrCopy
            That cuts tensors.
        """
        return ThrCopy(self, as_operand(thread, "TiledCopy.get_slice", "thread"))

    def move(self, src: Any, dst: Any, mask: object) -> None:
        """Copy between partitions of two tensors."""
        copy(src, dst, mask=mask)


class ThrCopy:
    """What a thread takes of the tiles of a `TiledCopy`."""

    def __init__(self, tiled: TiledCopy, thread: Any) -> None:
        self._tiled = tiled
        self._thread = thread

    def partition_S(self, t: Any) -> Any:  # noqa: N802
        """Give its part of a tile that is copied from, as ``(values, parts)``.

        Parameters
        ----------
        t : Tensor or IdentityTensor
            The tile.

        Returns
        -------
        Tensor or IdentityTensor
            Its values, and how often these are repeated over the tile.

        Raises
        ------
        EnigmaError
            When it is no tensor of as many modes as the tiled copy, or smaller than its part.
        """
        return self._partition("ThrCopy.partition_S", t)

    def partition_D(self, t: Any) -> Any:  # noqa: N802
        """Give its part of a tile that is copied to, as `partition_S` does."""
        return self._partition("ThrCopy.partition_D", t)

    def _partition(self, method: str, t: Any) -> Any:
        tiler, layout_tv = self._tiled.tiler, self._tiled.layout_tv
        modes = rank(tiler)
        if not isinstance(t, View) or rank(t.layout) != modes:
            raise OperandError(
                operation=method,
                operand="the tile",
                found=describe(t),
                expected=f"a tensor of {modes} mode{'s' * (modes > 1)}",
                remedy="cut one out with enigma.local_tile",
            )
        parts = zipped_divide(t, tiler)
        return composition(parts, (layout_tv, None))[((self._thread, None), None)]


def make_tiled_copy(thr_layout: Layout, val_layout: Layout) -> TiledCopy:
    """Share the elements of tiles among threads, for copies.

    Parameters
    ----------
    thr_layout : Layout
        How the threads are arranged over a tile: from a coordinate to the number of a thread.
    val_layout : Layout
        How the elements of one thread are arranged, which lie side by side: where they are
        contiguous in memory, the copy takes them in the widest accesses.

    Returns
    -------
    TiledCopy
        ``get_slice(thread)`` of it cuts tensors, and ``enigma.copy(tiled, src, dst)`` copies.

    Raises
    ------
    EnigmaError
        When the two are no layouts, or do not number their coordinates.
    """
    for option, layout in (("thr_layout", thr_layout), ("val_layout", val_layout)):
        if not isinstance(layout, Layout) or not layout.is_static:
            raise InvalidOption(
                option=f"{option} of enigma.make_tiled_copy",
                expected="a layout of numbers",
                found=layout,
                remedy="make one with enigma.Layout(shape, stride)",
            )
    tiler, layout_tv = make_layout_tv(thr_layout, val_layout)
    return TiledCopy(tiler, layout_tv)
