// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tilings of layouts.

#include "Detail.h"

#include "llvm/ADT/STLExtras.h"

using namespace enigma::layout;
using namespace enigma::layout::detail;

//===----------------------------------------------------------------------===//
// Tiler
//===----------------------------------------------------------------------===//

Tiler Tiler::tuple(std::vector<Tiler> modes) {
  Tiler result(Kind::Tuple);
  result.parts = std::move(modes);
  return result;
}

std::string Tiler::str() const {
  switch (kindOf) {
  case Kind::None:
    return "None";
  case Kind::Layout:
    return whole.str();
  case Kind::Tuple:
    break;
  }
  std::string text = "(";
  for (auto [i, part] : llvm::enumerate(parts))
    text += (i ? "," : "") + part.str();
  return text + ")";
}

namespace {
/// A layout cut in two: by `part` the tile and the rest of each mode.
struct Halves {
  Layout first, second;
};
using Cut = llvm::function_ref<Result<Halves>(const Layout &, const Layout &,
                                              llvm::StringRef where)>;
} // namespace

Error detail::tooManyModes(llvm::StringRef operation, const Layout &a,
                           const Tiler &t) {
  return Error(ErrorKind::Tiler, operation + ": tiler " + t.str() + " has " +
                                     llvm::Twine(t.modes().size()) +
                                     " modes, the layout " + a.str() + " has " +
                                     llvm::Twine(a.rank()));
}

std::string detail::modeWithin(llvm::StringRef where, unsigned index) {
  std::string name = where.empty() ? "mode " : where.str() + '.';
  return name += std::to_string(index);
}

std::optional<Error> detail::tilerExceeds(const Layout &a, const Layout &tile,
                                          llvm::StringRef where) {
  Int available = a.size(), wanted = tile.size();
  if (!available.isStatic() || knownAtMost(wanted, available))
    return std::nullopt;
  // Coordinates that a mode of stride 0 adds find no further elements.
  wanted = filter(tile).size();
  if (!wanted.isStatic() || wanted.value() <= available.value())
    return std::nullopt;
  return Error(ErrorKind::TileSize,
               "tiler exceeds tensor" +
                   (where.empty() ? std::string() : (" in " + where).str()) +
                   ": the tile " + tile.str() + " has " + wanted.str() +
                   " elements, the layout " + a.str() + " has " +
                   available.str());
}

/// Applies `cut` along the tiler's tree and keeps each mode's halves together.
static Result<Layout> cutModes(llvm::StringRef operation, const Layout &a,
                               const Tiler &t, Cut cut,
                               const std::string &where) {
  if (t.isNone())
    return a;
  if (t.isLayout()) {
    Result<Halves> halves = cut(a, t.layout(), where);
    if (!halves)
      return halves.error();
    return Layout::tuple({halves->first, halves->second});
  }
  if (t.modes().size() > a.rank())
    return tooManyModes(operation, a, t);
  llvm::SmallVector<Layout, 4> modes = a.modes();
  for (auto [i, part] : llvm::enumerate(t.modes())) {
    Result<Layout> mode =
        cutModes(operation, modes[i], part, cut, modeWithin(where, i));
    if (!mode)
      return mode;
    modes[i] = *mode;
  }
  return Layout::tuple(modes);
}

/// Applies `cut` along the tiler's tree and gathers all first halves, and all
/// second ones. A mode without a tile belongs to the second.
static Result<Halves> unzipModes(llvm::StringRef operation, const Layout &a,
                                 const Tiler &t, Cut cut,
                                 const std::string &where) {
  if (t.isNone())
    return Halves{Layout(), a};
  if (t.isLayout())
    return cut(a, t.layout(), where);
  if (t.modes().size() > a.rank())
    return tooManyModes(operation, a, t);
  llvm::SmallVector<Layout, 4> modes = a.modes(), firsts, seconds;
  for (auto [i, part] : llvm::enumerate(t.modes())) {
    Result<Halves> halves =
        unzipModes(operation, modes[i], part, cut, modeWithin(where, i));
    if (!halves)
      return halves;
    firsts.push_back(halves->first);
    seconds.push_back(halves->second);
  }
  for (const Layout &mode :
       llvm::ArrayRef<Layout>(modes).drop_front(t.modes().size()))
    seconds.push_back(mode);
  return Halves{Layout::tuple(firsts), Layout::tuple(seconds)};
}

static Result<Layout> zipped(llvm::StringRef operation, const Layout &a,
                             const Tiler &t, Cut cut) {
  Result<Halves> halves = unzipModes(operation, a, t, cut, "");
  if (!halves)
    return halves.error();
  return checked(operation, Layout::tuple({halves->first, halves->second}));
}

static Result<Layout> tiled(llvm::StringRef operation, const Layout &a,
                            const Tiler &t, Cut cut) {
  Result<Halves> halves = unzipModes(operation, a, t, cut, "");
  if (!halves)
    return halves.error();
  llvm::SmallVector<Layout, 4> modes{halves->first};
  llvm::append_range(modes, halves->second.modes());
  return checked(operation, Layout::tuple(modes));
}

static Result<Layout> flat(llvm::StringRef operation, const Layout &a,
                           const Tiler &t, Cut cut) {
  Result<Halves> halves = unzipModes(operation, a, t, cut, "");
  if (!halves)
    return halves.error();
  llvm::SmallVector<Layout, 4> modes = halves->first.modes();
  llvm::append_range(modes, halves->second.modes());
  return checked(operation, Layout::tuple(modes));
}

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

/// The parts of composition(a, (t, complement(t, size(a)))).
static Result<Halves> divide(const Layout &a, const Layout &t,
                             llvm::StringRef where) {
  if (std::optional<Error> error = tilerExceeds(a, t, where))
    return *error;
  Result<Layout> rest = complement(t, a.size());
  if (!rest)
    return rest.error();
  Result<Layout> divided = composition(a, Layout::tuple({t, *rest}));
  if (!divided)
    return divided.error();
  return Halves{divided->mode(0), divided->mode(1)};
}

Result<Layout> enigma::layout::logicalDivide(const Layout &a, const Tiler &t) {
  Result<Layout> result = cutModes("logical_divide", a, t, divide, "");
  if (!result)
    return result;
  return checked("logical_divide", *result);
}

Result<Layout> enigma::layout::zippedDivide(const Layout &a, const Tiler &t) {
  return zipped("zipped_divide", a, t, divide);
}

Result<Layout> enigma::layout::tiledDivide(const Layout &a, const Tiler &t) {
  return tiled("tiled_divide", a, t, divide);
}

Result<Layout> enigma::layout::flatDivide(const Layout &a, const Tiler &t) {
  return flat("flat_divide", a, t, divide);
}

//===----------------------------------------------------------------------===//
// Product
//===----------------------------------------------------------------------===//

static Result<Halves> multiply(const Layout &a, const Layout &b,
                               llvm::StringRef) {
  if (b.hasBasis())
    return Error(ErrorKind::Basis, "logical_product: the offsets of " +
                                       b.str() +
                                       " are coordinates, not indices");
  Int reach = mul(a.size(), b.cosize());
  if (reach.isInvalid())
    return Error(ErrorKind::Range, "logical_product: the copies of " + a.str() +
                                       " by " + b.str() +
                                       " span more than 2^62 elements");
  Result<Layout> rest = complement(a, reach);
  if (!rest)
    return rest.error();
  Result<Layout> copies = composition(*rest, b);
  if (!copies)
    return copies.error();
  return Halves{a, *copies};
}

Result<Layout> enigma::layout::logicalProduct(const Layout &a, const Tiler &b) {
  Result<Layout> result = cutModes("logical_product", a, b, multiply, "");
  if (!result)
    return result;
  return checked("logical_product", *result);
}

Result<Layout> enigma::layout::zippedProduct(const Layout &a, const Tiler &b) {
  return zipped("zipped_product", a, b, multiply);
}

Result<Layout> enigma::layout::tiledProduct(const Layout &a, const Tiler &b) {
  return tiled("tiled_product", a, b, multiply);
}

Result<Layout> enigma::layout::flatProduct(const Layout &a, const Tiler &b) {
  return flat("flat_product", a, b, multiply);
}

/// The modes of `layout`, with `1:0` appended up to `rank`.
static llvm::SmallVector<Layout, 4> paddedModes(const Layout &layout,
                                                unsigned rank) {
  llvm::SmallVector<Layout, 4> modes = layout.modes();
  modes.resize(std::max<size_t>(rank, modes.size()));
  return modes;
}

/// The product with mode i made of the i-th modes of both factors.
static Result<Layout> interleave(llvm::StringRef operation, const Layout &a,
                                 const Layout &b, bool blocked) {
  unsigned rank = std::max(a.rank(), b.rank());
  llvm::SmallVector<Layout, 4> blockModes = paddedModes(a, rank);
  llvm::SmallVector<Layout, 4> tileModes = paddedModes(b, rank);
  Result<Halves> product =
      multiply(Layout::tuple(blockModes), Layout::tuple(tileModes), "");
  if (!product)
    return product.error().in(operation);
  llvm::SmallVector<Layout, 4> modes;
  for (auto [inner, outer] :
       llvm::zip_equal(product->first.modes(), product->second.modes()))
    modes.push_back(blocked ? Layout::tuple({inner, outer})
                            : Layout::tuple({outer, inner}));
  return checked(operation, Layout::tuple(modes));
}

Result<Layout> enigma::layout::blockedProduct(const Layout &a,
                                              const Layout &b) {
  return interleave("blocked_product", a, b, /*blocked=*/true);
}

Result<Layout> enigma::layout::rakedProduct(const Layout &a, const Layout &b) {
  return interleave("raked_product", a, b, /*blocked=*/false);
}

Result<Layout>
enigma::layout::tileToShape(const Layout &block, const IntTuple &shape,
                            const std::optional<IntTuple> &order) {
  constexpr llvm::StringLiteral name = "tile_to_shape";
  auto fail = [&](ErrorKind kind, const llvm::Twine &reason) {
    return Error(kind, name + ": " + block.str() + " to shape " + shape.str() +
                           ": " + reason);
  };
  if (block.rank() > shape.rank())
    return fail(ErrorKind::Fill, "the block has more modes than the shape");
  llvm::SmallVector<Layout, 4> blockModes = paddedModes(block, shape.rank());
  IntTuple target = productEach(shape);
  llvm::SmallVector<Int, 4> copies;
  for (auto [i, mode] : llvm::enumerate(blockModes)) {
    const Int &extent = target.leaf(i);
    if (extent.isStatic() && extent.value() < 1)
      return fail(ErrorKind::Extent, "extent " + extent.str() + " of mode " +
                                         llvm::Twine(i) + " is not positive");
    if (!divides(mode.size(), extent))
      return extent.isDynamic() || !mode.size().isStatic()
                 ? fail(ErrorKind::Dynamic,
                        "it must be known that the extent " + extent.str() +
                            " of mode " + llvm::Twine(i) +
                            " is a multiple of the block's " +
                            mode.size().str())
                 : fail(ErrorKind::Fill, "the extent " + extent.str() +
                                             " of mode " + llvm::Twine(i) +
                                             " is no multiple of the block's " +
                                             mode.size().str());
    copies.push_back(floorDiv(extent, mode.size()));
  }
  IntTuple arrangement(Profile::flat(copies.size()), copies);
  Result<Layout> tiles = order ? makeOrderedLayout(arrangement, *order)
                               : Layout::make(arrangement);
  if (!tiles)
    return tiles.error().in(name);
  Result<Layout> result =
      interleave(name, Layout::tuple(blockModes), *tiles, /*blocked=*/true);
  if (!result)
    return result;
  llvm::SmallVector<Layout, 4> modes;
  for (const Layout &mode : result->modes())
    modes.push_back(coalesce(mode));
  return shape.isLeaf() ? modes.front() : Layout::tuple(modes);
}

//===----------------------------------------------------------------------===//
// Partitions
//===----------------------------------------------------------------------===//

/// Slices the tile or the rest of a zipped layout.
static Result<std::pair<Layout, IntTuple>>
sliceHalf(const Layout &halves, bool tile, const IntTuple &coord) {
  Layout picked = halves.mode(tile ? 0 : 1), kept = halves.mode(tile ? 1 : 0);
  Result<std::pair<Layout, IntTuple>> part = sliceAndOffset(coord, picked);
  if (!part)
    return part;
  // The modes of tiles that the coordinate keeps follow those of the kept half.
  llvm::SmallVector<Layout, 4> modes = kept.modes();
  if (llvm::any_of(coord.leaves(), [](const Int &x) { return x.isNone(); }))
    llvm::append_range(modes, part->first.modes());
  return std::make_pair(
      kept.isLeaf() && modes.size() == 1 ? kept : Layout::tuple(modes),
      part->second);
}

Result<std::pair<Layout, IntTuple>>
enigma::layout::localTile(const Layout &layout, const Tiler &tiler,
                          const IntTuple &coord) {
  Result<Layout> divided = zipped("local_tile", layout, tiler, divide);
  if (!divided)
    return divided.error();
  return sliceHalf(*divided, /*tile=*/false, coord);
}

Result<std::pair<Layout, IntTuple>>
enigma::layout::localPartition(const Layout &layout, const Layout &threads,
                               const Int &index) {
  constexpr llvm::StringLiteral name = "local_partition";
  if (!threads.isStatic() || threads.hasBasis())
    return Error(ErrorKind::Dynamic,
                 name + ": the thread layout " + threads.str() +
                     " needs static extents and strides, to give each thread "
                     "its place",
                 "write the layout with Python ints");
  Result<Layout> inverse = rightInverse(threads);
  if (!inverse)
    return inverse.error();
  if (!inverse->size().is(threads.size().value()))
    return Error(ErrorKind::Numbering,
                 name + ": the thread layout " + threads.str() +
                     " does not number its " + threads.size().str() +
                     " threads from 0 without gaps");
  if (index.isStatic() &&
      (index.value() < 0 || index.value() >= threads.size().value()))
    return Error(ErrorKind::Thread,
                 name + ": thread " + index.str() + " is none of the " +
                     threads.size().str() + " threads of " + threads.str());
  IntTuple extents = productEach(threads.shape());
  std::vector<Tiler> tile(extents.leaves().begin(), extents.leaves().end());
  Result<Layout> divided = zipped(
      name, layout,
      threads.isLeaf() ? tile.front() : Tiler::tuple(std::move(tile)), divide);
  if (!divided)
    return divided.error();
  // The threads fill an interval, so each stride is the product of the extents
  // below it, and the digit of a leaf is (index / stride) mod extent.
  llvm::SmallVector<Int, 4> coord;
  for (const Layout &mode : threads.modes()) {
    Int position = 0, weight = 1;
    for (auto [extent, stride] :
         llvm::zip_equal(mode.shapes(), mode.strides())) {
      if (extent.is(1))
        continue;
      Int digit = floorDiv(index, stride);
      if (mul(stride, extent) != threads.size())
        digit = floorMod(digit, extent);
      position = add(position, mul(digit, weight));
      weight = mul(weight, extent);
    }
    coord.push_back(position);
  }
  IntTuple place = threads.isLeaf()
                       ? IntTuple(coord.front())
                       : IntTuple(Profile::flat(coord.size()), coord);
  return sliceHalf(*divided, /*tile=*/true, place);
}
