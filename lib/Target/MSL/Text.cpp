// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Text.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

using namespace enigma::msl;
using llvm::StringRef;

static constexpr unsigned kIndent = 4;

/// How well a line can be broken after the operator that ends at \p end: the
/// looser it binds, the better. Zero where it can not.
static unsigned getBreakRank(StringRef text, size_t end) {
  if (end < 2)
    return 0;
  bool isLong = text[end - 2] == text[end - 1];
  switch (text[end - 1]) {
  case ',':
    return 8;
  case '?':
  case ':':
    return 7;
  case '|':
    return isLong ? 6 : 4;
  case '&':
    return isLong ? 5 : 4;
  case '^':
    return 4;
  case '<':
  case '>':
  case '=':
    return 3;
  case '+':
  case '-':
    return 2;
  case '*':
  case '/':
  case '%':
    return 1;
  default:
    return 0;
  }
}

/// Prints \p text from column \p indent on. A line that is too long is broken
/// after an operator or a comma, as far outside of parentheses and as late as
/// possible; it goes on where the enclosing parenthesis or the assigned
/// expression began.
static void printWrapped(llvm::raw_ostream &os, StringRef text, unsigned first,
                         unsigned indent) {
  // Deep in the text lines may be longer, or nothing would fit.
  unsigned width = std::max(kLineWidth, indent + kLineWidth / 2);
  if (first + text.size() <= width) {
    os << text;
    return;
  }
  size_t equals = text.find(" = ");
  bool isAssignment = equals != StringRef::npos && equals < 40;
  auto limitColumn = [&](unsigned column) {
    return std::min(column, indent + kLineWidth / 2);
  };
  // The columns where a line goes on that is broken between these parentheses.
  llvm::SmallVector<unsigned, 16> columns = {
      isAssignment ? first + static_cast<unsigned>(equals) + 3
                   : indent + 2 * kIndent};
  llvm::SmallVector<unsigned, 16> bestColumns;
  size_t begin = 0, best = StringRef::npos;
  unsigned bestRank = 0;
  unsigned column = first;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '(' || c == '[')
      columns.push_back(limitColumn(column + (i - begin) + 1));
    else if ((c == ')' || c == ']') && columns.size() > 1)
      columns.pop_back();
    unsigned rank =
        c == ' ' && i > begin && i != equals + 2 ? getBreakRank(text, i) : 0;
    if (rank != 0 && column + (i - begin) <= width &&
        (best == StringRef::npos || columns.size() < bestColumns.size() ||
         (columns.size() == bestColumns.size() && rank >= bestRank))) {
      best = i;
      bestRank = rank;
      bestColumns = columns;
    }
    if (column + (i - begin) >= width && best != StringRef::npos) {
      os << text.slice(begin, best) << "\n";
      begin = best + 1;
      columns = bestColumns;
      column = columns.back();
      os.indent(column);
      i = best;
      best = StringRef::npos;
    }
  }
  os << text.drop_front(begin);
}

void enigma::msl::printStatements(llvm::raw_ostream &os,
                                  const std::vector<Statement> &statements,
                                  unsigned depth) {
  for (const Statement &statement : statements) {
    os.indent(depth * kIndent);
    printWrapped(os, statement.text, depth * kIndent, depth * kIndent);
    if (statement.form == Statement::Form::Line) {
      os << "\n";
      continue;
    }
    os << " {\n";
    printStatements(os, statement.body, depth + 1);
    os.indent(depth * kIndent) << "}";
    // A chain of `else if` stays at one depth.
    const Statement *last = &statement;
    while (last->isChain()) {
      last = &last->otherwise.front();
      os << " else ";
      printWrapped(os, last->text, (depth + 2) * kIndent, depth * kIndent);
      os << " {\n";
      printStatements(os, last->body, depth + 1);
      os.indent(depth * kIndent) << "}";
    }
    if (!last->otherwise.empty()) {
      os << " else {\n";
      printStatements(os, last->otherwise, depth + 1);
      os.indent(depth * kIndent) << "}";
    }
    os << "\n";
  }
}
