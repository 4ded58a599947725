// RUN: enigma-opt %s --canonicalize | FileCheck %s

// A column of a matrix that is made of columns is one of these.
// CHECK-LABEL: enigma.kernel @column
enigma.kernel @column(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %y: f32 {enigma.name = "y", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %i = arith.index_castui %n : i32 to index
  %v = vector.from_elements %x, %x : vector<2xf32>
  %w = vector.from_elements %y, %x : vector<2xf32>
  %m = enigma.matrix_from_columns %v, %w : !enigma.matrix<2x2xf32>
  %0 = enigma.matrix_column %m[%c1] : !enigma.matrix<2x2xf32>
  %1 = vector.extract %0[0] : f32 from vector<2xf32>
  // CHECK: enigma.store %y, %A[%c0]
  enigma.store %1, %A[%c0] : f32, !enigma.buffer<f32, device>
  // One that is not known, or that there is not, stays.
  // CHECK: enigma.matrix_column %{{.*}}[%{{.*}}]
  %2 = enigma.matrix_column %m[%i] : !enigma.matrix<2x2xf32>
  %3 = vector.extract %2[0] : f32 from vector<2xf32>
  enigma.store %3, %A[%c1] : f32, !enigma.buffer<f32, device>
  // CHECK: enigma.matrix_column %{{.*}}[%c2]
  %4 = enigma.matrix_column %m[%c2] : !enigma.matrix<2x2xf32>
  %5 = vector.extract %4[0] : f32 from vector<2xf32>
  enigma.store %5, %A[%c2] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @same
enigma.kernel @same(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %y: f32 {enigma.name = "y", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = vector.from_elements %x, %y : vector<2xf32>
  %w = vector.from_elements %y, %x : vector<2xf32>
  %m = enigma.matrix_from_columns %v, %w : !enigma.matrix<2x2xf32>
  // CHECK: %[[P:.*]] = enigma.matmul
  %p = enigma.matmul %m, %m : !enigma.matrix<2x2xf32>, !enigma.matrix<2x2xf32>
  %a = enigma.matrix_column %p[%c0] : !enigma.matrix<2x2xf32>
  %b = enigma.matrix_column %p[%c1] : !enigma.matrix<2x2xf32>
  // The columns of a matrix, in order, are that one.
  // CHECK-NOT: enigma.matrix_from_columns
  %q = enigma.matrix_from_columns %a, %b : !enigma.matrix<2x2xf32>
  // A matrix that is transposed twice is itself.
  // CHECK-NOT: enigma.matrix_transpose
  %t = enigma.matrix_transpose %q : !enigma.matrix<2x2xf32>
  %u = enigma.matrix_transpose %t : !enigma.matrix<2x2xf32>
  // CHECK: enigma.matrix_determinant %[[P]]
  %d = enigma.matrix_determinant %u : !enigma.matrix<2x2xf32>
  enigma.store %d, %A[%c0] : f32, !enigma.buffer<f32, device>
  // Another order makes another matrix.
  // CHECK: enigma.matrix_from_columns
  %r = enigma.matrix_from_columns %b, %a : !enigma.matrix<2x2xf32>
  %e = enigma.matrix_determinant %r : !enigma.matrix<2x2xf32>
  enigma.store %e, %A[%c1] : f32, !enigma.buffer<f32, device>
  enigma.return
}
