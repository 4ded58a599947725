# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products by tiles: the kernel that tests of atoms compile, its tensors, and its numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Array, values_of
from conformance.tensors import values
from enigma import CompiledKernel, Layout, Tensor


def product(
    mma: enigma.TiledMma,
    tile: tuple[int, int, int],
    function: Callable[[Any], Any] | None = None,
    result: Any = None,
    start: bool = False,
    reduce: bool = False,
) -> Any:
    """C = function(A B), or C + A B if `start`, by partitions; of A and B in device memory."""
    rows, columns, depth = tile

    @enigma.kernel
    def product_kernel(A, B, C):
        x, y, _ = enigma.arch.block_idx()
        mine = mma.get_slice(enigma.thread_index_in_threadgroup())
        a = mine.partition_A(enigma.local_tile(A, (rows, depth), (y, None)))
        b = mine.partition_B(enigma.local_tile(B, (columns, depth), (x, None)))
        c = mine.partition_C(enigma.local_tile(C, (rows, columns), (y, x)))
        sums = mine.make_fragment_C(c)
        if start:
            enigma.copy(mma, c, sums)
        for tile in enigma.range(enigma.size(a, mode=[3])):
            part_a, part_b = a[None, None, None, tile], b[None, None, None, tile]
            enigma.gemm(mma, sums, part_a, part_b, sums)
        if reduce:
            mine.reduce_K(sums)
        if function is not None:
            sums = [[m.map(function).to(result) for m in row] for row in sums]
        enigma.copy(mma, sums, c)

    @enigma.jit
    def run(A, B, C):
        m, n = C.shape
        grid = (enigma.ceil_div(n, columns), enigma.ceil_div(m, rows), 1)
        product_kernel(A, B, C).launch(grid=grid, block=mma.size)

    return run


def tensors(dtypes: tuple[str, str, str], orders: str, shape: tuple[int, int, int]) -> list[Tensor]:
    """A of (m, k), B of (n, k) and C of (m, n), each by rows ("r") or by columns ("c")."""
    m, n, k = shape
    shapes = (m, k), (n, k), (m, n)
    return [
        Tensor(name, i, dtype, Layout(s, (s[1], 1) if order == "r" else (1, s[0])))
        for i, (name, dtype, s, order) in enumerate(zip("ABC", dtypes, shapes, orders, strict=True))
    ]


def factors(dtypes: tuple[str, str, str], shape: tuple[int, int, int]) -> tuple[Array, Array]:
    """A and B, of small numbers."""
    m, n, k = shape
    return values(dtypes[0], m, k, seed=1), values(dtypes[1], n, k, seed=2)


def arranged(array: Array, order: str) -> Array:
    """The elements as they lie in memory."""
    return np.ascontiguousarray(array if order == "r" else array.T).ravel()


def check(
    kernel: CompiledKernel,
    dtypes: tuple[str, str, str],
    orders: str,
    shape: tuple[int, int, int],
    expected: Callable[[Array], Array] | None = None,
    start: Array | None = None,
    **options: Any,
) -> None:
    """Run a kernel of `product`, and compare C, which is `start` before."""
    m, n, _ = shape
    a, b = factors(dtypes, shape)
    c = arranged(np.zeros((m, n), NUMPY[dtypes[2]]) if start is None else start, orders[2]).copy()
    args = [arranged(a, orders[0]), arranged(b, orders[1]), c]
    harness.run(kernel, args=args, grid=kernel.grid, block=kernel.block, **options)
    x, y = values_of(dtypes[0], a), values_of(dtypes[1], b)
    wanted = x.astype(np.float64) @ y.T.astype(np.float64)
    if start is not None:
        wanted = wanted + start
    if expected is not None:
        wanted = expected(wanted)
    found = values_of(dtypes[2], c).astype(np.float64)
    found = found.reshape(m, n) if orders[2] == "r" else found.reshape(n, m).T
    np.testing.assert_array_equal(found, wanted)
