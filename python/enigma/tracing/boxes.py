# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects with their contents at one time, and what has changed since."""

from __future__ import annotations

from typing import Any

from enigma.tracing.kinds import Kind
from enigma.tracing.paths import Path, show_path


class Box:
    """An object within reach, with its contents at one time.

    Attributes
    ----------
    thing
        The object.
    kind : type of Kind
        How it is read and written.
    path : Path
        How it was reached.
    keys, values
        Its contents then.
    """

    __slots__ = ("keys", "kind", "path", "thing", "values")

    def __init__(self, thing: Any, kind: type[Kind], path: Path) -> None:
        self.thing = thing
        self.kind = kind
        self.path = path
        self.keys, self.values = kind.read(thing)

    def name(self, position: int | None = None) -> str:
        """Spell the object, or one part of it."""
        return show_path(self.path if position is None else self.part(position))

    def part(self, position: int) -> Path:
        """Give the path to one part."""
        return (self.path, (self.kind, self.keys, position))


class Change:
    """An object whose contents are no longer those of its box.

    Attributes
    ----------
    box : Box
        What it was.
    keys, values
        Its contents now.
    """

    __slots__ = ("box", "keys", "values")

    def __init__(self, box: Box, keys: Any, values: list[Any]) -> None:
        self.box = box
        self.keys = keys
        self.values = values

    @property
    def same_parts(self) -> bool:
        """Whether only values differ."""
        return self.box.kind.same(self.box.keys, self.keys)
