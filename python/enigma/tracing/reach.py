# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the objects of a class are made of: what else is within reach from there."""

from __future__ import annotations

import contextvars
import functools
import operator
import sys
import threading
import types
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from enigma.tracing.boxes import Box
from enigma.tracing.builder import Builder
from enigma.tracing.kinds import (
    ARGUMENTS,
    ARRAY,
    ATTRIBUTES,
    BYTES,
    CELL,
    CLASS,
    CLASS_OF,
    CONTEXT_VARIABLE,
    DEQUE,
    DICT,
    FUNCTION,
    FUNCTION_ATTRIBUTES,
    GLOBAL_VARIABLES,
    LIST,
    MEMORY,
    MISSING,
    OBJECT_ARRAY,
    ORDERED_DICT,
    SET,
    SLOTS,
    STATE,
    Globals,
    Kind,
    Names,
    read_variables,
    slots_of,
)
from enigma.tracing.names import CELLS
from enigma.tracing.paths import Path

# What to do with an object of some class: nothing, or note it and go on with what it holds.
Expand = Callable[["Search", Any, Path], None] | None


class Search:
    """The search for all objects within reach.

    Attributes
    ----------
    builder : Builder
        The trace.
    boxes : dict
        The objects that can change, as `Objects` has them.
    seen : dict
        How often an object was met, by identity.
    names : set of str
        The global variables that the code names which was found.
    modules : list
        The modules of the user that were found, and how.
    own_cells : set of int
        Variables that functions share, of which the caller sees to itself; by identity.
    without : bool
        Whether these are left out.
    temporary : list
        Objects that only live for their identity to stay theirs.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.boxes: dict[Any, Box] = {}
        self.seen: dict[int, int] = {}
        self._stack: list[tuple[Any, Path]] = []
        self._kinds = builder.kinds
        self.names: set[str] = set()
        self.modules: list[tuple[types.ModuleType, Path]] = []
        self.temporary: list[Any] = []
        self.own_cells: set[int] = set()
        self.without = False
        self._code: set[tuple[int, int]] = set()

    def finish(self) -> None:
        """Follow everything that was pushed."""
        self._drain()
        named: set[str] = set()
        while self.modules and named != self.names:
            # The code that is found names further variables of the modules that are found.
            named = set(self.names)
            for module, path in list(self.modules):
                self._variables(vars(module), Names(tuple(sorted(named))), (path, "."))
            self._drain()

    def push(self, thing: object, path: Path) -> None:
        """Go on with an object, if it or what it holds can change."""
        kinds = self._kinds
        cls = thing.__class__
        if cls not in kinds:
            kinds[cls] = expansion_of(cls)
        if kinds[cls] is not None:
            self._stack.append((thing, path))

    def _drain(self) -> None:
        stack, seen, kinds = self._stack, self.seen, self._kinds
        while stack:
            thing, path = stack.pop()
            key = id(thing)
            count = seen.get(key, 0)
            seen[key] = count + 1
            if not count:
                expand = kinds[thing.__class__]
                assert expand is not None
                expand(self, thing, path)

    def frames(
        self,
        frame: types.FrameType | None,
        carried: frozenset[str],
        without: bool,
        holding: dict[str, Any],
    ) -> None:
        """Go on with the variables of all functions that run, from a frame up to the kernel's.

        Parameters
        ----------
        frame : frame
            That of the innermost function.
        carried : frozenset of str
            Variables of the innermost function of the user that the caller sees to itself.
        without : bool
            Whether to leave out what these hold.
        holding : dict
            What variables of that function hold, where that is not what Python says.
        """
        builder = self.builder
        kinds = self._kinds
        self.without = without
        first = True
        while frame is not None and frame is not builder.root:
            if builder.is_user(frame.f_code):
                variables = frame.f_locals
                if first and carried and CELLS in variables:
                    shared = variables[CELLS]
                    names = shared.__code__.co_freevars
                    for name, cell in zip(names, shared.__closure__, strict=True):
                        if name in carried:
                            self.own_cells.add(id(cell))
                if first and holding:
                    variables = {**variables, **holding}
                hidden = carried if first and without else ()
                for name, value in variables.items():
                    if kinds.get(value.__class__, MISSING) is not None and name not in hidden:
                        self.push(value, name)
                self.push_code(frame.f_code, frame.f_globals)
                first = False
            frame = frame.f_back

    def push_code(self, code: types.CodeType, variables: dict[str, Any]) -> None:
        """Go on with the variables of a module that code names."""
        place = id(code), id(variables)
        if place in self._code:
            return
        self._code.add(place)
        names = _names_in(self.builder, code)
        self.names.update(names.all)
        self._variables(variables, names, "")

    def _variables(self, variables: dict[str, Any], names: Names, path: Path) -> None:
        # One box for the variables of a module, however many functions name some of them.
        known = self.boxes.get(id(variables))
        if known is None:
            new = names.all
            box = Box(Globals(variables, names), GLOBAL_VARIABLES, path)
            values = box.values
        else:
            together, new = known.thing.names.together(names)
            if not new:
                return
            box = known
            box.thing = Globals(variables, together)
            box.keys = together.all
            values = read_variables(variables, new)
            box.values = box.values + values
        self.boxes[id(variables)] = box
        kinds = self._kinds
        for name, value in zip(new, values, strict=True):
            if value is not MISSING and kinds.get(value.__class__, MISSING) is not None:
                self.push(value, name if path == "" else (path, name))

    def add(self, thing: object, kind: type[Kind], path: Path) -> Box:
        """Note an object with its contents."""
        box = self.boxes[id(thing)] = Box(thing, kind, path)
        return box

    def push_parts(self, box: Box) -> None:
        """Go on with the contents of an object."""
        known = self.builder.kinds
        for position, value in enumerate(box.values):
            if known.get(value.__class__, MISSING) is not None:
                self.push(value, box.part(position))


def _names_in(builder: Builder, code: types.CodeType) -> Names:
    """Give the names of global variables that code may mean."""
    known = builder.session.code_names
    found = known.get(id(code))
    if found is None:
        # It keeps the code object alive, and with it its identity.
        found = known[id(code)] = code, Names(tuple(sorted(_global_names(code))))
    return found[1]


def _global_names(code: types.CodeType) -> set[str]:
    """Give the names in code, and the texts that may be one: `setattr` takes these."""
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= _global_names(const)
        elif isinstance(const, str) and const.isidentifier():
            names.add(const)
    return names


# What classes of objects are made of.


def _container(kind: type[Kind]) -> Expand:
    def expand(found: Search, thing: object, path: Path) -> None:
        found.push_parts(found.add(thing, kind, path))

    return expand


def _leaf_container(kind: type[Kind]) -> Expand:
    def expand(found: Search, thing: object, path: Path) -> None:
        found.add(thing, kind, path)

    return expand


def _expand_tuple(found: Search, thing: Any, path: Path) -> None:
    for position, value in enumerate(tuple.__iter__(thing)):
        found.push(value, (path, f"[{position}]"))


def _expand_frozenset(found: Search, thing: Any, path: Path) -> None:
    for value in frozenset.__iter__(thing):
        found.push(value, (path, "{...}"))


def _expand_set(found: Search, thing: Any, path: Path) -> None:
    found.add(thing, SET, path)
    for value in set.__iter__(thing):
        found.push(value, (path, "{...}"))


def _expand_array(found: Search, thing: Any, path: Path) -> None:
    if thing.dtype == object:
        found.push_parts(found.add(thing, OBJECT_ARRAY, path))
    elif thing.flags.writeable:
        found.add(thing, ARRAY, path)


def _expand_memory(found: Search, thing: Any, path: Path) -> None:
    if thing.contiguous and not thing.readonly:
        found.add(thing, MEMORY, path)


def _expand_state(found: Search, thing: object, path: Path) -> None:
    try:
        box = found.add(thing, STATE, path)
    except Exception:
        # It has no state that it could tell, such as a lock or a file.
        return
    if isinstance(thing, types.GeneratorType):
        if thing.gi_frame is not None:
            for name, value in thing.gi_frame.f_locals.items():
                found.push(value, (path, f".gi_frame.f_locals[{name!r}]"))
        return
    # What an iterator holds, such as the iterators that a `zip` advances.
    stack = [box.keys]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        else:
            found.temporary.append(part)
            found.push(part, path)


def local_variables(builder: Builder) -> dict[str, Any]:
    """Give the local variables of the running function of the user."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and frame is not builder.root:
        if builder.is_user(frame.f_code):
            return dict(frame.f_locals)
        frame = frame.f_back
    return {}


def _expand_function(found: Search, thing: Any, path: Path) -> None:
    if is_library(thing.__globals__.get("__name__", "")):
        # What it wraps may be the user's.
        found.push(getattr(thing, "__wrapped__", None), path)
        for cell in thing.__closure__ or ():
            held = CELL.read(cell)[1][0]
            if isinstance(held, (types.FunctionType, types.MethodType, functools.partial)):
                found.push(held, path)
        return
    code = thing.__code__
    for name, cell in zip(code.co_freevars, thing.__closure__ or (), strict=True):
        if id(cell) not in found.boxes:
            box = Box(cell, CELL, name)
            if id(cell) not in found.own_cells:
                found.boxes[id(cell)] = box
            elif found.without:
                continue
            found.push_parts(box)
    found.push_parts(found.add(thing, FUNCTION, path))
    found.push_parts(found.add(thing.__dict__, FUNCTION_ATTRIBUTES, path))
    found.push_code(code, thing.__globals__)


def _expand_method(found: Search, thing: Any, path: Path) -> None:
    found.push(thing.__self__, (path, ".__self__"))
    found.push(thing.__func__, (path, ".__func__"))


def _expand_builtin_method(found: Search, thing: Any, path: Path) -> None:
    owner = thing.__self__
    if not isinstance(owner, (types.ModuleType, type)):
        found.push(owner, (path, ".__self__"))


def _expand_partial(found: Search, thing: Any, path: Path) -> None:
    found.push(thing.func, (path, ".func"))
    found.push(thing.args, (path, ".args"))
    found.push(thing.keywords, (path, ".keywords"))
    found.push_parts(found.add(vars(thing), ATTRIBUTES, path))


def _expand_module(found: Search, thing: Any, path: Path) -> None:
    name, get = _HIDDEN.get(thing.__name__, ("", None))
    if get is not None and name in found.names:
        found.push(get(thing), (path, f".{name}"))
    if not is_library(thing.__name__):
        found.modules.append((thing, path))


# What modules keep that code changes which says the name.
_HIDDEN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "decimal": ("getcontext", lambda decimal: decimal.getcontext()),
    "os": ("environ", lambda os: os.environ),
    "random": ("random", operator.attrgetter("_inst")),
    "numpy": ("random", operator.attrgetter("random.mtrand._rand")),
    "numpy.random": ("random", operator.attrgetter("mtrand._rand")),
}


def _expand_class(found: Search, thing: Any, path: Path) -> None:
    if is_library(thing.__module__):
        return
    found.push_parts(found.add(thing, CLASS, path))
    for base in thing.__bases__:
        found.push(base, base.__name__)


def _expand_wrapper(*attributes: str) -> Expand:
    def expand(found: Search, thing: object, path: Path) -> None:
        for attribute in attributes:
            value = getattr(thing, attribute)
            if value is not None:
                found.push(value, (path, f".{attribute}"))

    return expand


def _instance(cls: type, container: Expand) -> Expand:
    """What an object of a class of the user holds: attributes, slots, and what its base does."""
    slots = bool(slots_of(cls))
    attributes = bool(cls.__dictoffset__) or issubclass(cls, threading.local)

    def expand(found: Search, thing: object, path: Path) -> None:
        if container is not None:
            container(found, thing, path)
        if attributes:
            own = vars(thing)
            found.temporary.append(own)
            found.push_parts(found.add(own, ATTRIBUTES, path))
        if issubclass(cls, BaseException):
            arguments = found.boxes[id(thing), ARGUMENTS] = Box(thing, ARGUMENTS, path)
            found.push_parts(arguments)
        if slots:
            box = Box(thing, SLOTS, path)
            found.boxes[id(thing), SLOTS] = box
            found.push_parts(box)
        found.boxes[id(thing), CLASS_OF] = Box(thing, CLASS_OF, path)
        found.push(cls, cls.__name__)

    return expand


_BUILTIN: dict[type, Expand] = {
    **dict.fromkeys((int, float, bool, str, type(None))),
    list: _container(LIST),
    dict: _container(DICT),
    OrderedDict: _container(ORDERED_DICT),
    deque: _container(DEQUE),
    set: _expand_set,
    tuple: _expand_tuple,
    frozenset: _expand_frozenset,
    bytearray: _leaf_container(BYTES),
    memoryview: _expand_memory,
    types.CellType: _container(CELL),
    types.FunctionType: _expand_function,
    types.MethodType: _expand_method,
    types.BuiltinMethodType: _expand_builtin_method,
    types.MethodWrapperType: _expand_builtin_method,
    types.ModuleType: _expand_module,
    types.GeneratorType: _expand_state,
    functools.partial: _expand_partial,
    type(functools.cache(len)): _expand_wrapper("__wrapped__"),
    contextvars.ContextVar: _container(CONTEXT_VARIABLE),
    property: _expand_wrapper("fget", "fset", "fdel"),
    staticmethod: _expand_wrapper("__func__"),
    classmethod: _expand_wrapper("__func__"),
    type: _expand_class,
}


def expansion_of(cls: type) -> Expand:
    """Say what to do with objects of a class."""
    if cls in _BUILTIN:
        return _BUILTIN[cls]
    # Enigma's own classes are there for good; those of the user come and go.
    # What a class calls its module need not be a text.
    is_own = str(cls.__module__).startswith("enigma.")
    return _own_expansion(cls) if is_own else _find_expansion(cls)


def _find_expansion(cls: type) -> Expand:
    module = cls.__module__
    held = getattr(cls, "_enigma_holds", None)
    if held is not None:
        return _expand_wrapper(*held)
    if module == "array":
        return _leaf_container(BYTES)
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


_own_expansion = functools.cache(_find_expansion)

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


def _holding(base: type) -> Expand:
    """What the contents of a class are that objects inherit from it."""
    if base in _CONTAINERS:
        return _BUILTIN[base]
    if base.__module__ == "numpy" and base.__name__ == "ndarray":
        return _expand_array
    if base.__module__ == "_ctypes" and base.__name__ == "_CData":
        return _leaf_container(MEMORY)
    return None


@functools.cache
def is_library(module: str) -> bool:
    """Whether a module is none of the user's: of Enigma, of Python, or installed."""
    if module == "enigma" or module.startswith("enigma."):
        return True
    if module == "__main__":
        # Whatever was started: a program that is installed runs the user's code under this name.
        return False
    if module.partition(".")[0] in sys.stdlib_module_names | {"builtins"}:
        return True
    path = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in path or "dist-packages" in path
