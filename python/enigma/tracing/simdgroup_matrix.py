# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices that the threads of a SIMD group hold together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import OperandError
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand, with_its_dtype
from enigma.tracing.conversions import cast
from enigma.tracing.elementwise import Elementwise, ElementwiseLanes
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, Vector, constant, result, use
from enigma.types import DType, Number, bf16, f16, f32

#: The rows and columns of every such matrix.
SIZE = 8
#: What an element can be.
ELEMENTS = (f16, bf16, f32)


class SimdgroupMatrix(Elementwise):
    """A matrix of 8 rows and 8 columns: a value that never changes, like a number.

    The threads of a SIMD group hold it together, two elements each; which two differs between GPUs.
    All of them have to compute with it together: not where a condition differs between them.
    ``a @ b`` is the product of matrices; ``+``, ``-``, ``*``, ``/`` act on each element, with a
    matrix or a scalar, and so does `map` with any function.
    """

    __slots__ = ()

    _made_by = "enigma.simdgroup_matrix_load(...)"

    lanes: SimdgroupLanes

    @property
    def elements(self) -> Vector:
        """The two elements that this thread holds, as a vector."""
        found = result(
            self.builder, "enigma.simdgroup_matrix_elements", self.dtype, 2, (use(self),)
        )
        assert isinstance(found, Vector)
        return found

    def map(self, function: Callable[..., Any], *others: Any) -> SimdgroupMatrix:
        """Compute a matrix element by element.

        Parameters
        ----------
        function : callable
            Takes an element of this matrix and one of each of the others, as vectors of the two
            elements that a thread holds; gives the element of the result, a float.
        *others : SimdgroupMatrix, traced value or number
            Further operands; a scalar stands for a matrix of equal elements.

        Returns
        -------
        SimdgroupMatrix
            Of the dtype that the function gives.

        Raises
        ------
        OperandError
            When it is no function, or gives no float that a matrix can have.
        """
        self._check_function(function)
        operands: list[Value | Number] = [self.elements]
        for index, other in enumerate(others):
            if isinstance(other, SimdgroupMatrix):
                operands.append(other.elements)
            else:
                other = with_its_dtype(other, self.builder)
                operands.append(as_operand(other, "SimdgroupMatrix.map", f"operand {index + 1}"))
        expected = "f16, bf16 or f32, a vector of 2 or a scalar"
        pair = self._computed(function(*operands), ELEMENTS, 2, expected)
        name = "enigma.simdgroup_matrix_from_elements"
        matrix = result(self.builder, name, pair.dtype, LANES, (use(pair),))
        assert isinstance(matrix, SimdgroupMatrix)
        return matrix

    def __matmul__(self, other: Any) -> SimdgroupMatrix:
        zero = filled(self.builder, self.dtype, 0)
        return multiply_accumulate("the operator @", self, other, zero)


class SimdgroupLanes(ElementwiseLanes):
    """The lanes of a matrix of a SIMD group: each thread holds two elements."""

    matrix = SimdgroupMatrix
    fill_operation = "enigma.simdgroup_matrix_fill"
    part = "each element: matrix.map(function)"

    @property
    def text(self) -> str:
        """What has those lanes, for messages."""
        return "matrix of a SIMD group"

    def type_name(self, dtype: DType) -> str:
        """Spell the IR type."""
        return f"!enigma.simdgroup_matrix<{dtype.mlir_name}>"


LANES = SimdgroupLanes(SIZE * SIZE)


def filled(builder: Builder, dtype: DType, value: Any, name: str = "fill") -> SimdgroupMatrix:
    """Make a matrix of one value, or of one on its diagonal."""
    element = value if isinstance(value, Value) else constant(builder, dtype, value)
    matrix = result(
        builder, f"enigma.simdgroup_matrix_{name}", dtype, LANES, (use(cast(element, dtype)),)
    )
    assert isinstance(matrix, SimdgroupMatrix)
    return matrix


def as_matrix(thing: Any, operation: str, operand: str) -> SimdgroupMatrix:
    """Give an operand that must be a matrix.

    Raises
    ------
    OperandError
        When it is none.
    """
    if not isinstance(thing, SimdgroupMatrix):
        raise OperandError(
            operation=operation,
            operand=operand,
            found=describe(thing),
            expected="a matrix of a SIMD group",
            remedy="load it with enigma.simdgroup_matrix_load, or make one with "
            "enigma.make_filled_simdgroup_matrix",
        )
    return thing


def multiply_accumulate(operation: str, a: Any, b: Any, c: Any) -> SimdgroupMatrix:
    """Build ``a @ b + c``.

    Raises
    ------
    OperandError
        When an operand is no matrix, or has elements that do not go with those of the others.
    """
    a, b, c = (
        as_matrix(a, operation, "a"),
        as_matrix(b, operation, "b"),
        as_matrix(c, operation, "c"),
    )
    if a.dtype is not b.dtype:
        raise OperandError(
            operation=operation,
            operand="b",
            found=describe(b),
            expected=f"elements of {a.dtype}, as a has",
            remedy=f"convert it with .to(enigma.{a.dtype})",
        )
    if c.dtype not in (a.dtype, f32):
        raise OperandError(
            operation=operation,
            operand="c",
            found=describe(c),
            expected=f"elements of {' or '.join(dict.fromkeys((str(a.dtype), 'f32')))}",
            remedy="accumulate in f32",
        )
    name = "enigma.simdgroup_matrix_multiply_accumulate"
    a.builder.effects += 1
    matrix = result(a.builder, name, c.dtype, LANES, (use(a), use(b), use(c)))
    assert isinstance(matrix, SimdgroupMatrix)
    return matrix
