// RUN: enigma-opt %s --enigma-narrow-index --enigma-clean --split-input-file | FileCheck %s
// RUN: enigma-opt %s --enigma-narrow-index --split-input-file --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC

// A thread's place in its threadgroup is below 1024.

// CHECK-LABEL: enigma.kernel @local(
// CHECK-NOT: i64
// CHECK: %[[T:.+]] = enigma.thread_position_in_threadgroup x
// CHECK: %[[M:.+]] = arith.muli %[[T]], %{{.+}} : i32
// CHECK: %[[S:.+]] = arith.addi %[[M]], %{{.+}} : i32
// CHECK: %[[I:.+]] = arith.index_castui %[[S]] : i32 to index
// CHECK: enigma.store %{{.+}}, %A[%[[I]]]
// LOC-LABEL: enigma.kernel @local(
// LOC: arith.addi {{.*}} : i32 loc("offset"("k.py":2:3))
enigma.kernel @local(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %one = arith.constant 1.0 : f32
  %c3 = arith.constant 3 : i64
  %c7 = arith.constant 7 : i64
  %t = enigma.thread_position_in_threadgroup x : i32
  %0 = arith.extui %t : i32 to i64
  %1 = arith.muli %0, %c3 : i64
  %2 = arith.addi %1, %c7 : i64 loc("offset"("k.py":2:3))
  %3 = arith.index_cast %2 : i64 to index
  enigma.store %one, %A[%3] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A grid may have 2^32 - 1 threads: the index of a thread fits, and that + 1.

// CHECK-LABEL: enigma.kernel @global(
// CHECK: %[[T:.+]] = enigma.thread_position_in_grid x
// CHECK: %[[W:.+]] = arith.extui %[[T]] : i32 to i64
// CHECK: %[[N:.+]] = arith.addi %[[T]], %{{.+}} : i32
// CHECK: %[[I:.+]] = arith.index_castui %[[N]] : i32 to index
// CHECK: %[[S:.+]] = arith.addi %[[W]], %{{.+}} : i64
// CHECK: %[[J:.+]] = arith.index_cast{{(ui)?}} %[[S]] : i64 to index
enigma.kernel @global(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %one = arith.constant 1.0 : f32
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %t = enigma.thread_position_in_grid x : i32
  %0 = arith.extui %t : i32 to i64
  %1 = arith.addi %0, %c1 : i64
  %2 = arith.index_cast %1 : i64 to index
  enigma.store %one, %A[%2] : f32, !enigma.buffer<f32, device>
  %3 = arith.addi %0, %c2 : i64
  %4 = arith.index_cast %3 : i64 to index
  enigma.store %one, %A[%4] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A launch that is known bounds it.

// CHECK-LABEL: enigma.kernel @launched(
// CHECK: arith.muli {{.*}} : i32
// CHECK: arith.index_castui
enigma.kernel @launched(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32})
    attributes {grid = array<i64: 1024, 1, 1>, block = array<i64: 256, 1, 1>} {
  %one = arith.constant 1.0 : f32
  %c16 = arith.constant 16 : i64
  %t = enigma.thread_position_in_grid x : i32
  %0 = arith.extui %t : i32 to i64
  %1 = arith.muli %0, %c16 : i64
  %2 = arith.index_cast %1 : i64 to index
  enigma.store %one, %A[%2] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Negative numbers are extended with their sign.

// CHECK-LABEL: enigma.kernel @signed(
// CHECK: %[[X:.+]] = arith.extsi %{{.+}} : i16 to i32
// CHECK: %[[D:.+]] = arith.subi %[[X]], %{{.+}} : i32
// CHECK: %[[I:.+]] = arith.index_cast %[[D]] : i32 to index
// CHECK: enigma.load %A[%[[I]]]
// CHECK: %[[LESS:.+]] = arith.cmpi slt, %[[D]], %{{.+}} : i32
// CHECK: %[[F:.+]] = arith.sitofp %[[D]] : i32 to f32
enigma.kernel @signed(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<si16, device> {enigma.name = "B", enigma.index = 1 : i32}) {
  %first = arith.constant 0 : index
  %c5 = arith.constant 5 : i64
  %c9 = arith.constant 9 : i64
  %x = enigma.load %B[%first] : !enigma.buffer<si16, device> -> i16
  %0 = arith.extsi %x : i16 to i64
  %1 = arith.subi %0, %c5 : i64
  %2 = arith.index_cast %1 : i64 to index
  %a = enigma.load %A[%2] : !enigma.buffer<f32, device> -> f32
  %less = arith.cmpi slt, %1, %c9 : i64
  %f = arith.sitofp %1 : i64 to f32
  %r = arith.select %less, %a, %f : f32
  enigma.store %r, %A[%first] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// What does not fit, or would be undefined in 32 bits.

// CHECK-LABEL: enigma.kernel @wide(
// CHECK: arith.addi {{.*}} : i64
// CHECK: arith.muli {{.*}} : i64
// CHECK: arith.remsi {{.*}} : i64
// CHECK: arith.shrui {{.*}} : i64
// CHECK: arith.cmpi slt, {{.*}} : i64
// CHECK: arith.shli {{.*}} : i64
enigma.kernel @wide(
    %A: !enigma.buffer<si64, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32},
    %u: i32 {enigma.name = "u", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %i = arith.constant 0 : index
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c33 = arith.constant 33 : i64
  %m1 = arith.constant -1 : i64
  %s = arith.extsi %n : i32 to i64
  %z = arith.extui %u : i32 to i64
  // 2^31 - 1 + 1
  %0 = arith.addi %s, %c1 : i64
  enigma.store %0, %A[%i] : i64, !enigma.buffer<si64, device>
  // 2 (2^32 - 1)
  %1 = arith.muli %z, %c2 : i64
  enigma.store %1, %A[%i] : i64, !enigma.buffer<si64, device>
  // The remainder of -2^31 by -1 is 0, yet undefined in 32 bits.
  %2 = arith.remsi %s, %m1 : i64
  enigma.store %2, %A[%i] : i64, !enigma.buffer<si64, device>
  // A shift by more than 31.
  %3 = arith.shrui %z, %c33 : i64
  enigma.store %3, %A[%i] : i64, !enigma.buffer<si64, device>
  // One is signed, the other is not.
  %4 = arith.cmpi slt, %s, %z : i64
  %5 = arith.extui %4 : i1 to i64
  enigma.store %5, %A[%i] : i64, !enigma.buffer<si64, device>
  %6 = arith.shli %z, %c1 : i64
  enigma.store %6, %A[%i] : i64, !enigma.buffer<si64, device>
  enigma.return
}

// -----

// The lower half of a wide number, and shifts that stay inside of it.

// CHECK-LABEL: enigma.kernel @lower(
// CHECK: %[[T:.+]] = arith.trunci %x : i64 to i32
// CHECK: %[[A:.+]] = arith.andi %[[T]], %{{.+}} : i32
// CHECK: %[[S:.+]] = arith.shli %[[A]], %{{.+}} : i32
// CHECK: arith.extui %[[S]] : i32 to i64
enigma.kernel @lower(
    %A: !enigma.buffer<si64, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: i64 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = si64}) {
  %i = arith.constant 0 : index
  %c255 = arith.constant 255 : i64
  %c4 = arith.constant 4 : i64
  %0 = arith.andi %x, %c255 : i64
  %1 = arith.shli %0, %c4 : i64
  enigma.store %1, %A[%i] : i64, !enigma.buffer<si64, device>
  enigma.return
}

// -----

// Loop variables lie between the bounds; loops and branches join their paths.

// CHECK-LABEL: enigma.kernel @control(
// CHECK: scf.for %[[K:.+]] =
// CHECK: arith.divui %[[K]], %{{.+}} : i32
// CHECK: arith.remui %[[K]], %{{.+}} : i32
// CHECK: scf.for %[[L:.+]] =
// CHECK: arith.floordivsi %[[L]]
// CHECK: scf.for unsigned %[[M:.+]] =
// CHECK: arith.floordivsi %[[M]]
enigma.kernel @control(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %i = arith.constant 0 : index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c3 = arith.constant 3 : i32
  %m1 = arith.constant -1 : i32
  scf.for %k = %c0 to %n step %c1 : i32 {
    %0 = arith.floordivsi %k, %c3 : i32
    %1 = enigma.floormod %k, %c3 : i32
    %2 = arith.addi %0, %1 : i32
    enigma.store %2, %A[%i] : i32, !enigma.buffer<si32, device>
  }
  scf.for %k = %m1 to %n step %c1 : i32 {
    %0 = arith.floordivsi %k, %c3 : i32
    enigma.store %0, %A[%i] : i32, !enigma.buffer<si32, device>
  }
  scf.for unsigned %k = %c0 to %n step %c1 : i32 {
    %0 = arith.floordivsi %k, %c3 : i32
    enigma.store %0, %A[%i] : i32, !enigma.buffer<si32, device>
  }
  enigma.return
}

// -----

// A value that a loop carries may be any number.

// CHECK-LABEL: enigma.kernel @carried(
// CHECK: scf.for
// CHECK: arith.addi {{.*}} : i64
enigma.kernel @carried(
    %A: !enigma.buffer<si64, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %i = arith.constant 0 : index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %l1 = arith.constant 1 : i64
  %sum = scf.for %k = %c0 to %n step %c1 iter_args(%x = %l1) -> (i64) : i32 {
    %y = arith.addi %x, %l1 : i64
    scf.yield %y : i64
  }
  enigma.store %sum, %A[%i] : i64, !enigma.buffer<si64, device>
  enigma.return
}

// -----

// What an access relies on decides how its subscript is computed: with
// `index_bits`, or in an array, 32 bits do, whatever the parts may be.

// CHECK-LABEL: enigma.kernel @subscripts(
// CHECK-DAG: %[[C512:.+]] = arith.constant 512 : i32
// CHECK: %[[T:.+]] = enigma.thread_position_in_grid x
// CHECK: %[[W:.+]] = arith.index_castui %[[T]] : i32 to index
// CHECK-DAG: %[[PW:.+]] = arith.muli %[[W]], %{{.+}} : index
// CHECK-DAG: %[[P:.+]] = arith.muli %[[T]], %[[C512]] overflow<nsw, nuw> : i32
// CHECK-DAG: %[[PI:.+]] = arith.index_castui %[[P]] : i32 to index
// CHECK: %[[S:.+]] = arith.addi %[[P]], %{{.+}} overflow<nsw, nuw> : i32
// CHECK: %[[SI:.+]] = arith.index_castui %[[S]] : i32 to index
// CHECK: enigma.store %{{.+}}, %A[%[[PI]]] {index_bits = 20 : i32}
// CHECK: enigma.store %{{.+}}, %A[%[[SI]]] {index_bits = 20 : i32}
// CHECK: enigma.store %{{.+}}, %A[%[[PW]]] {index_bits = 33 : i32}
// CHECK: enigma.store %{{.+}}, %A[%[[PW]]] :
// CHECK: enigma.store %{{.+}}, %{{.+}}[%[[PI]]] : f32, !enigma.buffer<1024xf32, threadgroup>
enigma.kernel @subscripts(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %one = arith.constant 1.0 : f32
  %c8 = arith.constant 8 : index
  %c512 = arith.constant 512 : index
  %tile = enigma.alloc : !enigma.buffer<1024xf32, threadgroup>
  %t = enigma.thread_position_in_grid x : i32
  %0 = arith.index_castui %t : i32 to index
  %1 = arith.muli %0, %c512 : index
  %2 = arith.addi %1, %c8 : index
  enigma.store %one, %A[%1] {index_bits = 20 : i32} : f32, !enigma.buffer<f32, device>
  enigma.store %one, %A[%2] {index_bits = 20 : i32} : f32, !enigma.buffer<f32, device>
  enigma.store %one, %A[%1] {index_bits = 33 : i32} : f32, !enigma.buffer<f32, device>
  enigma.store %one, %A[%1] : f32, !enigma.buffer<f32, device>
  enigma.store %one, %tile[%1] : f32, !enigma.buffer<1024xf32, threadgroup>
  enigma.return
}

// -----

// A subscript is in range where its access is made. What is computed before the
// condition of the access may leave signed numbers, where it must not overflow.

// CHECK-LABEL: enigma.kernel @guarded(
// CHECK: %[[EARLY:.+]] = arith.muli %n, %{{.+}} : i32
// CHECK: %[[I:.+]] = arith.index_castui %[[EARLY]] : i32 to index
// CHECK: scf.if
// CHECK: enigma.store %{{.+}}, %A[%[[I]]]
// CHECK: %[[LATE:.+]] = arith.muli %n, %{{.+}} overflow<nsw> : i32
// CHECK: %[[J:.+]] = arith.index_cast %[[LATE]] : i32 to index
// CHECK: enigma.store %{{.+}}, %A[%[[J]]]
enigma.kernel @guarded(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %one = arith.constant 1.0 : f32
  %c2 = arith.constant 2 : i32
  %c512 = arith.constant 512 : index
  %c513 = arith.constant 513 : index
  %i = arith.index_cast %n : i32 to index
  %early = arith.muli %i, %c512 : index
  %in = arith.cmpi ult, %n, %c2 : i32
  scf.if %in {
    enigma.store %one, %A[%early] {index_bits = 20 : i32} : f32, !enigma.buffer<f32, device>
    %late = arith.muli %i, %c513 : index
    enigma.store %one, %A[%late] {index_bits = 20 : i32} : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// Where a part may be negative, a sum may leave 32 bits on the way. Signed parts
// are extended with their sign, unless bit 31 may be set: then 64 bits stay.

// CHECK-LABEL: enigma.kernel @negative(
// CHECK: %[[I:.+]] = arith.index_cast %n : i32 to index
// CHECK-DAG: %[[WIDE:.+]] = arith.addi %[[I]], %{{.+}} : index
// CHECK-DAG: %[[S:.+]] = arith.addi %n, %{{.+}} : i32
// CHECK-DAG: %[[E:.+]] = arith.index_cast %[[S]] : i32 to index
// CHECK: enigma.store %{{.+}}, %A[%[[E]]] {index_bits = 31 : i32}
// CHECK: enigma.store %{{.+}}, %A[%[[WIDE]]] {index_bits = 32 : i32}
enigma.kernel @negative(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %one = arith.constant 1.0 : f32
  %c8 = arith.constant 8 : index
  %0 = arith.index_cast %n : i32 to index
  %1 = arith.addi %0, %c8 : index
  enigma.store %one, %A[%1] {index_bits = 31 : i32} : f32, !enigma.buffer<f32, device>
  enigma.store %one, %A[%1] {index_bits = 32 : i32} : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Twice a signed number that is not negative fits 32 unsigned bits.

// CHECK-LABEL: enigma.kernel @doubled(
// CHECK: scf.for %[[K:.+]] =
// CHECK: %[[S:.+]] = arith.muli %[[K]], %{{.+}} overflow<nuw> : i32
// CHECK: %[[E:.+]] = arith.index_castui %[[S]] : i32 to index
// CHECK: enigma.store %{{.+}}, %A[%[[E]]]
enigma.kernel @doubled(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %one = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : index
  scf.for %k = %c0 to %n step %c1 : i32 {
    %0 = arith.index_cast %k : i32 to index
    %1 = arith.muli %0, %c2 : index
    enigma.store %one, %A[%1] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// An extent is less than 2^31, so that a sum does not leave 32 bits; another
// scalar may be any number.

// CHECK-LABEL: enigma.kernel @extent(
// CHECK: arith.addi %n, %{{.+}} : i32
// CHECK: arith.shrui %{{.+}} : i32
// CHECK: arith.addi %{{.+}} : i64
// CHECK: arith.shrui %{{.+}} : i64
enigma.kernel @extent(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32, enigma.extent},
    %k: i32 {enigma.name = "k", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %one = arith.constant 1.0 : f32
  %c15 = arith.constant 15 : i64
  %c4 = arith.constant 4 : i64
  %0 = arith.extui %n : i32 to i64
  %1 = arith.addi %0, %c15 : i64
  %2 = arith.shrui %1, %c4 : i64
  %3 = arith.index_cast %2 : i64 to index
  enigma.store %one, %A[%3] : f32, !enigma.buffer<f32, device>
  %4 = arith.extui %k : i32 to i64
  %5 = arith.addi %4, %c15 : i64
  %6 = arith.shrui %5, %c4 : i64
  %7 = arith.index_cast %6 : i64 to index
  enigma.store %one, %A[%7] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A limit of the grid bounds the positions in it, and a loop to a rounded
// extent has a small counter.

// CHECK-LABEL: enigma.kernel @limited(
// CHECK: %[[G:.+]] = enigma.threadgroup_position_in_grid x
// CHECK-NOT: i64
// CHECK: arith.muli %[[G]], %{{.+}} : i32
// CHECK: scf.for %[[K:.+]] =
// CHECK: arith.muli %[[K]], %{{.+}} : i32
enigma.kernel @limited(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32, enigma.extent})
    attributes {grid_limit = array<i64: 33554432, 1, 1>} {
  %one = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c15 = arith.constant 15 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %g = enigma.threadgroup_position_in_grid x : i32
  %0 = arith.index_castui %g : i32 to index
  %1 = arith.muli %0, %c64 : index
  enigma.store %one, %A[%1] : f32, !enigma.buffer<f32, device>
  %2 = arith.index_castui %n : i32 to index
  %3 = arith.addi %2, %c15 : index
  %4 = arith.floordivsi %3, %c16 : index
  %5 = arith.index_cast %4 : index to i32
  scf.for %k = %c0 to %5 step %c1 : i32 {
    %6 = arith.index_cast %k : i32 to index
    %7 = arith.muli %6, %c16 : index
    enigma.store %one, %A[%7] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// A comparison that comes out the same for all numbers in the ranges: 32
// simdgroups at most; lanes, which are below 32; and what may be either.

// CHECK-LABEL: enigma.kernel @decided(
// CHECK-NOT: {{arith.cmpi|scf.if}}
// CHECK: enigma.store
// CHECK-NOT: {{arith.cmpi|scf.if}}
// CHECK: %[[C:.+]] = arith.cmpi ult, %{{.+}}, %{{.+}} : i32
// CHECK-NEXT: scf.if %[[C]] {
// CHECK-NEXT: enigma.store
// CHECK-NOT: {{arith.cmpi|scf.if|enigma.store}}
// CHECK: enigma.return
enigma.kernel @decided(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %one = arith.constant 1.0 : f32
  %c5 = arith.constant 5 : i32
  %c31 = arith.constant 31 : i32
  %c32 = arith.constant 32 : i32
  %t = enigma.thread_index_in_threadgroup : i32
  %i = arith.index_castui %t : i32 to index
  %group = arith.shrui %t, %c5 : i32
  %lane = arith.andi %t, %c31 : i32
  %always = arith.cmpi slt, %group, %c32 : i32
  scf.if %always {
    enigma.store %one, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  %never = arith.cmpi sge, %lane, %c32 : i32
  scf.if %never {
    enigma.store %one, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  %perhaps = arith.cmpi ult, %lane, %c31 : i32
  scf.if %perhaps {
    enigma.store %one, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}
