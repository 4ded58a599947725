// RUN: enigma-opt %s --split-input-file --verify-diagnostics
// RUN: not enigma-opt %s --split-input-file 2>&1 | FileCheck %s

// Buffer 1: the element type.

// expected-error @+1 {{element type of a buffer must be f16, bf16, f32, i1, an integer of 8, 16, 32 or 64 bits with signedness (si32, ui8), or a vector of 2, 3 or 4 of these but i1, found 'i32'}}
module attributes {test.a = !enigma.buffer<i32, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'f64'}}
module attributes {test.a = !enigma.buffer<f64, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'si24'}}
module attributes {test.a = !enigma.buffer<si24, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'si1'}}
module attributes {test.a = !enigma.buffer<si1, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'index'}}
module attributes {test.a = !enigma.buffer<index, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'tensor<4xf32>'}}
module attributes {test.a = !enigma.buffer<tensor<4xf32>, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found '!enigma.buffer<f32, device>'}}
module attributes {test.a = !enigma.buffer<!enigma.buffer<f32, device>, device>} {}

// -----

// Buffer 2: the size.

// expected-error @+1 {{size of a buffer must be positive, found 0}}
module attributes {test.a = !enigma.buffer<0xf32, device>} {}

// -----

// A size is never negative: there is no text for one.
// expected-error @+1 {{expected non-function type}}
module attributes {test.a = !enigma.buffer<-4xf32, device>} {}

// -----

// expected-error @+1 {{invalid dimension}}
module attributes {test.a = !enigma.buffer<9223372036854775808xf32, device>} {}

// -----

// expected-error @+1 {{a buffer has one size at most, found 2}}
module attributes {test.a = !enigma.buffer<4x4xf32, device>} {}

// -----

// expected-error @+1 {{expected static shape}}
module attributes {test.a = !enigma.buffer<?xf32, device>} {}

// -----

// The rest of the syntax.

// expected-error @+1 {{expected '<'}}
module attributes {test.a = !enigma.buffer} {}

// -----

// expected-error @+1 {{expected non-function type}}
module attributes {test.a = !enigma.buffer<>} {}

// -----

// The place of an error is that of the part that is wrong.
// expected-error @+2 {{expected ','}}
// CHECK: types-invalid.mlir:[[#@LINE+1]]:47: error: expected ','
module attributes {test.a = !enigma.buffer<f32>} {}

// -----

// expected-error @+1 {{expected keyword for address space of a buffer, in Metal's words}}
module attributes {test.a = !enigma.buffer<f32, 3>} {}

// -----

// expected-error @+1 {{expected one of [device, constant, threadgroup, thread] for address space of a buffer, in Metal's words, got: private}}
module attributes {test.a = !enigma.buffer<f32, private>} {}

// -----

// expected-error @+1 {{expected '>'}}
module attributes {test.a = !enigma.buffer<f32, device, 4>} {}

// -----

// expected-error @+1 {{unknown  type `tile` in dialect `enigma`}}
module attributes {test.a = !enigma.tile<f32>} {}

// -----

// expected-error @+2 {{expected ::enigma::AddressSpace to be one of: device, constant, threadgroup, thread}}
// expected-error @+1 {{failed to parse}}
module attributes {test.a = #enigma.address_space<shared>} {}

// -----

// expected-error @+2 {{expected ::enigma::Access to be one of: none, read, write, read_write}}
// expected-error @+1 {{failed to parse}}
module attributes {test.a = #enigma.access<readwrite>} {}

// -----

// expected-error @+1 {{unknown attribute `colour` in dialect `enigma`}}
module attributes {test.a = #enigma.colour<red>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'vector<5xf32>'}}
module attributes {test.a = !enigma.buffer<vector<5xf32>, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'vector<2xi32>'}}
module attributes {test.a = !enigma.buffer<vector<2xi32>, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'vector<4xi1>'}}
module attributes {test.a = !enigma.buffer<vector<4xi1>, device>} {}

// -----

// expected-error-re @+1 {{element type of a buffer must be {{.*}}, found 'vector<2x2xf32>'}}
module attributes {test.a = !enigma.buffer<vector<2x2xf32>, device>} {}

// -----

// Packed 1: the vector.

// expected-error @+1 {{a packed vector has 2, 3 or 4 lanes of an element type of a buffer that is no i1, found 'vector<3xi1>'}}
module attributes {test.a = !enigma.packed<vector<3xi1>>} {}
