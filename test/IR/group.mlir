// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @simd
// CHECK-SAME: %x: i32
// CHECK-SAME: %p: i1
enigma.kernel @simd(
    %x: i32 {enigma.name = "x", enigma.index = 0 : i32, enigma.dtype = si32},
    %p: i1 {enigma.name = "p", enigma.index = 1 : i32}) {
  // CHECK: enigma.simd_sum %x : i32
  %0 = enigma.simd_sum %x : i32
  // CHECK: enigma.simd_product %x : i32
  %1 = enigma.simd_product %x : i32
  // CHECK: enigma.simd_and %x : i32
  %2 = enigma.simd_and %x : i32
  // CHECK: enigma.simd_or %x : i32
  %3 = enigma.simd_or %x : i32
  // CHECK: enigma.simd_xor %x : i32
  %4 = enigma.simd_xor %x : i32
  // CHECK: enigma.simd_prefix_exclusive_sum %x : i32
  %5 = enigma.simd_prefix_exclusive_sum %x : i32
  // CHECK: enigma.simd_prefix_inclusive_sum %x : i32
  %6 = enigma.simd_prefix_inclusive_sum %x : i32
  // CHECK: enigma.simd_prefix_exclusive_product %x : i32
  %7 = enigma.simd_prefix_exclusive_product %x : i32
  // CHECK: enigma.simd_prefix_inclusive_product %x : i32
  %8 = enigma.simd_prefix_inclusive_product %x : i32
  // CHECK: enigma.simd_broadcast_first %x : i32
  %9 = enigma.simd_broadcast_first %x : i32
  // CHECK: enigma.simd_min %x : i32
  %10 = enigma.simd_min %x : i32
  // CHECK: enigma.simd_min unsigned %x : i32
  %11 = enigma.simd_min unsigned %x : i32
  // CHECK: enigma.simd_max %x : i32
  %12 = enigma.simd_max %x : i32
  // CHECK: enigma.simd_max unsigned %x : i32
  %13 = enigma.simd_max unsigned %x : i32
  // CHECK: enigma.simd_shuffle %x, %x : i32
  %14 = enigma.simd_shuffle %x, %x : i32
  // CHECK: enigma.simd_shuffle_up %x, %x : i32
  %15 = enigma.simd_shuffle_up %x, %x : i32
  // CHECK: enigma.simd_shuffle_down %x, %x : i32
  %16 = enigma.simd_shuffle_down %x, %x : i32
  // CHECK: enigma.simd_shuffle_xor %x, %x : i32
  %17 = enigma.simd_shuffle_xor %x, %x : i32
  // CHECK: enigma.simd_shuffle_rotate_up %x, %x : i32
  %18 = enigma.simd_shuffle_rotate_up %x, %x : i32
  // CHECK: enigma.simd_shuffle_rotate_down %x, %x : i32
  %19 = enigma.simd_shuffle_rotate_down %x, %x : i32
  // CHECK: enigma.simd_broadcast %x, %x : i32
  %20 = enigma.simd_broadcast %x, %x : i32
  // CHECK: enigma.simd_ballot %p {test.note} : i64
  %21 = enigma.simd_ballot %p {test.note} : i64
  // CHECK: enigma.simd_all %p : i1
  %22 = enigma.simd_all %p : i1
  // CHECK: enigma.simd_any %p : i1
  %23 = enigma.simd_any %p : i1
  enigma.return
}

// CHECK-LABEL: enigma.kernel @quad
// CHECK-SAME: %x: i32
// CHECK-SAME: %p: i1
enigma.kernel @quad(
    %x: i32 {enigma.name = "x", enigma.index = 0 : i32, enigma.dtype = si32},
    %p: i1 {enigma.name = "p", enigma.index = 1 : i32}) {
  // CHECK: enigma.quad_sum %x : i32
  %0 = enigma.quad_sum %x : i32
  // CHECK: enigma.quad_product %x : i32
  %1 = enigma.quad_product %x : i32
  // CHECK: enigma.quad_and %x : i32
  %2 = enigma.quad_and %x : i32
  // CHECK: enigma.quad_or %x : i32
  %3 = enigma.quad_or %x : i32
  // CHECK: enigma.quad_xor %x : i32
  %4 = enigma.quad_xor %x : i32
  // CHECK: enigma.quad_prefix_exclusive_sum %x : i32
  %5 = enigma.quad_prefix_exclusive_sum %x : i32
  // CHECK: enigma.quad_prefix_inclusive_sum %x : i32
  %6 = enigma.quad_prefix_inclusive_sum %x : i32
  // CHECK: enigma.quad_prefix_exclusive_product %x : i32
  %7 = enigma.quad_prefix_exclusive_product %x : i32
  // CHECK: enigma.quad_prefix_inclusive_product %x : i32
  %8 = enigma.quad_prefix_inclusive_product %x : i32
  // CHECK: enigma.quad_broadcast_first %x : i32
  %9 = enigma.quad_broadcast_first %x : i32
  // CHECK: enigma.quad_min %x : i32
  %10 = enigma.quad_min %x : i32
  // CHECK: enigma.quad_min unsigned %x : i32
  %11 = enigma.quad_min unsigned %x : i32
  // CHECK: enigma.quad_max %x : i32
  %12 = enigma.quad_max %x : i32
  // CHECK: enigma.quad_max unsigned %x : i32
  %13 = enigma.quad_max unsigned %x : i32
  // CHECK: enigma.quad_shuffle %x, %x : i32
  %14 = enigma.quad_shuffle %x, %x : i32
  // CHECK: enigma.quad_shuffle_up %x, %x : i32
  %15 = enigma.quad_shuffle_up %x, %x : i32
  // CHECK: enigma.quad_shuffle_down %x, %x : i32
  %16 = enigma.quad_shuffle_down %x, %x : i32
  // CHECK: enigma.quad_shuffle_xor %x, %x : i32
  %17 = enigma.quad_shuffle_xor %x, %x : i32
  // CHECK: enigma.quad_shuffle_rotate_up %x, %x : i32
  %18 = enigma.quad_shuffle_rotate_up %x, %x : i32
  // CHECK: enigma.quad_shuffle_rotate_down %x, %x : i32
  %19 = enigma.quad_shuffle_rotate_down %x, %x : i32
  // CHECK: enigma.quad_broadcast %x, %x : i32
  %20 = enigma.quad_broadcast %x, %x : i32
  // CHECK: enigma.quad_ballot %p {test.note} : i64
  %21 = enigma.quad_ballot %p {test.note} : i64
  // CHECK: enigma.quad_all %p : i1
  %22 = enigma.quad_all %p : i1
  // CHECK: enigma.quad_any %p : i1
  %23 = enigma.quad_any %p : i1
  enigma.return
}

// CHECK-LABEL: enigma.kernel @types
enigma.kernel @types(
    %h: f16 {enigma.index = 0 : i32}, %f: f32 {enigma.index = 1 : i32},
    %c: i8 {enigma.index = 2 : i32, enigma.dtype = ui8},
    %s: i16 {enigma.index = 3 : i32, enigma.dtype = si16},
    %i: i32 {enigma.index = 4 : i32, enigma.dtype = si32}) {
  // CHECK: enigma.simd_sum %{{.*}} : f16
  %0 = enigma.simd_sum %h : f16
  // CHECK: enigma.simd_max %{{.*}} : f32
  %1 = enigma.simd_max %f : f32
  // CHECK: enigma.simd_max unsigned %{{.*}} : i8
  %2 = enigma.simd_max unsigned %c : i8
  // CHECK: enigma.quad_or %{{.*}} : i16
  %3 = enigma.quad_or %s : i16
  // CHECK: enigma.simd_shuffle_xor %{{.*}}, %{{.*}} : vector<4xf32>
  %f4 = vector.broadcast %f : f32 to vector<4xf32>
  %4 = enigma.simd_shuffle_xor %f4, %i : vector<4xf32>
  // CHECK: enigma.quad_xor %{{.*}} : vector<2xi16>
  %s2 = vector.broadcast %s : i16 to vector<2xi16>
  %5 = enigma.quad_xor %s2 : vector<2xi16>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @filled
// CHECK-SAME: %x: i32
// CHECK-SAME: %y: i32
enigma.kernel @filled(
    %x: i32 {enigma.name = "x", enigma.index = 0 : i32, enigma.dtype = si32},
    %y: i32 {enigma.name = "y", enigma.index = 1 : i32, enigma.dtype = si32}) {
  // CHECK: enigma.simd_shuffle_and_fill_up %x, %y, %x, %y : i32
  %0 = enigma.simd_shuffle_and_fill_up %x, %y, %x, %y : i32
  // CHECK: enigma.simd_shuffle_and_fill_down %x, %y, %x, %y {test.note} : i32
  %1 = enigma.simd_shuffle_and_fill_down %x, %y, %x, %y {test.note} : i32
  // CHECK: enigma.quad_shuffle_and_fill_up %x, %y, %x, %y : i32
  %2 = enigma.quad_shuffle_and_fill_up %x, %y, %x, %y : i32
  // CHECK: enigma.quad_shuffle_and_fill_down %x, %y, %x, %y : i32
  %3 = enigma.quad_shuffle_and_fill_down %x, %y, %x, %y : i32
  enigma.return
}

// CHECK-LABEL: enigma.kernel @presence
enigma.kernel @presence() {
  // CHECK: enigma.simd_is_first {test.note} : i1
  %0 = enigma.simd_is_first {test.note} : i1
  // CHECK: enigma.simd_active_threads_mask : i64
  %1 = enigma.simd_active_threads_mask : i64
  // CHECK: enigma.quad_is_first : i1
  %2 = enigma.quad_is_first : i1
  // CHECK: enigma.quad_active_threads_mask : i64
  %3 = enigma.quad_active_threads_mask : i64
  enigma.return
}

// CHECK-LABEL: enigma.kernel @threadgroup
enigma.kernel @threadgroup(
    %x: i32 {enigma.name = "x", enigma.index = 0 : i32, enigma.dtype = si32},
    %v: f32 {enigma.name = "v", enigma.index = 1 : i32}) {
  // CHECK: enigma.threadgroup_sum %x : i32
  %0 = enigma.threadgroup_sum %x : i32
  // CHECK: enigma.threadgroup_product %v : f32
  %1 = enigma.threadgroup_product %v : f32
  // CHECK: enigma.threadgroup_and %x : i32
  %2 = enigma.threadgroup_and %x : i32
  // CHECK: enigma.threadgroup_or %x {test.note} : i32
  %3 = enigma.threadgroup_or %x {test.note} : i32
  // CHECK: enigma.threadgroup_xor %x : i32
  %4 = enigma.threadgroup_xor %x : i32
  // CHECK: enigma.threadgroup_min unsigned %x : i32
  %5 = enigma.threadgroup_min unsigned %x : i32
  // CHECK: enigma.threadgroup_max %v : f32
  %6 = enigma.threadgroup_max %v : f32
  %pair = vector.broadcast %v : f32 to vector<2xf32>
  // CHECK: enigma.threadgroup_sum %{{.*}} : vector<2xf32>
  %7 = enigma.threadgroup_sum %pair : vector<2xf32>
  enigma.return
}
