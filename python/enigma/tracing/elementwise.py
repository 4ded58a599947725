# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators of matrices that act on each element."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from enigma.errors import OperandError
from enigma.tracing.checks import literal
from enigma.tracing.conversions import cast
from enigma.tracing.lanes import Lanes
from enigma.tracing.meeting import broadcast
from enigma.tracing.messages import describe
from enigma.tracing.values import Operand, Value
from enigma.types import DType, f32

if TYPE_CHECKING:
    from enigma.tracing.builder import Builder
    from enigma.tracing.unsettled import Unsettled


class ElementwiseLanes(Lanes):
    """The lanes of a matrix.

    Attributes
    ----------
    matrix : type of Elementwise
        What has them.
    part : str
        How to compute with what the matrix consists of, for the remedy of an error.
    """

    matrix: ClassVar[type[Elementwise]]
    part: ClassVar[str]

    def check_operand(self, value: Value, operation: str, operand: str) -> None:
        """Refuse the matrix as an operand of what computes with numbers."""
        raise OperandError(
            operation=operation,
            operand=operand,
            found=describe(value),
            expected="a traced value or a number",
            remedy=f"apply it to {self.part}",
        )

    def converted(self, value: Value, dtype: DType) -> Value:
        """Convert the elements."""
        assert isinstance(value, Elementwise)
        matrix: Value = value.map(lambda part: cast(part, dtype))
        return matrix

    def make(
        self,
        builder: Builder,
        ir: Any,
        dtype: DType,
        operation: Any,
        unsettled: tuple[Unsettled, ...] | None,
    ) -> Elementwise:
        """Make a matrix."""
        matrix = self.matrix(builder, ir, dtype, operation, unsettled)
        matrix.lanes = self
        return matrix

    def __eq__(self, other: object) -> bool:
        """Whether they are those of the same kind and shape of matrix; a number is none."""
        return type(other) is type(self) and vars(other) == vars(self)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__


class Elementwise(Value):
    """A matrix: a value whose operators compute it element by element, by `map`."""

    __slots__ = ("lanes",)

    lanes: ElementwiseLanes

    def _enigma_kind(self) -> str:
        return f"{self.dtype.name} {self.lanes.text}"

    @abstractmethod
    def map(self, function: Callable[..., Any], *others: Any) -> Any:
        """Compute a matrix element by element."""

    def _check_function(self, function: object) -> None:
        """Check what `map` is to call."""
        if not callable(function):
            raise OperandError(
                operation=f"{type(self).__name__}.map",
                operand="function",
                found=describe(function),
                expected="a function",
                remedy="give what elements become, as in `lambda x: enigma.fmax(x, 0.0)`",
            )

    def _computed(self, given: Any, dtypes: tuple[DType, ...], lanes: int, expected: str) -> Value:
        """Check what the function of `map` gives for so many elements, and give it for each."""
        operation = f"{type(self).__name__}.map"
        made = given._as_value() if isinstance(given, Operand) else given
        if isinstance(made, (bool, int, float)):
            made = literal(self.builder, self.dtype, made, operation)
        if not isinstance(made, Value) or made.dtype not in dtypes or made.lanes not in (1, lanes):
            is_other = isinstance(made, Value) and made.dtype not in dtypes
            raise OperandError(
                operation=operation,
                operand="what the function gives",
                found=describe(given),
                expected=expected,
                remedy=f"convert it with .to(enigma.{f32 if f32 in dtypes else dtypes[0]})"
                if is_other
                else "give as many elements as the function is given, or one for all of them",
            )
        return broadcast(made, lanes, operation)

    def __add__(self, other: Any) -> Any:
        return self.map(operator.add, other)

    def __radd__(self, other: Any) -> Any:
        return self.map(lambda a, b: b + a, other)

    def __sub__(self, other: Any) -> Any:
        return self.map(operator.sub, other)

    def __rsub__(self, other: Any) -> Any:
        return self.map(lambda a, b: b - a, other)

    def __mul__(self, other: Any) -> Any:
        return self.map(operator.mul, other)

    def __rmul__(self, other: Any) -> Any:
        return self.map(lambda a, b: b * a, other)

    def __truediv__(self, other: Any) -> Any:
        return self.map(operator.truediv, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.map(lambda a, b: b / a, other)

    def __neg__(self) -> Any:
        return self.map(operator.neg)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.map(operator.abs)

    def to(self, dtype: Any, *, saturate: bool = False) -> Any:
        """Convert the elements to another dtype of floats."""
        return self.map(lambda elements: elements.to(dtype, saturate=saturate))
