// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Walk.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMASTRIPDEBUG
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
struct StripDebug final : enigma::impl::EnigmaStripDebugBase<StripDebug> {
  void runOnOperation() override {
    forEachInnerFirst(getOperation().getBody(), [](Operation *op) {
      if (isa<PrintOp, AssertOp>(op))
        op->erase();
    });
  }
};
} // namespace
