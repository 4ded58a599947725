# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors: buffers with a layout."""

from __future__ import annotations

from typing import Any

from enigma.compiler.errors import (
    IndexRangeError,
    InvalidOption,
    OutsideKernel,
    SubscriptError,
    resolve_dtype,
)
from enigma.layout import Basis, Dyn, IntTuple, Layout, cosize, dyn, flatten, size
from enigma.tracing.buffers import ADDRESS_SPACES, Buffer
from enigma.tracing.builder import require_builder
from enigma.tracing.parameters import MAX_BUFFERS
from enigma.tracing.values import Operand, Value, as_operand, cast, describe
from enigma.types import DType, DTypeLike, i32, i64


def _leaves(stride: Any) -> tuple[Any, ...]:
    flat = flatten(stride)
    return flat if isinstance(flat, tuple) else (flat,)


class Tensor:
    """A buffer that a jit function takes, seen through a layout.

    Parameters
    ----------
    name : str
        The name of the parameter in the kernel.
    buffer_index : int
        Its place in Metal's argument table, 0 to 30.
    metal_dtype : DType, type or str
        Of the elements, such as ``"float"``.
    layout : Layout, optional
        Where the elements lie.
    base_offset : int
        The element at which the layout starts.
    address_space : {"device", "constant"}
        Of the buffer.
    shape : int or tuple of int, optional
        Instead of `layout`: compact, with mode 0 running fastest.

    Raises
    ------
    EnigmaError
        When an argument is not as described.
    """

    _enigma_operand_hint = "index it, as in `A[i, j]`"
    __array_ufunc__ = None

    def __init__(
        self,
        name: str,
        buffer_index: int,
        metal_dtype: DTypeLike,
        layout: Layout | None = None,
        base_offset: int = 0,
        address_space: str = "device",
        shape: IntTuple | None = None,
    ) -> None:
        if not isinstance(name, str) or not name.isidentifier():
            raise InvalidOption(option="the name of a tensor", expected="an identifier", found=name)
        if isinstance(buffer_index, bool) or not isinstance(buffer_index, int):
            raise InvalidOption(option="buffer_index", expected="an int", found=buffer_index)
        if not 0 <= buffer_index < MAX_BUFFERS:
            raise InvalidOption(option="buffer_index", expected="from 0 to 30", found=buffer_index)
        if address_space not in ADDRESS_SPACES[:2]:
            raise InvalidOption(
                option="address_space", expected="'device' or 'constant'", found=address_space
            )
        if isinstance(base_offset, bool) or not isinstance(base_offset, int):
            raise InvalidOption(option="base_offset", expected="an int", found=base_offset)
        if layout is None:
            if shape is None:
                raise InvalidOption(option="layout", expected="given, or shape", found=None)
            layout = Layout(shape)
        elif not isinstance(layout, Layout):
            raise InvalidOption(option="layout", expected="an enigma.Layout", found=layout)
        elif not layout.is_static or any(isinstance(d, Basis) for d in _leaves(layout.stride)):
            raise InvalidOption(
                option="layout", expected="of static extents and plain strides", found=layout
            )
        elif shape is not None and shape != layout.shape:
            raise InvalidOption(
                option="shape",
                expected=f"that of the layout ({layout.shape}), or left out",
                found=shape,
            )
        self.name = name
        self.buffer_index = buffer_index
        self.element_type: DType = resolve_dtype(metal_dtype)
        self.layout = layout
        self.base_offset = base_offset
        self.address_space = address_space

    def __repr__(self) -> str:
        return f"<tensor {self.name} of {self.element_type}, {self.layout}>"

    @property
    def shape(self) -> Any:
        """The extents of the layout."""
        return self.layout.shape

    @property
    def stride(self) -> Any:
        """The strides of the layout."""
        return self.layout.stride

    def size(self, mode: list[int] | int | None = None) -> int:
        """Give the number of elements, of the whole tensor or of one mode.

        Parameters
        ----------
        mode : int or list of int, optional
            Which mode, or the path to a nested one.
        """
        count: int = size(self.layout, mode)
        return count

    def _locate(self, position: Any) -> tuple[Buffer, Any]:
        """Find the buffer and the offset of a coordinate."""
        builder = require_builder(f"indexing of tensor {self.name}")
        buffer: Buffer | None = builder.tensors.get(self.buffer_index)
        if buffer is None:
            raise OutsideKernel(
                what=f"tensor {self.name}",
                remedy="pass the tensor to enigma.compile as an argument of the jit function",
            )
        coordinates = position if isinstance(position, tuple) else (position,)
        modes = list(self.layout)
        if len(coordinates) != len(modes):
            raise SubscriptError(
                f"tensor {self.name} of shape {self.shape} is indexed by "
                f"{len(coordinates)} coordinates",
                remedy=f"give one coordinate for each mode: {len(modes)}",
            )
        index: Any = self.base_offset
        for mode, (coordinate, part) in enumerate(zip(coordinates, modes, strict=True)):
            term = self._term(mode, coordinate, part)
            if isinstance(index, int) and index == 0:
                index = term
            elif not (isinstance(term, int) and term == 0):
                index = index + term
        return buffer, index

    def _term(self, mode: int, coordinate: Any, part: Layout) -> Any:
        """Give what one coordinate adds to the offset."""
        what = f"coordinate {mode} of tensor {self.name}"
        operand = (
            as_operand(coordinate, what, "it") if isinstance(coordinate, Operand) else coordinate
        )
        if isinstance(operand, Value):
            if operand.dtype.is_float or operand.lanes != 1:
                raise SubscriptError(
                    f"{what} is {describe(operand)}; expected an integer",
                    remedy="convert it with .to(enigma.i32)",
                )
            span = cosize(self.layout) + abs(self.base_offset)
            if span > 2**31:
                operand = cast(operand, i64)
            elif any(d < 0 for d in _leaves(self.layout.stride)) or self.base_offset < 0:
                operand = cast(operand, i32)
            offset = part(dyn("coordinate"))
            return offset.evaluate({"coordinate": operand}) if isinstance(offset, Dyn) else offset
        if isinstance(operand, bool) or not isinstance(operand, int):
            raise SubscriptError(
                f"{what} is {describe(operand)}; expected an integer",
                remedy="give one integer for each mode",
            )
        extent = size(part)
        if not 0 <= operand < extent:
            raise IndexRangeError(f"{what} is {operand}, outside of its extent of {extent}")
        return part(operand)

    def __getitem__(self, position: Any) -> Value:
        buffer, index = self._locate(position)
        return buffer[index]

    def __setitem__(self, position: Any, value: Any) -> None:
        buffer, index = self._locate(position)
        buffer[index] = value

    def __iter__(self) -> Any:
        raise SubscriptError(
            f"tensor {self.name} cannot be iterated over",
            remedy="iterate over coordinates, as in `for i in enigma.range(A.shape[0])`",
        )
