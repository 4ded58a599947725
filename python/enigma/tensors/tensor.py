# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors: memory seen through layouts, and the views that operations on layouts make of them.

An operation on a tensor is that operation on its layout; the result views the same memory. Views
are made in a jit function or in a kernel. In a kernel they are operations of the dialect, which
lowering turns into a base and index arithmetic.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from enigma._host_calls import host_function
from enigma._layout import same
from enigma._operands import IntTuple
from enigma._process import import_late
from enigma.errors import (
    IndexRangeError,
    InvalidOption,
    OperandError,
    OutsideKernel,
    ResourceLimitError,
    SubscriptError,
)
from enigma.layout import Layout, SwizzledLayout
from enigma.limits import METAL
from enigma.tensors.symbols import Coordinate, layout_operand, made_tuple, shown, tuple_type
from enigma.tensors.views import MOST_DERIVATIONS, Derivation, View, lowest_offset
from enigma.tracing.buffers import (
    ADDRESS_SPACES,
    Buffer,
    Element,
    Indexable,
    buffer_type_name,
    check_writable,
    stored_value,
)
from enigma.tracing.builder import Builder, current_builder, require_builder
from enigma.tracing.checks import as_condition
from enigma.tracing.fragments import Fragment, FragmentLanes
from enigma.tracing.meeting import broadcast
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, constant, result, use
from enigma.types import DType, ElementLike, ElementType, VectorType, b1, resolve_element

if TYPE_CHECKING:
    from enigma import _mlir as ir


class Tensor(View, Indexable):
    """A buffer that a jit function takes, seen through a layout; or a view of memory.

    Parameters
    ----------
    name : str
        The name of the parameter in the kernel.
    buffer_index : int
        Its place in Metal's argument table, 0 to 30.
    metal_dtype : DType, VectorType, type or str
        Of the elements, such as ``"float"`` or ``"float4"``.
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
    element_type : DType or VectorType
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
    # The memory that a kernel made it of; None for an argument.
    _buffer: Buffer | None = None

    def __dir__(self) -> Iterable[str]:
        # What may be completed at a prompt: the rest is how views are made.
        own = {"cut_by", "element", "recast", "root"}
        names = (name for name in super().__dir__() if name not in own)
        return [name for name in names if not name.startswith("_") or name.startswith("__")]

    @host_function(name="enigma.Tensor")
    def __init__(
        self,
        name: str,
        buffer_index: int,
        metal_dtype: ElementLike,
        layout: Layout | SwizzledLayout | None = None,
        base_offset: int = 0,
        address_space: str = "device",
        shape: IntTuple | None = None,
    ) -> None:
        if not (
            type(name) is str
            and name.isidentifier()
            and type(buffer_index) is int
            and 0 <= buffer_index < METAL.arguments
            and address_space in ADDRESS_SPACES
            and type(base_offset) is int
        ):
            _check(name, buffer_index, base_offset, address_space)
        if layout is None:
            if shape is None:
                raise InvalidOption(
                    option="layout",
                    expected="given, or shape",
                    found=None,
                    remedy=f'write enigma.Tensor("{name}", ..., enigma.Layout(shape, stride))',
                )
            layout = Layout(shape)
        lowest = lowest_offset(layout)
        if shape is not None and not same(Layout(shape).shape, layout.shape):
            raise InvalidOption(
                option="shape",
                expected=f"that of the layout ({shown(layout.shape)}), or left out",
                found=shape,
                remedy="leave it out: the layout has the shape",
            )
        View.__init__(self, layout, name)
        if base_offset + lowest < 0:
            raise IndexRangeError(
                f"tensor {name}: {layout} from element {base_offset} on reaches down to element "
                f"{base_offset + lowest}",
                remedy="a base_offset moves it to the elements from 0 on",
            )
        self.buffer_index = buffer_index
        self.element_type: ElementType = resolve_element(metal_dtype)
        self.base_offset = base_offset
        self.address_space = address_space
        self._offset: Any = base_offset

    def __repr__(self) -> str:
        return f"<tensor {self.name} of {self.element_type}, {self.layout}>"

    def _repr_html_(self) -> str | None:
        # A notebook shows the repr of what has no picture.
        picture = self.layout._repr_html_()
        shown = import_late("html").escape(repr(self))
        return picture and f"<div><code>{shown}</code>{picture}</div>"

    @property
    def dtype(self) -> ElementType:  # type: ignore[override]
        """The dtype of the elements, as `element_type`."""
        return self.element_type

    @property
    def overhangs(self) -> bool:
        """Whether elements may lie outside of what the view was made of."""
        known = self._overhangs
        if known is None:
            above = self._parent
            known = self._overhangs = above is not None and (
                above.overhangs or (self._derivation is not None and self._derivation.overhangs)
            )
        return known

    def _like(self) -> Any:
        if type(self) is not Tensor:
            return super()._like()
        # Python finds attributes faster where there is no dict of them.
        view = object.__new__(Tensor)
        view.name = self.name
        view.cut_by = self.cut_by
        view.element_type = self.element_type
        view.address_space = self.address_space
        view._buffer = buffer = self._buffer
        view._offset = self._offset
        # What a kernel makes of its memory has no place in Metal's table.
        if buffer is None:
            view.buffer_index = self.buffer_index
            view.base_offset = self.base_offset
        return view

    def _build(self, builder: Builder, source: ir.Value | None) -> tuple[ir.Operation, ir.Value]:
        if source is not None:
            operands = (source, self._memory(builder).use())
            return builder.infer_value("enigma.recast_tensor", operands)
        buffer = self._memory(builder)
        parts = [buffer.use(), layout_operand(builder, self.layout)]
        if not same(self._offset, 0):
            parts.append(builder.symbols.index(self._offset))
        return builder.infer_value("enigma.make_tensor", tuple(parts))

    def _is_argument(self, builder: Builder) -> bool:
        return self._parent is None and self._buffer is None and self in builder.tensors

    def recast(self, element: ElementType, layout: Layout | SwizzledLayout) -> Tensor:
        """Give the view of the same bytes as elements of another type, in that layout."""
        view: Tensor = self._view("recast_tensor", layout, None)
        view._holder = None
        view.element_type = element
        builder = current_builder()
        if builder is not None:
            view._realize(builder)
        return view

    def _known_type(self, derivation: Derivation) -> str | None:
        # Where all is known, the kernel infers what the host has computed.
        if derivation.is_static:
            return _type_name(self.element_type.element_name, self.address_space, self.layout)
        return None

    def _memory(self, builder: Builder) -> Buffer:
        if self._holder is not None:
            above: Buffer = self._holder._memory(builder)
            return above
        if self._parent is not None:
            return self._recast_memory(builder, self._parent._memory(builder))
        buffer = self._buffer
        if buffer is None:
            buffer = builder.tensors.get(self)
        if buffer is None:
            raise OutsideKernel(
                what=f"tensor {self.name}",
                remedy="pass the tensor to enigma.compile as an argument of the jit function",
            )
        return buffer

    def _recast_memory(self, builder: Builder, buffer: Buffer) -> Buffer:
        """Give the memory as elements of the type that the view has."""
        element, size = self.element_type, buffer.size
        if size is not None:
            size, rest = divmod(size * buffer.dtype.nbytes, element.nbytes)
            if rest:
                raise InvalidOption(
                    option=f"the dtype of enigma.recast_tensor of tensor {self.name}",
                    expected=f"elements that fill {buffer.name}, {buffer.size} x {buffer.dtype}",
                    found=element,
                    remedy="allocate a multiple of its bytes",
                )
        kind = builder.session.type(buffer_type_name(element, buffer.address_space, size))
        ir = builder.op("enigma.recast", (kind,), (buffer.use(),)).result
        return Buffer(builder, ir, element, buffer.address_space, size, buffer.name, builder.scope)

    def _mask(
        self, builder: Builder, mask: object, lanes: FragmentLanes, what: str
    ) -> Value | None:
        """Give the condition of each access, None where all are made."""
        if mask is None:
            return None
        given = as_condition(mask, what, "mask")
        value = given if isinstance(given, Value) else constant(builder, b1, given)
        return broadcast(value, lanes, what)

    # Accesses.

    # The language installs them.
    atomic_load: Callable[..., Value]
    atomic_store: Callable[..., None]
    atomic_exchange: Callable[..., Value]
    atomic_fetch_add: Callable[..., Value]
    atomic_fetch_sub: Callable[..., Value]
    atomic_fetch_min: Callable[..., Value]
    atomic_fetch_max: Callable[..., Value]
    atomic_fetch_and: Callable[..., Value]
    atomic_fetch_or: Callable[..., Value]
    atomic_fetch_xor: Callable[..., Value]
    atomic_compare_exchange_weak: Callable[..., tuple[Value, Value]]
    atomic_update: Callable[..., Value]

    def __getitem__(self, position: object) -> Any:
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
        found = self._coordinate(position)
        _, _, _, selects = found
        if selects:
            return self._slice(found)
        return self._element(found).load()

    def __setitem__(self, position: Any, value: object) -> None:
        found = self._coordinate(position)
        _, _, _, selects = found
        if selects:
            self._slice(found).store(value)
        else:
            element = self._element(found)
            element.store(element.stored(value, f"{self.name}[...] = ..."))

    def element(self, position: object) -> Element:
        """Find the element at a complete coordinate."""
        require_builder(f"indexing of tensor {self.name}")
        found = self._coordinate(position)
        tree, _, _, selects = found
        if selects:
            raise SubscriptError(
                f"tensor {self.name} is indexed by {shown(tree)}, which is no single element",
                remedy="give an integer for each mode",
            )
        return self._element(found)

    def _element(self, position: Coordinate) -> Element:
        builder = require_builder(f"indexing of tensor {self.name}")
        tree, pattern, leaves, _ = position
        self._check_range(tree)
        operands = (
            self._realize(builder),
            made_tuple(builder, tuple_type(pattern), leaves),
        )
        return TensorElement(builder, self, operands)

    def load(self, mask: object = None, default: object = None) -> Fragment:
        """Read all elements into registers.

        Parameters
        ----------
        mask : fragment or scalar of b1, optional
            Elements where it is false are not read.
        default : traced value, number or fragment, optional
            What these elements are, 0 if it is left out. What a view has beyond its tensor is 0
            wherever the mask is true.

        Returns
        -------
        Fragment
            Of the shape of the view. Elements that share a place are read once.

        Raises
        ------
        EnigmaError
            When the shape is not known while the kernel is compiled, registers cannot hold so
            many elements, or there is a default that the elements cannot be or that no mask asks
            for.
        """
        what = "Tensor.load of"
        builder = require_builder(f"{what} {self.name}")
        dtype = self._scalar(f"{what} {self.name}")
        lanes = self._whole(what)
        condition = self._mask(builder, mask, lanes, "Tensor.load")
        operands = (self._realize(builder), *optional(condition))
        builder.effects += 1
        fragment = result(builder, "enigma.load_fragment", dtype, lanes, operands)
        if default is not None:
            fragment = self._default(builder, fragment, condition, default)
        assert isinstance(fragment, Fragment)
        return fragment

    def _default(
        self, builder: Builder, fragment: Value, condition: Value | None, default: object
    ) -> Value:
        """Put a default where a mask is false."""
        what = "the default of Tensor.load"
        if condition is None:
            raise InvalidOption(
                option=what,
                expected="given with a mask",
                found=default,
                remedy="say which elements are read, as in "
                "`load(mask=enigma.in_bounds(places, shape), default=1.0)`",
            )
        other = stored_value(builder, default, fragment.dtype, what, fragment.lanes)
        operands = (use(condition), use(fragment), use(broadcast(other, fragment.lanes, what)))
        return result(builder, "arith.select", fragment.dtype, fragment.lanes, operands)

    def store(self, value: object, mask: object = None) -> None:
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
        if isinstance(value, Fragment):
            self._scalar(f"{what} {self.name}")
        stored = stored_value(builder, value, self.element_type, f"{what} {self.name}", lanes)
        condition = self._mask(builder, mask, lanes, "Tensor.store")
        operands = (self._realize(builder), *optional(condition))
        builder.effects += 1
        is_element = isinstance(self.element_type, VectorType) or stored.lanes == 1
        name = "enigma.fill" if is_element else "enigma.store_fragment"
        builder.op(name, (), (use(stored), *operands))

    def fill(self, value: object) -> None:
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

    def _scalar(self, what: str) -> DType:
        """Give the dtype of the elements, for a fragment of them."""
        dtype = self.element_type
        if isinstance(dtype, VectorType):
            raise OperandError(
                operation=what,
                operand="the tensor",
                found=f"elements of {dtype}",
                expected="elements that are scalars, as those of a fragment",
                remedy="access its vectors one by one, as in t[i]; or its lanes: "
                f"enigma.recast_tensor(t, enigma.{dtype.scalar})",
            )
        return dtype

    def _whole(self, what: str) -> FragmentLanes:
        lanes = self._lanes(what)
        count = lanes * self.element_type.nbytes
        if count > METAL.register_bytes:
            raise ResourceLimitError(
                f"{what} {self.name}: {int(lanes)} x {self.element_type} of the shape {self.shape} "
                f"take {count} bytes; the registers of a thread hold {METAL.register_bytes} at "
                "most",
                remedy=(
                    "share the elements among threads: enigma.local_partition, or "
                    "enigma.tensor_composition with a thread/value layout"
                ),
            )
        return lanes


def _check(name: object, buffer_index: object, base_offset: object, address_space: object) -> None:
    """Check what a tensor is given besides its elements and its layout."""
    if not isinstance(name, str) or not name.isidentifier():
        raise InvalidOption(
            option="the name of a tensor",
            expected="an identifier",
            found=name,
            remedy="it is what the argument is called in Metal; write letters, digits and _",
        )
    if isinstance(buffer_index, bool) or not isinstance(buffer_index, int):
        raise InvalidOption(
            option="buffer_index",
            expected="an int",
            found=buffer_index,
            remedy="number the tensors of a kernel from 0 on",
        )
    if not 0 <= buffer_index < METAL.arguments:
        raise InvalidOption(
            option="buffer_index",
            expected=f"from 0 to {METAL.arguments - 1}",
            found=buffer_index,
            remedy="number the tensors of a kernel from 0 on; keep more of them in one buffer, "
            "each at its base_offset",
        )
    if address_space not in ADDRESS_SPACES:
        raise InvalidOption(
            option="address_space",
            expected="'device' or 'constant'",
            found=address_space,
            remedy="threadgroup memory is enigma.threadgroup_alloc's, in the kernel",
        )
    if isinstance(base_offset, bool) or not isinstance(base_offset, int):
        raise InvalidOption(
            option="base_offset",
            expected="an int",
            found=base_offset,
            remedy="it is the number of elements before the first; in a kernel, "
            "enigma.domain_offset moves a tensor by what is known when it runs",
        )


class TensorElement(Element):
    """An element of a tensor."""

    def __init__(self, builder: Builder, tensor: Tensor, operands: tuple[ir.Value, ...]) -> None:
        name = f"tensor {tensor.name}"
        super().__init__(builder, "_element", operands, tensor.dtype, tensor.address_space, name)
        self._tensor = tensor

    @property
    def exists(self) -> bool | Value:
        """Whether the tensor that the view was made of has the element."""
        if not self._tensor.overhangs:
            return True
        return result(self.builder, "enigma.element_exists", b1, 1, self._operands)

    def place(self) -> tuple[ir.Value, ...]:
        """Give its buffer and its subscript there, as IR values."""
        _, index = self.builder.infer_value("enigma.element_offset", self._operands)
        return self._tensor._memory(self.builder).use(), index


@functools.lru_cache(maxsize=MOST_DERIVATIONS)
def _type_name(element: str, address_space: str, layout: object) -> str:
    return f"!enigma.tensor<{element}, {address_space}, {layout}>"


def optional(value: Value | None) -> tuple[ir.Value, ...]:
    """Give the operands that an optional value makes."""
    return () if value is None else (use(value),)
