// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gives each thread several consecutive elements instead of one.

#include "Widener.h"

#include "enigma/Transforms/Passes.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAVECTORIZE
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
struct Vectorize final : enigma::impl::EnigmaVectorizeBase<Vectorize> {
  using EnigmaVectorizeBase::EnigmaVectorizeBase;

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    TargetAttr target = TargetAttr::lookup(kernel);
    if (!target.isWidth(width)) {
      std::string widths = target.describeWidths();
      kernel.emitError("'width' must be ")
          << (widths.empty() ? "the lanes of a vector, and the target has none"
                             : widths)
          << ", found " << width.getValue();
      return signalPassFailure();
    }
    VectorizeAnalysis analysis(kernel, width);
    if (failed(analysis.run()))
      return markAllAnalysesPreserved();
    Widener(kernel, width, analysis).run();
  }
};
} // namespace
