# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values by what they are rather than where they lie, so that other processes know them again."""

from __future__ import annotations

import dataclasses
import enum
import math
import sys
from abc import ABC, ABCMeta
from collections import deque
from collections.abc import Callable, Iterable
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GenericAlias,
    MappingProxyType,
    ModuleType,
)
from typing import Any, ForwardRef

from enigma._cache import key_of
from enigma._layout import Dyn
from enigma.compiler.contents import MISSING, contents_of, parts_of
from enigma.compiler.references import FIELDS, contents, is_found, is_library, is_plain_tuple
from enigma.errors import EnigmaError
from enigma.layout import Layout, Swizzle, SwizzledLayout
from enigma.locations import is_internal
from enigma.tracing.classes import Classes
from enigma.tracing.functions import Decorated, Jit, Kernel
from enigma.tracing.parameters import Parameter
from enigma.tracing.source import source_of
from enigma.types import DType, VectorType

# What is said as Python spells it, which is exact.
_SPELLED = Classes(
    (
        *(bool, int, float, str, bytes, range),
        *(type(None), type(Ellipsis), type(NotImplemented)),
    )
)
# The classes of Python that have no name in their module.
_NAMELESS: dict[int, str] = {
    id(kind): str(kind.__name__)
    for kind in (
        *(type(None), type(Ellipsis), type(NotImplemented), FunctionType, BuiltinFunctionType),
        *(CodeType, ModuleType, MappingProxyType, *FIELDS),
    )
}
# Members of classes that Python makes and that say nothing, or what other members say.
_UNSAID = frozenset({"__dict__", "__weakref__", "__doc__", "__abstractmethods__", "_abc_impl"})
# Of functions: what was made of them.
_MADE = frozenset({"__enigma_rewritten__", "__enigma_source__"})
_CODE = (
    *("co_name", "co_filename", "co_firstlineno", "co_argcount", "co_posonlyargcount"),
    *("co_kwonlyargcount", "co_flags", "co_stacksize", "co_names", "co_varnames"),
    *("co_freevars", "co_cellvars", "co_code", "co_consts"),
    # Since Python 3.11, where tables of lines have columns.
    *("co_qualname", "co_linetable", "co_exceptiontable"),
)


class Unstable(Exception):
    """There is no saying what a value would be in another process."""


class Fingerprint:
    """A hash of values: equal in two processes only where all that is in the values is.

    What has parts is described once, and referred to by its number: objects may hold one another.
    """

    def __init__(self) -> None:
        self._said: list[str] = []
        self._waiting: deque[Any] = deque()
        # How to refer to objects, by their ids; and these themselves, so that no other ones get
        # their ids.
        self._references: dict[int, str] = {}
        self._seen: list[object] = []

    def add(self, *values: object) -> None:
        """Add values.

        Raises
        ------
        Unstable
            When one of them, or what is in it, is of no kind that is the same in each process.
        """
        self._say("and", *values)
        while self._waiting:
            self._describe(self._waiting.popleft())

    def digest(self) -> str:
        """Give the hash."""
        return key_of(*self._said)

    def _say(self, what: str, *parts: object) -> None:
        self._said.append(f"{what}({', '.join(map(self._refer, parts))})")

    def _refer(self, value: Any) -> str:
        kind = type(value)
        if kind is int:
            return f"{value:#x}"
        if kind is float and value != value:
            # The text of what is no number has no sign.
            return f"float {math.copysign(1.0, value)} nan"
        if id(kind) in _SPELLED:
            return f"{kind.__name__} {value!r}"
        known = self._references.get(id(value))
        if known is None:
            self._seen.append(value)
            known = _said(value)
            if known is None:
                # It is described elsewhere.
                self._waiting.append(value)
                known = f"#{len(self._seen)}"
            self._references[id(value)] = known
        return known

    def _describe(self, value: Any) -> None:
        kind: Any = type(value)
        describe = _DESCRIBED.get(id(kind))
        if describe is not None:
            self._say(kind.__name__, *describe(value))
        elif (parts := parts_of(value)) is not None:
            self._say(kind.__name__, *parts)
        elif issubclass(kind, FIELDS):
            self._say(kind.__name__, *_field(value))
        elif is_plain_tuple(value):
            self._say("tuple", kind, *value)
        elif kind is set or kind is frozenset:
            self._say(kind.__name__, *_sorted(value))
        elif issubclass(kind, enum.Enum):
            self._say("member", kind, *_items(vars(value)))
        elif issubclass(kind, type):
            members = {name: part for name, part in vars(value).items() if name not in _UNSAID}
            self._say(
                "class",
                kind,
                value.__module__,
                value.__qualname__,
                value.__bases__,
                *_items(members),
            )
        elif issubclass(kind, Decorated):
            self._say(kind.__name__, kind, *_decorated(value))
        elif kind.__module__ in ("numpy", "numpy.dtypes"):
            self._say("numpy", *_of_numpy(value))
        elif is_library(kind.__module__) and str(kind.__module__).startswith("enigma."):
            self._say("object", kind, *_own(value))
        elif (held := contents_of(value)) is not None:
            self._say("holding", *held)
        else:
            raise Unstable(value)


def _said(value: Any) -> str | None:
    """Say what is known without its parts; None of anything else."""
    kind = type(value)
    if value is MISSING:
        return "missing"
    if issubclass(kind, (DType, VectorType)):
        return f"dtype {value.name}"
    if kind is ModuleType:
        return f"module {vars(value).get('__name__')!r}"
    if issubclass(kind, type) and is_library(value.__module__):
        return _name(value)
    if kind is FunctionType and is_internal(value.__code__) and is_found(value):
        return _name(value)
    return None


def _name(value: Any) -> str:
    if id(value) in _NAMELESS:
        return f"nameless {_NAMELESS[id(value)]}"
    if not is_found(value):
        raise Unstable(value)
    return f"name {value.__module__!r} {value.__qualname__!r}"


def _items(members: Any) -> Iterable[object]:
    for name, value in members.items():
        yield name
        yield value


def _sorted(values: Any) -> list[object]:
    """Give the values of a set in an order that does not depend on hashes of texts."""
    if all(type(value) is int for value in values):
        return list(values)
    if not _SPELLED.hold_all_of(values):
        raise Unstable(values)
    return sorted(values, key=lambda value: (type(value).__name__, repr(value)))


def _function(function: FunctionType) -> Iterable[object]:
    yield function.__module__
    yield function.__name__
    yield function.__qualname__
    yield function.__code__
    yield function.__defaults__
    yield function.__kwdefaults__
    yield from map(contents, function.__closure__ or ())
    yield dict(function.__annotations__)
    yield {name: value for name, value in vars(function).items() if name not in _MADE}


def _decorated(decorated: Decorated) -> Iterable[object]:
    yield decorated.function
    if isinstance(decorated, Jit):
        yield decorated.layouts
        return
    if isinstance(decorated, Kernel):
        yield dict(decorated.annotations)
        # What texts were evaluated to, once.
        try:
            yield decorated.signature().declared()
        except EnigmaError:
            # It has no annotations but for threadgroup arrays.
            yield dict(decorated.threadgroup_arrays)
    # What runs is made from the text, and may differ where the function's own code does not.
    yield source_of(decorated.function).text


def _builtin(function: BuiltinFunctionType) -> Iterable[object]:
    owner = function.__self__
    if isinstance(owner, ModuleType) and is_library(owner.__name__):
        return "of", owner, function.__name__
    if isinstance(owner, type):
        return "of", owner, function.__name__
    raise Unstable(function)


def _field(value: Any) -> Iterable[object]:
    """Give what a slot, a field or a method written in C is."""
    owner = getattr(value, "__objclass__", None)
    if owner is None:
        # A field of a named tuple: its index and its text.
        return tuple(value.__reduce__()[1])
    return owner, value.__name__


def _field_of_dataclass(field: Any) -> Iterable[object]:
    default, factory = (
        "missing" if value is dataclasses.MISSING else (value,)
        for value in (field.default, field.default_factory)
    )
    flags = (field.init, field.repr, field.hash, field.compare, field.kw_only)
    metadata = dict(field.metadata)
    return field.name, field.type, default, factory, flags, metadata, field._field_type.name


def _own(value: object) -> Iterable[object]:
    """Give the attributes of an object of Enigma's that is written in Python."""
    state: dict[str, object] = {}
    for owner in type(value).__mro__:
        if owner in (ABC, object):
            continue
        # What is written in C may have more than is seen.
        if type(owner) not in (type, ABCMeta) or owner.__module__.partition(".")[0] != "enigma":
            raise Unstable(value)
        slots = vars(owner).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            state[name] = getattr(value, name, MISSING)
    return _items({**state, **getattr(value, "__dict__", {})})


def _of_numpy(value: Any) -> Iterable[object]:
    numpy: Any = sys.modules["numpy"]
    if (held := contents_of(value)) is not None:
        return held
    if type(value) is numpy.ufunc and vars(numpy).get(value.__name__) is value:
        return numpy.__version__, value.__name__
    is_dtype = isinstance(value, numpy.dtype)
    dtype: Any = value if is_dtype else getattr(value, "dtype", None)
    if not (is_dtype or isinstance(value, numpy.generic)) or dtype.kind not in "biufc":
        raise Unstable(value)
    # Two types of C may have the same bits.
    return dtype.str, dtype.char, None if is_dtype else value.tobytes()


_DESCRIBED: dict[int, Callable[[Any], Iterable[object]]] = {
    id(complex): lambda value: (value.real, value.imag),
    id(list): list,
    id(dict): _items,
    id(MappingProxyType): _items,
    id(CodeType): lambda code: [getattr(code, name, None) for name in _CODE],
    id(FunctionType): _function,
    id(BuiltinFunctionType): _builtin,
    id(GenericAlias): lambda alias: (alias.__origin__, alias.__args__),
    id(ForwardRef): lambda reference: (reference.__forward_arg__,),
    id(dataclasses.Field): _field_of_dataclass,
    id(type(vars(Parameter)["__dataclass_params__"])): lambda params: (repr(params),),
    id(type(dataclasses.MISSING)): lambda _: (),
    id(Dyn): lambda symbolic: (repr(symbolic.__getstate__()),),
    id(Layout): lambda layout: (layout.shape, layout.stride),
    id(Swizzle): lambda swizzle: (swizzle.bits, swizzle.base, swizzle.shift),
    id(SwizzledLayout): lambda both: (both.swizzle, both.offset, both.layout),
}
