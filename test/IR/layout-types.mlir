// RUN: enigma-opt %s | FileCheck %s
// RUN: enigma-opt %s | enigma-opt | FileCheck %s

// CHECK-LABEL: module @tuples
// CHECK-SAME: a = !enigma.int_tuple<7>
// CHECK-SAME: b = !enigma.int_tuple<(2,(?,?{div=4}))>
// CHECK-SAME: c = !enigma.int_tuple<(None,-3)>
// CHECK-SAME: d = !enigma.int_tuple<(1@0.1,0)>
module @tuples attributes {
  t.a = !enigma.int_tuple<7>, t.b = !enigma.int_tuple<( 2, (?, ?{ div = 4 }),)>,
  t.c = !enigma.int_tuple<(None,-3)>, t.d = !enigma.int_tuple<(1@0.1, 0)>} {}

// CHECK-LABEL: module @layouts
// CHECK-SAME: a = !enigma.layout<((2,2),3):((24,2),8)>
// CHECK-SAME: b = !enigma.layout<(4,8):(1,4)>
// CHECK-SAME: c = !enigma.layout<(?{div=4},8):(1,?)>
// CHECK-SAME: d = !enigma.layout<Sw<2,0,3> o 0 o (8,32):(32,1)>
// CHECK-SAME: e = !enigma.layout<Sw<2,0,3> o ?{div=8} o (8,32):(32,1)>
// CHECK-SAME: f = !enigma.layout<(4,8):(1@0,1@1)>
// CHECK-SAME: g = !enigma.layout<4:-1>
module @layouts attributes {
  t.a = !enigma.layout<((2,2),3):((24,2),8)>, t.b = !enigma.layout<(4,8)>,
  t.c = !enigma.layout<(?{div=4},8):(1,?)>,
  t.d = !enigma.layout<Sw<2,0,3> o 0 o (8,32):(32,1)>,
  t.e = !enigma.layout<Sw<2,0,3> o ?{div=8} o (8,32):(32,1)>,
  t.f = !enigma.layout<(4,8):(1@0,1@1)>, t.g = !enigma.layout<4:-1>} {}

// CHECK-LABEL: module @tilers
// CHECK-SAME: a = !enigma.tiler<(4:1,None,(8:2,2:1))>
// CHECK-SAME: b = !enigma.tiler<(4:1,8:1)>
// CHECK-SAME: c = !enigma.tiler<(2,2):(1,4)>
// CHECK-SAME: d = !enigma.tiler<(((2,2),3):((1,4),8),4:1)>
module @tilers attributes {
  t.a = !enigma.tiler<(4:1,None,(8:2,2))>, t.b = !enigma.tiler<(4, 8)>,
  t.c = !enigma.tiler<(2,2):(1,4)>,
  t.d = !enigma.tiler<(((2,2),3):((1,4),8), 4)>} {}

// CHECK-LABEL: module @tensors
// CHECK-SAME: a = !enigma.tensor<f32, device, (256,512):(512,1)>
// CHECK-SAME: b = !enigma.tensor<ui8, threadgroup, Sw<2,0,3> o 0 o (8,32):(32,1)>
// CHECK-SAME: c = !enigma.coord_tensor<(?{div=16},0), (256,512):(1@0,1@1)>
module @tensors attributes {
  t.a = !enigma.tensor<f32, device, (256,512):(512,1)>,
  t.b = !enigma.tensor<ui8, threadgroup, Sw<2,0,3> o 0 o (8,32):(32,1)>,
  t.c = !enigma.coord_tensor<(?{div=16},0), (256,512):(1@0,1@1)>} {}
