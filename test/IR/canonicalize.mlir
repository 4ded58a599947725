// RUN: enigma-opt %s --canonicalize --allow-unregistered-dialect | FileCheck %s

// Functions of their own results.

// CHECK-LABEL: enigma.kernel @idempotent
// CHECK-SAME: %[[X:.*]]: f32
enigma.kernel @idempotent(%x: f32 {enigma.index = 0 : i32}) {
  // CHECK-NEXT: %[[A:.*]] = enigma.saturate %[[X]]
  // CHECK-NEXT: "test.use"(%[[A]])
  %0 = enigma.saturate %x : f32
  %1 = enigma.saturate %0 : f32
  %2 = enigma.saturate %1 : f32
  "test.use"(%2) : (f32) -> ()
  // CHECK-NEXT: %[[B:.*]] = enigma.sign %[[X]]
  // CHECK-NEXT: "test.use"(%[[B]])
  %3 = enigma.sign %x : f32
  %4 = enigma.sign %3 : f32
  "test.use"(%4) : (f32) -> ()
  // CHECK-NEXT: %[[C:.*]] = enigma.fract %[[X]]
  // CHECK-NEXT: "test.use"(%[[C]])
  %5 = enigma.fract %x : f32
  %6 = enigma.fract %5 : f32
  "test.use"(%6) : (f32) -> ()
  // NaN is no fraction that is saturated already.
  // CHECK-NEXT: %[[D:.*]] = enigma.saturate %[[C]]
  // CHECK-NEXT: "test.use"(%[[D]])
  %7 = enigma.saturate %5 : f32
  "test.use"(%7) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod
// CHECK-SAME: %[[A:[^:]*]]: i32
// CHECK-SAME: %[[B:[^:]*]]: i32
enigma.kernel @floormod(
    %a: i32 {enigma.index = 0 : i32, enigma.dtype = si32},
    %b: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : i32
  // CHECK-DAG: %[[V0:.*]] = arith.constant dense<0> : vector<2xi32>
  %c1 = arith.constant 1 : i32
  %m1 = arith.constant dense<-1> : vector<2xi32>
  // CHECK: "test.use"(%[[C0]])
  %0 = enigma.floormod %a, %c1 : i32
  "test.use"(%0) : (i32) -> ()
  // CHECK: "test.use"(%[[V0]])
  %v = vector.broadcast %a : i32 to vector<2xi32>
  %1 = enigma.floormod %v, %m1 : vector<2xi32>
  "test.use"(%1) : (vector<2xi32>) -> ()
  // CHECK: %[[M:.*]] = enigma.floormod %[[A]], %[[B]]
  // CHECK-NEXT: "test.use"(%[[M]])
  %2 = enigma.floormod %a, %b : i32
  %3 = enigma.floormod %2, %b : i32
  "test.use"(%3) : (i32) -> ()
  // CHECK-NEXT: %[[N:.*]] = enigma.floormod %[[M]], %[[A]]
  // CHECK-NEXT: "test.use"(%[[N]])
  %4 = enigma.floormod %2, %a : i32
  "test.use"(%4) : (i32) -> ()
  enigma.return
}

// A float remainder by 1 is the fraction.
// CHECK-LABEL: enigma.kernel @floormod_float
// CHECK: enigma.floormod
enigma.kernel @floormod_float(%a: f32 {enigma.index = 0 : i32}) {
  %c1 = arith.constant 1.0 : f32
  %0 = enigma.floormod %a, %c1 : f32
  "test.use"(%0) : (f32) -> ()
  enigma.return
}

// Barriers with no memory operation between them.

// CHECK-LABEL: enigma.kernel @barriers
enigma.kernel @barriers(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
                        %x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.threadgroup_barrier mem_threadgroup
  // CHECK-NEXT: enigma.store
  enigma.threadgroup_barrier mem_threadgroup
  enigma.threadgroup_barrier mem_threadgroup
  enigma.threadgroup_barrier mem_none
  enigma.store %x, %A[%c0] : f32, !enigma.buffer<f32, device>
  // CHECK-NEXT: enigma.threadgroup_barrier mem_device|mem_threadgroup
  // CHECK-NEXT: enigma.exp10
  enigma.threadgroup_barrier mem_device
  %y = enigma.exp10 %x : f32
  enigma.threadgroup_barrier mem_threadgroup
  // CHECK-NEXT: enigma.store
  // CHECK-NEXT: enigma.threadgroup_barrier mem_device
  // CHECK-NEXT: enigma.load
  // CHECK-NEXT: enigma.threadgroup_barrier mem_device
  // CHECK-NEXT: "test.use"
  enigma.store %y, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.threadgroup_barrier mem_device
  %z = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.threadgroup_barrier mem_device
  "test.use"(%z) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @simdgroup_barriers
// CHECK-NEXT: enigma.simdgroup_barrier mem_device|mem_threadgroup
// CHECK-NEXT: enigma.threadgroup_barrier mem_device
// CHECK-NEXT: enigma.simdgroup_barrier mem_device
// CHECK-NEXT: enigma.return
enigma.kernel @simdgroup_barriers() {
  enigma.simdgroup_barrier mem_device
  enigma.simdgroup_barrier mem_threadgroup
  enigma.threadgroup_barrier mem_device
  enigma.simdgroup_barrier mem_device
  enigma.return
}

// A loop or a condition between two barriers may hold another.
// CHECK-LABEL: enigma.kernel @barriers_in_regions
// CHECK: enigma.threadgroup_barrier
// CHECK-NEXT: scf.if
// CHECK-NEXT: enigma.threadgroup_barrier
// CHECK: enigma.threadgroup_barrier
enigma.kernel @barriers_in_regions(%p: i1 {enigma.index = 0 : i32}) {
  enigma.threadgroup_barrier mem_none
  scf.if %p {
    enigma.threadgroup_barrier mem_none
  }
  enigma.threadgroup_barrier mem_none
  enigma.return
}

// Stores of what is there already.

// CHECK-LABEL: enigma.kernel @store_of_loaded
// CHECK-NEXT: arith.constant
// CHECK-NEXT: arith.constant
// CHECK-NEXT: %[[A:.*]] = enigma.load %{{.*}}[%c0]
// CHECK-NEXT: "test.use"(%[[A]])
// CHECK-NEXT: enigma.store %[[A]]
// CHECK-NEXT: %[[B:.*]] = enigma.load %{{.*}}[%c1]
// CHECK-NEXT: enigma.store %[[B]], %{{.*}}[%c0]
// CHECK-NEXT: %[[C:.*]] = enigma.load %{{.*}}[%c1]
// CHECK-NEXT: scf.if
// CHECK-NEXT: enigma.store %[[C]]
enigma.kernel @store_of_loaded(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
                               %p: i1 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %b = enigma.load %A[%c1] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %A[%c0] : f32, !enigma.buffer<f32, device>
  // Anything may happen here.
  "test.use"(%a) : (f32) -> ()
  enigma.store %a, %A[%c0] : f32, !enigma.buffer<f32, device>
  // Another place.
  %c = enigma.load %A[%c1] : !enigma.buffer<f32, device> -> f32
  enigma.store %c, %A[%c0] : f32, !enigma.buffer<f32, device>
  // Another block.
  %d = enigma.load %A[%c1] : !enigma.buffer<f32, device> -> f32
  scf.if %p {
    enigma.store %d, %A[%c1] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @store_of_loaded_vector
// CHECK-NEXT: enigma.return
enigma.kernel @store_of_loaded_vector(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %a = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> vector<4xf32>
  enigma.store %a, %A[%c0] : vector<4xf32>, !enigma.buffer<f32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @store_after_barrier
// CHECK: enigma.load
// CHECK-NEXT: enigma.threadgroup_barrier
// CHECK-NEXT: enigma.store
enigma.kernel @store_after_barrier(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %a = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.threadgroup_barrier mem_device
  enigma.store %a, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// The load is of another buffer, which may be the same memory.
// CHECK-LABEL: enigma.kernel @store_of_other
// CHECK: enigma.load
// CHECK-NEXT: enigma.store
enigma.kernel @store_of_other(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
                              %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %a = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// What has no use and no effect goes: a load, an array, a function constant.
// CHECK-LABEL: enigma.kernel @dead
// CHECK-NEXT: enigma.threadgroup_barrier
// CHECK-NEXT: enigma.return
enigma.kernel @dead(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %1 = enigma.alloc : !enigma.buffer<4xf32, threadgroup>
  %2 = enigma.function_constant 0 "n" : ui32 -> i32
  enigma.threadgroup_barrier mem_none
  enigma.return
}

// Elements of tables.

// CHECK-LABEL: enigma.kernel @tables
// CHECK-NEXT: %[[A:.*]] = arith.constant -1 : i8
// CHECK-NEXT: "test.use"(%[[A]])
enigma.kernel @tables() {
  %c1 = arith.constant 1 : index
  %0 = enigma.constant_array dense<[3, -1]> : tensor<2xi8> : !enigma.buffer<2xsi8, constant>
  %1 = enigma.load %0[%c1] : !enigma.buffer<2xsi8, constant> -> i8
  "test.use"(%1) : (i8) -> ()
  enigma.return
}

// Not outside of it, and no vector.
// CHECK-LABEL: enigma.kernel @table_that_stays
// CHECK: enigma.load {{.*}} -> i8
// CHECK: enigma.load {{.*}} -> vector<2xi8>
enigma.kernel @table_that_stays(%p: i1 {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %0 = enigma.constant_array dense<[3, -1]> : tensor<2xi8> : !enigma.buffer<2xsi8, constant>
  scf.if %p {
    %1 = enigma.load %0[%c2] : !enigma.buffer<2xsi8, constant> -> i8
    "test.use"(%1) : (i8) -> ()
  }
  %2 = enigma.load %0[%c0] : !enigma.buffer<2xsi8, constant> -> vector<2xi8>
  "test.use"(%2) : (vector<2xi8>) -> ()
  enigma.return
}
