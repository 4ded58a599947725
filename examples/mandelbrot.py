# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The Mandelbrot set: a while loop whose length differs from thread to thread."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, show


@enigma.kernel
def mandelbrot(
    counts: enigma.i32,
    width: enigma.Scalar[enigma.u32],
    height: enigma.Scalar[enigma.u32],
    limit: enigma.Scalar[enigma.i32],
):
    pos = enigma.thread_position_in_grid
    if pos.x >= width or pos.y >= height:
        return
    cr = pos.x.to(enigma.f32) * (3.0 / 64.0) - 2.0
    ci = pos.y.to(enigma.f32) * (3.0 / 64.0) - 1.5
    zr = 0.0
    zi = 0.0
    count = 0
    while count < limit and zr * zr + zi * zi <= 4.0:
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        count += 1
    counts[pos.y * width + pos.x] = count


def reference(width: int, height: int, limit: int) -> np.ndarray:
    """The same iteration in NumPy, in single precision."""
    cr = (np.arange(width, dtype=np.float32) * np.float32(3 / 64) - np.float32(2))[None, :]
    ci = (np.arange(height, dtype=np.float32) * np.float32(3 / 64) - np.float32(1.5))[:, None]
    zr = np.zeros((height, width), np.float32)
    zi = np.zeros((height, width), np.float32)
    counts = np.zeros((height, width), np.int32)
    for _ in range(limit):
        inside = zr * zr + zi * zi <= 4
        zr, zi = (
            np.where(inside, zr * zr - zi * zi + cr, zr),
            np.where(inside, 2 * zr * zi + ci, zi),
        )
        counts += inside
    return counts


def launches() -> Iterator[Launch]:
    """An image of 61 x 50 points; blocks of 16 x 8 threads overhang it."""
    width, height, limit = 61, 50, 40
    yield Launch(
        title=f"Mandelbrot set of {width} x {height} points",
        kernel=enigma.compile(mandelbrot),
        arguments=[np.zeros((height, width), np.int32), width, height, limit],
        grid=(-(-width // 16), -(-height // 8), 1),
        block=(16, 8, 1),
        expected={0: reference(width, height, limit)},
    )


if __name__ == "__main__":
    print(enigma.compile(mandelbrot).metal_source)
    show(launches())
