# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How objects are reached, and how that is spelled."""

from __future__ import annotations

from typing import Any

# A path to an object: the name of a variable, or a path and how the object hangs there.
Path = Any


def show_path(path: Path) -> str:
    """Spell a path as Python does: ``self.sums[0]``."""
    suffixes = []
    while isinstance(path, tuple):
        path, suffix = path
        suffixes.append(_show_suffix(suffix))
    return str(path) + "".join(reversed(suffixes))


def _show_suffix(suffix: Any) -> str:
    """Spell how an object hangs at another one."""
    if isinstance(suffix, str):
        return suffix
    kind, keys, position = suffix
    return str(kind.suffix(keys, position))


def path_root(path: Path) -> str:
    """Give the name by which the kernel calls what a path leads to: the last one in it."""
    while isinstance(path, tuple):
        path, suffix = path
        shown = _show_suffix(suffix)
        if shown.removeprefix(".").isidentifier():
            return shown.removeprefix(".")
    return str(path)
