# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writing files: whole or not at all, at paths that are checked."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from functools import partial
from typing import Any

from enigma._process import import_late
from enigma.errors import InvalidOption, WorkDirError

#: How the names of files begin that are not yet whole.
BESIDE = ".enigma-"
# A file system takes names of up to 255 bytes.
_LONGEST_STEM = 200


def checked_path(path: Any, what: str) -> str:
    """Give a path as an absolute one; `what` names it in messages.

    Raises
    ------
    InvalidOption
        When it is no path.
    WorkDirError
        When it is relative and there is no current folder.
    """
    try:
        text = os.fspath(path)
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise InvalidOption(
            option=what,
            expected="a path: a str or a pathlib.Path",
            found=path,
            remedy="os.fsdecode makes a str of bytes"
            if isinstance(text, bytes)
            else "give the name of the file or folder",
        )
    try:
        problem = "a NUL in it" if b"\0" in os.fsencode(text) else ""
    except UnicodeEncodeError:
        problem = "a character that the file system cannot have"
    if problem:
        raise InvalidOption(
            option=what,
            expected="the name of a file or folder",
            found=text,
            remedy=f"there is {problem}",
        )
    try:
        return os.path.abspath(text)
    except OSError as error:
        raise WorkDirError(
            what="",
            path=text,
            reason=f"the current folder is gone ({error.strerror})",
            remedy="change to a folder that exists, or give an absolute path",
        ) from None


def file_stem(name: str) -> str:
    """Give the name of a kernel as that of a file: a name that is too long ends in its hash."""
    if len(name.encode()) <= _LONGEST_STEM:
        return name
    digest = import_late("hashlib").sha256(name.encode()).hexdigest()[:16]
    return f"{name[:_LONGEST_STEM]}-{digest}"


def temporary_folder() -> str:
    """Make a folder for what nobody gave a place.

    Raises
    ------
    WorkDirError
        When that is not possible.
    """
    try:
        folder: str = import_late("tempfile").mkdtemp(prefix="enigma-")
        return folder
    except OSError as error:
        raise WorkDirError(
            what="temporary files into ",
            path=os.path.dirname(error.filename or "") or os.environ.get("TMPDIR", ""),
            reason=error.strerror or str(error),
            remedy="set TMPDIR to a folder that can be written to, with space left",
        ) from None


def remove_folder(folder: str) -> None:
    """Remove a folder with what is in it, as far as that is possible."""
    import_late("shutil").rmtree(folder, ignore_errors=True)


def holds_something_else(path: str, content: str | bytes) -> bool:
    """Whether writing `content` to a path would lose what stands there."""
    if not os.path.isfile(path):
        return False
    data = content.encode() if isinstance(content, str) else content
    try:
        with open(path, "rb") as file:
            return file.read() != data
    except OSError:
        return True


def make_folder(path: str, what: str = "") -> None:
    """Make a folder, and those on the way to it; `what` is what it is for, for messages.

    Raises
    ------
    WorkDirError
        When that is not possible.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if os.path.isfile(path) else error.strerror or str(error)
        raise WorkDirError(what=what, path=path, reason=reason) from None


def write_file(path: str, content: str | bytes) -> None:
    """Write a file, and the folders on the way to it.

    What stood there stays until all of `content` is on disk beside it.

    Parameters
    ----------
    path : str
        An absolute path; of a link, what it points at is written.
    content : str or bytes
        The whole of it.

    Raises
    ------
    WorkDirError
        When that is not possible.
    """
    data = content.encode() if isinstance(content, str) else content
    target = os.path.realpath(path)
    make_folder(os.path.dirname(target))
    try:
        if not os.path.exists(target) or os.path.isfile(target):
            replace_file(target, data)
        else:
            # A terminal or a pipe takes what is written; a folder does not.
            with open(target, "wb") as file:
                file.write(data)
    except OSError as error:
        raise WorkDirError(what="", path=path, reason=error.strerror or str(error)) from None


def replace_file(
    target: str, data: bytes, *, is_durable: bool = True, permissions: int | None = None
) -> None:
    """Write a file beside the one that it replaces, which stays until the new one is whole.

    Parameters
    ----------
    target : str
        A file, or where none is, in a folder that exists.
    data : bytes
        The whole of it.
    is_durable : bool
        Whether it is on disk when this returns.
    permissions : int, optional
        Its permissions; by default those of the file that it replaces, or as `open` makes one.

    Raises
    ------
    OSError
        When that is not possible.
    """
    exists = os.path.exists(target)
    if exists and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
    beside = os.path.join(os.path.dirname(target), f"{BESIDE}{os.urandom(8).hex()}")
    try:
        # The permissions are those that the user's mask leaves.
        opener = partial(os.open, mode=0o666 if permissions is None else permissions)
        with open(beside, "xb", opener=opener) as file:
            file.write(data)
            file.flush()
            if is_durable:
                # Some file systems tell only now that they are full.
                os.fsync(file.fileno())
        if exists and permissions is None:
            os.chmod(beside, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
