# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""When Python looks for reference cycles; imported before anything else of the package."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def without_collector(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function; Python looks for reference cycles after it, and not in it.

    Where threads are in such calls at a time, the one that came first ends it.
    """
    was_enabled = gc.isenabled()
    # Ctrl-C may come where Python calls a function: none may stand between the two, nor before
    # `enable`, as that of a context manager would.
    try:
        gc.disable()
        return function(*args, **kwargs)
    finally:
        if was_enabled:
            gc.enable()


def grow_old() -> None:
    """Let all that there is count as old: the collector does not look through it at once."""
    # What somebody has frozen would be thawed, too.
    if gc.get_freeze_count() == 0:
        try:
            gc.freeze()
        finally:
            gc.unfreeze()
