// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Kernel 1: the types of arguments.

// expected-error @+1 {{argument #0: must be a buffer, a scalar or a vector, found 'tensor<4xf32>'}}
enigma.kernel @k(%x: tensor<4xf32> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{argument #1 ('v'): must be a buffer, a scalar or a vector, found 'vector<5xf32>'}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %y: vector<5xf32> {enigma.name = "v", enigma.index = 1 : i32}) { enigma.return }

// -----

// expected-error @+1 {{must be a buffer, a scalar or a vector, found 'f64'}}
enigma.kernel @k(%x: f64 {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{must be a buffer, a scalar or a vector, found 'index'}}
enigma.kernel @k(%x: index {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{must be a buffer, a scalar or a vector, found 'ui32'}}
enigma.kernel @k(%x: ui32 {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{must be a buffer, a scalar or a vector, found 'i24'}}
enigma.kernel @k(%x: i24 {enigma.index = 0 : i32, enigma.dtype = ui32}) { enigma.return }

// -----

// expected-error @+1 {{must be a buffer, a scalar or a vector, found 'memref<*xf32, #enigma.address_space<device>>'}}
enigma.kernel @k(%x: memref<*xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{a memref must have one dimension, no strides and an address space of Enigma, found 'memref<f32, #enigma.address_space<device>>'}}
enigma.kernel @k(%x: memref<f32, #enigma.address_space<device>> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{a memref must have one dimension, no strides}}
enigma.kernel @k(%x: memref<4x4xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{a memref must have one dimension, no strides}}
enigma.kernel @k(%x: memref<4xf32, strided<[2], offset: 3>, #enigma.address_space<device>> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{a memref must have one dimension, no strides and an address space of Enigma, found 'memref<4xf32, 1>'}}
enigma.kernel @k(%x: memref<4xf32, 1> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{a memref must have one dimension, no strides and an address space of Enigma, found 'memref<4xf32>'}}
enigma.kernel @k(%x: memref<4xf32> {enigma.index = 0 : i32}) { enigma.return }

// -----

// Kernel 2: the address space of a buffer argument.

// expected-error @+1 {{a buffer argument must be in the address space 'device', 'constant' or 'threadgroup', found '!enigma.buffer<4xf32, thread>'}}
enigma.kernel @k(%x: !enigma.buffer<4xf32, thread> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{a buffer argument must be in the address space 'device', 'constant' or 'threadgroup'}}
enigma.kernel @k(%x: memref<4xf32, #enigma.address_space<thread>> {enigma.index = 0 : i32}) { enigma.return }

// -----

// Kernel 3: the index of an argument.

// expected-error @+1 {{argument #1: needs 'enigma.index', its index in Metal's buffer argument table}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %y: f32) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.index' must be an i32 from 0 to 30, the entries of Metal's buffer argument table, found 31 : i32}}
enigma.kernel @k(%x: f32 {enigma.index = 31 : i32}) { enigma.return }

// -----

// expected-error @+1 {{'enigma.index' must be an i32 from 0 to 30, the entries of Metal's buffer argument table, found -1 : i32}}
enigma.kernel @k(%x: f32 {enigma.index = -1 : i32}) { enigma.return }

// -----

// expected-error @+1 {{'enigma.index' must be an i32 from 0 to 30, the entries of Metal's buffer argument table, found 0 : i64}}
enigma.kernel @k(%x: f32 {enigma.index = 0}) { enigma.return }

// -----

// expected-error @+1 {{'enigma.index' must be an i32 from 0 to 30}}
enigma.kernel @k(%x: f32 {enigma.index = 99999999999999999999999 : i128}) { enigma.return }

// -----

// expected-error @+1 {{'enigma.index' must be an i32 from 0 to 30, the entries of Metal's buffer argument table, found "0"}}
enigma.kernel @k(%x: f32 {enigma.index = "0"}) { enigma.return }

// -----

// expected-error @+1 {{argument #2 ('z'): has the index 7 of argument #0}}
enigma.kernel @k(%x: f32 {enigma.index = 7 : i32}, %y: f32 {enigma.index = 0 : i32}, %z: f32 {enigma.name = "z", enigma.index = 7 : i32}) { enigma.return }

// -----

// Kernel 4: the dtype of an argument.

// expected-error @+1 {{argument #0: needs 'enigma.dtype' to state the signedness of 'i32'}}
enigma.kernel @k(%x: i32 {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.dtype' 'ui16' is not the type of values of 'i32'}}
enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui16}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.dtype' 'f32' is not the type of values of 'i32'}}
enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = f32}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.dtype' must be an element type of a buffer, found i32}}
enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = i32}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.dtype' must be an element type of a buffer, found "ui32"}}
enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = "ui32"}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: needs 'enigma.dtype' to state the signedness of 'i32'}}
enigma.kernel @k(%x: memref<?xi32, #enigma.address_space<device>> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.dtype' 'ui8' is not the type of values of 'i32'}}
enigma.kernel @k(%x: memref<?xi32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = ui8}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: needs 'enigma.dtype' to state the signedness of 'vector<4xi32>'}}
enigma.kernel @k(%x: memref<?xvector<4xi32>, #enigma.address_space<device>> {enigma.index = 0 : i32}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.dtype' 'si32' is not the element type of '!enigma.buffer<ui32, device>'}}
enigma.kernel @k(%x: !enigma.buffer<ui32, device> {enigma.index = 0 : i32, enigma.dtype = si32}) { enigma.return }

// -----

// Kernel 5: the launch.

// expected-error @+1 {{'block' has more than 1024 threads, Metal's limit: [1024, 2, 1]}}
enigma.kernel @k() attributes {block = array<i64: 1024, 2, 1>} { enigma.return }

// -----

// The product does not fit 64 bits.
// expected-error @+1 {{'block' has more than 1024 threads}}
enigma.kernel @k() attributes {block = array<i64: 4294967296, 4294967296, 1>} { enigma.return }

// -----

// expected-error @+1 {{'block' has more than 1024 threads}}
enigma.kernel @k() attributes {block = array<i64: 9223372036854775807, 9223372036854775807, 9223372036854775807>} { enigma.return }

// -----

// expected-error @+1 {{'block' must be three positive extents, found [32, 0, 1]}}
enigma.kernel @k() attributes {block = array<i64: 32, 0, 1>} { enigma.return }

// -----

// expected-error @+1 {{'block' must be three positive extents, found [32]}}
enigma.kernel @k() attributes {block = array<i64: 32>} { enigma.return }

// -----

// expected-error @+1 {{'grid' must be three positive extents, found [1, 1, -1]}}
enigma.kernel @k() attributes {grid = array<i64: 1, 1, -1>} { enigma.return }

// -----

// expected-error @+1 {{'grid' must be three positive extents, found []}}
enigma.kernel @k() attributes {grid = array<i64>} { enigma.return }

// -----

// expected-error @+1 {{'grid_limit' must be three positive extents, found [8]}}
enigma.kernel @k() attributes {grid_limit = array<i64: 8>} { enigma.return }

// -----

// expected-error @+1 {{attribute 'block' failed to satisfy constraint: i64 dense array attribute}}
enigma.kernel @k() attributes {block = array<i32: 1, 1, 1>} { enigma.return }

// -----

// expected-error @+1 {{Invalid attribute `block` in property conversion: array<i32: 1, 1, 1>}}
"enigma.kernel"() <{sym_name = "k", function_type = () -> (), block = array<i32: 1, 1, 1>}> ({
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// Kernel 6: threadgroup memory.

enigma.kernel @k() {
  %0 = enigma.alloc : !enigma.buffer<4096xf32, threadgroup>
  // A thread's own array does not count.
  %1 = enigma.alloc : !enigma.buffer<100000xf32, thread>
  %2 = enigma.alloc : memref<4096xf32, #enigma.address_space<threadgroup>>
  // expected-note @+2 {{help: make its arrays smaller, or let one array hold in turn}}
  // expected-error @+1 {{takes the kernel's threadgroup memory to 32769 bytes; Metal grants a threadgroup 32768 bytes (32 KB)}}
  %3 = enigma.alloc : !enigma.buffer<1xi1, threadgroup>
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-note @+2 {{help: make its arrays smaller}}
  // expected-error @+1 {{has 9223372036854775807 elements; Metal grants a threadgroup 32768 bytes (32 KB)}}
  %0 = enigma.alloc : !enigma.buffer<9223372036854775807xf32, threadgroup>
  enigma.return
}

// -----

// The sum of their sizes in bytes does not fit 64 bits.
enigma.kernel @k() {
  // expected-note @+2 {{help: make its arrays smaller}}
  // expected-error @+1 {{has 2305843009213693952 elements}}
  %0 = enigma.alloc : !enigma.buffer<2305843009213693952xsi64, threadgroup>
  %1 = enigma.alloc : !enigma.buffer<2305843009213693952xsi64, threadgroup>
  enigma.return
}

// -----

// Of arguments, whose sizes are known.
// expected-note @+2 {{help: make its arrays smaller}}
// expected-error @+1 {{takes the kernel's threadgroup memory to 32772 bytes}}
enigma.kernel @k(%x: !enigma.buffer<8192xf32, threadgroup> {enigma.index = 0 : i32},
                 %y: memref<4xi8, #enigma.address_space<threadgroup>> {enigma.index = 1 : i32, enigma.dtype = ui8}) {
  enigma.return
}

// -----

enigma.kernel @k(%x: !enigma.buffer<8192xf32, threadgroup> {enigma.index = 0 : i32},
                 %y: !enigma.buffer<f32, threadgroup> {enigma.index = 1 : i32}) {
  // expected-note @+2 {{help: make its arrays smaller}}
  // expected-error @+1 {{takes the kernel's threadgroup memory to 32772 bytes}}
  %0 = enigma.alloc : !enigma.buffer<1xf32, threadgroup>
  enigma.return
}

// -----

// The table of threadgroup arrays.
// expected-error @+1 {{argument #2: has the index 0 of argument #0}}
enigma.kernel @k(%x: !enigma.buffer<f32, threadgroup> {enigma.index = 0 : i32},
                 %y: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
                 %z: !enigma.buffer<f32, threadgroup> {enigma.index = 0 : i32}) {
  enigma.return
}

// -----

// expected-error @+1 {{argument #0: 'enigma.index' must be an i32 from 0 to 30, the entries of Metal's threadgroup argument table, found 31 : i32}}
enigma.kernel @k(%x: !enigma.buffer<f32, threadgroup> {enigma.index = 31 : i32}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: needs 'enigma.index', its index in Metal's threadgroup argument table}}
enigma.kernel @k(%x: !enigma.buffer<f32, threadgroup>) { enigma.return }

// -----

// Kernel 7: results.

// expected-error @+1 {{has results; a kernel returns nothing}}
enigma.kernel @k() -> f32 { enigma.return }

// -----

// Kernel 8: elements per thread.

// expected-error @+1 {{'elements_per_thread' must be positive, found 0}}
enigma.kernel @k() attributes {elements_per_thread = 0 : i64} { enigma.return }

// -----

// expected-error @+1 {{'elements_per_thread' must be positive, found -4}}
enigma.kernel @k() attributes {elements_per_thread = -4 : i64} { enigma.return }

// -----

// expected-error @+1 {{attribute 'elements_per_thread' failed to satisfy constraint: 64-bit signless integer attribute}}
enigma.kernel @k() attributes {elements_per_thread = 4 : i32} { enigma.return }

// -----

// expected-error @+1 {{'enigma.guarded' is a unit, of a kernel}}
enigma.kernel @k() attributes {elements_per_thread = 4 : i64, enigma.guarded = 1 : i64} { enigma.return }

// -----

// expected-error @+1 {{'enigma.guarded' is a unit, of a kernel}}
module attributes {enigma.guarded} {}

// -----

// Kernel 9: other attributes of arguments.

// expected-error @+1 {{argument #0: 'enigma.name' must be a string, found 3 : i64}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32, enigma.name = 3}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.access' must be an #enigma.access, found "read"}}
enigma.kernel @k(%x: !enigma.buffer<f32, device> {enigma.index = 0 : i32, enigma.access = "read"}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.max_elements' must be a positive i64, found 0 : i64}}
enigma.kernel @k(%x: !enigma.buffer<f32, device> {enigma.index = 0 : i32, enigma.max_elements = 0 : i64}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.max_elements' must be a positive i64, found 4 : i32}}
enigma.kernel @k(%x: !enigma.buffer<f32, device> {enigma.index = 0 : i32, enigma.max_elements = 4 : i32}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.max_elements' belongs to a buffer, found 'f32'}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32, enigma.max_elements = 4 : i64}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.extent' must be a unit, found 4}}
enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32, enigma.extent = 4 : i64}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.extent' belongs to an i32, found 'f32'}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32, enigma.extent}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: 'enigma.access' belongs to a buffer, found 'f32'}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32, enigma.access = #enigma.access<read>}) { enigma.return }

// -----

// expected-error @+1 {{argument #0: no attribute 'enigma.indx' is known to the dialect}}
enigma.kernel @k(%x: f32 {enigma.indx = 0 : i32}) { enigma.return }

// -----

// Kernel 10: where a kernel stands, and its body.

enigma.kernel @k() {
  // expected-error @+1 {{'enigma.kernel' op expects parent op 'builtin.module'}}
  enigma.kernel @inner() { enigma.return }
  enigma.return
}

// -----

// expected-error @+1 {{region #0 ('body') failed to verify constraint: region with 1 blocks}}
enigma.kernel @k()

// -----

// expected-error @+1 {{region #0 ('body') failed to verify constraint: region with 1 blocks}}
enigma.kernel private @k(f32)

// -----

// expected-error @+1 {{expected non-empty function body}}
enigma.kernel @k() {}

// -----

// expected-error @+1 {{expects region #0 to have 0 or 1 blocks}}
"enigma.kernel"() <{sym_name = "k", function_type = () -> ()}> ({
  "enigma.return"() : () -> ()
^bb1:
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{expects a non-empty block}}
"enigma.kernel"() <{sym_name = "k", function_type = () -> ()}> ({
^bb0:
}) : () -> ()

// -----

"enigma.kernel"() <{sym_name = "k", function_type = () -> ()}> ({
  // expected-error @+1 {{block with no terminator}}
  "enigma.threadgroup_barrier"() <{flags = #enigma<mem_flags mem_none>}> : () -> ()
}) : () -> ()

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'scf.yield' op expects parent op to be one of}}
  scf.yield
}

// -----

// expected-note @+1 {{see existing symbol definition here}}
enigma.kernel @k() { enigma.return }
// expected-error @+1 {{redefinition of symbol named 'k'}}
enigma.kernel @k() { enigma.return }

// -----

// expected-error @+1 {{expected valid '@'-identifier for symbol name}}
enigma.kernel k() { enigma.return }

// -----

// A value from outside is not seen inside.
enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) { enigma.return }
enigma.kernel @l() {
  // expected-error @+1 {{use of undeclared SSA value name}}
  scf.if %p {}
  enigma.return
}

// -----

// expected-error @+1 {{'enigma.return' op expects parent op 'enigma.kernel'}}
enigma.return

// -----

enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) {
  scf.if %p {
    // expected-error @+1 {{'enigma.return' op expects parent op 'enigma.kernel'}}
    enigma.return
  }
  enigma.return
}

// -----

// Kernels that no custom form can say.

// expected-error @+1 {{requires attribute 'function_type'}}
"enigma.kernel"() ({
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{attribute 'function_type' failed to satisfy constraint: type attribute of function type}}
"enigma.kernel"() <{sym_name = "k", function_type = f32}> ({
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{requires attribute 'sym_name'}}
"enigma.kernel"() <{function_type = () -> ()}> ({
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{Invalid attribute `sym_name` in property conversion: 3 : i32}}
"enigma.kernel"() <{sym_name = 3 : i32, function_type = () -> ()}> ({
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{region #0 ('body') failed to verify constraint: region with 1 blocks}}
"enigma.kernel"() <{sym_name = "k", function_type = () -> ()}> ({}) : () -> ()

// -----

// expected-error @+1 {{expects argument attribute array to have the same number of elements as the number of function arguments, got 0, but expected 1}}
"enigma.kernel"() <{sym_name = "k", function_type = (f32) -> (), arg_attrs = []}> ({
^bb0(%x: f32):
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{got 2, but expected 1}}
"enigma.kernel"() <{sym_name = "k", function_type = (f32) -> (), arg_attrs = [{enigma.index = 0 : i32}, {enigma.index = 1 : i32}]}> ({
^bb0(%x: f32):
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{attribute 'arg_attrs' failed to satisfy constraint: Array of dictionary attributes}}
"enigma.kernel"() <{sym_name = "k", function_type = (f32) -> (), arg_attrs = [0 : i32]}> ({
^bb0(%x: f32):
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{expects result attribute array to have the same number of elements as the number of function results}}
"enigma.kernel"() <{sym_name = "k", function_type = () -> (), res_attrs = [{}]}> ({
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{type of entry block argument #0('i32') must match the type of the corresponding argument in function signature('f32')}}
"enigma.kernel"() <{sym_name = "k", function_type = (f32) -> (), arg_attrs = [{enigma.index = 0 : i32}]}> ({
^bb0(%x: i32):
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{entry block must have 1 arguments to match function signature}}
"enigma.kernel"() <{sym_name = "k", function_type = (f32) -> (), arg_attrs = [{enigma.index = 0 : i32}]}> ({
  "enigma.return"() : () -> ()
}) : () -> ()

// -----

// What a store writes to different places, in a store only.

enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'enigma.distinct' is a unit, of a store or a copy of all elements of a view}}
  %0 = arith.andi %p, %p {enigma.distinct} : i1
  enigma.return
}

// -----

// The names of the results of an scf operation.

enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'enigma.names' must be an array of strings, one for each result, found "x"}}
  %0 = scf.if %p -> i1 {
    scf.yield %p : i1
  } else {
    scf.yield %p : i1
  } {enigma.names = "x"}
  enigma.return
}

// -----

enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'enigma.names' must be an array of strings, one for each result, found [1]}}
  %0 = scf.if %p -> i1 {
    scf.yield %p : i1
  } else {
    scf.yield %p : i1
  } {enigma.names = [1]}
  enigma.return
}

// -----

// Function constant 1: the index.

enigma.kernel @k() {
  // expected-error @+1 {{index must be from 0 to 65535, found 65536}}
  %0 = enigma.function_constant 65536 "a" : f32 -> f32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{index must be from 0 to 65535, found -1}}
  %0 = enigma.function_constant -1 "a" : f32 -> f32
  enigma.return
}

// -----

// Function constant 2: the dtype.

enigma.kernel @k() {
  // expected-error @+1 {{'dtype' 'ui16' is not the type of values of 'i32'}}
  %0 = enigma.function_constant 0 "a" : ui16 -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'dtype' 'i32' is not the type of values of 'i32'}}
  %0 = enigma.function_constant 0 "a" : i32 -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{result #0 must be}}
  %0 = enigma.function_constant 0 "a" : f64 -> f64
  enigma.return
}

// -----

// Function constant 3: one declaration for an index.

enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) {
  // expected-note @+1 {{the other is here}}
  %0 = enigma.function_constant 2 "a" : f32 -> f32
  scf.if %p {
    // expected-note @+2 {{help: give it another index, or the name, the dtype and the default of the other}}
    // expected-error @+1 {{has the index 2 of another, "a" of 'f32'}}
    %1 = enigma.function_constant 2 "b" : f32 -> f32
  }
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-note @+1 {{the other is here}}
  %0 = enigma.function_constant 2 "a" : si32 -> i32
  // expected-note @+2 {{help: give it another index}}
  // expected-error @+1 {{has the index 2 of another, "a" of 'si32'}}
  %1 = enigma.function_constant 2 "a" : ui32 -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{requires attribute 'dtype'}}
  %0 = "enigma.function_constant"() : () -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{Invalid attribute `name` in property conversion: 3 : i64}}
  %0 = "enigma.function_constant"() <{index = 3 : i32, name = 3, dtype = ui32}> : () -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-note @+1 {{the other is here}}
  %0 = enigma.function_constant 2 "a" default 1 : i32 : si32 -> i32
  // expected-note @+2 {{help: give it another index}}
  // expected-error @+1 {{has the index 2 of another, "a" of 'si32' with the default 1 : i32}}
  %1 = enigma.function_constant 2 "a" default 2 : i32 : si32 -> i32
  enigma.return
}

// -----

// Function constant 4: the default.

enigma.kernel @k() {
  // expected-error @+1 {{'default_value' must be a number of 'i32', found 1 : i64}}
  %0 = enigma.function_constant 2 "a" default 1 : i64 : si32 -> i32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'default_value' must be a number of 'f32', found dense<1.000000e+00> : vector<2xf32>}}
  %0 = enigma.function_constant 2 "a" default dense<1.0> : vector<2xf32> : f32 -> f32
  enigma.return
}

// -----

// expected-error @+1 {{argument #0: is passed by value, and cannot be '!enigma.packed<vector<3xf32>>'}}
enigma.kernel @k(%v: vector<3xf32> {enigma.index = 0 : i32, enigma.dtype = !enigma.packed<vector<3xf32>>}) {
  enigma.return
}

// -----

// expected-error @+1 {{argument #0: needs 'enigma.dtype' to state the signedness of 'vector<4xi32>'}}
enigma.kernel @k(%v: vector<4xi32> {enigma.index = 0 : i32}) {
  enigma.return
}
