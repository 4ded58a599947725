// RUN: enigma-opt %s --enigma-lower-copies --enigma-legalize-fragments --enigma-lower-layouts --enigma-clean --split-input-file | FileCheck %s
// RUN: enigma-opt %s --enigma-clean --enigma-to-flat --split-input-file | FileCheck %s --check-prefix=FLAT

// The numbers of the passes are those of the target.

// Accesses have as many lanes as vectors, where that is not too many bytes.

// CHECK-LABEL: enigma.kernel @lanes
// CHECK: enigma.load {{.*}} -> vector<8xf16>
// CHECK: enigma.load {{.*}} -> vector<8xf16>
// CHECK-NOT: enigma.load
// CHECK: enigma.store {{.*}} : vector<8xf16>
// CHECK: enigma.store {{.*}} : vector<8xf16>
// FLAT-LABEL: enigma.kernel @lanes
// FLAT: vector.load {{.*}} vector<8xf16>
module attributes {enigma.target = #enigma.target<metal, lanes = 8>} {
  enigma.kernel @lanes(
      %A: !enigma.buffer<f16, device> {enigma.index = 0 : i32},
      %B: !enigma.buffer<f16, device> {enigma.index = 1 : i32}) {
    %0 = enigma.static : !enigma.layout<16:1>
    %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f16, device>, !enigma.layout<16:1>) -> !enigma.tensor<f16, device, 16:1>
    %2 = enigma.make_tensor %B, %0 : (!enigma.buffer<f16, device>, !enigma.layout<16:1>) -> !enigma.tensor<f16, device, 16:1>
    enigma.copy %1, %2 : (!enigma.tensor<f16, device, 16:1>, !enigma.tensor<f16, device, 16:1>) -> ()
    enigma.return
  }
}

// -----

// CHECK-LABEL: enigma.kernel @bytes
// CHECK-COUNT-4: enigma.load {{.*}} -> vector<2xf32>
// CHECK-NOT: enigma.load
// FLAT-LABEL: enigma.kernel @bytes
// FLAT: vector.load {{.*}} vector<2xf32>
module attributes {enigma.target = #enigma.target<metal, access_bytes = 8>} {
  enigma.kernel @bytes(
      %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
      %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
    %0 = enigma.static : !enigma.layout<8:1>
    %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
    %2 = enigma.make_tensor %B, %0 : (!enigma.buffer<f32, device>, !enigma.layout<8:1>) -> !enigma.tensor<f32, device, 8:1>
    enigma.copy %1, %2 : (!enigma.tensor<f32, device, 8:1>, !enigma.tensor<f32, device, 8:1>) -> ()
    enigma.return
  }
}

// -----

// Fragments are split into vectors that the target has, here none.

// CHECK-LABEL: enigma.kernel @scalars
// CHECK-NOT: vector
// CHECK-COUNT-4: math.exp {{.*}} : f32
// FLAT-LABEL: enigma.kernel @scalars
// FLAT-NOT: vector
module attributes {enigma.target = #enigma.target<metal, lanes = 1>} {
  enigma.kernel @scalars(
      %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
      %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
    %0 = enigma.static : !enigma.layout<4:1>
    %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
    %2 = enigma.make_tensor %B, %0 : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
    %3 = enigma.load_fragment %1 : (!enigma.tensor<f32, device, 4:1>) -> vector<4xf32>
    %4 = math.exp %3 : vector<4xf32>
    enigma.store_fragment %4, %2 : (vector<4xf32>, !enigma.tensor<f32, device, 4:1>) -> ()
    enigma.return
  }
}

// -----

// CHECK-LABEL: enigma.kernel @pieces
// CHECK: math.exp {{.*}} : vector<8xf32>
// CHECK: math.exp {{.*}} : vector<2xf32>
// FLAT-LABEL: enigma.kernel @pieces
module attributes {enigma.target = #enigma.target<metal, lanes = 8>} {
  enigma.kernel @pieces(
      %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
      %s: f32 {enigma.index = 1 : i32}, %t: f32 {enigma.index = 2 : i32}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %0 = vector.from_elements %s, %t, %s, %t, %s, %t, %s, %t, %s, %t : vector<10xf32>
    %1 = math.exp %0 : vector<10xf32>
    %2 = vector.extract %1[0] : f32 from vector<10xf32>
    %3 = vector.extract %1[9] : f32 from vector<10xf32>
    enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
    enigma.store %3, %A[%c1] : f32, !enigma.buffer<f32, device>
    enigma.return
  }
}

// -----

// What queries of threads give is known from the limits: 256 threads are eight
// bits, and so four quad groups of 16 and all SIMD groups are known.

// FLAT-LABEL: enigma.kernel @threads
// FLAT: %[[YES:.+]] = arith.constant true
// FLAT-NOT: arith.cmpi
// FLAT-COUNT-4: memref.store %[[YES]]
module attributes {enigma.target = #enigma.target<metal, threads = 256, threadgroups = 10, simdgroup_threads = 32>} {
  enigma.kernel @threads(%A: !enigma.buffer<i1, device> {enigma.index = 0 : i32}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %threads = arith.constant 256 : i32
    %groups = arith.constant 10 : i32
    %lanes = arith.constant 32 : i32
    %quads = arith.constant 64 : i32
    %0 = enigma.thread_position_in_threadgroup x : i32
    %1 = arith.cmpi ult, %0, %threads : i32
    enigma.store %1, %A[%c0] : i1, !enigma.buffer<i1, device>
    %2 = enigma.threadgroup_position_in_grid x : i32
    %3 = arith.cmpi ult, %2, %groups : i32
    enigma.store %3, %A[%c1] : i1, !enigma.buffer<i1, device>
    %4 = enigma.thread_index_in_simdgroup : i32
    %5 = arith.cmpi ult, %4, %lanes : i32
    enigma.store %5, %A[%c2] : i1, !enigma.buffer<i1, device>
    %6 = enigma.quadgroup_index_in_threadgroup : i32
    %7 = arith.cmpi ult, %6, %quads : i32
    enigma.store %7, %A[%c3] : i1, !enigma.buffer<i1, device>
    enigma.return
  }
}

// -----

// The same is not known of Metal.

// FLAT-LABEL: enigma.kernel @metal
// FLAT-COUNT-3: arith.cmpi ult
module {
  enigma.kernel @metal(%A: !enigma.buffer<i1, device> {enigma.index = 0 : i32}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %threads = arith.constant 256 : i32
    %groups = arith.constant 10 : i32
    %lanes = arith.constant 32 : i32
    %0 = enigma.thread_position_in_threadgroup x : i32
    %1 = arith.cmpi ult, %0, %threads : i32
    enigma.store %1, %A[%c0] : i1, !enigma.buffer<i1, device>
    %2 = enigma.threadgroup_position_in_grid x : i32
    %3 = arith.cmpi ult, %2, %groups : i32
    enigma.store %3, %A[%c1] : i1, !enigma.buffer<i1, device>
    %4 = enigma.thread_index_in_simdgroup : i32
    %5 = arith.cmpi ult, %4, %lanes : i32
    enigma.store %5, %A[%c2] : i1, !enigma.buffer<i1, device>
    enigma.return
  }
}
