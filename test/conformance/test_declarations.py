# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# ruff: noqa: B007, B012, B020
"""Local variables whose annotation is a dtype; and exceptions under traced conditions."""

import contextlib
import linecache

import numpy as np
import pytest

import enigma
from conformance.emitted import FLOATS, INTEGERS, Kernels, dtype_of, empty, launch, values_of

KERNELS = Kernels()
HERE = __file__
NAMES = (*INTEGERS, *FLOATS)


def _declared(name, spec):
    dtype = dtype_of(name)

    @enigma.kernel
    def kernel(A: enigma.i8, out: dtype):
        i = enigma.thread_position_in_grid
        total: spec = 0
        for j in enigma.range(3):
            total += A[i * 3 + j]
        total: spec = total
        other = total = total
        if A[i] > 2:
            total = 7
        for total in (total, other):
            pass
        out[i] = (total := total)

    return kernel


for _name in NAMES:
    KERNELS.add(_name, _declared(_name, dtype_of(_name)))
KERNELS.add("class", _declared("i64", enigma.Int64))
KERNELS.add("text", _declared("i64", "enigma.i64"))


@pytest.mark.parametrize("name", [*NAMES, "class", "text"])
def test_dtype_is_that_of_the_annotation(name):
    dtype = name if name in NAMES else "i64"
    A = np.arange(60, dtype=np.int8) % 11
    out = empty(dtype, 20)
    launch(KERNELS[name], A, out, threads=20)
    np.testing.assert_array_equal(values_of(dtype, out), A.reshape(20, 3).sum(axis=1))


@pytest.mark.parametrize("name", INTEGERS)
def test_arithmetic_is_that_of_the_dtype(name):
    dtype = dtype_of(name)

    @enigma.kernel
    def kernel(out: dtype):
        value: dtype = 1
        out[0] = (value + value).to(dtype)
        assert value.dtype is dtype

    enigma.compile(kernel)


def test_other_annotations_mean_nothing():
    @enigma.kernel
    def kernel(A: enigma.i32, out: enigma.i32):
        i = enigma.thread_position_in_grid
        n: int = 3
        x: "anything at all" = A[i]  # noqa: F722
        y: undefined.name = x  # noqa: F821
        z: enigma.f32
        z = y.to(enigma.f32)
        declared: list[int] = [n]
        out[i] = z.to(enigma.i32) + declared[0]

    assert "A[i]" in enigma.compile(kernel).metal_source


def error_of(kernel):
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel)
    error = caught.value
    assert error.location is not None
    assert error.location.filename == HERE
    assert error.help
    return linecache.getline(HERE, error.location.line).strip(), str(error)


def _too_large(A):
    x: enigma.u8 = 256
    A[0] = x


def _negative(A):
    x: enigma.u32 = 0
    x = -1
    A[0] = x


def _lossy(A):
    x: enigma.i16 = 0
    x += A[0]
    A[0] = x


def _in_a_loop(A):
    x: enigma.i16
    for x in (1, A[1]):
        A[0] = x


def _unpacked(A):
    x: enigma.i8 = 0
    x, y = A[0], A[1]
    A[0] = x + y


def _text(A):
    x: enigma.i32 = "no number"
    A[0] = x


@pytest.mark.parametrize(
    ("function", "line", "found"),
    [
        (_too_large, "x: enigma.u8 = 256", "256"),
        (_negative, "x = -1", "-1"),
        (_lossy, "x += A[0]", "i32"),
        (_in_a_loop, "for x in (1, A[1]):", "i32"),
        (_unpacked, "x, y = A[0], A[1]", "i32"),
        (_text, 'x: enigma.i32 = "no number"', "a str"),
    ],
)
def test_value_that_does_not_fit(function, line, found):
    function.__annotations__["A"] = enigma.i32
    shown, text = error_of(enigma.kernel(function))
    assert shown == line
    assert found in text


# Exceptions under a condition that the kernel decides.


def _raise(A):
    if A[0] > 0:
        raise ValueError("no")


def _raise_in_loop(A):
    for i in enigma.range(A[0]):
        raise ValueError(i)


def _raise_in_while(A):
    while A[0] > 0:
        raise ValueError("no")


def _key_error(A):
    if A[0] > 0:
        A[1] = {}["missing"]


def _caught(A):
    try:
        if A[0] > 0:
            raise ValueError("no")
    except ValueError:
        A[1] = 1


def _caught_in_ternary(A):
    table = []
    try:
        A[1] = table[0] if A[0] > 0 else 1
    except IndexError:
        A[1] = 2


def _finally(A):
    try:
        if A[0] > 0:
            raise ValueError("no")
    finally:
        A[1] = 1


def _suppressed(A):
    with contextlib.suppress(ValueError):
        if A[0] > 0:
            raise ValueError("no")
    A[1] = 1


def _in_helper(A):
    @enigma.func
    def helper(x):
        if x > 0:
            raise ValueError("no")

    helper(A[0])


def _return_in_finally(A):
    try:
        A[1] = 1
    finally:
        return


@pytest.mark.parametrize(
    ("function", "line", "found"),
    [
        (_raise, 'raise ValueError("no")', "ValueError (no) is raised in the `if` at line"),
        (_raise_in_loop, "raise ValueError(i)", "in the loop at line"),
        (_raise_in_while, 'raise ValueError("no")', "in the loop at line"),
        (_key_error, 'A[1] = {}["missing"]', "KeyError"),
        (_caught, "except ValueError:", "in the `if` at line"),
        (_caught_in_ternary, "except IndexError:", "conditional expression"),
        (_finally, "A[1] = 1", ""),
        (_suppressed, "with contextlib.suppress(ValueError):", "swallows"),
        (_in_helper, 'raise ValueError("no")', "ValueError (no)"),
        (_return_in_finally, "return", "`finally`"),
    ],
)
def test_exception_under_a_condition(function, line, found):
    function.__annotations__["A"] = enigma.i32
    shown, text = error_of(enigma.kernel(function))
    if function is not _finally:
        assert shown == line
    assert found in text


def test_exceptions_that_python_knows_are_pythons():
    @enigma.kernel
    def handled(A: enigma.i32):
        table = {"a": 1}
        try:
            A[0] = table["b"]
        except KeyError:
            A[0] = 5
        if A[1] > 0:
            try:
                A[1] = table["b"]
            except KeyError:
                A[1] = 6

    text = enigma.compile(handled).metal_source
    assert "A[0] = 5" in text
    assert "A[1] = 6" in text

    @enigma.kernel
    def raised(A: enigma.i32):
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        enigma.compile(raised)
