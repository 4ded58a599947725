// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Tree.h"

#include "enigma/Utils/Locations.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace enigma::msl;
using llvm::ArrayRef;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

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

/// Whether it begins with a minus.
static bool isSigned(const Expr &expr) {
  return expr.isUnary(Operator::Negate) ||
         (expr.isLiteral() && expr.precedence == Precedence::Unary);
}

/// Whether an operand of a text has brackets or commas around it.
static bool isEnclosed(StringRef text, unsigned index) {
  size_t mark = text.find(kOperandMark);
  while (index--)
    mark = text.find(kOperandMark, mark + 1);
  StringRef before = text.take_front(mark).rtrim();
  StringRef after = text.drop_front(mark + 1).ltrim();
  auto isOneOf = [](StringRef text, StringRef marks) {
    return !text.empty() && marks.contains(text[0]);
  };
  return isOneOf(before.take_back(), "([,") && isOneOf(after, ")],");
}

bool enigma::msl::isParenthesized(const Expr &parent, unsigned index) {
  const Expr &operand = *parent.operands[index];
  switch (parent.kind) {
  case ExprKind::Unary:
    // `-(-x)` is no decrement.
    return operand.precedence < Precedence::Unary ||
           (parent.op == Operator::Negate && isSigned(operand));
  case ExprKind::PointerCast:
    return operand.precedence < Precedence::Unary;
  case ExprKind::Binary:
    if (index == 1 && parent.mayRegroup && operand.isBinary(parent.op) &&
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
  case ExprKind::Verbatim:
    return operand.precedence < Precedence::Postfix &&
           !isEnclosed(parent.text, index);
  default:
    return false;
  }
}

bool enigma::msl::isSame(const Expr *a, const Expr *b) {
  if (a == b)
    return true;
  return a->kind == b->kind && a->op == b->op && a->width == b->width &&
         a->text == b->text && llvm::equal(a->operands, b->operands, isSame);
}

mlir::FileLineColLoc enigma::msl::getFileLine(mlir::Location location) {
  return enigma::getFileLine(location);
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
    return width;
  case ExprKind::Unary:
    return getSpelling(expr.op).size();
  case ExprKind::Binary:
    return getSpelling(expr.op).size() + 2;
  case ExprKind::Conditional:
    return StringRef(" ?  : ").size();
  case ExprKind::Call:
    return width + 2 + 2 * (std::max<size_t>(expr.operands.size(), 1) - 1);
  case ExprKind::Member:
    return width + 1;
  case ExprKind::Subscript:
  case ExprKind::PointerCast:
    return width + 2;
  case ExprKind::Verbatim:
    return width - expr.operands.size();
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
           /*op=*/{},
           /*mayRegroup=*/false,
           /*divides=*/false,
           /*hasOpposite=*/false,
           /*isAtom=*/false,
           /*width=*/0,
           text.empty() ? text : strings.save(text),
           ArrayRef<const Expr *>(copy, operands.size())};
  return expr;
}

Expr *Tree::create(ExprKind kind, Operator op,
                   ArrayRef<const Expr *> operands) {
  Expr *expr = create(kind, getPrecedence(op), "", operands);
  expr->op = op;
  return expr;
}

ArrayRef<unsigned> Tree::unite(ArrayRef<unsigned> left,
                               ArrayRef<unsigned> right) {
  if (left.empty() || right.empty())
    return left.empty() ? right : left;
  llvm::SmallVector<unsigned, 8> both(left);
  for (unsigned number : right)
    if (!llvm::is_contained(left, number))
      both.push_back(number);
  return both.size() == left.size() ? left : keep(both);
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
  expr->isAtom = !literal.isNegative;
  const Expr *result = finish(expr);
  for (StringRef conversion : llvm::reverse(literal.conversions))
    result = call(conversion, result);
  return result;
}

const Expr *Tree::unary(Operator op, const Expr *operand) {
  Expr *expr = create(ExprKind::Unary, op, operand);
  expr->hasOpposite = op == Operator::Not;
  return finish(expr);
}

const Expr *Tree::binary(const Expr *left, Operator op, const Expr *right,
                         bool mayRegroup) {
  Expr *expr = create(ExprKind::Binary, op, {left, right});
  expr->mayRegroup = mayRegroup;
  expr->divides =
      isDivision(op) || (left->precedence == expr->precedence && left->divides);
  return finish(expr);
}

const Expr *Tree::comparison(const Expr *left, Operator op, const Expr *right) {
  Expr *expr = create(ExprKind::Binary, op, {left, right});
  expr->hasOpposite = true;
  return finish(expr);
}

const Expr *Tree::logical(const Expr *left, Operator op, const Expr *right) {
  Expr *expr = create(ExprKind::Binary, op, {left, right});
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

const Expr *Tree::pointerCast(const DeclaredType &type, const Expr *pointer) {
  return make(ExprKind::PointerCast, Precedence::Unary, type.str(), pointer);
}

const Expr *Tree::verbatim(StringRef text, ArrayRef<const Expr *> operands) {
  return make(ExprKind::Verbatim, Precedence::Assignment, text, operands);
}

const Expr *Tree::negate(const Expr *condition) {
  if (!condition->hasOpposite)
    return unary(Operator::Not, condition);
  // A chain of conditions may be long: its parts come after what they are in.
  auto isChain = [](const Expr *expr) {
    return expr->kind == ExprKind::Binary && isLogical(expr->op);
  };
  llvm::SmallVector<const Expr *> parts = {condition};
  for (size_t i = 0; i < parts.size(); ++i)
    if (isChain(parts[i]))
      llvm::append_range(parts, parts[i]->operands);
  llvm::DenseMap<const Expr *, const Expr *> opposites;
  for (const Expr *part : llvm::reverse(parts)) {
    if (opposites.contains(part))
      continue;
    if (part->isUnary(Operator::Not)) {
      opposites[part] = part->operands[0];
      continue;
    }
    const Expr *left = part->operands[0], *right = part->operands[1];
    Operator op = getOpposite(part->op);
    opposites[part] = isChain(part) ? logical(opposites.lookup(left), op,
                                              opposites.lookup(right))
                                    : comparison(left, op, right);
  }
  return opposites.lookup(condition);
}
