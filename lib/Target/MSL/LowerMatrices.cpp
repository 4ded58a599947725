// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices of a SIMD group. Metal's functions write them into a variable that
// they are given.

#include "LowerMemory.h"

#include "enigma/IR/MatrixOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static constexpr StringLiteral kElements = "thread_elements()";

/// The arguments that say where a matrix is in memory.
template <typename Op>
static FailureOr<Place> getArguments(Lowering &lowering, Op op,
                                     SmallVectorImpl<Expression> &arguments) {
  FailureOr<Place> place =
      getElement(lowering, op, op.getBuffer(), op.getIndex());
  if (failed(place))
    return failure();
  Expression address = place->element;
  address.node = getAddress(lowering, *place, op.getIndex());
  arguments.push_back(std::move(address));
  arguments.push_back(lowering.takeIndex(op.getStride()));
  if (op.getTranspose()) {
    arguments.push_back(lowering.build.name("ulong2(0)"));
    arguments.push_back(lowering.build.name("true"));
  }
  return place;
}

static LogicalResult lowerMatrixLoad(Lowering &lowering, Operation *op) {
  auto load = cast<SimdgroupMatrixLoadOp>(op);
  SmallVector<Expression, 5> arguments;
  if (failed(getArguments(lowering, load, arguments)))
    return failure();
  arguments.insert(arguments.begin(),
                   lowering.makeDestination(load.getResult()));
  lowering.addCall("simdgroup_load", arguments);
  return success();
}

static LogicalResult lowerMatrixStore(Lowering &lowering, Operation *op) {
  auto store = cast<SimdgroupMatrixStoreOp>(op);
  SmallVector<Expression, 5> arguments = {lowering.take(store.getMatrix())};
  FailureOr<Place> place = getArguments(lowering, store, arguments);
  if (failed(place))
    return failure();
  if (!place->memory)
    return lowering.refuse(op) << "a store to constant memory";
  // What was read of this memory before is not read after.
  lowering.flush(*place->memory);
  lowering.addCall("simdgroup_store", arguments);
  return success();
}

template <typename Op>
static LogicalResult lowerMatrixMake(Lowering &lowering, Operation *op,
                                     StringRef function) {
  auto make = cast<Op>(op);
  MSLType type = lowering.typeOf(make.getResult());
  MSLType element = type.element();
  Expression value = lowering.takeTyped(make.getValue(), element);
  std::string name =
      (function + "_simdgroup_matrix<" + element.str() + ", 8, 8>").str();
  lowering.defineNow(make.getResult(), lowering.build.call(name, value, type));
  return success();
}

static LogicalResult lowerFill(Lowering &lowering, Operation *op) {
  return lowerMatrixMake<SimdgroupMatrixFillOp>(lowering, op, "make_filled");
}

static LogicalResult lowerDiagonal(Lowering &lowering, Operation *op) {
  return lowerMatrixMake<SimdgroupMatrixDiagonalOp>(lowering, op,
                                                    "make_diagonal");
}

static LogicalResult lowerMultiplyAccumulate(Lowering &lowering,
                                             Operation *op) {
  auto product = cast<SimdgroupMatrixMultiplyAccumulateOp>(op);
  SmallVector<Expression, 4> arguments = {lowering.take(product.getA()),
                                          lowering.take(product.getB()),
                                          lowering.take(product.getC())};
  arguments.insert(arguments.begin(),
                   lowering.makeDestination(product.getResult()));
  lowering.addCall("simdgroup_multiply_accumulate", arguments);
  return success();
}

static FailureOr<Expression> lowerMatrixElements(Lowering &lowering,
                                                 Operation *op, const Rule &) {
  auto elements = cast<SimdgroupMatrixElementsOp>(op);
  Expression result = lowering.take(elements.getMatrix());
  result.node = lowering.tree.member(result.node, kElements);
  result.type = lowering.typeOf(elements.getResult());
  return result;
}

static LogicalResult lowerFromElements(Lowering &lowering, Operation *op) {
  auto matrix = cast<SimdgroupMatrixFromElementsOp>(op);
  Value elements = matrix.getElements();
  Expression value = lowering.takeTyped(elements, lowering.typeOf(elements));
  Expression destination = lowering.makeDestination(matrix.getResult());
  lowering.addAssignment(lowering.tree.member(destination.node, kElements),
                         value.node);
  return success();
}

void enigma::msl::addMatrixRules(Rules &rules) {
  rules.addStatement<SimdgroupMatrixLoadOp>(lowerMatrixLoad);
  rules.addStatement<SimdgroupMatrixStoreOp>(lowerMatrixStore);
  rules.addStatement<SimdgroupMatrixFillOp>(lowerFill);
  rules.addStatement<SimdgroupMatrixDiagonalOp>(lowerDiagonal);
  rules.addStatement<SimdgroupMatrixMultiplyAccumulateOp>(
      lowerMultiplyAccumulate);
  rules.add<SimdgroupMatrixElementsOp>(lowerMatrixElements);
  rules.addStatement<SimdgroupMatrixFromElementsOp>(lowerFromElements);
}
