// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls: which functions of Metal's standard library, or of the prelude, stand
// for which operations.

#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// A function of an operation that says itself which it is.
static FailureOr<Expression> callMetal(Lowering &lowering, Operation *op,
                                       const Rule &rule) {
  if (op->getNumResults() != 1)
    return lowering.refuse(op) << "a call that is no expression";
  ExpressionBuilder &build = lowering.build;
  auto metal = cast<MSLCallOpInterface>(op);
  Value first = op->getOperand(0);
  bool isSigned = lowering.signs.isSigned(first);
  SmallVector<Expression, 4> arguments;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    bool isLikeFirst = operand.getType() == first.getType();
    bool isRead = metal.getOperandIsSigned(i).value_or(
        isLikeFirst ? isSigned : lowering.signs.isSigned(operand));
    MSLType type = Lowering::typeOf(operand, isRead);
    arguments.push_back(
        build.convert(lowering.takeTyped(operand, type), getComputed(type)));
  }
  MSLType type = Lowering::typeOf(op->getResult(0),
                                  metal.getResultIsSigned().value_or(isSigned));
  return build.convert(build.call(rule.function, arguments, getComputed(type)),
                       type);
}

/// Votes are of a class that wants to be asked for its bits.
static FailureOr<Expression> callVote(Lowering &lowering, Operation *op,
                                      const Rule &rule) {
  FailureOr<Expression> vote = callMetal(lowering, op, rule);
  if (failed(vote))
    return failure();
  MSLType type = vote->type;
  return lowering.build.castTo(std::move(*vote), type);
}

static FailureOr<Expression> callFloat(Lowering &lowering, Operation *op,
                                       const Rule &rule) {
  ExpressionBuilder &build = lowering.build;
  SmallVector<Expression, 3> arguments;
  for (Value operand : op->getOperands()) {
    MSLType type = lowering.typeOf(operand);
    arguments.push_back(
        build.convert(lowering.takeTyped(operand, type), getComputed(type)));
  }
  MSLType type = lowering.typeOf(op->getResult(0));
  return build.convert(build.call(rule.function, arguments, getComputed(type)),
                       type);
}

/// A function that there is for `float` and vectors of it.
static FailureOr<Expression> callSingle(Lowering &lowering, Operation *op,
                                        const Rule &rule) {
  ExpressionBuilder &build = lowering.build;
  SmallVector<Expression, 2> arguments;
  for (Value operand : op->getOperands()) {
    MSLType type = Lowering::typeOf(operand, /*isSigned=*/false);
    Expression argument = lowering.takeTyped(operand, type);
    if (!type.isInteger())
      argument =
          build.convert(std::move(argument), kFloat.withLanes(type.lanes));
    arguments.push_back(std::move(argument));
  }
  MSLType type = lowering.typeOf(op->getResult(0));
  return build.convert(
      build.call(rule.function, arguments, kFloat.withLanes(type.lanes)), type);
}

/// The same, of the prelude.
static FailureOr<Expression> callOwn(Lowering &lowering, Operation *op,
                                     const Rule &rule) {
  lowering.ownFunctions.insert(rule.function);
  return callSingle(lowering, op, rule);
}

static FailureOr<Expression> callInteger(Lowering &lowering, Operation *op,
                                         const Rule &rule) {
  bool isSigned = rule.reading == Reading::Bits
                      ? lowering.signs.isSigned(op->getOperand(0))
                      : rule.reading == Reading::Signed;
  MSLType type = Lowering::typeOf(op->getResult(0), isSigned);
  if (type.isBool())
    return lowering.refuse(op) << "arithmetic on booleans";
  SmallVector<Expression, 3> arguments;
  for (Value operand : op->getOperands())
    arguments.push_back(lowering.takeTyped(operand, type));
  return lowering.build.call(rule.function, arguments, type);
}

template <typename Op> static void addMetalCall(Rules &rules) {
  if constexpr (Op::template hasTrait<MSLCallOpInterface::Trait>())
    rules.add<Op>(callMetal, Op::getMSLFunction());
}

template <typename... Ops> static void addMetalCalls(Rules &rules) {
  (addMetalCall<Ops>(rules), ...);
}

void enigma::msl::addCallRules(Rules &rules) {
  addMetalCalls<
#define GET_OP_LIST
#include "enigma/IR/EnigmaOps.cpp.inc"
      >(rules);
  rules.add<SimdBallotOp>(callVote, SimdBallotOp::getMSLFunction());
  rules.add<QuadBallotOp>(callVote, QuadBallotOp::getMSLFunction());

  using R = Reading;
  rules.add<arith::MaxSIOp>(callInteger, "max", R::Signed);
  rules.add<arith::MaxUIOp>(callInteger, "max", R::Unsigned);
  rules.add<arith::MinSIOp>(callInteger, "min", R::Signed);
  rules.add<arith::MinUIOp>(callInteger, "min", R::Unsigned);
  rules.add<math::AbsIOp>(callInteger, "abs", R::Signed);
  rules.add<math::CountLeadingZerosOp>(callInteger, "clz");
  rules.add<math::CountTrailingZerosOp>(callInteger, "ctz");
  rules.add<math::CtPopOp>(callInteger, "popcount");

  rules.add<arith::MaxNumFOp>(callFloat, "fmax");
  rules.add<arith::MinNumFOp>(callFloat, "fmin");
  rules.add<math::AbsFOp>(callFloat, "fabs");
  rules.add<math::AcosOp>(callFloat, "acos");
  rules.add<math::AsinOp>(callFloat, "asin");
  rules.add<math::AtanOp>(callFloat, "atan");
  rules.add<math::CeilOp>(callFloat, "ceil");
  rules.add<math::ClampFOp>(callFloat, "clamp");
  rules.add<math::CopySignOp>(callFloat, "copysign");
  rules.add<math::CosOp>(callFloat, "cos");
  rules.add<math::ExpOp>(callFloat, "exp");
  rules.add<math::Exp2Op>(callFloat, "exp2");
  rules.add<math::FloorOp>(callFloat, "floor");
  rules.add<math::FmaOp>(callFloat, "fma");
  rules.add<vector::FMAOp>(callFloat, "fma");
  rules.add<math::IsFiniteOp>(callFloat, "isfinite");
  rules.add<math::IsInfOp>(callFloat, "isinf");
  rules.add<math::IsNaNOp>(callFloat, "isnan");
  rules.add<math::IsNormalOp>(callFloat, "isnormal");
  rules.add<math::LogOp>(callFloat, "log");
  rules.add<math::Log10Op>(callFloat, "log10");
  rules.add<math::Log2Op>(callFloat, "log2");
  rules.add<math::RoundEvenOp>(callFloat, "rint");
  rules.add<math::RoundOp>(callFloat, "round");
  rules.add<math::RsqrtOp>(callFloat, "rsqrt");
  rules.add<math::SinOp>(callFloat, "sin");
  rules.add<math::SqrtOp>(callFloat, "sqrt");
  rules.add<math::TanOp>(callFloat, "tan");
  rules.add<math::TruncOp>(callFloat, "trunc");

  // Under fast math these are formulas that are no numbers, infinite or without
  // a right digit for some ordinary arguments.
  rules.add<arith::RemFOp>(callSingle, "precise::fmod");
  rules.add<math::AcoshOp>(callSingle, "precise::acosh");
  rules.add<math::AsinhOp>(callSingle, "precise::asinh");
  rules.add<math::Atan2Op>(callSingle, "precise::atan2");
  rules.add<math::AtanhOp>(callSingle, "precise::atanh");
  rules.add<math::CoshOp>(callSingle, "precise::cosh");
  rules.add<math::PowFOp>(callSingle, "precise::pow");
  rules.add<PowROp>(callSingle, "precise::powr");
  rules.add<math::SinhOp>(callSingle, "precise::sinh");
  rules.add<math::TanhOp>(callSingle, "precise::tanh");

  rules.add<math::ErfOp>(callOwn, "enigma_erf");
  rules.add<math::ErfcOp>(callOwn, "enigma_erfc");
  rules.add<PowiOp>(callOwn, "enigma_powi");
}
