// RUN: enigma-opt %s --enigma-sink --split-input-file | FileCheck %s

// What only the code behind the loop needs moves behind it, to its first use;
// what the loop needs too stays, and so does what the author named.

// CHECK-LABEL: enigma.kernel @epilogue(
// CHECK: %[[TID:.+]] = enigma.thread_position_in_grid
// CHECK-NEXT: %[[BOTH:.+]] = arith.muli %[[TID]], %n
// CHECK-NEXT: %[[BOTH_INDEX:.+]] = arith.index_cast %[[BOTH]]
// CHECK-NEXT: %[[NAMED:.+]] = arith.subi %[[TID]], %n
// CHECK-NEXT: %[[SUM:.+]] = scf.for
// CHECK: }
// CHECK-NEXT: enigma.store %[[NAMED]]
// CHECK-NEXT: %[[PLACE:.+]] = arith.addi %[[TID]], %n
// CHECK-NEXT: %[[IN:.+]] = arith.cmpi slt, %[[PLACE]], %n
// CHECK-NEXT: %[[INDEX:.+]] = arith.index_cast %[[PLACE]]
// CHECK-NEXT: scf.if %[[IN]]
// CHECK-NEXT: enigma.store %[[SUM]], %A[%[[INDEX]]]
enigma.kernel @epilogue(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %tid = enigma.thread_position_in_grid x : i32
  %place = arith.addi %tid, %n : i32
  %in = arith.cmpi slt, %place, %n : i32
  %index = arith.index_cast %place : i32 to index
  %both = arith.muli %tid, %n : i32
  %bothIndex = arith.index_cast %both : i32 to index
  %named = arith.subi %tid, %n : i32 loc("named"("k.py":1:1))
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%carried = %c0) -> (i32) : i32 {
    %a = enigma.load %A[%bothIndex] : !enigma.buffer<si32, device> -> i32
    %next = arith.addi %carried, %a : i32
    scf.yield %next : i32
  }
  enigma.store %named, %A[%bothIndex] : i32, !enigma.buffer<si32, device>
  scf.if %in {
    enigma.store %sum, %A[%index] : i32, !enigma.buffer<si32, device>
  }
  enigma.return
}

// -----

// To hold the two operands instead would take more registers; a load must not
// pass the writes of a loop.

// CHECK-LABEL: enigma.kernel @operands(
// CHECK: %[[SUM:.+]] = arith.addi
// CHECK-NEXT: scf.for
enigma.kernel @operands(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %a = enigma.load %A[%i0] : !enigma.buffer<si32, device> -> i32
  %b = enigma.load %A[%i1] : !enigma.buffer<si32, device> -> i32
  %sum = arith.addi %a, %b : i32
  scf.for %i = %c0 to %n step %c1 : i32 {
    enigma.store %i, %A[%i0] : i32, !enigma.buffer<si32, device>
  }
  enigma.store %sum, %A[%i1] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

// A loop in a loop, and two in a row: what only the second needs moves to before
// the second.

// CHECK-LABEL: enigma.kernel @nested(
// CHECK: scf.for
// CHECK-NEXT: scf.for
// CHECK: }
// CHECK-NEXT: arith.shli
// CHECK-NEXT: %[[INDEX:.+]] = arith.index_cast
// CHECK-NEXT: scf.for
// CHECK: enigma.store %{{.+}}, %A[%[[INDEX]]]
enigma.kernel @nested(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  scf.for %i = %c0 to %n step %c1 : i32 {
    %twice = arith.shli %i, %c1 : i32
    %index = arith.index_cast %twice : i32 to index
    scf.for %j = %c0 to %n step %c1 : i32 {
      enigma.store %i, %A[%i0] : i32, !enigma.buffer<si32, device>
    }
    scf.for %j = %c0 to %n step %c1 : i32 {
      enigma.store %j, %A[%index] : i32, !enigma.buffer<si32, device>
    }
  }
  enigma.return
}

// -----

// What depends on which threads run it together stays where it is, and so do
// accesses to memory and barriers: behind the loop, or in the branch where the
// result is used, there may be other threads, or other values.

// CHECK-LABEL: enigma.kernel @together(
// CHECK: %[[TILE:.+]] = enigma.alloc
// CHECK-NEXT: %[[SUM:.+]] = enigma.simd_sum %x
// CHECK-NEXT: %[[OTHER:.+]] = enigma.simd_shuffle_xor %x
// CHECK-NEXT: %[[ALL:.+]] = enigma.simd_all
// CHECK-NEXT: %[[QUAD:.+]] = enigma.quad_sum %x
// CHECK-NEXT: enigma.threadgroup_barrier
// CHECK-NEXT: %[[SHARED:.+]] = enigma.load %[[TILE]]
// CHECK-NEXT: %[[COUNT:.+]] = enigma.atomic_rmw
// CHECK-NEXT: scf.for
// CHECK-NEXT: enigma.simd_sum
// CHECK-NEXT: enigma.store
// CHECK-NEXT: }
// CHECK-NEXT: scf.if %[[ALL]] {
// CHECK-NEXT: enigma.store %[[SUM]]
// CHECK-NEXT: enigma.store %[[OTHER]]
// CHECK-NEXT: enigma.store %[[QUAD]]
// CHECK-NEXT: enigma.store %[[SHARED]]
// CHECK-NEXT: enigma.store %[[COUNT]]
enigma.kernel @together(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: i32 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = si32},
    %in: i1 {enigma.name = "in", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %tile = enigma.alloc : !enigma.buffer<32xsi32, threadgroup>
  %sum = enigma.simd_sum %x : i32
  %other = enigma.simd_shuffle_xor %x, %c1 : i32
  %all = enigma.simd_all %in : i1
  %quad = enigma.quad_sum %x : i32
  enigma.threadgroup_barrier mem_threadgroup
  %shared = enigma.load %tile[%i0] : !enigma.buffer<32xsi32, threadgroup> -> i32
  %count = enigma.atomic_rmw add %x, %A[%i0] : i32, !enigma.buffer<si32, device>
  scf.for %i = %c0 to %x step %c1 : i32 {
    %inner = enigma.simd_sum %i : i32
    enigma.store %inner, %tile[%i0] : i32, !enigma.buffer<32xsi32, threadgroup>
  }
  scf.if %all {
    enigma.store %sum, %A[%i0] : i32, !enigma.buffer<si32, device>
    enigma.store %other, %A[%i0] : i32, !enigma.buffer<si32, device>
    enigma.store %quad, %A[%i0] : i32, !enigma.buffer<si32, device>
    enigma.store %shared, %A[%i0] : i32, !enigma.buffer<si32, device>
    enigma.store %count, %A[%i0] : i32, !enigma.buffer<si32, device>
  }
  enigma.return
}

// -----

// What moves does not go into the branch, or into the loop, that needs it.

// CHECK-LABEL: enigma.kernel @before_regions(
// CHECK: scf.while
// CHECK: } do {
// CHECK: }
// CHECK-NEXT: %[[TWICE:.+]] = arith.shli %x
// CHECK-NEXT: scf.if %in {
// CHECK-NEXT: scf.for
// CHECK-NEXT: enigma.store %[[TWICE]]
enigma.kernel @before_regions(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: i32 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = si32},
    %in: i1 {enigma.name = "in", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %twice = arith.shli %x, %c1 : i32
  scf.while : () -> () {
    %again = enigma.load %A[%i0] : !enigma.buffer<si32, device> -> i32
    %is = arith.cmpi slt, %again, %x : i32
    scf.condition(%is)
  } do {
    enigma.store %x, %A[%i0] : i32, !enigma.buffer<si32, device>
    scf.yield
  }
  scf.if %in {
    scf.for %i = %c0 to %x step %c1 : i32 {
      enigma.store %twice, %A[%i0] : i32, !enigma.buffer<si32, device>
    }
  }
  enigma.return
}

// -----

// A loop adds to a matrix in place: what looks at the matrix as it was before
// would need a copy of it.

!sums = !enigma.cooperative_tensor<m = 16, n = 32, k = 16, left = f16, right = f16, element = f32>
// CHECK-LABEL: enigma.kernel @matrices(
// CHECK: enigma.simdgroup_matrix_elements
// CHECK: enigma.cooperative_tensor_capacity
// CHECK: scf.for
// CHECK-NOT: enigma.simdgroup_matrix_elements
// CHECK-NOT: enigma.cooperative_tensor_capacity
enigma.kernel @matrices(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f16, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<si32, device> {enigma.name = "C", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %m = enigma.simdgroup_matrix_load %A[%c0], %c64 : !enigma.buffer<f32, device> -> !enigma.simdgroup_matrix<f32>
  %elements = enigma.simdgroup_matrix_elements %m : !enigma.simdgroup_matrix<f32>
  %t = enigma.cooperative_tensor_make %zero : f32 -> !sums
  %capacity = enigma.cooperative_tensor_capacity %t : !sums
  %n, %u = scf.for %k = %c0 to %c64 step %c16 iter_args(%p = %m, %q = %t) -> (!enigma.simdgroup_matrix<f32>, !sums) {
    %0 = enigma.simdgroup_matrix_multiply_accumulate %p, %p, %p : !enigma.simdgroup_matrix<f32>, !enigma.simdgroup_matrix<f32>
    %1 = enigma.matmul2d %B[%k], %c64, %B[%k], %c64, %q : !enigma.buffer<f16, device>, !enigma.buffer<f16, device>, !sums
    scf.yield %0, %1 : !enigma.simdgroup_matrix<f32>, !sums
  }
  enigma.simdgroup_matrix_store %n, %A[%c0], %c64 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  enigma.cooperative_tensor_store %u, %A[%c0], %c64 : !sums, !enigma.buffer<f32, device>
  enigma.store %elements, %A[%c0] : vector<2xf32>, !enigma.buffer<f32, device>
  enigma.store %capacity, %C[%c0] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

// One lane takes fewer registers than the vector it is taken from.

// CHECK-LABEL: enigma.kernel @lane(
// CHECK: vector.extract
// CHECK: scf.for
enigma.kernel @lane(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %v = enigma.load %A[%i0] : !enigma.buffer<f32, device> -> vector<4xf32>
  %lane = vector.extract %v[1] : f32 from vector<4xf32>
  scf.for %i = %c0 to %n step %c1 : i32 {
    %f = arith.sitofp %i : i32 to f32
    enigma.store %f, %A[%i0] : f32, !enigma.buffer<f32, device>
  }
  enigma.store %lane, %A[%i0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// What is used behind the outer loop is held during the inner one anyway.

// CHECK-LABEL: enigma.kernel @outside(
// CHECK: scf.for
// CHECK-NEXT: %[[SUM:.+]] = scf.for
// CHECK: }
// CHECK-NEXT: %[[PLACE:.+]] = arith.addi
// CHECK-NEXT: %[[INDEX:.+]] = arith.index_cast %[[PLACE]]
// CHECK-NEXT: enigma.store %[[SUM]], %A[%[[INDEX]]]
enigma.kernel @outside(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %a = enigma.load %A[%i0] : !enigma.buffer<si32, device> -> i32
  %b = enigma.load %A[%i1] : !enigma.buffer<si32, device> -> i32
  scf.for %j = %c0 to %n step %c1 : i32 {
    %place = arith.addi %a, %b : i32
    %index = arith.index_cast %place : i32 to index
    %sum = scf.for %i = %c0 to %n step %c1 iter_args(%carried = %c0) -> (i32) : i32 {
      %next = arith.addi %carried, %i : i32
      scf.yield %next : i32
    }
    enigma.store %sum, %A[%index] : i32, !enigma.buffer<si32, device>
  }
  enigma.store %a, %A[%i1] : i32, !enigma.buffer<si32, device>
  enigma.store %b, %A[%i0] : i32, !enigma.buffer<si32, device>
  enigma.return
}
