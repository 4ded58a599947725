# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random kernels.

A program always ends, reads nothing that may be unassigned except on purpose, and keeps its
integers so small that no dtype overflows: what is stored is wrapped, what is counted up grows by
less than 8 an iteration, and only what is a variable or smaller is multiplied.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from conformance.semantics.comparison import EITHER, Case

PRELUDE = """
import contextlib
class Point:
    def __init__(self, u, v):
        self.u, self.v = u, v
    def bump(self, a):
        self.u = a
    @enigma.func
    def raise_to(self, a):
        if a > self.v:
            self.v = a
            return 1
        return 0
def scale(a, b):
    return a * 2 - b % 5
def put(xs, a):
    xs[0] = a
@enigma.func
def clip(a, b):
    if a < b:
        return b
    elif a > b + 6:
        return b + 6
    return a
TOTAL = 2
def bump(a):
    global TOTAL
    TOTAL = a
def both(a, b):
    yield a
    yield from (b, 3)
@enigma.func
def settle(xs, a):
    if a < 0:
        return 0
    xs[1] = a
    if xs[0] > a:
        xs[0], xs[1] = xs[1], xs[0]
    return xs[1] - xs[0]
"""

WRAPPED = "({}) % 19 - 6"


class Generator:
    """The text of one program, statement by statement."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lines: list[str] = []
        self._ints = ["x", "y", "z"]
        self._lists = ["xs", "ys"]
        self._flags = ["f"]
        self._loops = 0
        self._names = 0
        self._left = self._random.randint(4, 14)
        self._depth = 0
        self._function = False
        self._functions: list[str] = []
        self._calls: list[str] = []
        # A program has some of the constructs that are hard, not all of them: it would be refused.
        self._rare = {name for name in _RARE if self._random.random() < 0.12}
        self.prelude = PRELUDE
        if self._random.random() < 0.4:
            self.prelude += self._helper()
        self.body = self._program()

    def _program(self) -> str:
        choose = self._random.choice
        self._emit(f"x = {choose(['0', '4', 'A[i]', 'A[i] * 2'])}")
        self._emit(f"y = {choose(['1', 'A[i + 1]', 'A[i] - 3'])}")
        self._emit(f"z = {choose(['-2', 'A[i + 2]'])}")
        self._state()
        if self._random.random() < 0.5:
            self._nested_function()
        self._block(self._random.randint(3, 7))
        self._emit(f"B[i] = {self._result()}")
        return "\n".join(self._lines)

    def _state(self) -> None:
        """Emit variables of all kinds, after x, y and z; a helper has its list already."""
        choose = self._random.choice
        self._emit(f"f = {choose(['True', 'False', 'A[i] > 2', 'x < y'])}")
        if not self._function:
            self._emit(f"xs = [{self._value(0)}, {self._value(0)}]")
        self._emit(f"ys = {choose(['[3, 5]', '[A[i], 4]', 'list(xs)', 'xs'])}")
        self._emit(f"d = {{'a': {self._value(0)}, 'b': {self._value(0)}}}")
        self._emit(f"p = Point({self._value(0)}, {self._value(0)})")
        self._emit(f"m = [[{self._value(0)}, 2], {choose(['xs', '[1, A[i]]'])}]")

    def _helper(self) -> str:
        """A function that a kernel calls, with a list that it may change."""
        self._emit("@enigma.func")
        self._emit("def helper(x, xs, A, i):")
        self._depth += 1
        self._function = True
        self._emit(f"y, z = x, {self._random.choice(['2', 'x - 1', 'A[i]'])}")
        self._state()
        left, self._left = self._left, 5
        self._block(3)
        self._emit(f"return ({self._result()}) % 19 - 6")
        self._left, self._function = left, False
        self._ints = ["x", "y", "z"]
        self._depth -= 1
        self._calls.append("helper({0}, {1}, A, i)")
        text, self._lines = "\n".join(self._lines), []
        return f"{text}\n"

    @staticmethod
    def _result() -> str:
        parts = ["x", "y", "z", "xs[0]", "xs[1]", "ys[0]", "ys[1]", "d['a']", "d['b']"]
        parts += ["p.u", "p.v", "m[0][0]", "m[1][1]", "TOTAL"]
        weighted = " + ".join(f"{part} * {3 * k + 2}" for k, part in enumerate(parts))
        return f"({weighted} + (500 if f else 0)) % 10007"

    def _emit(self, line: str) -> None:
        self._lines.append("    " * self._depth + line)

    def _fresh(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    # Expressions.

    def _atom(self) -> str:
        kind = self._random.randrange(12)
        if kind < 5:
            return self._random.choice(self._ints)
        if kind < 7:
            return str(self._random.randint(-3, 6))
        if kind == 7:
            return f"A[i + {self._random.randrange(4)}]"
        if kind < 10:
            return f"{self._random.choice(self._lists)}[{self._random.choice(['0', '1', '-1'])}]"
        if kind == 10:
            return self._random.choice(["d['a']", "d['b']"])
        return self._random.choice(["p.u", "p.v"])

    def _value(self, depth: int = 2) -> str:
        if depth == 0:
            return self._random.choice([*self._ints, str(self._random.randint(-3, 6)), "A[i]"])
        kind = self._random.randrange(16)
        if kind < 5:
            return self._atom()
        if kind < 8:
            return (
                f"({self._value(depth - 1)} {self._random.choice('+-')} {self._value(depth - 1)})"
            )
        if kind == 8:
            return f"({self._random.choice(self._ints)} * {self._random.choice(self._ints)}) % 13"
        if kind == 9:
            operator, divisor = self._random.choice(["//", "%"]), self._random.choice("2357")
            return f"({self._value(depth - 1)} {operator} {divisor})"
        if kind < 12:
            return (
                f"({self._value(depth - 1)} if {self._condition(1)} else {self._value(depth - 1)})"
            )
        if kind == 12:
            operator = self._random.choice(["and", "or"])
            return f"({self._value(depth - 1)} {operator} {self._value(depth - 1)})"
        if kind == 13:
            return f"({self._random.choice('xyz')} := {WRAPPED.format(self._value(depth - 1))})"
        if kind == 14:
            return self._call(depth)
        return f"sum([k + {self._atom()} for k in (1, {self._atom()})])"

    def _call(self, depth: int) -> str:
        def argument() -> str:
            return self._value(min(depth, 1) - 1)

        calls = [
            f"clip({argument()}, {argument()})",
            f"scale({argument()}, {argument()})",
            f"settle({self._random.choice(self._lists)}, {argument()})",
            f"p.raise_to({argument()})",
            *[f"{name}({argument()})" for name in self._functions],
            *[call.format(argument(), self._random.choice(self._lists)) for call in self._calls],
        ]
        return self._random.choice(calls)

    def _condition(self, depth: int = 2) -> str:
        kind = self._random.randrange(10) if depth else self._random.randrange(5)
        if kind < 4:
            operator = self._random.choice(["<", "<=", ">", ">=", "==", "!="])
            return f"{self._value(min(depth, 1))} {operator} {self._value(min(depth, 1))}"
        if kind == 4:
            return self._random.choice(self._flags)
        if kind == 5:
            return f"{self._atom()} < {self._value(1)} <= {self._atom()}"
        if kind == 6:
            return f"not ({self._condition(depth - 1)})"
        operator = self._random.choice(["and", "or"])
        return f"(({self._condition(depth - 1)}) {operator} ({self._condition(depth - 1)}))"

    # Statements.

    def _block(self, statements: int) -> None:
        """Emit a block; it stops behind what leaves it for sure."""
        before = len(self._lines)
        for _ in range(statements):
            if self._left <= 0 or self._statement():
                break
        if len(self._lines) == before:
            self._simple()

    def _nested(self, statements: int = 3) -> None:
        ints, self._ints = self._ints, list(self._ints)
        self._depth += 1
        self._block(self._random.randint(1, statements))
        self._depth -= 1
        # What is first assigned in there may be unassigned behind it.
        self._ints = ints

    def _statement(self) -> bool:
        self._left -= 1
        compound: list[Callable[[], None]] = [
            self._if,
            self._if,
            self._for_range,
            self._for_range,
            self._for_unrolled,
            self._while,
            self._try,
        ]
        kind = self._random.random()
        if kind < 0.12 and (self._loops or self._depth):
            return self._exit()
        if kind < 0.55 and self._depth < 4:
            self._random.choice(compound)()
        else:
            self._simple()
        return False

    def _simple(self) -> None:
        choose = self._random.choice
        target = choose("xyz")
        items = choose(self._lists)
        place = f"{items}[{choose('01')}]"
        simple = [
            f"{target} = {WRAPPED.format(self._value())}",
            f"{target} = {WRAPPED.format(self._value())}",
            f"{target} {choose(['+=', '-='])} ({self._value(1)}) % 8",
            "x, y = y, x",
            f"{target}, z = z, {WRAPPED.format(self._value(1))}"
            if target != "z"
            else "y, z = z, y",
            f"f = {self._condition()}",
            f"{place} = {WRAPPED.format(self._value())}",
            f"{place} = {WRAPPED.format(self._value(1))}",
            f"{place} += ({self._value(1)}) % 8",
            f"{items}[0], {items}[1] = {items}[1], {items}[0]",
            f"d['{choose('ab')}'] = {WRAPPED.format(self._value(1))}",
            f"d['{choose('ab')}'] += ({self._value(1)}) % 8",
            f"p.{choose('uv')} = {WRAPPED.format(self._value(1))}",
            f"p.{choose('uv')} -= ({self._value(1)}) % 8",
            f"p.bump({WRAPPED.format(self._value(1))})",
            f"put({items}, {WRAPPED.format(self._value(1))})",
            f"m[{choose('01')}][{choose('01')}] = {WRAPPED.format(self._value(1))}",
            f"bump({WRAPPED.format(self._value(1))})",
            f"{target} = {WRAPPED.format(self._call(1))}",
            self._call(1),
            *[_RARE[name](items, self._value(1)) for name in sorted(self._rare)],
        ]
        for line in choose(simple).split("\n"):
            self._emit(line)

    def _if(self) -> None:
        self._emit(f"if {self._condition()}:")
        self._nested()
        while self._random.random() < 0.3:
            self._emit(f"elif {self._condition()}:")
            self._nested(2)
        if self._random.random() < 0.5:
            self._emit("else:")
            self._nested(2)

    def _for_range(self) -> None:
        name = self._fresh("j")
        bounds = self._random.choice(
            [
                "3",
                "1, 4",
                "4, 0, -1",
                f"({self._atom()}) % 4",
                f"{self._random.choice(self._ints)} % 3, 4",
                "0, 7, 3",
            ]
        )
        self._loop(name, f"for {name} in enigma.range({bounds}):")

    def _for_unrolled(self) -> None:
        name = self._fresh("j")
        other = self._fresh("k")
        items = self._random.choice(self._lists)
        header = self._random.choice(
            [
                f"for {name} in range({self._random.randint(1, 3)}):",
                f"for {name} in (2, {self._value(1)}):",
                f"for {name} in list({items}):",
                f"for {other}, {name} in enumerate(({self._value(1)}, 4)):",
                f"for {other}, {name} in zip(xs, ys):",
                f"for {name} in d.values():",
            ]
        )
        self._loop(name, header)

    def _loop(self, name: str, header: str) -> None:
        set_before = self._random.random() < 0.6
        if set_before:
            self._emit(f"{name} = {self._random.choice(['0', '5', 'A[i]'])}")
        self._emit(header)
        self._ints.append(name)
        self._body()
        if not set_before:
            # A loop that is empty leaves it without a value, in its `else` too.
            self._ints.remove(name)
        self._else()

    def _while(self) -> None:
        name = self._fresh("n")
        self._emit(f"{name} = 0")
        endless = self._random.random() < 0.35
        self._emit(f"while {'True' if endless else f'{name} < 3 and ({self._condition(1)})'}:")
        self._depth += 1
        self._emit(f"{name} += 1")
        if endless:
            self._emit(f"if {name} > 3 or {self._condition(1)}:")
            self._emit("    break")
        self._depth -= 1
        self._ints.append(name)
        self._body()
        self._else()

    def _body(self) -> None:
        self._loops += 1
        self._nested()
        self._loops -= 1

    def _else(self) -> None:
        if self._random.random() < 0.2:
            self._emit("else:")
            self._nested(1)

    def _try(self) -> None:
        if self._random.random() < 0.5:
            self._emit("with contextlib.nullcontext():")
            self._nested(2)
            return
        self._emit("try:")
        self._nested(2)
        if self._random.random() < 0.5:
            self._emit("except ZeroDivisionError:")
            self._nested(1)
        else:
            self._emit("finally:")
            # An exit from here would swallow all others.
            self._depth += 1
            self._simple()
            self._depth -= 1

    def _exit(self) -> bool:
        """Emit an exit, mostly behind a condition; whether what follows would be dead."""
        conditional = self._random.random() < 0.7
        if conditional:
            self._emit(f"if {self._condition(1)}:")
            self._depth += 1
        exits = ["return", *(["break", "continue"] * 2 if self._loops else [])]
        kind = self._random.choice(exits)
        if kind == "return" and not self._function:
            self._emit(f"B[i] = {self._result()}")
        elif kind == "return":
            kind = f"return {WRAPPED.format(self._value(1))}"
        self._emit(kind)
        if conditional:
            self._depth -= 1
        return not conditional

    def _nested_function(self) -> None:
        """Emit a function that sees the variables of the kernel, and changes some."""
        name = self._fresh("g")
        if self._random.random() < 0.4:
            self._emit("@enigma.func")
        self._emit(f"def {name}(a):")
        self._depth += 1
        self._emit("nonlocal x, y, z, f, xs, ys, d, p, m")
        self._function, self._ints = True, [*self._ints, "a"]
        left, self._left = self._left, 3
        self._block(2)
        self._emit(f"return {WRAPPED.format(self._value(1))}")
        self._left = left
        self._function = False
        self._ints = ["x", "y", "z"]
        self._depth -= 1
        self._functions.append(name)


def _after(*lines: str) -> Callable[[str, str], str]:
    return lambda items, value: "\n".join(lines).format(items=items, value=value)


# Statements that change the structure of objects, or which object a variable is.
_RARE: dict[str, Callable[[str, str], str]] = {
    "append and pop": _after("{items}.append({value})", "{items}[0] = {items}.pop()"),
    "append": _after("{items}.append(({value}) % 9)"),
    "alias": _after("xs = ys"),
    "new list": _after("{items} = [({value}) % 9, 4]"),
    "copy": _after("ys = list({items})"),
    "reverse": _after("{items}.reverse()"),
    "slice": _after("{items}[0:2] = [4, ({value}) % 9]"),
    "comprehension": _after("{items} = [(v + {value}) % 9 for v in {items}]"),
    "update": _after("d.update(a=({value}) % 9)"),
    "new key": _after("d['c'] = ({value}) % 9", "d['a'] = d.pop('c')"),
    "new dict": _after("d = {{'a': 3, 'b': ({value}) % 9}}"),
    "new object": _after("p = Point(({value}) % 9, 2)"),
    "setattr": _after("setattr(p, 'u', ({value}) % 9)"),
    "del": _after("del x", "x = ({value}) % 9"),
    "starred": _after("x, *ys = [({value}) % 9, 3, x]"),
    "match": _after("match len({items}):", "    case 2: x = ({value}) % 9", "    case _: y = 4"),
    "lambda": _after("z = (lambda v: v + x)(({value}) % 9)"),
    "next": _after("y = next(iter([({value}) % 9, 2]))"),
    "assert": _after("assert len({items}) > 1"),
    "annotated": _after("w: int = ({value}) % 9", "z = w"),
    "chained": _after("x = z = ({value}) % 9"),
    "match of traced": _after(
        "match ({value}) % 4:",
        "    case 1 | 2: x = 3",
        "    case v if v > 2: y = v",
        "    case _: z = x",
    ),
    "max": _after("x = max(y, ({value}) % 9)"),
    "in": _after("f = ({value}) in (1, x, 3)"),
    "any": _after("f = any(v > ({value}) for v in {items})"),
    "raise": _after(
        "try:", "    raise ValueError(4)", "except ValueError as e: x = e.args[0] + ({value}) % 5"
    ),
    "generator": _after("z = sum(both(({value}) % 9, x)) % 9"),
    "rows": _after("m[0], m[1] = m[1], m[0]"),
    "row": _after("m[0] = [({value}) % 9, 3]"),
    "row of a list": _after("m[0] = {items}"),
    "object in a list": _after("q = [p]", "q[0].u = ({value}) % 9"),
    "loop over rows": _after("for row in m: row[0] = ({value}) % 9"),
    "string": _after("s = 'ab' if len({items}) > 1 else 'abc'", "x = len(s)"),
    "optional": _after("o = None", "if o is None: o = ({value}) % 9", "y = o"),
    "is": _after("f = xs is ys"),
    "pick": _after("xs = xs if {value} > 2 else ys"),
}


def program(seed: int) -> Case:
    """The program of a seed."""
    generator = Generator(seed)
    return Case(f"program {seed}", generator.body, EITHER, generator.prelude)
