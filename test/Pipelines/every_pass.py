# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs every pass and pipeline that enigma-opt has on modules with little in them.

A pass may be the first to need a dialect, since the module holds no operation of it.
"""

import re
import subprocess
import sys

INPUTS = {
    "an empty file": "",
    "an empty module": "module {}",
    "modules in a module": "module { module {} module @named {} }",
    "operations of other dialects": "%0 = arith.constant 1 : i32\n%1 = arith.addi %0, %0 : i32",
    "a kernel without operations": "enigma.kernel @empty() { enigma.return }",
}
HEADING = re.compile(r"^    (?P<title>[A-Z][\w ]*):$")
FLAG = re.compile(r"^      --(?P<name>[\w-]+) ")


def run(*command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=text, capture_output=True, text=True)


def passes() -> list[str]:
    """The flags of all passes and pipelines, from the help text."""
    found = []
    inside = False
    for line in run("enigma-opt", "--help").stdout.splitlines():
        if heading := HEADING.match(line):
            inside = heading["title"] in ("Passes", "Pass Pipelines")
        elif inside and (flag := FLAG.match(line)):
            found.append(flag["name"])
    return found


def main() -> int:
    failures = 0
    flags = passes()
    uses = [[f"--{flag}"] for flag in flags]
    uses += [
        ["--enigma-to-flat=vec-width=4"],
        ["--enigma-clean", "--enigma-to-flat"],
        # Nested in what a module does not hold, and in anything.
        *([f"--pass-pipeline=builtin.module(enigma.kernel({f}))"] for f in ("cse", "enigma-cse")),
        ["--pass-pipeline=builtin.module(any(cse))"],
    ]
    for name, text in INPUTS.items():
        for use in uses:
            finished = run("enigma-opt", *use, text=text)
            if finished.returncode != 0:
                failures += 1
                print(f"{name}: enigma-opt {' '.join(use)}: {finished.returncode}")
                print(finished.stderr)
    print(f"{' '.join(flags)}\n{len(flags)} passes and pipelines, {failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
