// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Analysis/IntegerRanges.h"

#include "enigma/IR/MathOps.h"
#include "enigma/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace enigma;

ConstantIntRanges IntegerRanges::get(Value value) const {
  auto it = ranges.find(value);
  if (it != ranges.end())
    return it->second;
  APInt constant;
  if (isConstant(value, constant))
    return ConstantIntRanges::constant(constant);
  if (auto range = KernelOp::getArgRange(value))
    return *range;
  return ConstantIntRanges::maxRange(
      ConstantIntRanges::getStorageBitwidth(value.getType()));
}

/// What a sum or a product may be of numbers that are not negative, if it fits
/// the signed numbers of its type: then its ends are those of the operands, and
/// the inference for any numbers would find the same, in many more steps.
static std::optional<ConstantIntRanges>
inferNonNegative(Operation *op, const ConstantIntRanges &left,
                 const ConstantIntRanges &right) {
  auto isNonNegative = [](const ConstantIntRanges &range) {
    return range.smin().isNonNegative() && range.smin() == range.umin() &&
           range.smax() == range.umax();
  };
  unsigned bits = left.umin().getBitWidth();
  if (bits > 64 || !isNonNegative(left) || !isNonNegative(right))
    return std::nullopt;
  bool isSum = isa<arith::AddIOp>(op);
  auto overflows = [&](const APInt &a, const APInt &b, int64_t &result) {
    return isSum
               ? llvm::AddOverflow(a.getSExtValue(), b.getSExtValue(), result)
               : llvm::MulOverflow(a.getSExtValue(), b.getSExtValue(), result);
  };
  int64_t low, high;
  if (overflows(left.smin(), right.smin(), low) ||
      overflows(left.smax(), right.smax(), high) || !llvm::isIntN(bits, high))
    return std::nullopt;
  APInt min(bits, low), max(bits, high);
  return ConstantIntRanges(min, max, min, max);
}

void IntegerRanges::infer(Operation *op) {
  auto isScalar = [](Value value) { return value.getType().isIntOrIndex(); };
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    // Known without a search for the interface.
    if (auto number = dyn_cast<IntegerAttr>(constant.getProperties().value))
      set(constant, ConstantIntRanges::constant(number.getValue()));
    return;
  }
  if (auto modulo = dyn_cast<FloormodOp>(op)) {
    // The remainder by a positive number is from 0 to that number - 1.
    if (!isScalar(modulo))
      return;
    ConstantIntRanges divisor = get(modulo.getB());
    if (divisor.smin().isStrictlyPositive())
      set(modulo, ConstantIntRanges::fromSigned(
                      APInt::getZero(divisor.smax().getBitWidth()),
                      divisor.smax() - 1));
    return;
  }
  // Most operations without numbers have not the interface, and to look for it
  // in vain is slow.
  if (llvm::none_of(op->getResults(), isScalar) ||
      !llvm::all_of(op->getOperands(), isScalar))
    return;
  // What is known of two conditions says nothing of both together, unless one
  // of them is decided.
  if (op->getResult(0).getType().isInteger(1) &&
      isa<arith::AndIOp, arith::OrIOp>(op) &&
      !llvm::any_of(op->getOperands(), [&](Value operand) {
        return get(operand).getConstantValue();
      }))
    return;
  if (isa<arith::AddIOp, arith::MulIOp>(op))
    if (auto range = inferNonNegative(op, get(op->getOperand(0)),
                                      get(op->getOperand(1))))
      return set(op->getResult(0), *range);
  auto interface = dyn_cast<InferIntRangeInterface>(op);
  if (!interface)
    return;
  SmallVector<ConstantIntRanges, 3> operands;
  for (Value operand : op->getOperands())
    operands.push_back(get(operand));
  interface.inferResultRanges(operands,
                              [&](Value value, const ConstantIntRanges &range) {
                                if (isScalar(value))
                                  set(value, range);
                              });
}

void IntegerRanges::inferInductionVariable(scf::ForOp op) {
  ConstantIntRanges lower = get(op.getLowerBound());
  ConstantIntRanges upper = get(op.getUpperBound());
  if (op.getUnsignedCmp()) {
    if (lower.umin().ult(upper.umax()))
      set(op.getInductionVar(),
          ConstantIntRanges::fromUnsigned(lower.umin(), upper.umax() - 1));
  } else if (lower.smin().slt(upper.smax())) {
    set(op.getInductionVar(),
        ConstantIntRanges::fromSigned(lower.smin(), upper.smax() - 1));
  }
}

void IntegerRanges::inferResults(scf::IfOp op) {
  for (OpResult result : op.getResults()) {
    if (!result.getType().isIntOrIndex())
      continue;
    unsigned i = result.getResultNumber();
    set(result, get(op.thenYield().getOperand(i))
                    .rangeUnion(get(op.elseYield().getOperand(i))));
  }
}

std::optional<Extension> IntegerRanges::getExtension(Value value) const {
  if (isZeroExtended(value))
    return Extension::Zero;
  if (isSignExtended(value))
    return Extension::Sign;
  return std::nullopt;
}

static bool isZeroExtended(const ConstantIntRanges &range) {
  return range.umax().getActiveBits() <= 32;
}

bool IntegerRanges::isZeroExtended(Value value) const {
  auto known = ranges.find(value);
  if (known == ranges.end())
    return ::isZeroExtended(get(value));
  return ::isZeroExtended(known->second);
}

static bool isSignExtended(const ConstantIntRanges &range) {
  return range.smin().getSignificantBits() <= 32 &&
         range.smax().getSignificantBits() <= 32;
}

bool IntegerRanges::isSignExtended(Value value) const {
  auto known = ranges.find(value);
  if (known == ranges.end())
    return ::isSignExtended(get(value));
  return ::isSignExtended(known->second);
}
