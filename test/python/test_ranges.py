# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What loops over `enigma.range` look like, and which are refused."""

import pytest

import enigma
from enigma.errors import OperandError

# Makes the bounds of a loop from a traced u32, i32 and u16, and how the loop then begins.
PLAIN = {
    "one bound": (lambda n, m, h: (n,), "for (uint j = 0; j < n; ++j)"),
    "signed": (lambda n, m, h: (m,), "for (int j = 0; j < m; ++j)"),
    "two bounds": (lambda n, m, h: (3, n), "for (uint j = 3; j < n; ++j)"),
    "negative start": (lambda n, m, h: (-3, m), "for (int j = -3; j < m; ++j)"),
    "known": (lambda n, m, h: (2, 800, 7), "for (int j = 2; j < 800; j += 7)"),
    "known stop": (lambda n, m, h: (n, 800, 7), "for (uint j = n; j < 800; j += 7)"),
    "typed": (lambda n, m, h: (n, 800, enigma.i32(7)), "for (uint j = n; j < 800; j += 7)"),
    "last": (
        lambda n, m, h: (2**31 - 9, 2**31 - 1, 4),
        "for (int j = 2147483639; j < 2147483647; j += 4)",
    ),
    "narrow stop": (lambda n, m, h: (0, h, 16), "for (int j = 0; j < h; j += 16)"),
}
COUNTED = {
    "downwards": (lambda n, m, h: (n, 0, -1), "uint j = n - "),
    "strides": (lambda n, m, h: (5, n, 16), "uint j = i * 16 + 5;"),
    "beyond": (lambda n, m, h: (2**31 - 9, 2**31 - 1, 5), "int j = i * 5 + 2147483639;"),
    "traced step": (lambda n, m, h: (n, 100, m), "uint j = n + "),
}


def text_of(make):
    @enigma.kernel
    def loop(
        A: enigma.u32,
        n: enigma.Scalar(enigma.u32),
        m: enigma.Scalar(enigma.i32),
        h: enigma.Scalar(enigma.u16),
    ):
        for j in enigma.range(*make(n, m, h)):
            A[j] = (j * j).to(enigma.u32)

    return enigma.compile(loop, emit_only=True).metal_source


@pytest.mark.parametrize("case", PLAIN)
def test_loops_that_cannot_overflow_are_plain(case):
    make, head = PLAIN[case]
    assert f"    {head} {{\n" in text_of(make)


@pytest.mark.parametrize("case", COUNTED)
def test_other_loops_count_iterations(case):
    make, line = COUNTED[case]
    text = text_of(make)
    assert "; ++i) {\n" in text
    assert f"        {line}" in text


REFUSED = {
    "zero": (lambda n, m, v: (0, n, 0), "the step is 0"),
    "typed zero": (lambda n, m, v: (0, n, enigma.i32(0)), "the step is 0"),
    "negative start of data": (
        lambda n, m, v: (-1, n.to(enigma.u32)),
        "the start is -1; expected a number that fits u32",
    ),
    "typed": (
        lambda n, m, v: (n.to(enigma.u32), enigma.i32(-1), -1),
        "the stop is -1; expected a number that",
    ),
    "negative start by a traced step": (
        lambda n, m, v: (n - 5, n, m),
        "a bound is a difference of unsigned integers, which may be negative",
    ),
    "signed stop beside a count, by a traced step": (
        lambda n, m, v: (n, m, n),
        "a bound is a signed integer, which may be negative",
    ),
    "too large": (lambda n, m, v: (m, 2**31), "the stop is 2147483648; expected a number that"),
    "float": (lambda n, m, v: (0, 3.0), "the stop is a float"),
    "traced float": (lambda n, m, v: (0, n, v.x), "the step is a traced f32; expected an integer"),
    "vector": (lambda n, m, v: (0, v.to(enigma.i32)), "the stop is a traced i32x2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bounds_that_are_refused(case):
    make, words = REFUSED[case]

    @enigma.kernel
    def loop(A: enigma.u32, n: enigma.Scalar(enigma.u32), m: enigma.Scalar(enigma.i32)):
        v = enigma.make_float2(1.0)
        for j in enigma.range(*make(n, m, v)):
            A[j] = 0

    with pytest.raises(OperandError, match=r"enigma\.range: ") as caught:
        enigma.compile(loop, emit_only=True)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("dtype", "words"),
    [
        ("u8", "the stop is a traced u32; expected an integer that u8 holds"),
        ("f32", "the dtype is f32; expected a dtype of integers"),
        ("b1", "the dtype is b1; expected a dtype of integers"),
    ],
)
def test_dtypes_of_for_range_that_are_refused(dtype, words):
    @enigma.kernel
    def loop(A: enigma.u32, n: enigma.Scalar(enigma.u32)):
        with enigma.for_range(0, n, dtype=dtype) as j:
            A[j] = 0

    with pytest.raises(OperandError, match=r"enigma\.for_range: ") as caught:
        enigma.compile(loop, emit_only=True)
    assert words in str(caught.value)
