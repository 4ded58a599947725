// RUN: enigma-opt %s --enigma-to-flat --mlir-print-debuginfo | enigma-translate --enigma-to-msl | FileCheck %s

// A sum that a loop carries is one variable, which every product is added to.

// CHECK-LABEL: kernel void product(
enigma.kernel @product(
    %A: !enigma.buffer<f16, device> {enigma.name = "A", enigma.index = 0 : i32},
    %C: !enigma.buffer<f32, device> {enigma.name = "C", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: simdgroup_float8x8 acc = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
  // CHECK-NEXT: for (
  // CHECK-NEXT: simdgroup_half8x8 a;
  // CHECK-NEXT: simdgroup_load(a, A + [[I:.*]], 64);
  // CHECK-NEXT: simdgroup_half8x8 b;
  // CHECK-NEXT: simdgroup_load(b, A + [[I]], 64, ulong2(0), true);
  // CHECK-NEXT: simdgroup_multiply_accumulate(acc, a, b, acc);
  // CHECK-NEXT: simdgroup_multiply_accumulate(acc, b, a, acc);
  // CHECK-NEXT: }
  %init = enigma.simdgroup_matrix_fill %zero : f32 -> !enigma.simdgroup_matrix<f32> loc("acc")
  %acc = scf.for %k = %c0 to %c64 step %c8 iter_args(%c = %init) -> (!enigma.simdgroup_matrix<f32>) {
    %a = enigma.simdgroup_matrix_load %A[%k], %c64 : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16> loc("a")
    %b = enigma.simdgroup_matrix_load %A[%k], %c64 transpose : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16> loc("b")
    %d = enigma.simdgroup_matrix_multiply_accumulate %a, %b, %c : !enigma.simdgroup_matrix<f16>, !enigma.simdgroup_matrix<f32>
    %e = enigma.simdgroup_matrix_multiply_accumulate %b, %a, %d : !enigma.simdgroup_matrix<f16>, !enigma.simdgroup_matrix<f32>
    scf.yield %e : !enigma.simdgroup_matrix<f32>
  }
  // CHECK-NEXT: simdgroup_half8x8 h;
  // CHECK-NEXT: h.thread_elements() = half2(acc.thread_elements());
  %elements = enigma.simdgroup_matrix_elements %acc : !enigma.simdgroup_matrix<f32>
  %half = arith.truncf %elements : vector<2xf32> to vector<2xf16>
  %h = enigma.simdgroup_matrix_from_elements %half : !enigma.simdgroup_matrix<f16> loc("h")
  // CHECK-NEXT: simdgroup_store(h, A + 8, 64);
  enigma.simdgroup_matrix_store %h, %A[%c8], %c64 : !enigma.simdgroup_matrix<f16>, !enigma.buffer<f16, device>
  // CHECK-NEXT: simdgroup_store(acc, C, 64, ulong2(0), true);
  enigma.simdgroup_matrix_store %acc, %C[%c0], %c64 transpose : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  enigma.return
}

// A sum that is read later is not overwritten.

// CHECK-LABEL: kernel void kept(
enigma.kernel @kept(%C: !enigma.buffer<f32, device> {enigma.name = "C", enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %one = arith.constant 1.0 : f32
  // CHECK: simdgroup_float8x8 old = make_diagonal_simdgroup_matrix<float, 8, 8>(1.0f);
  %old = enigma.simdgroup_matrix_diagonal %one : f32 -> !enigma.simdgroup_matrix<f32> loc("old")
  // CHECK-NEXT: simdgroup_float8x8 sum;
  // CHECK-NEXT: simdgroup_multiply_accumulate(sum, old, old, old);
  %sum = enigma.simdgroup_matrix_multiply_accumulate %old, %old, %old : !enigma.simdgroup_matrix<f32>, !enigma.simdgroup_matrix<f32> loc("sum")
  enigma.simdgroup_matrix_store %sum, %C[%c0], %c8 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  enigma.simdgroup_matrix_store %old, %C[%c8], %c8 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>
  enigma.return
}
