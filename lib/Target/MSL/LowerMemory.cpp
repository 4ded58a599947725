// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads, stores and arrays.

#include "LowerMemory.h"

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
    place.space = alloc.getAddressSpace();
    dtype = alloc.getElementDtype();
  } else if (auto table = memory.getDefiningOp<ConstantArrayOp>()) {
    place.space = AddressSpace::Constant;
    dtype = table.getElementDtype();
  } else {
    unsigned number = cast<BlockArgument>(memory).getArgNumber();
    place.space = lowering.kernel.getArgAddressSpace(number).value_or(
        AddressSpace::Device);
    dtype = lowering.kernel.getArgDtype(number);
  }
  FailureOr<MSLType> element =
      lowering.getType(op, type.getElementType(), !dtype.isUnsignedInteger());
  if (failed(element))
    return failure();
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

namespace {
struct VectorPlace : Place {
  /// Whether the vector is aligned like its element.
  bool isPacked = false;
};
} // namespace

/// A vector in memory: `*(device float4*)(A + i)`.
static FailureOr<VectorPlace>
getVector(Lowering &lowering, Operation *op, Value memory, Value index,
          VectorType type, std::optional<uint64_t> alignment, bool isRead) {
  FailureOr<MSLType> vector = lowering.getType(op, type, true);
  if (failed(vector))
    return failure();
  if (vector->lanes == 3)
    return lowering.refuse(op)
           << "an access to 3 lanes, which take the room of 4";
  FailureOr<Place> element = getElement(lowering, op, memory, index);
  if (failed(element))
    return failure();
  VectorPlace place{*element};
  MSLType pointee = element->element.type.withLanes(vector->lanes);
  unsigned bytes = std::max(pointee.bits / 8, 1) * pointee.lanes;
  DeclaredType pointer = {pointee, place.space, DeclaredType::Pointer};
  pointer.isConst = isRead && place.space == AddressSpace::Device;
  if (auto argument = dyn_cast<BlockArgument>(memory);
      argument && pointer.isConst) {
    auto access = lowering.kernel.getArgAttrOfType<AccessAttr>(
        argument.getArgNumber(), EnigmaDialect::kAccessAttr);
    pointer.isConst = access && access.getValue() == Access::Read;
  }
  place.isPacked = alignment.value_or(1) < bytes;
  pointer.isPacked = place.isPacked;
  Tree &tree = lowering.tree;
  const Expr *address = getAddress(lowering, place, index);
  place.element.node =
      tree.unary(Operator::Dereference, tree.pointerCast(pointer, address));
  place.element.type = pointee;
  return place;
}

static Expression loadFrom(Place place) {
  if (place.memory)
    mergeReads(place.element, *place.memory);
  return std::move(place.element);
}

static FailureOr<Expression> loadElement(Lowering &lowering, Operation *op,
                                         const Rule &) {
  auto load = cast<memref::LoadOp>(op);
  FailureOr<Place> place =
      getElement(lowering, op, load.getMemRef(), load.getIndices().front());
  if (failed(place))
    return failure();
  return loadFrom(std::move(*place));
}

static FailureOr<Expression> loadVector(Lowering &lowering, Operation *op,
                                        const Rule &) {
  auto load = cast<vector::LoadOp>(op);
  FailureOr<VectorPlace> place =
      getVector(lowering, op, load.getBase(), load.getIndices().front(),
                load.getVectorType(), load.getAlignment(), /*isRead=*/true);
  if (failed(place))
    return failure();
  Expression result = loadFrom(*place);
  // A packed vector has no lanes of its own, and no arithmetic.
  MSLType type = result.type;
  return place->isPacked ? lowering.build.castTo(std::move(result), type)
                         : std::move(result);
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
  FailureOr<VectorPlace> place =
      getVector(lowering, op, store.getBase(), store.getIndices().front(),
                store.getVectorType(), store.getAlignment(), /*isRead=*/false);
  if (failed(place))
    return failure();
  return lowerStore(lowering, op, *place, store.getValueToStore());
}

static LogicalResult declareArray(Lowering &lowering, Operation *op) {
  auto alloc = cast<AllocOp>(op);
  auto type = dyn_cast<MemRefType>(alloc.getType());
  if (!type)
    return lowering.refuse(op) << "a buffer that is not in flat form; run "
                                  "'--enigma-to-flat' first";
  if (type.getRank() != 1 || !type.getLayout().isIdentity())
    return lowering.refuse(op)
           << "an array of " << type << "; the flat form has one dimension";
  FailureOr<MSLType> element = lowering.getType(
      op, type.getElementType(), !alloc.getElementDtype().isUnsignedInteger());
  if (failed(element))
    return failure();
  bool isThreadgroup = alloc.getAddressSpace() == AddressSpace::Threadgroup;
  StringRef source = getSourceName(alloc.getResult());
  if (source.empty())
    source = isThreadgroup ? "tile" : "values";
  Stmt stmt = lowering.makeStmt(StmtKind::Declare);
  stmt.type = {*element};
  if (isThreadgroup)
    stmt.type.space = AddressSpace::Threadgroup;
  if (std::optional<int64_t> bytes = alloc.getAlignment();
      bytes && *bytes > std::max(element->bits / 8, 1))
    stmt.type.alignment = bytes;
  stmt.target = lowering.tree.name(lowering.names.declare(source));
  stmt.elements = alloc.getNumElements();
  lowering.makeHome(alloc.getResult(), stmt.target, *element);
  lowering.add(std::move(stmt));
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
  rules.addStatement<AllocOp>(declareArray);
  rules.addStatement<ConstantArrayOp>(lowerTable);
  rules.addStatement<arith::ConstantOp>(lowerConstant);
  rules.addStatement<ub::PoisonOp>(lowerConstant);
}
