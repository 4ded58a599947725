// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Position 1: the dimension.

enigma.kernel @k() {
  // expected-error @+1 {{expected one of [x, y, z] for component of a position, got: w}}
  %0 = enigma.thread_position_in_grid w : i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'enigma.threads_per_grid' op requires attribute 'dimension'}}
  %0 = "enigma.threads_per_grid"() : () -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{Invalid attribute `dimension` in property conversion: 0 : i32}}
  %0 = "enigma.threadgroups_per_grid"() <{dimension = 0 : i32}> : () -> i32
  enigma.return
}

// -----

// Position 2: the result.

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be 32-bit signless integer, but got 'i64'}}
  %0 = enigma.thread_position_in_threadgroup x : i64
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be 32-bit signless integer, but got 'ui32'}}
  %0 = enigma.threadgroup_position_in_grid x : ui32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'enigma.threads_per_threadgroup' op requires one result}}
  "enigma.threads_per_threadgroup"() <{dimension = #enigma<dimension x>}> : () -> ()
  enigma.return
}

// -----

// Index 1: the result.

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be 32-bit signless integer, but got 'i16'}}
  %0 = enigma.thread_index_in_simdgroup : i16
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'enigma.threads_per_simdgroup' op requires zero operands}}
  %0 = "enigma.threads_per_simdgroup"(%x) : (f32) -> i32
  enigma.return
}
