// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Simplifications of `scf` operations that keep the names of the variables
// that their results carry.

#ifndef ENIGMA_LIB_TRANSFORMS_CONTROLFLOWPATTERNS_H
#define ENIGMA_LIB_TRANSFORMS_CONTROLFLOWPATTERNS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"

namespace enigma {

void populateControlFlowPatterns(mlir::RewritePatternSet &patterns);

mlir::arith::CmpFPredicate
invertPredicate(mlir::arith::CmpFPredicate predicate);

/// The opposite of a condition: the opposite comparison where it is one that
/// nothing else uses.
mlir::Value negate(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value condition);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_CONTROLFLOWPATTERNS_H
