# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies between device and threadgroup memory that end where they are waited for.

The threads of a SIMD group that come by copy together. Each SIMD group that starts a copy makes the
whole of it.
"""

from __future__ import annotations

from typing import Any

from enigma._functions import simd_prefix_exclusive_sum, simd_sum
from enigma.errors import DTypeMismatch, IndexRangeError, InvalidOption, OperandError
from enigma.language.memory import simd_barrier
from enigma.tracing.buffers import Buffer, check_writable, indexable
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_operand
from enigma.tracing.conversions import widened
from enigma.tracing.counts import not_negative
from enigma.tracing.loops import RangeFor
from enigma.tracing.messages import describe
from enigma.tracing.ranges import Range
from enigma.tracing.values import Value, constant
from enigma.types import i32, u32


class AsyncCopy:
    """A copy that was started: what `async_copy_wait` waits for."""

    __slots__ = ("_builder",)

    def __init__(self, builder: Builder) -> None:
        self._builder = builder


def async_copy_1d_d2t(
    dst: Buffer, dst_offset: Any, src: Buffer, src_offset: Any, count: Any
) -> AsyncCopy:
    """Start to copy consecutive elements from device to threadgroup memory.

    Parameters
    ----------
    dst : buffer
        In threadgroup memory.
    dst_offset, src_offset : traced integer or int
        The first element.
    src : buffer
        In device or constant memory.
    count : traced integer or int
        How many elements.

    Returns
    -------
    AsyncCopy
        For `async_copy_wait`.

    Raises
    ------
    EnigmaError
        When the memory is another one, or does not hold the elements.
    """
    function = "enigma.async_copy_1d_d2t"
    return _copy(function, True, dst, src, (dst_offset, count), (src_offset, count), count, 1)


def async_copy_1d_t2d(
    dst: Buffer, dst_offset: Any, src: Buffer, src_offset: Any, count: Any
) -> AsyncCopy:
    """Start to copy consecutive elements from threadgroup to device memory.

    Parameters
    ----------
    dst : buffer
        In device memory.
    dst_offset, src_offset : traced integer or int
        The first element.
    src : buffer
        In threadgroup memory.
    count : traced integer or int
        How many elements.

    Returns
    -------
    AsyncCopy
        For `async_copy_wait`.

    Raises
    ------
    EnigmaError
        When the memory is another one, or does not hold the elements.
    """
    function = "enigma.async_copy_1d_t2d"
    return _copy(function, False, dst, src, (dst_offset, count), (src_offset, count), count, 1)


def async_copy_2d_d2t(
    dst: Buffer,
    dst_offset: Any,
    dst_elements_per_row: Any,
    src: Buffer,
    src_offset: Any,
    src_elements_per_row: Any,
    tile_cols: Any,
    tile_rows: Any,
) -> AsyncCopy:
    """Start to copy a tile from device to threadgroup memory.

    Parameters
    ----------
    dst : buffer
        In threadgroup memory.
    dst_offset, src_offset : traced integer or int
        The first element of the tile.
    dst_elements_per_row, src_elements_per_row : traced integer or int
        How far its rows are apart.
    src : buffer
        In device or constant memory.
    tile_cols, tile_rows : traced integer or int
        Its extents.

    Returns
    -------
    AsyncCopy
        For `async_copy_wait`.

    Raises
    ------
    EnigmaError
        When the memory is another one, or does not hold the elements.
    """
    places = (dst_offset, dst_elements_per_row), (src_offset, src_elements_per_row)
    return _copy("enigma.async_copy_2d_d2t", True, dst, src, *places, tile_cols, tile_rows)


def async_copy_2d_t2d(
    dst: Buffer,
    dst_offset: Any,
    dst_elements_per_row: Any,
    src: Buffer,
    src_offset: Any,
    src_elements_per_row: Any,
    tile_cols: Any,
    tile_rows: Any,
) -> AsyncCopy:
    """Start to copy a tile from threadgroup to device memory.

    Parameters
    ----------
    dst : buffer
        In device memory.
    dst_offset, src_offset : traced integer or int
        The first element of the tile.
    dst_elements_per_row, src_elements_per_row : traced integer or int
        How far its rows are apart.
    src : buffer
        In threadgroup memory.
    tile_cols, tile_rows : traced integer or int
        Its extents.

    Returns
    -------
    AsyncCopy
        For `async_copy_wait`.

    Raises
    ------
    EnigmaError
        When the memory is another one, or does not hold the elements.
    """
    places = (dst_offset, dst_elements_per_row), (src_offset, src_elements_per_row)
    return _copy("enigma.async_copy_2d_t2d", False, dst, src, *places, tile_cols, tile_rows)


def async_copy_wait(*copies: AsyncCopy) -> None:
    """Wait until copies have ended; the SIMD group that started them does.

    Other SIMD groups see what was copied after an `enigma.barrier`.

    Parameters
    ----------
    *copies : AsyncCopy
        What the functions that start copies gave.
    """
    function = "enigma.async_copy_wait"
    builder = require_builder(function)
    for copy in copies or (None,):
        if not isinstance(copy, AsyncCopy) or copy._builder is not builder:
            raise OperandError(
                operation=function,
                operand="a copy",
                found=describe(copy) if copies else "missing",
                expected="what a function such as enigma.async_copy_1d_d2t gave",
                remedy="keep it: `copy = enigma.async_copy_1d_d2t(...)`",
            )
    simd_barrier("mem_device|mem_threadgroup")


def _copy(
    function: str,
    is_load: bool,
    dst: Any,
    src: Any,
    dst_place: tuple[Any, Any],
    src_place: tuple[Any, Any],
    columns: Any,
    rows: Any,
) -> AsyncCopy:
    """Copy the elements of a tile; a place is its first element and the distance of its rows."""
    builder = require_builder(function)
    shared, device = ("threadgroup",), ("device", "constant")
    spaces = (shared, device) if is_load else (device[:1], shared)
    for operand, memory, allowed in zip(("dst", "src"), (dst, src), spaces, strict=True):
        if not isinstance(memory, Buffer) or memory.address_space not in allowed:
            raise OperandError(
                operation=function,
                operand=operand,
                found=describe(memory),
                expected=f"a buffer in {' or '.join(allowed)} memory",
                remedy="d2t copies from device to threadgroup memory and t2d back; "
                "enigma.copy copies what a thread owns, and between tensors",
            )
        indexable(memory, function)
    if dst.dtype is not src.dtype:
        raise DTypeMismatch(
            f"{function}: {src.name} has elements of {src.dtype}, {dst.name} of {dst.dtype}",
            remedy="load, convert and store the elements in a loop",
        )
    check_writable(dst.address_space, dst.name)
    names = ("the offset", "the elements per row")
    (dst_first, dst_row), (src_first, src_row) = (
        tuple(_integer(function, *named) for named in zip(names, place, strict=True))
        for place in (dst_place, src_place)
    )
    columns, rows = (
        widened(_integer(function, name, number))
        for name, number in (("the columns", columns), ("the rows", rows))
    )
    for memory, first, row in ((dst, dst_first, dst_row), (src, src_first, src_row)):
        known = all(isinstance(number, int) for number in (first, row, columns, rows))
        if not known or memory.size is None or not columns or not rows:
            continue
        last = first + row * (rows - 1) + columns - 1
        if last >= memory.size:
            raise IndexRangeError(
                f"{function}: it reaches to element {last} of {memory.name}, which has "
                f"{memory.size} elements",
                remedy="copy fewer elements, or make the memory larger",
            )
    one, total = constant(builder, u32, 1), columns * rows
    total = not_negative(total) if isinstance(total, Value) else constant(builder, i32, total)
    dtype = total.dtype
    begin, step = simd_prefix_exclusive_sum(one).to(dtype), simd_sum(one).to(dtype)
    loop = RangeFor(builder, Range(begin, total, step))
    for number in loop:
        row, column = (0, number) if _is_one(rows) else (number // columns, number % columns)
        dst[dst_first + row * dst_row + column] = src[src_first + row * src_row + column]
        loop.leave(())
    loop.end(())
    return AsyncCopy(builder)


def _is_one(number: Any) -> bool:
    return isinstance(number, int) and number == 1


def _integer(function: str, operand: str, thing: object) -> Any:
    number = as_operand(thing, function, operand)
    if isinstance(number, Value):
        if number.dtype.kind in "iu" and number.lanes == 1:
            return number
    elif type(number) is int:
        if number >= 0:
            return number
        raise InvalidOption(
            option=f"{operand} of {function}",
            expected="not negative",
            found=number,
            remedy="count from the start of the memory",
        )
    raise OperandError(
        operation=function,
        operand=operand,
        found=describe(thing),
        expected="an integer",
        remedy="offsets and extents count elements",
    )
