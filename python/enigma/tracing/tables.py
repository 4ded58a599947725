# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Constant arrays: numbers that are known while a kernel is compiled, and which it selects from.

They are made in Python, of nested sequences or of NumPy's arrays. Subscripts that are numbers
select in Python; with one that is traced, the kernel loads from a table that its text brings along.
"""

from __future__ import annotations

import itertools
import math
import numbers
import struct
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from enigma._layout import Dyn
from enigma.errors import (
    DTypeMismatch,
    IndexRangeError,
    OperandError,
    ResourceLimitError,
    ShapeMismatch,
    SubscriptError,
)
from enigma.tracing.buffers import Buffer, Element, Indexable, Stretch, buffer_type_name
from enigma.tracing.builder import Builder, current_builder, require_builder
from enigma.tracing.checks import as_operand, check_number
from enigma.tracing.classes import has, is_any_of
from enigma.tracing.conversions import widened
from enigma.tracing.messages import describe
from enigma.tracing.protocol import MemoryProtocol
from enigma.tracing.subscripts import check_integer
from enigma.tracing.values import Nameable, Operand, Value
from enigma.types import (
    DType,
    ElementType,
    VectorType,
    b1,
    bf16,
    equivalent_dtype,
    find_dtype,
    i32,
    i64,
    number_dtype,
    u64,
)

if TYPE_CHECKING:
    from enigma import _mlir as ir

# Far beyond what a compiler of Metal takes in a moment; the host passes more as a buffer.
MAX_TABLE_ELEMENTS = 1 << 20

_CODES = {
    "f32": "f",
    "f16": "e",
    "bf16": "f",
    "i8": "b",
    "u8": "B",
    "i16": "h",
    "u16": "H",
    "i32": "i",
    "u32": "I",
    "i64": "q",
    "u64": "Q",
    "b1": "?",
}
# Of the two halves of a float, the one that is its bfloat.
_UPPER = 1 if sys.byteorder == "little" else 0


class ConstantArray(Indexable, Nameable, MemoryProtocol):
    """An array of numbers that are known while a kernel is compiled, or a part of one.

    Subscripts that are all numbers give a number; those with a traced integer among them give what
    the kernel loads. Fewer subscripts than dimensions, and slices, give a part. Numbers below 0
    count from the end, as NumPy's do; traced ones must not be below 0.

    Attributes
    ----------
    dtype : DType or VectorType
        Of the elements.
    shape : tuple of int
        The extents; the last dimension runs fastest.
    """

    __slots__ = ("_data", "_made_in", "_name", "_offset", "_strides", "dtype", "shape")

    dtype: ElementType

    _enigma_operand_hint = "index it, as in `table[i]`"
    _kind = "constant array"

    def __init__(self, dtype: ElementType, data: bytes, shape: tuple[int, ...]) -> None:
        self.dtype = dtype
        self.shape = shape
        self._data = data
        strides = itertools.accumulate(reversed(shape[1:]), lambda a, b: a * b, initial=1)
        self._strides = tuple(reversed(list(strides)))
        self._offset: Any = 0
        self._name = ""
        # One that is made in a kernel takes the name of its variable there.
        self._made_in = current_builder()

    def __repr__(self) -> str:
        return f"<constant array of {self.dtype}, {'x'.join(map(str, self.shape))}>"

    def _take_name(self, name: str) -> None:
        if not self._name and self._made_in is not None:
            self._name = name

    @property
    def name(self) -> str:  # type: ignore[override]
        """The variable that it was assigned to in a kernel, for messages."""
        return self._name or "the constant array"

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def buffer(self) -> Buffer:
        """The elements as consecutive memory of the kernel, for `enigma.make_tensor`.

        Raises
        ------
        SubscriptError
            When they are not consecutive.
        """
        builder = require_builder("the memory of a constant array")
        expected = ConstantArray(self.dtype, b"", self.shape)._strides
        steps = zip(self.shape, self._strides, expected, strict=True)
        if any(extent > 1 and stride != dense for extent, stride, dense in steps):
            raise SubscriptError(
                f"a part of {self.name} is used as memory whose elements are not consecutive",
                remedy="view the whole array, with strides in the layout",
            )
        memory = self._memory(builder, "")
        if self.size == memory.size:
            return memory
        return Stretch(memory, self._offset, self.size, memory.name)

    def _memory(self, builder: Builder, name: str) -> Buffer:
        """Give the whole table in a kernel."""
        key = (self.dtype, self._data)
        found = builder.constant_arrays.get(key)
        if found is None:
            name = self._name or name or "table"
            size = len(self._data) // self.dtype.nbytes
            kind = builder.session.type(buffer_type_name(self.dtype, "constant", size))
            location = builder.named_location(name, builder.location())
            if isinstance(self.dtype, VectorType):
                # The text has a table of numbers, which are loaded as vectors.
                lanes = self._lanes()._memory(builder, name).use()
                table = builder.at_entry("enigma.recast", kind, None, location, (lanes,))
            else:
                values = {"values": _attribute(builder, self.dtype, self._data)}
                table = builder.at_entry("enigma.constant_array", kind, values, location)
            found = Buffer(builder, table.result, self.dtype, "constant", size, name, builder.entry)
            builder.constant_arrays[key] = found
        return found

    def _lanes(self) -> ConstantArray:
        """Give the whole table of vectors as one of numbers."""
        assert isinstance(self.dtype, VectorType)
        scalar = self.dtype.scalar
        return ConstantArray(scalar, self._data, (len(self._data) // scalar.nbytes,))

    def _bytes(self, position: int) -> bytes:
        """Give the bytes of an element of the whole table."""
        start = position * self.dtype.nbytes
        return self._data[start : start + self.dtype.nbytes]

    def _number(self, position: int) -> Any:
        """Give an element of the whole table: a number, or the numbers of a vector's lanes."""
        if isinstance(self.dtype, VectorType):
            first = position * (self.dtype.nbytes // self.dtype.scalar.nbytes)
            lanes = self._lanes()
            return tuple(lanes._number(first + lane) for lane in range(self.dtype.lanes))
        element = self._bytes(position)
        if self.dtype is bf16:
            halves = [b"\0\0", b"\0\0"]
            halves[_UPPER] = element
            element = b"".join(halves)
        return struct.unpack(f"={_CODES[self.dtype.name]}", element)[0]

    def element(self, position: object) -> Element:
        """Find one element."""
        part = self._part(position)
        if part.shape:
            raise SubscriptError(
                f"{self.name} has {len(self.shape)} dimensions, and is accessed at "
                f"{describe(position)}",
                remedy=f"give {len(self.shape)} subscripts, as a tuple",
            )
        return part._memory(require_builder("an access to a constant array"), "").element(
            part._offset
        )

    def __getitem__(self, position: object) -> Any:
        return self.at(position, "")

    def at(self, position: object, name: str) -> Any:
        """Give what stands at a subscript; `name` is what the array is called there."""
        part = self._part(position)
        if part.shape:
            part._name = part._name or name
            return part
        if isinstance(part._offset, int):
            number = part._number(part._offset)
            is_value = isinstance(self.dtype, VectorType) and current_builder() is not None
            return self.dtype(*number) if is_value else number
        builder = require_builder("an access to a constant array")
        return part._memory(builder, name).element(part._offset).load()

    def _part(self, position: object) -> ConstantArray:
        """Give the part that subscripts and slices select; an element has no dimension."""
        subscripts = list(position) if isinstance(position, tuple) else [position]
        gaps = [index for index, key in enumerate(subscripts) if key is Ellipsis]
        if len(gaps) == 1:
            rest = len(self.shape) - len(subscripts) + 1
            subscripts[gaps[0] : gaps[0] + 1] = [slice(None)] * rest
        if len(subscripts) > len(self.shape) or len(gaps) > 1:
            raise SubscriptError(
                f"{self.name} has {len(self.shape)} dimensions, and is given "
                f"{len(subscripts)} subscripts",
                remedy=f"its shape is {self.shape}",
            )
        offset: Any = self._offset
        shape: list[int] = []
        strides: list[int] = []
        for key, extent, stride in zip(subscripts, self.shape, self._strides, strict=False):
            if isinstance(key, slice):
                start, step, length = self._slice(key, extent)
                offset = _sum(offset, start * stride)
                shape.append(length)
                strides.append(step * stride)
            else:
                offset = _sum(offset, self._term(key, extent, stride))
        rest = len(subscripts)
        part = ConstantArray.__new__(ConstantArray)
        part.dtype, part._data, part._offset = self.dtype, self._data, offset
        part.shape = (*shape, *self.shape[rest:])
        part._strides = (*strides, *self._strides[rest:])
        part._name = self._name
        part._made_in = None
        return part

    def _term(self, key: object, extent: int, stride: int) -> Any:
        """Give what a subscript adds to the number of the element."""
        if key is None or is_any_of(key, (bool, str, bytes, Sequence)) or has(key, "shape"):
            raise SubscriptError(
                f"{self.name} is indexed by {describe(key)}",
                remedy="a subscript is an integer, a traced one, or a slice",
            )
        operand = as_operand(key, f"subscript of {self.name}", "the index")
        if isinstance(operand, Value):
            check_integer(operand, self.name)
            wide = widened(operand)
            return wide * stride if stride != 1 else wide
        if isinstance(operand, float):
            raise SubscriptError(
                f"{self.name} is indexed by a float ({operand!r})", remedy="use an integer"
            )
        if not -extent <= operand < extent:
            raise IndexRangeError(
                f"subscript {operand} is outside of an extent of {extent} of {self.name}",
                remedy=f"its shape is {self.shape}",
            )
        return (operand + extent if operand < 0 else operand) * stride

    def _slice(self, key: slice, extent: int) -> tuple[int, int, int]:
        """Give where a slice starts, its step, and how many elements it has."""
        for bound in (key.start, key.stop, key.step):
            if bound is not None and not is_any_of(bound, numbers.Integral):
                raise SubscriptError(
                    f"a slice of {self.name} is bounded by {describe(bound)}",
                    remedy="parts of an array have shapes that are known while the kernel is "
                    "compiled: slice with numbers",
                )
        start, stop, step = key.indices(extent)
        length = len(range(start, stop, step))
        if length == 0:
            raise SubscriptError(
                f"a slice of {self.name} has no elements", remedy=f"its extent is {extent}"
            )
        return start, step, length

    def __setitem__(self, position: Any, value: object) -> None:
        raise SubscriptError(
            f"{self.name} is a constant array, and cannot be written",
            remedy="copy what changes into an enigma.register_tensor or threadgroup memory",
        )

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(self.shape[0]))

    def __copy__(self) -> Any:
        return self

    def __reduce_ex__(self, protocol: object) -> Any:
        if current_builder() is not None or not isinstance(self._offset, int):
            return super().__reduce_ex__(protocol)
        data = b"".join(self._bytes(position) for position in self._positions())
        return ConstantArray, (self.dtype, data, self.shape)

    def _positions(self) -> Iterator[int]:
        steps = [
            [index * stride for index in range(extent)]
            for extent, stride in zip(self.shape, self._strides, strict=True)
        ]
        return (self._offset + sum(terms) for terms in itertools.product(*steps))


def _attribute(builder: Builder, dtype: DType, data: bytes) -> ir.Attribute:
    """Give numbers, by their bytes."""
    made: ir.Attribute
    count = len(data) // dtype.nbytes
    tensor = builder.session.type(f"tensor<{count}x{builder.session.value_type(dtype)}>")
    if dtype is b1:
        truths = [builder.number(b1, truth) for truth in (False, True)]
        elements = [truths[byte] for byte in data]
        made = builder.ir.Attribute.elements(tensor, elements)
    else:
        made = builder.ir.Attribute.raw(tensor, bytes(data))
    return made


def _sum(left: Any, right: Any) -> Any:
    """Add, without operations for nothing."""
    if isinstance(left, int) and left == 0:
        return right
    if isinstance(right, int) and right == 0:
        return left
    return left + right


def constant_table(values: Any, dtype: ElementType | None, function: str) -> ConstantArray:
    """Make a constant array of what a user gives.

    Parameters
    ----------
    values : nested sequence of numbers, array of NumPy, or ConstantArray
        The numbers.
    dtype : DType, VectorType or None
        Of the elements, where it is not that of the values.
    function : str
        For messages.
    """
    if dtype is None and isinstance(values, ConstantArray):
        dtype = values.dtype
    if isinstance(dtype, VectorType):
        return _of_rows(constant_table(values, dtype.scalar, function), dtype, function)
    if isinstance(values, ConstantArray):
        if not isinstance(values._offset, int):
            raise OperandError(
                operation=function,
                operand="the values",
                found="a part of a constant array that is known only when the kernel runs",
                expected="numbers",
                remedy="index the part, as it is",
            )
        flat = [values._number(position) for position in values._positions()]
        extents = values.shape
        if isinstance(values.dtype, VectorType):
            flat = [number for lanes in flat for number in lanes]
            extents = (*extents, values.dtype.lanes)
        return _of_numbers(flat, extents, dtype, function)
    if is_array(values):
        return _of_array(values, dtype, function)
    shape: list[int] = []
    return _of_numbers(_flattened(values, shape, function), tuple(shape), dtype, function)


def _of_rows(numbers: ConstantArray, dtype: VectorType, function: str) -> ConstantArray:
    """Give the table of vectors whose lanes are the last dimension of numbers."""
    if len(numbers.shape) < 2 or numbers.shape[-1] != dtype.lanes:
        raise ShapeMismatch(
            f"{function}: the values of elements of {dtype} have the shape {numbers.shape}",
            remedy=f"the last dimension of at least two are the {dtype.lanes} lanes",
        )
    row = dtype.lanes * dtype.scalar.nbytes
    rows = (numbers._data[at : at + row] for at in range(0, len(numbers._data), row))
    data = b"".join(lanes.ljust(dtype.nbytes, b"\0") for lanes in rows)
    return ConstantArray(dtype, data, numbers.shape[:-1])


def is_array(thing: object) -> bool:
    """Whether something is an array of NumPy, which needs not be loaded."""
    kind = type(thing)
    if not str(kind.__module__).startswith("numpy"):
        return False
    numpy = sys.modules.get("numpy")
    return numpy is not None and (kind is numpy.ndarray or kind is numpy.memmap)


def _check_size(shape: tuple[int, ...], function: str) -> None:
    if not shape:
        raise OperandError(
            operation=function,
            operand="the values",
            found="a number",
            expected="a sequence of numbers",
            remedy="a number needs no table: use it as it is",
        )
    if 0 in shape:
        raise ShapeMismatch(
            f"{function}: an array of shape {shape} has no elements",
            remedy="a table has at least one",
        )
    count = math.prod(shape)
    if count > MAX_TABLE_ELEMENTS:
        raise ResourceLimitError(
            f"{function}: {count} elements are more than the {MAX_TABLE_ELEMENTS} that a table "
            "in the text of a kernel may have",
            remedy="pass the array as a buffer of the kernel",
        )


def _of_array(array: Any, dtype: DType | None, function: str) -> ConstantArray:
    _check_size(array.shape, function)
    kind = array.dtype
    if not kind.isnative:
        raise DTypeMismatch(
            f"{function}: the elements of the array are {kind}, whose bytes have another order "
            "than this machine's",
            remedy="convert them: array.astype(array.dtype.newbyteorder('='))",
        )
    own = find_dtype(equivalent_dtype(kind))
    if own is not None and dtype in (None, own):
        return ConstantArray(own, array.tobytes(), tuple(array.shape))
    if dtype is None or (own is None and kind.kind != "f"):
        remedy = "convert them: array.astype(np.float32)"
        if kind.kind == "c":
            remedy = "make two tables, of the real and of the imaginary parts"
        elif kind.kind == "f":
            remedy += ", or enigma.constant_array(array, dtype=enigma.f32)"
        raise DTypeMismatch(
            f"{function}: Metal has no elements of {kind}, which the array has", remedy=remedy
        )
    # What only an extension of NumPy has is a float of 16 bits.
    plain = array.astype("float32") if own is bf16 else array
    return _of_numbers(plain.ravel().tolist(), tuple(array.shape), dtype, function)


def _of_numbers(
    flat: list[Any], shape: tuple[int, ...], dtype: DType | None, function: str
) -> ConstantArray:
    _check_size(shape, function)
    found = dtype or _common_dtype(flat)
    if found is None:
        raise DTypeMismatch(
            f"{function}: no integer dtype holds both {min(flat)} and {max(flat)}",
            remedy="give dtype=, as in dtype=enigma.f32",
        )
    for number in flat:
        check_number(number, found, function)
    return ConstantArray(found, _packed(flat, found), shape)


def _common_dtype(flat: list[Any]) -> DType | None:
    """Give the dtype of numbers on their own."""
    if any(isinstance(number, float) for number in flat) or all(
        isinstance(number, bool) for number in flat
    ):
        return number_dtype(*flat)
    least, most = min(flat), max(flat)
    return next(
        (d for d in (i32, i64, u64) if d.minimum <= least and most <= d.maximum),
        None,
    )


def _packed(flat: list[Any], dtype: DType) -> bytes:
    """Give the bytes of numbers that fit."""
    if dtype.is_float:
        flat = [dtype.round(float(number)) for number in flat]
    elif dtype is not b1:
        flat = [int(number) for number in flat]
    data = struct.pack(f"={len(flat)}{_CODES[dtype.name]}", *flat)
    return memoryview(data).cast("H")[_UPPER::2].tobytes() if dtype is bf16 else data


def _flattened(values: Any, shape: list[int], function: str) -> list[Any]:
    """Give the numbers of nested sequences, and their shape."""
    flat = [values]
    while _is_sequence(flat[0]):
        extents = {len(part) if _is_sequence(part) else 0 for part in flat}
        if len(extents) != 1:
            raise ShapeMismatch(
                f"{function}: the sequences in the values have different lengths "
                f"({', '.join(map(str, sorted(extents)))})",
                remedy="rows of a table have one length",
            )
        shape.append(extents.pop())
        if shape[-1] == 0:
            return []
        flat = [item for part in flat for item in part]
    for index, item in enumerate(flat):
        number = as_operand(item, function, "an element of the values")
        if isinstance(number, Value):
            raise OperandError(
                operation=function,
                operand="an element of the values",
                found=describe(number),
                expected="a number",
                remedy="store what the kernel computes into an enigma.register_tensor",
            )
        flat[index] = number
    return flat


def _is_sequence(thing: object) -> bool:
    return isinstance(thing, (list, tuple, range)) or is_array(thing)


def subscripted(thing: Any, key: Any, name: str) -> Any:
    """Give `thing[key]`, where `thing` may be an array of NumPy and `key` traced."""
    if isinstance(thing, ConstantArray):
        return thing.at(key, name)
    if is_array(thing) and _has_traced(key):
        return _of_array(thing, None, f"the array {name or 'of NumPy'}").at(key, name)
    return thing[key]


def _has_traced(key: object) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    return any(
        isinstance(part, (Operand, Dyn))
        or (isinstance(part, slice) and _has_traced((part.start, part.stop, part.step)))
        for part in keys
    )
