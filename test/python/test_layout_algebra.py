# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every operation of the algebra against its definition, by tabulation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from layout_strategies import (
    coordinates,
    evaluate,
    fewest_modes,
    huge_layouts,
    injective,
    is_layout_table,
    layouts,
    leaves,
    many,
    more,
    moving,
    nest,
    prod,
    slicing_coordinates,
    table,
    tiling,
)

import enigma.layout as el
from enigma.errors import EnigmaError
from enigma.layout import Layout, Swizzle


def result_of(operation: Any, *operands: Any) -> Any:
    """The result, or None where the operation has no answer."""
    try:
        return operation(*operands)
    except EnigmaError:
        return None


def refines(fine: Any, coarse: Any) -> bool:
    if isinstance(coarse, tuple):
        return (
            isinstance(fine, tuple)
            and len(fine) == len(coarse)
            and all(refines(f, c) for f, c in zip(fine, coarse, strict=True))
        )
    return prod(leaves(fine)) == coarse


# --- Sizes and coordinates ------------------------------------------------------------------------


@many
@given(layouts())
def test_sizes(a: Layout) -> None:
    extents, steps = leaves(a.shape), leaves(a.stride)
    assert el.size(a) == prod(extents)
    assert el.cosize(a) == 1 + sum((s - 1) * abs(d) for s, d in zip(extents, steps, strict=True))
    assert el.rank(a) == len(a) == (len(a.shape) if isinstance(a.shape, tuple) else 1)
    assert el.depth(a) == el.depth(a.shape)


@many
@given(layouts(), st.integers(0, 200))
def test_calling_by_index(a: Layout, index: int) -> None:
    assert a(index) == evaluate(a.shape, a.stride, index)
    coord = el.idx2crd(index, a)
    assert el.crd2idx(coord, a) == a(index)
    assert el.crd2idx(coord, a.shape, a.stride) == a(index)


@many
@given(layouts())
def test_coordinates(a: Layout) -> None:
    for index, coord in enumerate(coordinates(a.shape)):
        assert el.idx2crd(index, a.shape) == coord
        offset = sum(x * d for x, d in zip(leaves(coord), leaves(a.stride), strict=True))
        assert a(coord) == a(index) == offset
        if isinstance(coord, tuple):
            # Weaker: the 1-D index of each mode.
            modes = [coordinates(shape).index(c) for c, shape in zip(coord, a.shape, strict=True)]
            assert a(tuple(modes)) == a(*modes) == offset


# --- Simplification -------------------------------------------------------------------------------


@many
@given(layouts(max_size=120))
def test_coalesce(a: Layout) -> None:
    c = el.coalesce(a)
    assert table(c) == table(a)
    assert c.depth <= 1
    assert c.rank == fewest_modes(tuple(table(a)))


@many
@given(layouts(max_size=120))
def test_coalesce_by_profile(a: Layout) -> None:
    assume(isinstance(a.shape, tuple))
    c = el.coalesce(a, (0,) * a.rank)
    assert c.rank == a.rank
    for mode, expected in zip(c, a, strict=True):
        assert mode == el.coalesce(expected)


@many
@given(layouts(max_size=120))
def test_filter(a: Layout) -> None:
    f = el.filter(a)
    assert set(table(f)) == set(table(a))
    assert f == Layout(1, 0) or all(
        s > 1 and d != 0 for s, d in zip(leaves(f.shape), leaves(f.stride), strict=True)
    )


# --- Composition ----------------------------------------------------------------------------------


def composition_exists(a: Layout, b: Layout) -> bool:
    """Whether some layout whose shape refines b's equals a o b, by trying all."""
    along = []
    for extent, step in zip(leaves(b.shape), leaves(b.stride), strict=True):
        f = tuple(evaluate(a.shape, a.stride, c * step) for c in range(extent))
        if not is_layout_table(f):
            return False
        along.append(f)
    for coord, offset in zip(coordinates(b.shape), table(b), strict=True):
        total = sum(f[c] for f, c in zip(along, leaves(coord), strict=True))
        if total != evaluate(a.shape, a.stride, offset):
            return False
    return True


def check_composition(a: Layout, b: Layout) -> None:
    r = result_of(el.composition, a, b)
    assert (r is not None) == composition_exists(a, b)
    if r is not None:
        assert refines(r.shape, b.shape)
        assert table(r) == [evaluate(a.shape, a.stride, offset) for offset in table(b)]


@more
@given(layouts(), layouts(max_size=40))
def test_composition(a: Layout, b: Layout) -> None:
    check_composition(a, b)


@more
@given(layouts(), layouts(max_size=30, max_leaves=2), st.lists(st.integers(-4, 12), min_size=2))
def test_composition_of_selections(a: Layout, b: Layout, steps: list[int]) -> None:
    count = len(leaves(b.shape))
    check_composition(a, Layout(b.shape, nest(b.shape, steps[:count])))


@more
@given(
    st.integers(2, 4),
    st.integers(2, 4),
    st.integers(-3, 3),
    st.integers(-3, 3),
    layouts(max_size=24, max_leaves=2),
    st.lists(st.integers(1, 12), min_size=2),
)
def test_composition_where_carries_cancel(
    p: int, q: int, first: int, bend: int, b: Layout, steps: list[int]
) -> None:
    second = p * first + bend
    a = Layout((p, q, 3), (first, second, q * second - bend))
    count = len(leaves(b.shape))
    check_composition(a, Layout(b.shape, nest(b.shape, steps[:count])))


def test_composition_cancels_at_least_once() -> None:
    """A carry across two modes at once may be no defect at all."""
    a, b = Layout((2, 2, 2), (1, 3, 5)), Layout((2, 2), (3, 3))
    assert table(el.composition(a, b)) == [0, 4, 4, 8]


def test_composition_small_exhaustively() -> None:
    solved = 0
    for s0 in range(1, 5):
        for d0 in range(-1, 5):
            for d1 in range(-1, 8):
                a = Layout((s0, 3), (d0, d1))
                for extent in range(1, 10):
                    for step in range(-2, 8):
                        b = Layout(extent, step)
                        check_composition(a, b)
                        solved += result_of(el.composition, a, b) is not None
    assert solved > 1000


@many
@given(layouts(max_size=24), st.data())
def test_composition_by_mode(a: Layout, data: Any) -> None:
    assume(isinstance(a.shape, tuple))
    tiler: list[Any] = []
    for mode in list(a)[: data.draw(st.integers(1, a.rank))]:
        kind = data.draw(st.sampled_from(["none", "int", "layout"]))
        if kind == "none":
            tiler.append(None)
        elif kind == "int":
            tiler.append(data.draw(st.integers(1, el.size(mode))))
        else:
            tiler.append(data.draw(layouts(max_size=el.size(mode), max_leaves=2)))
    r = result_of(el.composition, a, tuple(tiler))
    expected = []
    for i, mode in enumerate(a):
        tile = tiler[i] if i < len(tiler) else None
        expected.append(mode if tile is None else result_of(el.composition, mode, tile))
    if None in expected:
        assert r is None
    else:
        assert list(r) == expected


# --- Complement and inverses ----------------------------------------------------------------------


@st.composite
def broadcast(draw: Any, a: Any) -> Layout:
    """One with modes of stride 0, of extent 1 or more, before, between and behind its own."""
    layout = draw(a)
    modes = list(layout)
    for _ in range(draw(st.integers(1, 2))):
        mode = draw(layouts(kinds="c", max_size=4, max_leaves=2))
        still = Layout(mode.shape, nest(mode.shape, [0] * len(leaves(mode.shape))))
        modes.insert(draw(st.integers(0, len(modes))), still)
    return el.make_layout(*modes)


def begins_of_copies(a: Layout, n: int) -> list[int] | None:
    """Where copies of the image of a layout begin, by trying all; none where modes overlap."""
    return tiling(sorted(set(table(a))), n) if injective(moving(a)) else None


@more
@given(layouts(kinds="crpgnab", max_size=30), st.integers(1, 200))
def test_complement(a: Layout, n: int) -> None:
    r = result_of(el.complement, a, n)
    assert (table(r) if r is not None else None) == begins_of_copies(a, n)


@many
@given(broadcast(layouts(kinds="crpgna", max_size=20)), st.integers(1, 200))
def test_complement_looks_at_the_image_alone(a: Layout, n: int) -> None:
    r = result_of(el.complement, a, n)
    assert (table(r) if r is not None else None) == begins_of_copies(a, n)
    assert r == result_of(el.complement, moving(a), n)


@many
@given(layouts(kinds="crgb"), st.integers(1, 200))
def test_complement_of_blocks_exists(a: Layout, n: int) -> None:
    assert result_of(el.complement, moving(a), n) is not None or not injective(moving(a))


@many
@given(layouts(kinds="bpa", max_size=30))
def test_complement_of_overlapping_modes_raises(a: Layout) -> None:
    if injective(moving(a)):
        # The first two offsets again.
        a = moving(a)
        a = el.append(a, Layout(2, a(1))) if el.size(a) > 1 else Layout((2, 2), (3, 3))
    with pytest.raises(EnigmaError):
        el.complement(a, 100)


def longest_inverse(values: list[int], inverse: list[int]) -> int:
    """The size of the longest layout that undoes the table, by trying all."""
    covered = best = len(inverse)
    for step in range(1, len(values)):
        if values[step] != covered:
            continue
        longer = list(inverse)
        while True:
            shift = len(longer) // covered * step
            copy = [index + shift for index in inverse]
            expected = range(len(longer), len(longer) + covered)
            if any(i >= len(values) for i in copy) or [values[i] for i in copy] != list(expected):
                break
            longer += copy
            best = max(best, longest_inverse(values, longer))
    return best


@many
@given(layouts(max_size=40))
def test_right_inverse(a: Layout) -> None:
    r, values = el.right_inverse(a), table(a)
    indices = table(r)
    assert all(0 <= index < len(values) for index in indices)
    assert [values[index] for index in indices] == list(range(len(indices)))
    assert len(indices) == longest_inverse(values, [0])


@many
@given(layouts(kinds="crpgb"))
def test_left_inverse(a: Layout) -> None:
    inverse = result_of(el.left_inverse, a)
    if not injective(moving(a)):
        assert inverse is None
    if inverse is None:
        return
    for index, offset in enumerate(table(a)):
        back = inverse(offset)
        if injective(a):
            assert back == index
        else:
            assert evaluate(a.shape, a.stride, back) == offset


@many
@given(layouts(kinds="crgb"))
def test_left_inverse_of_blocks_exists(a: Layout) -> None:
    assert result_of(el.left_inverse, a) is not None


@pytest.mark.parametrize(
    ("a", "inverse"),
    [
        (Layout((4, 8, 2), (1, 5, 41)), "(5,8,2):(1,4,31)"),
        (Layout((2, 4, 8), (80, 10, 1)), "(10,8,2):(8,2,1)"),
        (Layout((4, 3, 2), (2, 10, 32)), "(2,5,3,2):(0,1,4,11)"),
    ],
)
def test_left_inverse_of_padded_layouts(a: Layout, inverse: str) -> None:
    found = el.left_inverse(a)
    assert [found(offset) for offset in table(a)] == list(range(el.size(a)))
    assert str(found) == inverse


# --- Division -------------------------------------------------------------------------------------


@many
@given(layouts(kinds="crpgbn"), layouts(max_size=12, kinds="crgb", max_leaves=2))
def test_logical_divide(a: Layout, t: Layout) -> None:
    r = result_of(el.logical_divide, a, t)
    rest = result_of(el.complement, t, el.size(a))
    if rest is None or el.size(moving(t)) > el.size(a):
        assert r is None
        return
    expected = result_of(el.composition, a, el.make_layout(t, rest))
    assert r == expected


@more
@given(layouts(kinds="crpgbn"), broadcast(layouts(max_size=12, kinds="crg", max_leaves=2)))
def test_divides_by_broadcast_tiles(a: Layout, t: Layout) -> None:
    """Tile j holds what the tile finds from where copy j of its image begins."""
    r = result_of(el.logical_divide, a, t)
    begins = begins_of_copies(t, el.size(a))
    assert begins is not None
    if el.size(moving(t)) > el.size(a):
        assert r is None
        return
    # The same without the broadcast modes exists where this does.
    assert (r is None) == (result_of(el.logical_divide, a, moving(t)) is None)
    if r is not None:
        expected = [evaluate(a.shape, a.stride, x + y) for y in begins for x in table(t)]
        assert table(r) == expected


@many
@given(st.data())
def test_divides_by_mode(data: Any) -> None:
    """Tile and rest of each mode find the element; tiles need not divide their mode."""
    shape = tuple(data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)))
    stride = tuple(data.draw(st.integers(-6, 30)) for _ in shape)
    count = data.draw(st.integers(1, len(shape)))
    tiler = tuple(data.draw(st.integers(1, extent)) for extent in shape[:count])
    a = Layout(shape, stride)
    logical = el.logical_divide(a, tiler)
    zipped, tiled, flat = (f(a, tiler) for f in (el.zipped_divide, el.tiled_divide, el.flat_divide))
    assert el.size(zipped, mode=[0]) == prod(tiler)
    for coord in coordinates(shape):
        inner = tuple(c % t for c, t in zip(coord, tiler, strict=False))
        outer = tuple(c // t for c, t in zip(coord, tiler, strict=False)) + coord[count:]
        offset = sum(c * d for c, d in zip(coord, stride, strict=True))
        assert zipped((inner, outer)) == offset
        assert tiled((inner, *outer)) == offset
        assert flat((*inner, *outer)) == offset
        assert logical((*zip(inner, outer, strict=False), *coord[count:])) == offset


@many
@given(layouts(kinds="crpgbn", max_size=120), st.data())
def test_divides_by_mode_with_layouts(a: Layout, data: Any) -> None:
    """Each mode is divided by its tile; the four results differ in where the halves stand."""
    assume(isinstance(a.shape, tuple))
    tiler = [
        data.draw(st.none() | layouts(max_size=el.size(mode), max_leaves=2, kinds="crpg"))
        for mode in list(a)[: data.draw(st.integers(1, a.rank))]
    ]
    firsts, seconds, pairs = [], [], []
    for i, mode in enumerate(a):
        tile = tiler[i] if i < len(tiler) else None
        halves = mode if tile is None else result_of(el.logical_divide, mode, tile)
        pairs.append(halves)
        if tile is not None and halves is not None:
            firsts.append(halves[0])
            seconds.append(halves[1])
        else:
            firsts += [Layout(1, 0)] if i < len(tiler) else []
            seconds.append(mode)
    divides = (el.logical_divide, el.zipped_divide, el.tiled_divide, el.flat_divide)
    results = [result_of(divide, a, tuple(tiler)) for divide in divides]
    if None in pairs:
        assert results == [None] * 4
        return
    logical, zipped, tiled, flat = results
    assert list(logical) == pairs
    assert (list(zipped[0]), list(zipped[1])) == (firsts, seconds)
    assert (list(tiled[0]), list(tiled)[1:]) == (firsts, seconds)
    assert list(flat) == firsts + seconds


def test_divides_with_none() -> None:
    a = Layout((8, 16), (16, 1))
    assert str(el.logical_divide(a, (None, 4))) == "(8,(4,4)):(16,(1,4))"
    assert str(el.zipped_divide(a, (None, 4))) == "((1,4),(8,4)):((0,1),(16,4))"


@pytest.mark.parametrize(
    "divide", [el.logical_divide, el.zipped_divide, el.tiled_divide, el.flat_divide, el.composition]
)
@pytest.mark.parametrize(("tiler", "mode"), [((9, 4), 0), ((8, 17), 1), ((9, 17), 0)])
def test_tiler_exceeds_tensor(divide: Any, tiler: Any, mode: int) -> None:
    with pytest.raises(EnigmaError, match="tiler exceeds tensor") as error:
        divide(Layout((8, 16)), tiler)
    extent = (8, 16)[mode]
    assert f"mode {mode}" in str(error.value)
    assert str(tiler[mode]) in str(error.value)
    assert str(extent) in str(error.value)


def test_ragged_divide() -> None:
    assert str(el.logical_divide(Layout(10), 4)) == "(4,3):(1,4)"


# --- Products -------------------------------------------------------------------------------------


@many
@given(layouts(max_size=16, kinds="crpgnb"), layouts(max_size=16, kinds="crpgbn"))
def test_logical_product(a: Layout, b: Layout) -> None:
    r = result_of(el.logical_product, a, b)
    rest = result_of(el.complement, a, el.size(a) * el.cosize(b))
    copies = result_of(el.composition, rest, b) if rest is not None else None
    if copies is None:
        assert r is None
        return
    assert r == el.make_layout(a, copies)
    # Copies of a, each moved to where b puts it.
    for j, copy in enumerate(table(copies)):
        assert copy == evaluate(rest.shape, rest.stride, table(b)[j])


@more
@given(
    broadcast(layouts(max_size=12, kinds="crpgn", max_leaves=3)),
    layouts(max_size=12, kinds="crpgb") | broadcast(layouts(max_size=6, kinds="crg")),
)
def test_products_of_broadcast_blocks(a: Layout, b: Layout) -> None:
    """Copy j of the block begins where copy b(j) of its image does."""
    begins = begins_of_copies(a, el.size(a) * el.cosize(b))
    products = {
        el.logical_product: lambda blocks, copies: el.make_layout(blocks, copies),
        el.zipped_product: lambda blocks, copies: el.make_layout(blocks, copies),
        el.tiled_product: lambda blocks, copies: el.make_layout(blocks, *copies),
        el.flat_product: lambda blocks, copies: el.make_layout(*blocks, *copies),
    }
    found = result_of(el.logical_product, a, b)
    assert begins is not None or found is None
    for product, arrange in products.items():
        r = result_of(product, a, b)
        assert (r is None) == (found is None)
        if r is not None:
            assert r == arrange(found[0], found[1])
    if found is not None:
        assert found[0] == a
        assert table(found[1]) == [begins[k] for k in table(b)]
    blocked, raked = result_of(el.blocked_product, a, b), result_of(el.raked_product, a, b)
    assert (blocked is None) == (raked is None)
    if blocked is not None:
        padded = [*a, *[Layout(1, 0)] * blocked.rank][: blocked.rank]
        assert [mode[0] for mode in blocked] == [mode[1] for mode in raked] == padded
        assert [mode[1] for mode in blocked] == [mode[0] for mode in raked]


@many
@given(broadcast(layouts(max_size=12, kinds="crg", max_leaves=2)), st.integers(1, 3))
def test_tile_to_shape_of_broadcast_blocks(block: Layout, copies: int) -> None:
    """The copies of the block begin where those of its image do."""
    shape = (el.size(block[0]) * copies, *(el.size(mode) for mode in list(block)[1:]))
    filled = result_of(el.tile_to_shape, block, shape)
    begins = begins_of_copies(block, el.size(block) * copies)
    assert begins is not None
    if filled is None:
        # Copies that follow each other evenly have a layout.
        assert result_of(el.logical_product, block, copies) is None
        return
    for coord in coordinates(shape):
        copy, first = divmod(coord[0], el.size(block[0]))
        assert filled(coord) == block((first, *coord[1:])) + begins[copy]


@many
@given(layouts(max_size=16, kinds="crgpn"), layouts(max_size=16, kinds="crgp"))
def test_blocked_and_raked_products(a: Layout, b: Layout) -> None:
    blocked, raked = result_of(el.blocked_product, a, b), result_of(el.raked_product, a, b)
    product = result_of(el.logical_product, a, b)
    assert (blocked is None) == (raked is None) == (product is None)
    if product is None:
        return
    count = max(a.rank, b.rank)
    assert blocked.rank == raked.rank == count
    for i in range(count):
        block = a[i] if i < a.rank else Layout(1, 0)
        outer = product[1] if b.depth == 0 else product[1, i] if i < b.rank else None
        copies = outer if i < b.rank else Layout(1, 0)
        assert list(blocked[i]) == [block, copies]
        assert list(raked[i]) == [copies, block]


@many
@given(st.data())
def test_products_by_mode(data: Any) -> None:
    count = data.draw(st.integers(1, 3))
    a = el.make_layout(
        *(data.draw(layouts(max_size=6, kinds="cg", max_leaves=1)) for _ in range(count))
    )
    b = tuple(data.draw(st.integers(1, 4)) for _ in range(data.draw(st.integers(1, count))))
    logical = el.logical_product(a, b)
    parts = [el.logical_product(a[i], b[i]) for i in range(len(b))]
    rests = [a[i] for i in range(len(b), count)]
    assert list(logical) == parts + rests
    firsts, seconds = [p[0] for p in parts], [p[1] for p in parts] + rests
    zipped = el.zipped_product(a, b)
    assert (list(zipped[0]), list(zipped[1])) == (firsts, seconds)
    tiled = el.tiled_product(a, b)
    assert (list(tiled[0]), list(tiled)[1:]) == (firsts, seconds)
    assert list(el.flat_product(a, b)) == firsts + seconds


@many
@given(st.data())
def test_tile_to_shape(data: Any) -> None:
    block_shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    order = data.draw(st.permutations(range(len(block_shape))))
    block = el.make_ordered_layout(block_shape, tuple(order))
    copies = [data.draw(st.integers(1, 3)) for _ in block_shape]
    shape = tuple(s * n for s, n in zip(block_shape, copies, strict=True))
    filled = el.tile_to_shape(block, shape, data.draw(st.sampled_from([None, tuple(order)])))
    assert el.product_each(filled.shape) == shape
    assert sorted(table(filled)) == list(range(prod(shape)))
    # Within every block the offsets are those of the block, from where it begins.
    for coord in coordinates(shape):
        inner = tuple(c % s for c, s in zip(coord, block_shape, strict=True))
        origin = tuple(c - i for c, i in zip(coord, inner, strict=True))
        assert filled(coord) - filled(origin) == block(inner)


@many
@given(layouts(max_size=12, kinds="crg"), st.data())
def test_tile_to_shape_in_an_order(a: Layout, data: Any) -> None:
    """Copies of any block begin one after the other, in the order of the modes."""
    block = a if isinstance(a.shape, tuple) else el.make_layout(a)
    sizes = [el.size(mode) for mode in block] + [1] * data.draw(st.integers(0, 1))
    counts = [data.draw(st.integers(1, 3)) for _ in sizes]
    order = data.draw(st.permutations(range(len(sizes))))
    shape = tuple(s * n for s, n in zip(sizes, counts, strict=True))
    filled = result_of(el.tile_to_shape, block, shape, tuple(order))
    rest = result_of(el.complement, block, prod(counts) * el.size(block))
    tiles = el.make_ordered_layout(tuple(counts), tuple(order))
    if rest is None or result_of(el.composition, rest, tiles) is None:
        assert filled is None
        return
    assert el.product_each(filled.shape) == shape
    following = coordinates(
        tuple(counts[mode] for mode in sorted(range(len(sizes)), key=order.__getitem__))
    )
    for number, digits in enumerate(following):
        tile = [digits[order[mode]] for mode in range(len(sizes))]
        for inner in coordinates(tuple(sizes)):
            whole = tuple(i + s * t for i, s, t in zip(inner, sizes, tile, strict=True))
            assert filled(whole) == block(inner[: block.rank]) + evaluate(
                rest.shape, rest.stride, number
            )


@many
@given(layouts(max_size=12, kinds="cr"), st.data())
def test_tile_to_shape_of_what_does_not_divide(a: Layout, data: Any) -> None:
    sizes = [el.size(mode) for mode in a]
    wide = [mode for mode, s in enumerate(sizes) if s > 1]
    assume(wide and isinstance(a.shape, tuple))
    mode = data.draw(st.sampled_from(wide))
    shape = [2 * s for s in sizes]
    shape[mode] += data.draw(st.integers(1, sizes[mode] - 1))
    with pytest.raises(EnigmaError, match=f"extent {shape[mode]} of mode {mode} is no multiple"):
        el.tile_to_shape(a, tuple(shape))


def test_tile_to_shape_needs_a_multiple() -> None:
    with pytest.raises(EnigmaError, match="extent 10 of mode 1 is no multiple"):
        el.tile_to_shape(Layout((2, 4)), (4, 10))


# --- Construction ---------------------------------------------------------------------------------


@many
@given(layouts(kinds="c"), st.data())
def test_make_ordered_layout(a: Layout, data: Any) -> None:
    flat = leaves(a.shape)
    order = data.draw(st.permutations(range(len(flat))))
    r = el.make_ordered_layout(a.shape, nest(a.shape, list(order)))
    assert r.shape == a.shape
    following = 1
    for leaf in sorted(range(len(flat)), key=lambda i: order[i]):
        assert leaves(r.stride)[leaf] == following
        following *= flat[leaf]


@many
@given(layouts(kinds="c"), st.data())
def test_make_ordered_layout_by_modes(a: Layout, data: Any) -> None:
    """A leaf of the order stands for a whole mode; equal ones follow each other."""
    assume(isinstance(a.shape, tuple))
    order = [data.draw(st.integers(0, 2)) for _ in a]
    r = el.make_ordered_layout(a.shape, tuple(order))
    following = 1
    for mode in sorted(range(a.rank), key=lambda i: order[i]):
        assert r[mode] == Layout(a[mode].shape, scaled(Layout(a[mode].shape).stride, following))
        following *= el.size(a[mode])


def scaled(stride: Any, factor: int) -> Any:
    if isinstance(stride, tuple):
        return tuple(scaled(mode, factor) for mode in stride)
    return stride * factor


@many
@given(layouts())
def test_make_identity_layout(a: Layout) -> None:
    identity = el.make_identity_layout(a.shape)
    for index, coord in enumerate(coordinates(a.shape)):
        assert identity(index) == identity(coord) == coord


@many
@given(st.data())
def test_tiles_of_identity_layouts(data: Any) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 8), min_size=2, max_size=2)))
    tiler = tuple(data.draw(st.integers(1, s)) for s in shape)
    tiles = el.zipped_divide(el.make_identity_layout(shape), tiler)
    for coord in coordinates(shape):
        inner = tuple(c % t for c, t in zip(coord, tiler, strict=True))
        outer = tuple(c // t for c, t in zip(coord, tiler, strict=True))
        assert tiles((inner, outer)) == coord


@many
@given(st.data())
def test_make_layout_tv(data: Any) -> None:
    """Each thread and value has an element of the tile, all of it, once."""

    def numbered() -> Layout:
        shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=2)))
        return el.make_ordered_layout(shape, data.draw(st.sampled_from([(0, 1), (1, 0)])))

    thr, val = numbered(), numbered()
    tiler, tv = el.make_layout_tv(thr, val)
    assert tiler == tuple(t * v for t, v in zip(thr.shape, val.shape, strict=True))
    assert sorted(table(tv)) == list(range(prod(tiler)))
    for t in coordinates(thr.shape):
        for v in coordinates(val.shape):
            row, column = (tc * n + vc for tc, vc, n in zip(t, v, val.shape, strict=True))
            assert tv((thr(t), val(v))) == row + column * tiler[0]


@pytest.mark.parametrize(
    ("thr", "val"),
    [
        (Layout((4, 8), (1, 8)), Layout(1)),
        # As many values as there are numbers in the gaps between the threads.
        (Layout((2, 4), (8, 1)), Layout(4)),
        (Layout(4), Layout((2, 2), (4, 1))),
        (Layout((4, 2), (1, 0)), Layout(2)),
    ],
)
def test_make_layout_tv_needs_compact_numbers(thr: Layout, val: Layout) -> None:
    with pytest.raises(EnigmaError, match="numbered from 0 without gaps"):
        el.make_layout_tv(thr, val)


# --- Recast and vectors ---------------------------------------------------------------------------


def bits(layout: Layout, width: int) -> list[int]:
    return sorted(offset * width + bit for offset in table(layout) for bit in range(width))


@more
@given(layouts(), st.integers(1, 8), st.integers(1, 8), st.booleans())
def test_recast_layout(a: Layout, new: int, old: int, overlap: bool) -> None:
    if overlap:
        a = Layout(a.shape, nest(a.shape, [min(abs(d), 2) for d in leaves(a.stride)]))
    r = result_of(el.recast_layout, new, old, a)
    if r is not None:
        assert bits(r, new) == bits(a, old)


@many
@given(layouts(), st.integers(0, 3), st.integers(0, 3))
def test_recast_to_narrower_and_back(a: Layout, new: int, old: int) -> None:
    narrow, wide = 2 ** min(new, old), 2 ** max(new, old)
    r = el.recast_layout(narrow, wide, a)
    assert bits(r, narrow) == bits(a, wide)
    assert bits(el.recast_layout(wide, narrow, r), wide) == bits(a, wide)


@many
@given(layouts(), layouts(), st.data())
def test_max_common_vector(a: Layout, b: Layout, data: Any) -> None:
    if data.draw(st.booleans()):
        # The same but for some strides.
        steps = [data.draw(st.sampled_from([d, d, d, 0, -d])) for d in leaves(a.stride)]
        b = Layout(a.shape, nest(a.shape, steps))
    shared = {x for x, y in zip(table(a), table(b), strict=False) if x == y}
    longest = next(n for n in range(len(shared) + 1) if n not in shared)
    assert el.max_common_vector(a, b) == el.max_common_vector(b, a) == longest


# --- Swizzles -------------------------------------------------------------------------------------


@many
@given(st.integers(0, 4), st.integers(0, 4), st.integers(-6, 6), st.integers(0, 1 << 14))
def test_swizzle(bit_count: int, base: int, shift: int, y: int) -> None:
    if abs(shift) < bit_count:
        with pytest.raises(EnigmaError, match="at least bits"):
            Swizzle(bit_count, base, shift)
        return
    mask = (1 << bit_count) - 1
    source = y & (mask << (base + max(shift, 0)))
    moved = source >> shift if shift >= 0 else source << -shift
    s = Swizzle(bit_count, base, shift)
    assert s(y) == y ^ moved
    if shift >= 0:
        assert s(s(y)) == y


@many
@given(layouts(max_size=48, kinds="crg"), st.integers(0, 40), st.data())
def test_swizzled_layouts(a: Layout, offset: int, data: Any) -> None:
    s = Swizzle(2, data.draw(st.integers(0, 2)), data.draw(st.sampled_from([-3, -2, 2, 3])))
    z = el.SwizzledLayout(s, offset, a)
    expected = [s(offset + x) for x in table(a)]
    assert [z(i) for i in range(el.size(z))] == expected
    b = el.zipped_divide(z, el.size(a))
    inner = el.zipped_divide(a, el.size(a))
    assert b == el.SwizzledLayout(s, offset, inner)
    index = data.draw(st.integers(0, el.size(a) - 1))
    part, zero = el.slice_and_offset(el.make_layout(a, Layout(1)), (None, 0))
    assert (list(part), zero) == ([a], 0)
    single, zero = el.slice_and_offset(z, index)
    assert (single(0), zero) == (z(index), 0)
    eval_names = {"SwizzledLayout": el.SwizzledLayout, "Swizzle": Swizzle, "Layout": Layout}
    assert eval(repr(z), eval_names) == z
    assert el.SwizzledLayout.parse(str(z)) == z


@many
@given(layouts(max_size=48, kinds="crg"), st.integers(0, 2), st.integers(0, 2), st.data())
def test_recast_of_swizzled_layouts(a: Layout, new: int, old: int, data: Any) -> None:
    s = Swizzle(2, data.draw(st.integers(0, 3)), data.draw(st.sampled_from([-2, 2, 3])))
    z = el.SwizzledLayout(s, 0, a)
    r = result_of(el.recast_layout, 2**new, 2**old, z)
    if r is None:
        assert new > old
        return

    def covered(layout: Any, width: int) -> list[int]:
        offsets = [layout(i) for i in range(el.size(layout))]
        return sorted(x * width + bit for x in offsets for bit in range(width))

    assert covered(r, 2**new) == covered(z, 2**old)


def test_composition_of_a_swizzle() -> None:
    s = Swizzle(3, 0, 3)
    z = el.composition(s, Layout((8, 8), (8, 1)))
    assert z == el.swizzle(Layout((8, 8), (8, 1)), 3, 0, 3)
    assert [z(i) for i in range(64)] == [s(x) for x in table(z.layout)]
    assert el.composition(Layout(64), z) == z
    with pytest.raises(EnigmaError, match="swizzled"):
        el.composition(Layout(64, 2), z)


@many
@given(layouts(max_size=48, kinds="crpgbn"), layouts(max_size=30, kinds="crpg"), st.data())
def test_composition_over_swizzled_layouts(a: Layout, b: Layout, data: Any) -> None:
    s = Swizzle(2, data.draw(st.integers(0, 2)), data.draw(st.sampled_from([-2, 2, 3])))
    z = el.SwizzledLayout(s, data.draw(st.sampled_from([0, 0, 8])), b)
    r = result_of(el.composition, a, z)
    if r is not None:
        inner = [z(i) for i in range(el.size(z))]
        assert [r(i) for i in range(el.size(r))] == [evaluate(a.shape, a.stride, x) for x in inner]
    # Swizzled offsets of a composition are those of the composed layout.
    composed, plain = result_of(el.composition, z, a), result_of(el.composition, b, a)
    assert composed == (None if plain is None else el.SwizzledLayout(s, z.offset, plain))


@pytest.mark.parametrize("a", [Layout(64), Layout((8, 1), (1, 8)), Layout((64, 1), (1, 0))])
def test_a_composition_that_leaves_swizzled_offsets_as_they_are(a: Layout) -> None:
    z = el.swizzle(Layout((8, 8), (8, 1)), 3, 0, 3)
    assert el.composition(a, z) == z


def test_a_mode_of_extent_1_changes_what_lies_beyond() -> None:
    z = el.swizzle(Layout(8), 1, 0, 1)
    with pytest.raises(EnigmaError, match="swizzled"):
        el.composition(Layout((4, 1), (1, 100)), z)


@many
@given(layouts(max_size=48, kinds="crg"), st.data())
def test_regrouping_of_swizzled_layouts(a: Layout, data: Any) -> None:
    """What cuts and regroups coordinates leaves the swizzle as it is."""
    z = el.swizzle(a, 2, data.draw(st.integers(0, 2)), 2)
    tile = data.draw(st.integers(1, el.size(a)))
    for divide in (el.logical_divide, el.zipped_divide, el.tiled_divide, el.flat_divide):
        plain, swizzled = result_of(divide, a, tile), result_of(divide, z, tile)
        assert swizzled == (None if plain is None else el.SwizzledLayout(z.swizzle, 0, plain))
    for regroup in (el.coalesce, el.filter, el.flatten):
        assert regroup(z) == el.SwizzledLayout(z.swizzle, 0, regroup(a))


@many
@given(layouts(max_size=48, kinds="crg"), layouts(max_size=48, kinds="crg"), st.data())
def test_max_common_vector_of_swizzled_layouts(a: Layout, b: Layout, data: Any) -> None:
    """A run that is kept by a swizzle of blocks: it begins where the block does."""
    z = el.swizzle(a, 2, data.draw(st.integers(0, 3)), data.draw(st.sampled_from([-2, 2, 3])))
    length = el.max_common_vector(z, b)
    assert (
        length == el.max_common_vector(b, z) == min(el.max_common_vector(a, b), 2**z.swizzle.base)
    )
    shared = {z(i) for i in range(min(el.size(a), el.size(b))) if z(i) == b(i)}
    assert set(range(length)) <= shared


# --- Modes ----------------------------------------------------------------------------------------


@many
@given(layouts(), st.data())
def test_modes(a: Layout, data: Any) -> None:
    modes = list(a)
    assume(isinstance(a.shape, tuple))
    assert [m.shape for m in modes] == list(a.shape)
    assert el.make_layout(*modes) == a
    picked = data.draw(st.lists(st.integers(0, a.rank - 1), min_size=1, max_size=4))
    assert list(el.select(a, *picked)) == [modes[i] for i in picked]
    begin = data.draw(st.integers(0, a.rank - 1))
    end = data.draw(st.integers(begin + 1, a.rank))
    assert list(el.take(a, begin, end)) == modes[begin:end]
    grouped = el.group_modes(a, begin, end)
    assert list(grouped) == [*modes[:begin], el.make_layout(*modes[begin:end]), *modes[end:]]
    assert table(grouped) == table(a)
    assert el.flatten(a).shape == tuple(leaves(a.shape))
    assert table(el.flatten(a)) == table(a)
    extra = data.draw(layouts(max_size=8))
    assert list(el.append(a, extra)) == [*modes, extra]
    assert list(el.prepend(a, extra)) == [extra, *modes]
    assert list(el.replace(a, begin, extra)) == [*modes[:begin], extra, *modes[begin + 1 :]]
    for i, mode in enumerate(modes):
        assert el.get(a, i) == a[i] == mode


@many
@given(layouts(), st.data())
def test_slices(a: Layout, data: Any) -> None:
    coord = data.draw(slicing_coordinates(a.shape))
    kept, offset = el.slice_and_offset(a, coord)
    assert kept == el.slice(a, coord) == el.slice(coord, a)
    # The slice enumerates the coordinates that agree with the integers, in order.
    digits = [None] * len(leaves(a.shape))

    def place(shape: Any, at: int, where: Any) -> int:
        if isinstance(where, tuple):
            for mode, c in zip(shape, where, strict=True):
                at = place(mode, at, c)
            return at
        flat = leaves(shape)
        if where is not None:
            digits[at : at + len(flat)] = leaves(el.idx2crd(where, tuple(flat)))
        return at + len(flat)

    place(a.shape, 0, coord)
    expected = [
        a(c)
        for c in coordinates(a.shape)
        if all(d is None or d == x for d, x in zip(digits, leaves(c), strict=True))
    ]
    assert [offset + x for x in table(kept)] == expected
    count = sum(c is None for c in leaves(coord))
    if count and isinstance(coord, tuple):
        assert kept.rank == count
    diced = el.dice(a, coord)
    assert el.size(diced) * el.size(kept) == el.size(a)


@pytest.mark.parametrize(
    "coord", [(None,), (None, 1, 2), ((None, 1, 2), 0), (None, (1, 2)), ((0, 0), (None, 0))]
)
def test_slices_of_the_wrong_profile_raise(coord: Any) -> None:
    a = Layout(((4, 2), 8))
    for operation in (el.slice, el.dice, el.slice_and_offset):
        with pytest.raises(EnigmaError, match="does not fit"):
            operation(a, coord)


# --- Partitions -----------------------------------------------------------------------------------


@many
@given(st.data())
def test_local_tile(data: Any) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 8), min_size=2, max_size=2)))
    a = el.make_ordered_layout(shape, data.draw(st.sampled_from([(0, 1), (1, 0)])))
    tiler = tuple(data.draw(st.integers(1, s)) for s in shape)
    coord = tuple(
        data.draw(st.integers(0, (s - 1) // t)) for s, t in zip(shape, tiler, strict=True)
    )
    tile, offset = el.local_tile(a, tiler, coord)
    assert tile.shape == tiler
    for inner in coordinates(tiler):
        whole = tuple(i + t * c for i, t, c in zip(inner, tiler, coord, strict=True))
        assert offset + tile(inner) == a(whole)
    row, offset = el.local_tile(a, tiler, (None, coord[1]))
    for x in range(el.size(row, mode=[2])):
        assert offset + row((0, 0, x)) == a((tiler[0] * x, tiler[1] * coord[1]))


@many
@given(st.data())
def test_local_partition(data: Any) -> None:
    """The threads own all elements, each once, and thread t begins at its own place."""
    threads_shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=2)))
    order = data.draw(st.sampled_from([(0, 1), (1, 0)]))
    threads = el.make_ordered_layout(threads_shape, order)
    shape = tuple(t * data.draw(st.integers(1, 3)) for t in threads_shape)
    a = Layout(shape)
    seen = []
    for t in range(el.size(threads)):
        part, offset = el.local_partition(a, threads, t)
        assert threads(el.idx2crd(offset, shape)) == t
        seen += [offset + x for x in table(part)]
    assert sorted(seen) == list(range(prod(shape)))


@many
@given(layouts(kinds="crpgbn", max_size=80), st.data())
def test_local_tiles_are_columns_of_the_zipped_layout(a: Layout, data: Any) -> None:
    assume(isinstance(a.shape, tuple))
    tiler = tuple(
        data.draw(st.none() | st.integers(1, el.size(mode)))
        for mode in list(a)[: data.draw(st.integers(1, a.rank))]
    )
    zipped = result_of(el.zipped_divide, a, tiler)
    if zipped is None:
        with pytest.raises(EnigmaError):
            el.local_tile(a, tiler, (0,) * a.rank)
        return
    for number, coord in enumerate(coordinates(el.product_each(zipped[1].shape))):
        tile, offset = el.local_tile(a, tiler, coord)
        column = [zipped((i, number)) for i in range(el.size(zipped, mode=[0]))]
        assert [offset + x for x in table(tile)] == column
        assert el.local_tile(a, tiler, number) == (tile, offset)


@many
@given(st.data())
def test_local_partition_of_what_overhangs(data: Any) -> None:
    """Thread t has the elements at its place of every tile, also of those at the end."""
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=2)))
    threads = el.make_ordered_layout(shape, tuple(data.draw(st.permutations(range(len(shape))))))
    extents = tuple(data.draw(st.integers(s, 3 * s)) for s in shape)
    a = Layout(extents, tuple(data.draw(st.integers(-9, 30)) for _ in shape))
    counts = tuple(-(-e // s) for e, s in zip(extents, shape, strict=True))
    for place in coordinates(shape):
        part, offset = el.local_partition(a, threads, threads(place))
        for number, tile in enumerate(coordinates(counts)):
            whole = tuple(p + s * t for p, s, t in zip(place, shape, tile, strict=True))
            expected = sum(c * d for c, d in zip(whole, a.stride, strict=True))
            assert offset + evaluate(part.shape, part.stride, number) == expected


def test_local_partition_errors() -> None:
    with pytest.raises(EnigmaError, match="thread 8 is none of the 8 threads"):
        el.local_partition(Layout((8, 8)), Layout((2, 4)), 8)
    with pytest.raises(EnigmaError, match="without gaps"):
        el.local_partition(Layout((8, 8)), Layout((2, 4), (1, 4)), 0)
    with pytest.raises(EnigmaError, match="tiler exceeds tensor in mode 1"):
        el.local_partition(Layout((8, 2)), Layout((2, 4)), 0)


# --- Huge layouts ---------------------------------------------------------------------------------


def sample_of(size: int, data: Any) -> list[int]:
    return [0, size - 1, *(data.draw(st.integers(0, size - 1)) for _ in range(6))]


@many
@given(huge_layouts(), huge_layouts(), st.data())
def test_huge_layouts(a: Layout, b: Layout, data: Any) -> None:
    """Near the limit of 2^62 results are right, or there are none."""
    c = el.coalesce(a)
    for i in sample_of(el.size(a), data):
        assert evaluate(c.shape, c.stride, i) == a(i)
        assert el.crd2idx(el.idx2crd(i, a), a) == a(i)
    r = result_of(el.composition, a, b)
    if r is not None:
        for i in sample_of(el.size(b), data):
            assert evaluate(r.shape, r.stride, i) == evaluate(a.shape, a.stride, b(i))
    right = el.right_inverse(a)
    for i in sample_of(el.size(right), data):
        assert a(right(i)) == i
    left = result_of(el.left_inverse, a)
    if left is not None:
        for i in sample_of(el.size(a), data):
            assert a(left(a(i))) == a(i)
    tile = data.draw(st.integers(1, min(el.size(a), 2**32)))
    divided = result_of(el.logical_divide, a, tile)
    if divided is not None:
        for i in sample_of(el.size(a), data):
            assert divided((i % tile, i // tile)) == a(i)
    rest = result_of(el.complement, a, el.size(a))
    if rest is not None:
        # As many sums as there are numbers between the least and the greatest one.
        assert el.size(moving(a)) * el.size(rest) == el.cosize(a) + el.cosize(rest) - 1
