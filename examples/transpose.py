# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A matrix transpose: reads and writes rows, and turns a tile in threadgroup memory."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, show

TILE = 16
# A row of the tile is one element longer, so that a column meets every bank.
PITCH = TILE + 1


@enigma.kernel
def transpose(
    A: enigma.f32,
    B: enigma.f32,
    rows: enigma.Scalar[enigma.u32],
    cols: enigma.Scalar[enigma.u32],
):
    tile = enigma.threadgroup_alloc(enigma.f32, TILE * PITCH)
    local = enigma.thread_position_in_threadgroup
    group = enigma.threadgroup_position_in_grid

    row = group.y * TILE + local.y
    col = group.x * TILE + local.x
    if row < rows and col < cols:
        tile[local.y * PITCH + local.x] = A[row * cols + col]
    enigma.barrier()

    out_row = group.x * TILE + local.y
    out_col = group.y * TILE + local.x
    if out_row < cols and out_col < rows:
        B[out_row * rows + out_col] = tile[local.x * PITCH + local.y]


def launches() -> Iterator[Launch]:
    """A 45 x 70 matrix, whose tiles overhang on both sides."""
    rows, cols = 45, 70
    a = np.random.default_rng(2).standard_normal((rows, cols), dtype=np.float32)
    yield Launch(
        title=f"transpose of a {rows} x {cols} matrix",
        kernel=enigma.compile(transpose),
        arguments=[a, np.zeros((cols, rows), np.float32), rows, cols],
        grid=(-(-cols // TILE), -(-rows // TILE), 1),
        block=(TILE, TILE, 1),
        expected={1: a.T},
    )


if __name__ == "__main__":
    print(enigma.compile(transpose).metal_source)
    show(launches())
