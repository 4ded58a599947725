# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integers that are known at run time only: the results are those for the numbers."""

from __future__ import annotations

import random
from typing import Any

import pytest
from layout_cases import OPERANDS, Case, cases, forget, known
from layout_strategies import EFFORT, evaluate, leaves, prod, table

from enigma.errors import EnigmaError
from enigma.layout import Layout, SwizzledLayout

COUNT = 250 * EFFORT


def function_of(x: Any) -> Any:
    """What a result maps coordinates to; another result is what it is."""
    if isinstance(x, SwizzledLayout):
        return [x.swizzle(x.offset + offset) for offset in table(x.layout)]
    return table(x) if isinstance(x, Layout) else x


def answer(case: Case) -> tuple[Any, ...] | str:
    """The results, or the message that says why there are none."""
    try:
        return case.results()
    except EnigmaError as error:
        return str(error)


def bits(layout: Any, width: int) -> list[int]:
    return sorted(offset * width + bit for offset in function_of(layout) for bit in range(width))


def check(case: Case, found: Any, expected: Any) -> None:
    """Compare a result with the one for the numbers; where less is known, it may be another one."""
    if case.name == "max_common_vector":
        assert 1 <= found <= expected
    elif case.name == "right_inverse":
        (a,) = case.operands
        assert [a(i) for i in table(found)] == list(range(prod(leaves(found.shape))))
        assert prod(leaves(found.shape)) <= prod(leaves(expected.shape))
    elif case.name == "left_inverse":
        offsets = table(*case.operands)
        shape, stride = found.shape, found.stride
        assert [evaluate(shape, stride, x) for x in offsets] == list(map(expected, offsets))
    elif case.name == "recast_layout":
        width = case.attributes["new_bits"]
        assert isinstance(width, int)
        assert bits(found, width) == bits(expected, width)
    elif case.name == "make_identity_layout":
        assert found == expected
    else:
        assert function_of(found) == function_of(expected)


@pytest.mark.parametrize("name", sorted(set(OPERANDS) - {"make_layout_tv"}))
def test_dynamic_results_are_those_for_the_numbers(name: str) -> None:
    rng = random.Random(f"dynamic {name}")
    answered = 0
    for case in cases(name, COUNT):
        share = rng.choice([0.2, 0.5, 1.0])
        # Of an extent that is not known to be 1 a complement fills the gaps between its elements,
        # and covers more than it would need to.
        kept = (0, 1) if any(word in name for word in ("compl", "divi", "local", "prod")) else (0,)
        dynamic, values = forget(case, lambda s=share: rng.random() < s, rng.random() < 0.5, kept)
        symbolic = answer(dynamic)
        if isinstance(symbolic, str):
            continue
        results = known(symbolic, values)
        answered += bool(values)
        numbers = answer(case)
        if isinstance(numbers, str):
            # Of integers that are not known nothing tells that a tile is too large.
            assert "tiler exceeds tensor" in numbers, dynamic
            continue
        for found, expected in zip(results, numbers, strict=True):
            check(case, found, expected)
    assert answered >= 8


def test_what_needs_all_numbers_says_so() -> None:
    for case in cases("make_layout_tv", 20):
        dynamic, values = forget(case, lambda: True, False)
        if values:
            with pytest.raises(EnigmaError, match="needs static extents and strides"):
                dynamic.results()
