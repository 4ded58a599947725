# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What Python decides, formats or calls itself: as in Python where it has a meaning in a kernel."""

import math

import numpy as np
import pytest
from programs import INPUTS

import enigma
from conformance import harness

EMPTY = {}


def member(a):
    return 1 if a in (1, 5, -3) else 0


def no_member(a):
    return 1 if a not in [1, 5, -3, None, "text"] else 0


def member_of_a_set(a):
    return 1 if a in {1, 5, -3} else 0


def key_of_a_dict(a):
    return 1 if a in {1: 2, 5: 3} else 0


def value_of_a_dict(a):
    return 1 if a in {1: 2, 5: 3}.values() else 0


def member_of_a_range(a):
    return (1 if a in range(-7, 20, 4) else 0) + (2 if a in range(9, -12, -3) else 0)


def member_of_an_empty_range(a):
    return 1 if a in range(0) or a in EMPTY else 0


def member_in_a_chain(a):
    return 1 if 0 < a in (1, 5, -3) else 0


def one_of_the_values(a):
    return 1 if 3 in [a, a + 1, 7] else 0


def the_value_itself(a):
    return 1 if a in [a + 1, a] else 0


def smallest(a):
    return min(a, 7 - a)


def largest(a):
    return max(3, a * a % 11, a)


def smallest_of_a_list(a):
    return min([a, 4, -a])


def smallest_by_a_key(a):
    return min(a, 10 - a, a % 3, key=lambda value: (value - 4) * (value - 4))


def smallest_that_python_knows(a):
    return a + min([3, 1, 2]) + max([], default=5) + min("b", "a", key=ord).count("a")


def one_is_true(a):
    return 1 if any([a > 3, a < -3]) else 0


def all_are_true(a):
    return 1 if all((a > 3, a < 30, a % 2)) else 0


def one_of_a_generator(a):
    return 1 if any((a + k) % 5 == 0 for k in range(3)) else 0


def all_of_a_generator(a):
    return 1 if all(a % k for k in (2, 3)) else 0


def none_are_true(a):
    return 1 if any([]) else a + (2 if all([]) else 3)


def truth(a):
    return 1 if bool(a % 3) and bool(1) else 0


def quotient_and_rest(a):
    quotient, rest = divmod(a, 7)
    return quotient * 100 + rest + divmod(100, a * a + 1)[1]


def total(a):
    return sum([a, 2, a * a]) + sum(range(4)) + sum([])


def matched(a):
    match a:
        case 1:
            result = 10
        case 2 | 3 | 4:
            result = 20
        case -3 | 7 as found:
            result = found * 2
        case found if found > 20:
            result = found
        case _:
            result = -1
    return result


def matched_and_left(a):
    match a % 4:
        case 0:
            return 5
        case 1 if a > 7:
            return 6
        case rest:
            a += rest
    return a


def matched_in_a_loop(a):
    result = 0
    for k in range(5):
        match a % (k + 2):
            case 0:
                continue
            case 1:
                result += k
            case 3:
                break
        result += 100
    return result


def matched_truth(a):
    match a > 3:
        case True:
            return 1
        case False:
            return 2
    return 3


def matched_by_python(a):
    match ("mode", a):
        case ("other", _):
            return 0
        case ("mode", value):
            return value + 1
    return 0


def matched_nothing(a):
    match a:
        case None:
            return 1
        case True:
            return 2
        case 5:
            return 3
    return 4


def shadowed(a):
    min = lambda x, y: x - y  # noqa: E731
    return min(a, 3)


def formatted(a):
    return a + len(f"{3!r}{'x':>{4}}" + str(12) + f"{[1, 2]}")


def asserted(a):
    assert len("abc") == 3, f"never {a}"
    return a


PROGRAMS = [
    value for value in list(globals().values()) if getattr(value, "__code__", None) is not None
]


@pytest.fixture(scope="module")
def compiled():
    """The kernels, compiled together."""
    found = {}
    for program in PROGRAMS:
        helper = enigma.func(program)

        @enigma.kernel
        def kernel(A: enigma.i32, B: enigma.i32):
            tid = enigma.thread_position_in_grid
            B[tid] = helper(A[tid])  # noqa: B023

        found[program.__name__] = enigma.compile(kernel)
        harness.declare(found[program.__name__])
    return found


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_as_in_python(compiled, program):
    values = np.array(INPUTS, np.int32)
    results = np.zeros_like(values)
    harness.run(compiled[program.__name__], args=[values, results], threads=len(values), block=32)
    np.testing.assert_array_equal(results, [program(int(value)) for value in values])


@pytest.mark.parametrize("largest", [False, True])
def test_floats(largest):
    """Of a NaN and a number, and of zeros of two signs, Python gives the first."""

    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32, C: enigma.f32):
        tid = enigma.thread_position_in_grid
        C[tid] = max(A[tid], B[tid]) if largest else min(A[tid], B[tid])

    numbers = [1.0, -2.5, 0.0, -0.0, math.inf, -math.inf, math.nan]
    a = np.array([x for x in numbers for _ in numbers], np.float32)
    b = np.array([y for _ in numbers for y in numbers], np.float32)
    results = np.zeros_like(a)
    harness.run(
        enigma.compile(kernel, fast_math=False), args=[a, b, results], threads=len(a), block=7
    )
    function = max if largest else min
    expected = np.array([function(x, y) for x, y in zip(a, b, strict=True)], np.float32)
    np.testing.assert_array_equal(results.view(np.uint32), expected.view(np.uint32))


def test_generators_stop():
    """What follows a value that decides is not computed, as it may not be readable."""

    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32, n: enigma.Scalar(enigma.i32)):
        tid = enigma.thread_position_in_grid.x.to(enigma.i32)
        tests = (lambda: tid + 1 < n, lambda: A[tid + 1] > 3)
        B[tid] = 1 if all(test() for test in tests) else 0

    assert "value && A[tid + 1] > 3;" in enigma.compile(kernel).metal_source


def test_sums_of_traced_values_start_from_the_first():
    @enigma.kernel
    def sums(A: enigma.f32, B: enigma.b1, C: enigma.i32):
        i = enigma.thread_position_in_grid
        A[i] = sum([A[i], 2.0, A[i + 1]]) + sum(A[k] for k in range(3)) + sum([A[i]], 1.0)
        C[i] = sum([B[i]]) + sum([1, 2, 3]) + sum([])

    text = enigma.compile(sums, emit_only=True).metal_source
    assert "A[i] = a + 2.0f + A[i + 1] + (A[0] + A[1] + A[2]) + (a + 1.0f);" in text
    assert "C[i] = int(B[i]) + 6;" in text


def test_a_text_of_several_lines_is_that_of_python():
    @enigma.kernel
    def left(A: enigma.i32):
        A[0] = len("""a
b
            c""")

    @enigma.kernel
    def inside(A: enigma.i32):
        A[0] = len("""a
            c""")

    assert (
        f"A[0] = {len('a' + chr(10) + 'b' + chr(10) + ' ' * 12 + 'c')};"
        in enigma.compile(left).metal_source
    )
    assert f"A[0] = {len('a' + chr(10) + ' ' * 12 + 'c')};" in enigma.compile(inside).metal_source
