# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layouts: functions from coordinates to offsets, and their algebra.

A layout is a pair of congruent nested tuples of integers, written ``shape:stride``. A 1-D
coordinate is colexicographic: mode 0 runs fastest. The last leaf is unbounded, so ``L(i)`` exists
beyond ``size(L)`` too. Every operation is defined by a property of the functions; where no layout
has that property it raises `enigma.EnigmaError`.

An extent or stride may be known at run time only (`dyn`). Operations keep what is static, and say
which leaf they need where they cannot do without its value.

Functions that hand their arguments on to the algebra are generated from the records of the dialect,
into `enigma._algebra`; those that do more stand here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from enigma import _layout
from enigma._algebra import (
    blocked_product,
    filter,
    flat_divide,
    flat_product,
    left_inverse,
    local_partition,
    local_tile,
    logical_divide,
    logical_product,
    make_identity_layout,
    make_layout_tv,
    make_ordered_layout,
    max_common_vector,
    raked_product,
    recast_layout,
    right_inverse,
    tile_to_shape,
    tiled_divide,
    tiled_product,
    zipped_divide,
    zipped_product,
)
from enigma._host_calls import host_function, refuse_attribute, refuse_call
from enigma._layout import Basis, Dyn, Layout, Swizzle, SwizzledLayout
from enigma._operands import Coordinate, HasLayout, IntTuple, V
from enigma._process import import_late
from enigma.errors import InvalidOption, LayoutError, LayoutOperandError, spelled

__all__ = [
    "Basis",
    "Dyn",
    "Layout",
    "Swizzle",
    "SwizzledLayout",
    "append",
    "blocked_product",
    "ceil_div",
    "coalesce",
    "complement",
    "composition",
    "cosize",
    "crd2idx",
    "depth",
    "dice",
    "dyn",
    "filter",
    "flat_divide",
    "flat_product",
    "flatten",
    "get",
    "group_modes",
    "idx2crd",
    "left_inverse",
    "local_partition",
    "local_tile",
    "logical_divide",
    "logical_product",
    "make_identity_layout",
    "make_layout",
    "make_layout_tv",
    "make_ordered_layout",
    "max_common_vector",
    "prepend",
    "product",
    "product_each",
    "raked_product",
    "rank",
    "recast_layout",
    "repeat_like",
    "replace",
    "right_inverse",
    "round_up",
    "select",
    "shape_div",
    "size",
    "slice",
    "slice_and_offset",
    "swizzle",
    "take",
    "tile_to_shape",
    "tiled_divide",
    "tiled_product",
    "zipped_divide",
    "zipped_product",
]


def _draw(function: str, *arguments: Any, **options: Any) -> Any:
    """Call a function of the package that draws, which is imported only then."""
    return getattr(import_late("enigma.pictures"), function)(*arguments, **options)


_layout.install(
    error=LayoutError,
    operand_error=LayoutOperandError,
    refuse_attribute=refuse_attribute,
    refuse_call=refuse_call,
    spelled=spelled,
    draw=_draw,
)

_AnyLayout = (Layout, SwizzledLayout)
# What is its own layout, or has none.
_HAVE_NONE = (*_AnyLayout, Swizzle, Dyn, int, tuple, list)
_MAKE_A_LAYOUT = "make one with enigma.Layout(shape, stride); that of a tensor A is A.layout"


def dyn(name: str | None, div: int = 1) -> Dyn:
    """Make an integer that is known only at run time.

    In the layout of a `Tensor` it is a scalar parameter of the kernel, of 32 bits: an extent is
    from 1 to 2^31 - 1.

    Parameters
    ----------
    name : str or None
        Its name; the same name and divisor give the same integer. None is an integer of its own,
        of which nothing but the divisor is known.
    div : int
        A positive number that is known to divide it.

    Returns
    -------
    Dyn
        It may stand for an extent or a stride, and has the operators ``+ - * // %``. On the host
        it equals the same expression only, and comparing it with a number raises; in a kernel it is
        a traced integer.

    Raises
    ------
    EnigmaError
        If the name is no identifier, or `div` is not positive.

    Examples
    --------
    >>> Layout((enigma.dyn("n", div=4), 64), (64, 1))
    Layout((dyn('n', div=4), 64), (64, 1))
    """
    if name is not None and not (isinstance(name, str) and name.isidentifier()):
        raise InvalidOption(
            option="the name of a symbolic integer",
            expected="an identifier, or None",
            found=name,
            remedy="it names a parameter of the kernel",
        )
    return _layout.dyn(name, div)


# --- Sizes and coordinates ------------------------------------------------------------------------


def _is_tuple(x: object) -> bool:
    return isinstance(x, (tuple, list))


def _modes_of(x: Any) -> Any:
    """The layout of something that has one, or the tuple itself."""
    if isinstance(x, _HAVE_NONE):
        return x
    return getattr(x, "layout", x)


def _mode(x: Any, mode: int | Sequence[int] | None) -> Any:
    x = _modes_of(x)
    return x if mode is None else get(x, mode)


def size(x: Any, mode: int | Sequence[int] | None = None) -> Any:
    """Count the coordinates in the domain.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or nested tuple of int
        A tuple is taken as a shape.
    mode : int or sequence of int, optional
        The path of the mode to count instead of the whole.

    Returns
    -------
    int
        The product of the extents; a `Dyn` where one of them is.

    Raises
    ------
    EnigmaError
        If there is no such mode.

    Examples
    --------
    >>> enigma.size(Layout((4, 8), (9, 1)))
    32
    >>> enigma.size(Layout((4, (2, 3))), mode=[1])
    6
    """
    return _layout.size(_modes_of(x), None if mode is None else _path((mode,)))


def cosize(x: Any, mode: int | Sequence[int] | None = None) -> Any:
    """Measure the reach of a layout: ``1 + sum((s - 1) * abs(d))`` over its leaves.

    Parameters
    ----------
    x : Layout, SwizzledLayout or tensor
    mode : int or sequence of int, optional
        The path of the mode to measure instead of the whole.

    Returns
    -------
    int
        In elements.

    Raises
    ------
    EnigmaError
        If there is no such mode.

    Examples
    --------
    >>> enigma.cosize(Layout((4, 8), (9, 1)))
    35
    """
    return _layout.cosize(_mode(x, mode))


def rank(x: Any, mode: int | Sequence[int] | None = None) -> int:
    """Count the modes; a single leaf has one.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or nested tuple of int
    mode : int or sequence of int, optional
        The path of the mode whose modes to count.

    Returns
    -------
    int

    Raises
    ------
    EnigmaError
        If there is no such mode.

    Examples
    --------
    >>> enigma.rank(Layout(((2, 3), 4)))
    2
    """
    part = _mode(x, mode)
    if isinstance(part, _AnyLayout):
        return part.rank
    return len(part) if _is_tuple(part) else 1


def depth(x: Any, mode: int | Sequence[int] | None = None) -> int:
    """Tell how deep the modes nest; 0 for a single leaf.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or nested tuple of int
    mode : int or sequence of int, optional
        The path of the mode to look at.

    Returns
    -------
    int

    Raises
    ------
    EnigmaError
        If there is no such mode.

    Examples
    --------
    >>> enigma.depth(Layout(((2, 3), 4)))
    2
    """
    part = _mode(x, mode)
    if isinstance(part, _AnyLayout):
        return part.depth
    _layout.check_nesting(part, "depth")
    return _depth(part)


def _depth(x: Any) -> int:
    return 1 + max(map(_depth, x), default=0) if _is_tuple(x) else 0


def crd2idx(
    coord: Coordinate, layout: Layout | SwizzledLayout | IntTuple, stride: IntTuple | None = None
) -> Any:
    """Map a coordinate to its offset.

    Parameters
    ----------
    coord : int or nested tuple of int
        Congruent to the shape, or weaker: an integer may stand for a whole mode.
    layout : Layout, SwizzledLayout, or nested tuple of int
        A tuple is a shape, whose `stride` follows.
    stride : nested tuple of int, optional
        By default compact, with mode 0 fastest.

    Returns
    -------
    int
        In elements. A nested tuple where the strides step along coordinates.

    Raises
    ------
    EnigmaError
        If the coordinate nests deeper than the shape, or has another number of modes.

    Examples
    --------
    >>> enigma.crd2idx((1, 2), Layout((4, 8), (8, 1)))
    10
    >>> enigma.crd2idx(9, (4, 8), (8, 1))
    10
    """
    if not isinstance(layout, _AnyLayout):
        layout = Layout(layout, stride)
    return layout(coord)


def idx2crd(index: int | Dyn, shape: Layout | SwizzledLayout | IntTuple) -> Any:
    """Give the coordinate of a 1-D index, mode 0 fastest.

    Parameters
    ----------
    index : int
        Beyond the size, the last leaf of the coordinate exceeds its extent.
    shape : Layout, SwizzledLayout, or nested tuple of int

    Returns
    -------
    nested tuple of int
        Congruent to the shape.

    Examples
    --------
    >>> enigma.idx2crd(9, (4, 8))
    (1, 2)
    >>> enigma.idx2crd(9, ((2, 2), 8))
    ((1, 0), 2)
    """
    return _layout.idx2crd(index, shape.shape if isinstance(shape, _AnyLayout) else shape)


# --- Simplification -------------------------------------------------------------------------------


def coalesce(layout: V, profile: Any = None) -> V:
    """Give the flat layout with the fewest modes and the same 1-D function.

    Parameters
    ----------
    layout : Layout, SwizzledLayout or tensor
    profile : nested tuple, optional
        Keep this nesting: coalesce the mode at each of its leaves, whose values do not matter.
        Modes beyond it stay as they are.

    Returns
    -------
    Layout, SwizzledLayout or tensor
        Modes keep their order.

    Raises
    ------
    EnigmaError
        If the profile has more modes than the layout.

    Examples
    --------
    >>> enigma.coalesce(Layout(((2, 4), (2, 2)), ((1, 2), (8, 16))))
    Layout(32, 1)
    >>> enigma.coalesce(Layout(((2, 4), (2, 2)), ((1, 2), (8, 16))), (1, 1))
    Layout((8, 4), (1, 8))
    """
    if isinstance(layout, HasLayout):
        return cast(V, layout.derive("coalesce", profile))
    if profile is not None:
        _layout.check_nesting(profile, "coalesce: the profile")
        profile = _repeat(1, profile)
    return cast(V, _layout.coalesce(layout, profile))


# --- Composition and inverses ---------------------------------------------------------------------


def composition(a: Any, b: Any) -> Any:
    """Compose two layouts: ``R(c) = a(b(c))`` for every ``c`` in the domain of `b`.

    Parameters
    ----------
    a : Layout, SwizzledLayout or Swizzle
        Its last mode is unbounded, so `b` may reach beyond its end.
    b : Layout, SwizzledLayout, int or tuple
        A tuple composes by mode; ``None`` in it, and modes that it leaves out, keep a mode of `a`.

    Returns
    -------
    Layout, SwizzledLayout or tensor
        Its shape refines that of `b`.

    Raises
    ------
    EnigmaError
        Exactly when no layout equals the composition; ``tiler exceeds tensor`` when a tile of a
        tuple is larger than its mode.

    Examples
    --------
    >>> enigma.composition(Layout((6, 2), (8, 2)), Layout((4, 3), (3, 1)))
    Layout(((2, 2), 3), ((24, 2), 8))
    >>> enigma.composition(Layout((4, 8), (8, 1)), (2, None))
    Layout((2, 8), (8, 1))
    """
    if isinstance(a, HasLayout):
        return a.derive("composition", b)
    if isinstance(a, Swizzle):
        return SwizzledLayout(a, 0, b)
    return _layout.composition(a, b)


def complement(layout: Layout, n: int | Dyn | IntTuple | None = None) -> Layout:
    """Give the layout of the copies of `layout` that fill ``[0, n)``.

    Parameters
    ----------
    layout : Layout
        Modes of stride 0 and of extent 1 add nothing to its image, and are ignored.
    n : int or shape, optional
        The extent to cover; the size of a shape. By default ``cosize(layout)``.

    Returns
    -------
    Layout
        Ordered, and disjoint from the image of `layout`; the sums of both cover ``[0, n)``, rounded
        up to whole blocks, each offset once.

    Raises
    ------
    EnigmaError
        If the modes of `layout` overlap, or its gaps cannot be filled by a layout.

    Examples
    --------
    >>> enigma.complement(Layout(4, 2), 16)
    Layout((2, 2), (1, 8))
    """
    if n is None:
        n = cast("int | Dyn", cosize(layout))
    elif _is_tuple(n):
        n = cast("int | Dyn", size(n))
    return cast(Layout, _layout.complement(layout, n))


# --- Construction ---------------------------------------------------------------------------------


def make_layout(*layouts: Any, stride: Any = None) -> Layout:
    """Make a layout of modes, or of a shape.

    Parameters
    ----------
    *layouts : Layout
        The modes. Or a shape, which its stride may follow.
    stride : nested tuple of int, optional
        The stride of a shape, by name.

    Returns
    -------
    Layout

    Raises
    ------
    EnigmaError
        If there is no mode, shape and stride are not congruent, or the stride is given twice or
        besides modes.

    Examples
    --------
    >>> enigma.make_layout(Layout(4), Layout((2, 3), (12, 4)))
    Layout((4, (2, 3)), (1, (12, 4)))
    >>> enigma.make_layout((4, 8), (8, 1))
    Layout((4, 8), (8, 1))
    >>> enigma.make_layout((4, 8), stride=(8, 1))
    Layout((4, 8), (8, 1))
    """
    if not 1 <= len(layouts) <= 2 or any(isinstance(x, _AnyLayout) for x in layouts):
        if stride is not None:
            raise LayoutError(
                "make_layout: a stride is given besides layouts, which have strides of their own",
                "give a shape and a stride, or the layouts alone",
            )
        return _layout.join(*layouts)
    if len(layouts) == 2 and stride is not None:
        raise LayoutError(
            f"make_layout: two strides are given, {spelled(layouts[1])} and {spelled(stride)}",
            "give one of them",
        )
    return Layout(layouts[0], layouts[1] if len(layouts) == 2 else stride)


def swizzle(layout: Layout, bits: int, base: int, shift: int) -> SwizzledLayout:
    """Swizzle the offsets of a layout.

    Parameters
    ----------
    layout : Layout
        Not swizzled itself.
    bits, base, shift : int
        As for `Swizzle`.

    Returns
    -------
    SwizzledLayout
        The same shape; `layout`, then the swizzle.

    Raises
    ------
    EnigmaError
        If no such swizzle exists.

    Examples
    --------
    >>> str(enigma.swizzle(Layout((32, 32), (32, 1)), 5, 0, 5))
    'Sw<5,0,5> o 0 o (32,32):(32,1)'
    """
    if not isinstance(layout, Layout):
        raise LayoutOperandError(
            f"swizzle: expected a Layout, got {type(layout).__name__}", _MAKE_A_LAYOUT
        )
    return cast(SwizzledLayout, _layout.swizzle(layout, bits, base, shift))


# --- Modes ----------------------------------------------------------------------------------------


def _path(modes: tuple[Any, ...]) -> list[int]:
    """The path given as `f(x, 0, 1)`, `f(x, (0, 1))` or `f(x, [0, 1])`."""
    if len(modes) == 1 and _is_tuple(modes[0]):
        return list(modes[0])
    return list(modes)


def _check_no_tensor(name: str, x: Any) -> None:
    if isinstance(x, HasLayout):
        raise LayoutOperandError(f"{name}: expected a Layout, got a tensor", _MAKE_A_LAYOUT)


def _check_ints(name: str, *modes: Any) -> None:
    for mode in modes:
        try:
            known = not isinstance(mode, (bool, Dyn)) and operator.index(mode) == mode
        except TypeError:
            known = False
        if not known:
            raise LayoutOperandError(
                f"{name}: expected an int, got {type(mode).__name__}", "write a Python int"
            )


def _check_range(name: str, x: tuple[Any, ...], begin: int, end: int) -> None:
    _check_ints(name, begin, end)
    if not 0 <= begin < end <= len(x):
        raise LayoutError(
            f"{name}: modes [{begin}, {end}) are no range of the modes of {spelled(x)}",
            "modes count from 0, and the end is beyond the last one",
        )


def _as_modes(x: Any) -> tuple[Any, ...]:
    return tuple(x) if _is_tuple(x) else (x,)


def get(x: Any, *mode: Any) -> Any:
    """Pick the mode at a path.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or nested tuple
    *mode : int
        The path: ``get(x, 1, 0)`` or ``get(x, [1, 0])`` is mode 0 of mode 1.

    Returns
    -------
    the mode, of the kind of `x`

    Raises
    ------
    EnigmaError
        If there is no such mode.

    Examples
    --------
    >>> enigma.get(Layout((4, (2, 3))), 1, 0)
    Layout(2, 4)
    """
    path = _path(mode)
    if isinstance(x, HasLayout):
        return x.derive("get", path) if path else x
    if isinstance(x, _AnyLayout):
        return _layout.get(x, path)
    _check_ints("get", *path)
    for index in path:
        modes = _as_modes(x)
        if not 0 <= index < len(modes):
            raise LayoutError(f"get: {spelled(x)} has no mode {index}", "modes count from 0")
        x = modes[index]
    return x


def select(x: Any, *modes: Any) -> Any:
    """Pick modes in a given order.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or tuple
    *modes : int
        ``select(x, 2, 0)`` or ``select(x, [2, 0])``.

    Returns
    -------
    the modes, as the kind of `x`

    Raises
    ------
    EnigmaError
        If there is no such mode.

    Examples
    --------
    >>> enigma.select(Layout((4, 8), (8, 1)), 1, 0)
    Layout((8, 4), (1, 8))
    """
    indices = _path(modes)
    if isinstance(x, HasLayout):
        return x.derive("select", indices)
    if isinstance(x, _AnyLayout):
        return _layout.select(x, indices)
    return tuple(get(x, index) for index in indices)


def take(x: Any, begin: int, end: int) -> Any:
    """Take the modes ``[begin, end)``.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or tuple
    begin, end : int

    Returns
    -------
    the modes, as the kind of `x`

    Raises
    ------
    EnigmaError
        If that is no range of modes.

    Examples
    --------
    >>> enigma.take(Layout((2, 3, 4)), 1, 3)
    Layout((3, 4), (2, 6))
    """
    if isinstance(x, HasLayout):
        return x.derive("take", begin, end)
    if isinstance(x, _AnyLayout):
        return _layout.take(x, begin, end)
    modes = _as_modes(x)
    _check_range("take", modes, begin, end)
    return modes[begin:end]


def group_modes(x: Any, begin: int, end: int) -> Any:
    """Make one mode of the modes ``[begin, end)``.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or tuple
    begin, end : int

    Returns
    -------
    the kind of `x`

    Raises
    ------
    EnigmaError
        If that is no range of modes.

    Examples
    --------
    >>> enigma.group_modes(Layout((2, 3, 4)), 0, 2)
    Layout(((2, 3), 4), ((1, 2), 6))
    """
    if isinstance(x, HasLayout):
        return x.derive("group_modes", begin, end)
    if isinstance(x, _AnyLayout):
        return _layout.group_modes(x, begin, end)
    modes = _as_modes(x)
    _check_range("group_modes", modes, begin, end)
    return (*modes[:begin], modes[begin:end], *modes[end:])


def flatten(x: Any) -> Any:
    """Undo all nesting of modes.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or nested tuple

    Returns
    -------
    the kind of `x`
        A single leaf stays one.

    Examples
    --------
    >>> enigma.flatten(Layout(((2, 3), 4)))
    Layout((2, 3, 4), (1, 2, 6))
    """
    if isinstance(x, HasLayout):
        return x.derive("flatten")
    if isinstance(x, _AnyLayout):
        return _layout.flatten(x)
    if not _is_tuple(x):
        return x
    _layout.check_nesting(x, "flatten")
    return tuple(_leaves(x))


def _leaves(x: Any) -> Iterator[Any]:
    if not _is_tuple(x):
        yield x
        return
    for mode in x:
        yield from _leaves(mode)


def append(x: Any, mode: Any) -> Any:
    """Add a mode at the end.

    Parameters
    ----------
    x : Layout, SwizzledLayout, or tuple
    mode : Layout, or element of a tuple

    Returns
    -------
    the kind of `x`

    Raises
    ------
    TypeError
        If a layout is given something else as a mode.

    Examples
    --------
    >>> enigma.append(Layout((4, 8)), Layout(3, 32))
    Layout((4, 8, 3), (1, 4, 32))
    """
    _check_no_tensor("append", x)
    if isinstance(x, _AnyLayout):
        return _layout.append(x, mode)
    return (*_as_modes(x), mode)


def prepend(x: Any, mode: Any) -> Any:
    """Add a mode at the front.

    Parameters
    ----------
    x : Layout, SwizzledLayout, or tuple
    mode : Layout, or element of a tuple

    Returns
    -------
    the kind of `x`

    Raises
    ------
    TypeError
        If a layout is given something else as a mode.

    Examples
    --------
    >>> enigma.prepend(Layout((4, 8)), Layout(3, 32))
    Layout((3, 4, 8), (32, 1, 4))
    """
    _check_no_tensor("prepend", x)
    if isinstance(x, _AnyLayout):
        return _layout.prepend(x, mode)
    return (mode, *_as_modes(x))


def replace(x: Any, mode: int, by: Any) -> Any:
    """Put another mode in the place of one.

    Parameters
    ----------
    x : Layout, SwizzledLayout, or tuple
    mode : int
    by : Layout, or element of a tuple

    Returns
    -------
    the kind of `x`

    Raises
    ------
    EnigmaError
        If there is no such mode.

    Examples
    --------
    >>> enigma.replace(Layout((4, 8)), 0, Layout(3, 32))
    Layout((3, 8), (32, 4))
    """
    _check_no_tensor("replace", x)
    if isinstance(x, _AnyLayout):
        return _layout.replace(x, by, mode)
    modes = _as_modes(x)
    _check_ints("replace", mode)
    _check_range("replace", modes, mode, mode + 1)
    return (*modes[:mode], by, *modes[mode + 1 :])


def _coord_last(x: Any, coord: Any) -> tuple[Any, Any]:
    """The arguments of a slice, which may be given in either order."""
    return (coord, x) if isinstance(coord, (*_AnyLayout, HasLayout)) else (x, coord)


def _pick(name: str, x: Any, coord: Any, wanted: bool) -> tuple[Any, ...]:
    if not _is_tuple(coord):
        return (x,) if (coord is None) == wanted else ()
    _check_no_tensor(name, x)
    if not _is_tuple(x) or len(x) != len(coord):
        raise LayoutError(
            f"{name}: coordinate {spelled(coord)} does not fit {spelled(x)}",
            "give one coordinate for each mode, nested as the tuple is",
        )
    return tuple(p for a, c in zip(x, coord, strict=True) for p in _pick(name, a, c, wanted))


def slice(x: Any, coord: Any) -> Any:
    """Keep the modes for which a coordinate has ``None``.

    Parameters
    ----------
    x : Layout, SwizzledLayout, tensor, or nested tuple
    coord : nested tuple of int and None
        Congruent to `x` or weaker.

    Returns
    -------
    the kind of `x`
        One mode for each ``None``, whatever its nesting; ``1:0`` if there is none. The offset of
        the integers is dropped (`slice_and_offset` gives it), but for a swizzled layout, whose own
        offset grows by it.

    Raises
    ------
    EnigmaError
        If the coordinate does not fit.

    Examples
    --------
    >>> enigma.slice(Layout((4, 8), (8, 1)), (2, None))
    Layout((8,), (1,))
    """
    x, coord = _coord_last(x, coord)
    if isinstance(x, HasLayout):
        return x.derive("slice", coord)
    if isinstance(x, _AnyLayout):
        return _layout.slice(x, coord)
    _layout.check_nesting(coord, "slice: the coordinate")
    return _pick("slice", x, coord, wanted=True)


def dice(x: Any, coord: Any) -> Any:
    """Keep the modes for which a coordinate has integers.

    Parameters
    ----------
    x : Layout, SwizzledLayout, or nested tuple
    coord : nested tuple of int and None
        Congruent to `x` or weaker.

    Returns
    -------
    the kind of `x`
        One mode for each integer; ``1:0`` if there is none.

    Raises
    ------
    EnigmaError
        If the coordinate does not fit.

    Examples
    --------
    >>> enigma.dice(Layout((4, 8), (8, 1)), (2, None))
    Layout((4,), (8,))
    """
    x, coord = _coord_last(x, coord)
    if isinstance(x, _AnyLayout):
        return _layout.dice(x, coord)
    _layout.check_nesting(coord, "dice: the coordinate")
    return _pick("dice", x, coord, wanted=False)


def slice_and_offset(layout: Any, coord: Any) -> tuple[Any, Any]:
    """Keep the modes for which a coordinate has ``None``, and give where they begin.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    coord : nested tuple of int and None
        Congruent to the shape or weaker.

    Returns
    -------
    layout : Layout or SwizzledLayout
        As `slice` gives it.
    offset : int
        The offset of `coord` with 0 for ``None``; 0 for a swizzled layout, which holds it itself.

    Raises
    ------
    EnigmaError
        If the coordinate does not fit.

    Examples
    --------
    >>> enigma.slice_and_offset(Layout((4, 8), (8, 1)), (2, None))
    (Layout((8,), (1,)), 16)
    """
    layout, coord = _coord_last(layout, coord)
    return _layout.slice_and_offset(layout, coord)


# --- Tuples ---------------------------------------------------------------------------------------


def product(x: IntTuple) -> Any:
    """Multiply all leaves of a nested tuple.

    Parameters
    ----------
    x : int or nested tuple of int

    Returns
    -------
    int

    Examples
    --------
    >>> enigma.product(((2, 3), 4))
    24
    """
    return _layout.product(x)


def product_each(x: IntTuple) -> Any:
    """Multiply the leaves of each mode of a nested tuple.

    Parameters
    ----------
    x : int or nested tuple of int

    Returns
    -------
    int or tuple of int
        One number for each mode.

    Examples
    --------
    >>> enigma.product_each(((2, 3), 4))
    (6, 4)
    """
    return tuple(map(product, x)) if isinstance(x, (tuple, list)) else x


def repeat_like(x: Any, target: Any) -> Any:
    """Make a tuple that nests like another, with one value for all leaves.

    Parameters
    ----------
    x : object
        The value.
    target : nested tuple, Layout or SwizzledLayout
        What to be congruent to.

    Returns
    -------
    object or nested tuple

    Examples
    --------
    >>> enigma.repeat_like(1, ((2, 3), 4))
    ((1, 1), 1)
    """
    target = target.shape if isinstance(target, _AnyLayout) else target
    _layout.check_nesting(target, "repeat_like")
    return _repeat(x, target)


def _repeat(x: Any, target: Any) -> Any:
    return tuple(_repeat(x, mode) for mode in target) if _is_tuple(target) else x


def _check_nestings(name: str, *trees: Any) -> None:
    for tree in trees:
        _layout.check_nesting(tree, name)


def _divisor(name: str, divisor: Any) -> Any:
    if isinstance(divisor, int) and divisor <= 0:
        raise LayoutError(f"{name}: {divisor} is no divisor", "divide by a positive integer")
    return divisor


def _by_leaf(name: str, a: Any, b: Any, function: Callable[[Any, Any], Any]) -> Any:
    """Apply a function to the leaves of two tuples; a leaf stands for a tuple of them."""
    if not _is_tuple(a) and not _is_tuple(b):
        return function(a, b)
    pairs = [x if _is_tuple(x) else None for x in (a, b)]
    extent = next(len(x) for x in pairs if x is not None)
    left, right = (
        [x] * extent if modes is None else modes for x, modes in zip((a, b), pairs, strict=True)
    )
    if len(left) != len(right):
        raise LayoutError(
            f"{name}: {spelled(a)} and {spelled(b)} have {len(left)} and {len(right)} modes",
            "give tuples that nest alike, or an integer for all modes",
        )
    return tuple(_by_leaf(name, x, y, function) for x, y in zip(left, right, strict=True))


def _ceil_div(name: str, a: Any, b: Any) -> Any:
    is_traced = False
    for x in (a, b):
        # A traced integer has a kind of its own; what it is no integer for, its operators tell.
        if hasattr(type(x), "_enigma_kind"):
            is_traced = True
        elif not isinstance(x, Dyn):
            _check_ints(name, x)
    divisor = _divisor(name, b)
    if not is_traced:
        return (a + (divisor - 1)) // divisor
    # The sum may not fit the dtype that the quotient has.
    quotient = a // divisor
    return quotient + (a % divisor != 0).to(quotient.dtype)


def ceil_div(a: Any, b: Any) -> Any:
    """Divide and round up: how many parts of `b` it takes to cover `a`.

    Parameters
    ----------
    a, b : int, traced integer or nested tuple
        Tuples are divided by leaf; one that is no tuple meets all leaves of the other. `b` is
        positive.

    Returns
    -------
    int, traced integer or nested tuple

    Raises
    ------
    EnigmaError
        If the tuples do not nest alike, or a divisor is not positive.

    Examples
    --------
    >>> enigma.ceil_div(10, 4)
    3
    >>> enigma.ceil_div((10, 64), (4, 32))
    (3, 2)
    """
    _check_nestings("ceil_div", a, b)
    return _by_leaf("ceil_div", a, b, lambda x, y: _ceil_div("ceil_div", x, y))


def round_up(a: Any, b: Any) -> Any:
    """Give the least multiple of `b` that is not less than `a`.

    Parameters
    ----------
    a, b : int, traced integer or nested tuple
        As for `ceil_div`.

    Returns
    -------
    int, traced integer or nested tuple

    Raises
    ------
    EnigmaError
        If the tuples do not nest alike, or a divisor is not positive.

    Examples
    --------
    >>> enigma.round_up(10, 4)
    12
    """
    _check_nestings("round_up", a, b)
    return _by_leaf("round_up", a, b, lambda x, y: _ceil_div("round_up", x, y) * y)


def shape_div(a: IntTuple, b: IntTuple) -> Any:
    """Divide a shape: what is left of each mode of `a` when `b` is taken from the front.

    Parameters
    ----------
    a, b : int or nested tuple of int
        An integer `b` is used up by the modes of a tuple `a` in turn, mode 0 first. Tuples are
        divided mode by mode. A tuple `b` divides an integer by its product.

    Returns
    -------
    int or nested tuple of int
        Congruent to `a`.

    Raises
    ------
    EnigmaError
        If of two extents neither divides the other.

    Examples
    --------
    >>> enigma.shape_div((4, 8), 8)
    (1, 4)
    >>> enigma.shape_div((4, 8), (2, 8))
    (2, 1)
    """
    _check_nestings("shape_div", a, b)
    return _shape_div(a, b)


def _shape_div(a: Any, b: Any) -> Any:
    if not _is_tuple(a):
        return _extent_div(a, product(b) if _is_tuple(b) else b)
    if _is_tuple(b):
        if len(a) != len(b):
            raise LayoutError(
                f"shape_div: {spelled(a)} and {spelled(b)} have {len(a)} and {len(b)} modes",
                "give tuples that nest alike, or an integer for all modes",
            )
        return tuple(map(_shape_div, a, b))
    modes = []
    for mode in a:
        modes.append(_shape_div(mode, b))
        b = _extent_div(b, product(mode))
    return tuple(modes)


def _extent_div(a: Any, b: Any) -> Any:
    for extent in (a, b):
        if isinstance(extent, bool) or not isinstance(extent, int) or extent <= 0:
            raise LayoutError(
                f"shape_div: {spelled(extent)} is no extent", "give positive integers, as of shapes"
            )
    if a % b and b % a:
        raise LayoutError(
            f"shape_div: of {a} and {b} neither divides the other",
            "give a divisor of the extent, or a multiple; enigma.ceil_div rounds up",
        )
    return max(1, a // b)


# --- Calls that do not fit ------------------------------------------------------------------------

for _name in __all__:
    if not isinstance(globals()[_name], type):
        globals()[_name] = host_function(name=f"enigma.{_name}")(globals()[_name])


# --- Methods of layouts ---------------------------------------------------------------------------


def _install_methods(layouts: Any) -> None:
    """Give a class of layouts what the functions of this module do."""
    pick = layouts.__getitem__

    def getitem(self: Any, mode: Any) -> Any:
        _layout.check_nesting(mode, "mode")
        if mode is None or (_is_tuple(mode) and None in _leaves(mode)):
            return slice(self, mode)
        return pick(self, mode)

    for name, method in (("size", size), ("cosize", cosize), ("__getitem__", getitem)):
        setattr(layouts, name, method)


for _layouts in _AnyLayout:
    _install_methods(_layouts)
