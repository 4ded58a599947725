# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arithmetic in 64 bits gives the same numbers when it is done in 32 where it can."""

import operator
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.exact import Exact, Overflow
from enigma import f32, i8, i32, i64, u16, u32, u64

N = 64
EXPRESSIONS = 16
POSITIVE = [1, 2, 3, 5, 7, 8, 31, 32, 255, 1024, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32]
NEGATIVE = [-1, -3, -8]
Expression = Callable[..., Any]


def random_expression(rng: random.Random, depth: int, numbers: list[int]) -> Expression:
    """A function of the leaves that works on traced values and on exact numbers alike."""
    if depth == 0 or rng.random() < 0.1:
        leaf = rng.randrange(5)
        return lambda *leaves: leaves[leaf]
    kind = rng.randrange(10)
    left = random_expression(rng, depth - 1, numbers)
    if kind < 4:
        right = random_expression(rng, depth - 1, numbers)
        symbol = rng.choice(
            [operator.add, operator.sub, operator.mul, operator.and_, operator.or_, operator.xor]
        )
        return lambda *leaves: symbol(left(*leaves), right(*leaves))
    if kind < 6:
        constant = rng.choice(numbers)
        symbol = rng.choice([operator.add, operator.mul, operator.and_, operator.sub])
        return lambda *leaves: symbol(left(*leaves), constant)
    if kind < 8:
        constant = rng.choice(numbers)
        symbol = rng.choice([operator.floordiv, operator.mod])
        return lambda *leaves: symbol(left(*leaves), constant)
    if kind == 8:
        shift = rng.choice([0, 1, 5, 16, 31, 32, 40])
        symbol = rng.choice([operator.lshift, operator.rshift])
        return lambda *leaves: symbol(left(*leaves), shift)
    right = random_expression(rng, depth - 1, numbers)
    compare = rng.choice([operator.lt, operator.ge, operator.eq, operator.ne])

    def choose(*leaves: Any) -> Any:
        a, b = left(*leaves), right(*leaves)
        if isinstance(a, Exact):
            return a if compare(a, b) else b
        return enigma.where(b, a, compare(a, b))

    return choose


def kernel_of(expressions: list[Expression], dtype: Any) -> Any:
    @enigma.kernel
    def evaluate(A: i8, B: u16, C: i32, D: u32, out: dtype):
        tid = enigma.thread_position_in_threadgroup
        leaves = [x.to(dtype) for x in (tid, A[tid], B[tid], C[tid], D[tid])]
        for k, expression in enumerate(expressions):
            out[k * N + tid] = expression(*leaves)

    return evaluate


def extremes(dtype: Any, rng: np.random.Generator) -> np.ndarray:
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, N, dtype=dtype, endpoint=True)
    values[:4] = [info.min, info.max, 0, 1]
    return values


class Case:
    """Random expressions in a dtype of 64 bits, and what they are for random numbers."""

    def __init__(self, dtype: str, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.arrays = [extremes(d, rng) for d in (np.int8, np.uint16, np.int32, np.uint32)]
        leaves = zip(range(N), *(array.tolist() for array in self.arrays), strict=True)
        exact = [[Exact("i64", leaf).to(dtype) for leaf in thread] for thread in leaves]
        self.expressions: list[Expression] = []
        self.expected: list[int] = []
        numbers = POSITIVE + NEGATIVE if dtype == "i64" else POSITIVE
        choices = random.Random(seed)
        while len(self.expressions) < EXPRESSIONS:
            expression = random_expression(choices, 4, numbers)
            try:
                values = [expression(*thread).value for thread in exact]
            except (Overflow, ZeroDivisionError):
                continue
            self.expressions.append(expression)
            self.expected += values
        kernel = kernel_of(self.expressions, i64 if dtype == "i64" else u64)
        self.compiled = enigma.compile(kernel)
        harness.declare(self.compiled)


CASES = {(dtype, seed): Case(dtype, seed) for dtype in ("i64", "u64") for seed in range(12)}


@pytest.mark.parametrize(("dtype", "seed"), CASES)
def test_random_arithmetic(dtype: str, seed: int):
    case = CASES[dtype, seed]
    out = np.zeros(EXPRESSIONS * N, np.int64 if dtype == "i64" else np.uint64)
    harness.run(case.compiled, args=[*case.arrays, out], grid=1, block=N)
    assert out.tolist() == case.expected


@enigma.kernel
def subscripts(A: f32, C: f32):
    tid = enigma.thread_position_in_threadgroup
    wide = tid.to(i64) * 3 + 1
    back = 63 - tid.to(i64)
    C[back] = A[wide] + (wide - back).to(f32)


def test_subscripts_are_narrow_where_they_fit():
    compiled = enigma.compile(subscripts)
    assert "long" not in compiled.metal_source
    a = np.arange(3 * N + 1, dtype=np.float32)
    c = np.zeros(N, np.float32)
    harness.run(compiled, compiled.kernel_name, [a, c], grid=1, block=N)
    tid = np.arange(N)
    expected = a[3 * tid + 1] + (3 * tid + 1 - (63 - tid))
    np.testing.assert_array_equal(c, expected[::-1])
