# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RMS norm with float weights: a SIMD group a row, four elements a thread at a time."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

SIMDGROUPS = 4  # of a threadgroup
EPSILON = 1e-6


@enigma.kernel
def rms_norm_kernel(X, weight, Y):
    lane = enigma.thread_index_in_simdgroup
    group = enigma.threadgroup_position_in_grid.x
    row = group * SIMDGROUPS + enigma.simdgroup_index_in_threadgroup
    rows, columns = X.shape
    if row >= rows:
        return

    # Pieces of four columns; the last one overhangs where four does not divide the row.
    x, w, y = [enigma.zipped_divide(t, 4) for t in (X[row, None], weight, Y[row, None])]
    squares = 0.0
    for i in enigma.range(lane, enigma.size(x, mode=[1]), 32):
        piece = x[None, i].load().to(enigma.f32)
        squares += (piece * piece).reduce("add")
    scale = enigma.rsqrt(enigma.simd_sum(squares) / columns + EPSILON)
    for i in enigma.range(lane, enigma.size(x, mode=[1]), 32):
        piece = x[None, i].load().to(enigma.f32) * scale * w[None, i].load()
        y[None, i].store(piece.to(Y.element_type))


@enigma.jit
def rms_norm(X, weight, Y):
    rms_norm_kernel(X, weight, Y).launch(
        grid=(enigma.ceil_div(X.shape[0], SIMDGROUPS), 1, 1), block=(32 * SIMDGROUPS, 1, 1)
    )


def any_size(dtype: str = "float", divisor: int = 1) -> enigma.CompiledKernel:
    """Compile for row-major matrices whose number of columns is a multiple of ``divisor``."""
    rows, columns = enigma.dyn("rows"), enigma.dyn("columns", div=divisor)
    matrix = Layout((rows, columns), (columns, 1))
    return enigma.compile(
        rms_norm,
        Tensor("X", 0, dtype, matrix),
        Tensor("weight", 1, "float", Layout(columns)),
        Tensor("Y", 2, dtype, matrix),
    )


def reference(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """RMS norm along the last axis, in double precision."""
    x = x.astype(np.float64)
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON) * weight


def launches() -> Iterator[JitLaunch]:
    """Rows of multiples of four, whose pieces are vectors, and of any length."""
    rng = np.random.default_rng(16)
    cases = ((1, np.float32), (4, np.float32), (1, np.float16), (4, np.float16))
    for divisor, dtype in cases:
        kernel = any_size("float" if dtype is np.float32 else "half", divisor)
        for rows, columns in ((1, 4), (5, 36), (3, 500)) if divisor == 4 else ((1, 1), (6, 201)):
            x = rng.standard_normal((rows, columns)).astype(dtype)
            weight = rng.standard_normal(columns).astype(np.float32)
            arguments = {"X": x, "weight": weight, "Y": np.zeros_like(x)}
            yield JitLaunch(
                title=f"RMS norm of {rows} rows of {columns} {x.dtype}, known to be x {divisor}",
                kernel=kernel,
                arguments={**arguments, "rows": rows, "columns": columns},
                expected={"Y": reference(x, weight)},
                rtol=1e-5 if dtype is np.float32 else 1e-3,
            )


if __name__ == "__main__":
    print(any_size(divisor=4).metal_source)
    show(launches())
