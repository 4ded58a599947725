# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Local variables with a dtype for an annotation: ``total: enigma.i64 = 0``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import DTypeMismatch, OperandError
from enigma.locations import user_frame
from enigma.tracing.buffers import holds_all
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand, check_number
from enigma.tracing.conversions import cast
from enigma.tracing.meeting import settle
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, constant
from enigma.types import DType, find_dtype


def declared(builder: Builder, value: object, annotation: Callable[[], Any], name: str) -> Any:
    """Give a value the dtype that an annotation says; any other annotation means nothing.

    Parameters
    ----------
    builder : Builder
        Where to build.
    value
        What the variable is assigned: a traced value or a number.
    annotation : callable
        Gives the annotation. Python does not evaluate it, so it may fail.
    name : str
        The variable.

    Raises
    ------
    OperandError, NumberError, DTypeMismatch
        When the value does not fit the dtype.
    """
    dtype = _dtype(annotation)
    if dtype is None:
        return value
    expected = f"variable {name!r}, declared as {dtype},"
    try:
        operand = as_operand(value, expected, "its value")
    except OperandError as error:
        raise error.advise(f"leave out the annotation to hold another thing than {dtype}") from None
    if not isinstance(operand, Value):
        return constant(builder, dtype, check_number(operand, dtype, expected))
    if operand.unsettled is not None:
        operand = settle(operand, dtype)
    if not holds_all(dtype, operand.dtype):
        raise DTypeMismatch(
            f"{expected} is assigned {describe(operand)}", remedy=f"convert it with .to({dtype})"
        )
    return cast(operand, dtype)


def _dtype(annotation: Callable[[], Any]) -> DType | None:
    try:
        said = annotation()
        if isinstance(said, str):
            frame = user_frame()
            said = None if frame is None else eval(said, frame.f_globals, frame.f_locals)
    except Exception:
        return None
    return None if isinstance(said, str) else find_dtype(said)
