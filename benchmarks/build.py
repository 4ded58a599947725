# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures what a build from nothing takes: the CPU time and the peak memory of each command.

The commands of ``build/`` that compile are run again, one at a time, past the cache of compilations
and into a folder that is dropped; the tree stays as it is. CPU time tells more than time on the
clock: other work on the machine hardly adds to it. ``python benchmarks/build.py [FILTER]...``
takes parts of the paths of objects, and without any it compiles all. What takes a gigabyte or more
is marked.
"""

import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
from typing import NamedTuple

GIGABYTE = 2**30
# `ru_maxrss` is in bytes on macOS, and in KiB elsewhere.
UNIT = 1 if sys.platform == "darwin" else 1024


class Cost(NamedTuple):
    seconds: float
    peak: int  # in bytes
    name: str


def commands(build: pathlib.Path) -> dict[str, list[str]]:
    """The command that compiles each object, and each precompiled header."""
    listed = subprocess.run(
        ["ninja", "-C", build, "--quiet", "-t", "commands", "all"],
        check=True,
        capture_output=True,
        text=True,
    )
    found = {}
    for line in listed.stdout.splitlines():
        match = re.search(r" -o (\S+\.(?:o|gch|pch)) ", line)
        if not match or " -c " not in line:
            continue
        words = shlex.split(line)
        # The launcher, with its options, stands before the compiler.
        if "ccache" in os.path.basename(words[0]):
            words = words[1:]
            while "=" in words[0]:
                words = words[1:]
        found[match[1]] = words
    return found


def label(target: str) -> str:
    """Names an object in a row: its source, or a library and a number of sources in one."""
    library = re.search(r"([^/]+)/CMakeFiles/[^/]+/Unity/(unity_\d+)", target)
    return f"{library[1]}, {library[2]}" if library else os.path.basename(target)


def measure(build: pathlib.Path, target: str, command: list[str], folder: str) -> Cost:
    moved = [os.path.join(folder, "object") if word == target else word for word in command]
    # The dependencies that a compiler writes are those of the tree.
    if "-MF" in moved:
        moved[moved.index("-MF") + 1] = os.path.join(folder, "dependencies")
    process = subprocess.Popen(moved, cwd=build)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{target} does not compile")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * UNIT, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("filters", nargs="*", metavar="FILTER")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--top", type=int, default=15, help="how many rows are printed")
    arguments = parser.parse_args()
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for target, command in commands(arguments.build).items():
            if not arguments.filters or any(part in target for part in arguments.filters):
                costs.append(measure(arguments.build, target, command, folder))
    print("| compiled | CPU s | peak MiB |\n| --- | ---: | ---: |")
    costs.sort(reverse=True)
    for cost in costs[: arguments.top]:
        print(f"| {label(cost.name)} | {cost.seconds:.1f} | {cost.peak / 2**20:.0f} |")
    total = sum(cost.seconds for cost in costs)
    print(f"| all {len(costs)} | {total:.0f} | {max(cost.peak for cost in costs) / 2**20:.0f} |")
    for cost in costs:
        if cost.peak >= GIGABYTE:
            print(f"{cost.name} takes {cost.peak / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
