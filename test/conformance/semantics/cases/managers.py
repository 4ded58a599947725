# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The context managers: `if_`, `for_range`, `while_`."""

from __future__ import annotations

import textwrap

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, REFUSED, block

_IF = "if A[i] > 2:\n    B[i] = 5"
case(
    "if_ without as", "B[i] = 1\nwith enigma.if_(A[i] > 2):\n    B[i] = 5", plain=f"B[i] = 1\n{_IF}"
)
case(
    "if_ without as, with a value after it",
    "B[i] = 1\nwith enigma.if_(A[i] > 2):\n    B[i] = 5\nB[i] += 10",
    plain=f"B[i] = 1\n{_IF}\nB[i] += 10",
)
case(
    "if_ without as, in if_",
    """
        B[i] = 1
        with enigma.if_(A[i] > 2):
            B[i] = 5
            with enigma.if_(A[i + 1] > 2):
                B[i] = 6
        """,
    plain="B[i] = 1\nif A[i] > 2:\n    B[i] = 5\n    if A[i + 1] > 2:\n        B[i] = 6",
)
case(
    "if_ without as, in a loop",
    "B[i] = 1\nfor j in enigma.range(3):\n    with enigma.if_(A[i] > j):\n        B[i] += 2",
    plain="B[i] = 1\nfor j in range(3):\n    if A[i] > j:\n        B[i] += 2",
)
case(
    "a loop in if_ without as",
    "B[i] = 1\nwith enigma.if_(A[i] > 2):\n    for j in enigma.range(3):\n        B[i] += j",
    plain="B[i] = 1\nif A[i] > 2:\n    for j in range(3):\n        B[i] += j",
)
case(
    "an if in if_ without as",
    """
        B[i] = 1
        with enigma.if_(A[i] > 2):
            if A[i + 1] > 2:
                B[i] = 5
            else:
                B[i] = 6
        """,
    plain="""
        B[i] = 1
        if A[i] > 2:
            if A[i + 1] > 2:
                B[i] = 5
            else:
                B[i] = 6
        """,
)
case(
    "if_ without as, in a helper",
    "B[i] = 1\nwrite(B, i, A[i])",
    plain="B[i] = 1\nif A[i] > 2:\n    B[i] = 5",
    prelude="""
    @enigma.func
    def write(B, i, v):
        with enigma.if_(v > 2):
            B[i] = 5
    """,
)
case(
    "if_ of a Python value",
    "B[i] = 1\nwith enigma.if_(True):\n    B[i] = 5\nwith enigma.if_(False):\n    B[i] = 6",
    plain="B[i] = 5",
)
case(
    "if_ with an integer as the condition",
    "B[i] = 1\nwith enigma.if_(A[i]):\n    B[i] = 5",
    EITHER,
    plain="B[i] = 1\nif A[i]:\n    B[i] = 5",
)
case(
    "if_ as two branches",
    """
        B[i] = 1
        with enigma.if_(A[i] > 2) as (then, else_):
            with then:
                B[i] = 5
            with else_:
                B[i] = 6
        """,
    plain="B[i] = 5 if A[i] > 2 else 6",
)
case(
    "if_ as two branches, with then alone",
    "B[i] = 1\nwith enigma.if_(A[i] > 2) as (then, else_):\n    with then:\n        B[i] = 5",
    plain=f"B[i] = 1\n{_IF}",
)
case(
    "if_ as two branches, with else_ alone",
    "B[i] = 1\nwith enigma.if_(A[i] > 2) as (then, else_):\n    with else_:\n        B[i] = 5",
    plain="B[i] = 1\nif not A[i] > 2:\n    B[i] = 5",
)
case(
    "if_ as two branches, else_ first",
    """
        B[i] = 1
        with enigma.if_(A[i] > 2) as (then, else_):
            with else_:
                B[i] = 5
            with then:
                B[i] = 6
        """,
    EITHER,
    plain="B[i] = 6 if A[i] > 2 else 5",
)
for where, body in {
    "before then": """
            B[i] += 1
            with then:
                B[i] = 5
            with else_:
                B[i] = 6
        """,
    "between": "    with then:\n        B[i] = 5\n    B[i] += 1\n    with else_:\n        B[i] = 6",
    "after else_": """
            with then:
                B[i] = 5
            with else_:
                B[i] = 6
            B[i] += 1
        """,
    "in a then twice": "    with then:\n        B[i] = 5\n    with then:\n        B[i] = 6",
}.items():
    case(
        f"if_ as two branches, code {where}",
        "B[i] = 1\nwith enigma.if_(A[i] > 2) as (then, else_):\n"
        f"{textwrap.indent(block(body), '    ')}",
        REFUSED,
        plain="pass",
    )
case(
    "if_ with one name",
    "B[i] = 1\nwith enigma.if_(A[i] > 2) as branches:\n    with branches[0]:\n        B[i] = 5",
    plain=f"B[i] = 1\n{_IF}",
)
case(
    "if_ as two branches, none of them entered",
    "B[i] = 1\nwith enigma.if_(A[i] > 2) as (then, else_):\n    B[i] = 5",
    EITHER,
    plain=f"B[i] = 1\n{_IF}",
)
case(
    "if_ of which a branch is entered later",
    """
        B[i] = 1
        with enigma.if_(A[i] > 2) as (then, else_):
            with then:
                B[i] = 5
        with else_:
            B[i] = 6
        """,
    REFUSED,
    plain="pass",
)
case(
    "if_ that is no with",
    "B[i] = 1\nenigma.if_(A[i] > 2)\nB[i] = 5",
    EITHER,
    plain="B[i] = 5",
)
case(
    "a return in if_",
    "B[i] = 1\nwith enigma.if_(A[i] > 2):\n    return\nB[i] = 5",
    EITHER,
    plain="B[i] = 1\nif A[i] > 2:\n    return\nB[i] = 5",
)
case(
    "a break in if_",
    """
        r = 0
        for j in range(3):
            with enigma.if_(A[i] == j):
                break
            r += 1
        B[i] = r
        """,
    EITHER,
    plain="r = 0\nfor j in range(3):\n    if A[i] == j:\n        break\n    r += 1\nB[i] = r",
)
case(
    "a continue in if_",
    """
        r = 0
        for j in enigma.range(3):
            with enigma.if_(A[i] == j):
                continue
            r += 1
        B[i] = r
        """,
    EITHER,
    plain="r = 0\nfor j in range(3):\n    if A[i] == j:\n        continue\n    r += 1\nB[i] = r",
)
case(
    "an error in if_, caught outside",
    """
        B[i] = 1
        try:
            with enigma.if_(A[i] > 2):
                raise ValueError
        except ValueError:
            B[i] = 5
        """,
    EITHER,
    plain="B[i] = 1\nif A[i] > 2:\n    B[i] = 5",
)
case(
    "a variable assigned in if_",
    "r = 1\nwith enigma.if_(A[i] > 2):\n    r = 5\nB[i] = r",
    EITHER,
    plain="r = 1\nif A[i] > 2:\n    r = 5\nB[i] = r",
)
case(
    "a traced variable assigned in if_",
    "r = A[i]\nwith enigma.if_(A[i] > 2):\n    r = r * 2\nB[i] = r",
    EITHER,
    plain="r = A[i]\nif A[i] > 2:\n    r = r * 2\nB[i] = r",
)
case(
    "variables assigned in both branches of if_",
    """
        r = 0
        with enigma.if_(A[i] > 2) as (then, else_):
            with then:
                r = A[i]
            with else_:
                r = 7
        B[i] = r
        """,
    EITHER,
    plain="r = A[i] if A[i] > 2 else 7\nB[i] = r",
)
case(
    "while_ over memory",
    "B[i] = 0\nwith enigma.while_(lambda: B[i] < A[i]):\n    B[i] += 2",
    plain="B[i] = 0\nwhile B[i] < A[i]:\n    B[i] += 2",
)
case(
    "while_ over registers",
    """
        r = enigma.register_tensor(1, 'int')
        with enigma.while_(lambda: r[0] < A[i]):
            r[0] += 2
        B[i] = r[0]
        """,
    plain="r = [0]\nwhile r[0] < A[i]:\n    r[0] += 2\nB[i] = r[0]",
)
case(
    "while_ over Python values",
    "n = 0\nwith enigma.while_(lambda: n < A[i]):\n    n += 2\nB[i] = n",
    EITHER,
    plain="n = 0\nwhile n < A[i]:\n    n += 2\nB[i] = n",
)
case(
    "while_ over Python values alone",
    "n = 0\nwith enigma.while_(lambda: n < 3):\n    n += 2\nB[i] = n",
    EITHER,
    plain="B[i] = 4",
)
case(
    "while_ over a list",
    "n = [0]\nwith enigma.while_(lambda: n[0] < A[i]):\n    n[0] += 2\nB[i] = n[0]",
    EITHER,
    plain="n = [0]\nwhile n[0] < A[i]:\n    n[0] += 2\nB[i] = n[0]",
)
case(
    "while_ over a traced variable",
    "n = A[i]\nwith enigma.while_(lambda: n < 5):\n    n = n + 2\nB[i] = n",
    EITHER,
    plain="n = A[i]\nwhile n < 5:\n    n += 2\nB[i] = n",
)
case(
    "while_ of True",
    "B[i] = 1\nwith enigma.while_(lambda: True):\n    B[i] = 5",
    REFUSED,
    plain="pass",
)
case(
    "while_ of False",
    "B[i] = 1\nwith enigma.while_(lambda: False):\n    B[i] = 5",
    EITHER,
    plain="B[i] = 1",
)
case(
    "while_ in if_ in for_range",
    "B[i] = 0\nwith enigma.for_range(0, 3) as j:\n    with enigma.if_(A[i] > j):\n"
    "        with enigma.while_(lambda: B[i] < A[i] + j):\n            B[i] += 1",
    plain="B[i] = 0\nfor j in range(3):\n    if A[i] > j:\n"
    "        while B[i] < A[i] + j:\n            B[i] += 1",
)
case(
    "a break in while_",
    """
        B[i] = 0
        for j in range(2):
            with enigma.while_(lambda: B[i] < A[i]):
                B[i] += 1
                break
        """,
    EITHER,
    plain="B[i] = 0\nwhile B[i] < A[i]:\n    B[i] += 1\n    break",
)
case(
    "for_range without a carry",
    "r = 0\nwith enigma.for_range(0, 3) as j:\n    r += A[i + j]\nB[i] = r",
    EITHER,
    plain="r = 0\nfor j in range(3):\n    r += A[i + j]\nB[i] = r",
)
case(
    "for_range with a carry",
    "with enigma.for_range(0, 3, init=A[i]) as (j, r):\n    r += j\nB[i] = r",
    plain="r = A[i]\nfor j in range(3):\n    r += j\nB[i] = r",
)
case(
    "for_range with a carry that an if changes",
    "with enigma.for_range(0, 3, init=A[i]) as (j, r):\n    if A[i] > j:\n        r += j\nB[i] = r",
    EITHER,
    plain="r = A[i]\nfor j in range(3):\n    if A[i] > j:\n        r += j\nB[i] = r",
)
case(
    "for_range with a carry of which an item is set in an if",
    """
        with enigma.for_range(0, 3, init=(A[i], 0)) as (j, r):
            if A[i] > j:
                r[1] = r[1] + j
        B[i] = r[0] * 10 + r[1]
        """,
    EITHER,
    plain="""
        r = [A[i], 0]
        for j in range(3):
            if A[i] > j:
                r[1] = r[1] + j
        B[i] = r[0] * 10 + r[1]
        """,
)
case(
    "for_range with a carry set by an alias",
    "with enigma.for_range(0, 3, init=A[i]) as (j, r):\n    q = r\n    q += j\nB[i] = r",
    plain="r = A[i]\nfor j in range(3):\n    r += j\nB[i] = r",
)
case(
    "a return in for_range",
    "B[i] = 1\nwith enigma.for_range(0, 3) as j:\n    if A[i] == j:\n        return\nB[i] = 5",
    EITHER,
    plain="B[i] = 1\nfor j in range(3):\n    if A[i] == j:\n        return\nB[i] = 5",
)
case(
    "for_range left by a break of a loop around it",
    """
        B[i] = 1
        for q in range(2):
            with enigma.for_range(0, 3) as j:
                B[i] += 1
                break
        """,
    EITHER,
    plain="B[i] = 1\nB[i] += 1",
)
