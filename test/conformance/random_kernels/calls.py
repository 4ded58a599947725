# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random choices and calls of functions."""

from __future__ import annotations

from conformance import reference
from conformance.random_kernels.expressions import Expressions
from conformance.random_kernels.numbers import (
    FLOATS,
    INTEGERS,
    LARGEST,
    SIGNED,
    UNSIGNED,
    bits_of,
    limits,
)
from conformance.random_kernels.terms import (
    Expr,
    Helper,
    Interval,
    union,
)


class Calls(Expressions):
    """Choices, and calls of functions."""

    def choice(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        kinds = ["where", "conditional", "and", "or", "max", "min", "sum", "number"]
        kind = self.random.choice(kinds)
        if kind == "where":
            a = self.typed(self.of(dtype, lanes, depth - 1))
            b = self.typed(self.of(dtype, lanes, depth - 1))
            mask = self.typed(self.of("b1", lanes if self.chance(0.5) else 1, depth - 1))
            self.mark("where")
            text = f"enigma.where({a.text}, {b.text}, {mask.text})"
            return Expr(text, dtype, lanes, union([a.interval, b.interval]))
        if lanes > 1 and kind != "conditional":
            return None
        if kind == "number":
            if dtype == "b1":
                return None
            a = self.typed(self.of(dtype, 1, depth - 1))
            number = self.number(dtype)
            arms = [number.text, a.text]
            self.random.shuffle(arms)
            self.mark("choice of a number and a value")
            text = f"({arms[0]} if {self.condition(depth - 1).text} else {arms[1]})"
            interval = union([a.interval, number.interval])
            return Expr(f"enigma.metal_cast({text}, enigma.{dtype})", dtype, 1, interval)
        a = self.typed(self.of(dtype, lanes, depth - 1))
        b = self.typed(self.of(dtype, lanes, depth - 1))
        both = union([a.interval, b.interval])
        if kind == "conditional":
            self.mark("conditional expression")
            text = f"({a.text} if {self.condition(depth - 1).text} else {b.text})"
            return Expr(text, dtype, lanes, both)
        if dtype == "b1":
            return None
        self.mark(f"value of {kind}")
        if kind in ("and", "or"):
            return Expr(f"({a.text} {kind} {b.text})", dtype, 1, both)
        if kind in ("min", "max"):
            return Expr(f"{kind}({a.text}, {b.text})", dtype, 1, both)
        if dtype in SIGNED:
            reach = limits(dtype)[1] // 3
            a, b = self._reduced(a, reach), self._reduced(b, reach)
            assert a.interval
            assert b.interval
            return Expr(f"sum([{a.text}, {b.text}])", dtype, 1, (a.low + b.low, a.high + b.high))
        interval = None if dtype in FLOATS else limits(dtype)
        return Expr(f"sum([{a.text}, {b.text}])", dtype, 1, interval)

    def special(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        """A walrus, a call, a comprehension or an element at a computed place."""
        kind = self.random.choice(["walrus", "call", "call", "comprehension", "register", "lambda"])
        if kind == "walrus":
            found = [v for v in self.scope.variables if (v.dtype, v.lanes) == (dtype, lanes)]
            found = [v for v in found if v in self.targets()]
            if not found:
                return None
            target = self.random.choice(found)
            value = self.typed(self.of(dtype, lanes, depth - 1, target.interval))
            self.mark("walrus")
            return Expr(f"({target.name} := {value.text})", dtype, lanes, target.interval)
        if kind == "call":
            found = [h for h in self.scope.helpers if len(h.results) == 1]
            found = [h for h in found if (h.results[0].dtype, h.results[0].lanes) == (dtype, lanes)]
            if not found:
                return None
            return self.call(self.random.choice(found), depth)
        if kind == "comprehension" and lanes == 1 and dtype in UNSIGNED and self.scope.lists:
            name, element, _, interval = self.random.choice(self.scope.lists)
            value = self.convert(Expr("e", element, 1, interval), dtype)
            self.mark("sum of a generator expression")
            return Expr(f"sum({value.text} for e in {name})", dtype, 1, limits(dtype))
        if kind == "register" and lanes == 1:
            arrays = [r for r in self.scope.registers if r[1] == dtype]
            if not arrays:
                return None
            name, _, shape, interval = self.random.choice(arrays)
            self.mark("element of a register tensor")
            return Expr(f"{name}[{self.coordinates(shape)}]", dtype, 1, interval)
        if kind == "lambda" and lanes == 1:
            value = self.typed(self.leaf(dtype, 1))
            if dtype in SIGNED:
                value = self._reduced(value, limits(dtype)[1] // 2 - 9)
            self.mark("lambda")
            number = self.number(dtype, (0, 3) if dtype in INTEGERS else (0.0, 3.0))
            if dtype == "b1":
                return None
            interval = (
                None
                if value.interval is None
                else (value.low + number.low - 1e-3, value.high + number.high + 1e-3)
            )
            if dtype in INTEGERS:
                assert value.interval
                interval = (value.low + number.low, value.high + number.high)
                if dtype in UNSIGNED and interval[1] > limits(dtype)[1]:
                    interval = limits(dtype)
            elif interval is not None:
                interval = (interval[0] * 1.02 - 1, interval[1] * 1.02 + 1)
                interval = (min(interval[0], -1), max(interval[1], 1))
                if interval[1] > LARGEST[dtype] / 4:
                    interval = None
            return Expr(f"(lambda a: a + {number.text})({value.text})", dtype, 1, interval)
        return None

    def coordinates(self, shape: tuple[int, ...]) -> str:
        """A subscript of an array of registers."""
        parts = []
        for extent in shape:
            fixed = self.chance(0.5)
            parts.append(str(self.random.randrange(extent)) if fixed else self.index(extent))
        return ", ".join(parts)

    def call(self, helper: Helper, depth: int) -> Expr:
        arguments = [
            self.typed(self.of(p.dtype, p.lanes, min(depth - 1, 1), p.interval)).text
            for p in helper.parameters
        ]
        self.mark(f"call {helper.form}")
        texts = list(arguments)
        if helper.form == "keywords" or (helper.form == "defaults" and self.chance(0.5)):
            texts = [f"{p.name}={a}" for p, a in zip(helper.parameters, arguments, strict=True)]
            self.random.shuffle(texts)
        elif helper.form == "starred":
            texts = [f"*({', '.join(arguments)},)"]
        if helper.form == "defaults" and self.chance(0.5):
            texts = [*texts, f"k={self.random.randint(0, 3)}"]
        result = helper.results[0]
        text = f"{helper.name}({', '.join(texts)})"
        return Expr(text, result.dtype, result.lanes, result.interval, result.dtype != "b1")

    def function_call(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        if dtype in FLOATS:
            return self.float_function(dtype, lanes, depth)
        if dtype in INTEGERS:
            return self.integer_function(dtype, lanes, depth)
        return None

    def float_function(self, dtype: str, lanes: int, depth: int) -> Expr:
        bounded = self.of(dtype, lanes, depth - 1, (-100.0, 100.0))
        other = self.of(dtype, lanes if self.chance(0.7) else 1, depth - 1, (-50.0, 50.0))
        names = ["abs", "ceil", "floor", "rint", "round", "trunc", "saturate", "sign", "sqrt"]
        names += ["copysign", "fdim", "fmax", "fmin", "fmod", "step", "clamp", "fma"]
        names += ["fmax3", "fmin3", "fmedian3", "max", "min"]
        name = self.random.choice(names)
        self.mark(f"function {name}")
        x, y = bounded.text, other.text
        if name in (
            "saturate",
            "fdim",
            "fmax",
            "fmin",
            "fmax3",
            "fmin3",
            "fmedian3",
            "clamp",
            "max",
            "min",
        ):
            # Which of two zeros comes out is not defined: there is one kind.
            x, y = f"({x} + 0.0)", f"({y} + 0.0)"
        assert bounded.interval
        reach = max(abs(bounded.low), abs(bounded.high)) + 1
        interval: Interval = (-reach, reach)
        if name == "sqrt":
            return Expr(f"enigma.sqrt(abs({x}))", dtype, lanes, (0.0, reach))
        if name in ("saturate",):
            return Expr(f"enigma.saturate({x})", dtype, lanes, (0.0, 1.0))
        if name in reference.UNARY or name == "abs":
            return Expr(f"enigma.{name}({x})", dtype, lanes, interval)
        if name == "fma":
            third = self.of(dtype, lanes, depth - 1, (-50.0, 50.0))
            text = f"enigma.fma({x}, {y}, {third.text})"
            return Expr(text, dtype, lanes, (-reach * 51 - 51, reach * 51 + 51))
        if name == "clamp":
            low, high = sorted((self.random.choice([-3.5, -1.0, 0.5]), 2.0))
            return Expr(f"enigma.clamp({x}, {low}, {high})", dtype, lanes, (low, high))
        if name == "fmod":
            text = f"enigma.fmod({x}, abs({y}) + 0.5)"
            return Expr(text, dtype, lanes, interval)
        interval = (-reach - 51, reach + 51)
        if name in ("fmax3", "fmin3", "fmedian3"):
            third = self.of(dtype, lanes, depth - 1, (-50.0, 50.0))
            return Expr(f"enigma.{name}({x}, {y}, {third.text} + 0.0)", dtype, lanes, interval)
        if self.chance(0.2):
            y = self.number(dtype, (-8.0, 8.0)).text
        first, second = self._named(name, x, y)
        return Expr(f"enigma.{name}({first}, {second})", dtype, lanes, interval)

    def _named(self, name: str, x: str, y: str) -> tuple[str, str]:
        if self.chance(0.2) and name not in ("step",):
            self.mark("operand by name")
            return x, f"y={y}"
        return x, y

    def integer_function(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        names = [name for name in reference.INTEGER if name not in ("abs_diff", "abs_diff_unary")]
        names += ["extract_bits", "insert_bits", "max", "min"]
        if dtype in UNSIGNED:
            names += ["abs_diff", "abs_diff_unary"]
        name = self.random.choice(names)
        self.mark(f"function {name}")
        low, high = limits(dtype)
        a = self.typed(self.of(dtype, lanes, depth - 1))
        bits = bits_of(dtype)
        everything: Interval = (low, high)
        if name in ("popcount", "clz", "ctz"):
            return Expr(f"enigma.{name}({a.text})", dtype, lanes, (0, bits))
        if name == "reverse_bits":
            return Expr(f"enigma.reverse_bits({a.text})", dtype, lanes, everything)
        if name in ("extract_bits", "insert_bits"):
            count = self.random.randint(1, bits - 1)
            offset = self.random.randint(0, bits - count)
            middle = ""
            if name == "insert_bits":
                middle = f"{self.typed(self.of(dtype, lanes, depth - 1)).text}, "
            text = f"enigma.{name}({a.text}, {middle}{offset}, {count})"
            return Expr(text, dtype, lanes, everything)
        if name in ("abs_diff", "abs_diff_unary"):
            source = self.random.choice([dtype, "i" + dtype[1:]])
            x, y = (self.typed(self.of(source, lanes, depth - 1)) for _ in range(2))
            if name == "abs_diff":
                return Expr(f"enigma.abs_diff({x.text}, {y.text})", dtype, lanes, everything)
            if source in SIGNED:
                x = self.within(x, (limits(source)[0] + 1, limits(source)[1]))
            return Expr(f"enigma.abs_diff_unary({x.text})", dtype, lanes, everything)
        if name == "rotate":
            b = self.of(dtype, lanes, depth - 1)
            text = str(self.random.randrange(bits)) if self.chance(0.4) else self.typed(b).text
            return Expr(f"enigma.rotate({a.text}, {text})", dtype, lanes, everything)
        if name == "idiv":
            part = self.of(dtype, lanes, depth - 1, (0, min(high - 1, 15)))
            text = f"enigma.idiv({a.text}, {part.text} + 1)"
            return Expr(text, dtype, lanes, (min(a.low, 0), max(a.high, 0)))
        if name == "iclamp":
            x, y = sorted((self.random.randint(0, 9), self.random.randint(0, 9)))
            return Expr(f"enigma.iclamp({a.text}, {x}, {y})", dtype, lanes, (x, y))
        b = self.typed(self.of(dtype, lanes if self.chance(0.7) else 1, depth - 1))
        if name in ("mad_hi", "mad_sat"):
            third = self.typed(self.of(dtype, lanes, depth - 1))
            if name == "mad_hi" and dtype in SIGNED:
                third = self._reduced(third, high // 4)
                a, b = self._reduced(a, high // 2), self._reduced(b, high // 2)
            return Expr(
                f"enigma.{name}({a.text}, {b.text}, {third.text})", dtype, lanes, everything
            )
        if name in ("imin", "imax", "min", "max"):
            both = union([a.interval, b.interval])
            return Expr(f"enigma.{name}({a.text}, {b.text})", dtype, lanes, both)
        return Expr(f"enigma.{name}({a.text}, {b.text})", dtype, lanes, everything)
