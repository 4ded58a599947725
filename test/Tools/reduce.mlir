// What a script finds interesting is kept, and what it does not need is removed.
// RUN: enigma-reduce %s --pass-pipeline="builtin.module(enigma.kernel(reduction-tree{traversal-mode=0 test=%S/Inputs/has-multiplication.sh}))" | FileCheck %s --implicit-check-not=arith.addf

// CHECK: enigma.kernel @scale
// CHECK: arith.mulf
enigma.kernel @scale(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %c = arith.constant 0 : index
  %0 = enigma.load %A[%c] : !enigma.buffer<f32, device> -> f32
  %unused = arith.addf %x, %x : f32
  %1 = arith.mulf %x, %0 : f32
  enigma.store %1, %A[%c] : f32, !enigma.buffer<f32, device>
  enigma.return
}
