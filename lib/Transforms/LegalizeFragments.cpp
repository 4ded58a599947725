// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Splits fragments into vectors that Metal has.

#include "FragmentOrder.h"

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

static constexpr int64_t kMaxLanes = 4;

/// The types of the pieces of a fragment: vectors of 4, and of what is left.
static void getPieces(VectorType type, SmallVectorImpl<Type> &pieces) {
  Type element = type.getElementType();
  for (int64_t left = type.getNumElements(); left > 0; left -= kMaxLanes)
    pieces.push_back(
        left == 1 ? element
                  : VectorType::get({std::min(left, kMaxLanes)}, element));
}

/// Splits what is known of each lane, and builds each piece from its part.
template <typename Lane>
static SmallVector<Value>
buildPieces(VectorType type, ArrayRef<Lane> lanes,
            function_ref<Value(Type piece, ArrayRef<Lane> part)> buildPiece) {
  SmallVector<Type> pieces;
  getPieces(type, pieces);
  SmallVector<Value> results;
  for (Type piece : pieces) {
    auto vector = dyn_cast<VectorType>(piece);
    ArrayRef<Lane> part =
        lanes.take_front(vector ? vector.getNumElements() : 1);
    lanes = lanes.drop_front(part.size());
    results.push_back(buildPiece(piece, part));
  }
  return results;
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
          if (!isFragmentType(type))
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
    if (!isLanewise(op) || op->getNumResults() == 0 ||
        !isFragmentType(op->getResult(0).getType()))
      return failure();
    SmallVector<SmallVector<Type>, 1> pieces;
    for (Type type : op->getResultTypes())
      getPieces(cast<VectorType>(type), pieces.emplace_back());
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
};

struct ConstantPattern : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::ConstantOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!elements)
      return failure();
    SmallVector<Attribute> lanes(elements.getValues<Attribute>());
    SmallVector<Value> results = buildPieces<Attribute>(
        cast<VectorType>(op.getType()), lanes,
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
    if (!isFragmentType(op.getType()))
      return failure();
    SmallVector<Value> lanes;
    for (ValueRange element : adaptor.getElements())
      lanes.push_back(element.front());
    SmallVector<Value> results = buildPieces<Value>(
        op.getType(), lanes, [&](Type type, ArrayRef<Value> part) -> Value {
          auto vector = dyn_cast<VectorType>(type);
          if (!vector)
            return part.front();
          if (Value whole = getWhole(part, vector))
            return whole;
          return vector::FromElementsOp::create(rewriter, op.getLoc(), vector,
                                                part);
        });
    rewriter.replaceOpWithMultiple(op, {ValueRange(results)});
    return success();
  }
};

struct ExtractPattern : OpConversionPattern<vector::ExtractOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(vector::ExtractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isFragmentType(op.getSource().getType()) || op.hasDynamicPosition() ||
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

/// A reduction combines lane by lane.
struct ReductionPattern : OpConversionPattern<vector::ReductionOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(vector::ReductionOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Value result = buildReduction(
        rewriter, op, op.getAcc() ? adaptor.getAcc().front() : Value(),
        [&](int64_t lane) {
          return getLane(rewriter, op.getLoc(), adaptor.getVector(), lane);
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Takes apart what moves lanes: it knows them one by one.
class LaneMover {
public:
  explicit LaneMover(KernelOp kernel) : kernel(kernel) {}

  void run() {
    SmallVector<Operation *> ops;
    kernel.walk([&](Operation *op) {
      if (isa<vector::ShuffleOp, vector::ToElementsOp, vector::BitCastOp,
              vector::ExtractOp, vector::InsertOp>(op) &&
          (llvm::any_of(op->getOperandTypes(), isFragmentType) ||
           llvm::any_of(op->getResultTypes(), isFragmentType)))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      OpBuilder builder(op);
      if (auto shuffle = dyn_cast<vector::ShuffleOp>(op))
        move(shuffle, builder);
      else if (auto elements = dyn_cast<vector::ToElementsOp>(op))
        move(elements, builder);
      else if (auto cast = dyn_cast<vector::BitCastOp>(op))
        move(cast, builder);
      else if (auto extract = dyn_cast<vector::ExtractOp>(op))
        move(extract, builder);
      else
        move(llvm::cast<vector::InsertOp>(op), builder);
    }
  }

private:
  static Value extract(OpBuilder &builder, Location loc, Value vector,
                       int64_t lane) {
    return vector::ExtractOp::create(builder, loc, vector, lane);
  }

  static void replace(Operation *op, ValueRange values) {
    op->replaceAllUsesWith(values);
    op->erase();
  }

  void move(vector::ShuffleOp op, OpBuilder &builder) {
    int64_t numFirst = op.getV1VectorType().getNumElements();
    SmallVector<Value> lanes;
    for (int64_t lane : op.getMask()) {
      // An undefined lane may as well be the first one.
      lane = std::max<int64_t>(lane, 0);
      lanes.push_back(extract(builder, op.getLoc(),
                              lane < numFirst ? op.getV1() : op.getV2(),
                              lane < numFirst ? lane : lane - numFirst));
    }
    replace(op, vector::FromElementsOp::create(builder, op.getLoc(),
                                               op.getResultVectorType(), lanes)
                    ->getResults());
  }

  void move(vector::ToElementsOp op, OpBuilder &builder) {
    SmallVector<Value> lanes;
    for (unsigned lane = 0; lane < op.getNumResults(); ++lane)
      lanes.push_back(extract(builder, op.getLoc(), op.getSource(), lane));
    replace(op, lanes);
  }

  void move(vector::BitCastOp op, OpBuilder &builder) {
    if (op.getSourceVectorType().getNumElements() ==
        op.getResultVectorType().getNumElements())
      replace(op,
              arith::BitcastOp::create(builder, op.getLoc(),
                                       op.getResultVectorType(), op.getSource())
                  ->getResults());
  }

  /// A lane that is known at run time only is read from an array.
  void move(vector::ExtractOp op, OpBuilder &builder) {
    if (op.getNumIndices() != 1 || !op.hasDynamicPosition())
      return;
    Value array = getArray(op.getSource());
    replace(op, LoadOp::create(builder, op.getLoc(), op.getType(), array,
                               op.getDynamicPosition()[0], IntegerAttr())
                    ->getResults());
  }

  void move(vector::InsertOp op, OpBuilder &builder) {
    if (op.getNumIndices() != 1 || !op.hasDynamicPosition())
      return;
    // The result has an array of its own, in which that lane is replaced.
    Location loc = op.getLoc();
    VectorType type = op.getDestVectorType();
    Value array = makeArray(builder, op.getDest());
    StoreOp::create(builder, loc, op.getValueToStore(), array,
                    op.getDynamicPosition()[0], IntegerAttr());
    SmallVector<Value> lanes;
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
      lanes.push_back(LoadOp::create(
          builder, loc, type.getElementType(), array,
          arith::ConstantIndexOp::create(builder, loc, lane), IntegerAttr()));
    replace(op, vector::FromElementsOp::create(builder, loc, type, lanes)
                    ->getResults());
  }

  /// An array with the lanes of the fragment, filled where it is defined.
  Value getArray(Value fragment) {
    Value &array = arrays[fragment];
    if (!array) {
      OpBuilder builder(fragment.getContext());
      builder.setInsertionPointAfterValue(fragment);
      array = makeArray(builder, fragment);
    }
    return array;
  }

  static Value makeArray(OpBuilder &builder, Value fragment) {
    Location loc = fragment.getLoc();
    auto type = cast<VectorType>(fragment.getType());
    Type element = type.getElementType();
    if (auto integer = dyn_cast<IntegerType>(element);
        integer && integer.getWidth() > 1)
      element = builder.getIntegerType(integer.getWidth(), /*isSigned=*/true);
    Value array = AllocOp::create(builder, loc,
                                  BufferType::get(builder.getContext(), element,
                                                  AddressSpace::Thread,
                                                  type.getNumElements()),
                                  TypeAttr(), IntegerAttr());
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
      StoreOp::create(builder, loc, extract(builder, loc, fragment, lane),
                      array, arith::ConstantIndexOp::create(builder, loc, lane),
                      IntegerAttr());
    return array;
  }

  KernelOp kernel;
  DenseMap<Value, Value> arrays;
};

struct LegalizeFragments final
    : enigma::impl::EnigmaLegalizeFragmentsBase<LegalizeFragments> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    auto hasFragment = [](Operation *op) {
      if (llvm::any_of(op->getOperandTypes(), isFragmentType) ||
          llvm::any_of(op->getResultTypes(), isFragmentType))
        return true;
      return llvm::any_of(op->getRegions(), [](Region &region) {
        return llvm::any_of(region.getArgumentTypes(), isFragmentType);
      });
    };
    if (!kernel
             .walk([&](Operation *op) {
               return hasFragment(op) ? WalkResult::interrupt()
                                      : WalkResult::advance();
             })
             .wasInterrupted())
      return markAllAnalysesPreserved();

    LaneMover(kernel).run();
    orderFragments(kernel);
    if (failed(checkAll(kernel)))
      return signalPassFailure();
    kernel.walk(nameAll);

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

private:
  /// Finds what has no form for the pieces of a fragment.
  static LogicalResult checkAll(KernelOp kernel) {
    auto check = [](Operation *op) -> WalkResult {
      if (isLanewise(op) ||
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
          if (isFragmentType(type))
            return op->emitOpError("works on ")
                   << type
                   << ", and has no form for vectors that Metal does not have; "
                      "work on vectors of 2 to 4 lanes, or on single elements";
      return WalkResult::advance();
    };
    return failure(kernel.walk(check).wasInterrupted());
  }

  /// Each piece of a variable has the variable's name.
  static void nameAll(Operation *op) {
    copyResultNames(op, op, [&](unsigned i) -> size_t {
      Type type = op->getResult(i).getType();
      SmallVector<Type> pieces;
      if (!isFragmentType(type))
        return 1;
      getPieces(cast<VectorType>(type), pieces);
      return pieces.size();
    });
  }
};
} // namespace
