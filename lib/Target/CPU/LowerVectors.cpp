// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors of the kernel, each lane of which is a part.

#include "Lowering.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

/// All parts, as the result is held.
static Parts getParts(Lowering &lowering, Value value, bool wide) {
  Parts parts;
  for (unsigned part = 0, e = lowering.getNumParts(value.getType()); part < e;
       ++part)
    parts.push_back(lowering.getAs(value, wide, part));
  return parts;
}

/// The place of a lane, and the value of it if it is not known.
template <typename Op> static std::pair<int64_t, Value> getPosition(Op op) {
  if (op.getNumIndices() == 0)
    return {0, Value()};
  OpFoldResult position = op.getMixedPosition().front();
  if (auto value = dyn_cast<Value>(position))
    return {0, value};
  return {cast<IntegerAttr>(cast<Attribute>(position)).getInt(), Value()};
}

static LogicalResult lowerExtract(Lowering &lowering, Operation *op) {
  auto extract = cast<vector::ExtractOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  bool wide = lowering.isWide(extract.getResult());
  Parts parts = getParts(lowering, extract.getSource(), wide);
  auto [place, variable] = getPosition(extract);
  llvm::Value *found = parts[place];
  if (variable) {
    llvm::Value *index = lowering.getAs(variable, wide);
    for (unsigned part = 1; part < parts.size(); ++part)
      found = b.CreateSelect(
          b.CreateICmpEQ(index, llvm::ConstantInt::get(index->getType(), part)),
          parts[part], found);
  }
  lowering.define(extract.getResult(), found);
  return success();
}

static LogicalResult lowerInsert(Lowering &lowering, Operation *op) {
  auto insert = cast<vector::InsertOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  bool wide = lowering.isWide(insert.getResult());
  Parts parts = getParts(lowering, insert.getDest(), wide);
  llvm::Value *value = lowering.getAs(insert.getValueToStore(), wide);
  auto [place, variable] = getPosition(insert);
  if (!variable) {
    parts[place] = value;
  } else {
    llvm::Value *index = lowering.getAs(variable, wide);
    for (auto [part, old] : llvm::enumerate(parts))
      old = b.CreateSelect(
          b.CreateICmpEQ(index, llvm::ConstantInt::get(index->getType(), part)),
          value, old);
  }
  lowering.define(insert.getResult(), parts);
  return success();
}

static LogicalResult lowerShuffle(Lowering &lowering, Operation *op) {
  auto shuffle = cast<vector::ShuffleOp>(op);
  bool wide = lowering.isWide(shuffle.getResult());
  Parts all = getParts(lowering, shuffle.getV1(), wide);
  all.append(getParts(lowering, shuffle.getV2(), wide));
  Parts parts;
  for (int64_t place : shuffle.getMask())
    parts.push_back(all[std::max<int64_t>(place, 0)]);
  lowering.define(shuffle.getResult(), parts);
  return success();
}

static LogicalResult lowerSplit(Lowering &lowering, Operation *op) {
  auto split = cast<SplitAccessOp>(op);
  Value first = split.getParts().front();
  Parts lanes = getParts(lowering, split.getWhole(), lowering.isWide(first));
  unsigned size = lowering.getNumParts(first.getType());
  for (auto [i, part] : llvm::enumerate(split.getParts()))
    lowering.define(
        part, Parts(ArrayRef<llvm::Value *>(lanes).slice(i * size, size)));
  return success();
}

static LogicalResult lowerJoin(Lowering &lowering, Operation *op) {
  auto join = cast<JoinAccessOp>(op);
  Parts lanes;
  for (Value part : join.getParts())
    lanes.append(getParts(lowering, part, lowering.isWide(join.getWhole())));
  lowering.define(join.getWhole(), lanes);
  return success();
}

static LogicalResult lowerReduction(Lowering &lowering, Operation *op) {
  auto reduction = cast<vector::ReductionOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  bool wide = lowering.isWide(reduction.getResult());
  Parts parts = getParts(lowering, reduction.getVector(), wide);
  if (reduction.getAcc())
    parts.insert(parts.begin(), lowering.getAs(reduction.getAcc(), wide));
  llvm::Type *type = parts.front()->getType();
  bool isFloat = type->isFPOrFPVectorTy();
  auto combine = [&](llvm::Value *x, llvm::Value *y) -> llvm::Value * {
    using K = vector::CombiningKind;
    switch (reduction.getKind()) {
    case K::ADD:
      return isFloat ? b.CreateFAdd(x, y) : b.CreateAdd(x, y);
    case K::MUL:
      return isFloat ? b.CreateFMul(x, y) : b.CreateMul(x, y);
    case K::MINUI:
      return b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, x, y);
    case K::MINSI:
      return b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, x, y);
    case K::MAXUI:
      return b.CreateBinaryIntrinsic(llvm::Intrinsic::umax, x, y);
    case K::MAXSI:
      return b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, x, y);
    case K::AND:
      return b.CreateAnd(x, y);
    case K::OR:
      return b.CreateOr(x, y);
    case K::XOR:
      return b.CreateXor(x, y);
    case K::MINNUMF:
      return b.CreateMinNum(x, y);
    case K::MAXNUMF:
      return b.CreateMaxNum(x, y);
    case K::MINIMUMF:
      return b.CreateMinimum(x, y);
    case K::MAXIMUMF:
      return b.CreateMaximum(x, y);
    }
    llvm_unreachable("unknown reduction");
  };
  bool isBFloat = type->getScalarType()->isBFloatTy();
  llvm::Type *single = type->getWithNewType(b.getFloatTy());
  llvm::Value *result = parts.front();
  for (llvm::Value *part : llvm::drop_begin(parts)) {
    // Each step rounds.
    if (isBFloat)
      result = b.CreateFPTrunc(
          combine(b.CreateFPExt(result, single), b.CreateFPExt(part, single)),
          type);
    else
      result = combine(result, part);
  }
  lowering.define(reduction.getResult(), result);
  return success();
}

/// The same bits as lanes of another width.
static LogicalResult lowerBitCast(Lowering &lowering, Operation *op) {
  auto cast = ::cast<vector::BitCastOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  bool wide = lowering.isWide(cast.getResult());
  Parts parts = getParts(lowering, cast.getSource(), wide), made;
  unsigned count = lowering.getNumParts(cast.getType());
  auto inLanes = [&](llvm::Type *type) {
    return wide ? Lowering::getWideType(type) : type;
  };
  llvm::Type *element = lowering.getElementType(cast.getType());
  unsigned from = parts.front()->getType()->getScalarSizeInBits(),
           to = element->getScalarSizeInBits();
  llvm::Type *narrowBits = inLanes(b.getIntNTy(std::min(from, to))),
             *wideBits = inLanes(b.getIntNTy(std::max(from, to)));
  auto shift = [&](unsigned bits) {
    return llvm::ConstantInt::get(wideBits, bits);
  };
  if (from == to) {
    for (llvm::Value *part : parts)
      made.push_back(b.CreateBitCast(part, inLanes(element)));
  } else if (from > to) {
    for (llvm::Value *part : parts) {
      llvm::Value *bits = b.CreateBitCast(part, wideBits);
      for (unsigned i = 0; i < from / to; ++i)
        made.push_back(b.CreateBitCast(
            b.CreateTrunc(b.CreateLShr(bits, shift(i * to)), narrowBits),
            inLanes(element)));
    }
  } else {
    for (unsigned part = 0; part < count; ++part) {
      llvm::Value *bits = llvm::ConstantInt::get(wideBits, 0);
      for (unsigned i = 0; i < to / from; ++i) {
        llvm::Value *piece = b.CreateZExt(
            b.CreateBitCast(parts[part * (to / from) + i], narrowBits),
            wideBits);
        bits = b.CreateOr(bits, b.CreateShl(piece, shift(i * from)));
      }
      made.push_back(b.CreateBitCast(bits, inLanes(element)));
    }
  }
  lowering.define(cast.getResult(), made);
  return success();
}

void cpu::addVectorRules(Rules &rules) {
  rules.add<vector::FromElementsOp>([](Lowering &lowering, Operation *op) {
    Parts parts;
    for (Value element : op->getOperands())
      parts.push_back(
          lowering.getAs(element, lowering.isWide(op->getResult(0))));
    lowering.define(op->getResult(0), parts);
    return success();
  });
  rules.add<vector::ToElementsOp>([](Lowering &lowering, Operation *op) {
    for (auto [part, result] : llvm::enumerate(op->getResults()))
      lowering.define(result, lowering.getAs(op->getOperand(0),
                                             lowering.isWide(result), part));
    return success();
  });
  rules.add<vector::BroadcastOp>([](Lowering &lowering, Operation *op) {
    Value result = op->getResult(0), source = op->getOperand(0);
    Parts parts;
    bool isScalar = lowering.getNumParts(source.getType()) == 1;
    for (unsigned part = 0, e = lowering.getNumParts(result.getType());
         part < e; ++part)
      parts.push_back(
          lowering.getAs(source, lowering.isWide(result), isScalar ? 0 : part));
    lowering.define(result, parts);
    return success();
  });
  rules.add<vector::ExtractOp>(lowerExtract);
  rules.add<vector::InsertOp>(lowerInsert);
  rules.add<vector::ShuffleOp>(lowerShuffle);
  rules.add<SplitAccessOp>(lowerSplit);
  rules.add<JoinAccessOp>(lowerJoin);
  rules.add<vector::ReductionOp>(lowerReduction);
  rules.add<vector::BitCastOp>(lowerBitCast);
}
