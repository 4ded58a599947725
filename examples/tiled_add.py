# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A sum of matrices by tiles: each thread owns 4 x 4 elements, wherever they lie in memory."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show


@enigma.kernel
def tiled_add_kernel(gA, gB, gC, tv_layout, tiler):
    tidx, _, _ = enigma.arch.thread_idx()
    bidx, _, _ = enigma.arch.block_idx()
    blk = [g[((None, None), bidx)] for g in (gA, gB, gC)]
    thr = [enigma.tensor_composition(b, tv_layout, tiler)[(tidx, None)] for b in blk]
    thr[2].store(thr[0].load() + thr[1].load())


@enigma.jit
def tiled_add(A, B, C):
    # 4 x 32 threads of 4 x 4 elements: a tile of 16 x 128.
    tiler, tv = enigma.make_layout_tv(
        enigma.make_ordered_layout((4, 32), order=(1, 0)),
        enigma.make_ordered_layout((4, 4), order=(1, 0)),
    )
    gA, gB, gC = (enigma.tensor_zipped_divide(t, tiler) for t in (A, B, C))
    tiled_add_kernel(gA, gB, gC, tv, tiler).launch(
        grid=(enigma.size(gA, mode=[1]), 1, 1), block=(enigma.size(tv, mode=[0]), 1, 1)
    )


def row_major() -> enigma.CompiledKernel:
    """Matrices of a size that tiles divide: four float4 a thread and matrix."""
    layout = Layout((256, 512), (512, 1))
    A, B, C = (Tensor(name, i, "float", layout) for i, name in enumerate("ABC"))
    return enigma.compile(tiled_add, A, B, C)


def any_size() -> enigma.CompiledKernel:
    """A and C by rows, B by columns; of sizes that are arguments of the kernel."""
    m, n = enigma.dyn("m"), enigma.dyn("n", div=4)
    rows, columns = Layout((m, n), (n, 1)), Layout((m, n), (1, m))
    return enigma.compile(
        tiled_add,
        Tensor("A", 0, "float", rows),
        Tensor("B", 1, "float", columns),
        Tensor("C", 2, "float", rows),
    )


def launches() -> Iterator[JitLaunch]:
    """Tiles that divide the matrices; then one kernel for two sizes that they do not divide."""
    rng = np.random.default_rng(7)
    kernel = row_major()
    a, b = rng.standard_normal((2, 256, 512), dtype=np.float32)
    yield JitLaunch(
        title="tiled sum of 256 x 512 matrices",
        kernel=kernel,
        arguments={"A": a, "B": b, "C": np.zeros_like(a)},
        expected={"C": a + b},
    )
    kernel = any_size()
    for m, n in ((45, 172), (100, 200)):
        a, b = rng.standard_normal((2, m, n), dtype=np.float32)
        yield JitLaunch(
            title=f"tiled sum of {m} x {n} matrices, one of them by columns",
            kernel=kernel,
            arguments={"A": a, "B": np.asfortranarray(b), "C": np.zeros_like(a)},
            expected={"C": a + b},
        )


if __name__ == "__main__":
    print(row_major().metal_source)
    show(launches())
