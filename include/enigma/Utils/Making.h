// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Making an operation of what it consists of.

#ifndef ENIGMA_UTILS_MAKING_H
#define ENIGMA_UTILS_MAKING_H

#include "mlir/IR/Builders.h"

namespace enigma {

/// Inserts an operation without regions and without discardable attributes, as
/// `Op::create` does; what it consists of is not collected in an
/// `OperationState` before, which takes as long as the rest.
template <typename Op>
Op createDirectly(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::TypeRange types, mlir::ValueRange operands,
                  typename Op::Properties properties = {}) {
  auto name = mlir::RegisteredOperationName::lookup(mlir::TypeID::get<Op>(),
                                                    builder.getContext());
  assert(name && "the dialect is loaded");
  mlir::Operation *op = mlir::Operation::create(
      loc, *name, types, operands, builder.getDictionaryAttr({}), &properties,
      mlir::BlockRange(), /*numRegions=*/0);
  builder.insert(op);
  return mlir::cast<Op>(op);
}

} // namespace enigma

#endif // ENIGMA_UTILS_MAKING_H
