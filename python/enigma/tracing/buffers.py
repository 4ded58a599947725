# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Buffers and arrays of a kernel: what is indexed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from enigma.errors import DTypeMismatch, IndexRangeError, OperandError, SubscriptError
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.checks import as_operand, literal
from enigma.tracing.conversions import cast, widened
from enigma.tracing.fragments import lanes_text
from enigma.tracing.meeting import broadcast, settle
from enigma.tracing.messages import describe
from enigma.tracing.protocol import MemoryProtocol
from enigma.tracing.subscripts import subscript
from enigma.tracing.values import Nameable, Value, result, use
from enigma.types import DType, ElementType, VectorType

if TYPE_CHECKING:
    from enigma import _mlir as ir

#: Where buffers that a kernel takes can be.
ADDRESS_SPACES = ("device", "constant")


def buffer_type_name(dtype: ElementType, address_space: str, size: int | None = None) -> str:
    """Spell the IR type of a buffer."""
    extent = "" if size is None else f"{size}x"
    return f"!enigma.buffer<{extent}{dtype.element_name}, {address_space}>"


def holds_all(target: DType, source: DType) -> bool:
    """Whether every value of `source` is one of `target`, so that a store may convert by itself."""
    if source is target or source.kind == "b":
        return True
    if target.kind == "b":
        return False
    if source.kind == "f":
        return target.kind == "f" and target.bits > source.bits
    if target.kind == "f":
        return source.bits <= target.precision
    return target.minimum <= source.minimum and source.maximum <= target.maximum


def stored_value(
    builder: Builder, thing: object, dtype: ElementType, operation: str, lanes: int = 1
) -> Value:
    """Give what is stored into elements of `dtype`.

    Parameters
    ----------
    builder : Builder
        Where to build.
    thing : traced value or number
        A scalar, or a value of that many lanes.
    dtype : DType or VectorType
        Of the elements. A scalar is what all lanes of a vector become.
    operation : str
        For messages.
    lanes : int
        What else than a scalar may be stored into elements that are scalars.

    Raises
    ------
    OperandError
        When it has other lanes.
    DTypeMismatch
        When the store would lose something.
    NumberError
        When a number does not fit.
    """
    value = as_operand(thing, operation, "the stored value")
    if isinstance(dtype, VectorType):
        if isinstance(value, Value) and value.lanes not in (1, dtype.lanes):
            raise OperandError(
                operation=operation,
                operand="the stored value",
                found=describe(value),
                expected=f"a vector of {dtype.lanes} lanes, or one {dtype.scalar} for all of them",
                remedy="make one with enigma.make_vec, or take some lanes, as in v.xy",
            )
        stored = stored_value(builder, value, dtype.scalar, operation, dtype.lanes)
        return broadcast(stored, dtype.lanes, operation)
    if not isinstance(value, Value):
        return literal(builder, dtype, value, operation)
    if value.lanes not in (1, lanes):
        raise OperandError(
            operation=operation,
            operand="the stored value",
            found=describe(value),
            expected=f"one {dtype}" if lanes == 1 else f"a {lanes_text(lanes)}, or one {dtype}",
            remedy="store the lanes one by one: v.x, v.y, ..."
            if lanes == 1
            else "store it into a view of its own shape",
        )
    if value.unsettled is not None:
        value = settle(value, dtype)
    if not holds_all(dtype, value.dtype):
        raise DTypeMismatch(
            f"{operation}: the stored value is {describe(value)}, and the elements are {dtype}",
            remedy=f"convert it with .to(enigma.{dtype})",
        )
    return cast(value, dtype)


def check_writable(address_space: str, name: str) -> None:
    """Check that elements of an address space may be assigned."""
    if address_space == "constant":
        raise SubscriptError(
            f"{name} is in the constant address space and cannot be written",
            remedy='declare it with address_space="device"',
        )


class Element:
    """One element of memory, whose place is known and which has not been accessed yet.

    Attributes
    ----------
    builder : Builder
        Where accesses are built.
    dtype : DType or VectorType
        Of the element.
    address_space : str
        Where it lies.
    name : str
        That of the memory, for messages.
    exists : bool or Value
        Whether there is one. Accesses to one that is not there are not made, and give 0.
    """

    def __init__(
        self,
        builder: Builder,
        operation: str,
        operands: tuple[ir.Value, ...],
        dtype: ElementType,
        address_space: str,
        name: str,
    ) -> None:
        self.builder = builder
        self._operation = operation
        self._operands = operands
        self.address_space = address_space
        self.name = name
        self.dtype = dtype

    @property
    def exists(self) -> bool | Value:
        """Whether there is one."""
        return True

    def place(self) -> tuple[ir.Value, ...]:
        """Give its buffer and its subscript there, as IR values."""
        return self._operands

    def load(self) -> Value:
        """Read it."""
        self.builder.effects += 1
        name = f"enigma.load{self._operation}"
        dtype = self.dtype
        return result(self.builder, name, dtype.scalar, dtype.lanes, self._operands)

    def stored(self, value: object, operation: str) -> Value:
        """Give what a store of a value stores.

        Raises
        ------
        EnigmaError
            When the element cannot be written, or cannot hold the value.
        """
        check_writable(self.address_space, self.name)
        return stored_value(self.builder, value, self.dtype, operation)

    def store(self, value: Value) -> None:
        """Write it."""
        self.builder.effects += 1
        self.builder.op(f"enigma.store{self._operation}", (), (use(value), *self._operands))

    def store_lanes(self, lanes: Mapping[int, Value]) -> None:
        """Write some lanes of a vector, each for itself: others are not accessed."""
        self.builder.effects += 1
        buffer, index = self.place()
        for lane, value in lanes.items():
            operands = (use(value), buffer, index, self.builder.index_constant(lane))
            self.builder.op("enigma.store_lane", (), operands)


class Indexable:
    """Memory whose elements are accessed one by one.

    It is no class of `abc`, nor are others that an object of the user is looked up in: these keep
    its class, which need not have a hash.
    """

    __slots__ = ()

    name: str
    dtype: ElementType

    @abstractmethod
    def element(self, position: object) -> Element:
        """Find the element at a subscript or coordinate."""


def indexable(buf: object, function: str, vectors: bool = False) -> Indexable:
    """Check that something is memory with elements, which may be vectors where that is said."""
    if not isinstance(buf, Indexable):
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=describe(buf),
            expected="a buffer or a tensor",
            remedy="its index is an argument of its own: the memory comes first",
        )
    if isinstance(buf.dtype, VectorType) and not vectors:
        raise OperandError(
            operation=function,
            operand="the buffer",
            found=f"{buf.name}, whose elements are {buf.dtype}",
            expected="elements that are scalars",
            remedy="look at it as scalars: enigma.recast_tensor(enigma.make_tensor(A, layout), "
            f"enigma.{buf.dtype.scalar})",
        )
    return buf


class Buffer(Indexable, Nameable, MemoryProtocol):
    """A linear array: a parameter of the kernel, threadgroup memory, or registers.

    Attributes
    ----------
    dtype : DType
        Of the elements.
    address_space : str
        ``"device"``, ``"constant"``, ``"threadgroup"`` or ``"thread"``.
    size : int or None
        The number of elements, where it is known.
    name : str
        For messages.
    """

    __slots__ = (
        "_ir",
        "_operation",
        "_scope",
        "address_space",
        "builder",
        "dtype",
        "name",
        "size",
    )

    _enigma_operand_hint = "index it, as in `A[i]`"
    _kind = "buffer"
    #: The element of the memory at which it begins.
    start: Any = 0

    def __init__(
        self,
        builder: Builder,
        ir: ir.Value,
        dtype: ElementType,
        address_space: str,
        size: int | None,
        name: str,
        scope: Scope,
        operation: ir.Operation | None = None,
    ) -> None:
        self.builder = builder
        self._ir = ir
        self._scope = scope
        self._operation = operation
        self.dtype = dtype
        self.address_space = address_space
        self.size = size
        self.name = name

    def __class_getitem__(cls, elements: object) -> type[Buffer]:
        # To type checkers it is generic.
        return cls

    def __repr__(self) -> str:
        return f"<{self.address_space} buffer of {self.dtype} {self.name}>"

    def _take_name(self, name: str) -> None:
        if self._operation is not None:
            self.builder.name_operation(self._operation, name)
            self._operation = None
            self.name = name

    def element(self, position: object) -> Element:
        """Find an element, checked against the size where both are known."""
        if self.size is not None and isinstance(position, int) and position >= self.size:
            raise IndexRangeError(
                f"{self.name} has {self.size} elements and is indexed by {position}",
                remedy=f"the last element is {self.name}[{self.size - 1}]",
            )
        index = subscript(self.builder, self._place(position), self.name)
        operands = (self.use(), index)
        return Element(self.builder, "", operands, self.dtype, self.address_space, self.name)

    def _place(self, position: Any) -> Any:
        """Give the subscript in the memory."""
        return position

    def use(self) -> ir.Value:
        """Give the IR value of the memory for an operation."""
        if not self._scope.open:
            raise self.builder.escaped(self._scope)
        return self._ir

    def __getitem__(self, position: object) -> Value:
        return self.element(position).load()

    def __setitem__(self, position: Any, value: object) -> None:
        check_writable(self.address_space, self.name)
        stored = stored_value(self.builder, value, self.dtype, f"{self.name}[...] = ...")
        self.element(position).store(stored)

    def __len__(self) -> int:
        if self.size is None:
            raise SubscriptError(
                f"the number of elements of {self.name} is not known while the kernel is compiled",
                remedy="pass it as a parameter: n: enigma.Scalar(enigma.u32)",
            )
        return self.size

    def __iter__(self) -> NoReturn:
        raise SubscriptError(
            f"{self.name} cannot be iterated over",
            remedy=f"use `for i in enigma.range(n)` and {self.name}[i]",
        )


class Stretch(Buffer):
    """Consecutive elements of a buffer; which they are may be known only when the kernel runs."""

    __slots__ = ("start",)

    def __init__(self, buffer: Buffer, start: Any, size: int, name: str) -> None:
        super().__init__(
            buffer.builder,
            buffer._ir,
            buffer.dtype,
            buffer.address_space,
            size,
            name,
            buffer._scope,
        )
        self.start = start

    def _place(self, position: Any) -> Any:
        # What is no subscript is refused as it was given.
        subscript(self.builder, position, self.name)
        return self.start + widened(position)
