// RUN: enigma-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{'enigma.kernel' op has 'enigma.variables' that is no count of places with arrays behind it, each of a name and one or two array<i64>}}
enigma.kernel @k() attributes {enigma.variables = "i"} { enigma.return }

// -----

// expected-error @+1 {{'enigma.variables' that is no count of places}}
enigma.kernel @k() attributes {enigma.variables = [1, 2]} { enigma.return }

// -----

// expected-error @+1 {{'enigma.variables' that is no count of places}}
enigma.kernel @k() attributes {enigma.variables = [1, ["i", 0]]} { enigma.return }

// -----

// expected-error @+1 {{'enigma.variables' that is no count of places}}
enigma.kernel @k() attributes {enigma.variables = [["i", array<i64: 0>]]} { enigma.return }

// -----

// A kernel that was edited since.
// expected-warning @+1 {{names of variables are left out: 'enigma.variables' is of a kernel of 3 operations and arguments in it, found 1}}
enigma.kernel @k() attributes {enigma.variables = [3, ["i", array<i64: 0>]]} { enigma.return }
