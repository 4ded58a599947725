// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The symbolic evaluation of a kernel's layouts and views, and the arithmetic
// that computes what it finds.
//
// Every index that enters a layout is a symbol. Offsets are expressions over
// symbols; an offset becomes a sum of terms, in which digits of one number are
// put together again, and each term is built once, as far out as its operands
// allow.

#ifndef ENIGMA_ANALYSIS_LAYOUTEVALUATOR_H
#define ENIGMA_ANALYSIS_LAYOUTEVALUATOR_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

#include <deque>
#include <map>

namespace enigma {

/// constant + sum of factor * atom; an atom is an expression that is no sum.
struct LinearForm {
  struct Term {
    layout::Int atom;
    int64_t factor;

    /// A positive number that divides the term.
    int64_t getDivisor() const;
    bool operator==(const Term &other) const {
      return atom.expr() == other.atom.expr() && factor == other.factor;
    }
  };
  llvm::SmallVector<Term, 4> terms;
  int64_t constant = 0;

  /// A positive number that divides the form without its constant; 0 if there
  /// are no terms.
  int64_t getTermsDivisor() const;
  /// The atoms of terms and their factors.
  using TermsKey = llvm::SmallVector<std::pair<unsigned, int64_t>, 4>;
  static TermsKey getKey(llvm::ArrayRef<Term> terms) {
    TermsKey key;
    for (const Term &term : terms)
      key.emplace_back(term.atom.expr()->id(), term.factor);
    return key;
  }
};

/// An analysis: a pass that keeps all operations on layouts, and the numbers
/// that go into them, preserves it. It may add static ones.
class LayoutEvaluator {
public:
  explicit LayoutEvaluator(KernelOp kernel);

  /// Evaluates all operations on layouts, unless a pass before did. Fails with
  /// a diagnostic. What that pass built stays its own: each builds the
  /// arithmetic where it comes first for it.
  llvm::LogicalResult run();

  /// How many bits the subscripts of a view's elements have; none where sizes
  /// that are known at run time only decide.
  std::optional<unsigned> getIndexBits(mlir::Value tensor) const;

  /// The value of a layout type or of `index`.
  const LayoutValue &get(mlir::Value value);
  /// The offsets of all elements of a view in its buffer, apart from a swizzle.
  /// The extents of the view, which `get` gave, are known.
  llvm::ArrayRef<LinearForm> getOffsets(const LayoutValue &view);
  /// What is added to the swizzled offset of a view.
  LinearForm getBase(const LayoutValue &view);
  LinearForm linearize(const layout::Int &leaf);
  LinearForm linearizeSum(const layout::Int &a, const layout::Int &b);

  /// Builds the subscript of an element of a view in its buffer; null where it
  /// leaves 64 bits, or is computed in too many steps.
  mlir::Value buildSubscript(const LayoutValue &view,
                             const layout::IntTuple &coord, mlir::Location loc);
  mlir::Value build(const LinearForm &form, mlir::Location loc);
  mlir::Value build(const layout::Int &leaf, mlir::Location loc) {
    return build(linearize(leaf), loc);
  }
  /// Whether a number is certainly not below 0.
  bool isNonNegative(const layout::Int &leaf) {
    return getRange(linearize(leaf)).isNonNegative();
  }
  /// Builds `leaf < bound`; null where that is certain.
  mlir::Value buildLess(const layout::Int &leaf, const layout::Int &bound,
                        mlir::Location loc);
  /// Builds that a coordinate lies below its bounds, appending what holds if
  /// all of `conditions` do.
  void buildInside(const layout::IntTuple &coord,
                   const layout::IntTuple &bounds, mlir::Location loc,
                   llvm::SmallVectorImpl<mlir::Value> &conditions);
  /// The same of an element of a tensor of coordinates, in 1-D.
  void buildInside(InBoundsOp op, int64_t element, mlir::Location loc,
                   llvm::SmallVectorImpl<mlir::Value> &conditions);
  /// Builds the conjunction of conditions; null if there are none.
  mlir::Value buildAll(llvm::ArrayRef<mlir::Value> conditions,
                       mlir::Location loc);

private:
  struct Range {
    int64_t min, max;
    bool isNonNegative() const { return min >= 0; }
  };
  static Range anything();

  void forgetBuilt();
  /// Makes what is known of a value, of the parts of a `LayoutValue`.
  template <typename... Parts>
  LayoutValue &set(mlir::Value value, Parts &&...parts);
  llvm::LogicalResult evaluate(mlir::Operation *op);
  /// Checks that a tensor begins at a whole element of the other type.
  mlir::LogicalResult checkRecast(RecastTensorOp op);
  void setIndexBits(mlir::Operation *op);
  layout::Int getLeaf(mlir::Value index);

  LinearForm simplifyAtom(const layout::Int &leaf);
  LinearForm simplifyDivision(const layout::Int &leaf);
  LinearForm simplifyBitwise(const layout::Int &leaf);
  layout::Int toInt(const LinearForm &form);
  /// The product of two numbers that are known at run time only.
  LinearForm multiply(const layout::Int &leaf);
  void add(LinearForm &sum, const LinearForm &form, int64_t factor);
  /// Puts x % n and x / n together where they make x.
  void joinDigits(LinearForm &sum);

  Range getRange(mlir::Value value, unsigned depth = 0);
  Range getRange(const layout::Int &atom);
  Range getRange(const LinearForm &form);

  /// The bits that may be set in a number that is certainly not negative; all
  /// where it may be.
  uint64_t getBits(const layout::Int &atom);
  uint64_t getBits(const LinearForm::Term &term);
  uint64_t getBits(const LinearForm &form);
  /// Whether no bit may be set in two terms, or in one and the constant: then
  /// the sum is the union of its terms' bits.
  bool hasDisjointBits(const LinearForm &form);

  /// A term of a sum, and its atom once it is built.
  struct Summand {
    layout::Int atom;
    int64_t factor;
    mlir::Value value;
  };
  mlir::Value buildAtom(const layout::Int &atom, mlir::Location loc);
  mlir::Value buildNewLess(const layout::Int &leaf, const layout::Int &bound,
                           mlir::Location loc);
  /// Builds what is divided by: an extent, or a product of some, at least 1. A
  /// division stands as far out as its operands allow, which may be before the
  /// branch that the author of the kernel made for a size of 0.
  mlir::Value buildDivisor(const layout::Int &extent, mlir::Location loc);
  /// Multiplies once what is multiplied by the same.
  void joinProducts(llvm::SmallVectorImpl<Summand> &summands,
                    mlir::Location loc);
  /// Adds terms to `sum`, which may be null.
  mlir::Value buildSum(mlir::Value sum, llvm::ArrayRef<LinearForm::Term> terms,
                       mlir::Location loc);
  mlir::Value buildNewSum(mlir::Value sum,
                          llvm::ArrayRef<LinearForm::Term> terms,
                          mlir::Location loc);
  mlir::Value addConstant(mlir::Value sum, int64_t number, mlir::Location loc);
  /// Builds `form`, of which `start` is a part, from that part on.
  mlir::Value buildFrom(const LinearForm &start, const LinearForm &form,
                        mlir::Location loc);
  mlir::Value constant(int64_t value);
  template <typename OpT>
  mlir::Value buildBinary(mlir::Value a, mlir::Value b, mlir::Location loc);
  mlir::Value buildCompare(mlir::arith::CmpIPredicateAttr predicate,
                           mlir::Value a, mlir::Value b, mlir::Location loc);
  void setInsertionPointAfter(mlir::Value a, mlir::Value b);
  /// Whether `a` is defined after `b`, or further in.
  bool isDeeper(mlir::Value a, mlir::Value b) const;

  /// Where an operation stands: it follows one that was not built here, as the
  /// `number`th, or one at the front of a block, where each was put before
  /// those that were there. MLIR's own order of a block is computed anew after
  /// a few operations were inserted at one place.
  struct Place {
    mlir::Operation *after;
    int64_t front;
    unsigned number;
  };
  Place getPlace(mlir::Operation *op) const;
  void setPlace(mlir::Operation *op);

  KernelOp kernel;
  bool isEvaluated = false;
  mlir::OpBuilder builder;
  /// What is known of the overflow of what is built, and how it compares: to
  /// look an attribute up takes longer than to build an operation.
  mlir::arith::IntegerOverflowFlagsAttr noFlags;
  mlir::arith::CmpIPredicateAttr signedLess, unsignedLess;
  layout::ExprPool pool;
  std::vector<mlir::Value> symbols;
  /// What is known of values, which is large: each in one place for good.
  std::deque<LayoutValue> known;
  llvm::DenseMap<mlir::Value, const LayoutValue *> values;
  /// The bits of the subscripts of views; not of those where it is unknown.
  llvm::DenseMap<mlir::Value, unsigned> indexBits;
  llvm::DenseMap<mlir::Value, layout::Int> leaves;
  llvm::DenseMap<const layout::Expr *, LinearForm> forms;
  /// Of the views that were asked for; no list moves where another is added.
  std::map<const LayoutValue *, llvm::SmallVector<LinearForm, 0>> offsetsOf;
  llvm::DenseMap<mlir::Value, Range> ranges;
  llvm::DenseMap<const layout::Expr *, mlir::Value> atoms;
  // Not of LLVM's maps, which cannot have all numbers as keys.
  std::map<int64_t, mlir::Value> constants;
  /// An operation's name, or predicate, and operands, and what it gives.
  using Binary = std::tuple<const void *, const void *, const void *>;
  llvm::DenseMap<Binary, mlir::Value> binaries;
  /// What terms were added to, the terms, and what that gave: the elements of a
  /// view begin alike.
  using Sum = std::pair<const void *, LinearForm::TermsKey>;
  std::map<Sum, mlir::Value> sums;
  /// A number and its bound, and the condition: the elements of a view share
  /// those of the modes in which they do not differ.
  using Number = std::pair<const layout::Expr *, int64_t>;
  static Number getNumber(const layout::Int &leaf) {
    return {leaf.expr(), leaf.isStatic() ? leaf.value() : 0};
  }
  std::map<std::pair<Number, Number>, mlir::Value> conditions;
  /// The operations that were built, and the last known one of those that
  /// follow an operation, or stand at the beginning of a block.
  llvm::DenseSet<mlir::Operation *> built;
  llvm::DenseMap<void *, mlir::Operation *> ends;
  /// Where they stand, and the constants.
  llvm::DenseMap<mlir::Operation *, Place> places;
};

/// Whether a value of this type exists in the layout algebra only.
bool isLayoutType(mlir::Type type);

} // namespace enigma

#endif // ENIGMA_ANALYSIS_LAYOUTEVALUATOR_H
