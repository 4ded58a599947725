# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An extent that is known when the kernel runs is the number that a known one is."""

from __future__ import annotations

import numpy as np
import pytest

import enigma
from conformance import harness

SIZE = 8
USES = {
    "i < n": lambda i, n: enigma.where(0, 1, i < n),
    "n > i": lambda i, n: enigma.where(0, 1, n > i),
    "(i - n) // 3": lambda i, n: (i - n) // 3,
    "(n + i) // 2": lambda i, n: (n + i) // 2,
    "i % n": lambda i, n: i % n,
    "(n - i).to(f32)": lambda i, n: (n - i).to(enigma.f32).to(enigma.i32),
    "(i * n).to(i64)": lambda i, n: (i * n).to(enigma.i64).to(enigma.i32),
    "i16 // n": lambda i, n: (i.to(enigma.i16) // n).to(enigma.i32),
    "min(i, n)": lambda i, n: smaller(i, n),
    "imin(i, n)": lambda i, n: enigma.imin(i, n),
    "imax(n, i)": lambda i, n: enigma.imax(n, i),
    "clamp": lambda i, n: enigma.iclamp(i, -n, n),
    "range(i, n)": lambda i, n: trips(i, n),
    "range(n, i, -1)": lambda i, n: trips(n, -i, -1),
}


@enigma.func
def smaller(a, b):
    return min(a, b)


@enigma.func
def trips(*bounds):
    count = 0
    for _ in enigma.range(*bounds):
        count += 1
    return count


@enigma.kernel
def use_kernel(A, B):
    lane = enigma.thread_position_in_grid.x.to(enigma.i32)
    for k, use in enumerate(USES.values()):
        B[lane * len(USES) + k] = use(lane - 12, A.size())


@enigma.jit
def use(A, B):
    use_kernel(A, B).launch(grid=1, block=24)


def outputs(size):
    """What all uses give, by thread, for a tensor A of SIZE elements."""
    tensors = [
        enigma.Tensor("A", 0, "float", enigma.Layout(size)),
        enigma.Tensor("B", 1, "int", enigma.Layout(24 * len(USES))),
    ]
    kernel = enigma.compile(use, *tensors, emit_only=True)
    out = np.zeros((24, len(USES)), np.int32)
    arguments = {"A": np.zeros(SIZE, np.float32), "B": out, "n": SIZE}
    harness.run(kernel, args=[arguments[name] for name in kernel.param_names], grid=1, block=24)
    return out


@pytest.fixture(scope="module")
def both():
    return outputs(SIZE), outputs(enigma.dyn("n"))


@pytest.mark.parametrize("name", USES)
def test_an_extent_beside_a_negative_number(both, name):
    column = list(USES).index(name)
    known, symbolic = (out[:, column] for out in both)
    np.testing.assert_array_equal(symbolic, known)
