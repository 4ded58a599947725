// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layouts as values.

#include "enigma/Layout/Layout.h"

#include "Detail.h"

#include "llvm/ADT/STLExtras.h"

using namespace enigma::layout;

//===----------------------------------------------------------------------===//
// Making layouts
//===----------------------------------------------------------------------===//

/// Complains about leaves that no layout may have, or returns none.
static std::optional<Error> complaint(llvm::StringRef operation,
                                      const Layout &layout) {
  auto fail = [&](ErrorKind kind, const llvm::Twine &text) {
    return Error(kind, operation + ": " + text);
  };
  // Each tuple is a node.
  if (layout.profile().preorder().size() > Profile::maxDepth &&
      layout.depth() > Profile::maxDepth)
    return fail(ErrorKind::Nesting, "tuples are nested more than " +
                                        llvm::Twine(Profile::maxDepth) +
                                        " deep");
  __int128 size = 1, reach = 0;
  for (auto [leaf, extent, stride] :
       llvm::enumerate(layout.shapes(), layout.strides())) {
    auto where = [&] {
      return (" in leaf " + llvm::Twine(leaf) + " of " + layout.str()).str();
    };
    // What has left its range has no text to show.
    if (extent.isInvalid() || stride.isInvalid())
      return fail(ErrorKind::Range,
                  (extent.isInvalid() ? "the extent" : "the stride") +
                      (" of leaf " + llvm::Twine(leaf)) +
                      " of the result leaves the range of 64-bit integers");
    if (extent.isNone() || stride.isNone())
      return fail(ErrorKind::Placeholder,
                  "None is no extent or stride" + where());
    if (extent.basis())
      return fail(ErrorKind::Basis, "an extent is a plain integer" + where());
    if (extent.isStatic() && extent.value() < 1)
      return fail(ErrorKind::Extent, "extent " + llvm::Twine(extent.value()) +
                                         where() + " is not positive");
    if (stride.isStatic()) {
      if (stride.value() > Layout::limit || stride.value() < -Layout::limit)
        return fail(ErrorKind::Range, "stride " + llvm::Twine(stride.value()) +
                                          where() + " exceeds 2^62");
      if (extent.isStatic())
        reach += static_cast<__int128>(extent.value() - 1) * stride.divisor();
    }
    if (extent.isStatic())
      size *= extent.value();
    if (size > Layout::limit || reach >= Layout::limit)
      return fail(ErrorKind::Range, "the layout " + layout.str() +
                                        " spans more than 2^62 elements");
  }
  return std::nullopt;
}

Result<Layout> enigma::layout::checked(llvm::StringRef operation,
                                       Layout layout) {
  if (std::optional<Error> error = complaint(operation, layout))
    return *error;
  return layout;
}

Result<Layout> Layout::make(const IntTuple &shape, const IntTuple &stride) {
  if (shape.profile() != stride.profile())
    return Error(ErrorKind::Congruence,
                 "Layout: shape " + shape.str() + " and stride " +
                     stride.str() +
                     " are not congruent: they nest differently");
  return checked("Layout",
                 unchecked(shape.profile(), shape.leaves(), stride.leaves()));
}

Result<Layout> Layout::make(const IntTuple &shape) {
  llvm::SmallVector<Int, 8> strides;
  Int next = 1;
  for (const Int &extent : shape.leaves()) {
    strides.push_back(next);
    next = mul(next, extent);
  }
  return checked("Layout", unchecked(shape.profile(), shape.leaves(), strides));
}

Layout Layout::leaf(const Int &extent, const Int &stride) {
  return unchecked(Profile(), extent, stride);
}

Layout Layout::unchecked(Profile profile, llvm::ArrayRef<Int> shape,
                         llvm::ArrayRef<Int> stride) {
  assert(profile.numLeaves() == shape.size() && shape.size() == stride.size());
  return Layout(
      std::make_shared<const Parts>(std::move(profile), shape, stride));
}

const Layout::Parts &Layout::one() {
  static const Parts parts(Profile(), Int(1), Int(0));
  return parts;
}

Layout Layout::tuple(llvm::ArrayRef<Layout> modes) {
  auto joined = std::make_shared<Parts>(Profile::tuple(modes));
  for (const Layout &mode : modes) {
    joined->shapes.append(mode.shapes().begin(), mode.shapes().end());
    joined->strides.append(mode.strides().begin(), mode.strides().end());
  }
  return Layout(std::move(joined));
}

//===----------------------------------------------------------------------===//
// Reading layouts
//===----------------------------------------------------------------------===//

Layout Layout::mode(unsigned index) const {
  Profile::Extent at = profile().extent(index);
  return unchecked(
      Profile::fromNodes(profile().preorder().slice(at.node, at.numNodes)),
      shapes().slice(at.leaf, at.numLeaves),
      strides().slice(at.leaf, at.numLeaves));
}

llvm::SmallVector<Layout, 4> Layout::modes() const {
  llvm::SmallVector<Layout, 4> result;
  for (const Profile::Extent &at : profile().extents())
    result.push_back(unchecked(
        Profile::fromNodes(profile().preorder().slice(at.node, at.numNodes)),
        shapes().slice(at.leaf, at.numLeaves),
        strides().slice(at.leaf, at.numLeaves)));
  return result;
}

bool Layout::isStatic() const {
  auto known = [](const Int &x) { return x.isStatic(); };
  return llvm::all_of(shapes(), known) && llvm::all_of(strides(), known);
}

bool Layout::hasBasis() const {
  return llvm::any_of(strides(), [](const Int &x) { return x.basis() != 0; });
}

void Layout::changeLeaves(llvm::function_ref<Int(const Int &)> change) {
  auto changed = std::make_shared<Parts>(get());
  for (Int &stride : changed->strides)
    stride = change(stride);
  for (Int &extent : changed->shapes)
    extent = change(extent);
  parts = std::move(changed);
}

Int Layout::size() const {
  Int result = 1;
  for (const Int &extent : shapes())
    result = mul(result, extent);
  return result;
}

Int Layout::cosize() const {
  Int result = 1;
  for (auto [extent, stride] : llvm::zip_equal(shapes(), strides()))
    result = add(result, mul(sub(extent, 1), abs(stride.withoutBasis())));
  return result;
}

Int Layout::operator()(const Int &index) const {
  Int rest = index, offset = 0;
  unsigned last = numLeaves() - 1;
  for (unsigned leaf = 0; leaf < last; ++leaf) {
    offset = add(offset, mul(floorMod(rest, shapes()[leaf]), strides()[leaf]));
    rest = floorDiv(rest, shapes()[leaf]);
  }
  return add(offset, mul(rest, strides()[last]));
}

void Layout::print(llvm::raw_ostream &os) const {
  shape().print(os);
  os << ':';
  stride().print(os);
}

std::string Layout::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return text;
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

/// Replaces the leaves of a layout, extents first.
static Layout mapLeaves(const Layout &layout,
                        llvm::function_ref<Int(const Int &)> map) {
  llvm::SmallVector<Int, 8> shape, stride;
  for (const Int &extent : layout.shapes())
    shape.push_back(map(extent));
  for (const Int &step : layout.strides())
    stride.push_back(map(step));
  return Layout::unchecked(layout.profile(), shape, stride);
}

Layout enigma::layout::withSymbols(const Layout &layout, ExprPool &pool,
                                   llvm::StringRef prefix) {
  unsigned number = 0;
  return mapLeaves(layout, [&](const Int &leaf) -> Int {
    if (!leaf.isDynamic() || leaf.expr())
      return leaf;
    std::string name = (prefix + llvm::Twine(number++)).str();
    return pool.symbol(name, leaf.divisor()).withBasis(leaf.basis());
  });
}

Layout enigma::layout::withoutSymbols(const Layout &layout) {
  return mapLeaves(layout, [](const Int &leaf) -> Int {
    if (!leaf.isDynamic())
      return leaf;
    return Int::dynamic(leaf.divisor()).withBasis(leaf.basis());
  });
}

//===----------------------------------------------------------------------===//
// Coordinates and offsets
//===----------------------------------------------------------------------===//

namespace {
/// A sum of strides: one number for each coordinate that a step goes along.
class Offset {
public:
  /// The tree of all coordinates that the strides of `layout` go along.
  explicit Offset(const Layout &layout) : vectorial(layout.hasBasis()) {
    if (vectorial)
      for (const Int &stride : layout.strides())
        paths.push_back(stride.path());
  }

  void add(const Int &step) {
    if (step.isZero())
      return;
    for (auto &[basis, sum] : sums)
      if (basis == step.basis()) {
        sum = enigma::layout::add(sum, step);
        return;
      }
    sums.emplace_back(step.basis(), step);
  }

  IntTuple get() const {
    if (!vectorial)
      return sums.empty() ? Int(0) : sums.front().second;
    llvm::SmallVector<unsigned, Int::maxBasisDepth> path;
    return at(path);
  }

private:
  IntTuple at(llvm::SmallVectorImpl<unsigned> &path) const {
    unsigned numChildren = 0;
    for (const auto &other : paths)
      if (other.size() > path.size() &&
          std::equal(path.begin(), path.end(), other.begin()))
        numChildren = std::max(numChildren, other[path.size()] + 1);
    if (numChildren == 0) {
      uint32_t basis = Int(1).along(path).basis();
      for (const auto &[key, sum] : sums)
        if (key == basis)
          return IntTuple(sum.withoutBasis());
      return IntTuple(Int(0));
    }
    llvm::SmallVector<IntTuple, 4> children;
    for (unsigned child = 0; child < numChildren; ++child) {
      path.push_back(child);
      children.push_back(at(path));
      path.pop_back();
    }
    return IntTuple::tuple(children);
  }

  bool vectorial;
  llvm::SmallVector<llvm::SmallVector<unsigned, Int::maxBasisDepth>, 4> paths;
  llvm::SmallVector<std::pair<uint32_t, Int>, 4> sums;
};
} // namespace

std::optional<Error> enigma::layout::checkComplete(const IntTuple &coord) {
  if (llvm::none_of(coord.leaves(), [](const Int &x) { return x.isNone(); }))
    return std::nullopt;
  return Error(ErrorKind::Placeholder,
               "a coordinate with None is no single element; take slice or "
               "slice_and_offset of the layout",
               "give an integer for each mode");
}

Error enigma::layout::detail::coordinateMisfits(llvm::StringRef operation,
                                                const IntTuple &coord,
                                                Profile::Node modes,
                                                const Layout &layout,
                                                unsigned node, unsigned leaf) {
  Profile::Node found = layout.profile().preorder()[node];
  return Error(ErrorKind::Coordinate,
               operation + ": coordinate " + coord.str() +
                   " does not fit the layout " + layout.str() +
                   ": it has a tuple of " + llvm::Twine(modes) +
                   " where the shape has " +
                   (found == Profile::leafNode
                        ? "the single extent " + layout.shapes()[leaf].str()
                        : "a tuple of " + std::to_string(found)));
}

Result<IntTuple> enigma::layout::crd2idx(const IntTuple &coord,
                                         const Layout &layout) {
  Offset offset(layout);
  llvm::ArrayRef<Profile::Node> tree = layout.profile().preorder();
  unsigned node = 0, leaf = 0, coordLeaf = 0;
  for (Profile::Node coordNode : coord.profile().preorder()) {
    if (coordNode != Profile::leafNode) {
      if (tree[node] != coordNode)
        return detail::coordinateMisfits("crd2idx", coord, coordNode, layout,
                                         node, leaf);
      ++node;
      continue;
    }
    // This leaf is the 1-D index of the subtree at `node`.
    Int rest = coord.leaf(coordLeaf++);
    if (rest.isNone())
      rest = 0;
    for (int64_t missing = 1; missing;) {
      if (tree[node++] != Profile::leafNode) {
        missing += tree[node - 1] - 1;
        continue;
      }
      --missing;
      const Int &extent = layout.shapes()[leaf];
      Int digit = missing ? floorMod(rest, extent) : rest;
      offset.add(mul(digit, layout.strides()[leaf]));
      if (missing)
        rest = floorDiv(rest, extent);
      ++leaf;
    }
  }
  IntTuple result = offset.get();
  if (llvm::any_of(result.leaves(), [](const Int &x) { return x.isInvalid(); }))
    return Error(ErrorKind::Range, "crd2idx: the offset of " + coord.str() +
                                       " in " + layout.str() +
                                       " leaves the range of 64-bit integers");
  return result;
}

IntTuple enigma::layout::idx2crd(const Int &index, const IntTuple &shape) {
  llvm::SmallVector<Int, 8> digits;
  Int rest = index;
  for (const Int &extent : shape.leaves().drop_back()) {
    digits.push_back(floorMod(rest, extent));
    rest = floorDiv(rest, extent);
  }
  digits.push_back(rest);
  return IntTuple(shape.profile(), digits);
}
