# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Loops that Python runs while tracing end, or are reported."""

import itertools

import pytest

import enigma


@enigma.kernel
def endless_while(A: enigma.f32):
    while True:
        pass


@enigma.kernel
def endless_for(A: enigma.f32):
    for _ in itertools.count():
        pass


@enigma.kernel
def traced_exit(A: enigma.f32):
    x = A[0]
    while True:
        x = x * 0.5
        if x < 1.0:
            break
    A[0] = x


@pytest.mark.parametrize(
    ("kernel", "line"), [(endless_while, "while True:"), (endless_for, "itertools.count()")]
)
def test_an_endless_loop_is_reported(kernel, line):
    with pytest.raises(enigma.EnigmaError, match="does not come to an end") as caught:
        enigma.compile(kernel)
    assert "test_unrolling.py:" in str(caught.value)
    assert line in str(caught.value)


def test_a_traced_exit_makes_a_loop_of_the_kernel():
    source = enigma.compile(traced_exit).metal_source
    assert "while (" in source
