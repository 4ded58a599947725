# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of floats that are more than a call of an operation; see `enigma._functions`.

An operand that is an integer becomes an `f32`, as do Python numbers alone; other operands meet as
those of an operator. They are what they say for all numbers of their domain, also with fast math;
NaN and infinities are in it without fast math only, but for the functions that ask for them.
"""

from __future__ import annotations

from enigma.language import calls
from enigma.tracing.alternatives import can_choose, choose
from enigma.tracing.arithmetic import absolute
from enigma.tracing.builder import require_builder
from enigma.tracing.checks import as_condition, as_operand
from enigma.tracing.counts import describe_choice
from enigma.tracing.meeting import broadcast
from enigma.tracing.operands import any_rule, float_rule, meet
from enigma.tracing.powers import power
from enigma.tracing.values import Operand, Value, result, use
from enigma.types import Number


def pow(x: Operand | Number, y: Operand | Number) -> Value:
    """Give x to the power of y.

    Where `y` is an integer, `x` is multiplied by itself: a Python number from -64 to 64 (also a
    float, as 2.0) makes a product in the kernel, a traced integer a loop.

    Parameters
    ----------
    x, y : traced values or numbers
        Scalars or vectors; an integer `x` is converted to `f32`.

    Returns
    -------
    Value
        A float.

    Raises
    ------
    EnigmaError
        When an operand is none of these, or a number does not fit.

    Notes
    -----
    In MSL: ``precise::pow(x, y)``, or products.
    """
    builder = require_builder("enigma.pow")
    base = as_operand(x, "enigma.pow", "x")
    exponent = as_operand(y, "enigma.pow", "y")
    is_integer = (
        not exponent.dtype.is_float if isinstance(exponent, Value) else (isinstance(base, Value))
    )
    if is_integer:
        (value,) = meet(builder, "enigma.pow", ("x",), (base,), float_rule)
        return power(value, exponent, "enigma.pow")
    values = meet(builder, "enigma.pow", ("x", "y"), (base, exponent), float_rule)
    return calls.build(builder, "math.powf", values)


def abs(x: Operand | Number) -> Value:
    """Give the magnitude of a float or an integer.

    Parameters
    ----------
    x : traced value or number
        A scalar or a vector.

    Returns
    -------
    Value
        Of the dtype of `x`.

    Raises
    ------
    EnigmaError
        When an operand is none of these, or a number does not fit.
    """
    builder = require_builder("enigma.abs")
    (value,) = meet(builder, "enigma.abs", ("x",), (x,), any_rule)
    return absolute(value)


def where(
    false_value: Operand | Number, true_value: Operand | Number, condition: Operand | bool
) -> Value:
    """Choose by a condition: Metal's ``select(false_value, true_value, condition)``.

    Both values are computed; use a conditional expression to compute one of them.

    Parameters
    ----------
    false_value, true_value : traced values or numbers
        What is given where the condition does not hold, and where it holds.
    condition : traced value or bool
        A `b1`; a vector chooses lane by lane. It comes last, unlike in NumPy.

    Returns
    -------
    Value
        Of the dtype in which the two values meet. Of two numbers, a number that takes the dtype of
        what it is used with.

    Raises
    ------
    OperandError
        When the condition is no bool.
    """
    builder = require_builder("enigma.where")
    chosen = as_condition(
        condition,
        "enigma.where",
        "condition",
        "the condition comes last, as in enigma.where(0.0, x, x > 0.0); compare a number, as in "
        "`x != 0`",
    )
    if isinstance(chosen, Value) and can_choose(false_value, true_value):
        return choose(chosen, true_value, false_value)
    names = ("false_value", "true_value")
    first, second = meet(builder, "enigma.where", names, (false_value, true_value), any_rule)
    if not isinstance(chosen, Value):
        return second if chosen else first
    if chosen.lanes != 1:
        first = broadcast(first, chosen.lanes, "enigma.where")
        second = broadcast(second, chosen.lanes, "enigma.where")
    operands = (use(chosen), use(second), use(first))
    value = result(builder, "arith.select", first.dtype, first.lanes, operands)
    describe_choice(chosen, (true_value, second), (false_value, first), value)
    return value
