// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions over the lanes of a SIMD group, or of each four of them.

#include "Lowering.h"

#include "enigma/IR/QuadOps.h"
#include "enigma/IR/SimdOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

using L = Lowering;
using Combine = llvm::Value *(*)(L &, llvm::Value *, llvm::Value *);
using Identity = llvm::Constant *(*)(llvm::Type *);
namespace Intrinsic = llvm::Intrinsic;

static constexpr unsigned kQuad = 4;

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

static llvm::Value *add(L &l, llvm::Value *x, llvm::Value *y) {
  return x->getType()->isFPOrFPVectorTy() ? l.b.CreateFAdd(x, y)
                                          : l.b.CreateAdd(x, y);
}
static llvm::Value *multiply(L &l, llvm::Value *x, llvm::Value *y) {
  return x->getType()->isFPOrFPVectorTy() ? l.b.CreateFMul(x, y)
                                          : l.b.CreateMul(x, y);
}
static llvm::Value *bitAnd(L &l, llvm::Value *x, llvm::Value *y) {
  return l.b.CreateAnd(x, y);
}
static llvm::Value *bitOr(L &l, llvm::Value *x, llvm::Value *y) {
  return l.b.CreateOr(x, y);
}
static llvm::Value *bitXor(L &l, llvm::Value *x, llvm::Value *y) {
  return l.b.CreateXor(x, y);
}
template <bool isMax, bool isUnsigned>
static llvm::Value *extreme(L &l, llvm::Value *x, llvm::Value *y) {
  if (x->getType()->isFPOrFPVectorTy())
    return isMax ? l.b.CreateMaxNum(x, y) : l.b.CreateMinNum(x, y);
  Intrinsic::ID id = isMax ? (isUnsigned ? Intrinsic::umax : Intrinsic::smax)
                           : (isUnsigned ? Intrinsic::umin : Intrinsic::smin);
  return l.b.CreateBinaryIntrinsic(id, x, y);
}

static llvm::Constant *zero(llvm::Type *type) {
  // -0 + x is x.
  return type->isFPOrFPVectorTy() ? llvm::ConstantFP::getNegativeZero(type)
                                  : llvm::Constant::getNullValue(type);
}
static llvm::Constant *positiveZero(llvm::Type *type) {
  return llvm::Constant::getNullValue(type);
}
static llvm::Constant *one(llvm::Type *type) {
  return type->isFPOrFPVectorTy() ? llvm::ConstantFP::get(type, 1.0)
                                  : llvm::ConstantInt::get(type, 1);
}
static llvm::Constant *ones(llvm::Type *type) {
  return llvm::Constant::getAllOnesValue(type);
}
template <bool isMax, bool isUnsigned>
static llvm::Constant *farthest(llvm::Type *type) {
  if (type->isFPOrFPVectorTy())
    return llvm::ConstantFP::getNaN(type);
  unsigned width = type->getScalarSizeInBits();
  return llvm::ConstantInt::get(
      type, isMax ? (isUnsigned ? APInt::getMinValue(width)
                                : APInt::getSignedMinValue(width))
                  : (isUnsigned ? APInt::getMaxValue(width)
                                : APInt::getSignedMaxValue(width)));
}

static llvm::Value *permute(L &l, llvm::Value *x,
                            llvm::function_ref<unsigned(unsigned)> source) {
  SmallVector<int> places;
  for (unsigned lane = 0; lane < kLanes; ++lane)
    places.push_back(source(lane));
  return l.b.CreateShuffleVector(x, places);
}

/// The result of all lanes, or of those of each quad group for its lanes.
static llvm::Value *reduce(L &l, llvm::Value *x, Combine combine,
                           unsigned threads) {
  if (threads == kQuad) {
    for (unsigned distance : {1, 2})
      x = combine(
          l, x, permute(l, x, [&](unsigned lane) { return lane ^ distance; }));
    return x;
  }
  for (unsigned half = kLanes / 2; half != 0; half /= 2) {
    SmallVector<int> low, high;
    for (unsigned lane = 0; lane < half; ++lane) {
      low.push_back(lane);
      high.push_back(lane + half);
    }
    x = combine(l, l.b.CreateShuffleVector(x, low),
                l.b.CreateShuffleVector(x, high));
  }
  return l.b.CreateExtractElement(x, uint64_t(0));
}

/// The results of the lanes up to each, without it if `isExclusive`.
static llvm::Value *scan(L &l, llvm::Value *x, Combine combine,
                         llvm::Constant *identity, unsigned threads,
                         bool isExclusive) {
  auto shifted = [&](llvm::Value *value, unsigned distance) {
    SmallVector<int> places;
    for (unsigned lane = 0; lane < kLanes; ++lane)
      places.push_back(lane % threads >= distance ? lane - distance : kLanes);
    return l.b.CreateShuffleVector(value, identity, places);
  };
  if (isExclusive)
    x = shifted(x, 1);
  for (unsigned distance = 1; distance < threads; distance *= 2)
    x = combine(l, shifted(x, distance), x);
  return x;
}

static Rule makeReduction(Combine combine, Identity identity,
                          unsigned threads) {
  return [=](L &l, Operation *op) {
    Value result = op->getResult(0);
    Parts parts;
    for (unsigned part = 0; part < l.getNumParts(result.getType()); ++part) {
      llvm::Value *x = l.getWide(op->getOperand(0), part);
      x = l.selectActive(x, identity(x->getType()));
      parts.push_back(reduce(l, x, combine, threads));
    }
    l.define(result, parts);
    return success();
  };
}

static Rule makeScan(Combine combine, Identity identity, unsigned threads,
                     bool isExclusive) {
  return [=](L &l, Operation *op) {
    Value result = op->getResult(0);
    Parts parts;
    for (unsigned part = 0; part < l.getNumParts(result.getType()); ++part) {
      llvm::Value *x = l.getWide(op->getOperand(0), part);
      llvm::Constant *neutral = identity(x->getType());
      x = l.selectActive(x, neutral);
      parts.push_back(scan(l, x, combine, neutral, threads, isExclusive));
    }
    l.define(result, parts);
    return success();
  };
}

template <typename Op, bool isMax>
static void addExtreme(Rules &rules, unsigned threads) {
  rules.add<Op>([threads](L &l, Operation *op) {
    bool isUnsigned = cast<Op>(op).getIsUnsigned();
    Rule rule = isUnsigned ? makeReduction(extreme<isMax, true>,
                                           farthest<isMax, true>, threads)
                           : makeReduction(extreme<isMax, false>,
                                           farthest<isMax, false>, threads);
    return rule(l, op);
  });
}

//===----------------------------------------------------------------------===//
// Shuffles
//===----------------------------------------------------------------------===//

/// What lane `source[i]`, a vector of i32, has of x, for each lane i.
static llvm::Value *gatherLanes(L &l, llvm::Value *x, llvm::Value *source) {
  llvm::IRBuilder<> &b = l.b;
  if (auto *constant = dyn_cast<llvm::Constant>(source))
    return permute(l, x, [&](unsigned lane) {
      auto *place =
          dyn_cast<llvm::ConstantInt>(constant->getAggregateElement(lane));
      return place ? place->getZExtValue() % kLanes : 0;
    });
  llvm::Type *type = x->getType();
  llvm::AllocaInst *lanes = l.makeVariable(type);
  b.CreateStore(x, lanes);
  llvm::Value *places =
      b.CreateGEP(type->getScalarType(), lanes,
                  b.CreateAnd(source, l.splat(l.getInt(kLanes - 1))));
  return b.CreateMaskedGather(
      type, places, llvm::Align(type->getScalarSizeInBits() / 8),
      b.CreateVectorSplat(kLanes, b.getTrue()), llvm::PoisonValue::get(type));
}

/// The lane that each one takes a value of, an index that may be beyond, and
/// whether it does at all, from its place in its group; null for always.
struct Source {
  llvm::Value *place, *isThere;
};
using Find = Source (*)(L &, llvm::Value *place, llvm::Value *operand,
                        unsigned threads);

static llvm::Value *getPlaces(L &l, unsigned threads) {
  return l.b.CreateAnd(l.getIota(l.b.getInt32Ty()),
                       l.splat(l.getInt(threads - 1)));
}

/// The index of a lane of the SIMD group, from that in its own group.
static llvm::Value *toLane(L &l, llvm::Value *place, unsigned threads) {
  llvm::Value *first = l.b.CreateAnd(l.getIota(l.b.getInt32Ty()),
                                     l.splat(l.getInt(~(threads - 1))));
  return l.b.CreateOr(first,
                      l.b.CreateAnd(place, l.splat(l.getInt(threads - 1))));
}

static Rule makeShuffle(Find find, unsigned threads) {
  return [=](L &l, Operation *op) {
    Value result = op->getResult(0);
    Source source =
        find(l, getPlaces(l, threads), l.getWide(op->getOperand(1)), threads);
    llvm::Value *lanes = toLane(l, source.place, threads);
    Parts parts;
    for (unsigned part = 0; part < l.getNumParts(result.getType()); ++part) {
      llvm::Value *x = l.getWide(op->getOperand(0), part);
      llvm::Value *other = gatherLanes(l, x, lanes);
      parts.push_back(
          source.isThere ? l.b.CreateSelect(source.isThere, other, x) : other);
    }
    l.define(result, parts);
    return success();
  };
}

/// `x, fill, delta, modulo`.
static Rule makeFill(bool isUp) {
  return [=](L &l, Operation *op) {
    llvm::IRBuilder<> &b = l.b;
    Value result = op->getResult(0);
    llvm::Value *delta = l.getWide(op->getOperand(2)),
                *modulo = l.getWide(op->getOperand(3)),
                *lane = l.getIota(b.getInt32Ty());
    llvm::Value *place =
        b.CreateAnd(lane, b.CreateSub(modulo, l.splat(l.getInt(1))));
    llvm::Value *source, *isThere, *filled;
    if (isUp) {
      source = b.CreateSub(lane, delta);
      isThere = b.CreateICmpUGE(place, delta);
      filled = b.CreateAdd(source, modulo);
    } else {
      source = b.CreateAdd(lane, delta);
      isThere = b.CreateICmpULT(b.CreateAdd(place, delta), modulo);
      filled = b.CreateSub(source, modulo);
    }
    Parts parts;
    for (unsigned part = 0; part < l.getNumParts(result.getType()); ++part)
      parts.push_back(b.CreateSelect(
          isThere, gatherLanes(l, l.getWide(op->getOperand(0), part), source),
          gatherLanes(l, l.getWide(op->getOperand(1), part), filled)));
    l.define(result, parts);
    return success();
  };
}

//===----------------------------------------------------------------------===//
// Votes
//===----------------------------------------------------------------------===//

/// The bits of a mask; for quad groups those of its own group in each lane.
static llvm::Value *getVotes(L &l, llvm::Value *lanes, unsigned threads) {
  llvm::IRBuilder<> &b = l.b;
  llvm::Value *bits = l.getBits(lanes);
  if (threads == kLanes)
    return bits;
  llvm::Value *first =
      b.CreateAnd(l.getIota(b.getInt32Ty()), l.splat(l.getInt(~(kQuad - 1))));
  return b.CreateAnd(b.CreateLShr(l.splat(bits), first),
                     l.splat(l.getInt((1 << kQuad) - 1)));
}

static llvm::Value *isZero(L &l, llvm::Value *bits) {
  return l.b.CreateICmpEQ(bits, llvm::Constant::getNullValue(bits->getType()));
}

/// The place of the first lane that runs.
static llvm::Value *getFirst(L &l, unsigned threads) {
  return l.b.CreateBinaryIntrinsic(
      Intrinsic::cttz, getVotes(l, l.getMask(), threads), l.b.getFalse());
}

static llvm::Value *toBallot(L &l, llvm::Value *bits) {
  return l.b.CreateZExt(bits,
                        bits->getType()->getWithNewType(l.b.getInt64Ty()));
}

static Rule makeVote(llvm::Value *(*make)(L &, Operation *, unsigned),
                     unsigned threads) {
  return [=](L &l, Operation *op) {
    l.define(op->getResult(0), make(l, op, threads));
    return success();
  };
}

static llvm::Value *ballot(L &l, Operation *op, unsigned threads) {
  return toBallot(
      l, getVotes(l, l.both(l.mask, l.getWide(op->getOperand(0))), threads));
}
static llvm::Value *all(L &l, Operation *op, unsigned threads) {
  llvm::Value *against = l.b.CreateNot(l.getWide(op->getOperand(0)));
  return isZero(l, getVotes(l, l.both(l.mask, against), threads));
}
static llvm::Value *anyVote(L &l, Operation *op, unsigned threads) {
  return l.b.CreateNot(isZero(
      l, getVotes(l, l.both(l.mask, l.getWide(op->getOperand(0))), threads)));
}
static llvm::Value *isFirst(L &l, Operation *, unsigned threads) {
  return l.b.CreateICmpEQ(getPlaces(l, threads), l.splat(getFirst(l, threads)));
}
static llvm::Value *activeThreads(L &l, Operation *, unsigned threads) {
  return toBallot(l, getVotes(l, l.getMask(), threads));
}

/// The value of one lane for all of a SIMD group.
static Rule makeBroadcast(llvm::Value *(*getLane)(L &, Operation *)) {
  return [=](L &l, Operation *op) {
    Value result = op->getResult(0);
    llvm::Value *lane = getLane(l, op);
    Parts parts;
    for (unsigned part = 0; part < l.getNumParts(result.getType()); ++part)
      parts.push_back(
          l.b.CreateExtractElement(l.getWide(op->getOperand(0), part), lane));
    l.define(result, parts);
    return success();
  };
}

static Rule makeQuadBroadcastFirst() {
  return [](L &l, Operation *op) {
    Value result = op->getResult(0);
    llvm::Value *lanes = toLane(l, getFirst(l, kQuad), kQuad);
    Parts parts;
    for (unsigned part = 0; part < l.getNumParts(result.getType()); ++part)
      parts.push_back(
          gatherLanes(l, l.getWide(op->getOperand(0), part), lanes));
    l.define(result, parts);
    return success();
  };
}

void cpu::addGroupRules(Rules &rules) {
#define ENIGMA_GROUP(Simd, threads)                                            \
  rules.add<Simd##SumOp>(makeReduction(add, zero, threads));                   \
  rules.add<Simd##ProductOp>(makeReduction(multiply, one, threads));           \
  rules.add<Simd##AndOp>(makeReduction(bitAnd, ones, threads));                \
  rules.add<Simd##OrOp>(makeReduction(bitOr, positiveZero, threads));          \
  rules.add<Simd##XorOp>(makeReduction(bitXor, positiveZero, threads));        \
  addExtreme<Simd##MinOp, false>(rules, threads);                              \
  addExtreme<Simd##MaxOp, true>(rules, threads);                               \
  rules.add<Simd##PrefixExclusiveSumOp>(                                       \
      makeScan(add, positiveZero, threads, true));                             \
  rules.add<Simd##PrefixInclusiveSumOp>(makeScan(add, zero, threads, false));  \
  rules.add<Simd##PrefixExclusiveProductOp>(                                   \
      makeScan(multiply, one, threads, true));                                 \
  rules.add<Simd##PrefixInclusiveProductOp>(                                   \
      makeScan(multiply, one, threads, false));                                \
  rules.add<Simd##ShuffleOp>(                                                  \
      makeShuffle([](L &, llvm::Value *, llvm::Value *lane,                    \
                     unsigned) { return Source{lane, nullptr}; },              \
                  threads));                                                   \
  rules.add<Simd##ShuffleUpOp>(makeShuffle(                                    \
      [](L &l, llvm::Value *place, llvm::Value *delta, unsigned) {             \
        return Source{l.b.CreateSub(place, delta),                             \
                      l.b.CreateICmpUGE(place, delta)};                        \
      },                                                                       \
      threads));                                                               \
  rules.add<Simd##ShuffleDownOp>(makeShuffle(                                  \
      [](L &l, llvm::Value *place, llvm::Value *delta, unsigned count) {       \
        return Source{                                                         \
            l.b.CreateAdd(place, delta),                                       \
            l.b.CreateICmpULT(                                                 \
                delta, l.b.CreateSub(l.splat(l.getInt(count)), place))};       \
      },                                                                       \
      threads));                                                               \
  rules.add<Simd##ShuffleXorOp>(makeShuffle(                                   \
      [](L &l, llvm::Value *place, llvm::Value *mask, unsigned) {              \
        return Source{l.b.CreateXor(place, mask), nullptr};                    \
      },                                                                       \
      threads));                                                               \
  rules.add<Simd##ShuffleRotateUpOp>(makeShuffle(                              \
      [](L &l, llvm::Value *place, llvm::Value *delta, unsigned) {             \
        return Source{l.b.CreateSub(place, delta), nullptr};                   \
      },                                                                       \
      threads));                                                               \
  rules.add<Simd##ShuffleRotateDownOp>(makeShuffle(                            \
      [](L &l, llvm::Value *place, llvm::Value *delta, unsigned) {             \
        return Source{l.b.CreateAdd(place, delta), nullptr};                   \
      },                                                                       \
      threads));                                                               \
  rules.add<Simd##ShuffleAndFillUpOp>(makeFill(true));                         \
  rules.add<Simd##ShuffleAndFillDownOp>(makeFill(false));                      \
  rules.add<Simd##BallotOp>(makeVote(ballot, threads));                        \
  rules.add<Simd##AllOp>(makeVote(all, threads));                              \
  rules.add<Simd##AnyOp>(makeVote(anyVote, threads));                          \
  rules.add<Simd##IsFirstOp>(makeVote(isFirst, threads));                      \
  rules.add<Simd##ActiveThreadsMaskOp>(makeVote(activeThreads, threads));
  ENIGMA_GROUP(Simd, kLanes)
  ENIGMA_GROUP(Quad, kQuad)
#undef ENIGMA_GROUP
  rules.add<SimdBroadcastOp>(makeBroadcast([](L &l, Operation *op) {
    // Where threads give different lanes, the first that runs decides.
    Value operand = op->getOperand(1);
    llvm::Value *lane =
        l.getVariation(operand).isUniform()
            ? l.get(operand)
            : l.b.CreateExtractElement(l.getWide(operand), getFirst(l, kLanes));
    return l.b.CreateAnd(lane, l.getInt(kLanes - 1));
  }));
  rules.add<SimdBroadcastFirstOp>(
      makeBroadcast([](L &l, Operation *) { return getFirst(l, kLanes); }));
  rules.add<QuadBroadcastOp>(
      makeShuffle([](L &, llvm::Value *, llvm::Value *lane,
                     unsigned) { return Source{lane, nullptr}; },
                  kQuad));
  rules.add<QuadBroadcastFirstOp>(makeQuadBroadcastFirst());
}
