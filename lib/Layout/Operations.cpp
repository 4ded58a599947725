// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What each operation of the table computes.

#include "enigma/Layout/Operations.h"

#include "llvm/ADT/STLExtras.h"

#include <tuple>

using namespace enigma::layout;

using Operands = llvm::ArrayRef<Value>;
using Attributes = llvm::ArrayRef<Numbers>;
using Computed = Result<Values>;
using Part = std::pair<Layout, IntTuple>;

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

/// The complaint about a swizzled operand that must not be, or none.
static std::optional<Error> checkPlain(const Value &operand) {
  if (!operand.isSwizzled())
    return std::nullopt;
  return Error(ErrorKind::Swizzled,
               "the layout " + operand.layout.str() +
                   " is swizzled, and has no modes that this operation could "
                   "work on");
}

/// The leaf of an operand that is one integer.
static Result<Int> asInt(const Value &operand) {
  if (!operand.isLeaf() || operand.tuple.leaf(0).isNone())
    return Error(ErrorKind::Placeholder,
                 "expected one integer, found " + operand.tuple.str());
  return operand.tuple.leaf(0);
}

Result<Tiler> enigma::layout::asTiler(const Value &operand) {
  if (operand.isTiler())
    return *operand.tiler;
  if (operand.isLayout()) {
    if (std::optional<Error> error = checkPlain(operand))
      return *error;
    return Tiler(operand.layout.layout());
  }
  const IntTuple &extents = operand.tuple;
  if (!extents.isLeaf()) {
    std::vector<Tiler> modes;
    for (unsigned i = 0; i < extents.rank(); ++i) {
      Result<Tiler> mode = asTiler(Value(extents.mode(i)));
      if (!mode)
        return mode;
      modes.push_back(*mode);
    }
    return Tiler::tuple(std::move(modes));
  }
  if (extents.leaf(0).isNone())
    return Tiler::none();
  Result<Layout> tile = Layout::make(extents);
  if (!tile)
    return tile.error();
  return Tiler(*tile);
}

IntTuple enigma::layout::addCoordinates(const IntTuple &a, const IntTuple &b) {
  if (a.isLeaf() && b.isLeaf())
    return IntTuple(add(a.leaf(0), b.leaf(0)));
  if (b.isLeaf() && b.leaf(0).isZero())
    return a;
  if (a.isLeaf() && a.leaf(0).isZero())
    return b;
  if (a.isLeaf() || b.isLeaf())
    return IntTuple(Int::invalid());
  if (a.profile() == b.profile()) {
    llvm::SmallVector<Int, 4> sums;
    for (auto [x, y] : llvm::zip_equal(a.leaves(), b.leaves()))
      sums.push_back(add(x, y));
    return IntTuple(a.profile(), sums);
  }
  llvm::SmallVector<IntTuple, 4> modes;
  for (unsigned i = 0, e = std::max(a.rank(), b.rank()); i < e; ++i) {
    if (i >= a.rank())
      modes.push_back(b.mode(i));
    else if (i >= b.rank())
      modes.push_back(a.mode(i));
    else
      modes.push_back(addCoordinates(a.mode(i), b.mode(i)));
  }
  return IntTuple::tuple(modes);
}

static Values one(Value &&value) {
  Values values;
  values.push_back(std::move(value)); // An initializer list would be copied.
  return values;
}
static Values two(Value first, Value second) {
  Values values = one(std::move(first));
  values.push_back(std::move(second));
  return values;
}

namespace {
/// How a parameter of a function is held: large ones stay in the operands.
template <typename T> struct Held {
  using Type = T;
};
template <> struct Held<Layout> {
  using Type = const Layout &;
};
template <> struct Held<ComposedLayout> {
  using Type = const ComposedLayout &;
};
template <> struct Held<IntTuple> {
  using Type = const IntTuple &;
};
template <typename T> using HeldType = typename Held<std::decay_t<T>>::Type;

/// Gives the operands and attributes one after another as parameters of a
/// function of the algebra want them.
class Reader {
public:
  Reader(Operands operands, Attributes attributes)
      : operands(operands), attributes(attributes) {}

  template <typename T> HeldType<T> next();
  const std::optional<Error> &getError() const { return error; }

private:
  const Value &operand() { return operands[nextOperand++]; }
  const Numbers &attribute() { return attributes[nextAttribute++]; }
  void note(const std::optional<Error> &found) {
    if (!error)
      error = found;
  }

  Operands operands;
  Attributes attributes;
  unsigned nextOperand = 0, nextAttribute = 0;
  std::optional<Error> error;
};

template <> const Layout &Reader::next<Layout>() {
  const Value &given = operand();
  note(checkPlain(given));
  return given.layout.layout();
}
template <> const ComposedLayout &Reader::next<ComposedLayout>() {
  return operand().layout;
}
template <> const IntTuple &Reader::next<IntTuple>() { return operand().tuple; }
template <> Int Reader::next<Int>() {
  Result<Int> leaf = asInt(operand());
  if (leaf)
    return *leaf;
  note(leaf.error());
  return 0;
}
template <> Tiler Reader::next<Tiler>() {
  Result<Tiler> tiler = asTiler(operand());
  if (tiler)
    return std::move(*tiler);
  note(tiler.error());
  return Tiler::none();
}
template <> std::optional<IntTuple> Reader::next<std::optional<IntTuple>>() {
  if (nextOperand < operands.size())
    return operand().tuple;
  return std::nullopt;
}
template <> int64_t Reader::next<int64_t>() { return attribute()->front(); }
template <> llvm::ArrayRef<int64_t> Reader::next<llvm::ArrayRef<int64_t>>() {
  const Numbers &numbers = attribute();
  return numbers ? llvm::ArrayRef<int64_t>(*numbers)
                 : llvm::ArrayRef<int64_t>();
}

/// The parameters of a function.
template <typename T> struct Signature;
template <typename R, typename T, typename... Ts>
struct Signature<R (*)(T, Ts...)> {
  using Arguments = std::tuple<HeldType<T>, HeldType<Ts>...>;
  using Further = std::tuple<HeldType<Ts>...>;
  static Arguments read(Reader &reader) {
    return Arguments{reader.next<std::decay_t<T>>(),
                     reader.next<std::decay_t<Ts>>()...};
  }
  /// All but the first one.
  static Further readFurther(Reader &reader) {
    return Further{reader.next<std::decay_t<Ts>>()...};
  }
};
} // namespace

static Values valuesOf(Layout layout) { return one(std::move(layout)); }
static Values valuesOf(ComposedLayout layout) { return one(std::move(layout)); }
static Values valuesOf(IntTuple tuple) { return one(std::move(tuple)); }
static Values valuesOf(const Int &leaf) { return one(leaf); }
static Values valuesOf(int64_t number) { return one(Int(number)); }
static Values valuesOf(std::pair<IntTuple, Layout> both) {
  return two(std::move(both.first), std::move(both.second));
}
static Values valuesOf(Part both) {
  return two(std::move(both.first), std::move(both.second));
}
template <typename T> static Computed valuesOf(Result<T> result) {
  if (!result)
    return result.error();
  return valuesOf(std::move(*result));
}

/// An operation whose results are those of a function of its operands.
template <auto function>
static Computed compute(Operands operands, Attributes attributes) {
  Reader reader(operands, attributes);
  auto arguments = Signature<decltype(function)>::read(reader);
  if (reader.getError())
    return *reader.getError();
  return Computed(valuesOf(std::apply(function, arguments)));
}

/// An operation that arranges the first operand anew: a swizzle of it, and the
/// place of a view, stay as they are.
template <auto function>
static Computed arrange(Operands operands, Attributes attributes) {
  Reader reader(operands.drop_front(), attributes);
  auto further = Signature<decltype(function)>::readFurther(reader);
  if (reader.getError())
    return *reader.getError();
  Result<Layout> arranged = std::apply(
      [&](const auto &...arguments) -> Result<Layout> {
        return function(operands[0].layout.layout(), arguments...);
      },
      further);
  if (!arranged)
    return arranged.error();
  return one(operands[0].with(operands[0].layout.with(std::move(*arranged))));
}

/// A coordinate of which no more is known than what divides it: nothing that is
/// computed from it stays with its symbols, which may be there for good.
static IntTuple withoutSymbols(const IntTuple &coord) {
  llvm::SmallVector<Int, 4> leaves;
  for (const Int &leaf : coord.leaves())
    leaves.push_back(leaf.isDynamic() ? Int::dynamic(leaf.divisor()) : leaf);
  return IntTuple(coord.profile(), leaves);
}

/// The part of the first operand that a function gives, which starts at the
/// offset that it gives. A layout forgets where it starts, unless a swizzle
/// needs it.
template <auto function>
static Computed keepPart(Operands operands, Attributes attributes) {
  const Value &coord = operands.back();
  if (operands[0].isLayout() && !operands[0].isSwizzled() && coord.isTuple() &&
      llvm::any_of(coord.tuple.leaves(),
                   [](const Int &leaf) { return leaf.expr(); })) {
    llvm::SmallVector<Value, 3> anywhere(operands);
    anywhere.back().tuple = withoutSymbols(coord.tuple);
    // An error names the symbols.
    if (Computed part = keepPart<function>(anywhere, attributes))
      return part;
  }
  Reader reader(operands.drop_front(), attributes);
  auto further = Signature<decltype(function)>::readFurther(reader);
  if (reader.getError())
    return *reader.getError();
  Result<Part> part = std::apply(
      [&](const auto &...arguments) {
        return function(operands[0].layout.layout(), arguments...);
      },
      further);
  if (!part)
    return part.error();
  auto &[kept, offset] = *part;
  Value result = operands[0].with(
      operands[0].isSwizzled()
          ? operands[0].layout.with(std::move(kept), offset.leaf(0))
          : operands[0].layout.with(std::move(kept)));
  if (operands[0].isCoordView())
    result.tuple = addCoordinates(operands[0].tuple, offset);
  else if (operands[0].isView() && !operands[0].isSwizzled())
    result.tuple = add(operands[0].tuple.leaf(0), offset.leaf(0));
  return one(std::move(result));
}

//===----------------------------------------------------------------------===//
// Making
//===----------------------------------------------------------------------===//

static Result<Layout> makeLayout(const IntTuple &shape,
                                 const std::optional<IntTuple> &stride) {
  return stride ? Layout::make(shape, *stride) : Layout::make(shape);
}

static Computed makeTiler(Operands operands, Attributes) {
  std::vector<Tiler> modes;
  for (const Value &operand : operands) {
    Result<Tiler> mode = asTiler(operand);
    if (!mode)
      return mode.error();
    modes.push_back(*mode);
  }
  return one(Tiler::tuple(std::move(modes)));
}

static Result<ComposedLayout> swizzled(const ComposedLayout &layout,
                                       int64_t bits, int64_t base,
                                       int64_t shift) {
  if (!layout.swizzle().isIdentity() || !layout.offset().isZero())
    return Error(ErrorKind::Swizzled,
                 "the layout " + layout.str() + " is swizzled already");
  Result<Swizzle> swizzle = Swizzle::make(bits, base, shift);
  if (!swizzle)
    return swizzle.error();
  return ComposedLayout::make(*swizzle, 0, layout.layout());
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static IntTuple shapeOf(const ComposedLayout &layout) {
  return layout.layout().shape();
}

static IntTuple strideOf(const ComposedLayout &layout) {
  return layout.layout().stride();
}

static ComposedLayout layoutOf(const ComposedLayout &layout) { return layout; }

static Result<Int> leafOf(const IntTuple &tuple, int64_t leaf) {
  if (leaf < 0 || leaf >= int64_t(tuple.numLeaves()))
    return Error(ErrorKind::Leaf, tuple.str() + " has no leaf " +
                                      llvm::Twine(leaf) + "; it has " +
                                      llvm::Twine(tuple.numLeaves()));
  if (tuple.leaf(leaf).isNone() || tuple.leaf(leaf).basis())
    return Error(ErrorKind::Leaf, "leaf " + llvm::Twine(leaf) + " of " +
                                      tuple.str() + " is no integer");
  return tuple.leaf(leaf);
}

/// The mode of a tuple at `path`.
static Result<IntTuple> modeAt(const IntTuple &tuple,
                               llvm::ArrayRef<int64_t> path) {
  IntTuple mode = tuple;
  for (int64_t index : path) {
    if (index < 0 || index >= int64_t(mode.rank()))
      return Error(ErrorKind::Mode,
                   mode.str() + " has no mode " + llvm::Twine(index) +
                       "; it has " + llvm::Twine(mode.rank()) +
                       (mode.rank() == 1 ? " mode" : " modes"));
    mode = mode.isLeaf() ? mode : mode.mode(index);
  }
  return mode;
}

static Computed sizeOf(Operands operands, Attributes attributes) {
  IntTuple shape = operands[0].isTuple() ? operands[0].tuple
                                         : operands[0].layout.layout().shape();
  if (attributes[0]) {
    Result<IntTuple> mode = modeAt(shape, *attributes[0]);
    if (!mode)
      return mode.error();
    shape = *mode;
  }
  for (const Int &leaf : shape.leaves())
    if (leaf.isNone() || leaf.basis())
      return Error(ErrorKind::Placeholder, shape.str() + " has no size: " +
                                               leaf.str() + " is no integer");
  return one(shape.product());
}

static Int cosizeOf(const ComposedLayout &layout) {
  return layout.layout().cosize();
}

static Result<int64_t> commonVector(const ComposedLayout &a,
                                    const ComposedLayout &b) {
  return maxCommonVector(a, b);
}

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

static Result<IntTuple> offsetAt(const IntTuple &coord,
                                 const ComposedLayout &layout) {
  if (std::optional<Error> error = checkComplete(coord))
    return *error;
  return crd2idx(coord, layout);
}

static Result<IntTuple> coordinateAt(const Int &index, const IntTuple &shape) {
  Result<Layout> compact = Layout::make(shape);
  if (!compact)
    return compact.error();
  return idx2crd(index, shape);
}

//===----------------------------------------------------------------------===//
// Algebra
//===----------------------------------------------------------------------===//

static Result<Layout> coalesced(const Layout &layout,
                                const std::optional<IntTuple> &profile) {
  return profile ? coalesce(layout, profile->profile()) : coalesce(layout);
}

static Result<Layout> filtered(const Layout &layout) { return filter(layout); }

static Result<Layout> flattened(const Layout &layout) {
  return flatten(layout);
}

static Result<Layout> composed(const Layout &a, const Tiler &b) {
  return composition(a, b);
}

static Computed compose(Operands operands, Attributes attributes) {
  if (!operands[1].isLayout() || !operands[1].isSwizzled())
    return arrange<composed>(operands, attributes);
  // Plain offsets may be followed by a swizzle where they change nothing.
  if (std::optional<Error> error = checkPlain(operands[0]))
    return *error;
  Result<ComposedLayout> result =
      composition(operands[0].layout.layout(), operands[1].layout);
  if (!result)
    return result.error();
  return one(operands[0].with(std::move(*result)));
}

static Computed recast(Operands operands, Attributes attributes) {
  int64_t newBits = attributes[0]->front(), oldBits = attributes[1]->front();
  if (operands[0].isSwizzled())
    return valuesOf(recastLayout(newBits, oldBits, operands[0].layout));
  return valuesOf(recastLayout(newBits, oldBits, operands[0].layout.layout()));
}

//===----------------------------------------------------------------------===//
// Modes
//===----------------------------------------------------------------------===//

static Computed pickMode(Operands operands, Attributes attributes) {
  if (operands[0].isTuple())
    return valuesOf(modeAt(operands[0].tuple, *attributes[0]));
  return arrange<enigma::layout::get>(operands, attributes);
}

static Computed pickModes(Operands operands, Attributes attributes) {
  if (!operands[0].isTuple())
    return arrange<enigma::layout::select>(operands, attributes);
  if (attributes[0]->empty())
    return Error(ErrorKind::Empty, "a tuple has at least one mode");
  llvm::SmallVector<IntTuple, 4> selected;
  for (int64_t index : *attributes[0]) {
    Result<IntTuple> mode = modeAt(operands[0].tuple, index);
    if (!mode)
      return mode.error();
    selected.push_back(*mode);
  }
  return one(IntTuple::tuple(selected));
}

static Result<Layout> appended(const Layout &layout, const Layout &mode) {
  return checked("append", append(layout, mode));
}

static Result<Layout> prepended(const Layout &layout, const Layout &mode) {
  return checked("prepend", prepend(layout, mode));
}

static Result<Layout> replaced(const Layout &layout, const Layout &by,
                               int64_t mode) {
  return replace(layout, mode, by);
}

//===----------------------------------------------------------------------===//
// Slices and partitions
//===----------------------------------------------------------------------===//

static Result<Part> sliced(const Layout &layout, const IntTuple &coord) {
  return sliceAndOffset(coord, layout);
}

static Result<Layout> diced(const Layout &layout, const IntTuple &coord) {
  return dice(coord, layout);
}

Value enigma::layout::placed(const Value &layout) {
  Value view = layout;
  view.kind = layout.layout.layout().hasBasis() ? Value::Kind::CoordView
                                                : Value::Kind::View;
  view.tuple = IntTuple(0);
  return view;
}

Result<Value> enigma::layout::makeIdentityView(const IntTuple &shape) {
  Result<Layout> identity = makeIdentityLayout(shape);
  if (!identity)
    return identity.error();
  Value view(*identity);
  view.kind = Value::Kind::CoordView;
  llvm::SmallVector<Int, 4> zeros(identity->numLeaves(), Int(0));
  view.tuple = IntTuple(identity->profile(), zeros);
  return view;
}

static Computed slicePlaced(Operands operands, Attributes attributes) {
  Computed part =
      keepPart<sliced>({placed(operands[0]), operands[1]}, attributes);
  if (!part)
    return part;
  Value kept = part->front(), offset(kept.tuple);
  kept.kind = Value::Kind::Layout;
  return two(std::move(kept), std::move(offset));
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

using Evaluate = Computed (*)(Operands, Attributes);

static constexpr Evaluate evaluateMakeLayout = compute<makeLayout>;
static constexpr Evaluate evaluateMakeTiler = makeTiler;
static constexpr Evaluate evaluateMakeOrderedLayout =
    compute<makeOrderedLayout>;
static constexpr Evaluate evaluateMakeIdentityLayout =
    compute<makeIdentityLayout>;
static constexpr Evaluate evaluateMakeLayoutTv = compute<makeLayoutTV>;
static constexpr Evaluate evaluateSwizzle = compute<swizzled>;

static constexpr Evaluate evaluateGetShape = compute<shapeOf>;
static constexpr Evaluate evaluateGetStride = compute<strideOf>;
static constexpr Evaluate evaluateGetLayout = compute<layoutOf>;
static constexpr Evaluate evaluateGetLeaf = compute<leafOf>;
static constexpr Evaluate evaluateSize = sizeOf;
static constexpr Evaluate evaluateCosize = compute<cosizeOf>;
static constexpr Evaluate evaluateMaxCommonVector = compute<commonVector>;
static constexpr Evaluate evaluateCrd2idx = compute<offsetAt>;
static constexpr Evaluate evaluateIdx2crd = compute<coordinateAt>;

static constexpr Evaluate evaluateCoalesce = arrange<coalesced>;
static constexpr Evaluate evaluateFilter = arrange<filtered>;
static constexpr Evaluate evaluateFlatten = arrange<flattened>;
static constexpr Evaluate evaluateRightInverse = compute<rightInverse>;
static constexpr Evaluate evaluateLeftInverse = compute<leftInverse>;
static constexpr Evaluate evaluateComplement = compute<complement>;
static constexpr Evaluate evaluateComposition = compose;
static constexpr Evaluate evaluateLogicalDivide = arrange<logicalDivide>;
static constexpr Evaluate evaluateZippedDivide = arrange<zippedDivide>;
static constexpr Evaluate evaluateTiledDivide = arrange<tiledDivide>;
static constexpr Evaluate evaluateFlatDivide = arrange<flatDivide>;
static constexpr Evaluate evaluateLogicalProduct = arrange<logicalProduct>;
static constexpr Evaluate evaluateZippedProduct = arrange<zippedProduct>;
static constexpr Evaluate evaluateTiledProduct = arrange<tiledProduct>;
static constexpr Evaluate evaluateFlatProduct = arrange<flatProduct>;
static constexpr Evaluate evaluateBlockedProduct = arrange<blockedProduct>;
static constexpr Evaluate evaluateRakedProduct = arrange<rakedProduct>;
static constexpr Evaluate evaluateTileToShape = arrange<tileToShape>;
static constexpr Evaluate evaluateRecastLayout = recast;

static constexpr Evaluate evaluateGet = pickMode;
static constexpr Evaluate evaluateSelect = pickModes;
static constexpr Evaluate evaluateTake = arrange<enigma::layout::take>;
static constexpr Evaluate evaluateGroupModes = arrange<groupModes>;
static constexpr Evaluate evaluateAppend = arrange<appended>;
static constexpr Evaluate evaluatePrepend = arrange<prepended>;
static constexpr Evaluate evaluateReplace = arrange<replaced>;

static constexpr Evaluate evaluateSlice = keepPart<sliced>;
static constexpr Evaluate evaluateDice = arrange<diced>;
static constexpr Evaluate evaluateSliceAndOffset = slicePlaced;
static constexpr Evaluate evaluateLocalTile = keepPart<localTile>;
static constexpr Evaluate evaluateLocalPartition = keepPart<localPartition>;

// The names, operands and attributes, of the records of the dialect.
#include "enigma/Layout/Operations.inc"

llvm::ArrayRef<Operation> enigma::layout::getOperations() { return operations; }

const Operation &enigma::layout::getOperation(llvm::StringRef name) {
  const auto *found = llvm::lower_bound(
      operations, name,
      [](const Operation &a, llvm::StringRef b) { return a.name < b; });
  assert(found != std::end(operations) && found->name == name &&
         "no such operation");
  return *found;
}

static bool isInvalid(const Value &value) {
  auto invalid = [](const Int &leaf) { return leaf.isInvalid(); };
  const Layout &inner = value.layout.layout();
  return llvm::any_of(value.tuple.leaves(), invalid) ||
         llvm::any_of(inner.shapes(), invalid) ||
         llvm::any_of(inner.strides(), invalid) ||
         value.layout.offset().isInvalid();
}

Result<Values> Operation::compute(Operands given, Attributes numbers) const {
  unsigned required = llvm::count_if(
      operands, [](const Operand &operand) { return !operand.isOptional; });
  if (given.size() < required)
    return Error(ErrorKind::Operand, "expected " + llvm::Twine(required) +
                                         " operands, found " +
                                         llvm::Twine(given.size()));
  for (auto [attribute, value] : llvm::zip_equal(attributes, numbers))
    if (!attribute.isOptional && !value)
      return Error(ErrorKind::Operand,
                   "requires attribute '" + attribute.name + "'");
  Result<Values> results = evaluate(given, numbers);
  if (results && llvm::any_of(*results, isInvalid))
    return Error(ErrorKind::Range,
                 name + ": the result leaves the range of 64-bit integers, or "
                        "is computed in thousands of steps");
  return results;
}
