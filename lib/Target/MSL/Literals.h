// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The types of MSL, and literals of them.

#ifndef ENIGMA_LIB_TARGET_MSL_LITERALS_H
#define ENIGMA_LIB_TARGET_MSL_LITERALS_H

#include "mlir/IR/Types.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include <optional>
#include <string>

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

enum class Kind : uint8_t { Bool, Integer, Half, BFloat, Float };

/// A scalar or vector type of MSL.
struct MSLType {
  Kind kind = Kind::Integer;
  uint8_t bits = 32;
  bool isSigned = true;
  uint8_t lanes = 1;

  bool operator==(const MSLType &other) const {
    return kind == other.kind && bits == other.bits &&
           isSigned == other.isSigned && lanes == other.lanes;
  }
  bool operator!=(const MSLType &other) const { return !(*this == other); }

  bool isInteger() const { return kind == Kind::Integer; }
  bool isFloat() const { return kind >= Kind::Half; }
  bool isVector() const { return lanes > 1; }
  MSLType withSign(bool sign) const { return {kind, bits, sign, lanes}; }
  MSLType withLanes(unsigned count) const {
    return {kind, bits, isSigned, static_cast<uint8_t>(count)};
  }
  MSLType element() const { return withLanes(1); }

  /// The name in MSL: `float4`.
  std::string str() const;
};

/// The MSL type of values of \p type; nothing if MSL has none. \p isSigned
/// matters for integers only. `index` is an integer of 64 bits.
std::optional<MSLType> getMSLType(mlir::Type type, bool isSigned);

/// How the text of an integer literal has to fit into its surroundings.
enum class LiteralForm {
  /// Where C++ converts it as the value demands: `5`.
  Plain,
  /// Of exactly its type, for overloaded functions: `5u`, `short(5)`.
  Typed,
  /// Plain, for an operand of a bitwise operator: `0xff`.
  Mask,
};

/// A literal and its precedence (a sign makes it unary).
struct Literal {
  std::string text;
  Precedence precedence;
  MSLType type;
};

Literal integerLiteral(const llvm::APInt &value, MSLType type,
                       LiteralForm form);
Literal floatLiteral(const llvm::APFloat &value, MSLType type);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_LITERALS_H
