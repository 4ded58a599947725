# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`with` and `try`: code that something else may decide to leave or to skip."""

from __future__ import annotations

import ast

from enigma.tracing.rewriter.context import Context, Refused, expression, statement
from enigma.tracing.rewriter.exits import TRY
from enigma.tracing.rewriter.factory import GENERATOR, Factory
from enigma.tracing.rewriter.flow import Names


@statement(ast.With)
def rewrite_with(context: Context, node: ast.With, live: Names) -> list[ast.stmt]:
    """Tell the runtime of the context managers, and of the variables that the body assigns.

    ::

        region = __enigma__.region(("x",), (x,), ("x",))
        with region.manager(manager) as target:
            ...
        (x,) = region.end((x,))
    """
    flow = context.flow
    factory = Factory(node)
    targets = flow.bound_names(*[item.optional_vars for item in node.items])
    header = (flow.read_before_assigned(node.body) | flow.captured) - targets
    names = context.carried(flow.assigned(node.body), live | header)
    region = context.fresh("with")
    start = factory.runtime(
        "region",
        factory.strings(names),
        factory.loads(names),
        factory.strings(sorted(header & frozenset(names))),
    )
    for item in node.items:
        manager = context.expression(item.context_expr)
        item.context_expr = Factory(manager).method(region, "manager", manager)
        if item.optional_vars is not None:
            item.optional_vars = context.expression(item.optional_vars)
    node.body = context.block(node.body, live | header)
    end = factory.method(region, "end", factory.loads(names))
    return [factory.assign(region, start), node, factory.unpack(names, end)]


@expression(ast.Yield)
@expression(ast.YieldFrom)
def rewrite_yield(context: Context, node: ast.Yield | ast.YieldFrom, condition: bool) -> ast.expr:
    """``yield x`` becomes ``generator.resume((yield generator.give(x)))``."""
    if context.in_lambda:
        raise Refused(node, "`yield` in a lambda", "write a function with `def`")
    factory = Factory(node)
    value = factory.constant(None) if node.value is None else context.expression(node.value)
    node.value = factory.method(GENERATOR, "give", value)
    return factory.method(GENERATOR, "resume", node)


def rewrite_try(context: Context, node: ast.Try, live: Names) -> list[ast.stmt]:
    """Refuse exceptions that leave control flow of the kernel.

    ::

        attempt = __enigma__.attempt()
        try:
            ...
        except Error:
            attempt.caught()
            ...
    """
    factory = Factory(node)
    attempt = context.fresh("try")
    rewritten = context.generic(node, live)
    for handler in rewritten.handlers:
        place = Factory(handler)
        handler.body.insert(0, place.expression(place.method(attempt, "caught")))
        if handler.name is not None:
            # Python takes the variable away at the end; it must stay there for the runtime to see.
            name, handler.name = handler.name, context.fresh("error")
            handler.body.insert(1, place.assign(name, place.load(handler.name)))
            handler.body.append(place.assign(name, place.runtime_attribute("unassigned")))
            context.merged.add(name)
    return [factory.assign(attempt, factory.runtime("attempt")), rewritten]


for _construct in TRY:
    statement(_construct)(rewrite_try)
