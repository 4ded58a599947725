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
using namespace enigma;

void enigma::registerDialects(DialectRegistry &registry) {
  registry
      .insert<EnigmaDialect, arith::ArithDialect, math::MathDialect,
              memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
}

static void addCanonicalization(OpPassManager &kernels) {
  kernels.addPass(createEnigmaSimplify());
  kernels.addPass(createEnigmaCSE());
}

static void buildCleanPipeline(OpPassManager &module) {
  addCanonicalization(module.nest<KernelOp>());
}

static void buildToFlatPipeline(OpPassManager &module, unsigned vecWidth) {
  OpPassManager &kernels = module.nest<KernelOp>();
  kernels.addPass(createEnigmaGuardOverhangs());
  kernels.addPass(createEnigmaLowerCopies());
  kernels.addPass(createEnigmaLegalizeFragments());
  kernels.addPass(createEnigmaLowerLayouts());
  if (vecWidth != 0) {
    kernels.addPass(createEnigmaVectorize({vecWidth}));
    addCanonicalization(kernels);
  }
  kernels.addPass(createEnigmaNarrowIndex());
  kernels.addPass(createEnigmaFlatten());
  addCanonicalization(kernels);
  // Last, when loads that nobody needs are gone.
  kernels.addPass(createEnigmaInferAccess());
}

namespace {
struct ToFlatOptions : PassPipelineOptions<ToFlatOptions> {
  Option<unsigned> vecWidth{
      *this, "vec-width",
      llvm::cl::desc("Elements that a thread owns: 2 or 4, or 0 to leave the "
                     "kernel as it is written"),
      llvm::cl::init(0)};
};
} // namespace

/// Registers `enigma-to-flat` without `PassPipelineRegistration`, which has no
/// way to refuse an option's value.
static void registerToFlatPipeline() {
  registerPassPipeline(
      "enigma-to-flat",
      "From a clean kernel to the flat form, which the translation prints",
      [](OpPassManager &module, StringRef text,
         function_ref<LogicalResult(const Twine &)> errorHandler) {
        ToFlatOptions options;
        if (failed(options.parseFromString(text)))
          return failure();
        if (!llvm::is_contained({0u, 2u, 4u}, options.vecWidth.getValue()))
          return errorHandler("'vec-width' must be 0, 2 or 4, found " +
                              Twine(options.vecWidth.getValue()));
        buildToFlatPipeline(module, options.vecWidth);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)> describe) {
        describe(ToFlatOptions());
      });
}

void enigma::registerPassesAndPipelines() {
  static std::once_flag once;
  std::call_once(once, [] {
    registerEnigmaPasses();
    // Upstream's that serve kernels; the others need calls, subsets or memory
    // slots, which kernels have not.
    registerCanonicalizerPass();
    registerCSEPass();
    registerLoopInvariantCodeMotionPass();
    registerLocationSnapshotPass();
    registerPrintIRPass();
    registerPrintOpStatsPass();
    registerStripDebugInfoPass();

    PassPipelineRegistration<>("enigma-clean",
                               "From a kernel as traced to its clean form",
                               buildCleanPipeline);
    registerToFlatPipeline();
  });
}
