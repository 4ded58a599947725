// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Statements as a tree of text, and their layout on the page.

#ifndef ENIGMA_LIB_TARGET_MSL_TEXT_H
#define ENIGMA_LIB_TARGET_MSL_TEXT_H

#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace enigma::msl {

/// A statement: one line, or a head (`for (...)`) with a body.
struct Statement {
  enum class Form { Line, Loop, If };

  Form form = Form::Line;
  /// The line, or what stands before the brace.
  std::string text;
  std::vector<Statement> body = {};
  /// The statements of the `else`; none where it is empty.
  std::vector<Statement> otherwise = {};
  /// How deep scopes nest in it, its own included; a chain of `else if` is one.
  unsigned depth = 0;

  bool isChain() const {
    return otherwise.size() == 1 && otherwise.front().form == Form::If;
  }
};

/// The column that lines are broken to stay within.
constexpr unsigned kLineWidth = 96;

/// Prints \p statements, nested \p depth deep.
void printStatements(llvm::raw_ostream &os,
                     const std::vector<Statement> &statements, unsigned depth);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_TEXT_H
