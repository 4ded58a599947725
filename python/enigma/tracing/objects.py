# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The objects of Python that the code of a kernel can reach and change.

A branch or a loop of the kernel is traced by running its Python, whatever the condition turns out
to be. So what it does to objects of Python must not simply stay done: before it runs, the contents
of everything within reach are noted; afterwards, what has changed is brought together with what the
other path did, carried around the loop, or refused. Within reach are the local variables of all
functions that are running, what they enclose, the globals that their code names, and the contents
of all of these. Objects of libraries count as values, except for Python's own containers, NumPy
arrays, and the attributes that the code sets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from enigma.errors import ObjectChanged
from enigma.tracing.boxes import Box, Change
from enigma.tracing.builder import Builder
from enigma.tracing.kinds import Kind
from enigma.tracing.reach import Roots, search_from


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
    also : sequence
        Objects that are within reach besides.
    holding : dict, optional
        What variables of the running function hold, where that is not what Python says.

    Attributes
    ----------
    builder : Builder
        The trace.
    boxes : dict
        The objects that can change, by identity; what an object is besides a container is found
        by its kind, too.
    """

    def __init__(
        self,
        builder: Builder,
        carried: Iterable[str] = (),
        without: bool = False,
        also: Sequence[object] = (),
        holding: dict[str, Any] | None = None,
    ) -> None:
        self.builder = builder
        frame = sys._getframe(1)
        found = search_from(builder, frame, frozenset(carried), without, also, holding)
        self.boxes = found.boxes
        self._roots: Roots | None = found.roots
        self._seen = found.seen

    @classmethod
    def none(cls, builder: Builder) -> Objects:
        """Give the one for code that changes no objects."""
        found = builder.no_objects
        if found is None:
            found = builder.no_objects = cls.__new__(cls)
            found.builder = builder
            found.boxes = {}
            found._roots = None
            found._seen = {}
        return found

    def references(self, thing: object) -> int:
        """Count how often an object was met on the way."""
        return self._seen.get(id(thing), 0)

    def holds(self, name: str, value: object) -> bool:
        """Whether a variable of the running function held a value that leads to objects."""
        return self._roots is not None and self._roots.held.get(name) is value

    def knows(self, thing: object) -> bool:
        """Whether an object was within reach and can change."""
        return id(thing) in self.boxes

    def find(self, thing: object, kind: type[Kind]) -> Box | None:
        """Give the box of an object, if it is within reach."""
        for key in (id(thing), (id(thing), kind)):
            box = self.boxes.get(key)
            if box is not None and box.thing is thing and box.kind is kind:
                return box
        return None

    def changes(self) -> list[Change]:
        """Compare the contents with what they are now."""
        if not self.boxes:
            return []
        changed = self.builder.session.contents.changed(self.boxes)
        return [Change(box, *box.kind.read(box.thing)) for box in changed]

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
                    reason=f"it is {box.kind.done} {where}, which Python can do only once",
                    remedy="take what it gives before, into variables or a list",
                )
            box.kind.write(box.thing, box.keys, box.values)
