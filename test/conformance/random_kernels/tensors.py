# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors, their views and fragments, as Python's objects: what `enigma` is to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from conformance.random_kernels.layouts import (
    Layout,
    Modes,
    Place,
    Plan,
    Swizzled,
    Tree,
    coordinates,
    extent,
    keeps,
    natural,
    preimage,
)
from conformance.random_kernels.numbers import (
    Mistake,
    Num,
    as_num,
    literal,
    shape_of,
)


class View(ABC):
    """Modes of something: of a buffer, or of coordinates."""

    def __init__(self, modes: Modes) -> None:
        self.modes = modes

    def derived(self, modes: Modes) -> Any:
        """Make another view of the same."""
        return type(self)(modes)

    @property
    def shape(self) -> tuple[Tree, ...]:
        """The modes."""
        return self.modes.shape

    def size(self, mode: Any = None) -> int:
        """How many elements there are, of all modes or of one."""
        if mode is None:
            return extent(self.shape)
        (position,) = mode if isinstance(mode, list) else (mode,)
        return extent(self.shape[position])

    @abstractmethod
    def element(self, place: Place) -> Any:
        """What stands at a place."""

    def __getitem__(self, subscript: Any) -> Any:
        if keeps(subscript):
            return self.derived(self.modes.sliced(subscript))
        return self.element(self.modes.place(subscript))

    def places(self) -> list[Place]:
        """Where the elements are, in order."""
        return [self.modes.find(c) for c in coordinates(self.shape)]


class Coordinates(View):
    """A tensor whose elements are coordinates."""

    def element(self, place: Place) -> Any:
        at, _ = place
        return tuple(Num("i32", [leaf]) for leaf in at)


class Tensor(View):
    """Modes of a buffer."""

    def __init__(self, modes: Modes, buffer: Any) -> None:
        super().__init__(modes)
        self.buffer = buffer

    @property
    def dtype(self) -> str:
        """What its elements are."""
        dtype: str = self.buffer.dtype
        return dtype

    def derived(self, modes: Modes) -> Tensor:
        return Tensor(modes, self.buffer)

    def element(self, place: Place) -> Num:
        position, exists = place
        return self.buffer[position] if exists else as_num(0, self.buffer.dtype)

    def __setitem__(self, subscript: Any, value: Any) -> None:
        if keeps(subscript):
            self[subscript].store(value)
            return
        position, exists = self.modes.place(subscript)
        if exists:
            self.buffer[position] = value

    def load(self, mask: Any = None) -> Num:
        """All elements; 0 where there is none."""
        masks = _masks(mask, self.size())
        lanes = [
            self.element((position, exists and masked)).value
            for (position, exists), masked in zip(self.places(), masks, strict=True)
        ]
        return Num(self.buffer.dtype, lanes, 0.0, self.shape)

    def store(self, value: Any, mask: Any = None) -> None:
        """Write all elements that exist."""
        places = self.places()
        lanes = value.lanes if isinstance(value, Num) else [value]
        lanes = lanes if len(lanes) > 1 else [*lanes] * len(places)
        masks = _masks(mask, len(places))
        for (position, exists), lane, masked in zip(places, lanes, masks, strict=True):
            if exists and masked:
                self.buffer[position] = (
                    Num(value.dtype, [lane]) if isinstance(value, Num) else value
                )

    def fill(self, value: Any) -> None:
        """Write one value everywhere."""
        self.store(value)


def _masks(mask: Any, count: int) -> Iterable[bool]:
    if mask is None:
        return [True] * count
    lanes = mask.lanes if isinstance(mask, Num) else (mask,)
    return [bool(lane) for lane in (lanes if len(lanes) > 1 else [*lanes] * count)]


class Copy:
    """A plan of a copy, or the part that a thread has of it."""

    def __init__(self, plan: Plan, thread: int | None = None) -> None:
        self._plan, self._thread = plan, thread
        self.size = extent(plan.shape[0])

    def get_slice(self, thread: Any) -> Copy:
        return Copy(self._plan, int(thread))

    def partition_S(self, t: Any) -> Any:  # noqa: N802
        """The elements of a thread: those of the tile, for each tile."""
        tiles, rests, find = t.modes.divided(self._plan.tile)
        values = self._plan.shape[1]

        def of_thread(c: Tree) -> Place:
            inner = natural(self._plan(self._thread, c[0]), tuple(tiles))
            return find(inner, c[1:])

        return t.derived(Modes((values, *rests), of_thread))

    partition_D = partition_S  # noqa: N815


class Tensors:
    """The part of `enigma` that has to do with layouts, views and fragments."""

    Layout = Layout

    @staticmethod
    def swizzle(layout: Layout, bits: int, base: int, shift: int) -> Layout:
        return Swizzled(layout, bits, base, shift)

    @staticmethod
    def make_identity_tensor(shape: Any) -> Coordinates:
        modes = shape if isinstance(shape, tuple) else (shape,)
        return Coordinates(Modes(modes, lambda c: (c, True)))

    @staticmethod
    def in_bounds(places: Coordinates, shape: Any) -> Num:
        limit = shape if isinstance(shape, tuple) else (shape,)
        found = [all(a < int(b) for a, b in zip(c, limit, strict=True)) for c, _ in places.places()]
        return Num("b1", found, 0.0, places.shape)

    @staticmethod
    def elem_less(a: Any, b: Any) -> Num:
        return Num("b1", [all(int(x) < int(y) for x, y in zip(a, b, strict=True))])

    # Divisions.

    @staticmethod
    def zipped_divide(t: View, tiler: Any) -> Any:
        tiles, rests, find = t.modes.divided(tiler)
        if not isinstance(tiler, tuple):
            return t.derived(Modes((*tiles, *rests), lambda c: find(c[:1], c[1:])))
        return t.derived(Modes((tuple(tiles), tuple(rests)), lambda c: find(c[0], c[1])))

    tensor_zipped_divide = zipped_divide

    @staticmethod
    def tiled_divide(t: View, tiler: tuple[Any, ...]) -> Any:
        tiles, rests, find = t.modes.divided(tiler)
        return t.derived(Modes((tuple(tiles), *rests), lambda c: find(c[0], c[1:])))

    @staticmethod
    def flat_divide(t: View, tiler: tuple[Any, ...]) -> Any:
        tiles, rests, find = t.modes.divided(tiler)
        count = len(tiles)
        return t.derived(Modes((*tiles, *rests), lambda c: find(c[:count], c[count:])))

    @staticmethod
    def logical_divide(t: View, tiler: tuple[Any, ...]) -> Any:
        tiles, rests, find = t.modes.divided(tiler)
        shape = tuple(zip(tiles, rests, strict=True))
        return t.derived(
            Modes(shape, lambda c: find([inner for inner, _ in c], [outer for _, outer in c]))
        )

    @staticmethod
    def local_tile(t: View, tiler: Any, coord: Any) -> Any:
        tiles, rests, find = t.modes.divided(tiler)
        outer = coord if isinstance(coord, tuple) else (coord,)
        count = len(tiles)
        whole = Modes((*tiles, *rests), lambda c: find(c[:count], c[count:]))
        return t.derived(whole.sliced((*(None,) * count, *outer)))

    @staticmethod
    def local_partition(t: View, threads: Layout, thread: Any) -> Any:
        _, rests, find = t.modes.divided(threads.shape)
        mine = preimage(threads, int(thread))
        inner = mine if isinstance(mine, tuple) else (mine,)
        return t.derived(Modes(tuple(rests), lambda c: find(inner, c)))

    # Other views.

    @staticmethod
    def composition(t: View, chosen: Any) -> Any:
        modes = t.modes
        return t.derived(
            modes.by_mode(chosen) if isinstance(chosen, tuple) else modes.composed(chosen)
        )

    @staticmethod
    def make_layout_tv(threads: Layout, values: Layout) -> tuple[Any, Plan]:
        plan = Plan(threads, values)
        return plan.tile, plan

    @staticmethod
    def tensor_composition(t: View, tv: Layout, tiler: Any) -> Any:
        return t.derived(t.modes.by_mode(tiler).composed(tv))

    @staticmethod
    def select(t: View, *positions: int) -> Any:
        modes = t.modes

        def find(c: Tree) -> Place:
            at: list[Any] = [None] * len(positions)
            for position, x in zip(positions, c, strict=True):
                at[position] = x
            return modes.find(tuple(at))

        return t.derived(Modes(tuple(modes.shape[position] for position in positions), find))

    @staticmethod
    def group_modes(t: View, begin: int, end: int) -> Any:
        shape, find = t.shape, t.modes.find
        grouped = (*shape[:begin], shape[begin:end], *shape[end:])
        return t.derived(Modes(grouped, lambda c: find((*c[:begin], *c[begin], *c[begin + 1 :]))))

    @staticmethod
    def flatten(t: View) -> Any:
        def leaves(tree: Tree) -> list[Tree]:
            if not isinstance(tree, tuple):
                return [tree]
            return [leaf for mode in tree for leaf in leaves(mode)]

        def nested(shape: Tree, left: list[Tree]) -> Tree:
            if isinstance(shape, tuple):
                return tuple(nested(mode, left) for mode in shape)
            return left.pop(0)

        modes = t.modes
        flat = tuple(leaves(modes.shape))
        return t.derived(Modes(flat, lambda c: modes.find(nested(modes.shape, list(c)))))

    @staticmethod
    def coalesce(t: View) -> Any:
        # However many modes are left: it is read by the numbers of its elements.
        return t.derived(Modes((t.size(),), lambda c: t.modes.place(c[0])))

    @staticmethod
    def domain_offset(coord: Any, t: View) -> Any:
        shift = natural(coord, t.shape)
        modes = t.modes
        return t.derived(
            Modes(
                modes.shape,
                lambda c: modes.find(tuple(a + b for a, b in zip(shift, c, strict=True))),
            )
        )

    @staticmethod
    def size(thing: Any, mode: Any = None) -> Any:
        return thing.size(mode)

    # Copies.

    @staticmethod
    def make_tiled_copy(threads: Layout, values: Layout) -> Copy:
        return Copy(Plan(threads, values))

    @staticmethod
    def copy(
        src: Any,
        dst: Any,
        count: Any = None,
        src_offset: Any = 0,
        dst_offset: Any = 0,
        mask_fn: Callable[[Any], Any] | None = None,
        coalesced_width: int = 1,
        mask: Any = None,
    ) -> None:
        if isinstance(src, Copy):
            src, dst, count = dst, count, None
        if count is None:
            dst.store(src.load(mask), mask)
            return
        for k in range(int(count)):
            if mask_fn is None or mask_fn(Num("i32", [k])):
                dst[int(dst_offset) + k] = src[int(src_offset) + k]

    # Fragments.

    @staticmethod
    def make_fragment(shape: Any, dtype: Any = "f32", fill: Any = 0) -> Num:
        value = fill.to(dtype).value if isinstance(fill, Num) else literal(str(dtype), fill)
        modes = shape if isinstance(shape, tuple) else (shape,)
        return Num(str(dtype), [value] * extent(modes), 0.0, modes)

    @classmethod
    def full_like(cls, like: Any, fill: Any, dtype: Any = None) -> Num:
        if not isinstance(like, (Num, View)) or isinstance(like, Coordinates):
            raise Mistake(f"{like!r} has no shape")
        own = like.dtype if isinstance(like, Num) else like.buffer.dtype
        shape = shape_of([like]) if isinstance(like, Num) else like.shape
        return cls.make_fragment(shape, dtype or own, fill)

    @classmethod
    def zeros_like(cls, like: Any, dtype: Any = None) -> Num:
        return cls.full_like(like, 0, dtype)

    @classmethod
    def make_fragment_like(cls, like: Any, dtype: Any = None, fill: Any = 0) -> Num:
        return cls.full_like(like, fill, dtype)
