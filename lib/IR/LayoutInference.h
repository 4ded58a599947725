// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inference and folding that all operations of the layout algebra share.

#ifndef ENIGMA_LIB_IR_LAYOUTINFERENCE_H
#define ENIGMA_LIB_IR_LAYOUTINFERENCE_H

#include "enigma/IR/EnigmaOps.h"
#include "enigma/Layout/Operations.h"

namespace enigma {

/// The results of an operation of the algebra's table.
layout::Result<LayoutValues>
computeByTable(const layout::Operation &operation,
               llvm::ArrayRef<LayoutValue> operands,
               mlir::DictionaryAttr attributes);

template <typename OpT>
layout::Result<LayoutValues>
computeByTable(typename OpT::Adaptor adaptor,
               llvm::ArrayRef<LayoutValue> operands) {
  static const layout::Operation &operation = layout::getOperation(
      OpT::getOperationName().drop_front(strlen("enigma.")));
  mlir::Attribute attributes;
  if constexpr (OpT::hasProperties())
    if (!operands.empty())
      attributes = OpT::getPropertiesAsAttr(
          adaptor.getOperands().front().getContext(), adaptor.getProperties());
  return computeByTable(
      operation, operands,
      llvm::cast_if_present<mlir::DictionaryAttr>(attributes));
}

/// The results of an operation for operands of these types, whose dynamic
/// leaves are symbols of `symbols`.
template <typename OpT>
layout::Result<LayoutValues> computeForTypes(typename OpT::Adaptor adaptor,
                                             OperandSymbols &symbols) {
  llvm::SmallVector<LayoutValue, 4> values;
  for (mlir::Type type : adaptor.getOperands().getTypes())
    values.push_back(symbols.symbolize(type));
  return OpT::compute(adaptor, values);
}

/// Emits the library's error as that of an operation.
template <typename OpT>
mlir::LogicalResult emitAlgebraError(std::optional<mlir::Location> location,
                                     const layout::Error &error) {
  if (location)
    attachRemedy(mlir::emitError(*location) << "'" << OpT::getOperationName()
                                            << "' op " << error.message(),
                 error);
  return mlir::failure();
}

template <typename OpT>
mlir::LogicalResult
inferAlgebraTypes(mlir::MLIRContext *context,
                  std::optional<mlir::Location> location,
                  typename OpT::Adaptor adaptor,
                  llvm::SmallVectorImpl<mlir::Type> &inferred) {
  // Whoever asks for types may have left out an attribute.
  if (failed(adaptor.verify(location.value_or(mlir::UnknownLoc::get(context)))))
    return mlir::failure();
  OperandSymbols symbols;
  layout::Result<LayoutValues> results = computeForTypes<OpT>(adaptor, symbols);
  if (!results)
    return emitAlgebraError<OpT>(location, results.error());
  auto emitError = [&] {
    return mlir::emitError(location.value_or(mlir::UnknownLoc::get(context)));
  };
  constexpr bool isMeasure = OpT::template hasTrait<
      mlir::OpTrait::OneTypedResult<mlir::IndexType>::template Impl>();
  for (const LayoutValue &result : *results) {
    mlir::Type type;
    if constexpr (isMeasure)
      type = mlir::IndexType::get(context);
    else
      type = result.getType(context, emitError);
    if (!type)
      return mlir::failure();
    inferred.push_back(type);
  }
  return mlir::success();
}

/// The static value that the type of the one result describes, or nothing.
mlir::OpFoldResult foldToStatic(mlir::Operation *op);
/// The same for each result, if all are static.
mlir::LogicalResult
foldAllToStatic(mlir::Operation *op,
                llvm::SmallVectorImpl<mlir::OpFoldResult> &results);
/// The number that the operands' types tell, or nothing.
mlir::OpFoldResult foldToNumber(mlir::Operation *op);

} // namespace enigma

#endif // ENIGMA_LIB_IR_LAYOUTINFERENCE_H
