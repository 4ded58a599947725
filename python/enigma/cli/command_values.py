# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values on the command line: tensors, dtypes, layouts and what Python writes as literals."""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple

from enigma.errors import CommandLineError, EnigmaError
from enigma.layout import Layout, dyn
from enigma.tensors.tensor import Tensor
from enigma.tracing.functions import Jit
from enigma.types import ElementType, find_element

#: What `parse_value` takes, for help and for errors.
FORMS = (
    "a tensor as f32[256,512] (row-major), f32[256,512]:[1,256] (with strides) or f32[n,512] "
    "(a size that is known when it runs), a dtype as f32, a layout as (4,8):(8,1), "
    "or a literal of Python as 2.5, True, (1,2) or 'text'"
)


class TensorValue(NamedTuple):
    """A tensor that has no name and no place yet."""

    element: ElementType
    layout: Layout

    def named(self, name: str, index: int) -> Tensor:
        """Make the tensor."""
        return Tensor(name, index, self.element, self.layout)


_TENSOR = re.compile(r"(?P<dtype>\w+)\s*\[(?P<shape>[^\]]*)\](\s*:\s*\[(?P<stride>[^\]]*)\])?")


def split_assignment(text: str, option: str) -> tuple[str, str]:
    """Take ``NAME=VALUE`` apart.

    Raises
    ------
    CommandLineError
        When it is none.
    """
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not name.isidentifier() or not value:
        raise CommandLineError(
            f"{option} takes NAME=VALUE, not {text!r}",
            remedy=f"as in {option} A=f32[256,512] or {option} n=4",
            location=None,
        )
    return name, value


def parse_value(name: str, text: str) -> Any:
    """Give what a value on the command line means.

    Raises
    ------
    CommandLineError
        When it means nothing.
    """
    try:
        match = _TENSOR.fullmatch(text)
        if match is not None:
            return _tensor(match)
        element = find_element(text)
        if element is not None:
            return element
        if text.startswith("(") and ":" in text and "'" not in text and '"' not in text:
            shape, _, stride = text.partition(":")
            return Layout(ast.literal_eval(shape), ast.literal_eval(stride))
        return ast.literal_eval(text)
    except EnigmaError as error:
        raise CommandLineError(
            f"{name}={text}: {error.summary}", remedy=FORMS, location=None
        ) from None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise CommandLineError(f"{name}={text} is no value", remedy=FORMS, location=None) from None


def _tensor(match: re.Match[str]) -> TensorValue:
    element = find_element(match["dtype"])
    if element is None:
        raise ValueError
    shape = _integers(match["shape"])
    if match["stride"] is None:
        strides: list[Any] = [1]
        for extent in reversed(shape[1:]):
            strides.insert(0, strides[0] * extent)
        return TensorValue(element, Layout(shape, tuple(strides)))
    return TensorValue(element, Layout(shape, _integers(match["stride"])))


def _integers(text: str) -> tuple[Any, ...]:
    """Give the integers of a list; a name is one that is known when the kernel runs."""
    found: list[Any] = []
    for part in text.split(","):
        part = part.strip()
        found.append(dyn(part) if part.isidentifier() else int(part))
    return tuple(found)


def jit_arguments(function: Jit, given: dict[str, str]) -> tuple[Any, ...]:
    """Give the arguments of a jit function, with its tensors numbered in the order of parameters.

    Raises
    ------
    CommandLineError
        When a parameter is given no value, or what is no parameter is given one.
    """
    parameters = function.python_signature.parameters
    for name in given:
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise CommandLineError(
                f"{function.name} has no parameter {name!r}",
                remedy=f"its parameters are: {known}",
                location=None,
            )
    arguments: list[Any] = []
    tensors = 0
    for name, parameter in parameters.items():
        if name in given:
            value = parse_value(name, given[name])
        elif parameter.default is not parameter.empty:
            value = parameter.default
        else:
            raise CommandLineError(
                f"{function.name} needs a value for its parameter {name!r}",
                remedy=f"add --arg {name}=VALUE: {FORMS}",
                location=None,
            )
        layout = function.layouts.get(name)
        if layout is not None and find_element(value) is not None:
            # The annotation says what its elements lie at.
            value = TensorValue(value, layout)
        if isinstance(value, TensorValue):
            value = value.named(name, tensors)
            tensors += 1
        arguments.append(value)
    return tuple(arguments)
