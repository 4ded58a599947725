# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled kernels as JSON, for hosts that have no Enigma, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from enigma._layout import Dyn
from enigma._process import import_late
from enigma.compiler.artifact import Artifact
from enigma.compiler.source_map import SourceMap
from enigma.errors import InvalidJson, spelled
from enigma.tracing.parameters import FunctionConstant, Parameter
from enigma.types import DType, VectorType, resolve_dtype, resolve_element

A = TypeVar("A", bound=Artifact)

#: What is read; a later form that hosts could misread has another number.
VERSION = 1


def encode(value: Any) -> Any:
    """Give what JSON has for a value of an artifact.

    Tuples are arrays, bytes text in base 64, dtypes their names. A symbolic integer is an object of
    its ``expression``, in Python's syntax over the names of its symbols, and the ``terms`` that it
    is made from again.
    """
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(name): encode(item) for name, item in value.items()}
    if isinstance(value, bytes):
        return str(import_late("base64").b64encode(value), "ascii")
    if isinstance(value, (DType, VectorType)):
        return value.name
    if isinstance(value, Dyn):
        return {"expression": str(value), "terms": import_late("json").dumps(value.__getstate__())}
    if isinstance(value, SourceMap):
        return {str(line): [at.filename, at.line, at.column] for line, at in value.items()}
    if isinstance(value, (Parameter, FunctionConstant)):
        known = {field.name: getattr(value, field.name) for field in fields(value)}
        given = {name: item for name, item in known.items() if item is not None}
        if isinstance(value, FunctionConstant):
            return encode(given)
        del given["is_scalar"]
        return {"kind": value.kind, **encode(given)}
    return value


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _integers(value: Any) -> Any:
    """Give the integers of a shape or an extent."""
    if isinstance(value, list):
        return tuple(map(_integers, value))
    if isinstance(value, dict):
        symbolic = Dyn.__new__(Dyn)
        symbolic.__setstate__(_tuples(import_late("json").loads(value["terms"])))
        return symbolic
    return value


def _parameter(known: dict[str, Any]) -> Parameter:
    given = {name: known[name] for name in known if name != "kind"}
    given["is_scalar"] = known["kind"] == "scalar"
    for name in ("shape", "stride", "symbol"):
        given[name] = _integers(given.get(name))
    given["dtype"] = resolve_element(given["dtype"])
    return Parameter(**given)


def _function_constant(known: dict[str, Any]) -> FunctionConstant:
    return FunctionConstant(**{**known, "dtype": resolve_dtype(known["dtype"])})


def _lines(known: dict[str, Any]) -> SourceMap:
    return SourceMap({int(line): _tuples(place) for line, place in known.items()})


def _bytes(text: str) -> bytes:
    data: bytes = import_late("base64").b64decode(text, validate=True)
    return data


# What the fields of artifacts are made from, where that is not what JSON has.
_DECODED: dict[str, Callable[[Any], Any]] = {
    "parameters": lambda known: tuple(map(_parameter, known)),
    "function_constants": lambda known: tuple(map(_function_constant, known)),
    "grid": _integers,
    "block": _integers,
    "remarks": tuple,
    "metallib_bytes": _bytes,
    "flat_ir": _bytes,
    "source_map": _lines,
}


def decode(kind: type[A], known: dict[str, Any], **more: Any) -> A:
    """Make an artifact from what JSON has of its fields.

    Parameters
    ----------
    kind : type
        The class of the artifact.
    known : dict
        Its fields; those of names that the class has not are not looked at.
    **more
        Further fields.
    """
    names = set(kind.__dataclass_fields__)
    given = {
        name: _DECODED[name](value) if name in _DECODED and value is not None else value
        for name, value in known.items()
        if name in names
    }
    return kind(**{**given, **more})


def write(form: str, value: dict[str, Any]) -> str:
    """Write an object of a form, such as ``"kernel"``, as JSON."""
    whole = {"enigma": VERSION, "form": form, **value}
    text: str = import_late("json").dumps(whole, ensure_ascii=False, indent=1)
    return text


def read(form: str, text: object, make: Callable[[dict[str, Any]], A]) -> A:
    """Make an artifact from the object of a form in JSON.

    Raises
    ------
    InvalidJson
        When the text is no JSON of that form.
    """
    if not isinstance(text, (str, bytes, bytearray)):
        raise InvalidJson(form=form, found=f"{type(text).__name__} {spelled(text)}")
    try:
        value = import_late("json").loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(form=form, found=f"no JSON ({error})") from error
    found = value.get("form") if isinstance(value, dict) else None
    if found != form:
        raise InvalidJson(form=form, found=f"that of a {found}" if found else "other JSON")
    if value.get("enigma") != VERSION:
        raise InvalidJson(
            form=form,
            found=f"version {value.get('enigma')!r} of it, where {VERSION} is known",
            remedy="compile the kernel again with this Enigma",
        )
    try:
        return make(value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidJson(form=form, found=f"a damaged one ({error!r})") from error
