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

// A load that some threads must not do.

enigma.kernel @value_branch(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpi ult, %tid, %n : i32
  // expected-remark @+1 {{its threads take different branches, which yield values}}
  %v = scf.if %c -> f32 {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %a : f32
  } else {
    scf.yield %zero : f32
  }
  enigma.store %v, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A division that some threads must not do.

enigma.kernel @division_branch(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpi ne, %tid, %c0 : i32
  // expected-remark @+1 {{its threads take different branches, which yield values}}
  %v = scf.if %c -> i32 {
    %q = arith.divui %n, %tid : i32
    scf.yield %q : i32
  } else {
    scf.yield %c0 : i32
  }
  %f = arith.uitofp %v : i32 to f32
  enigma.store %f, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The lanes of a tail would need what was loaded for vectors.

enigma.kernel @loaded_outside(
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
  %c = arith.cmpi ult, %tid, %n : i32
  // expected-remark @+1 {{what is done under this condition uses a varying value that was loaded or carried outside of it}}
  scf.if %c {
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
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
