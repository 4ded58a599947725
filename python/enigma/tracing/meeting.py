# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How operands meet: in one dtype and one number of lanes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enigma.errors import DTypeMismatch
from enigma.tracing.checks import as_operand, literal
from enigma.tracing.conversions import cast
from enigma.tracing.fragments import lanes_text
from enigma.tracing.unsettled import Unsettled
from enigma.tracing.values import Value, result, use
from enigma.types import DType, arithmetic_dtype, b1, f32, i32, promote


def settle(value: Value, dtype: DType) -> Value:
    """Use a number of the kernel with a value of `dtype`, which it takes as a Python number would.

    That is a number that a loop carries, or one of several that the kernel chooses between.
    """
    assert value.unsettled is not None
    if value.alternatives is not None:
        settled: Value = value.alternatives.settle(value, dtype)
        for number in value.unsettled:
            number.meet(value.dtype, dtype)
        return settled
    if value.dtype.kind == "f" and dtype.kind != "f":
        return value
    if value.dtype.kind == "b" or dtype.kind == "b":
        return value
    for number in value.unsettled:
        number.meet(value.dtype, dtype)
    return cast(value, dtype)


def unsettled_of(value: Value) -> tuple[Unsettled, ...] | None:
    """Give what is unsettled in the result of arithmetic on a value.

    What is computed from numbers that the kernel chooses has the dtype that they have alone.
    """
    return None if value.alternatives is not None else value.unsettled


def meeting_dtypes(values: Sequence[Value]) -> list[DType]:
    """Give the dtypes that values have beside one another.

    An extent of a tensor is less than 2^31: beside signed integers it is one, as a Python number in
    its place would be, so that no negative number becomes a large one.
    """
    signed = any(value.dtype.kind == "i" for value in values)
    return [
        i32 if signed and value.builder.symbols.is_extent(value) else value.dtype
        for value in values
    ]


def common_dtype(left: Value, right: Value) -> DType:
    """Give the dtype in which two values meet, as they are beside one another."""
    a, b = left.dtype, right.dtype
    if a is b:
        return a
    if a.kind == "i" or b.kind == "i":
        a, b = meeting_dtypes((left, right))
    return promote(a, b)


def unify(
    operation: str, left: Any, right: Any, keep_bool: bool
) -> tuple[Value, Value, tuple[Unsettled, ...] | None]:
    """Bring two operands, of which at least one is traced, to one dtype and one number of lanes.

    Parameters
    ----------
    operation : str
        What the operands are of, for messages.
    left, right : traced values or numbers
        The operands.
    keep_bool : bool
        Whether bools stay what they are; else they become integers.

    Returns
    -------
    left, right : Value
        The operands in the common dtype.
    unsettled : tuple of Unsettled or None
        The carried numbers that the dtype of the result depends on.
    """
    if left.__class__ is not Value:
        left = as_operand(left, operation, "the left operand")
    if right.__class__ is not Value:
        right = as_operand(right, operation, "the right operand")
    if not isinstance(left, Value):
        assert isinstance(right, Value)
        value, number, unsettled = _with_number(operation, right, left, keep_bool)
        return number, value, unsettled
    if not isinstance(right, Value):
        return _with_number(operation, left, right, keep_bool)
    unsettled = None
    if left.unsettled is not None or right.unsettled is not None:
        left, right, unsettled = _settled_together(left, right, keep_bool)
    common = common_dtype(left, right)
    if not keep_bool:
        common = arithmetic_dtype(common)
    left, right = cast(left, common), cast(right, common)
    if left.lanes != right.lanes:
        left, right = meet_lanes(left, right, operation)
    return left, right, unsettled


def _with_number(
    operation: str, value: Value, number: Any, keep_bool: bool
) -> tuple[Value, Value, tuple[Unsettled, ...] | None]:
    """Bring a number of Python to the dtype and the lanes of a value."""
    unsettled: tuple[Unsettled, ...] | None = None
    if value.unsettled is not None:
        unsettled = unsettled_of(value)
        if isinstance(number, float) and value.dtype.kind == "i":
            value = settle(value, f32)
    if value.dtype is b1 and not keep_bool:
        value = cast(value, i32)
    return value, literal(value.builder, value.dtype, number, operation, value.lanes), unsettled


def _settled_together(
    left: Value, right: Value, keep_bool: bool
) -> tuple[Value, Value, tuple[Unsettled, ...] | None]:
    """Give two values of which one is unsettled or both are; with what is then unsettled."""
    if left.unsettled is None:
        return left, settle(right, left.dtype if keep_bool else arithmetic_dtype(left.dtype)), None
    if right.unsettled is None:
        return (
            settle(left, right.dtype if keep_bool else arithmetic_dtype(right.dtype)),
            right,
            None,
        )
    return left, right, (unsettled_of(left) or ()) + (unsettled_of(right) or ()) or None


def wider(a: int, b: int) -> int:
    """Give the lanes in which lanes `a` and `b` meet, if they do: those that are not a scalar's."""
    return b if a == 1 else a


def meet_lanes(left: Value, right: Value, operation: str) -> tuple[Value, Value]:
    """Bring two values to one number of lanes."""
    lanes = wider(left.lanes, right.lanes)
    return broadcast(left, lanes, operation), broadcast(right, lanes, operation)


def broadcast(value: Value, lanes: int, operation: str) -> Value:
    """Give all lanes of a vector or a fragment the value of a scalar."""
    if value.lanes == lanes:
        return value
    if value.lanes != 1:
        raise DTypeMismatch(
            f"{operation}: a {lanes_text(value.lanes)} and a {lanes_text(lanes)} do not go "
            "together",
            remedy="operands have the same shape, or are scalars",
        )
    return result(value.builder, "vector.broadcast", value.dtype, lanes, (use(value),))
