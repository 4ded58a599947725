// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @matrices
enigma.kernel @matrices(
    %x: f32 {enigma.name = "x", enigma.index = 0 : i32},
    %h: f16 {enigma.name = "h", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %i = arith.index_castui %n : i32 to index
  %two = vector.broadcast %x : f32 to vector<2xf32>
  %three = vector.broadcast %x : f32 to vector<3xf32>
  %half = vector.broadcast %h : f16 to vector<4xf16>
  // CHECK: %[[M:.*]] = enigma.matrix_from_columns %[[V:.*]], %[[V]] : !enigma.matrix<2x3xf32>
  %m = enigma.matrix_from_columns %three, %three : !enigma.matrix<2x3xf32>
  // CHECK: %[[N:.*]] = enigma.matrix_from_columns %{{.*}}, %{{.*}}, %{{.*}}, %[[W:.*]] : !enigma.matrix<4x2xf32>
  %o = enigma.matrix_from_columns %two, %two, %two, %two : !enigma.matrix<4x2xf32>
  // CHECK: enigma.matrix_from_columns {{.*}} : !enigma.matrix<4x4xf16>
  %p = enigma.matrix_from_columns %half, %half, %half, %half : !enigma.matrix<4x4xf16>
  // CHECK: enigma.matrix_column %[[M]][%{{.*}}] : !enigma.matrix<2x3xf32>
  %0 = enigma.matrix_column %m[%i] : !enigma.matrix<2x3xf32>
  // CHECK: enigma.matmul %[[M]], %[[N]] : !enigma.matrix<2x3xf32>, !enigma.matrix<4x2xf32>
  %1 = enigma.matmul %m, %o : !enigma.matrix<2x3xf32>, !enigma.matrix<4x2xf32>
  // CHECK: enigma.matmul %[[M]], %[[W]] : !enigma.matrix<2x3xf32>, vector<2xf32>
  %2 = enigma.matmul %m, %two : !enigma.matrix<2x3xf32>, vector<2xf32>
  // CHECK: enigma.matmul %{{.*}}, %[[M]] : vector<3xf32>, !enigma.matrix<2x3xf32>
  %3 = enigma.matmul %0, %m : vector<3xf32>, !enigma.matrix<2x3xf32>
  // CHECK: enigma.matrix_transpose %{{.*}} : !enigma.matrix<4x3xf32>
  %4 = enigma.matrix_transpose %1 : !enigma.matrix<4x3xf32>
  // CHECK: enigma.matrix_determinant %{{.*}} : !enigma.matrix<4x4xf16>
  %5 = enigma.matrix_determinant %p : !enigma.matrix<4x4xf16>
  enigma.return
}
