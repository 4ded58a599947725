# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators, promotions and conversions of every dtype, scalar and vectorized."""

from __future__ import annotations

import itertools
import math
import operator

import numpy as np
import pytest

import enigma
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
    rounded,
    sample,
    values_of,
)

COUNT = 96
WIDTHS = (0, 2, 4)
KERNELS = Kernels()

ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}
BITWISE = {"&": operator.and_, "|": operator.or_, "^": operator.xor}
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

CASES = [
    *((op, name) for op in (*ARITHMETIC, "/") for name in FLOATS),
    *((op, name) for op in (*ARITHMETIC, *BITWISE) for name in INTEGERS),
    *((op, "b1") for op in BITWISE),
]
FUNCTIONS = ARITHMETIC | BITWISE | COMPARISONS | {"/": operator.truediv}
for op, name in CASES:
    for width in WIDTHS:
        kernel = elementwise(FUNCTIONS[op], name, name, name)
        KERNELS.add((op, name, width), kernel, vec_width=width)
for op, name in itertools.product(COMPARISONS, (*FLOATS, *INTEGERS, "b1")):
    for width in WIDTHS:
        kernel = elementwise(FUNCTIONS[op], "b1", name, name)
        KERNELS.add((op, name, width), kernel, vec_width=width)


def overflows(name, values):
    """Where exact integers are beyond a signed dtype, which no kernel may compute."""
    if name not in INTEGERS or name[0] == "u":
        return np.zeros(len(values), bool)
    info = np.iinfo(NUMPY[name])
    return np.array([not info.min <= int(value) <= info.max for value in values])


def exactly(function, *arrays):
    """`function` of integers without end."""
    return [function(*values) for values in zip(*(a.tolist() for a in arrays), strict=True)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("op", "name"), CASES)
def test_arithmetic(op, name, width):
    rng = np.random.default_rng(0)
    a, b = sample(name, COUNT, rng), sample(name, COUNT, rng)
    if op in ("//", "%") and name in INTEGERS:
        b[b == 0] = 3
    if name in INTEGERS and op not in ("//", "%"):
        a[overflows(name, exactly(FUNCTIONS[op], a, b))] = 0
    out = empty(name, COUNT)
    launch(KERNELS[op, name, width], a, b, out, threads=COUNT)
    x, y = values_of(name, a), values_of(name, b)
    with np.errstate(all="ignore"):
        expected = rounded(name, FUNCTIONS[op](x, y))
    np.testing.assert_array_equal(values_of(name, out), expected)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*FLOATS, *INTEGERS, "b1"])
@pytest.mark.parametrize("op", COMPARISONS)
def test_comparisons(op, name, width):
    rng = np.random.default_rng(1)
    a, b = sample(name, COUNT, rng), sample(name, COUNT, rng)
    b[::3] = a[::3]
    if name in ("f32", "f16"):
        a[5], b[6], a[7], b[7] = np.nan, np.nan, np.inf, np.inf
    out = empty("b1", COUNT)
    launch(KERNELS[op, name, width], a, b, out, threads=COUNT)
    expected = FUNCTIONS[op](values_of(name, a), values_of(name, b))
    np.testing.assert_array_equal(out, expected)


# Truth values made numbers, and compared as such: with numbers on either side, and with each other.
FLAG_NUMBERS = {
    True: (-1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0),
    False: (-1, 0, 1, 2),
}


def is_open(name, number):
    """Whether no comparison with the number is decided by the dtype, which is a warning."""
    return number > 0 or name[0] != "u"


def compare_flags(op, name):
    dtype, compare = dtype_of(name), COMPARISONS[op]
    numbers = FLAG_NUMBERS[name in FLOATS]

    @enigma.kernel
    def flags(A: enigma.f32, B: enigma.f32, out: enigma.b1):
        i = enigma.thread_position_in_grid
        first = (A[i] > 0.0).to(dtype)
        second = (B[i] > 0.0).to(dtype)
        out[i] = compare(first, second)
        for k, number in enumerate(numbers):
            if is_open(name, number):
                out[(2 * k + 1) * COUNT + i] = compare(first, dtype(number))
                out[(2 * k + 2) * COUNT + i] = compare(dtype(number), first)

    return flags


for op, name in itertools.product(COMPARISONS, (*FLOATS, *INTEGERS)):
    KERNELS.add(("flags", op, name), compare_flags(op, name))


@pytest.mark.parametrize("name", [*FLOATS, *INTEGERS])
@pytest.mark.parametrize("op", COMPARISONS)
def test_comparisons_of_truth_values_as_numbers(op, name):
    a, b = (sample("f32", COUNT, np.random.default_rng(seed)) for seed in (10, 11))
    numbers = FLAG_NUMBERS[name in FLOATS]
    out = np.zeros((2 * len(numbers) + 1, COUNT), np.bool_)
    launch(KERNELS["flags", op, name], a, b, out.reshape(-1), threads=COUNT)
    first, second = (a > 0).astype(np.float32), (b > 0).astype(np.float32)
    np.testing.assert_array_equal(out[0], COMPARISONS[op](first, second))
    for k, number in enumerate(numbers):
        if is_open(name, number):
            np.testing.assert_array_equal(out[2 * k + 1], COMPARISONS[op](first, number))
            np.testing.assert_array_equal(out[2 * k + 2], COMPARISONS[op](number, first))


def python_floor_mod(a, b):
    return a % b


EDGES = {
    "mod": elementwise(python_floor_mod, "i32", "i32", "i32"),
    "div": elementwise(operator.floordiv, "i32", "i32", "i32"),
    "div7": elementwise(lambda a: a // 7, "i32", "i32"),
    "div8": elementwise(lambda a: a // 8, "i32", "i32"),
    "mod8": elementwise(lambda a: a % 8, "i32", "i32"),
    "mod-5": elementwise(lambda a: a % -5, "i32", "i32"),
}
for edge, kernel in EDGES.items():
    KERNELS.add(edge, kernel)


def test_integer_division_follows_python():
    pairs = [(a, b) for a in range(-9, 10) for b in (-8, -7, -3, -1, 1, 2, 3, 8)]
    a, b = (np.array(x, np.int32) for x in zip(*pairs, strict=True))
    expected = {
        "div": [x // y for x, y in pairs],
        "mod": [x % y for x, y in pairs],
        "div7": [x // 7 for x, _ in pairs],
        "div8": [x // 8 for x, _ in pairs],
        "mod8": [x % 8 for x, _ in pairs],
        "mod-5": [x % -5 for x, _ in pairs],
    }
    for edge, values in expected.items():
        out = np.zeros_like(a)
        inputs = (a, b) if edge in ("div", "mod") else (a,)
        launch(KERNELS[edge], *inputs, out, threads=len(pairs))
        assert out.tolist() == values, edge


def test_smallest_integers_divided_by_minus_one():
    # As in NumPy, the quotient that does not fit wraps.
    for name in ("i8", "i16", "i32", "i64"):
        smallest = np.iinfo(NUMPY[name]).min
        a = np.array([smallest, smallest, smallest + 1, 7, 0, smallest], NUMPY[name])
        b = np.array([-1, 1, -1, -1, -1, smallest], NUMPY[name])
        with np.errstate(all="ignore"):
            expected = {op: FUNCTIONS[op](a, b) for op in ("//", "%")}
        for op, values in expected.items():
            out = np.zeros_like(a)
            launch(KERNELS[op, name, 0], a, b, out, threads=len(a))
            np.testing.assert_array_equal(out, values, f"{op} of {name}")


def ends(name):
    """Floats of a dtype where divisions are delicate: zeros, ends, and close to whole multiples."""
    info = {"f32": np.finfo(np.float32), "f16": np.finfo(np.float16)}.get(name)
    tiny, large = (float(info.tiny), float(info.max)) if info else (2.0**-126, 2.0**127)
    numbers = [0.0, tiny, 0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 10.0, 100.0, 1e4, large]
    numbers += [math.inf, math.nan]
    return [sign * number for number in numbers for sign in (1, -1)]


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("op", ["//", "%"])
def test_float_divisions_follow_numpy(op, name):
    pairs = np.array(list(itertools.product(ends(name), repeat=2)), np.float32)
    with np.errstate(all="ignore"):
        bits = harness.to_bfloat(pairs) if name == "bf16" else pairs.astype(NUMPY[name])
        a, b = (np.ascontiguousarray(column) for column in bits.T)
        expected = rounded(name, FUNCTIONS[op](values_of(name, a), values_of(name, b)))
    out = np.zeros_like(a)
    launch(KERNELS[op, name, 0], a, b, out, threads=len(a))
    found = values_of(name, out)
    np.testing.assert_array_equal(found, expected)
    is_number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found)[is_number], np.signbit(expected)[is_number])


def test_float_divisions_follow_python():
    numbers = (-7.5, -3.0, -0.1, -0.0, 0.0, 0.5, 1.0, 3.0, 7.25)
    pairs = [(a, b) for a in numbers for b in (-2.0, -0.75, -0.1, 0.1, 0.5, 3.0)]
    a, b = (np.array(x, np.float32) for x in zip(*pairs, strict=True))
    for op, function in {"//": operator.floordiv, "%": operator.mod}.items():
        out = np.zeros_like(a)
        launch(KERNELS[op, "f32", 0], a, b, out, threads=len(pairs))
        # Of the numbers that the elements are.
        values = [np.float32(function(float(x), float(y))) for x, y in zip(a, b, strict=True)]
        np.testing.assert_array_equal(out, values)
        assert np.signbit(out).tolist() == np.signbit(values).tolist()


UNARY = {
    "neg": (operator.neg, (*FLOATS, *INTEGERS)),
    "abs": (enigma.abs, (*FLOATS, *INTEGERS)),
    "invert": (operator.invert, (*INTEGERS, "b1")),
    "number": (lambda a: (3 - a) * 2, (*FLOATS, *INTEGERS)),
}
for unary, (function, names) in UNARY.items():
    for name, width in itertools.product(names, WIDTHS):
        KERNELS.add((unary, name, width), elementwise(function, name, name), vec_width=width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("unary", "name"), [(u, name) for u, (_, names) in UNARY.items() for name in names]
)
def test_unary_operators_and_numbers(unary, name, width):
    a = sample(name, COUNT, np.random.default_rng(2))
    if unary in ("neg", "abs", "number") and name in INTEGERS:
        a[overflows(name, exactly(UNARY[unary][0] if unary != "abs" else abs, a))] = 1
    out = empty(name, COUNT)
    launch(KERNELS[unary, name, width], a, out, threads=COUNT)
    x = values_of(name, a)
    with np.errstate(all="ignore"):
        if unary == "neg":
            expected = -x
        elif unary == "abs":
            expected = np.abs(x)
        elif unary == "invert":
            expected = ~x
        else:
            three, two = (np.asarray(v, x.dtype) for v in (3, 2))
            expected = rounded(name, rounded(name, three - x) * two)
    np.testing.assert_array_equal(values_of(name, out), expected)


SHIFTS = {"<<": lambda a, b: a << b, ">>": lambda a, b: a >> b}
for op, name in itertools.product(SHIFTS, INTEGERS):
    KERNELS.add((op, name), elementwise(SHIFTS[op], name, name, name))


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("op", SHIFTS)
def test_shifts(op, name):
    a = sample(name, COUNT, np.random.default_rng(3))
    b = (np.arange(COUNT) % (8 * a.itemsize)).astype(a.dtype)
    out = empty(name, COUNT)
    launch(KERNELS[op, name], a, b, out, threads=COUNT)
    np.testing.assert_array_equal(out, SHIFTS[op](a, b))


def promoted(first, second):
    """The dtype in which two operands meet."""
    if first == second:
        return first
    floats = {first, second} & set(FLOATS)
    if floats:
        return next(iter(floats)) if len(floats) == 1 else "f32"
    if "b1" in (first, second):
        return second if first == "b1" else first
    bits = {name: int(name[1:]) for name in (first, second)}
    if bits[first] != bits[second]:
        return max(bits, key=lambda name: bits[name])
    return first if first[0] == "u" else second


PAIRS = list(itertools.combinations((*FLOATS, *INTEGERS, "b1"), 2))
for first, second in PAIRS:
    result = promoted(first, second)
    KERNELS.add(("+", first, second), elementwise(operator.add, result, first, second))
    KERNELS.add(("<", first, second), elementwise(operator.lt, "b1", first, second))


def converted(source, target, array):
    """`array` of dtype `source` as values of dtype `target`; integers wrap."""
    values = values_of(source, array)
    with np.errstate(all="ignore"):
        return rounded(target, values)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_operands_of_two_dtypes_meet(first, second):
    rng = np.random.default_rng(4)
    a, b = sample(first, COUNT, rng), sample(second, COUNT, rng)
    if first == "f16":
        b = b if second in ("bf16", "b1") else (b % 100).astype(b.dtype)
    result = promoted(first, second)
    x, y = converted(first, result, a), converted(second, result, b)
    if result in INTEGERS:
        beyond = overflows(result, exactly(operator.add, x, y))
        a[beyond] = 0
        x[beyond] = 0
    out = empty(result, COUNT)
    launch(KERNELS["+", first, second], a, b, out, threads=COUNT)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(values_of(result, out), rounded(result, x + y))
    less = empty("b1", COUNT)
    launch(KERNELS["<", first, second], a, b, less, threads=COUNT)
    np.testing.assert_array_equal(less, x < y)


ALL = (*FLOATS, *INTEGERS, "b1")
CASTS = [(source, target) for source in ALL for target in ALL]
for source, target in CASTS:
    KERNELS.add(
        ("to", source, target),
        elementwise(lambda a, target=target: a.to(dtype_of(target)), target, source),
    )
    if NUMPY[source]().itemsize == NUMPY[target]().itemsize and "b1" not in (source, target):
        KERNELS.add(
            ("bits", source, target),
            elementwise(
                lambda a, target=target: enigma.as_type(a, dtype_of(target)), target, source
            ),
        )


@pytest.mark.parametrize(("source", "target"), CASTS)
def test_conversions(source, target):
    a = sample(source, COUNT, np.random.default_rng(5))
    if source in FLOATS and target in INTEGERS:
        # Only what fits: the rest is undefined.
        values = np.abs(values_of(source, a)) if target[0] == "u" else values_of(source, a)
        a = harness.to_bfloat(values) if source == "bf16" else values.astype(a.dtype)
    if target == "f16" and source in INTEGERS:
        a = (a % 100).astype(a.dtype)
    out = empty(target, COUNT)
    launch(KERNELS["to", source, target], a, out, threads=COUNT)
    values = values_of(source, a)
    expected = values != 0 if target == "b1" else converted(source, target, a)
    np.testing.assert_array_equal(values_of(target, out), expected)


@pytest.mark.parametrize(
    ("source", "target"),
    [(s, t) for s, t in CASTS if NUMPY[s]().itemsize == NUMPY[t]().itemsize and "b1" not in (s, t)],
)
def test_bit_casts(source, target):
    a = sample(source, COUNT, np.random.default_rng(6))
    out = empty(target, COUNT)
    launch(KERNELS["bits", source, target], a, out, threads=COUNT)
    np.testing.assert_array_equal(out.view(np.uint8), a.view(np.uint8))
