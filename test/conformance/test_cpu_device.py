# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The CPU device computes what the MSL does, and its functions are accurate."""

# The annotations of kernels here are variables of the function that makes them.

import math
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import enigma
from enigma.runtime.cpu_device import CpuDevice

FOLDER = pathlib.Path(__file__).parent
# Their kernels run on the CPU device, with the assertions that hold for the MSL.
MODULES = ("control", "groups", "integers", "memory", "matrices")


@pytest.mark.parametrize("module", MODULES)
def test_kernels_of_the_conformance_tests(module):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [*command, str(FOLDER / f"test_emitted_{module}.py")],
        env={**os.environ, "ENIGMA_CONFORMANCE_DEVICE": "cpu"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout


def each(function):
    """A function of the C library for every element, in double precision."""
    return np.vectorize(function, otypes=[np.float64])


WHOLE = (-100.0, 100.0)
# The reference of a function, and the arguments that are drawn for it.
FUNCTIONS = {
    "exp": (np.exp, WHOLE),
    "exp2": (np.exp2, (-150.0, 130.0)),
    "exp10": (lambda x: np.power(10.0, x), (-46.0, 39.0)),
    "log": (np.log, (0.0, 4.0)),
    "log2": (np.log2, (0.0, 1e30)),
    "log10": (np.log10, (0.0, 1e5)),
    "sin": (np.sin, (-1e4, 1e4)),
    "cos": (np.cos, (-1e8, 1e8)),
    "tan": (np.tan, WHOLE),
    "asin": (np.arcsin, (-1.0, 1.0)),
    "acos": (np.arccos, (-1.0, 1.0)),
    "atan": (np.arctan, (-20.0, 20.0)),
    "sinh": (np.sinh, (-90.0, 90.0)),
    "cosh": (np.cosh, (-90.0, 90.0)),
    "tanh": (np.tanh, (-10.0, 10.0)),
    "asinh": (np.arcsinh, WHOLE),
    "acosh": (np.arccosh, (1.0, 100.0)),
    "atanh": (np.arctanh, (-1.0, 1.0)),
    "erf": (each(math.erf), (-4.0, 4.0)),
    "erfc": (each(math.erfc), (-4.0, 9.0)),
}
# Units in the last place, where it is more than a rounding: far arguments lose a few bits of their
# remainder, and the C library's own functions are not rounded as well.
BOUNDS = {"sin": 0.6, "cos": 0.6, "tan": 0.6, "erf": 1.5, "erfc": 2.5}
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-45, -1e-40, 1e-20, 1e-5, 3e38, -3e38]


def unary(name):
    function = getattr(enigma, name)

    @enigma.kernel
    def apply(A: enigma.f32, B: enigma.f32):
        tid = enigma.thread_position_in_grid
        B[tid] = function(A[tid])

    return enigma.compile(apply, emit_only=True, name=name)


def errors(found, exact):
    """The distances of numbers from exact ones, in units in the last place of these."""
    with np.errstate(all="ignore"):
        rounded = exact.astype(np.float32)
        unit = np.spacing(np.abs(np.where(np.isfinite(rounded), rounded, 1)).astype(np.float32))
        distance = np.abs(found.astype(np.float64) - exact) / unit.astype(np.float64)
    same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    # What is beyond the largest float is infinite, however far beyond.
    return np.where(same & ~np.isfinite(rounded), 0, distance)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_accurate(name):
    reference, (low, high) = FUNCTIONS[name]
    rng = np.random.default_rng(1)
    near = rng.standard_normal(2000) * 10.0 ** rng.integers(-30, 1, 2000)
    x = np.concatenate([SPECIAL, rng.uniform(low, high, 20_000), near]).astype(np.float32)
    found = np.zeros_like(x)
    unary(name).launch(x, found, threads=x.size)
    with np.errstate(all="ignore"):
        exact = reference(x.astype(np.float64))
    wrong = ~(errors(found, exact) <= BOUNDS.get(name, 0.52))
    shown = list(zip(x[wrong], found[wrong], exact[wrong], strict=True))
    assert not wrong.any(), (np.nanmax(errors(found, exact)), shown[:5])
    zeros = (exact == 0) & (x == 0)
    assert (np.signbit(found[zeros]) == np.signbit(exact[zeros])).all()


def test_powers_are_accurate():
    @enigma.kernel
    def powers(A: enigma.f32, B: enigma.f32, C: enigma.f32):
        tid = enigma.thread_position_in_grid
        C[tid] = enigma.pow(A[tid], B[tid])

    rng = np.random.default_rng(2)
    few = np.array([*SPECIAL, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 2.5, 1e10, 16777217.0], np.float32)
    x, y = (grid.reshape(-1) for grid in np.meshgrid(few, few))
    x = np.concatenate([x, rng.uniform(0, 20, 5000)]).astype(np.float32)
    y = np.concatenate([y, rng.uniform(-20, 20, 5000)]).astype(np.float32)
    found = np.zeros_like(x)
    enigma.compile(powers, emit_only=True).launch(x, y, found, threads=x.size)
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(np.float64), y.astype(np.float64))
    wrong = ~(errors(found, exact) <= 0.52)
    assert not wrong.any(), list(zip(x[wrong], y[wrong], found[wrong], exact[wrong], strict=True))


@enigma.kernel
def scaled(A: enigma.f32):
    A[0] = A[0] * enigma.function_constant(enigma.f32, 0, default=2.0)


def test_function_constants():
    compiled = enigma.compile(scaled, emit_only=True)
    name = compiled.function_constants[0].name
    for constants, expected in (({}, 6), ({name: 5}, 15), ({name: -1}, -3), ({name: 5}, 15)):
        a = np.array([3], np.float32)
        compiled.launch(a, threads=1, device="cpu", constants=constants)
        assert a[0] == expected


def test_text_of_metal_is_refused():
    @enigma.kernel
    def text(A: enigma.f32):
        A[0] = enigma.inline_msl("fast::exp({x})", result=enigma.f32, x=A[0], pure=True)

    compiled = enigma.compile(text, emit_only=True)
    with pytest.raises(enigma.EnigmaError, match=r"enigma_kernel_text .* text of Metal's"):
        compiled.launch(np.zeros(1, np.float32), threads=1, device="cpu")


@enigma.kernel
def telling(A: enigma.u32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if A[i] % 2 == 1:
        enigma.print("{:>3} of {:x}", i, A[i])
    enigma.assert_(A[i] < n, "{} is too much", A[i])


def tell(device, size=200, block=64):
    values = np.arange(size, dtype=np.uint32)
    compiled = enigma.compile(telling, emit_only=True, debug=True)
    compiled.launch(values, 198, threads=size, block=block, device=device)
    return values


def test_messages_come_in_the_order_of_threads():
    device, found = CpuDevice(), []
    device.log = lambda level, text: found.append((level, text))
    tell(device)
    said = [text for level, text in found if level == "info"]
    assert said == [f"{i:>3} of {i:x}" for i in range(1, 200, 2)]
    assert found[-4:-3] == [("info", "197 of c5")]
    levels = [level for level, _ in found]
    assert levels == ["info"] * 99 + ["fault", "info", "fault"]
    assert found[-1][1].endswith("199 is too much")


def test_messages_are_written_to_stderr(capfd):
    tell(CpuDevice(), size=2)
    captured = capfd.readouterr()
    assert captured.err == "  1 of 1\n"
    assert captured.out == ""


def test_messages_of_a_block_of_two_dimensions():
    @enigma.kernel
    def where(A: enigma.u32):
        x, y = enigma.thread_position_in_grid.x, enigma.thread_position_in_grid.y
        A[0] = 1
        enigma.print(x, y)

    device, found = CpuDevice(), []
    device.log = lambda level, text: found.append(text)
    enigma.compile(where, emit_only=True, debug=True).launch(
        np.zeros(1, np.uint32), threads=(3, 3), block=(2, 2), device=device
    )
    groups = [[(0, 0), (1, 0), (0, 1), (1, 1)], [(2, 0), (2, 1)], [(0, 2), (1, 2)], [(2, 2)]]
    assert found == [f"{x} {y}" for group in groups for x, y in group]


@enigma.kernel
def doubled(A: enigma.f32):
    i = enigma.thread_position_in_grid
    A[i] = A[i] * 2


def test_code_is_printed():
    compiled = enigma.compile(doubled, emit_only=True)
    text = compiled.llvm_ir(block=64)
    assert "define void @enigma_kernel_doubled(" in text
    assert "<32 x float>" in text
    assert compiled.llvm_ir(block=(64, 1, 1)) == text
    assert compiled.llvm_ir() == compiled.llvm_ir(block=256) != text
    assert "enigma_kernel_doubled:" in compiled.assembly()
    constant = enigma.compile(scaled, emit_only=True)
    name = constant.function_constants[0].name
    assert "5.000000e+00" in constant.llvm_ir(constants={name: 5})
    assert "5.000000e+00" not in constant.llvm_ir()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"block": 0}, "every extent must be from 1"),
        ({"block": 2.5}, "2.5 is no int"),
        ({"block": (64, 64)}, "has 4096 threads"),
        ({"constants": {"n": 1}}, "no function constant 'n'"),
    ],
)
def test_wrong_code_is_refused(options, message):
    with pytest.raises(enigma.EnigmaError, match=message):
        enigma.compile(doubled, emit_only=True).assembly(**options)


def test_threadgroup_arrays_of_a_launch():
    @enigma.kernel
    def turned(A, B, tile: enigma.Threadgroup(enigma.f32)):
        i = enigma.thread_position_in_threadgroup
        tile[i] = A[i]
        enigma.barrier()
        B[i] = tile[63 - i]

    @enigma.jit
    def run(A, B):
        turned(A, B).launch(grid=1, block=64, threadgroup_memory={"tile": 64})

    a, b = np.arange(64, dtype=np.float32), np.zeros(64, np.float32)
    run(a, b, device="cpu")
    assert (b == a[::-1]).all()
