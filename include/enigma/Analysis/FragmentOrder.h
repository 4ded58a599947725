// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order in which a kernel may keep the lanes of its fragments.

#ifndef ENIGMA_ANALYSIS_FRAGMENTORDER_H
#define ENIGMA_ANALYSIS_FRAGMENTORDER_H

#include "enigma/Utils/Fragments.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/MapVector.h"

namespace enigma {

/// Operations on fragments act on all lanes alike, so lanes may stand in any
/// order that the operations agree on. This finds for each fragment the order
/// of the short vectors that it is loaded from or stored to, where that is
/// another one: then these need not be taken apart.
class FragmentOrder {
public:
  /// For each place, the lane that stands there.
  using Order = llvm::SmallVector<int64_t>;

  FragmentOrder(KernelOp kernel, FragmentForm form);

  /// Whether all fragments are in their own order.
  bool isEmpty() const { return orders.empty(); }
  /// The order of a fragment; null if it is its own.
  const Order *getOrder(mlir::Value value) const;
  /// Uses of constants, and the values in whose order they are used.
  llvm::ArrayRef<std::pair<mlir::OpOperand *, mlir::Value>>
  getConstants() const {
    return constants;
  }

private:
  bool hasOrder(mlir::Type type) const;
  unsigned getNumber(mlir::Value value);
  /// Both are kept in one order. A constant takes that of its user.
  void join(mlir::OpOperand &operand, mlir::Value with);
  void collect(mlir::Operation *op);
  void joinValues(mlir::Value a, mlir::Value b);
  static bool isOwn(const Order &order);
  /// Notes the order that a vector of lanes asks for.
  void ask(mlir::vector::FromElementsOp op);
  /// Counts an order that is asked for.
  void vote(mlir::Value fragment, const Order &order);
  /// A group for a fragment that is joined with no other.
  unsigned getAlone(mlir::Value fragment);
  std::optional<unsigned> getGroup(mlir::Value value) const;
  void choose();

  FragmentForm form;
  /// Fragments that are kept in one order have one class.
  llvm::DenseMap<mlir::Value, unsigned> numbers;
  llvm::IntEqClasses classes;
  llvm::DenseMap<mlir::Value, unsigned> alone;
  llvm::SmallVector<mlir::Value> fixed;
  llvm::SmallVector<std::pair<mlir::OpOperand *, mlir::Value>> constants;
  llvm::MapVector<mlir::Value, Order> stored;
  llvm::SmallVector<std::pair<mlir::Value, Order>, 4> asked;
  llvm::MapVector<unsigned, llvm::SmallVector<std::pair<Order, unsigned>, 1>>
      votes;
  llvm::DenseMap<unsigned, Order> orders;
};

} // namespace enigma

#endif // ENIGMA_ANALYSIS_FRAGMENTORDER_H
