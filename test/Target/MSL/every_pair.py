# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each operator as each operand of each operator: what the text says is what the IR computes.

The text is read by a parser of its own, that knows the precedence of C++ and nothing else.
"""

from __future__ import annotations

import itertools
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

WORD = 1 << 32
NUMBERS, BOOLS = "abcd", "pqrs"


def shift(left: int, right: int) -> int:
    """A left shift by any number; what Python and the text compute is the same function."""
    return left << (right % 64)


# The operators of C++, from loose to tight, with what they compute.
LEVELS: list[dict[str, Callable[[Any, Any], Any]]] = [
    {"||": lambda x, y: bool(x or y)},
    {"&&": lambda x, y: bool(x and y)},
    {"|": lambda x, y: x | y},
    {"^": lambda x, y: x ^ y},
    {"&": lambda x, y: x & y},
    {"==": lambda x, y: x == y, "!=": lambda x, y: x != y},
    {
        "<": lambda x, y: x < y,
        "<=": lambda x, y: x <= y,
        ">": lambda x, y: x > y,
        ">=": lambda x, y: x >= y,
    },
    {"<<": shift, ">>": lambda x, y: x >> (y % 64)},
    {"+": lambda x, y: x + y, "-": lambda x, y: x - y},
    {"*": lambda x, y: x * y, "/": lambda x, y: x // (y or 7), "%": lambda x, y: x % (y or 7)},
]
MEANINGS = {name: meaning for level in LEVELS for name, meaning in level.items()}


def number(value: Any) -> Any:
    """A bool, or a number of 32 bits."""
    return value if isinstance(value, bool) else value % WORD


class Text:
    """A recursive descent over an expression of C++, which computes its value."""

    def __init__(self, text: str, values: dict[str, Any]) -> None:
        self.tokens = re.findall(r"\w+|<<|>>|[<>=!]=|&&|\|\||\S", text)
        self.values = values
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        assert not expected or token == expected, (self.tokens, self.position, expected)
        self.position += 1
        return token

    def conditional(self) -> Any:
        condition = self.binary(0)
        if self.peek() != "?":
            return condition
        self.take("?")
        left = self.conditional()
        self.take(":")
        right = self.conditional()
        return left if condition else right

    def binary(self, level: int) -> Any:
        if level == len(LEVELS):
            return self.unary()
        value = self.binary(level + 1)
        while self.peek() in LEVELS[level]:
            meaning = LEVELS[level][self.take()]
            value = number(meaning(value, self.binary(level + 1)))
        return value

    def unary(self) -> Any:
        token = self.take()
        if token == "-":
            assert self.peek() != "-", "a decrement"
            return number(-self.unary())
        if token == "!":
            return not self.unary()
        if token == "(":
            value = self.conditional()
            self.take(")")
            return value
        if token == "uint":
            self.take("(")
            value = int(self.conditional())
            self.take(")")
            return value
        return int(token) if token.isdigit() else self.values[token]

    def value(self) -> Any:
        value = self.conditional()
        assert self.position == len(self.tokens), (self.tokens, self.position)
        return value


# The operators of the IR: name of the operation, types of operands, type of the result, meaning.
NUMBER, BOOL = "i32", "i1"
OPERATORS: dict[str, tuple[str, tuple[str, ...], str, Callable[..., Any]]] = {
    **{
        name: (f"arith.{op}", (NUMBER, NUMBER), NUMBER, MEANINGS[name])
        for name, op in {
            "+": "addi",
            "-": "subi",
            "*": "muli",
            "/": "divui",
            "%": "remui",
            "<<": "shli",
            ">>": "shrui",
            "&": "andi",
            "|": "ori",
            "^": "xori",
        }.items()
    },
    **{
        name: (f"arith.cmpi {predicate},", (NUMBER, NUMBER), BOOL, MEANINGS[name])
        for name, predicate in {
            "<": "ult",
            "<=": "ule",
            ">": "ugt",
            ">=": "uge",
            "==": "eq",
            "!=": "ne",
        }.items()
    },
    "&&": ("arith.andi", (BOOL, BOOL), BOOL, MEANINGS["&&"]),
    "||": ("arith.ori", (BOOL, BOOL), BOOL, MEANINGS["||"]),
    "== of bools": ("arith.cmpi eq,", (BOOL, BOOL), BOOL, MEANINGS["=="]),
    "!= of bools": ("arith.xori", (BOOL, BOOL), BOOL, MEANINGS["!="]),
    "!": ("arith.xori %true,", (BOOL,), BOOL, lambda x: not x),
    "negation": ("arith.subi %zero,", (NUMBER,), NUMBER, lambda x: -x),
    "conversion": ("arith.extui", (BOOL,), NUMBER, int),
    "choice": ("arith.select", (BOOL, NUMBER, NUMBER), NUMBER, lambda c, x, y: x if c else y),
    "choice of bools": ("arith.select", (BOOL, BOOL, BOOL), BOOL, lambda c, x, y: x if c else y),
}


def line(result: str, operator: str, operands: list[str]) -> str:
    """The operation, as the IR writes it."""
    op, types, _, _ = OPERATORS[operator]
    kind = "i1 to i32" if operator == "conversion" else types[-1]
    return f"%{result} = {op} {', '.join(f'%{operand}' for operand in operands)} : {kind}"


def pairs() -> Iterator[tuple[str, int, str]]:
    """Each operator, each of its operands, and each operator that can stand there."""
    for outer, (_, types, _, _) in OPERATORS.items():
        for position, kind in enumerate(types):
            for inner, (_, _, result, _) in OPERATORS.items():
                if result == kind:
                    yield outer, position, inner


def leaves(operator: str, names: dict[str, Iterator[str]]) -> list[str]:
    """Parameters for the operands of an operator."""
    return [next(names[kind]) for kind in OPERATORS[operator][1]]


def main() -> None:
    """Translate all pairs, and compute them both ways."""
    cases, body = [], []
    for index, (outer, position, inner) in enumerate(pairs()):
        names = {NUMBER: itertools.cycle(NUMBERS), BOOL: itertools.cycle(BOOLS)}
        operands = []
        for k, kind in enumerate(OPERATORS[outer][1]):
            if k == position:
                within = leaves(inner, names)
                body.append(line(f"in{index}", inner, within))
                operands.append(f"in{index}")
            else:
                operands.append(next(names[kind]))
        body.append(line(f"out{index}", outer, operands))
        kind = OPERATORS[outer][2]
        memory = "U" if kind == NUMBER else "P"
        body.append(f"memref.store %out{index}, %{memory}[%i] : memref<?x{kind}, #device>")
        cases.append((outer, position, inner, operands, within))
    arguments = [
        '%U: memref<?xi32, #device> {enigma.name = "U", enigma.index = 0 : i32, '
        "enigma.dtype = ui32}",
        '%P: memref<?xi1, #device> {enigma.name = "P", enigma.index = 1 : i32}',
    ]
    for k, name in enumerate(NUMBERS + BOOLS, 2):
        kind = "i32" if name in NUMBERS else "i1"
        dtype = ", enigma.dtype = ui32" if name in NUMBERS else ""
        arguments.append(
            f'%{name}: {kind} {{enigma.name = "{name}", enigma.index = {k} : i32{dtype}}}'
        )
    module = "\n".join(
        [
            "#device = #enigma.address_space<device>",
            f"enigma.kernel @pairs({', '.join(arguments)}) {{",
            "%i = arith.constant 0 : index",
            "%zero = arith.constant 0 : i32",
            "%true = arith.constant true",
            *body,
            "enigma.return",
            "}",
        ]
    )
    text = subprocess.run(
        ["enigma-translate", "--enigma-to-msl"], input=module, capture_output=True, text=True
    )
    assert text.returncode == 0, text.stderr
    stores = re.findall(r"^    [UP]\[0\] = (.*);$", text.stdout, re.MULTILINE)
    assert len(stores) == len(cases), (len(stores), len(cases))
    generator = random.Random(0)
    failures = 0
    for (outer, position, inner, operands, within), store in zip(cases, stores, strict=True):
        for _ in range(64):
            values: dict[str, Any] = {
                name: generator.choice([1, 2, 3, 5, 29, WORD - 6]) for name in NUMBERS
            }
            values |= {name: generator.random() < 0.5 for name in BOOLS}
            meaning = OPERATORS[inner][3]
            at = dict(values)
            at[operands[position]] = number(meaning(*(values[name] for name in within)))
            expected = number(OPERATORS[outer][3](*(at[name] for name in operands)))
            found = Text(store, values).value()
            if found != expected or isinstance(found, bool) != isinstance(expected, bool):
                failures += 1
                print(f"{inner} as operand {position} of {outer}: {store}")
                break
        if store.count("(") - store.count("uint(") > 2:
            failures += 1
            print(f"more parentheses than one operator takes: {store}")
    print(f"{len(cases)} pairs, {failures} failures")


if __name__ == "__main__":
    main()
