# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compilations that later processes find in the user's cache folder.

One is found again only where all that it was made from is the same: this build of Enigma, Python,
the code that runs, and the values of all that it refers to, of its arguments and options.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Hashable
from itertools import chain
from typing import TYPE_CHECKING, Any

from enigma import _cache
from enigma._arrays import describe_files
from enigma._process import STARTED, fork_lock, import_late
from enigma._version import __version__
from enigma.compiler.fingerprints import Fingerprint, Unstable
from enigma.errors import EnigmaError
from enigma.tracing import notices

if TYPE_CHECKING:
    from enigma.compiler.compilations import Compiled
    from enigma.compiler.references import References
    from enigma.tracing.functions import Decorated

#: What the cache calls compilations.
KIND = "kernel"
#: What was compiled faster is small, and only so many of those are kept by each process.
LEAST_SECONDS = 1e-3
MOST_SMALL = 64
_small = 0


def key_of(function: Decorated, arguments: Hashable, references: References) -> str | None:
    """Give the key of a compilation; None where it cannot be told from every other one.

    Parameters
    ----------
    function : Decorated
        The function.
    arguments : hashable
        What stands for its arguments and options.
    references : References
        What it refers to.
    """
    if not (references.is_settled and references.is_repeatable) or _cache.folder() is None:
        return None
    built_by = _built_by()
    if built_by is None:
        return None
    fingerprint = Fingerprint()
    try:
        fingerprint.add(function, arguments, *chain.from_iterable(references.found))
    except (Unstable, EnigmaError, NameError):
        return None
    numpy = getattr(sys.modules.get("numpy"), "__version__", "")
    return _cache.key_of(*built_by, numpy, fingerprint.digest())


def find(key: str) -> tuple[Compiled, list[notices.Told]] | None:
    """Give a compilation and the warnings that it brought; None if there is none.

    As code for the CPU is, it is the user's own: what is no entry of this user's is not read.
    """
    data = _cache.find(KIND, key)
    if data is None:
        return None
    with fork_lock:  # it imports what the classes are from
        compiled, warnings = _pickle().loads(data)
    return compiled, warnings


def keep(key: str, compiled: Compiled, warnings: list[notices.Told], seconds: float) -> None:
    """Keep a compilation with the warnings that it brought, if it is worth that.

    A process that finds all its kernels does not load MLIR, so the first ones are kept however
    fast they were compiled. Later ones are found no faster than they are compiled, if they are
    small.
    """
    global _small
    if seconds < LEAST_SECONDS:
        if _small == MOST_SMALL:
            return
        _small += 1
    _cache.keep(KIND, key, _pickle().dumps((compiled, warnings), protocol=5))


def _pickle() -> Any:
    """Give what `pickle` has in C: to import the rest takes as long as to find a kernel."""
    try:
        return import_late("_pickle")
    except ImportError:
        return import_late("pickle")


@functools.cache
def _built_by() -> tuple[str | bytes, ...] | None:
    """Give what says which Enigma and which Python this is; None where its files do not say it."""
    # A package that is installed for its developers has its sources elsewhere than its libraries.
    try:
        found = [describe_files(folder) for folder in sys.modules["enigma"].__path__]
    except OSError:
        return None
    # What runs here was read before an upgrade that came since.
    if any(changed >= STARTED for _, changed in found):
        return None
    return __version__, sys.version, sys.platform, *(files for files, _ in found)
