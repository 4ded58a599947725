// RUN: enigma-translate --enigma-to-msl %s | FileCheck %s

// CHECK-LABEL: kernel void kinds(
enigma.kernel @kinds(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui32},
    %F: memref<?xf32, #enigma.address_space<device>> {enigma.name = "F", enigma.index = 1 : i32},
    %x: i32 {enigma.name = "x", enigma.index = 2 : i32, enigma.dtype = si32},
    %f: f32 {enigma.name = "f", enigma.index = 3 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  // CHECK: atomic_fetch_add_explicit((device atomic_uint*)&A[0], 1u, memory_order_relaxed);
  %0 = enigma.atomic_rmw add %c1, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_fetch_sub_explicit((device atomic_float*)&F[0], f, memory_order_relaxed);
  %1 = enigma.atomic_rmw sub %f, %F[%c0] : f32, memref<?xf32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_fetch_max_explicit((device atomic_uint*)&A[0], uint(x), memory_order_relaxed);
  %2 = enigma.atomic_rmw max unsigned %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_fetch_min_explicit((device atomic_int*)&A[0], x, memory_order_relaxed);
  %3 = enigma.atomic_rmw min %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_fetch_and_explicit(
  %4 = enigma.atomic_rmw and %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_fetch_or_explicit(
  %5 = enigma.atomic_rmw or %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_fetch_xor_explicit(
  %6 = enigma.atomic_rmw xor %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_exchange_explicit(
  %7 = enigma.atomic_rmw exchange %x, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: atomic_store_explicit((device atomic_float*)&F[0], f, memory_order_relaxed);
  enigma.atomic_store %f, %F[%c0] : f32, memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// A read before an atomic access stays before it, and one after it, after it.
// CHECK-LABEL: kernel void order(
// CHECK: uint a = A[0];
// CHECK-NEXT: uint t = atomic_fetch_add_explicit((device atomic_uint*)&A[0], a, memory_order_relaxed);
// CHECK-NEXT: A[0] = a + A[0] + t;
enigma.kernel @order(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %0 = memref.load %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  %1 = enigma.atomic_rmw add %0, %A[%c0] : i32, memref<?xi32, #enigma.address_space<device>>
  %2 = memref.load %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  %3 = arith.addi %0, %2 : i32
  %4 = arith.addi %3, %1 : i32
  memref.store %4, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.return
}

// CHECK-LABEL: kernel void threadgroup_counter(
// CHECK: atomic_fetch_add_explicit((threadgroup atomic_int*)&tile[0], 1, memory_order_relaxed);
// CHECK-NEXT: threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-NEXT: int t = atomic_load_explicit((threadgroup atomic_int*)&tile[0], memory_order_relaxed);
// CHECK-NEXT: A[0] = t;
enigma.kernel @threadgroup_counter(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %tile = enigma.alloc {dtype = si32} : memref<4xi32, #enigma.address_space<threadgroup>>
  %0 = enigma.atomic_rmw add %c1, %tile[%c0] : i32, memref<4xi32, #enigma.address_space<threadgroup>>
  enigma.threadgroup_barrier mem_threadgroup
  %1 = enigma.atomic_load %tile[%c0] : memref<4xi32, #enigma.address_space<threadgroup>> -> i32
  memref.store %1, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.return
}

// CHECK-LABEL: kernel void compare_exchange(
// CHECK: uint expected = as_type<uint>(f);
// CHECK-NEXT: bool cond = atomic_compare_exchange_weak_explicit((device atomic_uint*)&F[0], &expected,
// CHECK-NEXT: as_type<uint>(2.0f), memory_order_relaxed,
// CHECK-NEXT: memory_order_relaxed);
// CHECK-NEXT: if (cond) {
// CHECK-NEXT: F[1] = as_type<float>(expected);
enigma.kernel @compare_exchange(
    %F: memref<?xf32, #enigma.address_space<device>> {enigma.name = "F", enigma.index = 0 : i32},
    %f: f32 {enigma.name = "f", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  %old, %success = enigma.atomic_compare_exchange %f, %two, %F[%c0] : f32, memref<?xf32, #enigma.address_space<device>>
  scf.if %success {
    memref.store %old, %F[%c1] : memref<?xf32, #enigma.address_space<device>>
  }
  enigma.return
}

// Floats in threadgroup memory are accessed as their bits.
// CHECK-LABEL: kernel void threadgroup_floats(
// CHECK: atomic_store_explicit((threadgroup atomic_uint*)&tile[0], as_type<uint>(f),
// CHECK-NEXT: memory_order_relaxed);
// CHECK-NEXT: float t = as_type<float>(atomic_exchange_explicit((threadgroup atomic_uint*)&tile[0],
// CHECK: float t_1 = as_type<float>(atomic_load_explicit((threadgroup atomic_uint*)&tile[0],
enigma.kernel @threadgroup_floats(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %f: f32 {enigma.name = "f", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %tile = enigma.alloc : memref<4xf32, #enigma.address_space<threadgroup>>
  enigma.atomic_store %f, %tile[%c0] : f32, memref<4xf32, #enigma.address_space<threadgroup>>
  %0 = enigma.atomic_rmw exchange %f, %tile[%c0] : f32, memref<4xf32, #enigma.address_space<threadgroup>>
  %1 = enigma.atomic_load %tile[%c0] : memref<4xf32, #enigma.address_space<threadgroup>> -> f32
  memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  memref.store %1, %A[%c1] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// CHECK-LABEL: kernel void reduce(
// CHECK: atomic_min_explicit((device atomic_ulong*)&A[0], x, memory_order_relaxed);
// CHECK-NEXT: atomic_max_explicit((device atomic_ulong*)&A[0], x, memory_order_relaxed);
enigma.kernel @reduce(
    %A: memref<?xi64, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui64},
    %x: i64 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = ui64}) {
  %c0 = arith.constant 0 : index
  enigma.atomic_reduce min %x, %A[%c0] : i64, memref<?xi64, #enigma.address_space<device>>
  enigma.atomic_reduce max %x, %A[%c0] : i64, memref<?xi64, #enigma.address_space<device>>
  enigma.return
}
