// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/IR/Accesses.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace enigma;

int64_t enigma::getMaxAccessElements(TargetAttr target, Type element) {
  int64_t lanes = target.getMaxAccessLanes(element);
  // Bools have no bits that others could be looked at as.
  if (lanes == 1 || element.isInteger(1))
    return lanes;
  return std::max<int64_t>(lanes, target.getLimits().accessBytes /
                                      BufferType::getElementBytes(element));
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
  if (auto slice = dyn_cast<vector::ExtractStridedSliceOp>(op))
    return slice.getSource().getDefiningOp<LoadElementOp>() ||
           slice.getSource().getDefiningOp<LoadOp>();
  return isa<vector::ShuffleOp>(op) && !op->use_empty() &&
         llvm::all_of(op->getUsers(), [](Operation *user) {
           return isa<StoreElementOp, StoreOp>(user) ||
                  (isa<vector::ShuffleOp>(user) && isOfWideAccess(user));
         });
}
