// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic and comparisons of floats.

#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static FailureOr<Expression> lowerBinary(Lowering &lowering, Operation *op,
                                         const Rule &rule) {
  Value a = op->getOperand(0), b = op->getOperand(1);
  MSLType type = lowering.typeOf(op->getResult(0));
  Operator which = rule.op;
  auto takeSide = [&](Value value) {
    if (Attribute constant = Lowering::getConstant(value))
      return lowering.literal(constant, type, LiteralForm::Plain);
    return lowering.take(value);
  };
  Expression left = takeSide(a), right;
  Attribute constant = Lowering::getConstant(b);
  auto number = dyn_cast_or_null<FloatAttr>(constant);
  if (auto dense = dyn_cast_or_null<DenseFPElementsAttr>(constant);
      dense && dense.isSplat())
    number = dense.getSplatValue<FloatAttr>();
  if (isSum(which) && number && number.getValue().isNegative() &&
      !number.getValue().isNaN()) {
    // x + (-1) is x - 1.
    which = which == Operator::Add ? Operator::Subtract : Operator::Add;
    right =
        lowering.literal(FloatAttr::get(number.getType(), -number.getValue()),
                         type, LiteralForm::Plain);
  } else {
    right = takeSide(b);
  }
  if (type.isVector() && !left.type.isVector() && !right.type.isVector())
    left = lowering.build.convert(std::move(left), type);
  return lowering.build.binary(std::move(left), which, std::move(right), type);
}

static FailureOr<Expression> lowerNegation(Lowering &lowering, Operation *op,
                                           const Rule &) {
  MSLType type = lowering.typeOf(op->getResult(0));
  return lowering.build.unary(
      Operator::Negate, lowering.takeTyped(op->getOperand(0), type), type);
}

namespace {
/// A comparison of floats, where one may be NaN.
class Comparison {
public:
  Comparison(Lowering &lowering, arith::CmpFOp op)
      : lowering(lowering), build(lowering.build), a(op.getLhs()),
        b(op.getRhs()), type(lowering.typeOf(a)) {}

  /// False for NaN.
  Expression ordered(Operator which) {
    Expression left = lowering.takeTyped(a, type);
    return compare(std::move(left), which, lowering.takeTyped(b, type));
  }
  /// True for NaN: the opposite of what is false.
  Expression unordered(Operator opposite) {
    Expression result = ordered(opposite);
    return build.unary(Operator::Not, std::move(result), result.type);
  }
  Expression lessOrGreater() {
    Expression left = lowering.takeTyped(a, type),
               right = lowering.takeTyped(b, type);
    left = lowering.takeRepeated(a, std::move(left));
    right = lowering.takeRepeated(b, std::move(right));
    return build.combine(compare(left, Operator::Less, right), Operator::Or,
                         compare(left, Operator::Greater, right));
  }
  /// Whether neither is NaN, or one is.
  Expression order(bool isOrdered) {
    auto constant = dyn_cast_or_null<FloatAttr>(Lowering::getConstant(b));
    if (a == b || (constant && !constant.getValue().isNaN()))
      return isNumber(a, isOrdered);
    Expression left = isNumber(a, isOrdered);
    return build.combine(std::move(left),
                         isOrdered ? Operator::And : Operator::Or,
                         isNumber(b, isOrdered));
  }

private:
  Expression compare(Expression left, Operator which, Expression right) {
    // The opposite of an order of floats holds for NaN as well.
    bool isTotal = which == Operator::Equal || which == Operator::NotEqual;
    return build.comparison(std::move(left), which, std::move(right),
                            type.lanes, isTotal);
  }
  Expression isNumber(Value value, bool isOrdered) {
    Expression argument =
        build.convert(lowering.takeTyped(value, type), getComputed(type));
    Expression result =
        build.call("isnan", argument, kBool.withLanes(type.lanes));
    return isOrdered ? build.negate(std::move(result)) : std::move(result);
  }

  Lowering &lowering;
  ExpressionBuilder &build;
  Value a, b;
  MSLType type;
};
} // namespace

static FailureOr<Expression> lowerComparison(Lowering &lowering, Operation *op,
                                             const Rule &) {
  auto compare = cast<arith::CmpFOp>(op);
  Comparison comparison(lowering, compare);
  using Predicate = arith::CmpFPredicate;
  switch (compare.getPredicate()) {
  case Predicate::OEQ:
    return comparison.ordered(Operator::Equal);
  case Predicate::UNE:
    return comparison.ordered(Operator::NotEqual);
  case Predicate::OLT:
    return comparison.ordered(Operator::Less);
  case Predicate::OLE:
    return comparison.ordered(Operator::LessEqual);
  case Predicate::OGT:
    return comparison.ordered(Operator::Greater);
  case Predicate::OGE:
    return comparison.ordered(Operator::GreaterEqual);
  case Predicate::ULT:
    return comparison.unordered(Operator::GreaterEqual);
  case Predicate::ULE:
    return comparison.unordered(Operator::Greater);
  case Predicate::UGT:
    return comparison.unordered(Operator::LessEqual);
  case Predicate::UGE:
    return comparison.unordered(Operator::Less);
  case Predicate::ONE:
    return comparison.lessOrGreater();
  case Predicate::UEQ: {
    Expression result = comparison.lessOrGreater();
    return lowering.build.unary(Operator::Not, std::move(result), result.type);
  }
  case Predicate::ORD:
    return comparison.order(/*isOrdered=*/true);
  case Predicate::UNO:
    return comparison.order(/*isOrdered=*/false);
  case Predicate::AlwaysFalse:
  case Predicate::AlwaysTrue:
    break;
  }
  return lowering.refuse(op) << "a comparison with a constant result";
}

void enigma::msl::addFloatRules(Rules &rules) {
  rules.add<arith::AddFOp>(lowerBinary, Operator::Add);
  rules.add<arith::SubFOp>(lowerBinary, Operator::Subtract);
  rules.add<arith::MulFOp>(lowerBinary, Operator::Multiply);
  rules.add<arith::DivFOp>(lowerBinary, Operator::Divide);
  rules.add<arith::NegFOp>(lowerNegation);
  rules.add<arith::CmpFOp>(lowerComparison);
}
