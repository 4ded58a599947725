# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The explorer: a page that shows a file of kernels beside what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from enigma.cli.main import main as run_command


def main(arguments: Sequence[str]) -> int:
    """Run the command ``enigma explore``.

    Parameters
    ----------
    arguments : sequence of str
        Those behind the name of the command.

    Returns
    -------
    int
        The exit code of the command `enigma`.
    """
    return run_command(["explore", *arguments])
