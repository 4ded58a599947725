// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Canonicalization for kernels.

#include "SimplifyPatterns.h"

#include "enigma/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMASIMPLIFY
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
struct Simplify final : enigma::impl::EnigmaSimplifyBase<Simplify> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    const StringRef dialects[] = {arith::ArithDialect::getDialectNamespace(),
                                  math::MathDialect::getDialectNamespace(),
                                  vector::VectorDialect::getDialectNamespace()};
    for (StringRef name : dialects)
      context->getOrLoadDialect(name)->getCanonicalizationPatterns(set);
    // The search for the operations of one dialect finds them or not, by how
    // many there are of others.
    for (RegisteredOperationName op : context->getRegisteredOperations())
      if (llvm::is_contained(dialects, op.getDialectNamespace()))
        op.getCanonicalizationPatterns(set, context);
    populateBranchPatterns(set);
    populateLoopPatterns(set);
    populateArithmeticPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    // A kernel has structured control flow only: there are no blocks to merge.
    GreedyRewriteConfig config;
    config.setUseTopDownTraversal();
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    // Reaching the limit leaves a correct kernel, if not a minimal one.
    (void)applyPatternsGreedily(getOperation().getBody(), patterns, config);
  }

private:
  FrozenRewritePatternSet patterns;
};
} // namespace
