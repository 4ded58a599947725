# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Expressions that choose what is evaluated: `and`, `or`, `not`, `x if c else y`, `a < b < c`.

The alternatives stay where they are, inside of conditional expressions of Python. Variables that an
alternative may assign (`:=`) are handed to the runtime, and taken back after the expression::

    (select(arm(x, (y,)) if begin_then(c, False, ("y",), (y,)) else None, ...), y := bound(0))[0]
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from enigma.tracing.nodes import walk
from enigma.tracing.rewriter.context import Context, expression
from enigma.tracing.rewriter.factory import Factory
from enigma.tracing.rewriter.flow import COMPUTING, PLAIN
from enigma.tracing.rewriter.host_syntax import compared


class _Alternatives:
    """What the runtime has to know of operands that may not be evaluated."""

    def __init__(self, context: Context, factory: Factory, operands: Sequence[ast.expr]) -> None:
        self._factory = factory
        self.names = context.bound_in_expression(operands)
        kinds = set(map(type, walk(*operands)))
        self._computed_from: tuple[str, ...] | None = None
        if kinds <= PLAIN:
            self._computed_from = ()
        elif kinds <= COMPUTING:
            flow = context.flow
            self._computed_from = context.computed_from(
                flow.bound_names(*operands), flow.expression_reads(*operands)
            )

    def begin(self, method: str, first: ast.expr) -> ast.expr:
        """Hand the condition to the runtime, and the variables."""
        factory = self._factory
        arguments: list[ast.expr] = []
        if self._computed_from is not None or self.names:
            arguments = [factory.constant(self._computed_from)]
        if self.names:
            arguments += [factory.strings(self.names), factory.loads(self.names)]
        return factory.runtime(method, first, *arguments)

    def arm(self, value: ast.expr) -> ast.expr:
        """End an operand: hand the variables to the runtime."""
        if not self.names:
            return value
        return self._factory.runtime("arm", value, self._factory.loads(self.names))

    def second(self, value: ast.expr) -> ast.expr:
        """Begin the other alternative with the variables as they were."""
        return self._factory.in_order([*self._take(), self.arm(value)], -1) if self.names else value

    def end(self, value: ast.expr) -> ast.expr:
        """Take the variables back after the expression."""
        return self._factory.in_order([value, *self._take()], 0) if self.names else value

    def _take(self) -> list[ast.expr]:
        factory = self._factory
        return [
            factory.named(name, factory.runtime("bound", factory.constant(position)))
            for position, name in enumerate(self.names)
        ]


# More operands than these are joined from the left, so that they do not nest.
_FEW_OPERANDS = 16


@expression(ast.BoolOp)
def rewrite_boolean(context: Context, node: ast.BoolOp, condition: bool) -> ast.expr:
    """``a and b`` becomes ``end_and(b) if begin_and(a) else skip()``."""
    kind = "and" if isinstance(node.op, ast.And) else "or"

    def join(first: ast.expr, second: ast.expr, parts: _Alternatives, factory: Factory) -> ast.expr:
        chosen = factory.if_expression(
            parts.begin(f"begin_{kind}", first),
            factory.runtime(f"end_{kind}", parts.arm(second), factory.constant(condition)),
            factory.runtime("skip"),
        )
        return parts.end(chosen)

    def alternatives(first: int, last: int | None) -> _Alternatives:
        factory = Factory(node.values[first - 1])
        return _Alternatives(context, factory, node.values[first:last])

    count = len(node.values)
    is_long = count > _FEW_OPERANDS
    every = [alternatives(index, index + 1 if is_long else None) for index in range(1, count)]
    operands = [context.expression(value, condition) for value in node.values]
    combined: ast.expr
    if is_long:
        combined = operands[0]
        for operand, parts in zip(operands[1:], every, strict=True):
            combined = join(combined, operand, parts, Factory(operand))
        return combined
    combined = operands[-1]
    for operand, parts in zip(reversed(operands[:-1]), reversed(every), strict=True):
        combined = join(operand, combined, parts, Factory(operand))
    return combined


@expression(ast.UnaryOp)
def rewrite_unary(context: Context, node: ast.UnaryOp, condition: bool) -> ast.expr:
    """``not a`` becomes ``negated(a)``."""
    if not isinstance(node.op, ast.Not):
        node.operand = context.expression(node.operand)
        return node
    return Factory(node).runtime("negated", context.expression(node.operand, condition=True))


@expression(ast.IfExp)
def rewrite_conditional(context: Context, node: ast.IfExp, condition: bool) -> ast.expr:
    """Make ``select(x if begin_then(c) else None, y if begin_else() else None)``."""
    factory = Factory(node)
    parts = _Alternatives(context, factory, [node.body, node.orelse])
    begin = parts.begin("begin_then", context.expression(node.test, condition=True))
    nothing = factory.constant(None)
    first = factory.if_expression(begin, parts.arm(context.expression(node.body)), nothing)
    other = factory.runtime("begin_else")
    second = factory.if_expression(other, parts.second(context.expression(node.orelse)), nothing)
    return parts.end(factory.runtime("select", first, second))


@expression(ast.Compare)
def rewrite_comparison(context: Context, node: ast.Compare, condition: bool) -> ast.expr:
    """``a < b < c`` becomes ``a < b and b < c``, with `b` evaluated once."""
    factory = Factory(node)
    # What follows the first comparison may not be evaluated.
    alternatives = [
        _Alternatives(context, factory, node.comparators[index:])
        for index in range(1, len(node.comparators))
    ]
    left = context.expression(node.left)
    rights = context.expressions(node.comparators)
    if not alternatives:
        return compared(factory, left, node.ops[0], rights[0])
    combined = compared(factory, factory.runtime("linked"), node.ops[-1], rights[-1])
    for index in range(len(rights) - 2, -1, -1):
        parts = alternatives[index]
        start = left if index == 0 else factory.runtime("linked")
        middle = factory.runtime("link", rights[index])
        first = compared(factory, start, node.ops[index], middle)
        combined = parts.end(
            factory.if_expression(
                parts.begin("begin_and", first),
                factory.runtime("end_and", parts.arm(combined), factory.constant(condition)),
                factory.runtime("unlink"),
            )
        )
    return combined


@expression(ast.NamedExpr)
def rewrite_named(context: Context, node: ast.NamedExpr, condition: bool) -> ast.expr:
    """Name the value, as an assignment does."""
    node.value = context.assigned(node.target.id, context.expression(node.value))
    return node


@expression(ast.Lambda)
def rewrite_lambda(context: Context, node: ast.Lambda, condition: bool) -> ast.expr:
    """Rewrite the body, which runs in the same trace."""
    outer, context.in_lambda = context.in_lambda, True
    context.children(node)
    context.note_reads(node.args)
    context.in_lambda = outer
    return node
