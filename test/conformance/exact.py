# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integers of a dtype, computed exactly: what kernels are held against.

An unsigned one wraps. A signed one must not leave its range, so doing so is an error here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any


class Overflow(Exception):
    """A signed integer left its range: no kernel may compute that."""


class Exact:
    """An integer of the dtype `name` (``u16``, ``i32``); operators as a kernel has them."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str, value: int) -> None:
        self.name = name
        self.bits = int(name[1:])
        self.is_signed = name[0] == "i"
        self.low = -(1 << self.bits - 1) if self.is_signed else 0
        self.high = self.low + (1 << self.bits) - 1
        self.value = value if self.low <= value <= self.high else self._outside(value)

    def _outside(self, value: int) -> int:
        if self.is_signed:
            raise Overflow(f"{value} is no {self.name}")
        return value & self.high

    def _wrapped(self, value: int) -> Exact:
        """The number that the lower bits of `value` are."""
        return Exact(self.name, (value - self.low) % (1 << self.bits) + self.low)

    def _with(self, function: Callable[[int, int], int], left: Any, right: Any) -> Exact:
        a, b = (x.value if isinstance(x, Exact) else int(x) for x in (left, right))
        return Exact(self.name, function(a, b))

    def __add__(self, other: Any) -> Exact:
        return self._with(operator.add, self, other)

    def __radd__(self, other: Any) -> Exact:
        return self._with(operator.add, other, self)

    def __sub__(self, other: Any) -> Exact:
        return self._with(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Exact:
        return self._with(operator.sub, other, self)

    def __mul__(self, other: Any) -> Exact:
        return self._with(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Exact:
        return self._with(operator.mul, other, self)

    def __floordiv__(self, other: Any) -> Exact:
        return self._with(operator.floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Exact:
        return self._with(operator.floordiv, other, self)

    def __mod__(self, other: Any) -> Exact:
        # The quotient is computed too.
        self._with(operator.floordiv, self, other)
        return self._with(operator.mod, self, other)

    def __rmod__(self, other: Any) -> Exact:
        self._with(operator.floordiv, other, self)
        return self._with(operator.mod, other, self)

    def __and__(self, other: Any) -> Exact:
        return self._with(operator.and_, self, other)

    def __or__(self, other: Any) -> Exact:
        return self._with(operator.or_, self, other)

    def __xor__(self, other: Any) -> Exact:
        return self._with(operator.xor, self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def _amount(self, other: Any) -> int:
        amount: int = other.value if isinstance(other, Exact) else other
        if not 0 <= amount < self.bits:
            raise Overflow(f"{self.name} is shifted by {amount}")
        return amount

    # A shift moves bits, a sign among them: it never overflows.

    def __lshift__(self, other: Any) -> Exact:
        return self._wrapped(self.value << self._amount(other))

    def __rshift__(self, other: Any) -> Exact:
        return Exact(self.name, self.value >> self._amount(other))

    def __rlshift__(self, other: int) -> Exact:
        return Exact(self.name, other) << self

    def __rrshift__(self, other: int) -> Exact:
        return Exact(self.name, other) >> self

    def __pow__(self, exponent: int) -> Exact:
        power = Exact(self.name, 1)
        for _ in range(exponent):
            power = power * self
        return power

    def __neg__(self) -> Exact:
        return 0 - self

    def __invert__(self) -> Exact:
        return self._wrapped(~self.value)

    def __abs__(self) -> Exact:
        return Exact(self.name, abs(self.value))

    def _compare(self, function: Callable[[int, int], bool], other: Any) -> bool:
        return function(self.value, other.value if isinstance(other, Exact) else other)

    def __lt__(self, other: Any) -> bool:
        return self._compare(operator.lt, other)

    def __le__(self, other: Any) -> bool:
        return self._compare(operator.le, other)

    def __gt__(self, other: Any) -> bool:
        return self._compare(operator.gt, other)

    def __ge__(self, other: Any) -> bool:
        return self._compare(operator.ge, other)

    def __eq__(self, other: object) -> bool:
        return self._compare(operator.eq, other)

    def __ne__(self, other: object) -> bool:
        return self._compare(operator.ne, other)

    def to(self, name: str) -> Exact:
        """Convert: the lower bits, or what extends the number."""
        return Exact(name, 0)._wrapped(self.value)
