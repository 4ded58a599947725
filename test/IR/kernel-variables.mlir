// RUN: enigma-opt %s --mlir-print-debuginfo --mlir-print-op-generic | FileCheck %s
// RUN: enigma-opt %s --enigma-to-flat --emit-bytecode | enigma-translate --enigma-to-msl | FileCheck %s --check-prefix=MSL
// RUN: enigma-opt %s | FileCheck %s --check-prefix=TEXT

// The names of variables come by `enigma.variables`, which is not kept: the
// place of each operation and of each argument of a loop, in order.

// TEXT-NOT: enigma.variables

// CHECK: "enigma.thread_position_in_grid"{{.*}} loc(#[[I:.+]])
// CHECK: "scf.for"
// CHECK: ^bb0(%{{.*}}: i32 loc("turn"({{.*}})), %{{.*}}: f32 loc("total"({{.*}}))):
// CHECK: "arith.addf"{{.*}} loc(#[[TOTAL:.+]])
// CHECK: #[[I]] = loc("i"(
// CHECK: #[[TOTAL]] = loc("total"(

// MSL: uint i {{\[\[}}thread_position_in_grid{{\]\]}}
// MSL: for (uint turn = 0
// MSL: total += x;
enigma.kernel @sum(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32})
    attributes {enigma.variables = [13,
      ["i", array<i64: 0>], ["total", array<i64: 6, 8, 9>], ["turn", array<i64: 7>],
      ["x", array<i64>, array<i64: 5>]]} {
  %0 = enigma.thread_position_in_grid x : i32
  %1 = arith.constant 0 : i32
  %2 = arith.constant 1 : i32
  %3 = arith.constant 0.0 : f32
  %4 = arith.index_castui %0 : i32 to index
  %5 = enigma.load %A[%4] : !enigma.buffer<f32, device> -> f32
  %6 = scf.for unsigned %7 = %1 to %n step %2 iter_args(%8 = %3) -> (f32) : i32 {
    %9 = arith.addf %8, %5 : f32
    scf.yield %9 : f32
  }
  enigma.store %6, %A[%4] : f32, !enigma.buffer<f32, device>
  enigma.return
}
