// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Simplifications of arithmetic and of comparisons.

#include "SimplifyPatterns.h"

#include "enigma/Utils/Conditions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace enigma;

namespace {
/// not (a < b) is (a >= b or unordered): one comparison.
struct InvertFloatComparison final : OpRewritePattern<arith::XOrIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::XOrIOp op,
                                PatternRewriter &rewriter) const override {
    auto comparison = op.getLhs().getDefiningOp<arith::CmpFOp>();
    if (!comparison || !comparison->hasOneUse() ||
        !matchPattern(op.getRhs(), m_One()))
      return failure();
    rewriter.replaceOpWithNewOp<arith::CmpFOp>(
        op, invertPredicate(comparison.getPredicate()), comparison.getLhs(),
        comparison.getRhs(), comparison.getFastmath());
    return success();
  }
};

TypedAttr getIntegerAttr(OpBuilder &builder, Type type, const APInt &value) {
  TypedAttr number = builder.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    return DenseElementsAttr::get(vector, number);
  return number;
}

/// x + -1 is x - 1, which reads the same for signed and unsigned numbers.
struct AddNegativeConstant final : OpRewritePattern<arith::AddIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddIOp op,
                                PatternRewriter &rewriter) const override {
    APInt value;
    Type type = op.getType();
    if (!isConstant(op.getRhs(), value) || !value.isNegative() ||
        value.isMinSignedValue())
      return failure();
    auto constant = arith::ConstantOp::create(
        rewriter, op.getRhs().getLoc(), getIntegerAttr(rewriter, type, -value));
    // In unsigned numbers the constant is not what is taken away.
    auto flags = op.getOverflowFlags() & arith::IntegerOverflowFlags::nsw;
    rewriter.replaceOpWithNewOp<arith::SubIOp>(op, op.getLhs(), constant,
                                               flags);
    return success();
  }
};

/// x + y * -1 is x - y.
struct AddNegated final : OpRewritePattern<arith::AddIOp> {
  // Before a constant is looked at, which may be x.
  AddNegated(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(arith::AddIOp op,
                                PatternRewriter &rewriter) const override {
    return success(replace(op, op.getLhs(), op.getRhs(), rewriter) ||
                   replace(op, op.getRhs(), op.getLhs(), rewriter));
  }

private:
  static bool replace(arith::AddIOp op, Value number, Value negated,
                      PatternRewriter &rewriter) {
    auto product = negated.getDefiningOp<arith::MulIOp>();
    APInt factor;
    if (!product || !isConstant(product.getRhs(), factor) ||
        !factor.isAllOnes())
      return false;
    rewriter.replaceOpWithNewOp<arith::SubIOp>(op, number, product.getLhs());
    return true;
  }
};

// Upstream joins constants as well, but keeps or drops what is known of
// overflow without a look at the constants. These patterns come first.
constexpr unsigned kJoinBenefit = 16;

/// The flag for signed numbers, if both operations have it and `isExact`.
arith::IntegerOverflowFlags
joinFlags(arith::ArithIntegerOverflowFlagsInterface a,
          arith::ArithIntegerOverflowFlagsInterface b, bool isExact) {
  using Flags = arith::IntegerOverflowFlags;
  return isExact ? a.getOverflowAttr().getValue() &
                       b.getOverflowAttr().getValue() & Flags::nsw
                 : Flags::none;
}

/// An operation that adds a constant to a number, or to its negative.
struct ConstantSum {
  Value number;
  bool isNegated = false;
  APInt constant;
  /// Whether the constant is the number that it stands for.
  bool isExact = true;

  static std::optional<ConstantSum> get(Operation *op) {
    if (!isa_and_nonnull<arith::AddIOp, arith::SubIOp>(op))
      return std::nullopt;
    bool isDifference = isa<arith::SubIOp>(op);
    ConstantSum sum;
    if (isConstant(op->getOperand(1), sum.constant)) {
      sum.number = op->getOperand(0);
      if (isDifference)
        sum.negate();
    } else if (isConstant(op->getOperand(0), sum.constant)) {
      sum.number = op->getOperand(1);
      sum.isNegated = isDifference;
    } else {
      return std::nullopt;
    }
    return sum;
  }
  void negate() {
    isExact &= !constant.isMinSignedValue();
    constant.negate();
  }
};

/// (x + 1) - 3 is x + -2, and 5 - (x + 1) is 4 - x.
template <typename Op> struct JoinSums final : OpRewritePattern<Op> {
  JoinSums(MLIRContext *context)
      : OpRewritePattern<Op>(context, kJoinBenefit) {}

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    std::optional<ConstantSum> outer = ConstantSum::get(op);
    if (!outer)
      return failure();
    Operation *innerOp = outer->number.getDefiningOp();
    std::optional<ConstantSum> inner = ConstantSum::get(innerOp);
    if (!inner)
      return failure();
    if (outer->isNegated)
      inner->negate();
    bool overflows;
    APInt sum = inner->constant.sadd_ov(outer->constant, overflows);
    auto flags =
        joinFlags(op, cast<arith::ArithIntegerOverflowFlagsInterface>(innerOp),
                  !overflows && inner->isExact && outer->isExact);
    Value constant = arith::ConstantOp::create(
        rewriter, op.getLoc(), getIntegerAttr(rewriter, op.getType(), sum));
    if (outer->isNegated != inner->isNegated)
      rewriter.replaceOpWithNewOp<arith::SubIOp>(op, constant, inner->number,
                                                 flags);
    else
      rewriter.replaceOpWithNewOp<arith::AddIOp>(op, inner->number, constant,
                                                 flags);
    return success();
  }
};

/// (x * 2) * 3 is x * 6.
struct JoinProducts final : OpRewritePattern<arith::MulIOp> {
  JoinProducts(MLIRContext *context)
      : OpRewritePattern(context, kJoinBenefit) {}

  LogicalResult matchAndRewrite(arith::MulIOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getLhs().getDefiningOp<arith::MulIOp>();
    APInt a, b;
    if (!inner || !isConstant(inner.getRhs(), a) || !isConstant(op.getRhs(), b))
      return failure();
    bool overflows;
    APInt product = a.smul_ov(b, overflows);
    auto flags = joinFlags(op, inner, !overflows);
    Value constant = arith::ConstantOp::create(
        rewriter, op.getLoc(), getIntegerAttr(rewriter, op.getType(), product));
    rewriter.replaceOpWithNewOp<arith::MulIOp>(op, inner.getLhs(), constant,
                                               flags);
    return success();
  }
};

/// A bool made a number and compared with 0 is the bool, or its opposite.
struct CompareExtendedBool final : OpRewritePattern<arith::CmpIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::CmpIOp op,
                                PatternRewriter &rewriter) const override {
    bool isEqual = op.getPredicate() == arith::CmpIPredicate::eq;
    if ((!isEqual && op.getPredicate() != arith::CmpIPredicate::ne) ||
        !matchPattern(op.getRhs(), m_Zero()))
      return failure();
    Operation *extension = op.getLhs().getDefiningOp();
    if (!isa_and_nonnull<arith::ExtUIOp, arith::ExtSIOp>(extension))
      return failure();
    Value source = extension->getOperand(0);
    if (!getElementTypeOrSelf(source.getType()).isInteger(1))
      return failure();
    if (isEqual)
      rewriter.replaceOp(op, negate(rewriter, op.getLoc(), source));
    else
      rewriter.replaceOp(op, source);
    return success();
  }
};

/// Other folds compare bools where they were compared as numbers. That is
/// logic: one is below the other if it does not hold and the other does.
struct CompareBools final : OpRewritePattern<arith::CmpIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::CmpIOp op,
                                PatternRewriter &rewriter) const override {
    using P = arith::CmpIPredicate;
    Value a = op.getLhs(), b = op.getRhs();
    if (!getElementTypeOrSelf(a.getType()).isInteger(1))
      return failure();
    auto opposite = [&](Value value) {
      return negate(rewriter, op.getLoc(), value);
    };
    switch (op.getPredicate()) {
    case P::eq:
      if (!matchPattern(b, m_Zero()))
        return failure();
      rewriter.replaceOp(op, opposite(a));
      return success();
    case P::ne:
      if (!matchPattern(b, m_One()))
        return failure();
      rewriter.replaceOp(op, opposite(a));
      return success();
    // As a signed number, the bit that holds is -1.
    case P::ult:
    case P::sgt:
      rewriter.replaceOpWithNewOp<arith::AndIOp>(op, opposite(a), b);
      return success();
    case P::ugt:
    case P::slt:
      rewriter.replaceOpWithNewOp<arith::AndIOp>(op, a, opposite(b));
      return success();
    case P::ule:
    case P::sge:
      rewriter.replaceOpWithNewOp<arith::OrIOp>(op, opposite(a), b);
      return success();
    case P::uge:
    case P::sle:
      rewriter.replaceOpWithNewOp<arith::OrIOp>(op, a, opposite(b));
      return success();
    }
    llvm_unreachable("unknown predicate");
  }
};

/// Elements of one vector, put into a vector: a swizzle of it.
struct SwizzledElements final : OpRewritePattern<vector::FromElementsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(vector::FromElementsOp op,
                                PatternRewriter &rewriter) const override {
    Value source;
    SmallVector<int64_t> lanes;
    for (Value element : op.getElements()) {
      auto extract = element.getDefiningOp<vector::ExtractOp>();
      if (!extract || extract.hasDynamicPosition() ||
          extract.getNumIndices() != 1 ||
          (source && source != extract.getSource()))
        return failure();
      source = extract.getSource();
      lanes.push_back(extract.getStaticPosition()[0]);
    }
    bool isWhole = llvm::equal(
        lanes,
        llvm::seq<int64_t>(
            0,
            source ? cast<VectorType>(source.getType()).getNumElements() : 0));
    if (isWhole)
      rewriter.replaceOp(op, source);
    else
      rewriter.replaceOpWithNewOp<vector::ShuffleOp>(op, source, source, lanes);
    return success();
  }
};
} // namespace

void enigma::populateArithmeticPatterns(RewritePatternSet &patterns) {
  patterns
      .add<AddNegated, AddNegativeConstant, CompareBools, CompareExtendedBool,
           InvertFloatComparison, JoinProducts, JoinSums<arith::AddIOp>,
           JoinSums<arith::SubIOp>, SwizzledElements>(patterns.getContext());
}
