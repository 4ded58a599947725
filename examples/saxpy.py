# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""saxpy: scalars by value, and a guard for a size that the block does not divide."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, groups, show


@enigma.kernel
def saxpy(a: enigma.Scalar[enigma.f32], X: enigma.f32, Y: enigma.f32, n: enigma.Scalar[enigma.u32]):
    tid = enigma.thread_position_in_grid
    if tid < n:
        Y[tid] = a * X[tid] + Y[tid]


def launches() -> Iterator[Launch]:
    """1003 elements: neither a multiple of the block nor of the vector width."""
    n, a = 1003, 2.5
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, n), dtype=np.float32)
    for vec_width in (0, 2, 4):
        kernel = enigma.compile(saxpy, vec_width=vec_width)
        yield Launch(
            title=f"saxpy of {n} floats, vec_width={vec_width}",
            kernel=kernel,
            arguments=[a, x, y.copy(), n],
            grid=groups(n, kernel, 64),
            block=(64, 1, 1),
            expected={2: np.float32(a) * x + y},
        )


if __name__ == "__main__":
    print(enigma.compile(saxpy).metal_source)
    show(launches())
