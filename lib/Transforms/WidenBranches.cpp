// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches that lanes of one thread take differently.

#include "Widener.h"

#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace enigma;

void Widener::replayDefinition(Value value, IRMapping &replay) {
  // Operands before their users, without recursion: chains may be long.
  SmallVector<std::pair<Value, bool>> worklist = {{value, false}};
  while (!worklist.empty()) {
    auto [next, isReady] = worklist.pop_back_val();
    if (replay.contains(next))
      continue;
    if (!analysis.isVarying(next)) {
      replay.map(next, scalars.lookup(next));
      continue;
    }
    Operation *op = next.getDefiningOp();
    if (isReady) {
      builder.clone(*op, replay);
      continue;
    }
    worklist.push_back({next, true});
    for (Value operand : op->getOperands())
      worklist.push_back({operand, false});
  }
}

void Widener::prepareReplay(ArrayRef<Region *> regions, Value threadIndex,
                            IRMapping &replay) {
  replay.map(originalIndex, threadIndex);
  SetVector<Value> used;
  for (Region *region : regions)
    getUsedValuesDefinedAbove(*region, used);
  for (Value value : used)
    replayDefinition(value, replay);
}

Widener::Bounds Widener::computeBounds(const BoundsGuard &guard) {
  Value bound = scalars.lookup(guard.bound);
  Type type = bound.getType();
  if (guard.isSigned)
    bound = arith::MaxSIOp::create(builder, loc, bound, integer(type, 0));
  Bounds bounds{thread, {}, bound};
  if (type != thread.getType())
    bounds.owner = arith::ExtUIOp::create(builder, loc, type, thread);
  bounds.wholeVectors =
      arith::DivUIOp::create(builder, loc, bound, integer(type, width));
  if (guard.isInclusive) {
    // bound + 1 could wrap before it is divided; where a tail is left, it
    // does not.
    bounds.end = arith::AddIOp::create(builder, loc, bound, integer(type, 1));
    Value last = integer(type, width - 1);
    Value rest = arith::AndIOp::create(builder, loc, bound, last);
    Value isWhole = compare(arith::CmpIPredicate::eq, rest, last);
    Value extra = arith::ExtUIOp::create(builder, loc, type, isWhole);
    bounds.wholeVectors =
        arith::AddIOp::create(builder, loc, bounds.wholeVectors, extra);
  }
  return bounds;
}

/// Whether the condition holds for each lane.
Value Widener::holdsForAll(scf::IfOp op) {
  if (const BoundsGuard *guard = analysis.getGuard(op)) {
    Bounds bounds = computeBounds(*guard);
    return compare(arith::CmpIPredicate::ult, bounds.owner,
                   bounds.wholeVectors);
  }
  Value all = getLane(op.getCondition(), 0);
  for (unsigned lane = 1; lane < width; ++lane) {
    Value next = getLane(op.getCondition(), lane);
    all = arith::AndIOp::create(builder, loc, all, next);
  }
  return all;
}

/// For a bound n and the index t of a thread that owns `width` elements:
///
///     if (t < n / width) { all lanes are below n: vectors }
///     else if (t == n / width) { for (i = t * width; i < n; ++i) the rest }
///
/// No comparison multiplies, so that none wraps.
void Widener::widenBoundsIf(scf::IfOp op) {
  const BoundsGuard &guard = *analysis.getGuard(op);
  OpBuilder::InsertionGuard insertionGuard(builder);
  for (Value condition : guard.uniform) {
    auto branch = scf::IfOp::create(builder, loc, scalars.lookup(condition),
                                    /*withElseRegion=*/false);
    builder.setInsertionPointToStart(branch.thenBlock());
  }
  Bounds bounds = computeBounds(guard);
  Type type = bounds.end.getType();
  bool isExtended = type != thread.getType();
  Value isInside =
      compare(arith::CmpIPredicate::ult, bounds.owner, bounds.wholeVectors);
  auto branch = scf::IfOp::create(builder, op.getLoc(), TypeRange(), isInside,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  builder.setInsertionPointToStart(branch.elseBlock());
  Value hasTail =
      compare(arith::CmpIPredicate::eq, bounds.owner, bounds.wholeVectors);
  auto tail =
      scf::IfOp::create(builder, loc, hasTail, /*withElseRegion=*/false);
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointToStart(tail.thenBlock());
  Value first = firstElement;
  if (isExtended)
    first =
        arith::MulIOp::create(builder, loc, bounds.owner, integer(type, width));
  auto loop = scf::ForOp::create(
      builder, loc, first, bounds.end, integer(type, 1), ValueRange(),
      [](OpBuilder &, Location, Value, ValueRange) {}, /*unsignedCmp=*/true);
  loop.getInductionVar().setLoc(withName("i", loc));
  builder.setInsertionPointToStart(loop.getBody());
  Value element = loop.getInductionVar();
  if (isExtended)
    element = arith::TruncIOp::create(builder, loc, thread.getType(), element);
  IRMapping replay;
  prepareReplay(&op.getThenRegion(), element, replay);
  for (Operation &inner : op.thenBlock()->without_terminator())
    builder.clone(inner, replay);
  scf::YieldOp::create(builder, loc);

  builder.setInsertionPointToStart(branch.thenBlock());
  widenBlock(*op.thenBlock());
  scf::YieldOp::create(builder, loc);
}

/// Vectors where the condition holds for each lane, else one lane after the
/// other under its own condition.
void Widener::widenIndexIf(scf::IfOp op) {
  Value isInside = holdsForAll(op);
  auto branch = scf::IfOp::create(builder, op.getLoc(), TypeRange(), isInside,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.elseBlock());
  Type type = thread.getType();
  Value zero = integer(type, 0), end = integer(type, width),
        one = integer(type, 1);
  auto loop = scf::ForOp::create(
      builder, loc, zero, end, one, ValueRange(),
      [](OpBuilder &, Location, Value, ValueRange) {}, /*unsignedCmp=*/true);
  loop.getInductionVar().setLoc(withName("lane", loc));
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointToStart(loop.getBody());
  Value element = arith::AddIOp::create(builder, withName("i", loc),
                                        firstElement, loop.getInductionVar());
  IRMapping replay;
  prepareReplay({&op.getThenRegion(), &op.getElseRegion()}, element, replay);
  replayDefinition(op.getCondition(), replay);
  builder.clone(*op, replay);
  scf::YieldOp::create(builder, loc);

  builder.setInsertionPointToStart(branch.thenBlock());
  widenBlock(*op.thenBlock());
  scf::YieldOp::create(builder, loc);
}

/// Vectors where the condition holds for each lane, else a copy of the branch
/// for each, which may use what the lane has computed before.
void Widener::widenLanesIf(scf::IfOp op) {
  SmallVector<Type> types;
  for (Value result : op.getResults())
    types.push_back(getVectorType(result.getType()));
  Value isInside = holdsForAll(op);
  auto branch = scf::IfOp::create(builder, op.getLoc(), types, isInside,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  branch->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.elseBlock());
  SetVector<Value> used;
  getUsedValuesDefinedAbove(op->getRegions(), used);
  SmallVector<SmallVector<Value>> elements(op.getNumResults());
  for (unsigned lane = 0; lane < width; ++lane) {
    IRMapping values;
    for (Value value : used)
      values.map(value, getLane(value, lane));
    values.map(op.getCondition(), getLane(op.getCondition(), lane));
    Operation *copy = builder.clone(*op, values);
    // One variable stands for the elements, not one for each.
    copy->removeDiscardableAttr(EnigmaDialect::kNamesAttr);
    for (OpResult result : copy->getResults())
      elements[result.getResultNumber()].push_back(result);
  }
  SmallVector<Value> vectorsOfLanes;
  for (auto [type, list] : llvm::zip_equal(types, elements))
    vectorsOfLanes.push_back(
        vector::FromElementsOp::create(builder, loc, type, list));
  scf::YieldOp::create(builder, loc, vectorsOfLanes);

  builder.setInsertionPointToStart(branch.thenBlock());
  widenBlock(*op.thenBlock());
  widenYield(*op.thenBlock(), types);
  vectors.map(op.getResults(), branch.getResults());
}

void Widener::widenSelectIf(scf::IfOp op) {
  widenBlock(*op.thenBlock());
  if (op.elseBlock())
    widenBlock(*op.elseBlock());
  loc = op.getLoc();
  for (OpResult result : op.getResults()) {
    unsigned i = result.getResultNumber();
    Value condition = getVector(op.getCondition());
    Value ifTrue = getVector(op.thenYield().getOperand(i));
    Value ifFalse = getVector(op.elseYield().getOperand(i));
    vectors.map(result, arith::SelectOp::create(builder, getResultLoc(result),
                                                condition, ifTrue, ifFalse));
  }
}
