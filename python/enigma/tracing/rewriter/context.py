# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the transformers of one function share, and how they find each other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from enigma.tracing.nodes import FIELDS, children, walk
from enigma.tracing.rewriter.factory import ITEM, PRIVATE, RUNTIME, Factory
from enigma.tracing.rewriter.flow import NONE, Flow, Names

StatementTransformer = Callable[["Context", Any, Names], list[ast.stmt]]
ExpressionTransformer = Callable[["Context", Any, bool], ast.expr]

STATEMENTS: dict[type[ast.stmt], StatementTransformer] = {}


class _Expressions(dict[type, ExpressionTransformer]):
    """The transformers of expressions, and those of what is in them."""

    def __missing__(self, kind: type) -> ExpressionTransformer:
        has_expressions = issubclass(kind, (ast.expr, ast.comprehension, ast.keyword))
        self[kind] = Context.children if has_expressions else _keep
        return self[kind]


def _keep(context: Context, node: Any, condition: bool) -> Any:
    return node


def _note(context: Context, node: ast.Name, condition: bool) -> ast.expr:
    context.reads.append(node)
    return node


EXPRESSIONS = _Expressions({ast.Name: _note, ast.Constant: _keep})


def statement(construct: type[ast.stmt]) -> Callable[[StatementTransformer], StatementTransformer]:
    """Register a transformer: ``(context, node, variables live afterwards) -> statements``."""

    def register(transformer: StatementTransformer) -> StatementTransformer:
        STATEMENTS[construct] = transformer
        return transformer

    return register


def expression(
    construct: type[ast.expr],
) -> Callable[[ExpressionTransformer], ExpressionTransformer]:
    """Register a transformer: ``(context, node, is it a condition) -> expression``."""

    def register(transformer: ExpressionTransformer) -> ExpressionTransformer:
        EXPRESSIONS[construct] = transformer
        return transformer

    return register


class Refused(Exception):
    """A construct that cannot be kept; it becomes an error with the place of its node."""

    def __init__(self, node: Any, construct: str, remedy: str) -> None:
        super().__init__(construct)
        self.line: int = node.lineno
        self.construct = construct
        self.remedy = remedy


class Context:
    """The rewriting of one function.

    Parameters
    ----------
    flow : Flow
        What its statements read and assign.
    outer : frozenset of str
        Variables of other functions, or of the module, that it assigns.
    declared : dict
        The annotations of variables.
    iterated : frozenset of str
        Variables of comprehensions that its frame does not tell.
    shared : frozenset of str
        Variables that nested functions assign.

    Attributes
    ----------
    merged : set of str
        Variables that control flow brings together; reads of these are checked.
    reads : list of ast.Name
        The names in what the user wrote, wherever variables of the function may be read.
    declared : dict
        The annotations of variables.
    in_lambda : bool
        Whether the body of a lambda is being rewritten.
    wanted : frozenset of str
        Variables that the statement which is being rewritten may read, or that are live after it.
    """

    def __init__(
        self,
        flow: Flow,
        outer: Names,
        declared: dict[str, ast.expr],
        iterated: Names = NONE,
        shared: Names = NONE,
    ) -> None:
        self.flow = flow
        self.merged: set[str] = set()
        self.reads: list[ast.Name] = []
        self.declared = declared
        self.in_lambda = False
        self.wanted = NONE
        self._outer = outer
        self._iterated = iterated
        self._shared = shared - outer
        self._count = 0

    def fresh(self, construct: str) -> str:
        """Make a name for what the runtime returns for a construct."""
        self._count += 1
        return f"__enigma_{construct}{self._count}"

    def carried(self, assigned: Names, live: Names) -> list[str]:
        """Choose the variables that a construct brings together, in a fixed order."""
        wanted = (assigned & (live | self.flow.captured)) - self._outer
        names = sorted(name for name in wanted if not name.startswith(ITEM))
        self.merged.update(names)
        return names

    def dropped(
        self, factory: Factory, assigned: Names, carried: Sequence[str]
    ) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Keep shared variables whose new values nobody reads, and give them back what they held.

        Nothing brings these together, but what looks for changes of objects sees them. The first
        statements stand before a construct, the others at the end of what it runs.
        """
        names = sorted((assigned & self._shared).difference(carried))
        if not names:
            return [], []
        self.merged.update(names)
        kept = self.fresh("kept")
        return (
            [factory.assign(kept, factory.loads(names))],
            [factory.unpack(names, factory.load(kept))],
        )

    def computed_from(self, assigned: Names, reads: Names) -> tuple[str, ...] | None:
        """Give the variables that code computes from which assigns some and reads others.

        None stands for code that assigns variables which other functions see, or reads one of which
        the frame of the function does not tell what it holds.
        """
        if assigned & (self._outer | self.flow.captured) or reads & self._iterated:
            return None
        return tuple(sorted(reads - {RUNTIME}))

    def bound_in_expression(self, operands: Sequence[ast.expr]) -> list[str]:
        """Give the variables to bring together that operands assign which may not be evaluated.

        Nothing has brought those together before of which nobody reads the new value.
        """
        bound = self.flow.bound_names(*operands) - self._outer
        if not bound:
            return []
        names = sorted(bound & (self.wanted | self.flow.captured | self._shared))
        if names and self.in_lambda:
            node = next(n for n in walk(*operands) if isinstance(n, ast.NamedExpr))
            raise Refused(node, "`:=` in an alternative in a lambda", "write a function with `def`")
        self.merged.update(names)
        return names

    def assigned(self, name: str, value: ast.expr, factory: Factory | None = None) -> ast.expr:
        """Give the value that a variable is assigned its name, and the dtype of its annotation."""
        if name.startswith(PRIVATE):
            return value
        factory = factory or Factory(value)
        annotation = self.declared.get(name)
        if annotation is not None:
            self.note_reads(annotation)
            return factory.runtime(
                "declared", value, factory.lambda_(annotation), factory.constant(name)
            )
        return factory.runtime("name", value, factory.constant(name))

    def block(self, statements: Sequence[ast.stmt], live: Names) -> list[ast.stmt]:
        """Rewrite statements, given the variables that are live after them."""
        rewritten: list[ast.stmt] = []
        count = self._count
        around = self.wanted
        for node, after in zip(statements, self.flow.live_after(statements, live), strict=True):
            # What the runtime returns for a statement is needed to its end only.
            self._count = count
            self.wanted = after | self.flow.reads(node)
            transformer = STATEMENTS.get(type(node))
            if transformer is not None:
                rewritten += transformer(self, node, after)
            else:
                rewritten.append(self.generic(node, after))
        self.wanted = around
        return rewritten

    def generic(self, node: Any, live: Names) -> Any:
        """Rewrite the expressions and blocks in a node that needs no transformer itself."""
        for field in FIELDS[type(node)]:
            value = getattr(node, field, None)
            if type(value) is not list:
                rewritten = self.expression(value)
                if rewritten is not value:
                    setattr(node, field, rewritten)
            elif value:
                if isinstance(value[0], ast.stmt):
                    # Control may go from one block of the statement to another: all that they read
                    # is live.
                    inside = NONE.union(
                        *[self.flow.expression_reads(part) for part in children(node)]
                    )
                    setattr(node, field, self.block(value, live | inside))
                elif isinstance(value[0], ast.expr):
                    setattr(node, field, [self.expression(item) for item in value])
                elif isinstance(
                    value[0], (ast.withitem, ast.ExceptHandler, ast.match_case, ast.keyword)
                ):
                    inside = self.flow.expression_reads(node)
                    setattr(node, field, [self.generic(item, live | inside) for item in value])
        return node

    def expression(self, node: Any, condition: bool = False) -> Any:
        """Rewrite an expression; `condition` says that only its truth counts.

        What is none stays as it is.
        """
        return EXPRESSIONS[type(node)](self, node, condition)

    def children(self, node: Any, condition: bool = False) -> Any:
        """Rewrite the expressions in an expression that needs no transformer itself."""
        for field in FIELDS[type(node)]:
            value = getattr(node, field, None)
            if type(value) is list:
                for index, item in enumerate(value):
                    value[index] = EXPRESSIONS[type(item)](self, item, False)
            else:
                rewritten = EXPRESSIONS[type(value)](self, value, False)
                if rewritten is not value:
                    setattr(node, field, rewritten)
        return node

    def expressions(self, nodes: Iterable[ast.expr]) -> list[ast.expr]:
        """Rewrite several expressions."""
        return [self.expression(node) for node in nodes]

    def checked(self, factory: Factory, name: str) -> ast.Name:
        """Make a read of a variable that is checked as those of the user are."""
        read = factory.load(name)
        self.reads.append(read)
        return read

    def note_reads(self, *nodes: ast.AST) -> None:
        """Let the reads in nodes be checked that are not rewritten."""
        self.reads += [node for node in walk(*nodes) if isinstance(node, ast.Name)]
