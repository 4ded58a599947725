# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies between tensors, and of stretches of buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enigma.errors import DTypeMismatch, InvalidOption, OperandError, ShapeMismatch
from enigma.layout import Layout
from enigma.tensors.making import make_tensor
from enigma.tensors.symbols import shown
from enigma.tensors.tensor import Tensor, optional
from enigma.tensors.views import fragment_lanes
from enigma.tracing.buffers import Buffer, check_writable
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_condition, as_operand
from enigma.tracing.conversions import truth
from enigma.tracing.fragments import Fragment, FragmentLanes
from enigma.tracing.loops import RangeFor
from enigma.tracing.messages import describe
from enigma.tracing.ranges import Range
from enigma.tracing.values import Value, constant, result, use, wrap
from enigma.types import b1

# More copies than these of a stretch of a buffer are a loop.
_UNROLLED_COPIES = 16


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
    whole = _whole_accesses(builder, number, coalesced_width)
    elements.copy(0, whole, coalesced_width)
    if coalesced_width > 1:
        elements.copy(whole * coalesced_width, number - whole * coalesced_width, 1)


def _whole_accesses(builder: Builder, count: Any, width: int) -> Any:
    """Give how many accesses of `width` elements there are; none, or less, of a negative count."""
    if width == 1 or not isinstance(count, Value) or not count.dtype.is_signed:
        return count // width
    # Truncated: `//` would leave elements to copy of a count that is negative.
    operands = (use(count), use(constant(builder, count.dtype, width)))
    return result(builder, "arith.divsi", count.dtype, count.lanes, operands)


class _Stretch:
    """Consecutive elements of two buffers."""

    def __init__(
        self,
        builder: Builder,
        src: Buffer,
        dst: Buffer,
        src_offset: object,
        dst_offset: object,
        mask_fn: Callable[[Any], Any] | None,
    ) -> None:
        self._builder = builder
        self._ends = ((src, src_offset), (dst, dst_offset))
        self._mask_fn = mask_fn

    def copy(self, start: Any, count: object, width: int) -> None:
        """Copy `count` times `width` elements, from number `start` on."""
        if isinstance(count, int) and count <= _UNROLLED_COPIES:
            for step in range(count):
                self._access(start + step * width, width)
            return
        loop = RangeFor(self._builder, Range(0, count, 1))
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
                fragment_lanes(width),
                tuple(use(lane) for lane in lanes),
            )
        _copy_views(self._builder, src, dst, mask)

    def _condition(self, number: object) -> Value:
        assert self._mask_fn is not None
        condition = as_condition(self._mask_fn(number), "enigma.copy", "what mask_fn gives")
        if isinstance(condition, Value):
            return truth(condition)
        return constant(self._builder, b1, bool(condition))


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
