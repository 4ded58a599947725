// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Transforms/Passes.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAINFERACCESS
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

/// How the users of `buffer` access its memory. A user without a statement of
/// its effects may do both.
static Access getAccess(Value buffer) {
  bool reads = false, writes = false;
  for (Operation *user : buffer.getUsers()) {
    auto effects = dyn_cast<MemoryEffectOpInterface>(user);
    if (!effects)
      return Access::ReadWrite;
    reads |= effects.getEffectOnValue<MemoryEffects::Read>(buffer).has_value();
    writes |=
        effects.getEffectOnValue<MemoryEffects::Write>(buffer).has_value();
  }
  if (reads)
    return writes ? Access::ReadWrite : Access::Read;
  return writes ? Access::Write : Access::None;
}

namespace {
struct InferAccess final : enigma::impl::EnigmaInferAccessBase<InferAccess> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    for (BlockArgument argument : kernel.getArguments())
      if (isa<BufferType>(argument.getType()))
        kernel.setArgAttr(argument.getArgNumber(), EnigmaDialect::kAccessAttr,
                          AccessAttr::get(&getContext(), getAccess(argument)));
  }
};
} // namespace
