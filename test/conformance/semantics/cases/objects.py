# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects that helpers change, and that others refer to."""

from __future__ import annotations

import textwrap

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, block

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

# A variable that functions share, and that nobody reads any more when it takes a value of another
# kind.
for outer in ("if A[i] > 1:", "for j in enigma.range(2):", "while r < 2:", "for j in range(2):"):
    for inner, body in {
        "if": "if A[i] > 2: v = {}",
        "match": "match A[i]:\n    case 3 | 4: v = {}",
        "other case": "match A[i]:\n    case 3: pass\n    case _: v = {}",
        "range": "for k in enigma.range(A[i] % 3): v = {}",
        "while": "k = 0\nwhile k < A[i] % 3:\n    v = {}\n    k += 1",
        "try": "try:\n    if A[i] > 2: v = {}\nfinally: pass",
    }.items():
        for value in ("A[i] > 3", "[A[i]]"):
            changed = textwrap.indent(body, "        ").replace("{}", value)
            case(
                f"a shared variable that nobody reads, {outer} {inner}, {value}",
                f"""
    v, r = 8, 0
    def f():
        nonlocal v
        v = 1
    {outer}
        r += 1
{changed}
    B[i] = r
    """,
            )
