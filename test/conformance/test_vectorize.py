# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Vectorized kernels compute what their scalar form computes, to the last element."""

import operator
import runpy
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import NUMPY
from enigma import Scalar, b1, bf16, f16, f32, i8, i16, i32, i64, u8, u32, u64

BLOCK = 32


def vectorized(kernel: Any, width: int) -> enigma.CompiledKernel:
    compiled = enigma.compile(kernel, vec_width=width)
    assert compiled.elements_per_thread == width, compiled.metal_source
    harness.declare(compiled)
    return compiled


def groups(elements: int, compiled: enigma.CompiledKernel) -> int:
    """Threadgroups for `elements`, and one more: a guard has to keep it quiet."""
    return -(-elements // (compiled.elements_per_thread * BLOCK)) + 1


def launch(compiled: enigma.CompiledKernel, arguments: list[Any], grid: int) -> None:
    harness.run(compiled, compiled.kernel_name, arguments, grid=grid, block=BLOCK)


@enigma.kernel
def early_return(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if tid >= n:
        return
    C[tid] = A[tid] * 2.0 + enigma.sqrt(A[tid])


@enigma.kernel
def reversed_guard(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if n > tid:
        C[tid] = A[tid] - 1.0


@enigma.kernel
def negated_guard(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if not (tid >= n):
        C[tid] = A[tid] + tid.to(f32)


@enigma.kernel
def inclusive_guard(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if n > 0 and tid <= n - 1:
        C[tid] = A[tid] * A[tid]


@enigma.kernel
def wide_guard(A: f32, C: f32, n: Scalar(i64)):
    tid = enigma.thread_position_in_grid
    if tid < n:
        C[tid] = A[tid] + 3.0


@enigma.kernel
def stencil(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if tid > 0 and tid + 1 < n:
        C[tid] = A[tid - 1] + 2.0 * A[tid] + A[tid + 1]


@enigma.kernel
def reverse(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if tid < n:
        C[tid] = A[n - 1 - tid]


@enigma.kernel
def select(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if tid < n:
        x = A[tid]
        if x > 0.5:
            y = x - 0.5
        elif x < 0.25:
            y = -x
        else:
            y = 0.125
        C[tid] = y


@enigma.kernel
def polynomial(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if tid < n:
        acc = 0.0
        count = 0
        for k in enigma.range(n % 5):
            acc = acc * A[tid] + A[k]
            count += 1
        C[tid] = acc + count


@enigma.kernel
def in_place(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if tid < n:
        C[tid] = C[tid] + A[tid]


@enigma.kernel
def predicated(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    x = enigma.load_if(A, tid, tid < n, 1.0)
    enigma.store_if(C, tid, x * 2.0, tid < n)


@enigma.kernel
def predicated_neighbours(A: f32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    left = enigma.load_if(A, tid - 1, tid > 0 and tid <= n, 3.0)
    right = A[tid + 1] if tid + 1 < n else 5.0
    if tid < n:
        C[tid] = left - right
        if tid % 3 == 1:
            C[tid] = C[tid] + left


GUARDED = [
    early_return,
    reversed_guard,
    negated_guard,
    inclusive_guard,
    wide_guard,
    stencil,
    reverse,
    select,
    polynomial,
    in_place,
    predicated,
    predicated_neighbours,
]
COMPILED = {(kernel, width): vectorized(kernel, width) for kernel in GUARDED for width in (2, 4)}
SCALAR = {kernel: enigma.compile(kernel) for kernel in GUARDED}
for scalar_form in SCALAR.values():
    harness.declare(scalar_form)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 7, 8, 127, 128, 130, 255])
@pytest.mark.parametrize("kernel", GUARDED, ids=lambda kernel: kernel.__name__)
def test_a_guard_is_exact(kernel: Any, n: int):
    rng = np.random.default_rng(n)
    a = rng.random(max(n, 1), dtype=np.float32)
    before = rng.random(max(n, 1), dtype=np.float32)
    expected = before.copy()
    scalar = SCALAR[kernel]
    launch(scalar, [a, expected, n], groups(n, scalar))
    for width in (2, 4):
        compiled = COMPILED[kernel, width]
        found = before.copy()
        launch(compiled, [a, found, n], groups(n, compiled))
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("n", [-1, -(2**62), 2**31, 2**32, 2**32 + 1, 2**62])
def test_a_bound_of_64_bits(n: int):
    threads = 2 * BLOCK
    for width in (2, 4):
        compiled = COMPILED[wide_guard, width]
        a = np.arange(threads * width, dtype=np.float32)
        c = np.zeros_like(a)
        launch(compiled, [a, c, n], 2)
        np.testing.assert_array_equal(c, a + 3 if n > 0 else 0)


@pytest.mark.parametrize("n", [2**31 - 1, 2**31, 2**32 - 3, 2**32 - 2, 2**32 - 1])
@pytest.mark.parametrize("kernel", [early_return, inclusive_guard], ids=lambda k: k.__name__)
def test_a_bound_near_the_end_of_32_bits(kernel: Any, n: int):
    for width in (2, 4):
        compiled = COMPILED[kernel, width]
        a = np.arange(BLOCK * width, dtype=np.float32)
        c = np.zeros_like(a)
        launch(compiled, [a, c, n], 1)
        expected = a * 2 + np.sqrt(a) if kernel is early_return else a * a
        np.testing.assert_allclose(c, expected, rtol=1e-6)


def copy_kernel(dtype: Any) -> Any:
    @enigma.kernel
    def copy(A: dtype, C: dtype, n: Scalar(u32)):
        tid = enigma.thread_position_in_grid
        if tid < n:
            C[tid] = A[tid]

    return copy


DTYPES = {
    "f16": (f16, np.float16),
    "bf16": (bf16, np.uint16),
    "f32": (f32, np.float32),
    "i8": (i8, np.int8),
    "u8": (u8, np.uint8),
    "i16": (i16, np.int16),
    "u32": (u32, np.uint32),
    "i64": (i64, np.int64),
    "u64": (u64, np.uint64),
}
COPIES = {
    (name, width): vectorized(copy_kernel(dtype), width)
    for name, (dtype, _) in DTYPES.items()
    for width in (2, 4)
    if not (name in ("i64", "u64") and width == 4)
}


@pytest.mark.parametrize(("name", "width"), COPIES, ids=lambda value: str(value))
def test_elements_of_every_type(name: str, width: int):
    compiled = COPIES[name, width]
    n = 103
    bits = np.random.default_rng(width).integers(0, 256, 8 * n, dtype=np.uint8)
    a = bits.view(DTYPES[name][1])[:n].copy()
    c = np.zeros_like(a)
    launch(compiled, [a, c, n], groups(n, compiled))
    assert c.tobytes() == a.tobytes()


@enigma.kernel
def conversions(A: i32, B: u8, C: b1, D: i64, E: f16, n: Scalar(i32)):
    tid = enigma.thread_position_in_grid
    x = A[tid]
    q = x // 7
    r = x % -5
    D[tid] = q.to(i64) * r - tid
    C[tid] = (x < n) ^ (B[tid] > 100)
    E[tid] = B[tid].to(f16) / 4


CONVERSIONS = {width: vectorized(conversions, width) for width in (2, 4)}


@pytest.mark.parametrize("width", [2, 4])
def test_integers_bools_and_halves(width: int):
    n = BLOCK * width
    rng = np.random.default_rng(width)
    a = rng.integers(-1000, 1000, n, dtype=np.int32)
    b = rng.integers(0, 256, n, dtype=np.uint8)
    c = np.zeros(n, np.bool_)
    d = np.zeros(n, np.int64)
    e = np.zeros(n, np.float16)
    compiled = CONVERSIONS[width]
    launch(compiled, [a, b, c, d, e, -17], 1)
    np.testing.assert_array_equal(d, (a // 7).astype(np.int64) * (a % -5) - np.arange(n))
    np.testing.assert_array_equal(c, (a < -17) ^ (b > 100))
    np.testing.assert_array_equal(e, b.astype(np.float16) / 4)


@enigma.kernel
def gather(A: f32, places: u32, C: f32, n: Scalar(u32)):
    tid = enigma.thread_position_in_grid
    if tid < n:
        C[places[tid]] = A[(tid * 3) % n]


GATHER = {width: vectorized(gather, width) for width in (2, 4)}


@pytest.mark.parametrize("width", [2, 4])
def test_gather_and_scatter(width: int):
    n = 101
    rng = np.random.default_rng(width)
    a = rng.random(n, dtype=np.float32)
    places = rng.permutation(n).astype(np.uint32)
    c = np.zeros(n, np.float32)
    compiled = GATHER[width]
    launch(compiled, [a, places, c, n], groups(n, compiled))
    expected = np.zeros(n, np.float32)
    expected[places] = a[np.arange(n) * 3 % n]
    np.testing.assert_array_equal(c, expected)


MATH: dict[str, Callable[[Any], Any]] = {
    name: getattr(enigma, name)
    for name in [
        "sqrt",
        "rsqrt",
        "abs",
        "ceil",
        "floor",
        "round",
        "trunc",
        "sign",
        "saturate",
        "fract",
        "exp",
        "exp2",
        "exp10",
        "log",
        "log2",
        "log10",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "sinpi",
        "cospi",
        "tanpi",
        "erf",
        "erfc",
    ]
}


def math_kernel(function: Callable[[Any], Any]) -> Any:
    @enigma.kernel
    def apply(A: f32, C: f32):
        tid = enigma.thread_position_in_grid
        C[tid] = function(A[tid])

    return apply


MATH_KERNELS = {name: math_kernel(function) for name, function in MATH.items()}
MATH_SCALAR = {name: enigma.compile(kernel) for name, kernel in MATH_KERNELS.items()}
MATH_VECTOR = {name: vectorized(kernel, 4) for name, kernel in MATH_KERNELS.items()}
for scalar_form in MATH_SCALAR.values():
    harness.declare(scalar_form)


@pytest.mark.parametrize("name", MATH)
def test_functions_of_vectors(name: str):
    a = np.linspace(0.05, 0.95, 4 * BLOCK, dtype=np.float32)
    if name == "acosh":
        a += 1
    scalar, vector = np.zeros_like(a), np.zeros_like(a)
    launch(MATH_SCALAR[name], [a, scalar], 4)
    launch(MATH_VECTOR[name], [a, vector], 1)
    np.testing.assert_allclose(vector, scalar, rtol=1e-6)


DIVISIONS = {
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "idiv": enigma.idiv,
}


@pytest.mark.parametrize("dtype", [i32, u32, i16, u8])
@pytest.mark.parametrize("name", DIVISIONS)
def test_guarded_division_is_not_computed_for_zero(name, dtype):
    divide = DIVISIONS[name]

    @enigma.kernel
    def guarded(A: dtype, B: dtype):
        i = enigma.thread_position_in_grid
        a = A[i]
        quotient = a
        if a > 0:
            quotient = divide(a + 7, a)
        B[i] = quotient

    compiled = enigma.compile(guarded, vec_width=4)
    inputs = np.arange(8).astype(NUMPY[str(dtype)])
    found = np.zeros_like(inputs)
    harness.run(compiled, args=[inputs, found], threads=8 // compiled.elements_per_thread)
    operation = operator.mod if name == "%" else operator.floordiv
    assert found.tolist() == [operation(a + 7, a) if a else 0 for a in range(8)]


def test_division_by_a_number_is_vectorized():
    @enigma.kernel
    def guarded(A: i32, B: i32):
        i = enigma.thread_position_in_grid
        a = A[i]
        B[i] = a % 3 + a // 5 if a > 2 else a

    compiled = vectorized(guarded, 4)
    inputs, found = np.arange(-4, 4, dtype=np.int32), np.zeros(8, np.int32)
    harness.run(compiled, args=[inputs, found], threads=2)
    assert found.tolist() == [a % 3 + a // 5 if a > 2 else a for a in inputs.tolist()]


# What a kernel does with element i, and which of 5 it stores; None if it cannot be asked for 5.
GUARDS = {
    "if i < n:\n    B[i] = A[i]": range(5),
    "if n > i and n > 3:\n    B[i] = A[i]": range(5),
    "if i >= n:\n    return\nB[i] = A[i]": range(5),
    "if i >= n:\n    pass\nelse:\n    B[i] = A[i]": range(5),
    "if i < 5:\n    B[i] = A[i]": range(5),
    "if n > 0 and i <= n - 1:\n    B[i] = A[i]": range(5),
    "if i.to(u64) < n.to(u64):\n    B[i] = A[i]": range(5),
    "if 1 <= i and i < n - 1:\n    B[i] = A[i - 1] + 1.0": range(1, 4),
    "enigma.store_if(B, i, enigma.load_if(A, i, i < n), i < n)": range(5),
    "if i + 1 < n:\n    B[i] = A[i]": range(4),
    "if n - i > 1:\n    B[i] = A[i]": range(4),
    "if i * 2 + 1 < n:\n    B[i] = A[i]": range(2),
    "if i // 2 < 2:\n    B[i] = A[i]": range(4),
    "if i >= n.to(i32):\n    return\nB[i] = A[i]": range(5),
    "if i.to(i32) < n.to(i32):\n    B[i] = A[i]": range(5),
    "if i < n and i < 4:\n    B[i] = A[i]": range(4),
    "if i >= n or i >= 3:\n    return\nB[i] = A[i]": range(3),
    "B[i] = A[i]": None,
    "if i != 2:\n    B[i] = A[i]": None,
    "if i >= 1 and i != 5:\n    B[i] = A[i]": None,
    "if i % 4 < n:\n    B[i] = A[i]": None,
    "if n > 3:\n    B[i] = A[i]": None,
    "if i >= 1:\n    B[i] = A[i]": None,
    "if i < n or n > 3:\n    B[i] = A[i]": None,
    "x = A[i]\nif i < n:\n    B[i] = x": None,
    "B[i] = A[i] if i < n else 0.0": None,
    "if i < n:\n    B[i] = A[i]\nA[i] = 0.0": None,
    "for j in enigma.range(2):\n    B[i] = A[i]": None,
}


@pytest.mark.parametrize("body", GUARDS)
def test_launches_of_a_number_of_elements_that_is_no_multiple(body, tmp_path):
    source = tmp_path / "guards.py"
    source.write_text(
        "import enigma\nfrom enigma import Scalar, f32, i32, u32, u64\n\n\n@enigma.kernel\n"
        "def kernel(A: f32, B: f32, n: Scalar(u32)):\n    i = enigma.thread_position_in_grid\n"
        + textwrap.indent(body, "    ")
    )
    compiled = enigma.compile(runpy.run_path(str(source))["kernel"], vec_width=4, emit_only=True)
    assert compiled.elements_per_thread == 4
    stored = GUARDS[body]
    assert compiled.is_guarded == (stored is not None)
    a, b = np.arange(8, dtype=np.float32), np.full(8, -1, np.float32)
    if stored is None:
        with pytest.raises(
            enigma.EnigmaError, match="threads=5; each of its threads has 4"
        ) as caught:
            compiled.launch(a[:5], b[:5], 5, threads=5, device="cpu")
        assert "launch a multiple of 4" in str(caught.value)
        assert (b == -1).all()
        compiled.launch(a, b, 8, threads=8, device="cpu")
        assert b[7] != -1
    else:
        compiled.launch(a[:5], b[:5], 5, threads=5, device="cpu")
        assert b.tolist() == [float(i) if i in stored else -1 for i in range(8)]
