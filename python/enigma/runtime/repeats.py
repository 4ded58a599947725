# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launches that are known: asked for once more, with arguments like those of an earlier one."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Sequence
from typing import Any

from enigma._arrays import Memory, RecentLaunches
from enigma.compiler.compilations import Compiled, Grounds, Key, key_of
from enigma.compiler.references import is_library
from enigma.runtime.binding import Argument, binder_of
from enigma.runtime.device import Device, Executable
from enigma.runtime.extents import Asked
from enigma.runtime.kept import has_parts, leaves
from enigma.tracing.functions import Jit
from enigma.tracing.launches import Extent

#: A launch that was checked: what runs it, with its arguments, and its extents.
Checked = tuple[Executable, list[Argument], tuple[Extent, Extent, bool]]


class Request:
    """A launch as it is asked for, to be compared with earlier ones.

    Parameters
    ----------
    what : Kernel, Jit or Artifact
        What is launched.
    arguments : tuple
        What it is given, those with names last.
    named : iterable of str
        These names.
    opened : Device
        The device that runs it.
    asked : Asked
        What it is asked for besides.
    """

    __slots__ = (
        *("_arguments", "_constants", "_form", "_given", "_lists", "_opened", "_structure"),
        "_what",
    )

    def __init__(
        self,
        what: Any,
        arguments: tuple[Any, ...],
        named: Collection[str],
        opened: Device,
        asked: Asked,
    ) -> None:
        self._what = what
        self._opened = opened
        self._given = arguments
        # The parts of tuples and lists of a jit function, how they are in these, and the addresses
        # of the lists, which may be changed in place.
        self._structure: tuple[Any, ...] | None = None
        self._lists: list[int] = []
        if isinstance(what, Jit) and any(isinstance(each, (tuple, list)) for each in arguments):
            arguments, self._structure = _flat(arguments, self._lists)
        threads, grid, block, lengths, constants = asked
        names_of_constants: Any = constants
        self._constants: tuple[str, ...] = ()
        if type(constants) is dict:
            arguments += tuple(constants.values())
            names_of_constants = self._constants = tuple(constants)
        self._arguments = arguments
        self._form = (
            *(id(opened), *map(_settled, (threads, grid, block))),
            None if lengths is None else _items(lengths),
            *(names_of_constants, self._structure, *named),
        )

    def repeat(self) -> bool:
        """Launch what an earlier request for the same was found to be, if there was one."""
        recent: RecentLaunches | None = self._what.__recent__
        found: Any = recent and recent.find(self._arguments, self._form, self._opened)
        if found is None:
            return False
        (_, unchanged, on, runs), key, given = found
        executables = [run[0]() for run in runs]
        changing = (*self._lists, *(key.changing if key else ()))
        # Another device may have the id of one that is gone.
        if (
            on() is not self._opened
            or None in executables
            or not (unchanged is None or unchanged.hold(changing))
        ):
            return False
        for executable, (_, extent, shape, is_threads), values in zip(
            executables, runs, given, strict=True
        ):
            executable.launch(values, extent, shape, is_threads=is_threads)
        return True

    def keep(
        self,
        names: Sequence[str],
        compiled: Compiled | None,
        grounds: Grounds | None,
        arrays: Collection[str],
        launches: list[Checked],
    ) -> None:
        """Keep what was launched for others that are given arrays like its own, and numbers.

        Parameters
        ----------
        names : sequence of str
            The parameters that the arguments are.
        compiled : Compiled or None
            What a function was compiled to, whose kernels live as long as the launch is known.
        grounds : Grounds or None
            As long as they hold, it is given again.
        arrays : collection of str
            The arguments of a jit function that are arrays; it is compiled for all others.
        launches : list
            What it was found to be.
        """
        asked, extents = key_of(self._form), key_of(self._form[1:4])
        if asked is None or not asked.is_frozen or len(names) != len(self._given):
            return
        if extents is None or not _says_all(extents):
            return
        if self._structure is not None:
            pairs = zip(names, self._given, strict=True)
            names = [leaf for pair in pairs for leaf, _ in leaves(*pair)]
        # What a function is compiled for is followed; sizes and function constants are not, nor are
        # extents.
        own = {
            c.name for executable, _, _ in launches for c in executable.kernel.function_constants
        }
        followed = [isinstance(self._what, Jit)] * len(names)
        followed += [name not in own for name in self._constants]
        # Constants have the name of no parameter.
        names = [*names, *[""] * (len(self._arguments) - len(names))]
        kinds = ["array" if name in arrays else "value" for name in names]
        places = _places(names, kinds, launches)
        if places is None:
            return
        for index, (kind, argument) in enumerate(zip(kinds, self._arguments, strict=True)):
            if kind == "value":
                key = key_of(argument)
                if key is None or not (followed[index] or _says_all(key)):
                    return
                if not key.is_frozen:
                    kinds[index] = "changing"
        recent = self._what.__recent__
        if recent is None:
            recent = RecentLaunches(key_of)
            object.__setattr__(self._what, "__recent__", recent)
        runs = [(weakref.ref(executable), *found) for executable, _, found in launches]
        result = compiled, grounds, weakref.ref(self._opened), runs
        recent.keep(self._arguments, kinds, self._form, result, places)


def _places(
    names: list[str], kinds: list[str], launches: list[Checked]
) -> list[list[tuple[object, ...]]] | None:
    """Give what each kernel gets from where, as `RecentLaunches.keep` takes it.

    The arguments that are arrays or numbers get their kinds. None where what a kernel gets is in no
    argument.
    """
    places = []
    for executable, values, _ in launches:
        binder = binder_of(executable.kernel)
        own: list[tuple[object, ...]] = []
        for parameter, value, convert in zip(
            executable.kernel.parameters, values, binder.converters, strict=True
        ):
            if parameter.is_symbol or parameter.is_threadgroup:
                own.append((value,))
                continue
            # Only torch reads the memory of a Mac's GPU.
            is_read = not isinstance(value, Memory) or value.device != "mps"
            if parameter.name not in names or not is_read:
                return None
            index = names.index(parameter.name)
            if isinstance(value, Memory):
                kinds[index] = "array"
                own.append((index, parameter.dtype.alignment))
            else:
                kinds[index] = "number"
                own.append((index, parameter.dtype.name, convert))
        places.append(own)
    return places


def _says_all(key: Key) -> bool:
    """Whether what a number is made to in the end is in its key: it is of no class of the user."""
    return key.is_frozen and all(
        isinstance(kind, type) and is_library(kind.__module__) for kind in key.followed
    )


def _settled(extent: object) -> object:
    """Give an extent that may be compared later: a list is read as a tuple is."""
    return tuple(extent) if type(extent) is list else extent


def _flat(values: Sequence[Any], lists: list[int]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Give the `leaves` of arguments, and how these are in tuples and `lists`, by their ids."""
    flat: list[Any] = []
    structure: list[Any] = []
    for value in values:
        if has_parts(value):
            if type(value) is list:
                lists.append(id(value))
            parts, inner = _flat(value, lists)
            flat += parts
            structure.append((type(value), inner))
        else:
            flat.append(value)
            structure.append(None)
    return tuple(flat), tuple(structure)


def _items(given: Any) -> Any:
    """Give what a dict has, which may be compared later."""
    return tuple(given.items()) if type(given) is dict and given else given
