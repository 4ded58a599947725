// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LayoutInference.h"

#include "enigma/Layout/Overhang.h"

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

LayoutMemo &LayoutMemo::get(MLIRContext *context) {
  return *context->getLoadedDialect<EnigmaDialect>()
              ->getRegisteredInterface<LayoutMemo>();
}

/// The operation of the algebra of that name, if it makes a view of its first
/// operand.
static const layout::Operation *getViewOperation(StringRef name) {
  if (name == MakeTensorOp::getOperationName() ||
      name == RecastTensorOp::getOperationName())
    return nullptr;
  return &layout::getOperation(name.split('.').second);
}

const layout::Operation *enigma::getViewOperation(Operation *op) {
  if (!isa<LayoutOpInterface>(op) || op->getNumResults() != 1 ||
      !isa<ViewType>(op->getResult(0).getType()))
    return nullptr;
  return ::getViewOperation(op->getName().getStringRef());
}

/// The type of a value; null where it has none, of which nobody is told.
static Type getTypeIfAny(const LayoutValue &value, MLIRContext *context) {
  return value.getType(context, [&] {
    InFlightDiagnostic diagnostic = emitError(UnknownLoc::get(context));
    diagnostic.abandon();
    return diagnostic;
  });
}

LayoutMemo::Evaluated LayoutMemo::evaluate(TypeID operation, StringRef name,
                                           Attribute properties,
                                           TypeRange operands,
                                           Compute compute) {
  // As many as the kernels of one program have; a context that lives for long
  // sees ever new shapes.
  constexpr size_t capacity = 1024;
  Key key = {operation, properties, llvm::to_vector<4>(operands)};
  {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = known.find(key);
    if (found != known.end())
      return found->second;
  }
  auto evaluation = std::make_shared<LayoutEvaluation>();
  SmallVector<LayoutValue, 4> values;
  for (Type type : operands)
    values.push_back(evaluation->symbolize(type));
  layout::Result<LayoutValues> results = compute(values);
  if (!results)
    return results.error();
  evaluation->results = std::move(*results);
  for (const LayoutValue &result : evaluation->results)
    evaluation->types.push_back(getTypeIfAny(result, getContext()));
  if (evaluation->results.size() == 1 && evaluation->results.front().isView())
    if (const layout::Operation *made = ::getViewOperation(name))
      evaluation->overhangs = layout::overhangs(
          *made, SmallVector<layout::Value, 4>(values.begin(), values.end()));
  std::lock_guard<std::mutex> lock(mutex);
  if (known.size() == capacity)
    known.clear();
  return known[std::move(key)] = std::move(evaluation);
}

/// Evaluates an operation for operands of some types.
static LayoutMemo::Evaluated evaluateFor(Operation *op, TypeRange types) {
  return LayoutMemo::get(op->getContext())
      .evaluate(op->getName().getTypeID(), op->getName().getStringRef(),
                op->getPropertiesAsAttribute(), types,
                [&](ArrayRef<LayoutValue> operands) {
                  return cast<LayoutOpInterface>(op).evaluate(operands);
                });
}

LayoutMemo::Evaluated enigma::evaluateForTypes(Operation *op) {
  return evaluateFor(op, op->getOperandTypes());
}

layout::Result<layout::Values>
enigma::computeForTypes(Operation *op, const layout::Operation &operation,
                        ArrayRef<layout::Value> operands) {
  SmallVector<Type, 4> types(op->getOperandTypes());
  types[0] = getTypeIfAny(LayoutValue(operands[0]), op->getContext());
  if (types[0]) {
    if (LayoutMemo::Evaluated evaluated = evaluateFor(op, types)) {
      LeafSubstitution actual(**evaluated);
      for (const layout::Value &operand : operands)
        actual.add(operand);
      layout::Values results;
      bool isInvalid = false;
      for (LayoutValue result : (*evaluated)->results) {
        actual.resolve(result);
        visitLeaves(result, [&](const layout::Int &leaf) {
          isInvalid |= leaf.isInvalid();
        });
        results.push_back(std::move(result));
      }
      if (!isInvalid)
        return results;
    }
  }
  return operation.compute(operands,
                           getNumbers(operation, op->getAttrDictionary()));
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
  LayoutMemo::Evaluated evaluated = evaluateForTypes(op);
  if (!evaluated)
    return {};
  const LayoutValue &result = (*evaluated)->results.front();
  if (!result.isLeaf() || !result.tuple.leaf(0).isStatic())
    return {};
  return Builder(op->getContext()).getIndexAttr(result.tuple.leaf(0).value());
}
