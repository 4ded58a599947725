# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Numbers of which a condition chooses, and long chains of conditions."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, EQUAL, REFUSED

# Two numbers of which a condition chooses, stored into any dtype.


for dtype in ("f32", "f16", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"):
    for name, body in {
        "ternary": "B[i] = 1 if A[i] > 2 else 0",
        "where": "B[i] = enigma.where(0, 7, A[i] > 2)",
        "variable": "x = 3 if A[i] > 2 else 4\nB[i] = x",
        "if": "if A[i] > 2:\n    x = 3\nelse:\n    x = 4\nB[i] = x",
        "nested ternary": "B[i] = (1 if A[i + 1] > 2 else 2) if A[i] > 2 else 3",
        "carried": "x = 1\nfor j in enigma.range(A[i] % 3):\n    x = 2\nB[i] = x",
        "list": "xs = [1]\nif A[i] > 2:\n    xs[0] = 5\nB[i] = xs[0]",
    }.items():
        verdict = EQUAL if name in ("ternary", "where", "nested ternary") else EITHER
        case(f"two numbers into {dtype}, {name}", body, verdict, result=dtype)
    case(f"number and load into {dtype}", "B[i] = 1 if A[i] > 2 else B[i + 0]", result=dtype)
    if dtype in ("u8", "u16", "u32", "u64"):
        case(
            f"a negative number into {dtype}", "B[i] = -1 if A[i] > 2 else 0", REFUSED, result=dtype
        )
case("halves into i32", "B[i] = 0.5 if A[i] > 2 else 0", REFUSED)
case("halves into f32", "B[i] = 0.5 if A[i] > 2 else 0", result="f32")
case("halves and integers into f16", "B[i] = 1.5 if A[i] > 2 else 2", result="f16")

# Long chains.


LINKS = 260
case(
    "long elif",
    "if A[i] == -3: r = 0\n"
    + "".join(f"elif A[i] == {k - 2}: r = {k}\n" for k in range(LINKS))
    + "else: r = -1\nB[i] = r",
)
case("long or", "B[i] = 1 if " + " or ".join(f"A[i] == {2 * k}" for k in range(LINKS)) + " else 0")
case(
    "long and", "B[i] = 1 if " + " and ".join(f"A[i] != {2 * k}" for k in range(LINKS)) + " else 0"
)
case(
    "long ternary",
    "B[i] = " + " ".join(f"{k} if A[i] == {k} else" for k in range(LINKS)) + " -1",
)
