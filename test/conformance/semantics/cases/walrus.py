# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Assignment expressions where they may not be evaluated."""

from __future__ import annotations

import textwrap

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, EQUAL, REFUSED, block

for name, expression in {
    "first of a ternary": "z = (y := y + 5) if A[i] > 2 else 1",
    "second of a ternary": "z = 1 if A[i] > 2 else (y := y + 5)",
    "both of a ternary": "z = (y := y + 5) if A[i] > 2 else (y := y - 3)",
    "ternary in a ternary": "z = ((y := y + 5) if A[i + 1] > 2 else (y := 9)) if A[i] > 2 else 1",
    "condition of a ternary": "z = 5 if (y := A[i + 1]) > 2 else 1",
    "condition and arm of a ternary": "z = (y := y + 1) if (y := A[i + 1]) > 2 else y",
    "second of and": "z = 1 if A[i] > 2 and (y := A[i + 1]) > 1 else 0",
    "second of or": "z = 1 if A[i] > 2 or (y := A[i + 1]) > 1 else 0",
    "third of and": "z = 1 if A[i] > 0 and A[i + 1] > 0 and (y := A[i + 2]) > 1 else 0",
    "second and third of and": "z = 1 if A[i] and (y := A[i + 1]) > 0 and (y := A[i + 2]) else 0",
    "and in or": "z = 1 if A[i] > 3 or (A[i + 1] > 0 and (y := A[i + 2]) > 1) else 0",
    "or in and": "z = 1 if A[i] > 0 and (A[i + 1] > 4 or (y := A[i + 2]) > 1) else 0",
    "value of and": "z = A[i] > 2 and (y := A[i + 1]) > 1\nz = 1 if z else 0",
    "value of or": "z = A[i] > 2 or (y := A[i + 1]) > 1\nz = 1 if z else 0",
    "third of a chain": "z = 1 if 0 < A[i] < (y := A[i + 1]) else 0",
    "second of a chain": "z = 1 if 0 < (y := A[i + 1]) < 5 else 0",
    "fourth of a chain": "z = 1 if 0 < A[i] < 6 < (y := A[i + 1] + 5) else 0",
    "second and third of a chain": "z = 1 if 0 < (y := A[i]) < (y := y + A[i + 1]) else 0",
    "chain as a value": "z = 0 < A[i] < (y := A[i + 1])\nz = 1 if z else 0",
    "under not": "z = 1 if not (A[i] > 2 and (y := A[i + 1]) > 1) else 0",
    "in an argument": "z = abs((y := y + 5) if A[i] > 2 else 1)",
    "in an index": "z = A[i + ((y := 1) if A[i] > 2 else 0)]",
    "in a tuple": "z, w = (y := 5) if A[i] > 2 else 1, 2",
    "in an operand": "z = 3 + ((y := y + 5) if A[i] > 2 else 1) * 2",
    "statement": "z = 1\n(y := 5) if A[i] > 2 else None",
    "statement of and": "z = 1\nA[i] > 2 and (y := 5)",
    "condition of if": "z = 0\nif A[i] > 2 and (y := A[i + 1]) > 1:\n    z = y",
    "condition of elif": "z = 0\nif A[i] > 2:\n    z = 1\nelif (y := A[i + 1]) > 1:\n    z = y",
    "second condition of elif": """
        z = 0
        if A[i] > 4:
            z = 1
        elif A[i] > 1 and (y := A[i + 1]) > 1:
            z = y
        else:
            z = y + 20
        """,
    "or in a condition of if": "z = 0\nif A[i] > 2 or (y := A[i + 1]) > 1:\n    z = y",
    "condition of while": "z = 0\nwhile (y := A[i] - z) > 0:\n    z += 2",
    "second of a condition of while": "z = 0\nwhile z < 4 and (y := A[i] - z) > 0:\n    z += 1",
    "first of a condition of while": "z = 0\nwhile (y := y + 1) < A[i] and z < 9:\n    z += y",
    "or in a condition of while": "z = 0\nwhile z < 2 or (y := A[i]) > z:\n    z += 1",
    "ternary in a condition of while": """
        z = 0
        while ((y := y + 2) if A[i] > 2 else 3) + z < 9:
            z += 1
        """,
    "static first of and": "z = True and (y := A[i])",
    "static first of or": "z = 0 or (y := A[i])",
    "skipped by a static first of and": "z = 0 and (y := A[i])",
    "skipped by a static first of or": "z = 3 or (y := A[i])",
    "static ternary": "z = (y := A[i]) if True else 1",
    "in a comprehension": "z = [y := A[i + k] for k in range(3)][0]",
    "in a comprehension of a ternary": "z = [(y := A[k]) if A[i] > 2 else 1 for k in range(3)][0]",
    "in a comprehension in an if": """
        z = 0
        if A[i] > 2:
            z = [y := A[i + k] for k in range(3)][0]
        """,
    "in a generator in an and": "z = 1 if A[i] > 2 and sum(y := A[i] for _ in (1, 2)) else 0",
    "in a bound of a range": """
        z = 0
        for k in enigma.range((y := 2) if A[i] > 2 else 1):
            z += y
        """,
    "in the iterable of a loop": "z = 0\nfor k in range(y := 3):\n    if A[i] > k: z += y",
    "in an if of an arm": "z = 0\nif A[i] > 0:\n    if (y := A[i + 1]) > 1:\n        z = y",
    "in a range": """
        z = 0
        for k in enigma.range(3):
            if A[i] > k and (y := A[i + k]) > 1:
                z += y
        """,
    "in a return": "z = give(A[i], A[i + 1])",
    "in an augmented assignment": "z = 1\nz += (y := y + 5) if A[i] > 2 else 1",
    "in the index of a target": "z = 1\nB[i + ((y := 0) if A[i] > 2 else 0)] = 4",
    "in a default": "z = 1\ndef f(v=(y := 7) if A[i] > 2 else 3): return v\nz = f()",
    "behind break": "z = 0\nfor k in range(3):\n    if A[i] == k: break\n    z += (y := y + k)",
    "in a condition with break": """
        z = 0
        for k in range(3):
            if (y := A[i + k]) > 4: break
            z += y
        """,
    "in a condition with break in a range": """
        z = 0
        for k in enigma.range(3):
            if A[i] > 1 and (y := A[i + k]) > 4: break
            z += y
        """,
}.items():
    # A generator's variable and a comprehension's condition are the places where Python's own rules
    # leave the most to say.
    verdict = EITHER if "generator" in name or "default" in name or name == "statement" else EQUAL
    case(
        f"walrus, {name}",
        f"y = 1\n{block(expression)}\nB[i] = z * 100 + y",
        verdict,
        prelude="""
        @enigma.func
        def give(v, w):
            u = 1
            if v > 2 and (u := w) > 1:
                return u
            return (u := u + 3) if v > 0 else u
        """,
    )
# What a variable held in a scope that is over, and nobody reads, is in nobody's way.
for name, expression in {
    "in a condition of while": "while z < 4 and (y := A[i] - z) > 0:\n    z += 1",
    "in a condition of while with break": """
        while z < 4 and (y := A[i] - z) > 0:
            z += 1
            if A[i] == z + 3: break
        """,
    "in a ternary in a condition of while": "while ((y := z) if A[i] > 2 else z) < 9:\n    z += 1",
    "in a chain in a condition of while": "while 0 < A[i] - z < (y := 5):\n    z += 1",
    "in two conditions of while": """
        while z < 3 and (y := A[i] - z) > 0:
            z += 1
        while z < 6 and (y := A[i] - z) > -5:
            z += 1
        """,
    "in a condition of while in a range": """
        for k in enigma.range(3):
            while z < 4 and (y := A[i + k] - z) > 0:
                z += 1
        """,
    "in an if, and behind it": """
        if A[i] > 0:
            z = 1 if A[i] > 1 and (y := A[i + 1]) > 2 else 0
        z += 2 if A[i] > 1 and (y := A[i + 1]) > 3 else 0
        """,
    "assigned in an if, and behind it": """
        if A[i] > 0:
            y = A[i + 2]
            z = y * y
        z += 2 if A[i] > 1 else (y := 3)
        """,
    "assigned in a range, and behind it": """
        for k in enigma.range(3):
            y = A[i + 1] + k
            z += y * y
        z += 2 if 0 < A[i] < 5 < (y := 6) else (y := 3)
        """,
    "in conditions with break": """
        while True:
            z += 1
            if z > 4 or (A[i] > 1 and (y := A[i + 1]) > 2): break
            if z > 5 or (A[i] > 0 and (y := A[i + 2]) > 3): break
        """,
}.items():
    body = f"z = 0\n{block(expression)}"
    shared = "y = 1\ndef f():\n    nonlocal y\n    y = 3"
    case(f"walrus of nobody, {name}", f"{body}\nB[i] = z")
    case(f"walrus of nobody, assigned before, {name}", f"y = 1\n{body}\nB[i] = z")
    case(
        f"walrus of nobody, shared, {name}",
        f"{shared}\n{body}\ny = 4\nif A[i] > 2: f()\nB[i] = z * 100 + y",
    )
    case(
        f"walrus of nobody, shared with a list, {name}",
        f"{shared.replace('nonlocal y', 'nonlocal y, xs')}\nxs = [3, A[i]]\n"
        f"{body}\ny = 4\nxs[0] += z\nif A[i] > 2: f()\nB[i] = xs[0] * 100 + y",
    )
case(
    "walrus, used behind its guard",
    """
    r = 0
    if i < 9 and (x := A[i] * 2) > 6:
        r = x
    B[i] = r
    """,
)
case(
    "walrus, used in the rest of its condition",
    "B[i] = 7 if A[i] > 0 and (x := A[i] * 2) > 6 and x < 14 else 8",
)
case(
    "walrus, used in an arm of its ternary",
    "B[i] = x if A[i] > 0 and (x := A[i] * 2) > 6 else 8",
)
case(
    "walrus, used behind its guard in while",
    """
    n = A[i] * 0
    r = 0
    while n < 4 and (x := A[i + n]) < 5:
        n += 1
        r += x * x
    B[i] = r
    """,
)
case(
    "walrus, used behind its guard in while, in an if of the body",
    """
    n = A[i] * 0
    r = 0
    while n < 4 and (A[i] > 5 or (x := A[i + n], x + 2))[1] < 5:
        n += 1
        if A[i] <= 5: r += x
    B[i] = r
    """,
    EITHER,
)
case(
    "walrus, used behind a while that it ends",
    """
    n = A[i] * 0
    while n < 3 or (x := A[i + n % 4]) < n % 7: n += 1
    B[i] = n * 100 + x
    """,
)
case(
    "walrus, unassigned behind a while",
    """
    n = A[i] * 0
    while n < 4 and (x := A[i + n]) < 5: n += 1
    B[i] = x
    """,
    REFUSED,
    names="it is only assigned in the loop",
)
case(
    "walrus, unassigned in a while of or",
    """
    n = A[i] * 0
    B[i] = 0
    while n < 4 or (x := A[i + n]) < 5:
        n += 1
        B[i] += x
        if n > 7: break
    """,
    REFUSED,
)
case(
    "walrus, unassigned on the other path",
    "B[i] = 1\nif A[i] > 2 and (x := A[i + 1]) > 1:\n    B[i] = 4\nB[i] = x",
    REFUSED,
)
case(
    "walrus, unassigned on the other path of or",
    "B[i] = 1\nif A[i] > 2 or (x := A[i + 1]) > 1:\n    B[i] = x",
    REFUSED,
)
case(
    "walrus, deleted where it may be unassigned",
    "B[i] = 1 if A[i] > 2 and (x := A[i + 1]) > 1 else 0\ndel x",
    REFUSED,
)
case(
    "walrus, first assigned in the first operand",
    "B[i] = x + 1 if (x := A[i]) > 2 or x < 0 else x",
)
case(
    "walrus, of a list",
    "ys = [1, 2]\nz = 1 if A[i] > 2 and (ys := [3, 4])[0] > 1 else 0\nB[i] = ys[0] * 10 + z",
    EITHER,
)
case(
    "walrus, of another dtype",
    "y = 1\nz = 1 if A[i] > 2 and (y := A[i] > 3) else 0\nB[i] = z",
    EITHER,
)
case(
    "walrus, in a nested function",
    """
        y = 1
        def f():
            nonlocal y
            return 1 if A[i] > 2 and (y := A[i + 1]) > 1 else 0
        B[i] = f() * 100 + y
        """,
    EITHER,
)
for kind, (made, at) in {
    "a list": ("[A[i + 2], 5]", "[1]"),
    "a dict": ("{0: A[i + 2], 1: 5}", "[1]"),
    "a list in a tuple": ("(A[i + 2], [4, 5])", "[1][1]"),
    "an object": ("Point(A[i + 2], 5)", ".v"),
}.items():
    for name, change in {
        "an if": "if A[i + 1] > 2: t{at} = 7",
        "an if and its else": "if A[i + 1] > 2: t{at} = A[i]\nelse: t{at} += 1",
        "a range": "for j in enigma.range(A[i] % 4): t{at} = t{at} + j",
        "a while": "n = 0\nwhile n < A[i]:\n    n += 3\n    t{at} += n",
        "a loop with break": """
            for j in enigma.range(4):
                if A[i + j] < j: break
                t{at} += j
            """,
        "a conditional expression": "B[i] = put(t) if A[i + 1] > 2 else 3",
        "an operand": "B[i] = 3 if A[i + 1] > 2 and put(t) > 2 else 4",
        "another name": "s = t\nif A[i + 1] > 2: s{at} = 7",
    }.items():
        case(
            f"walrus, of {kind} that {name} changes behind its guard",
            "B[i] = 1\nif A[i] > 1 and (t := "
            + made
            + ") is not None:\n"
            + textwrap.indent(block(change).format(at=at), "    ")
            + f"\n    B[i] = B[i] * 100 + t{at}",
            prelude=f"""
                class Point:
                    def __init__(self, u, v):
                        self.u, self.v = u, v
                @enigma.func
                def put(t):
                    t{at} = t{at} + 4
                    return 6
                """,
        )
