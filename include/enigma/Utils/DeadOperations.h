// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which operations can go since nobody needs what they give.

#ifndef ENIGMA_UTILS_DEADOPERATIONS_H
#define ENIGMA_UTILS_DEADOPERATIONS_H

#include "enigma/Utils/OperationFacts.h"

namespace enigma {

/// Answers as upstream's `isOpTriviallyDead`, which looks through all that
/// stands in an operation each time. This remembers, for an operation that
/// stays, one inside of it for which it does, and looks again once that one is
/// erased or elsewhere.
class DeadOperations {
public:
  explicit DeadOperations(OperationFactsTable &facts) : facts(facts) {}

  bool isDead(mlir::Operation *op);
  /// Must be told before an operation is erased. Gives whether another one may
  /// be dead then, which it stands in.
  bool forget(mlir::Operation *op) { return effects.erase(op); }

private:
  /// An operation that stays whether its results are needed or not: `op`, or
  /// one in its regions. Null if there is none.
  mlir::Operation *findEffect(mlir::Operation *op);

  OperationFactsTable &facts;
  /// Those found.
  llvm::DenseSet<mlir::Operation *> effects;
  /// The one found in an operation; it may have gone since.
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> found;
};

} // namespace enigma

#endif // ENIGMA_UTILS_DEADOPERATIONS_H
