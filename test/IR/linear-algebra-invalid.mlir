// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Type 1: the extents.

// expected-error @+2 {{a matrix has columns and rows, found 1 extents}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %0 = "enigma.matrix_from_columns"(%x) : (f32) -> !enigma.matrix<2xf32>
  enigma.return
}

// -----

// expected-error @+2 {{a matrix has 2 to 4 columns and rows, found 5 columns and 2 rows}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %0 = "enigma.matrix_from_columns"(%x) : (f32) -> !enigma.matrix<5x2xf32>
  enigma.return
}

// -----

// Type 2: the elements.

// expected-error @+2 {{element type of a matrix must be f16 or f32, found 'bf16'}}
enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %0 = "enigma.matrix_from_columns"(%x) : (f32) -> !enigma.matrix<2x2xbf16>
  enigma.return
}

// -----

// Columns 1.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  // expected-error @+1 {{failed to verify that the operands are the columns}}
  %0 = "enigma.matrix_from_columns"(%v) : (vector<2xf32>) -> !enigma.matrix<2x2xf32>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  // expected-error @+1 {{failed to verify that the operands are the columns}}
  %0 = "enigma.matrix_from_columns"(%v, %v) : (vector<2xf32>, vector<2xf32>) -> !enigma.matrix<2x3xf32>
  enigma.return
}

// -----

// A column 1.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %v = vector.broadcast %x : f32 to vector<2xf32>
  %m = enigma.matrix_from_columns %v, %v, %v : !enigma.matrix<3x2xf32>
  // expected-error @+1 {{failed to verify that the result is a column}}
  %0 = "enigma.matrix_column"(%m, %c0) : (!enigma.matrix<3x2xf32>, index) -> vector<3xf32>
  enigma.return
}

// -----

// Products 1: operands.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  // expected-error @+1 {{expected a matrix and a matrix or a vector, found 'vector<2xf32>' and 'vector<2xf32>'}}
  %0 = enigma.matmul %v, %v : vector<2xf32>, vector<2xf32>
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %h: f16 {enigma.index = 1 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  %w = vector.broadcast %h : f16 to vector<2xf16>
  %m = enigma.matrix_from_columns %v, %v : !enigma.matrix<2x2xf32>
  // expected-error @+1 {{expected elements of one type, found '!enigma.matrix<2x2xf32>' and 'vector<2xf16>'}}
  %0 = enigma.matmul %m, %w : !enigma.matrix<2x2xf32>, vector<2xf16>
  enigma.return
}

// -----

// Products 2: extents.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<3xf32>
  %m = enigma.matrix_from_columns %v, %v : !enigma.matrix<2x3xf32>
  // expected-error @+1 {{multiplies 2 columns to the left with 3 rows to the right}}
  %0 = enigma.matmul %m, %m : !enigma.matrix<2x3xf32>, !enigma.matrix<2x3xf32>
  enigma.return
}

// -----

// The transpose 1.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<3xf32>
  %m = enigma.matrix_from_columns %v, %v : !enigma.matrix<2x3xf32>
  // expected-error @+1 {{failed to verify that the result has columns for rows}}
  %0 = "enigma.matrix_transpose"(%m) : (!enigma.matrix<2x3xf32>) -> !enigma.matrix<2x3xf32>
  enigma.return
}

// -----

// The determinant 1 and 2.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<3xf32>
  %m = enigma.matrix_from_columns %v, %v : !enigma.matrix<2x3xf32>
  // expected-error @+1 {{must be a matrix with as many rows as columns}}
  %0 = "enigma.matrix_determinant"(%m) : (!enigma.matrix<2x3xf32>) -> f32
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  %v = vector.broadcast %x : f32 to vector<2xf32>
  %m = enigma.matrix_from_columns %v, %v : !enigma.matrix<2x2xf32>
  // expected-error @+1 {{failed to verify that the result is an element}}
  %0 = "enigma.matrix_determinant"(%m) : (!enigma.matrix<2x2xf32>) -> f16
  enigma.return
}
