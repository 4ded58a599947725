# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Numbers of which a condition chooses, and long chains of conditions."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, EQUAL, REFUSED, block

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

# Numbers that become numbers of another kind in a loop or an arm.

for name, (before, after) in {
    "an int a half": ("2", "2.5"),
    "an int a float": ("2", "3.0"),
    "an int a sum of halves": ("2", "n + 0.5"),
    "an int a product of halves": ("2", "n * 1.5"),
    "an int a traced float": ("2", "A[i] * 0.5"),
    "an int a traced int": ("2", "A[i]"),
    "a float an int": ("2.5", "3"),
    "a float a traced int": ("2.5", "A[i] + 0"),
    "a float a traced float": ("2.5", "A[i] * 0.25"),
    "an int a large int": ("2", "1 << 40"),
    "an int a negative int": ("2", "-3"),
    "an int a bool": ("2", "True"),
    "an int a comparison": ("2", "A[i] > 2"),
    "a bool an int": ("True", "3"),
    "a bool a half": ("True", "0.5"),
    "a bool a comparison": ("False", "A[i] > 2"),
    "a bool a traced int": ("True", "A[i]"),
    "a traced int a half": ("A[i]", "2.5"),
    "a traced int a traced float": ("A[i]", "A[i] * 0.5"),
    "a traced int a sum of halves": ("A[i]", "n + 0.5"),
    "a traced int a bool": ("A[i]", "True"),
    "a traced float an int": ("A[i] * 0.5", "3"),
    "a traced float a traced int": ("A[i] * 0.5", "A[i]"),
    "a comparison an int": ("A[i] > 2", "3"),
    "a comparison a traced int": ("A[i] > 2", "A[i]"),
}.items():
    for where, body in {
        "if": "if A[i + 1] > 2: n = {}",
        "else": "if A[i + 1] > 2: pass\nelse: n = {}",
        "range": "for j in enigma.range(A[i + 1] % 3): n = {}",
        "range that runs": "for j in enigma.range(2): n = {}",
        "if in range": "for j in enigma.range(3):\n    if A[i + j] > 2: n = {}",
        "range with break": "for j in enigma.range(3):\n    if A[i] == j: break\n    n = {}",
        "while": "j = 0\nwhile j < A[i + 1] % 3:\n    n = {}\n    j += 1",
        "if in while": "j = 0\nwhile j < 3:\n    if A[i + 1] > j: n = {}\n    j += 1",
        "while True": "j = 0\nwhile True:\n    n = {}\n    j += 1\n    if j > A[i + 1] % 3: break",
        "while of itself": "j = 0\nwhile n < 4 and j < 3:\n    n = {}\n    j += 1",
        "nested": (
            "for j in enigma.range(2):\n    for k in enigma.range(A[i + 1] % 2):\n        n = {}"
        ),
        "unrolled": "for j in range(2):\n    if A[i + j] > 2: n = {}",
        "nonlocal": "def f():\n    nonlocal n\n    n = {}\nif A[i + 1] > 2: f()",
        "walrus": "A[i + 1] > 2 and (n := {})",
        "ternary": "n = {} if A[i + 1] > 2 else n",
        "return": "def f(n):\n    if A[i + 1] > 2: return {}\n    return n\nn = f(n)",
        "item": "xs = [n]\nif A[i + 1] > 2: xs[0] = {}\nn = xs[0]",
        "item in while": """
            xs, j = [n], 0
            while j < A[i + 1] % 3:
                xs[0] = {}
                j += 1
            n = xs[0]
            """,
    }.items():
        case(
            f"{name}, {where}",
            f"n = {before}\n{block(body).replace('{}', after)}\nB[i] = n * 1.0 + 0.0",
            EITHER,
            result="f32",
        )
