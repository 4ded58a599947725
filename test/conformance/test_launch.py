# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Grids, barriers, threadgroup memory, scalars and constants."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from conformance import harness, launches, toolchain
from conformance.kernels import declare

ADD = declare("""
kernel void add(device const float* a [[buffer(0)]], device const float* b [[buffer(1)]],
                device float* c [[buffer(2)]], constant uint& n [[buffer(3)]],
                uint tid [[thread_position_in_grid]]) {
  if (tid < n)
    c[tid] = a[tid] + b[tid];
}
""")


def test_a_guard_keeps_the_tail_in_bounds():
    a = np.arange(100, dtype=np.float32)
    b = a * 2
    c = np.zeros_like(a)
    harness.run(ADD, "add", [a, b, c, 100], grid=4, block=32)
    np.testing.assert_array_equal(c, a * 3)


def test_one_array_may_be_two_arguments():
    a = np.arange(64, dtype=np.float32)
    harness.run(ADD, "add", [a, a, a, 64], grid=2, block=32)
    np.testing.assert_array_equal(a, 2 * np.arange(64))


POSITIONS = declare("""
kernel void positions(device uint* out [[buffer(0)]],
                      uint3 grid [[thread_position_in_grid]],
                      uint3 local [[thread_position_in_threadgroup]],
                      uint3 group [[threadgroup_position_in_grid]],
                      uint3 size [[threads_per_threadgroup]],
                      uint3 total [[threads_per_grid]],
                      uint3 groups [[threadgroups_per_grid]],
                      uint index [[thread_index_in_threadgroup]],
                      uint lane [[thread_index_in_simdgroup]],
                      uint simdgroup [[simdgroup_index_in_threadgroup]],
                      uint width [[threads_per_simdgroup]],
                      uint simdgroups [[simdgroups_per_threadgroup]],
                      uint quad_lane [[thread_index_in_quadgroup]],
                      uint quad [[quadgroup_index_in_threadgroup]]) {
  uint at = 26 * (grid.x + total.x * (grid.y + total.y * grid.z));
  uint3 vectors[6] = {grid, local, group, size, total, groups};
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 3; ++j)
      out[at + 3 * i + j] = vectors[i][j];
  uint scalars[8] = {index, lane, simdgroup, width, simdgroups, quad_lane, quad, 7u};
  for (int i = 0; i < 8; ++i)
    out[at + 18 + i] = scalars[i];
}
""")


@pytest.mark.parametrize("order", ["forward", "reverse", "shuffled:5"])
def test_positions_in_a_grid_that_the_block_does_not_divide(order):
    total, block = (7, 5, 3), (4, 3, 2)
    out = np.zeros((total[2], total[1], total[0], 26), dtype=np.uint32)
    harness.run(POSITIONS, "positions", [out], threads=total, block=block, order=order)
    groups = tuple(-(-t // b) for t, b in zip(total, block, strict=True))
    for z, y, x in np.ndindex(out.shape[:3]):
        grid = (x, y, z)
        local = tuple(p % b for p, b in zip(grid, block, strict=True))
        group = tuple(p // b for p, b in zip(grid, block, strict=True))
        size = tuple(min(b, t - g * b) for g, b, t in zip(group, block, total, strict=True))
        index = local[0] + size[0] * (local[1] + size[1] * local[2])
        count = size[0] * size[1] * size[2]
        expected = [*grid, *local, *group, *size, *total, *groups]
        expected += [index, index % 32, index // 32, 32, -(-count // 32)]
        expected += [index % 4, index // 4, 7]
        assert out[z, y, x].tolist() == expected


NARROW = declare("""
kernel void narrow(device ushort* out [[buffer(0)]],
                   ushort2 at [[thread_position_in_grid]],
                   ushort2 total [[threads_per_grid]],
                   ushort lane [[thread_index_in_simdgroup]]) {
  out[at.y * total.x + at.x] = ushort(at.x + 100 * at.y + 1000 * lane);
}
""")


def test_positions_may_be_ushort():
    out = np.zeros((3, 5), dtype=np.uint16)
    harness.run(NARROW, "narrow", [out], grid=1, block=(5, 3))
    y, x = np.mgrid[:3, :5]
    np.testing.assert_array_equal(out, x + 100 * y + 1000 * (x + 5 * y))


TRANSPOSE = declare("""
kernel void transpose(device const float* in [[buffer(0)]], device float* out [[buffer(1)]],
                      constant uint2& size [[buffer(2)]],
                      uint3 local [[thread_position_in_threadgroup]],
                      uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup float tile[16][17], unused;
  uint x = group.x * 16 + local.x, y = group.y * 16 + local.y;
  if (x < size.x && y < size.y)
    tile[local.y][local.x] = in[y * size.x + x];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  x = group.y * 16 + local.x;
  y = group.x * 16 + local.y;
  if (x < size.y && y < size.x)
    out[y * size.y + x] = tile[local.x][local.y];
}
""")


@pytest.mark.parametrize("order", ["forward", "reverse", "shuffled:1", "shuffled:2"])
def test_transpose_through_threadgroup_memory(order):
    a = np.random.default_rng(0).random((45, 37), dtype=np.float32)
    out = np.zeros((37, 45), dtype=np.float32)
    harness.run(
        TRANSPOSE, "transpose", [a, out, (37, 45)], grid=(3, 3), block=(16, 16), order=order
    )
    np.testing.assert_array_equal(out, a.T)


TREE = declare("""
kernel void tree(device const float* in [[buffer(0)]], device float* sums [[buffer(1)]],
                 uint local [[thread_position_in_threadgroup]],
                 uint tid [[thread_position_in_grid]],
                 uint group [[threadgroup_position_in_grid]]) {
  threadgroup float partial[256];
  partial[local] = in[tid];
  for (uint s = 128; s > 0; s >>= 1) {
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (local < s)
      partial[local] += partial[local + s];
  }
  if (local == 0)
    sums[group] = partial[0];
}
kernel void racy(device const float* in [[buffer(0)]], device float* out [[buffer(1)]],
                 uint local [[thread_position_in_threadgroup]]) {
  threadgroup float tile[64];
  tile[local] = in[local];
  out[local] = tile[63 - local];
}
kernel void shared(device float* out [[buffer(0)]], threadgroup float* memory [[threadgroup(0)]],
                   uint local [[thread_position_in_threadgroup]]) {
  memory[local] = float(local);
  threadgroup_barrier(mem_flags::mem_threadgroup | mem_flags::mem_device);
  out[local] = memory[31 - local];
}
""")


def test_a_tree_reduction():
    a = np.arange(1024, dtype=np.float32)
    sums = np.zeros(4, dtype=np.float32)
    harness.run(TREE, "tree", [a, sums], grid=4, block=256)
    np.testing.assert_array_equal(sums, a.reshape(4, 256).sum(axis=1))


@pytest.mark.parametrize("order", ["forward", "reverse", "shuffled:1"])
def test_memory_that_no_thread_wrote_yet_is_poison(order):
    a = np.ones(64, dtype=np.float32)
    out = np.zeros_like(a)
    harness.run(TREE, "racy", [a, out], grid=2, block=64, order=order)
    assert np.isnan(out).any()


def test_threadgroup_arguments_have_the_size_of_the_launch():
    out = np.zeros(32, dtype=np.float32)
    harness.run(TREE, "shared", [out], grid=1, block=32, threadgroup_memory={0: 128})
    np.testing.assert_array_equal(out, np.arange(32)[::-1])
    with pytest.raises(harness.OutOfBounds, match="threadgroup variable"):
        harness.run(TREE, "shared", [out], grid=1, block=32, threadgroup_memory={0: 64})


CONSTANTS = declare("""
constant uint scale [[function_constant(0)]];
constant bool negate [[function_constant(3)]];
constant half2 offsets [[function_constant(1)]];
constant float table[3] = {1.0f, 10.0f, 100.0f};
kernel void scaled(device float* out [[buffer(0)]], uint i [[thread_position_in_grid]]) {
  float value = float(i * scale) * table[i % 3] + float(offsets.y);
  out[i] = negate ? -value : value;
}
""")


@pytest.mark.parametrize(("scale", "negate"), [(1, False), (3, True)])
def test_function_constants(scale, negate):
    out = np.zeros(9, dtype=np.float32)
    constants = {0: scale, "negate": negate, 1: (0.0, 0.5)}
    harness.run(CONSTANTS, "scaled", [out], grid=1, block=9, constants=constants)
    i = np.arange(9)
    expected = i * scale * np.array([1, 10, 100])[i % 3] + 0.5
    np.testing.assert_array_equal(out, -expected if negate else expected)


def test_a_function_constant_without_a_value_is_an_error():
    out = np.zeros(9, dtype=np.float32)
    with pytest.raises(TypeError, match="function constant 3 \\('negate'\\) has no value"):
        harness.run(CONSTANTS, "scaled", [out], grid=1, block=9, constants={0: 1, 1: (0, 0)})
    with pytest.raises(TypeError, match="no function constant 9"):
        harness.run(
            CONSTANTS,
            "scaled",
            [out],
            grid=1,
            block=9,
            constants={0: 1, 1: (0, 0), 3: True, 9: 1},
        )


QUOTIENT = declare("""
constant int divisor [[function_constant(0)]];
constant int quotient = is_function_constant_defined(divisor) ? 100 / divisor : 0;
kernel void quotients(device int* out [[buffer(0)]], uint i [[thread_position_in_grid]]) {
  out[i] = quotient;
}
""")


def test_what_ends_the_process_that_launches_ends_one_launch():
    out = np.zeros(4, dtype=np.int32)
    for divisor in (7, 0, 3, 0, 0, 5):
        constants = {0: divisor}
        if divisor == 0:
            # Constants are computed before there is a process for the kernel.
            with pytest.raises(harness.KernelCrash, match="the process that launches ended"):
                harness.run(QUOTIENT, "quotients", [out], grid=1, block=4, constants=constants)
        else:
            harness.run(QUOTIENT, "quotients", [out], grid=1, block=4, constants=constants)
            assert out.tolist() == [100 // divisor] * 4


def test_an_interrupted_launch_is_not_answered_later(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    a, b = np.arange(4, dtype=np.float32), np.ones(4, dtype=np.float32)
    c = np.zeros_like(a)
    with monkeypatch.context() as patches:
        patches.setattr(pickle, "load", interrupted)
        with pytest.raises(KeyboardInterrupt):
            harness.run(ADD, "add", [a, a, c, 4], grid=1, block=4)
    harness.run(ADD, "add", [a, b, c, 4], grid=1, block=4)
    np.testing.assert_array_equal(c, a + b)


def test_a_shared_object_that_cannot_be_loaded(tmp_path):
    server = launches.server(toolchain.launcher())
    with pytest.raises(OSError, match=r"missing\.so"):
        server.load(tmp_path / "missing.so")


SCALARS = declare("""
kernel void scalars(constant bool& a [[buffer(0)]], constant char& b [[buffer(1)]],
                    constant ushort& c [[buffer(2)]], constant int& d [[buffer(3)]],
                    constant ulong& e [[buffer(4)]], constant half& f [[buffer(5)]],
                    constant bfloat& g [[buffer(6)]], constant float3& h [[buffer(7)]],
                    device float* out [[buffer(8)]]) {
  out[0] = float(a);
  out[1] = float(b);
  out[2] = float(c);
  out[3] = float(d);
  out[4] = float(e);
  out[5] = float(f);
  out[6] = float(g);
  out[7] = h.x + h.y * 10.0f + h.z * 100.0f;
}
""")


def test_scalars_of_every_kind():
    out = np.zeros(8, dtype=np.float32)
    args = [True, -3, 60000, -70000, 1 << 40, 0.5, 1.5, (1.0, 2.0, 3.0), out]
    harness.run(SCALARS, "scalars", args, grid=1)
    assert out.tolist() == [1.0, -3.0, 60000.0, -70000.0, float(1 << 40), 0.5, 1.5, 321.0]


def test_arguments_that_do_not_fit_are_errors():
    f32 = np.zeros(8, dtype=np.float32)
    with pytest.raises(TypeError, match="takes 4 arguments \\(a, b, c, n\\), found 3"):
        harness.run(ADD, "add", [f32, f32, f32], grid=1)
    with pytest.raises(TypeError, match="'b' is a buffer of float and needs an array of float32"):
        harness.run(ADD, "add", [f32, f32.astype(np.float64), f32, 8], grid=1)
    with pytest.raises(TypeError, match="needs a NumPy array"):
        harness.run(ADD, "add", [f32, [1.0], f32, 8], grid=1)
    with pytest.raises(ValueError, match="not C-contiguous"):
        harness.run(ADD, "add", [f32[::2], f32, f32, 8], grid=1)
    with pytest.raises(ValueError, match="no kernel 'sub'"):
        harness.run(ADD, "sub", [f32, f32, f32, 8], grid=1)
    with pytest.raises(ValueError, match="at most 1024 threads"):
        harness.run(ADD, "add", [f32, f32, f32, 8], grid=1, block=(64, 32))
    with pytest.raises(ValueError, match="grid is 1 to 3 positive"):
        harness.run(ADD, "add", [f32, f32, f32, 8], grid=(1, 0))
    with pytest.raises(TypeError, match="either grid"):
        harness.run(ADD, "add", [f32, f32, f32, 8])
