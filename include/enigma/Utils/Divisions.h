// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Divisions of integers.

#ifndef ENIGMA_UTILS_DIVISIONS_H
#define ENIGMA_UTILS_DIVISIONS_H

#include "mlir/IR/Operation.h"

namespace enigma {

/// Whether `op` divides integers by a number that is not known to differ from
/// 0. What upstream says of speculation leaves remainders and floored divisions
/// out.
bool mayDivideByZero(mlir::Operation *op);

} // namespace enigma

#endif // ENIGMA_UTILS_DIVISIONS_H
