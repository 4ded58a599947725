# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Expressions with a dtype, lanes and an interval; and what a place of a kernel sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conformance.random_kernels.layouts import extent
from conformance.random_kernels.numbers import (
    FLOATS,
    LARGEST,
    limits,
)

Interval = tuple[float, float] | None


class Lanes(int):
    """The lanes of a fragment, in the place of those of a scalar or vector: they have a shape."""

    shape: tuple[Any, ...]

    def __new__(cls, shape: tuple[Any, ...]) -> Lanes:
        found = super().__new__(cls, extent(shape))
        found.shape = shape
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lanes) and self.shape == other.shape

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__


@dataclass(frozen=True)
class Expr:
    """An expression.

    Attributes
    ----------
    text
        The source.
    dtype, lanes
        What it is; `lanes` is 1 for a scalar.
    interval
        What its value is in; None for a float that may be anything.
    solid
        Whether it is a number of the kernel in Python too: `not x` is Python's own bool.
    """

    text: str
    dtype: str
    lanes: int = 1
    interval: Interval = None
    solid: bool = True

    @property
    def low(self) -> float:
        assert self.interval is not None
        return self.interval[0]

    @property
    def high(self) -> float:
        assert self.interval is not None
        return self.interval[1]


@dataclass
class Var:
    """A variable, or a place in a container: its values are always in its interval."""

    name: str
    dtype: str
    lanes: int
    interval: Interval

    def read(self) -> Expr:
        return Expr(self.name, self.dtype, self.lanes, self.interval, self.dtype != "b1")

    @property
    def is_vector(self) -> bool:
        """Whether it has lanes with letters."""
        return self.lanes > 1 and not isinstance(self.lanes, Lanes)


@dataclass
class ViewVar:
    """A view.

    Attributes
    ----------
    name
        The source: a variable, or an expression.
    dtype, interval
        What its elements are, and are in.
    shape
        Its modes.
    writable
        Whether it may be written.
    overhangs
        Whether some of its elements may not exist.
    """

    name: str
    dtype: str
    shape: tuple[Any, ...]
    interval: Interval
    writable: bool = False
    overhangs: bool = False

    @property
    def is_flat(self) -> bool:
        """Whether no mode has modes."""
        return all(isinstance(mode, int) for mode in self.shape)


@dataclass
class Helper:
    """A function that a kernel may call."""

    name: str
    parameters: list[Var]
    results: list[Var]
    # How it is called.
    form: str = "positional"


@dataclass
class Scope:
    """What can be read and written at a place."""

    variables: list[Var] = field(default_factory=list)
    # Places in lists, dicts, objects and arrays of registers.
    places: list[Var] = field(default_factory=list)
    # Python numbers that count something.
    counters: list[str] = field(default_factory=list)
    helpers: list[Helper] = field(default_factory=list)
    # Containers by form: name, dtype, how many, interval.
    lists: list[tuple[str, str, int, Interval]] = field(default_factory=list)
    registers: list[tuple[str, str, tuple[int, ...], Interval]] = field(default_factory=list)
    views: list[ViewVar] = field(default_factory=list)

    def inner(self) -> Scope:
        """What a block sees: what it adds is gone behind it."""
        return Scope(*(list(getattr(self, name)) for name in self.__dataclass_fields__))


def whole_range(dtype: str) -> Interval:
    """All that an integer of a dtype may be; None for floats."""
    return None if dtype in FLOATS else limits(dtype)


def given_range(dtype: str) -> Interval:
    """What the numbers of inputs are in."""
    return (-8.0, 8.0) if dtype in FLOATS else limits(dtype)


def converted(interval: Interval, source: str, target: str) -> Interval:
    """What an interval becomes by a conversion."""
    if target in FLOATS:
        if interval is None:
            return None
        low, high = interval
        return interval if max(abs(low), abs(high)) * 1.02 < LARGEST[target] else None
    if target == "b1":
        return (0, 1)
    if interval is None:
        return whole_range(target)
    low, high = limits(target)
    return interval if low <= interval[0] and interval[1] <= high else (low, high)


def as_literal(number: float) -> str:
    """Source of a number."""
    return repr(number) if number >= 0 else f"({number!r})"


def union(intervals: list[Interval]) -> Interval:
    known = [interval for interval in intervals if interval is not None]
    if len(known) < len(intervals):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def inside(inner: Interval, outer: Interval) -> bool:
    if outer is None:
        return True
    return inner is not None and outer[0] <= inner[0] and inner[1] <= outer[1]


def corners(kind: str, x: tuple[float, float], y: tuple[float, float]) -> tuple[float, float]:
    if kind == "+":
        return x[0] + y[0], x[1] + y[1]
    if kind == "-":
        return x[0] - y[1], x[1] - y[0]
    found = [a * b for a in x for b in y]
    return min(found), max(found)


def bits_of_both(x: tuple[float, float], y: tuple[float, float], dtype: str) -> Interval:
    """What the bits of two integers may make."""
    low, high = limits(dtype)
    reach = max(int(abs(bound)) for bound in (*x, *y)).bit_length()
    least = 0 if x[0] >= 0 and y[0] >= 0 else -(1 << reach)
    return max(least, low), min((1 << reach) - 1, high)


def kind_of_place(name: str) -> str:
    if "." in name:
        return "attribute"
    return "item" if "[" in name else "variable"
