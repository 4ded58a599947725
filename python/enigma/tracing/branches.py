# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`if` statements: one path of two.

The rewritten function runs the branches in place, one after the other when the condition is traced,
so that all of Python works inside; the objects here say which branches run and bring variables
together afterwards.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from enigma.tracing.alternatives import can_choose
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.classes import Classes
from enigma.tracing.conversions import truth
from enigma.tracing.joins import choose_numbers, joined, materialize
from enigma.tracing.merges import Merge, Outcome
from enigma.tracing.names import PRIVATE
from enigma.tracing.objects import Objects
from enigma.tracing.values import Value, use
from enigma.tracing.variables import Join, leaves_of

if TYPE_CHECKING:
    from enigma import _mlir as ir

_NOTHING: frozenset[object] = frozenset()
_TRACED = Classes((Value,))
_BOOLS = Classes((bool,))


@functools.cache
def _places(line: int) -> tuple[str, tuple[str, str]]:
    """Say where an `if` at a line is, and its first branch and the other one, for messages."""
    return (
        f"in the `if` at line {line}",
        (
            f"if the condition at line {line} holds",
            f"if the condition at line {line} does not hold",
        ),
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
        self.what, self._where = _places(line)
        # What variables hold before is most often what they are brought together to.
        self._types: tuple[ir.Type, ...] = ()
        if names:
            before = values[: len(names)]
            if _TRACED.hold_all_of(before):
                self._types = builder.types(before)
        self._operation = self._build(self._types, names)

    def _build(self, types: tuple[ir.Type, ...], names: tuple[str, ...]) -> ir.Operation:
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
        return scope.block.is_empty

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
        flags = left = _NOTHING
        if _BOOLS.hold_any_of(values):
            flags = self._flag_facts(values)
            # Code that follows runs only while no flag is set.
            left = frozenset(
                (name, False)
                for name, before in zip(self._names, self._before, strict=False)
                if (name, False) in flags and before is not True
            )
        where = self._where[branch]
        changes = self.objects.changes()
        self._after[branch] = Outcome(leaves_of(values), changes, where, flags, left)
        self._builder.facts.pop()
        self._builder.pop(scope)
        if changes:
            self._changes_objects = True
            self.objects.restore(changes, where)

    def _flag_facts(self, values: tuple[object, ...]) -> frozenset[object]:
        """Give what a flag says of another path than the one that leaves these values."""
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
        self._finish(*choose_numbers(builder, self._condition, merge, can_choose))
        return tuple(merge.finish(nodes, names))

    def _skipped(self, branch: int) -> Outcome:
        """Give what a path leaves behind that has no branch."""
        values = leaves_of(self._before[: len(self._names)])
        if branch == 1 and len(self._flags) == 1:
            # Where the condition does not hold, a single flag is set.
            values = tuple(
                True if name == self._flags[0] else value
                for name, value in zip(self._names, values, strict=True)
            )
        flags = self._flag_facts(values) if _BOOLS.hold_any_of(values) else _NOTHING
        return Outcome(values, (), self._where[branch], flags)

    def _finish(self, joins: list[Join], names: list[str]) -> None:
        """End the branches with what each has for the joins, and give these their values."""
        builder = self._builder
        append_yield = builder.session.ir.append_yield
        if not joins:
            append_yield(self._operation, 0, ())
            if self._scopes[1] is not None:
                append_yield(self._operation, 1, ())
        else:
            append_yield(self._operation, 0, self._operands(0, joins))
            append_yield(self._operation, 1, self._operands(1, joins))
        types = builder.types(joins) if joins else ()
        called = tuple(names)
        if types != self._types or (types and called != self._names):
            expected, self._operation = self._operation, self._build(types, called)
            self._operation.take_regions(expected)
            builder.bury(expected)
        if joins:
            for result, join, name in zip(self._operation.results, joins, names, strict=True):
                join.value = joined(builder, result, join, name)

    def _operands(self, branch: int, joins: list[Join]) -> tuple[ir.Value, ...]:
        """Give what a branch has for the joins, built at its end."""
        builder = self._builder
        around = builder.scope  # not always what encloses the branch, see `enigma.if_`
        scope = self._scopes[branch]
        if scope is not None:
            scope.reopen()
            builder.scope = scope
        operands = []
        for join in joins:
            leaf = join.leaves[branch]
            if leaf.__class__ is Value and leaf.dtype is join.dtype:
                operands.append(use(leaf))
                continue
            if scope is None:
                scope, _ = builder.push_block(self._operation, branch, self.what)
            operands.append(materialize(builder, leaf, join))
        if scope is not None:
            scope.close()
            builder.scope = around
        return tuple(operands)
