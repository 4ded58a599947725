// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Operators.h"

#include "llvm/Support/ErrorHandling.h"

using namespace enigma::msl;

namespace {
struct Description {
  llvm::StringLiteral spelling;
  Precedence precedence;
};
} // namespace

static Description describe(Operator op) {
  using P = Precedence;
  switch (op) {
  case Operator::Or:
    return {"||", P::LogicalOr};
  case Operator::And:
    return {"&&", P::LogicalAnd};
  case Operator::BitOr:
    return {"|", P::BitOr};
  case Operator::BitXor:
    return {"^", P::BitXor};
  case Operator::BitAnd:
    return {"&", P::BitAnd};
  case Operator::Equal:
    return {"==", P::Equality};
  case Operator::NotEqual:
    return {"!=", P::Equality};
  case Operator::Less:
    return {"<", P::Relational};
  case Operator::LessEqual:
    return {"<=", P::Relational};
  case Operator::Greater:
    return {">", P::Relational};
  case Operator::GreaterEqual:
    return {">=", P::Relational};
  case Operator::ShiftLeft:
    return {"<<", P::Shift};
  case Operator::ShiftRight:
    return {">>", P::Shift};
  case Operator::Add:
    return {"+", P::Additive};
  case Operator::Subtract:
    return {"-", P::Additive};
  case Operator::Multiply:
    return {"*", P::Multiplicative};
  case Operator::Divide:
    return {"/", P::Multiplicative};
  case Operator::Remainder:
    return {"%", P::Multiplicative};
  case Operator::MatrixMultiply:
    return {"*", P::Multiplicative};
  case Operator::Negate:
    return {"-", P::Unary};
  case Operator::Not:
    return {"!", P::Unary};
  case Operator::Dereference:
    return {"*", P::Unary};
  case Operator::AddressOf:
    return {"&", P::Unary};
  }
  llvm_unreachable("unknown operator");
}

llvm::StringRef enigma::msl::getSpelling(Operator op) {
  return describe(op).spelling;
}

Precedence enigma::msl::getPrecedence(Operator op) {
  return describe(op).precedence;
}

Operator enigma::msl::getOpposite(Operator op) {
  switch (op) {
  case Operator::Or:
    return Operator::And;
  case Operator::And:
    return Operator::Or;
  case Operator::Equal:
    return Operator::NotEqual;
  case Operator::NotEqual:
    return Operator::Equal;
  case Operator::Less:
    return Operator::GreaterEqual;
  case Operator::LessEqual:
    return Operator::Greater;
  case Operator::Greater:
    return Operator::LessEqual;
  case Operator::GreaterEqual:
    return Operator::Less;
  default:
    llvm_unreachable("an operator without an opposite");
  }
}
