# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Assignments to lanes of a vector, which give a new one."""

from __future__ import annotations

from enigma.errors import InvalidOption, OperandError
from enigma.tracing.buffers import stored_value
from enigma.tracing.checks import as_operand
from enigma.tracing.meeting import broadcast
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, Vector, lanes_of_swizzle, result, use


def replaced_lanes(vector: Vector, name: str, thing: object) -> Value:
    """Give a vector with other values in some of its lanes.

    Parameters
    ----------
    vector : Vector
        What the other lanes come from.
    name : str
        The letters of the lanes.
    thing : traced value or number
        A vector of as many lanes, or a scalar for all of them. It is converted as a store converts.

    Raises
    ------
    EnigmaError
        When a lane is missing or named twice, or the value does not fit.
    """
    selected = lanes_of_swizzle(vector, name)
    if len(set(selected)) < len(selected):
        raise InvalidOption(
            option=f"the lanes that are assigned in `.{name} = ...`",
            expected="each of them once",
            found=f".{name}",
            remedy="name every lane once; what is read may repeat them, as in v.xy = w.xx",
        )
    operation = f"`.{name} = ...`"
    given = as_operand(thing, operation, "the assigned value")
    if isinstance(given, Value) and not any(given.lanes == n for n in (1, len(selected))):
        raise OperandError(
            operation=operation,
            operand="the assigned value",
            found=describe(given),
            expected="a scalar"
            if len(selected) == 1
            else f"a vector of {len(selected)} lanes, or a scalar for all of them",
            remedy="take as many lanes of it, as in `v.xy = w.xy`",
        )
    value = stored_value(vector.builder, given, vector.dtype, operation, len(selected))
    builder, session = vector.builder, vector.builder.session
    if len(selected) == 1:
        position = {"static_position": session.attribute(f"array<i64: {selected[0]}>")}
        operands = (use(value), use(vector))
        return result(builder, "vector.insert", vector.dtype, vector.lanes, operands, position)
    value = broadcast(value, len(selected), operation)
    mask = list(range(vector.lanes))
    for position_of_value, lane in enumerate(selected):
        mask[lane] = vector.lanes + position_of_value
    attributes = {"mask": builder.ir.DenseI64ArrayAttr.get(mask, session.context)}
    return result(
        builder,
        "vector.shuffle",
        vector.dtype,
        vector.lanes,
        (use(vector), use(value)),
        attributes,
    )
