# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pipelines: arrays of threadgroup memory that take turns, in rolled and in unrolled loops."""

# The annotations of kernels here are variables of the function that makes them,
# which a postponed evaluation would not find.

import linecache

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import Kernels, dtype_of
from enigma import Scalar, f32, i32, u32

KERNELS = Kernels()
SIZE = 32
ORDERS = ("forward", "reverse", "shuffled:3")
STAGES = (2, 3, 4, 5)


def prefetched(stages, dtype):
    """Reverses each tile of 32, which is loaded `stages - 1` iterations ahead."""

    @enigma.kernel
    def reverse_tiles(A: dtype, B: dtype, n: Scalar(u32)):
        pipe = enigma.pipeline(dtype, SIZE, stages)
        i = enigma.thread_index_in_threadgroup()
        for k in range(stages - 1):
            if k < n:
                pipe.stage(k)[i] = A[SIZE * k + i]
        for tile in enigma.range(n):
            enigma.barrier()
            ahead = tile + (stages - 1)
            if ahead < n:
                pipe.back()[i] = A[SIZE * ahead + i]
            B[SIZE * tile + i] = pipe.front()[SIZE - 1 - i]
            pipe.advance()

    return reverse_tiles


for _stages in STAGES:
    for _name in ("f32", "i8"):
        KERNELS.add(("prefetched", _stages, _name), prefetched(_stages, dtype_of(_name)))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("tiles", [1, 2, 7, 12])
@pytest.mark.parametrize("name", ["f32", "i8"])
@pytest.mark.parametrize("stages", STAGES)
def test_loads_ahead_in_a_rolled_loop(stages, name, tiles, order):
    kernel = KERNELS["prefetched", stages, name]
    assert kernel.metal_source.count("for (") == 1
    a = np.random.default_rng(0).integers(-99, 99, (tiles, SIZE))
    a = a.astype(np.float32 if name == "f32" else np.int8)
    b = np.zeros_like(a)
    harness.run(kernel, args=[a, b, tiles], grid=1, block=SIZE, order=order)
    np.testing.assert_array_equal(b, a[:, ::-1])


def numbered(stages):
    """Fills stage k with k, and reads stages after changes that only the kernel knows."""

    @enigma.kernel
    def read(steps: i32, out: i32):
        pipe = enigma.pipeline(i32, 4, stages)
        i = enigma.thread_index_in_threadgroup().to(i32)
        for k in range(stages):
            pipe.stage(k)[i] = 10 * k + i
        enigma.barrier()
        first = pipe.front()
        for _ in enigma.range(steps[0]):
            for _ in enigma.range(2):
                pipe.advance()
            if steps[1] > 0:
                pipe.advance()
        for k in range(stages):
            out[4 * k + i] = pipe.stage(k)[i]
        at = 4 * stages
        out[at + i] = pipe.back()[i]
        out[at + 4 + i] = pipe.stage(-2)[i]
        out[at + 8 + i] = pipe.stage(steps[2])[i]
        out[at + 12 + i] = first[i]
        while steps[3] > 0:
            pipe.advance()
            steps[3] -= 1
        out[at + 16 + i] = pipe.front()[i]

    return read


for _stages in STAGES:
    KERNELS.add(("numbered", _stages), numbered(_stages))


@pytest.mark.parametrize("steps", [(0, 0, 0, 0), (1, 1, 1, 2), (4, 0, 7, 3), (5, 1, -1, 1)])
@pytest.mark.parametrize("stages", STAGES)
def test_stages_after_what_only_the_kernel_knows(stages, steps):
    out = np.zeros((stages + 5, 4), np.int32)
    # One thread a group: the last loop counts in memory.
    harness.run(
        KERNELS["numbered", stages],
        args=[np.array(steps, np.int32), out],
        grid=1,
        block=1,
    )
    front = steps[0] * (2 + (steps[1] > 0))
    distances = [*range(stages), -1, -2, steps[2], -front, steps[3]]
    expected = [10 * ((front + distance) % stages) for distance in distances]
    assert out[:, 0].tolist() == expected


@enigma.kernel
def unrolled(A: f32, B: f32):
    pipe = enigma.pipeline(f32, SIZE)
    i = enigma.thread_index_in_threadgroup()
    pipe.front()[i] = A[i]
    for tile in range(4):
        enigma.barrier()
        if tile + 1 < 4:
            pipe.back()[i] = A[SIZE * (tile + 1) + i]
        B[SIZE * tile + i] = pipe.front()[SIZE - 1 - i]
        pipe.swap()


KERNELS.add("unrolled", unrolled)


def test_what_python_knows_costs_nothing():
    kernel = KERNELS["unrolled"]
    assert "?" not in kernel.metal_source
    a = np.random.default_rng(1).random((4, SIZE), np.float32)
    b = np.zeros_like(a)
    harness.run(kernel, args=[a, b], grid=1, block=SIZE)
    np.testing.assert_array_equal(b, a[:, ::-1])


@enigma.kernel
def through_other_functions(A: f32, B: f32, n: Scalar(u32)):
    pipe = enigma.pipeline(f32, 64, stages=3)
    counts = enigma.pipeline(u32, 1, stages=2)
    lane = enigma.thread_index_in_threadgroup()
    for tile in enigma.range(n):
        for _ in enigma.range(tile % 3):
            pipe.advance()
        enigma.barrier()
        enigma.copy(A, pipe.stage(1), 2, src_offset=64 * tile + 2 * lane, dst_offset=2 * lane)
        enigma.store_if(counts.front(), 0, 0, lane == 0)
        enigma.barrier()
        matrix = enigma.simdgroup_matrix_load(pipe.stage(1), 8, transpose=True)
        enigma.simdgroup_matrix_store(matrix, pipe.stage(2), 8)
        enigma.atomic_fetch_add(counts.front(), 0, lane)
        enigma.barrier()
        view = enigma.make_tensor(pipe.stage(2), enigma.Layout((8, 7), (8, 1)), offset=1)
        if lane < 28:
            B[56 * tile + lane] = view[lane // 7, lane % 7]
            B[56 * tile + 28 + lane] = view[4 + lane // 7, lane % 7]
        if lane == 0:
            B[56 * tile] = counts.front()[0].to(f32)
        counts.swap()


KERNELS.add("through", through_other_functions)


@pytest.mark.parametrize("order", ORDERS)
def test_a_stage_is_memory_as_any_other(order):
    a = np.random.default_rng(2).random((6, 8, 8), np.float32)
    b = np.zeros((6, 8, 7), np.float32)
    harness.run(KERNELS["through"], args=[a, b, 6], grid=1, block=32, order=order)
    expected = a.transpose(0, 2, 1)[:, :, 1:].copy()
    expected[:, 0, 0] = sum(range(32))
    np.testing.assert_array_equal(b, expected)


# Bad input.


def _one_stage(A):
    enigma.pipeline(f32, 8, stages=1)


def _traced_size(A):
    enigma.pipeline(f32, A[0])


def _too_large(A):
    enigma.pipeline(f32, 4096, stages=3)


def _swap_of_three(A):
    pipe = enigma.pipeline(f32, 8, stages=3)
    pipe.swap()


def _no_such_stage(A):
    pipe = enigma.pipeline(f32, 8, stages=3)
    pipe.stage(3)


def _float_stage(A):
    pipe = enigma.pipeline(f32, 8, stages=3)
    pipe.stage(1.0)


def _traced_float_stage(A):
    pipe = enigma.pipeline(f32, 8, stages=3)
    pipe.stage(A[0].to(f32))


def _beyond_the_stage(A):
    pipe = enigma.pipeline(i32, 8, stages=3)
    A[0] = pipe.front()[8]


def _before_the_stage(A):
    pipe = enigma.pipeline(i32, 8, stages=3)
    A[0] = pipe.back()[-1]


def _view_beyond_the_stage(A):
    pipe = enigma.pipeline(i32, 8, stages=3)
    enigma.make_tensor(pipe.front(), enigma.Layout(8), offset=1)


def _indexed(A):
    pipe = enigma.pipeline(i32, 8, stages=3)
    A[0] = pipe[0]


def _carried_stage(A):
    pipe = enigma.pipeline(i32, 8)
    front = pipe.front()
    for k in enigma.range(A[0]):
        A[k] = front[k]
        pipe.advance()
        front = pipe.front()


def _context_manager(A):
    pipe = enigma.pipeline(i32, 8)
    with enigma.for_range(0, A[0]):
        pipe.advance()


@pytest.mark.parametrize(
    ("function", "line", "found", "remedy"),
    [
        (_one_stage, "enigma.pipeline(f32, 8, stages=1)", "at least 2, not 1", "threadgroup_alloc"),
        (_traced_size, "enigma.pipeline(f32, A[0])", "size is a traced i32", "constexpr"),
        (_too_large, "enigma.pipeline(f32, 4096, stages=3)", "49152 bytes", "smaller tiles"),
        (_swap_of_three, "pipe.swap()", "must be 2, not 3", "advance()"),
        (_no_such_stage, "pipe.stage(3)", "3 stages has no stage 3", "stage(2)"),
        (_float_stage, "pipe.stage(1.0)", "1.0", "stages from the front"),
        (_traced_float_stage, "pipe.stage(A[0].to(f32))", "a traced f32", "stages from the front"),
        (_beyond_the_stage, "A[0] = pipe.front()[8]", "8 elements and is indexed by 8", "[7]"),
        (_before_the_stage, "A[0] = pipe.back()[-1]", "indexed by -1", "count from 0"),
        (
            _view_beyond_the_stage,
            "enigma.make_tensor(pipe.front(), enigma.Layout(8), offset=1)",
            "reaches to element 8",
            "larger",
        ),
        (_indexed, "A[0] = pipe[0]", "no elements of its own", "front()[i]"),
        (_carried_stage, "for k in enigma.range(A[0]):", "'front' cannot be carried", "pipeline"),
        (_context_manager, "with enigma.for_range(0, A[0]):", "front", "enigma.range"),
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
