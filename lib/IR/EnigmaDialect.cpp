// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LayoutInference.h"

#include "enigma/IR/EnigmaDialect.h"

#include "enigma/IR/Accesses.h"
#include "enigma/IR/EnigmaOps.h"
#include "enigma/IR/LayoutOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;

#include "enigma/IR/EnigmaDialect.cpp.inc"
#include "enigma/IR/EnigmaEnums.cpp.inc"
#include "enigma/IR/EnigmaInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "enigma/IR/EnigmaAttributes.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "enigma/IR/EnigmaTypes.cpp.inc"

void EnigmaDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "enigma/IR/EnigmaAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "enigma/IR/EnigmaTypes.cpp.inc"
      >();
  // The others are registered where the dialect is; see registerDialects.
#define ENIGMA_FAMILY(name) register##name(*this);
#include "enigma/IR/EarlyFamilies.inc"
#undef ENIGMA_FAMILY
  addInterfaces<LayoutMemo>();
}

Operation *EnigmaDialect::materializeConstant(OpBuilder &builder,
                                              Attribute value, Type type,
                                              Location loc) {
  if (isa<TypeAttr>(value))
    return StaticOp::create(builder, loc, type);
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

LogicalResult EnigmaDialect::verifyOperationAttribute(Operation *op,
                                                      NamedAttribute attr) {
  if (attr.getName() == kTargetAttr) {
    if (!isa<ModuleOp>(op))
      return op->emitOpError() << "'" << kTargetAttr << "' belongs to a module";
    if (!isa<TargetAttr>(attr.getValue()))
      return op->emitOpError()
             << "'" << kTargetAttr << "' must be an #enigma.target, found "
             << attr.getValue();
    return success();
  }
  if (attr.getName() == kVariantAttr) {
    auto variant = dyn_cast<StringAttr>(attr.getValue());
    if (!variant || (variant != "fast" && variant != "precise"))
      return op->emitOpError()
             << "'" << kVariantAttr
             << "' must be \"fast\" or \"precise\", found " << attr.getValue();
    return success();
  }
  if (attr.getName() == kDistinctAttr) {
    if (!isa<StoreFragmentOp, CopyOp>(op) || !isa<UnitAttr>(attr.getValue()))
      return op->emitOpError() << "'" << kDistinctAttr
                               << "' is a unit, of a store or a copy of all "
                                  "elements of a view";
    return success();
  }
  if (attr.getName() == kGuardedAttr) {
    if (!isa<KernelOp>(op) || !isa<UnitAttr>(attr.getValue()))
      return op->emitOpError()
             << "'" << kGuardedAttr << "' is a unit, of a kernel";
    return success();
  }
  if (attr.getName() != kNamesAttr)
    return success();
  auto names = dyn_cast<ArrayAttr>(attr.getValue());
  if (!names || !llvm::all_of(names, llvm::IsaPred<StringAttr>))
    return op->emitOpError()
           << "'" << kNamesAttr
           << "' must be an array of strings, one for each result, found "
           << attr.getValue();
  return success();
}

StringRef EnigmaDialect::getResultName(OpResult result) {
  auto names = result.getOwner()->getAttrOfType<ArrayAttr>(kNamesAttr);
  if (!names || names.size() != result.getOwner()->getNumResults())
    return {};
  return cast<StringAttr>(names[result.getResultNumber()]).getValue();
}

LogicalResult EnigmaDialect::verifyRegionArgAttribute(Operation *op,
                                                      unsigned regionIndex,
                                                      unsigned argIndex,
                                                      NamedAttribute attr) {
  auto fail = [&](const Twine &expected) {
    return op->emitOpError()
           << "argument #" << argIndex << ": '" << attr.getName().getValue()
           << "' must be " << expected << ", found " << attr.getValue();
  };
  if (!isa<KernelOp>(op))
    return op->emitOpError()
           << "has '" << attr.getName().getValue()
           << "' on an argument, which only 'enigma.kernel' may have";
  StringRef name = attr.getName();
  if (name == kNameAttr) {
    if (!isa<StringAttr>(attr.getValue()))
      return fail("a string");
  } else if (name == kIndexAttr) {
    auto index = dyn_cast<IntegerAttr>(attr.getValue());
    TargetAttr target = TargetAttr::lookup(op);
    int64_t last = target.getLimits().arguments - 1;
    if (!index || !index.getType().isSignlessInteger(32) ||
        index.getInt() < 0 || index.getInt() > last) {
      auto kernel = cast<KernelOp>(op);
      bool isThreadgroup =
          argIndex < kernel.getArgumentTypes().size() &&
          kernel.getArgAddressSpace(argIndex) == AddressSpace::Threadgroup;
      return fail("an i32 from 0 to " + Twine(last) + ", the entries of " +
                  target.getTitle() + "'s " +
                  (isThreadgroup ? "threadgroup" : "buffer") +
                  " argument table");
    }
  } else if (name == kDtypeAttr) {
    auto dtype = dyn_cast<TypeAttr>(attr.getValue());
    if (!dtype || !BufferType::isValidElementType(dtype.getValue()))
      return fail("an element type of a buffer");
  } else if (name == kAccessAttr || name == kMaxElementsAttr) {
    if (name == kAccessAttr) {
      if (!isa<AccessAttr>(attr.getValue()))
        return fail("an #enigma.access");
    } else {
      auto count = dyn_cast<IntegerAttr>(attr.getValue());
      if (!count || !count.getType().isSignlessInteger(64) ||
          count.getInt() < 1)
        return fail("a positive i64");
    }
    // The types of arguments are verified after their attributes.
    ArrayRef<Type> types = cast<KernelOp>(op).getArgumentTypes();
    if (argIndex < types.size() &&
        !isa<BufferType, MemRefType>(types[argIndex]))
      return op->emitOpError()
             << "argument #" << argIndex << ": '" << name
             << "' belongs to a buffer, found " << types[argIndex];
  } else if (name == kExtentAttr) {
    if (!isa<UnitAttr>(attr.getValue()))
      return fail("a unit");
    ArrayRef<Type> types = cast<KernelOp>(op).getArgumentTypes();
    if (argIndex < types.size() && !types[argIndex].isInteger(32))
      return op->emitOpError()
             << "argument #" << argIndex << ": '" << name
             << "' belongs to an i32, found " << types[argIndex];
  } else {
    return op->emitOpError() << "argument #" << argIndex << ": no attribute '"
                             << name << "' is known to the dialect";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// BufferType
//===----------------------------------------------------------------------===//

static bool isValidScalarType(Type type) {
  if (type.isF16() || type.isBF16() || type.isF32() ||
      type.isSignlessInteger(1))
    return true;
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSignless() &&
         llvm::is_contained({8, 16, 32, 64}, integer.getWidth());
}

/// Whether a vector may be an element. Vectors of bools have no bytes of their
/// lanes.
static bool isValidElementVector(VectorType vector) {
  return vector.getRank() == 1 && !vector.isScalable() &&
         vector.getNumElements() >= 2 && vector.getNumElements() <= 4 &&
         isValidScalarType(vector.getElementType()) &&
         !vector.getElementType().isInteger(1);
}

bool BufferType::isValidElementType(Type type) {
  VectorType vector = getElementVector(type);
  return vector ? isValidElementVector(vector) : isValidScalarType(type);
}

bool enigma::isFlatBuffer(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && memref.getRank() == 1 && memref.getLayout().isIdentity() &&
         isa_and_nonnull<AddressSpaceAttr>(memref.getMemorySpace());
}

VectorType BufferType::getElementVector(Type elementType) {
  if (auto packed = dyn_cast<PackedType>(elementType))
    return packed.getVector();
  return dyn_cast<VectorType>(elementType);
}

Type BufferType::getScalarType(Type elementType) {
  VectorType vector = getElementVector(elementType);
  return vector ? vector.getElementType() : elementType;
}

Type BufferType::getValueType(Type elementType) {
  if (VectorType vector = getElementVector(elementType))
    return vector.clone(getValueType(vector.getElementType()));
  if (auto integer = dyn_cast<IntegerType>(elementType))
    return IntegerType::get(integer.getContext(), integer.getWidth());
  return elementType;
}

Type BufferType::getValueType() const { return getValueType(getElementType()); }

unsigned BufferType::getElementBytes(Type elementType) {
  unsigned bytes =
      llvm::divideCeil(getScalarType(elementType).getIntOrFloatBitWidth(), 8);
  VectorType vector = getElementVector(elementType);
  if (!vector)
    return bytes;
  unsigned lanes = vector.getNumElements();
  return bytes *
         (isa<PackedType>(elementType) ? lanes : llvm::PowerOf2Ceil(lanes));
}

unsigned BufferType::getElementAlignment(Type elementType) {
  return getElementBytes(
      isa<PackedType>(elementType) ? getScalarType(elementType) : elementType);
}

LogicalResult BufferType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 Type elementType, AddressSpace, int64_t size) {
  if (!isValidElementType(elementType))
    return emitError()
           << "element type of a buffer must be f16, bf16, f32, i1, "
              "an integer of 8, 16, 32 or 64 bits with "
              "signedness (si32, ui8), or a vector of 2, 3 or 4 of these "
              "but i1, found "
           << elementType;
  if (!ShapedType::isDynamic(size) && size <= 0)
    return emitError() << "size of a buffer must be positive, found " << size;
  return success();
}

LogicalResult PackedType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 VectorType vector) {
  if (!isValidElementVector(vector))
    return emitError() << "a packed vector has 2, 3 or 4 lanes of an element "
                          "type of a buffer that is no i1, found "
                       << vector;
  return success();
}

Type BufferType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> dims;
  Type elementType;
  FailureOr<AddressSpace> space = failure();
  if (parser.parseLess() ||
      parser.parseDimensionList(dims, /*allowDynamic=*/false,
                                /*withTrailingX=*/true) ||
      parser.parseType(elementType) || parser.parseComma() ||
      failed(space = FieldParser<AddressSpace>::parse(parser)) ||
      parser.parseGreater())
    return {};
  if (dims.size() > 1) {
    parser.emitError(loc, "a buffer has one size at most, found ")
        << dims.size();
    return {};
  }
  return parser.getChecked<BufferType>(
      loc, parser.getContext(), elementType, *space,
      dims.empty() ? ShapedType::kDynamic : dims.front());
}

void BufferType::print(AsmPrinter &printer) const {
  printer << '<';
  if (hasStaticSize())
    printer << getSize() << 'x';
  printer << getElementType() << ", "
          << stringifyAddressSpace(getAddressSpace()) << '>';
}

//===----------------------------------------------------------------------===//
// MatrixType
//===----------------------------------------------------------------------===//

LogicalResult MatrixType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t columns, int64_t rows,
                                 Type elementType) {
  for (int64_t extent : {columns, rows})
    if (extent < 2 || extent > 4)
      return emitError() << "a matrix has 2 to 4 columns and rows, found "
                         << columns << " columns and " << rows << " rows";
  if (!elementType.isF16() && !elementType.isF32())
    return emitError() << "element type of a matrix must be f16 or f32, found "
                       << elementType;
  return success();
}

Type MatrixType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> dims;
  Type elementType;
  if (parser.parseLess() ||
      parser.parseDimensionList(dims, /*allowDynamic=*/false,
                                /*withTrailingX=*/true) ||
      parser.parseType(elementType) || parser.parseGreater())
    return {};
  if (dims.size() != 2) {
    parser.emitError(loc, "a matrix has columns and rows, found ")
        << dims.size() << " extents";
    return {};
  }
  return parser.getChecked<MatrixType>(loc, parser.getContext(), dims[0],
                                       dims[1], elementType);
}

void MatrixType::print(AsmPrinter &printer) const {
  printer << '<' << getColumns() << 'x' << getRows() << 'x' << getElementType()
          << '>';
}
