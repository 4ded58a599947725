// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the values and the control flow of a kernel differ between its threads.

#ifndef ENIGMA_ANALYSIS_UNIFORMITY_H
#define ENIGMA_ANALYSIS_UNIFORMITY_H

#include "enigma/Analysis/IntegerRanges.h"
#include "enigma/Utils/OperationFacts.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/raw_ostream.h"

#include <array>

namespace enigma {

/// The threads of a SIMD group, but for the last one of a threadgroup.
constexpr int64_t kSimdgroupLanes = 32;

/// How a value differs between the threads that compute it together.
struct Variation {
  enum Kind {
    /// One value for all threads of a threadgroup.
    Threadgroup,
    /// One value for all threads of a SIMD group.
    Simdgroup,
    /// Of an integer: from a lane to the next it grows by `stride`, modulo its
    /// width.
    Linear,
    /// Any value for each thread.
    Varying,
  };

  Kind kind = Threadgroup;
  int64_t stride = 0;

  static Variation linear(int64_t stride) {
    return stride == 0 ? Variation{Simdgroup, 0} : Variation{Linear, stride};
  }

  bool isUniform() const { return kind == Threadgroup || kind == Simdgroup; }
  bool operator==(const Variation &other) const {
    return kind == other.kind && stride == other.stride;
  }

  /// What a value is that may be either of two.
  static Variation join(const Variation &a, const Variation &b);
  /// What may be computed from both.
  static Variation combine(const Variation &a, const Variation &b);
};

llvm::raw_ostream &operator<<(llvm::raw_ostream &os,
                              const Variation &variation);

/// The variation of all values of a kernel, of what decides whether an
/// operation is run, and of what makes threads leave a loop. Threads that take
/// another path do not count: a value is uniform if it is one for those that
/// compute it. A thread reads what another wrote only behind a barrier, or as
/// an atomic access.
///
/// Operations that are not of the flat form are known as far as they are pure.
class Uniformity {
public:
  using Extents = std::array<int64_t, 3>;

  /// Of a kernel as it says that it is launched.
  explicit Uniformity(KernelOp kernel)
      : Uniformity(kernel, getKnownBlock(kernel)) {}
  /// Of a kernel with threadgroups of `block` threads, or of any size.
  Uniformity(KernelOp kernel, std::optional<Extents> block);

  Variation get(mlir::Value value) const;
  /// Whether all threads of a threadgroup, or of a SIMD group, run the
  /// operations of a block together. It is never `Linear`.
  Variation::Kind getControl(mlir::Block *block) const {
    return control.lookup(block);
  }
  Variation::Kind getControl(mlir::Operation *op) const {
    return getControl(op->getBlock());
  }
  /// The same of the branches that a loop or an `scf.if` takes.
  Variation::Kind getBranches(mlir::Operation *op) const;

private:
  static std::optional<Extents> getKnownBlock(KernelOp kernel);

  void visit(mlir::Block &block, Variation::Kind reached);
  void visit(mlir::Operation &op, Variation::Kind reached);
  void visitIf(mlir::scf::IfOp op, Variation::Kind reached);
  void visitFor(mlir::scf::ForOp op, Variation::Kind reached);
  void visitWhile(mlir::scf::WhileOp op, Variation::Kind reached);
  Variation infer(mlir::Operation &op, mlir::Value result);
  Variation inferQuery(mlir::Operation &op) const;
  Variation inferExtension(mlir::Operation &op, bool isSigned);
  Variation combineOperands(mlir::Operation &op) const;
  std::optional<Variation> inferSplit(mlir::Operation &op);
  bool isAligned(mlir::Value value, unsigned depth = 8) const;
  bool isRepeated(mlir::Value value, unsigned depth = 8);
  bool mayWrap(mlir::Value value, bool isSigned, int64_t stride);
  void update(mlir::Value value, Variation variation);

  mlir::ConstantIntRanges getRange(mlir::Value value);

  KernelOp kernel;
  std::optional<Extents> block;
  /// Whether a threadgroup has one SIMD group, and whether the kernel says that
  /// all that it has are whole.
  bool isSingle = false, hasWholeSimdgroups = false;
  bool hasChanged = false;
  llvm::DenseMap<mlir::Value, Variation> values;
  llvm::DenseMap<mlir::Block *, Variation::Kind> control;
  /// Of the numbers of the kernel, once one is asked for.
  std::optional<IntegerRanges> ranges;
  OperationFactsTable facts;
};

} // namespace enigma

#endif // ENIGMA_ANALYSIS_UNIFORMITY_H
