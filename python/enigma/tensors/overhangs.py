# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Views that overhang: elements may lie outside of what parts do not divide."""

from __future__ import annotations

from typing import Any

from enigma import _layout
from enigma._layout import same
from enigma.layout import (
    Layout,
    SwizzledLayout,
    cosize,
    crd2idx,
    filter,
    idx2crd,
    logical_divide,
    make_identity_layout,
    product,
    product_each,
    size,
)
from enigma.tensors.views import leaves_of, operands_of, reach_of, selects
from enigma.tracing.accesses import both
from enigma.tracing.builder import Builder
from enigma.tracing.values import Value, constant
from enigma.types import b1


def leaves_gaps(layout: Any, operation: str, arguments: tuple[Any, ...]) -> bool:
    """Whether coordinates of a view may lie outside of the layout that it was made of."""
    if operation == "composition":
        return _exceeds(layout, arguments[0])
    return _has_gaps(layout, cutting(operation, arguments))


def cutting(operation: str, arguments: tuple[Any, ...]) -> Any:
    """Give the tiler by which an operation cuts or composes a layout; None if it does neither."""
    if operation == "local_partition":
        return product_each(arguments[0].shape)
    return arguments[0] if operands_of(operation)[:1] == ("tiler",) else ()


def along_tiler(shape: Any, tiler: Any) -> tuple[Any, Any]:
    """Count along each mode of a tiler.

    Returns
    -------
    extents : int or nested tuple of int
        Of the modes that have one tile or none.
    modes : Layout, None, or nested tuple of these
        What a layout of those extents is composed with to have the given shape; None if it has.
    """
    if not isinstance(shape, tuple):
        return shape, None
    if not isinstance(tiler, tuple):
        return product(shape), Layout(shape)
    tiles = (*tiler, *[()] * len(shape))
    parts = [along_tiler(mode, tile) for mode, tile in zip(shape, tiles, strict=False)]
    extents, modes = (tuple(part[k] for part in parts) for k in (0, 1))
    return extents, modes if any(mode is not None for mode in modes) else None


def coordinate_above(
    position: Any, part: Any, layout: Any, operation: str, arguments: tuple[Any, ...]
) -> tuple[Any, Any]:
    """Give the coordinate of an element of a view in what the view was made of.

    Parameters
    ----------
    position : int or nested tuple of int
        The coordinate in the view; symbols may stand in it.
    part : int or nested tuple of int
        The shape of the view.
    layout : Layout or SwizzledLayout
        Of what it was made of, by this operation with these arguments.

    Returns
    -------
    coordinate : int or nested tuple of int
        Along the modes of the tiler, if there is one.
    extents : int or nested tuple of int
        Of these modes, or the shape.
    """
    if operation == "coalesce":
        return crd2idx(position, Layout(part)), layout.shape
    if operation == "slice":
        return filled(arguments[0], position, part), layout.shape
    if operation == "composition" and isinstance(arguments[0], (Layout, SwizzledLayout)):
        return crd2idx(fitted(position, part, arguments[0].shape), arguments[0]), size(layout)
    if operation == "local_tile":
        tiler, kept = arguments
        divided = _layout.zipped_divide(layout, tiler)
        # The modes of the tile, then those of tiles that are kept.
        modes = position if isinstance(position, tuple) else idx2crd(position, part)
        modes = modes if isinstance(modes, tuple) else (modes,)
        tile, tiles = divided
        inside, rests = modes[: tile.rank], modes[tile.rank :]
        position = (
            inside if tile.depth else inside[0],
            filled(kept, rests if tiles.depth or kept is not None else rests[0], part),
        )
        part, operation, arguments = divided.shape, "zipped_divide", (tiler,)
    extents, modes = along_tiler(layout.shape, cutting(operation, arguments))
    whole = make_identity_layout(extents)
    if modes is not None:
        whole = _layout.composition(whole, modes)
    if operation == "local_partition":
        view, start = _layout.local_partition_and_offset(whole, *arguments)
    else:
        view, start = getattr(_layout, operation)(whole, *arguments), 0
    return summed(extents, crd2idx(fitted(position, part, view.shape), view), start), extents


def filled(coord: Any, position: Any, shape: Any) -> Any:
    """Give a coordinate with those of the modes that it keeps in the places of ``None``."""
    if not isinstance(coord, tuple):
        return position if coord is None else coord
    if not selects(coord):
        return coord
    modes = iter(position if isinstance(position, tuple) else idx2crd(position, shape))

    def fill(coord: Any) -> Any:
        if isinstance(coord, tuple):
            return tuple(map(fill, coord))
        return next(modes) if coord is None else coord

    return fill(coord)


def fitted(position: Any, shape: Any, target: Any) -> Any:
    """Give the coordinate in another shape with as many elements, where the two nest alike or not.

    A mode that has other modes there is given by the number of the element in it.
    """
    if not isinstance(position, tuple):
        return position
    if isinstance(target, tuple) and same(product_each(shape), product_each(target)):
        return tuple(map(fitted, position, shape, target))
    return crd2idx(position, Layout(shape))


def summed(shape: Any, *coordinates: Any) -> Any:
    """Add coordinates in a shape; a mode of which one of them says nothing is 0 there."""
    if not isinstance(shape, tuple):
        return sum(coordinates)

    def mode_of(coord: Any, i: int) -> Any:
        return coord[i] if isinstance(coord, tuple) and i < len(coord) else 0

    return tuple(
        summed(mode, *(mode_of(coord, i) for coord in coordinates)) for i, mode in enumerate(shape)
    )


def less(
    builder: Builder, position: Any, extents: Any, condition: bool | Value = True
) -> bool | Value:
    """Give `condition` and that a coordinate lies below its bounds; True where that is certain."""
    for index, extent in zip(leaves_of(position), leaves_of(extents), strict=True):
        inside = index < extent
        if inside is False:
            inside = constant(builder, b1, False)
        condition = both(condition, inside)
    return condition


def _has_gaps(layout: Any, tiler: Any) -> bool:
    """Whether tiles do not divide a layout, or are not known to."""
    if tiler is None:
        return False
    if isinstance(tiler, (tuple, list)):
        return any(_has_gaps(mode, tile) for mode, tile in zip(layout, tiler, strict=False))
    if isinstance(tiler, Layout):
        # Coordinates that differ in modes of stride 0 find the same element.
        tiler = filter(tiler)
    return not same(size(logical_divide(layout, tiler)), size(layout))


def _exceeds(layout: Any, tiler: Any) -> bool:
    """Whether a layout is composed with one that reaches beyond its end."""
    if tiler is None:
        return False
    if isinstance(tiler, (tuple, list)):
        return any(_exceeds(mode, tile) for mode, tile in zip(layout, tiler, strict=False))
    if isinstance(tiler, SwizzledLayout):
        return not tiler.is_static or _exceeds(layout, reach_of(tiler)[1] + 1)
    reach = cosize(tiler) if isinstance(tiler, Layout) else tiler
    extent = size(layout)
    if isinstance(reach, int) and isinstance(extent, int):
        return reach > extent
    return not same(reach, extent)
