# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The source of a function as a syntax tree, with the line and column numbers of its file."""

from __future__ import annotations

import ast
import inspect
import textwrap
from types import CodeType, FunctionType

from enigma._process import fork_lock
from enigma.errors import InvalidKernel, SourceUnavailable, TooDeeplyNested
from enigma.locations import function_location

# Deeper trees than this make CPython's own compiler run out of stack.
MAX_DEPTH = 2500


def function_tree(function: FunctionType) -> ast.FunctionDef:
    """Parse the source of a function.

    Returns
    -------
    ast.FunctionDef
        The definition without decorators; every node has the position that it has in the file.

    Raises
    ------
    SourceUnavailable
        When there is no source, for example of a function made by `exec`.
    InvalidKernel
        When the function is a lambda, a generator or a coroutine.
    TooDeeplyNested
        When Python's parser gives up.
    """
    location = function_location(function)
    name = function.__name__
    if function.__code__.co_name == "<lambda>":
        raise InvalidKernel(
            "a lambda cannot be a kernel", location=location, remedy="write a function with `def`"
        )
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise InvalidKernel(
            f"{name} is `async`, which has no meaning in a kernel",
            location=location,
            remedy="write a function with `def`",
        )
    if inspect.isgeneratorfunction(function):
        raise InvalidKernel(
            f"{name} is a generator: `yield` has no meaning in a kernel",
            location=location,
            remedy="store what it gives, or give it from a function in the kernel",
        )
    lines, first = _source_lines(function)
    text = textwrap.dedent("".join(lines))
    try:
        module = ast.parse(text)
    except (RecursionError, MemoryError):
        raise TooDeeplyNested(
            name=name, depth="more than Python's parser takes", location=location
        ) from None
    except SyntaxError as error:
        # The lines that `inspect` finds are not a whole definition when the file changed under a
        # running program.
        raise SourceUnavailable(name=name, location=location) from error
    tree = module.body[0] if module.body else None
    if not isinstance(tree, ast.FunctionDef) or tree.name != function.__code__.co_name:
        raise SourceUnavailable(name=name, location=location)
    indent = len(lines[0]) - len(lines[0].lstrip())
    _move(tree, first - 1, indent, name, function)
    tree.decorator_list = []
    return tree


def _move(
    tree: ast.FunctionDef, lines: int, columns: int, name: str, function: FunctionType
) -> None:
    """Shift positions to those of the file, and measure the depth, without recursing."""
    stack: list[tuple[ast.AST, int]] = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise TooDeeplyNested(
                name=name, depth=f"more than {MAX_DEPTH}", location=function_location(function)
            )
        if "lineno" in node._attributes:
            node.lineno += lines  # type: ignore[attr-defined]
            node.col_offset += columns  # type: ignore[attr-defined]
            node.end_lineno += lines  # type: ignore[attr-defined]
            node.end_col_offset += columns  # type: ignore[attr-defined]
        stack.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _source_lines(function: FunctionType) -> tuple[list[str], int]:
    try:
        lines, first = inspect.getsourcelines(function)
        return lines, max(first, 1)
    except (OSError, TypeError, IndexError):
        lines = _interactive_lines(function)
        if lines:
            return lines, function.__code__.co_firstlineno
        raise SourceUnavailable(
            name=function.__name__, location=function_location(function)
        ) from None


def _interactive_lines(function: FunctionType) -> list[str]:
    """Find a function typed at the plain prompt, whose source only the line editor has.

    The text is accepted only if it compiles to the very code of the function.
    """
    try:
        with fork_lock:
            import readline
    except ImportError:
        return []
    length = readline.get_current_history_length()
    history = [readline.get_history_item(i) or "" for i in range(max(1, length - 5000), length + 1)]
    name = function.__code__.co_name
    for start in range(len(history) - 1, -1, -1):
        if not history[start].lstrip().startswith(f"def {name}"):
            continue
        first = start
        while first > 0 and history[first - 1].startswith("@"):
            first -= 1
        lines = history[first : start + 1]
        for line in history[start + 1 :]:
            if line and not line[0].isspace():
                break
            lines.append(line)
        if _compiles_to("\n".join(lines), function.__code__):
            return [line + "\n" for line in lines]
    return []


def _compiles_to(text: str, code: CodeType) -> bool:
    try:
        compiled = compile(text, "<stdin>", "exec")
    except SyntaxError:
        return False
    return any(
        isinstance(const, CodeType)
        and const.co_name == code.co_name
        and const.co_code == code.co_code
        for const in compiled.co_consts
    )
