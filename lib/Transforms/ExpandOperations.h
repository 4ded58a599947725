// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of Python's semantics that Metal lacks, or has for finite numbers
// only, as arithmetic.

#ifndef ENIGMA_LIB_TRANSFORMS_EXPANDOPERATIONS_H
#define ENIGMA_LIB_TRANSFORMS_EXPANDOPERATIONS_H

#include "mlir/IR/PatternMatch.h"

namespace enigma {

/// Puts arithmetic in the place of an operation that Metal lacks.
void expandOperation(mlir::RewriterBase &rewriter, mlir::Operation *op);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_EXPANDOPERATIONS_H
