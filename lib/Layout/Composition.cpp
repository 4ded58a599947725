// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Coalescing and composing layouts.
//
// Let A have the flat leaves n0:e0, ..., nr:er, and let Pk = n0*...*n(k-1).
// Then A(x) = e0*x + sum over k of gk * floor(x / Pk), gk = ek - n(k-1)*e(k-1),
// and in coalesced form no gk is 0. The thresholds Pk are where A bends.
//
// Along a leaf s:d of B the composition is f(c) = A(d*c). A function on [0, s)
// with f(0) = 0 has at most one coalesced layout, found greedily: its first
// extent is the first c with f(c) != c*f(1), which must divide s, and the rest
// is the layout of f on the multiples of it. For one threshold P and a = d mod
// P, f first bends at c = ceil(P / a). When all gk have one sign no bend hides
// another, so the first bend of all is the least of them.
//
// The leaf is so split into extents along which no threshold is crossed. What
// remains to be shown is that their sum crosses none either: the greatest
// residues modulo Pk, (extent - 1) * (stride mod Pk), add up to less than Pk.
// Floors are superadditive, so with gk of one sign each excess is a defect that
// nothing makes up for: the test is exact. When signs differ, defects may
// cancel; then the only candidate is compared with A o B point by point.

#include "Detail.h"

#include "llvm/ADT/STLExtras.h"

using namespace enigma::layout;
using namespace enigma::layout::detail;

using Wide = __int128;

//===----------------------------------------------------------------------===//
// Simplification
//===----------------------------------------------------------------------===//

namespace {
struct Leaf {
  Int extent, stride;
};
using Leaves = llvm::SmallVector<Leaf, 8>;
} // namespace

/// Appends a leaf, merged with the last one where the two are one.
static void appendMerging(Leaves &leaves, const Leaf &leaf) {
  if (!leaves.empty() &&
      sameValue(mul(leaves.back().extent, leaves.back().stride), leaf.stride)) {
    leaves.back().extent = mul(leaves.back().extent, leaf.extent);
    return;
  }
  leaves.push_back(leaf);
}

static Layout makeFlat(const Leaves &leaves) {
  if (leaves.empty())
    return Layout();
  if (leaves.size() == 1)
    return Layout::leaf(leaves[0].extent, leaves[0].stride);
  llvm::SmallVector<Int, 8> shape, stride;
  for (const Leaf &leaf : leaves) {
    shape.push_back(leaf.extent);
    stride.push_back(leaf.stride);
  }
  return Layout::unchecked(Profile::flat(leaves.size()), shape, stride);
}

static Layout coalesceImpl(const Layout &layout, bool dropBroadcast) {
  Leaves leaves;
  for (auto [extent, stride] :
       llvm::zip_equal(layout.shapes(), layout.strides()))
    if (!extent.is(1) && !(dropBroadcast && stride.isZero()))
      appendMerging(leaves, {extent, stride});
  return makeFlat(leaves);
}

Layout enigma::layout::coalesce(const Layout &layout) {
  return coalesceImpl(layout, /*dropBroadcast=*/false);
}

Layout enigma::layout::filter(const Layout &layout) {
  return coalesceImpl(layout, /*dropBroadcast=*/true);
}

Result<Layout> enigma::layout::coalesce(const Layout &layout,
                                        const Profile &profile) {
  if (profile.isLeaf())
    return coalesce(layout);
  if (profile.rank() > layout.rank())
    return Error(ErrorKind::Profile, "coalesce: the profile has " +
                                         llvm::Twine(profile.rank()) +
                                         " modes, the layout " + layout.str() +
                                         " has " + llvm::Twine(layout.rank()));
  llvm::SmallVector<Layout, 4> modes = layout.modes();
  for (unsigned i = 0; i < profile.rank(); ++i) {
    Result<Layout> mode = coalesce(modes[i], profile.mode(i));
    if (!mode)
      return mode;
    modes[i] = *mode;
  }
  return Layout::tuple(modes);
}

//===----------------------------------------------------------------------===//
// Composition of static thresholds
//===----------------------------------------------------------------------===//

namespace {
/// The left operand of a composition, as a function of all integers: coalesced,
/// but for the last leaf, which stays even if its extent is 1.
class Outer {
public:
  explicit Outer(const Layout &a) {
    for (auto [i, extent, stride] : llvm::enumerate(a.shapes(), a.strides()))
      if (i + 1 == a.numLeaves() || !extent.is(1))
        appendMerging(leaves, {extent, stride});
    int64_t product = 1;
    for (const Leaf &leaf : llvm::ArrayRef<Leaf>(leaves).drop_back()) {
      if (!leaf.extent.isStatic()) {
        known = false;
        break;
      }
      product *= leaf.extent.value();
      thresholds.push_back(product);
    }
    plain = llvm::all_of(leaves, [](const Leaf &leaf) {
      return leaf.stride.isStatic() && !leaf.stride.basis();
    });
  }

  /// The value at a static index.
  Int operator()(int64_t index) const {
    if (plain) {
      Wide value = wide(index);
      if (value > Layout::limit || value < -Layout::limit)
        return Int::invalid();
      return static_cast<int64_t>(value);
    }
    Int value = 0;
    for (const Leaf &leaf : llvm::ArrayRef<Leaf>(leaves).drop_back()) {
      int64_t extent = leaf.extent.value();
      value = add(value, mul(floorMod(index, extent), leaf.stride));
      index = floorDiv(index, extent);
    }
    return add(value, mul(index, leaves.back().stride));
  }

  /// The value at a static index of a layout of plain static strides.
  Wide wide(int64_t index) const {
    Wide value = 0;
    for (const Leaf &leaf : llvm::ArrayRef<Leaf>(leaves).drop_back()) {
      int64_t extent = leaf.extent.value();
      value += static_cast<Wide>(floorMod(index, extent)) * leaf.stride.value();
      index = floorDiv(index, extent);
    }
    return value + static_cast<Wide>(index) * leaves.back().stride.value();
  }

  /// May bends at different thresholds cancel?
  bool bendsBothWays() const {
    if (!plain || !known)
      return false;
    bool up = false, down = false;
    for (unsigned k = 1; k < leaves.size(); ++k) {
      Wide bend = leaves[k].stride.value() -
                  static_cast<Wide>(leaves[k - 1].extent.value()) *
                      leaves[k - 1].stride.value();
      (bend > 0 ? up : down) = true;
    }
    return up && down;
  }

  Leaves leaves;
  /// Where the function bends; valid if `known`.
  llvm::SmallVector<int64_t, 8> thresholds;
  bool known = true;
  bool plain = false;
};

/// Collects the leaves of a result, one group for each leaf of B.
class Refinement {
public:
  explicit Refinement(const Layout &b) : b(b) {}

  void beginLeaf() { groups.push_back(shape.size()); }
  void push(const Int &extent, const Int &step) {
    // Extents of one leaf that turn out to follow each other are one.
    if (groups.back() < shape.size() &&
        sameValue(mul(shape.back(), stride.back()), step)) {
      shape.back() = mul(shape.back(), extent);
      return;
    }
    shape.push_back(extent);
    // The step of a single element leads nowhere.
    stride.push_back(extent.is(1) && step.isInvalid() ? Int(0) : step);
  }

  Layout get() const {
    if (shape.size() == groups.size())
      return Layout::unchecked(b.profile(), shape, stride);
    llvm::SmallVector<Profile::Node, 16> nodes;
    unsigned leaf = 0;
    for (Profile::Node node : b.profile().preorder()) {
      if (node == Profile::leafNode) {
        unsigned end = leaf + 1 < groups.size() ? groups[leaf + 1]
                                                : unsigned(shape.size());
        unsigned count = end - groups[leaf++];
        if (count > 1) {
          nodes.push_back(count);
          nodes.append(count - 1, Profile::leafNode);
        }
      }
      nodes.push_back(node);
    }
    return Layout::unchecked(Profile::fromNodes(nodes), shape, stride);
  }

private:
  const Layout &b;
  llvm::SmallVector<Int, 8> shape, stride;
  llvm::SmallVector<unsigned, 8> groups;
};
} // namespace

/// `mode 1 (6:2)`: the mode of B that holds a leaf.
static std::string describeMode(const Layout &b, unsigned leaf) {
  for (auto [i, at] : llvm::enumerate(b.profile().extents()))
    if (leaf < at.leaf + at.numLeaves)
      return ("mode " + llvm::Twine(i) + " (" + b.mode(i).str() + ")").str();
  return "";
}

static Error noLayout(const Layout &a, const Layout &b,
                      const llvm::Twine &reason) {
  return Error(ErrorKind::Composition, "composition: no layout equals " +
                                           a.str() + " o " + b.str() + ": " +
                                           reason);
}

/// The result for B whose leaves are all static where A bends, or the reason
/// why there is none; exact if all bends of A go one way.
static Result<Layout> composeStatic(const Layout &a, const Outer &outer,
                                    const Layout &b) {
  Refinement result(b);
  llvm::ArrayRef<int64_t> thresholds = outer.thresholds;
  llvm::SmallVector<Wide, 8> residues(thresholds.size(), 0);
  auto uneven = [&](unsigned leaf, int64_t threshold) {
    return noLayout(
        a, b,
        describeMode(b, leaf) + " takes steps of " + b.strides()[leaf].str() +
            ", which do not fall evenly on index " + llvm::Twine(threshold) +
            ", where the left operand changes its stride");
  };
  for (unsigned leaf = 0; leaf < b.numLeaves(); ++leaf) {
    result.beginLeaf();
    const Int &extent = b.shapes()[leaf], &stride = b.strides()[leaf];
    if (thresholds.empty()) {
      result.push(extent, mul(stride, outer.leaves.back().stride));
      continue;
    }
    int64_t step = stride.value();
    if (!extent.isStatic()) {
      // Its steps are multiples of every threshold.
      result.push(extent, outer(step));
      continue;
    }
    llvm::SmallVector<Wide, 8> own(thresholds.size(), 0);
    for (int64_t rest = extent.value();;) {
      int64_t first = rest, bend = 0;
      for (int64_t threshold : thresholds) {
        int64_t residue = floorMod(step, threshold);
        if (residue && static_cast<Wide>(residue) * (rest - 1) >= threshold) {
          int64_t reach = (threshold - 1) / residue + 1;
          if (reach < first) {
            first = reach;
            bend = threshold;
          }
        }
      }
      if (rest % first != 0)
        return uneven(leaf, bend);
      result.push(first, outer(step));
      for (auto [threshold, residue] : llvm::zip_equal(thresholds, own))
        residue += static_cast<Wide>(first - 1) * floorMod(step, threshold);
      rest /= first;
      if (rest == 1)
        break;
      step *= first;
    }
    for (unsigned k = 0; k < thresholds.size(); ++k) {
      if (own[k] >= thresholds[k])
        return uneven(leaf, thresholds[k]);
      residues[k] += own[k];
    }
  }
  for (auto [threshold, residue] : llvm::zip_equal(thresholds, residues))
    if (residue >= threshold)
      return noLayout(a, b,
                      "modes of the right operand carry into each other across "
                      "index " +
                          llvm::Twine(threshold) +
                          ", where the left operand changes its stride");
  return result.get();
}

/// Compares the only candidate for A o B with it, point by point.
static std::optional<Layout> composeByTable(const Outer &outer,
                                            const Layout &b) {
  constexpr int64_t maxPoints = int64_t(1) << 20;
  Int size = b.size();
  if (!b.isStatic() || size.value() > maxPoints)
    return std::nullopt;
  Refinement result(b);
  for (auto [extent, stride] : llvm::zip_equal(b.shapes(), b.strides())) {
    result.beginLeaf();
    int64_t step = stride.value();
    for (int64_t rest = extent.value();;) {
      Wide unit = outer.wide(step);
      int64_t first = std::min<int64_t>(rest, 2);
      while (first < rest && outer.wide(step * first) == unit * first)
        ++first;
      if (rest % first != 0)
        return std::nullopt;
      result.push(first, outer(step));
      rest /= first;
      if (rest == 1)
        break;
      step *= first;
    }
  }
  Layout candidate = result.get();
  if (llvm::any_of(candidate.strides(),
                   [](const Int &x) { return x.isInvalid(); }))
    return std::nullopt;
  Outer refined(candidate);
  // `index` runs through B's domain as a counter of its leaves.
  llvm::SmallVector<int64_t, 8> counter(b.numLeaves(), 0);
  int64_t inner = 0;
  for (int64_t index = 0; index < size.value(); ++index) {
    if (outer.wide(inner) != refined.wide(index))
      return std::nullopt;
    for (unsigned leaf = 0; leaf < counter.size(); ++leaf) {
      int64_t extent = b.shapes()[leaf].value();
      int64_t stride = b.strides()[leaf].value();
      inner += stride;
      if (++counter[leaf] < extent)
        break;
      inner -= stride * extent;
      counter[leaf] = 0;
    }
  }
  return candidate;
}

//===----------------------------------------------------------------------===//
// Composition with dynamic leaves where A bends
//===----------------------------------------------------------------------===//

namespace {
/// A stretch of one digit of A that a part of a leaf of B runs through.
struct Stretch {
  unsigned digit;
  Int from; // static or symbolic step within the digit
  Int count;
};
} // namespace

static Error needsStatic(const Layout &a, const Layout &b, unsigned leaf,
                         const llvm::Twine &fact) {
  return Error(ErrorKind::Dynamic,
               "composition: " + a.str() + " o " + b.str() +
                   " needs static leaves: in " + describeMode(b, leaf) +
                   " of the right operand it must be known that " + fact);
}

/// Do the stretches, all of digit `extent`, never add up to it?
static bool fitTogether(llvm::SmallVectorImpl<Stretch> &stretches,
                        const Int &extent) {
  if (stretches.size() < 2)
    return true;
  for (const Stretch &stretch : stretches)
    if (!stretch.from.isStatic())
      return false;
  llvm::sort(stretches, [](const Stretch &x, const Stretch &y) {
    return x.from.value() < y.from.value();
  });
  for (unsigned i = 0; i + 1 < stretches.size(); ++i)
    if (!divides(mul(stretches[i].count, stretches[i].from),
                 stretches[i + 1].from))
      return false;
  const Stretch &last = stretches.back();
  return knownAtMost(mul(last.count, last.from), extent);
}

/// The regular case only: each leaf of B skips whole digits of A, then runs
/// through parts of them that divide evenly, by what is known of the leaves.
static Result<Layout> composeDynamic(const Layout &a, const Outer &outer,
                                     const Layout &b) {
  Refinement result(b);
  unsigned last = outer.leaves.size() - 1;
  llvm::SmallVector<Stretch, 8> stretches;
  for (unsigned leaf = 0; leaf < b.numLeaves(); ++leaf) {
    result.beginLeaf();
    Int rest = b.shapes()[leaf], step = b.strides()[leaf];
    if (rest.is(1) || step.isZero()) {
      result.push(rest, 0);
      continue;
    }
    bool done = false;
    for (unsigned k = 0; k < last && !done; ++k) {
      const Leaf &digit = outer.leaves[k];
      if (divides(digit.extent, step)) {
        step = floorDiv(step, digit.extent);
        continue;
      }
      if (!step.isStatic() || step.value() < 0 || !divides(step, digit.extent))
        return needsStatic(a, b, leaf,
                           "its stride and extent " + digit.extent.str() +
                               " of the left operand divide one another");
      Int room = floorDiv(digit.extent, step);
      Int value = mul(step, digit.stride);
      if (knownAtMost(rest, room)) {
        stretches.push_back({k, step, rest});
        result.push(rest, value);
        done = true;
      } else if (divides(room, rest)) {
        stretches.push_back({k, step, room});
        result.push(room, value);
        rest = floorDiv(rest, room);
        step = 1;
      } else {
        return needsStatic(a, b, leaf,
                           "its extent " + rest.str() +
                               " fits, or is a multiple of, the " + room.str() +
                               " steps that extent " + digit.extent.str() +
                               " of the left operand has room for");
      }
    }
    if (!done)
      result.push(rest, mul(step, outer.leaves[last].stride));
  }
  for (unsigned k = 0; k < last; ++k) {
    llvm::SmallVector<Stretch, 8> shared;
    for (const Stretch &stretch : stretches)
      if (stretch.digit == k)
        shared.push_back(stretch);
    if (!fitTogether(shared, outer.leaves[k].extent))
      return Error(
          ErrorKind::Dynamic,
          "composition: " + a.str() + " o " + b.str() +
              " needs static leaves: it must be known that the modes of "
              "the right operand do not carry into each other in extent " +
              outer.leaves[k].extent.str() + " of the left operand");
  }
  return result.get();
}

//===----------------------------------------------------------------------===//
// Composition
//===----------------------------------------------------------------------===//

/// Is a leaf of B known well enough for the exact algorithm?
static bool decidable(const Outer &outer, const Int &extent,
                      const Int &stride) {
  if (outer.leaves.size() == 1)
    return true;
  if (!outer.known || !stride.isStatic())
    return false;
  return extent.isStatic() || stride.value() % outer.thresholds.back() == 0;
}

Result<Layout> enigma::layout::composition(const Layout &a, const Layout &b) {
  if (b.hasBasis())
    return Error(ErrorKind::Basis,
                 "composition: the right operand " + b.str() +
                     " has coordinates as offsets, not indices");
  Outer outer(a);
  for (auto [extent, stride] : llvm::zip_equal(b.shapes(), b.strides()))
    if (!decidable(outer, extent, stride)) {
      Result<Layout> result = composeDynamic(a, outer, b);
      if (!result)
        return result;
      return checked("composition", *result);
    }
  Result<Layout> result = composeStatic(a, outer, b);
  if (!result && outer.bendsBothWays())
    if (std::optional<Layout> found = composeByTable(outer, b))
      result = *found;
  if (!result)
    return result;
  if (a.hasBasis() && llvm::any_of(result->strides(),
                                   [](const Int &x) { return x.isInvalid(); }))
    return noLayout(a, b, "one step goes along several coordinates");
  return checked("composition", *result);
}

static Result<Layout> composeByMode(const Layout &a, const Tiler &b,
                                    const std::string &where) {
  if (b.isNone())
    return a;
  if (b.isLayout()) {
    // A tile of a mode stays within it; a layout for the whole need not.
    if (!where.empty())
      if (std::optional<Error> error = tilerExceeds(a, b.layout(), where))
        return *error;
    return composition(a, b.layout());
  }
  if (b.modes().size() > a.rank())
    return tooManyModes("composition", a, b);
  llvm::SmallVector<Layout, 4> modes = a.modes();
  for (auto [i, tiler] : llvm::enumerate(b.modes())) {
    Result<Layout> mode = composeByMode(modes[i], tiler, modeWithin(where, i));
    if (!mode)
      return mode;
    modes[i] = *mode;
  }
  return Layout::tuple(modes);
}

Result<Layout> enigma::layout::composition(const Layout &a, const Tiler &b) {
  return composeByMode(a, b, "");
}
