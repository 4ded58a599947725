# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Accesses that no other atomic access comes between; they are methods of tensors, too.

Elements are `i32`, `u32` or `f32`; what Metal has not for floats is a loop of compare-exchanges. Of
64 bits there are `atomic_min` and `atomic_max`. The order of all accesses is relaxed: they say
nothing of other elements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import InvalidOption, ObjectChanged, OperandError
from enigma.tracing.buffers import Element, indexable
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.conversions import logical_not
from enigma.tracing.messages import describe
from enigma.tracing.objects import Objects
from enigma.tracing.values import Operand, Value, use, wrap
from enigma.types import DType, Number, b1, f32, i32, u32, u64

_SPACES = ("device", "threadgroup")
_DTYPES = (i32, u32, f32)
# What Metal has not of floats is a loop with these.
_OF_FLOATS = {
    "add": "arith.addf",
    "sub": "arith.subf",
    "min": "arith.minnumf",
    "max": "arith.maxnumf",
}


def _another_dtype(dtype: DType) -> str:
    """Say what to do where Metal has no atomic accesses to elements of a dtype."""
    if dtype.bits == 64:
        return (
            "of 64 bits Metal has enigma.atomic_min and enigma.atomic_max alone, of u64 in device "
            "memory, which do not give what the element was"
        )
    if dtype.is_float:
        return "accumulate in f32, and convert the results"
    return "declare the memory with elements of 32 bits, where it is shared"


def _element(
    buf: Any, index: Any, order: str, function: str, dtypes: tuple[DType, ...] = _DTYPES
) -> Element:
    """Find an element, which may have one of some dtypes."""
    memory = indexable(buf, function)
    if not isinstance(order, str) or order != "relaxed":
        raise InvalidOption(
            option=f"order of {function}",
            expected="'relaxed', the only order that Metal has",
            found=order,
            remedy="leave it out; enigma.atomic_thread_fence orders what a thread does, and "
            "enigma.barrier what the threads of a threadgroup do",
        )
    if memory.dtype not in dtypes:
        *others, last = (str(dtype) for dtype in dtypes)
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=f"memory of {memory.dtype}",
            expected=f"elements of {', '.join(others)} or {last}",
            remedy=_another_dtype(memory.dtype.scalar),
        )
    element = memory.element(index)
    if element.address_space not in _SPACES:
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=f"{element.dtype} in {element.address_space} memory",
            expected="device or threadgroup memory",
            remedy="no other thread sees that memory: access it without atomics"
            if element.address_space == "thread"
            else "declare it in device memory, where it is written",
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
    return _access(builder, element, function, (), (element.dtype.scalar,))[0]


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
    element = _element(buf, index, order, function, _DTYPES if of_floats else (i32, u32))
    dtype = element.dtype.scalar
    operand = element.stored(value, function)
    is_own = kind == "exchange" or (kind in ("add", "sub") and element.address_space == "device")
    if dtype is f32 and not is_own:

        def changed(old: Value) -> Value:
            operands = (use(old), use(operand))
            types = (builder.session.value_type(f32),)
            return wrap(builder, builder.op(_OF_FLOATS[kind], types, operands).result, f32)

        return _update(builder, element, changed, function)
    attributes = {"kind": builder.session.attribute(f"#enigma<atomic_kind {kind}>")}
    if kind in ("min", "max") and dtype is u32:
        attributes["is_unsigned"] = builder.session.attribute("unit")
    return _access(builder, element, "enigma.atomic_rmw", (operand,), (dtype,), attributes)[0]


def atomic_min(buf: Any, index: Any, value: Operand | Number, order: str = "relaxed") -> None:
    """Make an element the smaller of itself and a value; what it was is not known.

    Parameters
    ----------
    buf : buffer or Tensor
        Of i32, u32 or f32 in device or threadgroup memory, or of u64 in device memory.
    index : traced integer or int (a coordinate for a tensor)
        Which element.
    value : traced value or number
        What it is compared with.
    order : {"relaxed"}
        The order of memory.

    Raises
    ------
    EnigmaError
        When the memory has no such accesses, or cannot hold the value.
    """
    _reduce("enigma.atomic_min", "min", buf, index, value, order)


def atomic_max(buf: Any, index: Any, value: Operand | Number, order: str = "relaxed") -> None:
    """Make an element the larger of itself and a value; what it was is not known.

    Parameters
    ----------
    buf : buffer or Tensor
        Of i32, u32 or f32 in device or threadgroup memory, or of u64 in device memory.
    index : traced integer or int (a coordinate for a tensor)
        Which element.
    value : traced value or number
        What it is compared with.
    order : {"relaxed"}
        The order of memory.

    Raises
    ------
    EnigmaError
        When the memory has no such accesses, or cannot hold the value.
    """
    _reduce("enigma.atomic_max", "max", buf, index, value, order)


def _reduce(
    function: str, kind: str, buf: Any, index: Any, value: Operand | Number, order: str
) -> None:
    builder = require_builder(function)
    if indexable(buf, function).dtype in _DTYPES:
        change(function, kind, buf, index, value, order, of_floats=True)
        return
    element = _element(buf, index, order, function, (*_DTYPES, u64))
    if element.address_space != "device":
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=f"u64 in {element.address_space} memory",
            expected="u64 in device memory",
            remedy="combine the values of a threadgroup by a reduction, and change device memory",
        )
    attributes = {"kind": builder.session.attribute(f"#enigma<atomic_kind {kind}>")}
    operands = (element.stored(value, function),)
    _access(builder, element, "enigma.atomic_reduce", operands, (), attributes)


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
    old, success = _access(builder, element, name, operands, (element.dtype.scalar, b1))
    return old, success


def atomic_update(
    buf: Any, index: Any, fn: Callable[[Value], Any], order: str = "relaxed"
) -> Value:
    """Replace an element by a function of it.

    It is a loop of `atomic_compare_exchange_weak`: other threads may change the element while the
    function is computed, which is computed anew then.

    Parameters
    ----------
    buf : buffer or Tensor
        In device or threadgroup memory.
    index : traced integer or int (a coordinate for a tensor)
        Which element.
    fn : callable
        Given what the element is, what it becomes.
    order : {"relaxed"}
        The order of memory.

    Returns
    -------
    Value
        What the element was.

    Raises
    ------
    EnigmaError
        When the memory has no atomic accesses, or cannot hold what the function gives.
    """
    function = "enigma.atomic_update"
    builder = require_builder(function)
    if not callable(fn):
        raise OperandError(
            operation=function,
            operand="fn",
            found=describe(fn),
            expected="a function of one parameter",
            remedy="give what the element becomes, as in `lambda old: enigma.fmax(old, x)`",
        )
    return _update(builder, _element(buf, index, order, function), fn, function)


def _update(builder: Builder, element: Element, fn: Callable[[Value], Any], function: str) -> Value:
    """Build the loop that a weak compare-exchange needs."""
    dtype = element.dtype.scalar
    kind = builder.session.value_type(dtype)
    exists = element.exists
    first = _access(builder, element, "enigma.atomic_load", (), (dtype,))[0]
    where = f"in the function that {function} repeats"
    loop = builder.op("scf.while", (kind,), (use(first),), None, 2)
    scope, (before,) = builder.push_block(loop, 0, where, (kind,), (None,))
    objects = Objects(builder)
    expected = wrap(builder, before, dtype)
    desired = element.stored(fn(expected), function)
    for change in objects.changes():
        raise ObjectChanged(
            name=change.box.name(),
            reason=f"it changes {where}, as often as other threads interfere",
            remedy="let the function compute with its parameter only, and give the result",
        )
    old, success = _access(
        builder, element, "enigma.atomic_compare_exchange", (expected, desired), (dtype, b1)
    )
    again = logical_not(success)
    if isinstance(exists, Value):
        # Where there is no element, there is nothing to try again.
        again = again & exists
    builder.op("scf.condition", (), (use(again), use(old)))
    builder.pop(scope)
    scope, after = builder.push_block(loop, 1, where, (kind,), (None,))
    builder.op("scf.yield", (), tuple(after))
    builder.pop(scope)
    builder.effects += 1
    return wrap(builder, loop.results[0], dtype)
