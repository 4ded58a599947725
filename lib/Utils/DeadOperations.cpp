// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/DeadOperations.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace enigma;

/// Whether an operation gives nothing and holds nothing.
static bool isForEffects(Operation *op) {
  return op->getNumResults() == 0 && op->getNumRegions() == 0;
}

Operation *DeadOperations::findEffect(Operation *op) {
  const OperationFacts &known = facts.get(op);
  if (known.isEffectFree)
    return nullptr;
  if (!known.isOfItsRegions) {
    // What ends a block has no results that somebody could need; what else has
    // none, and holds nothing, is there for its effects.
    bool isFree = known.isTerminator
                      ? isMemoryEffectFree(op)
                      : !isForEffects(op) && wouldOpBeTriviallyDead(op);
    if (isFree)
      return nullptr;
    effects.insert(op);
    return op;
  }
  if (Operation *effect = found.lookup(op);
      effects.contains(effect) && op->isProperAncestor(effect))
    return effect;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Operation &inner : block)
        if (Operation *effect = findEffect(&inner))
          return found[op] = effect;
  return nullptr;
}

bool DeadOperations::isDead(Operation *op) {
  return op->use_empty() && !isForEffects(op) && !findEffect(op);
}
