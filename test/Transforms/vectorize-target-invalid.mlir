// RUN: enigma-opt %s --enigma-vectorize=width=16 --split-input-file --verify-diagnostics

module attributes {enigma.target = #enigma.target<metal, lanes = 8>} {
  // expected-error @+1 {{'width' must be 2, 4 or 8, found 16}}
  enigma.kernel @more() { enigma.return }
}

// -----

module attributes {enigma.target = #enigma.target<metal, lanes = 1>} {
  // expected-error @+1 {{'width' must be the lanes of a vector, and the target has none, found 16}}
  enigma.kernel @none() { enigma.return }
}

// -----

// The lanes of Metal's vectors are no width of another target.

module attributes {enigma.target = #enigma.target<metal, lanes = 2>} {
  // expected-error @+1 {{'width' must be 2, found 16}}
  enigma.kernel @two() { enigma.return }
}
