// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Transforms/Passes.h"

#include "mlir/AsmParser/AsmParser.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAATTACHTARGET
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
struct AttachTarget final : enigma::impl::EnigmaAttachTargetBase<AttachTarget> {
  using EnigmaAttachTargetBase::EnigmaAttachTargetBase;

  LogicalResult initialize(MLIRContext *context) override {
    // The parser of the attribute says what is wrong with it.
    std::string text = "#enigma.target<" + target + ">";
    attribute = dyn_cast_or_null<TargetAttr>(parseAttribute(text, context));
    return success(static_cast<bool>(attribute));
  }

  void runOnOperation() override {
    getOperation()->setAttr(EnigmaDialect::kTargetAttr, attribute);
  }

private:
  TargetAttr attribute;
};
} // namespace
