# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of integers, elementwise on vectors, and comparisons as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import OperandError
from enigma.tracing import operators as ops
from enigma.tracing.arithmetic import absolute
from enigma.tracing.builder import require_builder
from enigma.tracing.comparisons import compare, decide_written
from enigma.tracing.conversions import cast
from enigma.tracing.operands import any_rule, integer_rule, meet
from enigma.tracing.values import Value, result, use
from enigma.types import DType, unsigned_dtype


def _build(name: str, values: list[Value], dtype: DType | None = None) -> Value:
    first = values[0]
    return result(
        first.builder, name, dtype or first.dtype, first.lanes, tuple(use(v) for v in values)
    )


def _integers(name: str, names: tuple[str, ...], operands: tuple[Any, ...]) -> list[Value]:
    return meet(require_builder(f"enigma.{name}"), f"enigma.{name}", names, operands, integer_rule)


def imin(x: Any, y: Any) -> Value:
    """Give the smaller of two integers.

    Parameters
    ----------
    x, y : traced integers or ints
        They meet as the operands of an operator.

    Returns
    -------
    Value
        Of the dtype in which they meet.
    """
    values = _integers("imin", ("x", "y"), (x, y))
    return _build("arith.minsi" if values[0].dtype.is_signed else "arith.minui", values)


def imax(x: Any, y: Any) -> Value:
    """Give the larger of two integers.

    Parameters
    ----------
    x, y : traced integers or ints
        They meet as the operands of an operator.

    Returns
    -------
    Value
        Of the dtype in which they meet.
    """
    values = _integers("imax", ("x", "y"), (x, y))
    return _build("arith.maxsi" if values[0].dtype.is_signed else "arith.maxui", values)


def iclamp(x: Any, minimum: Any, maximum: Any) -> Value:
    """Bring an integer into [minimum, maximum].

    Parameters
    ----------
    x, minimum, maximum : traced integers or ints
        They meet as the operands of an operator.

    Returns
    -------
    Value
        ``imin(imax(x, minimum), maximum)``.
    """
    values = _integers("iclamp", ("x", "minimum", "maximum"), (x, minimum, maximum))
    return imin(imax(values[0], values[1]), values[2])


def idiv(x: Any, y: Any) -> Value:
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
    """
    if not isinstance(y, Value) and isinstance(y, int) and y == 0:
        raise OperandError(
            operation="enigma.idiv", operand="y", found="0", expected="another number"
        )
    values = _integers("idiv", ("x", "y"), (x, y))
    values[0].builder.effects += 1
    return _build("arith.divsi" if values[0].dtype.is_signed else "arith.divui", values)


def popcount(x: Any) -> Value:
    """Count the bits that are set.

    Parameters
    ----------
    x : traced integer or int
        A scalar or a vector.

    Returns
    -------
    Value
        Of the dtype of `x`.
    """
    return _build("math.ctpop", _integers("popcount", ("x",), (x,)))


def clz(x: Any) -> Value:
    """Count the zero bits above the highest set bit.

    Parameters
    ----------
    x : traced integer or int
        A scalar or a vector.

    Returns
    -------
    Value
        Of the dtype of `x`; its width where `x` is 0.
    """
    return _build("math.ctlz", _integers("clz", ("x",), (x,)))


def ctz(x: Any) -> Value:
    """Count the zero bits below the lowest set bit.

    Parameters
    ----------
    x : traced integer or int
        A scalar or a vector.

    Returns
    -------
    Value
        Of the dtype of `x`; its width where `x` is 0.
    """
    return _build("math.cttz", _integers("ctz", ("x",), (x,)))


def abs_diff(x: Any, y: Any) -> Value:
    """Give the distance of two integers, which never overflows.

    Parameters
    ----------
    x, y : traced integers or ints
        They meet as the operands of an operator.

    Returns
    -------
    Value
        Unsigned, of the width in which they meet, as Metal's ``absdiff``.
    """
    first, second = _integers("abs_diff", ("x", "y"), (x, y))
    larger, smaller = imax(first, second), imin(first, second)
    unsigned = unsigned_dtype(larger.dtype)
    return cast(larger, unsigned) - cast(smaller, unsigned)


def abs_diff_unary(x: Any) -> Value:
    """Give the magnitude of an integer, unsigned.

    Parameters
    ----------
    x : traced integer or int
        A scalar or a vector.

    Returns
    -------
    Value
        Unsigned, of the width of `x`.
    """
    (value,) = _integers("abs_diff_unary", ("x",), (x,))
    return cast(absolute(value), unsigned_dtype(value.dtype))


def _comparison(
    name: str, comparison: ops.Comparison, unsigned: bool = False
) -> Callable[[Any, Any], Value]:
    def function(x: Any, y: Any) -> Value:
        builder = require_builder(f"enigma.{name}")
        decided = None if unsigned else decide_written(comparison, x, y)
        if decided is not None:
            return decided
        if not unsigned:
            first, second = meet(builder, f"enigma.{name}", ("x", "y"), (x, y), any_rule)
            return compare(comparison, first, second)
        first, second = _integers(name, ("x", "y"), (x, y))
        target = unsigned_dtype(first.dtype)
        return compare(comparison, cast(first, target), cast(second, target))

    how = (
        "The bits of integers are taken as unsigned numbers."
        if unsigned
        else "Signedness is that of the dtype."
    )
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""Whether ``x {comparison.symbol} y``. {how}

    Parameters
    ----------
    x, y : traced {"integers or ints" if unsigned else "values or numbers"}
        They meet as the operands of an operator.

    Returns
    -------
    Value
        A `b1`.
    """
    return function


cmp_eq = _comparison("cmp_eq", ops.EQ)
cmp_ne = _comparison("cmp_ne", ops.NE)
cmp_lt = _comparison("cmp_lt", ops.LT)
cmp_le = _comparison("cmp_le", ops.LE)
cmp_gt = _comparison("cmp_gt", ops.GT)
cmp_ge = _comparison("cmp_ge", ops.GE)
cmp_ult = _comparison("cmp_ult", ops.LT, unsigned=True)
cmp_ule = _comparison("cmp_ule", ops.LE, unsigned=True)
cmp_ugt = _comparison("cmp_ugt", ops.GT, unsigned=True)
cmp_uge = _comparison("cmp_uge", ops.GE, unsigned=True)
