# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the instructions of a warm compile, which do not depend on what else a machine does.

A process compiles a kernel a number of times under callgrind, another one twice as often: the
difference is that of the compiles alone, start and first compile aside. What callgrind counts
starts anew after these, which take a little more or less in each process. Run it with
``python benchmarks/instructions.py [--only WORD] [--count N]`` where valgrind is installed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

from compile_time import EXAMPLES, load

KERNELS = ("vector add", *EXAMPLES)
WARM_UPS = 10


def compile_often(name: str, count: int) -> None:
    from enigma.compiler.compilations import forget

    compile_it = load(name)
    for compiled in range(WARM_UPS + count):
        if compiled == WARM_UPS:
            os.getppid()  # callgrind waits for it
        forget()
        compile_it()
    # Without the end of the interpreter.
    os._exit(0)


def collected(name: str, count: int) -> int:
    """Instructions of a process that compiles a kernel that often."""
    # Hashes, and so the order of sets and what is compared, are alike in all processes.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "ENIGMA_CACHE": "0"}
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command += ["--zero-before=getppid", sys.executable]
    command += [__file__, "--compile", name, "--count", str(count)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(f"{name} under callgrind: {done.stderr.strip()}")
    return int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="the kernels with this word")
    parser.add_argument("--count", type=int, default=5, help="compiles whose mean is taken")
    parser.add_argument("--compile", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.compile:
        compile_often(arguments.compile, arguments.count)
        return
    if shutil.which("valgrind") is None:
        print("valgrind is not installed")
        return
    print(f"{'kernel':<18}{'M instructions':>15}")
    for name in KERNELS:
        if arguments.only in name:
            once, twice = (collected(name, arguments.count * times) for times in (1, 2))
            print(f"{name:<18}{(twice - once) / arguments.count / 1e6:>15.2f}", flush=True)


if __name__ == "__main__":
    main()
