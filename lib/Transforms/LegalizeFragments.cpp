// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Splits fragments into vectors that Metal has.

#include "FragmentLanes.h"
#include "ReorderFragments.h"

#include "enigma/IR/Accesses.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Names.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMALEGALIZEFRAGMENTS
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

/// Splits what is known of each lane, and builds each piece from its part.
template <typename Lane>
static SmallVector<Value>
buildPieces(FragmentForm form, VectorType type, ArrayRef<Lane> lanes,
            function_ref<Value(Type piece, ArrayRef<Lane> part)> buildPiece) {
  SmallVector<Value> results;
  for (Type piece : form.getPieces(type)) {
    auto vector = dyn_cast<VectorType>(piece);
    ArrayRef<Lane> part =
        lanes.take_front(vector ? vector.getNumElements() : 1);
    lanes = lanes.drop_front(part.size());
    results.push_back(buildPiece(piece, part));
  }
  return results;
}

/// Lane `lane` of the pieces of a fragment.
static Value getLane(FragmentForm form, OpBuilder &builder, Location loc,
                     ValueRange pieces, int64_t lane) {
  Value piece = pieces[form.getPiece(lane)];
  if (!isa<VectorType>(piece.getType()))
    return piece;
  return vector::ExtractOp::create(builder, loc, piece, form.getPlace(lane));
}

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
  SmallVector<Operation *> dead;
  kernel.walk([&](vector::FromElementsOp op) {
    if (Value whole = getWhole(op.getElements(), op.getType())) {
      op.replaceAllUsesWith(whole);
      dead.push_back(op);
    }
  });
  for (Operation *op : dead)
    op->erase();
  dead.clear();
  kernel.walk([&](vector::ExtractOp op) {
    if (op.use_empty())
      dead.push_back(op);
  });
  for (Operation *op : dead)
    op->erase();
}

namespace {
class PieceConverter : public TypeConverter {
public:
  explicit PieceConverter(FragmentForm form) : form(form) {
    addConversion([](Type type) { return type; });
    addConversion(
        [form](VectorType type,
               SmallVectorImpl<Type> &pieces) -> std::optional<LogicalResult> {
          if (!form.isFragment(type))
            return std::nullopt;
          llvm::append_range(pieces, form.getPieces(type));
          return success();
        });
  }

  const FragmentForm form;
};

/// A pattern that knows the form of the pieces.
template <typename Op> struct PiecePattern : OpConversionPattern<Op> {
  PiecePattern(const PieceConverter &converter, MLIRContext *context)
      : OpConversionPattern<Op>(converter, context), form(converter.form) {}

  using OneToNOpAdaptor = typename OpConversionPattern<Op>::OneToNOpAdaptor;

  const FragmentForm form;
};

/// An operation that acts on each lane acts on each piece.
class ElementwisePattern : public ConversionPattern {
public:
  ElementwisePattern(const PieceConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), 1, context),
        form(converter.form) {}

  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<ValueRange> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isLanewise(op) || op->getNumResults() == 0 ||
        !form.isFragment(op->getResult(0).getType()))
      return failure();
    SmallVector<SmallVector<Type>, 1> pieces;
    for (Type type : op->getResultTypes())
      pieces.push_back(form.getPieces(cast<VectorType>(type)));
    SmallVector<SmallVector<Value>, 1> results(op->getNumResults());
    for (unsigned i = 0; i < pieces[0].size(); ++i) {
      SmallVector<Value> parts;
      // A scalar among the operands is one for all lanes.
      for (ValueRange operand : operands)
        parts.push_back(operand.size() == 1 ? operand[0] : operand[i]);
      SmallVector<Type, 1> types;
      for (ArrayRef<Type> ofResult : pieces)
        types.push_back(ofResult[i]);
      Operation *piece =
          rewriter.create(op->getLoc(), op->getName().getIdentifier(), parts,
                          types, op->getAttrs());
      for (auto [list, result] : llvm::zip_equal(results, piece->getResults()))
        list.push_back(result);
    }
    rewriter.replaceOpWithMultiple(op, std::move(results));
    return success();
  }

private:
  const FragmentForm form;
};

struct ConstantPattern : PiecePattern<arith::ConstantOp> {
  using PiecePattern::PiecePattern;

  LogicalResult
  matchAndRewrite(arith::ConstantOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!elements)
      return failure();
    SmallVector<Attribute> lanes(elements.getValues<Attribute>());
    SmallVector<Value> results = buildPieces<Attribute>(
        form, cast<VectorType>(op.getType()), lanes,
        [&](Type type, ArrayRef<Attribute> part) -> Value {
          auto vector = dyn_cast<VectorType>(type);
          auto value =
              vector ? cast<TypedAttr>(DenseElementsAttr::get(vector, part))
                     : cast<TypedAttr>(part.front());
          return arith::ConstantOp::create(rewriter, op.getLoc(), value);
        });
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct BroadcastPattern : PiecePattern<vector::BroadcastOp> {
  using PiecePattern::PiecePattern;

  LogicalResult
  matchAndRewrite(vector::BroadcastOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (isa<VectorType>(op.getSource().getType()))
      return failure();
    Value source = adaptor.getSource().front();
    SmallVector<Value> results;
    for (Type type : form.getPieces(op.getResultVectorType()))
      results.push_back(
          isa<VectorType>(type)
              ? vector::BroadcastOp::create(rewriter, op.getLoc(), type, source)
                    .getResult()
              : source);
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct FromElementsPattern : PiecePattern<vector::FromElementsOp> {
  using PiecePattern::PiecePattern;

  LogicalResult
  matchAndRewrite(vector::FromElementsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!form.isFragment(op.getType()))
      return failure();
    SmallVector<Value> lanes;
    for (ValueRange element : adaptor.getElements())
      lanes.push_back(element.front());
    SmallVector<Value> results =
        buildPieces<Value>(form, op.getType(), lanes,
                           [&](Type type, ArrayRef<Value> part) -> Value {
                             auto vector = dyn_cast<VectorType>(type);
                             if (!vector)
                               return part.front();
                             if (Value whole = getWhole(part, vector))
                               return whole;
                             return vector::FromElementsOp::create(
                                 rewriter, op.getLoc(), vector, part);
                           });
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct ExtractPattern : PiecePattern<vector::ExtractOp> {
  using PiecePattern::PiecePattern;

  LogicalResult
  matchAndRewrite(vector::ExtractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!form.isFragment(op.getSource().getType()) || op.hasDynamicPosition() ||
        op.getNumIndices() != 1)
      return failure();
    int64_t lane = op.getStaticPosition()[0];
    if (lane < 0)
      return failure();
    rewriter.replaceOp(
        op, getLane(form, rewriter, op.getLoc(), adaptor.getSource(), lane));
    return success();
  }
};

struct InsertPattern : PiecePattern<vector::InsertOp> {
  using PiecePattern::PiecePattern;

  LogicalResult
  matchAndRewrite(vector::InsertOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (op.hasDynamicPosition() || op.getNumIndices() != 1)
      return failure();
    int64_t lane = op.getStaticPosition()[0];
    if (lane < 0)
      return failure();
    SmallVector<Value> pieces(adaptor.getDest());
    Value value = adaptor.getValueToStore().front();
    Value &piece = pieces[form.getPiece(lane)];
    if (isa<VectorType>(piece.getType()))
      piece = vector::InsertOp::create(rewriter, op.getLoc(), value, piece,
                                       form.getPlace(lane));
    else
      piece = value;
    rewriter.replaceOpWithMultiple(op, {ValueRange(pieces)});
    return success();
  }
};

/// A reduction combines lane by lane.
struct ReductionPattern : PiecePattern<vector::ReductionOp> {
  using PiecePattern::PiecePattern;

  LogicalResult
  matchAndRewrite(vector::ReductionOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Value result = buildReduction(
        rewriter, op, op.getAcc() ? adaptor.getAcc().front() : Value(),
        [&](int64_t lane) {
          return getLane(form, rewriter, op.getLoc(), adaptor.getVector(),
                         lane);
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LegalizeFragments final
    : enigma::impl::EnigmaLegalizeFragmentsBase<LegalizeFragments> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    TargetAttr compiledFor = TargetAttr::lookup(kernel);
    FragmentForm form(compiledFor.getLimits().lanes);
    auto hasFragment = [&](Operation *op) {
      if (isOfWideAccess(op))
        return false;
      return form.hasFragment(op->getOperandTypes()) ||
             form.hasFragment(op->getResultTypes()) ||
             llvm::any_of(op->getRegions(), [&](Region &region) {
               return form.hasFragment(region.getArgumentTypes());
             });
    };
    if (!kernel
             .walk([&](Operation *op) {
               return hasFragment(op) ? WalkResult::interrupt()
                                      : WalkResult::advance();
             })
             .wasInterrupted())
      return markAllAnalysesPreserved();

    takeLanesApart(kernel, form);
    reorderFragments(kernel, form);
    if (failed(checkAll(kernel, compiledFor)))
      return signalPassFailure();
    kernel.walk([&](Operation *op) { nameAll(op, form); });

    PieceConverter converter(form);
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ElementwisePattern>(converter, context);
    patterns.add<ConstantPattern, BroadcastPattern, FromElementsPattern,
                 ExtractPattern, InsertPattern, ReductionPattern>(converter,
                                                                  context);
    scf::populateSCFStructuralTypeConversions(converter, patterns);
    ConversionTarget target(*context);
    target.markUnknownOpDynamicallyLegal(
        [&](Operation *op) { return !hasFragment(op); });
    if (failed(applyPartialConversion(kernel, target, std::move(patterns))))
      return signalPassFailure();
    forwardWholes(kernel);
  }

private:
  /// Finds what has no form for the pieces of a fragment.
  static LogicalResult checkAll(KernelOp kernel, TargetAttr compiledFor) {
    int64_t lanes = compiledFor.getLimits().lanes;
    FragmentForm form(lanes);
    auto check = [&](Operation *op) -> WalkResult {
      if (isLanewise(op) || isOfWideAccess(op) ||
          isa<arith::ConstantOp, vector::FromElementsOp, vector::ReductionOp,
              scf::ForOp, scf::IfOp, scf::WhileOp, scf::YieldOp,
              scf::ConditionOp>(op))
        return WalkResult::advance();
      auto broadcast = dyn_cast<vector::BroadcastOp>(op);
      auto extract = dyn_cast<vector::ExtractOp>(op);
      auto insert = dyn_cast<vector::InsertOp>(op);
      if ((broadcast && !isa<VectorType>(broadcast.getSource().getType())) ||
          (extract && extract.getNumIndices() == 1) ||
          (insert && insert.getNumIndices() == 1))
        return WalkResult::advance();
      for (TypeRange types :
           {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
        for (Type type : types)
          if (form.isFragment(type)) {
            InFlightDiagnostic diagnostic =
                op->emitOpError("works on ")
                << type << ", and has no form for vectors that "
                << compiledFor.getTitle() << " does not have; work on ";
            if (lanes > 1)
              diagnostic << "vectors of 2 to " << lanes << " lanes, or on ";
            diagnostic << "single elements";
            return WalkResult::interrupt();
          }
      return WalkResult::advance();
    };
    return failure(kernel.walk(check).wasInterrupted());
  }

  /// Each piece of a variable has the variable's name.
  static void nameAll(Operation *op, FragmentForm form) {
    if (isOfWideAccess(op))
      return;
    copyResultNames(op, op, [&](unsigned i) -> size_t {
      Type type = op->getResult(i).getType();
      if (!form.isFragment(type))
        return 1;
      return form.getPieces(cast<VectorType>(type)).size();
    });
  }
};
} // namespace
