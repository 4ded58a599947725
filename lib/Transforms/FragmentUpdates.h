// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is loaded from a view only to be stored there again.

#ifndef ENIGMA_LIB_TRANSFORMS_FRAGMENTUPDATES_H
#define ENIGMA_LIB_TRANSFORMS_FRAGMENTUPDATES_H

#include "enigma/IR/LayoutOps.h"

namespace enigma {

/// A load of all elements of a view, and the store to that view which alone
/// needs them, as in `c.store(c.load() + sums)`.
struct FragmentUpdate {
  LoadFragmentOp load;
  /// Each computes lane by lane from the load or those before it, and nothing
  /// else needs it.
  llvm::SmallVector<mlir::Operation *, 4> operations;
  StoreFragmentOp store;
};

/// The update that a load belongs to, if it has few operations and nothing is
/// written between the load and the store: then each element can be loaded
/// where it is stored, if the elements are at different places.
std::optional<FragmentUpdate> findUpdate(LoadFragmentOp load);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_FRAGMENTUPDATES_H
