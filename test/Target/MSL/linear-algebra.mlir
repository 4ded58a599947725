// RUN: enigma-opt %s --enigma-to-flat --mlir-print-debuginfo | enigma-translate --enigma-to-msl | FileCheck %s
enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant dense<0.0> : vector<2xf32>
  %i = arith.index_castui %n : i32 to index
  %v = vector.broadcast %x : f32 to vector<2xf32>
  // A scalar for a vector would be one for the diagonal.
  // CHECK: float2x2 m = float2x2(float2(x), float2(0.0f));
  %m = enigma.matrix_from_columns %v, %zero : !enigma.matrix<2x2xf32> loc("m")
  // Where an operand stands matters.
  // CHECK: float2x2 p = m;
  // CHECK: for
  // CHECK-NEXT: p = m * p;
  %p = scf.for %k = %c0 to %i step %c1 iter_args(%p = %m) -> (!enigma.matrix<2x2xf32>) {
    %next = enigma.matmul %m, %p : !enigma.matrix<2x2xf32>, !enigma.matrix<2x2xf32>
    scf.yield %next : !enigma.matrix<2x2xf32>
  } {enigma.names = ["p"]}
  // CHECK: A[0] = p[n].x;
  %column = enigma.matrix_column %p[%i] : !enigma.matrix<2x2xf32>
  %0 = vector.extract %column[0] : f32 from vector<2xf32>
  enigma.store %0, %A[%c0] : f32, !enigma.buffer<f32, device>
  // CHECK: A[1] = determinant(m * (m * transpose(p)));
  %t = enigma.matrix_transpose %p : !enigma.matrix<2x2xf32>
  %1 = enigma.matmul %m, %t : !enigma.matrix<2x2xf32>, !enigma.matrix<2x2xf32>
  %2 = enigma.matmul %m, %1 : !enigma.matrix<2x2xf32>, !enigma.matrix<2x2xf32>
  %3 = enigma.matrix_determinant %2 : !enigma.matrix<2x2xf32>
  enigma.store %3, %A[%c1] : f32, !enigma.buffer<f32, device>
  enigma.return
}
