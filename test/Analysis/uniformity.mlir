// RUN: enigma-opt %s -split-input-file -test-enigma-uniformity | FileCheck %s

// CHECK-LABEL: enigma.kernel @queries
enigma.kernel @queries() attributes {block = array<i64: 64, 2, 1>, grid = array<i64: 4, 1, 1>} {
  // CHECK: thread_position_in_grid x {values = ["linear 1"]}
  %0 = enigma.thread_position_in_grid x : i32
  // CHECK: thread_position_in_threadgroup y {values = ["simdgroup"]}
  %1 = enigma.thread_position_in_threadgroup y : i32
  // CHECK: thread_position_in_threadgroup z {values = ["threadgroup"]}
  %2 = enigma.thread_position_in_threadgroup z : i32
  // CHECK: threadgroup_position_in_grid x {values = ["threadgroup"]}
  %3 = enigma.threadgroup_position_in_grid x : i32
  // CHECK: thread_index_in_simdgroup {values = ["linear 1"]}
  %4 = enigma.thread_index_in_simdgroup : i32
  // CHECK: simdgroup_index_in_threadgroup {values = ["simdgroup"]}
  %5 = enigma.simdgroup_index_in_threadgroup : i32
  // CHECK: thread_index_in_quadgroup {values = ["varying"]}
  %6 = enigma.thread_index_in_quadgroup : i32
  enigma.return
}

// -----

// Rows of 16 threads are no whole SIMD groups.
// CHECK-LABEL: enigma.kernel @narrow_rows
enigma.kernel @narrow_rows() attributes {block = array<i64: 16, 4, 1>} {
  // CHECK: thread_position_in_threadgroup x {values = ["varying"]}
  %0 = enigma.thread_position_in_threadgroup x : i32
  // CHECK: thread_position_in_threadgroup y {values = ["varying"]}
  %1 = enigma.thread_position_in_threadgroup y : i32
  enigma.return
}

// -----

// One SIMD group is the threadgroup.
// CHECK-LABEL: enigma.kernel @single
enigma.kernel @single() attributes {block = array<i64: 32, 1, 1>} {
  // CHECK: thread_position_in_threadgroup x {values = ["linear 1"]}
  %0 = enigma.thread_position_in_threadgroup x : i32
  // CHECK: simd_sum {{.*}}values = ["threadgroup"]
  %1 = enigma.simd_sum %0 : i32
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @any_block
enigma.kernel @any_block() {
  // CHECK: thread_position_in_grid x {values = ["varying"]}
  %0 = enigma.thread_position_in_grid x : i32
  // CHECK: thread_index_in_threadgroup {values = ["linear 1"]}
  %1 = enigma.thread_index_in_threadgroup : i32
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @linear
enigma.kernel @linear(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32})
    attributes {block = array<i64: 64, 1, 1>, grid = array<i64: 4, 1, 1>} {
  %c3 = arith.constant 3 : i32
  %c2 = arith.constant 2 : i32
  %t = enigma.thread_position_in_grid x : i32
  // CHECK: muli {{.*}} {values = ["linear 3"]}
  %0 = arith.muli %t, %c3 : i32
  // CHECK: shli {{.*}} {values = ["linear 4"]}
  %1 = arith.shli %t, %c2 : i32
  // CHECK: addi {{.*}} {values = ["linear 7"]}
  %2 = arith.addi %0, %1 : i32
  // CHECK: subi {{.*}} {values = ["linear -7"]}
  %3 = arith.subi %n, %2 : i32
  // The factor of n is not known.
  // CHECK: muli {{.*}} {values = ["varying"]}
  %4 = arith.muli %t, %n : i32
  // CHECK: subi {{.*}} {values = ["simdgroup"]}
  %5 = arith.subi %t, %t : i32
  // CHECK: divui {{.*}} {values = ["varying"]}
  %6 = arith.divui %t, %c3 : i32
  // The numbers are small, and no step passes the end of 32 bits.
  // CHECK: index_castui {{.*}} {values = ["linear 3"]}
  %7 = arith.index_castui %0 : i32 to index
  // This one may, as n may be anything.
  // CHECK: index_castui {{.*}} {values = ["varying"]}
  %8 = arith.index_castui %3 : i32 to index
  // CHECK: trunci {{.*}} {values = ["linear -7"]}
  %9 = arith.trunci %3 : i32 to i16
  // CHECK: cmpi {{.*}} {values = ["varying"]}
  %10 = arith.cmpi ult, %t, %n : i32
  // CHECK: cmpi {{.*}} {values = ["threadgroup"]}
  %11 = arith.cmpi ult, %c3, %n : i32
  // CHECK: select {{.*}} {values = ["linear 1"]}
  %12 = arith.select %11, %t, %t : i32
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @memory
enigma.kernel @memory(%A: memref<?xi32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = ui32})
    attributes {block = array<i64: 64, 1, 1>} {
  %c0 = arith.constant 0 : index
  %t = enigma.thread_position_in_threadgroup x : i32
  %i = arith.index_castui %t : i32 to index
  %own = enigma.alloc : memref<4xf32, #enigma.address_space<thread>>
  // CHECK: memref.load {{.*}} {values = ["threadgroup"]}
  %0 = memref.load %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK: memref.load {{.*}} {values = ["varying"]}
  %1 = memref.load %A[%i] : memref<?xi32, #enigma.address_space<device>>
  // CHECK: memref.load {{.*}} {values = ["varying"]}
  %2 = memref.load %own[%c0] : memref<4xf32, #enigma.address_space<thread>>
  // CHECK: atomic_load {{.*}} {values = ["varying"]}
  %3 = enigma.atomic_load %A[%c0] : memref<?xi32, #enigma.address_space<device>> -> i32
  // CHECK: simd_sum {{.*}} {values = ["simdgroup"]}
  %4 = enigma.simd_sum %1 : i32
  // CHECK: simd_prefix_inclusive_sum {{.*}} {values = ["varying"]}
  %5 = enigma.simd_prefix_inclusive_sum %1 : i32
  // CHECK: quad_sum {{.*}} {values = ["varying"]}
  %6 = enigma.quad_sum %1 : i32
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @branches
enigma.kernel @branches(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32})
    attributes {block = array<i64: 64, 1, 1>} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %t = enigma.thread_position_in_threadgroup x : i32
  %s = enigma.simdgroup_index_in_threadgroup : i32
  %uniform = arith.cmpi ult, %c1, %n : i32
  %simd = arith.cmpi ult, %s, %n : i32
  %varying = arith.cmpi ult, %t, %n : i32
  // CHECK: scf.if
  %0:2 = scf.if %uniform -> (i32, i32) {
    // CHECK: threadgroup_barrier {{.*}} {control = "threadgroup"}
    enigma.threadgroup_barrier mem_threadgroup
    scf.yield %c0, %t : i32, i32
  } else {
    scf.yield %c1, %t : i32, i32
  // CHECK: {branches = "threadgroup", values = ["threadgroup", "linear 1"]}
  }
  // CHECK: scf.if
  %1:2 = scf.if %simd -> (i32, i32) {
    // CHECK: threadgroup_barrier {{.*}} {control = "simdgroup"}
    enigma.threadgroup_barrier mem_threadgroup
    scf.yield %c0, %n : i32, i32
  } else {
    scf.yield %c1, %n : i32, i32
  // CHECK: {branches = "simdgroup", values = ["simdgroup", "threadgroup"]}
  }
  // CHECK: scf.if
  %2 = scf.if %varying -> (i32) {
    // CHECK: scf.if
    scf.if %uniform {
      // CHECK: threadgroup_barrier {{.*}} {control = "varying"}
      enigma.threadgroup_barrier mem_threadgroup
    // CHECK: {branches = "threadgroup"}
    }
    scf.yield %c0 : i32
  } else {
    scf.yield %c1 : i32
  // CHECK: {branches = "varying", values = ["varying"]}
  }
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @loops
enigma.kernel @loops(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32})
    attributes {block = array<i64: 64, 1, 1>} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %t = enigma.thread_position_in_threadgroup x : i32
  // CHECK: scf.for
  %0:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0, %b = %t) -> (i32, i32) : i32 {
    // CHECK: addi {{.*}} {values = ["linear 1"]}
    %x = arith.addi %b, %i : i32
    // CHECK: threadgroup_barrier {{.*}} {control = "threadgroup"}
    enigma.threadgroup_barrier mem_threadgroup
    scf.yield %i, %x : i32, i32
  // CHECK: {arguments0 = ["threadgroup", "threadgroup", "linear 1"], branches = "threadgroup", values = ["threadgroup", "linear 1"]}
  }
  // A thread that leaves early has what the others had earlier.
  // CHECK: scf.while
  %1:3 = scf.while (%i = %t, %k = %c0) : (i32, i32) -> (i32, i32, i32) {
    %more = arith.cmpi ult, %i, %n : i32
    scf.condition(%more) %i, %k, %n : i32, i32, i32
  } do {
  ^bb0(%i: i32, %k: i32, %m: i32):
    // CHECK: threadgroup_barrier {{.*}} {control = "varying"}
    enigma.threadgroup_barrier mem_threadgroup
    %next = arith.addi %i, %c64 : i32
    %more = arith.addi %k, %c1 : i32
    scf.yield %next, %more : i32, i32
  // CHECK: {arguments0 = ["linear 1", "threadgroup"], arguments1 = ["linear 1", "threadgroup", "threadgroup"], branches = "varying", values = ["varying", "varying", "threadgroup"]}
  }
  // What becomes varying in the loop is so from the start of it.
  // CHECK: scf.for
  %2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0) -> (i32) : i32 {
    // CHECK: muli {{.*}} {values = ["varying"]}
    %x = arith.muli %a, %t : i32
    %y = arith.addi %x, %t : i32
    scf.yield %y : i32
  // CHECK: {arguments0 = ["threadgroup", "varying"], branches = "threadgroup", values = ["varying"]}
  }
  // CHECK: scf.for
  scf.for %i = %t to %n step %c64 : i32 {
    enigma.simdgroup_barrier mem_threadgroup
  // CHECK: {arguments0 = ["linear 1"], branches = "varying"}
  }
  enigma.return
}

// -----

// What splits the number of a thread at a multiple of the lanes.
// CHECK-LABEL: enigma.kernel @split(
enigma.kernel @split(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) attributes {block = array<i64: 64, 1, 1>} {
  %c31 = arith.constant 31 : i32
  %c32 = arith.constant 32 : i32
  %c5 = arith.constant 5 : i32
  %c8 = arith.constant 8 : i32
  %c-32 = arith.constant -32 : i32
  %t = enigma.thread_position_in_grid x : i32
  // CHECK: divui {{.*}} {values = ["simdgroup"]}
  %row = arith.divui %t, %c32 : i32
  // CHECK: shrui {{.*}} {values = ["simdgroup"]}
  %shifted = arith.shrui %t, %c5 : i32
  // CHECK: remui {{.*}} {values = ["linear 1"]}
  %lane = arith.remui %t, %c32 : i32
  // CHECK: andi {{.*}} {values = ["linear 1"]}
  %low = arith.andi %t, %c31 : i32
  // CHECK: andi {{.*}} {values = ["simdgroup"]}
  %first = arith.andi %t, %c-32 : i32
  // Not at these.
  // CHECK: divui {{.*}} {values = ["varying"]}
  %eight = arith.divui %t, %c8 : i32
  // CHECK: remui {{.*}} {values = ["varying"]}
  %rest = arith.remui %t, %c8 : i32
  // The first lane has no multiple of the lanes here.
  // CHECK: addi {{.*}} {values = ["linear 1"]}
  %moved = arith.addi %t, %c8 : i32
  // CHECK: divui {{.*}} {values = ["varying"]}
  %crossing = arith.divui %moved, %c32 : i32
  // CHECK: muli {{.*}} {values = ["linear 2"]}
  %c2 = arith.constant 2 : i32
  %twice = arith.muli %t, %c2 : i32
  // CHECK: divui {{.*}} {values = ["varying"]}
  %two = arith.divui %twice, %c32 : i32
  // Below 0 a quotient is rounded up, and it is not known that none is.
  // CHECK: divsi {{.*}} {values = ["varying"]}
  %signed = arith.divsi %t, %c32 : i32
  enigma.return
}

// -----

// A SIMD group takes 32 threads that follow each other, from a multiple of 32 on.
// CHECK-LABEL: enigma.kernel @counted
enigma.kernel @counted() attributes {block = array<i64: 64, 4, 1>} {
  %c5 = arith.constant 5 : i32
  %c4 = arith.constant 4 : i32
  %c64 = arith.constant 64 : i32
  %c48 = arith.constant 48 : i32
  %c2 = arith.constant 2 : i32
  %i = enigma.thread_index_in_threadgroup : i32
  // CHECK: arith.divui {{.*}}values = ["simdgroup"]
  %0 = arith.divui %i, %c64 : i32
  // CHECK: arith.shrui {{.*}}values = ["simdgroup"]
  %1 = arith.shrui %i, %c5 : i32
  // CHECK: arith.remui {{.*}}values = ["simdgroup"]
  %2 = arith.remui %1, %c2 : i32
  // CHECK: arith.divui {{.*}}values = ["varying"]
  %3 = arith.divui %i, %c48 : i32
  // CHECK: arith.shrui {{.*}}values = ["varying"]
  %4 = arith.shrui %i, %c4 : i32
  %x = enigma.thread_position_in_grid x : i32
  %wide = arith.extui %x : i32 to i64
  %c64_i64 = arith.constant 64 : i64
  // CHECK: arith.floordivsi {{.*}}values = ["simdgroup"]
  %5 = arith.floordivsi %wide, %c64_i64 : i64
  %lane = enigma.thread_index_in_simdgroup : i32
  // CHECK: arith.divui {{.*}}values = ["simdgroup"]
  %6 = arith.divui %lane, %c64 : i32
  enigma.return
}

// -----

// Rows of 48 threads do not start with a SIMD group.
// CHECK-LABEL: enigma.kernel @counted_in_rows
enigma.kernel @counted_in_rows() attributes {block = array<i64: 48, 2, 1>} {
  %c32 = arith.constant 32 : i32
  %x = enigma.thread_position_in_threadgroup x : i32
  // CHECK: arith.divui {{.*}}values = ["varying"]
  %0 = arith.divui %x, %c32 : i32
  enigma.return
}

// -----

// Of what all SIMD groups have in their lanes, those that are whole find the same.
// CHECK-LABEL: enigma.kernel @repeated
enigma.kernel @repeated() attributes {block = array<i64: 128, 1, 1>} {
  %c3 = arith.constant 3 : i32
  %parts = enigma.alloc {dtype = ui32} : memref<4xi32, #enigma.address_space<threadgroup>>
  %own = enigma.alloc {dtype = ui32} : memref<4xi32, #enigma.address_space<thread>>
  %lane = enigma.thread_index_in_simdgroup : i32
  %t = enigma.thread_index_in_threadgroup : i32
  %p = arith.andi %lane, %c3 : i32
  %i = arith.index_castui %p : i32 to index
  %j = arith.index_castui %t : i32 to index
  %0 = memref.load %parts[%i] : memref<4xi32, #enigma.address_space<threadgroup>>
  %1 = memref.load %parts[%j] : memref<4xi32, #enigma.address_space<threadgroup>>
  %2 = memref.load %own[%i] : memref<4xi32, #enigma.address_space<thread>>
  // CHECK: simd_sum {{.*}} {values = ["threadgroup"]}
  %3 = enigma.simd_sum %0 : i32
  // CHECK: simd_max {{.*}} {values = ["simdgroup"]}
  %4 = enigma.simd_max %1 : i32
  // CHECK: simd_min {{.*}} {values = ["simdgroup"]}
  %5 = enigma.simd_min %2 : i32
  %first = arith.cmpi ult, %t, %c3 : i32
  scf.if %first {
    // CHECK: simd_or {{.*}} {values = ["simdgroup"]}
    %6 = enigma.simd_or %0 : i32
  }
  enigma.return
}

// -----

// The last one of these has 16 threads, and finds less.
// CHECK-LABEL: enigma.kernel @partial
enigma.kernel @partial() attributes {block = array<i64: 48, 1, 1>} {
  %lane = enigma.thread_index_in_simdgroup : i32
  // CHECK: simd_sum {{.*}} {values = ["simdgroup"]}
  %0 = enigma.simd_sum %lane : i32
  // CHECK: threadgroup_sum {{.*}} {values = ["threadgroup"]}
  %1 = enigma.threadgroup_sum %lane : i32
  enigma.return
}
