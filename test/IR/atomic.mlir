// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @buffers
// CHECK-SAME: %A: !enigma.buffer<ui32, device>
// CHECK-SAME: %B: !enigma.buffer<f32, device>
// CHECK-SAME: %x: i32
// CHECK-SAME: %f: f32
// CHECK: %[[TILE:.*]] = enigma.alloc
enigma.kernel @buffers(
    %A: !enigma.buffer<ui32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %x: i32 {enigma.name = "x", enigma.index = 2 : i32, enigma.dtype = ui32},
    %f: f32 {enigma.name = "f", enigma.index = 3 : i32}) {
  %c3 = arith.constant 3 : index
  %tile = enigma.alloc : !enigma.buffer<4xsi32, threadgroup>
  // CHECK: enigma.atomic_load %A[%c3] : !enigma.buffer<ui32, device> -> i32
  %0 = enigma.atomic_load %A[%c3] : !enigma.buffer<ui32, device> -> i32
  // CHECK: enigma.atomic_store %f, %B[%c3] {test.note} : f32, !enigma.buffer<f32, device>
  enigma.atomic_store %f, %B[%c3] {test.note} : f32, !enigma.buffer<f32, device>
  // CHECK: enigma.atomic_rmw exchange %x, %A[%c3] : i32, !enigma.buffer<ui32, device>
  %1 = enigma.atomic_rmw exchange %x, %A[%c3] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.atomic_rmw exchange %f, %B[%c3] : f32, !enigma.buffer<f32, device>
  %2 = enigma.atomic_rmw exchange %f, %B[%c3] : f32, !enigma.buffer<f32, device>
  // CHECK: enigma.atomic_rmw add %f, %B[%c3] : f32, !enigma.buffer<f32, device>
  %3 = enigma.atomic_rmw add %f, %B[%c3] : f32, !enigma.buffer<f32, device>
  // CHECK: enigma.atomic_rmw sub %f, %B[%c3] : f32, !enigma.buffer<f32, device>
  %4 = enigma.atomic_rmw sub %f, %B[%c3] : f32, !enigma.buffer<f32, device>
  // CHECK: enigma.atomic_rmw min unsigned %x, %A[%c3] : i32, !enigma.buffer<ui32, device>
  %5 = enigma.atomic_rmw min unsigned %x, %A[%c3] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.atomic_rmw max %x, %[[TILE]][%c3] : i32, !enigma.buffer<4xsi32, threadgroup>
  %6 = enigma.atomic_rmw max %x, %tile[%c3] : i32, !enigma.buffer<4xsi32, threadgroup>
  // CHECK: enigma.atomic_rmw and %x, %A[%c3] {test.note} : i32, !enigma.buffer<ui32, device>
  %7 = enigma.atomic_rmw and %x, %A[%c3] {test.note} : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.atomic_rmw or %x, %A[%c3] {test.note} : i32, !enigma.buffer<ui32, device>
  %8 = enigma.atomic_rmw or %x, %A[%c3] {test.note} : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.atomic_rmw xor %x, %A[%c3] {test.note} : i32, !enigma.buffer<ui32, device>
  %9 = enigma.atomic_rmw xor %x, %A[%c3] {test.note} : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.atomic_compare_exchange %x, %x, %A[%c3] : i32, !enigma.buffer<ui32, device>
  %10:2 = enigma.atomic_compare_exchange %x, %x, %A[%c3] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.atomic_compare_exchange %f, %f, %B[%c3] {test.note} : f32, !enigma.buffer<f32, device>
  %11:2 = enigma.atomic_compare_exchange %f, %f, %B[%c3] {test.note} : f32, !enigma.buffer<f32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @flat
enigma.kernel @flat(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui32},
    %x: i32 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.atomic_load %A[%c0] : memref<?xi32, #enigma.address_space<device>> -> i32
  %0 = enigma.atomic_load %A[%c0] : memref<?xi32, #enigma.address_space<device>> -> i32
  // CHECK: enigma.atomic_store %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  enigma.atomic_store %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK: enigma.atomic_rmw max unsigned %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  %1 = enigma.atomic_rmw max unsigned %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK: enigma.atomic_compare_exchange %x, %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  %2:2 = enigma.atomic_compare_exchange %x, %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @reduce
enigma.kernel @reduce(
    %A: !enigma.buffer<ui64, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: memref<?xi64, #enigma.address_space<device>> {enigma.name = "B", enigma.index = 1 : i32, enigma.dtype = ui64},
    %x: i64 {enigma.name = "x", enigma.index = 2 : i32, enigma.dtype = ui64}) {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.atomic_reduce min %x, %A[%c0] {test.note} : i64, !enigma.buffer<ui64, device>
  enigma.atomic_reduce min %x, %A[%c0] {test.note} : i64, !enigma.buffer<ui64, device>
  // CHECK: enigma.atomic_reduce max %x, %B[%c0] : i64, memref<?xi64, #enigma.address_space<device>>
  enigma.atomic_reduce max %x, %B[%c0] : i64, memref<?xi64, #enigma.address_space<device>>
  enigma.return
}
