// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gives each thread several consecutive elements instead of one.

#include "enigma/Analysis/VectorizeAnalysis.h"

#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAVECTORIZE
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
/// Writes the coarsened body beside the original one.
class Widener {
public:
  Widener(KernelOp kernel, unsigned width, const VectorizeAnalysis &analysis)
      : kernel(kernel), width(width), analysis(analysis),
        builder(kernel.getContext()) {}

  void run();

private:
  void mergeQueries(Block &body);
  void widenBlock(Block &block);
  void widen(Operation *op);
  void widenElementwise(Operation *op);
  void widenLoad(LoadOp op);
  void widenStore(StoreOp op);
  void widenFor(scf::ForOp op);
  void widenUniformIf(scf::IfOp op);
  void widenBoundsIf(scf::IfOp op);
  void widenIndexIf(scf::IfOp op);
  void widenLanesIf(scf::IfOp op);
  void widenSelectIf(scf::IfOp op);
  void widenYield(Block &block, TypeRange types);

  /// What a guard compares, in the type of its bound: the thread's index with
  /// the number of threads that own whole vectors; `end` is behind the last
  /// element.
  struct Bounds {
    Value owner, wholeVectors, end;
  };
  Bounds computeBounds(const BoundsGuard &guard);
  Value holdsForAll(scf::IfOp op);

  /// Fills `replay` so that clones of `regions` see the original kernel's
  /// values for the thread with the given index: uniform ones, and what is
  /// computed from the index.
  void prepareReplay(ArrayRef<Region *> regions, Value threadIndex,
                     IRMapping &replay);
  void replayDefinition(Value value, IRMapping &replay);

  VectorType getVectorType(Type type) { return VectorType::get({width}, type); }
  Type getWidenedType(Value value) {
    return analysis.isVarying(value) ? getVectorType(value.getType())
                                     : value.getType();
  }
  Value getVector(Value value);
  Value getLane(Value value, unsigned lane);
  /// A uniform value as it is, another as a vector.
  Value getWidened(Value value) {
    return analysis.isVarying(value) ? getVector(value) : scalars.lookup(value);
  }
  Value integer(Type type, int64_t value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(type, value));
  }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(builder, loc, predicate, a, b);
  }

  KernelOp kernel;
  unsigned width;
  const VectorizeAnalysis &analysis;
  OpBuilder builder;
  /// Where the values that no Python expression stands for are made.
  Location loc = builder.getUnknownLoc();

  /// Uniform values, and the first lane of consecutive ones.
  IRMapping scalars;
  IRMapping vectors;
  DenseMap<Value, SmallVector<Value>> lanes;
  /// The index of the thread that owns the elements, and of its first element.
  Value thread, firstElement;
  /// The thread's index in the original body.
  Value originalIndex;
};
} // namespace

void Widener::run() {
  Block &original = kernel.getBody().front();
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

//===----------------------------------------------------------------------===//
// Control flow that differs between lanes
//===----------------------------------------------------------------------===//

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

namespace {
struct Vectorize final : enigma::impl::EnigmaVectorizeBase<Vectorize> {
  using EnigmaVectorizeBase::EnigmaVectorizeBase;

  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    if (failed(EnigmaVectorizeBase::initializeOptions(options, errorHandler)))
      return failure();
    if (width != 2 && width != 4)
      return errorHandler("'width' must be 2 or 4, found " + Twine(width));
    return success();
  }

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    VectorizeAnalysis analysis(kernel, width);
    if (failed(analysis.run()))
      return markAllAnalysesPreserved();
    Widener(kernel, width, analysis).run();
  }
};
} // namespace
