# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random calls in a kernel end no process, and raise nothing but errors that name their line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from layout_strategies import EFFORT

HERE = Path(__file__).parent
KERNELS = 300


def test_random_calls() -> None:
    count = KERNELS * EFFORT
    command = [sys.executable, str(HERE / "tensor_fuzz.py"), "1", str(count)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120 + count, check=False)
    assert run.returncode == 0, f"exit status {run.returncode}\n{run.stdout[-3000:]}{run.stderr}"
    compiled = next(int(line.split()[0]) for line in run.stdout.splitlines() if "compiled" in line)
    assert compiled > count // 4, run.stdout[-200:]
