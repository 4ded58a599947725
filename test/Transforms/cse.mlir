// RUN: enigma-opt %s --enigma-cse --split-input-file | FileCheck %s
// RUN: enigma-opt %s --enigma-cse --split-input-file --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC

// CHECK-LABEL: enigma.kernel @arithmetic(
// LOC-LABEL: enigma.kernel @arithmetic(
enigma.kernel @arithmetic(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32}) {
  // CHECK-NEXT: %[[C0:.+]] = arith.constant 0
  // CHECK-NEXT: %[[SQUARE:.+]] = arith.mulf %a, %a
  // CHECK-NEXT: %[[FAST:.+]] = arith.mulf %a, %a fastmath<fast>
  // CHECK-NEXT: %[[SUM:.+]] = arith.addf %a, %[[SQUARE]]
  // CHECK-NEXT: %[[LESS:.+]] = arith.subf %a, %[[SQUARE]]
  // CHECK-NEXT: %[[MORE:.+]] = arith.subf %[[SQUARE]], %a
  // CHECK-NEXT: enigma.store %[[SQUARE]]
  // CHECK-NEXT: enigma.store %[[SQUARE]]
  // CHECK-NEXT: enigma.store %[[FAST]]
  // CHECK-NEXT: enigma.store %[[SUM]]
  // CHECK-NEXT: enigma.store %[[SUM]]
  // CHECK-NEXT: enigma.store %[[LESS]]
  // CHECK-NEXT: enigma.store %[[MORE]]
  // CHECK-NEXT: enigma.return
  // LOC: arith.mulf %a, %a : f32 loc("square"("k.py":1:1))
  %c0 = arith.constant 0 : index
  %c0again = arith.constant 0 : index
  %unused = arith.addf %a, %a : f32
  %0 = arith.mulf %a, %a : f32 loc("k.py":1:1)
  %1 = arith.mulf %a, %a : f32 loc("square"("k.py":2:1))
  %2 = arith.mulf %a, %a fastmath<fast> : f32
  %3 = arith.addf %a, %0 : f32
  %4 = arith.addf %0, %a : f32
  %5 = arith.subf %a, %0 : f32
  %6 = arith.subf %0, %a : f32
  enigma.store %0, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.store %1, %A[%c0again] : f32, !enigma.buffer<f32, device>
  enigma.store %2, %A[%c0again] : f32, !enigma.buffer<f32, device>
  enigma.store %3, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.store %4, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.store %5, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.store %6, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A load is the same until something is written, in whatever buffer.

// CHECK-LABEL: enigma.kernel @loads(
enigma.kernel @loads(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  // CHECK: %[[A0:.+]] = enigma.load %A
  // CHECK-NEXT: enigma.store %[[A0]], %B
  // CHECK-NEXT: %[[A1:.+]] = enigma.load %A
  // CHECK-NEXT: enigma.store %[[A1]], %A
  // CHECK-NEXT: %[[A2:.+]] = enigma.load %A
  // CHECK-NEXT: enigma.threadgroup_barrier
  // CHECK-NEXT: %[[A3:.+]] = enigma.load %A
  // CHECK-NEXT: %[[S:.+]] = arith.addf %[[A2]], %[[A3]]
  // CHECK-NEXT: enigma.store %[[S]]
  %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.store %1, %B[%c0] : f32, !enigma.buffer<f32, device>
  %2 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
  %3 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.threadgroup_barrier mem_device
  %4 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %5 = arith.addf %3, %4 : f32
  enigma.store %5, %B[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Loops and branches.

// CHECK-LABEL: enigma.kernel @regions(
enigma.kernel @regions(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = si32},
    %p: i1 {enigma.name = "p", enigma.index = 3 : i32}) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0 : i32
  %o = arith.constant 1 : i32
  // A loop that writes nothing reads what was read before.
  // CHECK: %[[A0:.+]] = enigma.load %A
  // CHECK-NEXT: scf.for {{.*}} iter_args(%[[X:.+]] = %[[A0]])
  // CHECK-NEXT: arith.addf %[[X]], %[[A0]]
  %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %sum = scf.for %k = %z to %n step %o iter_args(%x = %0) -> (f32) : i32 {
    %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
    %2 = arith.addf %x, %1 : f32
    scf.yield %2 : f32
  }
  // One that writes at its end has written at its start.
  // CHECK: scf.for
  // CHECK-NEXT: %[[A1:.+]] = enigma.load %A
  // CHECK-NEXT: arith.addf %[[A1]], %[[A1]]
  // CHECK-NEXT: enigma.store
  scf.for %k = %z to %n step %o : i32 {
    %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
    %2 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
    %3 = arith.addf %1, %2 : f32
    enigma.store %3, %A[%c0] : f32, !enigma.buffer<f32, device>
  }
  // What one path computes the other does not know, nor what follows.
  // CHECK: scf.if
  // CHECK-NEXT: %[[A2:.+]] = enigma.load %A
  // CHECK-NEXT: enigma.store %[[A2]], %B
  // CHECK-NEXT: } else {
  // CHECK-NEXT: %[[A3:.+]] = enigma.load %A
  // CHECK-NEXT: enigma.store %[[A3]], %B
  // CHECK-NEXT: }
  // CHECK-NEXT: %[[A4:.+]] = enigma.load %A
  scf.if %p {
    %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
    enigma.store %1, %B[%c0] : f32, !enigma.buffer<f32, device>
  } else {
    %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
    enigma.store %1, %B[%c0] : f32, !enigma.buffer<f32, device>
  }
  %4 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %5 = arith.addf %4, %sum : f32
  enigma.store %5, %B[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// What was read before a branch is known behind it, and not in a loop that
// writes, however deep.

// CHECK-LABEL: enigma.kernel @nested(
enigma.kernel @nested(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = si32},
    %p: i1 {enigma.name = "p", enigma.index = 3 : i32}) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0 : i32
  %o = arith.constant 1 : i32
  // CHECK: %[[A0:.+]] = enigma.load %A
  // CHECK-NEXT: scf.if
  // CHECK-NEXT: %[[B0:.+]] = enigma.load %B
  // CHECK-NEXT: arith.addf %[[A0]], %[[B0]]
  // CHECK: scf.for
  // CHECK-NEXT: %[[A1:.+]] = enigma.load %A
  // CHECK-NEXT: scf.if
  // CHECK-NEXT: scf.for
  // CHECK-NEXT: %[[A2:.+]] = enigma.load %A
  // CHECK-NEXT: %[[S:.+]] = arith.addf %[[A1]], %[[A2]]
  // CHECK-NEXT: enigma.store %[[S]], %A
  %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  %sum = scf.if %p -> (f32) {
    %1 = enigma.load %B[%c0] : !enigma.buffer<f32, device> -> f32
    %2 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
    %3 = arith.addf %2, %1 : f32
    scf.yield %3 : f32
  } else {
    scf.yield %0 : f32
  }
  scf.for %k = %z to %n step %o : i32 {
    %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
    scf.if %p {
      scf.for %l = %z to %n step %o : i32 {
        %2 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
        %3 = arith.addf %1, %2 : f32
        enigma.store %3, %A[%c0] : f32, !enigma.buffer<f32, device>
      }
    }
  }
  enigma.store %sum, %B[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Arrays are not values: each is its own.

// CHECK-LABEL: enigma.kernel @arrays(
enigma.kernel @arrays() {
  // CHECK-COUNT-2: enigma.alloc
  %c0 = arith.constant 0 : index
  %f = arith.constant 1.0 : f32
  %0 = enigma.alloc : !enigma.buffer<4xf32, thread>
  %1 = enigma.alloc : !enigma.buffer<4xf32, thread>
  enigma.store %f, %0[%c0] : f32, !enigma.buffer<4xf32, thread>
  enigma.store %f, %1[%c0] : f32, !enigma.buffer<4xf32, thread>
  enigma.return
}

// -----

// A sum over the threads that are here: in a branch there may be fewer.

// CHECK-LABEL: enigma.kernel @threads(
// CHECK: %[[S:.+]] = enigma.simd_sum %a
// CHECK-NEXT: scf.if
// CHECK-NEXT: %[[T:.+]] = enigma.simd_sum %a
// CHECK-NEXT: enigma.store %[[T]]
// CHECK-NEXT: enigma.store %[[T]]
// CHECK: }
// CHECK-NEXT: %[[U:.+]] = enigma.simd_sum %a
// CHECK-NEXT: arith.addf %[[S]], %[[U]]
enigma.kernel @threads(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.simd_sum %a : f32
  scf.if %p {
    %1 = enigma.simd_sum %a : f32
    %2 = enigma.simd_sum %a : f32
    enigma.store %1, %A[%c0] : f32, !enigma.buffer<f32, device>
    enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
  }
  %3 = enigma.simd_sum %a : f32
  %4 = arith.addf %0, %3 : f32
  enigma.store %4, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// What a branch that writes nothing computes anew hides what was before it in
// that branch only.

// CHECK-LABEL: enigma.kernel @hidden(
// CHECK: %[[S:.+]] = enigma.simd_sum %a
// CHECK-NEXT: %[[R:.+]] = scf.if
// CHECK-NEXT: %[[T:.+]] = enigma.simd_sum %a
// CHECK-NEXT: %[[U:.+]] = arith.addf %[[T]], %[[T]]
// CHECK-NEXT: scf.yield %[[U]]
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.yield %[[S]]
// CHECK-NEXT: }
// CHECK-NEXT: arith.addf %[[R]], %[[S]]
enigma.kernel @hidden(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.simd_sum %a : f32
  %1 = scf.if %p -> f32 {
    %2 = enigma.simd_sum %a : f32
    %3 = enigma.simd_sum %a : f32
    %4 = arith.addf %2, %3 : f32
    scf.yield %4 : f32
  } else {
    scf.yield %0 : f32
  }
  %5 = enigma.simd_sum %a : f32
  %6 = arith.addf %1, %5 : f32
  enigma.store %6, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// What is known of overflow is what is known of both; but arithmetic that only
// signed numbers do not overflow in stays signed.

// CHECK-LABEL: enigma.kernel @overflow(
// CHECK: %[[S:.+]] = arith.addi %a, %b : i32
// CHECK-NEXT: %[[P:.+]] = arith.muli %a, %b overflow<nuw> : i32
// CHECK-NEXT: %[[D:.+]] = arith.subi %a, %b overflow<nsw> : i32
// CHECK-NEXT: %[[E:.+]] = arith.subi %a, %b : i32
// CHECK-NEXT: enigma.store %[[S]]
// CHECK-NEXT: enigma.store %[[S]]
// CHECK-NEXT: enigma.store %[[P]]
// CHECK-NEXT: enigma.store %[[P]]
// CHECK-NEXT: enigma.store %[[D]]
// CHECK-NEXT: enigma.store %[[E]]
enigma.kernel @overflow(
    %A: !enigma.buffer<ui32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: i32 {enigma.name = "a", enigma.index = 1 : i32, enigma.dtype = ui32},
    %b: i32 {enigma.name = "b", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %0 = arith.addi %a, %b overflow<nsw, nuw> : i32
  %1 = arith.addi %a, %b : i32
  %2 = arith.muli %a, %b overflow<nsw, nuw> : i32
  %3 = arith.muli %a, %b overflow<nuw> : i32
  %4 = arith.subi %a, %b overflow<nsw> : i32
  %5 = arith.subi %a, %b : i32
  enigma.store %0, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.store %1, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.store %2, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.store %3, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.store %4, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.store %5, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// -----

// Tables, and what is read of them: nothing writes them.

// CHECK-LABEL: enigma.kernel @tables(
// CHECK-COUNT-2: enigma.constant_array
// CHECK-NOT: enigma.constant_array
// CHECK: %[[A:.+]] = enigma.load
// CHECK-NEXT: enigma.store %[[A]]
// CHECK-NEXT: enigma.store %[[A]]
// CHECK-NEXT: %[[B:.+]] = enigma.load
// CHECK-NEXT: enigma.store %[[B]]
enigma.kernel @tables(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %0 = enigma.constant_array dense<1.0> : tensor<64xf32> : !enigma.buffer<64xf32, constant>
  %1 = enigma.constant_array dense<1.0> : tensor<64xf32> : !enigma.buffer<64xf32, constant>
  %2 = enigma.constant_array dense<2.0> : tensor<64xf32> : !enigma.buffer<64xf32, constant>
  %i = arith.index_castui %n : i32 to index
  %a = enigma.load %0[%i] : !enigma.buffer<64xf32, constant> -> f32
  enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  %b = enigma.load %1[%i] : !enigma.buffer<64xf32, constant> -> f32
  enigma.store %b, %A[%i] : f32, !enigma.buffer<f32, device>
  %c = enigma.load %2[%i] : !enigma.buffer<64xf32, constant> -> f32
  enigma.store %c, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}
