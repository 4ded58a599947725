// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @nothing() {
// CHECK-NEXT: enigma.return
// CHECK-NEXT: }
enigma.kernel @nothing() {
  enigma.return
}

// The terminator may be left out, if there is anything else.
// CHECK-LABEL: enigma.kernel @implicit_return
// CHECK: enigma.threadgroup_barrier
// CHECK-NEXT: enigma.return
enigma.kernel @implicit_return() {
  enigma.threadgroup_barrier mem_none
}

// Arguments take the names of the Python source.
// CHECK-LABEL: enigma.kernel @arguments
// CHECK-SAME: %A: !enigma.buffer<f32, device> {enigma.access = #enigma.access<read>, enigma.index = 0 : i32, enigma.name = "A"}
// CHECK-SAME: %table: !enigma.buffer<16xui8, constant> {enigma.index = 30 : i32, enigma.name = "table"}
// CHECK-SAME: %arg0: !enigma.buffer<ui32, device> {enigma.dtype = ui32, enigma.index = 2 : i32}
enigma.kernel @arguments(
    %a: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32, enigma.access = #enigma.access<read>},
    %b: !enigma.buffer<16xui8, constant> {enigma.name = "table", enigma.index = 30 : i32},
    %c: !enigma.buffer<ui32, device> {enigma.index = 2 : i32, enigma.dtype = ui32}) {
  enigma.return
}

// CHECK-LABEL: enigma.kernel @scalars
// CHECK-SAME: %n: i64 {enigma.dtype = ui64, enigma.index = 3 : i32, enigma.name = "n"}
enigma.kernel @scalars(
    %x: f32 {enigma.index = 0 : i32},
    %y: f16 {enigma.index = 1 : i32},
    %z: bf16 {enigma.index = 2 : i32, enigma.dtype = bf16},
    %n: i64 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = ui64},
    %i: i32 {enigma.index = 4 : i32, enigma.dtype = si32},
    %j: i16 {enigma.index = 5 : i32, enigma.dtype = si16},
    %k: i8 {enigma.index = 6 : i32, enigma.dtype = ui8},
    %p: i1 {enigma.index = 7 : i32}) {
  enigma.return
}

// CHECK-LABEL: enigma.kernel @flat
// CHECK-SAME: memref<?xi32, #enigma.address_space<device>> {enigma.access = #enigma.access<write>, enigma.dtype = ui32, enigma.index = 0 : i32}
enigma.kernel @flat(
    %a: memref<?xi32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = ui32, enigma.access = #enigma.access<write>},
    %b: memref<16xf32, #enigma.address_space<constant>> {enigma.index = 1 : i32},
    %c: memref<?xi1, #enigma.address_space<device>> {enigma.index = 2 : i32}) {
  enigma.return
}

// CHECK-LABEL: enigma.kernel @launch() attributes {block = array<i64: 32, 32, 1>, elements_per_thread = 4 : i64, grid = array<i64: 65536, 2, 3>}
enigma.kernel @launch() attributes {
    block = array<i64: 32, 32, 1>, grid = array<i64: 65536, 2, 3>, elements_per_thread = 4 : i64} {
  enigma.return
}

// The results of an scf operation stand for variables.
// CHECK-LABEL: enigma.kernel @names
// CHECK: } {enigma.names = ["acc", ""]}
enigma.kernel @names(%n: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %c0, %y = %c1) -> (i32, i32) : i32 {
    scf.yield %y, %x : i32, i32
  } {enigma.names = ["acc", ""]}
  enigma.return
}

// CHECK-LABEL: enigma.kernel @function_constants
// CHECK: enigma.function_constant 3 "tile" : ui32 -> i32
// CHECK: enigma.function_constant 0 "scale" : f16 -> f16
// CHECK: enigma.function_constant 65535 "flag" : i1 -> i1
// CHECK: enigma.function_constant 3 "tile" : ui32 -> i32
enigma.kernel @function_constants(%p: i1 {enigma.index = 0 : i32}) {
  %0 = enigma.function_constant 3 "tile" : ui32 -> i32
  %1 = enigma.function_constant 0 "scale" : f16 -> f16
  %2 = enigma.function_constant 65535 "flag" : i1 -> i1
  scf.if %p {
    %3 = enigma.function_constant 3 "tile" : ui32 -> i32
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @defaults
// CHECK: enigma.function_constant 3 "tile" default 16 : i32 : ui32 -> i32
// CHECK: enigma.function_constant 4 "scale" default 1.000000e+00 : f16 {test.note} : f16 -> f16
enigma.kernel @defaults() {
  %0 = enigma.function_constant 3 "tile" default 16 : i32 : ui32 -> i32
  %1 = enigma.function_constant 4 "scale" default 1.0 : f16 {test.note} : f16 -> f16
  enigma.return
}

// Threadgroup arrays have a table of their own.
// CHECK-LABEL: enigma.kernel @threadgroup_arguments
// CHECK-SAME: %A: !enigma.buffer<f32, device>
// CHECK-SAME: %t: !enigma.buffer<f32, threadgroup>
// CHECK-SAME: %u: !enigma.buffer<4096xf32, threadgroup>
// CHECK-SAME: memref<4096xf32, #enigma.address_space<threadgroup>>
enigma.kernel @threadgroup_arguments(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %t: !enigma.buffer<f32, threadgroup> {enigma.name = "t", enigma.index = 0 : i32},
    %u: !enigma.buffer<4096xf32, threadgroup> {enigma.name = "u", enigma.index = 1 : i32},
    %v: memref<4096xf32, #enigma.address_space<threadgroup>> {enigma.name = "v", enigma.index = 30 : i32}) {
  enigma.return
}
