// RUN: enigma-opt %s --enigma-sink --split-input-file | FileCheck %s

// What only the code behind the loop needs moves behind it, to its first use;
// what the loop needs too stays, and so does what the author named.

// CHECK-LABEL: enigma.kernel @epilogue(
// CHECK: %[[TID:.+]] = enigma.thread_position_in_grid
// CHECK-NEXT: %[[BOTH:.+]] = arith.muli %[[TID]], %n
// CHECK-NEXT: %[[BOTH_INDEX:.+]] = arith.index_cast %[[BOTH]]
// CHECK-NEXT: %[[NAMED:.+]] = arith.subi %[[TID]], %n
// CHECK-NEXT: %[[SUM:.+]] = scf.for
// CHECK: }
// CHECK-NEXT: enigma.store %[[NAMED]]
// CHECK-NEXT: %[[PLACE:.+]] = arith.addi %[[TID]], %n
// CHECK-NEXT: %[[IN:.+]] = arith.cmpi slt, %[[PLACE]], %n
// CHECK-NEXT: %[[INDEX:.+]] = arith.index_cast %[[PLACE]]
// CHECK-NEXT: scf.if %[[IN]]
// CHECK-NEXT: enigma.store %[[SUM]], %A[%[[INDEX]]]
enigma.kernel @epilogue(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %tid = enigma.thread_position_in_grid x : i32
  %place = arith.addi %tid, %n : i32
  %in = arith.cmpi slt, %place, %n : i32
  %index = arith.index_cast %place : i32 to index
  %both = arith.muli %tid, %n : i32
  %bothIndex = arith.index_cast %both : i32 to index
  %named = arith.subi %tid, %n : i32 loc("named"("k.py":1:1))
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%carried = %c0) -> (i32) : i32 {
    %a = enigma.load %A[%bothIndex] : !enigma.buffer<si32, device> -> i32
    %next = arith.addi %carried, %a : i32
    scf.yield %next : i32
  }
  enigma.store %named, %A[%bothIndex] : i32, !enigma.buffer<si32, device>
  scf.if %in {
    enigma.store %sum, %A[%index] : i32, !enigma.buffer<si32, device>
  }
  enigma.return
}

// -----

// To hold the two operands instead would take more registers; a load must not
// pass the writes of a loop.

// CHECK-LABEL: enigma.kernel @operands(
// CHECK: %[[SUM:.+]] = arith.addi
// CHECK-NEXT: scf.for
enigma.kernel @operands(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %a = enigma.load %A[%i0] : !enigma.buffer<si32, device> -> i32
  %b = enigma.load %A[%i1] : !enigma.buffer<si32, device> -> i32
  %sum = arith.addi %a, %b : i32
  scf.for %i = %c0 to %n step %c1 : i32 {
    enigma.store %i, %A[%i0] : i32, !enigma.buffer<si32, device>
  }
  enigma.store %sum, %A[%i1] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

// A loop in a loop, and two in a row: what only the second needs moves to before
// the second.

// CHECK-LABEL: enigma.kernel @nested(
// CHECK: scf.for
// CHECK-NEXT: scf.for
// CHECK: }
// CHECK-NEXT: arith.shli
// CHECK-NEXT: %[[INDEX:.+]] = arith.index_cast
// CHECK-NEXT: scf.for
// CHECK: enigma.store %{{.+}}, %A[%[[INDEX]]]
enigma.kernel @nested(
    %A: !enigma.buffer<si32, device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  scf.for %i = %c0 to %n step %c1 : i32 {
    %twice = arith.shli %i, %c1 : i32
    %index = arith.index_cast %twice : i32 to index
    scf.for %j = %c0 to %n step %c1 : i32 {
      enigma.store %i, %A[%i0] : i32, !enigma.buffer<si32, device>
    }
    scf.for %j = %c0 to %n step %c1 : i32 {
      enigma.store %j, %A[%index] : i32, !enigma.buffer<si32, device>
    }
  }
  enigma.return
}
