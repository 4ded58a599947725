# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A 1-D convolution: a compile-time number of taps, and edges that count as zero."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, groups, show


@enigma.kernel
def convolve(
    A: enigma.f32,
    weights: enigma.f32,
    B: enigma.f32,
    n: enigma.Scalar[enigma.i32],
    taps: enigma.constexpr,
):
    i = enigma.thread_position_in_grid.x.to(enigma.i32)
    if i >= n:
        return
    total = 0.0
    for k in enigma.range_constexpr(taps):
        j = i + k - taps // 2
        inside = (j >= 0) & (j < n)
        total += weights[k] * enigma.load_if(A, j, inside, default=0.0)
    B[i] = total


def launches() -> Iterator[Launch]:
    """Five taps over 333 elements, in integers, so that the sum is exact."""
    n, taps = 333, 5
    rng = np.random.default_rng(4)
    a = rng.integers(-9, 10, n).astype(np.float32)
    weights = rng.integers(-9, 10, taps).astype(np.float32)
    kernel = enigma.compile(convolve, constants={"taps": taps})
    yield Launch(
        title=f"convolution of {n} floats with {taps} taps",
        kernel=kernel,
        arguments=[a, weights, np.zeros_like(a), n],
        grid=groups(n, kernel, 64),
        block=(64, 1, 1),
        expected={2: np.convolve(a, weights[::-1], mode="same").astype(np.float32)},
    )


if __name__ == "__main__":
    print(enigma.compile(convolve, constants={"taps": 5}).metal_source)
    show(launches())
