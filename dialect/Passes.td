// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes of Enigma, a file for each family.

#ifndef ENIGMA_PASSES
#define ENIGMA_PASSES

include "CanonicalizationPasses.td"
include "DebugPasses.td"
include "FlatPasses.td"
include "LayoutPasses.td"
include "OptimizationPasses.td"
include "TargetPasses.td"

#endif // ENIGMA_PASSES
