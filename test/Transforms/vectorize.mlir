// RUN: enigma-opt %s --enigma-vectorize=width=4 --canonicalize --cse --split-input-file | FileCheck %s
// RUN: enigma-opt %s --enigma-vectorize=width=2 --split-input-file | FileCheck %s --check-prefix=TWO
// RUN: enigma-opt %s --enigma-vectorize --split-input-file --mlir-print-debuginfo | FileCheck %s --check-prefix=LOC

// CHECK-LABEL: enigma.kernel @add(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64}
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : i32
// CHECK: %[[T:.+]] = enigma.thread_position_in_grid x
// CHECK-NEXT: %[[BASE:.+]] = arith.muli %[[T]], %[[C4]]
// CHECK-NEXT: %[[I:.+]] = arith.index_castui %[[BASE]]
// CHECK-NEXT: %[[A:.+]] = enigma.load %A[%[[I]]] : !enigma.buffer<f32, device> -> vector<4xf32>
// CHECK-NEXT: %[[B:.+]] = enigma.load %B[%[[I]]] : !enigma.buffer<f32, device> -> vector<4xf32>
// CHECK-NEXT: %[[S:.+]] = arith.addf %[[A]], %[[B]] fastmath<contract> : vector<4xf32>
// CHECK-NEXT: enigma.store %[[S]], %C[%[[I]]] : vector<4xf32>
// CHECK-NEXT: enigma.return

// TWO-LABEL: enigma.kernel @add(
// TWO-SAME: attributes {elements_per_thread = 2 : i64}
// TWO: arith.addf {{.*}} : vector<2xf32>

// A vector bears the name of the variable; its thread keeps its own.
// LOC-LABEL: enigma.kernel @add(
// LOC: enigma.thread_position_in_grid {{.*}} loc(#[[TID:.+]])
// LOC: arith.muli {{.*}} loc(#[[BASE:.+]])
// LOC: arith.addf {{.*}} loc(#[[SUM:.+]])
// LOC-DAG: #[[PLACE:.+]] = loc("k.py":3:5)
// LOC-DAG: #[[TID]] = loc("tid"(#[[PLACE]]))
// LOC-DAG: #[[BASE]] = loc("base"(#[[PLACE]]))
// LOC-DAG: #[[SUM]] = loc("s"(
enigma.kernel @add(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<f32, device> {enigma.name = "C", enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32 loc("tid"("k.py":3:5))
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %b = enigma.load %B[%i] : !enigma.buffer<f32, device> -> f32
  %s = arith.addf %a, %b fastmath<contract> : f32 loc("s"("k.py":4:5))
  enigma.store %s, %C[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The guard: no sum or product is compared, and one thread has the tail.

// CHECK-LABEL: enigma.kernel @guard(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded}
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : i32
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : i32
// CHECK: %[[T:.+]] = enigma.thread_position_in_grid x
// CHECK-NEXT: %[[BASE:.+]] = arith.muli %[[T]], %[[C4]]
// CHECK: %[[WHOLE:.+]] = arith.divui %n, %[[C4]]
// CHECK-NEXT: %[[IN:.+]] = arith.cmpi ult, %[[T]], %[[WHOLE]]
// CHECK-NEXT: scf.if %[[IN]] {
// CHECK: enigma.load %A{{.*}} -> vector<4xf32>
// CHECK: enigma.store {{.*}} : vector<4xf32>
// CHECK: } else {
// CHECK-NEXT: %[[TAIL:.+]] = arith.cmpi eq, %[[T]], %[[WHOLE]]
// CHECK-NEXT: scf.if %[[TAIL]] {
// CHECK-NEXT: scf.for unsigned %[[E:.+]] = %[[BASE]] to %n step %[[C1]]
// CHECK-NEXT: %[[I:.+]] = arith.index_castui %[[E]]
// CHECK-NEXT: %[[A:.+]] = enigma.load %A[%[[I]]] : !enigma.buffer<f32, device> -> f32
// CHECK-NEXT: %[[R:.+]] = math.sqrt %[[A]] : f32
// CHECK-NEXT: enigma.store %[[R]], %A[%[[I]]] : f32
enigma.kernel @guard(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi ult, %tid, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %r = math.sqrt %a : f32
    enigma.store %r, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// n > tid, with a condition that all threads share.

// CHECK-LABEL: enigma.kernel @guard_reversed(
// CHECK: scf.if %on {
// CHECK: %[[WHOLE:.+]] = arith.divui %n
// CHECK: arith.cmpi ult, %{{.+}}, %[[WHOLE]]
enigma.kernel @guard_reversed(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32},
    %on: i1 {enigma.name = "on", enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %below = arith.cmpi ugt, %n, %tid : i32
  %c = arith.andi %below, %on : i1
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %r = math.sqrt %a : f32
    enigma.store %r, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// tid <= last: last + 1 may wrap, and is used only where it does not.

// CHECK-LABEL: enigma.kernel @guard_inclusive(
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : i32
// CHECK-DAG: %[[C3:.+]] = arith.constant 3 : i32
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : i32
// CHECK: %[[Q:.+]] = arith.divui %last, %[[C4]]
// CHECK: %[[END:.+]] = arith.addi %last, %[[C1]]
// CHECK: %[[REST:.+]] = arith.andi %last, %[[C3]]
// CHECK: %[[ALL:.+]] = arith.cmpi eq, %[[REST]], %[[C3]]
// CHECK: %[[EXTRA:.+]] = arith.extui %[[ALL]]
// CHECK: %[[WHOLE:.+]] = arith.addi %[[Q]], %[[EXTRA]]
// CHECK: arith.cmpi ult, %{{.+}}, %[[WHOLE]]
// CHECK: arith.cmpi eq, %{{.+}}, %[[WHOLE]]
// CHECK: scf.for unsigned %{{.+}} = %{{.+}} to %[[END]]
enigma.kernel @guard_inclusive(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %last: i32 {enigma.name = "last", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi ule, %tid, %last : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %r = math.sqrt %a : f32
    enigma.store %r, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// A 64-bit bound, read as signed: a negative one guards everything.

// CHECK-LABEL: enigma.kernel @guard_wide(
// CHECK: %[[N:.+]] = arith.maxsi %n, %{{.+}} : i64
// CHECK: %[[T:.+]] = arith.extui %{{.+}} : i32 to i64
// CHECK: %[[WHOLE:.+]] = arith.divui %[[N]]
// CHECK: arith.cmpi ult, %[[T]], %[[WHOLE]] : i64
// CHECK: %[[FIRST:.+]] = arith.muli %[[T]], %{{.+}} : i64
// CHECK: scf.for unsigned %[[E:.+]] = %[[FIRST]] to %[[N]]
// CHECK: arith.trunci %[[E]] : i64 to i32
enigma.kernel @guard_wide(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i64 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si64}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %t = arith.extui %tid : i32 to i64
  %c = arith.cmpi slt, %t, %n : i64
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %r = math.sqrt %a : f32
    enigma.store %r, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// A signed guard holds for indices of 2^31 and more too: each lane is asked.

// CHECK-LABEL: enigma.kernel @guard_signed(
// CHECK: %[[BASE:.+]] = arith.muli
// CHECK: arith.cmpi slt, %[[BASE]], %n
// CHECK-COUNT-3: arith.cmpi slt
// CHECK: scf.if
// CHECK: vector<4xf32>
// CHECK: else
// CHECK: scf.for unsigned %[[LANE:.+]] =
// CHECK: %[[E:.+]] = arith.addi %[[BASE]], %[[LANE]]
// CHECK: %[[IN:.+]] = arith.cmpi slt, %[[E]], %n
// CHECK: scf.if %[[IN]]
// CHECK: -> f32
enigma.kernel @guard_signed(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi slt, %tid, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %r = math.sqrt %a : f32
    enigma.store %r, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// The inside of a stencil. Unaligned accesses are done lane by lane, with the
// arithmetic of their subscripts in scalars that wrap as they did.

// CHECK-LABEL: enigma.kernel @stencil(
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : i32
// CHECK: %[[BASE:.+]] = arith.muli
// CHECK: %[[NEXT:.+]] = arith.addi %[[BASE]], %[[C1]]
// CHECK: %[[J:.+]] = arith.index_castui %[[NEXT]]
// CHECK: %[[ALL:.+]] = arith.andi
// CHECK: scf.if
// CHECK-COUNT-4: enigma.load %A[%{{.+}}] : !enigma.buffer<f32, device> -> f32
// CHECK: vector.from_elements {{.*}} : vector<4xf32>
// CHECK: enigma.load %A[%{{.+}}] : !enigma.buffer<f32, device> -> vector<4xf32>
// CHECK: enigma.store {{.*}} : vector<4xf32>
// CHECK: } else {
// CHECK: scf.for
// CHECK: scf.if
// CHECK: enigma.store {{.*}} : f32
enigma.kernel @stencil(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %next = arith.addi %tid, %c1 : i32
  %j = arith.index_castui %next : i32 to index
  %last = arith.subi %n, %c1 : i32
  %above = arith.cmpi ugt, %tid, %c0 : i32
  %below = arith.cmpi ult, %tid, %last : i32
  %inside = arith.andi %above, %below : i1
  scf.if %inside {
    %a = enigma.load %A[%j] : !enigma.buffer<f32, device> -> f32
    %b = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %s = arith.addf %a, %b : f32
    enigma.store %s, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// A load under a guard, with another value elsewhere; what it gives is used
// under the guard again.

// CHECK-LABEL: enigma.kernel @predicated(
// CHECK: %[[T:.+]] = enigma.thread_position_in_grid x
// CHECK: %[[BASE:.+]] = arith.muli
// CHECK: arith.cmpi ult, %[[BASE]], %n
// CHECK-COUNT-3: arith.cmpi ult, %{{.+}}, %n
// CHECK: %[[WHOLE:.+]] = arith.divui %n
// CHECK: %[[IN:.+]] = arith.cmpi ult, %[[T]], %[[WHOLE]]
// CHECK: %[[X:.+]] = scf.if %[[IN]] -> (vector<4xf32>) {
// CHECK: enigma.load {{.*}} -> vector<4xf32>
// CHECK: } else {
// CHECK-COUNT-4: scf.if
// CHECK: vector.from_elements
// CHECK: } {enigma.names = ["x"]}
// CHECK: scf.if %[[IN]] {
// CHECK-NEXT: enigma.store %[[X]], {{.*}} : vector<4xf32>
// CHECK-NEXT: } else {
// CHECK: %[[X0:.+]] = vector.extract %[[X]][0]
// CHECK: enigma.store %[[X0]], {{.*}} : f32
// CHECK: %[[X3:.+]] = vector.extract %[[X]][3]
// CHECK: enigma.store %[[X3]], {{.*}} : f32
enigma.kernel @predicated(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %zero = arith.constant 0.0 : f32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi ult, %tid, %n : i32
  %x = scf.if %c -> f32 {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %a : f32
  } else {
    scf.yield %zero : f32
  } {enigma.names = ["x"]}
  scf.if %c {
    enigma.store %x, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// A division that some threads must not do.

// CHECK-LABEL: enigma.kernel @division(
// CHECK: scf.if %{{.+}} -> (vector<4xi32>) {
// CHECK: arith.divui {{.*}} : vector<4xi32>
// CHECK: } else {
// CHECK-COUNT-4: arith.divui {{.*}} : i32
enigma.kernel @division(
    %A: !enigma.buffer<ui32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : i32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi ne, %tid, %c0 : i32
  %v = scf.if %c -> i32 {
    %q = arith.divui %n, %tid : i32
    scf.yield %q : i32
  } else {
    scf.yield %c0 : i32
  }
  enigma.store %v, %A[%i] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// -----

// Offsets that are multiples of the width keep vectors; others do not.

// CHECK-LABEL: enigma.kernel @offsets(
// CHECK: enigma.load %A{{.*}} -> vector<4xf32>
// CHECK: enigma.load %A{{.*}} -> vector<4xf32>
// CHECK-COUNT-4: enigma.load %A{{.*}} -> f32
// CHECK-COUNT-4: enigma.load %A{{.*}} -> f32
// CHECK: enigma.store {{.*}} : vector<4xf32>
// TWO-LABEL: enigma.kernel @offsets(
// TWO-COUNT-3: enigma.load %A{{.*}} -> vector<2xf32>
// TWO-COUNT-2: enigma.load %A{{.*}} -> f32
enigma.kernel @offsets(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %row: i32 {enigma.name = "row", enigma.index = 2 : i32, enigma.dtype = si32}) {
  %c4 = arith.constant 4 : i32
  %c6 = arith.constant 6 : i32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %pitch = arith.muli %row, %c4 : i32
  %0 = arith.addi %tid, %pitch : i32
  %1 = arith.subi %tid, %c4 : i32
  %2 = arith.addi %tid, %c6 : i32
  %3 = arith.addi %tid, %row : i32
  %i0 = arith.index_cast %0 : i32 to index
  %i1 = arith.index_cast %1 : i32 to index
  %i2 = arith.index_cast %2 : i32 to index
  %i3 = arith.index_cast %3 : i32 to index
  %a0 = enigma.load %A[%i0] : !enigma.buffer<f32, device> -> f32
  %a1 = enigma.load %A[%i1] : !enigma.buffer<f32, device> -> f32
  %a2 = enigma.load %A[%i2] : !enigma.buffer<f32, device> -> f32
  %a3 = enigma.load %A[%i3] : !enigma.buffer<f32, device> -> f32
  %s0 = arith.addf %a0, %a1 : f32
  %s1 = arith.addf %a2, %a3 : f32
  %s = arith.addf %s0, %s1 : f32
  enigma.store %s, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A gather, a scatter, and the index as data.

// CHECK-LABEL: enigma.kernel @gather(
// CHECK: %[[V:.+]] = enigma.load %I{{.*}} -> vector<4xi32>
// CHECK: %[[V0:.+]] = vector.extract %[[V]][0]
// CHECK: %[[J0:.+]] = arith.index_castui %[[V0]]
// CHECK: enigma.load %A[%[[J0]]]
// CHECK: %[[G:.+]] = vector.from_elements
// CHECK: %[[TIDS:.+]] = arith.addi %{{.+}}, %{{.+}} : vector<4xi32>
// CHECK: arith.uitofp %[[TIDS]] : vector<4xi32> to vector<4xf32>
// CHECK: %[[S0:.+]] = vector.extract %{{.+}}[0] : f32
// CHECK: enigma.store %[[S0]], %B{{.*}} : f32
enigma.kernel @gather(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.name = "B", enigma.index = 1 : i32},
    %I: !enigma.buffer<ui32, device> {enigma.name = "I", enigma.index = 2 : i32}) {
  %c3 = arith.constant 3 : i32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %p = enigma.load %I[%i] : !enigma.buffer<ui32, device> -> i32
  %j = arith.index_castui %p : i32 to index
  %g = enigma.load %A[%j] : !enigma.buffer<f32, device> -> f32
  %f = arith.uitofp %tid : i32 to f32
  %s = arith.addf %g, %f : f32
  %t = arith.muli %tid, %c3 : i32
  %k = arith.index_castui %t : i32 to index
  enigma.store %s, %B[%k] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Uniform values are computed once; conditions, loops and what they carry.

// CHECK-LABEL: enigma.kernel @uniform(
// CHECK: %[[ACC:.+]] = scf.for {{.*}} iter_args(%[[X:.+]] = %{{.+}}) -> (vector<4xf32>)
// CHECK: %[[W:.+]] = enigma.load %W{{.*}} -> f32
// CHECK: %[[WV:.+]] = vector.broadcast %[[W]]
// CHECK: %[[FMA:.+]] = math.fma %[[X]], %[[WV]], %{{.+}} : vector<4xf32>
// CHECK: scf.yield %[[FMA]]
// CHECK: } {enigma.names = ["acc"]}
// CHECK: %[[R:.+]] = scf.if %on -> (vector<4xf32>) {
// CHECK: enigma.saturate %[[ACC]] : vector<4xf32>
// CHECK: } else {
// CHECK: vector.broadcast
// CHECK: } {enigma.names = ["r"]}
// CHECK: %[[LESS:.+]] = arith.cmpf olt, %[[R]], %{{.+}} : vector<4xf32>
// CHECK: %[[NEG:.+]] = arith.negf %[[R]] : vector<4xf32>
// CHECK: %[[S:.+]] = arith.select %[[LESS]], %[[NEG]], %[[R]] : vector<4xi1>, vector<4xf32>
// CHECK: %[[U:.+]] = arith.select %on, %[[S]], %[[R]] : vector<4xf32>
// CHECK: arith.truncf %[[U]] : vector<4xf32> to vector<4xf16>
// CHECK: enigma.store {{.*}} : vector<4xf16>
// LOC-LABEL: enigma.kernel @uniform(
// LOC: arith.select {{.*}} : vector<4xi1>, vector<4xf32> loc(#[[Q:.+]])
// LOC: #[[Q]] = loc("q"(
enigma.kernel @uniform(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<f16, device> {enigma.name = "B", enigma.index = 1 : i32},
    %W: !enigma.buffer<f32, constant> {enigma.name = "W", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = ui32},
    %s: f32 {enigma.name = "s", enigma.index = 4 : i32},
    %on: i1 {enigma.name = "on", enigma.index = 5 : i32}) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %acc = scf.for unsigned %k = %c0 to %n step %c1 iter_args(%x = %a) -> (f32) : i32 {
    %ki = arith.index_castui %k : i32 to index
    %w = enigma.load %W[%ki] : !enigma.buffer<f32, constant> -> f32
    %y = math.fma %x, %w, %s : f32
    scf.yield %y : f32
  } {enigma.names = ["acc"]}
  %r = scf.if %on -> f32 {
    %t = enigma.saturate %acc : f32
    scf.yield %t : f32
  } else {
    scf.yield %s : f32
  } {enigma.names = ["r"]}
  %less = arith.cmpf olt, %r, %zero : f32
  %q = scf.if %less -> f32 {
    %neg = arith.negf %r : f32
    scf.yield %neg : f32
  } else {
    scf.yield %r : f32
  } {enigma.names = ["q"]}
  %u = arith.select %on, %q, %r : f32
  %h = arith.truncf %u : f32 to f16
  enigma.store %h, %B[%i] : f16, !enigma.buffer<f16, device>
  enigma.return
}

// -----

// Branches in a branch that selects.

// CHECK-LABEL: enigma.kernel @nested_selects(
// CHECK-NOT: scf.if
// CHECK: %[[INNER:.+]] = arith.select %{{.+}}, %{{.+}}, %{{.+}} : vector<4xi1>, vector<4xf32>
// CHECK: arith.select %{{.+}}, %{{.+}}, %[[INNER]] : vector<4xi1>, vector<4xf32>
enigma.kernel @nested_selects(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %above = arith.cmpf ogt, %a, %one : f32
  %r = scf.if %above -> f32 {
    %d = arith.subf %a, %one : f32
    scf.yield %d : f32
  } else {
    %below = arith.cmpf olt, %a, %zero : f32
    %s = scf.if %below -> f32 {
      %d = arith.addf %a, %one : f32
      scf.yield %d : f32
    } else {
      scf.yield %zero : f32
    }
    scf.yield %s : f32
  }
  enigma.store %r, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A loop's variable that is not the same for all threads makes its start one.

// CHECK-LABEL: enigma.kernel @carried(
// CHECK: scf.for {{.*}} iter_args(%[[X:.+]] = %{{.+}}, %[[U:.+]] = %{{.+}}) -> (vector<4xf32>, f32)
enigma.kernel @carried(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %one = arith.constant 1.0 : f32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %acc:2 = scf.for unsigned %k = %c0 to %n step %c1 iter_args(%x = %zero, %u = %zero) -> (f32, f32) : i32 {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %y = arith.addf %x, %a : f32
    %v = arith.addf %u, %one : f32
    scf.yield %y, %v : f32, f32
  } {enigma.names = ["acc", "count"]}
  %s = arith.mulf %acc#0, %acc#1 : f32
  enigma.store %s, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Bools and long vectors are accessed lane by lane.

// CHECK-LABEL: enigma.kernel @lanes(
// CHECK: enigma.load %A{{.*}} -> vector<4xf32>
// CHECK: %[[LESS:.+]] = arith.cmpf
// CHECK: %[[L0:.+]] = vector.extract %[[LESS]][0] : i1
// CHECK: enigma.store %[[L0]], %B{{.*}} : i1
// CHECK-COUNT-3: enigma.store {{.*}} : i1
// CHECK: arith.extui %[[LESS]] : vector<4xi1> to vector<4xi64>
// CHECK-COUNT-4: enigma.store {{.*}} : i64
// TWO-LABEL: enigma.kernel @lanes(
// TWO: enigma.store {{.*}} : vector<2xi64>
enigma.kernel @lanes(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<i1, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<si64, device> {enigma.name = "C", enigma.index = 2 : i32}) {
  %zero = arith.constant 0.0 : f32
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %less = arith.cmpf olt, %a, %zero : f32
  enigma.store %less, %B[%i] : i1, !enigma.buffer<i1, device>
  %l = arith.extui %less : i1 to i64
  enigma.store %l, %C[%i] : i64, !enigma.buffer<si64, device>
  enigma.return
}

// -----

// The index asked for again, in a branch that the tail repeats.

// CHECK-LABEL: enigma.kernel @queries(
// CHECK-COUNT-1: enigma.thread_position_in_grid
// CHECK-NOT: enigma.thread_position_in_grid
enigma.kernel @queries(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %zero = arith.constant 0.0 : f32
  %tid = enigma.thread_position_in_grid x : i32
  %c = arith.cmpi ult, %tid, %n : i32
  scf.if %c {
    %again = enigma.thread_position_in_grid x : i32
    %i = arith.index_castui %again : i32 to index
    enigma.store %zero, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// Tables are memory that is read.

// CHECK-LABEL: enigma.kernel @tables(
// CHECK: %[[T:.+]] = enigma.constant_array
// CHECK: enigma.load %[[T]]{{.*}} -> vector<4xf32>
// CHECK-COUNT-4: enigma.load %[[T]]{{.*}} -> f32
enigma.kernel @tables(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<ui32, device> {enigma.name = "B", enigma.index = 1 : i32}) {
  %table = enigma.constant_array dense<1.0> : tensor<64xf32> : !enigma.buffer<64xf32, constant>
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %table[%i] : !enigma.buffer<64xf32, constant> -> f32
  %b = enigma.load %B[%i] : !enigma.buffer<ui32, device> -> i32
  %j = arith.index_castui %b : i32 to index
  %c = enigma.load %table[%j] : !enigma.buffer<64xf32, constant> -> f32
  %d = arith.addf %a, %c : f32
  enigma.store %d, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}
