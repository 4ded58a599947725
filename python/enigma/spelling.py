# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a name that there is none of was meant to be."""

from __future__ import annotations

from collections.abc import Iterable

from enigma._process import import_late


def closest(word: object, known: Iterable[str]) -> str:
    """Give the name that is most like a word; "" if none is like it."""
    difflib = import_late("difflib")
    close = difflib.get_close_matches(str(word), list(known), 1)
    return str(close[0]) if close else ""
