// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Tree.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace enigma::msl;
using llvm::ArrayRef;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

static Precedence getPrecedence(StringRef op) {
  using P = Precedence;
  return llvm::StringSwitch<P>(op)
      .Case("||", P::LogicalOr)
      .Case("&&", P::LogicalAnd)
      .Case("|", P::BitOr)
      .Case("^", P::BitXor)
      .Case("&", P::BitAnd)
      .Cases("==", "!=", P::Equality)
      .Cases("<", "<=", ">", ">=", P::Relational)
      .Cases("<<", ">>", P::Shift)
      .Cases("+", "-", P::Additive)
      .Default(P::Multiplicative);
}

/// Whether an operand of precedence \p inner of a binary operator of precedence
/// \p outer stands in parentheses.
static bool isParenthesized(Precedence inner, Precedence outer, bool isRight) {
  using P = Precedence;
  if (inner >= P::Unary)
    return false;
  if (inner < outer || (inner == outer && isRight))
    return true;
  switch (outer) {
  case P::LogicalOr:
    return inner == P::LogicalAnd;
  case P::BitOr:
  case P::BitXor:
  case P::BitAnd:
    return inner != outer;
  case P::Shift:
    return true;
  case P::Equality:
  case P::Relational:
    return inner <= P::Relational;
  default:
    return false;
  }
}

bool enigma::msl::isParenthesized(const Expr &parent, unsigned index) {
  const Expr &operand = *parent.operands[index];
  switch (parent.kind) {
  case ExprKind::Unary:
    // `-(-x)` is no decrement.
    return operand.precedence < Precedence::Unary ||
           (parent.text == "-" && operand.text.starts_with("-"));
  case ExprKind::PointerCast:
    return operand.precedence < Precedence::Unary;
  case ExprKind::Binary:
    if (index == 1 && parent.mayRegroup && operand.isBinary(parent.text) &&
        !operand.divides)
      return false;
    return ::isParenthesized(operand.precedence, parent.precedence,
                             /*isRight=*/index == 1);
  case ExprKind::Conditional:
    // A chain of choices needs no parentheses: `a ? x : b ? y : z`.
    return index != 2 && operand.precedence <= Precedence::Conditional;
  case ExprKind::Member:
  case ExprKind::Subscript:
    return index == 0 && operand.precedence < Precedence::Postfix;
  default:
    return false;
  }
}

bool enigma::msl::isSame(const Expr *a, const Expr *b) {
  if (a == b)
    return true;
  return a->kind == b->kind && a->width == b->width && a->text == b->text &&
         llvm::equal(a->operands, b->operands, isSame);
}

void Stmt::enclose(const Statements &block) {
  scopes = std::max(scopes, 1u);
  for (const Stmt &nested : block)
    scopes = std::max(scopes, nested.scopes + 1);
}

//===----------------------------------------------------------------------===//
// Making
//===----------------------------------------------------------------------===//

Tree::Tree(mlir::MLIRContext *context)
    : location(mlir::UnknownLoc::get(context)) {}

/// What an expression takes on one line besides its operands.
static unsigned getOwnWidth(const Expr &expr) {
  unsigned width = expr.text.size();
  switch (expr.kind) {
  case ExprKind::Name:
  case ExprKind::Literal:
  case ExprKind::Unary:
    return width;
  case ExprKind::Binary:
    return width + 2;
  case ExprKind::Conditional:
    return StringRef(" ?  : ").size();
  case ExprKind::Call:
    return width + 2 + 2 * (std::max<size_t>(expr.operands.size(), 1) - 1);
  case ExprKind::Member:
    return width + 1;
  case ExprKind::Subscript:
  case ExprKind::PointerCast:
    return width + 2;
  }
  llvm_unreachable("unknown kind of expression");
}

Expr *Tree::create(ExprKind kind, Precedence precedence, StringRef text,
                   ArrayRef<const Expr *> operands) {
  auto **copy = allocator.Allocate<const Expr *>(operands.size());
  llvm::copy(operands, copy);
  auto *expr = new (allocator.Allocate<Expr>())
      Expr{kind,
           precedence,
           /*mayRegroup=*/false,
           /*divides=*/false,
           /*hasOpposite=*/false,
           /*isAtom=*/false,
           /*width=*/0,
           strings.save(text),
           ArrayRef<const Expr *>(copy, operands.size()),
           location};
  return expr;
}

static Expr *finish(Expr *expr) {
  expr->width = getOwnWidth(*expr);
  for (unsigned i = 0, e = expr->operands.size(); i < e; ++i)
    expr->width +=
        expr->operands[i]->width + (isParenthesized(*expr, i) ? 2 : 0);
  return expr;
}

const Expr *Tree::make(ExprKind kind, Precedence precedence, StringRef text,
                       ArrayRef<const Expr *> operands) {
  return finish(create(kind, precedence, text, operands));
}

const Expr *Tree::name(StringRef text) {
  Expr *expr = create(ExprKind::Name, Precedence::Primary, text, {});
  expr->isAtom = true;
  return finish(expr);
}

const Expr *Tree::literal(const Literal &literal) {
  Expr *expr =
      create(ExprKind::Literal,
             literal.isNegative ? Precedence::Unary : Precedence::Primary,
             literal.text, {});
  expr->isAtom = llvm::all_of(literal.text, [](char c) {
    return llvm::isAlnum(c) || c == '_' || c == '.';
  });
  return finish(expr);
}

const Expr *Tree::unary(StringRef op, const Expr *operand) {
  Expr *expr = create(ExprKind::Unary, Precedence::Unary, op, operand);
  expr->hasOpposite = op == "!";
  return finish(expr);
}

const Expr *Tree::binary(const Expr *left, StringRef op, const Expr *right,
                         bool mayRegroup) {
  Expr *expr = create(ExprKind::Binary, getPrecedence(op), op, {left, right});
  expr->mayRegroup = mayRegroup;
  expr->divides = op == "/" || op == "%" ||
                  (left->precedence == expr->precedence && left->divides);
  return finish(expr);
}

const Expr *Tree::comparison(const Expr *left, StringRef op,
                             const Expr *right) {
  Expr *expr = create(ExprKind::Binary, getPrecedence(op), op, {left, right});
  expr->hasOpposite = true;
  return finish(expr);
}

const Expr *Tree::logical(const Expr *left, bool isAnd, const Expr *right) {
  StringRef op = isAnd ? "&&" : "||";
  Expr *expr = create(ExprKind::Binary, getPrecedence(op), op, {left, right});
  expr->mayRegroup = true;
  // not (a or b) is not a and not b, where neither needs a `!`.
  expr->hasOpposite = left->hasOpposite && right->hasOpposite;
  return finish(expr);
}

const Expr *Tree::conditional(const Expr *condition, const Expr *left,
                              const Expr *right) {
  return make(ExprKind::Conditional, Precedence::Conditional, "",
              {condition, left, right});
}

const Expr *Tree::call(StringRef function, ArrayRef<const Expr *> arguments) {
  return make(ExprKind::Call, Precedence::Primary, function, arguments);
}

const Expr *Tree::member(const Expr *vector, StringRef lanes) {
  Expr *expr = create(ExprKind::Member, Precedence::Postfix, lanes, vector);
  expr->isAtom = vector->isAtom;
  return finish(expr);
}

const Expr *Tree::subscript(const Expr *base, const Expr *index) {
  return make(ExprKind::Subscript, Precedence::Postfix, "", {base, index});
}

const Expr *Tree::pointerCast(StringRef type, const Expr *pointer) {
  return make(ExprKind::PointerCast, Precedence::Unary, type, pointer);
}

const Expr *Tree::negate(const Expr *condition) {
  if (!condition->hasOpposite)
    return unary("!", condition);
  // A chain of conditions may be long: its parts come after what they are in.
  llvm::SmallVector<const Expr *> parts = {condition};
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i]->isBinary("&&") || parts[i]->isBinary("||"))
      llvm::append_range(parts, parts[i]->operands);
  llvm::DenseMap<const Expr *, const Expr *> opposites;
  for (const Expr *part : llvm::reverse(parts)) {
    const Expr *&opposite = opposites[part];
    if (opposite)
      continue;
    if (part->isUnary("!")) {
      opposite = part->operands[0];
      continue;
    }
    const Expr *left = part->operands[0], *right = part->operands[1];
    if (part->isBinary("&&") || part->isBinary("||")) {
      left = opposites.lookup(left);
      right = opposites.lookup(right);
      // The table may have grown.
      opposites[part] = logical(left, part->isBinary("||"), right);
      continue;
    }
    opposite = comparison(left,
                          llvm::StringSwitch<StringRef>(part->text)
                              .Case("<", ">=")
                              .Case("<=", ">")
                              .Case(">", "<=")
                              .Case(">=", "<")
                              .Case("==", "!=")
                              .Default("=="),
                          right);
  }
  return opposites.lookup(condition);
}
