# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random control flow, and exchanges between threads."""

from __future__ import annotations

from conformance import reference
from conformance.random_kernels.functions import (
    COLLECTIVE,
    EXCHANGED,
    JOINING,
)
from conformance.random_kernels.numbers import (
    FLOATS,
    INTEGERS,
    SIGNED,
    UNSIGNED,
    bits_of,
    limits,
)
from conformance.random_kernels.statements import Statements
from conformance.random_kernels.terms import (
    Interval,
    Var,
    whole_range,
)


class Flow(Statements):
    """Control flow, and what threads exchange."""

    def diverge(self) -> bool:
        before, self.uniform = self.uniform, False
        return before

    def inner(self, statements: int = 3) -> None:
        with self.nested():
            self.block_of(self.random.randint(1, statements))

    def if_(self) -> None:
        before = self.diverge()
        self.mark("if")
        condition = self.condition().text
        again = self.chance(0.25)
        if again:
            name = self.fresh("c")
            self.emit(f"{name} = {condition}")
            condition = name
        self.emit(f"if {condition}:")
        self.inner()
        while self.chance(0.25):
            self.mark("elif")
            self.emit(f"elif {self.condition().text}:")
            self.inner(2)
        if self.chance(0.5):
            self.mark("else")
            self.emit("else:")
            self.inner(2)
        if again:
            self.emit(f"if {condition}:")
            self.inner(2)
        self.uniform = before and self.uniform_still()

    def uniform_still(self) -> bool:
        """Whether no thread has left the kernel, or the loop around."""
        return not self.left_early

    left_early = False

    def for_range(self) -> None:
        dtype = self.random.choice(INTEGERS)
        name = self.fresh("j")
        kind = self.random.randrange(8)
        high = limits(dtype)[1]
        interval: Interval = (-6, 9)
        uniform = True
        if kind == 0:
            dtype, bounds, interval = "i32", "3", (0, 2)
        elif kind == 1:
            dtype, bounds, interval = "i32", "1, 8, 3", (1, 7)
        elif kind == 2:
            dtype, bounds, interval = "i32", "5, -2, -2", (-1, 5)
        elif kind == 3 or dtype in UNSIGNED:
            stop = self.typed(self.of(dtype, 1, 1, (0, 3)))
            bounds, interval, uniform = stop.text, (0, 2), False
        elif kind == 4:
            start = self.typed(self.of(dtype, 1, 1, (-3, 2)))
            bounds, interval, uniform = f"{start.text}, 3", (-3, 2), False
        elif kind == 5:
            start = self.typed(self.of(dtype, 1, 1, (0, 3)))
            bounds, interval, uniform = f"{start.text}, -2, -1", (-1, 3), False
        elif kind == 6:
            start, stop = self.typed(self.of(dtype, 1, 1, (-2, 1))), self.of(dtype, 1, 1, (0, 6))
            bounds, interval, uniform = f"{start.text}, {stop.text}, 2", (-2, 5), False
        else:
            stop = self.typed(self.of(dtype, 1, 1, (0, 4)))
            bounds, interval, uniform = f"0, {stop.text}, 1", (0, 3), False
        assert high >= 9
        self.mark(f"for over enigma.range, kind {kind}")
        before = self.uniform
        self.uniform = before and uniform
        self.emit(f"for {name} in enigma.range({bounds}):")
        if dtype[0] == "u" and bits_of(dtype) >= 32:
            # As of positions, the differences of numbers that count would be integers.
            self.emit(f"    {name} = {name}.to(enigma.{dtype})")
        # The numbers of a loop have 32 bits or more.
        own = dtype if bits_of(dtype) >= 32 else "i32"
        self.body(Var(name, own, 1, interval), "range")
        self.uniform = before and self.uniform_still()

    def unrolled(self) -> None:
        name = self.fresh("j")
        kind = self.random.choice(["range", "range_constexpr", "list", "enumerate", "zip", "dict"])
        if kind in ("list", "enumerate", "zip") and not self.scope.lists:
            kind = "range"
        if kind == "dict" and not any(p.name.startswith("d") for p in self.scope.places):
            kind = "range"
        self.mark(f"for over {kind}")
        before = self.uniform
        variable: Var | None = None
        if kind in ("range", "range_constexpr"):
            prefix = "enigma." if kind == "range_constexpr" else ""
            self.emit(f"for {name} in {prefix}{kind}({self.random.randint(1, 3)}):")
        elif kind == "dict":
            place = next(p for p in self.scope.places if p.name.startswith("d"))
            self.emit(f"for {name} in {place.name.split('[')[0]}.values():")
            variable = Var(name, place.dtype, 1, place.interval)
        else:
            items, dtype, _, interval = self.random.choice(self.scope.lists)
            variable = Var(name, dtype, 1, interval)
            text = {
                "list": f"for {name} in list({items}):",
                "enumerate": f"for _, {name} in enumerate(list({items})):",
                "zip": f"for {name}, _ in zip(list({items}), (1, 2, 3)):",
            }[kind]
            self.emit(text)
        if variable is None:
            # A Python number: it indexes what Python indexes.
            self.loops.append("unrolled")
            with self.nested():
                self.scope.counters.append(name)
                self.block_of(self.random.randint(1, 2))
            self.loops.pop()
            self.met = self.met and bool(self.loops)
        else:
            self.body(variable, "unrolled")
        self.uniform = before and self.uniform_still()

    def body(self, variable: Var | None, kind: str) -> None:
        self.loops.append(kind)
        with self.nested():
            if variable is not None:
                self.scope.variables.append(variable)
            self.block_of(self.random.randint(1, 3))
        self.loops.pop()
        self.met = self.met and bool(self.loops)
        if self.chance(0.2):
            self.mark("else of a loop")
            self.emit("else:")
            self.uniform = False
            self.inner(2)

    def while_(self) -> None:
        name = self.fresh("n")
        before = self.diverge()
        start = f"enigma.{self.random.choice(['u8', 'i32', 'u32', 'i64'])}(0)"
        self.emit(f"{name} = {start if self.chance(0.6) else '0'}")
        if self.chance(0.4):
            self.mark("while True")
            self.emit("while True:")
            self.emit(f"    {name} += 1")
            self.emit(f"    if {name} > 3 or {self.condition().text}:")
            self.emit("        break")
        else:
            self.mark("while")
            self.emit(f"while {name} < 3 and {self.condition().text}:")
            self.emit(f"    {name} += 1")
        self.body(None, "while")
        self.uniform = before and self.uniform_still()

    def match(self) -> None:
        before = self.diverge()
        dtype = self.random.choice([name for name in self.dtypes if name in INTEGERS] or ["i32"])
        value = self.typed(self.of(dtype, 1, 1, (0, 5)))
        self.mark("match")
        self.emit(f"match {value.text}:")
        self.indent += 1
        self.emit("case 0 | 3:")
        self.inner(2)
        if self.chance(0.5):
            name = self.fresh("c")
            self.mark("guard")
            self.emit(f"case {name} if {name} > 2:")
            self.inner(1)
        self.emit("case _:")
        self.inner(1)
        self.indent -= 1
        self.uniform = before and self.uniform_still()

    def exit(self) -> bool:
        conditional = self.chance(0.75)
        kinds = ["return"]
        if self.loops:
            kinds += ["break", "continue"] * 2
        kind = self.random.choice(kinds)
        self.left_early = True
        self.uniform = False
        if conditional:
            self.emit(f"if {self.condition().text}:")
            self.indent += 1
        self.mark(f"{kind}{' of a value' if self.function and kind == 'return' else ''}")
        if kind == "return" and self.function:
            self.emit(self._return())
        else:
            self.emit(kind)
        if conditional:
            self.indent -= 1
        return not conditional

    def _return(self) -> str:
        assert self.function is not None
        values = []
        for result in self.function.results:
            value = self.of(result.dtype, result.lanes, 2, result.interval)
            values.append(value.text if result.dtype == "b1" else self.typed(value).text)
        return f"return {', '.join(values)}"

    # What threads exchange.

    def exchange(self) -> None:
        """Exchange something with other threads, all of which are here."""
        if self.chance(0.2) and not self.loops:
            return self.tile()
        return self.collective(self.random.choice(COLLECTIVE if self.block % 32 == 0 else JOINING))

    def collective(self, function: str) -> None:
        """A function over a group."""
        group, _, name = function.partition("_")
        width = {"simd": 32, "quad": 4}.get(group, self.block)
        if name in (*reference.VOTES, *reference.PRESENCE):
            self.mark(f"function {group}_{name}")
            given = "" if name in reference.PRESENCE else self.typed(self.of("b1", 1, 2)).text
            dtype = "b1" if name in ("all", "any", "is_first") else "u64"
            new = self.fresh("h")
            self.emit(f"{new} = enigma.{group}_{name}({given})")
            self.emit(f"{self.slot(dtype)} = {new}")
            return
        dtype = self.random.choice(EXCHANGED)
        lanes = self.random.choice((1, 1, 2, 3, 4))
        if name in ("and", "or", "xor") and dtype in FLOATS:
            dtype = "u32"
        interval: Interval = None
        most = min(96 // width, 3)
        if name.endswith(("sum", "product")):
            # Sums are exact in any order.
            dtype = dtype if dtype in INTEGERS else "i32"
            interval = (-most, most) if dtype in SIGNED else None
            if name.endswith("product") and dtype in SIGNED:
                interval = (-1, 1)
        elif dtype in FLOATS:
            interval = (0.5, 8.0)
        x = self.typed(self.of(dtype, lanes, 2, interval))
        self.mark(f"function {group}_{name}")
        lane = "enigma.thread_index_in_" + ("simdgroup" if group == "simd" else "quadgroup")
        operands = [x.text]
        text = f"enigma.{group}_{name}"
        new = self.fresh("h")
        if "fill" in name:
            fill = self.typed(self.of(dtype, lanes, 1, interval))
            modulo = self.random.choice([m for m in (2, 4, 8, 32) if m <= width])
            operands += [fill.text, str(self.random.randint(0, modulo - 1)), str(modulo)]
        elif name in ("shuffle", "broadcast"):
            own = name == "shuffle" and self.chance(0.5)
            operands.append(
                f"({lane} * 3 + 1) % {width}" if own else str(self.random.randrange(width))
            )
        elif name == "shuffle_xor" or "rotate" in name:
            operands.append(str(self.random.randrange(width)))
        elif name in ("shuffle_up", "shuffle_down"):
            # What comes from outside of the group is undefined: rotate the lanes instead.
            operands = [x.text, "0"]
        self.emit(f"{new} = {text}({', '.join(operands)})")
        result = interval or whole_range(dtype)
        if name.endswith(("sum", "product")):
            result = (-most * width, most * width) if dtype in SIGNED else limits(dtype)
            if name.endswith("product") and dtype in SIGNED:
                result = (-1, 1)
        self.scope.variables.append(Var(new, dtype, lanes, result))
        for part in range(lanes):
            read = new if lanes == 1 else f"{new}[{part}]"
            self.emit(f"{self.slot(dtype)} = {read}")
        return

    def tile(self) -> None:
        """Share an array: write it, wait, read it, wait."""
        dtype = self.random.choice(self.dtypes)
        name = self.fresh("tile")
        self.mark("threadgroup_alloc")
        self.mark("barrier")
        value = self.typed(self.of(dtype, 1, 2))
        interval: Interval = None if dtype in FLOATS else limits(dtype)
        self.emit(f"{name} = enigma.threadgroup_alloc(enigma.{dtype}, {self.block})")
        local = "enigma.thread_index_in_threadgroup"
        self.emit(f"{name}[{local}] = {value.text}")
        self.emit("enigma.barrier()")
        index = self.random.choice(
            [
                f"{self.block - 1} - {local}",
                f"({local} + {self.random.randrange(self.block)}) % {self.block}",
                self.index(self.block),
            ]
        )
        self.emit(f"{self.slot(dtype)} = {name}[{index}]")
        if self.chance(0.5):
            self.emit("enigma.barrier()")
            again = self.typed(self.of(dtype, 1, 2))
            self.emit(f"{name}[{self.block - 1} - {local}] = {again.text}")
            self.mark("simd_barrier")
            self.emit("enigma.simd_barrier()" if self.block == 32 else "enigma.barrier()")
            new = self.fresh("h")
            self.emit(f"{new} = {name}[{self.index(self.block)}]")
            self.scope.variables.append(Var(new, dtype, 1, interval))
        return
