// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers as they are written in MSL.

#ifndef ENIGMA_LIB_TARGET_MSL_LITERALS_H
#define ENIGMA_LIB_TARGET_MSL_LITERALS_H

#include "Types.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"

namespace enigma::msl {

/// How the text of an integer literal has to fit into its surroundings.
enum class LiteralForm {
  /// Where C++ converts it as the value demands: `5`.
  Plain,
  /// Of exactly its type, for overloaded functions: `5u`, `short(5)`.
  Typed,
  /// Plain, for an operand of a bitwise operator: `0xff`.
  Mask,
};

/// The text of a number, and its type in C++.
struct Literal {
  std::string text;
  MSLType type;
  /// Whether it begins with a minus.
  bool isNegative = false;
};

Literal integerLiteral(const llvm::APInt &value, MSLType type,
                       LiteralForm form);
Literal floatLiteral(const llvm::APFloat &value, MSLType type);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_LITERALS_H
