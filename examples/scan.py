# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inclusive sums of any length: blocks, the sums of blocks, and both together, in one program."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

SIMDGROUPS = 4
BLOCK = 32 * SIMDGROUPS


@enigma.func
def scan_threadgroup(value, sums):
    """The sum of the values of the threads up to this one."""
    lane, simdgroup = enigma.thread_index_in_simdgroup, enigma.simdgroup_index_in_threadgroup
    value = enigma.simd_prefix_inclusive_sum(value)
    if lane == 31:
        sums[simdgroup] = value
    enigma.barrier()
    before = sums[lane] if lane < simdgroup else 0
    value += enigma.simd_sum(before)
    enigma.barrier()
    return value


@enigma.kernel
def scan_blocks(X, Y, totals):
    """The sums within each block, and the sum of each block."""
    i = enigma.thread_position_in_grid.x
    sums = enigma.threadgroup_alloc(X.element_type, SIMDGROUPS)
    value = scan_threadgroup(enigma.load_if(X, i, i < X.size(), default=0), sums)
    if i < X.size():
        Y[i] = value
    if enigma.thread_index_in_threadgroup == BLOCK - 1:
        totals[enigma.threadgroup_position_in_grid.x] = value


@enigma.kernel
def scan_totals(totals):
    """The sums up to each block, by one threadgroup that goes over them all."""
    sums = enigma.threadgroup_alloc(totals.element_type, SIMDGROUPS)
    last = enigma.threadgroup_alloc(totals.element_type, 1)
    tid = enigma.thread_index_in_threadgroup
    count = totals.size()
    carried = totals.element_type(0)
    for start in enigma.range(0, count, BLOCK):
        i = start + tid
        value = enigma.load_if(totals, i, i < count, default=0)
        value = carried + scan_threadgroup(value, sums)
        if i < count:
            totals[i] = value
        if tid == BLOCK - 1:
            last[0] = value
        enigma.barrier()
        carried = last[0]


@enigma.kernel
def add_totals(Y, totals):
    """Add to each block what is before it."""
    i = enigma.thread_position_in_grid.x
    group = enigma.threadgroup_position_in_grid.x
    if group > 0 and i < Y.size():
        Y[i] += totals[group - 1]


@enigma.jit
def scan(X, Y, totals):
    blocks = enigma.ceil_div(X.size(), BLOCK)
    scan_blocks(X, Y, totals).launch(grid=blocks, block=BLOCK)
    scan_totals(totals).launch(grid=1, block=BLOCK)
    add_totals(Y, totals).launch(grid=blocks, block=BLOCK)


def any_length(dtype: str = "float") -> enigma.CompiledProgram:
    """Compile for arrays of all lengths."""
    n = enigma.dyn("n")
    return enigma.compile(
        scan,
        Tensor("X", 0, dtype, Layout(n)),
        Tensor("Y", 1, dtype, Layout(n)),
        Tensor("totals", 2, dtype, Layout(enigma.ceil_div(n, BLOCK))),
    )


def launches() -> Iterator[JitLaunch]:
    """Less than a block, a block, and more blocks than a threadgroup has threads."""
    rng = np.random.default_rng(17)
    for name, dtype in (("float", np.float32), ("uint", np.uint32), ("int", np.int32)):
        program = any_length(name)
        for n in (1, BLOCK, 1000, BLOCK * BLOCK + 77):
            x = rng.integers(0, 9, n).astype(dtype)
            totals = x.cumsum(dtype=dtype)[BLOCK - 1 :: BLOCK]
            if n % BLOCK:
                totals = np.append(totals, x.sum(dtype=dtype))
            arguments = {"X": x, "Y": np.zeros_like(x), "totals": np.zeros_like(totals), "n": n}
            yield JitLaunch(
                title=f"inclusive sums of {n} {x.dtype}",
                kernel=program,
                arguments=arguments,
                expected={"Y": x.cumsum(dtype=dtype), "totals": totals},
                rtol=0,
                atol=0,
            )


if __name__ == "__main__":
    print(any_length().metal_source)
    show(launches())
