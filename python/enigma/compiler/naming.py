# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The names of kernels in MSL."""

from __future__ import annotations

import re

PREFIX = "enigma_kernel_"

# What MSL cannot have in a name, and an underscore that would begin what looks like its spelling.
_SPELLED = r"[^A-Za-z0-9_]|_(?=u[0-9a-f]{4,6}[^A-Za-z0-9])"


def kernel_name(name: str) -> str:
    """Spell the name of a kernel as a function of MSL.

    An identifier stands as it is, behind Enigma's prefix. A character that is none of an
    identifier's is its code point, as in ``_u00f6_``. Two names never have one spelling.
    """
    if name.isascii() and name.isidentifier() and "_u" not in name:
        return PREFIX + name
    return PREFIX + re.sub(_SPELLED, lambda found: f"_u{ord(found[0]):04x}_", name)
