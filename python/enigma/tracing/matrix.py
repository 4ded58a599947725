# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices of 2 to 4 columns and rows, each of one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from enigma.errors import (
    IndexRangeError,
    OperandError,
    ShapeMismatch,
    SubscriptError,
    UnsupportedSyntax,
)
from enigma.tracing.buffers import stored_value
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand, with_its_dtype
from enigma.tracing.conversions import cast
from enigma.tracing.elementwise import Elementwise, ElementwiseLanes
from enigma.tracing.meeting import broadcast
from enigma.tracing.messages import describe
from enigma.tracing.operations import operations
from enigma.tracing.subscripts import subscript
from enigma.tracing.swizzles import replaced_lanes
from enigma.tracing.values import Operand, Value, Vector, result, use
from enigma.types import DType, Number, b1, f16, f32, promote

if TYPE_CHECKING:
    from enigma import _mlir as ir

#: What an element can be.
ELEMENTS = (f16, f32)
#: The letters of rows.
LETTERS = "xyzw"


class Matrix(Elementwise):
    """A matrix of 2 to 4 columns and rows of `f32` or `f16`: a value, like a number.

    ``m[c]`` is a column, ``m[c][r]`` an element. ``+``, ``-``, ``*``, ``/`` act on each element,
    with a matrix of the same shape or with a scalar, and so does `map` with any function; ``@`` is
    the product of matrices, or of a matrix and a vector.
    """

    __slots__ = ()

    _made_by = "enigma.make_matrix(x, y)"

    lanes: MatrixLanes

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return self.lanes.columns

    @property
    def rows(self) -> int:
        """How many rows it has: the elements of a column."""
        return self.lanes.rows

    def __getitem__(self, position: object) -> Value:
        return _column(self, self._index(position))

    def _index(self, position: object) -> ir.Value:
        """Give the number of a column as a value of the IR."""
        if isinstance(position, tuple):
            raise SubscriptError(
                f"{describe(self)} is indexed by {describe(position)}; expected the number of a "
                "column",
                remedy="an element is m[column][row]",
            )
        if position is None or isinstance(position, (slice, list)):
            raise SubscriptError(
                f"{describe(self)} is indexed by {describe(position)}; expected one integer, the "
                "number of a column",
                remedy="write a statement for each column, as in `m[0] = x` and `m[1] = y`",
            )
        if isinstance(position, int):
            column = position + self.columns if position < 0 else position
            if not 0 <= column < self.columns:
                raise IndexRangeError(
                    f"column {position} is beyond the {self.columns} columns of {describe(self)}",
                    remedy=f"the last one is m[{self.columns - 1}]",
                )
            position = column
        return subscript(self.builder, position, describe(self))

    def __setitem__(self, position: Any, value: object) -> None:
        # The rewriter knows others by their text, and lets the variable hold another matrix.
        self._index(position)
        raise UnsupportedSyntax(
            construct="this assignment to a column of a matrix",
            name="a kernel",
            remedy="a matrix is a value, like a number: write `m[column] = x` as a statement of "
            "its own, on a variable that this function has made a matrix, as by "
            "`m = enigma.make_matrix(*m)`",
        )

    def __iter__(self) -> Iterator[Value]:
        return iter([self[column] for column in range(self.columns)])

    def __len__(self) -> int:
        return self.columns

    def map(self, function: Callable[..., Any], *others: Any) -> Matrix:
        """Compute a matrix element by element.

        Parameters
        ----------
        function : callable
            Takes a column of this matrix and one of each of the others, as vectors; gives the
            column of the result, of floats.
        *others : Matrix, traced value or number
            Further operands: matrices of the same shape, or scalars for all elements.

        Returns
        -------
        Matrix
            Of the dtype that the function gives.

        Raises
        ------
        EnigmaError
            When an operand has another shape, or the function gives no column.
        """
        self._check_function(function)
        operands = [self, *(_element_operand(self, other) for other in others)]
        expected = f"f16 or f32, as matrices of Metal have, a vector of {self.rows} or a scalar"
        columns = []
        for column in range(self.columns):
            given = function(*(o[column] if isinstance(o, Matrix) else o for o in operands))
            columns.append(self._computed(given, ELEMENTS, self.rows, expected))
        return from_columns(columns)

    def with_column(self, position: object, thing: object) -> Matrix:
        """Give a matrix with another column at a position, as ``m[position] = thing`` does.

        Parameters
        ----------
        position : int or traced integer
            Which column.
        thing : traced value or number
            A vector of as many lanes, or a scalar for all of them. It is converted as a store
            converts.

        Raises
        ------
        EnigmaError
            When there is no such column, or the value does not fit.
        """
        builder = self.builder
        index = self._index(position)
        operation = "`m[column] = ...`"
        given = as_operand(thing, operation, "the assigned value")
        if isinstance(given, Value) and given.lanes not in (1, self.rows):
            raise OperandError(
                operation=operation,
                operand="the assigned value",
                found=describe(given),
                expected=f"a vector of {self.rows} lanes, or a scalar for all of them",
                remedy="a column has as many lanes as the matrix has rows",
            )
        stored = stored_value(builder, given, self.dtype, operation, self.rows)
        column = broadcast(stored, self.rows, operation)
        columns = list(self)
        if isinstance(position, int):
            columns[position] = column
            return from_columns(columns)
        # A matrix in registers has no addresses: each column is the new one where it is meant.
        attributes = {"predicate": builder.session.attribute("0 : i64")}
        for place, old in enumerate(columns):
            operands = (index, builder.index_constant(place))
            is_meant = result(builder, "arith.cmpi", b1, 1, operands, attributes)
            chosen = (use(is_meant), use(column), use(old))
            columns[place] = result(builder, "arith.select", self.dtype, self.rows, chosen)
        return from_columns(columns)

    def with_element(self, position: object, row: object, thing: object) -> Matrix:
        """Give a matrix with another element, as ``m[position][row] = thing`` does."""
        if row.__class__ is not int:
            raise SubscriptError(
                f"the row of an element that is assigned is {describe(row)}; expected an int",
                remedy="the lanes of a column must be known while the kernel is compiled",
            )
        if not -self.rows <= row < self.rows:
            raise IndexRangeError(
                f"row {row} is beyond the {self.rows} rows of {describe(self)}",
                remedy=f"the last one is m[column][{self.rows - 1}]",
            )
        return self.with_lanes(position, LETTERS[row % self.rows], thing)

    def with_lanes(self, position: object, lanes: str, thing: object) -> Matrix:
        """Give a matrix with other elements, as ``m[position].xy = thing`` does."""
        column = self[position]
        assert isinstance(column, Vector)
        return self.with_column(position, replaced_lanes(column, lanes, thing))


class MatrixLanes(ElementwiseLanes):
    """The lanes of a matrix: its elements, of so many columns and rows."""

    matrix = Matrix
    fill_operation = "enigma.matrix_from_columns"
    part = "each column, as in m[0] or m.map(function)"

    columns: int
    rows: int

    def __new__(cls, columns: int, rows: int) -> MatrixLanes:
        """Count the elements."""
        lanes = super().__new__(cls, columns * rows)
        lanes.columns = columns
        lanes.rows = rows
        return lanes

    @property
    def text(self) -> str:
        """What has those lanes, for messages."""
        return f"matrix of {self.columns} columns and {self.rows} rows"

    def fill_operands(self, builder: Builder, dtype: DType, number: Number) -> tuple[ir.Value, ...]:
        """Give columns of one number."""
        return (builder.constant(dtype, number, self.rows),) * self.columns

    def type_name(self, dtype: DType) -> str:
        """Spell the IR type."""
        return f"!enigma.matrix<{self.columns}x{self.rows}x{dtype.mlir_name}>"


def _column(matrix: Matrix, index: ir.Value) -> Value:
    operands = (use(matrix), index)
    name = "enigma.matrix_column"
    return result(matrix.builder, name, matrix.dtype, matrix.rows, operands)


def _element_operand(matrix: Matrix, other: Any) -> Any:
    """Check what meets the elements of a matrix: a matrix of the same shape, or a scalar."""
    if isinstance(other, Matrix):
        if other.lanes != matrix.lanes:
            raise ShapeMismatch(
                f"a {matrix.lanes.text} and a {other.lanes.text} do not go together element by "
                "element",
                remedy="`@` is the product of matrices",
            )
        return other
    operation = "an operator on the elements of a matrix"
    operand = as_operand(with_its_dtype(other, matrix.builder), operation, "the other operand")
    if isinstance(operand, Value) and operand.lanes != 1:
        raise OperandError(
            operation=operation,
            operand="the other operand",
            found=describe(operand),
            expected=f"a {matrix.lanes.text}, or a scalar",
            remedy="`@` is the product of a matrix and a vector; m.map(lambda c: c * v) meets "
            "each column",
        )
    return operand


def from_columns(columns: list[Value]) -> Matrix:
    """Build a matrix of vectors of one dtype and one number of lanes."""
    first = columns[0]
    lanes = MatrixLanes(len(columns), first.lanes)
    operands = tuple(map(use, columns))
    made = result(first.builder, "enigma.matrix_from_columns", first.dtype, lanes, operands)
    assert isinstance(made, Matrix)
    return made


def as_thread_matrix(thing: Any, operation: str, operand: str) -> Matrix:
    """Give an operand that must be a matrix of a thread.

    Raises
    ------
    OperandError
        When it is none.
    """
    if not isinstance(thing, Matrix):
        raise OperandError(
            operation=operation,
            operand=operand,
            found=describe(thing),
            expected="a matrix of 2 to 4 columns and rows",
            remedy="make one with enigma.make_matrix(column, column, ...)",
        )
    return thing


def matmul(left: Any, right: Any, operation: str = "`@`") -> Value:
    """Build the product of matrices, or of a matrix and a vector.

    Raises
    ------
    EnigmaError
        When the operands are none, or their shapes do not go together.
    """
    operands: list[Value] = []
    for operand, name in ((left, "the left operand"), (right, "the right operand")):
        value = operand._as_value() if isinstance(operand, Operand) else operand
        if not isinstance(value, (Matrix, Vector)):
            raise OperandError(
                operation=operation,
                operand=name,
                found=describe(operand),
                expected="a matrix, or a vector beside one",
                remedy="multiply with `*`; make a matrix with enigma.make_matrix, and one of a "
                "SIMD group is multiplied with its like alone",
            )
        operands.append(value)
    a, b = operands
    if not isinstance(a, Matrix) and not isinstance(b, Matrix):
        raise OperandError(
            operation=operation,
            operand="the operands",
            found=f"{describe(a)} and {describe(b)}",
            expected="a matrix",
            remedy="the product of two vectors is enigma.dot",
        )
    common = promote(a.dtype, b.dtype)
    if common not in ELEMENTS:
        raise OperandError(
            operation=operation,
            operand="the operands",
            found=f"{describe(a)} and {describe(b)}",
            expected="f16 or f32",
            remedy="convert them with .to(enigma.f32)",
        )
    columns = a.columns if isinstance(a, Matrix) else a.lanes
    rows = b.rows if isinstance(b, Matrix) else b.lanes
    if columns != rows:
        raise ShapeMismatch(
            f"{operation}: {describe(a)} has {columns} columns, and {describe(b)} {rows} rows"
            if isinstance(a, Matrix)
            else f"{operation}: {describe(a)} is a row of {columns}, and {describe(b)} has {rows} "
            "rows",
            remedy="the left operand has as many columns as the right one has rows; a vector to "
            "the left is a row, one to the right a column",
        )
    lanes: int
    if not isinstance(b, Matrix):
        assert isinstance(a, Matrix)
        lanes = a.rows
    else:
        lanes = MatrixLanes(b.columns, a.rows) if isinstance(a, Matrix) else b.columns
    factors = (use(cast(a, common)), use(cast(b, common)))
    return result(a.builder, "enigma.matmul", common, lanes, factors)


operations.matmul = matmul
