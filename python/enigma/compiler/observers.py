# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tools that watch compilations, pass by pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from enigma.tracing.session import Session

if TYPE_CHECKING:
    from enigma.compiler.compilations import Compiled
    from enigma.compiler.options import Options
    from enigma.compiler.trace import Trace

#: What an observer is told in the place of a pass when a kernel was traced.
AS_TRACED = "as traced"


class Observer(ABC):
    """Is told of the compilations of this process, in the threads that they run in."""

    @abstractmethod
    def begins(self, function: Any, options: Options) -> None:
        """Hear that a function is compiled."""

    @abstractmethod
    def ran(self, session: Session, trace: Trace, step: str) -> None:
        """See a kernel as it was traced (`AS_TRACED`), and as each pass leaves it.

        What the trace holds is of the compilation, and changes with the next pass.
        """

    @abstractmethod
    def ends(self, compiled: Compiled) -> None:
        """Hear what the function was compiled to; after an error this is not called."""


_observer: Observer | None = None


def current_observer() -> Observer | None:
    """Give who watches, if anyone does."""
    return _observer


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Let an observer watch all compilations during a `with` block.

    Passes run one at a time then, in the order of the pipelines.
    """
    global _observer
    previous, _observer = _observer, observer
    try:
        yield
    finally:
        _observer = previous


def passes_of(pipeline: str) -> list[str]:
    """Split a pipeline, as MLIR prints it, into one pipeline for each pass.

    Examples
    --------
    >>> passes_of("builtin.module(a{x=1,2},b(c,d))")
    ['a{x=1,2}', 'b(c)', 'b(d)']
    """
    inside = pipeline[pipeline.index("(") + 1 : pipeline.rindex(")")]
    found = []
    for part in _split(inside):
        anchor, opens, _ = part.partition("(")
        nested = opens and "{" not in anchor
        found += [f"{anchor}({each})" for each in passes_of(part)] if nested else [part]
    return found


def _split(text: str) -> list[str]:
    """Split at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "({[") - (character in ")}]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]
