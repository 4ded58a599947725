# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors: memory seen through layouts, and the views that operations on layouts make of them.

An operation on a tensor is that operation on its layout; the result views the same memory. Views
are made in a jit function or in a kernel. In a kernel they are operations of the dialect, which
lowering turns into a base and index arithmetic.
"""

from __future__ import annotations

import functools
import numbers
from collections.abc import Callable, Sequence
from typing import Any

from enigma import _layout
from enigma._layout import same
from enigma.compiler.errors import (
    CompilationError,
    DTypeMismatch,
    IndexRangeError,
    InvalidOption,
    LayoutError,
    NotInMemory,
    OperandError,
    OutsideKernel,
    ResourceLimitError,
    ShapeMismatch,
    StaticShapeError,
    SubscriptError,
    resolve_dtype,
)
from enigma.language import atomics
from enigma.language.memory import RegisterTensor, load_if, store_if
from enigma.layout import (
    Basis,
    Dyn,
    HasLayout,
    IntTuple,
    Layout,
    SwizzledLayout,
    Tiler,
    cosize,
    flatten,
    logical_divide,
    make_identity_layout,
    product,
    product_each,
    size,
)
from enigma.tracing.buffers import (
    ADDRESS_SPACES,
    Buffer,
    Element,
    Indexable,
    check_writable,
    stored_value,
)
from enigma.tracing.builder import Builder, current_builder, require_builder
from enigma.tracing.loops import Range, RangeFor
from enigma.tracing.parameters import MAX_BUFFERS, Parameter
from enigma.tracing.runtime import Nameable
from enigma.tracing.symbols import (
    coordinate,
    layout_operand,
    shown,
    tiler_of,
    tiler_operand,
    tuple_operand,
)
from enigma.tracing.values import (
    Fragment,
    FragmentLanes,
    Operand,
    Value,
    as_operand,
    broadcast,
    constant,
    describe,
    result,
    truth,
    use,
    wrap,
)
from enigma.types import DType, DTypeLike, b1, i32, u32

# A thread cannot hold more in its registers; nor does it load, store or copy more at once.
MAX_FRAGMENT_BYTES = 4096
# More copies than these of a stretch of a buffer are a loop.
_UNROLLED_COPIES = 16

# The operands of each operation after the layout, and the names of its attributes.
_OPERANDS: dict[str, tuple[str, ...]] = {
    "logical_divide": ("tiler",),
    "zipped_divide": ("tiler",),
    "tiled_divide": ("tiler",),
    "flat_divide": ("tiler",),
    "composition": ("tiler",),
    "local_tile": ("tiler", "coord"),
    "local_partition": ("layout", "coord"),
    "slice": ("coord",),
    "coalesce": ("profile",),
    "flatten": (),
    "get": ("path",),
    "select": ("modes",),
    "take": ("begin", "end"),
    "group_modes": ("begin", "end"),
}


def _leaves(tree: Any) -> tuple[Any, ...]:
    flat = flatten(tree)
    return flat if isinstance(flat, tuple) else (flat,)


def _selects(position: Any) -> bool:
    """Whether a coordinate keeps a mode."""
    if isinstance(position, tuple):
        return any(map(_selects, position))
    return position is None


class View(HasLayout, Nameable):
    """Base of tensors: a layout, and the operation that makes the view in a kernel."""

    # NumPy then leaves operators with a tensor to Python.
    __array_ufunc__ = None

    def __init__(self, layout: Any, name: str) -> None:
        self.layout = layout
        self.name = name
        self._parent: Any = None
        self._operation = ""
        self._arguments: tuple[Any, ...] = ()

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

    def __iter__(self) -> Any:
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

    def _unary(self) -> Any:
        raise self._misused("an operator")

    def _binary(self, other: Any) -> Any:
        raise self._misused("an operator")

    __neg__ = __pos__ = __invert__ = __abs__ = _unary
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _binary
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _binary
    __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _binary
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = __matmul__ = __rmatmul__ = _binary
    __lt__ = __le__ = __gt__ = __ge__ = _binary

    def __eq__(self, other: object) -> bool:
        """Tell whether the other one is this very tensor; elements are compared once loaded."""
        if isinstance(other, (Operand, Dyn, numbers.Number)):
            raise self._misused("a comparison")
        return self is other

    __hash__ = object.__hash__

    @property
    def root(self) -> Any:
        """What the view was made of: a tensor that is no view of another one."""
        root = self
        while root._parent is not None:
            root = root._parent
        return root

    # Views of views.

    def derive(self, operation: str, *arguments: Any) -> Any:
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
        kinds = _OPERANDS[operation]
        what = f"tensor {self.name}"
        arguments = tuple(
            self._coordinate(argument)
            if kind == "coord"
            else tiler_of(argument, what)
            if kind == "tiler"
            else _profile(argument)
            if kind == "profile" and argument is not None
            else argument
            for kind, argument in zip(kinds, arguments, strict=True)
        )
        if operation == "slice":
            self._check_range(arguments[0])
        if operation == "local_partition" and not isinstance(arguments[1], (int, Dyn)):
            raise OperandError(
                operation=f"{what}: enigma.local_partition",
                operand="the index",
                found=describe(arguments[1]),
                expected="the number of a thread",
            )
        try:
            layout = getattr(_layout, operation)(self.layout, *arguments)
        except LayoutError as error:
            raise error.about(what) from None
        if operation == "local_tile":
            rests = _layout.get(_layout.zipped_divide(self.layout, arguments[0]), [1])
            self._check_mode(arguments[1], rests.shape, arguments[1], "tiles")
        # Where a part begins is known to the operation that makes it.
        view = self._view(layout[0] if isinstance(layout, tuple) else layout)
        view._parent, view._operation, view._arguments = self, operation, arguments
        builder = current_builder()
        if builder is not None:
            view._realize(builder)
        return view

    def _view(self, layout: Any) -> View:
        raise NotImplementedError

    def _coordinate(self, position: Any) -> Any:
        return coordinate(position, f"tensor {self.name}")

    def _check_range(self, position: Any) -> None:
        self._check_mode(position, self.shape, position, "shape")

    def _check_mode(self, position: Any, shape: Any, whole: Any, what: str) -> None:
        """Check what is known of a coordinate: one of the tensor, or of its tiles."""
        if isinstance(position, tuple):
            if not isinstance(shape, tuple) or len(position) != len(shape):
                raise SubscriptError(
                    f"tensor {self.name} of {what} {shown(shape)} is indexed by {shown(whole)}: "
                    f"{_counted(len(position), 'coordinate')} for {shown(shape)}",
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

    def _realize(self, builder: Builder) -> Any:
        """Give the IR value of the view; it is built again where the last one is out of reach."""
        known = builder.views.get(self)
        if known is not None and known[0].open:
            return known[1].result
        try:
            operation = self._build(builder)
        except CompilationError as error:
            raise error.about(f"tensor {self.name}") from None
        builder.views[self] = (builder.scope, operation)
        return operation.result

    def _build(self, builder: Builder) -> Any:
        operands = [self._parent._realize(builder)]
        attributes: dict[str, Any] = {}
        session = builder.session
        for kind, argument in zip(_OPERANDS[self._operation], self._arguments, strict=True):
            if kind == "tiler":
                operands.append(tiler_operand(builder, argument))
            elif kind == "layout":
                operands.append(layout_operand(builder, argument))
            elif kind == "coord":
                operands.append(tuple_operand(builder, argument))
            elif kind == "profile":
                if argument is not None:
                    operands.append(tuple_operand(builder, argument))
            elif kind in ("path", "modes"):
                numbers = ", ".join(map(str, argument))
                attributes[kind] = session.attribute(f"array<i64: {numbers}>")
            else:
                attributes[kind] = session.attribute(f"{argument} : i64")
        return builder.infer(f"enigma.{self._operation}", tuple(operands), attributes)

    def _take_name(self, name: str) -> None:
        builder = current_builder()
        known = None if builder is None else builder.views.get(self)
        if builder is not None and known is not None and known[0].open:
            operation = known[1]
            if not operation.location.is_a_name():
                operation.location = builder.named_location(name, operation.location)

    def _lanes(self, what: str) -> FragmentLanes:
        """Give the lanes of a fragment of all elements.

        Raises
        ------
        StaticShapeError
            When their number is known only when the kernel runs.
        """
        count = size(self.layout)
        if not isinstance(count, int):
            raise StaticShapeError(
                f"{what} {self.name}: the view has the shape {shown(self.shape)}, of which "
                f"{_dynamic(self.shape)} is known only when the kernel runs",
                remedy="cut it into tiles of a known shape, as with enigma.local_tile",
            )
        return _fragment_lanes(self.shape)


def _profile(tree: Any) -> Any:
    """Give the nesting of a tuple, whose leaves may be anything."""
    return tuple(map(_profile, tree)) if isinstance(tree, (tuple, list)) else 1


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _congruent(a: Any, b: Any) -> bool:
    if not isinstance(a, tuple) or not isinstance(b, tuple):
        return isinstance(a, tuple) == isinstance(b, tuple)
    return len(a) == len(b) and all(map(_congruent, a, b))


@functools.lru_cache(maxsize=1024)
def _fragment_lanes(shape: Any) -> FragmentLanes:
    return FragmentLanes(shape)


def _dynamic(shape: Any) -> Any:
    return next(leaf for leaf in _leaves(shape) if isinstance(leaf, Dyn))


class Tensor(View, Indexable):
    """A buffer that a jit function takes, seen through a layout; or a view of memory.

    Parameters
    ----------
    name : str
        The name of the parameter in the kernel.
    buffer_index : int
        Its place in Metal's argument table, 0 to 30.
    metal_dtype : DType, type or str
        Of the elements, such as ``"float"``.
    layout : Layout or SwizzledLayout, optional
        Where the elements lie. An extent or stride ``enigma.dyn("n")`` is known only when the
        kernel runs: it is a scalar parameter of the kernel, named as the symbol.
    base_offset : int
        The element at which the layout starts.
    address_space : {"device", "constant"}
        Of the buffer.
    shape : int or tuple of int, optional
        Instead of `layout`: compact, with mode 0 running fastest.

    Attributes
    ----------
    layout : Layout or SwizzledLayout
        From coordinates to elements.
    element_type : DType
        Of the elements.
    address_space : str
        ``"device"``, ``"constant"``, ``"threadgroup"`` or ``"thread"``.
    overhangs : bool
        Whether coordinates of the view may lie outside of a tensor that it was made of, since
        parts do not divide its shape: outside of the whole, or of a tile that threads share.
        Accesses there are not made: loads give 0.

    Raises
    ------
    EnigmaError
        When an argument is not as described.
    """

    _enigma_operand_hint = "load it, as in `A.load()`, or index it, as in `A[i, j]`"

    def __init__(
        self,
        name: str,
        buffer_index: int,
        metal_dtype: DTypeLike,
        layout: Layout | SwizzledLayout | None = None,
        base_offset: int = 0,
        address_space: str = "device",
        shape: IntTuple | None = None,
    ) -> None:
        if not isinstance(name, str) or not name.isidentifier():
            raise InvalidOption(option="the name of a tensor", expected="an identifier", found=name)
        if isinstance(buffer_index, bool) or not isinstance(buffer_index, int):
            raise InvalidOption(option="buffer_index", expected="an int", found=buffer_index)
        if not 0 <= buffer_index < MAX_BUFFERS:
            raise InvalidOption(option="buffer_index", expected="from 0 to 30", found=buffer_index)
        if address_space not in ADDRESS_SPACES[:2]:
            raise InvalidOption(
                option="address_space", expected="'device' or 'constant'", found=address_space
            )
        if isinstance(base_offset, bool) or not isinstance(base_offset, int):
            raise InvalidOption(option="base_offset", expected="an int", found=base_offset)
        if layout is None:
            if shape is None:
                raise InvalidOption(
                    option="layout",
                    expected="given, or shape",
                    found=None,
                    remedy=f'write enigma.Tensor("{name}", ..., enigma.Layout(shape, stride))',
                )
            layout = Layout(shape)
        layout = _memory_layout(layout)
        if shape is not None and not same(Layout(shape).shape, layout.shape):
            raise InvalidOption(
                option="shape",
                expected=f"that of the layout ({shown(layout.shape)}), or left out",
                found=shape,
            )
        super().__init__(layout, name)
        lowest, _ = _reach(layout)
        if base_offset + lowest < 0:
            raise IndexRangeError(
                f"tensor {name}: {layout} from element {base_offset} on reaches down to element "
                f"{base_offset + lowest}",
                remedy="a base_offset moves it to the elements from 0 on",
            )
        self.buffer_index = buffer_index
        self.element_type: DType = resolve_dtype(metal_dtype)
        self.base_offset = base_offset
        self.address_space = address_space
        self._buffer: Buffer | None = None
        self._offset: Any = base_offset
        self._set_divided(())

    def __repr__(self) -> str:
        return f"<tensor {self.name} of {self.element_type}, {self.layout}>"

    @property
    def dtype(self) -> DType:  # type: ignore[override]
        """The dtype of the elements, as `element_type`."""
        return self.element_type

    def derive(self, operation: str, *arguments: Any) -> Any:
        """Apply an operation of the algebra to the layout, as `View.derive`."""
        view = super().derive(operation, *arguments)
        if _overhangs(self.layout, operation, view._arguments):
            view._set_divided((*self._divided, self))
        return view

    def _set_divided(self, divided: tuple[Tensor, ...]) -> None:
        """Note the tensors on the way to this one that parts do not divide."""
        self._divided = divided
        # The coordinates of the elements in each of them.
        self._positions: dict[Tensor, IdentityTensor] = {}

    @property
    def overhangs(self) -> bool:
        """Whether elements may lie outside of what the view was made of."""
        return bool(self._divided)

    def _view(self, layout: Any) -> Tensor:
        view = Tensor.__new__(Tensor)
        view.__dict__.update(self.__dict__)
        view.layout = layout
        view._set_divided(self._divided)
        return view

    def _build(self, builder: Builder) -> Any:
        if self._parent is not None:
            return super()._build(builder)
        buffer = self._memory(builder)
        operands = [buffer.use(), layout_operand(builder, self.layout)]
        if not same(self._offset, 0):
            operands.append(builder.symbols.index(self._offset))
        return builder.infer("enigma.make_tensor", tuple(operands))

    def _memory(self, builder: Builder) -> Buffer:
        root = self.root
        buffer: Buffer | None = root._buffer
        if buffer is None:
            buffer = builder.tensors.get(root)
        if buffer is None:
            raise OutsideKernel(
                what=f"tensor {self.name}",
                remedy="pass the tensor to enigma.compile as an argument of the jit function",
            )
        return buffer

    # Where elements lie in the tensors that the view was made of.

    def _coordinates(self, whole: Tensor) -> IdentityTensor:
        """Give the coordinates of the elements in a tensor that the view was made of."""
        identity = self._positions.get(whole)
        if identity is None:
            if self is whole:
                identity = IdentityTensor(self.shape)
            elif self._operation == "coalesce":
                # Coordinates of several modes have no common stride.
                above = self._parent._coordinates(whole)
                identity = above.derive("composition", Layout(self.shape))
            else:
                above = self._parent._coordinates(whole)
                identity = above.derive(self._operation, *self._arguments)
            self._positions[whole] = identity
        return identity

    def _inside(self, position: Any) -> Any:
        """Give the condition that an element exists; True where that is certain."""
        condition: Any = True
        for whole in self._divided:
            found = _leaves(self._coordinates(whole)[position])
            for index, extent in zip(found, _leaves(whole.shape), strict=True):
                inside = index < extent
                condition = inside if condition is True else condition & inside
        return condition

    def _mask(self, builder: Builder, mask: Any, lanes: FragmentLanes, what: str) -> Value | None:
        """Give the condition of each access, None where all are made."""
        value: Value | None = None
        if mask is not None:
            given = as_operand(mask, what, "mask")
            if given.dtype is not b1 if isinstance(given, Value) else not isinstance(given, bool):
                raise OperandError(
                    operation=what,
                    operand="mask",
                    found=describe(given),
                    expected="bools",
                    remedy="compare, as in `x != 0`",
                )
            value = given if isinstance(given, Value) else constant(builder, b1, given)
            value = broadcast(value, lanes, what)
        for whole in self._divided:
            inside = in_bounds(self._coordinates(whole), whole.shape)
            value = inside if value is None else value & inside
        return value

    # Accesses.

    atomic_load = atomics.atomic_load
    atomic_store = atomics.atomic_store
    atomic_exchange = atomics.atomic_exchange
    atomic_fetch_add = atomics.atomic_fetch_add
    atomic_fetch_sub = atomics.atomic_fetch_sub
    atomic_fetch_min = atomics.atomic_fetch_min
    atomic_fetch_max = atomics.atomic_fetch_max
    atomic_fetch_and = atomics.atomic_fetch_and
    atomic_fetch_or = atomics.atomic_fetch_or
    atomic_fetch_xor = atomics.atomic_fetch_xor
    atomic_compare_exchange_weak = atomics.atomic_compare_exchange_weak

    def __getitem__(self, position: Any) -> Any:
        """Give the part where the coordinate has ``None``, or an element.

        Parameters
        ----------
        position : nested tuple of int, traced integer and None
            Congruent to the shape, or weaker: an integer for a nested mode, or for all modes,
            counts its elements with the first mode fastest.

        Returns
        -------
        Tensor or Value
            An element is read at once, and can only be in a kernel.

        Raises
        ------
        EnigmaError
            When the coordinate does not fit, or an integer is out of range.
        """
        crd = self._coordinate(position)
        if _selects(crd):
            return self.derive("slice", crd)
        if self.overhangs:
            return load_if(self, crd, True)
        return self.element(crd).load()

    def __setitem__(self, position: Any, value: Any) -> None:
        crd = self._coordinate(position)
        if _selects(crd):
            self.derive("slice", crd).store(value)
        elif self.overhangs:
            store_if(self, crd, value, True)
        else:
            element = self.element(crd)
            element.store(element.stored(value, f"{self.name}[...] = ..."))

    def element(self, position: Any) -> Element:
        """Find the element at a complete coordinate."""
        builder = require_builder(f"indexing of tensor {self.name}")
        crd = self._coordinate(position)
        if _selects(crd):
            raise SubscriptError(
                f"tensor {self.name} is indexed by {shown(crd)}, which is no single element",
                remedy="give an integer for each mode",
            )
        self._check_range(crd)
        return TensorElement(builder, self, crd, self._inside(crd))

    def load(self, mask: Any = None) -> Fragment:
        """Read all elements into registers.

        Parameters
        ----------
        mask : fragment or scalar of b1, optional
            Elements where it is false are not read, and are 0.

        Returns
        -------
        Fragment
            Of the shape of the view. Elements that share a place are read once.

        Raises
        ------
        EnigmaError
            When the shape is not known while the kernel is compiled, or registers cannot hold so
            many elements.
        """
        what = "Tensor.load of"
        builder = require_builder(f"{what} {self.name}")
        lanes = self._whole(what)
        condition = self._mask(builder, mask, lanes, "Tensor.load")
        operands = (self._realize(builder), *_optional(condition))
        builder.effects += 1
        fragment = result(builder, "enigma.load_fragment", self.element_type, lanes, operands)
        assert isinstance(fragment, Fragment)
        return fragment

    def store(self, value: Any, mask: Any = None) -> None:
        """Write all elements.

        Parameters
        ----------
        value : fragment, or scalar
            Of the shape of the view; or what every element becomes.
        mask : fragment or scalar of b1, optional
            Elements where it is false are not written.

        Raises
        ------
        EnigmaError
            When the shapes differ, the store would lose something of the values, or the memory
            cannot be written; or as `load`.
        """
        what = "Tensor.store into"
        builder = require_builder(f"{what} {self.name}")
        check_writable(self.address_space, f"tensor {self.name}")
        lanes = self._whole(what)
        stored = stored_value(builder, value, self.element_type, f"{what} {self.name}", lanes)
        condition = self._mask(builder, mask, lanes, "Tensor.store")
        operands = (self._realize(builder), *_optional(condition))
        builder.effects += 1
        name = "enigma.fill" if stored.lanes == 1 else "enigma.store_fragment"
        builder.op(name, (), (use(stored), *operands))

    def fill(self, value: Any) -> None:
        """Write one value to all elements.

        Parameters
        ----------
        value : number or traced scalar
            The value.

        Raises
        ------
        EnigmaError
            As `store`.
        """
        if isinstance(value, Fragment):
            raise OperandError(
                operation=f"Tensor.fill of {self.name}",
                operand="the value",
                found=describe(value),
                expected="one value",
                remedy="store the fragment: t.store(f)",
            )
        self.store(value)

    def _whole(self, what: str) -> FragmentLanes:
        lanes = self._lanes(what)
        count = lanes * self.element_type.nbytes
        if count > MAX_FRAGMENT_BYTES:
            raise ResourceLimitError(
                f"{what} {self.name}: {int(lanes)} x {self.element_type} of the shape {self.shape} "
                f"take {count} bytes; the registers of a thread hold {MAX_FRAGMENT_BYTES} at most",
                remedy=(
                    "share the elements among threads: enigma.local_partition, or "
                    "enigma.tensor_composition with a thread/value layout"
                ),
            )
        return lanes


class TensorElement(Element):
    """An element of a tensor."""

    def __init__(self, builder: Builder, tensor: Tensor, position: Any, exists: Any) -> None:
        operands = (tensor._realize(builder), tuple_operand(builder, position))
        name = f"tensor {tensor.name}"
        super().__init__(
            builder, "_element", operands, tensor.dtype, tensor.address_space, name, exists
        )
        self._memory = tensor._memory(builder)

    def place(self) -> tuple[Any, ...]:
        """Give its buffer and its subscript there, as IR values."""
        index = self._builder.infer("enigma.element_offset", self._operands).result
        return self._memory.use(), index


class IdentityTensor(View):
    """A tensor whose elements are their own coordinates; views of it tell where elements stand.

    Attributes
    ----------
    layout : Layout
        With strides that are steps along coordinates.
    """

    _enigma_operand_hint = "index it: its elements are tuples of integers"

    def __init__(self, shape: Any) -> None:
        super().__init__(make_identity_layout(shape), "of coordinates")

    def __getattr__(self, name: str) -> Any:
        if name in ("load", "store", "fill", "element_type", "address_space"):
            raise NotInMemory(attribute=name)
        raise AttributeError(f"'IdentityTensor' object has no attribute {name!r}")

    def __setitem__(self, position: Any, value: Any) -> None:
        raise SubscriptError(
            "the elements of an identity tensor are its coordinates and cannot be assigned",
            remedy="view memory with enigma.make_tensor",
        )

    def __repr__(self) -> str:
        return f"<tensor of coordinates, {self.layout}>"

    def _view(self, layout: Any) -> IdentityTensor:
        view = IdentityTensor.__new__(IdentityTensor)
        View.__init__(view, layout, self.name)
        return view

    def _build(self, builder: Builder) -> Any:
        if self._parent is not None:
            return super()._build(builder)
        shape = tuple_operand(builder, self.shape)
        return builder.infer("enigma.make_identity_tensor", (shape,))

    def __getitem__(self, position: Any) -> Any:
        """Give the part where the coordinate has ``None``, or an element.

        Parameters
        ----------
        position : nested tuple of int, traced integer and None
            As for `Tensor`.

        Returns
        -------
        IdentityTensor, or nested tuple of traced i32
            A coordinate in the shape that the tensor was made of.
        """
        crd = self._coordinate(position)
        if _selects(crd):
            return self.derive("slice", crd)
        builder = require_builder(f"indexing of tensor {self.name}")
        self._check_range(crd)
        operands = (self._realize(builder), tuple_operand(builder, crd))
        element = builder.infer("enigma.element_coord", operands).result
        root = self.root
        leaves = []
        for number in range(len(_leaves(root.shape))):
            attributes = {"leaf": builder.session.attribute(f"{number} : i64")}
            leaf = builder.infer("enigma.get_leaf", (element,), attributes).result
            leaves.append(_index_value(builder, leaf))
        return _nest(root.shape, iter(leaves))


def _optional(value: Value | None) -> tuple[Any, ...]:
    return () if value is None else (use(value),)


def _nest(shape: Any, leaves: Any) -> Any:
    if isinstance(shape, tuple):
        return tuple(_nest(mode, leaves) for mode in shape)
    return next(leaves)


def _index_value(builder: Builder, index: Any) -> Value:
    """Give an IR value of type `index` as a traced i32, which keeps all bits as a subscript."""
    operation = builder.op("arith.index_cast", (builder.session.value_type(i32),), (index,))
    value = wrap(builder, operation.result, i32)
    value.index = (builder.scope, index)
    return value


def _overhangs(layout: Any, operation: str, arguments: tuple[Any, ...]) -> bool:
    """Whether coordinates of a view may lie outside of the layout that it was made of."""
    if operation == "composition":
        return _exceeds(layout, arguments[0])
    if operation == "local_partition":
        return _has_gaps(layout, product_each(arguments[0].shape))
    if operation == "local_tile" or operation.endswith("divide"):
        return _has_gaps(layout, arguments[0])
    return False


def _has_gaps(layout: Any, tiler: Any) -> bool:
    """Whether tiles do not divide a layout, or are not known to."""
    if tiler is None:
        return False
    if isinstance(tiler, (tuple, list)):
        return any(_has_gaps(mode, tile) for mode, tile in zip(layout, tiler, strict=False))
    return not same(size(logical_divide(layout, tiler)), size(layout))


def _exceeds(layout: Any, tiler: Any) -> bool:
    """Whether a layout is composed with one that reaches beyond its end."""
    if tiler is None:
        return False
    if isinstance(tiler, (tuple, list)):
        return any(_exceeds(mode, tile) for mode, tile in zip(layout, tiler, strict=False))
    if isinstance(tiler, SwizzledLayout):
        return not tiler.is_static or _exceeds(layout, _reach(tiler)[1] + 1)
    reach = cosize(tiler) if isinstance(tiler, Layout) else tiler
    extent = size(layout)
    if isinstance(reach, int) and isinstance(extent, int):
        return reach > extent
    return not same(reach, extent)


def _memory_layout(layout: Any) -> Layout | SwizzledLayout:
    if not isinstance(layout, (Layout, SwizzledLayout)):
        raise InvalidOption(option="layout", expected="an enigma.Layout", found=layout)
    if any(isinstance(step, Basis) for step in _leaves(layout.stride)):
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
    return layout


def _reach(layout: Layout | SwizzledLayout) -> tuple[int, int]:
    """Give the least and the greatest offset, as far as they are known; 0 is one of them."""
    lowest = highest = 0
    for extent, step in zip(_leaves(layout.shape), _leaves(layout.stride), strict=True):
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


# Making tensors.


def make_tensor(memory: Any, layout: Layout | SwizzledLayout, offset: Any = 0) -> Tensor:
    """View memory of a kernel through a layout.

    Parameters
    ----------
    memory : buffer or RegisterTensor
        A parameter of the kernel, an array of `threadgroup_alloc`, or a `register_tensor`.
    layout : Layout or SwizzledLayout
        Where the elements lie; its leaves may be traced integers.
    offset : int or traced integer
        The element at which the layout starts.

    Returns
    -------
    Tensor
        The view.

    Raises
    ------
    EnigmaError
        When an argument is not as described, or the layout reaches beyond the memory.
    """
    require_builder("enigma.make_tensor")
    buffer = memory.buffer if isinstance(memory, RegisterTensor) else memory
    if not isinstance(buffer, Buffer):
        raise OperandError(
            operation="enigma.make_tensor",
            operand="the memory",
            found=describe(memory),
            expected="a buffer of the kernel, a threadgroup array or a register tensor",
            remedy="a tensor is divided and sliced as it is" if isinstance(memory, View) else "",
        )
    layout = _memory_layout(layout)
    start = coordinate(offset, "the offset of enigma.make_tensor")
    if start is None or isinstance(start, tuple):
        raise OperandError(
            operation="enigma.make_tensor",
            operand="the offset",
            found=describe(offset),
            expected="an integer",
            remedy="it is the element at which the layout starts",
        )
    if isinstance(start, int):
        lowest, highest = (start + end for end in _reach(layout))
        if lowest < 0 or (buffer.size is not None and highest >= buffer.size):
            raise IndexRangeError(
                f"enigma.make_tensor: {layout} from element {start} on reaches to element "
                f"{lowest if lowest < 0 else highest}; {buffer.name} has "
                f"{'elements from 0 on' if buffer.size is None else buffer.size}",
                remedy="make the memory larger or the layout smaller, or start at another element",
            )
    tensor = Tensor.__new__(Tensor)
    View.__init__(tensor, layout, buffer.name)
    tensor.element_type = buffer.dtype
    tensor.address_space = buffer.address_space
    tensor._buffer, tensor._offset = buffer, start
    tensor._set_divided(())
    builder = require_builder("enigma.make_tensor")
    tensor._realize(builder)
    return tensor


def make_identity_tensor(shape: Any) -> IdentityTensor:
    """Make the tensor of the coordinates of a shape.

    Divided, composed and sliced as a tensor of that shape is, it tells where the elements of a view
    stand: for masks, and for functions of the position.

    Parameters
    ----------
    shape : int or nested tuple of int
        The shape; traced integers may stand in it.

    Returns
    -------
    IdentityTensor
        Whose elements are coordinates, congruent to the shape.

    Raises
    ------
    EnigmaError
        When the shape is none.
    """
    tensor = IdentityTensor(shape)
    builder = current_builder()
    if builder is not None:
        tensor._realize(builder)
    return tensor


def in_bounds(coordinates: IdentityTensor, shape: Any) -> Fragment:
    """Tell which elements of a view lie inside of a shape.

    Parameters
    ----------
    coordinates : IdentityTensor
        The view of an identity tensor; its shape is known while the kernel is compiled.
    shape : int or nested tuple of int
        Congruent to the coordinates; traced integers may stand in it.

    Returns
    -------
    Fragment
        Of b1, in the shape of the view: a mask for `Tensor.load`, `Tensor.store` and `copy`.

    Raises
    ------
    EnigmaError
        When the shape does not fit the coordinates.
    """
    builder = require_builder("enigma.in_bounds")
    if not isinstance(coordinates, IdentityTensor):
        raise OperandError(
            operation="enigma.in_bounds",
            operand="coordinates",
            found=describe(coordinates),
            expected="a view of an identity tensor",
            remedy="make one with enigma.make_identity_tensor",
        )
    lanes = coordinates._lanes("enigma.in_bounds of the tensor")
    extents = coordinate(shape, "the shape of enigma.in_bounds")
    wanted = coordinates.root.shape
    if _selects(extents) or not _congruent(extents, wanted):
        raise ShapeMismatch(
            f"enigma.in_bounds: the shape {shown(extents)} does not fit coordinates in the shape "
            f"{shown(wanted)}",
            remedy="give one extent for each coordinate, nested in the same way",
        )
    if lanes > MAX_FRAGMENT_BYTES:
        raise ResourceLimitError(
            f"enigma.in_bounds: a mask of {int(lanes)} elements is too large for the registers of "
            f"a thread; they hold {MAX_FRAGMENT_BYTES} at most",
            remedy="share the elements among threads",
        )
    bounds = tuple_operand(builder, extents)
    operation = builder.infer("enigma.in_bounds", (coordinates._realize(builder), bounds))
    mask = wrap(builder, operation.result, b1, lanes)
    assert isinstance(mask, Fragment)
    mask.operation = operation
    return mask


def make_fragment(shape: Any, dtype: DTypeLike = "float", fill: Any = 0) -> Fragment:
    """Make a fragment of one value, such as the start of a sum.

    Parameters
    ----------
    shape : int or nested tuple of int
        The shape.
    dtype : DType, type or str
        Of the elements.
    fill : number or traced scalar
        What each element is.

    Returns
    -------
    Fragment
        The fragment.

    Raises
    ------
    EnigmaError
        When the shape is none, or too large for registers; or the value does not fit.
    """
    builder = require_builder("enigma.make_fragment")
    element = resolve_dtype(dtype)
    layout = Layout(shape)
    if not layout.is_static:
        raise StaticShapeError(
            f"enigma.make_fragment: {_dynamic(layout.shape)} in the shape {shown(layout.shape)} is "
            "known only when the kernel runs",
            remedy="a fragment has a shape that is known while the kernel is compiled",
        )
    count = size(layout) * element.nbytes
    if count > MAX_FRAGMENT_BYTES:
        raise ResourceLimitError(
            f"enigma.make_fragment: {size(layout)} x {element} take {count} bytes; the registers "
            f"of a thread hold {MAX_FRAGMENT_BYTES} at most",
            remedy="share the elements among threads",
        )
    value = stored_value(builder, fill, element, "enigma.make_fragment")
    fragment = broadcast(value, _fragment_lanes(layout.shape), "enigma.make_fragment")
    assert isinstance(fragment, Fragment)
    return fragment


# Operations on tensors.


def tensor_zipped_divide(t: Tensor, tiler: Tiler) -> Tensor:
    """Cut a tensor into tiles: `zipped_divide` of its layout.

    Parameters
    ----------
    t : Tensor
        What is cut.
    tiler : Layout, int or tuple
        The tile: an extent or a layout for each mode.

    Returns
    -------
    Tensor
        Of shape ``((tile), (rest))``. Where tiles do not divide the shape the last ones overhang.

    Raises
    ------
    EnigmaError
        ``tiler exceeds tensor`` when a tile is larger than its mode.
    """
    divided: Tensor = _tensor(t, "enigma.tensor_zipped_divide").derive("zipped_divide", tiler)
    return divided


def tensor_composition(t: Tensor, tv: Layout, tiler: Any) -> Tensor:
    """See a tile by thread and value.

    Parameters
    ----------
    t : Tensor
        A tile of a tensor.
    tv : Layout
        From (thread, value) to the 1-D coordinate in the tile, as `make_layout_tv` gives it.
    tiler : int, or tuple of int and Layout
        The shape of the tile.

    Returns
    -------
    Tensor
        Of the shape of `tv`; ``[(thread, None)]`` of it is what a thread owns.

    Raises
    ------
    EnigmaError
        When the tile is not of that shape, or no layout equals the composition.
    """
    tensor = _tensor(t, "enigma.tensor_composition")
    for operand, value, expected in (
        ("tv", tv, "a Layout"),
        ("tiler", tiler, "the shape of the tile"),
    ):
        if isinstance(value, Layout) != (operand == "tv"):
            raise OperandError(
                operation="enigma.tensor_composition",
                operand=operand,
                found=describe(value),
                expected=expected,
                remedy="its arguments are tensor_composition(t, tv, tiler), as in `tiler, tv = "
                "enigma.make_layout_tv(threads, values)`",
            )
    tiler = tiler_of(tiler, "the tiler of enigma.tensor_composition")
    extents = tuple(map(size, tiler)) if isinstance(tiler, tuple) else tiler
    found = product_each(tensor.shape)
    if not same(found, extents) and not same(found, (extents,)):
        raise ShapeMismatch(
            f"enigma.tensor_composition: tensor {tensor.name} has the shape "
            f"{shown(tensor.shape)}, and the tiler {shown(extents)}",
            remedy="take one tile first: enigma.tensor_zipped_divide(t, tiler)[((None, None), i)]",
        )
    reach, whole = cosize(tv), product(extents)
    if isinstance(reach, int) and isinstance(whole, int) and reach > whole:
        raise ShapeMismatch(
            f"enigma.tensor_composition: {tv} reaches to element {reach - 1} of a tile of "
            f"{whole} elements",
            remedy="tv and tiler belong together, as enigma.make_layout_tv gives them",
        )
    composed: Tensor = tensor.derive("composition", tv)
    return composed


def _tensor(t: Any, function: str) -> View:
    if not isinstance(t, View):
        raise OperandError(
            operation=function,
            operand="t",
            found=describe(t),
            expected="a tensor",
            remedy="make one with enigma.Tensor or enigma.make_tensor",
        )
    return t


def copy(
    src: Any,
    dst: Any,
    count: Any = None,
    src_offset: Any = 0,
    dst_offset: Any = 0,
    mask_fn: Callable[[Any], Any] | None = None,
    coalesced_width: int = 1,
    *,
    mask: Any = None,
) -> None:
    """Copy the elements of a view to another one, or a stretch of a buffer.

    Between tensors it is ``dst.store(src.load(mask), mask)``, in the widest accesses that both
    allow: elements outside of a source that overhangs are 0. Between buffers the thread copies
    `count` consecutive elements.

    Parameters
    ----------
    src, dst : Tensor, or buffer
        Of the same element type. Tensors have the same shape; their modes may nest in different
        ways.
    count : int or traced integer
        Of buffers: how many elements.
    src_offset, dst_offset : int or traced integer
        Of buffers: where the first element is.
    mask_fn : callable, optional
        Of buffers: given the number of an element, from 0 to ``count - 1``, whether it is copied.
    coalesced_width : {1, 2, 4}
        Of buffers: the elements that one access takes where offsets are known to be multiples.
    mask : fragment or scalar of b1, optional
        Of tensors: elements where it is false are not copied.

    Raises
    ------
    EnigmaError
        When element types or shapes differ, the destination cannot be written, or as
        `Tensor.load`.
    """
    builder = require_builder("enigma.copy")
    operands = (("src", src), ("dst", dst))
    if count is None:
        for operand, tensor in operands:
            if not isinstance(tensor, Tensor):
                raise OperandError(
                    operation="enigma.copy",
                    operand=operand,
                    found=describe(tensor),
                    expected="a tensor in memory, or a buffer and a count",
                    remedy="view a buffer with enigma.make_tensor, or give the count of elements",
                )
        _copy_views(builder, src, dst, mask)
        return
    for operand, buffer in operands:
        if not isinstance(buffer, Buffer):
            raise OperandError(
                operation="enigma.copy",
                operand=operand,
                found=describe(buffer),
                expected="a buffer, since a count is given",
                remedy="slice a tensor, and copy it without a count",
            )
    if type(coalesced_width) is not int or coalesced_width not in (1, 2, 4):
        raise InvalidOption(
            option="coalesced_width of enigma.copy", expected="1, 2 or 4", found=coalesced_width
        )
    if mask is not None:
        raise InvalidOption(
            option="mask of enigma.copy", expected="mask_fn between buffers", found=describe(mask)
        )
    elements = _Stretch(builder, src, dst, src_offset, dst_offset, mask_fn)
    number = as_operand(count, "enigma.copy", "count")
    if not isinstance(number, Value) and (not isinstance(number, int) or number < 0):
        raise InvalidOption(option="count of enigma.copy", expected="not negative", found=count)
    whole = number // coalesced_width
    elements.copy(0, whole, coalesced_width)
    if coalesced_width > 1:
        elements.copy(whole * coalesced_width, number - whole * coalesced_width, 1)


class _Stretch:
    """Consecutive elements of two buffers."""

    def __init__(
        self,
        builder: Builder,
        src: Buffer,
        dst: Buffer,
        src_offset: Any,
        dst_offset: Any,
        mask_fn: Callable[[Any], Any] | None,
    ) -> None:
        self._builder = builder
        self._ends = ((src, src_offset), (dst, dst_offset))
        self._mask_fn = mask_fn

    def copy(self, start: Any, count: Any, width: int) -> None:
        """Copy `count` times `width` elements, from number `start` on."""
        if isinstance(count, int) and count <= _UNROLLED_COPIES:
            for step in range(count):
                self._access(start + step * width, width)
            return
        loop = RangeFor(self._builder, Range(0, count, 1), (), (), "", "", 0)
        for step in loop:
            self._access(start + step * width, width)
            loop.leave(())
        loop.end(())

    def _access(self, first: Any, width: int) -> None:
        layout = Layout(width)
        src, dst = (make_tensor(buffer, layout, offset + first) for buffer, offset in self._ends)
        mask = None
        if self._mask_fn is not None:
            lanes = [self._condition(first + lane) for lane in range(width)]
            mask = result(
                self._builder,
                "vector.from_elements",
                b1,
                _fragment_lanes(width),
                tuple(use(lane) for lane in lanes),
            )
        _copy_views(self._builder, src, dst, mask)

    def _condition(self, number: Any) -> Value:
        assert self._mask_fn is not None
        condition = as_operand(self._mask_fn(number), "enigma.copy", "what mask_fn gives")
        if isinstance(condition, Value):
            return truth(condition)
        return constant(self._builder, b1, bool(condition))


def _copy_views(builder: Builder, src: Tensor, dst: Tensor, mask: Any) -> None:
    if src.element_type is not dst.element_type:
        raise DTypeMismatch(
            f"enigma.copy: {src.name} has elements of {src.element_type}, {dst.name} of "
            f"{dst.element_type}",
            remedy=f"convert: dst.store(src.load().to(enigma.{dst.element_type}))",
        )
    check_writable(dst.address_space, f"tensor {dst.name}")
    lanes, others = src._whole("enigma.copy from"), dst._whole("enigma.copy into")
    if not _same_modes(src.shape, dst.shape):
        raise ShapeMismatch(
            f"enigma.copy: {src.name} has the shape {shown(src.shape)}, {dst.name} "
            f"{shown(dst.shape)}",
            remedy="copy views of the same shape",
        )
    masks = _arranged(mask, lanes, others)
    if src.overhangs:
        # Elements outside of the source are 0, which is what the destination gets.
        fragment = src.load(mask)
        dst.store(wrap(builder, use(fragment), dst.element_type, others), masks)
        return
    condition = dst._mask(builder, masks, others, "enigma.copy")
    operands = (src._realize(builder), dst._realize(builder), *_optional(condition))
    builder.effects += 1
    builder.op("enigma.copy", (), operands)


def _arranged(mask: Any, given: FragmentLanes, wanted: FragmentLanes) -> Any:
    """Give a mask of one view for another one whose modes nest in another way."""
    if isinstance(mask, Fragment) and mask.lanes == given:
        return wrap(mask.builder, use(mask), mask.dtype, wanted)
    return mask


def _same_modes(a: Any, b: Any) -> bool:
    return same(_leaves(a), _leaves(b)) or same(product_each(a), product_each(b))


# Symbols.


def _names(tree: Any, symbols: dict[str, Dyn]) -> None:
    """Collect the symbols in whatever a kernel is given."""
    if isinstance(tree, (tuple, list, dict)):
        for part in tree.values() if isinstance(tree, dict) else tree:
            _names(part, symbols)
    elif isinstance(tree, Dyn):
        found = tree.symbols
        if not found:
            raise InvalidOption(
                option="a leaf of a layout in a kernel",
                expected='a named integer, enigma.dyn("n")',
                found=tree,
                remedy="a kernel takes it as a parameter of that name",
            )
        for symbol in found:
            known = symbols.setdefault(str(symbol), symbol)
            if known.div != symbol.div:
                raise InvalidOption(
                    option=f"the divisor of the symbolic integer {symbol.name}",
                    expected=f"one number ({known.div} elsewhere)",
                    found=symbol.div,
                    remedy=f"make it once, and use it everywhere: {symbol.name} = {known!r}",
                )
    elif isinstance(tree, View):
        _names(tree.layout, symbols)
    elif isinstance(tree, (Layout, SwizzledLayout)):
        _names(tree.shape, symbols)
        _names(tree.stride, symbols)
        if isinstance(tree, SwizzledLayout):
            _names(tree.offset, symbols)


def symbol_parameters(tensors: Sequence[Tensor], arguments: tuple[Any, ...]) -> list[Parameter]:
    """Give the scalar parameters for the symbols in layouts, at the places that are free.

    Parameters
    ----------
    tensors : sequence of Tensor
        The tensors that the kernel takes.
    arguments : tuple
        Everything that a jit function was given and gave to the kernel.

    Returns
    -------
    list of Parameter
        A `u32` for each symbol that is an extent of a tensor (from 1 to 2^31 - 1), an `i32` for
        others.

    Raises
    ------
    EnigmaError
        When a symbol has no name, or that of a tensor, or there are too many.
    """
    extents: dict[str, Dyn] = {}
    symbols: dict[str, Dyn] = {}
    for tensor in tensors:
        _names(tensor.shape, extents)
        _names(tensor, symbols)
    _names(arguments, symbols)
    taken = {tensor.buffer_index: tensor for tensor in tensors}
    free = iter([index for index in range(MAX_BUFFERS) if index not in taken])
    parameters = []
    for name, symbol in symbols.items():
        if not name.isidentifier() or any(tensor.name == name for tensor in tensors):
            raise InvalidOption(
                option="the name of a symbolic integer",
                expected="an identifier that no tensor has",
                found=name,
                remedy="it is a parameter of the kernel, as the tensors are",
            )
        index = next(free, None)
        if index is None:
            raise ResourceLimitError(
                f"the kernel has {len(tensors)} tensors and {len(symbols)} symbolic integers; "
                f"Metal has {MAX_BUFFERS} places for them",
                remedy="make some of the extents and strides numbers",
            )
        is_extent = name in extents
        parameters.append(
            Parameter(
                name,
                u32 if is_extent else i32,
                index,
                is_scalar=True,
                symbol=symbol,
                is_extent=is_extent,
            )
        )
    return parameters
