// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers a kernel to the flat form: buffers become memrefs, and operations that
// Metal lacks become arithmetic.

#include "ExpandOperations.h"

#include "enigma/IR/Accesses.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMAFLATTEN
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

static MemRefType getFlatType(BufferType buffer) {
  return MemRefType::get(
      {buffer.getSize()}, buffer.getValueType(), MemRefLayoutAttrInterface(),
      AddressSpaceAttr::get(buffer.getContext(), buffer.getAddressSpace()));
}

/// The dtype that a memref of the elements of `buffer` would lose; null if none
/// is lost.
static TypeAttr getLostDtype(BufferType buffer) {
  if (buffer.getElementType() == buffer.getValueType())
    return {};
  return TypeAttr::get(buffer.getElementType());
}

/// The bytes at whose multiples an access to a whole vector stands.
static llvm::Align getAlignment(VectorType type) {
  return llvm::Align(type.getNumElements() *
                     BufferType::getElementBytes(type.getElementType()));
}

/// Aligns an array of the kernel's own, for accesses that need it.
static void alignArray(Value buffer, llvm::Align alignment) {
  buffer = getRootMemory(buffer);
  int64_t bytes = alignment.value();
  auto align = [bytes](auto array) {
    array.setAlignment(
        std::max<int64_t>(array.getAlignment().value_or(1), bytes));
  };
  if (auto alloc = buffer.getDefiningOp<AllocOp>())
    align(alloc);
  else if (auto table = buffer.getDefiningOp<ConstantArrayOp>())
    align(table);
}

/// Whether a value is several elements of memory.
static bool isOfElements(Type value, Value memref) {
  return value != cast<MemRefType>(memref.getType()).getElementType();
}

static void flattenLoad(RewriterBase &rewriter, LoadOp op) {
  rewriter.setInsertionPoint(op);
  Value memref = op->getOperand(0);
  if (isOfElements(op.getType(), memref)) {
    auto vector = cast<VectorType>(op.getType());
    alignArray(memref, getAlignment(vector));
    rewriter.replaceOpWithNewOp<vector::LoadOp>(
        op, vector, memref, op.getIndex(), /*nontemporal=*/false,
        getAlignment(vector));
  } else {
    memref::LoadOp::Properties properties;
    properties.nontemporal = rewriter.getBoolAttr(false);
    op.replaceAllUsesWith(
        createOp<memref::LoadOp>(rewriter, op.getLoc(), op.getType(),
                                 {memref, op.getIndex()}, properties)
            .getResult());
    op.erase();
  }
}

static void flattenStore(RewriterBase &rewriter, StoreOp op) {
  rewriter.setInsertionPoint(op);
  Value memref = op->getOperand(1);
  if (isOfElements(op.getValue().getType(), memref)) {
    auto vector = cast<VectorType>(op.getValue().getType());
    alignArray(memref, getAlignment(vector));
    rewriter.replaceOpWithNewOp<vector::StoreOp>(
        op, op.getValue(), memref, op.getIndex(), /*nontemporal=*/false,
        getAlignment(vector));
  } else {
    memref::StoreOp::Properties properties;
    properties.nontemporal = rewriter.getBoolAttr(false);
    createOp<memref::StoreOp>(rewriter, op.getLoc(), TypeRange(),
                              {op.getValue(), memref, op.getIndex()},
                              properties);
    op.erase();
  }
}

namespace {
struct Flatten final : enigma::impl::EnigmaFlattenBase<Flatten> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    IRRewriter rewriter(&getContext());

    // Types first: values change theirs in place, so that every user below
    // sees a memref already.
    flattenArguments(kernel);
    LogicalResult result = success();
    forEachInnerFirst(kernel.getBody(), [&](Operation *op) {
      if (succeeded(result))
        result = flatten(rewriter, op);
    });
    if (failed(result))
      signalPassFailure();
  }

private:
  static LogicalResult flatten(IRRewriter &rewriter, Operation *op) {
    // Most are arithmetic.
    if (isa_and_nonnull<EnigmaDialect>(op->getDialect()))
      return flattenOwn(rewriter, op);
    if (failed(checkNoBuffer(op)))
      return failure();
    expandOperation(rewriter, op);
    return success();
  }

  /// The same for an operation of Enigma's.
  static LogicalResult flattenOwn(IRRewriter &rewriter, Operation *op) {
    if (auto alloc = dyn_cast<AllocOp>(op))
      flattenArray(alloc);
    else if (auto table = dyn_cast<ConstantArrayOp>(op))
      flattenArray(table);
    else if (auto recast = dyn_cast<RecastOp>(op))
      flattenRecast(recast);
    else if (isa<CopyElementsOp>(op))
      return op->emitOpError("copies consecutive elements; run "
                             "'enigma-lower-element-copies' before this "
                             "pass");
    else if (failed(checkNoBuffer(op)))
      return failure();
    else if (auto load = dyn_cast<LoadOp>(op))
      flattenLoad(rewriter, load);
    else if (auto store = dyn_cast<StoreOp>(op))
      flattenStore(rewriter, store);
    else
      expandOperation(rewriter, op);
    return success();
  }

  static void flattenArguments(KernelOp kernel) {
    SmallVector<Type> types(kernel.getArgumentTypes());
    for (auto [i, argument] : llvm::enumerate(kernel.getArguments())) {
      auto buffer = dyn_cast<BufferType>(argument.getType());
      if (!buffer)
        continue;
      types[i] = getFlatType(buffer);
      argument.setType(types[i]);
      if (TypeAttr dtype = getLostDtype(buffer))
        kernel.setArgAttr(i, EnigmaDialect::kDtypeAttr, dtype);
    }
    kernel.setFunctionType(
        FunctionType::get(kernel.getContext(), types, TypeRange()));
  }

  template <typename ArrayOp> static void flattenArray(ArrayOp array) {
    auto buffer = dyn_cast<BufferType>(array.getType());
    if (!buffer)
      return;
    array.getResult().setType(getFlatType(buffer));
    if (TypeAttr dtype = getLostDtype(buffer))
      array.setDtypeAttr(dtype);
  }

  static void flattenRecast(RecastOp recast) {
    auto buffer = dyn_cast<BufferType>(recast.getType());
    if (!buffer)
      return;
    recast.getResult().setType(getFlatType(buffer));
    if (TypeAttr dtype = getLostDtype(buffer))
      recast.setDtypeAttr(dtype);
    alignArray(recast.getResult(), llvm::Align(BufferType::getElementAlignment(
                                       buffer.getElementType())));
  }

  /// Only arguments and arrays of the kernel have a flat form: a buffer that
  /// another operation makes or carries has none.
  static LogicalResult checkNoBuffer(Operation *op) {
    auto isBuffer = [](Value value) {
      return isa<BufferType>(value.getType());
    };
    if (llvm::none_of(op->getOperands(), isBuffer) &&
        llvm::none_of(op->getResults(), isBuffer))
      return success();
    return op->emitOpError(
        "chooses between buffers at run time, which Metal can not express; "
        "choose between elements or between subscripts");
  }
};
} // namespace
