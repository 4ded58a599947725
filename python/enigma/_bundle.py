# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The modules that an import of the package brings, kept together in one file.

Python finds a module by looking for it in folders, and reads its code from a file of its own: for
more than a hundred of them this takes as long as to run them.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

# The number of the form of what is kept: an upgrade leaves the file of the version before it.
_FORM = 1


# Of a module: where its source and its code are, whether it is a folder, when the source was
# changed, and its size; and the code.
_Kept = tuple[str, str | None, bool, int, int, CodeType]


class Bundle:
    """Finds modules of a package in a file of `__pycache__`, from `begin` to `end` of its import.

    Only code whose source is as it was is taken from there. Other modules are imported as Python
    does it, and kept for the next process by `keep`. Nothing is done where Python keeps no code, or
    where somebody else loads the package: an import hook, or an archive.
    """

    def __init__(self, spec: ModuleSpec | None) -> None:
        # What an earlier process kept, by the names of modules; and what this one imports.
        self._kept: dict[str, _Kept] = {}
        self._found: dict[str, _Kept] = {}
        self._is_new = False
        self._path: str | None = None
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.cached is None:
            return
        folder, name = os.path.split(spec.cached)
        self._path = os.path.join(folder, f"{spec.name}.{name}")
        self._prefix = f"{spec.name}."
        # Code knows the path of its source, and is of one Python.
        self._made_by = (_FORM, sys.version, spec.origin)

    def begin(self) -> None:
        """Find modules from now on."""
        # Who looks at imports before Python does still sees each of them.
        if self._path is None or PathFinder not in sys.meta_path:
            return
        sys.meta_path.insert(sys.meta_path.index(PathFinder), self)
        try:
            with open(self._path, "rb") as file:
                made_by, kept = marshal.loads(file.read())
        except (OSError, EOFError, MemoryError, TypeError, ValueError):
            return
        if made_by == self._made_by:
            self._kept = kept

    def end(self) -> None:
        """Find none from now on."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of the package, as an import does it."""
        if not name.startswith(self._prefix):
            return None
        kept = self._kept.get(name)
        if kept is not None and _is_as(_state(kept[0]), kept[3:5]):
            self._found[name] = kept
            source, cached, is_package, _, _, code = kept
            spec = ModuleSpec(name, _Loader(name, source, code), origin=source)
            spec.has_location = True
            spec.cached = cached
            if is_package:
                spec.submodule_search_locations = [os.path.dirname(source)]
            return spec
        found = PathFinder.find_spec(name, path, target)
        if found is not None and type(found.loader) is SourceFileLoader:
            source = found.loader.path
            # A change that comes while the code is read is seen by the next process.
            state = _state(source)
            read: CodeType | None
            if kept is not None and _is_like(state, kept[3:5]):
                # Python would take the code that it has of the text before.
                read = found.loader.source_to_code(found.loader.get_data(source), source)
            else:
                read = found.loader.get_code(name)
            if state is not None and read is not None:
                is_package = found.submodule_search_locations is not None
                self._found[name] = (source, found.cached, is_package, *state, read)
                self._is_new = True
                found.loader = _Loader(name, source, read)
        return found

    def keep(self, replace_file: Callable[..., object]) -> None:
        """Keep what was imported for later processes.

        Parameters
        ----------
        replace_file : callable
            `enigma._files.replace_file`.
        """
        if not self._is_new or self._path is None or sys.dont_write_bytecode:
            return
        if os.access(os.path.dirname(self._path), os.W_OK):
            data = marshal.dumps((self._made_by, self._found))
            with suppress(OSError):
                replace_file(self._path, data, is_durable=False)


class _Loader(SourceFileLoader):
    """Loads a module, whose code is known the first time."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        code, self._code = self._code, None
        return super().get_code(fullname) if code is None else code


def _state(path: str) -> tuple[int, int] | None:
    """Give when a file was changed, and its size, by which Python too knows code that is stale."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


# In the unit of times, nanoseconds.
_SECOND = 10**9


def _is_like(now: tuple[int, int] | None, before: tuple[int, int]) -> bool:
    """Whether Python takes a file for what it was: it knows seconds, and the size."""
    return now is not None and (now[0] // _SECOND, now[1]) == (before[0] // _SECOND, before[1])


def _is_as(now: tuple[int, int] | None, before: tuple[int, int]) -> bool:
    """Whether a file is as it was; some archives keep of a time only its seconds."""
    if now is None or now[1] != before[1]:
        return False
    unit = _SECOND if 0 in (now[0] % _SECOND, before[0] % _SECOND) else 1
    return now[0] // unit == before[0] // unit
