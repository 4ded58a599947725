# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The objects of Python that the code of a kernel can reach and change.

A branch or a loop of the kernel is traced by running its Python, whatever the condition turns out
to be. So what it does to objects of Python must not simply stay done: before it runs, the contents
of everything within reach are noted; afterwards, what has changed is brought together with what the
other path did, carried around the loop, or refused. Within reach are the local variables of all
functions that are running, what they enclose, the globals that their code names, and the contents
of all of these. Objects of libraries count as values, except for Python's own containers and NumPy
arrays.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from typing import Any

from enigma.errors import ObjectChanged
from enigma.tracing.boxes import Box, Change
from enigma.tracing.builder import Builder
from enigma.tracing.kinds import GLOBAL_VARIABLES, MISSING, Globals, Kind
from enigma.tracing.names import CELLS
from enigma.tracing.paths import Path
from enigma.tracing.reach import expansion_of


class Objects:
    """All objects within reach, with their contents at the time when this is made.

    Parameters
    ----------
    builder : Builder
        The trace.
    carried : iterable of str
        Variables of the running function that the caller sees to itself.
    without : bool
        Whether to leave out what these hold.
    also : iterable
        Objects that are within reach besides.

    Attributes
    ----------
    builder : Builder
        The trace.
    boxes : dict
        The objects that can change, by identity; what an object is besides a container is found
        by its kind, too.
    names : set of str
        The global variables that the code names which was found.
    modules : list
        The modules of the user that were found, and how.
    own_cells : set of int
        Variables that functions share, of which the caller sees to itself; by identity.
    temporary : list
        Objects that only live for their identity to stay theirs.
    """

    def __init__(
        self,
        builder: Builder,
        carried: Iterable[str] = (),
        without: bool = False,
        also: Iterable[Any] = (),
    ) -> None:
        self.builder = builder
        self.boxes: dict[Any, Box] = {}
        self._seen: dict[int, int] = {}
        self._stack: list[tuple[Any, Path]] = []
        self.names: set[str] = set()
        self.modules: list[tuple[types.ModuleType, Path]] = []
        self.temporary: list[Any] = []
        self.own_cells: set[int] = set()
        self._frames(frozenset(carried), without)
        for thing in also:
            self.push(thing, "")
        self._drain()
        named: set[str] = set()
        while self.modules and named != self.names:
            # The code that is found names further variables of the modules that are found.
            named = set(self.names)
            for module, path in list(self.modules):
                self._variables(vars(module), tuple(sorted(named)), (path, "."))
            self._drain()

    @classmethod
    def none(cls, builder: Builder) -> Objects:
        """Make one for code that changes no objects."""
        found = cls.__new__(cls)
        found.builder = builder
        found.boxes = {}
        found._seen = {}
        return found

    def references(self, thing: Any) -> int:
        """Count how often an object was met on the way."""
        return self._seen.get(id(thing), 0)

    def knows(self, thing: Any) -> bool:
        """Whether an object was within reach and can change."""
        return id(thing) in self.boxes

    def find(self, thing: Any, kind: type[Kind]) -> Box | None:
        """Give the box of an object, if it is within reach."""
        for key in (id(thing), (id(thing), kind)):
            box = self.boxes.get(key)
            if box is not None and box.thing is thing and box.kind is kind:
                return box
        return None

    def changes(self) -> list[Change]:
        """Compare the contents with what they are now."""
        found = []
        for box in self.boxes.values():
            keys, values = box.kind.read(box.thing)
            if not box.kind.same(box.keys, keys) or not all(map(_is, values, box.values)):
                found.append(Change(box, keys, values))
        return found

    def restore(self, changes: Iterable[Change] | None = None, where: str = "") -> None:
        """Give the objects that have changed the contents that they had.

        Raises
        ------
        ObjectChanged
            When one of them cannot be set back.
        """
        for change in self.changes() if changes is None else changes:
            box = change.box
            if box.kind.advances:
                raise ObjectChanged(
                    name=box.name(),
                    reason=f"it is advanced {where}, which Python can do only once",
                    remedy="take what it gives before, into variables or a list",
                )
            box.kind.write(box.thing, box.keys, box.values)

    # Finding objects.

    def push(self, thing: Any, path: Path) -> None:
        """Go on with an object, if it or what it holds can change."""
        try:
            expand = self.builder.kinds[thing.__class__]
        except KeyError:
            expand = self.builder.kinds[thing.__class__] = expansion_of(thing.__class__)
        if expand is not None:
            self._stack.append((thing, path))

    def _drain(self) -> None:
        stack, seen, kinds = self._stack, self._seen, self.builder.kinds
        while stack:
            thing, path = stack.pop()
            key = id(thing)
            count = seen.get(key, 0)
            seen[key] = count + 1
            if not count:
                kinds[thing.__class__](self, thing, path)

    def _frames(self, carried: frozenset[str], without: bool) -> None:
        builder = self.builder
        frame = sys._getframe(2)
        first = True
        while frame is not None and frame is not builder.root:
            if builder.is_user(frame.f_code):
                variables = frame.f_locals
                if first and carried and CELLS in variables:
                    shared = variables[CELLS]
                    names = shared.__code__.co_freevars
                    for name, cell in zip(names, shared.__closure__, strict=True):
                        if name in carried:
                            self.own_cells.add(id(cell))
                for name, value in variables.items():
                    if not (first and without and name in carried):
                        self.push(value, name)
                self.push_code(frame.f_code, frame.f_globals)
                first = False
            frame = frame.f_back  # type: ignore[assignment]

    def push_code(self, code: types.CodeType, variables: dict[str, Any]) -> None:
        """Go on with the variables of a module that code names."""
        names = self.builder.code_names.get(id(code))
        if names is None:
            names = tuple(sorted(_global_names(code)))
            self.builder.code_names[id(code)] = names
            self.builder.seen_code.append(code)
        self.names.update(names)
        self._variables(variables, names, "")

    def _variables(self, variables: dict[str, Any], names: tuple[str, ...], path: Path) -> None:
        # One box for the variables of a module, however many functions name some of them.
        box = self.boxes.get(id(variables))
        if box is None:
            shown = Globals(variables, names)
            self.boxes[id(variables)] = Box(shown, GLOBAL_VARIABLES, path)
        else:
            known = set(box.thing.names)
            names = tuple(name for name in names if name not in known)
            if not names:
                return
            shown = Globals(variables, (*box.thing.names, *names))
            self.boxes[id(variables)] = Box(shown, GLOBAL_VARIABLES, box.path)
        for name in names:
            value = variables.get(name, MISSING)
            if value is not MISSING:
                self.push(value, name if path == "" else (path, name))

    def add(self, thing: Any, kind: type[Kind], path: Path) -> Box:
        """Note an object with its contents."""
        box = self.boxes[id(thing)] = Box(thing, kind, path)
        return box

    def push_parts(self, box: Box) -> None:
        """Go on with the contents of an object."""
        known = self.builder.kinds
        for position, value in enumerate(box.values):
            if known.get(value.__class__, MISSING) is not None:
                self.push(value, box.part(position))


def _is(a: Any, b: Any) -> bool:
    return a is b


def _global_names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= _global_names(const)
    return names
