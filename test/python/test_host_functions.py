# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every function of `math` and every ufunc of NumPy: a function of Enigma, or what to write."""

from __future__ import annotations

import linecache
import math
from typing import Any

import numpy as np
import pytest

import enigma
from enigma.errors import EnigmaError
from enigma.tracing.protocol import _UFUNCS, STAND_INS

MATH = sorted(name for name, thing in vars(math).items() if callable(thing) and name[0] != "_")
# They combine what they are given with operators.
WITH_OPERATORS = {"prod", "sumprod"}
ARGUMENTS = {"prod": "[x, x]", "sumprod": "[x, x], [x, x]", "fsum": "[x, x]", "dist": "[x], [x]"}
TWO = {"atan2", "comb", "copysign", "fmod", "gcd", "hypot", "isclose", "lcm", "ldexp", "pow"}
TWO |= {"nextafter", "perm", "remainder"}


def compiled(statement: str) -> str:
    """The MSL of a kernel with a statement about `x`, a float, and `n`, an integer."""
    name = f"<{statement}>"
    source = (
        "@enigma.kernel\ndef kernel(A: enigma.f32, B: enigma.i32):\n"
        f"    x = A[0]\n    n = B[0]\n    {statement}\n"
    )
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space: dict[str, Any] = {"enigma": enigma, "math": math, "np": np}
    exec(compile(source, name, "exec"), space)
    return str(enigma.compile(space["kernel"], fast_math=False).metal_source)


def refusal(statement: str) -> str:
    """What is said of it, which has the line and a remedy."""
    with pytest.raises(EnigmaError) as caught:
        compiled(statement)
    assert caught.value.location is not None
    assert caught.value.location.source_line == statement
    assert caught.value.help
    return str(caught.value)


def arguments(name: str, value: str) -> str:
    count = 2 if name in TWO else 3 if name == "fma" else 1
    return ARGUMENTS.get(name, ", ".join(["x"] * count)).replace("x", value)


@pytest.mark.needs_positions
@pytest.mark.parametrize("name", MATH)
def test_functions_of_math(name):
    """Those that have no meaning in a kernel say what has."""
    for value in ("x", "n"):
        statement = f"r = math.{name}({arguments(name, value)})"
        if f"math.{name}" in STAND_INS or name in WITH_OPERATORS:
            compiled(statement)
            continue
        said = refusal(statement)
        assert f"math.{name}" in said or "a Python index" in said
        assert ", here " in said, said


@pytest.mark.parametrize("name", MATH)
def test_functions_of_math_are_themselves_on_numbers(name):
    given = {"prod": "[2.0]", "sumprod": "[2.0], [2.0]", "fsum": "[2.0]", "dist": "[2.0], [1.0]"}
    whole = name in ("comb", "factorial", "gcd", "isqrt", "lcm", "perm")
    number = "2" if whole else "0.5"
    numbers = given.get(name, ", ".join([number] * arguments(name, "x").count("x")))
    if name == "acosh":
        numbers = "2.0"
    if name == "ldexp":
        numbers = "0.5, 2"
    expected = eval(f"math.{name}({numbers})", {"math": math})
    if isinstance(expected, tuple):
        return
    text = compiled(f"A[1] = 1.0 if math.{name}({numbers}) == {expected!r} else 0.0")
    assert "A[1] = 1.0f;" in text


UFUNCS = sorted({f.__name__ for f in vars(np).values() if isinstance(f, np.ufunc)})


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs(name):
    ufunc = getattr(np, name)
    for value in ("x", "n"):
        operands = ", ".join([value] * ufunc.nin)
        statement = f"r = np.{name}({operands})"
        is_given = name in _UFUNCS or f"np.{name}" in STAND_INS
        if not is_given:
            said = refusal(statement)
            assert f"given to np.{name}" in said
            assert ", here " in said, said
            continue
        if _is_refused(statement):
            said = refusal(statement)
            # The other kind of number has it.
            other = statement.replace(
                f"({operands})", f"({operands.replace(value, _OTHER[value])})"
            )
            assert name == "matmul" or not _is_refused(other), said


_OTHER = {"x": "n", "n": "x"}


def _is_refused(statement: str) -> bool:
    try:
        compiled(statement)
    except EnigmaError:
        return True
    return False


OPTIONS = {
    "out": "np.exp(x, out=np.zeros(1))",
    "where": "np.exp(x, where=True)",
    "dtype": "np.add(x, 1, dtype=np.float32)",
    "casting": "np.add(x, 1, casting='no')",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options_of_ufuncs(option):
    said = refusal(f"r = {OPTIONS[option]}")
    assert f"with {option}=" in said
    assert "enigma.where chooses lanes" in said


@pytest.mark.parametrize("method", ["reduce", "accumulate", "outer", "reduceat"])
def test_methods_of_ufuncs(method):
    more = {"outer": ", x", "reduceat": ", [0]"}.get(method, "")
    assert f"given to np.add.{method}" in refusal(f"r = np.add.{method}(x{more})")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("r = np.sum(x, axis=0)", "given to np.sum with axis="),
        ("r = np.sum(x, 0)", "given to np.sum with other arguments"),
        ("r = np.max(x, initial=0)", "given to np.max with initial="),
        ("r = np.where(x > 0)", "given to np.where with other arguments"),
        ("r = np.mean(x)", "given to np.mean"),
        ("r = np.linalg.norm(x)", "enigma.length"),
        ("r = np.round(x, 2)", "the number of digits"),
        ("r = round(x, 2)", "round(x * 100) / 100"),
        ("r = round(x, -1)", "round(x * 100) / 100"),
        ("r = pow(x, 2, 7)", "x ** y % m"),
        ("r = pow(2, n, 7)", "x ** y % m"),
        ("r = pow(2, 3, n)", "x ** y % m"),
        ("r = np.add(x, np.ones(3))", "array"),
        ("r = np.add(A, 1)", "index it"),
        ("r = np.exp(A)", "np.exp"),
    ],
)
def test_what_has_no_meaning(statement, said):
    assert said in refusal(statement)


SCALARS = {
    "np.float32(2) * h": "f32",
    "h * np.float32(2)": "f32",
    "np.float16(2) * h": "f16",
    "np.float64(2) * h": "f16",
    "2.0 * h": "f16",
    "np.int64(2) * b": "i8",
    "np.int16(2) * b": "i16",
    "b + np.uint32(2)": "u32",
    "np.uint8(2) + b": "u8",
    "np.bool_(True) + b": "i8",
    "np.add(np.float32(2), h)": "f32",
    "np.int32(7) // b": "i32",
}


@pytest.mark.parametrize("expression", SCALARS)
def test_a_scalar_of_numpy_has_its_dtype(expression):
    """Those of 64 bits, which NumPy makes of everything, are numbers as Python's."""
    seen = []

    @enigma.kernel
    def kernel(H: enigma.f16, B: enigma.i8):
        seen.append(eval(expression, {"np": np}, {"h": H[0], "b": B[0]}).dtype.name)

    enigma.compile(kernel)
    assert seen == [SCALARS[expression]]
