// RUN: enigma-opt %s | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

!sums = !enigma.cooperative_tensor<m = 16, n = 32, k = 16, left = f16, right = si8, element = f32, transpose_right = true, relaxed_precision = true, simdgroups = 4>

// CHECK-LABEL: enigma.kernel @round_trip
enigma.kernel @round_trip(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32},
                          %B: !enigma.buffer<si8, device> {enigma.index = 1 : i32},
                          %C: !enigma.buffer<f32, device> {enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %i = arith.constant 1 : i32
  // CHECK: %[[MADE:.*]] = enigma.cooperative_tensor_make %{{.*}} : f32 -> !enigma.cooperative_tensor<m = 16, n = 32, k = 16, left = f16, right = si8, element = f32, transpose_right = true, relaxed_precision = true, simdgroups = 4>
  %made = enigma.cooperative_tensor_make %zero : f32 -> !sums
  // CHECK: enigma.cooperative_tensor_make -> !enigma.cooperative_tensor<
  %undefined = enigma.cooperative_tensor_make -> !sums
  // CHECK: enigma.cooperative_tensor_load %{{.*}}[%{{.*}}], %{{.*}} : !enigma.buffer<f32, device> -> !enigma
  %loaded = enigma.cooperative_tensor_load %C[%c0], %c64 : !enigma.buffer<f32, device> -> !sums
  // CHECK: enigma.matmul2d %{{.*}}[%{{.*}}], %{{.*}}, %{{.*}}[%{{.*}}], %{{.*}}, %[[MADE]] : !enigma.buffer<f16, device>, !enigma.buffer<si8, device>, !enigma
  %product = enigma.matmul2d %A[%c0], %c64, %B[%c0], %c64, %made : !enigma.buffer<f16, device>, !enigma.buffer<si8, device>, !sums
  // CHECK: enigma.cooperative_tensor_capacity %{{.*}} : !enigma
  %capacity = enigma.cooperative_tensor_capacity %loaded : !sums
  // CHECK: enigma.cooperative_tensor_has_element %{{.*}}[%{{.*}}] : !enigma
  %has = enigma.cooperative_tensor_has_element %loaded[%i] : !sums
  // CHECK: enigma.cooperative_tensor_extract %{{.*}}[%{{.*}}] : !enigma
  %element = enigma.cooperative_tensor_extract %loaded[%i] : !sums
  // CHECK: enigma.cooperative_tensor_insert %{{.*}}, %{{.*}}[%{{.*}}] : !enigma
  %inserted = enigma.cooperative_tensor_insert %element, %undefined[%i] : !sums
  // CHECK: enigma.cooperative_tensor_store %{{.*}}, %{{.*}}[%{{.*}}], %{{.*}} : !enigma
  enigma.cooperative_tensor_store %product, %C[%c0], %c64 : !sums, !enigma.buffer<f32, device>
  enigma.cooperative_tensor_store %inserted, %C[%c0], %c64 : !sums, !enigma.buffer<f32, device>
  enigma.return
}
