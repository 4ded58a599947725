// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Splits fragments into vectors that Metal has.

#include "FragmentLanes.h"
#include "ReorderFragments.h"

#include "enigma/Analysis/LayoutEvaluator.h"
#include "enigma/IR/Accesses.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Names.h"
#include "enigma/Utils/Walk.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMALEGALIZEFRAGMENTS
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

/// The vector whose lanes these are, in order; null if there is none.
static Value getWhole(ValueRange lanes, VectorType type) {
  Value source;
  for (auto [i, lane] : llvm::enumerate(lanes)) {
    auto extract = lane.getDefiningOp<vector::ExtractOp>();
    if (!extract || extract.getSource().getType() != type ||
        (source && extract.getSource() != source) ||
        extract.hasDynamicPosition() ||
        extract.getStaticPosition() != ArrayRef<int64_t>(i))
      return {};
    source = extract.getSource();
  }
  return source;
}

/// Takes vectors as they are where they were taken apart and put together.
static void forwardWholes(KernelOp kernel) {
  SmallVector<Operation *> dead, extracts;
  forEachInnerFirst(kernel.getBody(), [&](Operation *op) {
    if (isa<vector::ExtractOp>(op))
      extracts.push_back(op);
    if (auto elements = dyn_cast<vector::FromElementsOp>(op))
      if (Value whole = getWhole(elements.getElements(), elements.getType())) {
        elements.replaceAllUsesWith(whole);
        dead.push_back(op);
      }
  });
  for (Operation *op : dead)
    op->erase();
  for (Operation *op : extracts)
    if (op->use_empty())
      op->erase();
}

/// Whether an operation names a fragment, in its regions' arguments as well.
static bool hasFragment(Operation *op, FragmentForm form) {
  if (form.isUsedBy(op))
    return !isOfWideAccess(op);
  for (Region &region : op->getRegions())
    if (form.hasFragment(region.getArgumentTypes()))
      return true;
  return false;
}

/// The operations that name fragments, those around others first.
static SmallVector<Operation *> findUsers(KernelOp kernel, FragmentForm form) {
  SmallVector<Operation *> users;
  auto add = [&](Operation *op) {
    if (hasFragment(op, form))
      users.push_back(op);
  };
  add(kernel);
  forEachOuterFirst(kernel.getBody(), add);
  return users;
}

/// Whether an operation gives numbers that no layout is made of: those of
/// layouts are of type `index`.
static bool givesPlainNumbers(Operation *op) {
  return llvm::all_of(op->getResultTypes(), [](Type type) {
    return getElementTypeOrSelf(type).isIntOrFloat();
  });
}

/// Whether a position is that of one lane, which is known.
template <typename Op> static bool isOfKnownLane(Op op) {
  return op.getNumIndices() == 1 && !op.hasDynamicPosition() &&
         op.getStaticPosition()[0] >= 0;
}

namespace {
/// Splits fragments into pieces, and what works on them.
class Splitter {
public:
  Splitter(MLIRContext *context, FragmentForm form)
      : form(form), builder(context) {}

  /// Splits operations, those before others first.
  void run(ArrayRef<Operation *> ops);

private:
  using Pieces = SmallVector<Value, 4>;

  /// The pieces of a fragment; of another value itself.
  ArrayRef<Value> getPieces(const Value &value) const;
  SmallVector<Value> split(ValueRange values) const;
  SmallVector<Type> split(TypeRange types) const;
  /// Lane `lane` of a fragment.
  Value getLane(Location loc, Value fragment, int64_t lane);
  /// Lets pieces stand for a fragment.
  void replace(Value fragment, Pieces values);
  /// Splits what is known of each lane, and builds each piece from its part.
  template <typename Lane>
  Pieces build(VectorType type, ArrayRef<Lane> lanes,
               function_ref<Value(Type piece, ArrayRef<Lane> part)> buildPiece);
  /// The operation with other operands and results, and without its regions.
  Operation *copy(Operation *op, ValueRange operands, TypeRange types);

  /// Whether the operation is gone then.
  bool split(Operation *op);
  void split(arith::ConstantOp op);
  void split(vector::BroadcastOp op);
  void split(vector::FromElementsOp op);
  void split(vector::ExtractOp op);
  void split(vector::InsertOp op);
  void split(vector::ReductionOp op);
  void splitLanewise(Operation *op);
  void splitRegions(Operation *op);
  void splitArguments(Block &block);

  FragmentForm form;
  OpBuilder builder;
  DenseMap<Value, Pieces> pieces;
  SmallVector<BlockArgument> deadArguments;
};
} // namespace

ArrayRef<Value> Splitter::getPieces(const Value &value) const {
  auto known = pieces.find(value);
  if (known == pieces.end())
    return value;
  return known->second;
}

SmallVector<Value> Splitter::split(ValueRange values) const {
  SmallVector<Value> result;
  for (Value value : values)
    llvm::append_range(result, getPieces(value));
  return result;
}

SmallVector<Type> Splitter::split(TypeRange types) const {
  SmallVector<Type> result;
  for (Type type : types) {
    if (form.isFragment(type))
      llvm::append_range(result, form.getPieces(cast<VectorType>(type)));
    else
      result.push_back(type);
  }
  return result;
}

Value Splitter::getLane(Location loc, Value fragment, int64_t lane) {
  Value piece = getPieces(fragment)[form.getPiece(lane)];
  if (!isa<VectorType>(piece.getType()))
    return piece;
  int64_t place = form.getPlace(lane);
  if (auto elements = piece.getDefiningOp<vector::FromElementsOp>())
    return elements.getElements()[place];
  return extractLane(builder, loc, piece, place);
}

void Splitter::replace(Value fragment, Pieces values) {
  pieces[fragment] = std::move(values);
}

template <typename Lane>
Splitter::Pieces Splitter::build(
    VectorType type, ArrayRef<Lane> lanes,
    function_ref<Value(Type piece, ArrayRef<Lane> part)> buildPiece) {
  Pieces results;
  for (Type piece : form.getPieces(type)) {
    auto vector = dyn_cast<VectorType>(piece);
    ArrayRef<Lane> part =
        lanes.take_front(vector ? vector.getNumElements() : 1);
    lanes = lanes.drop_front(part.size());
    results.push_back(buildPiece(piece, part));
  }
  return results;
}

Operation *Splitter::copy(Operation *op, ValueRange operands, TypeRange types) {
  return builder.insert(Operation::create(
      op->getLoc(), op->getName(), types, operands,
      op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
      BlockRange(), op->getNumRegions()));
}

void Splitter::split(arith::ConstantOp op) {
  auto elements = cast<DenseElementsAttr>(op.getValue());
  SmallVector<Attribute> lanes;
  Value last;
  if (elements.isSplat())
    lanes.assign(elements.getNumElements(),
                 elements.getSplatValue<Attribute>());
  else
    llvm::append_range(lanes, elements.getValues<Attribute>());
  auto buildPiece = [&](Type type, ArrayRef<Attribute> part) -> Value {
    // Mostly all lanes are one number, and all pieces one constant.
    if (last && elements.isSplat() && last.getType() == type)
      return last;
    auto vector = dyn_cast<VectorType>(type);
    auto value = vector ? cast<TypedAttr>(DenseElementsAttr::get(vector, part))
                        : cast<TypedAttr>(part.front());
    arith::ConstantOp::Properties properties;
    properties.value = value;
    return last = createOp<arith::ConstantOp>(builder, op.getLoc(), type,
                                              ValueRange(), properties);
  };
  replace(op,
          build<Attribute>(cast<VectorType>(op.getType()), lanes, buildPiece));
}

void Splitter::split(vector::BroadcastOp op) {
  Pieces results;
  for (Type type : form.getPieces(op.getResultVectorType())) {
    Value piece = op.getSource();
    if (isa<VectorType>(type))
      piece = createOp<vector::BroadcastOp>(builder, op.getLoc(), type, piece);
    results.push_back(piece);
  }
  replace(op, std::move(results));
}

void Splitter::split(vector::FromElementsOp op) {
  SmallVector<Value> lanes(op.getElements());
  auto buildPiece = [&](Type type, ArrayRef<Value> part) -> Value {
    auto vector = dyn_cast<VectorType>(type);
    if (!vector)
      return part.front();
    if (Value whole = getWhole(part, vector))
      return whole;
    return createOp<vector::FromElementsOp>(builder, op.getLoc(), vector, part);
  };
  replace(op, build<Value>(op.getType(), lanes, buildPiece));
}

void Splitter::split(vector::ExtractOp op) {
  op.getResult().replaceAllUsesWith(
      getLane(op.getLoc(), op.getSource(), op.getStaticPosition()[0]));
}

void Splitter::split(vector::InsertOp op) {
  int64_t lane = op.getStaticPosition()[0];
  Pieces results(getPieces(op.getDest()));
  Value value = op.getValueToStore();
  Value &piece = results[form.getPiece(lane)];
  if (isa<VectorType>(piece.getType()))
    piece = vector::InsertOp::create(builder, op.getLoc(), value, piece,
                                     form.getPlace(lane));
  else
    piece = value;
  replace(op, std::move(results));
}

/// A reduction combines lane by lane.
void Splitter::split(vector::ReductionOp op) {
  op.getResult().replaceAllUsesWith(
      buildReduction(builder, op, op.getAcc(), [&](int64_t lane) {
        return getLane(op.getLoc(), op.getVector(), lane);
      }));
}

/// An operation that acts on each lane acts on each piece.
void Splitter::splitLanewise(Operation *op) {
  SmallVector<SmallVector<Type>, 1> types;
  for (Type type : op->getResultTypes())
    types.push_back(form.getPieces(cast<VectorType>(type)));
  SmallVector<Pieces, 1> results(op->getNumResults());
  for (size_t i = 0, e = types.front().size(); i < e; ++i) {
    SmallVector<Value> operands;
    // A scalar among the operands is one for all lanes.
    for (Value operand : op->getOperands()) {
      ArrayRef<Value> parts = getPieces(operand);
      operands.push_back(parts.size() == 1 ? parts[0] : parts[i]);
    }
    SmallVector<Type, 1> ofPiece;
    for (ArrayRef<Type> ofResult : types)
      ofPiece.push_back(ofResult[i]);
    Operation *piece = copy(op, operands, ofPiece);
    for (auto [list, result] : llvm::zip_equal(results, piece->getResults()))
      list.push_back(result);
  }
  for (auto [result, values] : llvm::zip_equal(op->getResults(), results))
    replace(result, std::move(values));
}

void Splitter::splitArguments(Block &block) {
  for (unsigned i = 0; i < block.getNumArguments(); ++i) {
    BlockArgument argument = block.getArgument(i);
    if (!form.isFragment(argument.getType()))
      continue;
    Pieces values;
    for (Type type : form.getPieces(cast<VectorType>(argument.getType())))
      values.push_back(block.insertArgument(++i, type, argument.getLoc()));
    replace(argument, std::move(values));
    deadArguments.push_back(argument);
  }
}

void Splitter::splitRegions(Operation *op) {
  Operation *piecewise =
      copy(op, split(op->getOperands()), split(op->getResultTypes()));
  for (auto [from, to] :
       llvm::zip_equal(op->getRegions(), piecewise->getRegions())) {
    to.takeBody(from);
    for (Block &block : to)
      splitArguments(block);
  }
  ValueRange left = piecewise->getResults();
  for (Value result : op->getResults()) {
    if (!form.isFragment(result.getType())) {
      result.replaceAllUsesWith(left.front());
      left = left.drop_front();
      continue;
    }
    size_t count = form.getPieces(cast<VectorType>(result.getType())).size();
    replace(result, Pieces(left.take_front(count)));
    left = left.drop_front(count);
  }
}

bool Splitter::split(Operation *op) {
  builder.setInsertionPoint(op);
  if (isa<scf::YieldOp, scf::ConditionOp>(op)) {
    op->setOperands(split(op->getOperands()));
    return false;
  }
  llvm::TypeSwitch<Operation *>(op)
      .Case<arith::ConstantOp, vector::BroadcastOp, vector::FromElementsOp,
            vector::ExtractOp, vector::InsertOp, vector::ReductionOp>(
          [&](auto op) { split(op); })
      .Case<scf::ForOp, scf::IfOp, scf::WhileOp>(
          [&](Operation *op) { splitRegions(op); })
      .Default([&](Operation *op) { splitLanewise(op); });
  return true;
}

void Splitter::run(ArrayRef<Operation *> ops) {
  SmallVector<Operation *> dead;
  for (Operation *op : ops)
    if (split(op))
      dead.push_back(op);
  for (Operation *op : llvm::reverse(dead))
    op->erase();
  for (BlockArgument argument : llvm::reverse(deadArguments))
    argument.getOwner()->eraseArgument(argument.getArgNumber());
}

namespace {
struct LegalizeFragments final
    : enigma::impl::EnigmaLegalizeFragmentsBase<LegalizeFragments> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    TargetAttr compiledFor = TargetAttr::lookup(kernel);
    FragmentForm form(compiledFor.getLimits().lanes);
    SmallVector<Operation *> users = findUsers(kernel, form);
    if (users.empty())
      return markAllAnalysesPreserved();
    if (llvm::all_of(users, givesPlainNumbers))
      markAnalysesPreserved<LayoutEvaluator>();

    bool isOther = takeLanesApart(users);
    isOther |= reorderFragments(kernel, form);
    if (isOther)
      users = findUsers(kernel, form);
    for (Operation *op : users)
      if (failed(check(op, form, compiledFor)))
        return signalPassFailure();
    for (Operation *op : users)
      nameAll(op, form);
    Splitter(&getContext(), form).run(users);
    forwardWholes(kernel);
  }

private:
  /// Finds what has no form for the pieces of a fragment.
  static LogicalResult check(Operation *op, FragmentForm form,
                             TargetAttr compiledFor) {
    if (isa<arith::ConstantOp, vector::FromElementsOp, vector::ReductionOp,
            scf::ForOp, scf::IfOp, scf::WhileOp, scf::YieldOp,
            scf::ConditionOp>(op))
      return success();
    if (auto broadcast = dyn_cast<vector::BroadcastOp>(op);
        broadcast && !isa<VectorType>(broadcast.getSource().getType()))
      return success();
    if (auto extract = dyn_cast<vector::ExtractOp>(op);
        extract && isOfKnownLane(extract))
      return success();
    if (auto insert = dyn_cast<vector::InsertOp>(op);
        insert && isOfKnownLane(insert))
      return success();
    if (isLanewise(op))
      return success();
    for (TypeRange types :
         {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
      for (Type type : types)
        if (form.isFragment(type)) {
          InFlightDiagnostic diagnostic =
              op->emitOpError("works on ")
              << type << ", and has no form for vectors that "
              << compiledFor.getTitle() << " does not have; work on ";
          int64_t lanes = compiledFor.getLimits().lanes;
          if (lanes > 1)
            diagnostic << "vectors of 2 to " << lanes << " lanes, or on ";
          return diagnostic << "single elements";
        }
    return success();
  }

  /// Each piece of a variable has the variable's name.
  static void nameAll(Operation *op, FragmentForm form) {
    copyResultNames(op, op, [&](unsigned i) -> size_t {
      Type type = op->getResult(i).getType();
      if (!form.isFragment(type))
        return 1;
      return form.getPieces(cast<VectorType>(type)).size();
    });
  }
};
} // namespace
