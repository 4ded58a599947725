# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rewriting the control flow of a Python function, so that it works on traced values.

One module a family of constructs, one transformer a construct, registered in `context`. The
rewritten function runs in plain Python: conditions that Python knows behave as ever, and the
runtime (see `enigma.tracing.rewritten`) turns those on traced values into control flow of the
kernel.
Every node keeps its line, so tracebacks show the user's source.
"""

from __future__ import annotations

import ast
import sys
from types import CellType, CodeType, FunctionType

from enigma._process import fork_lock
from enigma.errors import TooDeeplyNested, UnsupportedSyntax
from enigma.locations import SourceLocation, function_location
from enigma.tracing.decided import Notice
from enigma.tracing.discarded import discarded
from enigma.tracing.nodes import BLOCK_FIELDS, own_statements, targets_of
from enigma.tracing.rewriter import (  # noqa: F401
    assignments,
    block_statements,
    definitions,
    expressions,
    if_statements,
    loop_statements,
)
from enigma.tracing.rewriter.context import Refused
from enigma.tracing.rewriter.factory import PRIVATE, RUNTIME, Factory
from enigma.tracing.rewriter.flow import Flow
from enigma.tracing.source import FUTURE_FLAGS, source_of, taken_tree

_FACTORY = "__enigma_factory__"
# The function does not keep its name here: it may refer to a global of that name, such as itself.
_FUNCTION = "__enigma_function__"
_QUALIFIED = f"{_FACTORY}.<locals>.{_FUNCTION}"
_INSIDE = ".<locals>."
# The rewriter recurses into the tree with several frames a level, all of them Python's own and so
# on the heap.
_RECURSION_LIMIT = 100_000


# Statements that assign to their targets, and by `:=` in their expressions.
_PLAIN = frozenset([ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Pass])


class Rewritten:
    """A function after rewriting.

    Attributes
    ----------
    original : CodeType
        The code of the function that was rewritten.
    code : CodeType
        Its code, with the runtime among the free variables.
    assigned : dict
        The line at which each variable is first assigned, for messages.
    discarded : list of Notice
        Warnings of statements whose values nothing uses.
    """

    def __init__(
        self,
        original: CodeType,
        code: CodeType,
        assigned: dict[str, int],
        discarded: list[Notice],
    ) -> None:
        self.original = original
        self.code = code
        self.assigned = assigned
        self.discarded = discarded

    def bind(self, function: FunctionType, runtime: object) -> FunctionType:
        """Make the function that traces, for one trace."""
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))
        cells[RUNTIME] = CellType(runtime)
        closure = tuple(cells[name] for name in self.code.co_freevars)
        bound = FunctionType(
            self.code, function.__globals__, function.__name__, function.__defaults__, closure
        )
        bound.__kwdefaults__ = function.__kwdefaults__
        return bound


def rewrite(function: FunctionType) -> Rewritten:
    """Rewrite a function. The result is kept with it, for as long as it has that code.

    Raises
    ------
    SourceUnavailable, InvalidKernel, TooDeeplyNested
        When the function has no usable source.
    """
    rewritten: Rewritten | None = function.__dict__.get("__enigma_rewritten__")
    if rewritten is None or rewritten.original is not function.__code__:
        rewritten = function.__dict__["__enigma_rewritten__"] = _rewrite(function)
    return rewritten


def _rewrite(function: FunctionType) -> Rewritten:
    if RUNTIME in function.__code__.co_freevars:
        # A function nested in one that has been rewritten.
        return Rewritten(function.__code__, function.__code__, {}, [])
    tree = taken_tree(function)
    assigned = _assigned(tree, ":=" in source_of(function).text)
    in_vain = discarded(tree, function)
    tree.returns = None
    _strip_annotations(tree)
    with fork_lock:  # it has the limit of the whole interpreter in hand
        limit = sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
            definitions.rewrite_function(tree)
            code = _compile(tree, function)
        except Refused as refused:
            raise UnsupportedSyntax(
                construct=refused.construct,
                name=function.__name__,
                remedy=refused.remedy,
                location=SourceLocation(function.__code__.co_filename, refused.line),
            ) from None
        except (RecursionError, MemoryError):
            raise TooDeeplyNested(
                name=function.__name__,
                depth="more than Python's compiler takes",
                location=function_location(function),
            ) from None
        finally:
            sys.setrecursionlimit(limit)
    return Rewritten(function.__code__, code, assigned, in_vain)


def _assigned(tree: ast.FunctionDef, in_expressions: bool) -> dict[str, int]:
    """Give the first line at which each variable is assigned, which expressions may do too."""
    assigned: dict[str, int] = {}
    for node in own_statements(tree.body):
        kind = type(node)
        if BLOCK_FIELDS[kind] and kind is not ast.Match:
            # The target of a loop; the others come by themselves.
            parts = targets_of(node) if kind is ast.For else []
        elif in_expressions or kind not in _PLAIN:
            parts = [node]
        else:
            parts = targets_of(node)
        for name in sorted(Flow.bound_names(*parts)) if parts else ():
            assigned[name] = min(assigned.get(name, node.lineno), node.lineno)
    return assigned


def _strip_annotations(tree: ast.FunctionDef) -> None:
    """Drop what the definition would evaluate: it is not run, only its code object is taken."""
    arguments = tree.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        argument.annotation = None
    arguments.defaults = []
    arguments.kw_defaults = [None] * len(arguments.kwonlyargs)


def _compile(tree: ast.FunctionDef, function: FunctionType) -> CodeType:
    free = [*function.__code__.co_freevars, RUNTIME]
    place = Factory(tree).position
    given = [ast.arg(name, **place) for name in free]
    arguments = ast.arguments([], given, None, [], [], None, [])
    factory = ast.FunctionDef(_FACTORY, arguments, [tree], [], None, **place)
    tree.name = _FUNCTION
    module = ast.Module([factory], [])
    flags = function.__code__.co_flags & FUTURE_FLAGS
    compiled = compile(
        module, function.__code__.co_filename, "exec", flags=flags, dont_inherit=True
    )
    outer = _nested_code(compiled, _FACTORY)
    code = _nested_code(outer, _FUNCTION).replace(co_name=function.__code__.co_name)
    return _with_names_of_source(code, function.__qualname__)


def _with_names_of_source(code: CodeType, function: str) -> CodeType:
    """Give a function, and those nested in it, the qualified names that they have in the source."""

    def spelled(name: str) -> str:
        if not name.startswith(_QUALIFIED):
            return name
        *around, own = (function + name.removeprefix(_QUALIFIED)).split(_INSIDE)
        # The arms of branches and the bodies of loops become functions.
        return _INSIDE.join([*(outer for outer in around if not outer.startswith(PRIVATE)), own])

    # Before Python 3.11 they are constants.
    constants = tuple(
        _with_names_of_source(const, function)
        if isinstance(const, CodeType)
        else spelled(const)
        if isinstance(const, str)
        else const
        for const in code.co_consts
    )
    code = code.replace(co_consts=constants)
    if hasattr(code, "co_qualname"):
        code = code.replace(co_qualname=spelled(code.co_qualname))
    return code


def _nested_code(code: CodeType, name: str) -> CodeType:
    return next(
        const for const in code.co_consts if isinstance(const, CodeType) and const.co_name == name
    )
