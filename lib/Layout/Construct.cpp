// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Making layouts for a purpose.

#include "enigma/Layout/Algebra.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace enigma::layout;

Result<Layout> enigma::layout::makeOrderedLayout(const IntTuple &shape,
                                                 const IntTuple &order) {
  constexpr llvm::StringLiteral name = "make_ordered_layout";
  if (!order.isStatic())
    return Error(ErrorKind::Dynamic,
                 name + ": the order " + order.str() + " needs static leaves");
  // The rank of each leaf of the shape; a leaf of the order may rank a tuple.
  llvm::SmallVector<int64_t, 8> ranks;
  llvm::ArrayRef<Profile::Node> tree = shape.profile().preorder();
  unsigned node = 0, orderLeaf = 0;
  for (Profile::Node orderNode : order.profile().preorder()) {
    if (orderNode != Profile::leafNode) {
      if (tree[node] != orderNode)
        return Error(ErrorKind::Order, name + ": the order " + order.str() +
                                           " does not fit the shape " +
                                           shape.str());
      ++node;
      continue;
    }
    int64_t rank = order.leaf(orderLeaf++).value();
    for (int64_t missing = 1; missing;) {
      bool isLeaf = tree[node++] == Profile::leafNode;
      missing += isLeaf ? -1 : tree[node - 1] - 1;
      if (isLeaf)
        ranks.push_back(rank);
    }
  }
  llvm::SmallVector<unsigned, 8> ascending(ranks.size());
  std::iota(ascending.begin(), ascending.end(), 0);
  llvm::stable_sort(
      ascending, [&](unsigned x, unsigned y) { return ranks[x] < ranks[y]; });
  llvm::SmallVector<Int, 8> strides(ranks.size());
  Int next = 1;
  for (unsigned leaf : ascending) {
    strides[leaf] = next;
    next = mul(next, shape.leaf(leaf));
  }
  return checked(name,
                 Layout::unchecked(shape.profile(), shape.leaves(), strides));
}

Result<Layout> enigma::layout::makeIdentityLayout(const IntTuple &shape) {
  constexpr llvm::StringLiteral name = "make_identity_layout";
  if (shape.depth() > Int::maxBasisDepth)
    return Error(ErrorKind::Nesting,
                 name + ": the shape " + shape.str() + " is nested more than " +
                     llvm::Twine(Int::maxBasisDepth) + " deep");
  llvm::SmallVector<Int, 8> strides;
  // The indices of the current node in the tuples around it, and how many modes
  // each of those has left.
  llvm::SmallVector<unsigned, Int::maxBasisDepth> path;
  llvm::SmallVector<Profile::Node, Int::maxBasisDepth> left;
  for (Profile::Node node : shape.profile().preorder()) {
    if (node != Profile::leafNode) {
      if (node > Profile::Node(Int::maxBasisIndex) + 1)
        return Error(ErrorKind::Nesting,
                     name + ": a tuple of " + llvm::Twine(node) +
                         " modes is too long for a coordinate");
      path.push_back(0);
      left.push_back(node);
      continue;
    }
    strides.push_back(Int(1).along(path));
    while (!left.empty()) {
      ++path.back();
      if (--left.back() > 0)
        break;
      path.pop_back();
      left.pop_back();
    }
  }
  return checked(name,
                 Layout::unchecked(shape.profile(), shape.leaves(), strides));
}

Result<std::pair<IntTuple, Layout>>
enigma::layout::makeLayoutTV(const Layout &thr, const Layout &val) {
  constexpr llvm::StringLiteral name = "make_layout_tv";
  auto in = [&](const Error &error) {
    return error.in(name + " of threads " + thr.str() + " and values " +
                    val.str());
  };
  if (!thr.isStatic() || !val.isStatic())
    return in(Error(ErrorKind::Dynamic, "needs static extents and strides",
                    "write both layouts with Python ints"));
  // The product would fill gaps in the numbers of threads with values.
  for (auto [layout, what] :
       {std::make_pair(&thr, "threads"), std::make_pair(&val, "values")}) {
    Result<Layout> numbered = rightInverse(*layout);
    if (!numbered)
      return in(numbered.error());
    if (!numbered->size().is(layout->size().value()))
      return in(Error(ErrorKind::Numbering,
                      "threads and values must be numbered from 0 without "
                      "gaps; only " +
                          numbered->size().str() + " of " +
                          layout->size().str() + " " + what + " are"));
  }
  Result<Layout> tile = rakedProduct(thr, val);
  if (!tile)
    return in(tile.error());
  Result<Layout> inverse = rightInverse(*tile);
  if (!inverse)
    return in(inverse.error());
  Result<Layout> numbers =
      Layout::make(IntTuple(Profile::flat(2), {thr.size(), val.size()}));
  if (!numbers)
    return in(numbers.error());
  Result<Layout> tv = composition(*inverse, *numbers);
  if (!tv)
    return in(tv.error());
  return std::make_pair(productEach(tile->shape()), *tv);
}

//===----------------------------------------------------------------------===//
// Recast
//===----------------------------------------------------------------------===//

namespace {
/// Replaces leaves of a layout by one or more leaves.
class LeafRewriter {
public:
  explicit LeafRewriter(const Layout &layout) {
    llvm::append_range(nodes, layout.profile().preorder());
  }
  void one(const Int &extent, const Int &stride) {
    skipTuples();
    rewritten.push_back(Profile::leafNode);
    shape.push_back(extent);
    strides.push_back(stride);
  }
  void two(const Int &extent0, const Int &stride0, const Int &extent1,
           const Int &stride1) {
    skipTuples();
    rewritten.append({2, Profile::leafNode, Profile::leafNode});
    shape.append({extent0, extent1});
    strides.append({stride0, stride1});
  }
  Layout get() const {
    return Layout::unchecked(Profile::fromNodes(rewritten), shape, strides);
  }

private:
  /// Copies the tuples that begin before the next leaf.
  void skipTuples() {
    while (nodes[next] != Profile::leafNode)
      rewritten.push_back(nodes[next++]);
    ++next;
  }

  llvm::SmallVector<Profile::Node, 16> nodes, rewritten;
  unsigned next = 0;
  llvm::SmallVector<Int, 8> shape, strides;
};
} // namespace

static bool moves(const Int &extent, const Int &stride) {
  return !extent.is(1) && !stride.isZero();
}

/// The layout of elements that are `factor` times narrower.
static Layout downcast(const Layout &layout, int64_t factor) {
  if (factor == 1)
    return layout;
  // The parts of an element run along the first leaf if none is contiguous.
  unsigned along = 0;
  for (auto [leaf, extent, stride] :
       llvm::enumerate(layout.shapes(), layout.strides()))
    if (!extent.is(1) && stride.is(1)) {
      along = leaf;
      break;
    }
  LeafRewriter result(layout);
  for (auto [leaf, extent, stride] :
       llvm::enumerate(layout.shapes(), layout.strides())) {
    Int wider = extent.is(1) ? Int(0) : mul(stride, factor);
    if (leaf != along)
      result.one(extent, wider);
    else if (extent.is(1) || stride.is(1))
      result.one(mul(extent, factor), 1);
    else
      result.two(factor, 1, extent, wider);
  }
  return result.get();
}

/// The layout of elements that are `factor` times wider, if the layout consists
/// of whole ones.
static Result<Layout> upcast(const Layout &layout, int64_t factor,
                             const llvm::Twine &what) {
  if (factor == 1)
    return layout;
  auto fail = [&](ErrorKind kind, const llvm::Twine &reason) {
    return Error(kind, what + ": " + reason);
  };
  LeafRewriter result(layout);
  // The parts of a wide element that leaves run through: extent and stride.
  llvm::SmallVector<std::pair<int64_t, int64_t>, 4> parts;
  for (auto [extent, stride] :
       llvm::zip_equal(layout.shapes(), layout.strides())) {
    std::string leaf = extent.str() + ":" + stride.str();
    if (!moves(extent, stride)) {
      result.one(extent, 0);
      continue;
    }
    if (divides(factor, stride.withoutBasis())) {
      result.one(extent, floorDiv(stride, factor));
      continue;
    }
    if (!stride.isStatic())
      return fail(ErrorKind::Dynamic,
                  "the dynamic stride of leaf " + leaf +
                      " must be known to be a multiple of " +
                      llvm::Twine(factor));
    int64_t step = stride.value();
    if (step < 0 || factor % step != 0)
      return fail(ErrorKind::Width,
                  "the stride of leaf " + leaf +
                      (step < 0 && factor % step == 0
                           ? " runs backwards through wider elements"
                           : " is neither a multiple nor a divisor of the " +
                                 std::to_string(factor) +
                                 " elements that make a wider one"));
    int64_t room = factor / step;
    if (divides(room, extent)) {
      parts.emplace_back(step, room);
      result.one(floorDiv(extent, room), 1);
      continue;
    }
    if (!extent.isStatic())
      return fail(ErrorKind::Dynamic,
                  "the dynamic extent of leaf " + leaf +
                      " must be known to be a multiple of " +
                      llvm::Twine(room));
    if (room % extent.value() != 0)
      return fail(ErrorKind::Width,
                  "the extent of leaf " + leaf + " is no multiple of the " +
                      llvm::Twine(room) + " elements that a wider one holds");
    parts.emplace_back(step, extent.value());
    result.one(1, 0);
  }
  llvm::sort(parts);
  int64_t filled = 1;
  for (auto [step, extent] : parts) {
    if (step < filled)
      return fail(ErrorKind::Width,
                  "elements overlap, so that wider ones would take a part "
                  "twice");
    if (step != filled)
      break;
    filled *= extent;
  }
  if (filled != factor)
    return fail(ErrorKind::Width,
                "it holds " + llvm::Twine(filled) + " of the " +
                    llvm::Twine(factor) +
                    " contiguous elements that make a wider one");
  return result.get();
}

Result<Layout> enigma::layout::recastLayout(int64_t newBits, int64_t oldBits,
                                            const Layout &layout) {
  std::string what = "recast_layout of " + layout.str() + " from " +
                     std::to_string(oldBits) + " to " +
                     std::to_string(newBits) + " bits";
  if (newBits < 1 || oldBits < 1)
    return Error(ErrorKind::Width, what + ": widths are positive");
  if (layout.hasBasis())
    return Error(ErrorKind::Basis,
                 what + ": its offsets are coordinates, not elements");
  int64_t common = std::gcd(newBits, oldBits);
  Result<Layout> narrow = checked(what, downcast(layout, oldBits / common));
  if (!narrow)
    return narrow;
  Result<Layout> wide = upcast(*narrow, newBits / common, what);
  if (!wide)
    return wide;
  return checked(what, *wide);
}

//===----------------------------------------------------------------------===//
// Common vectors
//===----------------------------------------------------------------------===//

/// The extents of both shapes' leaves split so that they agree, or none.
static std::optional<llvm::SmallVector<int64_t, 8>>
commonExtents(const Layout &a, const Layout &b) {
  llvm::SmallVector<int64_t, 8> extents;
  unsigned i = 0, j = 0;
  int64_t left = 1, right = 1;
  while (true) {
    while (left == 1 && i < a.numLeaves())
      left = a.shapes()[i++].value();
    while (right == 1 && j < b.numLeaves())
      right = b.shapes()[j++].value();
    if (left == 1 && right == 1)
      return extents;
    int64_t part = std::min(left, right);
    if (part == 1 || left % part != 0 || right % part != 0)
      return std::nullopt;
    extents.push_back(part);
    left /= part;
    right /= part;
  }
}

/// Does each leaf, by growing stride, begin beyond the reach of the smaller
/// ones? Then it alone reaches the offset of its stride.
static bool isAscending(const Layout &layout) {
  llvm::SmallVector<std::pair<int64_t, int64_t>, 8> leaves;
  for (auto [extent, stride] :
       llvm::zip_equal(layout.shapes(), layout.strides()))
    if (moves(extent, stride))
      leaves.emplace_back(stride.value(), extent.value());
  llvm::sort(leaves);
  int64_t reach = 0;
  for (auto [stride, extent] : leaves) {
    if (stride <= reach)
      return false;
    reach += stride * (extent - 1);
  }
  return true;
}

Result<int64_t> enigma::layout::maxCommonVector(const Layout &a,
                                                const Layout &b) {
  constexpr llvm::StringLiteral name = "max_common_vector";
  if (a.hasBasis() || b.hasBasis())
    return Error(ErrorKind::Basis,
                 name + " of " + a.str() + " and " + b.str() +
                     ": offsets are coordinates, not indices");
  // A leaf of stride 1 first in both is a run, whatever else is dynamic.
  Layout left = coalesce(a), right = coalesce(b);
  if (!left.isStatic() || !right.isStatic()) {
    auto run = [](const Layout &layout) -> Int {
      return layout.strides()[0].is(1) ? layout.shapes()[0] : Int(1);
    };
    return std::gcd(run(left).divisor(), run(right).divisor());
  }
  auto extents = commonExtents(left, right);
  if (extents && isAscending(left) && isAscending(right)) {
    // Leaves on which both agree, each beginning where the smaller ones end.
    llvm::SmallVector<std::pair<int64_t, int64_t>, 8> shared;
    int64_t index = 1;
    for (int64_t extent : *extents) {
      Int step = left(index);
      if (step == right(index))
        shared.emplace_back(step.value(), extent);
      index *= extent;
    }
    llvm::sort(shared);
    int64_t run = 1;
    for (auto [step, extent] : shared)
      if (step == run)
        run *= extent;
    return run;
  }
  // Only a table tells how far both agree: the shapes share no refinement, or
  // several leaves together reach an offset.
  constexpr int64_t maxPoints = int64_t(1) << 18;
  int64_t size = std::min(left.size().value(), right.size().value());
  size = std::min(size, maxPoints);
  std::vector<bool> reached(size, false);
  for (int64_t i = 0; i < size; ++i) {
    Int offset = left(i);
    if (offset == right(i) && offset.value() >= 0 && offset.value() < size)
      reached[offset.value()] = true;
  }
  return std::find(reached.begin(), reached.end(), false) - reached.begin();
}
