# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the generated functions of the language (`enigma._functions`) are made of."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from enigma.errors import NoVariant, NumberError, OperandError
from enigma.locations import user_location
from enigma.spelling import closest
from enigma.tracing import operators as ops
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_condition, as_operand, check_number
from enigma.tracing.comparisons import compare, decide_written
from enigma.tracing.conversions import cast
from enigma.tracing.counts import extreme, may_be_negative
from enigma.tracing.fragments import Fragment
from enigma.tracing.meeting import meet_lanes
from enigma.tracing.messages import describe
from enigma.tracing.operands import any_rule, float_rule, integer_rule, meet
from enigma.tracing.values import Operand, Value, constant, known_number, result, use
from enigma.types import DType, Number, b1, u32, unsigned_dtype

_EXTREMES = ("arith.maxui", "arith.minui")
# What `Fragment.reduce` calls the reductions of threads.
_OF_FRAGMENTS = {"sum": "add", "product": "mul", "min": "min", "max": "max"}


def build(
    builder: Builder,
    operation: str,
    values: list[Value],
    dtype: DType | None = None,
    lanes: int | None = None,
    reads_sign: bool = False,
) -> Value:
    """Build an operation on values.

    Parameters
    ----------
    builder : Builder
        Where to build.
    operation : str
        The operation.
    values : list of Value
        Its operands.
    dtype : DType, optional
        The dtype of the result; by default that of the first value.
    lanes : int, optional
        The lanes of the result; by default those of the first value, if there is one.
    reads_sign : bool
        Whether the operation says if integers are unsigned.
    """
    if operation in _EXTREMES and any(may_be_negative(value) for value in values):
        first, second = values
        return extreme(first, second, operation == "arith.maxui")
    attributes = None
    if reads_sign and values[0].dtype.kind == "u":
        attributes = {"is_unsigned": builder.session.attribute("unit")}
    if lanes is None:
        lanes = values[0].lanes if values else 1
    operands = tuple(map(use, values))
    return result(builder, operation, dtype or values[0].dtype, lanes, operands, attributes)


def follow(function: str, name: str, given: Operand | Number, values: list[Value]) -> None:
    """Add a number of bits to rotate by, which takes the dtype of the first value."""
    first = values[0]
    operand = as_operand(given, function, name)
    if isinstance(operand, float) or (isinstance(operand, Value) and operand.dtype.is_float):
        raise _no_integer(function, name, operand)
    if isinstance(operand, Value):
        values[0], operand = meet_lanes(first, cast(operand, first.dtype), function)
    else:
        number = int(operand) % first.dtype.bits
        operand = constant(first.builder, first.dtype, number, first.lanes)
    values.append(operand)


def condition(builder: Builder, function: str, name: str, given: Operand | Number) -> Value:
    """Give an operand that is a bool."""
    operand = as_condition(given, function, name)
    if not isinstance(operand, Value):
        return constant(builder, b1, operand)
    if operand.lanes != 1:
        raise OperandError(
            operation=function,
            operand=name,
            found=describe(operand),
            expected="one bool",
            remedy="ask for each lane, as in v.x, or combine them, as in `v.x and v.y`",
        )
    return operand


def count(
    builder: Builder, function: str, name: str, given: Operand | Number, limit: int = 0
) -> Value:
    """Give an operand that is a count or an index: a `u32`, the same for all lanes.

    A number is checked to be below the limit, if there is one.
    """
    operand = as_operand(given, function, name)
    if not isinstance(operand, Value):
        if isinstance(operand, float):
            raise _no_integer(function, name, operand)
        check_number(operand, u32, function)
        if limit and operand >= limit:
            raise NumberError(
                operation=function,
                number=operand,
                dtype=name,
                reason=f"there are {limit} threads",
                remedy=f"write a number from 0 to {limit - 1}",
            )
        return constant(builder, u32, operand)
    if operand.dtype.is_float:
        raise _no_integer(function, name, operand)
    if operand.dtype.bits > 32 or operand.lanes != 1:
        raise OperandError(
            operation=function,
            operand=name,
            found=describe(operand),
            expected="an integer of up to 32 bits, the same for all lanes",
            remedy="take one lane of it"
            if operand.lanes != 1
            else "convert it with .to(enigma.u32)",
        )
    return cast(operand, u32)


def _no_integer(function: str, name: str, found: Value | Number) -> OperandError:
    return OperandError(
        operation=function,
        operand=name,
        found=describe(found),
        expected="an integer",
        remedy="convert it with .to(enigma.u32)",
    )


def check_exchanged(function: str, value: Value) -> None:
    """Check that threads can exchange a value: they cannot exchange a fragment."""
    if isinstance(value, Fragment):
        remedy = f"take its elements one by one, as in `[{function}(e) for e in x]`"
        operation = _OF_FRAGMENTS.get(function.rpartition("_")[2])
        if operation:
            remedy += f', or join them first, as in `{function}(x.reduce("{operation}"))`'
        raise OperandError(
            operation=function,
            operand="x",
            found=describe(value),
            expected="a scalar or a vector of 2, 3 or 4 lanes",
            remedy=remedy,
        )


def check_field(function: str, values: list[Value]) -> None:
    """Check that a field of bits lies in its number, where that is known."""
    offset, width = (known_number(value) for value in values[-2:])
    bits = values[0].dtype.bits
    if (offset or 0) + (width or 0) > bits:
        raise NumberError(
            operation=function,
            number=(offset or 0) + (width or 0),
            dtype=f"the {bits} bits of {describe(values[0])}",
            reason="the field ends beyond the highest bit",
            remedy=f"let offset + count be at most {bits}",
        )


def check_modulo(function: str, values: list[Value], threads: int) -> None:
    """Check the length of the rows of a shuffle that fills, where it is known."""
    modulo = known_number(values[-1])
    if modulo is not None and (not 2 <= modulo <= threads or modulo & (modulo - 1)):
        raise NumberError(
            operation=function,
            number=modulo,
            dtype="modulo",
            reason=f"a row has 2 to {threads} threads, and their number is a power of two",
            remedy="leave it out for one row",
        )


def compare_as_function(
    function: str,
    comparison: ops.Comparison,
    x: Operand | Number,
    y: Operand | Number,
    is_unsigned: bool = False,
) -> Value:
    """Build a comparison that a function of Python asks for, not an operator.

    Parameters
    ----------
    function : str
        The function, for messages.
    comparison : Comparison
        Which one.
    x, y : traced values or numbers
        What is compared.
    is_unsigned : bool
        Whether the bits of integers are taken as unsigned numbers.
    """
    builder = require_builder(function)
    if is_unsigned:
        first, second = meet(builder, function, ("x", "y"), (x, y), integer_rule)
        target = unsigned_dtype(first.dtype)
        return compare(comparison, cast(first, target), cast(second, target))
    decided = decide_written(comparison, x, y, depth=4)
    if decided is not None:
        return decided
    first, second = meet(builder, function, ("x", "y"), (x, y), any_rule)
    return compare(comparison, first, second)


class VariantsBase(ModuleType):
    """What `enigma.fast` and `enigma.precise` are: functions of which Metal has two variants.

    They are modules, as Metal's namespaces are.

    Parameters
    ----------
    variant : {"fast", "precise"}
        Which one.
    """

    def __init__(self, variant: str) -> None:
        super().__init__(f"enigma.{variant}", type(self).__doc__)
        self._variant = variant

    def __repr__(self) -> str:
        return f"<functions of metal::{self._variant}>"

    def __dir__(self) -> list[str]:
        return [name for name in dir(type(self)) if not name.startswith("_")]

    def __getattr__(self, name: str) -> Any:
        raise NoVariant(
            variant=self._variant,
            name=name,
            remedy=_instead_of_variant(name, dir(self)),
            location=None if name.startswith("__") else user_location(),
        )

    def _call(
        self,
        name: str,
        operation: str,
        names: tuple[str, ...],
        operands: tuple[Operand | Number, ...],
    ) -> Value:
        function = f"enigma.{self._variant}.{name}"
        builder = require_builder(function)
        values = meet(builder, function, names, operands, float_rule)
        attributes = {"enigma.variant": builder.session.attribute(f'"{self._variant}"')}
        first = values[0]
        given = tuple(use(value) for value in values)
        return result(builder, operation, first.dtype, first.lanes, given, attributes)


def _instead_of_variant(name: str, known: list[str]) -> str:
    """Say what to call instead of a function that has no variants."""
    if name in _names_of_functions():
        return f"call enigma.{name}, of which Metal has no variants"
    close = closest(name, known)
    return f"did you mean {close}?" if close else f"it has {', '.join(known)}"


def _names_of_functions() -> list[str]:
    names: list[str] = sys.modules["enigma._functions"].__all__
    return names
