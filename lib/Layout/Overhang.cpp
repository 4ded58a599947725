// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Layout/Overhang.h"

#include "llvm/ADT/STLExtras.h"

using namespace enigma::layout;

using Operands = llvm::ArrayRef<Value>;

//===----------------------------------------------------------------------===//
// What cuts a layout
//===----------------------------------------------------------------------===//

/// The tiler by which an operation cuts or composes its first operand; one of
/// no modes if it does neither.
static Result<Tiler> getTiler(const Operation &operation, Operands operands) {
  if (operation.name == "local_partition")
    return asTiler(Value(productEach(operands[1].layout.layout().shape())));
  if (operation.operands.size() > 1 && operation.operands[1].name == "tiler")
    return asTiler(operands[1]);
  return Tiler::tuple({});
}

/// Whether a mode of a layout and the tile for it are so.
static bool anyMode(const Layout &layout, const Tiler &tiler,
                    bool (*isSo)(const Layout &, const Tiler &)) {
  for (auto [mode, tile] : llvm::zip(layout.modes(), tiler.modes()))
    if (isSo(mode, tile))
      return true;
  return false;
}

/// Whether tiles do not divide a layout, or are not known to.
static bool hasGaps(const Layout &layout, const Tiler &tiler) {
  if (tiler.isNone())
    return false;
  if (tiler.isTuple())
    return anyMode(layout, tiler, hasGaps);
  // Coordinates that differ in modes of stride 0 find the same element.
  Result<Layout> divided = logicalDivide(layout, filter(tiler.layout()));
  return !divided || !sameValue(divided->size(), layout.size());
}

/// Whether `reach` elements are more than a layout has, or are not known to be.
static bool exceeds(const Layout &layout, const Int &reach) {
  Int size = layout.size();
  if (reach.isStatic() && size.isStatic())
    return reach.value() > size.value();
  return !sameValue(reach, size);
}

static bool exceeds(const Layout &layout, const Tiler &tiler) {
  if (tiler.isNone())
    return false;
  if (tiler.isTuple())
    return anyMode(layout, tiler, exceeds);
  return exceeds(layout, tiler.layout().cosize());
}

/// One more than the greatest offset of a swizzled layout, or a number above
/// it.
static Int getReach(const ComposedLayout &layout) {
  Int reach = add(layout.offset(), layout.layout().cosize());
  if (!reach.isStatic() || !layout.layout().isStatic())
    return Int::dynamic();
  // Only bits below this one change.
  const Swizzle &swizzle = layout.swizzle();
  int64_t changed = swizzle.sourceMask() | swizzle.targetMask(), block = 1;
  while (block <= changed)
    block *= 2;
  Int rounded = mul(ceilDiv(reach, block), block);
  constexpr int64_t mostElements = 1 << 16;
  Int size = layout.layout().size();
  if (rounded == reach || size.value() > mostElements)
    return rounded;
  int64_t greatest = 0;
  for (int64_t i = 0; i < size.value(); ++i) {
    Result<IntTuple> offset = crd2idx(IntTuple(Int(i)), layout);
    if (!offset || !offset->leaf(0).isStatic())
      return rounded;
    greatest = std::max(greatest, offset->leaf(0).value());
  }
  return greatest + 1;
}

bool enigma::layout::overhangs(const Operation &operation, Operands operands) {
  const Layout &layout = operands[0].layout.layout();
  bool isComposition = operation.name == "composition";
  if (isComposition && operands[1].isLayout() && operands[1].isSwizzled())
    return exceeds(layout, getReach(operands[1].layout));
  Result<Tiler> tiler = getTiler(operation, operands);
  if (!tiler)
    return true;
  return isComposition ? exceeds(layout, *tiler) : hasGaps(layout, *tiler);
}

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

/// The coordinate in another shape of as many elements, where the two nest
/// alike or not: a mode that has other modes there is given by the number of
/// the element in it.
static Result<IntTuple> fit(const IntTuple &coord, const IntTuple &shape,
                            const IntTuple &target) {
  if (coord.isLeaf())
    return coord;
  if (!shape.isLeaf() && !target.isLeaf() &&
      productEach(shape) == productEach(target)) {
    llvm::SmallVector<IntTuple, 4> modes;
    for (unsigned i = 0; i < coord.rank(); ++i) {
      Result<IntTuple> mode = fit(coord.mode(i), shape.mode(i), target.mode(i));
      if (!mode)
        return mode;
      modes.push_back(*mode);
    }
    return IntTuple::tuple(modes);
  }
  Result<Layout> compact = Layout::make(shape);
  if (!compact)
    return compact.error();
  return crd2idx(coord, *compact);
}

namespace {
/// How a shape is counted along each mode of a tiler.
struct AlongTiler {
  /// Of the modes that have one tile or none.
  IntTuple extents;
  /// What a layout of these is composed with to have the given shape; none if
  /// it has.
  Tiler modes;
};
} // namespace

static Result<AlongTiler> alongTiler(const IntTuple &shape,
                                     const Tiler &tiler) {
  if (shape.isLeaf())
    return AlongTiler{shape, Tiler::none()};
  if (!tiler.isTuple()) {
    Result<Layout> compact = Layout::make(shape);
    if (!compact)
      return compact.error();
    return AlongTiler{IntTuple(shape.product()), *compact};
  }
  llvm::SmallVector<IntTuple, 4> extents;
  std::vector<Tiler> modes;
  for (unsigned i = 0; i < shape.rank(); ++i) {
    bool isCut = i < tiler.modes().size();
    Result<AlongTiler> mode =
        alongTiler(shape.mode(i), isCut ? tiler.modes()[i] : Tiler::tuple({}));
    if (!mode)
      return mode;
    extents.push_back(mode->extents);
    modes.push_back(mode->modes);
  }
  bool isSame =
      llvm::all_of(modes, [](const Tiler &mode) { return mode.isNone(); });
  return AlongTiler{IntTuple::tuple(extents),
                    isSame ? Tiler::none() : Tiler::tuple(std::move(modes))};
}

static llvm::SmallVector<IntTuple, 4> getModes(const IntTuple &tuple) {
  llvm::SmallVector<IntTuple, 4> modes;
  for (unsigned i = 0; i < tuple.rank(); ++i)
    modes.push_back(tuple.isLeaf() ? tuple : tuple.mode(i));
  return modes;
}

/// A coordinate with one of `modes` in the place of each `None`.
static IntTuple fill(const IntTuple &coord, llvm::ArrayRef<IntTuple> &modes) {
  if (!coord.isLeaf()) {
    llvm::SmallVector<IntTuple, 4> filled;
    for (const IntTuple &mode : getModes(coord))
      filled.push_back(fill(mode, modes));
    return IntTuple::tuple(filled);
  }
  if (!coord.leaf(0).isNone())
    return coord;
  IntTuple mode = modes.front();
  modes = modes.drop_front();
  return mode;
}

/// The coordinate in `divided`, of tiles and their places, of an element of the
/// tile at `place`, whose own shape is `shape`: it has the modes of the tile,
/// then those of its place that are kept.
static IntTuple getCoordInTiles(const IntTuple &coord, const IntTuple &shape,
                                const Layout &divided, const IntTuple &place) {
  Layout tile = divided.mode(0), places = divided.mode(1);
  llvm::SmallVector<IntTuple, 4> modes =
      getModes(coord.isLeaf() ? idx2crd(coord.leaf(0), shape) : coord);
  auto tupleOf = [](llvm::ArrayRef<IntTuple> modes, bool isLeaf) {
    return isLeaf ? modes.front() : IntTuple::tuple(modes);
  };
  llvm::ArrayRef<IntTuple> inside(modes), kept;
  kept = inside.drop_front(tile.rank());
  inside = inside.take_front(tile.rank());
  bool isWhole = place.isLeaf() && place.leaf(0).isNone();
  return IntTuple::tuple(
      {tupleOf(inside, tile.isLeaf()),
       isWhole ? tupleOf(kept, places.isLeaf()) : fill(place, kept)});
}

static Result<Value> compose(const Value &coordinates, Value by) {
  Result<Values> composed =
      getOperation("composition").compute({coordinates, std::move(by)}, {});
  if (!composed)
    return composed.error();
  return composed->front();
}

/// From the coordinates of `filter(layout)` to those of the layout, in 1-D.
static Layout getKept(const Layout &layout) {
  llvm::SmallVector<Layout, 4> modes;
  Int step = 1;
  for (auto [extent, stride] :
       llvm::zip_equal(layout.shapes(), layout.strides())) {
    if (!stride.isZero() && !extent.is(1))
      modes.push_back(Layout::leaf(extent, step));
    step = mul(step, extent);
  }
  return modes.empty() ? Layout() : Layout::tuple(modes);
}

//===----------------------------------------------------------------------===//
// Provenance
//===----------------------------------------------------------------------===//

Provenance::Provenance(Provenance &whole, const Operation &operation,
                       Operands operands, Compute compute, Layout layout,
                       bool mayOverhang)
    : layout(std::move(layout)), whole(&whole), operation(&operation),
      operands(operands), computeOperation(std::move(compute)), cut(whole.cut) {
  if (mayOverhang && enigma::layout::overhangs(operation, operands))
    cut.push_back(&whole);
}

Result<Place> Provenance::Coordinates::at(const IntTuple &coord,
                                          const IntTuple &shape) const {
  const Layout &steps = view.layout.layout();
  Result<IntTuple> fitted = fit(coord, shape, steps.shape());
  if (!fitted)
    return fitted.error();
  Result<IntTuple> step = crd2idx(*fitted, steps);
  if (!step)
    return step.error();
  return Place{addCoordinates(view.tuple, *step), bounds};
}

Result<Value> Provenance::apply(const Value &coordinates) const {
  // Coordinates of several modes have no common stride, and none is 0.
  if (operation->name == "coalesce") {
    Result<Layout> compact = Layout::make(layout.shape());
    if (!compact)
      return compact.error();
    return compose(coordinates, Value(*compact));
  }
  if (operation->name == "filter")
    return compose(coordinates, Value(getKept(operands[0].layout.layout())));
  llvm::SmallVector<Value, 2> given = operands;
  given[0] = coordinates;
  Result<Values> results = computeOperation(given);
  if (!results)
    return results.error();
  return std::move(results->front());
}

Result<Provenance::Coordinates> Provenance::getCoordinatesAlongTiles() const {
  Result<Tiler> tiler = getTiler(*operation, operands);
  if (!tiler)
    return tiler.error();
  Result<AlongTiler> along = alongTiler(whole->layout.shape(), *tiler);
  if (!along)
    return along.error();
  Result<Value> view = makeIdentityView(along->extents);
  if (view && !along->modes.isNone())
    view = compose(*view, Value(along->modes));
  if (!view)
    return view.error();
  return Coordinates{*view, along->extents};
}

Provenance::Found Provenance::compute(const Provenance &from, bool alongTiles) {
  Found tiles;
  const Found *above = &tiles;
  if (alongTiles && whole == &from) {
    if (Result<Coordinates> along = getCoordinatesAlongTiles())
      tiles = std::move(*along);
  } else if (this == &from) {
    if (Result<Value> view = makeIdentityView(layout.shape()))
      return Coordinates{std::move(*view), layout.shape()};
    return std::nullopt;
  } else {
    above = &whole->find(from, alongTiles);
  }
  if (!*above)
    return std::nullopt;
  Result<Value> view = apply((*above)->view);
  if (!view)
    return std::nullopt;
  return Coordinates{std::move(*view), (*above)->bounds};
}

const Provenance::Found &Provenance::find(const Provenance &from,
                                          bool alongTiles) {
  auto known = found.find({&from, alongTiles});
  if (known == found.end())
    known =
        found.try_emplace({&from, alongTiles}, compute(from, alongTiles)).first;
  return known->second;
}

const Provenance::Coordinates *Provenance::find(const Provenance &from) {
  // Tiles may cross the modes that a mode consists of, as those of 5 elements
  // cross the 4 of (4,3): then coordinates count along each mode of the tiler.
  for (bool alongTiles : {false, true})
    if (const Found &coordinates = find(from, alongTiles))
      return &*coordinates;
  return nullptr;
}

Result<Place> Provenance::getPlaceAbove(const IntTuple &coord) const {
  auto numberOf = [&](const IntTuple &coord) -> Result<IntTuple> {
    Result<Layout> compact = Layout::make(layout.shape());
    if (!compact)
      return compact.error();
    return crd2idx(coord, *compact);
  };
  auto inWhole = [&](const Result<IntTuple> &index) -> Result<Place> {
    if (!index)
      return index.error();
    return Place{*index, IntTuple(whole->layout.size())};
  };
  if (operation->name == "coalesce")
    return inWhole(numberOf(coord));
  if (operation->name == "filter") {
    Result<IntTuple> number = numberOf(coord);
    if (!number)
      return number.error();
    return inWhole(crd2idx(*number, getKept(whole->layout)));
  }
  if (operation->name == "composition" && operands[1].isLayout()) {
    const ComposedLayout &by = operands[1].layout;
    Result<IntTuple> fitted = fit(coord, layout.shape(), by.layout().shape());
    if (!fitted)
      return fitted.error();
    return inWhole(operands[1].isSwizzled() ? crd2idx(*fitted, by)
                                            : crd2idx(*fitted, by.layout()));
  }
  Result<Coordinates> above = getCoordinatesAlongTiles();
  if (!above)
    return above.error();
  if (operation->name == "local_tile") {
    // Modes along the tiler may not be those that its coordinate is in.
    const Operation &divide = getOperation("zipped_divide");
    Result<Values> divided = divide.compute({operands[0], operands[1]}, {});
    if (!divided)
      return divided.error();
    Result<Values> view = divide.compute({above->view, operands[1]}, {});
    if (!view)
      return view.error();
    const Layout &tiles = divided->front().layout.layout();
    return Coordinates{view->front(), above->bounds}.at(
        getCoordInTiles(coord, layout.shape(), tiles, operands[2].tuple),
        tiles.shape());
  }
  Result<Value> view = apply(above->view);
  if (!view)
    return view.error();
  return Coordinates{*view, above->bounds}.at(coord, layout.shape());
}

Result<Place> Provenance::getPlace(const IntTuple &coord,
                                   const Provenance &from) {
  // Where no layout has the coordinates they are found one operation after
  // another.
  if (const Coordinates *coordinates = find(from))
    return coordinates->at(coord, layout.shape());
  Result<Place> above = getPlaceAbove(coord);
  if (!above || whole == &from)
    return above;
  return whole->getPlace(above->coordinate, from);
}

Result<llvm::SmallVector<Place, 1>>
Provenance::getPlaces(const IntTuple &coord) {
  llvm::SmallVector<Place, 1> places;
  for (const Provenance *from : cut) {
    Result<Place> place = getPlace(coord, *from);
    if (!place)
      return place.error();
    places.push_back(*place);
  }
  return places;
}

//===----------------------------------------------------------------------===//
// All elements of a view
//===----------------------------------------------------------------------===//

bool enigma::layout::isInjective(const Layout &layout) {
  llvm::SmallVector<std::pair<Int, Int>, 4> modes;
  for (auto [extent, stride] :
       llvm::zip_equal(layout.shapes(), layout.strides()))
    if (!extent.is(1))
      modes.emplace_back(extent, stride);
  // The modes in such an order that each steps over all that those before it
  // reach. Extents are positive, and so is a stride that is a product of some.
  Int reach = 1;
  while (!modes.empty()) {
    auto *next = llvm::find_if(
        modes, [&](const auto &mode) { return sameValue(mode.second, reach); });
    if (next == modes.end() && reach.isStatic())
      for (auto &mode : modes)
        if (mode.second.isStatic() && mode.second.value() >= reach.value() &&
            (next == modes.end() || mode.second.value() < next->second.value()))
          next = &mode;
    if (next == modes.end())
      return false;
    reach = mul(next->first, next->second);
    modes.erase(next);
  }
  return true;
}

/// The leaf of a coordinate at a path; none if there is no such leaf.
static std::optional<unsigned> getLeafAt(const Profile &profile,
                                         llvm::ArrayRef<unsigned> path) {
  if (path.empty() || profile.isLeaf())
    return path.empty() && profile.isLeaf() ? std::optional(0u) : std::nullopt;
  if (path.front() >= profile.rank())
    return std::nullopt;
  std::optional<unsigned> leaf =
      getLeafAt(profile.mode(path.front()), path.drop_front());
  if (leaf)
    *leaf += profile.extent(path.front()).leaf;
  return leaf;
}

std::optional<Places> Provenance::getAllPlaces(const Provenance &from) {
  const Coordinates *coordinates = find(from);
  if (!coordinates)
    return std::nullopt;
  const Layout &along = coordinates->view.layout.layout();
  if (!along.isStatic())
    return std::nullopt;
  Places places{coordinates->view.tuple, coordinates->bounds, {}, false};
  struct Mode {
    int64_t extent, stride;
    unsigned leaf;
  };
  llvm::SmallVector<Mode, 4> modes;
  for (auto [extent, stride] :
       llvm::zip_equal(along.shapes(), along.strides())) {
    std::optional<unsigned> leaf =
        stride.isZero() ? 0 : getLeafAt(places.first.profile(), stride.path());
    if (!leaf)
      return std::nullopt;
    modes.push_back({extent.value(), stride.value(), *leaf});
  }
  size_t numLeaves = places.first.numLeaves(), size = layout.size().value();
  places.steps.resize(size * numLeaves);
  for (size_t element = 0; element < size; ++element) {
    int64_t rest = element;
    int64_t *steps = &places.steps[element * numLeaves];
    for (const Mode &mode : llvm::ArrayRef(modes).drop_back()) {
      steps[mode.leaf] += rest % mode.extent * mode.stride;
      rest /= mode.extent;
    }
    steps[modes.back().leaf] += rest * modes.back().stride;
  }
  if (isInjective(from.layout)) {
    llvm::SmallVector<llvm::ArrayRef<int64_t>> sorted;
    for (size_t element = 0; element < size; ++element)
      sorted.push_back(
          llvm::ArrayRef(places.steps).slice(element * numLeaves, numLeaves));
    llvm::sort(sorted, [](auto a, auto b) {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(),
                                          b.end());
    });
    places.areDistinct =
        std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  }
  return places;
}

std::optional<llvm::SmallVector<Places, 1>> Provenance::getAllPlaces() {
  llvm::SmallVector<Places, 1> all;
  for (const Provenance *from : cut) {
    std::optional<Places> places = getAllPlaces(*from);
    if (!places)
      return std::nullopt;
    all.push_back(std::move(*places));
  }
  return all;
}
