// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic and functions of integers, and conversions.

#include "Lowering.h"

#include "enigma/IR/IntegerOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

using Operands = ArrayRef<llvm::Value *>;
using L = Lowering;
namespace Intrinsic = llvm::Intrinsic;

/// A rule that needs the operands alone.
template <typename Op>
static void addFormula(Rules &rules,
                       llvm::Value *(*make)(Lowering &, Operands)) {
  rules.add<Op>(makeElementwise([make](L &lowering, Operation *, Operands x) {
    return make(lowering, x);
  }));
}

/// A rule that asks the operation whether integers are unsigned.
template <typename Op>
static void addSigned(Rules &rules, llvm::Value *(*make)(Lowering &, Operands,
                                                         bool isUnsigned)) {
  rules.add<Op>(makeElementwise([make](L &lowering, Operation *op, Operands x) {
    return make(lowering, x, cast<Op>(op).getIsUnsigned());
  }));
}

/// A rule for a conversion to the type of the result.
template <typename Op>
static void addCast(Rules &rules, llvm::Instruction::CastOps cast,
                    Precision precision = Precision::Exact) {
  rules.add<Op>(makeElementwise(
      [cast](L &lowering, Operation *op, Operands x) -> llvm::Value * {
        llvm::Type *type = lowering.getElementType(op->getResult(0).getType());
        // A bfloat is rounded from f32.
        if (type->isBFloatTy() && (cast == llvm::Instruction::SIToFP ||
                                   cast == llvm::Instruction::UIToFP))
          type = lowering.b.getFloatTy();
        return lowering.b.CreateCast(cast, x[0],
                                     x[0]->getType()->getWithNewType(type));
      },
      precision));
}

static llvm::Constant *number(llvm::Value *like, int64_t value) {
  return llvm::ConstantInt::getSigned(like->getType(), value);
}

static unsigned widthOf(llvm::Value *value) {
  return value->getType()->getScalarSizeInBits();
}

/// A count of bits that a shift may have; others are as undefined in Metal.
static llvm::Value *inWidth(L &l, llvm::Value *count) {
  return l.b.CreateAnd(count, number(count, widthOf(count) - 1));
}

/// A divisor that does not fault, also in lanes that do not run; where another
/// one is not defined either.
static llvm::Value *divisor(L &l, llvm::Value *x, llvm::Value *y,
                            bool isSigned) {
  llvm::IRBuilder<> &b = l.b;
  llvm::Value *faults = b.CreateICmpEQ(y, number(y, 0));
  if (isSigned) {
    llvm::Constant *least = llvm::ConstantInt::get(
        x->getType(), APInt::getSignedMinValue(widthOf(x)));
    faults = b.CreateOr(faults, b.CreateAnd(b.CreateICmpEQ(y, number(y, -1)),
                                            b.CreateICmpEQ(x, least)));
  }
  if (y->getType()->isVectorTy())
    y = l.selectActive(y, number(y, 1));
  return b.CreateSelect(faults, number(y, 1), y);
}

static llvm::CmpInst::Predicate getPredicate(arith::CmpIPredicate predicate) {
  using P = arith::CmpIPredicate;
  using C = llvm::CmpInst;
  switch (predicate) {
  case P::eq:
    return C::ICMP_EQ;
  case P::ne:
    return C::ICMP_NE;
  case P::slt:
    return C::ICMP_SLT;
  case P::sle:
    return C::ICMP_SLE;
  case P::sgt:
    return C::ICMP_SGT;
  case P::sge:
    return C::ICMP_SGE;
  case P::ult:
    return C::ICMP_ULT;
  case P::ule:
    return C::ICMP_ULE;
  case P::ugt:
    return C::ICMP_UGT;
  case P::uge:
    return C::ICMP_UGE;
  }
  llvm_unreachable("unknown predicate");
}

/// The result of a computation in twice the width.
static llvm::Value *
inTwice(L &l, Operands x, bool isUnsigned,
        llvm::function_ref<llvm::Value *(ArrayRef<llvm::Value *>)> make) {
  llvm::Type *type = x[0]->getType();
  llvm::Type *wide = type->getWithNewType(l.b.getIntNTy(2 * widthOf(x[0])));
  Parts widened;
  for (llvm::Value *value : x)
    widened.push_back(l.b.CreateIntCast(value, wide, !isUnsigned));
  return l.b.CreateTrunc(make(widened), type);
}

static llvm::Value *mulHi(L &l, Operands x, bool isUnsigned) {
  unsigned width = widthOf(x[0]);
  return inTwice(l, x.take_front(2), isUnsigned, [&](Operands wide) {
    llvm::Value *product = l.b.CreateMul(wide[0], wide[1]);
    return l.b.CreateLShr(product, number(product, width));
  });
}

static llvm::Value *madSat(L &l, Operands x, bool isUnsigned) {
  unsigned width = widthOf(x[0]);
  return inTwice(l, x, isUnsigned, [&](Operands wide) {
    llvm::Value *sum = l.b.CreateAdd(l.b.CreateMul(wide[0], wide[1]), wide[2]);
    auto bound = [&](APInt value) {
      return llvm::ConstantInt::get(sum->getType(),
                                    isUnsigned ? value.zext(2 * width)
                                               : value.sext(2 * width));
    };
    if (isUnsigned)
      return l.b.CreateBinaryIntrinsic(Intrinsic::umin, sum,
                                       bound(APInt::getMaxValue(width)));
    return l.b.CreateBinaryIntrinsic(
        Intrinsic::smax,
        l.b.CreateBinaryIntrinsic(Intrinsic::smin, sum,
                                  bound(APInt::getSignedMaxValue(width))),
        bound(APInt::getSignedMinValue(width)));
  });
}

/// As many ones as `count`, from 0 to the width.
static llvm::Value *ones(L &l, llvm::Value *count) {
  llvm::Value *all = number(count, -1);
  llvm::Value *shift =
      inWidth(l, l.b.CreateSub(number(count, widthOf(count)), count));
  return l.b.CreateSelect(l.b.CreateICmpEQ(count, number(count, 0)),
                          number(count, 0), l.b.CreateLShr(all, shift));
}

static llvm::Value *extractBits(L &l, Operands x, bool isUnsigned) {
  llvm::IRBuilder<> &b = l.b;
  llvm::Type *type = x[0]->getType();
  llvm::Value *offset = b.CreateZExtOrTrunc(x[1], type),
              *count = b.CreateZExtOrTrunc(x[2], type);
  llvm::Value *field =
      b.CreateAnd(b.CreateLShr(x[0], inWidth(l, offset)), ones(l, count));
  if (isUnsigned)
    return field;
  llvm::Value *above =
      inWidth(l, b.CreateSub(number(count, widthOf(count)), count));
  llvm::Value *extended = b.CreateAShr(b.CreateShl(field, above), above);
  return b.CreateSelect(b.CreateICmpEQ(count, number(count, 0)),
                        number(count, 0), extended);
}

static llvm::Value *insertBits(L &l, Operands x) {
  llvm::IRBuilder<> &b = l.b;
  llvm::Type *type = x[0]->getType();
  llvm::Value *offset = inWidth(l, b.CreateZExtOrTrunc(x[2], type)),
              *count = b.CreateZExtOrTrunc(x[3], type);
  llvm::Value *field = b.CreateShl(ones(l, count), offset);
  return b.CreateOr(b.CreateAnd(x[0], b.CreateNot(field)),
                    b.CreateAnd(b.CreateShl(x[1], offset), field));
}

template <typename Op>
static void addBinaryIntrinsic(Rules &rules, Intrinsic::ID id) {
  rules.add<Op>(makeElementwise(
      [id](L &lowering, Operation *, Operands x) -> llvm::Value * {
        return lowering.b.CreateBinaryIntrinsic(id, x[0], x[1]);
      }));
}

static LogicalResult lowerSelect(Lowering &lowering, Operation *op) {
  auto select = cast<arith::SelectOp>(op);
  Value condition = select.getCondition(), result = select.getResult();
  bool wide = lowering.isWide(result),
       isScalar = lowering.getNumParts(condition.getType()) == 1;
  Parts parts;
  for (unsigned part = 0, e = lowering.getNumParts(result.getType()); part < e;
       ++part)
    parts.push_back(
        lowering.choose(lowering.getAs(condition, wide, isScalar ? 0 : part),
                        lowering.getAs(select.getTrueValue(), wide, part),
                        lowering.getAs(select.getFalseValue(), wide, part),
                        result.getType(), part));
  lowering.define(result, parts);
  return success();
}

void cpu::addIntegerRules(Rules &rules) {
  addFormula<arith::AddIOp>(
      rules, [](L &l, Operands x) { return l.b.CreateAdd(x[0], x[1]); });
  addFormula<arith::SubIOp>(
      rules, [](L &l, Operands x) { return l.b.CreateSub(x[0], x[1]); });
  addFormula<arith::MulIOp>(
      rules, [](L &l, Operands x) { return l.b.CreateMul(x[0], x[1]); });
  addFormula<arith::AndIOp>(
      rules, [](L &l, Operands x) { return l.b.CreateAnd(x[0], x[1]); });
  addFormula<arith::OrIOp>(
      rules, [](L &l, Operands x) { return l.b.CreateOr(x[0], x[1]); });
  addFormula<arith::XOrIOp>(
      rules, [](L &l, Operands x) { return l.b.CreateXor(x[0], x[1]); });
  addFormula<arith::ShLIOp>(rules, [](L &l, Operands x) {
    return l.b.CreateShl(x[0], inWidth(l, x[1]));
  });
  addFormula<arith::ShRSIOp>(rules, [](L &l, Operands x) {
    return l.b.CreateAShr(x[0], inWidth(l, x[1]));
  });
  addFormula<arith::ShRUIOp>(rules, [](L &l, Operands x) {
    return l.b.CreateLShr(x[0], inWidth(l, x[1]));
  });
  addFormula<arith::DivSIOp>(rules, [](L &l, Operands x) {
    return l.b.CreateSDiv(x[0], divisor(l, x[0], x[1], true));
  });
  addFormula<arith::DivUIOp>(rules, [](L &l, Operands x) {
    return l.b.CreateUDiv(x[0], divisor(l, x[0], x[1], false));
  });
  addFormula<arith::RemSIOp>(rules, [](L &l, Operands x) {
    return l.b.CreateSRem(x[0], divisor(l, x[0], x[1], true));
  });
  addFormula<arith::RemUIOp>(rules, [](L &l, Operands x) {
    return l.b.CreateURem(x[0], divisor(l, x[0], x[1], false));
  });
  rules.add<arith::CmpIOp>(makeElementwise([](L &l, Operation *op, Operands x) {
    return l.b.CreateICmp(getPredicate(cast<arith::CmpIOp>(op).getPredicate()),
                          x[0], x[1]);
  }));
  rules.add<arith::SelectOp>(lowerSelect);
  addBinaryIntrinsic<arith::MinSIOp>(rules, Intrinsic::smin);
  addBinaryIntrinsic<arith::MinUIOp>(rules, Intrinsic::umin);
  addBinaryIntrinsic<arith::MaxSIOp>(rules, Intrinsic::smax);
  addBinaryIntrinsic<arith::MaxUIOp>(rules, Intrinsic::umax);

  addFormula<math::AbsIOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateBinaryIntrinsic(Intrinsic::abs, x[0], l.b.getFalse());
  });
  addFormula<math::CtPopOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateUnaryIntrinsic(Intrinsic::ctpop, x[0]);
  });
  addFormula<math::CountLeadingZerosOp>(
      rules, [](L &l, Operands x) -> llvm::Value * {
        return l.b.CreateBinaryIntrinsic(Intrinsic::ctlz, x[0], l.b.getFalse());
      });
  addFormula<math::CountTrailingZerosOp>(
      rules, [](L &l, Operands x) -> llvm::Value * {
        return l.b.CreateBinaryIntrinsic(Intrinsic::cttz, x[0], l.b.getFalse());
      });
  addFormula<ReverseBitsOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateUnaryIntrinsic(Intrinsic::bitreverse, x[0]);
  });
  addFormula<RotateOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateIntrinsic(x[0]->getType(), Intrinsic::fshl,
                               {x[0], x[0], x[1]});
  });
  addSigned<AbsDiffOp>(rules, [](L &l, Operands x, bool isUnsigned) {
    llvm::Value *isLess = isUnsigned ? l.b.CreateICmpULT(x[0], x[1])
                                     : l.b.CreateICmpSLT(x[0], x[1]);
    return l.b.CreateSelect(isLess, l.b.CreateSub(x[1], x[0]),
                            l.b.CreateSub(x[0], x[1]));
  });
  addSigned<AddSatOp>(
      rules, [](L &l, Operands x, bool isUnsigned) -> llvm::Value * {
        return l.b.CreateBinaryIntrinsic(
            isUnsigned ? Intrinsic::uadd_sat : Intrinsic::sadd_sat, x[0], x[1]);
      });
  addSigned<SubSatOp>(
      rules, [](L &l, Operands x, bool isUnsigned) -> llvm::Value * {
        return l.b.CreateBinaryIntrinsic(
            isUnsigned ? Intrinsic::usub_sat : Intrinsic::ssub_sat, x[0], x[1]);
      });
  auto half = [](L &l, llvm::Value *x, bool isUnsigned) {
    return isUnsigned ? l.b.CreateLShr(x, number(x, 1))
                      : l.b.CreateAShr(x, number(x, 1));
  };
  static constexpr auto kHalf = +half;
  addSigned<HaddOp>(rules, [](L &l, Operands x, bool isUnsigned) {
    return l.b.CreateAdd(l.b.CreateAnd(x[0], x[1]),
                         kHalf(l, l.b.CreateXor(x[0], x[1]), isUnsigned));
  });
  addSigned<RhaddOp>(rules, [](L &l, Operands x, bool isUnsigned) {
    return l.b.CreateSub(l.b.CreateOr(x[0], x[1]),
                         kHalf(l, l.b.CreateXor(x[0], x[1]), isUnsigned));
  });
  addSigned<MulHiOp>(rules, mulHi);
  addSigned<MadHiOp>(rules, [](L &l, Operands x, bool isUnsigned) {
    return l.b.CreateAdd(mulHi(l, x, isUnsigned), x[2]);
  });
  addSigned<MadSatOp>(rules, madSat);
  addSigned<ExtractBitsOp>(rules, extractBits);
  addFormula<InsertBitsOp>(rules, insertBits);

  using I = llvm::Instruction;
  addCast<arith::ExtSIOp>(rules, I::SExt);
  addCast<arith::ExtUIOp>(rules, I::ZExt);
  addCast<arith::TruncIOp>(rules, I::Trunc);
  addCast<arith::SIToFPOp>(rules, I::SIToFP, Precision::NoBFloat);
  addCast<arith::UIToFPOp>(rules, I::UIToFP, Precision::NoBFloat);
  addCast<arith::FPToSIOp>(rules, I::FPToSI, Precision::NoBFloat);
  addCast<arith::FPToUIOp>(rules, I::FPToUI, Precision::NoBFloat);
  addCast<arith::BitcastOp>(rules, I::BitCast);
  auto convert = [](L &l, Operation *op, Operands x) -> llvm::Value * {
    return l.b.CreateFPCast(x[0],
                            x[0]->getType()->getWithNewType(
                                l.getElementType(op->getResult(0).getType())));
  };
  rules.add<arith::ExtFOp>(makeElementwise(convert));
  rules.add<arith::TruncFOp>(makeElementwise(convert));
  auto index = [](bool isSigned) {
    return makeElementwise([isSigned](L &l, Operation *op,
                                      Operands x) -> llvm::Value * {
      return l.b.CreateIntCast(x[0],
                               x[0]->getType()->getWithNewType(l.getElementType(
                                   op->getResult(0).getType())),
                               isSigned);
    });
  };
  rules.add<arith::IndexCastOp>(index(true));
  rules.add<arith::IndexCastUIOp>(index(false));
  addFormula<SignCastOp>(rules, [](L &, Operands x) { return x[0]; });
}
