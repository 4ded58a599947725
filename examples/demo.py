# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compile examples, show the MSL of the first, run all of them, and say what was checked.

The MSL is compiled and run on the CPU by the conformance harness, so this works
without a Mac. On a Mac the kernels are built with ``xcrun`` too.
"""

import importlib
import pathlib
import sys
from collections.abc import Iterable, Iterator

import numpy as np

from launch import JitLaunch, Launch

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHOWN = (
    "vector_add",
    "saxpy",
    "strided",
    "convolution",
    "transpose",
    "reduction",
    "mandelbrot",
    "tiled_add",
    "im2col",
    "permute",
    "tiled_transpose",
    "tiled_stencil",
    "tiled_gemm",
    "mma_gemm",
    "softmax",
)


def launches_of(names: Iterable[str]) -> Iterator[Launch | JitLaunch]:
    """Give the launches of examples."""
    for name in names:
        yield from importlib.import_module(name).launches()


def check(launch: Launch | JitLaunch) -> float:
    """Run a launch on the CPU and compare; gives the largest difference."""
    from conformance import harness

    arguments = launch.fresh_arguments()
    for step in launch.steps(arguments):
        harness.run(step.kernel, args=step.arguments, grid=step.grid, block=step.block)
    difference = 0.0
    for name, expected in launch.expected.items():
        np.testing.assert_allclose(arguments[name], expected, launch.rtol, launch.atol)
        difference = max(difference, float(np.abs(arguments[name] - expected).max()))
    return difference


def main() -> None:
    sys.path.insert(0, str(ROOT / "test"))
    from conformance import harness

    launches = list(launches_of(SHOWN))
    print(launches[0].kernel.metal_source)
    for launch in launches:
        harness.declare(launch.kernel)
    for launch in launches:
        difference = check(launch)
        print(f"ok  {launch.title}: equal to NumPy (largest difference {difference:.1g})")
    print(f"\n{len(launches)} launches compiled to MSL, run on the CPU, and compared with NumPy.")
    built = sum(launch.kernel.has_metallib for launch in launches)
    if built:
        print(f"{built} of them were also built into .metallib files with xcrun.")
    else:
        print("On a Mac, enigma.compile also builds a .metallib of each with xcrun.")


if __name__ == "__main__":
    main()
