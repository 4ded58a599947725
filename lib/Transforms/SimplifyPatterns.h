// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The patterns of `enigma-simplify`, which keep the names of the variables that
// results carry.

#ifndef ENIGMA_LIB_TRANSFORMS_SIMPLIFYPATTERNS_H
#define ENIGMA_LIB_TRANSFORMS_SIMPLIFYPATTERNS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

namespace enigma {

/// Whether a value is a constant integer, which is one operation: to ask others
/// whether they are constants is slow.
inline bool isConstant(mlir::Value value, mlir::APInt &number) {
  return value.getDefiningOp<mlir::arith::ConstantOp>() &&
         mlir::matchPattern(value, mlir::m_ConstantInt(&number));
}

void populateArithmeticPatterns(mlir::RewritePatternSet &patterns);
void populateBranchPatterns(mlir::RewritePatternSet &patterns);
void populateLoopPatterns(mlir::RewritePatternSet &patterns);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_SIMPLIFYPATTERNS_H
