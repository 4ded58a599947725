# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The search for what is within reach, and what the objects of each class are made of.

One search after the other finds the same objects for most of a trace, with other values in a list
or a variable. So the last ones are kept, and one is taken again where all that it depended on is as
it was: the variables that it started from, the contents of the objects that it found (their boxes),
and what it followed besides (its links). What says of a class what its objects are made of has to
keep to that: it goes on with what it reads by `push_parts`, `attributes` or `follow`, or says that
the search is not settled.
"""

from __future__ import annotations

import contextvars
import dis
import functools
import gc
import math
import operator
import sys
import threading
import types
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from operator import is_
from typing import Any

from enigma.locations import is_own_class
from enigma.tracing.boxes import Box
from enigma.tracing.builder import Builder
from enigma.tracing.classes import Classes, said_by
from enigma.tracing.kinds import (
    ARGUMENTS,
    ARRAY,
    ATTRIBUTES,
    BYTES,
    CACHE,
    CACHE_INFO,
    CELL,
    CLASS,
    CLASS_OF,
    CONTEXT_VARIABLE,
    DEQUE,
    DESCRIPTION,
    DESCRIPTIONS,
    DICT,
    DICT_OF,
    FUNCTION,
    FUNCTION_ATTRIBUTES,
    GLOBAL_VARIABLES,
    LIST,
    MEMORY,
    OBJECT_ARRAY,
    ORDERED_DICT,
    REGISTRY,
    SET,
    SLOTS,
    STATE,
    Described,
    Globals,
    Kind,
    Names,
    Results,
    read_variables,
    results_of,
    slots_of,
)
from enigma.tracing.names import CELLS
from enigma.tracing.paths import Path

# What to do with an object of some class: note it, and go on with what it holds; or nothing.
Expansion = Callable[["Search", Any, Path], None]
Expand = Expansion | None


class Roots:
    """Where a search starts: what the variables of all functions that run hold, and their code.

    Parameters
    ----------
    builder : Builder
        The trace.
    frame : frame
        That of the innermost function; the outermost is the kernel's.
    carried : frozenset of str
        Variables of the innermost function of the user that the caller sees to itself.
    without : bool
        Whether to leave out what these hold.
    holding : dict
        What variables of that function hold, where that is not what Python says.

    Attributes
    ----------
    things : list
        Values of variables that can lead to what changes, and code objects.
    places : list
        For each value the name of its variable, for code the variables of its module.
    own_cells : set of int
        Variables that functions share, of which the caller sees to itself; by identity.
    """

    __slots__ = ("own_cells", "places", "things")

    def __init__(
        self,
        builder: Builder,
        frame: types.FrameType | None,
        carried: frozenset[str],
        without: bool,
        holding: dict[str, Any],
    ) -> None:
        self.things, self.places, shared = builder.session.operations.roots(
            frame,
            builder.root,
            builder.unfollowed,
            carried if without else frozenset(),
            holding,
            CELLS,
        )
        self.own_cells: set[int] = set()
        if carried and shared is not None:
            names = shared.__code__.co_freevars
            for name, cell in zip(names, shared.__closure__, strict=True):
                if name in carried:
                    self.own_cells.add(id(cell))

    @property
    def held(self) -> dict[str, Any]:
        """What the variables of the innermost function hold."""
        held = {}
        for thing, place in zip(self.things, self.places, strict=True):
            if place.__class__ is not str:
                break
            held[place] = thing
        return held

    def push_into(self, search: Search) -> None:
        """Let a search go on with all of them; drop those that cannot lead to anything."""
        things, places = self.things, self.places
        self.things, self.places = [], []
        for thing, place in zip(things, places, strict=True):
            if place.__class__ is not str:
                search.push_code(thing, place)
            elif not search.push(thing, place):
                continue
            self.things.append(thing)
            self.places.append(place)

    def same(self, other: Roots) -> bool:
        """Whether a search from there starts as one from here does."""
        return (
            self.own_cells == other.own_cells
            and len(self.things) == len(other.things)
            and all(map(is_, self.things, other.things))
            and all(map(is_, self.places, other.places))
        )


class Search:
    """The search for all objects within reach.

    Attributes
    ----------
    builder : Builder
        The trace.
    roots : Roots or None
        Where it started.
    boxes : dict
        The objects that can change, as `Objects` has them.
    seen : dict
        How often an object was met, by identity.
    code : dict
        The code that was found, with the variables of its module: the names in it.
    modules : list
        The modules of the user that were found, and how.
    telling : set of str
        The names in the code by which it may change what no other code does.
    told : list
        What of which such code may change more: what to do then, the object, and how it was found.
    without : bool
        Whether what variables hold that the caller sees to is left out.
    links : list
        What was followed besides the contents of boxes: how it is read, of what, and what it was.
    settled : bool
        Whether boxes and links are all that it depends on, besides the roots.
    """

    def __init__(self, builder: Builder, roots: Roots | None = None, without: bool = False) -> None:
        self.builder = builder
        self.roots = roots
        self.boxes: dict[Any, Box] = {}
        self.seen: dict[int, int] = {}
        self._stack: list[tuple[Any, Path]] = []
        self._kinds = builder.kinds
        # The classes of which objects need not be looked at.
        self._unfollowed = builder.unfollowed
        self._followed = builder.session.ir.followed
        self.code: dict[tuple[int, int], Names] = {}
        self.modules: list[tuple[types.ModuleType, Path]] = []
        self.telling: set[str] = set()
        self.told: list[tuple[Callable[[Search, Any, Path], None], Any, Path]] = []
        self.links: list[tuple[Callable[[Any], Any], Any, Any]] = []
        self.without = without
        # There are no boxes of the caller's own cells.
        self.own_cells: set[int] = set() if roots is None else roots.own_cells
        self.settled = not self.own_cells

    def run(self, also: Sequence[object]) -> None:
        """Follow everything from the roots on, and from other objects."""
        if self.roots is not None:
            self.roots.push_into(self)
        for thing in also:
            self.push(thing, "")
        self._drain()
        named: set[str] = set()
        while (self.modules or self.telling) and named != self.names():
            # The code that is found names further parts of what is found.
            named = self.names()
            for module, path in list(self.modules):
                self.variables(vars(module), named, (path, "."))
            if self.telling:
                self._tell()
            self._drain()

    def _tell(self) -> None:
        """Go on with what code that is found may change, other than most code does."""
        for expand, thing, path in list(self.told):
            expand(self, thing, path)

    def again(self, roots: Roots) -> Search | None:
        """Give what a search from some roots finds now, if it is what this one has found.

        Parts of objects may be others as long as there is nothing within reach of these.
        """
        if self.roots is None or not self.roots.same(roots):
            return None
        if not all([read(thing) is value for read, thing, value in self.links]):
            return None
        changed = self.builder.session.contents.changed(self.boxes)
        if not changed:
            return self
        current = {}
        for box in changed:
            now = current[id(box)] = Box(box.thing, box.kind, box.path)
            if not self._leads_alike(box, now):
                return None
        found = Search(self.builder)
        found.roots, found.links, found.seen = self.roots, self.links, self.seen
        found.boxes = {key: current.get(id(box), box) for key, box in self.boxes.items()}
        return found

    def _leads_alike(self, box: Box, now: Box) -> bool:
        """Whether the same is within reach of an object as was before."""
        if box.kind is STATE:
            before, after = self._parts_of_state(box), self._parts_of_state(now)
            return len(before) == len(after) and all(map(is_, before, after))
        if box.kind is FUNCTION or len(now.values) != len(box.values):
            return False
        unfollowed = self._unfollowed
        return box.kind.same(box.keys, now.keys) and all(
            a is b or (id(type(a)) in unfollowed and id(type(b)) in unfollowed)
            for a, b in zip(box.values, now.values, strict=True)
        )

    def _parts_of_state(self, box: Box) -> list[Any]:
        """Give what an iterator or generator holds that can lead to what changes."""
        return [part for part in _flattened(box.keys) if id(type(part)) not in self._unfollowed]

    def push(self, thing: object, path: Path) -> bool:
        """Go on with an object, if it or what it holds can change; whether that is so."""
        cls = type(thing)
        key = id(cls)
        if key in self._unfollowed:
            return False
        if key not in self._kinds:
            expand = expansion_of(cls)
            if expand is None:
                self._unfollowed.add(cls)
                if is_permanent(cls):
                    _LEAVES.add(cls)
                return False
            self._kinds[key] = cls, expand
        self._stack.append((thing, path))
        return True

    def _drain(self) -> None:
        stack, seen, kinds = self._stack, self.seen, self._kinds
        while stack:
            thing, path = stack.pop()
            key = id(thing)
            count = seen.get(key, 0)
            seen[key] = count + 1
            if not count:
                kinds[id(type(thing))][1](self, thing, path)

    def push_code(self, code: types.CodeType, variables: dict[str, Any]) -> None:
        """Go on with the variables of a module that code names."""
        place = id(code), id(variables)
        if place not in self.code:
            names = self.code[place] = _names_in(self.builder, code)
            if names.telling:
                self.telling |= names.telling
            self._variables(variables, names, "")

    def names(self) -> set[str]:
        """Give the global variables that the code names which was found."""
        return {name for names in self.code.values() for name in names.all}

    def variables(self, variables: dict[str, Any], names: set[str], path: Path) -> None:
        """Go on with some variables of a module, or attributes of an object."""
        self._variables(variables, Names(tuple(sorted(names))), path)

    def _variables(self, variables: dict[str, Any], names: Names, path: Path) -> None:
        # One box for the variables of a module, however many functions name some of them.
        known = self.boxes.get(id(variables))
        if known is None:
            new = names.all
            box = Box(Globals(variables, names), GLOBAL_VARIABLES, path)
            values = box.values
        elif known.kind is not GLOBAL_VARIABLES:
            # It was found as a dict: there is a box of all that it holds.
            return
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
        for position in self._followed(values, self._unfollowed):
            name = new[position]
            self.push(values[position], name if path == "" else (path, name))

    def add(self, thing: object, kind: type[Kind], path: Path) -> Box:
        """Note an object with its contents."""
        box = self.boxes[id(thing)] = Box(thing, kind, path)
        return box

    def follow(self, read: Callable[[Any], Any], thing: Any, path: Path) -> None:
        """Go on with what is read of an object, of which there is no box."""
        value = read(thing)
        self.links.append((read, thing, value))
        self.push(value, path)

    def attributes(self, thing: Any, kind: type[Kind], path: Path) -> None:
        """Note the attributes of an object, and go on with what they are."""
        own = thing.__dict__
        # It may be given other ones as a whole.
        self.links.append((_get_attributes, thing, own))
        self.push_parts(self.add(own, kind, path))
        self.told.append((_tell_of_dict, thing, path))

    def push_parts(self, box: Box) -> None:
        """Go on with the contents of an object."""
        values = box.values
        if values:
            for position in self._followed(values, self._unfollowed):
                self.push(values[position], box.part(position))


_get_attributes = operator.attrgetter("__dict__")


def search_from(
    builder: Builder,
    frame: types.FrameType | None,
    carried: frozenset[str],
    without: bool = False,
    also: Sequence[object] = (),
    holding: dict[str, Any] | None = None,
) -> Search:
    """Find what is within reach of the functions that run, and of objects besides.

    Parameters are those of `Roots`; `also` are the objects.
    """
    if not builder.unfollowed:
        builder.unfollowed.update(_LEAVES)
    roots = Roots(builder, frame, carried, without, holding or {})
    is_whole = not without and not also
    known = builder.searches
    if is_whole:
        for index in range(len(known) - 1, -1, -1):
            found = known[index].again(roots)
            if found is not None:
                known[index] = found
                return found
    found = Search(builder, roots, without)
    found.run(also)
    if is_whole and found.settled:
        del known[: max(0, len(known) + 1 - _MOST_KEPT)]
        known.append(found)
    return found


def only_computes(
    builder: Builder, frame: types.FrameType, names: tuple[str, ...], values: tuple[object, ...]
) -> bool:
    """Whether nothing that can change is within reach of what code computes from.

    That is what variables hold which a frame knows by these names, values besides, and what is
    computed from them: numbers, what Enigma makes, and functions that do no more than compute.
    """
    found = builder.session.ir.followed_variables(frame, names, values, _VALUES, _COMPUTING)
    return all([_only_computes(thing) for thing in found]) if found else True


def _only_computes(thing: Any) -> bool:
    """Whether nothing can change within reach of a thing, nor what is computed from it.

    A user's function may compute from its defaults and attributes, which can change.
    """
    cls = type(thing)
    if cls is tuple:
        return all(map(_is_value, map(type, thing)))
    if _is_value(cls) or id(thing) in _COMPUTING:
        return True
    library = sys.modules.get("enigma")
    if thing is library or (cls is types.FunctionType and _is_of(library, thing)):
        _COMPUTING[id(thing)] = thing
        return True
    return False


def _is_of(library: types.ModuleType | None, function: types.FunctionType) -> bool:
    """Whether a function is one that Enigma gives its users."""
    return library is not None and vars(library).get(function.__name__) is function


def _is_value(cls: type) -> bool:
    """Whether objects of a class are values, made of nothing else; it is noted if so."""
    if id(cls) in _VALUES:
        return True
    is_own = is_own_class(cls) and getattr(cls, "_enigma_is_value", True)
    is_value = is_own and expansion_of(cls) is None
    if is_value:
        _VALUES.add(cls)
    return is_value


# Numbers, text, and classes of Enigma as far as they were met.
_VALUES = Classes((int, float, bool, str, type(None)))
# Functions that do nothing to what they are given but compute from it, and modules of such, by
# identity.
_COMPUTING: dict[int, object] = {
    id(thing): thing
    for thing in (abs, bool, divmod, float, int, len, math, max, min, pow, range, round)
}

# A few: those of a function that is called in turns with others, and of the function around it.
_MOST_KEPT = 4


def _names_in(builder: Builder, code: types.CodeType) -> Names:
    """Give the names of global variables that code may mean."""
    known = builder.session.code_names
    found = known.get(id(code))
    if found is None:
        # It keeps the code object alive, and with it its identity.
        names = Names(tuple(sorted(_global_names(code))), frozenset(_telling_names(code)))
        found = known[id(code)] = code, names
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


def _telling_names(code: types.CodeType) -> set[str]:
    """Give the names of attributes that code may set, and those of what it may change besides."""
    names = set(code.co_names)
    telling = names & _TELLING
    operations = code.co_code[::2]
    if any(setting in operations for setting in _SETTING):
        extended = 0
        for operation, argument in zip(operations, code.co_code[1::2], strict=True):
            argument |= extended
            extended = argument << 8 if operation == dis.EXTENDED_ARG else 0
            if operation in _SETTING:
                telling.add(code.co_names[argument])
    if not _WRAPPERS.isdisjoint(names):
        telling |= DESCRIPTIONS
    sets_texts = not _SETTERS.isdisjoint(names)
    for const in _flattened(code.co_consts):
        if isinstance(const, types.CodeType):
            telling |= _telling_names(const)
        elif sets_texts and isinstance(const, str) and const.isidentifier():
            telling.add(const)
    return telling


_TELLING = {"__annotations__", "__setstate__", "cache_info"}
# What sets attributes whose names are texts: functions of Python, and those that take the place of
# assignments to what may be lanes.
_SETTERS = {"__dict__", "__delattr__", "__setattr__", "delattr", "setattr", "vars"}
_SETTERS |= {"assign_lanes", "augmented_lanes", "with_lanes", "with_lanes_of"}
# The functions that describe others.
_WRAPPERS = {"update_wrapper", "wraps"}
_SETTING = tuple(dis.opmap[name] for name in ("STORE_ATTR", "DELETE_ATTR"))


def _tell_of(*names: str) -> Callable[[Search, Any, Path], None]:
    """Make what goes on with those of some attributes that code may give others."""

    def tell(found: Search, thing: Any, path: Path) -> None:
        told = tuple(name for name in names if name in found.telling)
        if told:
            described = Box(Described(thing, told), DESCRIPTION, path)
            found.boxes[id(thing), DESCRIPTION, names] = described
            found.push_parts(described)

    return tell


def _tell_of_dict(found: Search, thing: Any, path: Path) -> None:
    if "__dict__" in found.telling:
        found.boxes[id(thing), DICT_OF] = Box(thing, DICT_OF, (path, ".__dict__"))


_tell_of_property = _tell_of("__doc__")
_tell_of_function = _tell_of(*sorted(DESCRIPTIONS))
_tell_of_class = _tell_of("__bases__", *sorted(DESCRIPTIONS))


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
        # Another one that is equal may take its place.
        found.settled = False


def _expand_array(found: Search, thing: Any, path: Path) -> None:
    if thing.dtype == object:
        found.push_parts(found.add(thing, OBJECT_ARRAY, path))
    elif thing.flags.writeable:
        found.add(thing, ARRAY, path)
    else:
        found.settled = False
    if thing.dtype.names is not None and thing.dtype.hasobject:
        found.settled = False
        for value in _flattened(tuple(thing.ravel().tolist())):
            found.push(value, path)
    # Others may write what it shows.
    found.follow(_get_base, thing, (path, ".base"))


_get_base = operator.attrgetter("base")


def _expand_memory(found: Search, thing: Any, path: Path) -> None:
    if thing.contiguous and not thing.readonly:
        found.add(thing, MEMORY, path)
    found.follow(_get_owner, thing, (path, ".obj"))


_get_owner = operator.attrgetter("obj")


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
    for part in _flattened(box.keys):
        found.push(part, path)


def _flattened(state: object) -> list[Any]:
    """Give what stands in tuples."""
    parts = []
    stack = [state]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        else:
            parts.append(part)
    return parts


def local_variables(builder: Builder) -> dict[str, Any]:
    """Give the local variables of the running function of the user."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and frame is not builder.root:
        if builder.is_user(frame.f_code):
            return dict(frame.f_locals)
        frame = frame.f_back
    return {}


def _expand_function(found: Search, thing: Any, path: Path) -> None:
    if is_library(thing.__globals__.get("__name__")):
        # What it wraps may be the user's.
        found.follow(_wrapped_by, thing, path)
        found.told.append((_tell_of_attributes, thing, path))
        if "_clear_cache" in thing.__dict__ and "registry" in thing.__dict__:
            found.push_parts(found.add(thing, REGISTRY, (path, ".registry")))
        for cell in thing.__closure__ or ():
            held = CELL.read(cell)[1][0]
            found.settled = False
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
    found.attributes(thing, FUNCTION_ATTRIBUTES, path)
    found.told.append((_tell_of_function, thing, path))
    found.push_code(code, thing.__globals__)


def _wrapped_by(thing: Any) -> Any:
    return getattr(thing, "__wrapped__", None)


def _expand_method(found: Search, thing: Any, path: Path) -> None:
    found.push(thing.__self__, (path, ".__self__"))
    found.push(thing.__func__, (path, ".__func__"))


def _expand_builtin_method(found: Search, thing: Any, path: Path) -> None:
    owner = thing.__self__
    if not isinstance(owner, (types.ModuleType, type)):
        found.push(owner, (path, ".__self__"))


def _expand_partial(found: Search, thing: Any, path: Path) -> None:
    for attribute in ("func", "args", "keywords"):
        found.follow(operator.attrgetter(attribute), thing, (path, f".{attribute}"))
    found.attributes(thing, ATTRIBUTES, path)
    found.told.append((_tell_of_partial, thing, path))


def _tell_of_partial(found: Search, thing: Any, path: Path) -> None:
    if "__setstate__" in found.telling:
        found.boxes[id(thing), STATE] = Box(thing, STATE, path)


def _expand_property(found: Search, thing: Any, path: Path) -> None:
    for attribute in ("fget", "fset", "fdel"):
        found.follow(operator.attrgetter(attribute), thing, (path, f".{attribute}"))
    found.told.append((_tell_of_property, thing, path))


def _expand_module(found: Search, thing: Any, path: Path) -> None:
    module = str(vars(thing).get("__name__"))
    name, get = _HIDDEN.get(module, ("", None))
    if get is not None and name in found.names():
        found.follow(get, thing, (path, f".{name}"))
    if not is_library(module):
        found.modules.append((thing, path))
    else:
        found.told.append((_tell_of_attributes, thing, path))


def _tell_of_attributes(found: Search, thing: Any, path: Path) -> None:
    """Go on with those attributes that code may set of what belongs to a library."""
    slots = [slot for slot in slots_of(type(thing)) if slot.__name__ in found.telling]
    if slots and (id(thing), SLOTS) not in found.boxes:
        box = found.boxes[id(thing), SLOTS] = Box(thing, SLOTS, path)
        found.push_parts(box)
    attributes = getattr(thing, "__dict__", None)
    if attributes.__class__ is dict:
        found.links.append((_get_attributes, thing, attributes))
        if not isinstance(thing, types.ModuleType):
            _tell_of_dict(found, thing, path)
        found.variables(attributes, found.telling, (path, "."))


def _library_object(container: Expand) -> Expand:
    """What an object of a class of a library holds that has attributes."""

    def expand(found: Search, thing: object, path: Path) -> None:
        if container is not None:
            container(found, thing, path)
        found.told.append((_tell_of_attributes, thing, path))

    return expand


# What modules keep that code changes which says the name.
_HIDDEN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "decimal": ("getcontext", lambda decimal: decimal.getcontext()),
    "os": ("environ", lambda os: os.environ),
    "random": ("random", operator.attrgetter("_inst")),
    "numpy": ("random", operator.attrgetter("random.mtrand._rand")),
    "numpy.random": ("random", operator.attrgetter("mtrand._rand")),
}


def _expand_class(found: Search, thing: Any, path: Path) -> None:
    module = thing.__module__
    # Classes of classes that are not written in Python say nothing of theirs.
    if isinstance(module, types.GetSetDescriptorType) or is_library(module):
        return
    found.push_parts(found.add(thing, CLASS, path))
    found.follow(type, thing, (path, ".__class__"))
    bases = thing.__bases__
    found.links.append((_get_bases, thing, bases))
    for base in bases:
        found.push(base, base.__name__)
    found.told.append((_tell_of_class, thing, path))


_get_bases = operator.attrgetter("__bases__")


def _expand_wrapper(*attributes: str) -> Expand:
    reads = [(operator.attrgetter(attribute), f".{attribute}") for attribute in attributes]

    def expand(found: Search, thing: object, path: Path) -> None:
        for read, suffix in reads:
            found.follow(read, thing, (path, suffix))

    return expand


def _expand_stand_in(attribute: str) -> Expand:
    """Go on with an attribute that a variable holds as far as the user can tell."""
    read = operator.attrgetter(attribute)

    def expand(found: Search, thing: object, path: Path) -> None:
        found.follow(read, thing, path)

    return expand


def _expand_view(found: Search, thing: Any, path: Path) -> None:
    # No attribute tells what it is a view of.
    found.settled = False
    for part in gc.get_referents(thing):
        found.push(part, path)


def _expand_cache(found: Search, thing: Any, path: Path) -> None:
    found.follow(_wrapped_by, thing, (path, ".__wrapped__"))
    found.attributes(thing, ATTRIBUTES, path)
    # What was computed; the cache itself may grow, whatever branch asks first.
    found.settled = False
    kept = []
    for result in results_of(thing):
        if any([found.push(part, (path, "(...)")) for part in _flattened(result)]):
            kept.append(result)
    if kept:
        found.boxes[id(thing), CACHE] = Box(Results(thing, kept), CACHE, path)
    found.told.append((_tell_of_cache, thing, path))


def _tell_of_cache(found: Search, thing: Any, path: Path) -> None:
    if "cache_info" in found.telling:
        figures = Box(thing, CACHE_INFO, (path, ".cache_info()"))
        found.boxes[id(thing), CACHE_INFO] = figures


def _expand_wrapped_method(found: Search, thing: Any, path: Path) -> None:
    found.follow(operator.attrgetter("__func__"), thing, (path, ".__func__"))
    found.attributes(thing, ATTRIBUTES, path)


def _instance(cls: type, container: Expand) -> Expand:
    """What an object of a class of the user holds: attributes, slots, and what its base does."""
    slots = bool(slots_of(cls))
    attributes = bool(cls.__dictoffset__) or issubclass(cls, threading.local)

    def expand(found: Search, thing: object, path: Path) -> None:
        if container is not None:
            container(found, thing, path)
        if attributes:
            found.attributes(thing, ATTRIBUTES, path)
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


_DICTS: tuple[dict[str, int], ...] = ({}, OrderedDict())
_VIEWS_OF_DICTS = [
    type(view) for each in _DICTS for view in (each.keys(), each.values(), each.items())
]

_BY_CLASS: dict[type, Expand] = {
    **dict.fromkeys((int, float, bool, str, type(None), types.CodeType)),
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
    functools.partialmethod: _expand_wrapper("func", "args", "keywords"),
    type(functools.cache(len)): _expand_cache,
    types.MappingProxyType: _expand_view,
    **dict.fromkeys(_VIEWS_OF_DICTS, _expand_view),
    slice: _expand_wrapper("start", "stop", "step"),
    super: _expand_wrapper("__self__"),
    contextvars.ContextVar: _container(CONTEXT_VARIABLE),
    property: _expand_property,
    staticmethod: _expand_wrapped_method,
    classmethod: _expand_wrapped_method,
    functools.singledispatchmethod: _expand_wrapper("dispatcher"),
    type: _expand_class,
}


_BUILTIN = {id(cls): expand for cls, expand in _BY_CLASS.items()}

#: Classes that are there for good of which objects need not be looked at, as far as they were met.
_LEAVES = Classes((int, float, bool, str, type(None)))


def is_permanent(cls: type) -> bool:
    """Whether a class is there for good: Enigma's own are; those of the user come and go."""
    return not cls.__flags__ & _HEAP_TYPE or is_own_class(cls)


# Py_TPFLAGS_HEAPTYPE: the class was made while Python ran.
_HEAP_TYPE = 1 << 9


def expansion_of(cls: type) -> Expand:
    """Say what to do with objects of a class."""
    if id(cls) in _BUILTIN:
        return _BUILTIN[id(cls)]
    return _own_expansion(cls) if is_permanent(cls) else _find_expansion(cls)


def _find_expansion(cls: type) -> Expand:
    module = str(cls.__module__)
    held = said_by(cls, "_enigma_holds")
    if held is not None:
        return _expand_wrapper(*held)
    meant = said_by(cls, "_enigma_stands_for")
    if meant is not None:
        return _expand_stand_in(meant)
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
    if container is None and said_by(cls, "__next__") is not None:
        return _expand_state
    if not is_permanent(cls) and (cls.__dictoffset__ or slots_of(cls)):
        return _library_object(container)
    return container


_own_expansion = functools.cache(_find_expansion)

# The libraries whose objects change in ways that only they know.
_STATEFUL = ("_io", "io", "random", "_random", "numpy.random", "decimal")

_CONTAINERS = Classes((list, OrderedDict, dict, deque, set, tuple, frozenset, bytearray))

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
    "_weakrefset",
    "numpy",
)


def _holding(base: type) -> Expand:
    """What the contents of a class are that objects inherit from it."""
    if id(base) in _CONTAINERS:
        return _BUILTIN[id(base)]
    if base.__module__ == "numpy" and base.__name__ == "ndarray":
        return _expand_array
    if base.__module__ == "numpy" and base.__name__ == "void":
        return _expand_wrapper("base")
    if base.__module__ == "_ctypes" and base.__name__ == "_CData":
        return _leaf_container(MEMORY)
    return None


def is_library(module: object) -> bool:
    """Whether a module is none of the user's: of Enigma, of Python, or installed.

    What functions and classes call theirs need not be a text.
    """
    return _is_library(str(module))


@functools.cache
def _is_library(module: str) -> bool:
    if module == "enigma" or module.startswith("enigma."):
        return True
    if module == "__main__":
        # Whatever was started: a program that is installed runs the user's code under this name.
        return False
    if module.partition(".")[0] in sys.stdlib_module_names | {"builtins"}:
        return True
    path = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in path or "dist-packages" in path
