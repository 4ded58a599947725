# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compile the examples, show the MSL of the first, run all of them, and say what was checked.

The MSL is compiled and run on the CPU by the conformance harness, so this works
without a Mac. On a Mac the kernels are built with ``xcrun`` too.
"""

import importlib
import pathlib
import sys
from collections.abc import Iterator

import numpy as np

from launch import Launch

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = (
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
    "simdgroup_gemm",
)


def all_launches() -> Iterator[Launch]:
    """Give the launches of all examples, in order of difficulty."""
    for name in EXAMPLES:
        yield from importlib.import_module(name).launches()


def check(launch: Launch) -> float:
    """Run a launch on the CPU and compare; gives the largest difference."""
    from conformance import harness

    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in launch.arguments]
    harness.run(launch.kernel, args=arguments, grid=launch.grid, block=launch.block)
    difference = 0.0
    for index, expected in launch.expected.items():
        np.testing.assert_allclose(arguments[index], expected, rtol=1e-5, atol=1e-6)
        difference = max(difference, float(np.abs(arguments[index] - expected).max()))
    return difference


def main() -> None:
    sys.path.insert(0, str(ROOT / "test"))
    from conformance import harness

    launches = list(all_launches())
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
