// RUN: enigma-translate %s -split-input-file -enigma-to-llvmir -block=64,1,1 | FileCheck %s

// Two loops over SIMD groups; what lives across the barrier is in an array.
// CHECK-LABEL: define void @reverse(
// CHECK: %[[KEPT:.*]] = alloca <32 x float>, i64 2
// CHECK: simdgroup:
// CHECK: store <32 x float> {{.*}}
// CHECK: simdgroup.end:
// CHECK: simdgroup{{[0-9]+}}:
// CHECK: simdgroup.end
enigma.kernel @reverse(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
  %c63 = arith.constant 63 : i32
  %tile = enigma.alloc : memref<64xf32, #enigma.address_space<threadgroup>>
  %t = enigma.thread_position_in_threadgroup x : i32
  %i = arith.index_castui %t : i32 to index
  %x = memref.load %A[%i] : memref<?xf32, #enigma.address_space<device>>
  memref.store %x, %tile[%i] : memref<64xf32, #enigma.address_space<threadgroup>>
  enigma.threadgroup_barrier mem_threadgroup
  %s = arith.subi %c63, %t : i32
  %j = arith.index_castui %s : i32 to index
  %y = memref.load %tile[%j] : memref<64xf32, #enigma.address_space<threadgroup>>
  %z = arith.addf %x, %y : f32
  memref.store %z, %A[%i] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

// A loop with a barrier is one of the threadgroup.
// CHECK-LABEL: define void @loop(
// CHECK: loop:
// CHECK: loop.body:
// CHECK-NEXT: br label %[[FIRST:simdgroup[0-9]*]]
// CHECK: [[FIRST]]:
// CHECK: br i1 {{.*}}, label %[[FIRST]], label %simdgroup.end
// CHECK: simdgroup.end{{[0-9]*}}:
// CHECK: br label %loop{{$}}
enigma.kernel @loop(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %t = enigma.thread_position_in_threadgroup x : i32
  scf.for unsigned %k = %c0 to %n step %c1 : i32 {
    %s = arith.addi %t, %k : i32
    %i = arith.index_castui %s : i32 to index
    %x = memref.load %A[%i] : memref<?xf32, #enigma.address_space<device>>
    enigma.threadgroup_barrier mem_device
    %j = arith.index_castui %t : i32 to index
    memref.store %x, %A[%j] : memref<?xf32, #enigma.address_space<device>>
    enigma.threadgroup_barrier mem_device
  }
  enigma.return
}

// -----

// An access looks at what its subscript was widened from, which may be computed
// before the barrier.
// CHECK-LABEL: define void @widened(
// CHECK: row:
// CHECK: store <8 x float>
// CHECK: any:
// CHECK: scatter
enigma.kernel @widened(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %tile = enigma.alloc : memref<64xf32, #enigma.address_space<threadgroup>>
  %t = enigma.thread_position_in_threadgroup x : i32
  %i = arith.index_castui %t : i32 to index
  %s = arith.addi %t, %n : i32
  %j = arith.index_castui %s : i32 to index
  %x = memref.load %A[%i] : memref<?xf32, #enigma.address_space<device>>
  memref.store %x, %tile[%i] : memref<64xf32, #enigma.address_space<threadgroup>>
  enigma.threadgroup_barrier mem_threadgroup
  %y = memref.load %tile[%i] : memref<64xf32, #enigma.address_space<threadgroup>>
  memref.store %y, %A[%j] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

// So does one in a branch behind the barrier, through a subscript that is widened
// in two steps.
// CHECK-LABEL: define void @nested(
// CHECK: simdgroup.end{{[0-9]+}}:
// CHECK: then:
// CHECK: row{{[0-9]+}}:
// CHECK: any{{[0-9]+}}:
// CHECK: scatter
// CHECK: access.end{{[0-9]+}}:
// CHECK: scatter
enigma.kernel @nested(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %t = enigma.thread_position_in_threadgroup x : i32
  %s = arith.addi %t, %n : i32
  %j = arith.index_castui %s : i32 to index
  %l = arith.index_castui %j : index to i64
  %k = arith.index_castui %l : i64 to index
  %x = memref.load %A[%j] : memref<?xf32, #enigma.address_space<device>>
  enigma.threadgroup_barrier mem_device
  %p = arith.cmpi ult, %t, %n : i32
  scf.if %p {
    memref.store %x, %A[%j] : memref<?xf32, #enigma.address_space<device>>
    memref.store %x, %A[%k] : memref<?xf32, #enigma.address_space<device>>
  }
  enigma.return
}
