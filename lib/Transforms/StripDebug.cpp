// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Transforms/Passes.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMASTRIPDEBUG
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
struct StripDebug final : enigma::impl::EnigmaStripDebugBase<StripDebug> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (isa<PrintOp, AssertOp>(op))
        op->erase();
    });
  }
};
} // namespace
