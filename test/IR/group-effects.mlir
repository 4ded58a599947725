// RUN: enigma-opt %s --cse --loop-invariant-code-motion --canonicalize --allow-unregistered-dialect | FileCheck %s

// A function over a group of threads stays where the same threads run it.

// Two that are equal in one block are one.
// CHECK-LABEL: enigma.kernel @equal
// CHECK: %[[S:.*]] = enigma.simd_sum
// CHECK-NEXT: "test.use"(%[[S]], %[[S]])
enigma.kernel @equal(%x: f32 {enigma.index = 0 : i32}) {
  %0 = enigma.simd_sum %x : f32
  %1 = enigma.simd_sum %x : f32
  "test.use"(%0, %1) : (f32, f32) -> ()
  enigma.return
}

// Fewer threads run the one in the branch.
// CHECK-LABEL: enigma.kernel @branch
// CHECK: %[[S:.*]] = enigma.simd_sum
// CHECK: scf.if
// CHECK-NEXT: %[[T:.*]] = enigma.simd_sum
// CHECK-NEXT: "test.use"(%[[S]], %[[T]])
enigma.kernel @branch(%x: f32 {enigma.index = 0 : i32}, %p: i1 {enigma.index = 1 : i32}) {
  %0 = enigma.simd_sum %x : f32
  scf.if %p {
    %1 = enigma.simd_sum %x : f32
    "test.use"(%0, %1) : (f32, f32) -> ()
  }
  enigma.return
}

// The sides of a branch are not computed by all threads.
// CHECK-LABEL: enigma.kernel @select
// CHECK: scf.if
// CHECK-NEXT: enigma.simd_sum
// CHECK-NEXT: scf.yield
enigma.kernel @select(%x: f32 {enigma.index = 0 : i32}, %p: i1 {enigma.index = 1 : i32}) {
  %0 = scf.if %p -> f32 {
    %1 = enigma.simd_sum %x : f32
    scf.yield %1 : f32
  } else {
    scf.yield %x : f32
  }
  "test.use"(%0) : (f32) -> ()
  enigma.return
}

// Threads may leave the loop one by one.
// CHECK-LABEL: enigma.kernel @loop
// CHECK: scf.for
// CHECK-NEXT: enigma.quad_any
enigma.kernel @loop(%n: i32 {enigma.index = 0 : i32, enigma.dtype = si32}, %p: i1 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  scf.for %i = %c0 to %n step %c1 : i32 {
    %0 = enigma.quad_any %p : i1
    "test.use"(%0) : (i1) -> ()
  }
  enigma.return
}

// A barrier between two orders what they read, so it does not merge with
// another across them.
// CHECK-LABEL: enigma.kernel @barrier
// CHECK: enigma.simdgroup_barrier
// CHECK-NEXT: enigma.simd_sum
// CHECK-NEXT: enigma.simdgroup_barrier
enigma.kernel @barrier(%x: f32 {enigma.index = 0 : i32}) {
  enigma.simdgroup_barrier mem_none
  %0 = enigma.simd_sum %x : f32
  enigma.simdgroup_barrier mem_none
  "test.use"(%0) : (f32) -> ()
  enigma.return
}

// A reduction over a threadgroup that nobody reads is none; others stay where they
// are, and two that are equal in one block are one.
// CHECK-LABEL: enigma.kernel @threadgroup
// CHECK-NOT: threadgroup_max
// CHECK: scf.for
// CHECK-NEXT: %[[S:.*]] = enigma.threadgroup_sum
// CHECK-NEXT: "test.use"(%[[S]], %[[S]])
enigma.kernel @threadgroup(%n: i32 {enigma.index = 0 : i32, enigma.dtype = si32}, %x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %unused = enigma.threadgroup_max %x : f32
  scf.for %i = %c0 to %n step %c1 : i32 {
    %0 = enigma.threadgroup_sum %x : f32
    %1 = enigma.threadgroup_sum %x : f32
    "test.use"(%0, %1) : (f32, f32) -> ()
  }
  enigma.return
}
