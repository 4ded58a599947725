// RUN: enigma-translate %s -split-input-file -enigma-to-llvmir -block=64,1,1 -checked | FileCheck %s
// RUN: enigma-translate %s -split-input-file -enigma-to-llvmir -block=64,1,1 | FileCheck %s --check-prefix=PLAIN

// Bounds are tested in the code; who writes is told to the checker, if memory is
// followed. Nothing of it is in code that is not checked.
// CHECK-LABEL: define void @copy(
// CHECK: icmp uge <32 x i64>
// CHECK: br i1 {{.*}}, label %fault{{.*}}, label %checked
// CHECK: call void @enigma_check_fault(ptr {{.*}}, i32 0, i32 0, ptr {{.*}}
// CHECK: ret void
// CHECK: call i32 @enigma_check_row(
// CHECK: br i1 {{.*}}, label %checked{{.*}}, label %fault.exit
// CHECK: call i32 @enigma_check_access(
// PLAIN-LABEL: define void @copy(
// PLAIN-NOT: enigma_check
// PLAIN: ret void
enigma.kernel @copy(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %B: memref<?xf32, #enigma.address_space<device>> {enigma.index = 1 : i32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %x = memref.load %A[%i] : memref<?xf32, #enigma.address_space<device>>
  memref.store %x, %B[%i] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

// A barrier asks which lanes of each SIMD group come to it.
// CHECK-LABEL: define void @barriers(
// CHECK: call i32 @enigma_check_barrier(ptr {{.*}}, i32 0, ptr null, i32 2)
// CHECK: call i32 @enigma_check_barrier(ptr {{.*}}, i32 1, ptr %{{.*}}, i32 2)
// CHECK: call i32 @enigma_check_simdgroup_barrier(
enigma.kernel @barriers(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  %t = enigma.thread_position_in_threadgroup x : i32
  enigma.threadgroup_barrier mem_threadgroup
  %p = arith.cmpi ult, %t, %n : i32
  scf.if %p {
    enigma.threadgroup_barrier mem_threadgroup
  }
  enigma.simdgroup_barrier mem_none
  enigma.return
}

// -----

// Divisions and shifts; one by a constant that is fine is not tested.
// CHECK-LABEL: define void @numbers(
// CHECK: call void @enigma_check_fault(ptr {{.*}}, i32 5,
// CHECK: call void @enigma_check_fault(ptr {{.*}}, i32 6,
// CHECK: sdiv
// CHECK: call void @enigma_check_fault(ptr {{.*}}, i32 7,
// CHECK: shl
// CHECK-NOT: enigma_check_fault
// CHECK: lshr
enigma.kernel @numbers(
    %A: memref<?xi32, #enigma.address_space<device>>
      {enigma.index = 0 : i32, enigma.dtype = si32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : i32
  %q = arith.divsi %c3, %n : i32
  %s = arith.shli %q, %n : i32
  %r = arith.shrui %s, %c3 : i32
  memref.store %r, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.return
}
