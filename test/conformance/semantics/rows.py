# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Examples of each class of node of `ast`, and where they work."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass

from conformance.semantics.comparison import EQUAL, REFUSED, Case, block

RETURN = "behind a traced `return`"
OPERAND = "in an operand that may not be evaluated"
# Where an example stands. Each place after the first is reached by some threads only.
PLACES: dict[str, str] = {
    "outside": "{example}",
    "in a traced `if`": "if A[i] > 2:\n    {example}",
    "in the `else` of a traced `if`": "if A[i] > 2:\n    pass\nelse:\n    {example}",
    "in a loop of the kernel": "for lap in enigma.range(A[i] % 3):\n    {example}",
    "in a traced `while`": "lap = 0\nwhile lap < A[i] % 3:\n    lap += 1\n    {example}",
    "behind a traced `break`": ("for lap in range(3):\n    if A[i] == lap: break\n    {example}"),
    RETURN: "B[i] = 50\nif A[i] > 2:\n    return\n{example}",
    OPERAND: (
        "def example():\n    {outer}\n    {example}\n    return 1\nlap = A[i] > 2 and example() > 0"
    ),
}
EVERYWHERE = frozenset(PLACES)
OUTSIDE = frozenset(["outside"])
# What is left of a function behind a `return` may do all that the function may, as long as nothing
# that was there before comes out of it.
OUTSIDE_OR_BEHIND_RETURN = OUTSIDE | {RETURN}
NOWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """An example of a class of node.

    Attributes
    ----------
    node
        The name of the class in `ast`.
    what
        The construct, for the documentation.
    example
        Statements that contain the node.
    works
        The places where it computes what Python computes; in the others it is refused.
    setup
        What stands before, outside of all control flow.
    read
        An int expression that shows what the example did.
    outer
        The variables that it assigns.
    prelude
        What stands before the kernel.
    skipped
        Places in which the example means nothing in Python either.
    """

    node: str
    what: str
    example: str
    works: frozenset[str] = EVERYWHERE
    setup: str = "r = 1"
    read: str = "r"
    outer: str = "r"
    prelude: str = ""
    skipped: frozenset[str] = frozenset()

    @property
    def available(self) -> bool:
        """Whether this Python has the class."""
        return hasattr(ast, self.node)

    def case(self, place: str) -> Case:
        """The example in a place."""
        lines = []
        for line in PLACES[place].splitlines():
            indent = line[: len(line) - len(line.lstrip())]
            outer = f"nonlocal {self.outer}" if self.outer else "pass"
            text = line.strip().replace("{outer}", outer)
            example = block(self.example) if text == "{example}" else text
            lines.append(textwrap.indent(example, indent))
        body = "\n".join([block(self.setup), *lines, f"B[i] = {self.read}"])
        verdict = EQUAL if place in self.works else REFUSED
        return Case(f"{self.node}, {self.what}, {place}", body, verdict, self.prelude)

    def contains_its_node(self) -> bool:
        """Whether the example is one of its class."""
        # It may only make sense in a function.
        tree = ast.parse(f"async def f():\n{textwrap.indent(block(self.example), '    ')}")
        return any(type(node).__name__ == self.node for node in ast.walk(tree.body[0]))


_LIST = {"setup": "xs = [1, 2, 3]", "read": "xs[0] * 10 + len(xs)", "outer": ""}
_POINT = {
    "prelude": "class Point:\n    n = 1\n    def __init__(self):\n        self.x = 2",
    "setup": "p = Point()",
    "outer": "",
}

STATEMENTS = (
    Row("FunctionDef", "a nested function that is called", "def f(v): return v * 2\nr = f(A[i])"),
    Row(
        "FunctionDef",
        "a nested function with traced control flow",
        "def f(v):\n    if v > 3:\n        return 5\n    return v\nr = f(A[i])",
    ),
    Row(
        "FunctionDef",
        "`@enigma.func` on a nested function",
        "@enigma.func\ndef f(v):\n    if v > 3:\n        return 5\n    return v\nr = f(A[i])",
    ),
    Row(
        "FunctionDef",
        "another function under a name that is called afterwards",
        "def f(): return 2",
        OUTSIDE_OR_BEHIND_RETURN,
        setup="def f(): return 1",
        read="f()",
        outer="f",
    ),
    Row(
        "FunctionDef",
        "a nested generator over Python values",
        "def f():\n    yield 3\n    yield 4\nr = sum(f())",
    ),
    Row("AsyncFunctionDef", "a nested `async def`", "async def f(): pass\nr = 2", works=NOWHERE),
    Row("ClassDef", "a class", "class K:\n    n = 3\nr = K.n"),
    Row(
        "ClassDef",
        "another class under a name that is read afterwards",
        "class K: n = 2",
        OUTSIDE_OR_BEHIND_RETURN,
        setup="class K: n = 1",
        read="K.n",
        outer="K",
    ),
    Row(
        "Return",
        "`return`",
        "return",
        setup="B[i] = 40",
        read="41",
        outer="",
        skipped=frozenset([OPERAND]),
    ),
    Row(
        "Return",
        "`return` of a value, early or in a loop",
        """
            def f(v):
                for k in enigma.range(4):
                    if v == k: return k + 5
                return 1
            r = f(A[i])
            """,
    ),
    Row("Delete", "`del` of a variable that is assigned anew", "del r\nr = 2"),
    Row("Delete", "`del` of a variable that is read afterwards", "del r", NOWHERE),
    Row(
        "Delete",
        "`del` of an item",
        "del xs[0]",
        OUTSIDE,
        setup="xs = list(range(9))",
        read="len(xs)",
        outer="",
    ),
    Row("Assign", "assignment to a variable", "r = A[i]"),
    Row(
        "Assign",
        "assignment to several variables",
        "r, s = s, A[i]",
        setup="r, s = 1, 2",
        read="r * 10 + s",
        outer="r, s",
    ),
    Row(
        "Assign",
        "assignment of a value of another dtype",
        "r = A[i] > 0",
        OUTSIDE_OR_BEHIND_RETURN,
        read="5 if r else 6",
        setup="r = A[i]",
    ),
    Row(
        "Assign",
        "assignment of a string, `None` or another object",
        "r = 'abc'",
        OUTSIDE_OR_BEHIND_RETURN,
        setup="r = 'ab'",
        read="len(r)",
    ),
    Row(
        "Assign",
        "assignment of a list of as many values",
        "xs = [A[i], 4, 5]",
        setup="xs = [1, 2, 3]",
        read="xs[0] * 10 + xs[1]",
        outer="xs",
    ),
    Row(
        "Assign",
        "assignment of a longer list",
        "xs = [A[i], 4]",
        OUTSIDE_OR_BEHIND_RETURN,
        setup="xs = [1]",
        read="len(xs)",
        outer="xs",
    ),
    Row("TypeAlias", "a `type` statement", "type T = int\nr = 2"),
    Row("AugAssign", "augmented assignment", "r += A[i]"),
    Row("AugAssign", "augmented assignment to an item", "xs[0] += A[i]", **_LIST),
    Row("AugAssign", "augmented assignment to an attribute", "p.x += A[i]", read="p.x", **_POINT),
    Row(
        "AugAssign",
        "`+=` that makes a list longer",
        "xs += [4]",
        OUTSIDE,
        setup="xs = [1]",
        read="len(xs)",
        outer="xs",
    ),
    Row("AnnAssign", "assignment with an annotation", "s: enigma.i32 = A[i]\nr = s"),
    Row("AnnAssign", "annotation alone", "s: enigma.i32\nr = 2"),
    Row("For", "`for` over `enigma.range`", "for k in enigma.range(A[i] % 4):\n    r += k"),
    Row(
        "For", "`for` over `range` and other iterables of Python", "for k in range(3):\n    r += k"
    ),
    Row("For", "`for` over traced items", "for k in (A[i], A[i + 1]):\n    r += k"),
    Row(
        "For",
        "`for` over an iterator that is used afterwards",
        "for k in it:\n    if k == 3: break",
        OUTSIDE,
        setup="it = iter(range(99))",
        read="next(it)",
        outer="",
    ),
    Row(
        "For",
        "`for` over `range` of a traced number",
        "for k in range(A[i] % 3):\n    r += k",
        NOWHERE,
    ),
    Row(
        "For", "`for` with `else`", "for k in range(3):\n    if A[i] == k: break\nelse:\n    r = 7"
    ),
    Row(
        "AsyncFor",
        "`async for` in a nested `async def`",
        "async def f(s):\n    async for k in s: pass\nr = 2",
        works=NOWHERE,
    ),
    Row("While", "`while` on a traced condition", "k = 0\nwhile k < A[i]:\n    k += 2\nr = k"),
    Row(
        "While",
        "`while` on a condition that Python knows",
        "k = 0\nwhile k < 3:\n    k += 2\nr = k",
    ),
    Row(
        "While",
        "`while True` with a traced `break`",
        "k = 0\nwhile True:\n    k += 2\n    if k > A[i]: break\nr = k",
    ),
    Row(
        "While",
        "`while` with `else`",
        "k = 0\nwhile k < 4:\n    k += 1\n    if A[i] == k: break\nelse:\n    r = 7",
    ),
    Row(
        "If",
        "`if`, `elif`, `else` on traced conditions",
        "if A[i + 1] > 3: r = 2\nelif A[i + 1] > 1: r = A[i]\nelse: r = 4",
    ),
    Row("If", "`if` on a condition that Python knows", "if 2 > 1: r = 3\nelse: r = 'no'"),
    Row(
        "With",
        "`with` of a context manager of Python",
        "with contextlib.nullcontext(4) as s:\n    r = s",
        prelude="import contextlib",
    ),
    Row(
        "With",
        "a context manager that changes Python objects",
        "with Noting(log): r = 2",
        OUTSIDE,
        prelude="""
            class Noting:
                def __init__(self, log): self.log = log
                def __enter__(self): self.log.append(1)
                def __exit__(self, *_): self.log.append(2)
            """,
        setup="r, log = 1, []",
        read="r * 10 + len(log)",
    ),
    Row(
        "With",
        "a traced `break` out of a `with`",
        """
            for k in range(3):
                with contextlib.nullcontext():
                    if A[i + 1] == k: break
                    r += 2
            """,
        prelude="import contextlib",
    ),
    Row(
        "AsyncWith",
        "`async with` in a nested `async def`",
        "async def f(s):\n    async with s: pass\nr = 2",
        works=NOWHERE,
    ),
    Row(
        "Match",
        "`match` of a value that Python knows",
        "match 2:\n    case 1: r = 5\n    case 2: r = A[i]",
    ),
    Row(
        "Match",
        "`match` of a traced value with patterns that are values or names",
        "match A[i]:\n    case 1: r = 5\n    case _: r = 6",
    ),
    Row(
        "Match",
        "`match` of a traced value with patterns of other kinds",
        "match [A[i], 2]:\n    case [1, v]: r = v\n    case _: r = 6",
        NOWHERE,
    ),
    Row("Raise", "`raise`", "raise ValueError('no')", NOWHERE),
    Row(
        "Raise",
        "`raise` that is caught where it is raised",
        "try:\n    raise ValueError('no')\nexcept ValueError:\n    r = 2",
    ),
    Row(
        "Raise",
        "`raise` under a traced condition that is caught outside of it",
        "try:\n    if A[i + 1] > 2:\n        raise ValueError('no')\nexcept ValueError:\n    r = 2",
        NOWHERE,
    ),
    Row(
        "Try",
        "`try` with `finally` and `else`",
        """
            try:
                r = A[i]
            except ValueError:
                r = 2
            else:
                r += 3
            finally:
                r += 1
            """,
    ),
    Row(
        "Try",
        "a traced `break` out of a `try` with `finally`",
        """
            for k in range(3):
                try:
                    if A[i + 1] == k: break
                    r += 2
                finally:
                    r += 1
            """,
    ),
    Row(
        "TryStar",
        "`except*`",
        "try:\n    raise ExceptionGroup('g', [ValueError('no')])\nexcept* ValueError:\n    r = 2",
    ),
    Row("Assert", "`assert` of what Python knows", "assert 2 > 1\nr = 2"),
    Row("Assert", "`assert` of a traced value", "assert A[i] > -9\nr = 2", NOWHERE),
    Row("Import", "`import`", "import math\nr = int(math.sqrt(16))"),
    Row("ImportFrom", "`from ... import`", "from math import sqrt\nr = int(sqrt(16))"),
    Row(
        "Global",
        "`global`",
        "def f():\n    global N\n    N = A[i]\nf()",
        setup="pass",
        read="N",
        outer="",
        prelude="N = 1",
    ),
    Row("Nonlocal", "`nonlocal`", "def f():\n    nonlocal r\n    r = A[i]\nf()"),
    Row(
        "Expr",
        "a call as a statement",
        "f(xs, A[i])",
        **{**_LIST, "prelude": "def f(xs, v): xs[0] = v"},
    ),
    Row("Pass", "`pass`", "pass\nr = 2"),
    Row(
        "Break",
        "`break` on a traced condition",
        "for k in range(3):\n    if A[i + 1] == k: break\n    r += 2",
    ),
    Row(
        "Break",
        "`break` where Python decides",
        "for k in range(3):\n    r += 2\n    if k == 1: break",
    ),
    Row(
        "Continue",
        "`continue` on a traced condition",
        "for k in range(3):\n    if A[i + 1] == k: continue\n    r += 2",
    ),
)
EXPRESSIONS = (
    Row(
        "BoolOp",
        "`and`, `or` of traced values",
        "r = 2 if A[i] > 1 and A[i + 1] > 1 or A[i] < 0 else 3",
    ),
    Row("BoolOp", "`and`, `or` for the operand that they choose", "r = A[i] or 7"),
    Row("NamedExpr", "`:=` in an operand that is always evaluated", "s = (r := A[i]) + 1"),
    Row(
        "NamedExpr",
        "`:=` in an operand that may not be evaluated",
        "s = A[i + 1] > 2 and (r := A[i]) > 1",
    ),
    Row(
        "NamedExpr",
        "`:=` in an arm of a conditional expression",
        "s = (r := A[i]) if A[i + 1] > 2 else 0",
    ),
    Row("NamedExpr", "`:=` in a comprehension", "s = [r := v for v in (2, A[i])]"),
    Row("BinOp", "arithmetic of traced values", "r = A[i] * 3 - A[i + 1]"),
    Row("UnaryOp", "`-`, `+`, `~`, `not` of traced values", "r = -A[i] + ~A[i + 1]"),
    Row("Lambda", "a `lambda` that is called", "r = (lambda v: v + 2)(A[i])"),
    Row(
        "Lambda",
        "another `lambda` under a name that is called afterwards",
        "f = lambda: 2",
        OUTSIDE_OR_BEHIND_RETURN,
        setup="f = lambda: 1",
        read="f()",
        outer="f",
    ),
    Row(
        "IfExp", "a conditional expression on a traced condition", "r = A[i] if A[i + 1] > 2 else 4"
    ),
    Row(
        "IfExp",
        "a conditional expression that chooses between lists",
        "s = xs if A[i + 1] > 2 else [4, 5, 6]\nr = s[0]",
        setup="r, xs = 1, [1, 2, 3]",
    ),
    Row("Dict", "a dict display", "d = {'a': A[i], **{'b': 2}}\nr = d['a'] + d['b']"),
    Row("Dict", "a traced value as a key", "r = len({A[i]: 1, A[i + 1]: 2})", NOWHERE),
    Row("Set", "a set of what Python knows", "r = len({1, 2})"),
    Row("Set", "a set of traced values", "r = len({A[i], A[i + 1]})", NOWHERE),
    Row("ListComp", "a list comprehension", "r = [v + A[i] for v in (1, 2) if v > 1][0]"),
    Row(
        "ListComp",
        "a list comprehension with a traced condition",
        "r = len([v for v in (1, 2) if A[i] > v])",
        NOWHERE,
    ),
    Row("SetComp", "a set comprehension", "r = len({v % 2 for v in range(4)})"),
    Row("DictComp", "a dict comprehension", "r = {v: A[i] + v for v in range(3)}[2]"),
    Row("GeneratorExp", "a generator expression", "r = sum(v + A[i] for v in range(3))"),
    Row(
        "GeneratorExp",
        "a generator expression with a traced condition",
        "r = sum(1 for v in (1, 2) if A[i] > v)",
        NOWHERE,
    ),
    Row(
        "Await", "`await` in a nested `async def`", "async def f(s): await s\nr = 2", works=NOWHERE
    ),
    Row(
        "Yield",
        "`yield` under a traced condition",
        "def f():\n    if A[i + 1] > 2:\n        yield 3\n    yield 4\nr = sum(f())",
        NOWHERE,
    ),
    Row("Yield", "`yield` in the kernel itself", "yield r", NOWHERE),
    Row(
        "YieldFrom",
        "`yield from` in a nested generator",
        "def f(): yield from (3, A[i])\nr = sum(f())",
    ),
    Row(
        "Compare",
        "comparisons of traced values, chained or not",
        "r = 2 if 0 < A[i] < A[i + 1] else 3",
    ),
    Row("Compare", "`in` with a traced value", "r = 2 if A[i] in (1, 2) else 3"),
    Row("Compare", "`is None`", "r = 2 if A[i] is None else 3"),
    Row(
        "Compare",
        "comparisons of tuples and lists of traced values",
        "r = 2 if (A[i], 1) < (A[i + 1], 2) else 3",
        NOWHERE,
    ),
    Row(
        "Call",
        "a call with positional, keyword and unpacked arguments",
        "r = f(A[i], *[2], c=3, **{'d': 4})",
        prelude="def f(a, b, c, d): return a + b * c - d",
    ),
    Row(
        "Call",
        "a call of an `@enigma.func` helper",
        "r = f(A[i])",
        prelude="@enigma.func\ndef f(v):\n    return v * 2 if v > 2 else 0",
    ),
    Row(
        "Call",
        "a plain function with control flow on a traced argument",
        "r = f(A[i])",
        NOWHERE,
        prelude="def f(v): return 1 if v > 2 else 0",
    ),
    Row("Call", "a method that changes its list", "xs.append(4)", OUTSIDE, **_LIST),
    Row(
        "Call", "`min`, `max`, `bool` of traced values", "r = max(A[i], 3) if bool(A[i + 1]) else 2"
    ),
    Row("Call", "`any`, `all` of traced values", "r = 2 if any([A[i] > 2, A[i + 1] > 2]) else 3"),
    Row("Call", "`sorted` of traced values", "r = sorted([A[i], 3])[0]", NOWHERE),
    Row(
        "Call",
        "`sum`, `len`, `abs`, `zip`, `enumerate` of lists of traced values",
        "r = sum([A[i], abs(A[i + 1])])",
    ),
    Row("Call", "`int`, `float`, `str` of a traced value", "r = int(A[i])", NOWHERE),
    Row("FormattedValue", "a traced value in an f-string", "r = len(f'{A[i]}')", NOWHERE),
    Row("JoinedStr", "an f-string of what Python knows", "r = len(f'a{2}')"),
    Row("TemplateStr", "a template string of what Python knows", "r = len(t'a{2}'.strings)"),
    Row("Interpolation", "a template string's value", "r = t'a{2}'.values[0]"),
    Row("Constant", "a number, `True`, `False`", "r = 5"),
    Row(
        "Constant",
        "strings, `None` and `...` that are not kept",
        "s = 'abc', None, ...\nr = len(s)",
    ),
    Row(
        "Attribute",
        "an attribute, read",
        "r = p.x",
        **{**_POINT, "setup": "r, p = 1, Point()", "outer": "r"},
    ),
    Row("Attribute", "an attribute, assigned", "p.x = A[i]", read="p.x", **_POINT),
    Row(
        "Attribute", "an attribute of a class, assigned", "Point.n = A[i]", read="Point.n", **_POINT
    ),
    Row("Attribute", "a new attribute", "p.y = 3", OUTSIDE, read="getattr(p, 'y', 0)", **_POINT),
    Row(
        "Subscript",
        "an item by what Python knows",
        "r = xs[1] + d['k']",
        setup="r, xs, d = 1, [1, 2], {'k': 3}",
    ),
    Row("Subscript", "an item of a list, assigned", "xs[0] = A[i]", **_LIST),
    Row(
        "Subscript",
        "an item of a dict, assigned",
        "d['k'] = A[i]",
        setup="d = {'k': 1}",
        read="d['k']",
        outer="",
    ),
    Row(
        "Subscript",
        "a new key of a dict",
        "d['n'] = 3",
        OUTSIDE,
        setup="d = {'k': 1}",
        read="len(d)",
        outer="",
    ),
    Row("Subscript", "an item of a list by a traced index", "r = [4, 5, 6][A[i] % 3]", NOWHERE),
    Row(
        "Subscript",
        "an item of a dict by a traced key",
        "r = {0: 4, 1: 5, 2: 6}[A[i] % 3]",
        NOWHERE,
    ),
    Row("Subscript", "an element of a buffer", "B[i] = A[i + 1]\nr = B[i]"),
    Row("Starred", "unpacking", "r, *s = A[i], 2, 3"),
    Row("Name", "a variable, read", "r = s + 1", setup="r, s = 1, A[i + 1]"),
    Row("List", "a list display", "s = [A[i], *(1, 2)]\nr = s[0] * 10 + len(s)"),
    Row("Tuple", "a tuple", "s = A[i], 2\nr = s[0] * 10 + s[1]"),
    Row("Slice", "a slice by what Python knows, read", "r = sum([1, A[i], 3][1:])"),
    Row("Slice", "a slice of a list, assigned", "xs[0:2] = [A[i], 5]", **_LIST),
    Row("Slice", "a slice by a traced number", "r = len([1, 2, 3][: A[i] % 3])", NOWHERE),
)
PARTS = (
    Row(
        "comprehension",
        "several `for` and `if` in a comprehension",
        "r = sum([a * b for a in (1, 2) for b in (A[i], 4) if a > 1])",
    ),
    Row(
        "ExceptHandler",
        "`except ... as`",
        "try:\n    [][1]\nexcept IndexError as e:\n    r = len(e.args)",
    ),
    Row(
        "arguments",
        "defaults, `*args`, keyword-only and `**kwargs`",
        """
            def f(a, b=2, *c, d=3, **e): return a + b + d + len(c) + len(e)
            r = f(A[i], 1, 5, d=4, k=6)
            """,
    ),
    Row("arg", "parameters with annotations", "def f(v: int) -> int: return v + 1\nr = f(A[i])"),
    Row("keyword", "keyword arguments", "r = f(v=A[i])", prelude="def f(v): return v + 1"),
    Row("alias", "`import ... as`", "import math as m\nr = int(m.sqrt(16))"),
    Row(
        "withitem",
        "several items in a `with`",
        "with contextlib.nullcontext(4) as s, contextlib.nullcontext(5):\n    r = s",
        prelude="import contextlib",
    ),
    Row(
        "match_case",
        "a guard that Python knows",
        "match 2:\n    case v if v > 1: r = 5\n    case _: r = 6",
    ),
    Row(
        "match_case",
        "a traced guard",
        "match 2:\n    case v if A[i] > 1: r = 5\n    case _: r = 6",
    ),
    Row(
        "MatchValue",
        "a pattern that is a value",
        "match 2:\n    case 2: r = A[i]\n    case _: r = 4",
    ),
    Row(
        "MatchSingleton",
        "a pattern that is `None`, `True` or `False`",
        "match None:\n    case None: r = A[i]\n    case _: r = 4",
    ),
    Row(
        "MatchSequence", "a pattern that is a sequence", "match [1, A[i]]:\n    case [1, v]: r = v"
    ),
    Row("MatchStar", "a pattern with a star", "match [1, A[i], 3]:\n    case [1, *v]: r = v[0]"),
    Row(
        "MatchMapping",
        "a pattern that is a mapping",
        "match {'k': A[i]}:\n    case {'k': v}: r = v",
    ),
    Row(
        "MatchClass",
        "a pattern that is a class",
        "match p:\n    case Point(x=v): r = v",
        **{**_POINT, "setup": "r, p = 1, Point()", "outer": "r"},
    ),
    Row("MatchAs", "a pattern that is a name", "match A[i]:\n    case v: r = v"),
    Row("MatchOr", "a pattern of alternatives", "match 2:\n    case 1 | 2: r = A[i]"),
    Row(
        "TypeVar", "a parameter of a generic function", "def f[T](v: T) -> T: return v\nr = f(A[i])"
    ),
    Row("ParamSpec", "a parameter specification", "def f[**P](v): return v\nr = f(A[i])"),
    Row("TypeVarTuple", "a variadic type parameter", "def f[*T](v): return v\nr = f(A[i])"),
)
OPERATORS = (
    Row("And", "`and`", "r = 2 if A[i] > 1 and A[i + 1] > 1 else 3"),
    Row("Or", "`or`", "r = 2 if A[i] > 1 or A[i + 1] > 1 else 3"),
    Row("Add", "`+`", "r = A[i] + 2"),
    Row("Sub", "`-`", "r = A[i] - 2"),
    Row("Mult", "`*`", "r = A[i] * A[i + 1]"),
    Row("MatMult", "`@`", "r = A[i] @ 2", NOWHERE),
    Row("Div", "`/` of integers", "r = A[i] / 2", NOWHERE),
    Row("Mod", "`%`", "r = A[i] % 3"),
    Row("Pow", "`**`", "r = A[i] ** 2"),
    Row("LShift", "`<<`", "r = (A[i] & 7) << 2"),
    Row("RShift", "`>>`", "r = A[i] >> 1"),
    Row("BitOr", "`|`", "r = A[i] | 2"),
    Row("BitXor", "`^`", "r = A[i] ^ 2"),
    Row("BitAnd", "`&`", "r = A[i] & 2"),
    Row("FloorDiv", "`//`", "r = A[i] // 3"),
    Row("Invert", "`~`", "r = ~A[i]"),
    Row("Not", "`not`", "r = 2 if not A[i] > 2 else 3"),
    Row("UAdd", "unary `+`", "r = +A[i]"),
    Row("USub", "unary `-`", "r = -A[i]"),
    Row("Eq", "`==`", "r = 2 if A[i] == 3 else 4"),
    Row("NotEq", "`!=`", "r = 2 if A[i] != 3 else 4"),
    Row("Lt", "`<`", "r = 2 if A[i] < 3 else 4"),
    Row("LtE", "`<=`", "r = 2 if A[i] <= 3 else 4"),
    Row("Gt", "`>`", "r = 2 if A[i] > 3 else 4"),
    Row("GtE", "`>=`", "r = 2 if A[i] >= 3 else 4"),
    Row("Is", "`is` of what Python knows", "r = 2 if xs is None else 4", setup="r, xs = 1, [1]"),
    Row(
        "IsNot",
        "`is not` of what Python knows",
        "r = 2 if xs is not None else 4",
        setup="r, xs = 1, [1]",
    ),
    Row("In", "`in` with what Python knows", "r = 2 if 1 in (1, 2) else 4"),
    Row("NotIn", "`not in` with what Python knows", "r = 2 if 1 not in (1, 2) else 4"),
    Row("NotIn", "`not in` with a traced value", "r = 2 if A[i] not in (1, 2) else 4"),
)

FAMILIES: dict[str, tuple[Row, ...]] = {
    "Statements": STATEMENTS,
    "Expressions": EXPRESSIONS,
    "Patterns, parameters and other parts": PARTS,
    "Operators": OPERATORS,
}
ROWS = tuple(row for rows in FAMILIES.values() for row in rows)
