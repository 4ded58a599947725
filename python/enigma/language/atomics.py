# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Accesses that no other atomic access comes between; they are methods of tensors, too.

Elements are `i32` or `u32`, or `f32` in device memory. The order of all accesses is relaxed: they
say nothing of other elements.
"""

from __future__ import annotations

from typing import Any

from enigma.errors import InvalidOption, OperandError
from enigma.tracing.buffers import Element, indexable
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.values import Operand, Value, use, wrap
from enigma.types import DType, Number, b1, f32, i32, u32

_ANOTHER_DTYPE = "declare the memory with such a dtype, where it is shared"


def _element(buf: Any, index: Any, order: str, function: str, of_floats: bool = True) -> Element:
    memory = indexable(buf, function)
    if not isinstance(order, str) or order != "relaxed":
        raise InvalidOption(
            option=f"order of {function}",
            expected="'relaxed', the only order that Metal has",
            found=order,
            remedy="leave it out; enigma.barrier orders what threads of a threadgroup do",
        )
    if memory.dtype not in (i32, u32, f32) or (memory.dtype is f32 and not of_floats):
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=f"memory of {memory.dtype}",
            expected="elements of i32 or u32" + (", or f32 in device memory" if of_floats else ""),
            remedy=_ANOTHER_DTYPE,
        )
    element = memory.element(index)
    if element.address_space not in ("device", "threadgroup") or (
        element.dtype is f32 and element.address_space != "device"
    ):
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=f"{element.dtype} in {element.address_space} memory",
            expected="i32 or u32 in device or threadgroup memory, or f32 in device memory",
            remedy=_ANOTHER_DTYPE,
        )
    return element


def _access(
    builder: Builder,
    element: Element,
    name: str,
    operands: tuple[Value, ...],
    results: tuple[DType, ...],
    attributes: dict[str, Any] | None = None,
) -> list[Value]:
    """Build an operation."""
    builder.effects += 1
    types = tuple(builder.session.value_type(dtype) for dtype in results)
    operation = builder.op(name, types, (*map(use, operands), *element.place()), attributes)
    values = []
    for ir, dtype in zip(operation.results, results, strict=True):
        value = wrap(builder, ir, dtype)
        value.operation = operation if len(results) == 1 else None
        values.append(value)
    return values


def atomic_load(buf: Any, index: Any, order: str = "relaxed") -> Value:
    """Read an element, each time anew.

    Parameters
    ----------
    buf : buffer or Tensor
        In device or threadgroup memory.
    index : traced integer or int (a coordinate for a tensor)
        Which element.
    order : {"relaxed"}
        The order of memory.

    Returns
    -------
    Value
        The element.

    Raises
    ------
    EnigmaError
        When the memory has no atomic accesses.
    """
    function = "enigma.atomic_load"
    builder = require_builder(function)
    element = _element(buf, index, order, function)
    return _access(builder, element, function, (), (element.dtype,))[0]


def atomic_store(buf: Any, index: Any, value: Operand | Number, order: str = "relaxed") -> None:
    """Write an element.

    Parameters
    ----------
    buf : buffer or Tensor
        In device or threadgroup memory.
    index : traced integer or int (a coordinate for a tensor)
        Which element.
    value : traced value or number
        What it becomes.
    order : {"relaxed"}
        The order of memory.

    Raises
    ------
    EnigmaError
        When the memory has no atomic accesses, or cannot hold the value.
    """
    function = "enigma.atomic_store"
    builder = require_builder(function)
    element = _element(buf, index, order, function)
    _access(builder, element, function, (element.stored(value, function),), ())


def change(
    function: str,
    kind: str,
    buf: Any,
    index: Any,
    value: Operand | Number,
    order: str,
    of_floats: bool,
) -> Value:
    """Build a read, change and write of one kind, of integers or of floats, too."""
    builder = require_builder(function)
    element = _element(buf, index, order, function, of_floats)
    dtype = element.dtype
    attributes = {"kind": builder.session.attribute(f"#enigma<atomic_kind {kind}>")}
    if kind in ("min", "max") and dtype is u32:
        attributes["is_unsigned"] = builder.session.attribute("unit")
    operands = (element.stored(value, function),)
    name = "enigma.atomic_rmw"
    return _access(builder, element, name, operands, (dtype,), attributes)[0]


def atomic_compare_exchange_weak(
    buf: Any, index: Any, expected: Any, desired: Any, order: str = "relaxed"
) -> tuple[Value, Value]:
    """Replace an element if it is what is expected.

    It may fail for no reason, and belongs into a loop.

    Parameters
    ----------
    buf : buffer or Tensor
        In device or threadgroup memory.
    index : traced integer or int (a coordinate for a tensor)
        Which element.
    expected, desired : traced values or numbers
        What it must be, bit by bit, and what it becomes.
    order : {"relaxed"}
        The order of memory.

    Returns
    -------
    old : Value
        What the element was.
    success : Value
        A `b1`: whether it was replaced.

    Raises
    ------
    EnigmaError
        When the memory has no atomic accesses, or cannot hold a value.
    """
    function = "enigma.atomic_compare_exchange_weak"
    builder = require_builder(function)
    element = _element(buf, index, order, function)
    operands = (element.stored(expected, function), element.stored(desired, function))
    name = "enigma.atomic_compare_exchange"
    old, success = _access(builder, element, name, operands, (element.dtype, b1))
    return old, success
