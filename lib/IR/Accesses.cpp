// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/IR/Accesses.h"

using namespace mlir;
using namespace enigma;

Value enigma::getRootMemory(Value memory) {
  while (auto recast = memory.getDefiningOp<RecastOp>())
    memory = recast.getBuffer();
  return memory;
}

int64_t enigma::getMaxAccessElements(TargetAttr target, Type element) {
  int64_t lanes = target.getMaxAccessLanes(element);
  int64_t bytes = BufferType::getElementBytes(element);
  // Each vector of a wider access is whole words; bools have no bits that
  // others could be looked at as.
  if (bytes > 2 || lanes * bytes % 4 != 0 || element.isInteger(1))
    return lanes;
  return std::max<int64_t>(lanes, target.getLimits().accessBytes / bytes);
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
  return isa<LoadElementOp, StoreElementOp, LoadOp, StoreOp, SplitAccessOp,
             JoinAccessOp>(op);
}
