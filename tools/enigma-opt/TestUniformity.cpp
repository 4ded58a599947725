// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes what the analysis of uniformity finds beside each operation.

#include "TestPasses.h"

#include "enigma/Analysis/Uniformity.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace enigma;

namespace {
struct TestUniformity : PassWrapper<TestUniformity, OperationPass<KernelOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestUniformity)

  StringRef getArgument() const final { return "test-enigma-uniformity"; }
  StringRef getDescription() const final {
    return "State how values and control flow differ between threads";
  }

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    Uniformity uniformity(kernel);
    OpBuilder builder(kernel);
    auto describe = [&](const Variation &variation) -> Attribute {
      std::string text;
      llvm::raw_string_ostream(text) << variation;
      return builder.getStringAttr(text);
    };
    auto describeAll = [&](ValueRange values) {
      return builder.getArrayAttr(llvm::map_to_vector(values, [&](Value value) {
        return describe(uniformity.get(value));
      }));
    };
    kernel.getBody().walk([&](Operation *op) {
      if (op->getNumResults() != 0)
        op->setAttr("values", describeAll(op->getResults()));
      for (Region &region : op->getRegions())
        if (!region.empty() && region.getNumArguments() != 0)
          op->setAttr("arguments" + std::to_string(region.getRegionNumber()),
                      describeAll(region.getArguments()));
      if (op->getNumRegions() != 0)
        op->setAttr("branches", describe({uniformity.getBranches(op), 0}));
      if (op->getNumResults() == 0 && op->getNumRegions() == 0 &&
          !op->hasTrait<OpTrait::IsTerminator>())
        op->setAttr("control", describe({uniformity.getControl(op), 0}));
    });
  }
};
} // namespace

void enigma::registerTestPasses() { PassRegistration<TestUniformity>(); }
