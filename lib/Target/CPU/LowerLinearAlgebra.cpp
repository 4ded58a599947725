// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices of a thread, which have a part for each element, column after
// column.

#include "Lowering.h"

#include "enigma/IR/LinearAlgebraOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

using L = Lowering;

namespace {
/// Columns, each with its elements.
using Columns = SmallVector<Parts, 4>;
} // namespace

/// The columns of an operand, as the result is held; a vector is one.
static Columns getColumns(L &l, Operation *op, unsigned operand) {
  Value value = op->getOperand(operand);
  auto matrix = dyn_cast<MatrixType>(value.getType());
  unsigned parts = l.getNumParts(value.getType());
  unsigned rows = matrix ? matrix.getRows() : parts;
  bool wide = l.isWide(op->getResult(0));
  Columns columns;
  for (unsigned part = 0; part < parts; ++part) {
    if (part % rows == 0)
      columns.emplace_back();
    columns.back().push_back(l.getAs(value, wide, part));
  }
  return columns;
}

static LogicalResult give(L &l, Operation *op, const Columns &columns) {
  Parts parts;
  for (const Parts &column : columns)
    parts.append(column);
  l.define(op->getResult(0), parts);
  return success();
}

static Columns transpose(const Columns &matrix) {
  Columns made(matrix.front().size());
  for (const Parts &column : matrix)
    for (auto [row, element] : llvm::enumerate(column))
      made[row].push_back(element);
  return made;
}

static llvm::Value *dot(L &l, ArrayRef<llvm::Value *> x,
                        ArrayRef<llvm::Value *> y) {
  llvm::Value *sum = l.b.CreateFMul(x[0], y[0]);
  for (unsigned i = 1; i < x.size(); ++i)
    sum = l.b.CreateFAdd(sum, l.b.CreateFMul(x[i], y[i]));
  return sum;
}

static llvm::Value *determinant(L &l, const Columns &m) {
  llvm::IRBuilder<> &b = l.b;
  if (m.size() == 2) {
    llvm::Value *along = b.CreateFMul(m[0][0], m[1][1]),
                *across = b.CreateFMul(m[1][0], m[0][1]);
    return b.CreateFSub(along, across);
  }
  // The expansion along the first column.
  llvm::Value *sum = nullptr;
  for (unsigned row = 0; row < m.size(); ++row) {
    Columns minor;
    for (const Parts &column : llvm::drop_begin(m)) {
      Parts left(column);
      left.erase(left.begin() + row);
      minor.push_back(left);
    }
    llvm::Value *term = b.CreateFMul(m[0][row], determinant(l, minor));
    sum = !sum           ? term
          : row % 2 == 0 ? b.CreateFAdd(sum, term)
                         : b.CreateFSub(sum, term);
  }
  return sum;
}

static LogicalResult lowerFromColumns(L &l, Operation *op) {
  Columns columns;
  for (unsigned i = 0; i < op->getNumOperands(); ++i)
    columns.append(getColumns(l, op, i));
  return give(l, op, columns);
}

static LogicalResult lowerColumn(L &l, Operation *op) {
  auto get = cast<MatrixColumnOp>(op);
  Columns columns = getColumns(l, op, 0);
  llvm::Value *index = l.getAs(get.getIndex(), l.isWide(get.getResult()));
  Parts found = columns.front();
  for (auto [i, column] : llvm::drop_begin(llvm::enumerate(columns)))
    for (auto [part, element] : llvm::zip(found, column))
      part = l.b.CreateSelect(
          l.b.CreateICmpEQ(index, llvm::ConstantInt::get(index->getType(), i)),
          element, part);
  l.define(get.getResult(), found);
  return success();
}

static LogicalResult lowerMatmul(L &l, Operation *op) {
  Columns left = getColumns(l, op, 0), right = getColumns(l, op, 1);
  // A vector on the left is a row.
  Columns rows =
      isa<MatrixType>(op->getOperand(0).getType()) ? transpose(left) : left;
  Columns product;
  for (const Parts &column : right) {
    product.emplace_back();
    for (const Parts &row : rows)
      product.back().push_back(dot(l, row, column));
  }
  return give(l, op, product);
}

void cpu::addLinearAlgebraRules(Rules &rules) {
  rules.add<MatrixFromColumnsOp>(lowerFromColumns);
  rules.add<MatrixColumnOp>(lowerColumn);
  rules.add<MatmulOp>(lowerMatmul);
  rules.add<MatrixTransposeOp>([](L &l, Operation *op) {
    return give(l, op, transpose(getColumns(l, op, 0)));
  });
  rules.add<MatrixDeterminantOp>([](L &l, Operation *op) {
    l.define(op->getResult(0), determinant(l, getColumns(l, op, 0)));
    return success();
  });
}
