# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Places of a kernel where a change may or may not happen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    """Where a change stands.

    Attributes
    ----------
    body
        The statements; ``{change}`` is the change, ``{outer}`` declares the variables that it binds
        for a nested function.
    kept
        Whether a change that is plain to keep has to be kept here.
    static
        Whether Python knows that the change happens, so that it works whatever it is.
    plain
        The same in plain Python, where the context is a construct of Enigma.
    """

    body: str
    kept: bool = True
    static: bool = False
    plain: str | None = None


def _function(call: str) -> Context:
    """A context that calls a nested function with the change, which gives 1."""
    return Context(f"def change():\n    {{outer}}\n    {{change}}\n    return 1\n{call}", False)


CONTEXTS: dict[str, Context] = {
    # Python decides.
    "unconditional": Context("{change}", static=True),
    "static if": Context("if True:\n    {change}", static=True),
    "static else": Context("if 0:\n    pass\nelse:\n    {change}", static=True),
    "static loop": Context("for lap in range(2):\n    {change}", static=True),
    "static while": Context("lap = 0\nwhile lap < 2:\n    {change}\n    lap += 1", static=True),
    "static break": Context(
        "for lap in range(3):\n    {change}\n    if lap == 1: break", static=True
    ),
    "static try": Context("try:\n    {change}\nfinally:\n    pass", static=True),
    "static match": Context("match 1:\n    case 1:\n        {change}", static=True),
    "static function": Context("def change():\n    {outer}\n    {change}\nchange()", static=True),
    "static operand": Context(
        "def change():\n    {outer}\n    {change}\n    return 1\nlap = True and change()",
        static=True,
    ),
    # The kernel decides.
    "if": Context("if A[i] > 2:\n    {change}"),
    "else": Context("if A[i] > 2:\n    pass\nelse:\n    {change}"),
    "elif": Context("if A[i] > 5:\n    pass\nelif A[i] > 1:\n    {change}"),
    "else of elif": Context(
        "if A[i] > 5:\n    pass\nelif A[i] > 1:\n    pass\nelse:\n    {change}"
    ),
    "both arms": Context(
        "if A[i] > 2:\n    {change}\n    lap = 1\nelse:\n    {change}\n    lap = 2"
    ),
    "two ifs": Context("if A[i] > 2:\n    {change}\nif A[i + 1] > 2:\n    {change}"),
    "if in if": Context("if A[i] > 0:\n    if A[i + 1] > 2:\n        {change}"),
    "before if in if": Context(
        "if A[i] > 0:\n    {change}\n    if A[i + 1] > 2:\n        {change}"
    ),
    "if in else": Context(
        "if A[i] > 4:\n    lap = 1\nelse:\n    if A[i + 1] > 2:\n        {change}"
    ),
    "static if in if": Context("if A[i] > 0:\n    if True:\n        {change}"),
    "unrolled loop in if": Context("if A[i] > 0:\n    for lap in range(2):\n        {change}"),
    "if in an unrolled loop": Context(
        "for lap in range(2):\n    if A[i + lap] > 2:\n        {change}"
    ),
    "if with static number": Context("if A[i] > 2:\n    lap = 1\n    {change}\nelse:\n    lap = 2"),
    "range": Context("for lap in enigma.range(2):\n    {change}"),
    "traced range": Context("for lap in enigma.range(A[i] % 3):\n    {change}"),
    "range in range": Context(
        "for lap in enigma.range(2):\n    for turn in enigma.range(A[i] % 2):\n        {change}"
    ),
    "if in range": Context("for lap in enigma.range(3):\n    if A[i] > lap:\n        {change}"),
    "range in if": Context("if A[i] > 2:\n    for lap in enigma.range(2):\n        {change}"),
    "else of if in range": Context(
        "for lap in enigma.range(3):\n    if A[i] > lap:\n        pass\n    else:\n        {change}"
    ),
    "unrolled loop in range": Context(
        "for lap in enigma.range(A[i] % 2):\n    for turn in range(2):\n        {change}"
    ),
    "range in an unrolled loop": Context(
        "for lap in range(2):\n    for turn in enigma.range(A[i + lap] % 2):\n        {change}"
    ),
    "while": Context("lap = 0\nwhile lap < A[i] % 3:\n    {change}\n    lap += 1"),
    "while in if": Context(
        "lap = 0\nif A[i] > 1:\n    while lap < A[i] % 3:\n        {change}\n        lap += 1"
    ),
    "if in while": Context(
        "lap = 0\nwhile lap < A[i] % 4:\n    if lap > 0:\n        {change}\n    lap += 1"
    ),
    "while True": Context(
        "lap = 0\nwhile True:\n    {change}\n    lap += 1\n    if lap >= A[i] % 3: break"
    ),
    "while True, after break": Context(
        "lap = 0\nwhile True:\n    if lap >= A[i] % 3: break\n    {change}\n    lap += 1"
    ),
    # Behind exits.
    "behind break": Context("for lap in range(3):\n    if A[i] == lap: break\n    {change}"),
    "before break": Context("for lap in range(3):\n    {change}\n    if A[i] == lap: break"),
    "with break": Context(
        "for lap in range(3):\n    if A[i] == lap:\n        {change}\n        break"
    ),
    "behind continue": Context("for lap in range(3):\n    if A[i] == lap: continue\n    {change}"),
    "behind break in range": Context(
        "for lap in enigma.range(3):\n    if A[i] == lap: break\n    {change}"
    ),
    "before break in range": Context(
        "for lap in enigma.range(3):\n    {change}\n    if A[i] == lap: break"
    ),
    "with break in range": Context(
        "for lap in enigma.range(3):\n    if A[i] == lap:\n        {change}\n        break"
    ),
    "behind continue in range": Context(
        "for lap in enigma.range(3):\n    if A[i] == lap: continue\n    {change}"
    ),
    "behind continue in while": Context(
        "lap = 0\nwhile lap < A[i] % 4:\n    lap += 1\n    if lap == 2: continue\n    {change}"
    ),
    "behind break in if": Context(
        "for lap in range(3):\n    if A[i] > 0:\n        if A[i] == lap: break\n        {change}"
    ),
    "behind return": Context("B[i] = 50\nif A[i] > 2:\n    return\n{change}"),
    "behind nested return": Context(
        "B[i] = 50\nif A[i] > 2:\n    if A[i + 1] > 2:\n        return\n{change}"
    ),
    "behind return in a loop": Context(
        "B[i] = 50\nfor lap in enigma.range(3):\n    if A[i] == lap: return\n{change}"
    ),
    "between return and return": Context(
        "B[i] = 50\nif A[i] > 4: return\n{change}\nif A[i] > 2: return\n{change}"
    ),
    "else of for": Context("for lap in range(2):\n    if A[i] == lap: break\nelse:\n    {change}"),
    "else of range": Context(
        "for lap in enigma.range(3):\n    if A[i] == lap: break\nelse:\n    {change}"
    ),
    "else of while": Context(
        "lap = 0\nwhile lap < 3:\n    lap += 1\n    if A[i] == lap: break\nelse:\n    {change}"
    ),
    # In other statements.
    "try in if": Context(
        "if A[i] > 2:\n    try:\n        {change}\n    finally:\n        lap = 1", False
    ),
    "finally in if": Context(
        "if A[i] > 2:\n    try:\n        lap = 1\n    finally:\n        {change}", False
    ),
    "if in try": Context("try:\n    if A[i] > 2:\n        {change}\nfinally:\n    lap = 1", False),
    "if in finally": Context(
        "try:\n    lap = 1\nfinally:\n    if A[i] > 2:\n        {change}", False
    ),
    "if in else of try": Context(
        """
            try:
                lap = 1
            except ValueError:
                pass
            else:
                if A[i] > 2:
                    {change}
            """,
        False,
    ),
    "finally behind break": Context(
        """
            for lap in range(3):
                try:
                    if A[i] == lap: break
                finally:
                    {change}
            """,
        False,
    ),
    "with in if": Context(
        "if A[i] > 2:\n    with contextlib.nullcontext():\n        {change}", False
    ),
    "if in with": Context(
        "with contextlib.nullcontext():\n    if A[i] > 2:\n        {change}", False
    ),
    "match in if": Context(
        "if A[i] > 2:\n    match 1:\n        case 1:\n            {change}", False
    ),
    "if in match": Context(
        "match 1:\n    case 1:\n        if A[i] > 2:\n            {change}", False
    ),
    # In functions.
    "function in if": _function("if A[i] > 2:\n    change()"),
    "function in range": _function("for lap in enigma.range(A[i] % 3):\n    change()"),
    "function in while": _function("lap = 0\nwhile lap < A[i] % 3:\n    lap += change()"),
    "if in a function": Context(
        "def change():\n    {outer}\n    if A[i] > 2:\n        {change}\nchange()", False
    ),
    "behind return of a function": Context(
        "def change():\n    {outer}\n    if A[i] > 2:\n        return\n    {change}\nchange()",
        False,
    ),
    "if in a func": Context(
        "@enigma.func\ndef change():\n    {outer}\n    if A[i] > 2:\n        {change}\nchange()",
        False,
    ),
    "range in a function": Context(
        """
            def change():
                {outer}
                for lap in enigma.range(A[i] % 3):
                    {change}
            change()
            """,
        False,
    ),
    # In expressions.
    "first of a ternary": _function("lap = change() if A[i] > 2 else 0"),
    "second of a ternary": _function("lap = 0 if A[i] > 2 else change()"),
    "both of a ternary": _function("lap = change() if A[i] > 2 else change() + 1"),
    "ternary in a ternary": _function("lap = (change() if A[i + 1] > 2 else 0) if A[i] > 2 else 4"),
    "statement of a ternary": _function("change() if A[i] > 2 else None"),
    "and": _function("lap = A[i] > 2 and change() > 0"),
    "or": _function("lap = A[i] > 2 or change() > 0"),
    "third of and": _function("lap = A[i] > 2 and A[i + 1] > 2 and change() > 0"),
    "statement of an and": _function("A[i] > 2 and change()"),
    "and in if": _function("if A[i] > 2 and change() > 0:\n    lap = 1"),
    "or in if": _function("if A[i] > 2 or change() > 0:\n    lap = 1"),
    "not and": _function("lap = not (A[i] > 2 and change() > 0)"),
    "comparison chain": _function("lap = 2 < A[i] < 7 * change()"),
    "comparison chain in if": _function("if 2 < A[i] < 7 * change():\n    lap = 1"),
    "condition of while": _function(
        "lap = 0\nwhile lap < A[i] % 3 and change() > 0:\n    lap += 1"
    ),
    "condition of elif": _function("if A[i] > 2:\n    lap = 1\nelif change() > 0:\n    lap = 2"),
    "in an argument": _function("lap = abs(change() if A[i] > 2 else 0)"),
    "in an index": _function("lap = A[change() if A[i] > 2 else 0]"),
    "in a comprehension": _function("lap = [change() if A[i] > 2 else 0 for turn in range(2)]"),
    "condition of a comprehension": _function(
        "lap = [change() for turn in range(2) if A[i] > turn]"
    ),
    "bound of range": _function("for lap in enigma.range(change() if A[i] > 2 else 0):\n    pass"),
    # Enigma's own.
    "enigma.if_": Context(
        "with enigma.if_(A[i] > 2):\n    {change}", False, plain="if A[i] > 2:\n    {change}"
    ),
    "then of enigma.if_": Context(
        "with enigma.if_(A[i] > 2) as (then, else_):\n    with then:\n        {change}",
        False,
        plain="if A[i] > 2:\n    {change}",
    ),
    "else of enigma.if_": Context(
        "with enigma.if_(A[i] > 2) as (then, else_):\n    with else_:\n        {change}",
        False,
        plain="if not A[i] > 2:\n    {change}",
    ),
    "both of enigma.if_": Context(
        "with enigma.if_(A[i] > 2) as (then, else_):\n"
        "    with then:\n        {change}\n    with else_:\n        {change}",
        False,
        plain="if A[i] > 2:\n    {change}\nelse:\n    {change}",
    ),
    "enigma.for_range": Context(
        "with enigma.for_range(0, A[i] % 3) as lap:\n    {change}",
        False,
        plain="for lap in range(A[i] % 3):\n    {change}",
    ),
    "enigma.while_": Context(
        "B[i] = 0\nwith enigma.while_(lambda: B[i] < A[i] % 3):\n    {change}\n    B[i] += 1",
        False,
        plain="B[i] = 0\nwhile B[i] < A[i] % 3:\n    {change}\n    B[i] += 1",
    ),
    "condition of enigma.while_": _function(
        "B[i] = 0\nwith enigma.while_(lambda: B[i] < A[i] % 3 * change()):\n    B[i] += 1"
    ),
}
_WHILE = CONTEXTS["condition of enigma.while_"]
CONTEXTS["condition of enigma.while_"] = Context(
    _WHILE.body,
    False,
    plain=_WHILE.body.replace("with enigma.while_(lambda: ", "while ").replace("()):", "():"),
)
