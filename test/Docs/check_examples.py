# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the examples of a reference that was made from ODS files.

Every operation, type and attribute must have an example, and the example must
parse and verify. Every pass must show the IR before and after it; the pass is run
on the one, and must give the other, once both are clean.
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEADING = re.compile(r"^### `?-?(?P<name>[\w.-]+)`?")
SHOWN = re.compile(r"^(?P<when>Before|After)(?: \(with `(?P<options>[^`]*)`\))?:$")
CLEAN = "--enigma-clean"


@dataclass
class Entry:
    """What one heading of a reference documents."""

    name: str
    group: str
    examples: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of the line that introduces an example, and its text."""


def entries(text: str) -> Iterator[Entry]:
    """The entries of a reference, each with its blocks of MLIR."""
    entry = None
    group = introduction = ""
    block: list[str] | None = None
    for line in text.splitlines():
        if block is not None:
            if line == "```":
                if entry:
                    entry.examples.append((introduction, "\n".join(block)))
                block = None
            else:
                block.append(line)
        elif line == "```mlir":
            block = []
        elif line.startswith("## "):
            group = line.removeprefix("## ")
        elif heading := HEADING.match(line):
            if entry:
                yield entry
            entry = Entry(heading["name"], group)
        elif line:
            introduction = line
    if entry:
        yield entry


def optimize(text: str, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["enigma-opt", *flags], input=text, capture_output=True, text=True)


def as_module(example: str) -> str:
    """Types and attributes, one a line, as attributes of a module."""
    lines = example.splitlines()
    if all(re.match(r"[#!]|memref<", line) for line in lines):
        values = ", ".join(f"test.value{i} = {line}" for i, line in enumerate(lines))
        return f"module attributes {{{values}}} {{}}"
    return example


def check_example(entry: Entry) -> Iterator[str]:
    if not entry.examples:
        yield "has no example"
    for _, example in entry.examples:
        if entry.name.startswith("enigma.") and entry.name not in example:
            yield f"has an example without it:\n{example}"
        result = optimize(as_module(example))
        if result.returncode:
            yield f"has an example that is not valid:\n{result.stderr}"


def check_pass(entry: Entry) -> Iterator[str]:
    shown: dict[str, str] = {}
    options = ""
    for introduction, example in entry.examples:
        if match := SHOWN.match(introduction):
            shown[match["when"]] = example
            options = match["options"] or options
    if shown.keys() != {"Before", "After"}:
        yield "does not show the IR before and after it"
        return
    flag = f"--{entry.name}={options}" if options else f"--{entry.name}"
    after = optimize(shown["Before"], flag, CLEAN)
    expected = optimize(shown["After"], CLEAN)
    for when, result in ("before", after), ("after", expected):
        if result.returncode:
            yield f"has an example that is not valid {when} it:\n{result.stderr}"
            return
    if after.stdout != expected.stdout:
        difference = difflib.unified_diff(
            expected.stdout.splitlines(),
            after.stdout.splitlines(),
            "described",
            "done",
            lineterm="",
        )
        yield "does not do what it describes:\n" + "\n".join(difference)


def main(paths: list[str]) -> int:
    failures = checked = 0
    for path in paths:
        text = Path(path).read_text(encoding="utf-8")
        for entry in entries(text):
            if entry.group == "Enums":
                continue
            is_pass = entry.name.startswith("enigma-")
            for failure in (check_pass if is_pass else check_example)(entry):
                failures += 1
                print(f"{entry.name} {failure}", file=sys.stderr)
            checked += 1
    print(f"{checked} entries, {failures} failures")
    return 1 if failures or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
