# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C = f(A B + bias) by matrices of SIMD groups; tiles that overhang are staged with zeros."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import Launch

# 2 x 2 SIMD groups, each with 2 x 2 matrices of 8 x 8.
ROWS, COLUMNS, DEPTH = 32, 32, 16
GROUPS = Layout((2, 2), (2, 1))


def product(dtype: str) -> enigma.TiledMma:
    """Give the product of factors of a dtype, summed in float."""
    return enigma.make_tiled_mma(enigma.simdgroup_mma(dtype, "float"), GROUPS)


def orders(tensor: Tensor, rows: int) -> tuple[Layout, Layout]:
    """Give the layouts of a staged tile and of the threads that copy it, in the order of memory."""
    if tensor.stride[1] == 1:
        return Layout((rows, DEPTH), (DEPTH, 1)), Layout((8, 16), (16, 1))
    return Layout((rows, DEPTH)), Layout((32, 4))


@enigma.func
def activated(x, gelu):
    if gelu:
        return 0.5 * x * (1.0 + enigma.tanh(0.79788456 * (x + 0.044715 * x * x * x)))
    return enigma.fmax(x, 0.0)


@enigma.kernel
def mma_gemm_kernel(A, B, bias, C, gelu):
    """B has the shape (N, K), and bias that of C, with rows of stride 0."""
    mma = product(A.element_type)
    tid = enigma.thread_index_in_threadgroup()
    x, y, _ = enigma.arch.block_idx()
    mine = mma.get_slice(tid)

    from_a = enigma.local_tile(A, (ROWS, DEPTH), (y, None))
    from_b = enigma.local_tile(B, (COLUMNS, DEPTH), (x, None))
    to_c = enigma.local_tile(C, (ROWS, COLUMNS), (y, x))
    (order_a, threads_a), (order_b, threads_b) = orders(A, ROWS), orders(B, COLUMNS)
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
def mma_gemm(A, B, bias, C, gelu):
    _, (rows, columns) = enigma.zipped_divide(C, (ROWS, COLUMNS)).shape
    threads = product(A.element_type).size
    mma_gemm_kernel(A, enigma.select(B, 1, 0), bias, C, gelu).launch(
        grid=(columns, rows, 1), block=threads
    )


def of_size(
    m: int, n: int, k: int, dtype: str = "float", transposed: str = "NN", gelu: bool = False
) -> enigma.CompiledKernel:
    """Compile for matrices of a size in rows, or where ``transposed`` says T, in columns."""
    of_a, of_b = [order == "T" for order in transposed]
    return enigma.compile(
        mma_gemm,
        Tensor("A", 0, dtype, Layout((m, k), (1, m) if of_a else (k, 1))),
        Tensor("B", 1, dtype, Layout((k, n), (1, k) if of_b else (n, 1))),
        Tensor("bias", 2, "float", Layout((m, n), (0, 1))),
        Tensor("C", 3, dtype, Layout((m, n), (n, 1))),
        gelu,
    )


def reference(a: np.ndarray, b: np.ndarray, bias: np.ndarray, gelu: bool) -> np.ndarray:
    """The product in double precision."""
    x = a.astype(np.float64) @ b.astype(np.float64) + bias
    if not gelu:
        return np.maximum(x, 0)
    return 0.5 * x * (1 + np.tanh(0.79788456 * (x + 0.044715 * x**3)))


def launches() -> Iterator[Launch]:
    """All orders in memory, in float and in half; any sizes."""
    rng = np.random.default_rng(11)
    for dtype in (np.float32, np.float16):
        for transposed in ("NN", "NT", "TN", "TT"):
            gelu = transposed != "NN"
            m, n, k = (64, 32, 48) if transposed == "TT" else rng.integers(1, 90, 3).tolist()
            kernel = of_size(m, n, k, "float" if dtype is np.float32 else "half", transposed, gelu)
            a = (rng.integers(-4, 5, (m, k)) / 8).astype(dtype)
            b = (rng.integers(-4, 5, (k, n)) / 8).astype(dtype)
            bias = rng.integers(-9, 10, n).astype(np.float32)
            stored = [
                x.T if order == "T" else x for x, order in zip((a, b), transposed, strict=True)
            ]
            yield Launch(
                title=f"product of {m} x {k} and {k} x {n} matrices of {a.dtype} ({transposed}), "
                "by tiles",
                kernel=kernel,
                arguments=[*map(np.ascontiguousarray, stored), bias, np.zeros((m, n), dtype)],
                grid=kernel.grid,
                block=kernel.block,
                expected={3: reference(a, b, bias, gelu)},
                rtol=1e-5 if dtype is np.float32 else 2e-3,
                atol=1e-5 if dtype is np.float32 else 1e-3,
            )


if __name__ == "__main__":
    print(of_size(64, 64, 64).metal_source)
