# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`if` statements."""

from __future__ import annotations

import ast

from enigma.tracing.rewriter.context import Context, statement
from enigma.tracing.rewriter.factory import Factory
from enigma.tracing.rewriter.flow import Names


@statement(ast.If)
def rewrite_if(context: Context, node: ast.If, live: Names) -> list[ast.stmt]:
    """Let the runtime say which branches run, and bring the live variables together.

    Variables that only the `else` branch reads after the first one assigned them are saved, too.

    ::

        branch = __enigma__.if_(test, ("x",), (x, y), line, ("x", "z"), ())
        if branch.then():
            ...
            branch.leave((x,))
        if branch.other():
            (x, y) = branch.saved()
            ...
            branch.leave((x,))
        (x,) = branch.end()
    """
    flow = context.flow
    assigned = flow.assigned(node.body) | flow.assigned(node.orelse)
    names = context.carried(assigned, live)
    read_by_else = flow.read_before_assigned(node.orelse)
    computed_from = None
    if flow.only_computes([*node.body, *node.orelse]):
        reads = flow.read_before_assigned(node.body) | read_by_else
        computed_from = context.computed_from(assigned, reads)
    read_by_else -= frozenset(names)
    saved = names + context.carried(flow.assigned(node.body) - frozenset(names), read_by_else)
    factory = Factory(node)
    branch = context.fresh("if")
    test = context.expression(node.test, condition=True)
    start = factory.runtime(
        "if_",
        test,
        factory.strings(names),
        factory.loads(saved),
        factory.constant(node.lineno),
        factory.constant(computed_from),
        factory.strings(getattr(node, "flags", ())),
    )
    keep, restore = context.dropped(factory, assigned, names)
    leave = factory.expression(factory.method(branch, "leave", factory.loads(names)))
    then = [*context.block(node.body, live), *restore, leave]
    rewritten: list[ast.stmt] = [
        *keep,
        factory.assign(branch, start),
        factory.if_(factory.method(branch, "then"), then),
    ]
    if node.orelse:
        other: list[ast.stmt] = []
        if saved:
            other.append(factory.unpack(saved, factory.method(branch, "saved")))
        other += [*context.block(node.orelse, live), *restore, leave]
        rewritten.append(factory.if_(factory.method(branch, "other"), other))
    rewritten.append(factory.unpack(names, factory.method(branch, "end")))
    return rewritten
