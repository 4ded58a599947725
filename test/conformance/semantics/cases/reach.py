# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects that come within reach between one branch and the next, which then changes them."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EQUAL, REFUSED, block

POINT = """
class Point:
    def __init__(self):
        self.x = 2

class Slotted:
    __slots__ = ("x",)

class Same:
    def __init__(self):
        self.x = 2
    def __eq__(self, other):
        return True
    def __hash__(self):
        return 1
"""
TYPES = "import collections, contextvars, functools, threading, types\nimport numpy as np\n"

# What stands before the first branch, what brings another object within reach, how the second
# branch changes that, and what is read in the end.
NEW = {
    "element": ("v = [1]", "v[0] = [5]", "v[0][0] = 9", "v[0][0]"),
    "element in a tuple": ("v = [(1, 2)]", "v[0] = (1, [5])", "v[0][1][0] = 9", "v[0][1][0]"),
    "element of a deque": (
        "v = collections.deque([1])",
        "v[0] = [5]",
        "v[0][0] = 9",
        "v[0][0]",
    ),
    "element of an array": (
        "v = np.array([1, None], dtype=object)",
        "v[0] = [5]",
        "v[0][0] = 9",
        "v[0][0]",
    ),
    "value": ('v = {"k": 1}', 'v["k"] = [5]', 'v["k"][0] = 9', 'v["k"][0]'),
    "key": ('v = {"k": 1}', 'v["l"] = [5]', 'v["l"][0] = 9', 'v["l"][0]'),
    "variable": ("v = 1", "v = [5]", "v[0] = 9", "v[0]"),
    "attribute": ("v = Point()", "v.x = [5]", "v.x[0] = 9", "v.x[0]"),
    "attributes": ("v = Point()", 'v.__dict__ = {"x": 5}', "v.x = 9", "v.x"),
    "slot": ("v = Slotted()\nv.x = 1", "v.x = [5]", "v.x[0] = 9", "v.x[0]"),
    "class of an object": (
        "v = Point()",
        'v.__class__ = type("Other", (Point,), {"y": [5]})',
        "v.y[0] = 9",
        "v.y[0]",
    ),
    "base": (
        'base = type("Base", (), {"y": [1]})\nv = type("Class", (base,), {})',
        'v.__bases__ = (type("Other", (base,), {"y": [5]}),)',
        "v.y[0] = 9",
        "v.y[0]",
    ),
    "attribute of a class": (
        'v = type("Class", (), {"y": 1})',
        "v.y = [5]",
        "v.y[0] = 9",
        "v.y[0]",
    ),
    "attributes of a function": (
        "v = types.FunctionType((lambda: 0).__code__, {})",
        'v.__dict__ = {"x": 5}',
        "v.x = 9",
        "v.x",
    ),
    "default": (
        "v = types.FunctionType((lambda x=0: 0).__code__, {})",
        "v.__defaults__ = ([5],)",
        "v.__defaults__[0][0] = 9",
        "v.__defaults__[0][0]",
    ),
    "argument of a partial function": (
        "v = functools.partial(max, 1)",
        "v.__setstate__((max, ([5],), {}, None))",
        "v.args[0][0] = 9",
        "v.args[0][0]",
    ),
    "function that another one wraps": (
        "v = functools.cache(len)",
        "v.__wrapped__ = Point()",
        "v.__wrapped__.x = 9",
        "v.__wrapped__.x",
    ),
    "variable of a module": (
        'v = types.ModuleType("own")\nv.x = 1',
        "v.x = [5]",
        "v.x[0] = 9",
        "v.x[0]",
    ),
    "context variable": (
        'v = contextvars.ContextVar("v", default=1)',
        "v.set([5])",
        "v.get()[0] = 9",
        "v.get()[0]",
    ),
    "attribute of a thread": (
        "v = threading.local()\nv.x = 1",
        "v.x = [5]",
        "v.x[0] = 9",
        "v.x[0]",
    ),
    "element of a set": (
        "v = {Same()}",
        "v.clear()\nv.add(Same())",
        "next(iter(v)).x = 9",
        "next(iter(v)).x",
    ),
    "argument of an exception": (
        "v = ValueError(1)",
        "v.args = ([5],)",
        "v.args[0][0] = 9",
        "v.args[0][0]",
    ),
    "element behind an iterator": (
        "v = iter([[1], [5]])",
        "next(v)",
        "v.__reduce__()[1][0][1][0] = 9",
        "next(v)[0]",
    ),
    "element behind another iterator": (
        "v = [iter([[1], [5]])]",
        "v[0] = iter([[2]])",
        "v[0].__reduce__()[1][0][0][0] = 9",
        "next(v[0])[0]",
    ),
    "array that can be written": (
        "v = np.array([1, 2])\nv.flags.writeable = False",
        "v.flags.writeable = True",
        "v[0] = 9",
        "int(v[0])",
    ),
}
# Python could not set these back, or tell what the kernel has done to them.
REFUSED_ONES = ("array that can be written",)

for name, (setup, new, change, read) in NEW.items():
    body = f"""
{setup}
if A[i] > 0:
    B[i] = 1
if A[i] > 1:
    B[i] = 2
{new}
if A[i] > 2:
    {change}
B[i] = {read}
"""
    verdict = REFUSED if name in REFUSED_ONES else EQUAL
    case(f"new within reach: {name}", body, verdict, prelude=TYPES + block(POINT))

# Parts that are numbers change, and lists stay where they are.
case(
    "numbers in a list, branch after branch",
    """
    xs, ys = [A[i], 0], [[1], 2]
    if A[i] > 0:
        xs[1] = 5
    xs[0] = 3
    if A[i] > 1:
        xs[1] = xs[1] + 1
        ys[0][0] = 4
    ys[1] = A[i]
    if A[i] > 2:
        xs[0] = ys[1]
        ys[0][0] += 1
    B[i] = xs[0] * 100 + xs[1] * 10 + ys[0][0] + ys[1]
    """,
)
case(
    "lists that helpers change in turns",
    """
    xs, ys = [A[i], 0], [1, 2]
    for k in range(3):
        bump(xs, A[i] + k)
        bump(ys, A[i] - k)
        xs, ys = ys, xs
    B[i] = xs[0] * 1000 + xs[1] * 100 + ys[0] * 10 + ys[1]
    """,
    prelude="""
    @enigma.func
    def bump(v, x):
        if x > 1:
            v[0] += x
        if x > 3:
            v[1] = v[0] - 1
    """,
)
case(
    "lists that a comprehension changes",
    """
    xs = [A[i], 1, 2]
    ys = [bump(xs, k) for k in range(3)]
    zs = [bump(x, 0) for x in [[A[i]], [2], xs]]
    B[i] = xs[0] * 100 + xs[1] * 10 + xs[2] + ys[2] + zs[1]
    """,
    prelude="""
    @enigma.func
    def bump(v, k):
        if v[k] > k:
            v[k] += 3
        return v[0]
    """,
)
