# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Build many variants of a kernel ahead of time, over processes.

    python examples/ahead_of_time/build.py build/kernels

The kernels stand at the top of the file, where the other processes find them; what the program does
stands below the guard, so that it is not done there again.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor

import enigma


@enigma.kernel
def scale(A: "dtype", B: "dtype", dtype: enigma.constexpr, factor: enigma.constexpr = 2):  # noqa: F821
    tid = enigma.thread_position_in_grid
    B[tid] = A[tid] * factor


def variants():
    for dtype in (enigma.f32, enigma.f16, enigma.i32, enigma.u8):
        for width in (0, 2, 4):
            yield enigma.CompileSpec(
                scale,
                name=f"scale_{dtype}_{width}",
                constants={"dtype": dtype},
                vec_width=width,
            )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    options = parser.parse_args()
    with ProcessPoolExecutor() as executor:
        manifest = enigma.compile_many(variants(), executor, work_dir=options.folder)
    manifest.check()
    print(f"{len(manifest)} kernels in {manifest.folder}")


if __name__ == "__main__":
    main()
