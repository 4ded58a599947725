# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of floats, elementwise on vectors.

An operand that is an integer becomes an `f32`, as do Python numbers alone; other operands meet as
those of an operator. They are what they say for all numbers of their domain, also with fast math;
NaN and infinities are in it without fast math only, but for the functions that ask for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import OperandError
from enigma.tracing.alternatives import can_choose, choose
from enigma.tracing.arithmetic import absolute
from enigma.tracing.builder import require_builder
from enigma.tracing.checks import as_condition, as_operand
from enigma.tracing.meeting import broadcast
from enigma.tracing.operands import any_rule, float_rule, meet
from enigma.tracing.powers import power
from enigma.tracing.values import Value, result, use
from enigma.types import DType, b1


def _function(
    name: str, op: str, names: tuple[str, ...], summary: str, dtype: DType | None = None
) -> Callable[..., Value]:
    """Make the function of an operation on floats of one dtype; so is its result, or `dtype`."""
    parameters = ", ".join(names)
    given = "A `b1` for each lane." if dtype is b1 else "A float of the dtype of the operands."
    arity = len(names)

    def function(*operands: Any) -> Value:
        builder = require_builder(f"enigma.{name}")
        if len(operands) != arity:
            raise OperandError(
                operation=f"enigma.{name}",
                operand="the argument list",
                found=f"{len(operands)} operands",
                expected=f"{arity}: {parameters}",
                remedy=f"call enigma.{name}({parameters})",
            )
        values = meet(builder, f"enigma.{name}", names, operands, float_rule)
        first = values[0]
        return result(
            builder, op, dtype or first.dtype, first.lanes, tuple(use(value) for value in values)
        )

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{summary}

    Parameters
    ----------
    {parameters} : traced values or numbers
        Floats, scalars or vectors; integers are converted to `f32`.

    Returns
    -------
    Value
        {given}
    """
    return function


_X = ("x",)
_XY = ("x", "y")
_XYZ = ("x", "y", "z")

sqrt = _function("sqrt", "math.sqrt", _X, "Give the square root.")
rsqrt = _function("rsqrt", "math.rsqrt", _X, "Give one over the square root.")
ceil = _function("ceil", "math.ceil", _X, "Round up to a whole number.")
floor = _function("floor", "math.floor", _X, "Round down to a whole number.")
round = _function(
    "round", "math.round", _X, "Round to the nearest whole number, halves away from zero."
)
rint = _function("rint", "math.roundeven", _X, "Round to the nearest whole number, halves to even.")
trunc = _function("trunc", "math.trunc", _X, "Round towards zero to a whole number.")
sign = _function("sign", "enigma.sign", _X, "Give 1, -1 or 0 by the sign; 0 for NaN.")
saturate = _function("saturate", "enigma.saturate", _X, "Clamp to [0, 1]; 0 for NaN.")
fract = _function("fract", "enigma.fract", _X, "Give ``x - floor(x)``, kept below 1.")
exp = _function("exp", "math.exp", _X, "Give e to the power of x.")
exp2 = _function("exp2", "math.exp2", _X, "Give 2 to the power of x.")
exp10 = _function("exp10", "enigma.exp10", _X, "Give 10 to the power of x.")
log = _function("log", "math.log", _X, "Give the natural logarithm.")
log2 = _function("log2", "math.log2", _X, "Give the logarithm to base 2.")
log10 = _function("log10", "math.log10", _X, "Give the logarithm to base 10.")
sin = _function("sin", "math.sin", _X, "Give the sine of x radians.")
cos = _function("cos", "math.cos", _X, "Give the cosine of x radians.")
tan = _function("tan", "math.tan", _X, "Give the tangent of x radians.")
asin = _function("asin", "math.asin", _X, "Give the angle in [-pi/2, pi/2] whose sine is x.")
acos = _function("acos", "math.acos", _X, "Give the angle in [0, pi] whose cosine is x.")
atan = _function("atan", "math.atan", _X, "Give the angle in (-pi/2, pi/2) whose tangent is x.")
sinh = _function("sinh", "math.sinh", _X, "Give the hyperbolic sine.")
cosh = _function("cosh", "math.cosh", _X, "Give the hyperbolic cosine.")
tanh = _function("tanh", "math.tanh", _X, "Give the hyperbolic tangent.")
asinh = _function("asinh", "math.asinh", _X, "Give the inverse hyperbolic sine.")
acosh = _function("acosh", "math.acosh", _X, "Give the inverse hyperbolic cosine.")
atanh = _function("atanh", "math.atanh", _X, "Give the inverse hyperbolic tangent.")
sinpi = _function("sinpi", "enigma.sinpi", _X, "Give the sine of pi times x.")
cospi = _function("cospi", "enigma.cospi", _X, "Give the cosine of pi times x.")
tanpi = _function("tanpi", "enigma.tanpi", _X, "Give the tangent of pi times x.")
erf = _function("erf", "math.erf", _X, "Give the error function.")
erfc = _function("erfc", "math.erfc", _X, "Give one minus the error function.")

fmin = _function(
    "fmin", "arith.minnumf", _XY, "Give the smaller of two floats; the other one if one is NaN."
)
fmax = _function(
    "fmax", "arith.maxnumf", _XY, "Give the larger of two floats; the other one if one is NaN."
)
_powf = _function("pow", "math.powf", _XY, "Give x to the power of y.")
powr = _function(
    "powr", "enigma.powr", _XY, "Give x to the power of y, for x that is not negative."
)
fmod = _function(
    "fmod", "arith.remf", _XY, "Give the remainder of a truncated division: it has the sign of x."
)
atan2 = _function(
    "atan2", "math.atan2", ("y", "x"), "Give the angle of the point (x, y), in [-pi, pi]."
)
step = _function("step", "enigma.step", ("edge", "x"), "Give 0 where x is below the edge, else 1.")
copysign = _function(
    "copysign", "math.copysign", _XY, "Give the magnitude of x with the sign of y."
)
fdim = _function("fdim", "enigma.fdim", _XY, "Give ``x - y`` where x is larger, else 0.")

clamp = _function(
    "clamp", "math.clampf", ("x", "minimum", "maximum"), "Bring x into [minimum, maximum]."
)
fma = _function("fma", "math.fma", _XYZ, "Give ``x * y + z``, rounded once.")
mix = _function("mix", "enigma.mix", ("x", "y", "a"), "Give ``x + (y - x) * a``.")
smoothstep = _function(
    "smoothstep",
    "enigma.smoothstep",
    ("edge0", "edge1", "x"),
    "Go smoothly from 0 at one edge to 1 at the other.",
)

isnan = _function("isnan", "math.isnan", _X, "Whether x is NaN.", b1)
isinf = _function("isinf", "math.isinf", _X, "Whether x is infinite.", b1)
isfinite = _function("isfinite", "math.isfinite", _X, "Whether x is neither infinite nor NaN.", b1)
isnormal = _function(
    "isnormal", "math.isnormal", _X, "Whether x is normal: no zero, subnormal, infinity or NaN.", b1
)
signbit = _function("signbit", "enigma.signbit", _X, "Whether the sign bit is set.", b1)


def pow(*operands: Any) -> Value:
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
    """
    if len(operands) == 2:
        builder = require_builder("enigma.pow")
        x, y = (
            as_operand(operand, "enigma.pow", n) for operand, n in zip(operands, _XY, strict=True)
        )
        is_integer = not y.dtype.is_float if isinstance(y, Value) else isinstance(x, Value)
        if is_integer:
            (base,) = meet(builder, "enigma.pow", ("x",), (x,), float_rule)
            return power(base, y, "enigma.pow")
    return _powf(*operands)


def abs(x: Any) -> Value:
    """Give the magnitude of a float or an integer.

    Parameters
    ----------
    x : traced value or number
        A scalar or a vector.

    Returns
    -------
    Value
        Of the dtype of `x`.
    """
    builder = require_builder("enigma.abs")
    (value,) = meet(builder, "enigma.abs", ("x",), (x,), any_rule)
    return absolute(value)


def where(false_value: Any, true_value: Any, condition: Any) -> Value:
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
    return result(builder, "arith.select", first.dtype, first.lanes, operands)
