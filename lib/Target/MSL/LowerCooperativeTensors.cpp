// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cooperative tensors, and the products of tiles that add to them. A tensor is
// a variable, which functions write: it is not assigned.

#include "CooperativeTensors.h"
#include "LowerMemory.h"

#include "enigma/IR/CooperativeOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// Gives a value the variable that it is made in, which starts as \p tensor.
static Expression makeFrom(Lowering &lowering, Value result, Value tensor) {
  Expression start = lowering.take(tensor);
  Expression made = lowering.makeDestination(result);
  if (!isSame(made.node, start.node))
    lowering.copyCooperative(made.node, start);
  return made;
}

namespace {
/// A tile in memory, and the thing that `Expression::reads` names.
struct Tile {
  Expression text;
  std::optional<unsigned> memory;
};
} // namespace

/// A tile of rows or columns that are contiguous.
static FailureOr<Tile> makeTile(Lowering &lowering, Operation *op, Value memory,
                                Value index, Value stride, Type element,
                                int64_t contiguous, int64_t others) {
  FailureOr<Place> place = getElement(lowering, op, memory, index);
  if (failed(place))
    return failure();
  Expression address = place->element;
  address.node = getAddress(lowering, *place, index);
  auto number = [&](int64_t extent) {
    return lowering.build.name(std::to_string(extent));
  };
  std::string function =
      ("enigma_tile_of<" + getTileElement(element) + ">").str();
  Expression text =
      lowering.build.call(function,
                          {std::move(address), number(contiguous),
                           number(others), lowering.takeIndex(stride)},
                          MSLType());
  return Tile{std::move(text), place->memory};
}

static LogicalResult lowerTensorMake(Lowering &lowering, Operation *op) {
  auto make = cast<CooperativeTensorMakeOp>(op);
  if (!make.getValue()) {
    lowering.makeDestination(make.getResult());
    return success();
  }
  MSLType element =
      Lowering::typeOf(make.getValue(), /*isSigned=*/true).element();
  Expression value = lowering.takeTyped(make.getValue(), element);
  Expression tensor = lowering.makeDestination(make.getResult());
  lowering.addCall("enigma_fill", {std::move(tensor), std::move(value)});
  return success();
}

static LogicalResult lowerMatmul2d(Lowering &lowering, Operation *op) {
  auto product = cast<Matmul2dOp>(op);
  CooperativeTensorType type = product.getType();
  auto extents = [](int64_t columns, int64_t rows, bool isTransposed) {
    return isTransposed ? std::pair(rows, columns) : std::pair(columns, rows);
  };
  auto [aContiguous, aOthers] =
      extents(type.getK(), type.getM(), type.getTransposeLeft());
  auto [bContiguous, bOthers] =
      extents(type.getN(), type.getK(), type.getTransposeRight());
  FailureOr<Tile> a =
      makeTile(lowering, op, product.getA(), product.getAIndex(),
               product.getAStride(), type.getLeft(), aContiguous, aOthers);
  if (failed(a))
    return failure();
  FailureOr<Tile> b =
      makeTile(lowering, op, product.getB(), product.getBIndex(),
               product.getBStride(), type.getRight(), bContiguous, bOthers);
  if (failed(b))
    return failure();
  Expression sums = makeFrom(lowering, product.getResult(), product.getC());
  lowering.addCall("enigma_matmul2d<" + getProductName(type) + ">",
                   {a->text, b->text, std::move(sums)});
  return success();
}

static LogicalResult lowerTensorLoad(Lowering &lowering, Operation *op) {
  auto load = cast<CooperativeTensorLoadOp>(op);
  CooperativeTensorType type = load.getType();
  FailureOr<Tile> tile =
      makeTile(lowering, op, load.getBuffer(), load.getIndex(),
               load.getStride(), type.getElement(), type.getN(), type.getM());
  if (failed(tile))
    return failure();
  Expression tensor = lowering.makeDestination(load.getResult());
  lowering.addCall("enigma_load", {std::move(tensor), tile->text});
  return success();
}

static LogicalResult lowerTensorStore(Lowering &lowering, Operation *op) {
  auto store = cast<CooperativeTensorStoreOp>(op);
  CooperativeTensorType type = store.getTensor().getType();
  Expression tensor = lowering.take(store.getTensor());
  FailureOr<Tile> tile =
      makeTile(lowering, op, store.getBuffer(), store.getIndex(),
               store.getStride(), type.getElement(), type.getN(), type.getM());
  if (failed(tile))
    return failure();
  // What was read of this memory before is not read after.
  if (tile->memory)
    lowering.flush(*tile->memory);
  lowering.addCall("enigma_store", {std::move(tensor), tile->text});
  return success();
}

/// A call of a member of a tensor that does not ask for its elements: it may
/// stand behind what changes them.
static Expression callMember(Lowering &lowering, Value tensor, StringRef member,
                             ArrayRef<Expression> arguments, MSLType type) {
  Expression object = lowering.take(tensor);
  return lowering.build.call((object.node->text + "." + member).str(),
                             arguments, type);
}

static FailureOr<Expression> lowerCapacity(Lowering &lowering, Operation *op,
                                           const Rule &) {
  auto capacity = cast<CooperativeTensorCapacityOp>(op);
  return callMember(lowering, capacity.getTensor(), "get_capacity", {}, kInt);
}

static FailureOr<Expression> lowerHasElement(Lowering &lowering, Operation *op,
                                             const Rule &) {
  auto has = cast<CooperativeTensorHasElementOp>(op);
  Expression index = lowering.take(has.getIndex());
  return callMember(lowering, has.getTensor(), "is_valid_element", index,
                    kBool);
}

static FailureOr<Expression> lowerExtract(Lowering &lowering, Operation *op,
                                          const Rule &) {
  auto extract = cast<CooperativeTensorExtractOp>(op);
  Expression tensor = lowering.take(extract.getTensor());
  Type element = extract.getResult().getType();
  return lowering.build.subscript(std::move(tensor),
                                  lowering.take(extract.getIndex()),
                                  *getMSLType(element, /*isSigned=*/true));
}

static LogicalResult lowerInsert(Lowering &lowering, Operation *op) {
  auto insert = cast<CooperativeTensorInsertOp>(op);
  MSLType element = *getMSLType(insert.getValue().getType(), true);
  Expression value = lowering.takeTyped(insert.getValue(), element);
  Expression index = lowering.take(insert.getIndex());
  Expression tensor =
      makeFrom(lowering, insert.getResult(), insert.getTensor());
  Expression place =
      lowering.build.subscript(std::move(tensor), std::move(index), element);
  lowering.addAssignment(place.node, value.node);
  return success();
}

void enigma::msl::addCooperativeTensorRules(Rules &rules) {
  rules.addStatement<CooperativeTensorMakeOp>(lowerTensorMake);
  rules.addStatement<Matmul2dOp>(lowerMatmul2d);
  rules.addStatement<CooperativeTensorLoadOp>(lowerTensorLoad);
  rules.addStatement<CooperativeTensorStoreOp>(lowerTensorStore);
  rules.add<CooperativeTensorCapacityOp>(lowerCapacity);
  rules.add<CooperativeTensorHasElementOp>(lowerHasElement);
  rules.add<CooperativeTensorExtractOp>(lowerExtract);
  rules.addStatement<CooperativeTensorInsertOp>(lowerInsert);
}
