# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What functions of Python's `math` and of NumPy are in a kernel, where they meet traced values.

They give what they give in Python, in the dtype of the value: a whole number that `math.floor`,
`math.ceil`, `math.trunc` and `round` give of a float is one of that dtype. What is here is called;
for what is not, `enigma.tracing.protocol` says what to write instead.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from enigma import _functions as own
from enigma._layout import Dyn
from enigma.errors import OperandError
from enigma.language.math import where
from enigma.tracing.arithmetic import absolute
from enigma.tracing.checks import as_operand
from enigma.tracing.fragments import Fragment
from enigma.tracing.messages import describe
from enigma.tracing.protocol import STAND_INS
from enigma.tracing.refusals import replaces
from enigma.tracing.values import Operand, Value
from enigma.types import b1, f32, i32, promote, u32

_Function = Callable[..., Any]


def _value(thing: Any, function: str) -> Any:
    return as_operand(thing, function, "the operand")


def _is_float(thing: Any, function: str) -> bool:
    value = _value(thing, function)
    return value.dtype.is_float if isinstance(value, Value) else isinstance(value, float)


def _truth(thing: Any) -> Any:
    """Give whether a number, or each lane of it, is other than zero."""
    value = _value(thing, "a condition")
    return value.to(b1) if isinstance(value, Value) else bool(value)


def _whole(name: str, function: _Function) -> _Function:
    """Give a function that rounds floats, and leaves integers as they are."""

    def rounded(x: Any) -> Any:
        return function(x) if _is_float(x, name) else +x

    return rounded


def _by_kind(name: str, of_floats: _Function, of_integers: _Function) -> _Function:
    """Give a function of two operands: one of floats if one of them is a float."""

    def chosen(x: Any, y: Any) -> Any:
        either = of_floats if _is_float(x, name) or _is_float(y, name) else of_integers
        return either(x, y)

    return chosen


def _round(x: Any, ndigits: Any = None, *, decimals: Any = None) -> Any:
    digits = ndigits if decimals is None else decimals
    if digits is not None and not (isinstance(digits, int) and digits == 0):
        raise OperandError(
            operation="round()",
            operand="the number of digits",
            found=describe(digits),
            expected="0 or none",
            remedy="scale the number, as in `round(x * 100) / 100`",
        )
    return _whole("round()", own.rint)(x)


def _float_magnitude(x: Any) -> Any:
    value = _value(x, "fabs")
    return own.abs(value if _is_float(value, "fabs") else value.to(f32))


def _scaled(factor: float) -> _Function:
    def scale(x: Any) -> Any:
        value = _value(x, "an angle")
        return (value if _is_float(value, "an angle") else value.to(f32)) * factor

    return scale


def _log(x: Any, base: Any = None, /) -> Any:
    if base is None:
        return own.log(x)
    if not isinstance(base, Operand) and base in (2, 10):
        return own.log2(x) if base == 2 else own.log10(x)
    return own.log(x) / own.log(base)


#: Functions of `math` that are called by another name, or are more than a function of Enigma.
_MATH: dict[str, _Function] = {
    "ceil": _whole("math.ceil", own.ceil),
    "degrees": _scaled(180.0 / math.pi),
    "fabs": _float_magnitude,
    "floor": _whole("math.floor", own.floor),
    "log": _log,
    "radians": _scaled(math.pi / 180.0),
    "trunc": _whole("math.trunc", own.trunc),
}
_MATH |= {
    name: getattr(own, name)
    for name in (
        *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "copysign", "cos", "cosh"),
        *("erf", "erfc", "exp", "exp2", "fma", "fmod", "isfinite", "isinf", "isnan", "log10"),
        *("log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh"),
    )
}


def _sign(x: Any) -> Any:
    """Give NumPy's sign, which is NaN for NaN."""
    if _is_float(x, "np.sign"):
        return where(own.sign(x), x, x != x)
    value = _value(x, "np.sign")
    return where(where(value * 0 + 1, value * 0 - 1, value < 0), value * 0, value == 0)


def _reciprocal(x: Any) -> Any:
    if not _is_float(x, "np.reciprocal"):
        raise OperandError(
            operation="np.reciprocal",
            operand="x",
            found=describe(x),
            expected="a float",
            remedy="convert it with .to(enigma.f32)",
        )
    return 1.0 / x


def _remainder(x: Any, y: Any) -> Any:
    """Give C's remainder of integers, which has the sign of x."""
    return x - own.idiv(x, y) * y


def _or_nan(condition: Any, y: Any) -> Any:
    is_nan = y != y
    if isinstance(is_nan, Operand):
        return condition | is_nan
    return True if is_nan else condition


def _larger(x: Any, y: Any) -> Any:
    """Give the larger of two floats, or one that is NaN."""
    return where(x, y, _or_nan(x < y, y))


def _smaller(x: Any, y: Any) -> Any:
    """Give the smaller of two floats, or one that is NaN."""
    return where(x, y, _or_nan(x > y, y))


#: Ufuncs of NumPy that are no operators of two operands.
_UFUNCS: dict[str, _Function] = {
    "absolute": lambda x: absolute(_value(x, "np.absolute")),
    "arccos": own.acos,
    "arccosh": own.acosh,
    "arcsin": own.asin,
    "arcsinh": own.asinh,
    "arctan": own.atan,
    "arctan2": own.atan2,
    "arctanh": own.atanh,
    "bitwise_count": lambda x: own.popcount(own.abs_diff_unary(x)),
    "ceil": _whole("np.ceil", own.ceil),
    "conjugate": lambda x: x,
    "deg2rad": _MATH["radians"],
    "degrees": _MATH["degrees"],
    "fabs": _float_magnitude,
    "floor": _whole("np.floor", own.floor),
    "fmax": _by_kind("np.fmax", own.fmax, own.imax),
    "fmin": _by_kind("np.fmin", own.fmin, own.imin),
    "fmod": _by_kind("np.fmod", own.fmod, _remainder),
    "invert": lambda x: ~x,
    "logical_and": lambda x, y: _truth(x) & _truth(y),
    "logical_not": lambda x: ~_truth(x),
    "logical_or": lambda x, y: _truth(x) | _truth(y),
    "logical_xor": lambda x, y: _truth(x) ^ _truth(y),
    "maximum": _by_kind("np.maximum", _larger, own.imax),
    "minimum": _by_kind("np.minimum", _smaller, own.imin),
    "negative": lambda x: -x,
    "positive": lambda x: +x,
    "rad2deg": _MATH["degrees"],
    "radians": _MATH["radians"],
    "reciprocal": _reciprocal,
    "rint": _whole("np.rint", own.rint),
    "sign": _sign,
    "square": lambda x: x * x,
    "trunc": _whole("np.trunc", own.trunc),
}
_UFUNCS |= {
    name: getattr(own, name)
    for name in (
        *("copysign", "cos", "cosh", "exp", "exp2", "isfinite", "isinf", "isnan", "log", "log10"),
        *("log2", "signbit", "sin", "sinh", "sqrt", "tan", "tanh"),
    )
}


def _where(condition: Any, x: Any, y: Any) -> Any:
    return where(y, x, _truth(condition))


def _clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low = a_min if min is None else min
    high = a_max if max is None else max
    if low is not None:
        x = _UFUNCS["maximum"](x, low)
    return x if high is None else _UFUNCS["minimum"](x, high)


_WIDER = {"b": i32, "i": i32, "u": u32}


def _elements(x: Any) -> list[Any]:
    value = _value(x, "the operand")
    return [value] if value.lanes == 1 else list(value)


def _combined(combine: _Function, reduction: str = "") -> _Function:
    """Give a function that combines the lanes of a vector, or the elements of a fragment."""

    def combined(x: Any) -> Any:
        value = _value(x, "the operand")
        if reduction:
            # As NumPy has it, sums and products of small integers are wider.
            value = value.to(promote(value.dtype, _WIDER.get(value.dtype.kind, value.dtype)))
        if reduction and isinstance(value, Fragment):
            return value.reduce(reduction)
        return functools.reduce(combine, _elements(value))

    return combined


#: Functions of NumPy that are no ufuncs.
_ARRAY_FUNCTIONS: dict[str, _Function] = {
    "all": _combined(lambda x, y: _truth(x) & _truth(y)),
    "any": _combined(lambda x, y: _truth(x) | _truth(y)),
    "around": _round,
    "clip": _clip,
    "max": _combined(_UFUNCS["maximum"]),
    "min": _combined(_UFUNCS["minimum"]),
    "prod": _combined(lambda x, y: x * y, "mul"),
    "round": _round,
    "sum": _combined(lambda x, y: x + y, "add"),
    "where": _where,
}
_ARRAY_FUNCTIONS |= {f"a{name}": _ARRAY_FUNCTIONS[name] for name in ("max", "min")}


def _replace(name: str, function: _Function) -> None:
    """Let a function of `math` be another one where it is given a traced value."""
    given = getattr(math, name, None)
    if given is None:
        # Python has it from a later version on.
        return

    @replaces(given)
    @functools.wraps(given)
    def replacement(*arguments: Any, **options: Any) -> Any:
        if any(isinstance(argument, (Operand, Dyn)) for argument in arguments):
            return function(*arguments, **options)
        return given(*arguments, **options)


for _name, _stand_in in _MATH.items():
    _replace(_name, _stand_in)
    STAND_INS[f"math.{_name}"] = _stand_in
for _name, _stand_in in (_UFUNCS | _ARRAY_FUNCTIONS).items():
    STAND_INS[f"np.{_name}"] = _stand_in
STAND_INS["round"] = _round
