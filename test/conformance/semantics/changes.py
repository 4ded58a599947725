# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Changes of what Python can change, in every place of a kernel where one may or may not happen.

The cases are the products of a table of changes and a table of contexts. Where the kernel decides
whether the change happens, its result depends on the thread: it is what Python gives, or refused.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from conformance.semantics.comparison import EITHER, EQUAL, Case, block
from conformance.semantics.contexts import CONTEXTS


@dataclass(frozen=True)
class Change:
    """Something that a kernel changes.

    Attributes
    ----------
    setup
        What stands before, unconditionally.
    change
        The statement.
    read
        An int expression that shows whether it has happened.
    kept
        Whether it is plain to keep under a traced condition: the structure stays as it is.
    outer
        The variables that it binds, for a nested function.
    prelude
        What stands before the kernel.
    scope
        How a nested function declares the variables of `outer`.
    traced
        Whether the change has a traced condition itself, or leaves nothing to read.
    """

    setup: str
    change: str
    read: str
    kept: bool = False
    outer: str = ""
    prelude: str = ""
    scope: str = "nonlocal"
    traced: bool = False


POINT = """
class Point:
    count = 1
    def __init__(self):
        self.x = 2
        self.xs = [3, 4]
    def bump(self, v):
        self.x += v
    @enigma.func
    def move(self, v):
        self.x = v
    @classmethod
    def tally(cls):
        cls.count += 1
    @property
    def double(self):
        return self.x * 2
    @double.setter
    def double(self, v):
        self.x = v + v
    def __setitem__(self, k, v):
        self.x = v + k
    def __call__(self, v):
        self.xs.append(v)
    def __iadd__(self, v):
        self.x = self.x + v
        return self
"""
SLOTS = """
class Slots:
    __slots__ = ("x", "y")
    def __init__(self):
        self.x = 2
"""
DATACLASS = """
from dataclasses import dataclass, field, replace
@dataclass
class Data:
    x: int = 2
    xs: list = field(default_factory=lambda: [1, 2])
"""
COLLECTIONS = """
import array, collections, copy, io, itertools, operator, random, types
import numpy as np
Pair = collections.namedtuple("Pair", "x y")
"""
HELPERS = """
G = [1, 2]
N = 1
STATE = {"n": 1}
def set_first(xs, v):
    xs[0] = v
def append(xs, v):
    xs.append(v)
def append_to_global(v):
    G.append(v)
def set_in_global(v):
    G[0] = v
def count():
    global N
    N += 1
def log(v, values=[0]):
    values[0] = v
    return values
def collect(v, values=[]):
    values.append(v)
    return values
@enigma.func
def traced_set(xs, v):
    xs[0] = v
@enigma.func
def traced_append(xs, v):
    xs.append(v)
@enigma.func
def traced_count():
    global N
    N += 1
@enigma.func
def rebound(xs, v):
    xs = [v, v]
    xs[0] = v + 1
    return xs
@enigma.func
def early(xs, v):
    if v > 4:
        return
    xs[0] = v
@enigma.func
def early_append(xs, v):
    if v > 4:
        return
    xs.append(v)
def numbers():
    n = 1
    while True:
        yield n
        n += 1
def cells():
    n = 1
    def bump():
        nonlocal n
        n += 1
        return n
    return bump
"""

_LIST = "xs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]"
_LIST_READ = "len(xs) * 100 + xs[0] * 10 + xs[-1]"
_DICT = 'd = {"a": 1, "b": 2}'
_DICT_READ = 'len(d) * 100 + d.get("a", 7) * 10 + d.get("b", 8)'
_SET = "s = {1, 2, 3}"
_SET_READ = "len(s) * 100 + sum(s)"
_POINT = "p = Point()"
_POINT_READ = "p.x * 10 + len(p.xs)"

CHANGES: dict[str, Change] = {
    # Variables.
    "number": Change("n = 1", "n = 5", "n", True, "n"),
    "traced number": Change("n = 1", "n = A[i]", "n", True, "n"),
    "augmented": Change("n = 1", "n += 1", "n", True, "n"),
    "traced augmented": Change("n = A[i]", "n += A[i + 1]", "n", True, "n"),
    "two at once": Change("a, b = 1, A[i]", "a, b = b, a", "a * 10 + b", True, "a, b"),
    "chained": Change("a = b = 1", "a = b = A[i]", "a * 10 + b", True, "a, b"),
    "starred": Change("a, r = 1, [2, 3]", "a, *r = A[i], 7, 8", "a * 10 + r[0]", False, "a, r"),
    "tuple": Change("t = (1, A[i])", "t = (A[i + 1], 4)", "t[0] * 10 + t[1]", True, "t"),
    "longer tuple": Change("t = (1, 2)", "t = (1, 2, 3)", "len(t)", False, "t"),
    "string": Change('s = "ab"', 's = "abc"', "len(s)", False, "s"),
    "none": Change("n = None", "n = 3", "-1 if n is None else n", False, "n"),
    "bool": Change("f = False", "f = True", "1 if f else 0", True, "f"),
    "walrus": Change("n = 1", "(n := A[i])", "n", True, "n"),
    "walrus in a call": Change("n = 1", "abs(n := 4)", "n", False, "n"),
    "walrus in a comprehension": Change("n = 1", "[n := v for v in (3, A[i])]", "n", False, "n"),
    "for target": Change("n = 1", "for n in (4, 5): pass", "n", False, "n"),
    "with target": Change(
        "n = 1",
        "with nullcontext(4) as n: pass",
        "n",
        False,
        "n",
        "from contextlib import nullcontext",
    ),
    "deleted": Change("n = 1", "del n", "n", False, "n", traced=True),
    "definition": Change("def f(): return 1", "def f(): return 2", "f()", False, "f"),
    "lambda": Change("f = lambda: 1", "f = lambda: 2", "f()", False, "f"),
    "class definition": Change("class K: n = 1", "class K: n = 2", "K.n", False, "K"),
    "import": Change("import math as m", "import cmath as m", "len(m.__name__)", False, "m"),
    "rebound list": Change(
        "xs = [1, 2]\nys = xs", "xs = [8, 9]", "xs[0] * 10 + ys[0]", False, "xs"
    ),
    "list of traced": Change("xs = [1, 2]", "xs = [A[i], 9]", "xs[0] * 10 + xs[1]", True, "xs"),
    "list from a comprehension": Change(
        "xs = [1, 2]", "xs = [v + A[i] for v in xs]", "xs[0] * 10 + xs[1]", True, "xs"
    ),
    "choice of two lists": Change(
        "xs, ys = [1, 2], [3, 4]\nzs = xs", "zs = ys", "zs[0] * 10 + xs[0]", False, "zs"
    ),
    # Lists.
    "item": Change("xs = [1, 2]", "xs[0] = 7", "xs[0] * 10 + xs[1]", True),
    "traced item": Change("xs = [1, 2]", "xs[1] = A[i]", "xs[0] * 10 + xs[1]", True),
    "augmented item": Change("xs = [1, 2]", "xs[0] += A[i]", "xs[0] * 10 + xs[1]", True),
    "last item": Change("xs = [1, 2]", "xs[-1] = 7", "xs[0] * 10 + xs[1]", True),
    "two items": Change("xs = [1, 2]", "xs[0], xs[1] = xs[1], A[i]", "xs[0] * 10 + xs[1]", True),
    "swap of items": Change(
        "xs = [A[i], 2]", "xs[0], xs[1] = xs[1], xs[0]", "xs[0] * 10 + xs[1]", True
    ),
    "slice": Change("xs = [1, 2, 3]", "xs[0:2] = [A[i], 7]", "xs[0] * 10 + xs[1]"),
    "whole slice": Change("xs = [1, 2]", "xs[:] = [v + 1 for v in xs]", "xs[0] * 10 + xs[1]"),
    "longer slice": Change(_LIST, "xs[1:2] = [5, 6, 7]", _LIST_READ),
    "append": Change("xs = [1, 2]", "xs.append(3)", _LIST_READ),
    "append of traced": Change("xs = [1, 2]", "xs.append(A[i])", _LIST_READ),
    "insert": Change("xs = [1, 2]", "xs.insert(0, 3)", _LIST_READ),
    "extend": Change("xs = [1, 2]", "xs.extend((3, 4))", _LIST_READ),
    "pop": Change(_LIST, "xs.pop()", _LIST_READ),
    "pop first": Change(_LIST, "xs.pop(0)", _LIST_READ),
    "remove": Change("xs = [1, 1, 1, 1, 1, 1, 1, 1, 2]", "xs.remove(1)", _LIST_READ),
    "clear": Change("xs = [1, 2]", "xs.clear()", "len(xs)"),
    "reverse": Change("xs = [1, 2]", "xs.reverse()", _LIST_READ),
    "sort": Change("xs = [2, 1]", "xs.sort()", _LIST_READ),
    "del item": Change(_LIST, "del xs[0]", _LIST_READ),
    "del slice": Change(_LIST, "del xs[1:]", "len(xs)"),
    "list +=": Change("xs = ys = [1, 2]", "xs += [3]", "len(ys) * 10 + len(xs)", False, "xs"),
    "list *=": Change("xs = ys = [1, 2]", "xs *= 2", "len(ys) * 10 + len(xs)", False, "xs"),
    "nested item": Change(
        "xs = [[1, 2], [3]]", "xs[0][1] = A[i]", "xs[0][1] * 10 + xs[1][0]", True
    ),
    "nested append": Change("xs = [[1, 2], [3]]", "xs[1].append(4)", "len(xs[1])"),
    "replaced inner list": Change(
        "xs = [[1, 2], [3]]\nys = xs[1]", "xs[1] = [9]", "xs[1][0] * 10 + ys[0]"
    ),
    "item in a tuple": Change("t = ([1, 2], 3)", "t[0][0] = A[i]", "t[0][0] * 10 + t[1]", True),
    "setitem method": Change("xs = [1, 2]", "xs.__setitem__(0, 7)", _LIST_READ),
    "operator.setitem": Change(
        "xs = [1, 2]", "operator.setitem(xs, 0, 7)", _LIST_READ, False, "", COLLECTIONS
    ),
    "unbound append": Change("xs = [1, 2]", "list.append(xs, 3)", _LIST_READ),
    "bound append": Change("xs = [1, 2]\nadd = xs.append", "add(3)", _LIST_READ),
    "append by map": Change("xs = [1, 2]", "list(map(xs.append, (3, 4)))", _LIST_READ),
    "append in a comprehension": Change(
        "xs = [1, 2]", "[xs.append(v) for v in (3, 4)]", _LIST_READ
    ),
    "item as a target": Change("xs = [1, 2]", "for xs[0] in (5, 6): pass", _LIST_READ),
    # Through another name.
    "alias": Change("xs = [1, 2]\nys = xs", "ys[0] = 7", "xs[0] * 10 + ys[0]", True),
    "alias of traced": Change("xs = [1, 2]\nys = xs", "ys[0] = A[i]", "xs[0] * 10 + ys[0]", True),
    "alias append": Change("xs = [1, 2]\nys = xs", "ys.append(3)", "len(xs) * 10 + len(ys)"),
    "alias in a dict": Change('xs = [1, 2]\nd = {"k": xs}', 'd["k"][0] = A[i]', "xs[0]", True),
    "alias in a tuple": Change("xs = [1, 2]\nt = (xs, xs)", "t[1][0] = A[i]", "xs[0]", True),
    "alias in a loop over lists": Change(
        "xs, ys = [1], [2]", "for zs in (xs, ys): zs[0] = A[i]", "xs[0] * 10 + ys[0]"
    ),
    # Dicts and sets.
    "dict item": Change(_DICT, 'd["a"] = A[i]', _DICT_READ, True),
    "augmented dict item": Change(_DICT, 'd["a"] += A[i]', _DICT_READ, True),
    "new key": Change(_DICT, 'd["c"] = 3', _DICT_READ),
    "dict update": Change(_DICT, "d.update(a=A[i])", _DICT_READ),
    "dict update of new": Change(_DICT, "d.update(c=5)", _DICT_READ),
    "setdefault": Change(_DICT, 'd.setdefault("c", 3)', _DICT_READ),
    "dict pop": Change(_DICT, 'd.pop("a", 0)', _DICT_READ),
    "popitem": Change("d = {k: k for k in range(20)}", "d.popitem()", "len(d)"),
    "del key": Change("d = {k: k for k in range(20)}", "del d[max(d)]", "len(d)"),
    "dict clear": Change(_DICT, "d.clear()", _DICT_READ),
    "dict |=": Change("e = d = {1: 2}", "d |= {3: 4}", "len(e) * 10 + len(d)", False, "d"),
    "order of keys": Change(
        _DICT, 'd["a"] = d.pop("a")', 'list(d).index("a") * 10 + list(d).index("b")'
    ),
    "list in a dict": Change('d = {"k": [1, 2]}', 'd["k"].append(3)', 'len(d["k"])'),
    "defaultdict": Change(
        "d = collections.defaultdict(list)",
        "d[1].append(3)",
        "len(d) * 10 + len(d[1])",
        False,
        "",
        COLLECTIONS,
    ),
    "read of a defaultdict": Change(
        "d = collections.defaultdict(int)", "d[1]", "len(d)", False, "", COLLECTIONS
    ),
    "Counter": Change("c = collections.Counter()", "c[1] += 1", "c[1]", False, "", COLLECTIONS),
    "OrderedDict": Change(
        "d = collections.OrderedDict(a=1, b=2)",
        'd.move_to_end("a")',
        'list(d).index("a")',
        False,
        "",
        COLLECTIONS,
    ),
    "set add": Change(_SET, "s.add(9)", _SET_READ),
    "set discard": Change(_SET, "s.discard(1)", _SET_READ),
    "set update": Change(_SET, "s.update((7, 8))", _SET_READ),
    "set clear": Change(_SET, "s.clear()", _SET_READ),
    "set |=": Change("t = s = {1, 2}", "s |= {7}", "len(t) * 10 + len(s)", False, "s"),
    "set in a list": Change("xs = [{1}]", "xs[0].add(2)", "len(xs[0])"),
    # Other containers.
    "deque append": Change(
        "q = collections.deque([1, 2])",
        "q.append(3)",
        "len(q) * 10 + q[-1]",
        False,
        "",
        COLLECTIONS,
    ),
    "deque rotate": Change(
        "q = collections.deque([1, 2, 3])", "q.rotate(1)", "q[0]", False, "", COLLECTIONS
    ),
    "deque item": Change(
        "q = collections.deque([1, 2])", "q[0] = A[i]", "q[0]", False, "", COLLECTIONS
    ),
    "bytearray item": Change("b = bytearray(2)", "b[0] = 7", "b[0] * 10 + len(b)"),
    "bytearray append": Change("b = bytearray(2)", "b.append(7)", "len(b)"),
    "bytes": Change('b = b"ab"', 'b = b"abc"', "len(b)", False, "b"),
    "bytes +=": Change('b = b"ab"', 'b += b"c"', "len(b)", False, "b"),
    "memoryview": Change("b = bytearray(2)\nm = memoryview(b)", "m[0] = 7", "b[0]"),
    "array.array": Change(
        'a = array.array("i", [1, 2])', "a[0] = 7", "a[0]", False, "", COLLECTIONS
    ),
    "NumPy item": Change("a = np.zeros(2, int)", "a[0] = 7", "int(a[0])", False, "", COLLECTIONS),
    "NumPy +=": Change("a = b = np.zeros(2, int)", "a += 3", "int(b[0])", False, "a", COLLECTIONS),
    "view of NumPy": Change(
        "a = np.zeros(4, int)\nb = a[1:]", "b[:] = 3", "int(a[1])", False, "", COLLECTIONS
    ),
    "namedtuple": Change(
        "p = Pair(1, A[i])", "p = p._replace(x=A[i])", "p.x * 10 + p.y", False, "p", COLLECTIONS
    ),
    "namedtuple of lists": Change(
        "p = Pair([1], 2)", "p.x[0] = A[i]", "p.x[0]", False, "", COLLECTIONS
    ),
    "SimpleNamespace": Change(
        "p = types.SimpleNamespace(x=1)", "p.x = A[i]", "p.x", False, "", COLLECTIONS
    ),
    "StringIO": Change("f = io.StringIO()", 'f.write("ab")', "f.tell()", False, "", COLLECTIONS),
    # Iterators.
    "next": Change("it = iter([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])", "next(it)", "next(it)"),
    "next of a range": Change("it = iter(range(20))", "next(it)", "next(it)"),
    "next of enumerate": Change("it = enumerate([1] * 20)", "next(it)", "next(it)[0]"),
    "next of zip": Change("it = zip(range(20), range(20))", "next(it)", "next(it)[0]"),
    "next of map": Change("it = map(abs, range(20))", "next(it)", "next(it)"),
    "next of reversed": Change(
        "it = reversed([1, 2, 3, 4, 5, 6, 7, 8, 9])", "next(it)", "next(it)"
    ),
    "next of a dict": Change("it = iter({k: k for k in range(20)})", "next(it)", "next(it)"),
    "next of a generator": Change("it = numbers()", "next(it)", "next(it)", False, "", HELPERS),
    "next of a generator expression": Change("it = (v for v in range(20))", "next(it)", "next(it)"),
    "next of itertools": Change(
        "it = itertools.count()", "next(it)", "next(it)", False, "", COLLECTIONS
    ),
    "iterator of a loop": Change(
        "it = iter(range(40))", "for v in it:\n    if v % 3 == 2: break", "next(it)"
    ),
    "list of an iterator": Change("it = iter(range(9))", "list(it)", "next(it, 50)"),
    "random numbers": Change(
        "r = random.Random(1)", "r.randrange(50)", "r.randrange(50)", False, "", COLLECTIONS
    ),
    # Objects.
    "attribute": Change(_POINT, "p.x = 7", _POINT_READ, True, "", POINT),
    "traced attribute": Change(_POINT, "p.x = A[i]", _POINT_READ, True, "", POINT),
    "augmented attribute": Change(_POINT, "p.x += A[i]", _POINT_READ, True, "", POINT),
    "two attributes": Change(_POINT, "p.x = p.xs[0] = A[i]", _POINT_READ, True, "", POINT),
    "attribute through an alias": Change(
        "p = Point()\nq = p", "q.x = A[i]", _POINT_READ, True, "", POINT
    ),
    "attribute in a list": Change("ps = [Point()]", "ps[0].x = A[i]", "ps[0].x", True, "", POINT),
    "list in an attribute": Change(_POINT, "p.xs.append(5)", _POINT_READ, False, "", POINT),
    "item in an attribute": Change(_POINT, "p.xs[0] = A[i]", "p.xs[0]", True, "", POINT),
    "replaced attribute": Change(_POINT, "p.xs = [1]", _POINT_READ, False, "", POINT),
    "new attribute": Change(_POINT, "p.y = 3", 'getattr(p, "y", 1)', False, "", POINT),
    "deleted attribute": Change(
        "p = Point()\np.y = 4", "del p.y", 'getattr(p, "y", 1)', False, "", POINT, traced=True
    ),
    "setattr": Change(_POINT, 'setattr(p, "x", A[i])', _POINT_READ, False, "", POINT),
    "__dict__": Change(_POINT, 'p.__dict__["x"] = 5', _POINT_READ, False, "", POINT),
    "vars": Change(_POINT, "vars(p).update(x=5)", _POINT_READ, False, "", POINT),
    "method": Change(_POINT, "p.bump(3)", _POINT_READ, False, "", POINT),
    "func method": Change(_POINT, "p.move(A[i])", _POINT_READ, False, "", POINT),
    "bound method": Change("p = Point()\nbump = p.bump", "bump(3)", "p.x", False, "", POINT),
    "property": Change(_POINT, "p.double = A[i]", _POINT_READ, False, "", POINT),
    "setitem of a class": Change(_POINT, "p[1] = A[i]", _POINT_READ, False, "", POINT),
    "call of an object": Change(_POINT, "p(1)", _POINT_READ, False, "", POINT),
    "iadd of a class": Change("p = q = Point()", "p += A[i]", "q.x", False, "p", POINT),
    "class attribute": Change("", "Point.count = 5", "Point.count", False, "", POINT),
    "class method": Change("", "Point.tally()", "Point.count", False, "", POINT),
    "class of an object": Change(
        "class Other: count = 8\np = Point()", "p.__class__ = Other", "p.count", False, "", POINT
    ),
    "slot": Change("p = Slots()", "p.x = A[i]", "p.x", False, "", SLOTS),
    "new slot": Change("p = Slots()", "p.y = 3", 'getattr(p, "y", 1)', False, "", SLOTS),
    "dataclass": Change("p = Data()", "p.x = A[i]", "p.x", True, "", DATACLASS),
    "list of a dataclass": Change("p = Data()", "p.xs[0] = A[i]", "p.xs[0]", True, "", DATACLASS),
    "replaced dataclass": Change(
        "p = Data()", "p = replace(p, x=A[i])", "p.x", False, "p", DATACLASS
    ),
    "function attribute": Change("def f(): pass\nf.n = 1", "f.n = A[i]", "f.n"),
    # Closures and helpers.
    "closure item": Change("xs = [1, 2]\ndef f(): xs[0] = A[i]", "f()", _LIST_READ),
    "closure append": Change("xs = [1, 2]\ndef f(): xs.append(3)", "f()", _LIST_READ),
    "closure lambda": Change("xs = [1, 2]\nf = lambda: xs.append(3)", "f()", _LIST_READ),
    "nonlocal": Change("n = 1\ndef f():\n    nonlocal n\n    n = A[i]", "f()", "n"),
    "augmented nonlocal": Change("n = 1\ndef f():\n    nonlocal n\n    n += 1", "f()", "n"),
    "nonlocal of two": Change(
        "n = 1\ndef f():\n    def g():\n        nonlocal n\n        n += 1\n    g()", "f()", "n"
    ),
    "func with a nonlocal": Change(
        "n = 1\n@enigma.func\ndef f():\n    nonlocal n\n    n = A[i]", "f()", "n"
    ),
    "cell": Change("f = cells()", "f()", "f()", False, "", HELPERS),
    "global": Change("", "count()", "N", False, "", HELPERS),
    "global of a func": Change("", "traced_count()", "N", False, "", HELPERS),
    "own global": Change("global N\nN = 1", "N = A[i]", "N", False, "N", HELPERS, "global"),
    "augmented global": Change("global N\nN = 1", "N += 2", "N", False, "N", HELPERS, "global"),
    "item of a global": Change("", "G[0] = A[i]", "G[0] * 10 + G[1]", False, "", HELPERS),
    "append to a global": Change("", "G.append(3)", "len(G)", False, "", HELPERS),
    "global in a helper": Change("", "set_in_global(A[i])", "G[0]", False, "", HELPERS),
    "global append in a helper": Change("", "append_to_global(3)", "len(G)", False, "", HELPERS),
    "globals()": Change("", 'globals()["N"] = 4', "N", False, "", HELPERS),
    "dict of a module": Change("", 'STATE["n"] += 1', 'STATE["n"]', False, "", HELPERS),
    "parameter of a helper": Change(
        "xs = [1, 2]", "set_first(xs, A[i])", _LIST_READ, False, "", HELPERS
    ),
    "parameter append": Change("xs = [1, 2]", "append(xs, 3)", _LIST_READ, False, "", HELPERS),
    "parameter of a func": Change(
        "xs = [1, 2]", "traced_set(xs, A[i])", _LIST_READ, True, "", HELPERS
    ),
    "parameter append of a func": Change(
        "xs = [1, 2]", "traced_append(xs, 3)", _LIST_READ, False, "", HELPERS
    ),
    "rebound parameter": Change("xs = [1, 2]", "rebound(xs, A[i])", _LIST_READ, False, "", HELPERS),
    "rebound parameter's result": Change(
        "xs = [1, 2]\nys = xs", "ys = rebound(xs, A[i])", "xs[0] * 10 + ys[0]", False, "ys", HELPERS
    ),
    "behind an early return": Change(
        "xs = [1, 2]", "early(xs, A[i])", _LIST_READ, True, "", HELPERS
    ),
    "append behind an early return": Change(
        "xs = [1, 2]", "early_append(xs, A[i])", _LIST_READ, prelude=HELPERS, traced=True
    ),
    "default": Change("", "log(A[i])", "log.__defaults__[0][0]", False, "", HELPERS),
    "appended default": Change(
        "", "collect(3)", "len(collect.__defaults__[0])", False, "", HELPERS
    ),
    # Objects of libraries, and ways to objects that no name shows.
    "UserList": Change(
        "u = collections.UserList([1])", "u.append(2)", "len(u)", prelude=COLLECTIONS
    ),
    "UserDict": Change(
        "u = collections.UserDict(a=1)", "u['a'] = 5", "u['a']", prelude=COLLECTIONS
    ),
    "ChainMap": Change(
        "c = collections.ChainMap({'a': 1})", "c['a'] = 5", "c['a']", prelude=COLLECTIONS
    ),
    "random module": Change(
        "random.seed(1)", "random.randrange(50)", "random.randrange(50)", prelude=COLLECTIONS
    ),
    "NumPy random module": Change(
        "np.random.seed(1)",
        "np.random.randint(50)",
        "int(np.random.randint(50))",
        prelude=COLLECTIONS,
    ),
    "NumPy generator": Change(
        "g = np.random.default_rng(1)", "g.integers(50)", "int(g.integers(50))", prelude=COLLECTIONS
    ),
    "memoryview alone": Change("m = memoryview(bytearray(2))", "m[0] = 7", "m[0]"),
    "BytesIO": Change(
        "f = io.BytesIO(b'abcdefghijklmnop')", "f.read(1)", "f.tell()", prelude=COLLECTIONS
    ),
    "ctypes": Change("c = (ctypes.c_int * 2)()", "c[0] = 7", "c[0]", prelude="import ctypes"),
    "ctypes structure": Change(
        "c = S()",
        "c.x = 7",
        "c.x",
        prelude="import ctypes\nclass S(ctypes.Structure):\n    _fields_ = [('x', ctypes.c_int)]",
    ),
    "subclass of an array": Change(
        "a = np.zeros(2, int).view(Own)",
        "a[0] = 7",
        "int(a[0])",
        prelude="import numpy as np\nclass Own(np.ndarray): pass",
    ),
    "masked array": Change("a = np.ma.array([1, 2])", "a[0] = 7", "int(a[0])", prelude=COLLECTIONS),
    "mask of an array": Change(
        "a = np.ma.array([1, 2], mask=[0, 0])",
        "a[0] = np.ma.masked",
        "int(a.sum())",
        prelude=COLLECTIONS,
    ),
    "record array": Change(
        "a = np.rec.array([(1, 2)], names='x,y')", "a.x = 7", "int(a[0].x)", prelude=COLLECTIONS
    ),
    "NumPy shape": Change(
        "a = np.zeros((2, 2), int)", "a.shape = (4,)", "len(a)", prelude=COLLECTIONS
    ),
    "NumPy sort": Change("a = np.array([2, 1])", "a.sort()", "int(a[0])", prelude=COLLECTIONS),
    "NumPy fill": Change("a = np.zeros(3)", "a.fill(4)", "int(a[2])", prelude=COLLECTIONS),
    "NumPy objects": Change("a = np.array([1, None])", "a[0] = A[i]", "a[0]", prelude=COLLECTIONS),
    "NumPy list of objects": Change(
        "a = np.array([[1], None], dtype=object)",
        "a[0].append(2)",
        "len(a[0])",
        prelude=COLLECTIONS,
    ),
    "NumPy out": Change(
        "a = np.zeros(2, int)", "np.add(a, 3, out=a)", "int(a[0])", prelude=COLLECTIONS
    ),
    "thread local": Change(
        "t = threading.local()\nt.x = 1", "t.x = 5", "t.x", prelude="import threading"
    ),
    "context variable": Change(
        "v.set(1)",
        "v.set(5)",
        "v.get()",
        prelude="import contextvars\nv = contextvars.ContextVar('v')",
    ),
    "Queue": Change("q = queue.Queue()", "q.put(1)", "q.qsize()", prelude="import queue"),
    "environment": Change(
        "os.environ['ENIGMA_X'] = '1'",
        "os.environ['ENIGMA_X'] = '5'",
        "len(os.environ['ENIGMA_X']) + int(os.environ['ENIGMA_X'])",
        prelude="import os",
    ),
    "decimal context": Change(
        "c = decimal.Context(prec=3)", "c.prec = 5", "c.prec", prelude="import decimal"
    ),
    "heap": Change(
        "h = [3, 5]", "heapq.heappush(h, 1)", "h[0] * 10 + len(h)", prelude="import heapq"
    ),
    "insort": Change(
        "h = [3, 5]", "bisect.insort(h, 4)", "h[1] * 10 + len(h)", prelude="import bisect"
    ),
    "cached property": Change(
        "p = Lazy()",
        "p.value",
        "len(p.__dict__)",
        prelude="""
            import functools
            class Lazy:
                @functools.cached_property
                def value(self): return 4
            """,
    ),
    "weak reference": Change(
        "p = Point()\nw = weakref.ref(p)", "w().x = A[i]", "p.x", prelude="import weakref\n" + POINT
    ),
    "weak keys": Change(
        "p = Point()\nw = weakref.WeakKeyDictionary()\nw[p] = 1",
        "w[p] = 5",
        "w[p]",
        prelude="import weakref\n" + POINT,
    ),
    "proxy of a dict": Change(
        "d = {'a': 1}\nm = types.MappingProxyType(d)", "d['a'] = 5", "m['a']", prelude=COLLECTIONS
    ),
    "attribute of an exception": Change("e = ValueError(1)", "e.args = (5,)", "e.args[0]"),
    "exception of the user": Change(
        "e = Oops(1)", "e.n = 5", "e.n", prelude="class Oops(Exception):\n    n = 1"
    ),
    "note of an exception": Change(
        "e = ValueError(1)\ne.notes = []", "e.notes.append(1)", "len(e.notes)"
    ),
    "subclass of a list": Change(
        "s = L([1])", "s.append(2)", "len(s)", prelude="class L(list): n = 1"
    ),
    "attribute of a subclass of a list": Change(
        "s = L([1])", "s.n = 5", "s.n", prelude="class L(list): n = 1"
    ),
    "subclass of a dict": Change(
        "s = D(a=1)",
        "s['a'] = 5",
        "s['a']",
        prelude="class D(dict):\n    def __setitem__(self, k, v): super().__setitem__(k, v + 1)",
    ),
    "missing key": Change(
        "s = D(a=1)",
        "s['b']",
        "len(s)",
        prelude="""
            class D(dict):
                def __missing__(self, k):
                    self[k] = 1
                    return 1
            """,
    ),
    "subclass of a set": Change("s = S({1})", "s.add(2)", "len(s)", prelude="class S(set): pass"),
    "subclass of a deque": Change(
        "s = Q([1])",
        "s.append(2)",
        "len(s)",
        prelude="import collections\nclass Q(collections.deque): pass",
    ),
    "subclass of a tuple": Change(
        "t = T((1, 2))", "t.n = 5", "t.n", prelude="class T(tuple): n = 1"
    ),
    "subclass of an int": Change("t = T(3)", "t.n = 5", "t.n", prelude="class T(int): n = 1"),
    "subclass of a string": Change("t = T('a')", "t.n = 5", "t.n", prelude="class T(str): n = 1"),
    "subclass of a function's wrapper": Change(
        "t = functools.partial(abs, -3)",
        "t.n = 5",
        "getattr(t, 'n', 1)",
        prelude="import functools",
    ),
    "keywords of a partial": Change(
        "t = functools.partial(dict, a=1)",
        "t.keywords['a'] = 5",
        "t()['a']",
        prelude="import functools",
    ),
    "frozen dataclass": Change(
        "p = F(1)",
        "object.__setattr__(p, 'x', A[i])",
        "p.x",
        prelude="from dataclasses import dataclass\n@dataclass(frozen=True)\nclass F:\n    x: int",
    ),
    "dataclass with slots": Change(
        "p = F(1)",
        "p.x = A[i]",
        "p.x",
        prelude="from dataclasses import dataclass\n@dataclass(slots=True)\nclass F:\n    x: int",
    ),
    "__setattr__ of a class": Change(
        "p = F()",
        "p.x = A[i]",
        "p.x",
        prelude="""
            class F:
                x = 1
                def __setattr__(self, k, v): object.__setattr__(self, k, v + 1)
            """,
    ),
    "__getattr__ that keeps": Change(
        "p = F()",
        "p.x",
        "len(p.__dict__)",
        prelude="""
            class F:
                def __getattr__(self, k):
                    self.__dict__[k] = 1
                    return 1
            """,
    ),
    "descriptor": Change(
        "p = F()",
        "p.x = A[i]",
        "p.x",
        prelude="""
            class Stored:
                def __set_name__(self, owner, name): self.name = '_' + name
                def __get__(self, p, owner): return p.__dict__.get(self.name, 1)
                def __set__(self, p, v): p.__dict__[self.name] = v
            class F:
                x = Stored()
            """,
    ),
    "private attribute": Change(
        "p = F()",
        "p.change(A[i])",
        "p.get()",
        prelude="""
            class F:
                __x = 1
                def change(self, v): self.__x = v
                def get(self): return self.__x
            """,
    ),
    "attribute of a base class": Change(
        "", "Sub.__bases__[0].count = 5", "Sub.count", prelude=POINT + "class Sub(Point): pass"
    ),
    "attribute of the type": Change(
        "p = Point()", "type(p).count = A[i]", "p.count", prelude=POINT
    ),
    "attribute of a metaclass": Change(
        "", "Meta.n = 5", "K.n", prelude="class Meta(type): n = 1\nclass K(metaclass=Meta): pass"
    ),
    "operator of a class": Change(
        "p = Point()",
        "Point.__len__ = lambda self: 5",
        "len(p)",
        prelude=POINT + "Point.__len__ = lambda self: 1",
    ),
    "method of a class": Change(
        "p = Point()",
        "Point.get = lambda self: 5",
        "p.get()",
        prelude=POINT + "Point.get = lambda self: 1",
    ),
    "method of an object": Change(
        "p = Point()", "p.get = lambda: 5", "p.get()", prelude=POINT + "Point.get = lambda self: 1"
    ),
    "defaults of a function": Change("def f(v=1): return v", "f.__defaults__ = (5,)", "f()"),
    "keyword defaults of a function": Change(
        "def f(*, v=1): return v", "f.__kwdefaults__['v'] = 5", "f()"
    ),
    "code of a function": Change(
        "def f(): return 1\ndef g(): return 5", "f.__code__ = g.__code__", "f()"
    ),
    "globals() of a hidden name": Change(
        "globals()['hid' + 'den'] = 1", "globals()['hid' + 'den'] = 5", "globals()['hid' + 'den']"
    ),
    "getattr of a module": Change(
        "m = types.ModuleType('m')\nm.x = 1",
        "setattr(m, 'x', 5)",
        "getattr(m, 'x')",
        prelude=COLLECTIONS,
    ),
    "cell contents": Change(
        "n = 1\ndef f(): return n", "f.__closure__[0].cell_contents = 5", "f()"
    ),
    "generator send": Change(
        "g = echo()\nnext(g)",
        "g.send(5)",
        "g.send(1)",
        prelude="""
            def echo():
                last = 0
                while True:
                    new = yield last
                    last = last * 2 + new
            """,
    ),
    "generator close": Change("g = (v for v in range(30))", "g.close()", "next(g, 50)"),
    "generator's list": Change(
        "g = gather()\nnext(g)",
        "g.send(5)",
        "len(g.send(1))",
        prelude="def gather():\n    xs = []\n    while True:\n        xs.append((yield xs))",
    ),
    "islice": Change(
        "it = iter(range(40))\npart = itertools.islice(it, 20)",
        "next(part)",
        "next(it)",
        prelude=COLLECTIONS,
    ),
    "tee": Change(
        "a, b = itertools.tee(range(40))", "next(a)", "next(a) * 10 + next(b)", prelude=COLLECTIONS
    ),
    "chain": Change(
        "it = itertools.chain([1, 2], range(40))", "next(it)", "next(it)", prelude=COLLECTIONS
    ),
    "cycle": Change(
        "it = itertools.cycle([1, 2, 3, 4, 5, 6, 7])", "next(it)", "next(it)", prelude=COLLECTIONS
    ),
    "zip of a generator": Change(
        "it = zip((v for v in range(40)), range(40))", "next(it)", "next(it)[0]"
    ),
    "map of an iterator": Change(
        "src = iter(range(40))\nit = map(abs, src)", "next(it)", "next(src)"
    ),
    "iterator of a callable": Change(
        "xs = list(range(40))\nit = iter(xs.pop, -1)", "next(it)", "next(it)"
    ),
    "iterator of a class": Change(
        "it = Count()",
        "next(it)",
        "next(it)",
        prelude="""
            class Count:
                n = 0
                def __iter__(self): return self
                def __next__(self):
                    self.n += 1
                    return self.n
            """,
    ),
    "iterator of a deque": Change(
        "it = iter(collections.deque(range(40)))", "next(it)", "next(it)", prelude=COLLECTIONS
    ),
    "iterator of a set": Change(
        "it = iter({1, 2, 3, 4, 5, 6, 7, 8, 9})", "next(it)", "len(list(it))"
    ),
    "iterator of a string": Change("it = iter('abcdefghijklmn')", "next(it)", "ord(next(it))"),
    "iterator of an array": Change(
        "it = iter(np.arange(40))", "next(it)", "int(next(it))", prelude=COLLECTIONS
    ),
    # Graphs.
    "swapped attributes": Change(
        "p = Point()\np.a, p.b = [1], [2]\nq = p.a",
        "p.a, p.b = p.b, p.a",
        "p.a[0] * 10 + q[0]",
        prelude=POINT,
    ),
    "swapped inner lists": Change(
        "xs = [[1], [2]]\nq = xs[0]", "xs[0], xs[1] = xs[1], xs[0]", "xs[0][0] * 10 + q[0]"
    ),
    "list in itself": Change("xs = [1]\nxs.append(xs)", "xs[1][0] = A[i]", "xs[0]", True),
    "objects that refer to each other": Change(
        "p, q = Point(), Point()\np.other, q.other = q, p",
        "p.other.other.x = A[i]",
        "p.x",
        True,
        prelude=POINT,
    ),
    "linked list": Change(
        "node = None", "node = (A[i], node)", "0 if node is None else 5", outer="node"
    ),
    "moved end": Change(
        "a = b = Node(1)",
        "b.after = Node(2)\nb = b.after",
        "a.v * 10 + (a.after is not None)",
        outer="b",
        prelude="class Node:\n    after = None\n    def __init__(self, v): self.v = v",
    ),
    "shifted lists": Change(
        "a, b = [1], [2]", "a, b = b, [a[0] + b[0]]", "a[0] * 10 + b[0]", outer="a, b"
    ),
    "shifted lists with an alias": Change(
        "a, b = [1], [2]\nc = b", "a, b = b, [a[0] + b[0]]", "a[0] * 10 + b[0] + c[0]", outer="a, b"
    ),
    "kept and changed": Change(
        "a, kept = [1], [0]",
        "kept = a\na = [kept[0] + 1]\nkept[0] = 7",
        "a[0] * 10 + kept[0]",
        outer="a, kept",
    ),
    # Numbers of other kinds.
    "bool for a number": Change("n = 1", "n = True", "n + n", outer="n"),
    "number for a bool": Change("n = True", "n = 1", "n + n", outer="n"),
    "float for a number": Change("n = 2", "n = 2.0", "5 if n == 2 else 6", outer="n"),
    "half for a number": Change("n = 2", "n = 2.5", "5 if n > 2.25 else 6", outer="n"),
    "large number": Change("n = 1", "n = 1 << 40", "5 if n > 1 << 35 else 6", outer="n"),
    "negative zero": Change("n = 0.0", "n = -0.0", "5 if n == 0 else 6", outer="n"),
    "complex": Change("n = 1", "n = 1j", "5 if n == 1 else 6", outer="n"),
    "traced bool for a bool": Change("n = True", "n = A[i] > 2", "5 if n else 6", True, "n"),
    "NumPy number": Change("n = 1", "n = np.int32(5)", "int(n)", outer="n", prelude=COLLECTIONS),
    "range object": Change("n = range(2)", "n = range(3)", "len(n)", outer="n"),
    "type": Change("n = int", "n = float", "5 if n is int else 6", outer="n"),
    "ellipsis": Change("n = None", "n = ...", "5 if n is None else 6", outer="n"),
    "enum": Change(
        "n = Color.RED",
        "n = Color.BLUE",
        "n.value",
        outer="n",
        prelude="import enum\nclass Color(enum.Enum):\n    RED, BLUE = 1, 2",
    ),
    "dtype": Change("n = enigma.i32", "n = enigma.u8", "5 if n is enigma.i32 else 6", outer="n"),
    "slice object": Change("n = slice(0, 1)", "n = slice(0, 2)", "len([1, 2, 3][n])", outer="n"),
    "frozenset": Change("n = frozenset([1])", "n = frozenset([1, 2])", "len(n)", outer="n"),
}


# Each of these stands in every context, and each change in every one of those.
FREQUENT_CHANGES = ("traced number", "traced item", "append", "attribute", "augmented nonlocal")
FREQUENT_CONTEXTS = ("if", "traced range", "behind break", "and")


def _place(template: str, change: Change) -> str:
    """Put a change, which may have several lines, into a context."""
    lines = []
    for line in block(template).splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        outer = f"{change.scope} {change.outer}" if change.outer else "pass"
        text = line.strip().replace("{outer}", outer)
        if text == "{change}":
            lines.append(textwrap.indent(change.change, indent))
        else:
            lines.append(indent + text)
    return "\n".join(lines)


def case_of(change_name: str, context_name: str) -> Case:
    """The case of a change in a context."""
    change, context = CHANGES[change_name], CONTEXTS[context_name]

    def body(template: str) -> str:
        return f"{block(change.setup)}\n{_place(template, change)}\nB[i] = {change.read}"

    known = context.static and not change.traced
    kept = known or (change.kept and (context.kept or context.static))
    return Case(
        f"{change_name} | {context_name}",
        body(context.body),
        EQUAL if kept else EITHER,
        f"import contextlib\n{textwrap.dedent(change.prelude)}",
        None if context.plain is None else body(context.plain),
    )


def cases(share: int) -> list[Case]:
    """The products: all that have a frequent part, and one of `share` of the others."""
    found = []
    for row, change in enumerate(CHANGES):
        for column, context in enumerate(CONTEXTS):
            frequent = change in FREQUENT_CHANGES or context in FREQUENT_CONTEXTS
            if frequent or (row * 7 + column) % share == 0:
                found.append(case_of(change, context))
    return found
