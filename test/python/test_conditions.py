# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conditions and masks are bools: a number in their place is another argument."""

import numpy as np
import pytest

import enigma
from enigma.errors import OperandError


def copied(A, B, i, mask):
    enigma.copy(A, B, 4, mask_fn=lambda k: mask)


USES = {
    "where": lambda A, B, i, c: B.__setitem__(i, enigma.where(A[i], 0.0, c)),
    "load_if": lambda A, B, i, c: B.__setitem__(i, enigma.load_if(A, i, c)),
    "store_if": lambda A, B, i, c: enigma.store_if(B, i, A[i], c),
    "copy": copied,
}
# What is no condition, from a float, an integer and a position.
NUMBERS = {
    "a float": lambda a, n, i: a,
    "an integer": lambda a, n, i: n,
    "a position": lambda a, n, i: i,
    "a number": lambda a, n, i: 0.0,
    "an int": lambda a, n, i: 1,
    "a scalar of NumPy": lambda a, n, i: np.int32(1),
}
BOOLS = {
    "traced": lambda a, n, i: a > 0.0,
    "known": lambda a, n, i: True,
    "of NumPy": lambda a, n, i: np.bool_(True),
    "cast": lambda a, n, i: n.to(enigma.b1),
    "two": lambda a, n, i: (n != 0) & (a > 1.0),
}


def kernel_of(use, condition):
    @enigma.kernel
    def kernel(A: enigma.f32, N: enigma.i32, B: enigma.f32):
        i = enigma.thread_position_in_grid
        use(A, B, i, condition(A[i], N[i], i))

    return kernel


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("use", USES)
def test_numbers_are_no_conditions(use, number):
    kernel = kernel_of(USES[use], NUMBERS[number])
    with pytest.raises(OperandError, match=r"expected a bool") as caught:
        enigma.compile(kernel, emit_only=True)
    text = str(caught.value)
    assert f"enigma.{use}: " in text
    assert "`x != 0`" in text
    if use == "where":
        assert "the condition comes last" in text


@pytest.mark.parametrize("condition", BOOLS)
@pytest.mark.parametrize("use", USES)
def test_bools_are(use, condition):
    enigma.compile(kernel_of(USES[use], BOOLS[condition]), emit_only=True)


def test_the_order_of_numpy_is_refused():
    @enigma.kernel
    def relu(A: enigma.f32, B: enigma.f32):
        i = enigma.thread_position_in_grid
        B[i] = enigma.where(A[i] > 0, A[i], 0.0)

    with pytest.raises(OperandError, match="the condition comes last") as caught:
        enigma.compile(relu, emit_only=True)
    assert "enigma.where(A[i] > 0, A[i], 0.0)" in str(caught.value)


@pytest.mark.parametrize("mask", [1, 0.0])
def test_masks_of_tensors(mask):
    @enigma.kernel
    def tiles(A, B):
        B.store(A.load(mask))

    @enigma.jit
    def launch(A, B):
        tiles(A, B).launch(grid=(1, 1, 1), block=(1, 1, 1))

    A, B = (enigma.Tensor(n, i, "float", enigma.Layout(4)) for i, n in enumerate("AB"))
    with pytest.raises(OperandError, match=r"mask is .* expected a bool"):
        enigma.compile(launch, A, B, emit_only=True)
