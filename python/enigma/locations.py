# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where in the user's Python something happens."""

from __future__ import annotations

import array
import functools
import linecache
import os
import site
import sys
import weakref
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

from enigma._frozen import frozen_dataclass

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
# Kernels that ship with the package are code of the user.
_KERNELS = os.path.join(_PACKAGE, "examples") + os.sep


@functools.cache
def _host_folders() -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Give the folders of Python's library, of what is installed, and of NumPy."""
    # `sysconfig` knows them too, but reads how Python was built to say so.
    library = os.path.dirname(os.__file__) + os.sep
    installed = tuple(
        folder + os.sep
        for folder in (
            *site.getsitepackages(),
            os.path.join(library, "site-packages"),
            os.path.join(library, "dist-packages"),
        )
    )
    return library, installed, tuple(os.path.join(folder, "numpy", "") for folder in installed)


@frozen_dataclass(frozen=True)
class SourceLocation:
    """A place in a Python file; lines count from 1, columns from 1, and column 0 is unknown."""

    filename: str
    line: int
    column: int = 0

    def __init__(self, filename: str, line: int, column: int = 0) -> None:
        vars(self).update(filename=filename, line=line, column=column)

    @property
    def source_line(self) -> str:
        """The text of the line without its indentation, or "" when the file cannot be read."""
        return linecache.getline(self.filename, self.line).strip()

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}"


def is_internal(code: CodeType) -> bool:
    """Whether `code` belongs to Enigma, Python or NumPy rather than to the user."""
    name = code.co_filename
    if name.startswith(_PACKAGE):
        return not name.startswith(_KERNELS)
    return is_of_host(code)


def is_of_host(code: CodeType) -> bool:
    """Whether `code` belongs to the library of Python, or to NumPy."""
    # What these call is on the line of the user that called them.
    name = code.co_filename
    library, installed, numpy = _host_folders()
    if name.startswith(library) and not name.startswith(installed):
        return True
    return name.startswith(numpy)


def is_own_class(kind: type) -> bool:
    """Whether a class is Enigma's."""
    # What a class calls its module need not be a text.
    return str(kind.__module__).startswith("enigma.")


def user_frame() -> FrameType | None:
    """Find the innermost frame that is not Enigma's own."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (is_internal(frame.f_code) or _is_generated(frame.f_code)):
        frame = frame.f_back
    return frame


def _is_generated(code: CodeType) -> bool:
    """Whether `code` is a method that Python has made, as for dataclasses: it has no line."""
    return code.co_filename == "<string>" and code.co_name.startswith("__")


def user_location() -> SourceLocation | None:
    """Give the place that the innermost frame of the user stands at."""
    frame = user_frame()
    return None if frame is None else frame_location(frame)


def frame_location(frame: FrameType, instruction: int | None = None) -> SourceLocation:
    """Give the place that a frame stands at, or stood at when it ran an instruction."""
    at = frame.f_lasti if instruction is None else instruction
    line, column = _position(frame.f_code, at)
    return SourceLocation(frame.f_code.co_filename, line or frame.f_lineno, column)


def traceback_location(error: BaseException) -> SourceLocation | None:
    """Give the innermost place of the user that an exception came by."""
    found = None
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not (is_internal(code) or _is_generated(code)):
            line, column = _position(code, traceback.tb_lasti)
            found = SourceLocation(code.co_filename, line or traceback.tb_lineno, column)
        traceback = traceback.tb_next
    return found


def _position(code: CodeType, instruction: int) -> tuple[int, int]:
    """Give the line and the column of an instruction, counted from 1; 0 if unknown."""
    if instruction < 0:
        return 0, 0
    if (known := _positions.get(id(code))) is None:
        # By identity: the hash of code is that of all that is in it.
        end = weakref.ref(code, functools.partial(_forget, id(code)))
        known = _positions[id(code)] = (end, array.array("i", _read_positions(code)))
    line, column = known[1][instruction : instruction + 2] or (0, 0)
    return line, column


# Of code that was asked about: Python reads what it knows of instructions from the first one on.
_positions: dict[int, tuple[weakref.ref[CodeType], array.array[int]]] = {}


def _forget(code: int, _: weakref.ref[CodeType]) -> None:
    _positions.pop(code, None)


def _read_positions(code: CodeType) -> Iterator[int]:
    """Give the line and the column of each instruction, one after the other."""
    # An instruction takes two bytes.
    if hasattr(code, "co_positions"):
        for line, _, column, _ in code.co_positions():
            yield line or 0
            yield (column or 0) + 1
    else:
        for start, end, line in code.co_lines():
            for _ in range(start, end, 2):
                yield line or 0
                yield 0


def function_location(function: Any) -> SourceLocation:
    """Give the place where a function is defined (its first decorator or its ``def``)."""
    code: CodeType = function.__code__
    return SourceLocation(code.co_filename, code.co_firstlineno)
