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

import enigma
import vector_add
from launch import JitLaunch, Launch, check

FOLDER = pathlib.Path(__file__).resolve().parent
NAMES = sorted({path.stem for path in FOLDER.glob("*.py")} - {"demo", "launch"})


def launches_of(names: Iterable[str]) -> Iterator[Launch | JitLaunch]:
    """Give the launches of examples."""
    for name in names:
        yield from importlib.import_module(name).launches()


def main() -> None:
    print(enigma.compile(vector_add.vector_add).metal_source)
    device = enigma.device()
    start, count, built = time.perf_counter(), 0, 0
    for name in sys.argv[1:] or NAMES:
        differences = []
        for launch in launches_of([name]):
            differences.append(check(launch, device))
            built += launch.kernel.has_metallib
        count += len(differences)
        runs = f"{len(differences)} launch{'es' if len(differences) > 1 else ''}"
        print(f"ok  {name}: {runs}, equal to NumPy (largest difference {max(differences):.1g})")
        sys.stdout.flush()
    seconds = time.perf_counter() - start
    print(f"\n{count} launches on {device} in {seconds:.1f} s, compilation included.")
    if built:
        print(f"{built} of them were also built into .metallib files with xcrun.")
    else:
        print("On a Mac, enigma.compile also builds a .metallib of each with xcrun.")


if __name__ == "__main__":
    main()
