// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of the layout algebra: what each computes, in terms of lib/Layout.

#include "LayoutInference.h"

using namespace mlir;
using namespace enigma;
using layout::Error;
using layout::ErrorKind;
using layout::Int;
using layout::IntTuple;
using layout::Layout;
using layout::Result;
using layout::Tiler;

using Operands = ArrayRef<LayoutValue>;
using Computed = Result<LayoutValues>;

static Computed one(LayoutValue value) {
  return LayoutValues{std::move(value)};
}

template <typename T> static Computed one(const Result<T> &result) {
  if (!result)
    return result.error();
  return one(LayoutValue(*result));
}

static Computed two(LayoutValue first, LayoutValue second) {
  LayoutValues values;
  values.push_back(std::move(first));
  values.push_back(std::move(second));
  return values;
}

/// The layout of an operand that must not be swizzled.
static Result<Layout> plain(const LayoutValue &operand) {
  if (operand.isSwizzled())
    return Error(ErrorKind::Swizzled,
                 "the layout " + operand.layout.str() +
                     " is swizzled, and has no modes that this operation could "
                     "work on");
  return operand.layout.layout();
}

/// The operand with `change` applied to its layout; a swizzle and the place of
/// a view stay as they are.
static Computed onLayout(const LayoutValue &operand,
                         function_ref<Result<Layout>(const Layout &)> change) {
  Result<Layout> changed = change(operand.layout.layout());
  if (!changed)
    return changed.error();
  LayoutValue result = operand;
  result.layout = operand.layout.with(*changed);
  return one(result);
}

/// The operand as a tiler: a tuple of extents acts by mode.
static Result<Tiler> asTiler(const LayoutValue &operand) {
  if (operand.isTiler())
    return operand.tiler;
  if (operand.isLayout()) {
    Result<Layout> whole = plain(operand);
    if (!whole)
      return whole.error();
    return Tiler(*whole);
  }
  const IntTuple &extents = operand.tuple;
  if (!extents.isLeaf()) {
    std::vector<Tiler> modes;
    for (unsigned i = 0; i < extents.rank(); ++i) {
      Result<Tiler> mode = asTiler(LayoutValue(extents.mode(i)));
      if (!mode)
        return mode;
      modes.push_back(*mode);
    }
    return Tiler::tuple(std::move(modes));
  }
  const Int &extent = extents.leaf(0);
  if (extent.isNone())
    return Tiler::none();
  Result<Layout> tile = Layout::make(extents);
  if (!tile)
    return tile.error();
  return Tiler(*tile);
}

/// The leaf of an operand that is one integer.
static Result<Int> asInt(const LayoutValue &operand) {
  if (!operand.isLeaf() || operand.tuple.leaf(0).isNone())
    return Error(ErrorKind::Operand,
                 "expected one integer, found " + operand.tuple.str());
  return operand.tuple.leaf(0);
}

//===----------------------------------------------------------------------===//
// Making
//===----------------------------------------------------------------------===//

OpFoldResult StaticOp::fold(FoldAdaptor) { return TypeAttr::get(getType()); }

LogicalResult StaticOp::verify() {
  if (!isStaticLayoutType(getType()))
    return emitOpError("has leaves that are known at run time only; build it "
                       "from operands instead of ")
           << getType();
  return success();
}

LogicalResult MakeIntTupleOp::verify() {
  unsigned numDynamic =
      llvm::count_if(getType().getTuple().leaves(),
                     [](const Int &leaf) { return leaf.isDynamic(); });
  if (numDynamic != getLeaves().size())
    return emitOpError() << "has " << getLeaves().size() << " operands for the "
                         << numDynamic << " dynamic leaves of " << getType();
  return success();
}

OpFoldResult MakeIntTupleOp::fold(FoldAdaptor) {
  return foldToStatic(getOperation());
}

Computed MakeLayoutOp::compute(Adaptor, Operands operands) {
  if (operands.size() > 1)
    return one(Layout::make(operands[0].tuple, operands[1].tuple));
  return one(Layout::make(operands[0].tuple));
}

Computed MakeTilerOp::compute(Adaptor, Operands operands) {
  std::vector<Tiler> modes;
  for (const LayoutValue &operand : operands) {
    Result<Tiler> mode = asTiler(operand);
    if (!mode)
      return mode.error();
    modes.push_back(*mode);
  }
  return one(Tiler::tuple(std::move(modes)));
}

Computed MakeOrderedLayoutOp::compute(Adaptor, Operands operands) {
  return one(layout::makeOrderedLayout(operands[0].tuple, operands[1].tuple));
}

Computed MakeIdentityLayoutOp::compute(Adaptor, Operands operands) {
  return one(layout::makeIdentityLayout(operands[0].tuple));
}

Computed MakeLayoutTVOp::compute(Adaptor, Operands operands) {
  Result<Layout> threads = plain(operands[0]), values = plain(operands[1]);
  if (!threads)
    return threads.error();
  if (!values)
    return values.error();
  auto result = layout::makeLayoutTV(*threads, *values);
  if (!result)
    return result.error();
  return two(result->first, result->second);
}

Computed SwizzleOp::compute(Adaptor adaptor, Operands operands) {
  if (operands[0].isSwizzled())
    return Error(ErrorKind::Swizzled, "the layout " + operands[0].layout.str() +
                                          " is swizzled already");
  Result<layout::Swizzle> swizzle = layout::Swizzle::make(
      adaptor.getBits(), adaptor.getBase(), adaptor.getShift());
  if (!swizzle)
    return swizzle.error();
  return one(
      layout::ComposedLayout::make(*swizzle, 0, operands[0].layout.layout()));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

Computed GetShapeOp::compute(Adaptor, Operands operands) {
  return one(operands[0].layout.layout().shape());
}

Computed GetStrideOp::compute(Adaptor, Operands operands) {
  Result<Layout> input = plain(operands[0]);
  if (!input)
    return input.error();
  return one(input->stride());
}

Computed GetLayoutOp::compute(Adaptor, Operands operands) {
  return one(operands[0].layout);
}

Computed GetLeafOp::compute(Adaptor adaptor, Operands operands) {
  const IntTuple &input = operands[0].tuple;
  int64_t leaf = adaptor.getLeaf();
  if (leaf < 0 || leaf >= int64_t(input.numLeaves()))
    return Error(ErrorKind::Leaf, input.str() + " has no leaf " + Twine(leaf) +
                                      "; it has " + Twine(input.numLeaves()));
  if (input.leaf(leaf).isNone() || input.leaf(leaf).basis())
    return Error(ErrorKind::Leaf, "leaf " + Twine(leaf) + " of " + input.str() +
                                      " is no integer");
  return one(input.leaf(leaf));
}

/// The mode of a tuple at `path`.
static Result<IntTuple> modeAt(const IntTuple &tuple, ArrayRef<int64_t> path) {
  IntTuple mode = tuple;
  for (int64_t index : path) {
    if (index < 0 || index >= int64_t(mode.rank()))
      return Error(ErrorKind::Mode,
                   mode.str() + " has no mode " + Twine(index) + "; it has " +
                       Twine(mode.rank()) +
                       (mode.rank() == 1 ? " mode" : " modes"));
    mode = mode.isLeaf() ? mode : mode.mode(index);
  }
  return mode;
}

Computed SizeOp::compute(Adaptor adaptor, Operands operands) {
  IntTuple shape = operands[0].isTuple() ? operands[0].tuple
                                         : operands[0].layout.layout().shape();
  if (std::optional<ArrayRef<int64_t>> path = adaptor.getMode()) {
    Result<IntTuple> mode = modeAt(shape, *path);
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

Computed CosizeOp::compute(Adaptor, Operands operands) {
  return one(operands[0].layout.layout().cosize());
}

Computed MaxCommonVectorOp::compute(Adaptor, Operands operands) {
  Result<int64_t> length =
      layout::maxCommonVector(operands[0].layout, operands[1].layout);
  if (!length)
    return length.error();
  return one(Int(*length));
}

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

Computed Crd2IdxOp::compute(Adaptor, Operands operands) {
  return one(layout::crd2idx(operands[0].tuple, operands[1].layout));
}

Computed Idx2CrdOp::compute(Adaptor, Operands operands) {
  Result<Int> index = asInt(operands[0]);
  if (!index)
    return index.error();
  return one(layout::idx2crd(*index, operands[1].tuple));
}

//===----------------------------------------------------------------------===//
// Algebra
//===----------------------------------------------------------------------===//

Computed CoalesceOp::compute(Adaptor, Operands operands) {
  return onLayout(operands[0], [&](const Layout &input) -> Result<Layout> {
    if (operands.size() > 1)
      return layout::coalesce(input, operands[1].tuple.profile());
    return layout::coalesce(input);
  });
}

Computed FilterOp::compute(Adaptor, Operands operands) {
  return onLayout(operands[0], [](const Layout &input) -> Result<Layout> {
    return layout::filter(input);
  });
}

Computed FlattenOp::compute(Adaptor, Operands operands) {
  return onLayout(operands[0], [](const Layout &input) -> Result<Layout> {
    return layout::flatten(input);
  });
}

static Computed invert(Operands operands,
                       Result<Layout> (*inverse)(const Layout &)) {
  Result<Layout> input = plain(operands[0]);
  if (!input)
    return input.error();
  return one(inverse(*input));
}

Computed RightInverseOp::compute(Adaptor, Operands operands) {
  return invert(operands, layout::rightInverse);
}

Computed LeftInverseOp::compute(Adaptor, Operands operands) {
  return invert(operands, layout::leftInverse);
}

Computed ComplementOp::compute(Adaptor, Operands operands) {
  Result<Layout> input = plain(operands[0]);
  Result<Int> n = asInt(operands[1]);
  if (!input)
    return input.error();
  if (!n)
    return n.error();
  return one(layout::complement(*input, *n));
}

using ByTiler = Result<Layout>(const Layout &, const Tiler &);

static Computed byTiler(Operands operands, ByTiler *operation) {
  Result<Tiler> tiler = asTiler(operands[1]);
  if (!tiler)
    return tiler.error();
  return onLayout(operands[0], [&](const Layout &input) {
    return operation(input, *tiler);
  });
}

Computed CompositionOp::compute(Adaptor, Operands operands) {
  // Plain offsets may be followed by a swizzle where they change nothing.
  if (operands[1].isLayout() && operands[1].isSwizzled()) {
    Result<Layout> input = plain(operands[0]);
    if (!input)
      return input.error();
    auto result = layout::composition(*input, operands[1].layout);
    if (!result)
      return result.error();
    LayoutValue value = operands[0];
    value.layout = *result;
    return one(value);
  }
  return byTiler(operands, layout::composition);
}

Computed LogicalDivideOp::compute(Adaptor, Operands operands) {
  return byTiler(operands, layout::logicalDivide);
}
Computed ZippedDivideOp::compute(Adaptor, Operands operands) {
  return byTiler(operands, layout::zippedDivide);
}
Computed TiledDivideOp::compute(Adaptor, Operands operands) {
  return byTiler(operands, layout::tiledDivide);
}
Computed FlatDivideOp::compute(Adaptor, Operands operands) {
  return byTiler(operands, layout::flatDivide);
}

static Computed product(Operands operands, ByTiler *operation) {
  Result<Layout> input = plain(operands[0]);
  if (!input)
    return input.error();
  return byTiler(operands, operation);
}

Computed LogicalProductOp::compute(Adaptor, Operands operands) {
  return product(operands, layout::logicalProduct);
}
Computed ZippedProductOp::compute(Adaptor, Operands operands) {
  return product(operands, layout::zippedProduct);
}
Computed TiledProductOp::compute(Adaptor, Operands operands) {
  return product(operands, layout::tiledProduct);
}
Computed FlatProductOp::compute(Adaptor, Operands operands) {
  return product(operands, layout::flatProduct);
}

/// Products that pair modes take a layout; extents stand for a compact one.
static Computed paired(Operands operands,
                       Result<Layout> (*operation)(const Layout &,
                                                   const Layout &)) {
  Result<Layout> input = plain(operands[0]);
  if (!input)
    return input.error();
  if (operands[1].isTiler())
    return Error(ErrorKind::Operand,
                 "modes are paired with those of a layout, found the tiler " +
                     operands[1].tiler.str());
  Result<Layout> by = operands[1].isLayout() ? plain(operands[1])
                                             : Layout::make(operands[1].tuple);
  if (!by)
    return by.error();
  return one(operation(*input, *by));
}

Computed BlockedProductOp::compute(Adaptor, Operands operands) {
  return paired(operands, layout::blockedProduct);
}
Computed RakedProductOp::compute(Adaptor, Operands operands) {
  return paired(operands, layout::rakedProduct);
}

Computed TileToShapeOp::compute(Adaptor, Operands operands) {
  std::optional<IntTuple> order;
  if (operands.size() > 2)
    order = operands[2].tuple;
  return onLayout(operands[0], [&](const Layout &block) {
    return layout::tileToShape(block, operands[1].tuple, order);
  });
}

Computed RecastLayoutOp::compute(Adaptor adaptor, Operands operands) {
  if (operands[0].isSwizzled())
    return one(layout::recastLayout(adaptor.getNewBits(), adaptor.getOldBits(),
                                    operands[0].layout));
  return one(layout::recastLayout(adaptor.getNewBits(), adaptor.getOldBits(),
                                  operands[0].layout.layout()));
}

//===----------------------------------------------------------------------===//
// Modes
//===----------------------------------------------------------------------===//

Computed GetOp::compute(Adaptor adaptor, Operands operands) {
  if (operands[0].isTuple())
    return one(modeAt(operands[0].tuple, adaptor.getPath()));
  return onLayout(operands[0], [&](const Layout &input) {
    return layout::get(input, adaptor.getPath());
  });
}

Computed SelectOp::compute(Adaptor adaptor, Operands operands) {
  if (!operands[0].isTuple())
    return onLayout(operands[0], [&](const Layout &input) {
      return layout::select(input, adaptor.getModes());
    });
  if (adaptor.getModes().empty())
    return Error(ErrorKind::Empty, "a tuple has at least one mode");
  SmallVector<IntTuple, 4> selected;
  for (int64_t index : adaptor.getModes()) {
    Result<IntTuple> mode = modeAt(operands[0].tuple, index);
    if (!mode)
      return mode.error();
    selected.push_back(*mode);
  }
  return one(IntTuple::tuple(selected));
}

Computed TakeOp::compute(Adaptor adaptor, Operands operands) {
  return onLayout(operands[0], [&](const Layout &input) {
    return layout::take(input, adaptor.getBegin(), adaptor.getEnd());
  });
}

Computed GroupModesOp::compute(Adaptor adaptor, Operands operands) {
  return onLayout(operands[0], [&](const Layout &input) {
    return layout::groupModes(input, adaptor.getBegin(), adaptor.getEnd());
  });
}

Computed AppendOp::compute(Adaptor, Operands operands) {
  Result<Layout> mode = plain(operands[1]);
  if (!mode)
    return mode.error();
  return onLayout(operands[0], [&](const Layout &input) -> Result<Layout> {
    return layout::checked("append", layout::append(input, *mode));
  });
}

Computed PrependOp::compute(Adaptor, Operands operands) {
  Result<Layout> mode = plain(operands[1]);
  if (!mode)
    return mode.error();
  return onLayout(operands[0], [&](const Layout &input) -> Result<Layout> {
    return layout::checked("prepend", layout::prepend(input, *mode));
  });
}

Computed ReplaceOp::compute(Adaptor adaptor, Operands operands) {
  Result<Layout> by = plain(operands[1]);
  if (!by)
    return by.error();
  return onLayout(operands[0], [&](const Layout &input) {
    return layout::replace(input, adaptor.getMode(), *by);
  });
}

//===----------------------------------------------------------------------===//
// Slices and partitions
//===----------------------------------------------------------------------===//

/// The operand with a part of its layout, which starts at `offset`. A layout
/// forgets where it starts, unless a swizzle needs it.
static Computed takePart(const LayoutValue &operand,
                         const Result<std::pair<Layout, IntTuple>> &part) {
  if (!part)
    return part.error();
  const auto &[kept, offset] = *part;
  LayoutValue result = operand;
  if (operand.isCoordView()) {
    result.layout = operand.layout.with(kept);
    result.tuple = addCoordinates(operand.tuple, offset);
  } else if (operand.isSwizzled()) {
    result.layout = operand.layout.with(kept, offset.leaf(0));
  } else {
    result.layout = operand.layout.with(kept);
    if (operand.isView())
      result.tuple = layout::add(operand.tuple.leaf(0), offset.leaf(0));
  }
  return one(result);
}

Computed SliceOp::compute(Adaptor, Operands operands) {
  return takePart(
      operands[0],
      layout::sliceAndOffset(operands[1].tuple, operands[0].layout.layout()));
}

Computed DiceOp::compute(Adaptor, Operands operands) {
  Result<Layout> input = plain(operands[0]);
  if (!input)
    return input.error();
  return one(layout::dice(operands[1].tuple, *input));
}

Computed SliceAndOffsetOp::compute(Adaptor, Operands operands) {
  Result<Layout> input = plain(operands[0]);
  if (!input)
    return input.error();
  auto result = layout::sliceAndOffset(operands[1].tuple, *input);
  if (!result)
    return result.error();
  return two(result->first, result->second);
}

Computed LocalTileOp::compute(Adaptor, Operands operands) {
  Result<Tiler> tiler = asTiler(operands[1]);
  if (!tiler)
    return tiler.error();
  return takePart(operands[0], layout::localTile(operands[0].layout.layout(),
                                                 *tiler, operands[2].tuple));
}

Computed LocalPartitionOp::compute(Adaptor, Operands operands) {
  Result<Layout> threads = plain(operands[1]);
  Result<Int> index = asInt(operands[2]);
  if (!threads)
    return threads.error();
  if (!index)
    return index.error();
  return takePart(
      operands[0],
      layout::localPartition(operands[0].layout.layout(), *threads, *index));
}
