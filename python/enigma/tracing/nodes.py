# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Walks over Python's syntax.

They come by statements, expressions and what these consist of, not by contexts and operators, as
the standard library's do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

#: Functions and classes.
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
# Fields without statements and expressions.
_PLAIN = frozenset(["ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment"])
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")

_fields: dict[type, tuple[str, ...]] = {}
_blocks: dict[type, tuple[str, ...]] = {}


def children(node: ast.AST) -> list[ast.AST]:
    """Give what a node consists of, in the order of the source."""
    kind = node.__class__
    fields = _fields.get(kind)
    if fields is None:
        chosen = () if kind is ast.Constant else kind._fields
        fields = _fields[kind] = tuple(field for field in chosen if field not in _PLAIN)
    found: list[ast.AST] = []
    for field in fields:
        part: Any = getattr(node, field, None)
        if part.__class__ is list:
            found += [each for each in part if isinstance(each, ast.AST)]
        elif isinstance(part, ast.AST):
            found.append(part)
    return found


def walk(*nodes: ast.AST) -> list[ast.AST]:
    """Give nodes and all that is in them."""
    found = list(nodes)
    for node in found:  # which grows meanwhile
        found += children(node)
    return found


def own_nodes(statements: Iterable[ast.AST]) -> list[ast.AST]:
    """Give all nodes except those of nested functions and classes."""
    found = list(statements)
    for node in found:  # which grows meanwhile
        if not isinstance(node, (*SCOPES, ast.Lambda)):
            found += children(node)
    return found


def own_statements(statements: Sequence[ast.stmt], loops: bool = True) -> list[Any]:
    """Give all statements, handlers and cases except those of nested functions and classes.

    Parameters
    ----------
    loops : bool
        Whether those of loops are among them.
    """
    found: list[Any] = list(statements)
    for node in found:  # which grows meanwhile
        kind = node.__class__
        fields = _blocks.get(kind)
        if fields is None:
            chosen = () if issubclass(kind, SCOPES) else _BLOCKS
            fields = _blocks[kind] = tuple(field for field in chosen if field in kind._fields)
        if fields and (loops or not isinstance(node, _LOOPS)):
            for field in fields:
                found += getattr(node, field)
    return found
