// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keeps accesses through views inside of the tensors that the views were made
// of.

#include "enigma/Analysis/LayoutEvaluator.h"
#include "enigma/IR/Accesses.h"
#include "enigma/IR/LayoutEvaluation.h"
#include "enigma/IR/LayoutOps.h"
#include "enigma/Layout/Overhang.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Names.h"
#include "enigma/Utils/Walk.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAGUARDOVERHANGS
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;
using layout::Int;
using layout::IntTuple;
using layout::Place;
using layout::Places;
using layout::Provenance;

using Conditions = SmallVector<Value, 4>;

/// Whether the types alone tell that an operation makes no view that overhangs.
static bool isInside(Operation *op) {
  if (!getViewOperation(op))
    return true;
  auto evaluated = evaluateForTypes(op);
  return evaluated && !(*evaluated)->overhangs;
}

/// The conditions that a conjunction consists of.
static void addConjuncts(Value condition, llvm::SetVector<Value> &found) {
  if (!found.insert(condition))
    return;
  if (auto conjunction = condition.getDefiningOp<arith::AndIOp>()) {
    addConjuncts(conjunction.getLhs(), found);
    addConjuncts(conjunction.getRhs(), found);
  }
}

/// What holds wherever an operation runs, by the branches that it stands in.
static llvm::SetVector<Value> getKnown(Operation *op) {
  llvm::SetVector<Value> known;
  for (Region *region = op->getParentRegion(); region;
       region = region->getParentRegion())
    if (auto branch = dyn_cast<scf::IfOp>(region->getParentOp()))
      if (region == &branch.getThenRegion())
        addConjuncts(branch.getCondition(), known);
  return known;
}

/// The bounds that a mask asks for.
static SmallVector<InBoundsOp, 1> getAsked(Value mask) {
  llvm::SetVector<Value> conjuncts;
  if (mask)
    addConjuncts(mask, conjuncts);
  SmallVector<InBoundsOp, 1> asked;
  for (Value conjunct : conjuncts)
    if (auto op = conjunct.getDefiningOp<InBoundsOp>())
      asked.push_back(op);
  return asked;
}

namespace {
/// Which elements of a view exist.
struct Existence {
  /// Conditions of the elements, all of which hold for one that exists. In each
  /// list an element has one, or null where that is certain: elements of a tile
  /// share the conditions of its rows and its columns.
  SmallVector<SmallVector<Value>, 2> conditions;
  /// Whether elements that exist are at different places in memory.
  bool areDistinct = false;
  /// The mask of the last access that asked for no bounds of its own, and the
  /// block that it stands in; null if all elements exist there.
  Value mask;
  Block *block = nullptr;
};

class Guards {
public:
  /// The types of all but `open` tell that they make no view that overhangs.
  Guards(LayoutEvaluator &evaluator, const DenseSet<Operation *> &open)
      : evaluator(evaluator), open(open) {}

  LogicalResult run(ArrayRef<Operation *> accesses);

private:
  Provenance &getProvenance(Value view);
  /// May elements of a view lie outside of what it was made of?
  bool overhangs(Value view);
  /// Appends what holds if the element at a coordinate exists.
  LogicalResult getConditions(Operation *access, Value view,
                              const IntTuple &coord, Conditions &conditions);
  /// Whether the element at a coordinate exists; null if it is known to.
  FailureOr<Value> getExists(Operation *access, Value view,
                             const IntTuple &coord);
  /// The same of all elements of a view, of which that many are known to be.
  FailureOr<Existence *> getExistence(Operation *access, Value view);
  /// Fills in what exists from steps between elements.
  void addConditions(const Places &places, Location loc, Existence &existence);
  /// The mask of what exists, but for what is known or asked already; null if
  /// that is all.
  Value buildMask(Operation *access, const Existence &existence,
                  ArrayRef<InBoundsOp> asked);

  LogicalResult guard(ElementExistsOp op);
  /// Makes an access to one element conditional.
  LogicalResult guardElement(Operation *access, Value view, Value coord);
  /// Adds which elements exist to the mask of an access to all of them.
  template <typename OpT> LogicalResult guardWhole(OpT op, Value view);
  LogicalResult guard(CopyOp op);
  /// Makes a copy of elements that are vectors, of which no fragment is made,
  /// accesses to one after the other.
  LogicalResult guardEach(CopyOp op);

  LayoutEvaluator &evaluator;
  const DenseSet<Operation *> &open;
  llvm::DenseMap<Value, std::unique_ptr<Provenance>> provenances;
  llvm::DenseMap<Value, std::unique_ptr<Existence>> existences;
};

struct GuardOverhangs final
    : enigma::impl::EnigmaGuardOverhangsBase<GuardOverhangs> {
  void runOnOperation() override;
};
} // namespace

//===----------------------------------------------------------------------===//
// Conditions
//===----------------------------------------------------------------------===//

Provenance &Guards::getProvenance(Value view) {
  auto known = provenances.find(view);
  if (known != provenances.end())
    return *known->second;
  layout::Layout layout = evaluator.get(view).layout.layout();
  std::unique_ptr<Provenance> made;
  Operation *op = view.getDefiningOp();
  if (const layout::Operation *operation =
          op ? getViewOperation(op) : nullptr) {
    Provenance &whole = getProvenance(op->getOperand(0));
    SmallVector<layout::Value, 4> operands;
    for (Value operand : op->getOperands())
      operands.push_back(evaluator.get(operand));
    auto compute = [op, operation](ArrayRef<layout::Value> others) {
      return computeForTypes(op, *operation, others);
    };
    made = std::make_unique<Provenance>(whole, *operation, operands, compute,
                                        layout, open.contains(op));
  } else {
    made = std::make_unique<Provenance>(layout);
  }
  return *(provenances[view] = std::move(made));
}

bool Guards::overhangs(Value view) {
  // Of most the types tell it.
  bool mayOverhang = false;
  for (Operation *op = view.getDefiningOp(); op && op->getNumOperands() != 0;
       op = op->getOperand(0).getDefiningOp())
    mayOverhang |= open.contains(op);
  return mayOverhang && getProvenance(view).overhangs();
}

LogicalResult Guards::getConditions(Operation *access, Value view,
                                    const IntTuple &coord,
                                    Conditions &conditions) {
  auto places = getProvenance(view).getPlaces(coord);
  if (!places)
    return attachRemedy(
        access->emitOpError("may reach beyond the tensor that its view was "
                            "made of, and cannot be guarded: ")
            << places.message(),
        places.error());
  for (const Place &place : *places)
    evaluator.buildInside(place.coordinate, place.bounds,
                          withoutName(access->getLoc()), conditions);
  return success();
}

FailureOr<Value> Guards::getExists(Operation *access, Value view,
                                   const IntTuple &coord) {
  Conditions conditions;
  if (failed(getConditions(access, view, coord, conditions)))
    return failure();
  llvm::SetVector<Value> known = getKnown(access);
  llvm::erase_if(conditions,
                 [&](Value condition) { return known.contains(condition); });
  return evaluator.buildAll(conditions, access->getLoc());
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

LogicalResult Guards::guard(ElementExistsOp op) {
  Conditions conditions;
  if (failed(getConditions(op, op.getTensor(),
                           evaluator.get(op.getCoord()).tuple, conditions)))
    return failure();
  Value exists = evaluator.buildAll(conditions, op.getLoc());
  if (!exists) {
    OpBuilder builder(op);
    exists = arith::ConstantOp::create(builder, op.getLoc(),
                                       builder.getBoolAttr(true));
  }
  op.replaceAllUsesWith(exists);
  op.erase();
  return success();
}

LogicalResult Guards::guardElement(Operation *access, Value view, Value coord) {
  if (!overhangs(view))
    return success();
  Type element = cast<ViewType>(view.getType()).getValueType();
  auto isVector = [&](Type type) {
    return isa<VectorType>(type) && type != element;
  };
  if (llvm::any_of(access->getOperandTypes(), isVector) ||
      llvm::any_of(access->getResultTypes(), isVector)) {
    InFlightDiagnostic error = access->emitOpError(
        "accesses several elements at once of a view that may reach beyond the "
        "tensor it was made of");
    error.attachNote() << "help: access one element at a time, or the view as "
                          "a whole";
    return error;
  }
  FailureOr<Value> exists = getExists(access, view, evaluator.get(coord).tuple);
  if (failed(exists))
    return failure();
  if (!*exists)
    return success();

  OpBuilder builder(access);
  Location loc = access->getLoc();
  bool hasResults = access->getNumResults() != 0;
  auto branch = scf::IfOp::create(builder, loc, access->getResultTypes(),
                                  *exists, /*withElseRegion=*/hasResults);
  copyResultNames(access, branch, [](unsigned) { return 1; });
  access->replaceAllUsesWith(branch);
  access->setLoc(withoutName(loc));
  OpBuilder inside = branch.getThenBodyBuilder();
  access->moveBefore(inside.getInsertionBlock(), inside.getInsertionPoint());
  if (!hasResults)
    return success();
  scf::YieldOp::create(inside, access->getLoc(), access->getResults());
  OpBuilder outside = branch.getElseBodyBuilder();
  SmallVector<Value> zeros;
  for (Type type : access->getResultTypes())
    zeros.push_back(arith::ConstantOp::create(
        outside, access->getLoc(), cast<TypedAttr>(outside.getZeroAttr(type))));
  scf::YieldOp::create(outside, access->getLoc(), zeros);
  return success();
}

//===----------------------------------------------------------------------===//
// Whole views
//===----------------------------------------------------------------------===//

void Guards::addConditions(const Places &places, Location loc,
                           Existence &existence) {
  ArrayRef<Int> first = places.first.leaves(), bounds = places.bounds.leaves();
  bool areDistinct = places.areDistinct;
  for (size_t leaf = 0; leaf < first.size(); ++leaf) {
    // Few steps along a coordinate differ.
    SmallVector<std::pair<int64_t, Value>, 8> known;
    SmallVector<Value> conditions;
    for (size_t i = leaf; i < places.steps.size(); i += first.size()) {
      int64_t step = places.steps[i];
      auto *found = llvm::find_if(
          known, [&](const auto &each) { return each.first == step; });
      if (found == known.end()) {
        Int index = add(first[leaf], Int(step));
        known.emplace_back(step, evaluator.buildLess(index, bounds[leaf], loc));
        // Places below 0 are not guarded.
        areDistinct = areDistinct && evaluator.isNonNegative(index);
        found = &known.back();
      }
      conditions.push_back(found->second);
    }
    existence.conditions.push_back(std::move(conditions));
  }
  existence.areDistinct |= areDistinct;
}

FailureOr<Existence *> Guards::getExistence(Operation *access, Value view) {
  std::unique_ptr<Existence> &known = existences[view];
  if (known)
    return known.get();
  auto existence = std::make_unique<Existence>();
  if (auto all = getProvenance(view).getAllPlaces()) {
    for (const Places &places : *all)
      addConditions(places, withoutName(access->getLoc()), *existence);
  } else {
    int64_t numLanes = getNumViewElements(cast<ViewType>(view.getType()));
    for (int64_t lane = 0; lane < numLanes; ++lane) {
      Conditions conditions;
      if (failed(getConditions(access, view, IntTuple(Int(lane)), conditions)))
        return failure();
      for (auto [i, condition] : llvm::enumerate(conditions)) {
        if (i == existence->conditions.size())
          existence->conditions.emplace_back(numLanes);
        existence->conditions[i][lane] = condition;
      }
    }
  }
  known = std::move(existence);
  return known.get();
}

Value Guards::buildMask(Operation *access, const Existence &existence,
                        ArrayRef<InBoundsOp> asked) {
  OpBuilder builder(access);
  Location loc = withoutName(access->getLoc());
  llvm::SetVector<Value> known = getKnown(access);
  SmallVector<SmallVector<Value>, 2> left = existence.conditions;
  for (size_t lane = 0; !left.empty() && lane < left[0].size(); ++lane) {
    Conditions masked;
    for (InBoundsOp bounds : asked)
      evaluator.buildInside(bounds, lane, loc, masked);
    for (SmallVector<Value> &conditions : left)
      if (known.contains(conditions[lane]) ||
          llvm::is_contained(masked, conditions[lane]))
        conditions[lane] = {};
  }
  Value mask, always;
  for (SmallVector<Value> &conditions : left) {
    if (llvm::none_of(conditions, [](Value each) { return bool(each); }))
      continue;
    for (Value &condition : conditions) {
      if (!condition && !always)
        always =
            arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
      if (!condition)
        condition = always;
    }
    auto type =
        VectorType::get({int64_t(conditions.size())}, builder.getI1Type());
    Value lanes =
        createOp<vector::FromElementsOp>(builder, loc, type, conditions);
    mask = mask ? arith::AndIOp::create(builder, loc, mask, lanes) : lanes;
  }
  return mask;
}

template <typename OpT> LogicalResult Guards::guardWhole(OpT op, Value view) {
  if (!overhangs(view))
    return success();
  FailureOr<Existence *> found = getExistence(op, view);
  if (failed(found))
    return failure();
  Existence &existence = **found;
  if (existence.areDistinct && isa<StoreFragmentOp, CopyOp>(op))
    op->setDiscardableAttr(kDistinctAttr, UnitAttr::get(op.getContext()));
  SmallVector<InBoundsOp, 1> asked = getAsked(op.getMask());
  Value mask;
  if (!asked.empty()) {
    mask = buildMask(op, existence, asked);
  } else {
    // What is known is the same in all of a block.
    if (existence.block != op->getBlock()) {
      existence.mask = buildMask(op, existence, {});
      existence.block = op->getBlock();
    }
    mask = existence.mask;
  }
  if (!mask)
    return success();
  if (op.getMask()) {
    OpBuilder builder(op);
    mask = arith::AndIOp::create(builder, withoutName(op.getLoc()),
                                 op.getMask(), mask);
  }
  op.getMaskMutable().assign(mask);
  return success();
}

LogicalResult Guards::guard(CopyOp op) {
  if (!overhangs(op.getSource()))
    return guardWhole(op, op.getDestination());
  // What the source has not got is 0 in the destination.
  if (isa<VectorType>(op.getSource().getType().getValueType()))
    return guardEach(op);
  OpBuilder builder(op);
  auto load = LoadFragmentOp::create(builder, withoutName(op.getLoc()),
                                     op.getSource(), op.getMask());
  auto store = StoreFragmentOp::create(builder, op.getLoc(), load,
                                       op.getDestination(), op.getMask());
  op.erase();
  if (failed(guardWhole(load, load.getTensor())))
    return failure();
  return guardWhole(store, store.getTensor());
}

LogicalResult Guards::guardEach(CopyOp op) {
  Location loc = op.getLoc();
  ViewType view = op.getSource().getType();
  Type type = view.getValueType();
  OpBuilder builder(op);
  auto zero = arith::ConstantOp::create(
      builder, loc, cast<TypedAttr>(builder.getZeroAttr(type)));
  // All are loaded before any is stored: they may be at one place.
  struct Lane {
    Value value, coord, taken;
  };
  SmallVector<Lane> lanes;
  int64_t numLanes = getNumViewElements(view);
  for (int64_t lane = 0; lane < numLanes; ++lane) {
    IntTuple place = Int(lane);
    FailureOr<Value> given = getExists(op, op.getSource(), place),
                     taken = getExists(op, op.getDestination(), place);
    if (failed(given) || failed(taken))
      return failure();
    auto both = [&](Value a, Value b) -> Value {
      if (!a || !b)
        return a ? a : b;
      return arith::AndIOp::create(builder, loc, a, b);
    };
    if (Value mask = op.getMask())
      taken = both(vector::ExtractOp::create(builder, loc, mask, lane), *taken);
    Value coord = StaticOp::create(
        builder, loc, IntTupleType::get(builder.getContext(), place));
    auto load = [&](OpBuilder &at) -> Value {
      return LoadElementOp::create(at, loc, type, op.getSource(), coord);
    };
    Value value;
    if (Value isMoved = both(*taken, *given)) {
      auto branch = scf::IfOp::create(builder, loc, type, isMoved,
                                      /*withElseRegion=*/true);
      OpBuilder inside = branch.getThenBodyBuilder();
      scf::YieldOp::create(inside, loc, load(inside));
      inside = branch.getElseBodyBuilder();
      scf::YieldOp::create(inside, loc, zero.getResult());
      value = branch.getResult(0);
    } else {
      value = load(builder);
    }
    lanes.push_back({value, coord, *taken});
  }
  for (const Lane &lane : lanes) {
    OpBuilder at = builder;
    if (lane.taken)
      at = scf::IfOp::create(builder, loc, lane.taken, /*withElse=*/false)
               .getThenBodyBuilder();
    StoreElementOp::create(at, loc, lane.value, op.getDestination(),
                           lane.coord);
  }
  op.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

LogicalResult Guards::run(ArrayRef<Operation *> accesses) {
  if (failed(evaluator.run()))
    return failure();
  for (Operation *access : accesses) {
    LogicalResult guarded =
        llvm::TypeSwitch<Operation *, LogicalResult>(access)
            .Case([&](ElementExistsOp op) { return guard(op); })
            .Case<LoadElementOp, StoreElementOp>([&](auto op) {
              return guardElement(op, op.getTensor(), op.getCoord());
            })
            .Case<LoadFragmentOp, StoreFragmentOp, FillOp>(
                [&](auto op) { return guardWhole(op, op.getTensor()); })
            .Case([&](CopyOp op) { return guard(op); })
            .Case<LoadOp, StoreOp, AtomicLoadOp, AtomicStoreOp, AtomicRMWOp,
                  AtomicCompareExchangeOp>([&](auto op) -> LogicalResult {
              auto offset =
                  op.getIndex().template getDefiningOp<ElementOffsetOp>();
              if (!offset)
                return success();
              return guardElement(op, offset.getTensor(), offset.getCoord());
            })
            .Default([](Operation *) { return success(); });
    if (failed(guarded))
      return failure();
  }
  return success();
}

void GuardOverhangs::runOnOperation() {
  KernelOp kernel = getOperation();
  SmallVector<Operation *> operations;
  DenseSet<Operation *> open;
  bool isAsked = false;
  forEachOuterFirst(kernel.getBody(), [&](Operation *op) {
    operations.push_back(op);
    isAsked |= isa<ElementExistsOp>(op);
    if (!isInside(op))
      open.insert(op);
  });
  if (!isAsked && open.empty())
    return markAllAnalysesPreserved();
  if (failed(Guards(getAnalysis<LayoutEvaluator>(), open).run(operations)))
    return signalPassFailure();
  markAnalysesPreserved<LayoutEvaluator>();
}
