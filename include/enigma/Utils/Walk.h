// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operations of a region, one after the other, as `Operation::walk` gives
// them. What is done to each is compiled into the loops: of a walk that does
// little, the calls are most of it.

#ifndef ENIGMA_UTILS_WALK_H
#define ENIGMA_UTILS_WALK_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"

namespace enigma {

/// Visits an operation before what stands in it.
template <typename Visit>
void forEachOuterFirst(mlir::Region &region, Visit &&visit) {
  for (mlir::Block &block : region)
    for (mlir::Operation &op : block) {
      visit(&op);
      for (mlir::Region &inner : op.getRegions())
        forEachOuterFirst(inner, visit);
    }
}

/// Visits an operation after what stands in it; \p visit may erase it.
template <typename Visit>
void forEachInnerFirst(mlir::Region &region, Visit &&visit) {
  for (mlir::Block &block : region)
    for (mlir::Operation &op : llvm::make_early_inc_range(block)) {
      for (mlir::Region &inner : op.getRegions())
        forEachInnerFirst(inner, visit);
      visit(&op);
    }
}

} // namespace enigma

#endif // ENIGMA_UTILS_WALK_H
