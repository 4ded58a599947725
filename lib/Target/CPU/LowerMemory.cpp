// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads, stores, arrays and atomic accesses.

#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

/// What one store of a row writes, at most.
static constexpr unsigned kStoreBits = 256;

namespace {
/// Consecutive elements, of which each lane accesses some.
class ElementAccess {
public:
  ElementAccess(Lowering &lowering, const Memory &memory, Value index,
                unsigned count)
      : lowering(lowering), b(lowering.b), memory(memory), index(index),
        count(count), alignment(memory.element->getScalarSizeInBits() / 8) {}
  ElementAccess(Lowering &lowering, Value memory, Value index, unsigned count)
      : ElementAccess(lowering, lowering.getMemory(memory), index, count) {}

  /// One of the elements of another access.
  ElementAccess(const ElementAccess &other, unsigned part)
      : ElementAccess(other) {
    first += part;
    count = 1;
  }

  Parts load();
  void store(ArrayRef<llvm::Value *> parts);

  /// Of one lane, whose index is i64.
  llvm::Value *getAddress(llvm::Value *at, unsigned part = 0);
  void scatter(llvm::Value *at, ArrayRef<llvm::Value *> parts);

private:
  Parts loadScalars(llvm::Value *at);
  Parts loadRow(llvm::Value *at);
  Parts gather(llvm::Value *at);
  void storeRow(llvm::Value *at, ArrayRef<llvm::Value *> parts);
  /// Chooses by whether the lanes access one row of elements: `row` is given
  /// the index of the first lane, `any` those of all.
  Parts choose(llvm::function_ref<Parts(llvm::Value *)> row,
               llvm::function_ref<Parts(llvm::Value *)> any);
  llvm::Value *getRowMask();

  Lowering &lowering;
  llvm::IRBuilder<> &b;
  Memory memory;
  Value index;
  /// What is added to the index, and how many elements there are from there on.
  unsigned first = 0, count;
  llvm::Align alignment;
};
} // namespace

unsigned cpu::getElementLanes(Type dtype) {
  return BufferType::getElementBytes(dtype) /
         BufferType::getElementBytes(BufferType::getScalarType(dtype));
}

llvm::Value *ElementAccess::getAddress(llvm::Value *at, unsigned part) {
  part += first;
  if (memory.lanes != 1)
    at = b.CreateMul(at, llvm::ConstantInt::get(at->getType(), memory.lanes));
  if (part)
    at = b.CreateAdd(at, llvm::ConstantInt::get(at->getType(), part));
  if (memory.laneStride) {
    llvm::Value *lane = lowering.getIota(b.getInt64Ty());
    at = b.CreateAdd(
        at, b.CreateMul(lane, llvm::ConstantInt::get(lane->getType(),
                                                     memory.laneStride)));
  } else if (memory.isOwn) {
    at = b.CreateMul(at, llvm::ConstantInt::get(at->getType(), kLanes));
    if (at->getType()->isVectorTy())
      at = b.CreateAdd(at, lowering.getIota(b.getInt64Ty()));
  }
  return b.CreateGEP(memory.element, memory.base, at);
}

Parts ElementAccess::loadScalars(llvm::Value *at) {
  Parts parts;
  for (unsigned part = 0; part < count; ++part)
    parts.push_back(
        b.CreateAlignedLoad(memory.element, getAddress(at, part), alignment));
  return parts;
}

/// The mask of a row: that of a lane for each of its elements.
llvm::Value *ElementAccess::getRowMask() {
  if (!lowering.mask || count == 1)
    return lowering.mask;
  SmallVector<int> lanes;
  for (unsigned i = 0; i < count * kLanes; ++i)
    lanes.push_back(i / count);
  return b.CreateShuffleVector(lowering.mask, lanes);
}

Parts ElementAccess::loadRow(llvm::Value *at) {
  if (memory.isOwn && count != 1) {
    Parts parts;
    for (unsigned part = 0; part < count; ++part)
      parts.append(ElementAccess(*this, part).loadRow(at));
    return parts;
  }
  auto *type = llvm::FixedVectorType::get(memory.element, count * kLanes);
  llvm::Value *address = getAddress(at), *lanes = getRowMask(), *row;
  if (lanes)
    row = b.CreateMaskedLoad(type, address, alignment, lanes,
                             llvm::Constant::getNullValue(type));
  else
    row = b.CreateAlignedLoad(type, address, alignment);
  if (count == 1)
    return {row};
  Parts parts;
  for (unsigned part = 0; part < count; ++part) {
    SmallVector<int> places;
    for (unsigned lane = 0; lane < kLanes; ++lane)
      places.push_back(lane * count + part);
    parts.push_back(b.CreateShuffleVector(row, places));
  }
  return parts;
}

Parts ElementAccess::gather(llvm::Value *at) {
  llvm::Type *type = Lowering::getWideType(memory.element);
  Parts parts;
  for (unsigned part = 0; part < count; ++part)
    parts.push_back(b.CreateMaskedGather(type, getAddress(at, part), alignment,
                                         lowering.getMask(),
                                         llvm::Constant::getNullValue(type)));
  return parts;
}

void ElementAccess::storeRow(llvm::Value *at, ArrayRef<llvm::Value *> parts) {
  if (memory.isOwn && count != 1) {
    for (auto [part, value] : llvm::enumerate(parts))
      ElementAccess(*this, part).storeRow(at, value);
    return;
  }
  llvm::Value *row = parts.front();
  if (count != 1) {
    // Neighbours first, then neighbours of them.
    SmallVector<llvm::Value *> joined(parts);
    while (!llvm::isPowerOf2_64(joined.size()))
      joined.push_back(joined.back());
    auto join = [&](llvm::Value *first, llvm::Value *second) {
      unsigned size =
          cast<llvm::FixedVectorType>(first->getType())->getNumElements();
      SmallVector<int> places;
      for (unsigned i = 0; i < 2 * size; ++i)
        places.push_back(i);
      return b.CreateShuffleVector(first, second, places);
    };
    while (joined.size() > 1) {
      for (size_t i = 0; i < joined.size() / 2; ++i)
        joined[i] = join(joined[2 * i], joined[2 * i + 1]);
      joined.truncate(joined.size() / 2);
    }
    llvm::Value *all = joined.front();
    SmallVector<int> places;
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (unsigned part = 0; part < count; ++part)
        places.push_back(part * kLanes + lane);
    row = b.CreateShuffleVector(all, places);
  }
  llvm::Value *address = getAddress(at);
  if (llvm::Value *lanes = getRowMask()) {
    b.CreateMaskedStore(row, address, alignment, lanes);
    return;
  }
  if (memory.isOwn) {
    b.CreateAlignedStore(row, address, alignment);
    return;
  }
  // Buffers begin anywhere, and stores that are as wide as a line of the cache
  // would all reach into a second one.
  unsigned size = cast<llvm::FixedVectorType>(row->getType())->getNumElements(),
           piece = std::min<unsigned>(
               size, kStoreBits / row->getType()->getScalarSizeInBits());
  for (unsigned i = 0; i < size; i += piece) {
    SmallVector<int> places(piece);
    std::iota(places.begin(), places.end(), i);
    b.CreateAlignedStore(b.CreateShuffleVector(row, places),
                         b.CreateConstGEP1_64(memory.element, address, i),
                         alignment);
  }
}

void ElementAccess::scatter(llvm::Value *at, ArrayRef<llvm::Value *> parts) {
  for (auto [part, value] : llvm::enumerate(parts))
    b.CreateMaskedScatter(value, getAddress(at, part), alignment,
                          lowering.getMask());
}

Parts ElementAccess::choose(llvm::function_ref<Parts(llvm::Value *)> row,
                            llvm::function_ref<Parts(llvm::Value *)> any) {
  Variation variation = lowering.getVariation(index);
  auto stride = static_cast<int64_t>(count);
  if (memory.laneStride)
    return any(lowering.getWide(index));
  if (memory.lanes != 1) {
    // With gaps between the vectors, they are no row.
    if (memory.lanes != count)
      return any(lowering.getWide(index));
    stride = 1;
  }
  if (memory.isOwn) {
    if (variation.isUniform())
      return row(lowering.get(index));
    return any(lowering.getWide(index));
  }
  if (variation.kind == Variation::Linear && variation.stride == stride)
    return row(lowering.get(index));
  // A number of 32 bits that grows from lane to lane is widened: if it does not
  // pass the end of its width on the way, so does the wide one.
  Operation *cast = index.getDefiningOp();
  bool isSigned = isa_and_nonnull<arith::IndexCastOp>(cast);
  if (!isSigned && !isa_and_nonnull<arith::IndexCastUIOp>(cast))
    return any(lowering.getWide(index));
  Value number = cast->getOperand(0);
  Variation narrow = lowering.getVariation(number);
  if (narrow.kind != Variation::Linear || narrow.stride != stride)
    return any(lowering.getWide(index));
  llvm::Value *first = lowering.get(number);
  unsigned width = first->getType()->getIntegerBitWidth();
  APInt last =
      (isSigned ? APInt::getSignedMaxValue(width) : APInt::getMaxValue(width)) -
      (kLanes - 1) * stride;
  llvm::Value *isRow =
      b.CreateICmp(isSigned ? llvm::CmpInst::ICMP_SLE : llvm::CmpInst::ICMP_ULE,
                   first, llvm::ConstantInt::get(first->getType(), last));
  llvm::BasicBlock *rowBlock = lowering.makeBlock("row"),
                   *anyBlock = lowering.makeBlock("any"),
                   *end = lowering.makeBlock("access.end");
  b.CreateCondBr(isRow, rowBlock, anyBlock);
  lowering.moveTo(rowBlock);
  Parts ofRow = row(b.CreateIntCast(first, b.getInt64Ty(), isSigned));
  rowBlock = b.GetInsertBlock();
  b.CreateBr(end);
  lowering.moveTo(anyBlock);
  Parts ofAny = any(lowering.getWide(index));
  anyBlock = b.GetInsertBlock();
  b.CreateBr(end);
  lowering.moveTo(end);
  Parts parts;
  for (auto [first, second] : llvm::zip(ofRow, ofAny)) {
    llvm::PHINode *part = b.CreatePHI(first->getType(), 2);
    part->addIncoming(first, rowBlock);
    part->addIncoming(second, anyBlock);
    parts.push_back(part);
  }
  return parts;
}

Parts ElementAccess::load() {
  if (lowering.getVariation(index).isUniform() && !memory.isOwn)
    return loadScalars(lowering.get(index));
  return choose([&](llvm::Value *at) { return loadRow(at); },
                [&](llvm::Value *at) { return gather(at); });
}

void ElementAccess::store(ArrayRef<llvm::Value *> parts) {
  choose(
      [&](llvm::Value *at) {
        storeRow(at, parts);
        return Parts();
      },
      [&](llvm::Value *at) {
        scatter(at, parts);
        return Parts();
      });
}

static LogicalResult lowerLoad(Lowering &lowering, Operation *op, Value memory,
                               Value index) {
  Value result = op->getResult(0);
  Parts parts = ElementAccess(lowering, memory, index,
                              lowering.getNumParts(result.getType()))
                    .load();
  for (llvm::Value *&part : parts)
    part = lowering.retype(part, lowering.getElementType(result.getType()));
  lowering.define(result, parts);
  return success();
}

static LogicalResult lowerStore(Lowering &lowering, Value value, Value memory,
                                Value index) {
  llvm::IRBuilder<> &b = lowering.b;
  unsigned count = lowering.getNumParts(value.getType());
  ElementAccess access(lowering, memory, index, count);
  Memory place = lowering.getMemory(memory);
  // One element takes the value of one thread, and so does that of all.
  bool isOne = lowering.getVariation(index).isUniform() &&
               lowering.getVariation(value).isUniform() && !place.isOwn;
  Parts parts;
  for (unsigned part = 0; part < count; ++part)
    parts.push_back(
        lowering.retype(lowering.getAs(value, !isOne, part), place.element));
  if (!isOne) {
    access.store(parts);
    return success();
  }
  for (auto [part, element] : llvm::enumerate(parts))
    b.CreateAlignedStore(element, access.getAddress(lowering.get(index), part),
                         llvm::Align(place.element->getScalarSizeInBits() / 8));
  return success();
}

/// What the bytes of a lane's own array are a multiple of, where it is seen as
/// other elements: those of any.
static constexpr uint64_t kRecastBytes = 16;

LogicalResult cpu::lowerAlloc(Lowering &lowering, Operation *op) {
  auto alloc = cast<AllocOp>(op);
  auto type = cast<MemRefType>(alloc.getType());
  if (alloc.getAddressSpace() != AddressSpace::Thread)
    return success();
  llvm::IRBuilder<> &b = lowering.b;
  llvm::Type *element =
      Lowering::getStoredType(lowering.getElementType(type.getElementType()));
  unsigned lanes = getElementLanes(alloc.getElementDtype());
  uint64_t count = alloc.getNumElements() * lanes, laneStride = 0;
  if (llvm::any_of(alloc->getUsers(), llvm::IsaPred<RecastOp>)) {
    uint64_t bytes = element->getScalarSizeInBits() / 8;
    count = laneStride = llvm::alignTo(count * bytes, kRecastBytes) / bytes;
  }
  auto *array = llvm::ArrayType::get(Lowering::getWideType(element), count);
  bool lives = lowering.hasBarrier(alloc->getParentOp());
  llvm::Value *base =
      lowering.makeArray(array, lives ? lowering.maxSimdgroups : 1);
  Memory memory = {base, element, /*isOwn=*/true, lanes, laneStride};
  uint64_t bytes = lowering.module.getDataLayout().getTypeAllocSize(array);
  lowering.memories[alloc] = memory;
  if (lives)
    lowering.ownBytes[alloc] = bytes;
  // What nobody wrote is 0, and no value that LLVM may choose at each use.
  b.CreateMemSet(lowering.getMemory(alloc.getResult()).base, b.getInt8(0),
                 bytes, llvm::Align(64));
  return success();
}

/// A table is a constant of the module.
LogicalResult cpu::lowerConstantArray(Lowering &lowering, Operation *op) {
  auto table = cast<ConstantArrayOp>(op);
  auto type = cast<MemRefType>(table.getType());
  llvm::Type *element =
      Lowering::getStoredType(lowering.getElementType(type.getElementType()));
  auto values = cast<DenseIntOrFPElementsAttr>(table.getValues());
  SmallVector<llvm::Constant *> elements;
  if (isa<FloatType>(type.getElementType())) {
    for (const llvm::APFloat &value : values.getValues<llvm::APFloat>())
      elements.push_back(llvm::ConstantExpr::getBitCast(
          llvm::ConstantFP::get(lowering.b.getContext(), value), element));
  } else {
    unsigned width = element->getIntegerBitWidth();
    for (const llvm::APInt &value : values.getValues<llvm::APInt>())
      elements.push_back(llvm::ConstantInt::get(element, value.zext(width)));
  }
  auto *array = llvm::ArrayType::get(element, elements.size());
  auto *global = new llvm::GlobalVariable(
      lowering.module, array, /*isConstant=*/true,
      llvm::GlobalValue::PrivateLinkage,
      llvm::ConstantArray::get(array, elements), "table");
  global->setAlignment(llvm::Align(64));
  lowering.memories[table.getResult()] = {global, element};
  return success();
}

/// One lane of a vector in memory.
static LogicalResult lowerStoreLane(Lowering &lowering, Operation *op) {
  auto store = cast<StoreLaneOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  Memory memory = lowering.getMemory(store.getBuffer());
  llvm::Value *at = lowering.getWide(store.getIndex());
  at = b.CreateMul(at, llvm::ConstantInt::get(at->getType(), memory.lanes));
  at = b.CreateAdd(at, lowering.getWide(store.getLane()));
  memory.lanes = 1;
  ElementAccess(lowering, memory, store.getIndex(), 1)
      .scatter(at, lowering.retype(lowering.getWide(store.getValue()),
                                   memory.element));
  return success();
}

LogicalResult cpu::lowerRecast(Lowering &lowering, Operation *op) {
  auto recast = cast<RecastOp>(op);
  auto type = cast<MemRefType>(recast.getType());
  Memory memory = lowering.memories.lookup(recast.getBuffer());
  unsigned bits = memory.element->getScalarSizeInBits();
  memory.element =
      Lowering::getStoredType(lowering.getElementType(type.getElementType()));
  memory.lanes = getElementLanes(recast.getElementDtype());
  memory.laneStride =
      memory.laneStride * bits / memory.element->getScalarSizeInBits();
  lowering.memories[recast.getResult()] = memory;
  if (uint64_t bytes = lowering.ownBytes.lookup(recast.getBuffer()))
    lowering.ownBytes[recast.getResult()] = bytes;
  return success();
}

static llvm::AtomicRMWInst::BinOp getOperation(AtomicRMWOp op) {
  using Op = llvm::AtomicRMWInst;
  bool isFloat = isa<FloatType>(op.getValue().getType());
  switch (op.getKind()) {
  case AtomicKind::Exchange:
    return Op::Xchg;
  case AtomicKind::Add:
    return isFloat ? Op::FAdd : Op::Add;
  case AtomicKind::Sub:
    return isFloat ? Op::FSub : Op::Sub;
  case AtomicKind::Min:
    return op.getIsUnsigned() ? Op::UMin : Op::Min;
  case AtomicKind::Max:
    return op.getIsUnsigned() ? Op::UMax : Op::Max;
  case AtomicKind::And:
    return Op::And;
  case AtomicKind::Or:
    return Op::Or;
  case AtomicKind::Xor:
    return Op::Xor;
  }
  llvm_unreachable("unknown kind of atomic operation");
}

/// Does something atomic for one lane after the other: `make` is given the
/// address of the element and the operands of the lane.
static LogicalResult lowerAtomic(
    Lowering &lowering, Operation *op, Value memory, Value index,
    ValueRange operands,
    llvm::function_ref<Parts(llvm::Value *, ArrayRef<llvm::Value *>)> make) {
  llvm::IRBuilder<> &b = lowering.b;
  ElementAccess access(lowering, memory, index, 1);
  llvm::Value *indices = lowering.getWide(index);
  SmallVector<llvm::Value *> wide, places;
  for (Value operand : operands)
    wide.push_back(lowering.getWide(operand));
  for (Value result : op->getResults())
    places.push_back(lowering.makeVariable(
        Lowering::getWideType(lowering.getElementType(result.getType()))));
  lowering.forEachLane([&](llvm::Value *lane) {
    SmallVector<llvm::Value *> ofLane;
    for (llvm::Value *value : wide)
      ofLane.push_back(b.CreateExtractElement(value, lane));
    Parts made =
        make(access.getAddress(b.CreateExtractElement(indices, lane)), ofLane);
    for (auto [value, place] : llvm::zip(made, places)) {
      llvm::Type *type = Lowering::getWideType(value->getType());
      b.CreateStore(
          b.CreateInsertElement(b.CreateLoad(type, place), value, lane), place);
    }
  });
  for (auto [result, place] : llvm::zip(op->getResults(), places))
    lowering.define(result,
                    b.CreateLoad(Lowering::getWideType(
                                     lowering.getElementType(result.getType())),
                                 place));
  return success();
}

static constexpr auto kRelaxed = llvm::AtomicOrdering::Monotonic;

static LogicalResult lowerAtomicLoad(Lowering &lowering, Operation *op) {
  auto load = cast<AtomicLoadOp>(op);
  return lowerAtomic(
      lowering, op, load.getBuffer(), load.getIndex(), {},
      [&](llvm::Value *address, ArrayRef<llvm::Value *>) -> Parts {
        llvm::Type *type = lowering.getElementType(load.getType());
        llvm::LoadInst *loaded =
            lowering.b.CreateAlignedLoad(type, address, llvm::Align(4));
        loaded->setAtomic(kRelaxed);
        return {loaded};
      });
}

static LogicalResult lowerAtomicStore(Lowering &lowering, Operation *op) {
  auto store = cast<AtomicStoreOp>(op);
  return lowerAtomic(
      lowering, op, store.getBuffer(), store.getIndex(), store.getValue(),
      [&](llvm::Value *address, ArrayRef<llvm::Value *> operands) -> Parts {
        lowering.b.CreateAlignedStore(operands[0], address, llvm::Align(4))
            ->setAtomic(kRelaxed);
        return {};
      });
}

static LogicalResult lowerAtomicRMW(Lowering &lowering, Operation *op) {
  auto rmw = cast<AtomicRMWOp>(op);
  return lowerAtomic(
      lowering, op, rmw.getBuffer(), rmw.getIndex(), rmw.getValue(),
      [&](llvm::Value *address, ArrayRef<llvm::Value *> operands) -> Parts {
        return {lowering.b.CreateAtomicRMW(
            getOperation(rmw), address, operands[0], llvm::Align(4), kRelaxed)};
      });
}

static LogicalResult lowerAtomicReduce(Lowering &lowering, Operation *op) {
  auto reduce = cast<AtomicReduceOp>(op);
  auto operation = reduce.getKind() == AtomicKind::Min
                       ? llvm::AtomicRMWInst::UMin
                       : llvm::AtomicRMWInst::UMax;
  return lowerAtomic(
      lowering, op, reduce.getBuffer(), reduce.getIndex(), reduce.getValue(),
      [&](llvm::Value *address, ArrayRef<llvm::Value *> operands) -> Parts {
        lowering.b.CreateAtomicRMW(operation, address, operands[0],
                                   llvm::Align(8), kRelaxed);
        return {};
      });
}

static LogicalResult lowerCompareExchange(Lowering &lowering, Operation *op) {
  auto exchange = cast<AtomicCompareExchangeOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  return lowerAtomic(
      lowering, op, exchange.getBuffer(), exchange.getIndex(),
      {exchange.getExpected(), exchange.getDesired()},
      [&](llvm::Value *address, ArrayRef<llvm::Value *> operands) -> Parts {
        llvm::Type *type = operands[0]->getType(), *bits = b.getInt32Ty();
        llvm::Value *pair =
            b.CreateAtomicCmpXchg(address, b.CreateBitCast(operands[0], bits),
                                  b.CreateBitCast(operands[1], bits),
                                  llvm::Align(4), kRelaxed, kRelaxed);
        return {b.CreateBitCast(b.CreateExtractValue(pair, 0), type),
                b.CreateExtractValue(pair, 1)};
      });
}

/// What the host set a function constant to, or what it is where it did not.
static LogicalResult lowerFunctionConstant(Lowering &lowering, Operation *op) {
  auto constant = cast<FunctionConstantOp>(op);
  llvm::Type *type = lowering.getElementType(constant.getType());
  APInt bits;
  auto it = lowering.options.constants.find(constant.getIndex());
  if (it != lowering.options.constants.end()) {
    uint64_t given = 0;
    for (auto [i, byte] : llvm::enumerate(it->second))
      given |= uint64_t(static_cast<unsigned char>(byte)) << 8 * i;
    bits = APInt(64, given).trunc(type->getScalarSizeInBits());
  } else if (auto number = dyn_cast_or_null<IntegerAttr>(
                 constant.getDefaultValueAttr())) {
    bits = number.getValue();
  } else if (auto number =
                 dyn_cast_or_null<FloatAttr>(constant.getDefaultValueAttr())) {
    bits = number.getValue().bitcastToAPInt();
  } else {
    return lowering.refuse(op, "a function constant without a value");
  }
  lowering.define(constant.getResult(),
                  lowering.b.CreateBitCast(lowering.b.getInt(bits), type));
  return success();
}

void cpu::addMemoryRules(Rules &rules) {
  rules.add<memref::LoadOp>([](Lowering &lowering, Operation *op) {
    auto load = cast<memref::LoadOp>(op);
    return lowerLoad(lowering, op, load.getMemRef(), load.getIndices().front());
  });
  rules.add<vector::LoadOp>([](Lowering &lowering, Operation *op) {
    auto load = cast<vector::LoadOp>(op);
    return lowerLoad(lowering, op, load.getBase(), load.getIndices().front());
  });
  rules.add<memref::StoreOp>([](Lowering &lowering, Operation *op) {
    auto store = cast<memref::StoreOp>(op);
    return lowerStore(lowering, store.getValueToStore(), store.getMemRef(),
                      store.getIndices().front());
  });
  rules.add<vector::StoreOp>([](Lowering &lowering, Operation *op) {
    auto store = cast<vector::StoreOp>(op);
    return lowerStore(lowering, store.getValueToStore(), store.getBase(),
                      store.getIndices().front());
  });
  rules.add<AllocOp>(lowerAlloc);
  rules.add<ConstantArrayOp>(lowerConstantArray);
  rules.add<RecastOp>(lowerRecast);
  rules.add<StoreLaneOp>(lowerStoreLane);
  rules.add<AtomicLoadOp>(lowerAtomicLoad);
  rules.add<AtomicStoreOp>(lowerAtomicStore);
  rules.add<AtomicRMWOp>(lowerAtomicRMW);
  rules.add<AtomicReduceOp>(lowerAtomicReduce);
  rules.add<AtomicCompareExchangeOp>(lowerCompareExchange);
  rules.add<FunctionConstantOp>(lowerFunctionConstant);
  // A constant is made where it is used.
  auto nothing = [](Lowering &, Operation *) { return success(); };
  rules.add<arith::ConstantOp>(nothing);
  rules.add<ub::PoisonOp>(nothing);
}
