# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Numbers of a kernel, computed by Python: the rules of `docs/numbers.md`, stated on their own.

A number has a dtype and one to four lanes, and is never changed. Integers are computed without end
and brought back; floats are computed in double precision and rounded, which rounds as the
operation itself does, since a double has more than twice the digits of what they become.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from conformance import harness
from conformance.emitted import NUMPY
from conformance.random_kernels.layouts import Layout, coordinates, filled, keeps, kept

FLOATS = ("f32", "f16", "bf16")
SIGNED = ("i8", "i16", "i32", "i64")
UNSIGNED = ("u8", "u16", "u32", "u64")
INTEGERS = (*SIGNED, *UNSIGNED)
DTYPES = (*FLOATS, *INTEGERS, "b1")

# The digits of the significand, and the least exponent, of a float.
_FORMATS = {"f32": (24, -149), "f16": (11, -24), "bf16": (8, -133)}
LARGEST = {"f32": float(np.finfo(np.float32).max), "f16": 65504.0, "bf16": 3.3895313892515355e38}
_LETTERS = {letter: lane for word in ("xyzw", "rgba") for lane, letter in enumerate(word)}


class Undefined(Exception):
    """A kernel computes what has no value: it overflows, or divides by zero."""


class Mistake(Exception):
    """A program that is none: the generator must not make it."""


def bits_of(dtype: str) -> int:
    """The width of a dtype."""
    return 1 if dtype == "b1" else int(dtype.lstrip("bfiu"))


def limits(dtype: str) -> tuple[int, int]:
    """The least and the greatest integer of a dtype."""
    if dtype == "b1":
        return 0, 1
    low = -(1 << bits_of(dtype) - 1) if dtype in SIGNED else 0
    return low, low + (1 << bits_of(dtype)) - 1


def promoted(first: str, second: str) -> str:
    """The dtype in which two operands meet."""
    if first == second:
        return first
    floats = [name for name in (first, second) if name in FLOATS]
    if len(floats) == 2:
        return "f32"
    if floats:
        return floats[0]
    if "b1" in (first, second):
        return second if first == "b1" else first
    if bits_of(first) != bits_of(second):
        return max(first, second, key=bits_of)
    return first if first in UNSIGNED else second


def rounded(dtype: str, value: float | Fraction) -> float:
    """A number as the nearest float of a dtype, the even one of two."""
    if isinstance(value, float) and (math.isnan(value) or math.isinf(value) or value == 0):
        return value
    digits, least = _FORMATS[dtype]
    if isinstance(value, float):
        exponent = max(math.frexp(value)[1] - digits, least)
        found = math.copysign(math.ldexp(round(math.ldexp(value, -exponent)), exponent), value)
        largest = LARGEST[dtype]
        return found if -largest <= found <= largest else math.copysign(math.inf, value)
    if value == 0:
        return 0.0
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    if abs(value) < Fraction(2) ** exponent:
        exponent -= 1
    unit = Fraction(2) ** max(exponent - digits + 1, least)
    # It has no more digits than a double has.
    result = round(abs(value) / unit) * unit
    found = math.inf if result > Fraction(LARGEST[dtype]) else float(result)
    return math.copysign(found, -1.0 if value < 0 else 1.0)


def brought(dtype: str, value: Any, source: str) -> Any:
    """The value of a lane of one dtype as one of another, as a conversion makes it."""
    if dtype == source:
        return value
    if dtype == "b1":
        return value != 0
    if dtype in FLOATS:
        return rounded(dtype, float(value) if source in FLOATS else Fraction(int(value)))
    low, high = limits(dtype)
    if source in FLOATS:
        if not (math.isfinite(value) and low <= math.trunc(value) <= high):
            raise Undefined(f"{value} is no {dtype}")
        return math.trunc(value)
    return (int(value) - low) % (high - low + 1) + low


def checked(dtype: str, value: int) -> int:
    """An integer that was computed: an unsigned one wraps, a signed one must not."""
    low, high = limits(dtype)
    if low <= value <= high:
        return value
    if dtype in SIGNED:
        raise Undefined(f"{value} is no {dtype}")
    return value & high


def literal(dtype: str, number: float) -> Any:
    """A Python number in the place of a value of a dtype."""
    if dtype in FLOATS:
        return rounded(dtype, float(number))
    whole = int(number)
    low, high = limits(dtype)
    if whole != number or not low <= whole <= high:
        raise Mistake(f"{number!r} is no {dtype}")
    return bool(whole) if dtype == "b1" else whole


class Num:
    """A number of a kernel.

    Attributes
    ----------
    dtype
        Its name.
    lanes
        Its values: one for a scalar.
    error
        By how much a kernel may compute another one. What is not exact may only be stored.
    shape
        How the lanes of a fragment are arranged, the first mode fastest; None for others.
    """

    __slots__ = ("dtype", "error", "lanes", "shape")
    __hash__ = None  # type: ignore[assignment]

    dtype: str
    lanes: tuple[Any, ...]
    error: float
    shape: Any

    def __init__(
        self, dtype: str, lanes: Sequence[Any], error: float = 0.0, shape: Any = None
    ) -> None:
        self.dtype, self.lanes, self.error, self.shape = dtype, tuple(lanes), error, shape

    def __repr__(self) -> str:
        return f"{self.dtype}{self.lanes}"

    @property
    def value(self) -> Any:
        """The value of a scalar."""
        (value,) = self.lanes
        return value

    def to(self, dtype: Any) -> Num:
        """Convert."""
        name = str(dtype)
        if self.error and name != self.dtype:
            raise Mistake("what is not exact is converted")
        lanes = [brought(name, lane, self.dtype) for lane in self.lanes]
        return Num(name, lanes, self.error, self.shape)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __index__(self) -> int:
        return int(self.value)

    # Lanes.

    def __getattr__(self, name: str) -> Num:
        if set(name) <= set(_LETTERS) and len(self.lanes) > 1:
            return Num(self.dtype, [self.lanes[_LETTERS[letter]] for letter in name])
        raise AttributeError(name)

    def with_lanes(self, name: str, other: Any) -> Num:
        """The vector after an assignment to some of its lanes."""
        values = as_num(other, self.dtype).to(self.dtype).lanes
        lanes = list(self.lanes)
        for position, letter in enumerate(name):
            lanes[_LETTERS[letter]] = values[position if len(values) > 1 else 0]
        return Num(self.dtype, lanes)

    def __getitem__(self, lane: Any) -> Num:
        if self.shape is None:
            return Num(self.dtype, [self.lanes[lane]], self.error)
        positions = Layout(self.shape)
        if not keeps(lane):
            return Num(self.dtype, [self.lanes[positions(lane)]], self.error)
        part = kept(lane, self.shape)
        lanes = [self.lanes[positions(filled(lane, c))] for c in coordinates(part)]
        return Num(self.dtype, lanes, self.error, part)

    def reduce(self, operation: str) -> Num:
        """Combine the elements of a fragment, in any order."""
        function = {"add": operator.add, "mul": operator.mul, "min": min, "max": max}[operation]
        found = Num(self.dtype, exact(self).lanes[:1])
        for lane in self.lanes[1:]:
            found = mapped(self.dtype, function, found, Num(self.dtype, [lane]))
        return found

    def __len__(self) -> int:
        return len(self.lanes)

    # Operators.

    def __add__(self, other: Any) -> Num:
        return arithmetic(operator.add, self, other)

    def __radd__(self, other: Any) -> Num:
        return arithmetic(operator.add, other, self)

    def __sub__(self, other: Any) -> Num:
        return arithmetic(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Num:
        return arithmetic(operator.sub, other, self)

    def __mul__(self, other: Any) -> Num:
        return arithmetic(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Num:
        return arithmetic(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Num:
        return arithmetic(quotient, self, other)

    def __rtruediv__(self, other: Any) -> Num:
        return arithmetic(quotient, other, self)

    def __floordiv__(self, other: Any) -> Num:
        return divided(operator.floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Num:
        return divided(operator.floordiv, other, self)

    def __mod__(self, other: Any) -> Num:
        return divided(operator.mod, self, other)

    def __rmod__(self, other: Any) -> Num:
        return divided(operator.mod, other, self)

    def __pow__(self, exponent: Any) -> Num:
        return power(self, exponent)

    def __and__(self, other: Any) -> Num:
        return arithmetic(operator.and_, self, other, keep_bool=True)

    def __rand__(self, other: Any) -> Num:
        return arithmetic(operator.and_, other, self, keep_bool=True)

    def __or__(self, other: Any) -> Num:
        return arithmetic(operator.or_, self, other, keep_bool=True)

    def __ror__(self, other: Any) -> Num:
        return arithmetic(operator.or_, other, self, keep_bool=True)

    def __xor__(self, other: Any) -> Num:
        return arithmetic(operator.xor, self, other, keep_bool=True)

    def __rxor__(self, other: Any) -> Num:
        return arithmetic(operator.xor, other, self, keep_bool=True)

    def __lshift__(self, other: Any) -> Num:
        return shifted(operator.lshift, self, other)

    def __rshift__(self, other: Any) -> Num:
        return shifted(operator.rshift, self, other)

    def __rlshift__(self, other: Any) -> Num:
        return shifted(operator.lshift, Num(other_dtype(self), [other]), self)

    def __rrshift__(self, other: Any) -> Num:
        return shifted(operator.rshift, Num(other_dtype(self), [other]), self)

    def __neg__(self) -> Num:
        # The sign of a zero too.
        if self.dtype in FLOATS:
            return Num(self.dtype, [-lane for lane in exact(self).lanes], 0.0, self.shape)
        return arithmetic(operator.sub, 0, self)

    def __pos__(self) -> Num:
        return exact(self).to(other_dtype(self))

    def __abs__(self) -> Num:
        wide = exact(self).to(other_dtype(self))
        return mapped(wide.dtype, abs, wide)

    def __invert__(self) -> Num:
        if self.dtype == "b1":
            return Num("b1", [not lane for lane in self.lanes], 0.0, self.shape)
        lanes = [brought(self.dtype, ~lane, "i128") for lane in self.lanes]
        return Num(self.dtype, lanes, 0.0, self.shape)

    def __eq__(self, other: object) -> Num:  # type: ignore[override]
        return compared(operator.eq, self, other)

    def __ne__(self, other: object) -> Num:  # type: ignore[override]
        return compared(operator.ne, self, other)

    def __lt__(self, other: Any) -> Num:
        return compared(operator.lt, self, other)

    def __le__(self, other: Any) -> Num:
        return compared(operator.le, self, other)

    def __gt__(self, other: Any) -> Num:
        return compared(operator.gt, self, other)

    def __ge__(self, other: Any) -> Num:
        return compared(operator.ge, self, other)


def exact(value: Num) -> Num:
    """A number that others may be computed from."""
    if value.error:
        raise Mistake("what is not exact is computed with")
    return value


def other_dtype(value: Num) -> str:
    """The dtype of arithmetic on a number."""
    return "i32" if value.dtype == "b1" else value.dtype


def as_num(thing: Any, dtype: str = "") -> Num:
    """A number, or a Python number as one of a dtype."""
    if isinstance(thing, Num):
        return exact(thing)
    if isinstance(thing, (bool, int, float)):
        if not dtype:
            dtype = {bool: "b1", int: "i32", float: "f32"}[type(thing)]
        return Num(dtype, [literal(dtype, thing)])
    raise Mistake(f"{thing!r} is no number")


def shape_of(values: Sequence[Num]) -> Any:
    """The shape of the fragments among some numbers."""
    return next((value.shape for value in values if value.shape is not None), None)


def _is_number(thing: Any) -> bool:
    return isinstance(thing, (Num, bool, int, float))


def widened(values: Sequence[Num]) -> list[Num]:
    """Numbers with the lanes of the one that has most."""
    count = max(len(value.lanes) for value in values)
    return [
        Num(value.dtype, value.lanes * count) if len(value.lanes) == 1 else value
        for value in values
    ]


def meeting(things: Sequence[Any], keep_bool: bool = True) -> list[Num]:
    """Operands in the dtype and the lanes in which they meet."""
    traced = [exact(thing).dtype for thing in things if isinstance(thing, Num)]
    common = traced[0]
    for dtype in traced[1:]:
        common = promoted(common, dtype)
    if common == "b1" and not keep_bool:
        common = "i32"
    return widened([as_num(thing, common).to(common) for thing in things])


def mapped(dtype: str, function: Callable[..., Any], *values: Num, error: float = 0.0) -> Num:
    """A function of the lanes of numbers."""
    found = [function(*lanes) for lanes in zip(*(value.lanes for value in values), strict=True)]
    shape = shape_of(values)
    if dtype in FLOATS:
        return Num(dtype, [rounded(dtype, lane) for lane in found], error, shape)
    if dtype == "b1":
        return Num(dtype, [bool(lane) for lane in found], 0.0, shape)
    return Num(dtype, [checked(dtype, int(lane)) for lane in found], 0.0, shape)


def arithmetic(
    function: Callable[[Any, Any], Any], left: Any, right: Any, keep_bool: bool = False
) -> Num:
    """An operator that is exact, or rounds once."""
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    a, b = meeting((left, right), keep_bool)
    return mapped(a.dtype, function, a, b)


def quotient(x: float, y: float) -> float:
    """`/` of floats."""
    with np.errstate(all="ignore"):
        return float(np.float64(x) / np.float64(y))


def divided(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Num:
    """`//` or `%`: towards minus infinity."""
    a, b = meeting((left, right), keep_bool=False)
    if a.dtype in FLOATS:

        def of_floats(x: float, y: float) -> float:
            with np.errstate(all="ignore"):
                return float(function(np.float32(x), np.float32(y)))

        return mapped(a.dtype, of_floats, a, b)
    if 0 in b.lanes:
        raise Undefined("a division by zero")
    # The one quotient that does not fit wraps.
    found = [function(x, y) for x, y in zip(a.lanes, b.lanes, strict=True)]
    lanes = [brought(a.dtype, value, "i128") for value in found]
    return Num(a.dtype, lanes, 0.0, shape_of((a, b)))


def shifted(function: Callable[[int, int], int], left: Num, right: Any) -> Num:
    """A shift, in the dtype of what is shifted."""
    dtype = other_dtype(left)
    amount = as_num(right, dtype)
    if amount.dtype == "b1":
        amount = amount.to("i32")
    value, amount = widened([exact(left).to(dtype), amount])
    if any(not 0 <= lane < bits_of(dtype) for lane in amount.lanes):
        raise Undefined("a shift by too much")
    found = [function(x, y) for x, y in zip(value.lanes, amount.lanes, strict=True)]
    lanes = [brought(dtype, lane, "i128") for lane in found]
    return Num(dtype, lanes, 0.0, shape_of((value, amount)))


def power(base: Num, exponent: Any) -> Num:
    """A power with a small whole exponent: exact for integers, near for floats."""
    whole = int(exponent)
    if base.dtype in FLOATS:
        values = exact(base)

        def of_float(x: float) -> float | Fraction:
            if whole < 0 and x == 0:
                raise Undefined("a negative power of zero")
            # A fraction has no sign where it is zero.
            return Fraction(x) ** whole if math.isfinite(x) and x else float(x) ** whole

        found = mapped(base.dtype, of_float, values)
        if whole not in (0, 1, 2):
            found.error = near(found, 2.0 * abs(whole))
        return found
    result = base.to(other_dtype(base)) * 0 + 1
    for _ in range(whole):
        result = result * base
    return result


def compared(function: Callable[[Any, Any], bool], left: Any, right: Any) -> Num:
    """A comparison."""
    if isinstance(right, (int, float)) and isinstance(left, Num) and left.dtype in INTEGERS:
        # Whatever the dtype holds.
        return mapped("b1", function, exact(left), Num("i128", [right] * len(left.lanes)))
    a, b = meeting((left, right))
    return mapped("b1", function, a, b)


def same_bits(dtype: str, value: Num) -> Num:
    """The bits of a number as another dtype."""
    lanes = [_from_bits(dtype, _to_bits(value.dtype, lane)) for lane in value.lanes]
    return Num(dtype, lanes, 0.0, value.shape)


def near(value: Num, ulps: float, scale: float = 0.0) -> float:
    """Some units in the last place of the largest lane, or of a scale, as a number."""
    digits, least = _FORMATS[value.dtype]
    largest = max(scale, *(abs(lane) for lane in value.lanes if math.isfinite(lane)), 0.0)
    exponent = math.frexp(largest)[1] - 1 if largest else least
    return float(ulps * 2.0 ** max(exponent - digits + 1, least))


def _to_bits(dtype: str, value: Any) -> int:
    if dtype == "f32":
        return int(np.float32(value).view(np.uint32))
    if dtype == "f16":
        return int(np.float16(value).view(np.uint16))
    if dtype == "bf16":
        return int(harness.to_bfloat(value))
    return int(value) % (1 << bits_of(dtype))


def _from_bits(dtype: str, bits: int) -> Any:
    if dtype not in FLOATS:
        return brought(dtype, bits, "i128")
    if dtype == "bf16":
        found = float(harness.from_bfloat(bits))
    else:
        integer = np.uint32 if dtype == "f32" else np.uint16
        found = float(integer(bits).view(NUMPY[dtype]))
    # Any NaN is one: NumPy's functions give other results for those that signal.
    return math.nan if math.isnan(found) else found
