// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keeps the lanes of fragments in the order of memory.

#ifndef ENIGMA_LIB_TRANSFORMS_REORDERFRAGMENTS_H
#define ENIGMA_LIB_TRANSFORMS_REORDERFRAGMENTS_H

#include "enigma/Utils/Fragments.h"

namespace enigma {

/// Puts the lanes of a fragment in the order of the short vectors that it is
/// loaded from or stored to, as far as `FragmentOrder` finds one. Gives whether
/// it does.
bool reorderFragments(KernelOp kernel, FragmentForm form);

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_REORDERFRAGMENTS_H
