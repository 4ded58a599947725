# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Vector add: one thread for each element, then one thread for each four."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, groups, show


@enigma.kernel
def vector_add(A: enigma.f32, B: enigma.f32, C: enigma.f32):
    tid = enigma.thread_position_in_grid
    C[tid] = A[tid] + B[tid]


def launches() -> Iterator[Launch]:
    """Vector add of 4096 elements, scalar and with float4 accesses."""
    n = 4096
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, n), dtype=np.float32)
    for vec_width in (0, 4):
        kernel = enigma.compile(vector_add, vec_width=vec_width)
        yield Launch(
            title=f"vector add of {n} floats, vec_width={vec_width}",
            kernel=kernel,
            arguments=[a, b, np.zeros_like(a)],
            grid=groups(n, kernel, 256),
            block=(256, 1, 1),
            expected={2: a + b},
        )


if __name__ == "__main__":
    print(enigma.compile(vector_add).metal_source)
    print(enigma.compile(vector_add, vec_width=4).metal_source)
    show(launches())
