// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/IR/Accesses.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace enigma;

Value enigma::getRootMemory(Value memory) {
  while (auto recast = memory.getDefiningOp<RecastOp>())
    memory = recast.getBuffer();
  return memory;
}

int64_t enigma::getMaxAccessElements(TargetAttr target, Type element) {
  return target.getMaxAccessLanes(element);
}

bool enigma::isAccessWidth(TargetAttr target, Type element, int64_t count) {
  if (BufferType::getElementVector(element))
    return false;
  return target.isWidth(count) ||
         (count > 1 && llvm::isPowerOf2_64(count) &&
          count <= getMaxAccessElements(target, element));
}

std::string enigma::describeAccessWidths(TargetAttr target, Type element) {
  SmallVector<int64_t> widths;
  for (int64_t width = 2; isAccessWidth(target, element, width); width *= 2)
    widths.push_back(width);
  std::string text;
  for (auto [i, width] : llvm::enumerate(widths)) {
    if (i != 0)
      text += i + 1 == widths.size() ? " or " : ", ";
    text += std::to_string(width);
  }
  return text;
}

bool enigma::isOfWideAccess(Operation *op) {
  if (isa<LoadElementOp, StoreElementOp, LoadOp, StoreOp>(op))
    return true;
  // A lane of a part is one of the whole.
  if (isa<vector::ExtractStridedSliceOp, vector::ExtractOp>(op))
    return isa_and_nonnull<LoadElementOp, LoadOp>(
        op->getOperand(0).getDefiningOp());
  return isa<vector::ShuffleOp>(op) && !op->use_empty() &&
         llvm::all_of(op->getUsers(), [](Operation *user) {
           return isa<StoreElementOp, StoreOp>(user) ||
                  (isa<vector::ShuffleOp>(user) && isOfWideAccess(user));
         });
}
