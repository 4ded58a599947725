# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What stands between brackets, as a value of the IR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enigma.errors import IndexRangeError, SubscriptError, spelled
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand
from enigma.tracing.messages import describe
from enigma.tracing.values import Operand, Value, use
from enigma.types import b1

if TYPE_CHECKING:
    from enigma import _mlir as ir

# What people write to index several elements or dimensions at once.
_NO_NUMBERS = (slice, tuple, list, type(None), type(Ellipsis))


def subscript(builder: Builder, position: object, target: str) -> ir.Value:
    """Give a subscript as an IR value of type `index`.

    Parameters
    ----------
    builder : Builder
        Where to build.
    position : int, traced integer or thread query
        The subscript.
    target : str
        What is indexed, for messages.
    """
    if position.__class__ is not Value:
        if position.__class__ is int and 0 <= position < 1 << 63:
            return builder.index_constant(position)
        if not isinstance(position, Operand) and isinstance(position, _NO_NUMBERS):
            raise SubscriptError(
                f"{target} is indexed by {describe(position)}; expected one integer",
                remedy="a buffer is linear: compute the index, as in `A[row * width + column]`",
            )
        operand: Any = as_operand(position, f"subscript of {target}", "the index")
        if not isinstance(operand, Value):
            if isinstance(operand, bool):
                raise SubscriptError(
                    f"{target} is indexed by {operand}; expected an integer",
                    remedy=f"where no mask is meant, write {int(operand)}",
                )
            if isinstance(operand, float):
                raise SubscriptError(
                    f"{target} is indexed by a float ({operand!r})", remedy="use an integer"
                )
            if operand < 0:
                raise IndexRangeError(
                    f"{target} is indexed by {spelled(operand)}",
                    remedy="indices of buffers count from 0; there is no wrap-around",
                )
            if operand >= 1 << 63:
                raise IndexRangeError(
                    f"{target} is indexed by {spelled(operand)}, which does not fit 64 bits",
                    remedy="no memory has so many elements",
                )
            return builder.index_constant(operand)
        position = operand
    cached = position.index
    if cached is not None and builder.reaches(cached[0]):
        found: ir.Value = cached[1]
        return found
    check_integer(position, target)
    name = "arith.index_cast" if position.dtype.kind == "i" else "arith.index_castui"
    _, index = builder.value(name, builder.index_type, (use(position),))
    position.index = (builder.scope, index)
    return index


def check_integer(position: Value, target: str) -> None:
    """Refuse a traced subscript that is no integer."""
    if position.dtype.kind in "iu" and position.lanes == 1:
        return
    remedy = "convert a float with .to(enigma.i32)"
    if position.dtype is b1:
        # Arrays of NumPy take a bool for a mask, and lists for 0 or 1.
        remedy = (
            "to store behind a condition, write it as an `if`; to choose the element 0 or 1, "
            "convert it with .to(enigma.i32)"
        )
    raise SubscriptError(
        f"{target} is indexed by {describe(position)}; expected an integer", remedy=remedy
    )
