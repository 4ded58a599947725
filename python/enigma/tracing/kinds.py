# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kinds of objects of Python whose contents can change: how these are read and written."""

from __future__ import annotations

import gc
import itertools
import operator
import types
import warnings
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Sequence
from operator import is_
from typing import Any

from enigma.errors import spelled


class _Missing:
    """What a variable or attribute without a value holds."""

    def __repr__(self) -> str:
        return "nothing"


MISSING: Any = _Missing()


class Kind(ABC):
    """How the contents of a kind of object are read, written and spelled.

    Contents are keys, which say what parts there are, and as many values.
    """

    #: Whether parts can be replaced one by one by what control flow makes of them.
    joinable = True
    #: Whether it only goes forward, so that what was done to it cannot be taken back.
    advances = False
    #: What is done to one that only goes forward.
    done = "advanced"

    @staticmethod
    @abstractmethod
    def read(thing: object) -> tuple[Any, list[Any]]:
        """Give the keys and the values."""

    @staticmethod
    @abstractmethod
    def write(thing: object, keys: object, values: Sequence[object]) -> None:
        """Give the object other contents."""

    @classmethod
    def holds(cls, thing: object, keys: object, values: Sequence[object]) -> bool:
        """Whether the object still has contents that it had."""
        now, held = cls.read(thing)
        return (now is keys or cls.same(keys, now)) and all(map(is_, held, values))

    @staticmethod
    def suffix(keys: object, position: int) -> str:
        """Spell the part at a position, after the object."""
        return f"[{position}]"

    @staticmethod
    def same(a: object, b: object) -> bool:
        """Whether keys are the same."""
        return bool(a == b)


class _List(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        values = list.__getitem__(thing, slice(None))
        return len(values), values

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        list.__setitem__(thing, slice(None), values)


class _Deque(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        values = list(deque.__iter__(thing))
        return len(values), values

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        deque.clear(thing)
        deque.extend(thing, values)


def _same_key(a: object, b: object) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, _PLAIN_KEYS) and a == b)


_PLAIN_KEYS = (str, bytes, int, float, complex, tuple, frozenset)


class _Dict(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return list(dict.keys(thing)), list(dict.values(thing))

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        dict.clear(thing)
        dict.update(thing, zip(keys, values, strict=True))

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f"[{spelled(keys[position])}]"

    @staticmethod
    def same(a: Any, b: Any) -> bool:
        # Not `==`: that of traced keys would build an operation.
        return len(a) == len(b) and all(map(_same_key, a, b))


class _OrderedDict(_Dict):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        # Its order is not that of the dict below.
        return list(OrderedDict.keys(thing)), list(OrderedDict.values(thing))

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        OrderedDict.clear(thing)
        for key, value in zip(keys, values, strict=True):
            OrderedDict.__setitem__(thing, key, value)


class _Registry(_Dict):
    """The functions of a `functools.singledispatch`, by class."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return list(thing.registry.keys()), list(thing.registry.values())

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        # What it shows is a proxy of it.
        (registry,) = gc.get_referents(thing.registry)
        _Dict.write(registry, keys, values)
        # It remembers which function it took for a class.
        thing._clear_cache()


class _Attributes(_Dict):
    """The ``__dict__`` of an object."""

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"


class _FunctionAttributes(_Attributes):
    """The attributes that a user gave to a function."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        if not thing:
            return [], []
        own = {key: value for key, value in thing.items() if not key.startswith("__")}
        return list(own), list(own.values())

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        for key in [key for key in thing if not key.startswith("__")]:
            del thing[key]
        thing.update(zip(keys, values, strict=True))


class _Function(Kind):
    """The code of a function, and the defaults of its parameters."""

    @staticmethod
    def read(thing: object) -> tuple[Any, list[Any]]:
        return _PARTS_OF_FUNCTIONS, list(_parts_of_function(thing))

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        for name, value in zip(keys, values, strict=True):
            setattr(thing, name, value)

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"


_PARTS_OF_FUNCTIONS = ("__code__", "__defaults__", "__kwdefaults__")
_parts_of_function = operator.attrgetter(*_PARTS_OF_FUNCTIONS)


class Described:
    """A function or class, and what it says of itself that code may change."""

    __slots__ = ("names", "thing")

    def __init__(self, thing: Any, names: tuple[str, ...]) -> None:
        self.thing = thing
        self.names = names


class _Description(Kind):
    """What a function or class says of itself."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing.names, [getattr(thing.thing, name) for name in thing.names]

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        for name, value in zip(keys, values, strict=True):
            if getattr(thing.thing, name) is not value:
                setattr(thing.thing, name, value)

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"


#: What functions and classes say of themselves.
DESCRIPTIONS = frozenset(("__annotations__", "__doc__", "__module__", "__name__", "__qualname__"))


class _Slots(Kind):
    """The values of the slots of an object."""

    @staticmethod
    def read(thing: object) -> tuple[Any, list[Any]]:
        slots = slots_of(type(thing))
        values = []
        for slot in slots:
            try:
                values.append(slot.__get__(thing))
            except AttributeError:
                values.append(MISSING)
        return [slot.__name__ for slot in slots], values

    @staticmethod
    def write(thing: object, keys: object, values: Sequence[object]) -> None:
        for slot, value in zip(slots_of(type(thing)), values, strict=True):
            if value is not MISSING:
                slot.__set__(thing, value)
            elif _has(slot, thing):
                slot.__delete__(thing)

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"


def slots_of(cls: type) -> list[types.MemberDescriptorType]:
    """Give the slots of a class and its bases."""
    return [
        member
        for base in cls.__mro__
        for member in base.__dict__.values()
        if isinstance(member, types.MemberDescriptorType)
    ]


def _has(slot: Any, thing: object) -> bool:
    try:
        slot.__get__(thing)
    except AttributeError:
        return False
    return True


class _Class(Kind):
    """The attributes of a class."""

    @staticmethod
    def read(thing: object) -> tuple[Any, list[Any]]:
        own = {
            key: value
            for key, value in type.__getattribute__(thing, "__dict__").items()
            if key not in _OF_CLASSES and not isinstance(value, types.GetSetDescriptorType)
        }
        return list(own), list(own.values())

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        for key in set(_Class.read(thing)[0]) - set(keys):
            type.__delattr__(thing, key)
        for key, value in zip(keys, values, strict=True):
            type.__setattr__(thing, key, value)

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"

    @staticmethod
    def same(a: Any, b: Any) -> bool:
        return set(a) == set(b)


# What Python itself keeps in a class.
_OF_CLASSES = {"__dict__", "__weakref__", "__doc__", "__module__", "__annotations__"}


class _Cell(Kind):
    """A variable that functions share."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        try:
            return 1, [thing.cell_contents]
        except ValueError:
            return 1, [MISSING]

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        if values[0] is not MISSING:
            thing.cell_contents = values[0]
        elif _Cell.read(thing)[1][0] is not MISSING:
            del thing.cell_contents

    @staticmethod
    def suffix(keys: object, position: int) -> str:
        return ""


class _ContextVariable(_Cell):
    """A variable of `contextvars`."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return 1, [thing.get(MISSING)]

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        thing.set(values[0])


class _Arguments(Kind):
    """The arguments of an exception."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return 1, [thing.args]

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        thing.args = values[0]

    @staticmethod
    def suffix(keys: object, position: int) -> str:
        return ".args"


class Names:
    """Names of variables of a module, such as those that some code names.

    Attributes
    ----------
    all : tuple of str
        The names.
    telling : frozenset of str
        Those by which the code may change what no other code does.
    """

    __slots__ = ("_together", "all", "telling")

    def __init__(self, names: tuple[str, ...], telling: frozenset[str] = frozenset()) -> None:
        self.all = names
        self.telling = telling
        self._together: dict[int, tuple[Names, tuple[str, ...], Names]] = {}

    def together(self, others: Names) -> tuple[Names, tuple[str, ...]]:
        """Give these names and others, and which of the others are none of these."""
        found = self._together.get(id(others))
        if found is None:
            known = set(self.all)
            new = tuple([name for name in others.all if name not in known])
            together = Names((*self.all, *new)) if new else self
            # The others are kept, too: their identity stays theirs.
            found = self._together[id(others)] = together, new, others
        return found[0], found[1]


class Globals:
    """The variables of a module that some code names."""

    __slots__ = ("names", "variables")

    def __init__(self, variables: dict[str, Any], names: Names) -> None:
        self.variables = variables
        self.names = names


def read_variables(variables: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """Give what variables of a module hold."""
    return list(map(variables.get, names, itertools.repeat(MISSING)))


class _GlobalVariables(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        names = thing.names.all
        return names, read_variables(thing.variables, names)

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        for name, value in zip(keys, values, strict=True):
            if value is not MISSING:
                thing.variables[name] = value
            else:
                thing.variables.pop(name, None)

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return str(keys[position])


class _Set(Kind):
    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return set(set.__iter__(thing)), []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        set.clear(thing)
        set.update(thing, keys)


class _Bytes(Kind):
    """A `bytearray` or an `array.array`."""

    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing[:], []

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        thing[:] = keys


class _Memory(Kind):
    """What gives its bytes: an object of ctypes, or a view of memory."""

    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return bytes(memoryview(thing).cast("B")), []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        memoryview(thing).cast("B")[:] = keys


class _Array(Kind):
    """A NumPy array of numbers."""

    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing.copy(), []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[object]) -> None:
        if thing.shape != keys.shape:
            thing.shape = keys.shape
        thing[...] = keys

    @staticmethod
    def same(a: Any, b: Any) -> bool:
        return bool(a.shape == b.shape and a.tobytes() == b.tobytes())


class _ObjectArray(Kind):
    """A NumPy array of objects."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing.shape, list(thing.flat)

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        for position, value in enumerate(values):
            thing.flat[position] = value


class _State(Kind):
    """What an object of a library says of its state, which cannot be set back.

    An iterator says where it stands, a stream and a random generator what they have come to.
    """

    joinable = False
    advances = True

    @staticmethod
    def read(thing: object) -> tuple[Any, list[Any]]:
        if isinstance(thing, types.GeneratorType):
            frame = thing.gi_frame
            return (None,) if frame is None else (frame.f_lasti, *frame.f_locals.values()), []
        if not isinstance(thing, _OF_ITERTOOLS):
            return thing.__reduce_ex__(4), []
        with warnings.catch_warnings():
            # These say that their state will be private one day.
            warnings.simplefilter("ignore", DeprecationWarning)
            return thing.__reduce_ex__(4), []

    @staticmethod
    def write(thing: object, keys: object, values: Sequence[object]) -> None:
        raise AssertionError("its state cannot be set back")

    @staticmethod
    def same(a: Any, b: Any) -> bool:
        if a is b:
            return True
        if type(a) is not type(b):
            return False
        if isinstance(a, (tuple, list)):
            return len(a) == len(b) and all(map(_State.same, a, b))
        if isinstance(a, dict):
            return list(a) == list(b) and all(map(_State.same, a.values(), b.values()))
        return isinstance(a, (int, float, str, bytes, range)) and bool(a == b)


_OF_ITERTOOLS = tuple(cls for cls in vars(itertools).values() if isinstance(cls, type))


class Results:
    """A cache of `functools`, and those of its results that can change."""

    __slots__ = ("cache", "kept")

    def __init__(self, cache: Any, kept: list[Any]) -> None:
        self.cache = cache
        self.kept = kept


def results_of(cache: Any) -> list[Any]:
    """Give the results of a cache of `functools`, and what they were computed from."""
    info = cache.cache_info()
    if not info.currsize:
        return []
    parts = [part for part in gc.get_referents(cache) if part is not cache.__dict__]
    if info.maxsize is None:
        (results,) = [part for part in parts if part.__class__ is dict]
        return [*results.keys(), *results.values()]
    # Among them is the dict by which it finds its results in the order of their use.
    return [part for part in parts if part.__class__ is not dict or not _finds_results(part)]


def _finds_results(part: dict[Any, Any]) -> bool:
    return any(type(value).__name__ == "_lru_list_elem" for value in part.values())


class _Spent(Kind):
    """What was done to something that nothing sets back."""

    joinable = False
    advances = True

    @staticmethod
    def write(thing: object, keys: object, values: Sequence[object]) -> None:
        raise AssertionError("it cannot be set back")


class _Cache(_Spent):
    """Whether a cache still has the results that can change: it would compute others."""

    done = "emptied"

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        held = set(map(id, results_of(thing.cache)))
        return [id(result) in held for result in thing.kept], []


class _CacheInfo(_Spent):
    """How often a cache was asked."""

    done = "changed"

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing.cache_info(), []


class _ClassOf(Kind):
    """The class of an object of a class of the user."""

    joinable = False

    @staticmethod
    def read(thing: object) -> tuple[Any, list[Any]]:
        return thing.__class__, []

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        thing.__class__ = keys

    @staticmethod
    def suffix(keys: object, position: int) -> str:
        return ".__class__"

    @staticmethod
    def same(a: object, b: object) -> bool:
        return a is b


class _DictOf(_ClassOf):
    """Which `__dict__` an object has, whatever is in it."""

    @staticmethod
    def read(thing: object) -> tuple[Any, list[Any]]:
        return thing.__dict__, []

    @staticmethod
    def write(thing: Any, keys: object, values: Sequence[object]) -> None:
        thing.__dict__ = keys


# The kinds that there are.
LIST: type[Kind] = _List
DEQUE: type[Kind] = _Deque
DICT: type[Kind] = _Dict
ORDERED_DICT: type[Kind] = _OrderedDict
REGISTRY: type[Kind] = _Registry
ATTRIBUTES: type[Kind] = _Attributes
FUNCTION_ATTRIBUTES: type[Kind] = _FunctionAttributes
FUNCTION: type[Kind] = _Function
DESCRIPTION: type[Kind] = _Description
SLOTS: type[Kind] = _Slots
CLASS: type[Kind] = _Class
CELL: type[Kind] = _Cell
CONTEXT_VARIABLE: type[Kind] = _ContextVariable
ARGUMENTS: type[Kind] = _Arguments
GLOBAL_VARIABLES: type[Kind] = _GlobalVariables
SET: type[Kind] = _Set
BYTES: type[Kind] = _Bytes
MEMORY: type[Kind] = _Memory
ARRAY: type[Kind] = _Array
OBJECT_ARRAY: type[Kind] = _ObjectArray
STATE: type[Kind] = _State
CACHE: type[Kind] = _Cache
CACHE_INFO: type[Kind] = _CacheInfo
CLASS_OF: type[Kind] = _ClassOf
DICT_OF: type[Kind] = _DictOf

#: The kinds that are met most often, and how `Contents` compares their contents, faster than
#: `Kind.holds` does.
COMPARISONS: dict[type, str] = {
    LIST: "list",
    DICT: "dict",
    ATTRIBUTES: "dict",
    FUNCTION_ATTRIBUTES: "own attributes",
    FUNCTION: "function",
    CELL: "cell",
    GLOBAL_VARIABLES: "variables",
}
