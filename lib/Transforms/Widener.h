// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the body of a kernel whose threads own several elements.

#ifndef ENIGMA_LIB_TRANSFORMS_WIDENER_H
#define ENIGMA_LIB_TRANSFORMS_WIDENER_H

#include "enigma/Analysis/VectorizeAnalysis.h"
#include "mlir/IR/IRMapping.h"

namespace enigma {

/// Writes the coarsened body beside the original one.
class Widener {
public:
  Widener(KernelOp kernel, unsigned width, const VectorizeAnalysis &analysis)
      : kernel(kernel), width(width), analysis(analysis),
        builder(kernel.getContext()) {}

  void run();

private:
  void mergeQueries(mlir::Block &body);
  void widenBlock(mlir::Block &block);
  void widen(mlir::Operation *op);
  void widenElementwise(mlir::Operation *op);
  void widenLoad(LoadOp op);
  void widenStore(StoreOp op);
  void widenFor(mlir::scf::ForOp op);
  void widenUniformIf(mlir::scf::IfOp op);
  void widenBoundsIf(mlir::scf::IfOp op);
  void widenIndexIf(mlir::scf::IfOp op);
  void widenLanesIf(mlir::scf::IfOp op);
  void widenSelectIf(mlir::scf::IfOp op);
  void widenYield(mlir::Block &block, mlir::TypeRange types);

  /// What a guard compares, in the type of its bound: the thread's index with
  /// the number of threads that own whole vectors; `end` is behind the last
  /// element.
  struct Bounds {
    mlir::Value owner, wholeVectors, end;
  };
  Bounds computeBounds(const BoundsGuard &guard);
  mlir::Value holdsForAll(mlir::scf::IfOp op);

  /// Fills `replay` so that clones of `regions` see the original kernel's
  /// values for the thread with the given index: uniform ones, and what is
  /// computed from the index.
  void prepareReplay(llvm::ArrayRef<mlir::Region *> regions,
                     mlir::Value threadIndex, mlir::IRMapping &replay);
  void replayDefinition(mlir::Value value, mlir::IRMapping &replay);

  mlir::VectorType getVectorType(mlir::Type type) {
    return mlir::VectorType::get({width}, type);
  }
  mlir::Type getWidenedType(mlir::Value value) {
    return analysis.isVarying(value) ? getVectorType(value.getType())
                                     : value.getType();
  }
  mlir::Value getVector(mlir::Value value);
  mlir::Value getLane(mlir::Value value, unsigned lane);
  mlir::Value integer(mlir::Type type, int64_t value) {
    return mlir::arith::ConstantOp::create(builder, loc,
                                           builder.getIntegerAttr(type, value));
  }
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value a,
                      mlir::Value b) {
    return mlir::arith::CmpIOp::create(builder, loc, predicate, a, b);
  }

  KernelOp kernel;
  unsigned width;
  const VectorizeAnalysis &analysis;
  mlir::OpBuilder builder;
  /// Where the values that no Python expression stands for are made.
  mlir::Location loc = builder.getUnknownLoc();

  /// Uniform values, and the first lane of consecutive ones.
  mlir::IRMapping scalars;
  mlir::IRMapping vectors;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> lanes;
  /// The index of the thread that owns the elements, and of its first element.
  mlir::Value thread, firstElement;
  /// The thread's index in the original body.
  mlir::Value originalIndex;
};

} // namespace enigma

#endif // ENIGMA_LIB_TRANSFORMS_WIDENER_H
