# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What Enigma needs of the process that it runs in; imported before any extension module."""

from __future__ import annotations

import importlib
import os
import threading
import time
from types import FunctionType
from typing import Any

from enigma.errors import SubinterpreterError


def _is_main_interpreter() -> bool:
    # Python says so nowhere else: the module was renamed in 3.13, and a Python without it makes no
    # sub-interpreters.
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = importlib.import_module(name)
        except ImportError:
            continue
        return bool(interpreters.get_current() == interpreters.get_main())
    return True


# The extension modules keep their types and MLIR's for the process: a second interpreter would find
# those of the first one, or wait for a lock that it holds itself.
if not _is_main_interpreter():
    raise SubinterpreterError(location=None)

#: When the import of the package began, in nanoseconds of `time.time_ns`. What its files are that
#: were changed since says nothing of the code that this process runs.
STARTED = time.time_ns()

#: Held by whoever does what a fork has to wait for. The child of a fork has one thread: a lock that
#: another thread of its parent held, such as that of a module that is being imported, is never
#: released there.
fork_lock = threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=fork_lock.acquire,
        after_in_parent=fork_lock.release,
        after_in_child=fork_lock.release,
    )


def import_late(name: str) -> Any:
    """Import a module that not every program needs."""
    with fork_lock:
        return importlib.import_module(name)


def call_with_room(function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Call a function whose frame may be large, so that there is room for others above it.

    Python keeps frames in chunks of 16 KiB, of which it asks the system for one when the last is
    full, and gives it back when that is empty: a function whose frame ends one does both with each
    of its calls.
    """
    code = getattr(function, "__code__", None)
    is_large = code is not None and code.co_nlocals + code.co_stacksize > _LARGE
    return (_call_in_new_chunk if is_large else _call)(function, arguments, keywords)


def _call(function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    return function(*arguments, **keywords)


# In values, 8 bytes each: a small frame seldom ends a chunk.
_LARGE = 128
# Its own frame is so large that what it calls is at the start of a chunk of 256 KiB.
_call_in_new_chunk = FunctionType(_call.__code__.replace(co_stacksize=1 << 14), globals())
