// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Atomic accesses. Metal has them for objects of atomic types only; a buffer's
// element is taken for one, as it has the same bits.

#include "Emitter.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static constexpr StringLiteral kOrder = "memory_order_relaxed";

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

static Expression makeText(std::string text) {
  Expression expression;
  expression.text = std::move(text);
  return expression;
}

FailureOr<Emitter::AtomicPlace>
Emitter::getAtomicPlace(Operation *op, Value memory, Value index) {
  FailureOr<Place> place = getElement(op, memory, index);
  if (failed(place))
    return failure();
  AtomicPlace result;
  result.type = place->element;
  // Minimum and maximum say how they compare.
  if (auto rmw = dyn_cast<AtomicRMWOp>(op);
      rmw &&
      (rmw.getKind() == AtomicKind::Min || rmw.getKind() == AtomicKind::Max))
    result.type = result.type.withSign(!rmw.getIsUnsigned());
  result.memory = *place->memory;
  result.pointer =
      makeText("(" + stringifyAddressSpace(place->space).str() + " atomic_" +
               result.type.str() + "*)&" + place->text);
  return result;
}

void Emitter::defineNow(Value value, Expression expression) {
  if (variables.find(value))
    return define(value, std::move(expression));
  Expression local =
      materialize(std::move(expression), value, getGeneratedName(value));
  makeHome(value, std::move(local.text), local.type, std::nullopt);
}

void Emitter::emitAtomicCall(Value result, const AtomicPlace &place,
                             StringRef function, ArrayRef<Expression> arguments,
                             MSLType type) {
  Expression expression = call(function, arguments, type);
  // What was read of this memory before is not read after.
  flush(place.memory);
  if (!result || result.use_empty())
    line(expression.text + ";");
  else
    defineNow(result, std::move(expression));
}

LogicalResult Emitter::emitAtomic(AtomicLoadOp op) {
  FailureOr<AtomicPlace> place =
      getAtomicPlace(op, op.getBuffer(), op.getIndex());
  if (failed(place))
    return failure();
  emitAtomicCall(op.getResult(), *place, "atomic_load_explicit",
                 {place->pointer, makeText(kOrder.str())}, place->type);
  return success();
}

LogicalResult Emitter::emitAtomic(AtomicStoreOp op) {
  FailureOr<AtomicPlace> place =
      getAtomicPlace(op, op.getBuffer(), op.getIndex());
  if (failed(place))
    return failure();
  Expression value = takeTyped(op.getValue(), place->type);
  emitAtomicCall(Value(), *place, "atomic_store_explicit",
                 {place->pointer, std::move(value), makeText(kOrder.str())},
                 place->type);
  return success();
}

LogicalResult Emitter::emitAtomic(AtomicRMWOp op) {
  FailureOr<AtomicPlace> place =
      getAtomicPlace(op, op.getBuffer(), op.getIndex());
  if (failed(place))
    return failure();
  Expression value = takeTyped(op.getValue(), place->type);
  emitAtomicCall(op.getResult(), *place, getFunction(op.getKind()),
                 {place->pointer, std::move(value), makeText(kOrder.str())},
                 place->type);
  return success();
}

LogicalResult Emitter::emitAtomic(AtomicCompareExchangeOp op) {
  FailureOr<AtomicPlace> place =
      getAtomicPlace(op, op.getBuffer(), op.getIndex());
  if (failed(place))
    return failure();
  Expression expected = takeTyped(op.getExpected(), place->type);
  Expression desired = takeTyped(op.getDesired(), place->type);
  // The function writes what it found to where it is told what to expect.
  std::string found = declareLocal("expected", expected, place->type);
  emitAtomicCall(op.getSuccess(), *place,
                 "atomic_compare_exchange_weak_explicit",
                 {place->pointer, makeText("&" + found), std::move(desired),
                  makeText(kOrder.str()), makeText(kOrder.str())},
                 MSLType{Kind::Bool, 1, false, 1});
  if (op.getOld().use_empty())
    return success();
  if (!variables.find(op.getOld())) {
    makeHome(op.getOld(), std::move(found), place->type, std::nullopt);
    return success();
  }
  Expression old = makeText(std::move(found));
  old.type = place->type;
  define(op.getOld(), std::move(old));
  return success();
}
