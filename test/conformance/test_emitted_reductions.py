# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions over threadgroups of any size and dtype, on the CPU device too, which finds races."""

# The annotations of kernels here are variables of the function that makes them, which a postponed
# evaluation would not find.

import math

import numpy as np
import pytest

import enigma
from conformance import cpu_device, harness, reference
from conformance.emitted import NUMPY, Kernels, dtype_of, sample
from enigma import Layout, Tensor

DTYPES = ("i8", "u8", "i16", "u16", "i32", "u32", "f16", "f32")
GROUPS = 2
KERNELS = Kernels()
# Of one SIMD group, of whole ones, and of such that the last one is a part of.
BLOCKS = [(1,), (32,), (5, 3, 2), (64,), (8, 4, 3), (1024,), (33,), (31, 33), (2, 9, 5)]
BLOCKS += [(int(size),) for size in np.random.default_rng(7).integers(1, 1025, 3)]


def names_for(dtype):
    bitwise = ("and", "or", "xor")
    return [name for name in reference.REDUCTIONS if dtype[0] != "f" or name not in bitwise]


def reduction(dtype, lanes=1):
    """A kernel with all functions, in which threads get the results one after the other."""
    element, names = dtype_of(dtype), names_for(dtype)

    def value_of(buffer, i):
        if lanes == 1:
            return buffer[i]
        return enigma.make_vec(*[buffer[lanes * i + k] for k in range(lanes)])

    @enigma.kernel
    def apply(A: element, B: element, out: element):
        block = enigma.threads_per_threadgroup
        size = block.x * block.y * block.z
        i = enigma.threadgroup_position_in_grid.x * size + enigma.thread_index_in_threadgroup
        for k, name in enumerate(names):
            x = value_of(A if name in ("sum", "product") else B, i)
            y = getattr(enigma, f"threadgroup_{name}")(x)
            for part in range(lanes):
                out[(len(names) * i + k) * lanes + part] = y if lanes == 1 else y[part]

    return apply


def known(dtype, block):
    """The same, launched by a function that says with how many threads."""
    threads = GROUPS * math.prod(block)
    kernel = reduction(dtype)

    @enigma.jit
    def run(A, B, out):
        kernel(A, B, out).launch(grid=GROUPS, block=block)

    sizes = (threads, threads, threads * len(names_for(dtype)))
    tensors = [
        Tensor(name, i, dtype_of(dtype), Layout(size))
        for i, (name, size) in enumerate(zip(("A", "B", "out"), sizes, strict=True))
    ]
    return run, tensors


for dtype in DTYPES:
    KERNELS.add((dtype, 1), reduction(dtype))
VECTORS = [("f16", 3), ("u8", 2), ("i32", 4)]
for case in VECTORS:
    KERNELS.add(case, reduction(*case))
KNOWN = [(DTYPES[i % 8], block) for i, block in enumerate(BLOCKS)]
for case in KNOWN:
    run, tensors = known(*case)
    KERNELS.add(case, run, *tensors)


def inputs_of(dtype, count, lanes=1):
    rng = np.random.default_rng(count)
    # Sums and products that fit all dtypes.
    a = np.ones((count, lanes), NUMPY[dtype])
    if dtype[0] != "u":
        a[1::2] = -1
    a[rng.integers(0, count, min(4, count))] *= 2
    return a, sample(dtype, max(count * lanes, 4), rng)[: count * lanes].reshape(a.shape)


def check(kernel, dtype, block, lanes=1, on_cpu=False):
    size = math.prod(block)
    a, b = inputs_of(dtype, GROUPS * size, lanes)
    names = names_for(dtype)
    blocks = {"grid": GROUPS, "block": block}
    out = np.zeros((GROUPS * size, len(names), lanes), NUMPY[dtype])
    if on_cpu:
        cpu_device.run(
            kernel,
            [a.reshape(-1), b.reshape(-1), out.reshape(-1)],
            **blocks,
            threads=None,
            constants={},
            threadgroup_memory={},
        )
    else:
        harness.run(kernel, args=[a, b, out], order="shuffled:3", **blocks)
    for k, name in enumerate(names):
        given = a if name in ("sum", "product") else b
        for part in range(lanes):
            with np.errstate(over="ignore"):
                expected = reference.GROUP[name](given[:, part].reshape(GROUPS, size), None)
            np.testing.assert_array_equal(
                out[:, k, part].reshape(GROUPS, size), expected, f"{name} of {block}"
            )


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_blocks_of_any_size(block):
    dtype = DTYPES[-1 - sum(block) % len(DTYPES)]
    check(KERNELS[dtype, 1], dtype, block)


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    check(KERNELS[dtype, 1], dtype, (70,))


@pytest.mark.parametrize(("dtype", "lanes"), VECTORS)
def test_vectors(dtype, lanes):
    check(KERNELS[dtype, lanes], dtype, (70,), lanes)


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_blocks_that_are_known(case):
    dtype, block = case
    check(KERNELS[case], dtype, block)


@pytest.mark.parametrize("case", [KNOWN[3], KNOWN[4], KNOWN[6]], ids=str)
def test_blocks_on_the_cpu(case):
    dtype, block = case
    check(KERNELS[case], dtype, block, on_cpu=True)


def test_memory_of_the_parts():
    sizes = {block: KERNELS[dtype, block].threadgroup_bytes for dtype, block in KNOWN}
    assert sizes[(32,)] == sizes[(5, 3, 2)] == 0
    # Two arrays of an element for each SIMD group.
    assert KERNELS["f32", 1].threadgroup_bytes == 2 * 32 * 4


@enigma.kernel
def in_loops(A: enigma.f32, n: enigma.Scalar(enigma.u32), out: enigma.f32):
    """One that is alone in a loop, two, and three, and one in a branch that all take."""
    t = enigma.thread_index_in_threadgroup
    size = enigma.threads_per_threadgroup.x
    i = enigma.threadgroup_position_in_grid.x * size + t
    x, found = A[i], 0.0
    for k in enigma.range(n):
        found += enigma.threadgroup_sum(enigma.where(0.0, x, t % n == k))
    for _ in enigma.range(n):
        most = enigma.threadgroup_max(x + found)
        found += most - enigma.threadgroup_min(x + most)
    for _ in enigma.range(n):
        one = enigma.threadgroup_max(x)
        two = enigma.threadgroup_min(x - one)
        found += enigma.threadgroup_max(x + two) - two
        if found > 0:
            found -= enigma.threadgroup_sum(x)
    out[i] = found


KERNELS.add("in_loops", in_loops)


@pytest.mark.parametrize(("block", "device"), [(64, "cpu"), (65, "harness"), (65, "cpu")])
def test_reductions_in_loops(block, device):
    """Without races, and with one result for all threads."""
    a = np.random.default_rng(1).integers(-4, 5, GROUPS * block).astype(np.float32)
    expected = []
    for row in a.reshape(GROUPS, block).astype(np.float64):
        found = row.sum()
        for _ in range(3):
            most = (row + found).max()
            found += most - (row + most).min()
        for _ in range(3):
            two = (row - row.max()).min()
            found += (row + two).max() - two
            if found > 0:
                found -= row.sum()
        expected += [found] * block
    out = np.zeros_like(a)
    if device == "harness":
        harness.run(KERNELS["in_loops"], args=[a, 3, out], grid=GROUPS, block=block)
    elif block % 32 == 0:

        @enigma.jit
        def run(A, n, out):
            in_loops(A, n, out).launch(grid=GROUPS, block=block)

        run(a, 3, out, check=True)
    else:
        in_loops.launch(a, 3, out, grid=GROUPS, block=block, check=True)
    np.testing.assert_array_equal(out, np.array(expected, np.float32))


@enigma.kernel
def extremes(A: enigma.f32, out: enigma.f32):
    i = enigma.thread_position_in_grid
    out[2 * i] = enigma.threadgroup_min(A[i])
    out[2 * i + 1] = enigma.threadgroup_max(A[i])


@pytest.mark.parametrize(("block", "is_known"), [(40, False), (32, True), (96, True)])
def test_what_is_not_a_number(block, is_known):
    """It is left out, as `simd_min` leaves it out, unless there is nothing else."""

    @enigma.jit
    def run(A, out):
        extremes(A, out).launch(grid=1, block=block)

    for count in (0, 1, block):
        a = np.full(block, np.nan, np.float32)
        a[:count] = np.arange(count)
        out = np.zeros(2 * block, np.float32)
        if is_known:
            run(a, out)
        else:
            extremes.launch(a, out, grid=1, block=block)
        expected = [0, count - 1] if count else [np.nan, np.nan]
        np.testing.assert_array_equal(out.reshape(block, 2), [expected] * block)


def test_a_sum_of_negative_zeros():
    @enigma.kernel
    def total(A: enigma.f32, out: enigma.f32):
        i = enigma.thread_position_in_grid
        out[i] = enigma.threadgroup_sum(A[i])

    @enigma.jit
    def run(A, out):
        total(A, out).launch(grid=1, block=64)

    out = np.ones(64, np.float32)
    run(np.full(64, -0.0, np.float32), out)
    assert (np.signbit(out) & (out == 0)).all()
