// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions between types.

#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static FailureOr<Expression> extendInteger(Lowering &lowering, Operation *op,
                                           const Rule &rule) {
  ExpressionBuilder &build = lowering.build;
  Value source = op->getOperand(0);
  bool isSigned = rule.reading == Reading::Signed;
  MSLType from = Lowering::typeOf(source, isSigned);
  MSLType type = Lowering::typeOf(op->getResult(0), isSigned);
  if (type.isBool())
    return lowering.refuse(op) << "a conversion to booleans";
  if (from.isBool()) {
    type = lowering.typeOf(op->getResult(0));
    Expression expression =
        build.castTo(lowering.takeTyped(source, from), type);
    // The sign of a single set bit is minus one.
    return isSigned ? build.unary(Operator::Negate, std::move(expression), type)
                    : std::move(expression);
  }
  if (type.isVector())
    return build.castTo(lowering.takeTyped(source, from), type);
  // A name, a load or a call is extended where it meets something wider; what
  // is computed in C++'s own width says what it becomes.
  return lowering.takeReading(source, isSigned);
}

static FailureOr<Expression> truncateInteger(Lowering &lowering, Operation *op,
                                             const Rule &) {
  ExpressionBuilder &build = lowering.build;
  Value source = op->getOperand(0);
  bool isSigned = lowering.signs.isSigned(source);
  MSLType from = Lowering::typeOf(source, isSigned);
  MSLType type = Lowering::typeOf(op->getResult(0), isSigned);
  if (type.isBool()) {
    if (type.isVector())
      return lowering.refuse(op) << "the lowest bits of a vector";
    Expression masked = build.binary(lowering.take(source), Operator::BitAnd,
                                     build.number(1), from);
    return build.comparison(std::move(masked), Operator::NotEqual,
                            build.number(0),
                            /*lanes=*/1, /*isTotal=*/true);
  }
  Expression expression = lowering.take(source);
  if (type.isVector())
    return build.castTo(build.convert(std::move(expression), from), type);
  // What is assigned or stored is truncated by C++; what is computed with is
  // cast where its upper bits matter.
  if (type.bits < 32 && expression.type.bits <= 32)
    return expression;
  if (expression.type.bits <= type.bits)
    return expression;
  return build.castTo(std::move(expression), type);
}

static FailureOr<Expression> castIndex(Lowering &lowering, Operation *op,
                                       const Rule &rule) {
  Value source = op->getOperand(0);
  Type resultType = op->getResult(0).getType();
  if (isa<VectorType>(source.getType()) || source.getType().isInteger(1) ||
      resultType.isInteger(1))
    return extendInteger(lowering, op, rule);
  // C++ extends a subscript as its type says.
  if (resultType.isIndex() || resultType.isInteger(64))
    return lowering.takeReading(source, rule.reading == Reading::Signed);
  return truncateInteger(lowering, op, rule);
}

static FailureOr<Expression> castSign(Lowering &lowering, Operation *op,
                                      const Rule &) {
  auto cast = llvm::cast<SignCastOp>(op);
  return lowering.takeTyped(
      cast.getValue(),
      Lowering::typeOf(cast.getResult(), !cast.getIsUnsigned()));
}

static FailureOr<Expression> convertFloat(Lowering &lowering, Operation *op,
                                          const Rule &) {
  Value source = op->getOperand(0);
  return lowering.build.castTo(
      lowering.takeTyped(source, lowering.typeOf(source)),
      lowering.typeOf(op->getResult(0)));
}

static FailureOr<Expression> integerToFloat(Lowering &lowering, Operation *op,
                                            const Rule &rule) {
  ExpressionBuilder &build = lowering.build;
  Value source = op->getOperand(0);
  bool isSigned = rule.reading == Reading::Signed;
  MSLType from = Lowering::typeOf(source, isSigned);
  MSLType type = lowering.typeOf(op->getResult(0));
  Expression expression =
      build.castTo(lowering.takeReading(source, isSigned), type);
  // The sign of a single set bit is minus one.
  if (from.isBool() && isSigned)
    return build.unary(Operator::Negate, std::move(expression), type);
  return expression;
}

static FailureOr<Expression> floatToInteger(Lowering &lowering, Operation *op,
                                            const Rule &rule) {
  Value source = op->getOperand(0);
  MSLType type =
      Lowering::typeOf(op->getResult(0), rule.reading == Reading::Signed);
  if (type.isBool())
    return lowering.refuse(op) << "a truncation to booleans; compare with zero";
  return lowering.build.castTo(
      lowering.takeTyped(source, lowering.typeOf(source)), type);
}

static FailureOr<Expression> bitcast(Lowering &lowering, Operation *op,
                                     const Rule &) {
  Value source = op->getOperand(0);
  MSLType type = lowering.typeOf(op->getResult(0));
  MSLType from = lowering.typeOf(source);
  if (type.isBool() || from.isBool())
    return lowering.refuse(op) << "the bits of booleans";
  // A vector of 3 takes the space of 4.
  bool hasPadding =
      type.lanes != from.lanes && (type.lanes == 3 || from.lanes == 3);
  if (type.bits * type.lanes != from.bits * from.lanes || hasPadding)
    return lowering.refuse(op) << "a change of " << source.getType() << " to "
                               << op->getResult(0).getType();
  Expression expression = lowering.takeTyped(source, from);
  if (from.isInteger() && type.isInteger() && from.lanes == type.lanes)
    return expression;
  return lowering.build.call("as_type<" + type.str() + ">", expression, type);
}

void enigma::msl::addCastRules(Rules &rules) {
  using R = Reading;
  rules.add<arith::IndexCastOp>(castIndex, R::Signed);
  rules.add<arith::IndexCastUIOp>(castIndex, R::Unsigned);
  rules.add<arith::ExtSIOp>(extendInteger, R::Signed);
  rules.add<arith::ExtUIOp>(extendInteger, R::Unsigned);
  rules.add<arith::TruncIOp>(truncateInteger);
  rules.add<arith::ExtFOp>(convertFloat);
  rules.add<arith::TruncFOp>(convertFloat);
  rules.add<arith::SIToFPOp>(integerToFloat, R::Signed);
  rules.add<arith::UIToFPOp>(integerToFloat, R::Unsigned);
  rules.add<arith::FPToSIOp>(floatToInteger, R::Signed);
  rules.add<arith::FPToUIOp>(floatToInteger, R::Unsigned);
  rules.add<SignCastOp>(castSign);
  rules.add<arith::BitcastOp>(bitcast);
  rules.add<vector::BitCastOp>(bitcast);
}
