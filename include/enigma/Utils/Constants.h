// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values that are constants.

#ifndef ENIGMA_UTILS_CONSTANTS_H
#define ENIGMA_UTILS_CONSTANTS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

namespace enigma {

/// Whether a value is a constant integer, or one in all lanes. That is one
/// operation: to ask any whether it is a constant, and for its value, is slow.
/// So is to look for the interface of the value.
inline bool isConstant(mlir::Value value, mlir::APInt &number) {
  auto constant = value.getDefiningOp<mlir::arith::ConstantOp>();
  return constant && mlir::matchPattern(static_cast<mlir::Attribute>(
                                            constant.getProperties().value),
                                        mlir::m_ConstantInt(&number));
}

} // namespace enigma

#endif // ENIGMA_UTILS_CONSTANTS_H
