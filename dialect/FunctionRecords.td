// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_FUNCTION_RECORDS
#define ENIGMA_FUNCTION_RECORDS

// What the record of a function says. From it dialect/generate.py makes the
// function of Python with its documentation, its spelling in the translation to
// MSL, the names that MSL reserves, and its row in docs/functions.md; a test asks
// for its row in the reference of the conformance tests.
//
// A function that is an operation of this dialect is a part of the record of the
// operation; one of operations upstream is a record of Functions.td.

/// A function of Python, and what it is in MSL. The operands are those of the
/// `arguments` that the record has as well, and so is their dtype: a type of
/// EnigmaTypes.td says in what dtypes they meet, `I1` is a condition, `I32` a
/// count or an index.
class Enigma_Function<string name, string familyName, string spelling> {
  /// Its name in Python.
  string function = name;
  /// Where the documentation lists it: "math", "integer", "comparison", "simd",
  /// "quad", "threadgroup", "atomic", "thread", "vector", "geometry", "packing", "matrix",
  /// "simdgroup_matrix".
  string family = familyName;
  /// What MSL calls it, and the first version of MSL (on macOS) that has it.
  string mslFunction = spelling;
  string mslVersion = "1.0";
  /// Whether `metal::fast` and `metal::precise` have it, for `float`.
  bit hasVariants = 0;
  /// What it gives ("the sine of x radians"), is asked ("whether x is NaN"), or
  /// does ("Store ..."), without a full stop; and sentences that follow.
  string what = "";
  string details = "";
  /// The dtype of the result: "b1", "u64", "f32", "unsigned" for the unsigned one of the
  /// width of the operands, "" for that of the operands.
  string resultDtype = "";
  /// How many lanes the result has; 0 for those of the operands.
  int resultLanes = 0;
  /// Operands that are numbers of bits to rotate the first one by: they take its
  /// dtype, instead of meeting it.
  list<string> following = [];
  /// Numbers that an operand takes if it is left out, as in "modulo = 32".
  list<string> defaults = [];
  /// The number of threads that an index or a count may be below; 0 for any.
  int threads = 0;
  /// The name of a check in enigma.language.calls that takes all operands.
  string check = "";
  /// The module of enigma.language that the function is written in, if Python needs
  /// more than a call of the operation.
  string writtenIn = "";
}

#endif // ENIGMA_FUNCTION_RECORDS
