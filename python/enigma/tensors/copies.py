# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies between tensors, and of stretches of buffers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from enigma.errors import DTypeMismatch, InvalidOption, OperandError, ShapeMismatch
from enigma.tensors.making import check_inside
from enigma.tensors.symbols import shown
from enigma.tensors.tensor import Tensor, optional
from enigma.tensors.views import fragment_lanes
from enigma.tracing.buffers import Buffer, check_writable
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_condition, as_operand
from enigma.tracing.conversions import truth, widened
from enigma.tracing.fragments import Fragment, FragmentLanes
from enigma.tracing.messages import describe
from enigma.tracing.tables import ConstantArray
from enigma.tracing.values import Value, constant, result, use, wrap
from enigma.types import VectorType, b1, i32, i64

# Of so many accesses, or fewer, `mask_fn` is asked for each element with its number.
_KNOWN_ACCESSES = 16


class Mover:
    """Base of what says how tensors are copied, and stands before them among `copy`'s arguments."""

    @abstractmethod
    def move(self, src: Any, dst: Any, mask: object) -> None:
        """Copy `src` to `dst`."""


def copy(
    src: Any,
    dst: Any,
    count: object = None,
    src_offset: object = 0,
    dst_offset: object = 0,
    mask_fn: Callable[[Any], Any] | None = None,
    coalesced_width: int = 1,
    *,
    mask: object = None,
) -> None:
    """Copy the elements of a view to another one, or a stretch of a buffer.

    Between tensors it is ``dst.store(src.load(mask), mask)``, in the widest accesses that both
    allow: elements outside of a source that overhangs are 0. Between buffers the thread copies
    `count` consecutive elements. ``copy(tiled, src, dst)`` copies as a tiled copy or product says.

    Parameters
    ----------
    src, dst : Tensor, or buffer
        Of the same element type. Tensors have the same shape; their modes may nest in different
        ways. A constant array may be copied as a buffer.
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
    if isinstance(src, Mover):
        src.move(dst, count, mask)
        return
    if isinstance(src, ConstantArray) and count is not None:
        src = src.buffer
    wanted: type = Tensor if count is None else Buffer
    for operand, memory in (("src", src), ("dst", dst)):
        if not isinstance(memory, wanted):
            raise OperandError(
                operation="enigma.copy",
                operand=operand,
                found=describe(memory),
                expected="a tensor in memory, or a buffer and a count"
                if count is None
                else "a buffer, since a count is given",
                remedy="view a buffer with enigma.make_tensor, or give the count of elements"
                if count is None
                else "slice a tensor, and copy it without a count",
            )
    if count is None:
        _copy_views(builder, src, dst, mask)
        return
    if type(coalesced_width) is not int or coalesced_width not in (1, 2, 4):
        raise InvalidOption(
            option="coalesced_width of enigma.copy",
            expected="1, 2 or 4",
            found=coalesced_width,
            remedy="it is how many elements one access takes; leave it out for one",
        )
    if mask is not None:
        raise InvalidOption(
            option="mask of enigma.copy",
            expected="mask_fn between buffers",
            found=describe(mask),
            remedy="write mask_fn=lambda i: ..., which is asked for each element",
        )
    _copy_elements(builder, src, dst, count, src_offset, dst_offset, mask_fn, coalesced_width)


def _copy_elements(
    builder: Builder,
    src: Buffer,
    dst: Buffer,
    count: object,
    src_offset: object,
    dst_offset: object,
    mask_fn: Callable[[Any], Any] | None,
    width: int,
) -> None:
    if src.dtype is not dst.dtype:
        remedy = "give both elements of as many lanes"
        if src.dtype.lanes == dst.dtype.lanes:
            scalar = dst.dtype.scalar
            convert = "" if src.dtype.scalar is scalar else f".to(enigma.{scalar})"
            remedy = f"assign each: {dst.name}[i] = {src.name}[i]{convert}"
        raise DTypeMismatch(
            f"enigma.copy: {src.name} has elements of {src.dtype}, {dst.name} of {dst.dtype}",
            remedy=remedy,
        )
    if isinstance(src.dtype, VectorType) and width != 1:
        raise InvalidOption(
            option="coalesced_width of enigma.copy",
            expected="1 for vectors",
            found=width,
            remedy="leave it out: a vector is accessed as a whole",
        )
    check_writable(dst.address_space, dst.name)
    number = _integer(count, "count")
    if isinstance(number, int) and number < 0:
        raise InvalidOption(
            option="count of enigma.copy",
            expected="not negative",
            found=count,
            remedy="copy upwards, from the lower of the ends",
        )
    are_known = isinstance(number, int) and number // width <= _KNOWN_ACCESSES
    is_checked = mask_fn is None or are_known
    ends = []
    for buffer, offset, operand in (
        (src, src_offset, "src_offset"),
        (dst, dst_offset, "dst_offset"),
    ):
        start = _integer(offset, operand)
        # What a mask that the kernel decides leaves out may lie outside.
        if isinstance(start, int) and isinstance(number, int) and number and is_checked:
            check_inside(
                buffer,
                start,
                start + number - 1,
                "enigma.copy: {} elements from element {} on reach",
                number,
                start,
                remedy="copy fewer elements, or make the memory larger",
            )
        ends.append(buffer.start + widened(start))
    source, destination = ends
    if mask_fn is None or not isinstance(number, int) or not are_known:
        _build(builder, (src, source), (dst, destination), number, width, mask_fn=mask_fn)
        return
    # What an access asks for stands before it, not before all of them.
    for first in range(0, number, width):
        positions = range(first, min(first + width, number))
        mask = result(
            builder,
            "vector.from_elements",
            b1,
            fragment_lanes(len(positions)),
            tuple(use(_condition(builder, mask_fn, position)) for position in positions),
        )
        _build(
            builder,
            (src, source + first),
            (dst, destination + first),
            len(positions),
            width,
            mask=mask,
        )


def _build(
    builder: Builder,
    src: tuple[Buffer, Any],
    dst: tuple[Buffer, Any],
    count: Value | int,
    width: int,
    *,
    mask: Value | None = None,
    mask_fn: Callable[[Any], Any] | None = None,
) -> None:
    """Build the copy from one buffer and offset to others, of elements that a mask tells."""
    source, destination = (_number(builder, offset) for _, offset in (src, dst))
    elements = _number(builder, count)
    attributes = {"width": builder.session.attribute(f"{width} : i32")}
    for end, value in (("source", source), ("destination", destination), ("count", elements)):
        if not value.dtype.is_signed:
            attributes[f"{end}_unsigned"] = builder.ir.Attribute.unit(builder.session.context)
    builder.effects += 1
    buffers = (src[0].use(), dst[0].use())
    operation = builder.op(
        "enigma.copy_elements",
        (),
        (buffers[0], use(source), buffers[1], use(destination), use(elements), *optional(mask)),
        attributes,
        1,
    )
    if mask_fn is None:
        return
    scope, arguments = builder.push_block(
        operation,
        0,
        "in the mask_fn of enigma.copy",
        (builder.session.value_type(elements.dtype),),
        (None,),
    )
    position = wrap(builder, arguments[0], elements.dtype)
    builder.op("enigma.yield", (), (use(_condition(builder, mask_fn, position)),))
    builder.pop(scope)


def _integer(number: object, operand: str) -> Value | int:
    """Give an argument that is an integer, traced or known."""
    value = as_operand(number, "enigma.copy", operand)
    if isinstance(value, Value):
        if value.dtype.kind != "f" and value.lanes == 1:
            return value
    elif isinstance(value, int) and i64.why_not(value) is None:
        return int(value)
    raise OperandError(
        operation="enigma.copy",
        operand=operand,
        found=describe(number),
        expected="an integer",
        remedy="convert with .to(enigma.i32)" if isinstance(value, Value) else "it counts elements",
    )


def _number(builder: Builder, number: Value | int) -> Value:
    """Give an integer as a traced one of at least 32 bits."""
    if isinstance(number, Value):
        wide: Value = widened(number)
        return wide
    return constant(builder, i32 if i32.why_not(number) is None else i64, number)


def _condition(builder: Builder, mask_fn: Callable[[Any], Any], position: object) -> Value:
    condition = as_condition(mask_fn(position), "enigma.copy", "what mask_fn gives")
    if isinstance(condition, Value):
        return truth(condition)
    return constant(builder, b1, bool(condition))


def _copy_views(builder: Builder, src: Tensor, dst: Tensor, mask: object) -> None:
    if src.element_type is not dst.element_type:
        raise DTypeMismatch(
            f"enigma.copy: {src.name} has elements of {src.element_type}, {dst.name} of "
            f"{dst.element_type}",
            remedy=f"convert: dst.store(src.load().to(enigma.{dst.element_type}))",
        )
    check_writable(dst.address_space, f"tensor {dst.name}")
    lanes, others = src._whole("enigma.copy from"), dst._whole("enigma.copy into")
    if lanes != others:
        raise ShapeMismatch(
            f"enigma.copy: {src.name} has the shape {shown(src.shape)}, {dst.name} "
            f"{shown(dst.shape)}",
            remedy="copy views of the same shape",
        )
    condition = dst._mask(builder, _arranged(mask, lanes, others), others, "enigma.copy")
    operands = (src._realize(builder), dst._realize(builder), *optional(condition))
    builder.effects += 1
    builder.op("enigma.copy", (), operands)


def _arranged(mask: object, given: FragmentLanes, wanted: FragmentLanes) -> Any:
    """Give a mask of one view for another one whose modes nest in another way."""
    if isinstance(mask, Fragment) and mask.lanes == given:
        return wrap(mask.builder, use(mask), mask.dtype, wanted)
    return mask
