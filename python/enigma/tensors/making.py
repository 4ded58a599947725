# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Making tensors of memory and of coordinates, fragments, and views by thread and value."""

from __future__ import annotations

import functools
from typing import Any, cast

from enigma._layout import same
from enigma._operands import Tiler
from enigma.errors import (
    IndexRangeError,
    InvalidOption,
    LayoutError,
    OperandError,
    ResourceLimitError,
    ShapeMismatch,
    StaticShapeError,
)
from enigma.layout import (
    Layout,
    SwizzledLayout,
    cosize,
    product,
    product_each,
    recast_layout,
    size,
    zipped_divide,
)
from enigma.limits import METAL
from enigma.tensors.coordinates import IdentityTensor
from enigma.tensors.registers import RegisterTensor
from enigma.tensors.symbols import coordinate, index_value, shown, tiler_of
from enigma.tensors.tensor import Tensor
from enigma.tensors.views import (
    MOST_DERIVATIONS,
    View,
    dynamic_leaf,
    fragment_lanes,
    lowest_offset,
    reach_of,
)
from enigma.tracing.buffers import Buffer, stored_value
from enigma.tracing.builder import current_builder, require_builder
from enigma.tracing.conversions import widened
from enigma.tracing.fragments import Fragment
from enigma.tracing.meeting import broadcast
from enigma.tracing.messages import describe
from enigma.tracing.tables import ConstantArray
from enigma.types import DTypeLike, ElementLike, b1, resolve_dtype, resolve_element


def make_tensor(memory: object, layout: Layout | SwizzledLayout, offset: object = 0) -> Tensor:
    """View memory of a kernel through a layout.

    Parameters
    ----------
    memory : buffer, RegisterTensor or ConstantArray
        A parameter of the kernel, an array of `threadgroup_alloc`, a `register_tensor`, or a
        `constant_array`.
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
    buffer = memory.buffer if isinstance(memory, (RegisterTensor, ConstantArray)) else memory
    if not isinstance(buffer, Buffer):
        raise OperandError(
            operation="enigma.make_tensor",
            operand="the memory",
            found=describe(memory),
            expected="a buffer of the kernel, a threadgroup array, a register tensor or a "
            "constant array",
            remedy="a tensor is divided and sliced as it is"
            if isinstance(memory, View)
            else "the memory comes first, then its layout",
        )
    lowest_offset(layout)
    start, *_ = coordinate(offset, "the offset of enigma.make_tensor")
    if start is None or isinstance(start, tuple):
        raise OperandError(
            operation="enigma.make_tensor",
            operand="the offset",
            found=describe(offset),
            expected="an integer",
            remedy="it is the element at which the layout starts",
        )
    if isinstance(start, int):
        lowest, highest = reach_of(layout)
        check_inside(
            buffer,
            start + lowest,
            start + highest,
            "enigma.make_tensor: {} from element {} on reaches",
            layout,
            start,
            remedy="make the memory larger or the layout smaller, or start at another element",
        )
    tensor = Tensor.__new__(Tensor)
    View.__init__(tensor, layout, buffer.name)
    tensor.element_type = buffer.dtype
    tensor.address_space = buffer.address_space
    tensor._buffer = buffer
    start = buffer.start + widened(offset)
    tensor._offset, *_ = coordinate(start, "the offset of enigma.make_tensor")
    builder = require_builder("enigma.make_tensor")
    tensor._realize(builder)
    return tensor


def recast_tensor(tensor: Tensor, dtype: ElementLike) -> Tensor:
    """See the memory of a tensor as elements of another type.

    The layout is recast as by `recast_layout`: elements that become wider are whole ones along a
    mode of stride 1, and those that become narrower lie side by side in one.

    Parameters
    ----------
    tensor : Tensor
        In memory of any kind; that of a `register_tensor` with `make_tensor`.
    dtype : DType, VectorType, type or str
        Of the elements of the result, such as ``enigma.u32`` or ``"float4"``; no `b1`.

    Returns
    -------
    Tensor
        Of the same memory. Where threads write it as one type and others read it as another, a
        `barrier` stands between, as ever.

    Raises
    ------
    EnigmaError
        When the layout, or the element at which the tensor begins, cuts elements of `dtype`; or
        the tensor overhangs.
    """
    if not isinstance(tensor, Tensor):
        raise OperandError(
            operation="enigma.recast_tensor",
            operand="the tensor",
            found=describe(tensor),
            expected="a tensor in memory",
            remedy="view a buffer with enigma.make_tensor; the bits of a value are "
            "enigma.as_type(x, dtype)",
        )
    element = resolve_element(dtype)
    what = f"enigma.recast_tensor of tensor {tensor.name}"
    if element is tensor.element_type:
        return tensor
    if b1 in (element, tensor.element_type):
        raise OperandError(
            operation=what,
            operand="the dtype",
            found=f"{tensor.element_type} as {element}",
            expected="numbers",
            remedy="not every byte is a bool: compare numbers, as in x != 0",
        )
    if tensor.overhangs:
        raise InvalidOption(
            option=what,
            expected="a tensor whose elements all exist",
            found="one that overhangs what it is a part of",
            remedy="recast the whole tensor, and divide what that gives",
        )
    try:
        layout = recast_layout(8 * element.nbytes, 8 * tensor.dtype.nbytes, tensor.layout)
    except LayoutError as error:
        raise error.about(what) from None
    return tensor.recast(element, layout)


def check_inside(
    buffer: Buffer, lowest: int, highest: int, what: str, *parts: object, remedy: str
) -> None:
    """Check that elements of a buffer exist, from the `lowest` to the `highest`.

    What is accessed is a text with `parts` to be put in, for the message.
    """
    if lowest < 0 or (buffer.size is not None and highest >= buffer.size):
        raise IndexRangeError(
            f"{what.format(*parts)} to element {lowest if lowest < 0 else highest}; "
            f"{buffer.name} has {'elements from 0 on' if buffer.size is None else buffer.size}",
            remedy=remedy,
        )


def make_identity_tensor(shape: object) -> IdentityTensor:
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


def make_fragment(shape: object, dtype: DTypeLike = "float", fill: object = 0) -> Fragment:
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
    return _fragment("enigma.make_fragment", shape, dtype, fill)


def full_like(like: object, fill: object, dtype: DTypeLike | None = None) -> Fragment:
    """Make a fragment of one value, in the shape of a fragment or of a view.

    Parameters
    ----------
    like : Fragment, Tensor or RegisterTensor
        What has the shape.
    fill : number or traced scalar
        What each element is.
    dtype : DType, type or str, optional
        Of the elements; that of `like`, by default.

    Returns
    -------
    Fragment
        The fragment.

    Raises
    ------
    EnigmaError
        When `like` has no such shape, or as `make_fragment`.
    """
    return _fragment_like("enigma.full_like", like, fill, dtype)


def zeros_like(like: object, dtype: DTypeLike | None = None) -> Fragment:
    """Make a fragment of zeros, in the shape of a fragment or of a view.

    Parameters
    ----------
    like : Fragment, Tensor or RegisterTensor
        What has the shape.
    dtype : DType, type or str, optional
        Of the elements; that of `like`, by default.

    Returns
    -------
    Fragment
        The fragment.

    Raises
    ------
    EnigmaError
        As `full_like`.
    """
    return _fragment_like("enigma.zeros_like", like, 0, dtype)


def make_fragment_like(like: object, dtype: DTypeLike | None = None, fill: object = 0) -> Fragment:
    """Make a fragment as `make_fragment` does, in the shape of a fragment or of a view.

    Parameters
    ----------
    like : Fragment, Tensor or RegisterTensor
        What has the shape.
    dtype : DType, type or str, optional
        Of the elements; that of `like`, by default.
    fill : number or traced scalar
        What each element is.

    Returns
    -------
    Fragment
        The fragment.

    Raises
    ------
    EnigmaError
        As `full_like`.
    """
    return _fragment_like("enigma.make_fragment_like", like, fill, dtype)


def _fragment_like(function: str, like: object, fill: object, dtype: DTypeLike | None) -> Fragment:
    require_builder(function)
    if not isinstance(like, (Fragment, Tensor, RegisterTensor)):
        raise OperandError(
            operation=function,
            operand="like",
            found=describe(like),
            expected="a fragment, a tensor in memory or a register tensor",
            remedy="give the shape itself to enigma.make_fragment(shape, dtype, fill)",
        )
    element = resolve_dtype(like.dtype if dtype is None else dtype)
    return _fragment(function, like.shape, element, fill)


def _fragment(function: str, shape: object, dtype: DTypeLike, fill: object) -> Fragment:
    builder = require_builder(function)
    element = resolve_dtype(dtype)
    layout = Layout(shape)
    if not layout.is_static:
        raise StaticShapeError(
            f"{function}: {dynamic_leaf(layout.shape)} in the shape "
            f"{shown(layout.shape)} is known only when the kernel runs",
            remedy="a fragment has a shape that is known while the kernel is compiled",
        )
    count = size(layout) * element.nbytes
    if count > METAL.register_bytes:
        raise ResourceLimitError(
            f"{function}: {size(layout)} x {element} take {count} bytes; the registers "
            f"of a thread hold {METAL.register_bytes} at most",
            remedy="share the elements among threads",
        )
    value = stored_value(builder, fill, element, function)
    fragment = broadcast(value, fragment_lanes(layout.shape), function)
    assert isinstance(fragment, Fragment)
    return fragment


def domain_offset(coord: object, t: Tensor) -> Tensor:
    """Move the origin of a tensor: element ``c`` of the result is element ``coord + c`` of `t`.

    Parameters
    ----------
    coord : nested tuple of int and traced integer
        Where the origin goes; a coordinate of `t`.
    t : Tensor
        A tensor in a kernel.

    Returns
    -------
    Tensor
        Of the same layout. Nothing keeps coordinates from reaching beyond `t`: like a coordinate
        that the kernel computes, the shift is taken at its word.

    Raises
    ------
    EnigmaError
        When the coordinate does not fit; or the tensor is swizzled, so that no layout describes
        the result; or it has tiles that overhang, the guards of which would move with it.

    Examples
    --------
    ``enigma.domain_offset((start, 0), A)[0, 0]`` is ``A[start, 0]``.
    """
    function = "enigma.domain_offset"
    builder = require_builder(function)
    if not isinstance(t, Tensor):
        raise OperandError(
            operation=function,
            operand="t",
            found=describe(t),
            expected="a tensor in memory",
            remedy="add to the coordinates of an identity tensor where they are used"
            if isinstance(t, View)
            else "the coordinate comes first, then the tensor",
        )
    if isinstance(t.layout, SwizzledLayout):
        raise OperandError(
            operation=function,
            operand="t",
            found=f"a tensor of the swizzled layout {t.layout}",
            expected="a layout that is not swizzled",
            remedy="slice the tensor, or cut it with enigma.local_tile",
        )
    if t.overhangs:
        raise OperandError(
            operation=function,
            operand="t",
            found=f"tensor {t.name} with tiles that reach beyond it",
            expected="a tensor whose elements all exist",
            remedy="shift the whole tensor before it is cut into tiles",
        )
    element = t.element(coord)
    _, index = element.place()
    return make_tensor(t._memory(builder), t.layout, index_value(builder, index))


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
    return cast(Tensor, zipped_divide(_tensor(t, "enigma.tensor_zipped_divide"), tiler))


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
    extents, fits, reach, whole = _composed(tensor.layout, tv, tiler)
    if not fits:
        raise ShapeMismatch(
            f"enigma.tensor_composition: tensor {tensor.name} has the shape "
            f"{shown(tensor.shape)}, and the tiler {shown(extents)}",
            remedy="take one tile first: enigma.tensor_zipped_divide(t, tiler)[((None, None), i)]",
        )
    if isinstance(reach, int) and isinstance(whole, int) and reach > whole:
        raise ShapeMismatch(
            f"enigma.tensor_composition: {tv} reaches to element {reach - 1} of a tile of "
            f"{whole} elements",
            remedy="tv and tiler belong together, as enigma.make_layout_tv gives them",
        )
    composed: Tensor = tensor.derive("composition", tv)
    return composed


@functools.lru_cache(maxsize=MOST_DERIVATIONS)
def _composed(
    layout: Layout | SwizzledLayout, tv: Layout, tiler: Any
) -> tuple[Any, bool, Any, Any]:
    """Give the extents of a tiler, whether a layout has them, the reach of `tv` and their size."""
    extents = tuple(map(size, tiler)) if isinstance(tiler, tuple) else tiler
    found = product_each(layout.shape)
    fits = same(found, extents) or same(found, (extents,))
    return extents, fits, cosize(tv), product(extents)


def _tensor(t: object, function: str) -> View:
    if not isinstance(t, View):
        raise OperandError(
            operation=function,
            operand="t",
            found=describe(t),
            expected="a tensor",
            remedy="make one with enigma.Tensor or enigma.make_tensor",
        )
    return t
