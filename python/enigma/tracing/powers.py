# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `**` builds: products, or powers of floats."""

from __future__ import annotations

from enigma.errors import OperandError
from enigma.tracing import operators as ops
from enigma.tracing.arithmetic import binary, fold_numbers, negate
from enigma.tracing.checks import as_operand, as_traced, literal, with_their_dtypes
from enigma.tracing.comparisons import compare
from enigma.tracing.conversions import cast
from enigma.tracing.meeting import common_dtype, meet_lanes, unsettled_of
from enigma.tracing.messages import describe
from enigma.tracing.operations import operations
from enigma.tracing.values import Value, constant, known_number, result, use
from enigma.types import Number, arithmetic_dtype, f32, unsigned_dtype

# Powers of floats with a known whole exponent up to this one become products.
MAX_PRODUCT = 64


def power(base: object, exponent: object, operation: str = "`**`") -> Value:
    """Build `**`: products where the exponent is an integer, `pow` of floats elsewhere."""
    exponent = as_traced(exponent)
    base, typed = with_their_dtypes(base, exponent)
    base = as_operand(base, operation, "the base")
    exponent = as_operand(exponent, operation, "the exponent")
    if isinstance(base, Value) and typed is not exponent and typed.dtype.is_float:
        # A float of NumPy says the dtype, and as a number whether this is a product.
        base = cast(base, common_dtype(base, typed))
    if isinstance(exponent, (int, float)) and abs(exponent) <= MAX_PRODUCT:
        folded = fold_numbers("**", (base, exponent), power)
        if folded is not None:
            return folded
    base_is_float = base.dtype.is_float if isinstance(base, Value) else isinstance(base, float)
    whole = _whole_number(exponent, base_is_float)
    if isinstance(base, Value) and whole is not None:
        if base_is_float and abs(whole) <= MAX_PRODUCT:
            wide = cast(base, f32) if base.dtype.bits < 32 else base
            product = _multiplied(wide, abs(whole))
            return cast(1.0 / product if whole < 0 else product, base.dtype)
        if not base_is_float and whole >= 0:
            return _multiplied(cast(base, arithmetic_dtype(base.dtype)), whole)
    exponent_is_float = (
        exponent.dtype.is_float if isinstance(exponent, Value) else isinstance(exponent, float)
    )
    if base_is_float and isinstance(exponent, Value) and not exponent_is_float:
        if not isinstance(base, Value):
            base = literal(exponent.builder, f32, base, operation)
        return _integer_power(base, exponent, operation)
    if base_is_float or (isinstance(exponent, Value) and exponent_is_float):
        return binary(ops.POW, base, exponent)
    if not isinstance(exponent, Value):
        raise OperandError(
            operation=operation,
            operand="the exponent",
            found=describe(exponent),
            expected="a positive int for a base that is an integer",
            remedy="convert the base with .to(enigma.f32)",
        )
    exponent = cast(exponent, arithmetic_dtype(exponent.dtype))
    if not isinstance(base, Value):
        base = literal(exponent.builder, exponent.dtype, base, operation)
    base, exponent = meet_lanes(cast(base, arithmetic_dtype(base.dtype)), exponent, operation)
    return operations.integer_power(base, exponent)


def _whole_number(exponent: Value | Number, may_be_float: bool) -> int | None:
    """Give the int that an exponent is, if that is known."""
    if isinstance(exponent, Value):
        return known_number(exponent) if exponent.unsettled is None else None
    if isinstance(exponent, float) and not (may_be_float and exponent.is_integer()):
        return None
    return int(exponent)


def _multiplied(base: Value, exponent: int) -> Value:
    """Multiply a number by itself, by repeated squaring."""
    if exponent == 0:
        return constant(base.builder, base.dtype, 1, base.lanes)
    product: Value | None = None
    square = base
    while True:
        if exponent & 1:
            product = square if product is None else product * square
        exponent >>= 1
        if not exponent:
            assert product is not None
            return product
        square = square * square


def _integer_power(base: Value, exponent: Value, operation: str) -> Value:
    """Build the power of a float with an integer that the kernel computes."""
    builder, dtype = base.builder, base.dtype
    unsettled = unsettled_of(base)
    exponent = cast(exponent, arithmetic_dtype(exponent.dtype))
    base, exponent = meet_lanes(base, exponent, operation)
    lanes = base.lanes
    count = cast(exponent, unsigned_dtype(exponent.dtype))
    negative: Value | None = None
    if exponent.dtype.is_signed:
        negative = compare(ops.LT, exponent, 0)
        operands = (use(negative), use(negate(count)), use(count))
        count = result(builder, "arith.select", count.dtype, lanes, operands)
    wide = cast(base, f32) if dtype.bits < 32 else base
    factors = (use(wide), use(count))
    power = result(builder, "enigma.powi", wide.dtype, lanes, factors, None, unsettled)
    if negative is not None:
        operands = (use(negative), use(1.0 / power), use(power))
        power = result(builder, "arith.select", wide.dtype, lanes, operands, None, unsettled)
    return cast(power, dtype)


operations.power = power
