# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A blur of an image: nine windows of one tile with a halo, and borders that tiles overhang."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

WEIGHTS = ((1 / 16, 1 / 8, 1 / 16), (1 / 8, 1 / 4, 1 / 8), (1 / 16, 1 / 8, 1 / 16))
THREADS = Layout((8, 32), (32, 1))
# Each thread owns 4 rows of a column.
TILER, TV = enigma.make_layout_tv(THREADS, Layout((4, 1)))
ROWS, COLUMNS = TILER
PITCH = COLUMNS + 2


@enigma.kernel
def tiled_stencil_kernel(src, dst):
    tid = enigma.thread_index_in_threadgroup()
    x, y, _ = enigma.arch.block_idx()
    memory = enigma.threadgroup_alloc(enigma.f32, (ROWS + 2) * PITCH)

    # The tile begins one element above and left of those that are computed.
    positions = enigma.make_identity_tensor(dst.shape)
    top, left = enigma.local_tile(positions, TILER, (y, x))[0, 0]
    halo = enigma.make_tensor(memory, Layout((ROWS + 2, PITCH), (PITCH, 1)))
    mine = enigma.local_partition(halo, THREADS, tid)
    where = enigma.local_partition(enigma.make_identity_tensor(halo.shape), THREADS, tid)
    for v in range(enigma.size(mine)):
        row, column = where[v]
        i, j = top + row - 1, left + column - 1
        inside = (i >= 0) & (i < src.shape[0]) & (j >= 0) & (j < src.shape[1])
        mine[v] = enigma.load_if(src, (i, j), inside)
    enigma.barrier()

    total = enigma.make_fragment(enigma.size(TV, mode=[1]))
    for i in range(3):
        for j in range(3):
            window = enigma.make_tensor(memory, Layout(TILER, (PITCH, 1)), offset=i * PITCH + j)
            values = enigma.tensor_composition(window, TV, TILER)[(tid, None)].load()
            total = enigma.fma(values, WEIGHTS[i][j], total)
    out = enigma.local_tile(dst, TILER, (y, x))
    enigma.tensor_composition(out, TV, TILER)[(tid, None)].store(total)


@enigma.jit
def tiled_stencil(src, dst):
    _, (rows, columns) = enigma.zipped_divide(dst, TILER).shape
    tiled_stencil_kernel(src, dst).launch(
        grid=(columns, rows, 1), block=(enigma.size(THREADS), 1, 1)
    )


def any_size() -> enigma.CompiledKernel:
    """Compile for images of all sizes."""
    layout = Layout((enigma.dyn("m"), enigma.dyn("n")), (enigma.dyn("n"), 1))
    return enigma.compile(
        tiled_stencil, Tensor("src", 0, "float", layout), Tensor("dst", 1, "float", layout)
    )


def blurred(image: np.ndarray) -> np.ndarray:
    """The blur of an image that is black outside."""
    m, n = image.shape
    padded = np.pad(image, 1)
    return sum(WEIGHTS[i][j] * padded[i : i + m, j : j + n] for i in range(3) for j in range(3))


def launches() -> Iterator[JitLaunch]:
    """Images of two sizes, whose borders tiles overhang."""
    kernel = any_size()
    for m, n in ((50, 100), (64, 33)):
        image = np.random.default_rng(9).random((m, n), np.float32)
        yield JitLaunch(
            title=f"blur of a {m} x {n} image",
            kernel=kernel,
            arguments={"src": image, "dst": np.zeros_like(image)},
            expected={"dst": blurred(image)},
        )


if __name__ == "__main__":
    print(any_size().metal_source)
    show(launches())
