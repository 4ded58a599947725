# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the dialect's definitions say of its operations."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Definition:
    """An operation: its documentation, and the names of its operands, attributes and results."""

    name: str
    description: str
    parameters: tuple[str, ...]


def _mlir() -> pathlib.Path:
    folders = (pathlib.Path(folder) / "mlir" for folder in sys.path)
    return next(folder for folder in folders if (folder / "bin/mlir-tblgen").is_file())


@functools.cache
def definitions() -> dict[str, Definition]:
    """The operations of the dialect, by their names in it, as MLIR's classes would know them."""
    mlir = _mlir()
    source = subprocess.run(
        [
            *(mlir / "bin/mlir-tblgen", "-gen-python-op-bindings", "-bind-dialect=enigma"),
            *("-I", ROOT / "dialect", "-I", mlir / "include", ROOT / "dialect/EnigmaOps.td"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        named = re.search(
            r'OPERATION_NAME = "enigma\.(\w+)"', ast.get_source_segment(source, node) or ""
        )
        if named is None:
            continue
        start = next(
            part
            for part in node.body
            if isinstance(part, ast.FunctionDef) and part.name == "__init__"
        )
        names = [parameter.arg for parameter in (*start.args.args[1:], *start.args.kwonlyargs)]
        found[named[1]] = Definition(named[1], ast.get_docstring(node) or "", tuple(names))
    return found


def algebra_operations() -> dict[str, Definition]:
    """The operations whose documentation shows a type of the algebra."""
    shown = re.compile(r"!enigma\.(layout|int_tuple|tiler|tensor|coord_tensor)<")
    return {name: each for name, each in definitions().items() if shown.search(each.description)}
