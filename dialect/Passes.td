// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_PASSES
#define ENIGMA_PASSES

include "mlir/Pass/PassBase.td"

def EnigmaInferAccess : Pass<"enigma-infer-access", "::enigma::KernelOp"> {
  let summary = "State which buffers a kernel reads and which it writes";
  let description = [{
    Sets `enigma.access` on every buffer argument from the operations that use
    it. The translation declares a buffer that is only read as `const`.

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

def EnigmaFlatten : Pass<"enigma-flatten", "::enigma::KernelOp"> {
  let summary = "Lower a kernel to the flat form, which the translation prints";
  let description = [{
    Buffers become memrefs of signless elements, in the same address space; the
    signedness of their elements moves to `enigma.dtype` of the argument and
    `dtype` of `enigma.alloc`. Loads and stores become those of `memref`, and of
    `vector` with an alignment of the whole vector. Floored and ceiled divisions
    and `enigma.floormod` become operations that Metal has: shifts and masks where
    the divisor is a constant power of two, else a truncating division and a
    correction. No division is undefined that was not before, and none overflows.

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
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::vector::VectorDialect"
  ];
}

#endif // ENIGMA_PASSES
