# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`if` statements."""

from __future__ import annotations

import ast

from enigma.tracing.rewriter.context import Context, statement
from enigma.tracing.rewriter.factory import Factory
from enigma.tracing.rewriter.flow import Names


@statement(ast.If)
def rewrite_if(context: Context, node: ast.If, live: Names) -> list[ast.stmt]:
    """Let the runtime say which branches run, and bring the variables together.

    ::

        branch = __enigma__.if_(test, ("x",), (x,), line)
        if branch.then():
            ...
            branch.leave((x,))
        if branch.other():
            (x,) = branch.saved()
            ...
            branch.leave((x,))
        (x,) = branch.end()
    """
    flow = context.flow
    needed = live | flow.read_before_assigned(node.orelse)
    names = context.carried(flow.assigned(node.body) | flow.assigned(node.orelse), needed)
    factory = Factory(node)
    factory.position["end_lineno"] = node.test.end_lineno
    factory.position["end_col_offset"] = node.test.end_col_offset
    branch = context.fresh("if")
    test = context.expression(node.test, condition=True)
    start = factory.runtime(
        "if_", test, factory.strings(names), factory.loads(names), factory.constant(node.lineno)
    )
    leave = factory.expression(factory.method(branch, "leave", factory.loads(names)))
    then = [*context.block(node.body, needed), leave]
    rewritten: list[ast.stmt] = [
        factory.assign(branch, start),
        factory.if_(factory.method(branch, "then"), then),
    ]
    if node.orelse:
        other: list[ast.stmt] = []
        if names:
            other.append(factory.unpack(names, factory.method(branch, "saved")))
        other += [*context.block(node.orelse, live), leave]
        rewritten.append(factory.if_(factory.method(branch, "other"), other))
    rewritten.append(factory.unpack(names, factory.method(branch, "end")))
    return rewritten
