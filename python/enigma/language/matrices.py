# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices of 8 rows and 8 columns that the threads of a SIMD group hold together."""

from __future__ import annotations

import functools
from typing import Any

from enigma._layout import Layout, same
from enigma.errors import DTypeMismatch, InvalidOption, OperandError
from enigma.tensors.views import MOST_DERIVATIONS
from enigma.tracing.buffers import Element, Indexable, check_writable, indexable
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_operand, check_number
from enigma.tracing.conversions import widened
from enigma.tracing.messages import describe
from enigma.tracing.simdgroup_matrix import (
    ELEMENTS,
    LANES,
    SIZE,
    SimdgroupMatrix,
    as_matrix,
    filled,
    multiply_accumulate,
)
from enigma.tracing.subscripts import subscript
from enigma.tracing.values import Value, result, use
from enigma.types import DType, DTypeLike, resolve_dtype


def _element_dtype(function: str, elem: DTypeLike, rows: int, cols: int) -> DType:
    """Check what a matrix consists of."""
    dtype = resolve_dtype(elem)
    if dtype not in ELEMENTS:
        raise InvalidOption(
            option=f"elem of {function}",
            expected='"float", "half" or "bfloat"',
            found=dtype,
            remedy="integers have no matrices of a SIMD group; convert them to half",
        )
    if not all([type(extent) is int and extent == SIZE for extent in (rows, cols)]):
        raise InvalidOption(
            option=f"rows and cols of {function}",
            expected=f"{SIZE} and {SIZE}, the only size that Metal has",
            found=(rows, cols),
            remedy="build larger ones of several",
        )
    return dtype


def _place(
    builder: Builder,
    function: str,
    memory: Indexable,
    elements_per_row: Any,
    offset: Any,
    origin: Any,
    transpose: Any,
) -> tuple[Element, tuple[Any, ...], dict[str, Any] | None]:
    """Find a matrix in memory: its first element; buffer, subscript and stride; attributes."""
    if not isinstance(transpose, bool):
        raise InvalidOption(
            option=f"transpose of {function}",
            expected="True or False",
            found=describe(transpose),
            remedy="decide it while the kernel is compiled: an enigma.constexpr parameter",
        )
    if elements_per_row is None:
        elements_per_row, columns_first = _rows_of(function, memory)
        transpose = transpose != columns_first
    if not isinstance(origin, (tuple, list)) or len(origin) != 2:
        raise InvalidOption(
            option=f"origin of {function}",
            expected="a column and a row",
            found=origin,
            remedy="leave it out, or give origin=(column, row)",
        )
    first, column, row = (widened(number) for number in (offset, *origin))
    elements_per_row = widened(elements_per_row)
    if not (_is_zero(row) and _is_zero(column)):
        first = first + row * elements_per_row + column
    element = memory.element(first)
    check_memory(function, "the buffer", element)
    stride = subscript(builder, elements_per_row, "elements_per_row")
    attributes = {"transpose": builder.session.attribute("unit")} if transpose else None
    return element, (*element.place(), stride), attributes


def check_memory(function: str, operand: str, element: Element) -> None:
    """Check that what begins at an element lies where matrices are loaded from, all of it.

    Raises
    ------
    OperandError
        When it does not.
    """
    if element.address_space not in ("device", "threadgroup"):
        raise OperandError(
            operation=function,
            operand=operand,
            found=f"{element.address_space} memory",
            expected="device or threadgroup memory",
            remedy="copy it to threadgroup memory first",
        )
    if isinstance(element.exists, Value):
        raise OperandError(
            operation=function,
            operand=operand,
            found="a tile that reaches beyond its tensor",
            expected="memory that holds all of it",
            remedy="copy the tile to threadgroup memory, filled with zeros, and take it from there",
        )


def _is_zero(number: Any) -> bool:
    return isinstance(number, int) and number == 0


def _rows_of(function: str, memory: Indexable) -> tuple[Any, bool]:
    """Give the distance of rows (or of columns, which are contiguous then) in a tensor of 8 x 8."""
    layout = getattr(memory, "layout", None)
    found = _rows_in(layout) if isinstance(layout, Layout) else None
    if found is None:
        raise OperandError(
            operation=function,
            operand="the memory",
            found=describe(memory) if layout is None else f"a tensor of layout {layout}",
            expected="elements_per_row, or a tensor of 8 rows and 8 columns of which one is "
            "contiguous",
            remedy="give the distance in elements from one row to the next",
        )
    return found


@functools.lru_cache(maxsize=MOST_DERIVATIONS)
def _rows_in(layout: Layout) -> tuple[Any, bool] | None:
    """Give the distance of rows or columns in a layout of 8 x 8, if the others are contiguous."""
    if not same(layout.shape, (SIZE, SIZE)):
        return None
    rows, columns = layout.stride
    if same(columns, 1):
        return rows, False
    return (columns, True) if same(rows, 1) else None


def simdgroup_matrix_load(
    buf: Any,
    elements_per_row: Any = None,
    elem: DTypeLike | None = None,
    rows: int = SIZE,
    cols: int = SIZE,
    offset: Any = 0,
    origin: tuple[Any, Any] = (0, 0),
    transpose: bool = False,
) -> SimdgroupMatrix:
    """Read a matrix of 8 rows and 8 columns from memory, with all threads of a SIMD group.

    Parameters
    ----------
    buf : buffer or Tensor
        Device or threadgroup memory of `f16`, `bf16` or `f32`.
    elements_per_row : traced integer or int, optional
        The distance in elements from one row in memory to the next; a tensor of 8 rows and 8
        columns has it in its layout.
    elem : dtype, optional
        What the elements are; that of the memory, by default.
    rows, cols : {8}
        The size, which Metal has no other of.
    offset : traced integer or int
        Where the matrix of which it is a part begins.
    origin : (column, row)
        The place of its first element in that matrix.
    transpose : bool
        Whether rows in memory are columns of the matrix.

    Returns
    -------
    SimdgroupMatrix
        The matrix.

    Raises
    ------
    EnigmaError
        When the memory has other elements, or lies elsewhere.
    """
    function = "enigma.simdgroup_matrix_load"
    builder = require_builder(function)
    memory = indexable(buf, function)
    dtype = _element_dtype(function, memory.dtype.scalar if elem is None else elem, rows, cols)
    if memory.dtype is not dtype:
        raise DTypeMismatch(
            f"{function}: the matrix has elements of {dtype}, and the memory of {memory.dtype}",
            remedy="load it as what it is, and convert the matrix with .to(...)",
        )
    _, place, attributes = _place(
        builder, function, memory, elements_per_row, offset, origin, transpose
    )
    builder.effects += 1
    matrix = result(builder, function, dtype, LANES, place, attributes)
    assert isinstance(matrix, SimdgroupMatrix)
    return matrix


def simdgroup_matrix_store(
    matrix: SimdgroupMatrix,
    buf: Any,
    elements_per_row: Any = None,
    offset: Any = 0,
    origin: tuple[Any, Any] = (0, 0),
    transpose: bool = False,
) -> None:
    """Write a matrix to memory, with all threads of a SIMD group.

    Parameters
    ----------
    matrix : SimdgroupMatrix
        What is written.
    buf : buffer or Tensor
        Device or threadgroup memory of the dtype of the matrix.
    elements_per_row : traced integer or int, optional
        The distance in elements from one row in memory to the next; a tensor of 8 rows and 8
        columns has it in its layout.
    offset : traced integer or int
        Where the matrix of which it becomes a part begins.
    origin : (column, row)
        The place of its first element in that matrix.
    transpose : bool
        Whether rows in memory are columns of the matrix.

    Raises
    ------
    EnigmaError
        When the memory has other elements, or cannot be written.
    """
    function = "enigma.simdgroup_matrix_store"
    builder = require_builder(function)
    matrix = as_matrix(matrix, function, "the matrix")
    memory = indexable(buf, function)
    if memory.dtype is not matrix.dtype:
        raise DTypeMismatch(
            f"{function}: the matrix has elements of {matrix.dtype}, and the memory of "
            f"{memory.dtype}",
            remedy=f"convert the matrix with .to(enigma.{memory.dtype})"
            if memory.dtype in ELEMENTS
            else "store it to memory of f32, f16 or bf16; Metal has no such matrices",
        )
    element, place, attributes = _place(
        builder, function, memory, elements_per_row, offset, origin, transpose
    )
    check_writable(element.address_space, memory.name)
    builder.effects += 1
    builder.op(function, (), (use(matrix), *place), attributes)


def _made(function: str, name: str, value: Any, elem: DTypeLike, size: tuple[int, int]) -> Any:
    builder = require_builder(function)
    dtype = _element_dtype(function, elem, *size)
    element = as_operand(value, function, "the value")
    if not isinstance(element, Value):
        check_number(element, dtype, function)
    elif element.lanes != 1:
        raise OperandError(
            operation=function,
            operand="the value",
            found=describe(element),
            expected="a scalar",
            remedy="all threads give the same one",
        )
    return filled(builder, dtype, element, name)


def make_filled_simdgroup_matrix(
    value: Any, elem: DTypeLike = "float", rows: int = SIZE, cols: int = SIZE
) -> SimdgroupMatrix:
    """Make a matrix whose elements are one value.

    Parameters
    ----------
    value : traced value or number
        What every element is.
    elem : dtype
        Of the elements: `f32`, `f16` or `bf16`.
    rows, cols : {8}
        The size, which Metal has no other of.

    Returns
    -------
    SimdgroupMatrix
        The matrix.

    Raises
    ------
    EnigmaError
        When there are no such matrices, or the value is no scalar.
    """
    function = "enigma.make_filled_simdgroup_matrix"
    matrix: SimdgroupMatrix = _made(function, "fill", value, elem, (rows, cols))
    return matrix


def make_diagonal_simdgroup_matrix(
    value: Any, elem: DTypeLike = "float", rows: int = SIZE, cols: int = SIZE
) -> SimdgroupMatrix:
    """Make a matrix with one value on its diagonal, and 0 elsewhere.

    Parameters
    ----------
    value : traced value or number
        What the elements on the diagonal are.
    elem : dtype
        Of the elements: `f32`, `f16` or `bf16`.
    rows, cols : {8}
        The size, which Metal has no other of.

    Returns
    -------
    SimdgroupMatrix
        The matrix.

    Raises
    ------
    EnigmaError
        When there are no such matrices, or the value is no scalar.
    """
    function = "enigma.make_diagonal_simdgroup_matrix"
    matrix: SimdgroupMatrix = _made(function, "diagonal", value, elem, (rows, cols))
    return matrix


def simdgroup_multiply_accumulate(
    a: SimdgroupMatrix, b: SimdgroupMatrix, c: SimdgroupMatrix
) -> SimdgroupMatrix:
    """Give ``a @ b + c`` of matrices, computed by all threads of a SIMD group.

    Parameters
    ----------
    a, b : SimdgroupMatrix
        The factors, of one dtype.
    c : SimdgroupMatrix
        What the product is added to: of that dtype, or `f32`.

    Returns
    -------
    SimdgroupMatrix
        Of the dtype of `c`. ``acc = simdgroup_multiply_accumulate(a, b, acc)`` adds in place.

    Raises
    ------
    EnigmaError
        When an operand is no matrix, or its dtype does not go with that of the others.
    """
    return multiply_accumulate("enigma.simdgroup_multiply_accumulate", a, b, c)


def simdgroup_multiply(a: SimdgroupMatrix, b: SimdgroupMatrix) -> SimdgroupMatrix:
    """Give ``a @ b`` of matrices, computed by all threads of a SIMD group.

    Parameters
    ----------
    a, b : SimdgroupMatrix
        The factors, of one dtype.

    Returns
    -------
    SimdgroupMatrix
        Of that dtype.

    Raises
    ------
    EnigmaError
        When an operand is no matrix, or they differ in dtype.
    """
    function = "enigma.simdgroup_multiply"
    a = as_matrix(a, function, "a")
    return multiply_accumulate(function, a, b, filled(a.builder, a.dtype, 0))
