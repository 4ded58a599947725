// RUN: enigma-translate %s -split-input-file -enigma-to-llvmir -block=64,1,1 | FileCheck %s
// RUN: enigma-translate %s -split-input-file -enigma-to-llvmir -block=64,1,1 -ragged | FileCheck %s --check-prefix=RAGGED

// What grows by one from lane to lane is one access; full SIMD groups need no mask.
// CHECK-LABEL: define void @scale(
// CHECK: load <32 x float>
// CHECK: fmul <32 x float>
// Buffers begin anywhere: of a store, a half line of the cache at a time.
// CHECK-COUNT-4: store <8 x float> %{{.*}}, ptr %{{.*}}, align 4
// RAGGED-LABEL: define void @scale(
// RAGGED: icmp ult <32 x i32>
// RAGGED: call <32 x float> @llvm.masked.load
// RAGGED: call void @llvm.masked.store
enigma.kernel @scale(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %f: f32 {enigma.index = 1 : i32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %x = memref.load %A[%i] : memref<?xf32, #enigma.address_space<device>>
  %y = arith.mulf %x, %f : f32
  memref.store %y, %A[%i] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

// What all lanes have is a scalar, and so is what they read together.
// CHECK-LABEL: define void @uniform(
// CHECK: load float
// CHECK: fmul float
// CHECK: br i1
// CHECK: store float
// CHECK-NOT: x float
enigma.kernel @uniform(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c0_i32 = arith.constant 0 : i32
  %x = memref.load %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  %y = arith.mulf %x, %x : f32
  %more = arith.cmpi ne, %n, %c0_i32 : i32
  scf.if %more {
    memref.store %y, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  }
  enigma.return
}

// -----

// A path that only some lanes take is run under a mask, if there are any.
// CHECK-LABEL: define void @divergent(
// CHECK: %[[MASK:.*]] = icmp ult <32 x i32>
// CHECK: %[[BITS:.*]] = bitcast <32 x i1> %[[MASK]] to i32
// CHECK: icmp ne i32 %[[BITS]], 0
// CHECK: call void @llvm.masked.store.v32i32.p0(<32 x i32> {{.*}}, ptr {{.*}}, <32 x i1> %[[MASK]])
enigma.kernel @divergent(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = ui32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %inside = arith.cmpi ult, %t, %n : i32
  scf.if %inside {
    memref.store %t, %A[%i] : memref<?xi32, #enigma.address_space<device>>
  }
  enigma.return
}

// -----

// Other places are gathered.
// CHECK-LABEL: define void @gathered(
// CHECK: call <32 x i8> @llvm.masked.gather
enigma.kernel @gathered(
    %A: memref<?xi8, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = ui8},
    %B: memref<?xi8, #enigma.address_space<device>> {enigma.index = 1 : i32, enigma.dtype = ui8}) {
  %c3 = arith.constant 3 : i32
  %t = enigma.thread_position_in_grid x : i32
  %s = arith.divui %t, %c3 : i32
  %i = arith.index_castui %s : i32 to index
  %j = arith.index_castui %t : i32 to index
  %x = memref.load %A[%i] : memref<?xi8, #enigma.address_space<device>>
  memref.store %x, %B[%j] : memref<?xi8, #enigma.address_space<device>>
  enigma.return
}
