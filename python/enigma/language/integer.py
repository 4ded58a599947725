# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of integers that are more than a call of an operation; see `enigma._functions`."""

from __future__ import annotations

import functools
from typing import Any

from enigma.language import calls
from enigma.language.math import where
from enigma.tracing.arithmetic import absolute, check_divisor
from enigma.tracing.builder import require_builder
from enigma.tracing.conversions import cast, convert
from enigma.tracing.fragments import Fragment
from enigma.tracing.functions import Func
from enigma.tracing.operands import integer_rule, meet
from enigma.tracing.operations import operations
from enigma.tracing.values import Operand, Value, constant
from enigma.types import Number, unsigned_dtype


def iclamp(x: Operand | Number, low: Operand | Number, high: Operand | Number) -> Value:
    """Bring an integer into [low, high].

    Parameters
    ----------
    x, low, high : traced integers or ints
        They meet as the operands of an operator.

    Returns
    -------
    Value
        ``imin(imax(x, low), high)``.

    Raises
    ------
    EnigmaError
        When an operand is none of these, or a number does not fit.
    """
    builder = require_builder("enigma.iclamp")
    names = ("x", "low", "high")
    value, least, most = meet(builder, "enigma.iclamp", names, (x, low, high), integer_rule)
    sign = "s" if value.dtype.is_signed else "u"
    raised = calls.build(builder, f"arith.max{sign}i", [value, least])
    return calls.build(builder, f"arith.min{sign}i", [raised, most])


def idiv(x: Operand | Number, y: Operand | Number) -> Value:
    """Divide integers and truncate towards zero, as C does.

    Parameters
    ----------
    x, y : traced integers or ints
        They meet as the operands of an operator. A `y` of 0 is undefined, and so is the quotient of
        the smallest integer and -1, which does not fit.

    Returns
    -------
    Value
        The quotient.

    Raises
    ------
    EnigmaError
        When an operand is none of these, or a number does not fit.
    """
    builder = require_builder("enigma.idiv")
    values = meet(builder, "enigma.idiv", ("x", "y"), (x, y), integer_rule)
    check_divisor("enigma.idiv", "y", values[1])
    builder.effects += 1
    return calls.build(builder, f"arith.div{'s' if values[0].dtype.is_signed else 'u'}i", values)


def abs_diff_unary(x: Operand | Number) -> Value:
    """Give the magnitude of an integer, unsigned.

    Parameters
    ----------
    x : traced integer or int
        A scalar or a vector.

    Returns
    -------
    Value
        Unsigned, of the width of `x`.

    Raises
    ------
    EnigmaError
        When an operand is none of these, or a number does not fit.
    """
    builder = require_builder("enigma.abs_diff_unary")
    (value,) = meet(builder, "enigma.abs_diff_unary", ("x",), (x,), integer_rule)
    return cast(absolute(value), unsigned_dtype(value.dtype))


def _multiplied(power: Any, base: Any, count: Any, bits: Any) -> Any:
    """Multiply by the squares that the bits of a count select; `bits` has the highest one."""
    while bits != 0:
        power = where(power, power * base, (count & 1) != 0)
        base = base * base
        count = count >> 1
        bits = bits >> 1
    return power


_product = Func(_multiplied)


def _integer_power(base: Value, exponent: Value) -> Value:
    """Build the power of integers, of the dtype of the base.

    It wraps, as products do; with a negative exponent it is rounded towards zero, and so 0 but for
    the bases 1 and -1.
    """
    dtype = base.dtype
    factor = convert(base, unsigned_dtype(dtype))
    count = abs_diff_unary(exponent)
    lanes = [count]
    if isinstance(count, Fragment):
        lanes = [count.reduce("max")]
    elif count.lanes != 1:
        lanes = list(count)
    bits = functools.reduce(lambda x, y: x | y, lanes)
    one = constant(base.builder, factor.dtype, 1, base.lanes)
    power = convert(_product(one, factor, count, bits), dtype)
    if not exponent.dtype.is_signed:
        return power
    is_unit = (base == 1) | (base == -1) if dtype.is_signed else base == 1
    return where(power, 0, (exponent < 0) & ~is_unit)


operations.integer_power = _integer_power
