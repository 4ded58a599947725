# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A histogram: threadgroups count in their own memory, and add up what they counted."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, show

BLOCK = 128


@enigma.kernel
def histogram(
    X: enigma.u8,
    counts: enigma.u32,
    n: enigma.Scalar[enigma.u32],
    bins: enigma.constexpr,
):
    local = enigma.threadgroup_alloc(enigma.u32, bins)
    tid = enigma.thread_index_in_threadgroup
    for bin in range(0, bins, BLOCK):  # Python's range: unrolled
        if bin + tid < bins:
            local[bin + tid] = 0
    enigma.barrier()

    for i in enigma.range(enigma.thread_position_in_grid.x, n, enigma.threads_per_grid.x):
        enigma.atomic_fetch_add(local, X[i].to(enigma.u32) * bins // 256, 1)
    enigma.barrier()

    for bin in range(0, bins, BLOCK):
        if bin + tid < bins and local[bin + tid] > 0:
            enigma.atomic_fetch_add(counts, bin + tid, local[bin + tid])


def launches() -> Iterator[Launch]:
    """Few bins and many; fewer elements than threads and more."""
    rng = np.random.default_rng(18)
    for bins in (256, 10):
        kernel = enigma.compile(histogram, constants={"bins": bins})
        for n in (1, 5000):
            x = rng.integers(0, 256, n, np.uint8)
            expected = np.bincount(x.astype(np.int64) * bins // 256, minlength=bins)
            yield Launch(
                title=f"histogram of {n} bytes in {bins} bins",
                kernel=kernel,
                arguments=[x, np.zeros(bins, np.uint32), n],
                grid=(3, 1, 1),
                block=(BLOCK, 1, 1),
                expected={1: expected},
                rtol=0,
                atol=0,
            )


if __name__ == "__main__":
    print(enigma.compile(histogram, constants={"bins": 256}).metal_source)
    show(launches())
