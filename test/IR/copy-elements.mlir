// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @stretch
enigma.kernel @stretch(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.dtype = ui32, enigma.index = 2 : i32},
    %m: i64 {enigma.name = "m", enigma.dtype = si64, enigma.index = 3 : i32}) {
  %c2 = arith.constant 2 : i32
  %mask = arith.constant dense<[true, false]> : vector<2xi1>
  // CHECK: enigma.copy_elements %A[{{ ?}}%m : i64] to %B[unsigned %n : i32], %c2{{.*}} : i32 :
  // CHECK-SAME: !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.copy_elements %A[%m : i64] to %B[unsigned %n : i32], %c2 : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  // CHECK: enigma.copy_elements %A[{{ ?}}%m : i64] to %B[{{ ?}}%m : i64], %c2{{.*}} : i32 mask %{{.*}} : vector<2xi1> {width = 2 : i32} :
  enigma.copy_elements %A[%m : i64] to %B[%m : i64], %c2 : i32 mask %mask : vector<2xi1> {width = 2 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  // CHECK: enigma.copy_elements %A[unsigned %n : i32] to %B[{{ ?}}%m : i64], unsigned %n : i32 {width = 4 : i32} :
  // CHECK-SAME: where {
  // CHECK-NEXT: ^bb0(%[[I:.*]]: i32):
  // CHECK-NEXT: %[[ODD:.*]] = arith.trunci %[[I]] : i32 to i1
  // CHECK-NEXT: enigma.yield %[[ODD]]
  enigma.copy_elements %A[unsigned %n : i32] to %B[%m : i64], unsigned %n : i32 {width = 4 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
  ^bb0(%i: i32):
    %odd = arith.trunci %i : i32 to i1
    enigma.yield %odd
  }
  enigma.return
}
