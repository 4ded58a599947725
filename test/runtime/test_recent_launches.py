# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launches like earlier ones, which are not checked anew: they do the same, and refuse the same."""

import copy
import enum
import gc
import pickle
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from test_arguments import DTYPES, Recorder, moving

import enigma
from enigma.compiler import compilations
from enigma.runtime import launching

FACTOR = 2.0


@enigma.kernel
def saxpy(A: enigma.f32, B: enigma.f32, a: enigma.Scalar(enigma.f32), n: enigma.Scalar(enigma.u8)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = a * A[i] * FACTOR


@enigma.kernel
def negate_kernel(A, B):
    i = enigma.thread_position_in_grid.x
    B[i, 0] = -A[i, 0] * FACTOR


@enigma.jit
def negate(A, B, times=1):
    for _ in range(times):
        negate_kernel(A, B).launch(grid=(A.shape[0], 1, 1), block=1)
    negate_kernel(B, A).launch(grid=1, block=1)


def symbolic():
    n = enigma.dyn("n")
    layout = enigma.Layout((n, 8), (8, 1))
    tensors = [enigma.Tensor(name, i, "float", layout) for i, name in enumerate("AB")]
    return enigma.compile(negate, *tensors, emit_only=True)


X, Y = np.zeros((2, 16), np.float32)
ROWS = np.zeros((2, 4, 8), np.float32)


@pytest.fixture
def checked(monkeypatch):
    """Count the kernels whose launches are checked."""
    seen = []
    original = launching._checked

    def counted(loaded, *arguments):
        seen.append(loaded)
        return original(loaded, *arguments)

    monkeypatch.setattr(launching, "_checked", counted)
    return seen


def told(device):
    """Give what a device was launched with last."""
    arguments, *extents = device.launches[-1]
    return [
        (a.address, a.shape, a.strides, a.dtype) if hasattr(a, "address") else a for a in arguments
    ], extents


# What is launched, its arguments and how, with further arguments of the same kinds.
LAUNCHES = {
    "a kernel": (saxpy, (X, Y, 2.0, 8), {"threads": 8}, (Y, X, -0.0, 9)),
    "a compiled kernel": (
        enigma.compile(saxpy, emit_only=True),
        (X, Y, 2.0, 8),
        {"grid": (2, 1), "block": 4},
        (Y, X, 1e-7, 255),
    ),
    "a jit function": (negate, tuple(ROWS), {}, tuple(ROWS[::-1])),
    "a jit function with a number": (negate, (*ROWS, 2), {}, (*ROWS[::-1], 2)),
    "a program with sizes": (symbolic(), tuple(ROWS), {}, tuple(ROWS[::-1])),
}


@pytest.mark.parametrize(("what", "first", "options", "then"), LAUNCHES.values(), ids=LAUNCHES)
def test_they_are_launched_as_the_first_time(checked, what, first, options, then):
    device = Recorder()
    what.launch(*first, device=device, **options)
    count, launches = len(checked), len(device.launches)
    for arguments in (first, then, first):
        what.launch(*arguments, device=device, **options)
        assert len(checked) == count
        assert len(device.launches) % launches == 0
        fresh = Recorder()
        what.launch(*arguments, device=fresh, **options)
        count = len(checked)
        assert told(device) == told(fresh)


@pytest.mark.parametrize("kind", ["f16", "f32x2", "f32x4", "i64x4", "packed_i64x4"])
def test_arrays_that_are_aligned_otherwise(kind, checked):
    """What a launch needs of an address is what its kernel does, and no more."""
    *packed, name = kind.split("_")
    scalar, _, lanes = name.partition("x")
    element = getattr(enigma, scalar)
    element = enigma.vec(element, int(lanes), packed=bool(packed)) if lanes else element

    @enigma.kernel
    def of_elements(A: element, B: element):
        B[enigma.thread_position_in_grid] = A[0]

    @enigma.jit
    def of_arrays(A, B):
        of_elements(A, B).launch(grid=1, block=1)

    memory = np.zeros(512, np.uint8)
    memory = memory[-memory.ctypes.data % 64 :]

    def at(offset):
        shape = (2, int(lanes)) if lanes else (2,)
        own = memory[offset : offset + 64].view(DTYPES[scalar])
        return own[: np.prod(shape)].reshape(shape)

    whats = [
        (of_elements, {"threads": 1}),
        (enigma.compile(of_elements, emit_only=True), {"threads": 1}),
    ]
    whats += [] if lanes else [(of_arrays, {})]
    for what, options in whats:
        device = Recorder()
        what.launch(at(0), at(64), device=device, **options)
        checked.clear()
        for offset in (2, 4, 8, 16, 32, 64):
            count = len(device.launches)
            if offset % element.scalar.nbytes == 0 and offset % element.alignment == 0:
                what.launch(at(64), at(offset), device=device, **options)
                assert device.launches[count][0][1].address == at(offset).ctypes.data
                assert checked == []
            elif offset % element.scalar.nbytes == 0:
                with pytest.raises(enigma.EnigmaError, match="is aligned to"):
                    what.launch(at(64), at(offset), device=device, **options)
                assert len(device.launches) == count


def test_arguments_by_name(checked):
    device = Recorder()
    saxpy.launch(X, n=8, a=2.0, B=Y, threads=8, device=device)
    first, count = told(device), len(checked)
    saxpy.launch(X, n=8, a=2.0, B=Y, threads=8, device=device)
    assert (told(device), len(checked)) == (first, count)
    saxpy.launch(X, a=2.0, n=8, B=Y, threads=8, device=device)
    assert (told(device), len(checked)) == (first, count + 1)


@pytest.mark.parametrize("dtype", [*DTYPES, "bf16"])
def test_numbers(dtype, checked):
    kernel = moving(dtype)
    a = np.zeros(4, DTYPES.get(dtype, np.uint16))
    device, element = Recorder(), getattr(enigma, dtype)
    kernel.launch(a, a, 1, threads=4, device=device)
    numbers = [0, 1, -1, True, 0.0, -0.0, 1.5, 127, 128, 255, 256, -128, -129, 2**15, -(2**15) - 1]
    numbers += [2**31 - 1, 2**31, -(2**31) - 1, 2**32, 2**63 - 1, 2**63, -(2**63), 2**64 - 1, 2**64]
    numbers += [65504.0, 65520.0, 3.4028235e38, 3.4028236e38, 1e39, float("inf"), float("nan")]
    numbers += [np.float32(2.5), np.int64(3), np.bool_(True), "1", None]
    for number in numbers:
        results = []
        for launched in (device, Recorder()):
            try:
                kernel.launch(a, a, number, threads=4, device=launched)
                results.append(told(launched))
            except enigma.EnigmaError as error:
                results.append(str(error))
        assert results[0] == results[1], (element, number)


def read_only():
    array = np.zeros(16, np.float32)
    array.flags.writeable = False
    return array


def unaligned():
    return np.zeros(68, np.uint8)[2:66].view(np.float32)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((X, read_only(), 2.0, 8), {"threads": 8}),
        ((X, Y[::2], 2.0, 8), {"threads": 8}),
        ((X, unaligned(), 2.0, 8), {"threads": 8}),
        ((X, Y.astype(np.float64), 2.0, 8), {"threads": 8}),
        ((X, Y.astype(">f4"), 2.0, 8), {"threads": 8}),
        ((X, None, 2.0, 8), {"threads": 8}),
        ((X, SimpleNamespace(__array_interface__={"typestr": 4}), 2.0, 8), {"threads": 8}),
        ((X, Y, 2.0, 256), {"threads": 8}),
        ((X, Y, 2.0, 8.5), {"threads": 8}),
        ((X, Y, X, 8), {"threads": 8}),
        ((X, Y, 2.0), {"threads": 8}),
        ((X, Y, 2.0, 8, 9), {"threads": 8}),
        ((X, Y, 2.0, 8), {"threads": 8.0}),
        ((X, Y, 2.0, 8), {"threads": 8, "grid": 1}),
        ((X, Y, 2.0, 8), {"threads": 8, "block": 1024}),
        ((X, Y, 2.0, 8), {"threads": 8, "constants": {"c": 1}}),
        ((X, Y, 2.0, 8), {"threads": 8, "threadgroup_memory": {"t": 1}}),
        ((X, Y, 2.0, 8), {"threads": 8, "stream": 1}),
        ((X, Y, 2.0, 8), {}),
    ],
)
def test_what_is_refused_is_so_after_others(arguments, options):
    device = Recorder()
    for _ in range(2):
        saxpy.launch(X, Y, 2.0, 8, threads=8, device=device)
    for _ in range(2):
        with pytest.raises(enigma.EnigmaError):
            saxpy.launch(*arguments, device=device, **options)
    assert len(device.launches) == 2


def test_true_is_no_extent_though_it_equals_one():
    device = Recorder()
    saxpy.launch(X, Y, 2.0, 8, threads=1, device=device)
    saxpy.launch(X, Y, 2.0, 8, grid=(1, 1), device=device)
    for options in ({"threads": True}, {"grid": (True, 1)}, {"grid": (1, 1.0)}):
        with pytest.raises(enigma.EnigmaError):
            saxpy.launch(X, Y, 2.0, 8, device=device, **options)


class Eight(int):
    def __int__(self):
        return int(FACTOR) * 4


class Sized(enum.IntEnum):
    EIGHT = 8

    def __int__(self):
        return int(FACTOR) * 4


class Measured:
    shape = ()

    def item(self):
        return FACTOR * 4


def measured():
    pass


measured.item = Measured().item


@enigma.kernel
def of_a_constant(A: enigma.f32):
    c = enigma.function_constant(enigma.i32, 0)
    A[0] = c.to(enigma.f32)


@enigma.kernel
def constant_of_a_tensor(A):
    c = enigma.function_constant(enigma.i32, 0)
    A[0, 0] = c.to(enigma.f32)


@enigma.jit
def launching_with_a_constant(A):
    constant_of_a_tensor(A).launch(grid=1, block=1)


@enigma.kernel
def pitch_of_a_tensor(A):
    A[0, 0] = enigma.i32(A.layout.stride[0]).to(enigma.f32)


@enigma.jit
def launching_with_a_pitch(A):
    pitch_of_a_tensor(A).launch(grid=1, block=1)


PITCHED = enigma.Tensor("A", 0, "float", enigma.Layout((1, 8), (enigma.dyn("pitch"), 1)))
# What is launched with an array and a number that no function is compiled for.
NUMBERED = {
    "a kernel": (of_a_constant, {"threads": 1}, "constants"),
    "a compiled kernel": (
        enigma.compile(of_a_constant, emit_only=True),
        {"threads": 1},
        "constants",
    ),
    "a jit function": (launching_with_a_constant, {}, "constants"),
    "a size": (enigma.compile(launching_with_a_pitch, PITCHED, emit_only=True), {}, "pitch"),
}


@pytest.mark.parametrize(
    ("what", "options", "name", "number"),
    [
        (*described, number)
        for described in NUMBERED.values()
        for number in (Eight(8), Sized.EIGHT, Measured(), measured)
        # A size is a whole number.
        if described[2] == "constants" or isinstance(number, int)
    ],
)
def test_numbers_that_the_user_makes(monkeypatch, what, options, name, number):
    """They are made anew for each launch: nobody follows what makes them."""
    given = {name: number if name == "pitch" else {"c": number}}
    rows = np.zeros((1, 8), np.float32)
    for factor in (2.0, 2.0, 3.0):
        monkeypatch.setitem(globals(), "FACTOR", factor)
        what.launch(rows, device="cpu", **options, **given)
        assert rows[0, 0] == factor * 4


@pytest.mark.parametrize("name", ["threads", "grid", "block"])
@pytest.mark.parametrize("extent", [Eight(8), Sized.EIGHT, (Sized.EIGHT, 1), [Eight(8)]])
def test_extents_that_the_user_makes(monkeypatch, name, extent):
    device = Recorder()
    options = {"threads": 8, name: extent} if name == "block" else {name: extent}
    for factor in (2.0, 2.0, 3.0):
        monkeypatch.setitem(globals(), "FACTOR", factor)
        saxpy.launch(X, Y, 2.0, 8, device=device, **options)
        _, grid, block, _ = device.launches[-1]
        assert (block if name == "block" else grid)[0] == factor * 4


def test_lists_may_change():
    device, extent = Recorder(), [8]
    for threads in (8, 12):
        extent[0] = threads
        saxpy.launch(X, Y, 2.0, 8, threads=extent, device=device)
        assert device.launches[-1][1] == (threads, 1, 1)


def test_other_shapes_strides_and_numbers_of_a_jit_function():
    device = Recorder()
    column = np.zeros((16, 4), np.float32)
    for _ in range(2):
        for a, grid in ((ROWS[0], 4), (np.zeros((2, 8), np.float32), 2), (column[:, ::2], 16)):
            negate(a, a.copy(), device=device)
            assert device.launches[-2][1] == (grid, 1, 1)
    before = len(device.launches)
    negate(*ROWS, 3, device=device)
    negate(*ROWS, times=3, device=device)
    assert len(device.launches) == before + 8
    with pytest.raises(TypeError):
        negate(*ROWS, "3", device=device)


def test_a_jit_function_of_two_numbers_that_are_equal(compiled):
    @enigma.jit
    def of_number(A, x):
        negate_kernel(A, A).launch(grid=1, block=1)

    device = Recorder()
    for number in (1, 1.0, True, 0.0, -0.0):
        for _ in range(2):
            of_number(ROWS[0], number, device=device)
    assert len(compiled) == 5


def test_values_that_stay_as_they_are(compiled, checked):
    @enigma.jit
    def of_value(A, x):
        negate_kernel(A, A).launch(grid=1, block=1)

    made = [
        *(lambda kind=kind: kind(0) for kind in (np.float32, np.float64, np.int32, np.uint32)),
        lambda: np.float32(-0.0),
        lambda: np.int64(2**40),
        lambda: np.int64(2**40 + 1),
        lambda: range(1, 8, 2),
        lambda: range(1, 9, 2),
    ]
    made += [lambda: slice(1, 2), lambda: slice(1.0, 2), lambda: (slice(1, None), np.bool_(1))]
    device = Recorder()
    for number, make in enumerate(made, 1):
        for _ in range(3):
            of_value(ROWS[0], make(), device=device)
        assert len(compiled) == len(checked) == number


def test_each_device_has_its_own():
    first, second = Recorder(), Recorder()
    for device in (first, second, first, second):
        saxpy.launch(X, Y, 2.0, 8, threads=8, device=device)
    assert len(first.launches) == len(second.launches) == 2


@pytest.mark.parametrize("what", [saxpy, negate])
def test_changes_are_seen(monkeypatch, what, compiled):
    arguments, options = (ROWS, {}) if what is negate else ((X, Y, 2.0, 8), {"threads": 8})
    device = Recorder()
    for _ in range(2):
        what.launch(*arguments, device=device, **options)
    compiled.clear()
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    for _ in range(2):
        what.launch(*arguments, device=device, **options)
    assert compiled
    compiled.clear()
    compilations.forget()
    what.launch(*arguments, device=device, **options)
    assert compiled


def test_few_are_kept(checked):
    device = Recorder()
    for threads in range(1, 20):
        saxpy.launch(X, Y, 2.0, 8, threads=threads, device=device)
    checked.clear()
    saxpy.launch(X, Y, 2.0, 8, threads=19, device=device)
    saxpy.launch(X, Y, 2.0, 8, threads=12, device=device)
    assert checked == []
    saxpy.launch(X, Y, 2.0, 8, threads=1, device=device)
    assert len(checked) == 1


def test_arrays_are_let_go():
    class Array(np.ndarray):
        pass

    a = np.zeros(16, np.float32).view(Array)
    gone = weakref.ref(a)
    device = Recorder()
    saxpy.launch(a, Y, 2.0, 8, threads=8, device=device)
    device.launches.clear()
    del a
    gc.collect()
    assert gone() is None


def test_functions_are_let_go():
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = FACTOR

    @enigma.jit
    def launched(A):
        negate_kernel(A, A).launch(grid=1, block=1)

    device = Recorder()
    kernel.launch(X, threads=1, device=device)
    launched(ROWS[0], device=device)
    gone = [weakref.ref(kernel.function), weakref.ref(launched.function)]
    del kernel, launched
    gc.collect()
    assert [function() for function in gone] == [None, None]


def test_copies_have_none_of_them():
    compiled = enigma.compile(saxpy, emit_only=True)
    program = symbolic()
    before = compiled.to_json(), program.to_json()
    compiled.launch(X, Y, 2.0, 8, threads=8, device=Recorder())
    program.launch(*ROWS, device=Recorder())
    for kernel in program.kernels:
        kernel.launch(*ROWS, device=Recorder())
    assert (compiled.to_json(), program.to_json()) == before
    for one in (compiled, program):
        assert one.__recent__ is not None
        for other in (copy.copy(one), pickle.loads(pickle.dumps(one))):
            assert other.__recent__ is None
            assert other.to_json() == one.to_json()


def test_a_launch_within_a_launch():
    """Reading the memory of an array, and packing a number, may launch the same kernel."""

    class Launching:
        def __float__(self):
            saxpy.launch(X, Y, 1.0, 7, threads=8, device=device)
            return 3.0

        shape = ()

        def item(self):
            return float(self)

    device = Recorder()
    saxpy.launch(X, Y, 2.0, 8, threads=8, device=device)
    saxpy.launch(X, Y, Launching(), 8, threads=8, device=device)
    assert [np.frombuffer(values[2], np.float32)[0] for values, *_ in device.launches] == [2, 1, 3]
