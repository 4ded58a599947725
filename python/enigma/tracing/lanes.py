# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What values consist of that are neither scalars nor vectors."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from enigma.types import DType, Number

if TYPE_CHECKING:
    from enigma import _mlir as ir
    from enigma.tracing.builder import Builder
    from enigma.tracing.unsettled import Unsettled
    from enigma.tracing.values import Value


class Lanes(int):
    """The lanes of a value that is neither a scalar nor a vector; they know what it is.

    Attributes
    ----------
    fill_operation : str or None
        The operation that gives all of them one number, where the IR has no such constant.
    """

    fill_operation: ClassVar[str | None] = None

    @property
    @abstractmethod
    def text(self) -> str:
        """What has those lanes, for messages."""

    def check_operand(self, value: Value, operation: str, operand: str) -> None:
        """Refuse the value as an operand of what computes with numbers, if it is none."""

    def fill_operands(self, builder: Builder, dtype: DType, number: Number) -> tuple[ir.Value, ...]:
        """Give the operands of the operation that gives all of them one number."""
        return (builder.constant(dtype, number),)

    def type_name(self, dtype: DType) -> str:
        """Spell the IR type of such a value."""
        return f"vector<{int(self)}x{dtype.mlir_name}>"

    def converted(self, value: Value, dtype: DType) -> Value | None:
        """Build a conversion to another dtype, where it is not that of a vector."""
        return None

    @abstractmethod
    def make(
        self,
        builder: Builder,
        ir: ir.Value,
        dtype: DType,
        operation: ir.Operation | None,
        unsettled: tuple[Unsettled, ...] | None,
    ) -> Value:
        """Make such a value."""
