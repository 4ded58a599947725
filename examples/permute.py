# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Batches of images from channels last to channels first, in float4 wherever both sides allow."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

# Threads and values of a tile over (image, row, column, channel).
TILER, TV = enigma.make_layout_tv(Layout((1, 2, 4, 8), (64, 32, 8, 1)), Layout((1, 1, 4, 4)))


@enigma.kernel
def permute_kernel(src, dst):
    tid = enigma.thread_index_in_threadgroup()
    block = enigma.threadgroup_position_in_grid.x
    tiles = [enigma.zipped_divide(t, TILER)[(None, block)] for t in (src, dst)]
    source, target = (enigma.composition(tile, TV)[(tid, None)] for tile in tiles)
    enigma.copy(source, target)


@enigma.jit
def permute(src, dst):
    tiles = enigma.size(enigma.zipped_divide(src, TILER), mode=[1])
    permute_kernel(src, dst).launch(grid=tiles, block=enigma.size(TV, mode=[0]))


def compile_for(src: Layout, dst: Layout) -> enigma.CompiledKernel:
    """Compile for layouts of both sides, from (image, row, column, channel)."""
    return enigma.compile(permute, Tensor("src", 0, "float", src), Tensor("dst", 1, "float", dst))


def channels_last(n, h, w, c) -> Layout:
    """The layout of images whose channels lie together."""
    return enigma.make_ordered_layout((n, h, w, c), (3, 2, 1, 0))


def channels_first(n, h, w, c) -> Layout:
    """The layout of images whose rows lie together."""
    return enigma.make_ordered_layout((n, h, w, c), (3, 1, 0, 2))


def launches() -> Iterator[JitLaunch]:
    """Images that tiles divide, and images that they do not."""
    for shape in ((2, 8, 16, 32), (2, 5, 20, 36)):
        src = np.random.default_rng(12).random(shape, np.float32)
        # In memory (image, channel, row, column), seen as the source is.
        dst = np.zeros_like(src.transpose(0, 3, 1, 2), order="C").transpose(0, 2, 3, 1)
        kernel = compile_for(channels_last(*shape), channels_first(*shape))
        yield JitLaunch(
            title="{} images of {} x {} x {}: channels first".format(*shape),
            kernel=kernel,
            arguments={"src": src, "dst": dst},
            expected={"dst": src},
        )


if __name__ == "__main__":
    shape = (2, 8, 16, 32)
    print(compile_for(channels_last(*shape), channels_first(*shape)).metal_source)
    show(launches())
