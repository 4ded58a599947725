// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls: which functions of Metal's standard library, or of the prelude, stand
// for which operations.

#include "Lowering.h"

#include "enigma/IR/GeometryOps.h"
#include "enigma/IR/IntegerOps.h"
#include "enigma/IR/LinearAlgebraOps.h"
#include "enigma/IR/MathOps.h"
#include "enigma/IR/PackingOps.h"
#include "enigma/IR/QuadOps.h"
#include "enigma/IR/SimdOps.h"

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
  // The result of a call without operands is no signed integer, and a constant
  // has no sign of its own.
  bool isSigned = false;
  if (op->getNumOperands() != 0) {
    Value first = op->getOperand(0), result = op->getResult(0);
    bool isFree = Lowering::getConstant(first) != nullptr &&
                  first.getType() == result.getType();
    isSigned = lowering.signs.isSigned(isFree ? result : first);
  }
  SmallVector<Expression, 4> arguments;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    bool isLikeFirst = operand.getType() == op->getOperand(0).getType();
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

/// A function that there is for `float` and vectors of it; the prelude may
/// define it.
static FailureOr<Expression> callSingle(Lowering &lowering, Operation *op,
                                        const Rule &rule) {
  ExpressionBuilder &build = lowering.build;
  lowering.singleFunctions.insert(rule.function);
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

/// The variant of a function that is asked for. It is there for `float`.
FailureOr<Expression> enigma::msl::callVariant(Lowering &lowering,
                                               Operation *op, const Rule &rule,
                                               StringRef variant) {
  if (rule.variants.empty())
    return lowering.refuse(op)
           << "MSL has no variant '" << variant << "' of it";
  std::string function = (variant + "::" + rule.variants).str();
  Rule called = rule;
  called.function = function;
  return callSingle(lowering, op, called);
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
#include "enigma/IR/GeometryOps.cpp.inc"
      >(rules);
  addMetalCalls<
#define GET_OP_LIST
#include "enigma/IR/IntegerOps.cpp.inc"
      >(rules);
  addMetalCalls<
#define GET_OP_LIST
#include "enigma/IR/LinearAlgebraOps.cpp.inc"
      >(rules);
  addMetalCalls<
#define GET_OP_LIST
#include "enigma/IR/MathOps.cpp.inc"
      >(rules);
  addMetalCalls<
#define GET_OP_LIST
#include "enigma/IR/PackingOps.cpp.inc"
      >(rules);
  addMetalCalls<
#define GET_OP_LIST
#include "enigma/IR/QuadOps.cpp.inc"
      >(rules);
  addMetalCalls<
#define GET_OP_LIST
#include "enigma/IR/SimdOps.cpp.inc"
      >(rules);
  rules.add<SimdBallotOp>(callVote, SimdBallotOp::getMSLFunction());
  rules.add<QuadBallotOp>(callVote, QuadBallotOp::getMSLFunction());

  rules.add<SimdActiveThreadsMaskOp>(callVote,
                                     SimdActiveThreadsMaskOp::getMSLFunction());
  rules.add<QuadActiveThreadsMaskOp>(callVote,
                                     QuadActiveThreadsMaskOp::getMSLFunction());

#define ENIGMA_FLOAT_CALL(Op, spelling) rules.add<Op>(callFloat, spelling);
#define ENIGMA_SINGLE_CALL(Op, spelling) rules.add<Op>(callSingle, spelling);
#define ENIGMA_INTEGER_CALL(Op, spelling, reading)                             \
  rules.add<Op>(callInteger, spelling, Reading::reading);
#define ENIGMA_VARIANT_CALL(Op, function) rules.addVariants<Op>(function);
#include "enigma/Target/MSL/Calls.inc"
}
