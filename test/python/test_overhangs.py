# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Coordinates of the elements of a view in what it was made of, for every way to make one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from layout_cases import tilers
from layout_strategies import (
    coordinates,
    layouts,
    leaves,
    many,
    prod,
    slicing_coordinates,
    table,
)

import enigma.layout as el
from enigma._layout import operands, overhangs, places
from enigma.errors import EnigmaError
from enigma.layout import Layout

#: What makes a view of a tensor.
OPERATIONS = [
    *("logical_divide", "zipped_divide", "tiled_divide", "flat_divide", "composition"),
    *("local_tile", "local_partition", "slice", "coalesce", "flatten"),
    *("get", "select", "take", "group_modes", "filter"),
]
#: Those whose result may reach beyond what it is made of.
CUTTING = OPERATIONS[:7]


@st.composite
def whole_numbers(draw: Any, a: Layout, *kinds: str) -> Any:
    """What an operation is given beside the layout."""
    count = el.rank(a)
    given: list[Any] = []
    for kind in kinds:
        if kind == "tiler":
            whole = draw(st.booleans()) or not a.depth
            size = el.size(a)
            given.append(draw(layouts(max_size=size, kinds="crg") if whole else tilers(a, "crgb")))
        elif kind == "thr_layout":
            shape = tuple(draw(st.integers(1, el.size(mode))) for mode in a)
            given.append(el.make_ordered_layout(shape, draw(st.permutations(range(count)))))
        elif kind in ("coord", "index"):
            given.append(None)
        elif kind in ("path", "modes"):
            given.append([draw(st.integers(0, count - 1))])
        elif kind == "begin":
            begin = draw(st.integers(0, count - 1))
            given += [begin, draw(st.integers(begin + 1, count))]
        elif kind == "profile":
            given.append(draw(st.sampled_from([None, (1,) * count if a.depth else None])))
    return given


@many
@given(st.data())
@pytest.mark.parametrize("operation", OPERATIONS)
def test_elements_keep_their_places(operation: str, data: Any) -> None:
    """The element at a coordinate of the part is the one at the coordinate in the whole."""
    kinds = operands(operation)[1:]
    a = data.draw(layouts(kinds="crpg", max_size=40))
    assume(a.depth)
    arguments = data.draw(whole_numbers(a, *kinds))
    if operation == "slice":
        arguments = [data.draw(slicing_coordinates(a.shape))]
    try:
        if operation == "local_tile":
            rests = el.zipped_divide(a, arguments[0])[1]
            arguments[1] = data.draw(slicing_coordinates(rests.shape))
        elif operation == "local_partition":
            arguments[1] = data.draw(st.integers(0, el.size(arguments[0]) - 1))
        function = el.slice_and_offset if operation == "slice" else getattr(el, operation)
        found = function(a, *arguments)
    except EnigmaError:
        assume(False)
        return
    part, start = found if isinstance(found, tuple) else (found, 0)
    given = (a, *arguments)
    exceeds = overhangs(operation, *given)
    for index, coord in enumerate(coordinates(part.shape)):
        (above, extents), *outside_of = places(operation, coord, *given)
        (by_index, _), *_ = places(operation, index, *given)
        assert el.crd2idx(above, a) == el.crd2idx(by_index, a) == start + el.crd2idx(coord, part)
        if operation not in CUTTING:
            assert not exceeds
            continue
        # What lies below the bounds is an element of the whole.
        assert prod(leaves(extents)) == el.size(a)
        exists = is_below(above, extents)
        assert not exists or el.crd2idx(above, a) in table(a)
        assert exceeds or exists
        # Where the coordinates are a layout, it tells the same of the element.
        assert len(outside_of) == exceeds
        for found, bounds in outside_of:
            assert el.crd2idx(found, a) == el.crd2idx(above, a)
            assert is_below(found, bounds) == exists


def is_below(coord: Any, extents: Any) -> bool:
    """Whether each integer of a coordinate is less than its extent."""
    return all(x < extent for x, extent in zip(leaves(coord), leaves(extents), strict=True))
