// RUN: enigma-opt %s --canonicalize | FileCheck %s

// A launch that is known leaves some queries one value.
// CHECK-LABEL: enigma.kernel @known
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : i32
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : i32
// CHECK-DAG: %[[C8:.*]] = arith.constant 8 : i32
// CHECK-DAG: %[[C16:.*]] = arith.constant 16 : i32
// CHECK-DAG: %[[C48:.*]] = arith.constant 48 : i32
enigma.kernel @known(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32})
    attributes {grid = array<i64: 3, 5, 1>, block = array<i64: 16, 8, 1>} {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.store %[[C16]]
  %0 = enigma.threads_per_threadgroup x : i32
  enigma.store %0, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C8]]
  %1 = enigma.threads_per_threadgroup y : i32
  enigma.store %1, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C3]]
  %2 = enigma.threadgroups_per_grid x : i32
  enigma.store %2, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C48]]
  %3 = enigma.threads_per_grid x : i32
  enigma.store %3, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C0]]
  %4 = enigma.thread_position_in_grid z : i32
  enigma.store %4, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C0]]
  %5 = enigma.thread_position_in_threadgroup z : i32
  enigma.store %5, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C0]]
  %6 = enigma.threadgroup_position_in_grid z : i32
  enigma.store %6, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.thread_position_in_grid x
  %7 = enigma.thread_position_in_grid x : i32
  enigma.store %7, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.thread_position_in_threadgroup y
  %8 = enigma.thread_position_in_threadgroup y : i32
  enigma.store %8, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.threadgroup_position_in_grid y
  %9 = enigma.threadgroup_position_in_grid y : i32
  enigma.store %9, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.thread_index_in_threadgroup
  %10 = enigma.thread_index_in_threadgroup : i32
  enigma.store %10, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.simdgroups_per_threadgroup
  %11 = enigma.simdgroups_per_threadgroup : i32
  enigma.store %11, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// One thread in a threadgroup.
// CHECK-LABEL: enigma.kernel @one_thread
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : i32
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : i32
enigma.kernel @one_thread(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32})
    attributes {block = array<i64: 1, 1, 1>} {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.store %[[C0]]
  %0 = enigma.thread_index_in_threadgroup : i32
  enigma.store %0, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C0]]
  %1 = enigma.simdgroup_index_in_threadgroup : i32
  enigma.store %1, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C1]]
  %2 = enigma.simdgroups_per_threadgroup : i32
  enigma.store %2, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %[[C0]]
  %3 = enigma.quadgroup_index_in_threadgroup : i32
  enigma.store %3, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // The GPU has lanes whether threads use them or not.
  // CHECK: enigma.threads_per_simdgroup
  %4 = enigma.threads_per_simdgroup : i32
  enigma.store %4, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.threads_per_grid
  %5 = enigma.threads_per_grid x : i32
  enigma.store %5, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// An extent of the grid that 32 bits cannot say is not known.
// CHECK-LABEL: enigma.kernel @large
enigma.kernel @large(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32})
    attributes {grid = array<i64: 4294967295, 1, 1>, block = array<i64: 2, 1, 1>} {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.threads_per_grid x
  %0 = enigma.threads_per_grid x : i32
  enigma.store %0, %A[%c0] : i32, !enigma.buffer<ui32, device>
  // CHECK: enigma.store %c-1_i32
  %1 = enigma.threadgroups_per_grid x : i32
  enigma.store %1, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// A launch of threads with several elements each is not the stated one.
// CHECK-LABEL: enigma.kernel @coarse
enigma.kernel @coarse(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32})
    attributes {grid = array<i64: 4, 1, 1>, block = array<i64: 4, 1, 1>, elements_per_thread = 4 : i64} {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.threads_per_threadgroup x
  %0 = enigma.threads_per_threadgroup x : i32
  enigma.store %0, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @unknown
enigma.kernel @unknown(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // CHECK: enigma.threads_per_threadgroup x
  %0 = enigma.threads_per_threadgroup x : i32
  enigma.store %0, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// A query that is not used goes.
// CHECK-LABEL: enigma.kernel @dead
// CHECK-NEXT: enigma.return
enigma.kernel @dead() {
  %0 = enigma.thread_position_in_grid x : i32
  %1 = enigma.thread_index_in_quadgroup : i32
  enigma.return
}
