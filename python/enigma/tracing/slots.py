# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What goes around a loop: variables and parts of objects, each as values of the IR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enigma._layout import Dyn
from enigma.errors import CarriedVariableError
from enigma.tracing.boxes import Box
from enigma.tracing.builder import Builder
from enigma.tracing.conversions import cast
from enigma.tracing.meeting import settle
from enigma.tracing.messages import describe
from enigma.tracing.unsettled import Unsettled
from enigma.tracing.values import Value, use, wrap
from enigma.tracing.variables import ANYTHING, UNASSIGNED, Tree, Unassigned, parts_of
from enigma.types import DType, b1, is_number, number_dtype

if TYPE_CHECKING:
    from enigma import _mlir as ir


class Slot:
    """One value that a loop carries.

    Attributes
    ----------
    name, shown : str
        The variable that it belongs to, and what that is a part of an object spelled as in Python.
    initial
        What enters the loop: a value, a number, or `ANYTHING` for a result that is not there yet.
    flexible : bool
        Whether the dtype is that of what the body makes of it, since a Python number enters.
    dtype, lanes
        What it has in the current run of the body.
    unsettled : Unsettled or None
        While it is not known whether that dtype is the right one.
    current : Value or None
        What the body sees.
    """

    __slots__ = ("current", "dtype", "flexible", "initial", "lanes", "name", "shown", "unsettled")

    def __init__(self, name: str, initial: Any, dtype: DType, lanes: int, flexible: bool) -> None:
        self.name = self.shown = name
        self.initial = initial
        self.dtype = dtype
        self.lanes = lanes
        self.flexible = flexible
        self.unsettled: Unsettled | None = Unsettled() if flexible else None
        self.current: Value | None = None

    def entering(self, builder: Builder) -> ir.Value:
        """Give the IR value that enters the loop."""
        initial = self.initial
        if initial.__class__ is Value and initial.unsettled is None and initial.dtype is self.dtype:
            return use(initial)
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
                name=self.shown,
                reason=f"it is {initial!r} before, which does not fit {self.dtype}: {reason}",
            )
        return builder.constant(self.dtype, initial, self.lanes)

    def inside(self, builder: Builder, argument: ir.Value) -> Value:
        """Wrap the block argument that the body sees."""
        value = wrap(builder, argument, self.dtype, self.lanes)
        value.name = self.name
        if self.unsettled is not None:
            value.unsettled = (self.unsettled,)
        self.current = value
        return value

    def adopt(self, dtype: DType, lanes: int = 1) -> bool:
        """Take the dtype that the body made; whether the body has to run again for it."""
        provisional = self.unsettled is not None and self.unsettled.provisional
        if dtype is self.dtype and lanes == self.lanes and not provisional:
            return False
        self.dtype, self.lanes, self.unsettled = dtype, lanes, None
        return True

    def meet(self, leaf: Any) -> bool:
        """Compare what the body made with what entered; whether the body has to run again."""
        if isinstance(leaf, Value):
            dtype = leaf.dtype
            is_same = dtype is self.dtype and leaf.lanes == self.lanes
            if is_same and self.unsettled is None and leaf.unsettled is None:
                return False
            if self.flexible:
                if leaf.unsettled is not None:
                    wanted = next(
                        (number.wanted for number in leaf.unsettled if number.wanted is not None),
                        None,
                    )
                    if wanted is not None and (dtype.kind != "f" or wanted.kind == "f"):
                        dtype = wanted
                return self.adopt(dtype, leaf.lanes)
            if not is_same:
                raise CarriedVariableError(
                    name=self.shown,
                    reason=(
                        f"it is {describe(self.initial)} before the loop and {describe(leaf)} "
                        "after its body"
                    ),
                )
            return False
        if isinstance(leaf, Dyn) and self.dtype is not b1 and self.lanes == 1:
            wanted = None if self.unsettled is None else self.unsettled.wanted
            return self.adopt(wanted or self.dtype) if self.flexible else False
        if is_number(leaf):
            dtype = self.dtype
            if self.unsettled is not None:
                alone = number_dtype(leaf)
                wanted = self.unsettled.wanted
                if wanted is not None:
                    dtype = wanted
                if (
                    (wanted is None or self.unsettled.yields)
                    and alone is not None
                    and dtype.why_not(leaf) is not None
                ):
                    dtype = alone
            reason = dtype.why_not(leaf)
            if reason is not None:
                raise CarriedVariableError(
                    name=self.shown,
                    reason=f"it is {dtype}, and set to {leaf!r} in the body: {reason}",
                )
            return self.unsettled is not None and self.adopt(dtype)
        raise CarriedVariableError(
            name=self.shown,
            reason=leaf.reason
            if isinstance(leaf, Unassigned)
            else f"it is {describe(self.initial)} before the loop and {describe(leaf)} after "
            "its body",
        )

    def leaving(self, builder: Builder, leaf: Any) -> ir.Value:
        """Give the IR value that goes around, of what the body made."""
        if leaf.__class__ is Value and leaf.unsettled is None and leaf.dtype is self.dtype:
            return use(leaf)
        if leaf is ANYTHING or leaf is UNASSIGNED:
            return builder.constant(self.dtype, 0, self.lanes)
        if isinstance(leaf, Dyn):
            return use(cast(builder.symbols.value(leaf), self.dtype))
        if isinstance(leaf, Value):
            if leaf.unsettled is None:
                pass
            elif self.unsettled is not None and leaf.dtype is self.dtype:
                for number in leaf.unsettled:
                    number.hand_on(self.dtype)
            else:
                leaf = settle(leaf, self.dtype)
            return use(cast(leaf, self.dtype))
        return builder.constant(self.dtype, leaf, self.lanes)


def slot_of(shown: str, name: str, leaf: object) -> Slot | None:
    """Make the slot of what enters a loop, if it goes around."""
    if isinstance(leaf, Value):
        slot = Slot(name, leaf, leaf.dtype, leaf.lanes, leaf.unsettled is not None)
        if leaf.unsettled is not None:
            # A carried number of the loop around: what it meets in here decides for both.
            slot.unsettled = leaf.unsettled[0]
    elif is_number(leaf):
        dtype = number_dtype(leaf)
        if dtype is None:
            raise CarriedVariableError(
                name=shown, reason=f"it is {leaf!r} before, which fits no dtype"
            )
        slot = Slot(name, leaf, dtype, 1, True)
    else:
        return None
    slot.shown = shown
    return slot


class Entry:
    """A variable, or a part of an object, that a loop carries.

    Attributes
    ----------
    name : str
        What it is called.
    before
        What it holds before the loop.
    tree : Tree
        The same, taken apart.
    slots : list of Slot or None
        For each leaf what goes around, if it does.
    fresh : bool
        Whether its lists and dicts are others in each iteration.
    box : Box or None
        The object that it is a part of.
    position : int
        Which part.
    learns, may_learn : bool
        Whether it has no value before and may have one after the loop, and whether it might have
        one there.
    shape : Tree or None
        What it was learned to hold.
    last
        What it held at the end of the body.
    tested : bool
        Whether the condition of the loop changes it.
    aliases : dict
        Of its lists by number, for those that may be another one which the loop carries or changes:
        such lists from before the loop.
    """

    __slots__ = (
        "aliases",
        "before",
        "box",
        "fresh",
        "last",
        "learns",
        "may_learn",
        "name",
        "position",
        "shape",
        "slots",
        "tested",
        "tree",
    )

    def __init__(
        self, name: str, before: object, tree: Tree, box: Box | None = None, position: int = 0
    ) -> None:
        self.name = name
        self.before = before
        self.tree = tree
        self.slots: list[Slot | None] = []
        self.fresh = False
        self.box = box
        self.position = position
        self.learns = self.may_learn = False
        self.shape: Tree | None = None
        self.last: Any = before
        self.tested = False
        self.aliases: dict[int, list[object]] = {}

    @property
    def remade(self) -> bool:
        """Whether its lists and dicts are made anew for each iteration."""
        return self.shape is not None or bool(self.tree.containers)

    @property
    def shown(self) -> str:
        """Spell it as Python does."""
        return self.name if self.box is None else self.box.name(self.position)

    @property
    def is_unchanged(self) -> bool:
        """Whether a part is after the body, or the condition, what that was given."""
        slots = [slot for slot in self.slots if slot is not None]
        after = Tree(self.last, parts_of).leaves
        return len(after) == len(slots) and all(
            leaf is slot.current for leaf, slot in zip(after, slots, strict=True)
        )


def store_parts(parts: list[tuple[Entry, Any]]) -> None:
    """Give objects the parts that the loop carries."""
    boxes: dict[int, tuple[Box, list[Any]]] = {}
    for entry, value in parts:
        box = entry.box
        assert box is not None
        boxes.setdefault(id(box), (box, list(box.values)))[1][entry.position] = value
    for box, contents in boxes.values():
        box.kind.write(box.thing, box.keys, contents)
