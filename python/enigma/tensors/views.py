# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Views: what is seen through a layout, and the operation that makes it in a kernel."""

from __future__ import annotations

import functools
import itertools
import numbers
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from enigma import _layout
from enigma._operands import HasLayout
from enigma.errors import (
    CompilationError,
    IndexRangeError,
    InvalidOption,
    LayoutError,
    OperandError,
    StaticShapeError,
    SubscriptError,
)
from enigma.layout import Basis, Dyn, Layout, SwizzledLayout, flatten, product, size
from enigma.tensors.symbols import (
    Coordinate,
    coordinate,
    made_tuple,
    shown,
    static_type,
    tiler_of,
    tiler_operand,
    tuple_type,
)
from enigma.tracing.builder import Builder, current_builder
from enigma.tracing.classes import is_any_of
from enigma.tracing.fragments import FragmentLanes
from enigma.tracing.messages import describe
from enigma.tracing.protocol import HostProtocol
from enigma.tracing.values import Nameable, Operand

if TYPE_CHECKING:
    from enigma import _mlir as ir
    from enigma.tracing.builder import Made


# Operands that select a part. Where they are traced, the layout of a part is the same for all.
_SELECTING = ("coord", "index")
#: How many derivations are kept.
MOST_DERIVATIONS = 1024


class Derivation:
    """What an operation of the algebra makes of a layout, for all views that are derived so.

    Attributes
    ----------
    name : str
        The operation of the dialect.
    layout : Layout or SwizzledLayout
        The result.
    operands : tuple of str, or what has a layout
        What the operation takes after the view: the type that describes an operand; or it itself,
        if it depends on what is known only when the kernel runs.
    position : str or None
        The type of the last operand, if it selects a part.
    attributes : tuple of pairs of str
        The attributes of the operation, and their texts.
    is_known : bool
        Whether nothing among the arguments is known only when the kernel runs.
    is_static : bool
        Whether nothing of the two layouts is, nor of the arguments but for what selects a part.
    """

    __slots__ = (
        "_given",
        "_lanes",
        "_overhangs",
        "attributes",
        "is_known",
        "is_static",
        "layout",
        "name",
        "operands",
        "position",
    )

    def __init__(
        self, operation: str, source: Any, arguments: tuple[Any, ...], pattern: str
    ) -> None:
        self.name = f"enigma.{operation}"
        self.layout: Any = getattr(_layout, operation)(source, *arguments)
        operands: list[Any] = []
        attributes: list[tuple[str, str]] = []
        shaping = []
        for name, argument in zip(operands_of(operation), arguments, strict=True):
            if name in _SELECTING:
                continue
            shaping.append(argument)
            if name in ("tiler", "thr_layout"):
                operands.append(static_type(argument) or argument)
            elif name == "profile":
                if argument is not None:
                    operands.append(tuple_type(_layout.spelling(argument)[0]))
            elif name in ("path", "modes"):
                attributes.append((name, f"array<i64: {', '.join(map(str, argument))}>"))
            else:
                attributes.append((name, f"{argument} : i64"))
        self.operands = tuple(operands)
        self.position = tuple_type(pattern) if pattern else None
        self.attributes = tuple(attributes)
        self.is_known = all(map(is_known, arguments))
        self.is_static = all(map(is_known, (source, self.layout, *shaping)))
        # Whether elements lie outside does not depend on which part it is, and what is kept is not
        # to keep the symbols of a kernel.
        self._given = (
            operation,
            source,
            *(
                _with_stand_ins(argument) if name in _SELECTING else argument
                for name, argument in zip(operands_of(operation), arguments, strict=True)
            ),
        )
        self._overhangs: bool | None = None
        self._lanes: FragmentLanes | None = None

    def placed(self, source: SwizzledLayout, leaves: tuple[Dyn, ...]) -> SwizzledLayout:
        """Give the result for what the stand-ins of this derivation stand for."""
        values = {f"@{place}": leaf for place, leaf in enumerate((source.offset, *leaves))}
        placed: SwizzledLayout = _layout.placed(self.layout, values)
        return placed

    @property
    def lanes(self) -> FragmentLanes | None:
        """The lanes of a fragment of the result; None if nobody knows how many these are."""
        if self._lanes is None and isinstance(self.layout.size(), int):
            self._lanes = fragment_lanes(self.layout.shape)
        return self._lanes

    @property
    def overhangs(self) -> bool:
        """Whether elements may lie outside of what has the first layout."""
        if self._overhangs is None:
            self._overhangs = _layout.overhangs(*self._given)
        return self._overhangs


# Swizzles do not distribute over sums: what is known only when the kernel runs of where a part
# begins stays in its layout. A derivation that is kept has stand-ins for it: for the offset of the
# first layout, and for the leaves of what selects the part.


@functools.lru_cache(maxsize=MOST_DERIVATIONS)
def _stand_in(place: int, div: int) -> Dyn:
    return _layout.dyn(f"@{place}", div)


def _anywhere(layout: SwizzledLayout) -> SwizzledLayout:
    """Give a layout with the stand-in for an offset that is known only when the kernel runs."""
    offset = layout.offset
    if not isinstance(offset, Dyn):
        return layout
    return SwizzledLayout(layout.swizzle, _stand_in(0, offset.div), layout.layout)


def _with_stand_ins(tree: Any, places: Iterator[int] | None = None) -> Any:
    """Give a coordinate with stand-ins for the leaves that are known only when the kernel runs."""
    if places is None:
        places = itertools.count(1)
    if tree.__class__ is tuple:
        return tuple([_with_stand_ins(mode, places) for mode in tree])
    return _stand_in(next(places), tree.div) if isinstance(tree, Dyn) else tree


# By what they are made of: the views of a kernel are, mostly, those of when it was compiled last.
_derivations: dict[object, Derivation] = {}


@functools.cache
def operands_of(operation: str) -> tuple[str, ...]:
    """Give the names of what an operation takes after the layout, as the table of the algebra has.

    Operands come first, then attributes.
    """
    return _layout.operands(operation)[1:]


# The role of an operand that selects a part.
_SELECTS = "part"


@functools.cache
def _roles(operation: str) -> tuple[str | None, ...]:
    """Give the names of what shapes of what an operation takes, and `_SELECTS` of what selects."""
    return tuple(
        _SELECTS if name in _SELECTING else name if name in ("tiler", "profile") else None
        for name in operands_of(operation)
    )


def leaves_of(tree: object) -> tuple[Any, ...]:
    """Give the leaves of a nested tuple, in order."""
    flat = flatten(tree)
    return flat if isinstance(flat, tuple) else (flat,)


@functools.lru_cache(maxsize=MOST_DERIVATIONS)
def reach_of(layout: Layout | SwizzledLayout) -> tuple[int, int]:
    """Give the least and the greatest offset, as far as they are known; 0 is one of them."""
    lowest = highest = 0
    for extent, step in zip(leaves_of(layout.shape), leaves_of(layout.stride), strict=True):
        if isinstance(extent, int) and isinstance(step, int):
            lowest += min(0, (extent - 1) * step)
            highest += max(0, (extent - 1) * step)
    if isinstance(layout, SwizzledLayout):
        lowest, highest = lowest + layout.offset, highest + layout.offset
        swizzle = layout.swizzle
        # Bits below this one may change.
        block = 1 << swizzle.base + swizzle.bits + max(0, -swizzle.shift)
        if layout.is_static and (highest + 1) % block and lowest >= 0:
            highest = max(layout(index) for index in range(size(layout)))
    return lowest, highest


class View(HasLayout, Nameable, HostProtocol):
    """Base of tensors: a layout, and the operation that makes the view in a kernel."""

    # What is so of what is no view of another one.
    _parent: Any = None
    # What cut it out, if that has to be known of it and of its slices.
    cut_by: Any = None
    _operation = ""
    _derivation: Derivation | None = None
    # What is known only when the kernel runs of what selected it.
    _leaves: tuple[Dyn, ...] = ()
    # The view that has its memory, which this one sees as it is; None if it is this one.
    _holder: Any = None
    _overhangs: bool | None = None

    def __init__(self, layout: object, name: str) -> None:
        self.layout = layout
        self.name = name

    @property
    def shape(self) -> Any:
        """The extents, nested as the modes of the layout are."""
        return self.layout.shape

    @property
    def stride(self) -> Any:
        """The strides of the layout."""
        return self.layout.stride

    def size(self, mode: list[int] | int | None = None) -> Any:
        """Give the number of elements, of the whole tensor or of one mode.

        Parameters
        ----------
        mode : int or list of int, optional
            Which mode, or the path to a nested one.

        Returns
        -------
        int or Dyn
        """
        return size(self.layout, mode)

    def _enigma_describe(self) -> str:
        return f"tensor {self.name} of layout {self.layout}"

    # What Python would do with any object, or say of it without a line or a remedy.

    def __iter__(self) -> NoReturn:
        raise SubscriptError(
            f"tensor {self.name} cannot be iterated over",
            remedy="iterate over coordinates, as in `for i in enigma.range(A.shape[0])`",
        )

    def __len__(self) -> int:
        raise SubscriptError(
            f"tensor {self.name} of shape {shown(self.shape)} has no length",
            remedy="its number of elements is enigma.size(A), that of a mode enigma.size(A, mode)",
        )

    def _misused(self, operation: str) -> OperandError:
        return OperandError(
            operation=operation,
            operand="an operand",
            found=self._enigma_describe(),
            expected="a fragment, a traced value or a number",
            remedy=self._enigma_operand_hint,
        )

    _enigma_operand_hint = "index it"

    def __bool__(self) -> bool:
        raise self._misused("a truth value")

    def _unary(self) -> NoReturn:
        raise self._misused("an operator")

    def _binary(self, *others: object) -> NoReturn:
        raise self._misused("an operator")

    __neg__ = __pos__ = __invert__ = __abs__ = _unary
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _binary
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _binary
    __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _binary
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = __matmul__ = __rmatmul__ = _binary
    __divmod__ = __rdivmod__ = _binary
    __lt__ = __le__ = __gt__ = __ge__ = _binary

    def __eq__(self, other: object) -> bool:
        """Tell whether the other one is this very tensor; elements are compared once loaded."""
        if is_any_of(other, (Operand, Dyn, numbers.Number)):
            raise self._misused("a comparison")
        return self is other

    __hash__ = object.__hash__

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: object) -> Any:
        return self

    @property
    def root(self) -> Any:
        """What the view was made of: a tensor that is no view of another one."""
        root = self
        while root._parent is not None:
            root = root._parent
        return root

    # Views of views.

    def derive(self, operation: str, *arguments: object) -> Any:
        """Apply an operation of the algebra to the layout.

        Parameters
        ----------
        operation : str
            Its name.
        *arguments
            Its further arguments; traced integers may stand in coordinates.

        Returns
        -------
        View
            Of the same kind. In a kernel its operation is built at once.
        """
        given: list[Any] = []
        key: list[object] = [operation, self.layout]
        pattern, is_kept = "", True
        leaves: tuple[Dyn, ...] = ()
        for role, argument in zip(_roles(operation), arguments, strict=False):
            if role is _SELECTS:
                tree, pattern, leaves, _ = self._coordinate(argument)
                given.append(tree)
                key.append(pattern)
                continue
            kind = type(argument)
            if role is not None:
                argument = self._argument(role, argument)
            elif kind is list or kind is tuple:
                numbers: tuple[object, ...] = tuple(argument)  # type: ignore[arg-type]
                is_kept = is_kept and all([number.__class__ is int for number in numbers])
                argument = numbers
            elif kind is not int and kind is not Layout:
                # The algebra may refuse it, though it equals what it takes.
                is_kept = False
            given.append(argument)
            key.append(argument)
        return self._derive(tuple(key) if is_kept else None, operation, given, pattern, leaves)

    def _slice(self, position: Coordinate) -> Any:
        """Give the part that a coordinate selects."""
        tree, pattern, leaves, _ = position
        return self._derive(("slice", self.layout, pattern), "slice", (tree,), pattern, leaves)

    def _derive(
        self,
        key: tuple[Any, ...] | None,
        operation: str,
        arguments: Sequence[Any],
        pattern: str,
        leaves: tuple[Dyn, ...],
    ) -> Any:
        """Derive a view, given arguments as the algebra has them.

        What their derivation depends on is its key; there is none where that cannot be told. Of
        what selects a part, the pattern and the leaves that are known only when the kernel runs
        are given, too.
        """
        source = self.layout
        is_placed = False
        if type(source) is not Layout and key is not None:
            is_placed = bool(leaves) or isinstance(source.offset, Dyn)
            if is_placed:
                source = _anywhere(source)
                key = (operation, source, *key[2:])
        derivation = _derivations.get(key)
        if derivation is None:
            derivation = self._apply(operation, tuple(arguments), pattern)
            if is_placed:
                given = [
                    _with_stand_ins(argument) if name in _SELECTING else argument
                    for name, argument in zip(operands_of(operation), arguments, strict=True)
                ]
                derivation = Derivation(operation, source, tuple(given), pattern)
            if key is not None:
                if len(_derivations) >= MOST_DERIVATIONS:
                    _derivations.clear()
                _derivations[key] = derivation
        # Where a part begins is known to the operation that makes it.
        layout = derivation.placed(self.layout, leaves) if is_placed else derivation.layout
        view = self._view(operation, layout, derivation, leaves)
        builder = current_builder()
        if builder is not None:
            view._make(builder)
        return view

    def _apply(self, operation: str, arguments: tuple[Any, ...], pattern: str) -> Derivation:
        """Check the arguments of an operation, and apply it to the layout."""
        what = f"tensor {self.name}"
        if operation == "slice":
            self._check_range(arguments[0])
        for name, argument in zip(operands_of(operation), arguments, strict=True):
            if name == "tiler":
                self._check_tiles(argument)
        if operation == "local_partition" and not isinstance(arguments[1], (int, Dyn)):
            raise OperandError(
                operation=f"{what}: enigma.local_partition",
                operand="the index",
                found=describe(arguments[1]),
                expected="the number of a thread",
                remedy="give an integer, such as enigma.thread_index_in_threadgroup",
            )
        try:
            derivation = Derivation(operation, self.layout, arguments, pattern)
        except LayoutError as error:
            raise error.about(what) from None
        if operation == "local_tile":
            rests = _layout.get(_layout.zipped_divide(self.layout, arguments[0]), [1])
            self._check_mode(arguments[1], rests.shape, arguments[1], "tiles")
        return derivation

    def _view(
        self,
        operation: str,
        layout: object,
        derivation: Derivation | None,
        leaves: tuple[Dyn, ...] = (),
    ) -> Any:
        """Give the view that an operation makes of this one."""
        view = self._like()
        view.layout = layout
        view._parent = self
        view._operation = operation
        view._derivation = derivation
        view._leaves = leaves
        holder = self._holder
        view._holder = self if holder is None else holder
        view._overhangs = None
        return view

    def _like(self) -> Any:
        """Give one with the same attributes, of which the others are those of a view."""
        view = self.__class__.__new__(self.__class__)
        view.__dict__ = {**self.__dict__}
        return view

    def _argument(self, name: str, argument: object) -> Any:
        """Give a tiler or a profile as the algebra has it."""
        if name == "tiler":
            return tiler_of(argument, f"tensor {self.name}")
        if argument is None:
            return None
        _layout.check_nesting(argument, f"tensor {self.name}: the profile")
        return profile_of(argument)

    def _coordinate(self, position: object) -> Coordinate:
        return coordinate(position, f"tensor {self.name}")

    def _check_tiles(self, tiler: object) -> None:
        """Check that no tile reaches to elements before the first one."""
        if isinstance(tiler, tuple):
            for tile in tiler:
                self._check_tiles(tile)
        elif isinstance(tiler, Layout) or (
            isinstance(tiler, SwizzledLayout) and not isinstance(tiler.offset, Dyn)
        ):
            lowest, _ = reach_of(tiler)
            if lowest < 0:
                raise IndexRangeError(
                    f"tensor {self.name}: {tiler} reaches down to element {lowest} of what it is "
                    "composed with",
                    remedy="a tile counts upwards; a tensor whose layout has a negative stride and "
                    "a base_offset is seen in reverse",
                )

    def _check_range(self, position: object) -> None:
        if not _layout.is_inside(position, self.layout):
            self._check_mode(position, self.shape, position, "shape")

    def _check_mode(self, position: Any, shape: Any, whole: object, what: str) -> None:
        """Check what is known of a coordinate: one of the tensor, or of its tiles."""
        if isinstance(position, tuple):
            if not isinstance(shape, tuple) or len(position) != len(shape):
                raise SubscriptError(
                    f"tensor {self.name} of {what} {shown(shape)} is indexed by {shown(whole)}: "
                    f"{counted(len(position), 'coordinate')} for {shown(shape)}",
                    remedy="give one integer there"
                    if not isinstance(shape, tuple)
                    else f"give one coordinate for each mode: {len(shape)}",
                )
            for coord, mode in zip(position, shape, strict=True):
                self._check_mode(coord, mode, whole, what)
        elif isinstance(position, int):
            extent = product(shape)
            if position < 0 or (isinstance(extent, int) and position >= extent):
                raise IndexRangeError(
                    f"coordinate {position} of tensor {self.name} is outside of the extent "
                    f"{extent}: {shown(whole)} in the {what} {shown(self.shape)}"
                    if what == "shape"
                    else f"tensor {self.name} has no tile {position} of {extent}: {shown(whole)}",
                    remedy="coordinates count from 0, and there is no wrap-around",
                )

    # In a kernel.

    def _realize(self, builder: Builder) -> ir.Value:
        """Give the IR value of the view; it is built again where the last one is out of reach."""
        known = builder.views.get(self)
        return known[2] if known is not None and known[0].open else self._make(builder)

    def _make(self, builder: Builder) -> ir.Value:
        """Build the operation that makes the view."""
        parent, derivation = self._parent, self._derivation
        source: Any = None
        if parent is not None:
            source = builder.views.get(parent)
            if source is None or not source[0].open:
                parent._make(builder)
                source = builder.views[parent]
        # Whether it is made of nothing but arguments of the kernel and what is known.
        if derivation is not None:
            is_at_top = derivation.is_known and builder.is_at_top(source[0])
        else:
            is_at_top = self._is_argument(builder)
        try:
            if is_at_top:
                return builder.in_prologue(self._build_here, builder, source)
            return self._build_here(builder, source)
        except CompilationError as error:
            raise error.about(f"tensor {self.name}") from None

    def _build_here(self, builder: Builder, source: Any) -> ir.Value:
        """Build the operation that makes the view, and note where."""
        if self._derivation is None:
            operation, value = self._build(builder, None if source is None else source[2])
            kind = self._checked_type(builder, value)
        else:
            operation, value, kind = self._build_derived(builder, source)
        builder.views[self] = builder.scope, operation, value, kind
        return value

    def _is_argument(self, builder: Builder) -> bool:
        """Whether it is an argument of the kernel, if it is no view of another one."""
        return False

    def _build(self, builder: Builder, source: ir.Value | None) -> tuple[ir.Operation, ir.Value]:
        """Build the operation that makes what is not derived; give its result, too."""
        raise NotImplementedError

    def _build_derived(
        self, builder: Builder, source: Made
    ) -> tuple[ir.Operation, ir.Value, ir.Type]:
        """Build the operation that makes the view of what it is a view of.

        Its type follows from that of the other one and from the derivation.
        """
        derivation = self._derivation
        assert derivation is not None
        operands: tuple[ir.Value, ...] = (source[2],)
        for operand in derivation.operands:
            operands += (
                builder.static(operand)
                if operand.__class__ is str
                else tiler_operand(builder, operand),
            )
        if derivation.position is not None:
            operands += (made_tuple(builder, derivation.position, self._leaves),)
        session = builder.session
        # A type lives as long as the session, which has it once.
        key = derivation, id(source[3])
        found = session.derived.get(key)
        if found is not None:
            kind, attributes = found
            operation, value = builder.value(derivation.name, kind, operands, attributes)
            return operation, value, kind
        attributes = None
        if derivation.attributes:
            attributes = {name: session.attribute(text) for name, text in derivation.attributes}
        known = self._known_type(derivation)
        if known is None:
            operation, value = builder.infer_value(derivation.name, operands, attributes)
            kind = self._checked_type(builder, value)
        else:
            kind = session.type(known)
            operation, value = builder.value(derivation.name, kind, operands, attributes)
        if len(session.derived) >= MOST_DERIVATIONS:
            session.derived.clear()
        session.derived[key] = kind, attributes
        return operation, value, kind

    def _checked_type(self, builder: Builder, value: ir.Value) -> ir.Type:
        """Give the type of the view in the kernel, which knows no less of its layout."""
        session = builder.session
        kind = session.kept(value.type)
        if not self.layout.is_static:
            seen = session.layout_of(kind)
            if not _layout.congruent(seen, self.layout):
                raise StaticShapeError(
                    f"tensor {self.name}: {self._operation} gives {self.layout}, which depends on "
                    f"how its sizes are related; the kernel only knows it as {seen}",
                    remedy="do without it, or write the sizes that take part as numbers",
                )
        return kind

    def _known_type(self, derivation: Derivation) -> str | None:
        """Give the type of the view in a kernel, where the layout says it; else it is inferred."""
        return None

    def _take_name(self, name: str) -> None:
        builder = current_builder()
        known = None if builder is None else builder.views.get(self)
        if builder is not None and known is not None and known[0].open:
            operation = known[1]
            if operation.location.variable is None:
                builder.name_operation(operation, name)

    def _lanes(self, what: str) -> FragmentLanes:
        """Give the lanes of a fragment of all elements.

        Raises
        ------
        StaticShapeError
            When their number is known only when the kernel runs.
        """
        derivation = self._derivation
        lanes = None if derivation is None else derivation.lanes
        if lanes is not None:
            return lanes
        if not isinstance(self.layout.size(), int):
            raise StaticShapeError(
                f"{what} {self.name}: the view has the shape {shown(self.shape)}, of which "
                f"{dynamic_leaf(self.shape)} is known only when the kernel runs",
                remedy="cut it into tiles of a known shape, as with enigma.local_tile",
            )
        return fragment_lanes(self.shape)


def profile_of(tree: object) -> Any:
    """Give the nesting of a tuple, whose leaves may be anything."""
    return tuple(map(profile_of, tree)) if isinstance(tree, (tuple, list)) else 1


def counted(count: int, noun: str) -> str:
    """Spell a number of things."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def congruent(a: object, b: object) -> bool:
    """Whether two tuples nest in the same way."""
    if not isinstance(a, tuple) or not isinstance(b, tuple):
        return isinstance(a, tuple) == isinstance(b, tuple)
    return len(a) == len(b) and all(map(congruent, a, b))


@functools.lru_cache(maxsize=1024)
def fragment_lanes(shape: object) -> FragmentLanes:
    """Give the lanes of a fragment of that shape."""
    return FragmentLanes(shape)


def dynamic_leaf(shape: object) -> Any:
    """Find an extent that is known only when the kernel runs."""
    return next(leaf for leaf in leaves_of(shape) if isinstance(leaf, Dyn))


def nest(shape: Any, leaves: Any) -> Any:
    """Arrange leaves as those of a shape."""
    if isinstance(shape, tuple):
        return tuple(nest(mode, leaves) for mode in shape)
    return next(leaves)


def is_known(argument: object) -> bool:
    """Whether nothing in an argument of an operation is known only when the kernel runs."""
    if isinstance(argument, (tuple, list)):
        return all(map(is_known, argument))
    if isinstance(argument, (Layout, SwizzledLayout)):
        return argument.is_static
    return not isinstance(argument, Dyn)


@functools.lru_cache(maxsize=MOST_DERIVATIONS)
def _lowest_offset(layout: Layout | SwizzledLayout) -> int:
    """Check that a layout can be one of memory; give its least offset."""
    if any(isinstance(step, Basis) for step in leaves_of(layout.stride)):
        raise InvalidOption(
            option="layout",
            expected="of plain strides",
            found=layout,
            remedy="tensors of coordinates are made by enigma.make_identity_tensor",
        )
    if isinstance(layout, SwizzledLayout) and isinstance(layout.offset, Dyn):
        raise InvalidOption(
            option="the offset of a swizzled layout",
            expected="a number",
            found=layout.offset,
            remedy="slice the tensor instead of its layout",
        )
    return reach_of(layout)[0]


def lowest_offset(layout: object) -> int:
    """Check that something is a layout, and can be one of memory; give its least offset."""
    if not isinstance(layout, (Layout, SwizzledLayout)):
        raise InvalidOption(
            option="layout",
            expected="an enigma.Layout",
            found=layout,
            remedy="make one with enigma.Layout(shape, stride)",
        )
    return _lowest_offset(layout)
