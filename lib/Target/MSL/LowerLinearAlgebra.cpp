// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices of 2 to 4 columns and rows.

#include "Lowering.h"

#include "enigma/IR/LinearAlgebraOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// A matrix or a vector: a scalar does not stand for a vector of equal lanes
/// here, as it would for a diagonal.
static Expression takeWhole(Lowering &lowering, Value value) {
  return lowering.takeTyped(value, lowering.typeOf(value));
}

static FailureOr<Expression> makeMatrix(Lowering &lowering, Operation *op,
                                        const Rule &) {
  auto matrix = cast<MatrixFromColumnsOp>(op);
  MSLType type = lowering.typeOf(matrix.getResult());
  SmallVector<Expression, 4> columns;
  for (Value column : matrix.getColumns())
    columns.push_back(takeWhole(lowering, column));
  return lowering.build.call(type.str(), columns, type);
}

static FailureOr<Expression> extractColumn(Lowering &lowering, Operation *op,
                                           const Rule &) {
  auto column = cast<MatrixColumnOp>(op);
  Expression matrix = lowering.take(column.getMatrix());
  return lowering.build.subscript(std::move(matrix),
                                  lowering.takeIndex(column.getIndex()),
                                  lowering.typeOf(column.getResult()));
}

static FailureOr<Expression> multiply(Lowering &lowering, Operation *op,
                                      const Rule &) {
  auto product = cast<MatmulOp>(op);
  Expression a = takeWhole(lowering, product.getA()),
             b = takeWhole(lowering, product.getB());
  return lowering.build.binary(std::move(a), Operator::MatrixMultiply,
                               std::move(b),
                               lowering.typeOf(product.getResult()));
}

void enigma::msl::addLinearAlgebraRules(Rules &rules) {
  rules.add<MatrixFromColumnsOp>(makeMatrix);
  rules.add<MatrixColumnOp>(extractColumn);
  rules.add<MatmulOp>(multiply);
}
