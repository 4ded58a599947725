# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The parameters of a kernel, read from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from enigma._layout import Dyn
from enigma.compiler.errors import (
    InvalidKernel,
    MissingAnnotation,
    ResourceLimitError,
    UnexpectedArguments,
    unknown_dtype,
)
from enigma.tracing.locations import SourceLocation, function_location
from enigma.types import Constexpr, DType, Scalar, constexpr, find_dtype

MAX_BUFFERS = 31


@dataclass(frozen=True)
class Parameter:
    """One parameter that Metal sees.

    Attributes
    ----------
    name : str
        Its name.
    dtype : DType
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
    """

    name: str
    dtype: DType
    index: int
    is_scalar: bool = False
    address_space: str = "device"
    symbol: Dyn | None = None
    is_extent: bool = False

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
    """

    def __init__(self, function: FunctionType) -> None:
        location = function_location(function)
        self.constants: dict[str, Any] = {}
        parameters: list[Parameter] = []
        signature = inspect.signature(function)
        self.names = tuple(signature.parameters)
        for name, parameter in signature.parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise InvalidKernel(
                    f"kernel {function.__name__} has a parameter *{name}; every parameter "
                    "must be named",
                    location=location,
                )
            annotation = self._annotation(function, parameter, location)
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
            dtype = annotation.dtype if isinstance(annotation, Scalar) else find_dtype(annotation)
            if dtype is None:
                raise unknown_dtype(annotation, location=location)
            parameters.append(Parameter(name, dtype, len(parameters), scalar))
        if len(parameters) > MAX_BUFFERS:
            raise ResourceLimitError(
                f"kernel {function.__name__} has {len(parameters)} buffers and scalars; "
                f"Metal has {MAX_BUFFERS} "
                "places for them",
                location=location,
                remedy="put several arrays into one buffer, or several scalars into a buffer",
            )
        self.parameters = tuple(parameters)
        self.scalars = frozenset(parameter.name for parameter in parameters if parameter.is_scalar)

    @staticmethod
    def _annotation(
        function: FunctionType, parameter: inspect.Parameter, location: SourceLocation
    ) -> Any:
        annotation = parameter.annotation
        if annotation is parameter.empty:
            raise MissingAnnotation(
                name=parameter.name, kernel=function.__name__, location=location
            )
        if isinstance(annotation, type) and issubclass(annotation, Constexpr):
            return constexpr
        if isinstance(annotation, str) and find_dtype(annotation) is None:
            # `from __future__ import annotations` leaves the text of the annotation.
            cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
            variables: Mapping[str, Any] = {name: cell.cell_contents for name, cell in cells}
            try:
                return eval(annotation, function.__globals__, dict(variables))
            except Exception:
                raise unknown_dtype(annotation, location=location) from None
        return annotation

    def bind_constants(self, function: FunctionType, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values of the compile-time parameters."""
        location = function_location(function)
        unknown = [name for name in given if name not in self.constants]
        if unknown:
            known = ", ".join(self.constants) or "none"
            raise UnexpectedArguments(
                f"constants={{{unknown[0]!r}: ...}} names no compile-time parameter of "
                f"{function.__name__}",
                location=location,
                remedy=(
                    f"its compile-time parameters (annotated with enigma.constexpr) are: {known}"
                ),
            )
        values = {name: given.get(name, default) for name, default in self.constants.items()}
        for name, value in values.items():
            if value is inspect.Parameter.empty:
                raise UnexpectedArguments(
                    f"compile-time parameter {name!r} of {function.__name__} has no value",
                    location=location,
                    remedy=(
                        f"pass constants={{{name!r}: ...}} to enigma.compile, or give it a default"
                    ),
                )
        return values
