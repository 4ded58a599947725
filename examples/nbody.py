# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gravity between bodies: each threadgroup stages a block of them after the other."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, groups, show

BLOCK = 64
SOFTENING = 0.01


@enigma.kernel
def accelerations(
    position: enigma.f32,  # x, y, z and mass of each body
    acceleration: enigma.f32,  # x, y and z
    n: enigma.Scalar[enigma.u32],
):
    i = enigma.thread_position_in_grid.x
    local = enigma.thread_index_in_threadgroup
    staged = enigma.threadgroup_alloc(enigma.f32, 4 * BLOCK)

    here = body(position, i, n)
    total = enigma.make_float3(0.0, 0.0, 0.0)
    for start in enigma.range(0, n, BLOCK):
        other = body(position, start + local, n)
        for k in range(4):
            staged[4 * local + k] = other[k]
        enigma.barrier()
        for j in enigma.range(BLOCK):
            x, y, z, mass = [staged[4 * j + k] for k in range(4)]
            d = enigma.make_float3(x, y, z) - enigma.make_float3(here.x, here.y, here.z)
            inverse = enigma.rsqrt(d.x * d.x + d.y * d.y + d.z * d.z + SOFTENING)
            total += d * (mass * inverse**3)
        enigma.barrier()

    if i < n:
        for k in range(3):
            acceleration[3 * i + k] = total[k]


@enigma.func
def body(position, i, n):
    """Position and mass of a body; one that does not exist has no mass."""
    if i < n:
        return enigma.make_float4(*[position[4 * i + k] for k in range(4)])
    return enigma.make_float4(0.0, 0.0, 0.0, 0.0)


def reference(bodies: np.ndarray) -> np.ndarray:
    """All pairs at once, in double precision."""
    position, mass = bodies[:, :3].astype(np.float64), bodies[:, 3].astype(np.float64)
    d = position[None, :, :] - position[:, None, :]
    distance = np.sqrt((d * d).sum(axis=-1) + SOFTENING)
    return (d * (mass / distance**3)[:, :, None]).sum(axis=1)


def launches() -> Iterator[Launch]:
    """One body, which nothing pulls, a full block, and one that is not."""
    rng = np.random.default_rng(14)
    kernel = enigma.compile(accelerations)
    for n in (1, 64, 150):
        bodies = rng.uniform(0.1, 1.0, (n, 4)).astype(np.float32)
        yield Launch(
            title=f"gravity between {n} bodies",
            kernel=kernel,
            arguments=[bodies, np.zeros((n, 3), np.float32), n],
            grid=groups(n, kernel, BLOCK),
            block=(BLOCK, 1, 1),
            expected={1: reference(bodies)},
            rtol=1e-4,
            atol=1e-3,
        )


if __name__ == "__main__":
    print(enigma.compile(accelerations).metal_source)
    show(launches())
