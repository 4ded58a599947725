# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A matrix transpose through a swizzled tile, whose rows and columns meet every bank once."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

TILE = 32
# A simdgroup takes a row of the tile, and every eighth one after it.
THREADS = Layout((8, TILE), (TILE, 1))
# Element (i, j) of the tile lies where j ^ i would lie in row i.
SWIZZLED = enigma.swizzle(Layout((TILE, TILE), (TILE, 1)), 5, 0, 5)


@enigma.kernel
def tiled_transpose_kernel(A, B):
    tid = enigma.thread_index_in_threadgroup()
    x, y, _ = enigma.arch.block_idx()
    tile = enigma.make_tensor(enigma.threadgroup_alloc(A.element_type, TILE * TILE), SWIZZLED)

    source = enigma.local_tile(A, (TILE, TILE), (y, x))
    enigma.copy(
        enigma.local_partition(source, THREADS, tid),
        enigma.local_partition(tile, THREADS, tid),
    )
    enigma.barrier()
    turned = enigma.select(tile, (1, 0))
    target = enigma.local_tile(B, (TILE, TILE), (x, y))
    enigma.copy(
        enigma.local_partition(turned, THREADS, tid),
        enigma.local_partition(target, THREADS, tid),
    )


@enigma.jit
def tiled_transpose(A, B):
    _, (rows, columns) = enigma.zipped_divide(A, (TILE, TILE)).shape
    tiled_transpose_kernel(A, B).launch(
        grid=(columns, rows, 1), block=(TILE, enigma.size(THREADS) // TILE, 1)
    )


def compile_for(m, n) -> enigma.CompiledKernel:
    """Compile for an m x n matrix by rows; sizes may be symbols."""
    return enigma.compile(
        tiled_transpose,
        Tensor("A", 0, "float", Layout((m, n), (n, 1))),
        Tensor("B", 1, "float", Layout((n, m), (m, 1))),
    )


def launches() -> Iterator[JitLaunch]:
    """A size that tiles divide, and one kernel for all sizes."""
    rng = np.random.default_rng(8)
    whole = compile_for(96, 64)
    any_size = compile_for(enigma.dyn("m"), enigma.dyn("n"))
    for kernel, m, n in ((whole, 96, 64), (any_size, 45, 70), (any_size, 33, 100)):
        a = rng.standard_normal((m, n), dtype=np.float32)
        yield JitLaunch(
            title=f"transpose of a {m} x {n} matrix through a swizzled tile"
            + (", of any size" if kernel is any_size else ""),
            kernel=kernel,
            arguments={"A": a, "B": np.zeros((n, m), np.float32)},
            expected={"B": a.T},
        )


if __name__ == "__main__":
    print(compile_for(96, 64).metal_source)
    show(launches())
