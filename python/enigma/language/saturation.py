# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conversions that bring a number into the range of the dtype: ``x.to(dtype, saturate=True)``.

MSL has no function for it, of scalars or of vectors: the number is clamped before it is converted.
"""

from __future__ import annotations

from enigma import _functions as own
from enigma.language.math import where
from enigma.tracing.conversions import cast, convert
from enigma.tracing.operations import operations
from enigma.tracing.values import Value
from enigma.types import DType, bf16, f16, f32

# The largest finite numbers.
_LARGEST = {f16: 65504.0, bf16: 255.0 * 2.0**120, f32: (2.0 - 2.0**-23) * 2.0**127}


def saturated(value: Value, dtype: DType) -> Value:
    """Convert a value; what is beyond the ends of the dtype becomes the end.

    NaN becomes 0 as an integer, and stays NaN as a float. Infinities become the largest finite
    numbers.
    """
    source = value.dtype
    is_same = source is dtype and not dtype.is_float
    if is_same or "b" in (source.kind, dtype.kind):
        return convert(value, dtype)
    if not dtype.is_float:
        return _from_float(value, dtype) if source.is_float else _between_integers(value, dtype)
    largest = _LARGEST[dtype]
    if source.is_float:
        wide = cast(value, f32)
        wide = where(wide, largest, wide > largest)
        wide = where(wide, -largest, wide < -largest)
        return convert(wide, dtype)
    if source.maximum > largest:
        value = own.imin(value, int(largest))
        if source.is_signed:
            value = own.imax(value, -int(largest))
    return convert(value, dtype)


def _from_float(value: Value, dtype: DType) -> Value:
    wide = cast(value, f32)
    # Both are powers of two, or 0, and so floats.
    low, beyond = float(dtype.minimum), float(dtype.maximum + 1)
    inside = (wide >= low) & (wide < beyond)
    whole = convert(where(0.0, wide, inside), dtype)
    return where(where(whole, dtype.minimum, wide < low), dtype.maximum, wide >= beyond)


def _between_integers(value: Value, dtype: DType) -> Value:
    source = value.dtype
    if source.minimum < dtype.minimum:
        value = own.imax(value, dtype.minimum)
    if source.maximum > dtype.maximum:
        value = own.imin(value, dtype.maximum)
    return convert(value, dtype)


operations.saturate = saturated
