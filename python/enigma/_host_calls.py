# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Uses of what Enigma has on the host that do not fit it: what is meant instead.

Calls with other arguments than a function takes, and attributes that there are none of.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, NoReturn, ParamSpec, TypeVar

from enigma._process import import_late
from enigma.errors import EnigmaError, UnexpectedArguments, UnknownAttribute
from enigma.spelling import closest, kind_of, nearest_attribute

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def host_function(
    advice: Callable[[str, Sequence[object]], str] = lambda option, args: "", name: str = ""
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function say what does not fit where it is called with arguments that it does not take.

    Parameters
    ----------
    advice : callable, optional
        Says what to do about an option that it does not have, or, given "", about arguments that
        are missing, and is given those by position; "" for what is usual.
    name : str, optional
        What it is called in messages; by default its name in `enigma`.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                # Python hands on words as a dict of its own, even if there are none.
                return function(*args, **kwargs) if kwargs else function(*args)  # type: ignore[call-arg]
            except TypeError as error:
                traceback = error.__traceback__
                # What its own code raises has come by its frame.
                if (
                    isinstance(error, EnigmaError)
                    or traceback is None
                    or traceback.tb_next is not None
                ):
                    raise
                raise misfit(function, name, args, kwargs, advice) from None

        return call

    return decorate


def host_class(kind: type[T]) -> type[T]:
    """Let the methods of a class that users call do as `host_function`, and what it has not.

    Methods that take anything check their arguments themselves.
    """
    for name, member in {**vars(kind), "__init__": kind.__init__}.items():
        function = getattr(member, "__func__", member)
        if not isinstance(function, FunctionType) or (name.startswith("_") and name != "__init__"):
            continue
        flags = function.__code__.co_flags
        if flags & _TAKES_ANY_WORDS:
            continue
        own = f"enigma.{kind.__name__}" if name == "__init__" else f"{kind.__name__}.{name}"
        told = host_function(name=own)(function)
        setattr(kind, name, told if member is function else type(member)(told))
    if not hasattr(kind, "__getattr__"):
        kind.__getattr__ = refuse_attribute  # type: ignore[attr-defined]
    return kind


# The flag of code with `**words`.
_TAKES_ANY_WORDS = 0x08


def refuse_call(
    name: str, parameters: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> NoReturn:
    """Refuse a call of a function in C++ that has these parameters, written as in Python."""
    raise misfit(eval(f"lambda {parameters}: ..."), name, args, kwargs)


def refuse_attribute(thing: object, name: str) -> NoReturn:
    """Refuse an attribute that there is none of; as `__getattr__` of a class, the same."""
    if name.startswith("_"):
        # It is Python or a tool that asks, and often.
        raise AttributeError(f"{type(thing).__name__!r} object has no attribute {name!r}")
    raise UnknownAttribute(found=kind_of(thing), name=name, remedy=nearest_attribute(thing, name))


def misfit(
    function: Callable[..., Any],
    name: str,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    advice: Callable[[str, Sequence[object]], str] = lambda option, args: "",
) -> UnexpectedArguments:
    """Say why a function cannot be called with some arguments."""
    inspect = import_late("inspect")
    signature = inspect.signature(function)
    # A class is called by its name.
    name = name or "enigma." + function.__qualname__.removesuffix(".__init__")
    kinds = inspect.Parameter
    parameters = [
        each for each in signature.parameters.values() if each.name not in ("self", "cls")
    ]
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
                remedy=advice(option, args) or call_as(name, parameters, option),
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
    return UnexpectedArguments(
        f"{name} was not given {_listed(missing)}",
        remedy=advice("", args) or call_as(name, parameters),
    )


# Of more parameters than these a message names those that matter.
_FEW = 8


def call_as(name: str, parameters: Sequence[Any], option: str = "") -> str:
    """Say how something is called, and which of its parameters `option` was meant to be."""
    named = [
        each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    names = [each.name for each in named]
    if len(parameters) > _FEW:
        needed = [each.name for each in named if each.default is each.empty]
        shown = f"call it as {name}({', '.join(needed)}, ...)"
        return suggestion(option, names) if option else shown
    signature = import_late("inspect").Signature
    shown = f"call it as {name}{signature([p.replace(annotation=p.empty) for p in parameters])}"
    close = closest(option, names)
    return f"did you mean {close!r}? {shown}" if close else shown


def _listed(names: Sequence[str]) -> str:
    *first, last = map(repr, names)
    return f"{', '.join(first)} and {last}" if first else last


def _counted(number: int) -> str:
    return "one argument" if number == 1 else f"{number or 'no'} arguments"


def suggestion(option: str, known: Sequence[str]) -> str:
    """Say which of the names that there are is meant by another one."""
    close = closest(option, known)
    if close:
        return f"did you mean {close!r}?"
    return f"it has {', '.join(known)}" if known else "it has none"
