# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is left of a failing kernel when all is taken out that it can lack."""

from __future__ import annotations

import ast
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from conformance.semantics.comparison import EITHER, WRONG, BadCase, Case, Comparison, reference


def shrunk(case: Case, attempts: int = 120) -> Case:
    """Take statements out of a case for as long as it stays wrong."""
    smallest = case
    progress = True
    while progress:
        progress = False
        for module in smaller(f"def kernel():\n{textwrap.indent(smallest.body, '    ')}"):
            function = ast.parse(module).body[0]
            assert isinstance(function, ast.FunctionDef)
            body = ast.unparse(ast.Module(function.body, []))
            attempts -= 1
            if attempts < 0:
                return smallest
            candidate = Case("smaller", body, EITHER, case.prelude)
            if _ends(candidate) and Comparison([candidate]).outcome("smaller").kind == WRONG:
                smallest, progress = candidate, True
                break
    return smallest


def _ends(case: Case, lines: int = 20_000) -> bool:
    """Whether a case is still a sensible program, which ends and fails nowhere."""

    def count(*_: object) -> Any:
        nonlocal lines
        lines -= 1
        if lines < 0:
            raise BadCase("endless")
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        return not reference(case)[1]
    except (BadCase, SyntaxError):
        return False
    finally:
        sys.settrace(before)


def smaller(module: str) -> Iterator[str]:
    """Modules whose functions lack statements, or the frame of one, or a part of an expression.

    What is on the level of the module stays.
    """
    for start, size in _stretches(ast.parse(module)):
        tree = ast.parse(module)
        (*_, function) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
        function.body[start : start + size] = [ast.Pass()]
        yield ast.unparse(tree)
    changes: list[Callable[[ast.Module, int], bool]] = [_drop, _unwrap, _drop_else, _reduce]
    for change in changes:
        for position, _ in enumerate(ast.walk(ast.parse(module))):
            tree = ast.parse(module)
            if change(tree, position):
                yield ast.unparse(tree)


def _stretches(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Stretches of the statements of the last function, the longest ones first."""
    (*_, function) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    size = len(function.body) // 2
    while size > 1:
        yield from ((start, size) for start in range(0, len(function.body), size))
        size //= 2


def _node(tree: ast.Module, position: int) -> ast.AST:
    return next(itertools.islice(ast.walk(tree), position, None))


def _block_of(tree: ast.Module, node: ast.AST) -> tuple[list[Any], int] | None:
    for parent in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and node in block and not isinstance(parent, ast.Module):
                return block, block.index(node)
    return None


def _drop(tree: ast.Module, position: int) -> bool:
    """Take out a statement."""
    node = _node(tree, position)
    found = _block_of(tree, node)
    if found is None or isinstance(node, ast.Pass):
        return False
    block, index = found
    block[index : index + 1] = [] if len(block) > 1 else [ast.Pass()]
    return True


def _unwrap(tree: ast.Module, position: int) -> bool:
    """Put the body of a statement into its place."""
    node = _node(tree, position)
    found = _block_of(tree, node)
    if found is None or not isinstance(node, (ast.If, ast.For, ast.While, ast.With, ast.Try)):
        return False
    block, index = found
    block[index : index + 1] = node.body
    return True


def _drop_else(tree: ast.Module, position: int) -> bool:
    """Take out the `else` of a statement."""
    node = _node(tree, position)
    if not isinstance(node, (ast.If, ast.For, ast.While)) or not node.orelse:
        return False
    node.orelse = []
    return True


def _reduce(tree: ast.Module, position: int) -> bool:
    """Replace an expression by a part of it."""
    node = _node(tree, position)
    kinds = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.NamedExpr, ast.Call, ast.UnaryOp)
    if not isinstance(node, kinds):
        return False
    parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    parts = [part for part in parts if isinstance(getattr(part, "ctx", ast.Load()), ast.Load)]
    if not parts:
        return False
    part = parts[0 if isinstance(node, (ast.BinOp, ast.Compare)) else -1]
    _Replacing(node, part).visit(tree)
    return True


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self._new if node is self._old else super().visit(node)
