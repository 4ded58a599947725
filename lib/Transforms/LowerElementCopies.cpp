// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers copies of consecutive elements of buffers to copies of views.

#include "enigma/IR/LayoutOps.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Names.h"
#include "enigma/Utils/Walk.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMALOWERELEMENTCOPIES
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;
using layout::Int;

/// More accesses than these are a loop.
static constexpr int64_t maxUnrolled = 16;

namespace {
/// An integer, and how it is read.
struct Number {
  Value value;
  bool isUnsigned;
};

/// Lowers one operation.
class Lowering {
public:
  explicit Lowering(CopyElementsOp op)
      : op(op), builder(op), loc(withoutName(op.getLoc())) {}

  void run();

private:
  Number makeNumber(int64_t number);
  Number add(Number lhs, Number rhs);
  Number multiply(Number lhs, int64_t factor);

  /// Copies `count` times `width` elements, from number `start` on. A mask is
  /// of elements whose number is known, so `start` and `count` are.
  void copyAll(Number start, Number count, int64_t width);
  /// Copies `width` elements, from number `first` on.
  void copyOnce(Number first, int64_t width);
  Value makeView(TypedValue<BufferType> buffer, Number offset, int64_t width);
  /// Whether the element of a number is copied; null if all are.
  Value getCondition(Number number);

  CopyElementsOp op;
  OpBuilder builder;
  Location loc;
};

struct LowerElementCopies final
    : enigma::impl::EnigmaLowerElementCopiesBase<LowerElementCopies> {
  void runOnOperation() override {
    // Those in the region of another one first, since it may be copied.
    SmallVector<CopyElementsOp> copies;
    forEachInnerFirst(getOperation().getBody(), [&](Operation *op) {
      if (auto copy = dyn_cast<CopyElementsOp>(op))
        copies.push_back(copy);
    });
    if (copies.empty())
      return markAllAnalysesPreserved();
    for (CopyElementsOp op : copies) {
      Lowering(op).run();
      op.erase();
    }
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// A number that is known.
static std::optional<int64_t> getConstant(Number number) {
  APInt constant;
  if (!matchPattern(number.value, m_ConstantInt(&constant)))
    return std::nullopt;
  return number.isUnsigned ? constant.getZExtValue() : constant.getSExtValue();
}

/// What an operation on integers that are read that way may assume: signed ones
/// do not overflow.
static arith::IntegerOverflowFlags getOverflow(bool isUnsigned) {
  return isUnsigned ? arith::IntegerOverflowFlags::none
                    : arith::IntegerOverflowFlags::nsw;
}

/// A number of an element, as the operation counts them.
Number Lowering::makeNumber(int64_t number) {
  Value value = arith::ConstantOp::create(
      builder, loc, builder.getIntegerAttr(op.getCount().getType(), number));
  return {value, op.getCountUnsigned()};
}

/// The sum, in the wider type; of one width it is unsigned if either is.
Number Lowering::add(Number lhs, Number rhs) {
  unsigned left = lhs.value.getType().getIntOrFloatBitWidth();
  unsigned right = rhs.value.getType().getIntOrFloatBitWidth();
  bool isUnsigned = lhs.isUnsigned || rhs.isUnsigned;
  if (left != right) {
    Number &narrow = left < right ? lhs : rhs;
    const Number &wide = left < right ? rhs : lhs;
    isUnsigned = wide.isUnsigned;
    Type type = wide.value.getType();
    narrow.value =
        narrow.isUnsigned
            ? builder.createOrFold<arith::ExtUIOp>(loc, type, narrow.value)
            : builder.createOrFold<arith::ExtSIOp>(loc, type, narrow.value);
  }
  return {builder.createOrFold<arith::AddIOp>(loc, lhs.value, rhs.value,
                                              getOverflow(isUnsigned)),
          isUnsigned};
}

Number Lowering::multiply(Number lhs, int64_t factor) {
  return {builder.createOrFold<arith::MulIOp>(loc, lhs.value,
                                              makeNumber(factor).value,
                                              getOverflow(lhs.isUnsigned)),
          lhs.isUnsigned};
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

Value Lowering::getCondition(Number number) {
  if (op.getMask())
    return builder.createOrFold<vector::ExtractOp>(loc, op.getMask(),
                                                   *getConstant(number));
  if (op.getWhere().empty())
    return {};
  Block &body = op.getWhere().front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), number.value);
  for (Operation &inner : body.without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(
      cast<enigma::YieldOp>(body.getTerminator()).getCondition());
}

Value Lowering::makeView(TypedValue<BufferType> buffer, Number offset,
                         int64_t width) {
  Type index = builder.getIndexType();
  Value start =
      offset.isUnsigned
          ? builder.createOrFold<arith::IndexCastUIOp>(loc, index, offset.value)
          : builder.createOrFold<arith::IndexCastOp>(loc, index, offset.value);
  layout::ComposedLayout elements(layout::Layout::leaf(Int(width), Int(1)));
  Value layout = StaticOp::create(
      builder, loc, LayoutType::get(builder.getContext(), elements));
  return MakeTensorOp::create(builder, loc, buffer, layout, start);
}

void Lowering::copyOnce(Number first, int64_t width) {
  Number source{op.getSourceOffset(), op.getSourceUnsigned()};
  Number destination{op.getDestinationOffset(), op.getDestinationUnsigned()};
  Value from = makeView(op.getSource(), add(source, first), width);
  Value to = makeView(op.getDestination(), add(destination, first), width);
  SmallVector<Value, 4> conditions;
  for (int64_t lane = 0; lane < width; ++lane)
    if (Value condition = getCondition(add(first, makeNumber(lane))))
      conditions.push_back(condition);
  Value mask;
  if (!conditions.empty())
    mask = vector::FromElementsOp::create(
        builder, loc, VectorType::get({width}, builder.getI1Type()),
        conditions);
  CopyOp::create(builder, loc, from, to, mask);
}

void Lowering::copyAll(Number start, Number count, int64_t width) {
  std::optional<int64_t> known = getConstant(count);
  if (known && (*known <= maxUnrolled || op.getMask())) {
    for (int64_t step = 0; step < *known; ++step)
      copyOnce(add(start, makeNumber(step * width)), width);
    return;
  }
  auto loop = scf::ForOp::create(builder, loc, makeNumber(0).value, count.value,
                                 makeNumber(1).value);
  loop.setUnsignedCmp(count.isUnsigned);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  Number step{loop.getInductionVar(), count.isUnsigned};
  Number distance = multiply(step, width);
  copyOnce(getConstant(start) == 0 ? distance : add(start, distance), width);
}

void Lowering::run() {
  Number count{op.getCount(), op.getCountUnsigned()};
  int64_t width = op.getWidth();
  if (width == 1)
    return copyAll(makeNumber(0), count, 1);
  // Truncated, so that nothing is left of a count that is negative.
  Value divisor = makeNumber(width).value;
  Number whole{
      count.isUnsigned
          ? builder.createOrFold<arith::DivUIOp>(loc, count.value, divisor)
          : builder.createOrFold<arith::DivSIOp>(loc, count.value, divisor),
      count.isUnsigned};
  copyAll(makeNumber(0), whole, width);
  Number copied = multiply(whole, width);
  Number rest{
      builder.createOrFold<arith::SubIOp>(loc, count.value, copied.value,
                                          getOverflow(count.isUnsigned)),
      count.isUnsigned};
  copyAll(copied, rest, 1);
}
