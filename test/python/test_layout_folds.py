# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The dialect's inference and folds give what the algebra gives in Python."""

from __future__ import annotations

import random

import pytest
from dialect_operations import algebra_operations
from layout_cases import OPERANDS, Case, cases, forget
from layout_ir import Builder, build, context, integer, ir, parsed, scratch_module, type_text
from layout_strategies import EFFORT

from enigma.errors import EnigmaError
from enigma.layout import Dyn

COUNT = 150 * EFFORT
#: Operations whose result is an `index`, not a tuple.
MEASURES = ("cosize", "get_leaf", "max_common_vector", "size")


def unknown(leaf: Dyn) -> ir.Value:
    """An integer of which MLIR knows nothing."""
    return build("test.unknown", results=[parsed("index")]).result


def expected_types(case: Case) -> list[str] | None:
    """The types of the results by Python's algebra, or None where there is no answer."""
    try:
        results = case.results()
    except EnigmaError:
        return None
    return ["index" if case.name in MEASURES else type_text(result) for result in results]


def inferred(case: Case) -> list[ir.Value] | None:
    """The results built in the current module, or None where inference fails."""
    try:
        return Builder(unknown).case(case)
    except ir.MLIRError:
        return None


def check_types(case: Case) -> list[ir.Value] | None:
    results = inferred(case)
    expected = expected_types(case)
    found = None if results is None else [str(result.type) for result in results]
    assert found == expected, case
    return results


@pytest.mark.parametrize("name", OPERANDS)
def test_static_operands_fold(name: str) -> None:
    known: list[tuple[Case, int]] = []
    with scratch_module() as module:
        for case in cases(name, COUNT):
            results = check_types(case)
            if results is not None:
                known.append((case, len(results)))
                # What uses the results keeps them when they are folded.
                build("test.use", results)
        assert len(known) > COUNT // 4
        ir.Pipeline("builtin.module(canonicalize)", context()).run(module)
        uses = [op for op in module.body.operations if op.name == "test.use"]
        for (case, count), use in zip(known, uses, strict=True):
            assert len(use.operands) == count
            for operand, result in zip(use.operands, case.results(), strict=True):
                source = operand.definition
                assert source is not None
                if name in MEASURES:
                    assert source.name == "arith.constant", case
                    assert source.get_attribute("value") == integer("index", result)
                else:
                    assert source.name == "enigma.static", case
                    assert str(operand.type) == type_text(result), case


@pytest.mark.parametrize("name", OPERANDS)
def test_dynamic_operands(name: str) -> None:
    rng = random.Random(f"folds of {name}")
    answered = 0
    with scratch_module():
        for case in cases(name, COUNT):
            share = rng.choice([0.2, 0.5, 1.0])
            dynamic, values = forget(case, lambda s=share: rng.random() < s, rng.random() < 0.5)
            results = check_types(dynamic)
            answered += results is not None and bool(values)
    assert answered > 0 or name == "make_layout_tv"


def test_every_operation_has_cases() -> None:
    others = {"static", "make_int_tuple", "make_tiler"}
    views = {"make_tensor", "recast_tensor", "make_identity_tensor", "get_layout"}
    views |= {"element_offset", "element_coord", "element_exists"}
    accesses = {"load_element", "store_element", "load_fragment", "store_fragment", "copy", "fill"}
    assert set(algebra_operations()) == set(OPERANDS) | others | views | accesses | {"in_bounds"}
