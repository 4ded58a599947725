# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a rewritten function calls; it is the variable `__enigma__` of the function."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from enigma.errors import SubscriptError, UnassignedVariable, UnsupportedSyntax
from enigma.locations import is_own_class, user_location
from enigma.tracing.branches import StaticIf, TracedIf
from enigma.tracing.builder import Builder
from enigma.tracing.choices import Choices, negated
from enigma.tracing.declarations import declared
from enigma.tracing.loops import RangeFor, StaticFor, While
from enigma.tracing.matrix import Matrix
from enigma.tracing.messages import describe
from enigma.tracing.misnamed import unknown_attribute
from enigma.tracing.ranges import Range
from enigma.tracing.refusals import HostConstructs
from enigma.tracing.regions import Attempt, Generator, Region
from enigma.tracing.swizzles import LanePlace, replaced_lanes
from enigma.tracing.tables import subscripted
from enigma.tracing.values import Nameable, Operand, Value, Vector, name_value
from enigma.tracing.variables import ANYTHING, UNASSIGNED, Maybe, Unassigned

_AUGMENTED: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.iadd,
    "Sub": operator.isub,
    "Mult": operator.imul,
    "MatMult": operator.imatmul,
    "Div": operator.itruediv,
    "FloorDiv": operator.ifloordiv,
    "Mod": operator.imod,
    "Pow": operator.ipow,
    "LShift": operator.ilshift,
    "RShift": operator.irshift,
    "BitAnd": operator.iand,
    "BitOr": operator.ior,
    "BitXor": operator.ixor,
}


class Runtime(Choices, HostConstructs):
    """The control flow of one trace."""

    unassigned = UNASSIGNED
    anything = ANYTHING
    negated = staticmethod(negated)
    slice = staticmethod(slice)
    item = staticmethod(subscripted)

    def __init__(self, builder: Builder) -> None:
        super().__init__(builder)

    def if_(
        self,
        condition: object,
        names: tuple[str, ...],
        values: tuple[object, ...],
        line: int,
        computed_from: tuple[str, ...] | None,
        flags: tuple[str, ...],
    ) -> StaticIf | TracedIf:
        """Start an `if`; with `flags`, its condition is that none of these is set."""
        if isinstance(condition, Operand):
            pure = self._changes_nothing(computed_from, values)
            return TracedIf(self._builder, condition._as_value(), names, values, line, flags, pure)
        return StaticIf(bool(condition), names, values)

    def for_(
        self,
        iterable: Any,
        names: tuple[str, ...],
        values: tuple[object, ...],
        target: str,
        flag: str,
        line: int,
        computed_from: tuple[str, ...] | None,
        bases: tuple[str, ...],
    ) -> StaticFor | RangeFor:
        """Start a `for`; its body most likely changes what the variables `bases` hold."""
        if isinstance(iterable, Range):
            pure = self._changes_nothing(computed_from, values)
            place, held = (None, []) if pure else _place(self._builder, line, bases)
            return RangeFor(
                self._builder, iterable, names, values, target, flag, line, place, held, pure=pure
            )
        if isinstance(iterable, Operand) and not hasattr(iterable, "lanes"):
            raise SubscriptError(
                f"{describe(iterable)} cannot be iterated over",
                remedy="use `for i in enigma.range(n)` for a loop",
            )
        return StaticFor(self._builder, iterable, line)

    def while_(
        self,
        names: tuple[str, ...],
        values: tuple[object, ...],
        bound: tuple[str, ...],
        flag: str,
        line: int,
        endless: bool,
        computed_from: tuple[str, ...] | None,
        bases: tuple[str, ...],
    ) -> While:
        """Start a `while`; its condition binds `bound`, its body likely changes what `bases` hold.

        Only the flag ends an `endless` one.
        """
        pure = self._changes_nothing(computed_from, values)
        place, held = (None, []) if pure else _place(self._builder, line, bases)
        return While(self._builder, names, values, bound, flag, line, place, held, endless, pure)

    def region(
        self, names: tuple[str, ...], values: tuple[object, ...], header: tuple[str, ...]
    ) -> Region:
        """Start a `with`."""
        return Region(self._builder, names, values, header)

    def generator(self) -> Generator:
        """Start a generator."""
        return Generator(self._builder)

    def attempt(self) -> Attempt:
        """Start a `try`."""
        return Attempt(self._builder, self)

    def is_(self, left: object, right: object) -> bool:
        """Give `left is right`.

        Raises
        ------
        UnsupportedSyntax
            When which objects they are depends on what the kernel does.
        """
        made = self._builder.made
        for thing, other in ((left, right), (right, left)):
            known = other is None or isinstance(other, (bool, type, ModuleType, str))
            if not known and (isinstance(thing, Operand) or id(thing) in made):
                raise UnsupportedSyntax(
                    construct=f"`is` of {describe(thing)}, which the kernel makes,",
                    name="a kernel",
                    remedy="compare values with `==`",
                )
        return left is right

    def read(self, value: object, name: str) -> Any:
        """Check that a variable has a value.

        Raises
        ------
        UnassignedVariable
            When it may have none here, or one of several types.
        """
        if not isinstance(value, Unassigned):
            return value
        if isinstance(value, Maybe) and self._builder.knows(value.needs):
            return value.value
        raise UnassignedVariable(
            name=name, reason=value.reason, remedy=value.remedy or UnassignedVariable.remedy
        )

    def declared(self, value: object, annotation: Callable[[], Any], name: str) -> Any:
        """Give a value the dtype that an annotation of its variable says, if it says one.

        Raises
        ------
        EnigmaError
            When the value does not fit the dtype.
        """
        return self.name(declared(self._builder, value, annotation, name), name)

    @staticmethod
    def augmented(operation: str, left: object, right: object) -> Any:
        """Compute what an augmented assignment assigns, by the operation that `ast` names."""
        return _AUGMENTED[operation](left, right)

    @staticmethod
    def with_lanes(thing: object, name: str, value: object) -> Any:
        """Assign an attribute that may name lanes, and give what its variable is now."""
        if isinstance(thing, Vector):
            return replaced_lanes(thing, name, value)
        try:
            setattr(thing, name, value)
        except AttributeError as error:
            place = user_location() if is_own_class(type(thing)) else None
            refused = None if place is None else unknown_attribute(error, place)
            if refused is None:
                raise
            raise refused from None
        return thing

    @staticmethod
    def assign_lanes(value: object, base: Any, key: Any, name: str) -> None:
        """Assign an attribute of a subscripted object, which may name lanes of one in memory."""
        LanePlace(base, key, name).assign(value)

    @classmethod
    def augmented_lanes(
        cls, operation: str, base: Any, key: Any, name: str
    ) -> Callable[[object], None]:
        """Read what `assign_lanes` assigns to, and give the augmented assignment of a value."""
        place = LanePlace(base, key, name)
        old = place.read()
        return lambda value: place.assign(cls.augmented(operation, old, value))

    @staticmethod
    def with_element(value: object, thing: Any, position: Any, row: Any = None) -> Any:
        """Assign to a subscript of what may be a matrix, or to an element of a subscript of it.

        Gives what its variable is now.
        """
        if isinstance(thing, Matrix):
            if row is None:
                return thing.with_column(position, value)
            return thing.with_element(position, row, value)
        if row is None:
            thing[position] = value
        else:
            thing[position][row] = value
        return thing

    @staticmethod
    def with_lanes_of(value: object, thing: Any, position: Any, lanes: str) -> Any:
        """Assign to lanes of a subscript of what may be a matrix; give what its variable is now."""
        if isinstance(thing, Matrix):
            return thing.with_lanes(position, lanes, value)
        LanePlace(thing, position, lanes).assign(value)
        return thing

    @classmethod
    def augmented_element(
        cls, operation: str, thing: Any, position: Any, row: Any = None
    ) -> Callable[[object], Any]:
        """Read what `with_element` assigns to, and give the augmented assignment of a value."""
        old = thing[position] if row is None else thing[position][row]
        return lambda value: cls.with_element(
            cls.augmented(operation, old, value), thing, position, row
        )

    @classmethod
    def augmented_lanes_of(
        cls, operation: str, thing: Any, position: Any, lanes: str
    ) -> Callable[[object], Any]:
        """Read what `with_lanes_of` assigns to, and give the augmented assignment of a value."""
        old = getattr(thing[position], lanes)
        return lambda value: cls.with_lanes_of(
            cls.augmented(operation, old, value), thing, position, lanes
        )

    @staticmethod
    def name(value: object, name: str) -> Any:
        """Give a value the name of the variable that it is assigned to."""
        if value.__class__ is Value:
            if value.name is None:
                name_value(value, name)
        elif isinstance(value, (Value, Nameable)):
            value._take_name(name)
        return value

    @classmethod
    def names(cls, values: object, names: tuple[str, ...]) -> Any:
        """Give values the names of the variables that they are unpacked into."""
        if isinstance(values, (tuple, list)) and len(values) == len(names):
            for value, name in zip(values, names, strict=False):
                cls.name(value, name)
        return values

    def returned(self, value: object) -> Any:
        """Give the result of a function on all its paths."""
        if value is ANYTHING or value is UNASSIGNED:
            return None
        return self.read(value, "return value")


def _place(
    builder: Builder, line: int, bases: tuple[str, ...]
) -> tuple[tuple[int, int], list[Any]]:
    """Tell the loop at a line of the running function from others, and the lists in `bases`."""
    frame = sys._getframe(2)
    values = [builder.session.ir.variable(frame, name) for name in bases]
    held = [value for value in values if isinstance(value, (list, dict))]
    return (id(frame.f_code), line), held
