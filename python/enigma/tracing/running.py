# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the user's code is doing when something is wrong: the syntax and the callee, for messages.

Nothing here runs unless an error is being made.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
from types import CodeType, FrameType, ModuleType
from typing import Any

from enigma.tracing.builder import Builder
from enigma.tracing.nodes import children, parse


def running_syntax(frame: FrameType, instruction: int) -> list[ast.AST]:
    """Find the syntax that an instruction of a frame belongs to, the innermost node first.

    It is empty where the source is not known, or the version of Python keeps no positions.
    """
    code = frame.f_code
    if not hasattr(code, "co_positions"):
        return []
    line, end_line, column, end_column = list(code.co_positions())[instruction // 2]
    if line is None or end_line is None or column is None or end_column is None:
        return []
    try:
        tree = parse("".join(linecache.getlines(code.co_filename, frame.f_globals)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[ast.AST] = []
    stack: list[tuple[ast.AST, list[ast.AST]]] = [(tree, [])]
    while stack:
        node, around = stack.pop()
        if "lineno" in node._attributes:
            place: Any = node
            # A definition starts below its decorators, which are parts of it nevertheless.
            first = next(iter(getattr(place, "decorator_list", ())), place)
            if not (
                (first.lineno, first.col_offset) <= (line, column)
                and (end_line, end_column) <= (place.end_lineno, place.end_col_offset)
            ):
                continue
        inside = [node, *around]
        if len(inside) > len(found) and "lineno" in node._attributes:
            found = inside
        stack += [(child, inside) for child in children(node)]
    return found


def callee(node: ast.AST, frame: FrameType) -> Any:
    """Find what a call calls, if it is a variable or in a module; else None."""
    if isinstance(node, ast.Call):
        return callee(node.func, frame)
    if isinstance(node, ast.Name):
        for scope in (frame.f_locals, frame.f_globals, vars(builtins)):
            if node.id in scope:
                return scope[node.id]
    if isinstance(node, ast.Attribute):
        module = callee(node.value, frame)
        if isinstance(module, ModuleType):
            return getattr(module, node.attr, None)
    return None


def is_rewritten(code: CodeType, builder: Builder) -> bool:
    """Whether code is that of a decorated function, or of one nested in it."""
    stack = [function.__code__ for function in builder.functions.values()]
    while stack:
        known = stack.pop()
        if known is code:
            return True
        # The body of a class is not optimized, and not rewritten.
        stack += [
            constant
            for constant in known.co_consts
            if isinstance(constant, CodeType) and constant.co_flags & inspect.CO_OPTIMIZED
        ]
    return False
