// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Transforms/Passes.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAINFERACCESS
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

static bool isMemory(Type type) { return isa<BufferType, MemRefType>(type); }

/// How the users of `buffer` access its memory. A user that does not state its
/// effects, or that makes the memory known under another name, may do both.
static Access getAccess(Value buffer) {
  bool reads = false, writes = false;
  SmallVector<MemoryEffects::EffectInstance> effects;
  for (Operation *user : buffer.getUsers()) {
    if (auto recast = dyn_cast<RecastOp>(user)) {
      Access access = getAccess(recast);
      reads |= access == Access::Read || access == Access::ReadWrite;
      writes |= access == Access::Write || access == Access::ReadWrite;
      continue;
    }
    auto interface = dyn_cast<MemoryEffectOpInterface>(user);
    if (!interface || user->hasTrait<OpTrait::IsTerminator>() ||
        llvm::any_of(user->getResultTypes(), isMemory))
      return Access::ReadWrite;
    effects.clear();
    interface.getEffects(effects);
    for (const MemoryEffects::EffectInstance &effect : effects) {
      if (effect.getValue() && effect.getValue() != buffer)
        continue;
      reads |= isa<MemoryEffects::Read>(effect.getEffect());
      writes |= isa<MemoryEffects::Write>(effect.getEffect());
    }
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
      if (isMemory(argument.getType()))
        kernel.setArgAttr(argument.getArgNumber(), EnigmaDialect::kAccessAttr,
                          AccessAttr::get(&getContext(), getAccess(argument)));
  }
};
} // namespace
