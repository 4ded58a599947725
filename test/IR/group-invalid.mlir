// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Group functions 1: the type of the operand.

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = si64}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16 or 32 bits, f16 or f32, or a vector of 2, 3 or 4 of it, but got 'i64'}}
  %0 = enigma.simd_sum %x : i64
  enigma.return
}

// -----

enigma.kernel @k(%x: bf16 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{but got 'bf16'}}
  %0 = enigma.quad_prefix_inclusive_sum %x : bf16
  enigma.return
}

// -----

enigma.kernel @k(%x: i1 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{but got 'i1'}}
  %0 = enigma.simd_broadcast_first %x : i1
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16 or 32 bits, or a vector of 2, 3 or 4 of it, but got 'f32'}}
  %0 = enigma.simd_xor %x : f32
  enigma.return
}

// -----

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = si64}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16 or 32 bits, f16 or f32}}
  %0 = enigma.simd_shuffle %x, %i : i64
  enigma.return
}

// -----

// Group functions 2: one type.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.simd_sum"(%x) : (f32) -> f16
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{failed to verify that all of {x, result} have same type}}
  %0 = "enigma.quad_shuffle_up"(%x, %i) : (f32, i32) -> f16
  enigma.return
}

// -----

// Minimum and maximum 3: the sign.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{is 'unsigned', which only integers are, found 'f32'}}
  %0 = enigma.simd_min unsigned %x : f32
  enigma.return
}

// -----

enigma.kernel @k(%x: f16 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f16 to vector<2xf16>
  // expected-error @+1 {{is 'unsigned', which only integers are, found 'vector<2xf16>'}}
  %0 = enigma.quad_max unsigned %v : vector<2xf16>
  enigma.return
}

// -----

// Shuffles 3: the other operand.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %i: i16 {enigma.index = 1 : i32, enigma.dtype = ui16}) {
  // expected-error @+1 {{operand #1 must be 32-bit signless integer, but got 'i16'}}
  %0 = "enigma.simd_broadcast"(%x, %i) : (f32, i16) -> f32
  enigma.return
}

// -----

// Votes 1: the operand.

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #0 must be 1-bit signless integer, but got 'i32'}}
  %0 = "enigma.simd_all"(%x) : (i32) -> i1
  enigma.return
}

// -----

// Votes 2: the result.

enigma.kernel @k(%x: i1 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{result #0 must be 64-bit signless integer, but got 'i32'}}
  %0 = "enigma.simd_ballot"(%x) : (i1) -> i32
  enigma.return
}

// -----

// Shuffles that fill 1: the value.

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = si64}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16 or 32 bits, f16 or f32}}
  %0 = enigma.simd_shuffle_and_fill_up %x, %x, %i, %i : i64
  enigma.return
}

// -----

// Shuffles that fill 2: the filling.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{failed to verify that all of {x, fill, result} have same type}}
  %0 = "enigma.simd_shuffle_and_fill_down"(%x, %i, %i, %i) : (f32, i32, i32, i32) -> f32
  enigma.return
}

// -----

// Shuffles that fill 3: the numbers.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #3 must be 32-bit signless integer, but got 'f32'}}
  %0 = "enigma.quad_shuffle_and_fill_down"(%x, %x, %i, %x) : (f32, f32, i32, f32) -> f32
  enigma.return
}

// -----

// Presence 1: the result.

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be 1-bit signless integer, but got 'i32'}}
  %0 = "enigma.simd_is_first"() : () -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be 64-bit signless integer, but got 'i32'}}
  %0 = "enigma.quad_active_threads_mask"() : () -> i32
  enigma.return
}

// -----

// Reductions over a threadgroup take what those over SIMD groups take.

enigma.kernel @k(%x: bf16 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16 or 32 bits, f16 or f32, or a vector of 2, 3 or 4 of it, but got 'bf16'}}
  %0 = enigma.threadgroup_sum %x : bf16
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16 or 32 bits, or a vector of 2, 3 or 4 of it, but got 'f32'}}
  %0 = enigma.threadgroup_or %x : f32
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.threadgroup_product"(%x) : (f32) -> f16
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{is 'unsigned', which only integers are, found 'f32'}}
  %0 = enigma.threadgroup_max unsigned %x : f32
  enigma.return
}
