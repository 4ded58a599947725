# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Choices between numbers are numbers: they take the dtype of what they meet."""

# The annotations of kernels here are variables of the function that makes them.

import numpy as np
import pytest

import enigma
from conformance.emitted import FLOATS, INTEGERS, Kernels, dtype_of, empty, launch, values_of

KERNELS = Kernels()
COUNT = 16


@enigma.func
def sign(a):
    if a > 0.0:
        return 1
    return 3


def conditional(a, b):
    return 1 if a > 0.0 else 0


def where(a, b):
    return enigma.where(0, 7, a > 0.0)


def nested(a, b):
    return 5 if a > 0.0 else (6 if b > 0.0 else 7)


def nested_where(a, b):
    return enigma.where(enigma.where(1, 2, b > 0.0), 3, a > 0.0)


def arithmetic(a, b):
    return (1 if a > 0.0 else 2) * 10 + 1 - (2 if a > 0.0 else 1)


def powers(a, b):
    return (2 if a > 0.0 else 3) ** 3 // 2 % 7


def statement(a, b):
    if a > 0.0:
        x = 4
        if b > 0.0:
            x = 5
    else:
        x = 6
    return x


def helper(a, b):
    return sign(a) + sign(b) * 2


def boolean(a, b):
    return (a > 0.0 and 5) + (b > 0.0 or 0)


def negative(a, b):
    return -(1 if a > 0.0 else 2)


def invert(a, b):
    return ~(1 if a > 0.0 else 2) & 7


def shifted(a, b):
    return 1 << (2 if a > 0.0 else 3)


def magnitude(a, b):
    return abs(-3 if a > 0.0 else -4)


def compared(a, b):
    return 2 if (1 if a > 0.0 else 2) == 2 else 3


def branched(a, b):
    # The inner choice cannot be made anew after its branch.
    x = 0
    if a > 0.0:
        if b > 0.0:
            x = 3
    else:
        x = 1
    return x * x + (x if x >= 1 else 2) - (0 if x == 3 else x // 2)


def counted(a, b):
    n = 0
    for k in range(20):
        if a > k * 0.1:
            n += 1
    return n


def nested_compared(a, b):
    x = 1 if a > 0.0 else (2 if b > 0.0 else 3)
    return (
        (5 if x < 2 else 6)
        + (1 if x == 3 else 0)
        + ((True if a > 0.0 else (x if b > 1.0 else 0)) & 1)
    )


def divided(a, b):
    return (1 if a > 0.0 else 3) / 2


def mixed(a, b):
    return 0.5 if a > 0.0 else 2


def loop(a, b):
    x = 0
    for _ in enigma.range(3):
        x = 1 if a > 0.0 else 2
    return x


WHOLE = {
    function.__name__: function
    for function in (
        *(conditional, where, nested, nested_where, arithmetic, powers, statement, helper),
        *(boolean, invert, shifted, magnitude, compared, nested_compared),
    )
}
OTHERS = {function.__name__: function for function in (branched, counted, negative, divided, mixed)}


def stores(function, dtype):
    d = dtype_of(dtype)
    made = enigma.func(function)

    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32, out: d):
        i = enigma.thread_position_in_grid
        out[i] = made(A[i], B[i])

    return kernel


CASES = [
    *((name, dtype) for name in WHOLE for dtype in (*INTEGERS, *FLOATS)),
    *(
        (name, dtype)
        for name in ("branched", "counted", "negative")
        for dtype in ("i8", "i64", "f16", "f32", "bf16")
    ),
    *((name, dtype) for name in ("divided", "mixed") for dtype in FLOATS),
]
for name, dtype in CASES:
    KERNELS.add((name, dtype), stores((WHOLE | OTHERS)[name], dtype))


def python(function):
    """What Python makes of a function, with our own functions as they are on numbers."""
    namespace = dict(function.__globals__)

    class Enigma:
        @staticmethod
        def where(false_value, true_value, condition):
            return true_value if condition else false_value

    namespace["enigma"] = Enigma
    namespace["sign"] = sign.function
    return type(function)(function.__code__, namespace)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_choices_are_stored_in_every_dtype(name, dtype):
    function = (WHOLE | OTHERS)[name]
    rng = np.random.default_rng(5)
    a, b = (rng.standard_normal(COUNT).astype(np.float32) for _ in range(2))
    out = empty(dtype, COUNT)
    launch(KERNELS[name, dtype], a, b, out, threads=COUNT)
    expected = [python(function)(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert values_of(dtype, out).tolist() == expected


@pytest.mark.parametrize("dtype", ["u8", "u16", "f16", "i64", "bf16"])
def test_choices_meet_values(dtype):
    d = dtype_of(dtype)

    @enigma.kernel
    def kernel(A: enigma.f32, X: d, out: d):
        i = enigma.thread_position_in_grid
        c = A[i] > 0.0
        n = 2 if c else 3
        out[4 * i] = X[i] * n + (1 if c else 0)
        out[4 * i + 1] = X[i] if A[i] > 1.0 else n
        out[4 * i + 2] = enigma.where(n, X[i], c)
        out[4 * i + 3] = max_of(n, X[i])

    def max_of(a, b):
        return enigma.fmax(a, b) if d.is_float else enigma.imax(a, b)

    a = np.array([-1.0, 0.5, 2.0], np.float32)
    x = np.array([1, 2, 9])
    stored = empty(dtype, 3)
    stored[:] = [0x3F80, 0x4000, 0x4110] if dtype == "bf16" else x
    out = empty(dtype, 12)
    launch(enigma.compile(kernel, emit_only=True), a, stored, out, threads=3)
    expected = []
    for p, q in zip(a.tolist(), x.tolist(), strict=True):
        n = 2 if p > 0 else 3
        expected += [q * n + (p > 0), q if p > 1 else n, q if p > 0 else n, max(n, q)]
    assert values_of(dtype, out).tolist() == expected


def test_choices_by_lanes():
    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.f16):
        i = enigma.thread_position_in_grid
        v = enigma.make_vec(A[2 * i], A[2 * i + 1])
        chosen = enigma.where(0, 7, v > 0.0) + 1
        out[2 * i] = chosen.x * enigma.f16(0.5)
        out[2 * i + 1] = chosen.y

    a = np.array([-1.0, 0.5, 2.0, -3.0], np.float32)
    out = np.zeros(4, np.float16)
    with pytest.raises(enigma.EnigmaError, match="the stored value is a traced i32"):
        enigma.compile(kernel, emit_only=True)

    @enigma.kernel
    def converted(A: enigma.f32, out: enigma.f16):
        i = enigma.thread_position_in_grid
        v = enigma.make_vec(A[2 * i], A[2 * i + 1])
        chosen = v.to(enigma.f16) * enigma.where(0, 7, v > 0.0)
        out[2 * i] = chosen.x
        out[2 * i + 1] = chosen.y

    launch(enigma.compile(converted, emit_only=True), a, out, threads=2)
    assert out.tolist() == [0.0, 3.5, 14.0, 0.0]


def test_choices_carried_by_loops():
    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.f32, counts: enigma.i32):
        i = enigma.thread_position_in_grid
        total = 0
        last = 1 if A[i] > 0.0 else 2
        for j in enigma.range(4):
            total += 1 if A[j] > 0.0 else 0
            out[i] = last
            last = 3 if A[j] > 1.0 else last
        counts[i] = total

    a = np.array([-1.0, 0.5, 2.0, -3.0], np.float32)
    out, counts = np.zeros(4, np.float32), np.zeros(4, np.int32)
    launch(enigma.compile(kernel, emit_only=True), a, out, counts, threads=4)
    assert counts.tolist() == [2] * 4
    assert out.tolist() == [3.0] * 4


def test_carried_numbers_are_divided_as_numbers():
    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.f32):
        i = enigma.thread_position_in_grid
        x = 6
        for _ in enigma.range(3):
            x = x / 2
        y = 1
        for _ in enigma.range(2):
            y = y / (2 if A[i] > 0.0 else 4)
        out[2 * i] = x
        out[2 * i + 1] = y

    a = np.array([-1.0, 0.5], np.float32)
    out = np.zeros(4, np.float32)
    launch(enigma.compile(kernel, emit_only=True), a, out, threads=2)
    assert out.tolist() == [0.75, 1 / 16, 0.75, 0.25]


def failing(store):
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.i32, C: enigma.u8, D: enigma.u32):
        i = enigma.thread_position_in_grid
        store(A, B, C, D, i, A[i] > 0.0)

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True)
    return str(caught.value)


@enigma.func
def store_negative(A, B, C, D, i, c):
    C[i] = -1 if c else 1


@enigma.func
def store_fraction(A, B, C, D, i, c):
    B[i] = 0.5 if c else 1


@enigma.func
def add_large(A, B, C, D, i, c):
    C[i] = C[i] + (300 if c else 1)


@enigma.func
def where_large(A, B, C, D, i, c):
    C[i] = enigma.where(300, 1, c)


@enigma.func
def too_large(A, B, C, D, i, c):
    B[i] = enigma.where(1 << 70, 1, c)


@enigma.func
def two_dtypes(A, B, C, D, i, c):
    D[i] = B[i] if c else D[i]


@enigma.func
def float_and_integer(A, B, C, D, i, c):
    A[i] = A[i] if c else B[i]


@enigma.func
def two_dtypes_in_branches(A, B, C, D, i, c):
    if c:  # noqa: SIM108
        x = B[i]
    else:
        x = D[i]
    D[i] = x


@enigma.func
def store_difference(A, B, C, D, i, c):
    # It is never negative, which is not found out.
    C[i] = (2 if c else 1) - (1 if c else 0) * (1 if A[i] > 1.0 else 3)


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (store_negative, ["-1 does not fit u8"]),
        (store_fraction, ["0.5 does not fit i32"]),
        (add_large, ["300 does not fit u8"]),
        (where_large, ["300 does not fit u8"]),
        (store_difference, ["a traced i32, and the elements are u8", ".to(enigma.u8)"]),
        (too_large, ["does not fit u64"]),
        (two_dtypes, ["a traced i32 and a traced u32", ".to(enigma.u32)"]),
        (float_and_integer, ["a traced f32 and a traced i32", ".to(enigma.f32)"]),
        (two_dtypes_in_branches, ["a traced i32", "a traced u32", ".to(enigma.u32)"]),
    ],
)
def test_what_does_not_fit_is_refused(store, words):
    text = failing(store)
    for word in words:
        assert word in text


# Numbers that only a u64 holds: chosen by an expression, by a function, on two paths.
LARGE = (1 << 63) + 5


@enigma.kernel
def large(A: enigma.u64, B: enigma.u64):
    i = enigma.thread_position_in_grid
    c = A[i] > 4
    x = LARGE
    if c:
        x = 7
    B[3 * i] = A[i] + (LARGE if c else 2)
    B[3 * i + 1] = A[i] ^ enigma.where(1, LARGE, c)
    B[3 * i + 2] = A[i] - x


KERNELS.add("large", large)


def test_numbers_that_only_u64_holds():
    a = np.arange(COUNT, dtype=np.uint64)
    out = np.zeros((COUNT, 3), np.uint64)
    launch(KERNELS["large"], a, out.reshape(-1), threads=COUNT)
    c = a > 4
    big, seven, two, one = (np.uint64(v) for v in (LARGE, 7, 2, 1))
    expected = [a + np.where(c, big, two), a ^ np.where(c, big, one), a - np.where(c, seven, big)]
    np.testing.assert_array_equal(out, np.stack(expected, axis=1))
