// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads, stores and arrays.

#include "LowerMemory.h"

#include "enigma/IR/Accesses.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

FailureOr<Place> enigma::msl::getElement(Lowering &lowering, Operation *op,
                                         Value memory, Value index) {
  auto type = cast<MemRefType>(memory.getType());
  if (!lowering.hasText(memory))
    return lowering.refuse(op)
           << "an access to memory that is no argument or array of the kernel";
  if (type.getRank() != 1 || !type.getLayout().isIdentity())
    return lowering.refuse(op)
           << "an access to " << type << "; the flat form has one dimension";
  Place place;
  Type dtype;
  if (auto alloc = memory.getDefiningOp<AllocOp>()) {
    dtype = alloc.getElementDtype();
  } else if (auto table = memory.getDefiningOp<ConstantArrayOp>()) {
    dtype = table.getElementDtype();
  } else if (auto recast = memory.getDefiningOp<RecastOp>()) {
    dtype = recast.getElementDtype();
  } else {
    dtype =
        lowering.kernel.getArgDtype(cast<BlockArgument>(memory).getArgNumber());
  }
  if (auto space = dyn_cast_or_null<AddressSpaceAttr>(type.getMemorySpace()))
    place.space = space.getValue();
  FailureOr<MSLType> element =
      lowering.getType(op, type.getElementType(),
                       !BufferType::getScalarType(dtype).isUnsignedInteger());
  if (failed(element))
    return failure();
  place.isPacked = isa<PackedType>(dtype);
  if (place.space != AddressSpace::Constant)
    place.memory = lowering.getMemoryNumber(memory);
  Expression base;
  base.node = lowering.getHome(memory);
  place.element = lowering.build.subscript(std::move(base),
                                           lowering.takeIndex(index), *element);
  return place;
}

/// Whether the parts of a sum can be added to a pointer one by one: no sum of
/// some of them leaves the numbers that it is computed in.
static bool isExactSum(Value value) {
  while (isa_and_nonnull<arith::IndexCastOp, arith::IndexCastUIOp>(
      value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  auto sum = value.getDefiningOp<arith::AddIOp>();
  if (!sum)
    return !value.getDefiningOp<arith::SubIOp>();
  bool isExact = value.getType().isIndex() ||
                 bitEnumContainsAll(sum.getOverflowFlags(),
                                    arith::IntegerOverflowFlags::nuw);
  return isExact && isExactSum(sum.getLhs());
}

const Expr *enigma::msl::getAddress(Lowering &lowering, const Place &place,
                                    Value index) {
  const Expr *base = place.element.node->operands[0],
             *offset = place.element.node->operands[1];
  if (matchPattern(index, m_Zero()))
    return base;
  return lowering.tree.binary(base, Operator::Add, offset,
                              /*mayRegroup=*/isExactSum(index));
}

/// A pointer to a place in memory, for an access that reads or writes there.
static DeclaredType getPointer(Lowering &lowering, Value memory,
                               AddressSpace space, MSLType pointee,
                               bool isRead) {
  DeclaredType pointer = {pointee, space, DeclaredType::Pointer};
  pointer.isConst = isRead && space == AddressSpace::Device;
  if (auto argument = dyn_cast<BlockArgument>(getRootMemory(memory));
      argument && pointer.isConst) {
    auto access = lowering.kernel.getArgAttrOfType<AccessAttr>(
        argument.getArgNumber(), EnigmaDialect::kAccessAttr);
    pointer.isConst = access && access.getValue() == Access::Read;
  }
  return pointer;
}

/// Several elements in memory: `*(device float4*)(A + i)`.
static FailureOr<Place> getVector(Lowering &lowering, Operation *op,
                                  Value memory, Value index, VectorType type,
                                  std::optional<uint64_t> alignment,
                                  bool isRead) {
  FailureOr<MSLType> vector = lowering.getType(op, type, true);
  if (failed(vector))
    return failure();
  if (vector->lanes == 3)
    return lowering.refuse(op)
           << "an access to 3 lanes, which take the room of 4";
  if (isa<VectorType>(cast<MemRefType>(memory.getType()).getElementType()))
    return lowering.refuse(op) << "an access to several vectors at once";
  FailureOr<Place> place = getElement(lowering, op, memory, index);
  if (failed(place))
    return failure();
  MSLType pointee = getNumWords(type)
                        ? *vector
                        : place->element.type.withLanes(vector->lanes);
  unsigned bytes = std::max(pointee.bits / 8, 1) * pointee.lanes;
  DeclaredType pointer =
      getPointer(lowering, memory, place->space, pointee, isRead);
  place->isPacked = alignment.value_or(1) < bytes;
  pointer.isPacked = place->isPacked;
  Tree &tree = lowering.tree;
  const Expr *address = getAddress(lowering, *place, index);
  place->element.node =
      tree.unary(Operator::Dereference, tree.pointerCast(pointer, address));
  place->element.type = pointee;
  return place;
}

static Expression loadFrom(Lowering &lowering, Place place) {
  if (place.memory)
    lowering.build.addReads(place.element, lowering.tree.keep(*place.memory));
  // A packed vector has no lanes of its own, and no arithmetic.
  MSLType type = place.element.type;
  return place.isPacked ? lowering.build.castTo(std::move(place.element), type)
                        : std::move(place.element);
}

static FailureOr<Expression> loadElement(Lowering &lowering, Operation *op,
                                         const Rule &) {
  auto load = cast<memref::LoadOp>(op);
  FailureOr<Place> place =
      getElement(lowering, op, load.getMemRef(), load.getIndices().front());
  if (failed(place))
    return failure();
  return loadFrom(lowering, std::move(*place));
}

static FailureOr<Expression> loadVector(Lowering &lowering, Operation *op,
                                        const Rule &) {
  auto load = cast<vector::LoadOp>(op);
  FailureOr<Place> place =
      getVector(lowering, op, load.getBase(), load.getIndices().front(),
                load.getVectorType(), load.getAlignment(), /*isRead=*/true);
  if (failed(place))
    return failure();
  return loadFrom(lowering, std::move(*place));
}

static LogicalResult lowerStore(Lowering &lowering, Operation *op,
                                const Place &place, Value value) {
  if (!place.memory)
    return lowering.refuse(op) << "a store to constant memory";
  // Memory is read in the order of the kernel: where the store comes before
  // something that was read later, both are read before.
  if (lowering.isReadLater(*place.memory, value))
    lowering.flush(*place.memory);
  Expression source = lowering.takeAssigned(value, place.element.type);
  lowering.flush(*place.memory);
  lowering.addAssignment(place.element.node, source.node);
  return success();
}

static LogicalResult storeElement(Lowering &lowering, Operation *op) {
  auto store = cast<memref::StoreOp>(op);
  FailureOr<Place> place =
      getElement(lowering, op, store.getMemRef(), store.getIndices().front());
  if (failed(place))
    return failure();
  return lowerStore(lowering, op, *place, store.getValueToStore());
}

static LogicalResult storeVector(Lowering &lowering, Operation *op) {
  auto store = cast<vector::StoreOp>(op);
  FailureOr<Place> place =
      getVector(lowering, op, store.getBase(), store.getIndices().front(),
                store.getVectorType(), store.getAlignment(), /*isRead=*/false);
  if (failed(place))
    return failure();
  return lowerStore(lowering, op, *place, store.getValueToStore());
}

/// One lane of a vector in memory: `((device float*)(A + i))[2] = x`. Metal may
/// write all lanes for `A[i].z = x`.
static LogicalResult storeLane(Lowering &lowering, Operation *op) {
  auto store = cast<StoreLaneOp>(op);
  Value memory = store.getBuffer();
  FailureOr<Place> place = getElement(lowering, op, memory, store.getIndex());
  if (failed(place))
    return failure();
  Tree &tree = lowering.tree;
  MSLType type = place->element.type.element();
  Expression lanes;
  lanes.node = tree.pointerCast(
      getPointer(lowering, memory, place->space, type, /*isRead=*/false),
      getAddress(lowering, *place, store.getIndex()));
  place->element = lowering.build.subscript(
      std::move(lanes), lowering.takeIndex(store.getLane()), type);
  return lowerStore(lowering, op, *place, store.getValue());
}

static LogicalResult declareArray(Lowering &lowering, Operation *op) {
  auto alloc = cast<AllocOp>(op);
  auto type = cast<MemRefType>(alloc.getType());
  if (type.getRank() != 1 || !type.getLayout().isIdentity())
    return lowering.refuse(op)
           << "an array of " << type << "; the flat form has one dimension";
  Type dtype = alloc.getElementDtype();
  FailureOr<MSLType> element =
      lowering.getType(op, type.getElementType(),
                       !BufferType::getScalarType(dtype).isUnsignedInteger());
  if (failed(element))
    return failure();
  bool isThreadgroup = alloc.getAddressSpace() == AddressSpace::Threadgroup;
  StringRef source = getSourceName(alloc.getResult());
  if (source.empty())
    source = isThreadgroup ? "tile" : "values";
  Stmt stmt = lowering.makeStmt(StmtKind::Declare);
  stmt.type = {*element};
  stmt.type.isPacked = isa<PackedType>(dtype);
  if (isThreadgroup)
    stmt.type.space = AddressSpace::Threadgroup;
  if (std::optional<int64_t> bytes = alloc.getAlignment();
      bytes && *bytes > BufferType::getElementAlignment(dtype))
    stmt.type.alignment = bytes;
  stmt.target = lowering.tree.name(lowering.names.declare(source));
  stmt.elements = alloc.getNumElements();
  lowering.makeHome(alloc.getResult(), stmt.target, *element);
  lowering.add(std::move(stmt));
  return success();
}

/// Memory as elements of another type: `((device half*)A)[i]`.
static LogicalResult recastMemory(Lowering &lowering, Operation *op) {
  auto recast = cast<RecastOp>(op);
  Value memory = recast.getBuffer();
  auto type = cast<MemRefType>(recast.getType());
  if (!lowering.hasText(memory))
    return lowering.refuse(op)
           << "memory that is no argument or array of the kernel";
  Type dtype = recast.getElementDtype();
  FailureOr<MSLType> element =
      lowering.getType(op, type.getElementType(),
                       !BufferType::getScalarType(dtype).isUnsignedInteger());
  if (failed(element))
    return failure();
  AddressSpace space = cast<AddressSpaceAttr>(type.getMemorySpace()).getValue();
  DeclaredType pointer =
      getPointer(lowering, memory, space, *element, /*isRead=*/true);
  pointer.isPacked = isa<PackedType>(dtype);
  lowering.makeHome(
      recast.getResult(),
      lowering.tree.pointerCast(pointer, lowering.getHome(memory)), *element);
  return success();
}

/// A constant is written where it is used.
static LogicalResult lowerConstant(Lowering &lowering, Operation *op) {
  if (op->use_empty())
    return success();
  if (failed(lowering.checkTypes(op)))
    return failure();
  if (!isa<IntegerAttr, FloatAttr, DenseIntOrFPElementsAttr>(
          Lowering::getConstant(op->getResult(0))))
    return lowering.refuse(op) << "a constant whose value is not here";
  return success();
}

/// The table is declared at namespace scope.
static LogicalResult lowerTable(Lowering &, Operation *) { return success(); }

void enigma::msl::addMemoryRules(Rules &rules) {
  rules.add<memref::LoadOp>(loadElement);
  rules.add<vector::LoadOp>(loadVector);
  rules.addStatement<memref::StoreOp>(storeElement);
  rules.addStatement<vector::StoreOp>(storeVector);
  rules.addStatement<StoreLaneOp>(storeLane);
  rules.addStatement<AllocOp>(declareArray);
  rules.addStatement<ConstantArrayOp>(lowerTable);
  rules.addStatement<RecastOp>(recastMemory);
  rules.addStatement<arith::ConstantOp>(lowerConstant);
  rules.addStatement<ub::PoisonOp>(lowerConstant);
}
