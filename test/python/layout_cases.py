# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random operands of every operation of the algebra, for Python and for the dialect alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from layout_strategies import layouts, leaves, prod, slicing_coordinates

import enigma.layout as el
from enigma import EnigmaError
from enigma.layout import Basis, Dyn, Layout, Swizzle, SwizzledLayout


@dataclass(frozen=True)
class Case:
    """An operation, by its name in the dialect, and what it is applied to."""

    name: str
    operands: tuple[Any, ...]
    attributes: dict[str, int | tuple[int, ...]] = field(default_factory=dict)

    def results(self) -> tuple[Any, ...]:
        """What Python's operation gives for it; raises where there is no answer."""
        operands, attributes = self.operands, self.attributes
        if self.name == "make_layout":
            return (Layout(*operands),)
        if self.name in ("get_shape", "get_stride"):
            return (getattr(operands[0], self.name.removeprefix("get_")),)
        if self.name == "get_leaf":
            return (leaves(operands[0])[attributes["leaf"]],)
        if self.name == "replace":
            return (el.replace(operands[0], attributes["mode"], operands[1]),)
        if self.name == "recast_layout":
            widths = attributes["new_bits"], attributes["old_bits"]
            return (el.recast_layout(*widths, *operands),)
        result = getattr(el, self.name)(*operands, *attributes.values())
        if self.name in ("local_tile", "local_partition"):
            # Of a layout the dialect's operation gives the part alone.
            return (result[0],)
        return result if self.name in ("make_layout_tv", "slice_and_offset") else (result,)


def map_leaves(x: Any, change: Callable[[Any], Any]) -> Any:
    """A tuple or layout with its integers replaced."""
    if isinstance(x, tuple):
        return tuple(map_leaves(mode, change) for mode in x)
    if isinstance(x, Layout):
        return Layout(map_leaves(x.shape, change), map_leaves(x.stride, change))
    if isinstance(x, SwizzledLayout):
        return SwizzledLayout(x.swizzle, change(x.offset), map_leaves(x.layout, change))
    if isinstance(x, Basis):
        return Basis(change(x.value), x.path)
    return x if x is None else change(x)


def known(x: Any, values: dict[str, int]) -> Any:
    """A result when its integers have these values."""
    return map_leaves(x, lambda leaf: leaf.evaluate(values) if isinstance(leaf, Dyn) else leaf)


def forget(
    case: Case,
    is_dynamic: Callable[[], bool],
    with_divisors: bool,
    still_known: tuple[int, ...] = (0,),
) -> tuple[Case, dict[str, int]]:
    """The case with some integers known at run time only, and their values by name.

    That a stride is 0 stays known: what is known decides which modes there are.
    """
    values: dict[str, int] = {}

    def change(leaf: int) -> int | Dyn:
        if leaf in still_known or not is_dynamic():
            return leaf
        name = f"v{len(values)}"
        values[name] = leaf
        return el.dyn(name, div=abs(leaf) if with_divisors else 1)

    operands = tuple(map_leaves(operand, change) for operand in case.operands)
    return Case(case.name, operands, case.attributes), values


# --- Operands -------------------------------------------------------------------------------------

SWIZZLES = st.sampled_from(
    [Swizzle(1, 0, 1), Swizzle(2, 1, 3), Swizzle(2, 0, -2), Swizzle(3, 2, 3)]
)


@st.composite
def maybe_swizzled(draw: Any, plain: Any) -> Any:
    layout = draw(plain)
    if min(leaves(layout.stride)) < 0 or draw(st.integers(0, 3)):
        return layout
    return SwizzledLayout(draw(SWIZZLES), 0, layout)


@st.composite
def tilers(draw: Any, a: Any, kinds: str = "crpgbna") -> Any:
    """What its mode has room for, for each of the first modes: None, an extent or a layout."""
    tiler: list[Any] = []
    for mode in list(a)[: draw(st.integers(1, a.rank))]:
        kind = draw(st.sampled_from(["none", "extent", "extent", "layout"]))
        room = el.size(mode)
        if kind == "none":
            tiler.append(None)
        elif kind == "extent":
            tiler.append(draw(st.integers(1, room)))
        else:
            tiler.append(draw(layouts(max_size=room, max_leaves=2, kinds=kinds)))
    return tuple(tiler)


@st.composite
def by_tiler(draw: Any, a: Any, kinds: str, size: int) -> Any:
    """An operand, and a layout or a tiler for it."""
    first = draw(a)
    whole = draw(st.booleans()) or first.depth == 0
    b = draw(layouts(max_size=size, max_leaves=2, kinds=kinds) if whole else tilers(first, kinds))
    return (first, b), {}


@st.composite
def fillings(draw: Any) -> Any:
    count = draw(st.integers(1, 3))
    block_shape = tuple(draw(st.integers(1, 4)) for _ in range(count))
    block = el.make_ordered_layout(block_shape, tuple(draw(st.permutations(range(count)))))
    shape = tuple(s * draw(st.integers(1, 3)) for s in block_shape)
    order = tuple(draw(st.permutations(range(count))))
    return draw(st.sampled_from([((block, shape), {}), ((block, shape, order), {})]))


@st.composite
def sliced(draw: Any, a: Any) -> Any:
    layout = draw(a)
    return (layout, draw(slicing_coordinates(layout.shape))), {}


@st.composite
def local_tiles(draw: Any) -> Any:
    layout = draw(maybe_swizzled(layouts(kinds="crpgb").filter(lambda a: a.depth > 0)))
    tiler = draw(tilers(layout, "crgb"))
    try:
        rests = el.zipped_divide(layout, tiler)[1].shape
    except EnigmaError:
        rests = tuple(1 for _ in tiler)
    coord = tuple(draw(st.none() | st.integers(0, prod(leaves(extent)) - 1)) for extent in rests)
    return (layout, tiler, coord), {}


@st.composite
def local_partitions(draw: Any) -> Any:
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=2)))
    threads = el.make_ordered_layout(shape, tuple(draw(st.permutations(range(len(shape))))))
    extents = tuple(s * draw(st.integers(1, 3)) + draw(st.integers(0, 1)) for s in shape)
    layout = el.make_ordered_layout(extents, tuple(draw(st.permutations(range(len(shape))))))
    return (layout, threads, draw(st.integers(0, prod(shape) - 1))), {}


@st.composite
def shapes(draw: Any) -> Any:
    return draw(layouts(kinds="c")).shape


@st.composite
def ordered(draw: Any) -> Any:
    shape = draw(layouts(kinds="c").filter(lambda a: a.depth > 0)).shape
    order = tuple(draw(st.permutations(range(len(shape)))))
    return (shape, order), {}


@st.composite
def numbered(draw: Any) -> Layout:
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=2)))
    return el.make_ordered_layout(shape, draw(st.sampled_from([(0, 1), (1, 0)])))


@st.composite
def indexed(draw: Any) -> Any:
    layout = draw(layouts())
    return (draw(st.integers(0, 99)), layout.shape), {}


@st.composite
def coordinates_of(draw: Any) -> Any:
    layout = draw(maybe_swizzled(layouts()))
    if draw(st.integers(0, 4)) == 0:
        layout = el.make_identity_layout(layout.shape)
    coord = draw(slicing_coordinates(layout.shape))
    filled = map_none(coord, lambda: draw(st.integers(0, 5)))
    return (filled, layout), {}


def map_none(x: Any, fill: Callable[[], int]) -> Any:
    if isinstance(x, tuple):
        return tuple(map_none(mode, fill) for mode in x)
    return fill() if x is None else x


@st.composite
def with_modes(draw: Any, *names: str) -> Any:
    """A layout, and numbers of modes of it: one, several, or a range."""
    layout = draw(maybe_swizzled(layouts()))
    begin = draw(st.integers(0, layout.rank - 1))
    if names == ("begin", "end"):
        return (layout,), {"begin": begin, "end": draw(st.integers(begin + 1, layout.rank))}
    if names == ("path",):
        mode, path = layout[begin], (begin,)
        if mode.depth and draw(st.booleans()):
            path = (begin, draw(st.integers(0, mode.rank - 1)))
        return (layout,), {"path": path}
    picked = st.lists(st.integers(0, layout.rank - 1), min_size=1, max_size=2)
    return (layout,), {"modes": tuple(draw(picked))}


@st.composite
def replaced(draw: Any) -> Any:
    layout = draw(layouts())
    return (layout, draw(layouts(max_size=8))), {"mode": draw(st.integers(0, layout.rank - 1))}


def unary(operand: Any) -> Any:
    return st.tuples(st.tuples(operand), st.just({}))


def binary(first: Any, second: Any) -> Any:
    return st.tuples(st.tuples(first, second), st.just({}))


ANY = maybe_swizzled(layouts())
DIVIDED = by_tiler(maybe_swizzled(layouts(kinds="crpgbn")), "crgpb", 12)
BLOCK = layouts(max_size=8, kinds="crgb")
REPEATED = by_tiler(BLOCK, "crpg", 8)
WIDTHS = st.sampled_from([(8, 16), (16, 8), (32, 8), (8, 32), (12, 8), (24, 16), (16, 24)])

#: For each operation a strategy of its operands and attributes.
OPERANDS: dict[str, Any] = {
    "append": binary(layouts(), layouts(max_size=8)),
    "blocked_product": binary(BLOCK, BLOCK),
    "coalesce": st.one_of(
        unary(ANY),
        layouts().filter(lambda a: a.depth > 0).map(lambda a: ((a, (0,) * a.rank), {})),
    ),
    "complement": binary(layouts(kinds="crpgnggb"), st.integers(1, 200)),
    "composition": st.one_of(
        binary(ANY, layouts(max_size=40)), by_tiler(layouts(kinds="crpgbn"), "crgpn", 20)
    ),
    "cosize": unary(layouts()),
    "crd2idx": coordinates_of(),
    "dice": sliced(layouts()),
    "filter": unary(ANY),
    "flat_divide": DIVIDED,
    "flat_product": REPEATED,
    "flatten": unary(ANY),
    "get": with_modes("path"),
    "get_leaf": shapes().map(lambda s: ((s,), {"leaf": len(leaves(s)) - 1})),
    "get_shape": unary(ANY),
    "get_stride": unary(layouts()),
    "group_modes": with_modes("begin", "end"),
    "idx2crd": indexed(),
    "left_inverse": unary(layouts(kinds="crpgb")),
    "local_partition": local_partitions(),
    "local_tile": local_tiles(),
    "logical_divide": DIVIDED,
    "logical_product": REPEATED,
    "make_identity_layout": unary(shapes()),
    "make_layout": st.one_of(unary(shapes()), layouts().map(lambda a: ((a.shape, a.stride), {}))),
    "make_layout_tv": binary(numbered(), numbered()),
    "make_ordered_layout": ordered(),
    "max_common_vector": binary(layouts(kinds="crgb"), layouts(kinds="crgb")),
    "prepend": binary(layouts(), layouts(max_size=8)),
    "raked_product": binary(BLOCK, BLOCK),
    "recast_layout": st.tuples(
        st.tuples(ANY), WIDTHS.map(lambda w: {"new_bits": w[0], "old_bits": w[1]})
    ),
    "replace": replaced(),
    "right_inverse": unary(layouts(max_size=40)),
    "select": with_modes("modes"),
    "size": with_modes("path").map(lambda c: (c[0], {"mode": c[1]["path"]})),
    "slice": sliced(ANY),
    "slice_and_offset": sliced(layouts()),
    "swizzle": st.tuples(
        st.tuples(layouts(kinds="crpgb")),
        SWIZZLES.map(lambda s: {"bits": s.bits, "base": s.base, "shift": s.shift}),
    ),
    "take": with_modes("begin", "end"),
    "tile_to_shape": fillings(),
    "tiled_divide": DIVIDED,
    "tiled_product": REPEATED,
    "zipped_divide": DIVIDED,
    "zipped_product": REPEATED,
}


@cache
def cases(name: str, count: int) -> list[Case]:
    """Up to `count` different cases of an operation, the same in every run."""
    found: dict[str, Case] = {}

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(OPERANDS[name])
    def gather(drawn: Any) -> None:
        case = Case(name, *drawn)
        found[repr(case)] = case

    gather()
    return list(found.values())
