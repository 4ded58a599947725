# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Comparisons whose outcome follows from the dtype of a value: guards that guard nothing."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, NamedTuple

from enigma.locations import SourceLocation, frame_location, is_internal
from enigma.tracing.notices import warn
from enigma.types import DType, arithmetic_dtype, i32, i64, promote

if TYPE_CHECKING:
    from enigma import _mlir as ir

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Notice(NamedTuple):
    """A warning that waits for the end of the trace, since a loop may be traced again.

    Attributes
    ----------
    location : SourceLocation
        The line of the user.
    message, remedy : str
        What it says.
    """

    location: SourceLocation
    message: str
    remedy: str


class Notices:
    """The warnings of one trace, each with the operation around what it is about."""

    def __init__(self) -> None:
        self._operations: dict[Notice, list[ir.Operation | None]] = {}

    def add(self, notice: Notice, operation: ir.Operation | None) -> None:
        """Keep a warning about something in a region of an operation."""
        self._operations.setdefault(notice, []).append(operation)

    def give(self, kernel: ir.Operation) -> bool:
        """Warn of what is still in the kernel, once for each line and message; say if of any."""
        given = False
        for notice, operations in self._operations.items():
            if any(_is_inside(operation, kernel) for operation in operations):
                warn(notice.location, notice.message, notice.remedy)
                given = True
        return given


def _is_inside(operation: ir.Operation | None, kernel: ir.Operation) -> bool:
    while operation is not None and operation != kernel:
        operation = operation.parent
    return operation is not None


@functools.lru_cache(maxsize=1024)
def outcome(symbol: str, dtype: DType, number: int) -> bool | None:
    """Give what a comparison of every value of an integer dtype with a number is, if it is one."""
    low, high = dtype.minimum, dtype.maximum
    if symbol in ("==", "!="):
        return None if low <= number <= high else symbol == "!="
    if symbol in ("<", ">="):
        always_less, never_less = high < number, low >= number
    else:
        always_less, never_less = high <= number, low > number
    if not always_less and not never_less:
        return None
    return always_less if symbol in ("<", "<=") else never_less


def decide(
    symbol: str, dtype: DType, number: int, mirrored: bool, known: DType | None, depth: int
) -> tuple[bool | None, Notice | None]:
    """Say what the dtype of a value makes of its comparison with a number.

    Parameters
    ----------
    symbol : str
        The comparison.
    dtype : DType
        That of the value.
    number : int
        The number.
    mirrored : bool
        Whether the number stands on the left.
    known : DType or None
        The dtype of the number, where it has one: the two are then converted.
    depth : int
        How many calls up the comparison is made.

    Returns
    -------
    outcome : bool or None
        What the comparison always is, None if the value decides.
    notice : Notice or None
        The warning, if it is for the user that the comparison is made.
    """
    if mirrored:
        symbol = _MIRRORED[symbol]
    if known is not None:
        common = promote(arithmetic_dtype(dtype), arithmetic_dtype(known))
        number = (number - common.minimum) % (1 << common.bits) + common.minimum
        if not common.minimum <= dtype.minimum or not dtype.maximum <= common.maximum:
            dtype = common
    always = outcome(symbol, dtype, number)
    if always is None:
        return None, None
    frame = sys._getframe(depth)
    if is_internal(frame.f_code):
        return always, None
    if number <= dtype.minimum:
        bound = f"is never below {dtype.minimum}"
    else:
        bound = f"is never above {dtype.maximum}"
    message = f"`{symbol} {number}` of a {dtype} is always {always}, as a {dtype} {bound}"
    if dtype.kind == "u" and number <= 0:
        remedy = (
            "leave it out; if this is a difference, it wraps instead of becoming negative: compare "
            "before subtracting, as in `i >= 1` for `i - 1 >= 0`, or convert with "
            f".to(enigma.{i64 if dtype.bits == 64 else i32})"
        )
    else:
        numbers = f"{dtype.minimum} to {dtype.maximum}"
        remedy = f"leave it out, or compare with another number from {numbers}"
    return always, Notice(frame_location(frame), message, remedy)
