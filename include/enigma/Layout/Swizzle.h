// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Swizzles, and layouts whose offsets are swizzled.

#ifndef ENIGMA_LAYOUT_SWIZZLE_H
#define ENIGMA_LAYOUT_SWIZZLE_H

#include "enigma/Layout/Algebra.h"

namespace enigma::layout {

/// The bijection y -> y ^ ((y & (mask << (base + max(shift, 0)))) >> shift)
/// with mask = 2^bits - 1, where a negative shift goes left.
class Swizzle {
public:
  /// The identity.
  Swizzle() = default;
  /// An error unless 0 <= bits <= |shift|, 0 <= base, and all fits 62 bits.
  static Result<Swizzle> make(int64_t bits, int64_t base, int64_t shift);

  int64_t bits() const { return numBits; }
  int64_t base() const { return lowest; }
  int64_t shift() const { return distance; }
  bool isIdentity() const { return numBits == 0; }
  /// The bits that decide, and those that are flipped.
  int64_t sourceMask() const;
  int64_t targetMask() const;

  int64_t operator()(int64_t offset) const;
  Int operator()(const Int &offset) const;

  friend bool operator==(const Swizzle &a, const Swizzle &b) {
    return a.numBits == b.numBits && a.lowest == b.lowest &&
           a.distance == b.distance;
  }
  friend bool operator!=(const Swizzle &a, const Swizzle &b) {
    return !(a == b);
  }
  friend llvm::hash_code hash_value(const Swizzle &a) {
    return llvm::hash_combine(a.numBits, a.lowest, a.distance);
  }

  /// Writes `Sw<3,4,3>`.
  void print(llvm::raw_ostream &os) const;

private:
  int64_t numBits = 0, lowest = 0, distance = 0;
};

/// The function c -> swizzle(offset + layout(c)).
///
/// What regroups or selects coordinates acts on `layout` alone:
/// `composed.with(zippedDivide(composed.layout(), tiler))`.
class ComposedLayout {
public:
  ComposedLayout() = default;
  /// A layout that is not swizzled.
  explicit ComposedLayout(Layout layout) : inner(std::move(layout)) {}
  /// An error where the layout's offsets are coordinates.
  static Result<ComposedLayout> make(Swizzle swizzle, Int offset,
                                     Layout layout);

  const Swizzle &swizzle() const { return outer; }
  const Int &offset() const { return start; }
  const Layout &layout() const { return inner; }

  /// The same swizzle and offset over another layout.
  ComposedLayout with(Layout layout) const;
  /// The same over another layout that begins `offset` further.
  ComposedLayout with(Layout layout, const Int &offset) const;

  /// Puts in the place of each leaf of the layout what `change` gives for it.
  void changeLeaves(llvm::function_ref<Int(const Int &)> change) {
    inner.changeLeaves(change);
  }

  friend bool operator==(const ComposedLayout &a, const ComposedLayout &b) {
    return a.outer == b.outer && a.start == b.start && a.inner == b.inner;
  }
  friend bool operator!=(const ComposedLayout &a, const ComposedLayout &b) {
    return !(a == b);
  }
  friend llvm::hash_code hash_value(const ComposedLayout &a) {
    return llvm::hash_combine(a.outer, a.start, a.inner);
  }

  void print(llvm::raw_ostream &os) const;
  std::string str() const;

  /// Reads `Sw<3,4,3> o 0 o (8,8):(8,1)`. The message of a failure begins with
  /// the column, counted from 1.
  static Result<ComposedLayout> parse(llvm::StringRef text);

private:
  Swizzle outer;
  Int start = 0;
  Layout inner;
};

/// The swizzled offset of a coordinate. A dynamic offset is an error unless the
/// swizzle is the identity: its bits are not known.
Result<IntTuple> crd2idx(const IntTuple &coord, const ComposedLayout &layout);

/// A layout of plain offsets followed by a swizzled one: possible only where
/// `a` changes nothing, or the swizzle does not.
Result<ComposedLayout> composition(const Layout &a, const ComposedLayout &b);

/// Of swizzled elements; widths whose ratio is a power of two move the bits.
Result<ComposedLayout> recastLayout(int64_t newBits, int64_t oldBits,
                                    const ComposedLayout &layout);

/// As for layouts. A swizzle keeps runs of 2^base elements, aligned to that.
Result<int64_t> maxCommonVector(const ComposedLayout &a,
                                const ComposedLayout &b);

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_SWIZZLE_H
