// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes to and on the flat form, which the translation prints.

#ifndef ENIGMA_FLAT_PASSES
#define ENIGMA_FLAT_PASSES

include "PassBase.td"

def EnigmaFlatten : Enigma_Pass<"enigma-flatten"> {
  let summary = "Lower a kernel to the flat form, which the translation prints";
  let description = [{
    Buffers become memrefs of signless elements, in the same address space; the
    signedness of their elements moves to `enigma.dtype` of the argument and
    `dtype` of `enigma.alloc`. Loads and stores become those of `memref`, and of
    `vector` with an alignment of the whole vector. Floored and ceiled divisions
    and `enigma.floormod` become operations that Metal has: shifts and masks where
    the divisor is a constant power of two, else a truncating division and a
    correction. No division is undefined that was not before, and none overflows:
    a divisor of -1 is divided by in another way. Divisions of floats,
    `enigma.floordiv` and `enigma.floormod`, become what NumPy does, in `f32`. What
    asks whether a float is NaN or infinite asks its bits, since Metal's fast math
    may assume that no float is.

    Every operation keeps its location; of the operations that replace one, only
    the last keeps its Python name.

    Before:

    ```mlir
    enigma.kernel @gather(
        %A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32},
        %i: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
      %c8 = arith.constant 8 : i32
      %0 = enigma.floormod %i, %c8 : i32
      %1 = arith.index_castui %0 : i32 to index
      %2 = enigma.load %A[%1] : !enigma.buffer<ui32, device> -> i32
      enigma.store %2, %A[%1] : i32, !enigma.buffer<ui32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @gather(
        %A: memref<?xi32, #enigma.address_space<device>> {enigma.dtype = ui32, enigma.index = 0 : i32},
        %i: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
      %c8 = arith.constant 8 : i32
      %c7 = arith.constant 7 : i32
      %0 = arith.andi %i, %c7 : i32
      %1 = arith.index_castui %0 : i32 to index
      %2 = memref.load %A[%1] : memref<?xi32, #enigma.address_space<device>>
      memref.store %2, %A[%1] : memref<?xi32, #enigma.address_space<device>>
      enigma.return
    }
    ```
  }];
}

def EnigmaInferAccess : Enigma_Pass<"enigma-infer-access"> {
  let summary = "State which buffers a kernel reads and which it writes";
  let description = [{
    Sets `enigma.access` on every buffer argument, also in the flat form, from the
    operations that use it. The translation declares a buffer that is only read as
    `const`. What an operation that passes a buffer on does with it is not known;
    the buffer then counts as read and written.

    Two arguments count as two buffers. A launch may give the same memory to both;
    the attribute says what is done through the argument.

    Before:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %B[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.access = #enigma.access<read>, enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.access = #enigma.access<write>, enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %B[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

#endif // ENIGMA_FLAT_PASSES
