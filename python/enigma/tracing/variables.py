# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Python variables across the control flow of a kernel.

A variable may hold a traced value, a number, or a tuple, list, dict or frozen dataclass of such;
those become values of the IR leaf by leaf. Anything else is an object of Python that control flow
can pass by but not choose between. The contents of lists, dicts and other objects that several
variables may share are seen to once each, whoever holds them; see `enigma.tracing.objects`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

from enigma._layout import Dyn, Layout, SwizzledLayout, same
from enigma.errors import ObjectChanged
from enigma.locations import is_own_class
from enigma.tracing.alternatives import numbers_of
from enigma.tracing.classes import Classes, has, said_by
from enigma.tracing.messages import describe
from enigma.tracing.protocol import MemoryProtocol
from enigma.tracing.reach import is_library
from enigma.tracing.unsettled import Unsettled
from enigma.tracing.values import Operand, Value
from enigma.types import DType, b1, equivalent_dtype, f32, i32, is_number, number_dtype, promote


class Unassigned:
    """What a variable holds where it has no value, or not a single one; reading it is an error.

    Attributes
    ----------
    reason : str
        Why there is no value.
    remedy : str or None
        What to do, if it is another thing than usual.
    """

    __slots__ = ("reason", "remedy")

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        self.reason = reason
        self.remedy = remedy


class Maybe(Unassigned):
    """What a variable holds that is only assigned on the paths on which some facts hold.

    Attributes
    ----------
    value
        What it holds there.
    needs : tuple of frozenset
        Of each set one fact has to hold, such as that a flag of the rewriter is not set.
    """

    __slots__ = ("needs", "value")

    _enigma_is_value = False  # it may hold a list
    _enigma_stands_for = "value"

    def __init__(self, value: object, needs: tuple[frozenset[object], ...], reason: str) -> None:
        super().__init__(reason)
        self.value = value
        self.needs = needs


UNASSIGNED = Unassigned("it has not been assigned")
# The result of a function on a path that has not returned yet: whatever the other path has will do.
ANYTHING = Unassigned("the function has not returned")


class Either(list[Any]):
    """A list that is one of several others, depending on what the kernel does.

    Its elements are right as long as neither it nor one of the others is changed in place.

    Attributes
    ----------
    choices : sequence of list
        The others.
    decision
        What chooses: where it is the same for two lists, both are the one at the same position.
        None where nothing is known of it.
    age : int
        Greater than that of all lists that it may be.
    """

    __slots__ = ("_sources", "_where", "age", "choices", "decision")

    def __init__(
        self, elements: list[Any], sources: Sequence[list[Any]], where: str, decision: Any = None
    ) -> None:
        super().__init__(elements)
        self.choices = sources
        self.decision = decision
        self.age = 1 + max((_age(source) for source in sources), default=0)
        self._sources = []
        for source in sources:
            self._sources.append((source, list.__getitem__(source, slice(None))))
            if isinstance(source, Either):
                self._sources += source._sources
        self._where = where

    def _refuse(self, what: str) -> ObjectChanged:
        return ObjectChanged(
            name="this list",
            reason=(
                f"{self._where} it becomes one of several lists, which other variables hold, too, "
                f"and {what} changed in place"
            ),
            remedy="make it a list of its own where it is assigned, with list(...)",
        )


def _reading(name: str) -> Callable[..., Any]:
    method = getattr(list, name)

    def read(self: Either, *arguments: object) -> Any:
        for source, elements in self._sources:
            if len(source) != len(elements) or any(
                a is not b for a, b in zip(list.__iter__(source), elements, strict=True)
            ):
                raise self._refuse("one of those is")
        return method(self, *arguments)

    return read


def _writing(name: str) -> Callable[..., Any]:
    def write(self: Either, *arguments: object, **options: object) -> Any:
        raise self._refuse("it is")

    return write


for _name in ("__getitem__", "__iter__", "__len__", "__contains__", "__add__", "__mul__"):
    setattr(Either, _name, _reading(_name))
for _name in ("__rmul__", "__reversed__", "index", "count", "copy"):
    setattr(Either, _name, _reading(_name))
for _name in ("__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "extend", "insert"):
    setattr(Either, _name, _writing(_name))
for _name in ("pop", "remove", "clear", "sort", "reverse"):
    setattr(Either, _name, _writing(_name))


def _age(container: Any) -> int:
    return container.age if container.__class__ is Either else 0


def may_be_one(first: Any, second: Any) -> bool:
    """Whether two containers may be the same object when the kernel runs."""
    stack, seen = [(first, second)], set()
    while stack:
        a, b = stack.pop()
        if a is b:
            return True
        if (id(a), id(b)) in seen:
            continue
        seen.add((id(a), id(b)))
        older, newer = sorted((a, b), key=_age)
        if newer.__class__ is not Either:
            continue
        if older.__class__ is Either and older.decision is newer.decision is not None:
            stack += zip(older.choices, newer.choices, strict=True)
        else:
            stack += [(older, choice) for choice in newer.choices]
    return False


def every_choice(container: Any) -> list[Any]:
    """Give a container and all that it may be."""
    found, stack = {}, [container]
    while stack:
        one = stack.pop()
        if id(one) not in found:
            found[id(one)] = one
            if one.__class__ is Either:
                stack += one.choices
    return list(found.values())


# Of the classes of what variables hold, those that are most often met.
_NUMBERS = Classes((int, float, bool))
LEAVES = Classes((*_NUMBERS.values(), Value, str, type(None)))


def parts_of(value: Any, contents: list[Any] | None = None) -> tuple[Any, list[Any]] | None:
    """Take a tuple, list, dict or frozen dataclass apart; None for anything else.

    Parameters
    ----------
    value
        What to take apart.
    contents : list, optional
        What a list or dict held at another time.

    Returns
    -------
    shape
        What has to agree for two such values to be of one structure.
    values : list
        The parts.
    """
    kind = type(value)
    if id(kind) in LEAVES:
        return None
    if kind is tuple or (isinstance(value, tuple) and hasattr(value, "_fields")):
        return (kind, len(value)), list(value)
    if kind is list or kind is Either:
        parts = list(value) if contents is None else contents
        return (list, len(parts)), parts
    if kind is dict:
        return (dict, tuple(value)), list(value.values()) if contents is None else contents
    names = names_of_fields(value)
    if names is not None:
        return (kind, names), [getattr(value, name) for name in names]
    return None


def names_of_fields(value: Any) -> tuple[str, ...] | None:
    """Give the fields of a frozen dataclass, which is a value as a tuple is; None of others."""
    kind = type(value)
    parameters = said_by(kind, "__dataclass_params__")
    if parameters is None or not parameters.frozen or is_library(kind.__module__):
        return None
    names = tuple(each.name for each in dataclasses.fields(kind))
    own = getattr(value, "__dict__", {})
    # What was computed and kept beside the fields, or is no field of an object, stays what it is.
    if any(name not in names for name in own) or not all(hasattr(value, name) for name in names):
        return None
    return names


def is_immutable(container: object) -> bool:
    """Whether the parts of what `parts_of` takes apart stay: of a tuple, or a frozen dataclass."""
    return isinstance(container, tuple) or names_of_fields(container) is not None


def assemble(shape: Any, values: list[Any]) -> Any:
    """Make the value of a structure from its parts: the reverse of `parts_of`."""
    kind, keys = shape
    if kind is list:
        return values
    if kind is dict:
        return dict(zip(keys, values, strict=True))
    if said_by(kind, "__dataclass_params__") is not None:
        made = object.__new__(kind)
        for name, value in zip(keys, values, strict=True):
            object.__setattr__(made, name, value)
        return made
    return tuple(values) if kind is tuple else kind(*values)


_Take = Callable[[Any], "tuple[Any, list[Any]] | None"]


class Tree:
    """The structure of a value with its leaves, as found at one time.

    Parameters
    ----------
    value
        The value.
    take : callable
        Takes containers apart, as `parts_of` does.

    Attributes
    ----------
    leaves : list
        Traced values, numbers and other objects, in order.
    containers : list
        The tuples, lists and dicts in it.
    is_leaf : bool
        Whether the value has no structure.
    """

    __slots__ = ("_structure", "containers", "is_leaf", "leaves")

    def __init__(self, value: object, take: _Take) -> None:
        self.containers: list[Any] = []
        self._structure: Any = None
        if id(type(value)) in LEAVES:
            self.leaves = [value]
            self.is_leaf = True
        else:
            self.leaves = []
            self._structure = self._take(value, take)
            self.is_leaf = self._structure is None

    def _take(self, value: object, take: _Take) -> Any:
        taken = take(value)
        if taken is None:
            self.leaves.append(leaf_of(value))
            return None
        shape, values = taken
        number = len(self.containers)
        self.containers.append(value)
        return shape, [self._take(part, take) for part in values], number

    def like(self, other: Tree) -> bool:
        """Whether two trees have one structure."""
        return _same_structure(self._structure, other._structure)

    def rebuild(
        self, leaves: Iterator[object], new: Callable[[int, Any], Any] | None = None
    ) -> Any:
        """Make the value anew from other leaves; `new` is given its containers by number."""
        return _rebuild(self._structure, leaves, new)


def leaves_of(values: tuple[object, ...]) -> tuple[Any, ...]:
    """Give the leaves that variables are, as `leaf_of` does each."""
    return values if LEAVES.hold_all_of(values) else tuple(map(leaf_of, values))


def leaf_of(value: object) -> Any:
    """Give a leaf as control flow sees it: what turns into a traced value is one."""
    if value.__class__ is Value:
        return value
    return value._as_value() if isinstance(value, Operand) else value


def _same_structure(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    if a[0][0] is not b[0][0] or a[0][1] != b[0][1]:
        return False
    return all(map(_same_structure, a[1], b[1]))


def _rebuild(
    structure: Any, leaves: Iterator[object], new: Callable[[int, Any], Any] | None
) -> Any:
    if structure is None:
        return next(leaves)
    shape, children, number = structure
    made = assemble(shape, [_rebuild(child, leaves, new) for child in children])
    return made if new is None else new(number, made)


class Join:
    """One value of the IR that is one of two leaves.

    Attributes
    ----------
    leaves : tuple
        The two leaves: values, numbers, symbols, or `ANYTHING`.
    dtype, lanes
        What the result is.
    unsettled : tuple of Unsettled or None
        Carried numbers that the dtype depends on.
    of_numbers : bool
        Whether each leaf is a number, or a value that is one of some.
    value : Value
        The result, once it is made.
    """

    __slots__ = ("dtype", "lanes", "leaves", "of_numbers", "unsettled", "value")

    def __init__(
        self,
        a: object,
        b: object,
        dtype: DType,
        lanes: int = 1,
        unsettled: tuple[Unsettled, ...] | None = None,
        of_numbers: bool = False,
    ) -> None:
        self.leaves = (a, b)
        self.dtype = dtype
        self.lanes = lanes
        self.unsettled = unsettled
        self.of_numbers = of_numbers
        self.value: Any = None


def join_leaves(a: Any, b: Any, where: tuple[str, str]) -> Any:
    """Bring two leaves together: one of them, a `Join`, or an `Unassigned` that says why not."""
    if a is b:
        return a
    # The most common cases; two that may be numbers come below.
    if a.__class__ is Value and a.alternatives is None:
        if b.__class__ is Value:
            return _join_values(a, b, where)
        if id(type(b)) in _NUMBERS:
            return _join_number(a, b, a, b, where)
    elif b.__class__ is Value and b.alternatives is None and id(type(a)) in _NUMBERS:
        return _join_number(a, b, b, a, where)
    if a is ANYTHING or b is ANYTHING:
        other = b if a is ANYTHING else a
        if isinstance(other, Dyn):
            return Join(a, b, i32)
        return (
            Join(a, b, other.dtype, other.lanes, other.unsettled)
            if isinstance(other, Value)
            else other
        )
    if isinstance(a, Unassigned) or isinstance(b, Unassigned):
        return join_unassigned(a, b, where)
    numbers = numbers_of(a, b)
    if numbers is not None:
        if is_number(a) and type(a) is type(b) and repr(a) == repr(b):
            return a
        dtype = number_dtype(*numbers)
        if dtype is None:
            return Unassigned("it is a number that fits no dtype")
        return Join(a, b, dtype, of_numbers=True)
    if isinstance(a, Value) and isinstance(b, Value):
        return _join_values(a, b, where)
    if isinstance(a, Value) and is_number(b):
        return _join_number(a, b, a, b, where)
    if isinstance(b, Value) and is_number(a):
        return _join_number(a, b, b, a, where)
    if type(a) is type(b) and isinstance(a, _COMPARABLE) and a == b:
        return a
    if isinstance(a, Dyn) or isinstance(b, Dyn):
        return _join_symbols(a, b, where)
    return _differ(a, b, where)


#: Objects that are the same wherever they are equal.
_COMPARABLE = (str, bytes, type(None), DType, Layout, SwizzledLayout)


def _differ(a: object, b: object, where: tuple[str, str]) -> Unassigned:
    return Unassigned(
        f"it is {describe(a)} {where[0]}, and {describe(b)} {where[1]}",
        no_choice(a, b) or _name_cast(a, b),
    )


def _name_cast(a: object, b: object) -> str | None:
    """Say which conversion lets two values or numbers go together, if one does."""
    dtypes = [
        thing.dtype
        if isinstance(thing, Value)
        else number_dtype(thing)
        if is_number(thing)
        else None
        for thing in (a, b)
    ]
    if dtypes[0] is None or dtypes[1] is None or dtypes[0] is dtypes[1]:
        return None
    return f"give both one dtype, as with .to(enigma.{promote(dtypes[0], dtypes[1])})"


def no_choice(*things: object) -> str | None:
    """Say what to do instead of choosing between things in the kernel; None for values."""
    if any(
        isinstance(thing, _LAYOUTS) or (is_own_class(type(thing)) and hasattr(thing, "layout"))
        for thing in things
    ):
        return (
            "which tensor or layout a variable holds has to be known while the kernel is compiled: "
            "choose or carry a coordinate, and make the view where it is used"
        )
    if any(isinstance(thing, MemoryProtocol) for thing in things):
        return (
            "which memory a variable holds has to be known while the kernel is compiled: choose or "
            "carry a subscript; of a pipeline, call front() or stage(k) where the stage is used"
        )
    if any(isinstance(thing, ModuleType) or callable(thing) for thing in things):
        return (
            "which function, class, dtype or module a name stands for has to be known while the "
            "kernel is compiled: give each a name of its own, and use it where it is the one"
        )
    if any(said_by(type(thing), "__dataclass_fields__") is not None for thing in things):
        return (
            "which object a variable holds has to be known while the kernel is compiled: declare "
            "the class with @dataclass(frozen=True), which makes its objects values, or assign to "
            "the attributes of one object"
        )
    for thing in things:
        dtype = equivalent_dtype(type(thing)) if has(thing, "item") else ""
        if dtype and not is_number(thing):
            return (
                "a scalar of NumPy has its dtype in an operator alone: make it a value, as "
                f"enigma.{dtype}(x) does, or a number of Python, as x.item() is"
            )
    return None


_LAYOUTS = (Layout, SwizzledLayout)


def is_integer(thing: object) -> bool:
    """Whether a leaf is a symbol, an int or a traced integer."""
    if isinstance(thing, Value):
        return thing.dtype.kind in "iu" and thing.lanes == 1
    return isinstance(thing, Dyn) or (isinstance(thing, int) and not isinstance(thing, bool))


def _join_symbols(a: object, b: object, where: tuple[str, str]) -> Any:
    """Bring symbols together with integers: they take the dtype of traced ones."""
    if isinstance(a, Dyn) and isinstance(b, Dyn) and same(a, b):
        return a
    if not is_integer(a) or not is_integer(b):
        return _differ(a, b, where)
    value = a if isinstance(a, Value) else b
    if isinstance(value, Value):
        return Join(a, b, value.dtype, 1, value.unsettled)
    if any(isinstance(x, int) and i32.why_not(x) is not None for x in (a, b)):
        return _differ(a, b, where)
    return Join(a, b, i32)


def join_unassigned(a: Any, b: Any, where: tuple[str, str]) -> Unassigned:
    """Say what a variable is that has no value on one of two paths."""
    if isinstance(a, Unassigned) and isinstance(b, Unassigned):
        problem = a if a is not UNASSIGNED else b
        # What one path may have assigned is nothing that the other one has, nor what follows.
        return Unassigned(problem.reason) if isinstance(problem, Maybe) else problem
    missing, place = (a, where[0]) if isinstance(a, Unassigned) else (b, where[1])
    return missing if missing is not UNASSIGNED else Unassigned(f"it is not assigned {place}")


def _join_values(a: Value, b: Value, where: tuple[str, str]) -> Any:
    if a.lanes != b.lanes:
        return _differ(a, b, where)
    if a.unsettled is not None and b.unsettled is not None:
        return Join(a, b, promote(a.dtype, b.dtype), a.lanes, a.unsettled + b.unsettled)
    if a.dtype is b.dtype:
        return Join(a, b, a.dtype, a.lanes)
    if a.unsettled is not None and _may_become(a.dtype, b.dtype):
        return Join(a, b, b.dtype, a.lanes)
    if b.unsettled is not None and _may_become(b.dtype, a.dtype):
        return Join(a, b, a.dtype, a.lanes)
    return _differ(a, b, where)


def _may_become(number: DType, dtype: DType) -> bool:
    """Whether a carried number that was given the dtype `number` may take another one."""
    return dtype.kind == "f" or (number.kind in "iu" and dtype.kind in "iu")


def _join_number(a: Any, b: object, value: Value, number: Any, where: tuple[str, str]) -> Any:
    if value.unsettled is not None and isinstance(number, float) and value.dtype.kind == "i":
        return Join(a, b, f32, value.lanes, value.unsettled)
    if isinstance(number, bool) != (value.dtype is b1) or value.dtype.why_not(number) is not None:
        return _differ(a, b, where)
    return Join(a, b, value.dtype, value.lanes, value.unsettled)
