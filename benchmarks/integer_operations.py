# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the integer operations that one thread makes, in the text of a kernel.

Arithmetic, shifts, bitwise and logical operators and comparisons count, wherever they compute
integers: in declarations of integers and bools, conditions, subscripts and addresses. Conversions
and the addition of a subscript to its buffer do not. A loop counts as often as it turns; of a
branch both sides count.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\w[\w.]*|<<|>>|<=|>=|==|!=|&&|\|\||\S")
_OPERATORS = {"<<", ">>", "<=", ">=", "==", "!=", "&&", "||", *"+-*/%&|^<>?"}
_INTEGERS = {"bool", "char", "short", "int", "long", "uchar", "ushort", "uint", "ulong"}
_LOOP = re.compile(r"for \(\w+ (\w+) = (\d+); \1 < (\d+); (?:\+\+\1|\1 \+= (\d+))\) \{")


def count(source: str) -> int:
    """Count the operations of a kernel whose loops have bounds that are numbers.

    Raises
    ------
    ValueError
        When the bounds of a loop are not known.
    """
    body = source[source.index(") {\n") + 3 :]
    turns = [1, 1]
    total = 0
    for line in body.splitlines():
        text = line.strip()
        loop = _LOOP.fullmatch(text)
        if loop:
            start, stop, step = (int(number or 1) for number in loop.group(2, 3, 4))
            turns.append(turns[-1] * len(range(start, stop, step)))
            # Of each turn: the comparison and the increment.
            total += 2 * turns[-1]
            continue
        if text.startswith(("for ", "while ")):
            raise ValueError(f"the bounds of a loop are no numbers: {text}")
        if text.startswith("}"):
            turns.pop()
        total += turns[-1] * _statement(text)
        if text.endswith("{"):
            turns.append(turns[-1])
    return total


def _statement(text: str) -> int:
    tokens = _TOKEN.findall(text)
    # Whether operators compute integers, outermost first.
    integer = [bool(tokens) and tokens[0] in _INTEGERS | {"if", "}"}]
    total = 0
    for before, token in zip(["", *tokens], tokens, strict=False):
        if token in ("[", "("):
            address = token == "(" and before == ")"
            # The sum of a buffer and an offset is the access itself.
            total -= address
            integer.append(token == "[" or address or before in _INTEGERS or integer[-1])
        elif token in ("]", ")"):
            integer.pop()
        elif token in _OPERATORS and integer[-1] and re.search(r"[\w)\]]$", before):
            total += 1
    return total
