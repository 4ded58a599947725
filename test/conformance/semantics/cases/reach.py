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

# What the changes below start from.
SINGLE = "v = functools.singledispatch(lambda x: 5)\nv(1)\n"
BOUNDED = "v = functools.lru_cache(maxsize=2)(lambda k: [k])\nv(5)\n"
FUNCTION = (
    "v = types.FunctionType((lambda x=0: 0).__code__, {})\n"
    'v.__name__ = v.__qualname__ = v.__module__ = "f"\n'
    'v.__doc__ = "text"\n'
)

# What a branch changes by more than an assignment to what it holds itself: what stands before it,
# the branch, what is read then, and what comes out.
OTHER_CHANGES = {
    "function that is registered": (
        SINGLE,
        "v.register(int, lambda x: 9)",
        "v(1)",
        REFUSED,
    ),
    "function that is registered in place of another": (
        SINGLE + "v.register(int, lambda x: 4)\n",
        "v.register(int, lambda x: 9)",
        "v(1)",
        REFUSED,
    ),
    "function that both paths register": (
        SINGLE,
        "v.register(int, four)\nelse:\n    v.register(int, four)",
        "v(1)",
        EQUAL,
    ),
    "function that is only called": (SINGLE, "B[i] = v(2)", "v(1)", EQUAL),
    "list that a registered function holds": (
        SINGLE + "xs = [1]\nv.register(int, lambda x: xs[0])\n",
        "xs[0] = 9",
        "v(1)",
        EQUAL,
    ),
    "method that is registered": (
        "class Class:\n"
        "    @functools.singledispatchmethod\n"
        "    def m(self, x):\n"
        "        return 5\n"
        "v = Class()",
        "v.m.register(int, lambda self, x: 9)",
        "v.m(1)",
        REFUSED,
    ),
    "what a bounded cache holds": (BOUNDED, "v(5)[0] = 9", "v(5)[0]", EQUAL),
    "what a bounded cache has lost": (BOUNDED + "v(5)[0] = 3", "v(6), v(7)", "v(5)[0]", REFUSED),
    "numbers that a bounded cache has lost": (
        "v = functools.lru_cache(maxsize=2)(lambda k: k + 1)\nv(5)",
        "B[i] = v(6) + v(7)",
        "v(5)",
        EQUAL,
    ),
    "what a cache held that is emptied": (
        "v = functools.cache(lambda k: [k])\nv(5)",
        "v.cache_clear()\n    v(5)[0] = 9",
        "v(5)[0]",
        REFUSED,
    ),
    "cache that is emptied before": (
        "v = functools.cache(lambda k: [k])\nv.cache_clear()",
        "B[i] = v(6)[0]",
        "v(5)[0]",
        EQUAL,
    ),
    "figures of a cache": (BOUNDED, "v(5)", "v.cache_info().hits", REFUSED),
    "figures of a cache that a function reads": (
        BOUNDED + "def read():\n    return v.cache_info().hits\n",
        "v(5)",
        "read()",
        REFUSED,
    ),
    "figures of a cache that stay": (BOUNDED, "B[i] = 2", "v.cache_info().misses", EQUAL),
    "attribute of a cache": ("v = functools.cache(len)\nv.x = 5", "v.x = 9", "v.x", EQUAL),
    "attribute of a static method": (
        "v = staticmethod(lambda: 0)\nv.x = 5",
        "v.x = 9",
        "v.x",
        EQUAL,
    ),
    "attribute of a class method": (
        'v = type("Class", (), {"m": classmethod(lambda cls: 0)}).__dict__["m"]\nv.x = 5',
        "v.x = 9",
        "v.x",
        EQUAL,
    ),
    "new attribute of a static method": (
        "v = staticmethod(lambda: 0)",
        "v.x = 9",
        'getattr(v, "x", 5)',
        REFUSED,
    ),
    "name of a function": (FUNCTION, 'v.__name__ = "longer"', "len(v.__name__)", REFUSED),
    "same name of a function": (
        FUNCTION,
        'v.__name__ = "f"\nelse:\n    v.__name__ = "f"',
        "len(v.__name__)",
        EQUAL,
    ),
    "qualified name of a function": (
        FUNCTION,
        'v.__qualname__ = "longer"',
        "len(v.__qualname__)",
        REFUSED,
    ),
    "text of a function": (FUNCTION, 'v.__doc__ = "longer"', "len(v.__doc__)", REFUSED),
    "text of a function that another sets": (
        FUNCTION + 'def change():\n    setattr(v, "__doc__", "longer")\n',
        "change()",
        "len(v.__doc__)",
        REFUSED,
    ),
    "text of a function that only one path has": (
        FUNCTION + "v.__doc__ = None\n",
        'v.__doc__ = "longer"',
        "0 if v.__doc__ is None else 1",
        REFUSED,
    ),
    "module of a function": (FUNCTION, 'v.__module__ = "longer"', "len(v.__module__)", REFUSED),
    "annotation of a function": (
        FUNCTION + 'v.__annotations__["x"] = 5\n',
        'v.__annotations__["x"] = 9',
        'v.__annotations__["x"]',
        EQUAL,
    ),
    "annotations of a function": (
        FUNCTION + 'v.__annotations__ = {"x": 5}\n',
        'v.__annotations__ = {"x": 9}',
        'v.__annotations__["x"]',
        EQUAL,
    ),
    "what a function wraps": (
        FUNCTION + "import functools\n",
        "functools.update_wrapper(v, four)",
        "len(v.__name__)",
        REFUSED,
    ),
    "text of a class": (
        'v = type("Class", (), {"__doc__": "text"})',
        'v.__doc__ = "longer"',
        "len(v.__doc__)",
        REFUSED,
    ),
    "annotation of a class": (
        'v = type("Class", (), {"__annotations__": {"x": 5}})',
        'v.__annotations__["x"] = 9',
        'v.__annotations__["x"]',
        EQUAL,
    ),
    "name of a class": (
        'v = type("Class", (), {})',
        'v.__name__ = "Longer"',
        "len(v.__name__)",
        REFUSED,
    ),
    "private attribute of a fraction": (
        "v = fractions.Fraction(5, 7)",
        "v._numerator = 9",
        "v.numerator",
        EQUAL,
    ),
    "private attribute of a fraction that another sets": (
        'v = [fractions.Fraction(5, 7)]\ndef change():\n    setattr(v[0], "_numerator", 9)',
        "change()",
        "v[0].numerator",
        EQUAL,
    ),
    "attribute of a template": (
        'v = string.Template("")\nv.x = 5',
        "v.x = 9",
        "v.x",
        EQUAL,
    ),
    "attributes of a template": (
        'v = string.Template("")\nv.x = 5',
        'v.__dict__["x"] = 9',
        "v.x",
        EQUAL,
    ),
    "attributes of a template by names": (
        'v = string.Template("")\nv.x = 5',
        "vars(v).update(x=9)",
        "v.x",
        EQUAL,
    ),
    "deleted attribute of a template": (
        'v = string.Template("")\nv.level = 5',
        "del v.level\n    v.level = 9",
        "v.level",
        EQUAL,
    ),
    "list in an attribute of a template": (
        'v = string.Template("")\nv.x = [5]',
        "v.x[0] = 9",
        "v.x[0]",
        EQUAL,
    ),
    "new attribute of a template": (
        'v = string.Template("")',
        "v.x = 9",
        'getattr(v, "x", 5)',
        REFUSED,
    ),
    "attribute of parsed arguments": (
        "v = argparse.Namespace(x=5)",
        "v.x = 9",
        "v.x",
        EQUAL,
    ),
    "attribute of a function of a library": (
        "v = textwrap.dedent\nv.x = 5",
        "v.x = 9",
        "v.x",
        EQUAL,
    ),
    "variable of sys": ("sys.level = 5", "sys.level = 9", "sys.level", EQUAL),
    "variable of sys that a function sets": (
        "sys.level = 5\ndef change():\n    sys.level = 9",
        "change()",
        "sys.level",
        EQUAL,
    ),
    "variable of builtins": ("builtins.level = 5", "builtins.level = 9", "level", EQUAL),
    "list in sys": ("sys.level = [5]", "sys.level[0] = 9", "sys.level[0]", EQUAL),
    "computing with a fraction": (
        "v = fractions.Fraction(5, 7)",
        "w = v * 7 + 1\n    B[i] = w.numerator",
        "v.numerator",
        EQUAL,
    ),
    "attributes of a template as a whole": (
        'v = string.Template("")\nv.x = 5',
        'v.__dict__ = {"x": 9}',
        "v.x",
        REFUSED,
    ),
    "attributes of a point as a whole": (
        "v = types.SimpleNamespace()\nv.x = 5",
        'v.__dict__.update({"x": 9})',
        "v.x",
        EQUAL,
    ),
    "attributes of an object as a whole": (
        "class Point:\n    pass\nv = Point()\nv.x = 5",
        'v.__dict__ = {"x": 9}',
        "v.x",
        REFUSED,
    ),
    "bases of a class": (
        'v, w = type("A", (), {"x": 9}), type("B", (), {"x": 5})\nu = type("C", (w,), {})',
        "u.__bases__ = (v,)",
        "u.x",
        REFUSED,
    ),
    "text of a property": (
        'v = property(lambda self: 5, doc="text")',
        'v.__doc__ = "longer"',
        "len(v.__doc__)",
        REFUSED,
    ),
    "arguments of a partial function": (
        "v = functools.partial(max, 5)",
        "v.__setstate__((max, (9,), {}, None))",
        "v(1)",
        REFUSED,
    ),
    "path": (
        'v = pathlib.Path("a/b")',
        "B[i] = len(str(v)) + len(v.parts)",
        "len(v.name)",
        EQUAL,
    ),
    "date": ("v = datetime.date(2000, 1, 2)", "B[i] = v.day", "v.month", EQUAL),
    "compiled expression": (
        'v = re.compile("a")',
        'B[i] = len(v.findall("aba"))',
        "v.groups",
        EQUAL,
    ),
    "variable of math": ("math.level = 5", "math.level = 9", "math.level", EQUAL),
}

for name, (setup, change, read, verdict) in OTHER_CHANGES.items():
    body = f"""
{setup}
B[i] = 1
if A[i] > 2:
    {change}
B[i] += {read}
"""
    case(
        f"changed in a branch: {name}",
        body,
        verdict,
        prelude="import argparse, builtins, fractions, functools, math, string, sys\n"
        "import datetime, pathlib, re, textwrap, types\n"
        "def four(x):\n    return 4\n",
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
