// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exponentials, logarithms, trigonometric and hyperbolic functions of f32, for
// all lanes at once. They are computed in f64 with polynomials whose relative
// errors are below 2e-10, and rounded once, so that results are within 0.51
// ulp.
//
//   exp    x = n ln 2 + r, |r| <= ln 2 / 2: 2^n (1 + r + r^2/2! + ... + r^9/9!)
//   log    x = 2^n m, m in [sqrt 1/2, sqrt 2): n ln 2 + 2 artanh((m - 1) / (m +
//   1)),
//          by the series of the inverse hyperbolic tangent
//   sin    x = n pi/2 + r, |r| <= pi/4, with pi/2 in two parts, and the series
//   of
//          sine and cosine; lanes beyond 2^20 call the C library
//   atan   |x| <= tan pi/8 after at most two of the reductions
//          pi/2 - atan(1/x) and pi/4 + atan((x - 1) / (x + 1)), and its series
//
// The coefficients are those of the Taylor series.

#include "Lowering.h"

#include "enigma/IR/MathOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

using Operands = ArrayRef<llvm::Value *>;
namespace Intrinsic = llvm::Intrinsic;

static constexpr double kLn2 = 0.69314718055994530942,
                        kLog2E = 1.44269504088896340736,
                        kLog10E = 0.43429448190325182765,
                        kLn10 = 2.30258509299404568402,
                        kHalfPi = 1.57079632679489661923,
                        kHalfPiRest = 6.123233995736766e-17,
                        kTanEighth = 0.41421356237309504880,
                        kOnesAreLast = 6755399441055744.0;
/// How far sine and cosine go without the C library.
static constexpr double kLargestAngle = 1 << 20;

namespace {
/// Builds arithmetic in f64, of a scalar or of all lanes.
class Doubles {
public:
  Doubles(Lowering &lowering, llvm::Type *like)
      : lowering(lowering), b(lowering.b),
        type(like->getWithNewType(b.getDoubleTy())),
        bits(like->getWithNewType(b.getInt64Ty())) {}

  llvm::Value *widen(llvm::Value *x) { return b.CreateFPExt(x, type); }
  llvm::Value *number(double value) {
    return llvm::ConstantFP::get(type, value);
  }
  llvm::Value *integer(int64_t value) {
    return llvm::ConstantInt::getSigned(bits, value);
  }
  llvm::Value *add(llvm::Value *x, llvm::Value *y) {
    return b.CreateFAdd(x, y);
  }
  llvm::Value *sub(llvm::Value *x, llvm::Value *y) {
    return b.CreateFSub(x, y);
  }
  llvm::Value *mul(llvm::Value *x, llvm::Value *y) {
    return b.CreateFMul(x, y);
  }
  llvm::Value *div(llvm::Value *x, llvm::Value *y) {
    return b.CreateFDiv(x, y);
  }
  llvm::Value *fma(llvm::Value *x, llvm::Value *y, llvm::Value *z) {
    return b.CreateIntrinsic(type, Intrinsic::fma, {x, y, z});
  }
  llvm::Value *unary(Intrinsic::ID id, llvm::Value *x) {
    return b.CreateUnaryIntrinsic(id, x);
  }
  llvm::Value *abs(llvm::Value *x) { return unary(Intrinsic::fabs, x); }
  llvm::Value *select(llvm::Value *condition, llvm::Value *x, llvm::Value *y) {
    return b.CreateSelect(condition, x, y);
  }
  llvm::Value *withSign(llvm::Value *x, llvm::Value *sign) {
    return b.CreateCopySign(x, sign);
  }
  /// c[0] + c[1] x + c[2] x^2 + ...
  llvm::Value *polynomial(llvm::Value *x, ArrayRef<double> c) {
    llvm::Value *sum = number(c.back());
    for (double coefficient : llvm::reverse(c.drop_back()))
      sum = fma(sum, x, number(coefficient));
    return sum;
  }

  /// exp(x) - 1, and 2^n exp(r) with it, of what is no NaN.
  struct Exponential {
    llvm::Value *value, *minusOne;
  };
  Exponential exponential(llvm::Value *x);
  llvm::Value *exp(llvm::Value *x);
  /// Of positive numbers, 0 and infinity; NaN of others.
  llvm::Value *log(llvm::Value *x);
  llvm::Value *atan(llvm::Value *x);
  /// Of angles that are not too large.
  struct SineCosine {
    llvm::Value *sine, *cosine;
  };
  SineCosine sineCosine(llvm::Value *x);

  Lowering &lowering;
  llvm::IRBuilder<> &b;
  llvm::Type *type, *bits;
};
} // namespace

Doubles::Exponential Doubles::exponential(llvm::Value *x) {
  // Beyond, f32 has 0 and infinity.
  x = select(b.CreateFCmpOGT(x, number(-200)), x, number(-200));
  x = select(b.CreateFCmpOLT(x, number(200)), x, number(200));
  // A number this large has the whole part of what is added in its last bits.
  llvm::Value *sum = fma(x, number(kLog2E), number(kOnesAreLast));
  llvm::Value *n = sub(sum, number(kOnesAreLast));
  llvm::Value *r = fma(n, number(-kLn2), x);
  // Of (exp(r) - 1) / r, interpolated where the error is the same to both
  // sides: at most 2e-3 units in the last place of f32.
  static constexpr double c[] = {1.0,
                                 0.5000000047146069,
                                 0.16666666719025228,
                                 0.04166635277109214,
                                 0.008333298470776535,
                                 0.0013941118895212854,
                                 0.00019899284943362982};
  llvm::Value *small = mul(r, polynomial(r, c));
  llvm::Value *power = b.CreateShl(b.CreateBitCast(sum, bits), integer(52));
  llvm::Value *scale =
      b.CreateBitCast(b.CreateAdd(power, integer(int64_t{1023} << 52)), type);
  return {fma(scale, small, scale), fma(scale, small, sub(scale, number(1.0)))};
}

llvm::Value *Doubles::exp(llvm::Value *x) {
  return select(b.CreateFCmpUNO(x, x), x, exponential(x).value);
}

llvm::Value *Doubles::log(llvm::Value *x) {
  llvm::Value *raw = b.CreateBitCast(x, bits);
  // The exponent of x / sqrt(1/2).
  llvm::Value *distance =
      b.CreateSub(raw, integer(static_cast<int64_t>(0x3FE6A09E667F3BCDULL)));
  llvm::Value *n = b.CreateAShr(distance, integer(52));
  llvm::Value *m =
      b.CreateBitCast(b.CreateSub(raw, b.CreateShl(n, integer(52))), type);
  llvm::Value *s = div(sub(m, number(1.0)), add(m, number(1.0)));
  static constexpr double c[] = {2.0,     2.0 / 3,  2.0 / 5, 2.0 / 7,
                                 2.0 / 9, 2.0 / 11, 2.0 / 13};
  llvm::Value *result = fma(b.CreateSIToFP(n, type), number(kLn2),
                            mul(s, polynomial(mul(s, s), c)));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  result = select(b.CreateFCmpOEQ(x, number(infinity)), x, result);
  result = select(b.CreateFCmpOEQ(x, number(0.0)), number(-infinity), result);
  return select(b.CreateFCmpULT(x, number(0.0)), llvm::ConstantFP::getNaN(type),
                result);
}

llvm::Value *Doubles::atan(llvm::Value *x) {
  llvm::Value *a = abs(x);
  llvm::Value *isFar = b.CreateFCmpOGT(a, number(1.0));
  a = select(isFar, div(number(1.0), a), a);
  llvm::Value *isMiddle = b.CreateFCmpOGT(a, number(kTanEighth));
  llvm::Value *t =
      select(isMiddle, div(sub(a, number(1.0)), add(a, number(1.0))), a);
  static constexpr double c[] = {1.0,      -1.0 / 3,  1.0 / 5,  -1.0 / 7,
                                 1.0 / 9,  -1.0 / 11, 1.0 / 13, -1.0 / 15,
                                 1.0 / 17, -1.0 / 19, 1.0 / 21, -1.0 / 23};
  llvm::Value *angle = mul(t, polynomial(mul(t, t), c));
  angle = select(isMiddle, add(angle, number(kHalfPi / 2)), angle);
  angle = select(isFar, sub(number(kHalfPi), angle), angle);
  return withSign(angle, x);
}

Doubles::SineCosine Doubles::sineCosine(llvm::Value *x) {
  llvm::Value *isSmall = b.CreateFCmpOLE(abs(x), number(kLargestAngle));
  llvm::Value *n = unary(Intrinsic::rint, mul(select(isSmall, x, number(0.0)),
                                              number(1.0 / kHalfPi)));
  // No negative zero, so that r has the sign of a zero x.
  n = add(n, number(0.0));
  llvm::Value *r = fma(n, number(-kHalfPi), x);
  r = fma(n, number(-kHalfPiRest), r);
  llvm::Value *z = mul(r, r);
  static constexpr double s[] = {1.0,         -1.0 / 6,     1.0 / 120,
                                 -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800};
  static constexpr double c[] = {
      1.0,         -1.0 / 2,       1.0 / 24,       -1.0 / 720,
      1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600};
  llvm::Value *sine = mul(r, polynomial(z, s)), *cosine = polynomial(z, c);
  llvm::Value *quarter = b.CreateFPToSI(n, bits);
  auto isSet = [&](llvm::Value *value, int64_t bit) {
    return b.CreateICmpNE(b.CreateAnd(value, integer(bit)), integer(0));
  };
  auto negatedIf = [&](llvm::Value *condition, llvm::Value *value) {
    return select(condition, b.CreateFNeg(value), value);
  };
  llvm::Value *isSwapped = isSet(quarter, 1);
  llvm::Value *next = b.CreateAdd(quarter, integer(1));
  return {negatedIf(isSet(quarter, 2), select(isSwapped, cosine, sine)),
          negatedIf(isSet(next, 2), select(isSwapped, sine, cosine))};
}

//===----------------------------------------------------------------------===//
// The C library
//===----------------------------------------------------------------------===//

llvm::Value *cpu::callLibrary(Lowering &lowering, StringRef name, Operands x) {
  llvm::IRBuilder<> &b = lowering.b;
  llvm::Type *f32 = b.getFloatTy(), *type = x[0]->getType();
  llvm::FunctionCallee callee = lowering.module.getOrInsertFunction(
      name, llvm::FunctionType::get(
                f32, SmallVector<llvm::Type *>(x.size(), f32), false));
  auto *function = cast<llvm::Function>(callee.getCallee());
  function->setDoesNotThrow();
  function->setDoesNotAccessMemory();
  function->setWillReturn();
  if (!type->isVectorTy())
    return b.CreateCall(callee, x);
  SmallVector<llvm::Value *> places;
  for (llvm::Value *operand : x) {
    places.push_back(lowering.makeVariable(type));
    b.CreateStore(operand, places.back());
  }
  llvm::Value *results = lowering.makeVariable(type);
  lowering.forEachLane([&](llvm::Value *lane) {
    SmallVector<llvm::Value *> operands;
    for (llvm::Value *place : places)
      operands.push_back(b.CreateLoad(f32, b.CreateGEP(f32, place, lane)));
    b.CreateStore(b.CreateCall(callee, operands),
                  b.CreateGEP(f32, results, lane));
  });
  return b.CreateLoad(type, results);
}

/// What the C library gives where a lane has an angle that is too large.
static llvm::Value *orFromLibrary(Lowering &lowering, StringRef name,
                                  llvm::Value *x, llvm::Value *result) {
  llvm::IRBuilder<> &b = lowering.b;
  llvm::Type *type = x->getType();
  llvm::Value *isLarge =
      b.CreateFCmpUGT(b.CreateUnaryIntrinsic(Intrinsic::fabs, x),
                      llvm::ConstantFP::get(type, kLargestAngle));
  llvm::Value *place = lowering.makeVariable(type);
  b.CreateStore(result, place);
  llvm::Value *outer = lowering.mask;
  bool wide = type->isVectorTy();
  llvm::Value *lanes = wide ? lowering.both(outer, isLarge) : isLarge;
  lowering.runIf(wide ? lowering.any(lanes) : isLarge, [&] {
    if (wide)
      lowering.mask = lanes;
    llvm::Value *called = callLibrary(lowering, name, x);
    b.CreateStore(wide ? b.CreateSelect(lanes, called, result) : called, place);
  });
  lowering.mask = outer;
  return b.CreateLoad(type, place);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static llvm::Value *power(Doubles &d, llvm::Value *x, llvm::Value *y) {
  llvm::IRBuilder<> &b = d.b;
  llvm::Value *size = d.abs(x), *one = d.number(1.0);
  llvm::Value *result = d.exp(d.mul(y, d.log(size)));
  llvm::Value *isWhole = b.CreateFCmpOEQ(d.unary(Intrinsic::rint, y), y);
  // f32 has no odd numbers beyond.
  llvm::Value *isSmall = b.CreateFCmpOLT(d.abs(y), d.number(1 << 24));
  llvm::Value *whole =
      b.CreateFPToSI(d.select(isSmall, y, d.number(0.0)), d.bits);
  llvm::Value *isOdd = b.CreateAnd(
      isWhole, b.CreateICmpNE(b.CreateAnd(whole, d.integer(1)), d.integer(0)));
  result = d.select(isOdd, d.withSign(result, x), result);
  // A root of a negative number.
  constexpr double infinity = std::numeric_limits<double>::infinity();
  llvm::Value *isRoot =
      b.CreateAnd(b.CreateAnd(b.CreateFCmpOLT(x, d.number(0.0)),
                              b.CreateFCmpOGT(x, d.number(-infinity))),
                  b.CreateNot(isWhole));
  result = d.select(isRoot, llvm::ConstantFP::getNaN(d.type), result);
  llvm::Value *isOne =
      b.CreateOr(b.CreateFCmpOEQ(x, one), b.CreateFCmpOEQ(y, d.number(0.0)));
  isOne = b.CreateOr(
      isOne, b.CreateAnd(b.CreateFCmpOEQ(size, one),
                         b.CreateFCmpOEQ(d.abs(y), d.number(infinity))));
  return d.select(isOne, one, result);
}

/// A function that is computed in f64.
template <typename Op>
static void addFunction(Rules &rules,
                        llvm::Value *(*make)(Doubles &, Operands)) {
  rules.add<Op>(makeElementwise(
      [make](Lowering &lowering, Operation *, Operands x) -> llvm::Value * {
        Doubles doubles(lowering, x[0]->getType());
        Parts wide;
        for (llvm::Value *operand : x)
          wide.push_back(doubles.widen(operand));
        return lowering.b.CreateFPTrunc(make(doubles, wide), x[0]->getType());
      },
      Precision::Single));
}

/// A function of an angle.
template <typename Op>
static void addAngle(Rules &rules, StringRef name,
                     llvm::Value *(*make)(Doubles &,
                                          const Doubles::SineCosine &)) {
  rules.add<Op>(makeElementwise(
      [make, name](Lowering &lowering, Operation *,
                   Operands x) -> llvm::Value * {
        Doubles doubles(lowering, x[0]->getType());
        llvm::Value *result =
            make(doubles, doubles.sineCosine(doubles.widen(x[0])));
        result = lowering.b.CreateFPTrunc(result, x[0]->getType());
        return orFromLibrary(lowering, name, x[0], result);
      },
      Precision::Single));
}

template <typename Op>
static void addLibraryCall(Rules &rules, StringRef name) {
  rules.add<Op>(makeElementwise(
      [name](Lowering &lowering, Operation *, Operands x) {
        return callLibrary(lowering, name, x);
      },
      Precision::Single));
}

void cpu::addElementaryFunctionRules(Rules &rules) {
  using D = Doubles;
  addFunction<math::ExpOp>(rules, [](D &d, Operands x) { return d.exp(x[0]); });
  addFunction<math::Exp2Op>(rules, [](D &d, Operands x) {
    return d.exp(d.mul(x[0], d.number(kLn2)));
  });
  addFunction<Exp10Op>(rules, [](D &d, Operands x) {
    return d.exp(d.mul(x[0], d.number(kLn10)));
  });
  addFunction<math::LogOp>(rules, [](D &d, Operands x) { return d.log(x[0]); });
  addFunction<math::Log2Op>(rules, [](D &d, Operands x) {
    return d.mul(d.log(x[0]), d.number(kLog2E));
  });
  addFunction<math::Log10Op>(rules, [](D &d, Operands x) {
    return d.mul(d.log(x[0]), d.number(kLog10E));
  });
  addFunction<math::PowFOp>(
      rules, [](D &d, Operands x) { return power(d, x[0], x[1]); });
  addFunction<PowROp>(rules,
                      [](D &d, Operands x) { return power(d, x[0], x[1]); });
  addAngle<math::SinOp>(rules, "sinf", [](D &, const D::SineCosine &angle) {
    return angle.sine;
  });
  addAngle<math::CosOp>(rules, "cosf", [](D &, const D::SineCosine &angle) {
    return angle.cosine;
  });
  addAngle<math::TanOp>(rules, "tanf", [](D &d, const D::SineCosine &angle) {
    return d.div(angle.sine, angle.cosine);
  });
  addFunction<math::AtanOp>(rules,
                            [](D &d, Operands x) { return d.atan(x[0]); });
  addFunction<math::AsinOp>(rules, [](D &d, Operands x) {
    llvm::Value *one = d.number(1.0);
    llvm::Value *rest =
        d.unary(Intrinsic::sqrt, d.mul(d.sub(one, x[0]), d.add(one, x[0])));
    return d.atan(d.div(x[0], rest));
  });
  addFunction<math::AcosOp>(rules, [](D &d, Operands x) {
    llvm::Value *one = d.number(1.0);
    llvm::Value *half =
        d.unary(Intrinsic::sqrt, d.div(d.sub(one, x[0]), d.add(one, x[0])));
    return d.mul(d.atan(half), d.number(2.0));
  });
  addFunction<math::TanhOp>(rules, [](D &d, Operands x) {
    llvm::Value *e = d.exponential(d.mul(d.abs(x[0]), d.number(2.0))).minusOne;
    llvm::Value *result = d.div(e, d.add(e, d.number(2.0)));
    result = d.withSign(result, x[0]);
    return d.select(d.b.CreateFCmpUNO(x[0], x[0]), x[0], result);
  });
  addFunction<math::SinhOp>(rules, [](D &d, Operands x) {
    llvm::Value *e = d.exponential(d.abs(x[0])).minusOne;
    llvm::Value *sum = d.add(e, d.div(e, d.add(e, d.number(1.0))));
    llvm::Value *result = d.withSign(d.mul(sum, d.number(0.5)), x[0]);
    return d.select(d.b.CreateFCmpUNO(x[0], x[0]), x[0], result);
  });
  addFunction<math::CoshOp>(rules, [](D &d, Operands x) {
    llvm::Value *e = d.exp(x[0]);
    return d.mul(d.add(e, d.div(d.number(1.0), e)), d.number(0.5));
  });
  // Sums with 1 lose the digits of small numbers, whose series are short.
  auto smallOr = [](D &d, llvm::Value *x, double cube, llvm::Value *result) {
    llvm::Value *series =
        d.withSign(d.fma(d.mul(d.mul(x, x), x), d.number(cube), x), x);
    return d.select(d.b.CreateFCmpOLT(d.abs(x), d.number(1e-3)), series,
                    result);
  };
  static constexpr auto kSmallOr = +smallOr;
  addFunction<math::AsinhOp>(rules, [](D &d, Operands x) {
    llvm::Value *size = d.abs(x[0]);
    llvm::Value *root =
        d.unary(Intrinsic::sqrt, d.fma(size, size, d.number(1.0)));
    llvm::Value *result = d.withSign(d.log(d.add(size, root)), x[0]);
    return kSmallOr(d, x[0], -1.0 / 6, result);
  });
  addFunction<math::AcoshOp>(rules, [](D &d, Operands x) {
    llvm::Value *root =
        d.unary(Intrinsic::sqrt,
                d.mul(d.sub(x[0], d.number(1.0)), d.add(x[0], d.number(1.0))));
    return d.select(d.b.CreateFCmpULT(x[0], d.number(1.0)),
                    d.number(std::numeric_limits<double>::quiet_NaN()),
                    d.log(d.add(x[0], root)));
  });
  addFunction<math::AtanhOp>(rules, [](D &d, Operands x) {
    llvm::Value *one = d.number(1.0);
    llvm::Value *result =
        d.mul(d.log(d.div(d.add(one, x[0]), d.sub(one, x[0]))), d.number(0.5));
    return kSmallOr(d, x[0], 1.0 / 3, result);
  });
  addLibraryCall<math::ErfOp>(rules, "erff");
  addLibraryCall<math::ErfcOp>(rules, "erfcf");
  addLibraryCall<math::Atan2Op>(rules, "atan2f");
  addLibraryCall<arith::RemFOp>(rules, "fmodf");
}
