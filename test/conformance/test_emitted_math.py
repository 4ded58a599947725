# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of floats and integers, in every dtype, scalar and vectorized."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import enigma
from conformance import harness, reference
from conformance.emitted import (
    FLOATS,
    INTEGERS,
    NUMPY,
    Kernels,
    dtype_of,
    elementwise,
    empty,
    launch,
    rounded,
    sample,
    small_sample,
    values_of,
)
from conformance.exact import Exact

COUNT = 64
WIDTHS = (0, 4)
KERNELS = Kernels()

# `fabs` and `rint` are Metal's names for what Python spells otherwise.
UNARY = {name: function for name, function in reference.UNARY.items() if hasattr(enigma, name)}
UNARY |= {
    "sinpi": (lambda x: np.sin(np.pi * x), (-1.0, 1.0)),
    "cospi": (lambda x: np.cos(np.pi * x), (-0.4, 0.4)),
    "tanpi": (lambda x: np.tan(np.pi * x), (-0.4, 0.4)),
    "erf": (np.vectorize(math.erf), (-4.0, 4.0)),
    "erfc": (np.vectorize(math.erfc), (-4.0, 9.0)),
}
BINARY = {name: function for name, function in reference.BINARY.items() if hasattr(enigma, name)}
TERNARY = {name: function for name, function in reference.TERNARY.items() if hasattr(enigma, name)}
TERNARY["smoothstep"] = lambda low, high, x: np.polyval(
    [-2, 3, 0, 0], np.clip((x - low) / (high - low), 0, 1)
)
POSITIVE = {"pow": np.power, "powr": np.power}
PREDICATES = {
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
    "signbit": np.signbit,
    "isnormal": None,
}
# Of floats of 16 bits, beyond the rounding of the result.
ULPS_OF_HALVES = 1


def add(names, arity, result=None, fast_math=True):
    for name, dtype, width in itertools.product(names, FLOATS, WIDTHS):
        kernel = elementwise(getattr(enigma, name), result or dtype, *[dtype] * arity)
        KERNELS.add((name, dtype, width), kernel, vec_width=width, fast_math=fast_math)


add(UNARY, 1)
add([*BINARY, *POSITIVE], 2)
add(TERNARY, 3)
add(PREDICATES, 1, "b1", fast_math=False)


def stored(dtype, values):
    """`values` as an array of a dtype."""
    return harness.to_bfloat(values) if dtype == "bf16" else values.astype(NUMPY[dtype])


def assert_near(name, dtype, out, expected, slack=0.0):
    """`out` is `expected`, rounded to the dtype, but for some units in the last place."""
    actual, wanted = values_of(dtype, out), rounded(dtype, expected)
    if dtype != "bf16":
        near = np.abs(actual - expected) <= slack
        ulps = reference.ULPS.get(name, 0) if dtype == "f32" else ULPS_OF_HALVES
        reference.assert_close(actual[~near], expected[~near], ulps)
        return
    # NumPy has no spacing of bf16: 8 bits of precision.
    error = np.abs(actual.astype(np.float64) - wanted)
    assert (error <= np.maximum(np.abs(wanted) * 2.0**-7, slack)).all()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_value(name, dtype, width):
    function, (low, high) = UNARY[name]
    # Inputs that bf16 holds serve all dtypes, with room for its rounding.
    a = stored(dtype, np.random.default_rng(0).uniform(low, high, COUNT))
    x = np.clip(values_of(dtype, a).astype(np.float64), low, high)
    a = stored(dtype, x)
    out = empty(dtype, COUNT)
    launch(KERNELS[name, dtype, width], a, out, threads=COUNT)
    with np.errstate(all="ignore"):
        expected = function(values_of(dtype, a).astype(np.float64))
    assert_near(name, dtype, out, expected)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", [*BINARY, *POSITIVE])
def test_functions_of_two_values(name, dtype, width):
    rng = np.random.default_rng(1)
    low = 0.1 if name in POSITIVE else -3.0
    a, b = (stored(dtype, rng.uniform(low, 3, COUNT)) for _ in range(2))
    out = empty(dtype, COUNT)
    launch(KERNELS[name, dtype, width], a, b, out, threads=COUNT)
    function = (BINARY | POSITIVE)[name]
    x, y = (values_of(dtype, v).astype(np.float64) for v in (a, b))
    assert_near(name, dtype, out, function(x, y))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", TERNARY)
def test_functions_of_three_values(name, dtype, width):
    rng = np.random.default_rng(2)
    a, b, c = (stored(dtype, rng.uniform(0, 4, COUNT)) for _ in range(3))
    if name == "clamp":
        low, high = (values_of(dtype, v) for v in (b, c))
        b, c = stored(dtype, np.minimum(low, high)), stored(dtype, np.maximum(low, high))
    if name == "smoothstep":
        b = stored(dtype, values_of(dtype, a) + 2)
    out = empty(dtype, COUNT)
    launch(KERNELS[name, dtype, width], a, b, c, out, threads=COUNT)
    x, y, z = (values_of(dtype, v).astype(np.float64) for v in (a, b, c))
    eps = {"f32": 2.0**-23, "f16": 2.0**-10, "bf16": 2.0**-7}[dtype]
    # Where terms cancel, the error is relative to the terms.
    slack = 16 * eps if name in ("mix", "smoothstep") else 0.0
    assert_near(name, dtype, out, TERNARY[name](x, y, z), slack)


SPECIAL = np.array([0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan, 1e-40, -1e-7, 3e4])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", PREDICATES)
def test_predicates(name, dtype, width):
    a = np.resize(stored(dtype, SPECIAL), 20)
    out = empty("b1", 20)
    launch(KERNELS[name, dtype, width], a, out, threads=20)
    x = values_of(dtype, a).astype(np.float64)
    smallest = 2.0**-14 if dtype == "f16" else 2.0**-126
    expected = (
        np.isfinite(x) & (np.abs(x) >= smallest) if name == "isnormal" else PREDICATES[name](x)
    )
    np.testing.assert_array_equal(out, expected)


CHOICES = {
    "where": lambda a, b: enigma.where(a, b, a < b),
    "conditional": lambda a, b: enigma.where(a - a // 2, 1, b > 0),
}
for choice, dtype, width in itertools.product(CHOICES, (*FLOATS, *INTEGERS), WIDTHS):
    kernel = elementwise(CHOICES[choice], dtype, dtype, dtype)
    KERNELS.add((choice, dtype, width), kernel, vec_width=width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS])
def test_where(dtype, width):
    rng = np.random.default_rng(3)
    a, b = small_sample(dtype, COUNT, rng), small_sample(dtype, COUNT, rng)
    x, y = values_of(dtype, a), values_of(dtype, b)
    out = empty(dtype, COUNT)
    launch(KERNELS["where", dtype, width], a, b, out, threads=COUNT)
    np.testing.assert_array_equal(values_of(dtype, out), np.where(x < y, y, x))
    launch(KERNELS["conditional", dtype, width], a, b, out, threads=COUNT)
    with np.errstate(all="ignore"):
        expected = np.where(y > 0, np.asarray(1, x.dtype), rounded(dtype, x - x // 2))
    np.testing.assert_array_equal(values_of(dtype, out), expected)


# Functions of which only x is an input.
FIELDS = {
    "extract_bits": lambda x: enigma.extract_bits(x, 3, 4),
    "insert_bits": lambda x, field: enigma.insert_bits(x, field, offset=3, count=4),
}


def arity_of(name):
    return reference.INTEGER[name].__code__.co_argcount - 1


def same_dtype(name, dtype):
    """The function, with its result in the dtype of its operands."""
    function = FIELDS.get(name) or getattr(enigma, name)
    return lambda *operands: function(*operands).to(getattr(enigma, dtype))


for name, dtype, width in itertools.product(reference.INTEGER, INTEGERS, WIDTHS):
    kernel = elementwise(same_dtype(name, dtype), dtype, *[dtype] * arity_of(name))
    KERNELS.add((name, dtype, width), kernel, vec_width=width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", reference.INTEGER)
def test_integer_functions(name, dtype, width):
    rng = np.random.default_rng(4)
    inputs = [sample(dtype, COUNT, rng) for _ in range(arity_of(name))]
    edges = [Exact(dtype, 0).low, Exact(dtype, 0).high, 0, 1]
    inputs[0][:16] = np.repeat(np.array(edges, NUMPY[dtype]), 4)
    if len(inputs) > 1:
        inputs[1][:16] = edges * 4
    if name == "idiv":
        inputs[1][inputs[1] == 0] = 7
        inputs[1][:4] = 7
    out = empty(dtype, COUNT)
    launch(KERNELS[name, dtype, width], *inputs, out, threads=COUNT)
    limits = Exact(dtype, 0)
    for i, values in enumerate(zip(*inputs, strict=True)):
        expected = reference.INTEGER[name](limits, *(int(v) for v in values))
        # A difference of signed values may only fit their unsigned dtype.
        assert int(out[i]) % (1 << limits.bits) == expected % (1 << limits.bits), values


EXTREMES = {"min": np.minimum, "max": np.maximum}
for name, dtype, width in itertools.product(EXTREMES, INTEGERS, WIDTHS):
    kernel = elementwise(getattr(enigma, name), dtype, dtype, dtype)
    KERNELS.add((name, dtype, width), kernel, vec_width=width)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", EXTREMES)
def test_extremes_of_integers(name, dtype):
    rng = np.random.default_rng(11)
    a, b = sample(dtype, COUNT, rng), sample(dtype, COUNT, rng)[::-1].copy()
    for width in WIDTHS:
        out = empty(dtype, COUNT)
        launch(KERNELS[name, dtype, width], a, b, out, threads=COUNT)
        np.testing.assert_array_equal(out, EXTREMES[name](a, b))


COMPARISONS = reference.COMPARISON | reference.UNSIGNED_COMPARISON
for name, dtype in itertools.product(COMPARISONS, (*FLOATS, *INTEGERS)):
    if dtype in INTEGERS or name in reference.COMPARISON:
        KERNELS.add((name, dtype), elementwise(getattr(enigma, name), "b1", dtype, dtype))


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons(name):
    dtypes = (*FLOATS, *INTEGERS) if name in reference.COMPARISON else INTEGERS
    for dtype in dtypes:
        rng = np.random.default_rng(5)
        a, b = sample(dtype, COUNT, rng), sample(dtype, COUNT, rng)
        b[::3] = a[::3]
        if dtype in FLOATS:
            a[:2], b[1] = stored(dtype, np.array([np.nan, np.nan])), a[1]
        out = empty("b1", COUNT)
        launch(KERNELS[name, dtype], a, b, out, threads=COUNT)
        x, y = values_of(dtype, a), values_of(dtype, b)
        if name in reference.UNSIGNED_COMPARISON:
            x, y = (v.view(f"u{v.itemsize}") for v in (x, y))
        np.testing.assert_array_equal(out, COMPARISONS[name](x, y))


SIGNALLING = {"f32": 0x7F800001, "f16": 0xFC4B, "bf16": 0xFF81}


def larger_and_smaller(name):
    dtype, integer = dtype_of(name), f"u{8 * NUMPY[name]().itemsize}"

    @enigma.kernel
    def kernel(A: integer, B: dtype, out: dtype):
        number = enigma.as_type(A[0], dtype)
        chosen = enigma.fmax(number, B[0]), enigma.fmax(B[0], number)
        chosen += enigma.fmin(number, B[0]), enigma.fmin(B[0], number)
        for k, value in enumerate((*chosen, enigma.max(number, B[0]), enigma.min(B[0], number))):
            out[k] = value

    return kernel


for name in SIGNALLING:
    KERNELS.add(("signalling", name), larger_and_smaller(name))


@pytest.mark.parametrize("name", SIGNALLING)
def test_of_a_number_and_a_nan_that_signals_the_number_is_chosen(name):
    bits = np.array([SIGNALLING[name]], f"u{NUMPY[name]().itemsize}")
    number, out = np.array([0x40 << 8 * bits.itemsize - 8], bits.dtype), empty(name, 6)
    launch(KERNELS["signalling", name], bits, number.view(NUMPY[name]), out, threads=1)
    np.testing.assert_array_equal(out.view(bits.dtype), np.repeat(number, 6))
