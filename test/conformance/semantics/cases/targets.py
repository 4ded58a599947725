# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Targets of loops, read afterwards."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, EQUAL, REFUSED, block

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
