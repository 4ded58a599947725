# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Scalars, half and bfloat arithmetic, vectors, casts."""

from __future__ import annotations

import numpy as np
import pytest

from conformance import harness
from conformance.harness import from_bfloat, to_bfloat
from conformance.kernels import declare, elementwise

OPERATORS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
HALF = {op: elementwise("half", f"a {op} b", a="half", b="half") for op in OPERATORS}
BFLOAT = {op: elementwise("bfloat", f"a {op} b", a="bfloat", b="bfloat") for op in OPERATORS}


def every_half() -> np.ndarray:
    return np.arange(1 << 16, dtype=np.uint32).astype(np.uint16).view(np.float16)


def run_apply(source, *arrays):
    *inputs, out = arrays
    harness.run(source, "apply", [*inputs, out], threads=out.shape[0], block=256)
    return out


@pytest.mark.parametrize("op", OPERATORS)
def test_half_arithmetic_rounds_every_operation(op):
    a = every_half()
    b = np.random.default_rng(1).permutation(a)
    out = run_apply(HALF[op], a, b, np.zeros_like(a))
    with np.errstate(all="ignore"):
        expected = OPERATORS[op](a, b)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("op", OPERATORS)
def test_bfloat_arithmetic_rounds_every_operation(op):
    a = np.arange(1 << 16, dtype=np.uint32).astype(np.uint16)
    b = np.random.default_rng(1).permutation(a)
    out = run_apply(BFLOAT[op], a, b, np.zeros_like(a))
    with np.errstate(all="ignore"):
        expected = OPERATORS[op](from_bfloat(a), from_bfloat(b))
    np.testing.assert_array_equal(from_bfloat(out), from_bfloat(to_bfloat(expected)), strict=True)


CHAINED = elementwise("half", "a * b + c", a="half", b="half", c="half")


def test_half_expressions_have_no_excess_precision():
    rng = np.random.default_rng(2)
    a, b, c = (rng.standard_normal(4096).astype(np.float16) for _ in range(3))
    out = run_apply(CHAINED, a, b, c, np.zeros_like(a))
    np.testing.assert_array_equal(out, a * b + c)


CONVERSIONS = {
    ("float", "half"): elementwise("half", "half(a)", a="float"),
    ("float", "bfloat"): elementwise("bfloat", "bfloat(a)", a="float"),
    ("half", "float"): elementwise("float", "a", a="half"),
    ("bfloat", "float"): elementwise("float", "a", a="bfloat"),
    ("half", "bfloat"): elementwise("bfloat", "bfloat(float(a))", a="half"),
}


def test_conversions_round_to_nearest_even():
    bits = np.random.default_rng(3).integers(0, 1 << 32, 1 << 17, dtype=np.uint32)
    floats = bits.view(np.float32)
    ties = np.arange(1 << 16, dtype=np.uint32) << 16 | 0x8000
    floats = np.concatenate([floats, ties.view(np.float32)])
    with np.errstate(all="ignore"):
        halves = floats.astype(np.float16)
    out = run_apply(CONVERSIONS["float", "half"], floats, np.zeros_like(halves))
    np.testing.assert_array_equal(out, halves)
    out = run_apply(CONVERSIONS["float", "bfloat"], floats, np.zeros(len(floats), np.uint16))
    np.testing.assert_array_equal(from_bfloat(out), from_bfloat(to_bfloat(floats)))
    halves = every_half()
    out = run_apply(CONVERSIONS["half", "float"], halves, np.zeros(1 << 16, np.float32))
    np.testing.assert_array_equal(out, halves.astype(np.float32))
    out = run_apply(CONVERSIONS["half", "bfloat"], halves, np.zeros(1 << 16, np.uint16))
    np.testing.assert_array_equal(
        from_bfloat(out), from_bfloat(to_bfloat(halves.astype(np.float32)))
    )


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5, 1e38, -1e-40, np.inf, -np.inf, 1.00390625])
def test_bfloat_helpers_invert_each_other(value):
    bits = to_bfloat(value)
    assert to_bfloat(from_bfloat(bits)) == bits
    assert np.isclose(from_bfloat(bits), value, rtol=1 / 256, atol=2.0**-134)


PROMOTION = elementwise("int", "a + b", a="ushort", b="ushort")
SHORT = elementwise("ushort", "ushort(uint(a) * b)", a="ushort", b="ushort")
SIGNED_CHAR = elementwise("int", "a / 2", a="char")
WRAP = elementwise("uint", "a + b", a="uint", b="uint")


def test_integers_promote_and_wrap():
    a = np.array([65535, 3], dtype=np.uint16)
    assert run_apply(PROMOTION, a, a, np.zeros(2, np.int32)).tolist() == [131070, 6]
    assert run_apply(SHORT, a, a, np.zeros(2, np.uint16)).tolist() == [1, 9]
    c = np.array([-128, 127], dtype=np.int8)
    assert run_apply(SIGNED_CHAR, c, np.zeros(2, np.int32)).tolist() == [-64, 63]
    m = np.array([2**32 - 1], dtype=np.uint32)
    assert run_apply(WRAP, m, m, np.zeros(1, np.uint32)).tolist() == [2**32 - 2]


VECTORS = declare("""
kernel void vectors(device const float4* a [[buffer(0)]], device float4* out [[buffer(1)]]) {
  float4 v = a[0];
  out[0] = v.wzyx;
  out[1] = float4(v.xy, 8.0f, 9.0f);
  out[2] = float4(7.0f, v.yz, 6);
  out[3] = float4(v.zzz, v.x);
  float2 pair = v.yw;
  out[4] = float4(pair, pair + v.xy);
  v.xz = float2(20.0f, 30.0f);
  v.w += 1.0f;
  v.yw *= 2.0f;
  out[5] = v;
  out[6] = 2.0f * v - 1.0f;
  out[7] = float4(int4(v) / 3);
  out[8] = select(float4(0.0f), v, v > a[0]);
  out[9] = float4(a[0] < float4(2.5f));
  out[10].xy = v.xy;
  out[10].zw = out[10].yx;
  out[10].y = a[0][3];
  out[11] = -v;
  out[12] = float4(uint4(1u, 2u, 3u, 4u) << 2u);
  float4 mutable_vector = 1.0f;
  for (int i = 0; i < 4; ++i)
    mutable_vector[i] = float(i);
  out[13] = mutable_vector;
  out[14] = float4(bool4(true, false, true, true) && !bool4(false, false, true, false));
  out[15] = (float4)int4(5);
  float3 three = a[1].xyz;
  out[16] = float4(three, float(any(three == v.xyz)) + 2.0f * float(all(three < three + 1.0f)));
  out[17] = as_type<float4>(as_type<uint4>(v) ^ uint4(0x80000000u));
  half4 h = half4(v) * 0.5h;
  out[18] = float4(h);
  bfloat4 b = bfloat4(v);
  out[19] = float4(b + b);
  for (int i = 0; i < 2; ++i)
    out[20][i] = v.wx[i] + 100.0f * a[1].zx[i];
}
""")


def test_vectors():
    a = np.arange(1, 9, dtype=np.float32).reshape(2, 4)
    out = np.zeros((21, 4), dtype=np.float32)
    harness.run(VECTORS, "vectors", [a, out], grid=1)
    v = [20.0, 4.0, 30.0, 10.0]
    expected = [
        [4, 3, 2, 1],
        [1, 2, 8, 9],
        [7, 2, 3, 6],
        [3, 3, 3, 1],
        [2, 4, 3, 6],
        v,
        [39, 7, 59, 19],
        [6, 1, 10, 3],
        [20, 4, 30, 10],
        [1, 1, 0, 0],
        [20, 4, 4, 20],
        [-20, -4, -30, -10],
        [4, 8, 12, 16],
        [0, 1, 2, 3],
        [1, 0, 0, 1],
        [5, 5, 5, 5],
        [5, 6, 7, 2],
        [-20, -4, -30, -10],
        [10, 2, 15, 5],
        [40, 8, 60, 20],
        [710, 520, 0, 0],
    ]
    np.testing.assert_array_equal(out, np.array(expected, dtype=np.float32))


POINTERS = declare("""
kernel void copy4(device const float* in [[buffer(0)]], device float* out [[buffer(1)]],
                  uint i [[thread_position_in_grid]]) {
  threadgroup half tile[8];
  *(threadgroup half4*)(tile + 4) = half4(1.0h);
  device const float4* source = reinterpret_cast<device const float4*>(in);
  float4 v = source[i] + *(device const float4*)(in + 4 * i) + ((device const float4*)in)[i];
  *reinterpret_cast<device float4*>(out + 4 * i) = v * float(tile[7]);
}
kernel void bits(device const uint* in [[buffer(0)]], device float* out [[buffer(1)]],
                 uint i [[thread_position_in_grid]]) {
  out[i] = as_type<float>(in[i]) + float(as_type<half2>(in[i]).x) * 0.0f;
}
kernel void packed(device const packed_float3* in [[buffer(0)]],
                   device float3* out [[buffer(1)]], device packed_float3* back [[buffer(2)]],
                   uint i [[thread_position_in_grid]]) {
  float3 v = in[i];
  out[i] = v * 2.0f;
  back[i] = v + in[i][0];
}
""")


def test_vector_accesses_through_casts():
    a = np.arange(40, dtype=np.float32)
    out = np.zeros_like(a)
    harness.run(POINTERS, "copy4", [a, out], grid=1, block=10)
    np.testing.assert_array_equal(out, 3 * a)


def test_bits():
    a = np.random.default_rng(0).random(50, dtype=np.float32) + 1
    out = np.zeros_like(a)
    harness.run(POINTERS, "bits", [a.view(np.uint32), out], grid=1, block=50)
    np.testing.assert_array_equal(out[np.isfinite(out)], a[np.isfinite(out)])
    assert np.isfinite(out).sum() > 40


SIGNALLING = {
    kind: declare(f"""
kernel void kept(device const {integer}* in [[buffer(0)]], device {integer}* out [[buffer(1)]],
                 device {kind}* number [[buffer(2)]], uint i [[thread_position_in_grid]]) {{
  {integer}2 v;
  if (in[0] == 3) {{
    number[1] = 1.0f;
    v = {integer}2(7, 5);
  }} else {{
    v = subsat(rotate({integer}2(in[i]), {integer}2(0)), {integer}2(0));
  }}
  number[i] = {kind}(float(as_type<{kind}>(v.y)) + 1.0f);
  out[i] = v.y;
}}
""")
    for kind, integer in (("float", "int"), ("half", "short"), ("bfloat", "short"))
}


@pytest.mark.parametrize(
    ("kind", "bits", "dtype"),
    [
        ("float", np.int32([0x7F800001, -0x7FFFFF]), np.float32),
        ("half", np.int16([0x7C01, -0x3FF]), np.float16),
        ("bfloat", np.int16([0x7F81, -0x7F]), np.uint16),
    ],
)
def test_bits_of_signalling_nans_are_kept(kind, bits, dtype):
    out = np.zeros_like(bits)
    harness.run(SIGNALLING[kind], "kept", [bits, out, np.zeros(2, dtype)], grid=1, block=2)
    np.testing.assert_array_equal(out, bits)


def test_packed_vectors_take_no_padding():
    a = np.arange(15, dtype=np.float32).reshape(5, 3)
    out = np.zeros((5, 4), dtype=np.float32)
    back = np.zeros_like(a)
    harness.run(POINTERS, "packed", [a, out, back], grid=1, block=5)
    np.testing.assert_array_equal(out[:, :3], 2 * a)
    np.testing.assert_array_equal(back, a + a[:, :1])


UNINITIALIZED = declare("""
kernel void uninitialized(device float* out [[buffer(0)]], uint i [[thread_position_in_grid]]) {
  float values[4];
  values[i] = 1.0f;
  out[i] = values[0] + values[i];
}
""")


def test_local_arrays_that_were_not_written_are_nan():
    out = np.zeros(2, dtype=np.float32)
    harness.run(UNINITIALIZED, "uninitialized", [out], grid=1, block=2)
    assert out[0] == 2
    assert np.isnan(out[1])


HEXADECIMAL = elementwise("uint", "a & 0xbf", a="uint")


def test_a_hexadecimal_number_may_end_like_a_bfloat():
    a = np.arange(512, dtype=np.uint32)
    out = run_apply(HEXADECIMAL, a, np.zeros_like(a))
    np.testing.assert_array_equal(out, a & 0xBF)
