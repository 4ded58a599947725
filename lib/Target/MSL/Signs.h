// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which integers of a kernel are signed.

#ifndef ENIGMA_LIB_TARGET_MSL_SIGNS_H
#define ENIGMA_LIB_TARGET_MSL_SIGNS_H

#include "Variables.h"

namespace enigma::msl {

/// Whether \p op, an addition, subtraction or multiplication, gives the exact
/// number where it is computed in signed numbers of its width. Otherwise it
/// wraps, which only unsigned numbers of MSL do.
bool isExactSigned(mlir::Operation *op);

/// The signedness of integers.
///
/// Values of the IR have none: operations read bits as they say. So what an
/// operation means decides about its result: a division, an extension or a sum
/// that wraps is signed or unsigned, memory and arguments have a dtype. What
/// means the same for both (a mask, a choice) is signed if an operand is, and
/// so is a variable if something signed is assigned to it: unsigned operations
/// on numbers that are known not to be negative take the place of signed ones.
/// Only what this leaves open, subscripts and what comes from constants, is as
/// its users read it.
class Signs {
public:
  Signs(KernelOp kernel, const Variables &variables);

  /// Whether the text has \p value as a signed integer.
  bool isSigned(mlir::Value value) const {
    return get(value) != Sign::Unsigned;
  }
  bool isVariableSigned(unsigned variable) const {
    return variableSigns[variable] != Sign::Unsigned;
  }

private:
  enum class Sign : uint8_t { Unknown, Unsigned, Signed };

  /// What is known of an integer that is no constant.
  struct Integer {
    /// The variable that it is in, whose sign it has.
    std::optional<unsigned> variable;
    /// What the operation that defines it says, and whether that computes it
    /// for a subscript: the number is the same in signed and unsigned
    /// arithmetic.
    Sign own = Sign::Unknown;
    bool isExactEitherWay = false;
    /// The sign of what is in no variable.
    Sign sign = Sign::Unknown;
  };

  Sign getOwnSign(mlir::Value value) const;
  Sign getMemorySign(mlir::Value memory) const;
  static Sign getReading(mlir::OpOperand &use);
  Sign getUserSign(mlir::Value value) const;
  Sign guess(mlir::Value value) const;

  /// The values of the variable of \p value, or \p value alone.
  llvm::ArrayRef<mlir::Value> getMembers(const mlir::Value &value) const;
  Sign get(const Integer &integer) const {
    return integer.variable ? variableSigns[*integer.variable] : integer.sign;
  }
  Sign get(mlir::Value value) const {
    auto known = integers.find(value);
    return known == integers.end() ? Sign::Unknown : get(known->second);
  }
  void raise(mlir::Value value, Integer &integer, Sign sign);
  void propagate();
  /// Gives a value a sign if it has none.
  void decide(mlir::Value value, Sign sign);

  /// A handle, whose methods are not const.
  mutable KernelOp kernel;
  const Variables &variables;
  llvm::DenseMap<mlir::Value, Integer> integers;
  std::vector<Sign> variableSigns;
  /// Values whose sign has become known, and whose users have not heard of it.
  std::vector<mlir::Value> news;
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_SIGNS_H
