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

// CHECK-LABEL: enigma.kernel @nested
// CHECK-SAME: %A: {{[^{]*}}{enigma.access = #enigma.access<read>
// CHECK-SAME: %B: {{[^{]*}}{enigma.access = #enigma.access<write>
enigma.kernel @nested(
    %A: !enigma.buffer<f32, constant> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  scf.if %p {
    %a = enigma.load %A[%c0] : !enigma.buffer<f32, constant> -> vector<4xf32>
    enigma.store %a, %B[%c0] : vector<4xf32>, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @flat
// CHECK-SAME: %A: {{[^{]*}}{enigma.access = #enigma.access<read>
// CHECK-SAME: %B: {{[^{]*}}{enigma.access = #enigma.access<write>
enigma.kernel @flat(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %B: memref<?xf32, #enigma.address_space<device>> {enigma.name = "B", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %a = memref.load %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  memref.store %a, %B[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// What becomes of a buffer that is passed on is not known.

// CHECK-LABEL: enigma.kernel @passed_on
// CHECK-SAME: %A: {{[^{]*}}{enigma.access = #enigma.access<read_write>
// CHECK-SAME: %B: {{[^{]*}}{enigma.access = #enigma.access<read_write>
// CHECK-SAME: %C: {{[^{]*}}{enigma.access = #enigma.access<read_write>
// CHECK-SAME: %D: {{[^{]*}}{enigma.access = #enigma.access<read_write>
enigma.kernel @passed_on(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<f32, device> {enigma.name = "C", enigma.index = 2 : i32},
    %D: memref<?xf32, #enigma.address_space<device>> {enigma.name = "D", enigma.index = 3 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 4 : i32}) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %either = arith.select %p, %A, %B : !enigma.buffer<f32, device>
  enigma.store %one, %either[%c0] : f32, !enigma.buffer<f32, device>
  %chosen = scf.if %p -> !enigma.buffer<f32, device> {
    scf.yield %C : !enigma.buffer<f32, device>
  } else {
    scf.yield %either : !enigma.buffer<f32, device>
  }
  enigma.store %one, %chosen[%c0] : f32, !enigma.buffer<f32, device>
  %part = memref.cast %D : memref<?xf32, #enigma.address_space<device>> to memref<8xf32, #enigma.address_space<device>>
  memref.store %one, %part[%c0] : memref<8xf32, #enigma.address_space<device>>
  enigma.return
}

// Memory that is seen as elements of other types is accessed through these.
// CHECK-LABEL: enigma.kernel @recast
// CHECK-SAME: %A: {{[^{]*}}{enigma.access = #enigma.access<read>
// CHECK-SAME: %B: {{[^{]*}}{enigma.access = #enigma.access<read_write>
// CHECK-SAME: %C: {{[^{]*}}{enigma.access = #enigma.access<write>
enigma.kernel @recast(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<vector<2xf16>, device> {enigma.name = "C", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %a = enigma.recast %A : !enigma.buffer<f32, device> to !enigma.buffer<f16, device>
  %b = enigma.recast %B : !enigma.buffer<f32, device> to !enigma.buffer<f16, device>
  %x = enigma.load %a[%c0] : !enigma.buffer<f16, device> -> f16
  %y = enigma.load %b[%c0] : !enigma.buffer<f16, device> -> f16
  enigma.store %x, %b[%c0] : f16, !enigma.buffer<f16, device>
  enigma.store_lane %y, %C[%c0], %c0 : f16, !enigma.buffer<vector<2xf16>, device>
  enigma.return
}
