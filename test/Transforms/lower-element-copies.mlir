// RUN: enigma-opt %s --enigma-lower-element-copies --enigma-clean | FileCheck %s
// RUN: enigma-opt %s --enigma-to-flat | FileCheck %s --check-prefix=FLAT

// A few accesses stand one after the other, and single ones take what is left.
// CHECK-LABEL: enigma.kernel @known
// CHECK-NOT: scf.for
// CHECK: enigma.copy {{.*}} : (!enigma.tensor<f32, device, 4:1>
// CHECK: enigma.copy {{.*}} : (!enigma.tensor<f32, device, 4:1>
// CHECK: enigma.copy {{.*}} : (!enigma.tensor<f32, device, 1:1>
// CHECK-NOT: enigma.copy
// FLAT-LABEL: enigma.kernel @known
// FLAT-COUNT-2: vector.load {{.*}} vector<4xf32>
// FLAT-NOT: vector.load
// FLAT: enigma.return
enigma.kernel @known(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %c4 = arith.constant 4 : i32
  %c9 = arith.constant 9 : i32
  enigma.copy_elements %A[%c4 : i32] to %B[%c4 : i32], %c9 : i32 {width = 4 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// Nothing is copied by a count that is not positive.
// CHECK-LABEL: enigma.kernel @none
// CHECK-NOT: enigma.copy
// CHECK: enigma.return
enigma.kernel @none(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %n = arith.constant -7 : i32
  enigma.copy_elements %A[%c0 : i32] to %B[%c0 : i32], %c0 : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.copy_elements %A[%c0 : i32] to %B[%c0 : i32], %n : i32 {width = 2 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// The same number is a large one where it is unsigned.
// CHECK-LABEL: enigma.kernel @large
// CHECK: %[[N:.*]] = arith.constant -7 : i32
// CHECK: scf.for unsigned %{{.*}} to %[[N]] step
enigma.kernel @large(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %n = arith.constant -7 : i32
  enigma.copy_elements %A[%c0 : i32] to %B[%c0 : i32], unsigned %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// More than a few are a loop.
// CHECK-LABEL: enigma.kernel @many
// CHECK: %[[C17:.*]] = arith.constant 17 : i32
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[C17]] step %{{.*}} : i32 {
// CHECK: enigma.copy {{.*}} : (!enigma.tensor<f32, device, 2:1>
// CHECK: }
// CHECK: enigma.copy {{.*}} : (!enigma.tensor<f32, device, 1:1>
// CHECK-NOT: enigma.copy
enigma.kernel @many(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %c35 = arith.constant 35 : i32
  enigma.copy_elements %A[%c0 : i32] to %B[%c0 : i32], %c35 : i32 {width = 2 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// Sums have the wider type; of one width they are unsigned if either number is.
// CHECK-LABEL: enigma.kernel @types
// CHECK: arith.divsi %{{.*}}, %{{.*}} : i32
// CHECK: scf.for
// CHECK: %[[FIRST:.*]] = arith.muli %{{.*}}, %{{.*}} overflow<nsw> : i32
// CHECK: %[[FROM:.*]] = arith.addi %{{.*}}, %{{.*}} : i32
// CHECK: arith.index_castui %[[FROM]] : i32
// CHECK: %[[WIDE:.*]] = arith.extsi %[[FIRST]] : i32 to i64
// CHECK: %[[TO:.*]] = arith.addi %{{.*}}, %{{.*}} overflow<nsw> : i64
// CHECK: arith.index_cast %[[TO]] : i64
// CHECK: scf.for
enigma.kernel @types(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %i: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32},
    %n: i32 {enigma.dtype = si32, enigma.index = 4 : i32}) {
  enigma.copy_elements %A[unsigned %i : i32] to %B[%j : i64], %n : i32 {width = 2 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// A mask that is known leaves elements out, one that is not makes conditions.
// FLAT-LABEL: enigma.kernel @masked
// FLAT: scf.if
// FLAT: memref.load
// FLAT-NOT: vector.load
// FLAT: vector.load {{.*}} vector<2xf32>
// FLAT-NOT: memref.load
// FLAT: enigma.return
enigma.kernel @masked(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %c: i1 {enigma.dtype = i1, enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : i32
  %c4 = arith.constant 4 : i32
  %no = arith.constant false
  %yes = arith.constant true
  %mask = vector.from_elements %no, %c, %yes, %yes : vector<4xi1>
  enigma.copy_elements %A[%c0 : i32] to %B[%c0 : i32], %c4 : i32 mask %mask : vector<4xi1> {width = 4 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// The region runs for each element of an access.
// CHECK-LABEL: enigma.kernel @chosen
// CHECK: scf.for
// CHECK: %[[FIRST:.*]] = arith.muli
// CHECK: %[[EVEN:.*]] = arith.trunci %[[FIRST]] : i32 to i1
// CHECK: %[[SECOND:.*]] = arith.addi %[[FIRST]], %{{.*}} : i32
// CHECK: %[[ODD:.*]] = arith.trunci %[[SECOND]] : i32 to i1
// CHECK: %[[MASK:.*]] = vector.from_elements %[[EVEN]], %[[ODD]] : vector<2xi1>
// CHECK: enigma.copy %{{.*}}, %{{.*}}, %[[MASK]]
// CHECK: scf.for
// CHECK: vector.broadcast %{{.*}} : i1 to vector<1xi1>
// CHECK: enigma.copy
enigma.kernel @chosen(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  enigma.copy_elements %A[unsigned %n : i32] to %B[unsigned %n : i32], unsigned %n : i32 {width = 2 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
  ^bb0(%i: i32):
    %odd = arith.trunci %i : i32 to i1
    enigma.yield %odd
  }
  enigma.return
}
