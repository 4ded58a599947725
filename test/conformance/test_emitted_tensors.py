# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels over tensors: the tiled examples, for many layouts, sizes and dtypes."""

import itertools

import numpy as np
import pytest

import enigma
import im2col
import permute
import tiled_add
import tiled_gemm
import tiled_stencil
import tiled_transpose
from conformance.emitted import Kernels, values_of
from conformance.tensors import check, launch, memory_of, places, tensor, values
from enigma import Layout, dyn, pictures

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


def check_sum(kernel, name, layouts, **options):
    """Run a sum of two tensors, and compare."""
    a, b = (values(name, *places(layouts[0]).shape, seed=seed) for seed in (1, 2))
    c = values_of(name, a) + values_of(name, b)
    inputs = [memory_of(layout, name, x) for layout, x in zip(layouts, (a, b), strict=False)]
    before = memory_of(layouts[2], name)
    after = before.copy()
    launch(kernel, *inputs, after, **options)
    check(layouts[2], values_of(name, before), values_of(name, after), c)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("layouts", MIXED, ids=names)
def test_sum_of_any_layouts(layouts, size):
    kernel = KERNELS["add", layouts, size]
    for guard in ("end", "start"):
        check_sum(kernel, "f32", [layout(*size) for layout in layouts], guard=guard)


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
        check_sum(KERNELS["rank", label], "f32", RANKS[label][2], guard=guard)


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
        *(tensor("ABC"[i], i, "float", layout(*size)) for i, layout in enumerate(layouts)),
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
            sizes={name: sizes[name] for name in kernel.scalar_params},
        )


# Transposes through a swizzled tile.

TURNS = [(rows, rows), (padded_rows, rows), (columns, padded_columns), (rows, columns)]
TURNED_SIZES = [(64, 96), (33, 70), (32, 32), (45, 64), (100, 33)]
TRANSPOSES = [
    *(("f32", turn, size) for turn in (*TURNS, (upwards, backwards)) for size in TURNED_SIZES),
    *((name, TURNS[0], (45, 64)) for name in ("f16", "u8", "i64")),
]
for name, turn, (m, n) in TRANSPOSES:
    KERNELS.add(
        ("transpose", name, turn, (m, n)),
        tiled_transpose.tiled_transpose,
        tensor("A", 0, name, turn[0](m, n)),
        tensor("B", 1, name, turn[1](n, m)),
    )
KERNELS.add(
    "transpose",
    tiled_transpose.tiled_transpose,
    tensor("A", 0, "float", rows(dyn("m"), dyn("n"))),
    tensor("B", 1, "float", padded_rows(dyn("n"), dyn("m"))),
)


def check_transpose(kernel, name, source, target, **options):
    """Run a transpose between two layouts, and compare."""
    a = values(name, *places(source).shape, seed=3)
    before = memory_of(target, name)
    after = before.copy()
    launch(kernel, memory_of(source, name, a), after, **options)
    check(target, before, after, a.T)


@pytest.mark.parametrize("order", ["forward", "reverse", "shuffled:1"])
@pytest.mark.parametrize(("name", "turn", "size"), TRANSPOSES)
def test_transpose(name, turn, size, order):
    m, n = size
    kernel = KERNELS["transpose", name, turn, size]
    check_transpose(kernel, name, turn[0](m, n), turn[1](n, m), order=order)


@pytest.mark.parametrize(("m", "n"), [*TURNED_SIZES, (1, 1), (3, 200), (32, 31)])
def test_transpose_of_any_size(m, n):
    check_transpose(
        KERNELS["transpose"], "f32", rows(m, n), padded_rows(n, m), sizes=dict(m=m, n=n)
    )


def test_a_simdgroup_meets_every_bank_once():
    tile = tiled_transpose.TILE
    swizzled = tiled_transpose.SWIZZLED
    # Its threads take a row of the tile in each step; then a row of what is turned, a column.
    row, column = Layout((tile, tile), (tile, 1)), Layout((tile, tile))
    for layout, by_column in ((swizzled.layout, 32), (swizzled, 1)):
        assert pictures.bank_conflicts(layout, row) == [1] * tile
        assert pictures.bank_conflicts(layout, column) == [by_column] * tile


# Blurs, whose windows reach beyond the borders.

BLURS = [(50, 100), (64, 33), (32, 32), (33, 65), (31, 65), (1, 1), (2, 40), (96, 64)]
KERNELS.add(
    "blur",
    tiled_stencil.tiled_stencil,
    tensor("src", 0, "float", padded_rows(dyn("m"), dyn("n"))),
    tensor("dst", 1, "float", padded_rows(dyn("m"), dyn("n"))),
)
for layouts, size in itertools.product(((rows, rows), (columns, padded_rows)), BLURS[:4]):
    KERNELS.add(
        ("blur", layouts, size),
        tiled_stencil.tiled_stencil,
        tensor("src", 0, "float", layouts[0](*size)),
        tensor("dst", 1, "float", layouts[1](*size)),
    )


def check_blur(kernel, source, target, **options):
    """Run a blur, and compare."""
    image = values("f32", *places(source).shape, seed=4)
    before = memory_of(target, "f32")
    after = before.copy()
    launch(kernel, memory_of(source, "f32", image), after, **options)
    check(target, before, after, tiled_stencil.blurred(image))


@pytest.mark.parametrize("size", BLURS[:4], ids=str)
@pytest.mark.parametrize("layouts", [(rows, rows), (columns, padded_rows)], ids=names)
def test_blur(layouts, size):
    for order in ("forward", "shuffled:2"):
        check_blur(
            KERNELS["blur", layouts, size], *(layout(*size) for layout in layouts), order=order
        )


@pytest.mark.parametrize(("m", "n"), BLURS)
def test_blur_of_any_size(m, n):
    check_blur(KERNELS["blur"], padded_rows(m, n), padded_rows(m, n), sizes=dict(m=m, n=n))


# Copies of batches of images, between orders of their modes.


def images(order, padding=0):
    """Layouts of images of shape (n, h, w, c), whose fastest mode is padded."""

    def layout(*shape):
        strides, step = [0] * 4, 1
        for place, mode in enumerate(sorted(range(4), key=lambda mode: order[mode])):
            strides[mode] = step
            step *= shape[mode] + (padding if place == 0 else 0)
        return Layout(shape, tuple(strides))

    layout.__name__ = f"{order}+{padding}"
    return layout


LAST, FIRST = (3, 2, 1, 0), (3, 1, 0, 2)
PERMUTED = [
    (images(LAST), images(LAST)),
    (images(LAST), images(FIRST)),
    (images(FIRST), images(LAST)),
    (images(LAST, 4), images(FIRST, 3)),
    (images((0, 1, 2, 3)), images((1, 0, 3, 2), 1)),
    (images((2, 3, 0, 1), 5), images(LAST, 4)),
]
IMAGES = [(2, 4, 16, 32), (2, 5, 20, 36), (1, 3, 17, 33)]
for layouts, shape, name in itertools.product(PERMUTED, IMAGES, ("f32", "u8")):
    KERNELS.add(
        ("permute", layouts, shape, name),
        permute.permute,
        tensor("src", 0, name, layouts[0](*shape)),
        tensor("dst", 1, name, layouts[1](*shape)),
    )


@pytest.mark.parametrize("name", ["f32", "u8"])
@pytest.mark.parametrize("shape", IMAGES, ids=str)
@pytest.mark.parametrize("layouts", PERMUTED, ids=names)
def test_copy_of_images(layouts, shape, name):
    source, target = (layout(*shape) for layout in layouts)
    x = values(name, *shape, seed=5)
    before = memory_of(target, name)
    after = before.copy()
    launch(KERNELS["permute", layouts, shape, name], memory_of(source, name, x), after)
    check(target, before, after, x)


ANY_IMAGES = [PERMUTED[1], PERMUTED[4]]
for layouts in ANY_IMAGES:
    shape = (dyn("n"), dyn("h"), dyn("w"), dyn("c", div=4))
    KERNELS.add(
        ("permute", layouts),
        permute.permute,
        tensor("src", 0, "float", layouts[0](*shape)),
        tensor("dst", 1, "float", layouts[1](*shape)),
    )


@pytest.mark.parametrize("shape", [*IMAGES[:2], (3, 1, 2, 4)], ids=str)
@pytest.mark.parametrize("layouts", ANY_IMAGES, ids=names)
def test_copy_of_images_of_any_size(layouts, shape):
    source, target = (layout(*shape) for layout in layouts)
    x = values("f32", *shape, seed=5)
    before = memory_of(target, "f32")
    after = before.copy()
    sizes = dict(zip("nhwc", shape, strict=True))
    launch(KERNELS["permute", layouts], memory_of(source, "f32", x), after, sizes=sizes)
    check(target, before, after, x)


def test_images_are_copied_by_four_where_both_sides_allow():
    same = KERNELS["permute", PERMUTED[0], IMAGES[0], "f32"].metal_source
    assert same.count("*(device float4*)(dst") == same.count("*(device const float4*)(src") == 4
    turned = KERNELS["permute", PERMUTED[1], IMAGES[0], "f32"].metal_source
    assert turned.count("*(device float4*)(dst") == turned.count("*(device const float4*)(src") == 4
    odd = KERNELS["permute", PERMUTED[1], IMAGES[2], "f32"].metal_source
    assert "float4*" not in odd


# Gathers by composed layouts.


@enigma.kernel
def gather_kernel(source, target):
    i = enigma.thread_position_in_grid.x
    if i < enigma.size(target):
        target[i] = source[i]


def gather_by(index):
    @enigma.jit
    def gather(A, B):
        gather_kernel(enigma.composition(A, index), B).launch(
            grid=-(-enigma.size(B) // 32), block=32
        )

    return gather


GATHERS = {
    "every third": (Layout(100), Layout(33, 3)),
    "every third backwards in memory": (Layout(100, -2), Layout(33, 3)),
    "diagonal": (Layout(17 * 17), Layout(17, 18)),
    "diagonal of a tile": (Layout((4, 6), (6, 1)), Layout((2, 2), (1, 8))),
    "rows and columns": (Layout((8, 12), (12, 1)), Layout((4, 6), (2, 16))),
    "transposed": (Layout((8, 12), (12, 1)), Layout((12, 8), (8, 1))),
    "each twice": (Layout((8, 12)), Layout((2, 96), (0, 1))),
    "windows": (Layout(40), Layout((5, 36), (1, 1))),
    "patches": (Layout((9, 11), (13, 1)), Layout(((3, 3), (7, 9)), ((1, 9), (1, 9)))),
    "by mode": (Layout((9, 12), (12, 1)), (Layout(3, 3), Layout((2, 3), (6, 2)))),
    "nested": (Layout(((2, 4), (3, 5)), ((1, 30), (10, 2))), Layout((4, 15), (2, 8))),
}
for label, (layout, index) in GATHERS.items():
    target = enigma.composition(layout, index).shape
    KERNELS.add(
        ("gather", label),
        gather_by(index),
        tensor("A", 0, "float", layout),
        tensor("B", 1, "float", Layout(target)),
    )


@pytest.mark.parametrize("label", GATHERS)
def test_gather(label):
    layout, index = GATHERS[label]
    a = values("f32", *places(layout).shape, seed=6)
    memory = memory_of(layout, "f32", a)
    if isinstance(index, tuple):
        picked = a[np.ix_(*(places(mode).ravel("F") for mode in index))]
    else:
        picked = a.ravel("F")[places(index)]
    target = Layout(enigma.composition(layout, index).shape)
    before = memory_of(target, "f32")
    after = before.copy()
    launch(KERNELS["gather", label], memory, after)
    check(target, before, after, picked.reshape(places(target).shape, order="F"))


PATCHES = [rows, columns, padded_rows, upwards]
for layout in PATCHES:
    KERNELS.add(
        ("im2col", layout),
        im2col.im2col,
        tensor("image", 0, "float", layout(13, 21)),
        tensor("columns", 1, "float", padded_rows(9, 11 * 19)),
    )


@pytest.mark.parametrize("layout", PATCHES)
def test_patches(layout):
    image = values("f32", 13, 21, seed=7)
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    target = padded_rows(9, 11 * 19)
    before = memory_of(target, "f32")
    after = before.copy()
    launch(KERNELS["im2col", layout], memory_of(layout(13, 21), "f32", image), after)
    check(target, before, after, windows.transpose(3, 2, 1, 0).reshape(9, -1))


# Products of matrices.

PRODUCTS = [
    ("f32", (rows, rows, rows)),
    ("f32", (columns, rows, rows)),
    ("f32", (rows, columns, padded_rows)),
    ("f32", (columns, columns, columns)),
    ("f32", (padded_columns, padded_rows, padded_columns)),
    ("f16", (rows, rows, rows)),
    ("f16", (columns, columns, rows)),
    ("bf16", (rows, rows, rows)),
]
PRODUCT_SIZES = [(64, 64, 16), (100, 70, 45), (65, 129, 17)]
for (name, layouts), (m, n, k) in itertools.product(PRODUCTS, PRODUCT_SIZES):
    KERNELS.add(
        ("gemm", name, layouts, (m, n, k)),
        tiled_gemm.tiled_gemm,
        tensor("A", 0, name, layouts[0](m, k)),
        tensor("B", 1, name, layouts[1](k, n)),
        tensor("C", 2, "float", layouts[2](m, n)),
    )
ANY_PRODUCT = [PRODUCTS[0], PRODUCTS[2], PRODUCTS[3], PRODUCTS[5]]
for name, layouts in ANY_PRODUCT:
    m, n, k = map(dyn, "mnk")
    KERNELS.add(
        ("gemm", name, layouts),
        tiled_gemm.tiled_gemm,
        tensor("A", 0, name, layouts[0](m, k)),
        tensor("B", 1, name, layouts[1](k, n)),
        tensor("C", 2, "float", layouts[2](m, n)),
    )


def check_product(kernel, name, layouts, m, n, k, **options):
    """Run a product of matrices, and compare."""
    a, b, c = values(name, m, k, seed=8), values(name, k, n, seed=9), values("f32", m, n, seed=10)
    A, B, C = layouts[0](m, k), layouts[1](k, n), layouts[2](m, n)
    before = memory_of(C, "f32", c)
    after = before.copy()
    launch(kernel, memory_of(A, name, a), memory_of(B, name, b), after, **options)
    product = values_of(name, a).astype(np.float32) @ values_of(name, b).astype(np.float32)
    check(C, before, after, c + product)


@pytest.mark.parametrize("size", PRODUCT_SIZES, ids=str)
@pytest.mark.parametrize(("name", "layouts"), PRODUCTS)
def test_product(name, layouts, size):
    check_product(KERNELS["gemm", name, layouts, size], name, layouts, *size, order="shuffled:3")


@pytest.mark.parametrize("size", [*PRODUCT_SIZES, (1, 1, 1), (3, 70, 200)], ids=str)
@pytest.mark.parametrize(("name", "layouts"), ANY_PRODUCT)
def test_product_of_any_size(name, layouts, size):
    m, n, k = size
    check_product(KERNELS["gemm", name, layouts], name, layouts, m, n, k, sizes=dict(m=m, n=n, k=k))
