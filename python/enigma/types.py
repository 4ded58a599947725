# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Element types of kernels: what they are called, what they hold, how they mix.

Signedness belongs to these dtypes. In the IR integer values are signless, so a dtype says both
which MLIR type a value has (`mlir_name`) and which flavour of an operation it takes (`kind`).
"""

from __future__ import annotations

import functools
import math
import re
import struct
from collections.abc import Callable, Iterable
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NoReturn,
    get_args,
    get_origin,
)

from enigma._host_calls import host_class, host_function
from enigma.errors import InvalidOption, UnknownAttribute, UnknownDType, UnsupportedUse, spelled
from enigma.spelling import ELSEWHERE, closest

__all__ = [
    "BFloat16",
    "Bool",
    "Constexpr",
    "DType",
    "DTypeLike",
    "ElementLike",
    "ElementType",
    "Float16",
    "Float32",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Number",
    "Scalar",
    "Threadgroup",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "VectorType",
    "annotated",
    "arithmetic_dtype",
    "b1",
    "bf16",
    "constexpr",
    "equivalent_dtype",
    "f16",
    "f32",
    "find_dtype",
    "find_element",
    "i8",
    "i16",
    "i32",
    "i64",
    "install_construction",
    "install_conversion",
    "is_number",
    "number_dtype",
    "promote",
    "resolve_dtype",
    "resolve_element",
    "u8",
    "u16",
    "u32",
    "u64",
    "unknown_dtype",
    "unknown_name",
    "unsigned_dtype",
    "vec",
]

Number = bool | int | float

_NOTHING: Any = object()


_convert: Callable[[Any, DType], Any]


def install_conversion(convert: Callable[[Any, DType], Any]) -> None:
    """Say what calling a dtype does: what numbers and traced values become is up to the language.

    Parameters
    ----------
    convert : callable
        Given a value and a dtype, converts it.
    """
    global _convert
    _convert = convert


_construct: Callable[[VectorType, tuple[Any, ...]], Any]


def install_construction(construct: Callable[[VectorType, tuple[Any, ...]], Any]) -> None:
    """Say what calling a type of vectors does: that is up to the language.

    Parameters
    ----------
    construct : callable
        Given the type and the components, makes a vector.
    """
    global _construct
    _construct = construct


if TYPE_CHECKING:
    from typing_extensions import Self

# To type checkers dtypes are classes, which annotations may be: see `_face.pyi`.
if TYPE_CHECKING:
    _Class = type
else:
    _Class = object


class DType(_Class):
    """An element type. Each subclass has exactly one instance.

    Attributes
    ----------
    name : str
        Short name, such as ``"f32"``.
    metal_name : str
        Name in the Metal Shading Language, such as ``"float"``.
    kind : str
        ``"f"`` float, ``"i"`` signed integer, ``"u"`` unsigned integer, ``"b"`` bool.
    bits : int
        Width in bits (1 for ``b1``, which takes a byte in memory).
    mlir_name : str
        The MLIR type of values: signless, such as ``"i32"`` for both ``i32`` and ``u32``.
    element_name : str
        The MLIR type of elements in memory, which has the sign: ``"ui32"``.
    minimum, maximum : int
        The smallest and the largest value of an integer dtype.
    """

    name: ClassVar[str]
    metal_name: ClassVar[str]
    kind: ClassVar[str]
    bits: ClassVar[int]
    mlir_name: ClassVar[str]
    element_name: ClassVar[str]
    minimum: ClassVar[int]
    maximum: ClassVar[int]
    rank: ClassVar[int]
    precision: ClassVar[int] = 0
    largest: ClassVar[float] = 0.0

    _instance: ClassVar[DType | None] = None

    def __init_subclass__(cls) -> None:
        cls.minimum = -(1 << (cls.bits - 1)) if cls.kind == "i" else 0
        cls.maximum = (1 << (cls.bits - (cls.kind == "i"))) - 1

    def __new__(cls, value: object = _NOTHING) -> DType:
        """Give the one instance of the class, or what it makes of a value: ``Float32(x)``."""
        if cls._instance is None or type(cls._instance) is not cls:
            cls._instance = object.__new__(cls)
        if value is not _NOTHING:
            return cls._instance(value)  # type: ignore[no-any-return]
        return cls._instance

    def __call__(self, value: object) -> Any:
        """Convert a number or a traced value: ``enigma.f32(2)``, ``enigma.u32(x)``."""
        return _convert(value, self)

    def __getitem__(self, extents: object) -> NoReturn:
        # As in Numba's `float32[:]`.
        raise UnsupportedUse(
            found=f"dtype {self}",
            role="subscripted",
            remedy=f"annotate a buffer with the dtype of its elements: `A: enigma.{self}`; arrays "
            "of a shape are an enigma.Tensor, or parameters of a jit function",
        )

    __iter__ = None  # else Python would try subscripts

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return (type(self), ())

    @property
    def scalar(self) -> DType:
        """What an element consists of: itself."""
        return self

    @property
    def lanes(self) -> int:
        """How many of them an element consists of: one."""
        return 1

    @property
    def is_float(self) -> bool:
        """Whether this is a floating-point dtype."""
        return self.kind == "f"

    @property
    def is_integer(self) -> bool:
        """Whether this is a signed or unsigned integer dtype (``b1`` is neither)."""
        return self.kind in "iu"

    @property
    def is_signed(self) -> bool:
        """Whether this is a signed integer dtype."""
        return self.kind == "i"

    @property
    def nbytes(self) -> int:
        """Bytes of one element in memory."""
        return max(1, self.bits // 8)

    @property
    def alignment(self) -> int:
        """The bytes at whose multiples an element stands."""
        return self.nbytes

    def why_not(self, number: Number) -> str | None:
        """Say why a Python number cannot become a value of this dtype.

        Parameters
        ----------
        number : bool, int or float
            A float may be rounded by a floating-point dtype, as any literal is, but must not
            overflow. An int must be held exactly. An integer dtype takes only integral floats.

        Returns
        -------
        str or None
            The reason, or None when the number is representable.
        """
        if self.kind == "f":
            return self._why_not_float(number)
        if isinstance(number, float):
            if not math.isfinite(number):
                return f"{self} has no infinity and no NaN"
            if not number.is_integer():
                return f"{self} holds whole numbers only"
        if not self.minimum <= number <= self.maximum:
            return f"{self} holds {self.minimum} to {self.maximum}"
        return None

    def _why_not_float(self, number: Number) -> str | None:
        if isinstance(number, float):
            if -self.largest <= number <= self.largest:
                return None
            if math.isfinite(number) and math.isinf(self.round(number)):
                return f"the largest {self} is {self.largest:.8g}"
            return None
        magnitude = abs(int(number))
        if magnitude > self.largest:
            return f"the largest {self} is {self.largest:.8g}"
        significant = magnitude.bit_length() - ((magnitude & -magnitude).bit_length() - 1)
        if magnitude and significant > self.precision:
            rounded = int(self.round(float(magnitude)))
            return f"{self} rounds it to {rounded} in magnitude (write it as a float to allow that)"
        return None

    def round(self, number: float) -> float:
        """Round a float to this floating-point dtype, to nearest even; infinity on overflow."""
        if self.bits == 16 and self.precision == 8:
            return _round_bfloat(number)
        code = "e" if self.bits == 16 else "f"
        try:
            return float(struct.unpack(code, struct.pack(code, number))[0])
        except OverflowError:
            return math.copysign(math.inf, number)


def _round_bfloat(number: float) -> float:
    if not math.isfinite(number) or number == 0.0:
        return number
    mantissa, exponent = math.frexp(number)
    digits = max(0, 8 - max(0, -125 - exponent))
    rounded = math.ldexp(float(round(math.ldexp(mantissa, digits))), exponent - digits)
    return math.copysign(math.inf, number) if abs(rounded) > BFloat16.largest else rounded


class Float32(DType):
    """32-bit IEEE float, Metal's ``float``."""

    name, metal_name, kind, bits, mlir_name, element_name = "f32", "float", "f", 32, "f32", "f32"
    rank, precision, largest = 14, 24, (2.0 - 2.0**-23) * 2.0**127


class Float16(DType):
    """16-bit IEEE float, Metal's ``half``."""

    name, metal_name, kind, bits, mlir_name, element_name = "f16", "half", "f", 16, "f16", "f16"
    rank, precision, largest = 12, 11, 65504.0


class BFloat16(DType):
    """16-bit float with the exponent of `f32`, Metal's ``bfloat`` (MSL 3.1)."""

    name, metal_name, kind, bits, mlir_name, element_name = (
        "bf16",
        "bfloat",
        "f",
        16,
        "bf16",
        "bf16",
    )
    rank, precision, largest = 12, 8, (2.0 - 2.0**-7) * 2.0**127


class Int8(DType):
    """Signed 8-bit integer, Metal's ``char``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "i8",
        "char",
        "i",
        8,
        "i8",
        "si8",
        1,
    )


class UInt8(DType):
    """Unsigned 8-bit integer, Metal's ``uchar``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "u8",
        "uchar",
        "u",
        8,
        "i8",
        "ui8",
        2,
    )


class Int16(DType):
    """Signed 16-bit integer, Metal's ``short``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "i16",
        "short",
        "i",
        16,
        "i16",
        "si16",
        3,
    )


class UInt16(DType):
    """Unsigned 16-bit integer, Metal's ``ushort``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "u16",
        "ushort",
        "u",
        16,
        "i16",
        "ui16",
        4,
    )


class Int32(DType):
    """Signed 32-bit integer, Metal's ``int``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "i32",
        "int",
        "i",
        32,
        "i32",
        "si32",
        5,
    )


class UInt32(DType):
    """Unsigned 32-bit integer, Metal's ``uint``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "u32",
        "uint",
        "u",
        32,
        "i32",
        "ui32",
        6,
    )


class Int64(DType):
    """Signed 64-bit integer, Metal's ``long``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "i64",
        "long",
        "i",
        64,
        "i64",
        "si64",
        7,
    )


class UInt64(DType):
    """Unsigned 64-bit integer, Metal's ``ulong``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "u64",
        "ulong",
        "u",
        64,
        "i64",
        "ui64",
        8,
    )


class Bool(DType):
    """Truth value, Metal's ``bool``."""

    name, metal_name, kind, bits, mlir_name, element_name, rank = (
        "b1",
        "bool",
        "b",
        1,
        "i1",
        "i1",
        0,
    )


f32 = Float32()
f16 = Float16()
bf16 = BFloat16()
i8 = Int8()
u8 = UInt8()
i16 = Int16()
u16 = UInt16()
i32 = Int32()
u32 = UInt32()
i64 = Int64()
u64 = UInt64()
b1 = Bool()

ALL_DTYPES: tuple[DType, ...] = (f32, f16, bf16, i8, u8, i16, u16, i32, u32, i64, u64, b1)


class VectorType:
    """What an element of memory is that is a vector; `vec` makes it, each once.

    Attributes
    ----------
    scalar : DType
        Of the lanes.
    lanes : int
        2, 3 or 4.
    packed : bool
        Whether it takes the space of its lanes, aligned as one of them. Otherwise it is aligned as
        a whole, and 3 lanes take the space of 4.
    """

    __slots__ = ("lanes", "packed", "scalar")

    def __init__(self, scalar: DType, lanes: int, packed: bool) -> None:
        self.scalar = scalar
        self.lanes = lanes
        self.packed = packed

    @property
    def name(self) -> str:
        """Short name, such as ``"f32x4"``."""
        return f"{'packed_' if self.packed else ''}{self.scalar.name}x{self.lanes}"

    @property
    def metal_name(self) -> str:
        """Name in the Metal Shading Language, such as ``"packed_float3"``."""
        return f"{'packed_' if self.packed else ''}{self.scalar.metal_name}{self.lanes}"

    @property
    def mlir_name(self) -> str:
        """The MLIR type of values: signless."""
        return f"vector<{self.lanes}x{self.scalar.mlir_name}>"

    @property
    def element_name(self) -> str:
        """The MLIR type of elements in memory, which has the sign."""
        vector = f"vector<{self.lanes}x{self.scalar.element_name}>"
        return f"!enigma.packed<{vector}>" if self.packed else vector

    @property
    def is_float(self) -> bool:
        """Whether the lanes are floats."""
        return self.scalar.is_float

    @property
    def nbytes(self) -> int:
        """Bytes from an element to the next one."""
        lanes = 4 if self.lanes == 3 and not self.packed else self.lanes
        return lanes * self.scalar.nbytes

    @property
    def alignment(self) -> int:
        """The bytes at whose multiples an element stands."""
        return self.scalar.nbytes if self.packed else self.nbytes

    def __call__(self, *components: object) -> Any:
        """Make a vector of scalars and vectors, or of one scalar for all lanes."""
        return _construct(self, components)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return (vec, (self.scalar, self.lanes, self.packed))


class VectorTypes:
    """The types of elements of memory that are vectors: ``A: enigma.vec(enigma.f32, 4)``.

    A buffer of it is Metal's ``device float4*``; its text ``"float4"`` may stand for it too.
    ``vec(f32, 4)(v.xyz, 1)`` makes a vector. Type checkers take an annotation that has the
    parameters as subscripts: ``A: enigma.vec[enigma.f32, Literal[4]]``.
    """

    @host_function(name="enigma.vec")
    def __call__(self, dtype: DTypeLike, lanes: int, packed: bool = False) -> VectorType:
        """Give the type.

        Parameters
        ----------
        dtype : DType, type or str
            Of the lanes; bools are kept as `u8`.
        lanes : int
            2, 3 or 4.
        packed : bool
            Whether an element takes the space of its lanes: what an array of shape ``(n, 3)`` has.
            Otherwise 3 lanes take the space of 4.

        Raises
        ------
        EnigmaError
            When there is no such type.
        """
        scalar = resolve_dtype(dtype)
        if scalar is b1:
            raise InvalidOption(
                option="the dtype of enigma.vec",
                expected="a number's",
                found=scalar,
                remedy="keep bools as u8, and compare with `v != 0`",
            )
        if type(lanes) is not int or lanes not in (2, 3, 4):
            raise InvalidOption(
                option="the lanes of enigma.vec",
                expected="2, 3 or 4",
                found=lanes,
                remedy="keep longer rows as several vectors, or as numbers that a tensor's layout "
                "arranges",
            )
        if not isinstance(packed, bool):
            raise InvalidOption(
                option="packed of enigma.vec",
                expected="a bool",
                found=packed,
                remedy="write packed=True for elements without gaps, as those of an array of shape "
                "(n, 3)",
            )
        return _VECTORS[scalar, lanes, packed]

    def __getitem__(self, parameters: Any) -> VectorType:
        if not isinstance(parameters, tuple) or not 2 <= len(parameters) <= 3:
            raise InvalidOption(
                option="what enigma.vec[...] is given",
                expected="a dtype and lanes",
                found=parameters,
                remedy="write it as enigma.vec[enigma.f32, Literal[4]], or as a call: "
                "enigma.vec(enigma.f32, 4)",
            )
        return self(*map(_literal, parameters))

    def __repr__(self) -> str:
        return "enigma.vec"

    def __reduce__(self) -> str:
        return "vec"


vec = VectorTypes()


def _literal(parameter: Any) -> Any:
    """Give the number that a type stands for: type checkers take no numbers among types."""
    return get_args(parameter)[0] if get_origin(parameter) is Literal else parameter


DTypeLike = DType | type | str
"""What may stand for a dtype: an instance, a class, a Metal name or a short name."""

ElementType = DType | VectorType
"""What an element of memory is."""

ElementLike = DTypeLike | VectorType
"""What may stand for it."""

_VECTORS: dict[tuple[DType, int, bool], VectorType] = {
    (_dtype, _lanes, _packed): VectorType(_dtype, _lanes, _packed)
    for _dtype in ALL_DTYPES
    if _dtype is not b1
    for _lanes in (2, 3, 4)
    for _packed in (False, True)
}

_BY_NAME: dict[str, DType] = {}
for _dtype in ALL_DTYPES:
    _BY_NAME[_dtype.name] = _dtype
    _BY_NAME[_dtype.metal_name] = _dtype

_ELEMENTS_BY_NAME: dict[str, ElementType] = {**_BY_NAME}
for _vector in _VECTORS.values():
    _ELEMENTS_BY_NAME[_vector.name] = _vector
    _ELEMENTS_BY_NAME[_vector.metal_name] = _vector


def find_dtype(spec: object) -> DType | None:
    """Find the dtype that an instance, a class or a name stands for.

    Parameters
    ----------
    spec : object
        ``enigma.f32``, ``enigma.Float32``, ``"float"`` or ``"f32"``.

    Returns
    -------
    DType or None
        None when `spec` stands for no dtype.
    """
    if isinstance(spec, DType):
        return spec
    if isinstance(spec, str):
        return _BY_NAME.get(spec)
    # What an object says is its class may be another one.
    if not (isinstance(spec, type) and issubclass(type(spec), type)):
        return None
    if issubclass(spec, DType) and spec is not DType:
        return spec()
    return None


def find_element(spec: object) -> ElementType | None:
    """Find the dtype or the type of vectors that something stands for.

    Parameters
    ----------
    spec : object
        As `find_dtype` takes, or ``enigma.vec(enigma.f32, 4)`` or ``"float4"``.

    Returns
    -------
    DType, VectorType or None
        None when `spec` stands for neither.
    """
    if isinstance(spec, str):
        return _ELEMENTS_BY_NAME.get(spec)
    return spec if isinstance(spec, VectorType) else find_dtype(spec)


def resolve_element(spec: object) -> ElementType:
    """Find the dtype or the type of vectors that `spec` stands for.

    Raises
    ------
    UnknownDType
        When it stands for neither.
    """
    element = find_element(spec)
    if element is None:
        raise unknown_dtype(spec)
    return element


def resolve_dtype(spec: object) -> DType:
    """Find the dtype that `spec` stands for.

    Raises
    ------
    UnknownDType
        When it stands for none.
    """
    dtype = find_dtype(spec)
    if dtype is None:
        raise unknown_dtype(spec)
    return dtype


def unknown_dtype(spec: object, reason: str = "", **fields: Any) -> UnknownDType:
    """Make the error for something that stands for no dtype; `reason` says why, if it is known."""
    hint = f": {reason}" if reason else ""
    equivalent = equivalent_dtype(spec)
    vector = find_element(spec)
    if isinstance(vector, VectorType):
        hint = f": it is a vector's type, whose lanes are enigma.{vector.scalar}"
    elif isinstance(spec, str) and spec.removeprefix("packed_")[:-1] in ("bool", "b1x"):
        hint = ": keep bools of vectors as u8, and compare with `v != 0`"
    elif isinstance(spec, str) and (matrix := re.fullmatch(_MATRIX, spec)):
        hint = (
            f": a matrix in memory is its columns: let the elements be '{matrix[1]}{matrix[2]}', "
            "and put them together with enigma.make_matrix"
        )
    elif _foreign_name(spec) in ("double", "f64", "float64"):
        hint = ": Metal has no 8-byte float, use 'float'"
    elif equivalent:
        hint = f", did you mean enigma.{equivalent}?"
    elif isinstance(spec, str) and (spec.isidentifier() or not reason):
        close = closest(spec, _BY_NAME)
        if close:
            hint = f", did you mean {close!r}?"
    found = spec.__name__ if isinstance(spec, type) else spelled(spec)
    return UnknownDType(
        found=found, hint=hint, known=", ".join(d.name for d in ALL_DTYPES), **fields
    )


def unknown_name(name: str, known: Iterable[str]) -> AttributeError:
    """Make the error for a name that `enigma` has none of; `known` are those that it has."""
    if name.startswith("_"):
        # It is Python or a tool that asks, and often.
        return AttributeError(f"module 'enigma' has no attribute {name!r}", name=name)
    remedy = ELSEWHERE.get(name)
    if remedy is None:
        dtype = find_dtype(name) or equivalent_dtype(name)
        close = str(dtype) if dtype else closest(name, known)
        remedy = f"did you mean enigma.{close}?" if close else "dir(enigma) lists what it has"
    return UnknownAttribute(found="enigma", name=name, remedy=remedy)


_MATRIX = r"(float|half|bfloat)[234]x([234])"

# What Python and array frameworks call the dtypes.
_FOREIGN = {"bfloat16": "bf16", "bool": "b1", "bool_": "b1"}
_FOREIGN |= {f"float{bits}": f"f{bits}" for bits in (16, 32)}
_FOREIGN |= {f"int{bits}": f"i{bits}" for bits in (8, 16, 32, 64)}
_FOREIGN |= {f"uint{bits}": f"u{bits}" for bits in (8, 16, 32, 64)}


def equivalent_dtype(spec: object) -> str:
    """Give the name of the dtype that Python or an array framework calls `spec`; "" if none."""
    return _FOREIGN.get(_foreign_name(spec), "")


def _foreign_name(spec: object) -> str:
    """Give the name of a dtype of Python or of an array framework, such as ``np.float32``."""
    if spec is int or spec is float:
        return "int32" if spec is int else "float32"
    if isinstance(spec, str):
        return spec
    try:
        name = getattr(spec, "name", None) or getattr(spec, "__name__", None)
    except Exception:
        # It is an object of the user that cannot even say so.
        return ""
    # The dtypes of PyTorch and MLX only have a text, as `torch.float32`.
    return name if isinstance(name, str) else spelled(spec).rpartition(".")[2]


def promote(a: DType, b: DType) -> DType:
    """Give the dtype in which two traced operands meet.

    The wider of a kind; unsigned over signed of one width; float over integer; `f16` with `bf16`
    gives `f32`; `b1` gives way to anything.
    """
    if a is b:
        return a
    if a.rank == b.rank:
        return f32
    return a if a.rank > b.rank else b


def arithmetic_dtype(dtype: DType) -> DType:
    """Give the dtype in which arithmetic on `dtype` happens: `i32` for `b1`, else itself."""
    return i32 if dtype is b1 else dtype


def unsigned_dtype(dtype: DType) -> DType:
    """Give the unsigned dtype that is as wide as an integer dtype."""
    return {8: u8, 16: u16, 32: u32, 64: u64}[dtype.bits]


def is_number(thing: object) -> bool:
    """Whether `thing` is a Python number."""
    return isinstance(thing, (bool, int, float))


def number_dtype(*numbers: Any) -> DType | None:
    """Give the dtype of Python numbers on their own: `b1`, `i32` (or `i64` or `u64`) or `f32`.

    None if they fit none.
    """
    try:
        return _number_dtype(*numbers)
    except Exception:
        # The metaclass of a class that derives from `int` may make it one without a hash.
        return _number_dtype.__wrapped__(*numbers)


@functools.lru_cache(maxsize=1024, typed=True)
def _number_dtype(*numbers: Any) -> DType | None:
    if all(isinstance(n, bool) for n in numbers):
        return b1
    if any(isinstance(n, float) for n in numbers):
        return f32
    return next(
        (dtype for dtype in (i32, i64, u64) if all(dtype.why_not(n) is None for n in numbers)), None
    )


class _Passed:
    """How a parameter is passed that is no buffer in device memory.

    Parameters
    ----------
    dtype : DType, VectorType, type or str
        Of the value or of the elements.

    Raises
    ------
    EnigmaError
        When `dtype` is none of the known ones.
    """

    __slots__ = ("dtype",)

    def __init__(self, dtype: ElementLike) -> None:
        self.dtype: ElementType = resolve_element(dtype)

    def __class_getitem__(cls, dtype: ElementLike) -> Self:
        # What type checkers take for an annotation, which a call is not.
        return cls(dtype)

    def __call__(self, value: object) -> Any:
        """Convert, as calling the dtype does; it also lets type hints of this form resolve."""
        return self.dtype(value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dtype})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and getattr(other, "dtype", None) is self.dtype

    def __hash__(self) -> int:
        return hash((type(self), self.dtype))


@host_class
class Scalar(_Passed):
    """A parameter passed by value: ``n: enigma.Scalar[enigma.u32]``, or with a call.

    Parameters
    ----------
    dtype : DType, VectorType, type or str
        Its dtype, or the type of a vector that is not packed.

    Raises
    ------
    EnigmaError
        When `dtype` is none of the known ones.
    """

    __slots__ = ()

    def __init__(self, dtype: ElementLike) -> None:
        super().__init__(dtype)
        if isinstance(self.dtype, VectorType) and self.dtype.packed:
            raise InvalidOption(
                option="the type of enigma.Scalar",
                expected="not packed",
                found=self.dtype,
                remedy="one vector has no neighbours to be packed with: "
                f"enigma.vec(enigma.{self.dtype.scalar}, {self.dtype.lanes})",
            )


@host_class
class Threadgroup(_Passed):
    """A threadgroup array whose length the launch chooses: ``t: enigma.Threadgroup[enigma.f32]``.

    Parameters
    ----------
    dtype : DType, VectorType, type or str
        Of its elements.

    Raises
    ------
    EnigmaError
        When `dtype` is none of the known ones.
    """

    __slots__ = ()


class Constexpr:
    """The annotation of compile-time parameters; see `constexpr`."""

    def __getitem__(self, kind: object) -> Constexpr:
        """Allow ``constexpr[int]``, which documents what is expected."""
        return self

    def __repr__(self) -> str:
        return "constexpr"


constexpr = Constexpr()
"""Annotation of a compile-time parameter: its value is given by ``compile(..., constants={...})``
or a default."""


def annotated(annotation: Any) -> Any:
    """Give what an annotation says: of ``Annotated[Any, enigma.vec(enigma.f32, 4)]`` what is last.

    What comes first there is for type checkers, which do not look at the rest.
    """
    if get_origin(annotation) is Annotated:
        return annotation.__metadata__[-1]
    return annotation
