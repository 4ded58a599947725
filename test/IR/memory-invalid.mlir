// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Load 1: the type of the result.

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{accesses '!enigma.buffer<f32, device>' as 'f16'; expected 'f32', or a vector of 2 or 4 of it}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f16
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{accesses '!enigma.buffer<ui32, device>' as 'vector<2xi16>'; expected 'i32'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<ui32, device> -> vector<2xi16>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{accesses '!enigma.buffer<f32, device>' as 'vector<3xf32>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<3xf32>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{result #0 must be i1, an integer of 8, 16, 32 or 64 bits, f16, bf16 or f32, or a vector of one dimension of it, but got 'ui32'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<ui32, device> -> ui32
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{but got 'vector<2x2xf32>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<2x2xf32>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{but got 'vector<[4]xf32>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<[4]xf32>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{accesses '!enigma.buffer<f32, device>' as 'vector<8xf32>'; expected 'f32', or a vector of 2 or 4 of it}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<8xf32>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{but got 'vector<f32>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<f32>
  enigma.return
}

// -----

// Load 2: a constant subscript outside the buffer.

enigma.kernel @k() {
  %A = enigma.alloc : !enigma.buffer<16xf32, threadgroup>
  %i = arith.constant 16 : index
  // expected-error @+1 {{subscript 16 is outside '!enigma.buffer<16xf32, threadgroup>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<16xf32, threadgroup> -> f32
  enigma.return
}

// -----

enigma.kernel @k() {
  %A = enigma.alloc : !enigma.buffer<10xf32, threadgroup>
  %i = arith.constant 8 : index
  // expected-error @+1 {{subscript 8 to 11 is outside '!enigma.buffer<10xf32, threadgroup>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<10xf32, threadgroup> -> vector<4xf32>
  enigma.return
}

// -----

// The vector is larger than the buffer.
enigma.kernel @k() {
  %A = enigma.alloc : !enigma.buffer<1xf32, threadgroup>
  %i = arith.constant 0 : index
  // expected-error @+1 {{subscript 0 to 3 is outside '!enigma.buffer<1xf32, threadgroup>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<1xf32, threadgroup> -> vector<4xf32>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant -1 : index
  // expected-error @+1 {{subscript -1 is outside '!enigma.buffer<f32, device>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  enigma.return
}

// -----

// The last element would be past what 64 bits can say.
enigma.kernel @k() {
  %A = enigma.alloc : !enigma.buffer<16xf32, threadgroup>
  %i = arith.constant 9223372036854775804 : index
  // expected-error @+1 {{subscript 9223372036854775804 to 9223372036854775807 is outside '!enigma.buffer<16xf32, threadgroup>'}}
  %0 = enigma.load %A[%i] : !enigma.buffer<16xf32, threadgroup> -> vector<4xf32>
  enigma.return
}

// -----

// Load 3: a constant subscript that is not aligned.

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 6 : index
  // expected-error @+1 {{subscript 6 of a vector of 4 is not a multiple of 4}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<4xf32>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 9223372036854775807 : index
  // expected-error @+1 {{subscript 9223372036854775807 of a vector of 2 is not a multiple of 2}}
  %0 = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<2xf32>
  enigma.return
}

// -----

// Operands of a load.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{operand #0 must be a buffer (a linear array in one address space), but got 'f32'}}
  %0 = "enigma.load"(%x, %i) : (f32, index) -> f32
  enigma.return
}

// -----

enigma.kernel @k(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{operand #0 must be a buffer (a linear array in one address space), but got 'memref<?xf32, #enigma.address_space<device>>'}}
  %0 = "enigma.load"(%A, %i) : (memref<?xf32, #enigma.address_space<device>>, index) -> f32
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #1 must be index, but got 'i32'}}
  %0 = "enigma.load"(%A, %i) : (!enigma.buffer<f32, device>, i32) -> f32
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  // expected-error @+1 {{expected 2 operands, but found 1}}
  %0 = "enigma.load"(%A) : (!enigma.buffer<f32, device>) -> f32
  enigma.return
}

// -----

// Store 1: the type of the value.

enigma.kernel @k(%A: !enigma.buffer<si32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{accesses '!enigma.buffer<si32, device>' as 'f32'; expected 'i32', or a vector of 2 or 4 of it}}
  enigma.store %x, %A[%i] : f32, !enigma.buffer<si32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 0 : index
  %v = arith.constant dense<0.0> : vector<3xf32>
  // expected-error @+1 {{accesses '!enigma.buffer<f32, device>' as 'vector<3xf32>'}}
  enigma.store %v, %A[%i] : vector<3xf32>, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Store 2: a constant subscript outside the buffer.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %A = enigma.alloc : !enigma.buffer<16xf32, thread>
  %i = arith.constant 16 : index
  // expected-error @+1 {{subscript 16 is outside '!enigma.buffer<16xf32, thread>'}}
  enigma.store %x, %A[%i] : f32, !enigma.buffer<16xf32, thread>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %i = arith.constant -3 : index
  // expected-error @+1 {{subscript -3 is outside}}
  enigma.store %x, %A[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Store 3: a constant subscript that is not aligned.

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %i = arith.constant 3 : index
  %v = arith.constant dense<0.0> : vector<2xf32>
  // expected-error @+1 {{subscript 3 of a vector of 2 is not a multiple of 2}}
  enigma.store %v, %A[%i] : vector<2xf32>, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Store 4: the constant address space.

enigma.kernel @k(%A: !enigma.buffer<f32, constant> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{writes to a buffer in the constant address space, which can only be read}}
  enigma.store %x, %A[%i] : f32, !enigma.buffer<f32, constant>
  enigma.return
}

// -----

// Alloc 1: the type of the result.

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be a buffer (a linear array in one address space) or a memref of one dimension, without strides, in an Enigma address space, but got 'f32'}}
  %0 = enigma.alloc : f32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{but got 'memref<f32, #enigma.address_space<threadgroup>>'}}
  %0 = enigma.alloc : memref<f32, #enigma.address_space<threadgroup>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{but got 'memref<4611686018427387904x4611686018427387904xf32, #enigma.address_space<threadgroup>>'}}
  %0 = enigma.alloc : memref<4611686018427387904x4611686018427387904xf32, #enigma.address_space<threadgroup>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{but got 'memref<4xf32, strided<[2]>, #enigma.address_space<threadgroup>>'}}
  %0 = enigma.alloc : memref<4xf32, strided<[2]>, #enigma.address_space<threadgroup>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{but got 'memref<4xf32, 3>'}}
  %0 = enigma.alloc : memref<4xf32, 3>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{but got 'memref<4xf32>'}}
  %0 = enigma.alloc : memref<4xf32>
  enigma.return
}

// -----

// Alloc 2: the size.

enigma.kernel @k() {
  // expected-error @+1 {{needs a positive size that is known, found '!enigma.buffer<f32, threadgroup>'}}
  %0 = enigma.alloc : !enigma.buffer<f32, threadgroup>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{needs a positive size that is known, found 'memref<?xf32, #enigma.address_space<thread>>'}}
  %0 = enigma.alloc : memref<?xf32, #enigma.address_space<thread>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{needs a positive size that is known, found 'memref<0xf32, #enigma.address_space<thread>>'}}
  %0 = enigma.alloc : memref<0xf32, #enigma.address_space<thread>>
  enigma.return
}

// -----

// Alloc 3: the address space.

enigma.kernel @k() {
  // expected-error @+1 {{allocates threadgroup or thread memory, found '!enigma.buffer<4xf32, device>'}}
  %0 = enigma.alloc : !enigma.buffer<4xf32, device>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{allocates threadgroup or thread memory, found 'memref<4xf32, #enigma.address_space<constant>>'}}
  %0 = enigma.alloc : memref<4xf32, #enigma.address_space<constant>>
  enigma.return
}

// -----

// Alloc 4: where an array stands.

enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) {
  scf.if %p {
    // expected-error @+1 {{of threadgroup memory must stand in the kernel's entry block}}
    %0 = enigma.alloc : !enigma.buffer<4xf32, threadgroup>
  }
  enigma.return
}

// -----

// expected-error @+1 {{of threadgroup memory must stand in the kernel's entry block}}
%0 = enigma.alloc : memref<4xf32, #enigma.address_space<threadgroup>>

// -----

// expected-error @+1 {{must stand in a kernel}}
%0 = enigma.alloc : !enigma.buffer<4xf32, thread>

// -----

// Alloc 5: the dtype.

enigma.kernel @k() {
  // expected-error @+1 {{needs 'dtype' to state the signedness of 'i32'}}
  %0 = enigma.alloc : memref<4xi32, #enigma.address_space<thread>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{needs 'dtype' to state the signedness of 'vector<4xi32>'}}
  %0 = enigma.alloc : memref<4xvector<4xi32>, #enigma.address_space<thread>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'dtype' 'ui16' is not the type of values of 'i32'}}
  %0 = enigma.alloc {dtype = ui16} : memref<4xi32, #enigma.address_space<thread>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'dtype' 'f32' is not the type of values of 'i32'}}
  %0 = enigma.alloc {dtype = f32} : memref<4xi32, #enigma.address_space<thread>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'dtype' 'ui8' is not the element type of '!enigma.buffer<4xf32, thread>'}}
  %0 = enigma.alloc {dtype = ui8} : !enigma.buffer<4xf32, thread>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{Invalid attribute `dtype` in property conversion: 3 : i64}}
  %0 = "enigma.alloc"() <{dtype = 3}> : () -> !enigma.buffer<4xf32, thread>
  enigma.return
}

// -----

// Barriers.

enigma.kernel @k() {
  // expected-error @+1 {{expected one of [mem_none, mem_device, mem_threadgroup, mem_texture, mem_threadgroup_imageblock] for memory that a barrier orders, as Metal's mem_flags, got: mem_all}}
  enigma.threadgroup_barrier mem_all
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{expected keyword for memory that a barrier orders, as Metal's mem_flags}}
  enigma.simdgroup_barrier mem_device|3
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'enigma.threadgroup_barrier' op requires attribute 'flags'}}
  "enigma.threadgroup_barrier"() : () -> ()
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{Invalid attribute `flags` in property conversion: 3 : i32}}
  "enigma.simdgroup_barrier"() <{flags = 3 : i32}> : () -> ()
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'enigma.alloc' op 'alignment' must be a power of two, found 12}}
  %tile = enigma.alloc {alignment = 12 : i64} : !enigma.buffer<64xf32, threadgroup>
  enigma.return
}

// -----

// Constant array 1: its form.

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be}}
  %0 = enigma.constant_array dense<1.0> : tensor<4xf32> : memref<2x2xf32, #enigma.address_space<constant>>
  enigma.return
}

// -----

// Constant array 2: its address space.

enigma.kernel @k() {
  // expected-error @+1 {{is in the address space 'constant', found '!enigma.buffer<4xf32, threadgroup>'}}
  %0 = enigma.constant_array dense<1.0> : tensor<4xf32> : !enigma.buffer<4xf32, threadgroup>
  enigma.return
}

// -----

// Constant array 3: its values.

enigma.kernel @k() {
  // expected-error @+1 {{'values' must be dense numbers for '!enigma.buffer<4xf32, constant>', found those of 'tensor<3xf32>'}}
  %0 = enigma.constant_array dense<1.0> : tensor<3xf32> : !enigma.buffer<4xf32, constant>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{found those of 'tensor<2x2xf32>'}}
  %0 = enigma.constant_array dense<1.0> : tensor<2x2xf32> : !enigma.buffer<4xf32, constant>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{found those of 'tensor<4xf16>'}}
  %0 = enigma.constant_array dense<1.0> : tensor<4xf16> : !enigma.buffer<4xf32, constant>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'values' must be dense numbers for '!enigma.buffer<f32, constant>'}}
  %0 = enigma.constant_array dense<1.0> : tensor<4xf32> : !enigma.buffer<f32, constant>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'values' must be dense numbers}}
  %0 = enigma.constant_array sparse<0, 1.0> : tensor<4xf32> : !enigma.buffer<4xf32, constant>
  enigma.return
}

// -----

// Constant array 4: the dtype.

enigma.kernel @k() {
  // expected-error @+1 {{needs 'dtype' to state the signedness of 'i32'}}
  %0 = enigma.constant_array dense<1> : tensor<4xi32> : memref<4xi32, #enigma.address_space<constant>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'dtype' 'ui16' is not the type of values of 'i32'}}
  %0 = enigma.constant_array dense<1> : tensor<4xi32> {dtype = ui16} : memref<4xi32, #enigma.address_space<constant>>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'dtype' 'ui32' is not the element type of '!enigma.buffer<4xsi32, constant>'}}
  %0 = enigma.constant_array dense<1> : tensor<4xi32> {dtype = ui32} : !enigma.buffer<4xsi32, constant>
  enigma.return
}

// -----

// Constant array 5: the alignment.

enigma.kernel @k() {
  // expected-error @+1 {{'alignment' must be a power of two, found 12}}
  %0 = enigma.constant_array dense<1.0> : tensor<4xf32> {alignment = 12 : i64} : !enigma.buffer<4xf32, constant>
  enigma.return
}

// -----

// It is not written.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.constant_array dense<1.0> : tensor<4xf32> : !enigma.buffer<4xf32, constant>
  // expected-error @+1 {{writes to a buffer in the constant address space, which can only be read}}
  enigma.store %x, %0[%c0] : f32, !enigma.buffer<4xf32, constant>
  enigma.return
}

// -----

// Fences.

enigma.kernel @k() {
  // expected-error @+1 {{expected one of [relaxed, seq_cst] for order that a fence makes, as Metal's memory_order, got: acquire}}
  enigma.atomic_thread_fence mem_device acquire device
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{expected one of [thread, simdgroup, threadgroup, device] for threads that see an order, as Metal's thread_scope, got: grid}}
  enigma.atomic_thread_fence mem_device seq_cst grid
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{requires attribute 'scope'}}
  "enigma.atomic_thread_fence"() <{flags = #enigma<mem_flags mem_device>, order = #enigma<memory_order relaxed>}> : () -> ()
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<vector<4xf32>, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{accesses '!enigma.buffer<vector<4xf32>, device>' as 'f32'; expected 'vector<4xf32>'}}
  %0 = enigma.load %A[%c0] : !enigma.buffer<vector<4xf32>, device> -> f32
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<vector<4xf32>, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{accesses '!enigma.buffer<vector<4xf32>, device>' as 'vector<2xf32>'; expected 'vector<4xf32>'}}
  %0 = enigma.load %A[%c0] : !enigma.buffer<vector<4xf32>, device> -> vector<2xf32>
  enigma.return
}

// store_lane 1: what is written.
// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{writes 'f32' to a lane of an element of '!enigma.buffer<f32, device>'}}
  enigma.store_lane %x, %A[%c0], %c0 : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<vector<4xf16>, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{writes 'f32' to a lane of an element of '!enigma.buffer<vector<4xf16>, device>'}}
  enigma.store_lane %x, %A[%c0], %c0 : f32, !enigma.buffer<vector<4xf16>, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<8xvector<4xf32>, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{subscript 9 is outside '!enigma.buffer<8xvector<4xf32>, device>'}}
  enigma.store_lane %x, %A[%c9], %c0 : f32, !enigma.buffer<8xvector<4xf32>, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<vector<4xf32>, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{writes lane 9 of 'vector<4xf32>'}}
  enigma.store_lane %x, %A[%c0], %c9 : f32, !enigma.buffer<vector<4xf32>, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<vector<4xf32>, constant> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{writes to a buffer in the constant address space}}
  enigma.store_lane %x, %A[%c0], %c0 : f32, !enigma.buffer<vector<4xf32>, constant>
  enigma.return
}

// recast.
// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{makes '!enigma.buffer<f16, threadgroup>' of '!enigma.buffer<f32, device>'}}
  %0 = enigma.recast %A : !enigma.buffer<f32, device> to !enigma.buffer<f16, threadgroup>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{makes 'memref<?xf16, #enigma.address_space<device>>' of '!enigma.buffer<f32, device>'}}
  %0 = enigma.recast %A : !enigma.buffer<f32, device> to memref<?xf16, #enigma.address_space<device>>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{'dtype' 'ui8' is not the element type of '!enigma.buffer<f16, device>'}}
  %0 = enigma.recast %A {dtype = ui8} : !enigma.buffer<f32, device> to !enigma.buffer<f16, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{loses or makes up the size of '!enigma.buffer<f32, device>'}}
  %0 = enigma.recast %A : !enigma.buffer<f32, device> to !enigma.buffer<8xf16, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<3xf32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{makes '!enigma.buffer<1xvector<2xf32>, device>' of the 12 bytes of '!enigma.buffer<3xf32, device>'}}
  %0 = enigma.recast %A : !enigma.buffer<3xf32, device> to !enigma.buffer<1xvector<2xf32>, device>
  enigma.return
}

// -----

enigma.kernel @k(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{needs 'dtype' to state the signedness of 'i8'}}
  %0 = enigma.recast %A : memref<?xf32, #enigma.address_space<device>> to memref<?xi8, #enigma.address_space<device>>
  enigma.return
}

// -----

enigma.kernel @k(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %x = arith.constant 1.0 : f32
  // expected-error @+1 {{'dtype' 'ui16' is not the type of values of 'i8'}}
  %0 = enigma.recast %A {dtype = ui16} : memref<?xf32, #enigma.address_space<device>> to memref<?xi8, #enigma.address_space<device>>
  enigma.return
}

// -----

// split_access 1 and join_access 1: the parts.

enigma.kernel @k(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %v = enigma.load %A[%c0] : !enigma.buffer<f16, device> -> vector<8xf16>
  // expected-error @+1 {{which are not several equal parts of 'vector<8xf16>'}}
  %0:2 = enigma.split_access %v : vector<8xf16> -> vector<4xf16>, vector<2xf16>
  enigma.return
}

// -----

enigma.kernel @k(%v: vector<4xf32> {enigma.index = 0 : i32}) {
  // expected-error @+1 {{which are not several equal parts of 'vector<4xf32>'}}
  %0 = enigma.join_access %v : vector<4xf32> -> vector<4xf32>
  enigma.return
}

// -----

enigma.kernel @k(%v: vector<4xf32> {enigma.index = 0 : i32}) {
  // expected-error @+1 {{which are not several equal parts of 'vector<8xf16>'}}
  %0 = enigma.join_access %v, %v : vector<4xf32>, vector<4xf32> -> vector<8xf16>
  enigma.return
}
