// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text of a tree: spaces, parentheses, lines, and where they come from.

#ifndef ENIGMA_LIB_TARGET_MSL_PRINTER_H
#define ENIGMA_LIB_TARGET_MSL_PRINTER_H

#include "Tree.h"

#include "enigma/Target/MSL/TranslateToMSL.h"

namespace enigma::msl {

/// The column that lines are broken to stay within.
constexpr unsigned kLineWidth = 96;

class Printer {
public:
  /// Notes in \p map, if there is one, what the lines come from.
  Printer(llvm::raw_ostream &os, SourceMap *map) : os(os), map(map) {}

  /// Writes text that is laid out already, of whole lines.
  void print(llvm::StringRef lines);
  void print(const Kernel &kernel);

private:
  void print(const Statements &block, unsigned depth);
  void printIf(const Stmt &stmt, unsigned depth);
  /// Prints what stands between the braces, and the second of them.
  void printBody(const Statements &block, unsigned depth);
  /// Ends a line that was broken \p breaks times.
  void endLine(unsigned breaks = 0,
               std::optional<mlir::Location> location = std::nullopt);

  llvm::raw_ostream &os;
  SourceMap *map;
  unsigned line = 1;
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_PRINTER_H
