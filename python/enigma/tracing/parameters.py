# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The parameters of a kernel, read from its signature."""

from __future__ import annotations
import __future__

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType, FunctionType
from typing import Any

from enigma._layout import Dyn
from enigma.errors import InvalidKernel, MissingAnnotation, ResourceLimitError, UnexpectedArguments
from enigma.limits import METAL
from enigma.locations import SourceLocation, function_location
from enigma.types import Constexpr, ElementType, Scalar, constexpr, find_element, unknown_dtype


@dataclass(frozen=True)
class Parameter:
    """One parameter that Metal sees.

    Attributes
    ----------
    name : str
        Its name.
    dtype : DType or VectorType
        Of the scalar, or of the elements of the buffer.
    index : int
        Its place in Metal's argument table.
    is_scalar : bool
        Whether it is passed by value.
    address_space : str
        That of a buffer.
    symbol : Dyn or None
        The integer of layouts that it is, rather than a parameter of the Python function.
    is_extent : bool
        Whether it is an extent of a tensor, and so is positive and less than 2^31.
    access : {"read", "write", "read_write"} or None
        How a compiled kernel uses a buffer: what it never names counts as read.
    shape, stride : tuple, int, Dyn or None
        The layout of a buffer that is a tensor, whose integers may be symbolic.
    """

    name: str
    dtype: ElementType
    index: int
    is_scalar: bool = False
    address_space: str = "device"
    symbol: Dyn | None = None
    is_extent: bool = False
    access: str | None = None
    shape: Any = None
    stride: Any = None

    @property
    def kind(self) -> str:
        """What the host gives: a ``"buffer"``, or a ``"scalar"`` by value."""
        return "scalar" if self.is_scalar else "buffer"

    @property
    def is_symbol(self) -> bool:
        """Whether it is an integer of layouts."""
        return self.symbol is not None


class Signature:
    """What the annotations of a kernel say.

    Attributes
    ----------
    parameters : tuple of Parameter
        What Metal sees, in order.
    constants : dict
        The compile-time parameters and their defaults (`inspect.Parameter.empty` where there is
        none).
    names : tuple of str
        All parameters of the Python function, in order.
    keywords : frozenset of str
        Those of them that are given by name alone.

    Parameters
    ----------
    function : FunctionType
        The function.
    signature : inspect.Signature
        That of the function.
    annotations : mapping
        What those that are text were evaluated to where the function is defined.
    """

    def __init__(
        self,
        function: FunctionType,
        signature: inspect.Signature,
        annotations: Mapping[str, object],
    ) -> None:
        location = function_location(function)
        self.constants: dict[str, Any] = {}
        parameters: list[Parameter] = []
        self.names = tuple(signature.parameters)
        self.keywords = frozenset(
            name for name, p in signature.parameters.items() if p.kind is p.KEYWORD_ONLY
        )
        for name, parameter in signature.parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise InvalidKernel(
                    f"kernel {function.__name__} has a parameter *{name}; every parameter "
                    "must be named",
                    location=location,
                )
            annotation = annotations.get(name, parameter.annotation)
            annotation = self._annotation(function, name, annotation, location)
            if isinstance(annotation, Constexpr):
                self.constants[name] = parameter.default
                continue
            if parameter.default is not parameter.empty:
                raise InvalidKernel(
                    f"parameter {name!r} of kernel {function.__name__} has a default value, "
                    "but its argument is given when the kernel is launched",
                    location=location,
                    remedy=(
                        f"only compile-time parameters have defaults: `{name}: "
                        "enigma.constexpr = ...`"
                    ),
                )
            scalar = isinstance(annotation, Scalar)
            dtype = annotation.dtype if isinstance(annotation, Scalar) else find_element(annotation)
            if dtype is None:
                raise unknown_dtype(annotation, location=location)
            parameters.append(Parameter(name, dtype, len(parameters), scalar))
        if len(parameters) > METAL.arguments:
            raise ResourceLimitError(
                f"kernel {function.__name__} has {len(parameters)} buffers and scalars; "
                f"Metal has {METAL.arguments} "
                "places for them",
                location=location,
                remedy="put several arrays into one buffer, or several scalars into a buffer",
            )
        self.parameters = tuple(parameters)
        self.scalars = frozenset(parameter.name for parameter in parameters if parameter.is_scalar)

    @staticmethod
    def _annotation(
        function: FunctionType, name: str, annotation: object, location: SourceLocation
    ) -> Any:
        if annotation is inspect.Parameter.empty:
            if takes_object(function) == name:
                raise InvalidKernel(
                    f"kernel {function.__name__} is a method: {name!r} is an object of Python, "
                    "which cannot be given to Metal",
                    location=location,
                    remedy="define it outside of the class, or put @staticmethod above the "
                    "decorator; what it needs of the object are enigma.constexpr parameters",
                )
            raise MissingAnnotation(name=name, kernel=function.__name__, location=location)
        if isinstance(annotation, str) and (
            is_expression(function) or not find_element(annotation)
        ):
            cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
            variables = {name: cell.cell_contents for name, cell in cells}
            try:
                annotation = eval(annotation, function.__globals__, variables)
            except Exception as error:
                if find_element(annotation) is None:
                    raise unknown_dtype(annotation, str(error), location=location) from None
        if isinstance(annotation, type) and issubclass(annotation, Constexpr):
            return constexpr
        return annotation

    def bind_constants(self, function: FunctionType, given: Mapping[str, object]) -> dict[str, Any]:
        """Give the values of the compile-time parameters."""
        unknown = [name for name in given if name not in self.constants]
        if unknown:
            known = ", ".join(self.constants) or "none"
            raise UnexpectedArguments(
                f"constants={{{unknown[0]!r}: ...}} names no compile-time parameter of "
                f"{function.__name__}",
                location=function_location(function),
                remedy=(
                    f"its compile-time parameters (annotated with enigma.constexpr) are: {known}"
                ),
            )
        values = {name: given.get(name, default) for name, default in self.constants.items()}
        for name, value in values.items():
            if value is inspect.Parameter.empty:
                raise UnexpectedArguments(
                    f"compile-time parameter {name!r} of {function.__name__} has no value",
                    location=function_location(function),
                    remedy=(
                        f"pass constants={{{name!r}: ...}} to enigma.compile, or give it a default"
                    ),
                )
        return values


def is_expression(function: FunctionType) -> bool:
    """Whether its file has `from __future__ import annotations`, which keeps their text."""
    return bool(function.__code__.co_flags & __future__.annotations.compiler_flag)


def takes_object(function: FunctionType) -> str | None:
    """Give the name of the parameter of a method that stands for its object or class, if any."""
    first = next(iter(inspect.signature(function).parameters), None)
    owner = function.__qualname__.rpartition(".")[0]
    return first if first in ("self", "cls") and not owner.endswith("<locals>") and owner else None


def evaluated_annotations(function: FunctionType) -> dict[str, Any]:
    """Evaluate the annotations that are text, where the function is being defined.

    A local variable of the functions around it is only known there. What cannot be evaluated is
    left out.
    """
    texts = {name: text for name, text in function.__annotations__.items() if type(text) is str}
    if not texts or not is_expression(function):
        return {}
    frame: FrameType | None = sys._getframe(1)
    variables: dict[str, Any] = {}
    code = function.__code__
    while frame is not None:
        if any(constant is code for constant in frame.f_code.co_consts):
            variables = {**frame.f_locals, **variables}
            code = frame.f_code
        frame = frame.f_back
    evaluated = {}
    for name, text in texts.items():
        try:
            evaluated[name] = eval(text, function.__globals__, variables)
        except Exception:
            continue
    return evaluated
