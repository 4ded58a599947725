# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layouts, coordinate by coordinate: what each operation means, without the algebra of strides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

# A shape, a stride or a coordinate: nested tuples. In a subscript, None keeps a mode.
Tree = Any


def extent(shape: Tree) -> int:
    """How many elements a mode has."""
    return math.prod(map(extent, shape)) if isinstance(shape, tuple) else int(shape)


def natural(coordinate: Tree, shape: Tree) -> Tree:
    """A coordinate with a number for each leaf; a number for a whole mode counts its first fastest.

    The last mode goes on beyond its end.
    """
    if not isinstance(shape, tuple):
        return int(coordinate)
    if isinstance(coordinate, (tuple, list)):
        return tuple(natural(c, s) for c, s in zip(coordinate, shape, strict=True))
    left, found = int(coordinate), []
    for mode in shape[:-1]:
        left, own = divmod(left, extent(mode))
        found.append(natural(own, mode))
    return (*found, natural(left, shape[-1]))


def inside(coordinate: Tree, shape: Tree) -> bool:
    """Whether a natural coordinate lies in a shape."""
    if isinstance(shape, tuple):
        return all(inside(c, s) for c, s in zip(coordinate, shape, strict=True))
    return bool(0 <= coordinate < shape)


def coordinates(shape: Tree) -> list[Tree]:
    """All coordinates of a shape, the first mode fastest."""
    return [natural(number, shape) for number in range(extent(shape))]


def keeps(subscript: Tree) -> bool:
    """Whether a subscript keeps a mode."""
    if isinstance(subscript, tuple):
        return any(map(keeps, subscript))
    return subscript is None


def kept(subscript: Tree, shape: Tree) -> tuple[Tree, ...]:
    """The modes that a subscript keeps."""
    if subscript is None:
        return (shape,)
    if not isinstance(subscript, tuple):
        return ()
    return tuple(itertools.chain(*(kept(c, s) for c, s in zip(subscript, shape, strict=True))))


def filled(subscript: Tree, coordinate: Tree) -> Tree:
    """A subscript with a coordinate in the places of what it keeps."""
    return _filled(subscript, iter(coordinate))


def _filled(subscript: Tree, modes: Iterator[Tree]) -> Tree:
    if subscript is None:
        return next(modes)
    return (
        tuple(_filled(c, modes) for c in subscript) if isinstance(subscript, tuple) else subscript
    )


class Layout:
    """A function from coordinates to offsets."""

    def __init__(self, shape: Tree, stride: Tree = None) -> None:
        self.shape = shape
        self.stride = self._compact(shape, 1) if stride is None else stride

    @classmethod
    def _compact(cls, shape: Tree, step: int) -> Tree:
        if not isinstance(shape, tuple):
            return step
        found = []
        for mode in shape:
            found.append(cls._compact(mode, step))
            step *= extent(mode)
        return tuple(found)

    def __call__(self, *coordinate: Any) -> int:
        (one,) = coordinate if len(coordinate) == 1 else (coordinate,)
        return self._offset(natural(one, self.shape), self.stride)

    def _offset(self, coordinate: Tree, stride: Tree) -> int:
        if isinstance(stride, tuple):
            return sum(self._offset(c, s) for c, s in zip(coordinate, stride, strict=True))
        return int(coordinate) * int(stride)


class Swizzled(Layout):
    """A layout whose offsets have bits exchanged: some are xored onto others."""

    def __init__(self, layout: Layout, bits: int, base: int, shift: int) -> None:
        super().__init__(layout.shape, layout.stride)
        self._mask, self._shift = ((1 << bits) - 1) << base, shift

    def __call__(self, *coordinate: Any) -> int:
        offset = super().__call__(*coordinate)
        return offset ^ (offset >> self._shift & self._mask)


class Plan(Layout):
    """Which places of a tile the values of a thread have: from thread and value to a coordinate."""

    def __init__(self, threads: Layout, values: Layout) -> None:
        self.tile = tuple(
            extent(t) * extent(v) for t, v in zip(threads.shape, values.shape, strict=True)
        )
        super().__init__((extent(threads.shape), extent(values.shape)))
        self._threads, self._values = threads, values

    def __call__(self, *coordinate: Any) -> int:
        (one,) = coordinate if len(coordinate) == 1 else (coordinate,)
        thread, value = natural(one, self.shape)
        outer, inner = preimage(self._threads, thread), preimage(self._values, value)
        place = [
            o * extent(v) + i for o, i, v in zip(outer, inner, self._values.shape, strict=True)
        ]
        return Layout(self.tile)(tuple(place))


def preimage(layout: Layout, offset: int) -> Tree:
    """The coordinate of an offset."""
    (found,) = (c for c in coordinates(layout.shape) if layout(c) == offset)
    return found


# Where an element of a view is, and whether it exists.
Place = tuple[Any, bool]


class Modes:
    """A function from coordinates to places, and what operations on layouts make of it."""

    def __init__(self, shape: tuple[Tree, ...], find: Callable[[Tree], Place]) -> None:
        self.shape, self.find = shape, find

    @classmethod
    def of(cls, layout: Layout, start: int = 0) -> Modes:
        """Offsets of a layout; what lies outside of its shape does not exist."""
        shape = layout.shape if isinstance(layout.shape, tuple) else (layout.shape,)
        whole = layout.shape

        def find(c: Tree) -> Place:
            at = c if isinstance(whole, tuple) else c[0]
            return start + layout(at), inside(natural(at, whole), whole)

        return cls(shape, find)

    def place(self, coordinate: Tree) -> Place:
        """Where an element is."""
        return self.find(natural(coordinate, self.shape))

    def sliced(self, subscript: Tree) -> Modes:
        """What a subscript keeps."""
        shape = self.shape
        return Modes(
            kept(subscript, shape), lambda c: self.find(natural(filled(subscript, c), shape))
        )

    def divided(self, tiler: Tree) -> tuple[list[Tree], list[Tree], Callable[[Any, Any], Place]]:
        """The modes of a tile, those that count the tiles, and where an element of a tile is."""
        parts = tiler if isinstance(tiler, tuple) else (tiler,)
        steps = [part if isinstance(part, Layout) else Layout(part, 1) for part in parts]
        tiles = [extent(step.shape) for step in steps]
        rests = [-(-extent(mode) // tile) for mode, tile in zip(self.shape, tiles, strict=True)]

        def find(inner: Any, outer: Any) -> Place:
            at = []
            for step, tile, v, w in zip(steps, tiles, inner, outer, strict=True):
                # A tile of every n-th element begins at the first n.
                n = int(step.stride)
                at.append(int(w) // n * (n * tile) + int(w) % n + int(v) * n)
            place, exists = self.find(natural(tuple(at), self.shape))
            return place, exists and all(
                a < extent(mode) for a, mode in zip(at, self.shape, strict=True)
            )

        return tiles, rests, find

    def composed(self, layout: Layout) -> Modes:
        """The elements that a layout chooses, by their number."""
        chosen = Modes.of(layout)
        return Modes(chosen.shape, lambda c: self.place(chosen.find(c)[0]))

    def by_mode(self, tiler: tuple[Any, ...]) -> Modes:
        """The elements that a layout chooses in each mode."""
        chosen = [
            part if isinstance(part, Layout) else Layout(mode if part is None else part)
            for part, mode in zip(tiler, self.shape, strict=True)
        ]

        def find(c: Tree) -> Place:
            at = tuple(layout(x) for layout, x in zip(chosen, c, strict=True))
            return self.find(natural(at, self.shape))

        return Modes(tuple(layout.shape for layout in chosen), find)
