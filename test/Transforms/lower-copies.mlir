// RUN: enigma-opt %s --enigma-lower-copies --enigma-legalize-fragments --enigma-lower-layouts --enigma-clean | FileCheck %s

// Memory need not follow the order of the fragment: columns are contiguous here.

// CHECK-LABEL: enigma.kernel @columns
// CHECK-COUNT-2: enigma.load %{{.*}} -> vector<4xf32>
// CHECK-NOT: enigma.load
// CHECK: enigma.return
enigma.kernel @columns(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<(2,4):(8,1)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(8,1)>) -> !enigma.tensor<f32, device, (2,4):(8,1)>
  %f = enigma.load_fragment %g : (!enigma.tensor<f32, device, (2,4):(8,1)>) -> vector<8xf32>
  enigma.store_fragment %f, %g : (vector<8xf32>, !enigma.tensor<f32, device, (2,4):(8,1)>) -> ()
  enigma.return
}

// A vector takes 16 bytes at most, and begins at a multiple of its lanes.

// CHECK-LABEL: enigma.kernel @wide
// CHECK-COUNT-2: enigma.store %{{.*}} : vector<2xi64>, !enigma.buffer<si64, device>
// CHECK: enigma.store %{{.*}} : i32, !enigma.buffer<si32, device>
// CHECK: enigma.store %{{.*}} : vector<2xi32>, !enigma.buffer<si32, device>
// CHECK: enigma.store %{{.*}} : i32, !enigma.buffer<si32, device>
enigma.kernel @wide(%A: !enigma.buffer<si64, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<si32, device> {enigma.index = 1 : i32}) {
  %l = enigma.static : !enigma.layout<4:1>
  %zero = arith.constant 0 : i64
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<si64, device>, !enigma.layout<4:1>) -> !enigma.tensor<si64, device, 4:1>
  enigma.fill %zero, %g : (i64, !enigma.tensor<si64, device, 4:1>) -> ()
  %one = arith.constant 1 : index
  %zero32 = arith.constant 0 : i32
  %h = enigma.make_tensor %B, %l, %one : (!enigma.buffer<si32, device>, !enigma.layout<4:1>, index) -> !enigma.tensor<si32, device, 4:1>
  enigma.fill %zero32, %h : (i32, !enigma.tensor<si32, device, 4:1>) -> ()
  enigma.return
}

// Elements at one place are loaded once.

// CHECK-LABEL: enigma.kernel @broadcast
// CHECK: %[[F:.*]] = enigma.load %{{.*}} -> f32
// CHECK-NEXT: %[[V:.*]] = vector.broadcast %[[F]]
// CHECK-NEXT: enigma.store %[[V]]
enigma.kernel @broadcast(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %l = enigma.static : !enigma.layout<4:0>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<4:0>) -> !enigma.tensor<f32, device, 4:0>
  %f = enigma.load_fragment %g : (!enigma.tensor<f32, device, 4:0>) -> vector<4xf32>
  %m = enigma.static : !enigma.layout<4:1>
  %h = enigma.make_tensor %B, %m : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  enigma.store_fragment %f, %h : (vector<4xf32>, !enigma.tensor<f32, device, 4:1>) -> ()
  enigma.return
}

// The last of those that are stored to one place stays.

// CHECK-LABEL: enigma.kernel @last
// CHECK: %[[LAST:.*]] = arith.constant 4.000000e+00
// CHECK: enigma.store %[[LAST]]
// CHECK-NOT: enigma.store
enigma.kernel @last(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<4:0>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<4:0>) -> !enigma.tensor<f32, device, 4:0>
  %f = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : vector<4xf32>
  enigma.store_fragment %f, %g : (vector<4xf32>, !enigma.tensor<f32, device, 4:0>) -> ()
  enigma.return
}

// Arrays of threadgroups are accessed as vectors, those of a thread are not.

// CHECK-LABEL: enigma.kernel @tile
// CHECK: enigma.load %{{.*}} -> vector<4xf32>
// CHECK: enigma.store %{{.*}} : vector<4xf32>, !enigma.buffer<64xf32, threadgroup>
// CHECK: enigma.load %{{.*}} : !enigma.buffer<64xf32, threadgroup> -> vector<4xf32>
// CHECK-COUNT-4: enigma.store %{{.*}} : f32, !enigma.buffer<4xf32, thread>
enigma.kernel @tile(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %tile = enigma.alloc : !enigma.buffer<64xf32, threadgroup>
  %l = enigma.static : !enigma.layout<4:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  %s = enigma.make_tensor %tile, %l : (!enigma.buffer<64xf32, threadgroup>, !enigma.layout<4:1>) -> !enigma.tensor<f32, threadgroup, 4:1>
  enigma.copy %g, %s : (!enigma.tensor<f32, device, 4:1>, !enigma.tensor<f32, threadgroup, 4:1>) -> ()
  enigma.threadgroup_barrier mem_threadgroup
  %own = enigma.alloc : !enigma.buffer<4xf32, thread>
  %r = enigma.make_tensor %own, %l : (!enigma.buffer<4xf32, thread>, !enigma.layout<4:1>) -> !enigma.tensor<f32, thread, 4:1>
  enigma.copy %s, %r : (!enigma.tensor<f32, threadgroup, 4:1>, !enigma.tensor<f32, thread, 4:1>) -> ()
  enigma.return
}

// A mask that is known leaves no branch.

// CHECK-LABEL: enigma.kernel @known
// CHECK-NOT: scf.if
// CHECK: enigma.load %{{.*}} -> vector<2xf32>
// CHECK-NOT: enigma.load
// CHECK: enigma.return
enigma.kernel @known(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %l = enigma.static : !enigma.layout<4:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  %h = enigma.make_tensor %B, %l : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  %m = arith.constant dense<[true, true, false, false]> : vector<4xi1>
  %f = enigma.load_fragment %g, %m : (!enigma.tensor<f32, device, 4:1>, vector<4xi1>) -> vector<4xf32>
  enigma.store_fragment %f, %h : (vector<4xf32>, !enigma.tensor<f32, device, 4:1>) -> ()
  enigma.return
}

// 16 bytes at once of narrow elements: vectors are parts of what an access
// gives, and a copy of all takes it as it is.

// CHECK-LABEL: enigma.kernel @words
// CHECK: %[[A:.*]] = enigma.load %{{.*}} -> vector<8xf16>
// CHECK: %{{.*}}:2 = enigma.split_access %[[A]] : vector<8xf16> -> vector<4xf16>, vector<4xf16>
// CHECK: %[[B:.*]] = enigma.join_access %{{.*}}, %{{.*}} : vector<4xf16>, vector<4xf16> -> vector<8xf16>
// CHECK: enigma.store %[[B]], %{{.*}} : vector<8xf16>, !enigma.buffer<f16, device>
// CHECK: %[[C:.*]] = enigma.load %{{.*}} -> vector<8xf16>
// CHECK: enigma.store %[[C]], %{{.*}} : vector<8xf16>, !enigma.buffer<f16, device>
enigma.kernel @words(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<f16, device> {enigma.index = 1 : i32}) {
  %l = enigma.static : !enigma.layout<8:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f16, device>, !enigma.layout<8:1>) -> !enigma.tensor<f16, device, 8:1>
  %h = enigma.make_tensor %B, %l : (!enigma.buffer<f16, device>, !enigma.layout<8:1>) -> !enigma.tensor<f16, device, 8:1>
  %f = enigma.load_fragment %g : (!enigma.tensor<f16, device, 8:1>) -> vector<8xf16>
  %s = arith.addf %f, %f : vector<8xf16>
  enigma.store_fragment %s, %h : (vector<8xf16>, !enigma.tensor<f16, device, 8:1>) -> ()
  enigma.copy %g, %h : (!enigma.tensor<f16, device, 8:1>, !enigma.tensor<f16, device, 8:1>) -> ()
  enigma.return
}

// The elements of a tile share the conditions of its rows and its columns.

!two = !enigma.tensor<f32, device, (2,2):(8,1)>
// CHECK-LABEL: enigma.kernel @nested
// CHECK-SAME: %[[R0:[a-z0-9]+]]: i1 {{{.*}}}, %[[R1:[a-z0-9]+]]: i1 {{{.*}}}, %[[C0:[a-z0-9]+]]: i1 {{{.*}}}, %[[C1:[a-z0-9]+]]: i1
// CHECK-NOT: arith.andi
// CHECK: scf.if %[[C0]] {
// CHECK-NEXT: scf.if %[[R0]] {
// CHECK-NEXT: enigma.store
// CHECK-NEXT: {{^ *[}]$}}
// CHECK-NEXT: scf.if %[[R1]] {
// CHECK-NEXT: enigma.store
// CHECK-NEXT: {{^ *[}]$}}
// CHECK-NEXT: {{^ *[}]$}}
// CHECK-NEXT: scf.if %[[C1]] {
// CHECK-NEXT: scf.if %[[R0]] {
enigma.kernel @nested(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %r0: i1 {enigma.index = 1 : i32}, %r1: i1 {enigma.index = 2 : i32}, %c0: i1 {enigma.index = 3 : i32}, %c1: i1 {enigma.index = 4 : i32}, %f: f32 {enigma.index = 5 : i32}) {
  %l = enigma.static : !enigma.layout<(2,2):(8,1)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(8,1)>) -> !two
  %rows = vector.from_elements %r0, %r1, %r0, %r1 : vector<4xi1>
  %columns = vector.from_elements %c0, %c0, %c1, %c1 : vector<4xi1>
  %m = arith.andi %rows, %columns : vector<4xi1>
  enigma.fill %f, %g, %m : (f32, !two, vector<4xi1>) -> ()
  enigma.return
}

// A condition of all that is in a branch stands there once.

// CHECK-LABEL: enigma.kernel @common
// CHECK-SAME: %[[A:[a-z0-9]+]]: i1 {{{.*}}}, %[[B:[a-z0-9]+]]: i1
// CHECK: %[[BOTH:.*]] = arith.andi %[[A]], %[[B]]
// CHECK: scf.if %[[BOTH]] {
// CHECK: enigma.store %{{.*}} : vector<4xf32>
// CHECK-NEXT: {{^ *[}]$}}
// CHECK-NEXT: enigma.return
enigma.kernel @common(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %a: i1 {enigma.index = 1 : i32}, %b: i1 {enigma.index = 2 : i32}, %f: f32 {enigma.index = 3 : i32}) {
  %l = enigma.static : !enigma.layout<4:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  %all_a = vector.broadcast %a : i1 to vector<4xi1>
  %all_b = vector.broadcast %b : i1 to vector<4xi1>
  %m = arith.andi %all_a, %all_b : vector<4xi1>
  enigma.fill %f, %g, %m : (f32, !enigma.tensor<f32, device, 4:1>, vector<4xi1>) -> ()
  enigma.return
}

// Stores to what may be one place stay in order, those to different places need
// not.

// CHECK-LABEL: enigma.kernel @order
// CHECK-SAME: %[[A:[a-z0-9]+]]: i1 {{{.*}}}, %[[B:[a-z0-9]+]]: i1
// CHECK: scf.if %[[A]] {
// CHECK-NEXT: enigma.store
// CHECK-NEXT: {{^ *[}]$}}
// CHECK: scf.if %[[B]] {
// CHECK-NEXT: enigma.store
// CHECK-NEXT: {{^ *[}]$}}
// CHECK: scf.if %[[A]] {
// CHECK-NEXT: enigma.store
// CHECK-NEXT: enigma.store
// CHECK-NEXT: enigma.store
// CHECK-NEXT: {{^ *[}]$}}
// CHECK-NEXT: scf.if %[[B]] {
// CHECK-NEXT: enigma.store
// CHECK-NEXT: {{^ *[}]$}}
// CHECK: enigma.return
enigma.kernel @order(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %a: i1 {enigma.index = 1 : i32}, %b: i1 {enigma.index = 2 : i32}, %n: i32 {enigma.dtype = ui32, enigma.index = 3 : i32}) {
  %f = arith.constant dense<[1.0, 2.0, 3.0]> : vector<3xf32>
  %m = vector.from_elements %a, %b, %a : vector<3xi1>
  %i = arith.index_castui %n : i32 to index
  %three = enigma.static : !enigma.int_tuple<3>
  %step = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %l = enigma.make_layout %three, %step : (!enigma.int_tuple<3>, !enigma.int_tuple<?>) -> !enigma.layout<3:?>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<3:?>) -> !enigma.tensor<f32, device, 3:?>
  enigma.store_fragment %f, %g, %m : (vector<3xf32>, !enigma.tensor<f32, device, 3:?>, vector<3xi1>) -> ()
  enigma.store_fragment %f, %g, %m {enigma.distinct} : (vector<3xf32>, !enigma.tensor<f32, device, 3:?>, vector<3xi1>) -> ()
  enigma.return
}

// All of a fragment is loaded before any of it is stored: elements may be at one
// place.

!any = !enigma.tensor<f32, device, 2:?>
// CHECK-LABEL: enigma.kernel @overlapping
// CHECK: enigma.load
// CHECK-NOT: enigma.store
// CHECK: enigma.load
// CHECK: enigma.store
// CHECK: enigma.store
enigma.kernel @overlapping(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}, %a: i1 {enigma.index = 2 : i32}, %b: i1 {enigma.index = 3 : i32}, %n: i32 {enigma.dtype = ui32, enigma.index = 4 : i32}) {
  %m = vector.from_elements %a, %b : vector<2xi1>
  %i = arith.index_castui %n : i32 to index
  %two = enigma.static : !enigma.int_tuple<2>
  %step = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %l = enigma.make_layout %two, %step : (!enigma.int_tuple<2>, !enigma.int_tuple<?>) -> !enigma.layout<2:?>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<2:?>) -> !any
  %f = enigma.load_fragment %g, %m : (!any, vector<2xi1>) -> vector<2xf32>
  %d = arith.addf %f, %f : vector<2xf32>
  enigma.store_fragment %d, %g, %m : (vector<2xf32>, !any, vector<2xi1>) -> ()
  enigma.return
}

// A row is one access only where the others are such, too, or do not share a
// place with it: of elements at one place the last one stays.

!odd = !enigma.tensor<f32, device, (2,4):(?,1)>
!even = !enigma.tensor<f32, device, (2,4):(?{div=4},1)>
// CHECK-LABEL: enigma.kernel @rows
// CHECK-COUNT-8: enigma.store %{{.*}} : f32
// CHECK-COUNT-2: enigma.store %{{.*}} : vector<4xf32>
// CHECK: enigma.store %{{.*}} : vector<4xf32>
// CHECK-COUNT-4: enigma.store %{{.*}} : f32
// CHECK-NOT: enigma.store
// CHECK: enigma.return
enigma.kernel @rows(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.dtype = ui32, enigma.index = 1 : i32}) {
  %f = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : vector<8xf32>
  %i = arith.index_castui %n : i32 to index
  %four = arith.constant 4 : index
  %four_i = arith.muli %i, %four : index
  %shape = enigma.static : !enigma.int_tuple<(2,4)>
  %steps = enigma.make_int_tuple %i : !enigma.int_tuple<(?,1)>
  %l = enigma.make_layout %shape, %steps : (!enigma.int_tuple<(2,4)>, !enigma.int_tuple<(?,1)>) -> !enigma.layout<(2,4):(?,1)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(?,1)>) -> !odd
  enigma.store_fragment %f, %g : (vector<8xf32>, !odd) -> ()
  %wide = enigma.make_int_tuple %four_i : !enigma.int_tuple<(?{div=4},1)>
  %m = enigma.make_layout %shape, %wide : (!enigma.int_tuple<(2,4)>, !enigma.int_tuple<(?{div=4},1)>) -> !enigma.layout<(2,4):(?{div=4},1)>
  %h = enigma.make_tensor %A, %m : (!enigma.buffer<f32, device>, !enigma.layout<(2,4):(?{div=4},1)>) -> !even
  enigma.store_fragment %f, %h : (vector<8xf32>, !even) -> ()
  enigma.store_fragment %f, %g {enigma.distinct} : (vector<8xf32>, !odd) -> ()
  enigma.return
}
