// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Simplifications of branches.

#include "SimplifyPatterns.h"

#include "enigma/Utils/Conditions.h"
#include "enigma/Utils/ControlFlow.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace enigma;

namespace {
struct ConstantIf final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    APInt condition;
    if (!isConstant(op.getCondition(), condition))
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
    if (op.getNumResults() == 0)
      return failure();
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
        condition.getDefiningOp<arith::ConstantOp>())
      return failure();
    bool changed = false;
    auto replaceIn = [&](Region &region, bool value) {
      SmallVector<OpOperand *> uses;
      for (OpOperand &use : condition.getUses())
        if (use.getOwner()->getBlock() != op->getBlock() &&
            region.isAncestor(use.getOwner()->getParentRegion()))
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
/// if a { ... } ... if a { ... }: one branch. What stands between stays before
/// it, or moves into it where it needs what the first one gives.
struct SameCondition final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp second,
                                PatternRewriter &rewriter) const override {
    SmallVector<Operation *> between;
    scf::IfOp first = findFirst(second, between);
    if (!first)
      return failure();

    SmallPtrSet<Operation *, 8> needing = {first};
    SmallVector<Operation *> inner;
    for (Operation *op : between) {
      bool needsFirst = llvm::any_of(op->getOperands(), [&](Value operand) {
        return needing.contains(operand.getDefiningOp());
      });
      if (needsFirst && needing.insert(op).second)
        inner.push_back(op);
    }
    Region &taken = second.getThenRegion();
    for (Operation *op : inner)
      for (Operation *user : op->getUsers())
        if (!needing.contains(user) &&
            !taken.isAncestor(user->getParentRegion()))
          return failure();

    merge(rewriter, first, second, inner);
    return success();
  }

private:
  /// The nearest branch before, if it has the same condition, and what stands
  /// between, if it has no effects. Looks at a few operations only, so that the
  /// time taken stays proportional to the kernel's size.
  static scf::IfOp findFirst(scf::IfOp second,
                             SmallVectorImpl<Operation *> &between) {
    constexpr unsigned maxBetween = 32;
    if (second.getCondition().hasOneUse())
      return {};
    Operation *op = second->getPrevNode();
    while (op && op->getNumRegions() == 0 && between.size() < maxBetween &&
           isMemoryEffectFree(op)) {
      between.push_back(op);
      op = op->getPrevNode();
    }
    auto first = dyn_cast_or_null<scf::IfOp>(op);
    if (!first || first.getCondition() != second.getCondition())
      return {};
    std::reverse(between.begin(), between.end());
    return first;
  }

  static void merge(PatternRewriter &rewriter, scf::IfOp first,
                    scf::IfOp second, ArrayRef<Operation *> inner) {
    // On a path of the second it is known what the first gives.
    auto isInner = [&](Operation *op) { return llvm::is_contained(inner, op); };
    for (OpResult result : first.getResults()) {
      unsigned i = result.getResultNumber();
      auto replaceIn = [&](Region &region, scf::YieldOp yield, bool alsoInner) {
        rewriter.replaceUsesWithIf(
            result, yield.getOperand(i), [&](OpOperand &use) {
              return region.isAncestor(use.getOwner()->getParentRegion()) ||
                     (alsoInner && isInner(use.getOwner()));
            });
      };
      replaceIn(second.getThenRegion(), first.thenYield(), true);
      if (second.elseBlock())
        replaceIn(second.getElseRegion(), first.elseYield(), false);
    }

    SmallVector<Value> results(first.getResults());
    llvm::append_range(results, second.getResults());
    rewriter.setInsertionPoint(second);
    auto both = scf::IfOp::create(
        rewriter, first.getLoc(), ValueRange(results).getTypes(),
        first.getCondition(), /*addThenBlock=*/false, /*addElseBlock=*/false);
    joinPaths(rewriter, both.getThenRegion(), first.thenBlock(), inner,
              second.thenBlock());
    if (first.elseBlock() || second.elseBlock())
      joinPaths(rewriter, both.getElseRegion(), first.elseBlock(), {},
                second.elseBlock());
    copyResultNames({first, second}, both);
    rewriter.replaceAllUsesWith(results, both.getResults());
    rewriter.eraseOp(second);
    rewriter.eraseOp(first);
  }

  /// Fills a region with what stands on one path and then on the other, either
  /// of which may be missing.
  static void joinPaths(PatternRewriter &rewriter, Region &region, Block *first,
                        ArrayRef<Operation *> inner, Block *second) {
    OpBuilder::InsertionGuard guard(rewriter);
    Block *path = rewriter.createBlock(&region);
    SmallVector<Value> yielded;
    auto append = [&](Block *block) {
      if (!block)
        return;
      Operation *yield = block->getTerminator();
      llvm::append_range(yielded, yield->getOperands());
      rewriter.eraseOp(yield);
      rewriter.inlineBlockBefore(block, path, path->end());
    };
    append(first);
    for (Operation *op : inner)
      rewriter.moveOpBefore(op, path, path->end());
    append(second);
    rewriter.setInsertionPointToEnd(path);
    scf::YieldOp::create(rewriter, region.getLoc(), yielded);
  }
};
} // namespace

void enigma::populateBranchPatterns(RewritePatternSet &patterns) {
  patterns.add<ConstantIf, EmptyPath, KnownCondition, NeedlessIfResults,
               NestedIf, OrderedIf, OrderedSelect, SameCondition, SelectingIf>(
      patterns.getContext());
}
