// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Atomic accesses. Metal has them for objects of atomic types only; a buffer's
// element is taken for one, as it has the same bits.

#include "LowerMemory.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static StringRef getFunction(AtomicKind kind) {
  switch (kind) {
  case AtomicKind::Exchange:
    return "atomic_exchange_explicit";
  case AtomicKind::Add:
    return "atomic_fetch_add_explicit";
  case AtomicKind::Sub:
    return "atomic_fetch_sub_explicit";
  case AtomicKind::Min:
    return "atomic_fetch_min_explicit";
  case AtomicKind::Max:
    return "atomic_fetch_max_explicit";
  case AtomicKind::And:
    return "atomic_fetch_and_explicit";
  case AtomicKind::Or:
    return "atomic_fetch_or_explicit";
  case AtomicKind::Xor:
    return "atomic_fetch_xor_explicit";
  }
  llvm_unreachable("unknown kind of atomic operation");
}

namespace {
struct AtomicPlace {
  Expression pointer;
  MSLType type;
  unsigned memory = 0;
};
} // namespace

static FailureOr<AtomicPlace> getPlace(Lowering &lowering, Operation *op,
                                       Value memory, Value index) {
  FailureOr<Place> place = getElement(lowering, op, memory, index);
  if (failed(place))
    return failure();
  AtomicPlace result;
  result.type = place->element.type;
  // Minimum and maximum say how they compare.
  if (auto rmw = dyn_cast<AtomicRMWOp>(op);
      rmw &&
      (rmw.getKind() == AtomicKind::Min || rmw.getKind() == AtomicKind::Max))
    result.type = result.type.withSign(!rmw.getIsUnsigned());
  result.memory = *place->memory;
  Tree &tree = lowering.tree;
  result.pointer = std::move(place->element);
  result.pointer.node =
      tree.pointerCast(stringifyAddressSpace(place->space).str() + " atomic_" +
                           result.type.str() + "*",
                       tree.unary(Operator::AddressOf, result.pointer.node));
  return result;
}

static Expression getOrder(Lowering &lowering) {
  return lowering.build.name("memory_order_relaxed");
}

static void addCall(Lowering &lowering, Value result, const AtomicPlace &place,
                    StringRef function, ArrayRef<Expression> arguments,
                    MSLType type) {
  Expression expression = lowering.build.call(function, arguments, type);
  // What was read of this memory before is not read after.
  lowering.flush(place.memory);
  if (result && !result.use_empty())
    return lowering.defineNow(result, std::move(expression));
  Stmt stmt = lowering.makeStmt(StmtKind::Evaluate);
  stmt.value = expression.node;
  lowering.add(std::move(stmt));
}

static LogicalResult lowerLoad(Lowering &lowering, Operation *op) {
  auto load = cast<AtomicLoadOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, load.getBuffer(), load.getIndex());
  if (failed(place))
    return failure();
  addCall(lowering, load.getResult(), *place, "atomic_load_explicit",
          {place->pointer, getOrder(lowering)}, place->type);
  return success();
}

static LogicalResult lowerStore(Lowering &lowering, Operation *op) {
  auto store = cast<AtomicStoreOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, store.getBuffer(), store.getIndex());
  if (failed(place))
    return failure();
  Expression value = lowering.takeTyped(store.getValue(), place->type);
  addCall(lowering, Value(), *place, "atomic_store_explicit",
          {place->pointer, std::move(value), getOrder(lowering)}, place->type);
  return success();
}

static LogicalResult lowerRMW(Lowering &lowering, Operation *op) {
  auto rmw = cast<AtomicRMWOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, rmw.getBuffer(), rmw.getIndex());
  if (failed(place))
    return failure();
  Expression value = lowering.takeTyped(rmw.getValue(), place->type);
  addCall(lowering, rmw.getResult(), *place, getFunction(rmw.getKind()),
          {place->pointer, std::move(value), getOrder(lowering)}, place->type);
  return success();
}

static LogicalResult lowerCompareExchange(Lowering &lowering, Operation *op) {
  auto exchange = cast<AtomicCompareExchangeOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, exchange.getBuffer(), exchange.getIndex());
  if (failed(place))
    return failure();
  Expression expected = lowering.takeTyped(exchange.getExpected(), place->type);
  Expression desired = lowering.takeTyped(exchange.getDesired(), place->type);
  // The function writes what it found to where it is told what to expect.
  Expression found;
  found.node = lowering.declareLocal("expected", expected, place->type);
  found.type = place->type;
  Expression pointer = found;
  pointer.node = lowering.tree.unary(Operator::AddressOf, found.node);
  addCall(lowering, exchange.getSuccess(), *place,
          "atomic_compare_exchange_weak_explicit",
          {place->pointer, std::move(pointer), std::move(desired),
           getOrder(lowering), getOrder(lowering)},
          kBool);
  Value old = exchange.getOld();
  if (old.use_empty())
    return success();
  if (lowering.variables.find(old))
    lowering.define(old, std::move(found));
  else
    lowering.makeHome(old, found.node, found.type);
  return success();
}

void enigma::msl::addAtomicRules(Rules &rules) {
  rules.addStatement<AtomicLoadOp>(lowerLoad);
  rules.addStatement<AtomicStoreOp>(lowerStore);
  rules.addStatement<AtomicRMWOp>(lowerRMW);
  rules.addStatement<AtomicCompareExchangeOp>(lowerCompareExchange);
}
