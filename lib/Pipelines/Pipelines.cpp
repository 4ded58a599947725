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

static void addLateOperations(MLIRContext *, EnigmaDialect *dialect) {
#define ENIGMA_FAMILY(name) register##name(*dialect);
#include "enigma/IR/LateFamilies.inc"
#undef ENIGMA_FAMILY
}

void enigma::registerDialects(DialectRegistry &registry) {
  registerEarlyDialects(registry);
  registry.addExtension(addLateOperations);
}

void enigma::registerEarlyDialects(DialectRegistry &registry) {
  registry
      .insert<EnigmaDialect, arith::ArithDialect, math::MathDialect,
              memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
}

void enigma::loadLateOperations(MLIRContext &context) {
  // A context that has the extension takes it no second time.
  DialectRegistry registry;
  registry.addExtension(addLateOperations);
  context.appendDialectRegistry(registry);
}

static void addCanonicalization(OpPassManager &kernels) {
  kernels.addPass(createEnigmaSimplify());
  kernels.addPass(createEnigmaCSE());
}

namespace {
struct CleanOptions : PassPipelineOptions<CleanOptions> {
  Option<bool> stripDebug{
      *this, "strip-debug",
      llvm::cl::desc("Whether messages and assertions are removed"),
      llvm::cl::init(false)};
};

struct ToFlatOptions : PassPipelineOptions<ToFlatOptions> {
  Option<unsigned> vecWidth{
      *this, "vec-width",
      llvm::cl::desc(
          "Elements that a thread owns, as many as vectors in memory "
          "may have lanes (for Metal 2 or 4); 0 leaves the kernel as "
          "it is written"),
      llvm::cl::init(0)};
  Option<unsigned> indexBits{
      *this, "index-bits",
      llvm::cl::desc("Bits of the numbers that hold subscripts in tensors of "
                     "which sizes are known at run time only"),
      llvm::cl::init(64)};
};
} // namespace

static void buildCleanPipeline(OpPassManager &module,
                               const CleanOptions &options) {
  OpPassManager &kernels = module.nest<KernelOp>();
  if (options.stripDebug)
    kernels.addPass(createEnigmaStripDebug());
  addCanonicalization(kernels);
}

static void buildToFlatPipeline(OpPassManager &module,
                                const ToFlatOptions &options) {
  OpPassManager &kernels = module.nest<KernelOp>();
  kernels.addPass(createEnigmaLowerElementCopies());
  kernels.addPass(createEnigmaGuardOverhangs());
  kernels.addPass(createEnigmaLowerCopies());
  kernels.addPass(createEnigmaLegalizeFragments());
  kernels.addPass(createEnigmaLowerLayouts({options.indexBits}));
  if (options.vecWidth != 0) {
    kernels.addPass(createEnigmaVectorize({options.vecWidth}));
    addCanonicalization(kernels);
  }
  kernels.addPass(createEnigmaExpandReductions());
  kernels.addPass(createEnigmaNarrowIndex());
  kernels.addPass(createEnigmaFlatten());
  addCanonicalization(kernels);
  kernels.addPass(createEnigmaSink());
  kernels.addPass(createEnigmaCheckDivergence());
  // Last, when loads that nobody needs are gone.
  kernels.addPass(createEnigmaInferAccess());
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

    PassPipelineRegistration<CleanOptions>(
        "enigma-clean", "From a kernel as traced to its clean form",
        buildCleanPipeline);
    PassPipelineRegistration<ToFlatOptions>(
        "enigma-to-flat",
        "From a clean kernel to the flat form, which the translation prints",
        buildToFlatPipeline);
  });
}
