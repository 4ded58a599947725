# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Classes of the user, of which nothing is asked that their metaclass answers.

A metaclass with `__eq__` alone makes classes that no set or dict takes, which those of `abc` keep
besides; one with `__getattr__` has an answer for any name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Classes(dict[int, type]):
    """Some classes, each by its identity: `id(cls)` is in them."""

    def __init__(self, classes: Iterable[type] = ()) -> None:
        super().__init__((id(cls), cls) for cls in classes)

    def add(self, cls: type) -> None:
        """Make a class one of them."""
        self[id(cls)] = cls

    def hold_all_of(self, things: Iterable[object]) -> bool:
        """Whether all things are of these classes."""
        return all(map(self.__contains__, map(id, map(type, things))))

    def hold_any_of(self, things: Iterable[object]) -> bool:
        """Whether a thing is of one of these classes."""
        return any(map(self.__contains__, map(id, map(type, things))))


def said_by(cls: type, name: str, otherwise: Any = None) -> Any:
    """Give what a class says of itself, or a base of it, by an attribute of this name."""
    if type(cls) is type:
        return getattr(cls, name, otherwise)
    known = (vars(base) for base in _bases_of(cls))
    return next((each[name] for each in known if name in each), otherwise)


_bases_of = type.__dict__["__mro__"].__get__


def is_any_of(thing: object, kinds: type | tuple[type, ...]) -> bool:
    """Whether something is of a class of `abc`, which asks the metaclass to compare and to hash."""
    cls = type(thing)
    if _is_ordinary(cls):
        return isinstance(thing, kinds)
    return any(issubclass(base, kinds) for base in _bases_of(cls) if _is_ordinary(base))


def _is_ordinary(cls: type) -> bool:
    metaclass: Any = type(cls)
    return metaclass.__eq__ is type.__eq__ and metaclass.__hash__ is type.__hash__


def has(thing: object, name: str) -> bool:
    """Whether something has an attribute, which it may fail to say with any exception."""
    try:
        return hasattr(thing, name)
    except Exception:
        return False
