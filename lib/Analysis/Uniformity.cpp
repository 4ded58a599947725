// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Analysis/Uniformity.h"

#include "enigma/IR/Accesses.h"
#include "enigma/IR/CooperativeOps.h"
#include "enigma/IR/KnownLaunch.h"
#include "enigma/IR/MatrixOps.h"
#include "enigma/IR/SimdOps.h"
#include "enigma/IR/ThreadOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;

using Kind = Variation::Kind;

/// As far as positions are linear in them.
static constexpr int64_t kLanes = kSimdgroupLanes;

Variation Variation::join(const Variation &a, const Variation &b) {
  if (a == b)
    return a;
  if (a.isUniform() && b.isUniform())
    return {Simdgroup, 0};
  return {Varying, 0};
}

Variation Variation::combine(const Variation &a, const Variation &b) {
  if (!a.isUniform() || !b.isUniform())
    return {Varying, 0};
  return {std::max(a.kind, b.kind), 0};
}

llvm::raw_ostream &enigma::operator<<(llvm::raw_ostream &os,
                                      const Variation &variation) {
  switch (variation.kind) {
  case Variation::Threadgroup:
    return os << "threadgroup";
  case Variation::Simdgroup:
    return os << "simdgroup";
  case Variation::Linear:
    return os << "linear " << variation.stride;
  case Variation::Varying:
    return os << "varying";
  }
  llvm_unreachable("unknown kind of variation");
}

static Kind max(Kind a, const Variation &b) {
  return std::max(a, b.isUniform() ? b.kind : Variation::Varying);
}

static std::optional<APInt> getConstant(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant;
  return std::nullopt;
}

/// Whether a value can be linear: an integer of more than a bit.
static bool isNumber(Type type) {
  return type.isIndex() || (type.isInteger() && !type.isInteger(1));
}

static int64_t wrapped(Type type, int64_t stride) {
  unsigned width = ConstantIntRanges::getStorageBitwidth(type);
  return APInt(64, static_cast<uint64_t>(stride)).trunc(width).getSExtValue();
}

std::optional<Uniformity::Extents> Uniformity::getKnownBlock(KernelOp kernel) {
  auto extents = kernel.getBlock();
  if (!extents || kernel.getElementsPerThread().value_or(1) != 1)
    return std::nullopt;
  return Extents{(*extents)[0], (*extents)[1], (*extents)[2]};
}

Uniformity::Uniformity(KernelOp kernel, std::optional<Extents> blockExtents)
    : kernel(kernel), block(blockExtents) {
  if (block)
    isSingle = (*block)[0] * (*block)[1] * (*block)[2] <= kLanes;
  // A launch that the kernel does not state may end in part of a threadgroup.
  if (auto known = getKnownBlock(kernel))
    hasWholeSimdgroups = (*known)[0] * (*known)[1] * (*known)[2] % kLanes == 0;
  // From the best that may be, until nothing gets worse.
  do {
    hasChanged = false;
    visit(kernel.getBody().front(), Variation::Threadgroup);
  } while (hasChanged);
  ranges.reset();
}

ConstantIntRanges Uniformity::getRange(Value value) {
  if (!ranges) {
    ranges.emplace();
    kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        ranges->inferInductionVariable(loop);
      ranges->infer(op);
    });
  }
  return ranges->get(value);
}

Variation Uniformity::get(Value value) const {
  Variation found = values.lookup(value);
  if (isSingle && found.kind == Variation::Simdgroup)
    return {Variation::Threadgroup, 0};
  return found;
}

void Uniformity::update(Value value, Variation variation) {
  auto [it, isNew] = values.try_emplace(value, variation);
  // Whoever reads it comes after it, or around a loop.
  if (isNew)
    return;
  Variation joined = Variation::join(it->second, variation);
  if (!(joined == it->second)) {
    it->second = joined;
    hasChanged = true;
  }
}

Kind Uniformity::getBranches(Operation *op) const {
  return TypeSwitch<Operation *, Kind>(op)
      .Case([&](scf::IfOp branch) {
        return max(Variation::Threadgroup, get(branch.getCondition()));
      })
      .Case([&](scf::WhileOp loop) {
        return max(Variation::Threadgroup,
                   get(loop.getConditionOp().getCondition()));
      })
      .Case([&](scf::ForOp loop) {
        Kind kind = Variation::Threadgroup;
        for (Value bound :
             {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
          kind = max(kind, get(bound));
        return kind;
      })
      .Default(Variation::Threadgroup);
}

void Uniformity::visit(Block &block, Kind reached) {
  Kind &known = control[&block];
  known = reached = std::max(known, reached);
  for (Operation &op : block)
    visit(op, reached);
}

void Uniformity::visit(Operation &op, Kind reached) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return visitIf(branch, reached);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitFor(loop, reached);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return visitWhile(loop, reached);
  for (Value result : op.getResults())
    update(result, infer(op, result));
}

/// What threads have of a value that they left a loop, or came to a place,
/// with: those that did so at another time may have another.
static Variation merge(Variation value, Kind branches) {
  switch (branches) {
  case Variation::Threadgroup:
    return value;
  case Variation::Simdgroup:
    return value.kind == Variation::Threadgroup
               ? Variation{Variation::Simdgroup, 0}
               : value;
  default:
    return {Variation::Varying, 0};
  }
}

void Uniformity::visitIf(scf::IfOp op, Kind reached) {
  Kind branches = getBranches(op);
  for (Region &region : op->getRegions())
    if (!region.empty())
      visit(region.front(), std::max(reached, branches));
  for (OpResult result : op.getResults()) {
    unsigned i = result.getResultNumber();
    Value first = op.thenYield().getOperand(i),
          second = op.elseYield().getOperand(i);
    Variation joined = Variation::join(get(first), get(second));
    update(result, first == second ? joined : merge(joined, branches));
  }
}

void Uniformity::visitFor(scf::ForOp op, Kind reached) {
  Variation lower = get(op.getLowerBound()), step = get(op.getStep());
  Variation variable = Variation::combine(lower, step);
  if (lower.kind == Variation::Linear && step.isUniform())
    variable = lower;
  update(op.getInductionVar(), variable);
  for (auto [argument, init] :
       llvm::zip(op.getRegionIterArgs(), op.getInitArgs()))
    update(argument, get(init));
  visit(*op.getBody(), std::max(reached, getBranches(op)));
  for (auto [argument, yielded, result] : llvm::zip(
           op.getRegionIterArgs(), op.getYieldedValues(), op.getResults())) {
    update(argument, get(yielded));
    update(result, merge(get(argument), getBranches(op)));
  }
}

void Uniformity::visitWhile(scf::WhileOp op, Kind reached) {
  scf::ConditionOp condition = op.getConditionOp();
  Kind before = getBranches(op);
  for (auto [argument, init] :
       llvm::zip(op.getBeforeArguments(), op.getInits()))
    update(argument, get(init));
  // Threads that have left do not come to the condition again.
  visit(*op.getBeforeBody(), std::max(reached, getBranches(op)));
  for (auto [argument, passed] :
       llvm::zip(op.getAfterArguments(), condition.getArgs()))
    update(argument, get(passed));
  visit(*op.getAfterBody(), std::max(reached, getBranches(op)));
  for (auto [argument, yielded] :
       llvm::zip(op.getBeforeArguments(), op.getYieldOp().getOperands()))
    update(argument, get(yielded));
  for (auto [result, passed] : llvm::zip(op.getResults(), condition.getArgs()))
    update(result, op->isAncestor(passed.getParentRegion()->getParentOp())
                       ? merge(get(passed), getBranches(op))
                       : get(passed));
  hasChanged |= getBranches(op) != before;
}

Variation Uniformity::combineOperands(Operation &op) const {
  Variation combined;
  for (Value operand : op.getOperands())
    combined = Variation::combine(combined, get(operand));
  return combined;
}

/// A position: SIMD groups take the threads of a threadgroup in their linear
/// order.
Variation Uniformity::inferQuery(Operation &op) const {
  auto inBlock = [&](Dimension dimension) -> Variation {
    if (!block)
      return {Variation::Varying, 0};
    auto [x, y, z] = *block;
    if (dimension == Dimension::X) {
      if (x == 1)
        return {};
      if (x % kLanes == 0 || (y == 1 && z == 1))
        return {Variation::Linear, 1};
      return {Variation::Varying, 0};
    }
    int64_t before = dimension == Dimension::Y ? x : x * y;
    if ((*block)[static_cast<unsigned>(dimension)] == 1)
      return {};
    if (before == 1)
      return dimension == Dimension::Z || z == 1
                 ? Variation{Variation::Linear, 1}
                 : Variation{Variation::Varying, 0};
    return before % kLanes == 0 ? Variation{Variation::Simdgroup, 0}
                                : Variation{Variation::Varying, 0};
  };
  return TypeSwitch<Operation *, Variation>(&op)
      .Case<ThreadPositionInGridOp, ThreadPositionInThreadgroupOp>(
          [&](auto query) { return inBlock(query.getDimension()); })
      .Case<ThreadIndexInThreadgroupOp, ThreadIndexInSimdgroupOp>(
          [](auto) { return Variation::linear(1); })
      .Case<ThreadIndexInQuadgroupOp, QuadgroupIndexInThreadgroupOp>(
          [](auto) { return Variation{Variation::Varying, 0}; })
      .Case([](SimdgroupIndexInThreadgroupOp) {
        return Variation{Variation::Simdgroup, 0};
      })
      .Default(Variation{});
}

/// Whether numbers that grow by `stride` from lane to lane, and are in the
/// range of a value, may pass the end of its width.
bool Uniformity::mayWrap(Value value, bool isSigned, int64_t stride) {
  // The position of a thread never does: threads behind the last one are none.
  if (value.getDefiningOp<ThreadPositionInGridOp>() && !isSigned)
    return false;
  ConstantIntRanges range = getRange(value);
  APInt span =
      isSigned ? range.smax() - range.smin() : range.umax() - range.umin();
  unsigned width = span.getBitWidth();
  // A step over the end comes back as the distance that is left.
  APInt rest = APInt::getMaxValue(width + 1).lshr(1) - span.zext(width + 1) + 1;
  APInt distance(width + 1 + 6, static_cast<uint64_t>(std::abs(stride)));
  return (distance * (kLanes - 1)).uge(rest.zext(width + 1 + 6));
}

Variation Uniformity::inferExtension(Operation &op, bool isSigned) {
  Value operand = op.getOperand(0);
  Variation variation = get(operand);
  if (variation.kind != Variation::Linear)
    return variation;
  unsigned from = ConstantIntRanges::getStorageBitwidth(operand.getType()),
           to = ConstantIntRanges::getStorageBitwidth(op.getResultTypes()[0]);
  if (to > from && mayWrap(operand, isSigned, variation.stride))
    return {Variation::Varying, 0};
  return Variation::linear(wrapped(op.getResultTypes()[0], variation.stride));
}

/// Whether lane 0 has a multiple of the lanes of a SIMD group; found in so many
/// steps.
bool Uniformity::isAligned(Value value, unsigned depth) const {
  if (auto constant = getConstant(value))
    return constant->urem(kLanes) == 0;
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  auto operand = [&](unsigned i) {
    return isAligned(op->getOperand(i), depth - 1);
  };
  if (isa<ThreadPositionInThreadgroupOp, ThreadIndexInThreadgroupOp,
          ThreadIndexInSimdgroupOp>(op))
    return get(value).kind == Variation::Linear;
  if (auto position = dyn_cast<ThreadPositionInGridOp>(op))
    return get(value).kind == Variation::Linear &&
           (*block)[static_cast<unsigned>(position.getDimension())] % kLanes ==
               0;
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return operand(0) && operand(1);
  if (isa<arith::MulIOp>(op))
    return operand(0) || operand(1);
  return isa<SignCastOp, arith::TruncIOp, arith::ExtUIOp, arith::ExtSIOp,
             arith::IndexCastOp, arith::IndexCastUIOp>(op) &&
         operand(0);
}

static bool isLoad(Operation &op) {
  return isa<memref::LoadOp, vector::LoadOp, LoadOp>(op);
}

/// Whether an operation loads from memory that is no thread's own.
static bool readsShared(Operation &op) {
  if (!isLoad(op))
    return false;
  auto alloc = getRootMemory(op.getOperand(0)).getDefiningOp<AllocOp>();
  return !alloc || alloc.getAddressSpace() != AddressSpace::Thread;
}

/// Whether all SIMD groups have the same in their lanes; found in so many
/// steps.
bool Uniformity::isRepeated(Value value, unsigned depth) {
  if (get(value).kind == Variation::Threadgroup)
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (isa<ThreadQueryOpInterface>(op))
    return isa<ThreadIndexInSimdgroupOp>(op);
  return (readsShared(*op) || facts.get(op).isPure) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return isRepeated(operand, depth - 1);
         });
}

/// What splits numbers that grow by 1 from a multiple of the lanes into a part
/// that is one for the SIMD group, or one that grows as they do.
std::optional<Variation> Uniformity::inferSplit(Operation &op) {
  if (!isa<arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp, arith::RemUIOp,
           arith::ShRUIOp, arith::ShRSIOp, arith::AndIOp>(op))
    return std::nullopt;
  Value number = op.getOperand(0);
  auto constant = getConstant(op.getOperand(1));
  if (!constant || !(get(number) == Variation::linear(1)) ||
      constant->getBitWidth() < 8 || !isAligned(number))
    return std::nullopt;
  constexpr Variation kUniform = {Variation::Simdgroup, 0};
  uint64_t low = constant->extractBitsAsZExtValue(5, 0);
  bool isMultiple = low == 0 && !constant->isZero();
  if (isa<arith::DivUIOp>(op) && isMultiple)
    return kUniform;
  if (isa<arith::FloorDivSIOp>(op) && isMultiple &&
      constant->isStrictlyPositive())
    return kUniform;
  // Below 0 the quotient is rounded up.
  if (isa<arith::DivSIOp>(op) && isMultiple && constant->isStrictlyPositive() &&
      getRange(number).smin().isNonNegative())
    return kUniform;
  if (isa<arith::RemUIOp>(op) && isMultiple)
    return Variation::linear(1);
  if (isa<arith::ShRUIOp, arith::ShRSIOp>(op) && constant->uge(5) &&
      constant->ult(constant->getBitWidth()))
    return kUniform;
  if (isa<arith::AndIOp>(op) && low == 0)
    return kUniform;
  if (isa<arith::AndIOp>(op) && low == kLanes - 1)
    return Variation::linear(1);
  return std::nullopt;
}

Variation Uniformity::infer(Operation &op, Value result) {
  Variation combined = combineOperands(op);
  bool isLinear = isNumber(result.getType()) && op.getNumOperands() != 0;
  auto operand = [&](unsigned i) { return get(op.getOperand(i)); };
  auto isAffine = [&](unsigned i) {
    return operand(i).isUniform() || operand(i).kind == Variation::Linear;
  };
  auto linear = [&](int64_t stride) {
    return combined.isUniform()
               ? combined
               : Variation::linear(wrapped(result.getType(), stride));
  };
  if (isLinear) {
    if (isa<arith::AddIOp, arith::SubIOp>(op) && isAffine(0) && isAffine(1))
      return linear(isa<arith::AddIOp>(op)
                        ? operand(0).stride + operand(1).stride
                        : operand(0).stride - operand(1).stride);
    if (isa<arith::MulIOp>(op) && isAffine(0) && isAffine(1)) {
      for (unsigned i : {0, 1})
        if (auto factor = getConstant(op.getOperand(i)))
          return linear(static_cast<int64_t>(
              static_cast<uint64_t>(factor->getSExtValue()) *
              static_cast<uint64_t>(operand(1 - i).stride)));
    }
    if (isa<arith::ShLIOp>(op) && isAffine(0))
      if (auto count = getConstant(op.getOperand(1)); count && count->ult(63))
        return linear(static_cast<int64_t>(
            static_cast<uint64_t>(operand(0).stride) << count->getZExtValue()));
    if (isa<SignCastOp, arith::TruncIOp>(op) && isAffine(0))
      return linear(operand(0).stride);
    if (isa<arith::ExtUIOp, arith::IndexCastUIOp>(op))
      return inferExtension(op, /*isSigned=*/false);
    if (isa<arith::ExtSIOp, arith::IndexCastOp>(op))
      return inferExtension(op, /*isSigned=*/true);
    if (std::optional<Variation> part = inferSplit(op))
      return *part;
    if (isa<arith::SelectOp>(op) && operand(0).isUniform())
      return merge(Variation::join(operand(1), operand(2)),
                   max(Variation::Threadgroup, operand(0)));
  }
  if (isa<ThreadQueryOpInterface>(op))
    return inferQuery(op);
  // Of what all SIMD groups have alike, all of them find the same.
  if (isa<SimdSumOp, SimdProductOp, SimdAndOp, SimdOrOp, SimdXorOp, SimdMinOp,
          SimdMaxOp>(op) &&
      hasWholeSimdgroups && getControl(&op) == Variation::Threadgroup &&
      isRepeated(op.getOperand(0)))
    return {};
  if (isa<ThreadgroupSumOp, ThreadgroupProductOp, ThreadgroupAndOp,
          ThreadgroupOrOp, ThreadgroupXorOp, ThreadgroupMinOp,
          ThreadgroupMaxOp>(op))
    return {};
  // What all threads of a SIMD group are told alike.
  if (isa<SimdSumOp, SimdProductOp, SimdAndOp, SimdOrOp, SimdXorOp, SimdMinOp,
          SimdMaxOp, SimdBroadcastOp, SimdBroadcastFirstOp, SimdBallotOp,
          SimdAllOp, SimdAnyOp, SimdActiveThreadsMaskOp>(op) ||
      isa<SimdgroupMatrixType, CooperativeTensorType>(result.getType()))
    return {Variation::Simdgroup, 0};
  if (isa<AllocOp, CooperativeTensorCapacityOp>(op))
    return {};
  if (isLoad(op))
    return readsShared(op) ? combined : Variation{Variation::Varying, 0};
  if (!(facts.get(&op).isPure || isPure(&op)) ||
      isa<SimdgroupMatrixElementsOp, CooperativeTensorHasElementOp,
          CooperativeTensorExtractOp>(op))
    return {Variation::Varying, 0};
  return combined;
}
