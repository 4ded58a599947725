# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which variables a statement reads and assigns.

`break`, `continue` and early `return` are gone when this runs, so control flow nests and one pass
is enough: of each statement it is known which variables it may read before it assigns them, and
which it assigns on every path.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from enigma.tracing.nodes import children, walk
from enigma.tracing.values import is_swizzle

Names = frozenset[str]
NONE: Names = frozenset()

_SCOPES = frozenset([ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef])
_COMPREHENSIONS = frozenset([ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp])
_LATER = _SCOPES | {ast.GeneratorExp}

#: Expressions that ask nothing of what variables hold.
PLAIN = (ast.Name, ast.Constant, ast.Tuple)
#: Expressions that do nothing but compute, if operators and what is called do no more.
COMPUTING = (
    *PLAIN,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.BoolOp,
    ast.IfExp,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Call,
    ast.keyword,
    ast.NamedExpr,
)


_COMPUTING = frozenset(COMPUTING)


def _computes(node: ast.AST) -> bool:
    """Whether a part of a statement only computes; an assigned attribute may be of a module."""
    if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
        return node.__class__ in _COMPUTING
    return is_swizzle(node.attr)


# Statements that do what their expressions do.
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Pass)

# What binds a variable that no `ast.Name` of it shows.
_BINDING = frozenset(
    [
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.alias,
        ast.ExceptHandler,
        ast.MatchAs,
        ast.MatchStar,
        ast.MatchMapping,
    ]
)


def _bound_name(node: Any) -> str | None:
    """Give the variable that a node of `_BINDING` binds, if it does."""
    if isinstance(node, ast.alias):
        return node.asname or node.name.partition(".")[0]
    name: str | None = node.rest if isinstance(node, ast.MatchMapping) else node.name
    return name


class Flow:
    """Reads and assignments of the statements of one function.

    Attributes
    ----------
    captured : set of str
        Variables that nested functions read, and so may be read at any time.
    """

    def __init__(self) -> None:
        self.captured: set[str] = set()
        self._effects: dict[int, tuple[Names, Names, Names]] = {}
        self._computing: dict[int, bool] = {}

    def reads(self, statement: ast.stmt) -> Names:
        """Variables that the statement may read before it assigns them."""
        return self._analyze(statement)[0]

    def assigned(self, statements: Iterable[ast.stmt]) -> Names:
        """Variables that the statements may assign."""
        return NONE.union(*[self._analyze(statement)[2] for statement in statements])

    def read_before_assigned(self, statements: Sequence[ast.stmt], live: Names = NONE) -> Names:
        """Variables that are live before the statements, given those that are live after."""
        for statement in reversed(statements):
            reads, kills, _ = self._analyze(statement)
            live = reads | (live - kills)
        return live

    def only_computes(self, statements: Iterable[ast.stmt]) -> bool:
        """Whether statements do nothing but compute, as far as their syntax tells."""
        return all(map(self._is_computing, statements))

    def _is_computing(self, node: ast.stmt) -> bool:
        found = self._computing.get(id(node))
        if found is None:
            parts: list[ast.AST] = []
            blocks: list[ast.stmt] = []
            if isinstance(node, (ast.If, ast.While)):
                parts, blocks = [node.test], [*node.body, *node.orelse]
            elif isinstance(node, ast.For):
                parts, blocks = [node.target, node.iter], [*node.body, *node.orelse]
            elif isinstance(node, _SIMPLE):
                parts = children(node)
            else:
                parts = [node]
            computes = all(map(_computes, walk(*parts)))
            found = self._computing[id(node)] = computes and self.only_computes(blocks)
        return found

    def expression_reads(self, *nodes: ast.AST | None) -> Names:
        """Variables that expressions may read."""
        return self._reads_and_bound(*nodes)[0]

    def _reads_and_bound(self, *nodes: ast.AST | None) -> tuple[Names, Names]:
        """Give the variables that nodes may read, and those that they bind."""
        stack: list[Any] = [node for node in nodes if node is not None]
        reads: set[str] = set()
        bound: set[str] = set()
        later: list[Any] = []
        is_plain = True
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ast.Name:
                (reads if node.ctx.__class__ is ast.Load else bound).add(node.id)
            elif kind in _LATER:
                later.append(node)
                is_plain = False
            else:
                if kind is ast.AugAssign and node.target.__class__ is ast.Name:
                    # It reads its target.
                    reads.add(node.target.id)
                elif kind in _BINDING or kind in _COMPREHENSIONS:
                    is_plain = False
                stack += children(node)
        if later:
            captured = self._reads_later(later)
            self.captured |= captured
            reads |= captured
        return frozenset(reads), frozenset(bound) if is_plain else self.bound_names(*nodes)

    @staticmethod
    def _reads_later(nodes: list[ast.AST]) -> set[str]:
        """Give the variables that nodes read, nested functions and all."""
        found = set()
        for node in walk(*nodes):
            name: Any = node.target if isinstance(node, ast.AugAssign) else node
            if isinstance(name, ast.Name) and (name is not node or isinstance(name.ctx, ast.Load)):
                found.add(name.id)
        return found

    @staticmethod
    def bound_names(*nodes: ast.AST | None) -> Names:
        """Variables that nodes of any class bind, not counting those of nested scopes."""
        found: set[str] = set()
        stack: list[Any] = [node for node in nodes if node is not None]
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ast.Name:
                if node.ctx.__class__ is not ast.Load:
                    found.add(node.id)
                continue
            if kind in _BINDING:
                name = _bound_name(node)
                if name is not None:
                    found.add(name)
            if kind in _SCOPES:
                # What stands before its body is evaluated outside of it.
                stack.extend(
                    part
                    for field, value in ast.iter_fields(node)
                    if field != "body"
                    for part in (value if isinstance(value, list) else [value])
                    if isinstance(part, ast.AST)
                )
                continue
            if kind in _COMPREHENSIONS:
                stack.extend(
                    inner.target for inner in walk(node) if isinstance(inner, ast.NamedExpr)
                )
                continue
            stack += children(node)
        return frozenset(found)

    def _analyze(self, statement: ast.stmt) -> tuple[Names, Names, Names]:
        found = self._effects.get(id(statement))
        if found is None:
            found = self._effects[id(statement)] = self._compute(statement)
        return found

    def _compute(self, node: ast.stmt) -> tuple[Names, Names, Names]:
        if isinstance(node, ast.If):
            reads, bound = self._reads_and_bound(node.test)
            reads |= self.read_before_assigned(node.body) | self.read_before_assigned(node.orelse)
            kills = self._kills(node.body) & self._kills(node.orelse)
            return reads, kills, bound | self.assigned(node.body) | self.assigned(node.orelse)
        if isinstance(node, ast.For):
            reads, targets = self._reads_and_bound(node.iter, node.target)
            inside = self.read_before_assigned(node.body) - self._plain_targets(node.target)
            reads |= inside | self.read_before_assigned(node.orelse)
            return reads, NONE, targets | self.assigned(node.body) | self.assigned(node.orelse)
        if isinstance(node, ast.While):
            reads, bound = self._reads_and_bound(node.test)
            reads |= self.read_before_assigned(node.body) | self.read_before_assigned(node.orelse)
            return reads, NONE, bound | self.assigned(node.body) | self.assigned(node.orelse)
        if isinstance(node, ast.With):
            contexts = [item.context_expr for item in node.items]
            variables = [item.optional_vars for item in node.items]
            plain = NONE.union(*[self._plain_targets(variable) for variable in variables])
            reads = self.expression_reads(*contexts, *variables) | (
                self.read_before_assigned(node.body) - plain
            )
            return reads, plain, self.bound_names(*contexts, *variables) | self.assigned(node.body)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            reads = self.expression_reads(node)
            self.captured |= reads
            return reads, frozenset([node.name]), self.bound_names(node)
        if isinstance(node, ast.Assign):
            plain = NONE.union(*[self._plain_targets(target) for target in node.targets])
            reads, bound = self._reads_and_bound(node)
            return reads, plain, bound
        if isinstance(node, ast.AnnAssign):
            plain = self._plain_targets(node.target) if node.value is not None else NONE
            return (
                self.expression_reads(node.target, node.value),
                plain,
                plain | self.bound_names(node.value),
            )
        if isinstance(node, ast.AugAssign):
            reads, bound = self._reads_and_bound(node)
            return reads, NONE, bound
        if isinstance(node, ast.Delete):
            plain = NONE.union(*[self._plain_targets(target) for target in node.targets])
            return self.expression_reads(node), plain, self.bound_names(node)
        # Everything else, `try` and `match` among it: whatever is read may be read first, nothing
        # is assigned surely.
        reads, bound = self._reads_and_bound(node)
        return reads, NONE, bound

    def _kills(self, statements: Iterable[ast.stmt]) -> Names:
        return NONE.union(*[self._analyze(statement)[1] for statement in statements])

    def _plain_targets(self, target: ast.AST | None) -> Names:
        """Variables that an assignment to the target assigns as a whole."""
        if isinstance(target, ast.Name):
            return frozenset([target.id])
        if isinstance(target, (ast.Tuple, ast.List)):
            return NONE.union(*[self._plain_targets(element) for element in target.elts])
        if isinstance(target, ast.Starred):
            return self._plain_targets(target.value)
        return NONE
