// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Pipelines/Pipelines.h"

#include "enigma/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

#include <mutex>

using namespace mlir;

void enigma::registerDialects(DialectRegistry &registry) {
  registry
      .insert<EnigmaDialect, arith::ArithDialect, math::MathDialect,
              memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
}

static void buildCanonicalizePipeline(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void enigma::registerPassesAndPipelines() {
  static std::once_flag once;
  std::call_once(once, [] {
    registerEnigmaPasses();
    registerTransformsPasses();

    PassPipelineRegistration<>(
        "enigma-canonicalize",
        "Canonicalize, then remove common subexpressions",
        buildCanonicalizePipeline);
    PassPipelineRegistration<>("enigma-clean",
                               "From a kernel as traced to its clean form",
                               buildCanonicalizePipeline);
  });
}
