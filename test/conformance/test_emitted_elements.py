# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memory whose elements are vectors, and memory seen as elements of another type."""

import dataclasses
import itertools

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
    rounded,
    small_sample,
    values_of,
)

COUNT = 24
FLOAT3, FLOAT4, PACKED3 = "float3", "float4", "packed_float3"
KERNELS = Kernels()
DTYPES = (*FLOATS, *INTEGERS)
TYPES = [
    (dtype, lanes, packed) for dtype in DTYPES for lanes in (2, 3, 4) for packed in (False, True)
]


def space(lanes, packed):
    """The lanes whose space an element takes."""
    return 4 if lanes == 3 and not packed else lanes


def array_of(dtype, lanes, packed, rng, count=COUNT):
    """An array of vectors, as a host has it: a row for each."""
    return small_sample(dtype, count * space(lanes, packed), rng).reshape(count, -1)


def stored(dtype, values):
    return harness.to_bfloat(values) if dtype == "bf16" else values.astype(NUMPY[dtype])


# Whole vectors: read, written, augmented.


def whole(element):
    @enigma.kernel
    def kernel(A: element, B: element):
        i = enigma.thread_position_in_grid
        v = A[i]
        B[i] = v + v
        B[i] += v.x
        A[i] = 3

    return kernel


for dtype, lanes, packed in TYPES:
    KERNELS.add(("whole", dtype, lanes, packed), whole(enigma.vec(dtype_of(dtype), lanes, packed)))


@pytest.mark.parametrize(("dtype", "lanes", "packed"), TYPES)
def test_whole_vectors(dtype, lanes, packed):
    rng = np.random.default_rng(0)
    a, b = (array_of(dtype, lanes, packed, rng) for _ in range(2))
    if dtype in INTEGERS:
        a //= 4
    was_a = a.copy()
    launch(KERNELS["whole", dtype, lanes, packed], a, b, threads=COUNT)
    v = values_of(dtype, was_a)
    with np.errstate(over="ignore"):
        twice = rounded(dtype, v + v)
        expected = rounded(dtype, twice + v[:, :1])
    np.testing.assert_array_equal(values_of(dtype, b)[:, :lanes], expected[:, :lanes])
    np.testing.assert_array_equal(a[:, :lanes], stored(dtype, np.full((COUNT, lanes), 3.0)))


# Lanes: each written for itself.


def lanes_of_memory(element, lanes):
    @enigma.kernel
    def kernel(A: element, B: element):
        i = enigma.thread_position_in_grid
        B[i].y = A[i].x
        B[i].x += A[i].y
        if lanes == 3:
            B[i].z = 5
        if lanes == 4:
            B[i].wz = A[i].zw
            B[i].zw -= 1

    return kernel


for dtype, lanes, packed in TYPES:
    element = enigma.vec(dtype_of(dtype), lanes, packed)
    KERNELS.add(("lanes", dtype, lanes, packed), lanes_of_memory(element, lanes))


@pytest.mark.parametrize(("dtype", "lanes", "packed"), TYPES)
def test_lanes(dtype, lanes, packed):
    rng = np.random.default_rng(1)
    a, b = (array_of(dtype, lanes, packed, rng) for _ in range(2))
    if dtype in INTEGERS:
        a, b = a // 4, b // 4
    v, w = values_of(dtype, a), values_of(dtype, b).copy()
    compiled = KERNELS["lanes", dtype, lanes, packed]
    launch(compiled, a, b, threads=COUNT)
    with np.errstate(over="ignore"):
        w[:, 1] = v[:, 0]
        w[:, 0] = rounded(dtype, w[:, 0] + v[:, 1])
        if lanes == 3:
            w[:, 2] = 5
        if lanes == 4:
            w[:, 3], w[:, 2] = v[:, 2], v[:, 3]
            w[:, 2:] = rounded(dtype, w[:, 2:] - 1)
    # With the fourth lane of what takes the space of 4: nothing writes it.
    np.testing.assert_array_equal(values_of(dtype, b), w)
    assert "B[i] = " not in compiled.metal_source


# The text is what one would write.


def test_text():
    @enigma.kernel
    def kernel(
        A: enigma.vec(enigma.f32, 4),
        P: PACKED3,
        B: FLOAT4,
        v: enigma.Scalar(enigma.vec(enigma.f32, 4)),
    ):
        i = enigma.thread_position_in_grid
        B[i] = A[i] * v
        B[i].zw = P[i].xy

    text = enigma.compile(kernel, emit_only=True).metal_source
    for line in (
        "device const float4* A [[buffer(0)]]",
        "device const packed_float3* P [[buffer(1)]]",
        "device float4* B [[buffer(2)]]",
        "constant float4& v [[buffer(3)]]",
        "B[i] = A[i] * v;",
        "((device float*)(B + i))[2] = ",
        "((device float*)(B + i))[3] = ",
    ):
        assert line in text, text


# Other memory, and what accesses it.


def everywhere(element):
    @enigma.kernel
    def kernel(A: element, B: element, C: element, s: enigma.Scalar(element), n: enigma.u32):
        i = enigma.thread_position_in_grid
        tile = enigma.threadgroup_alloc(element, 8)
        mine = enigma.register_tensor(2, element)
        k = i % 8
        tile[k] = A[i]
        tile[k].x = 1
        enigma.barrier()
        mine[0] = tile[7 - k]
        mine[1] = mine[0] * s
        mine[1].y += 2
        B[i] = mine[i % 2]
        C[i] = enigma.load_if(A, i, i % 3 != 0, 7)
        enigma.store_if(C, i, s, i % 5 == 0)
        enigma.copy(A, C, 1, 0, 24 + i)

    return kernel


OTHERS = [("f32", 4), ("f16", 3), ("u8", 4), ("i64", 2), ("bf16", 2)]
for dtype, lanes in OTHERS:
    KERNELS.add(("everywhere", dtype, lanes), everywhere(enigma.vec(dtype_of(dtype), lanes)))


@pytest.mark.parametrize(("dtype", "lanes"), OTHERS)
def test_other_memory(dtype, lanes):
    rng = np.random.default_rng(2)
    a, b = (array_of(dtype, lanes, False, rng) for _ in range(2))
    if dtype in INTEGERS:
        a //= 4
    c = array_of(dtype, lanes, False, rng, 2 * COUNT)
    s = np.arange(2, 2 + lanes)
    given = stored(dtype, s.astype(np.float32))
    launch(
        KERNELS["everywhere", dtype, lanes],
        a, b, c, given, np.zeros(1, np.uint32), threads=COUNT, block=8,
    )  # fmt: skip
    v = values_of(dtype, a)[:, :lanes].copy()
    tile = v.copy()
    tile[:, 0] = 1
    mirror = tile.reshape(-1, 8, lanes)[:, ::-1].reshape(-1, lanes)
    with np.errstate(over="ignore"):
        second = rounded(dtype, mirror * s.astype(v.dtype))
        second[:, 1] = rounded(dtype, second[:, 1] + 2)
    i = np.arange(COUNT)
    np.testing.assert_array_equal(
        values_of(dtype, b)[:, :lanes], np.where((i % 2 == 0)[:, None], mirror, second)
    )
    expected = np.where((i % 3 != 0)[:, None], v, 7)
    expected[::5] = s
    out = values_of(dtype, c)
    np.testing.assert_array_equal(out[:COUNT, :lanes], expected)
    np.testing.assert_array_equal(out[COUNT:, :lanes], np.tile(v[0], (COUNT, 1)))


def test_layouts_of_vectors():
    @enigma.kernel
    def transpose(A, B):
        x, y, _ = enigma.arch.thread_idx()
        B[x, y] = A[y, x]
        B[x, y].w = 1

    @enigma.jit
    def program(A, B):
        transpose(A, B).launch(grid=1, block=(8, 4, 1))

    tensors = [
        enigma.Tensor("A", 0, "float4", enigma.Layout((4, 8), (8, 1))),
        enigma.Tensor("B", 1, enigma.vec(enigma.f32, 4), enigma.Layout((8, 4), (4, 1))),
    ]
    compiled = enigma.compile(program, *tensors, emit_only=True)
    a = np.random.default_rng(3).standard_normal((4, 8, 4)).astype(np.float32)
    b = np.zeros((8, 4, 4), np.float32)
    harness.run(compiled, args=[a, b], grid=1, block=(8, 4, 1))
    expected = a.transpose(1, 0, 2).copy()
    expected[..., 3] = 1
    np.testing.assert_array_equal(b, expected)


def test_copies_of_vectors():
    @enigma.kernel
    def kernel(A: FLOAT3, B: FLOAT3):
        tile = enigma.threadgroup_alloc("float3", 16)
        t = enigma.make_tensor(tile, enigma.Layout((2, 8), (8, 1)))
        a = enigma.make_tensor(A, enigma.Layout((2, 12), (12, 1)))
        b = enigma.make_tensor(B, enigma.Layout((2, 12), (1, 2)))
        enigma.copy(enigma.local_tile(a, (2, 8), (0, 0)), t)
        t[0, 3].x = 9
        enigma.copy(t, enigma.local_tile(b, (2, 8), (0, 0)))
        enigma.local_tile(b, (2, 8), (0, 1)).fill(enigma.make_float3(1, 2, 3))
        for k in range(8):
            enigma.local_tile(b, (2, 8), (0, 1))[1, k].y = 4

    a = np.random.default_rng(4).standard_normal((2, 12, 4)).astype(np.float32)
    b = np.zeros((12, 2, 4), np.float32)
    launch(enigma.compile(kernel, emit_only=True), a, b, threads=1)
    expected = np.zeros_like(b)
    expected[:8] = a[:, :8].transpose(1, 0, 2)
    expected[3, 0, 0] = 9
    expected[8:] = [1, 2, 3, 0]
    # What would be beyond the tensor does not exist.
    expected[8:, 1, 1] = 4
    np.testing.assert_array_equal(b[..., :3], expected[..., :3])


def test_pipelines_of_vectors():
    @enigma.kernel
    def kernel(A: FLOAT4, B: PACKED3):
        i = enigma.thread_position_in_grid
        stages = enigma.pipeline("float4", 8, 2)
        stages.front()[i] = A[i]
        enigma.barrier()
        for _k in enigma.range(3):
            stages.back()[i] = stages.front()[7 - i] * 2
            enigma.barrier()
            stages.advance()
        B[i] = stages.front()[i].yzw

    a = np.random.default_rng(14).integers(-9, 9, (8, 4)).astype(np.float32)
    b = np.zeros((8, 3), np.float32)
    launch(enigma.compile(kernel, emit_only=True), a, b, threads=8, block=8)
    np.testing.assert_array_equal(b, 8 * a[::-1, 1:])


def test_tiled_copies_of_vectors():
    @enigma.kernel
    def kernel(A, B):
        tid = enigma.thread_index_in_threadgroup()
        tiled = enigma.make_tiled_copy(enigma.Layout((4, 4), (4, 1)), enigma.Layout((2, 1), (1, 1)))
        thread = tiled.get_slice(tid)
        enigma.copy(tiled, thread.partition_S(A), thread.partition_D(B))

    @enigma.jit
    def program(A, B):
        kernel(A, B).launch(grid=1, block=16)

    tensors = [
        enigma.Tensor(name, k, "half4", enigma.Layout((8, 8), stride))
        for k, (name, stride) in enumerate((("A", (8, 1)), ("B", (1, 8))))
    ]
    compiled = enigma.compile(program, *tensors, emit_only=True)
    a = np.random.default_rng(15).standard_normal((8, 8, 4)).astype(np.float16)
    b = np.zeros_like(a)
    harness.run(compiled, args=[a, b], grid=1, block=16)
    np.testing.assert_array_equal(b, a.transpose(1, 0, 2))


def test_choices_of_vectors():
    @enigma.kernel
    def kernel(A: FLOAT4, B: FLOAT4, v: enigma.Scalar("float4")):
        i = enigma.thread_position_in_grid
        B[3 * i] = v if i % 2 == 0 else A[i]
        B[3 * i + 1] = enigma.where(A[i], v, A[i] > v)
        mine = enigma.register_tensor(2, "float4")
        mine[i % 2] = v
        B[3 * i + 2] = mine[0] if i % 3 == 0 else A[i] + 1

    rng = np.random.default_rng(16)
    a, v = rng.standard_normal((8, 4)).astype(np.float32), rng.standard_normal(4).astype("f4")
    b = np.zeros((8, 3, 4), np.float32)
    launch(enigma.compile(kernel, emit_only=True), a, b.reshape(24, 4), v, threads=8)
    i = np.arange(8)[:, None]
    np.testing.assert_array_equal(b[:, 0], np.where(i % 2 == 0, v, a))
    np.testing.assert_array_equal(b[:, 1], np.where(a > v, v, a))
    third = np.where(i % 3 == 0, np.where(i % 2 == 0, v, np.float32(0)), a + 1)
    np.testing.assert_array_equal(b[:, 2], third)


def test_loops_and_branches():
    @enigma.kernel
    def kernel(A: FLOAT4, B: FLOAT4, n: enigma.Scalar(enigma.u32)):
        i = enigma.thread_position_in_grid
        v = A[i]
        for k in enigma.range(n):
            if k % 2 == 0:
                v.xy += A[k].zw
            else:
                B[i].w += v.x
        B[i].xyz = v.xyz

    rng = np.random.default_rng(5)
    a, b = (rng.standard_normal((8, 4)).astype(np.float32) for _ in range(2))
    v, w = a.copy(), b.copy()
    launch(enigma.compile(kernel, emit_only=True), a, b, 5, threads=8)
    for k in range(5):
        if k % 2 == 0:
            v[:, :2] += a[k, 2:]
        else:
            w[:, 3] += v[:, 0]
    w[:, :3] = v[:, :3]
    np.testing.assert_array_equal(b, w)


# The same bytes as elements of another type.


def recast(source, target, count):
    @enigma.kernel
    def kernel(A: source, B: target):
        i = enigma.thread_position_in_grid
        a = enigma.make_tensor(A, enigma.Layout(count))
        t = enigma.recast_tensor(a, target)
        B[i] = t[i]

    return kernel


BYTES = {dtype: np.dtype(NUMPY[dtype]).itemsize for dtype in DTYPES}
PAIRS = [
    (a, b) for a, b in itertools.permutations(("f32", "f16", "bf16", "u8", "i16", "u32", "i64"), 2)
]
for source, target in PAIRS:
    kernel = recast(dtype_of(source), dtype_of(target), 64 // BYTES[source])
    KERNELS.add(("recast", source, target), kernel)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_recast(source, target):
    rng = np.random.default_rng(6)
    a = rng.integers(0, 0x3C, 64, np.uint8).view(NUMPY[source])
    b = np.zeros(64 // BYTES[target], NUMPY[target])
    launch(KERNELS["recast", source, target], a, b, threads=b.size, block=4)
    np.testing.assert_array_equal(b, a.view(NUMPY[target]))


def test_recast_of_tiles():
    """To vectors and back, in threadgroup memory, at places that the kernel computes."""

    @enigma.kernel
    def kernel(A: enigma.f16, B: enigma.u32, C: enigma.f32):
        i = enigma.thread_position_in_grid
        tile = enigma.threadgroup_alloc(enigma.f16, 128)
        t = enigma.make_tensor(tile, enigma.Layout((8, 16), (16, 1)))
        a = enigma.recast_tensor(enigma.make_tensor(A, enigma.Layout(128)), enigma.u32)
        words = enigma.recast_tensor(t, "uint")
        fours = enigma.recast_tensor(t, enigma.vec(enigma.f16, 4))
        row = enigma.recast_tensor(t[i, None], enigma.u32)
        for k in range(8):
            words[i, k] = a[8 * i + k]
        enigma.barrier()
        for k in range(8):
            B[8 * i + k] = row[k]
        enigma.barrier()
        fours[7 - i, 3].y = 2
        enigma.barrier()
        v = fours[i, 3]
        for k in range(4):
            C[4 * i + k] = v[k].to(enigma.f32)
        row.store(row.load() + 1)

    rng = np.random.default_rng(7)
    a = rng.standard_normal((8, 16)).astype(np.float16)
    b, c = np.zeros((8, 8), np.uint32), np.zeros((8, 4), np.float32)
    launch(enigma.compile(kernel, emit_only=True), a, b, c, threads=8, block=8)
    np.testing.assert_array_equal(b, a.view(np.uint32))
    expected = a[:, 12:].astype(np.float32)
    expected[:, 1] = 2
    np.testing.assert_array_equal(c, expected)


def test_recast_of_arguments():
    @enigma.kernel
    def twice(A, B):
        i = enigma.thread_position_in_grid
        for k in range(8):
            B[i, k] = A[i, k] * 2
        enigma.recast_tensor(B, "packed_half2")[i, 0].x = 5

    @enigma.jit
    def program(A, B):
        a = enigma.recast_tensor(A, enigma.f16)
        twice(a, enigma.recast_tensor(B, enigma.f16)).launch(grid=1, block=4)

    compiled = enigma.compile(
        program,
        enigma.Tensor("A", 0, "uint", enigma.Layout((4, 4), (4, 1))),
        enigma.Tensor("B", 1, "float2", enigma.Layout((4, 2), (2, 1))),
        emit_only=True,
    )
    a = np.random.default_rng(8).standard_normal((4, 8)).astype(np.float16)
    b = np.zeros((4, 4), np.float32)
    harness.run(compiled, args=[a.view(np.uint32), b], grid=1, block=4)
    expected = a * 2
    expected[:, 0] = 5
    np.testing.assert_array_equal(b.view(np.float16), expected)


# What declares, passes and holds vectors.


@dataclasses.dataclass
class Points:
    position: FLOAT4
    velocity: PACKED3
    scale: enigma.Scalar("float3")


def test_ways_to_declare():
    @enigma.kernel
    def kernel(
        points: Points,
        tile: enigma.Threadgroup(PACKED3),
        T: enigma.constexpr,
        out: "T",  # noqa: F821
    ):
        i = enigma.thread_position_in_grid
        tile[i] = points.velocity[i] * points.scale
        enigma.barrier()
        v: enigma.vec(enigma.f32, 3) = 1
        for k in enigma.range(2):
            v += tile[(i + k) % 8]
        w: enigma.vec(enigma.f16, 3) = 2
        out[i] = T(v * w, points.position[7 - i].w)

    compiled = enigma.compile(kernel, constants={"T": enigma.vec(enigma.f32, 4)}, emit_only=True)
    rng = np.random.default_rng(11)
    position, velocity = (rng.integers(-9, 9, (8, n)).astype(np.float32) for n in (4, 3))
    scale = np.array([1, 2, 3, 0], np.float32)
    out = np.zeros((8, 4), np.float32)
    harness.run(
        compiled,
        args=[position, velocity, scale, out],
        grid=1,
        block=8,
        threadgroup_memory={0: 8 * 12},
    )
    tile = velocity * scale[:3]
    expected = np.hstack([2 * (1 + tile + np.roll(tile, -1, 0)), position[::-1, 3:]])
    np.testing.assert_array_equal(out, expected)
    assert "threadgroup packed_float3* tile [[threadgroup(0)]]" in compiled.metal_source


def test_matrices_of_columns():
    @enigma.kernel
    def kernel(M: FLOAT4, V: FLOAT4, out: FLOAT4):
        i = enigma.thread_position_in_grid
        m = enigma.make_matrix(*[M[4 * i + c] for c in range(4)])
        out[i] = enigma.matmul(m, V[i])
        for c in range(4):
            M[4 * i + c] = enigma.transpose(m)[c]

    rng = np.random.default_rng(12)
    m = rng.integers(-5, 5, (8, 4, 4)).astype(np.float32)
    v = rng.integers(-5, 5, (8, 4)).astype(np.float32)
    was, out = m.copy(), np.zeros_like(v)
    launch(enigma.compile(kernel, emit_only=True), m.reshape(32, 4), v, out, threads=8)
    np.testing.assert_array_equal(out, np.einsum("icr,ic->ir", was, v))
    np.testing.assert_array_equal(m, was.transpose(0, 2, 1))


def test_tables_as_vectors():
    table = np.arange(24, dtype=np.float32).reshape(6, 4) ** 2

    @enigma.kernel
    def kernel(out: FLOAT4):
        i = enigma.thread_position_in_grid
        rows = enigma.make_tensor(enigma.constant_array(table), enigma.Layout((6, 4), (4, 1)))
        out[i] = enigma.recast_tensor(rows, FLOAT4)[i % 6, 0]

    out = np.zeros((8, 4), np.float32)
    launch(enigma.compile(kernel, emit_only=True), out, threads=8)
    np.testing.assert_array_equal(out, table[np.arange(8) % 6])


# An array of a thread, as other elements.


def in_registers(source, target, lanes):
    own, other = dtype_of(source), enigma.vec(dtype_of(target), lanes) if lanes > 1 else target
    count, ratio = 32 // BYTES[source], BYTES[target] * lanes
    seen = 32 // ratio

    @enigma.kernel
    def kernel(A: own, B: other):
        i = enigma.thread_position_in_grid
        mine = enigma.register_tensor(count, own)
        t = enigma.recast_tensor(enigma.make_tensor(mine, enigma.Layout(count)), other)
        for k in enigma.range(count):
            mine[k] = A[count * i + k]
        first = t[0]
        enigma.barrier()
        t[0] = t[(i + 1) % seen]
        t[(i + 1) % seen] = first
        for k in enigma.range(count):
            A[count * i + k] = mine[k]
        for k in enigma.range(seen):
            B[seen * i + k] = t[k]

    return kernel


OWN = [(a, b, 1) for a, b in PAIRS] + [("u8", "f32", 4), ("f32", "f16", 4), ("i64", "u16", 2)]
for source, target, lanes in OWN:
    KERNELS.add(("own", source, target, lanes), in_registers(source, target, lanes))


@pytest.mark.parametrize(("source", "target", "lanes"), OWN)
def test_recast_of_registers(source, target, lanes):
    rng = np.random.default_rng(13)
    a = rng.integers(0, 0x3C, 40 * 32, np.uint8)
    expected = a.reshape(40, -1, BYTES[target] * lanes).copy()
    for i, row in enumerate(expected):
        k = (i + 1) % len(row)
        row[[0, k]] = row[[k, 0]]
    given = a.view(NUMPY[source])
    b = np.zeros((given.nbytes // (BYTES[target] * lanes), lanes), NUMPY[target])
    b = b if lanes > 1 else b.reshape(-1)
    launch(KERNELS["own", source, target, lanes], given, b, threads=40, block=20)
    np.testing.assert_array_equal(given.view(np.uint8), expected.reshape(-1))
    np.testing.assert_array_equal(b.reshape(-1).view(np.uint8), expected.reshape(-1))


# 16 bytes at once, of elements of 1 and 2 bytes.


def in_rows(element, count, stride, offset, through_tile):
    @enigma.kernel
    def kernel(A: element, B: element, n: enigma.Scalar(enigma.u32)):
        i = enigma.thread_position_in_grid
        layout = enigma.Layout((16, count), (stride, 1))
        a, b = (enigma.make_tensor(X, layout, offset)[i, None] for X in (A, B))
        if not through_tile:
            b.store(a.load() + a.load(n > 0))
            return
        tile = enigma.threadgroup_alloc(element, 16 * count)
        t = enigma.make_tensor(tile, enigma.Layout((16, count), (count, 1)))
        enigma.copy(a, t[i, None])
        enigma.barrier()
        enigma.copy(t[15 - i, None], b)

    return kernel


# The number of elements, the distance of rows, the first element; and the bytes of an access.
ROWS = {
    "f16": [(8, 8, 0, 16), (16, 24, 8, 16), (8, 12, 0, 8), (8, 8, 4, 8), (12, 16, 0, 16)],
    "bf16": [(8, 8, 0, 16)],
    "u16": [(8, 8, 0, 16)],
    "i8": [(16, 16, 0, 16), (8, 8, 0, 8), (16, 20, 0, 4), (32, 32, 16, 16)],
    "u8": [(16, 16, 0, 16), (24, 32, 0, 16)],
    "f32": [(8, 8, 0, 16)],
}
WIDE = [(dtype, *row, tile) for dtype, rows in ROWS.items() for row in rows for tile in (0, 1)]
for dtype, count, stride, offset, _, tile in WIDE:
    kernel = in_rows(dtype_of(dtype), count, stride, offset, tile)
    KERNELS.add(("rows", dtype, count, stride, offset, tile), kernel)


@pytest.mark.parametrize(("dtype", "count", "stride", "offset", "bytes_", "tile"), WIDE)
def test_wide_accesses(dtype, count, stride, offset, bytes_, tile):
    rng = np.random.default_rng(9)
    a = small_sample(dtype, 16 * stride + offset, rng)
    if dtype in INTEGERS:
        a //= 4
    b = np.zeros_like(a)
    compiled = KERNELS["rows", dtype, count, stride, offset, tile]
    launch(compiled, a, b, 1, threads=16, block=16)
    rows = a[offset:].reshape(16, stride)[:, :count]
    expected = np.zeros_like(a)
    out = expected[offset:].reshape(16, stride)
    if tile:
        out[:, :count] = rows[::-1]
    else:
        v = values_of(dtype, rows)
        out[:, :count] = stored(dtype, v + v)
    np.testing.assert_array_equal(b, expected)
    text = compiled.metal_source
    if dtype != "f32":
        words = {16: "uint4*)", 8: "uint2*)" if BYTES[dtype] == 1 else "4*)", 4: "char4*)"}[bytes_]
        assert words in text
        assert ("device const uint4*)" in text) == (bytes_ == 16)
        # One access for 16 bytes, and one more for what is left.
        loads = -(-count * BYTES[dtype] // bytes_)
        if not tile:
            assert text.count("*(device const") in (loads, 2 * loads)


def test_wide_accesses_are_not_made_of_what_may_be_cut():
    @enigma.kernel
    def kernel(A: enigma.f16, B: enigma.f16, n: enigma.Scalar(enigma.u32)):
        i = enigma.thread_position_in_grid
        layout = enigma.Layout((4, 8), (8, 1))
        a, b = (enigma.make_tensor(X, layout, 4 * n)[i, None] for X in (A, B))
        b.store(a.load())

    compiled = enigma.compile(kernel, emit_only=True)
    assert "uint4" not in compiled.metal_source
    a = np.random.default_rng(10).standard_normal(40).astype(np.float16)
    b = np.zeros_like(a)
    launch(compiled, a, b, 1, threads=4)
    np.testing.assert_array_equal(b[4:36], a[4:36])
