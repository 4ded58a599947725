// RUN: enigma-opt %s --enigma-to-flat --mlir-print-debuginfo | enigma-translate --enigma-to-msl | FileCheck %s

!sums = !enigma.cooperative_tensor<m = 16, n = 32, k = 16, left = f16, right = f16, element = f32, transpose_right = true>
!rounded = !enigma.cooperative_tensor<m = 16, n = 32, k = 16, left = f16, right = f16, element = f16, transpose_right = true>

// CHECK: #include <metal_stdlib>
// CHECK-NEXT: #include <metal_tensor>
// CHECK-NEXT: #include <MetalPerformancePrimitives/MetalPerformancePrimitives.h>
// CHECK-NEXT: using namespace metal;
// CHECK: using enigma_16x32x16_half_half_nt =
// CHECK-NEXT: mpp::tensor_ops::matmul2d<
// CHECK-NEXT: mpp::tensor_ops::matmul2d_descriptor(
// CHECK-NEXT: 16, 32, 16, false, true, false,
// CHECK-NEXT: mpp::tensor_ops::matmul2d_descriptor::mode::multiply_accumulate),
// CHECK-NEXT: execution_simdgroups<1>>;
// CHECK-NEXT: using enigma_16x32x16_half_half_nt_float =
// CHECK-NEXT: enigma_16x32x16_half_half_nt::cooperative_tensor_destination_t<
// CHECK-NEXT: enigma_tile<device half>, enigma_tile<device half>, float, int>;
// CHECK-NEXT: using enigma_16x32x16_half_half_nt_half =

// Sums that a loop carries are one variable, which every product is added to.

// CHECK-LABEL: kernel void product(
enigma.kernel @product(
    %A: !enigma.buffer<f16, device> {enigma.name = "A", enigma.index = 0 : i32},
    %C: !enigma.buffer<f16, device> {enigma.name = "C", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  // CHECK: enigma_16x32x16_half_half_nt_float acc;
  // CHECK-NEXT: enigma_fill(acc, 0.0f);
  // CHECK-NEXT: for (
  // CHECK-NEXT: enigma_matmul2d<enigma_16x32x16_half_half_nt>(
  // CHECK: acc);
  // CHECK-NEXT: }
  %init = enigma.cooperative_tensor_make %zero : f32 -> !sums loc("acc")
  %acc = scf.for %k = %c0 to %c64 step %c16 iter_args(%c = %init) -> (!sums) {
    %d = enigma.matmul2d %A[%k], %c64, %A[%k], %c64, %c : !enigma.buffer<f16, device>, !enigma.buffer<f16, device>, !sums
    scf.yield %d : !sums
  }
  // Elements are asked for where the thread has them.
  // CHECK-NEXT: enigma_16x32x16_half_half_nt_half h;
  // CHECK-NEXT: for (int i = 0; i < acc.get_capacity(); ++i) {
  // CHECK-NEXT: if (acc.is_valid_element(i)) {
  // CHECK-NEXT: h[i] = half(acc[i]);
  // CHECK-NEXT: }
  // CHECK-NEXT: }
  %start = enigma.cooperative_tensor_make -> !rounded loc("h")
  %capacity = enigma.cooperative_tensor_capacity %acc : !sums
  %h = scf.for %i = %i0 to %capacity step %i1 iter_args(%r = %start) -> (!rounded) : i32 {
    %has = enigma.cooperative_tensor_has_element %acc[%i] : !sums
    %next = scf.if %has -> !rounded {
      %x = enigma.cooperative_tensor_extract %acc[%i] : !sums
      %y = arith.truncf %x : f32 to f16
      %inserted = enigma.cooperative_tensor_insert %y, %r[%i] : !rounded
      scf.yield %inserted : !rounded
    } else {
      scf.yield %r : !rounded
    }
    scf.yield %next : !rounded
  }
  // CHECK-NEXT: enigma_store(h, enigma_tile_of<half>(C, 32, 16, 64));
  enigma.cooperative_tensor_store %h, %C[%c0], %c64 : !rounded, !enigma.buffer<f16, device>
  enigma.return
}

// Sums that are read later are not overwritten.

// CHECK-LABEL: kernel void kept(
enigma.kernel @kept(
    %A: !enigma.buffer<f16, device> {enigma.name = "A", enigma.index = 0 : i32},
    %C: !enigma.buffer<f32, device> {enigma.name = "C", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: enigma_16x32x16_half_half_nt_float old;
  // CHECK-NEXT: enigma_load(old, enigma_tile_of<float>(C, 32, 16, 64));
  %old = enigma.cooperative_tensor_load %C[%c0], %c64 : !enigma.buffer<f32, device> -> !sums loc("old")
  // CHECK-NEXT: enigma_16x32x16_half_half_nt_float sum;
  // CHECK-NEXT: enigma_copy(sum, old);
  // CHECK-NEXT: enigma_matmul2d<
  %sum = enigma.matmul2d %A[%c0], %c64, %A[%c0], %c64, %old : !enigma.buffer<f16, device>, !enigma.buffer<f16, device>, !sums loc("sum")
  enigma.cooperative_tensor_store %sum, %C[%c0], %c64 : !sums, !enigma.buffer<f32, device>
  enigma.cooperative_tensor_store %old, %C[%c0], %c64 : !sums, !enigma.buffer<f32, device>
  enigma.return
}
