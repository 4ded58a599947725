// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What locations know of the Python source.

#ifndef ENIGMA_UTILS_LOCATIONS_H
#define ENIGMA_UTILS_LOCATIONS_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir {
class Operation;
} // namespace mlir

namespace enigma {

/// The name of the Python variable that a location carries; empty if none.
llvm::StringRef getLocationName(mlir::Location loc);

/// The line of a file that a location is, or the innermost that it is made
/// from; null where there is none.
mlir::FileLineColLoc getFileLine(mlir::Location loc);

/// Prints `op`, with the names of Python's variables, and tells of each line on
/// which an operation begins, counted from 1, the line of a file that the
/// operation comes from, where it is known.
void printWithOrigins(
    mlir::Operation *op, llvm::raw_ostream &os,
    llvm::function_ref<void(unsigned, mlir::FileLineColLoc)> tell);

} // namespace enigma

#endif // ENIGMA_UTILS_LOCATIONS_H
