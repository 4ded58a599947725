# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tells what a change of the compiler does to the text of every kernel that the tests compile.

    python -m pytest -n 2 -p msl_snapshot --msl-snapshot before.json     # before the change
    python -m pytest -n 2 -p msl_snapshot --msl-snapshot after.json      # after it
    python test/msl_snapshot.py before.json after.json

The last command prints the differences, and exits with 1 if there is one. Texts are compared as
a set for each test module and kernel name: which process compiled one, and how often, is no matter.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

Texts = dict[str, set[str]]


class Snapshot:
    """Collects the texts of one process, and puts those of all its workers together."""

    def __init__(self, target: Path, worker: str | None) -> None:
        self.target = target if worker is None else _part(target, worker)
        self.texts: Texts = defaultdict(set)
        self.module = "import"
        self.is_worker = worker is not None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.module = item.nodeid.split("::")[0]

    def pytest_pycollect_makemodule(self, module_path: Path) -> None:
        self.module = module_path.name

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        for part in [] if self.is_worker else sorted(self.target.parent.glob(_part_glob(self))):
            for key, texts in _read(part).items():
                self.texts[key] |= texts
            part.unlink()
        content = {key: sorted(self.texts[key]) for key in sorted(self.texts)}
        self.target.write_text(json.dumps(content, indent=0), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--msl-snapshot", type=Path, help="write the MSL of all kernels to this file")


def pytest_configure(config: pytest.Config) -> None:
    target: Path | None = config.getoption("--msl-snapshot")
    if target is None:
        return
    snapshot = Snapshot(target.absolute(), os.environ.get("PYTEST_XDIST_WORKER"))
    config.pluginmanager.register(snapshot)
    import enigma

    plain = enigma.CompiledKernel.__init__

    def record(self: enigma.CompiledKernel, *args: Any, **fields: Any) -> None:
        plain(self, *args, **fields)
        key = f"{snapshot.module}: {self.kernel_name}"
        snapshot.texts[key].add(self.metal_source)

    setattr(enigma.CompiledKernel, "__init__", record)  # noqa: B010


def _part(target: Path, worker: str) -> Path:
    return target.with_name(f"{target.name}.{worker}")


def _part_glob(snapshot: Snapshot) -> str:
    return _part(snapshot.target, "gw*").name


def _read(path: Path) -> Texts:
    return {key: set(texts) for key, texts in json.loads(path.read_text("utf-8")).items()}


def compare(before: Texts, after: Texts) -> int:
    """Print what differs between two snapshots, and return how many kernels do."""
    differing = 0
    for key in sorted(before.keys() | after.keys()):
        gone = sorted(before.get(key, set()) - after.get(key, set()))
        come = sorted(after.get(key, set()) - before.get(key, set()))
        differing += bool(gone or come)
        # Texts that became others stand in the same order more often than not.
        for index in range(max(len(gone), len(come))):
            old, new = (texts[index] if index < len(texts) else "" for texts in (gone, come))
            lines = difflib.unified_diff(old.splitlines(), new.splitlines(), key, key, lineterm="")
            print(*lines, sep="\n")
    print(f"{differing} of {len(before.keys() | after.keys())} kernels differ")
    return differing


if __name__ == "__main__":
    sys.exit(bool(compare(*(_read(Path(path)) for path in sys.argv[1:3]))))
