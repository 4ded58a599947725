# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A 2-D convolution with padding and stride: a pixel of all output channels a thread."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Tensor
from launch import JitLaunch, show

BLOCK = (16, 4, 1)


@enigma.kernel
def conv2d_kernel(X, W, Y, stride, padding):
    """X is (batch, height, width, channels), W (out, rows, columns, channels), Y as X."""
    _, height, width, channels = X.shape
    outputs, kernel_rows, kernel_columns, _ = W.shape
    _, out_height, out_width, _ = Y.shape
    place = enigma.thread_position_in_grid
    col, row, image = place.x.to(enigma.i32), place.y.to(enigma.i32), place.z
    if row >= out_height or col >= out_width:
        return

    sums = [0.0] * outputs
    for i in range(kernel_rows):
        for j in range(kernel_columns):
            y, x = row * stride + i - padding, col * stride + j - padding
            if y >= 0 and y < height and x >= 0 and x < width:
                for channel in range(channels):
                    pixel = X[image, y, x, channel].to(enigma.f32)
                    for out in range(outputs):
                        sums[out] = enigma.fma(
                            pixel, W[out, i, j, channel].to(enigma.f32), sums[out]
                        )
    for out in range(outputs):
        Y[image, row, col, out] = sums[out].to(Y.element_type)


@enigma.jit
def conv2d(X, W, Y, stride, padding):
    batch, out_height, out_width, _ = Y.shape
    conv2d_kernel(X, W, Y, stride, padding).launch(
        grid=(enigma.ceil_div(out_width, BLOCK[0]), enigma.ceil_div(out_height, BLOCK[1]), batch),
        block=BLOCK,
    )


def row_major(*shape):
    """The layout of a compact array in the order of C."""
    return enigma.make_ordered_layout(shape, tuple(reversed(range(len(shape)))))


def compile_conv2d(channels, outputs, size, stride=1, padding=0, dtype="float"):
    """Compile for a filter of ``size`` x ``size``, and images of all sizes."""
    batch, height, width = map(enigma.dyn, ("batch", "height", "width"))
    out_height, out_width = ((n + 2 * padding - size) // stride + 1 for n in (height, width))
    return enigma.compile(
        conv2d,
        Tensor("X", 0, dtype, row_major(batch, height, width, channels)),
        Tensor("W", 1, dtype, row_major(outputs, size, size, channels)),
        Tensor("Y", 2, dtype, row_major(batch, out_height, out_width, outputs)),
        stride,
        padding,
    )


def reference(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """The same in NumPy: windows of the padded images, times the filters."""
    around = (padding, padding)
    x = np.pad(x.astype(np.float64), ((0, 0), around, around, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[1:3], axis=(1, 2))
    return np.einsum("byxcij,oijc->byxo", windows[:, ::stride, ::stride], w)


def launches() -> Iterator[JitLaunch]:
    """Small integers, whose products and sums are exact, in float and in half."""
    rng = np.random.default_rng(20)
    for channels, outputs, size, stride, padding, dtype in (
        (3, 2, 3, 1, 1, np.float32),
        (1, 4, 5, 2, 2, np.float32),
        (4, 3, 1, 1, 0, np.float16),
        (2, 2, 2, 3, 1, np.float16),
    ):
        name = "float" if dtype is np.float32 else "half"
        kernel = compile_conv2d(channels, outputs, size, stride, padding, name)
        for batch, height, width in ((1, 5, 5), (2, 9, 23)):
            x = rng.integers(-3, 4, (batch, height, width, channels)).astype(dtype)
            w = rng.integers(-3, 4, (outputs, size, size, channels)).astype(dtype)
            expected = reference(x, w, stride, padding)
            yield JitLaunch(
                title=f"{size} x {size} convolution of {batch} x {height} x {width} x {channels} "
                f"{x.dtype}, stride {stride}",
                kernel=kernel,
                arguments={
                    "X": x,
                    "W": w,
                    "Y": np.zeros(expected.shape, dtype),
                    "batch": batch,
                    "height": height,
                    "width": width,
                },
                expected={"Y": expected},
                rtol=0,
                atol=0,
            )


if __name__ == "__main__":
    print(compile_conv2d(3, 2, 3, padding=1).metal_source)
    show(launches())
