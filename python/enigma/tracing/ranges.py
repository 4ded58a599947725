# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The numbers that a loop of the kernel goes through, and how it counts them."""

from __future__ import annotations

from typing import Any

from enigma.compiler.errors import OperandError, StaticValueError
from enigma.tracing import operators as ops
from enigma.tracing.builder import Builder
from enigma.tracing.values import (
    Value,
    as_operand,
    binary,
    cast,
    compare,
    constant,
    describe,
    result,
)
from enigma.types import DType, arithmetic_dtype, i32, number_dtype, promote


class Range:
    """A loop of the kernel: ``for i in enigma.range(n)``.

    Attributes
    ----------
    start, stop, step
        Traced integers or Python ints.
    dtype : DType
        The dtype of the induction variable.
    """

    def __init__(self, start: Any, stop: Any, step: Any, dtype: DType | None = None) -> None:
        bounds: list[Any] = []
        for name, bound in (("start", start), ("stop", stop), ("step", step)):
            value = as_operand(bound, "enigma.range", f"the {name}")
            if value.dtype.kind == "f" if isinstance(value, Value) else isinstance(value, float):
                raise OperandError(
                    operation="enigma.range",
                    operand=f"the {name}",
                    found=describe(bound),
                    expected="an integer",
                    remedy="convert with .to(enigma.i32)",
                )
            bounds.append(value)
        if dtype is None:
            dtype = self._common(bounds)
        self.start: Any = bounds[0]
        self.stop: Any = bounds[1]
        self.step: Any = bounds[2]
        self.dtype = dtype
        for value in bounds[: 2 if self.descends else 3]:
            reason = None if isinstance(value, Value) else dtype.why_not(value)
            if reason is not None:
                raise OperandError(
                    operation="enigma.range",
                    operand="a bound",
                    found=str(value),
                    expected=f"a number that fits {dtype} ({reason})",
                    remedy="convert the traced bounds with .to(enigma.i32) or .to(enigma.i64)",
                )
        if not isinstance(self.step, Value) and self.step == 0:
            raise OperandError(
                operation="enigma.range", operand="the step", found="0", expected="another number"
            )

    @staticmethod
    def _common(bounds: list[Any]) -> DType:
        traced = [arithmetic_dtype(bound.dtype) for bound in bounds if isinstance(bound, Value)]
        if not traced:
            return number_dtype(*[int(bound) for bound in bounds]) or i32
        common = traced[0]
        for dtype in traced[1:]:
            common = promote(common, dtype)
        return promote(common, i32) if common.bits < 32 else common

    @property
    def descends(self) -> bool:
        """Whether the step is a negative number."""
        return not isinstance(self.step, Value) and self.step < 0

    def __iter__(self) -> Any:
        raise StaticValueError(
            use="iteration",
            dtype=f"range of {self.dtype}",
            remedy=(
                "decorate the function that contains this loop with @enigma.func or @enigma.kernel"
            ),
        )


class Counter:
    """What a loop counts, and how its variable follows from that.

    Attributes
    ----------
    first, end, step : Value
        It counts upwards from `first` by `step`, as long as it is below `end`.
    dtype : DType
        Of these, and of what is counted.
    is_variable : bool
        Whether it counts the numbers of the loop themselves, not the iterations.
    """

    def __init__(self, builder: Builder, bounds: Range) -> None:
        self._builder = builder
        self._bounds = bounds
        self.dtype = bounds.dtype
        self.is_variable = not bounds.descends
        first, end, step = (
            (bounds.start, bounds.stop, bounds.step)
            if self.is_variable
            else (0, self._trip_count(), 1)
        )
        self.first = self._bound(first)
        self.end = self._bound(end)
        self.step = self._bound(step)

    def variable(self, count: Value) -> Value:
        """Give the number of the loop in an iteration, by how many there were before."""
        bounds = self._bounds
        distance = count if bounds.step == -1 else binary(ops.MUL, count, -bounds.step)
        return binary(ops.SUB, self._bound(bounds.start), distance)

    def _bound(self, bound: Any) -> Value:
        if isinstance(bound, Value):
            return cast(bound, self._bounds.dtype)
        return constant(self._builder, self._bounds.dtype, bound)

    def _trip_count(self) -> Any:
        bounds = self._bounds
        if not isinstance(bounds.start, Value) and not isinstance(bounds.stop, Value):
            return len(range(bounds.start, bounds.stop, bounds.step))
        builder = self._builder
        step = -bounds.step
        start, stop = self._bound(bounds.start), self._bound(bounds.stop)
        distance = binary(ops.SUB, start, stop)
        if bounds.dtype.kind == "u":
            zero = builder.constant(bounds.dtype, 0)
            nonempty = compare(ops.GT, start, stop)
            distance = result(
                builder, "arith.select", bounds.dtype, 1, (nonempty.ir, distance.ir, zero)
            )
        return (
            distance
            if step == 1
            else binary(ops.FLOORDIV, binary(ops.ADD, distance, step - 1), step)
        )
