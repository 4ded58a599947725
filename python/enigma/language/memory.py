# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memory: predicated accesses, threadgroup arrays, registers, barriers, function constants."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from enigma.errors import (
    DTypeMismatch,
    InvalidOption,
    OperandError,
    ResourceLimitError,
)
from enigma.limits import METAL
from enigma.tensors.registers import RegisterTensor
from enigma.tracing.accesses import load_where, store_where
from enigma.tracing.buffers import Buffer, buffer_type_name, indexable, stored_value
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_condition
from enigma.tracing.loops import RangeFor
from enigma.tracing.messages import describe
from enigma.tracing.ranges import Range
from enigma.tracing.values import Value
from enigma.types import DTypeLike, ElementLike, resolve_dtype, resolve_element

# Beyond what subscripts of 32 bits reach, and far beyond what a thread has.
MAX_REGISTER_ELEMENTS = 2**31 - 1
# Larger register arrays are filled by a loop.
_UNROLLED_FILL = 64
_MEM_FLAGS = ("mem_none", "mem_device", "mem_threadgroup", "mem_texture")


def load_if(buf: object, index: object, mask: object, default: object = 0) -> Any:
    """Load an element where a condition holds; there is no access where it does not.

    Parameters
    ----------
    buf : buffer or Tensor
        What is read.
    index : traced integer or int (a tuple of coordinates for a tensor)
        Which element.
    mask : traced b1 or bool
        The condition.
    default : traced value or number
        What is given where the condition does not hold.

    Returns
    -------
    Value
        Of the dtype of the elements.
    """
    builder = require_builder("enigma.load_if")
    memory = indexable(buf, "enigma.load_if", vectors=True)
    dtype = memory.dtype
    other = stored_value(builder, default, dtype, "the default of enigma.load_if")
    condition = as_condition(mask, "enigma.load_if", "mask")
    if not isinstance(condition, Value) and not condition:
        return other
    return load_where(builder, memory.element(index), condition, other, "enigma.load_if")


def store_if(buf: object, index: object, value: object, mask: object) -> None:
    """Store an element where a condition holds; there is no access where it does not.

    Parameters
    ----------
    buf : buffer or Tensor
        What is written.
    index : traced integer or int (a tuple of coordinates for a tensor)
        Which element.
    value : traced value or number
        What is stored.
    mask : traced b1 or bool
        The condition.
    """
    builder = require_builder("enigma.store_if")
    memory = indexable(buf, "enigma.store_if", vectors=True)
    condition = as_condition(mask, "enigma.store_if", "mask")
    if not isinstance(condition, Value) and not condition:
        return
    element = memory.element(index)
    stored = element.stored(value, "enigma.store_if")
    store_where(builder, element, condition, stored, "enigma.store_if")


def threadgroup_alloc(dtype: ElementLike, size: int) -> Buffer:
    """Allocate an array that the threads of a threadgroup share.

    Its contents are undefined until written; a `barrier` makes writes visible to the other threads.

    Parameters
    ----------
    dtype : DType, VectorType, type or str
        Of the elements.
    size : int
        The number of elements, known while compiling.

    Returns
    -------
    Buffer
        To be indexed.

    Raises
    ------
    ResourceLimitError
        When the arrays of the kernel together exceed the 32 KB that Metal grants.
    """
    builder = require_builder("enigma.threadgroup_alloc")
    element = resolve_element(dtype)
    count = static_extent(size, "enigma.threadgroup_alloc", "size")
    builder.threadgroup_bytes += count * element.nbytes
    if builder.threadgroup_bytes > METAL.threadgroup_bytes:
        raise ResourceLimitError(
            f"the threadgroup arrays of this kernel take {builder.threadgroup_bytes} bytes "
            "with this one of "
            f"{count} x {element}; Metal grants {METAL.threadgroup_bytes}",
            remedy="use smaller tiles or a narrower dtype",
        )
    kind = builder.session.type(buffer_type_name(element, "threadgroup", count))
    operation = builder.at_entry("enigma.alloc", kind, None, builder.location())
    return Buffer(
        builder,
        operation.result,
        element,
        "threadgroup",
        count,
        "threadgroup array",
        builder.entry,
        operation,
    )


def static_extent(size: object, function: str, operand: str) -> int:
    """Check that a size is a positive number that is known while compiling."""
    if isinstance(size, bool) or not isinstance(size, int):
        raise OperandError(
            operation=function,
            operand=operand,
            found=describe(size),
            expected="a Python int",
            remedy=(
                "sizes must be known while the kernel is compiled: use a number or an "
                "enigma.constexpr parameter"
            ),
        )
    if size <= 0:
        raise InvalidOption(option=f"{operand} of {function}", expected="positive", found=size)
    return size


def register_tensor(
    shape: int | tuple[int, ...], dtype: ElementLike = "float", fill: object = 0
) -> RegisterTensor:
    """Allocate an array for each thread.

    Parameters
    ----------
    shape : int or tuple of int
        The extents, known while compiling.
    dtype : DType, VectorType, type or str
        Of the elements.
    fill : number, traced value or None
        What every element is at first; None leaves them undefined.

    Returns
    -------
    RegisterTensor
        To be indexed.
    """
    builder = require_builder("enigma.register_tensor")
    element = resolve_element(dtype)
    extents = shape if isinstance(shape, tuple) else (shape,)
    sizes = tuple(static_extent(extent, "enigma.register_tensor", "shape") for extent in extents)
    count = math.prod(sizes)
    if count > MAX_REGISTER_ELEMENTS:
        raise ResourceLimitError(
            f"enigma.register_tensor: {count} x {element} are more than the memory of a thread",
            remedy="share the elements among threads",
        )
    value = None
    if fill is not None:
        value = stored_value(builder, fill, element, "the fill of enigma.register_tensor")
    kind = builder.session.type(buffer_type_name(element, "thread", count))
    operation = builder.op("enigma.alloc", (kind,))
    buffer = Buffer(
        builder,
        operation.result,
        element,
        "thread",
        count,
        "register tensor",
        builder.scope,
        operation,
    )
    if value is not None:
        _fill(builder, buffer, count, value)
    return RegisterTensor(buffer, sizes)


def _fill(builder: Builder, buffer: Buffer, count: int, value: Value) -> None:
    if count <= _UNROLLED_FILL:
        for position in range(count):
            buffer[position] = value
        return
    loop = RangeFor(builder, Range(0, count, 1))
    for position in loop:
        buffer[position] = value
        loop.leave(())
    loop.end(())


def _mem_flags(flags: str | Iterable[str], function: str) -> str:
    if isinstance(flags, str):
        names = flags.split("|")
    elif isinstance(flags, (tuple, list, set, frozenset)) and all(
        isinstance(flag, str) for flag in flags
    ):
        names = list(flags)
    else:
        raise OperandError(
            operation=function,
            operand="mem_flags",
            found=describe(flags),
            expected=f"some of {', '.join(_MEM_FLAGS)}",
            remedy='they are text, as in enigma.barrier("mem_device")',
        )
    names = [name.strip().removeprefix("mem_flags::") for name in names]
    for name in names:
        if name not in _MEM_FLAGS:
            raise InvalidOption(
                option=f"mem_flags of {function}",
                expected=f"one of {', '.join(_MEM_FLAGS)}",
                found=name,
            )
    chosen = [name for name in _MEM_FLAGS[1:] if name in names]
    return "|".join(chosen) or "mem_none"


def barrier(mem_flags: str | Iterable[str] = "mem_threadgroup") -> None:
    """Wait until all threads of the threadgroup arrive; every one of them must.

    Parameters
    ----------
    mem_flags : str or iterable of str
        The memory whose writes are visible afterwards: ``"mem_none"``, ``"mem_device"``,
        ``"mem_threadgroup"``, ``"mem_texture"``, or several joined by ``|``.
    """
    _barrier("barrier", "enigma.threadgroup_barrier", mem_flags)


def simd_barrier(mem_flags: str | Iterable[str] = "mem_threadgroup") -> None:
    """Wait until all threads of the SIMD group arrive; every one of them must.

    Parameters
    ----------
    mem_flags : str or iterable of str
        As for `barrier`; ``"mem_none"`` orders execution, and no memory.
    """
    _barrier("simd_barrier", "enigma.simdgroup_barrier", mem_flags)


def _barrier(name: str, op: str, mem_flags: str | Iterable[str]) -> None:
    builder = require_builder(f"enigma.{name}")
    flags = _mem_flags(mem_flags, f"enigma.{name}")
    builder.effects += 1
    builder.op(op, (), (), {"flags": builder.session.attribute(f"#enigma<mem_flags {flags}>")})


class FunctionConstant(Value):
    """A value that is fixed when the pipeline state is created.

    Attributes
    ----------
    place : Location
        Where it is declared.
    """

    __slots__ = ("place",)

    place: Any

    def _take_name(self, name: str) -> None:
        if self.name is None:
            assert self.operation is not None
            self.operation.attributes["name"] = self.builder.session.string(name)
            self.name = name


def function_constant(dtype: DTypeLike, index: int) -> Value:
    """Declare a function constant of Metal, named as the variable that it is assigned to.

    Parameters
    ----------
    dtype : DType, type or str
        Its dtype.
    index : int
        Its index, 0 to 65535, by which the host sets it.

    Returns
    -------
    Value
        The constant.

    Raises
    ------
    EnigmaError
        When the index is none, or that of another constant.
    """
    builder = require_builder("enigma.function_constant")
    element = resolve_dtype(dtype)
    if (
        isinstance(index, bool)
        or not isinstance(index, int)
        or not 0 <= index < METAL.function_constants
    ):
        raise InvalidOption(
            option="the index of enigma.function_constant",
            expected=f"an int from 0 to {METAL.function_constants - 1}",
            found=index,
            remedy="the host sets the constant by it, before the kernel runs",
        )
    location = builder.location()
    known: Value | None = builder.function_constants.get(index)
    if known is not None:
        if known.dtype is not element:
            raise DTypeMismatch(
                f"function constant {index} is a {known.dtype} already, and now a {element}",
                remedy="give each constant an index of its own",
            )
        assert isinstance(known, FunctionConstant)
        # A helper that is called again, or a body that is traced again, declares the same one.
        if known.place != location:
            raise InvalidOption(
                option="the index of enigma.function_constant",
                expected=f"another one than that of {known.name or 'a constant'} before",
                found=index,
                remedy="declare it once, and use that value; or give each an index of its own",
            )
        return known
    session = builder.session
    attributes = {
        "index": session.attribute(f"{index} : i32"),
        "name": session.string(f"function_constant_{index}"),
        "dtype": session.attribute(element.element_name),
    }
    operation = builder.at_entry(
        "enigma.function_constant", session.value_type(element), attributes, location
    )
    value = FunctionConstant(builder, operation.result, element, operation)
    value.place = location
    value.scope = builder.entry
    builder.function_constants[index] = value
    return value
