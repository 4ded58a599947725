# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layer norm of rows of any length: a SIMD group a row, mean and variance in one pass."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

SIMDGROUPS = 4  # of a threadgroup
EPSILON = 1e-5


@enigma.func
def merged(count, mean, squares, other_count, other_mean, other_squares):
    """Join the moments of two sets of numbers (Chan et al.); a set may be empty."""
    total = count + other_count
    weight = other_count / enigma.fmax(total, 1.0)
    difference = other_mean - mean
    return (
        total,
        mean + difference * weight,
        squares + other_squares + difference * difference * count * weight,
    )


@enigma.kernel
def layer_norm_kernel(X, weight, bias, Y):
    lane = enigma.thread_index_in_simdgroup
    row = enigma.threadgroup_position_in_grid.x * SIMDGROUPS + enigma.simdgroup_index_in_threadgroup
    rows, columns = X.shape
    if row >= rows:
        return

    # The moments of the elements of this thread (Welford), then those of the row.
    moments = 0.0, 0.0, 0.0
    for col in enigma.range(lane, columns, 32):
        moments = merged(*moments, 1.0, X[row, col].to(enigma.f32), 0.0)
    for distance in (16, 8, 4, 2, 1):
        others = [enigma.simd_shuffle_xor(value, distance) for value in moments]
        moments = merged(*moments, *others)

    _, mean, squares = moments
    scale = enigma.rsqrt(squares / columns + EPSILON)
    for col in enigma.range(lane, columns, 32):
        y = (X[row, col] - mean) * scale * weight[col] + bias[col]
        Y[row, col] = y.to(Y.element_type)


@enigma.jit
def layer_norm(X, weight, bias, Y):
    layer_norm_kernel(X, weight, bias, Y).launch(
        grid=(enigma.ceil_div(X.shape[0], SIMDGROUPS), 1, 1),
        block=(32 * SIMDGROUPS, 1, 1),
    )


def any_size(dtype: str = "float") -> enigma.CompiledKernel:
    """Compile for row-major matrices of all sizes."""
    rows, columns = enigma.dyn("rows"), enigma.dyn("columns")
    matrix = Layout((rows, columns), (columns, 1))
    return enigma.compile(
        layer_norm,
        Tensor("X", 0, dtype, matrix),
        Tensor("weight", 1, "float", Layout(columns)),
        Tensor("bias", 2, "float", Layout(columns)),
        Tensor("Y", 3, dtype, matrix),
    )


def reference(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Layer norm along the last axis, in double precision."""
    x = x.astype(np.float64)
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(x.var(axis=-1, keepdims=True) + EPSILON) * weight + bias


def launches() -> Iterator[JitLaunch]:
    """Rows far from zero, where a difference of squares would lose the variance."""
    rng = np.random.default_rng(12)
    for dtype, rtol, atol in ((np.float32, 1e-4, 1e-4), (np.float16, 2e-3, 2e-3)):
        kernel = any_size("float" if dtype is np.float32 else "half")
        for rows, columns in ((1, 1), (5, 31), (4, 32), (6, 300)):
            x = (100 + rng.standard_normal((rows, columns))).astype(dtype)
            weight, bias = rng.standard_normal((2, columns)).astype(np.float32)
            yield JitLaunch(
                title=f"layer norm of {rows} rows of {columns} {x.dtype}",
                kernel=kernel,
                arguments={
                    "X": x,
                    "weight": weight,
                    "bias": bias,
                    "Y": np.zeros_like(x),
                    "rows": rows,
                    "columns": columns,
                },
                expected={"Y": reference(x, weight, bias)},
                rtol=rtol,
                atol=atol,
            )


if __name__ == "__main__":
    print(any_size().metal_source)
    show(launches())
