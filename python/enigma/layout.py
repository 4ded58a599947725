# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Flat layouts: where the elements of a strided tensor lie."""

from __future__ import annotations

import math

from enigma.compiler.errors import InvalidOption

IntTuple = int | tuple[int, ...]


class Layout:
    """A function from coordinates to offsets, ``shape:stride``.

    Parameters
    ----------
    shape : int or tuple of int
        The extents of the modes.
    stride : int or tuple of int, optional
        The distance of neighbours in each mode; by default compact, with mode 0 running fastest.

    Raises
    ------
    InvalidOption
        When an extent is not positive, or shape and stride are not congruent.
    """

    def __init__(self, shape: IntTuple, stride: IntTuple | None = None) -> None:
        extents = self._modes("shape", shape)
        for extent in extents:
            if extent <= 0:
                raise InvalidOption(
                    option="an extent of a layout", expected="positive", found=extent
                )
        if stride is None:
            strides = tuple(math.prod(extents[:mode]) for mode in range(len(extents)))
            stride = strides if isinstance(shape, tuple) else strides[0]
        strides = self._modes("stride", stride)
        if len(strides) != len(extents) or isinstance(shape, tuple) != isinstance(stride, tuple):
            raise InvalidOption(
                option="the stride of a layout",
                expected=f"congruent with its shape {shape}",
                found=stride,
            )
        self.shape = shape
        self.stride = stride
        self._extents = extents
        self._strides = strides

    @staticmethod
    def _modes(what: str, given: IntTuple) -> tuple[int, ...]:
        modes = given if isinstance(given, tuple) else (given,)
        for mode in modes:
            if isinstance(mode, bool) or not isinstance(mode, int):
                raise InvalidOption(
                    option=f"the {what} of a layout",
                    expected="an int or a tuple of ints",
                    found=given,
                )
        return modes

    def __repr__(self) -> str:
        return f"{self._text(self.shape)}:{self._text(self.stride)}"

    @staticmethod
    def _text(modes: IntTuple) -> str:
        return f"({','.join(map(str, modes))})" if isinstance(modes, tuple) else str(modes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and (self.shape, self.stride) == (
            other.shape,
            other.stride,
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.stride))

    @property
    def modes(self) -> tuple[tuple[int, int], ...]:
        """The (extent, stride) of each mode."""
        return tuple(zip(self._extents, self._strides, strict=True))

    @property
    def size(self) -> int:
        """The number of coordinates."""
        return math.prod(self._extents)

    @property
    def cosize(self) -> int:
        """The span of the offsets: ``1 + sum((s - 1) * abs(d))``."""
        return 1 + sum((extent - 1) * abs(stride) for extent, stride in self.modes)
