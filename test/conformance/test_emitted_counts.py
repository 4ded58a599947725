# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Positions, extents and numbers of a launch are unsigned, and their differences integers.

Random expressions over them are what Python says they are, wherever their sign matters: in
comparisons, quotients and remainders, shifts, magnitudes, minima and maxima, conversions, and as
the bounds of loops.
"""

# The annotations of kernels here are variables of the function that makes them.

import os
import random

import numpy as np
import pytest

import enigma
from conformance.emitted import Kernels, launch
from enigma.language import builtins

THREADS = 24
SIZES = (1, 3, 5, 17, 24, 40)
OFFSETS = (-3, 0, 2)
EFFORT = int(os.environ.get("ENIGMA_TEST_EFFORT", "1"))
EXPRESSIONS = 40 * EFFORT
# What is never negative is compared with negative numbers, too.
pytestmark = pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")
KERNELS = Kernels()

LEAVES = ("i", "j", "n", "e", "m")


def expression(rng, depth):
    """The text of an integer expression, as in Python and in a kernel."""
    if depth == 0 or rng.random() < 0.1:
        return rng.choice((*LEAVES, "i", "n"))

    def part():
        return expression(rng, depth - 1)

    number = rng.choice((1, 2, 3, 5, 8, 13))
    form = rng.choice(
        (
            "({a} - {k})",
            "({a} - {b})",
            "({a} - {b})",
            "({a} + {b})",
            "({k} - {a})",
            "({a} + -{k})",
            "(-{k} + {a})",
            "({a} * {k})",
            "({a} * -{k})",
            "(-{a})",
            "({a} // {k})",
            "({a} % {k})",
            "({a} % n)",
            "({a} >> 1)",
            "({a} << 2)",
            "({a} & 7)",
            "abs({a})",
            "max({a}, 0)",
            "min({a}, {b})",
            "max({a}, {b})",
        )
    )
    return form.format(a=part(), b=part(), k=number)


def comparison(rng):
    symbol = rng.choice(("<", "<=", ">", ">=", "<", ">=", "==", "!="))
    left = expression(rng, rng.choice((1, 2)))
    right = rng.choice((expression(rng, rng.choice((0, 1))), str(rng.randint(-6, 6))))
    return f"{left} {symbol} {right}"


def chosen():
    rng = random.Random(7)
    fixed = [
        "i < n - 5",
        "i - 1 >= 0",
        "i - 1 == -1",
        "i - 1 != -1",
        "-1 == i - 1",
        "i > j - 1",
        "j - 1 < i",
        "i <= e - 5",
        "e - 5 > i",
        "i - n < i - e",
        "i < m",
        "m >= i",
        "i + m >= 0",
        "i - 5 < -3",
        "-3 > i - 5",
        "i - 5 > -(2**31)",
        "i - (n - (j - 2)) <= 0",
        "0 <= i - n",
        "(i - 4) * (j - 2) < 0",
        "(i - 4) + (j - 20) < 0",
        "max(min(i - 3, n - 1), 0) == i",
    ]
    return fixed + [comparison(rng) for _ in range(EXPRESSIONS)]


COMPARISONS = chosen()
NUMBERS = [
    "(i - 1) % n",
    "(i - 1) // 2",
    "-(-n // 4)",
    "-(-i // 3)",
    "abs(i - n)",
    "max(i - 3, 0)",
    "min(i - 3, 2)",
    "-i",
    "(i - 5) * (2 - j)",
    "(i - 9) >> 2",
    "(m - i) // 3",
    "(i + m) % n",
    *(expression(random.Random(seed), 2) for seed in range(EXPRESSIONS)),
]


def values_of(texts, space, **values):
    """The values of expressions, of numbers or in a kernel."""
    return [eval(text, {"abs": abs, **space}, values) for text in texts]


IN_A_KERNEL = {"max": builtins.max, "min": builtins.min}
GROUPS = [
    texts[first : first + 16]
    for texts in (COMPARISONS, NUMBERS)
    for first in range(0, len(texts), 16)
]


def of_scalar(texts):
    @enigma.kernel
    def scalar(M: enigma.i32, out: enigma.i64, n: enigma.Scalar(enigma.u32)):
        i = enigma.thread_position_in_grid
        j = enigma.thread_position_in_threadgroup.x
        for k, value in enumerate(values_of(texts, IN_A_KERNEL, i=i, j=j, n=n, e=n, m=M[0])):
            out[i + k * THREADS] = enigma.i64(value)

    return scalar


@enigma.kernel
def extent_kernel(M, out, A, texts):
    i = enigma.thread_position_in_grid.x
    j = enigma.thread_position_in_threadgroup.x
    e = A.size()
    for k, value in enumerate(values_of(texts, IN_A_KERNEL, i=i, j=j, n=e, e=e, m=M[0])):
        out[i + k * THREADS] = enigma.i64(value)


@enigma.jit
def of_extent(M, out, A, texts):
    extent_kernel(M, out, A, texts).launch(grid=THREADS // 8, block=8)


TENSORS = (
    enigma.Tensor("M", 0, "int", enigma.Layout(1)),
    enigma.Tensor("out", 1, "long", enigma.Layout(16 * THREADS)),
    enigma.Tensor("A", 2, "float", enigma.Layout(enigma.dyn("n"))),
)
for number, group in enumerate(GROUPS):
    KERNELS.add(("scalar", number), of_scalar(tuple(group)))
    KERNELS.add(("extent", number), of_extent, *TENSORS, tuple(group))


@pytest.mark.parametrize("kind", ["scalar", "extent"])
@pytest.mark.parametrize("number", range(len(GROUPS)))
def test_expressions_of_counts_are_those_of_integers(number, kind):
    kernel, texts = KERNELS[kind, number], GROUPS[number]
    for n in SIZES:
        for m in OFFSETS:
            out = np.zeros((16, THREADS), np.int64)
            arguments = {"M": np.array([m], np.int32), "out": out, "n": np.uint32(n)}
            arguments["A"] = np.zeros(n, np.float32)
            launch(kernel, *(arguments[name] for name in kernel.param_names), threads=24, block=8)
            for i in range(THREADS):
                expected = values_of(texts, {}, i=i, j=i % 8, n=n, e=n, m=m)
                for text, found, value in zip(texts, out[:, i], expected, strict=False):
                    assert found == value, f"{text} at i={i}, n={n}, m={m}"


# Loops.

BOUNDS = [
    "n - 5",
    "i - 2, i + 3",
    "i - 1, -1, -1",
    "-1, n",
    "n, -1, -1",
    "n - 1, i - 3, -2",
    "i - n, n - i, 3",
    "n - i - 1, -1, -1",
    "i, n - 7, 4",
    "i - 3, 2",
    "-3, i - 2, 2",
    "m, n",
    "i, n, 8",
    "n, -n, -8",
]
LONGEST = 80
for bounds in BOUNDS:

    def of_range(bounds):
        @enigma.kernel
        def loop(M: enigma.i32, out: enigma.i64, counts: enigma.u32, n: enigma.Scalar(enigma.u32)):
            i = enigma.thread_position_in_grid
            trips = 0
            for number in enigma.range(*values_of([f"({bounds},)"], {}, i=i, n=n, m=M[0])[0]):
                if number >= 0 and number < n:
                    out[i * LONGEST + trips] = enigma.i64(number)
                else:
                    out[i * LONGEST + trips] = enigma.i64(number) * 1000
                trips += 1
            counts[i] = trips

        return loop

    KERNELS.add(bounds, of_range(bounds))


@pytest.mark.parametrize("bounds", BOUNDS)
def test_loops_with_bounds_that_may_be_negative(bounds):
    for n in SIZES:
        for m in OFFSETS:
            out = np.zeros((THREADS, LONGEST), np.int64)
            counts = np.zeros(THREADS, np.uint32)
            arguments = (np.array([m], np.int32), out, counts, np.uint32(n))
            launch(KERNELS[bounds], *arguments, threads=THREADS)
            for i in range(THREADS):
                numbers = range(*values_of([f"({bounds},)"], {}, i=i, n=n, m=m)[0])
                expected = [k if 0 <= k < n else 1000 * k for k in numbers]
                assert counts[i] == len(expected), (i, n, m)
                assert out[i, : len(expected)].tolist() == expected, (i, n, m)


# The bounds of loops whose numbers are counted as they are, by steps, and one by one.
NUMBERED = ["n", "i, n", "i, i + 3", "1, n, 2", "i - 1, n", "n, i, -1", "i, n, 8"]
# What the number q of a loop is asked.
QUESTIONS = [
    "q - 1 < i",
    "q - 2 >= 0",
    "i - q < 3",
    "q - i > -2",
    "(q - 3) // 2 >= 0",
    "(q - 3) % 5 < 2",
]
for bounds in NUMBERED:

    def of_numbers(bounds):
        @enigma.kernel
        def asked(out: enigma.u32, n: enigma.Scalar(enigma.u32)):
            i = enigma.thread_position_in_grid
            trips = 0
            for q in enigma.range(*values_of([f"({bounds},)"], {}, i=i, n=n)[0]):
                answers = 0
                for bit, answer in enumerate(values_of(QUESTIONS, {}, i=i, n=n, q=q)):
                    answers += enigma.where(0, 1 << bit, answer)
                out[i * LONGEST + trips] = answers
                trips = trips + 1

        return asked

    KERNELS.add(f"asked {bounds}", of_numbers(bounds))


@pytest.mark.parametrize("bounds", NUMBERED)
def test_differences_of_the_numbers_of_a_loop(bounds):
    for n in SIZES:
        out = np.zeros((THREADS, LONGEST), np.uint32)
        launch(KERNELS[f"asked {bounds}"], out, np.uint32(n), threads=THREADS)
        for i in range(THREADS):
            numbers = range(*values_of([f"({bounds},)"], {}, i=i, n=n)[0])
            expected = [
                sum(answer << bit for bit, answer in enumerate(answers))
                for answers in (values_of(QUESTIONS, {}, i=i, n=n, q=q) for q in numbers)
            ]
            assert out[i, : len(expected)].tolist() == expected, (i, n)


# Floats and wider integers.


@enigma.kernel
def convert(out: enigma.f32, wide: enigma.i64, unsigned: enigma.u64, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    t = enigma.thread_position_in_threadgroup.x
    out[i] = (i - n).to(enigma.f32) + (t - 40).to(enigma.f32) * 0.5
    wide[i] = (i - n) * enigma.i64(1 << 40)
    unsigned[i] = (i - n).to(enigma.u64)


@enigma.kernel
def keep_bits(out: enigma.b1, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    out[i] = (i - n).to(enigma.u32) > 100


@enigma.kernel
def keep_wide_bits(out: enigma.u64, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    wide = (i - n).to(enigma.u64)
    out[3 * i] = 1 if wide > 100 else 0
    out[3 * i + 1] = wide // 2
    out[3 * i + 2] = max(wide, enigma.u64(100))


KERNELS.add("convert", convert)
KERNELS.add("keep_bits", keep_bits)
KERNELS.add("keep_wide_bits", keep_wide_bits)


def test_conversions_of_differences():
    n, out, wide = 9, np.zeros(32, np.float32), np.zeros(32, np.int64)
    unsigned = np.zeros(32, np.uint64)
    launch(KERNELS["convert"], out, wide, unsigned, np.uint32(n), threads=32)
    i = np.arange(32)
    assert np.array_equal(out, i - n + 0.5 * (i - 40))
    assert np.array_equal(wide, (i - n) << 40)
    assert np.array_equal(unsigned, (i - n).astype(np.uint64))


def test_a_conversion_to_an_unsigned_dtype_wraps():
    out = np.zeros(32, np.bool_)
    launch(KERNELS["keep_bits"], out, np.uint32(9), threads=32)
    assert np.array_equal(out, np.arange(32) < 9)

    wide = np.zeros((32, 3), np.uint64)
    launch(KERNELS["keep_wide_bits"], wide, np.uint32(9), threads=32)
    bits = (np.arange(32) - 9).astype(np.uint64)
    large = np.maximum(bits, np.uint64(100))
    assert np.array_equal(wide, np.stack([bits > 100, bits // 2, large], axis=1))
