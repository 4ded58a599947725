# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What Python decides, formats or calls while a kernel is traced: a meaning for it, or an error.

`HostConstructs` is what rewritten code calls for such constructs; `explained` is for the errors
that Python itself raises.
"""

from __future__ import annotations

import ast
import dis
import numbers
import os
import re
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType
from typing import Any

from enigma._layout import Dyn
from enigma.errors import (
    EnigmaError,
    HostError,
    SubscriptError,
    UnsupportedSyntax,
    UnsupportedUse,
)
from enigma.locations import (
    frame_location,
    is_internal,
    is_of_host,
    traceback_location,
    user_frame,
)
from enigma.tracing import operators as ops
from enigma.tracing.arithmetic import binary
from enigma.tracing.builder import Builder, current_builder
from enigma.tracing.classes import is_any_of
from enigma.tracing.conversions import logical_not, truth
from enigma.tracing.messages import describe
from enigma.tracing.misnamed import (
    NAMED,
    called_function,
    misfit,
    name_of_kind,
    unknown_attribute,
    unknown_name,
)
from enigma.tracing.protocol import COUNTING, MODULAR_POWER, NO_TEXT, HostProtocol, instead_of
from enigma.tracing.running import callee, running_syntax
from enigma.tracing.values import Operand, Value
from enigma.types import b1

# What stands for functions of Python in a kernel, by the identity of these.
_REPLACEMENTS: dict[int, Callable[..., Any]] = {}
_Function = Callable[..., Any]


def replaces(function: Callable[..., Any]) -> Callable[[_Function], _Function]:
    """Register what is called in place of a function of Python, where a kernel names it."""

    def register(replacement: _Function) -> _Function:
        _REPLACEMENTS[id(function)] = replacement
        return replacement

    return register


def _refused(function: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a function of Python that sees the variables of the one that calls it."""

    def refuse(*arguments: Any) -> Any:
        frame = user_frame()
        assert frame is not None
        if function is vars and arguments:
            return vars(*arguments)
        if function is eval:
            if len(arguments) > 1:
                return eval(*arguments)
            code = compile(arguments[0], "<string>", "eval")
            if not set(code.co_names) & set(frame.f_locals):
                return eval(code, frame.f_globals)
        builder = current_builder()
        if function is globals and not arguments and builder is not None and builder.in_entry:
            return frame.f_globals
        raise UnsupportedSyntax(
            construct=f"{function.__name__}(), which sees variables by their names,",
            name="a kernel",
            remedy="name the variables themselves: what they hold depends on what the kernel does",
        )

    return refuse


for _function in (locals, globals, vars, eval, exec):
    _REPLACEMENTS[id(_function)] = _refused(_function)


class HostConstructs:
    """The runtime of constructs that Python would decide, format or call (see the rewriter's)."""

    _builder: Builder

    @staticmethod
    def builtin(function: object) -> Any:
        """Give what is called for a function that has the name of one of Python or of `math`."""
        return _REPLACEMENTS.get(id(function), function)

    def contains(self, item: Any, container: Any) -> Any:
        """Give the value of ``item in container``: comparisons, where values are traced."""
        item = self._traced(item)
        if isinstance(item, Operand) and type(container) is range:
            return _in_range(item._as_value(), container)
        has_lanes = isinstance(container, Operand) and getattr(container, "lanes", 1) != 1
        if not isinstance(container, _SEARCHED) and not has_lanes:
            return item in container
        elements = [self._traced(element) for element in container]
        if not any(isinstance(thing, Operand) for thing in (item, *elements)):
            return item in container
        tests = []
        for element in elements:
            if element is item:
                return True
            if not isinstance(item, Operand) and not isinstance(element, Operand):
                if item == element:
                    return True
            elif is_any_of(item, _COMPARED) and is_any_of(element, _COMPARED):
                tests.append(truth(item == element))
        return any_of(tests)

    def _traced(self, thing: object) -> Any:
        return self._builder.symbols.value(thing) if isinstance(thing, Dyn) else thing

    @staticmethod
    def identified(thing: object) -> Any:
        """Check the operand of ``is True`` or ``is False``."""
        if isinstance(thing, Operand):
            raise UnsupportedUse(
                found=describe(thing),
                role="compared by `is`, which compares objects of Python",
                remedy="use the truth value itself, or `not`; compare numbers with `==`",
            )
        return thing

    @staticmethod
    def asserted(condition: object) -> Any:
        """Check that Python knows the condition of an `assert`."""
        if isinstance(condition, Operand):
            raise UnsupportedUse(
                found=describe(condition),
                role="asserted: a kernel does not stop",
                remedy="enigma.assert_(condition, message) tells of it, in kernels compiled with "
                "debug=True; or guard what follows with `if`",
            )
        return condition

    @staticmethod
    def formatted(thing: object) -> Any:
        """Check what becomes a part of a string."""
        traced = _traced_in(thing, set())
        if traced is not None:
            raise UnsupportedUse(found=describe(traced), role="a part of a string", remedy=NO_TEXT)
        return thing

    @staticmethod
    def matched(subject: object, by_values: bool) -> Any:
        """Check the subject of a `match`; `by_values` says that only `==` decides."""
        if isinstance(subject, Operand) and not by_values:
            raise UnsupportedUse(
                found=describe(subject),
                role="matched with these patterns, which Python compares",
                remedy="write `if` and `elif`; patterns of numbers, `|`, `_` and names may stay",
            )
        return subject

    @staticmethod
    def is_singleton(subject: object, value: bool | None) -> Any:
        """Whether a subject of `match` is True, False or None."""
        if not isinstance(subject, Operand):
            return subject is value
        traced = subject._as_value()
        if value is None or traced.dtype is not b1:
            return False
        return traced if value else logical_not(traced)

    @staticmethod
    def refuse_async(name: str) -> None:
        """Refuse a coroutine."""
        raise UnsupportedSyntax(
            construct=f"`async def {name}`",
            name="a kernel",
            remedy="nothing would run its code: write a function with `def`",
        )


# What `in` compares with each element of, or key.
_SEARCHED: tuple[type, ...] = (
    list,
    tuple,
    set,
    frozenset,
    dict,
    type({}.keys()),
    type({}.values()),
)
# What can be equal to a traced value.
_COMPARED = (Operand, numbers.Number)


def any_of(tests: list[Value]) -> Any:
    """Give whether one of several conditions holds, which have been computed."""
    return _combined(ops.OR, tests) if tests else False


def all_of(tests: list[Value]) -> Any:
    """Give whether all of several conditions hold, which have been computed."""
    return _combined(ops.AND, tests) if tests else True


def _combined(operator: ops.BinaryOperator, tests: list[Value]) -> Value:
    """Combine conditions pair by pair, so that the expression is not deep."""
    while len(tests) > 1:
        pairs = [binary(operator, a, b) for a, b in zip(tests[::2], tests[1::2], strict=False)]
        tests = pairs + tests[len(pairs) * 2 :]
    return tests[0]


def _in_range(value: Value, counted: range) -> Any:
    """Give whether a traced integer is one of the numbers of a range."""
    dtype = value.dtype
    if dtype.kind == "f":
        raise UnsupportedUse(
            found=describe(value),
            role="searched in a range",
            remedy="compare it with the bounds: `lo <= x and x < hi`",
        )
    if not counted:
        return False
    low, high = min(counted[0], counted[-1]), max(counted[0], counted[-1])
    if low > dtype.maximum or high < dtype.minimum:
        return False
    tests = []
    if low > dtype.minimum:
        tests.append(truth(value >= low))
    if high < dtype.maximum:
        tests.append(truth(value <= high))
    step = abs(counted.step)
    if step > 1:
        tests.append(truth(value % step == low % step))
    return all_of(tests)


def _traced_in(thing: object, seen: set[int]) -> Operand | None:
    """Find a traced value in nested containers."""
    if isinstance(thing, Operand):
        return thing
    if not isinstance(thing, (list, tuple, dict, set, frozenset)) or id(thing) in seen:
        return None
    seen.add(id(thing))
    parts = [*thing, *thing.values()] if isinstance(thing, dict) else thing
    return next((t for part in parts if (t := _traced_in(part, seen)) is not None), None)


@replaces(str)
def _str(*arguments: object, **options: object) -> str:
    HostConstructs.formatted(arguments)
    return str(*arguments, **options)


@replaces(format)
def _format(*arguments: Any) -> str:
    HostConstructs.formatted(arguments)
    return format(*arguments)


# The modules of what rewritten code calls in place of something of Python.
_STAND_INS = (
    os.path.join("enigma", "tracing", "refusals.py"),
    os.path.join("enigma", "language", "builtins.py"),
    os.path.join("enigma", "language", "host_functions.py"),
    os.path.join("enigma", "tracing", "tables.py"),
)


def _subscripted_extents(syntax: Sequence[ast.AST]) -> str | None:
    """Give `shape` or `stride` where one of them is subscripted."""
    for node in syntax[:1]:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
            return node.value.attr if node.value.attr in ("shape", "stride") else None
    return None


def explained(error: Exception) -> EnigmaError | None:
    """Say of an error of Python, raised while a kernel is traced, what it means for the kernel.

    Parameters
    ----------
    error : Exception
        With its traceback.

    Returns
    -------
    EnigmaError or None
        None if it is about no name, no traced object, nothing of Enigma and no depth of calls.
    """
    if isinstance(error, RecursionError):
        return HostError(
            f"calls are nested deeper than Python allows: {error}",
            location=traceback_location(error),
            remedy="write what calls itself as a loop; sys.setrecursionlimit() allows more calls",
        )
    place = _place(error.__traceback__)
    if place is None:
        return None
    cause = error.__cause__ or error.__context__
    if isinstance(cause, EnigmaError):
        # NumPy puts an error of its own in front of it.
        return cause
    frame, instruction = place.tb_frame, place.tb_lasti
    location = frame_location(frame, instruction)
    syntax = running_syntax(frame, instruction)
    text = str(error)
    function = callee(syntax[0], frame) if syntax else None
    if function is None:
        # The name has to do: of what values have as methods, or without positions of the syntax.
        function = called_function(text)
    if isinstance(error, NameError):
        # What the library of Python does not find is no name of the user.
        return unknown_name(error, frame, location) if place.tb_next is None else None
    if isinstance(error, AttributeError):
        return unknown_attribute(error, location)
    if "not subscriptable" in text and (extents := _subscripted_extents(syntax)) is not None:
        return SubscriptError(
            f".{extents} of what has one mode, which is no tuple, is an integer",
            location=location,
            remedy=f"write .{extents}, or make the layout with a tuple, as in "
            "enigma.Layout((n,)), whose shape is (n,)",
        )
    if isinstance(error, TypeError) and (better := misfit(function, text, location)) is not None:
        return better
    match = re.search(NAMED, text)
    module = str(getattr(function, "__module__", "")).partition(".")[0]
    if match is None and not (module == "numpy" and _is_given_traced(syntax[0], frame)):
        return None
    remedy = "this is an operation of Python itself, which runs while the kernel is compiled and "
    remedy += "knows no traced objects; write it with operators and enigma's functions"
    if match is not None and match["kind"] == "Range":
        remedy = COUNTING
    elif match is not None and match["kind"] in ("ThreadQuery", "PositionQuery"):
        remedy = "components are .x, .y and .z; enigma.arch.thread_idx() and its like give tuples"
    elif function is pow:
        remedy = MODULAR_POWER
    elif module in ("math", "numpy", "torch"):
        remedy = instead_of(getattr(function, "__name__", ""))
    return HostError(re.sub(NAMED, name_of_kind, text), location=location, remedy=remedy)


def _place(traceback: TracebackType | None) -> TracebackType | None:
    """Find where the user's code stood when Python raised an error; None if the code raised it."""
    place = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if (
            is_of_host(code)
            or code.co_filename.endswith(_STAND_INS)
            or code.co_name in ("__getattr__", "__setattr__")
        ):
            # What these call is on the line that called them.
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


def _is_given_traced(call: ast.AST, frame: FrameType) -> bool:
    """Whether a variable that holds something traced is an argument of a call."""
    names = [name for name in ast.walk(call) if isinstance(name, ast.Name)]
    return any(isinstance(callee(name, frame), HostProtocol) for name in names)
