// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes from layouts, views and fragments to buffers, indices and vectors.

#ifndef ENIGMA_LAYOUT_PASSES
#define ENIGMA_LAYOUT_PASSES

include "PassBase.td"

def EnigmaGuardOverhangs : Enigma_Pass<"enigma-guard-overhangs"> {
  let summary = "Keep accesses inside of the tensors that views were made of";
  let description = [{
    Where tiles do not divide a tensor, or what it is composed with reaches beyond
    it, a view has coordinates outside of the tensor, or outside of a part of it
    that was divided. This pass follows each view to the tensor and makes accesses
    there conditional: of whole views by their mask, of one element by a branch. A
    load that is not made gives 0, as do atomic accesses; a copy writes 0 where its
    source has no element. What can be decided here, as where tiles divide the
    tensor, has no condition; nor has what a branch around the access asks already.
    The mask of a tile is the conjunction of one for each coordinate: its elements
    share the conditions of rows and columns. Where the elements that exist are known
    to be at different places in memory, as those of a tensor whose rows lie one
    behind the other, `enigma.distinct` on a store or a copy says so.

    Atomic accesses, loads and stores are followed where their subscript is that of
    `enigma.element_offset`. One that takes several elements at once from a view
    that may overhang is refused, since its elements are consecutive in memory only.

    Before:

    ```mlir
    enigma.kernel @tile(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %t = enigma.thread_position_in_grid x : i32
      %i = arith.index_castui %t : i32 to index
      %0 = enigma.static : !enigma.layout<1022:1>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<1022:1>)
          -> !enigma.tensor<f32, device, 1022:1>
      %2 = enigma.static : !enigma.int_tuple<2>
      %3 = enigma.make_int_tuple %i : !enigma.int_tuple<?>
      %4 = enigma.local_tile %1, %2, %3
          : (!enigma.tensor<f32, device, 1022:1>, !enigma.int_tuple<2>,
             !enigma.int_tuple<?>) -> !enigma.tensor<f32, device, 2:1>
      %5 = enigma.static : !enigma.int_tuple<4>
      %6 = enigma.local_tile %1, %5, %3
          : (!enigma.tensor<f32, device, 1022:1>, !enigma.int_tuple<4>,
             !enigma.int_tuple<?>) -> !enigma.tensor<f32, device, 4:1>
      %7 = enigma.static : !enigma.int_tuple<3>
      %8 = enigma.load_element %6, %7
          : (!enigma.tensor<f32, device, 4:1>, !enigma.int_tuple<3>) -> f32
      enigma.fill %8, %4 : (f32, !enigma.tensor<f32, device, 2:1>) -> ()
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @tile(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %c255 = arith.constant 255 : index
      %t = enigma.thread_position_in_grid x : i32
      %i = arith.index_castui %t : i32 to index
      %exists = arith.cmpi ult, %i, %c255 : index
      %0 = enigma.static : !enigma.layout<1022:1>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<1022:1>)
          -> !enigma.tensor<f32, device, 1022:1>
      %2 = enigma.static : !enigma.int_tuple<2>
      %3 = enigma.make_int_tuple %i : !enigma.int_tuple<?>
      %4 = enigma.local_tile %1, %2, %3
          : (!enigma.tensor<f32, device, 1022:1>, !enigma.int_tuple<2>,
             !enigma.int_tuple<?>) -> !enigma.tensor<f32, device, 2:1>
      %5 = enigma.static : !enigma.int_tuple<4>
      %6 = enigma.local_tile %1, %5, %3
          : (!enigma.tensor<f32, device, 1022:1>, !enigma.int_tuple<4>,
             !enigma.int_tuple<?>) -> !enigma.tensor<f32, device, 4:1>
      %7 = enigma.static : !enigma.int_tuple<3>
      %8 = scf.if %exists -> (f32) {
        %9 = enigma.load_element %6, %7
            : (!enigma.tensor<f32, device, 4:1>, !enigma.int_tuple<3>) -> f32
        scf.yield %9 : f32
      } else {
        %zero = arith.constant 0.0 : f32
        scf.yield %zero : f32
      }
      enigma.fill %8, %4 : (f32, !enigma.tensor<f32, device, 2:1>) -> ()
      enigma.return
    }
    ```
  }];
}

def EnigmaLowerElementCopies : Enigma_Pass<"enigma-lower-element-copies"> {
  let summary = "Lower copies of consecutive elements to copies of views";
  let description = [{
    `enigma.copy_elements` becomes copies of as many elements as its width says, and
    of single ones for what is left: one after the other where there are a few of them, else in
    a loop. Offsets and counts are added in the wider of their types.

    Before:

    ```mlir
    enigma.kernel @stretch(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
        %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
      %c8 = arith.constant 8 : i32
      enigma.copy_elements %A[unsigned %n : i32] to %B[%c8 : i32], unsigned %n : i32
          : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @stretch(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
        %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
      %0 = enigma.static : !enigma.layout<1:1>
      %c8 = arith.constant 8 : i32
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      scf.for unsigned %i = %c0 to %n step %c1 : i32 {
        %1 = arith.addi %n, %i : i32
        %2 = arith.index_castui %1 : i32 to index
        %3 = enigma.make_tensor %A, %0, %2
            : (!enigma.buffer<f32, device>, !enigma.layout<1:1>, index)
            -> !enigma.tensor<f32, device, 1:1>
        %4 = arith.addi %i, %c8 : i32
        %5 = arith.index_castui %4 : i32 to index
        %6 = enigma.make_tensor %B, %0, %5
            : (!enigma.buffer<f32, device>, !enigma.layout<1:1>, index)
            -> !enigma.tensor<f32, device, 1:1>
        enigma.copy %3, %6
            : (!enigma.tensor<f32, device, 1:1>, !enigma.tensor<f32, device, 1:1>) -> ()
      }
      enigma.return
    }
    ```
  }];
}

def EnigmaLowerCopies : Enigma_Pass<"enigma-lower-copies"> {
  let summary = "Lower accesses to whole views to elements and short vectors";
  let description = [{
    Loads and stores of fragments, copies and fills become accesses to elements:
    vectors (of 4 or 2 lanes for Metal) where the elements are consecutive in
    memory, the first one stands at a multiple of their number, and they take at
    most the target's `access_bytes` (Metal: 16). Memory need
    not follow the order of the fragment. Arrays of the kernel's own are accessed
    element by element, since Metal aligns them no better.

    Masks become conditions; accesses under one condition share a branch. Where a
    mask is a conjunction, as of the conditions of rows and columns, the branches of
    stores are nested. What may be stored to one place stays in order.
    `enigma.in_bounds` becomes comparisons, one for all lanes between which neither
    the coordinate nor the shape can decide.

    Before:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %0 = enigma.static : !enigma.layout<(2,2):(1,8)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(1,8)>)
          -> !enigma.tensor<f32, device, (2,2):(1,8)>
      %2 = enigma.static : !enigma.layout<(2,2):(2,1)>
      %3 = enigma.make_tensor %B, %2
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(2,1)>)
          -> !enigma.tensor<f32, device, (2,2):(2,1)>
      enigma.copy %1, %3
          : (!enigma.tensor<f32, device, (2,2):(1,8)>,
             !enigma.tensor<f32, device, (2,2):(2,1)>) -> ()
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %c2 = enigma.static : !enigma.int_tuple<2>
      %c0 = enigma.static : !enigma.int_tuple<0>
      %0 = enigma.static : !enigma.layout<(2,2):(1,8)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(1,8)>)
          -> !enigma.tensor<f32, device, (2,2):(1,8)>
      %2 = enigma.static : !enigma.layout<(2,2):(2,1)>
      %3 = enigma.make_tensor %B, %2
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(2,1)>)
          -> !enigma.tensor<f32, device, (2,2):(2,1)>
      %4 = enigma.load_element %1, %c0
          : (!enigma.tensor<f32, device, (2,2):(1,8)>, !enigma.int_tuple<0>)
          -> vector<2xf32>
      %5 = vector.extract %4[0] : f32 from vector<2xf32>
      %6 = vector.extract %4[1] : f32 from vector<2xf32>
      %7 = enigma.load_element %1, %c2
          : (!enigma.tensor<f32, device, (2,2):(1,8)>, !enigma.int_tuple<2>)
          -> vector<2xf32>
      %8 = vector.extract %7[0] : f32 from vector<2xf32>
      %9 = vector.extract %7[1] : f32 from vector<2xf32>
      %10 = vector.from_elements %5, %8, %6, %9 : vector<4xf32>
      enigma.store_element %10, %3, %c0
          : (vector<4xf32>, !enigma.tensor<f32, device, (2,2):(2,1)>,
             !enigma.int_tuple<0>) -> ()
      enigma.return
    }
    ```
  }];
}

def EnigmaLegalizeFragments : Enigma_Pass<"enigma-legalize-fragments"> {
  let summary = "Split fragments into vectors that the target has";
  let description = [{
    Vectors of more than the target's `lanes` (Metal: 4) become vectors of so many
    and of what is left, and those of one lane scalars, in arithmetic and control
    flow alike. A reduction combines the lanes in their order.

    Before:

    ```mlir
    enigma.kernel @scale(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %s: f32 {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = vector.broadcast %s : f32 to vector<6xf32>
      %1 = math.exp %0 : vector<6xf32>
      %2 = vector.extract %1[5] : f32 from vector<6xf32>
      enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @scale(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %s: f32 {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = vector.broadcast %s : f32 to vector<2xf32>
      %1 = math.exp %0 : vector<2xf32>
      %2 = vector.extract %1[1] : f32 from vector<2xf32>
      enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

def EnigmaLowerLayouts : Enigma_Pass<"enigma-lower-layouts"> {
  let summary = "Lower views to a buffer and index arithmetic";
  let description = [{
    Accesses to elements of views become `enigma.load` and `enigma.store`, and no
    operation on layouts is left. What is static is folded. What is not becomes a
    sum of terms, each built once and as far out as its operands allow: a view's
    address is computed once, and outside of the loops that it does not depend on.
    Quotients and remainders by powers of two are shifts and masks, and digits of
    one number that meet again are that number. Accesses say how many bits their
    subscripts have: where the layout of the tensor that a view is part of is
    static, those of its last element; elsewhere, where `index-bits` is 32 or
    less, one less than these, and the kernel's argument says then how many
    elements it may span (`enigma.max_elements`), which a launch has to keep.

    Before:

    ```mlir
    enigma.kernel @row(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %t = enigma.thread_position_in_grid x : i32
      %i = arith.index_castui %t : i32 to index
      %0 = enigma.static : !enigma.layout<(4,8):(16,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,8):(16,1)>)
          -> !enigma.tensor<f32, device, (4,8):(16,1)>
      %2 = enigma.make_int_tuple %i : !enigma.int_tuple<?>
      %3 = enigma.load_element %1, %2
          : (!enigma.tensor<f32, device, (4,8):(16,1)>, !enigma.int_tuple<?>) -> f32
      enigma.store_element %3, %1, %2
          : (f32, !enigma.tensor<f32, device, (4,8):(16,1)>, !enigma.int_tuple<?>) -> ()
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @row(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %c16 = arith.constant 16 : index
      %c2 = arith.constant 2 : index
      %c3 = arith.constant 3 : index
      %t = enigma.thread_position_in_grid x : i32
      %i = arith.index_castui %t : i32 to index
      %row = arith.andi %i, %c3 : index
      %column = arith.shrui %i, %c2 : index
      %start = arith.muli %row, %c16 : index
      %offset = arith.addi %start, %column : index
      %0 = enigma.load %A[%offset] {index_bits = 7 : i32} : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %A[%offset] {index_bits = 7 : i32} : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
  let options = [
    Option<"indexBits", "index-bits", "unsigned", /*default=*/"64",
           "Bits of the numbers that hold subscripts in tensors of which sizes are "
           "known at run time only">
  ];
}

#endif // ENIGMA_LAYOUT_PASSES
