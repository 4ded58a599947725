// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inference and folding that all operations of the layout algebra share.

#ifndef ENIGMA_LIB_IR_LAYOUTINFERENCE_H
#define ENIGMA_LIB_IR_LAYOUTINFERENCE_H

#include "enigma/IR/EnigmaOps.h"
#include "enigma/IR/LayoutEvaluation.h"
#include "enigma/Layout/Operations.h"
#include "mlir/IR/DialectInterface.h"

#include <mutex>
#include <unordered_map>

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

/// What operations of the algebra gave for the types of their operands:
/// inference, verification, folding and each lowering ask for the same again.
class LayoutMemo : public mlir::DialectInterface::Base<LayoutMemo> {
public:
  explicit LayoutMemo(mlir::Dialect *dialect) : Base(dialect) {}

  using Evaluated = layout::Result<std::shared_ptr<const LayoutEvaluation>>;
  using Compute = llvm::function_ref<layout::Result<LayoutValues>(
      llvm::ArrayRef<LayoutValue>)>;

  static LayoutMemo &get(mlir::MLIRContext *context);

  /// What `compute` gives for symbols, now or before, for the operation of that
  /// type and name and with these properties.
  Evaluated evaluate(mlir::TypeID operation, llvm::StringRef name,
                     mlir::Attribute properties, mlir::TypeRange operands,
                     Compute compute);

private:
  struct Key {
    mlir::TypeID operation;
    mlir::Attribute properties;
    llvm::SmallVector<mlir::Type, 4> operands;

    bool operator==(const Key &other) const {
      return operation == other.operation && properties == other.properties &&
             operands == other.operands;
    }
  };
  struct Hash {
    size_t operator()(const Key &key) const {
      return llvm::hash_combine(
          key.operation, key.properties,
          llvm::hash_combine_range(key.operands.begin(), key.operands.end()));
    }
  };

  std::mutex mutex;
  std::unordered_map<Key, std::shared_ptr<const LayoutEvaluation>, Hash> known;
};

/// The evaluation of an operation for operands of these types.
template <typename OpT>
LayoutMemo::Evaluated evaluateForTypes(mlir::MLIRContext *context,
                                       typename OpT::Adaptor adaptor) {
  mlir::Attribute properties;
  if constexpr (OpT::hasProperties())
    properties = OpT::getPropertiesAsAttr(context, adaptor.getProperties());
  return LayoutMemo::get(context).evaluate(
      mlir::TypeID::get<OpT>(), OpT::getOperationName(), properties,
      adaptor.getOperands().getTypes(),
      [&](llvm::ArrayRef<LayoutValue> operands) {
        return OpT::compute(adaptor, operands);
      });
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
  LayoutMemo::Evaluated evaluated = evaluateForTypes<OpT>(context, adaptor);
  if (!evaluated)
    return emitAlgebraError<OpT>(location, evaluated.error());
  auto emitError = [&] {
    return mlir::emitError(location.value_or(mlir::UnknownLoc::get(context)));
  };
  constexpr bool isMeasure = OpT::template hasTrait<
      mlir::OpTrait::OneTypedResult<mlir::IndexType>::template Impl>();
  for (auto [result, type] :
       llvm::zip_equal((*evaluated)->results, (*evaluated)->types)) {
    if (!isMeasure && !type) {
      result.getType(context, emitError);
      return mlir::failure();
    }
    inferred.push_back(isMeasure ? mlir::IndexType::get(context) : type);
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
