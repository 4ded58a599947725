// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Simplifications of loops.

#include "SimplifyPatterns.h"

#include "enigma/Utils/ControlFlow.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace enigma;

namespace {
/// Variables that a loop does not change, or that nobody reads.
struct NeedlessCarried final : OpRewritePattern<scf::ForOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::ForOp op,
                                PatternRewriter &rewriter) const override {
    auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
    BitVector needless(op.getNumResults());
    for (OpResult result : op.getResults()) {
      unsigned i = result.getResultNumber();
      Value init = op.getInitArgs()[i], next = yield.getOperand(i);
      BlockArgument argument = op.getRegionIterArg(i);
      if (next == argument || next == init) {
        rewriter.replaceAllUsesWith(argument, init);
        rewriter.replaceAllUsesWith(result, init);
        needless.set(i);
      } else if (result.use_empty() && argument.use_empty()) {
        needless.set(i);
      }
    }
    if (needless.none())
      return failure();

    auto replacement = scf::ForOp::create(
        rewriter, op.getLoc(), op.getLowerBound(), op.getUpperBound(),
        op.getStep(), getKept(op.getInitArgs(), needless),
        [](OpBuilder &, Location, Value, ValueRange) {}, op.getUnsignedCmp());
    rewriter.eraseBlock(replacement.getBody());
    rewriter.inlineRegionBefore(op.getRegion(), replacement.getRegion(),
                                replacement.getRegion().end());
    rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(needless); });
    BitVector arguments(1); // The induction variable stays.
    for (unsigned i = 0, e = needless.size(); i < e; ++i)
      arguments.push_back(needless[i]);
    replacement.getBody()->eraseArguments(arguments);
    replaceByKept(rewriter, op, replacement, needless);
    return success();
  }
};

/// Loops that run once, or not at all.
struct ShortLoop final : OpRewritePattern<scf::ForOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::ForOp op,
                                PatternRewriter &rewriter) const override {
    bool isUnsigned = op.getUnsignedCmp();
    auto isBelow = [&](const APInt &a, const APInt &b) {
      return isUnsigned ? a.ult(b) : a.slt(b);
    };
    APInt lower, upper, step;
    bool isEmpty = op.getLowerBound() == op.getUpperBound();
    bool isKnown = isConstant(op.getLowerBound(), lower) &&
                   isConstant(op.getUpperBound(), upper);
    if (isEmpty || (isKnown && !isBelow(lower, upper))) {
      rewriter.replaceOp(op, op.getInitArgs());
      return success();
    }
    if (!isKnown || !isConstant(op.getStep(), step))
      return failure();
    // The distance is positive, and fits as an unsigned number.
    if ((upper - lower).ugt(step))
      return failure();
    SmallVector<Value> arguments = {op.getLowerBound()};
    llvm::append_range(arguments, op.getInitArgs());
    inlineBlock(rewriter, op, op.getBody(), arguments);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// scf.while
//===----------------------------------------------------------------------===//

/// A loop without the results and the arguments that are dropped.
static void shrinkWhile(PatternRewriter &rewriter, scf::WhileOp op,
                        const BitVector &results, const BitVector &arguments) {
  SmallVector<Value> kept = getKept(op.getResults(), results);
  auto condition = op.getConditionOp();
  auto yield = op.getYieldOp();
  BitVector operands(1); // The condition itself stays.
  for (unsigned i = 0, e = results.size(); i < e; ++i)
    operands.push_back(results[i]);
  rewriter.modifyOpInPlace(condition,
                           [&] { condition->eraseOperands(operands); });
  rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(arguments); });

  auto replacement =
      scf::WhileOp::create(rewriter, op.getLoc(), ValueRange(kept).getTypes(),
                           getKept(op.getInits(), arguments));
  for (auto [from, to] :
       llvm::zip_equal(op->getRegions(), replacement->getRegions()))
    rewriter.inlineRegionBefore(from, to, to.end());
  replacement.getBeforeBody()->eraseArguments(arguments);
  replacement.getAfterBody()->eraseArguments(results);
  replaceByKept(rewriter, op, replacement, results);
}

/// Values that neither the body nor what follows reads, and variables that
/// the loop does not change or its condition does not read.
struct NeedlessWhile final : OpRewritePattern<scf::WhileOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::WhileOp op,
                                PatternRewriter &rewriter) const override {
    Block *before = op.getBeforeBody(), *after = op.getAfterBody();
    OperandRange forwarded = op.getConditionOp().getArgs();
    BitVector arguments(before->getNumArguments());
    for (BlockArgument argument : before->getArguments()) {
      unsigned i = argument.getArgNumber();
      Value init = op.getInits()[i], next = op.getYieldOp().getOperand(i);
      auto arrived = dyn_cast<BlockArgument>(next);
      bool isKept =
          next == init || (arrived && arrived.getOwner() == after &&
                           forwarded[arrived.getArgNumber()] == argument);
      if (isKept)
        rewriter.replaceAllUsesWith(argument, init);
      if (argument.use_empty())
        arguments.set(i);
    }
    BitVector results(op.getNumResults());
    for (OpResult result : op.getResults()) {
      unsigned i = result.getResultNumber();
      BlockArgument argument = after->getArgument(i);
      // What is known before the loop is the same after it.
      if (!op->isAncestor(forwarded[i].getParentBlock()->getParentOp())) {
        rewriter.replaceAllUsesWith(result, forwarded[i]);
        rewriter.replaceAllUsesWith(argument, forwarded[i]);
      }
      if (result.use_empty() && argument.use_empty())
        results.set(i);
    }
    if (arguments.none() && results.none())
      return failure();
    shrinkWhile(rewriter, op, results, arguments);
    return success();
  }
};

/// Loops whose condition never holds: it is computed once.
struct NeverEntered final : OpRewritePattern<scf::WhileOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::WhileOp op,
                                PatternRewriter &rewriter) const override {
    scf::ConditionOp condition = op.getConditionOp();
    APInt holds;
    if (!isConstant(condition.getCondition(), holds) || !holds.isZero())
      return failure();
    rewriter.inlineBlockBefore(op.getBeforeBody(), op, op.getInits());
    rewriter.replaceOp(op, condition.getArgs());
    rewriter.eraseOp(condition);
    return success();
  }
};
} // namespace

void enigma::populateLoopPatterns(RewritePatternSet &patterns) {
  patterns.add<NeedlessCarried, NeedlessWhile, NeverEntered, ShortLoop>(
      patterns.getContext());
}
