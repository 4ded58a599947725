# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`for` and `while` loops. Their `break`, `continue` and `else` are gone already, see `exits`."""

from __future__ import annotations

import ast
from typing import Any

from enigma.tracing.nodes import own_statements, targets_of, walk
from enigma.tracing.rewriter.context import Context, statement
from enigma.tracing.rewriter.factory import ITEM, Factory
from enigma.tracing.rewriter.flow import Names


def split_targets(statements: list[Any]) -> None:
    """Let the body of each `for` among statements begin with the assignment to its target.

    The loop then assigns a variable of the rewriter's own, and what leaves the body early leaves
    the target alone, too.
    """
    # Loops that follow each other share it: whatever looks at all variables would find many else.
    depths = {node: 0 for node in statements if type(node) is ast.For}
    for node in depths:
        for inner in own_statements(node.body):
            if type(inner) is ast.For:
                depths[inner] += 1
    for node, depth in depths.items():
        factory = Factory(node.target)
        item = f"{ITEM}{depth}"
        assignment = ast.Assign([node.target], factory.load(item), **factory.position)
        node.variable = node.target.id if isinstance(node.target, ast.Name) else ""  # type: ignore[attr-defined]
        node.target = factory.store(item)
        node.body.insert(0, assignment)


def _bases(factory: Factory, node: ast.For | ast.While, reads: Names) -> ast.Constant:
    """Give the variables whose elements the body most likely changes, if there are any.

    It assigns such elements, or hands them to a call whose result nobody takes. What a variable
    holds that the loop does not read before it assigns it may be of a scope that is over.
    """
    bases = set()
    for inner in own_statements(node.body):
        if type(inner) is ast.Expr and type(inner.value) is ast.Call:
            bases |= {given.id for given in inner.value.args if type(given) is ast.Name}
        for part in walk(*targets_of(inner)):
            base: Any = part
            if type(base) is ast.Subscript and type(base.ctx) is ast.Store:
                while type(base) is ast.Subscript:
                    base = base.value
                if type(base) is ast.Name:
                    bases.add(base.id)
    return factory.strings(sorted(bases & reads))


@statement(ast.For)
def rewrite_for(context: Context, node: ast.For, live: Names) -> list[ast.stmt]:
    """Let the runtime decide whether the loop unrolls or becomes one of the kernel.

    ::

        loop = __enigma__.for_(iterable, ("x",), (x,), "i", "", line, ("x", "y"), ())
        for item in loop:
            (x,) = loop.enter((x,))
            i = item
            ...
            loop.leave((x,))
            if loop.stop(broken):
                break
        (x,) = loop.end((x,))
    """
    flow = context.flow
    factory = Factory(node)
    reads = flow.read_before_assigned(node.body)
    assigned = flow.assigned(node.body)
    computed_from = None
    if flow.only_computes(node.body):
        computed_from = context.computed_from(assigned, reads - flow.bound_names(node.target))
    header = live | reads
    names = context.carried(assigned, header)
    loop = context.fresh("for")
    broken: str = getattr(node, "broken", "")
    target = getattr(node, "variable", "")
    start = factory.runtime(
        "for_",
        context.expression(node.iter),
        factory.strings(names),
        factory.loads(names),
        factory.constant(target),
        factory.constant(broken),
        factory.constant(node.lineno),
        factory.constant(computed_from),
        _bases(factory, node, reads),
    )
    body = context.block(node.body, header)
    if names:
        body.insert(0, factory.unpack(names, factory.method(loop, "enter", factory.loads(names))))
    else:
        body.insert(0, factory.expression(factory.method(loop, "enter", factory.loads(names))))
    keep, restore = context.dropped(factory, assigned, names)
    body += restore
    body.append(factory.expression(factory.method(loop, "leave", factory.loads(names))))
    if broken:
        stop = factory.method(loop, "stop", factory.load(broken))
        body.append(factory.if_(stop, [ast.Break(**factory.position)]))
    return [
        *keep,
        factory.assign(loop, start),
        ast.For(node.target, factory.load(loop), body, [], None, **factory.position),
        factory.unpack(names, factory.method(loop, "end", factory.loads(names))),
    ]


@statement(ast.While)
def rewrite_while(context: Context, node: ast.While, live: Names) -> list[ast.stmt]:
    """Let the runtime decide whether Python runs the loop or the kernel does.

    ::

        loop = __enigma__.while_(("x",), (x,), (), "", line, False, ("x", "y"), ())
        while loop.next():
            (x,) = loop.enter()
            if loop.test(condition, (x,)):
                (x,) = loop.body()
                ...
                loop.leave((x,))
        (x,) = loop.end()
    """
    flow = context.flow
    factory = Factory(node)
    reads = flow.reads(node)
    assigned = flow.assigned([node])
    computed_from = None
    if flow.only_computes([node]):
        computed_from = context.computed_from(assigned, reads)
    header = live | reads
    names = context.carried(assigned, header)
    loop = context.fresh("while")
    start = factory.runtime(
        "while_",
        factory.strings(names),
        factory.loads(names),
        factory.strings(sorted(flow.bound_names(node.test))),
        factory.constant(getattr(node, "broken", "")),
        factory.constant(node.lineno),
        factory.constant(getattr(node, "endless", False)),
        factory.constant(computed_from),
        _bases(factory, node, reads),
    )
    keep, restore = context.dropped(factory, assigned, names)
    test = context.expression(node.test, condition=True)
    body: list[ast.stmt] = [
        factory.unpack(names, factory.method(loop, "body")),
        *context.block(node.body, header),
        *restore,
        factory.expression(factory.method(loop, "leave", factory.loads(names))),
    ]
    # The test may assign, too, and is evaluated again when the loop is.
    iteration: list[ast.stmt] = [
        factory.unpack(names, factory.method(loop, "enter")),
        *restore,
        factory.if_(factory.method(loop, "test", test, factory.loads(names)), body),
    ]
    return [
        *keep,
        factory.assign(loop, start),
        ast.While(factory.method(loop, "next"), iteration, [], **factory.position),
        factory.unpack(names, factory.method(loop, "end")),
    ]
