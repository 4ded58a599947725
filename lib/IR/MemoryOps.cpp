// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads, stores and arrays of a kernel's own.

#include "LayoutInference.h"

#include "enigma/IR/Accesses.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace enigma;

namespace {
/// What is known of memory in either form.
struct Memory {
  /// The type of values of its elements.
  Type element;
  AddressSpace space;
  int64_t size;
};
} // namespace

static Memory getMemory(Type type) {
  if (auto buffer = dyn_cast<BufferType>(type))
    return {buffer.getValueType(), buffer.getAddressSpace(), buffer.getSize()};
  auto memref = cast<MemRefType>(type);
  return {memref.getElementType(),
          cast<AddressSpaceAttr>(memref.getMemorySpace()).getValue(),
          memref.getDimSize(0)};
}

/// A subscript that is a constant, of an access that the kernel is certain to
/// make: elsewhere a condition may keep it from being made.
static LogicalResult verifySubscript(Operation *op, Type buffer, int64_t size,
                                     int64_t lanes, Value index) {
  APInt constant;
  if (!isa_and_nonnull<KernelOp>(op->getParentOp()) ||
      !matchPattern(index, m_ConstantInt(&constant)))
    return success();
  int64_t first = constant.getSExtValue();
  if (first < 0 || (!ShapedType::isDynamic(size) && first > size - lanes)) {
    InFlightDiagnostic diagnostic = op->emitOpError() << "subscript " << first;
    if (lanes > 1)
      diagnostic << " to " << first + lanes - 1;
    return diagnostic << " is outside " << buffer;
  }
  if (first % lanes != 0)
    return op->emitOpError() << "subscript " << first << " of a vector of "
                             << lanes << " is not a multiple of " << lanes;
  return success();
}

/// What loads and stores have in common: the type of `value`, and the
/// subscript where it is a constant.
static LogicalResult verifyAccess(Operation *op, Type value, BufferType buffer,
                                  Value index) {
  Type element = buffer.getValueType();
  int64_t lanes = 1;
  // Most accesses are to one element, which every target has.
  if (value != element) {
    TargetAttr target = TargetAttr::lookup(op);
    auto vector = dyn_cast<VectorType>(value);
    if (!vector || vector.getElementType() != element ||
        !isAccessWidth(target, element, vector.getNumElements())) {
      InFlightDiagnostic diagnostic = op->emitOpError()
                                      << "accesses " << buffer << " as "
                                      << value << "; expected " << element;
      if (std::string widths = describeAccessWidths(target, element);
          !widths.empty())
        diagnostic << ", or a vector of " << widths << " of it";
      return diagnostic;
    }
    lanes = vector.getNumElements();
  }
  return verifySubscript(op, buffer, buffer.getSize(), lanes, index);
}

LogicalResult LoadOp::verify() {
  return verifyAccess(*this, getType(), getBuffer().getType(), getIndex());
}

LogicalResult StoreOp::verify() {
  if (getBuffer().getType().getAddressSpace() == AddressSpace::Constant)
    return emitOpError(
        "writes to a buffer in the constant address space, which "
        "can only be read");
  return verifyAccess(*this, getValue().getType(), getBuffer().getType(),
                      getIndex());
}

/// What arrays have in common: the dtype of their elements in either form, and
/// the alignment.
template <typename ArrayOp> static LogicalResult verifyArray(ArrayOp op) {
  if (std::optional<int64_t> alignment = op.getAlignment();
      alignment && !llvm::isPowerOf2_64(*alignment))
    return op.emitOpError("'alignment' must be a power of two, found ")
           << *alignment;
  Type dtype = op.getElementDtype();
  if (auto buffer = dyn_cast<BufferType>(op.getType())) {
    if (dtype != buffer.getElementType())
      return op.emitOpError("'dtype' ")
             << dtype << " is not the element type of " << buffer;
    return success();
  }
  Type element = cast<MemRefType>(op.getType()).getElementType();
  if (!BufferType::isValidElementType(dtype))
    return op.emitOpError("needs 'dtype' to state the signedness of ")
           << element;
  if (BufferType::getValueType(dtype) != element)
    return op.emitOpError("'dtype' ")
           << dtype << " is not the type of values of " << element;
  return success();
}

template <typename ArrayOp> static Type getArrayDtype(ArrayOp op) {
  if (std::optional<Type> dtype = op.getDtype())
    return *dtype;
  if (auto buffer = dyn_cast<BufferType>(op.getType()))
    return buffer.getElementType();
  return cast<MemRefType>(op.getType()).getElementType();
}

Type ConstantArrayOp::getElementDtype() { return getArrayDtype(*this); }

LogicalResult ConstantArrayOp::verify() {
  auto [element, space, size] = getMemory(getType());
  if (space != AddressSpace::Constant)
    return emitOpError("is in the address space 'constant', found ")
           << getType();
  auto values = dyn_cast<DenseIntOrFPElementsAttr>(getValues());
  ShapedType type = getValues().getShapedType();
  if (!values || type.getRank() != 1 || type.getElementType() != element ||
      type.getDimSize(0) != size)
    return emitOpError("'values' must be dense numbers for ")
           << getType() << ", found those of " << type;
  return verifyArray(*this);
}

/// An element of a table whose subscript is known is a number.
OpFoldResult LoadOp::fold(FoldAdaptor adaptor) {
  auto array = getBuffer().getDefiningOp<ConstantArrayOp>();
  auto index = dyn_cast_or_null<IntegerAttr>(adaptor.getIndex());
  if (!array || !index || isa<VectorType>(getType()))
    return {};
  auto values = cast<DenseIntOrFPElementsAttr>(array.getValues());
  int64_t position = index.getInt();
  if (position < 0 || position >= values.getNumElements())
    return {};
  return values.getValues<Attribute>()[position];
}

Type AllocOp::getElementDtype() { return getArrayDtype(*this); }

AddressSpace AllocOp::getAddressSpace() {
  if (auto buffer = dyn_cast<BufferType>(getType()))
    return buffer.getAddressSpace();
  auto space = dyn_cast_or_null<AddressSpaceAttr>(
      cast<MemRefType>(getType()).getMemorySpace());
  return space ? space.getValue() : AddressSpace::Device;
}

int64_t AllocOp::getNumElements() {
  if (auto buffer = dyn_cast<BufferType>(getType()))
    return buffer.getSize();
  return cast<MemRefType>(getType()).getNumElements();
}

LogicalResult AllocOp::verify() {
  auto buffer = dyn_cast<BufferType>(getType());
  bool hasSize = buffer ? buffer.hasStaticSize()
                        : cast<MemRefType>(getType()).hasStaticShape();
  if (!hasSize || getNumElements() <= 0)
    return emitOpError("needs a positive size that is known, found ")
           << getType();
  AddressSpace space = getAddressSpace();
  if (space != AddressSpace::Threadgroup && space != AddressSpace::Thread)
    return emitOpError("allocates threadgroup or thread memory, found ")
           << getType();
  if (space == AddressSpace::Threadgroup &&
      !isa_and_nonnull<KernelOp>((*this)->getParentOp()))
    return emitOpError("of threadgroup memory must stand in the kernel's entry "
                       "block");
  if (!(*this)->getParentOfType<KernelOp>())
    return emitOpError("must stand in a kernel");

  return verifyArray(*this);
}

/// The element type of memory in either form.
static Type getElementType(Type memory) {
  if (auto buffer = dyn_cast<BufferType>(memory))
    return buffer.getElementType();
  return cast<MemRefType>(memory).getElementType();
}

static AddressSpace getSpace(Type memory) {
  if (auto buffer = dyn_cast<BufferType>(memory))
    return buffer.getAddressSpace();
  return cast<AddressSpaceAttr>(cast<MemRefType>(memory).getMemorySpace())
      .getValue();
}

/// The number of elements, where it is known.
static std::optional<int64_t> getNumElements(Type memory) {
  auto buffer = dyn_cast<BufferType>(memory);
  int64_t size =
      buffer ? buffer.getSize() : cast<MemRefType>(memory).getDimSize(0);
  if (ShapedType::isDynamic(size))
    return std::nullopt;
  return size;
}

LogicalResult StoreLaneOp::verify() {
  Type type = getBuffer().getType();
  auto vector =
      dyn_cast<VectorType>(BufferType::getValueType(getElementType(type)));
  if (!vector || vector.getElementType() != getValue().getType())
    return emitOpError() << "writes " << getValue().getType()
                         << " to a lane of an element of " << type;
  if (getSpace(type) == AddressSpace::Constant)
    return emitOpError(
        "writes to a buffer in the constant address space, which "
        "can only be read");
  APInt lane;
  if (matchPattern(getLane(), m_ConstantInt(&lane)) &&
      !lane.ult(vector.getNumElements()))
    return emitOpError() << "writes lane " << lane.getSExtValue() << " of "
                         << vector;
  return verifySubscript(*this, type,
                         getNumElements(type).value_or(ShapedType::kDynamic),
                         /*lanes=*/1, getIndex());
}

static LogicalResult verifyParts(Operation *op, Type whole, TypeRange parts) {
  auto vector = cast<VectorType>(whole);
  if (vector.getRank() == 1 && parts.size() > 1 && llvm::all_equal(parts) &&
      cast<VectorType>(parts[0]).getRank() == 1 &&
      cast<VectorType>(parts[0]).getElementType() == vector.getElementType() &&
      cast<VectorType>(parts[0]).getNumElements() * int64_t(parts.size()) ==
          vector.getNumElements())
    return success();
  return op->emitOpError("has parts of types ")
         << parts << ", which are not several equal parts of " << whole;
}

LogicalResult SplitAccessOp::verify() {
  return verifyParts(*this, getWhole().getType(), getParts().getTypes());
}

LogicalResult SplitAccessOp::fold(FoldAdaptor,
                                  SmallVectorImpl<OpFoldResult> &results) {
  auto join = getWhole().getDefiningOp<JoinAccessOp>();
  if (!join || join.getParts().getTypes() != getParts().getTypes())
    return failure();
  results.append(join.getParts().begin(), join.getParts().end());
  return success();
}

LogicalResult JoinAccessOp::verify() {
  return verifyParts(*this, getWhole().getType(), getParts().getTypes());
}

OpFoldResult JoinAccessOp::fold(FoldAdaptor) {
  auto split = getParts().front().getDefiningOp<SplitAccessOp>();
  if (split && llvm::equal(split.getParts(), getParts()))
    return split.getWhole();
  return {};
}

Type RecastOp::getElementDtype() {
  if (std::optional<Type> dtype = getDtype())
    return *dtype;
  return getElementType(getType());
}

LogicalResult RecastOp::verify() {
  Type from = getBuffer().getType(), to = getType();
  if (isa<BufferType>(from) != isa<BufferType>(to) ||
      getSpace(from) != getSpace(to))
    return emitOpError() << "makes " << to << " of " << from;
  Type dtype = getElementDtype();
  if (isa<BufferType>(to)) {
    if (dtype != getElementType(to))
      return emitOpError("'dtype' ")
             << dtype << " is not the element type of " << to;
  } else if (!BufferType::isValidElementType(dtype)) {
    return emitOpError("needs 'dtype' to state the signedness of ")
           << getElementType(to);
  } else if (BufferType::getValueType(dtype) != getElementType(to)) {
    return emitOpError("'dtype' ")
           << dtype << " is not the type of values of " << getElementType(to);
  }
  if (getNumElements(from).has_value() != getNumElements(to).has_value())
    return emitOpError() << "loses or makes up the size of " << from;
  auto buffer = dyn_cast<BufferType>(from);
  if (!buffer || !buffer.hasStaticSize())
    return success();
  int64_t bytes = BufferType::getElementBytes(dtype),
          given = buffer.getSize() *
                  BufferType::getElementBytes(buffer.getElementType());
  if (*getNumElements(to) != given / bytes || given % bytes != 0)
    return emitOpError() << "makes " << to << " of the " << given
                         << " bytes of " << from;
  return success();
}

OpFoldResult RecastOp::fold(FoldAdaptor) {
  if (auto inner = getBuffer().getDefiningOp<RecastOp>()) {
    getBufferMutable().assign(inner.getBuffer());
    return getResult();
  }
  // A flat form may differ in what its type does not say.
  if (getBuffer().getType() == getType() && isa<BufferType>(getType()))
    return getBuffer();
  return {};
}

/// A store of the value that is there already does nothing.
LogicalResult StoreOp::canonicalize(StoreOp op, PatternRewriter &rewriter) {
  auto load = op.getValue().getDefiningOp<LoadOp>();
  if (!load || load.getBuffer() != op.getBuffer() ||
      load.getIndex() != op.getIndex() || load->getBlock() != op->getBlock())
    return failure();
  for (Operation *between = load->getNextNode(); between != op;
       between = between->getNextNode())
    if (!isa<LoadOp>(between) && !isMemoryEffectFree(between))
      return failure();
  rewriter.eraseOp(op);
  return success();
}

/// Merges a barrier into the one before it, if no memory operation stands
/// between them.
template <typename Barrier>
static LogicalResult mergeBarriers(Barrier op, PatternRewriter &rewriter) {
  Operation *previous = op->getPrevNode();
  while (previous && isMemoryEffectFree(previous))
    previous = previous->getPrevNode();
  auto barrier = dyn_cast_or_null<Barrier>(previous);
  if (!barrier)
    return failure();
  rewriter.modifyOpInPlace(
      barrier, [&] { barrier.setFlags(barrier.getFlags() | op.getFlags()); });
  rewriter.eraseOp(op);
  return success();
}

LogicalResult ThreadgroupBarrierOp::canonicalize(ThreadgroupBarrierOp op,
                                                 PatternRewriter &rewriter) {
  return mergeBarriers(op, rewriter);
}

LogicalResult SimdgroupBarrierOp::canonicalize(SimdgroupBarrierOp op,
                                               PatternRewriter &rewriter) {
  return mergeBarriers(op, rewriter);
}

/// What atomic accesses have in common.
template <typename AtomicOp>
static LogicalResult verifyAtomic(AtomicOp op, Type value) {
  Type type = op.getBuffer().getType();
  auto [element, space, size] = getMemory(type);
  if (value != element)
    return op.emitOpError() << "accesses " << type << " as " << value
                            << "; expected " << element;
  if (space != AddressSpace::Device && space != AddressSpace::Threadgroup)
    return op.emitOpError("is atomic in the address spaces 'device' and "
                          "'threadgroup' only, found ")
           << type;
  if constexpr (std::is_same_v<AtomicOp, AtomicRMWOp>)
    if (isa<FloatType>(element) && space != AddressSpace::Device &&
        op.getKind() != AtomicKind::Exchange)
      return op.emitOpError("computes with floats in the address space "
                            "'device' only, found ")
             << type;
  return verifySubscript(op, type, size, /*lanes=*/1, op.getIndex());
}

LogicalResult AtomicLoadOp::verify() { return verifyAtomic(*this, getType()); }

LogicalResult AtomicStoreOp::verify() {
  return verifyAtomic(*this, getValue().getType());
}

LogicalResult AtomicCompareExchangeOp::verify() {
  return verifyAtomic(*this, getExpected().getType());
}

LogicalResult AtomicRMWOp::verify() {
  if (failed(verifyAtomic(*this, getType())))
    return failure();
  AtomicKind kind = getKind();
  if (isa<FloatType>(getType()) && kind != AtomicKind::Exchange &&
      kind != AtomicKind::Add && kind != AtomicKind::Sub)
    return emitOpError("of floats must be 'exchange', 'add' or 'sub', found '")
           << stringifyAtomicKind(kind) << "'";
  bool isOrder = kind == AtomicKind::Min || kind == AtomicKind::Max;
  if (getIsUnsigned() && !isOrder)
    return emitOpError("is 'unsigned', which 'min' and 'max' are, found '")
           << stringifyAtomicKind(kind) << "'";
  auto buffer = dyn_cast<BufferType>(getBuffer().getType());
  if (isOrder && buffer &&
      buffer.getElementType().isUnsignedInteger() != getIsUnsigned())
    return emitOpError("must be 'unsigned' if the elements are, found ")
           << buffer;
  return success();
}

LogicalResult AtomicReduceOp::verify() {
  if (failed(verifyAtomic(*this, getValue().getType())))
    return failure();
  if (getKind() != AtomicKind::Min && getKind() != AtomicKind::Max)
    return emitOpError("must be 'min' or 'max', found '")
           << stringifyAtomicKind(getKind()) << "'";
  Type type = getBuffer().getType();
  if (getMemory(type).space != AddressSpace::Device)
    return emitOpError("is atomic in the address space 'device' only, found ")
           << type;
  if (auto buffer = dyn_cast<BufferType>(type);
      buffer && !buffer.getElementType().isUnsignedInteger())
    return emitOpError("reads elements as unsigned, found ") << buffer;
  return success();
}
