# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Powers with whole exponents: of negative bases, of zeros, of every dtype."""

import itertools

import numpy as np
import pytest

import enigma
from conformance.emitted import (
    FLOATS,
    INTEGERS,
    NUMPY,
    Kernels,
    elementwise,
    empty,
    launch,
    rounded,
    values_of,
)
from conformance.harness import to_bfloat

KERNELS = Kernels()
KNOWN = (-7, -2, -1, 0, 1, 2, 3, 6, 11, 2.0, -3.0, 64, 100)
BASES = (-3.0, -1.5, -1.0, -0.25, -0.0, 0.0, 0.5, 1.0, 1.25, 2.0, 3.0, 10.0)
# How far the product may be from the power: each multiplication rounds.
TOLERANCE = {"f32": 1e-6, "f16": 2**-10, "bf16": 2**-7}

for name, exponent in itertools.product(FLOATS, KNOWN):
    kernel = elementwise(lambda a, exponent=exponent: a**exponent, name, name)
    KERNELS.add((name, exponent), kernel)
    function = elementwise(lambda a, exponent=exponent: enigma.pow(a, exponent), name, name)
    KERNELS.add((name, exponent, "pow"), function)
for name, exponent, width in itertools.product(FLOATS, INTEGERS, (0, 4)):
    kernel = elementwise(lambda a, n: a**n, name, name, exponent)
    KERNELS.add((name, exponent, width), kernel, vec_width=width)


def stored(name, values):
    values = np.array(values, np.float32)
    return to_bfloat(values) if name == "bf16" else values.astype(NUMPY[name])


def check(name, found, bases, exponents):
    with np.errstate(all="ignore"):
        wide = values_of(name, bases).astype(np.float64)
        expected = rounded(name, wide ** np.asarray(exponents, np.float64))
    # The inverse of a product that overflows is 0, and GPUs have no smaller numbers.
    smallest = 2.0**-14 if name == "f16" else 2.0**-126
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE[name], atol=smallest)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@pytest.mark.parametrize("spelling", [(), ("pow",)])
@pytest.mark.parametrize("exponent", KNOWN)
@pytest.mark.parametrize("name", FLOATS)
def test_known_exponents(name, exponent, spelling):
    bases = stored(name, BASES)
    out = empty(name, len(bases))
    launch(KERNELS[(name, exponent, *spelling)], bases, out, threads=len(bases))
    check(name, values_of(name, out), bases, exponent)


@pytest.mark.parametrize("width", [0, 4])
@pytest.mark.parametrize("exponent", INTEGERS)
@pytest.mark.parametrize("name", FLOATS)
def test_traced_exponents(name, exponent, width):
    info = np.iinfo(NUMPY[exponent])
    exponents = [e for e in (-9, -2, -1, 0, 1, 2, 3, 8, 13, int(info.max), int(info.min))]
    pairs = [
        (base, e)
        for base in BASES
        for e in exponents
        if info.min <= e <= info.max and (abs(e) < 20 or abs(base) in (0.0, 0.5, 1.0, 2.0))
    ]
    pairs += pairs[: -len(pairs) % 4]
    bases = stored(name, [base for base, _ in pairs])
    powers = np.array([e for _, e in pairs], NUMPY[exponent])
    out = empty(name, len(pairs))
    launch(KERNELS[name, exponent, width], bases, powers, out, threads=len(pairs))
    # Beyond 2^53 a float64 has no odd numbers, on which the sign depends.
    parity = [
        e if abs(e) < 1 << 53 else (e % 2) + (1 << 52) * (1 if e > 0 else -1) for _, e in pairs
    ]
    check(name, values_of(name, out), bases, parity)


@pytest.mark.parametrize("base", ["f32", "i32"])
def test_powers_of_numbers(base):
    @enigma.kernel
    def powers(A: enigma.f32, N: enigma.i32, B: enigma.f32):
        i = enigma.thread_position_in_grid
        B[3 * i] = 2.0 ** N[i]
        B[3 * i + 1] = enigma.pow(2, N[i])
        B[3 * i + 2] = A[i] ** (2 if N[i] > 0 else 3)

    a = np.array([-2.0, 3.0], np.float32)
    n = np.array([-3, 5], np.int32)
    out = np.zeros(6, np.float32)
    launch(enigma.compile(powers, emit_only=True), a, n, out, threads=2)
    assert out.tolist() == [0.125, 0.125, -8.0, 32.0, 32.0, 9.0]


def test_products_are_printed_for_small_exponents():
    @enigma.kernel
    def powers(A: enigma.f32, B: enigma.f32):
        i = enigma.thread_position_in_grid
        B[i] = A[i] ** 2 + enigma.pow(A[i], -1)
        B[i + 1] = A[i] ** 2.5

    text = enigma.compile(powers, emit_only=True).metal_source
    assert "B[i] = a * a + 1.0f / a;" in text
    assert "B[i + 1] = precise::pow(A[i], 2.5f);" in text
