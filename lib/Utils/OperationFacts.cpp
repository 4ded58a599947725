// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/OperationFacts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace enigma;

OperationFacts OperationFactsTable::find(Operation *op) {
  OperationFacts facts;
  facts.isTerminator = op->hasTrait<OpTrait::IsTerminator>();
  facts.isConstant = op->hasTrait<OpTrait::ConstantLike>();
  facts.isCommutative = op->hasTrait<OpTrait::IsCommutative>();
  facts.isOfItsRegions = op->getNumRegions() != 0 &&
                         op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() &&
                         !isa<MemoryEffectOpInterface>(op);
  // Those that say so of all of their kind have no effect either.
  facts.isEffectFree = op->getNumRegions() == 0 &&
                       op->hasTrait<ConditionallySpeculatable::Trait>() &&
                       op->hasTrait<OpTrait::AlwaysSpeculatableImplTrait>() &&
                       isMemoryEffectFree(op);
  facts.isPure = facts.isEffectFree && op->getNumResults() != 0;
  facts.hasOverflow = isa<arith::ArithIntegerOverflowFlagsInterface>(op);
  return facts;
}
