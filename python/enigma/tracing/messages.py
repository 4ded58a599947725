# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What things are called in messages."""

from __future__ import annotations

from enigma._layout import Dyn, Layout, SwizzledLayout
from enigma.errors import spelled
from enigma.tracing.classes import said_by


def describe(thing: object) -> str:
    """Say what something is, for messages."""
    if isinstance(thing, Dyn):
        return f"an integer that is known only when the kernel runs ({thing})"
    if thing is None:
        return "None"
    own = said_by(type(thing), "_enigma_describe")
    if own is not None:
        return str(own(thing))
    if isinstance(thing, (Layout, SwizzledLayout)):
        return f"a {type(thing).__name__} ({thing})"
    name = type(thing).__name__
    article = "an" if name[0] in "aeiouAEIOU" else "a"
    if isinstance(thing, (str, bytes, bool, int, float)):
        text = spelled(thing)
        return f"{article} {name} ({text if len(text) <= 40 else text[:37] + '...'})"
    return f"{article} {name}"
