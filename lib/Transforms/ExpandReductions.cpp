// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes reductions over a threadgroup with those of SIMD groups.

#include "enigma/Analysis/Uniformity.h"
#include "enigma/IR/SimdOps.h"
#include "enigma/IR/ThreadOps.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Names.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAEXPANDREDUCTIONS
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

static bool isReduction(Operation *op) {
  return isa<ThreadgroupSumOp, ThreadgroupProductOp, ThreadgroupAndOp,
             ThreadgroupOrOp, ThreadgroupXorOp, ThreadgroupMinOp,
             ThreadgroupMaxOp>(op);
}

/// Whether a value that is joined several times counts once.
static bool isIdempotent(Operation *op) {
  return isa<ThreadgroupAndOp, ThreadgroupOrOp, ThreadgroupMinOp,
             ThreadgroupMaxOp>(op);
}

/// Whether integers are signed numbers in memory. Where the function does not
/// care, it is that of C++ that wraps.
static bool isOfSigned(Operation *op) {
  return isa<ThreadgroupMinOp, ThreadgroupMaxOp>(op) &&
         !op->hasAttr("is_unsigned");
}

namespace {
/// Expands the reductions of a kernel. Its own arrays stand first, so that a
/// lack of memory is told of the reductions.
class Expansion {
public:
  explicit Expansion(KernelOp kernel)
      : builder(kernel.getContext()),
        entry(&*llvm::find_if_not(kernel.getBody().front(),
                                  llvm::IsaPred<AllocOp>)),
        size(KnownLaunch(&kernel.getBody().front().front()).getBlockSize()) {}

  /// Expands what stands in a block, in order.
  void expandAll(ArrayRef<Operation *> reductions);

private:
  /// Whether it is known that all SIMD groups have all of their threads.
  bool isOfWhole() const {
    return size.min == size.max && size.max % kSimdgroupLanes == 0;
  }
  bool isSingle() const { return size.max <= kSimdgroupLanes; }
  int64_t getNumParts() const {
    return llvm::divideCeil(size.max, kSimdgroupLanes);
  }

  Value makeArray(Operation *op);
  void expand(Operation *op, Value parts, bool isAgain);
  Value joinInLanes(Operation *op, Value parts, Location loc);
  Value joinInTurn(Operation *op, Value parts, Location loc);
  Operation *joinSimdgroup(Operation *op, Value value, Location loc);
  Value load(Operation *op, Value parts, Value place, Location loc);
  Operation *wait(Location loc);

  /// Creates what all reductions of the kernel share, where it begins.
  void makeShared(Location loc);
  template <typename Op> Value query(Location loc) {
    return Op::create(entry, loc, entry.getI32Type(), ValueRange(),
                      entry.getDictionaryAttr({}));
  }
  Value makeNumber(Location loc, int64_t number) {
    return arith::ConstantOp::create(entry, loc,
                                     entry.getI32IntegerAttr(number));
  }
  Value makeIndex(Location loc, Value number) {
    return arith::IndexCastUIOp::create(entry, loc, entry.getIndexType(),
                                        number);
  }

  OpBuilder builder, entry;
  QueryBounds size;
  /// Whether a thread is the first one of its SIMD group, and where that writes
  /// its part.
  Value isFirst, ownPlace;
  /// Where a lane reads a part, and whether no lane before it reads that one;
  /// null if there are as many parts as lanes.
  Value readPlace, isOwnPart;
  /// Where the first part is, and the numbers of those behind it.
  Value firstPlace, begin, end;
};

struct ExpandReductions final
    : enigma::impl::EnigmaExpandReductionsBase<ExpandReductions> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    llvm::SmallMapVector<Block *, SmallVector<Operation *>, 4> reductions;
    forEachInnerFirst(kernel.getBody(), [&](Operation *op) {
      if (isReduction(op))
        reductions[op->getBlock()].push_back(op);
    });
    if (reductions.empty())
      return markAllAnalysesPreserved();
    Expansion expansion(kernel);
    for (auto &[block, ops] : reductions)
      expansion.expandAll(ops);
    for (auto &[block, ops] : reductions)
      for (Operation *op : ops)
        op->erase();
    // Arrays that the kernel was not traced with.
    if (failed(kernel.verify()))
      signalPassFailure();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// What the functions do
//===----------------------------------------------------------------------===//

/// What joins two values.
static Value joinTwo(OpBuilder &builder, Location loc, Operation *op, Value lhs,
                     Value rhs) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(lhs.getType()));
  auto choose = [&](auto ofFloats, auto ofIntegers) -> Value {
    using Floats = decltype(ofFloats);
    using Integers = decltype(ofIntegers);
    return isFloat ? Floats::create(builder, loc, lhs, rhs).getResult()
                   : Integers::create(builder, loc, lhs, rhs).getResult();
  };
  bool isSigned = isOfSigned(op);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ThreadgroupSumOp) {
        return choose(arith::AddFOp(), arith::AddIOp());
      })
      .Case([&](ThreadgroupProductOp) {
        return choose(arith::MulFOp(), arith::MulIOp());
      })
      .Case([&](ThreadgroupMinOp) {
        return isSigned ? choose(arith::MinNumFOp(), arith::MinSIOp())
                        : choose(arith::MinNumFOp(), arith::MinUIOp());
      })
      .Case([&](ThreadgroupMaxOp) {
        return isSigned ? choose(arith::MaxNumFOp(), arith::MaxSIOp())
                        : choose(arith::MaxNumFOp(), arith::MaxUIOp());
      })
      .Case([&](ThreadgroupAndOp) -> Value {
        return arith::AndIOp::create(builder, loc, lhs, rhs);
      })
      .Case([&](ThreadgroupOrOp) -> Value {
        return arith::OrIOp::create(builder, loc, lhs, rhs);
      })
      .Case([&](ThreadgroupXorOp) -> Value {
        return arith::XOrIOp::create(builder, loc, lhs, rhs);
      });
}

/// The value that changes none that it is joined to. -0 is it for a sum: 0
/// would make 0 of -0.
static TypedAttr getNeutral(OpBuilder &builder, Operation *op) {
  Type type = op->getResult(0).getType(), element = getElementTypeOrSelf(type);
  bool isProduct = isa<ThreadgroupProductOp>(op);
  TypedAttr number;
  if (isa<FloatType>(element))
    number = builder.getFloatAttr(element, isProduct ? 1.0 : -0.0);
  else
    number = builder.getIntegerAttr(element, isProduct ? 1 : 0);
  if (auto vector = dyn_cast<VectorType>(type))
    return DenseElementsAttr::get(vector, number);
  return number;
}

/// The same function over a SIMD group.
Operation *Expansion::joinSimdgroup(Operation *op, Value value, Location loc) {
  auto make = [&](auto like) -> Operation * {
    return decltype(like)::create(builder, loc, value.getType(), value,
                                  op->getAttrDictionary());
  };
  return llvm::TypeSwitch<Operation *, Operation *>(op)
      .Case([&](ThreadgroupSumOp) { return make(SimdSumOp()); })
      .Case([&](ThreadgroupProductOp) { return make(SimdProductOp()); })
      .Case([&](ThreadgroupAndOp) { return make(SimdAndOp()); })
      .Case([&](ThreadgroupOrOp) { return make(SimdOrOp()); })
      .Case([&](ThreadgroupXorOp) { return make(SimdXorOp()); })
      .Case([&](ThreadgroupMinOp) { return make(SimdMinOp()); })
      .Case([&](ThreadgroupMaxOp) { return make(SimdMaxOp()); });
}

//===----------------------------------------------------------------------===//
// Parts in memory
//===----------------------------------------------------------------------===//

/// What the elements of an array are that holds the results of `op`.
static Type getElementType(Operation *op) {
  Type type = op->getResult(0).getType();
  auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(type));
  if (!integer)
    return type;
  Type element = IntegerType::get(op->getContext(), integer.getWidth(),
                                  isOfSigned(op) ? IntegerType::Signed
                                                 : IntegerType::Unsigned);
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

Value Expansion::makeArray(Operation *op) {
  auto type = BufferType::get(getElementType(op), AddressSpace::Threadgroup,
                              getNumParts());
  return AllocOp::create(entry, withName("parts", op->getLoc()), type,
                         TypeAttr(), IntegerAttr());
}

void Expansion::makeShared(Location loc) {
  if (isFirst)
    return;
  Value lane = query<ThreadIndexInSimdgroupOp>(loc);
  Value zero = makeNumber(loc, 0);
  isFirst =
      arith::CmpIOp::create(entry, loc, arith::CmpIPredicate::eq, lane, zero);
  ownPlace = makeIndex(loc, query<SimdgroupIndexInThreadgroupOp>(loc));
  if (!isOfWhole()) {
    firstPlace = makeIndex(loc, zero);
    begin = makeNumber(loc, 1);
    end = size.min == size.max ? makeNumber(loc, getNumParts())
                               : query<SimdgroupsPerThreadgroupOp>(loc);
    return;
  }
  Value part = lane;
  if (getNumParts() != kSimdgroupLanes) {
    Value last = makeNumber(loc, getNumParts() - 1);
    if (llvm::isPowerOf2_64(getNumParts()))
      part = arith::AndIOp::create(entry, loc, lane, last);
    else
      part = arith::MinUIOp::create(entry, loc, lane, last);
    isOwnPart = arith::CmpIOp::create(entry, loc, arith::CmpIPredicate::ule,
                                      lane, last);
  }
  readPlace = makeIndex(loc, part);
}

Value Expansion::load(Operation *op, Value parts, Value place, Location loc) {
  return LoadOp::create(builder, loc, op->getResult(0).getType(), parts, place,
                        IntegerAttr());
}

Operation *Expansion::wait(Location loc) {
  auto flags = MemFlagsAttr::get(builder.getContext(), MemFlags::Threadgroup);
  return ThreadgroupBarrierOp::create(
      builder, loc, TypeRange(), ValueRange(),
      builder.getDictionaryAttr(builder.getNamedAttr("flags", flags)));
}

/// Each SIMD group joins the parts that its lanes read.
Value Expansion::joinInLanes(Operation *op, Value parts, Location loc) {
  Value part = load(op, parts, readPlace, loc);
  if (isOwnPart && !isIdempotent(op)) {
    Value neutral =
        arith::ConstantOp::create(entry, loc, getNeutral(builder, op));
    part = arith::SelectOp::create(builder, loc, isOwnPart, part, neutral);
  }
  return joinSimdgroup(op, part, loc)->getResult(0);
}

/// Each thread joins all parts, one after the other.
Value Expansion::joinInTurn(Operation *op, Value parts, Location loc) {
  Value part = load(op, parts, firstPlace, loc);
  auto loop = scf::ForOp::create(builder, loc, begin, end, begin, part);
  loop.setUnsignedCmp(true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(loop.getBody());
  Value place = arith::IndexCastUIOp::create(
      builder, loc, builder.getIndexType(), loop.getInductionVar());
  Value joined = joinTwo(builder, loc, op, loop.getRegionIterArg(0),
                         load(op, parts, place, loc));
  scf::YieldOp::create(builder, loc, joined);
  return loop.getResult(0);
}

void Expansion::expand(Operation *op, Value parts, bool isAgain) {
  Location loc = withoutName(op->getLoc());
  builder.setInsertionPoint(op);
  auto markMeeting = [&](Operation *meeting) {
    meeting->setDiscardableAttr(kReductionAttr, builder.getUnitAttr());
  };
  Operation *part = joinSimdgroup(op, op->getOperand(0), loc);
  Value result = part->getResult(0);
  if (!parts) {
    markMeeting(part);
  } else {
    makeShared(loc);
    auto branch = scf::IfOp::create(builder, loc, isFirst,
                                    /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      StoreOp::create(builder, loc, result, parts, ownPlace, IntegerAttr());
    }
    markMeeting(wait(loc));
    result =
        isOfWhole() ? joinInLanes(op, parts, loc) : joinInTurn(op, parts, loc);
    // Before the memory is written again.
    if (isAgain)
      wait(loc);
  }
  passName(op->getLoc(), result.getDefiningOp());
  op->getResult(0).replaceAllUsesWith(result);
}

//===----------------------------------------------------------------------===//
// Reductions of a block
//===----------------------------------------------------------------------===//

/// Whether threads that come back to a block around a loop have met at another
/// barrier, which stands beside `op` or what is around it.
static bool meetsOnTheWay(Operation *op, Operation *loop) {
  for (Operation *inner = op; inner != loop; inner = inner->getParentOp())
    for (Operation &other : *inner->getBlock()) {
      if (&other != op && isReduction(&other))
        return true;
      auto barrier = dyn_cast<ThreadgroupBarrierOp>(other);
      if (barrier &&
          bitEnumContainsAll(barrier.getFlags(), MemFlags::Threadgroup))
        return true;
    }
  return false;
}

static Operation *getLoop(Operation *op) {
  Operation *parent = op->getParentOp();
  while (!isa<KernelOp, LoopLikeOpInterface>(parent))
    parent = parent->getParentOp();
  return isa<KernelOp>(parent) ? nullptr : parent;
}

void Expansion::expandAll(ArrayRef<Operation *> reductions) {
  Operation *loop = getLoop(reductions.front());
  size_t count = reductions.size();
  bool isAgain = loop && count == 1 && !isSingle() &&
                 !meetsOnTheWay(reductions.front(), loop);
  // Of three arrays in turn around a loop, the last one is used once: between
  // two uses of each stands another reduction.
  std::array<llvm::SmallDenseMap<Type, Value, 2>, 3> arrays;
  for (auto [i, op] : llvm::enumerate(reductions)) {
    Value parts;
    if (!isSingle()) {
      bool isOdd = loop && count % 2 == 1 && i == count - 1 && count > 1;
      Value &array = arrays[isOdd ? 2 : i % 2][getElementType(op)];
      if (!array)
        array = makeArray(op);
      parts = array;
    }
    expand(op, parts, isAgain);
  }
}
