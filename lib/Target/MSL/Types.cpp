// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Types.h"

#include "CooperativeTensors.h"
#include "enigma/IR/EnigmaOps.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

std::string MSLType::str() const {
  if (cooperative)
    return getCooperativeName(
        cast<CooperativeTensorType>(Type::getFromOpaquePointer(cooperative)));
  std::string name;
  switch (kind) {
  case Kind::Bool:
    name = "bool";
    break;
  case Kind::Half:
    name = "half";
    break;
  case Kind::BFloat:
    name = "bfloat";
    break;
  case Kind::Float:
    name = "float";
    break;
  case Kind::Integer:
    if (!isSigned)
      name = "u";
    name += bits == 8    ? "char"
            : bits == 16 ? "short"
            : bits == 32 ? "int"
                         : "long";
    break;
  }
  if (isMatrix)
    return "simdgroup_" + name + "8x8";
  if (columns != 0)
    name += std::to_string(columns) + "x";
  if (lanes > 1)
    name += std::to_string(lanes);
  return name;
}

std::string DeclaredType::str() const {
  std::string name;
  if (alignment)
    name += "alignas(" + std::to_string(*alignment) + ") ";
  if (space)
    name += stringifyAddressSpace(*space).str() + " ";
  if (isConst)
    name += "const ";
  if (isPacked)
    name += "packed_";
  if (isAtomic)
    name += "atomic_";
  name += type.str();
  if (indirection != None)
    name += indirection == Pointer ? "*" : "&";
  return name;
}

std::optional<unsigned> enigma::msl::getNumWords(VectorType type) {
  Type element = type.getElementType();
  if (type.getNumElements() <= 4 || !element.isIntOrFloat())
    return std::nullopt;
  int64_t bits = element.getIntOrFloatBitWidth() * type.getNumElements();
  bool isNarrow = element.getIntOrFloatBitWidth() >= 8 &&
                  element.getIntOrFloatBitWidth() <= 16;
  if (!isNarrow || (bits != 64 && bits != 128))
    return std::nullopt;
  return bits / 32;
}

std::optional<MSLType> enigma::msl::getMSLType(Type type, bool isSigned) {
  // Most types are one of these.
  if (type.isF32())
    return kFloat;
  if (type.isIndex())
    return MSLType{Kind::Integer, 64, isSigned, 1};
  if (auto integer = dyn_cast<IntegerType>(type)) {
    switch (integer.getWidth()) {
    case 1:
      return kBool;
    case 8:
    case 16:
    case 32:
    case 64:
      return MSLType{Kind::Integer, static_cast<uint8_t>(integer.getWidth()),
                     isSigned, 1};
    default:
      return std::nullopt;
    }
  }
  if (auto vector = dyn_cast<VectorType>(type)) {
    if (vector.getRank() != 1 || vector.isScalable() ||
        vector.getNumElements() < 2)
      return std::nullopt;
    if (std::optional<unsigned> words = getNumWords(vector))
      return kUInt.withLanes(*words);
    if (vector.getNumElements() > 4)
      return std::nullopt;
    std::optional<MSLType> element =
        getMSLType(vector.getElementType(), isSigned);
    if (!element)
      return std::nullopt;
    return element->withLanes(vector.getNumElements());
  }
  if (auto matrix = dyn_cast<SimdgroupMatrixType>(type)) {
    MSLType result = *getMSLType(matrix.getElementType(), isSigned);
    result.isMatrix = true;
    return result;
  }
  if (auto tensor = dyn_cast<CooperativeTensorType>(type)) {
    MSLType result = *getMSLType(tensor.getValueType(), /*isSigned=*/true);
    result.cooperative = tensor.getAsOpaquePointer();
    return result;
  }
  if (auto matrix = dyn_cast<MatrixType>(type)) {
    MSLType result = *getMSLType(matrix.getColumnType(), isSigned);
    result.columns = matrix.getColumns();
    return result;
  }
  if (type.isF16())
    return MSLType{Kind::Half, 16, true, 1};
  if (type.isBF16())
    return MSLType{Kind::BFloat, 16, true, 1};
  return std::nullopt;
}

MSLType enigma::msl::getPromoted(MSLType type) {
  return type.bits < 32 ? kInt : type;
}

MSLType enigma::msl::getUsualType(MSLType left, MSLType right) {
  left = getPromoted(left);
  right = getPromoted(right);
  if (left.bits != right.bits)
    return left.bits > right.bits ? left : right;
  return left.isSigned ? right : left;
}

MSLType enigma::msl::getComputed(MSLType type) {
  return type.kind == Kind::BFloat ? kFloat.withLanes(type.lanes) : type;
}
