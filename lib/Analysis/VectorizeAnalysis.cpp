// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Analysis/VectorizeAnalysis.h"

#include "enigma/IR/ThreadOps.h"
#include "enigma/Utils/Divisions.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace enigma;

/// Operations that may be repeated in the text for each lane.
static constexpr unsigned kMaxRepeated = 64;

static bool isThreadIndex(Operation *op) {
  auto query = dyn_cast<ThreadPositionInGridOp>(op);
  return query && query.getDimension() == Dimension::X;
}

/// Integer conversions keep consecutive numbers consecutive, and multiples of
/// the width multiples.
static bool isIntegerConversion(Operation *op) {
  return isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
             arith::ExtUIOp, arith::TruncIOp, SignCastOp>(op);
}

/// The value whose conversions to wider or equal types lead to `value`.
static Value stripConversions(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
             arith::ExtUIOp, SignCastOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

InFlightDiagnostic VectorizeAnalysis::refuse(Operation *op) {
  return emitRemark(op->getLoc())
         << "kernel '" << kernel.getSymName() << "' is not vectorized: ";
}

LogicalResult VectorizeAnalysis::run() {
  if (kernel.getElementsPerThread().value_or(1) != 1)
    return refuse(kernel) << "its threads own "
                          << *kernel.getElementsPerThread()
                          << " elements each already";
  if (kernel.getGrid() || kernel.getBlock())
    return refuse(kernel) << "its launch is fixed, and vectors would need "
                             "fewer threads";
  propagateVarying();
  Block &body = kernel.getBody().front();
  if (failed(visitBlock(body)) || failed(checkAccesses()))
    return failure();
  if (vectorAccesses.empty())
    return refuse(kernel) << "no access is to consecutive, aligned elements of "
                             "at most "
                          << target.getLimits().accessBytes
                          << " bytes together";
  collectDemands(body);
  return success();
}

std::optional<DivergentIf>
VectorizeAnalysis::getDivergence(scf::IfOp op) const {
  auto it = divergentIfs.find(op);
  if (it == divergentIfs.end())
    return std::nullopt;
  return it->second;
}

//===----------------------------------------------------------------------===//
// What varies
//===----------------------------------------------------------------------===//

void VectorizeAnalysis::propagateVarying() {
  SmallVector<Value> worklist;
  auto mark = [&](Value value) {
    if (varying.insert(value).second)
      worklist.push_back(value);
  };
  auto markOp = [&](Operation *op) {
    while (op != kernel && varyingOps.insert(op).second)
      op = op->getParentOp();
  };
  kernel.walk([&](Operation *op) {
    if (!isThreadIndex(op))
      return;
    markOp(op);
    mark(op->getResult(0));
  });
  while (!worklist.empty()) {
    for (OpOperand &use : worklist.pop_back_val().getUses()) {
      Operation *user = use.getOwner();
      markOp(user);
      unsigned operand = use.getOperandNumber();
      if (auto yield = dyn_cast<scf::YieldOp>(user)) {
        Operation *parent = yield->getParentOp();
        if (auto loop = dyn_cast<scf::ForOp>(parent))
          mark(loop.getRegionIterArg(operand));
        if (parent->getNumResults() > operand)
          mark(parent->getResult(operand));
      } else if (auto loop = dyn_cast<scf::ForOp>(user)) {
        if (operand >= loop.getNumControlOperands()) {
          unsigned carried = operand - loop.getNumControlOperands();
          mark(loop.getRegionIterArg(carried));
          mark(loop.getResult(carried));
        }
      } else {
        for (Value result : user->getResults())
          mark(result);
      }
    }
  }
}

//===----------------------------------------------------------------------===//
// What is allowed
//===----------------------------------------------------------------------===//

LogicalResult VectorizeAnalysis::visitBlock(Block &block) {
  for (Operation &op : block)
    if (failed(visit(&op)))
      return failure();
  return success();
}

LogicalResult VectorizeAnalysis::visit(Operation *op) {
  if (isa<ReturnOp, scf::YieldOp>(op))
    return success();
  if (isThreadIndex(op)) {
    consecutive.insert(op->getResult(0));
    indexOnly.insert(op->getResult(0));
    return success();
  }
  if (auto query = dyn_cast<ThreadQueryOpInterface>(op)) {
    if (isa<ThreadPositionInGridOp>(op))
      return refuse(op) << "its grid is not one-dimensional; "
                           "'thread_position_in_grid' is used in "
                        << stringifyDimension(*query.getQueriedDimension());
    return refuse(op) << "'" << query.getMSLAttribute()
                      << "' depends on how many threads there are";
  }
  if (auto load = dyn_cast<LoadOp>(op))
    return visitAccess(op, load.getBuffer(), load.getIndex(), load.getType());
  if (auto store = dyn_cast<StoreOp>(op))
    return visitAccess(op, store.getBuffer(), store.getIndex(),
                       store.getValue().getType());
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitFor(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return visitIf(branch);
  if (isa<scf::WhileOp>(op)) {
    if (!isUniform(op))
      return refuse(op) << "its threads may leave this loop at different times";
    for (Region &region : op->getRegions())
      if (failed(visitBlock(region.front())))
        return failure();
    return success();
  }
  if (isa<scf::ConditionOp>(op))
    return success();
  if (isa<RecastOp>(op))
    return refuse(op) << "it sees memory as elements of another type";
  if (isa<AllocOp>(op))
    return refuse(op) << "it has an array of its own";
  if (isa<ThreadgroupBarrierOp, SimdgroupBarrierOp>(op))
    return refuse(op) << "its threads wait for each other";
  if (op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return refuse(op) << "'" << op->getName()
                      << "' is more than a function of its operands";
  if (!isUniform(op))
    return visitElementwise(op);
  if (op->getNumResults() == 1 && isMultipleOfWidth(op->getResult(0)))
    multiples.insert(op->getResult(0));
  return success();
}

LogicalResult VectorizeAnalysis::visitElementwise(Operation *op) {
  auto isScalar = [](Type type) { return type.isIntOrIndexOrFloat(); };
  if (!OpTrait::hasElementwiseMappableTraits(op))
    return refuse(op) << "'" << op->getName() << "' does not act elementwise";
  if (!llvm::all_of(op->getOperandTypes(), isScalar) ||
      !llvm::all_of(op->getResultTypes(), isScalar))
    return refuse(op) << "it computes with vectors already";
  if (isConsecutiveResult(op))
    consecutive.insert(op->getResult(0));
  if (llvm::all_of(op->getOperands(), [&](Value operand) {
        return !isVarying(operand) || indexOnly.contains(operand);
      }))
    for (Value result : op->getResults())
      indexOnly.insert(result);
  return success();
}

LogicalResult VectorizeAnalysis::visitAccess(Operation *op, Value buffer,
                                             Value index, Type type) {
  auto bufferType = cast<BufferType>(buffer.getType());
  if (bufferType.getAddressSpace() != AddressSpace::Device &&
      bufferType.getAddressSpace() != AddressSpace::Constant)
    return refuse(op) << "it uses " << bufferType;
  bool isStore = isa<StoreOp>(op);
  accesses[buffer].push_back({op, index, isStore});
  if (!isVarying(index)) {
    if (isStore)
      return refuse(op) << "all threads store to the same element";
    return success();
  }
  if (isa<VectorType>(type))
    return refuse(op) << "it accesses vectors already";
  // A bool has one byte in a buffer; of vectors of bools Metal does not say.
  if (isConsecutive(index) && !type.isInteger(1) &&
      width <= target.getMaxAccessLanes(type))
    vectorAccesses.insert(op);
  return success();
}

/// Values of the index type are never put into vectors, which Metal has not; a
/// loop or branch would have to carry them so.
LogicalResult VectorizeAnalysis::checkCarried(Operation *op) {
  for (Value result : op->getResults()) {
    if (!isVarying(result))
      continue;
    Type type = result.getType();
    if (type.isIndex() || !type.isIntOrFloat())
      return refuse(op) << "it carries a value of type " << type
                        << " that differs between threads";
  }
  return success();
}

LogicalResult VectorizeAnalysis::visitFor(scf::ForOp op) {
  for (Value bound : {op.getLowerBound(), op.getUpperBound(), op.getStep()})
    if (isVarying(bound))
      return refuse(op) << "the bounds of this loop differ between threads";
  if (failed(checkCarried(op)))
    return failure();
  if (isMultipleOfWidth(op.getLowerBound()) && isMultipleOfWidth(op.getStep()))
    multiples.insert(op.getInductionVar());
  return visitBlock(*op.getBody());
}

/// Whether evaluating `block` needlessly does no harm.
static bool isSpeculatable(Block &block) {
  return llvm::all_of(block.without_terminator(), [](Operation &op) {
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return isSpeculatable(*branch.thenBlock()) &&
             (!branch.elseBlock() || isSpeculatable(*branch.elseBlock()));
    return op.getNumRegions() == 0 && isMemoryEffectFree(&op) &&
           isSpeculatable(&op) && !mayDivideByZero(&op);
  });
}

static bool isLargerThan(Operation *op, unsigned limit) {
  unsigned count = 0;
  return op
      ->walk([&](Operation *) {
        return ++count > limit ? WalkResult::interrupt()
                               : WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult VectorizeAnalysis::visitIf(scf::IfOp op) {
  if (failed(checkCarried(op)))
    return failure();
  Value condition = op.getCondition();
  if (isVarying(condition)) {
    if (isSpeculatable(*op.thenBlock()) &&
        (!op.elseBlock() || isSpeculatable(*op.elseBlock()))) {
      divergentIfs[op] = DivergentIf::Select;
    } else if (!indexOnly.contains(condition)) {
      return refuse(op) << "its threads take different branches that depend on "
                           "more than their index";
    } else {
      std::optional<BoundsGuard> guard = matchBoundsGuard(condition);
      if (op.getNumResults() != 0 || !canReplay(op)) {
        if (isLargerThan(op, kMaxRepeated))
          return refuse(op) << "what is done under this condition is too much "
                               "to be repeated for each lane";
        divergentIfs[op] = DivergentIf::Lanes;
        if (guard && !guard->uniform.empty())
          guard.reset();
      } else if (guard && !op.elseBlock()) {
        divergentIfs[op] = DivergentIf::Bounds;
      } else {
        divergentIfs[op] = DivergentIf::Index;
        guard.reset();
      }
      if (guard)
        guards.try_emplace(op, std::move(*guard));
    }
  }
  if (failed(visitBlock(*op.thenBlock())))
    return failure();
  return op.elseBlock() ? visitBlock(*op.elseBlock()) : success();
}

bool VectorizeAnalysis::canReplay(Operation *op) const {
  return !op->walk([&](Operation *inner) {
              if (inner == op)
                return WalkResult::advance();
              for (Value operand : inner->getOperands()) {
                bool isOutside =
                    !op->isAncestor(operand.getParentBlock()->getParentOp());
                if (isOutside && isVarying(operand) &&
                    !indexOnly.contains(operand))
                  return WalkResult::interrupt();
              }
              return WalkResult::advance();
            }).wasInterrupted();
}

std::optional<BoundsGuard>
VectorizeAnalysis::matchBoundsGuard(Value condition) const {
  BoundsGuard guard;
  arith::CmpIOp comparison;
  SmallVector<Value> conjuncts = {condition};
  while (!conjuncts.empty()) {
    Value value = conjuncts.pop_back_val();
    if (!isVarying(value)) {
      guard.uniform.push_back(value);
    } else if (auto both = value.getDefiningOp<arith::AndIOp>()) {
      conjuncts.append({both.getRhs(), both.getLhs()});
    } else if (auto cmp = value.getDefiningOp<arith::CmpIOp>();
               cmp && !comparison) {
      comparison = cmp;
    } else {
      return std::nullopt;
    }
  }

  Value index = comparison.getLhs(), bound = comparison.getRhs();
  arith::CmpIPredicate predicate = comparison.getPredicate();
  if (isVarying(bound)) {
    std::swap(index, bound);
    switch (predicate) {
    case arith::CmpIPredicate::ugt:
      predicate = arith::CmpIPredicate::ult;
      break;
    case arith::CmpIPredicate::uge:
      predicate = arith::CmpIPredicate::ule;
      break;
    case arith::CmpIPredicate::sgt:
      predicate = arith::CmpIPredicate::slt;
      break;
    default:
      return std::nullopt;
    }
  }
  // The index itself, zero-extended or as it is: other values may wrap.
  Operation *definition = index.getDefiningOp();
  bool isExtended = isa_and_nonnull<arith::ExtUIOp>(definition);
  if (isExtended)
    definition = definition->getOperand(0).getDefiningOp();
  if (auto cast = dyn_cast_or_null<SignCastOp>(definition))
    definition = cast.getValue().getDefiningOp();
  if (!definition || !isThreadIndex(definition) || isVarying(bound))
    return std::nullopt;

  switch (predicate) {
  case arith::CmpIPredicate::ult:
    break;
  case arith::CmpIPredicate::ule:
    guard.isInclusive = true;
    break;
  case arith::CmpIPredicate::slt:
    // Read as signed, an index of 2^31 or more is below every bound; once
    // extended it is positive.
    if (!isExtended)
      return std::nullopt;
    guard.isSigned = true;
    break;
  default:
    return std::nullopt;
  }
  guard.bound = bound;
  return guard;
}

bool VectorizeAnalysis::growsWithIndex(Value value) const {
  while (Operation *op = value.getDefiningOp()) {
    if (isThreadIndex(op))
      return true;
    APInt factor;
    bool grows =
        (isIntegerConversion(op) && !isa<arith::TruncIOp>(op)) ||
        isa<arith::AddIOp>(op) ||
        (isa<arith::SubIOp, arith::ShLIOp, arith::ShRUIOp, arith::DivUIOp>(
             op) &&
         isVarying(op->getOperand(0))) ||
        (isa<arith::MulIOp>(op) &&
         matchPattern(op->getOperand(1), m_ConstantInt(&factor)) &&
         factor.isStrictlyPositive());
    auto others = llvm::make_filter_range(
        op->getOperands(), [&](Value operand) { return isVarying(operand); });
    if (!grows || !llvm::hasSingleElement(others))
      return false;
    value = *others.begin();
  }
  return false;
}

bool VectorizeAnalysis::impliesBound(Value condition, bool holds) const {
  Operation *op = condition.getDefiningOp();
  if (!op || !isVarying(condition))
    return false;
  if (auto both = dyn_cast<arith::XOrIOp>(op);
      both && matchPattern(both.getRhs(), m_One()))
    return impliesBound(both.getLhs(), !holds);
  if (isa<arith::AndIOp, arith::OrIOp>(op)) {
    auto implies = [&](Value part) { return impliesBound(part, holds); };
    return isa<arith::AndIOp>(op) == holds
               ? llvm::any_of(op->getOperands(), implies)
               : llvm::all_of(op->getOperands(), implies);
  }
  auto comparison = dyn_cast<arith::CmpIOp>(op);
  if (!comparison)
    return false;
  arith::CmpIPredicate predicate = comparison.getPredicate();
  if (!holds)
    predicate = arith::invertPredicate(predicate);
  Value index = comparison.getLhs(), bound = comparison.getRhs();
  bool isFirst = isVarying(index);
  if (!isFirst)
    std::swap(index, bound);
  if (isVarying(bound) || !growsWithIndex(index))
    return false;
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return true;
  case arith::CmpIPredicate::ult:
  case arith::CmpIPredicate::ule:
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::sle:
    return isFirst;
  case arith::CmpIPredicate::ugt:
  case arith::CmpIPredicate::uge:
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::sge:
    return !isFirst;
  case arith::CmpIPredicate::ne:
    return false;
  }
  llvm_unreachable("no other predicate");
}

bool VectorizeAnalysis::isGuarded() const {
  auto isKept = [&](const Access &access) {
    if (!isVarying(access.index))
      return true;
    for (Operation *op = access.op; op != kernel; op = op->getParentOp())
      if (auto branch = dyn_cast<scf::IfOp>(op->getParentOp());
          branch &&
          impliesBound(branch.getCondition(),
                       op->getParentRegion() == &branch.getThenRegion()))
        return true;
    return false;
  };
  return llvm::all_of(accesses, [&](const auto &each) {
    return llvm::all_of(each.second, isKept);
  });
}

bool VectorizeAnalysis::isMultipleOfWidth(Value value) const {
  if (multiples.contains(value))
    return true;
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.countr_zero() >= llvm::Log2_32(width);
  Operation *op = value.getDefiningOp();
  if (!op || isVarying(value))
    return false;
  auto isMultiple = [&](Value operand) { return multiples.contains(operand); };
  if (isIntegerConversion(op))
    return isMultiple(op->getOperand(0));
  if (isa<arith::AddIOp, arith::SubIOp, arith::OrIOp, arith::XOrIOp>(op))
    return llvm::all_of(op->getOperands(), isMultiple);
  if (isa<arith::MulIOp, arith::AndIOp>(op))
    return llvm::any_of(op->getOperands(), isMultiple);
  if (auto shift = dyn_cast<arith::ShLIOp>(op))
    return isMultiple(shift.getLhs()) ||
           (matchPattern(shift.getRhs(), m_ConstantInt(&constant)) &&
            constant.uge(llvm::Log2_32(width)));
  return false;
}

bool VectorizeAnalysis::isConsecutiveResult(Operation *op) const {
  if (isIntegerConversion(op))
    return isConsecutive(op->getOperand(0)) &&
           (op->getResult(0).getType().isIndex() ||
            op->getResult(0).getType().getIntOrFloatBitWidth() >= 8);
  if (auto add = dyn_cast<arith::AddIOp>(op))
    return (isConsecutive(add.getLhs()) && multiples.contains(add.getRhs())) ||
           (isConsecutive(add.getRhs()) && multiples.contains(add.getLhs()));
  if (auto sub = dyn_cast<arith::SubIOp>(op))
    return isConsecutive(sub.getLhs()) && multiples.contains(sub.getRhs());
  return false;
}

/// The lanes of a thread are loaded together, and stored together. Different
/// threads are not ordered, so any order of the lanes is one that the kernel
/// has to expect; but where a buffer is both read and written, its author may
/// have meant more than the language says.
LogicalResult VectorizeAnalysis::checkAccesses() {
  for (auto &[buffer, list] : accesses) {
    const Access *store = llvm::find_if(
        list, [](const Access &access) { return access.isStore; });
    if (store == list.end() ||
        llvm::all_of(list, [](const Access &access) { return access.isStore; }))
      continue;
    Value subscript = stripConversions(store->index);
    for (const Access &access : list) {
      if (stripConversions(access.index) == subscript &&
          isConsecutive(access.index))
        continue;
      Operation *culprit = isConsecutive(store->index) ? access.op : store->op;
      InFlightDiagnostic remark = refuse(culprit);
      remark << "a buffer that is read and written must be accessed at one "
                "consecutive subscript";
      return remark;
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// What form values are needed in
//===----------------------------------------------------------------------===//

void VectorizeAnalysis::demandVector(Value value) {
  if (!isVarying(value))
    return;
  if (value.getType().isIndex())
    laneDemand.insert(value);
  else
    vectorDemand.insert(value);
}

void VectorizeAnalysis::demandLanes(Value value) {
  if (isVarying(value))
    laneDemand.insert(value);
}

/// From the last operation to the first, so that users come before what they
/// use. Subscripts are needed lane by lane, and with them the arithmetic that
/// only subscripts use; data is needed in vectors.
void VectorizeAnalysis::collectDemands(Block &block) {
  for (Operation &op : llvm::reverse(block)) {
    if (isUniform(&op) || isThreadIndex(&op))
      continue;
    if (auto load = dyn_cast<LoadOp>(op)) {
      if (!isVectorAccess(&op))
        demandLanes(load.getIndex());
      continue;
    }
    if (auto store = dyn_cast<StoreOp>(op)) {
      demandVector(store.getValue());
      if (!isVectorAccess(&op))
        demandLanes(store.getIndex());
      continue;
    }
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      std::optional<DivergentIf> divergence = getDivergence(branch);
      bool isByLane =
          divergence == DivergentIf::Index || divergence == DivergentIf::Lanes;
      if (isByLane)
        demandLanes(branch.getCondition());
      else if (divergence == DivergentIf::Select)
        demandVector(branch.getCondition());
      if (divergence == DivergentIf::Lanes) {
        SetVector<Value> used;
        getUsedValuesDefinedAbove(branch->getRegions(), used);
        for (Value value : used)
          demandLanes(value);
      }
      // The else region is left to the lanes, as it is.
      if (branch.elseBlock() && !isByLane)
        collectDemands(*branch.elseBlock());
      collectDemands(*branch.thenBlock());
      continue;
    }
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      collectDemands(*loop.getBody());
      for (Value init : loop.getInitArgs())
        demandVector(init);
      continue;
    }
    if (isa<scf::YieldOp>(op)) {
      for (Value operand : op.getOperands())
        demandVector(operand);
      continue;
    }
    bool vector =
        llvm::any_of(op.getResults(), [&](Value v) { return needsVector(v); });
    bool lanes =
        llvm::any_of(op.getResults(), [&](Value v) { return needsLanes(v); });
    for (Value operand : op.getOperands()) {
      if (vector)
        demandVector(operand);
      else if (lanes)
        demandLanes(operand);
    }
  }
}
