// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which lines of Python the instructions of a kernel come from.

#ifndef ENIGMA_LIB_TARGET_CPU_DEBUGLINES_H
#define ENIGMA_LIB_TARGET_CPU_DEBUGLINES_H

#include "mlir/IR/Location.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/Function.h"

namespace enigma::cpu {

/// The debug information of a function: lines, and nothing of variables. Files
/// are called by their numbers, which stand in any text.
class DebugLines {
public:
  explicit DebugLines(llvm::Function &function);

  /// What stands for a location on an instruction; null where its line is not
  /// known.
  llvm::DebugLoc find(mlir::Location loc);
  /// What stands on instructions that come from no line.
  llvm::DebugLoc getNowhere();
  void finish() { builder.finalize(); }
  /// The names of the files, by their numbers.
  std::vector<std::string> takeFiles() { return std::move(files); }

private:
  llvm::DIBuilder builder;
  llvm::DISubprogram *subprogram;
  /// The scopes of files, by their names.
  llvm::StringMap<llvm::DIScope *> scopes;
  std::vector<std::string> files;
};

} // namespace enigma::cpu

#endif // ENIGMA_LIB_TARGET_CPU_DEBUGLINES_H
