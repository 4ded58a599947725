# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every form of control flow, on values that differ from thread to thread."""

from __future__ import annotations

import numpy as np
import pytest

import enigma
from conformance.emitted import Kernels, launch

KERNELS = Kernels()
COUNT = 45


@enigma.kernel
def branches(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    a = A[i]
    if a < -3:
        r = a * 2
    elif a < 0:
        r = a - 100
    elif a == 0:
        r = 7
    else:
        r = a
        if a > 5:
            r = r + 1000
    out[i] = r


def branches_reference(a):
    if a < -3:
        return a * 2
    if a < 0:
        return a - 100
    if a == 0:
        return 7
    return a + 1000 if a > 5 else a


@enigma.kernel
def collatz(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    n = enigma.abs(A[i]) + 1
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
            steps += 0
        else:
            n = 3 * n + 1
        steps += 1
    out[i] = steps


def collatz_reference(a):
    n, steps = abs(a) + 1, 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@enigma.kernel
def nested_loops(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    n = enigma.abs(A[i])
    total = 0
    last = -1
    for j in enigma.range(n):
        for k in enigma.range(j, n, 2):
            total += j * k
            last = k
    out[i] = total * 10 + last


def nested_loops_reference(a):
    n, total, last = abs(a), 0, -1
    for j in range(n):
        for k in range(j, n, 2):
            total += j * k
            last = k
    return total * 10 + last


@enigma.kernel
def leaving(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    a = A[i]
    out[i] = -1
    if a == 3:
        return
    total = 0
    for j in enigma.range(20):
        if j == a:
            break
        if j % 3 == 0:
            continue
        total += j
        if total > 60:
            out[i] = 60
            return
    while True:
        total += 1
        if total % 7 == 0:
            break
    out[i] = total


def leaving_reference(a):
    if a == 3:
        return -1
    total = 0
    for j in range(20):
        if j == a:
            break
        if j % 3 == 0:
            continue
        total += j
        if total > 60:
            return 60
    total += 1
    while total % 7 != 0:
        total += 1
    return total


@enigma.func
def classify(a):
    if a < 0:
        return -a
    if a > 6:
        return 6
    return a


@enigma.kernel
def helper(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    out[i] = classify(A[i]) * 10 + classify(A[i] + 2)


def helper_reference(a):
    def classify(x):
        return -x if x < 0 else min(x, 6)

    return classify(a) * 10 + classify(a + 2)


@enigma.kernel
def conditions(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    a = A[i]
    inside = -4 <= a < 5 and a != 2
    odd = a % 2 == 1
    r = 0 if not (inside or odd) else 1
    r += 10 if (a > 0 and odd) or a == -6 else 20
    out[i] = r


def conditions_reference(a):
    inside, odd = -4 <= a < 5 and a != 2, a % 2 != 0
    return int(inside or odd) + (10 if (a > 0 and odd) or a == -6 else 20)


@enigma.kernel
def short_circuit(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    a = A[i]
    # Evaluated in full, this reads out of bounds and divides by zero.
    r = 0
    if a > 0 and A[i - a.to(enigma.u32) % (i + 1)] // a >= 0:
        r = 1
    if a == 0 or 10 // a > 1:
        r += 2
    out[i] = r


def short_circuit_reference(array, i):
    a = int(array[i])
    r = int(a > 0 and int(array[i - a % (i + 1)]) // a >= 0)
    return r + (2 if a == 0 or 10 // a > 1 else 0)


@enigma.kernel
def alternatives(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    # Both alternatives use the index, and neither may read where it is not taken.
    other = A[i + i] if i < 4 else A[i] % 3
    a = A[i].to(enigma.u32) if A[i] > 2 else other.to(enigma.u32)
    out[i] = (a * (a // 2 * a)).to(enigma.i32)


def alternatives_reference(array, i):
    a = int(array[i])
    value = a if a > 2 else int(array[2 * i]) if i < 4 else a % 3
    value %= 1 << 32
    return (value * (value // 2 * value) + (1 << 31)) % (1 << 32) - (1 << 31)


@enigma.kernel
def unrolled(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    total = A[i]
    for j in range(4):
        total = total * 3 + j
    for j in enigma.range_constexpr(2):
        total -= j
    out[i] = total


def unrolled_reference(a):
    total = a
    for j in range(4):
        total = total * 3 + j
    return total - 1


@enigma.kernel
def swapped(A: enigma.i32, out: enigma.i32):
    i = enigma.thread_position_in_grid
    a = enigma.abs(A[i]) + 3
    b = 18
    previous = 0
    while b != 0:
        previous = a
        a, b = b, a % b
    out[i] = a * 100 + previous


def swapped_reference(a):
    a, b, previous = abs(a) + 3, 18, 0
    while b != 0:
        previous = a
        a, b = b, a % b
    return a * 100 + previous


CASES = {
    "branches": (branches, branches_reference),
    "collatz": (collatz, collatz_reference),
    "nested_loops": (nested_loops, nested_loops_reference),
    "leaving": (leaving, leaving_reference),
    "helper": (helper, helper_reference),
    "conditions": (conditions, conditions_reference),
    "unrolled": (unrolled, unrolled_reference),
    "swapped": (swapped, swapped_reference),
}
for name, (kernel, _) in CASES.items():
    for width in (0, 4):
        KERNELS.add((name, width), kernel, vec_width=width)
KERNELS.add("short_circuit", short_circuit)
KERNELS.add("alternatives", alternatives)


def inputs(count):
    return np.random.default_rng(0).integers(-8, 10, count, dtype=np.int32)


@pytest.mark.parametrize("order", ["forward", "reverse"])
@pytest.mark.parametrize("width", [0, 4])
@pytest.mark.parametrize("name", CASES)
def test_control_flow(name, width, order):
    count = COUNT if width == 0 else 44
    a = inputs(count)
    out = np.full_like(a, 12345)
    launch(KERNELS[name, width], a, out, threads=count, order=order)
    assert out.tolist() == [CASES[name][1](int(x)) for x in a]


def test_and_or_evaluate_only_what_they_need():
    a = inputs(COUNT)
    out = np.zeros_like(a)
    launch(KERNELS["short_circuit"], a, out, threads=COUNT)
    assert out.tolist() == [short_circuit_reference(a, i) for i in range(COUNT)]


def test_conditional_expressions_evaluate_only_what_they_choose():
    a = inputs(COUNT)
    out = np.zeros_like(a)
    launch(KERNELS["alternatives"], a, out, threads=COUNT)
    assert out.tolist() == [alternatives_reference(a, i) for i in range(COUNT)]
