# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Constructs that Python would decide, format or call while the kernel is compiled.

What they mean for traced values is up to the runtime (see `enigma.tracing.refusals`); for values
that Python knows they are what they ever were.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence

from enigma.tracing.nodes import walk
from enigma.tracing.rewriter.context import Context, expression, statement
from enigma.tracing.rewriter.factory import Factory
from enigma.tracing.rewriter.flow import Names

# Functions of Python that are called through the runtime, unless the name is one of the user's.
_BUILTINS = frozenset(
    [
        "all",
        "any",
        "bool",
        "eval",
        "exec",
        "format",
        "globals",
        "locals",
        "max",
        "min",
        "pow",
        "sorted",
        "sum",
        "str",
        "vars",
    ]
)
# Functions of `math`, by whatever name the module has, or by their own.
_MATH = frozenset(name for name, thing in vars(math).items() if callable(thing))


def compared(factory: Factory, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
    """Make the comparison of two expressions; `in` and `is` are for the runtime."""
    if isinstance(op, (ast.In, ast.NotIn)):
        found = factory.runtime("contains", left, right)
        return found if isinstance(op, ast.In) else factory.runtime("negated", found)
    if isinstance(op, (ast.Is, ast.IsNot)):
        if not isinstance(right, ast.Constant):
            same = factory.runtime("is_", left, right)
            return same if isinstance(op, ast.Is) else factory.negation(same)
        if isinstance(right.value, bool):
            left = factory.runtime("identified", left)
    return ast.Compare(left, [op], [right], **factory.position)


@expression(ast.Call)
def rewrite_call(context: Context, node: ast.Call, condition: bool) -> ast.expr:
    """``min(a, b)`` becomes ``__enigma__.builtin(min)(a, b)``, and ``math.exp(x)`` likewise."""
    context.children(node)
    function = node.func
    if isinstance(function, ast.Name):
        is_of_python = function.id in _BUILTINS or function.id in _MATH
    else:
        is_of_python = isinstance(function, ast.Attribute) and function.attr in _MATH
        is_of_python = is_of_python and not _is_of_enigma(function)
    if is_of_python:
        node.func = Factory(function).runtime("builtin", function)
    return node


def _is_of_enigma(function: ast.expr) -> bool:
    """Whether a function is written as one of Enigma, which no other one stands for."""
    value = function.value if isinstance(function, ast.Attribute) else function
    return isinstance(value, ast.Name) and value.id == "enigma"


# Parts of a subscript that Python may not know.
_UNKNOWN = frozenset([ast.Name, ast.Call])


@expression(ast.Subscript)
def rewrite_subscript(context: Context, node: ast.Subscript, condition: bool) -> ast.expr:
    """``W[i]`` becomes ``__enigma__.item(W, i, "W")``, since `W` may be an array of NumPy."""
    known = _UNKNOWN.isdisjoint(map(type, walk(node.slice)))
    base = node.value
    while isinstance(base, ast.Subscript):
        base = base.value
    name = getattr(base, "id", None) or getattr(base, "attr", None) or ""
    context.children(node)
    if known or not isinstance(node.ctx, ast.Load):
        return node
    factory = Factory(node)
    return factory.runtime("item", node.value, _key(node.slice), factory.constant(name))


def _key(node: ast.expr) -> ast.expr:
    """Make the object that a subscript with slices is."""
    if isinstance(node, ast.Tuple):
        return ast.copy_location(ast.Tuple([_key(part) for part in node.elts], ast.Load()), node)
    if not isinstance(node, ast.Slice):
        return node
    factory = Factory(node)
    bounds = (node.lower, node.upper, node.step)
    return factory.runtime(
        "slice", *(factory.constant(None) if bound is None else bound for bound in bounds)
    )


@expression(ast.FormattedValue)
def rewrite_formatted(
    context: Context, node: ast.FormattedValue, condition: bool
) -> ast.FormattedValue:
    """Check what becomes text, unless ``!r`` or ``!a`` asks for what is traced."""
    context.children(node)
    if node.conversion not in (ord("r"), ord("a")):
        node.value = Factory(node.value).runtime("formatted", node.value)
    return node


@statement(ast.Assert)
def rewrite_assert(context: Context, node: ast.Assert, live: Names) -> list[ast.stmt]:
    """Check that Python knows the condition."""
    node.test = Factory(node.test).runtime(
        "asserted", context.expression(node.test, condition=True)
    )
    if node.msg is not None:
        node.msg = context.expression(node.msg)
    return [node]


@statement(ast.AsyncFunctionDef)
def rewrite_async(context: Context, node: ast.AsyncFunctionDef, live: Names) -> list[ast.stmt]:
    """Refuse a function whose code would never run."""
    factory = Factory(node)
    return [factory.expression(factory.runtime("refuse_async", factory.constant(node.name)))]


@statement(ast.Match)
def rewrite_match(context: Context, node: ast.Match, live: Names) -> list[ast.stmt]:
    """Make a chain of `if`s of patterns that are values; others are left to Python.

    ::

        match = __enigma__.matched(subject, True)
        if match == 1 or match == 2:
            ...
        elif guard:
            ...
    """
    factory = Factory(node.subject)
    simple = all(_is_simple(case) for case in node.cases)
    subject = factory.runtime("matched", context.expression(node.subject), factory.constant(simple))
    if not simple:
        node.subject = subject
        return [context.generic(node, live)]
    name = context.fresh("match")
    chain = _chain(node.cases, name)
    return [factory.assign(name, subject), *context.block(chain, live)]


def _is_simple(case: ast.match_case) -> bool:
    """Whether a case compares the subject with values, and so can be an `if`."""
    pattern = case.pattern
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return case.guard is None and _has_values(pattern.pattern)
    return isinstance(pattern, ast.MatchAs) or _has_values(pattern)


def _has_values(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return all(_has_values(part) for part in pattern.patterns)
    return isinstance(pattern, (ast.MatchValue, ast.MatchSingleton))


def _chain(cases: Sequence[ast.match_case], subject: str) -> list[ast.stmt]:
    """Make an `if` of the first case, whose `else` has the others."""
    if not cases:
        return []
    case = cases[0]
    pattern = case.pattern
    factory = Factory(pattern)
    name = pattern.name if isinstance(pattern, ast.MatchAs) else None
    bound: list[ast.stmt] = [factory.assign(name, factory.load(subject))] if name else []
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        if case.guard is None:
            return [*bound, *case.body]
        return [*bound, factory.if_(case.guard, case.body, _chain(cases[1:], subject))]
    values = pattern.pattern if isinstance(pattern, ast.MatchAs) else pattern
    assert values is not None
    test = _test(values, subject)
    if case.guard is not None:
        test = ast.BoolOp(ast.And(), [test, case.guard], **factory.position)
    return [factory.if_(test, [*bound, *case.body], _chain(cases[1:], subject))]


def _test(pattern: ast.pattern, subject: str) -> ast.expr:
    """Make the condition that the subject is one of the values of a pattern."""
    factory = Factory(pattern)
    load = factory.load(subject)
    if isinstance(pattern, ast.MatchOr):
        tests = [_test(part, subject) for part in pattern.patterns]
        return ast.BoolOp(ast.Or(), tests, **factory.position)
    if isinstance(pattern, ast.MatchSingleton):
        return factory.runtime("is_singleton", load, factory.constant(pattern.value))
    assert isinstance(pattern, ast.MatchValue)
    return ast.Compare(load, [ast.Eq()], [pattern.value], **factory.position)
