# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures what a warm launch costs besides the device: arguments checked, extents found.

The device does nothing. Times are those of the process, which others on the machine disturb
least; every figure is the best of several.
"""

import dataclasses
import os
import time
from collections.abc import Callable

import numpy as np

import enigma
from enigma.runtime.device import Device, Executable, register

LAUNCHES, ROUNDS = 2000, 40


class Nothing(Executable):
    max_threads = 1024

    def __init__(self, kernel: enigma.CompiledKernel) -> None:
        self.kernel = kernel

    def launch(self, arguments, grid, block, *, is_threads) -> None:
        pass


class NothingDevice(Device):
    kind = name = "nothing"
    seconds = 0.0

    def load(self, kernel, constants) -> Nothing:
        return Nothing(kernel)

    def synchronize(self) -> None:
        pass


@enigma.kernel
def saxpy(A: enigma.f32, B: enigma.f32, a: enigma.Scalar(enigma.f32), n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = a * A[i] + B[i]


@enigma.kernel
def negate_kernel(A, B):
    i, j = enigma.thread_position_in_grid.x, enigma.thread_position_in_grid.y
    B[i, j] = -A[i, j]


@enigma.jit
def negate(A, B):
    negate_kernel(A, B).launch(grid=(*A.shape, 1), block=1)


@dataclasses.dataclass(frozen=True)
class Config:
    tile: tuple[int, int] = (8, 8)
    scale: float = 2.0


CONFIG = {"scale": 2.0}


@enigma.kernel
def scale_kernel(A: enigma.f32, B: enigma.f32):
    i = enigma.thread_position_in_grid
    B[i] = A[i] * CONFIG["scale"]


@enigma.kernel
def configured(A: enigma.f32, B: enigma.f32, config: enigma.constexpr):
    i = enigma.thread_position_in_grid
    B[i] = A[i] * config.scale


@enigma.jit
def negate_all(pairs):
    for a, b in pairs:
        negate_kernel(a, b).launch(grid=(*a.shape, 1), block=1)


def microseconds(launch: Callable[[], object]) -> float:
    """Of one launch."""
    launch()
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(LAUNCHES):
            launch()
        best = min(best, time.process_time() - start)
    return best / LAUNCHES * 1e6


def main() -> None:
    register("nothing", NothingDevice)
    os.environ["ENIGMA_DEVICE"] = "nothing"
    x, y = np.ones((2, 8), np.float32)
    rows = np.ones((4, 8), np.float32)
    compiled = enigma.compile(saxpy, emit_only=True)
    rows_of = [
        enigma.Tensor(n, i, "float", enigma.Layout((4, 8), (8, 1))) for i, n in enumerate("AB")
    ]
    tensors = enigma.compile(negate, *rows_of, emit_only=True)
    cases: dict[str, Callable[[], object]] = {
        "a compiled kernel": lambda: compiled.launch(x, y, 2.0, 8, threads=8),
        "a kernel that is kept": lambda: saxpy.launch(x, y, 2.0, 8, threads=8),
        "a compiled jit function": lambda: tensors.launch(rows, rows),
        "a jit function that is kept": lambda: negate(rows, rows),
        "one with a list of arrays": lambda: negate_all([(rows, rows)]),
        "a kernel that reads a dict": lambda: scale_kernel.launch(x, y, threads=8),
        "one with a data class": lambda: configured.launch(
            x, y, threads=8, constants={"config": Config()}
        ),
    }
    for what, launch in cases.items():
        print(f"{what:<28}{microseconds(launch):6.1f} us", flush=True)


if __name__ == "__main__":
    main()
