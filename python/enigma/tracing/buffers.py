# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Buffers and arrays of a kernel: what is indexed."""

from __future__ import annotations

from typing import Any

from enigma.compiler.errors import DTypeMismatch, IndexRangeError, OperandError, SubscriptError
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.runtime import Nameable
from enigma.tracing.values import (
    Value,
    as_operand,
    cast,
    check_number,
    constant,
    describe,
    lanes_text,
    result,
    settle,
    subscript,
    use,
)
from enigma.types import DType

ADDRESS_SPACES = ("device", "constant", "threadgroup", "thread")


def buffer_type_name(dtype: DType, address_space: str, size: int | None = None) -> str:
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
    builder: Builder, thing: Any, dtype: DType, operation: str, lanes: int = 1
) -> Value:
    """Give what is stored into elements of `dtype`.

    Parameters
    ----------
    builder : Builder
        Where to build.
    thing : traced value or number
        A scalar, or a value of that many lanes.
    dtype : DType
        Of the elements.
    operation : str
        For messages.
    lanes : int
        What else than a scalar may be stored.

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
    if not isinstance(value, Value):
        return constant(builder, dtype, check_number(value, dtype, operation))
    if value.lanes not in (1, lanes):
        raise OperandError(
            operation=operation,
            operand="the stored value",
            found=describe(value),
            expected=f"one {dtype}" if lanes == 1 else f"a {lanes_text(lanes)}, or one {dtype}",
            remedy="store the lanes one by one: v.x, v.y, ..." if lanes == 1 else "",
        )
    if value.unsettled is not None:
        value = settle(value, dtype)
    if not holds_all(dtype, value.dtype):
        raise DTypeMismatch(
            f"{operation}: a {value.dtype} is stored where the elements are {dtype}",
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


class Buffer(Nameable):
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

    _enigma_operand_hint = "index it, as in `A[i]`"
    # NumPy then leaves operators with a buffer to Python.
    __array_ufunc__ = None

    def __init__(
        self,
        builder: Builder,
        ir: Any,
        dtype: DType,
        address_space: str,
        size: int | None,
        name: str,
        scope: Scope,
        operation: Any = None,
    ) -> None:
        self.builder = builder
        self._ir = ir
        self._scope = scope
        self._operation = operation
        self.dtype = dtype
        self.address_space = address_space
        self.size = size
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.address_space} buffer of {self.dtype} {self.name}>"

    def _take_name(self, name: str) -> None:
        if self._operation is not None:
            location = self.builder.named_location(name, self._operation.location)
            self._operation.location = location
            self._operation = None
            self.name = name

    def index(self, position: Any) -> Any:
        """Give a subscript as an IR value, checked against the size where both are known."""
        if self.size is not None and isinstance(position, int) and position >= self.size:
            raise IndexRangeError(
                f"{self.name} has {self.size} elements and is indexed by {position}",
                remedy=f"the last element is {self.name}[{self.size - 1}]",
            )
        return subscript(self.builder, position, self.name)

    def load(self, index: Any) -> Value:
        """Build the load of an element; `index` is an IR value."""
        builder = self.builder
        builder.effects += 1
        return result(builder, "enigma.load", self.dtype, 1, (self.use(), index))

    def store(self, index: Any, value: Value) -> None:
        """Build the store of an element; `index` is an IR value."""
        builder = self.builder
        builder.effects += 1
        builder.op("enigma.store", (), (use(value), self.use(), index))

    def use(self) -> Any:
        """Give the IR value for an operation."""
        if not self._scope.open:
            raise self.builder.escaped(self._scope)
        return self._ir

    def check_writable(self) -> None:
        """Check that elements may be assigned."""
        check_writable(self.address_space, self.name)

    def __getitem__(self, position: Any) -> Value:
        index = self.index(position)
        return self.load(index)

    def __setitem__(self, position: Any, value: Any) -> None:
        self.check_writable()
        stored = stored_value(self.builder, value, self.dtype, f"{self.name}[...] = ...")
        self.store(self.index(position), stored)

    def __len__(self) -> int:
        if self.size is None:
            raise SubscriptError(
                f"the number of elements of {self.name} is not known while the kernel is compiled",
                remedy="pass it as a parameter: n: enigma.Scalar(enigma.u32)",
            )
        return self.size

    def __iter__(self) -> Any:
        raise SubscriptError(
            f"{self.name} cannot be iterated over",
            remedy=f"use `for i in enigma.range(n)` and {self.name}[i]",
        )

    def __bool__(self) -> bool:
        raise self._misused("a condition")

    def _misused(self, operation: str) -> OperandError:
        return OperandError(
            operation=operation,
            operand=self.name,
            found=f"a buffer of {self.dtype}",
            expected="a traced value, a number or a bool",
            remedy=f"index it, as in `{self.name}[i]`",
        )

    def _operator(self, other: Any) -> Any:
        raise self._misused("an operator")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operator
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _operator
    __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _operator
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _operator
    __lt__ = __le__ = __gt__ = __ge__ = _operator
