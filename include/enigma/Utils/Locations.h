// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What locations know of the Python source.

#ifndef ENIGMA_UTILS_LOCATIONS_H
#define ENIGMA_UTILS_LOCATIONS_H

#include "mlir/IR/Location.h"

namespace enigma {

/// The name of the Python variable that a location carries; empty if none.
llvm::StringRef getLocationName(mlir::Location loc);

/// The line of a file that a location is, or the innermost that it is made
/// from; null where there is none.
mlir::FileLineColLoc getFileLine(mlir::Location loc);

} // namespace enigma

#endif // ENIGMA_UTILS_LOCATIONS_H
