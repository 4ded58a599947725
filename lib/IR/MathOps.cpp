// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Folds of the mathematical functions. They compute in double precision and
// round once to the type of the operation; a floored division of floats is
// defined by how it is computed in single precision.

#include "enigma/IR/MathOps.h"
#include "enigma/IR/EnigmaOps.h"

#include "mlir/Dialect/CommonFolders.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace mlir;
using namespace enigma;

Type enigma::getI1Like(Type type) {
  Type i1 = IntegerType::get(type.getContext(), 1);
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(i1);
  return i1;
}

/// Rounds `value` to the format of `like`. The sign and payload of a NaN differ
/// between the machines that fold, and are not kept.
static APFloat roundLike(double value, const APFloat &like) {
  if (std::isnan(value))
    return APFloat::getQNaN(like.getSemantics());
  APFloat result(value);
  bool losesInfo;
  result.convert(like.getSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
  return result;
}

static double toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

// A function that gives nothing is undefined there, and is not folded.
using Unary = function_ref<std::optional<double>(double)>;
using Binary = function_ref<std::optional<double>(double, double)>;
using Ternary = function_ref<std::optional<double>(double, double, double)>;

static OpFoldResult foldUnary(ArrayRef<Attribute> operands, Unary function) {
  return constFoldUnaryOpConditional<FloatAttr>(
      operands, [&](const APFloat &x) -> std::optional<APFloat> {
        if (std::optional<double> result = function(toDouble(x)))
          return roundLike(*result, x);
        return std::nullopt;
      });
}

static OpFoldResult foldBinary(ArrayRef<Attribute> operands, Binary function) {
  return constFoldBinaryOpConditional<FloatAttr>(
      operands,
      [&](const APFloat &x, const APFloat &y) -> std::optional<APFloat> {
        if (std::optional<double> result = function(toDouble(x), toDouble(y)))
          return roundLike(*result, x);
        return std::nullopt;
      });
}

static OpFoldResult foldTernary(ArrayRef<Attribute> operands,
                                Ternary function) {
  auto evaluate = [&](const APFloat &x, const APFloat &y,
                      const APFloat &z) -> std::optional<APFloat> {
    if (std::optional<double> result =
            function(toDouble(x), toDouble(y), toDouble(z)))
      return roundLike(*result, x);
    return std::nullopt;
  };
  if (auto x = dyn_cast_or_null<FloatAttr>(operands[0])) {
    auto y = dyn_cast_or_null<FloatAttr>(operands[1]);
    auto z = dyn_cast_or_null<FloatAttr>(operands[2]);
    if (!y || !z)
      return {};
    std::optional<APFloat> result =
        evaluate(x.getValue(), y.getValue(), z.getValue());
    return result ? FloatAttr::get(x.getType(), *result) : Attribute();
  }
  auto x = dyn_cast_or_null<DenseFPElementsAttr>(operands[0]);
  auto y = dyn_cast_or_null<DenseFPElementsAttr>(operands[1]);
  auto z = dyn_cast_or_null<DenseFPElementsAttr>(operands[2]);
  if (!x || !y || !z)
    return {};
  SmallVector<APFloat> values;
  for (auto [a, b, c] : llvm::zip_equal(x, y, z)) {
    std::optional<APFloat> result = evaluate(a, b, c);
    if (!result)
      return {};
    values.push_back(*result);
  }
  return DenseElementsAttr::get(x.getType(), values);
}

/// Of a function that changes none of its own results.
template <typename OpTy> static bool isOfItself(OpTy op) {
  return op.getX().template getDefiningOp<OpTy>() != nullptr;
}

static constexpr double kPi = 3.14159265358979323846;

/// `x` reduced to one period of 2, so that multiples of a half are exact.
static double reducePi(double x) { return std::remainder(x, 2.0); }

// Not named as in C23, whose functions newer libraries of C declare.
static double sinOfPi(double x) {
  double r = reducePi(x);
  return r == std::floor(r) ? std::copysign(0.0, x) : std::sin(kPi * r);
}

static double cosOfPi(double x) {
  double r = std::fabs(reducePi(x));
  return r == 0.5 ? 0.0 : std::cos(kPi * r);
}

static double saturate(double x) { return x > 0.0 ? std::fmin(x, 1.0) : 0.0; }

OpFoldResult Exp10Op::fold(FoldAdaptor adaptor) {
  return foldUnary(adaptor.getOperands(),
                   [](double x) { return std::pow(10.0, x); });
}

OpFoldResult SinPiOp::fold(FoldAdaptor adaptor) {
  return foldUnary(adaptor.getOperands(), sinOfPi);
}

OpFoldResult CosPiOp::fold(FoldAdaptor adaptor) {
  return foldUnary(adaptor.getOperands(), cosOfPi);
}

OpFoldResult TanPiOp::fold(FoldAdaptor adaptor) {
  return foldUnary(adaptor.getOperands(),
                   [](double x) { return sinOfPi(x) / cosOfPi(x); });
}

OpFoldResult SaturateOp::fold(FoldAdaptor adaptor) {
  if (isOfItself(*this))
    return getX();
  return foldUnary(adaptor.getOperands(), saturate);
}

OpFoldResult SignOp::fold(FoldAdaptor adaptor) {
  if (isOfItself(*this))
    return getX();
  return foldUnary(adaptor.getOperands(), [](double x) {
    if (std::isnan(x))
      return 0.0;
    return x == 0.0 ? x : std::copysign(1.0, x);
  });
}

OpFoldResult FractOp::fold(FoldAdaptor adaptor) {
  // As all functions of bf16 it is computed in f32, and rounding may give 1.
  bool isBF16 = getElementTypeOrSelf(getType()).isBF16();
  if (isOfItself(*this) && !isBF16)
    return getX();
  return constFoldUnaryOpConditional<FloatAttr>(
      adaptor.getOperands(), [](const APFloat &x) -> std::optional<APFloat> {
        if (x.isInfinity())
          return std::nullopt;
        const llvm::fltSemantics &stored = x.getSemantics();
        bool losesInfo;
        APFloat result = x;
        if (&stored == &APFloat::BFloat())
          result.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                         &losesInfo);
        APFloat floor = result;
        floor.roundToIntegral(APFloat::rmTowardNegative);
        result.subtract(floor, APFloat::rmNearestTiesToEven);
        APFloat one(result.getSemantics(), 1);
        if (result.compare(one) == APFloat::cmpEqual) {
          result = one;
          result.next(/*nextDown=*/true);
        }
        result.convert(stored, APFloat::rmNearestTiesToEven, &losesInfo);
        return result;
      });
}

OpFoldResult PowROp::fold(FoldAdaptor adaptor) {
  // IEEE's powr has no value where a limit of x^y has none: 0^0, 1^inf, inf^0.
  return foldBinary(adaptor.getOperands(),
                    [](double x, double y) -> std::optional<double> {
                      bool isDefined = std::isfinite(x) && std::isfinite(y) &&
                                       (x > 0.0 || (x == 0.0 && y > 0.0));
                      if (!isDefined)
                        return std::nullopt;
                      return std::pow(std::fabs(x), y);
                    });
}

OpFoldResult FdimOp::fold(FoldAdaptor adaptor) {
  return foldBinary(adaptor.getOperands(),
                    [](double x, double y) { return std::fdim(x, y); });
}

OpFoldResult StepOp::fold(FoldAdaptor adaptor) {
  return foldBinary(adaptor.getOperands(),
                    [](double edge, double x) { return x < edge ? 0.0 : 1.0; });
}

OpFoldResult MixOp::fold(FoldAdaptor adaptor) {
  return foldTernary(adaptor.getOperands(),
                     [](double x, double y, double a) -> std::optional<double> {
                       if (!(a >= 0.0 && a <= 1.0))
                         return std::nullopt;
                       return x + (y - x) * a;
                     });
}

OpFoldResult SmoothstepOp::fold(FoldAdaptor adaptor) {
  return foldTernary(
      adaptor.getOperands(),
      [](double edge0, double edge1, double x) -> std::optional<double> {
        if (!(edge0 < edge1) || std::isnan(x))
          return std::nullopt;
        double t = saturate((x - edge0) / (edge1 - edge0));
        return t * t * (3.0 - 2.0 * t);
      });
}

OpFoldResult Fmax3Op::fold(FoldAdaptor adaptor) {
  return foldTernary(adaptor.getOperands(), [](double x, double y, double z) {
    return std::fmax(x, std::fmax(y, z));
  });
}

OpFoldResult Fmin3Op::fold(FoldAdaptor adaptor) {
  return foldTernary(adaptor.getOperands(), [](double x, double y, double z) {
    return std::fmin(x, std::fmin(y, z));
  });
}

OpFoldResult Fmedian3Op::fold(FoldAdaptor adaptor) {
  return foldTernary(adaptor.getOperands(),
                     [](double x, double y, double z) -> std::optional<double> {
                       if (std::isnan(x) || std::isnan(y) || std::isnan(z))
                         return std::nullopt;
                       return std::fmax(std::fmin(x, y),
                                        std::fmin(std::fmax(x, y), z));
                     });
}

OpFoldResult SignbitOp::fold(FoldAdaptor adaptor) {
  return constFoldCastOp<FloatAttr, IntegerAttr>(
      adaptor.getOperands(), getType(), [](const APFloat &x, bool &) {
        return APInt(/*numBits=*/1, x.isNegative());
      });
}

namespace {
struct FloatDivision {
  float quotient, remainder;
};
} // namespace

/// Divides as NumPy does, see `npy_divmodf`: the quotient is a whole number,
/// and the remainder has the sign of the divisor.
static FloatDivision floorDivide(float a, float b) {
  float remainder = std::fmod(a, b);
  if (b == 0.0f)
    return {a / b, remainder};
  float quotient = (a - remainder) / b;
  if (remainder == 0.0f) {
    remainder = std::copysign(0.0f, b);
  } else if ((remainder < 0.0f) != (b < 0.0f)) {
    remainder += b;
    quotient -= 1.0f;
  }
  if (quotient == 0.0f)
    return {std::copysign(0.0f, a / b), remainder};
  float whole = std::floor(quotient);
  return {quotient - whole > 0.5f ? whole + 1.0f : whole, remainder};
}

static OpFoldResult foldDivision(ArrayRef<Attribute> operands,
                                 float FloatDivision::*part) {
  return foldBinary(operands, [&](double a, double b) {
    return double(floorDivide(float(a), float(b)).*part);
  });
}

OpFoldResult FloordivOp::fold(FoldAdaptor adaptor) {
  return foldDivision(adaptor.getOperands(), &FloatDivision::quotient);
}

OpFoldResult FloormodOp::fold(FoldAdaptor adaptor) {
  if (isa<FloatType>(getElementTypeOrSelf(getType())))
    return foldDivision(adaptor.getOperands(), &FloatDivision::remainder);
  APInt divisor;
  if (matchPattern(getB(), m_ConstantInt(&divisor)) &&
      (divisor.isOne() || divisor.isAllOnes()))
    return Builder(getContext()).getZeroAttr(getType());
  if (auto inner = getA().getDefiningOp<FloormodOp>();
      inner && inner.getB() == getB())
    return getA();
  return constFoldBinaryOpConditional<IntegerAttr>(
      adaptor.getOperands(),
      [](const APInt &a, const APInt &b) -> std::optional<APInt> {
        if (b.isZero())
          return std::nullopt;
        APInt result = a.srem(b);
        return !result.isZero() && result.isNegative() != b.isNegative()
                   ? result + b
                   : result;
      });
}
