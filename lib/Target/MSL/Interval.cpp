// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Interval.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace enigma::msl;

std::optional<Interval> Interval::of(MSLType type) {
  if (!type.isInteger() || type.isVector() ||
      (type.bits == 64 && !type.isSigned))
    return std::nullopt;
  if (type.isSigned)
    return Interval{llvm::minIntN(type.bits), llvm::maxIntN(type.bits)};
  return Interval{0, int64_t(llvm::maxUIntN(type.bits))};
}

bool Interval::fits(MSLType type) const {
  if (std::optional<Interval> bounds = of(type))
    return low >= bounds->low && high <= bounds->high;
  return low >= 0;
}

std::optional<Interval> Interval::unite(std::optional<Interval> a,
                                        std::optional<Interval> b) {
  if (!a || !b)
    return std::nullopt;
  return Interval{std::min(a->low, b->low), std::max(a->high, b->high)};
}

/// All numbers that have no more bits than some in \p interval.
static Interval getBits(Interval interval) {
  uint64_t bits = std::max<int64_t>(interval.high, 0);
  if (interval.low < 0)
    bits |= ~uint64_t(interval.low);
  int64_t high = llvm::maskTrailingOnes<uint64_t>(llvm::bit_width(bits));
  return {interval.low < 0 ? ~high : 0, high};
}

/// The ends of a result that has them where the operands have theirs.
static std::optional<Interval>
fromEnds(Interval a, Interval b,
         llvm::function_ref<bool(int64_t, int64_t, int64_t &)> overflows) {
  Interval result = {INT64_MAX, INT64_MIN};
  for (int64_t x : {a.low, a.high})
    for (int64_t y : {b.low, b.high}) {
      int64_t value;
      if (overflows(x, y, value))
        return std::nullopt;
      result = {std::min(result.low, value), std::max(result.high, value)};
    }
  return result;
}

std::optional<Interval> Interval::of(std::optional<Interval> left, Operator op,
                                     std::optional<Interval> right) {
  if (!left || !right)
    return std::nullopt;
  Interval a = *left, b = *right;
  if (op == Operator::Add)
    return fromEnds(a, b, llvm::AddOverflow<int64_t>);
  if (op == Operator::Subtract)
    return fromEnds(a, b, llvm::SubOverflow<int64_t>);
  if (op == Operator::Multiply)
    return fromEnds(a, b, llvm::MulOverflow<int64_t>);
  if (op == Operator::ShiftLeft)
    return fromEnds(a, b, [](int64_t x, int64_t y, int64_t &value) {
      return y < 0 || y > 62 || llvm::MulOverflow(x, int64_t(1) << y, value);
    });
  if (op == Operator::ShiftRight)
    return Interval{std::min<int64_t>(a.low, 0), std::max<int64_t>(a.high, 0)};
  if (isDivision(op)) {
    if (a.low == INT64_MIN)
      return std::nullopt;
    // Both truncate: nothing is further from zero than the dividend, whose sign
    // the remainder has.
    int64_t most = std::max(std::abs(a.low), std::abs(a.high));
    bool turns = op == Operator::Divide && b.low < 0;
    return Interval{a.low < 0 || turns ? -most : 0,
                    a.high > 0 || turns ? most : 0};
  }
  if (op == Operator::BitAnd && a.low >= 0 && b.low >= 0)
    return Interval{0, std::min(a.high, b.high)};
  if (op == Operator::BitAnd && (a.low >= 0 || b.low >= 0))
    return Interval{0, a.low >= 0 ? a.high : b.high};
  return unite(getBits(a), getBits(b));
}
