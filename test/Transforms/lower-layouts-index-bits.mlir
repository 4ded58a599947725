// RUN: enigma-opt %s --enigma-lower-layouts=index-bits=32 | FileCheck %s --check-prefixes=CHECK,NARROW
// RUN: enigma-opt %s --enigma-lower-layouts | FileCheck %s --check-prefixes=CHECK,WIDE

// Where sizes decide, the launch keeps subscripts below half of the numbers; a
// static layout says itself how many bits they have.

// CHECK-LABEL: enigma.kernel @sizes
// NARROW-SAME: %[[A:.*]]: !enigma.buffer<f32, device> {enigma.index = 0 : i32, enigma.max_elements = 2147483648 : i64}
// NARROW-SAME: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
// WIDE-NOT: enigma.max_elements
enigma.kernel @sizes(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %extent = arith.index_castui %n : i32 to index
  %shape = enigma.make_int_tuple %extent : !enigma.int_tuple<?>
  %dynamic = enigma.make_layout %shape : (!enigma.int_tuple<?>) -> !enigma.layout<?:1>
  %static = enigma.static : !enigma.layout<8:1>
  %a = enigma.make_tensor %A, %dynamic : (!enigma.buffer<f32, device>, !enigma.layout<?:1>) -> !enigma.tensor<f32, device, ?:1>
  %b = enigma.make_tensor %B, %static : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
  %c = enigma.static : !enigma.int_tuple<3>
  // NARROW: enigma.load %[[A]][%{{.*}}] {index_bits = 31 : i32}
  // WIDE: enigma.load %{{.*}}[%{{[^]]*}}] : !enigma.buffer
  %x = enigma.load_element %a, %c : (!enigma.tensor<f32, device, ?:1>, !enigma.int_tuple<3>) -> f32
  // CHECK: enigma.store %{{.*}}, %{{.*}}[%{{.*}}] {index_bits = 4 : i32}
  enigma.store_element %x, %b, %c : (f32, !enigma.tensor<f32, device, 8:1>, !enigma.int_tuple<3>) -> ()
  enigma.return
}

// Memory of the kernel is smaller than that.

// CHECK-LABEL: enigma.kernel @shared
// CHECK-NOT: enigma.max_elements
enigma.kernel @shared(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  %T = enigma.alloc : !enigma.buffer<64xf32, threadgroup>
  %offset = arith.index_castui %n : i32 to index
  %static = enigma.static : !enigma.layout<8:1>
  %t = enigma.make_tensor %T, %static, %offset : (!enigma.buffer<64xf32, threadgroup>, !enigma.layout<8:1>, index) -> !enigma.tensor<f32, threadgroup, 8:1>
  %c = enigma.static : !enigma.int_tuple<3>
  // NARROW: enigma.load %{{.*}} {index_bits = 31 : i32}
  %x = enigma.load_element %t, %c : (!enigma.tensor<f32, threadgroup, 8:1>, !enigma.int_tuple<3>) -> f32
  enigma.store_element %x, %t, %c : (f32, !enigma.tensor<f32, threadgroup, 8:1>, !enigma.int_tuple<3>) -> ()
  enigma.return
}
