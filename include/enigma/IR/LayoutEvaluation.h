// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Evaluating an operation of the layout algebra once for the types of its
// operands, and putting actual operands into what that gave.

#ifndef ENIGMA_IR_LAYOUTEVALUATION_H
#define ENIGMA_IR_LAYOUTEVALUATION_H

#include "enigma/IR/LayoutValue.h"
#include "llvm/ADT/DenseMap.h"

#include <memory>

namespace enigma {

/// Visits each leaf, in the order in which `changeLeaves` does.
void visitLeaves(const LayoutValue &value,
                 llvm::function_ref<void(const layout::Int &)> visitor);

/// What an operation gives for operands of which no more is known than their
/// types.
struct LayoutEvaluation {
  /// The results, over symbols for what the types of the operands leave open.
  LayoutValues results;
  /// Their types; null where a result has none, which `getType` says why.
  llvm::SmallVector<mlir::Type, 1> types;
  /// Of the leaves of the operands, in the order in which they are visited,
  /// those that are symbols; these are numbered in this order.
  llvm::SmallVector<bool, 16> isOpen;
  layout::ExprPool pool;
  /// Whether the result is a view that may reach beyond the first operand.
  bool overhangs = false;

  /// The value of an operand's type, with a new symbol for each leaf that the
  /// type leaves open.
  LayoutValue symbolize(mlir::Type type);
};

/// Evaluates an operation for the types of its operands. That is done once for
/// operations with the same types and attributes.
layout::Result<std::shared_ptr<const LayoutEvaluation>>
evaluateForTypes(mlir::Operation *op);

/// What an operation of the algebra's table gives for these operands, of which
/// the first one need not be its own. It is evaluated for their types, which is
/// done once for all alike; for themselves where types say too little.
layout::Result<layout::Values>
computeForTypes(mlir::Operation *op, const layout::Operation &operation,
                llvm::ArrayRef<layout::Value> operands);

/// The operation of the algebra that makes a view of its first operand; null if
/// `op` is none.
const layout::Operation *getViewOperation(mlir::Operation *op);

/// Puts the leaves of actual operands in the place of the symbols.
class LeafSubstitution {
public:
  explicit LeafSubstitution(const LayoutEvaluation &evaluation)
      : evaluation(evaluation) {}

  /// Adds the next operand.
  void add(const LayoutValue &actual);
  void resolve(LayoutValue &value);

private:
  layout::Int resolve(const layout::Int &leaf);

  const LayoutEvaluation &evaluation;
  unsigned next = 0;
  llvm::SmallVector<layout::Int, 8> leaves;
  llvm::SmallDenseMap<const layout::Expr *, layout::Int, 16> resolved;
};

} // namespace enigma

#endif // ENIGMA_IR_LAYOUTEVALUATION_H
