# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of tiles in memory by Metal Performance Primitives."""

from __future__ import annotations

from typing import Any

from enigma._layout import same
from enigma.errors import DTypeMismatch, InvalidOption, OperandError
from enigma.language.matrices import check_memory
from enigma.layout import Layout
from enigma.tensors.tensor import Tensor
from enigma.tracing.buffers import check_writable
from enigma.tracing.builder import Builder
from enigma.tracing.cooperative_tensor import (
    FACTORS,
    CooperativeLanes,
    CooperativeTensor,
    Product,
    filled,
    sums_of,
)
from enigma.tracing.messages import describe
from enigma.tracing.subscripts import subscript
from enigma.tracing.values import result, use
from enigma.types import DType, DTypeLike, resolve_dtype

_FUNCTION = "enigma.matmul2d_mma"
#: How often one of the extents M and N has to be this, and K.
_BLOCK = 16
_MAX_SIMDGROUPS = 32


def make_product(
    shape: Any,
    dtype: DTypeLike,
    accumulator: DTypeLike,
    dtype_b: DTypeLike | None,
    majors: tuple[Any, Any],
    relaxed_precision: Any,
    simdgroups: Any,
) -> tuple[Product, DType]:
    """Check the arguments of `matmul2d_mma`; give the product, and the dtype of its sums."""
    is_shape = isinstance(shape, (tuple, list)) and len(shape) == 3
    if not (
        is_shape
        and all(type(extent) is int and extent > 0 for extent in shape)
        and shape[0] % 8 == 0
        and shape[1] % 8 == 0
        and (shape[0] % _BLOCK == 0 or shape[1] % _BLOCK == 0)
        and shape[2] % _BLOCK == 0
    ):
        raise InvalidOption(
            option=f"shape of {_FUNCTION}",
            expected="extents M, N and K: M and N multiples of 8, one of them of 16, and K of 16",
            found=shape,
            remedy="these are the tiles that Metal multiplies, such as (16, 32, 16)",
        )
    left = resolve_dtype(dtype)
    right = left if dtype_b is None else resolve_dtype(dtype_b)
    sums = resolve_dtype(accumulator)
    for option, found in (("dtype", left), ("dtype_b", right)):
        if found not in FACTORS:
            raise InvalidOption(
                option=f"{option} of {_FUNCTION}",
                expected='"float", "half", "bfloat" or "char"',
                found=found,
                remedy="other elements are multiplied by enigma.scalar_mma, or by operators",
            )
    allowed = sums_of(left, right)
    if sums not in allowed:
        raise InvalidOption(
            option=f"accumulator of {_FUNCTION}",
            expected=" or ".join(each.name for each in allowed),
            found=sums,
            remedy=f"Metal sums products of {left} and {right} in nothing else",
        )
    transposed = []
    for option, major, letters in zip(("a_major", "b_major"), majors, ("MK", "NK"), strict=True):
        if major not in tuple(letters):
            raise InvalidOption(
                option=f"{option} of {_FUNCTION}",
                expected=" or ".join(f'"{letter}"' for letter in letters),
                found=major,
                remedy="name the mode of which elements are contiguous in memory",
            )
        transposed.append(major == "M" if letters == "MK" else major == "K")
    if not isinstance(relaxed_precision, bool):
        raise InvalidOption(
            option=f"relaxed_precision of {_FUNCTION}",
            expected="True or False",
            found=relaxed_precision,
            remedy="leave it out where factors keep their precision",
        )
    if type(simdgroups) is not int or not 1 <= simdgroups <= _MAX_SIMDGROUPS:
        raise InvalidOption(
            option=f"simdgroups of {_FUNCTION}",
            expected=f"1 to {_MAX_SIMDGROUPS}",
            found=simdgroups,
            remedy="say how many SIMD groups multiply one tile together",
        )
    product = Product(
        (shape[0], shape[1], shape[2]),
        left,
        right,
        (transposed[0], transposed[1]),
        relaxed_precision,
        simdgroups,
    )
    return product, sums


def zeros(builder: Builder, product: Product, dtype: DType) -> CooperativeTensor:
    """Make sums of zeros."""
    return filled(builder, dtype, 0, CooperativeLanes(product))


def _place(
    builder: Builder,
    function: str,
    t: Any,
    extents: tuple[int, int],
    dtype: DType,
    what: str,
    transposed: bool = False,
) -> tuple[Any, ...]:
    """Find a tile of rows and columns in memory: the buffer, the subscript and the distance."""
    if (
        not isinstance(t, Tensor)
        or not isinstance(t.layout, Layout)
        or not same(t.layout.shape, extents)
    ):
        raise OperandError(
            operation=function,
            operand=what,
            found=describe(t),
            expected=f"a part of a tensor of {extents[0]} x {extents[1]}, without a swizzle",
            remedy="cut it out with partition_A, partition_B or partition_C of the same product",
        )
    if t.dtype is not dtype:
        raise DTypeMismatch(
            f"{function}: tensor {t.name} has elements of {t.dtype}, {what} of {dtype}",
            remedy=f"make an atom of {t.dtype}, or convert the tile on its way to threadgroup "
            "memory",
        )
    rows, columns = t.layout.stride
    distance, step = (columns, rows) if transposed else (rows, columns)
    if not same(step, 1):
        raise OperandError(
            operation=function,
            operand=what,
            found=f"a part of layout {t.layout}",
            expected=f"a part of contiguous {'columns' if transposed else 'rows'}",
            remedy="say by a_major and b_major of the atom what is contiguous, or copy the tile to "
            "threadgroup memory in that order",
        )
    if isinstance(distance, int) and distance < extents[0 if transposed else 1]:
        raise OperandError(
            operation=function,
            operand=what,
            found=f"a part of layout {t.layout}",
            expected=f"{'columns' if transposed else 'rows'} that do not overlap",
            remedy="copy the tile to threadgroup memory, where each has a place of its own, and "
            "take it from there",
        )
    element = t.element((0, 0))
    check_memory(function, what, element)
    return (*element.place(), subscript(builder, distance, "the distance of rows"))


def load(builder: Builder, product: Product, dtype: DType, t: Any) -> CooperativeTensor:
    """Read sums from memory."""
    place = _place(builder, "enigma.copy", t, product.shape[:2], dtype, "the sums")
    builder.effects += 1
    lanes = CooperativeLanes(product)
    sums = result(builder, "enigma.cooperative_tensor_load", dtype, lanes, place)
    assert isinstance(sums, CooperativeTensor)
    return sums


def store(builder: Builder, sums: CooperativeTensor, t: Any) -> None:
    """Write sums to memory."""
    extents = sums.lanes.product.shape[:2]
    place = _place(builder, "enigma.copy", t, extents, sums.dtype, "the sums")
    check_writable(t.address_space, f"tensor {t.name}")
    builder.effects += 1
    builder.op("enigma.cooperative_tensor_store", (), (use(sums), *place))


def multiply_accumulate(function: str, product: Product, a: Any, b: Any, c: Any) -> Any:
    """Build ``a b + c`` of tiles ``a`` of (M, K) and ``b`` of (K, N)."""
    if not isinstance(c, CooperativeTensor) or c.lanes != CooperativeLanes(product):
        raise OperandError(
            operation=function,
            operand="c",
            found=describe(c),
            expected="sums of this product",
            remedy="make them with make_fragment_C of the same tiled product",
        )
    builder = c.builder
    m, n, k = product.shape
    left, right = product.transposed
    places = (
        *_place(builder, function, a, (m, k), product.left, "a", left),
        *_place(builder, function, b, (k, n), product.right, "b", right),
    )
    builder.effects += 1
    return result(builder, "enigma.matmul2d", c.dtype, c.lanes, (*places, use(c)))
