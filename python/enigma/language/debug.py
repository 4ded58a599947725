# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel tells its author while it runs: messages and assertions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from enigma._layout import Dyn
from enigma._process import import_late
from enigma.errors import FormatError, OperandError
from enigma.locations import user_location
from enigma.tensors.tensor import Tensor
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_condition, as_operand
from enigma.tracing.classes import said_by
from enigma.tracing.fragments import FragmentLanes
from enigma.tracing.lanes import Lanes
from enigma.tracing.messages import describe
from enigma.tracing.protocol import MemoryProtocol
from enigma.tracing.refusals import HostConstructs
from enigma.tracing.values import Operand, Value, constant, extract_lane, use
from enigma.types import b1


class _Message:
    """A format of the IR, and the values of its fields.

    Parameters
    ----------
    function : str
        What the message is for, as in ``"enigma.print"``.
    """

    def __init__(self, function: str) -> None:
        self.function = function
        self.format = ""
        self.values: list[Value] = []

    def text(self, text: str) -> None:
        """Add text as it is."""
        self.format += text.replace("{", "{{").replace("}", "}}")

    def value(self, thing: object, spec: str, operand: str) -> None:
        """Add something; traced values become text when the kernel runs."""
        if isinstance(thing, (tuple, list)):
            single = "," if isinstance(thing, tuple) and len(thing) == 1 else ""
            brackets = "()" if isinstance(thing, tuple) else "[]"
            self._sequence(thing, spec, operand, (brackets[0], single + brackets[1]))
        elif isinstance(thing, (Operand, Dyn)):
            self._traced(as_operand(thing, self.function, operand), spec, operand)
        elif isinstance(thing, (Tensor, MemoryProtocol)):
            raise OperandError(
                operation=self.function,
                operand=operand,
                found=describe(thing),
                expected="a value, or what Python knows",
                remedy=said_by(type(thing), "_enigma_operand_hint", "use its elements"),
            )
        else:
            HostConstructs.formatted(thing)
            try:
                self.text(format(thing, spec))
            except (TypeError, ValueError) as error:
                raise FormatError(
                    function=self.function,
                    problem=f"{operand} cannot be written as {spec!r}: {error}",
                    remedy="what Python knows has Python's format specifications",
                ) from None

    def _traced(self, value: Any, spec: str, operand: str) -> None:
        lanes = value.lanes
        if isinstance(lanes, Lanes) and not isinstance(lanes, FragmentLanes):
            raise OperandError(
                operation=self.function,
                operand=operand,
                found=describe(value),
                expected="a scalar, a vector or a fragment",
                remedy="store it to memory, and give elements of that",
            )
        if lanes == 1:
            self.format += f"{{:{spec}}}" if spec else "{}"
            self.values.append(value)
            return
        parts = [extract_lane(value, lane) for lane in range(int(lanes))]
        self._sequence(parts, spec, operand, ("(", ")"))

    def _sequence(
        self, parts: Sequence[object], spec: str, operand: str, brackets: tuple[str, str]
    ) -> None:
        self.text(brackets[0])
        for index, part in enumerate(parts):
            if index:
                self.text(", ")
            self.value(part, spec, operand)
        self.text(brackets[1])

    def add(self, values: Sequence[object], sep: str) -> None:
        """Add what a call was given: a format and the values of its fields, or values."""
        if values and isinstance(values[0], str) and ("{" in values[0] or "}" in values[0]):
            self._formatted(values[0], values[1:])
            return
        for index, value in enumerate(values):
            if index:
                self.text(sep)
            self.value(value, "", f"value {index + 1}")

    def _formatted(self, text: str, values: Sequence[object]) -> None:
        used: set[int] = set()
        count = 0
        numbered: set[bool] = set()
        for literal, field, spec, conversion in self._pieces(text):
            self.text(literal)
            if field is None:
                continue
            if field and not field.isdecimal():
                raise self._error(
                    f"the format has the field {{{field}}}",
                    "fields are empty or numbers, as in {} and {0}: give the value itself",
                )
            numbered.add(bool(field))
            if len(numbered) > 1:
                raise self._error(
                    "the format has fields with numbers and without", "number all of them or none"
                )
            index = int(field) if field else count
            count += 1
            if index >= len(values):
                needed = self._count(text)
                raise self._error(
                    f"the format has fields for {needed} value{'s' * (needed != 1)}, and "
                    f"{len(values)} "
                    f"{'was' if len(values) == 1 else 'were'} given",
                    "give a value for each field; double the braces that stand for themselves",
                )
            used.add(index)
            self._field(values[index], spec or "", conversion, f"value {index + 1}")
        if len(used) != len(values):
            unused = next(index for index in range(len(values)) if index not in used)
            raise self._error(
                f"the format has no field for value {unused + 1} of {len(values)}",
                "write {} where it belongs; a text without braces is followed by any values",
            )

    def _field(self, value: object, spec: str, conversion: str | None, operand: str) -> None:
        if "{" in spec:
            raise self._error(
                f"the format specification {spec!r} has fields of its own", "write the numbers"
            )
        if conversion is not None:
            HostConstructs.formatted(value)
            value = {"r": repr, "a": ascii}.get(conversion, str)(value)
        self.value(value, spec, operand)

    def _pieces(self, text: str) -> Iterable[tuple[str, str | None, str | None, str | None]]:
        try:
            return list(import_late("string").Formatter().parse(text))
        except ValueError as error:
            raise self._error(
                f"the format is none: {error}", "double the braces that stand for themselves"
            ) from None

    def _count(self, text: str) -> int:
        fields = [field for _, field, _, _ in self._pieces(text) if field is not None]
        return max(int(field) + 1 if field else len(fields) for field in fields)

    def _error(self, problem: str, remedy: str) -> FormatError:
        return FormatError(function=self.function, problem=problem, remedy=remedy)

    def build(self, builder: Builder, operation: str, *before: Value) -> None:
        """Build the operation."""
        if "\0" in self.format:
            raise self._error("the text has a character NUL", "leave it out: it ends a text")
        session = builder.session
        dtypes = ", ".join(value.dtype.element_name for value in self.values)
        builder.effects += 1
        builder.op(
            operation,
            (),
            tuple(map(use, (*before, *self.values))),
            {
                "format": session.string(self.format),
                "dtypes": session.attribute(f"[{dtypes}]"),
            },
        )


def print(*values: object, sep: str = " ") -> None:
    """Write a line into the log of the device, if the kernel is compiled with ``debug=True``.

    As Python's ``print``: ``enigma.print("x =", x, i)``. Where the first value is text with
    braces, it is a format as that of ``str.format``, with a field for each of the others:
    ``enigma.print("x = {:.3f} at {}", x, i)``. Every thread that comes here writes a line of its
    own. Without ``debug=True`` nothing of it is left.

    Parameters
    ----------
    *values
        Traced scalars, vectors and fragments, tuples and lists of such, and anything that Python
        knows. A traced bool is 0 or 1, a float has six digits unless its format says otherwise.
    sep : str
        What stands between the values.

    Raises
    ------
    FormatError
        When fields and values do not match, or a value cannot be written so.
    """
    builder = require_builder("enigma.print")
    if not isinstance(sep, str):
        raise OperandError(
            operation="enigma.print",
            operand="sep",
            found=describe(sep),
            expected="a str",
            remedy="give the values first: sep is what stands between them",
        )
    message = _Message("enigma.print")
    message.add(values, sep)
    message.build(builder, "enigma.print")


def assert_(condition: object, message: object = "", *values: object) -> None:
    """Write a line into the log where a condition does not hold, with ``debug=True``.

    The line has the file and the line of Python, and the message. The thread goes on. Without
    ``debug=True`` nothing of it is left.

    Parameters
    ----------
    condition : traced b1 or bool
        What has to hold.
    message
        What is said, as the first value of `print`: text, or a format for the others.
    *values
        As for `print`.

    Raises
    ------
    OperandError
        When the condition is no bool.
    FormatError
        When fields and values do not match, or a value cannot be written so.
    """
    function = "enigma.assert_"
    builder = require_builder(function)
    given = as_condition(condition, function, "condition")
    value = given if isinstance(given, Value) else constant(builder, b1, given)
    if value.lanes != 1:
        raise OperandError(
            operation=function,
            operand="condition",
            found=describe(value),
            expected="one bool",
            remedy="combine the lanes, as in `v.x and v.y`",
        )
    line = _Message(function)
    place = user_location()
    if place is not None:
        line.text(f"{os.path.basename(place.filename)}:{place.line}: ")
    line.text("assertion failed")
    if not isinstance(message, str) or message or values:
        line.text(": ")
        line.add((message, *values), " ")
    elif place is not None and place.source_line:
        line.text(f": {place.source_line}")
    line.build(builder, "enigma.assert", value)
