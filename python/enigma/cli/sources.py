# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Python files of the command line, and the kernels in them."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from types import ModuleType
from typing import NamedTuple

from enigma._files import checked_path
from enigma.cli.reports import placeless, remember
from enigma.compiler.loading import load_file
from enigma.errors import (
    CommandLineError,
    EnigmaError,
    MissingKernel,
    SourceFileError,
    UserCodeError,
)
from enigma.locations import SourceLocation, traceback_location
from enigma.spelling import closest
from enigma.tracing.functions import Func, Jit, Kernel


class Source(NamedTuple):
    """What ``FILE.py:FUNCTION`` names; the function is "" where it is left out."""

    path: str
    function: str


def parse_source(text: str) -> Source:
    """Take ``FILE.py`` or ``FILE.py:FUNCTION`` apart.

    Raises
    ------
    CommandLineError
        When it is neither.
    """
    path, colon, function = text.rpartition(":")
    if not colon or os.sep in function or function.endswith(".py"):
        path, colon, function = text, "", ""
    is_named = all(part.isidentifier() for part in function.split("."))
    if not path or (colon and not is_named):
        raise CommandLineError(
            f"{text!r} names no kernel",
            remedy="write FILE.py:FUNCTION, as in kernels.py:add",
            location=None,
        )
    return Source(path, function)


def load_source(path: str) -> ModuleType:
    """Run a Python file as a module; what it prints goes to the standard error.

    Raises
    ------
    SourceFileError
        When there is no such file, or it cannot be read.
    EnigmaError
        When running it raises.
    """
    with placeless():
        absolute = checked_path(path, "the file")
    remember(path)
    reason = _why_not(absolute)
    if reason:
        raise SourceFileError(path=path, reason=reason, location=None)
    stem = re.sub(r"\W", "_", os.path.splitext(os.path.basename(absolute))[0])
    name = stem if stem not in sys.modules else f"_enigma_{stem}"
    # As Python does for a script: it imports what stands beside it.
    sys.path.insert(0, os.path.dirname(absolute))
    with contextlib.redirect_stdout(sys.stderr):
        try:
            return load_file(absolute, name)
        except SystemExit as error:
            raise UserCodeError(
                what=f"the file ends Python (exit code {error.code})",
                location=traceback_location(error),
                remedy='what is to run as a script alone goes below if __name__ == "__main__":',
            ) from error
        except Exception as error:
            raise as_user_error(error, absolute) from error


def _why_not(path: str) -> str:
    if os.path.isdir(path):
        return "it is a folder"
    if os.path.isfile(path) and not path.endswith(".py"):
        return "its name does not end in .py"
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def as_user_error(error: Exception, path: str) -> EnigmaError:
    """Give the error of Enigma that stands for one that code of the user raised."""
    if isinstance(error, EnigmaError):
        return error
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    location = traceback_location(error)
    if isinstance(error, SyntaxError) and error.filename:
        what = f"{type(error).__name__}: {error.msg}"
        location = SourceLocation(error.filename, error.lineno or 1, error.offset or 0)
        return UserCodeError(what=what, location=location, remedy="")
    return UserCodeError(what=what, location=location or SourceLocation(path, 1))


def kernels_of(module: ModuleType) -> dict[str, Kernel | Jit]:
    """Give the kernels and jit functions that a module defines, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, (Kernel, Jit)) and value.function.__module__ == module.__name__
    }


def find_kernel(module: ModuleType, source: Source) -> Kernel | Jit:
    """Find the function that was named, or the only one.

    Raises
    ------
    MissingKernel
        When there is none, or there are several.
    """
    known = kernels_of(module)
    names = ", ".join(known)
    if not known:
        raise _missing(source, "has no kernel", "decorate a function with @enigma.kernel")
    if not source.function:
        if len(known) > 1:
            # A jit function is rather meant than the kernels that it launches.
            first = min(known, key=lambda name: not isinstance(known[name], Jit))
            remedy = f"name one, as in {source.path}:{first}"
            raise _missing(source, f"has {len(known)} kernels: {names}", remedy)
        return next(iter(known.values()))
    found: object = module
    for part in source.function.split("."):
        found = getattr(found, part, None)
    if isinstance(found, (Kernel, Jit)):
        return found
    if isinstance(found, Func):
        reason = f"has a helper {source.function} (@enigma.func), which is no kernel"
        raise _missing(source, reason, "name a kernel that calls it")
    if callable(found):
        reason = f"has a function {source.function}, which is no kernel"
        raise _missing(source, reason, "decorate it with @enigma.kernel or @enigma.jit")
    close = closest(source.function, known)
    remedy = f"did you mean {close}?" if close else f"its kernels are {names}"
    raise _missing(source, f"has no kernel {source.function}", remedy)


def _missing(source: Source, reason: str, remedy: str) -> MissingKernel:
    return MissingKernel(path=source.path, reason=reason, remedy=remedy, location=None)
