# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Floats of 16 bits that are only moved keep every bit on the CPU device, those of NaNs too."""

import numpy as np
import pytest

import enigma
from enigma import bf16, f16

ALL = np.arange(1 << 16, dtype=np.uint16)


def plain(A, B, n, i, t):
    B[i] = A[i]


def gathered(A, B, n, i, t):
    B[i ^ 5] = A[i ^ 5]


def through_threadgroup_memory(A, B, n, i, t):
    tile = enigma.threadgroup_alloc(A.dtype, 64)
    tile[t ^ 1] = A[i]
    enigma.barrier()
    B[i] = tile[t ^ 1]


def through_registers(A, B, n, i, t):
    mine = enigma.register_tensor(4, A.dtype)
    mine[i % 4] = A[i]
    B[i] = mine[i % 4]


def across_a_barrier(A, B, n, i, t):
    x = A[i]
    enigma.barrier()
    B[i] = x


def chosen(A, B, n, i, t):
    x = enigma.where(A[i], A[0], i % 3 == 0)
    y = enigma.where(A[0], A[i], i % 3 == 0)
    B[i] = enigma.where(x, y, i % 3 == 0)


@enigma.func
def guarded(A, B, n, i, t):
    if i < n:
        B[i] = A[i]


@enigma.func
def in_a_branch(A, B, n, i, t):
    x = A[0]
    if A[i ^ 1] > 0:
        x = A[i]
        B[i] = x
    else:
        x = A[i]
        B[i] = A[0]
    B[i] = x


@enigma.func
def in_a_branch_with_a_barrier(A, B, n, i, t):
    x = A[0]
    if n > 3:
        enigma.barrier()
        x = A[i]
    B[i] = x


@enigma.func
def in_a_loop(A, B, n, i, t):
    x = A[0]
    for k in enigma.range(0, i % 4 + 1):
        x = A[i - i % 4 + k]
    B[i] = x


def shuffled(A, B, n, i, t):
    B[i ^ 1] = enigma.simd_shuffle_xor(A[i], 1)


WAYS = [
    plain,
    gathered,
    through_threadgroup_memory,
    through_registers,
    across_a_barrier,
    chosen,
    guarded,
    in_a_branch,
    in_a_branch_with_a_barrier,
    in_a_loop,
]
# Metal exchanges no bfloats.
CASES = [(way, dtype) for way in WAYS for dtype in (bf16, f16)] + [(shuffled, f16)]


def held(bits, dtype):
    return bits.view(np.float16) if dtype is f16 else bits


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("way", "dtype"), CASES, ids=[f"{way.__name__}-{dtype}" for way, dtype in CASES]
)
def test_numbers(way, dtype, check):
    @enigma.kernel
    def kernel(A: dtype, B: dtype, n: enigma.Scalar(enigma.u32)):
        i = enigma.thread_position_in_grid
        way(A, B, n, i, enigma.thread_index_in_threadgroup())

    for count, block in ((ALL.size, 64), (ALL.size - 24, 64), (ALL.size - 8, 48)):
        a, b = ALL.copy(), np.zeros_like(ALL)
        given = (held(a, dtype), held(b, dtype), count)
        kernel.launch(*given, threads=count, block=block, device="cpu", check=check)
        np.testing.assert_array_equal(b[:count], ALL[:count])


def by_lanes(A, B, i, lanes):
    v = A[i ^ 1]
    for k in range(lanes):
        v = enigma.vec_insert(v, k, A[i][k])
    B[i] = v


def swizzled(A, B, i, lanes):
    letters = "wzyx"[4 - lanes :]
    B[i] = getattr(getattr(A[i], letters), letters)


def in_tiles(A, B, i, lanes):
    tile = enigma.threadgroup_alloc(A.dtype, 64)
    t = enigma.thread_index_in_threadgroup()
    tile[t ^ 1] = A[i]
    enigma.barrier()
    B[i] = tile[t ^ 1]


def as_they_are(A, B, i, lanes):
    x = A[i]
    enigma.barrier()
    B[i] = x


@pytest.mark.parametrize("lanes", [2, 3, 4])
@pytest.mark.parametrize("dtype", [bf16, f16], ids=str)
@pytest.mark.parametrize("way", [by_lanes, swizzled, in_tiles, as_they_are])
def test_vectors(way, dtype, lanes):
    element = enigma.vec(dtype, lanes)

    @enigma.kernel
    def kernel(A: element, B: element):
        way(A, B, enigma.thread_position_in_grid, lanes)

    a = ALL.reshape(-1, element.nbytes // 2)
    b = np.zeros_like(a)
    kernel.launch(held(a, dtype), held(b, dtype), threads=len(a), block=64, device="cpu")
    np.testing.assert_array_equal(b[:, :lanes], a[:, :lanes])
