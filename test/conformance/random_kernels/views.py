# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random views of memory through layouts, and fragments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.random_kernels.flow import Flow
from conformance.random_kernels.layouts import Layout, coordinates, extent
from conformance.random_kernels.numbers import FLOATS, limits
from conformance.random_kernels.terms import (
    Expr,
    Lanes,
    Var,
    ViewVar,
    given_range,
    union,
    whole_range,
)

# What is viewed of a buffer.
_ROOTS = [(4, 4), (3, 5), (5, 3), (6, 2), (2, 3, 2), (2, 2, 3), (8,), (11,)]
_DIVISIONS = ["zipped_divide", "tensor_zipped_divide", "tiled_divide", "flat_divide"]


class Views(Flow):
    """Views and fragments."""

    def vector(self, dtype: str, lanes: int) -> Expr:
        """A vector or fragment that is made."""
        if isinstance(lanes, Lanes):
            return self.fragment(dtype, lanes)
        return super().vector(dtype, lanes)

    def leaf(self, dtype: str, lanes: int) -> Expr:
        """A variable, an element or a number."""
        if lanes == 1 and self.chance(0.15):
            found = self.element_of_view(dtype) or self.element_of_fragment(dtype)
            if found is not None:
                return found
        return super().leaf(dtype, lanes)

    def element_of_fragment(self, dtype: str) -> Expr | None:
        """One element of a fragment, or all of them combined."""
        found = [v for v in self.scope.variables if v.dtype == dtype and isinstance(v.lanes, Lanes)]
        if not found:
            return None
        source = self.random.choice(found)
        if self.chance(0.5) or dtype == "b1":
            self.mark("element of a fragment")
            coordinate = self.random.choice(coordinates(source.lanes.shape))  # type: ignore[attr-defined]
            text = self._known(coordinate)
            if self.chance(0.3):
                text = str(self.random.randrange(source.lanes))
            return Expr(f"{source.name}[{text}]", dtype, 1, source.interval)
        kind = self.random.choice(["min", "max", "add", "mul"])
        value: Expr = source.read()
        interval = value.interval
        if kind in ("add", "mul"):
            if dtype in FLOATS:
                # Its elements meet in any order.
                return None
            reach = limits(dtype)[1] // source.lanes if kind == "add" else 1
            if dtype[0] == "i":
                value = self.within(value, (-reach, reach))
            interval = whole_range(dtype)
        elif dtype in FLOATS:
            if interval is None:
                return None
            value = Expr(f"({value.text} + 0.0)", dtype, value.lanes, interval)
        self.mark(f"reduce {kind}")
        return Expr(f'({value.text}).reduce("{kind}")', dtype, 1, interval)

    @staticmethod
    def _known(coordinate: Any) -> str:
        text = repr(coordinate)
        return text[1:-1].rstrip(",") if isinstance(coordinate, tuple) else text

    # Fragments.

    def fragment(self, dtype: str, lanes: Lanes) -> Expr:
        """A fragment that is made."""
        views = [v for v in self.scope.views if (v.dtype, v.shape) == (dtype, lanes.shape)]
        kind = self.random.random()
        if views and kind < 0.5:
            return self.loaded(self.random.choice(views), lanes)
        if dtype in self.reads and kind < 0.7 and lanes <= self.threads:
            return self.loaded(self.of_shape(dtype, lanes.shape), lanes)
        larger = [
            v
            for v in self.scope.variables
            if v.dtype == dtype and isinstance(v.lanes, Lanes) and len(lanes.shape) == 1
        ]
        for source in larger:
            part = self._slice_to(source.lanes.shape, lanes.shape[0])  # type: ignore[attr-defined]
            if part:
                self.mark("slice of a fragment")
                return Expr(f"{source.name}[{part}]", dtype, lanes, source.interval)
        if len(lanes.shape) == 1 and self.chance(0.1):
            whole = self.fragment(dtype, Lanes((self.random.choice((2, 3)), *lanes.shape)))
            self.mark("slice of a fragment")
            part = f"{self.random.randrange(2)}, None"
            return Expr(f"{whole.text}[{part}]", dtype, lanes, whole.interval)
        value = self.leaf(dtype, 1)
        if self.chance(0.4):
            value = self.number(dtype)
        shape = lanes.shape
        like = [v for v in self.scope.variables if v.lanes == lanes]
        name = self.random.choice(like).name if like and self.chance(0.5) else ""
        kind = self.random.random()
        if name and kind < 0.3:
            self.mark("zeros_like")
            return Expr(f"enigma.zeros_like({name}, enigma.{dtype})", dtype, lanes, (0, 0))
        if name and kind < 0.6:
            self.mark("make_fragment_like")
            text = f"enigma.make_fragment_like({name}, enigma.{dtype}, fill={value.text})"
        elif name:
            self.mark("full_like")
            text = f"enigma.full_like({name}, {value.text}, enigma.{dtype})"
        else:
            self.mark("make_fragment")
            text = f"enigma.make_fragment({shape}, enigma.{dtype}, {value.text})"
        return Expr(text, dtype, lanes, value.interval)

    def _slice_to(self, shape: tuple[Any, ...], size: int) -> str:
        """A subscript that keeps one mode of a size."""
        found = [position for position, mode in enumerate(shape) if mode == size]
        if not found or len(shape) < 2:
            return ""
        keep = self.random.choice(found)
        return ", ".join(
            "None" if position == keep else str(self.random.randrange(extent(mode)))
            for position, mode in enumerate(shape)
        )

    def loaded(self, view: ViewVar, lanes: Lanes) -> Expr:
        """All elements of a view."""
        interval = view.interval
        if self.chance(0.3):
            self.mark("load with a mask")
            mask = self.typed_mask(lanes)
            text = (
                f"{view.name}.load(mask={mask})"
                if self.chance(0.5)
                else (f"{view.name}.load({mask})")
            )
            return Expr(text, view.dtype, lanes, union([interval, (0, 0)]))
        self.mark("load")
        if view.overhangs:
            interval = union([interval, (0, 0)])
        return Expr(f"{view.name}.load()", view.dtype, lanes, interval)

    def typed_mask(self, lanes: Lanes) -> str:
        """A fragment of bools, or one bool."""
        dtype = self.random.choice(self.dtypes)
        if self.chance(0.3):
            return self.condition(1).text
        a = self.of(dtype, lanes, 1)
        b = self.typed(self.of(dtype, 1, 1))
        return f"({a.text} {self.random.choice(['<', '>=', '!='])} {b.text})"

    # Views of memory.

    def strides(self, shape: tuple[Any, ...], room: int) -> tuple[Any, int]:
        """Strides that keep a shape within so many elements, and where it starts."""
        flat = [extent(mode) for mode in shape]
        order = list(range(len(flat)))
        self.random.shuffle(order)
        found, step = [0] * len(flat), 1
        for position in order:
            found[position] = step
            step *= flat[position]
            if step + flat[position] <= room and self.chance(0.2):
                # Padding.
                step += 1
        if self.chance(0.1):
            found[self.random.randrange(len(flat))] = 0
        start = 0
        if self.chance(0.15):
            position = self.random.randrange(len(flat))
            found[position] *= -1
            start = -found[position] * (flat[position] - 1)
        nested = tuple(
            self._nested(mode, stride) for mode, stride in zip(shape, found, strict=True)
        )
        layout = Layout(tuple(shape), nested)
        reach = max(start + layout(c) for c in coordinates(tuple(shape)))
        if reach >= room:
            return Layout(tuple(shape)).stride, self.random.randint(0, room - extent(shape))
        return nested, self.random.randint(start, start + room - 1 - reach)

    @classmethod
    def _nested(cls, mode: Any, stride: int) -> Any:
        if not isinstance(mode, tuple):
            return stride
        found = []
        for inner in mode:
            found.append(cls._nested(inner, stride))
            stride *= extent(inner)
        return tuple(found)

    def of_shape(self, dtype: str, shape: tuple[Any, ...]) -> ViewVar:
        """A view of an input."""
        self.mark("make_tensor")
        stride, start = self.strides(shape, self.threads + 8)
        offset = f", {start}" if start or self.chance(0.2) else ""
        given = f"{shape}, {stride}"
        if len(shape) == 1 and self.chance(0.5):
            given = f"{shape[0]}, {stride[0]}"
        text = f"enigma.make_tensor(in_{dtype}, enigma.Layout({given}){offset})"
        interval = given_range(dtype)
        return ViewVar(text, dtype, shape, interval)

    def slots_of(self, dtype: str, shape: tuple[Any, ...]) -> ViewVar:
        """A view of elements of an output, which only this thread has."""
        first = self.slots.get(dtype, 0)
        self.slots[dtype] = first + extent(shape)
        order = list(range(len(shape)))
        self.random.shuffle(order)
        found, step = [0] * len(shape), 1
        for position in order:
            found[position] = step
            step *= extent(shape[position])
        stride = tuple(self._nested(mode, s) for mode, s in zip(shape, found, strict=True))
        layout = f"enigma.Layout({shape}, {stride})"
        text = self.view_text(f"out_{dtype}", layout, f"i * COUNT_{dtype} + {first}")
        return ViewVar(text, dtype, shape, whole_range(dtype), writable=True)

    def view_text(self, memory: str, layout: str, start: str) -> str:
        """A view of a buffer."""
        return f"enigma.make_tensor({memory}, {layout}, {start})"

    def view(self) -> None:
        """Give a view a name."""
        if self.function:
            return self.assign()
        roots = self.scope.views
        view = self.random.choice(roots) if roots and self.chance(0.6) else None
        if view is not None:
            view = self.derived(view)
        if view is None:
            readable = [dtype for dtype in self.dtypes if dtype in self.reads]
            shapes = [*_ROOTS, *(lanes.shape for lanes in self.shapes)]
            shape = self.random.choice(shapes)
            if self.chance(0.3) or not readable:
                view = self.slots_of(self.random.choice(self.dtypes), shape)
            else:
                view = self.of_shape(self.random.choice(readable), shape)
        self.scope.views.append(self.named(view))
        return None

    def named(self, view: ViewVar) -> ViewVar:
        """A view under a name of its own."""
        name = self.fresh("b")
        self.emit(f"{name} = {view.name}")
        return ViewVar(name, view.dtype, view.shape, view.interval, view.writable, view.overhangs)

    def position(self, size: int) -> str:
        """A coordinate: of Python, or traced."""
        return str(self.random.randrange(size)) if self.chance(0.5) else self.index(size)

    def coordinate_in(self, mode: Any) -> str:
        """A coordinate of a mode."""
        if isinstance(mode, tuple) and self.chance(0.5):
            return f"({', '.join(map(self.coordinate_in, mode))},)"
        return self.position(extent(mode))

    def element_of_view(self, dtype: str) -> Expr | None:
        """An element of a view."""
        views = [v for v in self.scope.views if v.dtype == dtype]
        if not views or self.function:
            return None
        view = self.random.choice(views)
        if self.chance(0.5):
            view = self.derived(view) or view
        self.mark("element of a view")
        interval = union([view.interval, (0, 0)]) if view.overhangs else view.interval
        return Expr(f"{view.name}[{self.subscript(view)}]", dtype, 1, interval)

    def subscript(self, view: ViewVar) -> str:
        """A coordinate of a view."""
        if self.chance(0.15) and not view.overhangs:
            return self.position(extent(view.shape))
        parts = ", ".join(map(self.coordinate_in, view.shape))
        return f"{parts}," if len(view.shape) == 1 and parts.endswith(",)") else parts

    def derived(self, view: ViewVar) -> ViewVar | None:
        """What an operation makes of a view."""
        makers: list[Callable[[ViewVar], tuple[str, tuple[Any, ...], bool] | None]] = [
            self._sliced,
            self._sliced,
            self._local_tile,
            self._divided,
            self._divided,
            self._partition,
            self._rearranged,
            self._composed,
            self._moved,
        ]
        if not view.is_flat:
            makers = [self._sliced, self._rearranged]
        found = self.random.choice(makers)(view)
        if found is None:
            return None
        text, shape, overhangs = found
        if extent(shape) < 2:
            return None
        overhangs = overhangs or view.overhangs
        return ViewVar(text, view.dtype, shape, view.interval, view.writable, overhangs)

    def _sliced(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        if len(view.shape) < 2:
            return None
        parts: list[str] = []
        shape: list[Any] = []
        for mode in view.shape:
            if self.chance(0.5):
                if isinstance(mode, tuple) and self.chance(0.5):
                    parts.append(f"({'None, ' * len(mode)})")
                    shape += mode
                else:
                    parts.append("None")
                    shape.append(mode)
            else:
                parts.append(self.coordinate_in(mode))
        if not shape:
            return None
        self.mark("slice of a view")
        return f"{view.name}[{', '.join(parts)}]", tuple(shape), False

    def _tiler(self, view: ViewVar) -> tuple[list[int], list[int], bool]:
        tiles = [self.random.randint(1, mode) for mode in view.shape]
        rests = [-(-mode // tile) for mode, tile in zip(view.shape, tiles, strict=True)]
        overhangs = any(mode % tile for mode, tile in zip(view.shape, tiles, strict=True))
        if overhangs:
            self.mark("tiles that overhang")
        return tiles, rests, overhangs

    def _local_tile(
        self, view: ViewVar, sized: int | None = None
    ) -> tuple[str, tuple[Any, ...], bool] | None:
        """A tile, or several: not along a mode that the host knows the size of."""
        if not view.is_flat:
            return None
        tiles, rests, overhangs = self._tiler(view)
        self.mark("local_tile")
        if len(tiles) == 1:
            text = f"enigma.local_tile({view.name}, {tiles[0]}, {self.position(rests[0])})"
            return text, tuple(tiles), overhangs
        parts, left = [], []
        for position, rest in enumerate(rests):
            if position != sized and self.chance(0.25):
                parts.append("None")
                left.append(rest)
            else:
                parts.append(self.position(rest))
        text = f"enigma.local_tile({view.name}, {tuple(tiles)}, ({', '.join(parts)}))"
        return text, (*tiles, *left), overhangs

    def _divided(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        if not view.is_flat:
            return None
        tiles, rests, overhangs = self._tiler(view)
        if len(tiles) == 1:
            self.mark("zipped_divide")
            text = f"enigma.zipped_divide({view.name}, {tiles[0]})"
            return text, (tiles[0], rests[0]), overhangs
        tiler = list(map(str, tiles))
        if not overhangs and self.chance(0.75):
            # Every n-th element.
            for position, mode in enumerate(view.shape):
                tile = tiles[position]
                if 1 < tile < mode:
                    self.mark("a layout in a tiler")
                    tiler[position] = f"enigma.Layout({tile}, {mode // tile})"
        kind = self.random.choice([*_DIVISIONS, "logical_divide"])
        self.mark(kind)
        text = f"enigma.{kind}({view.name}, ({', '.join(tiler)}))"
        inner, outer = tuple(tiles), tuple(rests)
        shape: tuple[Any, ...] = {
            "tiled_divide": (inner, *outer),
            "flat_divide": (*inner, *outer),
            "logical_divide": tuple(zip(inner, outer, strict=True)),
        }.get(kind, (inner, outer))
        return text, shape, overhangs

    def _partition(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        if not view.is_flat:
            return None
        tiles, rests, overhangs = self._tiler(view)
        threads = extent(tuple(tiles))
        layout: tuple[Any, ...] = (tuple(tiles),)
        if len(tiles) > 1 and self.chance(0.5):
            stride, step = [0] * len(tiles), 1
            for position in reversed(range(len(tiles))):
                stride[position] = step
                step *= tiles[position]
            layout = (tuple(tiles), tuple(stride))
        given = ", ".join(map(repr, layout)) if len(tiles) > 1 else str(tiles[0])
        self.mark("local_partition")
        text = (
            f"enigma.local_partition({view.name}, enigma.Layout({given}), {self.position(threads)})"
        )
        return text, tuple(rests), overhangs

    def _rearranged(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        rank = len(view.shape)
        if not view.is_flat:
            self.mark("flatten")
            flat: list[Any] = []
            for mode in view.shape:
                flat += mode if isinstance(mode, tuple) else [mode]
            if any(isinstance(mode, tuple) for mode in flat):
                return None
            return f"enigma.flatten({view.name})", tuple(flat), False
        if rank < 2:
            return None
        kind = self.random.choice(["select", "group_modes"])
        self.mark(kind)
        if kind == "select":
            order = list(range(rank))
            self.random.shuffle(order)
            text = f"enigma.select({view.name}, {', '.join(map(str, order))})"
            return text, tuple(view.shape[position] for position in order), False
        begin = self.random.randrange(rank - 1)
        end = self.random.randint(begin + 1, rank)
        grouped = (*view.shape[:begin], view.shape[begin:end], *view.shape[end:])
        return f"enigma.group_modes({view.name}, {begin}, {end})", grouped, False

    def _composed(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        if not view.is_flat or view.overhangs:
            return None
        if len(view.shape) == 1:
            (size,) = view.shape
            first = self.random.randint(1, min(3, size))
            second = self.random.randint(1, size // first)
            strides = (1, first) if self.chance(0.5) else (second, 1)
            self.mark("composition")
            text = f"enigma.composition({view.name}, enigma.Layout(({first}, {second}), {strides}))"
            return text, (first, second), False
        parts, shape = [], []
        for mode in view.shape:
            kind = self.random.randrange(3)
            count = self.random.randint(1, mode)
            if kind == 0:
                parts.append("None")
                count = mode
            elif kind == 1:
                parts.append(str(count))
            else:
                step = self.random.randint(0, (mode - 1) // (count - 1) if count > 1 else 1)
                parts.append(f"enigma.Layout({count}, {step})")
            shape.append(count)
        if view.writable and any(", 0)" in part for part in parts):
            return None
        self.mark("composition by mode")
        return f"enigma.composition({view.name}, ({', '.join(parts)}))", tuple(shape), False

    def _moved(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        if not view.is_flat or view.overhangs or len(view.shape) < 2:
            return None
        tiles = [self.random.randint(1, mode) for mode in view.shape]
        starts = [
            self.position(mode - tile + 1) for mode, tile in zip(view.shape, tiles, strict=True)
        ]
        if any(mode % tile for mode, tile in zip(view.shape, tiles, strict=True)):
            return None
        self.mark("domain_offset")
        moved = f"enigma.domain_offset(({', '.join(starts)}), {view.name})"
        zeros = ", ".join("0" for _ in tiles)
        return f"enigma.local_tile({moved}, {tuple(tiles)}, ({zeros}))", tuple(tiles), False

    # Statements.

    def view_statement(self) -> None:
        """A statement about views."""
        if self.function:
            return self.assign()
        self.random.choice(
            [self.view, self.view, self.write_view, self.copy_views, self.corner, self.plan]
        )()
        return None

    def write_view(self) -> None:
        """Write an element, a part or all of a view."""
        views = [v for v in self.scope.views if v.writable]
        if views and self.chance(0.7):
            view = self.random.choice(views)
            if self.chance(0.5):
                view = self.derived(view) or view
        else:
            shapes = [*_ROOTS, *(lanes.shape for lanes in self.shapes)]
            view = self.named(
                self.slots_of(self.random.choice(self.dtypes), self.random.choice(shapes))
            )
        dtype, lanes = view.dtype, Lanes(view.shape)
        kind = self.random.random()
        if kind < 0.3:
            self.mark("store to an element of a view")
            value = self.typed(self.of(dtype, 1, 2))
            self.emit(f"{view.name}[{self.subscript(view)}] = {value.text}")
        elif kind < 0.4:
            self.mark("fill of a view")
            value = self.typed(self.of(dtype, 1, 1)) if self.chance(0.5) else self.number(dtype)
            self.emit(f"{view.name}.fill({value.text})")
        else:
            value = self.typed(self.of(dtype, lanes, 2))
            if self.chance(0.3):
                self.mark("store with a mask")
                self.emit(f"{view.name}.store({value.text}, mask={self.typed_mask(lanes)})")
            elif self.chance(0.3):
                self.mark("assignment to a slice of a view")
                self.emit(f"{view.name}[{', '.join('None' for _ in view.shape)}] = {value.text}")
            else:
                self.mark("store of a fragment")
                self.emit(f"{view.name}.store({value.text})")

    def copy_views(self) -> None:
        """Copy a view to another."""
        readable = [v for v in self.scope.views if v.dtype in self.dtypes and v.is_flat]
        if not readable:
            return self.view()
        source = self.random.choice(readable)
        if self.chance(0.5):
            source = self.derived(source) or source
        target = self.slots_of(source.dtype, source.shape)
        self.mark("copy of views")
        if self.chance(0.3):
            mask = self.typed_mask(Lanes(source.shape))
            self.emit(f"enigma.copy({source.name}, {target.name}, mask={mask})")
        else:
            self.emit(f"enigma.copy({source.name}, {target.name})")
        return None

    def corner(self) -> None:
        """Tell where elements of a part of a view stand in the whole, and mask by it."""
        views = [v for v in self.scope.views if v.is_flat and len(v.shape) == 2]
        if not views:
            return self.view()
        view = self.random.choice(views)
        part = self.random.choice([self._local_tile, self._partition])(replace(view, name="VIEW"))
        assert part is not None
        text, shape, _ = part
        if extent(shape) < 2:
            return self.view()
        where, inner, places = self.fresh("w"), self.fresh("w"), self.fresh("w")
        self.mark("make_identity_tensor")
        self.emit(f"{where} = enigma.make_identity_tensor({view.shape})")
        self.emit(f"{places} = {text.replace('VIEW', where)}")
        self.emit(f"{inner} = {text.replace('VIEW', view.name)}")
        limit = ", ".join(
            str(self.random.randint(0, mode)) if self.chance(0.6) else self.position(mode + 1)
            for mode in view.shape
        )
        self.mark("in_bounds")
        lanes = Lanes(shape)
        interval = union([view.interval, (0, 0)])
        name = self.fresh("x")
        self.emit(f"{name} = {inner}.load(mask=enigma.in_bounds({places}, ({limit})))")
        self.scope.variables.append(Var(name, view.dtype, lanes, interval))
        row, column = self.fresh("w"), self.fresh("w")
        place = ", ".join(self.position(extent(mode)) for mode in shape)
        self.emit(f"{row}, {column} = {places}[{place}]")
        self.emit(f"{self.slot('i32')} = enigma.metal_cast({row}, enigma.i32)")
        self.emit(f"{self.slot('i32')} = enigma.metal_cast({column}, enigma.i32)")
        if self.chance(0.5):
            self.mark("elem_less")
            self.emit(f"{self.slot('b1')} = enigma.elem_less(({row}, {column}), ({limit}))")
        return None

    def plan(self) -> None:
        """Copy or read what a plan gives to a thread."""
        readable = [dtype for dtype in self.dtypes if dtype in self.reads]
        if not readable:
            return self.view()
        threads, values = self.random.choice([((2, 1), (1, 4)), ((2, 2), (1, 2)), ((1, 2), (2, 1))])
        tile = threads[0] * values[0], threads[1] * values[1]
        dtype = self.random.choice(readable)
        order = self.random.choice(["", f", (1, {threads[0]})", f", ({threads[1]}, 1)"])
        layouts = f"enigma.Layout({threads}{order}), enigma.Layout({values})"
        thread = self.position(extent(threads))
        if self.chance(0.5):
            shape = tile[0] * self.random.choice((1, 2)), tile[1]
            source, target = self.of_shape(dtype, shape), self.slots_of(dtype, shape)
            move, mine = self.fresh("w"), self.fresh("w")
            self.mark("make_tiled_copy")
            self.emit(f"{move} = enigma.make_tiled_copy({layouts})")
            self.emit(f"{mine} = {move}.get_slice({thread})")
            parts = f"{mine}.partition_S({source.name}), {mine}.partition_D({target.name})"
            self.emit(f"enigma.copy({move}, {parts})")
            return None
        source = self.of_shape(dtype, tile)
        tiler, plan, new = self.fresh("w"), self.fresh("w"), self.fresh("w")
        self.mark("make_layout_tv")
        self.emit(f"{tiler}, {plan} = enigma.make_layout_tv({layouts})")
        composed = f"enigma.tensor_composition({source.name}, {plan}, {tiler})"
        self.emit(f"{new} = {composed}[({thread}, None)]")
        for position in range(extent(values)):
            self.emit(f"{self.slot(dtype)} = {new}[{position}]")
        return None
