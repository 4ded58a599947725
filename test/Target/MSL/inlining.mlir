// RUN: enigma-translate --enigma-to-msl --split-input-file %s | FileCheck %s

#device = #enigma.address_space<device>
#threadgroup = #enigma.address_space<threadgroup>

// A load moves to its use unless something between may write what it reads.

// CHECK-LABEL: kernel void loads(
enigma.kernel @loads(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32, enigma.access = #enigma.access<read>},
    %B: memref<?xf32, #device> {enigma.name = "B", enigma.index = 1 : i32},
    %K: memref<?xf32, #enigma.address_space<constant>> {enigma.name = "K", enigma.index = 2 : i32}) {
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %tile = enigma.alloc : memref<8xf32, #threadgroup> loc("tile"("k.py":1:1))
  // CHECK: float a = A[0];
  // CHECK-NEXT: B[0] = 1.0f;
  // CHECK-NEXT: B[1] = a;
  %a = memref.load %A[%i0] : memref<?xf32, #device>
  memref.store %one, %B[%i0] : memref<?xf32, #device>
  memref.store %a, %B[%i1] : memref<?xf32, #device>
  // An expression that reads is kept as a whole.
  // CHECK-NEXT: float t = A[0] + B[1];
  // CHECK-NEXT: B[0] = 1.0f;
  // CHECK-NEXT: B[1] = t;
  %b0 = memref.load %A[%i0] : memref<?xf32, #device>
  %b1 = memref.load %B[%i1] : memref<?xf32, #device>
  %b = arith.addf %b0, %b1 : f32
  memref.store %one, %B[%i0] : memref<?xf32, #device>
  memref.store %b, %B[%i1] : memref<?xf32, #device>
  // The value that is stored is read before the store.
  // CHECK-NEXT: B[0] += 1.0f;
  %c0 = memref.load %B[%i0] : memref<?xf32, #device>
  %c = arith.addf %c0, %one : f32
  memref.store %c, %B[%i0] : memref<?xf32, #device>
  // Neither constant memory nor another address space is written.
  // CHECK-NEXT: tile[0] = 1.0f;
  // CHECK-NEXT: B[0] = K[0] + A[0];
  %d0 = memref.load %K[%i0] : memref<?xf32, #enigma.address_space<constant>>
  %d1 = memref.load %A[%i0] : memref<?xf32, #device>
  %d = arith.addf %d0, %d1 : f32
  memref.store %one, %tile[%i0] : memref<8xf32, #threadgroup>
  memref.store %d, %B[%i0] : memref<?xf32, #device>
  // Other threads write before a barrier ends.
  // CHECK-NEXT: float tile_value = tile[1];
  // CHECK-NEXT: threadgroup_barrier(mem_flags::mem_threadgroup);
  // CHECK-NEXT: B[0] = tile_value;
  %e = memref.load %tile[%i1] : memref<8xf32, #threadgroup>
  enigma.threadgroup_barrier mem_threadgroup
  memref.store %e, %B[%i0] : memref<?xf32, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// Nothing moves into a loop, and no load into a branch.

// CHECK-LABEL: kernel void regions(
enigma.kernel @regions(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32, enigma.access = #enigma.access<read>},
    %B: memref<?xf32, #device> {enigma.name = "B", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = si32}) {
  %i0 = arith.constant 0 : index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  // CHECK: float t = x * x;
  // CHECK-NEXT: int last = n + 1;
  // CHECK-NEXT: for (int i = 0; i < n; ++i) {
  // CHECK-NEXT:   B[i] = t;
  %xx = arith.mulf %x, %x : f32
  %last = arith.addi %n, %c1 overflow<nsw> : i32 loc("last"("k.py":3:3))
  scf.for %i = %c0 to %n step %c1 : i32 {
    %ii = arith.index_cast %i : i32 to index
    memref.store %xx, %B[%ii] : memref<?xf32, #device>
  }
  // CHECK: float a = A[0];
  // CHECK-NEXT: if (n > 0) {
  // CHECK-NEXT:   B[0] = a + (x + x);
  %a = memref.load %A[%i0] : memref<?xf32, #device>
  %pure = arith.addf %x, %x : f32
  %c = arith.cmpi sgt, %n, %c0 : i32
  scf.if %c {
    %s = arith.addf %a, %pure : f32
    memref.store %s, %B[%i0] : memref<?xf32, #device>
  }
  // The bound of a loop is read once.
  // CHECK: int last_1 = int(B[0]);
  // CHECK-NEXT: for (int i = 0; i < last_1; i += last) {
  %f = memref.load %B[%i0] : memref<?xf32, #device>
  %bound = arith.fptosi %f : f32 to i32
  scf.for %i = %c0 to %bound step %last : i32 {
    memref.store %x, %B[%i0] : memref<?xf32, #device>
  }
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// A condition that needs statements is tested inside of the loop.

// CHECK-LABEL: kernel void loop(
// CHECK: int i = 0;
// CHECK-NEXT: while (true) {
// CHECK-NEXT:   float a = A[i];
// CHECK-NEXT:   if (!(a > 0.0f && a < 9.0f)) {
// CHECK-NEXT:     break;
// CHECK-NEXT:   }
// CHECK-NEXT:   i += 1;
// CHECK-NEXT: }
enigma.kernel @loop(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32, enigma.access = #enigma.access<read>}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  %nine = arith.constant 9.0 : f32
  %r = "scf.while"(%c0) ({
  ^bb0(%i: i32 loc("i"("k.py":3:3))):
    %ii = arith.index_cast %i : i32 to index
    %a = memref.load %A[%ii] : memref<?xf32, #device>
    %p = arith.cmpf ogt, %a, %zero : f32
    %q = arith.cmpf olt, %a, %nine : f32
    %c = arith.andi %p, %q : i1
    scf.condition(%c) %i : i32
  }, {
  ^bb0(%i: i32 loc("i"("k.py":3:3))):
    %j = arith.addi %i, %c1 overflow<nsw> : i32 loc("i"("k.py":4:3))
    scf.yield %j : i32
  }) {enigma.names = ["i"]} : (i32) -> i32
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// Long expressions are cut and wrapped.

// CHECK-LABEL: kernel void long_lines(
// CHECK: float t = first_parameter * second_parameter * first_parameter * second_parameter *
// CHECK-NEXT: {{^              }}first_parameter;
// CHECK-NEXT: A[0] = t * second_parameter;
enigma.kernel @long_lines(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "first_parameter", enigma.index = 1 : i32},
    %y: f32 {enigma.name = "second_parameter", enigma.index = 2 : i32}) {
  %i0 = arith.constant 0 : index
  %a = arith.mulf %x, %y : f32
  %b = arith.mulf %a, %x : f32
  %c = arith.mulf %b, %y : f32
  %d = arith.mulf %c, %x : f32
  %e = arith.mulf %d, %y : f32
  memref.store %e, %A[%i0] : memref<?xf32, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// The counter of a loop starts at a variable's value from before the loop.

// CHECK-LABEL: kernel void start(
// CHECK: int x = int(A[0]);
// CHECK: int x_1 = 7;
// CHECK-NEXT: for (int i = x; i < n; ++i) {
// CHECK-NEXT:   x_1 *= i;
// CHECK-NEXT: }
// CHECK-NEXT: A[0] = float(x_1);
enigma.kernel @start(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %i0 = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %c7 = arith.constant 7 : i32
  %f = memref.load %A[%i0] : memref<?xf32, #device>
  %x = arith.fptosi %f : f32 to i32 loc("x"("k.py":3:3))
  %r = "scf.for"(%x, %n, %c1, %c7) ({
  ^bb0(%i: i32 loc("i"("k.py":5:3)), %y: i32 loc("x"("k.py":4:3))):
    %p = arith.muli %y, %i overflow<nsw> : i32 loc("x"("k.py":6:3))
    scf.yield %p : i32
  }) {enigma.names = ["x"]} : (i32, i32, i32, i32) -> i32
  %g = arith.sitofp %r : i32 to f32
  memref.store %g, %A[%i0] : memref<?xf32, #device>
  enigma.return
}
