# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions: the whole of what is rewritten in one, and functions nested in it."""

from __future__ import annotations

import ast
import sys
from typing import Any

from enigma.tracing.names import CELLS
from enigma.tracing.nodes import SCOPES, OwnNodes, own_statements, walk
from enigma.tracing.rewriter.assignments import replace_lanes
from enigma.tracing.rewriter.context import Context, statement
from enigma.tracing.rewriter.exits import Exits
from enigma.tracing.rewriter.factory import GENERATOR, PRIVATE, Factory
from enigma.tracing.rewriter.flow import Flow, Names
from enigma.tracing.rewriter.loop_statements import split_targets

# Comprehensions have no frames of their own, and those of functions do not tell their variables.
_SHARED_FRAMES = sys.version_info >= (3, 12)


# What most functions have none of.
_TOLD_OF = frozenset(
    [
        *(ast.Global, ast.Nonlocal, ast.AnnAssign, ast.Yield, ast.YieldFrom, *SCOPES),
        *((ast.comprehension, ast.GeneratorExp) if _SHARED_FRAMES else ()),
    ]
)


def rewrite_function(node: ast.FunctionDef) -> Context:
    """Rewrite a function, and those in it, in place."""
    statements = own_statements(node.body)
    replace_lanes(node.body, statements, _parameters(node))
    split_targets(statements)
    Exits().lower(node, statements)
    flow = Flow()
    flow.read_before_assigned(node.body)
    own = OwnNodes(() if flow.kinds.isdisjoint(_TOLD_OF) else node.body)
    outer = frozenset(name for inner in own.of(ast.Global, ast.Nonlocal) for name in inner.names)
    declared = {
        inner.target.id: inner.annotation
        for inner in own.of(ast.AnnAssign)
        if isinstance(inner.target, ast.Name)
    }
    comprehensions = own.of(ast.comprehension) if _SHARED_FRAMES else []
    iterated = [inner.target for inner in comprehensions]
    shared = _shared_variables(node, own)
    context = Context(flow, outer, declared, Flow.bound_names(*iterated), frozenset(shared))
    node.body = context.block(node.body, frozenset())
    if context.merged:
        _check_reads(node, context, outer)
    if own.of(ast.Yield, ast.YieldFrom):
        factory = Factory(node.body[0])
        start = factory.assign(GENERATOR, factory.runtime("generator"))
        node.body.insert(_start(node), start)
    if shared:
        factory = Factory(node.body[0])
        cells = factory.lambda_(factory.loads(shared))
        node.body.insert(_start(node), factory.assign(CELLS, cells))
    return context


def _shared_variables(node: ast.FunctionDef, own: OwnNodes) -> list[str]:
    """Give the variables that some function assigns and others see."""
    declarations = own.of(ast.Nonlocal)
    nested = [inner for inner in walk(*own.of(*SCOPES)) if isinstance(inner, ast.Nonlocal)]
    assigned = {name for inner in (*declarations, *nested) for name in inner.names}
    if not assigned:
        return []
    mine = Flow.bound_names(*node.body) | _parameters(node)
    declared = {name for inner in declarations for name in inner.names}
    return sorted(assigned & (mine | declared))


def _start(node: ast.FunctionDef) -> int:
    """Say where the code of a function starts, after its docstring and declarations."""
    at = 1 if ast.get_docstring(node, clean=False) is not None else 0
    while at < len(node.body) and isinstance(node.body[at], (ast.Global, ast.Nonlocal)):
        at += 1
    return at


@statement(ast.FunctionDef)
def rewrite_nested(context: Context, node: ast.FunctionDef, live: Names) -> list[ast.stmt]:
    """Rewrite a nested function; it runs in the same trace."""
    node.decorator_list = context.expressions(node.decorator_list)
    inner = rewrite_function(node)
    declared = {
        name for inside in walk(node) if isinstance(inside, ast.Nonlocal) for name in inside.names
    }
    own = (Flow.bound_names(*node.body) | _parameters(node)) - declared
    context.reads += [read for read in inner.reads if type(read) is ast.Name and read.id not in own]
    context.note_reads(node.args)
    return [node]


@statement(ast.ClassDef)
def keep(context: Context, node: Any, live: Names) -> list[ast.stmt]:
    """Leave the body alone: it is no part of the kernel."""
    return [node]


@statement(ast.Delete)
def rewrite_delete(context: Context, node: ast.Delete, live: Names) -> list[ast.stmt]:
    """``del x`` takes the value from the variable, which must stay there for the runtime to see."""
    factory = Factory(node)
    rewritten: list[ast.stmt] = []
    for target in node.targets:
        if isinstance(target, ast.Name):
            rewritten.append(factory.expression(context.checked(factory, target.id)))
            rewritten.append(factory.assign(target.id, factory.runtime_attribute("unassigned")))
            context.merged.add(target.id)
        else:
            rewritten.append(ast.Delete([context.expression(target)], **factory.position))
    return rewritten


def _check_reads(node: ast.FunctionDef, context: Context, outer: Names) -> None:
    """Check reads of the merged variables, and let them exist from the start of the function.

    A read becomes ``__enigma__.read(x, "x")``. Variables of `outer` functions exist there.
    """
    # Those of the rewriter have a value wherever it reads them.
    merged = {name for name in context.merged if not name.startswith(PRIVATE)}
    for read in context.reads:
        # A node that is in several places is a call already.
        if type(read) is ast.Name and read.id in merged and type(read.ctx) is ast.Load:
            factory = Factory(read)
            call = factory.runtime("read", factory.load(read.id), factory.constant(read.id))
            read.__class__, read.__dict__ = ast.Call, call.__dict__  # type: ignore[assignment]
    first = sorted(context.merged - _parameters(node) - outer)
    if first:
        factory = Factory(node.body[0])
        targets: list[ast.expr] = [factory.store(name) for name in first]
        start: list[ast.stmt] = [
            ast.Assign(targets, factory.runtime_attribute("unassigned"), **factory.position)
        ]
        at = _start(node)
        node.body[at:at] = start


def _parameters(node: ast.FunctionDef) -> set[str]:
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    return {argument.arg for argument in every if argument is not None}
