# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conversions of values, conversions of bits, and vectors."""

from __future__ import annotations

from typing import Any

from enigma.errors import DTypeMismatch, IndexRangeError, InvalidOption, OperandError
from enigma.language.math import where
from enigma.tracing.alternatives import numbers_of
from enigma.tracing.buffers import stored_value
from enigma.tracing.builder import require_builder
from enigma.tracing.checks import as_operand, check_number, literal
from enigma.tracing.conversions import convert
from enigma.tracing.fragments import Fragment
from enigma.tracing.meeting import settle
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, Vector, result, use
from enigma.types import (
    DType,
    DTypeLike,
    VectorType,
    f32,
    number_dtype,
    promote,
    resolve_dtype,
    vec,
)


def metal_cast(x: Any, dtype: DTypeLike) -> Value:
    """Convert a value, as Metal's ``T(x)``.

    Parameters
    ----------
    x : traced value or number
        A float that becomes an integer is truncated; anything becomes a `b1` by comparing it with
        zero.
    dtype : DType, type or str
        The dtype of the result.

    Returns
    -------
    Value
        With the lanes of `x`.

    Raises
    ------
    NumberError
        When `x` is a number that does not fit.
    """
    target = resolve_dtype(dtype)
    builder = require_builder("enigma.metal_cast")
    value = as_operand(x, "enigma.metal_cast", "x")
    if isinstance(value, Value):
        return convert(value, target)
    return literal(builder, target, value, "enigma.metal_cast")


def as_type(x: Any, dtype: DTypeLike) -> Value:
    """Look at the bits of a value as another dtype of the same width, as Metal's ``as_type<T>(x)``.

    Parameters
    ----------
    x : traced value
        A scalar or a vector, of which each lane is looked at.
    dtype : DType, type or str
        A dtype as wide as that of `x`.

    Raises
    ------
    DTypeMismatch
        When the widths differ.
    """
    target = resolve_dtype(dtype)
    require_builder("enigma.as_type")
    value = as_operand(x, "enigma.as_type", "x")
    if not isinstance(value, Value):
        raise OperandError(
            operation="enigma.as_type",
            operand="x",
            found=describe(x),
            expected="a traced value",
            remedy="give it a dtype first, as in enigma.f32(1.5)",
        )
    if value.dtype.bits != target.bits or (target.kind == "b") != (value.dtype.kind == "b"):
        lane, join = "", ""
        if value.lanes != 1:
            lane, join = "a lane of ", "; lanes become one number by `<<` and `|`"
        raise DTypeMismatch(
            f"enigma.as_type: {lane}{describe(value)} has {value.dtype.bits} bits, {target} has "
            f"{target.bits}",
            remedy=f"choose a dtype of the same width, or convert the value with .to(...){join}",
        )
    if value.dtype.mlir_name == target.mlir_name:
        return convert(value, target)
    return result(value.builder, "arith.bitcast", target, value.lanes, (use(value),))


def make_vec(*components: Any, dtype: DTypeLike | None = None) -> Vector:
    """Make a vector of 2, 3 or 4 lanes.

    Parameters
    ----------
    *components : traced values and numbers
        Scalars, and vectors whose lanes are taken in order.
    dtype : DType, type or str, optional
        The dtype of the lanes; by default that in which the components meet (`f32` or `i32` for
        numbers alone).

    Returns
    -------
    Vector
        The lanes in order.
    """
    builder = require_builder("enigma.make_vec")
    lanes: list[Any] = []
    for position, component in enumerate(components):
        operand = as_operand(component, "enigma.make_vec", f"component {position}")
        lanes += list(operand) if isinstance(operand, (Vector, Fragment)) else [operand]
    if not 2 <= len(lanes) <= 4:
        raise InvalidOption(
            option="the number of lanes of a vector",
            expected="2, 3 or 4",
            found=len(lanes),
            remedy="take some of them, as in v.xy and f[0, 1]",
        )
    target = resolve_dtype(dtype) if dtype is not None else _common_dtype(lanes)
    irs = []
    for lane in lanes:
        if isinstance(lane, Value):
            settled = settle(lane, target) if numbers_of(lane) is not None else lane
            irs.append(use(convert(settled, target)))
        else:
            irs.append(builder.constant(target, check_number(lane, target, "enigma.make_vec")))
    vector = result(builder, "vector.from_elements", target, len(irs), tuple(irs))
    assert isinstance(vector, Vector)
    return vector


def construct(kind: VectorType, components: tuple[Any, ...], function: str = "") -> Vector:
    """Make a vector of a type of scalars and vectors, or of one scalar for all lanes.

    Parameters
    ----------
    kind : VectorType
        The type, which is called.
    components : tuple
        As `make_vec` takes.
    function : str
        For messages, where another function is called.
    """
    function = function or f"enigma.vec(enigma.{kind.scalar}, {kind.lanes})"
    require_builder(function)
    if len(components) == 1 and not isinstance(components[0], (Vector, Fragment)):
        components = components * kind.lanes
    vector = make_vec(*components, dtype=kind.scalar)
    if vector.lanes != kind.lanes:
        raise InvalidOption(
            option=f"the number of components of {function}",
            expected=f"{kind.lanes} (or one for all lanes)",
            found=vector.lanes,
            remedy="take some of them, as in v.xy and f[0, 1]",
        )
    return vector


def _common_dtype(lanes: list[Any]) -> DType:
    numbers = numbers_of(*lanes)
    if numbers is not None:
        return number_dtype(*numbers) or f32
    traced = [lane.dtype for lane in lanes if numbers_of(lane) is None]
    common: DType = traced[0]
    for dtype in traced[1:]:
        common = promote(common, dtype)
    return common


def make_float2(*components: Any) -> Vector:
    """Make a `f32` vector of 2 lanes from scalars and vectors, or from one scalar for all lanes."""
    return construct(vec(f32, 2), components, "enigma.make_float2")


def make_float3(*components: Any) -> Vector:
    """Make a `f32` vector of 3 lanes from scalars and vectors, or from one scalar for all lanes."""
    return construct(vec(f32, 3), components, "enigma.make_float3")


def make_float4(*components: Any) -> Vector:
    """Make a `f32` vector of 4 lanes from scalars and vectors, or from one scalar for all lanes."""
    return construct(vec(f32, 4), components, "enigma.make_float4")


def vec_extract(vector: Any, lane: Any) -> Value:
    """Give one lane of a vector, as ``vector[lane]``.

    Parameters
    ----------
    vector : Vector
        A vector.
    lane : int or traced integer
        Which lane, from 0; one that the kernel computes and that there is not is undefined.

    Returns
    -------
    Value
        A scalar.
    """
    require_builder("enigma.vec_extract")
    number = _lane("enigma.vec_extract", vector, lane)
    return vector[number]  # type: ignore[no-any-return]


def vec_insert(vector: Any, lane: Any, value: Any) -> Vector:
    """Give a vector with another value in one lane.

    ``v.x = value`` does that for a lane that is known while the kernel is compiled.

    Parameters
    ----------
    vector : Vector
        What the other lanes come from.
    lane : int or traced integer
        Which lane, from 0; where the kernel computes one that there is not, the vector stays.
    value : traced value or number
        A scalar. It is converted as a store converts.

    Returns
    -------
    Vector
        The lanes.
    """
    builder = require_builder("enigma.vec_insert")
    number = _lane("enigma.vec_insert", vector, lane)
    stored = stored_value(builder, value, vector.dtype, "enigma.vec_insert")
    lanes = list(vector)
    if isinstance(number, int):
        lanes[number] = stored
    else:
        lanes = [where(old, stored, number == k) for k, old in enumerate(lanes)]
    return make_vec(*lanes)


def _lane(function: str, vector: object, lane: object) -> Any:
    """Check a vector and the number of one of its lanes, and give that."""
    if not isinstance(vector, Vector):
        raise OperandError(
            operation=function,
            operand="vector",
            found=describe(vector),
            expected="a vector",
            remedy="make one with enigma.make_vec; elements of memory and fragments are indexed",
        )
    number = as_operand(lane, function, "lane")
    if isinstance(number, Value):
        if number.dtype.is_integer and number.lanes == 1:
            return number
    elif type(number) is int:
        if 0 <= number < vector.lanes:
            return number
        raise IndexRangeError(
            f"lane {number} is beyond the {vector.lanes} lanes of {describe(vector)}",
            remedy=f"lanes count from 0; the last one is {vector.lanes - 1}",
        )
    raise OperandError(
        operation=function,
        operand="lane",
        found=describe(lane),
        expected="an integer",
        remedy="give the number of the lane, from 0, or a traced integer",
    )


__all__ = [
    "as_type",
    "make_float2",
    "make_float3",
    "make_float4",
    "make_vec",
    "metal_cast",
    "vec_extract",
    "vec_insert",
]
