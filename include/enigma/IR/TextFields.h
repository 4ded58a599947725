// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text with fields in braces, as messages and text of Metal's own have it.

#ifndef ENIGMA_IR_TEXTFIELDS_H
#define ENIGMA_IR_TEXTFIELDS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Types.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>

namespace enigma {

using EmitError = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// A stretch of a text, and what stands between the braces behind it.
struct TextPiece {
  /// With single braces where the text has doubled ones.
  std::string text;
  /// None behind the last piece.
  std::optional<llvm::StringRef> field;
};

/// Takes a text apart at its fields; the last piece alone has none.
mlir::FailureOr<llvm::SmallVector<TextPiece>> parseFields(llvm::StringRef text,
                                                          EmitError emitError);

/// How a value is written: a part of Python's format specifications.
struct FormatSpec {
  bool isLeft = false, hasPlus = false, hasSpace = false, hasPrefix = false,
       hasZeros = false;
  unsigned width = 0;
  std::optional<unsigned> precision;
  /// None where the type of the value decides.
  char type = 0;
};

/// Reads the format of a value of type \p dtype.
mlir::FailureOr<FormatSpec>
parseFormatSpec(llvm::StringRef text, mlir::Type dtype, EmitError emitError);

} // namespace enigma

#endif // ENIGMA_IR_TEXTFIELDS_H
