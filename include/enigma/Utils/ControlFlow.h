// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Building and rewriting operations of `scf`, with the names of the variables
// that their results carry.

#ifndef ENIGMA_UTILS_CONTROLFLOW_H
#define ENIGMA_UTILS_CONTROLFLOW_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/BitVector.h"

namespace enigma {

/// Builds a branch as `scf::IfOp::create` does, in fewer steps: where it has no
/// results, its paths end already.
mlir::scf::IfOp createIf(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::TypeRange results, mlir::Value condition,
                         bool withElse);

/// Whether there is no block, or one that does nothing.
bool isEmpty(mlir::Block *block);

/// Puts the operations of a region's block in the place of `op`.
void inlineBlock(mlir::PatternRewriter &rewriter, mlir::Operation *op,
                 mlir::Block *block, mlir::ValueRange arguments = {});

/// The values that are not dropped.
llvm::SmallVector<mlir::Value> getKept(mlir::ValueRange values,
                                       const llvm::BitVector &dropped);

/// Lets `replacement`, which has the results of `op` that are not dropped, take
/// its place, with its attributes and the names of these results.
void replaceByKept(mlir::PatternRewriter &rewriter, mlir::Operation *op,
                   mlir::Operation *replacement,
                   const llvm::BitVector &dropped);

} // namespace enigma

#endif // ENIGMA_UTILS_CONTROLFLOW_H
