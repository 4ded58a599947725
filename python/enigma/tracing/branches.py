# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`if` statements: one path of two.

The rewritten function runs the branches in place, one after the other when the condition is traced,
so that all of Python works inside; the objects here say which branches run and bring variables
together afterwards.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from enigma.tracing.alternatives import can_choose
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.conversions import truth
from enigma.tracing.joins import joined, joined_values, materialize
from enigma.tracing.merges import Merge, Outcome
from enigma.tracing.names import PRIVATE
from enigma.tracing.objects import Objects
from enigma.tracing.values import Value, use
from enigma.tracing.variables import Join, leaf_of

if TYPE_CHECKING:
    from enigma._mlir import ir

_NOTHING: frozenset[object] = frozenset()


@functools.cache
def _places(line: int) -> tuple[str, str, str]:
    """Say where an `if` at a line, its first branch and the other one are, for messages."""
    return (
        f"in the `if` at line {line}",
        f"if the condition at line {line} holds",
        f"if the condition at line {line} does not hold",
    )


class StaticIf:
    """An `if` whose condition Python knows."""

    __slots__ = ("_condition", "_saved", "_values")

    def __init__(self, condition: bool, names: tuple[str, ...], values: tuple[object, ...]) -> None:
        self._condition = condition
        self._saved = values
        self._values = values[: len(names)]

    def then(self) -> bool:
        """Whether the first branch runs."""
        return self._condition

    def other(self) -> bool:
        """Whether the `else` branch runs."""
        return not self._condition

    def saved(self) -> tuple[Any, ...]:
        """Give the variables as they were before."""
        return self._saved

    def leave(self, values: tuple[object, ...]) -> None:
        """End a branch, with its variables."""
        self._values = values

    def end(self) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        return self._values


class TracedIf:
    """An `if` that the kernel decides: both branches are traced.

    Parameters
    ----------
    condition : Value
        What decides.
    names : tuple of str
        Variables to bring together afterwards.
    values : tuple
        What they hold, and after them what else the `else` branch reads.
    line : int
        Of the `if`.
    flags : tuple of str
        Flags of the rewriter of which the condition says that none is set.
    pure : bool
        Whether the branches change no objects.

    Attributes
    ----------
    objects : Objects
        What was within reach before.
    what : str
        What it is, for messages.
    """

    def __init__(
        self,
        builder: Builder,
        condition: Value,
        names: tuple[str, ...],
        values: tuple[object, ...],
        line: int,
        flags: tuple[str, ...] = (),
        pure: bool = False,
    ) -> None:
        self._builder = builder
        self._names = names
        self._before = values
        self.objects = Objects.none(builder) if pure else Objects(builder, names)
        self._after: list[Outcome | None] = [None, None]
        self._scopes: list[Scope | None] = [None, None]
        self._branch = 0
        self._changes_objects = False
        self._given = condition
        self._condition = use(truth(condition))
        self._flags = flags
        self.what, *self._where = _places(line)
        # What variables hold before is most often what they are brought together to.
        self._types: tuple[ir.Type, ...] = ()
        before = values[: len(names)]
        if names and all(value.__class__ is Value for value in before):
            self._types = builder.types(before)
        self._operation = self._build(self._types, names)

    def _build(self, types: tuple[ir.Type, ...], names: Sequence[str]) -> ir.Operation:
        attributes = self._builder.session.names(names) if types else None
        return self._builder.op("scf.if", types, (self._condition,), attributes, 2)

    def _enter(self, branch: int) -> bool:
        builder = self._builder
        self._branch = branch
        scope = self._scopes[branch]
        if scope is None:
            self._scopes[branch], _ = builder.push_block(self._operation, branch, self.what)
        else:
            self._scopes[branch] = builder.push(scope.block, self.what)
        facts = builder.implications(self._given, branch == 0)
        if self._flags and branch == 0:
            facts |= {(flag, False) for flag in self._flags}
        builder.facts.append(facts)
        return True

    def take_back(self) -> bool:
        """Take back the start of a branch; whether nothing has been built in it."""
        scope = self._scopes[self._branch]
        assert scope is not None
        self._builder.facts.pop()
        self._builder.pop(scope)
        return not list(scope.block)

    def then(self) -> bool:
        """Start the first branch."""
        return self._enter(0)

    def other(self) -> bool:
        """Start the `else` branch."""
        return self._enter(1)

    def saved(self) -> tuple[Any, ...]:
        """Give the variables as they were before."""
        return self._before

    def leave(self, values: tuple[object, ...]) -> None:
        """End a branch, with its variables."""
        branch = self._branch
        scope = self._scopes[branch]
        assert scope is not None
        flags = self._flag_facts(values)
        left = _NOTHING
        if flags:
            # Code that follows runs only while no flag is set.
            left = frozenset(
                (name, False)
                for name, before in zip(self._names, self._before, strict=False)
                if (name, False) in flags and before is not True
            )
        where = self._where[branch]
        changes = self.objects.changes()
        self._after[branch] = Outcome(tuple(map(leaf_of, values)), changes, where, flags, left)
        self._builder.facts.pop()
        self._builder.pop(scope)
        if changes:
            self._changes_objects = True
            self.objects.restore(changes, where)

    def _flag_facts(self, values: tuple[object, ...]) -> frozenset[object]:
        """Give what a flag says of another path than the one that leaves these values."""
        if bool not in map(type, values):
            return _NOTHING
        return frozenset(
            (name, not value)
            for name, value in zip(self._names, values, strict=True)
            if name.startswith(PRIVATE) and isinstance(value, bool)
        )

    def end(self) -> tuple[Any, ...]:
        """Build the results of the `if` and give the variables as they are afterwards."""
        builder = self._builder
        builder.effects += 1
        names = self._names
        if not names and not self._changes_objects:
            self._finish([], [])
            return ()
        then = self._after[0] or self._skipped(0)
        other = self._after[1] or self._skipped(1)
        merge = Merge(self.objects, then, other, self.what)
        nodes = list(map(merge.node, then.values, other.values, names))
        if self._changes_objects:
            merge.contents()
        values = joined_values(builder, self._condition, merge, can_choose, self._finish)
        build = merge.finish(values, names)
        return tuple(map(build, nodes))

    def _skipped(self, branch: int) -> Outcome:
        """Give what a path leaves behind that has no branch."""
        values = tuple(map(leaf_of, self._before[: len(self._names)]))
        if branch == 1 and len(self._flags) == 1:
            # Where the condition does not hold, a single flag is set.
            values = tuple(
                True if name == self._flags[0] else value
                for name, value in zip(self._names, values, strict=True)
            )
        return Outcome(values, (), self._where[branch], self._flag_facts(values))

    def _finish(self, joins: list[Join], names: list[str]) -> list[Value]:
        """End the branches with what each has for the joins, and give the results."""
        builder = self._builder
        blocks = [self._yield(0, joins)]
        if joins or self._scopes[1]:
            blocks.append(self._yield(1, joins))
        types = builder.types(joins)
        if types != self._types or names != list(self._names):
            expected, self._operation = self._operation, self._build(types, names)
            for block, region in zip(blocks, self._operation.regions, strict=False):
                block.append_to(region)
            builder.bury(expected)
        if not joins:
            return []
        results = self._operation.results
        return [
            joined(builder, ir, join, name)
            for ir, join, name in zip(results, joins, names, strict=True)
        ]

    def _yield(self, branch: int, joins: list[Join]) -> ir.Block:
        builder = self._builder
        scope = self._scopes[branch]
        around = builder.scope  # not always what encloses the branch, see `enigma.if_`
        if scope is None:
            scope, _ = builder.push_block(self._operation, branch, self.what)
        else:
            scope.reopen()
            builder.scope = scope
        operands = [materialize(builder, join.leaves[branch], join) for join in joins]
        builder.op("scf.yield", (), tuple(operands))
        scope.close()
        builder.scope = around
        return scope.block
