# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects within reach are searched for only where code may change one."""

import dataclasses
import linecache
import textwrap
import types

import pytest

import enigma
from enigma.tracing.reach import Search

COMPUTES = {
    "branch": "if x > 0:\n    x = enigma.exp(x) + LIMIT",
    "store": "if i < 4:\n    B[i] = max(x, 1.0)",
    "else": "if x > 0:\n    x = x.to(enigma.f32)\nelse:\n    x = math.sqrt(2) * x",
    "loop": "for k in enigma.range(4):\n    x += A[i + k]",
    "while": "while x < LIMIT:\n    x = x * 2",
    "break": "for k in enigma.range(4):\n    if x > LIMIT:\n        break\n    x = x + k",
    "branch in a loop": "for k in enigma.range(i):\n    if x > k:\n        x = x - abs(x)",
    "conditional expression": "x = A[i + 1].to(enigma.f32) if x > 0 else 0.0",
    "and": "if x > 0 and enigma.exp(x) < LIMIT:\n    x = 1.0",
    "function that a variable holds": "f = enigma.fmax\nif x > 0:\n    x = f(x, 2.0)",
}
MAY_CHANGE = {
    "function of kernels that calls one that computes": "if x > 0:\n    x = joined(x, limited)",
    "function of kernels that computes": "for k in enigma.range(4):\n    x = limited(x + k)",
    "function that gets functions that compute": "if x > 0:\n    x = joined(x, doubled)",
    "function that computes": "x = doubled(x) if x > 0 else 0.0",
    "defaults of a function": "def f(*, v=1):\n    return v\nif x > 0:\n    x = f() * x",
    "list": "xs = [x]\nif x > 0:\n    xs[0] = 1.0",
    "element that is read": "xs = [x]\nif x > 0:\n    x = xs[0]",
    "function": "if x > 0:\n    x = stored(x)",
    "function in an expression": "x = stored(x) if x > 0 else 0.0",
    "variable of the module": "if x > 0:\n    CHANGED[0] = x",
    "shared variable": "y = 0.0\ndef f():\n    return y\nif x > 0:\n    y = x\nx = f()",
    "comprehension": "xs = [x]\nys = [y.append(x) if x > 0 else 0 for y in [xs]]",
    "function of kernels that stores": "if x > 0:\n    x = recorded(x)",
    "function of kernels that reads a list": "if x > 0:\n    x = x + changed()",
    "function of kernels that calls one which stores": "if x > 0:\n    x = joined(x, recorded)",
    "function of kernels that calls another": "if x > 0:\n    x = joined(x, stored)",
    "function that gives a list": "if x > 0:\n    x = listed(x)[0]",
    "function of a closure with a list": "if x > 0:\n    x = in_closure(x)",
    "list as a default": "if x > 0:\n    x = remembered(x)",
    "dict of arguments": "if x > 0:\n    x = named(x=x)",
    "object": "p = Point()\nfor k in enigma.range(4):\n    x = p.x + x",
}
PRELUDE = """
import math
import enigma
LIMIT = 3.5
CHANGED = [0.0]
def doubled(x, scale=2.0):
    return x * scale if scale else (x, x)[0]
def stored(x):
    CHANGED[0] = x
    return x
def listed(x):
    return [x]
def around():
    def inner(x):
        return x + y
    y = CHANGED
    return inner
in_closure = around()
@enigma.func
def limited(x):
    if x > LIMIT:
        return LIMIT
    return enigma.exp(x)
@enigma.func
def joined(x, function, count=2):
    for _ in enigma.range(count):
        x = function(x)
    return x
@enigma.func
def recorded(x):
    CHANGED[0] = x
    return x
@enigma.func
def changed():
    return CHANGED[0]
@enigma.func
def remembered(x, before=[]):
    before[:] = (x,)
    return x
@enigma.func
def named(**values):
    return values["x"]
class Point:
    x = 1.0
"""


def searches(body, monkeypatch):
    text = (
        f"{PRELUDE}\n@enigma.kernel\ndef kernel(A: enigma.f32, B: enigma.f32):\n"
        f"    i = enigma.thread_position_in_grid\n    x = A[i]\n"
        f"{textwrap.indent(body, '    ')}\n    B[i] = x\n"
    )
    name = f"<reach {hash(text)}>"
    monkeypatch.setitem(linecache.cache, name, (len(text), None, text.splitlines(True), name))
    variables = {}
    exec(compile(text, name, "exec"), variables)
    made = []
    run = Search.run
    monkeypatch.setattr(Search, "run", lambda self, also: made.append(self) or run(self, also))
    try:
        enigma.compile(variables["kernel"], emit_only=True)
    except enigma.EnigmaError:
        assert made  # it was found that an object would be changed
    return made


@pytest.mark.parametrize("body", COMPUTES.values(), ids=COMPUTES)
def test_code_that_computes_needs_no_search(body, monkeypatch):
    assert searches(body, monkeypatch) == []


@pytest.mark.parametrize("body", MAY_CHANGE.values(), ids=MAY_CHANGE)
def test_code_that_may_change_objects_needs_one(body, monkeypatch):
    assert searches(body, monkeypatch)


def dataclass_of(module):
    fields = {"__annotations__": {"x": int}, "x": 1}
    made = dataclasses.dataclass(frozen=True)(type("Frozen", (), fields))
    made.__module__ = module
    return made()


def module_of(name):
    made = types.ModuleType("made")
    made.__name__ = name
    if name is None:
        del made.__name__
    return made


# What the user has that says of which module it is.
OF_MODULES = {
    "object": lambda module: type("Own", (), {"__module__": module})(),
    "class": lambda module: type("Own", (), {"__module__": module}),
    "list": lambda module: type("Own", (list,), {"__module__": module})([1]),
    "dict": lambda module: type("Own", (dict,), {"__module__": module})(x=1),
    "exception": lambda module: type("Own", (ValueError,), {"__module__": module})(),
    "dataclass": dataclass_of,
    "function": lambda module: types.FunctionType((lambda: 1).__code__, {"__name__": module}),
    "module": module_of,
}


@enigma.kernel
def with_argument(A, thing):
    A[0] = 1.0


@enigma.jit
def run_with(A, thing):
    with_argument(A, thing).launch(grid=1, block=1)


@pytest.mark.parametrize("module", [None, 3, [], ""], ids=repr)
@pytest.mark.parametrize("make", OF_MODULES.values(), ids=OF_MODULES)
def test_what_things_call_their_module_need_not_be_a_text(make, module):
    thing = make(module)

    @enigma.kernel
    def kernel(A: enigma.f32):
        x = A[0]
        for _ in enigma.range(3):
            held = thing
            if x > 0:
                x += 1.0 if held is not None else 0.0
        A[1] = x

    assert "A[1] = x" in enigma.compile(kernel, emit_only=True).metal_source
    A = enigma.Tensor("A", 0, enigma.f32, enigma.Layout(4))
    assert "A[0] = 1.0f" in enigma.compile(run_with, A, thing, emit_only=True).metal_source
