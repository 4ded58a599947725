# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Simdgroup and quadgroup functions, simdgroup matrices, atomics."""

from __future__ import annotations

import numpy as np
import pytest

from conformance import harness
from conformance.harness import from_bfloat, to_bfloat
from conformance.kernels import declare, elementwise

WIDTHS = {"simd": 32, "quad": 4}
REDUCTIONS = {
    "sum": np.add,
    "product": np.multiply,
    "min": np.minimum,
    "max": np.maximum,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
}
ORDERS = ["forward", "reverse", "shuffled:3"]
REDUCE = {
    (group, name): elementwise("uint", f"{group}_{name}(a)", a="uint")
    for group in WIDTHS
    for name in REDUCTIONS
}


def run_apply(source, *arrays, block=64, **options):
    *inputs, out = arrays
    harness.run(source, "apply", [*inputs, out], threads=out.shape[0], block=block, **options)
    return out


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("group", WIDTHS)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(group, name, order):
    a = np.random.default_rng(0).integers(0, 1 << 32, 128, dtype=np.uint32)
    out = run_apply(REDUCE[group, name], a, np.zeros_like(a), order=order)
    rows = a.reshape(-1, WIDTHS[group])
    with np.errstate(over="ignore"):
        expected = REDUCTIONS[name].reduce(rows, axis=1, dtype=np.uint32)
    np.testing.assert_array_equal(out, np.repeat(expected, WIDTHS[group]))


def test_the_threads_beyond_the_threadgroup_are_inactive():
    a = np.arange(1, 46, dtype=np.uint32)
    out = run_apply(REDUCE["simd", "sum"], a, np.zeros_like(a), block=45)
    assert out.tolist() == [a[:32].sum()] * 32 + [a[32:].sum()] * 13


TYPES = {
    dtype: elementwise(dtype, "simd_sum(a)", a=dtype)
    for dtype in ("char", "uchar", "short", "ushort", "int", "half", "float", "float4", "half2")
}
NUMPY = {
    "char": np.int8,
    "uchar": np.uint8,
    "short": np.int16,
    "ushort": np.uint16,
    "int": np.int32,
    "half": np.float16,
    "half2": np.float16,
    "float": np.float32,
    "float4": np.float32,
}


@pytest.mark.parametrize("dtype", TYPES)
def test_sums_of_every_type(dtype):
    lanes = int(dtype[-1]) if dtype[-1].isdigit() else 1
    a = np.random.default_rng(1).integers(0, 3, (32, lanes)).astype(NUMPY[dtype])
    out = run_apply(TYPES[dtype], a, np.zeros_like(a), block=32)
    expected = a.sum(axis=0, dtype=a.dtype)
    np.testing.assert_array_equal(out, np.broadcast_to(expected, a.shape))


SCANS = {
    (group, kind, name): elementwise("int", f"{group}_prefix_{kind}_{name}(a)", a="int")
    for group in WIDTHS
    for kind in ("exclusive", "inclusive")
    for name in ("sum", "product")
}


@pytest.mark.parametrize(("group", "kind", "name"), SCANS)
def test_scans(group, kind, name):
    width = WIDTHS[group]
    a = np.random.default_rng(2).integers(1, 3, 64, dtype=np.int32)
    out = run_apply(SCANS[group, kind, name], a, np.zeros_like(a))
    scan = np.cumsum if name == "sum" else np.cumprod
    with np.errstate(over="ignore"):
        expected = scan(a.reshape(-1, width), axis=1, dtype=np.int32)
    if kind == "exclusive":
        first = np.full((len(expected), 1), 0 if name == "sum" else 1, np.int32)
        expected = np.concatenate([first, expected[:, :-1]], axis=1)
    np.testing.assert_array_equal(out, expected.reshape(-1))


def shuffled(values, source):
    """Row-wise `values[source[lane]]`, and a lane's own value where it is None."""
    lanes = [lane if at is None else at for lane, at in enumerate(source)]
    return values[:, lanes]


def shuffles(width):
    lanes = range(width)
    return {
        "shuffle(a, ushort(1))": [1] * width,
        "shuffle(a, ushort(a % 3u))": None,
        "broadcast(a, ushort(2))": [2] * width,
        "broadcast_first(a)": [0] * width,
        "shuffle_xor(a, ushort(3))": [i ^ 3 for i in lanes],
        "shuffle_up(a, ushort(2))": [i - 2 if i >= 2 else None for i in lanes],
        "shuffle_down(a, ushort(2))": [i + 2 if i + 2 < width else None for i in lanes],
        "shuffle_rotate_up(a, ushort(1))": [(i - 1) % width for i in lanes],
        "shuffle_rotate_down(a, ushort(1))": [(i + 1) % width for i in lanes],
    }


SHUFFLES = {
    (group, call): elementwise("uint", f"{group}_{call}", a="uint")
    for group, width in WIDTHS.items()
    for call in shuffles(width)
}
FILLS = {
    "up": elementwise("uint", "simd_shuffle_and_fill_up(a, b, ushort(3))", a="uint", b="uint"),
    "down": elementwise(
        "uint", "simd_shuffle_and_fill_down(a, b, ushort(3), ushort(8))", a="uint", b="uint"
    ),
}


@pytest.mark.parametrize(("group", "call"), SHUFFLES)
def test_shuffles(group, call):
    width = WIDTHS[group]
    a = np.random.default_rng(3).integers(0, 1 << 32, 64, dtype=np.uint32)
    out = run_apply(SHUFFLES[group, call], a, np.zeros_like(a))
    rows = a.reshape(-1, width)
    source = shuffles(width)[call]
    if source is None:
        expected = np.take_along_axis(rows, (rows % 3).astype(np.int64), axis=1)
    else:
        expected = shuffled(rows, source)
    np.testing.assert_array_equal(out.reshape(-1, width), expected)


def test_shuffles_that_fill():
    a = np.arange(32, dtype=np.uint32)
    b = a + 100
    out = run_apply(FILLS["up"], a, b, np.zeros_like(a), block=32)
    assert out.tolist() == [129, 130, 131, *range(29)]
    out = run_apply(FILLS["down"], a, b, np.zeros_like(a), block=32)
    expected = [
        base + lane + 3 if lane + 3 < 8 else 100 + base + lane + 3 - 8
        for base in range(0, 32, 8)
        for lane in range(8)
    ]
    assert out.tolist() == expected


VOTES = declare("""
kernel void votes(device const uint* a [[buffer(0)]], device uint* out [[buffer(1)]],
                  uint i [[thread_position_in_grid]], uint lane [[thread_index_in_simdgroup]]) {
  bool odd = (a[i] & 1u) != 0u;
  out[8 * i] = uint(ulong(simd_ballot(odd)));
  out[8 * i + 1] = uint(simd_all(odd)) + 2u * uint(simd_any(odd));
  out[8 * i + 2] = uint(quad_all(odd)) + 2u * uint(quad_any(odd));
  out[8 * i + 3] = uint(quad_vote::vote_t(quad_ballot(odd)));
  if (lane >= 5u) {
    out[8 * i + 4] = uint(simd_is_first());
    out[8 * i + 5] = uint(ulong(simd_active_threads_mask()));
    out[8 * i + 6] = simd_sum(1u);
  } else {
    out[8 * i + 6] = simd_sum(10u);
  }
  out[8 * i + 7] = simd_broadcast_first(lane);
}
""")


@pytest.mark.parametrize("order", ORDERS)
def test_votes_and_divergence(order):
    a = np.random.default_rng(4).integers(0, 2, 64, dtype=np.uint32)
    a[:32] |= 1
    out = np.zeros((64, 8), np.uint32)
    harness.run(VOTES, "votes", [a, out], grid=1, block=64, order=order)
    for i in range(64):
        row = a[i // 32 * 32 :][:32]
        quad = a[i // 4 * 4 :][:4]
        lane = i % 32
        expected = [
            sum(int(bit) << j for j, bit in enumerate(row)),
            int(row.all()) + 2 * int(row.any()),
            int(quad.all()) + 2 * int(quad.any()),
            sum(int(bit) << j for j, bit in enumerate(quad)),
            int(lane == 5),
            0xFFFFFFE0 if lane >= 5 else 0,
            27 if lane >= 5 else 50,
            0,
        ]
        assert out[i].tolist() == expected


LOOPS = declare("""
kernel void loops(device const uint* trips [[buffer(0)]], device uint* out [[buffer(1)]],
                  uint i [[thread_position_in_grid]]) {
  uint total = 0u;
  for (uint outer = 0u; outer < 2u; ++outer) {
    total += 1000u * simd_sum(1u);
    for (uint inner = 0u; inner < trips[i]; ++inner)
      total += simd_sum(1u);
  }
  out[i] = total;
}
kernel void tail(device const uint* trips [[buffer(0)]], device uint* out [[buffer(1)]],
                 uint i [[thread_position_in_grid]]) {
  uint total = 0u;
  for (uint outer = 0u; outer < 3u; ++outer) {
    for (uint inner = 0u; inner < trips[i] * outer; ++inner)
      total += simd_sum(1u);
    total += 1000u * simd_sum(1u);
  }
  out[i] = total;
}
kernel void two_levels(device const float* in [[buffer(0)]], device float* out [[buffer(1)]],
                       uint local [[thread_position_in_threadgroup]],
                       uint tid [[thread_position_in_grid]],
                       uint group [[threadgroup_position_in_grid]],
                       uint lane [[thread_index_in_simdgroup]],
                       uint simdgroup [[simdgroup_index_in_threadgroup]],
                       uint count [[simdgroups_per_threadgroup]]) {
  threadgroup float partial[32];
  float sum = simd_sum(in[tid]);
  if (lane == 0u)
    partial[simdgroup] = sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (simdgroup == 0u) {
    sum = simd_sum(lane < count ? partial[lane] : 0.0f);
    if (lane == 0u)
      out[group] = sum;
  }
}
kernel void inactive(device float* out [[buffer(0)]], uint i [[thread_position_in_grid]]) {
  if (i >= 8u)
    out[i] = simd_shuffle(float(i), ushort(3));
}
""")


@pytest.mark.parametrize("order", ORDERS)
def test_lanes_reconverge_after_a_loop(order):
    trips = np.array([1, 3, 3, 0] * 8, np.uint32)
    out = np.zeros_like(trips)
    harness.run(LOOPS, "loops", [trips, out], grid=1, block=32, order=order)
    # In the first trip 24 lanes are active, in the next two 16.
    by_trips = {0: 0, 1: 24, 3: 24 + 16 + 16}
    assert out.tolist() == [2 * (32000 + by_trips[int(n)]) for n in trips]
    harness.run(LOOPS, "tail", [trips, out], grid=1, block=32, order=order)
    # 1 and 2 trips of 24 lanes, then the rest of 3 and 6 trips with 16.
    by_trips = {0: 0, 1: 3 * 24, 3: 3 * 24 + 6 * 16}
    assert out.tolist() == [96000 + by_trips[int(n)] for n in trips]


@pytest.mark.parametrize("order", ORDERS)
def test_a_reduction_over_two_levels(order):
    a = np.arange(4 * 256, dtype=np.float32)
    out = np.zeros(4, np.float32)
    harness.run(LOOPS, "two_levels", [a, out], grid=4, block=256, order=order)
    np.testing.assert_array_equal(out, a.reshape(4, -1).sum(axis=1))


def test_a_value_of_an_inactive_lane_is_poison():
    out = np.zeros(32, np.float32)
    harness.run(LOOPS, "inactive", [out], grid=1, block=32)
    assert np.isnan(out[8:]).all()


MATRICES = declare("""
kernel void multiply(device const float* a [[buffer(0)]], device const float* b [[buffer(1)]],
                     device float* c [[buffer(2)]], constant uint& k [[buffer(3)]]) {
  simdgroup_float8x8 sum = make_filled_simdgroup_matrix<float, 8, 8>(1.0f);
  simdgroup_float8x8 left, right;
  for (uint i = 0; i < k; i += 8) {
    simdgroup_load(left, a, k, ulong2(i, 0));
    simdgroup_load(right, b + 8 * i, 8);
    simdgroup_multiply_accumulate(sum, left, right, sum);
  }
  simdgroup_store(sum, c, 8);
}
kernel void mixed(device const half* a [[buffer(0)]], device const bfloat* b [[buffer(1)]],
                  device float* c [[buffer(2)]]) {
  threadgroup half tile[64];
  simdgroup_half8x8 left;
  simdgroup_load(left, a, 8, ulong2(0, 0), true);
  simdgroup_store(left, tile, 8);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  simdgroup_load(left, tile, 8);
  simdgroup_bfloat8x8 right;
  simdgroup_load(right, b);
  simdgroup_float8x8 product = simdgroup_float8x8(0.0f);
  simdgroup_multiply(product, left, right);
  product.thread_elements() *= 2.0f;
  simdgroup_store(product, c);
}
""")


@pytest.mark.parametrize("placement", [0, 1])
def test_simdgroup_matrices(placement):
    rng = np.random.default_rng(5)
    a = rng.integers(-4, 5, (8, 24)).astype(np.float32)
    b = rng.integers(-4, 5, (24, 8)).astype(np.float32)
    c = np.zeros((8, 8), np.float32)
    harness.run(MATRICES, "multiply", [a, b, c, 24], grid=1, block=32, matrix_placement=placement)
    np.testing.assert_array_equal(c, a @ b + 1)
    half = a[:, :8].astype(np.float16)
    bits = to_bfloat(b[:8])
    harness.run(MATRICES, "mixed", [half, bits, c], grid=1, block=32, matrix_placement=placement)
    np.testing.assert_array_equal(c, 2 * half.T.astype(np.float32) @ from_bfloat(bits))


ATOMICS = declare("""
kernel void histogram(device const uint* in [[buffer(0)]], device atomic_uint* bins [[buffer(1)]],
                      uint tid [[thread_position_in_grid]],
                      uint local [[thread_position_in_threadgroup]]) {
  threadgroup atomic_uint counts[8];
  if (local < 8u)
    atomic_store_explicit(&counts[local], 0u, memory_order_relaxed);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  atomic_fetch_add_explicit(&counts[in[tid] % 8u], 1u, memory_order_relaxed);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (local < 8u)
    atomic_fetch_add_explicit(&bins[local],
                              atomic_load_explicit(&counts[local], memory_order_relaxed),
                              memory_order_relaxed);
}
kernel void every_operation(device atomic_int* a [[buffer(0)]], device int* old [[buffer(1)]]) {
  old[0] = atomic_fetch_add_explicit(&a[0], 5, memory_order_relaxed);
  old[1] = atomic_fetch_sub_explicit(&a[1], 5, memory_order_relaxed);
  old[2] = atomic_fetch_min_explicit(&a[2], -5, memory_order_relaxed);
  old[3] = atomic_fetch_max_explicit(&a[3], 5, memory_order_relaxed);
  old[4] = atomic_fetch_and_explicit(&a[4], 5, memory_order_relaxed);
  old[5] = atomic_fetch_or_explicit(&a[5], 5, memory_order_relaxed);
  old[6] = atomic_fetch_xor_explicit(&a[6], 5, memory_order_relaxed);
  old[7] = atomic_exchange_explicit(&a[7], 5, memory_order_relaxed);
}
kernel void float_sum(device const float* in [[buffer(0)]], device atomic_float* sum [[buffer(1)]],
                      uint tid [[thread_position_in_grid]]) {
  atomic_fetch_add_explicit(sum, in[tid], memory_order_relaxed);
}
kernel void float_max(device const float* in [[buffer(0)]], device uint* most [[buffer(1)]],
                      uint tid [[thread_position_in_grid]]) {
  device atomic_uint* bits = (device atomic_uint*)most;
  uint expected = atomic_load_explicit(bits, memory_order_relaxed);
  while (as_type<float>(expected) < in[tid])
    if (atomic_compare_exchange_weak_explicit(bits, &expected, as_type<uint>(in[tid]),
                                              memory_order_relaxed, memory_order_relaxed))
      break;
}
kernel void one_try(device atomic_uint* a [[buffer(0)]], device uint* done [[buffer(1)]]) {
  for (uint i = 0; i < 6u; ++i) {
    uint expected = i;
    done[i] = uint(atomic_compare_exchange_weak_explicit(&a[i], &expected, 100u,
                                                         memory_order_relaxed,
                                                         memory_order_relaxed));
  }
}
kernel void wide(device atomic_ulong* a [[buffer(0)]], device const ulong* in [[buffer(1)]],
                 uint tid [[thread_position_in_grid]]) {
  atomic_min_explicit(&a[0], in[tid], memory_order_relaxed);
  atomic_max_explicit(&a[1], in[tid], memory_order_relaxed);
}
""")


def test_a_histogram():
    a = np.random.default_rng(6).integers(0, 100, 512, dtype=np.uint32)
    bins = np.zeros(8, np.uint32)
    harness.run(ATOMICS, "histogram", [a, bins], grid=8, block=64)
    np.testing.assert_array_equal(bins, np.bincount(a % 8, minlength=8))


def test_every_atomic_operation():
    start = np.array([1, -7, 3, 3, 12, 8, 6, 9], np.int32)
    a, old = start.copy(), np.zeros_like(start)
    harness.run(ATOMICS, "every_operation", [a, old], grid=1)
    assert old.tolist() == start.tolist()
    assert a.tolist() == [6, -12, -5, 5, 12 & 5, 8 | 5, 6 ^ 5, 5]


def test_float_atomics():
    a = np.arange(100, dtype=np.float32)
    total = np.zeros(1, np.float32)
    harness.run(ATOMICS, "float_sum", [a, total], threads=100, block=32)
    assert total[0] == a.sum()
    most = np.zeros(1, np.uint32)
    rng = np.random.default_rng(7)
    harness.run(ATOMICS, "float_max", [rng.permutation(a), most], threads=100, block=32)
    assert most.view(np.float32)[0] == 99


def test_a_weak_exchange_fails_now_and_then():
    a, done = np.arange(6, dtype=np.uint32), np.zeros(6, np.uint32)
    harness.run(ATOMICS, "one_try", [a, done], grid=1)
    assert 0 < done.sum() < 6
    np.testing.assert_array_equal(a, np.where(done, 100, np.arange(6)))
    harness.run(
        ATOMICS, "one_try", [np.arange(6, dtype=np.uint32), done], grid=1, spurious_failures=False
    )
    assert done.sum() == 6


def test_64_bit_atomics():
    values = np.random.default_rng(8).integers(0, 1 << 63, 64, dtype=np.uint64)
    a = np.array([(1 << 64) - 1, 0], np.uint64)
    harness.run(ATOMICS, "wide", [a, values], grid=1, block=64)
    assert a.tolist() == [values.min(), values.max()]
