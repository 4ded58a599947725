// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Integer functions 1: the types of operands.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16, 32 or 64 bits, or a vector of one dimension of it, but got 'f32'}}
  %0 = enigma.reverse_bits %x : f32
  enigma.return
}

// -----

enigma.kernel @k(%x: i1 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{but got 'i1'}}
  %0 = enigma.addsat %x, %x : i1
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant 1 : index
  // expected-error @+1 {{but got 'index'}}
  %0 = enigma.rotate %x, %x : index
  enigma.return
}

// -----

enigma.kernel @k() {
  %x = arith.constant dense<1> : vector<2x4xi32>
  // expected-error @+1 {{but got 'vector<2x4xi32>'}}
  %0 = enigma.madhi %x, %x, %x : vector<2x4xi32>
  enigma.return
}

// -----

// Integer functions 2: one type.

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}, %y: i64 {enigma.index = 1 : i32, enigma.dtype = si64}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.mulhi"(%x, %y) : (i32, i64) -> i32
  enigma.return
}

// -----

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "enigma.absdiff"(%x, %x) : (i32, i32) -> i64
  enigma.return
}

// -----

enigma.kernel @k(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{Invalid attribute `is_unsigned` in property conversion: true}}
  %0 = "enigma.subsat"(%x, %x) <{is_unsigned = true}> : (i32, i32) -> i32
  enigma.return
}

// -----

// Extract bits 1: the type of x.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16, 32 or 64 bits}}
  %0 = enigma.extract_bits %x, %i, %i : f32
  enigma.return
}

// -----

// Extract bits 2: the place.

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = si64}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #2 must be 32-bit signless integer, but got 'i64'}}
  %0 = "enigma.extract_bits"(%x, %i, %x) : (i64, i32, i64) -> i64
  enigma.return
}

// -----

// Extract bits 3: one type.

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = si64}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{failed to verify that all of {x, result} have same type}}
  %0 = "enigma.extract_bits"(%x, %i, %i) : (i64, i32, i32) -> i32
  enigma.return
}

// -----

// Insert bits 1: the type of x.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #0 must be an integer of 8, 16, 32 or 64 bits}}
  %0 = enigma.insert_bits %x, %x, %i, %i : f32
  enigma.return
}

// -----

// Insert bits 2: the place.

enigma.kernel @k(%x: i16 {enigma.index = 0 : i32, enigma.dtype = si16}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{operand #2 must be 32-bit signless integer, but got 'i16'}}
  %0 = "enigma.insert_bits"(%x, %x, %x, %i) : (i16, i16, i16, i32) -> i16
  enigma.return
}

// -----

// Insert bits 3: one type.

enigma.kernel @k(%x: i64 {enigma.index = 0 : i32, enigma.dtype = si64}, %i: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{failed to verify that all of {x, field, result} have same type}}
  %0 = "enigma.insert_bits"(%x, %i, %i, %i) : (i64, i32, i32, i32) -> i64
  enigma.return
}
