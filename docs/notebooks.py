# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Run the notebooks of the documentation, and keep what they show: ``python docs/notebooks.py``.

A test runs them, and compares what they say with what is kept.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nbclient
import nbformat

import enigma

NOTEBOOKS = sorted(Path(__file__).resolve().parent.glob("*.ipynb"))
#: Seconds that a cell may take on a busy machine.
PATIENCE = 300


def executed(path: Path, folder: Path) -> Any:
    """Run a notebook in a folder, and give it with what it showed.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        When a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=PATIENCE,
        startup_timeout=PATIENCE,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    # The package that runs this, wherever the notebook runs.
    paths = [str(Path(enigma.__file__).parents[1]), *map(os.path.abspath, sys.path)]
    client.execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
    # What differs from machine to machine, and from run to run.
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def write(notebook: Any, path: Path) -> None:
    """Write a notebook as it is kept."""
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    for each in NOTEBOOKS:
        write(executed(each, each.parent), each)
