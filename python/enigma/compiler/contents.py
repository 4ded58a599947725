# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What objects hold that may change in place, to know whether they still do."""

from __future__ import annotations

import functools
import sys
import typing
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import (
    BuiltinFunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Any, NamedTuple

from enigma.tracing.classes import Classes

#: What is not there.
MISSING: Any = object()
#: Bytes of an array that are compared with what they were.
MOST_BYTES = 1 << 16


def _items(mapping: type[dict[Any, Any]]) -> Callable[[Any], tuple[Any, ...]]:
    """Give what reads the keys and then the values, whatever a class that is derived says."""
    return lambda value: (*mapping.keys(value), *mapping.values(value))


# What objects hold besides their attributes, by the class that is written in C. What is derived
# from one may have methods of its own, which are not asked.
_STORAGES: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    list: lambda value: tuple(list.__iter__(value)),
    dict: _items(dict),
    set: lambda value: tuple(set.__iter__(value)),
    frozenset: lambda value: tuple(frozenset.__iter__(value)),
    OrderedDict: _items(OrderedDict),
    defaultdict: _items(defaultdict),
    deque: lambda value: (value.maxlen, *deque.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    int: lambda value: (int.__pos__(value),),
    float: lambda value: (float.__pos__(value),),
    complex: lambda value: (complex.__pos__(value),),
    str: lambda value: (str.__str__(value),),
}
# A class may compare as its metaclass says, or not at all: they are told by where they lie.
_READERS = {id(kind): read for kind, read in _STORAGES.items()}
# What has nothing but attributes.
_BARE = Classes((object, typing.cast(type, typing.Generic), SimpleNamespace))
# What has nothing but that, and no attributes.
_PLAIN = {id(kind): _STORAGES[kind] for kind in (list, dict, set, frozenset)}


def contents_of(value: Any) -> tuple[Any, ...] | None:
    """Give what an object holds: equal ones of one class hold the same parts in the same order.

    That of a list are its items, of a dict its keys and then its values. An object of a class that
    is written in Python has its class first, and then what the class that it is derived from has,
    its slots, and the names and then the values of its attributes.

    Returns
    -------
    tuple or None
        None where the object may hold more than can be seen.
    """
    kind = type(value)
    read = _PLAIN.get(id(kind))
    if read is not None:
        return read(value)
    if kind.__module__ == "numpy":
        return _of_array(value)
    form = _form_of(kind)
    if form is None:
        return None
    parts: list[Any] = [kind]
    for slot in form.slots:
        parts.append(_slot(slot, value))
    if form.storage is not None:
        parts.append(form.storage(value))
    if form.attributes is None:
        return tuple(parts)
    # They may be in a dict of a class that is derived from it.
    return (*parts, *_STORAGES[dict](form.attributes.__get__(value)))


class _Form(NamedTuple):
    """Where the objects of a class hold what they hold.

    Attributes
    ----------
    slots : tuple
        The descriptors of their slots.
    storage : callable or None
        Reads what the class has that they are derived from.
    attributes : descriptor or None
        Of the dict of their attributes, if they have one.
    """

    slots: tuple[Any, ...]
    storage: Callable[[Any], tuple[Any, ...]] | None
    attributes: Any


# Those of the last classes, by where these lie, with the classes, so that no others lie there, and
# with what they were derived from, which may be changed.
_forms: dict[int, tuple[type, tuple[type, ...], _Form | None]] = {}
_MOST_FORMS = 256


def _form_of(kind: type) -> _Form | None:
    """Give the form of a class, which it keeps; None where it has more than can be seen."""
    known = _forms.get(id(kind))
    if known is None or known[1] is not kind.__mro__:
        if len(_forms) >= _MOST_FORMS:
            _forms.clear()
        known = _forms[id(kind)] = kind, kind.__mro__, _find_form(kind)
    return known[2]


def _find_form(kind: type) -> _Form | None:
    slots: list[Any] = []
    storage = attributes = None
    for owner in kind.__mro__:
        read = _READERS.get(id(owner))
        if read is not None:
            storage = storage or read
        elif id(owner) not in _BARE and is_written_in_c(owner):
            return None
        for name, member in vars(owner).items():
            is_slot = type(member) is MemberDescriptorType
            if name == "__dict__":
                if not (is_slot or type(member) is GetSetDescriptorType):
                    return None
                attributes = member
            elif is_slot:
                slots.append(member)
    return _Form(tuple(slots), storage, attributes)


def _slot(member: Any, value: Any) -> Any:
    try:
        return member.__get__(value)
    except AttributeError:
        return MISSING


def _of_array(value: Any) -> tuple[Any, ...] | None:
    """Give the numbers of an array of NumPy, if they are not too many to be compared each time."""
    numpy: Any = sys.modules["numpy"]
    if type(value) is not numpy.ndarray or value.dtype.kind not in "biufc":
        return None
    if value.nbytes > MOST_BYTES:
        return None
    # Two arrays may have the same memory.
    form = value.dtype.str, value.shape, value.strides, value.flags.writeable, value.base
    return *form, value.tobytes()


def is_written_in_c(owner: type) -> bool:
    """Whether a class has methods of its own that may read anything, or makes its objects in C."""
    for name, member in vars(owner).items():
        kind = type(member)
        if kind in (MethodDescriptorType, WrapperDescriptorType) and member.__objclass__ is owner:
            return True
        if name == "__new__" and kind is BuiltinFunctionType and member.__self__ is owner:
            return True
    return False


def parts_of(value: Any) -> tuple[Any, ...] | None:
    """Give what a method, as classes hold it or bound, or a slice refers to; else None."""
    names = names_of_parts(value)
    return None if names is None else tuple([getattr(value, name) for name in names])


def names_of_parts(value: Any) -> tuple[str, ...] | None:
    """Give the attributes that `parts_of` gives."""
    return _PARTS.get(id(type(value)))


_PARTS: dict[int, tuple[str, ...]] = {
    id(staticmethod): ("__func__",),
    id(classmethod): ("__func__",),
    id(property): ("fget", "fset", "fdel"),
    id(functools.cached_property): ("func", "attrname"),
    id(slice): ("start", "stop", "step"),
    id(functools.partial): ("func", "args", "keywords", "__dict__"),
    id(MethodType): ("__func__", "__self__"),
}
