# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiles that overhang are loaded as a whole before any of it is stored.

A kernel reads all elements of a tile, then writes them: where several elements share a place in
memory, or another view is of the same places, what is written does not depend on what the same
kernel wrote before, and the last element of a place stays.
"""

import itertools

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import Kernels
from conformance.tensors import check, launch, leaves, memory_of, start_of, tensor, values
from enigma import Layout, Tensor, dyn

KERNELS = Kernels()
TILE = (3, 4)


def rows(m, n):
    return Layout((m, n), (n, 1))


def columns(m, n):
    return Layout((m, n))


def apart(m, n):
    return Layout((m, n), (2 * n, 2))


def upwards(m, n):
    return Layout((m, n), (-n, 1))


def same_rows(m, n):
    return Layout((m, n), (0, 1))


def same_columns(m, n):
    return Layout((m, n), (1, 0))


def diagonals(m, n):
    return Layout((m, n), (1, 1))


ALONE, SHARED = (rows, columns, apart, upwards), (same_rows, same_columns, diagonals)


@enigma.kernel
def update_kernel(A, X):
    x, y, _ = enigma.arch.block_idx()
    mine = enigma.local_tile(A, TILE, (y, x))
    mine.store(mine.load() * 2 + enigma.local_tile(X, TILE, (y, x)).load())


@enigma.jit
def update(A, X):
    _, (m, n) = enigma.zipped_divide(A, TILE).shape
    update_kernel(A, X).launch(grid=(n, m, 1), block=(1, 1, 1))


def update_args(layout, name="f32"):
    return (tensor("A", 0, name, layout), tensor("X", 1, name, rows(*layout.shape)))


def check_update(kernel, layout, name="f32", **options):
    """Run an update, and compare with one that is made tile by tile."""
    m, n = layout.shape
    memory = memory_of(layout, name, values(name, m, n, seed=1))
    x = values(name, m, n, seed=2)
    expected = memory.copy()
    row_stride, column_stride = leaves(layout.stride)
    for top, left in itertools.product(range(0, m, TILE[0]), range(0, n, TILE[1])):
        before = expected.copy()
        # In the order of the tile's elements: columns.
        for j, i in itertools.product(range(left, left + TILE[1]), range(top, top + TILE[0])):
            if i < m and j < n:
                at = start_of(layout) + i * row_stride + j * column_stride
                expected[at] = before[at] * 2 + x[i, j]
    # Tiles that share places come one after the other.
    launch(kernel, memory, memory_of(rows(m, n), name, x), order="forward", **options)
    np.testing.assert_array_equal(memory, expected)


CASES = [
    *((layout, size) for layout in ALONE for size in ((3, 4), (7, 9), (4, 5))),
    *((layout, size) for layout in SHARED for size in ((3, 4), (4, 4), (3, 5), (5, 6))),
]
for layout, size in CASES:
    KERNELS.add((layout, size), update, *update_args(layout(*size)))
for name in ("f16", "i8", "i64"):
    KERNELS.add(name, update, *update_args(rows(7, 9), name))


@pytest.mark.parametrize(("layout", "size"), CASES)
def test_update(layout, size):
    check_update(KERNELS[layout, size], layout(*size))


@pytest.mark.parametrize("name", ["f16", "i8", "i64"])
def test_update_of_any_dtype(name):
    check_update(KERNELS[name], rows(7, 9), name)


m, n, d = map(dyn, "mnd")
KERNELS.add("rows", update, *update_args(rows(m, n)))
KERNELS.add("columns", update, *update_args(columns(m, n)))
KERNELS.add("steps", update, *update_args(Layout((m, n), (d, 1))))
SIZES = [(7, 9), (2, 1), (1, 5), (1, 1), (9, 3), (3, 4)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("layout", [rows, columns])
def test_update_of_any_size(layout, size):
    check_update(KERNELS[layout.__name__], layout(*size), sizes=dict(zip("mn", size, strict=True)))


@pytest.mark.parametrize("name", ["rows", "columns", "steps"])
def test_stores_are_in_branches_of_rows_and_columns(name):
    text = KERNELS[name].metal_source
    loads, stores = text[: text.index("if (")], text[text.index("if (") :]
    assert loads.count(" ? A[") == TILE[0] * TILE[1]
    assert " ? A[" not in stores
    assert "&&" not in stores
    # One of each column, and in it one of each row.
    assert stores.count("\n    if (") == TILE[1] - 1
    assert stores.count("\n        if (") == TILE[1] * TILE[0]


@pytest.mark.parametrize(("m", "n", "d"), [(3, 4, 5), (3, 4, 2), (2, 3, 1), (2, 4, 0), (3, 2, 0)])
def test_update_with_rows_that_may_overlap(m, n, d):
    check_update(KERNELS["steps"], Layout((m, n), (d, 1)), sizes=dict(m=m, n=n, d=d))


@enigma.kernel
def into_rows_kernel(A, B):
    enigma.copy(B, A)


@enigma.jit
def into_rows(A, B):
    into_rows_kernel(A, B).launch(grid=1, block=1)


for div in (1, 4):
    KERNELS.add(
        ("into rows", div),
        into_rows,
        Tensor("A", 0, "f32", Layout((3, 8), (dyn("d", div=div), 1))),
        Tensor("B", 1, "f32", Layout((3, 8))),
    )


@pytest.mark.parametrize(("div", "d"), [(1, 9), (1, 2), (1, 1), (1, 0), (4, 8), (4, 4), (4, 0)])
def test_whole_rows_that_may_overlap(div, d):
    """Of elements at one place the last one stays, though those of a row are stored together."""
    b = values("f32", 24)
    a = np.zeros(32, np.float32)
    wanted = a.copy()
    for i, x in enumerate(b):
        wanted[i % 3 * d + i // 3] = x
    harness.run(KERNELS["into rows", div], args=[a, b, d], grid=1, block=1)
    np.testing.assert_array_equal(a, wanted)


@enigma.kernel
def neighbours_kernel(A):
    mine = enigma.local_tile(A, (4,), (0,))
    next = enigma.local_tile(enigma.domain_offset(1, A), (4,), (0,))
    mine.store(mine.load() * 2 + next.load())


@enigma.kernel
def between_kernel(A):
    mine = enigma.local_tile(A, (4,), (0,))
    old = mine.load()
    enigma.local_tile(enigma.domain_offset(1, A), (4,), (0,)).fill(5)
    mine.store(old + 1)


@enigma.jit
def neighbours(A):
    neighbours_kernel(A).launch(grid=(1, 1, 1), block=(1, 1, 1))


@enigma.jit
def between(A):
    between_kernel(A).launch(grid=(1, 1, 1), block=(1, 1, 1))


KERNELS.add("neighbours", neighbours, tensor("A", 0, "i32", Layout(n)))
KERNELS.add("between", between, tensor("A", 0, "i32", Layout(n)))


@pytest.mark.parametrize(
    ("label", "expected"), [("neighbours", [40, 70, 67, 7]), ("between", [11, 21, 31, 5])]
)
def test_another_view_of_the_tile(label, expected):
    # The tensor has 3 elements, and one more follows it.
    layout = Layout(4)
    before = memory_of(layout, "i32", np.array([10, 20, 30, 7]))
    after = before.copy()
    launch(KERNELS[label], after, sizes=dict(n=3))
    check(layout, before, after, np.array(expected))


@enigma.kernel
def shift_kernel(A):
    tile = enigma.local_tile(A, (4,), (0,))
    enigma.copy(tile, enigma.local_tile(enigma.domain_offset(1, A), (4,), (0,)))


@enigma.jit
def shift(A):
    shift_kernel(A).launch(grid=1, block=1)


ELEMENTS = {"f32": 1, "float2": 2, "packed_float3": 3, "float4": 4}
for element in ELEMENTS:
    KERNELS.add(("shift", element), shift, Tensor("A", 0, element, Layout(n)))


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("element", ELEMENTS)
def test_copy_onto_the_places_beside(element, size):
    """Elements that are vectors are loaded before any is stored, too.

    A shift is taken at its word: the tensor ends one element later there.
    """
    a = values("f32", 6, ELEMENTS[element])
    wanted = a.copy()
    moved = min(4, size)
    wanted[1 : moved + 1] = a[:moved]
    harness.run(KERNELS["shift", element], args=[a.ravel(), size], grid=1, block=1)
    np.testing.assert_array_equal(a, wanted)
