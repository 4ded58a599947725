# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Radix sort, four bits a pass: count the digits of blocks, add up the counts, scatter the keys."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

BLOCK = 128
BITS = 4
DIGITS = 2**BITS


@enigma.kernel
def count_digits(keys, counts, shift):
    """How often a block has each digit; counts of one digit stand together."""
    local = enigma.threadgroup_alloc(enigma.u32, DIGITS)
    i, tid = enigma.thread_position_in_grid.x, enigma.thread_index_in_threadgroup
    if tid < DIGITS:
        local[tid] = 0
    enigma.barrier()
    if i < keys.size():
        enigma.atomic_fetch_add(local, (keys[i] >> shift) % DIGITS, 1)
    enigma.barrier()
    if tid < DIGITS:
        counts[tid, enigma.threadgroup_position_in_grid.x] = local[tid]


@enigma.kernel
def add_counts(counts):
    """Where the keys of each digit and block begin, by one SIMD group."""
    lane = enigma.thread_index_in_simdgroup
    _, blocks = counts.shape
    total = DIGITS * blocks
    before = enigma.u32(0)
    for start in enigma.range(0, total, 32):
        i = start + lane
        digit, block = i // blocks, i % blocks
        count = counts[digit, block] if i < total else 0
        place = before + enigma.simd_prefix_exclusive_sum(count)
        if i < total:
            counts[digit, block] = place
        before += enigma.simd_sum(count)


@enigma.kernel
def scatter(keys, sorted_keys, counts, shift):
    """Move keys behind those of smaller digits, and of the same digit further left."""
    digits = enigma.threadgroup_alloc(enigma.u32, BLOCK)
    i, tid = enigma.thread_position_in_grid.x, enigma.thread_index_in_threadgroup
    key = enigma.load_if(keys, i, i < keys.size(), default=0)
    digit = (key >> shift) % DIGITS
    digits[tid] = digit
    enigma.barrier()
    rank = enigma.u32(0)
    for other in enigma.range(tid):
        rank += 1 if digits[other] == digit else 0
    if i < keys.size():
        sorted_keys[counts[digit, enigma.threadgroup_position_in_grid.x] + rank] = key


@enigma.jit
def radix_sort(keys, scratch, counts):
    blocks = enigma.ceil_div(keys.size(), BLOCK)
    source, target = keys, scratch
    for shift in range(0, 32, BITS):  # an even number of passes: they end in keys
        count_digits(source, counts, shift).launch(grid=blocks, block=BLOCK)
        add_counts(counts).launch(grid=1, block=32)
        scatter(source, target, counts, shift).launch(grid=blocks, block=BLOCK)
        source, target = target, source


def any_length() -> enigma.CompiledProgram:
    """Compile for arrays of all lengths."""
    n = enigma.dyn("n")
    blocks = enigma.ceil_div(n, BLOCK)
    return enigma.compile(
        radix_sort,
        Tensor("keys", 0, "uint", Layout(n)),
        Tensor("scratch", 1, "uint", Layout(n)),
        Tensor("counts", 2, "uint", Layout((DIGITS, blocks), (blocks, 1))),
    )


def launches() -> Iterator[JitLaunch]:
    """One key, a block, and several."""
    rng = np.random.default_rng(26)
    program = any_length()
    for n in (1, BLOCK, 1000):
        keys = rng.integers(0, 2**32, n, np.uint32)
        counts = np.zeros((DIGITS, -(-n // BLOCK)), np.uint32)
        yield JitLaunch(
            title=f"radix sort of {n} words",
            kernel=program,
            arguments={"keys": keys, "scratch": np.zeros_like(keys), "counts": counts, "n": n},
            expected={"keys": np.sort(keys)},
            rtol=0,
            atol=0,
        )


if __name__ == "__main__":
    print(any_length().metal_source)
    show(launches())
