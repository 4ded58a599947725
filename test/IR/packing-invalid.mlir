// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Packing 1: the types of vectors and of what they are packed into.

enigma.kernel @k(%h: f16 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %h : f16 to vector<4xf16>
  // expected-error @+1 {{operand #0 must be fixed-length vector of 32-bit float values of length 4, but got 'vector<4xf16>'}}
  %0 = "enigma.pack_float_to_snorm4x8"(%v) : (vector<4xf16>) -> i32
  enigma.return
}

// -----

enigma.kernel @k(%h: f16 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %h : f16 to vector<4xf16>
  // expected-error @+1 {{operand #0 must be fixed-length vector of 16-bit float values of length 2, but got 'vector<4xf16>'}}
  %0 = "enigma.pack_half_to_unorm2x16"(%v) : (vector<4xf16>) -> i32
  enigma.return
}

// -----

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = ui64}) {
  // expected-error @+1 {{operand #0 must be i32, but got 'i64'}}
  %0 = "enigma.unpack_unorm10a2_to_half"(%x) : (i64) -> vector<4xf16>
  enigma.return
}

// -----

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  // expected-error @+1 {{result #0 must be fixed-length vector of 32-bit float values of length 4, but got 'vector<3xf32>'}}
  %0 = "enigma.unpack_srgb_unorm4x8_to_float"(%x) : (i32) -> vector<3xf32>
  enigma.return
}
