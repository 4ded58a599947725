# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Loops over `enigma.range` at the ends of their dtypes, against Python's `range`."""

# The annotations of kernels here are variables of the function that makes them.

import itertools
import random

import numpy as np
import pytest

import enigma
from conformance.emitted import INTEGERS, NUMPY, Kernels, dtype_of, launch

KERNELS = Kernels()
# Loops run at most this often, so that each number is compared.
LONGEST = 6
# What each thread of a kernel with traced bounds does.
CASES = 192


def bounds_of(name, rng):
    """Two numbers of a dtype, mostly at its ends."""
    info = np.iinfo(NUMPY[name])
    low, high = int(info.min), int(info.max)
    ends = (low, high, (low + high) // 2, 0)

    def bound():
        if rng.random() < 0.2:
            return rng.randint(low, high)
        return min(max(rng.choice(ends) + rng.randint(-4, 4), low), high)

    return bound(), bound()


def step_of(start, stop, low, high, rng):
    """A step between `low` and `high` that goes at most LONGEST times from start to stop."""
    distance = abs(stop - start)
    shortest = max(1, -(-distance // LONGEST))
    sizes = (
        shortest,
        distance - 1,
        distance,
        distance + 1,
        rng.randint(shortest, 2 * shortest),
        high,
        -low,
    )
    size = max(rng.choice(sizes), shortest)
    step = size if stop > start else -size
    if rng.random() < 0.15:
        step = rng.choice((-step, 0))
    # A step of the dtype may be too short, and then there is none.
    return step if low <= step <= high else 0


def numbers_of(start, stop, step):
    return [] if step == 0 else list(range(start, stop, step))


def signed(number):
    """What an i64 makes of a number."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def check(cases, numbers, counts):
    for t, case in enumerate(cases):
        expected = [signed(number) for number in numbers_of(*case)]
        assert counts[t] == len(expected), case
        assert numbers[t, : len(expected)].tolist() == expected, case


# Everything is traced.


def traced_loop(name, step_name, form):
    d, s = dtype_of(name), dtype_of(step_name)

    @enigma.kernel
    def plain(A: d, B: d, S: s, numbers: enigma.i64, counts: enigma.u32):
        t = enigma.thread_position_in_grid
        n = 0
        for j in enigma.range(A[t], B[t], S[t]):
            if n < LONGEST:
                numbers[t * LONGEST + n] = j.to(enigma.i64)
            n += 1
        counts[t] = n

    @enigma.kernel
    def ended(A: d, B: d, S: s, numbers: enigma.i64, counts: enigma.u32):
        t = enigma.thread_position_in_grid
        n = 0
        for j in enigma.range(A[t], B[t], S[t]):
            if n == LONGEST:
                n = LONGEST + 1
                break
            numbers[t * LONGEST + n] = j.to(enigma.i64)
            n += 1
        counts[t] = n

    @enigma.kernel
    def managed(A: d, B: d, S: s, numbers: enigma.i64, counts: enigma.u32):
        t = enigma.thread_position_in_grid
        with enigma.for_range(A[t], B[t], S[t], dtype=d, init=0) as (j, n):
            numbers[t * LONGEST + n.value % LONGEST] = j.to(enigma.i64)
            n += 1
        counts[t] = n.value.to(enigma.u32)

    return {"plain": plain, "ended": ended, "managed": managed}[form]


FORMS = ("plain", "ended", "managed")
TRACED = [
    *itertools.product(INTEGERS, ("i8", "u32", "i32", "i64", "u64"), ("plain",)),
    *((name, name, form) for name in INTEGERS for form in FORMS[1:]),
    *((name, "i64", form) for name in ("u8", "u32", "i32") for form in FORMS[1:]),
]
for case in TRACED:
    KERNELS.add(case, traced_loop(*case))


@pytest.mark.parametrize(("name", "step_name", "form"), TRACED)
def test_traced_bounds_and_steps(name, step_name, form):
    rng = random.Random(f"{name} {step_name}")
    info = np.iinfo(NUMPY[step_name])
    cases = []
    for _ in range(CASES):
        start, stop = bounds_of(name, rng)
        cases.append((start, stop, step_of(start, stop, int(info.min), int(info.max), rng)))
    starts, stops, steps = zip(*cases, strict=True)
    numbers = np.zeros((CASES, LONGEST), np.int64)
    counts = np.full(CASES, 99, np.uint32)
    arguments = (
        np.array(starts, NUMPY[name]),
        np.array(stops, NUMPY[name]),
        np.array(steps, NUMPY[step_name]),
    )
    launch(KERNELS[name, step_name, form], *arguments, numbers, counts, threads=CASES)
    check(cases, numbers, counts)


# Python knows some of the bounds: as an int, or as a constant of the dtype.

LOOPS = 12
KINDS = ("all", "typed", "step", "step and start", "step and stop", "bounds")


def known_cases(name, kind):
    """Loops of one dtype, a kernel of them."""
    rng = random.Random(f"{name} {kind}")
    cases = []
    while len(cases) < LOOPS:
        start, stop = bounds_of(name, rng)
        step = step_of(start, stop, -(1 << 65), 1 << 65, rng)
        if kind == "bounds":
            info = np.iinfo(NUMPY[name])
            step = step_of(start, stop, int(info.min), int(info.max), rng)
        # A Python int alone is an i32 or i64.
        if kind == "all" and max(start, stop) >= 1 << 63:
            continue
        if step != 0 or kind == "bounds":
            cases.append((start, stop, step))
    return cases


def known_loops(name, kind, cases):
    d = dtype_of(name)

    def bounds_in(case, A, B, S, t):
        start, stop, step = case
        if kind == "all":
            return enigma.range(start, stop, step)
        if kind == "typed":
            # A step has a dtype of its own.
            info = np.iinfo(np.int64)
            typed = enigma.i64(step) if info.min <= step <= info.max else step
            return enigma.range(d(start), stop, typed)
        if kind == "bounds":
            return enigma.range(d(start), d(stop), S[t])
        return enigma.range(
            start if kind == "step and start" else A[t],
            stop if kind == "step and stop" else B[t],
            step,
        )

    @enigma.kernel
    def loops(A: d, B: d, S: d, numbers: enigma.i64, counts: enigma.u32):
        for t, case in enumerate(cases):
            n = 0
            for j in bounds_in(case, A, B, S, t):
                if n < LONGEST:
                    numbers[t * LONGEST + n] = j.to(enigma.i64)
                n += 1
            counts[t] = n

    return loops


KNOWN = list(itertools.product(INTEGERS, KINDS))
for name, kind in KNOWN:
    KERNELS.add((name, kind), known_loops(name, kind, known_cases(name, kind)))


@pytest.mark.parametrize(("name", "kind"), KNOWN)
def test_known_bounds_and_steps(name, kind):
    cases = known_cases(name, kind)
    numbers = np.zeros((LOOPS, LONGEST), np.int64)
    counts = np.full(LOOPS, 99, np.uint32)
    starts, stops, steps = zip(*cases, strict=True)
    dtype = NUMPY[name]
    arguments = (
        np.array(starts, dtype),
        np.array(stops, dtype),
        np.array(steps if kind == "bounds" else [0] * LOOPS, dtype),
    )
    launch(KERNELS[name, kind], *arguments, numbers, counts, threads=1)
    check(cases, numbers, counts)
