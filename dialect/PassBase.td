// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the passes of Enigma have in common.

#ifndef ENIGMA_PASS_BASE
#define ENIGMA_PASS_BASE

include "mlir/Pass/PassBase.td"

class Enigma_Pass<string argument, string operation = "::enigma::KernelOp">
    : Pass<argument, operation> {
  // A module may hold no operation of the dialect. With it come the dialects
  // that kernels are made of.
  let dependentDialects = ["::enigma::EnigmaDialect"];
}

#endif // ENIGMA_PASS_BASE
