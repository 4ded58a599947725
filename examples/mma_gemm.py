# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C = f(A B + bias) by matrices of SIMD groups; tiles that overhang are staged with zeros."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

# 2 x 2 SIMD groups, each with 2 x 2 matrices of 8 x 8.
ROWS, COLUMNS, DEPTH = 32, 32, 16
GROUPS = Layout((2, 2), (2, 1))


def product(dtype: str) -> enigma.TiledMma:
    """Give the product of factors of a dtype, summed in float."""
    return enigma.make_tiled_mma(enigma.simdgroup_mma(dtype, "float"), GROUPS)


def orders(rows: int, columns_first: bool) -> tuple[Layout, Layout]:
    """Give the layouts of a staged tile and of the threads that copy it, in the order of memory."""
    if columns_first:
        return Layout((rows, DEPTH)), Layout((32, 4))
    return Layout((rows, DEPTH), (DEPTH, 1)), Layout((8, 16), (16, 1))


@enigma.func
def activated(x, gelu):
    if gelu:
        return 0.5 * x * (1.0 + enigma.tanh(0.79788456 * (x + 0.044715 * x * x * x)))
    return enigma.fmax(x, 0.0)


@enigma.kernel
def mma_gemm_kernel(A, B, bias, C, transposed, gelu):
    """B has the shape (N, K), and bias that of C, with rows of stride 0."""
    mma = product(A.element_type)
    tid = enigma.thread_index_in_threadgroup()
    x, y, _ = enigma.arch.block_idx()
    mine = mma.get_slice(tid)

    from_a = enigma.local_tile(A, (ROWS, DEPTH), (y, None))
    from_b = enigma.local_tile(B, (COLUMNS, DEPTH), (x, None))
    to_c = enigma.local_tile(C, (ROWS, COLUMNS), (y, x))
    transposed_a, transposed_b = transposed
    order_a, threads_a = orders(ROWS, transposed_a)
    order_b, threads_b = orders(COLUMNS, not transposed_b)
    staged_a, staged_b = [
        enigma.make_tensor(enigma.threadgroup_alloc(A.element_type, enigma.size(order)), order)
        for order in (order_a, order_b)
    ]
    staged_c = enigma.make_tensor(
        enigma.threadgroup_alloc("float", ROWS * COLUMNS), Layout((ROWS, COLUMNS), (COLUMNS, 1))
    )
    over_c = Layout((4, 32), (32, 1))

    a, b = mine.partition_A(staged_a), mine.partition_B(staged_b)
    sums = mine.make_fragment_C(mine.partition_C(staged_c))
    for tile in enigma.range(enigma.size(from_a, mode=[2])):
        moves = ((from_a, staged_a, threads_a), (from_b, staged_b, threads_b))
        for source, target, threads in moves:
            part = enigma.local_partition(source[None, None, tile], threads, tid)
            enigma.copy(part, enigma.local_partition(target, threads, tid))
        enigma.barrier()
        enigma.gemm(mma, sums, a, b, sums)
        enigma.barrier()

    enigma.copy(mma, sums, mine.partition_C(staged_c))
    enigma.barrier()
    row_bias = enigma.local_tile(bias, (ROWS, COLUMNS), (y, x))
    c, added, out = [enigma.local_partition(t, over_c, tid) for t in (staged_c, row_bias, to_c)]
    out.store(activated(c.load() + added.load(), gelu).to(C.element_type))


@enigma.jit
def mma_gemm(A, B, bias, C, transposed, gelu):
    m, n = C.shape
    mma_gemm_kernel(A, enigma.select(B, 1, 0), bias, C, transposed, gelu).launch(
        grid=(enigma.ceil_div(n, COLUMNS), enigma.ceil_div(m, ROWS), 1),
        block=product(A.element_type).size,
    )


def compile_gemm(
    dtype: str = "float", transposed: tuple[bool, bool] = (False, False), gelu: bool = False
) -> enigma.CompiledKernel:
    """Compile for matrices of any size, A and B in rows or, where they are transposed, columns."""
    m, n, k = map(enigma.dyn, "mnk")
    of_a, of_b = transposed
    return enigma.compile(
        mma_gemm,
        Tensor("A", 0, dtype, Layout((m, k), (1, m) if of_a else (k, 1))),
        Tensor("B", 1, dtype, Layout((k, n), (1, k) if of_b else (n, 1))),
        Tensor("bias", 2, "float", Layout((m, n), (0, 1))),
        Tensor("C", 3, dtype, Layout((m, n), (n, 1))),
        transposed,
        gelu,
    )


def reference(a: np.ndarray, b: np.ndarray, bias: np.ndarray, gelu: bool) -> np.ndarray:
    """The product in double precision."""
    x = a.astype(np.float64) @ b.astype(np.float64) + bias
    if not gelu:
        return np.maximum(x, 0)
    return 0.5 * x * (1 + np.tanh(0.79788456 * (x + 0.044715 * x**3)))


def launch_of(
    kernel: enigma.CompiledKernel,
    dtype: np.dtype,
    transposed: tuple[bool, bool],
    gelu: bool,
    shape: tuple[int, int, int],
) -> JitLaunch:
    """A product of small numbers, whose sums are exact."""
    m, n, k = shape
    rng = np.random.default_rng(shape)
    a, b = rng.integers(-4, 5, (m, k)) / 8, rng.integers(-4, 5, (k, n)) / 8
    bias = rng.integers(-9, 10, n).astype(np.float32)
    stored = [
        np.asarray(x, dtype, order="F" if turned else "C")
        for x, turned in zip((a, b), transposed, strict=True)
    ]
    order = "".join("T" if turned else "N" for turned in transposed)
    return JitLaunch(
        title=f"{'GELU' if gelu else 'ReLU'} of the product of {m} x {k} and {k} x {n} matrices "
        f"of {dtype} ({order}) and a bias, by tiles",
        kernel=kernel,
        arguments={
            "A": stored[0],
            "B": stored[1],
            "bias": np.broadcast_to(bias, (m, n)),
            "C": np.zeros((m, n), dtype),
            "m": m,
            "n": n,
            "k": k,
        },
        expected={"C": reference(a, b, bias, gelu)},
        rtol=1e-5 if dtype == np.float32 else 2e-3,
        atol=1e-5 if dtype == np.float32 else 1e-3,
    )


def launches() -> Iterator[JitLaunch]:
    """All orders in memory, in float and in half, with either activation."""
    for dtype in (np.dtype(np.float32), np.dtype(np.float16)):
        for number, transposed in enumerate(((False, False), (False, True), (True, False))):
            gelu = bool(number % 2)
            name = "float" if dtype == np.float32 else "half"
            kernel = compile_gemm(name, transposed, gelu)
            for shape in ((64, 32, 48), (45, 70, 37), (3, 1, 5)):
                yield launch_of(kernel, dtype, transposed, gelu, shape)


if __name__ == "__main__":
    print(compile_gemm().metal_source)
    show(launches())
