# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The k greatest elements of rows and where they are: a SIMD group a row."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

SIMDGROUPS = 4  # of a threadgroup
NOWHERE = 0xFFFFFFFF
LOWEST = {"float": -3.0e38, "half": -65504.0}  # fast math knows no infinity


@enigma.func
def precedes(a, i, b, j):
    """Whether element a at i comes before b at j: it is greater, or as great and further left."""
    return a > b or (a == b and i < j)


@enigma.kernel
def top_k_kernel(X, values, indices, lowest):
    lane = enigma.thread_index_in_simdgroup
    group = enigma.threadgroup_position_in_grid.x
    row = group * SIMDGROUPS + enigma.simdgroup_index_in_threadgroup
    rows, columns = X.shape
    k = values.shape[1]
    if row >= rows:
        return

    # The greatest elements of this thread, in order; a new one sinks to its place.
    lowest = X.element_type(lowest)
    best = [(lowest, enigma.u32(NOWHERE)) for _ in range(k)]
    for col in enigma.range(lane, columns, 32):
        value, index = X[row, col], col
        for slot in range(k):
            other, other_index = best[slot]
            if precedes(value, index, other, other_index):
                best[slot] = value, index
                value, index = other, other_index

    # The greatest of the first ones of all threads is next; its thread moves up.
    for slot in range(k):
        value, index = best[0]
        greatest = enigma.simd_max(value)
        found = enigma.simd_min(index if value == greatest else NOWHERE)
        if lane == 0:
            values[row, slot] = greatest
            indices[row, slot] = found
        if index == found:
            best = [*best[1:], (lowest, enigma.u32(NOWHERE))]


@enigma.jit
def top_k(X, values, indices, lowest):
    top_k_kernel(X, values, indices, lowest).launch(
        grid=enigma.ceil_div(X.shape[0], SIMDGROUPS), block=32 * SIMDGROUPS
    )


def compile_top_k(k: int, dtype: str = "float") -> enigma.CompiledKernel:
    """Compile for matrices of all sizes with ``k`` columns or more."""
    rows, columns = enigma.dyn("rows"), enigma.dyn("columns")
    return enigma.compile(
        top_k,
        Tensor("X", 0, dtype, Layout((rows, columns), (columns, 1))),
        Tensor("values", 1, dtype, Layout((rows, k), (k, 1))),
        Tensor("indices", 2, "uint", Layout((rows, k), (k, 1))),
        LOWEST[dtype],
    )


def launches() -> Iterator[JitLaunch]:
    """Rows with equal elements; no more than k of them, and more than a SIMD group has threads."""
    rng = np.random.default_rng(25)
    for k, dtype in ((1, np.float32), (4, np.float32), (5, np.float16)):
        kernel = compile_top_k(k, "float" if dtype is np.float32 else "half")
        for rows, columns in ((1, k), (5, 33), (3, 300)):
            x = rng.integers(-50, 50, (rows, columns)).astype(dtype)
            indices = np.argsort(-x, axis=-1, kind="stable")[:, :k]
            values = np.take_along_axis(x, indices, axis=-1)
            yield JitLaunch(
                title=f"the {k} greatest of {rows} rows of {columns} {x.dtype}",
                kernel=kernel,
                arguments={
                    "X": x,
                    "values": np.zeros_like(values),
                    "indices": np.zeros(indices.shape, np.uint32),
                    "rows": rows,
                    "columns": columns,
                },
                expected={"values": values, "indices": indices},
                rtol=0,
                atol=0,
            )


if __name__ == "__main__":
    print(compile_top_k(2).metal_source)
    show(launches())
