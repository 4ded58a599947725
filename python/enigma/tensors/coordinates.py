# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors of coordinates: they tell where the elements of a view stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enigma._host_calls import host_function, refuse_attribute
from enigma.errors import (
    NotInMemory,
    OperandError,
    ResourceLimitError,
    ShapeMismatch,
    SubscriptError,
)
from enigma.layout import make_identity_layout
from enigma.limits import METAL
from enigma.tensors.symbols import (
    coordinate,
    index_value,
    made_tuple,
    shown,
    tuple_operand,
    tuple_type,
)
from enigma.tensors.views import View, congruent, leaves_of, nest
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.fragments import Fragment
from enigma.tracing.messages import describe
from enigma.tracing.values import wrap
from enigma.types import b1

if TYPE_CHECKING:
    from enigma import _mlir as ir


class IdentityTensor(View):
    """A tensor whose elements are their own coordinates; views of it tell where elements stand.

    Attributes
    ----------
    layout : Layout
        With strides that are steps along coordinates.
    """

    _enigma_operand_hint = "index it: its elements are tuples of integers"

    @host_function(name="enigma.IdentityTensor")
    def __init__(self, shape: Any) -> None:
        super().__init__(make_identity_layout(shape), "of coordinates")

    def __getattr__(self, name: str) -> Any:
        if name in ("load", "store", "fill", "element_type", "address_space"):
            raise NotInMemory(attribute=name)
        return refuse_attribute(self, name)

    def __setitem__(self, position: Any, value: object) -> None:
        raise SubscriptError(
            "the elements of an identity tensor are its coordinates and cannot be assigned",
            remedy="view memory with enigma.make_tensor",
        )

    def __repr__(self) -> str:
        return f"<tensor of coordinates, {self.layout}>"

    def _build(self, builder: Builder, source: ir.Value | None) -> tuple[ir.Operation, ir.Value]:
        shape = tuple_operand(builder, self.shape)
        return builder.infer_value("enigma.make_identity_tensor", (shape,))

    def __getitem__(self, position: object) -> Any:
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
        found = self._coordinate(position)
        tree, pattern, leaves, selects = found
        if selects:
            return self._slice(found)
        builder = require_builder(f"indexing of tensor {self.name}")
        self._check_range(tree)
        operands = (self._realize(builder), made_tuple(builder, tuple_type(pattern), leaves))
        _, element = builder.infer_value("enigma.element_coord", operands)
        root = self.root
        steps = []
        for number in range(len(leaves_of(root.shape))):
            attributes = {"leaf": builder.session.attribute(f"{number} : i64")}
            leaf = builder.infer("enigma.get_leaf", (element,), attributes).result
            steps.append(index_value(builder, leaf))
        return nest(root.shape, iter(steps))


def in_bounds(coordinates: IdentityTensor, shape: object) -> Fragment:
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
    extents, pattern, leaves, selects = coordinate(shape, "the shape of enigma.in_bounds")
    wanted = coordinates.root.shape
    if selects or not congruent(extents, wanted):
        raise ShapeMismatch(
            f"enigma.in_bounds: the shape {shown(extents)} does not fit coordinates in the shape "
            f"{shown(wanted)}",
            remedy="give one extent for each coordinate, nested in the same way",
        )
    if lanes > METAL.register_bytes:
        raise ResourceLimitError(
            f"enigma.in_bounds: a mask of {int(lanes)} elements is too large for the registers of "
            f"a thread; they hold {METAL.register_bytes} at most",
            remedy="share the elements among threads",
        )
    bounds = made_tuple(builder, tuple_type(pattern), leaves)
    operands = (coordinates._realize(builder), bounds)
    operation, value = builder.infer_value("enigma.in_bounds", operands)
    mask = wrap(builder, value, b1, lanes)
    assert isinstance(mask, Fragment)
    mask.operation = operation
    return mask


def elem_less(a: object, b: object) -> Any:
    """Tell whether each integer of a coordinate is less than its counterpart.

    Parameters
    ----------
    a, b : int, traced integer or nested tuple of these
        Congruent, as the elements of an identity tensor and its shape are.

    Returns
    -------
    bool or traced b1
        A bool where all is known while the kernel is compiled.

    Raises
    ------
    EnigmaError
        When the two do not nest alike, or hold something else.

    Examples
    --------
    >>> enigma.elem_less((1, 7), (4, 8))
    True
    """
    (left, _, _, in_left), (right, _, _, in_right) = (
        coordinate(x, "a coordinate of enigma.elem_less") for x in (a, b)
    )
    if in_left or in_right or not congruent(left, right):
        raise ShapeMismatch(
            f"enigma.elem_less: {shown(left)} and {shown(right)} do not nest alike",
            remedy="give one integer for each integer of the other",
        )
    known, traced = True, None
    for x, y in zip(leaves_of(left), leaves_of(right), strict=True):
        if isinstance(x, int) and isinstance(y, int):
            known = known and x < y
            continue
        less = x < y
        traced = less if traced is None else traced & less
    return known if traced is None or not known else traced
