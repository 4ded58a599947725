// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Target 1: one that is known.

// expected-error @+1 {{no target 'cuda' is known; known: 'metal'}}
module attributes {enigma.target = #enigma.target<cuda>} {}

// -----

// Target 2: the limits.

// expected-error @+1 {{'threads' must be from 1 to 4294967295, found 0}}
module attributes {enigma.target = #enigma.target<metal, threads = 0>} {}

// -----

// expected-error @+1 {{'lanes' must be from 1 to 4294967295, found -4}}
module attributes {enigma.target = #enigma.target<metal, lanes = -4>} {}

// -----

// expected-error @+1 {{'threadgroups' must be from 1 to 4294967295, found 4294967296}}
module attributes {enigma.target = #enigma.target<metal, threadgroups = 4294967296>} {}

// -----

// expected-error @+1 {{'lanes' must be a power of two, found 3}}
module attributes {enigma.target = #enigma.target<metal, lanes = 3>} {}

// -----

// expected-error @+1 {{'access_bytes' must be a power of two, found 24}}
module attributes {enigma.target = #enigma.target<metal, access_bytes = 24>} {}

// -----

// expected-error @+1 {{no limit 'registers' is known; known: 'arguments', 'function_constants', 'threads', 'threadgroups', 'simdgroup_threads', 'threadgroup_bytes', 'register_bytes', 'lanes', 'access_bytes'}}
module attributes {enigma.target = #enigma.target<metal, registers = 4>} {}

// -----

// expected-error @+1 {{the limit 'lanes' is given twice}}
module attributes {enigma.target = #enigma.target<metal, lanes = 4, lanes = 8>} {}

// -----

// Target 3: the version.

// expected-error @+1 {{Metal has no version "metal3.1"; known: "2.4", "3.0", "3.1", "3.2", "4.0"}}
module attributes {enigma.target = #enigma.target<metal, version = "metal3.1">} {}

// -----

// expected-error @+1 {{the version is given twice}}
module attributes {enigma.target = #enigma.target<metal, version = "3.1", version = "3.1">} {}

// -----

// Where it stands.

// expected-error @+1 {{'enigma.target' must be an #enigma.target, found "metal"}}
module attributes {enigma.target = "metal"} {}

// -----

module {
  // expected-error @+1 {{'enigma.target' belongs to a module}}
  %0 = arith.constant {enigma.target = #enigma.target<metal>} 1 : i32
}

// -----

// What each limit bounds, for a target of other numbers.

module attributes {enigma.target = #enigma.target<metal, arguments = 2>} {
  // expected-error @+1 {{argument #0: 'enigma.index' must be an i32 from 0 to 1, the entries of Metal's buffer argument table, found 2 : i32}}
  enigma.kernel @arguments(%x: f32 {enigma.index = 2 : i32}) { enigma.return }
}

// -----

module attributes {enigma.target = #enigma.target<metal, arguments = 40>} {
  enigma.kernel @more_arguments(%x: f32 {enigma.index = 39 : i32}) { enigma.return }
}

// -----

module attributes {enigma.target = #enigma.target<metal, function_constants = 4>} {
  enigma.kernel @constants() {
    %0 = enigma.function_constant 3 "last" : f32 -> f32
    // expected-error @+1 {{index must be from 0 to 3, found 4}}
    %1 = enigma.function_constant 4 "behind" : f32 -> f32
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, threads = 256>} {
  enigma.kernel @fits() attributes {block = array<i64: 16, 16, 1>} { enigma.return }
  // expected-error @+1 {{'block' has more than 256 threads, Metal's limit: [16, 16, 2]}}
  enigma.kernel @threads() attributes {block = array<i64: 16, 16, 2>} { enigma.return }
}

// -----

module attributes {enigma.target = #enigma.target<metal, threads = 2048>} {
  enigma.kernel @more_threads() attributes {block = array<i64: 2048, 1, 1>} { enigma.return }
}

// -----

module attributes {enigma.target = #enigma.target<metal, threadgroups = 65535>} {
  // expected-error @+1 {{'grid' has an extent of more than 65535 threadgroups, Metal's limit: [1, 65536, 1]}}
  enigma.kernel @grid() attributes {grid = array<i64: 1, 65536, 1>} { enigma.return }
}

// -----

module attributes {enigma.target = #enigma.target<metal, threadgroups = 65535>} {
  // expected-error @+1 {{'grid_limit' has an extent of more than 65535 threadgroups}}
  enigma.kernel @grid_limit() attributes {grid_limit = array<i64: 65536, 1, 1>} { enigma.return }
}

// -----

// Metal's own.

// expected-error @+1 {{'grid' has an extent of more than 4294967295 threadgroups}}
enigma.kernel @large_grid() attributes {grid = array<i64: 4294967296, 1, 1>} { enigma.return }

// -----

module attributes {enigma.target = #enigma.target<metal, threadgroup_bytes = 100>} {
  enigma.kernel @memory() {
    %0 = enigma.alloc : !enigma.buffer<25xf32, threadgroup>
    // expected-note @+2 {{help: make its arrays smaller}}
    // expected-error @+1 {{takes the kernel's threadgroup memory to 101 bytes; Metal grants a threadgroup 100 bytes}}
    %1 = enigma.alloc : !enigma.buffer<1xi1, threadgroup>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, threadgroup_bytes = 65536>} {
  enigma.kernel @more_memory() {
    %0 = enigma.alloc : !enigma.buffer<16384xf32, threadgroup>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, register_bytes = 16>} {
  enigma.kernel @registers(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
    %0 = enigma.static : !enigma.layout<8:1>
    %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
    // expected-error @+2 {{a fragment of 8 elements of 4 bytes is too large for registers: at most 16 bytes}}
    // expected-note @+1 {{help: }}
    %2 = enigma.load_fragment %1 : (!enigma.tensor<f32, device, 8:1>) -> vector<8xf32>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, lanes = 2>} {
  enigma.kernel @lanes(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
    %c0 = arith.constant 0 : index
    %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> vector<2xf32>
    // expected-error @+1 {{expected 'f32', or a vector of 2 of it}}
    %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> vector<4xf32>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, lanes = 8>} {
  enigma.kernel @more_lanes(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
    %c0 = arith.constant 0 : index
    %0 = enigma.load %A[%c0] : !enigma.buffer<f16, device> -> vector<8xf16>
    // expected-error @+1 {{expected 'f16', or a vector of 2, 4 or 8 of it}}
    %1 = enigma.load %A[%c0] : !enigma.buffer<f16, device> -> vector<16xf16>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, lanes = 1>} {
  enigma.kernel @no_lanes(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %v: f32 {enigma.index = 1 : i32}) {
    %c0 = arith.constant 0 : index
    %0 = vector.broadcast %v : f32 to vector<2xf32>
    // expected-error @+1 {{accesses '!enigma.buffer<f32, device>' as 'vector<2xf32>'; expected 'f32'}}
    enigma.store %0, %A[%c0] : vector<2xf32>, !enigma.buffer<f32, device>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, lanes = 1>} {
  enigma.kernel @no_lanes(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
    %0 = enigma.static : !enigma.layout<8:1>
    %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
    %2 = enigma.static : !enigma.int_tuple<0>
    // expected-error @+1 {{accesses 'vector<2xf32>'; expected one element}}
    %3 = enigma.load_element %1, %2 : (!enigma.tensor<f32, device, 8:1>, !enigma.int_tuple<0>) -> vector<2xf32>
    enigma.return
  }
}

// -----

// A module inside of one that says it is compiled for the same.

module attributes {enigma.target = #enigma.target<metal, threads = 256>} {
  module {
    // expected-error @+1 {{'block' has more than 256 threads}}
    enigma.kernel @inside() attributes {block = array<i64: 512, 1, 1>} { enigma.return }
  }
  module attributes {enigma.target = #enigma.target<metal>} {
    enigma.kernel @own() attributes {block = array<i64: 512, 1, 1>} { enigma.return }
  }
}
