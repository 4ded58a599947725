// RUN: enigma-opt %s --enigma-legalize-fragments --split-input-file --verify-diagnostics | FileCheck %s

// What moves lanes of fragments is taken apart; lanes of one fragment that are
// those of another piece again are that piece.

// CHECK-LABEL: enigma.kernel @moved
// CHECK-SAME: %[[X:[a-z0-9]+]]: f32 {{.*}}, %[[Y:[a-z0-9]+]]: f32
// CHECK-NOT: vector<{{5|6}}x
// CHECK-NOT: vector.{{shuffle|bitcast|to_elements}}
// CHECK: %[[B:.*]] = vector.from_elements %[[X]], %[[Y]] : vector<2xf32>
// CHECK: arith.bitcast %{{.*}} : vector<4xf32> to vector<4xi32>
// CHECK: %[[D:.*]] = arith.bitcast %[[B]] : vector<2xf32> to vector<2xi32>
// CHECK: vector.extract %[[D]][1] : i32 from vector<2xi32>
enigma.kernel @moved(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}, %y: f32 {enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %a = vector.from_elements %x, %y, %x, %y, %x : vector<5xf32>
  %b = vector.shuffle %a, %a [4, 6] : vector<5xf32>, vector<5xf32>
  %c = vector.shuffle %b, %b [0, 1, 1, 1, 0, 3] : vector<2xf32>, vector<2xf32>
  %d = vector.bitcast %c : vector<6xf32> to vector<6xi32>
  %e:6 = vector.to_elements %d : vector<6xi32>
  %f = arith.bitcast %e#5 : i32 to f32
  enigma.store %f, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A lane that is known at run time only is one of an array, which is filled once,
// where the fragment is defined.

// CHECK-LABEL: enigma.kernel @indexed
// CHECK: %[[READ:.*]] = enigma.alloc : !enigma.buffer<5xf32, thread>
// CHECK-COUNT-5: enigma.store %{{.*}}, %[[READ]][
// CHECK: scf.for %[[K:.*]] =
// CHECK-NEXT: enigma.load %[[READ]][%[[K]]]
// CHECK-NEXT: enigma.store
// CHECK: %[[WRITTEN:.*]] = enigma.alloc : !enigma.buffer<5xf32, thread>
// CHECK-COUNT-6: enigma.store %{{.*}}, %[[WRITTEN]][
// CHECK-COUNT-5: enigma.load %[[WRITTEN]][

enigma.kernel @indexed(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}, %n: i32 {enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %i = arith.index_castui %n : i32 to index
  %a = vector.broadcast %x : f32 to vector<5xf32>
  scf.for %k = %c0 to %c8 step %c1 {
    %e = vector.extract %a[%k] : f32 from vector<5xf32>
    enigma.store %e, %A[%k] : f32, !enigma.buffer<f32, device>
  }
  %b = vector.insert %x, %a[%i] : f32 into vector<5xf32>
  %f = vector.extract %b[1] : f32 from vector<5xf32>
  enigma.store %f, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A fragment that interleaves two vectors is kept as these; constants, lanes and
// names go along, and a sum still adds lanes in their order.

// CHECK-LABEL: enigma.kernel @ordered
// CHECK-DAG: %[[EVEN:.*]] = arith.constant dense<[0.000000e+00, 2.000000e+00, 4.000000e+00, 6.000000e+00]>
// CHECK-DAG: %[[ODD:.*]] = arith.constant dense<[1.000000e+00, 3.000000e+00, 5.000000e+00, 7.000000e+00]>
// CHECK: %[[U:.*]] = enigma.load
// CHECK: %[[V:.*]] = enigma.load
// CHECK: %[[R:.*]]:3 = scf.for {{.*}} iter_args(%[[P0:.*]] = %[[U]], %[[P1:.*]] = %[[V]], %{{.*}})
// CHECK-NEXT: arith.addf %[[P0]], %[[EVEN]]
// CHECK-NEXT: arith.addf %[[P1]], %[[ODD]]
// CHECK: enigma.names = ["acc", "acc", "q"]
// CHECK: %[[FIRST:.*]] = vector.extract %[[R]]#1[0]
// CHECK: %[[L0:.*]] = vector.extract %[[R]]#0[0]
// CHECK: %[[L1:.*]] = vector.extract %[[R]]#1[0]
// CHECK: arith.addf %[[L1]], %[[L0]] : f32
// CHECK-COUNT-6: arith.addf {{.*}} : f32
// CHECK: enigma.store %[[FIRST]]

enigma.kernel @ordered(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %cst = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]> : vector<8xf32>
  %u = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> vector<4xf32>
  %v = enigma.load %A[%c4] : !enigma.buffer<f32, device> -> vector<4xf32>
  %u0 = vector.extract %u[0] : f32 from vector<4xf32>
  %u1 = vector.extract %u[1] : f32 from vector<4xf32>
  %u2 = vector.extract %u[2] : f32 from vector<4xf32>
  %u3 = vector.extract %u[3] : f32 from vector<4xf32>
  %v0 = vector.extract %v[0] : f32 from vector<4xf32>
  %v1 = vector.extract %v[1] : f32 from vector<4xf32>
  %v2 = vector.extract %v[2] : f32 from vector<4xf32>
  %v3 = vector.extract %v[3] : f32 from vector<4xf32>
  %a = vector.from_elements %u0, %v0, %u1, %v1, %u2, %v2, %u3, %v3 : vector<8xf32>
  %r:2 = scf.for %k = %c0 to %c4 step %c1 iter_args(%p = %a, %q = %u0) -> (vector<8xf32>, f32) {
    %s = arith.addf %p, %cst : vector<8xf32>
    scf.yield %s, %q : vector<8xf32>, f32
  } {enigma.names = ["acc", "q"]}
  %first = vector.extract %r#0[1] : f32 from vector<8xf32>
  %sum = vector.reduction <add>, %r#0 : vector<8xf32> into f32
  enigma.store %first, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.store %sum, %A[%c1] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

enigma.kernel @refused(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %a = vector.broadcast %x : f32 to vector<8xf32>
  // expected-error @+1 {{'vector.bitcast' op works on 'vector<8xf32>', and has no form for vectors that Metal does not have; work on vectors of 2 to 4 lanes, or on single elements}}
  %b = vector.bitcast %a : vector<8xf32> to vector<16xf16>
  %c = vector.extract %b[0] : f16 from vector<16xf16>
  enigma.return
}

// -----

enigma.kernel @no_lane(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %a = vector.broadcast %x : f32 to vector<8xf32>
  // expected-error @+1 {{'vector.extract' op works on 'vector<8xf32>', and has no form for vectors that Metal does not have; work on vectors of 2 to 4 lanes, or on single elements}}
  %b = vector.extract %a[-1] : f32 from vector<8xf32>
  enigma.store %b, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}
