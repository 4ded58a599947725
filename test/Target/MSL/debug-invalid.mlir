// RUN: enigma-translate --enigma-to-msl --split-input-file --verify-diagnostics %s

enigma.kernel @k() {
  // expected-error @+2 {{the header defines 'max', a name of Metal or Enigma}}
  // expected-note @+1 {{help: give it another name}}
  enigma.inline_msl "f();"() {dtypes = [], header = "void f() { g(max); }\0Atemplate <typename T> T max(T x) { return x; }"} : () -> ()
  enigma.return
}

// -----

enigma.kernel @k() {
  enigma.inline_msl "f();"() {dtypes = [], header = "// sizes\0A#define N 4\0Aint f();"} : () -> ()
  enigma.inline_msl "f();"() {dtypes = [], header = "// sizes\0A#define N 4\0Aint f();"} : () -> ()
  // expected-error @+2 {{the header defines 'N', which another header defines too}}
  // expected-note @+1 {{help: give all texts that need it the same header}}
  enigma.inline_msl "g();"() {dtypes = [], header = "constant int N = 5;\0Aint g();"} : () -> ()
  enigma.return
}

// -----

enigma.kernel @k() {
  // expected-error @+1 {{cannot be expressed in MSL: an expression of more than one line}}
  %0 = enigma.inline_msl "f() +\0Ag()"() {dtypes = [], result_dtype = f32} : () -> f32
  enigma.return
}
