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
