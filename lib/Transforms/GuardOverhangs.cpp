// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keeps accesses through views inside of the tensors that the views were made
// of.

#include "enigma/Analysis/LayoutEvaluator.h"
#include "enigma/IR/LayoutEvaluation.h"
#include "enigma/IR/LayoutOps.h"
#include "enigma/Layout/Overhang.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Names.h"
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
class Guards {
public:
  explicit Guards(LayoutEvaluator &evaluator) : evaluator(evaluator) {}

  LogicalResult run(ArrayRef<Operation *> accesses);

private:
  Provenance &getProvenance(Value view);
  /// Appends what holds if the element at a coordinate exists.
  LogicalResult getConditions(Operation *access, Value view,
                              const IntTuple &coord, Conditions &conditions);
  Value buildAll(ArrayRef<Value> conditions, Location loc);

  LogicalResult guard(ElementExistsOp op);
  /// Makes an access to one element conditional.
  LogicalResult guardElement(Operation *access, Value view, Value coord);
  /// Adds which elements exist to the mask of an access to all of them.
  template <typename OpT> LogicalResult guardWhole(OpT op, Value view);
  LogicalResult guard(CopyOp op);
  /// Makes a copy of elements that are vectors, of which no fragment is made,
  /// accesses to one after the other.
  LogicalResult guardEach(CopyOp op);
  /// Whether the element of that number exists; null if all do.
  FailureOr<Value> getExists(CopyOp op, Value view, int64_t lane);

  LayoutEvaluator &evaluator;
  llvm::DenseMap<Value, std::unique_ptr<Provenance>> provenances;
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
    made = std::make_unique<Provenance>(
        whole, *operation, operands,
        getNumbers(*operation, op->getAttrDictionary()), layout, !isInside(op));
  } else {
    made = std::make_unique<Provenance>(layout);
  }
  return *(provenances[view] = std::move(made));
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

Value Guards::buildAll(ArrayRef<Value> conditions, Location loc) {
  Value all;
  for (Value condition : conditions)
    all = evaluator.buildAnd(all, condition, withoutName(loc));
  return all;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

LogicalResult Guards::guard(ElementExistsOp op) {
  Conditions conditions;
  if (failed(getConditions(op, op.getTensor(),
                           evaluator.get(op.getCoord()).tuple, conditions)))
    return failure();
  Value exists = buildAll(conditions, op.getLoc());
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
  if (!getProvenance(view).overhangs())
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
  Conditions conditions;
  if (failed(
          getConditions(access, view, evaluator.get(coord).tuple, conditions)))
    return failure();
  llvm::SetVector<Value> known = getKnown(access);
  llvm::erase_if(conditions,
                 [&](Value condition) { return known.contains(condition); });
  Value exists = buildAll(conditions, access->getLoc());
  if (!exists)
    return success();

  OpBuilder builder(access);
  Location loc = access->getLoc();
  bool hasResults = access->getNumResults() != 0;
  auto branch = scf::IfOp::create(builder, loc, access->getResultTypes(),
                                  exists, /*withElseRegion=*/hasResults);
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

template <typename OpT> LogicalResult Guards::guardWhole(OpT op, Value view) {
  if (!getProvenance(view).overhangs())
    return success();
  OpBuilder builder(op);
  Location loc = withoutName(op.getLoc());
  llvm::SetVector<Value> known = getKnown(op);
  SmallVector<InBoundsOp, 1> asked = getAsked(op.getMask());
  // Its size was verified to be known.
  int64_t numLanes =
      cast<ViewType>(view.getType()).getLayout().layout().size().value();
  SmallVector<Value> lanes;
  Value always;
  bool isWhole = true;
  for (int64_t lane = 0; lane < numLanes; ++lane) {
    Conditions conditions;
    if (failed(getConditions(op, view, IntTuple(Int(lane)), conditions)))
      return failure();
    Conditions masked;
    for (InBoundsOp bounds : asked)
      evaluator.buildInside(bounds, lane, loc, masked);
    llvm::erase_if(conditions, [&](Value condition) {
      return known.contains(condition) || llvm::is_contained(masked, condition);
    });
    Value exists = buildAll(conditions, loc);
    isWhole &= !exists;
    if (!exists) {
      if (!always)
        always =
            arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
      exists = always;
    }
    lanes.push_back(exists);
  }
  if (isWhole)
    return success();
  auto type = VectorType::get({numLanes}, builder.getI1Type());
  Value mask = vector::FromElementsOp::create(builder, loc, type, lanes);
  if (op.getMask())
    mask = arith::AndIOp::create(builder, loc, op.getMask(), mask);
  op.getMaskMutable().assign(mask);
  return success();
}

LogicalResult Guards::guard(CopyOp op) {
  if (!getProvenance(op.getSource()).overhangs())
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

FailureOr<Value> Guards::getExists(CopyOp op, Value view, int64_t lane) {
  Conditions conditions;
  if (failed(getConditions(op, view, IntTuple(Int(lane)), conditions)))
    return failure();
  llvm::SetVector<Value> known = getKnown(op);
  llvm::erase_if(conditions,
                 [&](Value condition) { return known.contains(condition); });
  return buildAll(conditions, op.getLoc());
}

LogicalResult Guards::guardEach(CopyOp op) {
  Location loc = op.getLoc();
  ViewType view = op.getSource().getType();
  Type type = view.getValueType();
  OpBuilder outside(op);
  auto zero = arith::ConstantOp::create(
      outside, loc, cast<TypedAttr>(outside.getZeroAttr(type)));
  int64_t numLanes = view.getLayout().layout().size().value();
  for (int64_t lane = 0; lane < numLanes; ++lane) {
    FailureOr<Value> given = getExists(op, op.getSource(), lane),
                     taken = getExists(op, op.getDestination(), lane);
    if (failed(given) || failed(taken))
      return failure();
    OpBuilder builder(op);
    if (Value mask = op.getMask()) {
      Value isAsked = vector::ExtractOp::create(builder, loc, mask, lane);
      taken = *taken ? arith::AndIOp::create(builder, loc, isAsked, *taken)
                     : isAsked;
    }
    if (*taken)
      builder = scf::IfOp::create(builder, loc, *taken, /*withElse=*/false)
                    .getThenBodyBuilder();
    Value coord = StaticOp::create(
        builder, loc,
        IntTupleType::get(builder.getContext(), IntTuple(Int(lane))));
    auto load = [&](OpBuilder &at) -> Value {
      return LoadElementOp::create(at, loc, type, op.getSource(), coord);
    };
    Value value;
    if (*given) {
      auto branch = scf::IfOp::create(builder, loc, type, *given,
                                      /*withElseRegion=*/true);
      OpBuilder inside = branch.getThenBodyBuilder();
      scf::YieldOp::create(inside, loc, load(inside));
      inside = branch.getElseBodyBuilder();
      scf::YieldOp::create(inside, loc, zero.getResult());
      value = branch.getResult(0);
    } else {
      value = load(builder);
    }
    StoreElementOp::create(builder, loc, value, op.getDestination(), coord);
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
  bool mayOverhang = false;
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    operations.push_back(op);
    mayOverhang |= isa<ElementExistsOp>(op) || !isInside(op);
  });
  if (!mayOverhang)
    return markAllAnalysesPreserved();
  if (failed(Guards(getAnalysis<LayoutEvaluator>()).run(operations)))
    return signalPassFailure();
  markAnalysesPreserved<LayoutEvaluator>();
}
