// RUN: enigma-opt %s --cse --loop-invariant-code-motion | FileCheck %s

// What may be merged and moved, and what not.

// CHECK-LABEL: enigma.kernel @queries
// CHECK-NEXT: %[[X:.*]] = enigma.thread_position_in_grid x
// CHECK-NEXT: %[[Y:.*]] = enigma.thread_position_in_grid y
// CHECK-NEXT: %[[N:.*]] = enigma.function_constant 0 "n"
// CHECK-NEXT: arith.addi %[[X]], %[[X]]
// CHECK-NEXT: arith.addi %[[Y]], %[[N]]
enigma.kernel @queries() {
  %0 = enigma.thread_position_in_grid x : i32
  %1 = enigma.thread_position_in_grid x : i32
  %2 = enigma.thread_position_in_grid y : i32
  %3 = enigma.function_constant 0 "n" : ui32 -> i32
  %4 = enigma.function_constant 0 "n" : ui32 -> i32
  %5 = arith.addi %0, %1 : i32
  %6 = arith.addi %2, %4 : i32
  %A = enigma.alloc : !enigma.buffer<4xsi32, thread>
  %c0 = arith.constant 0 : index
  enigma.store %5, %A[%c0] : i32, !enigma.buffer<4xsi32, thread>
  enigma.store %6, %A[%c0] : i32, !enigma.buffer<4xsi32, thread>
  enigma.return
}

// Queries and mathematical functions leave a loop; loads, stores, barriers and
// arrays do not.
// CHECK-LABEL: enigma.kernel @loop
// CHECK: enigma.thread_position_in_threadgroup x
// CHECK: enigma.threads_per_simdgroup
// CHECK: enigma.sinpi
// CHECK: scf.for
// CHECK-NEXT: enigma.alloc : !enigma.buffer<2xf32, thread>
// CHECK-NEXT: enigma.load
// CHECK-NEXT: enigma.threadgroup_barrier
// CHECK-NEXT: enigma.store
// CHECK-NEXT: enigma.store
// CHECK-NEXT: enigma.simdgroup_barrier
enigma.kernel @loop(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
                    %n: i32 {enigma.index = 1 : i32, enigma.dtype = si32},
                    %x: f32 {enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  scf.for %i = %c0 to %n step %c1 : i32 {
    %t = enigma.alloc : !enigma.buffer<2xf32, thread>
    %0 = enigma.thread_position_in_threadgroup x : i32
    %1 = enigma.threads_per_simdgroup : i32
    %2 = arith.addi %0, %1 : i32
    %3 = arith.index_castui %2 : i32 to index
    %4 = enigma.sinpi %x : f32
    %5 = enigma.load %A[%i0] : !enigma.buffer<f32, device> -> f32
    enigma.threadgroup_barrier mem_device
    enigma.store %4, %A[%3] : f32, !enigma.buffer<f32, device>
    enigma.store %5, %t[%i0] : f32, !enigma.buffer<2xf32, thread>
    enigma.simdgroup_barrier mem_none
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @loads
// CHECK-SAME: %[[A:.*]]: !enigma.buffer<f32, device> {enigma.index = 0
enigma.kernel @loads(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
                     %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  // Nothing between two loads.
  // CHECK: %[[L0:.*]] = enigma.load %[[A]]
  // CHECK-NEXT: arith.addf %[[L0]], %[[L0]]
  %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %2 = arith.addf %0, %1 : f32
  // A store to another buffer, which may be the same memory.
  // CHECK: enigma.store
  enigma.store %2, %B[%c0] : f32, !enigma.buffer<f32, device>
  // CHECK-NEXT: %[[L1:.*]] = enigma.load %[[A]]
  // CHECK-NEXT: enigma.store %[[L1]]
  %3 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.store %3, %B[%c0] : f32, !enigma.buffer<f32, device>
  // A barrier, even one that orders no memory.
  // CHECK-NEXT: %[[L2:.*]] = enigma.load %[[A]]
  // CHECK-NEXT: enigma.threadgroup_barrier mem_none
  // CHECK-NEXT: %[[L3:.*]] = enigma.load %[[A]]
  // CHECK-NEXT: arith.addf %[[L2]], %[[L3]]
  %4 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.threadgroup_barrier mem_none
  %5 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %6 = arith.addf %4, %5 : f32
  // CHECK-NEXT: enigma.simdgroup_barrier mem_device
  // CHECK-NEXT: %[[L4:.*]] = enigma.load %[[A]]
  // CHECK-NEXT: arith.addf %{{.*}}, %[[L4]]
  enigma.simdgroup_barrier mem_device
  %7 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %8 = arith.addf %6, %7 : f32
  enigma.store %8, %B[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @arrays
// CHECK-NEXT: enigma.alloc
// CHECK-NEXT: enigma.alloc
// CHECK: enigma.threadgroup_barrier
// CHECK-NEXT: enigma.threadgroup_barrier
enigma.kernel @arrays(%x: f32 {enigma.index = 0 : i32}) {
  %0 = enigma.alloc : !enigma.buffer<4xf32, threadgroup>
  %1 = enigma.alloc : !enigma.buffer<4xf32, threadgroup>
  %c0 = arith.constant 0 : index
  enigma.store %x, %0[%c0] : f32, !enigma.buffer<4xf32, threadgroup>
  enigma.store %x, %1[%c0] : f32, !enigma.buffer<4xf32, threadgroup>
  enigma.threadgroup_barrier mem_threadgroup
  enigma.threadgroup_barrier mem_threadgroup
  enigma.return
}
