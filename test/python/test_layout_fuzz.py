# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random input ends no process, and raises nothing but the errors that users are told to expect."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from layout_strategies import EFFORT

HERE = Path(__file__).parent
COUNTS = {"texts": 4000, "functions": 4000, "operations": 1500}


@pytest.mark.parametrize("target", COUNTS)
def test_random_input(target: str) -> None:
    count = COUNTS[target] * EFFORT
    command = [sys.executable, str(HERE / "layout_fuzz.py"), target, "1", str(count)]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=120 + count // 10, check=False
    )
    last = run.stdout.splitlines()[-1:]
    assert run.returncode == 0, f"exit status {run.returncode} after {last}\n{run.stderr[-2000:]}"
