# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Errors of Python itself, raised by what a kernel does with traced objects, explained."""

from __future__ import annotations

import dis
import inspect
import re
from types import TracebackType
from typing import Any

from enigma.compiler.errors import EnigmaError, HostError, UnexpectedArguments, UnknownAttribute
from enigma.tracing.locations import SourceLocation, frame_location, is_internal, is_of_python
from enigma.tracing.protocol import COUNTING, MODULAR_POWER, instead_of
from enigma.tracing.running import callee, running_syntax

# What messages of Python call traced objects, by the names of their classes, and what these have.
_VALUE = ("a traced value", ".dtype and .to(dtype)")
_QUERY = (
    "a thread query",
    ".x, .y and .z where it is a position or an extent, and what values have",
)
_MEMORY = "elements, as in `A[i]`, and .dtype"
_KINDS = {
    "Value": _VALUE,
    "FunctionConstant": _VALUE,
    "Operand": _VALUE,
    "Vector": ("a traced vector", "lanes, as in v.x, v.zyx and v[0], and what values have"),
    "Fragment": (
        "a fragment",
        "elements, as in f[0, 1], .shape, .size, .reduce, and what values have",
    ),
    "Carry": ("the carry of a loop", ".value, .set, and what values have"),
    "ThreadQuery": _QUERY,
    "PositionQuery": _QUERY,
    "Buffer": ("a buffer", _MEMORY),
    "RegisterTensor": ("a register tensor", f"{_MEMORY}, .shape and .size"),
    "Tensor": ("a tensor", "elements, as in `A[i, j]`, .load, .store, .shape, .stride and .layout"),
    "IdentityTensor": ("a tensor of coordinates", ".shape, .stride and .layout"),
    "Range": ("enigma.range", "a place in `for i in enigma.range(n)`, and no other"),
}
_NAMED = re.compile(rf"'?\b(?P<kind>{'|'.join(_KINDS)})\b'?(?P<object> object)?")
_CALLED = re.compile(r"^(?:[\w.<>]+\.)?(?P<name>\w+)\(\) ")

# What values of other libraries have, and is written otherwise in a kernel.
_ATTRIBUTES = {
    "astype": "convert with .to(dtype)",
    "item": "a traced value has no number in Python; use it as it is",
    "cast": "convert with .to(dtype)",
    "type": "convert with .to(dtype)",
    "view": "look at the bits with enigma.as_type(x, dtype)",
    "bit_length": "use enigma.clz",
    "bit_count": "use enigma.popcount",
    "is_integer": "compare with enigma.floor(x)",
    "shape": "its elements are not arranged in a shape; pass sizes as enigma.Scalar parameters",
    "ndim": "its elements are not arranged in a shape",
    "data": "address memory by subscripts",
    "ptr": "address memory by subscripts",
    "append": "the number of its elements is fixed",
    "copy": "copy the elements, in a loop or with enigma.copy",
    "fill": "store into each element, in a loop",
    "load": "index it, as in `A[i]`, or view it through a layout with enigma.make_tensor",
    "store": "index it, as in `A[i] = x`, or view it through a layout with enigma.make_tensor",
}


def explained(error: Exception) -> EnigmaError | None:
    """Say of an error of Python, raised while a kernel is traced, what it means for the kernel.

    Parameters
    ----------
    error : Exception
        With its traceback.

    Returns
    -------
    EnigmaError or None
        None if it is about no traced object and no function of Enigma.
    """
    place = _place(error.__traceback__)
    if place is None:
        return None
    frame, instruction = place.tb_frame, place.tb_lasti
    location = frame_location(frame, instruction)
    syntax = running_syntax(frame, instruction)
    function = callee(syntax[0], frame) if syntax else None
    text = str(error)
    if isinstance(error, AttributeError):
        return _of_an_attribute(error, text, location)
    if isinstance(error, TypeError) and (own := _own_name(function, text)) is not None:
        name, parameters = own
        return UnexpectedArguments(
            f"enigma.{name}: {_CALLED.sub('', text)}", location=location, remedy=parameters
        )
    match = _NAMED.search(text)
    if match is None:
        return None
    remedy = "this is an operation of Python itself, which runs while the kernel is compiled and "
    remedy += "knows no traced objects; write it with operators and enigma's functions"
    if match["kind"] == "Range":
        remedy = COUNTING
    elif function is pow:
        remedy = MODULAR_POWER
    elif getattr(function, "__module__", "") in ("math", "numpy", "torch"):
        remedy = instead_of(getattr(function, "__name__", ""))
    return HostError(_NAMED.sub(_kind, text), location=location, remedy=remedy)


def _place(traceback: TracebackType | None) -> TracebackType | None:
    """Find where the user's code stood when Python raised an error; None if the code raised it."""
    place = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if is_of_python(code):
            # What the library of Python calls is on the line that called the library.
            pass
        elif is_internal(code):
            place = None
        else:
            place = traceback
        traceback = traceback.tb_next
    if place is None:
        return None
    raised = dis.opname[place.tb_frame.f_code.co_code[place.tb_lasti]] == "RAISE_VARARGS"
    return None if raised else place


def _kind(match: re.Match[str]) -> str:
    return _KINDS[match["kind"]][0]


def _of_an_attribute(
    error: AttributeError, text: str, location: SourceLocation
) -> EnigmaError | None:
    match = _NAMED.search(text)
    if match is None:
        return None
    name = error.name or text.rpartition("attribute ")[2].strip("'")
    remedy = _ATTRIBUTES.get(name) or f"it has {_KINDS[match['kind']][1]}"
    return UnknownAttribute(found=_kind(match), name=name, location=location, remedy=remedy)


def _own_name(function: Any, text: str) -> tuple[str, str] | None:
    """Name a function of Enigma that was called with arguments that do not fit, and its own."""
    module = getattr(function, "__module__", None)
    called = _CALLED.search(text)
    name = getattr(function, "__name__", "")
    if called is None or called["name"] != name or not str(module).startswith("enigma."):
        return None
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    names = ", ".join(str(parameter).partition(":")[0] for parameter in parameters)
    return name, f"its parameters are: {names}"
