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
