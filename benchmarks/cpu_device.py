# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures kernels on the CPU device against NumPy, in one run.

Every figure is the best of several, of both in turn. NumPy uses one core, except for
its matrix product, so run it with ``ENIGMA_THREADS=1 OPENBLAS_NUM_THREADS=1`` to compare
cores: ``python benchmarks/cpu_device.py [--seconds S] [--harness]``. ``--harness`` compares
with the harness of the conformance tests, which compiles the MSL for this CPU.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import enigma

ROWS, COLUMNS = 1024, 1000
BLOCK = 256
# Of the matrices of a product, and of what a SIMD group, a threadgroup and a step of it take.
SIZE = 768
SIMDGROUP_ROWS, SIMDGROUPS, STEP = 8, 32, 128
HARNESS_THREADS = 1 << 16


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32, C: enigma.f32):
    tid = enigma.thread_position_in_grid
    C[tid] = A[tid] + B[tid]


@enigma.kernel
def softmax(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    """A row for each SIMD group."""
    lane = enigma.thread_index_in_simdgroup()
    row = enigma.thread_position_in_grid // 32 * n
    most = enigma.f32(-3.4028235e38)  # fast math has no infinities
    for i in enigma.range(lane, n, 32):
        most = enigma.fmax(most, A[row + i])
    most = enigma.simd_max(most)
    total = enigma.f32(0)
    for i in enigma.range(lane, n, 32):
        e = enigma.exp(A[row + i] - most)
        B[row + i] = e
        total += e
    total = enigma.simd_sum(total)
    for i in enigma.range(lane, n, 32):
        B[row + i] = B[row + i] / total


@enigma.kernel
def layer_norm(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    """A row for each SIMD group."""
    lane = enigma.thread_index_in_simdgroup()
    row = enigma.thread_position_in_grid // 32 * n
    total = enigma.f32(0)
    for i in enigma.range(lane, n, 32):
        total += A[row + i]
    mean = enigma.simd_sum(total) / n.to(enigma.f32)
    square = enigma.f32(0)
    for i in enigma.range(lane, n, 32):
        distance = A[row + i] - mean
        square += distance * distance
    scale = enigma.rsqrt(enigma.simd_sum(square) / n.to(enigma.f32) + 1e-5)
    for i in enigma.range(lane, n, 32):
        B[row + i] = (A[row + i] - mean) * scale


@enigma.kernel
def gemm(
    A: enigma.f32,
    B: enigma.f32,
    C: enigma.f32,
    n: enigma.Scalar(enigma.u32),
    k: enigma.Scalar(enigma.u32),
):
    """C = A B: a SIMD group has 32 columns of a few rows, a threadgroup shares a tile of B."""
    tile = enigma.threadgroup_alloc(enigma.f32, STEP * 32)
    lane = enigma.thread_index_in_simdgroup()
    simdgroup = enigma.simdgroup_index_in_threadgroup()
    place = enigma.threadgroup_position_in_grid
    row = (place.x * SIMDGROUPS + simdgroup) * SIMDGROUP_ROWS
    column = place.y * 32 + lane
    sums = enigma.register_tensor((SIMDGROUP_ROWS,), "float", fill=0)
    for start in enigma.range(0, k, STEP):
        enigma.barrier()
        for i in enigma.range_constexpr(STEP // SIMDGROUPS):
            at = i * SIMDGROUPS + simdgroup
            tile[at * 32 + lane] = B[(start + at) * n + column]
        enigma.barrier()
        for i in enigma.range(0, STEP):
            b = tile[i * 32 + lane]
            for r in enigma.range_constexpr(SIMDGROUP_ROWS):
                sums[r] = enigma.fma(A[(row + r) * k + start + i], b, sums[r])
    for r in enigma.range_constexpr(SIMDGROUP_ROWS):
        C[(row + r) * n + column] = sums[r]


def numpy_softmax(a: np.ndarray, b: np.ndarray) -> None:
    np.subtract(a, a.max(1, keepdims=True), out=b)
    np.exp(b, out=b)
    b /= b.sum(1, keepdims=True)


def numpy_layer_norm(a: np.ndarray, b: np.ndarray) -> None:
    np.subtract(a, a.mean(1, keepdims=True), out=b)
    b /= np.sqrt((b * b).mean(1, keepdims=True) + np.float32(1e-5))


def best(runs: list[Callable[[], None]], seconds: float) -> list[float]:
    """The shortest time of each, run in turn."""
    for run in runs:
        run()
    times = [float("inf")] * len(runs)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for i, run in enumerate(runs):
            start = time.perf_counter()
            run()
            times[i] = min(times[i], time.perf_counter() - start)
    return times


def harness_run() -> Callable[..., object]:
    """What runs MSL in the conformance tests."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test"))
    from conformance import harness

    harness.set_cache_folder(Path(tempfile.mkdtemp()))
    return harness.run


def cached_launch() -> float:
    """The seconds of a first launch whose code is found in the cache."""
    code = (
        "import sys, time, numpy as np; sys.path.insert(0, sys.argv[1]); import cpu_device, enigma;"
        "from enigma._jit import Program;"
        "a = np.zeros(256, np.float32); k = enigma.compile(cpu_device.add, emit_only=True);"
        "s = time.perf_counter(); k.launch(a, a, a, threads=256, block=256, device='cpu');"
        "print(time.perf_counter() - s)"
    )
    folder = tempfile.mkdtemp()
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    environment = {**os.environ, "ENIGMA_CACHE": "1", "ENIGMA_CACHE_DIR": folder}
    for _ in range(2):
        found = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return float(found.stdout)


def report(name: str, ours: float, theirs: float) -> None:
    print(f"{name:24} {ours * 1e6:10.1f} us {theirs * 1e6:10.1f} us {theirs / ours:8.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each kernel")
    parser.add_argument("--harness", action="store_true", help="compare with the tests' harness")
    options = parser.parse_args()
    seconds = options.seconds
    rng = np.random.default_rng(0)
    print(f"{'':24} {'Enigma':>13} {'NumPy':>13} {'ratio':>8}")

    a, b = rng.standard_normal((2, 1 << 22)).astype(np.float32)
    c, d = np.zeros((2, a.size), np.float32)
    start = time.perf_counter()
    compiled = enigma.compile(add, emit_only=True)
    compiled.launch(a, b, c, threads=a.size, block=BLOCK, device="cpu")
    first = time.perf_counter() - start

    ours, theirs = best(
        [
            lambda: compiled.launch(a, b, c, threads=a.size, block=BLOCK, device="cpu"),
            lambda: np.add(a, b, out=d),
        ],
        seconds,
    )
    assert (c == d).all()
    report("vector add", ours, theirs)

    a = rng.standard_normal((ROWS, COLUMNS)).astype(np.float32)
    b, d = np.zeros_like(a), np.zeros_like(a)
    for kernel, reference in ((softmax, numpy_softmax), (layer_norm, numpy_layer_norm)):
        rows = enigma.compile(kernel, emit_only=True)
        ours, theirs = best(
            [
                lambda rows=rows: rows.launch(
                    a, b, COLUMNS, threads=ROWS * 32, block=BLOCK, device="cpu"
                ),
                lambda reference=reference: reference(a, d),
            ],
            seconds,
        )
        assert np.allclose(b, d, rtol=1e-4, atol=1e-5)
        report(kernel.name, ours, theirs)

    a, b = rng.standard_normal((2, SIZE, SIZE)).astype(np.float32)
    c, d = np.zeros((2, SIZE, SIZE), np.float32)
    product = enigma.compile(gemm, emit_only=True)
    grid = (SIZE // (SIMDGROUP_ROWS * SIMDGROUPS), SIZE // 32)
    ours, theirs = best(
        [
            lambda: product.launch(
                a, b, c, SIZE, SIZE, grid=grid, block=32 * SIMDGROUPS, device="cpu"
            ),
            lambda: np.matmul(a, b, out=d),
        ],
        seconds,
    )
    assert np.allclose(c, d, rtol=1e-3, atol=1e-3)
    report(f"product of {SIZE} x {SIZE}", ours, theirs)

    if options.harness:
        run = harness_run()
        x, y, z = np.zeros((3, HARNESS_THREADS), np.float32)
        ours, theirs = best(
            [
                lambda: compiled.launch(x, y, z, threads=x.size, block=BLOCK, device="cpu"),
                lambda: run(compiled, args=[x, y, z], threads=x.size, block=BLOCK),
            ],
            seconds,
        )
        report("vector add, harness", ours, theirs)

    small = np.zeros(32, np.float32)
    ours, _ = best(
        [
            lambda: compiled.launch(small, small, small, threads=32, block=32, device="cpu"),
            lambda: None,
        ],
        seconds / 2,
    )
    print(f"{'launch of 32 threads':24} {ours * 1e6:10.1f} us")
    print(f"{'first compile and launch':24} {first * 1e3:10.1f} ms")
    print(f"{'first launch, kept code':24} {cached_launch() * 1e3:10.1f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
