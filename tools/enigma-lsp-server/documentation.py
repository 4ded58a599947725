# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what the language server shows of operations: ``documentation.py REFERENCE OUTPUT``.

REFERENCE is the reference of the dialect as `mlir-tblgen -gen-dialect-doc` makes it, and OUTPUT a
table in C++ of names and Markdown.
"""

import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HEADING = re.compile(r"^### `(?P<name>[\w.]+)` .*\n", re.MULTILINE)
# What is of use to who writes passes only.
INTERNAL = re.compile(r"^(?:Traits|Interfaces|Effects): .*\n", re.MULTILINE)
TABLE = re.compile(r"<table>\n(?P<rows>.*?)</table>\n", re.DOTALL)
CELL = re.compile(r"<t[hd]>(.*?)</t[hd]>", re.DOTALL)


def operations(reference: str) -> Iterator[tuple[str, str]]:
    """Give the names and the documentation of operations."""
    chapter = reference.partition("\n## Operations\n")[2].partition("\n## ")[0]
    _, *parts = HEADING.split(chapter)
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        shown = TABLE.sub(lambda table: markdown(table["rows"]), INTERNAL.sub("", text))
        yield name, re.sub(r"\n{3,}", "\n\n", shown).strip()


def markdown(rows: str) -> str:
    """Write a table of attributes as those of operands are: without the class in C++."""
    lines = []
    for row in rows.splitlines():
        name, _, about = (html.unescape(cell) for cell in CELL.findall(row))
        lines.append(f"| {re.sub('</?code>', '`', name)} | {about} |\n")
    return "".join([lines[0], "| :-------: | ----------- |\n", *lines[1:]])


def main(reference: str, output: str) -> None:
    """Write the table."""
    found = list(operations(Path(reference).read_text(encoding="utf-8")))
    assert found, f"{reference} has no operations"
    lines = [f'{{"{name}", R"markdown({text})markdown"}},\n' for name, text in found]
    Path(output).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
