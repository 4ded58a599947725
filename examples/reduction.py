# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A sum: each thread strides through the grid, then a tree joins a threadgroup.

The tree is by hand, to show barriers and steps that are unrolled: `enigma.threadgroup_sum` joins a
threadgroup in one call.
"""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, show

BLOCK = 128


@enigma.kernel
def partial_sums(A: enigma.f32, sums: enigma.f32, n: enigma.Scalar[enigma.u32]):
    scratch = enigma.threadgroup_alloc(enigma.f32, BLOCK)
    lane = enigma.thread_index_in_threadgroup()

    total = 0.0
    i = enigma.thread_position_in_grid.x
    while i < n:
        total += A[i]
        i += enigma.threads_per_grid.x
    scratch[lane] = total
    enigma.barrier()

    half = BLOCK // 2
    while half > 0:  # a Python number: these steps are unrolled
        if lane < half:
            scratch[lane] += scratch[lane + half]
        enigma.barrier()
        half //= 2
    if lane == 0:
        sums[enigma.threadgroup_position_in_grid.x] = scratch[0]


def launches() -> Iterator[Launch]:
    """5000 integers in 3 threadgroups; small integers add up exactly in any order."""
    n, groups = 5000, 3
    a = np.random.default_rng(3).integers(-8, 9, n).astype(np.float32)
    owner = np.arange(n) % (groups * BLOCK) // BLOCK
    sums = np.array([a[owner == g].sum() for g in range(groups)], np.float32)
    yield Launch(
        title=f"sum of {n} floats in {groups} threadgroups",
        kernel=enigma.compile(partial_sums),
        arguments=[a, np.zeros(groups, np.float32), n],
        grid=(groups, 1, 1),
        block=(BLOCK, 1, 1),
        expected={1: sums},
    )


if __name__ == "__main__":
    print(enigma.compile(partial_sums).metal_source)
    show(launches())
