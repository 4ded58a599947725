// RUN: enigma-opt %s --enigma-simplify --split-input-file --mlir-print-local-scope | FileCheck %s
// RUN: enigma-opt %s --enigma-simplify --split-input-file --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC

// CHECK-LABEL: enigma.kernel @negations(
enigma.kernel @negations(
    %A: !enigma.buffer<i1, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32},
    %b: f32 {enigma.name = "b", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = si32},
    %on: i1 {enigma.name = "on", enigma.index = 4 : i32}) {
  %i = arith.constant 0 : index
  %true = arith.constant true
  %c0 = arith.constant 0 : i32
  // CHECK: %[[UGE:.+]] = arith.cmpf uge, %a, %b fastmath<nsz> : f32
  // CHECK: enigma.store %[[UGE]]
  %0 = arith.cmpf olt, %a, %b fastmath<nsz> : f32
  %1 = arith.xori %0, %true : i1
  enigma.store %1, %A[%i] : i1, !enigma.buffer<i1, device>
  // Both are used: the negation stays one.
  // CHECK: %[[OEQ:.+]] = arith.cmpf oeq, %a, %b
  // CHECK: %[[NOT:.+]] = arith.xori %[[OEQ]]
  %2 = arith.cmpf oeq, %a, %b : f32
  %3 = arith.xori %2, %true : i1
  enigma.store %2, %A[%i] : i1, !enigma.buffer<i1, device>
  enigma.store %3, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[SGE:.+]] = arith.cmpi sge, %n
  // CHECK: enigma.store %[[SGE]]
  %4 = arith.cmpi slt, %n, %c0 : i32
  %5 = arith.xori %4, %true : i1
  enigma.store %5, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: enigma.store %on
  %6 = arith.extui %on : i1 to i32
  %7 = arith.cmpi ne, %6, %c0 : i32
  enigma.store %7, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[OFF:.+]] = arith.xori %on
  // CHECK: enigma.store %[[OFF]]
  %8 = arith.cmpi eq, %6, %c0 : i32
  enigma.store %8, %A[%i] : i1, !enigma.buffer<i1, device>
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @constants(
enigma.kernel @constants(
    %A: !enigma.buffer<ui32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  // CHECK-DAG: %[[C2:.+]] = arith.constant 2 : i32
  // CHECK-DAG: %[[MIN:.+]] = arith.constant -2147483648 : i32
  %i = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %c3 = arith.constant 3 : i32
  %min = arith.constant -2147483648 : i32
  // CHECK: arith.subi %n, %[[C2]]
  %0 = arith.addi %n, %c1 : i32
  %1 = arith.subi %0, %c3 : i32
  enigma.store %1, %A[%i] : i32, !enigma.buffer<ui32, device>
  // CHECK: arith.addi %n, %[[MIN]]
  %2 = arith.addi %n, %min : i32
  enigma.store %2, %A[%i] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @ifs(
// LOC-LABEL: enigma.kernel @ifs(
enigma.kernel @ifs(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32},
    %b: f32 {enigma.name = "b", enigma.index = 2 : i32},
    %p: i1 {enigma.name = "p", enigma.index = 3 : i32},
    %q: i1 {enigma.name = "q", enigma.index = 4 : i32}) {
  %i = arith.constant 0 : index
  %true = arith.constant true
  // An early return.
  // CHECK: %[[UGE:.+]] = arith.cmpf uge, %a, %b
  // CHECK: scf.if %[[UGE]] {
  // CHECK-NEXT: enigma.store %a
  // CHECK-NEXT: }
  %less = arith.cmpf olt, %a, %b : f32 loc("less"("k.py":2:5))
  scf.if %less {
  } else {
    enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  // CHECK: %[[BOTH:.+]] = arith.andi %p, %q
  // CHECK-NEXT: scf.if %[[BOTH]] {
  // CHECK-NEXT: enigma.store %b
  // CHECK-NEXT: }
  scf.if %p {
    scf.if %q {
      enigma.store %b, %A[%i] : f32, !enigma.buffer<f32, device>
    }
  } else {
  }
  // Not to be joined: the second condition is only known inside.
  // CHECK: scf.if %q {
  // CHECK: %[[POSITIVE:.+]] = arith.cmpf
  // CHECK: scf.if %[[POSITIVE]]
  scf.if %q {
    %c = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    %positive = arith.cmpf ogt, %c, %a : f32
    scf.if %positive {
      enigma.store %b, %A[%i] : f32, !enigma.buffer<f32, device>
    }
  }
  // NaN takes the second path.
  // CHECK: %[[OGE:.+]] = arith.cmpf oge, %a, %b
  // CHECK-NEXT: scf.if %[[OGE]] {
  // CHECK-NEXT: enigma.store %b
  // CHECK-NEXT: } else {
  // CHECK-NEXT: enigma.store %a
  // CHECK-NEXT: }
  %ult = arith.cmpf ult, %a, %b : f32
  scf.if %ult {
    enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  } else {
    enigma.store %b, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  // CHECK: %[[OLE:.+]] = arith.cmpf ole, %a, %b
  // CHECK-NEXT: arith.select %[[OLE]], %b, %a
  %ugt = arith.cmpf ugt, %a, %b : f32
  %larger = arith.select %ugt, %a, %b : f32
  enigma.store %larger, %A[%i] : f32, !enigma.buffer<f32, device>
  // The variable's name goes to the select.
  // CHECK: %[[X:.+]] = arith.select %p, %a, %b
  // LOC: arith.select %p, %a, %b : f32 loc("x"("k.py":3:5))
  %x = scf.if %p -> f32 {
    scf.yield %a : f32
  } else {
    scf.yield %b : f32
  } {enigma.names = ["x"]} loc("k.py":3:5)
  enigma.store %x, %A[%i] : f32, !enigma.buffer<f32, device>
  // What is not read, and what is the same on both paths.
  // CHECK: %[[S:.+]] = scf.if %p -> (f32) {
  // CHECK: arith.addf %a, %b
  // CHECK: } else {
  // CHECK: } {enigma.names = ["s"]}
  // CHECK: enigma.store %[[S]]
  // CHECK: enigma.store %a
  %r:3 = scf.if %p -> (f32, f32, f32) {
    %s = arith.addf %a, %b : f32
    scf.yield %s, %s, %a : f32, f32, f32
  } else {
    scf.yield %a, %b, %a : f32, f32, f32
  } {enigma.names = ["unread", "s", "same"]}
  enigma.store %r#1, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.store %r#2, %A[%i] : f32, !enigma.buffer<f32, device>
  // Inside, the condition is known.
  // CHECK: scf.if %p {
  // CHECK-NEXT: enigma.store %a
  // CHECK-NEXT: } else {
  // CHECK-NEXT: enigma.store %b
  // CHECK-NEXT: }
  scf.if %p {
    scf.if %p {
      enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
    }
  } else {
    %off = arith.xori %p, %true : i1
    scf.if %off {
      enigma.store %b, %A[%i] : f32, !enigma.buffer<f32, device>
    }
  }
  // CHECK-NEXT: enigma.return
  scf.if %true {
  } else {
    enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @loops(
// LOC-LABEL: enigma.kernel @loops(
enigma.kernel @loops(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32},
    %b: f32 {enigma.name = "b", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = si32}) {
  %i = arith.constant 0 : index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c5 = arith.constant 5 : i32
  // What does not change, what is overwritten unread, what is carried.
  // CHECK: %[[R:.+]] = scf.for unsigned %[[K:.+]] = %{{.+}} to %n step %{{.+}} iter_args(%[[X:.+]] = %b) -> (f32) : i32 {
  // CHECK: arith.mulf %[[X]], %a
  // CHECK: } {enigma.names = ["x"]}
  // LOC: scf.for
  // LOC-SAME: iter_args(%[[X:.+]] = %{{.+}})
  %r:3 = scf.for unsigned %k = %c0 to %n step %c1
      iter_args(%same = %a, %unread = %b, %x = %b) -> (f32, f32, f32) : i32 {
    %y = arith.mulf %x, %same : f32
    %z = arith.addf %y, %a : f32
    scf.yield %same, %z, %y : f32, f32, f32
  } {enigma.names = ["same", "unread", "x"]}
  enigma.store %r#0, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.store %r#2, %A[%i] : f32, !enigma.buffer<f32, device>
  // CHECK: enigma.store %a
  // CHECK-NEXT: enigma.store %[[R]]
  // Once, and never.
  // CHECK-NEXT: %[[ONCE:.+]] = arith.addf %a, %b
  // CHECK-NEXT: enigma.store %[[ONCE]]
  // CHECK-NEXT: enigma.store %b
  %once = scf.for %k = %c0 to %c5 step %c5 iter_args(%x = %a) -> (f32) : i32 {
    %y = arith.addf %x, %b : f32
    scf.yield %y : f32
  }
  enigma.store %once, %A[%i] : f32, !enigma.buffer<f32, device>
  %never = scf.for %k = %c5 to %c0 step %c1 iter_args(%x = %b) -> (f32) : i32 {
    %y = arith.addf %x, %b : f32
    scf.yield %y : f32
  }
  enigma.store %never, %A[%i] : f32, !enigma.buffer<f32, device>
  // -1 is below 5 as a signed number, and far above as an unsigned one.
  // CHECK-NOT: scf.for unsigned
  // CHECK: scf.for %{{.+}} =
  %cm1 = arith.constant -1 : i32
  scf.for unsigned %k = %cm1 to %c5 step %c1 : i32 {
    enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  scf.for %k = %cm1 to %c5 step %c1 : i32 {
    enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @whiles(
enigma.kernel @whiles(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32},
    %b: f32 {enigma.name = "b", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  // CHECK: %[[W:.+]] = scf.while (%[[X:.+]] = %a) : (f32) -> f32 {
  // CHECK: arith.cmpf olt, %[[X]], %b
  // CHECK: scf.condition(%{{.+}}) %[[X]] : f32
  // CHECK: ^bb0(%[[Y:.+]]: f32):
  // CHECK: %[[S:.+]] = arith.addf %[[Y]], %b
  // CHECK: scf.yield %[[S]] : f32
  // CHECK: } attributes {enigma.names = ["x"]}
  // CHECK: enigma.store %[[W]]
  // CHECK: enigma.store %b
  %w:3 = scf.while (%x = %a, %same = %b, %unread = %a) : (f32, f32, f32) -> (f32, f32, f32) {
    %c = arith.cmpf olt, %x, %same : f32
    scf.condition(%c) %same, %x, %unread : f32, f32, f32
  } do {
  ^bb0(%same: f32, %x: f32, %unread: f32):
    %y = arith.addf %x, %same : f32
    %z = arith.mulf %y, %same : f32
    scf.yield %y, %same, %z : f32, f32, f32
  } attributes {enigma.names = ["same", "x", "unread"]}
  enigma.store %w#1, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.store %w#0, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// The condition is computed once, with what comes before it.

// CHECK-LABEL: enigma.kernel @never_entered(
// CHECK-NOT: scf.while
// CHECK: %[[S:.+]] = arith.addf %a, %b
// CHECK: enigma.store %[[S]]
// CHECK: enigma.store %a
// CHECK-NOT: arith.mulf
// CHECK: enigma.return
enigma.kernel @never_entered(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: f32 {enigma.name = "a", enigma.index = 1 : i32},
    %b: f32 {enigma.name = "b", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  %w:2 = scf.while (%x = %a) : (f32) -> (f32, f32) {
    %s = arith.addf %x, %b : f32
    enigma.store %s, %A[%i] : f32, !enigma.buffer<f32, device>
    %false = arith.constant false
    scf.condition(%false) %s, %x : f32, f32
  } do {
  ^bb0(%s: f32, %x: f32):
    %y = arith.mulf %x, %s : f32
    scf.yield %y : f32
  }
  enigma.store %w#1, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @swizzles(
enigma.kernel @swizzles(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  // CHECK: %[[A:.+]] = enigma.load %A
  // CHECK: %[[X:.+]] = vector.extract %[[A]][0]
  // CHECK: %[[R:.+]] = vector.shuffle %[[A]], %[[A]] [3, 2, 1, 0]
  // CHECK: %[[B:.+]] = arith.addf %[[A]], %[[R]]
  // CHECK: %[[Y:.+]] = vector.extract %[[B]][1]
  // CHECK: %[[L:.+]] = vector.shuffle %[[B]], %[[B]] [0, 1]
  // CHECK: %[[M:.+]] = vector.from_elements %[[X]], %[[Y]]
  // CHECK: arith.addf %[[L]], %[[M]]
  %i = arith.constant 0 : index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<4xf32>
  %a0 = vector.extract %a[0] : f32 from vector<4xf32>
  %a1 = vector.extract %a[1] : f32 from vector<4xf32>
  %a2 = vector.extract %a[2] : f32 from vector<4xf32>
  %a3 = vector.extract %a[3] : f32 from vector<4xf32>
  %same = vector.from_elements %a0, %a1, %a2, %a3 : vector<4xf32>
  %reversed = vector.from_elements %a3, %a2, %a1, %a0 : vector<4xf32>
  %b = arith.addf %same, %reversed : vector<4xf32>
  %b0 = vector.extract %b[0] : f32 from vector<4xf32>
  %b1 = vector.extract %b[1] : f32 from vector<4xf32>
  %low = vector.from_elements %b0, %b1 : vector<2xf32>
  %mixed = vector.from_elements %a0, %b1 : vector<2xf32>
  %c = arith.addf %low, %mixed : vector<2xf32>
  enigma.store %c, %A[%i] : vector<2xf32>, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Constants are joined. What signed numbers do not overflow in they still do not,
// if the one constant is exact; else the sum wraps.

// CHECK-LABEL: enigma.kernel @constants(
enigma.kernel @constants(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: i32 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %i = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c5 = arith.constant 5 : i32
  %max = arith.constant 2147483647 : i32
  %min = arith.constant -2147483648 : i32
  // CHECK-DAG: %[[C3:.+]] = arith.constant 3 : i32
  // CHECK-DAG: %[[C4:.+]] = arith.constant 4 : i32
  // CHECK-DAG: %[[C10:.+]] = arith.constant 10 : i32
  // CHECK-DAG: %[[MIN:.+]] = arith.constant -2147483648 : i32
  // CHECK-DAG: %[[M2:.+]] = arith.constant -2 : i32
  // CHECK: arith.addi %x, %[[C3]] overflow<nsw> : i32
  %0 = arith.addi %x, %c1 overflow<nsw> : i32
  %1 = arith.addi %0, %c2 overflow<nsw> : i32
  enigma.store %1, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.addi %x, %[[C3]] : i32
  %2 = arith.addi %x, %c1 : i32
  %3 = arith.addi %2, %c2 overflow<nsw> : i32
  enigma.store %3, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.subi %x, %[[C4]] overflow<nsw> : i32
  %4 = arith.addi %x, %c1 overflow<nsw> : i32
  %5 = arith.subi %4, %c5 overflow<nsw> : i32
  enigma.store %5, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.subi %[[C4]], %x overflow<nsw> : i32
  %6 = arith.addi %x, %c1 overflow<nsw> : i32
  %7 = arith.subi %c5, %6 overflow<nsw> : i32
  enigma.store %7, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.addi %x, %[[C4]] overflow<nsw> : i32
  %8 = arith.subi %c1, %x overflow<nsw> : i32
  %9 = arith.subi %c5, %8 overflow<nsw> : i32
  enigma.store %9, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.addi %x, %[[MIN]] : i32
  %10 = arith.addi %x, %max overflow<nsw> : i32
  %11 = arith.addi %10, %c1 overflow<nsw> : i32
  enigma.store %11, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.muli %x, %[[C10]] overflow<nsw> : i32
  %12 = arith.muli %x, %c2 overflow<nsw> : i32
  %13 = arith.muli %12, %c5 overflow<nsw> : i32
  enigma.store %13, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.muli %x, %[[M2]] : i32
  %14 = arith.muli %x, %max overflow<nsw> : i32
  %15 = arith.muli %14, %c2 overflow<nsw> : i32
  enigma.store %15, %A[%i] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

// What is multiplied by -1 is taken away, on either side, and from constants.

// CHECK-LABEL: enigma.kernel @negated(
enigma.kernel @negated(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %x: i32 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = si32},
    %y: i32 {enigma.name = "y", enigma.index = 2 : i32, enigma.dtype = si32},
    %v: vector<2xi32> {enigma.name = "v", enigma.index = 3 : i32, enigma.dtype = vector<2xsi32>},
    %w: vector<2xi32> {enigma.name = "w", enigma.index = 4 : i32, enigma.dtype = vector<2xsi32>}) {
  // CHECK-DAG: %[[M3:.+]] = arith.constant -3 : i32
  // CHECK-DAG: %[[ODD:.+]] = arith.constant dense<[-1, 1]> : vector<2xi32>
  %i = arith.constant 0 : index
  %minus = arith.constant -1 : i32
  %c3 = arith.constant -3 : i32
  %0 = arith.muli %y, %minus overflow<nsw> : i32
  // CHECK: arith.subi %x, %y : i32
  %1 = arith.addi %x, %0 overflow<nsw> : i32
  enigma.store %1, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.subi %x, %y : i32
  %2 = arith.addi %0, %x overflow<nsw> : i32
  enigma.store %2, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.subi %[[M3]], %y : i32
  %3 = arith.addi %0, %c3 : i32
  enigma.store %3, %A[%i] : i32, !enigma.buffer<si32, device>
  // CHECK: arith.subi %v, %w : vector<2xi32>
  %minuses = arith.constant dense<-1> : vector<2xi32>
  %4 = arith.muli %w, %minuses : vector<2xi32>
  %5 = arith.addi %v, %4 : vector<2xi32>
  enigma.store %5, %A[%i] : vector<2xi32>, !enigma.buffer<si32, device>
  // CHECK: %[[P:.+]] = arith.muli %w, %[[ODD]]
  // CHECK: arith.addi %v, %[[P]]
  %odd = arith.constant dense<[-1, 1]> : vector<2xi32>
  %6 = arith.muli %w, %odd : vector<2xi32>
  %7 = arith.addi %v, %6 : vector<2xi32>
  enigma.store %7, %A[%i] : vector<2xi32>, !enigma.buffer<si32, device>
  enigma.return
}

// -----

// An order of bools is logic, whatever fold made it.

// CHECK-LABEL: enigma.kernel @bools(
enigma.kernel @bools(
    %A: !enigma.buffer<i1, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: i1 {enigma.name = "a", enigma.index = 1 : i32},
    %b: i1 {enigma.name = "b", enigma.index = 2 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 3 : i32}) {
  // CHECK-DAG: %[[TRUE:.+]] = arith.constant true
  %i = arith.constant 0 : index
  %quarter = arith.constant 0.25 : f32
  %zero = arith.constant 0.0 : f32
  // CHECK: %[[P:.+]] = arith.cmpf ogt, %x
  // CHECK: enigma.store %[[P]]
  %positive = arith.cmpf ogt, %x, %zero : f32
  %number = arith.uitofp %positive : i1 to f32
  %0 = arith.cmpf ogt, %number, %quarter : f32
  enigma.store %0, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N1:.+]] = arith.xori %a, %[[TRUE]]
  // CHECK: arith.andi %[[N1]], %b
  %1 = arith.cmpi ult, %a, %b : i1
  enigma.store %1, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N2:.+]] = arith.xori %a, %[[TRUE]]
  // CHECK: arith.andi %[[N2]], %b
  %2 = arith.cmpi sgt, %a, %b : i1
  enigma.store %2, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N3:.+]] = arith.xori %b, %[[TRUE]]
  // CHECK: arith.andi %a, %[[N3]]
  %3 = arith.cmpi ugt, %a, %b : i1
  enigma.store %3, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N4:.+]] = arith.xori %b, %[[TRUE]]
  // CHECK: arith.andi %a, %[[N4]]
  %4 = arith.cmpi slt, %a, %b : i1
  enigma.store %4, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N5:.+]] = arith.xori %a, %[[TRUE]]
  // CHECK: arith.ori %[[N5]], %b
  %5 = arith.cmpi ule, %a, %b : i1
  enigma.store %5, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N6:.+]] = arith.xori %a, %[[TRUE]]
  // CHECK: arith.ori %[[N6]], %b
  %6 = arith.cmpi sge, %a, %b : i1
  enigma.store %6, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N7:.+]] = arith.xori %b, %[[TRUE]]
  // CHECK: arith.ori %a, %[[N7]]
  %7 = arith.cmpi uge, %a, %b : i1
  enigma.store %7, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N8:.+]] = arith.xori %b, %[[TRUE]]
  // CHECK: arith.ori %a, %[[N8]]
  %8 = arith.cmpi sle, %a, %b : i1
  enigma.store %8, %A[%i] : i1, !enigma.buffer<i1, device>
  %true = arith.constant true
  %false = arith.constant false
  // CHECK: %[[N9:.+]] = arith.xori %a, %[[TRUE]]
  // CHECK: enigma.store %[[N9]]
  %9 = arith.cmpi eq, %a, %false : i1
  enigma.store %9, %A[%i] : i1, !enigma.buffer<i1, device>
  // CHECK: %[[N10:.+]] = arith.xori %a, %[[TRUE]]
  // CHECK: enigma.store %[[N10]]
  %10 = arith.cmpi ne, %a, %true : i1
  enigma.store %10, %A[%i] : i1, !enigma.buffer<i1, device>
  enigma.return
}

// -----

// Two branches on one condition are one. What is computed from the first one's
// results goes into it, if nothing else needs that.

// CHECK-LABEL: enigma.kernel @same_condition(
// LOC-LABEL: enigma.kernel @same_condition(
enigma.kernel @same_condition(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %in: i1 {enigma.name = "in", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: %[[FREE:.+]] = arith.mulf %x, %x
  // CHECK-NEXT: scf.if %in {
  // CHECK-NEXT: %[[A:.+]] = enigma.load %A
  // CHECK-NEXT: %[[B:.+]] = arith.addf %[[A]], %x
  // CHECK-NEXT: %[[C:.+]] = arith.mulf %[[B]], %[[FREE]]
  // CHECK-NEXT: enigma.store %[[C]], %A
  // CHECK-NEXT: }
  %a = scf.if %in -> f32 {
    %loaded = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %loaded : f32
  } else {
    scf.yield %zero : f32
  }
  %b = arith.addf %a, %x : f32
  %free = arith.mulf %x, %x : f32
  %c = arith.mulf %b, %free : f32
  scf.if %in {
    enigma.store %c, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// Results of both, and what either path does.

// CHECK-LABEL: enigma.kernel @results_of_both(
// LOC-LABEL: enigma.kernel @results_of_both(
enigma.kernel @results_of_both(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %in: i1 {enigma.name = "in", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: %[[BOTH:.+]]:2 = scf.if %in -> (f32, f32) {
  // CHECK-NEXT: %[[D:.+]] = enigma.load %A
  // CHECK-NEXT: enigma.store %[[D]], %A
  // CHECK-NEXT: %[[E:.+]] = enigma.load %A
  // CHECK-NEXT: scf.yield %[[D]], %[[E]]
  // CHECK-NEXT: } else {
  // CHECK-NEXT: enigma.store %x, %A
  // CHECK-NEXT: scf.yield %{{.+}}, %x
  // CHECK-NEXT: } {enigma.names = ["first", "second"]}
  // LOC: {enigma.names = ["first", "second"]}
  %first = scf.if %in -> f32 {
    %loaded = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %loaded : f32
  } else {
    scf.yield %zero : f32
  } {enigma.names = ["first"]}
  %second = scf.if %in -> f32 {
    enigma.store %first, %A[%i] : f32, !enigma.buffer<f32, device>
    %loaded = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %loaded : f32
  } else {
    enigma.store %x, %A[%i] : f32, !enigma.buffer<f32, device>
    scf.yield %x : f32
  } {enigma.names = ["second"]}
  // CHECK: arith.addf %[[BOTH]]#0, %[[BOTH]]#1
  %sum = arith.addf %first, %second : f32
  enigma.store %sum, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// What stands between reads memory, or is needed by others: two stay two.

// CHECK-LABEL: enigma.kernel @what_stands_between(
enigma.kernel @what_stands_between(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %in: i1 {enigma.name = "in", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: %[[A:.+]] = scf.if %in
  // CHECK: enigma.load %A
  // CHECK: scf.if %in
  %a = scf.if %in -> f32 {
    %loaded = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %loaded : f32
  } else {
    scf.yield %zero : f32
  }
  %between = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  scf.if %in {
    enigma.store %between, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.store %a, %A[%i] : f32, !enigma.buffer<f32, device>
  // CHECK: %[[B:.+]] = scf.if %in
  // CHECK: %[[NEEDED:.+]] = arith.negf %[[B]]
  // CHECK-NEXT: scf.if %in
  // CHECK: enigma.store %[[NEEDED]]
  // CHECK: enigma.store %[[NEEDED]]
  %b = scf.if %in -> f32 {
    %loaded = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %loaded : f32
  } else {
    scf.yield %zero : f32
  }
  %needed = arith.negf %b : f32
  scf.if %in {
    enigma.store %needed, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.store %needed, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// What stands between waits for other threads, or depends on which of them run
// it together: it is neither moved into a branch nor past one. Inside of the
// branches it runs with the same threads as before.

// CHECK-LABEL: enigma.kernel @together(
// LOC-LABEL: enigma.kernel @together(
enigma.kernel @together(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %in: i1 {enigma.name = "in", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: scf.if %in {
  // CHECK: }
  // CHECK-NEXT: enigma.threadgroup_barrier
  // CHECK-NEXT: %[[A:.+]] = scf.if %in
  // CHECK: } else {
  // CHECK: }
  // CHECK-NEXT: %[[SUM:.+]] = enigma.simd_sum %[[A]]
  // CHECK-NEXT: %{{.+}} = scf.if %in
  // CHECK: enigma.store %[[SUM]]
  // CHECK: } else {
  // CHECK: }
  // CHECK-NEXT: enigma.quad_sum %x
  // CHECK-NEXT: scf.if %in {
  scf.if %in {
    enigma.store %x, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.threadgroup_barrier mem_device
  %a = scf.if %in -> f32 {
    %loaded = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    scf.yield %loaded : f32
  } else {
    scf.yield %zero : f32
  }
  %sum = enigma.simd_sum %a : f32
  %b = scf.if %in -> f32 {
    enigma.store %sum, %A[%i] : f32, !enigma.buffer<f32, device>
    scf.yield %sum : f32
  } else {
    scf.yield %zero : f32
  }
  %quad = enigma.quad_sum %x : f32
  scf.if %in {
    enigma.store %quad, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.store %b, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// CHECK-LABEL: enigma.kernel @together_inside(
// LOC-LABEL: enigma.kernel @together_inside(
enigma.kernel @together_inside(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %in: i1 {enigma.name = "in", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  // CHECK: scf.if %in {
  // CHECK-NEXT: %[[SUM:.+]] = enigma.simd_sum %x
  // CHECK-NEXT: enigma.store %[[SUM]]
  // CHECK-NEXT: enigma.simdgroup_barrier
  // CHECK-NEXT: %[[MAX:.+]] = enigma.simd_max %x
  // CHECK-NEXT: enigma.store %[[MAX]]
  // CHECK-NEXT: }
  // CHECK-NEXT: enigma.return
  scf.if %in {
    %sum = enigma.simd_sum %x : f32
    enigma.store %sum, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  scf.if %in {
    enigma.simdgroup_barrier mem_device
    %max = enigma.simd_max %x : f32
    enigma.store %max, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// -----

// What a change leaves without a use goes, though it was visited before: a value
// that a branch yielded, and a variable of a loop that only a dead operation
// read, with what computed its next value. A loop that does nothing goes as well.

// CHECK-LABEL: enigma.kernel @left_behind(
// LOC-LABEL: enigma.kernel @left_behind(
// CHECK-NEXT: arith.constant 0 : index
// CHECK-NEXT: scf.if %in {
// CHECK-NEXT: enigma.store %x
// CHECK-NEXT: }
// CHECK-NEXT: enigma.return
enigma.kernel @left_behind(
    %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %in: i1 {enigma.name = "in", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = si32}) {
  %i = arith.constant 0 : index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  %y = arith.mulf %x, %x : f32
  %a = scf.if %in -> f32 {
    enigma.store %x, %A[%i] : f32, !enigma.buffer<f32, device>
    scf.yield %y : f32
  } else {
    scf.yield %zero : f32
  }
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%carried = %zero) -> f32 : i32 {
    %next = arith.addf %x, %x : f32
    %dead = arith.negf %carried : f32
    scf.if %in {
      %unused = arith.negf %carried : f32
    }
    scf.yield %next : f32
  }
  enigma.return
}

// -----

// What a branch computes in vain goes after the branch was looked at: nothing
// but a choice is left, and then nothing but two conditions.
// CHECK-LABEL: enigma.kernel @computed_in_vain(
enigma.kernel @computed_in_vain(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %a: i32 {enigma.name = "a", enigma.index = 1 : i32, enigma.dtype = si32},
    %b: i32 {enigma.name = "b", enigma.index = 2 : i32, enigma.dtype = si32},
    %p: i1 {enigma.name = "p", enigma.index = 3 : i32},
    %q: i1 {enigma.name = "q", enigma.index = 4 : i32}) {
  %i = arith.constant 0 : index
  // CHECK: %[[CHOSEN:.+]] = arith.select %p, %a, %b
  %chosen = scf.if %p -> (i32) {
    %vain = enigma.load %A[%i] : !enigma.buffer<si32, device> -> i32
    scf.yield %a : i32
  } else {
    scf.yield %b : i32
  }
  // CHECK: %[[BOTH:.+]] = arith.andi %p, %q
  // CHECK-NEXT: scf.if %[[BOTH]] {
  // CHECK-NEXT: enigma.store %[[CHOSEN]]
  // CHECK-NEXT: }
  scf.if %p {
    %vain = enigma.load %A[%i] : !enigma.buffer<si32, device> -> i32
    scf.if %q {
      enigma.store %chosen, %A[%i] : i32, !enigma.buffer<si32, device>
    }
  }
  enigma.return
}
