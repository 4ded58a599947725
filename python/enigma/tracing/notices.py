# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Warnings, at the lines of the user that they are about."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

from enigma.errors import EnigmaWarning
from enigma.locations import SourceLocation

# What Python keeps in each module to warn once for each line; kernels need not come from modules.
_registries: dict[str, dict[Any, Any]] = {}
_serial = itertools.count(1)
#: The number of the last warning of this process.
last = 0


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
    global last
    last = next(_serial)
    filename, line = ("<unknown>", 0) if location is None else (location.filename, location.line)
    warnings.warn_explicit(
        f"{message}\n  help: {remedy}",
        EnigmaWarning,
        filename,
        line,
        registry=_registries.setdefault(filename, {}),
    )
