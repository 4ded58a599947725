// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Geometry 1: the types of vectors.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<8xf32>
  // expected-error @+1 {{'x' must be fixed-length vector of 16-bit float or bfloat16 type or 32-bit float values of length 2/3/4, but got 'vector<8xf32>'}}
  %0 = enigma.dot %v, %v : vector<8xf32>
  enigma.return
}

// -----

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  %v = vector.broadcast %x : i32 to vector<2xi32>
  // expected-error @+1 {{must be fixed-length vector of}}
  %0 = enigma.normalize %v : vector<2xi32>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<4xf32>
  // expected-error @+1 {{of length 3, but got 'vector<4xf32>'}}
  %0 = enigma.cross %v, %v : vector<4xf32>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  %w = vector.broadcast %x : f32 to vector<3xf32>
  // expected-error @+1 {{failed to verify that all of {x, y} have same type}}
  %0 = "enigma.distance"(%v, %w) : (vector<2xf32>, vector<3xf32>) -> f32
  enigma.return
}

// -----

// Geometry 2: scalars.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %h: f16 {enigma.index = 1 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  // expected-error @+1 {{eta is an element of incident}}
  %0 = "enigma.refract"(%v, %v, %h) : (vector<2xf32>, vector<2xf32>, f16) -> vector<2xf32>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  // expected-error @+1 {{failed to verify that result is an element of x}}
  %0 = "enigma.length"(%v) : (vector<2xf32>) -> f16
  enigma.return
}
