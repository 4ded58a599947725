# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The objects of Python that the code of a kernel can reach and change.

A branch or a loop of the kernel is traced by running its Python, whatever the condition turns out
to be. So what it does to objects of Python must not simply stay done: before it runs, the contents
of everything within reach are noted; afterwards, what has changed is brought together with what the
other path did, carried around the loop, or refused. Within reach are the local variables of all
functions that are running, what they enclose, the globals that their code names, and the contents
of all of these. Objects of libraries count as values, except for Python's own containers and NumPy
arrays.
"""

from __future__ import annotations

import contextvars
import functools
import operator
import sys
import threading
import types
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from enigma.errors import ObjectChanged
from enigma.tracing.builder import Builder

#: The variable of a rewritten function that encloses the variables shared with nested functions.
CELLS = "__enigma_cells"


class _Missing:
    """What a variable or attribute without a value holds."""

    def __repr__(self) -> str:
        return "nothing"


MISSING: Any = _Missing()

# A path to an object: the name of a variable, or a path and how the object hangs there.
Path = Any


def show_path(path: Path) -> str:
    """Spell a path as Python does: ``self.sums[0]``."""
    suffixes = []
    while isinstance(path, tuple):
        path, suffix = path
        suffixes.append(_show_suffix(suffix))
    return str(path) + "".join(reversed(suffixes))


def _show_suffix(suffix: Any) -> str:
    if isinstance(suffix, str):
        return suffix
    kind, keys, position = suffix
    return str(kind.suffix(keys, position))


def path_root(path: Path) -> str:
    """Give the name by which the kernel calls what a path leads to: the last one in it."""
    while isinstance(path, tuple):
        path, suffix = path
        shown = _show_suffix(suffix)
        if shown.removeprefix(".").isidentifier():
            return shown.removeprefix(".")
    return str(path)


class Kind:
    """How the contents of a kind of object are read, written and spelled.

    Contents are keys, which say what parts there are, and as many values.
    """

    #: Whether parts can be replaced one by one by what control flow makes of them.
    joinable = True
    #: Whether it only goes forward, so that what was done to it cannot be taken back.
    advances = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        """Give the keys and the values."""
        raise NotImplementedError

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        """Give the object other contents."""
        raise NotImplementedError

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        """Spell the part at a position, after the object."""
        return f"[{position}]"

    @staticmethod
    def same(a: Any, b: Any) -> bool:
        """Whether keys are the same."""
        return bool(a == b)


class _List(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        values = list.__getitem__(thing, slice(None))
        return len(values), values

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        list.__setitem__(thing, slice(None), values)


class _Deque(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        values = list(deque.__iter__(thing))
        return len(values), values

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        deque.clear(thing)
        deque.extend(thing, values)


def _same_key(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, _PLAIN_KEYS) and a == b)


_PLAIN_KEYS = (str, bytes, int, float, complex, tuple, frozenset)


class _Dict(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return list(dict.keys(thing)), list(dict.values(thing))

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        dict.clear(thing)
        dict.update(thing, zip(keys, values, strict=True))

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f"[{keys[position]!r}]"

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
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        OrderedDict.clear(thing)
        for key, value in zip(keys, values, strict=True):
            OrderedDict.__setitem__(thing, key, value)


class _Attributes(_Dict):
    """The ``__dict__`` of an object."""

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"


class _FunctionAttributes(_Attributes):
    """The attributes that a user gave to a function."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        own = {key: value for key, value in thing.items() if not key.startswith("__")}
        return list(own), list(own.values())

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        for key in [key for key in thing if not key.startswith("__")]:
            del thing[key]
        thing.update(zip(keys, values, strict=True))


class _Function(Kind):
    """The code of a function, and the defaults of its parameters."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return _PARTS_OF_FUNCTIONS, [getattr(thing, name) for name in _PARTS_OF_FUNCTIONS]

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        for name, value in zip(keys, values, strict=True):
            setattr(thing, name, value)

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"


_PARTS_OF_FUNCTIONS = ("__code__", "__defaults__", "__kwdefaults__")


class _Slots(Kind):
    """The values of the slots of an object."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        slots = _slots(type(thing))
        values = []
        for slot in slots:
            try:
                values.append(slot.__get__(thing))
            except AttributeError:
                values.append(MISSING)
        return [slot.__name__ for slot in slots], values

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        for slot, value in zip(_slots(type(thing)), values, strict=True):
            if value is not MISSING:
                slot.__set__(thing, value)
            elif _has(slot, thing):
                slot.__delete__(thing)

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return f".{keys[position]}"


def _slots(cls: type) -> list[Any]:
    return [
        member
        for base in cls.__mro__
        for member in base.__dict__.values()
        if isinstance(member, types.MemberDescriptorType)
    ]


def _has(slot: Any, thing: Any) -> bool:
    try:
        slot.__get__(thing)
    except AttributeError:
        return False
    return True


class _Class(Kind):
    """The attributes of a class."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        own = {
            key: value
            for key, value in type.__getattribute__(thing, "__dict__").items()
            if key not in _OF_CLASSES and not isinstance(value, types.GetSetDescriptorType)
        }
        return list(own), list(own.values())

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
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
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        if values[0] is not MISSING:
            thing.cell_contents = values[0]
        elif _Cell.read(thing)[1][0] is not MISSING:
            del thing.cell_contents

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return ""


class _ContextVariable(_Cell):
    """A variable of `contextvars`."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return 1, [thing.get(MISSING)]

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        thing.set(values[0])


class _Arguments(Kind):
    """The arguments of an exception."""

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return 1, [thing.args]

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        thing.args = values[0]

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return ".args"


class _Globals:
    """The variables of a module that some code names."""

    __slots__ = ("names", "variables")

    def __init__(self, variables: dict[str, Any], names: tuple[str, ...]) -> None:
        self.variables = variables
        self.names = names


class _GlobalVariables(Kind):
    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        variables = thing.variables
        return thing.names, [variables.get(name, MISSING) for name in thing.names]

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
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
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        set.clear(thing)
        set.update(thing, keys)


class _Bytes(Kind):
    """A `bytearray` or an `array.array`."""

    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing[:], []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        thing[:] = keys


class _Memory(Kind):
    """What gives its bytes: an object of ctypes, or a view of memory."""

    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return bytes(memoryview(thing).cast("B")), []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        memoryview(thing).cast("B")[:] = keys


class _Array(Kind):
    """A NumPy array of numbers."""

    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing.copy(), []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
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
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        for position, value in enumerate(values):
            thing.flat[position] = value


class _State(Kind):
    """What an object of a library says of its state, which cannot be set back.

    An iterator says where it stands, a stream and a random generator what they have come to.
    """

    joinable = False
    advances = True

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        if isinstance(thing, types.GeneratorType):
            frame = thing.gi_frame
            return (None,) if frame is None else (frame.f_lasti, *frame.f_locals.values()), []
        with warnings.catch_warnings():
            # The iterators of itertools say that their state will be private one day.
            warnings.simplefilter("ignore", DeprecationWarning)
            return thing.__reduce_ex__(4), []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
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


class _ClassOf(Kind):
    """The class of an object of a class of the user."""

    joinable = False

    @staticmethod
    def read(thing: Any) -> tuple[Any, list[Any]]:
        return thing.__class__, []

    @staticmethod
    def write(thing: Any, keys: Any, values: Sequence[Any]) -> None:
        thing.__class__ = keys

    @staticmethod
    def suffix(keys: Any, position: int) -> str:
        return ".__class__"

    @staticmethod
    def same(a: Any, b: Any) -> bool:
        return a is b


class Box:
    """An object within reach, with its contents at one time.

    Attributes
    ----------
    thing
        The object.
    kind : type of Kind
        How it is read and written.
    path : Path
        How it was reached.
    keys, values
        Its contents then.
    """

    __slots__ = ("keys", "kind", "path", "thing", "values")

    def __init__(self, thing: Any, kind: type[Kind], path: Path) -> None:
        self.thing = thing
        self.kind = kind
        self.path = path
        self.keys, self.values = kind.read(thing)

    def name(self, position: int | None = None) -> str:
        """Spell the object, or one part of it."""
        return show_path(self.path if position is None else self.part(position))

    def part(self, position: int) -> Path:
        """Give the path to one part."""
        return (self.path, (self.kind, self.keys, position))


class Change:
    """An object whose contents are no longer those of its box.

    Attributes
    ----------
    box : Box
        What it was.
    keys, values
        Its contents now.
    """

    __slots__ = ("box", "keys", "values")

    def __init__(self, box: Box, keys: Any, values: list[Any]) -> None:
        self.box = box
        self.keys = keys
        self.values = values

    @property
    def same_parts(self) -> bool:
        """Whether only values differ."""
        return self.box.kind.same(self.box.keys, self.keys)


# What to do with an object of some class: nothing, or note it and go on with what it holds.
_Expand = Callable[["Objects", Any, Path], None] | None


class Objects:
    """All objects within reach, with their contents at the time when this is made.

    Parameters
    ----------
    builder : Builder
        The trace.
    carried : iterable of str
        Variables of the running function that the caller sees to itself.
    without : bool
        Whether to leave out what these hold.
    also : iterable
        Objects that are within reach besides.
    holding : dict, optional
        What variables of the running function hold, where that is not what Python says.

    Attributes
    ----------
    builder : Builder
        The trace.
    boxes : dict
        The objects that can change, by identity; what an object is besides a container is found
        by its kind, too.
    """

    def __init__(
        self,
        builder: Builder,
        carried: Iterable[str] = (),
        without: bool = False,
        also: Iterable[Any] = (),
        holding: dict[str, Any] | None = None,
    ) -> None:
        self.builder = builder
        self.boxes: dict[Any, Box] = {}
        self._seen: dict[int, int] = {}
        self._stack: list[tuple[Any, Path]] = []
        self._names: set[str] = set()
        self._modules: list[tuple[types.ModuleType, Path]] = []
        self._temporary: list[Any] = []
        self._own_cells: set[int] = set()
        self._without = without
        self._frames(frozenset(carried), without, holding or {})
        for thing in also:
            self._push(thing, "")
        self._drain()
        named: set[str] = set()
        while self._modules and named != self._names:
            # The code that is found names further variables of the modules that are found.
            named = set(self._names)
            for module, path in list(self._modules):
                self._variables(vars(module), tuple(sorted(named)), (path, "."))
            self._drain()

    @classmethod
    def none(cls, builder: Builder) -> Objects:
        """Make one for code that changes no objects."""
        found = cls.__new__(cls)
        found.builder = builder
        found.boxes = {}
        found._seen = {}
        return found

    def references(self, thing: Any) -> int:
        """Count how often an object was met on the way."""
        return self._seen.get(id(thing), 0)

    def knows(self, thing: Any) -> bool:
        """Whether an object was within reach and can change."""
        return id(thing) in self.boxes

    def find(self, thing: Any, kind: type[Kind]) -> Box | None:
        """Give the box of an object, if it is within reach."""
        for key in (id(thing), (id(thing), kind)):
            box = self.boxes.get(key)
            if box is not None and box.thing is thing and box.kind is kind:
                return box
        return None

    def changes(self) -> list[Change]:
        """Compare the contents with what they are now."""
        found = []
        for box in self.boxes.values():
            keys, values = box.kind.read(box.thing)
            if not box.kind.same(box.keys, keys) or not all(map(_is, values, box.values)):
                found.append(Change(box, keys, values))
        return found

    def restore(self, changes: Iterable[Change] | None = None, where: str = "") -> None:
        """Give the objects that have changed the contents that they had.

        Raises
        ------
        ObjectChanged
            When one of them cannot be set back.
        """
        for change in self.changes() if changes is None else changes:
            box = change.box
            if box.kind.advances:
                raise ObjectChanged(
                    name=box.name(),
                    reason=f"it is advanced {where}, which Python can do only once",
                    remedy="take what it gives before, into variables or a list",
                )
            box.kind.write(box.thing, box.keys, box.values)

    # Finding objects.

    def _push(self, thing: Any, path: Path) -> None:
        try:
            expand = self.builder.kinds[thing.__class__]
        except KeyError:
            expand = self.builder.kinds[thing.__class__] = _classify(thing.__class__)
        if expand is not None:
            self._stack.append((thing, path))

    def _drain(self) -> None:
        stack, seen, kinds = self._stack, self._seen, self.builder.kinds
        while stack:
            thing, path = stack.pop()
            key = id(thing)
            count = seen.get(key, 0)
            seen[key] = count + 1
            if not count:
                kinds[thing.__class__](self, thing, path)

    def _frames(self, carried: frozenset[str], without: bool, holding: dict[str, Any]) -> None:
        builder = self.builder
        frame = sys._getframe(2)
        first = True
        while frame is not None and frame is not builder.root:
            if builder.is_user(frame.f_code):
                variables = frame.f_locals
                if first and carried and CELLS in variables:
                    shared = variables[CELLS]
                    names = shared.__code__.co_freevars
                    for name, cell in zip(names, shared.__closure__, strict=True):
                        if name in carried:
                            self._own_cells.add(id(cell))
                if first and holding:
                    variables = {**variables, **holding}
                for name, value in variables.items():
                    if not (first and without and name in carried):
                        self._push(value, name)
                self._code(frame.f_code, frame.f_globals)
                first = False
            frame = frame.f_back  # type: ignore[assignment]

    def _code(self, code: types.CodeType, variables: dict[str, Any]) -> None:
        names = self.builder.code_names.get(id(code))
        if names is None:
            names = tuple(sorted(_global_names(code)))
            self.builder.code_names[id(code)] = names
            self.builder.seen_code.append(code)
        self._names.update(names)
        self._variables(variables, names, "")

    def _variables(self, variables: dict[str, Any], names: tuple[str, ...], path: Path) -> None:
        # One box for the variables of a module, however many functions name some of them.
        box = self.boxes.get(id(variables))
        if box is None:
            shown = _Globals(variables, names)
            self.boxes[id(variables)] = Box(shown, _GlobalVariables, path)
        else:
            known = set(box.thing.names)
            names = tuple(name for name in names if name not in known)
            if not names:
                return
            shown = _Globals(variables, (*box.thing.names, *names))
            self.boxes[id(variables)] = Box(shown, _GlobalVariables, box.path)
        for name in names:
            value = variables.get(name, MISSING)
            if value is not MISSING:
                self._push(value, name if path == "" else (path, name))

    def _box(self, thing: Any, kind: type[Kind], path: Path) -> Box:
        box = self.boxes[id(thing)] = Box(thing, kind, path)
        return box

    def _parts(self, box: Box) -> None:
        known = self.builder.kinds
        for position, value in enumerate(box.values):
            if known.get(value.__class__, MISSING) is not None:
                self._push(value, box.part(position))


def local_variables(builder: Builder) -> dict[str, Any]:
    """Give the local variables of the running function of the user."""
    frame = sys._getframe(1)
    while frame is not None and frame is not builder.root:
        if builder.is_user(frame.f_code):
            return dict(frame.f_locals)
        frame = frame.f_back  # type: ignore[assignment]
    return {}


def _is(a: Any, b: Any) -> bool:
    return a is b


def _global_names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= _global_names(const)
    return names


# What classes of objects are made of.


def _container(kind: type[Kind]) -> _Expand:
    def expand(found: Objects, thing: Any, path: Path) -> None:
        found._parts(found._box(thing, kind, path))

    return expand


def _leaf_container(kind: type[Kind]) -> _Expand:
    def expand(found: Objects, thing: Any, path: Path) -> None:
        found._box(thing, kind, path)

    return expand


def _expand_tuple(found: Objects, thing: Any, path: Path) -> None:
    for position, value in enumerate(tuple.__iter__(thing)):
        found._push(value, (path, f"[{position}]"))


def _expand_frozenset(found: Objects, thing: Any, path: Path) -> None:
    for value in frozenset.__iter__(thing):
        found._push(value, (path, "{...}"))


def _expand_set(found: Objects, thing: Any, path: Path) -> None:
    found._box(thing, _Set, path)
    for value in set.__iter__(thing):
        found._push(value, (path, "{...}"))


def _expand_array(found: Objects, thing: Any, path: Path) -> None:
    if thing.dtype == object:
        found._parts(found._box(thing, _ObjectArray, path))
    elif thing.flags.writeable:
        found._box(thing, _Array, path)


def _expand_memory(found: Objects, thing: Any, path: Path) -> None:
    if thing.contiguous and not thing.readonly:
        found._box(thing, _Memory, path)


def _expand_state(found: Objects, thing: Any, path: Path) -> None:
    try:
        box = found._box(thing, _State, path)
    except Exception:
        # It has no state that it could tell, such as a lock or a file.
        return
    if isinstance(thing, types.GeneratorType):
        if thing.gi_frame is not None:
            for name, value in thing.gi_frame.f_locals.items():
                found._push(value, (path, f".gi_frame.f_locals[{name!r}]"))
        return
    # What an iterator holds, such as the iterators that a `zip` advances.
    stack = [box.keys]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        else:
            found._temporary.append(part)
            found._push(part, path)


def _expand_function(found: Objects, thing: Any, path: Path) -> None:
    if is_library(thing.__globals__.get("__name__", "")):
        # What it wraps may be the user's.
        found._push(getattr(thing, "__wrapped__", None), path)
        for cell in thing.__closure__ or ():
            held = _Cell.read(cell)[1][0]
            if isinstance(held, (types.FunctionType, types.MethodType, functools.partial)):
                found._push(held, path)
        return
    code = thing.__code__
    for name, cell in zip(code.co_freevars, thing.__closure__ or (), strict=True):
        if id(cell) not in found.boxes:
            box = Box(cell, _Cell, name)
            if id(cell) not in found._own_cells:
                found.boxes[id(cell)] = box
            elif found._without:
                continue
            found._parts(box)
    found._parts(found._box(thing, _Function, path))
    found._parts(found._box(thing.__dict__, _FunctionAttributes, path))
    found._code(code, thing.__globals__)


def _expand_method(found: Objects, thing: Any, path: Path) -> None:
    found._push(thing.__self__, (path, ".__self__"))
    found._push(thing.__func__, (path, ".__func__"))


def _expand_builtin_method(found: Objects, thing: Any, path: Path) -> None:
    owner = thing.__self__
    if not isinstance(owner, (types.ModuleType, type)):
        found._push(owner, (path, ".__self__"))


def _expand_partial(found: Objects, thing: Any, path: Path) -> None:
    found._push(thing.func, (path, ".func"))
    found._push(thing.args, (path, ".args"))
    found._push(thing.keywords, (path, ".keywords"))
    found._parts(found._box(vars(thing), _Attributes, path))


def _expand_module(found: Objects, thing: Any, path: Path) -> None:
    name, get = _HIDDEN.get(thing.__name__, ("", None))
    if get is not None and name in found._names:
        found._push(get(thing), (path, f".{name}"))
    if not is_library(thing.__name__):
        found._modules.append((thing, path))


# What modules keep that code changes which says the name.
_HIDDEN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "decimal": ("getcontext", lambda decimal: decimal.getcontext()),
    "os": ("environ", lambda os: os.environ),
    "random": ("random", operator.attrgetter("_inst")),
    "numpy": ("random", operator.attrgetter("random.mtrand._rand")),
    "numpy.random": ("random", operator.attrgetter("mtrand._rand")),
}


def _expand_class(found: Objects, thing: Any, path: Path) -> None:
    if is_library(thing.__module__):
        return
    found._parts(found._box(thing, _Class, path))
    for base in thing.__bases__:
        found._push(base, base.__name__)


def _expand_wrapper(*attributes: str) -> _Expand:
    def expand(found: Objects, thing: Any, path: Path) -> None:
        for attribute in attributes:
            value = getattr(thing, attribute)
            if value is not None:
                found._push(value, (path, f".{attribute}"))

    return expand


def _instance(cls: type, container: _Expand) -> _Expand:
    """What an object of a class of the user holds: attributes, slots, and what its base does."""
    slots = bool(_slots(cls))
    attributes = bool(cls.__dictoffset__) or issubclass(cls, threading.local)

    def expand(found: Objects, thing: Any, path: Path) -> None:
        if container is not None:
            container(found, thing, path)
        if attributes:
            own = vars(thing)
            found._temporary.append(own)
            found._parts(found._box(own, _Attributes, path))
        if issubclass(cls, BaseException):
            arguments = found.boxes[id(thing), _Arguments] = Box(thing, _Arguments, path)
            found._parts(arguments)
        if slots:
            box = Box(thing, _Slots, path)
            found.boxes[id(thing), _Slots] = box
            found._parts(box)
        found.boxes[id(thing), _ClassOf] = Box(thing, _ClassOf, path)
        found._push(cls, cls.__name__)

    return expand


_BUILTIN: dict[type, _Expand] = {
    list: _container(_List),
    dict: _container(_Dict),
    OrderedDict: _container(_OrderedDict),
    deque: _container(_Deque),
    set: _expand_set,
    tuple: _expand_tuple,
    frozenset: _expand_frozenset,
    bytearray: _leaf_container(_Bytes),
    memoryview: _expand_memory,
    types.CellType: _container(_Cell),
    types.FunctionType: _expand_function,
    types.MethodType: _expand_method,
    types.BuiltinMethodType: _expand_builtin_method,
    types.MethodWrapperType: _expand_builtin_method,
    types.ModuleType: _expand_module,
    types.GeneratorType: _expand_state,
    functools.partial: _expand_partial,
    type(functools.cache(len)): _expand_wrapper("__wrapped__"),
    contextvars.ContextVar: _container(_ContextVariable),
    property: _expand_wrapper("fget", "fset", "fdel"),
    staticmethod: _expand_wrapper("__func__"),
    classmethod: _expand_wrapper("__func__"),
    type: _expand_class,
}


def _classify(cls: type) -> _Expand:
    if cls in _BUILTIN:
        return _BUILTIN[cls]
    module = cls.__module__
    held = getattr(cls, "_enigma_holds", None)
    if held is not None:
        return _expand_wrapper(*held)
    if module == "array":
        return _leaf_container(_Bytes)
    if issubclass(cls, type):
        return _expand_class
    container = next((_holding(base) for base in cls.__mro__ if _holding(base)), None)
    if any(not is_library(base.__module__) for base in cls.__mro__):
        return _instance(cls, container)
    if module.startswith(_STATEFUL):
        return _expand_state
    if module.partition(".")[0] in _FOLLOWED or issubclass(cls, BaseException):
        return _instance(cls, container)
    if container is not None:
        return container
    return _expand_state if hasattr(cls, "__next__") else None


# The libraries whose objects change in ways that only they know.
_STATEFUL = ("_io", "io", "random", "_random", "numpy.random", "decimal")


_CONTAINERS = (list, OrderedDict, dict, deque, set, tuple, frozenset, bytearray)
# Modules of Python whose objects are followed as those of the user are.
_FOLLOWED = (
    "types",
    "collections",
    "contextlib",
    "os",
    "queue",
    "threading",
    "_thread",
    "weakref",
    "numpy",
)


def _holding(base: type) -> _Expand:
    """What the contents of a class are that objects inherit from it."""
    if base in _CONTAINERS:
        return _BUILTIN[base]
    if base.__module__ == "numpy" and base.__name__ == "ndarray":
        return _expand_array
    if base.__module__ == "_ctypes" and base.__name__ == "_CData":
        return _leaf_container(_Memory)
    return None


@functools.cache
def is_library(module: str) -> bool:
    """Whether a module is none of the user's: of Enigma, of Python, or installed."""
    if module == "enigma" or module.startswith("enigma."):
        return True
    if module.partition(".")[0] in sys.stdlib_module_names | {"builtins"}:
        return True
    path = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in path or "dist-packages" in path
