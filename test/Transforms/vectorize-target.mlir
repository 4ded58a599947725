// RUN: enigma-opt %s --enigma-vectorize=width=8 | FileCheck %s

// A thread owns as many elements as vectors of the target may have lanes; where
// that is more bytes than an access spans, they are accessed one by one.

module attributes {enigma.target = #enigma.target<metal, lanes = 8>} {
  // CHECK-LABEL: enigma.kernel @scale
  // CHECK-SAME: elements_per_thread = 8
  // CHECK: enigma.load {{.*}} -> vector<8xf16>
  // CHECK-COUNT-8: enigma.load {{.*}} -> f32
  enigma.kernel @scale(
      %A: !enigma.buffer<f16, device> {enigma.index = 0 : i32},
      %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
    %tid = enigma.thread_position_in_grid x : i32
    %i = arith.index_castui %tid : i32 to index
    %a = enigma.load %A[%i] : !enigma.buffer<f16, device> -> f16
    %b = enigma.load %B[%i] : !enigma.buffer<f32, device> -> f32
    %c = arith.truncf %b : f32 to f16
    %d = arith.addf %a, %c : f16
    enigma.store %d, %A[%i] : f16, !enigma.buffer<f16, device>
    enigma.return
  }
}
