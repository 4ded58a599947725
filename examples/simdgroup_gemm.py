# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""GELU(A B + bias) on the matrix units: a SIMD group holds 32 x 32 sums in registers.

Rows and columns of the result are multiples of 32, and the depth one of 8.
"""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, show

TILE = 32  # rows and columns of a SIMD group
UNITS = TILE // 8


@enigma.func
def gelu(x):
    """The approximation by tanh."""
    return 0.5 * x * (1.0 + enigma.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))


def make_gemm(dtype):
    """The kernel for operands of ``dtype``; sums and biases are floats."""

    @enigma.kernel
    def gemm(
        A: dtype,
        B: dtype,
        bias: enigma.f32,
        C: enigma.f32,
        n: enigma.Scalar[enigma.u32],
        k: enigma.Scalar[enigma.u32],
        activate: enigma.constexpr,
    ):
        group = enigma.threadgroup_position_in_grid
        row, col = group.y * TILE, group.x * TILE
        sums = [
            [enigma.make_filled_simdgroup_matrix(0.0) for _ in range(UNITS)] for _ in range(UNITS)
        ]
        for depth in enigma.range(0, k, 8):
            a = [
                enigma.simdgroup_matrix_load(A, k, origin=(depth, row + 8 * i))
                for i in range(UNITS)
            ]
            b = [
                enigma.simdgroup_matrix_load(B, n, origin=(col + 8 * j, depth))
                for j in range(UNITS)
            ]
            for i in range(UNITS):
                for j in range(UNITS):
                    sums[i][j] = enigma.simdgroup_multiply_accumulate(a[i], b[j], sums[i][j])

        for j in range(UNITS):
            # Rows that are no distance apart: each is the bias of these columns.
            biases = enigma.simdgroup_matrix_load(bias, 0, origin=(col + 8 * j, 0))
            for i in range(UNITS):
                out = sums[i][j] + biases
                if activate:
                    out = out.map(gelu)
                enigma.simdgroup_matrix_store(out, C, n, origin=(col + 8 * j, row + 8 * i))

    return gemm


def reference(a: np.ndarray, b: np.ndarray, bias: np.ndarray, activate: bool) -> np.ndarray:
    """The same in double precision."""
    x = a.astype(np.float64) @ b + bias
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3))) if activate else x


def launches() -> Iterator[Launch]:
    """Small integers for exact sums without activation, and fractions with it."""
    rng = np.random.default_rng(21)
    for dtype in (np.float32, np.float16):
        gemm = make_gemm(enigma.f32 if dtype is np.float32 else enigma.f16)
        for activate in (False, True):
            kernel = enigma.compile(gemm, constants={"activate": activate})
            for m, n, k in ((32, 32, 8), (64, 96, 40)):
                scale = 8 if activate else 1
                a = (rng.integers(-4, 5, (m, k)) / scale).astype(dtype)
                b = (rng.integers(-4, 5, (k, n)) / scale).astype(dtype)
                bias = rng.integers(-4, 5, n).astype(np.float32)
                yield Launch(
                    title=f"{'GELU of a ' if activate else ''}product of {m} x {k} and {k} x {n} "
                    f"matrices of {a.dtype} by SIMD groups",
                    kernel=kernel,
                    arguments=[a, b, bias, np.zeros((m, n), np.float32), n, k],
                    grid=(n // TILE, m // TILE, 1),
                    block=(32, 1, 1),
                    expected={3: reference(a, b, bias, activate)},
                )


if __name__ == "__main__":
    print(enigma.compile(make_gemm(enigma.f16), constants={"activate": True}).metal_source)
    show(launches())
