// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FragmentUpdates.h"

#include "enigma/Utils/Fragments.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace enigma;

/// More operations than these are made on vectors, not element by element.
static constexpr size_t maxOperations = 4;

/// Whether an operation does no more than read memory.
static bool onlyReads(Operation *op) {
  if (isMemoryEffectFree(op))
    return true;
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects || op->getNumRegions() != 0)
    return false;
  SmallVector<MemoryEffects::EffectInstance> found;
  effects.getEffects(found);
  return llvm::all_of(found, [](const MemoryEffects::EffectInstance &effect) {
    return isa<MemoryEffects::Read>(effect.getEffect()) &&
           effect.getResource() == SideEffects::DefaultResource::get();
  });
}

std::optional<FragmentUpdate> enigma::findUpdate(LoadFragmentOp load) {
  FragmentUpdate update{load, {}, {}};
  Block *block = load->getBlock();
  SmallVector<Operation *, 4> left{load};
  while (!left.empty()) {
    for (Operation *user : left.pop_back_val()->getUsers()) {
      if (user->getBlock() != block)
        return std::nullopt;
      if (auto store = dyn_cast<StoreFragmentOp>(user)) {
        if ((update.store && update.store != store) ||
            store.getTensor() != load.getTensor())
          return std::nullopt;
        update.store = store;
        continue;
      }
      if (llvm::is_contained(update.operations, user))
        continue;
      if (update.operations.size() == maxOperations || !isLanewise(user) ||
          user->getNumResults() != 1 || !isMemoryEffectFree(user))
        return std::nullopt;
      update.operations.push_back(user);
      left.push_back(user);
    }
  }
  if (!update.store)
    return std::nullopt;
  for (Operation *op = load->getNextNode(); op != update.store;
       op = op->getNextNode())
    if (!onlyReads(op))
      return std::nullopt;
  llvm::sort(update.operations,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return update;
}
