# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random kernels over the whole language, which compile and have one meaning.

Each expression has a dtype, lanes, and an interval that its value is in; by these it is brought
where an operation is defined. What cannot be told beforehand, as which of two zeros a function
gives, is found when the kernel is evaluated, and the kernel is not counted then.
"""

from __future__ import annotations

import ast
import math
import re
import textwrap
from collections.abc import Iterator

from conformance.random_kernels.functions import (
    ATOMIC,
    COLLECTIVE,
    GEOMETRY,
    NEAR,
    PACKING,
)
from conformance.random_kernels.memories import TOPICS, Memories
from conformance.random_kernels.numbers import (
    FLOATS,
)
from conformance.random_kernels.terms import (
    Expr,
    Helper,
    Interval,
    Lanes,
    Scope,
    Var,
    inside,
)
from conformance.semantics.rows import EVERYWHERE, ROWS, Row

PRELUDE = """\
import contextlib
import dataclasses
from typing import NamedTuple
@dataclasses.dataclass
class Couple:
    left: object
    right: object
class Ordinary:
    def __init__(self, left, right):
        self.left, self.right = left, right
class Record(NamedTuple):
    first: object
    second: object"""

# Those that work everywhere; an example that leaves the kernel would leave nothing to compare.
GRAFTED = [
    row for row in ROWS if row.works == EVERYWHERE and row.available and row.node != "Return"
]


class Generator(Memories):
    """One kernel, made statement by statement."""

    @staticmethod
    def letter(lanes: int) -> str:
        """What the name of a variable begins with."""
        if isinstance(lanes, Lanes):
            return "x"
        return "s" if lanes == 1 else "v"

    def declare(self, count: int) -> None:
        """Emit variables."""
        for _ in range(count):
            dtype = self.random.choice(self.dtypes)
            lanes = self.random.choice((1, 1, 1, 2, 3, 4, *self.shapes))
            interval = self.home(dtype)
            name = self.fresh(self.letter(lanes))
            value = self.typed(self.of(dtype, lanes, 1, interval))
            self.emit(f"{name} = {value.text}")
            self.scope.variables.append(Var(name, dtype, lanes, interval))

    def containers(self) -> None:
        """Emit lists, dicts, objects, arrays of registers and counters."""
        kinds = ["list", "dict", "dataclass", "namedtuple", "object", "register", "counter", "flag"]
        for kind in self.random.sample(kinds, self.random.randint(2, 5)):
            dtype = self.random.choice(self.dtypes)
            interval = self.home(dtype)

            def value(dtype: str = dtype, interval: Interval = interval) -> str:
                return self.typed(self.of(dtype, 1, 1, interval)).text

            self.mark(f"container {kind}")
            if kind == "list":
                name, count = self.fresh("l"), self.random.randint(2, 3)
                self.emit(f"{name} = [{', '.join(value() for _ in range(count))}]")
                self.scope.lists.append((name, dtype, count, interval))
                places = [f"{name}[{k}]" for k in (*range(count), -1)]
            elif kind == "dict":
                name = self.fresh("d")
                self.emit(f"{name} = {{'a': {value()}, 2: {value()}}}")
                places = [f"{name}['a']", f"{name}[2]"]
            elif kind in ("dataclass", "object"):
                name = self.fresh("p")
                maker = "Couple" if kind == "dataclass" else "Ordinary"
                self.emit(f"{name} = {maker}({value()}, right={value()})")
                places = [f"{name}.left", f"{name}.right"]
            elif kind == "namedtuple":
                name = self.fresh("t")
                self.emit(f"{name} = Record({value()}, {value()})")
                self.scope.variables += [
                    Var(f"{name}.{part}", dtype, 1, interval) for part in ("first", "second")
                ]
                places = []
            elif kind == "register":
                name = self.fresh("r")
                shape = self.random.choice([(3,), (8,), (2, 3)])
                fill = self.number(dtype, interval)
                if not inside(fill.interval, interval):
                    fill = Expr("1", dtype)
                if not inside((1, 1), interval):
                    continue
                text = shape[0] if len(shape) == 1 else shape
                named = self.random.choice(
                    [f", enigma.{dtype}, {fill.text}", f", dtype=enigma.{dtype}, fill={fill.text}"]
                )
                self.emit(f"{name} = enigma.register_tensor({text}{named})")
                self.scope.registers.append((name, dtype, shape, interval))
                places = []
            elif kind == "counter":
                name = self.fresh("n")
                self.emit(f"{name} = {self.random.randint(0, 4)}")
                self.scope.counters.append(name)
                places = []
            else:
                name = self.fresh("f")
                self.emit(f"{name} = {self.condition().text}")
                self.scope.variables.append(Var(name, "b1", 1, (0, 1)))
                places = []
            self.scope.places += [Var(text, dtype, 1, interval) for text in places]

    def helper(self, closure: bool) -> None:
        """A function: of the module, or in the kernel, where it changes the kernel's variables."""
        outer = self.scope
        function = self.fresh("g")
        forms = ["positional", "keywords", "defaults", "starred"]
        parameters = []
        for _ in range(self.random.randint(1, 3)):
            dtype = self.random.choice(self.dtypes)
            lanes = self.random.choice((1, 1, 1, 2, 4, *self.shapes))
            name = self.fresh(self.letter(lanes))
            parameters.append(Var(name, dtype, lanes, self.home(dtype)))
        results = []
        for _ in range(self.random.choice((1, 1, 1, 2))):
            dtype = self.random.choice(self.dtypes)
            lanes = self.random.choice((1, 1, 2, 3, *self.shapes))
            results.append(Var("", dtype, lanes, self.home(dtype)))
        helper = Helper(function, parameters, results, self.random.choice(forms))
        state = (self.left, self.loops, self.uniform, self.left_early, self.group, self.reads)
        self.left, self.loops, self.function = 5, [], helper
        # The lanes of a vector are assigned in the function that it is a variable of.
        self.outer = {v.name for v in outer.variables}
        self.scope = outer.inner() if closure else Scope(helpers=list(outer.helpers))
        if closure:
            self.mark("closure")
        else:
            self.reads = []
        is_func = not closure or self.chance(0.5)
        if is_func:
            self.mark("@enigma.func")
            self.emit("@enigma.func")
        annotated = self.chance(0.3)
        texts = [p.name + (": object" if annotated else "") for p in parameters]
        if helper.form == "defaults":
            texts.append("k=2")
        self.emit(f"def {function}({', '.join(texts)}):")
        self.indent += 1
        if closure:
            names = sorted(
                {v.name for v in self.scope.variables if v.name[0] in "svfx" and "." not in v.name}
            )
            names += [name for name in self.scope.counters if name[0] == "n"]
            if names:
                self.mark("nonlocal")
                self.emit(f"nonlocal {', '.join(names)}")
        self.scope.variables += parameters
        if helper.form == "defaults":
            self.scope.counters.append("k")
        self.declare(1)
        self.block_of(self.random.randint(1, 4))
        self.emit(self._return())
        self.indent -= 1
        self.function, self.outer = None, set()
        self.left, self.loops, self.uniform, self.left_early, self.group, self.reads = state
        self.scope = outer
        self.scope.helpers.append(helper)

    def _module(self) -> str:
        if self.chance(0.5):
            self.helper(closure=False)
        if self.chance(0.2):
            self.helper(closure=False)
        helpers, self.lines = self.lines, []
        self.indent = 1
        self.reads = [name for name in self.dtypes if self.chance(0.8)]
        row = self._row()
        if row:
            self.preludes.append(row.prelude)
            for line in row.setup.splitlines():
                self.emit(line)
        scalar = self.random.choice(self.dtypes) if self.chance(0.4) else ""
        if scalar:
            self.mark("scalar parameter")
            interval: Interval = (-8.0, 8.0) if scalar in FLOATS else (0, 9)
            name = "given"
            if scalar[0] == "u":
                # As of positions, its differences would be integers.
                name = "bits"
                self.emit(f"{name} = given.to(enigma.{scalar})")
            self.scope.variables.append(Var(name, scalar, 1, interval))
        if self.chance(0.2):
            self.function_constant()
        constexpr = self.chance(0.2)
        if constexpr:
            self.mark("constexpr parameter")
            self.options["constants"] = {"size": self.random.randint(1, 5)}
            self.scope.counters.append("size")
        self.declare(self.random.randint(3, 6))
        self.containers()
        if self.chance(0.35):
            self.helper(closure=True)
        if not self.group and self.chance(0.2):
            # Most kernels stay scalar: they are not elementwise.
            self.mark("vec_width")
            self.options["vec_width"] = self.random.choice((2, 4))
        self.left = self.random.randint(5, 16)
        at = self.random.randint(0, 5)
        self.rare()
        TOPICS[self.topic](self)
        for position in range(6):
            if position == at and row:
                self.place_row(row)
            self.block_of(self.random.randint(1, 2))
            if self.lines[-1].strip() in ("return",) and self.lines[-1].startswith("    return"):
                break
        else:
            if row:
                self.emit(f"{self.slot('i32')} = enigma.metal_cast({row.read}, enigma.i32)")
        self.finish()
        body = self.lines
        parameters = ["A: enigma.i32"]
        if row and re.search(r"\bB\b", row.example):
            parameters.append("B: enigma.i32")
        parameters += [f"in_{name}: enigma.{name}" for name in self.reads]
        parameters += [f"out_{name}: enigma.{name}" for name in self.slots]
        if self.atomics:
            parameters += ["acc_i32: enigma.i32", "acc_u32: enigma.u32"]
        if scalar:
            parameters.append(f"given: enigma.Scalar(enigma.{scalar})")
        if constexpr:
            parameters.append("size: enigma.constexpr")
        parameters += self.given
        text = "\n".join(
            [
                PRELUDE,
                *(textwrap.dedent(prelude).strip("\n") for prelude in self.preludes if prelude),
                f"THREADS, BLOCK = {self.threads}, {self.block}",
                f"OPTIONS = {self.options!r}",
                f"CONSTANTS = {self.constants!r}",
                f"COUNTS = {self.slots!r}",
                *helpers,
                "",
                "@enigma.kernel",
                f"def kernel({', '.join(parameters)}):",
                "    i = enigma.thread_position_in_grid",
                *body,
                "",
            ]
        )
        for name, count in self.slots.items():
            text = text.replace(f"COUNT_{name}", str(count))
        return text

    def rare(self) -> None:
        """Emit the function that this kernel is to have."""
        name = self.focus
        for names, emit in (
            (NEAR, self.near),
            (GEOMETRY, self.geometry),
            (PACKING, self.packing),
            (ATOMIC, self.atomic),
            (COLLECTIVE, self.collective),
        ):
            if name in names:
                emit(name)

    def finish(self) -> None:
        """Store all variables."""
        last = self.lines[-1]
        if last == "    return":
            return
        for variable in [*self.scope.variables, *self.scope.places]:
            if variable.name[0] in "jk" or variable.name == "given":
                continue
            if variable.lanes == 1:
                self.emit(f"{self.slot(variable.dtype)} = {variable.name}")
            for lane in range(variable.lanes if variable.lanes > 1 else 0):
                self.emit(f"{self.slot(variable.dtype)} = {variable.name}[{lane}]")
        for name, dtype, shape, _ in self.scope.registers:
            for position in range(math.prod(shape)):
                self.emit(f"{self.slot(dtype)} = {name}[{position}]")

    # Forms that the documentation lists.

    def _row(self) -> Row | None:
        row = GRAFTED[self.seed % len(GRAFTED)]
        return row if self.grafts else None

    def place_row(self, row: Row) -> None:
        """Emit the example of a documented form."""
        self.mark(f"row {row.node}: {row.what}")
        text = textwrap.dedent(row.example.rstrip()).lstrip("\n")
        framed = self.random.choice(["", "if", "for"])
        returns = any(isinstance(node, ast.Return) for node in _own_nodes(text))
        if framed == "if":
            self.emit(f"if {self.condition().text}:")
        elif framed == "for":
            self.emit(f"for lap in enigma.range({self.of('u32', 1, 1, (0, 2)).text}):")
        extra = "    " if framed else ""
        for line in text.splitlines():
            self.emit(extra + line)
        if framed or returns:
            self.uniform, self.left_early = False, True


def _own_nodes(text: str) -> Iterator[ast.AST]:
    """The nodes of statements, but for those of functions in them."""
    (function,) = ast.parse(f"def f():\n{textwrap.indent(text, '    ')}").body
    assert isinstance(function, ast.FunctionDef)
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            pending += ast.iter_child_nodes(node)


def kernel(seed: int) -> Generator:
    """The kernel of a seed."""
    return Generator(seed)
