# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Build many variants of a kernel ahead of time, over processes or a Dask cluster.

    python examples/ahead_of_time/build.py build/kernels
    python examples/ahead_of_time/build.py build/kernels --dask                   # a cluster here
    python examples/ahead_of_time/build.py build/kernels --dask tcp://host:8786   # one elsewhere

The kernels stand at the top of the file, where the other processes find them; what the program does
stands below the guard, so that it is not done there again.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

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


@contextmanager
def executor_of(address):
    if address is None:
        with ProcessPoolExecutor() as executor:
            yield executor
    else:
        from dask.distributed import Client

        with Client(address) if address else Client(dashboard_address=None) as client:
            yield client.get_executor()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        nargs="?",
        const="",
        help="compile on the Dask cluster of this scheduler, by default on one of this machine",
    )
    options = parser.parse_args()
    with executor_of(options.dask) as executor:
        manifest = enigma.compile_many(variants(), executor, work_dir=options.folder)
    manifest.check()
    print(f"{len(manifest)} kernels in {manifest.folder}")


if __name__ == "__main__":
    main()
