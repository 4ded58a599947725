# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Places in memory that integers of few bits say: what is computed from them does not wrap."""

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import INTEGERS, NUMPY, Kernels, dtype_of
from enigma import Layout, Scalar, f32, u32

KERNELS = Kernels()
# 100 is a number of every dtype, and its square, and twice of it, of few.
HUNDRED = 100
A = np.arange(20000, dtype=np.float32)
TABLE = enigma.constant_array(A[: 110 * 110].reshape(110, 110))


def places(dtype):
    """Kernels of 32 threads that are given 100 in a dtype, by what each has in `out`."""
    number = Scalar(dtype)

    @enigma.kernel
    def matrix(A: f32, out: f32, s: number, n: Scalar(u32)):
        m = enigma.simdgroup_matrix_load(A, s, offset=s, origin=(s, s))
        enigma.simdgroup_matrix_store(m, out, 8)

    @enigma.kernel
    def stored_matrix(A: f32, out: f32, s: number, n: Scalar(u32)):
        m = enigma.simdgroup_matrix_load(A, 8)
        row, column = s // 25, s - 99
        enigma.simdgroup_matrix_store(m, out, s, offset=s, origin=(column, row))

    @enigma.kernel
    def tile(A: f32, out: f32, s: number, n: Scalar(u32)):
        shared = enigma.threadgroup_alloc(f32, 2000)
        side = s // 2
        loaded = enigma.async_copy_2d_d2t(shared, s, side, A, s, s, side, side - 15)
        enigma.async_copy_wait(loaded)
        stored = enigma.async_copy_2d_t2d(out, 0, side, shared, s, side, side, side - 15)
        enigma.async_copy_wait(stored)

    @enigma.kernel
    def stage(A: f32, out: f32, s: number, n: Scalar(u32)):
        pipe = enigma.pipeline(f32, 140, stages=3)
        for _ in enigma.range(n):
            pipe.advance()
        lane = enigma.thread_index_in_simdgroup().to(dtype)
        if lane < 8:
            pipe.front()[s + lane] = A[s]
            pipe.stage(s - 98)[lane] = A[lane]
        enigma.simd_barrier()
        if lane < 8:
            out[lane] = pipe.front()[s + lane]
            pipe.advance()
            pipe.advance()
            out[lane + 8] = pipe.front()[lane]

    @enigma.kernel
    def part_of_a_stage(A: f32, out: f32, s: number, n: Scalar(u32)):
        pipe = enigma.pipeline(f32, 140, stages=2)
        for _ in enigma.range(n):
            pipe.advance()
        if enigma.simd_is_first():
            enigma.copy(A, pipe.front(), s // 10, s, s)
            part = enigma.make_tensor(pipe.front(), Layout(10), s)
            for j in range(10):
                out[j] = part[j]

    @enigma.kernel
    def table(A: f32, out: f32, s: number, n: Scalar(u32)):
        out[0] = TABLE[s, s]

    kernels = (matrix, stored_matrix, tile, stage, part_of_a_stage, table)
    return {kernel.__name__: kernel for kernel in kernels}


def block(first, row, rows, columns):
    """Elements of A: so many columns of rows that lie so far apart."""
    return (first + row * np.arange(rows)[:, None] + np.arange(columns)).astype(np.float32)


STORED = np.zeros(1300, np.float32)
for _row in range(8):
    STORED[501 + 100 * _row : 509 + 100 * _row] = A[8 * _row : 8 * _row + 8]

EXPECTED = {
    "matrix": block(HUNDRED + HUNDRED * HUNDRED + HUNDRED, HUNDRED, 8, 8),
    "stored_matrix": STORED,
    "tile": block(HUNDRED, HUNDRED, 35, 50),
    "stage": np.concatenate([np.full(8, HUNDRED), A[:8]]),
    "part_of_a_stage": A[HUNDRED : HUNDRED + 10],
    "table": A[HUNDRED * 110 + HUNDRED : HUNDRED * 110 + HUNDRED + 1],
}

for _dtype in INTEGERS:
    for _name, _kernel in places(dtype_of(_dtype)).items():
        KERNELS.add((_name, _dtype), _kernel, fast_math=False)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_place(name, dtype):
    expected = EXPECTED[name]
    out = np.zeros(expected.size, np.float32)
    harness.run(KERNELS[name, dtype], args=[A, out, HUNDRED, 1], grid=1, block=32)
    np.testing.assert_array_equal(out, expected.reshape(-1))


def counts(dtype):
    """A kernel of counts that may be negative: nothing is copied then."""
    number = Scalar(dtype)

    @enigma.kernel
    def copied(A: f32, out: f32, s: number, n: Scalar(u32)):
        shared = enigma.threadgroup_alloc(f32, 64)
        i = enigma.thread_index_in_threadgroup()
        shared[i], shared[i + 32] = 0.0, 0.0
        enigma.barrier()
        first = enigma.async_copy_1d_d2t(shared, 0, A, 1, n - 10)
        second = enigma.async_copy_2d_d2t(shared, 32, 2, A, 7, 9, s, n)
        enigma.async_copy_wait(first, second)
        out[i], out[i + 32] = shared[i], shared[i + 32]

    return copied


for _dtype in ("i32", "u32", "i16"):
    KERNELS.add(("counts", _dtype), counts(dtype_of(_dtype)), fast_math=False)


@pytest.mark.parametrize("n", [2, 3, 10, 13])
@pytest.mark.parametrize("s", [-3, 0, 2])
@pytest.mark.parametrize("dtype", ["i32", "u32", "i16"])
def test_a_count_that_may_be_negative(dtype, s, n):
    if dtype == "u32" and s < 0:
        return
    out = np.zeros(64, np.float32)
    harness.run(KERNELS["counts", dtype], args=[A, out, s, n], grid=1, block=32)
    expected = np.zeros(64, np.float32)
    expected[: max(n - 10, 0)] = A[1 : 1 + max(n - 10, 0)]
    for row in range(n if s > 0 else 0):
        expected[32 + 2 * row : 32 + 2 * row + s] = A[7 + 9 * row : 7 + 9 * row + s]
    np.testing.assert_array_equal(out, expected)


def quotients(dtype):
    """The functions that round up, of traced numbers and of a number of Python."""

    @enigma.kernel
    def rounded_up(A: dtype, B: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        out[4 * i] = enigma.ceil_div(A[i], B[i])
        out[4 * i + 1] = enigma.ceil_div(A[i], 7)
        out[4 * i + 2] = enigma.ceil_div(100, B[i])
        out[4 * i + 3] = enigma.round_up(A[i] - A[i] % 4, 4)

    return rounded_up


for _dtype in INTEGERS:
    KERNELS.add(("quotients", _dtype), quotients(dtype_of(_dtype)), fast_math=False)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_what_rounds_up_at_the_ends_of_a_dtype(dtype):
    ends = np.iinfo(NUMPY[dtype])
    numbers = [ends.min, ends.min + 1, 0, 1, 99, ends.max - 1, ends.max]
    pairs = [(a, b) for a in numbers for b in (1, 2, 100, ends.max)]
    a, b = (np.array(column, NUMPY[dtype]) for column in zip(*pairs, strict=True))
    out = np.zeros(4 * a.size, NUMPY[dtype])
    harness.run(KERNELS["quotients", dtype], args=[a, b, out], grid=1, block=a.size)
    expected = [(-(-x // y), -(-x // 7), -(-100 // y), x - x % 4) for x, y in pairs]
    assert out.reshape(-1, 4).tolist() == [list(row) for row in expected]
