# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Apple's Metal toolchain: from MSL text to a Metal library."""

from __future__ import annotations

import os
from collections.abc import Sequence

from enigma._files import remove_folder, temporary_folder, write_file
from enigma._process import import_late
from enigma.compiler.options import Options
from enigma.errors import ToolchainError


def build_metallib(text: str, source: str, options: Options) -> bytes:
    """Compile MSL into a Metal library with ``xcrun``.

    Parameters
    ----------
    text : str
        The MSL.
    source : str
        Path of the ``.metal`` file that keeps it when that fails.
    options : Options
        `fast_math` and `metal_std`.

    Returns
    -------
    bytes
        The library.

    Raises
    ------
    ToolchainError
        When ``xcrun`` is missing or fails.
    WorkDirError
        When there is no place for temporary files.
    """
    name = os.path.basename(source)
    air, library = f"{name}.air", f"{name}lib"
    flags = [] if options.fast_math else ["-fno-fast-math"]
    if options.metal_std is not None:
        flags.append(f"-std=metal{options.metal_std}")
    # What the tools leave half done vanishes with this folder.
    folder = temporary_folder()
    try:
        write_file(os.path.join(folder, name), text)
        _run(["metal", *flags, "-c", name, "-o", air], folder, source)
        _run(["metallib", air, "-o", library], folder, source)
        if not os.path.isfile(os.path.join(folder, library)):
            raise _error(["metallib"], 0, f"{library} was not written", source)
        with open(os.path.join(folder, library), "rb") as file:
            return file.read()
    except ToolchainError:
        write_file(source, text)
        raise
    finally:
        remove_folder(folder)


def _run(arguments: Sequence[str], folder: str, source: str) -> None:
    command = ["xcrun", "-sdk", "macosx", *arguments]
    try:
        finished = import_late("subprocess").run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise _error(arguments, None, str(error), source) from None
    if finished.returncode != 0:
        stderr = finished.stderr.strip() or finished.stdout.strip()
        raise _error(arguments, finished.returncode, stderr, source)


def _error(
    arguments: Sequence[str], exit_code: int | None, stderr: str, source: str
) -> ToolchainError:
    command = ["xcrun", "-sdk", "macosx", *arguments]
    problem = "xcrun cannot be run" if exit_code is None else f"xcrun {arguments[0]} failed"
    error = ToolchainError(
        location=None,
        problem=problem,
        shown=import_late("shlex").join(command),
        exit_code="none" if exit_code is None else exit_code,
        stderr=stderr or "(empty)",
        kept=f"; the MSL is kept in {source}",
    )
    error.command = command
    error.exit_code = exit_code
    error.stderr = stderr
    return error
