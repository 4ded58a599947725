# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Apple's Metal toolchain: from MSL text to a Metal library."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence

from enigma.compiler.errors import ToolchainError


def build_metallib(
    source: str, library: str, fast_math: bool = True, metal_std: str | None = None
) -> None:
    """Compile an MSL file into a Metal library with ``xcrun``.

    Parameters
    ----------
    source : str
        Path of the ``.metal`` file.
    library : str
        Path of the ``.metallib`` file to write.
    fast_math : bool
        Whether the compiler may assume that there is neither infinity nor NaN, and may reassociate.
    metal_std : str, optional
        The language version, such as ``"metal3.1"``; by default that of the toolchain.

    Raises
    ------
    ToolchainError
        When ``xcrun`` is missing or fails.
    """
    intermediate = os.path.splitext(library)[0] + ".air"
    options = [] if fast_math else ["-fno-fast-math"]
    if metal_std is not None:
        options.append(f"-std={metal_std}")
    try:
        _run(
            ["xcrun", "-sdk", "macosx", "metal", *options, "-c", source, "-o", intermediate], source
        )
        _run(["xcrun", "-sdk", "macosx", "metallib", intermediate, "-o", library], source)
        if not os.path.isfile(library):
            raise _error(
                ["xcrun", "-sdk", "macosx", "metallib"], 0, f"{library} was not written", source
            )
    finally:
        if os.path.exists(intermediate):
            os.remove(intermediate)


def _run(command: Sequence[str], source: str) -> None:
    try:
        finished = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise _error(command, None, str(error), source) from None
    if finished.returncode != 0:
        raise _error(
            command, finished.returncode, finished.stderr.strip() or finished.stdout.strip(), source
        )


def _error(
    command: Sequence[str], exit_code: int | None, stderr: str, source: str
) -> ToolchainError:
    problem = "xcrun cannot be run" if exit_code is None else f"xcrun {command[3]} failed"
    error = ToolchainError(
        location=None,
        problem=problem,
        shown=shlex.join(command),
        exit_code="none" if exit_code is None else exit_code,
        stderr=stderr or "(empty)",
        kept=f"; the MSL is kept in {source}",
    )
    error.command = list(command)
    error.exit_code = exit_code
    error.stderr = stderr
    return error
