# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random expressions."""

from __future__ import annotations

import math
from collections.abc import Callable

from conformance import reference
from conformance.random_kernels.numbers import (
    DTYPES,
    FLOATS,
    INTEGERS,
    LARGEST,
    SIGNED,
    UNSIGNED,
    bits_of,
    limits,
    promoted,
)
from conformance.random_kernels.terms import (
    Expr,
    Interval,
    Var,
    as_literal,
    bits_of_both,
    converted,
    corners,
    given_range,
    kind_of_place,
    union,
    whole_range,
)
from conformance.random_kernels.writer import Writer


class Expressions(Writer):
    """Expressions of a dtype and a number of lanes."""

    def of(self, dtype: str, lanes: int = 1, depth: int = 2, interval: Interval = None) -> Expr:
        """An expression of a dtype, within an interval if there is one."""
        found = self._any(dtype, lanes, depth)
        return self.within(found, interval) if interval is not None else found

    def _any(self, dtype: str, lanes: int, depth: int) -> Expr:
        if depth <= 0 or self.chance(0.12):
            return self.leaf(dtype, lanes)
        makers: list[Callable[[str, int, int], Expr | None]] = [
            self.operator,
            self.operator,
            self.operator,
            self.function_call,
            self.function_call,
            self.conversion,
            self.choice,
            self.special,
            self.guarded,
        ]
        if dtype == "b1":
            makers = [self.truth] * 4 + [self.operator, self.conversion, self.choice]
        for _ in range(6):
            found = self.random.choice(makers)(dtype, lanes, depth)
            if found is not None:
                return found
        return self.leaf(dtype, lanes)

    def typed(self, value: Expr) -> Expr:
        """A number of the kernel in Python too."""
        if value.solid:
            return value
        return Expr(
            f"enigma.metal_cast({value.text}, enigma.{value.dtype})",
            value.dtype,
            value.lanes,
            value.interval,
        )

    def leaf(self, dtype: str, lanes: int) -> Expr:
        found = [v for v in self.scope.variables if (v.dtype, v.lanes) == (dtype, lanes)] * 2
        found += [v for v in self.scope.places if (v.dtype, v.lanes) == (dtype, lanes)]
        if found and self.chance(0.75):
            place = self.random.choice(found)
            self.mark(kind_of_place(place.name))
            return place.read()
        if lanes > 1:
            return self.vector(dtype, lanes)
        vectors = [v for v in self.scope.variables if v.dtype == dtype and v.is_vector]
        if vectors and self.chance(0.4):
            return self.lane(self.random.choice(vectors))
        if dtype in self.reads and self.chance(0.7):
            return self.load(dtype)
        if dtype == "u32" and self.chance(0.3):
            return self.query()
        if self.chance(0.4) and self.scope.variables:
            scalars = [v for v in self.scope.variables if v.lanes == 1]
            if scalars:
                return self.convert(self.random.choice(scalars).read(), dtype)
        number = self.number(dtype)
        self.mark("dtype(number)")
        return Expr(f"enigma.{dtype}({number.text})", dtype, 1, number.interval)

    def query(self) -> Expr:
        """A position of a thread."""
        name, high = self.random.choice(
            [
                ("thread_position_in_grid", self.threads - 1),
                ("thread_position_in_grid()", self.threads - 1),
                ('thread_position_in_grid("x")', self.threads - 1),
                ("thread_position_in_threadgroup", self.block - 1),
                ("thread_position_in_threadgroup.x", self.block - 1),
                ("threadgroup_position_in_grid", self.threads // self.block),
                ("threads_per_threadgroup", self.block),
                ("threads_per_grid", self.threads),
                ("threadgroups_per_grid", self.threads),
                ("grid_size", self.threads),
                ("thread_index_in_threadgroup", self.block - 1),
                ("thread_index_in_simdgroup()", 31),
                ("simdgroup_index_in_threadgroup", 2),
                ("thread_index_in_quadgroup", 3),
                ("quadgroup_index_in_threadgroup", 16),
                ("threads_per_simdgroup", 32),
                ("simdgroups_per_threadgroup", 2),
                ('thread_position_in_grid_xyz("x")', self.threads - 1),
                ("arch.thread_idx()[0]", self.block - 1),
                ("arch.block_idx()[0]", self.threads),
                ("arch.block_dim()[0]", self.block),
                ("arch.grid_dim()[0]", self.threads),
            ]
        )
        self.mark("query " + name.split("(")[0].split(".")[0])
        if name == "thread_position_in_grid" and self.function is None:
            name = "i"
        else:
            name = f"enigma.{name}"
        # A position counts: its differences are integers. As an unsigned number they wrap.
        return Expr(f"{name}.to(enigma.u32)", "u32", 1, (0, high))

    def load(self, dtype: str) -> Expr:
        """An element of an input."""
        interval = given_range(dtype)
        buffer = f"in_{dtype}"
        kind = self.random.random()
        if kind < 0.6:
            index = self.random.choice(["i", "i", "i + 1", "i + 3"])
            self.mark("element of a buffer")
            return Expr(f"{buffer}[{index}]", dtype, 1, interval)
        index = self.index(self.threads)
        if kind < 0.85:
            self.mark("element at a computed index")
            return Expr(f"{buffer}[{index}]", dtype, 1, interval)
        self.mark("load_if")
        mask, default = self.condition(0), self.number(dtype, interval)
        return Expr(
            f"enigma.load_if({buffer}, {index}, {mask.text}, {default.text})", dtype, 1, interval
        )

    def index(self, size: int) -> str:
        """An index below a size."""
        dtype = self.random.choice(INTEGERS)
        if limits(dtype)[1] < size - 1:
            dtype = "u32"
        return self.of(dtype, 1, 1, (0, size - 1)).text

    def vector(self, dtype: str, lanes: int) -> Expr:
        """A vector that is made."""
        wider = [v for v in self.scope.variables if v.dtype == dtype and v.is_vector]
        if wider and self.chance(0.4):
            source = self.random.choice(wider)
            letters = self.random.choice(["xyzw", "rgba"])[: source.lanes]
            name = "".join(self.random.choice(letters) for _ in range(lanes))
            self.mark("swizzle")
            return Expr(f"{source.name}.{name}", dtype, lanes, source.interval)
        parts = [self.typed(self.leaf(dtype, 1)) for _ in range(lanes)]
        texts = [part.text for part in parts]
        interval = union([part.interval for part in parts])
        if lanes > 2 and self.chance(0.3):
            two = [v for v in wider if v.lanes == 2]
            if two:
                texts[:2] = [two[0].name]
                interval = union([interval, two[0].interval])
        if dtype == "f32" and self.chance(0.4):
            self.mark(f"make_float{lanes}")
            return Expr(f"enigma.make_float{lanes}({', '.join(texts)})", dtype, lanes, interval)
        self.mark("make_vec")
        named = f", dtype=enigma.{dtype}" if self.chance(0.3) else ""
        return Expr(f"enigma.make_vec({', '.join(texts)}{named})", dtype, lanes, interval)

    def lane(self, vector: Var) -> Expr:
        """One lane of a vector."""
        lane = self.random.randrange(vector.lanes)
        kind = self.random.randrange(3)
        self.mark(("lane by letter", "lane by number", "vec_extract")[kind])
        text = (
            f"{vector.name}.{'xyzw'[lane]}",
            f"{vector.name}[{lane}]",
            f"enigma.vec_extract({vector.name}, {lane})",
        )[kind]
        return Expr(text, vector.dtype, 1, vector.interval)

    def convert(self, value: Expr, dtype: str) -> Expr:
        """A value as one of another dtype."""
        if value.dtype == dtype:
            return self.typed(value)
        if value.dtype in FLOATS and dtype in INTEGERS:
            low, high = limits(dtype)
            reach = min(high, 1000)
            value = self.within(value, (max(low, -reach) if low else 0.0, float(reach)))
        if value.dtype in INTEGERS and dtype in ("f16", "bf16"):
            reach = min(2000 if dtype == "f16" else 60000, limits(value.dtype)[1])
            value = self.within(value, (max(limits(value.dtype)[0], -reach), reach))
        interval = converted(value.interval, value.dtype, dtype)
        if value.dtype in FLOATS and dtype in INTEGERS:
            assert value.interval is not None
            interval = (math.trunc(value.low), math.trunc(value.high))
        if self.chance(0.3) or not value.solid:
            self.mark("metal_cast")
            text = f"enigma.metal_cast({value.text}, enigma.{dtype})"
        else:
            self.mark(".to")
            text = f"{value.text}.to(enigma.{dtype})"
            if not value.text[-1].isalnum() and value.text[-1] not in ")]":
                text = f"({value.text}).to(enigma.{dtype})"
        return Expr(text, dtype, value.lanes, interval)

    def conversion(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        source = self.random.choice(DTYPES if self.chance(0.3) else self.dtypes)
        if bits_of(source) == bits_of(dtype) and dtype != "b1" and self.chance(0.4):
            if source == dtype:
                return None
            # The bits of a NaN are not known.
            value = self.of(source, lanes, depth - 1)
            if source in FLOATS and value.interval is None:
                value = self.within(value, (-100.0, 100.0))
            self.mark("as_type")
            text = f"enigma.as_type({value.text}, enigma.{dtype})"
            return Expr(text, dtype, lanes, whole_range(dtype))
        if source == dtype:
            return None
        return self.convert(self.of(source, lanes, depth - 1), dtype)

    def operands(
        self, dtype: str, lanes: int, depth: int, number: bool = True
    ) -> tuple[Expr, Expr]:
        """Two operands that meet in a dtype and lanes; either may be a Python number."""
        if number and dtype != "b1" and self.chance(0.3):
            value, other = self.typed(self.of(dtype, lanes, depth - 1)), self.open_number(dtype)
            return (value, other) if self.chance(0.6) else (other, value)
        first, second = dtype, dtype
        if self.chance(0.25):
            pairs = [(a, b) for a in DTYPES for b in DTYPES if promoted(a, b) == dtype and a != b]
            pairs = [
                pair
                for pair in pairs
                if dtype not in ("f16", "bf16") or not set(pair) & {"i64", "u64", "i32", "u32"}
            ]
            if pairs:
                first, second = self.random.choice(pairs)
                self.mark("operands of two dtypes")
        left, right = lanes, lanes
        if lanes > 1 and self.chance(0.3):
            left, right = self.random.choice([(1, lanes), (lanes, 1)])
            self.mark("vector and scalar")
        a, b = self.of(first, left, depth - 1), self.of(second, right, depth - 1)
        a, b = self._fit_float(a, dtype), self._fit_float(b, dtype)
        return (self.typed(a), b) if first != "b1" or not b.solid else (a, b)

    def _fit_float(self, value: Expr, dtype: str) -> Expr:
        """An integer that meets a float: no larger than that it has a value of its own there."""
        if value.dtype in INTEGERS and dtype in ("f16", "bf16"):
            low, high = limits(value.dtype)
            return self.within(value, (max(low, -2000), min(high, 2000)))
        return value

    def operator(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        if dtype in FLOATS:
            kind = self.random.choice(["+", "-", "*", "+", "-", "*", "/", "//", "%", "**", "1"])
        elif dtype == "b1":
            kind = self.random.choice(["&", "|", "^", "~"])
        else:
            kind = self.random.choice(
                ["+", "-", "*", "+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>", "**", "1"]
            )
        if kind in ("1", "~"):
            return self.unary(dtype, lanes, depth)
        self.mark(f"operator {kind}")
        if dtype in FLOATS and kind in ("/", "//", "%"):
            return self.float_division(kind, dtype, lanes, depth)
        if kind in ("//", "%"):
            return self.division(kind, dtype, lanes, depth)
        if kind in ("<<", ">>"):
            return self.shift(kind, dtype, lanes, depth)
        if kind == "**":
            return self.power(dtype, lanes, depth)
        a, b = self.operands(dtype, lanes, depth)
        if dtype in FLOATS:
            return Expr(
                f"({a.text} {kind} {b.text})", dtype, lanes, self._float_result(kind, a, b, dtype)
            )
        return self._integer_result(kind, a, b, dtype, lanes)

    @staticmethod
    def _float_result(kind: str, a: Expr, b: Expr, dtype: str) -> Interval:
        x, y = converted(a.interval, a.dtype, dtype), converted(b.interval, b.dtype, dtype)
        if x is None or y is None:
            return None
        low, high = corners(kind, x, y)
        reach = max(abs(low), abs(high)) * 1.02 + 1e-6
        if reach > LARGEST[dtype] / 4 or reach > 1e9:
            return None
        return low - 0.02 * abs(low) - 1e-6, high + 0.02 * abs(high) + 1e-6

    def _integer_result(self, kind: str, a: Expr, b: Expr, dtype: str, lanes: int) -> Expr:
        x = converted(a.interval, a.dtype, dtype)
        y = converted(b.interval, b.dtype, dtype)
        assert x is not None
        assert y is not None
        if kind in "&|^":
            result: Interval = bits_of_both(x, y, dtype)
            if dtype == "b1":
                result = (0, 1)
            return Expr(f"({a.text} {kind} {b.text})", dtype, lanes, result)
        low, high = corners(kind, x, y)
        least, most = limits(dtype)
        if dtype in SIGNED and not (least <= low and high <= most):
            reach = most // 2 if kind in "+-" else math.isqrt(most)
            a, b = self._reduced(a, reach), self._reduced(b, reach)
            x = converted(a.interval, a.dtype, dtype)
            y = converted(b.interval, b.dtype, dtype)
            assert x is not None
            assert y is not None
            low, high = corners(kind, x, y)
            assert least <= low, (a, b)
            assert high <= most, (a, b)
        inside = least <= low and high <= most
        result = (low, high) if inside else (least, most)
        return Expr(f"({a.text} {kind} {b.text})", dtype, lanes, result)

    def _reduced(self, value: Expr, reach: int) -> Expr:
        if not value.solid and value.dtype != "b1":
            # A Python number has no dtype to be reduced in.
            if value.interval is not None and max(abs(value.low), abs(value.high)) <= reach:
                return value
            return self.number(value.dtype, (-reach, reach))
        low, high = limits(value.dtype)
        return self.within(value, (max(low, -reach), min(high, reach)))

    def unary(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        value = self.typed(self.of(dtype, lanes, depth - 1))
        if dtype == "b1":
            self.mark("operator ~")
            return Expr(f"(~{value.text})", dtype, lanes, (0, 1))
        kind = self.random.choice(["-", "+", "abs"] + (["~"] if dtype in INTEGERS else []))
        self.mark(f"unary {kind}")
        if kind == "+":
            return Expr(f"(+{value.text})", dtype, lanes, value.interval)
        if kind == "~":
            return Expr(f"(~{value.text})", dtype, lanes, whole_range(dtype))
        if dtype in SIGNED:
            low, high = limits(dtype)
            value = self.within(value, (low + 1, high))
        if dtype in UNSIGNED:
            text = f"(-{value.text})" if kind == "-" else f"abs({value.text})"
            return Expr(text, dtype, lanes, limits(dtype))
        if value.interval is None:
            interval: Interval = None
        elif kind == "-":
            interval = (-value.high, -value.low)
        else:
            interval = (0, max(abs(value.low), abs(value.high)))
        text = f"(-{value.text})" if kind == "-" else f"abs({value.text})"
        if kind == "abs" and self.chance(0.5):
            text = f"enigma.{text}"
        return Expr(text, dtype, lanes, interval)

    def division(self, kind: str, dtype: str, lanes: int, depth: int) -> Expr:
        a = self.typed(self.of(dtype, lanes, depth - 1))
        most = limits(dtype)[1]
        if self.chance(0.6):
            interval = (1, 9) if dtype in UNSIGNED or self.chance(0.7) else (-9, -2)
            b = self.open_number(dtype, interval)
            if "if" in b.text or "where" in b.text or b.low <= 0 <= b.high:
                b = self.number(dtype, interval)
        else:
            part = self.within(self.of(dtype, 1, depth - 1), (0, min(most - 1, 15)))
            b = Expr(f"({part.text} + 1)", dtype, 1, (1, part.high + 1))
        text = f"({a.text} {kind} {b.text})"
        if kind == "%":
            low, high = (0, b.high - 1) if b.low > 0 else (b.low + 1, 0)
            return Expr(text, dtype, lanes, (low, high))
        if dtype in UNSIGNED:
            return Expr(text, dtype, lanes, (0, a.high))
        reach = max(abs(a.low), abs(a.high))
        return Expr(text, dtype, lanes, (max(-reach, limits(dtype)[0]), min(reach, most)))

    def float_division(self, kind: str, dtype: str, lanes: int, depth: int) -> Expr:
        a = self.of(dtype, lanes, depth - 1)
        if self.chance(0.15) and kind == "/":
            b = self.of(dtype, lanes, depth - 1)
            return Expr(f"({a.text} / {b.text})", dtype, lanes, None)
        if kind != "/":
            a = self.within(a, (-100.0, 100.0)) if a.interval is None else a
        if self.chance(0.5):
            number = self.random.choice([2, 0.5, 3.0, 0.1, 10, -4, 1.5])
            b = Expr(as_literal(number), dtype, 1, (number, number), False)
        else:
            part = self.within(self.of(dtype, lanes, depth - 1), (-50.0, 50.0))
            b = Expr(f"(abs({part.text}) + 0.5)", dtype, lanes, (0.5, 51.0))
        text = f"({a.text} {kind} {b.text})"
        if a.interval is None:
            return Expr(text, dtype, lanes, None)
        least = min(abs(b.low), abs(b.high))
        most = max(abs(b.low), abs(b.high)) * 1.02
        reach = most if kind == "%" else (max(abs(a.low), abs(a.high)) / least) * 1.02 + 1
        inside = reach < LARGEST[dtype] / 4
        return Expr(text, dtype, lanes, (-reach, reach) if inside else None)

    def shift(self, kind: str, dtype: str, lanes: int, depth: int) -> Expr:
        a = self.typed(self.of(dtype, lanes, depth - 1))
        bits = bits_of(dtype)
        if self.chance(0.5):
            b = Expr(str(self.random.randrange(bits)), dtype, 1, None, False)
        else:
            amount = self.random.choice([name for name in INTEGERS if limits(name)[1] >= bits - 1])
            b = self.of(amount, 1 if self.chance(0.5) else lanes, depth - 1, (0, bits - 1))
        text = f"({a.text} {kind} {b.text})"
        if kind == "<<":
            return Expr(text, dtype, lanes, limits(dtype))
        return Expr(text, dtype, lanes, (min(a.low, 0), max(a.high, 0)))

    def power(self, dtype: str, lanes: int, depth: int) -> Expr:
        a = self.typed(self.of(dtype, lanes, depth - 1))
        if dtype in FLOATS:
            exponent = self.random.choice([2, 2.0, 1, 0])
            if exponent == 0:
                a = self.within(a, (-8.0, 8.0))
                return Expr(f"({a.text} ** 0)", dtype, lanes, (1.0, 1.0))
            square = Expr(a.text, dtype, lanes, a.interval)
            interval = (
                self._float_result("*", square, square, dtype) if exponent == 2 else (a.interval)
            )
            return Expr(f"({a.text} ** {exponent!r})", dtype, lanes, interval)
        exponent = self.random.randint(0, 4)
        if dtype in SIGNED and exponent > 1:
            reach = int((limits(dtype)[1] + 1) ** (1 / exponent)) - 1
            a = self._reduced(a, max(reach, 1))
        interval = limits(dtype)
        return Expr(f"({a.text} ** {exponent})", dtype, lanes, interval)

    # Truth.

    def condition(self, depth: int = 1) -> Expr:
        """A condition."""
        return self.truth("b1", 1, depth) or self.leaf("b1", 1)

    def truth(self, _: str, lanes: int, depth: int) -> Expr | None:
        kind = self.random.random()
        if lanes == 1 and depth > 0 and kind < 0.35:
            return self.combined(depth)
        dtype = self.random.choice(self.dtypes)
        inner = max(depth - 1, 0)
        if kind < 0.45 and dtype in FLOATS:
            name = self.random.choice(["isnan", "isinf", "isfinite", "isnormal", "signbit"])
            self.mark(f"function {name}")
            value = self.of(dtype, lanes, inner)
            if name == "signbit":
                value = self.within(value, (-100.0, 100.0)) if value.interval is None else value
            return Expr(f"enigma.{name}({value.text})", "b1", lanes, (0, 1))
        if kind < 0.55:
            name = self.random.choice(
                [
                    *reference.COMPARISON,
                    *(reference.UNSIGNED_COMPARISON if dtype in INTEGERS else ()),
                ]
            )
            self.mark(f"function {name}")
            a, b = self.of(dtype, lanes, inner), self.of(dtype, lanes, inner)
            return Expr(f"enigma.{name}({a.text}, {b.text})", "b1", lanes, (0, 1))
        symbol = self.random.choice(["<", "<=", ">", ">=", "==", "!="])
        self.mark(f"operator {symbol}")
        a, b = self.operands(dtype, lanes, inner + 1)
        return Expr(f"({a.text} {symbol} {b.text})", "b1", lanes, (0, 1))

    def combined(self, depth: int) -> Expr:
        kinds = ["and", "or", "not", "chain", "in", "any", "all", "bool", "is", "division"]
        kind = self.random.choice(kinds)
        self.mark(f"condition {kind}")
        if kind in ("and", "or"):
            text = f"({self.condition(depth - 1).text} {kind} {self.condition(depth - 1).text})"
        elif kind == "not":
            text = f"(not {self.condition(depth - 1).text})"
        elif kind == "chain":
            dtype = self.random.choice(self.dtypes)
            a, b, c = (self.typed(self.leaf(dtype, 1)).text for _ in range(3))
            first, second = (self.random.choice(["<", "<=", "!=", ">"]) for _ in range(2))
            text = f"({a} {first} {b} {second} {c})"
        elif kind == "in":
            dtype = self.random.choice(
                [name for name in self.dtypes if name in INTEGERS] or ["i32"]
            )
            a = self.typed(self.leaf(dtype, 1)).text
            # What is the same object is in it, whatever its value is.
            b = f"(+{self.typed(self.leaf(dtype, 1)).text})"
            negated = self.random.choice(["in", "not in"])
            text = f"({a} {negated} ({b}, {self.number(dtype).text}))"
        elif kind in ("any", "all"):
            parts = ", ".join(self.condition(depth - 1).text for _ in range(2))
            text = f"{kind}([{parts}])"
        elif kind == "bool":
            text = f"bool({self.typed(self.leaf(self.random.choice(self.dtypes), 1)).text})"
        elif kind == "division":
            text = self.guarded_condition(depth)
        else:
            text = f"(None is None and {self.condition(depth - 1).text})"
        return Expr(text, "b1", 1, (0, 1), False)
