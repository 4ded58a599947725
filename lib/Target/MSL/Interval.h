// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbers that the text of an integer may be.

#ifndef ENIGMA_LIB_TARGET_MSL_INTERVAL_H
#define ENIGMA_LIB_TARGET_MSL_INTERVAL_H

#include "Operators.h"
#include "Types.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace enigma::msl {

/// The integers from `low` to `high`, both included. Where there is none, an
/// integer may be any of its type.
struct Interval {
  int64_t low, high;

  /// All numbers of an integer type, if `int64_t` holds them.
  static std::optional<Interval> of(MSLType type);
  /// What C++'s operator \p op gives, as exact numbers; nothing where `int64_t`
  /// may not hold them.
  static std::optional<Interval> of(std::optional<Interval> left, Operator op,
                                    std::optional<Interval> right);
  static std::optional<Interval> unite(std::optional<Interval> a,
                                       std::optional<Interval> b);

  /// Whether \p type has all of the numbers.
  bool fits(MSLType type) const;
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_INTERVAL_H
