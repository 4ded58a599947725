# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the operators of Python are in the IR, by kind of dtype."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any


class BinaryOperator:
    """A binary operator and its operations. There is one of each, told apart by identity.

    Attributes
    ----------
    symbol : str
        How Python writes it.
    text : str
        The same in a message.
    ops : dict
        The operation by the kind of the operands, None where the operator is not defined.
    keeps_bool : bool
        Whether it is defined for bools; others treat them as numbers.
    speculatable : bool
        Whether it may run where Python would not have run it (a division by zero may not).
    """

    __slots__ = ("keeps_bool", "ops", "speculatable", "symbol", "text")

    def __init__(
        self,
        symbol: str,
        float_op: str | None,
        signed_op: str | None,
        unsigned_op: str | None,
        bool_op: str | None = None,
        speculatable: bool = True,
    ) -> None:
        self.symbol = symbol
        self.text = f"`{symbol}`"
        self.ops = {"f": float_op, "i": signed_op, "u": unsigned_op, "b": bool_op}
        self.keeps_bool = bool_op is not None
        self.speculatable = speculatable


ADD = BinaryOperator("+", "arith.addf", "arith.addi", "arith.addi")
SUB = BinaryOperator("-", "arith.subf", "arith.subi", "arith.subi")
MUL = BinaryOperator("*", "arith.mulf", "arith.muli", "arith.muli")
TRUEDIV = BinaryOperator("/", "arith.divf", None, None)
FLOORDIV = BinaryOperator(
    "//", "enigma.floordiv", "arith.floordivsi", "arith.divui", speculatable=False
)
MOD = BinaryOperator("%", "enigma.floormod", "enigma.floormod", "arith.remui", speculatable=False)
POW = BinaryOperator("**", "math.powf", None, None)
AND = BinaryOperator("&", None, "arith.andi", "arith.andi", "arith.andi")
OR = BinaryOperator("|", None, "arith.ori", "arith.ori", "arith.ori")
XOR = BinaryOperator("^", None, "arith.xori", "arith.xori", "arith.xori")
SHL = BinaryOperator("<<", None, "arith.shli", "arith.shli")
SHR = BinaryOperator(">>", None, "arith.shrsi", "arith.shrui")

# What must not overflow in signed numbers, and wraps in unsigned ones: the IR says which by a flag.
EXACT_WHEN_SIGNED = frozenset({"arith.addi", "arith.subi", "arith.muli"})


class Comparison:
    """A comparison and its operations. There is one of each, told apart by identity.

    Attributes
    ----------
    symbol : str
        How Python writes it.
    text : str
        The same in a message.
    ops : dict
        By the kind of the operands, the operation and its predicate.
    keeps_bool : bool
        Whether it compares bools as such; others treat them as numbers.
    """

    __slots__ = ("keeps_bool", "ops", "symbol", "text")

    def __init__(
        self, symbol: str, float_predicate: int, signed_predicate: int, unsigned_predicate: int
    ) -> None:
        self.symbol = symbol
        self.text = f"`{symbol}`"
        signed = "arith.cmpi", f"{signed_predicate} : i64"
        unsigned = "arith.cmpi", f"{unsigned_predicate} : i64"
        self.ops = {
            "f": ("arith.cmpf", f"{float_predicate} : i64"),
            "i": signed,
            "u": unsigned,
            "b": unsigned,
        }
        self.keeps_bool = symbol in ("==", "!=")


EQ = Comparison("==", 1, 0, 0)
NE = Comparison("!=", 13, 1, 1)
LT = Comparison("<", 4, 2, 6)
LE = Comparison("<=", 5, 3, 7)
GT = Comparison(">", 2, 4, 8)
GE = Comparison(">=", 3, 5, 9)


def _shift_left(number: int, amount: int) -> int:
    if amount > 64:
        raise ValueError("no dtype holds that many bits")
    return number << amount


#: What Python does for each of them.
PYTHON: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": _shift_left,
    ">>": operator.rshift,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "neg": operator.neg,
    "~": operator.invert,
    "abs": abs,
}
