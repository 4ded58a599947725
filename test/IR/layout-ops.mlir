// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD

// What is known folds: to enigma.static, or to a constant.

// CHECK-LABEL: enigma.kernel @folds
// FOLD-LABEL: enigma.kernel @folds
// FOLD-DAG: %[[C12:.*]] = arith.constant 12 : index
// FOLD-DAG: %[[C8:.*]] = arith.constant 8 : index
// FOLD-DAG: %[[C5:.*]] = arith.constant 5 : index
// FOLD-NOT: enigma.composition
// FOLD-NOT: enigma.get_leaf
enigma.kernel @folds(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %0 = enigma.static : !enigma.layout<(6,2):(8,2)>
  %1 = enigma.static : !enigma.layout<(4,3):(3,1)>
  // CHECK: enigma.composition %{{.*}}, %{{.*}} : (!enigma.layout<(6,2):(8,2)>, !enigma.layout<(4,3):(3,1)>) -> !enigma.layout<((2,2),3):((24,2),8)>
  %2 = enigma.composition %0, %1 : (!enigma.layout<(6,2):(8,2)>, !enigma.layout<(4,3):(3,1)>) -> !enigma.layout<((2,2),3):((24,2),8)>
  %3 = enigma.size %2 : (!enigma.layout<((2,2),3):((24,2),8)>) -> index
  %4 = enigma.get_stride %2 : (!enigma.layout<((2,2),3):((24,2),8)>) -> !enigma.int_tuple<((24,2),8)>
  // CHECK: enigma.get_leaf %{{.*}}[2] : (!enigma.int_tuple<((24,2),8)>) -> index
  %5 = enigma.get_leaf %4[2] : (!enigma.int_tuple<((24,2),8)>) -> index
  %6 = enigma.static : !enigma.int_tuple<5>
  %10 = enigma.get_leaf %6[0] : (!enigma.int_tuple<5>) -> index
  %f = arith.constant 1.0 : f32
  // FOLD: enigma.store %{{.*}}, %{{.*}}[%[[C12]]]
  enigma.store %f, %A[%3] : f32, !enigma.buffer<f32, device>
  // FOLD: enigma.store %{{.*}}, %{{.*}}[%[[C8]]]
  enigma.store %f, %A[%5] : f32, !enigma.buffer<f32, device>
  // FOLD: enigma.store %{{.*}}, %{{.*}}[%[[C5]]]
  enigma.store %f, %A[%10] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// What is known at run time only does not.

// CHECK-LABEL: enigma.kernel @dynamic
// FOLD-LABEL: enigma.kernel @dynamic
enigma.kernel @dynamic(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %t = enigma.thread_position_in_grid x : i32
  %n = arith.index_castui %t : i32 to index
  // CHECK: enigma.make_int_tuple %{{.*}} : !enigma.int_tuple<(?{div=4},8)>
  %shape = enigma.make_int_tuple %n : !enigma.int_tuple<(?{div=4},8)>
  // CHECK: enigma.make_layout %{{.*}} : (!enigma.int_tuple<(?{div=4},8)>) -> !enigma.layout<(?{div=4},8):(1,?{div=4})>
  %0 = enigma.make_layout %shape : (!enigma.int_tuple<(?{div=4},8)>) -> !enigma.layout<(?{div=4},8):(1,?{div=4})>
  %tiler = enigma.static : !enigma.tiler<(4:1,2:1)>
  // CHECK: -> !enigma.layout<((4,2),(?,4)):((1,?{div=4}),(4,?{div=8}))>
  %1 = enigma.zipped_divide %0, %tiler : (!enigma.layout<(?{div=4},8):(1,?{div=4})>, !enigma.tiler<(4:1,2:1)>) -> !enigma.layout<((4,2),(?,4)):((1,?{div=4}),(4,?{div=8}))>
  // FOLD: %[[SIZE:.*]] = enigma.size
  %2 = enigma.size %1 {mode = array<i64: 1>} : (!enigma.layout<((4,2),(?,4)):((1,?{div=4}),(4,?{div=8}))>) -> index
  %3 = enigma.size %1 {mode = array<i64: 0>} : (!enigma.layout<((4,2),(?,4)):((1,?{div=4}),(4,?{div=8}))>) -> index
  %f = arith.constant 1.0 : f32
  // FOLD: enigma.store %{{.*}}, %{{.*}}[%[[SIZE]]]
  enigma.store %f, %A[%2] : f32, !enigma.buffer<f32, device>
  enigma.store %f, %A[%3] : f32, !enigma.buffer<f32, device>
  enigma.return
}
