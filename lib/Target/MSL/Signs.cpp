// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Signs.h"

#include "enigma/IR/QuadOps.h"
#include "enigma/IR/SimdOps.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// The type of \p value, or of its lanes.
static Type getScalarType(Value value) {
  Type type = value.getType();
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getElementType() : type;
}

/// Whether \p value is an integer that has a sign.
static bool hasSign(Value value) {
  Type type = getScalarType(value);
  return type.isIntOrIndex() && !type.isInteger(1);
}

static bool isUnsignedDtype(Type type) {
  return BufferType::getScalarType(type).isUnsignedInteger();
}

static bool isRing(Operation *op) {
  return isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op);
}

static bool hasFlag(Operation *op, arith::IntegerOverflowFlags flag) {
  arith::IntegerOverflowFlags flags =
      llvm::TypeSwitch<Operation *, arith::IntegerOverflowFlags>(op)
          .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp>(
              [](auto op) { return op.getOverflowFlags(); });
  return bitEnumContainsAll(flags, flag);
}

/// Whether \p op adds or multiplies integers that it is given together, where
/// no flag says that the result fits.
static bool isJoin(Operation *op) {
  if (auto reduction = dyn_cast_or_null<vector::ReductionOp>(op))
    return reduction.getKind() == vector::CombiningKind::ADD ||
           reduction.getKind() == vector::CombiningKind::MUL;
  return isa_and_nonnull<SimdSumOp, SimdProductOp, SimdPrefixExclusiveSumOp,
                         SimdPrefixInclusiveSumOp, SimdPrefixExclusiveProductOp,
                         SimdPrefixInclusiveProductOp, QuadSumOp, QuadProductOp,
                         QuadPrefixExclusiveSumOp, QuadPrefixInclusiveSumOp,
                         QuadPrefixExclusiveProductOp,
                         QuadPrefixInclusiveProductOp>(op);
}

/// Whether \p op is computed for a subscript: the number is the same in signed
/// and unsigned arithmetic.
static bool isExactEitherWay(Operation *op) {
  return op && isRing(op) &&
         (op->getResult(0).getType().isIndex() ||
          hasFlag(op, arith::IntegerOverflowFlags::nsw |
                          arith::IntegerOverflowFlags::nuw));
}

bool enigma::msl::isExactSigned(Operation *op) {
  // Subscripts are far from the ends of 64 bits.
  return getScalarType(op->getResult(0)).isIndex() ||
         hasFlag(op, arith::IntegerOverflowFlags::nsw);
}

/// The memory that \p access names.
static Value getMemory(Operation *access) {
  return *llvm::find_if(access->getOperands(), [](Value operand) {
    return isa<MemRefType>(operand.getType());
  });
}

Signs::Sign Signs::getMemorySign(Value memory) const {
  Type dtype;
  if (auto alloc = memory.getDefiningOp<AllocOp>())
    dtype = alloc.getElementDtype();
  else if (auto table = memory.getDefiningOp<ConstantArrayOp>())
    dtype = table.getElementDtype();
  else if (auto recast = memory.getDefiningOp<RecastOp>())
    dtype = recast.getElementDtype();
  else if (auto argument = dyn_cast<BlockArgument>(memory))
    dtype = kernel.getArgDtype(argument.getArgNumber());
  return dtype && isUnsignedDtype(dtype) ? Sign::Unsigned : Sign::Signed;
}

/// What the operation that defines \p value says about its sign.
Signs::Sign Signs::getOwnSign(Value value) const {
  auto getSign = [](bool isUnsigned) {
    return isUnsigned ? Sign::Unsigned : Sign::Signed;
  };
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (parent == kernel)
      return getSign(
          isUnsignedDtype(kernel.getArgDtype(argument.getArgNumber())));
    if (auto loop = dyn_cast<scf::ForOp>(parent);
        loop && argument == loop.getInductionVar())
      return getSign(loop.getUnsignedCmp());
    return Sign::Unknown;
  }
  Operation *op = value.getDefiningOp();
  if (isRing(op) && !getScalarType(value).isIndex()) {
    if (!hasFlag(op, arith::IntegerOverflowFlags::nsw))
      return Sign::Unsigned;
    return isExactEitherWay(op) ? Sign::Unknown : Sign::Signed;
  }
  return llvm::TypeSwitch<Operation *, Sign>(op)
      .Case([&](FunctionConstantOp constant) {
        return getSign(isUnsignedDtype(constant.getDtype()));
      })
      .Case([&](InlineMSLOp text) {
        return getSign(isUnsignedDtype(*text.getResultDtype()));
      })
      .Case([&](SignCastOp cast) { return getSign(cast.getIsUnsigned()); })
      .Case<memref::LoadOp, vector::LoadOp, AtomicLoadOp, AtomicRMWOp,
            AtomicCompareExchangeOp>(
          [&](auto access) { return getMemorySign(getMemory(access)); })
      .Case<arith::IndexCastUIOp, arith::FPToUIOp>(
          [](auto) { return Sign::Unsigned; })
      .Case([](arith::ExtUIOp extension) {
        // 0 or 1 is as good as the other.
        return hasSign(extension.getIn()) ? Sign::Unsigned : Sign::Unknown;
      })
      .Case<arith::DivSIOp, arith::RemSIOp, arith::ShRSIOp, arith::MaxSIOp,
            arith::MinSIOp, arith::ExtSIOp, arith::IndexCastOp,
            arith::FPToSIOp>([](auto) { return Sign::Signed; })
      .Default([&](Operation *op) {
        // Unsigned divisions and the like take the place of signed ones where
        // nothing is negative: the result is what the operands are.
        if (isa_and_nonnull<arith::ArithDialect>(op->getDialect()))
          return Sign::Unknown;
        if (isa<ThreadQueryOpInterface>(op))
          return Sign::Unsigned;
        auto call = dyn_cast<MSLCallOpInterface>(op);
        std::optional<bool> isSigned =
            call ? call.getResultIsSigned() : std::nullopt;
        return isSigned ? getSign(!*isSigned) : Sign::Unknown;
      });
}

/// How the owner of \p use reads it.
Signs::Sign Signs::getReading(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto compare = dyn_cast<arith::CmpIOp>(user)) {
    switch (compare.getPredicate()) {
    case arith::CmpIPredicate::eq:
    case arith::CmpIPredicate::ne:
      return Sign::Unknown;
    case arith::CmpIPredicate::slt:
    case arith::CmpIPredicate::sle:
    case arith::CmpIPredicate::sgt:
    case arith::CmpIPredicate::sge:
      return Sign::Signed;
    default:
      return Sign::Unsigned;
    }
  }
  if (isRing(user) && !isExactEitherWay(user))
    return isExactSigned(user) ? Sign::Signed : Sign::Unsigned;
  if (isa<arith::DivUIOp, arith::RemUIOp, arith::ShRUIOp, arith::MaxUIOp,
          arith::MinUIOp, arith::ExtUIOp, arith::UIToFPOp,
          arith::IndexCastUIOp>(user))
    return Sign::Unsigned;
  if (isa<arith::DivSIOp, arith::RemSIOp, arith::ShRSIOp, arith::MaxSIOp,
          arith::MinSIOp, arith::ExtSIOp, arith::SIToFPOp, arith::IndexCastOp>(
          user))
    return Sign::Signed;
  return Sign::Unknown;
}

void Signs::raise(Value value, Integer &integer, Sign sign) {
  std::optional<unsigned> variable = integer.variable;
  Sign &known = variable ? variableSigns[*variable] : integer.sign;
  if (sign <= known)
    return;
  known = sign;
  if (variable)
    llvm::append_range(news, variables.getMembers(*variable));
  else
    news.push_back(value);
}

/// The values that take over the sign of \p use: what control flow carries it
/// to, or the results of an operation that means the same for all signs.
static void findHeirs(OpOperand &use, SmallVectorImpl<Value> &heirs) {
  Operation *user = use.getOwner();
  unsigned i = use.getOperandNumber();
  if (auto loop = dyn_cast<scf::ForOp>(user)) {
    if (BlockArgument argument = loop.getTiedLoopRegionIterArg(&use))
      heirs.push_back(argument);
  } else if (auto loop = dyn_cast<scf::WhileOp>(user)) {
    heirs.push_back(loop.getBeforeArguments()[i]);
  } else if (isa<scf::ConditionOp>(user)) {
    auto loop = cast<scf::WhileOp>(user->getParentOp());
    if (i != 0) {
      heirs.push_back(loop.getAfterArguments()[i - 1]);
      heirs.push_back(loop.getResult(i - 1));
    }
  } else if (isa<scf::YieldOp>(user)) {
    Operation *parent = user->getParentOp();
    if (auto loop = dyn_cast<scf::WhileOp>(parent)) {
      heirs.push_back(loop.getBeforeArguments()[i]);
    } else {
      heirs.push_back(parent->getResult(i));
      if (auto loop = dyn_cast<scf::ForOp>(parent))
        heirs.push_back(loop.getRegionIterArg(i));
    }
  } else if (user->getNumRegions() == 0) {
    // The amount of a shift and the subscript of a lane say nothing of the
    // result, unless it is all there is.
    if (isa<arith::ShLIOp, arith::ShRUIOp>(user) && i != 0 &&
        !isConstant(user->getOperand(0)))
      return;
    if (i != 0 && !isa_and_nonnull<arith::ArithDialect>(user->getDialect()) &&
        isa<vector::ExtractOp, MSLCallOpInterface>(user))
      return;
    if (isa<vector::InsertOp>(user) && i > 1)
      return;
    llvm::append_range(heirs, user->getResults());
  }
}

void Signs::propagate() {
  SmallVector<Value, 4> heirs;
  while (!news.empty()) {
    Value value = news.back();
    news.pop_back();
    Sign sign = get(value);
    heirs.clear();
    for (OpOperand &use : value.getUses())
      findHeirs(use, heirs);
    for (Value heir : heirs) {
      auto known = integers.find(heir);
      if (known != integers.end() && known->second.own == Sign::Unknown &&
          !known->second.isExactEitherWay)
        raise(heir, known->second, sign);
    }
  }
}

Signs::Signs(KernelOp kernel, const Variables &variables)
    : kernel(kernel), variables(variables), variableSigns(variables.size()) {
  // The values without a sign of their own, one of each variable.
  SmallVector<Value> unknown;
  std::vector<bool> isKnownVariable(variables.size(), false);
  auto start = [&](Value value) {
    if (!hasSign(value) || isConstant(value))
      return;
    std::optional<unsigned> variable = variables.find(value);
    Integer &integer = integers[value];
    integer = {variable, getOwnSign(value),
               isExactEitherWay(value.getDefiningOp())};
    if (integer.own != Sign::Unknown)
      return raise(value, integer, integer.own);
    if (variable && isKnownVariable[*variable])
      return;
    unknown.push_back(value);
    if (variable)
      isKnownVariable[*variable] = true;
  };
  auto startOperation = [&](Operation *op) {
    for (Region &region : op->getRegions())
      for (Value argument : region.getArguments())
        start(argument);
    for (Value result : op->getResults())
      start(result);
  };
  integers.reserve(variables.getNumOperations());
  startOperation(kernel);
  forEachOuterFirst(kernel.getBody(), startOperation);
  propagate();
  // What is joined may wrap, unless it is signed; constants do not say.
  for (Value value : unknown)
    if (isJoin(value.getDefiningOp()))
      decide(value, Sign::Unsigned);
  // What has no sign from where it comes has that of where it goes, users
  // first.
  for (Value value : llvm::reverse(unknown))
    if (!integers.find(value)->second.isExactEitherWay)
      decide(value, getUserSign(value));
  // The rest, and subscripts, in the order of the kernel.
  for (Value value : unknown) {
    Sign sign = getUserSign(value);
    decide(value, sign != Sign::Unknown ? sign : guess(value));
  }
}

void Signs::decide(Value value, Sign sign) {
  Integer &integer = integers.find(value)->second;
  if (get(integer) != Sign::Unknown)
    return;
  raise(value, integer, sign);
  propagate();
}

ArrayRef<Value> Signs::getMembers(const Value &value) const {
  if (std::optional<unsigned> variable = variables.find(value))
    return variables.getMembers(*variable);
  return value;
}

/// What the users of \p value read it as, or make of it, if they agree.
Signs::Sign Signs::getUserSign(Value value) const {
  bool isSubscript = integers.find(value)->second.isExactEitherWay;
  bool isSigned = false, isUnsigned = false;
  auto note = [&](Sign sign) {
    isSigned |= sign == Sign::Signed;
    isUnsigned |= sign == Sign::Unsigned;
  };
  for (Value member : getMembers(value))
    for (OpOperand &use : member.getUses()) {
      if (isSubscript && isRing(use.getOwner()))
        continue;
      Sign reading = getReading(use);
      note(reading);
      if (reading != Sign::Unknown || isSubscript)
        continue;
      SmallVector<Value, 2> heirs;
      findHeirs(use, heirs);
      for (Value heir : heirs) {
        auto known = integers.find(heir);
        if (known != integers.end() && !known->second.isExactEitherWay)
          note(get(known->second));
      }
    }
  if (isSigned == isUnsigned)
    return Sign::Unknown;
  return isSigned ? Sign::Signed : Sign::Unsigned;
}

/// A sign for a value of which nothing tells.
Signs::Sign Signs::guess(Value value) const {
  Sign sign = Sign::Unknown;
  auto note = [&](Sign other) {
    // As C++ computes it.
    if (sign != Sign::Unsigned && other != Sign::Unknown)
      sign = other;
  };
  Operation *op = value.getDefiningOp();
  if (op)
    for (Value operand : op->getOperands())
      note(get(operand));
  if (sign == Sign::Unknown)
    for (Value member : getMembers(value))
      for (Operation *user : member.getUsers())
        if (isa<memref::StoreOp, vector::StoreOp, StoreLaneOp>(user))
          note(getMemorySign(getMemory(user)));
  if (sign == Sign::Unknown && op && op->getNumOperands() != 0)
    sign = isa<arith::BitcastOp>(op) ? Sign::Unsigned
                                     : getReading(op->getOpOperand(0));
  return sign == Sign::Unsigned ? Sign::Unsigned : Sign::Signed;
}
