// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/Fragments.h"
#include "enigma/IR/IntegerOps.h"
#include "enigma/Utils/Creation.h"

using namespace mlir;
using namespace enigma;

bool FragmentForm::isFragment(Type type) const {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && !vector.isScalable() &&
         (vector.getNumElements() > maxLanes || vector.getNumElements() == 1);
}

bool FragmentForm::isUsedBy(Operation *op) const {
  auto isOne = [&](Value value) { return isFragment(value.getType()); };
  return llvm::any_of(op->getOperands(), isOne) ||
         llvm::any_of(op->getResults(), isOne);
}

SmallVector<Type> FragmentForm::getPieces(VectorType type) const {
  Type element = type.getElementType();
  auto getPiece = [&](int64_t lanes) -> Type {
    return lanes == 1 ? element : VectorType::get({lanes}, element);
  };
  int64_t numLanes = type.getNumElements();
  SmallVector<Type> pieces;
  // To look a type up takes long, and all but the last one are the same.
  if (numLanes >= maxLanes)
    pieces.append(numLanes / maxLanes, getPiece(maxLanes));
  if (int64_t left = numLanes % maxLanes)
    pieces.push_back(getPiece(left));
  return pieces;
}

Value enigma::extractLane(OpBuilder &builder, Location loc, Value vector,
                          int64_t lane) {
  vector::ExtractOp::Properties properties;
  properties.static_position = builder.getDenseI64ArrayAttr(lane);
  return createOp<vector::ExtractOp>(
      builder, loc, cast<VectorType>(vector.getType()).getElementType(), vector,
      properties);
}

bool enigma::isLanewise(Operation *op) {
  return (op->hasTrait<OpTrait::Elementwise>() ||
          isa<ExtractBitsOp, InsertBitsOp>(op)) &&
         op->getNumRegions() == 0;
}

Value enigma::buildReduction(OpBuilder &builder, vector::ReductionOp reduction,
                             Value start,
                             function_ref<Value(int64_t)> getLane) {
  Value result = start;
  int64_t numLanes = reduction.getSourceVectorType().getNumElements();
  for (int64_t lane = 0; lane < numLanes; ++lane) {
    Value value = getLane(lane);
    result =
        result ? vector::makeArithReduction(builder, reduction.getLoc(),
                                            reduction.getKind(), value, result)
               : value;
  }
  return result;
}
