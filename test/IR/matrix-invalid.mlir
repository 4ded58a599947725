// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Type 1: the elements.

// expected-error @+2 {{element type of a matrix of a SIMD group must be f16, bf16 or f32, found 'i32'}}
enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  %0 = enigma.simdgroup_matrix_fill %x : i32 -> !enigma.simdgroup_matrix<i32>
  enigma.return
}

// -----

// Accesses 1: the elements of the memory.

enigma.kernel @k(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
  %c8 = arith.constant 8 : index
  // expected-error @+1 {{accesses '!enigma.buffer<f16, device>' as '!enigma.simdgroup_matrix<f32>'; expected elements of 'f32'}}
  %0 = enigma.simdgroup_matrix_load %A[%c8], %c8 : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f32>
  enigma.return
}

// -----

// Accesses 2: the address space.

enigma.kernel @k(%A: !enigma.buffer<f16, constant> {enigma.index = 0 : i32}) {
  %c8 = arith.constant 8 : index
  // expected-error @+1 {{accesses device or threadgroup memory, found '!enigma.buffer<f16, constant>'}}
  %0 = enigma.simdgroup_matrix_load %A[%c8], %c8 : !enigma.buffer<f16, constant> -> !enigma.simdgroup_matrix<f16>
  enigma.return
}

// -----

enigma.kernel @k() {
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %own = enigma.alloc : !enigma.buffer<64xf32, thread>
  %m = enigma.simdgroup_matrix_fill %zero : f32 -> !enigma.simdgroup_matrix<f32>
  // expected-error @+1 {{accesses device or threadgroup memory, found '!enigma.buffer<64xf32, thread>'}}
  enigma.simdgroup_matrix_store %m, %own[%c8], %c8 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<64xf32, thread>
  enigma.return
}

// -----

// Making 1: the value.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{failed to verify that the value has the type of an element}}
  %0 = "enigma.simdgroup_matrix_fill"(%x) : (f32) -> !enigma.simdgroup_matrix<f16>
  enigma.return
}

// -----

// Products 1: the factors.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %y: f16 {enigma.index = 1 : i32}) {
  %0 = enigma.simdgroup_matrix_fill %x : f32 -> !enigma.simdgroup_matrix<f32>
  %1 = enigma.simdgroup_matrix_fill %y : f16 -> !enigma.simdgroup_matrix<f16>
  // expected-error @+1 {{failed to verify that all of {a, b} have same type}}
  %2 = "enigma.simdgroup_matrix_multiply_accumulate"(%0, %1, %0) : (!enigma.simdgroup_matrix<f32>, !enigma.simdgroup_matrix<f16>, !enigma.simdgroup_matrix<f32>) -> !enigma.simdgroup_matrix<f32>
  enigma.return
}

// -----

// Products 2: the sum.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %y: f16 {enigma.index = 1 : i32}) {
  %0 = enigma.simdgroup_matrix_fill %x : f32 -> !enigma.simdgroup_matrix<f32>
  %1 = enigma.simdgroup_matrix_fill %y : f16 -> !enigma.simdgroup_matrix<f16>
  // expected-error @+1 {{adds products of 'f32' in 'f16'; expected 'f32' or f32}}
  %2 = enigma.simdgroup_matrix_multiply_accumulate %0, %0, %1 : !enigma.simdgroup_matrix<f32>, !enigma.simdgroup_matrix<f16>
  enigma.return
}

// -----

// Elements 1.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %0 = enigma.simdgroup_matrix_fill %x : f32 -> !enigma.simdgroup_matrix<f32>
  // expected-error @+1 {{failed to verify that the result is two elements}}
  %1 = "enigma.simdgroup_matrix_elements"(%0) : (!enigma.simdgroup_matrix<f32>) -> vector<2xf16>
  enigma.return
}

// -----

enigma.kernel @k() {
  %pair = arith.constant dense<1.0> : vector<2xf16>
  // expected-error @+1 {{failed to verify that the operand is two elements}}
  %0 = "enigma.simdgroup_matrix_from_elements"(%pair) : (vector<2xf16>) -> !enigma.simdgroup_matrix<f32>
  enigma.return
}
