// RUN: enigma-opt %s --enigma-vectorize --split-input-file --verify-diagnostics | FileCheck %s --implicit-check-not='elements_per_thread = 4'
// RUN: not enigma-opt %s --enigma-vectorize=width=3 2>&1 | FileCheck %s --check-prefix=WIDTH

// WIDTH: 'width' must be 2 or 4, found 3

// Kernels that stay as they are, and why.

// CHECK: enigma.kernel

// Vectorized before.

// expected-remark @+1 {{kernel 'twice' is not vectorized: its threads own 2 elements each already}}
enigma.kernel @twice(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) attributes {elements_per_thread = 2 : i64} {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The launcher already has the numbers.

// expected-remark @+1 {{its launch is fixed}}
enigma.kernel @fixed(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) attributes {grid = array<i64: 8, 1, 1>, block = array<i64: 32, 1, 1>} {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Nothing to gain: every access is strided.

// expected-remark @+1 {{no access is to consecutive, aligned elements}}
enigma.kernel @none(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %c2 = arith.constant 2 : i32
  %t = arith.muli %tid, %c2 : i32
  %j = arith.index_castui %t : i32 to index
  %a = enigma.load %A[%j] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%j] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The number or place of threads.

enigma.kernel @query_threads_per_grid(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{'threads_per_grid' depends on how many threads there are}}
  %q = enigma.threads_per_grid x : i32
  %f = arith.uitofp %q : i32 to f32
  enigma.store %f, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The number or place of threads.

enigma.kernel @query_thread_position_in_threadgroup(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{'thread_position_in_threadgroup' depends on how many threads there are}}
  %q = enigma.thread_position_in_threadgroup x : i32
  %f = arith.uitofp %q : i32 to f32
  enigma.store %f, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The number or place of threads.

enigma.kernel @query_threadgroup_position_in_grid(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{'threadgroup_position_in_grid' depends on how many threads there are}}
  %q = enigma.threadgroup_position_in_grid x : i32
  %f = arith.uitofp %q : i32 to f32
  enigma.store %f, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The number or place of threads.

enigma.kernel @query_threads_per_threadgroup(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{'threads_per_threadgroup' depends on how many threads there are}}
  %q = enigma.threads_per_threadgroup x : i32
  %f = arith.uitofp %q : i32 to f32
  enigma.store %f, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The number or place of threads.

enigma.kernel @query_thread_index_in_simdgroup(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{'thread_index_in_simdgroup' depends on how many threads there are}}
  %q = enigma.thread_index_in_simdgroup : i32
  %f = arith.uitofp %q : i32 to f32
  enigma.store %f, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Rows of a 2-D grid.

enigma.kernel @two_dimensional(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{its grid is not one-dimensional; 'thread_position_in_grid' is used in y}}
  %y = enigma.thread_position_in_grid y : i32
  %row = arith.muli %y, %n : i32
  %t = arith.addi %row, %tid : i32
  %j = arith.index_castui %t : i32 to index
  %a = enigma.load %A[%j] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%j] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Threads that meet.

enigma.kernel @barrier(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  // expected-remark @+1 {{its threads wait for each other}}
  enigma.threadgroup_barrier mem_device
  enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Threadgroup memory.

enigma.kernel @shared(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{it has an array of its own}}
  %t = enigma.alloc : !enigma.buffer<64xf32, threadgroup>
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A shift in place: neighbours would race.

enigma.kernel @shift(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = arith.addi %tid, %c1 : i32
  %j = arith.index_castui %t : i32 to index
  // expected-remark @+1 {{a buffer that is read and written must be accessed at one consecutive subscript}}
  %a = enigma.load %A[%j] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// An element that all read, in a buffer that is written.

enigma.kernel @broadcast_in_place(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{a buffer that is read and written must be accessed at one consecutive subscript}}
  %a = enigma.load %A[%first] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Counts at subscripts that are data.

enigma.kernel @histogram(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %ones = arith.constant 1.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %t = arith.fptoui %a : f32 to i32
  %j = arith.index_castui %t : i32 to index
  %h = enigma.load %B[%j] : !enigma.buffer<f32, device> -> f32
  %s = arith.addf %h, %ones : f32
  // expected-remark @+1 {{a buffer that is read and written must be accessed at one consecutive subscript}}
  enigma.store %s, %B[%j] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// All threads store to one element.

enigma.kernel @one_place(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  // expected-remark @+1 {{all threads store to the same element}}
  enigma.store %a, %B[%first] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A loop of its own length for each thread.

enigma.kernel @bounds(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  // expected-remark @+1 {{the bounds of this loop differ between threads}}
  %acc = scf.for unsigned %k = %c0 to %tid step %c1 iter_args(%x = %a) -> (f32) : i32 {
    %y = arith.addf %x, %a : f32
    scf.yield %y : f32
  }
  enigma.store %acc, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A loop that each thread leaves when it has enough.

enigma.kernel @escape(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  // expected-remark @+1 {{its threads may leave this loop at different times}}
  %acc = scf.while (%x = %a) : (f32) -> f32 {
    %c = arith.cmpf olt, %x, %zero : f32
    scf.condition(%c) %x : f32
  } do {
  ^bb0(%x: f32):
    %y = arith.addf %x, %a : f32
    scf.yield %y : f32
  }
  enigma.store %acc, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A store under a condition on data.

enigma.kernel @data_branch(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %c = arith.cmpf olt, %a, %zero : f32
  // expected-remark @+1 {{its threads take different branches that depend on more than their index}}
  scf.if %c {
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// A division under a condition that may be there for the divisor.

enigma.kernel @guarded_division(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<si32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c9 = arith.constant 9 : i32
  %a = enigma.load %A[%i] : !enigma.buffer<si32, device> -> i32
  %c = arith.cmpi sgt, %a, %c0 : i32
  // expected-remark @+1 {{its threads take different branches that depend on more than their index}}
  %r = scf.if %c -> (i32) {
    %q = enigma.floormod %c9, %a : i32
    scf.yield %q : i32
  } else {
    scf.yield %a : i32
  }
  enigma.store %r, %B[%i] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

// Vectors of the author.

enigma.kernel @vectors(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %c4 = arith.constant 4 : i32
  %t = arith.muli %tid, %c4 : i32
  %j = arith.index_castui %t : i32 to index
  // expected-remark @+1 {{it accesses vectors already}}
  %a = enigma.load %A[%j] : !enigma.buffer<f32, device> -> vector<4xf32>
  enigma.store %a, %B[%j] : vector<4xf32>, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Vectors that the author makes.

enigma.kernel @made_vectors(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  // expected-remark @+1 {{'vector.broadcast' does not act elementwise}}
  %v = vector.broadcast %a : f32 to vector<4xf32>
  %e = vector.extract %v[0] : f32 from vector<4xf32>
  enigma.store %e, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A subscript that a loop carries.

enigma.kernel @carried_index(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @+1 {{it carries a value of type 'index' that differs between threads}}
  %j = scf.for unsigned %k = %c0 to %n step %c1 iter_args(%x = %i) -> (index) : i32 {
    %y = arith.addi %x, %i : index
    scf.yield %y : index
  }
  %a = enigma.load %A[%j] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A branch that is too large to stand in the text for each lane.

enigma.kernel @large_branch(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %c = arith.cmpi ult, %tid, %n : i32
  // expected-remark @+1 {{what is done under this condition is too much to be repeated for each lane}}
  scf.if %c {
    %x1 = math.sqrt %a : f32
    %x2 = math.sqrt %x1 : f32
    %x3 = math.sqrt %x2 : f32
    %x4 = math.sqrt %x3 : f32
    %x5 = math.sqrt %x4 : f32
    %x6 = math.sqrt %x5 : f32
    %x7 = math.sqrt %x6 : f32
    %x8 = math.sqrt %x7 : f32
    %x9 = math.sqrt %x8 : f32
    %x10 = math.sqrt %x9 : f32
    %x11 = math.sqrt %x10 : f32
    %x12 = math.sqrt %x11 : f32
    %x13 = math.sqrt %x12 : f32
    %x14 = math.sqrt %x13 : f32
    %x15 = math.sqrt %x14 : f32
    %x16 = math.sqrt %x15 : f32
    %x17 = math.sqrt %x16 : f32
    %x18 = math.sqrt %x17 : f32
    %x19 = math.sqrt %x18 : f32
    %x20 = math.sqrt %x19 : f32
    %x21 = math.sqrt %x20 : f32
    %x22 = math.sqrt %x21 : f32
    %x23 = math.sqrt %x22 : f32
    %x24 = math.sqrt %x23 : f32
    %x25 = math.sqrt %x24 : f32
    %x26 = math.sqrt %x25 : f32
    %x27 = math.sqrt %x26 : f32
    %x28 = math.sqrt %x27 : f32
    %x29 = math.sqrt %x28 : f32
    %x30 = math.sqrt %x29 : f32
    %x31 = math.sqrt %x30 : f32
    %x32 = math.sqrt %x31 : f32
    %x33 = math.sqrt %x32 : f32
    %x34 = math.sqrt %x33 : f32
    %x35 = math.sqrt %x34 : f32
    %x36 = math.sqrt %x35 : f32
    %x37 = math.sqrt %x36 : f32
    %x38 = math.sqrt %x37 : f32
    %x39 = math.sqrt %x38 : f32
    %x40 = math.sqrt %x39 : f32
    %x41 = math.sqrt %x40 : f32
    %x42 = math.sqrt %x41 : f32
    %x43 = math.sqrt %x42 : f32
    %x44 = math.sqrt %x43 : f32
    %x45 = math.sqrt %x44 : f32
    %x46 = math.sqrt %x45 : f32
    %x47 = math.sqrt %x46 : f32
    %x48 = math.sqrt %x47 : f32
    %x49 = math.sqrt %x48 : f32
    %x50 = math.sqrt %x49 : f32
    %x51 = math.sqrt %x50 : f32
    %x52 = math.sqrt %x51 : f32
    %x53 = math.sqrt %x52 : f32
    %x54 = math.sqrt %x53 : f32
    %x55 = math.sqrt %x54 : f32
    %x56 = math.sqrt %x55 : f32
    %x57 = math.sqrt %x56 : f32
    %x58 = math.sqrt %x57 : f32
    %x59 = math.sqrt %x58 : f32
    %x60 = math.sqrt %x59 : f32
    %x61 = math.sqrt %x60 : f32
    %x62 = math.sqrt %x61 : f32
    %x63 = math.sqrt %x62 : f32
    %x64 = math.sqrt %x63 : f32
    enigma.store %x64, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// A sum over threads, of which there are fewer afterwards.

enigma.kernel @simdgroup_sum(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  // expected-remark @+1 {{'enigma.simd_sum' is more than a function of its operands}}
  %s = enigma.simd_sum %a : f32
  enigma.store %s, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The same over a threadgroup.

enigma.kernel @threadgroup_sum(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  // expected-remark @+1 {{'enigma.threadgroup_sum' is more than a function of its operands}}
  %s = enigma.threadgroup_sum %a : f32
  enigma.store %s, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}
