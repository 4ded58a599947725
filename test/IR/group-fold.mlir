// RUN: enigma-opt %s --canonicalize --allow-unregistered-dialect | FileCheck %s

// What all threads give is what each of them gets.

// CHECK-LABEL: enigma.kernel @simd_uniform
// CHECK-DAG: %[[F:.*]] = arith.constant 2.500000e+00 : f32
// CHECK-DAG: %[[I:.*]] = arith.constant 7 : i32
// CHECK-DAG: %[[T:.*]] = arith.constant true
enigma.kernel @simd_uniform(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  %f = arith.constant 2.5 : f32
  %c = arith.constant 7 : i32
  %t = arith.constant true
  // CHECK: "test.use"(%[[F]], %[[F]], %[[F]], %[[F]], %[[F]], %[[F]], %[[F]])
  %0 = enigma.simd_shuffle %f, %i : f32
  %1 = enigma.simd_shuffle_up %f, %i : f32
  %2 = enigma.simd_shuffle_down %f, %i : f32
  %3 = enigma.simd_shuffle_xor %f, %i : f32
  %4 = enigma.simd_shuffle_rotate_up %f, %i : f32
  %5 = enigma.simd_shuffle_rotate_down %f, %i : f32
  %6 = enigma.simd_broadcast %f, %i : f32
  "test.use"(%0, %1, %2, %3, %4, %5, %6) : (f32, f32, f32, f32, f32, f32, f32) -> ()
  // CHECK-NEXT: "test.use"(%[[F]], %[[F]], %[[F]], %[[I]], %[[I]], %[[T]], %[[T]])
  %7 = enigma.simd_broadcast_first %f : f32
  %8 = enigma.simd_min %f : f32
  %9 = enigma.simd_max %f : f32
  %10 = enigma.simd_and %c : i32
  %11 = enigma.simd_or %c : i32
  %12 = enigma.simd_all %t : i1
  %13 = enigma.simd_any %t : i1
  "test.use"(%7, %8, %9, %10, %11, %12, %13) : (f32, f32, f32, i32, i32, i1, i1) -> ()
  enigma.return
}

// These depend on how many threads there are.
// CHECK-LABEL: enigma.kernel @simd_counts
// CHECK: enigma.simd_sum
// CHECK-NEXT: enigma.simd_product
// CHECK-NEXT: enigma.simd_xor
// CHECK-NEXT: enigma.simd_prefix_exclusive_sum
// CHECK-NEXT: enigma.simd_prefix_inclusive_product
// CHECK-NEXT: enigma.simd_ballot
enigma.kernel @simd_counts() {
  %c = arith.constant 7 : i32
  %t = arith.constant true
  %0 = enigma.simd_sum %c : i32
  %1 = enigma.simd_product %c : i32
  %2 = enigma.simd_xor %c : i32
  %3 = enigma.simd_prefix_exclusive_sum %c : i32
  %4 = enigma.simd_prefix_inclusive_product %c : i32
  %5 = enigma.simd_ballot %t : i64
  "test.use"(%0, %1, %2, %3, %4, %5) : (i32, i32, i32, i32, i32, i64) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @quad_uniform
// CHECK-DAG: %[[F:.*]] = arith.constant 2.500000e+00 : f32
// CHECK-DAG: %[[I:.*]] = arith.constant 7 : i32
// CHECK-DAG: %[[T:.*]] = arith.constant true
enigma.kernel @quad_uniform(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  %f = arith.constant 2.5 : f32
  %c = arith.constant 7 : i32
  %t = arith.constant true
  // CHECK: "test.use"(%[[F]], %[[F]], %[[F]], %[[F]], %[[F]], %[[F]], %[[F]])
  %0 = enigma.quad_shuffle %f, %i : f32
  %1 = enigma.quad_shuffle_up %f, %i : f32
  %2 = enigma.quad_shuffle_down %f, %i : f32
  %3 = enigma.quad_shuffle_xor %f, %i : f32
  %4 = enigma.quad_shuffle_rotate_up %f, %i : f32
  %5 = enigma.quad_shuffle_rotate_down %f, %i : f32
  %6 = enigma.quad_broadcast %f, %i : f32
  "test.use"(%0, %1, %2, %3, %4, %5, %6) : (f32, f32, f32, f32, f32, f32, f32) -> ()
  // CHECK-NEXT: "test.use"(%[[F]], %[[F]], %[[F]], %[[I]], %[[I]], %[[T]], %[[T]])
  %7 = enigma.quad_broadcast_first %f : f32
  %8 = enigma.quad_min %f : f32
  %9 = enigma.quad_max %f : f32
  %10 = enigma.quad_and %c : i32
  %11 = enigma.quad_or %c : i32
  %12 = enigma.quad_all %t : i1
  %13 = enigma.quad_any %t : i1
  "test.use"(%7, %8, %9, %10, %11, %12, %13) : (f32, f32, f32, i32, i32, i1, i1) -> ()
  enigma.return
}

// These depend on how many threads there are.
// CHECK-LABEL: enigma.kernel @quad_counts
// CHECK: enigma.quad_sum
// CHECK-NEXT: enigma.quad_product
// CHECK-NEXT: enigma.quad_xor
// CHECK-NEXT: enigma.quad_prefix_exclusive_sum
// CHECK-NEXT: enigma.quad_prefix_inclusive_product
// CHECK-NEXT: enigma.quad_ballot
enigma.kernel @quad_counts() {
  %c = arith.constant 7 : i32
  %t = arith.constant true
  %0 = enigma.quad_sum %c : i32
  %1 = enigma.quad_product %c : i32
  %2 = enigma.quad_xor %c : i32
  %3 = enigma.quad_prefix_exclusive_sum %c : i32
  %4 = enigma.quad_prefix_inclusive_product %c : i32
  %5 = enigma.quad_ballot %t : i64
  "test.use"(%0, %1, %2, %3, %4, %5) : (i32, i32, i32, i32, i32, i64) -> ()
  enigma.return
}

// A result without a use is not computed.
// CHECK-LABEL: enigma.kernel @dead
// CHECK-NEXT: enigma.return
enigma.kernel @dead(%x: f32 {enigma.index = 0 : i32}) {
  %0 = enigma.simd_sum %x : f32
  enigma.return
}

// CHECK-LABEL: enigma.kernel @threadgroup_uniform
// CHECK-DAG: %[[F:.*]] = arith.constant 2.500000e+00 : f32
// CHECK-DAG: %[[I:.*]] = arith.constant 7 : i32
enigma.kernel @threadgroup_uniform() {
  %f = arith.constant 2.5 : f32
  %c = arith.constant 7 : i32
  // CHECK: %[[S:.*]] = enigma.threadgroup_sum %[[F]]
  // CHECK-NEXT: %[[P:.*]] = enigma.threadgroup_product %[[F]]
  // CHECK-NEXT: %[[X:.*]] = enigma.threadgroup_xor %[[I]]
  // CHECK-NEXT: "test.use"(%[[F]], %[[F]], %[[I]], %[[I]], %[[S]], %[[P]], %[[X]])
  %0 = enigma.threadgroup_min %f : f32
  %1 = enigma.threadgroup_max %f : f32
  %2 = enigma.threadgroup_and %c : i32
  %3 = enigma.threadgroup_or %c : i32
  %4 = enigma.threadgroup_sum %f : f32
  %5 = enigma.threadgroup_product %f : f32
  %6 = enigma.threadgroup_xor %c : i32
  "test.use"(%0, %1, %2, %3, %4, %5, %6) : (f32, f32, i32, i32, f32, f32, i32) -> ()
  enigma.return
}
