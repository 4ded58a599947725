# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a rewritten function calls; it is the variable `__enigma__` of the function."""

from __future__ import annotations

from typing import Any

from enigma.compiler.errors import SubscriptError, UnassignedVariable
from enigma.tracing.branches import Choices, StaticIf, TracedIf, negated
from enigma.tracing.builder import Builder
from enigma.tracing.loops import RangeFor, StaticFor, While
from enigma.tracing.ranges import Range
from enigma.tracing.refusals import HostConstructs
from enigma.tracing.values import Operand, Value, describe, name_value
from enigma.tracing.variables import ANYTHING, UNASSIGNED, Unassigned


class Nameable:
    """What takes the name of the variable that it is first assigned to, and is no value."""

    __slots__ = ()

    def _take_name(self, name: str) -> None:
        raise NotImplementedError


class Runtime(Choices, HostConstructs):
    """The control flow of one trace."""

    unassigned = UNASSIGNED
    anything = ANYTHING
    negated = staticmethod(negated)

    def __init__(self, builder: Builder) -> None:
        super().__init__(builder)

    def if_(
        self, condition: Any, names: tuple[str, ...], values: tuple[Any, ...], line: int
    ) -> StaticIf | TracedIf:
        """Start an `if`."""
        if isinstance(condition, Operand):
            return TracedIf(self._builder, condition._as_value(), names, values, line)
        return StaticIf(bool(condition), names, values)

    def for_(
        self,
        iterable: Any,
        names: tuple[str, ...],
        values: tuple[Any, ...],
        target: str,
        flag: str,
        line: int,
    ) -> StaticFor | RangeFor:
        """Start a `for`."""
        if isinstance(iterable, Range):
            return RangeFor(self._builder, iterable, names, values, target, flag, line)
        if isinstance(iterable, Operand) and not hasattr(iterable, "lanes"):
            raise SubscriptError(
                f"{describe(iterable)} cannot be iterated over",
                remedy="use `for i in enigma.range(n)` for a loop",
            )
        return StaticFor(iterable)

    def while_(
        self,
        names: tuple[str, ...],
        values: tuple[Any, ...],
        bound: tuple[str, ...],
        flag: str,
        line: int,
    ) -> While:
        """Start a `while`; its condition binds the variables `bound`."""
        return While(self._builder, names, values, bound, flag, line)

    @staticmethod
    def read(value: Any, name: str) -> Any:
        """Check that a variable has a value.

        Raises
        ------
        UnassignedVariable
            When it may have none here, or one of several types.
        """
        if value.__class__ is Unassigned:
            raise UnassignedVariable(
                name=name, reason=value.reason, remedy=value.remedy or UnassignedVariable.remedy
            )
        return value

    @staticmethod
    def name(value: Any, name: str) -> Any:
        """Give a value the name of the variable that it is assigned to."""
        if value.__class__ is Value:
            if value.name is None:
                name_value(value, name)
        elif isinstance(value, (Value, Nameable)):
            value._take_name(name)
        return value

    @classmethod
    def names(cls, values: Any, names: tuple[str, ...]) -> Any:
        """Give values the names of the variables that they are unpacked into."""
        if isinstance(values, (tuple, list)) and len(values) == len(names):
            for value, name in zip(values, names, strict=False):
                cls.name(value, name)
        return values

    @staticmethod
    def returned(value: Any) -> Any:
        """Give the result of a function on all its paths."""
        if value.__class__ is Unassigned:
            if value is ANYTHING or value is UNASSIGNED:
                return None
            raise UnassignedVariable(
                name="return value",
                reason=value.reason,
                remedy=value.remedy or UnassignedVariable.remedy,
            )
        return value
