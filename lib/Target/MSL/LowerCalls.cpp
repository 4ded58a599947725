// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions that an operation of the dialect names itself, what the hardware
// tells a thread, and barriers.

#include "Lowering.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

FailureOr<Expression> enigma::msl::callMetal(Lowering &lowering, Operation *op,
                                             const Rule &) {
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
  Expression result =
      build.call(metal.getMSLFunction(), arguments, getComputed(type));
  // Votes are of a class that wants to be asked for its bits.
  if (isa<SimdBallotOp, QuadBallotOp>(op))
    return build.castTo(std::move(result), type);
  return build.convert(std::move(result), type);
}

LogicalResult enigma::msl::lowerQuery(Lowering &lowering, Operation *op) {
  auto query = cast<ThreadQueryOpInterface>(op);
  const Lowering::QueryName &parameter =
      lowering.getQuery(query.getMSLAttribute());
  Value value = op->getResult(0);
  if (value.use_empty())
    return success();
  ExpressionBuilder &build = lowering.build;
  Expression text = build.name(parameter.name, kUInt);
  std::optional<Dimension> dimension = query.getQueriedDimension();
  if (parameter.isVector && dimension)
    text.node = lowering.tree.member(text.node, stringifyDimension(*dimension));
  // The Python variable is the parameter, or a local that is one of its
  // components.
  StringRef name = getSourceName(value);
  if (name.empty() || name == parameter.sourceName || isCarriedAtOnce(value))
    lowering.makeHome(value, text.node, kUInt);
  else
    lowering.define(value, std::move(text));
  return success();
}

/// The constant is declared at namespace scope.
static LogicalResult lowerConstant(Lowering &, Operation *) {
  return success();
}

static LogicalResult lowerBarrier(Lowering &lowering, StringRef function,
                                  MemFlags flags) {
  // Other threads may write what was read before.
  lowering.flush(kDeviceMemory);
  lowering.flush(kConvergence);
  for (unsigned number : lowering.getThreadgroupMemory())
    lowering.flush(number);
  ExpressionBuilder &build = lowering.build;
  SmallVector<StringRef, 3> names;
  std::string list =
      flags == MemFlags::None ? "mem_none" : stringifyMemFlags(flags);
  StringRef(list).split(names, '|');
  Expression mask;
  for (StringRef name : names) {
    Expression flag = build.name(("mem_flags::" + name).str());
    mask = mask.node ? build.binary(std::move(mask), "|", flag, kUInt)
                     : std::move(flag);
  }
  Stmt stmt = lowering.makeStmt(StmtKind::Evaluate);
  stmt.value = lowering.tree.call(function, mask.node);
  lowering.add(std::move(stmt));
  return success();
}

static LogicalResult lowerThreadgroupBarrier(Lowering &lowering,
                                             Operation *op) {
  return lowerBarrier(lowering, "threadgroup_barrier",
                      cast<ThreadgroupBarrierOp>(op).getFlags());
}

static LogicalResult lowerSimdgroupBarrier(Lowering &lowering, Operation *op) {
  return lowerBarrier(lowering, "simdgroup_barrier",
                      cast<SimdgroupBarrierOp>(op).getFlags());
}

void enigma::msl::addCallRules(Rules &rules) {
  rules.addStatement<FunctionConstantOp>(lowerConstant);
  rules.addStatement<ThreadgroupBarrierOp>(lowerThreadgroupBarrier);
  rules.addStatement<SimdgroupBarrierOp>(lowerSimdgroupBarrier);
}
