# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MLIR's diagnostics as errors of Enigma, at the line of Python that they are about."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from enigma.errors import HELP, CompilationError, remedy_of
from enigma.locations import SourceLocation
from enigma.tracing.notices import warn
from enigma.tracing.session import Session

if TYPE_CHECKING:
    from enigma import _mlir as ir


def source_location(location: ir.Location) -> SourceLocation | None:
    """Find the line of Python behind an MLIR location."""
    source = location.source
    return None if source is None else SourceLocation(*source)


# MLIR adds the text of the operation, which tells the author of a kernel nothing.
_RAW = "see current operation:"


def _with_notes(diagnostic: ir.Diagnostic) -> tuple[str, str]:
    """Give the text of a diagnostic with that of its notes, and what one says is to be done."""
    notes = [note.message for note in diagnostic.notes]
    shown = [note for note in notes if not note.startswith((_RAW, HELP))]
    text = "".join([diagnostic.message, *(f"\n  note: {note}" for note in shown)])
    return text, remedy_of(notes)


def _places(diagnostic: ir.Diagnostic) -> str:
    """Say which lines a warning is about besides its own: those of its notes."""
    parts = []
    for note in diagnostic.notes:
        location = source_location(note.location)
        if location is not None and not note.message.startswith(HELP):
            source = f": `{location.source_line}`" if location.source_line else ""
            parts.append(f"\n  {note.message}: line {location.line}{source}")
    return "".join(parts)


class Diagnostics:
    """Collects what MLIR reports during a `with` block, and raises the first error.

    Warnings are given at its end.

    Attributes
    ----------
    remarks : list of str
        Remarks, with their place.
    """

    def __init__(self, session: Session, stage: str) -> None:
        self._session = session
        self._stage = stage
        self._errors: list[tuple[SourceLocation | None, str, str]] = []
        self._warnings: list[tuple[SourceLocation | None, str, str]] = []
        self.remarks: list[str] = []

    def __enter__(self) -> Diagnostics:
        self._session.listeners.append(self._handle)
        return self

    def _handle(self, diagnostic: ir.Diagnostic) -> None:
        location = source_location(diagnostic.location)
        message, remedy = _with_notes(diagnostic)
        if diagnostic.severity == "error":
            self._errors.append((location, message, remedy))
        elif diagnostic.severity == "warning":
            text = f"{diagnostic.message}{_places(diagnostic)}"
            self._warnings.append((location, text, remedy))
        else:
            self.remarks.append(message if location is None else f"{location}: {message}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.listeners.pop()
        if error is None and not self._errors:
            if self._warnings:
                for found in dict.fromkeys(self._warnings):
                    warn(*found)
            return
        if error is not None and not isinstance(
            error, (self._session.ir.MLIRError, RuntimeError, ValueError)
        ):
            return
        for info in getattr(error, "error_diagnostics", ()):
            self._errors.append((source_location(info.location), *_with_notes(info)))
        location, message, remedy = next(
            (found for found in self._errors if found[0] is not None),
            self._errors[0] if self._errors else (None, str(error), ""),
        )
        message = f"{self._stage}: {message}"
        raise CompilationError(message, location=location, remedy=remedy) from None
