# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Philox4x32-10 random numbers (Salmon et al., 2011): a counter and a key make four words."""

from collections.abc import Iterator

import numpy as np

import enigma
from launch import Launch, groups, show

MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
WEYL = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10
SEED = 0x1234_5678_9ABC_DEF0


@enigma.func
def philox(counter, key):
    """Four random words from the four of a counter and the two of a key."""
    a, b, c, d = counter
    left, right = key
    for _ in range(ROUNDS):
        high_a, low_a = enigma.mul_hi(a, MULTIPLIERS[0]), a * MULTIPLIERS[0]
        high_c, low_c = enigma.mul_hi(c, MULTIPLIERS[1]), c * MULTIPLIERS[1]
        a, b, c, d = high_c ^ b ^ left, low_c, high_a ^ d ^ right, low_a
        left += WEYL[0]
        right += WEYL[1]
    return a, b, c, d


@enigma.kernel
def random_words(out: enigma.u32, seed: enigma.Scalar[enigma.u64], n: enigma.Scalar[enigma.u32]):
    i = enigma.thread_position_in_grid.x
    zero = enigma.u32(0)
    key = seed.to(enigma.u32), (seed >> 32).to(enigma.u32)
    for k, word in enumerate(philox((i, zero, zero, zero), key)):
        if 4 * i + k < n:
            out[4 * i + k] = word


@enigma.kernel
def uniform(out: enigma.f32, seed: enigma.Scalar[enigma.u64], n: enigma.Scalar[enigma.u32]):
    """Floats in [0, 1), each a multiple of 2**-24."""
    i = enigma.thread_position_in_grid.x
    zero = enigma.u32(0)
    key = seed.to(enigma.u32), (seed >> 32).to(enigma.u32)
    for k, word in enumerate(philox((i, zero, zero, zero), key)):
        if 4 * i + k < n:
            out[4 * i + k] = (word >> 8).to(enigma.f32) * 2.0**-24


def reference(counters: np.ndarray, seed: int) -> np.ndarray:
    """Philox in exact integers of Python; a row of four words for each row of ``counters``."""
    mask = 0xFFFFFFFF
    rows = []
    for a, b, c, d in counters.tolist():
        left, right = seed & mask, seed >> 32
        for _ in range(ROUNDS):
            by_a, by_c = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
            a, b, c, d = (by_c >> 32) ^ b ^ left, by_c & mask, (by_a >> 32) ^ d ^ right, by_a & mask
            left, right = (left + WEYL[0]) & mask, (right + WEYL[1]) & mask
        rows.append((a, b, c, d))
    return np.array(rows, np.uint32)


def launches() -> Iterator[Launch]:
    """Words and floats for lengths that four divides and does not."""
    words, floats = enigma.compile(random_words), enigma.compile(uniform)
    for n in (4, 333):
        blocks = -(-n // 4)
        counters = np.pad(np.arange(blocks)[:, None], ((0, 0), (0, 3)))
        expected = reference(counters, SEED).ravel()[:n]
        common = {"grid": groups(blocks, words, 32), "block": (32, 1, 1), "rtol": 0, "atol": 0}
        yield Launch(
            title=f"{n} random words by Philox",
            kernel=words,
            arguments=[np.zeros(n, np.uint32), SEED, n],
            expected={0: expected},
            **common,
        )
        yield Launch(
            title=f"{n} random floats by Philox",
            kernel=floats,
            arguments=[np.zeros(n, np.float32), SEED, n],
            expected={0: (expected >> 8).astype(np.float32) * np.float32(2**-24)},
            **common,
        )


if __name__ == "__main__":
    print(enigma.compile(random_words).metal_source)
    show(launches())
