// RUN: enigma-opt %s --enigma-infer-access | FileCheck %s

// CHECK-LABEL: enigma.kernel @access
// CHECK-SAME: %read: !enigma.buffer<f32, device> {enigma.access = #enigma.access<read>
// CHECK-SAME: %write: !enigma.buffer<f32, device> {enigma.access = #enigma.access<write>
// CHECK-SAME: %both: !enigma.buffer<f32, device> {enigma.access = #enigma.access<read_write>
// CHECK-SAME: %neither: !enigma.buffer<f32, device> {enigma.access = #enigma.access<none>
// CHECK-SAME: %scalar: f32 {enigma.index
enigma.kernel @access(
    %A: !enigma.buffer<f32, device> {enigma.name = "read", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "write", enigma.index = 1 : i32},
    %C: !enigma.buffer<f32, device> {enigma.name = "both", enigma.index = 2 : i32},
    %D: !enigma.buffer<f32, device> {enigma.name = "neither", enigma.index = 3 : i32},
    %s: f32 {enigma.name = "scalar", enigma.index = 4 : i32}) {
  %c0 = arith.constant 0 : index
  %a = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %c = enigma.load %C[%c0] : !enigma.buffer<f32, device> -> f32
  %sum = arith.addf %a, %c : f32
  %scaled = arith.mulf %sum, %s : f32
  enigma.store %scaled, %B[%c0] : f32, !enigma.buffer<f32, device>
  enigma.store %scaled, %C[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}
