# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bitonic sort of any length: large distances in device memory, small ones within threadgroups."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

BLOCK = 128
CHUNK = 2 * BLOCK  # elements that a threadgroup sorts


@enigma.func
def pair(i, distance):
    """The i-th of the elements that have a partner ``distance`` further on."""
    return i // distance * 2 * distance + i % distance


@enigma.func
def exchange(data, low, high, ascending):
    """Bring two elements into order."""
    a, b = data[low], data[high]
    data[low] = enigma.where(max(a, b), min(a, b), ascending)
    data[high] = enigma.where(min(a, b), max(a, b), ascending)


@enigma.kernel
def sort_chunks(X):
    """Sort chunks, one upwards, the next one downwards."""
    chunk = enigma.threadgroup_alloc(X.element_type, CHUNK)
    tid = enigma.thread_index_in_threadgroup
    first = enigma.threadgroup_position_in_grid.x * CHUNK
    chunk[tid], chunk[tid + BLOCK] = X[first + tid], X[first + tid + BLOCK]
    run = 2
    while run <= CHUNK:
        distance = run // 2
        while distance > 0:
            enigma.barrier()
            low = pair(tid, distance)
            exchange(chunk, low, low + distance, (first + low) & run == 0)
            distance //= 2
        run *= 2
    enigma.barrier()
    X[first + tid], X[first + tid + BLOCK] = chunk[tid], chunk[tid + BLOCK]


@enigma.kernel
def exchange_far(X, run, distance):
    """One step of a merge, over distances that leave a chunk."""
    low = pair(enigma.thread_position_in_grid.x, distance)
    exchange(X, low, low + distance, low & run == 0)


@enigma.kernel
def merge_chunks(X, run):
    """The steps of a merge that stay within chunks."""
    chunk = enigma.threadgroup_alloc(X.element_type, CHUNK)
    tid = enigma.thread_index_in_threadgroup
    first = enigma.threadgroup_position_in_grid.x * CHUNK
    chunk[tid], chunk[tid + BLOCK] = X[first + tid], X[first + tid + BLOCK]
    distance = BLOCK
    while distance > 0:
        enigma.barrier()
        low = pair(tid, distance)
        exchange(chunk, low, low + distance, first & run == 0)
        distance //= 2
    enigma.barrier()
    X[first + tid], X[first + tid + BLOCK] = chunk[tid], chunk[tid + BLOCK]


@enigma.jit
def sort(X):
    size = X.size()
    sort_chunks(X).launch(grid=size // CHUNK, block=BLOCK)
    run = 2 * CHUNK
    while run <= size:
        distance = run // 2
        while distance >= CHUNK:
            exchange_far(X, run, distance).launch(grid=size // CHUNK, block=BLOCK)
            distance //= 2
        merge_chunks(X, run).launch(grid=size // CHUNK, block=BLOCK)
        run *= 2


def compile_sort(size: int, dtype: str = "float") -> enigma.CompiledProgram | enigma.CompiledKernel:
    """Compile for ``size`` elements: a power of two, and a chunk at least."""
    return enigma.compile(sort, Tensor("X", 0, dtype, Layout(size)))


def padded(x: np.ndarray) -> np.ndarray:
    """Fill up to a length that can be sorted, with what comes last."""
    size = CHUNK
    while size < len(x):
        size *= 2
    last = (np.finfo if x.dtype.kind == "f" else np.iinfo)(x.dtype).max
    return np.append(x, np.full(size - len(x), last, x.dtype))


def launches() -> Iterator[JitLaunch]:
    """Less than a chunk, a chunk, and several."""
    rng = np.random.default_rng(19)
    for name, dtype in (("float", np.float32), ("half", np.float16), ("int", np.int32)):
        for n in (5, CHUNK, 1500):
            x = padded((1000 * rng.standard_normal(n)).astype(dtype))
            yield JitLaunch(
                title=f"bitonic sort of {n} {x.dtype}",
                kernel=compile_sort(len(x), name),
                arguments={"X": x},
                expected={"X": np.sort(x)},
                rtol=0,
                atol=0,
            )


if __name__ == "__main__":
    print(compile_sort(2048).metal_source)
    show(launches())
