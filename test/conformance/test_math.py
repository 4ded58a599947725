# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The functions of the library, against NumPy and Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conformance import harness
from conformance.kernels import declare, elementwise
from conformance.reference import BINARY, TERNARY, UNARY, assert_close

DTYPES = {"float": np.float32, "half": np.float16}
# The error that a result may have, in units in the last place of its type: the C
# library's own for float, and one rounding more for half.
ULPS = {"float": 4, "half": 1}


def run_apply(source, *arrays, block=64):
    *inputs, out = arrays
    harness.run(source, "apply", [*inputs, out], threads=out.shape[0], block=block)
    return out


SOURCES = {
    (name, dtype): elementwise(dtype, f"{name}(a)", a=dtype) for name in UNARY for dtype in DTYPES
}
SOURCES |= {
    (name, dtype): elementwise(dtype, f"{name}(a, b)", a=dtype, b=dtype)
    for name in BINARY
    for dtype in DTYPES
}
SOURCES |= {
    (name, dtype): elementwise(dtype, f"{name}(a, b, c)", a=dtype, b=dtype, c=dtype)
    for name in TERNARY
    for dtype in DTYPES
}
VECTORS = {
    (name, lanes): elementwise(f"float{lanes}", f"{name}(a)", a=f"float{lanes}")
    for name in UNARY
    for lanes in (2, 4)
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_value(name, dtype):
    function, (low, high) = UNARY[name]
    a = np.random.default_rng(0).uniform(low, high, 500).astype(DTYPES[dtype])
    a[:3] = [low, high, (low + high) / 2]
    out = run_apply(SOURCES[name, dtype], a, np.zeros_like(a))
    with np.errstate(all="ignore"):
        assert_close(out, function(a.astype(np.float64)), ULPS[dtype])


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_vector_are_those_of_its_components(name):
    _, (low, high) = UNARY[name]
    a = np.random.default_rng(0).uniform(low, high, 40).astype(np.float32)
    scalar = run_apply(SOURCES[name, "float"], a, np.zeros_like(a))
    for lanes in (2, 4):
        rows = a.reshape(-1, lanes)
        out = run_apply(VECTORS[name, lanes], rows, np.zeros_like(rows))
        np.testing.assert_array_equal(out.reshape(-1), scalar)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_values(name, dtype):
    rng = np.random.default_rng(1)
    a, b = (rng.uniform(-9, 9, 500).astype(DTYPES[dtype]) for _ in range(2))
    out = run_apply(SOURCES[name, dtype], a, b, np.zeros_like(a))
    expected = BINARY[name](a.astype(np.float64), b.astype(np.float64))
    assert_close(out, expected, ULPS[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TERNARY)
def test_functions_of_three_values(name, dtype):
    rng = np.random.default_rng(2)
    a, b, c = (rng.uniform(0, 4, 500).astype(DTYPES[dtype]) for _ in range(3))
    if name == "clamp":
        b, c = np.minimum(b, c), np.maximum(b, c)
    out = run_apply(SOURCES[name, dtype], a, b, c, np.zeros_like(a))
    expected = TERNARY[name](*(x.astype(np.float64) for x in (a, b, c)))
    # Where terms cancel, the error is relative to the terms.
    slack = 4 * np.finfo(DTYPES[dtype]).eps if name == "mix" else 0.0
    near = np.abs(out - expected) <= slack
    assert_close(out[~near], expected[~near], ULPS[dtype])


SPECIAL = {
    name: elementwise("float", expression, a="float", b="float")
    for name, expression in {
        "fmax": "fmax(a, b)",
        "min": "min(a, b)",
        "sign": "sign(a)",
        "saturate": "saturate(a)",
        "fract": "fract(a)",
        "sinpi": "sinpi(a)",
        "cospi": "cospi(a)",
        "tanpi": "tanpi(a)",
        "pow": "pow(a, b)",
        "powr": "powr(a, b)",
        "smoothstep": "smoothstep(0.0f, b, a)",
        "select": "select(a, b, a < b)",
        "isnan": "float(isnan(a))",
        "isinf": "float(isinf(a))",
        "isfinite": "float(isfinite(a))",
        "isnormal": "float(isnormal(a))",
        "signbit": "float(signbit(a))",
        "nextafter": "nextafter(a, b)",
        "ldexp": "ldexp(a, int(b))",
        "degrees": "degrees(a)",
    }.items()
}
NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("fmax", NAN, 1.0, 1.0),
        ("fmax", 1.0, NAN, 1.0),
        ("min", NAN, 1.0, 1.0),
        ("sign", NAN, 0.0, 0.0),
        ("sign", -INF, 0.0, -1.0),
        ("saturate", NAN, 0.0, 0.0),
        ("saturate", INF, 0.0, 1.0),
        ("fract", -1e-9, 0.0, 1 - 2.0**-24),
        ("sinpi", 0.5, 0.0, 1.0),
        ("sinpi", 3.0, 0.0, 0.0),
        ("sinpi", 1e6 + 0.5, 0.0, 1.0),
        ("cospi", 1.0, 0.0, -1.0),
        ("cospi", 2.5, 0.0, 0.0),
        ("tanpi", 0.25, 0.0, 1.0),
        ("tanpi", 0.5, 0.0, INF),
        ("pow", -2.0, 3.0, -8.0),
        ("pow", 0.0, 0.0, 1.0),
        ("powr", 2.0, 3.0, 8.0),
        ("powr", -2.0, 3.0, NAN),
        ("smoothstep", 1.0, 2.0, 0.5),
        ("smoothstep", 3.0, 2.0, 1.0),
        ("select", 1.0, 2.0, 2.0),
        ("select", 3.0, 2.0, 3.0),
        ("isnan", NAN, 0.0, 1.0),
        ("isnan", INF, 0.0, 0.0),
        ("isinf", -INF, 0.0, 1.0),
        ("isfinite", INF, 0.0, 0.0),
        ("isfinite", 1.0, 0.0, 1.0),
        ("isnormal", 1e-40, 0.0, 0.0),
        ("isnormal", 1.0, 0.0, 1.0),
        ("signbit", -0.0, 0.0, 1.0),
        ("nextafter", 1.0, 2.0, 1 + 2.0**-23),
        ("ldexp", 3.0, 4.0, 48.0),
        ("degrees", math.pi, 0.0, 180.0),
    ],
)
def test_special_values(name, a, b, expected):
    args = [np.array([x], np.float32) for x in (a, b)]
    out = run_apply(SPECIAL[name], *args, np.zeros(1, np.float32))
    np.testing.assert_allclose(out, [np.float32(expected)], rtol=1e-6)


SECOND_RESULTS = declare("""
kernel void second(device const float* a [[buffer(0)]], device float* out [[buffer(1)]],
                   uint i [[thread_position_in_grid]]) {
  float c, whole;
  int e;
  out[6 * i] = sincos(a[i], c);
  out[6 * i + 1] = c;
  out[6 * i + 2] = modf(a[i], whole);
  out[6 * i + 3] = whole;
  out[6 * i + 4] = frexp(a[i], e);
  out[6 * i + 5] = float(e);
}
""")


def test_functions_with_a_second_result():
    a = np.array([0.5, -3.75, 1000.0, -0.0], np.float32)
    out = np.zeros((4, 6), np.float32)
    harness.run(SECOND_RESULTS, "second", [a, out], grid=1, block=4)
    fraction, whole = np.modf(a)
    mantissa, exponent = np.frexp(a)
    expected = np.stack([np.sin(a), np.cos(a), fraction, whole, mantissa, exponent], axis=1)
    np.testing.assert_allclose(out, expected, rtol=1e-6)


INTEGER_TYPES = {
    "char": np.int8,
    "uchar": np.uint8,
    "short": np.int16,
    "ushort": np.uint16,
    "int": np.int32,
    "uint": np.uint32,
    "long": np.int64,
    "ulong": np.uint64,
}


class Integer:
    """The integer functions on Python ints, for one type."""

    def __init__(self, dtype):
        info = np.iinfo(dtype)
        self.low, self.high, self.bits = int(info.min), int(info.max), info.bits

    def wrap(self, x):
        x &= (1 << self.bits) - 1
        return x - (1 << self.bits) if self.low < 0 and x >> (self.bits - 1) else x

    def raw(self, x):
        return x & ((1 << self.bits) - 1)

    def saturate(self, x):
        return max(self.low, min(self.high, x))

    def absdiff(self, a, b, c):
        return self.wrap(abs(a - b))

    def addsat(self, a, b, c):
        return self.saturate(a + b)

    def subsat(self, a, b, c):
        return self.saturate(a - b)

    def hadd(self, a, b, c):
        return (a + b) >> 1

    def rhadd(self, a, b, c):
        return (a + b + 1) >> 1

    def mulhi(self, a, b, c):
        return self.wrap((a * b) >> self.bits)

    def madhi(self, a, b, c):
        return self.wrap(((a * b) >> self.bits) + c)

    def madsat(self, a, b, c):
        return self.saturate(a * b + c)

    def popcount(self, a, b, c):
        return self.raw(a).bit_count()

    def clz(self, a, b, c):
        return self.bits - self.raw(a).bit_length()

    def ctz(self, a, b, c):
        raw = self.raw(a)
        return (raw & -raw).bit_length() - 1 if raw else self.bits

    def reverse_bits(self, a, b, c):
        return self.wrap(int(f"{self.raw(a):0{self.bits}b}"[::-1], 2))

    def rotate(self, a, b, c):
        by = self.raw(b) % self.bits
        raw = self.raw(a)
        return self.wrap(raw << by | raw >> (self.bits - by))

    def extract_bits(self, a, b, c):
        field = self.raw(a) >> 3 & 15
        return field - 16 if self.low < 0 and field >= 8 else field

    def insert_bits(self, a, b, c):
        return self.wrap(self.raw(a) & ~(15 << 3) | (self.raw(b) & 15) << 3)

    def abs(self, a, b, c):
        return self.wrap(abs(a))

    def min(self, a, b, c):
        return min(a, b)

    def max(self, a, b, c):
        return max(a, b)

    def clamp(self, a, b, c):
        return min(max(a, b), c)

    def median3(self, a, b, c):
        return sorted((a, b, c))[1]


CALLS = {
    "absdiff": "absdiff(a, b)",
    "addsat": "addsat(a, b)",
    "subsat": "subsat(a, b)",
    "hadd": "hadd(a, b)",
    "rhadd": "rhadd(a, b)",
    "mulhi": "mulhi(a, b)",
    "madhi": "madhi(a, b, c)",
    "madsat": "madsat(a, b, c)",
    "popcount": "popcount(a)",
    "clz": "clz(a)",
    "ctz": "ctz(a)",
    "reverse_bits": "reverse_bits(a)",
    "rotate": "rotate(a, b)",
    "extract_bits": "extract_bits(a, 3u, 4u)",
    "insert_bits": "insert_bits(a, b, 3u, 4u)",
    "abs": "abs(a)",
    "min": "min(a, b)",
    "max": "max(a, b)",
    "clamp": "clamp(a, b, c)",
    "median3": "median3(a, b, c)",
}


def integer_kernel(dtype):
    """One kernel that gives all functions of three values."""
    inputs = ", ".join(
        f"device const {dtype}* {name}_ [[buffer({i})]]" for i, name in enumerate("abc")
    )
    rows = "\n".join(
        f"  out[{len(CALLS)} * i + {row}] = {dtype}({call});"
        for row, call in enumerate(CALLS.values())
    )
    return declare(
        f"kernel void integers({inputs}, device {dtype}* out [[buffer(3)]],\n"
        "  uint i [[thread_position_in_grid]]) {\n"
        f"  {dtype} a = a_[i], b = b_[i], c = c_[i];\n{rows}\n}}\n"
    )


INTEGERS = {dtype: integer_kernel(dtype) for dtype in INTEGER_TYPES}


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_functions(dtype):
    numpy_type = INTEGER_TYPES[dtype]
    info = np.iinfo(numpy_type)
    rng = np.random.default_rng(3)
    edges = [info.min, info.min + 1, 0, 1, 2, info.max - 1, info.max]
    a, b, c = (
        np.concatenate(
            [
                rng.integers(info.min, info.max, 60, numpy_type, endpoint=True),
                rng.choice(np.array(edges, numpy_type), 60),
            ]
        )
        for _ in range(3)
    )
    out = np.zeros((120, len(CALLS)), numpy_type)
    harness.run(INTEGERS[dtype], "integers", [a, b, c, out], grid=1, block=120)
    reference = Integer(numpy_type)
    for column, name in enumerate(CALLS):
        expected = [
            getattr(reference, name)(int(x), int(y), int(z))
            for x, y, z in zip(a, b, c, strict=True)
        ]
        assert out[:, column].tolist() == expected, name


GEOMETRY = declare("""
kernel void geometry(device const float4* in [[buffer(0)]], device float4* out [[buffer(1)]]) {
  float3 a = in[0].xyz, b = in[1].xyz;
  out[0] = float4(cross(a, b), dot(a, b));
  out[1] = float4(normalize(a), length(a));
  out[2] = float4(reflect(a, b), distance(a, b));
  out[3] = float4(faceforward(a, b, a), distance_squared(a, b));
  out[4] = float4(refract(normalize(a), normalize(b), 0.9f), dot(a.xy, b.zx));
}
""")


def test_geometry():
    a, b = np.array([1.0, 2.0, 3.0, 0.0]), np.array([-2.0, 0.5, 4.0, 0.0])
    out = np.zeros((5, 4), np.float32)
    harness.run(GEOMETRY, "geometry", [np.stack([a, b]).astype(np.float32), out], grid=1)
    a, b = a[:3], b[:3]
    norm = np.linalg.norm
    i, n, eta = a / norm(a), b / norm(b), 0.9
    k = 1 - eta**2 * (1 - (n @ i) ** 2)
    expected = [
        [*np.cross(a, b), a @ b],
        [*i, norm(a)],
        [*(a - 2 * (a @ b) * b), norm(a - b)],
        [*-a, (a - b) @ (a - b)],
        [*(eta * i - (eta * (n @ i) + np.sqrt(k)) * n), a[0] * b[2] + a[1] * b[0]],
    ]
    np.testing.assert_allclose(out, expected, rtol=1e-5)


MATRICES = declare("""
kernel void matrices(device const float* in [[buffer(0)]], device float* out [[buffer(1)]]) {
  float4x4 a = *(device const float4x4*)in;
  float3x3 b = float3x3(a[0].xyz, a[1].xyz, a[2].xyz);
  float2x3 c = float2x3(b[0], b[1]);
  out[0] = determinant(a);
  out[1] = determinant(b);
  out[2] = determinant(float2x2(a[0].xy, a[1].xy));
  float4 v = a * float4(1.0f, 2.0f, 3.0f, 4.0f);
  float4 w = float4(1.0f, 2.0f, 3.0f, 4.0f) * a;
  float3x2 t = transpose(c);
  float2x2 p = t * c;
  for (int i = 0; i < 4; ++i) {
    out[3 + i] = v[i];
    out[7 + i] = w[i];
    out[11 + i] = p[i / 2][i % 2];
  }
  *(device float4x4*)(out + 16) = 2.0f * (a * transpose(a)) - float4x4(1.0f);
}
""")


def test_matrices():
    columns = np.random.default_rng(4).integers(-4, 5, (4, 4)).astype(np.float32)
    out = np.zeros(32, np.float32)
    harness.run(MATRICES, "matrices", [columns, out], grid=1)
    a = columns.T.astype(np.float64)
    v = np.array([1.0, 2.0, 3.0, 4.0])
    c = a[:3, :2]
    np.testing.assert_allclose(out[0], np.linalg.det(a), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(out[1], np.linalg.det(a[:3, :3]), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(out[2], np.linalg.det(a[:2, :2]), rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(out[3:7], a @ v)
    np.testing.assert_array_equal(out[7:11], v @ a)
    np.testing.assert_array_equal(out[11:15].reshape(2, 2).T, c.T @ c)
    np.testing.assert_array_equal(out[16:].reshape(4, 4).T, 2 * a @ a.T - np.eye(4))


PACKING = declare("""
kernel void packing(device const float4* in [[buffer(0)]], device uint* packed [[buffer(1)]],
                    device float4* back [[buffer(2)]], uint i [[thread_position_in_grid]]) {
  float4 v = in[i];
  packed[6 * i] = pack_float_to_unorm4x8(v);
  packed[6 * i + 1] = pack_float_to_snorm4x8(v);
  packed[6 * i + 2] = pack_float_to_unorm2x16(v.xy);
  packed[6 * i + 3] = pack_float_to_snorm2x16(v.xy);
  packed[6 * i + 4] = pack_float_to_unorm10a2(v);
  packed[6 * i + 5] = pack_float_to_srgb_unorm4x8(v);
  back[6 * i] = unpack_unorm4x8_to_float(packed[6 * i]);
  back[6 * i + 1] = unpack_snorm4x8_to_float(packed[6 * i + 1]);
  back[6 * i + 2].xy = unpack_unorm2x16_to_float(packed[6 * i + 2]);
  back[6 * i + 3].xy = unpack_snorm2x16_to_float(packed[6 * i + 3]);
  back[6 * i + 4] = unpack_unorm10a2_to_float(packed[6 * i + 4]);
  back[6 * i + 5] = unpack_unorm4x8_srgb_to_float(packed[6 * i + 5]);
}
""")


def test_packing():
    a = np.random.default_rng(5).uniform(-1.5, 1.5, (64, 4)).astype(np.float32)
    packed = np.zeros((64, 6), np.uint32)
    back = np.zeros((64, 6, 4), np.float32)
    harness.run(PACKING, "packing", [a, packed, back], grid=1, block=64)
    unsigned, signed = np.clip(a, 0, 1), np.clip(a, -1, 1)
    as_bytes = np.rint(unsigned * np.float32(255)).astype(np.uint8)
    np.testing.assert_array_equal(packed[:, :1].copy().view(np.uint8), as_bytes)
    as_bytes = np.rint(signed * np.float32(127)).astype(np.int8)
    np.testing.assert_array_equal(packed[:, 1:2].copy().view(np.int8), as_bytes)
    steps = {0: (unsigned, 255), 1: (signed, 127), 2: (unsigned, 65535), 3: (signed, 32767)}
    for row, (value, scale) in steps.items():
        lanes = 2 if row in (2, 3) else 4
        error = np.abs(back[:, row, :lanes] - value[:, :lanes])
        assert error.max() <= 0.501 / scale
    assert np.abs(back[:, 4, :3] - unsigned[:, :3]).max() <= 0.501 / 1023
    assert np.abs(back[:, 4, 3] - unsigned[:, 3]).max() <= 0.501 / 3
    # The steps of sRGB are widest at 1, where its slope is 1.055 / 2.4.
    assert np.abs(back[:, 5, :3] - unsigned[:, :3]).max() <= 0.501 / 255 * 2.4 / 1.055
