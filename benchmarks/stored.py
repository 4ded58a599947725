# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures the first compile of a process with the cache on disk: what is not there, and what is.

Two processes share a new folder; each time is of the processor, and the least of some turns. Run it
with ``make bench`` or ``python benchmarks/stored.py [--turns N] [--only WORD]``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

from compile_time import EXAMPLES, load
from processor import wake

KERNELS = ("vector add", *EXAMPLES)


def first(name: str) -> float:
    """The milliseconds of the first compile of this process."""
    compile_it = load(name)
    wake()
    start = time.process_time()
    compile_it()
    return (time.process_time() - start) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=5, help="pairs of processes of each row")
    parser.add_argument("--only", default="", help="the kernels with this word")
    parser.add_argument("--first", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.first:
        print(first(arguments.first))
        return
    print(f"{'kernel':<16}{'not there, ms':>15}{'there, ms':>15}")
    for name in KERNELS:
        if arguments.only not in name:
            continue
        pairs = []
        for _ in range(arguments.turns):
            with tempfile.TemporaryDirectory() as folder:
                environment = {**os.environ, "ENIGMA_CACHE": "1", "ENIGMA_CACHE_DIR": folder}
                command = [sys.executable, __file__, "--first", name]
                pairs.append(
                    [float(subprocess.check_output(command, env=environment)) for _ in range(2)]
                )
        cells = [min(times) for times in zip(*pairs, strict=True)]
        print(f"{name:<16}" + "".join(f"{cell:>15.2f}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
