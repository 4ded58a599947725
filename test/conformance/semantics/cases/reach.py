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

# What holds an object that no variable does, how a branch changes that, and what is read then.
HOLDERS = {
    "class of a class": ("", "Leveled.level = 9", "Leveled.level"),
    "cache": ("v = functools.cache(lambda k: [k])\nv(5)", "v(5)[0] = 9", "v(5)[0]"),
    "proxy of a dict": ('v = types.MappingProxyType({"k": [5]})', 'v["k"][0] = 9', 'v["k"][0]'),
    "values of a dict": ('v = {"k": [5]}.values()', "next(iter(v))[0] = 9", "next(iter(v))[0]"),
    "items of a dict": ('v = {"k": [5]}.items()', "next(iter(v))[1][0] = 9", "next(iter(v))[1][0]"),
    "values of an ordered dict": (
        "v = collections.OrderedDict(k=[5]).values()",
        "next(iter(v))[0] = 9",
        "next(iter(v))[0]",
    ),
    "slice": ("v = slice([5], 0)", "v.start[0] = 9", "v.start[0]"),
    "super": ("v = super(Point, Point())", "v.__self__.x = 9", "v.__self__.x"),
    "argument of a partial method": (
        "class Class:\n"
        "    def given(self, xs):\n"
        "        return xs\n"
        "    v = functools.partialmethod(given, [5])\n"
        "v = Class()",
        "v.v()[0] = 9",
        "v.v()[0]",
    ),
    "objects in a record": (
        'v = np.zeros(1, [("x", object)])\nv["x"][0] = [5]',
        'v["x"][0][0] = 9',
        'v["x"][0][0]',
    ),
    "array of a record": ('v = np.full(1, 5, [("x", "i4")])[0]', 'v["x"] = 9', 'int(v["x"])'),
    "array behind a view": (
        "v = np.full(3, 5)[1:]\nv.flags.writeable = False",
        "v.base[1] = 9",
        "int(v[0])",
    ),
    "bytes behind some": ("v = memoryview(bytearray(b'555'))[::2]", "v[0] = 9", "v[0]"),
    "bytes that are read": (
        "v = memoryview(bytearray(b'555')).toreadonly()",
        "v.obj[0] = 9",
        "v[0]",
    ),
    "weak set": ("v, x = weakref.WeakSet(), Point()", "v.add(x)", "len(v)"),
    "generator of NumPy": ("v = np.random.default_rng(0)", "v.random()", "int(9 * v.random())"),
}
NOT_SET_BACK = (
    "array of a record",
    "array behind a view",
    "bytes behind some",
    "bytes that are read",
    "weak set",
    "generator of NumPy",
)
LEVELED = """
LEVELS = [5]

class Level(type):
    @property
    def level(cls):
        return LEVELS[0]
    @level.setter
    def level(cls, value):
        LEVELS[0] = value

class Leveled(metaclass=Level):
    pass
"""

for name, (setup, change, read) in HOLDERS.items():
    body = f"""
{setup}
if A[i] > 2:
    {change}
B[i] = {read}
"""
    case(
        f"held by another: {name}",
        body,
        REFUSED if name in NOT_SET_BACK else EQUAL,
        prelude=TYPES + "import weakref\n" + block(POINT) + "\n" + block(LEVELED),
    )

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

# A variable that functions share, which what is around sees to: a search that starts where nothing
# around does is another one.
CONDITIONS = {
    "or in or": "n > 3 or (v > 6 or xs[0] > 5)",
    "and in or": "n > 3 or (v > 4 and xs[0] > 1)",
    "or in and": "n > 1 and (v > 4 or xs[0] > 3)",
    "choice in or": "n > 3 or (xs[0] > 3 if v > 4 else v < 0)",
    "three deep": "n > 3 or (v > 6 or (xs[0] > 5 and (v > 2 or xs[0] > 4)))",
    "walrus in or": "n > 3 or (v > 6 or (w := xs[0]) > 5)",
    "helper in or": "n > 3 or (v > 6 or beyond(xs, v))",
}
AROUND = {
    "while True": """
        while True:
            n += 1
            if {condition}:
                break
            v = A[i + n] - xs[0]
            xs[0] += 1
    """,
    "while": """
        while not ({condition}):
            n += 1
            v = A[i + n] - xs[0]
            xs[0] += 1
    """,
    "for": """
        for n in enigma.range(4):
            if {condition}:
                break
            v = A[i + n]
            if v > xs[0]:
                xs[0] = v
                continue
            bump()
        else:
            v += 100
    """,
    "if": """
        if {condition}:
            bump()
            if v > 3 or (xs[0] > 3 or A[i + 1] > 3):
                v = A[i + 1]
        elif v > 1 and (xs[0] > 1 or A[i + 1] > 1):
            xs[0] = v
    """,
}

for around, text in AROUND.items():
    for name, condition in CONDITIONS.items():
        case(
            f"variable that functions share: {name}, in {around}",
            "v, w, n, xs = A[i], 0, 0, [A[i + 2], 1]\n"
            "def bump():\n"
            "    nonlocal v\n"
            "    v += xs[1]\n"
            "if A[i + 3] > 3:\n"
            "    w = 1\n"
            "else:\n"
            + "\n".join(
                "    " + line for line in block(text.format(condition=condition)).split("\n")
            )
            + "\nB[i] = v * 1000 + w * 100 + n * 20 + xs[0]",
            prelude="""
            @enigma.func
            def beyond(xs, v):
                if xs[0] > 5:
                    return True
                return v > 5 or (xs[1] > 5 or v < -2)
            """,
        )
