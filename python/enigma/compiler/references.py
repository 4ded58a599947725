# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a function refers to, to know whether what was compiled from it still is what it says."""

from __future__ import annotations

import abc
import builtins
import dis
import enum
import functools
import inspect
import sys
from collections import namedtuple
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import compress, repeat
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, NamedTuple

from enigma import _late
from enigma._arrays import are_attributes, are_held, are_named
from enigma.compiler.contents import MISSING, contents_of, is_written_in_c, names_of_parts
from enigma.errors import EnigmaError
from enigma.layout import Dyn, Layout, Swizzle, SwizzledLayout
from enigma.locations import is_internal, is_of_host
from enigma.tracing.classes import Classes
from enigma.tracing.functions import Decorated, Jit, Kernel
from enigma.tracing.records import NOTHING
from enigma.tracing.source import source_of
from enigma.tracing.tables import ConstantArray
from enigma.tracing.values import Operand
from enigma.types import Constexpr, DType, Scalar, Threadgroup, VectorType

# Values that nobody changes. A class derived from one of these may have more than its value.
_CONSTANTS = Classes(
    (
        *(bool, int, float, complex, str, bytes, range, CodeType),
        *(type(None), type(Ellipsis), type(NotImplemented)),
    )
)
# Those of one class are equal where they are the same; long ones have long texts.
_EXACT = frozenset(map(id, (int, str, bytes)))
# Enigma's, with its own classes derived from them: equal ones make one kernel.
_OWN_CONSTANTS = (
    DType,
    VectorType,
    Constexpr,
    Scalar,
    Threadgroup,
    Layout,
    SwizzledLayout,
    Swizzle,
    Dyn,
)
# What is the same object however it changes.
_FOLLOWED = (
    *(FunctionType, BuiltinFunctionType, type, ModuleType, enum.Enum, Decorated),
    *(staticmethod, classmethod, property, functools.cached_property),
)
# What classes have for their slots and fields, and for what is written in C.
FIELDS = (
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
    type(vars(namedtuple("_One", "field"))["field"]),
)
# What these give may be anything that is there when they are called.
_REFLECTIVE = frozenset(
    {
        *(getattr, hasattr, setattr, delattr, vars, dir, globals, locals, eval, exec),
        *(id, input, open, builtins.__import__),
    }
)
# Likewise of Python's library, by their names.
_REFLECTIVE_LIBRARY = frozenset(
    {
        *("dataclasses.fields", "operator.attrgetter", "operator.methodcaller"),
        "typing.get_type_hints",
    }
)
# And what these attributes are, in which others are looked up unseen.
_REFLECTIVE_ATTRIBUTES = frozenset(
    {"__annotations__", "__dict__", "__getattribute__", "__globals__", "__subclasses__"}
)
# Members of classes that functions written in C look up by these names, to call most of them.
_CALLED = frozenset({"keys", "send", "throw", "close", "mro", "_fields"})
# What functions and classes say of themselves, by the names that code has for it.
_DESCRIPTIONS = {
    "name": "__name__",  # of what a decorator made
    **{name: name for name in ("__doc__", "__module__", "__name__", "__qualname__")},
}
# What these do shows that the function has run, or is something else in each process.
_TELLING = frozenset({print, breakpoint, hash})
_TELLING_ATTRIBUTES = frozenset({"show", "svg"})
# What these say of abstract classes depends on the classes that are registered with them.
_TESTS = frozenset({isinstance, issubclass})
_TESTING_ATTRIBUTES = frozenset({"__instancecheck__", "__subclasscheck__", "__match_args__"})
# Functions and classes of NumPy that read files, or tell of the process.
_READING = frozenset(
    {
        *("load", "loadtxt", "genfromtxt", "fromregex", "fromfile", "memmap", "open_memmap"),
        *("DataSource", "save", "savez", "savez_compressed", "savetxt", "show_config"),
        *("geterr", "seterr", "get_printoptions", "set_printoptions", "show_runtime", "info"),
    }
)
# Modules of Python whose members stay as they are, and depend on nothing but their arguments.
_LIBRARY = frozenset(
    {
        *("abc", "bisect", "builtins", "cmath", "collections", "contextlib", "dataclasses"),
        *("enum", "fractions", "functools", "heapq", "itertools", "math", "numbers", "operator"),
        *("struct", "types", "typing"),
    }
)

# How deep tuples are that are compared: they may hold one another twice.
_MOST_DEPTH = 10
#: Parts of objects that are compared with what they were.
MOST_PARTS = 10_000


def same(a: Any, b: Any) -> bool:
    """Whether two values make one kernel: `1`, `1.0` and `True` do not, nor do two zeros."""
    if a is b:
        return True
    kind = type(a)
    if kind is not type(b):
        return False
    if is_plain_tuple(a):
        return tuple.__len__(a) == tuple.__len__(b) and all(map(same, a, b))
    if id(kind) in _EXACT:
        return bool(a == b)
    # Others may compare as they like.
    if not (id(kind) in _CONSTANTS or issubclass(kind, _OWN_CONSTANTS)):
        return False
    return bool(a == b) and repr(a) == repr(b)


def is_followed(value: Any) -> bool:
    """Whether an argument is told by which object it is, and its changes are seen elsewhere.

    Those are functions, methods as classes hold them, classes, modules and members of enumerations,
    which are followed.
    """
    # What an object says is its class may be another one.
    kind = type(value)
    if issubclass(kind, _FOLLOWED):
        return True
    numpy: Any = sys.modules.get("numpy")
    if numpy is None:
        return False
    return kind is numpy.ufunc or (issubclass(kind, numpy.dtype) and _stays(value))


def is_plain_tuple(value: object) -> bool:
    """Whether a value is a tuple that has nothing but its items, and shows these."""
    kind: Any = type(value)
    return kind is tuple or (
        issubclass(kind, tuple) and not kind.__dictoffset__ and kind.__iter__ is tuple.__iter__
    )


class _Members:
    """What a module, a class, a function or a member of an enumeration has, by its names.

    Those that are missing are noted where they may come to hide others; `late` are names of Enigma
    that come into its namespace when they are asked for. A function or class has what it says of
    itself elsewhere. What is `known` was looked up.
    """

    __slots__ = ("described", "known", "late", "namespace", "notes_missing")

    def __init__(
        self,
        namespace: Mapping[str, Any],
        notes_missing: bool,
        late: Collection[str] = (),
        described: Any = None,
    ) -> None:
        self.namespace = namespace
        self.notes_missing = notes_missing
        self.late = late
        self.described = described
        self.known: set[str] = set()


class References:
    """The values that functions find in globals, closures, modules and classes.

    Which object an attribute is looked up in is not known before the function runs: what the code
    of one of the functions names as an attribute is looked up in all modules and classes.

    Attributes
    ----------
    is_settled : bool
        Whether all of them are of kinds whose changes are seen: numbers, layouts, functions, and
        what lists, dicts and objects of classes hold that are written in Python. What others hold
        may change unseen; nothing more is looked up then.
    is_repeatable : bool
        Whether running the functions again does and gives the same in another process: nothing is
        printed, and nothing depends on the hashes of texts.
    found : list of tuple
        What was found, in an order that is the same in every process: by which name, and the value.
    seen : dict
        The objects that were followed, by their addresses.

    Parameters
    ----------
    function : Decorated
        The function; those that it calls are followed.
    given : tuple
        What its arguments refer to, which is followed: their classes, and functions among them.
    """

    def __init__(self, function: Decorated, given: tuple[Any, ...] = ()) -> None:
        self.is_settled = True
        self.is_repeatable = True
        self.found: list[tuple[str, Any]] = []
        # What was looked up in dicts and in attributes of objects, which takes no call to do again;
        # and how all else is read.
        self._namespaces: list[dict[str, Any]] = []
        self._names: list[str] = []
        self._looked_up: list[Any] = []
        self._objects: list[Any] = []
        self._own: list[str] = []
        self._had: list[Any] = []
        self._holders: list[Any] = []
        self._held: list[tuple[Any, ...]] = []
        self._parts = 0
        self._reads: list[Callable[[], Any]] = []
        self._given: list[Any] = []
        self._roots = given
        # The objects themselves, so that no other ones get their ids.
        self.seen: dict[int, object] = {}
        self._attributes: set[str] = set()
        # Those that patterns of classes look up by their places.
        self._places: set[str] = set()
        # Whether a name that is missing may be no error.
        self._tries = False
        self._tests = False
        self._has_abstract = False
        self._owners: list[_Members] = []
        # What is not followed yet: functions call one another deeper than Python nests calls.
        self._pending: list[object] = [function, *given]
        # What is not settled is not kept, whatever else it refers to.
        while self._pending and self.is_settled:
            while self._pending and self.is_settled:
                self._visit(self._pending.pop())
            self._note_members()
        self._owners.clear()
        self.is_repeatable &= self._attributes.isdisjoint(_TELLING_ATTRIBUTES)
        if self._tests and self._has_abstract:
            self._reads.append(abc.get_cache_token)
            self._given.append(abc.get_cache_token())
            self.is_repeatable = False

    def met(self, addresses: Sequence[int]) -> list[tuple[int, int]]:
        """Give those of some addresses at which there is what was found, with their places."""
        return [(at, each) for at, each in enumerate(addresses) if each in self.seen]

    def hold(self) -> bool:
        """Whether everything still is what it was."""
        # Mostly it is the very same.
        if not are_named(self._namespaces, self._names, self._looked_up, MISSING):
            now = map(dict.get, self._namespaces, self._names, repeat(MISSING))
            if not all(map(same, now, self._looked_up)):
                return False
        if not are_attributes(self._objects, self._own, self._had, MISSING):
            now = map(_attribute, self._objects, self._own)
            if not all(map(same, now, self._had)):
                return False
        if not are_held(self._holders, self._held):
            now = map(contents_of, self._holders)
            if not all(map(same, now, self._held)):
                return False
        for read, given in zip(self._reads, self._given, strict=True):
            if not same(read(), given):
                return False
        return True

    def _note(self, name: str, read: Callable[[], Any]) -> None:
        """Keep a value with how it is read, to be followed."""
        value = read()
        self.found.append((name, value))
        self._reads.append(read)
        self._given.append(value)
        self._pending.append(value)

    def _note_attribute(self, owner: Any, attribute: str, name: str = "") -> None:
        """Keep the value of an attribute that nobody changes in place, to be followed."""
        value = _attribute(owner, attribute)
        self.found.append((name or attribute, value))
        self._objects.append(owner)
        self._own.append(attribute)
        self._had.append(value)
        self._pending.append(value)

    def _note_name(self, name: str, namespace: Mapping[str, Any]) -> None:
        """Keep what a namespace has by a name, or that it has nothing, to be followed."""
        if type(namespace) is not dict:
            self._note(name, partial(namespace.get, name, MISSING))
            return
        value = namespace.get(name, MISSING)
        self.found.append((name, value))
        self._namespaces.append(namespace)
        self._names.append(name)
        self._looked_up.append(value)
        self._pending.append(value)

    def _is_new(self, thing: object) -> bool:
        if id(thing) in self.seen:
            return False
        self.seen[id(thing)] = thing
        return True

    def _note_members(self) -> None:
        """Look up the attributes in the owners where that is not done."""
        if "__match_args__" in self._attributes:
            self._attributes |= self._places
        for owner in self._owners:
            namespace = owner.namespace
            attributes = self._attributes - owner.known
            if owner.described is not None:
                for name in sorted(attributes.intersection(_DESCRIPTIONS)):
                    self._note_attribute(owner.described, _DESCRIPTIONS[name])
            if self._tries and not owner.notes_missing:
                owner.notes_missing = True
                attributes.update(name for name in owner.known if name not in namespace)
            owner.known.update(attributes)
            if owner.late:
                for name in filter(owner.late.__contains__, attributes):
                    # It is found, whether it was asked for before or not.
                    getattr(sys.modules["enigma"], name)
            if not owner.notes_missing:
                attributes = set(filter(namespace.__contains__, attributes))
            for name in sorted(attributes):
                self._note_name(name, namespace)

    def _visit(self, value: Any, depth: int = 0) -> None:
        kind = type(value)
        if value is MISSING or id(kind) in _CONSTANTS:
            return
        visit = _VISITS.get(id(kind))
        if visit is not None:
            visit(self, value)
        elif issubclass(kind, FIELDS):
            return
        elif is_plain_tuple(value):
            if depth > _MOST_DEPTH:
                self.is_settled = False
            elif self._is_new(value):
                for part in (kind, *value):
                    self._visit(part, depth + 1)
        elif issubclass(kind, type):
            self._visit_class(value)
        elif issubclass(kind, enum.Enum):
            self._visit_member(value)
        elif issubclass(kind, Decorated):
            self._visit_decorated(value)
        else:
            names = names_of_parts(value)
            if names is not None:
                self._visit_parts(value, names)
            elif not _is_constant(value):
                self._visit_object(value)

    def _visit_module(self, module: ModuleType) -> None:
        if not self._is_new(module):
            return
        name = vars(module).get("__name__")
        is_own = is_library(name)
        late = _late.MODULES if name == "enigma" else ()
        # NumPy imports some of its modules when they are asked for.
        is_lazy = not late and "__getattr__" in vars(module)
        self._owners.append(_Members(vars(module), not is_own or is_lazy, late))
        if not is_own:
            self._attributes.add("__getattr__")
            self._note_attribute(module, "__class__")

    def _visit_class(self, owner: type) -> None:
        if isinstance(owner, abc.ABCMeta):
            self._has_abstract = True
        if is_of_library(owner):
            if owner.__name__ in _READING or _full_name(owner) in _REFLECTIVE_LIBRARY:
                self.is_settled = False
            return
        if not self._is_new(owner):
            return
        if is_written_in_c(owner):
            self.is_settled = False
        members = vars(owner)
        # Operators are not named where they are used. What comes to be defined may hide others.
        # What a library has a class for may call the methods that this has for its own.
        called = _CALLED.union(*(vars(base) for base in owner.__mro__ if is_of_library(base)))
        self._attributes |= {
            name for name, value in members.items() if _is_implied(name, value, called)
        }
        places = members.get("__match_args__")
        if type(places) is tuple:
            self._places.update(place for place in places if type(place) is str)
        self._note("members", lambda: ",".join(map(str, vars(owner))))
        if "__abstractmethods__" in members:
            # Then it may have no objects, until another value comes there.
            self._note("is_abstract", partial(inspect.isabstract, owner))
        self._owners.append(_Members(members, True, described=owner))
        self._note_attribute(owner, "__mro__")
        if type(owner) is not type:
            # Another one may take its place, and what `__class__` is may be a property of it.
            self._note("type", partial(type, owner))
        if isinstance(owner, enum.EnumMeta):
            # Members are found by their names and values, and one after another.
            self._pending += owner.__members__.values()

    def _visit_member(self, member: enum.Enum) -> None:
        if not self._is_new(member):
            return
        self._owners.append(_Members(vars(member), True))
        self._note_attribute(member, "_value_")
        self._note_attribute(member, "__class__")

    def _visit_parts(self, value: Any, names: tuple[str, ...]) -> None:
        """Note what a method and the like refer to: `__init__`, called anew, changes it."""
        if not self._is_new(value):
            return
        for name in names:
            self._note_attribute(value, name)
        if type(value) in (staticmethod, classmethod):
            self._owners.append(_Members(vars(value), False))

    def _visit_object(self, value: Any) -> None:
        """Note what an object holds that may change in place."""
        if not self._is_new(value):
            return
        contents = contents_of(value)
        self._parts += 0 if contents is None else len(contents)
        if contents is None or self._parts > MOST_PARTS:
            self.is_settled = False
            return
        if are_held([value], [contents]):
            self._holders.append(value)
            self._held.append(contents)
        else:
            self._reads.append(partial(contents_of, value))
            self._given.append(contents)
        if issubclass(type(value), (set, frozenset)):
            # Others are in an order that depends on hashes of texts and addresses.
            self.is_repeatable &= all(type(part) is int for part in contents)
        self._pending += (type(value), *contents)

    def _visit_decorated(self, decorated: Decorated) -> None:
        if not self._is_new(decorated):
            return
        self._owners.append(_Members(vars(decorated), False))
        self._note_attribute(decorated, "function")
        if isinstance(decorated, Kernel):
            self._visit_parameters(decorated)
        if not isinstance(decorated, Jit):
            try:
                annotated = source_of(decorated.function).annotated
            except EnigmaError:
                self.is_settled = False
                return
            self._attributes |= annotated
            self._note_globals(annotated, decorated.function.__globals__)

    def _visit_parameters(self, kernel: Kernel) -> None:
        """Follow what no code names: the records that a kernel is given, and its defaults."""
        if not kernel.function.__annotations__:
            return
        try:
            signature = kernel.signature()
        except EnigmaError:
            return
        self._pending += signature.records
        self._pending += [each for each in signature.constants.values() if each is not NOTHING]
        for text in signature.texts:
            self._look_up(kernel.function, compile(text, "<annotation>", "eval", dont_inherit=True))

    def _visit_function(self, function: FunctionType) -> None:
        if not self._is_new(function):
            return
        if is_internal(function.__code__):
            module = str(function.__globals__.get("__name__"))
            if (
                not is_library(module)
                or module.startswith("enigma.runtime")
                or (module.startswith("numpy") and function.__name__ in _READING)
                or _full_name(function) in _REFLECTIVE_LIBRARY
            ):
                self.is_settled = False
            if not is_of_host(function.__code__):
                return
        else:
            self._look_up(function, function.__code__)
            self._owners.append(_Members(vars(function), False, described=function))
        self._note_attribute(function, "__code__")
        self._note_attribute(function, "__defaults__")
        if function.__kwdefaults__ is None:
            self._note_attribute(function, "__kwdefaults__")
        else:
            # A dict, which may be changed in place.
            self._note("__kwdefaults__", lambda: _kwdefaults(function))
        # Wrappers that Python's library makes have the user's functions here.
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            self._note_attribute(cell, "cell_contents", name)

    def _look_up(self, function: FunctionType, code: CodeType) -> None:
        """Note the globals that code names; those that are missing may come to hide builtins."""
        names = names_in(code)
        if not names.attributes.isdisjoint(_REFLECTIVE_ATTRIBUTES):
            self.is_settled = False
        for module in sorted(names.imports):
            self._note_import(module)
        self._tries |= names.tries
        self._tests |= not _TESTING_ATTRIBUTES.isdisjoint(names.attributes)
        self._attributes |= names.attributes
        for text in names.formats:
            if text is None:
                self.is_settled = False
            else:
                # All words, among which are the attributes that its fields name.
                words = "".join(each if each.isalnum() or each == "_" else " " for each in text)
                self._attributes.update(words.split())
        space = function.__globals__
        self._note_globals(names.globals.union(filter(space.__contains__, names.texts)), space)

    def _note_import(self, name: str) -> None:
        """Note a module that code imports, with those that it is in: they are there already.

        One that is not there is run, and a relative one may be any.
        """
        parts = name.split(".")
        names = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
        is_found = all(isinstance(sys.modules.get(each), ModuleType) for each in names)
        if not is_found or type(builtins.__import__) is not BuiltinFunctionType:
            self.is_settled = False
            return
        for each in names:
            self._note_name(each, sys.modules)

    def _note_globals(self, names: Collection[str], space: dict[str, Any]) -> None:
        # Who runs code may give it builtins of its own.
        own = space.get("__builtins__", builtins)
        known = vars(own) if isinstance(own, ModuleType) else own
        for name in sorted(names):
            self._note_name(name, space)
            if name not in space or name in known:
                self._note_name(name, known)

    def _visit_builtin(self, function: BuiltinFunctionType) -> None:
        # A method of an object, or a function such as that of the time.
        owner = function.__self__
        if isinstance(owner, ModuleType):
            is_settled = is_library(vars(owner).get("__name__"))
        else:
            is_settled = isinstance(owner, type) and is_library(owner.__module__)
        if not is_settled or function in _REFLECTIVE or function.__name__ in _READING:
            self.is_settled = False
        if function in _TELLING:
            self.is_repeatable = False
        if function in _TESTS:
            self._tests = True


# How values of the most common kinds are followed.
_VISITS: dict[int, Callable[[References, Any], None]] = {
    id(type): References._visit_class,
    id(ModuleType): References._visit_module,
    id(FunctionType): References._visit_function,
    id(BuiltinFunctionType): References._visit_builtin,
}


class _Names(NamedTuple):
    """What code looks up."""

    globals: frozenset[str]
    attributes: frozenset[str]
    texts: frozenset[str]
    #: What texts are made from by methods called `format`; None stands for one that is not known.
    formats: frozenset[str | None]
    #: The modules that it imports; a relative one has as many dots before its name.
    imports: frozenset[str]
    tries: bool


def _naming() -> Iterator[tuple[int, tuple[str, int]]]:
    """Give the instructions that name something: what they do, and the bits before the name."""
    flags = {"LOAD_SUPER_ATTR": 2}
    if sys.version_info >= (3, 11):
        flags["LOAD_GLOBAL"] = 1
    if sys.version_info >= (3, 12):
        flags["LOAD_ATTR"] = 1
    for operation in dis.hasname:
        name = dis.opname[operation]
        if "_GLOBAL" in name or name == "LOAD_NAME":
            yield operation, ("global", flags.get(name, 0))
        elif "_ATTR" in name or "_METHOD" in name or name == "IMPORT_FROM":
            yield operation, ("attribute", flags.get(name, 0))
        elif name == "IMPORT_NAME":
            yield operation, ("import", 0)


_MATCH_CLASS = dis.opmap["MATCH_CLASS"]


_NAMING = dict(_naming())
# For each instruction, whether it is one of these.
_NAMES = bytes(operation in _NAMING for operation in range(256))


def _naming_instructions(code: CodeType) -> set[tuple[int, int]]:
    """Give the instructions of code that name something, each once, with their arguments."""
    bytecode = code.co_code
    operations, arguments = bytearray(bytecode[::2]), bytecode[1::2]
    found = set()
    at = operations.find(dis.EXTENDED_ARG)
    while at >= 0:
        high = 0
        while operations[at] == dis.EXTENDED_ARG:
            high = (high | arguments[at]) << 8
            operations[at] = 0
            at += 1
        if operations[at] in _NAMING:
            found.add((operations[at], high | arguments[at]))
        operations[at] = 0
        at = operations.find(dis.EXTENDED_ARG, at)
    naming = operations.translate(_NAMES)
    return found.union(zip(compress(operations, naming), compress(arguments, naming), strict=True))


def _has_tries(code: CodeType) -> bool:
    """Whether code handles exceptions, or may do so: comprehensions count as such, too."""
    if sys.version_info >= (3, 11):
        return bool(code.co_exceptiontable)
    return dis.opmap["SETUP_FINALLY"] in code.co_code[::2]


# What makes texts, and looks up attributes that the text names.
_FORMATS = frozenset({"format", "format_map"})


def _formats_in(code: CodeType) -> Iterator[str | None]:
    """Give the texts whose method `format` code has, and None where another one's is called."""
    text = None
    for each in dis.get_instructions(code):
        if each.opname in ("LOAD_ATTR", "LOAD_METHOD") and each.argval in _FORMATS:
            is_called = each.opname == "LOAD_METHOD" or "NULL" in each.argrepr
            yield from [text] if is_called or text is not None else ()
        if each.opcode != dis.EXTENDED_ARG:
            is_text = each.opname == "LOAD_CONST" and type(each.argval) is str
            text = each.argval if is_text else None


def _imports_in(code: CodeType) -> Iterator[str]:
    """Give the modules that code imports."""
    constants: list[Any] = []
    for each in dis.get_instructions(code):
        if each.opname == "IMPORT_NAME":
            # Before it are the level, and the names that are taken from the module.
            yield "." * constants[-2] + each.argval
        elif each.opcode != dis.EXTENDED_ARG:
            constants.append(each.argval)


@functools.lru_cache(maxsize=1024)
def names_in(code: CodeType) -> _Names:
    """Give what code looks up, that of functions in it too."""
    # `dis` describes each instruction, which takes longer than to compile a small kernel.
    found: dict[str, set[str]] = {"global": set(), "attribute": set(), "import": set()}
    known, constants = code.co_names, code.co_consts
    for operation, argument in _naming_instructions(code):
        kind, flags = _NAMING[operation]
        found[kind].add(known[argument >> flags])
    if _MATCH_CLASS in code.co_code[::2]:
        # A pattern has the names of its attributes in a tuple, or their places.
        found["attribute"].add("__match_args__")
        for const in constants:
            if type(const) is tuple:
                found["attribute"].update(part for part in const if type(part) is str)
    texts = {const for const in constants if isinstance(const, str)}
    formats = () if _FORMATS.isdisjoint(known) else _formats_in(code)
    imports = _imports_in(code) if found["import"] else ()
    inner = [names_in(const) for const in constants if isinstance(const, CodeType)]
    return _Names(
        frozenset(found["global"]).union(*(names.globals for names in inner)),
        frozenset(found["attribute"]).union(*(names.attributes for names in inner)),
        frozenset(texts).union(*(names.texts for names in inner)),
        frozenset(formats).union(*(names.formats for names in inner)),
        frozenset(imports).union(*(names.imports for names in inner)),
        _has_tries(code) or any(names.tries for names in inner),
    )


def _kwdefaults(function: FunctionType) -> tuple[Any, ...] | None:
    given = function.__kwdefaults__
    return tuple(given.items()) if given else None


def _attribute(owner: Any, name: str) -> Any:
    """Give what an object has; the cell of a closure may be empty."""
    try:
        return getattr(owner, name)
    except ValueError:
        return MISSING


def contents(cell: Any) -> Any:
    """Give what a variable of a closure holds, which may be missing."""
    return _attribute(cell, "cell_contents")


def _is_constant(value: Any) -> bool:
    """Whether an object stays as it is: Enigma's own, and numbers and functions of NumPy."""
    kind = type(value)
    if kind.__module__ in ("numpy", "numpy.dtypes"):
        numpy = sys.modules["numpy"]
        if kind is numpy.ufunc:
            # Others call functions of the user.
            return vars(numpy).get(value.__name__) is value
        if issubclass(kind, numpy.dtype):
            return _stays(value)
        return issubclass(kind, numpy.generic) and not issubclass(kind, numpy.void)
    is_own = is_library(kind.__module__) and kind.__module__.startswith("enigma")
    return is_own and (
        isinstance(value, (ConstantArray, Operand)) or not hasattr(kind, "__setitem__")
    )


def _stays(dtype: Any) -> bool:
    """Whether a type of NumPy stays as it is: fields may get other names."""
    return dtype.names is None and dtype.subdtype is None


def _full_name(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def _is_implied(name: str, value: object, called: Collection[str]) -> bool:
    """Whether Python, or what it is `called` by, looks up a member that no code names."""
    if name in ("__dict__", "__weakref__", "_abc_impl"):
        # What abstract classes were found to be is told by a token of `abc`.
        return False
    if not name.startswith("__"):
        return name in called
    if name == "__repr__" and type(value) is FunctionType and is_internal(value.__code__):
        # Dataclasses have one, which says what their fields do.
        return False
    if name in _DESCRIPTIONS:
        return False
    # Python takes None for a method that there is not.
    return value is None or callable(value) or hasattr(type(value), "__get__")


def is_found(value: Any) -> bool:
    """Whether its name says which function or class of a library that stays as it is this is."""
    found: Any = sys.modules.get(str(value.__module__))
    if found is None or not is_library(value.__module__):
        return False
    for name in value.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is value


def is_of_library(owner: type) -> bool:
    """Whether a class is of a library that stays as it is: its module is the one that made it.

    Some of those that are written in C have no name in it.
    """
    return is_library(owner.__module__) and (is_found(owner) or is_written_in_c(owner))


def is_library(module: object) -> bool:
    """Whether a module is Enigma's or NumPy's, or one of Python's that stays as it is.

    What modules, functions and classes call it need not be a text.
    """
    return _is_library(str(module))


@functools.lru_cache(maxsize=1024)
def _is_library(name: str) -> bool:
    if name.startswith("numpy.random"):
        return False
    root = name.partition(".")[0]
    if root == "enigma":
        return not name.startswith("enigma.examples")
    if root in sys.stdlib_module_names:
        # What is written in C is often in a module of its own.
        root = root.removeprefix("_")
    return root == "numpy" or root in _LIBRARY
