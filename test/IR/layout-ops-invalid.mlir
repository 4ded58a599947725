// RUN: enigma-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{has leaves that are known at run time only}}
%0 = enigma.static : !enigma.layout<(?,4):(1,8)>

// -----

// expected-error @+1 {{has 0 operands for the 1 dynamic leaves}}
%0 = enigma.make_int_tuple : !enigma.int_tuple<(?,4)>

// -----

%0 = enigma.static : !enigma.layout<(5,3):(1,10)>
%1 = enigma.static : !enigma.layout<6:2>
// expected-error @+3 {{'enigma.composition' op composition: }}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: let the extents and strides of the right operand divide those of the left one, or compose mode by mode with a tuple}}
%2 = enigma.composition %0, %1 : (!enigma.layout<(5,3):(1,10)>, !enigma.layout<6:2>) -> !enigma.layout<6:2>

// -----

%0 = enigma.static : !enigma.layout<(8,12):(12,1)>
%1 = enigma.static : !enigma.int_tuple<(4,16)>
// expected-error @+3 {{'enigma.zipped_divide' op tiler exceeds tensor in mode 1: the tile 16:1 has 16 elements, the layout 12:1 has 12}}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: make the tile at most as large as the tensor in each mode; the last tile may overhang}}
%2 = enigma.zipped_divide %0, %1 : (!enigma.layout<(8,12):(12,1)>, !enigma.int_tuple<(4,16)>) -> !enigma.layout<((4,3),(2,4)):((12,1),(48,3))>

// -----

%0 = enigma.static : !enigma.layout<8:1>
// expected-error @+2 {{are incompatible with return type(s)}}
// expected-error @+1 {{failed to infer returned types}}
%1 = enigma.get_shape %0 : (!enigma.layout<8:1>) -> !enigma.int_tuple<4>

// -----

%0 = enigma.static : !enigma.layout<(4,8):(1,4)>
%1 = enigma.static : !enigma.int_tuple<(0,None,1)>
// expected-error @+3 {{does not fit the layout}}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: give one coordinate for each mode, nested as the shape is}}
%2 = enigma.slice %0, %1 : (!enigma.layout<(4,8):(1,4)>, !enigma.int_tuple<(0,None,1)>) -> !enigma.layout<8:4>

// -----

%0 = enigma.static : !enigma.int_tuple<(0,None)>
// expected-error @+3 {{leaf 1 of (0,None) is no integer}}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: leaves count from 0, in the order of the text}}
%1 = enigma.get_leaf %0[1] : (!enigma.int_tuple<(0,None)>) -> index

// -----

%0 = enigma.static : !enigma.layout<(4,8):(1,4)>
// expected-error @+3 {{get: (4,8):(1,4) has no mode 2; it has 2 modes}}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: modes count from 0}}
%1 = enigma.get %0[2] : (!enigma.layout<(4,8):(1,4)>) -> !enigma.layout<8:4>

// -----

enigma.kernel @large(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<2048:1>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<2048:1>) -> !enigma.tensor<f32, device, 2048:1>
  // expected-error @+2 {{a fragment of 2048 elements of 4 bytes is too large for registers: at most 4096 bytes}}
  // expected-note @+1 {{help: cut it into tiles of a known shape, as with enigma.local_tile, and share their elements among threads}}
  %2 = enigma.load_fragment %1 : (!enigma.tensor<f32, device, 2048:1>) -> vector<2048xf32>
  enigma.return
}

// -----

enigma.kernel @mask(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<8:1>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
  %m = arith.constant dense<true> : vector<4xi1>
  %f = arith.constant 1.0 : f32
  // expected-error @+1 {{has a mask of 'vector<4xi1>' for 8 elements}}
  enigma.fill %f, %1, %m : (f32, !enigma.tensor<f32, device, 8:1>, vector<4xi1>) -> ()
  enigma.return
}

// -----

enigma.kernel @shapes(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<8:1>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
  %v = arith.constant dense<1.0> : vector<4xf32>
  // expected-error @+1 {{stores 'vector<4xf32>' to 8 elements of 'f32'}}
  enigma.store_fragment %v, %1 : (vector<4xf32>, !enigma.tensor<f32, device, 8:1>) -> ()
  enigma.return
}

// -----

enigma.kernel @constant(%A: !enigma.buffer<f32, constant> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<8:1>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, constant>, !enigma.layout<8:1>) -> !enigma.tensor<f32, constant, 8:1>
  %f = arith.constant 1.0 : f32
  // expected-error @+1 {{writes to a tensor in the constant address space}}
  enigma.fill %f, %1 : (f32, !enigma.tensor<f32, constant, 8:1>) -> ()
  enigma.return
}

// -----

enigma.kernel @dtypes(%A: !enigma.buffer<si32, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<ui32, device> {enigma.index = 1 : i32}) {
  %0 = enigma.static : !enigma.layout<8:1>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<si32, device>, !enigma.layout<8:1>) -> !enigma.tensor<si32, device, 8:1>
  %2 = enigma.make_tensor %B, %0 : (!enigma.buffer<ui32, device>, !enigma.layout<8:1>) -> !enigma.tensor<ui32, device, 8:1>
  // expected-error @+1 {{copies elements of 'si32' to elements of 'ui32'}}
  enigma.copy %1, %2 : (!enigma.tensor<si32, device, 8:1>, !enigma.tensor<ui32, device, 8:1>) -> ()
  enigma.return
}

// -----

enigma.kernel @element(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<(2,4):(4,1)>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(4,1)>) -> !enigma.tensor<f32, device, (2,4):(4,1)>
  %2 = enigma.static : !enigma.int_tuple<(0,None)>
  // expected-error @+1 {{needs a coordinate without 'None', found (0,None)}}
  %3 = enigma.load_element %1, %2 : (!enigma.tensor<f32, device, (2,4):(4,1)>, !enigma.int_tuple<(0,None)>) -> f32
  enigma.return
}

// -----

%0 = enigma.static : !enigma.int_tuple<(4,8)>
%1 = enigma.make_identity_tensor %0 : (!enigma.int_tuple<(4,8)>) -> !enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>
%2 = enigma.static : !enigma.int_tuple<32>
// expected-error @+3 {{the shape 32 is not congruent to the coordinates from (0,0)}}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: give one coordinate for each mode, nested as the shape is}}
%3 = enigma.in_bounds %1, %2 : (!enigma.coord_tensor<(0,0), (4,8):(1@0,1@1)>, !enigma.int_tuple<32>) -> vector<32xi1>

// -----

// Accesses to whole views need all extents; the message names the leaf.

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %i = arith.index_castui %n : i32 to index
  %s = enigma.make_int_tuple %i : !enigma.int_tuple<(4,?)>
  %l = enigma.make_layout %s : (!enigma.int_tuple<(4,?)>) -> !enigma.layout<(4,?):(1,4)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(4,?):(1,4)>) -> !enigma.tensor<f32, device, (4,?):(1,4)>
  %f = arith.constant 1.0 : f32
  // expected-error @+2 {{'enigma.fill' op needs a view of static shape, to know its elements; leaf 1 of the shape of (4,?):(1,4) is known at run time only}}
  // expected-note @+1 {{help: cut it into tiles of a known shape, as with enigma.local_tile, and share their elements among threads}}
  enigma.fill %f, %g : (f32, !enigma.tensor<f32, device, (4,?):(1,4)>) -> ()
  enigma.return
}

// -----

enigma.kernel @exists(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<(2,4):(4,1)>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(4,1)>) -> !enigma.tensor<f32, device, (2,4):(4,1)>
  %2 = enigma.static : !enigma.int_tuple<(0,None)>
  // expected-error @+1 {{needs a coordinate without 'None', found (0,None)}}
  %3 = enigma.element_exists %1, %2 : (!enigma.tensor<f32, device, (2,4):(4,1)>, !enigma.int_tuple<(0,None)>) -> i1
  enigma.return
}

// -----

enigma.kernel @exists(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<(2,4):(4,1)>
  %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(4,1)>) -> !enigma.tensor<f32, device, (2,4):(4,1)>
  %2 = enigma.static : !enigma.int_tuple<(0,1,2)>
  // expected-error @+2 {{crd2idx: coordinate (0,1,2) does not fit the layout (2,4):(4,1)}}
  // expected-note @+1 {{help: give one coordinate for each mode, nested as the shape is}}
  %3 = enigma.element_exists %1, %2 : (!enigma.tensor<f32, device, (2,4):(4,1)>, !enigma.int_tuple<(0,1,2)>) -> i1
  enigma.return
}

// -----

// Slices take a coordinate for each mode.

%0 = enigma.static : !enigma.layout<(4,8):(8,1)>
%1 = enigma.static : !enigma.int_tuple<(1,None,None)>
// expected-error @+3 {{slice: coordinate (1,None,None) does not fit the layout (4,8):(8,1): it has a tuple of 3 where the shape has a tuple of 2}}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: give one coordinate for each mode, nested as the shape is}}
%2 = enigma.slice %0, %1 : (!enigma.layout<(4,8):(8,1)>, !enigma.int_tuple<(1,None,None)>) -> !enigma.layout<8:1>

// -----

// Shape and stride are congruent.

%0 = enigma.static : !enigma.int_tuple<(4,8)>
%1 = enigma.static : !enigma.int_tuple<(8,1,2)>
// expected-error @+3 {{shape (4,8) and stride (8,1,2) are not congruent: they nest differently}}
// expected-error @+2 {{failed to infer returned types}}
// expected-note @+1 {{help: give each extent one stride, in tuples that nest in the same way}}
%2 = enigma.make_layout %0, %1 : (!enigma.int_tuple<(4,8)>, !enigma.int_tuple<(8,1,2)>) -> !enigma.layout<(4,8):(8,1)>

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<8:1>
  %m = enigma.static : !enigma.layout<4:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
  %h = enigma.make_tensor %A, %m : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  // expected-error @+1 {{'enigma.copy' op copies 8 elements to 4}}
  enigma.copy %g, %h : (!enigma.tensor<f32, device, 8:1>, !enigma.tensor<f32, device, 4:1>) -> ()
  enigma.return
}
