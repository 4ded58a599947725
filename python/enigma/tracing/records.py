# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Parameters of kernels that are records: dataclasses, named tuples and tuples.

Every field is a parameter of its own in Metal, `params_scale` for the field `scale` of `params`.
The function of the kernel is given an object of the class, with what Metal gives as its fields.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
import typing
from collections.abc import Callable, Collection, Mapping
from types import GenericAlias
from typing import Any, NamedTuple, TypeVar

from enigma.errors import InvalidRecord
from enigma.locations import SourceLocation
from enigma.tracing.nodes import parse
from enigma.types import annotated

NOTHING: Any = inspect.Parameter.empty


class Field(NamedTuple):
    """A field of a record.

    Attributes
    ----------
    name : str
        Its name in the record.
    annotation : object
        What its annotation is; text where it could not be evaluated.
    default : object
        `NOTHING` where there is none.
    error : Exception or None
        Why the annotation could not be evaluated.
    """

    name: str
    annotation: Any
    default: Any = NOTHING
    error: Exception | None = None


class Record:
    """What the function of a kernel is given for a record: how to make it of its fields.

    Attributes
    ----------
    make : callable
        Takes the fields by name.
    fields : dict
        What stands for each of them.
    """

    __slots__ = ("fields", "make")

    def __init__(self, make: Callable[..., Any], fields: dict[str, Any]) -> None:
        self.make = make
        self.fields = fields

    def filled(self, value: Callable[[Any], Any]) -> Any:
        """Make the object, of what `value` gives for what stands for a field."""
        given = {
            name: part.filled(value) if isinstance(part, Record) else value(part)
            for name, part in self.fields.items()
        }
        return self.make(**given)


def is_record(annotation: object) -> bool:
    """Whether an annotation is a class of records, or a tuple of annotations."""
    if isinstance(annotation, tuple):
        return True
    origin = typing.get_origin(annotation) or annotation
    if not isinstance(origin, type):
        return False
    return dataclasses.is_dataclass(origin) or issubclass(origin, tuple)


def maker(annotation: object) -> Callable[..., Any]:
    """Give what makes a record of its fields."""
    origin: Any = typing.get_origin(annotation) or annotation
    if isinstance(annotation, tuple) or origin is tuple:
        return lambda **fields: tuple(fields.values())
    return typing.cast(Callable[..., Any], origin)


def fields_of(
    annotation: Any,
    space: tuple[Mapping[str, Any], Mapping[str, Any]],
    location: SourceLocation | None,
) -> list[Field]:
    """Give the fields of a record.

    Parameters
    ----------
    annotation
        The class, a generic one with its arguments, or a tuple of annotations.
    space : tuple of 2 mappings
        What annotations that are text may name besides what their module has: the globals and the
        variables of the kernel.
    location : SourceLocation or None
        Of the kernel, for errors.

    Raises
    ------
    InvalidRecord
        When the class has no fields that can be parameters.
    """
    origin = typing.get_origin(annotation) or annotation
    if isinstance(annotation, tuple) or origin is tuple:
        parts = annotation if isinstance(annotation, tuple) else typing.get_args(annotation)
        if not parts or Ellipsis in parts:
            raise InvalidRecord(
                record=shown(annotation),
                reason="does not say how many parts it has",
                remedy="name each part, as in tuple[enigma.f32, enigma.Scalar(enigma.u32)]",
                location=location,
            )
        return [Field(str(number), annotated(_plain(part))) for number, part in enumerate(parts)]
    if dataclasses.is_dataclass(origin):
        found = _of_dataclass(origin, location)
    else:
        kinds = getattr(origin, "__annotations__", {})
        found = [
            (name, kinds[name], origin._field_defaults.get(name, NOTHING))
            for name in getattr(origin, "_fields", ())
            if name in kinds
        ]
    if not found:
        raise InvalidRecord(
            record=shown(annotation),
            reason="has no fields with annotations",
            remedy="use typing.NamedTuple or a dataclass, and annotate each field with a dtype, "
            "enigma.Scalar(dtype) or enigma.constexpr",
            location=location,
        )
    types = _type_arguments(annotation)
    fields = []
    for name, kind, default in found:
        failure = None
        kind = _plain(kind)
        if isinstance(kind, str):
            try:
                kind = eval(kind, *_namespace(origin, name, space))
            except Exception as error:
                failure = error
        fields.append(Field(name, annotated(_substituted(kind, types)), default, failure))
    return fields


def _of_dataclass(origin: Any, location: SourceLocation | None) -> list[tuple[str, Any, Any]]:
    if not origin.__dataclass_params__.init or "__init__" not in vars(origin):
        raise InvalidRecord(
            record=origin.__name__,
            reason="has no constructor that takes its fields",
            remedy="leave `init=False` out",
            location=location,
        )
    given = [
        f for f in origin.__dataclass_fields__.values() if f._field_type is not _CLASS_VARIABLE
    ]
    for each in given:
        if each._field_type is _INIT_VARIABLE:
            raise InvalidRecord(
                record=origin.__name__,
                reason=f"takes {each.name!r}, which is no field (dataclasses.InitVar)",
                remedy="make it a field",
                location=location,
            )
    return [(f.name, f.type, _default(f)) for f in given if f.init]


def _default(field: Any) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return NOTHING if field.default is dataclasses.MISSING else field.default


# What is no field of an object, as `dataclasses` marks it.
_CLASS_VARIABLE: Any = vars(dataclasses)["_FIELD_CLASSVAR"]
_INIT_VARIABLE: Any = vars(dataclasses)["_FIELD_INITVAR"]


def _plain(annotation: Any) -> Any:
    """Give the text of a reference, which `typing` makes of text in a named tuple or a generic."""
    if isinstance(annotation, typing.ForwardRef):
        return unquoted(annotation.__forward_arg__)
    return unquoted(annotation)


def _namespace(
    origin: type, field: str, space: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the globals and the locals in which the annotation of a field is text."""
    owner = next(
        (base for base in origin.__mro__ if field in vars(base).get("__annotations__", {})), origin
    )
    module = sys.modules.get(owner.__module__)
    return {**space[0], **(vars(module) if module else {})}, {**vars(owner), **space[1]}


def _type_arguments(annotation: Any) -> dict[TypeVar, Any]:
    """Give what the type parameters of a generic class and of its bases are."""
    origin = typing.get_origin(annotation) or annotation
    given = typing.get_args(annotation)
    known = dict(zip(getattr(origin, "__parameters__", ()), map(_plain, given), strict=False))
    for base in getattr(origin, "__orig_bases__", ()):
        if typing.get_origin(base) not in (None, typing.Generic):
            arguments = tuple(_substituted(_plain(a), known) for a in typing.get_args(base))
            parameters = getattr(typing.get_origin(base), "__parameters__", ())
            known = {**_type_arguments(typing.get_origin(base)), **known}
            known.update(zip(parameters, arguments, strict=False))
    return known


def _substituted(annotation: Any, types: Mapping[TypeVar, Any]) -> Any:
    """Put arguments for the type parameters in an annotation."""
    if isinstance(annotation, TypeVar):
        return types.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    if (parameters and not isinstance(annotation, type)) or isinstance(annotation, GenericAlias):
        arguments = tuple(types.get(p, p) for p in parameters)
        return annotation[arguments] if arguments else annotation
    return annotation


def shown(annotation: Any) -> str:
    """Give the name of a class of records."""
    return getattr(annotation, "__name__", None) or str(annotation)


def unquoted(annotation: Any) -> Any:
    """Give the text in an annotation that is the text of a string."""
    if isinstance(annotation, str) and annotation.strip()[:1] in ("'", '"'):
        try:
            return ast.literal_eval(parse(annotation.lstrip(" \t"), "eval"))
        except (SyntaxError, ValueError):
            return annotation
    return annotation


def names_in(text: str, names: Collection[str]) -> set[str]:
    """Give those of some names that are in the text of an annotation."""
    if not names:
        return set()
    try:
        tree = parse(text, "eval")
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names}
