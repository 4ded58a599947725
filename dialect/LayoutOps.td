// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_LAYOUT_OPS
#define ENIGMA_LAYOUT_OPS

include "LayoutBase.td"

//===----------------------------------------------------------------------===//
// Making
//===----------------------------------------------------------------------===//

def Enigma_StaticOp : Enigma_Op<"static", [Pure, ConstantLike]> {
  let skipDefaultBuilders = 0;
  let summary = "a tuple, layout or tiler that is known";
  let description = [{
    The value that its type describes.

    Constraints:
    1. No leaf of the type is dynamic.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
    ```
  }];
  let results = (outs
    AnyTypeOf<[Enigma_IntTupleType, Enigma_LayoutType, Enigma_TilerType]>:$result);
  let assemblyFormat = "attr-dict `:` qualified(type($result))";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Enigma_MakeIntTupleOp : Enigma_Op<"make_int_tuple", [Pure]> {
  let summary = "a tuple of integers, some of which are known at run time only";
  let description = [{
    The operands are the dynamic leaves of the result's type, in order. A leaf
    `?{div=4}` must be a multiple of 4; a shape's leaf must be positive.

    Constraints:
    1. There is one operand for each dynamic leaf.

    Example:

    ```mlir
    %n = arith.constant 12 : index
    %0 = enigma.make_int_tuple %n : !enigma.int_tuple<(?{div=4},8)>
    ```
  }];
  let arguments = (ins Variadic<Index>:$leaves);
  let results = (outs Enigma_IntTupleType:$result);
  let assemblyFormat = "($leaves^)? attr-dict `:` qualified(type($result))";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Enigma_MakeLayoutOp : Enigma_LayoutOp<"make_layout"> {
  let summary = "a layout from its shape and stride";
  let description = [{
    Without a stride the layout is compact and its first leaf runs fastest.

    Constraints:
    1. Shape and stride are congruent, and extents positive where known.

    Example:

    ```mlir
    %n = arith.constant 12 : index
    %shape = enigma.make_int_tuple %n : !enigma.int_tuple<(8,?{div=4})>
    %0 = enigma.make_layout %shape
        : (!enigma.int_tuple<(8,?{div=4})>) -> !enigma.layout<(8,?{div=4}):(1,8)>
    %stride = enigma.static : !enigma.int_tuple<(1,64)>
    %1 = enigma.make_layout %shape, %stride
        : (!enigma.int_tuple<(8,?{div=4})>, !enigma.int_tuple<(1,64)>)
        -> !enigma.layout<(8,?{div=4}):(1,64)>
    ```
  }];
  let arguments = (ins Enigma_IntTupleType:$shape,
                       Optional<Enigma_IntTupleType>:$stride);
}

def Enigma_MakeTilerOp : Enigma_LayoutOp<"make_tiler"> {
  let summary = "a tiler from its modes";
  let description = [{
    A mode is a layout, a tiler, an extent, or a leaf `None`; a tuple of extents is
    a mode with tiles of its own.

    Constraints:
    1. There is at least one mode.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<4:2>
    %1 = enigma.static : !enigma.int_tuple<None>
    %2 = enigma.make_tiler %0, %1
        : (!enigma.layout<4:2>, !enigma.int_tuple<None>) -> !enigma.tiler<(4:2,None)>
    ```
  }];
  let arguments = (ins Variadic<Enigma_TilerLike>:$modes);
}

def Enigma_MakeOrderedLayoutOp : Enigma_LayoutOp<"make_ordered_layout"> {
  let python = [{
    (shape: IntTuple, order: IntTuple) -> Layout

    Make a compact layout with strides that grow in a given order.

    Parameters
    ----------
    shape : int or nested tuple of int
    order : nested tuple of int
        Congruent to `shape` or weaker; the leaf with the least number runs fastest.

    Returns
    -------
    Layout

    Raises
    ------
    EnigmaError
        If the order does not fit the shape.

    Examples
    --------
    >>> enigma.make_ordered_layout((2, 3, 4), order=(2, 0, 1))
    Layout((2, 3, 4), (12, 1, 3))
  }];
  let summary = "the compact layout whose strides grow in a given order";
  let description = [{
    The leaf of the smallest number in `order` runs fastest. A leaf of the order may
    stand for a whole mode of the shape.

    Constraints:
    1. The order is static and fits the shape.

    Example:

    ```mlir
    %shape = enigma.static : !enigma.int_tuple<(4,32)>
    %order = enigma.static : !enigma.int_tuple<(1,0)>
    %0 = enigma.make_ordered_layout %shape, %order
        : (!enigma.int_tuple<(4,32)>, !enigma.int_tuple<(1,0)>)
        -> !enigma.layout<(4,32):(32,1)>
    ```
  }];
  let arguments = (ins Enigma_IntTupleType:$shape, Enigma_IntTupleType:$order);
}

def Enigma_MakeIdentityLayoutOp : Enigma_LayoutOp<"make_identity_layout"> {
  let python = [{
    (shape: IntTuple) -> Layout

    Make the layout that maps each coordinate to itself.

    Parameters
    ----------
    shape : int or nested tuple of int

    Returns
    -------
    Layout
        Its strides are steps along coordinates, written ``1@0``.

    Raises
    ------
    EnigmaError
        If an extent is not positive.

    Examples
    --------
    >>> str(enigma.make_identity_layout((4, 8)))
    '(4,8):(1@0,1@1)'
    >>> enigma.make_identity_layout((4, 8))(2, 3)
    (2, 3)
  }];
  let summary = "the layout that maps each coordinate to itself";
  let description = [{
    Its strides are steps along coordinates.

    Constraints:
    1. The shape is nested at most 4 deep.

    Example:

    ```mlir
    %shape = enigma.static : !enigma.int_tuple<(4,8)>
    %0 = enigma.make_identity_layout %shape
        : (!enigma.int_tuple<(4,8)>) -> !enigma.layout<(4,8):(1@0,1@1)>
    ```
  }];
  let arguments = (ins Enigma_IntTupleType:$shape);
}

def Enigma_MakeLayoutTVOp : Enigma_PairOp<"make_layout_tv"> {
  let python = [{
    (thr_layout: Layout, val_layout: Layout) -> tuple[Any, Layout]

    Partition a tile among threads that each own several values.

    Parameters
    ----------
    thr_layout : Layout
        From the thread's coordinate in the tile to its number.
    val_layout : Layout
        From the value's coordinate to its number.

    Returns
    -------
    tiler : tuple of int
        The shape of the tile.
    tv : Layout
        From ``(thread, value)`` to the 1-D coordinate in the tile.

    Raises
    ------
    EnigmaError
        If the numbers of threads or values have gaps.

    Examples
    --------
    >>> enigma.make_layout_tv(Layout((2, 4), (4, 1)), Layout((2, 2), (2, 1)))
    ((4, 8), Layout(((4, 2), (2, 2)), ((8, 2), (4, 1))))
  }];
  let summary = "a tile, and the layout from threads and values to it";
  let description = [{
    `thr_layout` arranges threads, each of which owns a block of values arranged as
    in `val_layout`. The results are the shape of the tile that they cover, and the layout
    from (thread, value) to the tile's 1-D coordinate.

    Constraints:
    1. Both are static, and number threads and values from 0 without gaps.

    Example:

    ```mlir
    %thr = enigma.static : !enigma.layout<(4,32):(32,1)>
    %val = enigma.static : !enigma.layout<(4,4):(4,1)>
    %tiler, %tv = enigma.make_layout_tv %thr, %val
        : (!enigma.layout<(4,32):(32,1)>, !enigma.layout<(4,4):(4,1)>)
        -> (!enigma.int_tuple<(16,128)>, !enigma.layout<((32,4),(4,4)):((64,4),(16,1))>)
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$thr_layout, Enigma_LayoutType:$val_layout);
  let results = (outs Enigma_IntTupleType:$tile, Enigma_LayoutType:$layout);
}

def Enigma_SwizzleOp : Enigma_LayoutOp<"swizzle"> {
  let summary = "a layout with swizzled offsets";
  let description = [{
    The offset y of each coordinate becomes
    `y ^ ((y & (mask << (base + max(shift, 0)))) >> shift)` with `mask = 2^bits - 1`.

    Constraints:
    1. `abs(shift)` is at least `bits`; `bits` and `base` are not negative.
    2. The layout is not swizzled yet, and its offsets are no coordinates.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(8,32):(32,1)>
    %1 = enigma.swizzle %0 {base = 0 : i64, bits = 2 : i64, shift = 3 : i64}
        : (!enigma.layout<(8,32):(32,1)>)
        -> !enigma.layout<Sw<2,0,3> o 0 o (8,32):(32,1)>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, I64Attr:$bits, I64Attr:$base,
                       I64Attr:$shift);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

def Enigma_GetShapeOp : Enigma_LayoutOp<"get_shape"> {
  let summary = "the shape of a layout or tensor";
  let description = [{
    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
    %1 = enigma.get_shape %0
        : (!enigma.layout<(4,8):(8,1)>) -> !enigma.int_tuple<(4,8)>
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$input);
}

def Enigma_GetStrideOp : Enigma_LayoutOp<"get_stride"> {
  let summary = "the stride of a layout or tensor";
  let description = [{
    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
    %1 = enigma.get_stride %0
        : (!enigma.layout<(4,8):(8,1)>) -> !enigma.int_tuple<(8,1)>
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$input);
}

def Enigma_GetLayoutOp : Enigma_LayoutOp<"get_layout"> {
  let summary = "the layout of a tensor";
  let description = [{
    Example:

    ```mlir
    %shape = enigma.static : !enigma.int_tuple<(4,8)>
    %0 = enigma.make_identity_tensor %shape
        : (!enigma.int_tuple<(4,8)>) -> !enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>
    %1 = enigma.get_layout %0
        : (!enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>)
        -> !enigma.layout<(4,8):(1@0,1@1)>
    ```
  }];
  let arguments = (ins Enigma_AnyView:$input);
}

def Enigma_GetLeafOp : Enigma_MeasureOp<"get_leaf"> {
  let summary = "an integer of a tuple";
  let description = [{
    The leaf of that number, counted from 0 in the order of the text.

    Constraints:
    1. There is such a leaf, and it is an integer, not `None`.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.int_tuple<(2,(3,4))>
    %1 = enigma.get_leaf %0[2] : (!enigma.int_tuple<(2,(3,4))>) -> index
    ```
  }];
  let arguments = (ins Enigma_IntTupleType:$input, I64Attr:$leaf);
  let assemblyFormat = "$input `[` $leaf `]` attr-dict `:` functional-type(operands, results)";
}

def Enigma_SizeOp : Enigma_MeasureOp<"size"> {
  let summary = "the number of elements";
  let description = [{
    Of a layout or tensor, or of the mode at `mode`; the product of a tuple.

    Constraints:
    1. The mode exists.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
    %1 = enigma.size %0 {mode = array<i64: 1>} : (!enigma.layout<(4,8):(8,1)>) -> index
    ```
  }];
  let arguments = (ins Enigma_LayoutOrTuple:$input,
                       OptionalAttr<DenseI64ArrayAttr>:$mode);
}

def Enigma_CosizeOp : Enigma_MeasureOp<"cosize"> {
  let summary = "the reach of a layout";
  let description = [{
    One more than the sum over leaves of (extent - 1) * |stride|. A swizzle does
    not count.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(16,1)>
    %1 = enigma.cosize %0 : (!enigma.layout<(4,8):(16,1)>) -> index
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$input);
}

def Enigma_MaxCommonVectorOp : Enigma_MeasureOp<"max_common_vector"> {
  let python = [{
    (a: Layout | SwizzledLayout, b: Layout | SwizzledLayout) -> int

    Measure the longest contiguous run that two layouts share.

    Parameters
    ----------
    a, b : Layout or SwizzledLayout

    Returns
    -------
    int
        In elements; at least 1. Each offset below it has a coordinate that both map to it.

    Examples
    --------
    >>> enigma.max_common_vector(Layout((4, 8), (8, 1)), Layout((4, 8), (9, 1)))
    8
  }];
  let summary = "the length of the longest contiguous run that two layouts share";
  let description = [{
    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(1,4)>
    %1 = enigma.static : !enigma.layout<(4,8):(1,16)>
    %2 = enigma.max_common_vector %0, %1
        : (!enigma.layout<(4,8):(1,4)>, !enigma.layout<(4,8):(1,16)>) -> index
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$a, Enigma_LayoutLike:$b);
}

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

def Enigma_Crd2IdxOp : Enigma_LayoutOp<"crd2idx"> {
  let summary = "the offset of a coordinate";
  let description = [{
    A leaf of the coordinate may stand for a whole mode: it is then the 1-D index
    in it. Where strides step along coordinates the result is a coordinate.

    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
    %1 = enigma.static : !enigma.int_tuple<(2,3)>
    %2 = enigma.crd2idx %1, %0
        : (!enigma.int_tuple<(2,3)>, !enigma.layout<(4,8):(8,1)>) -> !enigma.int_tuple<19>
    ```
  }];
  let arguments = (ins Enigma_IntTupleType:$coord, Enigma_LayoutType:$layout);
}

def Enigma_Idx2CrdOp : Enigma_LayoutOp<"idx2crd"> {
  let summary = "the coordinate of a 1-D index";
  let description = [{
    Colexicographic: the first leaf runs fastest, the last one is unbounded.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.int_tuple<19>
    %1 = enigma.static : !enigma.int_tuple<(4,8)>
    %2 = enigma.idx2crd %0, %1
        : (!enigma.int_tuple<19>, !enigma.int_tuple<(4,8)>) -> !enigma.int_tuple<(3,4)>
    ```
  }];
  let arguments = (ins Enigma_IntLike:$index, Enigma_IntTupleType:$shape);
}

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

//===----------------------------------------------------------------------===//
// Slices and partitions
//===----------------------------------------------------------------------===//

def Enigma_SliceOp : Enigma_PartOp<"slice"> {
  let summary = "the part of a layout or tensor at a coordinate";
  let description = [{
    The modes where the coordinate is `None`. A tensor starts at the offset of the
    rest of the coordinate; a layout forgets it.

    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<((4,3),(2,4)):((12,1),(48,3))>
    %1 = enigma.static : !enigma.int_tuple<((None,None),5)>
    %2 = enigma.slice %0, %1
        : (!enigma.layout<((4,3),(2,4)):((12,1),(48,3))>,
           !enigma.int_tuple<((None,None),5)>)
        -> !enigma.layout<(4,3):(12,1)>
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$input, Enigma_IntTupleType:$coord);
}

def Enigma_DiceOp : Enigma_LayoutOp<"dice"> {
  let summary = "the modes of a layout where a coordinate is not `None`";
  let description = [{
    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,3):(12,1)>
    %1 = enigma.static : !enigma.int_tuple<(None,5)>
    %2 = enigma.dice %0, %1
        : (!enigma.layout<(4,3):(12,1)>, !enigma.int_tuple<(None,5)>)
        -> !enigma.layout<(3):(1)>
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, Enigma_IntTupleType:$coord);
}

def Enigma_SliceAndOffsetOp : Enigma_PairOp<"slice_and_offset"> {
  let summary = "the part of a layout at a coordinate, and its offset";
  let description = [{
    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(4,3):(12,1)>
    %1 = enigma.static : !enigma.int_tuple<(2,None)>
    %2, %3 = enigma.slice_and_offset %0, %1
        : (!enigma.layout<(4,3):(12,1)>, !enigma.int_tuple<(2,None)>)
        -> (!enigma.layout<(3):(1)>, !enigma.int_tuple<24>)
    ```
  }];
  let arguments = (ins Enigma_LayoutType:$layout, Enigma_IntTupleType:$coord);
  let results = (outs Enigma_LayoutType:$part, Enigma_IntTupleType:$offset);
}

def Enigma_LocalTileOp : Enigma_PartOp<"local_tile"> {
  let python = [{
    (layout: Any, tiler: Tiler, coord: Coordinate) -> Any

    Take one tile of a layout.

    Parameters
    ----------
    layout : Layout, SwizzledLayout or tensor
    tiler : Layout, int or tuple
        As for `zipped_divide`.
    coord : nested tuple of int and None
        Which tile, in the modes of the rests. ``None`` keeps that mode, after those of the tile.

    Returns
    -------
    layout : Layout or SwizzledLayout
        The tile.
    offset : int
        Where it begins; 0 for a swizzled layout, which holds it itself.

    A tensor gives a tensor, which begins there; the coordinate may hold traced integers.

    Raises
    ------
    EnigmaError
        As `zipped_divide` and `slice`.

    Examples
    --------
    >>> enigma.local_tile(Layout((8, 16), (16, 1)), (4, 4), (1, 2))
    (Layout((4, 4), (16, 1)), 72)
  }];
  let summary = "the tile at a coordinate";
  let description = [{
    A slice of `zipped_divide`: `None` in the coordinate keeps that mode of tiles.

    Constraints:
    1. The tiler divides the layout; the coordinate fits the tiles.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(8,12):(12,1)>
    %1 = enigma.static : !enigma.int_tuple<(4,3)>
    %2 = enigma.static : !enigma.int_tuple<(1,2)>
    %3 = enigma.local_tile %0, %1, %2
        : (!enigma.layout<(8,12):(12,1)>, !enigma.int_tuple<(4,3)>,
           !enigma.int_tuple<(1,2)>)
        -> !enigma.layout<(4,3):(12,1)>
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$layout, Enigma_TilerLike:$tiler,
                       Enigma_IntTupleType:$coord);
}

def Enigma_LocalPartitionOp : Enigma_PartOp<"local_partition"> {
  let python = [{
    (layout: Any, thr_layout: Layout, index: int | Dyn) -> Any

    Take the elements that one thread owns.

    Parameters
    ----------
    layout : Layout, SwizzledLayout or tensor
    thr_layout : Layout
        From the thread's coordinate to its number. The layout is cut into tiles of its shape, with
        one element of each tile for each thread.
    index : int
        The number of the thread.

    Returns
    -------
    layout : Layout or SwizzledLayout
        From the coordinate of a tile to the thread's element in it.
    offset : int
        The thread's first element; 0 for a swizzled layout, which holds it itself.

    A tensor gives a tensor, which begins there; the index may be a traced integer.

    Raises
    ------
    EnigmaError
        If the numbers of threads have gaps, or the layout is smaller than the tile.

    Examples
    --------
    >>> enigma.local_partition(Layout((8, 16), (16, 1)), Layout((2, 4), (4, 1)), 5)
    (Layout((4, 4), (32, 4)), 17)
  }];
  let summary = "the elements of one thread";
  let description = [{
    Tiles of the shape of `thr_layout` cover the layout; each thread owns its place in
    every tile.

    Constraints:
    1. `thr_layout` is static and numbers its threads from 0 without gaps.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.layout<(8,16):(16,1)>
    %1 = enigma.static : !enigma.layout<(4,8):(8,1)>
    %2 = enigma.static : !enigma.int_tuple<9>
    %3 = enigma.local_partition %0, %1, %2
        : (!enigma.layout<(8,16):(16,1)>, !enigma.layout<(4,8):(8,1)>,
           !enigma.int_tuple<9>)
        -> !enigma.layout<(2,2):(64,8)>
    ```
  }];
  let arguments = (ins Enigma_LayoutLike:$layout, Enigma_LayoutType:$thr_layout,
                       Enigma_IntLike:$index);
}

#endif // ENIGMA_LAYOUT_OPS
