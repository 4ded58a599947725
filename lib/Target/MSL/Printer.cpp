// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Printer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"

using namespace enigma::msl;
using llvm::SmallVector;
using llvm::StringRef;

static constexpr unsigned kIndent = 4;

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

/// How well a line can be broken after an operator: the looser it binds, the
/// better.
static unsigned getBreakRank(Operator op) {
  switch (getPrecedence(op)) {
  case Precedence::LogicalOr:
    return 6;
  case Precedence::LogicalAnd:
    return 5;
  case Precedence::BitOr:
  case Precedence::BitXor:
  case Precedence::BitAnd:
    return 4;
  case Precedence::Additive:
    return 2;
  case Precedence::Multiplicative:
    return 1;
  default:
    return 3;
  }
}
constexpr unsigned kAssignmentRank = 3, kChoiceRank = 7, kCommaRank = 8;

namespace {
/// A line of the text before it is broken.
class Line {
public:
  Line &operator<<(StringRef part) {
    text += part;
    return *this;
  }
  void open(char bracket) {
    events.push_back({Event::Open, unsigned(text.size()), 0});
    text += bracket;
  }
  void close(char bracket) {
    events.push_back({Event::Close, unsigned(text.size()), 0});
    text += bracket;
  }
  /// An operator between two operands.
  void op(Operator op) {
    text += ' ';
    breakable(getSpelling(op), getBreakRank(op));
  }
  /// `+=`
  void assign(Operator op) {
    text += ' ';
    text += getSpelling(op);
    breakable("=", kAssignmentRank);
  }
  /// A token with a space behind it, after which the line may be broken.
  void breakable(StringRef token, unsigned rank) {
    text += token;
    events.push_back({Event::Break, unsigned(text.size()), rank});
    text += ' ';
  }
  /// The `=` after which what is assigned begins, where lines go on.
  void assign() {
    text += " = ";
    goOn = text.size();
  }
  /// Leaves the line in one piece: a break may mean something.
  void keep() { events.clear(); }

  void add(const Expr *expr);
  void add(const Expr &parent, unsigned operand);

  unsigned print(llvm::raw_ostream &os, unsigned first, unsigned indent) const;

private:
  struct Event {
    enum { Open, Close, Break } kind;
    /// Of the bracket, or of the space.
    unsigned position;
    unsigned rank;
  };

  llvm::SmallString<128> text;
  SmallVector<Event, 16> events;
  std::optional<unsigned> goOn;
};
} // namespace

/// Prints the line from column \p first on, in a block that stands at column
/// \p indent. A line that is too long is broken after an operator or a comma,
/// as far outside of parentheses and as late as possible; it goes on where the
/// enclosing parenthesis or the assigned expression began. Returns how many
/// times it was broken.
unsigned Line::print(llvm::raw_ostream &os, unsigned first,
                     unsigned indent) const {
  // Deep in the text lines may be longer, or nothing would fit.
  unsigned width = std::max(kLineWidth, indent + kLineWidth / 2);
  if (first + text.size() <= width) {
    os << text;
    return 0;
  }
  auto limitColumn = [&](unsigned column) {
    return std::min(column, indent + kLineWidth / 2);
  };
  // The columns where a line goes on that is broken between these brackets.
  using Columns = SmallVector<unsigned, 16>;
  Columns columns = {goOn && *goOn < 43 ? first + *goOn : indent + 2 * kIndent};
  Columns bestColumns;
  const Event *event = events.begin(), *best = nullptr;
  unsigned begin = 0, column = first, breaks = 0;
  auto getColumn = [&](size_t position) { return column + (position - begin); };
  // Goes on after the best place to break.
  auto breakLine = [&] {
    os << StringRef(text).slice(begin, best->position) << "\n";
    begin = best->position + 1;
    columns = bestColumns;
    column = columns.back();
    os.indent(column);
    event = best + 1;
    best = nullptr;
    ++breaks;
  };
  while (true) {
    bool isEnd = event == events.end();
    if (best && getColumn(isEnd ? text.size() : event->position) > width) {
      breakLine();
      continue;
    }
    if (isEnd)
      break;
    unsigned here = getColumn(event->position);
    if (event->kind == Event::Open)
      columns.push_back(limitColumn(here + 1));
    else if (event->kind == Event::Close && columns.size() > 1)
      columns.pop_back();
    else if (event->kind == Event::Break && here <= width &&
             (!best || columns.size() < bestColumns.size() ||
              (columns.size() == bestColumns.size() &&
               event->rank >= best->rank))) {
      best = event;
      bestColumns = columns;
    }
    if (best && here >= width)
      breakLine();
    else
      ++event;
  }
  os << StringRef(text).drop_front(begin);
  return breaks;
}

void Line::add(const Expr &parent, unsigned operand) {
  bool isInside = isParenthesized(parent, operand);
  if (isInside)
    open('(');
  add(parent.operands[operand]);
  if (isInside)
    close(')');
}

void Line::add(const Expr *expr) {
  // Chains of operators and choices may be long: what comes last is no call.
  while (true) {
    switch (expr->kind) {
    case ExprKind::Name:
    case ExprKind::Literal:
      *this << expr->text;
      return;
    case ExprKind::Unary:
      *this << getSpelling(expr->op);
      return add(*expr, 0);
    case ExprKind::PointerCast:
      open('(');
      *this << expr->text;
      close(')');
      return add(*expr, 0);
    case ExprKind::Call:
      *this << expr->text;
      open('(');
      for (unsigned i = 0, e = expr->operands.size(); i < e; ++i) {
        if (i != 0)
          breakable(",", kCommaRank);
        add(*expr, i);
      }
      return close(')');
    case ExprKind::Member:
      add(*expr, 0);
      *this << "." << expr->text;
      return;
    case ExprKind::Subscript:
      add(*expr, 0);
      open('[');
      add(*expr, 1);
      return close(']');
    case ExprKind::Verbatim: {
      StringRef rest = expr->text;
      for (unsigned i = 0, e = expr->operands.size(); i < e; ++i) {
        auto [before, after] = rest.split(kOperandMark);
        *this << before;
        add(*expr, i);
        rest = after;
      }
      *this << rest;
      return;
    }
    case ExprKind::Conditional:
      add(*expr, 0);
      *this << " ";
      breakable("?", kChoiceRank);
      add(*expr, 1);
      *this << " ";
      breakable(":", kChoiceRank);
      break;
    case ExprKind::Binary: {
      SmallVector<const Expr *> left = {expr};
      while (left.back()->operands[0]->kind == ExprKind::Binary &&
             !isParenthesized(*left.back(), 0))
        left.push_back(left.back()->operands[0]);
      add(*left.back(), 0);
      for (const Expr *part : llvm::reverse(left)) {
        op(part->op);
        if (part != expr)
          add(*part, 1);
      }
      if (isParenthesized(*expr, 1))
        return add(*expr, 1);
      break;
    }
    }
    expr = expr->operands.back();
  }
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// The text of a statement that is no `if`: all of it, or what stands before
/// its body.
static Line getLine(const Stmt &stmt) {
  Line line;
  switch (stmt.kind) {
  case StmtKind::Declare:
    line << stmt.type.str() << " ";
    line.add(stmt.target);
    if (stmt.elements != 0)
      line << "[" << std::to_string(stmt.elements) << "]";
    if (stmt.value) {
      line.assign();
      line.add(stmt.value);
    }
    line << ";";
    return line;
  case StmtKind::Assign:
    line.add(stmt.target);
    if (stmt.op)
      line.assign(*stmt.op);
    else
      line.assign();
    line.add(stmt.value);
    line << ";";
    return line;
  case StmtKind::Evaluate:
    line.add(stmt.value);
    line << ";";
    return line;
  case StmtKind::Break:
    line << "break;";
    return line;
  case StmtKind::Verbatim:
    line.add(stmt.value);
    line.keep();
    return line;
  case StmtKind::Block:
    return line;
  case StmtKind::For:
    line << "for ";
    line.open('(');
    line << stmt.type.str() << " ";
    line.add(stmt.target);
    line << " = ";
    line.add(stmt.lower);
    line << "; ";
    line.add(stmt.value);
    line << "; ";
    if (stmt.step) {
      line.add(stmt.target);
      line.assign(Operator::Add);
      line.add(stmt.step);
    } else {
      line << "++";
      line.add(stmt.target);
    }
    line.close(')');
    return line;
  case StmtKind::While:
    line << "while ";
    line.open('(');
    if (stmt.value)
      line.add(stmt.value);
    else
      line << "true";
    line.close(')');
    return line;
  case StmtKind::If:
    break;
  }
  llvm_unreachable("an if has more than one line");
}

static Line getLine(const Branch &branch) {
  Line line;
  line << "if ";
  line.open('(');
  line.add(branch.condition);
  line.close(')');
  return line;
}

void Printer::endLine(unsigned breaks, std::optional<mlir::Location> location) {
  os << "\n";
  mlir::FileLineColLoc source;
  if (map && location)
    source = getFileLine(*location);
  for (unsigned end = line + breaks + 1; line != end; ++line)
    if (source)
      map->push_back(
          {line, source.getFilename(), source.getLine(), source.getColumn()});
}

void Printer::printBody(const Statements &block, unsigned depth) {
  print(block, depth + 1);
  os.indent(depth * kIndent) << "}";
}

void Printer::print(const Statements &block, unsigned depth) {
  unsigned indent = depth * kIndent;
  for (const Stmt &stmt : block) {
    os.indent(indent);
    if (stmt.kind == StmtKind::If) {
      printIf(stmt, depth);
    } else {
      unsigned breaks = getLine(stmt).print(os, indent, indent);
      bool hasBody = stmt.kind == StmtKind::For ||
                     stmt.kind == StmtKind::While ||
                     stmt.kind == StmtKind::Block;
      if (hasBody)
        os << (stmt.kind == StmtKind::Block ? "{" : " {");
      endLine(breaks, stmt.location);
      if (!hasBody)
        continue;
      printBody(stmt.body, depth);
    }
    endLine();
  }
}

void Printer::printIf(const Stmt &stmt, unsigned depth) {
  unsigned indent = depth * kIndent;
  // A chain of `else if` stays at one depth.
  unsigned first = indent;
  for (const Branch &branch : llvm::reverse(stmt.branches)) {
    if (first != indent)
      os << " else ";
    unsigned breaks = getLine(branch).print(os, first, indent);
    os << " {";
    endLine(breaks, branch.location);
    printBody(branch.body, depth);
    first = indent + 2 * kIndent;
  }
  if (stmt.body.empty())
    return;
  os << " else {";
  endLine();
  printBody(stmt.body, depth);
}

void Printer::print(StringRef lines) {
  os << lines;
  line += lines.count('\n');
}

void Printer::print(const Kernel &kernel) {
  endLine();
  std::string head = "kernel void " + kernel.name + "(";
  SmallVector<std::string> parameters;
  size_t longest = 0;
  for (const Parameter &parameter : kernel.parameters) {
    parameters.push_back(parameter.type.str() + " " + parameter.name + " [[" +
                         parameter.attribute + "]]");
    longest = std::max(longest, parameters.back().size());
  }
  // One parameter a line, below each other.
  bool isAligned = head.size() + longest + 3 <= kLineWidth;
  unsigned indent = isAligned ? head.size() : 2 * kIndent;
  os << head;
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    if (i != 0)
      os << ",";
    if (i != 0 || !isAligned) {
      endLine(0, kernel.location);
      os.indent(indent);
    }
    os << parameter;
  }
  os << ") {";
  endLine(0, kernel.location);
  printBody(kernel.body, 0);
  endLine();
}
