# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies between device and threadgroup memory that the threads of a SIMD group make together."""

import linecache

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import Kernels
from enigma import Scalar, f32, i32, u32

KERNELS = Kernels()
ORDERS = ("forward", "reverse", "shuffled:5")


@enigma.kernel
def by_one_group(A: f32, B: f32, n: Scalar(u32)):
    tile = enigma.threadgroup_alloc(f32, 128)
    if enigma.simdgroup_index_in_threadgroup() == 0:
        loaded = enigma.async_copy_1d_d2t(tile, 3, A, 1, n)
        enigma.async_copy_wait(loaded)
    enigma.barrier()
    if enigma.simdgroup_index_in_threadgroup() == 0:
        stored = enigma.async_copy_1d_t2d(B, 0, tile, 3, n)
        enigma.async_copy_wait(stored)


@enigma.kernel
def by_all(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 6 * 10)
    first = enigma.async_copy_2d_d2t(tile, 0, 10, A, 0, 7, 7, 6)
    second = enigma.async_copy_1d_d2t(tile, 7, A, 42, 3)
    enigma.async_copy_wait(first, second)
    enigma.barrier()
    enigma.async_copy_wait(enigma.async_copy_2d_t2d(B, 1, 5, tile, 2, 10, 4, 6))


@enigma.kernel
def by_some_lanes(A: f32, B: f32, width: Scalar(i32)):
    tile = enigma.threadgroup_alloc(f32, 64)
    if enigma.thread_index_in_simdgroup() % 3 == 1:
        rows = 40 // width
        enigma.async_copy_2d_d2t(tile, 0, width, A, 0, width, width, rows)
    enigma.simd_barrier()
    enigma.async_copy_wait(enigma.async_copy_1d_t2d(B, 0, tile, 0, 40))


KERNELS.add("one group", by_one_group)
KERNELS.add("all", by_all)
KERNELS.add("some lanes", by_some_lanes)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("block", [5, 32, 48, 96])
@pytest.mark.parametrize("n", [0, 1, 100])
def test_a_stretch(n, block, order):
    a = np.random.default_rng(0).random(n + 1, np.float32)
    b = np.zeros(n + 1, np.float32)
    harness.run(KERNELS["one group"], args=[a, b, n], grid=1, block=block, order=order)
    np.testing.assert_array_equal(b, [*a[1:], 0])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("block", [7, 64])
def test_a_tile(block, order):
    a = np.random.default_rng(1).random(45, np.float32)
    b = np.zeros(31, np.float32)
    harness.run(KERNELS["all"], args=[a, b], grid=1, block=block, order=order)
    tile = np.zeros((6, 10), np.float32)
    tile[:, :7] = a[:42].reshape(6, 7)
    tile[0, 7:] = a[42:]
    expected = np.zeros(31, np.float32)
    for row in range(6):
        expected[1 + 5 * row : 5 + 5 * row] = tile[row, 2:6]
    np.testing.assert_array_equal(b, expected)


@pytest.mark.parametrize("width", [4, 8])
def test_the_threads_that_come_by_make_the_whole_copy(width):
    a = np.random.default_rng(2).random(40, np.float32)
    b = np.zeros(40, np.float32)
    harness.run(KERNELS["some lanes"], args=[a, b, width], grid=1, block=32)
    np.testing.assert_array_equal(b, a)


# Bad input.


def _wrong_direction(A):
    tile = enigma.threadgroup_alloc(i32, 8)
    enigma.async_copy_1d_d2t(A, 0, tile, 0, 8)


def _wrong_dtype(A):
    tile = enigma.threadgroup_alloc(u32, 8)
    enigma.async_copy_1d_d2t(tile, 0, A, 0, 8)


def _too_many(A):
    tile = enigma.threadgroup_alloc(i32, 8)
    enigma.async_copy_2d_d2t(tile, 0, 4, A, 0, 4, 4, 3)


def _negative(A):
    tile = enigma.threadgroup_alloc(i32, 8)
    enigma.async_copy_1d_d2t(tile, -1, A, 0, 8)


def _float_count(A):
    tile = enigma.threadgroup_alloc(i32, 8)
    enigma.async_copy_1d_d2t(tile, 0, A, 0, 8.0)


def _waits_for_nothing(A):
    enigma.async_copy_wait()


def _waits_for_memory(A):
    enigma.async_copy_wait(A)


@pytest.mark.parametrize(
    ("function", "line", "found", "remedy"),
    [
        (
            _wrong_direction,
            "enigma.async_copy_1d_d2t(A, 0, tile, 0, 8)",
            "threadgroup memory",
            "d2t",
        ),
        (_wrong_dtype, "enigma.async_copy_1d_d2t(tile, 0, A, 0, 8)", "i32, tile of u32", "convert"),
        (
            _too_many,
            "enigma.async_copy_2d_d2t(tile, 0, 4, A, 0, 4, 4, 3)",
            "element 11 of tile, which has 8 elements",
            "fewer",
        ),
        (_negative, "enigma.async_copy_1d_d2t(tile, -1, A, 0, 8)", "not negative, not -1", ""),
        (_float_count, "enigma.async_copy_1d_d2t(tile, 0, A, 0, 8.0)", "8.0", "count elements"),
        (_waits_for_nothing, "enigma.async_copy_wait()", "missing", "keep it"),
        (_waits_for_memory, "enigma.async_copy_wait(A)", "buffer A", "keep it"),
    ],
)
def test_what_is_refused(function, line, found, remedy):
    function.__annotations__["A"] = i32
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(enigma.kernel(function))
    error = caught.value
    assert error.location.filename == __file__
    assert linecache.getline(__file__, error.location.line).strip() == line
    assert found in str(error)
    assert remedy in error.help
