// RUN: enigma-opt %s --enigma-to-flat | FileCheck %s
// RUN: enigma-opt %s --enigma-clean --enigma-to-flat=vec-width=0 | FileCheck %s
// RUN: not enigma-opt %s --enigma-to-flat=vec-width=3 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: not enigma-opt %s --enigma-to-flat=vec-width=8 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: not enigma-opt %s --enigma-to-flat=vec-width=four 2>&1 | FileCheck %s --check-prefix=NUMBER

// WIDTH: error: 'width' must be 2 or 4, found {{3|8}}
// NUMBER: 'four' value invalid for uint argument

// CHECK-LABEL: enigma.kernel @add
// CHECK-SAME: %A: memref<?xf32, #enigma.address_space<device>> {enigma.access = #enigma.access<read>
// CHECK-SAME: %C: memref<?xf32, #enigma.address_space<device>> {enigma.access = #enigma.access<write>
enigma.kernel @add(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<f32, device> {enigma.name = "C", enigma.index = 2 : i32}) {
  // CHECK-NEXT: %[[TID:.+]] = enigma.thread_position_in_grid x
  // CHECK-NEXT: %[[I:.+]] = arith.index_castui %[[TID]] : i32 to index
  // CHECK-NEXT: %[[A:.+]] = memref.load %A[%[[I]]]
  // CHECK-NEXT: %[[B:.+]] = memref.load %B[%[[I]]]
  // CHECK-NEXT: %[[SUM:.+]] = arith.addf %[[A]], %[[B]]
  // CHECK-NEXT: memref.store %[[SUM]], %C[%[[I]]]
  // CHECK-NEXT: enigma.return
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %j = arith.index_castui %tid : i32 to index
  %b = enigma.load %B[%j] : !enigma.buffer<f32, device> -> f32
  %unused = enigma.load %C[%j] : !enigma.buffer<f32, device> -> f32
  %sum = arith.addf %a, %b : f32
  %k = arith.index_castui %tid : i32 to index
  enigma.store %sum, %C[%k] : f32, !enigma.buffer<f32, device>
  enigma.return
}
