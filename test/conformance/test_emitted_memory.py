# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memory, grids, scalars and constants of emitted kernels."""

# The annotations of kernels here are variables of the function that makes them,
# which a postponed evaluation would not find.

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import (
    FLOATS,
    INTEGERS,
    NUMPY,
    Kernels,
    dtype_of,
    launch,
    sample,
    values_of,
)
from enigma import Scalar, f32, i32, u32

KERNELS = Kernels()
DTYPES = (*FLOATS, *INTEGERS, "b1")
ORDERS = ("forward", "reverse", "shuffled:1")


def shifted(dtype):
    @enigma.kernel
    def shift(A: dtype, B: dtype, n: Scalar(i32), by: Scalar(i32)):
        i = enigma.thread_position_in_grid.x.to(i32)
        source = i + by
        value = enigma.load_if(A, source, (source >= 0) & (source < n), default=1)
        enigma.store_if(B, i, value, i < n)

    return shift


def reversed_blocks(dtype):
    @enigma.kernel
    def reverse(A: dtype, B: dtype, n: Scalar(u32)):
        tile = enigma.threadgroup_alloc(dtype, 32)
        i = enigma.thread_position_in_grid
        local = enigma.thread_position_in_threadgroup
        if i < n:
            tile[local] = A[i]
        enigma.barrier()
        other = 31 - local
        position = i - local + other
        if i < n and position < n:
            B[position] = tile[local]
        enigma.barrier("mem_device")
        if i < n:
            B[i] = tile[local]

    return reverse


@enigma.kernel
def neighbours(A: i32, B: i32):
    tile = enigma.threadgroup_alloc(i32, 64)
    local = enigma.thread_position_in_threadgroup
    lane = enigma.thread_index_in_simdgroup
    tile[local] = A[enigma.thread_position_in_grid]
    enigma.simd_barrier()
    B[enigma.thread_position_in_grid] = tile[local - lane + (lane + 1) % 32]


KERNELS.add("neighbours", neighbours)


@pytest.mark.parametrize("order", ORDERS)
def test_a_simdgroup_exchanges_through_threadgroup_memory(order):
    assert "simdgroup_barrier(mem_flags::mem_threadgroup)" in KERNELS["neighbours"].metal_source
    a = np.random.default_rng(11).integers(-9, 9, 128, dtype=np.int32)
    b = np.zeros_like(a)
    harness.run(KERNELS["neighbours"], args=[a, b], grid=2, block=64, order=order)
    np.testing.assert_array_equal(b, np.roll(a.reshape(4, 32), -1, axis=1).reshape(-1))


def sorted_registers(dtype):
    @enigma.kernel
    def sort(A: dtype, B: dtype):
        i = enigma.thread_position_in_grid
        values = enigma.register_tensor(5, dtype)
        for k in range(5):
            values[k] = A[5 * i + k]
        for k in enigma.range(4):
            for j in enigma.range(4 - k):
                low = values[j]
                high = values[j + 1]
                if high < low:
                    values[j] = high
                    values[j + 1] = low
        for k in range(5):
            B[5 * i + k] = values[k]

    return sort


def scalar_kernel(dtype):
    @enigma.kernel
    def scalar(A: dtype, s: Scalar(dtype), B: dtype):
        i = enigma.thread_position_in_grid
        B[i] = enigma.where(A[i], s, A[i] < s)

    return scalar


for name in DTYPES:
    KERNELS.add(("shift", name), shifted(dtype_of(name)))
    KERNELS.add(("reverse", name), reversed_blocks(dtype_of(name)))
    KERNELS.add(("sort", name), sorted_registers(dtype_of(name)))
    KERNELS.add(("scalar", name), scalar_kernel(dtype_of(name)))


@pytest.mark.parametrize("by", [-3, 0, 5])
@pytest.mark.parametrize("name", DTYPES)
def test_no_access_where_the_mask_is_false(name, by):
    n = 45
    a = sample(name, n, np.random.default_rng(0))
    b = np.zeros_like(a)
    for guard in ("end", "start"):
        harness.run(KERNELS["shift", name], args=[a, b, n, by], grid=2, block=32, guard=guard)
        one = harness.to_bfloat(1.0) if name == "bf16" else 1
        expected = [a[i + by] if 0 <= i + by < n else one for i in range(n)]
        np.testing.assert_array_equal(b, np.array(expected, a.dtype))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", DTYPES)
def test_threadgroup_memory(name, order):
    n = 77
    a = sample(name, n, np.random.default_rng(1))
    b = np.zeros_like(a)
    harness.run(KERNELS["reverse", name], args=[a, b, n], grid=3, block=32, order=order)
    np.testing.assert_array_equal(b, a)


@pytest.mark.parametrize("name", DTYPES)
def test_registers(name):
    a = sample(name, 50, np.random.default_rng(2)).reshape(10, 5)
    b = np.zeros_like(a)
    launch(KERNELS["sort", name], a, b, threads=10)
    expected = np.sort(values_of(name, a), axis=1)
    np.testing.assert_array_equal(values_of(name, b), expected)


@pytest.mark.parametrize("name", DTYPES)
def test_scalars(name):
    a = sample(name, 40, np.random.default_rng(3))
    for s in (a[7], a[0]):
        b = np.zeros_like(a)
        launch(KERNELS["scalar", name], a, s, b, threads=40)
        x, y = values_of(name, a), values_of(name, np.array([s]))[0]
        np.testing.assert_array_equal(values_of(name, b), np.where(x < y, y, x))


QUERIES = {
    "thread_position_in_grid": lambda at: at.grid,
    "thread_position_in_threadgroup": lambda at: at.local,
    "threadgroup_position_in_grid": lambda at: at.group,
    "threads_per_threadgroup": lambda at: at.size,
    "threads_per_grid": lambda at: at.total,
    "threadgroups_per_grid": lambda at: at.groups,
    "thread_index_in_threadgroup": lambda at: [at.index],
    "thread_index_in_simdgroup": lambda at: [at.index % 32],
    "simdgroup_index_in_threadgroup": lambda at: [at.index // 32],
    "threads_per_simdgroup": lambda at: [32],
    "simdgroups_per_threadgroup": lambda at: [-(-math.prod(at.size) // 32)],
    "thread_index_in_quadgroup": lambda at: [at.index % 4],
    "quadgroup_index_in_threadgroup": lambda at: [at.index // 4],
}
POSITIONS = [name for name in QUERIES if hasattr(type(getattr(enigma, name)), "x")]
INDICES = [name for name in QUERIES if name not in POSITIONS]
RESULTS = 3 * len(POSITIONS) + len(INDICES) + 3


@enigma.kernel
def every_query(out: u32):
    position = enigma.thread_position_in_grid
    size = enigma.threads_per_grid
    at = RESULTS * (position.x + size.x * (position.y + size.y * position.z))
    k = 0
    for query in [getattr(enigma, name) for name in POSITIONS]:
        for value in (query.x, query.y, query.z):
            out[at + k] = value
            k += 1
    for query in [getattr(enigma, name) for name in INDICES]:
        out[at + k] = query()
        k += 1
    for triple in (enigma.arch.thread_idx(), enigma.arch.block_idx(), enigma.arch.block_dim()):
        out[at + k] = triple[0] + 100 * triple[1] + 10000 * triple[2]
        k += 1


KERNELS.add("every_query", every_query)


@pytest.mark.parametrize(
    ("total", "block"),
    [((70, 1, 1), (32, 1, 1)), ((9, 5, 1), (8, 4, 1)), ((7, 5, 3), (4, 3, 2))],
)
def test_queries_in_one_two_and_three_dimensions(total, block):
    out = np.zeros((*total[::-1], RESULTS), np.uint32)
    harness.run(KERNELS["every_query"], args=[out], threads=total, block=block)
    groups = [-(-t // b) for t, b in zip(total, block, strict=True)]
    for z, y, x in np.ndindex(out.shape[:3]):
        grid = (x, y, z)
        local = [p % b for p, b in zip(grid, block, strict=True)]
        group = [p // b for p, b in zip(grid, block, strict=True)]
        size = [min(b, t - g * b) for g, b, t in zip(group, block, total, strict=True)]
        index = local[0] + size[0] * (local[1] + size[1] * local[2])
        at = SimpleNamespace(
            grid=grid, local=local, group=group, size=size, total=total, groups=groups, index=index
        )
        expected = [value for name in POSITIONS + INDICES for value in QUERIES[name](at)]
        expected += [t[0] + 100 * t[1] + 10000 * t[2] for t in (local, group, size)]
        assert out[z, y, x].tolist() == expected


@enigma.kernel
def transpose(A: f32, B: f32, rows: Scalar(u32), cols: Scalar(u32)):
    tile = enigma.threadgroup_alloc(f32, 8 * 9)
    lx, ly, _ = enigma.arch.thread_idx()
    bx, by, _ = enigma.arch.block_idx()
    x = bx * 8 + lx
    y = by * 8 + ly
    if x < cols and y < rows:
        tile[ly * 9 + lx] = A[y * cols + x]
    enigma.barrier()
    x = by * 8 + lx
    y = bx * 8 + ly
    if x < rows and y < cols:
        B[y * rows + x] = tile[lx * 9 + ly]


KERNELS.add("transpose", transpose)


@pytest.mark.parametrize("order", ORDERS)
def test_a_transpose(order):
    a = np.random.default_rng(4).random((13, 21), dtype=np.float32)
    b = np.zeros((21, 13), np.float32)
    harness.run(KERNELS["transpose"], args=[a, b, 13, 21], grid=(3, 2), block=(8, 8), order=order)
    np.testing.assert_array_equal(b, a.T)


@enigma.kernel
def blur_3d(A: f32, B: f32, n: Scalar(u32)):
    x = enigma.thread_position_in_grid.x
    y = enigma.thread_position_in_grid.y
    z = enigma.thread_position_in_grid.z
    if x >= n or y >= n or z >= n:
        return
    total = 0.0
    for dz in range(3):
        for dy in range(3):
            for dx in range(3):
                sx = (x + dx).to(i32) - 1
                sy = (y + dy).to(i32) - 1
                sz = (z + dz).to(i32) - 1
                m = n.to(i32)
                inside = sx >= 0 and sx < m and sy >= 0 and sy < m and sz >= 0 and sz < m
                if inside:
                    total += A[sx + m * (sy + m * sz)]
    B[x + n * (y + n * z)] = total


KERNELS.add("blur", blur_3d)


def test_a_stencil_in_three_dimensions():
    n = 5
    a = np.random.default_rng(5).integers(0, 9, (n, n, n)).astype(np.float32)
    b = np.zeros_like(a)
    harness.run(KERNELS["blur"], args=[a, b, n], grid=(2, 2, 2), block=(4, 4, 4))
    padded = np.pad(a, 1)
    offsets = itertools.product(range(3), repeat=3)
    expected = sum(padded[z : z + n, y : y + n, x : x + n] for z, y, x in offsets)
    np.testing.assert_array_equal(b, expected)


@enigma.kernel
def constants(out: f32):
    scale = enigma.function_constant(f32, 0)
    negate = enigma.function_constant("bool", 2)
    count = enigma.function_constant(enigma.u16, 5)
    i = enigma.thread_position_in_grid
    value = scale * (i + count)
    out[i] = enigma.where(value, -value, negate)


KERNELS.add("constants", constants)


@pytest.mark.parametrize("negate", [False, True])
def test_function_constants(negate):
    out = np.zeros(8, np.float32)
    values = {0: 0.5, 2: negate, 5: 60000}
    launch(KERNELS["constants"], out, threads=8, constants=values)
    expected = 0.5 * (np.arange(8) + 60000)
    np.testing.assert_array_equal(out, -expected if negate else expected)


def constant_in_conditions(dtype):
    @enigma.func
    def limit():
        return enigma.function_constant(dtype, 65535)

    @enigma.kernel
    def select(A: dtype, out: i32):
        i = enigma.thread_position_in_grid
        if A[i] == limit():
            out[i] = 1
        elif limit() != 0:
            out[i] = 2
        else:
            out[i] = 3

    return select


for name in DTYPES:
    KERNELS.add(("constant", name), constant_in_conditions(dtype_of(name)))


@pytest.mark.parametrize("name", DTYPES)
def test_function_constants_of_every_dtype_in_conditions(name):
    kernel = KERNELS["constant", name]
    assert kernel.metal_source.count("[[function_constant(65535)]]") == 1
    a = sample(name, 12, np.random.default_rng(9))
    values = values_of(name, a)
    for k in range(4):
        out = np.zeros(12, np.int32)
        # The harness takes bf16 as a number.
        value = float(values[k]) if name == "bf16" else a[k]
        launch(kernel, a, out, threads=12, constants={65535: value})
        other = 2 if values[k] != 0 else 3
        np.testing.assert_array_equal(out, np.where(values == values[k], 1, other))


def test_two_function_constants_with_one_index():
    @enigma.kernel
    def same_dtype(A: i32):
        low = enigma.function_constant(i32, 4)
        high = enigma.function_constant(i32, 4)
        A[0] = low + high

    with pytest.raises(enigma.EnigmaError, match="another one than that of low") as caught:
        enigma.compile(same_dtype)
    assert "high = enigma.function_constant(i32, 4)" in str(caught.value)
    assert "an index of its own" in caught.value.help

    @enigma.kernel
    def other_dtype(A: i32):
        low = enigma.function_constant(i32, 4)
        high = enigma.function_constant(u32, 4)
        A[0] = low + high.to(i32)

    with pytest.raises(enigma.EnigmaError, match="is a i32 already, and now a u32") as caught:
        enigma.compile(other_dtype)
    assert "high = enigma.function_constant(u32, 4)" in str(caught.value)
    assert "an index of its own" in caught.value.help


@enigma.kernel
def ordered_accesses(A: i32, B: i32, places: i32):
    i = enigma.thread_position_in_grid
    first = A[i]
    p = places[i]
    A[p] = first + 100
    second = A[i]
    B[4 * i] = first
    A[i] = 7
    B[4 * i + 1] = second
    B[4 * i + 2] = A[p]
    old = B[4 * i]
    B[4 * i] = A[i]
    B[4 * i + 3] = old + B[4 * i]


KERNELS.add("ordered", ordered_accesses)


def test_accesses_keep_their_order():
    count = 6
    a = np.arange(10, 10 + count, dtype=np.int32)
    # Each thread touches its own element and one of the upper half.
    places = np.array([0, 7, 2, 9, 4, 11], np.int32)
    a = np.concatenate([a, np.zeros(count, np.int32)])
    b = np.zeros((count, 4), np.int32)
    launch(KERNELS["ordered"], a, b, places, threads=count)
    memory = [*range(10, 10 + count), *[0] * count]
    for i in range(count):
        p, first = int(places[i]), memory[i]
        memory[p] = first + 100
        second = memory[i]
        memory[i] = 7
        assert b[i].tolist() == [7, second, memory[p], first + 7]
    assert a.tolist() == memory


@enigma.kernel
def vectors(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    v = enigma.make_float4(A[4 * i], A[4 * i + 1], A[4 * i + 2], A[4 * i + 3])
    w = v.wzyx * 2.0 + 1
    pair = enigma.make_float2(v.x, w.y)
    m = enigma.where(v, w, v < w)
    B[8 * i] = w.x
    B[8 * i + 1] = pair.y
    B[8 * i + 2] = enigma.vec_extract(m, 2)
    B[8 * i + 3] = enigma.sqrt(enigma.abs(v)).y
    B[8 * i + 4] = enigma.fma(v, w, v).z
    B[8 * i + 5] = (-v).xy.y
    k = v.to(i32)
    B[8 * i + 6] = (k // 2 + k % 3).w.to(f32)
    B[8 * i + 7] = enigma.as_type(enigma.as_type(v, u32) ^ 0x80000000, f32).x
    three = enigma.make_float3(enigma.metal_cast(v.x * 1.5, i32), pair)
    B[8 * i] += 2 * three.x + 3 * three.z


KERNELS.add("vectors", vectors)


def test_vectors():
    a = np.random.default_rng(6).integers(-9, 9, (12, 4)).astype(np.float32)
    b = np.zeros((12, 8), np.float32)
    launch(KERNELS["vectors"], a, b, threads=12)
    w = a[:, ::-1] * 2 + 1
    k = a[:, 3].astype(np.int32)
    expected = [
        w[:, 0] + 2 * np.trunc(a[:, 0] * 1.5) + 3 * w[:, 1],
        w[:, 1],
        np.where(a < w, w, a)[:, 2],
        np.sqrt(np.abs(a))[:, 1],
        (a * w + a)[:, 2],
        -a[:, 1],
        k // 2 + k % 3,
        -a[:, 0],
    ]
    np.testing.assert_array_equal(b, np.stack(expected, axis=1))


@enigma.kernel
def literals(out: f32, ints: enigma.i64, wide: enigma.u64, halves: enigma.f16):
    out[0] = math.inf
    out[1] = -math.inf
    out[2] = math.nan
    out[3] = 1e-42
    out[4] = 3.4028234663852886e38
    out[5] = -0.0
    out[6] = 0.1
    out[7] = 16777216
    ints[0] = -(2**63)
    ints[1] = 2**63 - 1
    ints[2] = -1
    wide[0] = 2**64 - 1
    wide[1] = 2**32
    halves[0] = 65504.0
    halves[1] = -math.inf
    halves[2] = 6e-8


KERNELS.add("literals", literals, fast_math=False)


def test_literals_keep_their_values():
    out, halves = np.zeros(8, np.float32), np.zeros(3, np.float16)
    ints, wide = np.zeros(3, np.int64), np.zeros(2, np.uint64)
    launch(KERNELS["literals"], out, ints, wide, halves, threads=1)
    values = [math.inf, -math.inf, math.nan, 1e-42, 3.4028234663852886e38, -0.0, 0.1, 1 << 24]
    np.testing.assert_array_equal(out, np.array(values, np.float32))
    assert math.copysign(1, out[5]) == -1
    assert ints.tolist() == [-(2**63), 2**63 - 1, -1]
    assert wide.tolist() == [2**64 - 1, 2**32]
    np.testing.assert_array_equal(halves, np.array([65504, -math.inf, 6e-8], np.float16))


@enigma.kernel
def reserved_names(device: f32, half: f32, kernel: Scalar(f32), metal: f32):
    float4 = enigma.thread_position_in_grid
    threadgroup = device[float4] + half[float4]
    constant = threadgroup * kernel
    sqrt = enigma.sqrt(enigma.abs(constant))
    for uint in enigma.range(3):
        sqrt += uint.to(f32)
    metal[float4] = sqrt


KERNELS.add("reserved", reserved_names)


def test_names_that_metal_reserves():
    a = np.random.default_rng(7).integers(0, 50, (2, 30)).astype(np.float32)
    out = np.zeros(30, np.float32)
    launch(KERNELS["reserved"], a[0], a[1], 2.0, out, threads=30)
    np.testing.assert_array_equal(out, np.sqrt(2 * (a[0] + a[1])) + np.float32(3))


@enigma.kernel
def contexts(A: i32, out: i32):
    i = enigma.thread_position_in_grid
    with enigma.for_range(0, A[i], step=2, init=5) as (j, carry):
        carry += j
    with enigma.if_(A[i] > 4) as (then, else_):
        with then:
            out[i] = carry.value
        with else_:
            out[i] = -carry.value
    count = enigma.register_tensor(1, i32)
    with enigma.while_(lambda: count[0] < A[i]):
        count[0] += 3
    out[i] += 1000 * count[0]


KERNELS.add("contexts", contexts)


def test_context_managers():
    a = np.arange(12, dtype=np.int32)
    out = np.zeros_like(a)
    launch(KERNELS["contexts"], a, out, threads=12)
    sums = [5 + sum(range(0, n, 2)) for n in range(12)]
    expected = [(s if n > 4 else -s) + 1000 * (-(-n // 3) * 3) for n, s in enumerate(sums)]
    assert out.tolist() == expected


@enigma.kernel
def strided_kernel(A, B, scale):
    x = enigma.thread_position_in_grid.x
    y = enigma.thread_position_in_grid.y
    z = enigma.thread_position_in_grid.z
    planes, rows, cols = A.shape
    if z < planes and y < rows and x < cols:
        B[x, z, y] = A[z, y, x] * scale


@enigma.jit
def strided(A, B, scale):
    planes, rows, cols = A.shape
    strided_kernel(A, B, scale).launch(grid=(-(-cols // 4), -(-rows // 4), planes), block=(4, 4, 1))


def test_strided_tensors_of_every_dtype():
    shape = (3, 5, 6)
    compiled = {}
    for name in (*FLOATS, *INTEGERS):
        a = enigma.Tensor("A", 0, name, enigma.Layout(shape, (40, 8, 1)))
        b = enigma.Tensor("B", 1, name, enigma.Layout((6, 3, 5), (1, 6, 18)))
        compiled[name] = enigma.compile(strided, a, b, 2, emit_only=True)
        harness.declare(compiled[name])
    for name, kernel in compiled.items():
        rng = np.random.default_rng(8)
        small = rng.integers(0, 60, 120)
        a = harness.to_bfloat(small) if name == "bf16" else small.astype(NUMPY[name])
        b = np.zeros(90, a.dtype)
        harness.run(kernel, args=[a, b], grid=kernel.grid, block=kernel.block)
        used = values_of(name, a).reshape(3, 5, 8)[:, :, :6]
        out = values_of(name, b).reshape(5, 3, 6)
        np.testing.assert_array_equal(out, 2 * used.transpose(1, 0, 2))
