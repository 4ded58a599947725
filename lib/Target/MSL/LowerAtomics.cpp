// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Atomic accesses. Metal has them for objects of atomic types only; a buffer's
// element is taken for one, as it has the same bits. Floats in threadgroup
// memory have none of their own, nor a compare-exchange anywhere: what needs no
// arithmetic is done to their bits.

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
  /// What Metal is given for a value, and the value of what it gives.
  Expression take(Lowering &lowering, Value value) const;
  Expression give(Lowering &lowering, Expression result) const;

  Expression pointer;
  /// The type of the element, and the one that Metal accesses it as.
  MSLType element, type;
  unsigned memory = 0;
};
} // namespace

/// The same bits as another type.
static Expression asType(Lowering &lowering, Expression expression,
                         MSLType type) {
  return lowering.build.call("as_type<" + type.str() + ">",
                             std::move(expression), type);
}

Expression AtomicPlace::take(Lowering &lowering, Value value) const {
  Expression expression = lowering.takeTyped(value, element);
  return element == type ? expression
                         : asType(lowering, std::move(expression), type);
}

Expression AtomicPlace::give(Lowering &lowering, Expression result) const {
  return element == type ? result
                         : asType(lowering, std::move(result), element);
}

static FailureOr<AtomicPlace> getPlace(Lowering &lowering, Operation *op,
                                       Value memory, Value index) {
  FailureOr<Place> place = getElement(lowering, op, memory, index);
  if (failed(place))
    return failure();
  AtomicPlace result;
  result.element = place->element.type;
  // Minimum and maximum say how they compare; those of 64 bits as unsigned.
  if (isa<AtomicReduceOp>(op))
    result.element = result.element.withSign(false);
  if (auto rmw = dyn_cast<AtomicRMWOp>(op);
      rmw &&
      (rmw.getKind() == AtomicKind::Min || rmw.getKind() == AtomicKind::Max))
    result.element = result.element.withSign(!rmw.getIsUnsigned());
  bool isOnBits =
      result.element.isFloat() && (place->space == AddressSpace::Threadgroup ||
                                   isa<AtomicCompareExchangeOp>(op));
  result.type = isOnBits ? kUInt : result.element;
  result.memory = *place->memory;
  Tree &tree = lowering.tree;
  result.pointer = std::move(place->element);
  DeclaredType pointer = {result.type, place->space, DeclaredType::Pointer};
  pointer.isAtomic = true;
  result.pointer.node = tree.pointerCast(
      pointer, tree.unary(Operator::AddressOf, result.pointer.node));
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
  if (result && !result.use_empty()) {
    if (type == place.type)
      expression = place.give(lowering, std::move(expression));
    return lowering.defineNow(result, std::move(expression));
  }
  Stmt stmt = lowering.makeStmt(StmtKind::Evaluate);
  stmt.value = expression.node;
  lowering.add(std::move(stmt));
}

static LogicalResult lowerAtomicLoad(Lowering &lowering, Operation *op) {
  auto load = cast<AtomicLoadOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, load.getBuffer(), load.getIndex());
  if (failed(place))
    return failure();
  addCall(lowering, load.getResult(), *place, "atomic_load_explicit",
          {place->pointer, getOrder(lowering)}, place->type);
  return success();
}

static LogicalResult lowerAtomicStore(Lowering &lowering, Operation *op) {
  auto store = cast<AtomicStoreOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, store.getBuffer(), store.getIndex());
  if (failed(place))
    return failure();
  Expression value = place->take(lowering, store.getValue());
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
  Expression value = place->take(lowering, rmw.getValue());
  addCall(lowering, rmw.getResult(), *place, getFunction(rmw.getKind()),
          {place->pointer, std::move(value), getOrder(lowering)}, place->type);
  return success();
}

static LogicalResult lowerReduce(Lowering &lowering, Operation *op) {
  auto reduce = cast<AtomicReduceOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, reduce.getBuffer(), reduce.getIndex());
  if (failed(place))
    return failure();
  Expression value = place->take(lowering, reduce.getValue());
  StringRef function = reduce.getKind() == AtomicKind::Min
                           ? "atomic_min_explicit"
                           : "atomic_max_explicit";
  addCall(lowering, Value(), *place, function,
          {place->pointer, std::move(value), getOrder(lowering)}, place->type);
  return success();
}

static LogicalResult lowerCompareExchange(Lowering &lowering, Operation *op) {
  auto exchange = cast<AtomicCompareExchangeOp>(op);
  FailureOr<AtomicPlace> place =
      getPlace(lowering, op, exchange.getBuffer(), exchange.getIndex());
  if (failed(place))
    return failure();
  Expression expected = place->take(lowering, exchange.getExpected());
  Expression desired = place->take(lowering, exchange.getDesired());
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
  if (lowering.variables.find(old) || place->element != place->type)
    lowering.define(old, place->give(lowering, std::move(found)));
  else
    lowering.makeHome(old, found.node, found.type);
  return success();
}

void enigma::msl::addAtomicRules(Rules &rules) {
  rules.addStatement<AtomicLoadOp>(lowerAtomicLoad);
  rules.addStatement<AtomicStoreOp>(lowerAtomicStore);
  rules.addStatement<AtomicRMWOp>(lowerRMW);
  rules.addStatement<AtomicReduceOp>(lowerReduce);
  rules.addStatement<AtomicCompareExchangeOp>(lowerCompareExchange);
}
