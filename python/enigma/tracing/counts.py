# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Unsigned integers that count: positions of threads, extents, numbers of the launch.

They are `u32` in Metal, but whoever writes `i - 1` thinks of an integer. A difference of counts has
their dtype and wraps, as its bits do; where its sign matters (in a comparison, a quotient, a float,
a wider integer, the bounds of a loop) it is the integer that it stands for. For that a value that
counts knows between which integers it is, and how to find out whether it is below zero.

What comes out of memory, or was converted to an unsigned dtype, is data: it wraps, as in NumPy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from enigma.tracing import operators as ops
from enigma.tracing.checks import as_traced
from enigma.tracing.intervals import Interval
from enigma.tracing.values import Operand, Value, constant, known_number, result, use
from enigma.types import DType, b1, i32

# A condition: what Python knows already, or a traced `b1`.
Test = bool | Value

SIGNED = Interval(i32.minimum, i32.maximum)


class Count(Interval):
    """What is known of an unsigned value that counts: where the integer is that it stands for.

    Attributes
    ----------
    is_negative : callable or None
        Builds whether that integer is below zero, and the value more by 2 to the power of its
        bits; None if it never is.
    difference : tuple of 2 Term, optional
        The two whose difference it is.
    """

    __slots__ = ("difference", "is_negative")

    def __init__(
        self,
        low: int,
        high: int,
        is_negative: Callable[[], Test] | None = None,
        difference: tuple[Term, Term] | None = None,
    ) -> None:
        self.low = low
        self.high = high
        self.is_negative = is_negative if low < 0 else None
        self.difference = difference


class Term:
    """An operand in the dtype of an operation, and the integer that it stands for."""

    __slots__ = ("count", "value")

    def __init__(self, value: Value, count: Count) -> None:
        self.value = value
        self.count = count

    @property
    def negative(self) -> Test:
        """Whether the integer is below zero."""
        return False if self.count.is_negative is None else self.count.is_negative()

    @property
    def known(self) -> int | None:
        """The integer, where it is known."""
        count = self.count
        return count.low if count.low == count.high else None

    @property
    def fits_signed(self) -> bool:
        """Whether a signed dtype of 32 bits holds the integer."""
        count = self.count
        in_range = i32.minimum <= count.low and count.high <= i32.maximum
        return in_range and self.value.dtype.bits == 32


def counts(thing: Any) -> bool:
    """Whether something, as `as_traced` gives it, is a value that counts."""
    return thing.__class__ is Value and thing.count is not None


def count_of(thing: object) -> Count | None:
    """Give what is known of a value that counts; None of other things."""
    if thing.__class__ is Value:
        scalar: Any = thing
        count: Count | None = scalar.count
        return count
    return thing._as_value().count if isinstance(thing, Operand) else None


def may_be_negative(thing: object) -> bool:
    """Whether something is an unsigned value that stands for an integer that may be negative."""
    count = count_of(thing)
    return count is not None and count.is_negative is not None


def are_counts(a: object, b: object) -> bool:
    """Whether the bits of two operands may not say how they compare, as one of them counts."""
    first, second = count_of(a), count_of(b)
    if first is None and second is None:
        return False
    return _is_signed(a, first) or _is_signed(b, second)


def _is_signed(thing: object, count: Count | None) -> bool:
    """Whether something is an integer that may be negative, of which `count` may know more."""
    if count is not None:
        return count.is_negative is not None
    return isinstance(thing, Operand) and thing._as_value().dtype.kind == "i"


def counted(value: Value, low: int = 0, high: int | None = None) -> Value:
    """Say of an unsigned value that it counts, from `low` to `high`."""
    if value.dtype.kind == "u" and value.lanes == 1:
        value.count = Count(low, value.dtype.maximum if high is None else high)
    return value


def term(given: object, value: Value) -> Term | None:
    """Give an operand, of which an operation makes `value`; None if it is no integer."""
    count = count_in(given, value)
    return None if count is None else Term(value, count)


def count_in(given: Any, value: Value) -> Count | None:
    """Give what is known of an operand, of which an operation makes `value`, as `term` does."""
    if given.__class__ is int:
        return _known(given)
    operand = given if given.__class__ is Value else as_traced(given)
    if isinstance(operand, int):
        return _known(operand)
    if not isinstance(operand, Value):
        return None
    if operand.unsettled is not None:
        operand = value
    if operand.count is not None:
        count: Count = operand.count
        return count
    dtype = operand.dtype
    if dtype.kind == "f" or operand.lanes != 1:
        return None
    known = known_number(operand)
    if known is None:
        low, high = dtype.minimum, dtype.maximum
        interval = operand.builder.symbols.interval(operand)
        if interval is not None:
            low, high = interval.low, interval.high
    else:
        low = high = known

    def is_negative() -> Test:
        return _below(ops.LT, operand, _number(operand, 0), signed=True) if known is None else True

    return Count(low, high, is_negative)


@functools.lru_cache(maxsize=256)
def _known(number: int) -> Count:
    return Count(number, number, lambda: True)


def as_bits(thing: object, other: object) -> object:
    """Give a negative number as the bits that it has beside an unsigned value that counts."""
    if not isinstance(thing, int) or thing >= 0:
        return thing
    count = count_of(other)
    if count is None:
        return thing
    assert isinstance(other, Operand)
    largest = other._as_value().dtype.maximum
    return thing % (largest + 1) if -thing <= largest else thing


# Conditions and numbers.


def _number(like: Value, number: int) -> Value:
    return constant(like.builder, like.dtype, number)


def _build(name: str, a: Value, b: Value) -> Value:
    return result(a.builder, name, a.dtype, 1, (use(a), use(b)))


def _below(comparison: ops.Comparison, a: Value, b: Value, signed: bool = False) -> Value:
    """Compare bits, as signed or unsigned numbers."""
    name, predicate = comparison.ops["i" if signed else "u"]
    attributes = {"predicate": a.builder.session.attribute(predicate)}
    return result(a.builder, name, b1, 1, (use(a), use(b)), attributes)


def _not(a: Test) -> Test:
    if isinstance(a, Value):
        return _build("arith.xori", a, _number(a, True))
    return not a


def _and(a: Test, b: Test) -> Test:
    if isinstance(a, Value) and isinstance(b, Value):
        return _build("arith.andi", a, b)
    return (b if a else False) if isinstance(b, Value) else (a if b else False)


def _or(a: Test, b: Test) -> Test:
    if isinstance(a, Value) and isinstance(b, Value):
        return _build("arith.ori", a, b)
    return (True if a else b) if isinstance(b, Value) else (True if b else a)


def _select(condition: Test, a: Value, b: Value) -> Value:
    if not isinstance(condition, Value):
        return a if condition else b
    return result(a.builder, "arith.select", a.dtype, 1, (use(condition), use(a), use(b)))


# Comparisons.

_MIRRORED = {ops.LT: ops.GT, ops.LE: ops.GE, ops.GT: ops.LT, ops.GE: ops.LE}


def ordered(comparison: ops.Comparison, a: Term, b: Term) -> Test:
    """Compare two integers by their order."""
    if b.count.difference is None and a.count.difference is not None:
        moved = _moved(comparison, a, b, False)
    else:
        moved = _moved(_MIRRORED[comparison], b, a, True)
    if moved is not None:
        return moved
    if a.count.is_negative is None and b.count.is_negative is None:
        return _below(comparison, a.value, b.value)
    if a.fits_signed and b.fits_signed:
        return _below(comparison, a.value, b.value, signed=True)
    bits = _below(comparison, a.value, b.value)
    low, high = (a, b) if comparison in (ops.LT, ops.LE) else (b, a)
    if high.count.is_negative is None:
        return _or(low.negative, bits)
    if low.count.is_negative is None:
        return _and(_not(high.negative), bits)
    negative, other = low.negative, high.negative
    differs = _or(_and(negative, _not(other)), _and(_not(negative), other))
    return _or(_and(negative, _not(other)), _and(_not(differs), bits))


def _moved(comparison: ops.Comparison, a: Term, b: Term, mirrored: bool) -> Test | None:
    """Compare a difference without subtracting, where no sum leaves the dtype: x + y with b."""
    if a.count.difference is None or b.count.is_negative is not None:
        return None
    x, y = a.count.difference
    if x.count.is_negative is not None or y.count.is_negative is not None:
        return None

    def compared(comparison: ops.Comparison, other: Term) -> Test:
        if mirrored:
            return ordered(_MIRRORED[comparison], other, x)
        return ordered(comparison, x, other)

    if b.known == 0:
        return compared(comparison, y)
    # x - 1 < b if x <= b, and x - 1 >= b if x > b.
    if y.known == 1 and comparison is ops.LT:
        return compared(ops.LE, b)
    if y.known == 1 and comparison is ops.GE:
        return compared(ops.GT, b)
    low, high = y.count.low + b.count.low, y.count.high + b.count.high
    if high > a.value.dtype.maximum:
        return None
    if y.known is not None and b.known is not None:
        bound = _number(a.value, y.known + b.known)
    else:
        bound = _build("arith.addi", b.value, y.value)
    return compared(comparison, Term(bound, Count(low, high)))


def compared(comparison: ops.Comparison, a: Term | None, b: Term | None) -> Test | None:
    """Compare two integers; None where their bits say enough."""
    if a is None or b is None:
        return None
    if comparison is not ops.EQ and comparison is not ops.NE:
        return ordered(comparison, a, b)
    for x, y in ((a, b), (b, a)):
        if y.known is not None and y.known < 0:
            return _equal(x, y) if comparison is ops.EQ else _not(_equal(x, y))
    return None


def _equal(a: Term, b: Term) -> Test:
    """Compare an integer with a negative number: their bits are equal, and so are their signs."""
    if a.count.difference is not None and b.known is not None:
        x, y = a.count.difference
        if x.count.is_negative is None and y.known is not None:
            number = y.known + b.known
            return number >= 0 and _below(ops.EQ, x.value, _number(x.value, number))
    return _and(a.negative, _below(ops.EQ, a.value, b.value))


# What operators give.


def describe_result(
    operator: ops.BinaryOperator, i: Count, left: Value, j: Count, right: Value, value: Value
) -> None:
    """Say of the result of an operator on counts what it counts, if that is known.

    Parameters
    ----------
    operator : BinaryOperator
        The operator.
    i, j : Count
        What is known of the operands.
    left, right : Value
        The operands, in the dtype of the operation.
    value : Value
        The result.
    """
    if operator is ops.ADD:
        low, high = i.low + j.low, i.high + j.high
        value.count = Count(low, high)
        if low < 0:
            a, b = Term(left, i), Term(right, j)
            value.count.is_negative = lambda: _is_sum_negative(a, b, value)
    elif operator is ops.SUB:
        a, b = Term(left, i), Term(right, j)
        value.count = Count(
            i.low - j.high, i.high - j.low, lambda: ordered(ops.LT, a, b), difference=(a, b)
        )
    elif operator is ops.MUL:
        if i.low >= 0 and j.low >= 0:
            value.count = Count(i.low * j.low, i.high * j.high)
            return
        product = i * j
        value.count = Count(product.low, product.high)
        if product.low < 0:
            a, b = Term(left, i), Term(right, j)
            value.count.is_negative = lambda: _is_product_negative(a, b)
    elif operator is ops.AND:
        tops = [count.high for count in (i, j) if count.is_negative is None]
        value.count = Count(0, min(tops)) if tops else None
    elif operator is ops.OR or operator is ops.XOR:
        if i.is_negative is None and j.is_negative is None:
            value.count = Count(0, value.dtype.maximum)
    elif operator is ops.FLOORDIV:
        counted(value, 0, i.high // max(j.low, 1))
    elif operator is ops.MOD:
        counted(value, 0, max(min(i.high, j.high - 1), 0))


def _is_sum_negative(a: Term, b: Term, value: Value) -> Test:
    first, second = a.negative, b.negative
    carries = _below(ops.LT, value, a.value)
    return _or(_and(first, second), _and(_or(first, second), _not(carries)))


def _is_product_negative(a: Term, b: Term) -> Test:
    def is_not_zero(t: Term) -> Test:
        if not t.count.low <= 0 <= t.count.high:
            return True
        return _below(ops.NE, t.value, _number(t.value, 0))

    first, second = a.negative, b.negative
    return _or(
        _and(_and(first, _not(second)), is_not_zero(b)),
        _and(_and(second, _not(first)), is_not_zero(a)),
    )


def divided(operator: ops.BinaryOperator, a: Term, b: Term) -> Value:
    """Build the quotient or the remainder, rounded down, of an integer that may be negative."""
    is_quotient = operator is ops.FLOORDIV
    i, j = a.count, b.count
    low, high = 0, max(j.high - 1, 0)
    if is_quotient:
        divisors = (max(j.low, 1), max(j.high, 1))
        low, high = min(i.low // d for d in divisors), max(i.high // d for d in divisors)
    unsigned, signed = operator.ops["u"], operator.ops["i"]
    assert unsigned is not None
    assert signed is not None
    a.value.builder.effects += 1
    number = b.known
    if not is_quotient and number is not None and number & (number - 1) == 0:
        value = _build(unsigned, a.value, b.value)
        value.count = Count(low, high)
        return value
    if a.fits_signed and b.fits_signed:
        value = _build(signed, a.value, b.value)
        value.count = Count(low, high, lambda: _below(ops.LT, value, _number(value, 0), True))
        return value
    # With ~a = -a - 1 below zero: floor(a / b) = ~(~a // b), and a mod b = b - 1 - ~a % b.
    negative, ones = a.negative, _number(a.value, a.value.dtype.maximum)
    magnitude = _select(negative, _build("arith.xori", a.value, ones), a.value)
    value = _build(unsigned, magnitude, b.value)
    if is_quotient:
        other = _build("arith.xori", value, ones)
    else:
        last = _build("arith.subi", b.value, _number(b.value, 1))
        other = _build("arith.subi", last, value)
    value = _select(negative, other, value)
    value.count = Count(low, high, lambda: negative)
    return value


def magnitude(value: Value) -> Value:
    """Build the magnitude of an integer that may be negative."""
    count = value.count
    assert count is not None
    assert count.is_negative is not None
    if count.difference is not None:
        x, y = (part.value for part in count.difference)
        opposite = _build("arith.subi", y, x)
    else:
        opposite = _build("arith.subi", _number(value, 0), value)
    largest = max(abs(count.low), abs(count.high))
    return counted(_select(count.is_negative(), opposite, value), 0, largest)


def not_negative(value: Value) -> Value:
    """Build an integer, or 0 if it is negative."""
    count = value.count
    if value.dtype.is_signed:
        zero = _number(value, 0)
        return result(value.builder, "arith.maxsi", value.dtype, 1, (use(value), use(zero)))
    if count is None or count.is_negative is None:
        return value
    return counted(_select(count.is_negative(), _number(value, 0), value), 0, count.high)


def extreme(a: Value, b: Value, is_max: bool) -> Value:
    """Build the larger or the smaller of two integers of one dtype."""
    first, second = term(a, a), term(b, b)
    assert first is not None
    assert second is not None
    value = _select(ordered(ops.LT if is_max else ops.GT, first, second), b, a)
    describe_extreme((a, a), (b, b), value, is_max)
    return value


def _terms_of(
    a: tuple[object, Value], b: tuple[object, Value], value: Value
) -> tuple[Term, Term] | None:
    """Give the integers of which `value` is one, each as `term` takes it; None if none counts."""
    first, second = term(*a), term(*b)
    if value.dtype.kind != "u" or value.lanes != 1 or first is None or second is None:
        return None
    if count_of(a[0]) is None and count_of(b[0]) is None:
        return None
    return first, second


def describe_extreme(
    a: tuple[object, Value], b: tuple[object, Value], value: Value, is_max: bool
) -> None:
    """Say what the larger or the smaller of two integers counts; each as `term` takes it."""
    terms = _terms_of(a, b, value)
    if terms is None:
        return
    first, second = terms
    choose = max if is_max else min
    i, j = first.count, second.count
    combine = _and if is_max else _or
    value.count = Count(
        choose(i.low, j.low),
        choose(i.high, j.high),
        lambda: combine(first.negative, second.negative),
    )


def describe_choice(
    condition: Value, a: tuple[object, Value], b: tuple[object, Value], value: Value
) -> None:
    """Say what one of two integers counts, the first if a condition holds."""
    terms = _terms_of(a, b, value)
    if terms is None:
        return
    first, second = terms
    i, j = first.count, second.count
    value.count = Count(
        min(i.low, j.low),
        max(i.high, j.high),
        lambda: _or(_and(condition, first.negative), _and(_not(condition), second.negative)),
    )


def converted(value: Value, dtype: DType) -> Value | None:
    """Convert an integer that may be negative; None where its bits are what is converted."""
    count = value.count
    if count is None or count.is_negative is None or dtype.kind == "b":
        return None
    builder = value.builder
    own = Term(value, count)
    if dtype.kind == "f":
        if own.fits_signed:
            return result(builder, "arith.sitofp", dtype, 1, (use(value),))
        opposite = _build("arith.subi", _number(value, 0), value)
        ups = [result(builder, "arith.uitofp", dtype, 1, (use(v),)) for v in (opposite, value)]
        negated = result(builder, "arith.negf", dtype, 1, (use(ups[0]),))
        return _select(own.negative, negated, ups[1])
    if dtype.bits <= value.dtype.bits:
        return None
    if own.fits_signed:
        wide = result(builder, "arith.extsi", dtype, 1, (use(value),))
    else:
        wide = result(builder, "arith.extui", dtype, 1, (use(value),))
        above = _number(wide, 1 << value.dtype.bits)
        wide = _build("arith.subi", wide, _select(own.negative, above, _number(wide, 0)))
    if dtype.kind == "u":
        wide.count = Count(count.low, count.high, count.is_negative)
    return wide
