// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FragmentLanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace enigma;

namespace {
/// Takes apart what moves lanes: it knows them one by one.
class LaneMover {
public:
  bool run(ArrayRef<Operation *> users) {
    for (Operation *op : users) {
      OpBuilder builder(op);
      if (auto shuffle = dyn_cast<vector::ShuffleOp>(op))
        move(shuffle, builder);
      else if (auto elements = dyn_cast<vector::ToElementsOp>(op))
        move(elements, builder);
      else if (auto cast = dyn_cast<vector::BitCastOp>(op))
        move(cast, builder);
      else if (auto extract = dyn_cast<vector::ExtractOp>(op))
        move(extract, builder);
      else if (auto insert = dyn_cast<vector::InsertOp>(op))
        move(insert, builder);
    }
    return hasMoved;
  }

private:
  static Value extract(OpBuilder &builder, Location loc, Value vector,
                       int64_t lane) {
    return vector::ExtractOp::create(builder, loc, vector, lane);
  }

  void replace(Operation *op, ValueRange values) {
    hasMoved = true;
    op->replaceAllUsesWith(values);
    op->erase();
  }

  void move(vector::ShuffleOp op, OpBuilder &builder) {
    int64_t numFirst = op.getV1VectorType().getNumElements();
    SmallVector<Value> lanes;
    for (int64_t lane : op.getMask()) {
      // An undefined lane may as well be the first one.
      lane = std::max<int64_t>(lane, 0);
      lanes.push_back(extract(builder, op.getLoc(),
                              lane < numFirst ? op.getV1() : op.getV2(),
                              lane < numFirst ? lane : lane - numFirst));
    }
    replace(op, vector::FromElementsOp::create(builder, op.getLoc(),
                                               op.getResultVectorType(), lanes)
                    ->getResults());
  }

  void move(vector::ToElementsOp op, OpBuilder &builder) {
    SmallVector<Value> lanes;
    for (unsigned lane = 0; lane < op.getNumResults(); ++lane)
      lanes.push_back(extract(builder, op.getLoc(), op.getSource(), lane));
    replace(op, lanes);
  }

  void move(vector::BitCastOp op, OpBuilder &builder) {
    if (op.getSourceVectorType().getNumElements() ==
        op.getResultVectorType().getNumElements())
      replace(op,
              arith::BitcastOp::create(builder, op.getLoc(),
                                       op.getResultVectorType(), op.getSource())
                  ->getResults());
  }

  /// A lane that is known at run time only is read from an array.
  void move(vector::ExtractOp op, OpBuilder &builder) {
    if (op.getNumIndices() != 1 || !op.hasDynamicPosition())
      return;
    Value array = getArray(op.getSource());
    replace(op, LoadOp::create(builder, op.getLoc(), op.getType(), array,
                               op.getDynamicPosition()[0], IntegerAttr())
                    ->getResults());
  }

  void move(vector::InsertOp op, OpBuilder &builder) {
    if (op.getNumIndices() != 1 || !op.hasDynamicPosition())
      return;
    // The result has an array of its own, in which that lane is replaced.
    Location loc = op.getLoc();
    VectorType type = op.getDestVectorType();
    Value array = makeArray(builder, op.getDest());
    StoreOp::create(builder, loc, op.getValueToStore(), array,
                    op.getDynamicPosition()[0], IntegerAttr());
    SmallVector<Value> lanes;
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
      lanes.push_back(LoadOp::create(
          builder, loc, type.getElementType(), array,
          arith::ConstantIndexOp::create(builder, loc, lane), IntegerAttr()));
    replace(op, vector::FromElementsOp::create(builder, loc, type, lanes)
                    ->getResults());
  }

  /// An array with the lanes of the fragment, filled where it is defined.
  Value getArray(Value fragment) {
    Value &array = arrays[fragment];
    if (!array) {
      OpBuilder builder(fragment.getContext());
      builder.setInsertionPointAfterValue(fragment);
      array = makeArray(builder, fragment);
    }
    return array;
  }

  static Value makeArray(OpBuilder &builder, Value fragment) {
    Location loc = fragment.getLoc();
    auto type = cast<VectorType>(fragment.getType());
    Type element = type.getElementType();
    if (auto integer = dyn_cast<IntegerType>(element);
        integer && integer.getWidth() > 1)
      element = builder.getIntegerType(integer.getWidth(), /*isSigned=*/true);
    Value array = AllocOp::create(builder, loc,
                                  BufferType::get(builder.getContext(), element,
                                                  AddressSpace::Thread,
                                                  type.getNumElements()),
                                  TypeAttr(), IntegerAttr());
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
      StoreOp::create(builder, loc, extract(builder, loc, fragment, lane),
                      array, arith::ConstantIndexOp::create(builder, loc, lane),
                      IntegerAttr());
    return array;
  }

  bool hasMoved = false;
  DenseMap<Value, Value> arrays;
};
} // namespace

bool enigma::takeLanesApart(ArrayRef<Operation *> users) {
  return LaneMover().run(users);
}
