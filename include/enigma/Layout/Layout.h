// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layouts as values.
//
// A layout is a pair of congruent tuples, written `shape:stride`. It maps
// coordinates to offsets. A 1-D coordinate is colexicographic, and the last
// leaf is unbounded in both directions: index i has the digits i mod s0,
// (i div s0) mod s1, ..., and the last leaf takes the rest, rounding down.

#ifndef ENIGMA_LAYOUT_LAYOUT_H
#define ENIGMA_LAYOUT_LAYOUT_H

#include "enigma/Layout/IntTuple.h"

#include <memory>

namespace enigma::layout {

/// A function from coordinates to offsets.
///
/// Extents are positive; the size and the reach of the strides stay below
/// 2^62, so that arithmetic on them has room. Copies share what they are made
/// of.
class Layout {
public:
  static constexpr int64_t limit = int64_t(1) << 62;

  /// The layout `1:0`.
  Layout() = default;

  /// The layout of these congruent tuples.
  static Result<Layout> make(const IntTuple &shape, const IntTuple &stride);
  /// The compact layout of `shape` whose first leaf runs fastest.
  static Result<Layout> make(const IntTuple &shape);
  /// The layout `extent:stride` of valid leaves.
  static Layout leaf(const Int &extent, const Int &stride);
  /// The layout whose modes are `modes`, of which there is at least one.
  static Layout tuple(llvm::ArrayRef<Layout> modes);
  /// A layout of leaves that are known to be valid.
  static Layout unchecked(Profile profile, llvm::ArrayRef<Int> shape,
                          llvm::ArrayRef<Int> stride);

  const Profile &profile() const { return get().nesting; }
  llvm::ArrayRef<Int> shapes() const { return get().shapes; }
  llvm::ArrayRef<Int> strides() const { return get().strides; }
  IntTuple shape() const { return IntTuple(profile(), shapes()); }
  IntTuple stride() const { return IntTuple(profile(), strides()); }

  bool isLeaf() const { return profile().isLeaf(); }
  unsigned rank() const { return profile().rank(); }
  unsigned depth() const { return profile().depth(); }
  unsigned numLeaves() const { return shapes().size(); }
  Layout mode(unsigned index) const;
  llvm::SmallVector<Layout, 4> modes() const;
  /// Are all extents and strides known?
  bool isStatic() const;
  /// Does a stride step along a coordinate, so that offsets are coordinates?
  bool hasBasis() const;

  /// Puts in the place of each leaf what `change` gives for it, which is valid
  /// there; strides first.
  void changeLeaves(llvm::function_ref<Int(const Int &)> change);

  /// The number of coordinates in the domain.
  Int size() const;
  /// One more than the sum over leaves of (extent - 1) * |stride|.
  Int cosize() const;

  /// The offset of a 1-D index, of a layout without coordinate steps.
  Int operator()(const Int &index) const;

  friend bool operator==(const Layout &a, const Layout &b) {
    return a.parts == b.parts ||
           (a.profile() == b.profile() && a.shapes() == b.shapes() &&
            a.strides() == b.strides());
  }
  friend bool operator!=(const Layout &a, const Layout &b) { return !(a == b); }
  friend llvm::hash_code hash_value(const Layout &a) {
    return llvm::hash_combine(a.profile(), a.shapes(), a.strides());
  }

  void print(llvm::raw_ostream &os) const;
  std::string str() const;

  /// Reads `((2,2),3):((24,2),8)`, or a shape alone. The message of a failure
  /// begins with the column, counted from 1.
  static Result<Layout> parse(llvm::StringRef text);

private:
  struct Parts {
    explicit Parts(Profile nesting, llvm::ArrayRef<Int> shapes = {},
                   llvm::ArrayRef<Int> strides = {})
        : nesting(std::move(nesting)), shapes(shapes), strides(strides) {}
    Profile nesting;
    llvm::SmallVector<Int, 8> shapes, strides;
  };
  explicit Layout(std::shared_ptr<const Parts> parts)
      : parts(std::move(parts)) {}
  const Parts &get() const { return parts ? *parts : one(); }
  /// Those of `1:0`, for which nothing is allocated.
  static const Parts &one();

  std::shared_ptr<const Parts> parts;
};

/// `layout` itself if its leaves are valid; `operation` names the culprit.
Result<Layout> checked(llvm::StringRef operation, Layout layout);

/// The layout with a symbol of `pool` for each anonymous dynamic leaf, extents
/// first: `prefix0`, `prefix1`, ... Operations on such operands record how
/// their results' leaves are computed.
Layout withSymbols(const Layout &layout, ExprPool &pool,
                   llvm::StringRef prefix);
/// The layout with anonymous dynamic leaves, as a type says it. An operation's
/// result type is that of its result on operands with symbols of their own: so
/// types and lowering make the same decisions.
Layout withoutSymbols(const Layout &layout);

/// The complaint about a coordinate with `None`, which is that of no single
/// element, or none.
std::optional<Error> checkComplete(const IntTuple &coord);

/// The offset of a coordinate whose profile is that of `layout` or weaker: a
/// leaf of `coord` may stand for a whole mode and is then its 1-D index. `None`
/// counts as 0. Where strides step along coordinates, so does the result.
Result<IntTuple> crd2idx(const IntTuple &coord, const Layout &layout);

/// The coordinate of a 1-D index in `shape`; beyond the end in the last leaf.
IntTuple idx2crd(const Int &index, const IntTuple &shape);

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_LAYOUT_H
