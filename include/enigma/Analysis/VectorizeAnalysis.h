// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `enigma-vectorize` must know of a kernel before it changes anything.

#ifndef ENIGMA_ANALYSIS_VECTORIZEANALYSIS_H
#define ENIGMA_ANALYSIS_VECTORIZEANALYSIS_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace enigma {

/// How an `scf.if` whose condition differs between threads is coarsened.
enum class DivergentIf {
  /// `tid < bound`: whole vectors below the bound, and one tail.
  Bounds,
  /// Another condition on the thread index alone: whole vectors where it holds
  /// for each lane, else one lane after the other in a loop.
  Index,
  /// Either of these for a branch that yields values, or uses what lanes have
  /// computed before: the lanes stand one after the other in the text.
  Lanes,
  /// Both regions are evaluated and each lane selects.
  Select
};

/// The comparison of a `DivergentIf::Bounds`, and of a `DivergentIf::Lanes`
/// that has one: it holds for the threads whose index is below `bound`, or
/// equal to it if `isInclusive`.
struct BoundsGuard {
  mlir::Value bound;
  bool isInclusive = false;
  /// The bound is read as a signed number, a negative one as no thread.
  bool isSigned = false;
  /// Conditions that all threads share; the guard holds only where they do.
  llvm::SmallVector<mlir::Value> uniform;
};

/// Classifies the values of a kernel for threads that own `width` consecutive
/// elements each, and refuses kernels whose meaning would change.
///
/// A value is *uniform* if it does not depend on the thread's index. It is
/// *consecutive* if, over the lanes of one thread, it is `b, b + 1, ...`
/// without wrapping, with `b` a multiple of `width`: the thread's index is, and
/// remains so when multiples of `width` are added, and when it is extended or
/// truncated (2^8 and the like are multiples of `width` too, so that no lane
/// wraps).
class VectorizeAnalysis {
public:
  VectorizeAnalysis(KernelOp kernel, unsigned width)
      : kernel(kernel), width(width), target(TargetAttr::lookup(kernel)) {}

  /// Fails if the kernel must stay as it is, after a remark that says why.
  llvm::LogicalResult run();

  bool isVarying(mlir::Value value) const { return varying.contains(value); }
  bool isConsecutive(mlir::Value value) const {
    return consecutive.contains(value);
  }
  /// Whether nothing in `op`, its regions included, varies.
  bool isUniform(mlir::Operation *op) const { return !varyingOps.contains(op); }
  /// Whether a load or store becomes one access to a whole vector.
  bool isVectorAccess(mlir::Operation *op) const {
    return vectorAccesses.contains(op);
  }
  /// Whether a varying value is needed as a vector, or lane by lane.
  bool needsVector(mlir::Value value) const {
    return vectorDemand.contains(value);
  }
  bool needsLanes(mlir::Value value) const {
    return laneDemand.contains(value);
  }
  /// Nothing if the condition is uniform.
  std::optional<DivergentIf> getDivergence(mlir::scf::IfOp op) const;
  /// Null if the condition is none.
  const BoundsGuard *getGuard(mlir::scf::IfOp op) const {
    auto it = guards.find(op);
    return it == guards.end() ? nullptr : &it->second;
  }

  /// Whether a condition keeps each access at a varying subscript to elements
  /// below a bound: threads that own more than there are do nothing there.
  bool isGuarded() const;

private:
  void propagateVarying();
  llvm::LogicalResult visitBlock(mlir::Block &block);
  llvm::LogicalResult visit(mlir::Operation *op);
  llvm::LogicalResult visitElementwise(mlir::Operation *op);
  llvm::LogicalResult visitAccess(mlir::Operation *op, mlir::Value buffer,
                                  mlir::Value index, mlir::Type type);
  llvm::LogicalResult visitFor(mlir::scf::ForOp op);
  llvm::LogicalResult visitIf(mlir::scf::IfOp op);
  llvm::LogicalResult checkCarried(mlir::Operation *op);
  llvm::LogicalResult checkAccesses();

  std::optional<BoundsGuard> matchBoundsGuard(mlir::Value condition) const;
  /// Whether a larger index gives a larger value, or the same, unless it wraps.
  bool growsWithIndex(mlir::Value value) const;
  /// Whether the index is below a bound where a condition holds, or where it
  /// does not.
  bool impliesBound(mlir::Value condition, bool holds) const;
  /// Whether all that varies outside of `op` and is used in it can be computed
  /// again from a thread's index.
  bool canReplay(mlir::Operation *op) const;
  bool isMultipleOfWidth(mlir::Value value) const;
  bool isConsecutiveResult(mlir::Operation *op) const;
  void collectDemands(mlir::Block &block);
  void demandVector(mlir::Value value);
  void demandLanes(mlir::Value value);

  /// The remark; converts to failure.
  mlir::InFlightDiagnostic refuse(mlir::Operation *op);

  KernelOp kernel;
  unsigned width;
  TargetAttr target;

  llvm::DenseSet<mlir::Value> varying;
  llvm::DenseSet<mlir::Value> consecutive;
  /// Uniform values that are multiples of `width`.
  llvm::DenseSet<mlir::Value> multiples;
  /// Varying values computed from the thread's index and uniform values only.
  llvm::DenseSet<mlir::Value> indexOnly;
  llvm::DenseSet<mlir::Value> vectorDemand, laneDemand;
  llvm::DenseSet<mlir::Operation *> varyingOps;
  llvm::DenseSet<mlir::Operation *> vectorAccesses;
  llvm::DenseMap<mlir::Operation *, DivergentIf> divergentIfs;
  llvm::DenseMap<mlir::Operation *, BoundsGuard> guards;

  struct Access {
    mlir::Operation *op;
    mlir::Value index;
    bool isStore;
  };
  llvm::MapVector<mlir::Value, llvm::SmallVector<Access>> accesses;
};

} // namespace enigma

#endif // ENIGMA_ANALYSIS_VECTORIZEANALYSIS_H
