# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The 3 x 3 patches of an image as columns of a matrix: a gather that is a layout."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

BLOCK = 128


@enigma.kernel
def im2col_kernel(patches, columns):
    p = enigma.thread_position_in_grid.x
    if p < enigma.size(columns, mode=[1]):
        enigma.copy(patches[(None, p)], columns[(None, p)])


@enigma.jit
def im2col(image, columns):
    m, n = image.shape
    # Element (r, c) of patch (i, j) is element (r + i, c + j) of the image. Coordinates of
    # the image count with the first mode fastest, whatever lies together in memory.
    index = Layout(((3, 3), (m - 2, n - 2)), ((1, m), (1, m)))
    im2col_kernel(enigma.composition(image, index), columns).launch(
        grid=-(-enigma.size(columns, mode=[1]) // BLOCK), block=BLOCK
    )


def compile_for(image: Layout) -> enigma.CompiledKernel:
    """Compile for a layout of the image."""
    m, n = image.shape
    patches = (m - 2) * (n - 2)
    return enigma.compile(
        im2col,
        Tensor("image", 0, "float", image),
        Tensor("columns", 1, "float", Layout((9, patches), (patches, 1))),
    )


def launches() -> Iterator[JitLaunch]:
    """One image, stored by rows and stored by columns."""
    m, n = 20, 30
    image = np.random.default_rng(11).random((m, n), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    # From (i, j, r, c), with r and i running faster than c and j.
    expected = windows.transpose(3, 2, 1, 0).reshape(9, -1)
    for order, layout, memory in (
        ("rows", Layout((m, n), (n, 1)), image),
        ("columns", Layout((m, n)), np.asfortranarray(image)),
    ):
        kernel = compile_for(layout)
        yield JitLaunch(
            title=f"3 x 3 patches of a {m} x {n} image by {order}",
            kernel=kernel,
            arguments={
                "image": memory,
                "columns": np.zeros((9, (m - 2) * (n - 2)), np.float32),
            },
            expected={"columns": expected},
        )


if __name__ == "__main__":
    print(compile_for(Layout((20, 30), (30, 1))).metal_source)
    show(launches())
