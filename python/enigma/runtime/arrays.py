# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arguments of a launch: arrays of other libraries, and numbers."""

from __future__ import annotations

import numbers
import struct
import sys
from typing import Any

from enigma._arrays import View
from enigma.compiler.interface import Interface
from enigma.errors import InvalidArgument, InvalidArray
from enigma.types import find_dtype

# Letters of `struct` by what they stand for; how many bytes that are, an array says.
_KINDS = {
    **dict.fromkeys("efd", "f"),
    **dict.fromkeys("bhilqn", "i"),
    **dict.fromkeys("BHILQN", "u"),
    "?": "b",
}
_SCALARS = {
    "f32": "f", "f16": "e", "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I",
    "i64": "q", "u64": "Q", "b1": "?",
}  # fmt: skip
_FOREIGN = ">!" if sys.byteorder == "little" else "<"


def _name(view: View) -> str:
    """Give the dtype of an array, as Enigma calls it if it can."""
    text = view.format
    if text[:1] in _FOREIGN:
        return "a dtype of another byte order"
    kind = _KINDS.get(text.lstrip("@=<>!"))
    if kind is None:
        return f"a dtype of format {text!r}"
    return "b1" if kind == "b" else f"{kind}{8 * view.itemsize}"


# How an array of a dtype is found; what it is called by other libraries, a bfloat is 16 bits.
_FORMATS: dict[tuple[str, int], str] = {}


def dtype_of(kernel: str, parameter: str, view: View) -> str:
    """Give the dtype of an array.

    Raises
    ------
    InvalidArgument
        When it is none of Enigma's.
    """
    found = _name(view)
    if found not in _SCALARS:
        raise InvalidArgument(
            kernel=kernel,
            parameter=parameter,
            expected="an array of a dtype of Enigma",
            found=f"one of {found}",
            remedy=f"the dtypes are {', '.join(_SCALARS)}",
        )
    return found


def view_of(kernel: str, parameter: Interface, array: object, is_strided: bool = False) -> View:
    """Look at the memory of an array.

    Raises
    ------
    InvalidArgument
        When it is no array, or one of another dtype.
    InvalidArray
        When it is read-only and has to be written, or not contiguous.
    """
    try:
        view = View(array, parameter.is_written)
    except (BufferError, ValueError) as error:
        raise _unreadable(kernel, parameter, array, error) from None
    except TypeError:
        raise InvalidArgument(
            kernel=kernel,
            parameter=parameter.name,
            expected=f"an array of {parameter.dtype}",
            found=type(array).__name__,
            remedy="give an object with the buffer protocol, such as a NumPy array",
        ) from None
    key = view.format, view.itemsize
    found = _FORMATS.get(key)
    if found is None:
        found = _FORMATS[key] = _name(view)
    if found != parameter.dtype and not (parameter.dtype == "bf16" and found == "u16"):
        raise InvalidArgument(
            kernel=kernel,
            parameter=parameter.name,
            expected=f"an array of {parameter.dtype}",
            found=f"one of {found}",
            remedy="convert it: the kernel computes on the memory of the array itself",
        )
    if not is_strided and not view.is_contiguous:
        raise InvalidArray(
            kernel=kernel,
            parameter=parameter.name,
            problem=f"is not contiguous: shape {view.shape}, strides {view.strides} in bytes",
            remedy="give a contiguous copy (numpy.ascontiguousarray), and copy results back",
        )
    return view


def _unreadable(kernel: str, parameter: Interface, array: object, error: Exception) -> InvalidArray:
    if parameter.is_written:
        try:
            View(array)
        except (BufferError, ValueError):
            pass
        else:
            return InvalidArray(
                kernel=kernel,
                parameter=parameter.name,
                problem="is read-only, and the kernel writes it",
                remedy="give an array that may be written",
            )
    return InvalidArray(
        kernel=kernel,
        parameter=parameter.name,
        problem=f"has no memory to work on: {error}",
        remedy="give an array of numbers, such as numpy.float32",
    )


def scalar_of(kernel: str, parameter: Interface, value: Any) -> bytes:
    """Give the bytes of a number.

    Raises
    ------
    InvalidArgument
        When it is none, or none that the dtype can hold.
    """
    dtype = parameter.dtype
    try:
        if dtype == "bf16":
            return _bfloat(float(value))
        if dtype == "b1":
            if value not in (False, True):
                raise struct.error
            return b"\1" if value else b"\0"
        if _is_float(dtype):
            if isinstance(value, (str, bytes)):
                raise TypeError
            return struct.pack(_SCALARS[dtype], value)
        return struct.pack(_SCALARS[dtype], value.__index__())
    except (struct.error, OverflowError, TypeError, ValueError, AttributeError):
        shown = repr(value) if isinstance(value, numbers.Number) else type(value).__name__
        raise InvalidArgument(
            kernel=kernel, parameter=parameter.name, expected=f"a number of {dtype}", found=shown
        ) from None


def _is_float(dtype: str) -> bool:
    found = find_dtype(dtype)
    return found is not None and found.is_float


def _bfloat(value: float) -> bytes:
    """Round to the nearest bfloat, halves to even."""
    (bits,) = struct.unpack("I", struct.pack("f", value))
    if value != value:
        return struct.pack("H", bits >> 16 | 0x40)
    return struct.pack("H", min(bits + 0x7FFF + (bits >> 16 & 1), 0xFFFFFFFF) >> 16)
