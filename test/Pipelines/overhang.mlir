// RUN: enigma-opt %s --enigma-clean --enigma-to-flat | FileCheck %s

// Rows of 32 elements, 30 of which belong to the tensor, in tiles of 8 each: a
// pair of elements is inside or not, since 2 divides all that decides. Three
// pairs are inside for the first four threads, the last one for three of them.
!v = !enigma.tensor<f32, device, (8,30):(32,1)>
!cv = !enigma.coord_tensor<(0,0), (8,30):(1@0,1@1)>
enigma.kernel @masked(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %l = enigma.static : !enigma.layout<(8,30):(32,1)>
  %s = enigma.static : !enigma.int_tuple<(8,30)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(8,30):(32,1)>) -> !v
  %c = enigma.make_identity_tensor %s : (!enigma.int_tuple<(8,30)>) -> !cv
  %tile = enigma.static : !enigma.int_tuple<(1,8)>
  %crd = enigma.make_int_tuple %i : !enigma.int_tuple<(0,?)>
  %gt = enigma.local_tile %g, %tile, %crd : (!v, !enigma.int_tuple<(1,8)>, !enigma.int_tuple<(0,?)>) -> !enigma.tensor<f32, device, (1,8):(32,1)>
  %ct = enigma.local_tile %c, %tile, %crd : (!cv, !enigma.int_tuple<(1,8)>, !enigma.int_tuple<(0,?)>) -> !enigma.coord_tensor<(0,?{div=8}), (1,8):(1@0,1@1)>
  %m = enigma.in_bounds %ct, %s : (!enigma.coord_tensor<(0,?{div=8}), (1,8):(1@0,1@1)>, !enigma.int_tuple<(8,30)>) -> vector<8xi1>
  %f = enigma.load_fragment %gt, %m : (!enigma.tensor<f32, device, (1,8):(32,1)>, vector<8xi1>) -> vector<8xf32>
  %d = arith.addf %f, %f : vector<8xf32>
  enigma.store_fragment %d, %gt, %m : (vector<8xf32>, !enigma.tensor<f32, device, (1,8):(32,1)>, vector<8xi1>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @masked
// CHECK-DAG: %[[C4:.*]] = arith.constant 4 : i32
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : i32
// CHECK: %[[T:.*]] = enigma.thread_position_in_grid x
// CHECK: %[[IN4:.*]] = arith.cmpi ult, %[[T]], %[[C4]] : i32
// CHECK: %[[IN3:.*]] = arith.cmpi ult, %[[T]], %[[C3]] : i32
// CHECK: scf.if %[[IN4]] -> (vector<4xf32>, vector<2xf32>) {
// CHECK-NEXT: vector.load %{{.*}} {alignment = 16 : i64}
// CHECK-NEXT: vector.load %{{.*}} {alignment = 8 : i64}
// CHECK-NOT: vector.load
// CHECK: scf.if %[[IN3]] -> (vector<2xf32>) {
// CHECK-NEXT: vector.load %{{.*}} {alignment = 8 : i64}
// CHECK-NOT: vector.load
// CHECK: scf.if %[[IN4]] {
// CHECK-NEXT: vector.shuffle
// CHECK-NEXT: vector.store %{{.*}} {alignment = 16 : i64}
// CHECK-NEXT: vector.store %{{.*}} {alignment = 8 : i64}
// CHECK-NOT: vector.store
// CHECK: scf.if %[[IN3]] {
// CHECK-NEXT: vector.shuffle
// CHECK-NEXT: vector.store %{{.*}} {alignment = 8 : i64}
// CHECK-NOT: vector.store
