// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbers that the integers of a kernel may be.

#ifndef ENIGMA_ANALYSIS_INTEGERRANGES_H
#define ENIGMA_ANALYSIS_INTEGERRANGES_H

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"

namespace enigma {

/// How a number of 64 bits is known by its lower 32.
enum class Extension { Zero, Sign };

/// Numbers that an integer may be, found in one pass from operands to results:
/// who walks a kernel in order calls `infer` for each operation, and may ask
/// for what it has seen.
class IntegerRanges {
public:
  mlir::ConstantIntRanges get(mlir::Value value) const;
  void set(mlir::Value value, const mlir::ConstantIntRanges &range) {
    ranges.insert_or_assign(value, range);
  }

  /// Makes room for so many values.
  void reserve(unsigned values) { ranges.reserve(values); }

  void infer(mlir::Operation *op);
  /// From the lower bound to below the upper one.
  void inferInductionVariable(mlir::scf::ForOp op);
  /// Either of what the two paths yield.
  void inferResults(mlir::scf::IfOp op);

  /// How the value follows from its lower 32 bits; nothing if it may not.
  std::optional<Extension> getExtension(mlir::Value value) const;
  bool isZeroExtended(mlir::Value value) const;
  bool isSignExtended(mlir::Value value) const;
  bool isNonNegative(mlir::Value value) const {
    return get(value).smin().isNonNegative();
  }

private:
  llvm::DenseMap<mlir::Value, mlir::ConstantIntRanges> ranges;
};

} // namespace enigma

#endif // ENIGMA_ANALYSIS_INTEGERRANGES_H
