// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fragments: the vectors that a target does not have, and what is done with
// each of their lanes.

#ifndef ENIGMA_UTILS_FRAGMENTS_H
#define ENIGMA_UTILS_FRAGMENTS_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace enigma {

/// How a target holds fragments: in pieces of `maxLanes` lanes, and of what is
/// left.
class FragmentForm {
public:
  explicit FragmentForm(int64_t maxLanes) : maxLanes(maxLanes) {}

  /// Whether a type is a vector that the target does not have: of too many
  /// lanes, or of one.
  bool isFragment(mlir::Type type) const;
  bool hasFragment(mlir::TypeRange types) const {
    return llvm::any_of(types,
                        [&](mlir::Type type) { return isFragment(type); });
  }

  /// Whether an operation takes or gives fragments.
  bool isUsedBy(mlir::Operation *op) const;

  /// The types of the pieces of a fragment; one lane is a scalar.
  llvm::SmallVector<mlir::Type> getPieces(mlir::VectorType type) const;
  /// The piece that a lane is in, and its place there.
  size_t getPiece(int64_t lane) const { return lane / maxLanes; }
  int64_t getPlace(int64_t lane) const { return lane % maxLanes; }

private:
  int64_t maxLanes;
};

/// Builds the lane of that number of a vector of one dimension.
mlir::Value extractLane(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value vector, int64_t lane);

/// Whether an operation acts on each lane of its operands alike.
bool isLanewise(mlir::Operation *op);

/// Combines lanes, in their order, as `reduction` says.
mlir::Value buildReduction(mlir::OpBuilder &builder,
                           mlir::vector::ReductionOp reduction,
                           mlir::Value start,
                           llvm::function_ref<mlir::Value(int64_t)> getLane);

} // namespace enigma

#endif // ENIGMA_UTILS_FRAGMENTS_H
