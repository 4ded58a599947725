# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C += A B by tiles: operands in threadgroup memory, sums in registers, sizes as they come."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

DEPTH = 16
# 16 x 16 threads of 4 x 4 sums: a tile of 64 x 64.
TILER, TV = enigma.make_layout_tv(Layout((16, 16), (16, 1)), Layout((4, 4), (4, 1)))
ROWS, COLUMNS = TILER


@enigma.kernel
def tiled_gemm_kernel(A, B, C):
    tid = enigma.thread_index_in_threadgroup()
    x, y, _ = enigma.arch.block_idx()
    a = enigma.threadgroup_alloc(A.element_type, ROWS * DEPTH)
    b = enigma.threadgroup_alloc(B.element_type, DEPTH * COLUMNS)

    # Where the tiles of a step go, and what each thread moves there.
    mine = Layout((16, 16), (16, 1))
    to_a = enigma.local_partition(enigma.make_tensor(a, Layout((ROWS, DEPTH))), mine, tid)
    to_b = enigma.local_partition(
        enigma.make_tensor(b, Layout((DEPTH, COLUMNS), (COLUMNS, 1))), mine, tid
    )
    from_a = enigma.local_tile(A, (ROWS, DEPTH), (y, None))
    from_b = enigma.local_tile(B, (DEPTH, COLUMNS), (None, x))

    # The operands of the product at (m, n, k): A is the same for all n, B for all m.
    by_row = enigma.make_tensor(a, Layout((ROWS, COLUMNS, DEPTH), (1, 0, ROWS)))
    by_column = enigma.make_tensor(b, Layout((ROWS, COLUMNS, DEPTH), (0, 1, COLUMNS)))

    sums = enigma.make_fragment((4, 4))
    for tile in enigma.range(enigma.size(from_a, mode=[2])):
        part_a = enigma.local_partition(from_a[(None, None, tile)], mine, tid).load()
        part_b = enigma.local_partition(from_b[(None, None, tile)], mine, tid).load()
        enigma.barrier()
        to_a.store(part_a)
        to_b.store(part_b)
        enigma.barrier()
        for k in enigma.range(DEPTH):
            left = owned(by_row[(None, None, k)], tid).load()
            right = owned(by_column[(None, None, k)], tid).load()
            sums = enigma.fma(left, right, sums)

    out = owned(enigma.local_tile(C, TILER, (y, x)), tid)
    out.store(out.load() + sums)


def owned(tile, tid):
    """Give the elements of a tile that a thread computes."""
    return enigma.tensor_composition(tile, TV, TILER)[(tid, None)]


@enigma.jit
def tiled_gemm(A, B, C):
    _, (rows, columns) = enigma.zipped_divide(C, TILER).shape
    tiled_gemm_kernel(A, B, C).launch(
        grid=(columns, rows, 1), block=(enigma.size(TV, mode=[0]), 1, 1)
    )


def any_size(dtype: str = "float") -> enigma.CompiledKernel:
    """Compile for row-major matrices of all sizes."""
    m, n, k = map(enigma.dyn, "mnk")
    return enigma.compile(
        tiled_gemm,
        Tensor("A", 0, dtype, Layout((m, k), (k, 1))),
        Tensor("B", 1, dtype, Layout((k, n), (n, 1))),
        Tensor("C", 2, "float", Layout((m, n), (n, 1))),
    )


def launches() -> Iterator[JitLaunch]:
    """Small integers, whose products and sums are exact, in float and in half."""
    rng = np.random.default_rng(10)
    for dtype in (np.float32, np.float16):
        kernel = any_size("float" if dtype is np.float32 else "half")
        for m, n, k in ((64, 64, 32), (100, 70, 45)):
            a = rng.integers(-4, 5, (m, k)).astype(dtype)
            b = rng.integers(-4, 5, (k, n)).astype(dtype)
            c = rng.integers(-4, 5, (m, n)).astype(np.float32)
            yield JitLaunch(
                title=f"product of {m} x {k} and {k} x {n} matrices of {a.dtype}",
                kernel=kernel,
                arguments={"A": a, "B": b, "C": c},
                expected={"C": c + a.astype(np.float32) @ b.astype(np.float32)},
            )


if __name__ == "__main__":
    print(any_size().metal_source)
    show(launches())
