# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Feeds random input to parsers, operations and functions of the layout algebra.

`python layout_fuzz.py TARGET SEED COUNT` runs in a process of its own, so that a crash is seen
from outside. Every input is written down before it is tried: the last line tells what crashed.
An exception of a kind that users are not told to expect ends the process with its traceback.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import random
import re
import resource
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from dialect_operations import algebra_operations
from layout_cases import OPERANDS, cases, forget
from layout_ir import (
    Builder,
    Place,
    at_end,
    build,
    context,
    integers,
    ir,
    parsed,
    spell,
)
from layout_ir import (
    integer as integer_attribute,
)

import enigma.layout as el
from enigma.errors import EnigmaError
from enigma.layout import Basis, Layout, Swizzle, SwizzledLayout

MEMORY = 6_000_000 * 1024


def note(text: str) -> None:
    sys.stdout.write(text.encode("unicode_escape").decode() + "\n")
    sys.stdout.flush()


# --- Texts of types -------------------------------------------------------------------------------

TYPES = [
    "!enigma.layout<((2,2),3):((24,2),8)>",
    "!enigma.layout<(?{div=4},8):(1,?)>",
    "!enigma.layout<Sw<2,0,3> o 0 o (8,32):(32,1)>",
    "!enigma.int_tuple<(2,(?,?{div=4}))>",
    "!enigma.int_tuple<(None,3)>",
    "!enigma.int_tuple<(1@0,-4@0.1)>",
    "!enigma.tiler<(4:1,None,(8:2,2:1))>",
    "!enigma.tensor<f32, device, (256,512):(512,1)>",
    "!enigma.tensor<ui8, threadgroup, Sw<2,0,3> o 8 o (8,32):(32,1)>",
    "!enigma.coord_tensor<(?{div=16},?), (4,4):(1@1,1@0)>",
]
PIECES = [
    *("(", ")", ",", ":", "?", "{div=4}", "{div=", "{", "}", "1", "23", "-4", "0", "None", "@0"),
    *(".1", "@255", " ", "div", "\xff", "9" * 30, str(2**62), str(-(2**63)), "Sw<", ">", "<"),
    *("Sw<1,0,1>", " o ", "\0", "\n", "()", "((((", "f32", "device, ", "!enigma.", "layout<"),
    *("(1,1,1,1,1,1,1,1)", "i1", "index", '"', "#", "@0.0.0.0.0", "$", "->"),
]


def mutate(rng: random.Random, text: str) -> str:
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(3) :]
        elif kind == 1:
            end = rng.randrange(at, len(text) + 1)
            text = text[:at] + text[end:]
        else:
            begin = rng.randrange(at + 1)
            text = text[:at] + text[begin:at] * rng.choice([1, 2, 50]) + text[at:]
    return text


def fuzz_texts(rng: random.Random, count: int) -> None:
    with Place():
        for _ in range(count):
            text = mutate(rng, rng.choice(TYPES))
            note(repr(text))
            try:
                # Not `ir.Type.parse`, over whose trailing text MLIR itself may end the process.
                module = ir.Operation.parse(f'"test.any"() : () -> ({text})', context())
            except ir.MLIRError:
                continue
            for op in module.body.operations:
                for result in op.results:
                    assert parsed(str(result.type)) == result.type
            inside = text[text.find("<") + 1 : -1]
            for parse in (Layout.parse, SwizzledLayout.parse):
                try:
                    value = parse(inside)
                except EnigmaError:
                    continue
                assert str(parse(str(value))) == str(value)


# --- Python values --------------------------------------------------------------------------------


class Foreign:
    """What no operation knows."""

    def __repr__(self) -> str:
        return "Foreign()"


def integer(rng: random.Random) -> int:
    scale = rng.randrange(12)
    if scale == 0:
        return rng.choice([2**31, 2**32 + 1, 2**61, 2**62, 2**63 - 1, -(2**62), -(2**63), 2**64])
    if scale == 1:
        return rng.randrange(-8, 1)
    return rng.choice([1, 1, 2, 2, 3, 4, 4, 5, 6, 8, 16, 32, 100])


def leaf(rng: random.Random) -> Any:
    kind = rng.randrange(20)
    if kind == 0:
        return None
    if kind == 1:
        return el.dyn(rng.choice(["n", "m", None]), div=rng.choice([1, 1, 2, 4, 2**40]))
    if kind == 2:
        return Basis(integer_or(rng, 1), tuple(rng.randrange(3) for _ in range(rng.randint(1, 4))))
    return integer(rng)


def integer_or(rng: random.Random, default: int) -> int:
    value = integer(rng)
    return value if abs(value) < 2**63 else default


def tree(rng: random.Random, make: Callable[[random.Random], Any], depth: int = 3) -> Any:
    if depth == 0 or rng.random() < 0.4:
        return make(rng)
    modes = (tree(rng, make, depth - 1) for _ in range(rng.choice([1, 2, 2, 3, 3, 5])))
    return list(modes) if rng.random() < 0.05 else tuple(modes)


def layout(rng: random.Random) -> Any:
    """A layout, if the integers make one, else a small one."""
    shape = tree(rng, lambda r: abs(integer(r)) if r.random() < 0.95 else leaf(r))
    kind = rng.randrange(4)
    try:
        if kind == 0:
            return Layout(shape)
        flat = el.flatten(shape if isinstance(shape, tuple) else (shape,))
        strides = [leaf(rng) for _ in flat]
        result = Layout(shape, nest(shape, strides))
        if kind == 1:
            return SwizzledLayout(swizzle(rng), integer_or(rng, 0), result)
    except (EnigmaError, TypeError):
        return Layout((4, (2, 3)), (6, (3, 1)))
    return result


def nest(profile: Any, flat: list[Any]) -> Any:
    if isinstance(profile, tuple | list):
        return tuple(nest(mode, flat) for mode in profile)
    return flat.pop(0)


def swizzle(rng: random.Random) -> Swizzle:
    bits = rng.randrange(4)
    shift = rng.choice([-1, 1]) * (bits + rng.randrange(3))
    return Swizzle(bits, rng.choice([0, 1, 2, 5, 40]), shift)


def value(rng: random.Random) -> Any:
    """An argument, more likely a right one than a wrong one."""
    return rng.choice(
        [
            *(layout, layout, layout, layout),
            *(lambda r: tree(r, integer), lambda r: tree(r, leaf), lambda r: tree(r, leaf)),
            lambda r: tree(r, lambda s: layout(s) if s.random() < 0.3 else leaf(s), 2),
            *(leaf, integer, integer, swizzle),
            lambda r: r.choice(["4:1", "", 1.5, True, b"1", Foreign(), {}, [], (), object, -1]),
        ]
    )(rng)


def fuzz_functions(rng: random.Random, count: int) -> None:
    functions = {name: getattr(el, name) for name in el.__all__}
    methods = [
        "__call__",
        "__getitem__",
        "__eq__",
        "__hash__",
        "__len__",
        "__repr__",
        "evaluate",
        "svg",
    ]
    for _ in range(count):
        name = rng.choice([*functions, "method"])
        if name == "method":
            owner, name = layout(rng), rng.choice(methods)
            function = getattr(owner, name, repr)
        else:
            function = functions[name]
        try:
            arity = len(inspect.signature(function).parameters)
        except (TypeError, ValueError):
            arity = rng.randrange(4)
        arity = max(0, arity + rng.choice([0, 0, 0, 0, -1, 1]))
        arguments = [value(rng) for _ in range(arity)]
        note(f"{name} of {arguments!r}")
        try:
            result = function(*arguments)
            # What was made can be shown, hashed and compared.
            assert isinstance(repr(result), str)
            assert result == result
        except EnigmaError as error:
            if not error.help:
                raise
        except TypeError as error:
            # Of Python's own, for a call that does not fit the function's signature.
            if "argument" not in str(error):
                raise


# --- Operations -----------------------------------------------------------------------------------

ATTRIBUTES = (
    *("leaf", "mode", "begin", "end", "bits", "base", "shift", "new_bits", "old_bits"),
    *("path", "modes"),
)


def type_of(rng: random.Random) -> ir.Type:
    """A type of the dialect, or another one, for an operand of which nothing else is known."""
    kind = rng.randrange(8)
    a = layout(rng)
    texts = {
        0: lambda: f"!enigma.int_tuple<{spell(tree(rng, leaf))}>",
        1: lambda: f"!enigma.int_tuple<{spell(tree(rng, integer))}>",
        2: lambda: f"!enigma.layout<{a}>",
        3: lambda: f"!enigma.layout<{a}>",
        4: lambda: f"!enigma.tiler<{spell(tree(rng, lambda r: rng.choice([layout, leaf])(r)))}>",
        5: lambda: f"!enigma.tensor<{rng.choice(['f32', 'i1', 'si64'])}, device, {a}>",
        6: lambda: f"!enigma.coord_tensor<{spell(tree(rng, leaf))}, {a}>",
        7: lambda: rng.choice(
            [
                *("index", "i32", "f32", "vector<4xf32>", "vector<8xi1>", "vector<[4]xi1>", "none"),
                *("!enigma.buffer<f32, device>", "!enigma.buffer<64xf32, threadgroup>"),
            ]
        ),
    }
    try:
        return parsed(texts[kind]())
    except ir.MLIRError:
        return parsed("index")


KERNEL = """
enigma.kernel @fuzzed(
    %a: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %b: !enigma.buffer<i1, device> {enigma.index = 1 : i32},
    %c: !enigma.buffer<si64, device> {enigma.index = 2 : i32},
    %n: i32 {enigma.index = 3 : i32, enigma.dtype = si32},
    %m: i32 {enigma.index = 4 : i32, enigma.dtype = ui32}) {
  enigma.return
}
"""
OPERATIONS = algebra_operations()


class Kernel:
    """A kernel that grows by random operations, of which it keeps those that verify."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.module = ir.Operation.parse(KERNEL, context())
        self.block = self.module.body.operations[0].body
        with at_end(self.block):
            self.scalars = [
                build("arith.index_cast", [n], [parsed("index")]).result
                for n in self.block.arguments[3:]
            ]
        self.values: list[ir.Value] = self.block.arguments[:3] + self.scalars

    def grow(self) -> None:
        """Try one operation."""
        with at_end(self.block):
            choice = self.rng.random()
            if choice < 0.4:
                self.add_case()
            elif choice < 0.8:
                self.add_random()
            else:
                self.use(self.rng.choice(self.values))

    def add(self, name: str, operands: Any, attributes: Any, results: Any = None) -> Any:
        """Create an operation; its results, or None where it is refused."""
        types = ", ".join(str(operand.type) for operand in operands)
        note(f"{name} ({types}) {attributes} -> {results or 'inferred'}")
        try:
            op = build(name, operands, results, attributes)
        except (ir.MLIRError, ValueError):
            return None
        try:
            op.verify()
        except ir.MLIRError:
            op.bury()
            self.module.destroy_buried()
            return None
        self.values += op.results
        return op.results

    def add_case(self) -> None:
        """One that has an answer, or had before an operand became another one."""
        rng = self.rng
        case = rng.choice(cases(rng.choice(list(OPERANDS)), 40))
        share = rng.choice([0.0, 0.3, 1.0])
        case, _ = forget(case, lambda: rng.random() < share, rng.random() < 0.5)
        note(str(case))
        try:
            builder = Builder(lambda dyn: rng.choice(self.scalars))
            operands = [builder.value(operand) for operand in case.operands]
        except ir.MLIRError:
            return
        self.values += operands
        attributes = {key: as_attribute(value) for key, value in case.attributes.items()}
        if rng.random() < 0.3:
            operands[rng.randrange(len(operands))] = self.operand()
        self.add(f"enigma.{case.name}", operands, attributes)

    def add_random(self) -> None:
        """One of random operands and attributes, with inferred or random types."""
        rng = self.rng
        name, op = rng.choice(list(OPERATIONS.items()))
        parameters = op.parameters
        names = [p for p in parameters if p not in ("loc", "ip", "result", "results")]
        operands = [self.operand() for p in names if p not in ATTRIBUTES]
        if rng.random() < 0.1:
            operands = operands[1:] if rng.random() < 0.5 else [*operands, self.operand()]
        chosen = [p for p in names if p in ATTRIBUTES and rng.random() < 0.95]
        attributes = {p: random_attribute(rng, p) for p in chosen}
        results = None
        if "result" in parameters or rng.random() < 0.1:
            results = [type_of(rng) for _ in range(rng.choice([0, 1, 1, 1, 2]))]
        self.add(f"enigma.{name}", operands, attributes, results)

    def operand(self) -> ir.Value:
        """A value that was made before, or a new one."""
        if self.rng.random() < 0.6:
            return self.rng.choice(self.values)
        made = None
        type = type_of(self.rng)
        text = str(type)
        if text.startswith("!enigma.int_tuple") and "?" in text:
            leaves = [self.rng.choice(self.scalars) for _ in range(text.count("?"))]
            made = self.add("enigma.make_int_tuple", leaves, {}, [type])
        elif text.startswith(("!enigma.int_tuple", "!enigma.layout", "!enigma.tiler")):
            made = self.add("enigma.static", [], {}, [type])
        if not made and self.rng.random() < 0.1:
            # Kernels have no such values, but operations may be given them.
            made = [build("test.any", results=[type]).result]
        return made[0] if made else self.rng.choice(self.values)

    def use(self, value: ir.Value) -> None:
        """Make the kernel depend on a value, so that it is lowered."""
        i64 = parsed("i64")
        coord = self.add(
            "enigma.make_int_tuple",
            [self.rng.choice(self.scalars)],
            {},
            [parsed("!enigma.int_tuple<?>")],
        )
        text = str(value.type)
        if text.startswith("!enigma.tensor"):
            self.access(value, coord)
            return
        if text.startswith("!enigma.coord_tensor"):
            value = (self.add("enigma.element_coord", [value, *coord], {}) or [value])[0]
        if text.startswith("!enigma.layout"):
            value = (self.add("enigma.crd2idx", [*coord, value], {}) or [value])[0]
        if str(value.type).startswith("!enigma.int_tuple"):
            zero = as_attribute(0)
            value = (self.add("enigma.get_leaf", [value], {"leaf": zero}) or [value])[0]
        if str(value.type) == "index":
            number = self.add("arith.index_cast", [value], {}, [i64])
            self.add("enigma.store", [*number, self.values[2], self.scalars[0]], {}, [])

    def access(self, tensor: ir.Value, coord: list[ir.Value]) -> None:
        """Read a tensor and write what was read to it, an element or all of it."""
        if self.rng.random() < 0.5:
            element = re.match(r"!enigma.tensor<[su]?(\w+)", str(tensor.type))
            assert element
            loaded = self.add("enigma.load_element", [tensor, *coord], {}, [parsed(element[1])])
            if loaded:
                self.add("enigma.store_element", [*loaded, tensor, *coord], {}, [])
            return
        masks = [value for value in self.values if str(value.type).endswith("xi1>")]
        mask = [self.rng.choice(masks)] if masks and self.rng.random() < 0.3 else []
        loaded = self.add("enigma.load_fragment", [tensor, *mask], {})
        if loaded:
            self.add("enigma.store_fragment", [*loaded, tensor, *mask], {}, [])
        others = [value for value in self.values if str(value.type).startswith("!enigma.tensor")]
        self.add("enigma.copy", [tensor, self.rng.choice(others), *mask], {}, [])

    def lower(self) -> None:
        """Run the pipelines; what they refuse is an error, and no crash."""
        note(str(self.module))
        first = self.rng.choice(["enigma-clean", "canonicalize", "cse"])
        pipeline = ir.Pipeline(f"builtin.module({first},enigma-to-flat)", context())
        with contextlib.suppress(ir.MLIRError, RuntimeError):
            pipeline.run(self.module)
            ir.translate_to_msl(self.module)
            note("translated")


def as_attribute(value: Any) -> ir.Attribute:
    if isinstance(value, tuple):
        return integers(value)
    return integer_attribute("i64", value)


def random_attribute(rng: random.Random, name: str) -> ir.Attribute:
    kind = rng.randrange(24)
    if kind == 0:
        return ir.Attribute.string("4", context())
    if kind == 1:
        return integer_attribute("i32", 1)
    numbers = [rng.choice([0, 0, 1, 1, 2, 3, 8, 32, -1, 2**40, 2**63 - 1, -(2**63)])]
    if name in ("path", "modes") or (name == "mode" and rng.random() < 0.5):
        return as_attribute(tuple([*numbers, 1, 0][: rng.randrange(4)]))
    return as_attribute(numbers[0])


def fuzz_operations(rng: random.Random, count: int) -> None:
    with Place():
        for _ in range(-(-count // 20)):
            kernel = Kernel(rng)
            for _ in range(20):
                kernel.grow()
            kernel.lower()


TARGETS = {"texts": fuzz_texts, "functions": fuzz_functions, "operations": fuzz_operations}


if __name__ == "__main__":
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        # A text may be the path of a picture.
        os.chdir(folder)
        TARGETS[sys.argv[1]](random.Random(sys.argv[2]), int(sys.argv[3]))
