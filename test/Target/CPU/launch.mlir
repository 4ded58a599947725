// RUN: enigma-translate %s -split-input-file -enigma-to-llvmir -block=32,1,1 | FileCheck %s

// A function constant that the host did not set is its default.
// CHECK-LABEL: define void @constants(
// CHECK-NOT: load float
// CHECK: store float 2.500000e+00, ptr
// CHECK: store i8 1, ptr
enigma.kernel @constants(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %B: memref<?xi1, #enigma.address_space<device>> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %x = enigma.function_constant 0 "x" default 2.5 : f32 : f32 -> f32
  %b = enigma.function_constant 1 "b" default true : i1 -> i1
  memref.store %x, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  memref.store %b, %B[%c0] : memref<?xi1, #enigma.address_space<device>>
  enigma.return
}

// -----

// A threadgroup array whose length the launch chooses stands behind the others; what the launch
// gives in the place of its address is its bytes.
// CHECK-LABEL: define void @shared(
// CHECK: %[[FIRST:.*]] = getelementptr inbounds i8, ptr %3, i64 256
// CHECK: %[[BYTES:.*]] = load i64, ptr
// CHECK: %[[END:.*]] = add i64 256, %[[BYTES]]
// CHECK: %[[ROUNDED:.*]] = add i64 %[[END]], 255
// CHECK: %[[NEXT:.*]] = and i64 %[[ROUNDED]], -256
// CHECK: getelementptr inbounds i8, ptr %3, i64 %[[NEXT]]
enigma.kernel @shared(
    %A: memref<?xf32, #enigma.address_space<threadgroup>> {enigma.index = 0 : i32},
    %B: memref<?xf32, #enigma.address_space<threadgroup>> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c = enigma.alloc : memref<4xf32, #enigma.address_space<threadgroup>>
  %x = memref.load %A[%c0] : memref<?xf32, #enigma.address_space<threadgroup>>
  memref.store %x, %B[%c0] : memref<?xf32, #enigma.address_space<threadgroup>>
  memref.store %x, %c[%c0] : memref<4xf32, #enigma.address_space<threadgroup>>
  enigma.return
}

// -----

// Each lane that runs tells its values, as their bits.
// CHECK-LABEL: define void @messages(
// CHECK: %[[BITS:.*]] = alloca i64, i64 2
// CHECK: %[[LANE:.*]] = call i32 @llvm.cttz.i32
// CHECK: %[[X:.*]] = extractelement <32 x half>
// CHECK: bitcast half %[[X]] to i16
// CHECK: call void %{{.*}}(ptr %{{.*}}, i32 0, i64 %{{.*}}, i32 %{{.*}}, ptr %[[BITS]])
// The lanes for which the condition does not hold.
// CHECK: %[[FAILING:.*]] = xor <32 x i1> %{{.*}}, splat (i1 true)
// CHECK: bitcast <32 x i1> %[[FAILING]] to i32
// CHECK: call void %{{.*}}(ptr %{{.*}}, i32 1, i64
enigma.kernel @messages(
    %A: memref<?xf16, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %x = memref.load %A[%i] : memref<?xf16, #enigma.address_space<device>>
  enigma.print "{} at {}"(%x, %t) {dtypes = [f16, ui32]} : (f16, i32) -> ()
  %inside = arith.cmpi ult, %t, %n : i32
  enigma.assert %inside, "{} is too much"(%t) {dtypes = [ui32]} : (i32) -> ()
  enigma.return
}

// -----

// The elements of a matrix are values of their own.
// CHECK-LABEL: define void @matrices(
// CHECK: %[[M:.*]] = fmul float %[[X:.*]], %[[X]]
// CHECK: %[[N:.*]] = fmul float %[[X]], %[[X]]
// CHECK: fsub float %[[M]], %[[N]]
enigma.kernel @matrices(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
    %x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %v = vector.broadcast %x : f32 to vector<2xf32>
  %m = enigma.matrix_from_columns %v, %v : !enigma.matrix<2x2xf32>
  %d = enigma.matrix_determinant %m : !enigma.matrix<2x2xf32>
  memref.store %d, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}
