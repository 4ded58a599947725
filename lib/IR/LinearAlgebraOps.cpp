// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices of 2 to 4 columns and rows.

#include "enigma/IR/LinearAlgebraOps.h"
#include "enigma/IR/EnigmaOps.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace enigma;

OpFoldResult MatrixFromColumnsOp::fold(FoldAdaptor) {
  // The columns of one matrix, in order.
  Value matrix;
  for (auto [i, value] : llvm::enumerate(getColumns())) {
    auto column = value.getDefiningOp<MatrixColumnOp>();
    if (!column || getConstantIntValue(column.getIndex()) != int64_t(i) ||
        column.getMatrix().getType() != getType() ||
        (matrix && column.getMatrix() != matrix))
      return {};
    matrix = column.getMatrix();
  }
  return matrix;
}

OpFoldResult MatrixColumnOp::fold(FoldAdaptor adaptor) {
  auto index = dyn_cast_or_null<IntegerAttr>(adaptor.getIndex());
  auto made = getMatrix().getDefiningOp<MatrixFromColumnsOp>();
  if (!index || !made || !index.getValue().ult(made.getColumns().size()))
    return {};
  return made.getColumns()[index.getInt()];
}

LogicalResult
MatmulOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                           ValueRange operands, DictionaryAttr,
                           OpaqueProperties, RegionRange,
                           SmallVectorImpl<Type> &inferredReturnTypes) {
  Type a = operands[0].getType(), b = operands[1].getType();
  auto left = dyn_cast<MatrixType>(a), right = dyn_cast<MatrixType>(b);
  auto leftVector = dyn_cast<VectorType>(a),
       rightVector = dyn_cast<VectorType>(b);
  if (!(left || leftVector) || !(right || rightVector) || !(left || right))
    return emitOptionalError(
        loc, "expected a matrix and a matrix or a vector, found ", a, " and ",
        b);
  Type leftElement = left ? left.getElementType() : leftVector.getElementType();
  Type rightElement =
      right ? right.getElementType() : rightVector.getElementType();
  if (leftElement != rightElement)
    return emitOptionalError(loc, "expected elements of one type, found ", a,
                             " and ", b);
  int64_t columns = left ? left.getColumns() : leftVector.getNumElements();
  int64_t rows = right ? right.getRows() : rightVector.getNumElements();
  if (columns != rows)
    return emitOptionalError(loc, "multiplies ", columns,
                             " columns to the left with ", rows,
                             " rows to the right");
  if (!left)
    inferredReturnTypes.push_back(
        VectorType::get(right.getColumns(), rightElement));
  else if (!right)
    inferredReturnTypes.push_back(left.getColumnType());
  else
    inferredReturnTypes.push_back(MatrixType::get(
        left.getContext(), right.getColumns(), left.getRows(), leftElement));
  return success();
}

OpFoldResult MatrixTransposeOp::fold(FoldAdaptor) {
  auto other = getMatrix().getDefiningOp<MatrixTransposeOp>();
  return other ? other.getMatrix() : Value();
}
