// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operators of C++.

#ifndef ENIGMA_LIB_TARGET_MSL_OPERATORS_H
#define ENIGMA_LIB_TARGET_MSL_OPERATORS_H

#include "llvm/ADT/StringRef.h"

namespace enigma::msl {

/// The precedence of an operator, in the order of C++: higher binds tighter.
enum class Precedence : uint8_t {
  Assignment,
  Conditional,
  LogicalOr,
  LogicalAnd,
  BitOr,
  BitXor,
  BitAnd,
  Equality,
  Relational,
  Shift,
  Additive,
  Multiplicative,
  Unary,
  Postfix,
  Primary,
};

enum class Operator : uint8_t {
  Or,
  And,
  BitOr,
  BitXor,
  BitAnd,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  ShiftLeft,
  ShiftRight,
  Add,
  Subtract,
  Multiply,
  Divide,
  Remainder,
  // Of matrices and vectors, which it matters for where an operand stands.
  MatrixMultiply,
  // Of one operand.
  Negate,
  Not,
  Dereference,
  AddressOf,
};

llvm::StringRef getSpelling(Operator op);
Precedence getPrecedence(Operator op);

inline bool isLogical(Operator op) {
  return op == Operator::Or || op == Operator::And;
}
inline bool isBitwise(Operator op) {
  return op >= Operator::BitOr && op <= Operator::BitAnd;
}
inline bool isShift(Operator op) {
  return op == Operator::ShiftLeft || op == Operator::ShiftRight;
}
inline bool isDivision(Operator op) {
  return op == Operator::Divide || op == Operator::Remainder;
}
inline bool isSum(Operator op) {
  return op == Operator::Add || op == Operator::Subtract;
}
/// Whether `a op b` is `b op a`, for an operator that computes a number.
inline bool isCommutative(Operator op) {
  return isBitwise(op) || op == Operator::Add || op == Operator::Multiply;
}
/// Whether there is an assignment `a op= b`.
inline bool hasAssignment(Operator op) {
  return isBitwise(op) || (op >= Operator::ShiftLeft && op <= Operator::Remainder);
}

/// The operator that holds where \p op does not; for `&&` and `||`, with the
/// opposites of both sides.
Operator getOpposite(Operator op);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_OPERATORS_H
