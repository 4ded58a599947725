// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches and loops of a SIMD group. Where lanes part, each path is run under
// the mask of those that take it, and a loop until no lane is left in it.

#include "Lowering.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

/// Lowers a path of a branch, which leaves its results in `slots`.
static LogicalResult lowerPath(Lowering &lowering, Block *block,
                               ArrayRef<Slot> slots, llvm::Value *lanes) {
  if (!block)
    return success();
  if (failed(lowering.lowerBlock(*block)))
    return failure();
  for (auto [slot, value] :
       llvm::zip(slots, block->getTerminator()->getOperands()))
    lowering.assign(slot, value, lanes);
  return success();
}

static LogicalResult lowerIf(Lowering &lowering, Operation *op) {
  auto branch = cast<scf::IfOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  SmallVector<Slot> slots;
  for (Value result : branch.getResults())
    slots.push_back(lowering.makeSlot(result));
  Block *then = branch.thenBlock(), *otherwise = branch.elseBlock();
  LogicalResult lowered = success();
  if (lowering.uniformity.getBranches(op) != Variation::Varying) {
    llvm::BasicBlock *thenBlock = lowering.makeBlock("if"),
                     *elseBlock = lowering.makeBlock("else"),
                     *end = lowering.makeBlock("if.end");
    b.CreateCondBr(lowering.get(branch.getCondition()), thenBlock, elseBlock);
    for (auto [start, block] :
         {std::pair{thenBlock, then}, std::pair{elseBlock, otherwise}}) {
      lowering.moveTo(start);
      if (failed(lowerPath(lowering, block, slots, nullptr)))
        lowered = failure();
      b.CreateBr(end);
    }
    lowering.moveTo(end);
  } else {
    llvm::Value *outer = lowering.mask,
                *condition = lowering.getWide(branch.getCondition());
    std::pair<llvm::Value *, Block *> paths[] = {
        {lowering.both(outer, condition), then},
        {otherwise ? lowering.both(outer, b.CreateNot(condition)) : nullptr,
         otherwise}};
    for (auto [lanes, block] : paths) {
      if (!block)
        continue;
      lowering.runIf(lowering.any(lanes), [&, lanes = lanes, block = block] {
        lowering.mask = lanes;
        if (failed(lowerPath(lowering, block, slots, lanes)))
          lowered = failure();
      });
    }
    lowering.mask = outer;
  }
  for (auto [result, slot] : llvm::zip(branch.getResults(), slots))
    lowering.defineFrom(result, slot);
  return lowered;
}

namespace {
/// A loop that lanes may leave at different times.
class Loop {
public:
  Loop(Lowering &lowering, Operation *op)
      : lowering(lowering),
        isDivergent(lowering.uniformity.getBranches(op) == Variation::Varying),
        outer(lowering.mask), head(lowering.makeBlock("loop")),
        body(lowering.makeBlock("loop.body")),
        end(lowering.makeBlock("loop.end")) {
    if (isDivergent) {
      lanes =
          lowering.makeVariable(Lowering::getWideType(lowering.b.getInt1Ty()));
      lowering.b.CreateStore(lowering.getMask(), lanes);
    }
  }

  void startHead() {
    lowering.b.CreateBr(head);
    lowering.moveTo(head);
    if (isDivergent)
      lowering.mask = lowering.b.CreateLoad(
          Lowering::getWideType(lowering.b.getInt1Ty()), lanes);
  }

  /// Goes on with those for which `condition` holds.
  void startBody(llvm::Value *condition) {
    if (isDivergent) {
      lowering.mask = lowering.both(lowering.mask, condition);
      lowering.b.CreateStore(lowering.mask, lanes);
      condition = lowering.any(lowering.mask);
    }
    lowering.b.CreateCondBr(condition, body, end);
    lowering.moveTo(body);
  }

  void finish() {
    lowering.b.CreateBr(head);
    lowering.moveTo(end);
    lowering.mask = outer;
  }

  /// The lanes that an assignment in the body is for; null if all.
  llvm::Value *getLanes() const {
    return isDivergent ? lowering.mask : nullptr;
  }

  Lowering &lowering;
  bool isDivergent;

private:
  llvm::Value *outer;
  llvm::Value *lanes = nullptr;
  llvm::BasicBlock *head, *body, *end;
};
} // namespace

static LogicalResult lowerFor(Lowering &lowering, Operation *op) {
  auto loop = cast<scf::ForOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  Value variable = loop.getInductionVar();
  Slot counter = lowering.makeSlot(variable);
  lowering.assign(counter, loop.getLowerBound(), nullptr);
  SmallVector<Slot> slots, results;
  for (auto [argument, init, result] : llvm::zip(
           loop.getRegionIterArgs(), loop.getInitArgs(), loop.getResults())) {
    slots.push_back(lowering.makeSlot(argument));
    lowering.assign(slots.back(), init, nullptr);
    // Lanes that leave at different times may take different values along.
    results.push_back(lowering.isWide(result) && !lowering.isWide(argument)
                          ? lowering.makeSlot(result)
                          : slots.back());
  }
  Loop lanes(lowering, op);
  lanes.startHead();
  lowering.defineFrom(variable, counter);
  for (auto [argument, slot, result] :
       llvm::zip(loop.getRegionIterArgs(), slots, results)) {
    lowering.defineFrom(argument, slot);
    if (result.parts != slot.parts)
      lowering.assign(result, argument, lanes.getLanes());
  }
  llvm::Value *more = b.CreateICmp(
      loop.getUnsignedCmp() ? llvm::CmpInst::ICMP_ULT : llvm::CmpInst::ICMP_SLT,
      lowering.getAs(variable, lanes.isDivergent),
      lowering.getAs(loop.getUpperBound(), lanes.isDivergent));
  lanes.startBody(more);
  if (failed(lowerPath(lowering, loop.getBody(), slots, lanes.getLanes())))
    return failure();
  bool wide = lowering.isWide(variable);
  b.CreateStore(
      b.CreateAdd(lowering.get(variable), lowering.getAs(loop.getStep(), wide)),
      counter.parts.front());
  lanes.finish();
  for (auto [result, slot] : llvm::zip(loop.getResults(), results))
    lowering.defineFrom(result, slot);
  return success();
}

static LogicalResult lowerWhile(Lowering &lowering, Operation *op) {
  auto loop = cast<scf::WhileOp>(op);
  SmallVector<Slot> slots, results;
  for (auto [argument, init] :
       llvm::zip(loop.getBeforeArguments(), loop.getInits())) {
    slots.push_back(lowering.makeSlot(argument));
    lowering.assign(slots.back(), init, nullptr);
  }
  for (Value result : loop.getResults())
    results.push_back(lowering.makeSlot(result));
  Loop lanes(lowering, op);
  lanes.startHead();
  for (auto [argument, slot] : llvm::zip(loop.getBeforeArguments(), slots))
    lowering.defineFrom(argument, slot);
  scf::ConditionOp condition = loop.getConditionOp();
  if (failed(lowerPath(lowering, loop.getBeforeBody(), {}, nullptr)))
    return failure();
  for (auto [result, passed] : llvm::zip(results, condition.getArgs()))
    lowering.assign(result, passed, lanes.getLanes());
  lanes.startBody(lowering.get(condition.getCondition()));
  for (auto [argument, passed] :
       llvm::zip(loop.getAfterArguments(), condition.getArgs()))
    lowering.copy(argument, passed);
  if (failed(lowerPath(lowering, loop.getAfterBody(), slots, lanes.getLanes())))
    return failure();
  lanes.finish();
  for (auto [result, slot] : llvm::zip(loop.getResults(), results))
    lowering.defineFrom(result, slot);
  return success();
}

void cpu::addControlFlowRules(Rules &rules) {
  rules.add<scf::IfOp>(lowerIf);
  rules.add<scf::ForOp>(lowerFor);
  rules.add<scf::WhileOp>(lowerWhile);
}
