# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memory: predicated accesses, threadgroup arrays, registers, barriers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from enigma.errors import (
    InvalidOption,
    OperandError,
    ResourceLimitError,
)
from enigma.limits import METAL
from enigma.spelling import closest
from enigma.tensors.registers import RegisterTensor
from enigma.tracing.accesses import load_where, store_where
from enigma.tracing.buffers import Buffer, buffer_type_name, indexable, stored_value
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_condition
from enigma.tracing.loops import RangeFor
from enigma.tracing.messages import describe
from enigma.tracing.ranges import Range
from enigma.tracing.values import Value
from enigma.types import ElementLike, find_element, resolve_element

# Beyond what subscripts of 32 bits reach, and far beyond what a thread has.
MAX_REGISTER_ELEMENTS = 2**31 - 1
# Larger register arrays are filled by a loop.
_UNROLLED_FILL = 64
_MEM_FLAGS = (
    "mem_none",
    "mem_device",
    "mem_threadgroup",
    "mem_texture",
    "mem_threadgroup_imageblock",
)
_ORDERS = ("relaxed", "seq_cst")
_SCOPES = ("thread", "simdgroup", "threadgroup", "device")


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
    condition = as_condition(
        mask,
        "enigma.load_if",
        "mask",
        "compare it, as in `x != 0`; the index comes first: enigma.load_if(A, i, i < n)",
    )
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
    condition = as_condition(
        mask,
        "enigma.store_if",
        "mask",
        "compare it, as in `x != 0`; the order is enigma.store_if(A, i, value, i < n)",
    )
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
    if find_element(size) is not None:
        raise OperandError(
            operation="enigma.threadgroup_alloc",
            operand="size",
            found=f"the dtype {find_element(size)}",
            expected="a number of elements",
            remedy="the dtype comes first, as in enigma.threadgroup_alloc(enigma.f32, 256)",
        )
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
            remedy="it is linear: give the number of all elements, as in 16 * 16, and compute "
            "subscripts, or view it with enigma.make_tensor"
            if isinstance(size, (tuple, list))
            else "sizes must be known while the kernel is compiled: use a number or an "
            "enigma.constexpr parameter",
        )
    if size <= 0:
        raise InvalidOption(
            option=f"{operand} of {function}",
            expected="positive",
            found=size,
            remedy="an array has elements; leave it out where there is nothing to keep",
        )
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
    if find_element(shape) is not None:
        raise OperandError(
            operation="enigma.register_tensor",
            operand="shape",
            found=f"the dtype {find_element(shape)}",
            expected="a number of elements, or a tuple of extents",
            remedy="the dtype comes second, as in enigma.register_tensor(4, enigma.f32)",
        )
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


def _unknown_word(option: str, word: object, known: tuple[str, ...]) -> InvalidOption:
    """Make the error for a word that is none of those that are known."""
    close = closest(word, known)
    return InvalidOption(
        option=option,
        expected=f"one of {', '.join(known)}",
        found=word,
        remedy=f"did you mean {close!r}?" if close else "leave it out, or write one of these",
    )


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
            raise _unknown_word(f"mem_flags of {function}", name, _MEM_FLAGS)
    chosen = [name for name in _MEM_FLAGS[1:] if name in names]
    return "|".join(chosen) or "mem_none"


def barrier(mem_flags: str | Iterable[str] = "mem_threadgroup") -> None:
    """Wait until all threads of the threadgroup arrive; every one of them must.

    Parameters
    ----------
    mem_flags : str or iterable of str
        The memory whose writes are visible afterwards: ``"mem_none"``, ``"mem_device"``,
        ``"mem_threadgroup"``, ``"mem_texture"``, ``"mem_threadgroup_imageblock"``, or several
        joined by ``|``.
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


def atomic_thread_fence(
    mem_flags: str | Iterable[str], order: str = "seq_cst", scope: str = "device"
) -> None:
    """Order what this thread does to memory before and after, as other threads see it.

    No thread waits. Threads synchronize by atomic accesses, which are relaxed: one that writes
    stands behind a fence, one that reads before a fence. MSL has it since 3.2.

    Parameters
    ----------
    mem_flags : str or iterable of str
        The memory, as for `barrier`.
    order : {"seq_cst", "relaxed"}
        ``"relaxed"`` orders nothing.
    scope : {"device", "threadgroup", "simdgroup", "thread"}
        The threads that see the order.
    """
    function = "enigma.atomic_thread_fence"
    builder = require_builder(function)
    words = {"flags": f"mem_flags {_mem_flags(mem_flags, function)}"}
    for option, word, known in (("order", order, _ORDERS), ("scope", scope, _SCOPES)):
        prefix = "memory_order" if option == "order" else "thread_scope"
        if not isinstance(word, str) or word.removeprefix(f"{prefix}_") not in known:
            error = _unknown_word(f"{option} of {function}", word, known)
            if word in ("acquire", "release", "acq_rel"):
                error.advise("use 'seq_cst', which orders in both directions")
            raise error
        words[option] = f"{prefix} {word.removeprefix(f'{prefix}_')}"
    attributes = {
        name: builder.session.attribute(f"#enigma<{text}>") for name, text in words.items()
    }
    builder.effects += 1
    builder.op(function, (), (), attributes)
