# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Packing of numbers into the bits of an integer, against NumPy and exact arithmetic."""

import itertools

import numpy as np
import pytest

import enigma
from conformance import harness, reference
from conformance.emitted import FLOATS, INTEGERS, NUMPY, Kernels, dtype_of, empty, launch, values_of

COUNT = 96
KERNELS = Kernels()
NAMES = {"f32": "float", "f16": "half"}


def packing(name, dtype):
    element, lanes = dtype_of(dtype), len(reference.PACKED[name][0])
    function = getattr(enigma, f"pack_{NAMES[dtype]}_to_{name}")

    @enigma.kernel
    def pack(A: element, out: enigma.u32):
        i = enigma.thread_position_in_grid
        out[i] = function(enigma.make_vec(*[A[lanes * i + k] for k in range(lanes)]))

    return pack


def unpacking(name, dtype):
    element, lanes = dtype_of(dtype), len(reference.PACKED[name][0])
    function = getattr(enigma, f"unpack_{name}_to_{NAMES[dtype]}")

    @enigma.kernel
    def unpack(A: enigma.u32, out: element):
        i = enigma.thread_position_in_grid
        numbers = function(A[i])
        for k in range(lanes):
            out[lanes * i + k] = numbers[k]

    return unpack


FORMATS = list(itertools.product(reference.PACKED, NAMES))
for name, dtype in FORMATS:
    KERNELS.add(("pack", name, dtype), packing(name, dtype))
    KERNELS.add(("unpack", name, dtype), unpacking(name, dtype))


@pytest.mark.parametrize(("name", "dtype"), FORMATS)
def test_packed_floats(name, dtype):
    widths, is_signed = reference.PACKED[name]
    values = np.random.default_rng(0).uniform(-1.3, 1.3, (COUNT, len(widths)))
    edges = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, np.inf, -np.inf, np.nan, 6e-8, 0.5, 0.999]
    values[: len(edges)] = np.array(edges)[:, None]
    values = values.astype(NUMPY[dtype])
    out = empty("u32", COUNT)
    launch(KERNELS["pack", name, dtype], values.reshape(-1), out, threads=COUNT)
    wanted = reference.packed_fields(name, values.astype(np.float32))
    if not name.startswith("srgb"):
        np.testing.assert_array_equal(out, reference.joined(wanted, widths))
        return
    # A power is not exact: a number next to the middle of two may go to either.
    found = reference.taken(out.astype(np.int64), widths, is_signed)
    assert np.abs(found - wanted).max() <= 1
    assert (found == wanted).mean() > 0.95
    np.testing.assert_array_equal(found[: len(edges) - 2], wanted[: len(edges) - 2])


@pytest.mark.parametrize(("name", "dtype"), FORMATS)
def test_unpacked_floats(name, dtype):
    widths, _ = reference.PACKED[name]
    packed = np.random.default_rng(1).integers(0, 1 << 32, COUNT, np.uint32)
    packed[:4] = [0, 0xFFFFFFFF, 0x80808080, 0x80008000]
    out = empty(dtype, COUNT * len(widths))
    launch(KERNELS["unpack", name, dtype], packed, out, threads=COUNT)
    expected = reference.unpacked(name, packed.astype(np.int64))
    error = np.abs(out.reshape(expected.shape).astype(np.float64) - expected)
    units = 8 if name.startswith("srgb") else 1
    assert (error <= units * np.finfo(NUMPY[dtype]).eps * np.maximum(np.abs(expected), 1e-4)).all()


# Integers.

SMALL = [dtype for dtype in INTEGERS if "64" not in dtype]


def bytes_packed(dtype, is_vector):
    element = dtype_of(dtype)

    @enigma.kernel
    def pack(A: element, out: enigma.u32):
        i = enigma.thread_position_in_grid
        parts = [A[4 * i + k] for k in range(4)]
        out[i] = enigma.pack_uint8x4(*[enigma.make_vec(*parts)] if is_vector else parts)

    return pack


def nibbles_packed(dtype):
    element = dtype_of(dtype)

    @enigma.kernel
    def pack(A: element, out: enigma.u8):
        i = enigma.thread_position_in_grid
        out[i] = enigma.pack_int4x2(A[2 * i], A[2 * i + 1])

    return pack


@enigma.kernel
def bytes_unpacked(A: enigma.u32, out: enigma.u8):
    i = enigma.thread_position_in_grid
    a, b, c, d = enigma.unpack_uint8x4(A[i])
    out[4 * i] = a
    out[4 * i + 1] = b
    out[4 * i + 2] = c
    out[4 * i + 3] = d


def nibbles_unpacked(dtype):
    element = dtype_of(dtype)

    @enigma.kernel
    def unpack(A: element, out: enigma.i8):
        i = enigma.thread_position_in_grid
        low, high = enigma.unpack_int4x2(A[i])
        out[2 * i] = low
        out[2 * i + 1] = high

    return unpack


for dtype in SMALL:
    for is_vector in (False, True):
        KERNELS.add(("bytes", dtype, is_vector), bytes_packed(dtype, is_vector))
    KERNELS.add(("nibbles", dtype), nibbles_packed(dtype))
KERNELS.add("bytes", bytes_unpacked)
for dtype in ("i8", "u8"):
    KERNELS.add(("unpack nibbles", dtype), nibbles_unpacked(dtype))


def integers(dtype, count):
    info = np.iinfo(NUMPY[dtype])
    values = np.random.default_rng(2).integers(
        info.min, info.max, count, NUMPY[dtype], endpoint=True
    )
    values[:4] = [info.min, info.max, 0, 1]
    return values


@pytest.mark.parametrize("dtype", SMALL)
@pytest.mark.parametrize("is_vector", [False, True])
def test_packed_bytes(dtype, is_vector):
    values, out = integers(dtype, 4 * COUNT), empty("u32", COUNT)
    launch(KERNELS["bytes", dtype, is_vector], values, out, threads=COUNT)
    fields = values.astype(np.int64).reshape(-1, 4)
    np.testing.assert_array_equal(out, reference.joined(fields, (8, 8, 8, 8)))


@pytest.mark.parametrize("dtype", SMALL)
def test_packed_nibbles(dtype):
    values, out = integers(dtype, 2 * COUNT), empty("u8", COUNT)
    launch(KERNELS["nibbles", dtype], values, out, threads=COUNT)
    fields = values.astype(np.int64).reshape(-1, 2)
    np.testing.assert_array_equal(out, reference.joined(fields, (4, 4)))


def test_unpacked_bytes():
    packed, out = integers("u32", COUNT), empty("u8", 4 * COUNT)
    launch(KERNELS["bytes"], packed, out, threads=COUNT)
    expected = reference.taken(packed.astype(np.int64), (8, 8, 8, 8), False)
    np.testing.assert_array_equal(out.reshape(-1, 4), expected)


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_unpacked_nibbles(dtype):
    packed = np.arange(256, dtype=np.uint8).view(NUMPY[dtype])
    out = empty("i8", 512)
    launch(KERNELS["unpack nibbles", dtype], packed, out, threads=256)
    expected = reference.taken(packed.astype(np.int64), (4, 4), True)
    np.testing.assert_array_equal(out.reshape(-1, 2), expected)


ZEROS = {"none": 0, "number": -7, "traced": None}


def dequantized(dtype, scale, zero):
    element, factor = dtype_of(dtype), dtype_of(scale)

    @enigma.kernel
    def apply(X: element, S: factor, Z: enigma.i32, out: factor):
        i = enigma.thread_position_in_grid
        if zero == "none":
            out[i] = enigma.dequantize_int8(X[i], S[i])
        elif zero == "number":
            out[i] = enigma.dequantize_int8(X[i], S[i], zero_point=-7)
        else:
            out[i] = enigma.dequantize_int8(X[i], S[i], Z[i])

    return apply


QUANTIZED = list(itertools.product(("i8", "u8"), FLOATS, ZEROS, (0, 4)))
for dtype, scale, zero, width in QUANTIZED:
    kernel = dequantized(dtype, scale, zero)
    KERNELS.add(("dequantize", dtype, scale, zero, width), kernel, vec_width=width)


@pytest.mark.parametrize(("dtype", "scale", "zero", "width"), QUANTIZED)
def test_dequantized(dtype, scale, zero, width):
    x = np.arange(256, dtype=np.uint8).view(NUMPY[dtype])
    rng = np.random.default_rng(3)
    s = rng.uniform(-2, 2, 256).astype(np.float32)
    s = harness.to_bfloat(s) if scale == "bf16" else s.astype(NUMPY[scale])
    z = rng.integers(-300, 300, 256, np.int32)
    out = empty(scale, 256)
    kernel = KERNELS["dequantize", dtype, scale, zero, width]
    launch(kernel, x, s, z, out, threads=256)
    point = z if zero == "traced" else ZEROS[zero]
    exact = (x.astype(np.int64) - point).astype(np.float32) * values_of(scale, s).astype(np.float32)
    if scale == "bf16":
        exact = harness.from_bfloat(harness.to_bfloat(exact))
    np.testing.assert_array_equal(values_of(scale, out), exact.astype(values_of(scale, out).dtype))
