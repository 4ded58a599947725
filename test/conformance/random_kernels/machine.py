# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the source of a kernel in Python itself, with numbers that are a kernel's.

Python is the interpreter: control flow, containers and functions are its own. What stands for the
module `enigma` is made here. Threads that exchange something run at once, and wait for each other;
else one runs after another.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
import threading
from collections.abc import Callable, Iterable
from fractions import Fraction
from types import CodeType, SimpleNamespace
from typing import Any

import numpy as np

from conformance import reference
from conformance.exact import Exact
from conformance.random_kernels.layouts import Layout, Modes
from conformance.random_kernels.matrices import Matrices, Matrix, TiledMma
from conformance.random_kernels.numbers import (
    DTYPES,
    FLOATS,
    INTEGERS,
    UNSIGNED,
    Mistake,
    Num,
    Undefined,
    as_num,
    bits_of,
    brought,
    compared,
    exact,
    literal,
    mapped,
    meeting,
    near,
    other_dtype,
    rounded,
    same_bits,
    shape_of,
    widened,
)
from conformance.random_kernels.tensors import Tensor, Tensors

SIMD, QUAD = 32, 4
# Seconds, after which a thread that waits for others has waited in vain.
_PATIENCE = 60.0
# Functions that are exact, or round once.
ROUNDED = {"abs", "ceil", "floor", "rint", "round", "trunc", "saturate", "sign", "sqrt"}
ROUNDED |= {"copysign", "fdim", "fmax", "fmin", "fmod", "step"}
ROUNDED |= {"max", "min", "clamp", "fma", "fmax3", "fmin3", "fmedian3"}
# Of two zeros, these may give either.
_CHOOSING = {
    "max",
    "min",
    "fmax",
    "fmin",
    "clamp",
    "saturate",
    "fmax3",
    "fmin3",
    "fmedian3",
    "fdim",
}
# The error of these is relative to what they are computed from.
_CANCELLING = {"mix", "smoothstep", "fract", "sinpi", "cospi", "tanpi"}
# By how many units in the last place others may differ from the reference.
ULPS = {"f32": 8.0, "f16": 2.0, "bf16": 2.0}
_REFERENCE: dict[str, Callable[..., Any]] = {
    **reference.UNARY_FUNCTIONS,
    "sinpi": lambda x: np.sin(np.pi * x),
    "cospi": lambda x: np.cos(np.pi * x),
    "tanpi": lambda x: np.tan(np.pi * x),
    "erf": math.erf,
    "erfc": math.erfc,
    **reference.BINARY,
    **reference.TERNARY,
    "smoothstep": lambda low, high, x: np.polyval(
        [-2, 3, 0, 0], np.clip((x - low) / (high - low), 0, 1)
    ),
    "pow": np.power,
    "powr": np.power,
}
_PREDICATES: dict[str, Callable[[float], bool]] = {
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
    "signbit": lambda x: math.copysign(1, x) < 0,
}
# The shortest normal numbers.
_NORMAL = {"f32": 2.0**-126, "f16": 2.0**-14, "bf16": 2.0**-126}


class Dtype:
    """A dtype: an annotation, a conversion, an operand."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name

    def __call__(self, value: Any) -> Num:
        if isinstance(value, Num):
            return value.to(self.name)
        return Num(self.name, [literal(self.name, value)])


class Buffer:
    """An array of a dtype. A value that is None was not written, or is nobody's."""

    # So many values are the space of an element.
    space = 1

    def __init__(self, dtype: str, values: Iterable[Any]) -> None:
        self.dtype = dtype
        self.values: list[Any] = list(values)
        self.errors = [0.0] * len(self.values)

    def _position(self, index: Any) -> int:
        position = int(index)
        if not 0 <= position < len(self.values):
            raise Mistake(f"position {position} of {len(self.values)} is accessed")
        return position

    def __getitem__(self, index: Any) -> Num:
        value = self.values[self._position(index)]
        if value is None:
            raise Mistake("an element is read that was not written")
        return Num(self.dtype, [value])

    def __setitem__(self, index: Any, value: Any) -> None:
        position = self._position(index)
        if isinstance(value, Num):
            self.errors[position] = value.error
            self.values[position] = value.to(self.dtype).value
        else:
            self.errors[position] = 0.0
            self.values[position] = literal(self.dtype, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("atomic_fetch_"):
            return lambda index, value: combined(name[13:], self, index, value)
        raise AttributeError(name)


class Element(Num):
    """A vector in memory, whose lanes are assigned there."""

    __slots__ = ("_memory", "_place")

    def __init__(self, memory: Buffer, place: int, lanes: list[Any]) -> None:
        super().__init__(memory.dtype, lanes)
        self._memory, self._place = memory, place

    def __setattr__(self, name: str, value: Any) -> None:
        if set(name) <= set("xyzwrgba"):
            self._memory[self._place] = self.with_lanes(name, value)
        else:
            super().__setattr__(name, value)


class VectorType(Dtype):
    """A vector: an element of memory, and what makes one."""

    def __init__(self, name: str, lanes: int, packed: bool = False) -> None:
        super().__init__(name)
        self.lanes = lanes
        # How many numbers apart the elements are.
        self.space = 4 if lanes == 3 and not packed else lanes

    def __call__(self, *parts: Any) -> Num:
        return Enigma.make_vec(*parts, dtype=Dtype(self.name))


class Vectors(Buffer):
    """An array of vectors; its values are those of the lanes, one vector after the other."""

    def __init__(self, element: VectorType, values: Iterable[Any]) -> None:
        self.lanes, self.space = element.lanes, element.space
        # What is between two vectors is nobody's.
        super().__init__(
            element.name,
            (v if k % self.space < self.lanes else None for k, v in enumerate(values)),
        )

    def _position(self, index: Any) -> int:
        position = int(index)
        if not 0 <= position < len(self.values) // self.space:
            raise Mistake(f"vector {position} of {len(self.values)} numbers is accessed")
        return position

    def __getitem__(self, index: Any) -> Num:
        position = self._position(index)
        first = position * self.space
        lanes = self.values[first : first + self.lanes]
        if None in lanes:
            raise Mistake("a vector is read that was not written")
        return Element(self, position, lanes)

    def __setitem__(self, index: Any, value: Any) -> None:
        first = self._position(index) * self.space
        lanes = as_num(value, self.dtype).to(self.dtype).lanes
        self.values[first : first + self.lanes] = lanes * (self.lanes // len(lanes))


def memory_of(element: Dtype, count: int) -> Buffer:
    """An array that nothing was written to."""
    if isinstance(element, VectorType):
        return Vectors(element, [None] * (count * element.space))
    return Buffer(element.name, [None] * count)


_ATOMIC: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "min": min,
    "max": max,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
}
# Of all that is shared by threads that run at once.
_LOCK = threading.Lock()


def combined(operation: str, buffer: Buffer, index: Any, value: Any) -> None:
    """Combine an element with a value, in one step."""
    operand = as_num(value, buffer.dtype).to(buffer.dtype).value
    with _LOCK:
        after = _ATOMIC[operation](buffer[index].value, operand)
        buffer[index] = Num(buffer.dtype, [brought(buffer.dtype, after, "i128")])


class Registers(Buffer):
    """An array of a thread, with a shape."""

    def __init__(self, dtype: str, values: Iterable[Any], shape: tuple[int, ...]) -> None:
        super().__init__(dtype, values)
        self.shape = shape

    def _position(self, index: Any) -> int:
        if not isinstance(index, tuple):
            return super()._position(index)
        position, stride = 0, 1
        for coordinate, extent in zip(index, self.shape, strict=True):
            if not 0 <= int(coordinate) < extent:
                raise Mistake("a coordinate is outside of its extent")
            position += int(coordinate) * stride
            stride *= extent
        return super()._position(position)


class Table:
    """A table of numbers that the kernel reads."""

    def __init__(self, values: Any, dtype: str = "") -> None:
        name = values.dtype.name
        kind = {"b": "b1", "u": "u", "i": "i", "f": "f"}[name[0]]
        natural = kind if kind == "b1" else f"{kind}{8 * values.dtype.itemsize}"
        self.values, self.dtype = values, dtype or natural

    def __getitem__(self, subscript: Any) -> Any:
        parts = subscript if isinstance(subscript, tuple) else (subscript,)
        traced = any(isinstance(part, Num) for part in parts)
        where = tuple(int(part) if isinstance(part, Num) else part for part in parts)
        if any(
            part < 0 for part, given in zip(where, parts, strict=True) if isinstance(given, Num)
        ):
            raise Mistake("a position of a table is negative")
        found = self.values[where]
        if isinstance(found, np.ndarray):
            return Table(found, self.dtype)
        number = found.item()
        if not traced:
            # A number of Python.
            return number
        return Num(self.dtype, [literal(self.dtype, number)])


class Pipeline:
    """Arrays in a ring."""

    def __init__(self, arrays: list[Buffer]) -> None:
        self._arrays, self._front = arrays, 0

    def stage(self, k: Any) -> Buffer:
        return self._arrays[(self._front + int(k)) % len(self._arrays)]

    def front(self) -> Buffer:
        return self.stage(0)

    def back(self) -> Buffer:
        return self.stage(-1)

    def advance(self) -> None:
        self._front += 1

    swap = advance


class Query(Num):
    """A position of a thread."""

    __slots__ = ("_extents",)

    def __init__(self, extents: tuple[int, ...]) -> None:
        super().__init__("u32", extents[:1])
        self._extents = extents

    def __call__(self, dim: str = "x") -> Num:
        return Num("u32", [self._extents["xyz".index(dim)]])

    @property
    def x(self) -> Num:
        return Num("u32", [self._extents[0]])

    @property
    def y(self) -> Num:
        return Num("u32", [self._extents[1]])

    @property
    def z(self) -> Num:
        return Num("u32", [self._extents[2]])


class Meeting:
    """Threads that wait for each other, and see what each of them brings."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.barrier = threading.Barrier(count)
        self._brought: dict[int, Any] = {}
        self.shared: list[Buffer] = []

    def exchange(self, member: int, thing: Any) -> dict[int, Any]:
        """Bring something, and get what all members brought."""
        self._brought[member] = thing
        self._wait()
        found = dict(self._brought)
        self._wait()
        return found

    def _wait(self) -> None:
        try:
            self.barrier.wait(_PATIENCE)
        except threading.BrokenBarrierError:
            # Or another thread has failed, which is told instead.
            raise Mistake("threads do not meet") from None


class Enigma(Tensors, Matrices):
    """What `enigma` is to one thread."""

    kernel = func = staticmethod(lambda function: function)
    constexpr = "constexpr"

    def __init__(self, thread: int, launch: Launch) -> None:
        self._thread, self._launch = thread, launch
        block = launch.block
        self._allocated = 0
        lane = thread % block
        self.thread_position_in_grid = Query((thread, 0, 0))
        self.thread_position_in_threadgroup = Query((lane, 0, 0))
        self.threadgroup_position_in_grid = Query((thread // block, 0, 0))
        self.threads_per_threadgroup = Query((block, 1, 1))
        self.threads_per_grid = self.grid_size = Query((launch.threads, 1, 1))
        self.threadgroups_per_grid = Query((-(-launch.threads // block), 1, 1))
        self.thread_index_in_threadgroup = Query((lane,))
        self.thread_index_in_simdgroup = Query((lane % SIMD,))
        self.simdgroup_index_in_threadgroup = Query((lane // SIMD,))
        self.thread_index_in_quadgroup = Query((lane % QUAD,))
        self.quadgroup_index_in_threadgroup = Query((lane // QUAD,))
        self.threads_per_simdgroup = Query((SIMD,))
        self.simdgroups_per_threadgroup = Query((-(-block // SIMD),))
        self.arch = SimpleNamespace(
            thread_idx=lambda: self._three(self.thread_position_in_threadgroup),
            block_idx=lambda: self._three(self.threadgroup_position_in_grid),
            block_dim=lambda: self._three(self.threads_per_threadgroup),
            grid_dim=lambda: self._three(self.threadgroups_per_grid),
        )

    @staticmethod
    def _three(query: Query) -> tuple[Num, Num, Num]:
        return query.x, query.y, query.z

    def thread_position_in_grid_xyz(self, dim: str) -> Num:
        return self.thread_position_in_grid(dim)

    def __getattr__(self, name: str) -> Any:
        if name in DTYPES:
            return Dtype(name)
        if name == "abs" or name in _REFERENCE:
            return lambda *operands, **named: _float_function(name, *operands, *named.values())
        if name in _PREDICATES:
            return lambda x: mapped("b1", _PREDICATES[name], exact(x))
        if name in reference.INTEGER:
            return lambda *operands, **named: _integer_function(name, *operands, *named.values())
        if name in reference.COMPARISON:
            return lambda x, y: compared(reference.COMPARISON[name], x, y)
        if name in reference.UNSIGNED_COMPARISON:
            return lambda x, y: _unsigned_comparison(name, x, y)
        if "pack_" in name:
            return lambda *operands: _packing(name, *operands)
        if name in reference.GEOMETRY:
            return lambda *operands: _geometry(name, *operands)
        group, _, function = name.partition("_")
        if group in ("simd", "quad") or function in reference.REDUCTIONS:
            return lambda *operands: self._collective(group, function, *operands)
        if name.startswith("atomic_fetch_"):
            return lambda buffer, index, value: combined(name[13:], buffer, index, value)
        return super().__getattr__(name)

    # Control flow.

    @staticmethod
    def range(*bounds: Any) -> Iterable[Num]:
        traced = [bound for bound in bounds if isinstance(bound, Num)]
        dtype = meeting(traced)[0].dtype if traced else "i32"
        if bits_of(dtype) < 32:
            dtype = "i32"
        return [Num(dtype, [value]) for value in builtins.range(*map(int, bounds))]

    range_constexpr = staticmethod(builtins.range)

    @staticmethod
    def Scalar(dtype: Dtype) -> Dtype:  # noqa: N802
        return dtype

    # Conversions and vectors.

    vec = staticmethod(lambda dtype, *lanes, **packed: VectorType(dtype.name, *lanes, **packed))

    @staticmethod
    def metal_cast(x: Any, dtype: Dtype) -> Num:
        if isinstance(x, bool) and dtype.name != "b1":
            return Num(dtype.name, [brought(dtype.name, x, "b1")])
        return x.to(dtype) if isinstance(x, Num) else dtype(x)

    @staticmethod
    def as_type(x: Num, dtype: Dtype) -> Num:
        return same_bits(dtype.name, exact(x))

    @staticmethod
    def make_vec(*components: Any, dtype: Dtype | None = None) -> Num:
        lanes: list[Any] = []
        for component in components:
            several = isinstance(component, Num) and len(component.lanes) > 1
            lanes += list(component) if several else [component]
        common = dtype.name if dtype else meeting([x for x in lanes if isinstance(x, Num)])[0].dtype
        return Num(common, [as_num(lane, common).to(common).value for lane in lanes])

    def __make_float(self, count: int, *components: Any) -> Num:
        if len(components) == 1 and not (isinstance(components[0], Num) and len(components[0]) > 1):
            components = components * count
        return self.make_vec(*components, dtype=Dtype("f32"))

    def make_float2(self, *components: Any) -> Num:
        return self.__make_float(2, *components)

    def make_float3(self, *components: Any) -> Num:
        return self.__make_float(3, *components)

    def make_float4(self, *components: Any) -> Num:
        return self.__make_float(4, *components)

    @staticmethod
    def vec_extract(vector: Num, lane: int) -> Num:
        return vector[lane]

    @staticmethod
    def where(false_value: Any, true_value: Any, condition: Any) -> Any:
        if not isinstance(condition, Num):
            condition = Num("b1", [condition])
        if not isinstance(false_value, Num) and not isinstance(true_value, Num):
            return true_value if condition else false_value
        no, yes = meeting((false_value, true_value))
        no, yes, which = widened([no, yes, condition])
        chosen = [b if c else a for a, b, c in zip(no.lanes, yes.lanes, which.lanes, strict=True)]
        return Num(no.dtype, chosen, 0.0, shape_of((no, yes, which)))

    @staticmethod
    def isnormal(x: Num) -> Num:
        least = _NORMAL[x.dtype]
        return mapped("b1", lambda v: math.isfinite(v) and abs(v) >= least, exact(x))

    @staticmethod
    def extract_bits(x: Num, offset: Any, count: Any) -> Num:
        reach = Exact(x.dtype, 0)
        found = [
            reference.field(reach, lane, int(offset), int(count)) if int(count) else 0
            for lane in x.lanes
        ]
        return Num(x.dtype, [brought(x.dtype, value, "i128") for value in found], 0.0, x.shape)

    @staticmethod
    def insert_bits(x: Num, field: Any, offset: Any, count: Any) -> Num:
        a, b = meeting((x, field))
        mask = ((1 << int(count)) - 1) << int(offset)
        found = [
            (p & ~mask) | ((q << int(offset)) & mask) for p, q in zip(a.lanes, b.lanes, strict=True)
        ]
        lanes = [brought(a.dtype, value, "i128") for value in found]
        return Num(a.dtype, lanes, 0.0, shape_of((a, b)))

    # Memory.

    @staticmethod
    def Threadgroup(dtype: Dtype) -> Dtype:  # noqa: N802
        return dtype

    @staticmethod
    def constant_array(values: Any, dtype: Dtype | None = None) -> Table:
        numbers = values.values if isinstance(values, Table) else np.array(values)
        return Table(numbers, "" if dtype is None else dtype.name)

    @staticmethod
    def make_tensor(memory: Any, layout: Layout, offset: Any = 0) -> Tensor:
        if isinstance(memory, Table):
            numbers = memory.values.reshape(-1).tolist()
            memory = Buffer(memory.dtype, [literal(memory.dtype, number) for number in numbers])
        return Tensor(Modes.of(layout, int(offset)), memory)

    @staticmethod
    def recast_tensor(t: Tensor, element: Dtype) -> Tensor:
        # All of an array, which has no gaps.
        own, memory = t.buffer, memory_of(element, 0)
        memory.values, memory.errors = own.values, own.errors
        return Tensor(Modes.of(Layout(t.size() * own.space // memory.space)), memory)

    def threadgroup_alloc(self, dtype: Dtype, size: int) -> Buffer:
        shared = self._launch.threadgroup(self._thread).shared
        # The first thread that comes makes it.
        with self._launch.lock:
            if self._allocated == len(shared):
                shared.append(memory_of(dtype, size))
            self._allocated += 1
            return shared[self._allocated - 1]

    @staticmethod
    def register_tensor(shape: Any, dtype: Dtype, fill: Any = 0) -> Buffer:
        extents = shape if isinstance(shape, tuple) else (shape,)
        if isinstance(dtype, VectorType):
            array = memory_of(dtype, math.prod(extents))
        else:
            array = Registers(dtype.name, [None] * math.prod(extents), extents)
        if fill is not None:
            for position in builtins.range(math.prod(extents)):
                array[position] = fill
        return array

    @staticmethod
    def load_if(buf: Buffer, index: Any, mask: Any, default: Any = 0) -> Num:
        if mask:
            return buf[index]
        other = as_num(default, buf.dtype).to(buf.dtype)
        return Num(buf.dtype, other.lanes * buf.lanes) if isinstance(buf, Vectors) else other

    @staticmethod
    def store_if(buf: Buffer, index: Any, value: Any, mask: Any) -> None:
        if mask:
            buf[index] = value

    def barrier(self, mem_flags: str = "mem_threadgroup") -> None:
        self._launch.threadgroup(self._thread).exchange(self._thread, None)

    def simd_barrier(self, mem_flags: str = "mem_threadgroup") -> None:
        self._launch.group("simd", self._thread).exchange(self._thread, None)

    def _meet_in_simdgroup(self) -> None:
        self.simd_barrier()

    def _meet_in_threadgroup(self) -> None:
        self.barrier()

    def copy(self, src: Any, dst: Any, *operands: Any, **options: Any) -> None:
        if isinstance(src, TiledMma):
            self._copy_of_product(dst, *operands)
        else:
            super().copy(src, dst, *operands, **options)

    def pipeline(self, dtype: Dtype, size: int, stages: int = 2) -> Pipeline:
        return Pipeline([self.threadgroup_alloc(dtype, size) for _ in builtins.range(stages)])

    def async_copy_1d_d2t(
        self, dst: Buffer, dst_offset: Any, src: Buffer, src_offset: Any, count: Any
    ) -> None:
        self.async_copy_2d_d2t(dst, dst_offset, 0, src, src_offset, 0, count, 1)

    def async_copy_2d_d2t(
        self,
        dst: Buffer,
        dst_offset: Any,
        dst_elements_per_row: Any,
        src: Buffer,
        src_offset: Any,
        src_elements_per_row: Any,
        tile_cols: Any,
        tile_rows: Any,
    ) -> None:
        """Every thread makes the whole of it, with those of its SIMD group."""
        self._meet_in_simdgroup()
        for row in builtins.range(int(tile_rows)):
            for column in builtins.range(int(tile_cols)):
                target = int(dst_offset) + row * int(dst_elements_per_row) + column
                dst[target] = src[int(src_offset) + row * int(src_elements_per_row) + column]
        self._meet_in_simdgroup()

    async_copy_1d_t2d = async_copy_1d_d2t
    async_copy_2d_t2d = async_copy_2d_d2t

    def async_copy_wait(self, *copies: None) -> None:
        self._meet_in_simdgroup()

    def function_constant(self, dtype: Dtype, index: int, default: Any = None) -> Num:
        return dtype(self._launch.constants.get(index, default))

    def _collective(self, group: str, function: str, *operands: Any) -> Num:
        width = {"simd": SIMD, "quad": QUAD}.get(group, self._launch.block)
        meeting_place = self._launch.group(group, self._thread)
        members = meeting_place.exchange(self._thread, operands)
        return _collected(function, members, self._thread, width)


def _collected(function: str, members: dict[int, Any], thread: int, width: int) -> Num:
    """What a thread gets of the operands that all members of its group bring."""
    order = sorted(members)
    place = order.index(thread)
    mine = members[thread]
    if function in ("all", "any"):
        return Num("b1", [{"all": all, "any": any}[function](members[m][0] for m in order)])
    if function == "ballot":
        return Num("u64", [sum(1 << k for k, m in enumerate(order) if members[m][0])])
    if function == "is_first":
        return Num("b1", [place == 0])
    if function == "active_threads_mask":
        return Num("u64", [(1 << len(order)) - 1])
    x: Num = exact(mine[0])
    values = [members[m][0] for m in order]
    if function.startswith(("shuffle", "broadcast")):
        source = _source(function, mine, place, width)
        if isinstance(source, int):
            return Num(x.dtype, values[source].lanes)
        fill = [members[m][1] for m in order]
        return Num(x.dtype, (fill if source[0] else values)[source[1]].lanes)
    columns = zip(*(value.lanes for value in values), strict=True)
    if function.startswith("prefix"):
        _, kind, function = function.split("_")
        end = place + (kind == "inclusive")
        columns = iter([column[:end] for column in columns])
    reduce: dict[str, Callable[[Any], Any]] = {
        "sum": sum,
        "product": math.prod,
        "min": min,
        "max": max,
        "and": lambda column: int(np.bitwise_and.reduce([int(v) for v in column])),
        "or": lambda column: int(np.bitwise_or.reduce([int(v) for v in column])),
        "xor": lambda column: int(np.bitwise_xor.reduce([int(v) for v in column])),
    }
    found = [reduce[function](column) for column in columns]
    if x.dtype in FLOATS:
        return Num(x.dtype, found)
    return mapped(x.dtype, lambda value: value, Num("i128", found))


def _source(function: str, mine: Any, place: int, width: int) -> int | tuple[bool, int]:
    """Which member a thread gets the value of; and whether its filling, where there is one."""
    if function == "broadcast_first":
        return 0
    operand = int(mine[-1])
    if "fill" in function:
        delta, modulo = (int(mine[2]), int(mine[3]) if len(mine) > 3 else width)
        row, at = divmod(place, modulo)
        wanted = at - delta if function.endswith("up") else at + delta
        return not 0 <= wanted < modulo, row * modulo + wanted % modulo
    if function in ("shuffle", "broadcast"):
        return operand
    if function == "shuffle_xor":
        return place ^ operand
    wanted = place - operand if function.endswith("up") else place + operand
    if "rotate" in function:
        return wanted % width
    if not 0 <= wanted < width:
        raise Mistake("a shuffle reads a thread that is none")
    return wanted


def _fused(x: float, y: float, z: float) -> float | Fraction:
    """Give x * y + z, rounded by whoever takes it; a sum of zeros has the sign of both, or is 0."""
    exact = Fraction(x) * Fraction(y) + Fraction(z)
    if exact:
        return exact
    return z + x * y if z == 0 else 0.0


def _float_function(name: str, *operands: Any) -> Num:
    values = meeting(operands)
    dtype = values[0].dtype
    if dtype in INTEGERS or dtype == "b1":
        exactly: dict[str, Callable[..., int]] = {"abs": abs, "max": max, "min": min}
        return mapped(other_dtype(values[0]), exactly[name], *values)
    if name == "fma":
        return mapped(dtype, _fused, *values)
    lanes = list(zip(*(value.lanes for value in values), strict=True))
    if name in _CHOOSING:
        for lane in lanes:
            others = (0.0,) if name in ("saturate", "fdim") else ()
            zeros = {math.copysign(1, x) for x in (*lane, *others) if x == 0}
            if len(zeros) > 1:
                raise Undefined("one of two zeros is chosen")
    with np.errstate(all="ignore"):
        found = [float(_REFERENCE[name](*map(np.float64, lane))) for lane in lanes]
    result = mapped(dtype, lambda x: x, Num(dtype, found, 0.0, shape_of(values)))
    if name not in ROUNDED:
        scale = max(abs(x) for lane in lanes for x in lane) if name in _CANCELLING else 0.0
        result.error = near(result, ULPS[dtype], scale)
    return result


def _packing(name: str, *operands: Any) -> Num:
    """Pack or unpack the bits of an integer."""
    values = [exact(operand) for operand in operands]
    if name in ("pack_uint8x4", "pack_int4x2"):
        width, result = (8, "u32") if name == "pack_uint8x4" else (4, "u8")
        fields = [[value.value for value in values]]
        return Num(result, [int(reference.joined(np.array(fields), (width,) * len(values))[0])])
    (value,) = values
    if name in ("unpack_uint8x4", "unpack_int4x2"):
        widths, signed, result = ((8,) * 4, False, "u8")
        if name == "unpack_int4x2":
            widths, signed, result = ((4,) * 2, True, "i8")
        (found,) = reference.taken(np.array([value.value]), widths, signed)
        return Num(result, [int(lane) for lane in found])
    if name.startswith("pack_"):
        form = name.rpartition("_")[2]
        rows = np.array([value.lanes], np.float32)
        packed = reference.joined(reference.packed_fields(form, rows), reference.PACKED[form][0])
        return Num("u32", [int(packed[0]) % (1 << 32)])
    form, _, kind = name.removeprefix("unpack_").partition("_to_")
    (numbers,) = reference.unpacked(form, np.array([value.value]))
    dtype = "f32" if kind == "float" else "f16"
    result_value = Num(dtype, [rounded(dtype, float(lane)) for lane in numbers])
    result_value.error = near(result_value, 8.0, 1e-4)
    return result_value


def _geometry(name: str, *operands: Any) -> Num:
    values = [exact(operand) for operand in operands]
    dtype = values[0].dtype
    rows = [np.array([value.lanes if len(value.lanes) > 1 else value.value]) for value in values]
    function, scale = reference.GEOMETRY[name]
    found = np.asarray(function(*rows), np.float64).reshape(-1)
    result = mapped(dtype, lambda x: x, Num(dtype, [float(x) for x in found]))
    result.error = near(result, ULPS[dtype], float(np.max(scale(*rows))))
    return result


def _integer_function(name: str, *operands: Any) -> Num:
    values = meeting(operands)
    dtype = values[0].dtype
    if name == "rotate":
        values = widened([exact(operands[0]), as_num(operands[1], operands[0].dtype)])
        values[1] = values[1].to(values[0].dtype)
        dtype = values[0].dtype
    result = dtype
    if name in ("abs_diff", "abs_diff_unary"):
        result = f"u{bits_of(dtype)}"
    reach = Exact(dtype, 0)
    if name == "idiv" and 0 in values[1].lanes:
        raise Undefined("a division by zero")
    function = reference.INTEGER[name]
    found = [function(reach, *lane) for lane in zip(*(v.lanes for v in values), strict=True)]
    shape = shape_of(values)
    if name == "idiv" or (name == "mad_hi" and dtype not in UNSIGNED):
        return mapped(dtype, lambda x: x, Num("i128", found, 0.0, shape))
    return Num(result, [brought(result, value, "i128") for value in found], 0.0, shape)


def _unsigned_comparison(name: str, x: Any, y: Any) -> Num:
    a, b = meeting((x, y))
    modulus = 1 << bits_of(a.dtype)
    function = reference.UNSIGNED_COMPARISON[name]
    return mapped("b1", lambda p, q: function(p % modulus, q % modulus), a, b)


class Launch:
    """The threads of a kernel, and where they meet."""

    def __init__(self, threads: int, block: int, constants: dict[int, Any]) -> None:
        self.threads, self.block, self.constants = threads, block, constants
        self.lock = threading.Lock()
        self.memory: dict[tuple[int, str], Buffer] = {}
        self._groups: dict[tuple[str, int], Meeting] = {}

    def group(self, kind: str, thread: int) -> Meeting:
        """The group of a kind that a thread belongs to."""
        first, lane = divmod(thread, self.block)
        width = {"simd": SIMD, "quad": QUAD}.get(kind, self.block)
        number = first * self.block + lane // width * width
        with self.lock:
            if (kind, number) not in self._groups:
                left = self.block - lane // width * width
                self._groups[kind, number] = Meeting(min(width, left))
            return self._groups[kind, number]

    def given(self, thread: int, name: str, dtype: str, size: int) -> Buffer:
        """The array of the threadgroup of a thread that a parameter is."""
        with self.lock:
            key = thread // self.block, name
            return self.memory.setdefault(key, Buffer(dtype, [None] * size))

    def threadgroup(self, thread: int) -> Meeting:
        """The threadgroup of a thread."""
        return self.group("threadgroup", thread)

    def stop(self) -> None:
        """Let nobody wait any more."""
        with self.lock:
            for group in self._groups.values():
                group.barrier.abort()


_MEETS = re.compile(
    r"enigma\.(simd|quad_|barrier|async|pipeline|Threadgroup|threadgroup_(alloc|"
    rf"{'|'.join(reference.REDUCTIONS)}))"
)
# Elements of an array whose length the launch chooses.
GIVEN_SIZE = 64


def evaluate(
    source: str, arguments: dict[str, Any], threads: int, block: int, constants: dict[int, Any]
) -> None:
    """Run the `kernel` of a module; what it writes is in its buffers afterwards."""
    code = _code(source)
    launch = Launch(threads, block, constants)

    def own(thread: int, name: str, thing: Any) -> Any:
        # An array of a threadgroup is told by its dtype.
        return (
            launch.given(thread, name, thing.name, GIVEN_SIZE)
            if isinstance(thing, Dtype)
            else thing
        )

    def run(thread: int) -> None:
        stand_in = Enigma(thread, launch)
        names = {"__name__": "reference", "enigma": stand_in, "_with": _with, "_column": _column}
        exec(code, names)
        for name, thing in names.items():
            if isinstance(thing, np.ndarray):
                names[name] = Table(thing)
        names["kernel"](**{name: own(thread, name, thing) for name, thing in arguments.items()})

    if not _MEETS.search(source):
        for thread in range(threads):
            run(thread)
        return
    raised: list[BaseException] = []

    def attempt(thread: int) -> None:
        try:
            run(thread)
        except BaseException as error:
            raised.append(error)
            launch.stop()

    workers = [threading.Thread(target=attempt, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if raised:
        raise raised[0]


class Host(Enigma):
    """What `enigma` is to a jit function: a kernel that it launches has run when it goes on."""

    jit = staticmethod(lambda function: function)

    def __init__(self, source: str, buffers: dict[str, Buffer], sizes: dict[str, int]) -> None:
        self._source, self._buffers = source, buffers
        # At a launch all sizes are known.
        self.dyn = sizes.__getitem__

    def kernel(self, function: Callable[..., Any]) -> Callable[..., Launcher]:
        def call(*arguments: Any) -> Launcher:
            return Launcher(self._source, function.__name__, arguments)

        return call

    def Tensor(  # noqa: N802
        self, name: str, index: int, dtype: Dtype, layout: Layout, base_offset: int = 0
    ) -> Tensor:
        return Tensor(Modes.of(layout, base_offset), self._buffers[name])

    @staticmethod
    def ceil_div(a: int, b: int) -> int:
        return -(-a // b)


class Launcher:
    """A kernel with its arguments."""

    def __init__(self, source: str, name: str, arguments: tuple[Any, ...]) -> None:
        self._source, self._name, self._arguments = source, name, arguments

    def launch(self, grid: Any, block: Any) -> None:
        """Run it."""
        groups, threads = (
            int(size[0] if isinstance(size, tuple) else size) for size in (grid, block)
        )
        launch = Launch(groups * threads, threads, {})
        tree = ast.parse(self._source)
        tree.body = [
            node
            for node in tree.body
            if not isinstance(node, ast.Assign)
            if not (isinstance(node, ast.FunctionDef) and node.name == "kernel")
        ]
        code = _code(ast.unparse(tree))
        for thread in range(launch.threads):
            names = {
                "__name__": "reference",
                "enigma": Enigma(thread, launch),
                "_with": _with,
                "_column": _column,
            }
            exec(code, names)
            names[self._name](*self._arguments)


def evaluate_program(source: str, buffers: dict[str, Buffer], sizes: dict[str, int]) -> None:
    """Run the jit function of a module; what its kernels write is in the buffers afterwards."""
    names: dict[str, Any] = {"__name__": "reference", "enigma": Host(source, buffers, sizes)}
    exec(_code(source), names)
    names["kernel"](*names["ARGUMENTS"])


def _with(vector: Num, name: str, value: Any) -> Num:
    return vector.with_lanes(name, value)


def _column(matrix: Matrix, position: Any, column: Any) -> Matrix:
    if not isinstance(column, Num):
        column = Num(matrix.dtype, column)
    return matrix.with_column(position, column)


def _code(source: str) -> CodeType:
    """Compile a module whose assignments to parts of `v1`, `m1`, ... give the variables others."""
    tree = _Vectors().visit(ast.parse(source))
    return compile(ast.fix_missing_locations(tree), "<reference>", "exec", dont_inherit=True)


class _Vectors(ast.NodeTransformer):
    """An assignment to a part of a value gives the variable another value."""

    @staticmethod
    def _is_part(target: ast.expr) -> bool:
        of = target.value if isinstance(target, (ast.Attribute, ast.Subscript)) else None
        if isinstance(target, ast.Attribute) and isinstance(of, ast.Name):
            return re.fullmatch(r"v\d+", of.id) is not None
        while isinstance(of, ast.Subscript):
            of = of.value
        return isinstance(of, ast.Name) and re.fullmatch(r"m\d+", of.id) is not None

    def _anew(self, target: Any, value: ast.expr) -> ast.stmt:
        while not isinstance(target, ast.Name):
            read = _read(target.value)
            if isinstance(target, ast.Attribute):
                arguments = [read, ast.Constant(target.attr), value]
            elif isinstance(target.value, ast.Name):
                value = ast.Call(ast.Name("_column", ast.Load()), [read, target.slice, value], [])
                target = target.value
                continue
            else:
                assert isinstance(target.slice, ast.Constant)
                letter = ast.Constant("xyzw"[target.slice.value])
                arguments = [read, letter, value]
            value = ast.Call(ast.Name("_with", ast.Load()), arguments, [])
            target = target.value
        return ast.Assign([ast.Name(target.id, ast.Store())], value)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        (target, *others) = node.targets
        return self._anew(target, node.value) if not others and self._is_part(target) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not self._is_part(node.target):
            return node
        return self._anew(node.target, ast.BinOp(_read(node.target), node.op, node.value))


def _read(target: ast.expr) -> ast.expr:
    """What is assigned to, as an expression."""
    return ast.parse(ast.unparse(target), mode="eval").body
