# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks of what a user gives where a value is expected."""

from __future__ import annotations

import numbers
from typing import Any

from enigma._layout import Dyn
from enigma.errors import NumberError, OperandError
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.classes import Classes, is_any_of, said_by
from enigma.tracing.lanes import Lanes
from enigma.tracing.messages import describe
from enigma.tracing.values import Operand, Value, constant
from enigma.types import DType, Number, b1, equivalent_dtype, resolve_dtype

EXPECTED = "a traced value, a number or a bool"

# Most operands are scalars of the kernel, and numbers.
_SCALARS = Classes((Value, int, float, bool))


def is_plain(thing: Any) -> bool:
    """Whether something is a scalar whose dtype is settled, or a Python number: most operands."""
    kind = type(thing)
    return thing.unsettled is None if kind is Value else id(kind) in _SCALARS


def as_operand(thing: Any, operation: str, operand: str) -> Value | Number:
    """Give an operand as a traced value or a Python number.

    Raises
    ------
    OperandError
        When it is neither; the message names the operation and the operand.
    """
    if id(type(thing)) in _SCALARS:
        known: Value | Number = thing
        return known
    if isinstance(thing, Operand):
        value = thing._as_value()
        if isinstance(value.lanes, Lanes):
            value.lanes.check_operand(value, operation, operand)
        return value
    if isinstance(thing, (bool, int, float)):
        return thing
    if isinstance(thing, Dyn):
        return require_builder(operation).symbols.value(thing)
    if is_any_of(thing, (numbers.Integral, numbers.Real)) or type(thing).__name__ in (
        "bool_",
        "bool",
    ):
        # NumPy's scalars: the number is what counts, not the width that it was stored in.
        return thing.item() if hasattr(thing, "item") else float(thing)
    raise OperandError(
        operation=operation,
        operand=operand,
        found=describe(thing),
        expected=EXPECTED,
        remedy=said_by(type(thing), "_enigma_operand_hint") or _operand_remedy(thing),
    )


def as_traced(thing: Any) -> Any:
    """Give what has a value in the kernel, such as a symbol, as that value; others as given."""
    if id(type(thing)) in _SCALARS:
        return thing
    if isinstance(thing, Operand):
        return thing._as_value()
    if isinstance(thing, Dyn):
        return require_builder(str(thing)).symbols.value(thing)
    return thing


def with_its_dtype(thing: Any, builder: Builder) -> Any:
    """Give the value that a scalar of NumPy is, in its dtype, for an operator; others as they are.

    NumPy computes with 64 bits where nobody asks for a dtype: `np.float64` and `np.int64` are to it
    what `float` and `int` are to Python, and numbers here as these.
    """
    if (
        id(type(thing)) in _SCALARS
        or not is_any_of(thing, numbers.Number)
        or not hasattr(thing, "item")
    ):
        return thing
    name = equivalent_dtype(type(thing))
    if name in ("", "b1", "i64"):
        return thing
    return constant(builder, resolve_dtype(name), thing.item())


def with_their_dtypes(left: Any, right: Any) -> tuple[Any, Any]:
    """Give the operands of an operator, as `as_traced` and, beside a value, `with_its_dtype` do."""
    left, right = as_traced(left), as_traced(right)
    if isinstance(right, Value):
        left = with_its_dtype(left, right.builder)
    elif isinstance(left, Value):
        right = with_its_dtype(right, left.builder)
    return left, right


def _operand_remedy(thing: object) -> str:
    """Say what to do about an operand that is no value."""
    if thing is None:
        return "give it a value, or look for None with `is None`"
    if isinstance(thing, (str, bytes)):
        return "a kernel computes with numbers; text is compared with text, before it meets a value"
    if any(said_by(type(thing), name) for name in ("__len__", "__iter__")):
        return "use its elements one by one"
    return "compute with its numbers"


def as_condition(
    thing: object, operation: str, operand: str, remedy: str = "compare it, as in `x != 0`"
) -> Value | bool:
    """Give the condition of an access or a choice.

    Raises
    ------
    OperandError
        When it is no bool: a number in its place is most often another argument.
    """
    condition = as_operand(thing, operation, operand)
    if isinstance(condition, bool) or (isinstance(condition, Value) and condition.dtype is b1):
        return condition
    raise OperandError(
        operation=operation,
        operand=operand,
        found=describe(condition),
        expected="a bool",
        remedy=remedy,
    )


def check_number(number: Number, dtype: DType, operation: str) -> Number:
    """Check that a Python number is representable in `dtype`.

    Raises
    ------
    NumberError
        When it is not.
    """
    reason = dtype.why_not(number)
    if reason is not None:
        raise NumberError(operation=operation, number=number, dtype=dtype, reason=reason)
    return number


def literal(
    builder: Builder, dtype: DType, number: Number, operation: str, lanes: int = 1
) -> Value:
    """Give a Python number as a value of `dtype`, which has to hold it.

    Raises
    ------
    NumberError
        When it does not.
    """
    return constant(builder, dtype, check_number(number, dtype, operation), lanes)
