# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`if` statements: one path of two.

The rewritten function runs the branches in place, one after the other when the condition is traced,
so that all of Python works inside; the objects here say which branches run and bring variables
together afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from enigma.tracing.alternatives import can_choose
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.conversions import truth
from enigma.tracing.joins import joined, joined_values, materialize, names_attribute
from enigma.tracing.merges import Merge, Outcome
from enigma.tracing.names import PRIVATE
from enigma.tracing.objects import Objects
from enigma.tracing.values import Value, use
from enigma.tracing.variables import Join, leaf_of

if TYPE_CHECKING:
    from enigma._mlir import ir


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
    ) -> None:
        self._builder = builder
        self._names = names
        self._before = values
        self.objects = Objects(builder, names)
        self._after: list[Outcome | None] = [None, None]
        self._scopes: list[Scope | None] = [None, None]
        self._branch = 0
        self._condition = use(truth(condition))
        self._facts = [builder.implications(condition, holds) for holds in (True, False)]
        self._facts[0] |= {(flag, False) for flag in flags}
        self._flags = flags
        self._line = line
        self.what = f"in the `if` at line {line}"
        self._where = (
            f"if the condition at line {line} holds",
            f"if the condition at line {line} does not hold",
        )
        self._effects = builder.effects
        self._operation = builder.op("scf.if", (), (self._condition,), None, 2)

    def _enter(self, branch: int) -> bool:
        self._branch = branch
        scope = self._scopes[branch]
        block = self._operation.regions[branch].blocks.append() if scope is None else scope.block
        self._scopes[branch] = self._builder.push(block, self.what)
        self._builder.facts.append(self._facts[branch])
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
        scope = self._scopes[self._branch]
        assert scope is not None
        flags = self._flag_facts(values)
        # Code that follows runs only while no flag is set.
        left = {
            (name, False)
            for name, before, after in zip(self._names, self._before, values, strict=False)
            if (name, False) in flags and before is not True
        }
        where = self._where[self._branch]
        changes = self.objects.changes()
        self._after[self._branch] = Outcome(
            tuple(map(leaf_of, values)), changes, where, flags, frozenset(left)
        )
        self._builder.facts.pop()
        self._builder.pop(scope)
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
        before = tuple(map(leaf_of, self._before[: len(self._names)]))
        # Where the condition does not hold, a single flag is set.
        skipped = tuple(
            True if (name,) == self._flags else value
            for name, value in zip(self._names, before, strict=True)
        )
        then, other = (
            path or Outcome(values, (), where, self._flag_facts(values))
            for path, values, where in zip(self._after, (before, skipped), self._where, strict=True)
        )
        merge = Merge(self.objects, then, other, f"in the `if` at line {self._line}")
        nodes = [
            merge.variable(a, b, name)
            for name, a, b in zip(self._names, then.values, other.values, strict=True)
        ]
        merge.contents()
        values = joined_values(builder, self._condition, merge, can_choose, self._results)
        build = merge.finish(values, self._names)
        return tuple(map(build, nodes))

    def _results(self, joins: list[Join], names: list[str]) -> list[Value]:
        return [
            joined(self._builder, ir, join, name)
            for ir, join, name in zip(self._finish(joins, names), joins, names, strict=True)
        ]

    def _finish(self, joins: list[Join], names: list[str]) -> Sequence[ir.Value]:
        builder = self._builder
        yields = (
            [self._yield(branch, joins) for branch in (0, 1)]
            if joins or self._scopes[1]
            else [self._yield(0, [])]
        )
        if not joins:
            return ()
        placeholder = self._operation
        types = tuple(builder.session.value_type(join.dtype, join.lanes) for join in joins)
        operation = builder.op(
            "scf.if", types, (self._condition,), names_attribute(builder, names), 2
        )
        for branch, block in enumerate(yields):
            block.append_to(operation.regions[branch])
        builder.bury(placeholder)
        results: Sequence[ir.Value] = operation.results
        return results

    def _yield(self, branch: int, joins: list[Join]) -> ir.Block:
        builder = self._builder
        scope = self._scopes[branch]
        if scope is None:
            scope = builder.push(self._operation.regions[branch].blocks.append(), self.what)
            builder.pop(scope)
        scope.reopen()
        outer, builder.scope = builder.scope, scope
        builder.op(
            "scf.yield",
            (),
            tuple(materialize(builder, join.leaves[branch], join) for join in joins),
        )
        builder.scope = outer
        scope.close()
        return scope.block
