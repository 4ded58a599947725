# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Python's grammar, class of node by class of node, in every place relative to traced control flow.

Each row is an example of one class of `ast`, and says where it works; elsewhere it is refused. The
list of what is supported in `docs/python.md` is made from these rows:
``python test/conformance/semantics/grammar.py`` writes it there.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conformance.semantics.comparison import Case
from conformance.semantics.rows import (
    EVERYWHERE,
    FAMILIES,
    NOWHERE,
    OUTSIDE,
    OUTSIDE_OR_BEHIND_RETURN,
    PLACES,
    ROWS,
)

PAGE = Path(__file__).resolve().parents[3] / "docs" / "python.md"

# Classes of `ast` that say how the parser was called, or what another node says too.
_NOT_GRAMMAR = {"expr_context", "mod", "type_ignore", "slice", "type_param"}


def classes() -> Iterator[str]:
    """The classes of node that a kernel can contain, by name."""
    parents = ("stmt", "expr", "pattern", "excepthandler", "operator", "unaryop", "boolop", "cmpop")
    for parent in (*parents, "type_param"):
        if hasattr(ast, parent):
            yield from (kind.__name__ for kind in getattr(ast, parent).__subclasses__())
    # Those that have no kin.
    for kind in ast.AST.__subclasses__():
        if not kind.__subclasses__() and kind.__name__ not in _NOT_GRAMMAR:
            yield kind.__name__


def cases() -> Iterator[Case]:
    """Every row in every place."""
    for row in ROWS:
        if row.available:
            yield from (row.case(place) for place in PLACES if place not in row.skipped)


BEGIN, END = "<!-- rows of test/conformance/semantics/rows.py -->\n", "<!-- end of rows -->\n"


def documented() -> str:
    """What the documentation lists."""
    where = {
        EVERYWHERE: "everywhere",
        OUTSIDE: "where Python decides",
        OUTSIDE_OR_BEHIND_RETURN: "where Python decides, and behind a `return`",
        NOWHERE: "refused",
    }
    parts = []
    for title, rows in FAMILIES.items():
        constructs = {row.what.replace("|", "\\|"): where[row.works] for row in rows}
        lines = [f"| {what} | {works} |\n" for what, works in constructs.items()]
        parts.append(f"## {title}\n\n| construct | works |\n| --- | --- |\n{''.join(lines)}")
    return "\n".join(parts)


def refreshed(text: str) -> str:
    """A page with the list that it should have."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    assert pattern.search(text)
    return pattern.sub(lambda _: f"{BEGIN}\n{documented()}\n{END}", text)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text()))
