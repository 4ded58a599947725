// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that move lanes of fragments, lane by lane.

#ifndef ENIGMA_LIB_TRANSFORMS_FRAGMENTLANES_H
#define ENIGMA_LIB_TRANSFORMS_FRAGMENTLANES_H

#include "enigma/Utils/Fragments.h"

namespace enigma {

/// Takes those of the operations on fragments apart that move lanes: their
/// lanes are then known one by one, and those whose number is not are in an
/// array. Gives whether there was one.
bool takeLanesApart(llvm::ArrayRef<mlir::Operation *> users);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_FRAGMENTLANES_H
