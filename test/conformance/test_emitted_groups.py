# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions over SIMD groups and quad groups, in every dtype that threads can exchange."""

# The annotations of kernels here are variables of the function that makes them, which a postponed
# evaluation would not find.

import functools
import itertools

import numpy as np
import pytest

import enigma
from conformance import harness, reference
from conformance.emitted import NUMPY, Kernels, dtype_of, sample
from enigma import u64

WIDTHS = {"simd": 32, "quad": 4}
DTYPES = ("i8", "u8", "i16", "u16", "i32", "u32", "f16", "f32")
LANES = (1, 2, 4)
THREADS = 64
ORDERS = ("forward", "reverse", "shuffled:5")
KERNELS = Kernels()
# What is summed and multiplied; the others take values of all sizes.
ARITHMETIC = ("sum", "product")


def names_for(dtype):
    bitwise = ("and", "or", "xor")
    return [name for name in reference.GROUP if dtype[0] != "f" or name not in bitwise]


def group_kernel(group, dtype, lanes):
    element, names, width = dtype_of(dtype), names_for(dtype), WIDTHS[group]
    count = len(names)

    def value_of(buffer, i):
        if lanes == 1:
            return buffer[i]
        return enigma.make_vec(*[buffer[lanes * i + k] for k in range(lanes)])

    @enigma.kernel
    def apply(A: element, B: element, F: element, out: element):
        i = enigma.thread_position_in_grid
        fill = value_of(F, i)
        for k, name in enumerate(names):
            x = value_of(A if name.endswith(ARITHMETIC) else B, i)
            operands = reference.GROUP_OPERANDS.get(name, lambda *_: ())
            lane = enigma.thread_index_in_simdgroup % width
            y = getattr(enigma, f"{group}_{name}")(x, *operands(lane, fill, width))
            for part in range(lanes):
                out[(count * i + k) * lanes + part] = y if lanes == 1 else y[part]

    return apply


for case in itertools.product(WIDTHS, DTYPES, LANES):
    KERNELS.add(case, group_kernel(*case))


@functools.cache
def inputs_of(dtype, lanes):
    rng = np.random.default_rng(0)
    # Few are not 1 or -1, so that products fit all dtypes, and no sum leaves one.
    a = np.ones((THREADS, lanes), NUMPY[dtype])
    a[rng.integers(0, THREADS, 4)] = 2
    if dtype[0] != "u":
        a[rng.integers(0, THREADS, 20)] *= -1
    b, fill = (sample(dtype, THREADS * lanes, rng).reshape(a.shape) for _ in range(2))
    return a, b, fill


@functools.cache
def outputs_of(group, dtype, lanes, order):
    a, b, fill = inputs_of(dtype, lanes)
    out = np.zeros((THREADS, len(names_for(dtype)), lanes), NUMPY[dtype])
    kernel = KERNELS[group, dtype, lanes]
    harness.run(kernel, args=[a, b, fill, out], threads=THREADS, block=THREADS, order=order)
    return out


@pytest.mark.parametrize("group", WIDTHS)
@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for dtype in DTYPES for name in names_for(dtype)]
)
def test_functions_of_groups(name, group, dtype):
    for lanes, order in [*((lanes, "forward") for lanes in LANES), (1, ORDERS[1]), (1, ORDERS[2])]:
        a, b, fill = inputs_of(dtype, lanes)
        x = a if name.endswith(ARITHMETIC) else b
        out = outputs_of(group, dtype, lanes, order)[:, names_for(dtype).index(name)]
        for part in range(lanes):
            rows, fills = (v[:, part].reshape(-1, WIDTHS[group]) for v in (x, fill))
            expected = reference.GROUP[name](rows, fills)
            np.testing.assert_array_equal(out[:, part].reshape(rows.shape), expected)


ASKED = [f"{group}_{name}" for group in WIDTHS for name in (*reference.VOTES, *reference.PRESENCE)]


@enigma.kernel
def ask(A: enigma.u32, out: u64):
    i = enigma.thread_position_in_grid
    odd = A[i] % 2 == 1
    if A[i] < 12:
        for k, name in enumerate(ASKED):
            function = getattr(enigma, name)
            given = (odd,) if name.partition("_")[2] in reference.VOTES else ()
            out[len(ASKED) * i + k] = function(*given).to(u64)


KERNELS.add("ask", ask)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", ASKED)
def test_votes_of_the_active_threads(name, order):
    a = np.random.default_rng(1).integers(0, 16, THREADS, np.uint32, endpoint=False)
    a[:4], a[4:8] = 15, (1, 3, 5, 7)
    out = np.full((THREADS, len(ASKED)), 99, np.uint64)
    harness.run(KERNELS["ask"], args=[a, out], threads=THREADS, block=THREADS, order=order)
    group, _, what = name.partition("_")
    width = WIDTHS[group]
    for i in range(THREADS):
        given = out[i, ASKED.index(name)]
        if a[i] >= 12:
            assert given == 99
            continue
        first = i - i % width
        votes = {k: a[first + k] % 2 == 1 for k in range(width) if a[first + k] < 12}
        if what in reference.VOTES:
            expected = reference.VOTES[what](votes)
        else:
            expected = reference.PRESENCE[what](i % width, votes)
        assert given == int(expected)


@enigma.kernel
def two_levels(A: enigma.f32, out: enigma.f32):
    partial = enigma.threadgroup_alloc(enigma.f32, 32)
    lane = enigma.thread_index_in_simdgroup
    total = enigma.simd_sum(A[enigma.thread_position_in_grid])
    if enigma.simd_is_first():
        partial[enigma.simdgroup_index_in_threadgroup] = total
    enigma.barrier()
    if enigma.simdgroup_index_in_threadgroup == 0:
        rest = partial[lane] if lane < enigma.simdgroups_per_threadgroup else 0.0
        total = enigma.simd_sum(rest)
        if lane == 0:
            out[enigma.threadgroup_position_in_grid] = total


KERNELS.add("two_levels", two_levels)


@pytest.mark.parametrize("order", ORDERS)
def test_a_reduction_over_two_levels(order):
    a = np.arange(4 * 256, dtype=np.float32)
    out = np.zeros(4, np.float32)
    harness.run(KERNELS["two_levels"], args=[a, out], threads=1024, block=256, order=order)
    np.testing.assert_array_equal(out, a.reshape(4, -1).sum(axis=1))


@enigma.kernel
def lanes_of_vectors(A: enigma.i32, B: enigma.i32):
    i = enigma.thread_position_in_grid
    v = enigma.make_vec(A[i], A[i + THREADS], A[i] + 1)
    B[8 * i] = enigma.simd_max(v.xy).y
    B[8 * i + 1] = enigma.simd_shuffle(v.zx, 3).x
    B[8 * i + 2] = enigma.quad_broadcast_first(v.zyx).x
    B[8 * i + 3] = enigma.simd_shuffle_and_fill_up(v.yz, v.xx, 1).x
    w = v.yx
    B[8 * i + 4] = enigma.simd_shuffle_and_fill_up(w, v.xz, 1).x
    B[8 * i + 5] = enigma.simd_shuffle_and_fill_up(v.xy, w, 1).x
    B[8 * i + 6] = enigma.quad_prefix_inclusive_sum(v.yx).y
    B[8 * i + 7] = enigma.simd_xor(v.xxxx).w


KERNELS.add("lanes", lanes_of_vectors)


def test_some_lanes_of_a_vector():
    x, y = np.random.default_rng(2).integers(-99, 99, (2, THREADS), np.int32)
    out = np.zeros((THREADS, 8), np.int32)
    a = np.concatenate([x, y])
    harness.run(KERNELS["lanes"], args=[a, out.reshape(-1)], threads=THREADS, block=THREADS)
    rows = x.reshape(-1, 32), y.reshape(-1, 32)
    first = np.arange(THREADS) % 32 == 0
    # The first thread gets the filling of the last one of its group.
    before_x, before_y = (np.roll(row, 1, axis=1).reshape(-1) for row in rows)
    expected = [
        np.repeat(rows[1].max(axis=1), 32),
        np.repeat(rows[0][:, 3] + 1, 32),
        np.repeat(x[::4] + 1, 4),
        np.where(first, before_x, before_y),
        np.where(first, before_x, before_y),
        np.where(first, before_y, before_x),
        np.cumsum(x.reshape(-1, 4), axis=1).reshape(-1),
        np.repeat(np.bitwise_xor.reduce(rows[0], axis=1), 32),
    ]
    np.testing.assert_array_equal(out, np.stack(expected, axis=1))


JOINS = [name for name in reference.GROUP if name.endswith(ARITHMETIC)]
WRAPPING = ("u8", "u16", "u32")
# What a group joins: nothing of it says in the emitted text that it is unsigned.
CONSTANTS = {
    "scalar": lambda dtype, i: dtype(37),
    "vector": lambda dtype, i: enigma.make_vec(dtype(37), dtype(5)),
    "choice": lambda dtype, i: enigma.where(dtype(5), dtype(37), i < THREADS),
}


def join_of_constants(dtype, what):
    element = dtype_of(dtype)
    signed = dtype_of(dtype.replace("u", "i"))

    @enigma.kernel
    def join(out: enigma.i64):
        i = enigma.thread_position_in_grid
        constant = CONSTANTS[what](element, i)
        for k, (group, name) in enumerate(itertools.product(WIDTHS, JOINS)):
            joined = getattr(enigma, f"{group}_{name}")(constant)
            first = joined.x if what == "vector" else joined
            # Read as a signed number.
            out[len(WIDTHS) * len(JOINS) * i + k] = first.to(signed).to(enigma.i64)

    return join


for case in itertools.product(WRAPPING, CONSTANTS):
    KERNELS.add(("join", *case), join_of_constants(*case))


@pytest.mark.parametrize("what", CONSTANTS)
@pytest.mark.parametrize("dtype", WRAPPING)
def test_unsigned_constants_wrap(dtype, what):
    out = np.zeros((THREADS, len(WIDTHS) * len(JOINS)), np.int64)
    harness.run(KERNELS["join", dtype, what], args=[out], threads=THREADS, block=THREADS)
    columns = iter(out.T)
    for width in WIDTHS.values():
        given = np.full((THREADS // width, width), 37, NUMPY[dtype])
        for name in JOINS:
            with np.errstate(over="ignore"):
                expected = reference.GROUP[name](given, given).reshape(-1)
            signed = expected.astype(NUMPY[dtype.replace("u", "i")])
            np.testing.assert_array_equal(next(columns), signed, f"{width} {name}")
