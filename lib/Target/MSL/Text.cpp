// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Text.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

using namespace enigma::msl;
using llvm::StringRef;

static constexpr unsigned kIndent = 4;

/// Prints \p text from column \p indent on. A line that is too long is broken
/// after an operator or a comma, as far outside of parentheses as possible; it
/// goes on where the enclosing parenthesis or the assigned expression began.
static void printWrapped(llvm::raw_ostream &os, StringRef text,
                         unsigned indent) {
  os.indent(indent);
  if (indent + text.size() <= kLineWidth) {
    os << text;
    return;
  }
  struct Level {
    unsigned column;
  };
  llvm::SmallVector<Level, 16> levels;
  size_t equals = text.find(" = ");
  unsigned outer = equals != StringRef::npos && equals < 40
                       ? indent + equals + 3
                       : indent + 2 * kIndent;
  levels.push_back({outer});

  size_t begin = 0;
  unsigned column = indent;
  size_t best = StringRef::npos;
  unsigned bestDepth = ~0u;
  llvm::SmallVector<Level, 16> bestLevels;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '(' || c == '[') {
      unsigned open = column + (i - begin) + 1;
      levels.push_back({std::min(open, kLineWidth / 2)});
    } else if ((c == ')' || c == ']') && levels.size() > 1) {
      levels.pop_back();
    }
    bool isBreak = c == ' ' && i > begin && i != equals + 2 &&
                   StringRef(",+-*/%&|^<>=?:").contains(text[i - 1]);
    if (isBreak && column + (i - begin) <= kLineWidth &&
        levels.size() <= bestDepth) {
      best = i;
      bestDepth = levels.size();
      bestLevels = levels;
    }
    if (column + (i - begin) >= kLineWidth && best != StringRef::npos) {
      os << text.slice(begin, best) << "\n";
      begin = best + 1;
      column = bestLevels.back().column;
      os.indent(column);
      levels = bestLevels;
      i = best;
      best = StringRef::npos;
      bestDepth = ~0u;
    }
  }
  os << text.drop_front(begin);
}

void enigma::msl::printStatements(llvm::raw_ostream &os,
                                  const std::vector<Statement> &statements,
                                  unsigned depth) {
  for (const Statement &statement : statements) {
    printWrapped(os, statement.text, depth * kIndent);
    if (statement.form == Statement::Form::Line) {
      os << "\n";
      continue;
    }
    os << " {\n";
    printStatements(os, statement.body, depth + 1);
    os.indent(depth * kIndent) << "}";
    // A chain of `else if` stays at one depth.
    const std::vector<Statement> *rest = &statement.otherwise;
    while (!rest->empty()) {
      os << " else ";
      bool isChain =
          rest->size() == 1 && rest->front().form == Statement::Form::If;
      if (!isChain) {
        os << "{\n";
        printStatements(os, *rest, depth + 1);
        os.indent(depth * kIndent) << "}";
        break;
      }
      const Statement &next = rest->front();
      printWrapped(os, next.text, 0);
      os << " {\n";
      printStatements(os, next.body, depth + 1);
      os.indent(depth * kIndent) << "}";
      rest = &next.otherwise;
    }
    os << "\n";
  }
}
