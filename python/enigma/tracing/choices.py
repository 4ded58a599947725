# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conditional expressions, `and`, `or`, and comparisons with several operators.

The rewritten expression evaluates its alternatives in place; the objects here say which of them are
evaluated and choose between their values afterwards.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from enigma.errors import DTypeMismatch
from enigma.tracing import operators as ops
from enigma.tracing.alternatives import can_choose
from enigma.tracing.arithmetic import binary
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.conversions import logical_not, truth
from enigma.tracing.joins import are_numbers, choose_numbers, joined, materialize
from enigma.tracing.merges import Merge, Outcome
from enigma.tracing.messages import describe
from enigma.tracing.objects import Objects
from enigma.tracing.reach import only_computes
from enigma.tracing.values import Operand, Value, use
from enigma.tracing.variables import Join, Unassigned, leaf_of, leaves_of
from enigma.types import b1

if TYPE_CHECKING:
    from enigma import _mlir as ir


class Choice:
    """A conditional expression, `and` or `or` under way.

    Attributes
    ----------
    static : bool
        Whether Python decides; then there is nothing of what follows `before`.
    value
        The condition, or what decided.
    names, before : tuple
        Variables that the expression may assign, and what they held.
    objects : Objects or None
        What was within reach, where an alternative may change objects.
    paths : list of Outcome
        What the alternatives left behind that have been evaluated.
    effects : int
        Those of the builder before.
    first
        The first operand of `and` or `or`.
    scopes : list of Scope
        The alternatives that have been evaluated.
    """

    __slots__ = (
        "before",
        "effects",
        "first",
        "names",
        "objects",
        "paths",
        "scopes",
        "static",
        "value",
    )

    objects: Objects | None
    paths: list[Outcome]
    effects: int
    first: Any
    scopes: list[Scope]

    def __init__(
        self, static: bool, value: Any, names: tuple[str, ...], before: tuple[object, ...]
    ) -> None:
        self.static = static
        self.value = value
        self.names = names
        self.before = before


class Choices:
    """The expressions that choose. They nest, so those under way form a stack.

    ``a and b`` becomes ``end_and(b) if begin_and(a) else skip()``; a conditional expression ``x if
    c else y`` becomes ``select(x if begin_then(c) else None, y if begin_else() else None)``. Where
    alternatives assign variables, these are handed in, and taken back by `bound`.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._stack: list[Choice] = []
        self._links: list[Any] = []
        self._bound: tuple[Any, ...] = ()

    def bound(self, position: int) -> Any:
        """Give what one of the variables of an expression holds now."""
        return self._bound[position]

    def arm(self, value: object, values: tuple[object, ...]) -> Any:
        """End an alternative that assigns variables; gives its value."""
        self._bound = values
        return value

    def _begin(
        self,
        condition: Any,
        holds: bool,
        what: str,
        pure: bool,
        names: tuple[str, ...],
        values: tuple[object, ...],
    ) -> Choice:
        builder = self._builder
        choice = Choice(False, truth(condition._as_value()), names, values)
        choice.objects = None if pure else Objects(builder, names)
        choice.paths = []
        choice.effects = builder.effects
        choice.scopes = [builder.speculate(what)]
        builder.facts.append(builder.implications(choice.value, holds))
        self._bound = values
        self._stack.append(choice)
        return choice

    def _begin_static(
        self, value: object, names: tuple[str, ...], values: tuple[object, ...]
    ) -> None:
        self._bound = values
        self._stack.append(Choice(True, value, names, values))

    def _leave(self, choice: Choice, outcome: Outcome) -> None:
        """End the alternative that is being evaluated, with that outcome if it leaves nothing."""
        self._builder.facts.pop()
        if choice.objects is not None or choice.names:
            changes = [] if choice.objects is None else choice.objects.changes()
            values = leaves_of(self._bound) if choice.names else ()
            where = outcome.where
            outcome = Outcome(values, changes, where)
            if choice.objects is not None:
                choice.objects.restore(changes, where)
        choice.paths.append(outcome)

    def _changes_nothing(
        self, computed_from: tuple[str, ...] | None, values: tuple[object, ...], depth: int = 2
    ) -> bool:
        """Whether code of the user that is about to run certainly changes no objects.

        Parameters
        ----------
        computed_from : tuple of str or None
            The variables that it does nothing but compute from; None if it does something else.
        values : tuple
            What the variables hold that it assigns.
        depth : int
            How many calls up it is.
        """
        if computed_from is None:
            return False
        if not computed_from and not values:
            return True
        return only_computes(self._builder, sys._getframe(depth), computed_from, values)

    # Conditional expressions.

    def begin_then(
        self,
        condition: object,
        computed_from: tuple[str, ...] | None = None,
        names: tuple[str, ...] = (),
        values: tuple[object, ...] = (),
    ) -> bool:
        """Take the condition; whether the first alternative is evaluated."""
        if not isinstance(condition, Operand):
            known = bool(condition)
            self._begin_static(known, names, values)
            return known
        pure = self._changes_nothing(computed_from, values)
        self._begin(condition, True, _ALTERNATIVE, pure, names, values)
        return True

    def begin_else(self) -> bool:
        """Whether the second alternative is evaluated."""
        choice = self._stack[-1]
        if choice.static:
            return not choice.value
        builder = self._builder
        self._leave(choice, _WHERE_IT_HOLDS)
        self._bound = choice.before
        builder.scope = choice.scopes[0].enclosing  # type: ignore[assignment]
        # If the alternatives become blocks, neither can use what is built in the other.
        choice.scopes[0].close()
        choice.scopes.append(builder.speculate(_ALTERNATIVE))
        builder.facts.append(builder.implications(choice.value, False))
        return True

    def select(self, first: object, second: object) -> Any:
        """Give the value of the conditional expression."""
        choice = self._stack.pop()
        if choice.static:
            return first if choice.value else second
        self._leave(choice, _ELSEWHERE)
        choice.scopes[0].reopen()
        return self._choose(choice, first, second)

    # Boolean operators.

    def begin_and(
        self,
        first: object,
        computed_from: tuple[str, ...] | None = None,
        names: tuple[str, ...] = (),
        values: tuple[object, ...] = (),
    ) -> bool:
        """Take the first operand of `and`; whether the second is evaluated."""
        return self._begin_boolean(first, True, computed_from, names, values)

    def begin_or(
        self,
        first: object,
        computed_from: tuple[str, ...] | None = None,
        names: tuple[str, ...] = (),
        values: tuple[object, ...] = (),
    ) -> bool:
        """Take the first operand of `or`; whether the second is evaluated."""
        return self._begin_boolean(first, False, computed_from, names, values)

    def _begin_boolean(
        self,
        first: object,
        wanted: bool,
        computed_from: tuple[str, ...] | None,
        names: tuple[str, ...],
        values: tuple[object, ...],
    ) -> bool:
        if not isinstance(first, Operand):
            self._begin_static(first, names, values)
            return bool(first) is wanted
        pure = self._changes_nothing(computed_from, values, 3)
        choice = self._begin(
            first, wanted, "in the second operand of `and` or `or`", pure, names, values
        )
        choice.first = first._as_value()
        return True

    def skip(self) -> Any:
        """Give the first operand, which decided."""
        return self._stack.pop().value

    def end_and(self, second: object, condition: bool = False) -> Any:
        """Give the value of `and`; `condition` says that only its truth matters."""
        return self._end_boolean(second, condition, True)

    def end_or(self, second: object, condition: bool = False) -> Any:
        """Give the value of `or`; `condition` says that only its truth matters."""
        return self._end_boolean(second, condition, False)

    def _end_boolean(self, second: object, condition: bool, is_and: bool) -> Any:
        choice = self._stack.pop()
        if choice.static:
            return second
        builder = self._builder
        # That the second operand was evaluated follows from an `and` that holds, and from an `or`
        # that does not.
        evaluated = object()
        outcomes = (_WHERE_IT_HOLDS, _ELSEWHERE)
        if not isinstance(second, (Operand, *_PLAIN)):
            # Its truth is asked of the object, which may change then.
            choice.objects = choice.objects or Objects(builder, choice.names)
            if condition or choice.first.dtype is b1:
                second = bool(second) if condition else second
        self._leave(choice, outcomes[0 if is_and else 1])
        skipped = Outcome(
            leaves_of(choice.before),
            (),
            outcomes[1 if is_and else 0].where,
            frozenset([evaluated]),
        )
        choice.paths.insert(1 if is_and else 0, skipped)
        value = self._boolean(choice, second, condition, is_and)
        if isinstance(value, Value) and value.dtype is b1:
            follows = builder.implications(choice.value, is_and) | {evaluated}
            if isinstance(second, Operand):
                follows |= builder.implications(second, is_and)
            nothing: frozenset[object] = frozenset()
            builder.implies(value, *((follows, nothing) if is_and else (nothing, follows)))
        return value

    def _boolean(self, choice: Choice, second: Any, condition: bool, is_and: bool) -> Any:
        builder = self._builder
        first: Any = choice.first
        unchanged = not choice.names and not any(path.changes for path in choice.paths)
        if condition or first.dtype is b1:
            # A logical operator proper; a second operand that Python knows may decide it.
            first = choice.value
            if isinstance(second, Operand):
                value = second._as_value()
                second = truth(value) if condition else value
            elif condition or isinstance(second, bool):
                outcome = first if bool(second) is is_and else second
                return self._choose(choice, outcome, outcome, evaluated=0 if is_and else 1)
            if (
                isinstance(second, Value)
                and second.dtype is b1
                and builder.effects == choice.effects
                and unchanged
            ):
                builder.keep(choice.scopes[0])
                return binary(ops.AND if is_and else ops.OR, first, second)
            first = not is_and
        alternatives = (second, first) if is_and else (first, second)
        return self._choose(choice, *alternatives, evaluated=0 if is_and else 1)

    # A comparison with several operators.

    def link(self, operand: object) -> Any:
        """Keep the middle operand of a chain of comparisons, which is evaluated once."""
        self._links.append(operand)
        return operand

    def linked(self) -> Any:
        """Give back the operand that was kept."""
        return self._links.pop()

    def unlink(self) -> Any:
        """Give the value of a chain of comparisons that ended early."""
        self._links.pop()
        return self.skip()

    # Exceptions.

    def depth(self) -> tuple[int, int, int]:
        """Say how many expressions are under way, to go back there after an exception."""
        return len(self._stack), len(self._links), len(self._builder.facts)

    def unwind(self, depth: tuple[int, int, int]) -> None:
        """Forget the expressions that an exception has left."""
        under_way: tuple[list[Any], ...] = (self._stack, self._links, self._builder.facts)
        for pending, length in zip(under_way, depth, strict=True):
            del pending[length:]

    def _choose(
        self, choice: Choice, first: Any, second: object, evaluated: int | None = None
    ) -> Any:
        """Build the choice between two values; the scopes of `choice` hold what computes them.

        With `evaluated`, only that alternative has operations of its own.
        """
        builder = self._builder
        builder.scope = choice.scopes[0].enclosing  # type: ignore[assignment]
        first_path, second_path = choice.paths
        objects = choice.objects or Objects.none(builder)
        merge = Merge(objects, first_path, second_path, "in this expression")
        node = merge.node(leaf_of(first), leaf_of(second), "")
        if isinstance(node, Unassigned):
            raise DTypeMismatch(
                f"the two alternatives do not go together: {describe(first)} and "
                f"{describe(second)}",
                remedy=node.remedy
                or "convert one of them with .to(...), so that both have one dtype",
            )
        nodes = [node]
        if choice.names:
            nodes += map(merge.node, first_path.values, second_path.values, choice.names)
        if first_path.changes or second_path.changes:
            merge.contents()
        condition = use(choice.value)
        if builder.effects == choice.effects:
            for scope in choice.scopes:
                builder.scope = scope
                builder.keep(scope)
            joins, names = choose_numbers(builder, condition, merge, can_choose)
            self._select(condition, joins, names)
        else:
            joins, names = choose_numbers(builder, condition, merge, are_numbers)
            self._branch(choice, condition, evaluated, joins, names)
        value, *bound = merge.finish(nodes, choice.names)
        self._bound = tuple(bound)
        return value

    def _select(self, condition: ir.Value, joins: list[Join], names: list[str]) -> None:
        """Select between values that have both been computed."""
        builder = self._builder
        for join, name in zip(joins, names, strict=True):
            first, second = join.leaves
            operands = (
                condition,
                materialize(builder, first, join),
                materialize(builder, second, join),
            )
            result_type = builder.session.value_type(join.dtype, join.lanes)
            select, value = builder.value("arith.select", result_type, operands)
            join.value = joined(builder, value, join, name or None, select)

    def _branch(
        self,
        choice: Choice,
        condition: ir.Value,
        evaluated: int | None,
        joins: list[Join],
        names: list[str],
    ) -> None:
        """Move the alternatives into branches."""
        builder = self._builder
        around = builder.scope
        named = builder.session.names(names)
        operation = builder.op("scf.if", builder.types(joins), (condition,), named, 2)
        fill_region = builder.session.ir.fill_region
        for branch in (0, 1):
            if evaluated is None:
                scope = choice.scopes[branch]
            elif branch == evaluated:
                scope = choice.scopes[0]
            else:
                builder.scope = around
                scope = builder.speculate("in one alternative of an expression")
            builder.scope = scope
            operands = tuple([materialize(builder, join.leaves[branch], join) for join in joins])
            fill_region(operation, branch, scope.operations, operands)
            scope.close()
        builder.scope = around
        for result, join, name in zip(operation.results, joins, names, strict=True):
            join.value = joined(builder, result, join, name or None, operation)


_PLAIN = (bool, int, float, str, type(None))

_ALTERNATIVE = "in one alternative of a conditional expression"

_WHERE_IT_HOLDS = Outcome((), (), "where the condition holds")
_ELSEWHERE = Outcome((), (), "where it does not hold")


def negated(condition: object) -> Any:
    """Give `not condition`."""
    if isinstance(condition, Operand):
        value = condition._as_value()
        builder = value.builder
        negation = logical_not(value)
        builder.implies(
            negation, builder.implications(value, False), builder.implications(value, True)
        )
        return negation
    return not condition
