# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel computes is what Python computes, or the kernel is refused."""

from __future__ import annotations

import os

import pytest

from conformance.semantics import changes, frames, grammar, programs
from conformance.semantics.cases import CASES as EVERY_CASE
from conformance.semantics.comparison import REFUSED, WRONG, Comparison
from conformance.semantics.shrinking import shrunk

EFFORT = int(os.environ.get("ENIGMA_TEST_EFFORT", "1"))

SEEDS = range(200 * EFFORT)
# Of the random programs, more than this would be too many that say nothing.
MOST_REFUSED = 0.15

CASES = Comparison(EVERY_CASE)
WRAPPED = Comparison(frames.wrapped_cases(share=max(1, 16 // EFFORT)))
CHANGES = Comparison(changes.cases(share=max(1, 48 // EFFORT)))
GRAMMAR = Comparison(grammar.cases())
PROGRAMS = Comparison(programs.program(seed) for seed in SEEDS)


@pytest.mark.parametrize("name", CASES.cases)
def test_case(name):
    CASES.check(name)


@pytest.mark.parametrize("name", WRAPPED.cases)
def test_wrapped_case(name):
    WRAPPED.check(name)


@pytest.mark.parametrize("name", CHANGES.cases)
def test_change(name):
    CHANGES.check(name)


@pytest.mark.parametrize("name", GRAMMAR.cases)
def test_grammar(name):
    GRAMMAR.check(name)


def test_every_class_of_node_has_a_row():
    assert set(grammar.classes()) <= {row.node for row in grammar.ROWS}


def test_rows_are_of_their_class():
    for row in grammar.ROWS:
        assert not row.available or row.contains_its_node(), row


def test_documentation_lists_the_rows():
    page = grammar.PAGE.read_text()
    assert page == grammar.refreshed(page)


@pytest.mark.parametrize("name", PROGRAMS.cases)
def test_program(name):
    outcome = PROGRAMS.outcome(name)
    if outcome.kind == WRONG:
        small = shrunk(PROGRAMS.cases[name])
        pytest.fail(
            f"{name}, made smaller, is not what Python makes of it:\n{small.body}\n"
            f"{Comparison([small]).outcome(small.name).details}"
        )


def test_most_programs_are_not_refused():
    refused = {}
    for name in PROGRAMS.cases:
        outcome = PROGRAMS.outcome(name)
        if outcome.kind == REFUSED:
            refused[name] = outcome.details
    shown = "\n".join(refused.values())
    assert len(refused) <= MOST_REFUSED * len(PROGRAMS.cases), f"{len(refused)} refused:\n{shown}"
