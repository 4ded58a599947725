// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers as they are written in MSL.

#ifndef ENIGMA_LIB_TARGET_MSL_LITERALS_H
#define ENIGMA_LIB_TARGET_MSL_LITERALS_H

#include "Types.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/SmallVector.h"

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

/// A number: its text, and the type in C++ of what stands for it.
struct Literal {
  std::string text;
  MSLType type;
  /// Whether the text begins with a minus.
  bool isNegative = false;
  /// What has to be applied to the number, the outermost first: `short` where
  /// it is `short(5)`.
  llvm::SmallVector<std::string, 2> conversions = {};

  /// The text with what is applied to it.
  std::string str() const;
};

Literal integerLiteral(const llvm::APInt &value, MSLType type,
                       LiteralForm form);
Literal floatLiteral(const llvm::APFloat &value, MSLType type);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_LITERALS_H
