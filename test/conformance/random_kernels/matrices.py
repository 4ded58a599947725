# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices as Python's objects: those of a thread, and those of a SIMD group.

Their elements are whole numbers, so that no sum or product is rounded, in any order.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

from conformance.random_kernels.numbers import Mistake, Num, as_num, meeting, promoted, rounded
from conformance.random_kernels.tensors import Tensor

SIZE = 8


def _exactly(dtype: str, value: Fraction) -> float:
    found = rounded(dtype, value)
    if Fraction(found) != value:
        raise Mistake("an element of a matrix is rounded")
    return found


def _dot(dtype: str, left: Any, right: Any) -> float:
    pairs = zip(left, right, strict=True)
    return _exactly(dtype, sum((Fraction(a) * Fraction(b) for a, b in pairs), Fraction(0)))


class Matrix:
    """A matrix of some columns."""

    def __init__(self, columns: list[Num]) -> None:
        dtype = meeting(columns)[0].dtype
        self.columns = [column.to(dtype) for column in columns]
        self.dtype = dtype

    @classmethod
    def of_rows(cls, dtype: str, rows: list[list[float]]) -> Matrix:
        """Make one of its rows."""
        return cls([Num(dtype, column) for column in zip(*rows, strict=True)])

    def rows(self) -> list[list[float]]:
        """Its rows."""
        return [list(row) for row in zip(*(c.lanes for c in self.columns), strict=True)]

    def map(self, function: Callable[..., Any], *others: Any) -> Matrix:
        """Apply a function to each column."""
        found = []
        for position, column in enumerate(self.columns):
            parts = [o.columns[position] if isinstance(o, Matrix) else o for o in others]
            found.append(function(column, *parts))
        return Matrix(found)

    def __getitem__(self, column: Any) -> Num:
        position = int(column)
        if not -len(self.columns) <= position < len(self.columns):
            raise Mistake("a column is read that there is none of")
        return self.columns[position]

    def __iter__(self) -> Iterator[Num]:
        return iter(self.columns)

    def with_column(self, position: Any, column: Any) -> Matrix:
        """The matrix after an assignment to a column."""
        columns = list(self.columns)
        columns[int(position)] = column.to(self.dtype)
        return Matrix(columns)

    def __add__(self, other: Any) -> Matrix:
        return self.map(operator.add, other)

    def __sub__(self, other: Any) -> Matrix:
        return self.map(operator.sub, other)

    def __mul__(self, other: Any) -> Matrix:
        return self.map(operator.mul, other)

    def __truediv__(self, other: Any) -> Matrix:
        return self.map(operator.truediv, other)

    def __radd__(self, other: Any) -> Matrix:
        return self.map(lambda column: other + column)

    def __rsub__(self, other: Any) -> Matrix:
        return self.map(lambda column: other - column)

    def __rmul__(self, other: Any) -> Matrix:
        return self.map(lambda column: other * column)

    def __neg__(self) -> Matrix:
        return self.map(operator.neg)

    def __matmul__(self, other: Any) -> Any:
        dtype = promoted(self.dtype, other.dtype)
        if isinstance(other, Matrix):
            columns = [column.lanes for column in other.columns]
            return Matrix.of_rows(
                dtype, [[_dot(dtype, row, c) for c in columns] for row in self.rows()]
            )
        return Num(dtype, [_dot(dtype, row, other.lanes) for row in self.rows()])

    def __rmatmul__(self, other: Num) -> Num:
        dtype = promoted(self.dtype, other.dtype)
        return Num(dtype, [_dot(dtype, other.lanes, column.lanes) for column in self.columns])

    def transpose(self) -> Matrix:
        """Exchange rows and columns."""
        return Matrix([Num(self.dtype, row) for row in self.rows()])

    def determinant(self) -> Num:
        """The sum over all permutations."""
        rows = self.rows()
        total = Fraction(0)
        for order in permutations(range(len(rows))):
            swaps = sum(a > b for k, a in enumerate(order) for b in order[k + 1 :])
            term = Fraction((-1) ** swaps)
            for row, column in zip(rows, order, strict=True):
                term *= Fraction(row[column])
            total += term
        return Num(self.dtype, [_exactly(self.dtype, total)])


class GroupMatrix(Matrix):
    """A matrix of 8 rows and columns that a SIMD group holds: each thread here has all of it."""

    def map(self, function: Callable[..., Any], *others: Any) -> GroupMatrix:
        columns = []
        for position, column in enumerate(self.columns):
            lanes = []
            for row, lane in enumerate(column.lanes):
                parts = [o.columns[position][row] if isinstance(o, Matrix) else o for o in others]
                lanes.append(function(Num(self.dtype, [lane]), *parts))
            values = meeting(lanes)
            columns.append(Num(values[0].dtype, [value.value for value in values]))
        return GroupMatrix(columns)

    def to(self, dtype: Any) -> GroupMatrix:
        """Convert the elements."""
        return GroupMatrix([column.to(dtype) for column in self.columns])

    def __matmul__(self, other: Any) -> GroupMatrix:
        return GroupMatrix(super().__matmul__(other).columns)


class Sums:
    """What all threads of a tiled product hold together: here each has all of it."""

    def __init__(self, dtype: str, rows: int, columns: int) -> None:
        self.dtype = dtype
        self.rows = [[0.0] * columns for _ in range(rows)]


class Part:
    """What a thread has of a tensor: here all of it."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __getitem__(self, subscript: tuple[Any, ...]) -> Part:
        _, _, _, tile = subscript
        return Part(self.tensor[None, None, tile])

    def size(self, mode: list[int]) -> int:
        """How many tiles there are."""
        (position,) = mode
        return self.tensor.size(position - 1)

    def rows(self) -> list[list[float]]:
        """The elements."""
        rows, columns = map(range, self.tensor.shape)
        return [[self.tensor[row, column].value for column in columns] for row in rows]


@dataclass(frozen=True)
class TiledMma:
    """A product by tiles, and the part of a thread."""

    dtype: str
    sums: str

    def get_slice(self, thread: Any) -> TiledMma:
        return self

    def partition_A(self, tensor: Tensor) -> Part:  # noqa: N802
        return Part(tensor)

    partition_B = partition_C = partition_A  # noqa: N815

    def make_fragment_A(self, part: Part) -> Sums:  # noqa: N802
        return Sums(self.dtype, *part.tensor.shape)

    make_fragment_B = make_fragment_A  # noqa: N815

    def make_fragment_C(self, part: Part) -> Sums:  # noqa: N802
        return Sums(self.sums, *part.tensor.shape)

    def reduce_K(self, sums: Sums) -> None:  # noqa: N802
        """They are whole already."""


class Matrices(ABC):
    """The part of `enigma` that has to do with matrices."""

    @abstractmethod
    def _meet_in_simdgroup(self) -> None:
        """Wait for the other threads of the SIMD group."""

    @abstractmethod
    def _meet_in_threadgroup(self) -> None:
        """Wait for the other threads of the threadgroup."""

    @staticmethod
    def make_matrix(*columns: Any, dtype: Any = None) -> Matrix:
        traced = [x for c in columns for x in (c if isinstance(c, tuple) else (c,))]
        known = [x.dtype for x in traced if isinstance(x, Num)]
        common = str(dtype) if dtype else known[0]
        if not dtype:
            for each in known[1:]:
                common = promoted(common, each)
        found = []
        for column in columns:
            if isinstance(column, tuple):
                column = Num(common, [as_num(x, common).to(common).value for x in column])
            found.append(column.to(common))
        return Matrix(found)

    def __getattr__(self, name: str) -> Any:
        kind, _, size = name.removeprefix("make_").partition("x")
        dtype = {"float": "f32", "half": "f16"}.get(kind[:-1])
        if dtype is None or not size.isdigit() or not name.startswith("make_"):
            raise AttributeError(name)
        count = int(kind[-1])

        def make(*parts: Any) -> Matrix:
            if len(parts) != count:
                height = int(size)
                parts = tuple(parts[k * height : (k + 1) * height] for k in range(count))
            return self.make_matrix(*parts, dtype=dtype)

        return make

    @staticmethod
    def matmul(a: Any, b: Any) -> Any:
        return a @ b

    @staticmethod
    def transpose(matrix: Matrix) -> Matrix:
        return matrix.transpose()

    @staticmethod
    def determinant(matrix: Matrix) -> Num:
        return matrix.determinant()

    # Those of a SIMD group.

    @staticmethod
    def _filled(value: Any, dtype: Any, is_filled: Callable[[int, int], bool]) -> GroupMatrix:
        name = str(dtype)
        number = as_num(value, name).to(name).value
        columns = [
            Num(name, [number if is_filled(row, column) else 0.0 for row in range(SIZE)])
            for column in range(SIZE)
        ]
        return GroupMatrix(columns)

    @classmethod
    def make_filled_simdgroup_matrix(cls, value: Any, elem: Any = "f32") -> GroupMatrix:
        return cls._filled(value, elem, lambda row, column: True)

    @classmethod
    def make_diagonal_simdgroup_matrix(cls, value: Any, elem: Any = "f32") -> GroupMatrix:
        return cls._filled(value, elem, operator.eq)

    @staticmethod
    def simdgroup_multiply(a: GroupMatrix, b: GroupMatrix) -> GroupMatrix:
        return a @ b

    @staticmethod
    def simdgroup_multiply_accumulate(
        a: GroupMatrix, b: GroupMatrix, c: GroupMatrix
    ) -> GroupMatrix:
        product = a.to(c.dtype) @ b.to(c.dtype)
        return GroupMatrix((product + c).columns)

    @staticmethod
    def _position(
        buf: Any, per_row: Any, offset: Any, origin: Any, transpose: bool, row: int, column: int
    ) -> Any:
        if transpose:
            row, column = column, row
        if isinstance(buf, Tensor):
            return row, column
        x, y = (int(part) for part in origin)
        return int(offset) + (y + row) * int(per_row) + x + column

    def simdgroup_matrix_load(
        self,
        buf: Any,
        elements_per_row: Any = None,
        offset: Any = 0,
        origin: Any = (0, 0),
        transpose: bool = False,
    ) -> GroupMatrix:
        place = (buf, elements_per_row, offset, origin, transpose)
        columns = []
        for column in range(SIZE):
            read = [buf[self._position(*place, row, column)] for row in range(SIZE)]
            columns.append(Num(read[0].dtype, [each.value for each in read]))
        self._meet_in_simdgroup()
        return GroupMatrix(columns)

    def simdgroup_matrix_store(
        self,
        matrix: GroupMatrix,
        buf: Any,
        elements_per_row: Any = None,
        offset: Any = 0,
        origin: Any = (0, 0),
        transpose: bool = False,
    ) -> None:
        self._meet_in_simdgroup()
        for column in range(SIZE):
            for row in range(SIZE):
                place = self._position(
                    buf, elements_per_row, offset, origin, transpose, row, column
                )
                buf[place] = matrix[column][row]
        self._meet_in_simdgroup()

    # Products by tiles.

    @staticmethod
    def simdgroup_mma(dtype: Any, sums: Any) -> TiledMma:
        return TiledMma(str(dtype), str(sums))

    scalar_mma = simdgroup_mma

    @staticmethod
    def make_tiled_mma(atom: TiledMma, layout: Any, values: tuple[int, int]) -> TiledMma:
        return atom

    @staticmethod
    def gemm(mma: TiledMma, d: Sums, a: Any, b: Any, c: Sums) -> None:
        left, right = (x.rows() if isinstance(x, Part) else x.rows for x in (a, b))
        d.rows = [
            [
                _exactly(d.dtype, Fraction(total) + Fraction(_dot(d.dtype, x, y)))
                for total, y in zip(totals, right, strict=True)
            ]
            for totals, x in zip(c.rows, left, strict=True)
        ]

    def _copy_of_product(self, src: Any, dst: Any) -> None:
        """Copy between a part and what threads hold: no thread reads what another has written."""
        if isinstance(dst, Sums):
            dst.rows = src.rows()
        self._meet_in_threadgroup()
        if isinstance(dst, Part):
            for row, line in enumerate(src.rows):
                for column, value in enumerate(line):
                    dst.tensor[row, column] = Num(src.dtype, [value])
        self._meet_in_threadgroup()
