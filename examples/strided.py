# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Strided tensors with @enigma.jit: the layouts are known when the kernel is compiled."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import JitLaunch, show

BLOCK = (16, 4)


@enigma.kernel
def scale_kernel(A, B, factor):
    col = enigma.thread_position_in_grid.x
    row = enigma.thread_position_in_grid.y
    rows, cols = A.shape
    if row < rows and col < cols:
        B[row, col] = factor * A[row, col]


@enigma.jit
def scale(A, B, factor):
    rows, cols = A.shape
    grid = (-(-cols // BLOCK[0]), -(-rows // BLOCK[1]), 1)
    scale_kernel(A, B, factor).launch(grid=grid, block=(*BLOCK, 1))


def compile_scale(rows: int, cols: int, pitch: int) -> enigma.CompiledKernel:
    """From rows that are ``pitch`` elements apart to columns that are compact."""
    a = enigma.Tensor("A", 0, "float", enigma.Layout((rows, cols), (pitch, 1)))
    b = enigma.Tensor("B", 1, "float", enigma.Layout((rows, cols), (1, rows)))
    return enigma.compile(scale, a, b, 3.0)


def launches() -> Iterator[JitLaunch]:
    """A padded row-major matrix into a column-major one."""
    rows, cols, pitch = 10, 37, 40
    kernel = compile_scale(rows, cols, pitch)
    a = np.random.default_rng(5).standard_normal((rows, pitch), dtype=np.float32)
    yield JitLaunch(
        title=f"scaling a {rows} x {cols} matrix, row-major to column-major",
        kernel=kernel,
        arguments={"A": a[:, :cols], "B": np.zeros((cols, rows), np.float32).T},
        expected={"B": np.float32(3) * a[:, :cols]},
    )


if __name__ == "__main__":
    print(compile_scale(10, 37, 40).metal_source)
    show(launches())
