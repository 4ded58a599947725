# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conversions that saturate, between all dtypes, against exact arithmetic; powers of integers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from conformance import harness
from conformance.emitted import (
    FLOATS,
    INTEGERS,
    NUMPY,
    Kernels,
    dtype_of,
    elementwise,
    empty,
    launch,
    values_of,
)
from conformance.exact import Exact

KERNELS = Kernels()
DTYPES = (*FLOATS, *INTEGERS)
COUNT = 48
LARGEST = {"f16": 65504.0, "bf16": 255.0 * 2.0**120, "f32": float(np.finfo(np.float32).max)}
PAIRS = [(source, target) for source in DTYPES for target in DTYPES if source != target]

for source, target in PAIRS:
    for width in (0, 4) if "8" in source + target else (0,):
        KERNELS.add(
            (source, target, width),
            elementwise(
                lambda x, target=target: x.to(dtype_of(target), saturate=True), target, source
            ),
            vec_width=width,
            fast_math=False,
        )


def numbers(dtype):
    """The ends of all dtypes and what is beside them, and halves, as far as a dtype has them."""
    if dtype in INTEGERS:
        low, high = Exact(dtype, 0).low, Exact(dtype, 0).high
        ends = [end for other in INTEGERS for end in (Exact(other, 0).low, Exact(other, 0).high)]
        wanted = sorted({n + k for n in (*ends, 65504, 0) for k in (-1, 0, 1)})
        fitting = [n for n in wanted if low <= n <= high]
        return np.resize(np.array(fitting, NUMPY[dtype]), COUNT)
    wanted = [0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 127.5, -128.5, 254.9, 255.0, 256.0, -1.0, 1e-40]
    wanted += [sign * 2.0**power for power in (7, 15, 16, 31, 32, 63, 64) for sign in (1, -1)]
    wanted += [65504.0, 65519.0, 65520.0, 3.4e38, -3.4e38, math.inf, -math.inf, math.nan]
    wanted += [np.nextafter(np.float32(2.0**31), np.float32(0)), 2147483000.0, 1e10, -1e10]
    with np.errstate(over="ignore"):
        array = np.resize(np.array(wanted, np.float32), COUNT)
        return harness.to_bfloat(array) if dtype == "bf16" else array.astype(NUMPY[dtype])


def saturated(number, target):
    if target in INTEGERS:
        low, high = Exact(target, 0).low, Exact(target, 0).high
        if math.isnan(number):
            return 0
        return high if number >= high else low if number <= low else int(number)
    if math.isnan(number):
        return number
    return min(max(number, -LARGEST[target]), LARGEST[target])


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_saturating_conversions(source, target):
    a = numbers(source)
    exact = [v.item() for v in values_of(source, a)]
    wanted = [saturated(number, target) for number in exact]
    if target == "bf16":
        expected = harness.from_bfloat(harness.to_bfloat(np.array(wanted, np.float32)))
    else:
        expected = np.array(wanted).astype(NUMPY[target]) if target in FLOATS else wanted
    for width in (0, 4) if "8" in source + target else (0,):
        out = empty(target, COUNT)
        launch(KERNELS[source, target, width], a, out, threads=COUNT)
        got = values_of(target, out)
        if target == "f32":
            # The rounding of 64-bit integers is the host's.
            np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
        np.testing.assert_array_equal(got, np.array(expected, got.dtype))


# Powers of integers.

POWERS = ("i8", "u8", "i16", "i32", "u32", "i64", "u64")
CASES = list(itertools.product(POWERS, ("i32", "u8")))
for base, exponent in CASES:
    for width in (0, 4):
        KERNELS.add(
            ("power", base, exponent, width),
            elementwise(lambda x, n: x**n, base, base, exponent),
            vec_width=width,
        )
# Products of signed integers must not overflow.
CONSTANTS = {"i": (0, 1, 2), "u": (0, 1, 3, 65, 200)}
for dtype in POWERS:
    powers = CONSTANTS[dtype[0]]
    KERNELS.add(
        ("constants", dtype),
        elementwise(lambda x, powers=powers: sum(x**k for k in powers), dtype, dtype),
    )
    KERNELS.add(("of a number", dtype), elementwise(lambda n: 3**n, dtype, dtype))


def wrapped(dtype, number):
    bits = Exact(dtype, 0).bits
    number %= 1 << bits
    return number - (1 << bits) if dtype[0] == "i" and number >> (bits - 1) else number


def raised(dtype, base, exponent):
    if exponent < 0:
        return base**-exponent if base in (1, -1) else 0
    return wrapped(dtype, pow(base, exponent, 1 << 64) if base >= 0 else base**exponent)


@pytest.mark.parametrize("width", [0, 4])
@pytest.mark.parametrize(("base", "exponent"), CASES)
def test_powers_of_integers(base, exponent, width):
    rng = np.random.default_rng(4)
    limits = Exact(base, 0)
    a = rng.integers(max(limits.low, -9), 10, COUNT).astype(NUMPY[base])
    a[:6] = [0, 1, limits.high, 2, 3, limits.low]
    n = rng.integers(0, 40, COUNT).astype(NUMPY[exponent])
    n[:4] = [0, 0, 3, 1]
    if exponent == "i32":
        n[8:16] = -n[8:16]
        a[8:12] = [1, limits.low and -1, limits.low and -1, 2]
        n[9:11] = [-3, -4]
    out = empty(base, COUNT)
    launch(KERNELS["power", base, exponent, width], a, n, out, threads=COUNT)
    expected = [raised(base, int(x), int(k)) for x, k in zip(a, n, strict=True)]
    np.testing.assert_array_equal(out, np.array(expected, NUMPY[base]))


@pytest.mark.parametrize("dtype", POWERS)
def test_powers_with_numbers(dtype):
    a = np.resize(np.arange(10), COUNT).astype(NUMPY[dtype])
    out = empty(dtype, COUNT)
    launch(KERNELS["constants", dtype], a, out, threads=COUNT)
    expected = [wrapped(dtype, sum(int(x) ** k for k in CONSTANTS[dtype[0]])) for x in a]
    np.testing.assert_array_equal(out, np.array(expected, NUMPY[dtype]))
    a = np.arange(COUNT).astype(NUMPY[dtype])
    launch(KERNELS["of a number", dtype], a, out, threads=COUNT)
    expected = [wrapped(dtype, 3 ** int(n)) for n in a]
    np.testing.assert_array_equal(out, np.array(expected, NUMPY[dtype]))
