// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --enigma-clean | FileCheck %s --check-prefix=CLEAN

// CHECK-LABEL: enigma.kernel @matrices
// CLEAN-LABEL: enigma.kernel @matrices
enigma.kernel @matrices(
    %A: !enigma.buffer<f16, device> {enigma.name = "A", enigma.index = 0 : i32},
    %C: !enigma.buffer<f32, device> {enigma.name = "C", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %i = arith.index_castui %n : i32 to index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: %[[A:.*]] = enigma.simdgroup_matrix_load %A[%{{.*}}], %c64 : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16>
  %a = enigma.simdgroup_matrix_load %A[%i], %c64 : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16>
  // CHECK: %[[B:.*]] = enigma.simdgroup_matrix_load %A[%{{.*}}], %c64 transpose
  %b = enigma.simdgroup_matrix_load %A[%i], %c64 transpose : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16>
  // Two that are equal are added to apart.
  // CHECK: enigma.simdgroup_matrix_fill %{{.*}} : f32 -> !enigma.simdgroup_matrix<f32>
  // CLEAN-COUNT-2: enigma.simdgroup_matrix_fill
  %c = enigma.simdgroup_matrix_fill %zero : f32 -> !enigma.simdgroup_matrix<f32>
  %d = enigma.simdgroup_matrix_fill %zero : f32 -> !enigma.simdgroup_matrix<f32>
  // One without a use goes.
  // CHECK: enigma.simdgroup_matrix_diagonal
  // CLEAN-NOT: enigma.simdgroup_matrix_diagonal
  %unused = enigma.simdgroup_matrix_diagonal %zero : f32 -> !enigma.simdgroup_matrix<f32>
  // CHECK: enigma.simdgroup_matrix_multiply_accumulate %[[A]], %[[B]], %{{.*}} : !enigma.simdgroup_matrix<f16>, !enigma.simdgroup_matrix<f32>
  %e = enigma.simdgroup_matrix_multiply_accumulate %a, %b, %c : !enigma.simdgroup_matrix<f16>, !enigma.simdgroup_matrix<f32>
  %f = enigma.simdgroup_matrix_multiply_accumulate %b, %a, %d : !enigma.simdgroup_matrix<f16>, !enigma.simdgroup_matrix<f32>
  // CHECK: enigma.simdgroup_matrix_elements %{{.*}} : !enigma.simdgroup_matrix<f32>
  %elements = enigma.simdgroup_matrix_elements %e : !enigma.simdgroup_matrix<f32>
  // A matrix of the elements of a matrix is that one.
  // CHECK: enigma.simdgroup_matrix_from_elements
  // CLEAN-NOT: enigma.simdgroup_matrix_from_elements
  %same = enigma.simdgroup_matrix_from_elements %elements : !enigma.simdgroup_matrix<f32>
  // CHECK: enigma.simdgroup_matrix_store %{{.*}}, %C[%{{.*}}], %c64 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  enigma.simdgroup_matrix_store %same, %C[%i], %c64 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  // CHECK: enigma.simdgroup_matrix_store %{{.*}}, %C[%{{.*}}], %c64 transpose
  enigma.simdgroup_matrix_store %f, %C[%i], %c64 transpose : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  enigma.return
}

// A matrix is computed by all threads of a SIMD group: it stays in its branch.
// CLEAN-LABEL: enigma.kernel @branch
enigma.kernel @branch(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %a = enigma.simdgroup_matrix_load %A[%c0], %c8 : !enigma.buffer<f32, device> -> !enigma.simdgroup_matrix<f32>
  // CLEAN: scf.if
  // CLEAN-NEXT: simdgroup_matrix_multiply_accumulate
  %r = scf.if %p -> (!enigma.simdgroup_matrix<f32>) {
    %b = enigma.simdgroup_matrix_multiply_accumulate %a, %a, %a : !enigma.simdgroup_matrix<f32>, !enigma.simdgroup_matrix<f32>
    scf.yield %b : !enigma.simdgroup_matrix<f32>
  } else {
    scf.yield %a : !enigma.simdgroup_matrix<f32>
  }
  enigma.simdgroup_matrix_store %r, %A[%c0], %c8 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  enigma.return
}
