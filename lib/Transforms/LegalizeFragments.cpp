// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Splits fragments into vectors that Metal has.

#include "enigma/Transforms/Passes.h"

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

static constexpr int64_t kMaxLanes = 4;

/// The types of the pieces of a fragment: vectors of 4, and of what is left.
static void getPieces(VectorType type, SmallVectorImpl<Type> &pieces) {
  Type element = type.getElementType();
  for (int64_t left = type.getNumElements(); left > 0; left -= kMaxLanes)
    pieces.push_back(
        left == 1 ? element
                  : VectorType::get({std::min(left, kMaxLanes)}, element));
}

static bool isFragment(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && !vector.isScalable() &&
         (vector.getNumElements() > kMaxLanes || vector.getNumElements() == 1);
}

/// Lane `lane` of the pieces of a fragment.
static Value getLane(OpBuilder &builder, Location loc, ValueRange pieces,
                     int64_t lane) {
  Value piece = pieces[lane / kMaxLanes];
  if (!isa<VectorType>(piece.getType()))
    return piece;
  return vector::ExtractOp::create(builder, loc, piece, lane % kMaxLanes);
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
  PieceConverter() {
    addConversion([](Type type) { return type; });
    addConversion(
        [](VectorType type,
           SmallVectorImpl<Type> &pieces) -> std::optional<LogicalResult> {
          if (!isFragment(type))
            return std::nullopt;
          getPieces(type, pieces);
          return success();
        });
  }
};

/// An operation that acts on each lane acts on each piece.
class ElementwisePattern : public ConversionPattern {
public:
  ElementwisePattern(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<ValueRange> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op->hasTrait<OpTrait::Elementwise>() || op->getNumResults() != 1 ||
        op->getNumRegions() != 0 || !isFragment(op->getResult(0).getType()))
      return failure();
    SmallVector<Type> pieces;
    getPieces(cast<VectorType>(op->getResult(0).getType()), pieces);
    SmallVector<Value> results;
    for (auto [i, type] : llvm::enumerate(pieces)) {
      SmallVector<Value> parts;
      // A scalar among the operands is one for all lanes.
      for (ValueRange operand : operands)
        parts.push_back(operand.size() == 1 ? operand[0] : operand[i]);
      Operation *piece =
          rewriter.create(op->getLoc(), op->getName().getIdentifier(), parts,
                          type, op->getAttrs());
      results.push_back(piece->getResult(0));
    }
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct ConstantPattern : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::ConstantOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!elements)
      return failure();
    SmallVector<Type> pieces;
    getPieces(cast<VectorType>(op.getType()), pieces);
    SmallVector<Attribute> lanes(elements.getValues<Attribute>());
    SmallVector<Value> results;
    ArrayRef<Attribute> left = lanes;
    for (Type type : pieces) {
      TypedAttr value;
      if (auto vector = dyn_cast<VectorType>(type)) {
        value = DenseElementsAttr::get(
            vector, left.take_front(vector.getNumElements()));
        left = left.drop_front(vector.getNumElements());
      } else {
        value = cast<TypedAttr>(left.front());
        left = left.drop_front();
      }
      results.push_back(
          arith::ConstantOp::create(rewriter, op.getLoc(), value));
    }
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct BroadcastPattern : OpConversionPattern<vector::BroadcastOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(vector::BroadcastOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (isa<VectorType>(op.getSource().getType()))
      return failure();
    Value source = adaptor.getSource().front();
    SmallVector<Type> pieces;
    getPieces(op.getResultVectorType(), pieces);
    SmallVector<Value> results;
    for (Type type : pieces)
      results.push_back(
          isa<VectorType>(type)
              ? vector::BroadcastOp::create(rewriter, op.getLoc(), type, source)
                    .getResult()
              : source);
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct FromElementsPattern : OpConversionPattern<vector::FromElementsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(vector::FromElementsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isFragment(op.getType()))
      return failure();
    SmallVector<Value> lanes;
    for (ValueRange element : adaptor.getElements())
      lanes.push_back(element.front());
    SmallVector<Type> pieces;
    getPieces(op.getType(), pieces);
    SmallVector<Value> results;
    ArrayRef<Value> left = lanes;
    for (Type type : pieces) {
      auto vector = dyn_cast<VectorType>(type);
      ArrayRef<Value> part =
          left.take_front(vector ? vector.getNumElements() : 1);
      left = left.drop_front(part.size());
      results.push_back(vector ? vector::FromElementsOp::create(
                                     rewriter, op.getLoc(), vector, part)
                                     .getResult()
                               : part.front());
    }
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct ExtractPattern : OpConversionPattern<vector::ExtractOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(vector::ExtractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isFragment(op.getSource().getType()) || op.hasDynamicPosition() ||
        op.getNumIndices() != 1)
      return failure();
    int64_t lane = op.getStaticPosition()[0];
    if (lane < 0)
      return failure();
    rewriter.replaceOp(
        op, getLane(rewriter, op.getLoc(), adaptor.getSource(), lane));
    return success();
  }
};

struct InsertPattern : OpConversionPattern<vector::InsertOp> {
  using OpConversionPattern::OpConversionPattern;

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
    Value &piece = pieces[lane / kMaxLanes];
    if (isa<VectorType>(piece.getType()))
      piece = vector::InsertOp::create(rewriter, op.getLoc(), value, piece,
                                       lane % kMaxLanes);
    else
      piece = value;
    rewriter.replaceOpWithMultiple(op, {ValueRange(pieces)});
    return success();
  }
};

/// A reduction combines pieces, then the lanes that are left.
struct ReductionPattern : OpConversionPattern<vector::ReductionOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(vector::ReductionOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Value result = op.getAcc() ? adaptor.getAcc().front() : Value();
    int64_t numLanes = op.getSourceVectorType().getNumElements();
    for (int64_t lane = 0; lane < numLanes; ++lane) {
      Value value = getLane(rewriter, op.getLoc(), adaptor.getVector(), lane);
      result = result ? vector::makeArithReduction(rewriter, op.getLoc(),
                                                   op.getKind(), value, result)
                      : value;
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LegalizeFragments final
    : enigma::impl::EnigmaLegalizeFragmentsBase<LegalizeFragments> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    auto hasFragment = [](Operation *op) {
      if (llvm::any_of(op->getOperandTypes(), isFragment) ||
          llvm::any_of(op->getResultTypes(), isFragment))
        return true;
      return llvm::any_of(op->getRegions(), [](Region &region) {
        return llvm::any_of(region.getArgumentTypes(), isFragment);
      });
    };
    if (!kernel
             .walk([&](Operation *op) {
               return hasFragment(op) ? WalkResult::interrupt()
                                      : WalkResult::advance();
             })
             .wasInterrupted())
      return markAllAnalysesPreserved();

    PieceConverter converter;
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
};
} // namespace
