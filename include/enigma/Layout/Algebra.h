// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations on layouts.
//
// Each operation is defined by a property of the functions that layouts are.
// Where no layout has that property the result is an error; it is never a
// layout that is wrong somewhere in its domain.
//
// A dynamic leaf may occur anywhere. What follows from static leaves and known
// divisors is static in the result; an operation that cannot decide without the
// value of a dynamic leaf is an error that says which leaf and why.

#ifndef ENIGMA_LAYOUT_ALGEBRA_H
#define ENIGMA_LAYOUT_ALGEBRA_H

#include "enigma/Layout/Layout.h"

#include <vector>

namespace enigma::layout {

/// What a layout is divided or multiplied by: a layout, which acts on the
/// whole; a tuple, which acts by mode; or `None`, which leaves a mode as it is.
class Tiler {
public:
  static Tiler none() { return Tiler(Kind::None); }
  Tiler(Layout layout) : kindOf(Kind::Layout), whole(std::move(layout)) {}
  /// The layout `extent:1`.
  Tiler(Int extent) : Tiler(enigma::layout::Layout::leaf(extent, 1)) {}
  static Tiler tuple(std::vector<Tiler> modes);

  bool isNone() const { return kindOf == Kind::None; }
  bool isLayout() const { return kindOf == Kind::Layout; }
  bool isTuple() const { return kindOf == Kind::Tuple; }
  const Layout &layout() const { return whole; }
  llvm::ArrayRef<Tiler> modes() const { return parts; }
  std::string str() const;

  friend bool operator==(const Tiler &a, const Tiler &b) {
    return a.kindOf == b.kindOf && a.whole == b.whole && a.parts == b.parts;
  }
  friend bool operator!=(const Tiler &a, const Tiler &b) { return !(a == b); }
  friend llvm::hash_code hash_value(const Tiler &a) {
    return llvm::hash_combine(
        static_cast<uint8_t>(a.kindOf), a.whole,
        llvm::hash_combine_range(a.parts.begin(), a.parts.end()));
  }

  /// Reads a layout, `None`, an extent, or a tuple of these, such as
  /// `(4:1,None,(8,2:4))`. The message of a failure begins with the column,
  /// counted from 1.
  static Result<Tiler> parse(llvm::StringRef text);

private:
  enum class Kind : uint8_t { None, Layout, Tuple };
  explicit Tiler(Kind kind) : kindOf(kind) {}

  Kind kindOf;
  enigma::layout::Layout whole;
  std::vector<Tiler> parts;
};

//===----------------------------------------------------------------------===//
// Simplification
//===----------------------------------------------------------------------===//

/// The flat layout with the fewest modes and the same function on the domain.
Layout coalesce(const Layout &layout);
/// Coalesces at each leaf of `profile`; modes beyond it stay as they are.
Result<Layout> coalesce(const Layout &layout, const Profile &profile);
/// Drops modes of stride 0 and of extent 1, and coalesces.
Layout filter(const Layout &layout);

//===----------------------------------------------------------------------===//
// Composition
//===----------------------------------------------------------------------===//

/// The layout R with R(c) = a(b(c)) for all c in b's domain, whose shape
/// refines that of b. An error exactly when there is none: f(c) = a(b(c)) is a
/// layout if, and only if, it is one along each leaf of b and the leaves' sums
/// carry into none of a's modes (or the carries cancel). Beyond 2^20 elements
/// carries that could cancel are an error without trying.
Result<Layout> composition(const Layout &a, const Layout &b);
/// By mode where `b` is a tuple. Modes of `a` that it leaves out, or has None
/// for, stay.
Result<Layout> composition(const Layout &a, const Tiler &b);

//===----------------------------------------------------------------------===//
// Complement and inverses
//===----------------------------------------------------------------------===//

/// The ordered layout R whose offsets are where copies of the layout's image
/// begin that are disjoint and cover [0, n), rounded up to whole blocks. Modes
/// of stride 0 and of extent 1 add nothing to the image. An error where its
/// other modes overlap, or leave gaps that no layout fills.
Result<Layout> complement(const Layout &layout, const Int &n);
/// The longest R with layout(R(i)) = i, for i < size(R), within the domain.
Result<Layout> rightInverse(const Layout &layout);
/// L with L(layout(i)) = i on the domain; modes of stride 0 are taken at 0.
Result<Layout> leftInverse(const Layout &layout);

//===----------------------------------------------------------------------===//
// Division and product
//===----------------------------------------------------------------------===//

/// a o (t, complement(t, size(a))), by mode where `t` is a tuple.
Result<Layout> logicalDivide(const Layout &a, const Tiler &t);
/// The modes of logicalDivide as ((tiles), (rests)).
Result<Layout> zippedDivide(const Layout &a, const Tiler &t);
/// ((tiles), rest0, rest1, ...).
Result<Layout> tiledDivide(const Layout &a, const Tiler &t);
/// (tile0, ..., rest0, ...).
Result<Layout> flatDivide(const Layout &a, const Tiler &t);

/// (a, complement(a, size(a) * cosize(b)) o b), by mode where `b` is a tuple.
Result<Layout> logicalProduct(const Layout &a, const Tiler &b);
Result<Layout> zippedProduct(const Layout &a, const Tiler &b);
Result<Layout> tiledProduct(const Layout &a, const Tiler &b);
Result<Layout> flatProduct(const Layout &a, const Tiler &b);
/// Mode i is (a_i, b_i): blocks of `a`, arranged like `b`.
Result<Layout> blockedProduct(const Layout &a, const Layout &b);
/// Mode i is (b_i, a_i): elements of `a`, interleaved like `b`.
Result<Layout> rakedProduct(const Layout &a, const Layout &b);
/// Repeats `block` to fill `shape`, whose modes it divides; copies follow each
/// other in `order`, by default with the first mode fastest.
Result<Layout> tileToShape(const Layout &block, const IntTuple &shape,
                           const std::optional<IntTuple> &order);

//===----------------------------------------------------------------------===//
// Constructions
//===----------------------------------------------------------------------===//

/// The compact layout whose strides grow in the order of `order`, a tuple that
/// is congruent to `shape` or weaker; equal numbers follow each other.
Result<Layout> makeOrderedLayout(const IntTuple &shape, const IntTuple &order);
/// The layout that maps each coordinate to itself.
Result<Layout> makeIdentityLayout(const IntTuple &shape);
/// The shape of the tile that `thr` threads of `val` values each cover, and the
/// layout from (thread, value) to the tile's 1-D coordinate.
Result<std::pair<IntTuple, Layout>> makeLayoutTV(const Layout &thr,
                                                 const Layout &val);
/// The same bits as elements of `newBits` each, where they were of `oldBits`.
Result<Layout> recastLayout(int64_t newBits, int64_t oldBits,
                            const Layout &layout);
/// The largest n such that every i < n has a coordinate that both map to i.
Result<int64_t> maxCommonVector(const Layout &a, const Layout &b);

//===----------------------------------------------------------------------===//
// Modes
//===----------------------------------------------------------------------===//

/// The mode at `path`.
Result<Layout> get(const Layout &layout, llvm::ArrayRef<int64_t> path);
Result<Layout> select(const Layout &layout, llvm::ArrayRef<int64_t> modes);
/// Modes [begin, end).
Result<Layout> take(const Layout &layout, int64_t begin, int64_t end);
/// Modes [begin, end) as one mode.
Result<Layout> groupModes(const Layout &layout, int64_t begin, int64_t end);
Layout flatten(const Layout &layout);
Layout append(const Layout &layout, const Layout &mode);
Layout prepend(const Layout &layout, const Layout &mode);
Result<Layout> replace(const Layout &layout, int64_t mode, const Layout &by);

/// The modes where `coord` is None; `1:0` if there are none.
Result<Layout> slice(const IntTuple &coord, const Layout &layout);
/// The modes where `coord` is not None; `1:0` if there are none.
Result<Layout> dice(const IntTuple &coord, const Layout &layout);
/// The slice, and the offset of `coord` with 0 for None.
Result<std::pair<Layout, IntTuple>> sliceAndOffset(const IntTuple &coord,
                                                   const Layout &layout);

//===----------------------------------------------------------------------===//
// Partitions
//===----------------------------------------------------------------------===//

/// The tile at `coord` of the layout cut by `tiler`, and its offset. `None` in
/// `coord` keeps that mode of tiles.
Result<std::pair<Layout, IntTuple>>
localTile(const Layout &layout, const Tiler &tiler, const IntTuple &coord);
/// The elements that thread `index` of `threads` owns when each tile of the
/// threads' shape has one element for each of them, and their offset.
Result<std::pair<Layout, IntTuple>>
localPartition(const Layout &layout, const Layout &threads, const Int &index);

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_ALGEBRA_H
