// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The opposite of a condition.

#ifndef ENIGMA_UTILS_CONDITIONS_H
#define ENIGMA_UTILS_CONDITIONS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace enigma {

/// The predicate that holds where `predicate` does not, NaN included.
mlir::arith::CmpFPredicate
invertPredicate(mlir::arith::CmpFPredicate predicate);

/// The opposite of a condition: the opposite comparison where it is one that
/// nothing else uses.
mlir::Value negate(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value condition);

} // namespace enigma

#endif // ENIGMA_UTILS_CONDITIONS_H
