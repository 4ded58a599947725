# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an expression over symbolic sizes can be at most: interval arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enigma._layout import Dyn


class Interval:
    """The integers from `low` to `high`, both included; divisors are positive.

    Attributes
    ----------
    low, high : int
        The bounds.
    """

    __slots__ = ("high", "low")

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    @staticmethod
    def of(thing: Any) -> Interval:
        """Give an int as an interval."""
        return thing if isinstance(thing, Interval) else Interval(thing, thing)

    @staticmethod
    def _around(*numbers: int) -> Interval:
        return Interval(min(numbers), max(numbers))

    def __add__(self, other: object) -> Interval:
        b = Interval.of(other)
        return Interval(self.low + b.low, self.high + b.high)

    __radd__ = __add__

    def __sub__(self, other: object) -> Interval:
        b = Interval.of(other)
        return Interval(self.low - b.high, self.high - b.low)

    def __mul__(self, other: object) -> Interval:
        b = Interval.of(other)
        low, high = self.low, self.high
        if low >= 0 and b.low >= 0:
            return Interval(low * b.low, high * b.high)
        return Interval._around(low * b.low, low * b.high, high * b.low, high * b.high)

    __rmul__ = __mul__

    def __floordiv__(self, other: object) -> Interval:
        b = Interval.of(other)
        least, most = divisors = (max(b.low, 1), max(b.high, 1))
        if self.low >= 0:
            return Interval(self.low // most, self.high // least)
        return Interval._around(*(x // y for x in (self.low, self.high) for y in divisors))

    def __rfloordiv__(self, other: object) -> Interval:
        return Interval.of(other) // self

    def __mod__(self, other: object) -> Interval:
        return Interval(0, max(Interval.of(other).high - 1, 0))

    def __rmod__(self, other: object) -> Interval:
        return Interval.of(other) % self

    def __abs__(self) -> Interval:
        return Interval(0, max(abs(self.low), abs(self.high)))


def maximum(extent: object, symbols: Mapping[str, Interval]) -> int:
    """Give the largest number that an integer of the algebra can be."""
    value = extent.evaluate(symbols) if isinstance(extent, Dyn) else extent
    return Interval.of(value).high
