# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memory: predicated accesses, threadgroup arrays, registers, barriers, function constants."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from enigma.errors import (
    DTypeMismatch,
    EnigmaError,
    IndexRangeError,
    InvalidOption,
    OperandError,
    ResourceLimitError,
    SubscriptError,
    resolve_dtype,
)
from enigma.limits import METAL
from enigma.tracing.buffers import Buffer, Element, Indexable, buffer_type_name, stored_value
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.loops import RangeFor
from enigma.tracing.protocol import MemoryProtocol
from enigma.tracing.ranges import Range
from enigma.tracing.values import Nameable, Value, as_condition, describe, truth, use, wrap
from enigma.types import DTypeLike

# Beyond what subscripts of 32 bits reach, and far beyond what a thread has.
MAX_REGISTER_ELEMENTS = 2**31 - 1
# Larger register arrays are filled by a loop.
_UNROLLED_FILL = 64
_MEM_FLAGS = ("mem_none", "mem_device", "mem_threadgroup", "mem_texture")


def indexable(buf: Any, function: str) -> Indexable:
    """Check that something is memory with elements."""
    if not isinstance(buf, Indexable):
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=describe(buf),
            expected="a buffer or a tensor",
            remedy="its index is an argument of its own: the memory comes first",
        )
    return buf


def both(condition: Any, exists: Any) -> Any:
    """Give the condition of an access to an element that there may not be."""
    if exists is True:
        return condition
    return truth(condition) & exists if isinstance(condition, Value) else exists


def when(
    builder: Builder,
    condition: Value,
    what: str,
    access: Callable[[], tuple[Value, ...]],
    others: tuple[Value, ...],
) -> list[Value]:
    """Make an access where a condition holds.

    Parameters
    ----------
    builder : Builder
        Where to build.
    condition : Value
        The condition.
    what : str
        The function of the language, for messages.
    access : callable
        Makes the access, and gives its results.
    others : tuple of Value
        What the results are where the condition does not hold.
    """
    types = tuple(builder.session.value_type(other.dtype) for other in others)
    operation = builder.op("scf.if", types, (use(truth(condition)),), None, 2)
    outer = builder.scope
    try:
        scope = builder.push(operation.regions[0].blocks.append(), f"in {what}")
        builder.op("scf.yield", (), tuple(map(use, access())))
        builder.pop(scope)
        if others:
            scope = builder.push(operation.regions[1].blocks.append(), f"in {what}")
            builder.op("scf.yield", (), tuple(map(use, others)))
            builder.pop(scope)
    except EnigmaError:
        # Whoever catches it finds the kernel as it was.
        while builder.scope is not outer:
            builder.pop(builder.scope)
        builder.bury(operation)
        raise
    values = []
    for ir, other in zip(operation.results, others, strict=True):
        value = wrap(builder, ir, other.dtype)
        value.operation = operation
        values.append(value)
    return values


def load_if(buf: Any, index: Any, mask: Any, default: Any = 0) -> Any:
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
    memory = indexable(buf, "enigma.load_if")
    dtype = memory.dtype
    other = stored_value(builder, default, dtype, "the default of enigma.load_if")
    condition = as_condition(mask, "enigma.load_if", "mask")
    if not isinstance(condition, Value) and not condition:
        return other
    element = memory.element(index)
    condition = both(condition, element.exists)
    if not isinstance(condition, Value):
        return element.load()
    return when(builder, condition, "enigma.load_if", lambda: (element.load(),), (other,))[0]


def store_if(buf: Any, index: Any, value: Any, mask: Any) -> None:
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
    memory = indexable(buf, "enigma.store_if")
    condition = as_condition(mask, "enigma.store_if", "mask")
    if not isinstance(condition, Value) and not condition:
        return
    element = memory.element(index)
    stored = element.stored(value, "enigma.store_if")
    condition = both(condition, element.exists)
    if not isinstance(condition, Value):
        element.store(stored)
        return

    def access() -> tuple[Value, ...]:
        element.store(stored)
        return ()

    when(builder, condition, "enigma.store_if", access, ())


def threadgroup_alloc(dtype: DTypeLike, size: int) -> Buffer:
    """Allocate an array that the threads of a threadgroup share.

    Its contents are undefined until written; a `barrier` makes writes visible to the other threads.

    Parameters
    ----------
    dtype : DType, type or str
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
    element = resolve_dtype(dtype)
    count = _extent(size, "enigma.threadgroup_alloc", "size")
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


def _extent(size: Any, function: str, operand: str) -> int:
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


class RegisterTensor(Indexable, Nameable, MemoryProtocol):
    """An array that each thread has for itself, in registers where the subscripts permit.

    Subscripts are one integer for each mode of the shape, and mode 0 runs fastest.

    Attributes
    ----------
    shape : tuple of int
        The extents.
    dtype : DType
        Of the elements.
    buffer : Buffer
        The array.
    """

    __slots__ = ("buffer", "dtype", "shape")

    _enigma_operand_hint = "index it, as in `r[i]`"
    _kind = "register tensor"

    def __init__(self, buffer: Buffer, shape: tuple[int, ...]) -> None:
        if not isinstance(buffer, Buffer):
            raise OperandError(
                operation="enigma.RegisterTensor",
                operand="buffer",
                found=describe(buffer),
                expected="an array in registers",
                remedy="make it with enigma.register_tensor(shape, dtype)",
            )
        self.buffer = buffer
        self.shape = shape
        self.dtype = buffer.dtype

    def __repr__(self) -> str:
        return f"<register tensor of {self.dtype}, {'x'.join(map(str, self.shape))}>"

    def _take_name(self, name: str) -> None:
        self.buffer._take_name(name)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The variable that it was assigned to."""
        return self.buffer.name

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def element(self, position: Any) -> Element:
        """Find the element at a coordinate, or at the number of an element."""
        coordinates = position if isinstance(position, tuple) else (position,)
        if len(coordinates) == 1 and len(self.shape) > 1:
            return self.buffer.element(coordinates[0])
        if len(coordinates) != len(self.shape):
            raise SubscriptError(
                f"a register tensor of shape {self.shape} is indexed by {len(coordinates)} "
                "coordinates",
                remedy=f"give {len(self.shape)} coordinates",
            )
        index: Any = 0
        stride = 1
        for coordinate, extent in zip(coordinates, self.shape, strict=True):
            if isinstance(coordinate, int) and not 0 <= coordinate < extent:
                raise IndexRangeError(
                    f"coordinate {coordinate} is outside of an extent of {extent}",
                    remedy="coordinates count from 0",
                )
            term = coordinate * stride if stride != 1 else coordinate
            index = term if isinstance(index, int) and index == 0 else index + term
            stride *= extent
        return self.buffer.element(index)

    def __getitem__(self, position: Any) -> Value:
        return self.element(position).load()

    def __setitem__(self, position: Any, value: Any) -> None:
        element = self.element(position)
        element.store(element.stored(value, "an assignment to an element of a register tensor"))

    def __len__(self) -> int:
        return self.shape[0]


def register_tensor(
    shape: int | tuple[int, ...], dtype: DTypeLike = "float", fill: Any = 0
) -> RegisterTensor:
    """Allocate an array for each thread.

    Parameters
    ----------
    shape : int or tuple of int
        The extents, known while compiling.
    dtype : DType, type or str
        Of the elements.
    fill : number, traced value or None
        What every element is at first; None leaves them undefined.

    Returns
    -------
    RegisterTensor
        To be indexed.
    """
    builder = require_builder("enigma.register_tensor")
    element = resolve_dtype(dtype)
    extents = shape if isinstance(shape, tuple) else (shape,)
    sizes = tuple(_extent(extent, "enigma.register_tensor", "shape") for extent in extents)
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
    """A value that is fixed when the pipeline state is created."""

    __slots__ = ()

    def _take_name(self, name: str) -> None:
        if self.name is None:
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
    """
    builder = require_builder("enigma.function_constant")
    element = resolve_dtype(dtype)
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= 65535:
        raise InvalidOption(
            option="the index of enigma.function_constant",
            expected="an int from 0 to 65535",
            found=index,
            remedy="the host sets the constant by it, before the kernel runs",
        )
    known: Value | None = builder.function_constants.get(index)
    if known is not None:
        if known.dtype is not element:
            raise DTypeMismatch(
                f"function constant {index} is a {known.dtype} already, and now a {element}"
            )
        return known
    session = builder.session
    attributes = {
        "index": session.attribute(f"{index} : i32"),
        "name": session.string(f"function_constant_{index}"),
        "dtype": session.attribute(element.element_name),
    }
    operation = builder.at_entry(
        "enigma.function_constant", session.value_type(element), attributes, builder.location()
    )
    value = FunctionConstant(builder, operation.result, element, operation)
    value.scope = builder.entry
    builder.function_constants[index] = value
    return value
