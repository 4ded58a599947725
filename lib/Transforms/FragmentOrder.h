// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order in which a kernel keeps the lanes of its fragments.

#ifndef ENIGMA_LIB_TRANSFORMS_FRAGMENTORDER_H
#define ENIGMA_LIB_TRANSFORMS_FRAGMENTORDER_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace enigma {

/// Operations on fragments act on all lanes alike, so lanes may stand in any
/// order that the operations agree on. This puts those of a fragment in the
/// order of the short vectors that they are loaded from or stored to, where
/// that is another one: then these need not be taken apart.
void orderFragments(KernelOp kernel);

/// Whether the value is a vector that Metal does not have: longer than 4 lanes,
/// or of one lane.
bool isFragmentType(mlir::Type type);

/// Whether an operation acts on each lane of its operands alike.
bool isLanewise(mlir::Operation *op);

/// Combines lanes, in their order, as `reduction` says.
mlir::Value buildReduction(mlir::OpBuilder &builder,
                           mlir::vector::ReductionOp reduction,
                           mlir::Value start,
                           llvm::function_ref<mlir::Value(int64_t)> getLane);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_FRAGMENTORDER_H
