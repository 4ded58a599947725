# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects that loops change."""

from __future__ import annotations

import textwrap

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, EQUAL, block

# Objects that are made, copied or replaced in a loop.

case(
    "history in a loop",
    """
    a, b = [1], [2]
    for j in enigma.range(A[i] % 4):
        a, b = b, [a[0] + b[0]]
    B[i] = a[0] * 10 + b[0]
    """,
    EITHER,
)
case(
    "history in a loop, with an alias",
    """
    a, b = [1], [2]
    c = b
    for j in enigma.range(A[i] % 4):
        a, b = b, [a[0] + b[0]]
        a[0] += 1
    B[i] = a[0] * 100 + b[0] * 10 + c[0]
    """,
    EITHER,
)
case(
    "a new object in each iteration, kept by another name",
    """
    p = kept = Point(0)
    for j in enigma.range(A[i] % 4):
        kept = p
        p = Point(j + 1)
        kept.x += 5
    B[i] = p.x * 10 + kept.x
    """,
    EITHER,
    prelude="class Point:\n    def __init__(self, x): self.x = x",
)
case(
    "an object rebound behind a traced break",
    """
    p = Point(0)
    for j in enigma.range(4):
        if A[i] == j: break
        p = Point(j + 1)
    B[i] = p.x
    """,
    EITHER,
    prelude="class Point:\n    def __init__(self, x): self.x = x",
)
case(
    "one of two lists in a loop, then changed",
    """
    xs, ys = [1, 2], [3, 4]
    for j in enigma.range(3):
        xs = xs if A[i + j] > 2 else ys
    xs[0] = 9
    B[i] = xs[1] * 100 + xs[0] * 10 + ys[0]
    """,
    EITHER,
)
case(
    "one list or a copy, in nested loops",
    """
    xs = [A[i], A[i]]
    ys = xs
    for j in enigma.range(1, 4):
        for k in enigma.range(j % 4):
            if xs[1] < k + j:
                xs[0] = 3
            else:
                ys = list(ys)
    B[i] = xs[0] * 10 + ys[0]
    """,
    EITHER,
)
for how, (setup, copied, read) in {
    "list()": ("xs = [A[i], 2]", "list(xs)", "[0]"),
    "a slice": ("xs = [A[i], 2]", "xs[:]", "[0]"),
    "a sum": ("xs = [A[i], 2]", "xs + []", "[0]"),
    "a comprehension": ("xs = [A[i], 2]", "[v for v in xs]", "[0]"),
    "dict()": ("xs = {0: A[i]}", "dict(xs)", "[0]"),
    "copy.copy": ("xs = Point(A[i])", "copy.copy(xs)", ".x"),
    "copy.deepcopy": ("xs = [[A[i]], 2]", "copy.deepcopy(xs)", "[0][0]"),
    "a constructor": ("xs = Point(A[i])", "Point(xs.x)", ".x"),
    "tuple()": ("xs = [A[i], 2]", "tuple(xs)", "[0]"),
    "itself": ("xs = [A[i], 2]", "xs", "[0]"),
}.items():
    for where, loop in {
        "": "for j in enigma.range(A[i] % 3):\n    ys = COPIED",
        ", in a while": "j = 0\nwhile j < A[i] % 3:\n    j += 1\n    ys = COPIED",
        ", in an if": "for j in enigma.range(3):\n    if A[i] > j: ys = COPIED",
        ", swapped": "for j in enigma.range(A[i] % 3):\n    ys = COPIED\n    xs, ys = ys, xs",
        ", then changed": "for j in enigma.range(A[i] % 3):\n    ys = COPIED\n    xsREAD += j + 1",
        ", unrolled": "for j in range(3):\n    ys = COPIED\n    if A[i] > j: xsREAD += 1",
    }.items():
        body = loop.replace("COPIED", copied).replace("READ", read)
        case(
            f"a copy by {how}{where}",
            f"{setup}\nys = xs\n{body}\nxs{read} = xs{read} + 50\nB[i] = xs{read} * 100 + ys{read}",
            EITHER,
            prelude="import copy\nclass Point:\n    def __init__(self, x): self.x = x",
        )
for kind, values in {
    "a string": ("'ab'", "'abc'"),
    "None": ("None", "3"),
    "a function": ("len", "sum"),
    "an object": ("Point(1)", "Other(2)"),
    "a class": ("Point", "Other"),
    "a tuple": ("(1, 2)", "(1, 2, 3)"),
    "a list": ("[1, 2]", "[1, 2, 3]"),
    "a dtype": ("enigma.i32", "enigma.u8"),
    "a dict": ("{'a': 1}", "{'b': 1}"),
    "a set": ("{1}", "{1, 2}"),
    "a range": ("range(2)", "range(3)"),
}.items():
    for where, loop in {
        "range": "for j in enigma.range(3):\n    if A[i] > j: s = {}",
        "while": "j = 0\nwhile j < A[i]:\n    j += 1\n    if j == 2: s = {}",
        "range with break": """
            for j in enigma.range(3):
                if A[i] == j:
                    s = {}
                    break
            """,
        "range behind continue": """
            for j in enigma.range(3):
                if A[i] == j: continue
                s = {}
            """,
        "nested": """
            for j in enigma.range(2):
                for k in enigma.range(2):
                    if A[i] > j + k: s = {}
            """,
        "unrolled": "for j in range(3):\n    if A[i] > j: s = {}",
        "unrolled in a range": """
            for j in enigma.range(2):
                for k in range(2):
                    if A[i] > k: s = {}
            """,
        "two ifs": "if A[i] > 0:\n    if A[i + 1] > 2: s = {}",
        "two in sequence": "if A[i] > 0: s = {}\nif A[i + 1] > 2: s = {}",
        "function": """
            def f():
                nonlocal s
                for j in enigma.range(3):
                    if A[i] > j: s = {}
            f()
            """,
        "attribute": "p = Point(s)\nfor j in enigma.range(3):\n    if A[i] > j: p.x = {}\ns = p.x",
        "item": "xs = [s]\nfor j in enigma.range(3):\n    if A[i] > j: xs[0] = {}\ns = xs[0]",
        "walrus": "for j in enigma.range(3):\n    A[i] > j and (s := {})",
        "ternary": "for j in enigma.range(3):\n    s = {} if A[i] > j else s",
        "try": """
            for j in enigma.range(3):
                try:
                    if A[i] > j: s = {}
                finally:
                    pass
            """,
    }.items():
        before, after = values
        case(
            f"{kind} becomes another, {where}",
            f"s = {before}\n{block(loop).replace('{}', after)}\nB[i] = 5 if s == {before} else 6",
            EITHER,
            prelude="""
            class Point:
                def __init__(self, x): self.x = x
                def __eq__(self, other): return type(other) is Point
            class Other:
                def __init__(self, x): self.y = x
            """,
        )
        case(
            f"{kind} becomes another and is not read, {where}",
            f"s = {before}\n{block(loop).replace('{}', after)}\nB[i] = A[i]",
            EITHER,
            prelude="""
            class Point:
                def __init__(self, x): self.x = x
            class Other:
                def __init__(self, x): self.y = x
            """,
        )

# Conditions of loops that change something.


for name, change in {
    "a number": "v = v + a\nreturn v",
    "a number, which is not in the result": "v = a\nreturn 1",
    "a number, under a condition": "if a > v:\n    v = a\n    return 1\nreturn 0",
    "an item": "xs[0] += a\nreturn xs[0]",
    "an item, which is not in the result": "xs[0] += a\nreturn 1",
    "an item, under a condition": "if a > xs[0]:\n    xs[0] = a\n    return 1\nreturn 0",
    "an attribute": "p.x += a\nreturn p.x",
    "an attribute, under a condition": "if a > p.x:\n    p.x = a\n    return 1\nreturn 0",
    "a constant": "xs[0] = 7\nreturn a",
}.items():
    for where, loop in {
        "second of and": "while n < 3 and f(A[i]) != 3:\n    n += 1",
        "first of and": "while f(A[i]) != 3 and n < 3:\n    n += 1",
        "alone": "while f(A[i]) < A[i + 1] - n * 4:\n    n += 1",
        "in a ternary": "while n < 3 and (A[i] if f(A[i]) != 3 else 5):\n    n += 1",
        "of a break": "while True:\n    if n > 2 or f(A[i]) == 3: break\n    n += 1",
        "of a break in a range": """
            for k in enigma.range(3):
                if f(A[i + k]) == 3: break
                n = k
            """,
        "of a break, unrolled": "for k in range(3):\n    if f(A[i + k]) == 3: break\n    n = k",
        "of a traced number": "n = A[i]\nwhile n < 5 and f(n) != 3:\n    n = n + 2",
        "in an if": "if A[i + 1] > 0:\n    while n < 3 and f(A[i]) != 3:\n        n += 1",
        "in a range": (
            "for k in enigma.range(2):\n    n = 0\n    while n < 3 and f(A[i]) < 9:\n        n += 1"
        ),
    }.items():
        case(
            f"a condition that changes {name}, {where}",
            f"v, xs, p, n = 2, [2], Point(), 0\ndef f(a):\n    nonlocal v\n"
            f"{textwrap.indent(change, '    ')}\n{block(loop)}\n"
            "B[i] = (v + xs[0] * 5 + p.x * 7) * 10 + n",
            prelude="class Point:\n    x = 2\n    def __init__(self): self.x = 2",
        )

# Names that become names of one list in a loop, which the next iteration changes.

# These ways stand with a part of the changes and loops.
RARE = (
    "a swap by a third name",
    "a swap of tuples",
    "a swap by an inner loop",
    "a swap by a function",
    "an assignment in a try",
    "an assignment in a with",
    "an assignment by a function",
    "an assignment by a match",
    "an assignment in an inner loop",
    "one new list",
    "one new list under a condition",
    "a list of lists",
    "a list of one list",
    "items of a list",
    "one for two items",
)
FREQUENT = (
    "an augmented item",
    "an item of another name",
    "an item by a helper",
    "append and pop",
    "traced range",
    "while True",
    "range with break",
)

for how, choice in {
    "a ternary": "xs = xs if A[i + j] > 2 else ys",
    "an if": "if A[i + j] > 2: xs = ys",
    "both arms": "if A[i + j] > 2: xs = ys\nelse: ys = xs",
    "a swap": "if A[i + j] > 2: xs, ys = ys, xs",
    "a swap always": "xs, ys = ys, xs",
    "a swap by a third name": "t = xs\nxs = ys\nys = t",
    "a swap of tuples": "xs, ys = (ys, xs) if A[i + j] > 2 else (xs, ys)",
    "a swap by an inner loop": "for m in enigma.range(A[i + j] % 3): xs, ys = ys, xs",
    "a swap by a function": "def swap():\n    nonlocal xs, ys\n    xs, ys = ys, xs\nswap()",
    "a helper": "xs = pick(xs, ys, A[i + j])",
    "an assignment": "ys = xs",
    "an assignment in a try": "try:\n    ys = xs\nfinally:\n    pass",
    "an assignment in a with": "with nullcontext(xs) as ys: pass",
    "an assignment by a function": "def bind():\n    nonlocal ys\n    ys = xs\nbind()",
    "an assignment by a match": "match xs:\n    case ys: pass",
    "an assignment in an inner loop": "for m in enigma.range(A[i + j] % 3): ys = xs",
    "one new list": "xs = ys = [j, 4]",
    "one new list under a condition": "if A[i + j] > 2: xs = ys = [j, 4]",
    "a list of lists": "rows = [rows[1], rows[0]]",
    "a list of one list": "rows = [rows[0], rows[0]]",
    "items of a list": "rows[0], rows[1] = rows[1], rows[0]",
    "one for two items": "rows[0] = rows[1] = [j, 4]",
    "an item": "rows[0] = rows[0] if A[i + j] > 2 else rows[1]",
    "an attribute": "if A[i + j] > 2: p.xs = q.xs",
    "an object": "p = p if A[i + j] > 2 else q",
    "a new list": "if A[i + j] > 2: xs = [j, 4]",
}.items():
    for what, change in {
        "an item": "xs[0] = j + 7",
        "an augmented item": "xs[0] += j + 1",
        "an item of the other": "ys[0] = j + 7",
        "an item of another name": "zs[0] = j + 7",
        "an item by a helper": "put(xs, j + 7)",
        "append and pop": "xs.append(j + 7)\nxs[0] = xs.pop()",
        "an item of a row": "rows[0][0] = j + 7",
        "an item of an attribute": "p.xs[0] = j + 7",
    }.items():
        for where, loop in {
            "range": "for j in enigma.range(3):\n    {}",
            "traced range": "for j in enigma.range(A[i] % 4):\n    {}",
            "while": "j = 0\nwhile j < A[i]:\n    {}\n    j += 2",
            "while True": "j = 0\nwhile True:\n    {}\n    j += 2\n    if j > A[i]: break",
            "range with break": "for j in enigma.range(4):\n    {}\n    if j == A[i]: break",
            "nested": "for k in enigma.range(2):\n    for j in enigma.range(2):\n        {}",
            "unrolled": "for j in range(3):\n    {}",
        }.items():
            ways = [
                ("row" in what, "rows" in choice),
                ("attr" in what, "p." in choice or "q" in choice),
            ]
            if any(a is not b for a, b in ways):
                continue
            if how in RARE and (what in FREQUENT or where in FREQUENT):
                continue
            indent = " " * (loop.index("{}") - loop.rindex("\n", 0, loop.index("{}")) - 1)
            body = textwrap.indent(f"{change}\n{choice}", indent).lstrip()
            # Nothing but what the loop uses may refer to the lists.
            setup, read = "xs, ys = [A[i], 2], [3, 5]", "xs[0] * 20 + ys[0]"
            if "zs" in change:
                setup, read = f"{setup}\nzs = xs", f"({read}) * 20 + zs[0]"
            elif "rows" in change:
                setup, read = "rows = [[A[i], 2], [3, 5]]", "rows[0][0] * 20 + rows[1][0]"
            elif "p." in change:
                setup, read = "p, q = P([A[i], 2]), P([3, 5])", "p.xs[0] * 20 + q.xs[0]"
            case(
                f"one list by {how}, {what}, {where}",
                f"{setup}\n{loop.replace('{}', body)}\nB[i] = {read}",
                EQUAL
                if (how, where)
                in {
                    ("a swap always", "range"),
                    ("a swap always", "nested"),
                    ("a swap always", "unrolled"),
                    ("a swap by a third name", "range"),
                    ("a swap by a third name", "unrolled"),
                }
                and what in ("an item", "an item of the other")
                else EITHER,
                prelude="""
                from contextlib import nullcontext
                class P:
                    def __init__(self, xs): self.xs = xs
                def put(xs, a):
                    xs[0] = a
                @enigma.func
                def pick(xs, ys, v):
                    if v > 2:
                        return xs
                    return ys
                """,
            )

# Names of one list that only the loop makes, or that lose it in the first iteration.

for name, body in {
    "a name of the body": """
        xs = [A[i], 2]
        for j in enigma.range(3):
            xs = [xs[0] + j, 2]
            zs = xs
        zs[0] = 50
        B[i] = xs[0] * 100 + zs[0]
        """,
    "a name of the body, by a condition": """
        xs = [A[i], 2]
        for j in enigma.range(3):
            xs = [xs[0] + j, 2]
            zs = xs if A[i + j] > 2 else [7, 8]
        zs[0] = 50
        B[i] = xs[0] * 100 + zs[0]
        """,
    "two names of the body": """
        for j in enigma.range(3):
            xs = [A[i + j], 2]
            zs = xs
        zs[0] = 50
        B[i] = xs[0] * 100 + zs[0]
        """,
    "a name of the body of a list from before": """
        xs = [A[i], 2]
        for j in enigma.range(3):
            zs = xs
            zs[1] += j
        zs[0] = 50
        B[i] = xs[0] * 100 + zs[1]
        """,
    "the condition's name": """
        xs, ys, j = [A[i], 2], [3, 5], 0
        while (ys := xs)[0] < 5 and j < 3:
            ys[0] += 1
            xs[1] += ys[0]
            j += 1
        B[i] = xs[0] * 100 + ys[1]
        """,
    "the condition's choice": """
        xs, ys, j = [A[i], 2], [3, 5], 0
        while (xs := pick(xs, ys, A[i + j]))[0] < 5 and j < 3:
            xs[0] += 1
            j += 1
        B[i] = xs[0] * 100 + ys[0]
        """,
    "two names before a loop without end": """
        xs = zs = [A[i], 2]
        j = 0
        while True:
            zs[0] += 1
            xs[1] += zs[0]
            xs = zs = [xs[0], xs[1]]
            j += 1
            if j > A[i]: break
        B[i] = xs[0] * 100 + zs[1]
        """,
    "two names before a loop without end, which one loses": """
        xs = zs = [A[i], 2]
        j = 0
        while True:
            zs[0] += 1
            xs[1] += zs[0]
            zs = [xs[0], xs[1]]
            j += 1
            if j > A[i]: break
        B[i] = xs[0] * 100 + zs[1]
        """,
    "a result": """
        xs = [A[i], 2]
        ys = first(xs, A, i)
        ys[0] = 50
        B[i] = xs[0] * 100 + ys[1]
        """,
    "a result made in the loop": """
        ys = found(A, i)
        ys[0] += 50
        B[i] = ys[0] * 100 + ys[1]
        """,
    "a dict": """
        d, e = {1: A[i]}, {1: 3}
        for j in enigma.range(3):
            d[1] += j
            if A[i + j] > 2: d = e
        B[i] = d[1] * 100 + e[1]
        """,
    "a dict of both": """
        d, e = {1: A[i]}, {1: 3}
        for j in enigma.range(3):
            d[1] += j
            e = d
        B[i] = d[1] * 100 + e[1]
        """,
    "a kept list": """
        p, xs = P([7, 8]), [A[i], 2]
        for j in enigma.range(3):
            xs = [xs[0] + j, 2]
            if A[i + j] > 2: p.xs = xs
            xs[0] += 1
        B[i] = xs[0] * 100 + p.xs[0]
        """,
    "a captured list": """
        xs, ys = [A[i], 2], [3, 5]
        def bump(): xs[0] += 1
        for j in enigma.range(3):
            bump()
            xs = ys
        B[i] = xs[0] * 100 + ys[0]
        """,
    "a captured list of one name": """
        xs = [A[i], 2]
        def bump(): xs[0] += 1
        for j in enigma.range(3):
            bump()
            xs = [xs[0] * 2, j]
        B[i] = xs[0] * 100 + xs[1]
        """,
    "in a list from before": """
        xs, rows = [A[i], 2], [[3, 5], [4, 6]]
        for j in enigma.range(3):
            xs[0] += j
            xs = rows[1]
        B[i] = xs[0] * 100 + rows[1][0]
        """,
    "in a list of the loop": """
        xs, rows = [A[i], 2], [[3, 5], [4, 6]]
        for j in enigma.range(3):
            xs[0] += j
            rows = [xs, rows[0]]
        B[i] = rows[0][0] * 100 + rows[1][0]
        """,
    "read alone": """
        best, xs, ys = [3, 5], [A[i], 2], [A[i + 1], 4]
        for j in enigma.range(3):
            if A[i + j] > best[0]: best = xs
            else: best = ys
        B[i] = best[0] * 100 + best[1]
        """,
}.items():
    case(
        f"one list in a loop, {name}",
        body,
        EQUAL if name == "read alone" else EITHER,
        prelude="""
        class P:
            def __init__(self, xs): self.xs = xs
        @enigma.func
        def pick(xs, ys, v):
            if v > 2:
                return xs
            return ys
        @enigma.func
        def first(xs, A, i):
            for j in enigma.range(3):
                xs = [xs[0] + j, xs[1]]
                if A[i + j] > 2:
                    return xs
            return xs
        @enigma.func
        def found(A, i):
            xs = [1, 2]
            for j in enigma.range(3):
                xs = [xs[0] + A[i + j], j]
                if A[i + j] > 2:
                    return xs
            return xs
        """,
    )

# Variables that only the loop itself reads, in an augmented assignment.

for _frame in (
    "match A[i + 1] % 3:\n    case 0 | 2:\n        x += n",
    "match A[i + 1] % 3:\n    case k if k > 0:\n        x += n\n    case _:\n        x -= 1",
    "try:\n    if A[i + 1] > 2:\n        x += n\nfinally:\n    pass",
    "try:\n    pass\nfinally:\n    if A[i + 1] > 2:\n        x += n",
    "def count():\n    nonlocal x\n    if A[i + 1] > 2:\n        x += n\ncount()",
    "if A[i + 1] > 2:\n    x += n",
):
    case(
        f"counted up in a loop and read nowhere: {_frame}",
        f"""
        x = 1
        n = 0
        while True:
            n += 1
            if n > A[i]:
                break
{textwrap.indent(_frame, " " * 12)}
        B[i] = n
        """,
    )
    case(
        f"counted up in a loop and read behind it: {_frame}",
        f"""
        x = 1
        n = 0
        while n < A[i]:
            n += 1
{textwrap.indent(_frame, " " * 12)}
        B[i] = n * 10 + x
        """,
    )
# What a variable may have had before a loop, or not have had, when the loop assigns it.
for name, before in {
    "nothing": "pass",
    "what an if assigns": "if A[i] > 3:\n    w = A[i + 1]\n    r += w",
    "what a loop assigns": "for j in enigma.range(A[i] % 3):\n    w = A[i + j]\n    r += w",
    "values of two dtypes": """
        if A[i] > 3:
            w = A[i + 1] > 2
            r += 4 if w else 3
        else:
            w = A[i + 1]
            r += w
        """,
    "what a condition assigns": "done = A[i] > 3 and (w := A[i + 1]) > 2\nif done: r += w",
}.items():
    for kind, loop in {
        "a loop without end": """
            while True:
                w = A[i + n]
                n += 1
                if w > 3 or n > 5: break
            """,
        "a while": "while (w := A[i + n]) < 3 and n < 5:\n    n += 1\n    r += w",
        "a while of and": "while n < 5 and (w := A[i + n]) < 3:\n    n += 1\n    r += w\nw = n",
        "a range": "for j in enigma.range(1, 4): w = A[i + j] + j",
        "unrolled loops": """
            for k in range(2):
                for j in enigma.range(A[i + k] % 3):
                    w = A[i + j]
                    r += w * w
                w = A[i + k]
            """,
    }.items():
        case(
            f"{kind} after {name}",
            f"r = 0\nn = A[i] * 0\n{block(before)}\n{block(loop)}\nB[i] = r * 100 + n * 10 + w",
        )
for name, loop in {
    "a range": "for j in enigma.range(3):\n    if done: B[i] += x\n    x = j + 100",
    "a while": "n = 0\nwhile n < A[i]:\n    n += 1\n    if done: B[i] += x\n    x = 100",
    "its own branch": """
        for j in enigma.range(3):
            if done:
                B[i] += x
                x = j
        """,
    "another branch": """
        for j in enigma.range(3):
            if done: B[i] += x
            if A[i + j] > 2: x = j
        if done: B[i] += x
        """,
    "a loop in a loop": """
        for j in enigma.range(3):
            for k in enigma.range(2):
                if done: B[i] += x
            x = j + 100
        """,
    "a loop that only reads": "for j in enigma.range(3):\n    if done: B[i] += x * j\nx = 1",
}.items():
    case(
        f"what a condition has assigned, and {name} anew",
        f"B[i] = 0\ndone = A[i] > 3 and (x := A[i + 1]) > 2\n{block(loop)}",
        EITHER,
    )
for kind, made in {"list": "[A[i + 1], {}]", "dict": "{{0: A[i + 1], 1: {}}}"}.items():
    for name, before in {
        "an if": f"if A[i] > 2:\n    t = {made.format(2)}\n    B[i] += t[0]",
        "a range": f"for j in enigma.range(3):\n    t = {made.format('j')}\n    B[i] += t[0]",
    }.items():
        for loop, body in {
            "a range": f"for j in enigma.range(3):\n    t = {made.format(4)}\n    t[1] = A[i + j]",
            "a while": "n = 0\nwhile n < A[i]:\n    n += 3\n"
            f"    t = {made.format(4)}\n    t[0] += n",
        }.items():
            case(
                f"{loop} that makes a {kind} after one that {name} has made",
                f"B[i] = 0\n{before}\n{body}\n    B[i] += t[0] * 3 + t[1]",
            )
