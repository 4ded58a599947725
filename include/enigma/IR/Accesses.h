// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What memory an access is to, and how many elements it takes. Of narrow ones
// these are more than a vector of the target has lanes: such a value is only
// taken apart into vectors, or put together of them.

#ifndef ENIGMA_IR_ACCESSES_H
#define ENIGMA_IR_ACCESSES_H

#include "enigma/IR/EnigmaOps.h"

namespace enigma {

/// Of an access to all elements of a view: those that its mask lets it write
/// lie at different places (UnitAttr).
inline constexpr llvm::StringLiteral kDistinctAttr = "enigma.distinct";

/// On a kernel whose threads own several elements: it accesses none beyond a
/// bound of its own, so that a launch may be for any number of them.
inline constexpr llvm::StringLiteral kGuardedAttr = "enigma.guarded";

/// The argument or array that memory is, whatever elements it is seen as.
mlir::Value getRootMemory(mlir::Value memory);

/// The elements of a view, whose number was verified to be known.
inline int64_t getNumViewElements(ViewType view) {
  return view.getLayout().layout().size().value();
}

/// The most elements that one access takes.
int64_t getMaxAccessElements(TargetAttr target, mlir::Type element);

/// Whether one access takes that many elements, of which there are several.
bool isAccessWidth(TargetAttr target, mlir::Type element, int64_t count);

/// "2, 4 or 8"; empty if an access takes one.
std::string describeAccessWidths(TargetAttr target, mlir::Type element);

/// Whether an operation makes an access to more elements than a vector has
/// lanes, or handles the value of one.
bool isOfWideAccess(mlir::Operation *op);

} // namespace enigma

#endif // ENIGMA_IR_ACCESSES_H
