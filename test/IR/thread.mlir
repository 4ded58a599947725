// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @positions
enigma.kernel @positions() {
  // CHECK: enigma.thread_position_in_grid x : i32
  %0 = enigma.thread_position_in_grid x : i32
  // CHECK: enigma.thread_position_in_grid y : i32
  %1 = enigma.thread_position_in_grid y : i32
  // CHECK: enigma.thread_position_in_grid z : i32
  %2 = enigma.thread_position_in_grid z : i32
  // CHECK: enigma.thread_position_in_threadgroup x : i32
  %3 = enigma.thread_position_in_threadgroup x : i32
  // CHECK: enigma.threadgroup_position_in_grid y : i32
  %4 = enigma.threadgroup_position_in_grid y : i32
  // CHECK: enigma.threads_per_threadgroup z : i32
  %5 = enigma.threads_per_threadgroup z : i32
  // CHECK: enigma.threads_per_grid x {test.note} : i32
  %6 = enigma.threads_per_grid x {test.note} : i32
  // CHECK: enigma.threadgroups_per_grid x : i32
  %7 = enigma.threadgroups_per_grid x : i32
  enigma.return
}

// CHECK-LABEL: enigma.kernel @indices
enigma.kernel @indices() {
  // CHECK: enigma.thread_index_in_threadgroup : i32
  %0 = enigma.thread_index_in_threadgroup : i32
  // CHECK: enigma.thread_index_in_simdgroup : i32
  %1 = enigma.thread_index_in_simdgroup : i32
  // CHECK: enigma.simdgroup_index_in_threadgroup : i32
  %2 = enigma.simdgroup_index_in_threadgroup : i32
  // CHECK: enigma.threads_per_simdgroup : i32
  %3 = enigma.threads_per_simdgroup : i32
  // CHECK: enigma.simdgroups_per_threadgroup : i32
  %4 = enigma.simdgroups_per_threadgroup : i32
  // CHECK: enigma.thread_index_in_quadgroup : i32
  %5 = enigma.thread_index_in_quadgroup : i32
  // CHECK: enigma.quadgroup_index_in_threadgroup {test.note} : i32
  %6 = enigma.quadgroup_index_in_threadgroup {test.note} : i32
  enigma.return
}
