# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel may not do when it runs: each fault is found and explained."""

from __future__ import annotations

import numpy as np
import pytest

from conformance import harness
from conformance.kernels import declare

ACCESS = declare("""
kernel void read(device const float* a [[buffer(0)]], device float* out [[buffer(1)]],
                 constant int& at [[buffer(2)]]) {
  out[0] = a[at];
}
kernel void write(device float* out [[buffer(0)]], constant long& at [[buffer(1)]]) {
  out[at] = 1.0f;
}
kernel void write_bytes(device uchar* out [[buffer(0)]], constant int& at [[buffer(1)]]) {
  out[at] = 1;
}
kernel void shared(device float* out [[buffer(0)]], constant int& at [[buffer(1)]]) {
  threadgroup float first[8];
  threadgroup float second[8];
  first[0] = second[0] = 1.0f;
  threadgroup float* p = second;
  out[0] = p[at];
}
kernel void local(device float* out [[buffer(0)]], constant int& at [[buffer(1)]]) {
  float values[4] = {1.0f, 2.0f, 3.0f, 4.0f};
  out[0] = values[at];
}
kernel void grid2d(device float* out [[buffer(0)]], uint2 tid [[thread_position_in_grid]]) {
  out[8 * tid.y + tid.x] = 1.0f;
}
""")


@pytest.mark.parametrize(
    ("at", "guard"),
    [(10, "end"), (11, "end"), (1000, "end"), (1 << 28, "end"), (-5000, "end"), (-1, "start")],
)
def test_a_read_outside_of_a_buffer(at, guard):
    a, out = np.ones(10, np.float32), np.zeros(1, np.float32)
    message = f"out-of-bounds (read|access) of buffer 'a' at element {at} .*10 elements"
    with pytest.raises(harness.OutOfBounds, match=message):
        harness.run(ACCESS, "read", [a, out, at], grid=1, guard=guard)


@pytest.mark.parametrize(("at", "guard"), [(-1, "end"), (10, "start")])
def test_a_read_on_the_side_without_a_guard_gives_nan(at, guard):
    a, out = np.ones(10, np.float32), np.zeros(1, np.float32)
    harness.run(ACCESS, "read", [a, out, at], grid=1, guard=guard)
    assert np.isnan(out[0])


@pytest.mark.parametrize("at", [3, -1, -(1 << 31), (1 << 32) - 1])
def test_a_write_outside_of_a_buffer(at):
    out = np.zeros(3, np.float32)
    with pytest.raises(harness.OutOfBounds, match="of buffer 'out'"):
        harness.run(ACCESS, "write", [out, at], grid=1)


@pytest.mark.parametrize("size", [1, 7, 4096, 5000])
@pytest.mark.parametrize("offset", [-1, 0])
def test_bounds_are_exact_to_the_byte(size, offset):
    out = np.zeros(size, np.uint8)
    at = -1 if offset < 0 else size
    with pytest.raises(harness.OutOfBounds):
        harness.run(ACCESS, "write_bytes", [out, at], grid=1)
    harness.run(ACCESS, "write_bytes", [out, size - 1], grid=1)
    assert out[-1] == 1


@pytest.mark.parametrize("at", [8, -1024])
def test_an_access_outside_of_a_threadgroup_variable(at):
    out = np.zeros(1, np.float32)
    harness.run(ACCESS, "shared", [out, 0], grid=1)
    assert out[0] == 1
    with pytest.raises(harness.OutOfBounds, match=r"of threadgroup variable 1 .*it has 32 bytes"):
        harness.run(ACCESS, "shared", [out, at], grid=1)


@pytest.mark.parametrize("at", [4, -1])
def test_an_index_outside_of_a_local_array(at):
    out = np.zeros(1, np.float32)
    with pytest.raises(harness.OutOfBounds, match=rf"line 23: index {at} .*'float\[4\]'"):
        harness.run(ACCESS, "local", [out, at], grid=1)


def test_the_faulting_thread_is_named():
    out = np.zeros(8 * 3 + 5, np.float32)
    with pytest.raises(harness.OutOfBounds, match=r"grid2d: .*\(thread 5, 3, 0 of the grid\)"):
        harness.run(ACCESS, "grid2d", [out], grid=1, block=(8, 4))


CASTS = declare("""
kernel void misaligned(device const float* a [[buffer(0)]], device float* out [[buffer(1)]],
                       constant uint& at [[buffer(2)]]) {
  float4 v = *reinterpret_cast<device const float4*>(a + at);
  out[0] = v.x;
}
kernel void misaligned_write(device float* a [[buffer(0)]], constant uint& at [[buffer(1)]]) {
  *(device float2*)(a + at) = float2(1.0f);
}
kernel void overhang(device const float* a [[buffer(0)]], device float* out [[buffer(1)]],
                     constant uint& at [[buffer(2)]]) {
  device const float4* p = (device const float4*)a;
  out[0] = p[at].w;
}
""")


def test_misaligned_vector_accesses():
    a, out = np.ones(16, np.float32), np.zeros(1, np.float32)
    harness.run(CASTS, "misaligned", [a, out, 4], grid=1)
    with pytest.raises(harness.MisalignedAccess, match=r"multiple of 16.* 4 beyond"):
        harness.run(CASTS, "misaligned", [a, out, 5], grid=1)
    harness.run(CASTS, "misaligned_write", [a, 2], grid=1)
    with pytest.raises(harness.MisalignedAccess, match="multiple of 8"):
        harness.run(CASTS, "misaligned_write", [a, 3], grid=1)


def test_a_vector_that_overhangs_the_buffer():
    a, out = np.ones(16, np.float32), np.zeros(1, np.float32)
    harness.run(CASTS, "overhang", [a, out, 3], grid=1)
    with pytest.raises(harness.OutOfBounds, match="buffer 'a'"):
        harness.run(CASTS, "overhang", [a, out, 4], grid=1)


def test_a_write_into_the_slack_of_an_aligned_buffer():
    a = np.ones(5, np.float32)
    with pytest.raises(harness.OutOfBounds, match="write of buffer 'a' at byte 20"):
        harness.run(CASTS, "misaligned_write", [a, 4], grid=1)


BARRIERS = declare("""
kernel void early_exit(device float* out [[buffer(0)]], constant uint& n [[buffer(1)]],
                       uint tid [[thread_position_in_grid]]) {
  if (tid >= n)
    return;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  out[tid] = 1.0f;
}
kernel void two_branches(device float* out [[buffer(0)]], uint tid [[thread_position_in_grid]]) {
  if (tid < 40)
    threadgroup_barrier(mem_flags::mem_threadgroup);
  else
    threadgroup_barrier(mem_flags::mem_threadgroup);
  out[tid] = 1.0f;
}
kernel void trip_count(device float* out [[buffer(0)]], uint tid [[thread_position_in_grid]]) {
  for (uint i = 0; i < 3 + tid / 32; ++i)
    threadgroup_barrier(mem_flags::mem_threadgroup);
  out[tid] = 1.0f;
}
kernel void part_of_a_simdgroup(device float* out [[buffer(0)]],
                                uint tid [[thread_position_in_grid]]) {
  if (tid % 2 == 0)
    simdgroup_barrier(mem_flags::mem_none);
  out[tid] = 1.0f;
}
kernel void whole_simdgroup(device float* out [[buffer(0)]],
                            uint tid [[thread_position_in_grid]]) {
  if (tid / 32 == 0)
    simdgroup_barrier(mem_flags::mem_none);
  out[tid] = 1.0f;
}
""")


def test_a_barrier_that_some_threads_never_reach():
    out = np.zeros(64, np.float32)
    harness.run(BARRIERS, "early_exit", [out, 64], grid=1, block=64)
    message = "divergent threadgroup_barrier: thread 0 .*line 8, but 14 of 64 threads have finished"
    with pytest.raises(harness.DivergentBarrier, match=message):
        harness.run(BARRIERS, "early_exit", [out, 50], grid=1, block=64)


def test_threads_at_different_barriers():
    out = np.zeros(64, np.float32)
    with pytest.raises(
        harness.DivergentBarrier, match=r"waits at line 13, but thread 40 .*line 15"
    ):
        harness.run(BARRIERS, "two_branches", [out], grid=1, block=64)
    harness.run(BARRIERS, "two_branches", [out], grid=1, block=40)


def test_a_barrier_in_a_loop_of_different_length():
    out = np.zeros(64, np.float32)
    with pytest.raises(harness.DivergentBarrier, match="32 of 64 threads have finished"):
        harness.run(BARRIERS, "trip_count", [out], grid=1, block=64)


def test_a_simdgroup_barrier_in_divergent_control_flow():
    out = np.zeros(64, np.float32)
    with pytest.raises(harness.DivergentBarrier, match="divergent simdgroup_barrier"):
        harness.run(BARRIERS, "part_of_a_simdgroup", [out], grid=1, block=64)
    harness.run(BARRIERS, "whole_simdgroup", [out], grid=1, block=64)


REST = declare("""
kernel void divide(device int* out [[buffer(0)]], constant int& by [[buffer(1)]]) {
  out[0] = out[0] / by;
}
kernel void forever(device uint* out [[buffer(0)]]) {
  while (out[0] == 0u)
    out[1] += 1u;
}
kernel void hungry(device float* out [[buffer(0)]]) {
  threadgroup float a[4096];
  threadgroup float b[4097];
  a[0] = b[0] = 1.0f;
  out[0] = a[0];
}
static float deep(int n, thread const float* from) {
  float values[64];
  for (int i = 0; i < 64; ++i)
    values[i] = from[i] + float(n);
  return n == 0 ? values[0] : deep(n - 1, values) + values[63];
}
kernel void recursive(device float* out [[buffer(0)]], constant int& n [[buffer(1)]]) {
  float values[64] = {};
  out[0] = deep(n, values);
}
kernel void cast_away(device const float* a [[buffer(0)]]) {
  *const_cast<device float*>(a) = 1.0f;
}
""")


def test_integer_division_by_zero():
    out = np.array([7], np.int32)
    harness.run(REST, "divide", [out, 2], grid=1)
    assert out[0] == 3
    with pytest.raises(harness.ArithmeticFault, match="line 5: integer division by zero"):
        harness.run(REST, "divide", [out, 0], grid=1)


# Expressions of a type, operands that it takes, and operands that it does not, with what is said.
OVERFLOWS = (
    ("int", "a + b", (2**31 - 2, 1), (2**31 - 1, 1), "2147483647 . 1 overflows 'int'"),
    ("int", "a - b", (-(2**31), 0), (-(2**31), 1), "-2147483648 - 1 overflows 'int'"),
    ("int", "a * b", (46340, 46340), (46341, 46341), "46341 . 46341 overflows 'int'"),
    ("int", "-a", (2**31 - 1, 0), (-(2**31), 0), "0 - -2147483648 overflows 'int'"),
    ("int", "a << b", (-1, 31), (1, 32), "'int' is shifted by 32"),
    ("uint", "a >> b", (1, 31), (1, 32), "'uint'.* is shifted by 32"),
    ("long", "a + b", (2**63 - 2, 1), (2**63 - 1, 1), "9223372036854775807 . 1 overflows 'long'"),
    ("ushort", "a * b", (46340, 46340), (65535, 65535), "65535 . 65535 overflows 'int'"),
    ("int2", "a * b", (46340, 46340), (46341, 46341), "46341 . 46341 overflows 'int'"),
    ("uint", "a * b", (2**32 - 1, 2**32 - 1), None, ""),
    ("ushort2", "a * b", (65535, 65535), None, ""),
    ("char", "a * b", (-128, -128), None, ""),
)
OVERFLOW = declare(
    "".join(
        f"""
kernel void overflow_{i}(device const {type_}* in [[buffer(0)]],
                         device {type_}* out [[buffer(1)]]) {{
  {type_} a = in[0], b = in[1];
  out[0] = {expression};
}}"""
        for i, (type_, expression, *_) in enumerate(OVERFLOWS)
    )
)


@pytest.mark.parametrize("case", range(len(OVERFLOWS)))
def test_integers_that_overflow(case):
    type_, _, fits, overflows, message = OVERFLOWS[case]
    scalar = {"int": "int32", "long": "int64", "char": "int8", "ushort": "uint16"}
    dtype = scalar.get(type_.rstrip("2"), "uint32")
    repeats = 2 if type_.endswith("2") else 1

    def run(pair):
        values = np.repeat(np.array(pair, dtype), repeats)
        harness.run(OVERFLOW, f"overflow_{case}", [values, np.zeros(repeats, dtype)], grid=1)

    run(fits)
    if overflows is not None:
        with pytest.raises(harness.ArithmeticFault, match=message):
            run(overflows)


def test_a_kernel_that_never_ends():
    out = np.zeros(2, np.uint32)
    with pytest.raises(harness.TimedOut, match="not finished after 200 ms"):
        harness.run(REST, "forever", [out], grid=1, timeout=0.2)


def test_more_threadgroup_memory_than_there_is():
    out = np.zeros(2, np.float32)
    with pytest.raises(harness.LimitExceeded, match=r"32772 bytes .* has 32768"):
        harness.run(REST, "hungry", [out], grid=1)


def test_more_stack_than_there_is():
    out = np.zeros(1, np.float32)
    harness.run(REST, "recursive", [out, 3], grid=1)
    with pytest.raises(harness.StackOverflow, match="stack overflow"):
        harness.run(REST, "recursive", [out, 100000], grid=1)


def test_a_write_of_a_buffer_that_is_const():
    a = np.zeros(1, np.float32)
    with pytest.raises(harness.OutOfBounds, match="of read-only buffer 'a' at element 0"):
        harness.run(REST, "cast_away", [a], grid=1)
    assert a[0] == 0


def test_a_fault_leaves_the_arrays_as_they_were():
    out = np.zeros(64, np.float32)
    with pytest.raises(harness.DivergentBarrier):
        harness.run(BARRIERS, "trip_count", [out], grid=1, block=64)
    assert not out.any()
