# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions and operators of Python that look at a value, and `match`."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, REFUSED, block

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

# Under no condition.

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
