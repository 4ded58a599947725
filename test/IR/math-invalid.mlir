// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Float functions 1: the types of operands.

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #0 must be f16, bf16 or f32, or a vector of one dimension of it, but got 'i32'}}
  %0 = enigma.exp10 %x : i32
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant 1.0 : f64
  // expected-error @+1 {{operand #0 must be f16, bf16 or f32, or a vector of one dimension of it, but got 'f64'}}
  %0 = enigma.powr %x, %x : f64
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant dense<1.0> : vector<2x4xf32>
  // expected-error @+1 {{but got 'vector<2x4xf32>'}}
  %0 = enigma.fract %x : vector<2x4xf32>
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant dense<1.0> : vector<2x2xf32>
  // expected-error @+1 {{but got 'vector<2x2xf32>'}}
  %0 = enigma.mix %x, %x, %x : vector<2x2xf32>
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  // expected-error @+1 {{but got 'tensor<4xf32>'}}
  %0 = enigma.sign %x : tensor<4xf32>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  // expected-error @+1 {{but got '!enigma.buffer<f32, device>'}}
  %0 = enigma.saturate %A : !enigma.buffer<f32, device>
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant dense<1.0> : vector<[4]xf32>
  // expected-error @+1 {{but got 'vector<[4]xf32>'}}
  %0 = enigma.signbit %x : vector<[4]xf32>
  enigma.return
}

// -----

// Float functions 2: one type.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %y: f16 {enigma.index = 1 : i32}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.powr"(%x, %y) : (f32, f16) -> f32
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.exp10"(%x) : (f32) -> f16
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<4xf32>
  // A scalar is not spread over a vector.
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.mix"(%v, %v, %x) : (vector<4xf32>, vector<4xf32>, f32) -> vector<4xf32>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{expected 3 operands, but found 1}}
  %0 = "enigma.smoothstep"(%x) : (f32) -> f32
  enigma.return
}

// -----

// Signbit 2: the result.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{result #0 must be i1, or a vector of one dimension of it, but got 'f32'}}
  %0 = "enigma.signbit"(%x) : (f32) -> f32
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{failed to verify that result is i1, with the shape of the operand}}
  %0 = "enigma.signbit"(%x) : (f32) -> vector<4xi1>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<4xf32>
  // expected-error @+1 {{failed to verify that result is i1, with the shape of the operand}}
  %0 = "enigma.signbit"(%v) : (vector<4xf32>) -> vector<3xi1>
  enigma.return
}

// -----

// Floormod 1: the types of operands.

enigma.kernel @k(%x: i1 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16, 32 or 64 bits, index, f16, bf16 or f32, or a vector of one dimension of it, but got 'i1'}}
  %0 = enigma.floormod %x, %x : i1
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant 5 : i24
  // expected-error @+1 {{but got 'i24'}}
  %0 = enigma.floormod %x, %x : i24
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant dense<5> : tensor<4xi32>
  // expected-error @+1 {{but got 'tensor<4xi32>'}}
  %0 = enigma.floormod %x, %x : tensor<4xi32>
  enigma.return
}

// -----

// Floormod 2: one type.

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}, %y: i64 {enigma.index = 1 : i32, enigma.dtype = si64}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.floormod"(%x, %y) : (i32, i64) -> i32
  enigma.return
}

// -----

// Floordiv 1: floats.

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{but got 'i32'}}
  %0 = enigma.floordiv %x, %x : i32
  enigma.return
}

// -----

// Floordiv 2: one type.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %y: f16 {enigma.index = 1 : i32}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.floordiv"(%x, %y) : (f32, f16) -> f32
  enigma.return
}

// -----

// Powi 1: a float.

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{but got 'i32'}}
  %0 = enigma.powi %x, %x : i32, i32
  enigma.return
}

// -----

// Powi 2: an exponent of the same shape.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{but got 'f32'}}
  %0 = enigma.powi %x, %x : f32, f32
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = enigma.powi %v, %n : vector<2xf32>, i32
  enigma.return
}

// -----

// Powi 3: the type of x.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  // expected-error @+1 {{failed to verify that all of {x, result} have same type}}
  %0 = "enigma.powi"(%x, %n) : (f32, i32) -> f16
  enigma.return
}
