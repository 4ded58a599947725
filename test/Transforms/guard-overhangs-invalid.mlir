// RUN: enigma-opt %s --enigma-guard-overhangs --split-input-file --verify-diagnostics

// Elements that are consecutive in memory need not be so in the tensor.

enigma.kernel @vector(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<10:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<10:1>) -> !enigma.tensor<f32, device, 10:1>
  %four = enigma.static : !enigma.int_tuple<4>
  %z = enigma.zipped_divide %v, %four : (!enigma.tensor<f32, device, 10:1>, !enigma.int_tuple<4>) -> !enigma.tensor<f32, device, (4,3):(1,4)>
  %c = enigma.static : !enigma.int_tuple<(0,2)>
  // expected-error @+2 {{'enigma.load_element' op accesses several elements at once of a view that may reach beyond the tensor it was made of}}
  // expected-note @+1 {{help: access one element at a time, or the view as a whole}}
  %x = enigma.load_element %z, %c : (!enigma.tensor<f32, device, (4,3):(1,4)>, !enigma.int_tuple<(0,2)>) -> vector<4xf32>
  enigma.return
}

// -----

enigma.kernel @offset(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<10:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<10:1>) -> !enigma.tensor<f32, device, 10:1>
  %four = enigma.static : !enigma.int_tuple<4>
  %z = enigma.zipped_divide %v, %four : (!enigma.tensor<f32, device, 10:1>, !enigma.int_tuple<4>) -> !enigma.tensor<f32, device, (4,3):(1,4)>
  %c = enigma.static : !enigma.int_tuple<(0,2)>
  %at = enigma.element_offset %z, %c : (!enigma.tensor<f32, device, (4,3):(1,4)>, !enigma.int_tuple<(0,2)>) -> index
  %x = arith.constant dense<0.0> : vector<2xf32>
  // expected-error @+2 {{'enigma.store' op accesses several elements at once}}
  // expected-note @+1 {{help: access one element at a time}}
  enigma.store %x, %A[%at] : vector<2xf32>, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A view that is no view of a buffer while the kernel is compiled cannot be
// followed.

enigma.kernel @chosen(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %b: i1 {enigma.index = 1 : i32}) {
  %l = enigma.static : !enigma.layout<10:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<10:1>) -> !enigma.tensor<f32, device, 10:1>
  %three = enigma.static : !enigma.int_tuple<3>
  %zero = enigma.static : !enigma.int_tuple<0>
  %one = enigma.static : !enigma.int_tuple<1>
  %s = enigma.local_tile %v, %three, %zero : (!enigma.tensor<f32, device, 10:1>, !enigma.int_tuple<3>, !enigma.int_tuple<0>) -> !enigma.tensor<f32, device, 3:1>
  %t = enigma.local_tile %v, %three, %one : (!enigma.tensor<f32, device, 10:1>, !enigma.int_tuple<3>, !enigma.int_tuple<1>) -> !enigma.tensor<f32, device, 3:1>
  // expected-error @+1 {{'arith.select' op chooses '!enigma.tensor<f32, device, 3:1>' at run time}}
  %u = arith.select %b, %s, %t : !enigma.tensor<f32, device, 3:1>
  %x = enigma.load_element %u, %zero : (!enigma.tensor<f32, device, 3:1>, !enigma.int_tuple<0>) -> f32
  enigma.return
}
