# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of floats at the edges: NaN, infinities, zeros with a sign, denormals, halves, the ends
of the dtypes; scalar and in vectors, against double precision and the bounds of `reference.ULPS`.
"""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest

import enigma
from conformance import harness, reference
from conformance.emitted import (
    FLOATS,
    NUMPY,
    Kernels,
    elementwise,
    empty,
    launch,
    rounded,
    values_of,
)
from enigma._features import FEATURES

KERNELS = Kernels()
WIDTHS = (0, 4)
EDGES = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.5, -2.5, 3.0, 100.0, -100.0, 1e-7, 0.3]
EDGES += [1e-40, -1e-40, 6e-8, 65504.0, 65520.0, -70000.0, 3e38, -3e38]
EDGES += [math.inf, -math.inf, math.nan]
FEW = [0.0, -0.0, 0.5, -1.0, 2.0, -2.5, 1e-40, 65504.0, 3e38, math.inf, -math.inf, math.nan]


def quarters(x):
    """The multiple of a half that is next to x, modulo 2, and what is left: both exact."""
    x = np.fmod(x, 2.0)
    half = np.rint(2 * x)
    return np.mod(half, 4.0), np.pi * (x - half / 2)


def sinpi(x):
    half, rest = quarters(x)
    turned = [np.sin(rest), np.cos(rest), -np.sin(rest), -np.cos(rest)]
    return np.where(np.isnan(half), np.nan, np.select([half == k for k in range(4)], turned))


def tanpi(x):
    half, rest = quarters(x)
    pole = np.where(half == 1, np.inf, -np.inf)
    odd = np.where(rest == 0, pole, -1 / np.tan(rest))
    return np.where(half % 2 == 1, odd, np.tan(rest))


UNARY = {name: function for name, (function, _) in reference.UNARY.items() if name != "fabs"}
UNARY |= {
    "sinpi": sinpi,
    "cospi": lambda x: sinpi(np.abs(np.fmod(x, 2.0)) + 0.5),
    "tanpi": tanpi,
    "erf": np.vectorize(math.erf),
    "erfc": np.vectorize(math.erfc),
    "sign": lambda x: np.where(np.isnan(x), 0.0, np.sign(x)),
    "saturate": lambda x: np.where(x > 0, np.minimum(x, 1.0), 0.0),
}
BINARY = {
    **{name: reference.BINARY[name] for name in ("atan2", "copysign", "fmod", "step")},
    **dict.fromkeys(("fmax", "max"), np.fmax),
    **dict.fromkeys(("fmin", "min"), np.fmin),
    "fdim": lambda x, y: np.where(np.isnan(x) | np.isnan(y), np.nan, np.where(x > y, x - y, 0.0)),
    "pow": np.power,
    "powr": np.power,
}
TERNARY = {
    "fma": lambda x, y, z: x * y + z,
    "clamp": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    **{name: reference.TERNARY[name] for name in ("fmax3", "fmin3")},
}
# What Metal leaves undefined, or others test: of arguments in their domain.
ELSEWHERE = {"mix", "smoothstep", "fmedian3", "where"}
ELSEWHERE |= {"isnan", "isinf", "isfinite", "isnormal", "signbit"}


def test_every_function_of_floats_is_here():
    names = {feature.name for feature in FEATURES if feature.family == "math"}
    assert names == {*UNARY, *BINARY, *TERNARY} | ELSEWHERE
    assert set(reference.ULPS) <= names


for names, arity in ((UNARY, 1), (BINARY, 2), (TERNARY, 3)):
    for name, dtype, width in itertools.product(names, FLOATS, WIDTHS):
        kernel = elementwise(getattr(enigma, name), dtype, *[dtype] * arity)
        KERNELS.add((name, dtype, width), kernel, vec_width=width, fast_math=False)


def stored(dtype, values):
    with np.errstate(over="ignore"):
        array = np.array(values, np.float32)
        return harness.to_bfloat(array) if dtype == "bf16" else array.astype(NUMPY[dtype])


def assert_near(name, dtype, out, expected, inputs):
    """NaN and infinities are as expected, and the rest within the bounds."""
    actual = values_of(dtype, out).astype(np.float64)
    wanted = rounded(dtype, expected).astype(np.float64)
    finite = np.isfinite(wanted)
    shown = [tuple(float(v[i]) for v in inputs) for i in np.flatnonzero(~finite)]
    np.testing.assert_array_equal(actual[~finite], wanted[~finite], str(shown))
    bits = {"f32": 23, "f16": 10, "bf16": 7}[dtype]
    smallest = {"f32": -149, "f16": -24, "bf16": -133}[dtype]
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log2(np.abs(wanted[finite])))
    unit = 2.0 ** np.maximum(exponent - bits, smallest)
    allowed = reference.ULPS.get(name, 0) if dtype == "f32" else min(reference.ULPS.get(name, 0), 1)
    error = np.abs(actual[finite] - wanted[finite]) / unit
    worst = int(np.argmax(error)) if len(error) else 0
    given = [float(v[np.flatnonzero(finite)[worst]]) for v in inputs]
    assert (error <= allowed).all(), (given, actual[finite][worst], wanted[finite][worst])


def run(name, dtype, width, *values, function):
    inputs = [stored(dtype, v) for v in values]
    count = -len(inputs[0]) % 4 + len(inputs[0])
    inputs = [np.resize(v, count) for v in inputs]
    out = empty(dtype, count)
    launch(KERNELS[name, dtype, width], *inputs, out, threads=count)
    exact = [values_of(dtype, v).astype(np.float64) for v in inputs]
    with np.errstate(all="ignore"):
        expected = function(*exact)
    assert_near(name, dtype, out, expected, exact)
    return exact, values_of(dtype, out)


# What keeps the sign of a zero.
ODD = ("asin", "asinh", "atan", "atanh", "ceil", "erf", "floor", "rint", "round", "sin", "sinh")
ODD += ("sqrt", "tan", "tanh", "trunc")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_value(name, dtype, width):
    function, values = UNARY[name], EDGES
    if name == "fract":
        # It has no meaning for infinities, and is computed in `f32` for bf16.
        values = [v for v in EDGES if abs(v) < 6e4]
        largest = 1 - 2.0**-11 if dtype == "f16" else 1 - 2.0**-24
        function = lambda x: np.minimum(x - np.floor(x), largest)  # noqa: E731
    inputs, out = run(name, dtype, width, values, function=function)
    zeros = inputs[0] == 0
    if name in ODD:
        np.testing.assert_array_equal(np.signbit(out[zeros]), np.signbit(inputs[0][zeros]))


BELOW_ZERO = [-1e-30, -1e-9, -1e-7, -0.0005, -0.001, -0.00390625, -0.25, -1.0, -1.001, -3.75]


def fract_of_constants(dtype):
    @enigma.kernel
    def kernel(A: dtype, B: dtype):
        for k, x in enumerate(BELOW_ZERO):
            B[k] = enigma.fract(dtype(x))

    return kernel


for dtype in FLOATS:
    kernel = fract_of_constants(getattr(enigma, dtype))
    KERNELS.add(("fract of constants", dtype), kernel, fast_math=False)


@pytest.mark.parametrize("dtype", FLOATS)
def test_fract_of_constants(dtype):
    """What is folded is what kernels compute, also where it is next to 1."""
    inputs = stored(dtype, BELOW_ZERO)
    folded, computed = empty(dtype, len(inputs)), empty(dtype, len(inputs))
    assert "fract" not in KERNELS["fract of constants", dtype].metal_source.split("{", 1)[1]
    launch(KERNELS["fract of constants", dtype], inputs, folded, threads=1)
    launch(KERNELS["fract", dtype, 0], inputs, computed, threads=len(inputs))
    np.testing.assert_array_equal(values_of(dtype, folded), values_of(dtype, computed))
    # In bf16 what is computed in f32 rounds to 1.
    assert values_of(dtype, folded).max() == {"f32": 1 - 2.0**-24, "f16": 1 - 2.0**-11}.get(
        dtype, 1.0
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_values(name, dtype, width):
    pairs = list(itertools.product(FEW, repeat=2))
    if name == "powr":
        # Metal defines it from 0 on, and not where both ends of an exponent meet.
        pairs = [(x, y) for x, y in pairs if 0 < x < math.inf and math.isfinite(y)]
    run(name, dtype, width, *zip(*pairs, strict=True), function=BINARY[name])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", TERNARY)
def test_functions_of_three_values(name, dtype, width):
    triples = list(itertools.product(FEW, repeat=3))
    if name == "clamp":
        triples = [(x, a, b) for x, a, b in triples if a <= b and not math.isnan(x)]
    if name == "fma":
        # Twice rounded in double precision, where the terms are far from each other.
        triples = [t for t in triples if all(abs(v) < 1e5 or math.isinf(v) for v in t)]
        triples = [t for t in triples if 1e-40 not in t]
    run(name, dtype, width, *zip(*triples, strict=True), function=TERNARY[name])


def test_the_bounds_are_those_of_the_documentation():
    page = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text()
    table = page.partition("## Errors of functions")[2]
    stated = {}
    for names, bound in re.findall(r"^\| (`.*) \| (\d+) \|$", table, re.MULTILINE):
        stated |= dict.fromkeys(re.findall(r"`(\w+)`", names), int(bound))
    assert stated == reference.ULPS
