# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays that each thread has for itself."""

from __future__ import annotations

import math
from typing import Any

from enigma.errors import IndexRangeError, OperandError, SubscriptError
from enigma.tracing.buffers import Buffer, Element, Indexable
from enigma.tracing.messages import describe
from enigma.tracing.protocol import MemoryProtocol
from enigma.tracing.values import Nameable, Value


class RegisterTensor(Indexable, Nameable, MemoryProtocol):
    """An array that each thread has for itself, in registers where the subscripts permit.

    Subscripts are one integer for each mode of the shape, and mode 0 runs fastest.

    Attributes
    ----------
    shape : tuple of int
        The extents.
    dtype : DType or VectorType
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

    def element(self, position: object) -> Element:
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

    def __getitem__(self, position: object) -> Value:
        return self.element(position).load()

    def __setitem__(self, position: Any, value: object) -> None:
        element = self.element(position)
        element.store(element.stored(value, "an assignment to an element of a register tensor"))

    def __len__(self) -> int:
        return self.shape[0]
