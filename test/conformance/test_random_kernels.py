# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random kernels compile, run without a report, and compute what their source says.

`ENIGMA_TEST_EFFORT` multiplies how many there are. A kernel that fails is printed as small as it
can be made, with its seed: ``kernel(7).source`` is what `kernel 7` was, and ``program(7).source``
the jit function `program 7`.
"""

from __future__ import annotations

import ast
import functools
import os

import pytest

from conformance.random_kernels import refusals
from conformance.random_kernels.checking import UNDEFINED, Checking, Program, shrunk
from conformance.random_kernels.forms import FORMS, UNORDERED, UNROUNDED
from conformance.random_kernels.generator import GRAFTED, kernel
from conformance.random_kernels.programs import program
from conformance.semantics.comparison import WRONG
from conformance.semantics.rows import NOWHERE, ROWS
from enigma._features import FEATURES

EFFORT = int(os.environ.get("ENIGMA_TEST_EFFORT", "1"))
SEEDS = range(50 * EFFORT)
PROGRAM_SEEDS = range(6 * EFFORT)
WRONG_SEEDS = range(63 * EFFORT)
# Of the kernels, more than this that compute something undefined would be too many.
MOST_UNDEFINED = 0.05
# So many kernels have every form.
COVERING = 250
COVERING_PROGRAMS = 25
# Families of functions that these kernels call.
FAMILIES = (
    *("math", "integer", "comparison", "simd", "quad", "threadgroup", "thread", "atomic"),
    "packing",
)
CHECKING = Checking(
    [
        *(Program(f"kernel {seed}", kernel(seed).source) for seed in SEEDS),
        *(Program(f"program {seed}", program(seed).source) for seed in PROGRAM_SEEDS),
    ]
)


@pytest.mark.parametrize("name", CHECKING.programs)
def test_kernel(name):
    outcome = CHECKING.outcome(name)
    if outcome.kind == WRONG:
        small = shrunk(CHECKING.programs[name])
        details = Checking([small]).outcome(name).details
        pytest.fail(f"{name}, made smaller:\n{small.text}\n{details}")


def test_nearly_all_kernels_are_defined():
    outcomes = [CHECKING.outcome(name) for name in CHECKING.programs]
    undefined = [outcome.details for outcome in outcomes if outcome.kind == UNDEFINED]
    assert len(undefined) <= MOST_UNDEFINED * len(outcomes), undefined


@pytest.mark.parametrize("seed", WRONG_SEEDS)
def test_wrong_kernel_is_refused(seed):
    program = refusals.wrong_program(seed)
    outcome = refusals.refusal(program)
    assert outcome.kind == refusals.REFUSED, f"{program.name}:\n{program.text}\n{outcome.details}"


@functools.cache
def covering():
    """The kernels that have every form."""
    kernels = [kernel(seed) for seed in range(COVERING)]
    return [*kernels, *(program(seed) for seed in range(COVERING_PROGRAMS))]


def test_every_form_is_made():
    made = set().union(*(each.forms for each in covering()))
    wanted = FORMS | {f"row {row.node}: {row.what}" for row in GRAFTED}
    assert wanted <= made, sorted(wanted - made)


def test_every_function_is_called():
    made = set().union(*(each.forms for each in covering()))
    wanted = {f.name for f in FEATURES if f.family in FAMILIES} - UNORDERED - UNROUNDED
    missing = {name for name in wanted if not {f"function {name}", f"query {name}", name} & made}
    assert not missing, sorted(missing)


def test_every_class_of_node_that_works_is_made():
    wanted = {row.node for row in ROWS if row.works != NOWHERE and row.available}
    trees = [ast.parse(each.source) for each in covering()]
    made = {type(node).__name__ for tree in trees for node in ast.walk(tree)}
    assert wanted <= made, sorted(wanted - made)
