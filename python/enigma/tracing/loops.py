# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`for` and `while`: loops of the kernel, and loops that unroll while tracing.

The rewritten function runs the body in place. For a loop of the kernel that is once, or again if a
Python number that enters it turns out to need another dtype: what the first run built is then taken
out.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from enigma.errors import EndlessUnrolling, ObjectChanged
from enigma.tracing import operators as ops
from enigma.tracing.arithmetic import binary
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.carried import Carried
from enigma.tracing.comparisons import compare
from enigma.tracing.conversions import logical_not, truth
from enigma.tracing.names import shown_name
from enigma.tracing.objects import Objects
from enigma.tracing.ranges import Counter, Range
from enigma.tracing.reach import only_computes
from enigma.tracing.values import Operand, constant, name_value, use, wrap
from enigma.tracing.variables import UNASSIGNED, Maybe, Unassigned
from enigma.types import b1

if TYPE_CHECKING:
    from enigma import _mlir as ir

# Far beyond what a kernel can hold; a loop that never ends would eat all memory.
MAX_UNROLLED = 1 << 16
# The same for what cannot say how long it is, after a `break` that the kernel decides.
MAX_BROKEN = 1 << 10


class StaticFor:
    """A `for` over something that Python can iterate over: it unrolls."""

    __slots__ = ("_broken", "_builder", "_iterable", "_where")

    def __init__(self, builder: Builder, iterable: Iterable[object], line: int) -> None:
        self._builder = builder
        self._iterable = iterable
        self._where = f"after the `break` of the loop at line {line}"
        self._broken = False

    def __iter__(self) -> Iterator[Any]:
        items = iter(self._iterable)
        sized = operator.length_hint(self._iterable, -1) >= 0
        iteration = 0
        while True:
            # Once a `break` is traced, Python takes items that the kernel may not come to.
            objects = Objects(self._builder) if self._broken else None
            try:
                item = next(items)
            except StopIteration:
                return
            if objects is not None:
                for change in objects.changes():
                    raise ObjectChanged(
                        name=change.box.name(),
                        reason=f"{self._where}, which the kernel decides, the loop goes on with it",
                        remedy="iterate over a list or a range of this loop's own",
                    )
            limit = MAX_UNROLLED if sized or not self._broken else MAX_BROKEN
            if iteration >= limit:
                raise EndlessUnrolling(iterations=iteration)
            iteration += 1
            yield item

    def enter(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        """Give the variables as the body sees them."""
        return values

    def leave(self, values: tuple[object, ...]) -> None:
        """End the body, with its variables."""

    def stop(self, flag: object) -> bool:
        """Whether Python leaves the loop, given the flag that `break` sets."""
        self._broken = isinstance(flag, Operand)
        return flag is True

    def end(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        return values


def _without_flag(flag: str, names: tuple[str, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give variables as a body sees them: that no `break` was met is what its loop has tested."""
    return tuple(
        [False if name == flag else value for name, value in zip(names, values, strict=True)]
    )


class RangeFor:
    """A `for` over `enigma.range`: ``scf.for``, or ``scf.while`` if a `break` may end it early."""

    def __init__(
        self,
        builder: Builder,
        bounds: Range,
        names: tuple[str, ...] = (),
        values: tuple[object, ...] = (),
        target: str = "",
        flag: str = "",
        line: int = 0,
        place: object = None,
        expected: Sequence[object] = (),
        rigid: bool = False,
        pure: bool = False,
    ) -> None:
        self._builder = builder
        self._bounds = bounds
        self._target = target
        self._flag = flag if flag in names else ""
        self._names = names
        self._what = f"in the loop at line {line}"
        # The loop's own variable keeps its last value; where there is none, it has no meaning.
        length = bounds.known_length
        learned = None if length else frozenset([target] if length is None else ())
        self._carried = Carried(
            builder, names, values, line, place, learned=learned, expected=expected, pure=pure
        )
        if rigid:
            self._carried.fix()
        self._scope: Scope | None = None
        self._operation: Any = None
        self._again = True
        self._arguments: Sequence[ir.Value] = ()

    def __iter__(self) -> Iterator[Any]:
        while self._again:
            self._again = False
            yield self._begin()

    # The frame of the loop.

    def _begin(self) -> Any:
        builder = self._builder
        counter = self._counter = Counter(builder, self._bounds)
        carried = self._carried
        dtype = counter.dtype
        self._threadgroup_bytes = builder.threadgroup_bytes
        entering = carried.entering()
        results = carried.types()
        types = (builder.scalars[dtype], *results)
        shown = shown_name(self._target) if self._target and counter.is_variable else None
        names = (shown, *carried.names)
        if not self._flag:
            attributes = builder.session.unsigned_comparison if dtype.kind == "u" else None
            operands = (counter.first, counter.end, counter.step, *entering)
            self._operation = builder.op("scf.for", results, operands, attributes, 1)
            self._scope, arguments = builder.push_block(
                self._operation, 0, self._what, types, names
            )
        else:
            self._operation = builder.op("scf.while", types, (counter.first, *entering), None, 2)
            scope, arguments = builder.push_block(self._operation, 0, self._what, types, names)
            more: Any = compare(
                ops.LT,
                wrap(builder, arguments[0], dtype),
                wrap(builder, counter.end, dtype, 1, builder.entry),
            )
            broken = carried.argument(self._flag, arguments[1:])
            if broken is not None:
                more = binary(ops.AND, more, logical_not(wrap(builder, broken, b1)))
            builder.op("scf.condition", (), (use(more), *arguments))
            builder.pop(scope)
            self._scope, arguments = builder.push_block(
                self._operation, 1, self._what, types, names
            )
        induction, *self._arguments = arguments
        self._induction = wrap(builder, induction, dtype)
        value = counter.variable(self._induction)
        if counter.is_variable:
            value.name = self._target
        else:
            name_value(value, self._target)
        return value

    # What the rewritten function calls.

    def enter(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        """Give the variables as the body sees them."""
        inside = self._carried.inside(iter(self._arguments))
        return _without_flag(self._flag, self._names, inside) if self._flag else inside

    def leave(self, values: tuple[object, ...]) -> None:
        """End the body, with its variables."""
        builder = self._builder
        scope = self._scope
        assert scope is not None
        leaves, again = self._carried.leaving(values)
        if self._flag and values[self._names.index(self._flag)] is False:
            # No `break` was reached while tracing, so an ordinary loop will do.
            self._carried.drop(self._flag)
            self._flag = ""
            again = True
        if not again:
            around = self._carried.materialize(leaves)
            if self._flag:
                advanced = builder.op(
                    "arith.addi",
                    (builder.session.value_type(self._counter.dtype),),
                    (self._induction.ir, self._counter.step),
                ).result
                around = (advanced, *around)
            # The first region of `scf.while` is its condition.
            body = 1 if self._flag else 0
            builder.session.ir.append_yield(self._operation, body, around)
        builder.pop(scope)
        builder.effects += 1
        if again:
            builder.bury(self._operation)
            builder.threadgroup_bytes = self._threadgroup_bytes
            self._carried.restore()
        self._again = again

    def stop(self, flag: object) -> bool:
        """Whether Python leaves the loop: never, the kernel does."""
        return False

    def end(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        if self._operation is None:
            return values
        results = iter(self._operation.results)
        if self._flag:
            next(results)
        return self._carried.afterwards(results)


class While:
    """A `while`: it runs in Python as long as Python knows the condition, else in the kernel.

    A condition may become traced only after an iteration, as that of ``while True`` with a traced
    `break` does. The last iteration is then taken back and becomes part of the loop.
    """

    def __init__(
        self,
        builder: Builder,
        names: tuple[str, ...],
        values: tuple[object, ...],
        bound: tuple[str, ...],
        flag: str,
        line: int,
        place: object,
        expected: Sequence[object],
        endless: bool,
        pure: bool,
    ) -> None:
        self._builder = builder
        self._names = names
        # Only a `break` ends a loop whose condition Python knows to hold.
        self._exits = frozenset([(flag, True)] if endless else [])
        self._expected = expected
        self._pure = pure
        self._bound = frozenset(bound)
        self._line = line
        self._place = place
        self._values = values
        self._flag = flag if flag in names else ""
        self._what = f"in the loop at line {line}"
        self._carried: Carried | None = None
        self._body: Scope | None = None
        self._condition_scope: Scope | None = None
        # Where the iteration that Python runs began, and the one before it.
        self._start: tuple[tuple[Any, ...], Objects] | None = None
        self._previous: tuple[tuple[Any, ...], Objects] | None = None
        self._operation: Any = None
        self._state = "probe"
        self._after_arguments: Sequence[ir.Value] = ()
        self._unrolled = 0
        self._condition: Any = None
        self._tested: tuple[Any, ...] = ()

    def next(self) -> bool:
        """Whether the condition is evaluated (again)."""
        return self._state != "done"

    def enter(self) -> tuple[Any, ...]:
        """Give the variables as the condition sees them."""
        builder = self._builder
        if self._state == "probe":
            objects = Objects.none(builder) if self._is_pure() else Objects(builder, self._names)
            self._previous, self._start = self._start, (self._values, objects)
            self._condition_scope = builder.speculate(self._what)
            return self._values
        carried = self._carried
        assert carried is not None
        entering = carried.entering()
        self._operation = builder.op("scf.while", carried.types(), entering, None, 2)
        self._condition_scope, arguments = self._push_block(0, carried)
        return carried.inside(iter(arguments), None)

    def _is_pure(self) -> bool:
        """Whether an iteration changes no objects that were there before it."""
        return self._pure and only_computes(self._builder, sys._getframe(), (), self._values)

    def _push_block(self, region: int, carried: Carried) -> tuple[Scope, list[ir.Value]]:
        return self._builder.push_block(
            self._operation, region, self._what, carried.types(), carried.names
        )

    def test(self, condition: object, values: tuple[object, ...]) -> bool:
        """Take the condition and the variables after it; whether the body runs."""
        builder = self._builder
        scope = self._condition_scope
        assert scope is not None
        if self._state == "probe":
            return self._probe(condition, values, scope)
        carried = self._carried
        assert carried is not None
        leaves, again = carried.leaving(values, condition=True)
        if again:
            return self._restart(scope)
        operand = (
            truth(condition._as_value())
            if isinstance(condition, Operand)
            else constant(builder, b1, bool(condition))
        )
        self._condition, self._tested = operand, values
        builder.op("scf.condition", (), (use(operand), *carried.materialize(leaves)))
        builder.pop(scope)
        self._body, self._after_arguments = self._push_block(1, carried)
        builder.facts.append(builder.implications(operand, True))
        return True

    def _probe(self, condition: object, values: tuple[object, ...], scope: Scope) -> bool:
        builder = self._builder
        if not isinstance(condition, Operand):
            builder.keep(scope)
            if self._body is not None:
                builder.keep(self._body)
                self._body = None
            self._values = values
            if not condition:
                self._state = "done"
                return False
            self._unrolled += 1
            if self._unrolled > MAX_UNROLLED:
                raise EndlessUnrolling(iterations=MAX_UNROLLED)
            self._body = builder.speculate(self._what)
            self._body.certain = True
            return True
        builder.drop(scope)
        begin = self._start
        certain = self._body is not None
        if self._body is not None:
            # The iteration that made the condition a traced one becomes part of the loop.
            builder.drop(self._body)
            self._body = None
            begin = self._previous
        assert begin is not None
        self._values, objects = begin
        objects.restore(where=self._what)
        self._carried = Carried(
            builder,
            self._names,
            self._values,
            self._line,
            self._place,
            self._bound,
            None if certain else frozenset(),
            self._expected,
            self._exits,
            self._is_pure(),
        )
        self._start = self._previous = None
        self._state = "traced"
        return False

    def _restart(self, scope: Scope) -> bool:
        builder = self._builder
        builder.pop(scope)
        builder.bury(self._operation)
        assert self._carried is not None
        self._carried.restore()
        return False

    def body(self) -> tuple[Any, ...]:
        """Give the variables as the body sees them."""
        if self._state == "probe":
            return self._values
        assert self._carried is not None
        assured = [name for name in self._bound if self._is_assigned(name, True)]
        inside = self._carried.inside(iter(self._after_arguments), assured)
        return _without_flag(self._flag, self._names, inside) if self._flag else inside

    def _is_assigned(self, name: str, holds: bool) -> bool:
        """Whether the condition has assigned a variable when it holds, or when it does not."""
        value = self._tested[self._names.index(name)] if name in self._names else UNASSIGNED
        if isinstance(value, Maybe):
            follows = self._builder.implications(self._condition, holds)
            return all(need & follows for need in value.needs)
        return not isinstance(value, Unassigned)

    def leave(self, values: tuple[object, ...]) -> None:
        """End the body, with its variables."""
        if self._state == "probe":
            self._values = values
            return
        builder = self._builder
        carried = self._carried
        scope = self._body
        assert carried is not None
        assert scope is not None
        builder.facts.pop()
        leaves, again = carried.leaving(values)
        if again:
            self._restart(scope)
            return
        around = carried.materialize(leaves)
        builder.session.ir.append_yield(self._operation, 1, around)
        builder.pop(scope)
        builder.effects += 1
        self._state = "done"

    def end(self) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        # They know the variables of the function, of which this loop is one.
        carried, self._carried = self._carried, None
        self._start = self._previous = None
        if carried is None:
            return self._values
        return carried.afterwards(
            iter(self._operation.results), lambda name: self._is_assigned(name, False)
        )
