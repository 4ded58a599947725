# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `check=True` finds on the CPU, the emitted MSL does under the conformance harness too."""

import warnings

import numpy as np
import pytest

import enigma
from conformance import harness
from enigma import Scalar, f32, i32, u32
from enigma.errors import KernelFault

pytestmark = pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")


@enigma.kernel
def bounds(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    B[i] = A[i + n]


@enigma.kernel
def writes(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    B[i + n] = A[i]


@enigma.kernel
def tile(A: f32, B: f32, n: Scalar(i32)):
    shared = enigma.threadgroup_alloc(f32, 64)
    i = i32(enigma.thread_position_in_grid)
    shared[i] = A[i]
    enigma.barrier()
    B[i] = shared[i + n]


@enigma.kernel
def barrier(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    if i >= n:
        return
    enigma.barrier()
    B[i] = A[i]


@enigma.kernel
def loop(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    for _ in enigma.range(i // n + 1):
        enigma.barrier()
    B[i] = A[i]


@enigma.kernel
def simd_barrier(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    if i < n:
        enigma.simd_barrier()
    B[i] = A[i]


@enigma.kernel
def division(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    B[i] = f32(100 % (i - n))


@enigma.kernel
def shift(A: f32, B: f32, n: Scalar(u32)):
    i = enigma.thread_position_in_grid
    B[i] = f32((u32(1) << n) + i)


# Kernel, numbers that are fine and that are not, what is found, and what the harness finds.
CASES = [
    # The harness does not see a read just before a buffer, which test_checked.py has.
    (bounds, (0,), (1, 1000, -(2**31)), "out_of_bounds", harness.OutOfBounds),
    (writes, (0,), (1, -1, 1000, -(2**31)), "out_of_bounds", harness.OutOfBounds),
    (tile, (0,), (1, -1, 500), "out_of_bounds", harness.OutOfBounds),
    (barrier, (64, 100, 0), (1, 32, 63), "divergent_barrier", harness.DivergentBarrier),
    (loop, (64, 1000), (1, 31, 32, 63), "divergent_barrier", harness.DivergentBarrier),
    (simd_barrier, (0, 32, 64), (1, 31, 33), "divergent_barrier", harness.DivergentBarrier),
    (division, (-1, 64), (0, 31, 63), "division_by_zero", harness.ArithmeticFault),
    (shift, (0, 31), (32, 2**32 - 1), "shift_out_of_range", harness.ArithmeticFault),
]
COMPILED = {}
# The compiler warns of barriers that some threads may not come to: these are made for that.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", enigma.EnigmaWarning)
    for case in CASES:
        COMPILED[case[0].name] = enigma.compile(case[0], emit_only=True)
        harness.declare(COMPILED[case[0].name])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].name)
def test_agreement(case):
    kernel, fine, faulty, kind, error = case
    compiled = COMPILED[kernel.name]
    a = np.arange(64, dtype=np.float32)
    number = np.uint32 if kernel is shift else np.int32
    for n in fine:
        b, expected = np.zeros((2, 64), np.float32)
        compiled.launch(a, b, n, threads=64, block=64, check=True)
        harness.run(compiled, args=[a, expected, number(n)], grid=1, block=64)
        assert (b == expected).all()
    for n in faulty:
        with pytest.raises(KernelFault) as raised:
            compiled.launch(a, np.zeros_like(a), n, threads=64, block=64, check=True)
        assert raised.value.kind == kind
        with pytest.raises(error):
            harness.run(compiled, args=[a, np.zeros_like(a), number(n)], grid=1, block=64)
