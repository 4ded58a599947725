# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Warnings, at the lines of the user that they are about."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable
from typing import Any

from enigma.errors import EnigmaWarning
from enigma.locations import SourceLocation

# What Python keeps in each module to warn once for each line; kernels need not come from modules.
_registries: dict[str, dict[Any, Any]] = {}
#: A warning: its place, what was found, and what to do about it.
Told = tuple["SourceLocation | None", str, str]


class _Recorders(threading.local):
    """The lists that the warnings of a thread are written into, besides being told."""

    def __init__(self) -> None:
        self.lists: list[list[Told]] = []


_recorders = _Recorders()


class Recorded:
    """Gives a list of what this thread warns of in a `with` block."""

    def __enter__(self) -> list[Told]:
        told: list[Told] = []
        _recorders.lists.append(told)
        return told

    def __exit__(self, *exception: object) -> None:
        _recorders.lists.pop()


def warn(location: SourceLocation | None, message: str, remedy: str) -> None:
    """Warn as `warnings.warn` does in a line of the user, so that filters see that line.

    Parameters
    ----------
    location : SourceLocation or None
        The line.
    message : str
        What was found.
    remedy : str
        What to do about it.
    """
    for told in _recorders.lists:
        told.append((location, message, remedy))
    filename, line = ("<unknown>", 0) if location is None else (location.filename, location.line)
    warnings.warn_explicit(
        f"{message}\n  help: {remedy}",
        EnigmaWarning,
        filename,
        line,
        registry=_registries.setdefault(filename, {}),
    )


def tell(recorded: Iterable[Told]) -> None:
    """Warn of what was recorded, as if it were found now."""
    for told in recorded:
        warn(*told)
