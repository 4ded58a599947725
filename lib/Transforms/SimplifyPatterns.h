// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The patterns of `enigma-simplify`, which keep the names of the variables that
// results carry.

#ifndef ENIGMA_LIB_TRANSFORMS_SIMPLIFYPATTERNS_H
#define ENIGMA_LIB_TRANSFORMS_SIMPLIFYPATTERNS_H

#include "enigma/Utils/Constants.h"

#include "mlir/IR/PatternMatch.h"

namespace enigma {

void populateArithmeticPatterns(mlir::RewritePatternSet &patterns);
void populateBranchPatterns(mlir::RewritePatternSet &patterns);
void populateLoopPatterns(mlir::RewritePatternSet &patterns);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_SIMPLIFYPATTERNS_H
