# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is made once and kept for later processes, in files of the user's cache folder.

An entry has a kind, a key, which is a hash of all that it was made from, and bytes. It may be gone
at any time: a cache that cannot be read or written is none, and nobody is told.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from enigma._arrays import hash_of
from enigma._files import BESIDE, replace_file

#: The bytes of all entries together; those that were not used for the longest time go first.
MOST_BYTES = 256 << 20
#: How many entries there are, since all of them are looked at now and then.
MOST_ENTRIES = 1 << 14
# What is left of both, so that not every new entry has to look for old ones.
_KEPT = 0.75
#: How often all files are looked at while as much is kept as there may be.
LOOKS = 16
_SUFFIX = ".entry"
_KEY_DIGITS = 64
# What a process left that ended while it wrote is removed after an hour.
_ABANDONED_SECONDS = 3600


class Entry(NamedTuple):
    """A file of the cache, with its size and when it was last used, in seconds of `time.time`."""

    kind: str
    path: str
    nbytes: int
    used: float


def key_of(*parts: str | bytes) -> str:
    """Give the key of what is made from some parts."""
    return hash_of(*parts).hex()


def folder() -> str | None:
    """Give the folder of the cache, which need not exist; None for no cache.

    ``ENIGMA_CACHE=0`` says that there is none, and ``ENIGMA_CACHE_DIR`` where it is. By default it
    is ``enigma`` in the folder where the system has those of users.
    """
    if os.environ.get("ENIGMA_CACHE", "1") in ("0", ""):
        return None
    chosen = os.environ.get("ENIGMA_CACHE_DIR")
    if chosen:
        try:
            return os.path.abspath(chosen)
        except OSError:
            return None
    caches = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(caches):
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return None
        caches = os.path.join(home, "Library/Caches" if sys.platform == "darwin" else ".cache")
    return os.path.join(caches, "enigma")


def _path(root: str, kind: str, key: str) -> str:
    return os.path.join(root, kind, key + _SUFFIX)


def _checksum(kind: str, key: str, data: bytes) -> bytes:
    return hash_of(f"{kind}/{key}", data)


def _is_own(status: os.stat_result) -> bool:
    """Whether a file is this user's, or the system's: others must not choose what is run here."""
    if not hasattr(os, "geteuid"):
        return True
    is_of_others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return status.st_uid in (os.geteuid(), 0) and not is_of_others


def find(kind: str, key: str) -> bytes | None:
    """Give an entry; None if there is none, or what there is is damaged."""
    root = folder()
    if root is None:
        return None
    path = _path(root, kind, key)
    try:
        # To open a pipe would wait for somebody who writes into it.
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return None
        with open(path, "rb") as file:
            if not _is_own(os.fstat(file.fileno())):
                return None
            content = file.read()
    except (OSError, ValueError):
        return None
    checksum, data = content[:32], content[32:]
    if checksum != _checksum(kind, key, data):
        return None
    # Access times are often not kept.
    with suppress(OSError):
        os.utime(path)
    return data


def keep(kind: str, key: str, data: bytes) -> None:
    """Keep an entry, if that is possible."""
    root = folder()
    if root is None:
        return
    path = _path(root, kind, key)
    with suppress(OSError, ValueError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        # A damaged file is found by its checksum: there is no need to wait for the disk.
        content = _checksum(kind, key, data) + data
        replace_file(path, content, is_durable=False, permissions=0o600)
        # Looking at all files takes long where there are many: it is done for every so many.
        if int(key[:8], 16) < max(len(data) / MOST_BYTES, 1 / MOST_ENTRIES) * LOOKS * 2**32:
            _shorten(root)


def entries() -> Iterator[Entry]:
    """Give the entries of all kinds."""
    root = folder()
    if root is not None:
        for file in _files(root):
            if file.path.endswith(_SUFFIX):
                yield file


def clear(kind: str | None = None) -> None:
    """Remove all entries, or those of one kind, and what processes left that ended meanwhile."""
    root = folder()
    for file in () if root is None else _files(root):
        if kind in (None, file.kind):
            with suppress(OSError):
                os.unlink(file.path)


def _is_ours(name: str) -> bool:
    """Whether a file is an entry or what becomes one: the user may keep others in the folder."""
    key = name.removesuffix(_SUFFIX)
    is_entry = key != name and len(key) == _KEY_DIGITS and set(key) <= set("0123456789abcdef")
    return is_entry or name.startswith(BESIDE)


def _files(root: str) -> Iterator[Entry]:
    with suppress(OSError), os.scandir(root) as kinds:
        for kind in kinds:
            with suppress(OSError), os.scandir(kind.path) as files:
                for file in filter(lambda file: _is_ours(file.name), files):
                    with suppress(OSError):
                        status = file.stat(follow_symlinks=False)
                        yield Entry(kind.name, file.path, status.st_size, status.st_mtime)


def _shorten(root: str) -> None:
    """Remove what was not used for the longest time, if there is too much."""
    nbytes = count = 0
    for file in _files(root):
        if file.path.endswith(_SUFFIX) or time.time() - file.used <= _ABANDONED_SECONDS:
            nbytes += file.nbytes
            count += 1
        else:
            with suppress(OSError):
                os.unlink(file.path)
    if nbytes <= MOST_BYTES and count <= MOST_ENTRIES:
        return
    for file in sorted(_files(root), key=lambda file: file.used):
        if nbytes <= MOST_BYTES * _KEPT and count <= MOST_ENTRIES * _KEPT:
            break
        with suppress(OSError):
            os.unlink(file.path)
        nbytes -= file.nbytes
        count -= 1
