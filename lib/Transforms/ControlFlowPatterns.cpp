// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ControlFlowPatterns.h"

#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;

/// The predicate that holds where `predicate` does not, NaN included.
arith::CmpFPredicate enigma::invertPredicate(arith::CmpFPredicate predicate) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::AlwaysFalse:
    return P::AlwaysTrue;
  case P::OEQ:
    return P::UNE;
  case P::OGT:
    return P::ULE;
  case P::OGE:
    return P::ULT;
  case P::OLT:
    return P::UGE;
  case P::OLE:
    return P::UGT;
  case P::ONE:
    return P::UEQ;
  case P::ORD:
    return P::UNO;
  case P::UEQ:
    return P::ONE;
  case P::UGT:
    return P::OLE;
  case P::UGE:
    return P::OLT;
  case P::ULT:
    return P::OGE;
  case P::ULE:
    return P::OGT;
  case P::UNE:
    return P::OEQ;
  case P::UNO:
    return P::ORD;
  case P::AlwaysTrue:
    return P::AlwaysFalse;
  }
  llvm_unreachable("unknown predicate");
}

Value enigma::negate(OpBuilder &builder, Location loc, Value condition) {
  if (condition.hasOneUse()) {
    if (auto cmp = condition.getDefiningOp<arith::CmpIOp>())
      return arith::CmpIOp::create(builder, loc,
                                   arith::invertPredicate(cmp.getPredicate()),
                                   cmp.getLhs(), cmp.getRhs());
    if (auto cmp = condition.getDefiningOp<arith::CmpFOp>())
      return arith::CmpFOp::create(
          builder, loc, invertPredicate(cmp.getPredicate()), cmp.getLhs(),
          cmp.getRhs(), cmp.getFastmath());
  }
  if (auto opposite = condition.getDefiningOp<arith::XOrIOp>();
      opposite && matchPattern(opposite.getRhs(), m_One()))
    return opposite.getLhs();
  Type type = condition.getType();
  TypedAttr ones = builder.getOneAttr(type);
  Value constant = arith::ConstantOp::create(builder, loc, ones);
  return arith::XOrIOp::create(builder, loc, condition, constant);
}

/// Gives the operation that takes the place of `op` what that carries, and the
/// names of the results that are kept.
static void copyAttributes(Operation *op, Operation *replacement,
                           const BitVector &dropped) {
  replacement->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  copyResultNames(op, replacement,
                  [&](unsigned i) { return dropped[i] ? 0 : 1; });
}

static bool isEmpty(Block *block) {
  return !block || llvm::hasSingleElement(*block);
}

/// Puts the operations of a region's block in the place of `op`.
static void inlineBlock(PatternRewriter &rewriter, Operation *op, Block *block,
                        ValueRange arguments = {}) {
  Operation *terminator = block->getTerminator();
  SmallVector<Value> results(terminator->getOperands());
  for (Value &result : results)
    if (auto argument = dyn_cast<BlockArgument>(result);
        argument && argument.getOwner() == block)
      result = arguments[argument.getArgNumber()];
  rewriter.eraseOp(terminator);
  rewriter.inlineBlockBefore(block, op, arguments);
  rewriter.replaceOp(op, results);
}

//===----------------------------------------------------------------------===//
// scf.if
//===----------------------------------------------------------------------===//

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
    SmallVector<Type> types;
    SmallVector<Value> kept;
    for (OpResult result : op.getResults())
      if (!needless[result.getResultNumber()]) {
        types.push_back(result.getType());
        kept.push_back(result);
      }
    auto replacement =
        scf::IfOp::create(rewriter, op.getLoc(), types, op.getCondition(),
                          /*addThenBlock=*/false, /*addElseBlock=*/false);
    copyAttributes(op, replacement, needless);
    for (auto [from, to] :
         llvm::zip_equal(op->getRegions(), replacement->getRegions())) {
      Operation *yield = from.front().getTerminator();
      rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(needless); });
      rewriter.inlineRegionBefore(from, to, to.end());
    }
    for (auto [from, to] : llvm::zip_equal(kept, replacement.getResults()))
      rewriter.replaceAllUsesWith(from, to);
    rewriter.eraseOp(op);
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

//===----------------------------------------------------------------------===//
// scf.for
//===----------------------------------------------------------------------===//

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

    SmallVector<Value> inits, kept;
    for (OpResult result : op.getResults()) {
      unsigned i = result.getResultNumber();
      if (needless[i])
        continue;
      inits.push_back(op.getInitArgs()[i]);
      kept.push_back(result);
    }
    auto replacement = scf::ForOp::create(
        rewriter, op.getLoc(), op.getLowerBound(), op.getUpperBound(),
        op.getStep(), inits, [](OpBuilder &, Location, Value, ValueRange) {},
        op.getUnsignedCmp());
    copyAttributes(op, replacement, needless);
    rewriter.eraseBlock(replacement.getBody());
    rewriter.inlineRegionBefore(op.getRegion(), replacement.getRegion(),
                                replacement.getRegion().end());
    rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(needless); });
    BitVector arguments(1); // The induction variable stays.
    for (unsigned i = 0, e = needless.size(); i < e; ++i)
      arguments.push_back(needless[i]);
    replacement.getBody()->eraseArguments(arguments);
    for (auto [from, to] : llvm::zip_equal(kept, replacement.getResults()))
      rewriter.replaceAllUsesWith(from, to);
    rewriter.eraseOp(op);
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
    bool isKnown = matchPattern(op.getLowerBound(), m_ConstantInt(&lower)) &&
                   matchPattern(op.getUpperBound(), m_ConstantInt(&upper));
    if (isEmpty || (isKnown && !isBelow(lower, upper))) {
      rewriter.replaceOp(op, op.getInitArgs());
      return success();
    }
    if (!isKnown || !matchPattern(op.getStep(), m_ConstantInt(&step)))
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
  SmallVector<Value> inits, kept;
  for (auto [i, init] : llvm::enumerate(op.getInits()))
    if (!arguments[i])
      inits.push_back(init);
  for (OpResult result : op.getResults())
    if (!results[result.getResultNumber()])
      kept.push_back(result);
  auto condition = op.getConditionOp();
  auto yield = op.getYieldOp();
  BitVector operands(1); // The condition itself stays.
  for (unsigned i = 0, e = results.size(); i < e; ++i)
    operands.push_back(results[i]);
  rewriter.modifyOpInPlace(condition,
                           [&] { condition->eraseOperands(operands); });
  rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(arguments); });

  auto replacement = scf::WhileOp::create(rewriter, op.getLoc(),
                                          ValueRange(kept).getTypes(), inits);
  copyAttributes(op, replacement, results);
  for (auto [from, to] :
       llvm::zip_equal(op->getRegions(), replacement->getRegions()))
    rewriter.inlineRegionBefore(from, to, to.end());
  replacement.getBeforeBody()->eraseArguments(arguments);
  replacement.getAfterBody()->eraseArguments(results);
  for (auto [from, to] : llvm::zip_equal(kept, replacement.getResults()))
    rewriter.replaceAllUsesWith(from, to);
  rewriter.eraseOp(op);
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
} // namespace

void enigma::populateControlFlowPatterns(RewritePatternSet &patterns) {
  patterns.add<ConstantIf, EmptyPath, KnownCondition, NeedlessCarried,
               NeedlessIfResults, NeedlessWhile, NestedIf, OrderedIf,
               OrderedSelect, SelectingIf, ShortLoop>(patterns.getContext());
}
