# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Local variables with a dtype, or a type of vectors, for an annotation: ``n: enigma.i64 = 0``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import DTypeMismatch, OperandError
from enigma.locations import user_frame
from enigma.tracing.buffers import holds_all
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand, literal
from enigma.tracing.conversions import cast
from enigma.tracing.meeting import broadcast, settle
from enigma.tracing.messages import describe
from enigma.tracing.values import Value
from enigma.types import DType, ElementType, VectorType, annotated, find_element


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
    kind = _kind(annotation)
    if kind is None:
        return value
    dtype, expected = kind.scalar, f"variable {name!r}, declared as {kind},"
    try:
        operand = as_operand(value, expected, "its value")
    except OperandError as error:
        raise error.advise(f"leave out the annotation to hold another thing than {kind}") from None
    if isinstance(kind, VectorType):
        if isinstance(operand, Value) and operand.lanes not in (1, kind.lanes):
            raise DTypeMismatch(
                f"{expected} is assigned {describe(operand)}",
                remedy=f"take {kind.lanes} lanes, as in v.xy, or make them with enigma.make_vec",
            )
        return broadcast(_converted(builder, operand, dtype, expected), kind.lanes, expected)
    return _converted(builder, operand, dtype, expected)


def _converted(builder: Builder, operand: Any, dtype: DType, expected: str) -> Value:
    if not isinstance(operand, Value):
        return literal(builder, dtype, operand, expected)
    if operand.unsettled is not None:
        operand = settle(operand, dtype)
    if not holds_all(dtype, operand.dtype):
        raise DTypeMismatch(
            f"{expected} is assigned {describe(operand)}", remedy=f"convert it with .to({dtype})"
        )
    return cast(operand, dtype)


def _kind(annotation: Callable[[], Any]) -> ElementType | None:
    try:
        said = annotation()
        if isinstance(said, str):
            frame = user_frame()
            said = None if frame is None else eval(said, frame.f_globals, frame.f_locals)
        said = annotated(said)
    except Exception:
        return None
    return None if isinstance(said, str) else find_element(said)
