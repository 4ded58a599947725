# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures what `check=True` costs: launches of kernels with it and without, on one core.

Each figure is the best of several, of both in turn.
``python benchmarks/checked_launches.py [--seconds S]``
"""

import argparse
import os
import pathlib
import sys
from collections.abc import Callable, Iterator

# A checked launch uses one core.
os.environ["ENIGMA_THREADS"] = "1"

import numpy as np

import enigma
from cpu_device import BLOCK, COLUMNS, ROWS, add, best, layer_norm, softmax

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "examples"))
import demo
from launch import JitLaunch

EXAMPLES = ("histogram", "life", "mandelbrot", "reduction", "simdgroup_gemm", "tiled_transpose")


def of_this_folder() -> Iterator[tuple[str, Callable[[bool], None]]]:
    """Give kernels, each with what launches it."""
    rng = np.random.default_rng(0)
    size = 1 << 20
    a, b = rng.standard_normal((2, size)).astype(np.float32)
    c = np.zeros_like(a)
    compiled = enigma.compile(add, emit_only=True)
    yield (
        "vector add",
        lambda check: compiled.launch(
            a, b, c, threads=size, block=BLOCK, device="cpu", check=check
        ),
    )
    matrix = rng.standard_normal((ROWS, COLUMNS)).astype(np.float32)
    result = np.zeros_like(matrix)
    for kernel in (softmax, layer_norm):
        rows = enigma.compile(kernel, emit_only=True)
        yield (
            kernel.name,
            lambda check, rows=rows: rows.launch(
                matrix, result, COLUMNS, threads=ROWS * 32, block=BLOCK, device="cpu", check=check
            ),
        )


def of_examples() -> Iterator[tuple[str, Callable[[bool], None]]]:
    """Give the first launch of examples."""
    for name in EXAMPLES:
        launch = next(demo.launches_of([name]))
        arguments = launch.fresh_arguments()
        given = () if isinstance(launch, JitLaunch) else tuple(arguments.values())
        named = dict(arguments) if isinstance(launch, JitLaunch) else {}
        if not isinstance(launch, JitLaunch):
            named = {"grid": launch.grid, "block": launch.block}
        yield (
            name,
            lambda check, launch=launch, given=given, named=named: launch.kernel.launch(
                *given, **named, device="cpu", check=check
            ),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each kernel")
    seconds = parser.parse_args().seconds
    print(f"{'':20} {'unchecked':>13} {'checked':>13} {'ratio':>8}")
    for runs in (of_this_folder(), of_examples()):
        for name, run in runs:
            plain, checked = best([lambda r=run: r(False), lambda r=run: r(True)], seconds)
            ratio = checked / plain
            print(f"{name:20} {plain * 1e6:10.1f} us {checked * 1e6:10.1f} us {ratio:8.1f}")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
