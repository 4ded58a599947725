// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Checks.h"

#include "enigma/IR/MatrixOps.h"
#include "enigma/Utils/Locations.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Support/SaveAndRestore.h"

#include <numeric>

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

/// What an operation does to memory.
struct Checks::Access {
  Value memory, index;
  CPUAccess kind = CPUAccess::Read;
  /// The consecutive elements of each lane.
  unsigned count = 1;
  /// Of the vector that they are, in bytes, if that has one of its own.
  uint64_t alignment = 0;
  /// Of a matrix: what a row, or a column, is behind the one before.
  Value stride = {};
  bool isTransposed = false;
};

template <typename Op>
static void setVector(Op op, unsigned &count, uint64_t &alignment) {
  VectorType type = op.getVectorType();
  count = type.getNumElements();
  alignment = op.getAlignment().value_or(0);
}

std::optional<Checks::Access> Checks::getAccess(Operation *op) {
  using K = CPUAccess;
  using Result = std::optional<Access>;
  return TypeSwitch<Operation *, Result>(op)
      .Case([](memref::LoadOp o) -> Result {
        return Access{o.getMemRef(), o.getIndices().front(), K::Read};
      })
      .Case([](memref::StoreOp o) -> Result {
        return Access{o.getMemRef(), o.getIndices().front(), K::Write};
      })
      .Case([](vector::LoadOp o) -> Result {
        Access access{o.getBase(), o.getIndices().front(), K::Read};
        setVector(o, access.count, access.alignment);
        return access;
      })
      .Case([](vector::StoreOp o) -> Result {
        Access access{o.getBase(), o.getIndices().front(), K::Write};
        setVector(o, access.count, access.alignment);
        return access;
      })
      .Case([](StoreLaneOp o) -> Result {
        return Access{o.getBuffer(), o.getIndex(), K::Write};
      })
      .Case([](AtomicLoadOp o) -> Result {
        return Access{o.getBuffer(), o.getIndex(), K::AtomicRead};
      })
      .Case([](AtomicStoreOp o) -> Result {
        return Access{o.getBuffer(), o.getIndex(), K::AtomicWrite};
      })
      .Case<AtomicRMWOp, AtomicReduceOp, AtomicCompareExchangeOp>(
          [](auto o) -> Result {
            return Access{o.getBuffer(), o.getIndex(), K::AtomicUpdate};
          })
      .Case<SimdgroupMatrixLoadOp, SimdgroupMatrixStoreOp>(
          [](auto o) -> Result {
            bool isLoad = isa<SimdgroupMatrixLoadOp>(o);
            Access access{o.getBuffer(), o.getIndex(),
                          isLoad ? K::Read : K::Write};
            access.stride = o.getStride();
            access.isTransposed = o.getTranspose();
            return access;
          })
      .Default([](Operation *) { return std::nullopt; });
}

/// The argument or the array that memory is, whatever it is seen as.
static Value getRoot(Value memory) {
  while (auto recast = memory.getDefiningOp<RecastOp>())
    memory = recast.getBuffer();
  return memory;
}

/// The type of the elements of memory.
static Type getDtype(KernelOp kernel, Value memory) {
  if (auto argument = dyn_cast<BlockArgument>(memory))
    return kernel.getArgDtype(argument.getArgNumber());
  if (auto alloc = memory.getDefiningOp<AllocOp>())
    return alloc.getElementDtype();
  if (auto recast = memory.getDefiningOp<RecastOp>())
    return recast.getElementDtype();
  return memory.getDefiningOp<ConstantArrayOp>().getElementDtype();
}

Checks::Checks(Lowering &lowering) : lowering(lowering), b(lowering.b) {
  for (Value argument : lowering.kernel.getBody().getArguments())
    addMemory(argument);
  lowering.kernel.walk([&](Operation *op) {
    if (isa<AllocOp, ConstantArrayOp, RecastOp>(op))
      addMemory(op->getResult(0));
  });
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

void Checks::addMemory(Value memory) {
  using Space = CPUCheckedMemory::Space;
  auto type = dyn_cast<MemRefType>(memory.getType());
  if (!type)
    return;
  CPUCheckedMemory described;
  described.elementBytes =
      BufferType::getElementBytes(getDtype(lowering.kernel, memory));
  if (type.hasStaticShape())
    described.elements = type.getNumElements();
  auto toSpace = [](AddressSpace space) {
    switch (space) {
    case AddressSpace::Constant:
      return Space::Constant;
    case AddressSpace::Threadgroup:
      return Space::Threadgroup;
    case AddressSpace::Thread:
      return Space::Thread;
    default:
      return Space::Device;
    }
  };
  Value root = getRoot(memory);
  if (auto argument = dyn_cast<BlockArgument>(root)) {
    unsigned number = argument.getArgNumber();
    described.name = lowering.kernel.getArgName(number).str();
    described.space =
        toSpace(lowering.kernel.getArgAddressSpace(number).value_or(
            AddressSpace::Device));
    described.argument = number;
  } else {
    auto result = cast<OpResult>(root);
    StringRef name = EnigmaDialect::getResultName(result);
    if (name.empty())
      name = getLocationName(result.getLoc());
    described.name = name.str();
    auto alloc = dyn_cast<AllocOp>(result.getOwner());
    described.space =
        alloc ? toSpace(alloc.getAddressSpace()) : Space::Constant;
  }
  for (Operation *user : memory.getUsers())
    if (std::optional<Access> access = getAccess(user)) {
      described.isRead |= access->kind == CPUAccess::Read;
      described.isWritten |= access->kind == CPUAccess::Write ||
                             access->kind == CPUAccess::AtomicWrite ||
                             access->kind == CPUAccess::AtomicUpdate;
      described.hasAtomics |=
          access->kind != CPUAccess::Read && access->kind != CPUAccess::Write;
    }
  numbers[memory] = memories.size();
  described.root = numbers.lookup(root);
  memories.push_back(std::move(described));
}

uint32_t Checks::addSite(Operation *op, const Access *access, uint32_t count) {
  CPUCheckSite site;
  site.count = count;
  if (FileLineColLoc place = getFileLine(op->getLoc())) {
    site.file = place.getFilename().str();
    site.line = place.getLine();
    site.column = place.getColumn();
  }
  if (access) {
    site.memory = numbers.lookup(access->memory);
    site.access = access->kind;
    site.count = access->count;
    site.isCollective = bool(access->stride);
    uint32_t bytes = memories[site.memory].elementBytes;
    site.alignment = access->alignment >= uint64_t(bytes) * access->count &&
                             access->count > 1
                         ? bytes * access->count
                         : BufferType::getElementAlignment(
                               getDtype(lowering.kernel, access->memory));
  }
  auto [it, isNew] = knownSites.try_emplace(
      {site.file, site.line, site.column, site.memory, site.access, site.count,
       site.alignment, site.isCollective},
      sites.size());
  if (isNew)
    sites.push_back(std::move(site));
  return it->second;
}

void Checks::describe(CPUKernel &result) const {
  result.checkedMemories = memories;
  result.checkSites = sites;
}

//===----------------------------------------------------------------------===//
// Calls and faults
//===----------------------------------------------------------------------===//

void Checks::start() {
  llvm::Type *pointer = b.getPtrTy(), *i64 = b.getInt64Ty();
  checker = lowering.loadField(pointer, offsetof(CPULaunch, checker));
  llvm::Value *launched =
                  lowering.loadField(pointer, offsetof(CPULaunch, elements)),
              *followed =
                  lowering.loadField(pointer, offsetof(CPULaunch, isTracked));
  for (auto [i, memory] : llvm::enumerate(memories)) {
    using Space = CPUCheckedMemory::Space;
    bool isOfLaunch = memory.argument >= 0 && memory.space != Space::Thread &&
                      (memory.space != Space::Threadgroup || !memory.elements);
    elements.push_back(
        isOfLaunch ? static_cast<llvm::Value *>(b.CreateLoad(
                         i64, b.CreateConstInBoundsGEP1_64(i64, launched, i)))
                   : b.getInt64(memory.elements));
    tracked.push_back(memory.space == Space::Device || memory.argument >= 0
                          ? b.CreateIsNotNull(b.CreateLoad(
                                b.getInt8Ty(), b.CreateConstInBoundsGEP1_64(
                                                   b.getInt8Ty(), followed, i)))
                          : b.getInt1(memory.space == Space::Threadgroup));
  }
}

llvm::Value *Checks::call(llvm::StringRef name, llvm::Type *result,
                          ArrayRef<llvm::Value *> arguments) {
  SmallVector<llvm::Value *> given = {checker};
  llvm::append_range(given, arguments);
  auto types = llvm::map_to_vector(
      given, [](llvm::Value *value) { return value->getType(); });
  llvm::FunctionCallee callee = lowering.module.getOrInsertFunction(
      name, llvm::FunctionType::get(result, types, false));
  return b.CreateCall(callee, given);
}

llvm::Value *Checks::getLanes() {
  return lowering.mask ? lowering.getBits(lowering.mask) : b.getInt32(~0u);
}

llvm::Value *Checks::spill(llvm::Value *values) {
  if (!spilled)
    spilled = lowering.makeVariable(Lowering::getWideType(b.getInt64Ty()));
  b.CreateStore(lowering.splat(values), spilled);
  return spilled;
}

void Checks::callOrLeave(llvm::StringRef name,
                         ArrayRef<llvm::Value *> arguments) {
  if (!exit) {
    exit = lowering.makeBlock("fault.exit");
    llvm::IRBuilder<>(exit).CreateRetVoid();
  }
  llvm::Value *goesOn =
      b.CreateIsNotNull(call(name, b.getInt32Ty(), arguments));
  llvm::BasicBlock *next = lowering.makeBlock("checked");
  llvm::MDBuilder metadata(b.getContext());
  b.CreateCondBr(goesOn, next, exit, metadata.createLikelyBranchWeights());
  lowering.moveTo(next);
}

void Checks::failIf(llvm::Value *bad, CPUFaultKind kind, uint32_t site,
                    llvm::Value *values) {
  llvm::Value *lanes, *faults = bad;
  if (bad->getType()->isVectorTy()) {
    lanes = lowering.getBits(lowering.both(lowering.mask, bad));
    faults = b.CreateIsNotNull(lanes);
  } else {
    lanes = getLanes();
  }
  if (auto *constant = dyn_cast<llvm::ConstantInt>(faults);
      constant && constant->isZero())
    return;
  llvm::BasicBlock *fault = lowering.makeBlock("fault"),
                   *next = lowering.makeBlock("checked");
  llvm::MDBuilder metadata(b.getContext());
  b.CreateCondBr(faults, fault, next, metadata.createUnlikelyBranchWeights());
  lowering.moveTo(fault);
  llvm::Value *found = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (values)
    found = spill(b.CreateSExt(
        values, values->getType()->getWithNewType(b.getInt64Ty())));
  call(checks::kFault, b.getVoidTy(),
       {b.getInt32(static_cast<uint32_t>(kind)), b.getInt32(site), found, lanes,
        lowering.firstThread});
  b.CreateRetVoid();
  lowering.moveTo(next);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

uint32_t Checks::getGranule(uint32_t root) {
  uint32_t bytes = 0;
  for (const CPUCheckedMemory &memory : memories)
    if (memory.root == root)
      bytes = std::gcd(bytes, memory.elementBytes);
  return bytes;
}

uint64_t Checks::getNumFlags(Value array) {
  const CPUCheckedMemory &memory = memories[numbers.lookup(array)];
  return memory.elements * (memory.elementBytes / getGranule(memory.root)) *
         kLanes;
}

llvm::Value *Checks::getWritten(Value array) {
  llvm::Value *base = written.lookup(array);
  if (!lowering.ownBytes.contains(array))
    return base;
  return lowering.getOwn(base, getNumFlags(array));
}

void Checks::checkOwn(const Access &access, uint32_t site, llvm::Value *at) {
  llvm::Type *i8 = b.getInt8Ty(), *wide = Lowering::getWideType(i8);
  llvm::Value *base = getWritten(getRoot(access.memory));
  llvm::Constant *one = llvm::ConstantInt::get(wide, 1);
  const CPUCheckedMemory &memory = memories[sites[site].memory];
  unsigned step = memory.elementBytes / getGranule(memory.root);
  llvm::Type *type = at->getType();
  for (unsigned flag = 0; flag < access.count * step; ++flag) {
    llvm::Value *place = b.CreateMul(
        b.CreateAdd(b.CreateMul(at, llvm::ConstantInt::get(type, step)),
                    llvm::ConstantInt::get(type, flag)),
        llvm::ConstantInt::get(type, kLanes));
    bool isRow = !type->isVectorTy();
    if (!isRow)
      place = b.CreateAdd(place, lowering.getIota(b.getInt64Ty()));
    llvm::Value *address = b.CreateGEP(i8, base, place);
    if (access.kind == CPUAccess::Write) {
      if (isRow)
        b.CreateMaskedStore(one, address, llvm::Align(1), lowering.getMask());
      else
        b.CreateMaskedScatter(one, address, llvm::Align(1), lowering.getMask());
      continue;
    }
    llvm::Value *known =
        isRow ? static_cast<llvm::Value *>(
                    b.CreateAlignedLoad(wide, address, llvm::Align(1)))
              : b.CreateMaskedGather(wide, address, llvm::Align(1),
                                     lowering.getMask(), one);
    failIf(b.CreateIsNull(known), CPUFaultKind::Uninitialized, site,
           b.CreateAdd(at, llvm::ConstantInt::get(type, flag / step)));
  }
}

void Checks::track(uint32_t site, llvm::Value *at) {
  llvm::Value *number = b.getInt32(site), *lanes = getLanes(),
              *thread = lowering.firstThread;
  if (!at->getType()->isVectorTy())
    return callOrLeave(checks::kShared, {number, at, lanes, thread});
  llvm::Value *first = b.CreateExtractElement(at, uint64_t(0));
  llvm::Value *row = b.CreateAdd(
      lowering.splat(first),
      b.CreateMul(lowering.getIota(b.getInt64Ty()),
                  llvm::ConstantInt::get(at->getType(), sites[site].count)));
  llvm::Value *isRow = b.CreateNot(lowering.any(b.CreateICmpNE(at, row)));
  lowering.runIf(isRow, [&] {
    callOrLeave(checks::kRow, {number, first, lanes, thread});
  });
  lowering.runIf(b.CreateNot(isRow), [&] {
    callOrLeave(checks::kAccess, {number, spill(at), lanes, thread});
  });
}

void Checks::checkPlace(const Access &access, uint32_t site, llvm::Value *at) {
  uint32_t number = sites[site].memory;
  const CPUCheckedMemory &memory = memories[number];
  llvm::Value *end = elements[number];
  auto like = [&](llvm::Value *value) {
    return at->getType()->isVectorTy() ? lowering.splat(value) : value;
  };
  if (access.count > 1) {
    llvm::Value *last = b.getInt64(access.count - 1);
    end = b.CreateBinaryIntrinsic(llvm::Intrinsic::usub_sat, end, last);
  }
  failIf(b.CreateICmpUGE(at, like(end)), CPUFaultKind::OutOfBounds, site, at);
  uint32_t step = sites[site].alignment / memory.elementBytes;
  if (step > 1)
    failIf(b.CreateIsNotNull(b.CreateAnd(at, like(b.getInt64(step - 1)))),
           CPUFaultKind::Misaligned, site, at);
  if (memory.space == CPUCheckedMemory::Space::Thread)
    return checkOwn(access, site, at);
  llvm::Value *isTracked = tracked[number];
  if (auto *constant = dyn_cast<llvm::ConstantInt>(isTracked)) {
    if (constant->isOne())
      track(site, at);
    return;
  }
  lowering.runIf(isTracked, [&] { track(site, at); });
}

void Checks::checkAccess(Operation *op, const Access &access) {
  uint32_t site = addSite(op, &access);
  bool isOne = lowering.getVariation(access.index).isUniform();
  checkPlace(access, site, lowering.getAs(access.index, !isOne));
}

/// Each lane accesses two elements of a matrix. All of them are there also
/// where the SIMD group has fewer threads.
void Checks::checkMatrix(Operation *op, const Access &access) {
  uint32_t site = addSite(op, &access);
  auto getOne = [&](Value value) {
    return lowering.getVariation(value).isUniform()
               ? lowering.get(value)
               : b.CreateExtractElement(
                     lowering.getWide(value),
                     b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, getLanes(),
                                             b.getFalse()));
  };
  llvm::Value *index = lowering.splat(getOne(access.index)),
              *stride = lowering.splat(getOne(access.stride));
  llvm::SaveAndRestore<llvm::Value *> saved(lowering.mask, nullptr);
  for (unsigned part : {0, 1}) {
    SmallVector<llvm::Constant *> rows, columns;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      unsigned element = 2 * lane + part;
      rows.push_back(b.getInt64(element / kMatrixSize));
      columns.push_back(b.getInt64(element % kMatrixSize));
    }
    if (access.isTransposed)
      std::swap(rows, columns);
    checkPlace(
        access, site,
        b.CreateAdd(b.CreateAdd(index, llvm::ConstantVector::get(columns)),
                    b.CreateMul(llvm::ConstantVector::get(rows), stride)));
  }
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

void Checks::checkDivision(Operation *op, bool isSigned) {
  Value result = op->getResult(0);
  uint32_t site = addSite(op);
  bool wide = lowering.isWide(result);
  for (unsigned part = 0, e = lowering.getNumParts(result.getType()); part < e;
       ++part) {
    llvm::Value *x = lowering.getAs(op->getOperand(0), wide, part),
                *y = lowering.getAs(op->getOperand(1), wide, part);
    failIf(b.CreateIsNull(y), CPUFaultKind::DivisionByZero, site, x);
    if (!isSigned)
      continue;
    llvm::Constant *least = llvm::ConstantInt::get(
        x->getType(),
        APInt::getSignedMinValue(x->getType()->getScalarSizeInBits()));
    failIf(b.CreateAnd(
               b.CreateICmpEQ(y, llvm::Constant::getAllOnesValue(y->getType())),
               b.CreateICmpEQ(x, least)),
           CPUFaultKind::DivisionOverflow, site, x);
  }
}

void Checks::checkShift(Operation *op) {
  Value result = op->getResult(0);
  uint32_t site =
      addSite(op, /*access=*/nullptr,
              lowering.getElementType(result.getType())->getIntegerBitWidth());
  bool wide = lowering.isWide(result);
  for (unsigned part = 0, e = lowering.getNumParts(result.getType()); part < e;
       ++part) {
    llvm::Value *count = lowering.getAs(op->getOperand(1), wide, part);
    llvm::Constant *width = llvm::ConstantInt::get(
        count->getType(), count->getType()->getScalarSizeInBits());
    failIf(b.CreateICmpUGE(count, width), CPUFaultKind::ShiftOutOfRange, site,
           count);
  }
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

template <typename Op> llvm::Value *Checks::getFlags(Op barrier) {
  return b.getInt32(static_cast<uint32_t>(barrier.getFlags()));
}

LogicalResult Checks::before(Operation *op) {
  // The checker keeps the number of a site in 16 bits.
  if (sites.size() > 0xffff)
    return lowering.refuse(op, "a kernel of too many lines to be checked");
  if (std::optional<Access> access = getAccess(op)) {
    access->stride ? checkMatrix(op, *access) : checkAccess(op, *access);
    return success();
  }
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<arith::DivSIOp, arith::RemSIOp>([&](auto) {
        checkDivision(op, /*isSigned=*/true);
        return success();
      })
      .Case<arith::DivUIOp, arith::RemUIOp>([&](auto) {
        checkDivision(op, /*isSigned=*/false);
        return success();
      })
      .Case<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>([&](auto) {
        checkShift(op);
        return success();
      })
      .Case([&](SimdgroupBarrierOp barrier) {
        callOrLeave(checks::kSimdgroupBarrier,
                    {b.getInt32(addSite(op)), getLanes(), lowering.firstThread,
                     getFlags(barrier)});
        return success();
      })
      .Case([&](AtomicThreadFenceOp fence) {
        if (fence.getOrder() == MemoryOrder::SeqCst)
          call(checks::kFence, b.getVoidTy(), {});
        return success();
      })
      .Case([&](AllocOp alloc) {
        if (alloc.getAddressSpace() != AddressSpace::Thread)
          return success();
        bool lives = lowering.hasBarrier(alloc->getParentOp());
        written[alloc] = lowering.makeArray(
            b.getInt8Ty(),
            getNumFlags(alloc) * (lives ? lowering.maxSimdgroups : 1));
        return success();
      })
      .Case([](RecastOp) { return success(); })
      .Default([&](Operation *) {
        bool hasMemory = llvm::any_of(op->getOperandTypes(), [](Type type) {
          return isa<MemRefType>(type);
        });
        return hasMemory ? lowering.refuse(op, "an access that no check knows")
                         : success();
      });
}

void Checks::after(Operation *op) {
  if (auto alloc = dyn_cast<AllocOp>(op)) {
    if (alloc.getAddressSpace() == AddressSpace::Thread)
      b.CreateMemSet(getWritten(alloc), b.getInt8(0), getNumFlags(alloc),
                     llvm::Align(1));
  } else if (auto assertion = dyn_cast<AssertOp>(op)) {
    failIf(b.CreateNot(lowering.getWide(assertion.getCondition())),
           CPUFaultKind::Assertion, addSite(op));
  }
}

void Checks::arrive(ThreadgroupBarrierOp barrier) {
  llvm::Value *lanes = lowering.groupMask
                           ? lowering.groupMask
                           : llvm::ConstantPointerNull::get(b.getPtrTy());
  callOrLeave(checks::kBarrier,
              {b.getInt32(addSite(barrier)), lanes, getFlags(barrier)});
}
