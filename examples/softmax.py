# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Softmax of rows of any length: a threadgroup a row, whose threads join what they found."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

BLOCK = 128
LOWEST = -3.0e38


@enigma.kernel
def softmax_kernel(X, Y):
    row = enigma.threadgroup_position_in_grid.x
    tid = enigma.thread_index_in_threadgroup
    columns = X.shape[1]

    # The greatest element, and the sum of exponentials relative to it, in one pass: a greater
    # element rescales the sum so far.
    greatest = LOWEST
    total = 0.0
    for col in enigma.range(tid, columns, BLOCK):
        x = X[row, col].to(enigma.f32)
        if x > greatest:
            total *= enigma.exp(greatest - x)
            greatest = x
        total += enigma.exp(x - greatest)

    row_greatest = enigma.threadgroup_max(greatest)
    total *= enigma.exp(greatest - row_greatest)
    scale = 1.0 / enigma.threadgroup_sum(total)
    for col in enigma.range(tid, columns, BLOCK):
        y = enigma.exp(X[row, col] - row_greatest) * scale
        Y[row, col] = y.to(Y.element_type)


@enigma.jit
def softmax(X, Y):
    softmax_kernel(X, Y).launch(grid=(X.shape[0], 1, 1), block=(BLOCK, 1, 1))


def any_size(dtype: str = "float") -> enigma.CompiledKernel:
    """Compile for row-major matrices of all sizes."""
    rows = Layout((enigma.dyn("rows"), enigma.dyn("columns")), (enigma.dyn("columns"), 1))
    return enigma.compile(softmax, Tensor("X", 0, dtype, rows), Tensor("Y", 1, dtype, rows))


def reference(x: np.ndarray) -> np.ndarray:
    """Softmax along the last axis, in double precision."""
    x = x.astype(np.float64)
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def launches() -> Iterator[JitLaunch]:
    """Rows shorter and longer than a threadgroup, in float and in half."""
    rng = np.random.default_rng(11)
    for dtype, rtol in ((np.float32, 1e-5), (np.float16, 1e-3)):
        kernel = any_size("float" if dtype is np.float32 else "half")
        for rows, columns in ((3, 1), (2, 100), (4, 128), (2, 1000)):
            x = (10 * rng.standard_normal((rows, columns))).astype(dtype)
            yield JitLaunch(
                title=f"softmax of {rows} rows of {columns} {x.dtype}",
                kernel=kernel,
                arguments={"X": x, "Y": np.zeros_like(x), "rows": rows, "columns": columns},
                expected={"Y": reference(x)},
                rtol=rtol,
                atol=1e-7,
            )


if __name__ == "__main__":
    print(any_size().metal_source)
    show(launches())
