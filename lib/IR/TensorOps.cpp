// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views of buffers, and accesses to them.

#include "LayoutInference.h"

#include "enigma/IR/Accesses.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

#include <numeric>

using namespace mlir;
using namespace enigma;
using layout::Error;
using layout::ErrorKind;
using layout::Int;
using layout::IntTuple;
using layout::Layout;
using layout::Result;

using Operands = ArrayRef<LayoutValue>;
using Computed = Result<LayoutValues>;

static Error missingOperands(unsigned required, Operands operands) {
  return Error(ErrorKind::Operand, "expected " + Twine(required) +
                                       " operands, found " +
                                       Twine(operands.size()));
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

Computed MakeTensorOp::compute(Adaptor adaptor, Operands operands) {
  if (operands.size() < 2)
    return missingOperands(2, operands);
  auto buffer = dyn_cast_or_null<BufferType>(operands[0].elementType);
  if (!buffer)
    return Error(ErrorKind::Operand, "expected a buffer");
  if (operands[1].layout.layout().hasBasis())
    return Error(ErrorKind::Basis,
                 "the offsets of " + operands[1].layout.str() +
                     " are coordinates, not places in a buffer");
  LayoutValue view = operands[1];
  view.kind = LayoutValue::Kind::View;
  view.tuple = operands.size() > 2 ? operands[2].tuple : IntTuple(0);
  view.elementType = buffer.getElementType();
  view.space = buffer.getAddressSpace();
  view.buffer = operands[0].buffer;
  return LayoutValues{view};
}

Computed RecastTensorOp::compute(Adaptor, Operands operands) {
  if (operands.size() < 2)
    return missingOperands(2, operands);
  auto buffer = dyn_cast_or_null<BufferType>(operands[1].elementType);
  if (!operands[0].isView() || !buffer)
    return Error(ErrorKind::Operand, "expected a tensor and a buffer");
  LayoutValue view = operands[0];
  int64_t from = BufferType::getElementBytes(view.elementType),
          to = BufferType::getElementBytes(buffer.getElementType());
  if (view.isSwizzled()) {
    auto recast = layout::recastLayout(8 * to, 8 * from, view.layout);
    if (!recast)
      return recast.error();
    view.layout = *recast;
  } else {
    auto recast = layout::recastLayout(8 * to, 8 * from, view.layout.layout());
    if (!recast)
      return recast.error();
    view.layout = layout::ComposedLayout(*recast);
  }
  int64_t common = std::gcd(from, to);
  view.tuple = IntTuple(layout::floorDiv(
      layout::mul(view.tuple.leaf(0), from / common), to / common));
  view.elementType = buffer.getElementType();
  view.buffer = operands[1].buffer;
  return LayoutValues{view};
}

Computed MakeIdentityTensorOp::compute(Adaptor, Operands operands) {
  if (operands.size() < 1)
    return missingOperands(1, operands);
  Result<layout::Value> view = layout::makeIdentityView(operands[0].tuple);
  if (!view)
    return view.error();
  return LayoutValues{*view};
}

Computed ElementOffsetOp::compute(Adaptor, Operands operands) {
  if (operands.size() < 2)
    return missingOperands(2, operands);
  Result<IntTuple> offset =
      layout::crd2idx(operands[1].tuple, operands[0].layout);
  if (!offset)
    return offset.error();
  return LayoutValues{
      LayoutValue(layout::add(operands[0].tuple.leaf(0), offset->leaf(0)))};
}

Computed ElementCoordOp::compute(Adaptor, Operands operands) {
  if (operands.size() < 2)
    return missingOperands(2, operands);
  Result<IntTuple> step =
      layout::crd2idx(operands[1].tuple, operands[0].layout.layout());
  if (!step)
    return step.error();
  return LayoutValues{
      LayoutValue(layout::addCoordinates(operands[0].tuple, *step))};
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// The number of elements of a view that is accessed as a whole.
static Result<int64_t> getNumElements(const Layout &layout) {
  for (auto [i, extent] : llvm::enumerate(layout.shapes()))
    if (!extent.isStatic())
      return Error(ErrorKind::Access,
                   "needs a view of static shape, to know its elements; leaf " +
                       Twine(i) + " of the shape of " + layout.str() +
                       " is known at run time only");
  return layout.size().value();
}

/// What the registers of a thread hold in the kernel of `value`.
static int64_t getRegisterBytes(Value value) {
  return TargetAttr::lookup(value).getLimits().registerBytes;
}

/// The same, if that many elements fit registers.
static Result<int64_t> getFragmentSize(TypedValue<ViewType> tensor) {
  ViewType view = tensor.getType();
  Result<int64_t> size = getNumElements(view.getLayout().layout());
  if (!size)
    return size;
  int64_t bytes = BufferType::getElementBytes(view.getElementType());
  int64_t limit = getRegisterBytes(tensor);
  if (*size > limit / bytes)
    return Error(
        ErrorKind::Access,
        "a fragment of " + Twine(*size) + " elements of " + Twine(bytes) +
            " bytes is too large for registers: at most " + Twine(limit) +
            " bytes; take a smaller tile, or more threads for it");
  return size;
}

/// What all accesses to whole views check: that the view has a static size, and
/// that the mask fits it.
static LogicalResult verifyWhole(Operation *op, TypedValue<ViewType> view,
                                 Value mask) {
  Result<int64_t> size = getFragmentSize(view);
  if (!size)
    return attachRemedy(op->emitOpError(size.message()), size.error());
  if (mask && cast<VectorType>(mask.getType()).getNumElements() != *size)
    return op->emitOpError() << "has a mask of " << mask.getType() << " for "
                             << *size << " elements";
  return success();
}

static LogicalResult verifyWritable(Operation *op, ViewType view) {
  if (view.getAddressSpace() == AddressSpace::Constant)
    return op->emitOpError("writes to a tensor in the constant address space, "
                           "which can only be read");
  return success();
}

/// A coordinate of one element.
static LogicalResult verifyCoord(Operation *op, ViewType view, Type coord) {
  const IntTuple &tuple = cast<IntTupleType>(coord).getTuple();
  if (llvm::any_of(tuple.leaves(), [](const Int &x) { return x.isNone(); }))
    return op->emitOpError()
           << "needs a coordinate without 'None', found " << tuple.str();
  Result<IntTuple> offset = layout::crd2idx(tuple, view.getLayout().layout());
  if (!offset)
    return attachRemedy(op->emitOpError(offset.message()), offset.error());
  return success();
}

static LogicalResult verifyElement(Operation *op, ViewType view, Type value,
                                   Type coord) {
  Type element = view.getValueType(), scalar = value;
  if (auto vector = dyn_cast<VectorType>(value);
      vector && !isa<VectorType>(element)) {
    scalar = vector.getElementType();
    TargetAttr target = TargetAttr::lookup(op);
    if (!isAccessWidth(target, element, vector.getNumElements())) {
      std::string widths = describeAccessWidths(target, element);
      return op->emitOpError()
             << "accesses " << value << "; expected "
             << (widths.empty() ? "one element"
                                : "a vector of " + widths + " elements");
    }
  }
  if (scalar != element)
    return op->emitOpError() << "accesses " << view << " as " << value
                             << "; expected " << element;
  return verifyCoord(op, view, coord);
}

LogicalResult ElementExistsOp::verify() {
  return verifyCoord(*this, getTensor().getType(), getCoord().getType());
}

LogicalResult LoadElementOp::verify() {
  return verifyElement(*this, getTensor().getType(), getType(),
                       getCoord().getType());
}

LogicalResult StoreElementOp::verify() {
  if (failed(verifyWritable(*this, getTensor().getType())))
    return failure();
  return verifyElement(*this, getTensor().getType(), getValue().getType(),
                       getCoord().getType());
}

LogicalResult InBoundsOp::inferReturnTypes(MLIRContext *context,
                                           std::optional<Location> location,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &inferred) {
  ValueRange operands = adaptor.getOperands();
  auto fail = [&](ErrorKind kind, const Twine &message) {
    return emitAlgebraError<InBoundsOp>(location, Error(kind, message));
  };
  CoordViewType view;
  IntTupleType shape;
  if (operands.size() == 2) {
    view = dyn_cast<CoordViewType>(operands[0].getType());
    shape = dyn_cast<IntTupleType>(operands[1].getType());
  }
  if (!view || !shape)
    return fail(ErrorKind::Operand,
                "expected a tensor of coordinates and a shape");
  Result<int64_t> size = getNumElements(view.getLayout());
  if (!size)
    return emitAlgebraError<InBoundsOp>(location, size.error());
  if (int64_t limit = getRegisterBytes(operands[0]); *size > limit)
    return fail(ErrorKind::Access,
                "a mask of " + Twine(*size) +
                    " lanes is too large for registers: at most " +
                    Twine(limit));
  if (shape.getTuple().profile() != view.getOrigin().profile())
    return fail(ErrorKind::Coordinate,
                "the shape " + shape.getTuple().str() +
                    " is not congruent to the coordinates from " +
                    view.getOrigin().str());
  for (const Int &leaf : shape.getTuple().leaves())
    if (leaf.isNone() || leaf.basis())
      return fail(ErrorKind::Placeholder, "the shape " +
                                              shape.getTuple().str() +
                                              " must be of integers");
  inferred.push_back(VectorType::get({*size}, IntegerType::get(context, 1)));
  return success();
}

LogicalResult LoadFragmentOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &inferred) {
  ValueRange operands = adaptor.getOperands();
  auto view = operands.empty() ? TypedValue<ViewType>()
                               : dyn_cast<TypedValue<ViewType>>(operands[0]);
  if (!view)
    return emitAlgebraError<LoadFragmentOp>(
        location, Error(ErrorKind::Operand, "expected a tensor"));
  if (isa<VectorType>(view.getType().getValueType()))
    return emitAlgebraError<LoadFragmentOp>(
        location, Error(ErrorKind::Operand,
                        "expected a tensor of scalars: a fragment has no "
                        "vectors, which are loaded one by one"));
  Result<int64_t> size = getFragmentSize(view);
  if (!size)
    return emitAlgebraError<LoadFragmentOp>(location, size.error());
  inferred.push_back(VectorType::get({*size}, view.getType().getValueType()));
  return success();
}

LogicalResult LoadFragmentOp::verify() {
  return verifyWhole(*this, getTensor(), getMask());
}

LogicalResult StoreFragmentOp::verify() {
  ViewType view = getTensor().getType();
  if (failed(verifyWritable(*this, view)) ||
      failed(verifyWhole(*this, getTensor(), getMask())))
    return failure();
  auto fragment = cast<VectorType>(getValue().getType());
  int64_t size = getNumViewElements(view);
  if (fragment.getNumElements() != size ||
      fragment.getElementType() != view.getValueType())
    return emitOpError() << "stores " << fragment << " to " << size
                         << " elements of " << view.getValueType() << ", "
                         << view;
  return success();
}

LogicalResult CopyOp::verify() {
  ViewType source = getSource().getType(),
           destination = getDestination().getType();
  if (failed(verifyWritable(*this, destination)) ||
      failed(verifyWhole(*this, getSource(), getMask())) ||
      failed(verifyWhole(*this, getDestination(), getMask())))
    return failure();
  if (source.getElementType() != destination.getElementType())
    return emitOpError() << "copies elements of " << source.getElementType()
                         << " to elements of " << destination.getElementType();
  int64_t from = getNumViewElements(source);
  int64_t to = getNumViewElements(destination);
  if (from != to)
    return emitOpError() << "copies " << from << " elements to " << to << ": "
                         << source << " to " << destination;
  return success();
}

LogicalResult CopyElementsOp::verify() {
  BufferType source = getSource().getType(),
             destination = getDestination().getType();
  if (source.getElementType() != destination.getElementType())
    return emitOpError() << "copies elements of " << source.getElementType()
                         << " to elements of " << destination.getElementType();
  if (destination.getAddressSpace() == AddressSpace::Constant)
    return emitOpError("writes to a buffer in the constant address space, "
                       "which can only be read");
  TargetAttr target = TargetAttr::lookup(*this);
  if (getWidth() != 1 && !target.isWidth(getWidth())) {
    std::string widths = target.describeWidths();
    return emitOpError() << "has the width " << getWidth() << "; expected "
                         << (widths.empty() ? "1" : "1, or " + widths);
  }
  if (!getMask())
    return success();
  if (!getWhere().empty())
    return emitOpError("has a mask and a region; expected one of them");
  APInt count;
  if (!matchPattern(getCount(), m_ConstantInt(&count)))
    return emitOpError("has a mask for a count that is known at run time only")
               .attachNote()
           << "help: say with a region which elements are copied";
  auto mask = cast<VectorType>(getMask().getType());
  if (count != mask.getNumElements())
    return emitOpError() << "has a mask of " << mask << " for "
                         << count.getSExtValue() << " elements";
  return success();
}

LogicalResult CopyElementsOp::verifyRegions() {
  if (getWhere().empty())
    return success();
  Block &body = getWhere().front();
  if (body.getNumArguments() != 1 ||
      body.getArgument(0).getType() != getCount().getType())
    return emitOpError() << "has a region that takes ("
                         << body.getArgumentTypes()
                         << "); expected the number of an element, "
                         << getCount().getType();
  if (body.empty() || !isa<enigma::YieldOp>(body.back()))
    return emitOpError("has a region that does not end with 'enigma.yield'");
  return success();
}

LogicalResult FillOp::verify() {
  ViewType view = getTensor().getType();
  if (failed(verifyWritable(*this, view)) ||
      failed(verifyWhole(*this, getTensor(), getMask())))
    return failure();
  if (getValue().getType() != view.getValueType())
    return emitOpError() << "fills elements of " << view.getValueType()
                         << " with " << getValue().getType();
  return success();
}
