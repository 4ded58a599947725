// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Widener.h"

#include "enigma/IR/Accesses.h"
#include "enigma/IR/ThreadOps.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;

void Widener::run() {
  Block &original = kernel.getBody().front();
  bool isGuarded = analysis.isGuarded();
  mergeQueries(original);
  auto *body = new Block();
  for (BlockArgument argument : original.getArguments())
    scalars.map(argument,
                body->addArgument(argument.getType(), argument.getLoc()));
  builder.setInsertionPointToEnd(body);
  widenBlock(original);
  original.dropAllReferences();
  original.erase();
  kernel.getBody().push_back(body);
  kernel.setElementsPerThread(width);
  if (isGuarded)
    kernel->setDiscardableAttr(kGuardedAttr, builder.getUnitAttr());
}

/// Leaves one query of the thread's index, at the top level of the kernel.
void Widener::mergeQueries(Block &body) {
  SmallVector<ThreadPositionInGridOp> queries;
  kernel.walk([&](ThreadPositionInGridOp query) { queries.push_back(query); });
  ThreadPositionInGridOp first = queries.front();
  first->moveBefore(body.findAncestorOpInBlock(*first));
  originalIndex = first.getResult();
  for (ThreadPositionInGridOp query : llvm::drop_begin(queries)) {
    query.getResult().replaceAllUsesWith(originalIndex);
    query->erase();
  }
}

//===----------------------------------------------------------------------===//
// Forms of values
//===----------------------------------------------------------------------===//

Value Widener::getVector(Value value) {
  if (Value vector = vectors.lookupOrNull(value))
    return vector;
  VectorType type = getVectorType(value.getType());
  if (!analysis.isVarying(value)) {
    Attribute constant;
    if (matchPattern(value, m_Constant(&constant)))
      return arith::ConstantOp::create(builder, loc,
                                       DenseElementsAttr::get(type, constant));
    return vector::BroadcastOp::create(builder, loc, type,
                                       scalars.lookup(value));
  }
  if (analysis.isConsecutive(value)) {
    SmallVector<APInt> steps;
    for (unsigned lane = 0; lane < width; ++lane)
      steps.emplace_back(value.getType().getIntOrFloatBitWidth(), lane);
    Value base =
        vector::BroadcastOp::create(builder, loc, type, scalars.lookup(value));
    Value offsets = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, steps));
    return arith::AddIOp::create(builder, loc, base, offsets);
  }
  return vector::FromElementsOp::create(builder, loc, type,
                                        lanes.find(value)->second);
}

Value Widener::getLane(Value value, unsigned lane) {
  if (!analysis.isVarying(value))
    return scalars.lookup(value);
  if (analysis.isConsecutive(value)) {
    Value first = scalars.lookup(value);
    if (lane == 0)
      return first;
    // Adding before a conversion keeps the sum in the narrower type.
    Operation *op = value.getDefiningOp();
    if (op->getNumOperands() == 1) {
      Value operand = getLane(op->getOperand(0), lane);
      Operation *conversion = op->cloneWithoutRegions();
      conversion->setOperand(0, operand);
      conversion->setLoc(loc);
      return builder.insert(conversion)->getResult(0);
    }
    // It is what the thread of that element would have computed.
    auto flags = arith::IntegerOverflowFlags::none;
    if (auto exact = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op))
      flags = exact.getOverflowAttr().getValue();
    return arith::AddIOp::create(builder, loc, first,
                                 integer(value.getType(), lane), flags);
  }
  if (auto it = lanes.find(value); it != lanes.end())
    return it->second[lane];
  return vector::ExtractOp::create(builder, loc, vectors.lookup(value),
                                   static_cast<int64_t>(lane));
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

void Widener::widenBlock(Block &block) {
  for (Operation &op : block) {
    loc = withoutName(op.getLoc());
    widen(&op);
  }
}

void Widener::widen(Operation *op) {
  if (isa<scf::YieldOp>(op))
    return; // Written by what holds the block, which knows the types.
  if (analysis.isUniform(op)) {
    builder.clone(*op, scalars);
    return;
  }
  if (isa<ThreadPositionInGridOp>(op)) {
    thread = builder.clone(*op)->getResult(0);
    Value factor = integer(thread.getType(), width);
    firstElement =
        arith::MulIOp::create(builder, withName("base", loc), thread, factor);
    scalars.map(originalIndex, firstElement);
    return;
  }
  if (auto load = dyn_cast<LoadOp>(op))
    return widenLoad(load);
  if (auto store = dyn_cast<StoreOp>(op))
    return widenStore(store);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return widenFor(loop);
  auto branch = dyn_cast<scf::IfOp>(op);
  if (!branch)
    return widenElementwise(op);
  std::optional<DivergentIf> divergence = analysis.getDivergence(branch);
  if (!divergence)
    return widenUniformIf(branch);
  switch (*divergence) {
  case DivergentIf::Bounds:
    return widenBoundsIf(branch);
  case DivergentIf::Index:
    return widenIndexIf(branch);
  case DivergentIf::Lanes:
    return widenLanesIf(branch);
  case DivergentIf::Select:
    return widenSelectIf(branch);
  }
}

void Widener::widenElementwise(Operation *op) {
  bool needsVector = llvm::any_of(op->getResults(), [&](Value result) {
    return analysis.needsVector(result);
  });
  bool needsLanes = llvm::any_of(op->getResults(), [&](Value result) {
    return analysis.needsLanes(result);
  });
  if (op->getNumResults() == 1 && analysis.isConsecutive(op->getResult(0))) {
    builder.clone(*op, scalars);
    return;
  }
  if (!needsVector && !needsLanes)
    return;

  auto isIndex = [](Type type) { return type.isIndex(); };
  if (!needsVector || llvm::any_of(op->getOperandTypes(), isIndex) ||
      llvm::any_of(op->getResultTypes(), isIndex)) {
    for (Value result : op->getResults())
      lanes[result].resize(width);
    for (unsigned lane = 0; lane < width; ++lane) {
      SmallVector<Value> operands;
      for (Value operand : op->getOperands())
        operands.push_back(getLane(operand, lane));
      Operation *clone = op->cloneWithoutRegions();
      clone->setOperands(operands);
      clone->setLoc(loc);
      builder.insert(clone);
      for (auto [from, to] :
           llvm::zip_equal(op->getResults(), clone->getResults()))
        lanes[from][lane] = to;
    }
    return;
  }

  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    // One condition for all lanes may stay a scalar.
    bool staysScalar = isa<arith::SelectOp>(op) &&
                       operand.getOperandNumber() == 0 &&
                       !analysis.isVarying(operand.get());
    operands.push_back(staysScalar ? scalars.lookup(operand.get())
                                   : getVector(operand.get()));
  }
  Operation *clone = op->cloneWithoutRegions();
  clone->setOperands(operands);
  for (Value result : clone->getResults())
    result.setType(getVectorType(result.getType()));
  builder.insert(clone);
  vectors.map(op->getResults(), clone->getResults());
}

void Widener::widenLoad(LoadOp op) {
  Value buffer = scalars.lookup(op.getBuffer());
  if (!analysis.isVarying(op.getResult()) ||
      !(analysis.needsVector(op.getResult()) ||
        analysis.needsLanes(op.getResult())))
    return;
  if (analysis.isVectorAccess(op)) {
    vectors.map(op.getResult(),
                LoadOp::create(
                    builder, op.getLoc(), getVectorType(op.getType()), buffer,
                    getLane(op.getIndex(), 0), op.getIndexBitsAttr()));
    return;
  }
  SmallVector<Value> elements;
  for (unsigned lane = 0; lane < width; ++lane) {
    Value index = getLane(op.getIndex(), lane);
    elements.push_back(LoadOp::create(builder, loc, op.getType(), buffer, index,
                                      op.getIndexBitsAttr()));
  }
  if (analysis.needsVector(op.getResult()))
    vectors.map(op.getResult(), vector::FromElementsOp::create(
                                    builder, op.getLoc(),
                                    getVectorType(op.getType()), elements));
  lanes[op.getResult()] = std::move(elements);
}

void Widener::widenStore(StoreOp op) {
  Value buffer = scalars.lookup(op.getBuffer());
  if (analysis.isVectorAccess(op)) {
    Value value = getVector(op.getValue());
    StoreOp::create(builder, op.getLoc(), value, buffer,
                    getLane(op.getIndex(), 0), op.getIndexBitsAttr());
    return;
  }
  for (unsigned lane = 0; lane < width; ++lane) {
    Value value = getLane(op.getValue(), lane);
    Value index = getLane(op.getIndex(), lane);
    StoreOp::create(builder, op.getLoc(), value, buffer, index,
                    op.getIndexBitsAttr());
  }
}

//===----------------------------------------------------------------------===//
// Control flow that all lanes share
//===----------------------------------------------------------------------===//

/// Ends the block that is being written with the operands of `block`'s yield,
/// in the form that its holder's results have.
void Widener::widenYield(Block &block, TypeRange types) {
  auto yield = cast<scf::YieldOp>(block.getTerminator());
  loc = yield.getLoc();
  SmallVector<Value> values;
  for (auto [operand, type] : llvm::zip_equal(yield.getOperands(), types)) {
    bool isWidened =
        isa<VectorType>(type) && !isa<VectorType>(operand.getType());
    values.push_back(isWidened ? getVector(operand) : scalars.lookup(operand));
  }
  scf::YieldOp::create(builder, loc, values);
}

void Widener::widenFor(scf::ForOp op) {
  SmallVector<Value> inits;
  for (auto [init, result] : llvm::zip_equal(op.getInitArgs(), op.getResults()))
    inits.push_back(analysis.isVarying(result) ? getVector(init)
                                               : scalars.lookup(init));
  auto loop = scf::ForOp::create(
      builder, op.getLoc(), scalars.lookup(op.getLowerBound()),
      scalars.lookup(op.getUpperBound()), scalars.lookup(op.getStep()), inits,
      [](OpBuilder &, Location, Value, ValueRange) {}, op.getUnsignedCmp());
  loop->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  for (auto [from, to] : llvm::zip_equal(op.getBody()->getArguments(),
                                         loop.getBody()->getArguments())) {
    to.setLoc(from.getLoc());
    (analysis.isVarying(from) ? vectors : scalars).map(from, to);
  }
  for (auto [from, to] : llvm::zip_equal(op.getResults(), loop.getResults()))
    (analysis.isVarying(from) ? vectors : scalars).map(from, to);

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(loop.getBody());
  widenBlock(*op.getBody());
  widenYield(*op.getBody(), loop.getResultTypes());
}

void Widener::widenUniformIf(scf::IfOp op) {
  SmallVector<Type> types;
  for (Value result : op.getResults())
    types.push_back(getWidenedType(result));
  auto branch = scf::IfOp::create(builder, op.getLoc(), types,
                                  scalars.lookup(op.getCondition()),
                                  /*addThenBlock=*/true,
                                  /*addElseBlock=*/op.elseBlock() != nullptr);
  branch->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  OpBuilder::InsertionGuard guard(builder);
  auto fill = [&](Block *from, Block *to) {
    if (!from)
      return;
    if (!to->empty())
      to->clear();
    builder.setInsertionPointToEnd(to);
    widenBlock(*from);
    widenYield(*from, types);
  };
  fill(op.thenBlock(), branch.thenBlock());
  fill(op.elseBlock(), branch.elseBlock());
  for (auto [from, to] : llvm::zip_equal(op.getResults(), branch.getResults()))
    (analysis.isVarying(from) ? vectors : scalars).map(from, to);
}
