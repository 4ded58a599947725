// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers, booleans, and choices between values of any type.

#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// An operator on vectors. They are not promoted, and both sides must be of one
/// type; a scalar stands for a vector of equal lanes.
static Expression lowerVectorBinary(Lowering &lowering, Operation *op,
                                    Operator which, MSLType type) {
  ExpressionBuilder &build = lowering.build;
  Attribute constants[] = {Lowering::getConstant(op->getOperand(0)),
                           Lowering::getConstant(op->getOperand(1))};
  LiteralForm form = type.bits < 32 || (constants[0] && constants[1])
                         ? LiteralForm::Typed
                         : LiteralForm::Plain;
  auto takeSide = [&](unsigned i) {
    if (constants[i])
      return lowering.literal(constants[i], type, form);
    Expression side = lowering.take(op->getOperand(i));
    return build.convert(std::move(side),
                         side.type.isVector() ? type : type.element());
  };
  Expression left = takeSide(0), right = takeSide(1);
  bool isShift = msl::isShift(which);
  if (!left.type.isVector() && (!right.type.isVector() || isShift))
    left = build.convert(build.convert(std::move(left), type.element()), type);
  return build.binary(std::move(left), which, std::move(right), type);
}

/// The bits of what an unsigned sum with a number near 2^32 prints as a
/// difference with: `x - 1`. Larger ones are constants of hashes and the like.
static constexpr unsigned kDifferenceBits = 24;

/// Whether a quotient or remainder of numbers with more bits than their texts
/// have is the same in the type of these texts.
static bool fitsNarrow(bool isSigned, Attribute a, Attribute b,
                       const Expression &left, const Expression &right) {
  auto integerA = dyn_cast_or_null<IntegerAttr>(a);
  auto integerB = dyn_cast_or_null<IntegerAttr>(b);
  if (!integerA && !integerB && left.type != right.type)
    return false;
  // The quotient of the smallest number and -1 would not fit.
  if (isSigned && !(integerB && integerB.getValue().isStrictlyPositive()))
    return false;
  return !(integerA && integerA.getValue().isNegative());
}

static FailureOr<Expression> lowerBinary(Lowering &lowering, Operation *op,
                                         const Rule &rule) {
  ExpressionBuilder &build = lowering.build;
  Value a = op->getOperand(0), b = op->getOperand(1);
  Operator which = rule.op;
  bool isPlain = rule.reading == Reading::Bits;
  bool isSigned = isPlain ? lowering.signs.isSigned(op->getResult(0))
                          : rule.reading == Reading::Signed;
  MSLType type = Lowering::typeOf(op->getResult(0), isSigned);
  if (type.isBool())
    return lowering.refuse(op) << "arithmetic on booleans";
  if (type.isVector()) {
    // A sum or product that wraps is computed on unsigned lanes, even if a
    // variable that it shares with other values is signed.
    bool wraps =
        (isSum(which) || which == Operator::Multiply) && !isExactSigned(op);
    Expression lanes = lowerVectorBinary(lowering, op, which,
                                         wraps ? type.withSign(false) : type);
    return build.convert(std::move(lanes), type);
  }

  Attribute constantA = Lowering::getConstant(a),
            constantB = Lowering::getConstant(b);
  bool isShift = msl::isShift(which);
  Expression left, right;
  auto takePlain = [&](Value value, Attribute constant) {
    if (constant && isBitwise(which))
      return lowering.literal(constant, type, LiteralForm::Mask);
    return lowering.takeBits(value, isSigned);
  };
  if (isShift) {
    if (!isPlain)
      left = lowering.takeReading(a, isSigned);
    else if (constantA && !isSigned && type.bits >= 32)
      left = lowering.literal(constantA, type, LiteralForm::Typed);
    else
      left = lowering.takeBits(a, isSigned);
    right = lowering.takeReading(b, lowering.signs.isSigned(b));
  } else if (!isPlain) {
    left = lowering.takeReading(a, isSigned);
    right = lowering.takeReading(b, isSigned);
  } else if (which == Operator::Subtract && constantA && !constantB &&
             matchPattern(a, m_Zero())) {
    Expression negated = lowering.takeBits(b, isSigned);
    if (negated.type.bits < type.bits && type.bits == 64)
      negated = build.castTo(std::move(negated), type);
    return build.negateInteger(std::move(negated), type, isExactSigned(op));
  } else {
    left = takePlain(a, constantA);
    auto integer = dyn_cast_or_null<IntegerAttr>(constantB);
    if (isSum(which) && !constantA && integer &&
        integer.getValue().isNegative() &&
        !integer.getValue().isMinSignedValue() &&
        (isSigned ||
         integer.getValue().abs().getActiveBits() <= kDifferenceBits)) {
      // x + (-1) is x - 1.
      which = which == Operator::Add ? Operator::Subtract : Operator::Add;
      constantB = IntegerAttr::get(integer.getType(), -integer.getValue());
      right = lowering.literal(constantB, type, LiteralForm::Plain);
    } else {
      right = takePlain(b, constantB);
    }
  }

  // C++ computes in the wider type of the two, and in no less than `int`. Where
  // that is not enough, the left operand is widened first.
  bool isNarrow = left.type.bits < type.bits && right.type.bits < type.bits;
  if (isShift)
    isNarrow = left.type.bits < type.bits;
  else if (isDivision(which))
    isNarrow &= !fitsNarrow(isSigned, constantA, constantB, left, right);
  if (type.bits == 64 && isNarrow) {
    bool castRight = constantA && !constantB && !isShift;
    Expression &side = castRight ? right : left;
    // Extension follows the signedness of the text.
    side = build.castTo(std::move(side), type.withSign(isSigned));
  }
  // Only sums and products leave their range; a shift to the left moves bits,
  // a sign among them.
  bool isExact = !isPlain || isBitwise(which) || (isShift && isSigned) ||
                 (!isShift && isExactSigned(op));
  return build.integer(std::move(left), which, std::move(right), type, isExact);
}

static FailureOr<Expression> lowerLogical(Lowering &lowering, Operation *op,
                                          const Rule &rule) {
  if (!getElementTypeOrSelf(op->getResult(0).getType()).isInteger(1))
    return lowerBinary(lowering, op, rule);
  ExpressionBuilder &build = lowering.build;
  Value a = op->getOperand(0), b = op->getOperand(1);
  MSLType type = lowering.typeOf(op->getResult(0));
  bool isXOr = isa<arith::XOrIOp>(op);
  if (isXOr && (matchPattern(b, m_One()) || matchPattern(a, m_One()))) {
    Value other = matchPattern(b, m_One()) ? a : b;
    return build.negate(lowering.takeTyped(other, type));
  }
  Expression left = lowering.takeTyped(a, type),
             right = lowering.takeTyped(b, type);
  // Neither side does anything but compute, so it may as well be left out.
  if (!isXOr)
    return build.combine(std::move(left),
                         isa<arith::AndIOp>(op) ? Operator::And : Operator::Or,
                         std::move(right));
  if (type.isVector())
    return build.binary(std::move(left), Operator::BitXor, std::move(right),
                        type);
  return build.comparison(std::move(left), Operator::NotEqual, std::move(right),
                          /*lanes=*/1, /*isTotal=*/true);
}

/// The operator of a comparison; an order is signed or not.
static Operator getOperator(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return Operator::Equal;
  case arith::CmpIPredicate::ne:
    return Operator::NotEqual;
  case arith::CmpIPredicate::ult:
  case arith::CmpIPredicate::slt:
    return Operator::Less;
  case arith::CmpIPredicate::ule:
  case arith::CmpIPredicate::sle:
    return Operator::LessEqual;
  case arith::CmpIPredicate::ugt:
  case arith::CmpIPredicate::sgt:
    return Operator::Greater;
  case arith::CmpIPredicate::uge:
  case arith::CmpIPredicate::sge:
    return Operator::GreaterEqual;
  }
  llvm_unreachable("unknown predicate");
}

static bool isSignedOrder(arith::CmpIPredicate predicate) {
  using P = arith::CmpIPredicate;
  return predicate == P::slt || predicate == P::sle || predicate == P::sgt ||
         predicate == P::sge;
}

static FailureOr<Expression> lowerComparison(Lowering &lowering, Operation *op,
                                             const Rule &) {
  ExpressionBuilder &build = lowering.build;
  auto compare = cast<arith::CmpIOp>(op);
  Value a = compare.getLhs(), b = compare.getRhs();
  Attribute constantA = Lowering::getConstant(a),
            constantB = Lowering::getConstant(b);
  Operator which = getOperator(compare.getPredicate());
  bool isEquality = which == Operator::Equal || which == Operator::NotEqual;
  bool isSigned = isEquality ? lowering.signs.isSigned(constantA ? b : a)
                             : isSignedOrder(compare.getPredicate());
  MSLType type = Lowering::typeOf(a, isSigned);
  if (type.isBool() && !isEquality) {
    // One is below the other if it does not hold and the other does; as a
    // signed number, what holds is -1.
    Expression left = lowering.takeTyped(a, type),
               right = lowering.takeTyped(b, type);
    bool isLess = which == Operator::Less || which == Operator::LessEqual;
    bool isStrict = which == Operator::Less || which == Operator::Greater;
    Expression &negated = isLess != isSigned ? left : right;
    negated = build.negate(std::move(negated));
    return build.combine(std::move(left),
                         isStrict ? Operator::And : Operator::Or,
                         std::move(right));
  }
  Expression left, right;
  if (type.isVector() || type.isBool() || (constantA && constantB)) {
    left = lowering.takeTyped(a, type);
    right = lowering.takeTyped(b, type);
  } else {
    left = lowering.takeReading(a, isSigned);
    right = lowering.takeReading(b, isSigned);
    auto isNegative = [](Attribute constant) {
      auto integer = dyn_cast_or_null<IntegerAttr>(constant);
      return integer && integer.getValue().isNegative();
    };
    // Two texts that C++ would extend differently are extended here.
    bool isNarrow = left.type.bits < type.bits && right.type.bits < type.bits;
    bool isMixed =
        constantA || constantB
            ? isNegative(constantA) || isNegative(constantB)
            : left.type.isSigned != right.type.isSigned &&
                  // What is narrower than `int` becomes one first.
                  (left.type.isSigned ? right : left).type.bits >= 32;
    if (isNarrow && isMixed && type.bits == 64) {
      Expression &side = constantA ? right : left;
      side = build.castTo(std::move(side), type);
    }
  }
  return build.comparison(std::move(left), which, std::move(right), type.lanes,
                          /*isTotal=*/true);
}

static FailureOr<Expression> lowerSelect(Lowering &lowering, Operation *op,
                                         const Rule &) {
  auto select = cast<arith::SelectOp>(op);
  Value a = select.getTrueValue(), b = select.getFalseValue();
  MSLType type = lowering.typeOf(select.getResult());
  MSLType conditionType = lowering.typeOf(select.getCondition());
  Expression condition =
      lowering.takeTyped(select.getCondition(), conditionType);
  if (!conditionType.isVector())
    return lowering.choose(std::move(condition), a, b, type);
  Expression left = lowering.takeTyped(a, type),
             right = lowering.takeTyped(b, type);
  return lowering.build.call("select", {right, left, condition}, type);
}

void enigma::msl::addIntegerRules(Rules &rules) {
  using R = Reading;
  rules.add<arith::AddIOp>(lowerBinary, Operator::Add);
  rules.add<arith::SubIOp>(lowerBinary, Operator::Subtract);
  rules.add<arith::MulIOp>(lowerBinary, Operator::Multiply);
  rules.add<arith::ShLIOp>(lowerBinary, Operator::ShiftLeft);
  rules.add<arith::DivSIOp>(lowerBinary, Operator::Divide, R::Signed);
  rules.add<arith::DivUIOp>(lowerBinary, Operator::Divide, R::Unsigned);
  rules.add<arith::RemSIOp>(lowerBinary, Operator::Remainder, R::Signed);
  rules.add<arith::RemUIOp>(lowerBinary, Operator::Remainder, R::Unsigned);
  rules.add<arith::ShRSIOp>(lowerBinary, Operator::ShiftRight, R::Signed);
  rules.add<arith::ShRUIOp>(lowerBinary, Operator::ShiftRight, R::Unsigned);
  rules.add<arith::AndIOp>(lowerLogical, Operator::BitAnd);
  rules.add<arith::OrIOp>(lowerLogical, Operator::BitOr);
  rules.add<arith::XOrIOp>(lowerLogical, Operator::BitXor);
  rules.add<arith::CmpIOp>(lowerComparison);
  rules.add<arith::SelectOp>(lowerSelect);
}
