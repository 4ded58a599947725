# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What launches are given: arrays of every kind, numbers, extents, and what is wrong with them."""

import array
import ctypes
import re
import struct

import numpy as np
import pytest

import enigma
from enigma import _arrays
from enigma.runtime.binding import pack
from enigma.runtime.device import Device, Executable


class Recorded(Executable):
    max_threads = 512

    def __init__(self, kernel, launches):
        self.kernel = kernel
        self.launches = launches

    def launch(self, arguments, grid, block, *, is_threads):
        self.launches.append((arguments, grid, block, is_threads))


class Recorder(Device):
    """A device that only keeps what it is given."""

    kind, name = "recorder", "Recorder"
    seconds = 0.0

    def __init__(self):
        super().__init__()
        self.launches = []

    def load(self, kernel, constants):
        return Recorded(kernel, self.launches)

    def synchronize(self):
        pass


DTYPES = {
    "f32": np.float32,
    "f16": np.float16,
    "b1": np.bool_,
    **{
        f"{k}{b}": np.dtype(f"{'u' if k == 'u' else ''}int{b}")
        for k in "iu"
        for b in (8, 16, 32, 64)
    },
}


def moving(dtype):
    dtype = getattr(enigma, dtype)

    @enigma.kernel
    def moved(A: dtype, B: dtype, s: enigma.Scalar(dtype)):
        i = enigma.thread_position_in_grid
        B[i] = A[i] if i > 0 else s

    return enigma.compile(moved, emit_only=True)


@pytest.mark.parametrize("dtype", [*DTYPES, "bf16"])
def test_dtypes(dtype):
    device, kernel = Recorder(), moving(dtype)
    own = np.dtype(DTYPES.get(dtype, np.uint16))
    a, b = np.zeros(4, own), np.zeros(4, own)
    kernel.launch(a, b, 1, threads=4, device=device)
    (memory, _, scalar), grid, _, is_threads = device.launches[0]
    assert (memory.address, memory.shape, memory.item_bytes) == (a.ctypes.data, (4,), own.itemsize)
    expected = np.array(1).astype(own) if dtype != "bf16" else np.uint16(0x3F80)
    assert scalar == expected.tobytes()
    assert (grid, is_threads) == ((4, 1, 1), True)
    for other, numpy_dtype in {**DTYPES, "f64": np.float64, "c64": np.complex64}.items():
        if other == dtype or (dtype, other) == ("bf16", "u16"):
            continue
        with pytest.raises(enigma.EnigmaError) as caught:
            kernel.launch(a, np.zeros(4, numpy_dtype), 1, threads=4, device=device)
        assert f"parameter 'B' takes an array of {dtype}, found one of" in str(caught.value)
        assert "help: convert it before the launch" in str(caught.value)


@pytest.mark.parametrize("dtype", [*DTYPES, "bf16"])
def test_scalars(dtype):
    dtype = getattr(enigma, dtype)
    if dtype.is_float:
        for value in (0.0, -0.0, 1.5, -2.25, float("inf"), float("nan"), 1e-7, dtype.largest):
            packed = pack(value, dtype)
            wide = packed if dtype.bits == 32 else b"\0\0" + packed
            code = "<e" if dtype is enigma.f16 else "<f"
            (back,) = struct.unpack(code, packed if dtype is enigma.f16 else wide)
            assert struct.pack("d", back) == struct.pack("d", dtype.round(value))
    elif dtype.is_integer:
        for value in (dtype.minimum, -1 if dtype.is_signed else 0, 1, dtype.maximum):
            back = int.from_bytes(pack(value, dtype), "little", signed=dtype.is_signed)
            assert back == value


def read(values):
    return _arrays.read(values)


def test_memory_of_arrays():
    x = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    cases = {
        "dense": (x, (2, 3, 4), (12, 4, 1), True, False),
        "transposed": (x.T, (4, 3, 2), (1, 4, 12), False, False),
        "sliced": (x[:, ::2, 1:], (2, 2, 3), (12, 8, 1), False, False),
        "backwards": (x[::-1], (2, 3, 4), (-12, 4, 1), False, False),
        "broadcast": (np.broadcast_to(x[0], (5, 3, 4)), (5, 3, 4), (0, 4, 1), False, True),
        "of one element": (x[:1, :1, :1], (1, 1, 1), (1, 1, 1), True, False),
        "without dimension": (np.array(3, np.int16), (), (), True, False),
        "empty": (x[:0], (0, 3, 4), (12, 4, 1), True, False),
        "windows": (
            np.lib.stride_tricks.sliding_window_view(x.reshape(-1), 3),
            (22, 3),
            (1, 1),
            False,
            True,
        ),
    }
    for name, (values, shape, strides, is_dense, overlaps) in cases.items():
        memory = read(values)
        assert memory.address == values.ctypes.data, name
        assert (memory.shape, memory.strides) == (shape, strides), name
        assert (memory.is_dense, memory.overlaps_itself) == (is_dense, overlaps), name
        assert memory.is_read_only is not values.flags.writeable, name
    assert read(x[:, ::2, 1:]).span_bytes == 2 * (12 + 8 + 2 + 1)


class Interface:
    """An array of a framework that has NumPy's protocol alone."""

    def __init__(self, values, **changes):
        self.values = values
        self.__array_interface__ = {**values.__array_interface__, **changes}

    def without(self, key):
        del self.__array_interface__[key]
        return self


class Capsule:
    """An array of a framework that has DLPack alone, of one of its forms."""

    def __init__(self, values, versioned):
        self.values, self.versioned = values, versioned

    def __dlpack__(self, **options):
        if not self.versioned:
            if "max_version" in options:
                raise TypeError("max_version is unknown")
            return self.values.__dlpack__()
        return self.values.__dlpack__(**options)


def test_protocols():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    frozen = x.copy()
    frozen.flags.writeable = False
    given = {
        "the array interface": Interface(x),
        "DLPack": Capsule(x, versioned=False),
        "DLPack 1": Capsule(x, versioned=True),
        "memoryview": memoryview(x),
        "ctypes": (ctypes.c_float * 12).from_buffer(x.reshape(-1)),
    }
    for name, values in given.items():
        memory = read(values)
        assert memory.address == x.ctypes.data, name
        assert (memory.dtype, memory.elements) == ("f32", 12), name
        assert not memory.is_read_only, name
    assert read(Capsule(frozen, versioned=True)).is_read_only
    assert read(Interface(frozen)).is_read_only
    assert read(b"abcd").is_read_only
    assert read(bytearray(4)).dtype == "u8"
    assert read(array.array("d", [1])).dtype == "f64"
    assert read(Interface(x, strides=(16, 4))).strides == (4, 1)
    for nothing in (None, 1, 1.0, "text", [1.0], (1.0,), {}, object(), int):
        assert read(nothing) is None, nothing


def test_memory_is_kept():
    """Resizing would free what a launch works on."""
    values = bytearray(16)
    memory = read(values)
    with pytest.raises(BufferError):
        values.extend(b"more")
    del memory
    values.extend(b"more")
    dlpack = Capsule(np.zeros(4, np.float32), versioned=True)
    memory = read(dlpack)
    address = memory.address
    del dlpack
    assert (ctypes.c_float * 4).from_address(address)[0] == 0


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32), x: enigma.Scalar(enigma.f16)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = A[i] + x


ADD = enigma.compile(add, emit_only=True)
F = np.zeros(8, np.float32)
FROZEN = np.zeros(8, np.float32)
FROZEN.flags.writeable = False
VECTORS = enigma.compile(add, emit_only=True, vec_width=4)


@enigma.kernel
def negate(A, B):
    i, j = enigma.thread_position_in_grid.x, enigma.thread_position_in_grid.y
    B[i, j] = -A[i, j]


@enigma.jit
def negated(A, B):
    negate(A, B).launch(grid=(enigma.size(A, mode=[0]), 1, 1), block=(1, 4, 1))


@enigma.jit
def taken_apart(*given):
    negate(*given).launch(grid=1, block=1)


def of_tensors(*layouts):
    return enigma.compile(
        negated,
        *(
            enigma.Tensor(name, i, "float", layout)
            for i, (name, layout) in enumerate(zip("AB", layouts, strict=True))
        ),
        emit_only=True,
    )


ROWS = of_tensors(*[enigma.Layout((8, 4), (4, 1))] * 2)
COLUMNS = of_tensors(enigma.Layout((8, 4), (1, 8)), enigma.Layout((8, 4), (4, 1)))
N, M = enigma.dyn("n"), enigma.dyn("m", div=4)
SYMBOLIC = of_tensors(enigma.Layout((N, M), (M, 1)), enigma.Layout((N, M), (1, N)))
R = np.zeros((8, 4), np.float32)


FOUR = enigma.vec(enigma.f32, 4)
PACKED = enigma.vec(enigma.f32, 3, packed=True)
HALF3 = "half3"


@enigma.kernel
def move(A: FOUR, B: PACKED, C: HALF3, v: enigma.Scalar("float3")):
    i = enigma.thread_position_in_grid
    A[i].xyz += B[i] + C[i].to(enigma.f32) + v


MOVE = enigma.compile(move, emit_only=True)


def of_vectors(layout):
    tensors = [enigma.Tensor(name, i, FOUR, layout) for i, name in enumerate("AB")]
    return enigma.compile(negated, *tensors, emit_only=True)


POINTS = of_vectors(enigma.Layout((8, 4), (4, 1)))
SPACED = of_vectors(enigma.Layout((8, 4), (8, 1)))
SIZED = of_vectors(enigma.Layout((N, M), (M, 1)))
P = np.zeros((8, 4, 4), np.float32)
A4, B3, C4 = np.zeros((8, 4), np.float32), np.zeros((8, 3), np.float32), np.zeros((8, 4), "f2")


class Torn:
    def __dlpack__(self, **options):
        raise RuntimeError("the tensor was freed")


GOOD = {
    "by position": (ADD, (F, F, 8, 1.0), dict(threads=8), (8, 1, 1), (256, 1, 1), True),
    "by name": (ADD, (F,), dict(x=1.0, n=8, B=F, threads=8), (8, 1, 1), (256, 1, 1), True),
    "NumPy's numbers": (
        ADD,
        (F, F, np.int64(8), np.float32(1)),
        dict(threads=8),
        (8, 1, 1),
        (256, 1, 1),
        True,
    ),
    "an array of no dimension": (
        ADD,
        (F, F, np.array(8), np.array(1.0)),
        dict(threads=8),
        (8, 1, 1),
        (256, 1, 1),
        True,
    ),
    "a grid": (ADD, (F, F, 8, 1.0), dict(grid=(2, 3), block=64), (2, 3, 1), (64, 1, 1), False),
    "two modes": (ADD, (F, F, 8, 1.0), dict(threads=(8, 3)), (8, 3, 1), (32, 3, 1), True),
    "three modes": (ADD, (F, F, 8, 1.0), dict(threads=(8, 3, 5)), (8, 3, 5), (32, 3, 2), True),
    "NumPy's extents": (
        ADD,
        (F, F, 8, 1.0),
        dict(threads=[np.int32(8)]),
        (8, 1, 1),
        (256, 1, 1),
        True,
    ),
    "vectors": (VECTORS, (F, F, 8, 1.0), dict(threads=9), (3, 1, 1), (256, 1, 1), True),
    "a tensor": (ROWS, (R, R), {}, (8, 1, 1), (1, 4, 1), False),
    "a tensor with strides": (
        COLUMNS,
        (np.zeros((4, 8), np.float32).T, R),
        {},
        (8, 1, 1),
        (1, 4, 1),
        False,
    ),
    "a tensor in a row": (ROWS, (np.zeros(32, np.float32), R), {}, (8, 1, 1), (1, 4, 1), False),
    "sizes of arrays": (
        SYMBOLIC,
        (R, np.zeros((4, 8), np.float32).T),
        {},
        (8, 1, 1),
        (1, 4, 1),
        False,
    ),
    "elements that are vectors": (
        MOVE,
        (A4, B3, C4, (1, 2, 3)),
        dict(threads=8),
        (8, 1, 1),
        (256, 1, 1),
        True,
    ),
    "a vector by value in an array": (
        MOVE,
        (A4, B3, C4, np.arange(3.0)),
        dict(threads=8),
        (8, 1, 1),
        (256, 1, 1),
        True,
    ),
    "rows of vectors": (
        MOVE,
        (P, np.zeros((2, 2, 2, 3), np.float32), C4, [1, 2, 3]),
        dict(threads=8),
        (8, 1, 1),
        (256, 1, 1),
        True,
    ),
    "a tensor of vectors": (POINTS, (P, P), {}, (8, 1, 1), (1, 4, 1), False),
    "a tensor of vectors in a row": (
        POINTS,
        (P.reshape(32, 4), P),
        {},
        (8, 1, 1),
        (1, 4, 1),
        False,
    ),
    "a tensor of vectors with strides": (
        SPACED,
        (np.zeros((8, 8, 4), np.float32)[:, :4],) * 2,
        {},
        (8, 1, 1),
        (1, 4, 1),
        False,
    ),
    "sizes of arrays of vectors": (SIZED, (P, P), {}, (8, 1, 1), (1, 4, 1), False),
    "sizes of arrays and by name": (
        SYMBOLIC,
        (R, np.zeros((4, 8), np.float32).T),
        dict(n=8),
        (8, 1, 1),
        (1, 4, 1),
        False,
    ),
}


@pytest.mark.parametrize("case", GOOD.values(), ids=GOOD)
def test_launches(case):
    kernel, arguments, options, grid, block, is_threads = case
    device = Recorder()
    kernel.launch(*arguments, device=device, **options)
    ((values, *launch),) = device.launches
    assert launch == [grid, block, is_threads]
    assert len(values) == kernel.num_params
    if kernel is MOVE:
        x, y, z = arguments[3]
        assert values[3] == struct.pack("<4f", x, y, z, 0)
    if kernel in (SYMBOLIC, SIZED):
        assert values[2:] == [struct.pack("<I", 8), struct.pack("<I", 4)]


# What its protocol says that is of another type than NumPy's.
ODD = {
    "no data": dict(data=None),
    "a list for a shape": dict(shape=[3]),
    "a shape that overflows": dict(shape=(1 << 63,)),
    "strides of floats": dict(strides=(4.0,)),
    "a number for a dtype": dict(typestr=4),
}

# Arrays whose protocol says what no array is.
UNUSABLE = {
    **{
        f"no {key}": (lambda key=key: Interface(F).without(key), f"has no '{key}'")
        for key in ("typestr", "shape", "data")
    },
    "no flag beside the address": (
        lambda: Interface(F, data=F.__array_interface__["data"][:1]),
        "its data is not an address and a flag",
    ),
    "elements of no bytes": (lambda: Interface(F, typestr="<f0"), "its elements take no bytes"),
    "booleans of no bytes": (lambda: Interface(F, typestr="|b0"), "its elements take no bytes"),
    "a negative extent": (lambda: Interface(F, shape=(-4,)), "it has a negative extent"),
}

BAD = {
    **{
        f"an array with {what}": (ADD, (make(), F, 8, 1), dict(threads=8), message)
        for what, (make, message) in UNUSABLE.items()
    },
    "an element of no bytes": (
        ADD,
        (np.zeros((), "V0"), F, 8, 1),
        dict(threads=8),
        "its elements take no bytes",
    ),
    "booleans of four bytes": (
        ADD,
        (Interface(F, typestr="|b4"), F, 8, 1),
        dict(threads=8),
        "found one of b32",
    ),
    **{
        f"an interface with {what}": (
            ADD,
            (Interface(F, **changes), F, 8, 1),
            dict(threads=8),
            "its __array_interface__ has a value of another type than it should",
        )
        for what, changes in ODD.items()
    },
    "no arguments": (ADD, (), dict(threads=8), "was not given 'A', 'B', 'n', 'x'"),
    "too few": (ADD, (F, F, 8), dict(threads=8), "was not given 'x'"),
    "too many": (ADD, (F, F, 8, 1, 2), dict(threads=8), "takes 4 arguments, and was given 5"),
    "an unknown name": (ADD, (F, F, 8, 1), dict(y=1, threads=8), "has no parameter 'y'"),
    "twice": (ADD, (F, F, 8, 1), dict(A=F, threads=8), "was given 'A' twice"),
    "a list": (ADD, ([1.0], F, 8, 1), dict(threads=8), "'A' takes an array of f32, found list"),
    "None": (ADD, (None, F, 8, 1), dict(threads=8), "'A' takes an array of f32, found NoneType"),
    "a number": (ADD, (1.0, F, 8, 1), dict(threads=8), "'A' takes an array of f32, found float"),
    "a wrong dtype": (ADD, (F.astype(int), F, 8, 1), dict(threads=8), "found one of i64"),
    "objects": (ADD, (F.astype(object), F, 8, 1), dict(threads=8), "found one of object"),
    "big-endian": (ADD, (F.astype(">f4"), F, 8, 1), dict(threads=8), "found one of big-endian f32"),
    "records": (
        ADD,
        (np.zeros(3, [("a", "f4")]), F, 8, 1),
        dict(threads=8),
        "takes an array of f32, found one",
    ),
    "dates": (
        ADD,
        (np.zeros(3, "M8[s]"), F, 8, 1),
        dict(threads=8),
        "whose memory it does not give",
    ),
    "unaligned strides": (
        ADD,
        (np.zeros(3, [("a", "i1"), ("b", "f4")])["b"], F, 8, 1),
        dict(threads=8),
        "its strides are no multiples of its elements",
    ),
    "freed": (ADD, (Torn(), F, 8, 1), dict(threads=8), "does not give: the tensor was freed"),
    "read-only": (
        ADD,
        (F, FROZEN, 8, 1),
        dict(threads=8),
        "that it writes, found one that is read-on",
    ),
    "not contiguous": (
        ADD,
        (F[::2], F, 8, 1),
        dict(threads=8),
        "contiguous, found the strides (2,)",
    ),
    "on another device": (
        ADD,
        (type("Cuda", (), {"__cuda_array_interface__": F.__array_interface__})(), F, 8, 1),
        dict(threads=8),
        "in memory of the recorder device, found one in that of cuda",
    ),
    "a text for a scalar": (
        ADD,
        (F, F, "8", 1),
        dict(threads=8),
        "'n' takes a number (u32, by value)",
    ),
    "an array for a scalar": (ADD, (F, F, F, 1), dict(threads=8), "found ndarray"),
    "a fraction": (ADD, (F, F, 8.5, 1), dict(threads=8), "8.5: u32 holds whole numbers only"),
    "negative": (ADD, (F, F, -1, 1), dict(threads=8), "-1: u32 holds 0 to 4294967295"),
    "too large": (ADD, (F, F, 2**32, 1), dict(threads=8), "u32 holds 0 to 4294967295"),
    "NaN for an int": (
        ADD,
        (F, F, float("nan"), 1),
        dict(threads=8),
        "u32 has no infinity and no NaN",
    ),
    "overflow": (ADD, (F, F, 8, 1e6), dict(threads=8), "the largest f16 is 65504"),
    "complex": (ADD, (F, F, 8, 1j), dict(threads=8), "found complex"),
    "neither threads nor grid": (ADD, (F, F, 8, 1), {}, "was given neither threads nor grid"),
    "threads and grid": (
        ADD,
        (F, F, 8, 1),
        dict(threads=8, grid=1),
        "was given both threads and grid",
    ),
    "no threads": (ADD, (F, F, 8, 1), dict(threads=0), "every extent must be from 1"),
    "negative threads": (ADD, (F, F, 8, 1), dict(threads=-8), "every extent must be from 1"),
    "a fraction of threads": (ADD, (F, F, 8, 1), dict(threads=8.5), "8.5 is no int"),
    "threads as text": (ADD, (F, F, 8, 1), dict(threads="8"), "'8' is no int"),
    "true threads": (ADD, (F, F, 8, 1), dict(threads=True), "True is no int"),
    "four modes": (ADD, (F, F, 8, 1), dict(threads=(1, 1, 1, 1)), "has 4 extents, not 1 to 3"),
    "no modes": (ADD, (F, F, 8, 1), dict(threads=()), "has 0 extents, not 1 to 3"),
    "huge threads": (ADD, (F, F, 8, 1), dict(threads=2**40), "every extent must be from 1"),
    "a huge block": (
        ADD,
        (F, F, 8, 1),
        dict(threads=8, block=513),
        "has at most 512 on this device",
    ),
    "an empty block": (ADD, (F, F, 8, 1), dict(threads=8, block=0), "every extent must be from 1"),
    "threads for a jit kernel": (ROWS, (R, R), dict(threads=8), "has a launch of its own"),
    "a grid for a jit kernel": (ROWS, (R, R), dict(grid=8), "has a launch of its own"),
    "a wrong shape": (
        ROWS,
        (R.T.copy(), R),
        {},
        "a tensor of shape (8, 4) and stride (4, 1), found shape (4, 8)",
    ),
    "a wrong rank": (
        ROWS,
        (R.reshape(2, 4, 4), R),
        {},
        "found shape (2, 4, 4) with stride (16, 4, 1)",
    ),
    "wrong strides": (ROWS, (R, np.zeros((4, 8), np.float32).T), {}, "with stride (1, 8)"),
    "backwards": (ROWS, (R[::-1], R), {}, "with stride (-4, 1)"),
    "too small a row": (ROWS, (np.zeros(31, np.float32), R), {}, "found shape (31,)"),
    "sizes that differ": (
        SYMBOLIC,
        (R, np.zeros((4, 6), np.float32).T),
        {},
        "takes n = 8 as its extent 0 (extent 0 of A is 8), found 6",
    ),
    "a size by name that differs": (
        SYMBOLIC,
        (R, np.zeros((4, 8), np.float32).T),
        dict(n=9),
        "takes n = 9 as its extent 0 (n=9)",
    ),
    "a size that is no multiple": (
        SYMBOLIC,
        (np.zeros((8, 6), np.float32), np.zeros((6, 8), np.float32).T),
        {},
        "parameter 'm' takes a multiple of 4, found 6",
    ),
    "a size of text": (
        SYMBOLIC,
        (R, np.zeros((4, 8), np.float32).T),
        dict(n="8"),
        "takes an int, a size of tensors",
    ),
    "an empty tensor": (
        SYMBOLIC,
        (np.zeros((0, 4), np.float32), np.zeros((4, 0), np.float32).T),
        {},
        "found 0",
    ),
    "scalars for vectors": (
        MOVE,
        (F, B3, C4, (1, 2, 3)),
        dict(threads=8),
        "'A' takes an array of f32 of shape (..., 4) whose rows are contiguous, found shape (8,)",
    ),
    "rows of 3 where 3 lanes take the space of 4": (
        MOVE,
        (A4, B3, np.zeros((8, 3), "f2"), (1, 2, 3)),
        dict(threads=8),
        "takes the space of 4 numbers; rows of 3 are enigma.vec(enigma.f16, 3, packed=True)",
    ),
    "rows of 4 for packed vectors of 3": (
        MOVE,
        (A4, A4, C4, (1, 2, 3)),
        dict(threads=8),
        "'B' takes an array of f32 of shape (..., 3)",
    ),
    "columns of vectors": (
        MOVE,
        (np.zeros((4, 8), np.float32).T, B3, C4, (1, 2, 3)),
        dict(threads=8),
        "whose rows are contiguous, found shape (8, 4) with stride (1, 8)",
    ),
    "every second vector": (
        MOVE,
        (np.zeros((16, 4), np.float32)[::2], B3, C4, (1, 2, 3)),
        dict(threads=8),
        "contiguous, found the strides (8, 1)",
    ),
    "unaligned vectors": (
        MOVE,
        (np.zeros(40, np.float32)[1:33].reshape(8, 4), B3, C4, (1, 2, 3)),
        dict(threads=8),
        "aligned to 16 bytes",
    ),
    "a dtype of other lanes": (
        MOVE,
        (A4.astype("f2"), B3, C4, (1, 2, 3)),
        dict(threads=8),
        "found one of f16",
    ),
    "too few lanes": (
        MOVE,
        (A4, B3, C4, (1, 2)),
        dict(threads=8),
        "'v' takes 3 numbers that f32 holds, found (1, 2)",
    ),
    "a number for a vector": (
        MOVE,
        (A4, B3, C4, 1),
        dict(threads=8),
        "'v' takes 3 numbers that f32 holds, found 1",
    ),
    "an array without dimensions for a vector": (
        MOVE,
        (A4, B3, C4, np.array(1.0)),
        dict(threads=8),
        "'v' takes 3 numbers that f32 holds, found array(1.)",
    ),
    "a text for a vector": (
        MOVE,
        (A4, B3, C4, "123"),
        dict(threads=8),
        "'v' takes 3 numbers that f32 holds, found '123'",
    ),
    "a tensor of vectors of a wrong shape": (
        POINTS,
        (np.zeros((4, 8, 4), np.float32), P),
        {},
        "a tensor of shape (8, 4) and stride (4, 1), found shape (4, 8) with stride (8, 1)",
    ),
    "too few vectors": (POINTS, (np.zeros((31, 4), np.float32), P), {}, "found shape (31,)"),
    "sizes of vectors in a row": (SIZED, (P.reshape(32, 4), P), {}, "found shape (32,)"),
    "sizes of vectors that differ": (
        SIZED,
        (P, np.zeros((8, 8, 4), np.float32)),
        {},
        "takes m = 4 as its extent 1",
    ),
    "elements that overlap": (
        COLUMNS,
        (np.zeros((4, 8), np.float32).T, np.lib.stride_tricks.as_strided(R, (8, 4), (16, 0))),
        {},
        "with stride (4, 0)",
    ),
}


class Interrupted:
    """An array whose protocol is stopped by Ctrl-C."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        if name == self.name:
            raise KeyboardInterrupt
        raise AttributeError(name)


@pytest.mark.parametrize("name", ["__array_interface__", "__cuda_array_interface__"])
def test_ctrl_c_is_no_array_that_cannot_be_read(name):
    with pytest.raises(KeyboardInterrupt):
        _arrays.read(Interrupted(name))
    with pytest.raises(KeyboardInterrupt):
        ADD.launch(Interrupted(name), F, 8, 1, threads=8, device=Recorder())


@pytest.mark.parametrize(("kernel", "arguments", "options", "message"), BAD.values(), ids=BAD)
def test_bad_launches(kernel, arguments, options, message):
    device = Recorder()
    with pytest.raises(enigma.EnigmaError, match=re.escape(message)) as caught:
        kernel.launch(*arguments, device=device, **options)
    assert device.launches == []
    assert kernel.kernel_name in str(caught.value)
    assert "\n  help: " in str(caught.value)


@pytest.mark.parametrize(("make", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_arrays_of_jit_functions_that_cannot_be_read(make, message):
    device = Recorder()
    for arguments in ((R, make()), ([R, make()],)):
        with pytest.raises(enigma.EnigmaError, match=re.escape(message)) as caught:
            taken_apart(*arguments, device=device)
        assert "_1 is an object of " in str(caught.value)
        assert "\n  help: " in str(caught.value)
    assert device.launches == []


def test_vectors_that_a_copy_does_not_align():
    def count(A: enigma.vec(enigma.i64, 4)):
        A[enigma.thread_position_in_grid] += 1

    def count_packed(A: enigma.vec(enigma.i64, 4, packed=True)):
        A[enigma.thread_position_in_grid] += 1

    memory = np.zeros(40, np.int64)
    first = next(i for i in range(4) if memory[i:].ctypes.data % 32 == 16)
    array = memory[first:][:32].reshape(8, 4)
    with pytest.raises(enigma.EnigmaError, match="aligned to 32 bytes") as caught:
        enigma.kernel(count).launch(array, threads=8, device="cpu")
    assert "declare packed vectors" in str(caught.value)
    assert "numpy.copy" not in str(caught.value)
    enigma.kernel(count_packed).launch(array, threads=8, device="cpu")
    assert (array == 1).all()


def test_unknown_devices(monkeypatch):
    for name in ("gpu", "", 3):
        with pytest.raises(enigma.EnigmaError, match="there is no device"):
            ADD.launch(F, F, 8, 1, threads=8, device=name)
    monkeypatch.setenv("ENIGMA_DEVICE", "vulkan")
    with pytest.raises(enigma.EnigmaError, match=r"no device 'vulkan' \(from ENIGMA_DEVICE\)"):
        ADD.launch(F, F, 8, 1, threads=8)


def test_kernels_are_loaded_once():
    device = Recorder()
    assert device.loaded(ADD).executable() is device.loaded(ADD).executable()
    assert device.loaded(ADD) is not device.loaded(VECTORS)


def test_programs():
    @enigma.jit
    def twice(A, B):
        negate(A, B).launch(grid=(enigma.size(A, mode=[0]), 1, 1), block=(1, 4, 1))
        negate(B, A).launch(grid=(2, 1, 1), block=(1, 4, 1))

    tensors = [
        enigma.Tensor(name, i, "float", enigma.Layout((N, M), (M, 1)))
        for i, name in enumerate("AB")
    ]
    program = enigma.compile(twice, *tensors, emit_only=True)
    device = Recorder()
    a, b = np.zeros((8, 4), np.float32), np.zeros((8, 4), np.float32)
    program.launch(a, B=b, device=device)
    assert [launch[1:] for launch in device.launches] == [
        ((8, 1, 1), (1, 4, 1), False),
        ((2, 1, 1), (1, 4, 1), False),
    ]
    for arguments, named, message in (
        ((a,), {}, "was not given 'B'"),
        ((a, b, a), {}, "takes 2 arguments, and was given 3"),
        ((a, b), {"C": a}, "'C' is no parameter of it"),
        ((a, b), {"A": a}, "'A' was given twice"),
        ((a, b), {"threads": 8}, "has a launch of its own"),
    ):
        with pytest.raises(enigma.EnigmaError, match=message):
            program.launch(*arguments, device=Recorder(), **named)


@enigma.kernel
def fill(A, value):
    i = enigma.thread_position_in_grid
    if i < A.size():
        A[i] = enigma.f32(value)


def blockwise():
    """A program of which no kernel has all sizes in its own arrays."""
    n, m, s = enigma.dyn("n"), enigma.dyn("m"), enigma.dyn("s")

    @enigma.jit
    def run(A, B, C, D):
        fill(B, n).launch(grid=1, block=32)
        fill(C, m).launch(grid=enigma.ceil_div(n, 32), block=32)
        fill(A, m).launch(grid=1, block=32)
        fill(D, 1.0).launch(grid=1, block=32)

    layouts = {
        "A": enigma.Layout((n,)),
        "B": enigma.Layout((enigma.ceil_div(n, 4), 1), (1, s)),
        "C": enigma.Layout((m,)),
        "D": enigma.Layout((m, 2), (s, 1)),
    }
    tensors = [enigma.Tensor(name, i, "float", x) for i, (name, x) in enumerate(layouts.items())]
    return enigma.compile(run, *tensors, emit_only=True)


def blockwise_arrays(n, m, b=None):
    b = -(-n // 4) if b is None else b
    return [np.zeros(shape, np.float32) for shape in (n, (b, 1), m, (m, 2))]


@pytest.mark.parametrize(("n", "m"), [(70, 3), (1, 1), (33, 32)])
def test_sizes_are_those_of_all_arrays_of_a_program(n, m):
    program = blockwise()
    a, b, c, d = arrays = blockwise_arrays(n, m)
    program.launch(*arrays, device="cpu")
    assert (b == n).all()
    assert (c == m).all()
    assert (a[:32] == m).all()
    assert (d.T.ravel()[:32] == 1).all()
    device = Recorder()
    program.launch(*arrays, n=n, m=m, s=2, device=device)
    assert [launch[1][0] for launch in device.launches] == [1, -(-n // 32), 1, 1]


def test_arrays_of_a_program_that_contradict_one_another():
    program = blockwise()
    a, b, c, d = blockwise_arrays(70, 3)
    for arrays, named, message in (
        ((a, b, np.zeros(4, np.float32), d), {}, r"m = 4 as its extent 0 \(extent 0 of C is 4\)"),
        ((*blockwise_arrays(70, 3, b=17),), {}, "as its extent 0, found 17"),
        ((a, b, c, d), {"n": 71}, r"n = 71 as its extent 0 \(n=71\), found 70"),
        ((a, b, c, d), {"n": 7.0}, "'n' takes an int, a size of tensors, found float 7.0"),
        ((a, b, c, d), {"k": 7}, "'k' is no parameter of it"),
    ):
        device = Recorder()
        with pytest.raises(enigma.EnigmaError, match=message) as caught:
            program.launch(*arrays, device=device, **named)
        assert device.launches == []
        if "k" in named:
            assert caught.value.help == "its parameters are: A, B, C, D, n, s, m"


def test_sizes_are_told_apart_however_they_are_given():
    """Extents are kept by the sizes they belong to."""

    @enigma.jit
    def by_rows(A, B):
        negate(A, B).launch(grid=(N, M // 4, 1), block=(1, 4, 1))

    layout = enigma.Layout((N, M), (M, 1))
    tensors = [enigma.Tensor(name, i, "float", layout) for i, name in enumerate("AB")]
    kernel = enigma.compile(by_rows, *tensors, emit_only=True)
    device = Recorder()
    wide, high = np.zeros((4, 8), np.float32), np.zeros((8, 4), np.float32)
    kernel.launch(wide, wide, device=device)
    kernel.launch(high, high, m=4, device=device)
    kernel.launch(wide, wide, m=8, device=device)
    kernel.launch(high, high, n=8, device=device)
    assert [launch[1] for launch in device.launches] == [(4, 2, 1), (8, 1, 1), (4, 2, 1), (8, 1, 1)]


@enigma.kernel
def with_memory(A, B, tile: enigma.Threadgroup(enigma.f32)):
    i = enigma.thread_position_in_threadgroup
    factor = enigma.function_constant(enigma.f32, 0, default=2.0)
    tile[i] = A[i] * factor
    enigma.barrier()
    B[i] = tile[31 - i]


def test_threadgroup_memory_and_function_constants():
    @enigma.kernel
    def plain(A: enigma.f32, B: enigma.f32, tile: enigma.Threadgroup(enigma.f32)):
        i = enigma.thread_position_in_threadgroup
        k = enigma.function_constant(enigma.i16, 3)
        tile[i] = A[i]
        enigma.barrier()
        B[i] = tile[31 - i] * k

    kernel = enigma.compile(plain, emit_only=True)
    device = Recorder()
    loads = []
    device.load = lambda kernel, constants: (
        loads.append(constants) or Recorded(kernel, device.launches)
    )
    options = dict(threads=32, block=32, device=device)
    kernel.launch(F, F, threadgroup_memory={"tile": 33}, constants={"k": -1}, **options)
    ((values, *_),) = device.launches
    assert values[2:] == [144]
    assert loads == [(("short", 3, b"\xff\xff"),)]
    for memory, constants, message in (
        (None, {"k": 1}, "was not told the length of the threadgroup array 'tile'"),
        ({"tile": 0}, {"k": 1}, "a length, an int of at least 1, found 0"),
        ({"tile": 1.5}, {"k": 1}, "a length, an int of at least 1, found 1.5"),
        ({"tile": 9000}, {"k": 1}, "needs 36000 bytes of threadgroup memory"),
        ({"tile": 32, "x": 1}, {"k": 1}, "has no threadgroup array 'x'"),
        ({"tile": 32}, None, "was not given the function constant 'k'"),
        ({"tile": 32}, {"k": 40000}, "40000: i16 holds -32768 to 32767"),
        ({"tile": 32}, {"k": "1"}, "it is no number"),
        ({"tile": 32}, {"k": 1, "y": 2}, "has no function constant 'y'"),
    ):
        with pytest.raises(enigma.EnigmaError, match=re.escape(message)):
            kernel.launch(F, F, threadgroup_memory=memory, constants=constants, **options)
    assert len(device.launches) == 1


def test_programs_take_function_constants():
    @enigma.jit
    def twice(A, B):
        for source, target in ((A, B), (B, A)):
            with_memory(source, target).launch(grid=1, block=32, threadgroup_memory={"tile": 32})
        negate(A, B).launch(grid=1, block=1)

    row = enigma.Layout((32, 1), (1, 32))
    tensors = [enigma.Tensor(name, i, "float", row) for i, name in enumerate("AB")]
    program = enigma.compile(twice, *tensors, emit_only=True)
    device = Recorder()
    loads = []
    device.load = lambda kernel, constants: (
        loads.append(constants) or Recorded(kernel, device.launches)
    )
    a = np.zeros((32, 1), np.float32)
    program.launch(a, a, constants={"factor": 3.0}, device=device)
    value = (("float", 0, struct.pack("<f", 3.0)),)
    assert loads == [value, value, ()]
    assert len(device.launches) == 3
    for options, message in (
        (dict(constants={"x": 1}), "twice has no function constant 'x'"),
        (dict(threadgroup_memory={"x": 1}), "twice has no threadgroup array 'x'"),
    ):
        with pytest.raises(enigma.EnigmaError, match=message):
            program.launch(a, a, device=device, **options)


@enigma.kernel
def scaled(A):
    k = enigma.function_constant(enigma.f32, 0)
    A[enigma.thread_position_in_grid] *= k


@enigma.jit
def scaled_twice(A):
    scaled(A).launch(grid=1, block=2)
    scaled(A).launch(grid=1, block=4)


def test_jit_functions_take_function_constants():
    array = np.ones(4, np.float32)
    scaled_twice(array, constants={"k": 3.0}, device="cpu")
    assert array.tolist() == [9, 9, 3, 3]
    # It is another value of the same kernel.
    scaled_twice(array, constants={"k": 2.0}, device="cpu")
    assert array.tolist() == [36, 36, 6, 6]
    for options, message in (
        ({}, "was not given the function constant 'k'"),
        (dict(constants={"x": 1}), "scaled_twice has no function constant 'x'"),
        (dict(constants={"k": 1}, threadgroup_memory={"x": 1}), "has no threadgroup array 'x'"),
    ):
        with pytest.raises(enigma.EnigmaError, match=message):
            scaled_twice(array, device="cpu", **options)
