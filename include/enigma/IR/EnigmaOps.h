// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operations of the `enigma` dialect that most passes know: kernels,
// memory, and tensors in it. The others are in headers of their families
// (SimdOps.h, ...).

#ifndef ENIGMA_IR_ENIGMAOPS_H
#define ENIGMA_IR_ENIGMAOPS_H

#include "enigma/IR/EnigmaDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace enigma {
/// `i1`, or a vector of it with the shape of \p type.
mlir::Type getI1Like(mlir::Type type);

/// Whether \p type is the flat form of a buffer: a memref of one dimension,
/// without strides, in an address space of the dialect.
bool isFlatBuffer(mlir::Type type);

/// The type of the elements that a thread holds of a matrix of a SIMD group.
mlir::VectorType getMatrixElementsType(mlir::Type matrix);

/// What the functions over a group of threads read: which threads run them
/// together.
struct ConvergenceResource final
    : mlir::SideEffects::Resource::Base<ConvergenceResource> {
  llvm::StringRef getName() final { return "Convergence"; }
};

/// What messages are written to.
struct LogResource final : mlir::SideEffects::Resource::Base<LogResource> {
  llvm::StringRef getName() final { return "Log"; }
};
} // namespace enigma

#define GET_OP_CLASSES
#include "enigma/IR/CoreOps.h.inc"

#endif // ENIGMA_IR_ENIGMAOPS_H
