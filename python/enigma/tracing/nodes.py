# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Walks over Python's syntax.

They come by statements, expressions and what these consist of, not by contexts and operators, as
the standard library's do.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from enigma._collector import without_collector
from enigma._process import fork_lock

#: Functions and classes.
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NESTED = frozenset([*SCOPES, ast.Lambda])
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
# Fields without statements and expressions.
_PLAIN = frozenset(["ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment"])
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """For each class of nodes its fields that have statements and expressions."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        chosen = () if kind is ast.Constant else kind._fields
        self[kind] = tuple(field for field in chosen if field not in _PLAIN)
        return self[kind]


FIELDS = _Fields()


# What the most common nodes consist of.
_CHILDREN: dict[type[ast.AST], Callable[[Any], list[ast.AST]]] = {
    ast.Name: lambda node: [],
    ast.Constant: lambda node: [],
    ast.Attribute: lambda node: [node.value],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.UnaryOp: lambda node: [node.operand],
    ast.Compare: lambda node: [node.left, *node.comparators],
    ast.Call: lambda node: [node.func, *node.args, *node.keywords],
    ast.keyword: lambda node: [node.value],
    ast.Subscript: lambda node: [node.value, node.slice],
    ast.Tuple: lambda node: [*node.elts],
    ast.Assign: lambda node: [*node.targets, node.value],
    ast.AugAssign: lambda node: [node.target, node.value],
    ast.Expr: lambda node: [node.value],
    ast.Return: lambda node: [node.value] if node.value else [],
    ast.If: lambda node: [node.test, *node.body, *node.orelse],
    ast.For: lambda node: [node.target, node.iter, *node.body, *node.orelse],
    ast.arg: lambda node: [node.annotation] if node.annotation else [],
}


def parse(text: str, mode: str = "exec") -> Any:
    """Parse Python as `ast.parse` does, in one thread at a time.

    Python has one count of the depth of what it parses for all threads: another one that comes to
    run while garbage is collected in between fails both with a SystemError.
    """
    with fork_lock:
        return without_collector(ast.parse, text, mode=mode)


def children(node: ast.AST) -> list[ast.AST]:
    """Give what a node consists of, in the order of the source."""
    known = _CHILDREN.get(type(node))
    if known is not None:
        return known(node)
    found: list[ast.AST] = []
    for field in FIELDS[type(node)]:
        part: Any = getattr(node, field, None)
        if type(part) is list:
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
        if type(node) not in _NESTED:
            found += children(node)
    return found


class OwnNodes(dict[type[ast.AST], list[Any]]):
    """The nodes of statements by their classes, except those of nested functions and classes."""

    def __init__(self, statements: Iterable[ast.AST]) -> None:
        for node in own_nodes(statements):
            self.setdefault(type(node), []).append(node)

    def of(self, *kinds: type[ast.AST]) -> list[Any]:
        """Give those of some classes."""
        return [node for kind in kinds for node in self.get(kind, ())]


class _BlockFields(dict[type[ast.AST], tuple[str, ...]]):
    """For each class of nodes its fields that have statements, handlers or cases."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        # The body of a lambda is an expression.
        chosen = () if issubclass(kind, ast.expr) else _BLOCKS
        self[kind] = tuple(field for field in chosen if field in kind._fields)
        return self[kind]


BLOCK_FIELDS = _BlockFields()


def own_statements(statements: Sequence[ast.stmt], loops: bool = True) -> list[Any]:
    """Give all statements, handlers and cases except those of nested functions and classes.

    Parameters
    ----------
    loops : bool
        Whether those of loops are among them.
    """
    found: list[Any] = list(statements)
    for node in found:  # which grows meanwhile
        kind = type(node)
        fields = BLOCK_FIELDS[kind]
        if fields and kind not in SCOPES and (loops or kind not in _LOOPS):
            for field in fields:
                found += getattr(node, field)
    return found


def targets_of(statement: Any) -> list[ast.expr]:
    """Give what a statement assigns to."""
    kind = type(statement)
    if kind is ast.Assign:
        targets: list[ast.expr] = statement.targets
        return targets
    if kind in _WITH_TARGET:
        return [statement.target]
    if kind is ast.With:
        return [item.optional_vars for item in statement.items if item.optional_vars is not None]
    return []


_WITH_TARGET = frozenset([ast.AugAssign, ast.AnnAssign, ast.For, ast.AsyncFor])
