// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LayoutInference.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace enigma;

layout::Result<LayoutValues>
enigma::computeByTable(const layout::Operation &operation,
                       ArrayRef<LayoutValue> operands,
                       DictionaryAttr attributes) {
  SmallVector<layout::Value, 4> values(operands.begin(), operands.end());
  layout::Result<layout::Values> results =
      operation.compute(values, getNumbers(operation, attributes));
  if (!results)
    return results.error();
  LayoutValues found;
  for (layout::Value &result : *results) {
    LayoutValue &value = found.emplace_back(std::move(result));
    if (!value.isView())
      continue;
    // It is one of the first operand's memory.
    value.elementType = operands[0].elementType;
    value.space = operands[0].space;
    value.buffer = operands[0].buffer;
  }
  return found;
}

OpFoldResult enigma::foldToStatic(Operation *op) {
  Type type = op->getResult(0).getType();
  if (!isStaticLayoutType(type))
    return {};
  return TypeAttr::get(type);
}

LogicalResult enigma::foldAllToStatic(Operation *op,
                                      SmallVectorImpl<OpFoldResult> &results) {
  if (!llvm::all_of(op->getResultTypes(), isStaticLayoutType))
    return failure();
  for (Type type : op->getResultTypes())
    results.push_back(TypeAttr::get(type));
  return success();
}

OpFoldResult enigma::foldToNumber(Operation *op) {
  OperandSymbols symbols;
  SmallVector<LayoutValue, 4> operands;
  for (Type type : op->getOperandTypes())
    operands.push_back(symbols.symbolize(type));
  auto results = cast<LayoutOpInterface>(op).evaluate(operands);
  if (!results)
    return {};
  const LayoutValue &result = results->front();
  if (!result.isLeaf() || !result.tuple.leaf(0).isStatic())
    return {};
  return Builder(op->getContext()).getIndexAttr(result.tuple.leaf(0).value());
}
