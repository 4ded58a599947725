# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of NumPy, of `math` and of Python on traced values, against the same on the host."""

from __future__ import annotations

import itertools
import linecache
import math
from typing import Any

import numpy as np
import pytest

import enigma
from conformance import reference
from conformance.emitted import NUMPY, Kernels, dtype_of, elementwise, empty, launch
from enigma.tracing.protocol import _UFUNCS, STAND_INS

COUNT = 24
KERNELS = Kernels()
DTYPES = ("f32", "f16", "i32", "u32", "i8")

# Where functions are defined, and what is an input of the others.
DOMAINS = {
    **dict.fromkeys(("arcsin", "arccos", "asin", "acos"), (-1.0, 1.0)),
    **dict.fromkeys(("arctanh", "atanh"), (-0.9, 0.9)),
    **dict.fromkeys(("arccosh", "acosh"), (1.0, 30.0)),
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "power", "pow"), (0.1, 30.0)),
    **dict.fromkeys(("exp", "exp2", "sinh", "cosh"), (-8.0, 8.0)),
    **dict.fromkeys(("tan",), (-1.0, 1.0)),
    **dict.fromkeys(("erf", "erfc"), (-3.0, 3.0)),
}
OTHERS = (-30.0, 30.0)
# What gives floats of integers, in double precision in NumPy, and in `f32` here; and what keeps
# the numbers of bits of a count in 8 bits.
OF_FLOATS = {
    *("arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "copysign", "cos"),
    *("cosh", "deg2rad", "degrees", "divide", "exp", "exp2", "fabs", "isfinite", "isinf", "isnan"),
    *("log", "log10", "log2", "power", "rad2deg", "radians", "reciprocal", "rint", "signbit"),
    *("sin", "sinh", "sqrt", "tan", "tanh", "true_divide"),
}
OF_INTEGERS = {
    *("bitwise_and", "bitwise_count", "bitwise_or", "bitwise_xor", "invert"),
    *("left_shift", "right_shift"),
}
# Nothing but matrices has these.
UNTESTED = {"matmul", "divmod"}
UFUNCS = sorted(
    name
    for name in {*_UFUNCS, *(name.removeprefix("np.") for name in STAND_INS)} - UNTESTED
    if isinstance(getattr(np, name, None), np.ufunc)
)


def dtypes_of(name: str) -> tuple[str, ...]:
    if name in OF_FLOATS:
        return ("f32", "f16")
    return ("i32", "u32", "i8") if name in OF_INTEGERS else DTYPES


def domain(name: str, dtype: str, rng: np.random.Generator) -> Any:
    low, high = DOMAINS.get(name, OTHERS)
    if dtype[0] == "u" or "shift" in name:
        low = 0.0
    values = rng.uniform(low, high, COUNT)
    if "shift" in name:
        values %= 8
    if dtype[0] in "iu":
        return np.trunc(values).astype(NUMPY[dtype])
    return values.astype(NUMPY[dtype])


def result_of(name: str, dtype: str) -> str:
    """The dtype of what a ufunc gives."""
    function = getattr(np, name)
    with np.errstate(all="ignore"):
        given = function(*[np.ones(1, NUMPY[dtype])] * function.nin).dtype
    return next(each for each, other in NUMPY.items() if other == given and each != "bf16")


CASES = [(name, dtype) for name in UFUNCS for dtype in dtypes_of(name)]
for name, dtype in CASES:
    ufunc = getattr(np, name)
    result = dtype_of(result_of(name, dtype))
    kernel = elementwise(
        lambda *operands, ufunc=ufunc, result=result: ufunc(*operands).to(result),
        result_of(name, dtype),
        *[dtype] * ufunc.nin,
    )
    KERNELS.add(("np", name, dtype), kernel, fast_math=False)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_ufuncs(name, dtype):
    rng = np.random.default_rng(len(name))
    ufunc = getattr(np, name)
    inputs = [domain(name, dtype, rng) for _ in range(ufunc.nin)]
    if name in ("floor_divide", "remainder", "fmod", "divide", "reciprocal"):
        inputs[-1][inputs[-1] == 0] = 7
    if dtype in ("f32", "f16") and name not in DOMAINS:
        special = np.array([0.0, -0.0, 0.5, 1.5, -2.5, 3.0], NUMPY[dtype])
        inputs[0][:6], inputs[-1][:6] = special, special[::-1]
        if name in ("maximum", "minimum", "fmax", "fmin", "sign", "isnan", "isinf", "isfinite"):
            inputs[0][6:9], inputs[-1][8:11] = np.nan, [np.nan, np.nan, np.inf]
    out = empty(result_of(name, dtype), COUNT)
    launch(KERNELS["np", name, dtype], *inputs, out, threads=COUNT)
    with np.errstate(all="ignore"):
        expected = ufunc(*inputs)
    if out.dtype.kind == "f":
        reference.assert_close(out, expected.astype(np.float64), 8 if dtype == "f32" else 2)
    else:
        np.testing.assert_array_equal(out, expected)


# Functions of `math`, written in a kernel.


def written(expression: str) -> Any:
    """A helper of kernels that gives an expression of `x` and `y`."""
    name = f"<host function {expression}>"
    source = f"@enigma.func\ndef function(x, y):\n    return {expression}\n"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space = {"enigma": enigma, "math": math, "np": np}
    exec(compile(source, name, "exec"), space)
    return space["function"]


BINARY = ("atan2", "copysign", "fmod", "pow")
MATH = sorted(
    name.removeprefix("math.")
    for name in STAND_INS
    if name.startswith("math.") and hasattr(math, name.removeprefix("math.")) and "fma" not in name
)
PYTHON = {
    **{f"math.{n}": f"math.{n}({'x, y' if n in BINARY else 'x'})" for n in MATH},
    "log of a base": "math.log(x, 10) + math.log(x, 2) + math.log(x, y)",
    "round": "round(x) + round(y, 0)",
    "min": "min(x, y, 1.5)",
    "max": "max([x, y, 1.5])",
    "key": "max(x, y, key=lambda v: -v) + min((x, y), key=abs)",
    "default": "max([], default=x) + min((v for v in (x, y)), default=3.0)",
    "sum": "sum([x, y]) + sum((x, y), 2.5) + sum((v * 2 for v in (x, y)), start=x)",
    "abs": "abs(x) + abs(-y)",
    "pow": "pow(abs(x) + 1, 0.5) + pow(y, 3) + pow(2.0, y)",
    "divmod": "divmod(x, 3.0)[0] * 100 + divmod(x, 3.0)[1] + divmod(7, abs(y) + 1)[0]",
    "any": "1.0 if any([x > 1, y > 2]) else 0.0",
    "all": "1.0 if all(v > 0 for v in (x, y)) else 0.0",
    "a scalar of NumPy": "np.float32(1.5) * x - y * np.float32(2) + np.float64(3.0) / (abs(x) + 1)",
}
for name, expression in PYTHON.items():
    kernel = elementwise(written(expression), "f32", "f32", "f32")
    KERNELS.add(("python", name), kernel, fast_math=False)
    kernel = elementwise(written(expression), "f32", "f32", "f32")
    KERNELS.add(("vectors", name), kernel, vec_width=4, fast_math=False)


def evaluated(expression: str, x: float, y: float) -> float:
    """What Python says."""
    return float(eval(expression, {"math": math, "np": np}, {"x": x, "y": y}))


@pytest.mark.filterwarnings("ignore:.*under fast math:enigma.EnigmaWarning")
@pytest.mark.parametrize("kind", ["python", "vectors"])
@pytest.mark.parametrize("name", PYTHON)
def test_functions_of_python(name, kind):
    rng = np.random.default_rng(len(name))
    short = name.removeprefix("math.")
    x, y = (domain(short if short != "log of a base" else "log", "f32", rng) for _ in range(2))
    if short not in DOMAINS and "log" not in short:
        x[:6] = [0.5, 1.5, -2.5, -0.5, 2.0, 3.0]
    if short == "pow":
        y %= 4
    out = empty("f32", COUNT)
    launch(KERNELS[kind, name], x, y, out, threads=COUNT)
    expected = np.array([evaluated(PYTHON[name], *map(float, p)) for p in zip(x, y, strict=True)])
    np.testing.assert_allclose(out, expected, rtol=3e-6, atol=2e-6)


# Numbers of whole dtypes.

INTEGERS = {
    "rounding": "round(x) + math.floor(x) + math.ceil(y) + math.trunc(y) + round(x, 0)",
    "min and max": "min(x, y) * 3 + max(x, y, 2)",
    "sum": "sum((x, y)) + sum([x], start=4)",
    "divmod": "divmod(x, 7)[0] * 100 + divmod(y, 7)[1]",
    "a scalar of NumPy": "np.int16(3) * x + y * np.int64(2)",
}
for (name, expression), dtype in itertools.product(INTEGERS.items(), ("i32", "u32")):
    KERNELS.add((name, dtype), elementwise(written(expression), dtype, dtype, dtype))


@pytest.mark.parametrize("dtype", ["i32", "u32"])
@pytest.mark.parametrize("name", INTEGERS)
def test_functions_of_integers(name, dtype):
    rng = np.random.default_rng(3)
    x, y = (rng.integers(-50 if dtype == "i32" else 0, 50, COUNT, NUMPY[dtype]) for _ in range(2))
    out = empty(dtype, COUNT)
    launch(KERNELS[name, dtype], x, y, out, threads=COUNT)
    expected = [
        eval(INTEGERS[name], {"math": math, "np": np}, {"x": int(a), "y": int(b)})
        for a, b in zip(x, y, strict=True)
    ]
    np.testing.assert_array_equal(out, expected)


# Scalars of NumPy in operators, which have their dtypes: that of the result is NumPy's, too.

SCALARS = [
    ("x < np.float32(0.1)", "f16", "b1"),
    ("x >= np.float32(0.1)", "f16", "b1"),
    ("np.float32(0.1) > x", "f16", "b1"),
    ("np.float32(0.1) == x", "f16", "b1"),
    ("x != np.float32(0.1)", "f16", "b1"),
    ("x < np.float16(7.5)", "u8", "b1"),
    ("x > np.int16(-1)", "u8", "b1"),
    ("np.int16(7) <= x", "u8", "b1"),
    ("np.array(7, np.int16) <= x", "u8", "b1"),
    ("np.bool_(True) == (x > 7)", "u8", "b1"),
    ("np.uint16(3) << x", "u8", "u16"),
    ("np.uint16(768) >> x", "u8", "u16"),
    ("np.uint16(2) ** x", "u8", "u16"),
    ("x ** np.uint8(2)", "u8", "u8"),
    ("x ** np.float32(0.7)", "f16", "f32"),
    ("x ** np.float32(2)", "f16", "f32"),
    ("np.float32(0.1) ** x", "f16", "f32"),
    ("x & np.int16(-2)", "u8", "i16"),
    ("np.float32(0.1) * x", "f16", "f32"),
]
for expression, dtype, out in SCALARS:
    kernel = elementwise(written(expression), out, dtype, dtype)
    KERNELS.add(("scalars", expression), kernel, fast_math=False)


@pytest.mark.parametrize(("expression", "dtype", "out"), SCALARS)
def test_scalars_of_numpy(expression, dtype, out):
    x = np.arange(COUNT).astype(NUMPY[dtype]) % 9
    x[:2] = [np.float32(0.1), 1]
    found = empty(out, COUNT)
    launch(KERNELS["scalars", expression], x, x, found, threads=COUNT)
    expected = eval(expression, {"np": np}, {"x": x})
    assert expected.dtype == found.dtype
    np.testing.assert_allclose(found, expected, rtol=3e-6)


# What a scalar of NumPy meets in a matrix of ones, which becomes one of its dtype.
MATRICES = {
    "m * s": lambda m, s: m * s,
    "s * m": lambda m, s: s * m,
    "m / s": lambda m, s: m / (1 / s),
    "s - m": lambda m, s: s - (m - m),
    "map": lambda m, s: m.map(lambda x, y: x * y, s),
}


def scaled(function: Any) -> Any:
    @enigma.kernel
    def kernel(out: enigma.f32):
        m = function(enigma.make_half2x2(1, 1, 1, 1), np.float32(0.1))
        out[0] = m[1].y
        group = function(enigma.make_filled_simdgroup_matrix(1, "half"), np.float32(0.1))
        enigma.simdgroup_matrix_store(group, out, 8, offset=1)

    return kernel


for name, function in MATRICES.items():
    KERNELS.add(("matrices", name), scaled(function), fast_math=False)


@pytest.mark.parametrize("name", MATRICES)
def test_matrices_meet_scalars_of_numpy(name):
    out = empty("f32", 65)
    launch(KERNELS["matrices", name], out, threads=32)
    np.testing.assert_allclose(out, np.float32(0.1), rtol=1e-6)


# Functions of arrays, of vectors.

ARRAYS = {
    "sum": np.sum,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "any": lambda v: np.any(v > 1),
    "all": lambda v: np.all(v > 1),
    "where": lambda v: np.sum(np.where(v > 1, v, 0.0)),
    "clip": lambda v: np.sum(np.clip(v, -0.5, 0.5) + np.clip(v, None, 1.0) + np.clip(v, min=0.0)),
    "round": lambda v: np.sum(np.round(v) + np.around(v, decimals=0)),
}


def of_vectors(function: Any) -> Any:
    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.f32):
        i = enigma.thread_position_in_grid
        vector = enigma.make_float4(A[4 * i], A[4 * i + 1], A[4 * i + 2], A[4 * i + 3])
        out[i] = function(vector).to(enigma.f32)

    return kernel


for name, function in ARRAYS.items():
    KERNELS.add(("array", name), of_vectors(function), fast_math=False)


@pytest.mark.parametrize("name", ARRAYS)
def test_functions_of_arrays(name):
    a = np.random.default_rng(9).uniform(-2, 3, (COUNT, 4)).astype(np.float32)
    a[0] = [1.5, 2.5, 1.25, 4]
    out = empty("f32", COUNT)
    launch(KERNELS["array", name], a, out, threads=COUNT)
    np.testing.assert_allclose(out, [ARRAYS[name](row) for row in a], rtol=1e-6, atol=1e-6)
