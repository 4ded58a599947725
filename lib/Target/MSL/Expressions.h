// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expressions with what their surroundings have to know of them, and the rules
// of C++ by which they are put together.

#ifndef ENIGMA_LIB_TARGET_MSL_EXPRESSIONS_H
#define ENIGMA_LIB_TARGET_MSL_EXPRESSIONS_H

#include "Interval.h"
#include "Tree.h"

#include "llvm/ADT/SmallVector.h"

namespace enigma::msl {

struct Expression {
  const Expr *node = nullptr;

  /// The type that C++ gives to it. For integers it may differ from the type of
  /// the value:
  /// - narrower: C++ extends it to the value by its signedness when it meets a
  ///   wider operand (casts to `index` vanish in subscripts this way);
  /// - wider, after integer promotion: `interval` says what the bits above
  /// those
  ///   of the value may be.
  /// A scalar may stand for a vector with equal lanes.
  MSLType type;

  /// The numbers that an integer may be; nothing where those of its type are
  /// all that is known.
  std::optional<Interval> interval;

  /// What it reads that statements may change: memory and variables. The tree
  /// keeps the numbers.
  llvm::ArrayRef<unsigned> reads;

  bool isLiteral() const { return node->isLiteral(); }
};

/// The numbers that \p expression may be; nothing where `int64_t` may not hold
/// them.
std::optional<Interval> getInterval(const Expression &expression);

class ExpressionBuilder {
public:
  explicit ExpressionBuilder(Tree &tree) : tree(tree) {}

  Expression name(llvm::StringRef text, MSLType type = MSLType());
  Expression literal(const Literal &literal);
  /// A small number, as an `int`.
  Expression number(unsigned value);

  Expression castTo(Expression expression, MSLType type);
  /// A cast where the type is another one.
  Expression convert(Expression expression, MSLType type);

  Expression binary(Expression left, Operator op, Expression right,
                    MSLType type);
  /// A comparison, whose opposite is the opposite comparison if it `isTotal`:
  /// one of floats is not, for NaN.
  Expression comparison(Expression left, Operator op, Expression right,
                        unsigned lanes, bool isTotal);
  /// `left op right` of integers, where the lower bits of the result are those
  /// of a number of \p type. Where it may leave the signed type that C++
  /// computes in, it is computed in unsigned numbers, which wrap; unless it
  /// `isExact` in numbers of its own width.
  Expression integer(Expression left, Operator op, Expression right,
                     MSLType type, bool isExact);
  Expression negateInteger(Expression expression, MSLType type, bool isExact);
  Expression unary(Operator op, Expression expression, MSLType type);

  Expression negate(Expression condition);
  /// `left && right` or `left || right`; of vectors `&` and `|`.
  Expression combine(Expression left, Operator op, Expression right);
  /// `condition ? left : right` of scalars or vectors.
  Expression conditional(Expression condition, Expression left,
                         Expression right);

  Expression call(llvm::StringRef function,
                  llvm::ArrayRef<Expression> arguments, MSLType type);
  Expression member(Expression vector, llvm::StringRef lanes, MSLType type);
  Expression subscript(Expression base, Expression index, MSLType type);

  /// Adds to what \p into reads.
  void addReads(Expression &into, llvm::ArrayRef<unsigned> reads) {
    into.reads = tree.unite(into.reads, reads);
  }

private:
  /// An expression with all that its operands read.
  Expression make(const Expr *node, MSLType type,
                  llvm::ArrayRef<const Expression *> operands);

  Tree &tree;
};

/// The names of the lanes of a vector.
inline constexpr llvm::StringLiteral kLanes = "xyzw";

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_EXPRESSIONS_H
