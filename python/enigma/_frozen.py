# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Frozen dataclasses that are made quickly: their methods are not compiled for each class."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

__all__ = ["frozen_dataclass"]

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as frozen_dataclass
else:

    def frozen_dataclass(
        *, frozen: bool, eq: bool = True, kw_only: bool = False
    ) -> Callable[[type[T]], type[T]]:
        """Make a frozen dataclass of a class, whose `__init__` is written or inherited.

        `dataclasses` compiles the text of six methods, which takes half a millisecond. These do
        the same for any class; `__init__` writes the attributes by `vars`.

        Parameters
        ----------
        frozen : bool
            True: said for type checkers, to which it is `dataclasses.dataclass`.
        eq : bool
            Whether objects are equal where their fields are, rather than the same.
        kw_only : bool
            Whether fields are given by name only.
        """
        assert frozen
        methods = _OF_ALL | _OF_VALUES if eq else _OF_ALL

        def decorate(kind: type[T]) -> type[T]:
            bases = [vars(base).get("__dataclass_params__") for base in kind.__mro__[1:]]
            given = [params for params in bases if params is not None]
            # For a class that is frozen, methods would be compiled; one that is not cannot inherit
            # from one that is.
            for params in given:
                params.frozen = False
            dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(kind)
            for params in (*given, vars(kind)["__dataclass_params__"]):
                params.frozen = True
            for name, method in methods.items():
                if name not in vars(kind):
                    setattr(kind, name, method)
            return kind

        return decorate


def _repr(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(self: object, name: str, *value: object) -> NoReturn:
    what = "assign to" if value else "delete"
    raise FrozenInstanceError(f"cannot {what} field {name!r}")


def _values(thing: Any) -> tuple[Any, ...]:
    return tuple([getattr(thing, each.name) for each in fields(thing)])


def _equal(self: object, other: object) -> bool:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _hash(self: object) -> int:
    return hash(_values(self))


_OF_ALL: dict[str, Callable[..., Any]] = {
    "__repr__": _repr,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
}
_OF_VALUES: dict[str, Callable[..., Any]] = {"__eq__": _equal, "__hash__": _hash}
