# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices of 2 to 4 columns and rows: making them, products, transposes, determinants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import InvalidOption, OperandError
from enigma.language.casts import make_vec
from enigma.tracing import matrix as matrices
from enigma.tracing.builder import require_builder
from enigma.tracing.checks import as_operand
from enigma.tracing.conversions import convert
from enigma.tracing.matrix import ELEMENTS, Matrix, MatrixLanes, as_thread_matrix, from_columns
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, Vector, result, use
from enigma.types import DType, DTypeLike, f16, f32, promote, resolve_dtype

#: How many columns and rows there can be.
EXTENTS = range(2, 5)


def make_matrix(*columns: Any, dtype: DTypeLike | None = None) -> Matrix:
    """Make a matrix of its columns.

    Parameters
    ----------
    *columns : Vector, or tuple or list of traced values and numbers
        2 to 4 columns of one length, from 2 to 4. The columns of a matrix are ``*m``.
    dtype : dtype, optional
        Of the elements: `f32` or `f16`; by default that in which the columns meet, where integers
        are `f32`.

    Returns
    -------
    Matrix
        ``m[c]`` is a column, ``m[c][r]`` an element.

    Raises
    ------
    EnigmaError
        When there are too few columns or too many, or they differ in length, or Metal has no
        matrices of such elements.
    """
    target = None if dtype is None else resolve_dtype(dtype)
    return _make("enigma.make_matrix", columns, target)


def _make(function: str, columns: tuple[Any, ...], target: DType | None) -> Matrix:
    require_builder(function)
    given = [_column(function, position, column) for position, column in enumerate(columns)]
    lengths = [column.lanes for column in given]
    if len(given) not in EXTENTS or any(length != lengths[0] for length in lengths):
        raise InvalidOption(
            option=f"the columns of {function}",
            expected="2 to 4 vectors of one length",
            found=f"{len(given)} of the lengths {', '.join(map(str, lengths))}"
            if given
            else "none",
            remedy="make_vec makes a column of its elements",
        )
    dtype = target
    if dtype is None:
        dtype = given[0].dtype
        for column in given[1:]:
            dtype = promote(dtype, column.dtype)
        dtype = f32 if dtype.kind in "iu" else dtype
    if dtype not in ELEMENTS:
        raise InvalidOption(
            option=f"the dtype of {function}",
            expected="f32 or f16",
            found=dtype,
            remedy="Metal has matrices of no other elements: convert the columns with "
            ".to(enigma.f32)",
        )
    return from_columns([convert(column, dtype) for column in given])


def _column(function: str, position: int, column: Any) -> Value:
    if isinstance(column, (tuple, list)) and len(column) in EXTENTS:
        return make_vec(*column)
    given = as_operand(column, function, f"column {position}")
    if not isinstance(given, Vector):
        raise OperandError(
            operation=function,
            operand=f"column {position}",
            found=describe(given),
            expected="a vector of 2, 3 or 4 lanes",
            remedy="make one with enigma.make_vec",
        )
    return given


def matmul(a: Any, b: Any) -> Any:
    """Give the product of two matrices, or of a matrix and a vector; ``a @ b`` does, too.

    Parameters
    ----------
    a, b : Matrix or Vector
        One of them is a matrix. A vector to the right is a column, one to the left a row. The left
        operand has as many columns as the right one has rows.

    Returns
    -------
    Matrix or Vector
        Of the dtype in which the operands meet.

    Raises
    ------
    EnigmaError
        When an operand is neither, or the shapes do not go together.

    Notes
    -----
    In MSL: ``a * b``. Two matrices of a SIMD group are multiplied by ``a @ b``.
    """
    require_builder("enigma.matmul")
    return matrices.matmul(a, b, "enigma.matmul")


def transpose(matrix: Matrix) -> Matrix:
    """Give the matrix whose columns are the rows of a matrix.

    Parameters
    ----------
    matrix : Matrix
        Of any shape.

    Returns
    -------
    Matrix
        With as many columns as the operand has rows.

    Raises
    ------
    EnigmaError
        When the operand is no matrix of a thread.

    Notes
    -----
    In MSL: ``transpose(matrix)``.
    """
    function = "enigma.transpose"
    builder = require_builder(function)
    given = as_thread_matrix(matrix, function, "matrix")
    lanes = MatrixLanes(given.rows, given.columns)
    made = result(builder, "enigma.matrix_transpose", given.dtype, lanes, (use(given),))
    assert isinstance(made, Matrix)
    return made


def determinant(matrix: Matrix) -> Value:
    """Give the determinant of a square matrix.

    Parameters
    ----------
    matrix : Matrix
        With as many rows as columns.

    Returns
    -------
    Value
        A scalar.

    Raises
    ------
    EnigmaError
        When the operand is no matrix of a thread, or not square.

    Notes
    -----
    In MSL: ``determinant(matrix)``.
    """
    function = "enigma.determinant"
    builder = require_builder(function)
    given = as_thread_matrix(matrix, function, "matrix")
    if given.columns != given.rows:
        raise OperandError(
            operation=function,
            operand="matrix",
            found=describe(given),
            expected="as many rows as columns",
            remedy="other matrices have no determinant",
        )
    return result(builder, "enigma.matrix_determinant", given.dtype, 1, (use(given),))


_DOC = """Make a {name} matrix: {columns} columns of {rows} `{dtype}`.

Parameters
----------
*columns : Vector, or tuple or list of traced values and numbers
    The columns; or {count} scalars, column after column.

Returns
-------
Matrix
    ``m[c]`` is a column, ``m[c][r]`` an element.

Raises
------
EnigmaError
    When it is another number of columns, or of elements.
"""


def _maker(dtype: DType, width: int, height: int) -> Callable[..., Matrix]:
    name = f"{dtype.metal_name}{width}x{height}"
    function = f"enigma.make_{name}"

    def make(*columns: Any) -> Matrix:
        given = columns
        if len(given) == width * height and not any(
            isinstance(each, (Vector, tuple, list)) for each in given
        ):
            given = tuple(given[c * height : (c + 1) * height] for c in range(width))
        made = _make(function, given, dtype)
        if (made.columns, made.rows) != (width, height):
            raise InvalidOption(
                option=f"the columns of {function}",
                expected=f"{width} columns of {height}, or {width * height} scalars",
                found=f"{made.columns} columns of {made.rows}",
                remedy="its name has the number of columns first; "
                f"enigma.make_{dtype.metal_name}{made.columns}x{made.rows} makes this one",
            )
        return made

    make.__name__ = make.__qualname__ = f"make_{name}"
    make.__doc__ = _DOC.format(
        name=name, columns=width, rows=height, dtype=dtype.name, count=width * height
    )
    return make


make_float2x2 = _maker(f32, 2, 2)
make_float2x3 = _maker(f32, 2, 3)
make_float2x4 = _maker(f32, 2, 4)
make_float3x2 = _maker(f32, 3, 2)
make_float3x3 = _maker(f32, 3, 3)
make_float3x4 = _maker(f32, 3, 4)
make_float4x2 = _maker(f32, 4, 2)
make_float4x3 = _maker(f32, 4, 3)
make_float4x4 = _maker(f32, 4, 4)
make_half2x2 = _maker(f16, 2, 2)
make_half2x3 = _maker(f16, 2, 3)
make_half2x4 = _maker(f16, 2, 4)
make_half3x2 = _maker(f16, 3, 2)
make_half3x3 = _maker(f16, 3, 3)
make_half3x4 = _maker(f16, 3, 4)
make_half4x2 = _maker(f16, 4, 2)
make_half4x3 = _maker(f16, 4, 3)
make_half4x4 = _maker(f16, 4, 4)
