# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels whose control flow is easy to get wrong, family by family."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from conformance.python_semantics import EITHER, EQUAL, REFUSED, Case, block

CASES: list[Case] = []


def case(name: str, body: str, verdict: str = EQUAL, **options: str) -> None:
    """Add a case."""
    CASES.append(Case(name, body, verdict, **options))


# Objects that helpers change, and that others refer to.

KEEP_BEST = """
@enigma.func
def keep_best(best, v, j):
    if v > best[0]:
        best[0] = v
        best[1] = j
"""
case(
    "keep the best, unrolled",
    """
    best = [A[i], 0]
    for j in range(1, 4):
        keep_best(best, A[i + j], j)
    B[i] = best[0] * 10 + best[1]
    """,
    prelude=KEEP_BEST,
)
case(
    "keep the best in a range",
    """
    best = [A[i], 0]
    for j in enigma.range(1, 4):
        keep_best(best, A[i + j], j)
    B[i] = best[0] * 10 + best[1]
    """,
    prelude=KEEP_BEST,
)
case(
    "keep the best in a dict",
    """
    best = {"v": A[i], "j": 0}
    for j in range(1, 4):
        keep_best(best, A[i + j], j)
    B[i] = best["v"] * 10 + best["j"]
    """,
    prelude="""
    @enigma.func
    def keep_best(best, v, j):
        if v > best["v"]:
            best["v"] = v
            best["j"] = j
    """,
)
case(
    "keep the best in an object",
    """
    best = Best(A[i])
    for j in range(1, 4):
        best.offer(A[i + j], j)
    B[i] = best.v * 10 + best.j
    """,
    prelude="""
    class Best:
        def __init__(self, v):
            self.v, self.j = v, 0
        @enigma.func
        def offer(self, v, j):
            if v > self.v:
                self.v = v
                self.j = j
    """,
)
case(
    "keep the best in an object, in a range",
    """
    best = Best(A[i])
    for j in enigma.range(1, 4):
        best.offer(A[i + j], j)
    B[i] = best.v * 10 + best.j
    """,
    prelude="""
    class Best:
        def __init__(self, v):
            self.v, self.j = v, 0
        @enigma.func
        def offer(self, v, j):
            if v > self.v:
                self.v = v
                self.j = j
    """,
)
case(
    "keep the best by a nested function",
    """
    best = [A[i], 0]
    def offer(v, j):
        if v > best[0]:
            best[0] = v
            best[1] = j
    for j in range(1, 4):
        offer(A[i + j], j)
    B[i] = best[0] * 10 + best[1]
    """,
)
case(
    "keep the best by nonlocal",
    """
    v, at = A[i], 0
    def offer(w, j):
        nonlocal v, at
        if w > v:
            v = w
            at = j
    for j in range(1, 4):
        offer(A[i + j], j)
    B[i] = v * 10 + at
    """,
    EITHER,
)
case(
    "keep the best by nonlocal in a range",
    """
    v, at = A[i], 0
    def offer(w, j):
        nonlocal v, at
        if w > v:
            v = w
            at = j
    for j in enigma.range(1, 4):
        offer(A[i + j], j)
    B[i] = v * 10 + at
    """,
    EITHER,
)
case(
    "keep the best with the early return",
    """
    best = [A[i], 0]
    for j in range(1, 4):
        keep_best(best, A[i + j], j)
    B[i] = best[0] * 10 + best[1]
    """,
    prelude="""
    @enigma.func
    def keep_best(best, v, j):
        if v <= best[0]:
            return
        best[0] = v
        best[1] = j
    """,
)
case(
    "sort a list by swaps",
    """
    xs = [A[i], A[i + 1], A[i + 2]]
    for a, b in ((0, 1), (1, 2), (0, 1)):
        if xs[a] > xs[b]:
            xs[a], xs[b] = xs[b], xs[a]
    B[i] = (xs[0] * 20 + xs[1]) * 20 + xs[2]
    """,
)
case(
    "a stack of traced values",
    """
    stack = []
    for j in range(3):
        stack.append(A[i + j])
    total = 0
    while stack:
        total = total * 3 + stack.pop()
    B[i] = total
    """,
)
case(
    "a histogram in a list",
    """
    bins = [0, 0, 0]
    for j in enigma.range(4):
        v = A[i + j]
        if v < 0:
            bins[0] += 1
        elif v < 4:
            bins[1] += 1
        else:
            bins[2] += 1
    B[i] = (bins[0] * 10 + bins[1]) * 10 + bins[2]
    """,
)
case(
    "an accumulator list in a range",
    """
    acc = [0, 0]
    for j in enigma.range(3):
        acc[0] += A[i + j]
        acc[1] = acc[1] + j
    B[i] = acc[0] * 10 + acc[1]
    """,
)
case(
    "an accumulator attribute in a range",
    """
    acc = Acc()
    for j in enigma.range(3):
        acc.total += A[i + j]
    B[i] = acc.total
    """,
    prelude="""
    class Acc:
        def __init__(self):
            self.total = 0
    """,
)
case(
    "an accumulator attribute in a while",
    """
    acc = Acc()
    while acc.n < A[i]:
        acc.n += 2
        acc.total += acc.n
    B[i] = acc.total * 10 + acc.n
    """,
    prelude="""
    class Acc:
        def __init__(self):
            self.n = self.total = 0
    """,
)
case(
    "a list of accumulators by a comprehension",
    """
    acc = [0 for _ in range(3)]
    for j in enigma.range(4):
        for k in range(3):
            acc[k] += A[i + j] * k
    B[i] = acc[0] + acc[1] * 10 + acc[2]
    """,
)
case(
    "a list of lists in a range",
    """
    m = [[0] * 2 for _ in range(2)]
    for j in enigma.range(3):
        for r in range(2):
            for c in range(2):
                m[r][c] += A[i + j] * (r + 1) + c
    B[i] = m[0][0] + m[0][1] * 3 + m[1][0] * 5 + m[1][1] * 7
    """,
)
case(
    "rows that are one list",
    """
    m = [[0] * 2] * 2
    for j in enigma.range(3):
        m[0][0] += A[i + j]
        m[1][0] += 1
    B[i] = m[0][0] * 10 + m[1][0]
    """,
)
case(
    "rows that are one list, in an if",
    """
    m = [[0] * 2] * 2
    if A[i] > 2:
        m[0][0] = A[i]
        m[1][0] += 1
    B[i] = m[0][0] * 20 + m[1][0]
    """,
)
case(
    "a rebound list of which another name keeps the old",
    """
    xs = [1, 2]
    ys = xs
    for j in enigma.range(A[i] % 3):
        xs = [xs[0] + 1, j]
    B[i] = xs[0] * 100 + xs[1] * 10 + ys[0]
    """,
    EITHER,
)
case(
    "a list that is rebound, then changed, in a loop",
    """
    xs = [1, 2]
    ys = xs
    for j in enigma.range(A[i] % 3):
        xs = [xs[0], xs[1]]
        xs[0] += 1
    B[i] = xs[0] * 100 + ys[0]
    """,
    EITHER,
)
case(
    "a list that is changed, then rebound, in a loop",
    """
    xs = [1, 2]
    ys = xs
    for j in enigma.range(A[i] % 3):
        xs[0] += 1
        xs = [xs[0] + 5, xs[1]]
    B[i] = xs[0] * 100 + ys[0]
    """,
    EITHER,
)
case(
    "a list that is rebound unrolled",
    """
    xs = [1, 2]
    ys = xs
    for j in range(3):
        if A[i] > j:
            xs = [xs[0] + 1, 3]
    B[i] = xs[0] * 100 + xs[1] * 10 + ys[0]
    """,
    EITHER,
)
case(
    "a list that is rebound unrolled, then changed",
    """
    xs = [1, 2]
    ys = xs
    if A[i] > 2:
        xs = [3, 4]
    xs[0] = 9
    B[i] = xs[1] * 100 + xs[0] * 10 + ys[0]
    """,
    EITHER,
)
case(
    "two names become one list",
    """
    xs, ys = [1, 2], [3, 4]
    if A[i] > 2:
        ys = xs
    xs[0] = 9
    B[i] = ys[0] * 10 + xs[0]
    """,
    EITHER,
)
case(
    "one list becomes two",
    """
    xs = ys = [1, 2]
    if A[i] > 2:
        ys = list(xs)
    xs[0] = 9
    B[i] = ys[0] * 10 + xs[0]
    """,
    EITHER,
)
case(
    "lists are swapped",
    """
    xs, ys = [1, 2], [3, 4]
    zs = xs
    if A[i] > 2:
        xs, ys = ys, xs
    xs[0] = 9
    B[i] = zs[0] * 100 + xs[1] * 10 + ys[1]
    """,
    EITHER,
)
case(
    "lists are swapped in a loop",
    """
    xs, ys = [1, 2], [3, 4]
    for j in enigma.range(A[i] % 4):
        xs, ys = ys, xs
        xs[0] += 1
    B[i] = xs[0] * 100 + ys[0] * 10 + xs[1]
    """,
    EITHER,
)
case(
    "lists are swapped in an unrolled loop",
    """
    xs, ys = [1, 2], [3, 4]
    for j in range(3):
        xs, ys = ys, xs
        if A[i] > j:
            xs[0] += A[i]
    B[i] = xs[0] * 100 + ys[0] * 10 + xs[1]
    """,
)
for how, choice in (
    ("a ternary", "zs = xs if A[i] > 2 else ys"),
    ("an and", "zs = A[i] > 2 and xs or ys"),
    ("an if", "if A[i] > 2:\n    zs = xs\nelse:\n    zs = ys"),
    ("a helper", "zs = pick(xs, ys, A[i])"),
    ("an index", "zs = (ys, xs)[A[i] > 2]"),
    ("enigma.where", "zs = enigma.where(ys, xs, A[i] > 2)"),
):
    prelude = """
    @enigma.func
    def pick(xs, ys, v):
        if v > 2:
            return xs
        return ys
    """
    case(
        f"lists chosen by {how}, then changed",
        f"xs, ys = [1, 2], [3, 4]\n{block(choice)}\nzs[0] = 9\nB[i] = xs[0] * 10 + ys[0]",
        EITHER,
        prelude=prelude,
    )
    case(
        f"lists chosen by {how}, then one changed",
        f"xs, ys = [1, 2], [3, 4]\n{block(choice)}\nxs[0] = 9\nB[i] = zs[0] * 10 + zs[1]",
        EITHER,
        prelude=prelude,
    )
    case(
        f"lists chosen by {how}, changed under a condition",
        f"xs, ys = [1, 2], [3, 4]\n{block(choice)}\nif A[i + 1] > 2:\n    zs[0] = A[i]\n"
        "B[i] = xs[0] * 10 + ys[0] + zs[1]",
        EITHER,
        prelude=prelude,
    )
case(
    "the identity of a chosen list",
    "xs, ys = [1, 2], [3, 4]\nzs = xs if A[i] > 2 else ys\nB[i] = 1 if zs is xs else 0",
    EITHER,
)
case(
    "the identity of a list rebound in an if",
    "xs = [1, 2]\nys = xs\nif A[i] > 2:\n    xs = [1, 2]\nB[i] = 1 if ys is xs else 0",
    EITHER,
)
case(
    "objects chosen by a condition, then changed",
    """
    p, q = Point(1), Point(2)
    r = p if A[i] > 2 else q
    r.x = 9
    B[i] = p.x * 10 + q.x
    """,
    EITHER,
    prelude="class Point:\n    def __init__(self, x): self.x = x",
)
case(
    "an object that is replaced by an equal one",
    """
    p = Point(1)
    q = p
    if A[i] > 2:
        p = Point(1)
    p.x = 9
    B[i] = p.x * 10 + q.x
    """,
    EITHER,
    prelude="class Point:\n    def __init__(self, x): self.x = x",
)
case(
    "a helper's parameter rebound under a condition",
    """
    xs = [1, 2]
    B[i] = change(xs, A[i]) * 10 + xs[0]
    """,
    EITHER,
    prelude="""
    @enigma.func
    def change(xs, v):
        if v > 2:
            xs = [5, 6]
        xs[0] = v
        return xs[0] + xs[1]
    """,
)
case(
    "a helper's number rebound under a condition",
    """
    n = A[i]
    B[i] = change(n) * 20 + n
    """,
    prelude="""
    @enigma.func
    def change(n):
        if n > 2:
            n = n * 2
        return n
    """,
)
case(
    "a helper's parameter, rebound in a loop",
    """
    xs = [1, 2]
    B[i] = change(xs, A[i]) * 10 + xs[0]
    """,
    EITHER,
    prelude="""
    @enigma.func
    def change(xs, v):
        for j in enigma.range(v % 3):
            xs = [xs[0] + 1, xs[1]]
        return xs[0] + xs[1]
    """,
)
case(
    "a list that one arm reads and the other changes",
    """
    xs = [1, 2]
    if A[i] > 2:
        xs[0] = 7
    else:
        B[i] = xs[0]
        xs[1] = xs[0]
    B[i] = xs[0] * 10 + xs[1]
    """,
)
case(
    "the second arm sees the list as it was",
    """
    xs = [1]
    if A[i] > 2:
        xs.append(5)
        r = len(xs)
    else:
        r = len(xs) + 10
    B[i] = r
    """,
    EITHER,
)
case(
    "both arms append alike",
    """
    xs = [1]
    if A[i] > 2:
        xs.append(5)
    else:
        xs.append(A[i])
    B[i] = len(xs) * 10 + xs[1]
    """,
    EITHER,
)
case(
    "an append and its pop in one arm",
    """
    xs = [1]
    if A[i] > 2:
        xs.append(5)
        xs[0] = xs.pop()
    B[i] = len(xs) * 10 + xs[0]
    """,
)
case(
    "a list that lives in one arm alone",
    """
    B[i] = 1
    if A[i] > 2:
        xs = []
        for j in range(3):
            xs.append(A[i + j])
        xs.reverse()
        B[i] = xs[0] * 10 + len(xs)
    """,
)
case(
    "a list that lives in the body of a loop",
    """
    total = 0
    for j in enigma.range(3):
        xs = [A[i + j]]
        xs.append(j)
        d = {}
        d["k"] = xs.pop()
        total += xs[0] * 10 + d["k"]
    B[i] = total
    """,
)
case(
    "an object that lives in the body of a loop",
    """
    total = 0
    for j in enigma.range(3):
        p = Point()
        p.x = A[i + j]
        p.x += 1
        total += p.x
    B[i] = total
    """,
    prelude="class Point: pass",
)
case(
    "a list of results that an unrolled loop makes under no condition",
    """
    xs = []
    for j in range(3):
        if A[i + j] > 2:
            v = 1
        else:
            v = A[i + j]
        xs.append(v)
    B[i] = (xs[0] * 20 + xs[1]) * 20 + xs[2]
    """,
)
case(
    "a dict of helpers",
    """
    table = {"a": lambda v: v + 1, "b": lambda v: v * 2}
    r = 0
    for key in table:
        if A[i] > 2:
            r += table[key](A[i])
    B[i] = r
    """,
)
case(
    "memoized by a dict",
    """
    memo = {}
    def get(k):
        if k not in memo:
            memo[k] = A[i + k] * 2
        return memo[k]
    r = get(0)
    if A[i] > 2:
        r += get(0)
    B[i] = r + get(1)
    """,
)
case(
    "memoized first under a condition",
    """
    memo = {}
    def get(k):
        if k not in memo:
            memo[k] = A[i + k] * 2
        return memo[k]
    r = 0
    if A[i] > 2:
        r += get(0)
    B[i] = r + get(0)
    """,
    EITHER,
)
case(
    "a value out of an arm, by a list",
    """
    xs = [0]
    if A[i] > 2:
        v = A[i] * 3
        xs[0] = v
    B[i] = xs[0]
    """,
)
case(
    "a value out of an arm, by a closure",
    """
    seen = []
    def note(v):
        seen.append(v)
    if A[i] > 2:
        note(A[i] * 3)
    B[i] = seen[0] if len(seen) else 0
    """,
    EITHER,
)
case(
    "a value out of a loop, by an attribute",
    """
    p = Point()
    for j in enigma.range(3):
        p.last = A[i + j] + j
    B[i] = p.last
    """,
    EITHER,
    prelude="class Point: last = 0",
)
case(
    "a flag in a list",
    """
    found = [False]
    for j in range(3):
        if A[i + j] == 4:
            found[0] = True
    B[i] = 1 if found[0] else 0
    """,
)
case(
    "a flag in a list, in a range",
    """
    found = [False]
    for j in enigma.range(3):
        if A[i + j] == 4:
            found[0] = True
    B[i] = 1 if found[0] else 0
    """,
)
case(
    "an item chosen by a traced index",
    "xs = [1, 2, 3]\nxs[A[i] % 3] = 9\nB[i] = xs[0] * 100 + xs[1] * 10 + xs[2]",
    EITHER,
)
case("a dict asked for a traced key", "d = {0: 5, 1: 6, 2: 7}\nB[i] = d[A[i] % 3]", EITHER)
case("a list asked for a traced index", "xs = [5, 6, 7]\nB[i] = xs[A[i] % 3]", EITHER)
case("a traced value in a list", "B[i] = 1 if A[i] in (2, 3, 4) else 0", EITHER)
case("a set of traced values", "s = {A[i], A[i + 1]}\nB[i] = len(s)", EITHER)
case("a traced value as a key", "d = {A[i]: 1}\nd[A[i]] = 2\nB[i] = len(d)", EITHER)
case("equal lists of traced values", "B[i] = 1 if [A[i], 1] == [A[i + 1], 1] else 0", EITHER)
case("lists in order", "B[i] = 1 if [A[i], 1] < [A[i + 1], 1] else 0", EITHER)
case("max of two", "B[i] = max(A[i], A[i + 1])", EITHER)
case("max of a list", "B[i] = max([A[i], A[i + 1], 3])", EITHER)
case("sum of a list", "B[i] = sum([A[i], A[i + 1], 3])", EITHER)
case("any of a list", "B[i] = 1 if any([A[i] > 3, A[i + 1] > 3]) else 0", EITHER)
case("all of a generator", "B[i] = 1 if all(A[i + j] > 0 for j in range(2)) else 0", EITHER)
case("sorted", "B[i] = sorted([A[i], A[i + 1], 3])[0]", EITHER)
case("list.sort of traced", "xs = [A[i], A[i + 1]]\nxs.sort()\nB[i] = xs[0]", EITHER)
case("list.index of traced", "xs = [1, 2, 3]\nB[i] = xs.index(A[i]) if A[i] in xs else 0", EITHER)
case("list.count of traced", "B[i] = [1, 2, 2].count(A[i])", EITHER)
case("list.remove of traced", "xs = [A[i], 2]\nxs.remove(A[i])\nB[i] = len(xs)", EITHER)
case("bool()", "B[i] = 5 if bool(A[i]) else 6", EITHER)
case("int()", "B[i] = int(A[i])", EITHER)
case("a filter", "B[i] = len(list(filter(lambda v: v > 2, [A[i], 3])))", EITHER)
case("a conditional comprehension", "B[i] = sum([v for v in (A[i], 3) if v > 2])", EITHER)
case("a conditional generator", "B[i] = sum(v for v in (A[i], 3) if v > 2)", EITHER)
case("a conditional dict", "B[i] = len({k: 1 for k in range(3) if A[i] > k})", EITHER)
case("a key under a condition", "B[i] = len({1: 1, **({2: 2} if A[i] > 2 else {})})", EITHER)
case("an f-string", 'B[i] = len(f"{A[i]}")', EITHER)
case("str()", "B[i] = len(str(A[i]))", EITHER)
case("divmod", "q, r = divmod(A[i], 3)\nB[i] = q * 10 + r", EITHER)
case("pow with a modulus", "B[i] = pow(A[i], 2, 7)", EITHER)
case("a range of a traced number", "r = 0\nfor j in range(A[i] % 3): r += 1\nB[i] = r", EITHER)
case("repetition by a traced number", "B[i] = len([1] * (A[i] % 3))", EITHER)
case("a slice by a traced number", "B[i] = len([1, 2, 3][: A[i] % 3])", EITHER)
case("assert", "assert A[i] > -9\nB[i] = 1", EITHER)
case("an assert that fails somewhere", "assert A[i] > 0\nB[i] = 1", REFUSED)
case("an assert under a condition", "B[i] = 1\nif A[i] > 2:\n    assert False", REFUSED)
case(
    "an assert that holds under a condition",
    "B[i] = 1\nif A[i] > 2:\n    assert True\n    B[i] = 2",
)
case(
    "a match of a traced value",
    "r = 0\nmatch A[i]:\n    case 1: r = 5\n    case _: r = 6\nB[i] = r",
    EITHER,
)
for name, body in {
    "numbers": "match A[i]:\n    case 1: r = 5\n    case 2: r = A[i + 1]\n    case _: r = 6",
    "no default": "match A[i]:\n    case 1: r = 5\n    case 2: r = 7",
    "alternatives": "match A[i]:\n    case 1 | 2 | 3: r = 5\n    case 4: r = 6",
    "a name": "match A[i]:\n    case 1: r = 5\n    case v: r = v * 2",
    "a name with a guard": """
        v = 9
        match A[i]:
            case v if v > 3: r = 5
            case 1: r = 6
        r = r * 10 + v
        """,
    "alternatives with a name": "v = 9\nmatch A[i]:\n    case 1 | 2 as v: r = 5\nr = r * 10 + v",
    "alternatives with a name and a guard": """
        v = 9
        match A[i]:
            case 1 | 4 as v if v > 2: r = 5
            case 1: r = 6
        r = r * 10 + v
        """,
    "a traced guard": """
        match A[i]:
            case 1 if A[i + 1] > 2: r = 5
            case 1: r = 6
            case _: r = 7
        """,
    "a guard with a walrus": """
        v = 9
        match A[i]:
            case 1 | 2 if (v := A[i + 1]) > 2: r = 5
            case _: r = 7
        r = r * 10 + v
        """,
    "the guard of a wildcard": "match A[i]:\n    case _ if A[i] > 2: r = 5\n    case 1: r = 6",
    "a static subject": """
        match 2:
            case 1: r = 5
            case 2 if A[i] > 2: r = 6
            case _: r = 7
        """,
    "a bool": "match A[i] > 2:\n    case True: r = 5\n    case False: r = 6",
    "None": "match A[i]:\n    case None: r = 5\n    case _: r = 6",
    "True of a number": "match A[i]:\n    case True: r = 5\n    case _: r = 6",
    "values of attributes": "match A[i]:\n    case K.one: r = 5\n    case K.two: r = 6",
    "strings": "match A[i]:\n    case 'a': r = 5\n    case _: r = 6",
    "negative numbers": "match A[i]:\n    case -1: r = 5\n    case -2 | -3: r = 6",
    "floats": "match A[i]:\n    case 1.0: r = 5\n    case 2.5: r = 6\n    case _: r = 7",
    "a subject with an effect": """
        ys = [1, 2, 3]
        match ys.pop() + A[i]:
            case 3: r = 5
            case 4: r = 6
        r = r * 10 + len(ys)
        """,
    "a sequence": "match [A[i], 2]:\n    case [1, v]: r = v\n    case [v, 2]: r = v * 3",
    "a sequence of names": "match [A[i], 2]:\n    case [v, w]: r = v * 3 + w",
    "a sequence with a star": "match [A[i], 2, 3]:\n    case [v, *w]: r = v * 3 + len(w)",
    "a nested sequence": """
        match [A[i], [2, A[i + 1]]]:
            case [v, [w, 3]]: r = v
            case [v, [w, x]]: r = x
        """,
    "a mapping": "match {'k': A[i]}:\n    case {'k': 1}: r = 5\n    case {'k': v}: r = v",
    "a mapping with a rest": "match {'k': A[i], 'l': 2}:\n    case {'k': v, **w}: r = v + len(w)",
    "a class": "match P():\n    case P(x=2): r = A[i]\n    case _: r = 3",
    "a class with a traced attribute": """
        p = P()
        p.x = A[i]
        match p:
            case P(x=2): r = 4
            case P(x=v): r = v
        """,
    "int": "match A[i]:\n    case int(): r = 5\n    case _: r = 6",
    "int with a name": "match A[i]:\n    case int(v): r = v\n    case _: r = 6",
    "exits": """
        B[i] = 50
        for j in enigma.range(4):
            match A[i + j]:
                case 1: continue
                case 2: break
                case 3: return
                case _: r += j
        """,
    "in a match": """
        match A[i]:
            case 1 | 2 | 3:
                match A[i + 1]:
                    case 1: r = 5
                    case _: r = 6
            case _: r = 7
        """,
    "an item": """
        xs = [1]
        match A[i]:
            case 1 | 2: xs[0] = 5
            case _: xs[0] = A[i]
        r = xs[0]
        """,
    "an append": "xs = [1]\nmatch A[i]:\n    case 1 | 2: xs.append(5)\nr = len(xs)",
    "in a function": "r = f(A[i])",
    "that all return": "r = g(A[i])",
}.items():
    case(
        f"match, {name}",
        f"r = 1\n{block(body)}\nB[i] = r",
        EITHER,
        prelude="""
        class K:
            one, two = 1, 2
        class P:
            def __init__(self): self.x = 2
        @enigma.func
        def f(v):
            match v:
                case 1: return 5
                case 2: r = 6
                case _: r = 7
            return r
        @enigma.func
        def g(v):
            match v:
                case 1 | 2: return 5
                case w: return w * 2
        """,
    )

# Functions and operators of Python that look at a value, under no condition.

for expression in (
    "A[i] in [1, 2]",
    "A[i] in [1, A[i + 1], 'a', None]",
    "A[i] not in (1, 2)",
    "A[i] in []",
    "A[i] in range(1, 4)",
    "A[i] in range(-3, 8, 3)",
    "A[i] in range(7, -3, -2)",
    "A[i] in range(3, 1)",
    "A[i] not in range(2)",
    "A[i] in {1, 2}",
    "A[i] in {1: 5, 2: 6}",
    "A[i] in {1: 5, 2: A[i + 1]}.values()",
    "(1, A[i]) in {1: 5, 2: 6}.items()",
    "[A[i]] in [[1], [2]]",
    "A[i] in (v for v in (1, 2))",
    "A[i] in enigma.range(3)",
    "A[i] in b'abc'",
    "3 in [A[i], A[i + 1]]",
    "'a' in [A[i], A[i + 1]]",
    "None in [A[i], None]",
    "2.5 in [A[i], 1]",
    "(A[i] * 1.0) in [1, 2]",
    "(A[i] > 2) in [True]",
    "1 in [A[i] > 2]",
    "0 < A[i] in [1, 2]",
    "A[i] in [1, 2] in [[1, 2]]",
    "A[i] in (1, 2) and A[i + 1] in (3, 4)",
    "A[i] in Odd()",
    "A[i] in Few()",
    "A[i] in Old()",
    "any([A[i] > 3, A[i + 1] > 3])",
    "any([0, A[i]])",
    "any(A[i + j] > 4 for j in range(3))",
    "any(A[i + j] > 4 for j in range(3) if j != 1)",
    "any(10 // (v or 1) > 3 for v in (A[i], 2))",
    "any([])",
    "any(map(lambda v: v > 4, (A[i], A[i + 1])))",
    "any(it) and next(it) == 3",
    "all([A[i] > 1, A[i + 1] > 1])",
    "all(A[i + j] > 0 for j in range(3))",
    "all([True, 3, A[i]])",
    "bool(A[i])",
    "bool(A[i] > 3)",
    "bool([A[i]])",
    "all(map(bool, [A[i], 1]))",
    "not A[i]",
    "callable(A[i])",
    "hash(A[i]) == hash(A[i])",
    "own(A[i])",
    "[A[i], 1] == [A[i + 1], 1]",
    "(A[i], 1) != (A[i + 1], 1)",
    "{'k': A[i]} == {'k': 3}",
    "[A[i]] == (A[i],)",
    "A[i] == None",
    "A[i] == 'a'",
    "(A[i], 1) < (A[i + 1], 0)",
    "xs is ys",
    "A[i] is None or A[i] is not None",
    "[1, 2].index(A[i]) == 0 if A[i] == 1 else False",
    "len(list(filter(None, [A[i], 1]))) == 2",
    "{1: 5}.get(A[i], 0) == 5",
    "len({1} | {A[i]}) == 1",
    "{1, 2}.isdisjoint([A[i]])",
    "collections.Counter([A[i], A[i + 1]])[A[i]] == 2",
    "len(list(itertools.groupby([A[i], A[i + 1]]))) == 1",
    "len(list(itertools.takewhile(lambda v: v > 0, [A[i]]))) == 1",
    "functools.reduce(lambda a, b: a + b, [A[i], 2, 3]) > 7",
    "cached(A[i]) + cached(A[i]) > 4",
    "len(dict.fromkeys([A[i], A[i + 1]])) == 1",
    "sorted([(2, A[i]), (1, 3)], key=lambda p: p[0])[0][1] == 3",
    "sorted([(1, A[i]), (1, 3)])[0][1] == 3",
    "max([A[i], 3], key=lambda v: -v) == 3",
    "max((A[i], 1), (3, 2))[1] == 2",
    "max([], default=A[i]) > 3",
    "max([A[i]]) > 3",
    "max(A[i], 2, A[i + 1], 3, A[i + 2]) > 6",
    "min(A[i + j] for j in range(3)) < 0",
    "max('a', 'b') == 'b' and A[i] > 2",
    "max(A[i], 2.5) > 3",
    "functools.reduce(max, [A[i], 3]) > 3",
    "operator.gt(A[i], 3)",
    "operator.contains([1, 2], A[i])",
    "operator.truth(A[i])",
    "operator.not_(A[i])",
    "operator.index(A[i]) == 3",
    "operator.is_(A[i], None)",
    "math.isqrt(A[i] * A[i]) == 3",
    "math.floor(A[i]) == 3",
    "math.copysign(1, A[i]) > 0",
    "round(A[i]) == 3",
    "divmod(A[i], 3)[0] == 1",
    "pow(A[i], 2) == 9",
    "abs(A[i]) == 3",
    "sum([A[i], 1], start=2) == 6",
    "complex(A[i]).real == 3",
    "chr(A[i] + 65) == 'D'",
    "bin(A[i]) == '0b11'",
    "len(range(A[i] + 3)) == 3",
    "len(bytes(A[i] + 3)) == 3",
    "len(list(enigma.range(A[i]))) == 3",
    "format(A[i], 'd') == '3'",
    "'%d' % A[i] == '3'",
    "'%s' % A[i] == '3'",
    "'{}'.format(A[i]) == '3'",
    "','.join(map(str, [A[i]])) == '3'",
    "str([A[i]]) == '[3]'",
    "f'{[A[i]]}' == '[3]'",
    "print(A[i]) is None",
    "[1, 2, 3][slice(0, A[i])] == [1]",
    "int(np.asarray(A[i])) == 3",
    "np.maximum(A[i], 3) == 3",
    "np.arange(20)[A[i] + 3] == 6",
    "A[i] == np.int32(3)",
    "np.int32(3) == A[i]",
    "np.int32(3) + A[i] == 6",
    "bool((np.arange(3) == A[i]).any())",
    "Fraction(1, 2) * A[i] == 2",
    "Decimal(2) * A[i] == 6",
    "True + A[i] == 4",
):
    case(
        f"meaning, {expression}",
        f"xs = [1, 2]\nys = xs\nit = iter([0, 2, 3])\nB[i] = 5 if ({expression}) else 6",
        EITHER,
        prelude="""
        import collections, functools, itertools, math, operator
        from decimal import Decimal
        from fractions import Fraction
        import numpy as np
        class Odd:
            def __contains__(self, v): return v % 2 == 1
        class Few:
            def __iter__(self): return iter((1, 2))
        class Old:
            def __getitem__(self, k): return (1, 2)[k]
        def own(max): return max > 2
        @functools.lru_cache
        def cached(v): return v * 2
        """,
    )
case(
    "enumerate of a range",
    "r = 0\nfor j, k in enumerate(enigma.range(1, 4)): r += j * k\nB[i] = r",
    EITHER,
)
case(
    "zip of ranges",
    "r = 0\nfor j, k in zip(enigma.range(3), range(3)): r += j * k\nB[i] = r",
    EITHER,
)
case("a list of a range", "B[i] = sum(list(enigma.range(3)))", EITHER)
case("a comprehension of a range", "B[i] = sum([A[i + j] for j in enigma.range(3)])", EITHER)
case("reversed range", "r = 0\nfor j in reversed(enigma.range(3)): r = r * 3 + j\nB[i] = r", EITHER)
case(
    "a range kept in a variable",
    "q = enigma.range(3)\nr = 0\nfor j in q: r += j\nfor j in q: r += j\nB[i] = r",
    EITHER,
)
case("next of a range", "B[i] = next(iter(enigma.range(3)))", EITHER)
case("item of a range", "B[i] = enigma.range(3)[1]", EITHER)
case("length of a range", "B[i] = len(enigma.range(3))", EITHER)

# Exceptions.

case("a raise under a condition", "B[i] = 1\nif A[i] > 2:\n    raise ValueError('no')", REFUSED)
case(
    "a raise under a condition in a try",
    """
        r = 1
        try:
            if A[i] > 2:
                raise ValueError('no')
        except ValueError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "a raise in a range in a try",
    """
        r = 1
        try:
            for j in enigma.range(A[i] % 3):
                raise ValueError('no')
        except ValueError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "a raise of a helper in a try",
    "r = 1\ntry:\n    check(A[i])\nexcept ValueError:\n    r = 2\nB[i] = r",
    EITHER,
    prelude="@enigma.func\ndef check(v):\n    if v > 2:\n        raise ValueError('no')",
)
case(
    "an error of Python under a condition in a try",
    """
        r, xs = 1, []
        try:
            if A[i] > 2:
                r = xs[0]
        except IndexError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "an error of Python in a ternary in a try",
    "xs = []\ntry:\n    r = xs[0] if A[i] > 2 else 1\nexcept IndexError:\n    r = 2\nB[i] = r",
    EITHER,
)
case(
    "an error of Python in an and in a try",
    """
        d, r = {}, 1
        try:
            if A[i] > 2 and d['k']:
                r = 3
        except KeyError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "an error that is caught in the arm",
    """
        r, xs = 1, []
        if A[i] > 2:
            try:
                r = xs[0]
            except IndexError:
                r = 2
        B[i] = r
        """,
)
case(
    "an error that is caught in the body of a loop",
    """
        r, xs = 1, []
        for j in enigma.range(3):
            try:
                r = xs[0]
            except IndexError:
                r += j
        B[i] = r
        """,
)
case(
    "an error that is caught outside of all control flow",
    "xs = []\ntry:\n    r = xs[0]\nexcept IndexError:\n    r = A[i]\nB[i] = r",
)
case(
    "a raise that is caught outside of all control flow",
    """
        try:
            raise ValueError('no')
        except ValueError as e:
            r = len(str(e)) + A[i]
        B[i] = r
        """,
)
case(
    "StopIteration under a condition in a try",
    """
        it, r = iter([]), 1
        try:
            if A[i] > 2:
                next(it)
        except StopIteration:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "an error under a condition, suppressed",
    """
        r = 1
        with contextlib.suppress(ValueError):
            if A[i] > 2:
                r = 2
                raise ValueError
        B[i] = r
        """,
    EITHER,
    prelude="import contextlib",
)
case(
    "an index error under a condition", "xs = []\nB[i] = 1\nif A[i] > 2:\n    B[i] = xs[0]", REFUSED
)
case(
    "a division of Python by zero under a condition",
    "B[i] = 1\nif A[i] > 2:\n    B[i] = 1 // 0",
    REFUSED,
)
case(
    "a name that does not exist under a condition",
    "B[i] = 1\nif A[i] > 2:\n    B[i] = nothing",
    REFUSED,
)
case(
    "an attribute that does not exist under a condition",
    "B[i] = 1\nif A[i] > 2:\n    B[i] = (1).nothing",
    REFUSED,
)
case("an error in a condition of a ternary's arm", "B[i] = {}['k'] if A[i] > 2 else 1", REFUSED)
case(
    "a finally that the return passes",
    "r = [0]\nB[i] = give(r) + r[0]",
    prelude="""
@enigma.func
def give(r):
    try:
        return 3
    finally:
        r[0] = 5
""",
)
case(
    "a finally that a traced return passes",
    "r = [0]\nB[i] = give(r, A[i]) * 100 + r[0]",
    EITHER,
    prelude="""
    @enigma.func
    def give(r, v):
        try:
            if v > 2:
                return 3
            r[0] = 1
        finally:
            r[0] += 5
        return 4
    """,
)
case(
    "a finally that a traced break passes",
    """
        r = 0
        for j in range(3):
            try:
                if A[i] == j: break
                r += 1
            finally:
                r += 10
        B[i] = r
        """,
    EITHER,
)
case(
    "a finally that a traced continue passes",
    """
        r = 0
        for j in enigma.range(3):
            try:
                if A[i] == j: continue
                r += 1
            finally:
                r += 10
        B[i] = r
        """,
    EITHER,
)
case(
    "a finally that a traced return passes, in a loop",
    "B[i] = give(A[i])",
    EITHER,
    prelude="""
    @enigma.func
    def give(v):
        n = 0
        for j in enigma.range(4):
            try:
                if v == j:
                    return n
            finally:
                n += 3
        return n + 100
    """,
)
case(
    "a return in a finally",
    "B[i] = give(A[i])",
    EITHER,
    prelude="""
    @enigma.func
    def give(v):
        try:
            if v > 2:
                return 1
        finally:
            return 2
    """,
)
case(
    "a with that a traced return passes",
    "log = []\nB[i] = give(A[i], log) * 10 + len(log)",
    EITHER,
    prelude="""
    class Noting:
        def __init__(self, log): self.log = log
        def __enter__(self): return self
        def __exit__(self, *rest): self.log.append(1)
    @enigma.func
    def give(v, log):
        with Noting(log):
            if v > 2:
                return 1
        return 2
    """,
)
case(
    "the else of a try that a traced return passes",
    "B[i] = give(A[i])",
    EITHER,
    prelude="""
    @enigma.func
    def give(v):
        n = 1
        try:
            if v > 2:
                return n
        except ValueError:
            n = 5
        else:
            n = 2
        return n * 10
    """,
)

case(
    "a with that swallows what comes before a return",
    """
    B[i] = 1
    with contextlib.suppress(IndexError):
        B[i] = [][0]
        return
    B[i] = 5
    """,
    prelude="import contextlib",
)
case(
    "a with that swallows what comes before a break",
    """
    r = 0
    for j in range(3):
        with contextlib.suppress(IndexError):
            r = [][0]
            break
        r += 2
    B[i] = r
    """,
    prelude="import contextlib",
)
case(
    "a with that swallows what comes before a traced return",
    """
    B[i] = 1
    with contextlib.suppress(IndexError):
        if A[i] > 2:
            return
        B[i] = [][0]
    B[i] = 5
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a with that swallows what comes before returns on all paths",
    """
    B[i] = 1
    with contextlib.suppress(IndexError):
        if A[i] > 2:
            return
        B[i] = [][0]
        return
    B[i] = 5
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a return in a handler",
    """
    B[i] = 1
    try:
        B[i] = [][0]
    except IndexError:
        if A[i] > 2:
            return
    B[i] = 5
    """,
)
case(
    "a return in a try, and one in its handler",
    """
    B[i] = 1
    try:
        if A[i] > 2:
            return
        B[i] = [][0]
    except IndexError:
        return
    B[i] = 5
    """,
    EITHER,
)
case(
    "an error behind a traced break, caught in the loop",
    """
    r = 0
    for j in range(3):
        try:
            if A[i] == j:
                break
            r += [][0]
        except IndexError:
            r += 2
    B[i] = r
    """,
    EITHER,
)
case(
    "a class body with a traced condition",
    "class K:\n    n = 1\n    if A[i] > 2:\n        n = 5\nB[i] = K.n",
    EITHER,
)
case(
    "a class body with a traced value",
    "class K:\n    n = A[i]\n    m = n + 1\nB[i] = K.m * 10 + K.n",
)
case(
    "exec",
    "xs = [1]\nif A[i] > 2:\n    exec('xs.append(2)')\nB[i] = len(xs)",
    EITHER,
)
case("eval", "if A[i] > 2:\n    r = eval('3 + 4')\nelse:\n    r = 1\nB[i] = r", EITHER)
case("locals()", "x = 1\nif A[i] > 2:\n    x = 5\nB[i] = locals()['x']", EITHER)
case(
    "a generator with a traced condition",
    """
    def f():
        if A[i] > 2:
            yield 3
        yield 4
    B[i] = sum(f())
    """,
    EITHER,
)
case(
    "a generator with a traced loop",
    """
    def f():
        for j in enigma.range(A[i] % 3):
            yield j
    B[i] = sum(f())
    """,
    EITHER,
)
case(
    "a generator with a traced early return",
    """
    def f():
        yield 3
        if A[i] > 2:
            return
        yield 4
    B[i] = sum(f())
    """,
    EITHER,
)
case(
    "a generator that a traced break leaves",
    """
    def f():
        yield 3
        yield A[i]
        yield 5
    r = 0
    for v in f():
        if v > 4: break
        r += v
    B[i] = r
    """,
    EITHER,
)
case(
    "a context manager of a generator, under a condition",
    """
    log = []
    @contextlib.contextmanager
    def noting():
        log.append(1)
        yield 4
        log.append(2)
    r = 0
    if A[i] > 2:
        with noting() as r:
            r += 1
    B[i] = r * 10 + len(log)
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a context manager that is entered in one arm",
    """
    stack = contextlib.ExitStack()
    log = []
    with stack:
        if A[i] > 2:
            stack.callback(log.append, 1)
    B[i] = len(log)
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a recursion over Python values with traced conditions",
    """
    def f(n, v):
        if n == 0:
            return v
        if v > n:
            return f(n - 1, v - 1)
        return f(n - 1, v + 2)
    B[i] = f(3, A[i])
    """,
    EITHER,
)
case(
    "an object's truth",
    """
    class Full:
        def __init__(self): self.asked = 0
        def __bool__(self):
            self.asked += 1
            return True
    f = Full()
    r = 0
    if A[i] > 2 and f:
        r = 5
    B[i] = r * 10 + f.asked
    """,
    EITHER,
)
case(
    "a sum by an operator of a class",
    """
    class Acc:
        def __init__(self): self.total = 0
        def __lshift__(self, v):
            self.total += v
            return self
    acc = Acc()
    for j in enigma.range(3):
        acc << A[i + j]
    if A[i] > 2:
        acc << 1 << 2
    B[i] = acc.total
    """,
)
case(
    "a matrix of rows, swapped for a pivot",
    """
    m = [[A[i], 1], [A[i + 1], 2]]
    if m[1][0] > m[0][0]:
        m[0], m[1] = m[1], m[0]
    m[0][1] += 10
    B[i] = m[0][0] * 100 + m[0][1] * 3 + m[1][1]
    """,
    EITHER,
)
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
case(
    "del in a nested function",
    """
    x = 1
    @enigma.func
    def f():
        nonlocal x
        del x
        x = A[i]
        return x
    B[i] = f() * 10 + x
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

# The context managers.

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

# Assignment expressions where they may not be evaluated.

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

# Targets of loops, read afterwards.

for name, loop in {
    "break": "for j in range(4):\n    if A[i] == j: break",
    "break of the first": "for j in range(4):\n    if A[i] < 2: break",
    "break with else": "for j in range(4):\n    if A[i] == j: break\nelse:\n    j = -1",
    "else without break": "for j in range(4):\n    pass\nelse:\n    j = j + 10",
    "set before": "j = 9\nfor j in range(4):\n    if A[i] == j: break",
    "empty, set before": "j = 9\nfor j in range(0):\n    if A[i] == j: break",
    "traced items": "for j in (A[i], A[i + 1], 5):\n    if j > 3: break",
    "traced items of a list": "xs = [A[i], A[i + 1], A[i + 2]]\nfor j in xs:\n    if j > 3: break",
    "items of a list that grows": """
        xs = [1, 2]
        for j in xs:
            if len(xs) < 4: xs.append(j + A[i])
        """,
    "items of a list that the body replaces": """
        xs = [1, 2]
        for j in xs:
            xs = [7, 8]
            if A[i] == j: break
        """,
    "strings": 'k = 0\nfor c in "abc":\n    if A[i] == k: break\n    k += 1\nj = k',
    "enumerate": "for k, j in enumerate((A[i], A[i + 1], 5)):\n    if j > 3: break\nj = k * 20 + j",
    "zip": "for k, j in zip(range(3), (4, 5, 6)):\n    if A[i] == k: break\nj = k * 20 + j",
    "tuples": "for k, j in ((1, A[i]), (2, A[i + 1])):\n    if j > 3: break\nj = k * 20 + j",
    "nested tuples": """
        for k, (l, j) in ((1, (2, A[i])), (3, (4, 5))):
            if j > 3: break
        j = k * 40 + l * 20 + j
        """,
    "starred": """
        for k, *r in ((1, 2, A[i]), (3, 4, 5)):
            if r[1] > 3: break
        j = k * 40 + r[0] * 20 + r[1]
        """,
    "dict": "for j in {2: 1, 5: 1, 7: 1}:\n    if A[i] < j: break",
    "items of a dict": """
        for k, j in {2: A[i], 5: 4}.items():
            if A[i] < k: break
        j = k * 20 + j
        """,
    "reversed": "for j in reversed(range(4)):\n    if A[i] == j: break",
    "range_constexpr": "for j in enigma.range_constexpr(4):\n    if A[i] == j: break",
    "range with a step": "for j in range(6, -1, -2):\n    if A[i] == j: break",
    "continue": "for j in range(4):\n    if A[i] == j: continue\n    if A[i] < j: break",
    "condition after the break": "for j in range(4):\n    if A[i] == j: break\n    j = j + 10",
    "assigned in the body": "for j in range(4):\n    j = j * 3\n    if A[i] == j: break",
    "assigned in an if": "for j in range(4):\n    if A[i] > j: j = 8\n    if A[i] == 2: break",
    "two breaks": "for j in range(5):\n    if A[i] == j: break\n    if A[i + 1] == j: break",
    "break in an if in an if": """
        for j in range(5):
            if A[i] > 0:
                if A[i + 1] == j: break
        """,
    "break in else": "for j in range(5):\n    if A[i] > j:\n        pass\n    else:\n        break",
    "break in a nested loop": """
        for k in range(3):
            for j in range(3):
                if A[i] == j: break
            if A[i + 1] == k: break
        j = k * 10 + j
        """,
    "nested loops of one name": """
        for j in range(3):
            for j in range(3):
                if A[i] == j: break
            if A[i + 1] > 2: break
        """,
    "inner loop behind a break": """
        j = 7
        for k in range(3):
            if A[i] == k: break
            for j in range(2):
                pass
        j = k * 10 + j
        """,
    "inner target read in the outer loop": """
        j = t = 0
        for k in range(3):
            t = t + j
            for j in range(3):
                if A[i] == j: break
        j = t * 10 + j
        """,
    "loop behind a return": """
        B[i] = -5
        if A[i] == 2: return
        for j in range(3):
            if A[i] == j: break
        """,
    "subscript": "xs = [9]\nfor xs[0] in range(3):\n    if A[i] == xs[0]: break\nj = xs[0]",
    "subscript without break": "xs = [9]\nfor xs[0] in range(3):\n    pass\nj = xs[0] + A[i]",
    "subscript of traced items": """
        xs = [9, 8]
        for xs[1] in (A[i], A[i + 1]):
            if xs[1] > 3: break
        j = xs[0] * 20 + xs[1]
        """,
    "attribute": "p = Point()\nfor p.x in range(3):\n    if A[i] == p.x: break\nj = p.x",
    "key": 'd = {}\nfor d["k"] in range(3):\n    if A[i] == d["k"]: break\nj = d["k"]',
    "buffer": "for B[i] in range(3):\n    if A[i] == B[i]: break\nj = B[i]",
    "comprehension of one name": "j = 4\nxs = [j for j in range(3)]\nif A[i] > 2: j = 6",
    "shared iterator": """
        it = iter(range(6))
        for j in it:
            if A[i] == j: break
        for k in it: pass
        j = j * 10 + k
        """,
    "shared iterator, static": """
        it = iter(range(6))
        for j in it:
            if j == 2: break
        k = next(it)
        j = j * 10 + k + A[i]
        """,
    "shared iterator, nested": """
        it = iter(range(6))
        j = 0
        for k in it:
            for l in it:
                if A[i] == l: break
            j = j * 3 + k
        """,
    "rest of an iterator": """
        it = iter((1, 2, 3, 4))
        for j in it:
            if A[i] == j: break
        j = j * 100 + sum(it)
        """,
    "generator": """
        it = (k * 2 for k in range(4))
        for j in it:
            if A[i] == j: break
        j = j * 100 + sum(it)
        """,
    "generator function": "for j in numbers():\n    if j > 3 or A[i] == j: break",
    "endless iterator": "for j in itertools.count():\n    if A[i] <= j: break",
    "bounded endless iterator": "for j in itertools.count():\n    if A[i] == j or j == 5: break",
    "for in an if": "j = 7\nif A[i] > 2:\n    for j in range(3):\n        if A[i + 1] == j: break",
    "for in both arms": """
        if A[i] > 2:
            for j in range(3):
                pass
        else:
            for j in range(5):
                if A[i] == j: break
        """,
    "for in a while": """
        j = k = 0
        while k < A[i]:
            for j in range(3):
                if A[i + 1] == j: break
            k += 2
        """,
    "for in a range": """
        j = 0
        for k in enigma.range(A[i] % 3):
            for j in range(3):
                if A[i + 1] == j: break
        """,
    "target in a function": """
        def f(v):
            for j in range(4):
                if v == j: break
            return j
        j = f(A[i])
        """,
    "target of a closure": """
        j = 7
        def f():
            nonlocal j
            for j in range(4):
                if A[i] == j: break
        f()
        """,
    "read by a closure": "def f(): return j\nfor j in range(4):\n    if A[i] == j: break\nj = f()",
    "functions made in the loop": """
        fs = []
        for j in range(3):
            fs.append(lambda: j)
        j = fs[0]() + A[i]
        """,
    "traced break behind a static one": """
        for j in range(9):
            if j == 3: break
            if A[i] == j: break
        """,
    "static break behind a traced one": """
        for j in range(9):
            if A[i] == j: break
            if j == 3: break
        """,
    "static break under a traced condition": """
        for j in range(9):
            if A[i] > j:
                if j == 3: break
        """,
    "static continue behind a traced break": """
        t = 0
        for j in range(4):
            if A[i] == j: break
            if j == 1: continue
            t += j
        j = t * 10 + j
        """,
    "while with break": "j = 0\nwhile j < 4:\n    if A[i] == j: break\n    j += 1",
    "while with else": """
        j = 0
        while j < 4:
            if A[i] == j: break
            j += 1
        else:
            j = -1
        """,
    "else with a break of the outer loop": """
        j = 9
        for k in range(3):
            for j in range(3):
                if A[i] == j + k: break
            else:
                break
        j = k * 10 + j
        """,
    "else with a continue of the outer loop": """
        j = t = 0
        for k in range(3):
            for j in range(3):
                if A[i] == j + k: break
            else:
                continue
            t += j
        j = t * 10 + j
        """,
    "else with a return": """
        B[i] = -6
        for j in range(3):
            if A[i] == j: break
        else:
            return
        """,
}.items():
    loose = ("iterator", "generator", "grows", "functions made", "subscript of", "key", "attribute")
    verdict = EITHER if any(word in name for word in loose) else EQUAL
    if name in ("subscript", "endless iterator", "target of a closure", "read by a closure"):
        verdict = EITHER
    case(
        f"target, {name}",
        f"{block(loop)}\nB[i] = j",
        verdict,
        prelude="""
        import itertools
        class Point: pass
        def numbers():
            n = 0
            while True:
                yield n
                n += 2
        """,
    )

# The variable of a loop of the kernel, read afterwards.

for name, loop in {
    "after the loop": "for j in enigma.range(4):\n    t += j",
    "set before": "j = 9\nfor j in enigma.range(4):\n    t += j",
    "empty, set before": "j = 9\nfor j in enigma.range(0):\n    t += j",
    "perhaps empty, set before": "j = 9\nfor j in enigma.range(A[i] % 3):\n    t += j",
    "traced, set before": "j = A[i + 1]\nfor j in enigma.range(A[i] % 3):\n    t += j",
    "from a start": "for j in enigma.range(3, 7):\n    t += j",
    "with a step": "for j in enigma.range(1, 9, 3):\n    t += j",
    "with a traced step": "j = 20\nfor j in enigma.range(0, 9, A[i] % 3 + 1):\n    t += j",
    "downwards": "for j in enigma.range(7, 1, -2):\n    t += j",
    "downwards, perhaps empty": "j = 20\nfor j in enigma.range(A[i], 1, -2):\n    t += j",
    "from a traced start": "j = 20\nfor j in enigma.range(A[i], 5):\n    t += j",
    "from a traced start with a step": "j = 20\nfor j in enigma.range(A[i], 6, 2):\n    t += j",
    "after a break": "for j in enigma.range(6):\n    if A[i] == j: break",
    "after a break, set before": """
        j = 9
        for j in enigma.range(A[i] % 4):
            if A[i + 1] == j: break
        """,
    "after a break downwards": "for j in enigma.range(6, 0, -1):\n    if A[i] == j: break",
    "after a break with else": """
        for j in enigma.range(6):
            if A[i] == j: break
        else:
            j = -1
        """,
    "after two breaks": """
        for j in enigma.range(6):
            if A[i] == j: break
            t += j
            if A[i + 1] == j: break
        """,
    "after a break in an if": """
        for j in enigma.range(6):
            if A[i] > 1:
                if A[i + 1] == j: break
        """,
    "after a continue": "for j in enigma.range(6):\n    if A[i] > j: continue\n    t += j",
    "else reads it": "for j in enigma.range(4):\n    t += j\nelse:\n    t = t + j * 10",
    "assigned in the body": "for j in enigma.range(4):\n    t += j\n    j = j * 3",
    "assigned in the body, then read": "for j in enigma.range(4):\n    j = j * 3\n    t += j",
    "assigned in an if of the body": """
        for j in enigma.range(4):
            if A[i] > j: j = 8
            t += j
        """,
    "assigned before a break": """
        for j in enigma.range(4):
            j = j + 10
            if A[i] + 10 == j: break
        """,
    "augmented in the body": "for j in enigma.range(4):\n    j += A[i]\n    t += 1",
    "of a nested loop": """
        for k in enigma.range(3):
            for j in enigma.range(k + 1):
                t += j
        j = j * 10 + k
        """,
    "of a nested loop with break": """
        j = 9
        for k in enigma.range(3):
            for j in enigma.range(3):
                if A[i] == j + k: break
            t = t * 3 + j
        """,
    "of two loops": """
        for j in enigma.range(3):
            t += j
        for j in enigma.range(5):
            if A[i] == j: break
        """,
    "nested loops of one name": """
        for j in enigma.range(3):
            t += j
            for j in enigma.range(2):
                t += j * 5
        """,
    "in an if": "j = 9\nif A[i] > 2:\n    for j in enigma.range(3):\n        t += j",
    "in both arms": """
        if A[i] > 2:
            for j in enigma.range(3):
                t += j
        else:
            for j in enigma.range(5):
                t += j
        """,
    "in a while": """
        j = k = 0
        while k < A[i]:
            for j in enigma.range(k + 1):
                t += j
            k += 2
        """,
    "in an unrolled loop": """
        j = 9
        for k in range(3):
            for j in enigma.range(A[i + k] % 3):
                t += j
        """,
    "behind a break": """
        j = 9
        for k in range(3):
            if A[i] == k: break
            for j in enigma.range(k + 1):
                t += j
        """,
    "with a return in it": """
        B[i] = -5
        for j in enigma.range(6):
            if A[i] == j: return
            t += j
        """,
    "of a function": """
        def f(v):
            for j in enigma.range(6):
                if v == j: break
            return j
        j = f(A[i])
        """,
    "read by a nested function": "def f(): return j * 2\nfor j in enigma.range(4):\n    t += f()",
    "read by a nested function afterwards": """
        def f(): return j * 2
        for j in enigma.range(4):
            t += j
        j = f()
        """,
    "of a closure": "j = 9\ndef f():\n    nonlocal j\n    for j in enigma.range(4): pass\nf()",
    "read in the next iteration": """
        j = 9
        for k in enigma.range(3):
            t += j
            for j in enigma.range(k + 2): pass
        """,
    "deleted": "for j in enigma.range(4):\n    t += j\n    del j\nj = 3",
    "a list's item": "xs = [9]\nfor xs[0] in enigma.range(4):\n    t += xs[0]\nj = xs[0]",
    "an attribute": "p = Point()\nfor p.x in enigma.range(4):\n    t += p.x\nj = p.x",
    "of a body that is empty": "for j in enigma.range(4): pass",
    "of a body that only breaks": "for j in enigma.range(A[i] % 3, 9): break",
}.items():
    verdict = (
        EITHER
        if name
        in (
            "of a closure",
            "read by a nested function",
            "a list's item",
            "an attribute",
            "read by a nested function afterwards",
        )
        else EQUAL
    )
    case(
        f"range, {name}",
        f"t = 0\n{block(loop)}\nB[i] = j * 100 + t",
        verdict,
        prelude="class Point: pass",
    )
case(
    "range, not set before, which is never empty",
    "for j in enigma.range(A[i] % 3 + 1): pass\nB[i] = j",
)
case("range, empty and not set before", "for j in enigma.range(0): pass\nB[i] = j", REFUSED)

# Exits two deep, with variables that every path assigns which gets there.

for name, body in {
    "return in an elif": """
        if A[i] > 5: r = 1
        elif A[i] > 3: r = 2
        elif A[i] > 1:
            B[i] = 50
            return
        else: r = 3
        B[i] = r""",
    "return in an else of an elif": """
        if A[i] > 5: r = 1
        elif A[i] > 3: r = 2
        else:
            B[i] = 50
            return
        B[i] = r""",
    "return in the first of an elif": """
        if A[i] > 5: return
        elif A[i] > 3: r = 2
        else: r = 3
        B[i] = r""",
    "return in an if in an if": """
        if A[i] > 2:
            if A[i + 1] > 2:
                return
            r = 1
        else:
            r = 2
        B[i] = r""",
    "return in an if in an else": """
        if A[i] > 2:
            r = 1
        else:
            if A[i + 1] > 2:
                return
            r = 2
        B[i] = r""",
    "return in an else in an if": """
        if A[i] > 2:
            if A[i + 1] > 2:
                r = 1
            else:
                return
        else:
            r = 2
        B[i] = r""",
    "return three deep": """
        if A[i] > 0:
            if A[i + 1] > 0:
                if A[i + 2] > 0:
                    return
                r = 1
            else:
                r = 2
        else:
            r = 3
        B[i] = r""",
    "returns of all in an if": """
        if A[i] > 2:
            if A[i + 1] > 2:
                B[i] = 5
                return
            else:
                B[i] = 6
                return
        else:
            r = 2
        B[i] = r""",
    "return in both ifs": """
        if A[i] > 4:
            if A[i + 1] > 2: return
            r = 1
        elif A[i] > 1:
            if A[i + 1] > 3: return
            r = 2
        else:
            r = 3
        B[i] = r""",
    "return before the assignment": """
        if A[i] > 4:
            return
        r = 1
        if A[i + 1] > 2:
            q = 2
        else:
            return
        B[i] = r * 10 + q""",
    "continue two deep": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 4:
                r = 1
            elif A[i + j] > 2:
                r = 2
            elif A[i + j] > 0:
                continue
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "continue in an if in an if": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 0:
                if A[i] > 2: continue
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "break two deep": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 6:
                r = 1
            elif A[i + j] > 5:
                break
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "break in an if in an if": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 0:
                if A[i + j] > 5: break
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "unrolled break two deep": """
        t = 0
        for j in range(4):
            if A[i + j] > 0:
                if A[i + j] > 5: break
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "unrolled continue two deep": """
        t = 0
        for j in range(4):
            if A[i + j] > 4:
                r = 1
            elif A[i + j] > 0:
                continue
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "break in a while two deep": """
        t = j = 0
        while j < 5:
            if A[i + j] > 0:
                if A[i + j] > 5: break
                r = 1
            else:
                r = 2
            t = t * 4 + r
            j += 1
        B[i] = t""",
    "continue in a while two deep": """
        t = j = 0
        while j < 5:
            j += 1
            if A[i + j] > 4:
                r = 1
            elif A[i + j] > 0:
                continue
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "return in a loop two deep": """
        B[i] = 50
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 0:
                if A[i + j] > 6: return
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "break and return": """
        B[i] = 50
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 5:
                r = 1
                if A[i] > 3: break
            elif A[i + j] == 0:
                return
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "break of the inner, continue of the outer": """
        t = 0
        for j in enigma.range(3):
            for k in enigma.range(3):
                if A[i + k] > 2:
                    if A[i + j] > 4: break
                    r = 1
                else:
                    r = 2
                t = (t * 3 + r) % 1000
            if A[i + j] > 3:
                continue
            t += 1
        B[i] = t""",
    "return of a helper in an elif": "B[i] = give(A[i])",
    "return of a helper two deep": "B[i] = deep(A[i], A[i + 1])",
    "return of a helper in a loop": "B[i] = find(A[i])",
    "return of a helper in nested loops": "B[i] = search(A[i])",
    "return of tuples": "a, b = pair(A[i])\nB[i] = a * 10 + b",
    "variable of one path is not read": """
        if A[i] > 4:
            q = 1
            B[i] = q
            return
        elif A[i] > 2:
            r = 2
        else:
            r = 3
        B[i] = r""",
    "variable is of different types where it is not read": """
        if A[i] > 4:
            r = "no"
            return
        r = 2
        B[i] = r""",
    "variable is of different types behind an exit two deep": """
        B[i] = 50
        if A[i] > 2:
            r = "no"
            if A[i + 1] > 2:
                return
            r = 4
        else:
            r = 2
        B[i] = r""",
    "assigned under the same condition twice": """
        if A[i] > 2:
            r = 1
        else:
            return
        if A[i + 1] > 2:
            r = r + 1
        B[i] = r""",
    "static condition in a traced one": """
        if A[i] > 2:
            if True:
                return
        else:
            r = 1
        B[i] = r""",
    "traced condition in a static one": """
        if True:
            if A[i] > 2:
                return
            r = 1
        else:
            pass
        B[i] = r""",
    "endless loop with return": """
        j = 0
        while True:
            if A[i] <= j:
                B[i] = j
                return
            j += 1
        B[i] = 3""",
}.items():
    case(
        f"exit, {name}",
        body,
        prelude="""
        @enigma.func
        def give(v):
            if v > 5: r = 1
            elif v > 3: return 20
            elif v > 1: r = 2
            else: return 30
            return r
        @enigma.func
        def deep(v, w):
            if v > 2:
                if w > 2:
                    return 5
                r = 1
            else:
                if w > 4:
                    return 6
                r = 2
            return r * 10
        @enigma.func
        def find(v):
            for j in enigma.range(5):
                if v > 1:
                    if v == j:
                        return j * 10
            return -1
        @enigma.func
        def search(v):
            for j in enigma.range(3):
                for k in range(3):
                    if v == j * 3 + k:
                        if j > 0:
                            return j * 10 + k
            else:
                return -2
        @enigma.func
        def pair(v):
            if v > 4: return v, 1
            if v > 1:
                if v == 3: return 9, 9
                return 2, v
            return 0, 0
        """,
    )
case(
    "exit, unassigned on a path that gets there",
    "if A[i] > 2:\n    if A[i + 1] > 2: return\nelse:\n    r = 2\nB[i] = r",
    REFUSED,
    names="'r'",
)

# Do-while.

for name, body in {
    "value read afterwards": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "value set before": """
        v = j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "break in the middle": """
        j = t = 0
        while True:
            v = A[i + j]
            if v > 2 or j > 5: break
            j += 1
            t += v
        B[i] = (v * 10 + j) * 10 + t""",
    "two breaks": """
        j = 0
        while True:
            v = A[i + j]
            if v > 4: break
            w = v + 1
            j += 1
            if w > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "with continue": """
        j = 0
        while True:
            j += 1
            v = A[i + j]
            if v < 0 and j < 5: continue
            if v > 1 or j > 5: break
        B[i] = v * 10 + j""",
    "break two deep": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if j > 2:
                if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "break in both arms": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2:
                r = 1
                break
            elif j > 5:
                r = 2
                break
        B[i] = v * 20 + j + r""",
    "nested": """
        t = k = 0
        while True:
            j = 0
            while True:
                v = A[i + j]
                j += 1
                if v > 2 or j > 4: break
            t += v
            k += 1
            if k > 1: break
        B[i] = t * 10 + k""",
    "in an if": """
        j = v = 0
        if A[i] > 1:
            while True:
                v = A[i + j]
                j += 1
                if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "in a range": """
        t = 0
        for k in enigma.range(2):
            j = 0
            while True:
                v = A[i + j]
                j += 1
                if v > k or j > 4: break
            t = t * 10 + v
        B[i] = t""",
    "with return": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5:
                B[i] = v * 10 + j
                return""",
    "in a helper": "B[i] = first(A, i)",
    "list": """
        j = 0
        while True:
            xs = [A[i + j], j]
            j += 1
            if xs[0] > 2 or j > 5: break
        B[i] = xs[0] * 10 + xs[1]""",
    "with a flag": """
        j, more = 0, True
        while more:
            v = A[i + j]
            j += 1
            more = v <= 2 and j < 6
        B[i] = v * 10 + j""",
    "with while 1": """
        j = 0
        while 1:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "with while not False": """
        j = 0
        while not False:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
}.items():
    verdict = EITHER if name == "with a flag" else EQUAL
    case(
        f"do-while, {name}",
        body,
        verdict,
        prelude="""
        @enigma.func
        def first(A, i):
            j = 0
            while True:
                v = A[i + j]
                j += 1
                if v > 2 or j > 5: break
            return v * 10 + j
        """,
    )
case(
    "do-while, assigned behind the break",
    "j = 0\nwhile True:\n    if A[i] <= j: break\n    v = j\n    j += 1\nB[i] = v",
    REFUSED,
    names="'v'",
)

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

# Decorated functions in kernels.

for name, body in {
    "func": "@enigma.func\ndef f(v):\n    if v > 2: return 5\n    return v\nB[i] = f(A[i])",
    "func with a closure": """
        n = A[i + 1]
        @enigma.func
        def f(v):
            if v > 2: return n
            return v
        B[i] = f(A[i])
        """,
    "func in a func": """
        @enigma.func
        def f(v):
            @enigma.func
            def g(w):
                return w * 2 if w > 1 else 0
            return g(v) + 1
        B[i] = f(A[i])
        """,
    "func in an if": """
        r = 0
        if A[i] > 2:
            @enigma.func
            def f(v):
                if v > 4: return 5
                return v
            r = f(A[i])
        B[i] = r
        """,
    "func in a range": """
        r = 0
        for j in enigma.range(3):
            @enigma.func
            def f(v):
                if v > j: return 5
                return v
            r += f(A[i])
        B[i] = r
        """,
    "func in an unrolled loop": """
        r = 0
        for j in range(3):
            @enigma.func
            def f(v):
                if v > j: return 5
                return v
            r += f(A[i])
        B[i] = r
        """,
    "func with a default": """
        @enigma.func
        def f(v, w=A[i + 1]):
            if v > 2: return w
            return v
        B[i] = f(A[i])
        """,
    "func with keywords": """
        @enigma.func
        def f(v, *, w=3, **more):
            if v > 2: return w
            return v
        B[i] = f(A[i], w=8)
        """,
    "func with a walrus": """
        @enigma.func
        def f(v):
            if v > 0 and (u := v * 2) > 4: return u
            return v
        B[i] = f(A[i])
        """,
    "func that changes a closure's list": """
        xs = [1, 2]
        @enigma.func
        def f(v):
            if v > 2: xs[0] = v
        f(A[i])
        B[i] = xs[0] * 10 + xs[1]
        """,
    "func called twice": """
        @enigma.func
        def f(v):
            if v > 2: return 5
            return v
        B[i] = f(A[i]) * 10 + f(A[i + 1])
        """,
    "two funcs": """
        @enigma.func
        def f(v):
            if v > 2: return 5
            return v
        @enigma.func
        def g(v):
            return f(v) + f(v + 1)
        B[i] = g(A[i])
        """,
    "func as an argument": """
        @enigma.func
        def f(v):
            if v > 2: return 5
            return v
        def apply(h, v):
            return h(v)
        B[i] = apply(f, A[i])
        """,
    "func of a lambda's closure": """
        f = lambda v: v * 2
        @enigma.func
        def g(v):
            if v > 2: return f(v)
            return v
        B[i] = g(A[i])
        """,
    "nested function": "def f(v):\n    if v > 2: return 5\n    return v\nB[i] = f(A[i])",
    "nested function with a loop": """
        def f(v):
            t = 0
            for j in enigma.range(v % 3):
                t += j + 1
            return t
        B[i] = f(A[i])
        """,
    "nested function that calls itself": """
        def f(n):
            if n == 0: return A[i]
            return f(n - 1) + n
        B[i] = f(3)
        """,
    "decorated by another": """
        def twice(f):
            return lambda v: f(f(v))
        @twice
        def g(v):
            return v + 3 if v > 2 else v
        B[i] = g(A[i])
        """,
    "decorated by functools.wraps": """
        def deco(f):
            @functools.wraps(f)
            def inner(v): return f(v) + 1
            return inner
        @deco
        def g(v):
            if v > 2: return 5
            return v
        B[i] = g(A[i])
        """,
    "func decorated once more": """
        def deco(f):
            return lambda v: f(v) + 1
        @deco
        @enigma.func
        def g(v):
            if v > 2: return 5
            return v
        B[i] = g(A[i])
        """,
    "partial": """
        @enigma.func
        def f(v, w):
            if v > 2: return w
            return v
        g = functools.partial(f, w=9)
        B[i] = g(A[i])
        """,
    "method": "class K:\n    def f(self, v):\n        return v * 2\nB[i] = K().f(A[i])",
    "func method": """
        class K:
            @enigma.func
            def f(self, v):
                if v > 2: return 5
                return v
        B[i] = K().f(A[i])
        """,
    "static func method": """
        class K:
            @staticmethod
            @enigma.func
            def f(v):
                if v > 2: return 5
                return v
        B[i] = K.f(A[i])
        """,
    "class with __call__": """
        class K:
            @enigma.func
            def __call__(self, v):
                if v > 2: return 5
                return v
        B[i] = K()(A[i])
        """,
}.items():
    loose = ("class with", "static func", "func method", "in a range", "a default", "func in an if")
    case(
        f"inner, {name}",
        body,
        EITHER if any(word in name for word in loose) else EQUAL,
        prelude="import functools",
    )
for name, body in {
    "set": "if A[i] > 2: xs[0] = 7",
    "traced": "if A[i] > 2: xs[0] = A[i]",
    "augmented": "if A[i] > 2: xs[0] += A[i]",
    "in else": "if A[i] > 2: pass\nelse: xs[0] = 7",
    "in a range": "for j in enigma.range(A[i] % 3): xs[0] += 2",
    "in a while": "while xs[0] < A[i]: xs[0] += 2",
    "two deep": "if A[i] > 0:\n    if A[i + 1] > 2: xs[0] = A[i]",
    "attribute": "if A[i] > 2: p.x = A[i]",
    "dict": 'if A[i] > 2: d["k"] = A[i]',
    "append": "if A[i] > 2: xs.append(3)",
}.items():
    verdict = EITHER if name == "append" else EQUAL
    read = "len(xs) * 1000 + xs[0] * 10 + p.x + d['k']"
    prelude = "class Point: x = 0\ndef make_point():\n    p = Point()\n    p.x = 1\n    return p"
    state = "xs, p, d = [1, 2], make_point(), {'k': 3}"
    indented = block(body).replace("\n", "\n    ")
    case(
        f"closure's list, {name}",
        f"{state}\ndef f():\n    {indented}\nf()\nB[i] = {read}",
        verdict,
        prelude=prelude,
    )
    case(
        f"closure's list of a func, {name}",
        f"{state}\n@enigma.func\ndef f():\n    {indented}\nf()\nB[i] = {read}",
        verdict,
        prelude=prelude,
    )
    case(
        f"module's list, {name}",
        f"{block(body)}\nB[i] = {read}",
        EITHER,
        prelude=f"{prelude}\n{state}",
    )
    case(
        f"parameter's list, {name}",
        f"{state}\nf(xs, p, d, A, i)\nB[i] = {read}",
        verdict,
        prelude=f"{prelude}\n@enigma.func\ndef f(xs, p, d, A, i):\n    {indented}",
    )

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

for how, choice in {
    "a ternary": "xs = xs if A[i + j] > 2 else ys",
    "an if": "if A[i + j] > 2: xs = ys",
    "both arms": "if A[i + j] > 2: xs = ys\nelse: ys = xs",
    "a swap": "if A[i + j] > 2: xs, ys = ys, xs",
    "a swap always": "xs, ys = ys, xs",
    "a helper": "xs = pick(xs, ys, A[i + j])",
    "an assignment": "ys = xs",
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
                EITHER,
                prelude="""
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

# The same in frames that change nothing.

WRAPPERS: dict[str, tuple[str, str]] = {
    "in a try": (EQUAL, "try:\n    {body}\nfinally:\n    pass"),
    "in a try with a handler": (EQUAL, "try:\n    {body}\nexcept ZeroDivisionError:\n    pass"),
    "in a with": (EQUAL, "with contextlib.nullcontext():\n    {body}"),
    "in a static if": (EQUAL, "if True:\n    {body}"),
    "in a static loop": (EQUAL, "for wrapped in range(1):\n    {body}"),
    "in a static while": (EQUAL, "wrapped = 0\nwhile wrapped < 1:\n    wrapped += 1\n    {body}"),
    "in a nested function": (EQUAL, "def wrapped():\n    {body}\nwrapped()"),
    "in a func": (EQUAL, "@enigma.func\ndef wrapped():\n    {body}\nwrapped()"),
    "in a match": (EQUAL, "match 1:\n    case 1:\n        {body}"),
    "in a traced if": (EITHER, "if A[i] > -100:\n    {body}"),
    "in a traced else": (EITHER, "if A[i] < -100:\n    pass\nelse:\n    {body}"),
    "behind a traced return": (EITHER, "if A[i] < -100:\n    return\n{body}"),
    "in a range": (EITHER, "for wrapped in enigma.range(1):\n    {body}"),
    "in a range with break": (EITHER, "for wrapped in enigma.range(9):\n    {body}\n    break"),
    "in a traced while": (
        EITHER,
        "wrapped = 0\nwhile wrapped < 1 and A[i] > -100:\n    wrapped += 1\n    {body}",
    ),
    "in a function in a traced if": (
        EITHER,
        "def wrapped():\n    {body}\nif A[i] > -100:\n    wrapped()",
    ),
}


def wrapped(base: Case, wrapper: str) -> Case:
    """A case in a frame."""
    verdict, frame = WRAPPERS[wrapper]

    def inside(body: str) -> str:
        before, _, after = frame.partition("{body}")
        indent = " " * (len(before) - len(before.rstrip(" ")))
        return before.rstrip(" ") + textwrap.indent(block(body), indent) + after

    return replace(
        base,
        name=f"{base.name} | {wrapper}",
        body=inside(base.body),
        plain=None if base.plain is None else inside(base.plain),
        prelude=f"import contextlib\n{block(base.prelude)}",
        verdict=verdict,
    )


def wrapped_cases(share: int) -> list[Case]:
    """Every case that must work, in one of `share` of the frames."""
    found = []
    for row, base in enumerate(CASES):
        if base.verdict != EQUAL or base.name.startswith("long "):
            continue
        for column, wrapper in enumerate(WRAPPERS):
            if (row + column) % share == 0:
                found.append(wrapped(base, wrapper))
    return found
