// Passes share what is known of layouts. One after the other, each on its own,
// they give the same.
// RUN: enigma-opt %s --enigma-guard-overhangs --enigma-lower-copies \
// RUN:   --enigma-legalize-fragments --enigma-lower-layouts > %t.shared
// RUN: enigma-opt %s --enigma-guard-overhangs \
// RUN:   | enigma-opt --enigma-lower-copies \
// RUN:   | enigma-opt --enigma-legalize-fragments \
// RUN:   | enigma-opt --enigma-lower-layouts > %t.apart
// RUN: diff %t.shared %t.apart
// RUN: FileCheck %s < %t.shared

// The loop that carries a fragment and a number of rows becomes another one,
// which carries pieces: the tile after it is at the number that this one gives.
!v = !enigma.tensor<f32, device, (8,30):(32,1)>
!tile = !enigma.tensor<f32, device, (1,8):(32,1)>
// CHECK-LABEL: enigma.kernel @carried
// CHECK: %[[LOOP:.*]]:3 = scf.for {{.*}} -> (index, vector<4xf32>, vector<4xf32>)
// CHECK: arith.muli %[[LOOP]]#0
// CHECK: enigma.store
enigma.kernel @carried(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %two = arith.constant 2 : index
  %l = enigma.static : !enigma.layout<(8,30):(32,1)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(8,30):(32,1)>) -> !v
  %shape = enigma.static : !enigma.int_tuple<(1,8)>
  %from = enigma.make_int_tuple %i : !enigma.int_tuple<(?,0)>
  %source = enigma.local_tile %g, %shape, %from : (!v, !enigma.int_tuple<(1,8)>, !enigma.int_tuple<(?,0)>) -> !tile
  %f = enigma.load_fragment %source : (!tile) -> vector<8xf32>
  %r:2 = scf.for %k = %c0 to %n step %c1 iter_args(%row = %i, %sum = %f) -> (index, vector<8xf32>) : i32 {
    %next = arith.addi %row, %two : index
    %more = arith.addf %sum, %f : vector<8xf32>
    scf.yield %next, %more : index, vector<8xf32>
  }
  %to = enigma.make_int_tuple %r#0 : !enigma.int_tuple<(?,3)>
  %target = enigma.local_tile %g, %shape, %to : (!v, !enigma.int_tuple<(1,8)>, !enigma.int_tuple<(?,3)>) -> !tile
  enigma.store_fragment %r#1, %target : (vector<8xf32>, !tile) -> ()
  enigma.return
}
