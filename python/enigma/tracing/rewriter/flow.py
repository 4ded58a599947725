# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which variables a statement reads and assigns.

`break`, `continue` and early `return` are gone when this runs, so control flow nests and one pass
is enough: of each statement it is known which variables it may read before it assigns them, and
which it assigns on every path.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from enigma.tracing.nodes import children, walk
from enigma.tracing.values import is_swizzle

Names = frozenset[str]
NONE: Names = frozenset()

_SCOPES = frozenset([ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef])
_COMPREHENSIONS = frozenset([ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp])
_LATER = _SCOPES | {ast.GeneratorExp}

#: Expressions that ask nothing of what variables hold.
PLAIN = frozenset([ast.Name, ast.Constant, ast.Tuple])
#: Expressions that do nothing but compute, if operators and what is called do no more.
COMPUTING = PLAIN | {
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
}


def _only_sets(target: ast.AST) -> bool:
    """Whether an assignment to a target does no more; an assigned attribute may be of a module."""
    kind = type(target)
    if kind is ast.Tuple:
        return all(map(_only_sets, target.elts))  # type: ignore[attr-defined]
    return kind is not ast.Attribute or is_swizzle(target.attr)  # type: ignore[attr-defined]


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


# What binds other variables than its `ast.Name`s show.
_NOT_PLAIN = _BINDING | _COMPREHENSIONS | _LATER


class Effects(NamedTuple):
    """What a statement does.

    Attributes
    ----------
    reads : frozenset of str
        Variables that it may read before it assigns them.
    kills : frozenset of str
        Those that it assigns on every path.
    assigned : frozenset of str
        Those that it may assign.
    computes : bool
        Whether it does nothing but compute, as far as its syntax tells.
    """

    reads: Names
    kills: Names
    assigned: Names
    computes: bool


class Flow:
    """Reads and assignments of the statements of one function.

    Attributes
    ----------
    captured : set of str
        Variables that nested functions read, and so may be read at any time.
    kinds : set of type
        The classes of what was looked at, without the insides of nested functions.
    """

    def __init__(self) -> None:
        self.captured: set[str] = set()
        self.kinds: set[type] = set()
        self._effects: dict[int, Effects] = {}

    def reads(self, statement: ast.stmt) -> Names:
        """Variables that the statement may read before it assigns them."""
        return self._analyze(statement).reads

    def assigned(self, statements: Iterable[ast.stmt]) -> Names:
        """Variables that the statements may assign."""
        return NONE.union(*[self._analyze(statement).assigned for statement in statements])

    def read_before_assigned(self, statements: Sequence[ast.stmt], live: Names = NONE) -> Names:
        """Variables that are live before the statements, given those that are live after."""
        for statement in reversed(statements):
            effects = self._analyze(statement)
            live = effects.reads | (live - effects.kills)
        return live

    def live_after(self, statements: Sequence[ast.stmt], live: Names) -> list[Names]:
        """Variables that are live after each statement, given those that are after the last."""
        lives = []
        for statement in reversed(statements):
            lives.append(live)
            effects = self._analyze(statement)
            live = effects.reads | (live - effects.kills)
        lives.reverse()
        return lives

    def only_computes(self, statements: Iterable[ast.stmt]) -> bool:
        """Whether statements do nothing but compute, as far as their syntax tells."""
        return all([self._analyze(statement).computes for statement in statements])

    def expression_reads(self, *nodes: ast.AST | None) -> Names:
        """Variables that expressions may read."""
        return self._look_through(*nodes)[0]

    def _look_through(self, *nodes: ast.AST | None) -> tuple[Names, Names, bool]:
        """Give the variables that nodes may read, those that they bind, and if they only compute.

        What they assign but variables is looked at as if it were read.
        """
        stack: list[Any] = [node for node in nodes if node is not None]
        reads: set[str] = set()
        bound: set[str] = set()
        kinds: set[type] = set()
        later: list[Any] = []
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                context = type(node.ctx)
                if context is not ast.Load:
                    bound.add(node.id)
                if context is not ast.Store:
                    # Python refuses to delete what has no value.
                    reads.add(node.id)
                continue
            kinds.add(kind)
            if kind in _LATER:
                later.append(node)
                continue
            if kind is ast.AugAssign and type(node.target) is ast.Name:
                # It reads its target.
                reads.add(node.target.id)
            stack += children(node)
        if later:
            captured = self._reads_later(later)
            self.captured |= captured
            reads |= captured
        self.kinds |= kinds
        names = frozenset(bound) if kinds.isdisjoint(_NOT_PLAIN) else self.bound_names(*nodes)
        return frozenset(reads), names, kinds <= COMPUTING

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
            kind = type(node)
            if kind is ast.Name:
                if type(node.ctx) is not ast.Load:
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

    def _analyze(self, statement: ast.stmt) -> Effects:
        found = self._effects.get(id(statement))
        if found is None:
            kind = type(statement)
            self.kinds.add(kind)
            analysis = _ANALYSES.get(kind, Flow._of_any)
            found = self._effects[id(statement)] = analysis(self, statement)
        return found

    def _of_assign(self, node: ast.Assign) -> Effects:
        plain = NONE.union(*map(self._plain_targets, node.targets))
        reads, bound, computes = self._look_through(*node.targets, node.value)
        return Effects(reads, plain, bound, computes and all(map(_only_sets, node.targets)))

    def _of_augmented(self, node: ast.AugAssign) -> Effects:
        reads, bound, computes = self._look_through(node.target, node.value)
        # It reads its target.
        reads |= self._plain_targets(node.target)
        return Effects(reads, NONE, bound, computes and _only_sets(node.target))

    def _of_annotated(self, node: ast.AnnAssign) -> Effects:
        plain = self._plain_targets(node.target) if node.value is not None else NONE
        reads = self.expression_reads(node.target, node.value)
        return Effects(reads, plain, plain | self.bound_names(node.value), False)

    def _of_expression(self, node: ast.Expr) -> Effects:
        reads, bound, computes = self._look_through(node.value)
        return Effects(reads, NONE, bound, computes)

    def _of_if(self, node: ast.If) -> Effects:
        reads, bound, computes = self._look_through(node.test)
        return Effects(
            reads | self.read_before_assigned(node.body) | self.read_before_assigned(node.orelse),
            self._kills(node.body) & self._kills(node.orelse),
            bound | self.assigned(node.body) | self.assigned(node.orelse),
            computes and self.only_computes(node.body) and self.only_computes(node.orelse),
        )

    def _of_while(self, node: ast.While) -> Effects:
        return self._of_if(node)._replace(kills=NONE)  # type: ignore[arg-type]

    def _of_for(self, node: ast.For) -> Effects:
        reads, bound, computes = self._look_through(node.iter, node.target)
        inside = self.read_before_assigned(node.body) - self._plain_targets(node.target)
        return Effects(
            reads | inside | self.read_before_assigned(node.orelse),
            NONE,
            bound | self.assigned(node.body) | self.assigned(node.orelse),
            computes
            and _only_sets(node.target)
            and self.only_computes(node.body)
            and self.only_computes(node.orelse),
        )

    def _of_with(self, node: ast.With) -> Effects:
        contexts = [item.context_expr for item in node.items]
        variables = [item.optional_vars for item in node.items]
        plain = NONE.union(*map(self._plain_targets, variables))
        inside = self.read_before_assigned(node.body) - plain
        return Effects(
            self.expression_reads(*contexts, *variables) | inside,
            plain,
            self.bound_names(*contexts, *variables) | self.assigned(node.body),
            False,
        )

    def _of_scope(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Effects:
        reads = self.expression_reads(node)
        self.captured |= reads
        return Effects(reads, frozenset([node.name]), self.bound_names(node), False)

    def _of_delete(self, node: ast.Delete) -> Effects:
        plain = NONE.union(*map(self._plain_targets, node.targets))
        return Effects(self.expression_reads(node), plain, self.bound_names(node), False)

    def _of_any(self, node: ast.stmt) -> Effects:
        """Take whatever is read for read first, and nothing for assigned surely.

        That is so for `try` and `match`, too.
        """
        reads, bound, _ = self._look_through(node)
        return Effects(reads, NONE, bound, type(node) is ast.Pass)

    def _kills(self, statements: Iterable[ast.stmt]) -> Names:
        return NONE.union(*[self._analyze(statement).kills for statement in statements])

    def _plain_targets(self, target: Any) -> Names:
        """Variables that an assignment to the target assigns as a whole."""
        kind = type(target)
        if kind is ast.Name:
            return frozenset([target.id])
        if kind is ast.Tuple or kind is ast.List:
            return NONE.union(*map(self._plain_targets, target.elts))
        if kind is ast.Starred:
            return self._plain_targets(target.value)
        return NONE


_ANALYSES: dict[type[ast.stmt], Callable[[Flow, Any], Effects]] = {
    ast.Assign: Flow._of_assign,
    ast.AugAssign: Flow._of_augmented,
    ast.AnnAssign: Flow._of_annotated,
    ast.Expr: Flow._of_expression,
    ast.If: Flow._of_if,
    ast.While: Flow._of_while,
    ast.For: Flow._of_for,
    ast.With: Flow._of_with,
    ast.FunctionDef: Flow._of_scope,
    ast.AsyncFunctionDef: Flow._of_scope,
    ast.ClassDef: Flow._of_scope,
    ast.Delete: Flow._of_delete,
}
