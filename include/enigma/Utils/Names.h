// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The names of Python variables that locations and `enigma.names` carry.

#ifndef ENIGMA_UTILS_NAMES_H
#define ENIGMA_UTILS_NAMES_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"

namespace enigma {

/// The location without the name of a Python variable.
mlir::Location withoutName(mlir::Location loc);

/// The location with `name`, and not with that which it may have.
mlir::Location withName(llvm::StringRef name, mlir::Location loc);

/// Names `op` as `from` is named, unless it has a name already.
void passName(mlir::Location from, mlir::Operation *op);

/// Where a result is named: the location of its operation, with the result's
/// name in `enigma.names`.
mlir::Location getResultLoc(mlir::OpResult result);

/// Gives `to` the names in `enigma.names` of the results of `from`, that of
/// each as many times in a row as `getCount` says: not at all where the result
/// is gone, and once for each of the results that it became.
void copyResultNames(mlir::Operation *from, mlir::Operation *to,
                     llvm::function_ref<size_t(unsigned result)> getCount);

/// Gives `to`, which has the results of all of `from`, their names.
void copyResultNames(llvm::ArrayRef<mlir::Operation *> from,
                     mlir::Operation *to);

} // namespace enigma

#endif // ENIGMA_UTILS_NAMES_H
