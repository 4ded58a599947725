# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What operations on layouts take, as types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from enigma._layout import Basis, Dyn, Layout, SwizzledLayout

#: A leaf: a number, an integer known at run time only, or a step along a coordinate.
Leaf = int | Dyn | Basis
#: A nested tuple of integers: a shape, a stride.
IntTuple = Leaf | tuple["IntTuple", ...] | list["IntTuple"]
#: A nested tuple of integers in which ``None`` keeps a mode.
Coordinate = Leaf | None | tuple["Coordinate", ...] | list["Coordinate"]
#: A layout, an extent (the layout ``extent:1``), or a tuple of these and ``None``, by mode.
Tiler = Layout | int | Dyn | None | tuple["Tiler", ...] | list["Tiler"]


class HasLayout:
    """What operations on layouts act on by its layout: a tensor.

    Attributes
    ----------
    layout : Layout or SwizzledLayout
        The layout.
    derive : callable
        Given the name of an operation of this module and its further arguments, applies it.
    """

    layout: Any
    derive: Callable[..., Any]


#: A plain or a swizzled layout; an operation returns the kind that it was given.
L = TypeVar("L", bound=Layout | SwizzledLayout)
#: The same, or a tensor.
V = TypeVar("V", bound=Layout | SwizzledLayout | HasLayout)
