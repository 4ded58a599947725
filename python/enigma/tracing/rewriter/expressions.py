# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Expressions that choose what is evaluated: `and`, `or`, `not`, `x if c else y`, `a < b < c`.

The alternatives stay where they are, inside of conditional expressions of Python, so that
assignment expressions and the positions of the source survive.
"""

from __future__ import annotations

import ast

from enigma.tracing.rewriter.context import Context, expression
from enigma.tracing.rewriter.factory import Factory
from enigma.tracing.rewriter.refusals import compared


@expression(ast.BoolOp)
def rewrite_boolean(context: Context, node: ast.BoolOp, condition: bool) -> ast.expr:
    """``a and b`` becomes ``end_and(b) if begin_and(a) else skip()``."""
    kind = "and" if isinstance(node.op, ast.And) else "or"
    operands = [context.expression(value, condition) for value in node.values]
    combined: ast.expr = operands[-1]
    for operand in reversed(operands[:-1]):
        combined = _short_circuit(Factory(operand), kind, operand, combined, condition)
    return combined


def _short_circuit(
    factory: Factory, kind: str, first: ast.expr, second: ast.expr, condition: bool
) -> ast.expr:
    return factory.if_expression(
        factory.runtime(f"begin_{kind}", first),
        factory.runtime(f"end_{kind}", second, factory.constant(condition)),
        factory.runtime("skip"),
    )


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
    begin = factory.runtime("begin_then", context.expression(node.test, condition=True))
    first = factory.if_expression(begin, context.expression(node.body), factory.constant(None))
    other = factory.runtime("begin_else")
    second = factory.if_expression(other, context.expression(node.orelse), factory.constant(None))
    return factory.runtime("select", first, second)


@expression(ast.Compare)
def rewrite_comparison(context: Context, node: ast.Compare, condition: bool) -> ast.expr:
    """``a < b < c`` becomes ``a < b and b < c``, with `b` evaluated once."""
    factory = Factory(node)
    left = context.expression(node.left)
    rights = context.expressions(node.comparators)
    if len(rights) == 1:
        return compared(factory, left, node.ops[0], rights[0])
    combined = compared(factory, factory.runtime("linked"), node.ops[-1], rights[-1])
    for index in range(len(rights) - 2, -1, -1):
        start = left if index == 0 else factory.runtime("linked")
        middle = factory.runtime("link", rights[index])
        first = compared(factory, start, node.ops[index], middle)
        combined = factory.if_expression(
            factory.runtime("begin_and", first),
            factory.runtime("end_and", combined, factory.constant(condition)),
            factory.runtime("unlink"),
        )
    return combined
