# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Errors and warnings as compilers print them: ``file:line:column: error: ...``."""

from __future__ import annotations

import contextlib
import linecache
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from enigma.errors import EnigmaError
from enigma.locations import SourceLocation

#: How files were named on the command line, by their absolute paths.
_given: dict[str, str] = {}


def remember(path: str) -> None:
    """Let a file be called in messages what it was called on the command line."""
    _given[os.path.abspath(path)] = path


@contextlib.contextmanager
def placeless() -> Iterator[None]:
    """Let errors have no line: what the command does itself is in no file of the user."""
    try:
        yield
    except EnigmaError as error:
        error.location = None
        raise


def report(error: EnigmaError) -> None:
    """Print an error of Enigma."""
    report_at(error.location, "error", error.summary, error.help)


def report_at(location: SourceLocation | None, severity: str, text: str, remedy: str = "") -> None:
    """Print what was found at a place, with the line of source, and what to do about it."""
    lines = [f"{_place(location)}: {severity}: {text}"]
    if location is not None:
        lines += _excerpt(location)
    if remedy:
        lines.append(f"  help: {remedy}")
    print("\n".join(lines), file=sys.stderr)


def _place(location: SourceLocation | None) -> str:
    if location is None:
        return "enigma"
    parts = [_given.get(location.filename, location.filename), str(location.line)]
    if location.column:
        parts.append(str(location.column))
    return ":".join(parts)


def _excerpt(location: SourceLocation) -> list[str]:
    """Give the line of source, and a mark below the column."""
    source = linecache.getline(location.filename, location.line).rstrip()
    if not source.strip():
        return []
    lines = [f"    {source}"]
    if location.column:
        # Columns count bytes, and tabs stay tabs.
        before = source.encode()[: location.column - 1].decode(errors="ignore")
        lines.append("    " + "".join("\t" if each == "\t" else " " for each in before) + "^")
    return lines


def report_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning, in the place of `warnings.showwarning`."""
    text, remedy = warning_parts(message, category, UserWarning)
    report_at(SourceLocation(filename, lineno), "warning", text, remedy)


def warning_parts(
    message: Warning | str, category: type[Warning], known: type[Warning]
) -> tuple[str, str]:
    """Give the text and the remedy of a warning; one that is not of a known class is named."""
    text, _, remedy = str(message).partition("\n  help: ")
    return (text if issubclass(category, known) else f"{category.__name__}: {text}"), remedy
