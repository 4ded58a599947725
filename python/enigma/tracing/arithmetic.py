# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the operators of Python build, but for comparisons and powers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from enigma.errors import EnigmaError, IntegerDivision, NumberError, OperandError
from enigma.tracing import operators as ops
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand, as_traced, is_plain, literal, with_their_dtypes
from enigma.tracing.conversions import cast
from enigma.tracing.counts import (
    Term,
    as_bits,
    count_in,
    counted,
    counts,
    describe_result,
    divided,
    magnitude,
    may_be_negative,
)
from enigma.tracing.meeting import meet_lanes, settle, unify, unsettled_of
from enigma.tracing.messages import describe
from enigma.tracing.operations import operations
from enigma.tracing.unsettled import Unsettled
from enigma.tracing.values import Value, constant, known_lanes, known_number, result, use
from enigma.types import DType, arithmetic_dtype, b1, f32, is_number

NO_DIVISION = "leave it out; what the kernel computes is looked at there, as in `if y != 0: ...`"


def fold_numbers(
    symbol: str, operands: tuple[object, ...], build: Callable[..., Value]
) -> Value | None:
    """Apply an operator to numbers that the kernel chooses, as Python does; None for others."""
    for operand in operands:
        if isinstance(operand, Value) and operand.alternatives is not None:
            folded: Value | None = operand.alternatives.fold(symbol, operands, build)
            return folded
    return None


def is_choice(thing: object) -> bool:
    """Whether something is a number that the kernel chooses, and can choose anew."""
    return (
        isinstance(thing, Value)
        and thing.alternatives is not None
        and bool(thing.alternatives.open)
    )


def _is_number(thing: object) -> bool:
    """Whether something is a number of Python, or one of the kernel that has no dtype yet."""
    return thing.unsettled is not None if isinstance(thing, Value) else is_number(thing)


def _undefined(operator: ops.BinaryOperator, left: Value, right: Value) -> EnigmaError:
    if operator is ops.TRUEDIV:
        return IntegerDivision(left=left.dtype, right=right.dtype)
    if left.dtype.kind == "f":
        return OperandError(
            operation=operator.text,
            operand="an operand",
            found=f"a float ({left._enigma_kind()})",
            expected="integers or bools",
            remedy="convert with .to(enigma.i32), or look at the bits with enigma.as_type",
        )
    return OperandError(
        operation=operator.text,
        operand="an operand",
        found=describe(left),
        expected="floats",
        remedy="convert with .to(enigma.f32)",
    )


def binary(operator: ops.BinaryOperator, left: Any, right: Any) -> Value:
    """Build a binary operator."""
    if left.__class__ is not Value:
        left = as_traced(left)
    if right.__class__ is not Value:
        right = as_traced(right)
    if (
        left.__class__ is Value
        and right.__class__ is Value
        and left.dtype is right.dtype
        and left.dtype is not b1
        and left.unsettled is None
        and right.unsettled is None
    ):
        if left.count is None and right.count is None:
            return _built(operator, left, right, None)
        return _built_of_counts(operator, left, left, right, right, None)
    if not (counts(left) or counts(right)):
        met = _met(operator, left, right)
        return met if isinstance(met, Value) else _built(operator, *met)
    if (isinstance(right, int) and right < 0) or (isinstance(left, int) and left < 0):
        operator, left, right = _without_sign(operator, left, right)
    bits = left, right
    if operator is ops.ADD or operator is ops.SUB or operator is ops.MUL:
        bits = as_bits(left, right), as_bits(right, left)
    met = _met(operator, *bits)
    if isinstance(met, Value):
        return met
    first, second, unsettled = met
    return _built_of_counts(operator, left, first, right, second, unsettled)


def _met(
    operator: ops.BinaryOperator, left: Any, right: Any
) -> tuple[Value, Value, tuple[Unsettled, ...] | None] | Value:
    """Bring operands together as `unify` does; or give the result, if they are chosen numbers."""
    if not (is_plain(left) and is_plain(right)):
        left, right = with_their_dtypes(left, right)
        folded = fold_numbers(operator.symbol, (left, right), partial(binary, operator))
        if folded is not None:
            return folded
        if operator is ops.TRUEDIV and _is_number(left) and _is_number(right):
            # A number is no integer for the sake of being written as one.
            left, right = (
                settle(side, f32) if isinstance(side, Value) else side for side in (left, right)
            )
    return unify(operator.text, left, right, operator.keeps_bool)


def _without_sign(
    operator: ops.BinaryOperator, left: Any, right: Any
) -> tuple[ops.BinaryOperator, Any, Any]:
    """Write `i + -1` as `i - 1`, and so on."""
    if isinstance(right, int) and right < 0:
        if operator is ops.ADD:
            return ops.SUB, left, -right
        if operator is ops.SUB:
            return ops.ADD, left, -right
    if operator is ops.ADD and isinstance(left, int) and left < 0:
        return ops.SUB, right, -left
    return operator, left, right


def _built(
    operator: ops.BinaryOperator,
    left: Value,
    right: Value,
    unsettled: tuple[Unsettled, ...] | None,
) -> Value:
    """Build a binary operator on operands of one dtype and one number of lanes."""
    dtype = left.dtype
    if not operator.speculatable and dtype.kind != "f":
        check_divisor(operator.text, "the divisor", right)
        left.builder.effects += 1
    name = operator.ops[dtype.kind]
    if name is None:
        raise _undefined(operator, left, right)
    return result(left.builder, name, dtype, left.lanes, (use(left), use(right)), None, unsettled)


def _built_of_counts(
    operator: ops.BinaryOperator,
    first: Any,
    left: Value,
    second: Any,
    right: Value,
    unsettled: tuple[Unsettled, ...] | None,
) -> Value:
    """Build a binary operator of which an operand counts, given the operands as they were, too."""
    if left.dtype.kind == "u" and left.lanes == 1:
        i, j = count_in(first, left), count_in(second, right)
        if i is not None and j is not None:
            if not operator.speculatable and i.is_negative is not None:
                check_divisor(operator.text, "the divisor", right)
                return divided(operator, Term(left, i), Term(right, j))
            value = _built(operator, left, right, unsettled)
            describe_result(operator, i, left, j, right, value)
            return value
    return _built(operator, left, right, unsettled)


def check_divisor(operation: str, operand: str, divisor: Value) -> None:
    """Check that an integer, or a lane of integers, is not known to be 0."""
    if 0 in known_lanes(divisor):
        raise OperandError(
            operation=operation,
            operand=operand,
            found="0",
            expected="a number other than zero",
            remedy=NO_DIVISION,
        )


def shift(operator: ops.BinaryOperator, left: Any, right: Any) -> Value:
    """Build a shift. As in C, its dtype is that of the left operand, whatever the amount is."""
    left, right = with_their_dtypes(left, right)
    folded = fold_numbers(operator.symbol, (left, right), partial(shift, operator))
    if folded is not None:
        return folded
    symbol = operator.text
    left = as_operand(left, symbol, "the left operand")
    right = as_operand(right, symbol, "the shift amount")
    if is_choice(left) and isinstance(right, Value):
        left = settle(left, arithmetic_dtype(right.dtype))
    if not isinstance(left, Value):
        number, left = left, arithmetic_dtype(right.dtype)
        left = literal(right.builder, left, number, symbol, right.lanes)
    builder: Builder = left.builder
    left = cast(left, arithmetic_dtype(left.dtype))
    dtype = left.dtype
    unsettled = unsettled_of(left)
    if isinstance(right, Value):
        right = cast(right, arithmetic_dtype(right.dtype))
        if dtype.kind == "f" or right.dtype.kind == "f":
            raise _undefined(operator, left if dtype.kind == "f" else right, right)
        for known in known_lanes(right):
            _check_amount(symbol, known, dtype)
        right = cast(right, dtype)
    else:
        if dtype.kind == "f":
            raise _undefined(operator, left, left)
        _check_amount(symbol, right, dtype)
        right = constant(builder, dtype, right, left.lanes)
    if left.count is not None and right.lanes == 1:
        amount = known_number(right)
        if amount is not None:
            # The factor, or the divisor, need not be in the dtype.
            if may_be_negative(left) and 1 << amount <= dtype.maximum:
                return binary(ops.MUL if operator is ops.SHL else ops.FLOORDIV, left, 1 << amount)
            return counted(_shifted(operator, left, right))
    left, right = meet_lanes(left, right, symbol)
    return _shifted(operator, left, right, unsettled)


def _check_amount(symbol: str, amount: Any, dtype: DType) -> None:
    """Check a shift amount that is a number."""
    if not (isinstance(amount, int) and 0 <= amount < dtype.bits):
        raise NumberError(
            operation=symbol,
            number=amount,
            dtype=dtype,
            reason=f"a shift amount is a whole number from 0 to {dtype.bits - 1}",
            remedy="shift by less than the width",
        )


def _shifted(
    operator: ops.BinaryOperator,
    left: Value,
    right: Value,
    unsettled: tuple[Unsettled, ...] | None = None,
) -> Value:
    dtype = left.dtype
    name = operator.ops[dtype.kind]
    assert name is not None
    return result(left.builder, name, dtype, left.lanes, (use(left), use(right)), None, unsettled)


def negate(value: Value) -> Value:
    """Build unary minus."""
    folded = fold_numbers("neg", (value,), negate)
    if folded is not None:
        return folded
    if value.count is not None:
        return binary(ops.SUB, 0, value)
    value = cast(value, arithmetic_dtype(value.dtype))
    builder = value.builder
    if value.dtype.kind == "f":
        return result(
            builder,
            "arith.negf",
            value.dtype,
            value.lanes,
            (use(value),),
            None,
            unsettled_of(value),
        )
    zero = builder.constant(value.dtype, 0, value.lanes)
    return result(
        builder,
        "arith.subi",
        value.dtype,
        value.lanes,
        (zero, use(value)),
        None,
        unsettled_of(value),
    )


def invert(value: Value) -> Value:
    """Build `~`: all bits of an integer, or the other truth value of a bool."""
    folded = fold_numbers("~", (value,), invert)
    if folded is not None:
        return folded
    if value.dtype.kind == "f":
        raise _undefined(ops.BinaryOperator("~", None, None, None), value, value)
    builder = value.builder
    ones = builder.constant(
        value.dtype, -1 if value.dtype.kind == "i" else value.dtype.maximum, value.lanes
    )
    return result(
        builder,
        "arith.xori",
        value.dtype,
        value.lanes,
        (use(value), ones),
        None,
        unsettled_of(value),
    )


def absolute(value: Value) -> Value:
    """Build the magnitude of a number."""
    folded = fold_numbers("abs", (value,), absolute)
    if folded is not None:
        return folded
    if may_be_negative(value):
        return magnitude(value)
    value = cast(value, arithmetic_dtype(value.dtype))
    name = {"f": "math.absf", "i": "math.absi"}.get(value.dtype.kind)
    if name is None:
        return value
    return result(
        value.builder, name, value.dtype, value.lanes, (use(value),), None, unsettled_of(value)
    )


operations.binary = binary
operations.shift = shift
operations.negate = negate
operations.invert = invert
operations.absolute = absolute
