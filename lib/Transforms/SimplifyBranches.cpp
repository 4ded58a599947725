// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Simplifications of branches.

#include "SimplifyPatterns.h"

#include "enigma/Utils/Conditions.h"
#include "enigma/Utils/ControlFlow.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;

namespace {
struct ConstantIf final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    APInt condition;
    if (!matchPattern(op.getCondition(), m_ConstantInt(&condition)))
      return failure();
    if (!condition.isZero())
      inlineBlock(rewriter, op, op.thenBlock());
    else if (op.elseBlock())
      inlineBlock(rewriter, op, op.elseBlock());
    else
      rewriter.eraseOp(op);
    return success();
  }
};

/// Results that nobody uses, and those that are one value on both paths.
struct NeedlessIfResults final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    BitVector needless(op.getNumResults());
    for (OpResult result : op.getResults()) {
      unsigned i = result.getResultNumber();
      Value value = op.thenYield().getOperand(i);
      if (result.use_empty()) {
        needless.set(i);
      } else if (value == op.elseYield().getOperand(i)) {
        rewriter.replaceAllUsesWith(result, value);
        needless.set(i);
      }
    }
    if (needless.none())
      return failure();
    SmallVector<Value> kept = getKept(op.getResults(), needless);
    auto replacement = scf::IfOp::create(
        rewriter, op.getLoc(), ValueRange(kept).getTypes(), op.getCondition(),
        /*addThenBlock=*/false, /*addElseBlock=*/false);
    for (auto [from, to] :
         llvm::zip_equal(op->getRegions(), replacement->getRegions())) {
      Operation *yield = from.front().getTerminator();
      rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(needless); });
      rewriter.inlineRegionBefore(from, to, to.end());
    }
    replaceByKept(rewriter, op, replacement, needless);
    return success();
  }
};

/// Both paths only choose values: selects.
struct SelectingIf final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() == 0 || !isEmpty(op.thenBlock()) ||
        !isEmpty(op.elseBlock()))
      return failure();
    SmallVector<Value> selects;
    for (unsigned i = 0, e = op.getNumResults(); i < e; ++i)
      selects.push_back(arith::SelectOp::create(
          rewriter, getResultLoc(op->getResult(i)), op.getCondition(),
          op.thenYield().getOperand(i), op.elseYield().getOperand(i)));
    rewriter.replaceOp(op, selects);
    return success();
  }
};

/// Paths that do nothing.
struct EmptyPath final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() != 0)
      return failure();
    bool isThenEmpty = isEmpty(op.thenBlock());
    bool isElseEmpty = isEmpty(op.elseBlock());
    if (isThenEmpty && isElseEmpty) {
      rewriter.eraseOp(op);
      return success();
    }
    if (isThenEmpty) {
      Value condition = negate(
          rewriter, withoutName(op.getCondition().getLoc()), op.getCondition());
      rewriter.modifyOpInPlace(
          op, [&] { op.getConditionMutable().assign(condition); });
      rewriter.eraseBlock(op.thenBlock());
      rewriter.inlineRegionBefore(op.getElseRegion(), op.getThenRegion(),
                                  op.getThenRegion().end());
      return success();
    }
    if (!isElseEmpty || !op.elseBlock())
      return failure();
    rewriter.eraseBlock(op.elseBlock());
    return success();
  }
};

/// The opposite of a comparison that NaN satisfies, `!(a < b)` in Metal, if it
/// decides here only: the other order of the two paths reads better.
static Value getOrderedOpposite(PatternRewriter &rewriter, Value condition) {
  auto comparison = condition.getDefiningOp<arith::CmpFOp>();
  if (!comparison || !comparison->hasOneUse() ||
      isa<NameLoc>(comparison.getLoc()))
    return {};
  switch (comparison.getPredicate()) {
  case arith::CmpFPredicate::UGT:
  case arith::CmpFPredicate::UGE:
  case arith::CmpFPredicate::ULT:
  case arith::CmpFPredicate::ULE:
    return negate(rewriter, comparison.getLoc(), condition);
  default:
    return {};
  }
}

struct OrderedIf final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    // Without results, an empty path is none.
    if (op.getNumResults() == 0 &&
        (isEmpty(op.thenBlock()) || isEmpty(op.elseBlock())))
      return failure();
    Value opposite = getOrderedOpposite(rewriter, op.getCondition());
    if (!opposite)
      return failure();
    rewriter.modifyOpInPlace(
        op, [&] { op.getConditionMutable().assign(opposite); });
    Block *thenBlock = op.thenBlock(), *elseBlock = op.elseBlock();
    rewriter.moveBlockBefore(elseBlock, thenBlock);
    rewriter.moveBlockBefore(thenBlock, &op.getElseRegion(),
                             op.getElseRegion().end());
    return success();
  }
};

struct OrderedSelect final : OpRewritePattern<arith::SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::SelectOp op,
                                PatternRewriter &rewriter) const override {
    Value opposite = getOrderedOpposite(rewriter, op.getCondition());
    if (!opposite)
      return failure();
    rewriter.replaceOpWithNewOp<arith::SelectOp>(
        op, opposite, op.getFalseValue(), op.getTrueValue());
    return success();
  }
};

/// if a { if b { ... } } with b known before: one condition.
struct NestedIf final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    Block *body = op.thenBlock();
    if (op.getNumResults() != 0 || op.elseBlock() || isEmpty(body) ||
        !isa<scf::IfOp>(body->front()) ||
        body->front().getNextNode() != body->getTerminator())
      return failure();
    auto inner = cast<scf::IfOp>(body->front());
    if (inner.elseBlock())
      return failure();
    Location loc = withoutName(op.getCondition().getLoc());
    Value both = arith::AndIOp::create(rewriter, loc, op.getCondition(),
                                       inner.getCondition());
    rewriter.modifyOpInPlace(op,
                             [&] { op.getConditionMutable().assign(both); });
    inlineBlock(rewriter, inner, inner.thenBlock());
    return success();
  }
};

/// Inside of a path its condition is known. Conditions of many uses are passed
/// over, so that the time taken stays proportional to the kernel's size.
struct KnownCondition final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    Value condition = op.getCondition();
    constexpr unsigned maxUses = 16;
    if (condition.hasOneUse() || condition.hasNUsesOrMore(maxUses + 1) ||
        matchPattern(condition, m_Constant()))
      return failure();
    bool changed = false;
    auto replaceIn = [&](Region &region, bool value) {
      SmallVector<OpOperand *> uses;
      for (OpOperand &use : condition.getUses())
        if (region.isAncestor(use.getOwner()->getParentRegion()))
          uses.push_back(&use);
      if (uses.empty())
        return;
      rewriter.setInsertionPointToStart(&region.front());
      Value known = arith::ConstantOp::create(rewriter, op.getLoc(),
                                              rewriter.getBoolAttr(value));
      for (OpOperand *use : uses)
        rewriter.modifyOpInPlace(use->getOwner(), [&] { use->set(known); });
      changed = true;
    };
    replaceIn(op.getThenRegion(), true);
    if (op.elseBlock())
      replaceIn(op.getElseRegion(), false);
    return success(changed);
  }
};
} // namespace

void enigma::populateBranchPatterns(RewritePatternSet &patterns) {
  patterns.add<ConstantIf, EmptyPath, KnownCondition, NeedlessIfResults,
               NestedIf, OrderedIf, OrderedSelect, SelectingIf>(
      patterns.getContext());
}
