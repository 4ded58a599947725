// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the name of an operation says of it.

#ifndef ENIGMA_UTILS_OPERATIONFACTS_H
#define ENIGMA_UTILS_OPERATIONFACTS_H

#include "mlir/IR/Operation.h"

namespace enigma {

/// What holds for all operations of a name.
struct OperationFacts {
  bool isTerminator = false;
  bool isConstant = false;
  bool isCommutative = false;
  /// Whether its effects are those of what stands in its regions, and no more.
  bool isOfItsRegions = false;
  /// Whether it holds nothing, and neither has effects nor behaviour that is
  /// undefined, whatever its operands are.
  bool isEffectFree = false;
  /// Whether that is so, and it gives results.
  bool isPure = false;
  /// Whether its only property is what is known of its overflow.
  bool hasOverflow = false;
};

/// The facts of the operations met, each looked up once: to ask an operation
/// for a trait or an interface takes longer the more it has.
class OperationFactsTable {
public:
  const OperationFacts &get(mlir::Operation *op) {
    auto [entry, isNew] = facts.try_emplace(op->getName());
    if (isNew)
      entry->second = find(op);
    return entry->second;
  }

private:
  static OperationFacts find(mlir::Operation *op);

  llvm::DenseMap<mlir::OperationName, OperationFacts> facts;
};

} // namespace enigma

#endif // ENIGMA_UTILS_OPERATIONFACTS_H
