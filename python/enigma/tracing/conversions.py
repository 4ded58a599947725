# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conversions of values between dtypes."""

from __future__ import annotations

import functools
from typing import Any

from enigma.errors import DTypeMismatch
from enigma.tracing.counts import converted
from enigma.tracing.fragments import Fragment
from enigma.tracing.lanes import Lanes
from enigma.tracing.messages import describe
from enigma.tracing.operations import operations
from enigma.tracing.values import Value, result, use, wrap
from enigma.types import DType, b1, f32, i32


def cast(value: Value, dtype: DType) -> Value:
    """Build the conversion of a value to another dtype."""
    source = value.dtype
    if source is dtype:
        return value
    if value.count is not None:
        exact = converted(value, dtype)
        if exact is not None:
            return exact
    builder = value.builder
    lanes = value.lanes
    if isinstance(lanes, Lanes):
        own = lanes.converted(value, dtype)
        if own is not None:
            return own
    ir = use(value)
    if dtype.kind == "b":
        attribute = {
            "predicate": builder.session.attribute("13 : i64" if source.kind == "f" else "1 : i64")
        }
        zero = builder.constant(source, 0, lanes)
        return result(
            builder,
            "arith.cmpf" if source.kind == "f" else "arith.cmpi",
            b1,
            lanes,
            (ir, zero),
            attribute,
        )
    name = conversion(source, dtype)
    if name is None:
        same = wrap(builder, ir, dtype, lanes, value.scope)
        same.operation, same.name = value.operation, value.name
        return same
    if source.bits == dtype.bits and source.kind == dtype.kind:
        ir = result(builder, "arith.extf", f32, lanes, (ir,)).ir
    return result(builder, name, dtype, lanes, (ir,))


@functools.cache
def conversion(source: DType, dtype: DType) -> str | None:
    """Give the operation that converts between two dtypes of numbers; None where the bits stay.

    Of one float of 16 bits to the other it is the second one: the first one makes it an `f32`.
    """
    if source.kind == "f" and dtype.kind == "f":
        return "arith.extf" if source.bits < dtype.bits else "arith.truncf"
    if source.kind == "f":
        return "arith.fptosi" if dtype.kind == "i" else "arith.fptoui"
    if dtype.kind == "f":
        return "arith.sitofp" if source.kind == "i" else "arith.uitofp"
    if source.bits == dtype.bits:
        return None
    if source.bits > dtype.bits:
        return "arith.trunci"
    return "arith.extsi" if source.kind == "i" else "arith.extui"


def convert(value: Value, dtype: DType) -> Value:
    """Build a conversion that the author wrote: the kernel shows the sign it asks for."""
    target = cast(value, dtype)
    if target.count is not None:
        # What was asked for is the number of that dtype, no longer the integer behind it.
        data = wrap(target.builder, use(target), dtype, target.lanes, target.scope)
        data.operation, data.name = target.operation, target.name
        return data
    if {value.dtype.kind, dtype.kind} != {"i", "u"}:
        return target
    builder = target.builder
    attributes = {"is_unsigned": builder.session.attribute("unit")} if dtype.kind == "u" else None
    return result(builder, "enigma.sign_cast", dtype, target.lanes, (use(target),), attributes)


def widened(number: Any) -> Any:
    """Give an integer that says where elements lie in at least 32 bits.

    The sums and products of narrow ones would wrap. What is no traced integer is given as it is.
    """
    if not isinstance(number, Value) or number.dtype.kind == "f" or number.lanes != 1:
        return number
    return number if number.dtype.bits >= 32 else cast(number, i32)


def truth(value: Value) -> Value:
    """Give the truth value of a number as a `b1`."""
    if value.lanes != 1:
        raise DTypeMismatch(
            f"a condition must be a scalar, not {describe(value)}",
            remedy='combine its elements, as in `f.to(enigma.i32).reduce("max") != 0`, or choose '
            "element by element with enigma.where"
            if isinstance(value, Fragment)
            else "compare one lane, such as v.x > 0, or choose lane by lane with enigma.where",
        )
    return cast(value, b1)


def logical_not(value: Value) -> Value:
    """Build `not`."""
    value = truth(value)
    builder = value.builder
    return result(builder, "arith.xori", b1, 1, (use(value), builder.constant(b1, True)))


operations.cast = cast
operations.convert = convert
