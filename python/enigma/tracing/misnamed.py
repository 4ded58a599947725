# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a name, an attribute or an argument that there is none of was meant to be.

While a kernel is traced Python itself raises the errors about these, which cost nothing where
nothing is wrong; `refusals.explained` asks here what to say of them. Nothing here runs before.
"""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from types import FrameType, ModuleType
from typing import Any

from enigma._host_calls import call_as
from enigma.errors import (
    EnigmaError,
    UnassignedVariable,
    UnexpectedArguments,
    UnknownAttribute,
    UnknownName,
)
from enigma.locations import SourceLocation, is_own_class
from enigma.spelling import ELSEWHERE, closest, kind_of, nearest_attribute
from enigma.tracing.fragments import FRAGMENTS_ARE_VALUES
from enigma.tracing.protocol import HostProtocol
from enigma.types import DType

# What messages of Python call traced objects, by the names of their classes, and what these have.
_VALUE = ("a traced value", ".dtype and .to(dtype)")
_QUERY = (
    "a thread query",
    ".x, .y and .z where it is a position or an extent, and what values have",
)
_MEMORY = "elements, as in `A[i]`, .name"
# What memory has besides.
_ATOMIC = "atomic_"
KINDS = {
    "Value": _VALUE,
    "FunctionConstantValue": _VALUE,
    "Operand": _VALUE,
    "Vector": ("a traced vector", "lanes, as in v.x, v.zyx and v[0], and what values have"),
    "Fragment": (
        "a fragment",
        "elements, as in f[0, 1], .shape, .size, .reduce, and what values have",
    ),
    "Carry": ("the carry of a loop", ".value, .set, and what values have"),
    "ThreadQuery": _QUERY,
    "PositionQuery": _QUERY,
    "Buffer": ("a buffer", f"{_MEMORY} and .dtype"),
    "Stretch": ("a buffer", f"{_MEMORY} and .dtype"),
    "Pipeline": ("a pipeline", ".stage, .front, .back, .advance, .swap, .size and .stages"),
    "RegisterTensor": ("a register tensor", f"{_MEMORY}, .dtype, .shape and .size"),
    "Tensor": ("a tensor", "elements, as in `A[i, j]`, .load, .store, .shape, .stride and .layout"),
    "View": ("a view of a tensor", "elements, .load, .store, .shape, .stride and .layout"),
    "ConstantArray": ("a constant array", f"{_MEMORY}, .dtype, .shape and .size"),
    "Matrix": ("a matrix", "columns, as in m[0], elements, as in m[0][1], .map and @"),
    "SimdgroupMatrix": ("a matrix of a SIMD group", ".elements, .map, @ and what values have"),
    "CooperativeTensor": ("a cooperative tensor", ".map and what values have"),
    "IdentityTensor": ("a tensor of coordinates", ".shape, .stride and .layout"),
    "Range": ("enigma.range", "a place in `for i in enigma.range(n)`, and no other"),
}
NAMED = rf"'?\b(?P<kind>{'|'.join(KINDS)})\b'?(?P<object> object)?|<traced "
_CALLED = r"^(?:(?P<owner>\w+)\.|[\w.<>]+\.)?(?P<name>\w+)\(\) "

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
}
# The same of memory.
_MEMORIES = ("Buffer", "Stretch", "RegisterTensor", "Tensor", "View", "ConstantArray")
_OF_MEMORY = {
    "copy": "copy the elements, in a loop or with enigma.copy",
    "fill": "store into each element, in a loop",
    "load": "index it, as in `A[i]`, or view it through a layout with enigma.make_tensor",
    "store": "index it, as in `A[i] = x`, or view it through a layout with enigma.make_tensor",
}
# And of fragments, which never change.
_OF_FRAGMENTS = {"fill": FRAGMENTS_ARE_VALUES, "store": FRAGMENTS_ARE_VALUES}


def name_of_kind(match: re.Match[str]) -> str:
    """Say what a class that a message of Python names is to a user."""
    return KINDS[match["kind"]][0] if match["kind"] else match[0]


# --- Names ----------------------------------------------------------------------------------------


def unknown_name(error: NameError, frame: FrameType, location: SourceLocation) -> EnigmaError:
    """Make the error for a name that Python does not find in a frame of the user."""
    name = error.name or str(error).partition("'")[2].partition("'")[0]
    if isinstance(error, UnboundLocalError) or "free variable" in str(error):
        return UnassignedVariable(name=name, reason="it has not been assigned", location=location)
    enigma = sys.modules["enigma"]
    known = [each for each in (*frame.f_locals, *frame.f_globals) if not each.startswith("__")]
    alias = next((each for each in known if frame.f_globals.get(each) is enigma), "enigma")
    if name in enigma.__all__:
        remedy = f"write {alias}.{name}"
    elif name in ELSEWHERE:
        remedy = ELSEWHERE[name]
    elif name in sys.stdlib_module_names:
        remedy = f"import it: `import {name}`"
    elif close := closest(name, [*known, *vars(builtins)]):
        remedy = f"did you mean {close!r}?"
    elif close := closest(name, enigma.__all__):
        remedy = f"did you mean {alias}.{close}?"
    else:
        remedy = "assign it before, or define or import it at the top of the file"
    return UnknownName(name=name, location=location, remedy=remedy)


# --- Attributes -----------------------------------------------------------------------------------


def unknown_attribute(error: AttributeError, location: SourceLocation) -> EnigmaError | None:
    """Make the error for an attribute; None if it is of nothing that Enigma has made."""
    text = str(error)
    thing = error.obj
    name = error.name or text.rpartition("attribute ")[2].strip("'")
    match = re.search(NAMED, text)
    kind: str | None = match["kind"] if match is not None else None
    if isinstance(thing, HostProtocol):
        kind = type(thing).__name__
    if kind not in KINDS:
        if not is_own_class(type(thing)) or "has no attribute" not in text:
            return None
        return UnknownAttribute(
            found=f"enigma.{thing.name}" if isinstance(thing, DType) else kind_of(thing),
            name=name,
            location=location,
            remedy=nearest_attribute(thing, name),
        )
    found, members = KINDS[kind]
    known = {
        **_ATTRIBUTES,
        **(_OF_MEMORY if kind in _MEMORIES else {}),
        **(_OF_FRAGMENTS if kind == "Fragment" else {}),
    }
    remedy = known.get(name)
    if remedy is None:
        close = closest(name, _named(members) + [each for each in dir(thing) if _ATOMIC in each])
        remedy = f"did you mean .{close}?" if close else f"it has {members}"
    return UnknownAttribute(found=found, name=name, location=location, remedy=remedy)


def _named(members: str) -> list[str]:
    """The attributes that `KINDS` names; others are not for users."""
    if members.endswith("what values have"):
        members += _VALUE[1]
    return re.findall(r"\.(\w+)", members)


# --- Arguments ------------------------------------------------------------------------------------


def misfit(function: Any, text: str, location: SourceLocation) -> EnigmaError | None:
    """Make the error for a call whose arguments do not fit.

    Parameters
    ----------
    function : object
        What was called, where that is known.
    text : str
        What Python says of it.
    location : SourceLocation
        Of the call.

    Returns
    -------
    EnigmaError or None
        None if it is no function and no method of Enigma.
    """
    called = re.search(_CALLED, text)
    method = _method(called) if called is not None else None
    if method is not None:
        owner, name, function = method
        remedy = _call_as(f".{name}", function, text)
        problem = text[called.end() :]  # type: ignore[union-attr]
        return UnexpectedArguments(
            f"`{name}` of {owner}: {problem}", location=location, remedy=remedy
        )
    own = _own_name(function, called, text)
    if own is None:
        return None
    name, remedy = own
    return UnexpectedArguments(
        f"enigma.{name}: {re.sub(_CALLED, '', text)}", location=location, remedy=remedy
    )


def called_function(text: str) -> Any:
    """Give the function of `enigma` that a message of Python names."""
    called = re.match(r"(\w+)\(\) ", text)
    enigma = sys.modules["enigma"]
    return getattr(enigma, called[1]) if called and called[1] in enigma.__all__ else None


def _method(called: re.Match[str]) -> tuple[str, str, Any] | None:
    """Find a method of something traced, and what that is, by what Python calls it."""
    owner, name = called["owner"], called["name"]
    if owner not in KINDS or name.startswith("_"):
        return None
    kinds = [HostProtocol]
    for kind in kinds:
        kinds += kind.__subclasses__()
        if kind.__name__ == owner and hasattr(kind, name):
            return KINDS[owner][0], name, getattr(kind, name)
    return None


def _own_name(function: Any, called: re.Match[str] | None, text: str) -> tuple[str, str] | None:
    """Name a function of Enigma that was called with arguments that do not fit, and its own."""
    if isinstance(function, DType):
        return function.name, _call_as(f"enigma.{function.name}", function, text)
    if not str(getattr(function, "__module__", None)).startswith("enigma."):
        return None
    name = getattr(function, "__name__", "__call__")
    if isinstance(function, type):
        made_by = getattr(function, "_made_by", None)
        if made_by is not None:
            return name, f"a kernel has it of {made_by}"
        return name, _call_as(f"enigma.{name}", function, text)
    if called is None or called["name"] != name:
        return None
    of = getattr(function, "__self__", None)
    if name == "__call__":
        name = repr(function).removeprefix("enigma.")
    elif isinstance(of, ModuleType):
        name = f"{of.__name__.removeprefix('enigma.')}.{name}"
    return name, _call_as(f"enigma.{name}", function, text)


def _call_as(name: str, function: Any, text: str) -> str:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return f"help({name}) says how"  # of a class that is Python's own but for its name
    keyword = re.search(r"unexpected keyword argument '(\w+)'", text)
    return call_as(
        name, [each for each in parameters if each.name != "self"], keyword[1] if keyword else ""
    )
