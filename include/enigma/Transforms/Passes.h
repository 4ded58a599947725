// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes of Enigma.

#ifndef ENIGMA_TRANSFORMS_PASSES_H
#define ENIGMA_TRANSFORMS_PASSES_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace enigma {

/// Where the threads of a threadgroup meet for a reduction that
/// enigma-expand-reductions wrote: a barrier, or the reduction of a SIMD group
/// that is alone (UnitAttr). enigma-check-divergence tells of it.
constexpr llvm::StringLiteral kReductionAttr = "enigma.reduction";

#define GEN_PASS_DECL
#include "enigma/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "enigma/Transforms/Passes.h.inc"

} // namespace enigma

#endif // ENIGMA_TRANSFORMS_PASSES_H
