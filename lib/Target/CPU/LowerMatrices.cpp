// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices of a SIMD group: eight rows of eight elements. Lane l holds elements
// 2 l and 2 l + 1 of them, counted along the rows.

#include "Lowering.h"

#include "enigma/IR/CooperativeOps.h"
#include "enigma/IR/MatrixOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

static constexpr unsigned kSize = kMatrixSize;

static llvm::Type *getRowType(Lowering &lowering, Value matrix) {
  return lowering.getPartTypes(matrix.getType(), {}).front();
}

/// The address of each element of row i, or of column i.
template <typename Op>
static void forEachRow(
    Lowering &lowering, Op op,
    llvm::function_ref<void(unsigned, llvm::Value *, llvm::Value *)> body) {
  llvm::IRBuilder<> &b = lowering.b;
  Memory memory = lowering.getMemory(op.getBuffer());
  // All lanes give the same place; the first that runs does.
  auto getOne = [&](Value value) {
    if (lowering.getVariation(value).isUniform())
      return lowering.get(value);
    llvm::Value *lane = b.CreateBinaryIntrinsic(
        llvm::Intrinsic::cttz, lowering.getBits(lowering.getMask()),
        b.getFalse());
    return b.CreateExtractElement(lowering.getWide(value), lane);
  };
  llvm::Value *stride = getOne(op.getStride());
  llvm::Value *at = getOne(op.getIndex());
  for (unsigned row = 0; row < kSize; ++row) {
    body(row, b.CreateGEP(memory.element, memory.base, at), stride);
    at = b.CreateAdd(at, stride);
  }
}

/// The matrix whose rows are the columns.
static SmallVector<llvm::Value *> transpose(Lowering &lowering,
                                            ArrayRef<llvm::Value *> rows) {
  llvm::IRBuilder<> &b = lowering.b;
  SmallVector<llvm::Value *> columns;
  for (unsigned column = 0; column < kSize; ++column) {
    llvm::Value *made = llvm::PoisonValue::get(rows.front()->getType());
    for (unsigned row = 0; row < kSize; ++row)
      made = b.CreateInsertElement(
          made, b.CreateExtractElement(rows[row], column), row);
    columns.push_back(made);
  }
  return columns;
}

static LogicalResult lowerMatrixLoad(Lowering &lowering, Operation *op) {
  auto load = cast<SimdgroupMatrixLoadOp>(op);
  llvm::Type *type = getRowType(lowering, load.getResult());
  SmallVector<llvm::Value *> rows;
  forEachRow(lowering, load,
             [&](unsigned, llvm::Value *address, llvm::Value *) {
               llvm::Value *row = lowering.b.CreateAlignedLoad(
                   Lowering::getStoredType(type), address,
                   llvm::Align(type->getScalarSizeInBits() / 8));
               rows.push_back(lowering.retype(row, type));
             });
  if (load.getTranspose())
    rows = transpose(lowering, rows);
  lowering.define(load.getResult(), rows);
  return success();
}

static LogicalResult lowerMatrixStore(Lowering &lowering, Operation *op) {
  auto store = cast<SimdgroupMatrixStoreOp>(op);
  SmallVector<llvm::Value *> rows;
  for (unsigned row = 0; row < kSize; ++row)
    rows.push_back(lowering.get(store.getMatrix(), row));
  if (store.getTranspose())
    rows = transpose(lowering, rows);
  forEachRow(lowering, store,
             [&](unsigned row, llvm::Value *address, llvm::Value *) {
               llvm::Type *type = rows[row]->getType();
               lowering.b.CreateAlignedStore(
                   lowering.retype(rows[row], Lowering::getStoredType(type)),
                   address, llvm::Align(type->getScalarSizeInBits() / 8));
             });
  return success();
}

/// Every lane gives its value; that of the lane that holds an element counts.
static SmallVector<llvm::Value *> makeFilled(Lowering &lowering, Value value) {
  SmallVector<llvm::Value *> rows;
  llvm::Value *lanes = lowering.getWide(value);
  for (unsigned row = 0; row < kSize; ++row)
    rows.push_back(lowering.getRow(lanes, row));
  return rows;
}

static LogicalResult lowerFill(Lowering &lowering, Operation *op) {
  lowering.define(op->getResult(0), makeFilled(lowering, op->getOperand(0)));
  return success();
}

static LogicalResult lowerDiagonal(Lowering &lowering, Operation *op) {
  SmallVector<llvm::Value *> rows = makeFilled(lowering, op->getOperand(0));
  for (auto [index, row] : llvm::enumerate(rows)) {
    SmallVector<int> places;
    for (unsigned column = 0; column < kSize; ++column)
      places.push_back(column == index ? column : kSize);
    row = lowering.b.CreateShuffleVector(
        row, llvm::Constant::getNullValue(row->getType()), places);
  }
  lowering.define(op->getResult(0), rows);
  return success();
}

static LogicalResult lowerMultiply(Lowering &lowering, Operation *op) {
  auto multiply = cast<SimdgroupMatrixMultiplyAccumulateOp>(op);
  llvm::IRBuilder<> &b = lowering.b;
  auto *single = llvm::FixedVectorType::get(b.getFloatTy(), kSize);
  auto getRows = [&](Value matrix) {
    SmallVector<llvm::Value *> rows;
    for (unsigned row = 0; row < kSize; ++row)
      rows.push_back(b.CreateFPCast(lowering.get(matrix, row), single));
    return rows;
  };
  SmallVector<llvm::Value *> left = getRows(multiply.getA()),
                             right = getRows(multiply.getB()),
                             sums = getRows(multiply.getC());
  for (unsigned row = 0; row < kSize; ++row) {
    for (unsigned k = 0; k < kSize; ++k) {
      SmallVector<int> places(kSize, k);
      // Metal leaves open how products are rounded.
      sums[row] = b.CreateIntrinsic(
          single, llvm::Intrinsic::fmuladd,
          {b.CreateShuffleVector(left[row], places), right[k], sums[row]});
    }
    sums[row] =
        b.CreateFPCast(sums[row], getRowType(lowering, multiply.getResult()));
  }
  lowering.define(multiply.getResult(), sums);
  return success();
}

static LogicalResult lowerElements(Lowering &lowering, Operation *op) {
  llvm::IRBuilder<> &b = lowering.b;
  SmallVector<llvm::Value *> joined;
  for (unsigned row = 0; row < kSize; ++row)
    joined.push_back(lowering.get(op->getOperand(0), row));
  while (joined.size() > 1) {
    SmallVector<llvm::Value *> next;
    for (unsigned i = 0; i < joined.size(); i += 2) {
      unsigned size =
          cast<llvm::FixedVectorType>(joined[i]->getType())->getNumElements();
      SmallVector<int> places;
      for (unsigned place = 0; place < 2 * size; ++place)
        places.push_back(place);
      next.push_back(b.CreateShuffleVector(joined[i], joined[i + 1], places));
    }
    joined = std::move(next);
  }
  Parts parts;
  for (unsigned part : {0, 1}) {
    SmallVector<int> places;
    for (unsigned lane = 0; lane < kLanes; ++lane)
      places.push_back(2 * lane + part);
    parts.push_back(b.CreateShuffleVector(joined.front(), places));
  }
  lowering.define(op->getResult(0), parts);
  return success();
}

static LogicalResult lowerFromElements(Lowering &lowering, Operation *op) {
  llvm::Value *first = lowering.getWide(op->getOperand(0), 0),
              *second = lowering.getWide(op->getOperand(0), 1);
  SmallVector<llvm::Value *> rows;
  for (unsigned row = 0; row < kSize; ++row) {
    SmallVector<int> places;
    for (unsigned column = 0; column < kSize; ++column) {
      unsigned element = row * kSize + column;
      places.push_back(element / 2 + element % 2 * kLanes);
    }
    rows.push_back(lowering.b.CreateShuffleVector(first, second, places));
  }
  lowering.define(op->getResult(0), rows);
  return success();
}

/// All sums of `enigma.matmul2d` begin with one of these.
static LogicalResult refuseCooperativeTensor(Lowering &lowering,
                                             Operation *op) {
  return lowering.refuse(op,
                         "a cooperative tensor, which Metal's devices have; "
                         "matrices of a SIMD group are for both");
}

void cpu::addMatrixRules(Rules &rules) {
  rules.add<CooperativeTensorMakeOp>(refuseCooperativeTensor);
  rules.add<CooperativeTensorLoadOp>(refuseCooperativeTensor);
  rules.add<SimdgroupMatrixLoadOp>(lowerMatrixLoad);
  rules.add<SimdgroupMatrixStoreOp>(lowerMatrixStore);
  rules.add<SimdgroupMatrixFillOp>(lowerFill);
  rules.add<SimdgroupMatrixDiagonalOp>(lowerDiagonal);
  rules.add<SimdgroupMatrixMultiplyAccumulateOp>(lowerMultiply);
  rules.add<SimdgroupMatrixElementsOp>(lowerElements);
  rules.add<SimdgroupMatrixFromElementsOp>(lowerFromElements);
}
