# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels over tensors: the tiled examples, for many layouts, sizes and dtypes."""

import itertools

import pytest

import enigma
import tiled_add
from conformance.emitted import Kernels, values_of
from conformance.tensors import check, launch, memory_of, places, tensor, values
from enigma import Layout, dyn

KERNELS = Kernels()


def rows(m, n):
    return Layout((m, n), (n, 1))


def columns(m, n):
    return Layout((m, n))


def padded_rows(m, n):
    return Layout((m, n), (n + 3, 1))


def padded_columns(m, n):
    return Layout((m, n), (1, m + 4))


def interleaved(m, n):
    return Layout((m, n), (2 * n, 2))


def upwards(m, n):
    return Layout((m, n), (-n, 1))


def backwards(m, n):
    return Layout((m, n), (n, -1))


PLAIN = (rows, columns, padded_rows, padded_columns)
ALL = (*PLAIN, interleaved, upwards, backwards)


def names(layouts):
    return "-".join(layout.__name__ for layout in layouts)


# Tiled sums.

# Tiles of 16 x 128 divide the first of these; the second is one element more in each mode.
SIZES = ((32, 256), (33, 257), (16, 128), (45, 172))
MIXED = [
    *((layout,) * 3 for layout in ALL),
    (rows, columns, padded_rows),
    (columns, rows, padded_columns),
    (upwards, backwards, rows),
    (interleaved, padded_columns, columns),
]
for layouts, size in itertools.product(MIXED, SIZES):
    KERNELS.add(
        ("add", layouts, size),
        tiled_add.tiled_add,
        *(tensor("ABC"[i], i, "float", layout(*size)) for i, layout in enumerate(layouts)),
    )


def check_sum(kernel, name, layouts, guard="end", **sizes):
    """Run a sum of two tensors, and compare."""
    a, b = (values(name, *places(layouts[0]).shape, seed=seed) for seed in (1, 2))
    c = values_of(name, a) + values_of(name, b)
    inputs = [memory_of(layout, name, x) for layout, x in zip(layouts, (a, b), strict=False)]
    before = memory_of(layouts[2], name)
    after = before.copy()
    launch(kernel, *inputs, after, guard=guard, **sizes)
    check(layouts[2], values_of(name, before), values_of(name, after), c)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("layouts", MIXED, ids=names)
def test_sum_of_any_layouts(layouts, size):
    kernel = KERNELS["add", layouts, size]
    for guard in ("end", "start"):
        check_sum(kernel, "f32", [layout(*size) for layout in layouts], guard)


TWO = [MIXED[0], (rows, columns, padded_rows)]
THREE = [*TWO, MIXED[2]]
DTYPES = ("f32", "f16", "bf16", "i32", "u8", "i8", "u16", "i64", "u64")
for name, layouts in itertools.product(DTYPES, THREE):
    KERNELS.add(
        ("dtype", name, layouts),
        tiled_add.tiled_add,
        *(tensor("ABC"[i], i, name, layout(33, 172)) for i, layout in enumerate(layouts)),
    )


@pytest.mark.parametrize("layouts", THREE, ids=names)
@pytest.mark.parametrize("name", DTYPES)
def test_sum_of_any_dtype(name, layouts):
    check_sum(KERNELS["dtype", name, layouts], name, [layout(33, 172) for layout in layouts])


def sum_by(thr, val):
    """A sum by tiles of other threads and values."""

    @enigma.jit
    def tiled_sum(A, B, C):
        tiler, tv = enigma.make_layout_tv(thr, val)
        gA, gB, gC = (enigma.tensor_zipped_divide(t, tiler) for t in (A, B, C))
        tiled_add.tiled_add_kernel(gA, gB, gC, tv, tiler).launch(
            grid=enigma.size(gA, mode=[1]), block=enigma.size(tv, mode=[0])
        )

    return tiled_sum


PARTITIONS = {
    "one thread": (Layout((1, 1)), Layout((4, 4), (4, 1))),
    "one value": (Layout((4, 8), (8, 1)), Layout((1, 1))),
    "columns": (Layout((8, 4)), Layout((4, 1))),
    "pairs": (Layout((4, 8), (8, 1)), Layout((1, 2), (2, 1))),
    "threes": (Layout((3, 5), (5, 1)), Layout((3, 3))),
    "nested threads": (Layout(((2, 2), (2, 4)), ((1, 16), (2, 4))), Layout((2, 4), (4, 1))),
    "nested values": (Layout((4, 4)), Layout((2, (2, 2)), (2, (1, 4)))),
    "interleaved": (Layout((2, 16), (16, 1)), Layout((2, 8), (1, 2))),
}
for (label, (thr, val)), layouts in itertools.product(PARTITIONS.items(), TWO):
    KERNELS.add(
        ("partition", label, layouts),
        sum_by(thr, val),
        *(tensor("ABC"[i], i, "float", layout(35, 150)) for i, layout in enumerate(layouts)),
    )


@pytest.mark.parametrize("layouts", TWO, ids=names)
@pytest.mark.parametrize("label", PARTITIONS)
def test_sum_by_any_partition(label, layouts):
    kernel = KERNELS["partition", label, layouts]
    check_sum(kernel, "f32", [layout(35, 150) for layout in layouts])


# Sums over other ranks than two.


def sum_of_rank(tiler, threads):
    """A sum by tiles of which each thread of `threads` takes every so many elements."""

    whole = (None,) * len(tiler) if isinstance(tiler, tuple) else None

    @enigma.kernel
    def kernel(A, B, C):
        thread = enigma.thread_index_in_threadgroup()
        block = enigma.threadgroup_position_in_grid.x
        tiles = [enigma.zipped_divide(t, tiler)[(whole, block)] for t in (A, B, C)]
        a, b, c = (enigma.local_partition(tile, threads, thread) for tile in tiles)
        c.store(a.load() + b.load())

    @enigma.jit
    def tiled_sum(A, B, C):
        kernel(A, B, C).launch(
            grid=enigma.size(enigma.zipped_divide(C, tiler), mode=[1]),
            block=enigma.size(threads),
        )

    return tiled_sum


RANKS = {
    "1-D": (64, Layout(16), (Layout(200), Layout(200, 3), Layout(200, -1))),
    "1-D whole": (64, Layout(16), (Layout(256),) * 3),
    "3-D": (
        (2, 4, 16),
        Layout((1, 4, 8), (32, 8, 1)),
        (
            Layout((5, 7, 33), (231, 33, 1)),
            Layout((5, 7, 33)),
            Layout((5, 7, 33), (8 * 36, 36, 1)),
        ),
    ),
    "3-D whole": (
        (2, 4, 16),
        Layout((1, 4, 8), (32, 8, 1)),
        (Layout((4, 8, 32), (256, 32, 1)),) * 3,
    ),
    "4-D": (
        (1, 2, 2, 8),
        Layout((1, 2, 2, 4), (16, 8, 4, 1)),
        (
            Layout((2, 3, 5, 11), (165, 55, 11, 1)),
            Layout((2, 3, 5, 11)),
            Layout((2, 3, 5, 11), (1, 2, 6, 32)),
        ),
    ),
}
for label, (tiler, threads, layouts) in RANKS.items():
    KERNELS.add(
        ("rank", label),
        sum_of_rank(tiler, threads),
        *(tensor("ABC"[i], i, "float", layout) for i, layout in enumerate(layouts)),
    )


@pytest.mark.parametrize("label", RANKS)
def test_sum_of_any_rank(label):
    for guard in ("end", "start"):
        check_sum(KERNELS["rank", label], "f32", RANKS[label][2], guard)


# One kernel for all sizes.

SYMBOLIC = {
    "rows": ((dyn("m"), dyn("n")), [rows] * 3),
    "rows of fours": ((dyn("m"), dyn("n", div=4)), [rows] * 3),
    "mixed": ((dyn("m"), dyn("n")), [rows, columns, padded_rows]),
    "mixed fours": ((dyn("m", div=4), dyn("n", div=4)), [columns, rows, padded_columns]),
    "known rows": ((48, dyn("n")), [rows, columns, padded_rows]),
}
for label, (size, layouts) in SYMBOLIC.items():
    KERNELS.add(
        ("symbolic", label),
        tiled_add.tiled_add,
        *(
            enigma.Tensor("ABC"[i], i, "float", layout(*size), base_offset=8)
            for i, layout in enumerate(layouts)
        ),
    )


@pytest.mark.parametrize("label", SYMBOLIC)
def test_one_kernel_for_all_sizes(label):
    shape, layouts = SYMBOLIC[label]
    kernel = KERNELS["symbolic", label]
    for m, n in (
        (16, 128),
        (48, 256),
        (20, 132),
        (100, 200),
        (17, 129),
        (5, 31),
        (1, 1),
        (48, 300),
    ):
        sizes = dict(m=m, n=n)
        if any(
            sizes[name] != s if isinstance(s, int) else sizes[name] % s.div
            for name, s in zip("mn", shape, strict=True)
        ):
            continue
        check_sum(
            kernel,
            "f32",
            [layout(m, n) for layout in layouts],
            **{name: sizes[name] for name in kernel.scalar_params},
        )
