// RUN: enigma-opt %s --enigma-flatten --split-input-file --verify-diagnostics | FileCheck %s
// RUN: enigma-opt %s --enigma-flatten --split-input-file --verify-diagnostics --mlir-print-debuginfo | FileCheck %s --check-prefix=LOC

// Buffers keep their address space, and the signedness of their elements.

// CHECK-LABEL: enigma.kernel @buffers
// CHECK-SAME: %A: memref<?xi32, #enigma.address_space<device>> {enigma.dtype = ui32,
// CHECK-SAME: %B: memref<64xf32, #enigma.address_space<constant>> {enigma.index = 1
// CHECK-SAME: %C: memref<?xi1, #enigma.address_space<device>> {enigma.index = 2
// CHECK-SAME: %n: i32 {enigma.dtype = si32
enigma.kernel @buffers(
    %A: !enigma.buffer<ui32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<64xf32, constant> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<i1, device> {enigma.name = "C", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = si32}) {
  // CHECK: %[[SHARED:.+]] = enigma.alloc {dtype = si8} : memref<256xi8, #enigma.address_space<threadgroup>>
  %shared = enigma.alloc : !enigma.buffer<256xsi8, threadgroup>
  // CHECK: %[[I:.+]] = arith.index_cast %n
  %i = arith.index_cast %n : i32 to index
  // CHECK: %[[A:.+]] = memref.load %A[%[[I]]] : memref<?xi32, #enigma.address_space<device>>
  %a = enigma.load %A[%i] : !enigma.buffer<ui32, device> -> i32
  // CHECK: memref.load %B[%[[I]]]
  %b = enigma.load %B[%i] : !enigma.buffer<64xf32, constant> -> f32
  // CHECK: %[[C:.+]] = memref.load %C[%[[I]]]
  %c = enigma.load %C[%i] : !enigma.buffer<i1, device> -> i1
  // CHECK: %[[T:.+]] = arith.trunci %[[A]]
  %t = arith.trunci %a : i32 to i8
  // CHECK: memref.store %[[T]], %[[SHARED]][%[[I]]] : memref<256xi8, #enigma.address_space<threadgroup>>
  enigma.store %t, %shared[%i] : i8, !enigma.buffer<256xsi8, threadgroup>
  // CHECK: scf.if %[[C]]
  scf.if %c {
    // CHECK: %[[OWN:.+]] = enigma.alloc : memref<4xf16, #enigma.address_space<thread>>
    %own = enigma.alloc : !enigma.buffer<4xf16, thread>
    %zero = arith.constant 0 : index
    // CHECK: memref.load %[[OWN]]
    %h = enigma.load %own[%zero] : !enigma.buffer<4xf16, thread> -> f16
    enigma.store %h, %own[%zero] : f16, !enigma.buffer<4xf16, thread>
  }
  enigma.return
}

// -----

// A vector access is aligned to the whole vector.

// CHECK-LABEL: enigma.kernel @vectors
enigma.kernel @vectors(
    %A: !enigma.buffer<ui8, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<si64, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<i1, device> {enigma.name = "C", enigma.index = 2 : i32}) {
  %i = arith.constant 8 : index
  // CHECK: %[[A:.+]] = vector.load %A[%{{.+}}] {alignment = 4 : i64} : memref<?xi8, #enigma.address_space<device>>, vector<4xi8>
  %a = enigma.load %A[%i] : !enigma.buffer<ui8, device> -> vector<4xi8>
  // CHECK: vector.store %[[A]], %A[%{{.+}}] {alignment = 4 : i64} : memref<?xi8, #enigma.address_space<device>>, vector<4xi8>
  enigma.store %a, %A[%i] : vector<4xi8>, !enigma.buffer<ui8, device>
  // CHECK: vector.load %B[%{{.+}}] {alignment = 16 : i64}
  %b = enigma.load %B[%i] : !enigma.buffer<si64, device> -> vector<2xi64>
  // CHECK: vector.load %C[%{{.+}}] {alignment = 2 : i64}
  %c = enigma.load %C[%i] : !enigma.buffer<i1, device> -> vector<2xi1>
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @powers_of_two
enigma.kernel @powers_of_two(
    %a: i32 {enigma.name = "a", enigma.index = 0 : i32, enigma.dtype = si32},
    %l: i64 {enigma.name = "l", enigma.index = 1 : i32, enigma.dtype = si64}) {
  // CHECK: %[[C8:.+]] = arith.constant 8 : i32
  %c8 = arith.constant 8 : i32
  // CHECK: %[[C3:.+]] = arith.constant 3 : i32
  // CHECK: arith.shrsi %a, %[[C3]]
  %0 = arith.floordivsi %a, %c8 : i32
  // CHECK: %[[C7:.+]] = arith.constant 7 : i32
  // CHECK: arith.andi %a, %[[C7]]
  %1 = enigma.floormod %a, %c8 : i32
  // CHECK: %[[Q:.+]] = arith.shrsi %a
  // CHECK: %[[R:.+]] = arith.andi %a
  // CHECK: %[[UP:.+]] = arith.cmpi ne, %[[R]]
  // CHECK: %[[Q1:.+]] = arith.addi %[[Q]]
  // CHECK: arith.select %[[UP]], %[[Q1]], %[[Q]]
  %2 = arith.ceildivsi %a, %c8 : i32
  // CHECK: %[[Q:.+]] = arith.shrui %a
  // CHECK: %[[R:.+]] = arith.andi %a
  // CHECK: %[[UP:.+]] = arith.cmpi ne, %[[R]]
  // CHECK: %[[Q1:.+]] = arith.addi %[[Q]]
  // CHECK: arith.select %[[UP]], %[[Q1]], %[[Q]]
  %3 = arith.ceildivui %a, %c8 : i32
  // 2^63 is negative as a signed number, a power of two as an unsigned one.
  %min = arith.constant 0x8000000000000000 : i64
  // CHECK: arith.divsi %l
  // expected-remark @+1 {{'//' of signed integers rounds down}}
  %4 = arith.floordivsi %l, %min : i64
  // CHECK: arith.remsi %l
  // expected-remark @+1 {{'%' of signed integers rounds down}}
  %5 = enigma.floormod %l, %min : i64
  // CHECK: arith.shrui %l
  %6 = arith.ceildivui %l, %min : i64
  // CHECK: %[[V:.+]] = vector.broadcast %a
  %v = vector.broadcast %a : i32 to vector<4xi32>
  %c16 = arith.constant dense<16> : vector<4xi32>
  // CHECK: %[[FOUR:.+]] = arith.constant dense<4> : vector<4xi32>
  // CHECK: arith.shrsi %[[V]], %[[FOUR]]
  %7 = arith.floordivsi %v, %c16 : vector<4xi32>
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @divisions
enigma.kernel @divisions(
    %a: i32 {enigma.name = "a", enigma.index = 0 : i32, enigma.dtype = si32},
    %b: i32 {enigma.name = "b", enigma.index = 1 : i32, enigma.dtype = si32}) {
  // The quotient by -1 may be too large for a division.
  // CHECK: %[[MINUS:.+]] = arith.constant -1
  // CHECK: %[[ISMINUS:.+]] = arith.cmpi eq, %b, %[[MINUS]]
  // CHECK: %[[ONE:.+]] = arith.constant 1
  // CHECK: %[[D:.+]] = arith.select %[[ISMINUS]], %[[ONE]], %b
  // CHECK: %[[Q:.+]] = arith.divsi %a, %[[D]]
  // CHECK: %[[QB:.+]] = arith.muli %[[Q]], %[[D]]
  // CHECK: %[[R:.+]] = arith.subi %a, %[[QB]]
  // CHECK: %[[INEXACT:.+]] = arith.cmpi ne, %[[R]]
  // CHECK: %[[SIGNS:.+]] = arith.xori %[[R]], %b
  // CHECK: %[[DIFFER:.+]] = arith.cmpi slt, %[[SIGNS]]
  // CHECK: %[[DOWN:.+]] = arith.andi %[[INEXACT]], %[[DIFFER]]
  // CHECK: %[[Q1:.+]] = arith.addi %[[Q]], %{{.+}} overflow<nsw>
  // CHECK: %[[F:.+]] = arith.select %[[DOWN]], %[[Q1]], %[[Q]]
  // CHECK: %[[NEGATED:.+]] = arith.subi %{{.+}}, %a
  // CHECK: arith.select %[[ISMINUS]], %[[NEGATED]], %[[F]]
  // expected-remark @+1 {{'//' of signed integers rounds down}}
  %0 = arith.floordivsi %a, %b : i32
  %c3 = arith.constant 3 : i32
  // CHECK: %[[Q:.+]] = arith.divsi %a
  // CHECK: %[[R:.+]] = arith.subi %a
  // CHECK: %[[DOWN:.+]] = arith.cmpi slt, %[[R]]
  // CHECK: %[[Q1:.+]] = arith.addi %[[Q]], %{{.+}} overflow<nsw>
  // CHECK: arith.select %[[DOWN]], %[[Q1]], %[[Q]]
  // expected-remark @+1 {{'//' of signed integers rounds down}}
  %1 = arith.floordivsi %a, %c3 : i32
  // CHECK: %[[ISMINUS:.+]] = arith.cmpi eq, %b
  // CHECK: %[[D:.+]] = arith.select %[[ISMINUS]], %{{.+}}, %b
  // CHECK: %[[Q:.+]] = arith.divsi %a, %[[D]]
  // CHECK: arith.cmpi sge
  // CHECK: %[[UP:.+]] = arith.andi
  // CHECK: %[[Q1:.+]] = arith.addi %[[Q]]
  // CHECK: %[[C:.+]] = arith.select %[[UP]], %[[Q1]], %[[Q]]
  // CHECK: %[[NEGATED:.+]] = arith.subi %{{.+}}, %a
  // CHECK: arith.select %[[ISMINUS]], %[[NEGATED]], %[[C]]
  %2 = arith.ceildivsi %a, %b : i32
  // CHECK: %[[Q:.+]] = arith.divui %a, %b
  // CHECK: arith.select %{{.+}}, %{{.+}}, %[[Q]]
  %3 = arith.ceildivui %a, %b : i32
  // CHECK: %[[ISMINUS:.+]] = arith.cmpi eq, %b
  // CHECK: %[[D:.+]] = arith.select %[[ISMINUS]], %{{.+}}, %b
  // CHECK: %[[R:.+]] = arith.remsi %a, %[[D]]
  // CHECK: %[[RB:.+]] = arith.addi %[[R]], %b overflow<nsw>
  // CHECK: arith.select %{{.+}}, %[[RB]], %[[R]]
  // expected-remark @+1 {{'%' of signed integers rounds down}}
  %4 = enigma.floormod %a, %b : i32
  // CHECK: %[[R:.+]] = arith.remsi %a
  // CHECK: %[[OFF:.+]] = arith.cmpi slt, %[[R]]
  // CHECK: %[[R3:.+]] = arith.addi %[[R]]
  // CHECK: arith.select %[[OFF]], %[[R3]], %[[R]]
  // expected-remark @+1 {{'%' of signed integers rounds down}}
  %5 = enigma.floormod %a, %c3 : i32
  %m1 = arith.constant -1 : i32
  // CHECK: %[[ZERO:.+]] = arith.constant 0
  // CHECK-NEXT: arith.subi %[[ZERO]], %a
  // CHECK-NOT: arith.divsi
  %6 = arith.floordivsi %a, %m1 : i32
  enigma.return
}

// -----

// All lanes of a vector are computed, also where the sum is not what is chosen: it
// must not overflow there. It does not for a small divisor.

// CHECK-LABEL: enigma.kernel @lanes
enigma.kernel @lanes(
    %a: i32 {enigma.name = "a", enigma.index = 0 : i32, enigma.dtype = si32},
    %b: i32 {enigma.name = "b", enigma.index = 1 : i32, enigma.dtype = si32}) {
  // CHECK: %[[A:.+]] = vector.broadcast %a
  // CHECK: %[[B:.+]] = vector.broadcast %b
  %va = vector.broadcast %a : i32 to vector<4xi32>
  %vb = vector.broadcast %b : i32 to vector<4xi32>
  // CHECK: %[[D:.+]] = arith.select %{{.+}}, %{{.+}}, %[[B]]
  // CHECK: %[[R:.+]] = arith.remsi %[[A]], %[[D]]
  // CHECK: %[[ADDEND:.+]] = arith.select %{{.+}}, %[[B]], %{{.+}} : vector<4xi1>, vector<4xi32>
  // CHECK: arith.addi %[[R]], %[[ADDEND]] overflow<nsw>
  // expected-remark @+1 {{'%' of signed integers rounds down}}
  %0 = enigma.floormod %va, %vb : vector<4xi32>
  // CHECK: %[[D:.+]] = arith.select %{{.+}}, %{{.+}}, %[[B]]
  // CHECK: %[[Q:.+]] = arith.divsi %[[A]], %[[D]]
  // CHECK: %[[ADDEND:.+]] = arith.select
  // CHECK: arith.addi %[[Q]], %[[ADDEND]] overflow<nsw>
  // expected-remark @+1 {{'//' of signed integers rounds down}}
  %1 = arith.floordivsi %va, %vb : vector<4xi32>
  // CHECK: %[[R:.+]] = arith.remsi %[[A]]
  // CHECK: %[[SUM:.+]] = arith.addi %[[R]]
  // CHECK: arith.select %{{.+}}, %[[SUM]], %[[R]]
  %c3 = arith.constant dense<3> : vector<4xi32>
  // expected-remark @+1 {{'%' of signed integers rounds down}}
  %2 = enigma.floormod %va, %c3 : vector<4xi32>
  // CHECK: %[[R:.+]] = arith.remsi %[[A]]
  // CHECK: %[[ADDEND:.+]] = arith.select
  // CHECK: arith.addi %[[R]], %[[ADDEND]] overflow<nsw>
  %large = arith.constant dense<2000000000> : vector<4xi32>
  // expected-remark @+1 {{'%' of signed integers rounds down}}
  %3 = enigma.floormod %va, %large : vector<4xi32>
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @float_modulo
enigma.kernel @float_modulo(
    %a: f32 {enigma.name = "a", enigma.index = 0 : i32},
    %b: f32 {enigma.name = "b", enigma.index = 1 : i32}) {
  // CHECK: %[[ZERO:.+]] = arith.constant 0.0
  // CHECK: %[[R:.+]] = arith.remf %a, %b
  // CHECK: %[[INEXACT:.+]] = arith.cmpf une, %[[R]], %[[ZERO]]
  // CHECK: %[[RNEG:.+]] = arith.cmpf olt, %[[R]], %[[ZERO]]
  // CHECK: %[[BNEG:.+]] = arith.cmpf olt, %b, %[[ZERO]]
  // CHECK: %[[DIFFER:.+]] = arith.xori %[[RNEG]], %[[BNEG]]
  // CHECK: %[[OFF:.+]] = arith.andi %[[INEXACT]], %[[DIFFER]]
  // CHECK: %[[RB:.+]] = arith.addf %[[R]], %b
  // CHECK: %[[M:.+]] = arith.select %[[OFF]], %[[RB]], %[[R]]
  // CHECK: math.copysign %[[M]], %b
  %0 = enigma.floormod %a, %b : f32
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @float_floor
enigma.kernel @float_floor(
    %a: f32 {enigma.name = "a", enigma.index = 0 : i32},
    %b: f32 {enigma.name = "b", enigma.index = 1 : i32}) {
  // CHECK: %[[ZERO:.+]] = arith.constant 0.0
  // CHECK: %[[R:.+]] = arith.remf %a, %b
  // CHECK: %[[OFF:.+]] = arith.andi
  // CHECK: %[[ONE:.+]] = arith.constant 1.0
  // CHECK: %[[MULTIPLE:.+]] = arith.subf %a, %[[R]]
  // CHECK: %[[RATIO:.+]] = arith.divf %[[MULTIPLE]], %b
  // CHECK: %[[LESS:.+]] = arith.subf %[[RATIO]], %[[ONE]]
  // CHECK: %[[CLOSE:.+]] = arith.select %[[OFF]], %[[LESS]], %[[RATIO]]
  // CHECK: %[[FLOOR:.+]] = math.floor %[[CLOSE]]
  // CHECK: %[[HALF:.+]] = arith.constant 5.0
  // CHECK: %[[REST:.+]] = arith.subf %[[CLOSE]], %[[FLOOR]]
  // CHECK: %[[ABOVE:.+]] = arith.cmpf ogt, %[[REST]], %[[HALF]]
  // CHECK: %[[NEXT:.+]] = arith.addf %[[FLOOR]], %[[ONE]]
  // CHECK: %[[WHOLE:.+]] = arith.select %[[ABOVE]], %[[NEXT]], %[[FLOOR]]
  // CHECK: %[[QUOTIENT:.+]] = arith.divf %a, %b
  // CHECK: %[[ISZERO:.+]] = arith.cmpf oeq, %[[CLOSE]], %[[ZERO]]
  // CHECK: %[[SIGNED:.+]] = math.copysign %[[ZERO]], %[[QUOTIENT]]
  // CHECK: %[[Q:.+]] = arith.select %[[ISZERO]], %[[SIGNED]], %[[WHOLE]]
  // CHECK: %[[BYZERO:.+]] = arith.cmpf oeq, %b, %[[ZERO]]
  // CHECK: arith.select %[[BYZERO]], %[[QUOTIENT]], %[[Q]]
  %0 = enigma.floordiv %a, %b : f32
  enigma.return
}

// -----

// Floats of 16 bits are divided in single precision.

// CHECK-LABEL: enigma.kernel @narrow_floats
enigma.kernel @narrow_floats(
    %a: f16 {enigma.name = "a", enigma.index = 0 : i32},
    %b: bf16 {enigma.name = "b", enigma.index = 1 : i32}) {
  // CHECK: %[[A:.+]] = arith.extf %a : f16 to f32
  // CHECK: arith.remf %[[A]], %{{.+}} : f32
  // CHECK: %[[Q:.+]] = arith.select %{{.+}} : f32
  // CHECK: arith.truncf %{{.+}} : f32 to f16
  %0 = enigma.floordiv %a, %a : f16
  %v = vector.broadcast %b : bf16 to vector<2xbf16>
  // CHECK: %[[V:.+]] = arith.extf %{{.+}} : vector<2xbf16> to vector<2xf32>
  // CHECK: %[[M:.+]] = math.copysign %{{.+}} : vector<2xf32>
  // CHECK: arith.truncf %[[M]] : vector<2xf32> to vector<2xbf16>
  %1 = enigma.floormod %v, %v : vector<2xbf16>
  enigma.return
}

// -----

// Whether a float is a number is told by its bits.

// CHECK-LABEL: enigma.kernel @predicates
enigma.kernel @predicates(
    %a: f32 {enigma.name = "a", enigma.index = 0 : i32},
    %b: f16 {enigma.name = "b", enigma.index = 1 : i32},
    %c: bf16 {enigma.name = "c", enigma.index = 2 : i32}) {
  // CHECK: %[[BITS:.+]] = arith.bitcast %a : f32 to i32
  // CHECK: %[[MASK:.+]] = arith.constant 2147483647 : i32
  // CHECK: %[[SIZE:.+]] = arith.andi %[[BITS]], %[[MASK]]
  // CHECK: %[[INF:.+]] = arith.constant 2139095040 : i32
  // CHECK: arith.cmpi ugt, %[[SIZE]], %[[INF]]
  %0 = math.isnan %a : f32
  // CHECK: %[[INF:.+]] = arith.constant 31744 : i16
  // CHECK: arith.cmpi eq, %{{.+}}, %[[INF]]
  %1 = math.isinf %b : f16
  // CHECK: %[[INF:.+]] = arith.constant 32640 : i16
  // CHECK: arith.cmpi ult, %{{.+}}, %[[INF]]
  %2 = math.isfinite %c : bf16
  %v = vector.broadcast %a : f32 to vector<3xf32>
  // CHECK: arith.bitcast %{{.+}} : vector<3xf32> to vector<3xi32>
  // CHECK: %[[SIZE:.+]] = arith.andi
  // CHECK: %[[SMALLEST:.+]] = arith.constant dense<8388608>
  // CHECK: %[[ABOVE:.+]] = arith.subi %[[SIZE]], %[[SMALLEST]]
  // CHECK: %[[COUNT:.+]] = arith.constant dense<2130706432>
  // CHECK: arith.cmpi ult, %[[ABOVE]], %[[COUNT]]
  %3 = math.isnormal %v : vector<3xf32>
  enigma.return
}

// -----

// Only the value that a Python variable stands for bears its name.

// LOC-LABEL: enigma.kernel @names
enigma.kernel @names(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // LOC: memref.load {{.*}} loc(#[[A:.+]])
  %a = enigma.load %A[%i] : !enigma.buffer<si32, device> -> i32 loc("a"("k.py":3:9))
  // LOC: arith.divsi {{.*}} loc(#[[PLACE:.+]])
  // LOC: arith.select {{.*}} loc(#[[PLACE]])
  // LOC: arith.select {{.*}} loc(#[[Q:.+]])
  %q = arith.ceildivsi %a, %a : i32 loc("q"("k.py":4:9))
  // LOC: scf.if
  // LOC: } {enigma.names = ["r"]} loc(#[[IF:.+]])
  %c = arith.constant true
  %r = scf.if %c -> i32 {
    scf.yield %a : i32
  } else {
    scf.yield %q : i32
  } {enigma.names = ["r"]} loc("k.py":5:3)
  // LOC: memref.store {{.*}} loc(#[[STORE:.+]])
  enigma.store %r, %A[%i] : i32, !enigma.buffer<si32, device> loc("k.py":7:5)
  enigma.return
}
// LOC-DAG: #[[PLACE]] = loc("k.py":4:9)
// LOC-DAG: #[[IF]] = loc("k.py":5:3)
// LOC-DAG: #[[STORE]] = loc("k.py":7:5)
// LOC-DAG: #[[A]] = loc("a"
// LOC-DAG: #[[Q]] = loc("q"(#[[PLACE]]))

// -----

enigma.kernel @buffer_choice(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %c: i1 {enigma.index = 2 : i32}) {
  // expected-error @+1 {{chooses between buffers at run time, which Metal can not express; choose between elements or between subscripts}}
  %0 = arith.select %c, %A, %B : !enigma.buffer<f32, device>
  enigma.return
}

// -----

enigma.kernel @buffer_loop(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i = arith.constant 0 : index
  %0 = scf.for %k = %c0 to %n step %c1 iter_args(%B = %A)
      -> (!enigma.buffer<f32, device>) : i32 {
    // expected-error @+1 {{chooses between buffers at run time}}
    %1 = enigma.load %B[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %B : !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// An array is aligned as the widest vector that is accessed in it.

// CHECK-LABEL: enigma.kernel @aligned
// CHECK: enigma.alloc : memref<64xf32
// CHECK: enigma.alloc {alignment = 16 : i64} : memref<64xf32
enigma.kernel @aligned() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %f = arith.constant 1.0 : f32
  %v = arith.constant dense<1.0> : vector<4xf32>
  %scalars = enigma.alloc : !enigma.buffer<64xf32, threadgroup>
  %vectors = enigma.alloc : !enigma.buffer<64xf32, threadgroup>
  enigma.store %f, %scalars[%c0] : f32, !enigma.buffer<64xf32, threadgroup>
  enigma.store %v, %vectors[%c4] : vector<4xf32>, !enigma.buffer<64xf32, threadgroup>
  %w = enigma.load %vectors[%c0] : !enigma.buffer<64xf32, threadgroup> -> vector<2xf32>
  %x = vector.extract %w[0] : f32 from vector<2xf32>
  enigma.store %x, %scalars[%c4] : f32, !enigma.buffer<64xf32, threadgroup>
  enigma.return
}

// -----

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  // expected-error @+1 {{copies consecutive elements; run 'enigma-lower-element-copies' before this pass}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Tables, aligned for the vectors that are read of them.

// CHECK-LABEL: enigma.kernel @tables
// CHECK-DAG: enigma.constant_array dense<[1, 2]> : tensor<2xi8> {dtype = ui8} : memref<2xi8, #enigma.address_space<constant>>
// CHECK-DAG: %[[T:.+]] = enigma.constant_array dense<1.000000e+00> : tensor<4xf32> {alignment = 16 : i64} : memref<4xf32, #enigma.address_space<constant>>
// CHECK: vector.load %[[T]]
enigma.kernel @tables(%i: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  %index = arith.index_castui %i : i32 to index
  %0 = enigma.constant_array dense<[1, 2]> : tensor<2xi8> : !enigma.buffer<2xui8, constant>
  %1 = enigma.constant_array dense<1.0> : tensor<4xf32> : !enigma.buffer<4xf32, constant>
  %2 = enigma.load %1[%index] : !enigma.buffer<4xf32, constant> -> vector<4xf32>
  enigma.return
}
