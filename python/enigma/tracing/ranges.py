# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The numbers that a loop of the kernel goes through, and how it counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enigma.errors import OperandError
from enigma.tracing import operators as ops
from enigma.tracing.arithmetic import binary, negate
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand
from enigma.tracing.classes import Classes
from enigma.tracing.comparisons import compare
from enigma.tracing.conversions import cast
from enigma.tracing.counts import Count, count_of, counted, not_negative
from enigma.tracing.intervals import Interval
from enigma.tracing.meeting import meeting_dtypes
from enigma.tracing.messages import describe
from enigma.tracing.protocol import RangeProtocol
from enigma.tracing.values import Value, constant, known_number, name_value, result, use
from enigma.types import DType, arithmetic_dtype, i32, i64, number_dtype, promote, unsigned_dtype

if TYPE_CHECKING:
    from enigma import _mlir as ir


class Range(RangeProtocol):
    """A loop of the kernel: ``for i in enigma.range(n)``.

    Attributes
    ----------
    start, stop, step
        Traced integers or Python ints.
    dtype : DType
        The dtype of the numbers.
    may_be_negative : bool
        Whether these are unsigned, and a bound may be a negative one all the same.
    """

    def __init__(
        self, start: object, stop: object, step: object, dtype: DType | None = None
    ) -> None:
        self._operation = "enigma.range" if dtype is None else "enigma.for_range"
        ends: list[Value] = []
        self.start: Any = start
        self.stop: Any = stop
        self.step: Any = step
        if start.__class__ is not int:
            self.start = self._integer(start, "the start", ends)
        if stop.__class__ is not int:
            self.stop = self._integer(stop, "the stop", ends)
        if step.__class__ is not int:
            self.step = self._integer(step, "the step", [])
        is_known = self.step.__class__ is int
        if is_known and not self.step:
            raise OperandError(
                operation=self._operation,
                operand="the step",
                found="0",
                expected="another number",
                remedy="a loop that only `break` ends is `while True`",
            )
        self.dtype = self._common(ends) if dtype is None else self._given(dtype)
        counts = self.dtype.kind == "u" and (
            (self.start.__class__ is not int and self.start.count is not None)
            or (self.stop.__class__ is not int and self.stop.count is not None)
        )
        for name, bound in (("start", self.start), ("stop", self.stop)):
            if bound.__class__ is not int or (counts and -self.dtype.maximum <= bound < 0):
                continue
            reason = self.dtype.why_not(bound)
            if reason is not None:
                raise OperandError(
                    operation=self._operation,
                    operand=f"the {name}",
                    found=str(bound),
                    expected=f"a number that fits {self.dtype} ({reason})",
                    remedy="convert the traced bounds with .to(enigma.i32) or .to(enigma.i64)"
                    if dtype is None
                    else "choose another dtype",
                )
        self.may_be_negative = False
        if counts:
            starts_below = not self._is_never_negative(self.start)
            if is_known and self.step > 0 and not starts_below and self.stop.__class__ is not int:
                self.stop = not_negative(self.stop)
            self.may_be_negative = starts_below or not self._is_never_negative(self.stop)
        if not is_known and self.may_be_negative:
            is_signed = any(end.dtype.kind == "i" for end in ends)
            kind = "a signed integer" if is_signed else "a difference of unsigned integers"
            raise OperandError(
                operation=self._operation,
                operand="a bound",
                found=f"{kind}, which may be negative",
                expected="bounds that are not negative beside a step that the kernel computes",
                remedy="convert the bounds with .to(enigma.i32) or .to(enigma.i64)",
            )

    @staticmethod
    def _is_never_negative(bound: Any) -> bool:
        """Whether a bound beside one that counts is certainly not negative."""
        if bound.__class__ is int:
            return bool(bound >= 0)
        if bound.count is None:
            return bool(bound.dtype.kind != "i")
        return bound.count.is_negative is None

    def _integer(self, bound: object, name: str, values: list[Value]) -> Any:
        """Give a bound as an int where it is known, else as a traced scalar.

        If it is a value, known or not, that is added to `values`.
        """
        value = as_operand(bound, self._operation, name)
        if isinstance(value, Value):
            values.append(value)
            known = known_number(value) if value.unsettled is None else None
            fits = value.dtype.kind != "f" and value.lanes == 1
            value = value if known is None else known
        else:
            fits = isinstance(value, int)
        if not fits:
            raise OperandError(
                operation=self._operation,
                operand=name,
                found=describe(bound),
                expected="an integer",
                remedy="convert with .to(enigma.i32)",
            )
        return value if isinstance(value, Value) else int(value)

    def _common(self, ends: list[Value]) -> DType:
        """Give the dtype in which the ends meet that are values, of at least 32 bits."""
        traced = [arithmetic_dtype(dtype) for dtype in meeting_dtypes(ends)]
        if not traced and isinstance(self.step, Value):
            traced = [arithmetic_dtype(self.step.dtype)]
        if not traced:
            return number_dtype(self.start, self.stop) or i64
        common = traced[0]
        for dtype in traced[1:]:
            common = promote(common, dtype)
        return promote(common, i32) if common.bits < 32 else common

    def _given(self, dtype: DType) -> DType:
        """Check the dtype that was asked for: no traced bound loses bits of its own."""
        if not dtype.is_integer:
            raise OperandError(
                operation=self._operation,
                operand="the dtype",
                found=str(dtype),
                expected="a dtype of integers",
                remedy="count with integers, and convert in the loop: i.to(enigma.f32)",
            )
        for name in ("start", "stop"):
            bound = getattr(self, name)
            if isinstance(bound, Value) and bound.dtype.bits > dtype.bits:
                raise OperandError(
                    operation=self._operation,
                    operand=f"the {name}",
                    found=describe(bound),
                    expected=f"an integer that {dtype} holds",
                    remedy=f"convert it with .to({dtype}), or ask for a wider dtype",
                )
        return dtype

    @property
    def known_length(self) -> int | None:
        """How many numbers there are, if that is known."""
        bounds = (self.start, self.stop, self.step)
        return len(range(*bounds)) if _KNOWN.hold_all_of(bounds) else None

    def _enigma_describe(self) -> str:
        return f"enigma.range of {self.dtype}"


# The class of bounds that are known.
_KNOWN = Classes((int,))


def _modulo(number: int, dtype: DType) -> int:
    """Give a number modulo what an unsigned dtype holds; a signed one holds it."""
    return number if dtype.is_signed else number % (dtype.maximum + 1)


# Queries of threads that are at least 1.
_POSITIVE = {
    "enigma.simdgroups_per_threadgroup",
    "enigma.threadgroups_per_grid",
    "enigma.threads_per_grid",
    "enigma.threads_per_simdgroup",
    "enigma.threads_per_threadgroup",
}


class Counter:
    """What a loop counts, and how its variable follows from that.

    It counts the numbers themselves where adding the step cannot take it beyond the dtype, else
    the iterations.

    Attributes
    ----------
    first, end, step : ir.Value
        It counts upwards from `first` by `step`, as long as it is below `end`.
    dtype : DType
        Of these, and of what is counted.
    is_variable : bool
        Whether what it counts is the variable of the loop.
    """

    def __init__(self, builder: Builder, bounds: Range) -> None:
        self._builder = builder
        self._bounds = bounds
        self.is_variable = not bounds.may_be_negative and self._never_overflows()
        if self.is_variable:
            self.dtype = bounds.dtype
            self.first = self._operand(bounds.start)
            self.end = self._operand(bounds.stop)
            self.step = self._operand(bounds.step)
        else:
            # Narrow numbers are counted in 32 bits, and what signed ones do not hold in unsigned
            # ones.
            self._wide = bounds.dtype if bounds.dtype.bits >= 32 else i32
            self._unsigned = unsigned_dtype(self._wide)
            self.dtype = self._wide if self._spans_signed() else self._unsigned
            self.first, self.step = (builder.constant(self.dtype, number) for number in (0, 1))
            trips = cast(self._trip_count(), self.dtype)
            name_value(trips, "trips")
            self.end = use(trips)

    def variable(self, count: Value) -> Value:
        """Give the number of the loop where the counter is `count`."""
        bounds = self._bounds
        if self.is_variable:
            return self._counted(count)
        step = bounds.step
        if bounds.may_be_negative:
            distance = binary(ops.MUL, counted(count), self._length(self.dtype))
            return self._counted(binary(ops.ADD if step > 0 else ops.SUB, bounds.start, distance))
        start = self._bound(bounds.start, self.dtype)
        if isinstance(step, Value):
            number = start + count * cast(step, self.dtype)
        else:
            length = self._length(self.dtype)
            distance = count if length == 1 else count * length
            number = start + distance if step > 0 else start - distance
        return self._counted(cast(number, bounds.dtype))

    def _counted(self, number: Value) -> Value:
        """Say between which integers the numbers of the loop are, if they are unsigned."""
        if number.dtype.kind != "u":
            return number
        bounds = self._bounds
        start, stop = (self._interval(bound) for bound in (bounds.start, bounds.stop))
        if isinstance(bounds.step, Value):
            low, high = min(start.low, stop.low), max(start.high, stop.high)
        elif bounds.step > 0:
            low, high = start.low, max(stop.high - 1, start.low)
        else:
            low, high = min(stop.low + 1, start.high), start.high
        sign = None if number.count is None else number.count.is_negative
        number.count = Count(low, high, sign)
        return number

    def _interval(self, bound: Any) -> Interval:
        if not isinstance(bound, Value):
            return Interval(bound, bound)
        count = count_of(bound)
        dtype = arithmetic_dtype(bound.dtype)
        return Interval(dtype.minimum, dtype.maximum) if count is None else count

    def _bound(self, bound: Any, dtype: DType) -> Value:
        """Give a bound as a number of the loop, modulo what `dtype` holds."""
        if isinstance(bound, Value):
            return cast(cast(bound, self._bounds.dtype), dtype)
        return constant(self._builder, dtype, _modulo(bound, dtype))

    def _operand(self, bound: Any) -> ir.Value:
        """Give a bound as the IR value of a number of the loop."""
        if isinstance(bound, Value):
            return use(bound if bound.dtype is self.dtype else self._bound(bound, self.dtype))
        return self._builder.constant(self.dtype, _modulo(bound, self.dtype))

    def _length(self, dtype: DType) -> int:
        """Give the length of a step that is known; one that is longer than all is never taken."""
        return int(min(abs(self._bounds.step), dtype.maximum))

    def _never_overflows(self) -> bool:
        """Whether the variable itself can go up to the stop, step by step."""
        bounds = self._bounds
        step, largest = bounds.step, bounds.dtype.maximum
        if isinstance(step, Value) or step < 0:
            return False
        if step == 1:
            return True
        if isinstance(bounds.start, Value) or isinstance(bounds.stop, Value):
            last = self._largest(bounds.stop) - 1
        else:
            last = bounds.start + max(self._known_count() - 1, 0) * step
        return bool(max(step, last + step) <= largest)

    def _largest(self, bound: Any) -> int:
        """Give the largest number that a bound can be."""
        if not isinstance(bound, Value):
            return int(bound)
        count = count_of(bound)
        if count is not None:
            return min(count.high, bound.dtype.maximum)
        own, dtype = arithmetic_dtype(bound.dtype), self._bounds.dtype
        is_kept = dtype.minimum <= own.minimum and own.maximum <= dtype.maximum
        return own.maximum if is_kept else dtype.maximum

    def _spans_signed(self) -> bool:
        """Whether a signed dtype holds the distance of any two numbers that the loop may have."""
        bounds, dtype = self._bounds, self._bounds.dtype
        if dtype.bits < 32:
            return True
        if not dtype.is_signed or isinstance(bounds.step, Value):
            return False
        low, high = self._ordered()
        low_known, high_known = not isinstance(low, Value), not isinstance(high, Value)
        if low_known and high_known:
            return bool(high - low <= dtype.maximum)
        return bool((low_known and low >= 0) or (high_known and high < 0))

    def _ordered(self) -> tuple[Any, Any]:
        """Give the bounds as they are ordered where there are numbers between them."""
        bounds = self._bounds
        return (bounds.start, bounds.stop) if bounds.step > 0 else (bounds.stop, bounds.start)

    def _known_count(self) -> int:
        bounds = self._bounds
        return int(max(0, -((bounds.start - bounds.stop) // bounds.step)))

    def _trip_count(self) -> Value:
        """Give the number of iterations, an unsigned one."""
        builder, bounds, unsigned = self._builder, self._bounds, self._unsigned
        if not any(isinstance(b, Value) for b in (bounds.start, bounds.stop, bounds.step)):
            return constant(builder, unsigned, self._known_count())
        if isinstance(bounds.step, Value):
            return self._count_traced_steps(bounds.step)
        if bounds.may_be_negative:
            low, high = self._ordered()
            steps = constant(builder, unsigned, self._length(unsigned))
            span = not_negative(binary(ops.SUB, high, low))
            return self._build("arith.ceildivui", span, steps)
        distance = self._distance(*(self._bound(bound, self._wide) for bound in self._ordered()))
        length = self._length(self.dtype)
        if length == 1:
            return distance
        if self.dtype.is_signed:
            # The sum of two numbers that are not negative.
            return (distance + (length - 1)) // length
        return self._build("arith.ceildivui", distance, constant(builder, unsigned, length))

    def _count_traced_steps(self, step: Value) -> Value:
        """Count steps of either sign; a step of 0 is never taken."""
        builder, bounds = self._builder, self._bounds
        start, stop = (self._bound(bound, self._wide) for bound in (bounds.start, bounds.stop))
        is_positive = getattr(step.ir.definition, "name", None) in _POSITIVE
        step = cast(step, arithmetic_dtype(step.dtype))
        is_long = step.dtype.bits > self._unsigned.bits
        signed = i64 if is_long or self._unsigned.bits == 64 else i32
        unsigned = unsigned_dtype(signed)
        if step.dtype.is_signed:
            step = cast(step, signed)
            ascends = compare(ops.GT, step, 0)
            # The smallest signed number has no negative.
            steps = cast(step, unsigned)
            length = self._select(ascends, steps, negate(steps))
            low = self._select(ascends, start, stop)
            high = self._select(ascends, stop, start)
        else:
            length, low, high = cast(step, unsigned), start, stop
        distance = cast(self._distance(low, high), unsigned)
        if is_positive:
            count = self._build("arith.ceildivui", distance, length)
        else:
            divisor = self._build("arith.maxui", length, constant(builder, unsigned, 1))
            count = self._build("arith.ceildivui", distance, divisor)
            none = constant(builder, unsigned, 0)
            count = self._select(compare(ops.NE, length, 0), count, none)
        return cast(count, self._unsigned)

    def _distance(self, low: Value, high: Value) -> Value:
        """Give how far `high` is above `low`, 0 if it is not."""
        name = "arith.maxsi" if low.dtype.is_signed else "arith.maxui"
        top = cast(self._build(name, high, low), self._unsigned)
        return top - cast(low, self._unsigned)

    def _select(self, condition: Value, a: Value, b: Value) -> Value:
        return result(self._builder, "arith.select", a.dtype, 1, (use(condition), use(a), use(b)))

    def _build(self, name: str, a: Value, b: Value) -> Value:
        return result(self._builder, name, a.dtype, 1, (use(a), use(b)))
