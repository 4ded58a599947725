# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bringing the operands of a function to one dtype and one number of lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from enigma.errors import NumberError, OperandError
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand, is_plain, literal
from enigma.tracing.conversions import cast
from enigma.tracing.meeting import broadcast, meeting_dtypes, settle, wider
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, extract_lane
from enigma.types import DType, Number, b1, bf16, f16, f32, i32, number_dtype, promote


def float_rule(dtype: DType) -> DType:
    """Compute with floats: integers become `f32`."""
    return dtype if dtype.is_float else f32


def any_rule(dtype: DType) -> DType:
    """Leave every dtype as it is."""
    return dtype


def integer_rule(dtype: DType) -> DType | None:
    """Compute with integers: bools become `i32`, and floats are refused."""
    if dtype.is_float:
        return None
    return i32 if dtype.kind == "b" else dtype


def single_rule(dtype: DType) -> DType:
    """Compute with `f32`, whatever is given."""
    return f32


def half_rule(dtype: DType) -> DType | None:
    """Compute with `f16`, which nothing else becomes without a word."""
    return dtype if dtype is f16 else None


def group_rule(dtype: DType) -> DType | None:
    """Exchange what threads of a group can: integers of up to 32 bits, `f16` and `f32`."""
    return dtype if dtype.bits in (8, 16, 32) and dtype is not bf16 else None


def group_integer_rule(dtype: DType) -> DType | None:
    """Exchange integers of up to 32 bits."""
    return None if dtype.is_float else group_rule(dtype)


def meet(
    builder: Builder,
    function: str,
    names: Sequence[str],
    operands: Sequence[object],
    rule: Callable[[DType], DType | None],
) -> list[Value]:
    """Bring operands together as those of an operator; numbers take the dtype of traced ones.

    Parameters
    ----------
    builder : Builder
        Where to build.
    function : str
        What the operands are for, as in ``"enigma.fmax"``.
    names : sequence of str
        The names of the operands.
    operands : sequence
        Traced values and numbers.
    rule : callable
        Gives the dtype in which an operand of some dtype is used, None if it cannot be.

    Returns
    -------
    list of Value
        All of one dtype and one number of lanes.

    Raises
    ------
    OperandError
        When an operand is no traced value or number, or has a dtype that the function refuses.
    NumberError
        When a number does not fit.
    """
    ready = _met(builder, function, operands, rule)
    if ready is not None:
        return ready
    values = [
        as_operand(operand, function, name) for name, operand in zip(names, operands, strict=True)
    ]
    settled = next((v.dtype for v in values if isinstance(v, Value) and v.unsettled is None), None)
    if settled is not None:
        values = [
            settle(v, rule(settled) or settled)
            if isinstance(v, Value) and v.unsettled is not None
            else v
            for v in values
        ]
    traced = [(name, v) for name, v in zip(names, values, strict=True) if isinstance(v, Value)]
    common: DType | None = None
    lanes = 1
    dtypes = meeting_dtypes([value for _, value in traced])
    for (name, operand), own in zip(traced, dtypes, strict=True):
        dtype = rule(own)
        if dtype is None:
            raise _refused(function, name, operand, rule)
        common = dtype if common is None else promote(common, dtype)
        lanes = wider(lanes, operand.lanes)
    if common is None:
        common = _alone(function, names, values, rule)
    ready = []
    for value in values:
        if isinstance(value, Value):
            ready.append(broadcast(cast(value, common), lanes, function))
        else:
            ready.append(literal(builder, common, value, function, lanes))
    return ready


def _met(
    builder: Builder,
    function: str,
    operands: Sequence[Any],
    rule: Callable[[DType], DType | None],
) -> list[Value] | None:
    """Give operands that are numbers and scalars of one dtype, in which they are used: most are.

    None of others.
    """
    dtype: DType | None = None
    for operand in operands:
        if not is_plain(operand):
            return None
        if operand.__class__ is Value:
            if dtype is None:
                dtype = operand.dtype
            elif operand.dtype is not dtype:
                return None
    if dtype is None or rule(dtype) is not dtype:
        return None
    return [
        operand if operand.__class__ is Value else literal(builder, dtype, operand, function)
        for operand in operands
    ]


def meet_vectors(
    builder: Builder,
    function: str,
    names: Sequence[str],
    operands: Sequence[object],
    rule: Callable[[DType], DType | None],
    lanes: Sequence[tuple[int, ...]],
) -> list[Value]:
    """Bring vectors together that are one thing each, and scalars that go with them.

    Parameters
    ----------
    builder, function, names, operands, rule
        As for `meet`.
    lanes : sequence of tuple of int
        How many lanes each operand may have: 1 for a scalar.

    Returns
    -------
    list of Value
        All of one dtype, the vectors of one number of lanes.

    Raises
    ------
    EnigmaError
        As `meet`, and when an operand has another number of lanes.
    """
    for name, operand, allowed in zip(names, operands, lanes, strict=True):
        value = as_operand(operand, function, name)
        found = value.lanes if isinstance(value, Value) else 1
        # The lanes of a fragment are no number that is equal to another one.
        if not any(found == number for number in allowed):
            raise OperandError(
                operation=function,
                operand=name,
                found=describe(value),
                expected=_expected_lanes(allowed),
                remedy="take a lane of it, as in v.x"
                if allowed == (1,)
                else "make one with enigma.make_vec, or take lanes of one, as in v.xyz",
            )
    values = meet(builder, function, names, operands, rule)
    return [
        extract_lane(value, 0) if allowed == (1,) else value
        for value, allowed in zip(values, lanes, strict=True)
    ]


def _expected_lanes(allowed: tuple[int, ...]) -> str:
    if allowed == (1,):
        return "a scalar"
    *most, last = map(str, allowed)
    return f"a vector of {', '.join(most)}{' or ' if most else ''}{last} lanes"


def _alone(
    function: str,
    names: Sequence[str],
    numbers: Sequence[Any],
    rule: Callable[[DType], DType | None],
) -> DType:
    """Choose the dtype of numbers without a traced operand."""
    alone = number_dtype(*numbers)
    if alone is None:
        raise NumberError(
            operation=function,
            number=max(numbers, key=abs),
            dtype="i64" if min(numbers) < 0 else "u64",
            reason="it is too large",
        )
    dtype = rule(alone)
    if dtype is None:
        index = next((i for i, number in enumerate(numbers) if isinstance(number, float)), 0)
        raise _refused(function, names[index], numbers[index], rule)
    return dtype


_EXPECTED: dict[Callable[[DType], DType | None], str] = {
    integer_rule: "an integer",
    half_rule: "f16",
    group_rule: "an integer of up to 32 bits, f16 or f32",
    group_integer_rule: "an integer of up to 32 bits",
}


def _refused(
    function: str, name: str, found: Value | Number, rule: Callable[[DType], DType | None]
) -> OperandError:
    return OperandError(
        operation=function,
        operand=name,
        found=describe(found),
        expected=_EXPECTED[rule],
        remedy=_instead(function, found.dtype if isinstance(found, Value) else None, rule),
    )


def _instead(function: str, dtype: DType | None, rule: Callable[[DType], DType | None]) -> str:
    """Say what to use instead of a value that a function refuses."""
    if rule is integer_rule:
        return "convert with .to(enigma.i32), or use the float function of that name"
    if rule is half_rule:
        return f"convert with .to(enigma.f16), or use {function.replace('half', 'float')}"
    if dtype is b1:
        group = function.partition("_")[0]
        if group == "enigma.threadgroup":
            return f"{function} joins numbers: convert it with .to(enigma.u32)"
        return f"{group}_ballot, {group}_all and {group}_any take bools; or .to(enigma.u32)"
    if dtype is not None and dtype.bits == 64:
        if "shuffle" in function or "broadcast" in function:
            return (
                "exchange its halves, x.to(enigma.u32) and (x >> 32).to(enigma.u32), or convert it "
                "with .to(enigma.u32)"
            )
        return (
            f"convert it with .to(enigma.{dtype.name[0]}32) if it fits; wider numbers are "
            "combined in threadgroup memory"
        )
    if dtype is bf16 and rule is group_rule:
        return "convert it with .to(enigma.f32)"
    return "look at the bits with enigma.as_type, or convert with .to(enigma.i32)"
