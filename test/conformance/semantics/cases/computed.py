# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Code that looks as if it only computed, and changes an object all the same."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, block

PRELUDE = """
import math as counting

class Counter:
    def __init__(self):
        self.n = 0
    def __add__(self, other):
        self.n = self.n + 1
        return other
    __radd__ = __add__
    def __neg__(self):
        return self + 1
    def __getitem__(self, key):
        return self + key
    def __call__(self, x):
        return self + x
    def __lt__(self, other):
        self.n = self.n + 1
        return True
    def __bool__(self):
        self.n = self.n + 1
        return True
    def __index__(self):
        self.n = self.n + 1
        return 1
    @property
    def value(self):
        return self + 1

class Number(int):
    def __add__(self, other):
        COUNTER.n = COUNTER.n + 1
        return other

COUNTER = Counter()
EMPTY = []

def changed(x):
    COUNTER.n = COUNTER.n + 1
    return x

class enigma_like:
    exp = staticmethod(changed)
"""

# What stands before, the expression, and what shows whether it was evaluated.
EXPRESSIONS = {
    "sum": ("v = Counter()", "v + x", "v.n"),
    "sum on the right": ("v = Counter()", "x + v", "v.n"),
    "negation": ("v = Counter()", "-v", "v.n"),
    "element": ("v = Counter()", "v[x]", "v.n"),
    "call": ("v = Counter()", "v(x)", "v.n"),
    "property": ("v = Counter()", "v.value", "v.n"),
    "sum in a tuple": ("v = Counter()\nt = (1, v)", "t[1] + x", "v.n"),
    "sum in a tuple in a tuple": ("v = Counter()\nt = (1, (v,))", "t[1][0] + x", "v.n"),
    "least": ("v = Counter()", "min(1, v) and 1", "v.n"),
    "subscript": ("v = Counter()\nt = (1, 2)", "t[v]", "v.n"),
    "number of a class": ("COUNTER.n = 0\nv = Number(1)", "v + x", "COUNTER.n"),
    "global": ("COUNTER.n = 0", "COUNTER + x", "COUNTER.n"),
    "function": ("COUNTER.n = 0", "changed(x)", "COUNTER.n"),
    "builtin of another meaning": ("COUNTER.n = 0\nabs = changed", "abs(x)", "COUNTER.n"),
    "module of another meaning": ("COUNTER.n = 0\nmath = enigma_like", "math.exp(x)", "COUNTER.n"),
    "method": ("v = []", "v.append(x) or 1", "len(v) and v[0]"),
    "method of a global": ("EMPTY.clear()", "EMPTY.append(x) or 1", "len(EMPTY)"),
    "bound method": ("v = [0]\nset_ = v.__setitem__", "set_(0, 7) or 1", "v[0]"),
    "method in a slice": ("v = [0]\ns = slice(v)", "s.stop.__setitem__(0, 7) or 1", "v[0]"),
    "values only": ("v, t = 2, (1, 2)", "max(x, v) + t[1] + abs(x) + counting.floor(2.5)", "v"),
}
PLACES = {
    "if": """
        if A[i] > 1:
            y = EXPRESSION
    """,
    "else": """
        if A[i] > 1:
            y = 2
        else:
            y = EXPRESSION
    """,
    "loop": """
        for k in enigma.range(2):
            y = EXPRESSION
    """,
    "while": """
        while y < 1:
            y = 1
            z = EXPRESSION
    """,
    "conditional expression": """
        y = EXPRESSION if A[i] > 1 else 2
    """,
    "and": """
        y = 1 if A[i] > 1 and EXPRESSION else 2
    """,
    "branch in a branch": """
        if A[i] > 0:
            w = x + 1
            if A[i] > 1:
                y = EXPRESSION
            x = w
    """,
}

for place, statements in PLACES.items():
    for name, (setup, expression, read) in EXPRESSIONS.items():
        rest = block(statements).replace("EXPRESSION", expression)
        body = f"x, y, z = A[i], 0, 0\n{setup}\n{rest}\nB[i] = ({read}) * 100"
        case(f"computed, {name}, in {place}", body, EITHER, prelude=PRELUDE)

case(
    "computed, lists of a loop that a traced break ends",
    """
    rows = [[1], [2], [3]]
    for row in rows:
        if A[i] > 1:
            break
        row[0] = row[0] + A[i]
    B[i] = rows[0][0] * 100 + rows[1][0] * 10 + rows[2][0]
    """,
)
case(
    "computed, a list that is there only on some paths",
    """
    keep = [[0]]
    if A[i] > 1:
        row = keep[0]
    if A[i] > 1:
        row[0] = 5
    B[i] = keep[0][0]
    """,
    EITHER,
)
case(
    "computed, a list that a loop makes",
    """
    row = None
    n = 0
    while n < 3 and A[i] > n:
        row = [n] if row is None else row
        row[0] = row[0] + 1
        n = n + 1
    B[i] = n
    """,
    EITHER,
)
