# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a loop of the kernel carries from one iteration to the next.

The body is traced once, or again when the first time showed that a number needs another dtype or
that an object is changed which was not expected to be.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from enigma._layout import Dyn, same
from enigma.errors import CarriedVariableError, ObjectChanged
from enigma.tracing.boxes import Box, Change
from enigma.tracing.builder import Builder
from enigma.tracing.merges import dict_is_shared, find_shared
from enigma.tracing.messages import describe
from enigma.tracing.names import shown_name
from enigma.tracing.objects import Objects
from enigma.tracing.paths import path_root
from enigma.tracing.predicted import predicted_parts
from enigma.tracing.reach import local_variables
from enigma.tracing.slots import Entry, Slot, slot_of, store_parts
from enigma.tracing.values import Value
from enigma.tracing.variables import (
    ANYTHING,
    Either,
    Maybe,
    Tree,
    Unassigned,
    every_choice,
    is_immutable,
    is_integer,
    join_leaves,
    leaf_of,
    may_be_one,
    no_choice,
    parts_of,
)
from enigma.types import i32, is_number, number_dtype

if TYPE_CHECKING:
    from enigma import _mlir as ir

# Dtypes of carried numbers settle in one or two runs of the body; more means that they chase each
# other.
MAX_RUNS = 6

# Each run finds more of the objects that the body changes; few loops need more than two.
MAX_TRIES = 40

# The facts of a variable that the condition of a loop sees before the body has assigned it.
_NEVER: tuple[frozenset[object], ...] = (frozenset(),)


class Carried:
    """The variables and objects that a loop carries, and the values of the IR that they consist of.

    Parameters
    ----------
    names, values : tuple
        The variables that the loop assigns, and what they hold before.
    line : int
        Of the loop.
    place
        Tells the loops of the source apart.
    bound : frozenset of str
        Variables that the condition assigns.
    exits : frozenset
        Facts that hold where the loop has ended.
    expected : sequence
        Lists and dicts of which the body most likely changes elements.
    learned : frozenset of str or None
        Variables that may have no value before and still have one after the loop; None for all,
        where the body is known to run.
    pure : bool
        Whether the loop changes no objects.
    """

    def __init__(
        self,
        builder: Builder,
        names: tuple[str, ...],
        values: tuple[object, ...],
        line: int,
        place: object = None,
        bound: frozenset[str] = frozenset(),
        learned: frozenset[str] | None = frozenset(),
        expected: Sequence[object] = (),
        exits: frozenset[object] = frozenset(),
        pure: bool = False,
    ) -> None:
        self._builder = builder
        self._names = names
        self._line = line
        self._where = f"in the loop at line {line}"
        self._place = place
        self._bound = bound
        self._exits = exits
        self.objects = (
            Objects.none(builder)
            if pure
            else Objects(builder, names, holding=dict(zip(names, values, strict=True)))
        )
        self.runs = 0
        self._rigid = False
        self._tries = 0
        # Whether lists and dicts of a variable or a part are others in each iteration; and which
        # of those something else holds besides.
        self._has_fresh = False
        self._shared: set[int] = set()
        self._variables: list[Entry] = []
        self._parts: list[Entry] = []
        # The slots of the run that is under way.
        self._running: list[Slot] = []
        for name, value in zip(names, values, strict=True):
            if value.__class__ is Value:
                entry = Entry(name, value, Tree(value, parts_of))
                entry.slots.append(slot_of(name, name, value))
                self._variables.append(entry)
                continue
            if isinstance(value, Maybe) and builder.knows(value.needs):
                value = value.value
            entry = Entry(name, leaf_of(value), Tree(value, self._parts_within))
            entry.may_learn = learned is None or name in learned or name in bound
            entry.learns = value is ANYTHING or (
                isinstance(value, Unassigned) and not isinstance(value, Maybe) and entry.may_learn
            )
            self._slots(entry)
            self._variables.append(entry)
        if self.objects.boxes:
            for box, position in predicted_parts(self.objects, place, expected):
                self._part(box, position)

    def _slots(self, entry: Entry) -> None:
        entry.slots = [slot_of(entry.shown, entry.name, leaf) for leaf in entry.tree.leaves]

    def _part(self, box: Box, position: int) -> None:
        before = box.values[position]
        entry = Entry(
            path_root(box.part(position)), before, Tree(before, self._parts_within), box, position
        )
        self._slots(entry)
        self._parts.append(entry)

    def fix(self) -> None:
        """Give the numbers that enter the dtypes that they have alone: the body runs once."""
        self._rigid = True
        for slot in self.active:
            slot.flexible, slot.unsettled = False, None

    def drop(self, name: str) -> None:
        """Carry a variable no more."""
        self._variables[self._names.index(name)].slots = [None]

    @property
    def _entries(self) -> list[Entry]:
        """The variables, and then the parts of objects."""
        return self._variables + self._parts if self._parts else self._variables

    @property
    def active(self) -> list[Slot]:
        """The slots in order."""
        return [slot for entry in self._entries for slot in entry.slots if slot is not None]

    def argument(self, name: str, arguments: Sequence[ir.Value]) -> ir.Value | None:
        """Give that of the arguments which belongs to a variable of one leaf; None if none does."""
        wanted = self._variables[self._names.index(name)].slots[0]
        return next((a for s, a in zip(self._running, arguments, strict=True) if s is wanted), None)

    # Entering the body.

    def entering(self) -> tuple[ir.Value, ...]:
        """Begin a run; gives the IR values that enter the loop, at the current insertion point."""
        builder, running = self._builder, self.active
        self._running = running
        return tuple([slot.entering(builder) for slot in running])

    def _value(self, entry: Entry, arguments: Iterator[ir.Value], after: bool = False) -> Any:
        """Make what an entry holds from the values of its slots."""
        if entry.tree.is_leaf:
            slot = entry.slots[0]
            return entry.before if slot is None else slot.inside(self._builder, next(arguments))
        if not any(entry.slots):
            return entry.before
        leaves = [
            leaf if slot is None else slot.inside(self._builder, next(arguments))
            for leaf, slot in zip(entry.tree.leaves, entry.slots, strict=True)
        ]
        return entry.tree.rebuild(iter(leaves), self._new(entry, after))

    def _new(self, entry: Entry, after: bool) -> Callable[[int, Any], Any]:
        """Say how the containers of an entry are made of others."""
        before = entry.tree.containers if entry.shape is None else []
        last = Tree(entry.last, parts_of).containers if after and entry.remade else []

        def new(number: int, made: object) -> Any:
            aliases = entry.aliases.get(number)
            sources = [*before[number : number + 1], *last[number : number + 1], *(aliases or ())]
            if made.__class__ is list and (
                aliases is not None
                or any(
                    id(source) in self._shared or source.__class__ is Either for source in sources
                )
            ):
                made = Either(made, sources, self._where)
            self._builder.made[id(made)] = made
            return made

        return new

    def inside(
        self, arguments: Iterator[ir.Value], assured: Container[str] | None = ()
    ) -> tuple[Any, ...]:
        """Give the variables as the body sees them, and objects their contents.

        Variables without a value before are hidden, but for those that are `assured`; None stands
        for the condition, which hands them on.
        """
        if self._has_fresh:
            self._find_shared(after=False)
        values: list[Any] = []
        for entry in self._variables:
            if entry.shape is None:
                values.append(self._value(entry, arguments))
                continue
            made = [slot.inside(self._builder, next(arguments)) for slot in entry.slots if slot]
            value = entry.shape.rebuild(iter(made), self._new(entry, False))
            if assured is None and entry.before is not ANYTHING:
                value = Maybe(value, _NEVER, "it has no value when the loop starts")
            elif assured is not None and entry.name not in assured:
                value = entry.before
            values.append(value)
        if self._parts:
            store_parts([(entry, self._value(entry, arguments)) for entry in self._parts])
        return tuple(values)

    def _find_shared(self, after: bool) -> None:
        """Find the lists that the loop replaces by others while something else holds them."""
        self._shared = set()
        fresh = [entry for entry in self._entries if entry.fresh]
        if not fresh:
            return
        store_parts([(entry, None) for entry in fresh if entry.box is not None])
        made = []
        for entry in fresh:
            last = Tree(entry.last, parts_of).containers if after else []
            for number, container in enumerate(entry.tree.containers):
                if not is_immutable(container):
                    made.append((container.__class__, (container, *last[number : number + 1])))
        self._shared = find_shared(self._others(fresh), made, self._where)

    def _others(self, entries: list[Entry]) -> Objects:
        """Find what is within reach of all but variables that hold some entries.

        A variable that the loop does not carry, and that no longer holds what it held before, is
        not read again.
        """
        names = [entry.name for entry in entries if entry.box is None]
        names += [
            name
            for name, value in local_variables(self._builder).items()
            if name not in self._names and not self.objects.holds(name, value)
        ]
        return Objects(self._builder, names, without=True)

    def _find_aliases(self) -> bool:
        """Find the lists that the next iteration gets under two names; whether any is new.

        What is made anew for each iteration would be two lists there.
        """
        remade = [entry for entry in self._entries if entry.remade]
        held = [
            (entry, number, container)
            for entry in remade
            for number, container in enumerate(Tree(entry.last, parts_of).containers)
            if not is_immutable(container)
        ]
        if not held:
            return False
        contents = [
            (box, *box.kind.read(box.thing))
            for box in {
                id(entry.box): entry.box for entry in remade if entry.box is not None
            }.values()
        ]
        for box, keys, values in contents:
            hidden = {entry.position for entry in remade if entry.box is box}
            kept = [None if at in hidden else value for at, value in enumerate(values)]
            box.kind.write(box.thing, keys, kept)
        others = self._others(remade)
        for box, keys, values in contents:
            box.kind.write(box.thing, keys, values)
        chosen = [box.thing for box in others.boxes.values() if box.thing.__class__ is Either]
        found = False
        for this in held:
            entry, number, container = this
            known = [one for one in every_choice(container) if others.references(one)]
            if (
                known
                or any(may_be_one(container, one) for one in chosen)
                or any(_are_aliases(this, other) for other in held)
            ):
                found |= self._add_aliases(entry, number, container, known)
        return found

    def _add_aliases(self, entry: Entry, number: int, container: Any, known: list[Any]) -> bool:
        """Note what a list of an entry may be; whether that is new."""
        if container.__class__ is not list and container.__class__ is not Either:
            raise dict_is_shared(self._where)
        found = number not in entry.aliases
        aliases = entry.aliases.setdefault(number, [])
        for one in known:
            if self.objects.knows(one) and not any(one is other for other in aliases):
                aliases.append(one)
                found = True
        return found

    def restore(self) -> None:
        """Give objects the contents that they had before the loop."""
        self.objects.restore(where=self._where)

    # Leaving the body.

    def leaving(
        self, values: tuple[object, ...], condition: bool = False
    ) -> tuple[list[Any], bool]:
        """Take the variables and objects at the end of the body, or of the `condition`.

        Returns
        -------
        leaves : list
            For each slot what goes around, or nothing if `again`.
        again : bool
            Whether the body has to run again, because a carried number takes another dtype or
            another object is carried.
        """
        changes = {}
        if self.objects.boxes:
            changes = {id(change.box): change for change in self.objects.changes()}
        leaves: list[Any] = []
        again = False
        self.runs += 1
        for entry, value in zip(self._variables, values, strict=True):
            last = entry.last = value if value.__class__ is Value else leaf_of(value)
            if entry.learns:
                again |= self._learn(entry, last, leaves, condition)
            else:
                again |= self._follow(entry, last, leaves)
        for entry in self._parts:
            assert entry.box is not None
            entry.last = changes.get(id(entry.box), entry.box).values[entry.position]
            again |= self._follow(entry, entry.last, leaves)
        grown = self._grown(changes.values()) if changes else []
        if condition:
            for entry in self._parts:
                entry.tested = not entry.is_unchanged
        elif self._parts:
            again |= self._drop_unchanged()
        self._tries += 1
        if (grown or again) and self._tries > MAX_TRIES:
            raise CarriedVariableError(
                name=", ".join(sorted({entry.shown for entry in self._entries if entry.slots})),
                reason="what it is in one iteration makes it something else in the next",
            )
        if grown and self._rigid:
            box, position = grown[0]
            raise ObjectChanged(
                name=box.name(position),
                reason=f"it changes {self._where}, which carries what `init` gives it and no more",
                remedy="use `for i in enigma.range(...)`, which carries it, or `init`",
            )
        if grown:
            known = self._builder.changed_parts.setdefault(self._place, [])
            known += [(box.thing, box.kind, position) for box, position in grown]
            for box, position in grown:
                self._part(box, position)
            self.runs -= 1
            again = True
        if again and self.runs >= MAX_RUNS:
            raise CarriedVariableError(
                name=", ".join(
                    sorted({shown_name(slot.shown) for slot in self.active if slot.flexible})
                ),
                reason="the dtypes of the numbers that enter the loop depend on each other",
            )
        if not again and self._find_aliases():
            self.runs -= 1
            again = True
        if again:
            self._forget_replaced()
        return leaves, again

    def _grown(self, changes: Iterable[Change]) -> list[tuple[Box, int]]:
        """Find the parts of objects that have changed and are not carried."""
        carried = {(id(entry.box), entry.position) for entry in self._parts}
        return [
            (change.box, position)
            for change in changes
            for position in self._changed_parts(change)
            if (id(change.box), position) not in carried
        ]

    def _drop_unchanged(self) -> bool:
        """Carry no parts of objects that the loop leaves alone; whether there were any."""
        kept = [entry for entry in self._parts if entry.tested or not entry.is_unchanged]
        dropped = len(kept) < len(self._parts)
        self._parts = kept
        return dropped

    def _changed_parts(self, change: Change) -> list[int]:
        box = change.box
        if not change.same_parts or not box.kind.joinable:
            reason = f"{self._where} it changes"
            if len(change.values) != len(box.values):
                reason = (
                    f"it has {len(box.values)} parts before the loop at line {self._line} and "
                    f"{len(change.values)} after its body"
                )
            if box.kind.advances:
                self.objects.restore([change], self._where)
            raise ObjectChanged(
                name=box.name(),
                reason=reason,
                remedy="keep as many parts throughout the loop, or unroll it with "
                "enigma.range_constexpr",
            )
        return [
            position
            for position, (before, after) in enumerate(zip(box.values, change.values, strict=True))
            if before is not after
        ]

    def _forget_replaced(self) -> None:
        """Carry no parts of lists and dicts in whose place the body puts others."""
        replaced = {
            id(container)
            for entry in self._entries
            if entry.fresh
            for container in entry.tree.containers
        }
        self._parts = [
            entry
            for entry in self._parts
            if entry.box is None or id(entry.box.thing) not in replaced
        ]

    def _follow(self, entry: Entry, value: object, leaves: list[Any]) -> bool:
        """Compare what an entry holds after the body with what it held before."""
        before = entry.tree
        if value.__class__ is Value and before.is_leaf:
            slot = entry.slots[0]
            if slot is not None:
                leaves.append(value)
                return slot.meet(value)
        after = Tree(value, parts_of if entry.fresh else self._parts_within)
        if not before.like(after):
            return self._replaced(entry, value)
        again = False
        for position, (leaf, entering) in enumerate(zip(after.leaves, before.leaves, strict=True)):
            slot = entry.slots[position]
            if slot is not None:
                leaves.append(leaf)
                again |= slot.meet(leaf)
            elif isinstance(entering, Maybe):
                if leaf is not entering:
                    return self._replaced(entry, value)
            elif isinstance(leaf, Unassigned) and not isinstance(entering, Unassigned):
                raise CarriedVariableError(
                    name=entry.shown,
                    reason=leaf.reason,
                    remedy=leaf.remedy or CarriedVariableError.remedy,
                )
            elif isinstance(entering, Dyn) and is_integer(leaf):
                if not (isinstance(leaf, Dyn) and same(leaf, entering)):
                    # A symbol that changes is carried as a number that enters.
                    entry.slots[position] = Slot(entry.name, entering, i32, 1, True)
                    again = True
            elif join_leaves(leaf, entering, ("", "")) is not leaf:
                return self._replaced(entry, value)
        return again

    def _replaced(self, entry: Entry, value: object) -> bool:
        """Take an entry apart whose list or dict is another one; anything else is refused."""
        if isinstance(entry.before, Maybe):
            # What it may have had before the loop is not what later iterations have.
            entry.before = Unassigned(entry.before.reason)
            entry.tree = Tree(entry.before, parts_of)
            entry.learns = entry.may_learn
            return True
        if isinstance(entry.before, Unassigned):
            # It has no value after the loop either.
            return False
        after = Tree(value, parts_of)
        if not entry.fresh:
            before = Tree(entry.before, self._parts_before)
            if not before.is_leaf and before.like(after):
                entry.fresh, entry.tree = True, before
                self._has_fresh = True
                self._slots(entry)
                return True
        raise CarriedVariableError(
            name=entry.shown,
            reason=(
                f"it is {describe(entry.before)} before the loop and {describe(value)} after "
                "its body"
            ),
            remedy=no_choice(*entry.tree.leaves, *after.leaves) or CarriedVariableError.remedy,
        )

    def _parts_before(self, value: object) -> tuple[Any, list[Any]] | None:
        """Take a value apart as it was before the loop."""
        box = self.objects.boxes.get(id(value))
        return parts_of(value, None if box is None else box.values)

    def _parts_within(self, value: object) -> tuple[Any, list[Any]] | None:
        """Take a value apart up to the lists and dicts that were there before the loop.

        Their contents are carried by themselves.
        """
        return None if self.objects.knows(value) else parts_of(value)

    def _learn(self, entry: Entry, value: object, leaves: list[Any], condition: bool) -> bool:
        """Take what an entry without a value before turned out to hold.

        What the condition may assign is there where the condition holds, if that says so.
        """
        if isinstance(value, Maybe) and value.needs is _NEVER:
            value = value.value
        if isinstance(value, Maybe) and all(need & self._exits for need in value.needs):
            entry.last = value = value.value
        within: object = value
        if condition and entry.shape is None and isinstance(value, Maybe):
            within = value.value
        after = Tree(within, self._parts_within)
        values = [leaf for leaf in after.leaves if isinstance(leaf, Value) or is_number(leaf)]
        if isinstance(value, Unassigned) and (within is value or len(values) != len(after.leaves)):
            passed = Tree(value.value, parts_of).leaves if isinstance(value, Maybe) else ()
            slots = [slot for slot in entry.slots if slot is not None]
            fits = len(passed) == len(slots)
            leaves += passed if fits else [ANYTHING for _ in slots]
            return False
        if len(values) != len(after.leaves):
            if entry.before is ANYTHING:
                raise CarriedVariableError(
                    name="return value",
                    reason=f"it is {describe(value)}, and returned from inside of a loop",
                )
            entry.learns = False
            entry.slots = [None]
            return entry.shape is not None
        if entry.shape is None:
            entry.shape = after
            entry.slots = [
                Slot(entry.name, ANYTHING, leaf.dtype, leaf.lanes, True)
                if isinstance(leaf, Value)
                else Slot(entry.name, ANYTHING, number_dtype(leaf) or i32, 1, True)
                for leaf in values
            ]
            for slot in entry.slots:
                assert slot is not None
                slot.unsettled = None
            return True
        again = False
        if not entry.shape.like(after):
            raise CarriedVariableError(
                name=entry.shown, reason="it has different structures in the loop"
            )
        for slot, leaf in zip(entry.slots, after.leaves, strict=True):
            assert slot is not None
            leaves.append(leaf)
            again |= slot.meet(leaf)
        return again

    def materialize(self, leaves: list[Any]) -> tuple[ir.Value, ...]:
        """Give the IR values that go around, at the current insertion point."""
        builder = self._builder
        slots = zip(self._running, leaves, strict=True)
        return tuple([slot.leaving(builder, leaf) for slot, leaf in slots])

    # After the loop.

    def afterwards(
        self, results: Iterator[ir.Value], assigned: Callable[[str], bool] | None = None
    ) -> tuple[Any, ...]:
        """Give the variables as they are after the loop, and objects their contents.

        `assigned` says of a variable that the condition assigns whether it has done so then.
        """
        if self.objects.boxes:
            self.restore()
        if self._has_fresh:
            self._find_shared(after=True)
        values: list[Any] = []
        for entry in self._variables:
            if entry.shape is not None:
                made = [slot.inside(self._builder, next(results)) for slot in entry.slots if slot]
                value = entry.shape.rebuild(iter(made), self._new(entry, True))
                known = entry.before is ANYTHING or not isinstance(entry.last, Unassigned)
                if assigned is not None and entry.name in self._bound:
                    known = assigned(entry.name)
                values.append(value if known else self._lost())
                continue
            value = self._value(entry, results, after=True)
            if entry.tree.is_leaf and entry.slots[0] is None:
                unchanged = entry.last is entry.before or not isinstance(entry.before, Unassigned)
                if not unchanged:
                    value = self._lost()
            values.append(value)
        if self._parts:
            store_parts([(entry, self._value(entry, results, after=True)) for entry in self._parts])
        return tuple(values)

    def _lost(self) -> Unassigned:
        return Unassigned(
            f"it is only assigned in the loop at line {self._line}, which may run zero times"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The variable of each slot, as the kernel shows it."""
        return tuple([shown_name(slot.name) for slot in self._running])

    def types(self) -> tuple[ir.Type, ...]:
        """The IR types of the slots."""
        return self._builder.types(self._running)


def _are_aliases(this: tuple[Entry, int, Any], other: tuple[Entry, int, Any]) -> bool:
    """Whether two containers that entries hold may be one where both are read."""
    if this is other:
        return False
    for one, another in ((this[0], other[0]), (other[0], this[0])):
        if one.before is ANYTHING and another.box is None:
            # Where the function has returned, its variables are not read again.
            return False
    return may_be_one(this[2], other[2])
