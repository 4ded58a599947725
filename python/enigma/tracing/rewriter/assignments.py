# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Assignments: the operations of a kernel take the names of the variables."""

from __future__ import annotations

import ast
from typing import Any

from enigma.tracing.nodes import BLOCK_FIELDS, SCOPES, targets_of, walk
from enigma.tracing.rewriter.context import Context, statement
from enigma.tracing.rewriter.factory import Factory
from enigma.tracing.rewriter.flow import Flow, Names
from enigma.tracing.values import is_swizzle

# What certainly is no traced value needs no name.
_PLAIN = frozenset(
    [
        ast.Constant,
        ast.JoinedStr,
        ast.Lambda,
        ast.List,
        ast.Dict,
        ast.Set,
        ast.ListComp,
        ast.DictComp,
    ]
)


def replace_lanes(statements: list[ast.stmt], own: list[Any], parameters: set[str]) -> None:
    """Let an assignment to lanes of a vector assign its variable a new vector.

    ``v.zw = x`` becomes ``v = __enigma__.with_lanes(v, "zw", x)``, and ``v.x += y`` the same with
    ``__enigma__.augmented("Add", v.x, y)``. Control flow then carries the variable like any other.

    ``A[i].zw = x`` becomes ``__enigma__.assign_lanes(x, A, i, "zw")``, and ``A[i].x += y`` becomes
    ``__enigma__.augmented_lanes("Add", A, i, "x")(y)``: lanes of a vector in memory are written
    there.

    That is done for the variables of the function itself; and likewise for ``m[c] = x``, for
    ``m[c][r] = x`` and for ``m[c].xy = x``, if an assignment makes the variable a matrix, as its
    text says: most subscripts are those of memory and of lists.

    Parameters
    ----------
    statements : list of ast.stmt
        Those of a function.
    own : list of nodes
        The same with those inside of them.
    parameters : set of str
        Those of the function.
    """
    matrices = _matrices(own)
    if not any(_assigns_part(node, matrices) for node in own):
        return
    outer = {
        name
        for inner in own
        if isinstance(inner, (ast.Global, ast.Nonlocal))
        for name in inner.names
    }
    local = (Flow.bound_names(*statements) | parameters) - outer
    matrices &= local
    blocks = [
        getattr(node, field)
        for node in own
        if type(node) not in SCOPES
        for field in BLOCK_FIELDS[type(node)]
    ]
    for block in (statements, *blocks):
        block[:] = [new for old in block for new in _assigned(old, local, matrices)]


# Functions that give matrices.
_GIVE_MATRICES = frozenset(
    {
        *("make_matrix", "matmul", "transpose"),
        *(
            f"make_{kind}{m}x{n}"
            for kind in ("float", "half")
            for m in (2, 3, 4)
            for n in (2, 3, 4)
        ),
    }
)


def _matrices(nodes: list[Any]) -> set[str]:
    """Give the variables that are assigned what a function gives that gives matrices."""
    found = set()
    for node in nodes:
        if type(node) is not ast.Assign:
            continue
        value = node.value
        if type(value) is ast.Call:
            function = value.func
            gives = getattr(function, "attr", getattr(function, "id", "")) in _GIVE_MATRICES
        else:
            gives = type(value) is ast.BinOp and type(value.op) is ast.MatMult
        if gives:
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def _assigns_part(node: Any, matrices: set[str]) -> bool:
    """Whether a statement assigns an attribute, or a subscript where there are matrices."""
    kind = type(node)
    if kind is not ast.Assign and kind is not ast.AugAssign:
        return False
    target = type(targets_of(node)[0])
    return target is ast.Attribute or (target is ast.Subscript and bool(matrices))


def _assigned(
    node: ast.stmt, local: frozenset[str] | set[str], matrices: set[str]
) -> list[ast.stmt]:
    target: ast.expr | None = None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    elif isinstance(node, ast.AugAssign):
        target = node.target
    part: ast.expr | str | None = None
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Subscript):
        part, target = target.slice, target.value
    elif (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Subscript)
        and is_swizzle(target.attr)
    ):
        part, target = target.attr, target.value
    if (
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and target.value.id in matrices
    ):
        return _with_element(node, target.value.id, target.slice, part)
    return _with_lanes(node, local)


def _with_element(
    node: ast.stmt, name: str, position: ast.expr, part: ast.expr | str | None
) -> list[ast.stmt]:
    """Assign to a column of a matrix, or to a row or lanes of it: the value comes first."""
    assert isinstance(node, (ast.Assign, ast.AugAssign))
    subscripts = [position, part] if isinstance(part, ast.expr) else [position]
    inner = walk(*subscripts)
    if any(isinstance(each, ast.Slice) for each in inner):
        return [node]
    factory = Factory(node)
    where: list[ast.expr] = [factory.load(name), position]
    where += [factory.constant(part)] if isinstance(part, str) else subscripts[1:]
    method = "with_lanes_of" if isinstance(part, str) else "with_element"
    if isinstance(node, ast.AugAssign):
        method = method.replace("with", "augmented")
        return [factory.assign(name, _augmented(factory, node, method, where))]
    return [factory.assign(name, factory.runtime(method, node.value, *where))]


def _with_lanes(node: ast.stmt, local: frozenset[str] | set[str]) -> list[ast.stmt]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
    elif isinstance(node, ast.AugAssign):
        target, value = node.target, node.value
    else:
        return [node]
    if not (isinstance(target, ast.Attribute) and is_swizzle(target.attr)):
        return [node]
    factory = Factory(node)
    if isinstance(target.value, ast.Subscript):
        return [_lanes_in_memory(factory, node, target.value, target.attr, value)]
    if not (isinstance(target.value, ast.Name) and target.value.id in local):
        return [node]
    name = target.value.id
    if isinstance(node, ast.AugAssign):
        read = ast.Attribute(factory.load(name), target.attr, ast.Load(), **factory.position)
        operator = factory.constant(type(node.op).__name__)
        value = factory.runtime("augmented", operator, read, value)
    new = factory.runtime("with_lanes", factory.load(name), factory.constant(target.attr), value)
    return [factory.assign(name, new)]


def _lanes_in_memory(
    factory: Factory, node: ast.stmt, place: ast.Subscript, name: str, value: ast.expr
) -> ast.stmt:
    where = [place.value, place.slice, factory.constant(name)]
    if isinstance(node, ast.AugAssign):
        return factory.expression(_augmented(factory, node, "augmented_lanes", where))
    return factory.expression(factory.runtime("assign_lanes", value, *where))


def _augmented(
    factory: Factory, node: ast.AugAssign, method: str, where: list[ast.expr]
) -> ast.expr:
    """Call what reads a place, by subscripts that are computed once; then what assigns to it."""
    operator = factory.constant(type(node.op).__name__)
    read = factory.runtime(method, operator, *where)
    return ast.Call(read, [node.value], [], **factory.position)


@statement(ast.Assign)
def rewrite_assign(context: Context, node: ast.Assign, live: Names) -> list[ast.stmt]:
    """Name the value: ``x = __enigma__.name(value, "x")``."""
    plain = type(node.value) in _PLAIN
    node.value = context.expression(node.value)
    node.targets = context.expressions(node.targets)
    target = node.targets[0]
    if type(target) is ast.Name and len(node.targets) == 1:
        if target.id in context.declared or not plain:
            node.value = context.assigned(target.id, node.value)
        return [node]
    factory = Factory(node.value)
    declared = context.flow.bound_names(*node.targets) & context.declared.keys()
    rewritten: list[ast.stmt] = [node]
    for name in sorted(declared):
        # One of several targets: it is converted where it stands.
        value = context.assigned(name, factory.load(name), factory)
        rewritten.append(factory.assign(name, value))
    if not plain and isinstance(target, ast.Name):
        node.value = factory.runtime("name", node.value, factory.constant(target.id))
    elif isinstance(target, (ast.Tuple, ast.List)) and all(
        isinstance(name, ast.Name) for name in target.elts
    ):
        names = [name.id for name in target.elts if isinstance(name, ast.Name)]
        node.value = factory.runtime("names", node.value, factory.strings(names))
    return rewritten


@statement(ast.AnnAssign)
def rewrite_annotated(context: Context, node: ast.AnnAssign, live: Names) -> list[ast.stmt]:
    """Name the value; the annotation of a local variable means nothing to Python."""
    if node.value is None:
        if isinstance(node.target, ast.Name):
            return [ast.Pass(**Factory(node).position)]
        context.note_reads(node)
        return [node]
    value = context.expression(node.value)
    if isinstance(node.target, ast.Name):
        value = context.assigned(node.target.id, value)
    return [ast.Assign([context.expression(node.target)], value, **Factory(node).position)]


@statement(ast.AugAssign)
def rewrite_augmented(context: Context, node: ast.AugAssign, live: Names) -> list[ast.stmt]:
    """Check that the variable has a value, and name the new one."""
    node.value = context.expression(node.value)
    if not isinstance(node.target, ast.Name):
        node.target = context.expression(node.target)
        return [node]
    factory = Factory(node)
    name = node.target.id
    checked = context.checked(factory, name)
    named = context.assigned(name, factory.load(name), factory)
    last = factory.assign(name, named) if name in context.declared else factory.expression(named)
    return [factory.expression(checked), node, last]
