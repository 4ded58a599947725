# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`for` and `while`: loops of the kernel, and loops that unroll while tracing.

The rewritten function runs the body in place. For a loop of the kernel that is once, or again if a
Python number that enters it turns out to need another dtype: what the first run built is then taken
out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from enigma._layout import Dyn
from enigma.compiler.errors import (
    CarriedVariableError,
    EndlessUnrolling,
)
from enigma.tracing import operators as ops
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.ranges import Counter, Range
from enigma.tracing.values import (
    Operand,
    Unsettled,
    Value,
    binary,
    cast,
    compare,
    constant,
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
    UNASSIGNED,
    Snapshot,
    Unassigned,
    is_integer,
    join_leaves,
    no_choice,
    same_structure,
)
from enigma.types import DType, b1, i32, is_number, number_dtype

# Dtypes of carried numbers settle in one or two runs of the body; more means that they chase each
# other.
MAX_RUNS = 6


class Slot:
    """One value that a loop carries.

    Attributes
    ----------
    name : str
        The variable that it belongs to.
    initial
        What enters the loop: a value, a number, or `ANYTHING` for a result that is not there yet.
    flexible : bool
        Whether the dtype is that of what the body makes of it, since a Python number enters.
    dtype, lanes
        What it has in the current run of the body.
    unsettled : Unsettled or None
        While it is not known whether that dtype is the right one.
    """

    __slots__ = ("dtype", "flexible", "initial", "lanes", "name", "unsettled")

    def __init__(self, name: str, initial: Any, dtype: DType, lanes: int, flexible: bool) -> None:
        self.name = name
        self.initial = initial
        self.dtype = dtype
        self.lanes = lanes
        self.flexible = flexible
        self.unsettled: Unsettled | None = Unsettled() if flexible else None

    def entering(self, builder: Builder) -> Any:
        """Give the IR value that enters the loop."""
        initial = self.initial
        if isinstance(initial, Value):
            if initial.unsettled is not None and self.unsettled is None:
                initial = settle(initial, self.dtype)
            return use(cast(initial, self.dtype))
        if isinstance(initial, Dyn):
            return use(cast(builder.symbols.value(initial), self.dtype))
        if initial is ANYTHING:
            return builder.constant(self.dtype, 0, self.lanes)
        reason = self.dtype.why_not(initial)
        if reason is not None:
            raise CarriedVariableError(
                name=self.name,
                reason=f"it is {initial!r} before, which does not fit {self.dtype}: {reason}",
            )
        return builder.constant(self.dtype, initial, self.lanes)

    def inside(self, builder: Builder, argument: Any) -> Value:
        """Wrap the block argument that the body sees."""
        value = wrap(builder, argument, self.dtype, self.lanes)
        value.name = self.name
        if self.unsettled is not None:
            value.unsettled = (self.unsettled,)
        return value

    def adopt(self, dtype: DType, lanes: int = 1) -> bool:
        """Take the dtype that the body made; whether the body has to run again for it."""
        provisional = self.unsettled is not None and self.unsettled.provisional
        if dtype is self.dtype and lanes == self.lanes and not provisional:
            return False
        self.dtype, self.lanes, self.unsettled = dtype, lanes, None
        return True


class Carried:
    """The variables that a loop carries, and the values of the IR that they consist of."""

    def __init__(
        self,
        builder: Builder,
        names: tuple[str, ...],
        values: tuple[Any, ...],
        line: int,
        bound: frozenset[str] = frozenset(),
    ) -> None:
        self._builder = builder
        self._names = names
        self._line = line
        self._bound = bound
        self._shapes: dict[int, Snapshot] = {}
        self._before = [Snapshot(value) for value in values]
        self.runs = 0
        self.slots: list[list[Slot | None]] = [
            [self._slot(name, leaf) for leaf in snapshot.leaves]
            for name, snapshot in zip(names, self._before, strict=False)
        ]

    def fix(self) -> None:
        """Give the numbers that enter the dtypes that they have alone: the body runs once."""
        for slot in self.active:
            slot.flexible, slot.unsettled = False, None

    def _slot(self, name: str, leaf: Any) -> Slot | None:
        if isinstance(leaf, Value):
            slot = Slot(name, leaf, leaf.dtype, leaf.lanes, leaf.unsettled is not None)
            if leaf.unsettled is not None:
                # A carried number of the loop around: what it meets in here decides for both.
                slot.unsettled = leaf.unsettled[0]
            return slot
        if is_number(leaf):
            dtype = number_dtype(leaf)
            if dtype is None:
                raise CarriedVariableError(
                    name=name, reason=f"it is {leaf!r} before, which fits no dtype"
                )
            return Slot(name, leaf, dtype, 1, True)
        return None

    @property
    def active(self) -> list[Slot]:
        """The slots in order."""
        return [slot for slots in self.slots for slot in slots if slot is not None]

    def inside(self, arguments: Iterator[Any], in_body: bool = True) -> tuple[Any, ...]:
        """Give the variables as the body sees them, or as the condition does."""
        values = []
        for index, (snapshot, slots) in enumerate(zip(self._before, self.slots, strict=True)):
            shape = self._shapes.get(index)
            if shape is not None:
                made = [slot.inside(self._builder, next(arguments)) for slot in slots if slot]
                # A function that has returned does not come to the body again.
                hidden = in_body and self._names[index] not in self._bound
                values.append(ANYTHING if hidden else shape.rebuild(iter(made), in_place=False))
                continue
            leaves = [
                leaf if slot is None else slot.inside(self._builder, next(arguments))
                for leaf, slot in zip(snapshot.leaves, slots, strict=False)
            ]
            values.append(snapshot.rebuild(iter(leaves), in_place=True))
        return tuple(values)

    def restore(self) -> tuple[Any, ...]:
        """Give the variables as they were before the loop."""
        return tuple(snapshot.restore() for snapshot in self._before)

    def leaving(self, values: tuple[Any, ...]) -> tuple[list[Any], bool]:
        """Take the variables at the end of the body.

        Returns
        -------
        leaves : list
            For each slot what goes around, or nothing if `again`.
        again : bool
            Whether the body has to run again, because a carried number takes another dtype.
        """
        self.runs += 1
        again = False
        leaves: list[Any] = []
        for index, (name, value) in enumerate(zip(self._names, values, strict=False)):
            before = self._before[index]
            after = Snapshot(value)
            if before.value is ANYTHING:
                again |= self._learn(index, name, after, leaves)
                continue
            if not same_structure(before.structure, after.structure):
                self._changed(index, before, after)
                continue
            for position, slot in enumerate(self.slots[index]):
                leaf = after.leaves[position]
                if slot is None:
                    entering = before.leaves[position]
                    if join_leaves(leaf, entering, ("", "")) is leaf:
                        continue
                    if isinstance(entering, Dyn) and is_integer(leaf):
                        # A symbol that changes is carried as a number that enters.
                        self.slots[index][position] = Slot(name, entering, i32, 1, True)
                        again = True
                        continue
                    self._changed(index, before, after)
                    continue
                leaves.append(leaf)
                again |= self._check(slot, leaf)
        if again and self.runs >= MAX_RUNS:
            raise CarriedVariableError(
                name=", ".join(sorted({slot.name for slot in self.active if slot.flexible})),
                reason="the dtypes of the numbers that enter the loop depend on each other",
            )
        return leaves, again

    def _learn(self, index: int, name: str, after: Snapshot, leaves: list[Any]) -> bool:
        """Take what the result of a function turned out to be."""
        slots = self.slots[index]
        if after.value is ANYTHING:
            leaves += [ANYTHING for slot in slots if slot is not None]
            return False
        if not slots or slots[0] is None:
            known = [leaf for leaf in after.leaves if isinstance(leaf, Value) or is_number(leaf)]
            if len(known) != len(after.leaves):
                raise CarriedVariableError(
                    name="return value",
                    reason=f"it is {describe(after.value)}, and returned from inside of a loop",
                )
            self._shapes[index] = after
            self.slots[index] = [
                Slot(name, ANYTHING, leaf.dtype, leaf.lanes, True)
                if isinstance(leaf, Value)
                else Slot(name, ANYTHING, number_dtype(leaf) or i32, 1, True)
                for leaf in after.leaves
            ]
            for slot in self.slots[index]:
                assert slot is not None
                slot.unsettled = None
            return True
        again = False
        for slot, leaf in zip(slots, after.leaves, strict=False):
            assert slot is not None
            leaves.append(leaf)
            again |= self._check(slot, leaf)
        return again

    def _changed(self, index: int, before: Snapshot, after: Snapshot) -> None:
        """Note that what a variable holds cannot go around; one without a value before is lost."""
        name = self._names[index]
        remedy = no_choice(*before.leaves, *after.leaves)
        if not isinstance(before.value, Unassigned):
            raise CarriedVariableError(
                name=name,
                reason=(
                    f"it is {describe(before.value)} before the loop and "
                    f"{describe(after.value)} after its body"
                ),
                remedy=remedy or CarriedVariableError.remedy,
            )

    def _check(self, slot: Slot, leaf: Any) -> bool:
        """Compare what the body made with what entered; whether the body has to run again."""
        if isinstance(leaf, Value):
            dtype = leaf.dtype
            if slot.flexible:
                if leaf.unsettled is not None:
                    wanted = next(
                        (number.wanted for number in leaf.unsettled if number.wanted is not None),
                        None,
                    )
                    if wanted is not None and (dtype.kind != "f" or wanted.kind == "f"):
                        dtype = wanted
                return slot.adopt(dtype, leaf.lanes)
            if dtype is not slot.dtype or leaf.lanes != slot.lanes:
                raise CarriedVariableError(
                    name=slot.name,
                    reason=(
                        f"it is {describe(slot.initial)} before the loop and {describe(leaf)} "
                        "after its body"
                    ),
                )
            return False
        if isinstance(leaf, Dyn) and slot.dtype is not b1 and slot.lanes == 1:
            wanted = None if slot.unsettled is None else slot.unsettled.wanted
            return slot.adopt(wanted or slot.dtype) if slot.flexible else False
        if is_number(leaf):
            if slot.flexible and slot.unsettled is not None:
                wanted = slot.unsettled.wanted
                alone = number_dtype(leaf)
                if wanted is None and alone is not None and slot.dtype.why_not(leaf) is not None:
                    return slot.adopt(alone)
                return slot.adopt(wanted or slot.dtype)
            reason = slot.dtype.why_not(leaf)
            if reason is None:
                return False
            raise CarriedVariableError(
                name=slot.name,
                reason=f"it is {slot.dtype}, and set to {leaf!r} in the body: {reason}",
            )
        raise CarriedVariableError(
            name=slot.name,
            reason=leaf.reason
            if isinstance(leaf, Unassigned)
            else f"it is {describe(slot.initial)} before the loop and {describe(leaf)} after "
            "its body",
        )

    def materialize(self, leaves: list[Any]) -> tuple[Any, ...]:
        """Give the IR values that go around, at the current insertion point."""
        values = []
        for slot, leaf in zip(self.active, leaves, strict=False):
            if leaf is ANYTHING or leaf is UNASSIGNED:
                values.append(self._builder.constant(slot.dtype, 0, slot.lanes))
            elif isinstance(leaf, Dyn):
                values.append(use(cast(self._builder.symbols.value(leaf), slot.dtype)))
            elif isinstance(leaf, Value):
                if leaf.unsettled is not None:
                    leaf = settle(leaf, slot.dtype)
                values.append(use(cast(leaf, slot.dtype)))
            else:
                values.append(self._builder.constant(slot.dtype, leaf, slot.lanes))
        return tuple(values)

    def afterwards(self, results: Iterator[Any], last: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give the variables as they are after the loop; `last` is what the body left."""
        values: list[Any] = []
        for index, (name, snapshot) in enumerate(zip(self._names, self._before, strict=False)):
            slots = self.slots[index]
            shape = self._shapes.get(index)
            if shape is not None:
                made = [
                    slot.inside(self._builder, next(results)) for slot in slots if slot is not None
                ]
                values.append(shape.rebuild(iter(made), in_place=False))
                continue
            if snapshot.value is ANYTHING:
                values.append(last[index])
                continue
            leaves = [
                leaf if slot is None else slot.inside(self._builder, next(results))
                for leaf, slot in zip(snapshot.leaves, slots, strict=False)
            ]
            value = snapshot.rebuild(iter(leaves), in_place=True)
            unchanged = (
                snapshot.structure is not None
                or slots[0] is not None
                or last[index] is snapshot.value
            )
            if not unchanged:
                value = self._lost(name, snapshot.value)
            values.append(value)
        return tuple(values)

    def _lost(self, name: str, before: Any) -> Unassigned:
        if isinstance(before, Unassigned):
            return Unassigned(
                f"it is only assigned in the loop at line {self._line}, which may run zero times"
            )
        return Unassigned(
            f"it is {describe(before)} before the loop at line {self._line} and something "
            "else after it, "
            "and only traced values and numbers can be carried"
        )

    @property
    def names(self) -> list[str]:
        """The variable of each slot."""
        return [slot.name for slot in self.active]

    def types(self) -> tuple[Any, ...]:
        """The IR types of the slots."""
        session = self._builder.session
        return tuple(session.value_type(slot.dtype, slot.lanes) for slot in self.active)


# Far beyond what a kernel can hold; a loop that never ends would eat all memory.
MAX_UNROLLED = 1 << 16


class StaticFor:
    """A `for` over something that Python can iterate over: it unrolls."""

    __slots__ = ("_iterable",)

    def __init__(self, iterable: Iterable[Any]) -> None:
        self._iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        for iteration, item in enumerate(self._iterable):
            if iteration == MAX_UNROLLED:
                raise EndlessUnrolling(iterations=MAX_UNROLLED)
            yield item

    def enter(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give the variables as the body sees them."""
        return values

    def leave(self, values: tuple[Any, ...]) -> None:
        """End the body, with its variables."""

    def stop(self, flag: Any) -> bool:
        """Whether Python leaves the loop, given the flag that `break` sets."""
        return flag is True

    def end(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        return values


class RangeFor:
    """A `for` over `enigma.range`: ``scf.for``, or ``scf.while`` if a `break` may end it early."""

    def __init__(
        self,
        builder: Builder,
        bounds: Range,
        names: tuple[str, ...],
        values: tuple[Any, ...],
        target: str,
        flag: str,
        line: int,
        rigid: bool = False,
    ) -> None:
        self._builder = builder
        self._bounds = bounds
        self._target = target
        self._targets = [index for index, name in enumerate(names) if name == target]
        self._flag = names.index(flag) if flag in names else None
        self._line = line
        self._names = names
        self._carried = self._make_carried(names, values)
        if rigid:
            self._carried.fix()
        self._scope: Scope | None = None
        self._operation: Any = None
        self._again = True
        self._last: tuple[Any, ...] = values
        self._arguments: Any = ()

    def _make_carried(self, names: tuple[str, ...], values: tuple[Any, ...]) -> Carried:
        lost = list(values)
        for index in self._targets:
            # The variable of the loop is set anew by each iteration, so nothing of it goes around.
            lost[index] = UNASSIGNED
        return Carried(self._builder, names, tuple(lost), self._line)

    def __iter__(self) -> Iterator[Any]:
        while self._again:
            self._again = False
            yield self._begin()

    # The frame of the loop.

    def _begin(self) -> Any:
        builder = self._builder
        counter = self._counter = Counter(builder, self._bounds)
        dtype = counter.dtype
        self._threadgroup_bytes = builder.threadgroup_bytes
        what = f"in the loop at line {self._line}"
        lower, upper, stride = (use(bound) for bound in (counter.first, counter.end, counter.step))
        entering = tuple(slot.entering(builder) for slot in self._carried.active)
        types = self._carried.types()
        self._types = types
        location = builder.location()
        named = (
            builder.named_location(self._target, location)
            if self._target and counter.is_variable
            else location
        )
        locations = [named] + [
            builder.named_location(name, location) for name in self._carried.names
        ]
        index_type = builder.session.value_type(dtype)
        if self._flag is None:
            attributes = {}
            if dtype.kind == "u":
                attributes["unsignedCmp"] = builder.ir.UnitAttr.get(builder.session.context)
            self._operation = builder.op(
                "scf.for", types, (lower, upper, stride, *entering), attributes, 1
            )
            block = self._operation.regions[0].blocks.append(index_type, *types, arg_locs=locations)
            self._scope = builder.push(block, what)
        else:
            self._operation = builder.op(
                "scf.while", (index_type, *types), (lower, *entering), None, 2
            )
            before = self._operation.regions[0].blocks.append(
                index_type, *types, arg_locs=locations
            )
            scope = builder.push(before, what)
            arguments = list(before.arguments)
            more: Any = compare(
                ops.LT,
                wrap(builder, arguments[0], dtype),
                wrap(builder, upper, dtype, 1, builder.entry),
            )
            broken = self._flag_value(arguments[1:])
            if broken is not None:
                more = binary(ops.AND, more, logical_not(broken))
            builder.op("scf.condition", (), (use(more), *arguments))
            builder.pop(scope)
            block = self._operation.regions[1].blocks.append(index_type, *types, arg_locs=locations)
            self._scope = builder.push(block, what)
        self._stride = stride
        arguments = list(block.arguments)
        self._arguments = arguments[1:]
        self._induction = wrap(builder, arguments[0], dtype)
        if counter.is_variable:
            self._induction.name = self._target
            return self._induction
        value = counter.variable(self._induction)
        name_value(value, self._target)
        return value

    def _flag_value(self, arguments: list[Any]) -> Value | None:
        position = 0
        for index, slots in enumerate(self._carried.slots):
            for slot in slots:
                if slot is None:
                    continue
                if index == self._flag:
                    return wrap(self._builder, arguments[position], b1)
                position += 1
        return None

    # What the rewritten function calls.

    def enter(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give the variables as the body sees them."""
        inside = list(self._carried.inside(iter(self._arguments)))
        for index in self._targets:
            inside[index] = values[index]
        if self._flag is not None:
            # The condition of the loop has seen to that.
            inside[self._flag] = False
        return tuple(inside)

    def leave(self, values: tuple[Any, ...]) -> None:
        """End the body, with its variables."""
        builder = self._builder
        scope = self._scope
        assert scope is not None
        lost = list(values)
        for index in self._targets:
            lost[index] = UNASSIGNED
        leaves, again = self._carried.leaving(tuple(lost))
        if self._flag is not None and values[self._flag] is False:
            # No `break` was reached while tracing, so an ordinary loop will do.
            self._carried.slots[self._flag] = [None]
            self._flag = None
            again = True
        if not again:
            around = self._carried.materialize(leaves)
            if self._operation.name == "scf.while":
                advanced = builder.op(
                    "arith.addi",
                    (builder.session.value_type(self._counter.dtype),),
                    (self._induction.ir, self._stride),
                ).result
                around = (advanced, *around)
            builder.op("scf.yield", (), around)
        builder.pop(scope)
        builder.effects += 1
        self._last = tuple(lost)
        if again:
            builder.bury(self._operation)
            builder.threadgroup_bytes = self._threadgroup_bytes
            self._carried.restore()
        self._again = again

    def stop(self, flag: Any) -> bool:
        """Whether Python leaves the loop: never, the kernel does."""
        return False

    def end(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        if self._operation is None:
            return values
        results = list(self._operation.results)
        if self._operation.name == "scf.while":
            results = results[1:]
        return self._carried.afterwards(iter(results), self._last)


class While:
    """A `while`: it runs in Python as long as Python knows the condition, else in the kernel.

    A condition may become traced only after an iteration, as that of ``while True`` with a traced
    `break` does. The last iteration is then taken back and becomes part of the loop.
    """

    def __init__(
        self,
        builder: Builder,
        names: tuple[str, ...],
        values: tuple[Any, ...],
        bound: tuple[str, ...],
        flag: str,
        line: int,
    ) -> None:
        self._builder = builder
        self._names = names
        self._bound = frozenset(bound)
        self._line = line
        self._values = values
        self._flag = names.index(flag) if flag in names else None
        self._what = f"in the loop at line {line}"
        self._carried: Carried | None = None
        self._body: Scope | None = None
        self._condition_scope: Scope | None = None
        self._before: list[Snapshot] | None = None
        self._operation: Any = None
        self._state = "probe"
        self._after_arguments: Any = ()
        self._unrolled = 0

    def next(self) -> bool:
        """Whether the condition is evaluated (again)."""
        return self._state != "done"

    def enter(self) -> tuple[Any, ...]:
        """Give the variables as the condition sees them."""
        builder = self._builder
        if self._state == "probe":
            self._condition_scope = builder.speculate(self._what)
            return self._values
        carried = self._carried
        assert carried is not None
        entering = tuple(slot.entering(builder) for slot in carried.active)
        types = carried.types()
        location = builder.location()
        self._locations = [builder.named_location(name, location) for name in carried.names]
        self._operation = builder.op("scf.while", types, entering, None, 2)
        before = self._operation.regions[0].blocks.append(*types, arg_locs=self._locations)
        self._types = types
        self._condition_scope = builder.push(before, self._what)
        return carried.inside(iter(list(before.arguments)), in_body=False)

    def test(self, condition: Any, values: tuple[Any, ...]) -> bool:
        """Take the condition and the variables after it; whether the body runs."""
        builder = self._builder
        scope = self._condition_scope
        assert scope is not None
        if self._state == "probe":
            return self._probe(condition, values, scope)
        carried = self._carried
        assert carried is not None
        leaves, again = carried.leaving(values)
        if again:
            return self._restart(scope)
        operand = (
            truth(condition._as_value())
            if isinstance(condition, Operand)
            else constant(builder, b1, bool(condition))
        )
        builder.op("scf.condition", (), (use(operand), *carried.materialize(leaves)))
        builder.pop(scope)
        after = self._operation.regions[1].blocks.append(*self._types, arg_locs=self._locations)
        self._body = builder.push(after, self._what)
        self._after_arguments = list(after.arguments)
        return True

    def _probe(self, condition: Any, values: tuple[Any, ...], scope: Scope) -> bool:
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
            self._before = [Snapshot(value) for value in values]
            self._body = builder.speculate(self._what)
            return True
        builder.drop(scope)
        if self._body is not None:
            # The iteration that made the condition a traced one becomes part of the loop.
            builder.drop(self._body)
            self._body = None
            assert self._before is not None
            self._values = tuple(snapshot.restore() for snapshot in self._before)
        # What the condition binds need not be there before it runs.
        entering = tuple(
            ANYTHING if name in self._bound and value is UNASSIGNED else value
            for name, value in zip(self._names, self._values, strict=True)
        )
        self._carried = Carried(builder, self._names, entering, self._line, self._bound)
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
        inside = list(self._carried.inside(iter(self._after_arguments)))
        if self._flag is not None:
            # The condition of the loop has seen to that.
            inside[self._flag] = False
        return tuple(inside)

    def leave(self, values: tuple[Any, ...]) -> None:
        """End the body, with its variables."""
        if self._state == "probe":
            self._values = values
            return
        builder = self._builder
        carried = self._carried
        scope = self._body
        assert carried is not None
        assert scope is not None
        leaves, again = carried.leaving(values)
        self._last = values
        if again:
            self._restart(scope)
            return
        builder.op("scf.yield", (), carried.materialize(leaves))
        builder.pop(scope)
        builder.effects += 1
        self._state = "done"

    def end(self) -> tuple[Any, ...]:
        """Give the variables as they are afterwards."""
        if self._carried is None:
            return self._values
        return self._carried.afterwards(iter(list(self._operation.results)), self._last)
