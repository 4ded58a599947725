# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects whose class or metaclass cannot be compared, hashed, or asked for a name.

Kernels that hold one, and do nothing that Python would ask it, are as with an ordinary object: the
same text, or the same error, with the line and the remedy.
"""

import dataclasses
import re
import runpy

import pytest

import enigma
from enigma.errors import EnigmaError


def fails(*args):
    raise RuntimeError("it was asked")


# What classes are made by, and are ordinary without.
METACLASSES = {
    "no hash": dict(__eq__=lambda cls, other: NotImplemented),
    "failing hash": dict(__hash__=fails),
    "failing comparison": dict(__eq__=fails, __hash__=lambda cls: 7),
    "equal to everything": dict(__eq__=lambda cls, other: True, __hash__=lambda cls: hash(int)),
    "failing instance check": dict(__instancecheck__=fails, __subclasscheck__=fails),
    "failing attributes": dict(__getattr__=fails),
    "any attribute": dict(__getattr__=lambda cls, name: "it"),
    "failing repr": dict(__repr__=fails),
}
BASES = (object, list, dict, tuple, set, int, float, str)
# What objects have besides.
METHODS = {
    "failing comparison": dict(__eq__=fails),
    "failing comparison and hash": dict(__eq__=fails, __hash__=fails),
    "failing attributes": dict(__getattr__=fails),
    "any attribute": dict(__getattr__=lambda self, name: type(self)()),
    "failing repr": dict(__repr__=fails),
}

# Bodies of kernels: `V` and `W` are objects of the class `C`.
USES = {
    "variable": "u = V\nA[0] = 1",
    "attribute": "A[0] = V.x",
    "attribute in a branch": "if A[0] > 0:\n    A[1] = V.x",
    "changed attribute": "if A[0] > 0:\n    V.x = A[1]\nA[0] = V.x",
    "own object": "v = C()\nv.x = A[1]\nA[0] = v.x",
    "own object in a branch": "v = C()\nv.x = 1.0\nif A[0] > 0:\n    v.x = A[1]\nA[0] = v.x",
    "own object in a loop": "v = C()\nv.x = 1.0\nfor i in enigma.range(4):\n"
    "    v.x = A[i]\nA[0] = v.x",
    "same in a branch": "u = V\nif A[0] > 0:\n    u = V\nA[0] = 1",
    "number or it": "u = 1\nif A[0] > 0:\n    u = V\nA[0] = u",
    "value or it": "u = A[1]\nif A[0] > 0:\n    u = V\nA[0] = u",
    "it or None": "u = V\nif A[0] > 0:\n    u = None\nA[0] = u",
    "one or another": "u = V\nif A[0] > 0:\n    u = W\nA[0] = u",
    "of an expression": "u = V if A[0] > 0 else 1.0\nA[0] = u",
    "carried": "u = V\nfor i in enigma.range(4):\n    A[i] = u.x\n    u = W",
    "left loop": "u = V\nfor i in enigma.range(4):\n    if A[i] > 0:\n        u = W\n"
    "        break\nA[0] = 1",
    "in a `while`": "u, i = V, 0\nwhile A[i] > 0:\n    i += 1\n    u = V\nA[0] = i",
    "list": "u = [V, 1.0]\nif A[0] > 0:\n    u[1] = A[2]\nA[0] = u[1]",
    "list with another": "u = [V, 1.0]\nif A[0] > 0:\n    u[0] = A[2]\nA[0] = u[1]",
    "list in a loop": "u = [V, 1]\nfor i in enigma.range(4):\n    u[1] = 2\nA[0] = u[1]",
    "longer list": "u = []\nif A[0] > 0:\n    u.append(V)\nA[0] = 1",
    "tuple": "u = (V, A[0])\nif A[0] > 0:\n    u = (V, 2.0)\nA[0] = u[1]",
    "dict": "u = {'a': V, 'b': 1.0}\nif A[0] > 0:\n    u['b'] = A[2]\nA[0] = u['b']",
    "dataclass": "u = Pair(V, 1.0)\nif A[0] > 0:\n    u = Pair(V, A[2])\nA[0] = u.b",
    "helper": "A[0] = helper(V)",
    "helper in a branch": "if A[0] > 0:\n    A[1] = helper(V)",
    "helper of kernels": "A[0] = func(V, A[1])",
    "given by a helper": "u = given(V, A[0])\nA[0] = 1",
    "annotations": "def f(a: C, b=V) -> C:\n    c: C = 1.0\n    if A[0] > 0:\n        c = 2.0\n"
    "    return c\nA[0] = f(V)",
    "annotation of an object": "def f(a: V) -> V:\n    return 1.0\nA[0] = f(1)",
    "returned": "if A[0] > 0:\n    return V",
    "operand": "A[0] = A[1] + V",
    "right operand": "A[0] = V + A[1]",
    "augmented": "a = A[0]\na += V\nA[0] = a",
    "compared": "A[0] = 1.0 if A[1] < V else 2.0",
    "equal": "A[0] = 1.0 if A[1] == V else 2.0",
    "identical": "A[0] = 1.0 if A[1] is V else 2.0",
    "type": "A[0] = 1.0 if type(V) is C else 2.0",
    "found": "A[0] = 1.0 if A[1] in [V] else 2.0",
    "searched": "A[0] = 1.0 if A[1] in V else 2.0",
    "stored": "A[0] = V",
    "subscript": "A[0] = A[V]",
    "subscript of a table": "t = enigma.constant_array([1, 2, 3])\nA[0] = t[V]",
    "table": "t = enigma.constant_array([V, V])\nA[0] = t[0]",
    "subscripted": "A[0] = V[enigma.thread_position_in_grid]",
    "least": "A[0] = min(A[0], V)",
    "chosen": "A[0] = enigma.where(A[0] > 0, V, 1.0)",
    "function": "A[0] = enigma.sin(V)",
    "power": "A[0] = A[0] ** V",
    "range": "for i in enigma.range(V):\n    A[i] = 1",
    "size": "s = enigma.threadgroup_alloc(enigma.f32, V)",
    "dtype": "s = enigma.threadgroup_alloc(V, 4)",
    "conversion": "A[0] = A[1].to(V)",
    "vector": "v = enigma.make_float4(V, V, V, V)\nA[0] = v.x",
    "slice": "A[0] = A[V:V]",
    "layout": "l = enigma.make_layout((4, V))\nA[0] = 1",
    "fragment": "t = enigma.make_fragment(V, enigma.f32)\nA[0] = 1",
    "atomic": "enigma.atomic_fetch_add(A, V, 1.0)",
    "text": "enigma.inline_msl('{0};', V)",
    "raised": "if A[0] > 0:\n    raise V",
    "and": "u = A[0] > 0 and V\nA[0] = 1",
    "class": "c = C\nif A[0] > 0:\n    c = C\nA[0] = 1",
    "one class or another": "c = C\nif A[0] > 0:\n    c = int\nA[0] = 1",
    "comprehension": "u = [w for w in [V, W]]\nif A[0] > 0:\n    A[1] = len(u)",
    "generator": "u = (w for w in [V, W])\nif A[0] > 0:\n    A[1] = 1",
    "star": "A[0] = star(*[V, A[0]])",
    "in order": "for i, u in enumerate([V, W]):\n    A[i] = i",
}

HEAD = """\
import dataclasses
import enigma

@dataclasses.dataclass(frozen=True)
class Pair:
    a: object
    b: float

def helper(v):
    return 1.0

@enigma.func
def func(v, a):
    if a > 0:
        return 1.0
    return 2.0

@enigma.func
def given(v, a):
    if a > 0:
        return v
    return v

@enigma.func
def star(a, b):
    return b

"""


def indented(text, depth):
    return "".join(f"{'    ' * depth}{line}\n" for line in text.splitlines())


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """What makes each kernel of an object, another one and their class: of globals or closures."""
    text = HEAD
    for number, body in enumerate(USES.values()):
        text += f"def in_closure_{number}(V, W, C):\n    @enigma.kernel\n"
        text += f"    def k(A: enigma.f32):\n{indented(body, 2)}    return k\n\n"
        text += f"@enigma.kernel\ndef of_globals_{number}(A: enigma.f32):\n{indented(body, 1)}\n"
    path = tmp_path_factory.mktemp("kernels") / "kernels.py"
    path.write_text(text)

    def kernel(number, cls, in_closure):
        one, another = cls(), cls()
        if in_closure:
            return module[f"in_closure_{number}"](one, another, cls)
        found = module[f"of_globals_{number}"]
        found.function.__globals__.update(V=one, W=another, C=cls)
        return found

    module = runpy.run_path(str(path))
    return kernel, str(path)


def outcome(kernels, number, cls, in_closure):
    """Give the text of a kernel, or what is wrong with it."""
    kernel, path = kernels
    text, refused = "", None
    try:
        made = enigma.compile(kernel(number, cls, in_closure), emit_only=True)
        text = made.metal_source
    except EnigmaError as error:
        refused = error
    except Exception as error:
        # What Python says of any object.
        text = f"{type(error).__name__}: {error}"
    if refused is not None:
        assert refused.location.filename == path, refused
        assert refused.help, refused
        text = f"{type(refused).__name__}: {refused.summary}\n{refused.help}"
    return re.sub(r"<[\w. ]*Odd [\w. ]*>", "it", text)


def differences(kernels, odd, ordinary, skipped=()):
    """Give what differs: of variables of the module where the number is even, else of closures."""
    found = {}
    for number, use in enumerate(USES):
        if use not in skipped:
            now, usual = (outcome(kernels, number, cls, number % 2 == 1) for cls in (odd, ordinary))
            if now != usual:
                found[use] = (now, usual)
    return found


def made(base=object, metaclass=type, methods=(), decorate=lambda cls: cls):
    return decorate(metaclass("Odd", (base,), {"x": 1.0, "__module__": "odd", **dict(methods)}))


pytestmark = pytest.mark.filterwarnings("ignore::enigma.errors.EnigmaWarning")


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("odd", METACLASSES)
def test_a_class_of_an_odd_metaclass_is_as_any(kernels, odd, base):
    metaclass = type("Metaclass", (type,), METACLASSES[odd])
    assert differences(kernels, made(base, metaclass), made(base)) == {}


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("odd", ["no hash", "failing hash", "failing instance check"])
def test_so_is_a_dataclass(kernels, odd, frozen):
    metaclass = type("Metaclass", (type,), METACLASSES[odd])
    decorate = dataclasses.dataclass(frozen=frozen, eq=False)
    pair = [made(metaclass=each, decorate=decorate) for each in (metaclass, type)]
    assert differences(kernels, *pair) == {}


# What Python asks of the object itself.
ASKED = {
    "failing comparison": ("equal", "found"),
    "failing comparison and hash": ("equal", "found"),
    "any attribute": ("subscript of a table",),
}


@pytest.mark.parametrize("odd", METHODS)
def test_an_object_that_fails_to_answer_is_as_any(kernels, odd):
    skipped = ASKED.get(odd, ())
    assert differences(kernels, made(methods=METHODS[odd]), made(), skipped) == {}
