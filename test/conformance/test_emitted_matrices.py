# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices of a SIMD group, from Python to numbers."""

import itertools
from typing import Any

import numpy as np
import pytest

import enigma
from conformance import emitted, harness
from conformance.emitted import Kernels, dtype_of, values_of

FLOATS = ("f32", "f16", "bf16")
KERNELS = Kernels()


def matrix(name: str, rng: np.random.Generator, rows: int = 8, cols: int = 8) -> Any:
    """Small whole numbers, whose products and sums every dtype has exactly."""
    values = rng.integers(-3, 4, rows * cols)
    return harness.to_bfloat(values) if name == "bf16" else values.astype(emitted.NUMPY[name])


def run(kernel: Any, *arrays: Any, block: int = 32, grid: int = 1) -> None:
    harness.run(kernel, args=list(arrays), grid=grid, block=block)


def product(elem: str, accumulator: str, transpose_a: bool, transpose_b: bool) -> Any:
    given, sums = dtype_of(elem), dtype_of(accumulator)

    @enigma.kernel
    def kernel(A: given, B: given, C: sums, D: sums):
        a = enigma.simdgroup_matrix_load(A, 8, transpose=transpose_a)
        b = enigma.simdgroup_matrix_load(B, 8, transpose=transpose_b)
        c = enigma.simdgroup_matrix_load(C, 8)
        enigma.simdgroup_matrix_store(enigma.simdgroup_multiply_accumulate(a, b, c), D, 8)

    return kernel


PAIRS = [(elem, sums) for elem in FLOATS for sums in dict.fromkeys((elem, "f32"))]
PRODUCTS = list(itertools.product(PAIRS, (False, True), (False, True)))
for (elem, sums), ta, tb in PRODUCTS:
    KERNELS.add(("product", elem, sums, ta, tb), product(elem, sums, ta, tb))


@pytest.mark.parametrize(("pair", "ta", "tb"), PRODUCTS)
def test_product(pair, ta, tb):
    elem, sums = pair
    rng = np.random.default_rng(1)
    a, b, c = matrix(elem, rng), matrix(elem, rng), matrix(sums, rng)
    d = matrix(sums, rng)
    run(KERNELS["product", elem, sums, ta, tb], a, b, c, d)
    x, y = (values_of(elem, m).reshape(8, 8).astype(np.float32) for m in (a, b))
    expected = (x.T if ta else x) @ (y.T if tb else y)
    expected = expected + values_of(sums, c).reshape(8, 8).astype(np.float32)
    np.testing.assert_array_equal(values_of(sums, d).reshape(8, 8).astype(np.float32), expected)


def accesses(elem: str) -> Any:
    given = dtype_of(elem)

    @enigma.kernel
    def kernel(A: given, B: given, stride: enigma.Scalar(enigma.u32)):
        lane = enigma.thread_index_in_simdgroup
        tile = enigma.threadgroup_alloc(given, 16 * 24)
        for i in enigma.range_constexpr(12):
            tile[lane + 32 * i] = 0
        enigma.barrier()
        a = enigma.simdgroup_matrix_load(A, stride, offset=2, origin=(8, 4))
        enigma.simdgroup_matrix_store(a, tile, 24, origin=(1, 3), transpose=True)
        enigma.barrier()
        b = enigma.simdgroup_matrix_load(tile, 24, origin=(1, 3))
        enigma.simdgroup_matrix_store(b, B, 8)

    return kernel


for elem in FLOATS:
    KERNELS.add(("accesses", elem), accesses(elem))


@pytest.mark.parametrize("elem", FLOATS)
def test_places_in_memory(elem):
    rng = np.random.default_rng(2)
    a, b = matrix(elem, rng, 16, 20), matrix(elem, rng)
    run(KERNELS["accesses", elem], a, b, 20)
    whole = values_of(elem, a)
    part = np.array([[whole[2 + (4 + r) * 20 + 8 + c] for c in range(8)] for r in range(8)])
    np.testing.assert_array_equal(values_of(elem, b).reshape(8, 8), part.T)


@enigma.kernel
def carried(A: enigma.f16, B: enigma.f16, C: enigma.f32, k: enigma.Scalar(enigma.u32)):
    """C (8 x 16) = A (8 x k) B (k x 16): two accumulators in a list."""
    accumulators = [enigma.make_filled_simdgroup_matrix(0.0) for _ in range(2)]
    for i in enigma.range(0, k, 8):
        a = enigma.simdgroup_matrix_load(A, k, offset=i)
        for j in enigma.range_constexpr(2):
            b = enigma.simdgroup_matrix_load(B, 16, offset=i * 16 + j * 8)
            accumulators[j] = enigma.simdgroup_multiply_accumulate(a, b, accumulators[j])
    for j in enigma.range_constexpr(2):
        enigma.simdgroup_matrix_store(accumulators[j], C, 16, offset=j * 8)


KERNELS.add("carried", carried)


def test_carried_by_a_loop():
    rng = np.random.default_rng(3)
    k = 48
    a = rng.integers(-3, 4, (8, k)).astype(np.float16)
    b = rng.integers(-3, 4, (k, 16)).astype(np.float16)
    c = np.zeros((8, 16), np.float32)
    run(KERNELS["carried"], a, b, c, k)
    np.testing.assert_array_equal(c, a.astype(np.float32) @ b.astype(np.float32))


def test_sums_are_added_to_in_place():
    text = KERNELS["carried"].metal_source
    calls = [line.strip() for line in text.splitlines() if "multiply_accumulate" in line]
    assert len(calls) == 2
    for call in calls:
        first, *_, last = call.removesuffix(");").partition("(")[2].split(", ")
        assert first == last
    assert text.count("simdgroup_float8x8") == 2


@enigma.kernel
def tiled_kernel(A, B, C):
    """Tensors of 8 x 8, in rows and in columns, one of them in threadgroup memory."""
    a = enigma.simdgroup_matrix_load(A[((None, None), (1, 2))])
    b = enigma.simdgroup_matrix_load(B)
    shared = enigma.make_tensor(
        enigma.threadgroup_alloc("float", 64), enigma.Layout((8, 8), (1, 8))
    )
    enigma.simdgroup_matrix_store(a @ b, shared)
    enigma.barrier()
    enigma.simdgroup_matrix_store(enigma.simdgroup_matrix_load(shared), C, transpose=True)


@enigma.jit
def tiled(A, B, C):
    tiles = enigma.zipped_divide(A, (8, 8))
    tiled_kernel(tiles, B, C).launch(grid=1, block=32)


def test_tensors_know_their_rows():
    rng = np.random.default_rng(7)
    a, b = (rng.integers(-4, 5, shape).astype(np.float32) for shape in ((16, 24), (8, 8)))
    c = np.zeros((8, 8), np.float32)
    tensors = [
        enigma.Tensor("A", 0, "float", enigma.Layout((16, 24), (24, 1))),
        enigma.Tensor("B", 1, "float", enigma.Layout((8, 8), (1, 8))),
        enigma.Tensor("C", 2, "float", enigma.Layout((8, 8), (8, 1))),
    ]
    run(enigma.compile(tiled, *tensors), a, b.T.copy(), c)
    np.testing.assert_array_equal(c, (a[8:, 16:] @ b).T)


@enigma.kernel
def chosen(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
    """Matrices as values: a branch, a swap in a while, a loop variable of the same name."""
    a = enigma.simdgroup_matrix_load(A, 8)
    b = enigma.make_diagonal_simdgroup_matrix(2.0)
    if n > 2:
        a = a @ b
    else:
        b = b + 1.0
    i = 0
    while i < n:
        a, b = b, a
        i += 1
    c = a if n % 2 == 0 else -a
    enigma.simdgroup_matrix_store(c - b / 2.0, B, 8)


KERNELS.add("chosen", chosen)


@pytest.mark.parametrize("n", range(6))
def test_chosen_and_swapped(n):
    a = np.random.default_rng(4).integers(-4, 5, (8, 8)).astype(np.float32)
    out = np.zeros((8, 8), np.float32)
    run(KERNELS["chosen"], a, out, np.int32(n))
    x, y = a.copy(), 2 * np.eye(8, dtype=np.float32)
    if n > 2:
        x = x @ y
    else:
        y = y + 1
    for _ in range(n):
        x, y = y, x
    np.testing.assert_array_equal(out, (x if n % 2 == 0 else -x) - y / 2)


@enigma.kernel
def parts(A: enigma.bf16, B: enigma.bf16, C: enigma.f32, D: enigma.bf16):
    """Products without a sum to add to, and the elements that a thread holds."""
    a, b = enigma.simdgroup_matrix_load(A, 8), enigma.simdgroup_matrix_load(B, 8)
    p = enigma.simdgroup_multiply(a, b)
    q = (a.to(enigma.f32) @ b.to(enigma.f32)).map(lambda x: enigma.abs(x) + 0.5)
    enigma.simdgroup_matrix_store(+abs(p), D, 8)
    enigma.simdgroup_matrix_store(q, C, 8)
    total = enigma.simd_sum(q.elements.x + q.elements.y)
    if enigma.thread_index_in_simdgroup == 0:
        C[64] = total


KERNELS.add("parts", parts)


def test_products_and_elements():
    rng = np.random.default_rng(8)
    a, b = matrix("bf16", rng), matrix("bf16", rng)
    c, d = np.zeros(65, np.float32), matrix("bf16", rng)
    run(KERNELS["parts"], a, b, c, d)
    x, y = (harness.from_bfloat(m).reshape(8, 8) for m in (a, b))
    np.testing.assert_array_equal(harness.from_bfloat(d).reshape(8, 8), np.abs(x @ y))
    np.testing.assert_array_equal(c[:64].reshape(8, 8), np.abs(x @ y) + 0.5)
    assert c[64] == (np.abs(x @ y) + 0.5).sum()


@enigma.kernel
def epilogue(A: enigma.f32, B: enigma.f16, bias: enigma.Scalar(enigma.f32)):
    acc = enigma.simdgroup_matrix_load(A, 8)
    acc = acc.map(lambda x, y: enigma.fmax(x * 0.5 + y, 0.0), bias)
    acc = 1.0 - acc * 2.0 + acc.map(lambda x: enigma.abs(x))
    enigma.simdgroup_matrix_store(acc.to(enigma.f16), B, 8)


KERNELS.add("epilogue", epilogue)


def test_functions_of_elements():
    a = np.random.default_rng(5).integers(-8, 9, (8, 8)).astype(np.float32)
    out = np.zeros((8, 8), np.float16)
    run(KERNELS["epilogue"], a, out, np.float32(1.5))
    x = np.maximum(a * 0.5 + 1.5, 0)
    np.testing.assert_array_equal(out, (1 - x * 2 + np.abs(x)).astype(np.float16))


@enigma.kernel
def gemm(
    A: enigma.f32,
    B: enigma.f32,
    C: enigma.f32,
    n: enigma.Scalar(enigma.u32),
    k: enigma.Scalar(enigma.u32),
):
    """Each SIMD group of four computes 16 x 16 of C, from tiles that are shared."""
    group = enigma.threadgroup_position_in_grid
    simd = enigma.simdgroup_index_in_threadgroup
    thread = enigma.thread_index_in_threadgroup
    a_tile = enigma.threadgroup_alloc("float", 32 * 8)
    b_tile = enigma.threadgroup_alloc("float", 8 * 32)
    row, column = simd // 2 * 16, simd % 2 * 16
    sums = [[enigma.make_filled_simdgroup_matrix(0.0) for _ in range(2)] for _ in range(2)]
    for step in enigma.range(0, k, 8):
        enigma.barrier()
        for i in enigma.range_constexpr(2):
            at = thread + 128 * i
            a_tile[at] = A[(group.y * 32 + at // 8) * k + step + at % 8]
            b_tile[at] = B[(step + at // 32) * n + group.x * 32 + at % 32]
        enigma.barrier()
        a = [enigma.simdgroup_matrix_load(a_tile, 8, offset=(row + 8 * i) * 8) for i in range(2)]
        b = [enigma.simdgroup_matrix_load(b_tile, 32, offset=column + 8 * j) for j in range(2)]
        for i in enigma.range_constexpr(2):
            for j in enigma.range_constexpr(2):
                sums[i][j] = enigma.simdgroup_multiply_accumulate(a[i], b[j], sums[i][j])
    for i in enigma.range_constexpr(2):
        for j in enigma.range_constexpr(2):
            origin = (group.x * 32 + column + 8 * j, group.y * 32 + row + 8 * i)
            enigma.simdgroup_matrix_store(sums[i][j], C, n, origin=origin)


KERNELS.add("gemm", gemm)


def test_a_blocked_product():
    rng = np.random.default_rng(6)
    m, n, k = 64, 96, 40
    a = rng.integers(-3, 4, (m, k)).astype(np.float32)
    b = rng.integers(-3, 4, (k, n)).astype(np.float32)
    c = np.zeros((m, n), np.float32)
    harness.run(
        KERNELS["gemm"],
        args=[a, b, c, np.uint32(n), np.uint32(k)],
        grid=(n // 32, m // 32, 1),
        block=128,
    )
    np.testing.assert_array_equal(c, a @ b)


# Each thread chooses for the two elements that it holds. It is warned of, since which these are
# differs between GPUs.


@enigma.func
def chosen(s, t, u, n):
    return s if u < 5 else t


@enigma.func
def chosen_number(s, t, u, n):
    return s if u < 5 else 0


@enigma.func
def assigned(s, t, u, n):
    if u < 5:
        s = t
    return s


@enigma.func
def computed(s, t, u, n):
    if u < 5:
        s = s + t
    elif u < 9:
        s = s * 4
    return s


@enigma.func
def returned_early(s, t, u, n):
    if u < 5:
        return s * 3
    return t


@enigma.func
def counted(s, t, u, n):
    for _ in enigma.range(u):
        s = s + t
    return s


@enigma.func
def left(s, t, u, n):
    for j in enigma.range(n):
        if j == u:
            break
        s = s + t
    return s


@enigma.func
def skipped(s, t, u, n):
    for j in enigma.range(n):
        if (j + u) % 2 == 0:
            continue
        s = s + t
    return s


@enigma.func
def repeated(s, t, u, n):
    while u < n:
        s = s + t
        u += 1
    return s


@enigma.func
def across_barriers(s, t, u, n):
    s = s if u < 5 else t
    for _ in enigma.range(n):
        enigma.barrier()
        s = s + 1
    return s


@enigma.func
def in_branches_with_barriers(s, t, u, n):
    if u < 40:
        enigma.barrier()
        s = s + t if u < 5 else s
    return s


@enigma.func
def filled(s, t, u, n):
    s = enigma.make_filled_simdgroup_matrix(u, s.dtype)
    for _ in enigma.range(n):
        s = s + t
    return s


CHOICES = {
    chosen: lambda u: 1 if u < 5 else 2,
    chosen_number: lambda u: 1 if u < 5 else 0,
    assigned: lambda u: 2 if u < 5 else 1,
    computed: lambda u: 3 if u < 5 else 4 if u < 9 else 1,
    returned_early: lambda u: 3 if u < 5 else 2,
    counted: lambda u: 1 + 2 * u,
    left: lambda u: 1 + 2 * min(u, 3),
    skipped: lambda u: 1 + 2 * (2 if u % 2 else 1),
    repeated: lambda u: 1 + 2 * max(3 - u, 0),
    across_barriers: lambda u: 4 if u < 5 else 5,
    in_branches_with_barriers: lambda u: 3 if u < 5 else 1,
    filled: lambda u: u + 6,
}


@pytest.mark.parametrize("elem", FLOATS)
@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.__name__)
@pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")
def test_threads_choose_for_their_elements(choice, elem):
    dtype = dtype_of(elem)

    @enigma.kernel
    def kernel(A: enigma.u32, B: dtype, n: enigma.Scalar(enigma.u32)):
        s = enigma.make_filled_simdgroup_matrix(1, dtype)
        t = enigma.make_filled_simdgroup_matrix(2, dtype)
        u = A[enigma.thread_index_in_threadgroup]
        enigma.simdgroup_matrix_store(choice(s, t, u, n), B, 8)

    compiled = enigma.compile(kernel, emit_only=True)
    a = np.arange(32, dtype=np.uint32)
    expected = sorted(2 * [CHOICES[choice](u) for u in range(32)])
    for device in ("text", "cpu", "checked"):
        b = emitted.empty(elem, 64)
        if device == "text":
            run(compiled, a, b, np.uint32(3))
        else:
            compiled.launch(a, b, 3, grid=1, block=32, check=device == "checked")
        assert sorted(values_of(elem, b).astype(int)) == expected, device
