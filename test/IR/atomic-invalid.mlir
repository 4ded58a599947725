// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Atomics 1: the types.

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{accesses '!enigma.buffer<f32, device>' as 'i32'; expected 'f32'}}
  %0 = enigma.atomic_rmw add %x, %A[%c0] : i32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<si64, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{result #0 must be 32-bit signless integer or 32-bit float, but got 'i64'}}
  %0 = enigma.atomic_load %A[%c0] : !enigma.buffer<si64, device> -> i64
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}, %x: f16 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{operand #0 must be 32-bit signless integer or 32-bit float, but got 'f16'}}
  enigma.atomic_store %x, %A[%c0] : f16, !enigma.buffer<f16, device>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %t = enigma.alloc : !enigma.buffer<4xf32, threadgroup>
  // expected-error @+1 {{computes with floats in the address space 'device' only, found '!enigma.buffer<4xf32, threadgroup>'}}
  %0 = enigma.atomic_rmw add %x, %t[%c0] : f32, !enigma.buffer<4xf32, threadgroup>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}, %f: f32 {enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{failed to verify that all of {expected, desired, old} have same type}}
  %0:2 = "enigma.atomic_compare_exchange"(%x, %f, %A, %c0) : (i32, f32, !enigma.buffer<ui32, device>, index) -> (i32, i1)
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{failed to verify that all of {value, result} have same type}}
  %0 = "enigma.atomic_rmw"(%x, %A, %c0) <{kind = #enigma<atomic_kind add>}> : (i32, !enigma.buffer<ui32, device>, index) -> f32
  enigma.return
}

// -----

// Atomics 2: the address space.

enigma.kernel @k(%A: !enigma.buffer<ui32, constant> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{is atomic in the address spaces 'device' and 'threadgroup' only, found '!enigma.buffer<ui32, constant>'}}
  %0 = enigma.atomic_load %A[%c0] : !enigma.buffer<ui32, constant> -> i32
  enigma.return
}

// -----

enigma.kernel @k(%x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %t = enigma.alloc : !enigma.buffer<4xui32, thread>
  // expected-error @+1 {{is atomic in the address spaces 'device' and 'threadgroup' only}}
  enigma.atomic_store %x, %t[%c0] : i32, !enigma.buffer<4xui32, thread>
  enigma.return
}

// -----

// Atomics 3: the subscript.

enigma.kernel @k(%x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %t = enigma.alloc : !enigma.buffer<4xui32, threadgroup>
  %c4 = arith.constant 4 : index
  // expected-error @+1 {{subscript 4 is outside '!enigma.buffer<4xui32, threadgroup>'}}
  %0 = enigma.atomic_rmw xor %x, %t[%c4] : i32, !enigma.buffer<4xui32, threadgroup>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %m1 = arith.constant -1 : index
  // expected-error @+1 {{subscript -1 is outside '!enigma.buffer<ui32, device>'}}
  %0:2 = enigma.atomic_compare_exchange %x, %x, %A[%m1] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// -----

// Atomics 4: the kinds of floats.

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{of floats must be 'exchange', 'add' or 'sub', found 'max'}}
  %0 = enigma.atomic_rmw max %x, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{of floats must be 'exchange', 'add' or 'sub', found 'xor'}}
  %0 = enigma.atomic_rmw xor %x, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Atomics 5: the sign.

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{is 'unsigned', which 'min' and 'max' are, found 'add'}}
  %0 = enigma.atomic_rmw add unsigned %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{must be 'unsigned' if the elements are, found '!enigma.buffer<ui32, device>'}}
  %0 = enigma.atomic_rmw min %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<si32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{must be 'unsigned' if the elements are, found '!enigma.buffer<si32, device>'}}
  %0 = enigma.atomic_rmw max unsigned %x, %A[%c0] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

// The kind.

enigma.kernel @k(%A: !enigma.buffer<si32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{expected one of [exchange, add, sub, min, max, and, or, xor] for what an atomic operation makes of an element, got: mul}}
  %0 = enigma.atomic_rmw mul %x, %A[%c0] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<si32, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{requires attribute 'kind'}}
  %0 = "enigma.atomic_rmw"(%x, %A, %c0) : (i32, !enigma.buffer<si32, device>, index) -> i32
  enigma.return
}

// -----

// Reduce 1: the elements.

enigma.kernel @k(%A: !enigma.buffer<ui64, device> {enigma.index = 0 : i32}, %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{operand #0 must be 64-bit signless integer, but got 'i32'}}
  enigma.atomic_reduce max %x, %A[%c0] : i32, !enigma.buffer<ui64, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}, %x: i64 {enigma.index = 1 : i32, enigma.dtype = ui64}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{accesses '!enigma.buffer<ui32, device>' as 'i64'; expected 'i32'}}
  enigma.atomic_reduce max %x, %A[%c0] : i64, !enigma.buffer<ui32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<si64, device> {enigma.index = 0 : i32}, %x: i64 {enigma.index = 1 : i32, enigma.dtype = ui64}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{reads elements as unsigned, found '!enigma.buffer<si64, device>'}}
  enigma.atomic_reduce max %x, %A[%c0] : i64, !enigma.buffer<si64, device>
  enigma.return
}

// -----

// Reduce 2: the address space.

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = ui64}) {
  %c0 = arith.constant 0 : index
  %A = enigma.alloc : !enigma.buffer<4xui64, threadgroup>
  // expected-error @+1 {{is atomic in the address space 'device' only, found '!enigma.buffer<4xui64, threadgroup>'}}
  enigma.atomic_reduce max %x, %A[%c0] : i64, !enigma.buffer<4xui64, threadgroup>
  enigma.return
}

// -----

// Reduce 3: the subscript.

enigma.kernel @k(%A: !enigma.buffer<4xui64, device> {enigma.index = 0 : i32}, %x: i64 {enigma.index = 1 : i32, enigma.dtype = ui64}) {
  %c4 = arith.constant 4 : index
  // expected-error @+1 {{subscript 4 is outside '!enigma.buffer<4xui64, device>'}}
  enigma.atomic_reduce max %x, %A[%c4] : i64, !enigma.buffer<4xui64, device>
  enigma.return
}

// -----

// Reduce 4: the kind.

enigma.kernel @k(%A: !enigma.buffer<ui64, device> {enigma.index = 0 : i32}, %x: i64 {enigma.index = 1 : i32, enigma.dtype = ui64}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{must be 'min' or 'max', found 'add'}}
  enigma.atomic_reduce add %x, %A[%c0] : i64, !enigma.buffer<ui64, device>
  enigma.return
}
