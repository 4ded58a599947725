// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Canonicalization for kernels.

#include "ControlFlowPatterns.h"

#include "enigma/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMASIMPLIFY
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

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

/// x + -1 is x - 1, which reads the same for signed and unsigned numbers.
struct AddNegativeConstant final : OpRewritePattern<arith::AddIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddIOp op,
                                PatternRewriter &rewriter) const override {
    APInt value;
    Type type = op.getType();
    if (!matchPattern(op.getRhs(), m_ConstantInt(&value)) ||
        !value.isNegative() || value.isMinSignedValue())
      return failure();
    TypedAttr magnitude =
        rewriter.getIntegerAttr(getElementTypeOrSelf(type), -value);
    if (auto vector = dyn_cast<VectorType>(type))
      magnitude = DenseElementsAttr::get(vector, magnitude);
    auto constant =
        arith::ConstantOp::create(rewriter, op.getRhs().getLoc(), magnitude);
    rewriter.replaceOpWithNewOp<arith::SubIOp>(op, op.getLhs(), constant);
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

struct Simplify final : enigma::impl::EnigmaSimplifyBase<Simplify> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    for (StringRef name : {EnigmaDialect::getDialectNamespace(),
                           arith::ArithDialect::getDialectNamespace(),
                           math::MathDialect::getDialectNamespace(),
                           vector::VectorDialect::getDialectNamespace()}) {
      context->getOrLoadDialect(name)->getCanonicalizationPatterns(set);
      for (RegisteredOperationName op :
           context->getRegisteredOperationsByDialect(name))
        op.getCanonicalizationPatterns(set, context);
    }
    populateControlFlowPatterns(set);
    set.add<AddNegativeConstant, CompareExtendedBool, InvertFloatComparison,
            SwizzledElements>(context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    // A kernel has structured control flow only: there are no blocks to merge.
    GreedyRewriteConfig config;
    config.setUseTopDownTraversal();
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    // Reaching the limit leaves a correct kernel, if not a minimal one.
    (void)applyPatternsGreedily(getOperation().getBody(), patterns, config);
  }

private:
  FrozenRewritePatternSet patterns;
};
} // namespace
