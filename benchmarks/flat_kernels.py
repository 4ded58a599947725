# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tiled examples compute, with subscripts written by hand for the same sizes.

One thread computes one element (of the patches: one column), as a first version of such a kernel
does; `add` four, by `vec_width=4`.
"""

from __future__ import annotations

import enigma
from enigma import f32


@enigma.kernel
def add(A: f32, B: f32, C: f32):
    i = enigma.thread_position_in_grid
    C[i] = A[i] + B[i]


@enigma.kernel
def transpose(A: f32, B: f32):
    """A is 96 x 64."""
    tile = enigma.threadgroup_alloc(f32, 32 * 33)
    local = enigma.thread_position_in_threadgroup
    group = enigma.threadgroup_position_in_grid
    tile[local.y * 33 + local.x] = A[(group.y * 32 + local.y) * 64 + group.x * 32 + local.x]
    enigma.barrier()
    B[(group.x * 32 + local.y) * 96 + group.y * 32 + local.x] = tile[local.x * 33 + local.y]


@enigma.kernel
def stencil(src: f32, dst: f32):
    """The image is 64 x 64."""
    column = enigma.thread_position_in_grid.x.to(enigma.i32)
    row = enigma.thread_position_in_grid.y.to(enigma.i32)
    total = enigma.f32(0)
    for i in range(3):
        for j in range(3):
            r, c = row + i - 1, column + j - 1
            inside = (r >= 0) & (r < 64) & (c >= 0) & (c < 64)
            weight = (2 - abs(i - 1)) * (2 - abs(j - 1)) / 16
            total = enigma.fma(enigma.load_if(src, r * 64 + c, inside), weight, total)
    dst[row * 64 + column] = total


@enigma.kernel
def permute(src: f32, dst: f32):
    """From (2, 8, 16, 32) with channels last to channels first."""
    i = enigma.thread_position_in_grid.x
    channel, pixel = i % 32, i // 32
    image, place = pixel // 128, pixel % 128
    dst[image * 4096 + channel * 128 + place] = src[i]


@enigma.kernel
def im2col(image: f32, columns: f32):
    """The image is 66 x 66."""
    p = enigma.thread_position_in_grid.x
    if p < 4096:
        row, column = p % 64, p // 64
        for j in range(3):
            for i in range(3):
                columns[(j * 3 + i) * 4096 + p] = image[(row + i) * 66 + column + j]


@enigma.kernel
def gemm(A: f32, B: f32, C: f32):
    """The matrices are 128 x 128."""
    column = enigma.thread_position_in_grid.x
    row = enigma.thread_position_in_grid.y
    total = C[row * 128 + column]
    for k in enigma.range(128):
        total = enigma.fma(A[row * 128 + k], B[k * 128 + column], total)
    C[row * 128 + column] = total
