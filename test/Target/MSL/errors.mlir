// RUN: enigma-translate --enigma-to-msl --split-input-file --verify-diagnostics %s

enigma.kernel @double(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'arith.extf' op cannot be expressed in MSL: it has no type for 'f64'}}
  %0 = arith.extf %x : f32 to f64
  enigma.return
}

// -----

enigma.kernel @wide_integer(%x: i64 {enigma.index = 0 : i32, enigma.dtype = si64}) {
  // expected-error @+1 {{'arith.extsi' op cannot be expressed in MSL: it has no type for 'i128'}}
  %0 = arith.extsi %x : i64 to i128
  enigma.return
}

// -----

enigma.kernel @wide_vector(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'vector.broadcast' op cannot be expressed in MSL: it has no type for 'vector<8xf32>'}}
  %0 = vector.broadcast %x : f32 to vector<8xf32>
  enigma.return
}

// -----

enigma.kernel @matrix(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'vector.broadcast' op cannot be expressed in MSL: it has no type for 'vector<2x2xf32>'}}
  %0 = vector.broadcast %x : f32 to vector<2x2xf32>
  enigma.return
}

// -----

enigma.kernel @floor_division(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{'arith.floordivsi' op cannot be expressed in MSL: the translation does not know this operation}}
  %0 = arith.floordivsi %x, %x : i32
  enigma.return
}

// -----

// Metal's fmin neither orders zeros nor propagates NaN.
enigma.kernel @minimum(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'arith.minimumf' op cannot be expressed in MSL}}
  %0 = arith.minimumf %x, %x : f32
  enigma.return
}

// -----

enigma.kernel @log1p(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'math.log1p' op cannot be expressed in MSL}}
  %0 = math.log1p %x : f32
  enigma.return
}

// -----

// expected-note @+2 {{help: lower the kernel first: enigma-opt --enigma-clean --enigma-to-flat}}
// expected-error @+1 {{'enigma.kernel' op cannot be expressed in MSL: argument 'A' is not in flat form}}
enigma.kernel @not_flat(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  enigma.return
}

// -----

// The first operation is named, in whatever region.
enigma.kernel @not_flat_view(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}, %c: i1 {enigma.index = 1 : i32, enigma.dtype = i1}) {
  scf.if %c {
    // expected-note @+2 {{help: lower the kernel first: enigma-opt --enigma-clean --enigma-to-flat}}
    // expected-error @+1 {{'enigma.static' op cannot be expressed in MSL: it is not in flat form}}
    %0 = enigma.static : !enigma.layout<4:1>
    %1 = enigma.make_tensor %A, %0 : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  }
  enigma.return
}

// -----

enigma.kernel @not_flat_array() {
  // expected-note @+2 {{help: lower the kernel first}}
  // expected-error @+1 {{'enigma.alloc' op cannot be expressed in MSL: it is not in flat form}}
  %0 = enigma.alloc : !enigma.buffer<4xf32, thread>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

enigma.kernel @three_lanes(%A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{'vector.load' op cannot be expressed in MSL: an access to 3 lanes, which take the room of 4}}
  %0 = vector.load %A[%c0] : memref<?xf32, #device>, vector<3xf32>
  vector.store %0, %A[%c0] : memref<?xf32, #device>, vector<3xf32>
  enigma.return
}

// -----

enigma.kernel @constant_store(%A: memref<?xf32, #enigma.address_space<constant>> {enigma.name = "A", enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %f = arith.constant 0.0 : f32
  // expected-error @+1 {{'memref.store' op cannot be expressed in MSL: a store to constant memory}}
  memref.store %f, %A[%c0] : memref<?xf32, #enigma.address_space<constant>>
  enigma.return
}

// -----

enigma.kernel @foreign_memory() {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{'memref.alloc' op cannot be expressed in MSL}}
  %0 = memref.alloc() : memref<4xf32>
  %1 = memref.load %0[%c0] : memref<4xf32>
  enigma.return
}

// -----

module {
  enigma.kernel @one() {
    // expected-note @+1 {{the other is here}}
    %0 = enigma.function_constant 3 "a" : ui32 -> i32
    enigma.return
  }
  enigma.kernel @other() {
    // expected-note @+2 {{help: constants of one index are one in all kernels of a file}}
    // expected-error @+1 {{'enigma.function_constant' op cannot be expressed in MSL: function constant 3 has two types, 'ui32' and 'f32'}}
    %0 = enigma.function_constant 3 "b" : f32 -> f32
    enigma.return
  }
}

// -----

module {
  enigma.kernel @one() {
    // expected-note @+1 {{the other is here}}
    %0 = enigma.function_constant 3 "a" default 1 : i32 : ui32 -> i32
    enigma.return
  }
  enigma.kernel @other() {
    // expected-note @+2 {{help: constants of one index are one in all kernels of a file}}
    // expected-error @+1 {{'enigma.function_constant' op cannot be expressed in MSL: function constant 3 has two defaults}}
    %0 = enigma.function_constant 3 "a" : ui32 -> i32
    enigma.return
  }
}

// -----

enigma.kernel @table(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-note @+2 {{help: lower the kernel first}}
  // expected-error @+1 {{'enigma.constant_array' op cannot be expressed in MSL: it is not in flat form}}
  %0 = enigma.constant_array dense<1.0> : tensor<4xf32> : !enigma.buffer<4xf32, constant>
  %1 = enigma.load %0[%c0] : !enigma.buffer<4xf32, constant> -> f32
  enigma.return
}

// -----

// expected-error @+1 {{holds no 'enigma.kernel' to translate to MSL}}
module {
}

// -----

module {
  // expected-error @+1 {{'memref.global' op cannot be expressed in MSL: a module holds 'enigma.kernel's}}
  memref.global @table : memref<4xf32>
}

// -----

#device = #enigma.address_space<device>

enigma.kernel @choice_of_memory(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: memref<?xf32, #device> {enigma.name = "B", enigma.index = 1 : i32},
    %c: i1 {enigma.name = "c", enigma.index = 2 : i32}) {
  // expected-error @+1 {{'arith.select' op cannot be expressed in MSL: it has no type for 'memref<?xf32, #enigma.address_space<device>>'}}
  %0 = arith.select %c, %A, %B : memref<?xf32, #device>
  enigma.return
}

// -----

enigma.kernel @resource(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'arith.constant' op cannot be expressed in MSL: a constant whose value is not here}}
  %0 = arith.constant dense_resource<blob> : vector<4xf32>
  %1 = arith.negf %0 : vector<4xf32>
  enigma.return
}
{-#
  dialect_resources: {
    builtin: {
      blob: "0x04000000010000000200000003000000"
    }
  }
#-}
