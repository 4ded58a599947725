// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Constraint 1: the element types.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f16, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  // expected-error @+1 {{'enigma.copy_elements' op copies elements of 'f32' to elements of 'f16'}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f16, device>
  enigma.return
}

// -----

// The signs of the elements are part of their type.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  %C = enigma.alloc : !enigma.buffer<8xui32, thread>
  %D = enigma.alloc : !enigma.buffer<8xsi32, thread>
  // expected-error @+1 {{copies elements of 'ui32' to elements of 'si32'}}
  enigma.copy_elements %C[%n : i32] to %D[%n : i32], %n : i32
      : !enigma.buffer<8xui32, thread> to !enigma.buffer<8xsi32, thread>
  enigma.return
}

// -----

// Constraint 2: the destination.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, constant> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  // expected-error @+1 {{writes to a buffer in the constant address space, which can only be read}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, constant>
  enigma.return
}

// -----

// Constraint 3: the width.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  // expected-error @+1 {{has the width 3; expected 1, or 2 or 4}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32 {width = 3 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Constraint 3: the width.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  // expected-error @+1 {{attribute 'width' failed to satisfy constraint: 32-bit signless integer attribute whose value is positive}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32 {width = 0 : i32}
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Constraint 4: a mask of a count that is not known.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  %mask = arith.constant dense<true> : vector<4xi1>
  // expected-note @+2 {{help: say with a region which elements are copied}}
  // expected-error @+1 {{has a mask for a count that is known at run time only}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32 mask %mask : vector<4xi1>
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Constraint 4: a mask of another length.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  %c5 = arith.constant 5 : i32
  %mask = arith.constant dense<true> : vector<4xi1>
  // expected-error @+1 {{has a mask of 'vector<4xi1>' for 5 elements}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %c5 : i32 mask %mask : vector<4xi1>
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Constraint 4: nothing is counted by a negative number.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  %c = arith.constant -1 : i32
  %mask = arith.constant dense<true> : vector<1xi1>
  // expected-error @+1 {{has a mask of 'vector<1xi1>' for -1 elements}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %c : i32 mask %mask : vector<1xi1>
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Constraint 5: a mask and a region.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  %c4 = arith.constant 4 : i32
  %mask = arith.constant dense<true> : vector<4xi1>
  // expected-error @+1 {{has a mask and a region; expected one of them}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %c4 : i32 mask %mask : vector<4xi1>
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
  ^bb0(%i: i32):
    %odd = arith.trunci %i : i32 to i1
    enigma.yield %odd
  }
  enigma.return
}

// -----

// Constraint 6: no argument.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  // expected-error @+1 {{has a region that takes (); expected the number of an element, 'i32'}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
    %odd = arith.trunci %n : i32 to i1
    enigma.yield %odd
  }
  enigma.return
}

// -----

// Constraint 6: an argument of another type.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  // expected-error @+1 {{has a region that takes ('i64'); expected the number of an element, 'i32'}}
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
  ^bb0(%i: i64):
    %odd = arith.trunci %i : i64 to i1
    enigma.yield %odd
  }
  enigma.return
}

// -----

// The end of the region.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  enigma.copy_elements %A[%n : i32] to %B[%n : i32], %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device> where {
  ^bb0(%i: i32):
    // expected-error @+1 {{'enigma.return' op expects parent op 'enigma.kernel'}}
    enigma.return
  }
  enigma.return
}

// -----

// Numbers are of 32 or 64 bits.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  %i = arith.index_castui %n : i32 to index
  // expected-error @+1 {{operand #1 must be an integer of 32 or 64 bits, but got 'index'}}
  enigma.copy_elements %A[%i : index] to %B[%n : i32], %n : i32
      : !enigma.buffer<f32, device> to !enigma.buffer<f32, device>
  enigma.return
}

// -----

// A yield stands in such a region only.

enigma.kernel @k(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32},
    %j: i64 {enigma.dtype = si64, enigma.index = 3 : i32}) {
  %odd = arith.trunci %n : i32 to i1
  // expected-error @+1 {{'enigma.yield' op expects parent op 'enigma.copy_elements'}}
  enigma.yield %odd
  enigma.return
}
