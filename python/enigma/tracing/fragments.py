# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fragments: the elements of a view in registers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from enigma._layout import (
    Layout,
    check_nesting,
    crd2idx,
    flatten,
    product,
    size,
    slice_and_offset,
)
from enigma.errors import IndexRangeError, InvalidOption, OperandError, SubscriptError
from enigma.tracing.builder import Builder
from enigma.tracing.lanes import Lanes
from enigma.tracing.messages import describe
from enigma.tracing.unsettled import Unsettled
from enigma.tracing.values import Operand, Value, extract_lane, result, use
from enigma.types import DType, b1

if TYPE_CHECKING:
    from enigma import _mlir as ir

#: What to do where an element of a fragment should change.
FRAGMENTS_ARE_VALUES = (
    "compute a new one, as in `f = enigma.where(f, g, mask)`, or keep the elements in a "
    "register_tensor"
)


class FragmentLanes(Lanes):
    """The lanes of a fragment: as many as its elements, which are arranged in a shape.

    They stand wherever the number of lanes of a scalar (1) or vector does, and equal those of a
    fragment whose elements come in the same order: those of the same modes, whatever these consist
    of, or of the same leaves, however these nest.

    Parameters
    ----------
    shape : int or nested tuple of int
        The shape.
    """

    layout: Layout
    extents: tuple[int, ...]
    modes: tuple[int, ...]

    def __new__(cls, shape: object) -> FragmentLanes:
        """Count the elements of the shape."""
        layout = Layout(shape)
        lanes = super().__new__(cls, size(layout))
        lanes.layout = layout
        extents = flatten(layout).shape
        lanes.extents = extents if isinstance(extents, tuple) else (extents,)
        lanes.modes = tuple(map(size, layout))
        return lanes

    @property
    def shape(self) -> Any:
        """The shape as given."""
        return self.layout.shape

    @property
    def text(self) -> str:
        """What has those lanes, for messages."""
        return f"fragment of shape {self.shape}"

    def make(
        self,
        builder: Builder,
        ir: ir.Value,
        dtype: DType,
        operation: ir.Operation | None,
        unsettled: tuple[Unsettled, ...] | None,
    ) -> Fragment:
        """Make a fragment of that shape."""
        return Fragment(builder, ir, dtype, operation, unsettled, lanes=self)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, FragmentLanes)
            and (self.extents == other.extents or self.modes == other.modes)
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__


class Fragment(Value):
    """The elements of a view in registers: a value that never changes, like a number.

    Operators and functions act on each element; scalars meet every element. ``f[i, j]`` is an
    element, at a coordinate that is known while the kernel is compiled; ``f[i, None]`` is the
    fragment of those where the coordinate has ``None``.

    Attributes
    ----------
    shape : int or nested tuple of int
        How the elements are arranged; the first mode runs fastest.
    """

    __slots__ = ("lanes",)

    _made_by = "enigma.make_fragment(shape)"

    lanes: FragmentLanes

    def __init__(
        self,
        builder: Builder,
        ir: ir.Value,
        dtype: DType,
        operation: ir.Operation | None = None,
        unsettled: tuple[Unsettled, ...] | None = None,
        *,
        lanes: FragmentLanes,
    ) -> None:
        self._begin(builder, ir, dtype, operation, unsettled)
        self.lanes = lanes

    def _enigma_kind(self) -> str:
        return f"{self.dtype.name} fragment of shape {self.shape}"

    @property
    def shape(self) -> Any:
        """The shape."""
        return self.lanes.shape

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self.lanes)

    def __getitem__(self, subscript: object) -> Value:
        layout = self.lanes.layout
        check_nesting(subscript, "a subscript of a fragment")
        leaves = tuple(_leaves(subscript))
        for leaf in leaves:
            if isinstance(leaf, Operand):
                raise SubscriptError(
                    f"an element of a fragment is selected by Python ints, not by {describe(leaf)}",
                    remedy=(
                        "registers have no addresses: unroll the loop with "
                        "enigma.range_constexpr, or keep the elements in a register_tensor"
                    ),
                )
        keeps = None in leaves
        if keeps:
            kept, lane = slice_and_offset(layout, subscript)
        else:
            lane = crd2idx(subscript, layout)
        if not isinstance(lane, int) or not _inside(subscript, self.shape):
            raise IndexRangeError(
                f"coordinate {subscript} is outside of a fragment of shape {self.shape}",
                remedy="coordinates count from 0, and there is no wrap-around",
            )
        if keeps:
            return self._part(kept, lane)
        return extract_lane(self, lane)

    def _part(self, layout: Layout, start: int) -> Fragment:
        """Give the elements at the offsets of a layout."""
        lanes = [extract_lane(self, start + layout(index)) for index in range(size(layout))]
        part = result(
            self.builder,
            "vector.from_elements",
            self.dtype,
            FragmentLanes(layout.shape),
            tuple(map(use, lanes)),
        )
        assert isinstance(part, Fragment)
        return part

    def __setitem__(self, subscript: Any, value: object) -> None:
        raise SubscriptError(
            "the elements of a fragment cannot be assigned",
            remedy=FRAGMENTS_ARE_VALUES,
        )

    def __iter__(self) -> Iterator[Value]:
        return iter([extract_lane(self, lane) for lane in range(self.size)])

    def __len__(self) -> int:
        return self.size

    def reduce(self, operation: str) -> Value:
        """Combine all elements of the fragment, in no particular order.

        Parameters
        ----------
        operation : {"add", "mul", "min", "max"}
            How.

        Returns
        -------
        Value
            A scalar of the same dtype.

        Raises
        ------
        EnigmaError
            When the operation is another one, or the elements are bools.
        """
        kinds = _REDUCTIONS.get(operation) if isinstance(operation, str) else None
        if kinds is None:
            raise InvalidOption(
                option="the operation of Fragment.reduce",
                expected=f"one of {', '.join(_REDUCTIONS)}",
                found=operation,
                remedy="for another one, go over the elements in a loop",
            )
        if self.dtype is b1:
            raise OperandError(
                operation="Fragment.reduce",
                operand="the fragment",
                found=describe(self),
                expected="numbers",
                remedy="convert it with .to(enigma.i32)",
            )
        kind = kinds["fiu".index(self.dtype.kind)]
        attributes = {"kind": self.builder.session.attribute(f"#vector.kind<{kind}>")}
        return result(self.builder, "vector.reduction", self.dtype, 1, (use(self),), attributes)


def _inside(position: Any, shape: Any) -> bool:
    """Whether a coordinate, which fits a shape, lies in it."""
    if isinstance(position, (tuple, list)):
        return all(map(_inside, position, shape))
    return position is None or bool(0 <= position < product(shape))


def _leaves(position: object) -> Iterator[object]:
    """Give the leaves of a coordinate."""
    if not isinstance(position, (tuple, list)):
        yield position
        return
    for mode in position:
        yield from _leaves(mode)


# The combining kind of a reduction for floats, signed and unsigned integers.
_REDUCTIONS = {
    "add": ("add", "add", "add"),
    "mul": ("mul", "mul", "mul"),
    "min": ("minnumf", "minsi", "minui"),
    "max": ("maxnumf", "maxsi", "maxui"),
}


def lanes_text(lanes: int) -> str:
    """Say what has those lanes."""
    if isinstance(lanes, Lanes):
        return lanes.text
    return f"vector of {lanes} lanes"
