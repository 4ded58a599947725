// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_TENSOR_OPS
#define ENIGMA_TENSOR_OPS

include "LayoutBase.td"

/// All elements of a view, in registers.
def Enigma_Fragment : FixedVectorOfRankAndType<[1],
    [I1, I8, I16, I32, I64, F16, BF16, F32]>;
def Enigma_Mask : FixedVectorOfRankAndType<[1], [I1]>;
/// One element, or consecutive ones.
def Enigma_Element : AnyTypeOf<[I1, I8, I16, I32, I64, F16, BF16, F32,
    Enigma_Fragment], "an element, or a vector of consecutive ones">;

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

def Enigma_MakeTensorOp : Enigma_LayoutOp<"make_tensor", /*isInTable=*/0> {
  let skipDefaultBuilders = 0;
  let summary = "a view of a buffer through a layout";
  let description = [{
    Element c of the tensor is element `offset + layout(c)` of the buffer.

    Constraints:
    1. The layout's offsets are integers, not coordinates.

    Example:

    ```mlir
    enigma.kernel @view(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,8):(8,1)>)
          -> !enigma.tensor<f32, device, (4,8):(8,1)>
      %c32 = arith.constant 32 : index
      %2 = enigma.make_tensor %A, %0, %c32
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,8):(8,1)>, index)
          -> !enigma.tensor<f32, device, (4,8):(8,1)>
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_BufferType:$buffer, Enigma_LayoutType:$layout,
                       Optional<Index>:$offset);
}

def Enigma_RecastTensorOp : Enigma_LayoutOp<"recast_tensor", /*isInTable=*/0> {
  let summary = "a view of the same bytes as elements of another type";
  let description = [{
    The buffer is an `enigma.recast` of that of the tensor. The layout is recast as
    `enigma.recast_layout` does; lowering checks that the tensor begins at a whole
    element.

    Constraints:
    1. Each stride is a multiple or a divisor of the ratio of the elements' bytes.

    Example:

    ```mlir
    enigma.kernel @recast(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f16, device>, !enigma.layout<(4,8):(8,1)>)
          -> !enigma.tensor<f16, device, (4,8):(8,1)>
      %2 = enigma.recast %A : !enigma.buffer<f16, device> to !enigma.buffer<f32, device>
      %3 = enigma.recast_tensor %1, %2
          : (!enigma.tensor<f16, device, (4,8):(8,1)>, !enigma.buffer<f32, device>)
          -> !enigma.tensor<f32, device, (4,4):(4,1)>
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_ViewType:$tensor, Enigma_BufferType:$buffer);
}

def Enigma_MakeIdentityTensorOp : Enigma_LayoutOp<"make_identity_tensor", /*isInTable=*/0> {
  let summary = "a tensor of its own coordinates";
  let description = [{
    Divided, composed and sliced as a tensor of the same shape is, it tells which
    elements of that tensor a view holds: see `enigma.in_bounds`.

    Constraints:
    1. The shape is nested at most 4 deep.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.int_tuple<(256,512)>
    %1 = enigma.make_identity_tensor %0
        : (!enigma.int_tuple<(256,512)>)
        -> !enigma.coord_tensor<(0,0), (256,512):(1@0,1@1)>
    ```
  }];
  let arguments = (ins Enigma_IntTupleType:$shape);
}

def Enigma_ElementOffsetOp : Enigma_MeasureOp<"element_offset", /*isInTable=*/0> {
  let summary = "the subscript of an element in its buffer";
  let description = [{
    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one.

    Example:

    ```mlir
    enigma.kernel @offset(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,8):(8,1)>)
          -> !enigma.tensor<f32, device, (4,8):(8,1)>
      %2 = enigma.static : !enigma.int_tuple<(2,3)>
      %3 = enigma.element_offset %1, %2
          : (!enigma.tensor<f32, device, (4,8):(8,1)>, !enigma.int_tuple<(2,3)>) -> index
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_ViewType:$tensor, Enigma_IntTupleType:$coord);
}

def Enigma_ElementCoordOp : Enigma_LayoutOp<"element_coord", /*isInTable=*/0> {
  let summary = "an element of a tensor of coordinates";
  let description = [{
    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.int_tuple<(4,8)>
    %1 = enigma.make_identity_tensor %0
        : (!enigma.int_tuple<(4,8)>) -> !enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>
    %2 = enigma.static : !enigma.int_tuple<9>
    %3 = enigma.element_coord %1, %2
        : (!enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>, !enigma.int_tuple<9>)
        -> !enigma.int_tuple<(1,2)>
    ```
  }];
  let arguments = (ins Enigma_CoordViewType:$tensor, Enigma_IntTupleType:$coord);
}

def Enigma_ElementExistsOp : Enigma_Op<"element_exists", [Pure]> {
  let summary = "whether a tensor has the element at a coordinate of a view";
  let description = [{
    False where the coordinate lies outside of the tensor that the view was made
    of, or of a part of it that tiles do not divide: no access is made there. It is
    for what an access gives instead; `enigma-guard-overhangs` lowers it.

    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one, and no `None`.

    Example:

    ```mlir
    enigma.kernel @exists(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<10:1>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<10:1>)
          -> !enigma.tensor<f32, device, 10:1>
      %2 = enigma.static : !enigma.int_tuple<4>
      %3 = enigma.zipped_divide %1, %2
          : (!enigma.tensor<f32, device, 10:1>, !enigma.int_tuple<4>)
          -> !enigma.tensor<f32, device, (4,3):(1,4)>
      %4 = enigma.static : !enigma.int_tuple<(1,2)>
      %5 = enigma.element_exists %3, %4
          : (!enigma.tensor<f32, device, (4,3):(1,4)>, !enigma.int_tuple<(1,2)>) -> i1
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_ViewType:$tensor, Enigma_IntTupleType:$coord);
  let results = (outs I1:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

class Enigma_AccessOp<string mnemonic, list<Trait> traits = []>
    : Enigma_Op<mnemonic, traits> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Enigma_LoadElementOp : Enigma_AccessOp<"load_element"> {
  let skipDefaultBuilders = 0;
  let summary = "reads the element at a coordinate";
  let description = [{
    Or, into a vector, as many elements as it has lanes, which lie one behind the
    other in the buffer from that one on.

    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one, and no `None`.
    2. The result is the value type of the element, or a vector of it, as
       of `enigma.load`.

    Example:

    ```mlir
    enigma.kernel @element(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,8):(8,1)>)
          -> !enigma.tensor<f32, device, (4,8):(8,1)>
      %2 = enigma.static : !enigma.int_tuple<(2,3)>
      %3 = enigma.load_element %1, %2
          : (!enigma.tensor<f32, device, (4,8):(8,1)>, !enigma.int_tuple<(2,3)>) -> f32
      enigma.store_element %3, %1, %2
          : (f32, !enigma.tensor<f32, device, (4,8):(8,1)>, !enigma.int_tuple<(2,3)>) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins Arg<Enigma_ViewType, "", [MemRead]>:$tensor,
                       Enigma_IntTupleType:$coord);
  let results = (outs Enigma_Element:$result);
}

def Enigma_StoreElementOp : Enigma_AccessOp<"store_element"> {
  let skipDefaultBuilders = 0;
  let summary = "writes the element at a coordinate";
  let description = [{
    The opposite of `enigma.load_element`.

    Constraints:
    1. The coordinate has the profile of the layout, or a weaker one, and no `None`.
    2. The value has the value type of the element, or is a vector of it, as of
       `enigma.store`.
    3. The tensor is not in the `constant` address space.

    Example:

    ```mlir
    enigma.kernel @element(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,8):(8,1)>)
          -> !enigma.tensor<f32, device, (4,8):(8,1)>
      %2 = enigma.static : !enigma.int_tuple<(2,3)>
      %f = arith.constant 1.0 : f32
      enigma.store_element %f, %1, %2
          : (f32, !enigma.tensor<f32, device, (4,8):(8,1)>, !enigma.int_tuple<(2,3)>) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Element:$value,
                       Arg<Enigma_ViewType, "", [MemWrite]>:$tensor,
                       Enigma_IntTupleType:$coord);
}

def Enigma_InBoundsOp : Enigma_Op<"in_bounds", [Pure, InferTypeOpAdaptor]> {
  let summary = "which elements of a view lie inside a shape";
  let description = [{
    Lane i tells whether each integer of the view's i-th coordinate is less than
    that of `shape`. Coordinates are not negative.

    Constraints:
    1. The view has a static shape.
    2. The shape is congruent to the coordinates.

    Example:

    ```mlir
    %0 = enigma.static : !enigma.int_tuple<(4,8)>
    %1 = enigma.make_identity_tensor %0
        : (!enigma.int_tuple<(4,8)>) -> !enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>
    %2 = enigma.in_bounds %1, %0
        : (!enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>, !enigma.int_tuple<(4,8)>)
        -> vector<32xi1>
    ```
  }];
  let arguments = (ins Enigma_CoordViewType:$tensor, Enigma_IntTupleType:$shape);
  let results = (outs Enigma_Mask:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Enigma_LoadFragmentOp
    : Enigma_AccessOp<"load_fragment", [InferTypeOpAdaptor]> {
  let skipDefaultBuilders = 0;
  let summary = "reads all elements of a view";
  let description = [{
    Lane i of the result is the element at the 1-D coordinate i. Where there is a
    mask, elements whose lane is false are not accessed, and are 0.

    Constraints:
    1. The view has a static shape of at most 4096 bytes, which is more than a
       thread has registers for.
    2. The mask has a lane for each element.

    Example:

    ```mlir
    enigma.kernel @double(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(2,4):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(8,1)>)
          -> !enigma.tensor<f32, device, (2,4):(8,1)>
      %2 = enigma.load_fragment %1
          : (!enigma.tensor<f32, device, (2,4):(8,1)>) -> vector<8xf32>
      %3 = arith.addf %2, %2 : vector<8xf32>
      enigma.store_fragment %3, %1
          : (vector<8xf32>, !enigma.tensor<f32, device, (2,4):(8,1)>) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins Arg<Enigma_ViewType, "", [MemRead]>:$tensor,
                       Optional<Enigma_Mask>:$mask);
  let results = (outs Enigma_Fragment:$result);
}

def Enigma_StoreFragmentOp : Enigma_AccessOp<"store_fragment"> {
  let skipDefaultBuilders = 0;
  let summary = "writes all elements of a view";
  let description = [{
    The opposite of `enigma.load_fragment`. Of elements that share a place in
    memory the last one stays.

    Constraints:
    1. The fragment has the element type of the tensor and its number of elements,
       which is static.
    2. The mask has a lane for each element.
    3. The tensor is not in the `constant` address space.

    Example:

    ```mlir
    enigma.kernel @zero(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(2,4):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(8,1)>)
          -> !enigma.tensor<f32, device, (2,4):(8,1)>
      %2 = arith.constant dense<0.0> : vector<8xf32>
      enigma.store_fragment %2, %1
          : (vector<8xf32>, !enigma.tensor<f32, device, (2,4):(8,1)>) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Fragment:$value,
                       Arg<Enigma_ViewType, "", [MemWrite]>:$tensor,
                       Optional<Enigma_Mask>:$mask);
}

def Enigma_CopyOp : Enigma_AccessOp<"copy"> {
  let skipDefaultBuilders = 0;
  let summary = "copies the elements of a view to another one";
  let description = [{
    Element i of the destination, in 1-D coordinates, becomes element i of the
    source. Where there is a mask, elements whose lane is false are not accessed.
    What the views share in memory is undefined afterwards.

    Constraints:
    1. Both have the same element type and number of elements, which is static.
    2. The mask has a lane for each element.
    3. The destination is not in the `constant` address space.

    Example:

    ```mlir
    enigma.kernel @transpose(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %0 = enigma.static : !enigma.layout<(4,4):(4,1)>
      %1 = enigma.static : !enigma.layout<(4,4):(1,4)>
      %2 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,4):(4,1)>)
          -> !enigma.tensor<f32, device, (4,4):(4,1)>
      %3 = enigma.make_tensor %B, %1
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,4):(1,4)>)
          -> !enigma.tensor<f32, device, (4,4):(1,4)>
      enigma.copy %2, %3
          : (!enigma.tensor<f32, device, (4,4):(4,1)>,
             !enigma.tensor<f32, device, (4,4):(1,4)>) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins Arg<Enigma_ViewType, "", [MemRead]>:$source,
                       Arg<Enigma_ViewType, "", [MemWrite]>:$destination,
                       Optional<Enigma_Mask>:$mask);
}

/// What counts elements, or is the place of one. Signed or not: the operation says.
def Enigma_ElementNumber : AnyTypeOf<[I32, I64], "an integer of 32 or 64 bits">;

def Enigma_CopyElementsOp : Enigma_Op<"copy_elements",
    [RecursiveMemoryEffects]> {
  let summary = "copies consecutive elements of a buffer to another one";
  let description = [{
    `count` elements from the source's offset on become those from the destination's
    offset on, `width` at once as long as so many are left; accesses are as wide where
    the offsets are known to be multiples. Offsets and the count may have types of
    their own: `unsigned` says that their numbers are not negative, otherwise they are
    signed. Less than one element is none. What the stretches share in memory is undefined
    afterwards.

    Elements are left out, and not accessed, where lane i of `mask` is false for
    element i; or where the region gives false for the number of the element. The
    region may run for an element more than once, or not at all.

    Constraints:
    1. Both buffers have the same element type.
    2. The destination is not in the `constant` address space.
    3. The width is 1 or one that a vector in memory has (for Metal 2 or 4).
    4. A mask has a lane for each element, whose number is a constant.
    5. There is a mask or a region, not both.
    6. The region has one argument, of the type of the count.

    Example:

    ```mlir
    enigma.kernel @stretch(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
        %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
      %c0 = arith.constant 0 : i32
      %c2 = arith.constant 2 : i32
      %c64 = arith.constant 64 : i64
      %mask = arith.constant dense<[true, false]> : vector<2xi1>
      enigma.copy_elements %A[%c0 : i32] to %B[%c64 : i64], %c2 : i32 mask %mask : vector<2xi1>
          : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
      enigma.copy_elements %A[unsigned %n : i32] to %B[%c0 : i32], unsigned %n : i32 {width = 4 : i32}
          : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
      ^bb0(%i: i32):
        %odd = arith.trunci %i : i32 to i1
        enigma.yield %odd
      }
      enigma.return
    }
    ```
  }];
  let arguments = (ins Arg<Enigma_BufferType, "", [MemRead]>:$source,
                       Enigma_ElementNumber:$source_offset,
                       Arg<Enigma_BufferType, "", [MemWrite]>:$destination,
                       Enigma_ElementNumber:$destination_offset,
                       Enigma_ElementNumber:$count, Optional<Enigma_Mask>:$mask,
                       UnitAttr:$source_unsigned, UnitAttr:$destination_unsigned,
                       UnitAttr:$count_unsigned,
                       DefaultValuedAttr<ConfinedAttr<I32Attr, [IntPositive]>, "1">:$width);
  let regions = (region MaxSizedRegion<1>:$where);
  let assemblyFormat = [{
    $source `[` (`unsigned` $source_unsigned^)? $source_offset `:` type($source_offset) `]` `to`
    $destination `[` (`unsigned` $destination_unsigned^)? $destination_offset `:`
    type($destination_offset) `]` `,` (`unsigned` $count_unsigned^)? $count `:` type($count)
    (`mask` $mask^ `:` type($mask))? attr-dict `:` qualified(type($source)) `to`
    qualified(type($destination)) (`where` $where^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Enigma_YieldOp : Enigma_Op<"yield",
    [Pure, Terminator, HasParent<"CopyElementsOp">]> {
  let summary = "says whether an element is copied";
  let description = [{
    Ends the region of `enigma.copy_elements`.

    Example:

    ```mlir
    enigma.kernel @odd(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : i32
      %c99 = arith.constant 99 : i32
      enigma.copy_elements %A[%c0 : i32] to %B[%c0 : i32], %c99 : i32
          : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
      ^bb0(%i: i32):
        %odd = arith.trunci %i : i32 to i1
        enigma.yield %odd
      }
      enigma.return
    }
    ```
  }];
  let arguments = (ins I1:$condition);
  let assemblyFormat = "$condition attr-dict";
}

def Enigma_FillOp : Enigma_AccessOp<"fill"> {
  let summary = "writes one value to all elements of a view";
  let description = [{
    Constraints:
    1. The value has the value type of the tensor's element; the view has a static
       shape.
    2. The mask has a lane for each element.
    3. The tensor is not in the `constant` address space.

    Example:

    ```mlir
    enigma.kernel @zero(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.static : !enigma.layout<(2,4):(8,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(8,1)>)
          -> !enigma.tensor<f32, device, (2,4):(8,1)>
      %2 = arith.constant 0.0 : f32
      enigma.fill %2, %1 : (f32, !enigma.tensor<f32, device, (2,4):(8,1)>) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins
    Enigma_Element:$value,
    Arg<Enigma_ViewType, "", [MemWrite]>:$tensor, Optional<Enigma_Mask>:$mask);
}

#endif // ENIGMA_TENSOR_OPS
