# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Show the MSL of a kernel; then launch examples, and compare them with NumPy.

The kernels run on the default device: on a Mac's GPU, elsewhere on the CPU. Arguments are the
names of examples; without any, it is all of them.
"""

import importlib
import pathlib
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import enigma
import vector_add
from launch import JitLaunch, Launch, check

FOLDER = pathlib.Path(__file__).resolve().parent
NAMES = sorted({path.stem for path in FOLDER.glob("*.py")} - {"demo", "launch"})


def launches_of(names: Iterable[str]) -> Iterator[Launch | JitLaunch]:
    """Give the launches of examples."""
    for name in names:
        yield from importlib.import_module(name).launches()


def run(name: str) -> tuple[list[float], int]:
    """Launch an example: the differences from NumPy, and how many `.metallib` files were built."""
    device = enigma.device()
    launches = list(launches_of([name]))
    differences = [check(launch, device) for launch in launches]
    return differences, sum(launch.kernel.has_metallib for launch in launches)


def main() -> None:
    print(enigma.compile(vector_add.vector_add).metal_source)
    names = sys.argv[1:] or NAMES
    start, count, built = time.perf_counter(), 0, 0
    # Most of the time is spent in compilers, which run in one thread each.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        for name, (differences, metallibs) in zip(names, processes.map(run, names), strict=True):
            count += len(differences)
            built += metallibs
            runs = f"{len(differences)} launch{'es' if len(differences) > 1 else ''}"
            print(f"ok  {name}: {runs}, equal to NumPy (largest difference {max(differences):.1g})")
            sys.stdout.flush()
    seconds = time.perf_counter() - start
    print(f"\n{count} launches on {enigma.device()} in {seconds:.1f} s, compilation included.")
    if built:
        print(f"{built} of them were also built into .metallib files with xcrun.")
    else:
        print("On a Mac, enigma.compile also builds a .metallib of each with xcrun.")


if __name__ == "__main__":
    main()
