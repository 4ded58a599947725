# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Statements that compute something which nothing uses: found in the source, once a function."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from enigma.locations import SourceLocation
from enigma.tracing.decided import Notice
from enigma.tracing.nodes import BLOCK_FIELDS, walk

# The functions of a kernel that do something; the others only give a value.
_ACTING = frozenset(
    [
        *("assert_", "barrier", "copy", "gemm", "inline_msl", "print", "simd_barrier"),
        *("simdgroup_matrix_store", "store_if"),
    ]
)
_ACTING_PREFIXES = ("async_copy_", "atomic_")
# Expressions that do nothing where no part of them does.
_USELESS = (
    *(ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Name, ast.Subscript),
    *(ast.Tuple, ast.UnaryOp),
)
# Operators that a class may give another meaning to, as that of a stream or of a pipe.
_MEANT = (ast.BitOr, ast.LShift, ast.MatMult, ast.RShift)
# How much of a statement a message shows.
_LONGEST = 60


def discarded(tree: ast.FunctionDef, function: FunctionType) -> list[Notice]:
    """Give a warning for each statement of a function whose value is computed in vain.

    Parameters
    ----------
    tree : ast.FunctionDef
        The function, as it was written.
    function : FunctionType
        What it was compiled to.
    """
    found = []
    for value in _values(tree):
        told = _told(value, function)
        if told is not None:
            place = SourceLocation(
                function.__code__.co_filename, value.lineno, value.col_offset + 1
            )
            found.append(Notice(place, *told))
    return found


def _values(tree: ast.AST) -> Iterator[ast.expr]:
    """Give the statements that are expressions, but for those whose exceptions are asked for."""
    stack: list[Any] = [tree]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Expr:
            yield node.value
        elif BLOCK_FIELDS[kind]:
            inside: list[ast.AST] = []
            for field in BLOCK_FIELDS[kind]:
                if kind is not ast.Try or field != "body":
                    inside += getattr(node, field)
            stack += reversed(inside)


def _told(node: ast.expr, function: FunctionType) -> tuple[str, str] | None:
    """Say what is in vain about the value of a statement, and what to do; None if nothing is."""
    if isinstance(node, ast.Call):
        return _told_of_call(node, function)
    code = function.__code__
    if isinstance(node, ast.Name) and node.id in code.co_freevars:
        # It is named to be a variable of the closure, where annotations may look for it.
        return None
    is_local = isinstance(node, ast.Name) and node.id in code.co_varnames
    if isinstance(node, (ast.Name, ast.Attribute)) and not is_local:
        text = _shown(node)
        return f"`{text}` is named, and nothing is done with it", f"call it: `{text}(...)`"
    if not isinstance(node, _USELESS) or any(map(_may_act, walk(node))):
        return None
    message = f"the value of `{_shown(node)}` is not used"
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
        left, right = _shown(node.left), _shown(node.comparators[0])
        return message, f"to store it, write `{left} = {right}`: `==` compares"
    return message, "store it, as in `C[i] = ...`, give it a name, or leave it out"


def _may_act(node: ast.AST) -> bool:
    """Whether a part of an expression may do more than give a value."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _MEANT)
    return isinstance(node, (ast.Call, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom))


def _told_of_call(node: ast.Call, function: FunctionType) -> tuple[str, str] | None:
    callee = _named(node.func, function)
    name = getattr(callee, "__name__", "")
    if (
        callee is None
        or not str(getattr(callee, "__module__", "")).startswith("enigma.")
        or name in _ACTING
        or name.startswith(_ACTING_PREFIXES)
    ):
        return None
    return (
        f"the result of `{_shown(node)}` is not used",
        "it changes none of its operands: assign it, as in `x = ...`, or store it",
    )


def _named(node: ast.expr, function: FunctionType) -> Any:
    """Find what a function calls by the name of a variable of its module, or in a module."""
    if isinstance(node, ast.Attribute):
        module = _named(node.value, function)
        return getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
    if not isinstance(node, ast.Name) or node.id in function.__code__.co_varnames:
        return None
    for scope in (function.__globals__, vars(builtins)):
        if node.id in scope:
            return scope[node.id]
    return None


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
