# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small integers in the bits of wider ones, from the lowest bits on; see `enigma._functions`."""

from __future__ import annotations

from functools import reduce

from enigma.errors import InvalidOption, OperandError
from enigma.language.casts import make_vec
from enigma.tracing.builder import require_builder
from enigma.tracing.checks import as_operand
from enigma.tracing.conversions import convert
from enigma.tracing.messages import describe
from enigma.tracing.operands import any_rule, float_rule, meet
from enigma.tracing.values import Operand, Value, Vector
from enigma.types import Number, f32, i8, i32, u8, u32


def _small(function: str, name: str, given: object) -> Value:
    """Give a scalar integer of up to 32 bits."""
    builder = require_builder(function)
    operand = as_operand(given, function, name)
    (value,) = meet(builder, function, (name,), (operand,), any_rule)
    if value.dtype.kind not in "iu" or value.dtype.bits > 32 or value.lanes != 1:
        raise OperandError(
            operation=function,
            operand=name,
            found=describe(operand),
            expected="a scalar integer of up to 32 bits",
            remedy="take a lane of it, as in v.x"
            if value.lanes != 1
            else "convert it with .to(enigma.u8)",
        )
    return value


def pack_uint8x4(*components: Operand | Number) -> Value:
    """Give four integers of 8 bits as the bits of a `u32`.

    The first one is in the lowest 8 bits. Of a wider or a signed integer its low 8 bits are packed.

    Parameters
    ----------
    *components : traced integers or ints, or a traced vector
        Four scalars, or a vector of four.

    Returns
    -------
    Value
        A `u32`.

    Raises
    ------
    EnigmaError
        When there are not four, or one is no integer of up to 32 bits.
    """
    function = "enigma.pack_uint8x4"
    require_builder(function)
    lanes: list[object] = []
    for component in components:
        lanes += list(component) if isinstance(component, Vector) else [component]
    if len(lanes) != 4:
        raise InvalidOption(
            option=f"the number of components of {function}",
            expected="4, or a vector of 4 lanes",
            found=len(lanes),
            remedy="fill the others with 0",
        )
    parts = []
    for position, lane in enumerate(lanes):
        value = _small(function, f"component {position}", lane)
        byte = convert(convert(value, u8), u32)
        parts.append(byte << 8 * position if position else byte)
    return reduce(lambda packed, part: packed | part, parts)


def unpack_uint8x4(x: Operand | Number) -> Value:
    """Give the four integers of 8 bits of a `u32`.

    Parameters
    ----------
    x : traced integer or int
        An integer of up to 32 bits.

    Returns
    -------
    Vector
        Of 4 `u8`, from the lowest bits on: ``a, b, c, d = enigma.unpack_uint8x4(x)``.

    Raises
    ------
    EnigmaError
        When `x` is none of these.
    """
    packed = convert(_small("enigma.unpack_uint8x4", "x", x), u32)
    return make_vec(*[convert(packed >> 8 * k if k else packed, u8) for k in range(4)])


def pack_int4x2(low: Operand | Number, high: Operand | Number) -> Value:
    """Give two integers of 4 bits as the bits of a `u8`.

    Of each its low 4 bits are packed, so signed and unsigned ones.

    Parameters
    ----------
    low, high : traced integers or ints
        What the low and the high 4 bits are.

    Returns
    -------
    Value
        A `u8`.

    Raises
    ------
    EnigmaError
        When one is no scalar integer of up to 32 bits.
    """
    first = convert(_small("enigma.pack_int4x2", "low", low), u8)
    second = convert(_small("enigma.pack_int4x2", "high", high), u8)
    packed: Value = (first & 15) | (second << 4)
    return packed


def unpack_int4x2(x: Operand | Number) -> Value:
    """Give the two integers of 4 bits, from -8 to 7, of a `u8`.

    Parameters
    ----------
    x : traced integer or int
        A `u8` or an `i8`.

    Returns
    -------
    Vector
        Of 2 `i8`, from the low 4 bits on: ``low, high = enigma.unpack_int4x2(x)``.

    Raises
    ------
    EnigmaError
        When `x` is none of these.
    """
    function = "enigma.unpack_int4x2"
    value = _small(function, "x", x)
    if isinstance(x, Value) and x.dtype.bits != 8:
        raise OperandError(
            operation=function,
            operand="x",
            found=describe(x),
            expected="an integer of 8 bits, which has two of 4",
            remedy="take 8 bits of it, as in x.to(enigma.u8)",
        )
    packed = convert(value, u8)
    return make_vec(convert(packed << 4, i8) >> 4, convert(packed, i8) >> 4)


def dequantize_int8(
    x: Operand | Number, scale: Operand | Number, zero_point: Operand | Number = 0
) -> Value:
    """Give the number that a quantized integer stands for, (x - zero_point) * scale.

    It is computed in `f32`, and rounded once if the scale has 16 bits.

    Parameters
    ----------
    x : traced integer
        An `i8` or a `u8`, scalar or vector.
    scale : traced float or number
        A scalar, or a vector like `x`.
    zero_point : traced integer or int
        An integer of up to 32 bits: what stands for zero.

    Returns
    -------
    Value
        Of the dtype of `scale`; of a number, an `f32`.

    Raises
    ------
    EnigmaError
        When an operand is none of these.
    """
    function = "enigma.dequantize_int8"
    builder = require_builder(function)
    quantized = as_operand(x, function, "x")
    if not isinstance(quantized, Value) or quantized.dtype not in (i8, u8):
        raise OperandError(
            operation=function,
            operand="x",
            found=describe(quantized),
            expected="an i8 or a u8",
            remedy="convert it with .to(enigma.i8)",
        )
    zero = as_operand(zero_point, function, "zero_point")
    is_float = zero.dtype.is_float if isinstance(zero, Value) else isinstance(zero, float)
    if is_float or (isinstance(zero, Value) and zero.dtype.bits > 32):
        raise OperandError(
            operation=function,
            operand="zero_point",
            found=describe(zero),
            expected="an integer of up to 32 bits",
            remedy="convert it with .to(enigma.i32)",
        )
    (factor,) = meet(builder, function, ("scale",), (scale,), float_rule)
    shifted = convert(quantized, i32)
    if isinstance(zero, Value) or zero != 0:
        shifted = shifted - (convert(zero, i32) if isinstance(zero, Value) else zero)
    return convert(convert(shifted, f32) * convert(factor, f32), factor.dtype)
