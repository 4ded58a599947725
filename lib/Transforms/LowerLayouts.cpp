// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers views to a buffer and index arithmetic.

#include "enigma/Analysis/LayoutEvaluator.h"

#include "enigma/IR/LayoutOps.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Walk.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMALOWERLAYOUTS
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

static bool isLayoutOp(Operation *op) {
  // To look for an interface that is not there takes long.
  return isa_and_nonnull<EnigmaDialect>(op->getDialect()) &&
         isa<StaticOp, MakeIntTupleOp, LayoutOpInterface>(op);
}

static bool usesLayouts(Operation *op) {
  auto isOfLayout = [](Value value) { return isLayoutType(value.getType()); };
  return llvm::any_of(op->getOperands(), isOfLayout) ||
         llvm::any_of(op->getResults(), isOfLayout);
}

namespace {
struct LowerLayouts final : enigma::impl::EnigmaLowerLayoutsBase<LowerLayouts> {
  using EnigmaLowerLayoutsBase::EnigmaLowerLayoutsBase;

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    SmallVector<Operation *> accesses, algebra;
    forEachOuterFirst(kernel.getBody(), [&](Operation *op) {
      if (isLayoutOp(op))
        algebra.push_back(op);
      else if (usesLayouts(op))
        accesses.push_back(op);
    });
    if (algebra.empty() && accesses.empty())
      return markAllAnalysesPreserved();

    limited.clear();
    bitsOfTensors.clear();
    auto &evaluator = getAnalysis<LayoutEvaluator>();
    if (failed(evaluator.run()))
      return signalPassFailure();
    for (Operation *op : accesses)
      if (failed(lowerAccess(op, evaluator)))
        return signalPassFailure();
    for (Operation *op : algebra)
      for (Value result : op->getResults())
        if (isa<IndexType>(result.getType()) && !result.use_empty())
          result.replaceAllUsesWith(evaluator.build(
              evaluator.get(result).tuple.leaf(0), op->getLoc()));
    for (Operation *op : llvm::reverse(algebra))
      op->erase();
  }

private:
  /// The bits of an access's subscript, as operations take them; null
  /// beyond 32.
  IntegerAttr getIndexBits(Value tensor, LayoutEvaluator &evaluator) {
    auto [known, isNew] = bitsOfTensors.try_emplace(tensor);
    if (isNew)
      known->second = computeIndexBits(tensor, evaluator);
    return known->second;
  }
  IntegerAttr computeIndexBits(Value tensor, LayoutEvaluator &evaluator) {
    Builder builder(&getContext());
    std::optional<unsigned> bits = evaluator.getIndexBits(tensor);
    if (!bits && indexBits <= 32) {
      // Half of the numbers, so that signed ones serve as well.
      bits = indexBits - 1;
      auto argument = dyn_cast<BlockArgument>(evaluator.get(tensor).buffer);
      if (argument && limited.insert(argument).second)
        getOperation().setArgAttr(
            argument.getArgNumber(), EnigmaDialect::kMaxElementsAttr,
            builder.getI64IntegerAttr(int64_t(1) << *bits));
    }
    return bits && *bits <= 32 ? builder.getI32IntegerAttr(*bits)
                               : IntegerAttr();
  }

  LogicalResult lowerAccess(Operation *op, LayoutEvaluator &evaluator) {
    OpBuilder builder(op);
    auto subscript = [&](const LayoutValue &view, Value coord) {
      return evaluator.buildSubscript(view, evaluator.get(coord).tuple,
                                      op->getLoc());
    };
    auto noSubscript = [&] {
      InFlightDiagnostic error = op->emitOpError();
      error << "is of an element whose place leaves the range of 64-bit "
               "integers, or is computed in thousands of steps";
      error.attachNote() << "help: access a view of fewer modes, which slices "
                            "and `enigma.coalesce` of its layout give";
      return LogicalResult(error);
    };
    if (auto load = dyn_cast<LoadElementOp>(op)) {
      const LayoutValue &view = evaluator.get(load.getTensor());
      Value index = subscript(view, load.getCoord());
      if (!index)
        return noSubscript();
      LoadOp::Properties properties;
      properties.index_bits = getIndexBits(load.getTensor(), evaluator);
      Value result = createOp<LoadOp>(builder, op->getLoc(), load.getType(),
                                      {view.buffer, index}, properties);
      load.replaceAllUsesWith(result);
      op->erase();
      return success();
    }
    if (auto store = dyn_cast<StoreElementOp>(op)) {
      const LayoutValue &view = evaluator.get(store.getTensor());
      Value index = subscript(view, store.getCoord());
      if (!index)
        return noSubscript();
      StoreOp::Properties properties;
      properties.index_bits = getIndexBits(store.getTensor(), evaluator);
      createOp<StoreOp>(builder, op->getLoc(), TypeRange(),
                        {store.getValue(), view.buffer, index}, properties);
      op->erase();
      return success();
    }
    if (isa<LoadFragmentOp, StoreFragmentOp, CopyOp, FillOp, InBoundsOp>(op))
      return op->emitOpError("accesses a view as a whole; run "
                             "'enigma-lower-copies' before this pass");
    if (isa<ElementExistsOp>(op))
      return op->emitOpError("asks what a view was made of; run "
                             "'enigma-guard-overhangs' before this pass");
    return op->emitOpError("uses a layout or tensor in a way that has no "
                           "lowering");
  }

  /// The arguments that say how many elements they have at most.
  DenseSet<Value> limited;
  DenseMap<Value, IntegerAttr> bitsOfTensors;
};
} // namespace
