// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ExpandOperations.h"

#include "enigma/IR/EnigmaOps.h"
#include "enigma/IR/MathOps.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;

namespace {
/// Builds the arithmetic that takes the place of one operation. Only the value
/// that replaces its result bears the Python name of that result.
class Expander {
public:
  Expander(RewriterBase &rewriter, Operation *op)
      : rewriter(rewriter), op(op), type(op->getResult(0).getType()),
        loc(withoutName(op->getLoc())) {
    rewriter.setInsertionPoint(op);
  }

  template <typename Op, typename... Operands>
  Value create(Operands... operands) {
    return Op::create(rewriter, loc, operands...);
  }

  /// Creates arithmetic on signed numbers that does not overflow.
  template <typename Op> Value createExact(Value a, Value b) {
    return create<Op>(a, b, arith::IntegerOverflowFlags::nsw);
  }

  Value constant(APInt value) { return constant(value, type); }
  Value constant(APInt value, Type type) {
    return splat(rewriter.getIntegerAttr(getElementTypeOrSelf(type), value),
                 type);
  }
  Value constant(int64_t value) {
    unsigned bits = getElementTypeOrSelf(type).isIndex()
                        ? IndexType::kInternalStorageBitWidth
                        : getElementTypeOrSelf(type).getIntOrFloatBitWidth();
    return constant(APInt(bits, value, /*isSigned=*/true));
  }
  Value constant(double value, Type type) {
    return splat(rewriter.getFloatAttr(getElementTypeOrSelf(type), value),
                 type);
  }
  Value negate(Value value) {
    return create<arith::SubIOp>(constant(0), value);
  }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return create<arith::CmpIOp>(predicate, a, b);
  }
  Value compare(arith::CmpFPredicate predicate, Value a, Value b) {
    return create<arith::CmpFOp>(predicate, a, b);
  }

  /// Whether `remainder` is not zero and `predicate` holds for the sign of its
  /// product with `divisor`.
  Value hasSigns(arith::CmpIPredicate predicate, Value remainder,
                 Value divisor) {
    Value zero = constant(0);
    Value isInexact = compare(arith::CmpIPredicate::ne, remainder, zero);
    Value signs = create<arith::XOrIOp>(remainder, divisor);
    Value matches = compare(predicate, signs, zero);
    return create<arith::AndIOp>(isInexact, matches);
  }

  /// `value + amount` where `condition` holds, and `value` elsewhere. All lanes
  /// of a vector are computed: the sum must not overflow where the condition
  /// does not hold, as it does not for a small positive `divisor`.
  Value addIf(Value condition, Value value, Value amount,
              std::optional<APInt> divisor) {
    bool isSmall =
        divisor && divisor->getActiveBits() + 2 <= divisor->getBitWidth();
    if (isa<VectorType>(type) && !isSmall)
      return createExact<arith::AddIOp>(
          value, create<arith::SelectOp>(condition, amount, constant(0)));
    return create<arith::SelectOp>(
        condition, createExact<arith::AddIOp>(value, amount), value);
  }

  void replaceWith(Value value) {
    value.getDefiningOp()->setLoc(op->getLoc());
    rewriter.replaceOp(op, value);
  }

private:
  Value splat(TypedAttr attribute, Type type) {
    if (auto vector = dyn_cast<VectorType>(type))
      attribute = DenseElementsAttr::get(vector, attribute);
    return create<arith::ConstantOp>(attribute);
  }

  RewriterBase &rewriter;
  Operation *op;
  Type type;
  Location loc;
};
} // namespace

/// `element`, or the vector of it that has the shape of `like`.
static Type getTypeLike(Type element, Type like) {
  if (auto vector = dyn_cast<VectorType>(like))
    return vector.clone(element);
  return element;
}

/// The divisor, if it is a constant that is positive as a signed number.
static std::optional<APInt> getPositiveConstant(Value divisor) {
  APInt value;
  if (matchPattern(divisor, m_ConstantInt(&value)) &&
      value.isStrictlyPositive())
    return value;
  return std::nullopt;
}

static bool isMinusOne(Value divisor) {
  APInt value;
  return matchPattern(divisor, m_ConstantInt(&value)) && value.isAllOnes();
}

namespace {
/// A divisor by which each number can be divided: -1, by which the quotient of
/// the smallest one is too large, is replaced by 1. Of a constant that is
/// known.
struct SafeDivisor {
  SafeDivisor(Expander &expand, Value divisor)
      : expand(expand), divisor(divisor) {
    if (matchPattern(divisor, m_Constant()))
      return;
    isMinusOne =
        expand.compare(arith::CmpIPredicate::eq, divisor, expand.constant(-1));
    this->divisor =
        expand.create<arith::SelectOp>(isMinusOne, expand.constant(1), divisor);
  }

  /// The truncated quotient by this divisor, and the remainder.
  std::pair<Value, Value> divide(Value dividend) {
    Value quotient = expand.create<arith::DivSIOp>(dividend, divisor);
    Value product = expand.createExact<arith::MulIOp>(quotient, divisor);
    return {quotient, expand.createExact<arith::SubIOp>(dividend, product)};
  }

  /// The quotient by the divisor that was given, from that by this one.
  Value correct(Value dividend, Value quotient) {
    if (!isMinusOne)
      return quotient;
    return expand.create<arith::SelectOp>(isMinusOne, expand.negate(dividend),
                                          quotient);
  }

  Expander &expand;
  Value divisor, isMinusOne;
};
} // namespace

/// Tells that an operation is more than one of the machine's.
static void remarkCorrection(Operation *op, StringRef symbol,
                             StringRef remedy) {
  emitRemark(op->getLoc())
      << "'" << symbol
      << "' of signed integers rounds down, as in Python, which takes a "
         "correction here; of numbers that are never negative it is one "
         "operation: "
      << remedy;
}

/// floor(a / b) from the truncated quotient: one less where the remainder is
/// not zero and its sign is not the divisor's.
static void expandFloorDiv(RewriterBase &rewriter, arith::FloorDivSIOp op) {
  Expander expand(rewriter, op);
  Value a = op.getLhs(), b = op.getRhs();
  std::optional<APInt> divisor = getPositiveConstant(b);
  if (divisor && divisor->isPowerOf2())
    return expand.replaceWith(
        expand.create<arith::ShRSIOp>(a, expand.constant(divisor->logBase2())));

  if (isMinusOne(b))
    return expand.replaceWith(expand.negate(a));
  remarkCorrection(op, "//",
                   "use u32, or enigma.idiv, which rounds towards zero");
  SafeDivisor safe(expand, b);
  Value zero = expand.constant(0);
  auto [quotient, remainder] = safe.divide(a);
  Value isAbove;
  if (divisor)
    isAbove = expand.compare(arith::CmpIPredicate::slt, remainder, zero);
  else
    isAbove = expand.hasSigns(arith::CmpIPredicate::slt, remainder, b);
  Value floor = expand.addIf(isAbove, quotient, expand.constant(-1), divisor);
  expand.replaceWith(safe.correct(a, floor));
}

/// ceil(a / b) of signed numbers: one more than the truncated quotient where
/// the remainder is not zero and has the divisor's sign.
static void expandCeilDivS(RewriterBase &rewriter, arith::CeilDivSIOp op) {
  Expander expand(rewriter, op);
  Value a = op.getLhs(), b = op.getRhs();
  Value zero = expand.constant(0), one = expand.constant(1);
  std::optional<APInt> divisor = getPositiveConstant(b);
  if (divisor && divisor->isPowerOf2()) {
    Value quotient =
        expand.create<arith::ShRSIOp>(a, expand.constant(divisor->logBase2()));
    Value remainder =
        expand.create<arith::AndIOp>(a, expand.constant(*divisor - 1));
    Value isBelow = expand.compare(arith::CmpIPredicate::ne, remainder, zero);
    return expand.replaceWith(expand.addIf(isBelow, quotient, one, divisor));
  }
  if (isMinusOne(b))
    return expand.replaceWith(expand.negate(a));
  SafeDivisor safe(expand, b);
  auto [quotient, remainder] = safe.divide(a);
  Value isBelow;
  if (divisor)
    isBelow = expand.compare(arith::CmpIPredicate::sgt, remainder, zero);
  else
    isBelow = expand.hasSigns(arith::CmpIPredicate::sge, remainder, b);
  Value ceil = expand.addIf(isBelow, quotient, one, divisor);
  expand.replaceWith(safe.correct(a, ceil));
}

/// ceil(a / b) of unsigned numbers; `(a + b - 1) / b` could overflow.
static void expandCeilDivU(RewriterBase &rewriter, arith::CeilDivUIOp op) {
  Expander expand(rewriter, op);
  Value a = op.getLhs(), b = op.getRhs();
  APInt divisor;
  Value quotient, remainder;
  if (matchPattern(b, m_ConstantInt(&divisor)) && divisor.isPowerOf2()) {
    quotient =
        expand.create<arith::ShRUIOp>(a, expand.constant(divisor.logBase2()));
    remainder = expand.create<arith::AndIOp>(a, expand.constant(divisor - 1));
  } else {
    quotient = expand.create<arith::DivUIOp>(a, b);
    remainder = expand.create<arith::SubIOp>(
        a, expand.create<arith::MulIOp>(quotient, b));
  }
  Value isBelow =
      expand.compare(arith::CmpIPredicate::ne, remainder, expand.constant(0));
  Value above = expand.create<arith::AddIOp>(quotient, expand.constant(1));
  expand.replaceWith(expand.create<arith::SelectOp>(isBelow, above, quotient));
}

namespace {
/// A floored division of floats, as NumPy computes it in single precision: the
/// remainder of the truncated one, which is exact, decides the rest.
struct FloatDivision {
  FloatDivision(Expander &expand, Value a, Value b)
      : expand(expand), type(a.getType()), a(widen(a)), b(widen(b)) {
    zero = expand.constant(0.0, this->a.getType());
    remainder = expand.create<arith::RemFOp>(this->a, this->b);
    isInexact = expand.compare(arith::CmpFPredicate::UNE, remainder, zero);
    Value isNegative =
        expand.compare(arith::CmpFPredicate::OLT, remainder, zero);
    Value divisorIsNegative =
        expand.compare(arith::CmpFPredicate::OLT, this->b, zero);
    Value signsDiffer =
        expand.create<arith::XOrIOp>(isNegative, divisorIsNegative);
    isOff = expand.create<arith::AndIOp>(isInexact, signsDiffer);
  }

  /// The remainder that has the sign of the divisor, as a zero has too.
  Value getModulo() {
    Value shifted = expand.create<arith::AddFOp>(remainder, b);
    Value modulo = expand.create<arith::SelectOp>(isOff, shifted, remainder);
    return narrow(expand.create<math::CopySignOp>(modulo, b));
  }

  Value getQuotient() {
    Type wide = a.getType();
    Value one = expand.constant(1.0, wide);
    Value multiple = expand.create<arith::SubFOp>(a, remainder);
    Value close = expand.create<arith::DivFOp>(multiple, b);
    close = expand.create<arith::SelectOp>(
        isOff, expand.create<arith::SubFOp>(close, one), close);
    // It is a whole number but for the rounding of the two.
    Value below = expand.create<math::FloorOp>(close);
    Value half = expand.constant(0.5, wide);
    Value rest = expand.create<arith::SubFOp>(close, below);
    Value isAbove = expand.compare(arith::CmpFPredicate::OGT, rest, half);
    Value whole = expand.create<arith::SelectOp>(
        isAbove, expand.create<arith::AddFOp>(below, one), below);
    Value ratio = expand.create<arith::DivFOp>(a, b);
    Value isZero = expand.compare(arith::CmpFPredicate::OEQ, close, zero);
    Value quotient = expand.create<arith::SelectOp>(
        isZero, expand.create<math::CopySignOp>(zero, ratio), whole);
    Value isByZero = expand.compare(arith::CmpFPredicate::OEQ, b, zero);
    return narrow(expand.create<arith::SelectOp>(isByZero, ratio, quotient));
  }

private:
  Value widen(Value value) {
    if (getElementTypeOrSelf(type).isF32())
      return value;
    return expand.create<arith::ExtFOp>(
        getTypeLike(Float32Type::get(type.getContext()), type), value);
  }
  Value narrow(Value value) {
    if (value.getType() == type)
      return value;
    return expand.create<arith::TruncFOp>(type, value);
  }

  Expander &expand;
  Type type;
  Value a, b, zero, remainder, isInexact, isOff;
};
} // namespace

static void expandFloatFloorDiv(RewriterBase &rewriter, FloordivOp op) {
  Expander expand(rewriter, op);
  expand.replaceWith(FloatDivision(expand, op.getA(), op.getB()).getQuotient());
}

/// The remainder with the sign of the divisor.
static void expandFloorMod(RewriterBase &rewriter, FloormodOp op) {
  Expander expand(rewriter, op);
  Value a = op.getA(), b = op.getB();
  if (isa<FloatType>(getElementTypeOrSelf(op.getType())))
    return expand.replaceWith(FloatDivision(expand, a, b).getModulo());

  std::optional<APInt> divisor = getPositiveConstant(b);
  if (divisor && divisor->isPowerOf2())
    return expand.replaceWith(
        expand.create<arith::AndIOp>(a, expand.constant(*divisor - 1)));
  remarkCorrection(op, "%", "use u32");
  SafeDivisor safe(expand, b);
  Value zero = expand.constant(0);
  Value remainder = expand.create<arith::RemSIOp>(a, safe.divisor);
  Value isOff;
  if (divisor)
    isOff = expand.compare(arith::CmpIPredicate::slt, remainder, zero);
  else
    isOff = expand.hasSigns(arith::CmpIPredicate::slt, remainder, b);
  expand.replaceWith(expand.addIf(isOff, remainder, b, divisor));
}

namespace {
/// What kind of number a float is, told by its bits: fast math may assume that
/// no float is NaN or infinite.
struct FloatBits {
  FloatBits(Expander &expand, Value x)
      : expand(expand),
        semantics(cast<FloatType>(getElementTypeOrSelf(x.getType()))
                      .getFloatSemantics()) {
    unsigned width = APFloat::getSizeInBits(semantics);
    Type type =
        getTypeLike(IntegerType::get(x.getContext(), width), x.getType());
    Value bits = expand.create<arith::BitcastOp>(type, x);
    Value mask = expand.constant(APInt::getSignedMaxValue(width), type);
    magnitude = expand.create<arith::AndIOp>(bits, mask);
    infinity = APFloat::getInf(semantics).bitcastToAPInt();
  }

  Value compare(arith::CmpIPredicate predicate) {
    return expand.compare(predicate, magnitude, constant(infinity));
  }
  /// One comparison for both ends, since what is below the first wraps.
  Value isNormal() {
    APInt smallest = APFloat::getSmallestNormalized(semantics).bitcastToAPInt();
    Value above = expand.create<arith::SubIOp>(magnitude, constant(smallest));
    return expand.compare(arith::CmpIPredicate::ult, above,
                          constant(infinity - smallest));
  }

private:
  Value constant(APInt value) {
    return expand.constant(std::move(value), magnitude.getType());
  }

  Expander &expand;
  const llvm::fltSemantics &semantics;
  Value magnitude;
  APInt infinity;
};
} // namespace

template <typename OpTy>
static void expandPredicate(RewriterBase &rewriter, OpTy op,
                            arith::CmpIPredicate predicate) {
  Expander expand(rewriter, op);
  expand.replaceWith(FloatBits(expand, op.getOperand()).compare(predicate));
}

static void expandIsNormal(RewriterBase &rewriter, math::IsNormalOp op) {
  Expander expand(rewriter, op);
  expand.replaceWith(FloatBits(expand, op.getOperand()).isNormal());
}

void enigma::expandOperation(RewriterBase &rewriter, Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](arith::FloorDivSIOp op) { expandFloorDiv(rewriter, op); })
      .Case([&](arith::CeilDivSIOp op) { expandCeilDivS(rewriter, op); })
      .Case([&](arith::CeilDivUIOp op) { expandCeilDivU(rewriter, op); })
      .Case([&](FloordivOp op) { expandFloatFloorDiv(rewriter, op); })
      .Case([&](FloormodOp op) { expandFloorMod(rewriter, op); })
      .Case([&](math::IsNaNOp op) {
        expandPredicate(rewriter, op, arith::CmpIPredicate::ugt);
      })
      .Case([&](math::IsInfOp op) {
        expandPredicate(rewriter, op, arith::CmpIPredicate::eq);
      })
      .Case([&](math::IsFiniteOp op) {
        expandPredicate(rewriter, op, arith::CmpIPredicate::ult);
      })
      .Case([&](math::IsNormalOp op) { expandIsNormal(rewriter, op); });
}
