// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes to and on the flat form, which the translation prints.

#ifndef ENIGMA_FLAT_PASSES
#define ENIGMA_FLAT_PASSES

include "PassBase.td"

def EnigmaExpandReductions : Enigma_Pass<"enigma-expand-reductions"> {
  let summary = "Write reductions over a threadgroup with those of SIMD groups";
  let description = [{
    Each SIMD group joins the values of its threads, one of them writes the part to
    threadgroup memory, and behind a barrier all threads join the parts, in one
    order. How follows from what is known of the launch:

    1. A threadgroup of one SIMD group has its part alone: no memory, no barrier.
    2. Where all SIMD groups are whole, each of them joins the parts in its lanes.
       Where the function takes one value any number of times (minima, maxima, `and`,
       `or`), lanes beyond the last part read a part again, else they have the value
       that changes nothing.
    3. Otherwise each thread goes through the parts. This holds for a threadgroup of
       any size, whose last SIMD group may have fewer threads than there are parts.

    Memory is written again only behind a barrier that all threads come to after they
    have read it: the reductions of a block take two arrays in turn. One that
    stands alone in a loop without another barrier gets a second one.

    Before:

    ```mlir
    enigma.kernel @total(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32})
        attributes {block = array<i64: 128, 1, 1>} {
      %t = enigma.thread_index_in_threadgroup : i32
      %i = arith.index_castui %t : i32 to index
      %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
      %sum = enigma.threadgroup_sum %a : f32
      enigma.store %sum, %B[%i] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @total(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32})
        attributes {block = array<i64: 128, 1, 1>} {
      %zero = arith.constant -0.0 : f32
      %c3 = arith.constant 3 : i32
      %c0 = arith.constant 0 : i32
      %parts = enigma.alloc : !enigma.buffer<4xf32, threadgroup>
      %lane = enigma.thread_index_in_simdgroup : i32
      %first = arith.cmpi eq, %lane, %c0 : i32
      %group = enigma.simdgroup_index_in_threadgroup : i32
      %own = arith.index_castui %group : i32 to index
      %place = arith.andi %lane, %c3 : i32
      %within = arith.cmpi ule, %lane, %c3 : i32
      %read = arith.index_castui %place : i32 to index
      %t = enigma.thread_index_in_threadgroup : i32
      %i = arith.index_castui %t : i32 to index
      %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
      %part = enigma.simd_sum %a : f32
      scf.if %first {
        enigma.store %part, %parts[%own] : f32, !enigma.buffer<4xf32, threadgroup>
      }
      enigma.threadgroup_barrier mem_threadgroup {enigma.reduction}
      %0 = enigma.load %parts[%read] : !enigma.buffer<4xf32, threadgroup> -> f32
      %1 = arith.select %within, %0, %zero : f32
      %sum = enigma.simd_sum %1 : f32
      enigma.store %sum, %B[%i] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

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
