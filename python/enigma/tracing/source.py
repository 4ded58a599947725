# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The source of a function as a syntax tree, with the line and column numbers of its file."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import linecache
import os
import re
from contextlib import suppress
from tokenize import TokenError
from types import CodeType, FunctionType
from typing import Any

from enigma._collector import without_collector
from enigma._process import STARTED, fork_lock
from enigma.errors import InvalidKernel, SourceChanged, SourceUnavailable, TooDeeplyNested
from enigma.locations import function_location
from enigma.tracing.nodes import BLOCK_FIELDS, children, parse

#: The flags of code for the `from __future__ import ...` of its file.
FUTURE_FLAGS = 0x1FF0000
# Deeper trees than this make CPython's own compiler run out of stack.
MAX_DEPTH = 2500


class Source:
    """The source of a function.

    Attributes
    ----------
    code : CodeType
        The code of the function that was parsed.
    tree : ast.FunctionDef or None
        The definition without decorators; every node has the position that it has in the file. None
        once it was taken.
    text : str
        What it was parsed from.
    annotated : frozenset of str
        The names in the annotations of variables in it, which Python does not evaluate.
    """

    __slots__ = ("annotated", "code", "text", "tree")

    def __init__(self, code: CodeType, tree: ast.FunctionDef, text: str) -> None:
        self.code = code
        self.tree: ast.FunctionDef | None = tree
        self.text = text
        self.annotated = _annotated(tree) if _MAY_BE_ANNOTATED(text) else frozenset()


# Behind a colon that ends no line there may be an annotation.
_MAY_BE_ANNOTATED = re.compile(r":(?![ \t]*(?:#.*)?$)", re.MULTILINE).search


def _annotated(tree: ast.FunctionDef) -> frozenset[str]:
    statements: list[Any] = [tree]
    for node in statements:  # which grows meanwhile
        for field in BLOCK_FIELDS[type(node)]:
            statements += getattr(node, field)
    found = set()
    nodes: list[Any] = [each.annotation for each in statements if type(each) is ast.AnnAssign]
    for node in nodes:  # which grows meanwhile
        nodes += children(node)
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # What it says is evaluated, if it can be.
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                nodes.append(parse(node.value.lstrip(" \t"), "eval").body)
    return frozenset(found)


def source_of(function: FunctionType) -> Source:
    """Parse the source of a function. It is kept with it, for as long as it has that code.

    Raises
    ------
    SourceUnavailable, InvalidKernel, TooDeeplyNested
        As of `parsed_source`.
    """
    source: Source | None = function.__dict__.get("__enigma_source__")
    if source is None or source.code is not function.__code__:
        source = function.__dict__["__enigma_source__"] = parsed_source(function)
    return source


def taken_tree(function: FunctionType) -> ast.FunctionDef:
    """Give the definition of a function to one who changes it.

    Raises
    ------
    SourceUnavailable, InvalidKernel, TooDeeplyNested
        As of `parsed_source`.
    """
    source = source_of(function)
    tree, source.tree = source.tree, None
    if tree is None:
        tree = parsed_source(function).tree
    assert tree is not None
    return tree


def parsed_source(function: FunctionType) -> Source:
    """Parse the source of a function.

    Raises
    ------
    SourceUnavailable
        When there is no source, for example of a function made by `exec`.
    SourceChanged
        When the file was changed under a running program, or a cell took the place of another.
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
    flags = function.__code__.co_flags
    if flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise InvalidKernel(
            f"{name} is `async`, which has no meaning in a kernel",
            location=location,
            remedy="write a function with `def`",
        )
    if flags & inspect.CO_GENERATOR:
        raise InvalidKernel(
            f"{name} is a generator: `yield` has no meaning in a kernel",
            location=location,
            remedy="store what it gives, or give it from a function in the kernel",
        )
    if not _is_as_read(function):
        # All texts that Python is told have one name; since 3.13 the first of them is found by it.
        if inspect.unwrap(function).__code__.co_filename == "<string>":
            raise SourceUnavailable(name=name, location=location)
        raise SourceChanged(name=name, location=location)
    try:
        tree, text = _parsed_lines(function) or _parsed(*_source_lines(function))
    except (RecursionError, MemoryError):
        raise TooDeeplyNested(
            name=name, depth="more than Python's parser takes", location=location
        ) from None
    except SyntaxError as error:
        # The lines that `inspect` finds are not a whole definition.
        raise SourceUnavailable(name=name, location=location) from error
    if not isinstance(tree, ast.FunctionDef) or tree.name != function.__code__.co_name:
        raise SourceUnavailable(name=name, location=location)
    level: list[ast.AST] = [tree]
    depth = 0
    # Each level takes a character.
    while level and len(text) > MAX_DEPTH:
        depth += 1
        if depth > MAX_DEPTH:
            raise TooDeeplyNested(name=name, depth=f"more than {MAX_DEPTH}", location=location)
        level = [part for node in level for part in children(node)]
    tree.decorator_list = []
    return Source(function.__code__, tree, text)


def _is_as_read(function: FunctionType) -> bool:
    """Whether a function was made from the text that there is now, as far as that can be told.

    A file that was not touched since Enigma was imported is taken to be as it was.
    """
    code = inspect.unwrap(function).__code__
    linecache.checkcache(code.co_filename)
    try:
        is_file = os.stat(code.co_filename).st_ctime_ns >= STARTED
        if not is_file:
            return True
    except (OSError, ValueError):
        is_file = False
    text = "".join(linecache.getlines(code.co_filename, function.__globals__))
    codes = _codes_in(text, code.co_filename, code.co_flags & FUTURE_FLAGS) if text else None
    # A cell may have more than Python's syntax.
    return code in codes if codes is not None else not is_file


@functools.lru_cache(maxsize=8)
def _codes_in(text: str, filename: str, flags: int) -> frozenset[CodeType] | None:
    """Give the code of all functions in a text; None if it is no Python."""
    try:
        with fork_lock:
            whole = without_collector(
                compile, text, filename, "exec", flags=flags, dont_inherit=True
            )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = [whole]
    for code in found:  # which grows meanwhile
        found += [const for const in code.co_consts if isinstance(const, CodeType)]
    return frozenset(found)


# Lines as far to the left as a definition that its text may have, such as the end of its header.
_MOST_OUTER_LINES = 20


def _parsed_lines(function: FunctionType) -> tuple[ast.AST | None, str] | None:
    """Parse the definition of a function.

    It ends before the first line that is not further in, and up to which the text is a whole: a
    string or a bracket that is open there is none. None where that finds nothing: `inspect` knows
    more places, and looks at each token, which costs a new process more than a compilation.
    """
    code = inspect.unwrap(function).__code__
    first = code.co_firstlineno
    lines = linecache.getlines(code.co_filename, function.__globals__)[first - 1 :]
    if not lines or not lines[0].lstrip().startswith(("@", "def ")):
        return None
    indent = _indent(lines[0])
    # What is above it are decorators.
    header = next((n for n, line in enumerate(lines) if line.lstrip().startswith("def ")), 0)
    outer = (
        number
        for number, line in enumerate(lines[header + 1 :], header + 1)
        if not line[: indent + 1].isspace() and not line.lstrip().startswith("#")
    )
    for end in itertools.islice(itertools.chain(outer, [len(lines)]), _MOST_OUTER_LINES):
        try:
            return _parsed(lines[:end], first)
        except SyntaxError:
            continue
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


# Python skips that many empty lines faster than the nodes of a function can be moved.
_MOST_EMPTY_LINES = 1000


def _parsed(lines: list[str], first: int) -> tuple[ast.AST | None, str]:
    """Parse what begins with some line of a file.

    Gives the first statement, if there is one, at its place in the file; and the text.
    """
    # What is further in needs something to be in.
    header = "if 1:\n" if _indent(lines[0]) else ""
    above = first - 1 - header.count("\n")
    empty = max(min(above, _MOST_EMPTY_LINES), 0)
    text = "".join(lines)
    tree = parse("\n" * empty + header + text)
    if empty != above:
        ast.increment_lineno(tree, above - empty)
    if header:
        tree = tree.body[0]
    return tree.body[0] if tree.body else None, text


def _source_lines(function: FunctionType) -> tuple[list[str], int]:
    try:
        lines, first = inspect.getsourcelines(function)
        return lines, max(first, 1)
    except (OSError, TypeError, IndexError, TokenError):
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
