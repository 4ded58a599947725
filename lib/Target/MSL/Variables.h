// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which values of a kernel become variables, and which of them share one.

#ifndef ENIGMA_LIB_TARGET_MSL_VARIABLES_H
#define ENIGMA_LIB_TARGET_MSL_VARIABLES_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include <map>

namespace enigma::msl {

/// The Python variable that \p value is assigned to; empty if it has none.
llvm::StringRef getSourceName(mlir::Value value);

/// The Python variable that operand \p index of the terminator of an `scf`
/// region is assigned to.
llvm::StringRef getCarriedName(mlir::Operation *terminator, unsigned index);

/// Whether \p value is a number that is known, or one that may be anything.
bool isConstant(mlir::Value value);

/// Whether \p value only sets off a loop's variable of the same name.
bool isCarriedAtOnce(mlir::Value value);

/// The variables that control flow assigns to.
///
/// The arguments and results of `scf` operations become variables that are
/// assigned where control flow joins. Values whose lives do not overlap, and
/// whose Python names agree, share one: then most of these assignments vanish
/// and `acc = acc + x` in a loop is what it was in Python.
class Variables {
public:
  explicit Variables(KernelOp kernel);

  /// The variable of \p value; nothing for a value that is no variable.
  std::optional<unsigned> find(mlir::Value value) const;

  llvm::StringRef getName(unsigned variable) const {
    return classes[variable].name;
  }
  llvm::ArrayRef<mlir::Value> getMembers(unsigned variable) const {
    return classes[variable].members;
  }
  unsigned size() const { return classes.size(); }

  /// The name of the local that holds \p value; empty where the text reads
  /// better without one: a step of the computation of a Python value, or a
  /// value that its only user assigns to the variable at once.
  llvm::StringRef getLocalName(mlir::Value value) const {
    return localNames.lookup(value);
  }

  /// How many operations the kernel has.
  unsigned getNumOperations() const { return numOperations; }

  /// Whether \p op is printed as an expression: `c ? a : b`, `a && b`.
  bool isExpression(mlir::scf::IfOp op) const {
    return expressions.contains(op);
  }

private:
  struct Class {
    unsigned parent;
    llvm::StringRef name;
    /// Where its values live, from definition to last use.
    std::map<unsigned, unsigned> lives;
    llvm::SmallVector<mlir::Value, 2> members;
  };
  struct Extent {
    unsigned begin = 0, end = 0;
  };

  void findExpressions(llvm::ArrayRef<mlir::Operation *> controlFlow);
  void number(mlir::Operation *op, unsigned &next);
  unsigned getElseBegin(mlir::scf::IfOp branch) const;
  void findUses(mlir::Value value, llvm::SmallVectorImpl<unsigned> &uses,
                llvm::SetVector<mlir::Operation *> &branches) const;
  llvm::SmallVector<std::pair<unsigned, unsigned>, 2>
  getLives(mlir::Value value) const;
  unsigned findRoot(unsigned variable) const;
  unsigned getOrCreate(mlir::Value value);
  bool join(mlir::Value a, mlir::Value b);
  bool joinIfFree(mlir::Value a, mlir::Value b);
  void joinCarried(mlir::Value incoming, mlir::Value carried);

  /// Most values have none.
  llvm::DenseMap<mlir::Value, llvm::StringRef> localNames;
  llvm::DenseSet<mlir::Operation *> expressions;
  llvm::DenseMap<mlir::Operation *, Extent> extents;
  llvm::DenseMap<mlir::Value, unsigned> variableOf;
  std::vector<Class> classes;
  unsigned numOperations = 0;
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_VARIABLES_H
