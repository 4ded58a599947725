// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ReorderFragments.h"

#include "enigma/Analysis/FragmentOrder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;

using Order = FragmentOrder::Order;

static int64_t getPlace(const Order &order, int64_t lane) {
  return llvm::find(order, lane) - order.begin();
}

static void reorder(Operation *op, const FragmentOrder &orders) {
  OpBuilder builder(op);
  if (auto elements = dyn_cast<vector::FromElementsOp>(op)) {
    if (const Order *order = orders.getOrder(elements.getResult())) {
      SmallVector<Value> lanes(elements.getElements());
      for (auto [place, lane] : llvm::enumerate(*order))
        op->setOperand(place, lanes[lane]);
    }
  } else if (auto extract = dyn_cast<vector::ExtractOp>(op)) {
    if (const Order *order = orders.getOrder(extract.getSource()))
      extract.setStaticPosition(
          {getPlace(*order, extract.getStaticPosition()[0])});
  } else if (auto insert = dyn_cast<vector::InsertOp>(op)) {
    if (const Order *order = orders.getOrder(insert.getResult()))
      insert.setStaticPosition(
          {getPlace(*order, insert.getStaticPosition()[0])});
  } else if (auto reduction = dyn_cast<vector::ReductionOp>(op)) {
    const Order *order = orders.getOrder(reduction.getVector());
    if (!order)
      return;
    // Lanes are combined in their own order, as rounding may depend on it.
    Value result = buildReduction(
        builder, reduction, reduction.getAcc(), [&](int64_t lane) -> Value {
          return vector::ExtractOp::create(builder, op->getLoc(),
                                           reduction.getVector(),
                                           getPlace(*order, lane));
        });
    op->replaceAllUsesWith(ValueRange(result));
    op->erase();
  }
}

static Value reorderConstant(Value value, const Order &order) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || elements.isSplat())
    return value;
  SmallVector<Attribute> lanes(elements.getValues<Attribute>()), reordered;
  for (int64_t lane : order)
    reordered.push_back(lanes[lane]);
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  return arith::ConstantOp::create(
      builder, value.getLoc(),
      DenseElementsAttr::get(cast<VectorType>(value.getType()), reordered));
}

bool enigma::reorderFragments(KernelOp kernel, FragmentForm form) {
  FragmentOrder orders(kernel, form);
  if (orders.isEmpty())
    return false;
  SmallVector<Operation *> users;
  kernel.walk([&](Operation *op) { users.push_back(op); });
  for (Operation *op : users)
    reorder(op, orders);
  for (auto [operand, owner] : orders.getConstants())
    if (const Order *order = orders.getOrder(owner))
      operand->set(reorderConstant(operand->get(), *order));
  return true;
}
