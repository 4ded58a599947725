# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lanes that the kernel chooses; assignments to lanes, of a vector and of one in memory."""

from __future__ import annotations

from typing import Any

from enigma.errors import InvalidOption, OperandError, SubscriptError
from enigma.tracing.accesses import store_lanes_where
from enigma.tracing.buffers import Element, Indexable, check_writable, stored_value
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand
from enigma.tracing.meeting import broadcast
from enigma.tracing.messages import describe
from enigma.tracing.operations import operations
from enigma.tracing.subscripts import subscript
from enigma.tracing.values import Value, Vector, lanes_of_swizzle, result, use
from enigma.types import DType, VectorType


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
    selected, value = _assigned(
        vector.builder, name, thing, vector.dtype, vector.lanes, vector._enigma_kind()
    )
    builder, session = vector.builder, vector.builder.session
    if len(selected) == 1:
        position = {"static_position": session.attribute(f"array<i64: {selected[0]}>")}
        operands = (use(value), use(vector))
        return result(builder, "vector.insert", vector.dtype, vector.lanes, operands, position)
    value = broadcast(value, len(selected), f"`.{name} = ...`")
    mask = list(range(vector.lanes))
    for position_of_value, lane in enumerate(selected):
        mask[lane] = vector.lanes + position_of_value
    attributes = {"mask": builder.ir.Attribute.integers(mask, session.context)}
    return result(
        builder,
        "vector.shuffle",
        vector.dtype,
        vector.lanes,
        (use(vector), use(value)),
        attributes,
    )


def _assigned(
    builder: Builder, name: str, thing: object, dtype: DType, lanes: int, kind: str
) -> tuple[list[int], Value]:
    """Give the lanes that are assigned, and what to: a scalar, or a vector of as many."""
    selected = lanes_of_swizzle(name, lanes, kind)
    if len(set(selected)) < len(selected):
        raise InvalidOption(
            option=f"the lanes that are assigned in `.{name} = ...`",
            expected="each of them once",
            found=f".{name}",
            remedy="name every lane once; what is read may repeat them, as in v.xy = w.xx",
        )
    operation = f"`.{name} = ...`"
    given = as_operand(thing, operation, "the assigned value")
    if isinstance(given, Value) and given.lanes not in (1, len(selected)):
        raise OperandError(
            operation=operation,
            operand="the assigned value",
            found=describe(given),
            expected="a scalar"
            if len(selected) == 1
            else f"a vector of {len(selected)} lanes, or a scalar for all of them",
            remedy="take as many lanes of it, as in `v.xy = w.xy`",
        )
    return selected, stored_value(builder, given, dtype, operation, len(selected))


def lane_at(vector: Value, position: object) -> Value:
    """Give the lane of a number that the kernel computes; it is undefined if there is none."""
    builder = vector.builder
    index = subscript(builder, position, f"a {vector._enigma_kind()}")
    dynamic = f"array<i64: {-(2**63)}>"
    return result(
        builder,
        "vector.extract",
        vector.dtype,
        1,
        (use(vector), index),
        {"static_position": builder.session.attribute(dynamic)},
    )


operations.lane = lane_at


class LanePlace:
    """What an assignment to an attribute of a subscripted object assigns: ``A[i].zw = ...``.

    Parameters
    ----------
    base : object
        What is subscripted: memory, or an object of Python.
    key : object
        The subscript.
    name : str
        The attribute.
    """

    __slots__ = ("_element", "_name", "_thing")

    def __init__(self, base: Any, key: Any, name: str) -> None:
        self._name = name
        self._element: Element | None = None
        self._thing: Any = None
        if not isinstance(base, Indexable):
            self._thing = base[key]
            return
        if not isinstance(base.dtype, VectorType):
            raise SubscriptError(
                f"the elements of {base.name} are {base.dtype}, which have no lanes .{name}",
                remedy=f"declare them as vectors, as in enigma.vec(enigma.{base.dtype}, 4)",
            )
        self._element = base.element(key)

    def read(self) -> Any:
        """Give what the attribute is."""
        thing = self._thing if self._element is None else self._element.load()
        return getattr(thing, self._name)

    def assign(self, value: object) -> None:
        """Assign the attribute; of a vector in memory, the lanes that it names alone."""
        element = self._element
        if element is None:
            setattr(self._thing, self._name, value)
            return
        check_writable(element.address_space, element.name)
        dtype, builder = element.dtype, element.builder
        selected, stored = _assigned(
            builder, self._name, value, dtype.scalar, dtype.lanes, dtype.name
        )
        lanes = list(stored) if isinstance(stored, Vector) else [stored] * len(selected)
        store_lanes_where(
            builder, element, dict(zip(selected, lanes, strict=True)), f"`.{self._name} = ...`"
        )
