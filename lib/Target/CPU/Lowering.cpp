// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of a SIMD group, masks and variables.

#include "Lowering.h"

#include "Checks.h"
#include "DebugLines.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

static Uniformity analyze(KernelOp kernel, const CPUOptions &options) {
  // Threadgroups of one dimension have their threads in order whatever their
  // number; others that lack some do not.
  bool isLine = options.block[1] == 1 && options.block[2] == 1;
  if (options.isRagged && !isLine)
    return Uniformity(kernel, std::nullopt);
  return Uniformity(kernel, options.block);
}

Lowering::Lowering(KernelOp kernel, llvm::Module &module,
                   const CPUOptions &options)
    : b(module.getContext()), kernel(kernel), module(module), options(options),
      uniformity(analyze(kernel, options)) {
  int64_t threads = options.block[0] * options.block[1] * options.block[2];
  maxSimdgroups = llvm::divideCeil(threads, kLanes);
  if (options.isChecked)
    checks = std::make_unique<Checks>(*this);
}

Lowering::~Lowering() = default;

//===----------------------------------------------------------------------===//
// Types and values
//===----------------------------------------------------------------------===//

llvm::Type *Lowering::getElementType(mlir::Type type) {
  if (auto matrix = dyn_cast<MatrixType>(type))
    type = matrix.getElementType();
  type = getElementTypeOrSelf(type);
  if (type.isIndex())
    return b.getInt64Ty();
  if (auto integer = dyn_cast<IntegerType>(type))
    return b.getIntNTy(integer.getWidth());
  if (type.isF16())
    return b.getHalfTy();
  if (type.isBF16())
    return b.getBFloatTy();
  return b.getFloatTy();
}

unsigned Lowering::getNumParts(mlir::Type type) {
  if (isa<SimdgroupMatrixType>(type))
    return kMatrixSize;
  if (auto matrix = dyn_cast<MatrixType>(type))
    return matrix.getColumns() * matrix.getRows();
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 1;
}

llvm::Type *Lowering::getWideType(llvm::Type *type) {
  return llvm::FixedVectorType::get(type, kLanes);
}

llvm::Type *Lowering::getKeptType(llvm::Type *type) {
  return type->getScalarType()->isBFloatTy()
             ? type->getWithNewType(llvm::Type::getInt16Ty(type->getContext()))
             : type;
}

llvm::Type *Lowering::getStoredType(llvm::Type *type) {
  return type->getScalarType()->isIntegerTy(1)
             ? type->getWithNewType(llvm::Type::getInt8Ty(type->getContext()))
             : getKeptType(type);
}

llvm::Value *Lowering::retype(llvm::Value *value, llvm::Type *element) {
  llvm::Type *found = value->getType()->getScalarType(),
             *type = value->getType()->getWithNewType(element->getScalarType());
  if (type == value->getType())
    return value;
  if (element->getScalarType()->isIntegerTy(1))
    return b.CreateIsNotNull(value);
  if (found->isIntegerTy(1))
    return b.CreateZExt(value, type);
  return b.CreateBitCast(value, type);
}

SmallVector<llvm::Type *, 4>
Lowering::getPartTypes(mlir::Type type, const Variation &variation) {
  llvm::Type *part;
  if (auto matrix = dyn_cast<SimdgroupMatrixType>(type))
    part = llvm::FixedVectorType::get(getElementType(matrix.getElementType()),
                                      kMatrixSize);
  else if (variation.kind == Variation::Varying)
    part = getWideType(getElementType(type));
  else
    part = getElementType(type);
  return SmallVector<llvm::Type *, 4>(getNumParts(type), part);
}

llvm::Constant *Lowering::getIota(llvm::Type *type) {
  SmallVector<llvm::Constant *> lanes;
  for (unsigned lane = 0; lane < kLanes; ++lane)
    lanes.push_back(llvm::ConstantInt::get(type, lane));
  return llvm::ConstantVector::get(lanes);
}

static llvm::Constant *getConstant(llvm::Type *type, Attribute attribute) {
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return llvm::ConstantInt::get(
        type, number.getValue().zextOrTrunc(type->getIntegerBitWidth()));
  return llvm::ConstantFP::get(type, cast<FloatAttr>(attribute).getValue());
}

/// A part of a constant; null for what is none.
static llvm::Value *getConstantPart(Lowering &lowering, mlir::Value value,
                                    unsigned part) {
  Attribute attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return nullptr;
  llvm::Type *type = lowering.getElementType(value.getType());
  if (auto elements = dyn_cast<DenseElementsAttr>(attribute))
    return getConstant(type, elements.isSplat()
                                 ? elements.getSplatValue<Attribute>()
                                 : *(elements.value_begin<Attribute>() + part));
  if (isa<IntegerAttr, FloatAttr>(attribute))
    return getConstant(type, attribute);
  // What is not defined may be anything.
  return llvm::Constant::getNullValue(type);
}

llvm::Value *Lowering::get(mlir::Value value, unsigned part) {
  auto it = values.find(value);
  if (it != values.end())
    return it->second[part];
  llvm::Value *constant = getConstantPart(*this, value, part);
  assert(constant && "a value is used before it is defined");
  return constant;
}

llvm::Value *Lowering::getWide(mlir::Value value, unsigned part) {
  llvm::Value *held = get(value, part);
  Variation variation = getVariation(value);
  // Lanes hold a matrix of a SIMD group together, whichever they chose.
  if (variation.kind == Variation::Varying ||
      isa<SimdgroupMatrixType>(value.getType()))
    return held;
  llvm::Value *wide = splat(held);
  if (variation.kind != Variation::Linear)
    return wide;
  llvm::Type *type = held->getType();
  llvm::Value *steps = b.CreateMul(
      getIota(type), b.CreateVectorSplat(kLanes, llvm::ConstantInt::getSigned(
                                                     type, variation.stride)));
  return b.CreateAdd(wide, steps);
}

void Lowering::define(mlir::Value value, ArrayRef<llvm::Value *> parts) {
  Parts held(parts);
  if (isWide(value) && !isa<SimdgroupMatrixType>(value.getType()))
    for (llvm::Value *&part : held)
      part = splat(part);
  values[value] = std::move(held);
}

llvm::Value *Lowering::getRow(llvm::Value *lanes, unsigned row) {
  SmallVector<int> places;
  for (unsigned column = 0; column < kMatrixSize; ++column)
    places.push_back((row * kMatrixSize + column) / 2);
  return b.CreateShuffleVector(lanes, places);
}

llvm::Value *Lowering::choose(llvm::Value *lanes, llvm::Value *taken,
                              llvm::Value *other, mlir::Type type,
                              unsigned part) {
  if (isa<SimdgroupMatrixType>(type) && lanes->getType()->isVectorTy())
    lanes = getRow(lanes, part);
  return b.CreateSelect(lanes, taken, other);
}

void Lowering::copy(mlir::Value value, mlir::Value source) {
  Parts parts;
  for (unsigned part = 0, e = getNumParts(value.getType()); part < e; ++part)
    parts.push_back(getAs(source, isWide(value), part));
  values[value] = std::move(parts);
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

llvm::Value *Lowering::getMask() {
  return mask ? mask : b.CreateVectorSplat(kLanes, b.getTrue());
}

llvm::Value *Lowering::both(llvm::Value *mask, llvm::Value *condition) {
  condition = splat(condition);
  return mask ? b.CreateLogicalAnd(mask, condition) : condition;
}

void Lowering::forEachLane(llvm::function_ref<void(llvm::Value *)> body) {
  llvm::Value *all = getBits(getMask());
  llvm::BasicBlock *before = b.GetInsertBlock(), *loop = makeBlock("lane"),
                   *after = makeBlock("lanes.end");
  // There is always one that runs.
  b.CreateBr(loop);
  moveTo(loop);
  llvm::PHINode *bits = b.CreatePHI(b.getInt32Ty(), 2);
  bits->addIncoming(all, before);
  llvm::Value *lane =
      b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, bits, b.getTrue());
  body(lane);
  llvm::Value *rest = b.CreateAnd(bits, b.CreateSub(bits, b.getInt32(1)));
  bits->addIncoming(rest, b.GetInsertBlock());
  b.CreateCondBr(b.CreateICmpNE(rest, b.getInt32(0)), loop, after);
  moveTo(after);
}

//===----------------------------------------------------------------------===//
// Variables and blocks
//===----------------------------------------------------------------------===//

llvm::AllocaInst *Lowering::makeVariable(llvm::Type *type, uint64_t count) {
  llvm::BasicBlock &entry = function->getEntryBlock();
  llvm::IRBuilder<> at(&entry, entry.getFirstInsertionPt());
  return at.CreateAlloca(type, count == 1 ? nullptr : at.getInt64(count));
}

/// What arrays take of the stack of a thread, at most.
static constexpr uint64_t kStackBytes = 256 << 10;

llvm::Value *Lowering::makeArray(llvm::Type *type, uint64_t count) {
  uint64_t bytes = count * module.getDataLayout().getTypeAllocSize(type);
  // LLVM keeps what is on the stack in registers where it can.
  if (bytes <= kStackBytes - stackBytes) {
    stackBytes += bytes;
    llvm::AllocaInst *array = makeVariable(type, count);
    array->setAlignment(llvm::Align(kThreadgroupAlignment));
    return array;
  }
  llvm::IRBuilder<> at(function->getEntryBlock().getTerminator());
  llvm::Value *array =
      at.CreateInBoundsGEP(at.getInt8Ty(), scratch,
                           at.CreateAdd(sharedEnd, at.getInt64(arrayBytes)));
  arrayBytes += llvm::alignTo(bytes, kThreadgroupAlignment);
  return array;
}

Slot Lowering::makeSlot(mlir::Value value) {
  Slot slot;
  slot.variation = getVariation(value);
  for (llvm::Type *type : getPartTypes(value.getType(), slot.variation)) {
    slot.type = type;
    slot.kept = getKeptType(type);
    slot.parts.push_back(makeVariable(slot.kept));
  }
  return slot;
}

void Lowering::assign(const Slot &slot, mlir::Value value, llvm::Value *lanes) {
  bool wide = slot.variation.kind == Variation::Varying;
  for (auto [part, place] : llvm::enumerate(slot.parts)) {
    llvm::Value *source = retype(getAs(value, wide, part), slot.kept);
    if (wide && lanes)
      source = choose(lanes, source, b.CreateLoad(slot.kept, place),
                      value.getType(), part);
    b.CreateStore(source, place);
  }
}

void Lowering::defineFrom(mlir::Value value, const Slot &slot) {
  Parts parts;
  for (llvm::Value *place : slot.parts)
    parts.push_back(retype(b.CreateLoad(slot.kept, place), slot.type));
  values[value] = std::move(parts);
}

Memory Lowering::getMemory(mlir::Value value) {
  Memory memory = memories.find(value)->second;
  auto it = ownBytes.find(value);
  if (it != ownBytes.end())
    memory.base = getOwn(memory.base, it->second);
  return memory;
}

llvm::Value *Lowering::getOwn(llvm::Value *base, uint64_t bytes) {
  return b.CreateGEP(
      b.getInt8Ty(), base,
      b.CreateMul(b.CreateZExt(simdgroup, b.getInt64Ty()), b.getInt64(bytes)));
}

llvm::BasicBlock *Lowering::makeBlock(const llvm::Twine &name) {
  return llvm::BasicBlock::Create(module.getContext(), name, function);
}

void Lowering::runIf(llvm::Value *condition, llvm::function_ref<void()> body) {
  llvm::BasicBlock *then = makeBlock("then"), *end = makeBlock("end");
  b.CreateCondBr(condition, then, end);
  moveTo(then);
  body();
  b.CreateBr(end);
  moveTo(end);
}

LogicalResult Lowering::lowerBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(lower(&op)))
      return failure();
  return success();
}

LogicalResult Lowering::lower(Operation *op) {
  const Rule *rule = getRules().find(op);
  if (!rule)
    return refuse(op, "an operation that it does not know");
  return onLineOf(op, [&]() -> LogicalResult {
    if (checks && failed(checks->before(op)))
      return failure();
    if (failed((*rule)(*this, op)))
      return failure();
    if (checks)
      checks->after(op);
    return success();
  });
}

LogicalResult Lowering::onLineOf(Operation *op,
                                 llvm::function_ref<LogicalResult()> body) {
  llvm::DebugLoc before = b.getCurrentDebugLocation();
  if (llvm::DebugLoc own = lines ? lines->find(op->getLoc()) : llvm::DebugLoc())
    b.SetCurrentDebugLocation(own);
  LogicalResult result = body();
  b.SetCurrentDebugLocation(before);
  return result;
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

Rule cpu::makeElementwise(Elementwise make, Precision precision) {
  return [make = std::move(make), precision](Lowering &lowering,
                                             Operation *op) -> LogicalResult {
    Value result = op->getResult(0);
    bool wide = lowering.isWide(result);
    llvm::IRBuilder<> &b = lowering.b;
    auto isNarrow = [&](llvm::Type *type) {
      type = type->getScalarType();
      return precision != Precision::Exact &&
             (type->isBFloatTy() ||
              (precision == Precision::Single && type->isHalfTy()));
    };
    auto widened = [&](llvm::Type *type) {
      return type->getWithNewType(b.getFloatTy());
    };
    Parts parts;
    for (unsigned part = 0, e = lowering.getNumParts(result.getType());
         part < e; ++part) {
      Parts operands;
      for (Value operand : op->getOperands()) {
        bool isScalar = lowering.getNumParts(operand.getType()) == 1;
        llvm::Value *value = lowering.getAs(operand, wide, isScalar ? 0 : part);
        if (isNarrow(value->getType()))
          value = b.CreateFPExt(value, widened(value->getType()));
        operands.push_back(value);
      }
      llvm::Value *made = make(lowering, op, operands);
      llvm::Type *type = lowering.getElementType(result.getType());
      if (isNarrow(type))
        made = b.CreateFPTrunc(made, made->getType()->getWithNewType(type));
      parts.push_back(made);
    }
    lowering.define(result, parts);
    return success();
  };
}

const Rules &cpu::getRules() {
  static const Rules rules = [] {
    Rules made;
    addControlFlowRules(made);
    addElementaryFunctionRules(made);
    addFloatRules(made);
    addFunctionRules(made);
    addGroupRules(made);
    addIntegerRules(made);
    addLinearAlgebraRules(made);
    addMatrixRules(made);
    addMemoryRules(made);
    addMessageRules(made);
    addThreadRules(made);
    addVectorRules(made);
    return made;
  }();
  return rules;
}
