# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What all that makes a kernel is written by."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from conformance.random_kernels.functions import (
    ATOMIC,
    COLLECTIVE,
    FOCUS,
    JOINING,
    MEETING,
    TOPICS,
)
from conformance.random_kernels.numbers import (
    DTYPES,
    FLOATS,
    SIGNED,
    limits,
)
from conformance.random_kernels.terms import (
    Expr,
    Helper,
    Interval,
    Lanes,
    Scope,
    as_literal,
    inside,
)

# What fragments may be like.
_SHAPES: list[tuple[Any, ...]] = [(3,), (4,), (5,), (2, 2), (2, 3), (4, 2), ((2, 2), 2), (2, 1, 2)]


class Writer:
    """Writes lines; and Python numbers, and values that are brought into an interval."""

    def __init__(self, seed: int, grafts: bool = True) -> None:
        self.seed = seed
        self.grafts = grafts
        self.random = random.Random(seed)
        self.forms: set[str] = set()
        self.lines: list[str] = []
        self.indent = 0
        self.names = 0
        self.scope = Scope()
        self.slots: dict[str, int] = {}
        self.preludes: list[str] = []
        self.left = 0
        self.loops: list[str] = []
        self.function: Helper | None = None
        self.outer: set[str] = set()
        # Whether all threads of a group are here, and stay so.
        self.uniform = True
        # Whether they meet in the loops around.
        self.met = False
        # Each kernel has one function that is rare otherwise.
        self.focus = FOCUS[seed % len(FOCUS)]
        # And one kind of memory, views or matrices that is rare otherwise.
        self.topic = TOPICS[seed % len(TOPICS)]
        together = self.focus in COLLECTIVE or self.topic in MEETING
        self.group = together or self.random.random() < 0.1
        self.atomics = self.focus in ATOMIC or self.random.random() < 0.1
        self.dtypes = self.random.sample(DTYPES[:-1], self.random.randint(3, 5))
        # Whether there are views of memory, and the shapes of fragments that are variables.
        self.views = self.topic == "views" or self.random.random() < 0.1
        self.shapes = [Lanes(shape) for shape in self.random.sample(_SHAPES, 2)]
        self.shapes = self.shapes[: self.random.choice((0, 0, 1, 2))]
        self.reads: list[str] = []
        self.options: dict[str, Any] = {"fast_math": False}
        self.constants: dict[int, Any] = {}
        self.declared: list[str] = []
        # Parameters besides inputs and outputs.
        self.given: list[str] = []
        self.block = 32 if self.group else self.random.choice((4, 8))
        if self.focus in JOINING and self.topic not in MEETING:
            self.block = self.random.choice((4, 8, 16, 32, 64))
        self.threads = max(32 if self.group else 16, self.block)
        self.source = self._module()

    # Text.

    def mark(self, form: str) -> None:
        self.forms.add(form)

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def fresh(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def turn(self, kinds: Sequence[str]) -> str:
        """One of what a topic has: each in its turn."""
        return kinds[self.seed // len(TOPICS) % len(kinds)]

    @contextmanager
    def nested(self) -> Iterator[None]:
        """A block: what is first assigned in it is gone behind it."""
        outer, self.scope = self.scope, self.scope.inner()
        self.indent += 1
        yield
        self.indent -= 1
        self.scope = outer

    # Intervals and literals.

    def home(self, dtype: str) -> Interval:
        """What a variable is to be in."""
        if dtype in FLOATS:
            return self.random.choice([(-8.0, 8.0), (0.0, 1.0), (-100.0, 100.0), None])
        low, high = limits(dtype)
        if dtype in SIGNED:
            return self.random.choice([(-3, 3), (-50, 50), (0, 100), (low, high)])
        return self.random.choice([(low, high), (low, high), (0, min(high, 9))])

    def number(self, dtype: str, interval: Interval = None) -> Expr:
        """A Python number that a dtype holds, within an interval."""
        if dtype == "b1":
            return Expr(self.random.choice(["True", "False"]), dtype, 1, (0, 1), False)
        if dtype in FLOATS:
            low, high = interval or (-8.0, 8.0)
            kinds = (
                [self.random.randint(math.ceil(low), math.floor(high))] * 2
                if (math.ceil(low) <= math.floor(high))
                else []
            )
            kinds += [round(self.random.uniform(low, high) * 8) / 8]
            kinds += [float(f"{self.random.uniform(low, high):.2f}")]
            kinds = [value for value in kinds if low <= value <= high] or [low]
            value = self.random.choice(kinds)
            bounds = (value - abs(value) / 100, value + abs(value) / 100)
            return Expr(as_literal(value), dtype, 1, bounds, False)
        low, high = interval or limits(dtype)
        near = [value for value in range(-4, 10) if low <= value <= high]
        if near and self.chance(0.85):
            whole = self.random.choice(near)
        else:
            whole = self.random.randint(int(low), int(high))
        return Expr(as_literal(whole), dtype, 1, (whole, whole), False)

    def open_number(self, dtype: str, interval: Interval = None) -> Expr:
        """A Python number, or a choice between some: it takes the dtype of what it meets."""
        first = self.number(dtype, interval)
        kind = self.random.random()
        if dtype == "b1" or kind < 0.6:
            self.mark("number")
            return first
        if self.scope.counters and kind < 0.75 and inside((0, 30), interval):
            self.mark("counter")
            return Expr(self.random.choice(self.scope.counters), dtype, 1, (0, 30), False)
        second = self.number(dtype, interval)
        bounds = min(first.low, second.low), max(first.high, second.high)
        condition = self.condition(0)
        if kind < 0.9:
            self.mark("conditional number")
            text = f"({first.text} if {condition.text} else {second.text})"
        else:
            self.mark("where of numbers")
            text = f"enigma.where({first.text}, {second.text}, {condition.text})"
        return Expr(text, dtype, 1, bounds, False)

    # Bringing a value into an interval.

    def within(self, value: Expr, interval: Interval) -> Expr:
        """The value, brought into an interval if it is not known to be there."""
        if interval is None:
            return value
        low, high = interval
        if value.interval is not None and low <= value.low and value.high <= high:
            return value
        dtype = value.dtype
        if dtype in FLOATS:
            return self._within_floats(value, low, high)
        least, most = limits(dtype)
        low, high = math.ceil(max(low, least)), math.floor(min(high, most))
        assert low <= high, (value, interval)
        size = high - low + 1
        kinds = ["clamp"]
        if size > 1 and high <= most:
            kinds += ["mod"] * 2
        if low <= 0 and high >= 1:
            kinds += ["and"]
        kind = self.random.choice(kinds)
        if kind == "and":
            mask = (1 << (high + 1).bit_length() - 1) - 1
            return Expr(f"({value.text} & {mask})", dtype, value.lanes, (0, mask))
        if kind == "mod":
            size = min(size, most)
            if low == 0:
                return Expr(f"({value.text} % {size})", dtype, value.lanes, (0, size - 1))
            if low < 0 and self.chance(0.3):
                text = f"({value.text} % ({low - 1}))" if low - 1 >= least else ""
                if text:
                    return Expr(text, dtype, value.lanes, (low, 0))
            if low < 0:
                # In steps that stay in the dtype.
                half = min(-low, most)
                if half and size - 1 - half <= high:
                    part = f"({value.text} % {size})"
                    return Expr(f"({part} - {-low})", dtype, value.lanes, (low, size - 1 + low))
        return Expr(f"enigma.iclamp({value.text}, {low}, {high})", dtype, value.lanes, (low, high))

    def _within_floats(self, value: Expr, low: float, high: float) -> Expr:
        bounds = low, high
        texts = low + 0.0, high + 0.0
        dtype = value.dtype
        # No zero, since a zero of another sign may come out.
        texts = (texts[0] or -(2.0**-6), texts[1] or 2.0**-6)
        if low == 0:
            texts = (2.0**-6, texts[1])
        if high == 0:
            texts = (texts[0], -(2.0**-6))
        if value.interval is None:
            self.mark("fmin(fmax())")
            text = f"enigma.fmin(enigma.fmax({value.text}, {texts[0]!r}), {texts[1]!r})"
        else:
            text = f"enigma.clamp({value.text}, {texts[0]!r}, {texts[1]!r})"
        return Expr(text, dtype, value.lanes, bounds)
