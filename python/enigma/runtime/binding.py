# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The arguments of a launch: which parameter each one is for, and whether it fits."""

from __future__ import annotations

import numbers
import struct
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from enigma._arrays import Memory
from enigma._layout import Dyn
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import ArgumentError, ResourceLimitError, UnexpectedArguments, spelled
from enigma.limits import METAL
from enigma.runtime.array_memory import FOR_UNREADABLE, read
from enigma.spelling import closest
from enigma.tracing.launches import LAUNCH_OPTIONS
from enigma.tracing.parameters import Parameter
from enigma.types import DType, ElementType, VectorType, bf16, u16

if TYPE_CHECKING:
    from enigma.runtime.device import Device

#: What a parameter is given: the memory of an array, the bytes of a scalar, or the bytes that an
#: array in threadgroup memory takes.
Argument = Memory | bytes | int

# What an array of NumPy is aligned to at least; a copy may be aligned to no more.
_ALIGNMENT_OF_ARRAYS = 16

# How `struct` packs a scalar; a bfloat is the upper half of a float.
_FORMATS = {
    "f32": "<f",
    "f16": "<e",
    "bf16": "<f",
    "b1": "<?",
    "i8": "<b",
    "u8": "<B",
    "i16": "<h",
    "u16": "<H",
    "i32": "<i",
    "u32": "<I",
    "i64": "<q",
    "u64": "<Q",
}


def written(parameter: Parameter) -> bool:
    """Whether a kernel writes what a parameter is given."""
    return parameter.access in ("write", "read_write")


def pack(number: bool | int | float, dtype: DType) -> bytes:
    """Give the bytes of a number that a dtype can hold."""
    packed = struct.Struct(_FORMATS[dtype.name])
    if not dtype.is_float:
        return packed.pack(int(number))
    value = dtype.round(float(number))
    return packed.pack(value)[2:] if dtype is bf16 else packed.pack(value)


def unpack(bits: int, dtype: str) -> bool | int | float:
    """Give the number of a dtype that has some bits."""
    data = bits.to_bytes(8, "little")
    if dtype == "bf16":
        data = bytes(2) + data
    number: bool | int | float = struct.unpack_from(_FORMATS[dtype], data)[0]
    return number


class BoundTensor(NamedTuple):
    """A tensor of a kernel, and the array for it."""

    binder: Binder
    parameter: Parameter
    memory: Memory


class OfKernel:
    """What is known of a kernel, which does not keep it: who launches one has it.

    Attributes
    ----------
    kernel : CompiledKernel
        The kernel.
    """

    _kernel: weakref.ref[CompiledKernel]

    @property
    def kernel(self) -> CompiledKernel:
        """The kernel."""
        found = self._kernel()
        assert found is not None
        return found

    @kernel.setter
    def kernel(self, kernel: CompiledKernel) -> None:
        self._kernel = weakref.ref(kernel)


class Binder(OfKernel):
    """What a kernel is launched with, checked.

    Parameters
    ----------
    kernel : CompiledKernel
        The kernel. Its arguments are those of its parameters that are no sizes of tensors, in
        order; sizes are found in the shapes of the arrays.
    """

    def __init__(self, kernel: CompiledKernel) -> None:
        self.kernel = kernel
        self.given = tuple(p for p in kernel.parameters if not p.is_symbol and not p.is_threadgroup)
        self.symbols = kernel.symbols
        self.arrays_of_threadgroups = kernel.threadgroup_params
        self._places = {parameter.name: i for i, parameter in enumerate(kernel.parameters)}
        self._order = [self._places[parameter.name] for parameter in self.given]
        #: What checks and converts the argument of each parameter.
        self.converters = [self.converter(parameter) for parameter in kernel.parameters]
        # Whether each parameter is given one argument, in their order.
        self._is_plain = self._order == list(range(len(kernel.parameters)))
        #: The parameters that a launch is given, for messages.
        self.signature = ", ".join(parameter.name for parameter in self.given)

    def bind(
        self,
        device: Device,
        arguments: Sequence[object],
        named: Mapping[str, object],
        threadgroup_memory: Mapping[str, object] | None = None,
    ) -> tuple[list[Argument], dict[str, int]]:
        """Give an argument for each parameter, and the sizes of the tensors.

        Raises
        ------
        UnexpectedArguments
            When there are too many, too few, or some with names that no parameter has.
        ArgumentError
            When one does not fit its parameter.
        """
        is_plain = self._is_plain and not named and not threadgroup_memory
        if is_plain and len(arguments) == len(self.given):
            return [
                convert(argument, device)
                for convert, argument in zip(self.converters, arguments, strict=True)
            ], {}
        values, sizes = self.convert(device, arguments, named, threadgroup_memory)
        if self.symbols:
            find_sizes(self.tensors(values), sizes)
            self.set_sizes(values, sizes)
        return values, sizes

    def convert(
        self,
        device: Device,
        arguments: Sequence[object],
        named: Mapping[str, object],
        threadgroup_memory: Mapping[str, object] | None = None,
    ) -> tuple[list[Any], dict[str, int]]:
        """Give the arguments that `bind` gives, without sizes, and the sizes given by name."""
        values: list[Any] = [None] * len(self.converters)
        if len(arguments) + len(named) != len(self.given) or named:
            arguments, sizes = self._named(arguments, named)
        else:
            sizes = {}
        for place, argument in zip(self._order, arguments, strict=True):
            values[place] = self.converters[place](argument, device)
        if self.arrays_of_threadgroups or threadgroup_memory:
            self._find_lengths(values, threadgroup_memory or {})
        return values, sizes

    def tensors(self, values: Sequence[Any]) -> Iterator[BoundTensor]:
        """Give the tensors of a launch, with the arrays for them."""
        for parameter in self.given:
            if parameter.shape is not None:
                yield BoundTensor(self, parameter, values[self._places[parameter.name]])

    def set_sizes(self, values: list[Any], sizes: Mapping[str, int]) -> None:
        """Put the sizes of tensors among the arguments."""
        for parameter in self.symbols:
            size = self._size(parameter, sizes)
            values[self._places[parameter.name]] = pack(size, parameter.dtype.scalar)

    def _find_lengths(self, values: list[Any], given: Mapping[str, object]) -> None:
        """Give the bytes of the arrays in threadgroup memory whose length the launch chooses."""
        name = self.kernel.kernel_name
        open_ = [p for p in self.arrays_of_threadgroups if p.size is None]
        for key in given:
            if all(parameter.name != key for parameter in open_):
                known = ", ".join(parameter.name for parameter in open_) or "none"
                raise UnexpectedArguments(
                    f"{name} has no threadgroup array {key!r} whose length a launch chooses",
                    remedy=f"it has: {known}",
                )
        total = self.kernel.threadgroup_bytes
        for parameter in self.arrays_of_threadgroups:
            sized = parameter
            if parameter.size is None:
                if parameter.name not in given:
                    raise UnexpectedArguments(
                        f"{name} was not told the length of the threadgroup array "
                        f"{parameter.name!r}",
                        remedy=f'give its elements: threadgroup_memory={{"{parameter.name}": 256}}',
                    )
                size = given[parameter.name]
                if type(size) is not int or size < 1:
                    raise self._error(
                        parameter,
                        "a length, an int of at least 1",
                        spelled(size),
                        remedy="give the number of its elements, as in "
                        f'threadgroup_memory={{"{parameter.name}": 256}}',
                    )
                sized = replace(parameter, size=size)
            assert sized.nbytes is not None
            values[self._places[parameter.name]] = sized.nbytes
            total += sized.nbytes
        if total > METAL.threadgroup_bytes:
            raise ResourceLimitError(
                f"{name} needs {total} bytes of threadgroup memory; a threadgroup has "
                f"{METAL.threadgroup_bytes}",
                remedy="choose shorter arrays",
            )

    def constants(self, given: Mapping[str, Any] | None) -> tuple[tuple[str, int, bytes], ...]:
        """Give the values of the function constants: Metal's name of the type, index and bytes.

        Raises
        ------
        UnexpectedArguments
            When one is missing that has no default, or is none of the kernel.
        ArgumentError
            When a value does not fit.
        """
        given = given or {}
        name = self.kernel.kernel_name
        known = {constant.name: constant for constant in self.kernel.function_constants}
        for key in given:
            if key not in known:
                raise UnexpectedArguments(
                    f"{name} has no function constant {key!r}",
                    remedy=f"its function constants are: {', '.join(known) or 'none'}",
                )
        values = []
        for constant in known.values():
            if constant.name not in given:
                if constant.default is None:
                    raise UnexpectedArguments(
                        f"{name} was not given the function constant {constant.name!r}",
                        remedy=f"give its value: constants={{{constant.name!r}: ...}}",
                    )
                continue
            number = _number(given[constant.name])
            why = "it is no number" if number is None else constant.dtype.why_not(number)
            if number is None or why is not None:
                raise ArgumentError(
                    kernel=name,
                    name=constant.name,
                    expected=f"a number that {constant.dtype} holds",
                    found=f"{given[constant.name]!r}: {why}",
                    remedy="give such a number, or declare the function constant with another "
                    "dtype",
                )
            packed = pack(number, constant.dtype)
            values.append((constant.dtype.metal_name, constant.index, packed))
        return tuple(values)

    def arrays(
        self, arguments: Sequence[object], named: Mapping[str, object]
    ) -> Iterator[tuple[Parameter, Memory]]:
        """Give the memory of each buffer of a launch that fits."""
        known, _ = self._named(arguments, named)
        for parameter, argument in zip(self.given, known, strict=True):
            if not parameter.is_scalar:
                memory = read(argument)
                assert memory is not None
                yield parameter, memory

    def _named(
        self, arguments: Sequence[object], named: Mapping[str, object]
    ) -> tuple[list[object], dict[str, int]]:
        """Put arguments that are given by name among the others, and take sizes out."""
        name = self.kernel.kernel_name
        takes = f"its parameters are: {self.signature or 'none'}"
        if len(arguments) > len(self.given):
            raise UnexpectedArguments(
                f"{name} takes {len(self.given)} arguments, and was given {len(arguments)}",
                remedy=takes,
            )
        known = dict(zip((p.name for p in self.given), arguments, strict=False))
        sizes: dict[str, int] = {}
        symbols = {parameter.name for parameter in self.symbols}
        for key, value in named.items():
            if key in symbols:
                sizes[key] = whole(name, key, value)
            elif all(parameter.name != key for parameter in self.given):
                close = closest(key, [*(p.name for p in self.given), *LAUNCH_OPTIONS])
                raise UnexpectedArguments(
                    f"{name} has no parameter {key!r}",
                    remedy=f"did you mean {close!r}? {takes}" if close else takes,
                )
            elif key in known:
                raise UnexpectedArguments(f"{name} was given {key!r} twice", remedy=takes)
            else:
                known[key] = value
        missing = [p.name for p in self.given if p.name not in known]
        if missing:
            raise UnexpectedArguments(
                f"{name} was not given {', '.join(map(repr, missing))}", remedy=takes
            )
        return [known[parameter.name] for parameter in self.given], sizes

    def converter(self, parameter: Parameter) -> Callable[[object, Device], Argument]:
        """Give what checks and converts the argument of a parameter."""
        return self._scalar(parameter) if parameter.is_scalar else self._buffer(parameter)

    def _error(
        self, parameter: Parameter, expected: str, found: str, *, remedy: str
    ) -> ArgumentError:
        return ArgumentError(
            kernel=self.kernel.kernel_name,
            name=parameter.name,
            expected=expected,
            found=found,
            remedy=remedy,
        )

    # ---- Scalars -------------------------------------------------------------------------

    def _scalar(self, parameter: Parameter) -> Callable[[object, Device], bytes]:
        dtype = parameter.dtype
        if isinstance(dtype, VectorType):
            return self._vector(parameter, dtype)
        expected = f"a number that {dtype} holds"
        packed = struct.Struct(_FORMATS[dtype.name]).pack
        # What needs no other look: a number that is held, or rounded. bfloats are not packed so.
        least, most = (0, -1) if not dtype.is_integer else (dtype.minimum, dtype.maximum)
        largest = dtype.largest if dtype.is_float and dtype is not bf16 else -1.0

        def convert(value: Any, device: Device) -> bytes:
            if type(value) is int and least <= value <= most:
                return packed(value)
            if type(value) is float and -largest <= value <= largest:
                return packed(value)
            number = value
            if not isinstance(number, (bool, int, float)):
                number = _number(value)
                if number is None:
                    raise self._error(
                        parameter,
                        f"a number ({dtype}, by value)",
                        type(value).__name__,
                        remedy="give one number; an array is for a parameter annotated as "
                        f"enigma.{dtype}, which is a buffer",
                    )
            why = dtype.why_not(number)
            if why is not None:
                raise self._error(
                    parameter, expected, f"{number!r}: {why}", remedy=_that_fits(number, dtype)
                )
            return pack(number, dtype)

        return convert

    def _vector(self, parameter: Parameter, kind: VectorType) -> Callable[[object, Device], bytes]:
        scalar = kind.scalar
        expected = f"{kind.lanes} numbers that {scalar} holds"

        def convert(value: Any, device: Device) -> bytes:
            # An array without dimensions has a method to iterate, which raises.
            is_one = not isinstance(value, Iterable) or getattr(value, "shape", None) == ()
            given = [value] if is_one else list(value)
            lanes = []
            for each in given:
                number = each if isinstance(each, (bool, int, float)) else _number(each)
                if number is None or len(given) != kind.lanes:
                    raise self._error(
                        parameter,
                        expected,
                        spelled(value),
                        remedy=f"give a tuple of {kind.lanes} numbers",
                    )
                why = scalar.why_not(number)
                if why is not None:
                    raise self._error(
                        parameter,
                        expected,
                        f"{number!r}: {why}",
                        remedy=_that_fits(number, scalar),
                    )
                lanes.append(pack(number, scalar))
            return b"".join(lanes).ljust(kind.nbytes, b"\0")

        return convert

    # ---- Buffers -------------------------------------------------------------------------

    def _buffer(self, parameter: Parameter) -> Callable[[object, Device], Memory]:
        element, is_written = parameter.dtype, written(parameter)
        dtype = element.scalar
        names = {dtype.name, u16.name} if dtype is bf16 else {dtype.name}
        is_tensor = parameter.shape is not None
        limit = parameter.max_elements
        expected = f"an array of {dtype}"
        # Of a tensor without symbols, the one shape with its strides that needs no other look.
        layout = (_modes(parameter.shape), _modes(parameter.stride)) if is_tensor else ()
        exact = layout if all(isinstance(part, int) for part in _leaves(layout)) else None
        name = dtype.name
        is_bare = element is dtype and not is_tensor and limit is None
        if isinstance(element, VectorType):
            expected += f" of shape (..., {_numbers(element)})"

        def convert(value: object, device: Device) -> Memory:
            try:
                memory = read(value)
            except Exception as error:
                raise self._error(
                    parameter,
                    expected,
                    f"{type(value).__name__}, whose memory it does not give: {error}",
                    remedy=FOR_UNREADABLE,
                ) from error
            # What needs no other look.
            if is_bare and memory is not None and memory.fits(name, device.place, is_written):
                return memory
            if memory is None:
                raise self._error(
                    parameter,
                    expected,
                    f"{type(value).__name__}",
                    remedy="give an array: of NumPy, torch, MLX or JAX, or a buffer of Python",
                )
            if memory.dtype not in names:
                raise self._error(
                    parameter,
                    expected,
                    f"one of {memory.dtype}",
                    remedy=f"convert it before the launch, to {dtype}",
                )
            if is_written and memory.is_read_only:
                raise self._error(
                    parameter,
                    f"{expected} that it writes",
                    "one that is read-only",
                    remedy="give it a copy that can be written, and read the result there",
                )
            if not memory.address and memory.elements:
                raise self._error(
                    parameter,
                    expected,
                    f"{type(value).__name__} whose memory was freed",
                    remedy="launch before it is freed, or on another array",
                )
            if not device.accepts(memory):
                raise self._error(
                    parameter,
                    f"{expected} in memory of the {device.kind} device",
                    f"one in that of {memory.device}",
                    remedy="move it there, or launch on the device where it is",
                )
            shape, strides = memory.shape, memory.strides
            if isinstance(element, VectorType):
                shape, strides = self._rows(parameter, memory)
            if memory.address % element.alignment:
                raise self._error(
                    parameter,
                    f"{expected} that is aligned to {element.alignment} bytes",
                    f"one at the address {memory.address:#x}",
                    remedy="copy it (numpy.copy), or declare packed vectors"
                    if element.alignment <= _ALIGNMENT_OF_ARRAYS
                    else "declare packed vectors; a copy of NumPy's is aligned to "
                    f"{_ALIGNMENT_OF_ARRAYS} bytes, and to more by chance",
                )
            if is_tensor:
                if exact is None or (shape, strides) != exact:
                    self._check_layout(parameter, shape, strides, memory.is_dense)
            elif not memory.is_dense:
                raise self._error(
                    parameter,
                    f"{expected} that is contiguous",
                    f"the strides {memory.strides} of shape {memory.shape}",
                    remedy="make it contiguous (numpy.ascontiguousarray), or let a jit function "
                    "take it as a tensor with strides",
                )
            if limit is not None and (span := _span(shape, strides)) > limit:
                raise self._error(
                    parameter,
                    f"{expected} that spans {limit} elements at most",
                    f"one that spans {span}",
                    remedy="compile it with index_bits=64",
                )
            if is_tensor and is_written and memory.overlaps_itself:
                raise self._error(
                    parameter,
                    f"{expected} that it writes",
                    f"one whose elements overlap: strides {memory.strides} of shape {memory.shape}",
                    remedy="give it a copy",
                )
            return memory

        return convert

    def _rows(
        self, parameter: Parameter, memory: Memory
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give extents and strides in elements that are vectors, whose lanes are the last mode."""
        element = parameter.dtype
        row = _numbers(element)
        *extents, lanes = memory.shape or (1,)
        *steps, step = memory.strides or (1,)
        is_cut = any(n > 1 and stride % row for n, stride in zip(extents, steps, strict=True))
        if lanes != row or step != 1 or is_cut:
            raise self._error(
                parameter,
                f"an array of {element.scalar} of shape (..., {row}) whose rows are contiguous",
                f"shape {memory.shape} with stride {memory.strides}",
                remedy=f"an element of {element} is a row of {row} numbers"
                if row == element.lanes
                else f"an element of {element} takes the space of {row} numbers; rows of "
                f"{element.lanes} are enigma.vec(enigma.{element.scalar}, {element.lanes}, "
                "packed=True)",
            )
        return tuple(extents), tuple(stride // row for stride in steps)

    def _check_layout(
        self,
        parameter: Parameter,
        found_shape: tuple[int, ...],
        found_strides: tuple[int, ...],
        is_dense: bool,
    ) -> None:
        """Check an array against the layout of a tensor; extents of 1 have any stride."""
        shape, strides = tuple(_modes(parameter.shape)), tuple(_modes(parameter.stride))
        expected = (
            f"a tensor of shape {_shown(parameter.shape)} and stride {_shown(parameter.stride)}"
        )
        found = f"shape {found_shape} with stride {found_strides}"
        flat = [(list(_leaves(m)), list(_leaves(s))) for m, s in zip(shape, strides, strict=True)]
        if len(found_shape) != len(flat):
            if is_dense and self._fits_flat(flat, found_shape):
                return
            raise self._error(parameter, expected, found, remedy=_FOR_ITS_LAYOUT)
        for extents, steps, extent, stride in [
            (*mode, e, s) for mode, e, s in zip(flat, found_shape, found_strides, strict=True)
        ]:
            if len(extents) == 1:
                if not _may_be(extents[0], extent) or (
                    extent > 1 and not _may_be(steps[0], stride)
                ):
                    raise self._error(parameter, expected, found, remedy=_FOR_ITS_LAYOUT)
            elif not self._fits_mode(extents, steps, extent, stride):
                raise self._error(parameter, expected, found, remedy=_FOR_ITS_LAYOUT)

    @staticmethod
    def _fits_mode(extents: list[Any], steps: list[Any], extent: int, stride: int) -> bool:
        """Whether a mode of several parts is one stretch of an array."""
        if not all(isinstance(part, int) for part in (*extents, *steps)):
            return False
        size = 1
        for part, step in zip(extents, steps, strict=True):
            if part > 1 and step != stride * size:
                return False
            size *= part
        return size == extent

    @staticmethod
    def _fits_flat(flat: list[tuple[list[Any], list[Any]]], shape: tuple[int, ...]) -> bool:
        """Whether a dense array of other rank has the elements of a compact layout, in a row."""
        extents = [part for mode, _ in flat for part in mode]
        steps = [step for _, mode in flat for step in mode]
        if not all(isinstance(part, int) for part in (*extents, *steps)):
            return False
        reached = sum((part - 1) * step for part, step in zip(extents, steps, strict=True)) + 1
        return len(shape) == 1 and shape[0] >= reached

    # ---- Sizes ---------------------------------------------------------------------------

    def _size(self, parameter: Parameter, sizes: Mapping[str, int]) -> int:
        symbol = parameter.symbol
        assert symbol is not None
        size = sizes.get(parameter.name)
        if size is None:
            raise UnexpectedArguments(
                f"{self.kernel.kernel_name} has the size {parameter.name}, which is in the shape "
                "or strides of no array",
                remedy=f"give it by name: launch(..., {parameter.name}=...)",
            )
        if size % symbol.div:
            raise self._error(
                parameter, f"a multiple of {symbol.div}", str(size), remedy=_of_size(parameter)
            )
        why = parameter.dtype.scalar.why_not(size)
        if why is None and parameter.is_extent and not 0 < size < 2**31:
            why = "an extent is from 1 to 2**31 - 1"
        if why is not None:
            raise self._error(parameter, "a size", f"{size}: {why}", remedy=_of_size(parameter))
        return size


def whole(kernel: str, name: str, value: object) -> int:
    """Give the size of tensors that a launch was given by name."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ArgumentError(
            kernel=kernel,
            name=name,
            expected="an int, a size of tensors",
            found=f"{type(value).__name__} {value!r}",
            remedy=f"give it by name, as in {name}=len(array)",
        )
    return int(value)


def find_sizes(tensors: Iterable[BoundTensor], sizes: dict[str, int]) -> None:
    """Find the symbolic integers of layouts in arrays, and check those that agree.

    Parameters
    ----------
    tensors : iterable of BoundTensor
        The tensors: of a kernel, or of all kernels of a program.
    sizes : dict of str to int
        Those that are known, to which the others are added.

    Raises
    ------
    ArgumentError
        When arrays contradict one another, or what is known.
    """
    seen = {name: f"{name}={size}" for name, size in sizes.items()}
    pending = []
    # The strides of modes with one element, which no address depends on.
    free: dict[str, int] = {}
    for binder, parameter, memory in tensors:
        shape, strides = memory.shape, memory.strides
        if isinstance(parameter.dtype, VectorType):
            shape, strides = binder._rows(parameter, memory)
        for what, layout, actual in (
            ("extent", parameter.shape, shape),
            ("stride", parameter.stride, strides),
        ):
            for mode, (expression, value) in enumerate(zip(_modes(layout), actual, strict=False)):
                if isinstance(expression, Dyn):
                    if what == "stride" and (shape[mode] == 1 or memory.elements == 0):
                        if expression.name is not None:
                            size = value if value % expression.div == 0 else expression.div
                            free[str(expression)] = max(size, 1)
                        continue
                    pending.append((binder, parameter, f"{what} {mode}", expression, value))
    for binder, parameter, where, expression, value in pending:
        if expression.name is not None:
            name = str(expression)
            place = f"{where} of {parameter.name} is {value}"
            if sizes.setdefault(name, value) != value:
                raise binder._error(
                    parameter,
                    f"{name} = {sizes[name]} as its {where} ({seen[name]})",
                    str(value),
                    remedy=f"give arrays that agree on {name}, or name two sizes in their layouts",
                )
            seen.setdefault(name, place)
    for name, size in free.items():
        sizes.setdefault(name, size)
    for binder, parameter, where, expression, value in pending:
        if expression.name is None:
            names = {str(symbol) for symbol in expression.symbols}
            if names <= sizes.keys() and expression.evaluate(sizes) != value:
                raise binder._error(
                    parameter,
                    f"{expression} = {expression.evaluate(sizes)} as its {where}",
                    str(value),
                    remedy="give an array whose sizes are as the layout of the tensor says",
                )


def _that_fits(number: float, dtype: DType) -> str:
    """Say what to do about a number that a dtype does not hold."""
    if isinstance(number, float) and not dtype.is_float:
        return "give a whole number, or declare the parameter as enigma.Scalar(enigma.f32)"
    return "give a number that fits, or declare the parameter with a dtype that holds it"


# What to do about an array of another layout.
_FOR_ITS_LAYOUT = (
    "give an array of this layout, or call the jit function with the arrays: it is compiled for "
    "theirs"
)


def _of_size(parameter: Parameter) -> str:
    return f"give arrays, or launch(..., {parameter.name}=...), of such a size"


_binders: weakref.WeakKeyDictionary[CompiledKernel, Binder] = weakref.WeakKeyDictionary()


def binder_of(kernel: CompiledKernel) -> Binder:
    """Give the binder of a kernel, which is made once."""
    found = _binders.get(kernel)
    if found is None:
        found = _binders[kernel] = Binder(kernel)
    return found


def _number(value: Any) -> bool | int | float | None:
    """Give Python's number for another framework's, or an array of no dimension."""
    if isinstance(value, (bool, int, float)):
        # Members of enumerations may have any names.
        return value
    if getattr(value, "shape", ()) != ():
        return None
    item = getattr(value, "item", None)
    number = item() if callable(item) else value
    if isinstance(number, (bool, int, float)):
        return number
    if isinstance(number, numbers.Integral):
        return int(number)
    return float(number) if isinstance(number, numbers.Real) else None


def _numbers(element: ElementType) -> int:
    """Give how many numbers an array has for an element."""
    return element.nbytes // element.scalar.nbytes


def _modes(layout: Any) -> tuple[Any, ...]:
    return layout if isinstance(layout, tuple) else (layout,)


def _leaves(mode: Any) -> Iterator[Any]:
    if isinstance(mode, tuple):
        for part in mode:
            yield from _leaves(part)
    else:
        yield mode


def _span(shape: Sequence[int], strides: Sequence[int]) -> int:
    """How many elements lie from the first to the last of an array that is not empty."""
    return 1 + sum((extent - 1) * abs(step) for extent, step in zip(shape, strides, strict=True))


def _may_be(expected: Any, actual: int) -> bool:
    """Whether a number is what a layout has; what is symbolic is compared later."""
    return isinstance(expected, Dyn) or bool(expected == actual)


def _shown(layout: Any) -> str:
    if isinstance(layout, tuple):
        return f"({', '.join(map(_shown, layout))}{',' if len(layout) == 1 else ''})"
    return str(layout)
