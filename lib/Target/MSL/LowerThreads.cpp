// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the hardware tells a thread, what the host tells all of them, and
// barriers between them.

#include "Lowering.h"

#include "enigma/IR/ThreadOps.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static LogicalResult lowerQuery(Lowering &lowering, Operation *op) {
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
static LogicalResult lowerFunctionConstant(Lowering &, Operation *) {
  return success();
}

/// Reads what is read before a barrier or a fence: other threads may write it.
static void flushShared(Lowering &lowering) {
  lowering.flush(kDeviceMemory);
  for (unsigned number : lowering.getThreadgroupMemory())
    lowering.flush(number);
}

static Expression getMask(Lowering &lowering, MemFlags flags) {
  ExpressionBuilder &build = lowering.build;
  SmallVector<StringRef, 3> names;
  std::string list =
      flags == MemFlags::None ? "mem_none" : stringifyMemFlags(flags);
  StringRef(list).split(names, '|');
  Expression mask;
  for (StringRef name : names) {
    Expression flag = build.name(("mem_flags::" + name).str());
    mask = mask.node
               ? build.binary(std::move(mask), Operator::BitOr, flag, kUInt)
               : std::move(flag);
  }
  return mask;
}

static LogicalResult lowerBarrier(Lowering &lowering, StringRef function,
                                  MemFlags flags) {
  flushShared(lowering);
  lowering.flush(kConvergence);
  Stmt stmt = lowering.makeStmt(StmtKind::Evaluate);
  stmt.value = lowering.tree.call(function, getMask(lowering, flags).node);
  lowering.add(std::move(stmt));
  return success();
}

static LogicalResult lowerFence(Lowering &lowering, Operation *op) {
  auto fence = cast<AtomicThreadFenceOp>(op);
  flushShared(lowering);
  ExpressionBuilder &build = lowering.build;
  Expression
      order = build.name(
          ("memory_order_" + stringifyMemoryOrder(fence.getOrder())).str()),
      scope = build.name(
          ("thread_scope_" + stringifyThreadScope(fence.getScope())).str());
  Stmt stmt = lowering.makeStmt(StmtKind::Evaluate);
  stmt.value =
      build
          .call("atomic_thread_fence",
                {getMask(lowering, fence.getFlags()), order, scope}, MSLType())
          .node;
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

template <typename Op> static void addQuery(Rules &rules) {
  if constexpr (Op::template hasTrait<ThreadQueryOpInterface::Trait>())
    rules.addStatement<Op>(lowerQuery);
}

template <typename... Ops> static void addQueries(Rules &rules) {
  (addQuery<Ops>(rules), ...);
}

void enigma::msl::addThreadRules(Rules &rules) {
  addQueries<
#define GET_OP_LIST
#include "enigma/IR/ThreadOps.cpp.inc"
      >(rules);
  rules.addStatement<FunctionConstantOp>(lowerFunctionConstant);
  rules.addStatement<AtomicThreadFenceOp>(lowerFence);
  rules.addStatement<ThreadgroupBarrierOp>(lowerThreadgroupBarrier);
  rules.addStatement<SimdgroupBarrierOp>(lowerSimdgroupBarrier);
}
