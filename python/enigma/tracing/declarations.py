# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Local variables with a dtype for an annotation: ``total: enigma.i64 = 0``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.tracing.buffers import stored_value
from enigma.tracing.builder import Builder
from enigma.tracing.locations import user_frame
from enigma.tracing.values import Operand
from enigma.types import DType, find_dtype


def declared(builder: Builder, value: Any, annotation: Callable[[], Any], name: str) -> Any:
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
    lanes = value._as_value().lanes if isinstance(value, Operand) else 1
    return stored_value(builder, value, dtype, f"{name}: enigma.{dtype}", lanes)


def _dtype(annotation: Callable[[], Any]) -> DType | None:
    try:
        said = annotation()
        if isinstance(said, str):
            frame = user_frame()
            said = None if frame is None else eval(said, frame.f_globals, frame.f_locals)
    except Exception:
        return None
    return None if isinstance(said, str) else find_dtype(said)
