# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects that hold a number and may change in place, and how kernels come to them."""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import math
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import enigma


class Plain:
    def __init__(self, factor: float = 2.0) -> None:
        self.factor = factor

    def given(self) -> float:
        return self.factor


class Slotted:
    __slots__ = ("__hidden", "factor")

    def __init__(self) -> None:
        self.factor = 2.0
        self.__hidden = 0.5

    def given(self) -> float:
        return self.factor * self.__hidden


class Both(Slotted):
    """Slots, and attributes besides."""


class Attributes(dict[str, float]):
    __getattr__ = dict.__getitem__


class Listed(list[float]):
    extra = 1.0


class Number(float):
    extra = 2.0


class Hidden(list[float]):
    """A list that shows other items than it has."""

    def __iter__(self):
        return iter((1.0,))

    def __len__(self):
        return 1


@dataclasses.dataclass
class Settings:
    factor: float = 2.0
    tile: tuple[int, int] = (4, 8)
    inner: list[float] = dataclasses.field(default_factory=lambda: [2.0])


@dataclasses.dataclass(frozen=True)
class Frozen:
    factor: float = 2.0


class Held(NamedTuple):
    items: list[float]


class Meta(type):
    """Its classes compare as they like, and have no hash."""

    def __eq__(cls, other):
        return True

    __hash__ = None  # type: ignore[assignment]


class Odd(metaclass=Meta):
    factor = 2.0


def odd() -> Odd:
    made = Odd()
    made.factor = 2.0
    return made


def circle() -> list[Any]:
    made: list[Any] = [2.0]
    made.append(made)
    return made


class Secret(dict[str, float]):
    """A dict that shows none of what it has."""

    def __iter__(self):
        return iter(())

    def keys(self):
        return ()

    def values(self):
        return ()


def secret() -> Plain:
    made = Plain()
    made.__dict__ = Secret(vars(made))
    return made


def as_itself() -> Attributes:
    """Give a dict whose items are its attributes."""
    made = Attributes(factor=2.0)
    made.__dict__ = made
    return made


def static() -> Any:
    """Give a method that has an attribute."""
    made: Any = staticmethod(lambda: 2.0)
    made.factor = 2.0
    return made


def _make_anew(*parts: object) -> Callable[[Any], None]:
    return lambda holder: holder.__init__(*parts)


class Told:
    """An object that says it is of another class."""

    def __init__(self, kind: type) -> None:
        self.kind, self.factor = kind, 2.0

    __class__ = property(lambda self: self.kind)  # type: ignore[assignment]


class One:
    __slots__ = ("factor",)


class Other:
    __slots__ = ("factor",)


def of_bases() -> Any:
    made = type("Changing", (One,), {"__slots__": ()})()
    made.factor = 2.0
    return made


def change_bases(made: Any) -> None:
    type(made).__bases__ = (Other,)
    made.factor = 5.0


class Holder(NamedTuple):
    """How an object is made, what a kernel reads of it, and how it changes so that this differs."""

    make: Callable[[], Any]
    read: Callable[[Any], float]
    change: Callable[[Any], Any]


def _set(attribute: str, value: object) -> Callable[[Any], None]:
    return lambda holder: setattr(holder, attribute, value)


def _put(key: object, value: object) -> Callable[[Any], None]:
    return lambda holder: holder.__setitem__(key, value)


def _factor(holder: Any) -> float:
    return float(holder.factor)


def _second(holder: Any) -> float:
    return float(holder[1])


def _of_key(holder: Any) -> float:
    return float(holder["factor"])


def _first_item(holder: Any) -> float:
    return float(next(iter(holder)))


HOLDERS = {
    "a list": Holder(lambda: [1.0, 2.0], _second, _put(1, 5.0)),
    "a longer list": Holder(lambda: [1.0, 2.0], lambda x: sum(x), lambda x: x.append(5.0)),
    "a list of another type": Holder(
        lambda: [1.0, 2], lambda x: 3.0 if type(x[1]) is int else 5.0, _put(1, 2.0)
    ),
    "a list in a list": Holder(
        lambda: [1.0, [2.0]], lambda x: float(x[1][0]), lambda x: x[1].insert(0, 5.0)
    ),
    "a list that holds itself": Holder(circle, lambda x: float(x[1][1][0]), _put(0, 5.0)),
    "a dict": Holder(lambda: {"factor": 2.0}, _of_key, _put("factor", 5.0)),
    "a further key": Holder(lambda: {"factor": 2.0}, len, _put("other", 5.0)),
    "another key": Holder(
        lambda: {"factor": 2.0},
        lambda x: x.get("other", 3.0),
        lambda x: x.update(other=x.pop("factor")),
    ),
    "the order of a dict": Holder(
        lambda: {"a": 2.0, "b": 3.0},
        lambda x: float(next(iter(x.values()))),
        lambda x: x.update(a=x.pop("a")),
    ),
    "a set": Holder(lambda: {1, 2}, sum, lambda x: x.add(5)),
    "a set of texts": Holder(
        lambda: {"a"}, lambda x: 5.0 if "b" in x else 6.0, lambda x: x.add("b")
    ),
    "a frozen set of what changes": Holder(
        lambda: frozenset({Plain()}), lambda x: _factor(*x), lambda x: _set("factor", 5.0)(*x)
    ),
    "a queue": Holder(lambda: collections.deque([1.0, 2.0]), _first_item, lambda x: x.rotate()),
    "an ordered dict": Holder(
        lambda: collections.OrderedDict([(1.5, 0), (2.5, 0)]),
        _first_item,
        lambda x: x.move_to_end(1.5),
    ),
    "a dict with a default": Holder(
        lambda: collections.defaultdict(float, factor=2.0), _of_key, _put("factor", 5.0)
    ),
    "the default of a dict": Holder(
        lambda: collections.defaultdict(lambda: 2.0),
        lambda x: float(x.default_factory()),
        _set("default_factory", lambda: 5.0),
    ),
    "a counter": Holder(
        lambda: collections.Counter("aab"), lambda x: float(x["a"]), lambda x: x.update("a")
    ),
    "a namespace": Holder(lambda: types.SimpleNamespace(factor=2.0), _factor, _set("factor", 5.0)),
    "an object": Holder(Plain, _factor, _set("factor", 5.0)),
    "an object by its method": Holder(Plain, lambda x: x.given(), _set("factor", 5.0)),
    "an object of another class": Holder(
        Plain,
        lambda x: x.given(),
        _set("__class__", type("Other", (Plain,), {"given": lambda _: 5.0})),
    ),
    "all attributes of an object": Holder(
        Plain, _factor, lambda x: setattr(x, "__dict__", {"factor": 5.0})
    ),
    "a method": Holder(
        lambda: Plain().given, lambda x: x(), lambda x: setattr(x.__self__, "factor", 5.0)
    ),
    "slots": Holder(Slotted, _factor, _set("factor", 5.0)),
    "a hidden slot": Holder(Slotted, lambda x: x.given(), _set("_Slotted__hidden", 5.0)),
    "slots and attributes": Holder(Both, lambda x: x.given(), _set("given", lambda: 5.0)),
    "a dict with attributes": Holder(lambda: Attributes(factor=2.0), _factor, _put("factor", 5.0)),
    "an attribute of a dict": Holder(lambda: Attributes(factor=2.0), _factor, _set("factor", 5.0)),
    "a list of a class": Holder(lambda: Listed([1.0, 2.0]), _second, _put(1, 5.0)),
    "an empty list of a class": Holder(Listed, len, lambda x: x.append(5.0)),
    "an attribute of a list": Holder(Listed, lambda x: x.extra, _set("extra", 5.0)),
    "an attribute of a number": Holder(
        lambda: Number(3.0), lambda x: x * x.extra, _set("extra", 5.0)
    ),
    "a list that shows other items": Holder(lambda: Hidden([1.0, 2.0]), _second, _put(1, 5.0)),
    "a data class": Holder(Settings, _factor, _set("factor", 5.0)),
    "a tile of a data class": Holder(Settings, lambda x: float(x.tile[1]), _set("tile", (4, 9))),
    "a list in a data class": Holder(
        Settings, lambda x: float(x.inner[0]), lambda x: x.inner.insert(0, 5.0)
    ),
    "all of a data class": Holder(
        Settings, lambda x: float(dataclasses.astuple(x)[0]), _set("factor", 5.0)
    ),
    "equal data classes": Holder(
        Settings, lambda x: 3.0 if x == Settings() else 5.0, _set("factor", 5.0)
    ),
    "a frozen data class": Holder(Frozen, _factor, lambda x: object.__setattr__(x, "factor", 5.0)),
    "a named tuple": Holder(
        lambda: Held([1.0, 2.0]), lambda x: _second(x.items), lambda x: _put(1, 5.0)(x.items)
    ),
    "an array": Holder(lambda: np.array([1.0, 2.0]), _second, _put(1, 5.0)),
    "a view of an array": Holder(
        lambda: np.array([1.0, 0.0, 2.0])[::2], _second, lambda x: x.base.fill(5.0)
    ),
    "the shape of an array": Holder(
        lambda: np.array([1.0, 2.0]), lambda x: x.ndim, _set("shape", (2, 1))
    ),
    "a partial": Holder(
        lambda: functools.partial(dict, factor=2.0),
        lambda x: _of_key(x()),
        lambda x: _put("factor", 5.0)(x.keywords),
    ),
    "a partial that becomes another one": Holder(
        lambda: functools.partial(float, 2.0),
        lambda x: x(),
        lambda x: x.__setstate__((float, (5.0,), {}, {})),
    ),
    "a static method": Holder(static, lambda x: x(), _make_anew(lambda: 5.0)),
    "an attribute of a static method": Holder(static, _factor, _set("factor", 5.0)),
    "a class method": Holder(
        lambda: classmethod(lambda _: 2.0), lambda x: x.__func__(x), _make_anew(lambda _: 5.0)
    ),
    "a property": Holder(
        lambda: property(lambda _: 2.0), lambda x: x.fget(x), _make_anew(lambda _: 5.0)
    ),
    "a property that is computed once": Holder(
        lambda: functools.cached_property(lambda _: 2.0),
        lambda x: x.func(x),
        _set("func", lambda _: 5.0),
    ),
    "an object whose attributes are hidden": Holder(secret, _factor, _set("factor", 5.0)),
    "a dict that is its own attributes": Holder(as_itself, _factor, _put("factor", 5.0)),
    "slots of another base": Holder(of_bases, _factor, change_bases),
    "a slice of what changes": Holder(
        lambda: slice([2.0], 3), lambda x: _first_item(x.start), lambda x: x.start.insert(0, 5.0)
    ),
    **{
        f"an object that says it is a {kind.__name__}": Holder(
            lambda kind=kind: Told(kind), _factor, _set("factor", 5.0)
        )
        for kind in (
            *(types.FunctionType, types.ModuleType, types.MemberDescriptorType, property),
            *(type, tuple, list, dict, enum.Enum, functools.partial, Settings),
            type(enigma.f32),
        )
    },
    "an object of a class without a hash": Holder(odd, _factor, _set("factor", 5.0)),
}


def _kernel_of(factor: Callable[[], float]) -> Callable[[], Any]:
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = A[1] * factor()

    return lambda: enigma.compile(kernel, emit_only=True)


def _by_a_module(held: Any, read: Callable[[Any], float]) -> Callable[[], Any]:
    config = types.ModuleType("config")
    config.held = held  # type: ignore[attr-defined]
    return _kernel_of(lambda: read(config.held))


def _by_a_class(held: Any, read: Callable[[Any], float]) -> Callable[[], Any]:
    class Space:
        items = (held,)

    return _kernel_of(lambda: read(Space.items[0]))


def _by_a_default(held: Any, read: Callable[[Any], float]) -> Callable[[], Any]:
    def given(x: Any = held) -> float:
        return read(x)

    return _kernel_of(lambda: given())


def _by_a_keyword(held: Any, read: Callable[[Any], float]) -> Callable[[], Any]:
    def given(*, x: Any = held) -> float:
        return read(x)

    return _kernel_of(lambda: given())


def _by_an_object(held: Any, read: Callable[[Any], float]) -> Callable[[], Any]:
    outer = {"items": [Plain(held)]}
    return _kernel_of(lambda: read(outer["items"][0].factor))


@enigma.kernel
def store(A, x):
    A[0] = A[1] * x


def taking(read: Callable[[Any], float]) -> Callable[[Any], Any]:
    @enigma.jit
    def scaled(A, x):
        store(A, read(x)).launch(grid=1, block=1)

    output = enigma.Tensor("A", 0, "float", enigma.Layout(4))
    return lambda held: enigma.compile(scaled, output, held, emit_only=True)


def as_an_argument(held: Any, read: Callable[[Any], float]) -> Callable[[], Any]:
    return functools.partial(taking(read), held)


def _taking_a_constant(read: Callable[[Any], float]) -> Callable[[Any], Any]:
    @enigma.kernel
    def kernel(A: enigma.f32, x: enigma.constexpr):
        A[0] = A[1] * read(x)

    return lambda held: enigma.compile(kernel, emit_only=True, constants={"x": held})


#: How kernels are given an object.
TAKING = {"an argument": taking, "a constant": _taking_a_constant}


class Sole(tuple[float, ...]):
    """A tuple that shows other items than it has."""

    __slots__ = ()

    def __iter__(self) -> Any:
        return iter((1.0,))


class Row(tuple[float, ...]):
    """A tuple that has its items by names, and says of no other one that it is missing."""

    __slots__ = ()

    def __getattr__(self, name: str) -> float:
        return self[("a", "b").index(name)]


MISSING, DEFAULT, ITEMS, PART = object(), Plain(), [1.0], functools.partial(Plain)
ALL = [Plain()]
ARRAY = np.array([1.0, 2.0])
NAN = float("nan")

# What is read of an argument, and two arguments that look alike or show the same.
ALIKE: dict[str, tuple[Callable[[Any], float], Any, Any]] = {
    "an object without attributes": (lambda x: 2.0 if x is MISSING else 3.0, object(), MISSING),
    "an object": (lambda x: 2.0 if x is DEFAULT else 3.0, Plain(), DEFAULT),
    "a list": (lambda x: 2.0 if x is ITEMS else 3.0, [1.0], ITEMS),
    "a partial": (lambda x: 2.0 if x is PART else 3.0, functools.partial(Plain), PART),
    "one of two": (
        lambda x: 2.0 if x[0] is DEFAULT else 3.0,
        [DEFAULT, Plain()],
        [Plain(), DEFAULT],
    ),
    "an object in a list": (lambda x: 2.0 if x in ALL else 3.0, Plain(), ALL[0]),
    "a view of an array": (
        lambda x: 2.0 if x["view"].base is x["all"] else 3.0,
        {"all": ARRAY, "view": ARRAY[:]},
        {"all": ARRAY, "view": ARRAY.copy()[:]},
    ),
    "items that are hidden": (lambda x: x[1], Sole((1.0, 2.0)), Sole((1.0, 3.0))),
    "items that are named": (lambda x: float(x.b), Row((1.0, 2.0)), Row((1.0, 3.0))),
    "what is no number": (lambda x: math.copysign(1.0, x), NAN, -NAN),
    "a number of two parts": (lambda x: x.imag, 1j, 2j),
}


# How a kernel comes to an object: each gives what compiles one.
WAYS = {
    "a closure": lambda held, read: _kernel_of(lambda: read(held)),
    "a module": _by_a_module,
    "a class": _by_a_class,
    "a default": _by_a_default,
    "a keyword": _by_a_keyword,
    "an object": _by_an_object,
    "an argument": as_an_argument,
    "a constant": lambda held, read: functools.partial(_taking_a_constant(read), held),
}
