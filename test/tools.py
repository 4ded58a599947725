# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command-line tools, as they are installed beside Python."""

import pathlib
import shutil
import subprocess
import sys


def path_of(tool):
    """Give the path of a tool."""
    path = shutil.which(tool, path=str(pathlib.Path(sys.executable).parent))
    assert path, f"{tool} is not installed beside {sys.executable}"
    return path


def run(tool, *arguments, given):
    """Give what a tool makes of an input."""
    finished = subprocess.run(
        [path_of(tool), *arguments],
        input=given if isinstance(given, bytes) else given.encode(),
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    return finished.stdout


def metal_of(dumped, pipeline=None):
    """Give the MSL that the tools make of MLIR by a pipeline, or of a reproducer by its own."""
    how = "--run-reproducer" if pipeline is None else f"--pass-pipeline=builtin.module({pipeline})"
    flat = run("enigma-opt", how, "--emit-bytecode", given=dumped)
    return run("enigma-translate", "--enigma-to-msl", given=flat).decode()
