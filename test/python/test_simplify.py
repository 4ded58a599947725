# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `enigma-simplify` leaves it would leave as it is: no operation is visited too early.

A simplification looks at operations around its own; this finds one that is not tried again once
these have changed.
"""

import pytest

import demo
from conformance.random_kernels.checking import Program
from conformance.random_kernels.generator import kernel as random_kernel
from conformance.random_kernels.programs import program as random_program
from conformance.semantics.comparison import Text
from conformance.semantics.comparison import _compile as compile_case
from enigma.compiler.compilations import forget
from enigma.compiler.observers import Observer, observed

SEEDS = range(25)


class SimplifiedAgain(Observer):
    """Simplifies a second time what was simplified, and compares."""

    def __init__(self):
        self.count = 0
        self.changed = []

    def begins(self, function, options):
        pass

    def ran(self, session, trace, step):
        if "enigma-simplify" not in step:
            return
        self.count += 1
        kernel = trace.module
        before = str(kernel)
        session.pipeline(step).run(kernel)
        if str(kernel) != before:
            self.changed.append((before, str(kernel)))

    def ends(self, compiled):
        pass


@pytest.fixture
def watching():
    forget()
    observer = SimplifiedAgain()
    with observed(observer):
        yield observer
    assert observer.count >= 2
    for before, after in observer.changed:
        assert after == before


@pytest.mark.parametrize("name", demo.NAMES)
def test_examples(name, watching):
    assert list(demo.launches_of([name]))


@pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")
@pytest.mark.parametrize("make", [random_kernel, random_program])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_kernels(make, seed, watching):
    found = compile_case(Program(f"{make.__name__} {seed}", make(seed).source))
    assert isinstance(found, Text)
