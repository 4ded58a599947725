// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_LAYOUT_ALGEBRA_OPS
#define ENIGMA_LAYOUT_ALGEBRA_OPS

// Operations that make layouts of layouts.

include "LayoutBase.td"

//===----------------------------------------------------------------------===//
// Algebra
//===----------------------------------------------------------------------===//

class Enigma_UnaryLayoutOp<string mnemonic, string what, string example>
    : Enigma_LayoutOp<mnemonic> {
  let summary = what;
  let description = [{
    Example:

    ```mlir
    }] # example # [{
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$layout);
}

def Enigma_CoalesceOp : Enigma_LayoutOp<"coalesce"> {
  let summary = "the layout with the fewest modes and the same function";
  let description = [{
    Flat, or, with a `profile`, coalesced at each of its leaves.

    Constraints:
    1. The profile fits the layout.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<((2,2),3):((1,2),4)>
    %1 = enigma.coalesce %0
        : (!enigma.layout<((2,2),3):((1,2),4)>) -> !enigma.layout<12:1>
    %2 = enigma.static : !enigma.int_tuple<(0,0)>
    %3 = enigma.coalesce %0, %2
        : (!enigma.layout<((2,2),3):((1,2),4)>, !enigma.int_tuple<(0,0)>)
        -> !enigma.layout<(4,3):(1,4)>
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$input,
                       Optional<Enigma_IntTupleType>:$profile);
}

def Enigma_FilterOp : Enigma_UnaryLayoutOp<"filter",
    "drops modes of stride 0 and of extent 1, and coalesces", [{
    %0 = enigma.static : !enigma.layout<(4,8):(0,1)>
    %1 = enigma.filter %0 : (!enigma.layout<(4,8):(0,1)>) -> !enigma.layout<8:1>}]> {
  let python = [{
    (layout: L) -> L

    Drop the modes of stride 0 and of extent 1, and coalesce.

    Parameters
    ----------
    layout : Layout or SwizzledLayout

    Returns
    -------
    Layout or SwizzledLayout
        With the same offsets, each fewer times.

    Examples
    --------
    >>> enigma.filter(Layout((4, 8), (0, 1)))
    Layout(8, 1)
  }];
}

def Enigma_FlattenOp : Enigma_UnaryLayoutOp<"flatten",
    "the layout without nesting", [{
    %0 = enigma.static : !enigma.layout<((2,2),3):((1,2),4)>
    %1 = enigma.flatten %0
        : (!enigma.layout<((2,2),3):((1,2),4)>) -> !enigma.layout<(2,2,3):(1,2,4)>}]>;

def Enigma_RightInverseOp : Enigma_UnaryLayoutOp<"right_inverse",
    "the longest R with A(R(i)) = i", [{
    %0 = enigma.static : !enigma.layout<(2,4):(4,1)>
    %1 = enigma.right_inverse %0
        : (!enigma.layout<(2,4):(4,1)>) -> !enigma.layout<(4,2):(2,1)>}]> {
  let python = [{
    (layout: Layout) -> Layout

    Give the longest ``R`` with ``layout(R(i)) == i``.

    Parameters
    ----------
    layout : Layout

    Returns
    -------
    Layout
        Its offsets are 1-D coordinates in the domain of `layout`.

    Examples
    --------
    >>> enigma.right_inverse(Layout((2, 4), (4, 1)))
    Layout((4, 2), (2, 1))
  }];
}

def Enigma_LeftInverseOp : Enigma_UnaryLayoutOp<"left_inverse",
    "L with L(A(i)) = i on the domain of A", [{
    %0 = enigma.static : !enigma.layout<(2,4):(4,1)>
    %1 = enigma.left_inverse %0
        : (!enigma.layout<(2,4):(4,1)>) -> !enigma.layout<(4,2):(2,1)>}]> {
  let python = [{
    (layout: Layout) -> Layout

    Give ``L`` with ``L(layout(i)) == i``.

    Parameters
    ----------
    layout : Layout
        Injective but for modes of stride 0, for which ``L`` gives coordinate 0.

    Returns
    -------
    Layout

    Raises
    ------
    EnigmaError
        If `layout` is not injective, or no chain of extents tells its strides apart.

    Examples
    --------
    >>> enigma.left_inverse(Layout((4, 8), (9, 1)))
    Layout((9, 4), (4, 1))
  }];
}

def Enigma_ComplementOp : Enigma_LayoutOp<"complement"> {
  let summary = "what a layout leaves out";
  let description = [{
    The ordered layout that together with this one covers [0, n), rounded up to
    whole blocks. Modes of stride 0 and of extent 1 add nothing to what is covered.

    Constraints:
    1. The other modes of the layout do not overlap.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<4:2>
    %1 = enigma.static : !enigma.int_tuple<24>
    %2 = enigma.complement %0, %1
        : (!enigma.layout<4:2>, !enigma.int_tuple<24>) -> !enigma.layout<(2,3):(1,8)>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, Enigma_IntLike:$n);
}

class Enigma_ByTilerOp<string mnemonic, string what, string properties,
                       string example> : Enigma_LayoutOp<mnemonic> {
  let summary = what;
  let description = [{
    }] # properties # [{

    A tiler acts mode by mode, as does a tuple of extents; a layout acts on the
    whole.

    Constraints:
    1. The tiler has no more modes than the layout, and in no mode more elements.
    2. The result is a layout.

    Example:

    ```mlir
    }] # example # [{
    ```
  }];
}

class Enigma_DivideOp<string mnemonic, string modes, string result>
    : Enigma_ByTilerOp<mnemonic, "cuts a layout or tensor into tiles",
        "A o (T, complement(T, size(A))), with modes " # modes # [{. A tensor is
    cut by its layout; the tiles at the end may overhang.}], [{
    %0 = enigma.static : !enigma.layout<(8,12):(12,1)>
    %1 = enigma.static : !enigma.tiler<(4:1,3:1)>
    %2 = enigma.}] # mnemonic # [{ %0, %1
        : (!enigma.layout<(8,12):(12,1)>, !enigma.tiler<(4:1,3:1)>)
        -> !enigma.layout<}] # result # ">"> {
  let arguments = (ins Enigma_LayoutLike:$a, Enigma_TilerLike:$tiler);
}

class Enigma_ProductOp<string mnemonic, string modes, string result>
    : Enigma_ByTilerOp<mnemonic, "repeats a layout in the arrangement of another",
        "(A, complement(A, size(A) * cosize(B)) o B), with modes " # modes # ".", [{
    %0 = enigma.static : !enigma.layout<(2,5):(5,1)>
    %1 = enigma.static : !enigma.layout<(3,4):(1,3)>
    %2 = enigma.}] # mnemonic # [{ %0, %1
        : (!enigma.layout<(2,5):(5,1)>, !enigma.layout<(3,4):(1,3)>)
        -> !enigma.layout<}] # result # ">"> {
  let arguments = (ins Enigma_LayoutType:$a, Enigma_TilerLike:$b);
}

def Enigma_CompositionOp : Enigma_ByTilerOp<"composition",
    "one layout after another",
    "R with R(c) = A(B(c)) for each c in the domain of B, whose shape R refines.", [{
    %0 = enigma.static : !enigma.layout<(6,2):(8,2)>
    %1 = enigma.static : !enigma.layout<(4,3):(3,1)>
    %2 = enigma.composition %0, %1
        : (!enigma.layout<(6,2):(8,2)>, !enigma.layout<(4,3):(3,1)>)
        -> !enigma.layout<((2,2),3):((24,2),8)>}]> {
  let arguments = (ins Enigma_LayoutLike:$input, Enigma_TilerLike:$tiler);
}

def Enigma_LogicalDivideOp : Enigma_DivideOp<"logical_divide",
    "(tile_i, rest_i)", "((4,2),(3,4)):((12,48),(1,3))"> {
  let python = [{
    (a: V, tiler: Tiler) -> V

    Cut a layout into tiles: ``a o (tiler, complement(tiler, size(a)))``.

    Parameters
    ----------
    a : Layout, SwizzledLayout or tensor
    tiler : Layout, int or tuple
        A tuple divides by mode; ``None`` in it, and modes that it leaves out, stay as they are.
        Tiles may overhang: 10 elements by 4 are 3 tiles.

    Returns
    -------
    Layout, SwizzledLayout or tensor
        Of ``(tile, rest)``, in each mode if `tiler` is a tuple.

    Raises
    ------
    EnigmaError
        ``tiler exceeds tensor`` if a tile has more elements than its mode, where coordinates that
        differ in modes of stride 0 are one; as `complement` and `composition` otherwise.

    Examples
    --------
    >>> enigma.logical_divide(Layout((4, 8), (8, 1)), (2, 4))
    Layout(((2, 2), (4, 2)), ((8, 16), (1, 4)))
    >>> enigma.logical_divide(Layout(10), 4)
    Layout((4, 3), (1, 4))
  }];
}
def Enigma_ZippedDivideOp : Enigma_DivideOp<"zipped_divide",
    "((tiles), (rests))", "((4,3),(2,4)):((12,1),(48,3))"> {
  let python = [{
    (a: V, tiler: Tiler) -> V

    Divide as `logical_divide`, with the modes gathered as ``((tiles), (rests))``.

    Parameters
    ----------
    a : Layout, SwizzledLayout or tensor
    tiler : Layout, int or tuple
        A mode without a tile belongs to the rests.

    Returns
    -------
    Layout, SwizzledLayout or tensor
        Of rank 2.

    Raises
    ------
    EnigmaError
        As `logical_divide`.

    Examples
    --------
    >>> enigma.zipped_divide(Layout((4, 8), (8, 1)), (2, 4))
    Layout(((2, 4), (2, 2)), ((8, 1), (16, 4)))
  }];
}
def Enigma_TiledDivideOp : Enigma_DivideOp<"tiled_divide",
    "((tiles), rest_0, rest_1, ...)", "((4,3),2,4):((12,1),48,3)"> {
  let python = [{
    (a: V, tiler: Tiler) -> V

    Divide as `logical_divide`, with the modes gathered as ``((tiles), rest0, rest1, ...)``.

    Parameters
    ----------
    a : Layout, SwizzledLayout or tensor
    tiler : Layout, int or tuple

    Returns
    -------
    Layout, SwizzledLayout or tensor

    Raises
    ------
    EnigmaError
        As `logical_divide`.

    Examples
    --------
    >>> enigma.tiled_divide(Layout((4, 8), (8, 1)), (2, 4))
    Layout(((2, 4), 2, 2), ((8, 1), 16, 4))
  }];
}
def Enigma_FlatDivideOp : Enigma_DivideOp<"flat_divide",
    "(tile_0, ..., rest_0, ...)", "(4,3,2,4):(12,1,48,3)"> {
  let python = [{
    (a: V, tiler: Tiler) -> V

    Divide as `logical_divide`, with the modes as ``(tile0, ..., rest0, ...)``.

    Parameters
    ----------
    a : Layout, SwizzledLayout or tensor
    tiler : Layout, int or tuple

    Returns
    -------
    Layout, SwizzledLayout or tensor

    Raises
    ------
    EnigmaError
        As `logical_divide`.

    Examples
    --------
    >>> enigma.flat_divide(Layout((4, 8), (8, 1)), (2, 4))
    Layout((2, 4, 2, 2), (8, 1, 16, 4))
  }];
}

def Enigma_LogicalProductOp : Enigma_ProductOp<"logical_product",
    "(A, copies)", "((2,5),(3,4)):((5,1),(10,30))"> {
  let python = [{
    (a: L, b: Tiler) -> L

    Repeat a layout: ``(a, complement(a, size(a) * cosize(b)) o b)``.

    Parameters
    ----------
    a : Layout or SwizzledLayout
        The block to repeat; modes of stride 0 stay, and overlap nothing.
    b : Layout, int or tuple
        The arrangement of the copies; by mode if it is a tuple.

    Returns
    -------
    Layout or SwizzledLayout
        Of ``(block, copies)``.

    Raises
    ------
    EnigmaError
        As `complement` and `composition`.

    Examples
    --------
    >>> enigma.logical_product(Layout((2, 2), (2, 1)), Layout((3, 4)))
    Layout(((2, 2), (3, 4)), ((2, 1), (4, 12)))
  }];
}
def Enigma_ZippedProductOp : Enigma_ProductOp<"zipped_product",
    "((blocks), (copies))", "((2,5),(3,4)):((5,1),(10,30))"> {
  let python = [{
    (a: L, b: Tiler) -> L

    Repeat as `logical_product`, with the modes gathered as ``((blocks), (copies))``.

    Parameters
    ----------
    a : Layout or SwizzledLayout
    b : Layout, int or tuple

    Returns
    -------
    Layout or SwizzledLayout

    Raises
    ------
    EnigmaError
        As `logical_product`.

    Examples
    --------
    >>> enigma.zipped_product(Layout((4, 8)), (2, 4))
    Layout(((4, 8), (2, 4)), ((1, 4), (4, 1)))
  }];
}
def Enigma_TiledProductOp : Enigma_ProductOp<"tiled_product",
    "((blocks), copy_0, copy_1, ...)", "((2,5),3,4):((5,1),10,30)"> {
  let python = [{
    (a: L, b: Tiler) -> L

    Repeat as `logical_product`, with the modes gathered as ``((blocks), copies0, ...)``.

    Parameters
    ----------
    a : Layout or SwizzledLayout
    b : Layout, int or tuple

    Returns
    -------
    Layout or SwizzledLayout

    Raises
    ------
    EnigmaError
        As `logical_product`.

    Examples
    --------
    >>> enigma.tiled_product(Layout((2, 2), (2, 1)), Layout((3, 4)))
    Layout(((2, 2), 3, 4), ((2, 1), 4, 12))
  }];
}
def Enigma_FlatProductOp : Enigma_ProductOp<"flat_product",
    "(block_0, ..., copy_0, ...)", "(2,5,3,4):(5,1,10,30)"> {
  let python = [{
    (a: L, b: Tiler) -> L

    Repeat as `logical_product`, with the modes as ``(block0, ..., copies0, ...)``.

    Parameters
    ----------
    a : Layout or SwizzledLayout
    b : Layout, int or tuple

    Returns
    -------
    Layout or SwizzledLayout

    Raises
    ------
    EnigmaError
        As `logical_product`.

    Examples
    --------
    >>> enigma.flat_product(Layout((2, 2), (2, 1)), Layout((3, 4)))
    Layout((2, 2, 3, 4), (2, 1, 4, 12))
  }];
}
class Enigma_PairingProductOp<string mnemonic, string modes, string result>
    : Enigma_LayoutOp<mnemonic> {
  let summary = "repeats a layout in the arrangement of another, mode by mode";
  let description = [{
    The product of `logical_product`, with modes }] # modes # [{: the factor of lower
    rank has modes `1:0` beyond its own.

    Constraints:
    1. The result is a layout.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(2,5):(5,1)>
    %1 = enigma.static : !enigma.layout<(3,4):(1,3)>
    %2 = enigma.}] # mnemonic # [{ %0, %1
        : (!enigma.layout<(2,5):(5,1)>, !enigma.layout<(3,4):(1,3)>)
        -> !enigma.layout<}] # result # [{>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$a, Enigma_LayoutType:$b);
}
def Enigma_BlockedProductOp : Enigma_PairingProductOp<"blocked_product",
    "(block_i, copy_i)", "((2,3),(5,4)):((5,10),(1,30))"> {
  let python = [{
    (a: L, b: Layout) -> L

    Arrange blocks `a` like `b`: mode ``i`` of the result is ``(a_i, b_i)``.

    Parameters
    ----------
    a : Layout or SwizzledLayout
    b : Layout
        The factor of lower rank is padded with modes ``1:0``.

    Returns
    -------
    Layout or SwizzledLayout

    Raises
    ------
    EnigmaError
        As `logical_product`.

    Examples
    --------
    >>> enigma.blocked_product(Layout((2, 5), (5, 1)), Layout((3, 4)))
    Layout(((2, 3), (5, 4)), ((5, 10), (1, 30)))
  }];
}
def Enigma_RakedProductOp : Enigma_PairingProductOp<"raked_product",
    "(copy_i, block_i)", "((3,2),(4,5)):((10,5),(30,1))"> {
  let python = [{
    (a: L, b: Layout) -> L

    Interleave copies of `a` like `b`: mode ``i`` of the result is ``(b_i, a_i)``.

    Parameters
    ----------
    a : Layout or SwizzledLayout
    b : Layout
        The factor of lower rank is padded with modes ``1:0``.

    Returns
    -------
    Layout or SwizzledLayout

    Raises
    ------
    EnigmaError
        As `logical_product`.

    Examples
    --------
    >>> enigma.raked_product(Layout((2, 5), (5, 1)), Layout((3, 4)))
    Layout(((3, 2), (4, 5)), ((10, 5), (30, 1)))
  }];
}

def Enigma_TileToShapeOp : Enigma_LayoutOp<"tile_to_shape"> {
  let python = [{
    (layout: L, shape: IntTuple, order: IntTuple | None = None) -> L

    Repeat a layout to fill a shape.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
        The block; each of its modes divides that of the shape.
    shape : int or tuple of int
    order : tuple of int, optional
        In which order of modes the copies follow each other, as in `make_ordered_layout`; by
        default mode 0 first.

    Returns
    -------
    Layout or SwizzledLayout
        With modes of the sizes in `shape`.

    Raises
    ------
    EnigmaError
        If the block does not divide the shape.

    Examples
    --------
    >>> enigma.tile_to_shape(Layout((2, 4), (4, 1)), (4, 8))
    Layout((4, (4, 2)), (4, (1, 16)))
  }];
  let summary = "repeats a layout to fill a shape";
  let description = [{
    Copies follow each other in `order`, by default with the first mode fastest.

    Constraints:
    1. The block's modes divide those of the shape.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
    %1 = enigma.static : !enigma.int_tuple<(8,16)>
    %2 = enigma.tile_to_shape %0, %1
        : (!enigma.layout<(4,8):(8,1)>, !enigma.int_tuple<(8,16)>)
        -> !enigma.layout<(8,(8,2)):(8,(1,64))>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, Enigma_IntTupleType:$shape,
                       Optional<Enigma_IntTupleType>:$order);
}

def Enigma_RecastLayoutOp : Enigma_LayoutOp<"recast_layout"> {
  let python = [{
    (new_bits: int, old_bits: int, layout: L) -> L

    See the same bytes as elements of another width.

    Parameters
    ----------
    new_bits, old_bits : int
        Widths of an element, in any ratio.
    layout : Layout or SwizzledLayout

    Returns
    -------
    Layout or SwizzledLayout

    Raises
    ------
    EnigmaError
        If a stride is neither a multiple nor a divisor of the wider element, or the layout has only
        parts of one.

    Examples
    --------
    >>> enigma.recast_layout(128, 32, Layout((4, 8), (8, 1)))
    Layout((4, 2), (2, 1))
    >>> enigma.recast_layout(16, 32, Layout((4, 8), (8, 1)))
    Layout((4, 16), (16, 1))
  }];
  let summary = "the same bytes seen as elements of another width";
  let description = [{
    Constraints:
    1. Each stride is a multiple or a divisor of the ratio of the widths.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
    %1 = enigma.recast_layout %0 {new_bits = 32 : i64, old_bits = 16 : i64}
        : (!enigma.layout<(4,8):(8,1)>) -> !enigma.layout<(4,4):(4,1)>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, I64Attr:$new_bits,
                       I64Attr:$old_bits);
}

//===----------------------------------------------------------------------===//
// Modes
//===----------------------------------------------------------------------===//

def Enigma_GetOp : Enigma_LayoutOp<"get"> {
  let summary = "a mode";
  let description = [{
    The mode of a layout, tensor or tuple at a path: `[1, 0]` is the first mode of
    the second mode.

    Constraints:
    1. The mode exists.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<((2,2),3):((24,2),8)>
    %1 = enigma.get %0[0, 1]
        : (!enigma.layout<((2,2),3):((24,2),8)>) -> !enigma.layout<2:2>
    ```
  }];
  let arguments = (ins Enigma_LayoutOrTuple:$input, DenseI64ArrayAttr:$path);
  let assemblyFormat = "$input `` $path attr-dict `:` functional-type(operands, results)";
}

def Enigma_SelectOp : Enigma_LayoutOp<"select"> {
  let summary = "some of the modes, in a given order";
  let description = [{
    Constraints:
    1. The modes exist, and there is at least one.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(2,3,4):(1,2,6)>
    %1 = enigma.select %0[2, 0]
        : (!enigma.layout<(2,3,4):(1,2,6)>) -> !enigma.layout<(4,2):(6,1)>
    ```
  }];
  let arguments = (ins Enigma_LayoutOrTuple:$input, DenseI64ArrayAttr:$modes);
  let assemblyFormat = "$input `` $modes attr-dict `:` functional-type(operands, results)";
}

class Enigma_ModeRangeOp<string mnemonic, string what, string result>
    : Enigma_LayoutOp<mnemonic> {
  let summary = what;
  let description = [{
    Constraints:
    1. `begin` and `end` bound a range of modes that is not empty.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(2,3,4):(1,2,6)>
    %1 = enigma.}] # mnemonic # [{ %0 {begin = 0 : i64, end = 2 : i64}
        : (!enigma.layout<(2,3,4):(1,2,6)>) -> !enigma.layout<}] # result # [{>
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$input, I64Attr:$begin, I64Attr:$end);
}

def Enigma_TakeOp : Enigma_ModeRangeOp<"take", "the modes of a range",
    "(2,3):(1,2)">;
def Enigma_GroupModesOp : Enigma_ModeRangeOp<"group_modes",
    "makes one mode of those of a range", "((2,3),4):((1,2),6)">;

class Enigma_ExtendOp<string mnemonic, string what, string result>
    : Enigma_LayoutOp<mnemonic> {
  let summary = what;
  let description = [{
    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(2,3):(1,2)>
    %1 = enigma.static : !enigma.layout<4:6>
    %2 = enigma.}] # mnemonic # [{ %0, %1
        : (!enigma.layout<(2,3):(1,2)>, !enigma.layout<4:6>)
        -> !enigma.layout<}] # result # [{>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, Enigma_LayoutType:$mode);
}

def Enigma_AppendOp : Enigma_ExtendOp<"append", "adds a last mode",
    "(2,3,4):(1,2,6)">;
def Enigma_PrependOp : Enigma_ExtendOp<"prepend", "adds a first mode",
    "(4,2,3):(6,1,2)">;

def Enigma_ReplaceOp : Enigma_LayoutOp<"replace"> {
  let summary = "puts another mode in the place of one";
  let description = [{
    Constraints:
    1. The mode exists.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(2,3):(1,2)>
    %1 = enigma.static : !enigma.layout<4:6>
    %2 = enigma.replace %0, %1 {mode = 0 : i64}
        : (!enigma.layout<(2,3):(1,2)>, !enigma.layout<4:6>)
        -> !enigma.layout<(4,3):(6,2)>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, Enigma_LayoutType:$by,
                       I64Attr:$mode);
}

#endif // ENIGMA_LAYOUT_ALGEBRA_OPS
