# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The count of integer operations that the benchmarks print."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))

import integer_operations


def count(*lines: str) -> int:
    return integer_operations.count("kernel void k(uint t) {\n" + "\n".join(lines) + "\n}\n")


@pytest.mark.parametrize(
    ("line", "operations"),
    [
        ("uint i = (t & 0xf) * 4 + 1;", 3),
        ("float x = A[t] * B[t] + 1.0f;", 0),
        ("float x = A[t + 1] * B[2 * t - 1];", 3),
        ("float4 x = *(device const float4*)(A + t);", 0),
        ("*(device float4*)(C + t_1 + 512) = float4(A[t_1 + 1]);", 2),
        ("bool cond = i >= 0 && -i < 64;", 3),
        ("long j = long(i) * 64;", 1),
        ("float x = inside ? A[i] : 0.0f;", 0),
    ],
)
def test_statement(line: str, operations: int) -> None:
    assert count(line) == operations


def test_loops_multiply() -> None:
    loops = ("for (int i = 0; i < 4; ++i) {", "for (int j = 2; j < 8; j += 3) {")
    # Two for each turn of a loop, and one in the innermost body.
    assert count(*loops, "x = A[i + j];", "}", "}") == 4 * 2 + 4 * 2 * (2 + 1)


def test_branches_count_once() -> None:
    assert count("if (i < n) {", "x = A[i + 1];", "} else {", "x = A[i + 2];", "}") == 3


def test_a_loop_without_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="i < n"):
        count("for (int i = 0; i < n; ++i) {", "}")
