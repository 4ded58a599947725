// RUN: enigma-opt %s --cse --loop-invariant-code-motion --canonicalize --enigma-infer-access | FileCheck %s

// Each atomic access is made, in its place: none is merged, moved or left out,
// and no load moves across one.

// CHECK-LABEL: enigma.kernel @accesses
// CHECK-SAME: enigma.access = #enigma.access<read_write>
// CHECK-NEXT: arith.constant
// CHECK-NEXT: enigma.atomic_load
// CHECK-NEXT: enigma.atomic_load
// CHECK-NEXT: enigma.atomic_rmw
// CHECK-NEXT: enigma.atomic_rmw
// CHECK-NEXT: enigma.atomic_compare_exchange
// CHECK-NEXT: enigma.atomic_compare_exchange
// CHECK-NEXT: enigma.atomic_store
// CHECK-NEXT: enigma.atomic_store
// CHECK-NEXT: enigma.return
enigma.kernel @accesses(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32},
                        %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.atomic_load %A[%c0] : !enigma.buffer<ui32, device> -> i32
  %1 = enigma.atomic_load %A[%c0] : !enigma.buffer<ui32, device> -> i32
  %2 = enigma.atomic_rmw add %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  %3 = enigma.atomic_rmw add %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  %4:2 = enigma.atomic_compare_exchange %x, %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  %5:2 = enigma.atomic_compare_exchange %x, %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.atomic_store %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.atomic_store %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @loads
// CHECK: %[[A:.*]] = enigma.load
// CHECK-NEXT: enigma.atomic_rmw
// CHECK-NEXT: %[[B:.*]] = enigma.load
// CHECK-NEXT: arith.addi %[[A]], %[[B]]
enigma.kernel @loads(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32},
                     %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.load %A[%c0] : !enigma.buffer<ui32, device> -> i32
  %1 = enigma.atomic_rmw add %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  %2 = enigma.load %A[%c0] : !enigma.buffer<ui32, device> -> i32
  %3 = arith.addi %0, %2 : i32
  enigma.store %3, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @loop
// CHECK: scf.for
// CHECK-NEXT: enigma.atomic_load
// CHECK-NEXT: enigma.atomic_store
enigma.kernel @loop(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32},
                    %n: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  scf.for %i = %c0 to %n step %c1 : i32 {
    %0 = enigma.atomic_load %A[%i0] : !enigma.buffer<ui32, device> -> i32
    enigma.atomic_store %0, %A[%i0] : i32, !enigma.buffer<ui32, device>
  }
  enigma.return
}
