// RUN: enigma-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: enigma.kernel @recast_of_recast
enigma.kernel @recast_of_recast(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // CHECK: %[[HALVES:.*]] = enigma.recast %{{.*}} : !enigma.buffer<f32, device> to !enigma.buffer<f16, device>
  %0 = enigma.recast %A : !enigma.buffer<f32, device> to !enigma.buffer<ui8, device>
  %1 = enigma.recast %0 : !enigma.buffer<ui8, device> to !enigma.buffer<f16, device>
  %x = enigma.load %1[%c0] : !enigma.buffer<f16, device> -> f16
  // CHECK: enigma.store %{{.*}}, %[[HALVES]]
  %c1 = arith.constant 1 : index
  enigma.store %x, %1[%c1] : f16, !enigma.buffer<f16, device>
  // And back.
  // CHECK: enigma.load %arg0
  %2 = enigma.recast %1 : !enigma.buffer<f16, device> to !enigma.buffer<f32, device>
  %y = enigma.load %2[%c0] : !enigma.buffer<f32, device> -> f32
  // CHECK: enigma.store %{{.*}}, %arg0
  enigma.store %y, %2[%c1] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @parts
// CHECK: %[[V:.*]] = enigma.load
// CHECK-NEXT: enigma.store %[[V]]
// CHECK-NEXT: %[[A:.*]] = arith.addf
// CHECK-NEXT: enigma.store %[[A]]
enigma.kernel @parts(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32},
                     %x: vector<4xf16> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %v = enigma.load %A[%c0] : !enigma.buffer<f16, device> -> vector<8xf16>
  %a, %b = enigma.split_access %v : vector<8xf16> -> vector<4xf16>, vector<4xf16>
  %w = enigma.join_access %a, %b : vector<4xf16>, vector<4xf16> -> vector<8xf16>
  enigma.store %w, %A[%c8] : vector<8xf16>, !enigma.buffer<f16, device>
  %j = enigma.join_access %x, %x : vector<4xf16>, vector<4xf16> -> vector<8xf16>
  %c, %d = enigma.split_access %j : vector<8xf16> -> vector<4xf16>, vector<4xf16>
  %s = arith.addf %c, %d : vector<4xf16>
  enigma.store %s, %A[%c16] : vector<4xf16>, !enigma.buffer<f16, device>
  enigma.return
}
