# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Constants: those that the host sets when it makes the pipeline state, and tables of numbers."""

from __future__ import annotations

from typing import Any

from enigma._host_calls import host_function
from enigma.errors import DTypeMismatch, InvalidOption, StaticValueError
from enigma.limits import METAL
from enigma.locations import SourceLocation, user_location
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_operand, check_number
from enigma.tracing.parameters import FunctionConstant
from enigma.tracing.tables import ConstantArray, constant_table
from enigma.tracing.values import Value
from enigma.types import (
    DType,
    DTypeLike,
    ElementLike,
    Number,
    b1,
    resolve_dtype,
    resolve_element,
)


def constant_array(values: Any, dtype: ElementLike | None = None) -> ConstantArray:
    """Make a table of numbers that kernels select from.

    It can be made outside of kernels and inside. The numbers are copied: what changes in `values`
    afterwards changes nothing here.

    Parameters
    ----------
    values : nested sequences of numbers, or array of NumPy
        The elements; row-major, as NumPy has them.
    dtype : DType, VectorType, type or str, optional
        Of the elements. By default that of the array; of numbers `b1`, `i32` (`i64` or `u64`, if
        they need it) or `f32`. Of vectors, the last dimension of the values are the lanes.

    Returns
    -------
    ConstantArray
        To be indexed.

    Raises
    ------
    EnigmaError
        When a value does not fit the dtype, Metal has no such elements, the rows differ in length,
        or there are no elements or too many.
    """
    element = None if dtype is None else resolve_element(dtype)
    return constant_table(values, element, "enigma.constant_array")


class FunctionConstantValue(Value):
    """A value that is fixed when the pipeline state is created.

    Attributes
    ----------
    place : SourceLocation or None
        Where it is declared.
    default : number or None
        What it is where the host does not set it.
    """

    __slots__ = ("default", "place")

    place: SourceLocation | None
    default: Number | None

    def _take_name(self, name: str) -> None:
        if self.name is None:
            assert self.operation is not None
            self.operation.set_attribute("name", self.builder.session.string(name))
            self.name = name


@host_function()
def function_constant(dtype: DTypeLike, index: int, default: object = None) -> Value:
    """Declare a function constant of Metal, named as the variable that it is assigned to.

    Parameters
    ----------
    dtype : DType, type or str
        Its dtype.
    index : int
        Its index, 0 to 65535, by which the host sets it.
    default : number, optional
        What it is where the host does not set it; without one, the host has to.

    Returns
    -------
    Value
        The constant.

    Raises
    ------
    EnigmaError
        When the index is none, or that of another constant, or the default does not fit.
    """
    function = "enigma.function_constant"
    builder = require_builder(function)
    element = resolve_dtype(dtype)
    if (
        isinstance(index, bool)
        or not isinstance(index, int)
        or not 0 <= index < METAL.function_constants
    ):
        raise InvalidOption(
            option=f"the index of {function}",
            expected=f"an int from 0 to {METAL.function_constants - 1}",
            found=index,
            remedy="the host sets the constant by it, before the kernel runs",
        )
    other = None if default is None else _constant_default(default, element, function)
    place = user_location()
    known: Value | None = builder.function_constants.get(index)
    if known is not None:
        assert isinstance(known, FunctionConstantValue)
        if known.dtype is not element:
            raise DTypeMismatch(
                f"function constant {index} is a {known.dtype} already, and now a {element}; the "
                f"first is at {known.place}",
                remedy="give each constant an index of its own",
            )
        # A helper that is called again, or a body that is traced again, declares the same one.
        if known.place != place:
            raise InvalidOption(
                option=f"the index of {function}",
                expected=f"another one than that of {known.name or 'the constant'} at "
                f"{known.place}",
                found=index,
                remedy="declare it once, and use that value; or give each an index of its own",
            )
        if repr(known.default) != repr(other):
            raise InvalidOption(
                option=f"the default of function constant {index}",
                expected=f"{known.default}, as it was before",
                found=other,
                remedy="a constant has one default; give each constant an index of its own",
            )
        return known
    session = builder.session
    attributes = {
        "index": session.attribute(f"{index} : i32"),
        "name": session.string(f"function_constant_{index}"),
        "dtype": session.attribute(element.element_name),
    }
    if other is not None:
        attributes["default_value"] = builder.number(element, other)
    operation = builder.at_entry(
        function, session.value_type(element), attributes, builder.location()
    )
    value = FunctionConstantValue(builder, operation.result, element, operation)
    value.place = place
    value.default = other
    value.scope = builder.entry
    builder.function_constants[index] = value
    return value


def _constant_default(default: object, dtype: DType, function: str) -> Number:
    """Give the default of a function constant as a number of its dtype."""
    operand = as_operand(default, function, "the default")
    if isinstance(operand, Value):
        raise StaticValueError(
            use=f"the default of {function}",
            dtype=str(operand.dtype),
            remedy="it is known while the kernel is compiled: write a number",
        )
    number = check_number(operand, dtype, f"the default of {function}")
    if dtype.is_float:
        return dtype.round(float(number))
    return bool(number) if dtype is b1 else int(number)


def declared_constants(builder: Builder) -> tuple[FunctionConstant, ...]:
    """Give the function constants that a kernel declares, in the order of their indices."""
    found = []
    for index, value in sorted(builder.function_constants.items()):
        assert isinstance(value, FunctionConstantValue)
        name = value.name or f"function_constant_{index}"
        found.append(FunctionConstant(name, index, value.dtype, value.default))
    return tuple(found)
