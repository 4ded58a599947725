# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C = max(A B + bias, 0) by matrices of SIMD groups; tiles that overhang are staged with zeros."""

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


@enigma.kernel
def mma_gemm_kernel(A, B, bias, C):
    """B has the shape (N, K), and bias that of C, with rows of stride 0."""
    mma = product(A.element_type)
    tid = enigma.thread_index_in_threadgroup()
    x, y, _ = enigma.arch.block_idx()
    mine = mma.get_slice(tid)

    from_a = enigma.local_tile(A, (ROWS, DEPTH), (y, None))
    from_b = enigma.local_tile(B, (COLUMNS, DEPTH), (x, None))
    to_c = enigma.local_tile(C, (ROWS, COLUMNS), (y, x))
    staged_a = enigma.make_tensor(
        enigma.threadgroup_alloc(A.element_type, ROWS * DEPTH), Layout((ROWS, DEPTH), (DEPTH, 1))
    )
    staged_b = enigma.make_tensor(
        enigma.threadgroup_alloc(A.element_type, COLUMNS * DEPTH), Layout((COLUMNS, DEPTH))
    )
    staged_c = enigma.make_tensor(
        enigma.threadgroup_alloc("float", ROWS * COLUMNS), Layout((ROWS, COLUMNS), (COLUMNS, 1))
    )
    # What a thread moves of each: neighbours in the order in which they lie in memory.
    by_row, by_column = Layout((8, 16), (16, 1)), Layout((32, 4))
    over_c = Layout((4, 32), (32, 1))

    a, b = mine.partition_A(staged_a), mine.partition_B(staged_b)
    sums = mine.make_fragment_C(mine.partition_C(staged_c))
    for tile in enigma.range(enigma.size(from_a, mode=[2])):
        moves = ((from_a, staged_a, by_row), (from_b, staged_b, by_column))
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
    out.store(enigma.fmax(c.load() + added.load(), 0.0).to(C.element_type))


@enigma.jit
def mma_gemm(A, B, bias, C):
    _, (rows, columns) = enigma.zipped_divide(C, (ROWS, COLUMNS)).shape
    threads = product(A.element_type).size
    mma_gemm_kernel(A, enigma.select(B, 1, 0), bias, C).launch(
        grid=(columns, rows, 1), block=threads
    )


def of_size(m: int, n: int, k: int, dtype: str = "float") -> enigma.CompiledKernel:
    """Compile for row-major matrices of a size."""
    return enigma.compile(
        mma_gemm,
        Tensor("A", 0, dtype, Layout((m, k), (k, 1))),
        Tensor("B", 1, dtype, Layout((k, n), (n, 1))),
        Tensor("bias", 2, "float", Layout((m, n), (0, 1))),
        Tensor("C", 3, dtype, Layout((m, n), (n, 1))),
    )


def launches() -> Iterator[Launch]:
    """Small integers, whose products and sums are exact, in float and in half."""
    rng = np.random.default_rng(11)
    for dtype in (np.float32, np.float16):
        for m, n, k in ((64, 32, 48), (45, 70, 37)):
            kernel = of_size(m, n, k, "float" if dtype is np.float32 else "half")
            a = rng.integers(-4, 5, (m, k)).astype(dtype)
            b = rng.integers(-4, 5, (k, n)).astype(dtype)
            bias = rng.integers(-9, 10, n).astype(np.float32)
            expected = np.maximum(a.astype(np.float32) @ b.astype(np.float32) + bias, 0)
            yield Launch(
                title=f"product of {m} x {k} and {k} x {n} matrices of {a.dtype}, by tiles",
                kernel=kernel,
                arguments=[a, b, bias, np.zeros((m, n), dtype)],
                grid=kernel.grid,
                block=kernel.block,
                expected={3: expected.astype(dtype)},
            )


if __name__ == "__main__":
    print(of_size(64, 64, 64).metal_source)
