// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes of Enigma.

#ifndef ENIGMA_TRANSFORMS_PASSES_H
#define ENIGMA_TRANSFORMS_PASSES_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace enigma {

#define GEN_PASS_DECL
#include "enigma/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "enigma/Transforms/Passes.h.inc"

} // namespace enigma

#endif // ENIGMA_TRANSFORMS_PASSES_H
