# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Code as HTML, in colours where Pygments is installed."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from typing import Any, Literal

from enigma._process import import_late

Language = Literal["python", "mlir", "metal", "llvm", "assembly", "text"]

#: The classes of spans, with the kinds of Pygments' tokens that have them; the first one that fits.
CLASSES = {
    "c": ("Comment",),
    "k": ("Keyword.Type",),
    "s": ("Literal.String",),
    "n": ("Literal.Number",),
    "d": ("Name.Decorator", "Name.Attribute", "Comment.Preproc"),
    "f": ("Name.Function", "Name.Class", "Name.Builtin"),
    "v": ("Name.Variable",),
}
_TYPES, _KEYWORDS = "t", "k"

# Metal's words that C++ has not.
_METAL_KEYWORDS = frozenset(["kernel", "device", "constant", "threadgroup", "thread", "using"])
_METAL_TYPES = ("half", "float", "bfloat", "bool", "char", "short", "int", "long", "uint")


def lines_of(text: str, language: Language) -> list[str]:
    r"""Give the lines of a text as HTML, each one complete in itself.

    Parameters
    ----------
    text : str
        The code.
    language : str
        What it is written in.

    Returns
    -------
    list of str
        As many as ``text.split("\\n")``; spans have the classes of `CLASSES`, and ``t`` for types.
    """
    lines = [""]
    for name, part in _tokens(text, language):
        for number, piece in enumerate(part.split("\n")):
            if number:
                lines.append("")
            if piece:
                shown = import_late("html").escape(piece, quote=False)
                lines[-1] += f'<span class="{name}">{shown}</span>' if name else shown
    return lines


def _tokens(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """Give the parts of a text, each with its class."""
    lexer = _lexer(language)
    if lexer is None:
        yield "", text
        return
    for kind, part in lexer.get_tokens(text):
        yield _class_of(kind, part, language), part


def _class_of(kind: Any, part: str, language: Language) -> str:
    name = str(kind).removeprefix("Token.")
    if language == "metal" and name == "Name":
        if part in _METAL_KEYWORDS:
            return _KEYWORDS
        if part.rstrip("0123456789x").removeprefix("u") in _METAL_TYPES:
            return _TYPES
    if name.startswith("Keyword.Type"):
        return _TYPES
    if name.startswith("Comment.Preproc"):
        return "d"
    if name.startswith(("Keyword", "Operator.Word")):
        return _KEYWORDS
    for short, kinds in CLASSES.items():
        if name.startswith(kinds):
            return short
    return ""


@functools.cache
def _lexer(language: Language) -> Any:
    """Give Pygments' lexer of a language; None without one, or without Pygments."""
    if language == "text":
        return None
    try:
        lexers = importlib.import_module("pygments.lexers")
    except ImportError:
        return None
    # What stands at the ends of a text is part of it.
    options = {"stripnl": False, "ensurenl": False}
    if language == "mlir":
        return _mlir_lexer()(**options)
    names = {"python": "python", "metal": "cpp", "llvm": "llvm", "assembly": "gas"}
    return lexers.get_lexer_by_name(names[language], **options)


def _mlir_lexer() -> Any:
    """Make the lexer of MLIR, which Pygments lacks."""
    lexer = importlib.import_module("pygments.lexer")
    token = importlib.import_module("pygments.token")
    rules = [
        (r"//.*", token.Comment.Single),
        (r'"(?:[^"\\]|\\.)*"', token.String),
        (r"%[\w$.#-]+", token.Name.Variable),
        (r"@[\w$.-]+", token.Name.Function),
        (r"\^\w+", token.Name.Label),
        (r"[!#][a-zA-Z_][\w.]*", token.Keyword.Type),
        (r"\b(?:[su]?i\d+|b?f\d+|index|none)\b", token.Keyword.Type),
        (r"\b(?:vector|memref|tensor|array)(?=<)", token.Keyword.Type),
        (r"-?\b\d[\w.]*(?:[eE][-+]?\d+)?", token.Number),
        (r"\b(?:[a-z_]\w*\.)+[a-z_]\w*", token.Keyword),
        (r"\b(?:module|attributes|to|step|iter_args|else|true|false)\b", token.Keyword),
        (r"\w+", token.Name),
        (r"\s+", token.Whitespace),
        (r".", token.Punctuation),
    ]
    return type("MLIRLexer", (lexer.RegexLexer,), {"name": "MLIR", "tokens": {"root": rules}})
