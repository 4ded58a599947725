// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Complements and inverses of layouts.

#include "enigma/Layout/Algebra.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace enigma::layout;

namespace {
/// A leaf that moves, and the step in the 1-D coordinate that moves it.
struct Mover {
  Int extent, stride;
  Int index;
};
using Movers = llvm::SmallVector<Mover, 8>;
} // namespace

/// The leaves that move: not those of stride 0, nor of one element, which add
/// nothing to the image.
static Movers moversOf(const Layout &layout) {
  Movers movers;
  Int index = 1;
  for (auto [extent, stride] :
       llvm::zip_equal(layout.shapes(), layout.strides())) {
    if (!stride.isZero() && !extent.is(1))
      movers.push_back({extent, stride, index});
    index = mul(index, extent);
  }
  return movers;
}

static Error failure(ErrorKind kind, llvm::StringRef operation,
                     const Layout &layout, const llvm::Twine &reason) {
  return Error(kind, operation + " of " + layout.str() + ": " + reason);
}

static std::string describe(const Mover &mover) {
  return "mode " + mover.extent.str() + ":" + mover.stride.str();
}

/// Sorts by the magnitude of strides; false if one of them is dynamic.
static bool sortByStride(Movers &movers) {
  for (const Mover &mover : movers)
    if (!mover.stride.isStatic())
      return false;
  llvm::stable_sort(movers, [](const Mover &x, const Mover &y) {
    return x.stride.divisor() < y.stride.divisor();
  });
  return true;
}

static Layout flatOf(llvm::ArrayRef<Int> shape, llvm::ArrayRef<Int> stride) {
  if (shape.empty())
    return Layout();
  return coalesce(
      Layout::unchecked(Profile::flat(shape.size()), shape, stride));
}

//===----------------------------------------------------------------------===//
// Complement
//===----------------------------------------------------------------------===//

Result<Layout> enigma::layout::complement(const Layout &layout, const Int &n) {
  constexpr llvm::StringLiteral name = "complement";
  if (layout.hasBasis())
    return failure(ErrorKind::Basis, name, layout,
                   "its offsets are coordinates, not indices");
  if (n.isStatic() && n.value() < 1)
    return failure(ErrorKind::Extent, name, layout,
                   "the extent to cover, " + n.str() + ", is not positive");
  Movers movers = moversOf(layout);
  if (!sortByStride(movers))
    return failure(ErrorKind::Dynamic, name, layout,
                   "needs static strides, to order its modes and to know "
                   "which run backwards");

  // The image of the modes so far tiles [0, block) with the gaps filled.
  Int block = 1, below = 0;
  llvm::SmallVector<Int, 8> shape, stride;
  for (const Mover &mover : movers) {
    Int step = mover.stride.divisor();
    if (!divides(block, step)) {
      if (!block.isStatic())
        return failure(ErrorKind::Dynamic, name, layout,
                       "needs a static extent below " + describe(mover) +
                           ": its stride must be a multiple of " +
                           "the block of the smaller modes, which is dynamic");
      bool overlaps = step.isStatic() && step.value() < block.value();
      return failure(
          overlaps ? ErrorKind::Injectivity : ErrorKind::Gaps, name, layout,
          (overlaps ? "the layout is not injective, or its modes interleave: "
                    : "no layout fills the gaps: ") +
              ("the stride of " + describe(mover) +
               " is no multiple of the block of " + block.str() +
               " elements that its smaller modes span"));
    }
    shape.push_back(floorDiv(step, block));
    stride.push_back(block);
    block = mul(step, mover.extent);
    if (mover.stride.value() < 0)
      below = add(below, mul(step, sub(mover.extent, 1)));
  }
  shape.push_back(ceilDiv(add(n, below), block));
  stride.push_back(block);
  return checked(name, flatOf(shape, stride));
}

//===----------------------------------------------------------------------===//
// Right inverse
//===----------------------------------------------------------------------===//

namespace {
/// Finds the longest right inverse of a layout whose modes overlap or run
/// backwards, where following the strides upwards may stop too early.
class InverseSearch {
public:
  static constexpr int64_t maxPoints = 1 << 10;
  static constexpr unsigned maxSteps = 1 << 12;

  explicit InverseSearch(const Layout &layout) {
    int64_t size = layout.size().value();
    for (int64_t i = 0; i < size; ++i)
      values.push_back(layout(i).value());
  }

  Layout run() {
    llvm::SmallVector<int64_t, 64> inverse{0};
    extend(inverse);
    return best;
  }

private:
  /// Tries all leaves that continue an inverse of [0, inverse.size()).
  void extend(llvm::ArrayRef<int64_t> inverse) {
    int64_t covered = inverse.size();
    if (covered > bestSize) {
      bestSize = covered;
      best = flatOf(shape, stride);
    }
    for (int64_t step = 1; step < int64_t(values.size()); ++step) {
      if (values[step] != covered || ++steps > maxSteps)
        continue;
      llvm::SmallVector<int64_t, 64> longer(inverse.begin(), inverse.end());
      for (int64_t extent = 2; append(longer, inverse, step); ++extent) {
        shape.push_back(extent);
        stride.push_back(step);
        extend(longer);
        shape.pop_back();
        stride.pop_back();
      }
    }
  }

  /// Appends one more shifted copy of `period`, if the layout undoes it.
  bool append(llvm::SmallVectorImpl<int64_t> &longer,
              llvm::ArrayRef<int64_t> period, int64_t step) {
    int64_t shift = step * (longer.size() / period.size());
    for (int64_t index : period) {
      int64_t at = index + shift;
      if (at >= int64_t(values.size()) || values[at] != int64_t(longer.size()))
        return false;
      longer.push_back(at);
    }
    return true;
  }

  std::vector<int64_t> values;
  llvm::SmallVector<Int, 8> shape, stride;
  Layout best;
  int64_t bestSize = 0;
  unsigned steps = 0;
};
} // namespace

Result<Layout> enigma::layout::rightInverse(const Layout &layout) {
  constexpr llvm::StringLiteral name = "right_inverse";
  if (layout.hasBasis())
    return failure(ErrorKind::Basis, name, layout,
                   "its offsets are coordinates, not indices");
  Movers movers = moversOf(layout);
  Int next = 1;
  llvm::SmallVector<Int, 8> shape, stride;
  // Modes follow each other when each begins where the smaller ones end.
  auto follow = [&](const Mover &mover) {
    shape.push_back(mover.extent);
    stride.push_back(mover.index);
    next = mul(next, mover.extent);
  };
  if (!layout.isStatic()) {
    Movers rest = movers;
    auto *found = rest.begin();
    while ((found = llvm::find_if(rest, [&](const Mover &mover) {
              return sameValue(mover.stride, next);
            })) != rest.end()) {
      Mover mover = *found;
      rest.erase(found);
      follow(mover);
    }
    return checked(name, flatOf(shape, stride));
  }
  sortByStride(movers);
  bool regular = true;
  int64_t reach = 0;
  for (const Mover &mover : movers) {
    int64_t step = mover.stride.value();
    // Ascending and disjoint modes have no other inverse than this one.
    regular &= step > reach;
    reach += step * (mover.extent.value() - 1);
    if (sameValue(mover.stride, next))
      follow(mover);
  }
  if (!regular && layout.size().value() <= InverseSearch::maxPoints)
    return checked(name, InverseSearch(layout).run());
  return checked(name, flatOf(shape, stride));
}

//===----------------------------------------------------------------------===//
// Left inverse
//===----------------------------------------------------------------------===//

/// The inverse of modes whose strides do not divide one another, as padding
/// makes them: 41 of (4,8,2):(1,5,41) has the digits (1,0,1) in extents 5
/// and 8. Each stride in turn begins a digit; what its lower digits come to is
/// taken off. None where offsets then carry from one digit into another.
static std::optional<Layout> inverseByDigits(llvm::ArrayRef<Mover> movers) {
  for (const Mover &mover : movers)
    if (!mover.extent.isStatic() || !mover.index.isStatic() ||
        mover.stride.value() < 0)
      return std::nullopt;
  llvm::SmallVector<Int, 8> shape, stride, extents, steps;
  int64_t threshold = movers[0].stride.value();
  if (threshold > 1) {
    shape.push_back(threshold);
    stride.push_back(0);
  }
  for (auto [i, mover] : llvm::enumerate(movers)) {
    int64_t rest = mover.stride.value() - threshold;
    Int lower = 0;
    for (auto [extent, step] : llvm::zip_equal(shape, stride)) {
      lower = add(lower, mul(rest % extent.value(), step));
      rest /= extent.value();
    }
    stride.push_back(sub(mover.index, lower));
    extents.push_back(mover.extent);
    steps.push_back(mover.stride);
    if (i + 1 == movers.size()) {
      shape.push_back(mover.extent);
      break;
    }
    int64_t extent = movers[i + 1].stride.value() / threshold;
    if (extent < 2)
      return std::nullopt;
    shape.push_back(extent);
    threshold *= extent;
  }
  Layout inverse =
      Layout::unchecked(Profile::flat(shape.size()), shape, stride);
  Result<Layout> found =
      composition(inverse, Layout::unchecked(Profile::flat(extents.size()),
                                             extents, steps));
  if (!found)
    return std::nullopt;
  for (auto [mode, mover] : llvm::zip_equal(found->modes(), movers))
    if (coalesce(mode) != Layout::leaf(mover.extent, mover.index))
      return std::nullopt;
  return coalesce(inverse);
}

Result<Layout> enigma::layout::leftInverse(const Layout &layout) {
  constexpr llvm::StringLiteral name = "left_inverse";
  if (layout.hasBasis())
    return failure(ErrorKind::Basis, name, layout,
                   "its offsets are coordinates, not indices");
  // Merged modes leave fewer strides to tell apart.
  Movers movers = moversOf(coalesce(layout));
  if (movers.empty())
    return Layout();
  if (!sortByStride(movers))
    return failure(ErrorKind::Dynamic, name, layout, "needs static strides");

  llvm::SmallVector<Int, 8> shape, stride;
  int64_t unit = movers[0].stride.divisor();
  if (unit > 1) {
    shape.push_back(unit);
    stride.push_back(0);
  }
  for (unsigned i = 0; i < movers.size(); ++i) {
    const Mover &mover = movers[i];
    int64_t step = mover.stride.divisor();
    bool backwards = mover.stride.value() < 0;
    if (i + 1 == movers.size()) {
      shape.push_back(mover.extent);
      stride.push_back(backwards ? mul(mover.index, -1) : mover.index);
      break;
    }
    const Mover &upper = movers[i + 1];
    int64_t above = upper.stride.divisor();
    if (backwards)
      return failure(ErrorKind::Backwards, name, layout,
                     describe(mover) + " runs backwards below " +
                         describe(upper) +
                         ", so offsets borrow from it; invert the layout "
                         "with that mode reversed");
    bool isChain = above % step == 0 && mover.extent.isStatic() &&
                   mover.extent.value() <= above / step;
    if (!isChain)
      if (std::optional<Layout> inverse = inverseByDigits(movers))
        return checked(name, *inverse);
    if (above % step != 0)
      return failure(ErrorKind::Gaps, name, layout,
                     "the stride of " + describe(upper) +
                         " is no multiple of that of " + describe(mover) +
                         ", so no chain of extents tells them apart");
    if (!mover.extent.isStatic())
      return failure(ErrorKind::Dynamic, name, layout,
                     "needs a static extent in " + describe(mover) +
                         " to know that it stays below " + describe(upper));
    if (mover.extent.value() > above / step)
      return failure(ErrorKind::Injectivity, name, layout,
                     "the layout is not injective: " + describe(mover) +
                         " reaches into " + describe(upper));
    shape.push_back(above / step);
    stride.push_back(mover.index);
  }
  return checked(name, flatOf(shape, stride));
}
