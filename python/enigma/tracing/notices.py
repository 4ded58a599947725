# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Warnings, at the lines of the user that they are about."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from enigma.errors import EnigmaWarning
from enigma.locations import SourceLocation

# What Python keeps in each module to warn once for each line; kernels need not come from modules.
_registries: dict[str, dict[Any, Any]] = {}
Result = TypeVar("Result")
#: A warning: its place, what was found, and what to do about it.
Told = tuple["SourceLocation | None", str, str]


class _Recorders(threading.local):
    """The lists that the warnings of a thread are written into, besides being told."""

    def __init__(self) -> None:
        self.lists: list[list[Told]] = []


_recorders = _Recorders()


def recorded(build: Callable[[], Result]) -> tuple[Result, list[Told]]:
    """Call a function; give what it gives, and what this thread warned of in it."""
    told: list[Told] = []
    lists = _recorders.lists
    count = len(lists)
    # Ctrl-C may come between any two calls: this way nothing is left of it.
    try:
        lists.append(told)
        return build(), told
    finally:
        del lists[count:]


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
