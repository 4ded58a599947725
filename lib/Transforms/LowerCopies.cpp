// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers accesses to whole views to accesses of elements and short vectors.

#include "enigma/Analysis/LayoutEvaluator.h"
#include "enigma/IR/Accesses.h"
#include "enigma/IR/LayoutOps.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Constants.h"
#include "enigma/Utils/ControlFlow.h"
#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Fragments.h"
#include "enigma/Utils/Names.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/TypeSwitch.h"

#include <map>
#include <numeric>

namespace enigma {
#define GEN_PASS_DEF_ENIGMALOWERCOPIES
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;
using layout::Int;
using layout::IntTuple;

namespace {
/// Under which an access is made: that all of these hold.
using Condition = SmallVector<Value, 2>;

/// The conditions of a fragment's lanes.
struct Mask {
  SmallVector<Condition> lanes;
  /// Lanes that are known to be off.
  llvm::SmallBitVector isOff;
};

/// An access to consecutive elements in memory.
struct Run {
  /// The lanes of the fragment, in memory's order, which have one condition.
  SmallVector<unsigned, 4> lanes;
};

/// The accesses that make up one to a whole view.
struct Plan {
  SmallVector<Run> accesses;
  /// For each lane, the lane whose element in memory is the same.
  SmallVector<unsigned> sameAs;
  /// Whether the order does not matter, as where all elements are known to be
  /// at different places in memory.
  bool mayReorder = false;
};

/// A store, and what is to be asked before it.
struct GuardedRun {
  const Run *run;
  Condition condition;
};

/// Gives what is stored into the element of a lane, where it is needed.
using GetElement = function_ref<Value(OpBuilder &builder, unsigned lane)>;

struct LowerCopies final : enigma::impl::EnigmaLowerCopiesBase<LowerCopies> {
  void runOnOperation() override;

private:
  Mask getMask(Value mask, unsigned numLanes, OpBuilder &builder);
  void addConditions(Value mask, OpBuilder &builder, Mask &result);
  Value getLane(Value vector, unsigned lane, OpBuilder &builder, Location loc);
  Plan makePlan(const LayoutValue &view, const Mask &mask, bool isStore,
                bool mayReorder = false);
  SmallVector<Value> load(OpBuilder &builder, Location loc, Value tensor,
                          const Mask &mask);
  /// The vector, or single element, that an access stores.
  Value gather(OpBuilder &builder, Location loc, const Run &access,
               GetElement getElement);
  void store(OpBuilder &builder, Location loc, Value tensor, const Mask &mask,
             bool mayReorder, GetElement getElement);
  void storeGuarded(OpBuilder builder, Location loc, Value tensor,
                    SmallVector<GuardedRun> accesses, bool mayReorder,
                    GetElement getElement);

  /// At the top of the kernel.
  OpBuilder atTop();
  /// The static 1-D coordinate of a lane, and the zero of a type, which all
  /// accesses share.
  Value getCoord(unsigned lane);
  Value getZero(Type type);
  /// Erases what made a mask that nobody uses as a whole any more.
  void eraseUnused(Value mask);
  /// Erases an access, and what made its mask.
  template <typename OpT> void eraseWithMask(OpT op) {
    Value mask = op.getMask();
    op.erase();
    eraseUnused(mask);
  }

  void lower(InBoundsOp op);
  void lower(LoadFragmentOp op);
  void lower(StoreFragmentOp op);
  void lower(CopyOp op);
  void lower(FillOp op);

  LayoutEvaluator *evaluator = nullptr;
  DenseMap<unsigned, Value> coords;
  DenseMap<Type, Value> zeros;
};
} // namespace

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

Value LowerCopies::getLane(Value vector, unsigned lane, OpBuilder &builder,
                           Location loc) {
  Operation *op = vector.getDefiningOp();
  if (auto elements = dyn_cast_or_null<vector::FromElementsOp>(op))
    return elements.getElements()[lane];
  if (auto constant = dyn_cast_or_null<arith::ConstantOp>(op))
    if (auto elements = dyn_cast<DenseElementsAttr>(constant.getValue())) {
      auto value = cast<TypedAttr>(elements.getValues<Attribute>()[lane]);
      return arith::ConstantOp::create(builder, loc, value);
    }
  if (auto broadcast = dyn_cast_or_null<vector::BroadcastOp>(op))
    if (!isa<VectorType>(broadcast.getSource().getType()))
      return broadcast.getSource();
  return extractLane(builder, loc, vector, lane);
}

/// The vector of these lanes; the one that they come from, if they are all of
/// its lanes.
static Value makeVector(OpBuilder &builder, Location loc,
                        ArrayRef<Value> lanes) {
  auto type = VectorType::get({int64_t(lanes.size())}, lanes[0].getType());
  if (auto extract = lanes[0].getDefiningOp<vector::ExtractOp>()) {
    Value source = extract.getSource();
    bool isWhole = source.getType() == type;
    for (auto [i, lane] : llvm::enumerate(lanes)) {
      auto part = lane.getDefiningOp<vector::ExtractOp>();
      isWhole &= part && part.getSource() == source &&
                 part.getStaticPosition() == ArrayRef<int64_t>(i);
    }
    if (isWhole)
      return source;
  }
  return createOp<vector::FromElementsOp>(builder, loc, type, lanes);
}

void LowerCopies::addConditions(Value mask, OpBuilder &builder, Mask &result) {
  if (auto conjunction = mask.getDefiningOp<arith::AndIOp>()) {
    addConditions(conjunction.getLhs(), builder, result);
    addConditions(conjunction.getRhs(), builder, result);
    return;
  }
  auto bounds = mask.getDefiningOp<InBoundsOp>();
  DenseElementsAttr constant;
  if (auto op = mask.getDefiningOp<arith::ConstantOp>())
    constant = dyn_cast<DenseElementsAttr>(op.getValue());
  for (auto [lane, conditions] : llvm::enumerate(result.lanes)) {
    Condition found;
    if (bounds)
      evaluator->buildInside(bounds, lane, withoutName(bounds.getLoc()), found);
    else if (!constant)
      found.push_back(getLane(mask, lane, builder, mask.getLoc()));
    else if (!constant.getValues<bool>()[lane])
      result.isOff.set(lane);
    for (Value condition : found) {
      APInt known;
      if (!isConstant(condition, known)) {
        if (!llvm::is_contained(conditions, condition))
          conditions.push_back(condition);
      } else if (known.isZero()) {
        result.isOff.set(lane);
      }
    }
  }
}

Mask LowerCopies::getMask(Value mask, unsigned numLanes, OpBuilder &builder) {
  Mask result;
  result.lanes.resize(numLanes);
  result.isOff.resize(numLanes);
  if (mask)
    addConditions(mask, builder, result);
  return result;
}

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// The most elements that one access may take.
static unsigned getMaxWidth(TargetAttr target, const LayoutValue &view) {
  // Bools are no vectors in memory, and registers have no use for them. A
  // device buffer begins where any vector may; an array is aligned as needed.
  if (view.elementType.isInteger(1) || view.space == AddressSpace::Thread)
    return 1;
  return getMaxAccessElements(target, view.elementType);
}

/// The vectors that the target has of what an access gives.
static SmallVector<Value> takeApart(OpBuilder &builder, Location loc,
                                    Value loaded, int64_t maxLanes) {
  auto type = dyn_cast<VectorType>(loaded.getType());
  if (!type || type.getNumElements() <= maxLanes)
    return {loaded};
  SmallVector<Type> types(type.getNumElements() / maxLanes,
                          VectorType::get({maxLanes}, type.getElementType()));
  auto split = SplitAccessOp::create(builder, loc, types, loaded);
  return llvm::to_vector_of<Value>(split.getParts());
}

/// The value of an access that has these as its parts, in order.
static Value putTogether(OpBuilder &builder, Location loc,
                         ArrayRef<Value> pieces) {
  if (pieces.size() == 1)
    return pieces[0];
  auto piece = cast<VectorType>(pieces[0].getType());
  return JoinAccessOp::create(
      builder, loc,
      VectorType::get({piece.getNumElements() * int64_t(pieces.size())},
                      piece.getElementType()),
      pieces);
}

namespace {
/// Plans an access to a whole view, of whose elements these are the offsets.
class Planner {
public:
  Planner(ArrayRef<LinearForm> offsets, const Mask &mask);

  /// The plan of accesses of up to \p maxWidth elements.
  Plan plan(unsigned maxWidth, bool isStore, bool mayReorder);

private:
  /// Finds which lanes are accessed.
  void findPlaces(bool isStore, Plan &plan);
  SmallVector<Run> makeRuns(unsigned maxWidth) const;
  /// Whether these lanes are one access.
  bool isRun(ArrayRef<unsigned> lanes) const;
  /// Whether two elements of accesses may be at one place.
  bool mayShare(const Run &a, unsigned i, const Run &b, unsigned j) const;
  /// Whether of elements that may be at one place the last one is stored last.
  bool isInOrder(const Run &before, const Run &after) const;
  bool areInOrder(ArrayRef<Run> accesses) const;

  ArrayRef<LinearForm> offsets;
  const Mask &mask;
  /// Of each lane: the same for those whose offsets differ by a number.
  SmallVector<unsigned> group;
  unsigned numGroups = 0;
  /// The lanes that are accessed, in the order of memory, as far as it is
  /// known: those of one group follow each other.
  SmallVector<unsigned> places;
};
} // namespace

Planner::Planner(ArrayRef<LinearForm> offsets, const Mask &mask)
    : offsets(offsets), mask(mask) {
  std::map<LinearForm::TermsKey, unsigned> groups;
  for (auto [lane, offset] : llvm::enumerate(offsets)) {
    // Mostly they differ by numbers only.
    if (lane != 0 && offset.terms == offsets[lane - 1].terms)
      group.push_back(group.back());
    else
      group.push_back(
          groups.try_emplace(LinearForm::getKey(offset.terms), groups.size())
              .first->second);
  }
  numGroups = groups.size();
}

void Planner::findPlaces(bool isStore, Plan &plan) {
  SmallVector<unsigned> order(offsets.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](unsigned a, unsigned b) {
    return std::make_pair(group[a], offsets[a].constant) <
           std::make_pair(group[b], offsets[b].constant);
  });
  plan.sameAs.resize(offsets.size());
  std::iota(plan.sameAs.begin(), plan.sameAs.end(), 0);
  plan.mayReorder = numGroups <= 1;
  // Of elements at one place a load needs one; of stores the last one stays,
  // unless a condition may keep it from being made.
  for (unsigned lane : order) {
    if (mask.isOff[lane])
      continue;
    unsigned last = places.empty() ? lane : places.back();
    bool isSame = !places.empty() && group[last] == group[lane] &&
                  offsets[last].constant == offsets[lane].constant;
    plan.mayReorder &= !isSame;
    isSame = isSame && mask.lanes[last] == mask.lanes[lane];
    if (!isSame)
      places.push_back(lane);
    else if (isStore)
      places.back() = lane;
    else
      plan.sameAs[lane] = last;
  }
}

bool Planner::isRun(ArrayRef<unsigned> lanes) const {
  unsigned first = lanes.front(), width = lanes.size();
  if (offsets[first].getTermsDivisor() % width != 0 ||
      offsets[first].constant % width != 0)
    return false;
  for (auto [i, lane] : llvm::enumerate(lanes))
    if (group[lane] != group[first] ||
        offsets[lane].constant != offsets[first].constant + int64_t(i) ||
        mask.lanes[lane] != mask.lanes[first])
      return false;
  return true;
}

SmallVector<Run> Planner::makeRuns(unsigned maxWidth) const {
  SmallVector<Run> accesses;
  for (ArrayRef<unsigned> left = places; !left.empty();) {
    unsigned width = maxWidth;
    while (width > 1 && (width > left.size() || !isRun(left.take_front(width))))
      width /= 2;
    Run access;
    llvm::append_range(access.lanes, left.take_front(width));
    accesses.push_back(std::move(access));
    left = left.drop_front(width);
  }
  // In the order of the fragment, so that the text reads as it was written.
  llvm::stable_sort(accesses, [](const Run &a, const Run &b) {
    return a.lanes.front() < b.lanes.front();
  });
  return accesses;
}

bool Planner::mayShare(const Run &a, unsigned i, const Run &b,
                       unsigned j) const {
  unsigned x = a.lanes[i], y = b.lanes[j];
  if (group[x] == group[y])
    return offsets[x].constant == offsets[y].constant;
  // Accesses are aligned: two that share a place have all of the narrower one
  // in common.
  size_t narrower = std::min(a.lanes.size(), b.lanes.size());
  return i % narrower == j % narrower;
}

bool Planner::isInOrder(const Run &before, const Run &after) const {
  if (*llvm::max_element(before.lanes) < *llvm::min_element(after.lanes))
    return true;
  for (auto [i, x] : llvm::enumerate(before.lanes))
    for (auto [j, y] : llvm::enumerate(after.lanes))
      if (x > y && mayShare(before, i, after, j))
        return false;
  return true;
}

bool Planner::areInOrder(ArrayRef<Run> accesses) const {
  unsigned end = 0;
  for (auto [j, access] : llvm::enumerate(accesses)) {
    // Mostly each has lanes behind those of all before it.
    if (*llvm::min_element(access.lanes) < end)
      for (const Run &before : accesses.take_front(j))
        if (!isInOrder(before, access))
          return false;
    end = std::max(end, *llvm::max_element(access.lanes) + 1);
  }
  return true;
}

Plan Planner::plan(unsigned maxWidth, bool isStore, bool mayReorder) {
  Plan result;
  findPlaces(isStore, result);
  result.mayReorder |= mayReorder;
  result.accesses = makeRuns(maxWidth);
  if (isStore && !result.mayReorder)
    while (!areInOrder(result.accesses))
      result.accesses = makeRuns(maxWidth /= 2);
  return result;
}

Plan LowerCopies::makePlan(const LayoutValue &view, const Mask &mask,
                           bool isStore, bool mayReorder) {
  unsigned maxWidth = getMaxWidth(TargetAttr::lookup(getOperation()), view);
  if (view.isSwizzled()) {
    // A swizzle moves runs of 2^base elements as a whole.
    LinearForm base = evaluator->getBase(view);
    int64_t aligned = std::gcd(base.getTermsDivisor(), base.constant);
    if (!view.layout.swizzle().isIdentity())
      aligned = std::gcd(aligned, int64_t(1) << view.layout.swizzle().base());
    while (aligned % maxWidth != 0)
      maxWidth /= 2;
  }
  return Planner(evaluator->getOffsets(view), mask)
      .plan(maxWidth, isStore, mayReorder);
}

OpBuilder LowerCopies::atTop() {
  return OpBuilder::atBlockBegin(&getOperation().getBody().front());
}

Value LowerCopies::getCoord(unsigned lane) {
  Value &known = coords[lane];
  if (!known) {
    OpBuilder top = atTop();
    known = createOp<StaticOp>(
        top, withoutName(getOperation().getLoc()),
        IntTupleType::get(&getContext(), IntTuple(Int(lane))), ValueRange());
  }
  return known;
}

Value LowerCopies::getZero(Type type) {
  Value &known = zeros[type];
  if (!known) {
    OpBuilder top = atTop();
    known = arith::ConstantOp::create(top, withoutName(getOperation().getLoc()),
                                      cast<TypedAttr>(top.getZeroAttr(type)));
  }
  return known;
}

void LowerCopies::eraseUnused(Value mask) {
  Operation *op = mask ? mask.getDefiningOp() : nullptr;
  // Bounds are erased when all accesses are lowered.
  if (!op || isa<InBoundsOp>(op) || !isOpTriviallyDead(op))
    return;
  SmallVector<Value> parts(op->getOperands());
  op->erase();
  // Lanes stay: conditions, which branches have.
  for (Value part : parts)
    if (isa<VectorType>(part.getType()))
      eraseUnused(part);
}

SmallVector<Value> LowerCopies::load(OpBuilder &builder, Location loc,
                                     Value tensor, const Mask &mask) {
  const LayoutValue &view = evaluator->get(tensor);
  Type element = BufferType::getValueType(view.elementType);
  Plan accesses = makePlan(view, mask, /*isStore=*/false);
  SmallVector<Value> lanes(mask.lanes.size());
  auto getType = [&](const Run &access) -> Type {
    if (access.lanes.size() == 1)
      return element;
    return VectorType::get({int64_t(access.lanes.size())}, element);
  };
  int64_t maxLanes = TargetAttr::lookup(getOperation()).getLimits().lanes;
  auto loadOne = [&](OpBuilder &builder, const Run &access) {
    Value loaded =
        createOp<LoadElementOp>(builder, loc, getType(access),
                                {tensor, getCoord(access.lanes.front())});
    return takeApart(builder, loc, loaded, maxLanes);
  };
  auto setLanes = [&](const Run &access, ValueRange pieces) {
    for (auto [i, lane] : llvm::enumerate(access.lanes))
      lanes[lane] =
          access.lanes.size() == 1
              ? pieces[0]
              : extractLane(builder, loc, pieces[i / maxLanes], i % maxLanes);
  };
  // Those with the same condition share a branch.
  llvm::MapVector<Value, SmallVector<const Run *, 4>> groups;
  for (const Run &access : accesses.accesses)
    groups[evaluator->buildAll(mask.lanes[access.lanes.front()], loc)]
        .push_back(&access);
  for (const auto &[condition, group] : groups) {
    if (!condition) {
      for (const Run *access : group)
        setLanes(*access, loadOne(builder, *access));
      continue;
    }
    SmallVector<Type> types;
    SmallVector<size_t> numPieces;
    for (const Run *access : group) {
      int64_t count = access->lanes.size();
      numPieces.push_back(llvm::divideCeil(count, maxLanes));
      Type type = count > maxLanes ? VectorType::get({maxLanes}, element)
                                   : getType(*access);
      types.append(numPieces.back(), type);
    }
    auto branch = createIf(builder, loc, types, condition, /*withElse=*/true);
    OpBuilder inside = branch.getThenBodyBuilder();
    SmallVector<Value> loaded, otherwise;
    for (const Run *access : group)
      llvm::append_range(loaded, loadOne(inside, *access));
    createOp<scf::YieldOp>(inside, loc, TypeRange(), loaded);
    inside = branch.getElseBodyBuilder();
    for (Type type : types)
      otherwise.push_back(getZero(type));
    createOp<scf::YieldOp>(inside, loc, TypeRange(), otherwise);
    ValueRange results = branch.getResults();
    for (auto [access, count] : llvm::zip_equal(group, numPieces)) {
      setLanes(*access, results.take_front(count));
      results = results.drop_front(count);
    }
  }
  for (auto [lane, value] : llvm::enumerate(lanes)) {
    if (accesses.sameAs[lane] != lane)
      value = lanes[accesses.sameAs[lane]];
    else if (!value)
      value = getZero(element);
  }
  return lanes;
}

Value LowerCopies::gather(OpBuilder &builder, Location loc, const Run &access,
                          GetElement getElement) {
  SmallVector<Value, 4> parts;
  for (unsigned lane : access.lanes)
    parts.push_back(getElement(builder, lane));
  if (parts.size() == 1)
    return parts[0];
  size_t maxLanes = TargetAttr::lookup(getOperation()).getLimits().lanes;
  SmallVector<Value> pieces;
  for (ArrayRef<Value> left = parts; !left.empty();
       left = left.drop_front(std::min(left.size(), maxLanes)))
    pieces.push_back(makeVector(
        builder, loc, left.take_front(std::min(left.size(), maxLanes))));
  return putTogether(builder, loc, pieces);
}

void LowerCopies::store(OpBuilder &builder, Location loc, Value tensor,
                        const Mask &mask, bool mayReorder,
                        GetElement getElement) {
  Plan plan =
      makePlan(evaluator->get(tensor), mask, /*isStore=*/true, mayReorder);
  SmallVector<GuardedRun> accesses;
  for (const Run &access : plan.accesses)
    accesses.push_back({&access, mask.lanes[access.lanes.front()]});
  storeGuarded(builder, loc, tensor, std::move(accesses), plan.mayReorder,
               getElement);
}

/// Whether a condition is among those of an access.
static bool isUnder(const GuardedRun &access, Value condition) {
  return llvm::is_contained(access.condition, condition);
}

void LowerCopies::storeGuarded(OpBuilder builder, Location loc, Value tensor,
                               SmallVector<GuardedRun> accesses,
                               bool mayReorder, GetElement getElement) {
  while (!accesses.empty()) {
    // The condition that most of the next accesses are under: of the elements
    // of a tile that of a row, or of a column.
    Value shared;
    size_t most = 0;
    for (Value condition : accesses.front().condition) {
      auto isOther = [&](const GuardedRun &access) {
        return !isUnder(access, condition);
      };
      size_t count = llvm::find_if(accesses, isOther) - accesses.begin();
      if (count > most) {
        shared = condition;
        most = count;
      }
    }
    // Of elements that may be at one place the last one stays.
    SmallVector<GuardedRun> inside, outside;
    for (GuardedRun &access : accesses) {
      bool isInside =
          shared ? isUnder(access, shared) : access.condition.empty();
      if (isInside && (mayReorder || outside.empty()))
        inside.push_back(std::move(access));
      else
        outside.push_back(std::move(access));
    }
    accesses = std::move(outside);
    if (!shared) {
      SmallVector<Value> values;
      for (const GuardedRun &access : inside)
        values.push_back(gather(builder, loc, *access.run, getElement));
      for (auto [access, value] : llvm::zip_equal(inside, values))
        createOp<StoreElementOp>(
            builder, loc, TypeRange(),
            {value, tensor, getCoord(access.run->lanes.front())});
      continue;
    }
    // What else all of them are under stands in the same branch.
    Condition common;
    for (Value condition : inside.front().condition)
      if (llvm::all_of(inside, [&](const GuardedRun &access) {
            return isUnder(access, condition);
          }))
        common.push_back(condition);
    for (GuardedRun &access : inside)
      llvm::erase_if(access.condition, [&](Value condition) {
        return llvm::is_contained(common, condition);
      });
    auto branch =
        createIf(builder, loc, TypeRange(), evaluator->buildAll(common, loc),
                 /*withElse=*/false);
    storeGuarded(branch.getThenBodyBuilder(), loc, tensor, std::move(inside),
                 mayReorder, getElement);
  }
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

void LowerCopies::lower(InBoundsOp op) {
  OpBuilder builder(op);
  Location loc = withoutName(op.getLoc());
  SmallVector<Value> lanes;
  Value always;
  for (int64_t lane = 0; lane < op.getType().getNumElements(); ++lane) {
    Condition conditions;
    evaluator->buildInside(op, lane, loc, conditions);
    Value inside = evaluator->buildAll(conditions, loc);
    if (!inside) {
      if (!always)
        always =
            arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
      inside = always;
    }
    lanes.push_back(inside);
  }
  Value mask = createOp<vector::FromElementsOp>(builder, op.getLoc(),
                                                op.getType(), lanes);
  op.replaceAllUsesWith(mask);
  op.erase();
}

void LowerCopies::lower(LoadFragmentOp op) {
  OpBuilder builder(op);
  Location loc = withoutName(op.getLoc());
  Mask mask = getMask(op.getMask(), op.getType().getNumElements(), builder);
  SmallVector<Value> lanes = load(builder, loc, op.getTensor(), mask);
  Value fragment = createOp<vector::FromElementsOp>(builder, op.getLoc(),
                                                    op.getType(), lanes);
  op.replaceAllUsesWith(fragment);
  eraseWithMask(op);
}

void LowerCopies::lower(StoreFragmentOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  unsigned numLanes = op.getValue().getType().getNumElements();
  Mask mask = getMask(op.getMask(), numLanes, builder);
  store(builder, loc, op.getTensor(), mask, op->hasAttr(kDistinctAttr),
        [&](OpBuilder &at, unsigned lane) {
          return getLane(op.getValue(), lane, at, loc);
        });
  eraseWithMask(op);
}

void LowerCopies::lower(CopyOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Mask mask = getMask(op.getMask(),
                      getNumViewElements(op.getSource().getType()), builder);
  SmallVector<Value> lanes = load(builder, loc, op.getSource(), mask);
  store(builder, loc, op.getDestination(), mask, op->hasAttr(kDistinctAttr),
        [&](OpBuilder &, unsigned lane) { return lanes[lane]; });
  eraseWithMask(op);
}

void LowerCopies::lower(FillOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Mask mask = getMask(op.getMask(),
                      getNumViewElements(op.getTensor().getType()), builder);
  // All are the same, in any order.
  store(builder, loc, op.getTensor(), mask, /*mayReorder=*/true,
        [&](OpBuilder &, unsigned) -> Value { return op.getValue(); });
  eraseWithMask(op);
}

void LowerCopies::runOnOperation() {
  KernelOp kernel = getOperation();
  SmallVector<Operation *> wholes;
  SmallVector<InBoundsOp> bounds;
  forEachOuterFirst(kernel.getBody(), [&](Operation *op) {
    if (auto each = dyn_cast<InBoundsOp>(op))
      bounds.push_back(each);
    else if (isa<LoadFragmentOp, StoreFragmentOp, CopyOp, FillOp>(op))
      wholes.push_back(op);
  });
  if (wholes.empty() && bounds.empty())
    return markAllAnalysesPreserved();
  coords.clear();
  zeros.clear();
  evaluator = &getAnalysis<LayoutEvaluator>();
  if (failed(evaluator->run()))
    return signalPassFailure();
  for (Operation *op : wholes)
    llvm::TypeSwitch<Operation *>(op)
        .Case<LoadFragmentOp, StoreFragmentOp, CopyOp, FillOp>(
            [&](auto whole) { lower(whole); });
  // Those that are more than masks are vectors.
  for (InBoundsOp op : bounds) {
    if (op.use_empty())
      op.erase();
    else
      lower(op);
  }
  markAnalysesPreserved<LayoutEvaluator>();
}
