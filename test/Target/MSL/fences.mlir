// RUN: enigma-translate --enigma-to-msl %s | FileCheck %s

// A fence stays where it is, and what was read before stays before it.

// CHECK-LABEL: kernel void fence(
// CHECK: uint a = A[0];
// CHECK-NEXT: atomic_thread_fence(mem_flags::mem_device | mem_flags::mem_texture, memory_order_seq_cst,
// CHECK-NEXT: thread_scope_device);
// CHECK-NEXT: A[0] += a;
// CHECK-NEXT: atomic_thread_fence(mem_flags::mem_none, memory_order_relaxed, thread_scope_simdgroup);
// CHECK-NEXT: threadgroup_barrier(mem_flags::mem_threadgroup_imageblock);
enigma.kernel @fence(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %0 = memref.load %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.atomic_thread_fence mem_device|mem_texture seq_cst device
  %1 = memref.load %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  %2 = arith.addi %0, %1 : i32
  memref.store %2, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.atomic_thread_fence mem_none relaxed simdgroup
  enigma.threadgroup_barrier mem_threadgroup_imageblock
  enigma.return
}
