// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// Messages 1: fields and values.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{the format has 1 fields for 0 values}}
  enigma.print "x = {}"() {dtypes = []} : () -> ()
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}, %p: i1 {enigma.index = 1 : i32}) {
  // expected-error @+1 {{the format has 0 fields for 1 values}}
  enigma.assert %p, "x"(%x) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{the format has a '{' that is no part of a field; a brace is doubled where it stands for itself}}
  enigma.print "{ x"() {dtypes = []} : () -> ()
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{the format has a '}' that is no part of a field}}
  enigma.print "x }"() {dtypes = []} : () -> ()
  enigma.return
}

// -----

// Messages 2: what a field may say.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{the format has the field '{x}'; a field has nothing but a format behind a colon}}
  enigma.print "{x}"(%x) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+2 {{the format has the format 'd' for a value of type 'f32'}}
  // expected-note @+1 {{help: a float has}}
  enigma.print "{:d}"(%x) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+2 {{the format has the format '1000' for a value}}
  // expected-note @+1 {{help: a float has}}
  enigma.print "{:1000}"(%x) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+2 {{the format has the format '.2' for a value of type 'si32'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{:.2}"(%i) {dtypes = [si32]} : (i32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+2 {{the format has the format '#d' for a value of type 'si32'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{:#d}"(%i) {dtypes = [si32]} : (i32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+2 {{the format has the format '>05' for a value of type 'si32'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{:>05}"(%i) {dtypes = [si32]} : (i32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+2 {{the format has the format '<05' for a value of type 'si32'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{:<05}"(%i) {dtypes = [si32]} : (i32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: f32 {enigma.index = 0 : i32}) {
  // expected-error @+2 {{the format has the format '>+08.1f' for a value of type 'f32'}}
  // expected-note @+1 {{help: a float has}}
  enigma.print "{:>+08.1f}"(%i) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+2 {{the format has the format '+x' for a value of type 'si32'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{:+x}"(%i) {dtypes = [si32]} : (i32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  // expected-error @+2 {{the format has the format ' o' for a value of type 'ui32'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{: o}"(%i) {dtypes = [ui32]} : (i32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i64 {enigma.index = 0 : i32, enigma.dtype = ui64}) {
  // expected-error @+2 {{the format has the format '+9' for a value of type 'ui64'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{:+9}"(%i) {dtypes = [ui64]} : (i64) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  // expected-error @+2 {{the format has the format '#9x' for a value of type 'ui32'}}
  // expected-note @+1 {{help: an integer has}}
  enigma.print "{:#9x}"(%i) {dtypes = [ui32]} : (i32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%p: i1 {enigma.index = 0 : i32}) {
  // expected-error @+2 {{the format has the format 'd' for a value of type 'i1'}}
  // expected-note @+1 {{help: a bool has}}
  enigma.print "{:d}"(%p) {dtypes = [i1]} : (i1) -> ()
  enigma.return
}

// -----

// Messages 3: the types of values.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{has 0 'dtypes' for 1 values}}
  enigma.print "{}"(%x) {dtypes = []} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%i: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error @+1 {{'dtypes' states 'i32' for value #0 of type 'i32'}}
  enigma.print "{}"(%i) {dtypes = [i32]} : (i32) -> ()
  enigma.return
}

// -----

// Messages 4: the end of a text.

enigma.kernel @k() {
  // expected-error @+1 {{the format has a character NUL, which ends a text in Metal}}
  enigma.print "a\00b"() {dtypes = []} : () -> ()
  enigma.return
}

// -----

// Text 1: fields and operands.

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{the text has the field '{1}', which is the number of no operand}}
  enigma.inline_msl "f({0}, {1})"(%x) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{the text has the field '{}', which is the number of no operand}}
  enigma.inline_msl "f({})"(%x) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{the text has no field for operand #0}}
  enigma.inline_msl "f()"(%x) {dtypes = [f32]} : (f32) -> ()
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{the text has a '{' that is no part of a field}}
  enigma.inline_msl "if (true) { f();"() {dtypes = []} : () -> ()
  enigma.return
}

// -----

// Text 2: the types of operands.

enigma.kernel @k(%A: !enigma.buffer<ui8, device> {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'dtypes' states 'si8' for value #0 of type '!enigma.buffer<ui8, device>'}}
  enigma.inline_msl "f({0});"(%A) {dtypes = [si8]} : (!enigma.buffer<ui8, device>) -> ()
  enigma.return
}

// -----

// Text 3: the type of the result.

enigma.kernel @k() {
  // expected-error @+1 {{has a 'result_dtype' and a result, or neither}}
  %0 = enigma.inline_msl "f()"() {dtypes = []} : () -> f32
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{'result_dtype' 'f16' is not that of 'vector<4xf32>'}}
  %0 = enigma.inline_msl "f()"() {dtypes = [], result_dtype = f16} : () -> vector<4xf32>
  enigma.return
}

// -----

// Text 4: what is pure.

enigma.kernel @k() {
  // expected-error @+1 {{is pure, and has no result}}
  enigma.inline_msl "f();"() {dtypes = [], pure} : () -> ()
  enigma.return
}

// -----

enigma.kernel @k(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  // expected-error @+1 {{is pure, and has the memory '!enigma.buffer<f32, device>'}}
  %0 = enigma.inline_msl "{0}[0]"(%A) {dtypes = [f32], result_dtype = f32, pure} : (!enigma.buffer<f32, device>) -> f32
  enigma.return
}
