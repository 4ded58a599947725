// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops over threadgroups and over their SIMD groups. What stands between
// two barriers is one loop over the SIMD groups; a branch or a loop with a
// barrier in it is run once for the threadgroup.

#include "Checks.h"
#include "DebugLines.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

/// The most memory that a threadgroup takes.
static constexpr uint64_t kMaxBytes = 1 << 30;

llvm::Value *Lowering::loadField(llvm::Type *type, uint64_t offset) {
  return b.CreateLoad(
      type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), launch, offset));
}

LogicalResult Lowering::run(StringRef name) {
  llvm::Type *pointer = b.getPtrTy(), *number = b.getInt64Ty();
  function = llvm::Function::Create(
      llvm::FunctionType::get(b.getVoidTy(), {pointer, number, number, pointer},
                              false),
      llvm::Function::ExternalLinkage, name, module);
  if (options.hasLines) {
    lines = std::make_unique<DebugLines>(*function);
    b.SetCurrentDebugLocation(lines->getNowhere());
  }
  launch = function->getArg(0);
  llvm::Value *first = function->getArg(1), *last = function->getArg(2);
  scratch = function->getArg(3);
  llvm::BasicBlock *entry = makeBlock("entry"),
                   *loop = makeBlock("threadgroup"),
                   *next = makeBlock("threadgroup.next"),
                   *end = makeBlock("end");
  moveTo(entry);

  llvm::Type *i32 = b.getInt32Ty();
  llvm::Value *arguments = loadField(pointer, offsetof(CPULaunch, arguments));
  for (unsigned i : {0, 1, 2}) {
    gridThreads[i] = loadField(i32, offsetof(CPULaunch, threads) + 4 * i);
    gridGroups[i] = loadField(i32, offsetof(CPULaunch, threadgroups) + 4 * i);
  }
  auto getStored = [&](Type type) {
    return getStoredType(getElementType(type));
  };
  auto addShared = [&](Value array, MemRefType type, Type dtype) {
    llvm::Type *element = getStored(type.getElementType());
    unsigned lanes = getElementLanes(dtype);
    memories[array] = {
        b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), scratch, threadgroupBytes),
        element, /*isOwn=*/false, lanes};
    threadgroupBytes += llvm::alignTo(type.getNumElements() * lanes *
                                          (element->getScalarSizeInBits() / 8),
                                      kThreadgroupAlignment);
  };
  if (checks)
    checks->start();
  for (auto [i, argument] : llvm::enumerate(kernel.getBody().getArguments())) {
    if (kernel.getArgAddressSpace(i) == AddressSpace::Threadgroup) {
      auto type = cast<MemRefType>(argument.getType());
      if (type.hasStaticShape())
        addShared(argument, type, kernel.getArgDtype(i));
      else
        threadgroupArguments.push_back(i);
      continue;
    }
    llvm::Value *address = b.CreateLoad(
        pointer, b.CreateConstInBoundsGEP1_64(pointer, arguments, i));
    if (auto memref = dyn_cast<MemRefType>(argument.getType())) {
      memories[argument] = {address, getStored(memref.getElementType()),
                            /*isOwn=*/false,
                            getElementLanes(kernel.getArgDtype(i))};
    } else {
      llvm::Type *stored = getStored(argument.getType());
      Parts parts;
      for (unsigned part = 0, e = getNumParts(argument.getType()); part < e;
           ++part)
        parts.push_back(retype(
            b.CreateLoad(stored,
                         b.CreateConstInBoundsGEP1_64(stored, address, part)),
            getElementType(argument.getType())));
      values[argument] = std::move(parts);
    }
  }
  kernel.walk([&](AllocOp alloc) {
    auto type = dyn_cast<MemRefType>(alloc.getType());
    if (type && alloc.getAddressSpace() == AddressSpace::Threadgroup)
      addShared(alloc, type, alloc.getElementDtype());
  });
  llvm::Value *place = b.getInt64(threadgroupBytes);
  for (uint32_t i : threadgroupArguments) {
    Value array = kernel.getBody().getArgument(i);
    memories[array] = {b.CreateInBoundsGEP(b.getInt8Ty(), scratch, place),
                       getStored(getElementTypeOrSelf(array.getType())),
                       /*isOwn=*/false, getElementLanes(kernel.getArgDtype(i))};
    llvm::Value *bytes = b.CreateLoad(
        number, b.CreateConstInBoundsGEP1_64(pointer, arguments, i));
    llvm::Value *end = b.CreateAdd(b.CreateAdd(place, bytes),
                                   b.getInt64(kThreadgroupAlignment - 1));
    place = b.CreateAnd(end, b.getInt64(~(kThreadgroupAlignment - 1)));
  }

  sharedEnd = place;
  b.CreateCondBr(b.CreateICmpULT(first, last), loop, end);
  moveTo(loop);
  llvm::PHINode *index = b.CreatePHI(number, 2);
  index->addIncoming(first, entry);
  groupIndex = index;
  llvm::Value *rest = index;
  for (unsigned i : {0, 1, 2}) {
    llvm::Value *extent = b.CreateZExt(gridGroups[i], number);
    llvm::Value *position = i == 2 ? rest : b.CreateURem(rest, extent);
    groupPosition[i] = b.CreateTrunc(position, i32);
    if (i != 2)
      rest = b.CreateUDiv(rest, extent);
    llvm::Value *block = b.getInt32(options.block[i]);
    groupThreads[i] = block;
    if (options.isRagged) {
      llvm::Value *before = b.CreateMul(groupPosition[i], block);
      groupThreads[i] = b.CreateBinaryIntrinsic(
          llvm::Intrinsic::umin, block, b.CreateSub(gridThreads[i], before));
    }
  }
  groupSize = b.CreateMul(b.CreateMul(groupThreads[0], groupThreads[1]),
                          groupThreads[2]);
  numSimdgroups = b.CreateUDiv(b.CreateAdd(groupSize, b.getInt32(kLanes - 1)),
                               b.getInt32(kLanes));
  if (failed(lowerGroupBlock(kernel.getBody().front())))
    return failure();
  if (arrayBytes > kMaxBytes)
    return refuse(kernel, "arrays of threads that take " +
                              llvm::Twine(arrayBytes >> 20) +
                              " MB for a threadgroup; make them smaller, or "
                              "launch with smaller threadgroups");
  b.CreateBr(next);
  moveTo(next);
  llvm::Value *following = b.CreateAdd(index, b.getInt64(1));
  index->addIncoming(following, next);
  b.CreateCondBr(b.CreateICmpULT(following, last), loop, end);
  moveTo(end);
  b.CreateRetVoid();
  if (lines)
    lines->finish();
  return success();
}

void Lowering::describe(CPUKernel &result) const {
  result.threadgroupBytes = threadgroupBytes + arrayBytes;
  result.threadgroupArguments = threadgroupArguments;
  result.sites = sites;
}

bool Lowering::hasBarrier(Operation *op) {
  auto [it, isNew] = barriers.try_emplace(op, false);
  if (isNew) {
    bool found = op->walk([](ThreadgroupBarrierOp) {
                     return WalkResult::interrupt();
                   }).wasInterrupted();
    barriers[op] = found;
    return found;
  }
  return it->second;
}

void Lowering::forEachSimdgroup(llvm::function_ref<void()> body,
                                bool alsoEmpty) {
  llvm::SaveAndRestore<llvm::Value *> savedMask(mask), savedIndex(simdgroup),
      savedThread(firstThread);
  llvm::DenseMap<Value, Parts> outside = values;
  llvm::Type *i32 = b.getInt32Ty();
  llvm::BasicBlock *before = b.GetInsertBlock(), *loop = nullptr,
                   *end = nullptr;
  llvm::PHINode *index = nullptr;
  simdgroup = b.getInt32(0);
  if (maxSimdgroups != 1) {
    loop = makeBlock("simdgroup");
    end = makeBlock("simdgroup.end");
    b.CreateBr(loop);
    moveTo(loop);
    index = b.CreatePHI(i32, 2);
    index->addIncoming(b.getInt32(0), before);
    simdgroup = index;
  }
  firstThread = b.CreateMul(simdgroup, b.getInt32(kLanes));
  mask = nullptr;
  auto *size = dyn_cast<llvm::ConstantInt>(groupSize);
  if (!size || size->getZExtValue() % kLanes != 0)
    mask = b.CreateICmpULT(getIota(i32),
                           splat(b.CreateSub(groupSize, firstThread)));
  if (groupMask) {
    llvm::Type *type = getWideType(b.getInt1Ty());
    mask = b.CreateLoad(type, b.CreateGEP(type, groupMask, simdgroup));
  }
  if (groupMask && !alsoEmpty)
    runIf(any(mask), body);
  else
    body();
  if (index) {
    llvm::Value *following = b.CreateAdd(index, b.getInt32(1));
    index->addIncoming(following, b.GetInsertBlock());
    b.CreateCondBr(b.CreateICmpULT(following, numSimdgroups), loop, end);
    moveTo(end);
  }
  values = std::move(outside);
}

Slot &Lowering::getGroupSlot(Value value) {
  auto it = groupSlots.find(value);
  if (it != groupSlots.end())
    return it->second;
  Slot slot;
  slot.variation = getVariation(value);
  for (llvm::Type *type : getPartTypes(value.getType(), slot.variation)) {
    slot.type = type;
    slot.kept = getKeptType(type);
    bool isOne =
        slot.variation.kind == Variation::Threadgroup || maxSimdgroups == 1;
    slot.parts.push_back(isOne ? makeVariable(slot.kept)
                               : makeArray(slot.kept, maxSimdgroups));
  }
  return groupSlots[value] = std::move(slot);
}

llvm::Value *Lowering::getPlace(const Slot &slot, unsigned part) {
  llvm::Value *place = slot.parts[part];
  if (slot.variation.kind == Variation::Threadgroup)
    return place;
  return b.CreateGEP(slot.kept, place, simdgroup);
}

/// Whether an operation is lowered again wherever its result is needed. An
/// access looks at what its subscript was widened from.
static bool isCheap(Operation *op) {
  return isa<ThreadQueryOpInterface, FunctionConstantOp, arith::IndexCastOp,
             arith::IndexCastUIOp>(op) ||
         matchPattern(op, m_Constant());
}

static bool isCheap(Value value) {
  Operation *op = value.getDefiningOp();
  return op && isCheap(op);
}

void Lowering::import(Value value) {
  if (values.contains(value) || isa<MemRefType>(value.getType()))
    return;
  if (isCheap(value)) {
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      import(operand);
    if (!matchPattern(op, m_Constant()))
      (void)lower(op);
    return;
  }
  auto it = groupSlots.find(value);
  if (it == groupSlots.end())
    return;
  const Slot &slot = it->second;
  Parts parts;
  for (unsigned part = 0; part < slot.parts.size(); ++part)
    parts.push_back(
        retype(b.CreateLoad(slot.kept, getPlace(slot, part)), slot.type));
  values[value] = std::move(parts);
}

llvm::Value *Lowering::getForGroup(Value value, unsigned part) {
  llvm::DenseMap<Value, Parts> outside = values;
  import(value);
  llvm::Value *found = get(value, part);
  values = std::move(outside);
  return found;
}

LogicalResult Lowering::lowerRun(ArrayRef<Operation *> ops) {
  if (ops.empty())
    return success();
  Block *block = ops.front()->getBlock();
  llvm::SmallPtrSet<Operation *, 16> inside(llvm::from_range, ops);
  auto isInside = [&](Operation *op) {
    Operation *ancestor = block->findAncestorOpInBlock(*op);
    return ancestor && inside.contains(ancestor);
  };
  // Whether a value, or what is computed of it again, is needed elsewhere.
  auto escapes = [&](auto &self, Value value) -> bool {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      return !isInside(user) ||
             (isCheap(user) && self(self, user->getResult(0)));
    });
  };
  LogicalResult lowered = success();
  forEachSimdgroup([&] {
    for (Operation *op : ops)
      op->walk([&](Operation *nested) {
        for (Value operand : nested->getOperands()) {
          Operation *owner = operand.getDefiningOp();
          if (!owner)
            owner = operand.getParentBlock()->getParentOp();
          if (!isInside(owner))
            import(operand);
        }
      });
    for (Operation *op : ops)
      if (failed(lower(op))) {
        lowered = failure();
        return;
      }
    for (Operation *op : ops)
      for (Value result : op->getResults()) {
        if (isCheap(result) || isa<MemRefType>(result.getType()) ||
            !escapes(escapes, result))
          continue;
        Slot &slot = getGroupSlot(result);
        for (unsigned part = 0; part < slot.parts.size(); ++part)
          b.CreateStore(retype(get(result, part), slot.kept),
                        getPlace(slot, part));
      }
  });
  return lowered;
}

LogicalResult Lowering::lowerGroupBlock(Block &block) {
  SmallVector<Operation *> run;
  auto finishRun = [&] {
    LogicalResult lowered = lowerRun(run);
    run.clear();
    return lowered;
  };
  for (Operation &op : block.without_terminator()) {
    if (!hasBarrier(&op)) {
      run.push_back(&op);
      continue;
    }
    if (failed(finishRun()))
      return failure();
    if (auto barrier = dyn_cast<ThreadgroupBarrierOp>(op); barrier && checks)
      checks->arrive(barrier);
    LogicalResult lowered = onLineOf(&op, [&]() -> LogicalResult {
      if (auto branch = dyn_cast<scf::IfOp>(op))
        return lowerGroupIf(branch);
      if (auto loop = dyn_cast<scf::ForOp>(op))
        return lowerGroupFor(loop);
      if (auto loop = dyn_cast<scf::WhileOp>(op))
        return lowerGroupWhile(loop);
      if (!isa<ThreadgroupBarrierOp>(op))
        return refuse(&op, "an operation with a barrier in it");
      return success();
    });
    if (failed(lowered))
      return failure();
  }
  return finishRun();
}

void Lowering::assignForGroup(ValueRange targets, ValueRange sources) {
  auto isOne = [&](Value value) {
    return getVariation(value).kind == Variation::Threadgroup;
  };
  // All are read before one is written.
  if (!llvm::all_of(targets, isOne))
    forEachSimdgroup([&] {
      SmallVector<std::pair<llvm::Value *, llvm::Value *>> stores;
      for (auto [target, source] : llvm::zip(targets, sources)) {
        if (isOne(target))
          continue;
        import(source);
        Slot &slot = getGroupSlot(target);
        for (unsigned part = 0; part < slot.parts.size(); ++part) {
          llvm::Value *place = getPlace(slot, part);
          llvm::Value *value =
              retype(getAs(source, isWide(target), part), slot.kept);
          if (groupMask && isWide(target))
            value = choose(mask, value, b.CreateLoad(slot.kept, place),
                           target.getType(), part);
          stores.emplace_back(value, place);
        }
      }
      for (auto [value, place] : stores)
        b.CreateStore(value, place);
    });
  SmallVector<std::pair<llvm::Value *, llvm::Value *>> stores;
  for (auto [target, source] : llvm::zip(targets, sources)) {
    if (!isOne(target))
      continue;
    Slot &slot = getGroupSlot(target);
    for (unsigned part = 0; part < slot.parts.size(); ++part)
      stores.emplace_back(retype(getForGroup(source, part), slot.kept),
                          slot.parts[part]);
  }
  for (auto [value, place] : stores)
    b.CreateStore(value, place);
}

llvm::Value *
Lowering::makeGroupMask(llvm::function_ref<llvm::Value *()> condition,
                        llvm::Value *&anyLane) {
  llvm::Type *type = getWideType(b.getInt1Ty());
  llvm::Value *masks = makeVariable(type, maxSimdgroups);
  llvm::Value *found = makeVariable(b.getInt1Ty());
  b.CreateStore(b.getFalse(), found);
  forEachSimdgroup(
      [&] {
        llvm::Value *lanes = both(mask, condition());
        b.CreateStore(lanes, b.CreateGEP(type, masks, simdgroup));
        b.CreateStore(
            b.CreateOr(b.CreateLoad(b.getInt1Ty(), found), any(lanes)), found);
      },
      /*alsoEmpty=*/true);
  anyLane = b.CreateLoad(b.getInt1Ty(), found);
  return masks;
}

LogicalResult Lowering::lowerGroupIf(scf::IfOp op) {
  bool isOne = uniformity.getBranches(op) == Variation::Threadgroup;
  llvm::BasicBlock *end = makeBlock("if.end");
  llvm::Value *condition = isOne ? getForGroup(op.getCondition()) : nullptr;
  for (bool isThen : {true, false}) {
    llvm::SaveAndRestore<llvm::Value *> saved(groupMask);
    llvm::BasicBlock *path = makeBlock(isThen ? "if" : "else"),
                     *next = makeBlock("if.next");
    llvm::Value *taken;
    if (isOne)
      taken = isThen ? condition : b.CreateNot(condition);
    else
      groupMask = makeGroupMask(
          [&] {
            import(op.getCondition());
            llvm::Value *lanes = getWide(op.getCondition());
            return isThen ? lanes : b.CreateNot(lanes);
          },
          taken);
    b.CreateCondBr(taken, path, next);
    moveTo(path);
    if (Block *block = isThen ? op.thenBlock() : op.elseBlock()) {
      if (failed(lowerGroupBlock(*block)))
        return failure();
      assignForGroup(op.getResults(), block->getTerminator()->getOperands());
    }
    b.CreateBr(next);
    moveTo(next);
  }
  b.CreateBr(end);
  moveTo(end);
  return success();
}

LogicalResult Lowering::lowerGroupFor(scf::ForOp op) {
  bool isOne = uniformity.getBranches(op) == Variation::Threadgroup;
  Value variable = op.getInductionVar();
  llvm::SaveAndRestore<llvm::Value *> saved(groupMask);
  llvm::Value *outer = groupMask;
  assignForGroup(variable, op.getLowerBound());
  assignForGroup(op.getRegionIterArgs(), op.getInitArgs());
  llvm::BasicBlock *head = makeBlock("loop"), *body = makeBlock("loop.body"),
                   *end = makeBlock("loop.end");
  b.CreateBr(head);
  moveTo(head);
  auto predicate =
      op.getUnsignedCmp() ? llvm::CmpInst::ICMP_ULT : llvm::CmpInst::ICMP_SLT;
  llvm::Value *more;
  if (isOne)
    more = b.CreateICmp(predicate, getForGroup(variable),
                        getForGroup(op.getUpperBound()));
  else
    groupMask = makeGroupMask(
        [&] {
          import(variable);
          import(op.getUpperBound());
          return b.CreateICmp(predicate, getWide(variable),
                              getWide(op.getUpperBound()));
        },
        more);
  b.CreateCondBr(more, body, end);
  moveTo(body);
  if (failed(lowerGroupBlock(*op.getBody())))
    return failure();
  assignForGroup(op.getRegionIterArgs(), op.getYieldedValues());
  Slot &counter = getGroupSlot(variable);
  if (counter.variation.kind == Variation::Threadgroup)
    b.CreateStore(b.CreateAdd(getForGroup(variable), getForGroup(op.getStep())),
                  counter.parts.front());
  else
    forEachSimdgroup([&] {
      import(variable);
      import(op.getStep());
      b.CreateStore(
          b.CreateAdd(get(variable), getAs(op.getStep(), isWide(variable))),
          getPlace(counter, 0));
    });
  b.CreateBr(head);
  moveTo(end);
  groupMask = outer;
  assignForGroup(op.getResults(), op.getRegionIterArgs());
  return success();
}

LogicalResult Lowering::lowerGroupWhile(scf::WhileOp op) {
  bool isOne = uniformity.getBranches(op) == Variation::Threadgroup;
  llvm::SaveAndRestore<llvm::Value *> saved(groupMask);
  scf::ConditionOp condition = op.getConditionOp();
  assignForGroup(op.getBeforeArguments(), op.getInits());
  llvm::BasicBlock *head = makeBlock("loop"), *body = makeBlock("loop.body"),
                   *end = makeBlock("loop.end");
  // The masks of those that are still in the loop.
  llvm::Value *masks = nullptr;
  if (!isOne) {
    llvm::Value *anyLane;
    masks = makeGroupMask([&] { return b.getTrue(); }, anyLane);
    groupMask = masks;
  }
  b.CreateBr(head);
  moveTo(head);
  if (failed(lowerGroupBlock(*op.getBeforeBody())))
    return failure();
  assignForGroup(op.getResults(), condition.getArgs());
  llvm::Value *more;
  if (isOne) {
    more = getForGroup(condition.getCondition());
  } else {
    llvm::Value *left = makeGroupMask(
        [&] {
          import(condition.getCondition());
          return getWide(condition.getCondition());
        },
        more);
    llvm::Type *type = getWideType(b.getInt1Ty());
    b.CreateMemCpy(masks, llvm::Align(4), left, llvm::Align(4),
                   maxSimdgroups *
                       module.getDataLayout().getTypeAllocSize(type));
  }
  b.CreateCondBr(more, body, end);
  moveTo(body);
  assignForGroup(op.getAfterArguments(), condition.getArgs());
  if (failed(lowerGroupBlock(*op.getAfterBody())))
    return failure();
  assignForGroup(op.getBeforeArguments(), op.getYieldOp().getOperands());
  b.CreateBr(head);
  moveTo(end);
  return success();
}
