// RUN: enigma-translate --enigma-to-msl %s | FileCheck %s

// Functions over a group of threads are called where all of its threads are.

// CHECK-LABEL: kernel void calls(
enigma.kernel @calls(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %N: memref<?xi32, #enigma.address_space<device>> {enigma.name = "N", enigma.index = 1 : i32, enigma.dtype = si32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32},
    %u: i32 {enigma.name = "u", enigma.index = 3 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : i32
  // CHECK: A[0] = simd_sum(x);
  %0 = enigma.simd_sum %x : f32
  memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = simd_shuffle_xor(x, 16);
  %1 = enigma.simd_shuffle_xor %x, %c16 : f32
  memref.store %1, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = quad_broadcast(x, u);
  %2 = enigma.quad_broadcast %x, %u : f32
  memref.store %2, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  // CHECK-NEXT: N[0] = simd_max(u);
  %3 = enigma.simd_max unsigned %u : i32
  memref.store %3, %N[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: N[0] = simd_max(int(u));
  %4 = enigma.simd_max %u : i32
  memref.store %4, %N[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: N[0] = simd_xor(u);
  %5 = enigma.simd_xor %u : i32
  memref.store %5, %N[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.return
}

// CHECK-LABEL: kernel void votes(
enigma.kernel @votes(
    %A: memref<?xi64, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui64},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %p = arith.cmpf olt, %x, %zero : f32
  // CHECK: A[0] = ulong(simd_ballot(x < 0.0f));
  %0 = enigma.simd_ballot %p : i64
  memref.store %0, %A[%c0] : memref<?xi64, #enigma.address_space<device>>
  enigma.return
}

// The right side of `&&` and the sides of a choice are not for all threads.
// CHECK-LABEL: kernel void short_circuit(
// CHECK: bool cond = simd_any(p);
// CHECK-NEXT: bool cond_1 = simd_all(q);
// CHECK-NEXT: float t = simd_sum(x);
// CHECK-NEXT: A[0] = cond && cond_1 ? t : x;
enigma.kernel @short_circuit(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 2 : i32},
    %q: i1 {enigma.name = "q", enigma.index = 3 : i32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.simd_any %p : i1
  %1 = enigma.simd_all %q : i1
  %2 = arith.andi %0, %1 : i1
  %3 = enigma.simd_sum %x : f32
  %4 = arith.select %2, %3, %x : f32
  memref.store %4, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// Not moved into a branch, nor over what changes which threads there are.
// CHECK-LABEL: kernel void branch(
// CHECK: float t = simd_sum(x);
// CHECK-NEXT: if (p) {
// CHECK-NEXT: A[0] = t;
// CHECK-NEXT: }
// CHECK-NEXT: float t_1 = quad_sum(x);
// CHECK-NEXT: if (p) {
// CHECK-NEXT: A[1] = x;
// CHECK-NEXT: }
// CHECK-NEXT: A[2] = t_1;
enigma.kernel @branch(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %0 = enigma.simd_sum %x : f32
  scf.if %p {
    memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  }
  %1 = enigma.quad_sum %x : f32
  scf.if %p {
    memref.store %x, %A[%c1] : memref<?xf32, #enigma.address_space<device>>
  }
  memref.store %1, %A[%c2] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// A branch with such a function is a branch, not a choice of values.
// CHECK-LABEL: kernel void choice(
// CHECK: if (p) {
// CHECK-NEXT: {{.*}} = simd_sum(x);
// CHECK-NEXT: }
enigma.kernel @choice(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %0 = scf.if %p -> f32 {
    %1 = enigma.simd_sum %x : f32
    scf.yield %1 : f32
  } else {
    scf.yield %x : f32
  }
  memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// Every round of a loop asks anew.
// CHECK-LABEL: kernel void rounds(
// CHECK: while (simd_any(t > 1.0f)) {
enigma.kernel @rounds(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %r = scf.while (%t = %x) : (f32) -> f32 {
    %p = arith.cmpf ogt, %t, %one : f32
    %any = enigma.simd_any %p : i1
    scf.condition(%any) %t : f32
  } do {
  ^bb0(%t: f32):
    %next = arith.mulf %t, %half : f32
    scf.yield %next : f32
  }
  memref.store %r, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// CHECK-LABEL: kernel void fillings(
enigma.kernel @fillings(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %u: i32 {enigma.name = "u", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %c8 = arith.constant 8 : i32
  // CHECK: A[0] = simd_shuffle_and_fill_up(x, 0.0f, u, 8);
  %0 = enigma.simd_shuffle_and_fill_up %x, %zero, %u, %c8 : f32
  memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = quad_shuffle_and_fill_down(x, 0.0f, u, u);
  %1 = enigma.quad_shuffle_and_fill_down %x, %zero, %u, %u : f32
  memref.store %1, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// Which threads are there is asked where the question stands.
// CHECK-LABEL: kernel void presence(
enigma.kernel @presence(
    %A: memref<?xi64, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui64},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %p = arith.cmpf olt, %x, %zero : f32
  // CHECK: if (x < 0.0f) {
  // CHECK-NEXT: bool cond = simd_is_first();
  // CHECK-NEXT: if (cond) {
  // CHECK: A[0] = ulong(simd_active_threads_mask());
  // CHECK: A[0] = ulong(quad_active_threads_mask());
  scf.if %p {
    %first = enigma.simd_is_first : i1
    scf.if %first {
      %0 = enigma.simd_active_threads_mask : i64
      memref.store %0, %A[%c0] : memref<?xi64, #enigma.address_space<device>>
      %1 = enigma.quad_active_threads_mask : i64
      memref.store %1, %A[%c0] : memref<?xi64, #enigma.address_space<device>>
    }
  }
  enigma.return
}
