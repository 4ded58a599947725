// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic and functions of floats. What is narrower than f32 is computed in
// f32 and rounded once, except where the CPU has that arithmetic itself.

#include "Lowering.h"

#include "enigma/IR/MathOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

using Operands = ArrayRef<llvm::Value *>;
namespace Intrinsic = llvm::Intrinsic;

template <typename Op>
static void addIntrinsic(Rules &rules, Intrinsic::ID id,
                         Precision precision = Precision::Single) {
  rules.add<Op>(makeElementwise(
      [id](Lowering &lowering, Operation *, Operands x) -> llvm::Value * {
        return lowering.b.CreateIntrinsic(x[0]->getType(), id, x);
      },
      precision));
}

template <typename Op>
static void addFormula(Rules &rules, llvm::Value *(*make)(Lowering &, Operands),
                       Precision precision = Precision::NoBFloat) {
  rules.add<Op>(
      makeElementwise([make](Lowering &lowering, Operation *,
                             Operands x) { return make(lowering, x); },
                      precision));
}

static llvm::Constant *number(llvm::Value *like, double value) {
  return llvm::ConstantFP::get(like->getType(), value);
}

static llvm::CmpInst::Predicate getPredicate(arith::CmpFPredicate predicate) {
  using P = arith::CmpFPredicate;
  using C = llvm::CmpInst;
  switch (predicate) {
  case P::AlwaysFalse:
    return C::FCMP_FALSE;
  case P::OEQ:
    return C::FCMP_OEQ;
  case P::OGT:
    return C::FCMP_OGT;
  case P::OGE:
    return C::FCMP_OGE;
  case P::OLT:
    return C::FCMP_OLT;
  case P::OLE:
    return C::FCMP_OLE;
  case P::ONE:
    return C::FCMP_ONE;
  case P::ORD:
    return C::FCMP_ORD;
  case P::UEQ:
    return C::FCMP_UEQ;
  case P::UGT:
    return C::FCMP_UGT;
  case P::UGE:
    return C::FCMP_UGE;
  case P::ULT:
    return C::FCMP_ULT;
  case P::ULE:
    return C::FCMP_ULE;
  case P::UNE:
    return C::FCMP_UNE;
  case P::UNO:
    return C::FCMP_UNO;
  case P::AlwaysTrue:
    return C::FCMP_TRUE;
  }
  llvm_unreachable("unknown predicate");
}

//===----------------------------------------------------------------------===//
// Functions that the library has not
//===----------------------------------------------------------------------===//

static llvm::Value *unary(Lowering &lowering, Intrinsic::ID id,
                          llvm::Value *x) {
  return lowering.b.CreateUnaryIntrinsic(id, x);
}

static llvm::Value *saturate(Lowering &lowering, llvm::Value *x) {
  llvm::IRBuilder<> &b = lowering.b;
  llvm::Value *most = b.CreateMinNum(x, number(x, 1.0));
  return b.CreateSelect(b.CreateFCmpOGT(x, number(x, 0.0)), most,
                        number(x, 0.0));
}

namespace {
/// sin(pi x) and cos(pi x).
struct SinCosPi {
  SinCosPi(Lowering &lowering, llvm::Value *x) {
    llvm::IRBuilder<> &b = lowering.b;
    // x = quarter / 2 + rest, without an error; |rest| <= 1/4.
    llvm::Value *turns =
        unary(lowering, Intrinsic::rint, b.CreateFMul(x, number(x, 0.5)));
    llvm::Value *inTurn = b.CreateFSub(x, b.CreateFMul(turns, number(x, 2.0)));
    llvm::Value *quarter =
        unary(lowering, Intrinsic::rint, b.CreateFMul(inTurn, number(x, 2.0)));
    llvm::Value *rest =
        b.CreateFSub(inTurn, b.CreateFMul(quarter, number(x, 0.5)));
    llvm::Type *wide = x->getType()->getWithNewType(b.getDoubleTy()),
               *integer = x->getType()->getWithNewType(b.getInt32Ty());
    llvm::Value *angle = b.CreateFPExt(rest, wide);
    angle = b.CreateFMul(angle,
                         llvm::ConstantFP::get(wide, 3.14159265358979323846));
    llvm::Value *s = b.CreateFPTrunc(unary(lowering, Intrinsic::sin, angle),
                                     x->getType()),
                *c = b.CreateFPTrunc(unary(lowering, Intrinsic::cos, angle),
                                     x->getType());
    llvm::Value *finite = b.CreateSelect(
        b.CreateFCmpOLT(b.CreateUnaryIntrinsic(Intrinsic::fabs, quarter),
                        number(x, 8.0)),
        quarter, number(x, 0.0));
    llvm::Value *which = b.CreateFPToSI(finite, integer);
    auto bit = [&](llvm::Value *value, int i) {
      return b.CreateICmpNE(
          b.CreateAnd(value, llvm::ConstantInt::get(integer, i)),
          llvm::ConstantInt::get(integer, 0));
    };
    llvm::Value *swapped = bit(which, 1);
    sin = b.CreateSelect(swapped, c, s);
    cos = b.CreateSelect(swapped, s, c);
    sin = b.CreateSelect(bit(which, 2), b.CreateFNeg(sin), sin);
    llvm::Value *next = b.CreateAdd(which, llvm::ConstantInt::get(integer, 1));
    cos = b.CreateSelect(bit(next, 2), b.CreateFNeg(cos), cos);
    // A zero has the sign of x.
    llvm::Value *isZero = b.CreateFCmpOEQ(sin, number(x, 0.0));
    sin = b.CreateSelect(isZero, b.CreateCopySign(sin, x), sin);
    llvm::Value *isZeroCos = b.CreateFCmpOEQ(cos, number(x, 0.0));
    cos = b.CreateSelect(isZeroCos, number(x, 0.0), cos);
  }
  llvm::Value *sin, *cos;
};
} // namespace

static LogicalResult lowerPowi(Lowering &lowering, Operation *op) {
  auto power = cast<PowiOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  bool wide = lowering.isWide(op->getResult(0));
  Parts parts;
  for (unsigned part = 0, e = lowering.getNumParts(power.getType()); part < e;
       ++part) {
    llvm::Value *x = lowering.getAs(power.getX(), wide, part),
                *n = lowering.getAs(power.getN(), wide, part);
    llvm::Type *type = x->getType(),
               *single = type->getWithNewType(b.getFloatTy());
    if (type != single)
      x = b.CreateFPExt(x, single);
    llvm::Value *zero = llvm::Constant::getNullValue(n->getType()),
                *one = llvm::ConstantInt::get(n->getType(), 1);
    // Lanes that do not run may have any exponent.
    if (wide)
      n = lowering.selectActive(n, zero);
    llvm::BasicBlock *before = b.GetInsertBlock(),
                     *loop = lowering.makeBlock("power"),
                     *end = lowering.makeBlock("power.end");
    b.CreateBr(loop);
    lowering.moveTo(loop);
    auto carry = [&](llvm::Value *init) {
      llvm::PHINode *phi = b.CreatePHI(init->getType(), 2);
      phi->addIncoming(init, before);
      return phi;
    };
    llvm::PHINode *product = carry(number(x, 1.0)), *factor = carry(x),
                  *rest = carry(n);
    llvm::Value *isOdd = b.CreateICmpNE(b.CreateAnd(rest, one), zero);
    llvm::Value *multiplied =
        b.CreateSelect(isOdd, b.CreateFMul(product, factor), product);
    llvm::Value *left = b.CreateLShr(rest, one),
                *more = b.CreateICmpNE(left, zero);
    llvm::Value *squared =
        b.CreateSelect(more, b.CreateFMul(factor, factor), factor);
    product->addIncoming(multiplied, loop);
    factor->addIncoming(squared, loop);
    rest->addIncoming(left, loop);
    b.CreateCondBr(wide ? lowering.any(more) : more, loop, end);
    lowering.moveTo(end);
    parts.push_back(type == single ? multiplied
                                   : b.CreateFPTrunc(multiplied, type));
  }
  lowering.define(op->getResult(0), parts);
  return success();
}

void cpu::addFloatRules(Rules &rules) {
  using L = Lowering;
  constexpr Precision single = Precision::Single, exact = Precision::Exact;
  addFormula<arith::AddFOp>(
      rules, [](L &l, Operands x) { return l.b.CreateFAdd(x[0], x[1]); });
  addFormula<arith::SubFOp>(
      rules, [](L &l, Operands x) { return l.b.CreateFSub(x[0], x[1]); });
  addFormula<arith::MulFOp>(
      rules, [](L &l, Operands x) { return l.b.CreateFMul(x[0], x[1]); });
  addFormula<arith::DivFOp>(
      rules, [](L &l, Operands x) { return l.b.CreateFDiv(x[0], x[1]); });
  addFormula<arith::NegFOp>(
      rules, [](L &l, Operands x) { return l.b.CreateFNeg(x[0]); }, exact);
  addFormula<arith::MinNumFOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateMinNum(x[0], x[1]);
  });
  addFormula<arith::MaxNumFOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateMaxNum(x[0], x[1]);
  });
  addFormula<arith::MinimumFOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateMinimum(x[0], x[1]);
  });
  addFormula<arith::MaximumFOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateMaximum(x[0], x[1]);
  });
  rules.add<arith::CmpFOp>(makeElementwise(
      [](L &l, Operation *op, Operands x) {
        return l.b.CreateFCmp(
            getPredicate(cast<arith::CmpFOp>(op).getPredicate()), x[0], x[1]);
      },
      Precision::NoBFloat));

  addIntrinsic<math::AbsFOp>(rules, Intrinsic::fabs, exact);
  addIntrinsic<math::CopySignOp>(rules, Intrinsic::copysign, exact);
  addIntrinsic<math::FmaOp>(rules, Intrinsic::fma);
  addIntrinsic<vector::FMAOp>(rules, Intrinsic::fma);
  addIntrinsic<math::SqrtOp>(rules, Intrinsic::sqrt);
  addIntrinsic<math::CeilOp>(rules, Intrinsic::ceil);
  addIntrinsic<math::FloorOp>(rules, Intrinsic::floor);
  addIntrinsic<math::RoundOp>(rules, Intrinsic::round);
  addIntrinsic<math::RoundEvenOp>(rules, Intrinsic::roundeven);
  addIntrinsic<math::TruncOp>(rules, Intrinsic::trunc);
  addFormula<math::RsqrtOp>(
      rules,
      [](L &l, Operands x) {
        // Of a rounded root it would be rounded twice.
        llvm::Value *wide = l.b.CreateFPExt(
            x[0], x[0]->getType()->getWithNewType(l.b.getDoubleTy()));
        llvm::Value *root = unary(l, Intrinsic::sqrt, wide);
        return l.b.CreateFPTrunc(l.b.CreateFDiv(number(wide, 1.0), root),
                                 x[0]->getType());
      },
      single);
  addFormula<math::ClampFOp>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateMinNum(l.b.CreateMaxNum(x[0], x[1]), x[2]);
  });
  addFormula<SinPiOp>(
      rules, [](L &l, Operands x) { return SinCosPi(l, x[0]).sin; }, single);
  addFormula<CosPiOp>(
      rules, [](L &l, Operands x) { return SinCosPi(l, x[0]).cos; }, single);
  addFormula<TanPiOp>(
      rules,
      [](L &l, Operands x) {
        SinCosPi both(l, x[0]);
        return l.b.CreateFDiv(both.sin, both.cos);
      },
      single);
  addFormula<SaturateOp>(rules,
                         [](L &l, Operands x) { return saturate(l, x[0]); });
  addFormula<SignOp>(rules, [](L &l, Operands x) {
    llvm::Value *zero = number(x[0], 0.0);
    llvm::Value *other =
        l.b.CreateSelect(l.b.CreateFCmpUNO(x[0], x[0]), zero, x[0]);
    llvm::Value *below = l.b.CreateSelect(l.b.CreateFCmpOLT(x[0], zero),
                                          number(x[0], -1.0), other);
    return l.b.CreateSelect(l.b.CreateFCmpOGT(x[0], zero), number(x[0], 1.0),
                            below);
  });
  rules.add<FractOp>(makeElementwise(
      [](L &l, Operation *, Operands x) -> llvm::Value * {
        // The largest number below 1 of what is computed in.
        double below = x[0]->getType()->getScalarType()->isHalfTy()
                           ? 0x1.ffcp-1
                           : 0x1.fffffep-1;
        llvm::Value *rest =
            l.b.CreateFSub(x[0], unary(l, Intrinsic::floor, x[0]));
        return l.b.CreateSelect(l.b.CreateFCmpOGT(rest, number(rest, below)),
                                number(rest, below), rest);
      },
      Precision::NoBFloat));
  addFormula<FdimOp>(rules, [](L &l, Operands x) {
    llvm::Value *difference = l.b.CreateFSub(x[0], x[1]);
    llvm::Value *isPositive = l.b.CreateFCmpUGT(x[0], x[1]);
    return l.b.CreateSelect(isPositive, difference, number(x[0], 0.0));
  });
  addFormula<StepOp>(rules, [](L &l, Operands x) {
    return l.b.CreateSelect(l.b.CreateFCmpOLT(x[1], x[0]), number(x[0], 0.0),
                            number(x[0], 1.0));
  });
  addFormula<MixOp>(rules, [](L &l, Operands x) {
    return l.b.CreateFAdd(x[0],
                          l.b.CreateFMul(l.b.CreateFSub(x[1], x[0]), x[2]));
  });
  addFormula<SmoothstepOp>(rules, [](L &l, Operands x) {
    llvm::Value *t = saturate(l, l.b.CreateFDiv(l.b.CreateFSub(x[2], x[0]),
                                                l.b.CreateFSub(x[1], x[0])));
    llvm::Value *rest =
        l.b.CreateFSub(number(t, 3.0), l.b.CreateFMul(number(t, 2.0), t));
    return l.b.CreateFMul(l.b.CreateFMul(t, t), rest);
  });
  addFormula<Fmax3Op>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateMaxNum(x[0], l.b.CreateMaxNum(x[1], x[2]));
  });
  addFormula<Fmin3Op>(rules, [](L &l, Operands x) -> llvm::Value * {
    return l.b.CreateMinNum(x[0], l.b.CreateMinNum(x[1], x[2]));
  });
  addFormula<Fmedian3Op>(rules, [](L &l, Operands x) -> llvm::Value * {
    llvm::Value *low = l.b.CreateMinNum(x[0], x[1]),
                *high = l.b.CreateMaxNum(x[0], x[1]);
    return l.b.CreateMaxNum(low, l.b.CreateMinNum(high, x[2]));
  });
  addFormula<SignbitOp>(
      rules,
      [](L &l, Operands x) {
        llvm::Type *type = x[0]->getType();
        llvm::Type *bits =
            type->getWithNewType(l.b.getIntNTy(type->getScalarSizeInBits()));
        return l.b.CreateICmpSLT(l.b.CreateBitCast(x[0], bits),
                                 llvm::Constant::getNullValue(bits));
      },
      exact);
  addFormula<math::IsNaNOp>(
      rules, [](L &l, Operands x) { return l.b.CreateFCmpUNO(x[0], x[0]); });
  addFormula<math::IsInfOp>(rules, [](L &l, Operands x) {
    return l.b.createIsFPClass(x[0], llvm::fcInf);
  });
  addFormula<math::IsFiniteOp>(rules, [](L &l, Operands x) {
    return l.b.createIsFPClass(x[0], llvm::fcFinite);
  });
  addFormula<math::IsNormalOp>(
      rules,
      [](L &l, Operands x) {
        return l.b.createIsFPClass(x[0], llvm::fcNormal);
      },
      exact);
  rules.add<PowiOp>(lowerPowi);
}
