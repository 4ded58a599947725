# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`if`, conditional expressions, `and`, `or`: one path of two.

The rewritten function runs the branches in place, one after the other when the condition is traced,
so that all of Python works inside; the objects here say which branches run and bring variables
together afterwards.
"""

from __future__ import annotations

from typing import Any

from enigma._layout import Dyn
from enigma.compiler.errors import DTypeMismatch
from enigma.tracing import operators as ops
from enigma.tracing.alternatives import (
    Alternatives,
    can_choose,
    choose,
    numbers_of,
    one_of,
)
from enigma.tracing.builder import Builder, Scope, shown_name
from enigma.tracing.values import (
    Operand,
    Value,
    binary,
    cast,
    describe,
    logical_not,
    name_value,
    settle,
    truth,
    use,
    wrap,
)
from enigma.tracing.variables import (
    ANYTHING,
    Join,
    Snapshot,
    Unassigned,
    join_leaves,
    join_variable,
)
from enigma.types import b1, is_number


def materialize(builder: Builder, leaf: Any, join: Join) -> Any:
    """Give the IR value of one leaf of a join, at the current insertion point."""
    if leaf is ANYTHING:
        return builder.constant(join.dtype, 0, join.lanes)
    if isinstance(leaf, Dyn):
        leaf = builder.symbols.value(leaf)
    if not isinstance(leaf, Value):
        return builder.constant(join.dtype, leaf, join.lanes)
    if leaf.dtype is not join.dtype:
        leaf = settle(leaf, join.dtype) if leaf.unsettled is not None else leaf
        leaf = cast(leaf, join.dtype)
    return use(leaf)


class StaticIf:
    """An `if` whose condition Python knows."""

    __slots__ = ("_condition", "_saved", "_values")

    def __init__(self, condition: bool, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
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

    def leave(self, values: tuple[Any, ...]) -> None:
        """End a branch, with its variables."""
        self._values = values

    def end(self) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        return self._values


class TracedIf:
    """An `if` that the kernel decides: both branches are traced."""

    def __init__(
        self,
        builder: Builder,
        condition: Value,
        names: tuple[str, ...],
        values: tuple[Any, ...],
        line: int,
    ) -> None:
        self._builder = builder
        self._names = names
        self._before = [Snapshot(value) for value in values]
        self._after: list[list[Snapshot] | None] = [None, None]
        self._scopes: list[Scope | None] = [None, None]
        self._branch = 0
        self._condition = use(truth(condition))
        self._what = f"in the `if` at line {line}"
        self._where = (
            f"if the condition at line {line} holds",
            f"if the condition at line {line} does not hold",
        )
        self._effects = builder.effects
        self._operation = builder.op("scf.if", (), (self._condition,), None, 2)

    def _enter(self, branch: int) -> bool:
        self._branch = branch
        block = self._operation.regions[branch].blocks.append()
        self._scopes[branch] = self._builder.push(block, self._what)
        return True

    def then(self) -> bool:
        """Start the first branch."""
        return self._enter(0)

    def other(self) -> bool:
        """Start the `else` branch."""
        return self._enter(1)

    def saved(self) -> tuple[Any, ...]:
        """Give the variables as they were before."""
        return tuple(snapshot.restore() for snapshot in self._before)

    def leave(self, values: tuple[Any, ...]) -> None:
        """End a branch, with its variables."""
        scope = self._scopes[self._branch]
        assert scope is not None
        self._after[self._branch] = [Snapshot(value) for value in values]
        self._builder.pop(scope)
        for snapshot in self._before:
            snapshot.restore()

    def end(self) -> tuple[Any, ...]:
        """Build the results of the `if` and give the variables as they are afterwards."""
        builder = self._builder
        builder.effects += 1
        before = self._before[: len(self._names)]
        after_then = before if self._after[0] is None else self._after[0]
        after_else = before if self._after[1] is None else self._after[1]
        variables = [
            join_variable(a, b, self._where) for a, b in zip(after_then, after_else, strict=False)
        ]
        for name, (leaves, _) in zip(self._names, variables, strict=False):
            for index, leaf in enumerate(leaves):
                leaves[index] = choice_of_numbers(builder, self._condition, leaf, name)
        joins: list[Join] = []
        names: list[str] = []
        for name, (leaves, _) in zip(self._names, variables, strict=False):
            for leaf in leaves:
                if isinstance(leaf, Join):
                    joins.append(leaf)
                    names.append(name)
        results = self._finish(joins, names)
        position = 0
        values = []
        for name, (leaves, rebuild) in zip(self._names, variables, strict=False):
            final = list(leaves)
            for index, leaf in enumerate(leaves):
                if isinstance(leaf, Join):
                    final[index] = joined(builder, results[position], leaf, name)
                    position += 1
            values.append(rebuild(iter(final)))
        return tuple(values)

    def _finish(self, joins: list[Join], names: list[str]) -> Any:
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
        return operation.results

    def _yield(self, branch: int, joins: list[Join]) -> Any:
        builder = self._builder
        scope = self._scopes[branch]
        if scope is None:
            scope = builder.push(self._operation.regions[branch].blocks.append(), self._what)
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


def choice_of_numbers(builder: Builder, condition: Any, leaf: Any, name: str | None) -> Any:
    """Build a join of two numbers as a number that the kernel chooses; leave others as they are."""
    if not isinstance(leaf, Join) or not can_choose(*leaf.leaves):
        return leaf
    chosen = choose(wrap(builder, condition, b1), *leaf.leaves)
    if name:
        name_value(chosen, name)
    return chosen


def joined(builder: Builder, ir: Any, join: Join, name: str | None, operation: Any = None) -> Value:
    """Wrap a result of control flow; `name` is the variable that it carries."""
    value = wrap(builder, ir, join.dtype, join.lanes)
    value.unsettled = join.unsettled
    value.name = name
    value.operation = operation
    numbers = numbers_of(*join.leaves)
    return value if numbers is None else one_of(Alternatives(numbers), value)


def names_attribute(builder: Builder, names: list[str]) -> dict[str, Any] | None:
    """Make the attribute that names the results of an `scf` operation."""
    if not any(names):
        return None
    session = builder.session
    return {
        "enigma.names": builder.ir.ArrayAttr.get(
            [session.string(shown_name(name)) for name in names], session.context
        )
    }


class Choice:
    """A conditional expression, `and` or `or` under way."""

    __slots__ = ("condition", "effects", "first", "scopes", "static", "value")

    def __init__(self, static: bool, value: Any) -> None:
        self.static = static
        self.value = value
        self.condition: Any = None
        self.effects = 0
        self.first: Any = None
        self.scopes: list[Scope] = []


class Choices:
    """The expressions that choose. They nest, so those under way form a stack.

    ``a and b`` becomes ``end_and(b) if begin_and(a) else skip()``; a conditional expression ``x if
    c else y`` becomes ``select(x if begin_then(c) else None, y if begin_else() else None)``.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._stack: list[Choice] = []
        self._links: list[Any] = []

    # Conditional expressions.

    def begin_then(self, condition: Any) -> bool:
        """Take the condition; whether the first alternative is evaluated."""
        if not isinstance(condition, Operand):
            known = bool(condition)
            self._stack.append(Choice(True, known))
            return known
        choice = Choice(False, truth(condition._as_value()))
        choice.effects = self._builder.effects
        choice.scopes.append(
            self._builder.speculate("in one alternative of a conditional expression")
        )
        self._stack.append(choice)
        return True

    def begin_else(self) -> bool:
        """Whether the second alternative is evaluated."""
        choice = self._stack[-1]
        if choice.static:
            return not choice.value
        builder = self._builder
        builder.scope = choice.scopes[0].enclosing  # type: ignore[assignment]
        # If the alternatives become blocks, neither can use what is built in the other.
        choice.scopes[0].close()
        choice.scopes.append(builder.speculate("in one alternative of a conditional expression"))
        return True

    def select(self, first: Any, second: Any) -> Any:
        """Give the value of the conditional expression."""
        choice = self._stack.pop()
        if choice.static:
            return first if choice.value else second
        choice.scopes[0].reopen()
        return self._choose(choice, first, second)

    # Boolean operators.

    def begin_and(self, first: Any) -> bool:
        """Take the first operand of `and`; whether the second is evaluated."""
        return self._begin_boolean(first, True)

    def begin_or(self, first: Any) -> bool:
        """Take the first operand of `or`; whether the second is evaluated."""
        return self._begin_boolean(first, False)

    def _begin_boolean(self, first: Any, wanted: bool) -> bool:
        if not isinstance(first, Operand):
            self._stack.append(Choice(True, first))
            return bool(first) is wanted
        choice = Choice(False, truth(first._as_value()))
        choice.first = first._as_value()
        choice.effects = self._builder.effects
        choice.scopes.append(self._builder.speculate("in the second operand of `and` or `or`"))
        self._stack.append(choice)
        return True

    def skip(self) -> Any:
        """Give the first operand, which decided."""
        return self._stack.pop().value

    def end_and(self, second: Any, condition: bool = False) -> Any:
        """Give the value of `and`; `condition` says that only its truth matters."""
        return self._end_boolean(second, condition, True)

    def end_or(self, second: Any, condition: bool = False) -> Any:
        """Give the value of `or`; `condition` says that only its truth matters."""
        return self._end_boolean(second, condition, False)

    def _end_boolean(self, second: Any, condition: bool, is_and: bool) -> Any:
        choice = self._stack.pop()
        if choice.static:
            return second
        builder = self._builder
        first: Any = choice.first
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
            ):
                builder.keep(choice.scopes[0])
                return binary(ops.AND if is_and else ops.OR, first, second)
            first = not is_and
        alternatives = (second, first) if is_and else (first, second)
        return self._choose(choice, *alternatives, evaluated=0 if is_and else 1)

    # A comparison with several operators.

    def link(self, operand: Any) -> Any:
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

    def _choose(self, choice: Choice, first: Any, second: Any, evaluated: int | None = None) -> Any:
        """Build the choice between two values; the scopes of `choice` hold what computes them.

        With `evaluated`, only that alternative has operations of its own.
        """
        builder = self._builder
        builder.scope = choice.scopes[0].enclosing  # type: ignore[assignment]
        first = first._as_value() if isinstance(first, Operand) else first
        second = second._as_value() if isinstance(second, Operand) else second
        join = join_leaves(first, second, ("where the condition holds", "where it does not hold"))
        if isinstance(join, Unassigned):
            raise DTypeMismatch(
                f"the two alternatives do not go together: {describe(first)} and "
                f"{describe(second)}",
                remedy=join.remedy
                or "convert one of them with .to(...), so that both have one dtype",
            )
        if builder.effects == choice.effects:
            for scope in choice.scopes:
                builder.scope = scope
                builder.keep(scope)
            join = choice_of_numbers(builder, use(choice.value), join, None)
            if not isinstance(join, Join):
                return join
            operands = tuple(materialize(builder, leaf, join) for leaf in join.leaves)
            result_type = builder.session.value_type(join.dtype, join.lanes)
            select = builder.op("arith.select", (result_type,), (use(choice.value), *operands))
            return joined(builder, select.result, join, None, select)
        if isinstance(join, Join) and all(map(is_number, join.leaves)):
            join = choice_of_numbers(builder, use(choice.value), join, None)
        joins = [join] if isinstance(join, Join) else []
        types = tuple(builder.session.value_type(j.dtype, j.lanes) for j in joins)
        operation = builder.op("scf.if", types, (use(choice.value),), None, 2)
        for branch in (0, 1):
            block = operation.regions[branch].blocks.append()
            moved: Scope | None = None
            if evaluated is None:
                moved = choice.scopes[branch]
            elif branch == evaluated:
                moved = choice.scopes[0]
            for inner in (moved.operations if moved is not None else None) or ():
                block.append(inner)
            scope = builder.push(block, "in one alternative of an expression")
            builder.op(
                "scf.yield", (), tuple(materialize(builder, j.leaves[branch], j) for j in joins)
            )
            builder.pop(scope)
            if moved is not None:
                moved.close()
        if not joins:
            return join
        return joined(builder, operation.results[0], joins[0], None, operation)


def negated(condition: Any) -> Any:
    """Give `not condition`."""
    if isinstance(condition, Operand):
        return logical_not(condition._as_value())
    return not condition
