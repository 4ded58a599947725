# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`with` and `try` in a kernel: what leaves a block that the kernel may or may not run."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from enigma.errors import (
    CarriedVariableError,
    ObjectChanged,
    RaisedInKernel,
    UnsupportedSyntax,
)
from enigma.locations import user_frame
from enigma.tracing.builder import Builder
from enigma.tracing.choices import Choices
from enigma.tracing.names import PRIVATE
from enigma.tracing.rewriter.factory import RUNTIME
from enigma.tracing.values import Operand
from enigma.tracing.variables import Unassigned

_REMEDY = "use a plain `if`, `while` or `for` statement, which carries variables"


class Structured:
    """Base of the context managers whose body is a block of the kernel.

    Attributes
    ----------
    construct : str
        What the user wrote.
    repeats : bool
        Whether the body may run more than once.
    """

    construct = "with"
    repeats = False
    _watched: tuple[FrameType, dict[str, Any]] | None = None

    def _enter_once(self, entered: object) -> None:
        if entered is not None:
            raise UnsupportedSyntax(
                construct=f"entering `with {self.construct}` a second time",
                name="a kernel",
                remedy="make a new one for each `with` statement",
            )

    def _watch(self) -> None:
        """Note the variables of a function that is not rewritten, and so not followed."""
        frame = user_frame()
        if frame is not None and RUNTIME not in frame.f_code.co_freevars:
            self._watched = frame, dict(frame.f_locals)

    def _check(self) -> None:
        """Refuse that the body assigned variables of such a function."""
        if self._watched is None:
            return
        frame, before = self._watched
        self._watched = None
        for name, value in frame.f_locals.items():
            if name in before and before[name] is not value and not _belongs(value):
                raise ObjectChanged(
                    name=f"variable {name!r}",
                    reason=f"`with {self.construct}` carries no variables of Python",
                    remedy=f"decorate {frame.f_code.co_name} with @enigma.func, and {_REMEDY}",
                )


def _belongs(value: object) -> bool:
    """Whether a value cannot be used outside of its block anyway."""
    parts = value if isinstance(value, tuple) else (value,)
    return all(isinstance(part, (Operand, Structured)) for part in parts)


class Region:
    """A `with` statement under way.

    Parameters
    ----------
    names, values : tuple
        The variables that its body assigns, and what they hold before.
    header : tuple of str
        Those that the body reads before it assigns them.
    """

    def __init__(
        self,
        builder: Builder,
        names: tuple[str, ...],
        values: tuple[object, ...],
        header: tuple[str, ...],
    ) -> None:
        self._builder = builder
        self._names = names
        self._before = values
        self._header = header
        self._scope = builder.scope
        self._structured: Structured | None = None

    def manager(self, manager: object) -> Any:
        """Take one of the context managers of the statement."""
        if isinstance(manager, Structured):
            self._structured = manager
        return manager

    def end(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        builder = self._builder
        if builder.scope is not self._scope:
            raise RaisedInKernel(
                what="an exception that a `with` statement swallows", where=builder.scope.what
            )
        structured = self._structured
        if structured is None:
            return values
        after = []
        for name, before, value in zip(self._names, self._before, values, strict=True):
            if value is before:
                after.append(value)
                continue
            if name.startswith(PRIVATE):
                raise UnsupportedSyntax(
                    construct="`return`, `break` or `continue`",
                    name=f"`with {structured.construct}`",
                    remedy=_REMEDY,
                )
            if structured.repeats and name in self._header:
                raise CarriedVariableError(
                    name=name,
                    reason=f"`with {structured.construct}` carries no variables of Python",
                    remedy=_REMEDY,
                )
            if not _belongs(value):
                value = Unassigned(
                    f"it is assigned in `with {structured.construct}`, which carries no variables "
                    "of Python",
                    _REMEDY,
                )
            after.append(value)
        return tuple(after)


class Attempt:
    """A `try` statement under way."""

    def __init__(self, builder: Builder, choices: Choices) -> None:
        self._builder = builder
        self._scope = builder.scope
        self._choices = choices
        self._depth = choices.depth()

    def caught(self) -> None:
        """Begin a handler.

        Raises
        ------
        RaisedInKernel
            When the exception has left a block that the kernel may or may not run.
        """
        scope = self._builder.scope
        if scope is not self._scope:
            error = sys.exc_info()[1]
            raise RaisedInKernel(what=type(error).__name__, where=scope.what) from error
        self._choices.unwind(self._depth)


class Generator:
    """A generator of the kernel's code, which runs between what its caller builds."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._scope = builder.scope

    def give(self, value: object) -> Any:
        """Check where a value is given.

        Raises
        ------
        UnsupportedSyntax
            When the kernel decides whether it is.
        """
        if self._builder.scope is not self._scope:
            raise UnsupportedSyntax(
                construct="`yield` under a condition or in a loop of the kernel",
                name="a generator",
                remedy="what takes the values would not know of it: write the condition or the "
                "loop where they are used, or give it a function that takes them",
            )
        return value

    def resume(self, sent: object) -> Any:
        """Go on where the caller is now."""
        self._scope = self._builder.scope
        return sent
