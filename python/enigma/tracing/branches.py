# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`if`, conditional expressions, `and`, `or`: one path of two.

The rewritten function runs the branches in place, one after the other when the condition is traced,
so that all of Python works inside; the objects here say which branches run and bring variables
together afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from enigma._layout import Dyn
from enigma.errors import DTypeMismatch
from enigma.tracing import operators as ops
from enigma.tracing.alternatives import can_choose, choose, joined_numbers
from enigma.tracing.arithmetic import binary
from enigma.tracing.builder import PRIVATE, Builder, Scope, shown_name
from enigma.tracing.conversions import cast, logical_not, truth
from enigma.tracing.meeting import settle
from enigma.tracing.merges import Merge, Outcome
from enigma.tracing.messages import describe
from enigma.tracing.objects import Objects
from enigma.tracing.values import Operand, Value, name_value, use, wrap
from enigma.tracing.variables import (
    ANYTHING,
    Join,
    Unassigned,
    leaf_of,
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
        values: tuple[Any, ...],
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

    def leave(self, values: tuple[Any, ...]) -> None:
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

    def _flag_facts(self, values: tuple[Any, ...]) -> frozenset[Any]:
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
        values = _values(builder, self._condition, merge, can_choose, self._results)
        build = merge.finish(values, self._names)
        return tuple(map(build, nodes))

    def _results(self, joins: list[Join], names: list[str]) -> list[Value]:
        return [
            joined(self._builder, ir, join, name)
            for ir, join, name in zip(self._finish(joins, names), joins, names, strict=True)
        ]

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


def _are_numbers(*leaves: Any) -> bool:
    return all(map(is_number, leaves))


def _values(
    builder: Builder,
    condition: Any,
    merge: Merge,
    can_be_chosen: Callable[..., bool],
    build: Callable[[list[Join], list[str]], list[Value]],
) -> list[Value]:
    """Give the values of the joins of a merge; those of numbers are numbers still.

    `can_be_chosen` says of two leaves whether they are such, and `build` makes the others.
    """
    found: list[Value | None] = []
    for join, name in zip(merge.joins, merge.names, strict=True):
        chosen = None
        if can_be_chosen(*join.leaves):
            chosen = choose(wrap(builder, condition, b1), *join.leaves)
            if name:
                name_value(chosen, name)
        found.append(chosen)
    pending = [index for index, value in enumerate(found) if value is None]
    made = build([merge.joins[i] for i in pending], [merge.names[i] for i in pending])
    for index, value in zip(pending, made, strict=True):
        found[index] = value
    return [value for value in found if value is not None]


def joined(builder: Builder, ir: Any, join: Join, name: str | None, operation: Any = None) -> Value:
    """Wrap a result of control flow; `name` is the variable that it carries."""
    value = wrap(builder, ir, join.dtype, join.lanes)
    value.unsettled = join.unsettled
    value.name = name
    value.operation = operation
    return joined_numbers(value, join.leaves)


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
    """A conditional expression, `and` or `or` under way.

    Attributes
    ----------
    static : bool
        Whether Python decides.
    value
        The condition, or what decided.
    names, before : tuple
        Variables that the expression may assign, and what they held.
    objects : Objects or None
        What was within reach, where an alternative may change objects.
    paths : list of Outcome
        What the alternatives left behind that have been evaluated.
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

    def __init__(
        self, static: bool, value: Any, names: tuple[str, ...], before: tuple[Any, ...]
    ) -> None:
        self.static = static
        self.value = value
        self.names = names
        self.before = before
        self.objects: Objects | None = None
        self.paths: list[Outcome] = []
        self.effects = 0
        self.first: Any = None
        self.scopes: list[Scope] = []


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

    def arm(self, value: Any, values: tuple[Any, ...]) -> Any:
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
        values: tuple[Any, ...],
    ) -> Choice:
        builder = self._builder
        choice = Choice(False, truth(condition._as_value()), names, values)
        if not pure:
            choice.objects = Objects(builder, names)
        choice.effects = builder.effects
        choice.scopes.append(builder.speculate(what))
        builder.facts.append(builder.implications(choice.value, holds))
        self._bound = values
        self._stack.append(choice)
        return choice

    def _begin_static(self, value: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
        self._bound = values
        self._stack.append(Choice(True, value, names, values))

    def _leave(self, choice: Choice, where: str) -> None:
        """End the alternative that is being evaluated."""
        self._builder.facts.pop()
        changes = [] if choice.objects is None else choice.objects.changes()
        values = tuple(map(leaf_of, self._bound)) if choice.names else ()
        choice.paths.append(Outcome(values, changes, where))
        if choice.objects is not None:
            choice.objects.restore(changes, where)

    # Conditional expressions.

    def begin_then(
        self,
        condition: Any,
        pure: bool = False,
        names: tuple[str, ...] = (),
        values: tuple[Any, ...] = (),
    ) -> bool:
        """Take the condition; whether the first alternative is evaluated."""
        if not isinstance(condition, Operand):
            known = bool(condition)
            self._begin_static(known, names, values)
            return known
        self._begin(condition, True, _ALTERNATIVE, pure, names, values)
        return True

    def begin_else(self) -> bool:
        """Whether the second alternative is evaluated."""
        choice = self._stack[-1]
        if choice.static:
            return not choice.value
        builder = self._builder
        self._leave(choice, "where the condition holds")
        self._bound = choice.before
        builder.scope = choice.scopes[0].enclosing  # type: ignore[assignment]
        # If the alternatives become blocks, neither can use what is built in the other.
        choice.scopes[0].close()
        choice.scopes.append(builder.speculate(_ALTERNATIVE))
        builder.facts.append(builder.implications(choice.value, False))
        return True

    def select(self, first: Any, second: Any) -> Any:
        """Give the value of the conditional expression."""
        choice = self._stack.pop()
        if choice.static:
            return first if choice.value else second
        self._leave(choice, "where it does not hold")
        choice.scopes[0].reopen()
        return self._choose(choice, first, second)

    # Boolean operators.

    def begin_and(
        self,
        first: Any,
        pure: bool = False,
        names: tuple[str, ...] = (),
        values: tuple[Any, ...] = (),
    ) -> bool:
        """Take the first operand of `and`; whether the second is evaluated."""
        return self._begin_boolean(first, True, pure, names, values)

    def begin_or(
        self,
        first: Any,
        pure: bool = False,
        names: tuple[str, ...] = (),
        values: tuple[Any, ...] = (),
    ) -> bool:
        """Take the first operand of `or`; whether the second is evaluated."""
        return self._begin_boolean(first, False, pure, names, values)

    def _begin_boolean(
        self,
        first: Any,
        wanted: bool,
        pure: bool,
        names: tuple[str, ...],
        values: tuple[Any, ...],
    ) -> bool:
        if not isinstance(first, Operand):
            self._begin_static(first, names, values)
            return bool(first) is wanted
        choice = self._begin(
            first, wanted, "in the second operand of `and` or `or`", pure, names, values
        )
        choice.first = first._as_value()
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
        # That the second operand was evaluated follows from an `and` that holds, and from an `or`
        # that does not.
        evaluated = object()
        places = ("where the condition holds", "where it does not hold")
        if not isinstance(second, (Operand, *_PLAIN)):
            # Its truth is asked of the object, which may change then.
            choice.objects = choice.objects or Objects(builder, choice.names)
            if condition or choice.first.dtype is b1:
                second = bool(second) if condition else second
        self._leave(choice, places[0 if is_and else 1])
        skipped = Outcome(
            tuple(map(leaf_of, choice.before)),
            (),
            places[1 if is_and else 0],
            frozenset([evaluated]),
        )
        choice.paths.insert(1 if is_and else 0, skipped)
        value = self._boolean(choice, second, condition, is_and)
        if isinstance(value, Value) and value.dtype is b1:
            follows = builder.implications(choice.value, is_and) | {evaluated}
            if isinstance(second, Operand):
                follows |= builder.implications(second, is_and)
            nothing: frozenset[Any] = frozenset()
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

    # Exceptions.

    def depth(self) -> tuple[int, int, int]:
        """Say how many expressions are under way, to go back there after an exception."""
        return len(self._stack), len(self._links), len(self._builder.facts)

    def unwind(self, depth: tuple[int, int, int]) -> None:
        """Forget the expressions that an exception has left."""
        under_way: tuple[list[Any], ...] = (self._stack, self._links, self._builder.facts)
        for pending, length in zip(under_way, depth, strict=True):
            del pending[length:]

    def _choose(self, choice: Choice, first: Any, second: Any, evaluated: int | None = None) -> Any:
        """Build the choice between two values; the scopes of `choice` hold what computes them.

        With `evaluated`, only that alternative has operations of its own.
        """
        builder = self._builder
        builder.scope = choice.scopes[0].enclosing  # type: ignore[assignment]
        objects = choice.objects or Objects.none(builder)
        first_path, second_path = choice.paths
        merge = Merge(objects, first_path, second_path, "in this expression")
        node = merge.variable(leaf_of(first), leaf_of(second), "")
        if isinstance(node, Unassigned):
            raise DTypeMismatch(
                f"the two alternatives do not go together: {describe(first)} and "
                f"{describe(second)}",
                remedy=node.remedy
                or "convert one of them with .to(...), so that both have one dtype",
            )
        nodes = [
            merge.variable(a, b, name)
            for name, a, b in zip(
                choice.names, choice.paths[0].values, choice.paths[1].values, strict=True
            )
        ]
        merge.contents()
        condition = use(choice.value)
        if builder.effects == choice.effects:
            for scope in choice.scopes:
                builder.scope = scope
                builder.keep(scope)
            results = _values(
                builder, condition, merge, can_choose, partial(self._selected, condition)
            )
        else:
            branched = partial(self._branched, choice, evaluated)
            results = _values(builder, condition, merge, _are_numbers, branched)
        build = merge.finish(results, choice.names)
        self._bound = tuple(map(build, nodes))
        return build(node)

    def _selected(self, condition: Any, joins: list[Join], names: list[str]) -> list[Value]:
        """Select between values that have both been computed."""
        builder = self._builder
        results = []
        for join, name in zip(joins, names, strict=True):
            operands = tuple(materialize(builder, leaf, join) for leaf in join.leaves)
            result_type = builder.session.value_type(join.dtype, join.lanes)
            select = builder.op("arith.select", (result_type,), (condition, *operands))
            results.append(joined(builder, select.result, join, name or None, select))
        return results

    def _branched(
        self, choice: Choice, evaluated: int | None, joins: list[Join], names: list[str]
    ) -> list[Value]:
        """Move the alternatives into branches."""
        builder = self._builder
        types = tuple(builder.session.value_type(j.dtype, j.lanes) for j in joins)
        named = names_attribute(builder, names)
        operation = builder.op("scf.if", types, (use(choice.value),), named, 2)
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
        return [
            joined(builder, ir, join, name or None, operation)
            for ir, join, name in zip(operation.results, joins, names, strict=True)
        ]


_PLAIN = (bool, int, float, str, type(None))
_ALTERNATIVE = "in one alternative of a conditional expression"


def negated(condition: Any) -> Any:
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
