# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random divisions and remainders that a condition keeps from being divided by zero."""

from __future__ import annotations

from conformance.random_kernels.calls import Calls
from conformance.random_kernels.numbers import INTEGERS, limits, promoted
from conformance.random_kernels.terms import Expr, Interval, Var


class Divisions(Calls):
    """Divisions that only those threads come to whose divisor is not zero."""

    def guarded(self, dtype: str, lanes: int, depth: int) -> Expr | None:
        """A division in one arm of a conditional expression."""
        if dtype not in INTEGERS or lanes > 1:
            return None
        divisor = self.divisor(dtype)
        quotient = self.quotient(dtype, divisor, depth - 1)
        other = self.typed(self.of(dtype, 1, depth - 1)).text
        self.mark("guarded division")
        if self.chance(0.5):
            guard = self.is_divisor(divisor, depth - 1)
            text = f"({quotient} if {guard} else {other})"
        else:
            guard = self.is_no_divisor(divisor, depth - 1)
            text = f"({other} if {guard} else {quotient})"
        return Expr(text, dtype, 1, limits(dtype))

    def guarded_condition(self, depth: int) -> str:
        """A condition that divides where an earlier part of it holds."""
        dtype = self.random.choice([name for name in self.dtypes if name in INTEGERS] or ["i32"])
        divisor = self.divisor(dtype)
        quotient = self.quotient(dtype, divisor, depth - 1)
        number = self.number(dtype, (0, 4)).text
        symbol = self.random.choice(["<", ">", "==", "!=", ">="])
        kind = self.random.randrange(3)
        self.mark(("division behind and", "division behind or", "division in a chain")[kind])
        if kind == 0:
            return f"({self.is_divisor(divisor, 0, 'bool({})')} and {quotient} {symbol} {number})"
        if kind == 1:
            return f"({self.is_no_divisor(divisor, 0)} or {quotient} {symbol} {number})"
        # Two dtypes may not be compared as the numbers are.
        divisor = self.divisor(dtype, only=True)
        return f"(0 < {divisor.text} {symbol} {self.quotient(dtype, divisor, 0)})"

    def divisor(self, dtype: str, only: bool = False) -> Expr:
        """A value, a size or a number of a loop, which may be zero.

        It is of a dtype that becomes the one given where it meets that, or of that only.
        """
        if self.scope.counters and self.chance(0.15) and not only:
            self.mark("division by a counter")
            return Expr(self.random.choice(self.scope.counters), dtype, 1, (0, 30), False)
        own = dtype
        if not only and self.chance(0.4):
            own = self.random.choice([name for name in INTEGERS if promoted(name, dtype) == dtype])
        if own == "u32" and self.chance(0.3):
            return self.query()
        loops = [v for v in self.scope.variables if v.name[0] == "j" and v.dtype == own]
        if loops and self.chance(0.5):
            self.mark("division by the number of a loop")
            return self.random.choice(loops).read()
        # No number that is known when the kernel is compiled: that it is zero would be refused.
        found = self.load(self.random.choice(self.reads)) if self.reads else self.query()
        value = self.convert(found, own)
        if self.chance(0.5):
            value = Expr(f"({value.text} ^ {self.typed(self.leaf(own, 1)).text})", own, 1)
        if self.chance(0.4):
            # Many are zero.
            value = Expr(f"({value.text} % {self.random.randint(2, 4)})", own, 1, (0, 3))
        return value

    def quotient(self, dtype: str, divisor: Expr, depth: int) -> str:
        """A quotient or remainder of a dtype."""
        own = dtype
        if divisor.solid and divisor.dtype == dtype and self.chance(0.2):
            dividend = self.number(dtype).text
        else:
            fitting = [name for name in INTEGERS if promoted(name, divisor.dtype) == dtype]
            if divisor.solid and self.chance(0.4):
                own = self.random.choice(fitting)
                self.mark("division of two dtypes")
            dividend = self.typed(self.of(own, 1, depth)).text
        return f"{dividend} {self.random.choice(['//', '%'])} {divisor.text}"

    def is_divisor(self, divisor: Expr, depth: int, truth: str = "{}") -> str:
        """A condition that holds only where a value is not zero; `truth` spells its own."""
        d = divisor.text
        forms = [f"{d} > 0", f"0 < {d}", f"{d} != 0", f"{d} >= 1", f"not {d} == 0"]
        forms.append(truth.format(d))
        guard = self.random.choice(forms)
        if self.chance(0.2):
            return f"({guard} and {self.condition(max(depth, 0)).text})"
        return guard

    def is_no_divisor(self, divisor: Expr, depth: int) -> str:
        """A condition that holds wherever a value is zero."""
        d = divisor.text
        guard = self.random.choice([f"{d} <= 0", f"0 == {d}", f"{d} < 1", f"not {d}"])
        if self.chance(0.2):
            return f"({guard} or {self.condition(max(depth, 0)).text})"
        return guard

    def division_statement(self) -> None:
        """Emit statements that divide where they may."""
        found = [v for v in self.targets() if v.dtype in INTEGERS and v.lanes == 1]
        if not found:
            return self.assign()
        target = self.random.choice(found)
        dtype = target.dtype
        self.random.choice([self._in_if, self._in_if, self._in_match, self._in_loop, self._in_gcd])(
            target, dtype, target.interval
        )
        return None

    def _named_divisor(self, dtype: str) -> Expr:
        """A divisor that nothing changes until it is used."""
        name, value = self.fresh("q"), self.divisor(dtype)
        self.emit(f"{name} = {value.text}")
        return Expr(name, value.dtype, 1, value.interval, value.solid)

    def _divide(self, target: Var, divisor: Expr) -> None:
        """Emit the division."""
        dtype = target.dtype
        whole = target.interval == limits(dtype) and divisor.dtype == dtype
        if whole and self.chance(0.3):
            symbol = self.random.choice(["//=", "%="])
            self.mark("augmented division that is guarded")
            self.emit(f"{target.name} {symbol} {divisor.text}")
            return
        text = f"({self.quotient(dtype, divisor, 1)})"
        value = self.within(Expr(text, dtype, 1, limits(dtype)), target.interval)
        self.emit(f"{target.name} = {value.text}")

    def _in_if(self, target: Var, dtype: str, interval: Interval) -> None:
        self.mark("division in if")
        divisor = self._named_divisor(dtype) if self.chance(0.6) else self.divisor(dtype)
        if self.chance(0.5):
            self.emit(f"if {self.is_divisor(divisor, 1)}:")
            with self.nested():
                self._divide(target, divisor)
            if self.chance(0.5):
                self.emit("else:")
                with self.nested():
                    self.emit(f"{target.name} = {self.typed(self.of(dtype, 1, 1, interval)).text}")
            return
        self.emit(f"if {self.is_no_divisor(divisor, 1)}:")
        with self.nested():
            self.emit(f"{target.name} = {self.typed(self.of(dtype, 1, 1, interval)).text}")
        self.emit("else:")
        with self.nested():
            self._divide(target, divisor)

    def _in_match(self, target: Var, dtype: str, interval: Interval) -> None:
        self.mark("division in match")
        divisor = self._named_divisor(dtype)
        self.emit(f"match {divisor.text}:")
        self.indent += 1
        self.emit("case 0:")
        with self.nested():
            self.emit(f"{target.name} = {self.typed(self.of(dtype, 1, 1, interval)).text}")
        self.emit("case _:")
        with self.nested():
            self._divide(target, divisor)
        self.indent -= 1

    def _in_loop(self, target: Var, dtype: str, interval: Interval) -> None:
        """Go past the numbers by which nothing can be divided."""
        if promoted("i32", dtype) != dtype:
            return self._in_if(target, dtype, interval)
        self.mark("division in a loop")
        name = self.fresh("j")
        stop = self.typed(self.of("i32", 1, 1, (0, 3))).text
        self.emit(f"for {name} in enigma.range(-2, {stop}):")
        divisor = Expr(name, "i32", 1, (-2, 2))
        with self.nested():
            guard = self.is_no_divisor(divisor, 0)
            self.emit(f"if {guard}:")
            self.emit("    continue")
            self._divide(target, divisor)
        return None

    def _in_gcd(self, target: Var, dtype: str, interval: Interval) -> None:
        """Divide as long as a loop goes on."""
        self.mark("division in while")
        a, b = self.fresh("q"), self.fresh("q")
        self.emit(f"{a} = {self.typed(self.of(dtype, 1, 1)).text}")
        self.emit(f"{b} = {self.typed(self.of(dtype, 1, 1)).text}")
        self.emit(f"while {b}{self.random.choice([' != 0', ''])}:")
        self.emit(f"    {a}, {b} = {b}, {a} % {b}")
        value = self.within(Expr(a, dtype, 1, limits(dtype)), interval)
        self.emit(f"{target.name} = {value.text}")
