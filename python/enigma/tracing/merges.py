# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bringing together what two paths of the kernel left in variables and objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enigma.errors import ObjectChanged
from enigma.tracing.boxes import Box, Change
from enigma.tracing.kinds import MISSING
from enigma.tracing.objects import Objects
from enigma.tracing.paths import path_root, show_path
from enigma.tracing.variables import (
    ANYTHING,
    LEAVES,
    Either,
    Join,
    Maybe,
    Unassigned,
    assemble,
    join_leaves,
    join_unassigned,
    leaf_of,
    parts_of,
)


class Outcome:
    """What one of two paths left behind.

    Attributes
    ----------
    values : tuple
        The variables.
    changes : dict
        What it did to objects, by identity of the box.
    facts : frozenset
        Facts of which each holds on other paths only.
    leaves : frozenset
        Those of them that code after it has to see to run.
    where : str
        When it is taken, for messages.
    """

    __slots__ = ("changes", "facts", "leaves", "values", "where")

    def __init__(
        self,
        values: tuple[object, ...],
        changes: Sequence[Change],
        where: str,
        facts: frozenset[object] = frozenset(),
        leaves: frozenset[object] = frozenset(),
    ) -> None:
        self.values = values
        self.changes = {id(change.box): change for change in changes} if changes else {}
        self.facts = facts
        self.leaves = leaves
        self.where = where


class Merge:
    """Brings together the variables and the objects of two paths.

    Attributes
    ----------
    joins : list of Join
        The values of the IR that are needed.
    names : list of str
        What each of them is called.
    """

    __slots__ = (
        "_composes",
        "_known",
        "_line",
        "_made",
        "_objects",
        "_outcomes",
        "_same",
        "_stores",
        "_where",
        "joins",
        "names",
    )

    def __init__(self, objects: Objects, first: Outcome, second: Outcome, line: str) -> None:
        self.joins: list[Join] = []
        self.names: list[str] = []
        self._objects = objects
        self._outcomes = (first, second)
        self._where = (first.where, second.where)
        self._line = line
        # The nodes by identity of the two things, which are kept with that.
        self._known: dict[tuple[int, int], tuple[Any, object, object]] = {}
        self._same: list[Any] = []
        self._stores: list[tuple[Box, Any, list[Any]]] = []
        self._made: list[_Made] = []
        # Whether something else than joins and what the paths have in common comes out.
        self._composes = False

    def contents(self) -> None:
        """Bring the contents of the objects together that a path has changed, if one has.

        Raises
        ------
        ObjectChanged
            When that is not possible.
        """
        first, second = self._outcomes
        boxes = {**first.changes, **second.changes}
        for key, some in boxes.items():
            box = some.box
            a, b = (
                (box.keys, box.values)
                if (change := path.changes.get(key)) is None
                else (change.keys, change.values)
                for path in self._outcomes
            )
            if not box.kind.same(a[0], b[0]):
                raise ObjectChanged(name=box.name(), reason=self._differs(a, b))
            parts = []
            for position, (x, y) in enumerate(zip(a[1], b[1], strict=True)):
                shown = box.kind.suffix(a[0], position)
                path = (box.path, shown)
                node = self.node(x, y, path_root(path))
                if isinstance(node, _Conditional):
                    node = Unassigned(node.reason)
                missing = x is MISSING or y is MISSING
                if (missing and x is not y) or isinstance(node, Unassigned):
                    reason = (
                        f"it is assigned only {self._where[0 if y is MISSING else 1]}"
                        if missing
                        else node.reason
                    )
                    raise ObjectChanged(
                        name=show_path(path),
                        reason=reason,
                        remedy=node.remedy if isinstance(node, Unassigned) else None,
                    )
                parts.append(node)
            self._stores.append((box, a[0], parts))
            self._composes = True

    def _differs(self, a: tuple[Any, list[Any]], b: tuple[Any, list[Any]]) -> str:
        sizes = [len(values) for _, values in (a, b)]
        if sizes[0] != sizes[1]:
            shown = [f"{size} part{'' if size == 1 else 's'}" for size in sizes]
            return f"it has {shown[0]} {self._where[0]}, and {shown[1]} {self._where[1]}"
        return f"it is another one {self._where[0]} than {self._where[1]}"

    def node(self, a: object, b: object, name: str) -> Any:
        """Bring one variable together; gives what `finish` makes its value of."""
        if a is b:
            self._same.append(a)
            return a
        key = (id(a), id(b))
        known = self._known.get(key)
        if known is not None:
            return known[0]
        if id(type(a)) in LEAVES and id(type(b)) in LEAVES:
            node = join_leaves(a, b, self._where)
        else:
            node = self._make(a, b, name)
        if node.__class__ is Join:
            self.joins.append(node)
            self.names.append(name)
        elif node.__class__ is Unassigned and not isinstance(a, Unassigned):
            node = self._left(a, b, name, node)
        self._known[key] = node, a, b
        return node

    def _left(self, a: object, b: object, name: str, problem: Unassigned) -> Any:
        """Take the value of one path where code that reads it comes after the other one no more."""
        if isinstance(b, Unassigned):
            return problem
        for side, path in enumerate(self._outcomes):
            if path.leaves:
                first, second = (ANYTHING, b) if side == 0 else (a, ANYTHING)
                node = self.node(first, second, name)
                if isinstance(node, Unassigned):
                    return node
                return self._conditional(node, (path.leaves,), problem.reason)
        return problem

    def _make(self, a: object, b: object, name: str) -> Any:
        if isinstance(a, Unassigned) or isinstance(b, Unassigned):
            return self._unassigned(a, b, name)
        taken_a, taken_b = self._parts(a, 0), self._parts(b, 1)
        if taken_a is None and taken_b is None:
            return join_leaves(leaf_of(a), leaf_of(b), self._where)
        if (
            taken_a is None
            or taken_b is None
            or taken_a[0][0] is not taken_b[0][0]
            or taken_a[0][1] != taken_b[0][1]
        ):
            return Unassigned(f"it has different structures {self._where[0]} and {self._where[1]}")
        parts = [self.node(x, y, name) for x, y in zip(taken_a[1], taken_b[1], strict=True)]
        return self._group(taken_a[0], parts, (a, b))

    def _group(self, shape: object, parts: list[Any], sources: tuple[object, ...]) -> Any:
        missing = next((part for part in parts if isinstance(part, Unassigned)), None)
        if missing is not None:
            return missing
        self._composes = True
        made = _Made(shape, parts, sources)
        self._made.append(made)
        return made

    def _conditional(
        self, node: object, needs: tuple[frozenset[object], ...], reason: str
    ) -> _Conditional:
        self._composes = True
        return _Conditional(node, needs, reason)

    def _parts(self, value: Any, side: int) -> tuple[Any, list[Any]] | None:
        change = self._outcomes[side].changes.get(id(self._objects.boxes.get(id(value))))
        box = self._objects.boxes.get(id(value))
        if box is not None and value.__class__ is dict:
            keys, values = (change.keys, change.values) if change else (box.keys, box.values)
            return (dict, tuple(keys)), values
        return parts_of(value, None if box is None else (change or box).values)

    def _unassigned(self, a: Any, b: Any, name: str) -> Any:
        if a is ANYTHING or b is ANYTHING:
            other, side = (b, 1) if a is ANYTHING else (a, 0)
            if isinstance(other, Maybe):
                first, second = (a, other.value) if side else (other.value, b)
                node = self.node(first, second, name)
                if isinstance(node, Unassigned):
                    return node
                return self._conditional(node, other.needs, other.reason)
            if isinstance(other, Unassigned):
                return other
            taken = None if self._objects.knows(other) else self._parts(other, side)
            if taken is not None:
                both = [(ANYTHING, part) if side else (part, ANYTHING) for part in taken[1]]
                return self._group(taken[0], [self.node(x, y, name) for x, y in both], (other,))
            self._same.append(other)
            pair = (a, leaf_of(b)) if side else (leaf_of(a), b)
            return join_leaves(*pair, self._where)
        values = []
        needs: list[frozenset[object]] = []
        for value, path in zip((a, b), self._outcomes, strict=True):
            if isinstance(value, Maybe):
                values.append(value.value)
                needs += [need | path.facts for need in value.needs]
            elif not isinstance(value, Unassigned):
                values.append(value)
            elif path.facts:
                values.append(ANYTHING)
                needs.append(path.facts)
            else:
                return join_unassigned(a, b, self._where)
        reason = join_unassigned(a, b, self._where).reason
        if values[0] is ANYTHING and values[1] is ANYTHING:
            return a
        node = self.node(values[0], values[1], name)
        if isinstance(node, Unassigned):
            return node
        return self._conditional(node, tuple(needs), reason)

    def finish(self, nodes: list[Any], names: Sequence[str]) -> list[Any]:
        """Store the contents of objects, and give what nodes become: their joins have values now.

        Parameters
        ----------
        nodes : list
            What `node` made.
        names : sequence of str
            The variables that get new values now.
        """
        if not self._composes:
            return [node.value if node.__class__ is Join else node for node in nodes]
        made = _Values(self, names)
        for box, keys, parts in self._stores:
            box.kind.write(box.thing, keys, [made(part) for part in parts])
        return [made(node) for node in nodes]

    def either(self, made: list[Any], sources: Sequence[Any]) -> Either:
        """Give a list that stands for one of several, which others hold, too."""
        decision = self if len(sources) == len(self._outcomes) else None
        return Either(made, sources, self._line, decision)

    def keep(self, made: Any) -> None:
        """Keep what the trace made, as long as the trace."""
        self._objects.builder.made[id(made)] = made

    def shared(self, names: Sequence[str]) -> set[int]:
        """Find the lists that become another list here and stay within reach all the same."""
        made = [one for one in self._made if one.shape[0] is list or one.shape[0] is dict]
        if not made:
            return set()
        for box, keys, parts in self._stores:
            kept = [None if part.__class__ in (Join, _Made) else part for part in parts]
            box.kind.write(box.thing, keys, kept)
        left = Objects(self._objects.builder, names, without=True, also=self._same)
        return find_shared(left, [(one.shape[0], one.sources) for one in made], self._line)


class _Values:
    """What becomes of the nodes of a merge, each made once.

    Parameters
    ----------
    names : sequence of str
        The variables that get new values now.
    """

    def __init__(self, merge: Merge, names: Sequence[str]) -> None:
        self._merge = merge
        self._made: dict[int, Any] = {}
        self._shared = merge.shared(names)

    def __call__(self, node: Any) -> Any:
        if node.__class__ is Join:
            return node.value
        if node.__class__ is _Conditional:
            return Maybe(self(node.node), node.needs, node.reason)
        if node.__class__ is not _Made:
            return node
        made = self._made.get(id(node))
        if made is None:
            made = assemble(node.shape, [self(part) for part in node.parts])
            if made.__class__ is list and any(
                id(source) in self._shared or source.__class__ is Either for source in node.sources
            ):
                made = self._merge.either(made, node.sources)
            self._made[id(node)] = made
            self._merge.keep(made)
        return made


def find_shared(left: Objects, made: list[tuple[Any, tuple[Any, ...]]], where: str) -> set[int]:
    """Find the containers of which new ones are made while something else still holds them.

    Parameters
    ----------
    left : Objects
        What is within reach of all but the variables that get the new ones.
    made : list
        The kind and the sources of each new container.

    Raises
    ------
    ObjectChanged
        When such a container is a dict, for which there is no `Either`.
    """
    holders: dict[int, int] = {}
    for _, sources in made:
        for source in sources:
            holders[id(source)] = holders.get(id(source), 0) + 1
    shared = {
        key
        for _, sources in made
        for source in sources
        if holders[key := id(source)] > 1 or left.references(source) > 0
    }
    for kind, sources in made:
        if kind is dict and any(id(source) in shared for source in sources):
            raise dict_is_shared(where)
    return shared


def dict_is_shared(where: str) -> ObjectChanged:
    """Make the error for a dict that is one of several, which others hold."""
    return ObjectChanged(
        name="a dict",
        reason=f"{where} a variable becomes one of several dicts, which others hold, too",
        remedy="make it a dict of its own where it is assigned, with dict(...)",
    )


class _Made:
    """A container that is made of the parts of two."""

    __slots__ = ("parts", "shape", "sources")

    def __init__(self, shape: Any, parts: list[Any], sources: tuple[Any, ...]) -> None:
        self.shape = shape
        self.parts = parts
        self.sources = sources


class _Conditional:
    """A `Maybe` to come."""

    __slots__ = ("needs", "node", "reason")

    def __init__(self, node: object, needs: tuple[frozenset[object], ...], reason: str) -> None:
        self.node = node
        self.needs = needs
        self.reason = reason
