# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls of Enigma's functions of the host whose arguments do not fit: what is meant instead."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from enigma._process import import_late
from enigma.errors import EnigmaError, UnexpectedArguments
from enigma.spelling import closest

P = ParamSpec("P")
R = TypeVar("R")


def host_function(
    advice: Callable[[str], str] = lambda option: "", name: str = ""
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function say what does not fit where it is called with arguments that it does not take.

    Parameters
    ----------
    advice : callable, optional
        Says what to do about an option that it does not have, or, given "", about arguments that
        are missing; "" for what is usual.
    name : str, optional
        What it is called in messages; by default its name in `enigma`.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except TypeError as error:
                traceback = error.__traceback__
                # What its own code raises has come by its frame.
                if (
                    isinstance(error, EnigmaError)
                    or traceback is None
                    or traceback.tb_next is not None
                ):
                    raise
                raise _misfit(function, name, args, kwargs, advice) from None

        return call

    return decorate


def _misfit(
    function: Callable[..., Any],
    name: str,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    advice: Callable[[str], str],
) -> UnexpectedArguments:
    """Say why a function cannot be called with some arguments."""
    signature = import_late("inspect").signature(function)
    # A class is called by its name.
    name = name or "enigma." + function.__qualname__.removesuffix(".__init__")
    kinds = import_late("inspect").Parameter
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    positional = [
        each.name
        for each in parameters
        if each.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
    ]
    options = [each.name for each in parameters if each.kind is kinds.KEYWORD_ONLY]
    args = args[len(signature.parameters) - len(parameters) :]
    for option in kwargs:
        if option not in positional and option not in options:
            return UnexpectedArguments(
                f"{name} has no option {option!r}",
                remedy=advice(option) or suggestion(option, [*options, *positional]),
            )
    if len(args) > len(positional) and not any(
        each.kind is kinds.VAR_POSITIONAL for each in parameters
    ):
        example = options[0] if options else ""
        return UnexpectedArguments(
            f"{name} takes {_counted(len(positional))} by position, and was given {len(args)}",
            remedy=f"give options by name, as in {example}=..." if example else "leave them out",
        )
    twice = [each for each in positional[: len(args)] if each in kwargs]
    if twice:
        return UnexpectedArguments(
            f"{name} was given {twice[0]!r} twice", remedy="give it by position or by name"
        )
    missing = [
        each.name
        for each in parameters
        if each.default is each.empty
        and each.kind not in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)
        and each.name not in kwargs
        and each.name not in positional[: len(args)]
    ]
    first = missing[0] if missing else ""
    return UnexpectedArguments(
        f"{name} was not given {', '.join(map(repr, missing))}",
        remedy=advice("") or f"call it as {name}({first}, ...)",
    )


def _counted(number: int) -> str:
    return "one argument" if number == 1 else f"{number or 'no'} arguments"


def suggestion(option: str, known: Sequence[str]) -> str:
    """Say which of the names that there are is meant by another one."""
    close = closest(option, known)
    if close:
        return f"did you mean {close!r}?"
    return f"it has {', '.join(known)}" if known else "it has none"
