# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The names of the variables that the rewriter makes."""

from __future__ import annotations

# Variables of the rewriter start with this.
PRIVATE = "__enigma_"
#: The variable of a rewritten function that encloses the variables shared with nested functions.
CELLS = "__enigma_cells"


def shown_name(name: str) -> str:
    """Give the name of a variable as the kernel shows it: without the prefix of the rewriter."""
    return name.removeprefix(PRIVATE).rstrip("_0123456789") if name.startswith(PRIVATE) else name
