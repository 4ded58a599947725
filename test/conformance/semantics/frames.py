# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases in frames that change nothing: the same kernel in a `try`, a `with`, a loop of one turn."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from conformance.semantics.cases import CASES
from conformance.semantics.comparison import EITHER, EQUAL, Case, block

WRAPPERS: dict[str, tuple[str, str]] = {
    "in a try": (EQUAL, "try:\n    {body}\nfinally:\n    pass"),
    "in a try with a handler": (EQUAL, "try:\n    {body}\nexcept ZeroDivisionError:\n    pass"),
    "in a with": (EQUAL, "with contextlib.nullcontext():\n    {body}"),
    "in a static if": (EQUAL, "if True:\n    {body}"),
    "in a static loop": (EQUAL, "for wrapped in range(1):\n    {body}"),
    "in a static while": (EQUAL, "wrapped = 0\nwhile wrapped < 1:\n    wrapped += 1\n    {body}"),
    "in a nested function": (EQUAL, "def wrapped():\n    {body}\nwrapped()"),
    "in a func": (EQUAL, "@enigma.func\ndef wrapped():\n    {body}\nwrapped()"),
    "in a match": (EQUAL, "match 1:\n    case 1:\n        {body}"),
    "in a traced if": (EITHER, "if A[i] > -100:\n    {body}"),
    "in a traced else": (EITHER, "if A[i] < -100:\n    pass\nelse:\n    {body}"),
    "behind a traced return": (EITHER, "if A[i] < -100:\n    return\n{body}"),
    "in a range": (EITHER, "for wrapped in enigma.range(1):\n    {body}"),
    "in a range with break": (EITHER, "for wrapped in enigma.range(9):\n    {body}\n    break"),
    "in a traced while": (
        EITHER,
        "wrapped = 0\nwhile wrapped < 1 and A[i] > -100:\n    wrapped += 1\n    {body}",
    ),
    "in a function in a traced if": (
        EITHER,
        "def wrapped():\n    {body}\nif A[i] > -100:\n    wrapped()",
    ),
}


def wrapped(base: Case, wrapper: str) -> Case:
    """A case in a frame."""
    verdict, frame = WRAPPERS[wrapper]

    def inside(body: str) -> str:
        before, _, after = frame.partition("{body}")
        indent = " " * (len(before) - len(before.rstrip(" ")))
        return before.rstrip(" ") + textwrap.indent(block(body), indent) + after

    return replace(
        base,
        name=f"{base.name} | {wrapper}",
        body=inside(base.body),
        plain=None if base.plain is None else inside(base.plain),
        prelude=f"import contextlib\n{block(base.prelude)}",
        verdict=verdict,
    )


def wrapped_cases(share: int) -> list[Case]:
    """Every case that must work, in one of `share` of the frames."""
    found = []
    for row, base in enumerate(CASES):
        if base.verdict != EQUAL or base.name.startswith("long "):
            continue
        for column, wrapper in enumerate(WRAPPERS):
            if (row + column) % share == 0:
                found.append(wrapped(base, wrapper))
    return found
